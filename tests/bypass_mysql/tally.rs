//! What came of all the attempts, counted?

use super::attempt::Stop;
use super::path::Protocol;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The counts of a group of vectors.
#[derive(Clone, Debug, Default)]
struct Count {
    vectors: usize,
    text: usize,
    binary: usize,
    bytes: usize,
    gateway: usize,
    server: usize,
    nobody: usize,
    escaped: usize,
}

/// Counts by group, and what has to be told one by one.
#[derive(Debug, Default)]
pub struct Tally {
    groups: BTreeMap<&'static str, Count>,
    order: Vec<&'static str>,
    codes: BTreeMap<Stop, usize>,
    passed: BTreeMap<String, usize>,
    escapes: Vec<String>,
    unusable: Vec<String>,
    /// How many cases ran over a compressed connection.
    pub compressed: usize,
}

impl Tally {
    /// Begins a vector.
    pub fn vector(&mut self, group: &'static str) {
        if !self.order.contains(&group) {
            self.order.push(group);
        }
        self.group(group).vectors += 1;
    }

    /// Counts a case.
    pub fn case(&mut self, group: &'static str, name: &str, protocol: Protocol, stop: &Stop) {
        *self.codes.entry(stop.clone()).or_default() += 1;
        let count = self.group(group);
        match protocol {
            Protocol::Text => count.text += 1,
            Protocol::Binary => count.binary += 1,
            Protocol::Bytes => count.bytes += 1,
        }
        match stop {
            Stop::Gateway(_) => count.gateway += 1,
            Stop::Server(_) => count.server += 1,
            Stop::Nobody | Stop::Closed => count.nobody += 1,
        }
        if !matches!(stop, Stop::Gateway(_)) {
            *self.passed.entry(format!("{group}: {name}: {stop:?}")).or_default() += 1;
        }
    }

    /// Tells of an escape.
    pub fn escape(&mut self, group: &'static str, told: String) {
        self.group(group).escaped += 1;
        self.escapes.push(told);
    }

    /// Tells of a session that was of no use afterwards.
    pub fn unusable(&mut self, told: String) {
        self.unusable.push(told);
    }

    /// How many vectors there were, and cases by the text and the binary protocol.
    pub fn total(&self) -> [usize; 3] {
        let total = |count: fn(&Count) -> usize| self.groups.values().map(count).sum();
        [total(|count| count.vectors), total(|count| count.text), total(|count| count.binary)]
    }

    /// Everything that must not be.
    pub fn failures(&self) -> String {
        let lines = self.escapes.iter().chain(&self.unusable);
        lines.fold(String::new(), |all, line| all + line + "\n")
    }

    /// The table, and the lists below it.
    pub fn table(&self) -> String {
        let mut table = format!(
            "{:<26} {:>7} {:>5} {:>6} {:>5} {:>8} {:>7} {:>9} {:>8}\n",
            "group", "vectors", "text", "binary", "bytes", "gateway", "server", "harmless", "ESCAPED"
        );
        let mut line = |name: &str, count: &Count| {
            let _ = writeln!(
                table,
                "{name:<26} {:>7} {:>5} {:>6} {:>5} {:>8} {:>7} {:>9} {:>8}",
                count.vectors,
                count.text,
                count.binary,
                count.bytes,
                count.gateway,
                count.server,
                count.nobody.saturating_sub(count.escaped),
                count.escaped
            );
        };
        let mut all = Count::default();
        for group in &self.order {
            let count = &self.groups[group];
            line(group, count);
            all.vectors += count.vectors;
            all.text += count.text;
            all.binary += count.binary;
            all.bytes += count.bytes;
            all.gateway += count.gateway;
            all.server += count.server;
            all.nobody += count.nobody;
            all.escaped += count.escaped;
        }
        line("all", &all);
        let _ = writeln!(table, "over a compressed connection: {}", self.compressed);
        for (stop, count) in &self.codes {
            let _ = writeln!(table, "{count:>6} {stop:?}");
        }
        for (told, count) in &self.passed {
            let _ = writeln!(table, "past the gateway, {count} times: {told}");
        }
        table
    }

    fn group(&mut self, group: &'static str) -> &mut Count {
        self.groups.entry(group).or_default()
    }
}
