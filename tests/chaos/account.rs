//! Does the ledger account for everything, whatever happened to the connections?

#![allow(dead_code)]

use super::harness::ledger::Record;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

/// One statement as the ledger has it: its text without literals, and how it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Whether it ran or was only prepared.
    pub kind: String,
    pub text: String,
    pub message_class: String,
    pub sqlstate: String,
}

/// What the ledger has of one session.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    pub starts: usize,
    pub ends: Vec<String>,
    /// The texts of statements that were announced.
    pub intents: Vec<String>,
    /// Statements that ended or were refused, in their order.
    pub outcomes: Vec<Ended>,
}

/// Every session of these records by the name of its client.
pub fn by_application(records: &[Record]) -> BTreeMap<String, Kept> {
    let mut all: BTreeMap<String, Kept> = BTreeMap::new();
    for record in records.iter().filter(|record| !record.text_of("session").is_empty()) {
        let name = record.principal("application").trim_end_matches('_');
        let kept = all.entry(name.to_owned()).or_default();
        match record.event() {
            "session.start" => kept.starts += 1,
            "session.end" => kept.ends.push(record.text_of("message_class").to_owned()),
            "statement.intent" => kept.intents.push(record.text_of("text").to_owned()),
            "statement.outcome" | "statement.refused" => kept.outcomes.push(Ended {
                kind: record.text_of("kind").to_owned(),
                text: record.text_of("text").to_owned(),
                message_class: record.text_of("message_class").to_owned(),
                sqlstate: record.text_of("sqlstate").to_owned(),
            }),
            _ => {}
        }
    }
    all
}

impl Kept {
    /// Panics unless the outcomes are the beginning of `reference`, and whatever follows is lost: `name` is whose they
    /// are. Returns how many that is.
    pub fn assert_begins(&self, reference: &Kept, name: &str) -> usize {
        assert!(self.starts <= 1 && self.starts == self.ends.len(), "{name}: {self:?}");
        let both = self.outcomes.iter().zip(&reference.outcomes);
        let certain = both.take_while(|(here, there)| here == there).count();
        let rest = &self.outcomes[certain..];
        // Skipped is what waited to be announced when the connection ended; a server that hears its client's end in the
        // middle of a COPY, or of a file, says so.
        let is_over = |ended: &Ended| match ended.message_class.as_str() {
            "lost" | "skipped" => true,
            _ => ended.sqlstate.starts_with("08"),
        };
        let instead = reference.outcomes.get(certain..).unwrap_or_default();
        assert!(
            rest.iter().all(is_over),
            "{name}: behind {certain} outcomes of the record the ledger says {rest:?}, where the record has {instead:?}"
        );
        rest.len()
    }

    /// Panics unless a statement that has left its rows, `text` without its literals, was announced, and the ledger
    /// says that it ran or that nobody knows.
    pub fn assert_tells_of(&self, kind: &str, text: &str, name: &str) {
        assert!(self.intents.iter().any(|intent| intent == text), "{name}: `{text}` ran unannounced");
        let outcomes = self.outcomes.iter().filter(|ended| ended.text == text && ended.kind == kind);
        let classes: Vec<_> = outcomes.map(|ended| ended.message_class.as_str()).collect();
        let is_told = matches!(classes[..], ["ok" | "lost", ..]);
        assert!(is_told, "{name}: `{text}` ran, and the ledger says {classes:?}");
    }
}

/// Panics unless every announced statement has an outcome, and every session that began an end. Returns how many
/// statements and how many sessions there are.
pub fn assert_settled(records: &[Record]) -> (usize, usize) {
    // Statements of one text are one exchange, and each of them has its lines.
    let mut open: BTreeMap<(&str, Option<u64>, &str), i64> = BTreeMap::new();
    let mut outcomes = 0;
    for record in records {
        let key = (record.text_of("session"), record.number("exchange"), record.text_of("text"));
        match record.event() {
            "statement.intent" => *open.entry(key).or_default() += 1,
            "statement.outcome" | "statement.refused" => {
                outcomes += 1;
                // What is only read has no intent.
                *open.entry(key).or_default() -= 1;
            }
            _ => {}
        }
    }
    open.retain(|_, count| *count > 0);
    assert!(open.is_empty(), "{} intents have no outcome: {:?}", open.len(), open.first_key_value());
    let sessions = |event: &str| -> BTreeSet<&str> {
        let of_event = records.iter().filter(|record| record.event() == event);
        of_event.map(|record| record.text_of("session")).collect()
    };
    let (begun, ended) = (sessions("session.start"), sessions("session.end"));
    assert_eq!(begun, ended, "sessions that began and sessions that ended");
    (outcomes, begun.len())
}

/// Has the program itself check the ledger in `folder`; panics unless it holds. Nobody has signed a ledger that was
/// killed within its first seconds: that is all that may be said of it then.
pub fn assert_verifies(folder: &Path) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dragoman"));
    let ran =
        command.args(["ledger", "verify", "--directory"]).arg(folder).output().expect("the program runs");
    let said = String::from_utf8_lossy(&ran.stdout);
    let found = said.split("\nfound\n").nth(1).unwrap_or_default();
    let findings: Vec<_> = found.lines().take_while(|line| line.starts_with("  ")).collect();
    let is_unsigned =
        ran.status.code() == Some(2) && findings.iter().all(|line| line.starts_with("  never_signed: "));
    let holds = ran.status.success() || (is_unsigned && said.contains("\ncompleteness  holds\n"));
    assert!(holds, "{}\n{said}\n{}", ran.status, String::from_utf8_lossy(&ran.stderr));
}
