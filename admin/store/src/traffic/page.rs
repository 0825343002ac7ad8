//! What is in a page of traffic, and how do pages add up?
//!
//! A page is about one listener and one minute, hour or day. In memory it is held by column, sorted by
//! fingerprint and caller: what ranks by one measure reads two columns, and one fingerprint's entries are
//! found by binary search.

use super::place;
use control::Sums;
use control::{BUCKETS, Latency};
use std::collections::HashMap;
use std::ops::Range;

/// Columns of [`Sums`] without the latency, in their order.
pub(crate) const COLUMNS: usize = 7;
pub(crate) const CALLS: usize = 0;
pub(crate) const ERRORS: usize = 1;
pub(crate) const REFUSALS: usize = 2;
pub(crate) const ROWS: usize = 3;
pub(crate) const BYTES_IN: usize = 4;
pub(crate) const BYTES_OUT: usize = 5;
pub(crate) const TOTAL_US: usize = 6;

/// Counts by latency bucket.
pub(crate) type Buckets = [u64; BUCKETS];

/// One fingerprint asked by one caller.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The fingerprint's number.
    pub fingerprint: u32,
    /// The caller's number.
    pub caller: u32,
    /// How often and how long.
    pub sums: Sums,
}

/// Errors of one SQLSTATE and fingerprint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorEntry {
    /// Five characters, or `none`.
    pub sqlstate: String,
    /// The fingerprint's number; 0 when it is not known.
    pub fingerprint: u32,
    /// How many.
    pub count: u64,
}

/// What is in a page, decoded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TrafficPage {
    pub(crate) fingerprints: Vec<u32>,
    pub(crate) callers: Vec<u32>,
    pub(crate) columns: [Vec<u64>; COLUMNS],
    pub(crate) max_us: Vec<u32>,
    /// INVARIANT: one more than entries; the latency of entry `i` is from `offsets[i]` to `offsets[i + 1]`.
    pub(crate) offsets: Vec<u32>,
    pub(crate) buckets: Vec<u8>,
    pub(crate) counts: Vec<u64>,
    pub(crate) others: Sums,
    pub(crate) errors: Vec<ErrorEntry>,
    pub(crate) other_errors: u64,
    /// Everything in it, entries and others.
    pub(crate) totals: Sums,
}

impl TrafficPage {
    /// A page of entries that are sorted by fingerprint and caller, each pair once.
    pub(crate) fn of(
        entries: &[Entry],
        others: Sums,
        errors: Vec<ErrorEntry>,
        other_errors: u64,
    ) -> TrafficPage {
        let mut page = TrafficPage { others, errors, other_errors, ..TrafficPage::default() };
        page.offsets.push(0);
        for entry in entries {
            page.fingerprints.push(entry.fingerprint);
            page.callers.push(entry.caller);
            for (column, value) in page.columns.iter_mut().zip(columns_of(&entry.sums)) {
                column.push(value);
            }
            page.max_us.push(entry.sums.latency.max_us());
            for (bucket, count) in entry.sums.latency.steps() {
                page.buckets.push(*bucket);
                page.counts.push(*count);
            }
            page.offsets.push(place(page.buckets.len()));
        }
        page.add_up();
        page
    }

    /// How many entries it tells one by one.
    pub fn len(&self) -> usize {
        self.fingerprints.len()
    }

    /// Whether it tells none.
    pub fn is_empty(&self) -> bool {
        self.fingerprints.is_empty()
    }

    /// Everything in it.
    pub fn totals(&self) -> &Sums {
        &self.totals
    }

    /// What the entries come to that are not told.
    pub fn others(&self) -> &Sums {
        &self.others
    }

    /// Memory it takes, about.
    pub(crate) fn bytes(&self) -> usize {
        self.len() * (COLUMNS * 8 + 16) + self.buckets.len() * 9 + self.errors.len() * 48 + 1_024
    }

    /// Places of the entries whose fingerprint is in `range`.
    pub(crate) fn places(&self, range: Range<u32>) -> Range<usize> {
        let from = self.fingerprints.partition_point(|fingerprint| *fingerprint < range.start);
        let to = self.fingerprints.partition_point(|fingerprint| *fingerprint < range.end);
        from..to.max(from)
    }

    /// Value of a column.
    pub(crate) fn value(&self, column: usize, at: usize) -> u64 {
        self.columns.get(column).and_then(|column| column.get(at)).copied().unwrap_or(0)
    }

    /// Buckets and counts of an entry.
    pub(crate) fn steps(&self, at: usize) -> impl Iterator<Item = (u8, u64)> + '_ {
        let bound = |at: usize| self.offsets.get(at).map_or(0, |offset| *offset as usize);
        let range = bound(at)..bound(at + 1);
        let buckets = self.buckets.get(range.clone()).unwrap_or_default();
        buckets.iter().copied().zip(self.counts.get(range).unwrap_or_default().iter().copied())
    }

    /// The longest of an entry.
    pub(crate) fn longest(&self, at: usize) -> u32 {
        self.max_us.get(at).copied().unwrap_or(0)
    }

    /// Sums of an entry.
    pub(crate) fn sums(&self, at: usize) -> Sums {
        let mut sums = Sums::default();
        for column in 0..COLUMNS {
            set_column(&mut sums, column, self.value(column, at));
        }
        sums.latency = Latency::from_steps(self.steps(at), self.longest(at));
        sums
    }

    /// Its entries, one by one.
    pub fn entries(&self) -> impl Iterator<Item = Entry> + '_ {
        self.fingerprints.iter().zip(&self.callers).enumerate().map(|(at, (fingerprint, caller))| Entry {
            fingerprint: *fingerprint,
            caller: *caller,
            sums: self.sums(at),
        })
    }

    pub(crate) fn add_up(&mut self) {
        let mut adder = Adder::default();
        adder.add_sums(&self.others);
        for at in 0..self.len() {
            adder.add(self, at);
        }
        self.totals = adder.sums();
    }
}

/// Adds entries up fast: latencies in a field of all buckets.
#[derive(Clone, Debug)]
pub(crate) struct Adder {
    columns: [u64; COLUMNS],
    buckets: Box<Buckets>,
    max_us: u32,
}

impl Default for Adder {
    fn default() -> Adder {
        Adder { columns: [0; COLUMNS], buckets: Box::new([0; BUCKETS]), max_us: 0 }
    }
}

impl Adder {
    /// Adds an entry of a page.
    pub(crate) fn add(&mut self, page: &TrafficPage, at: usize) {
        for (column, sum) in self.columns.iter_mut().enumerate() {
            *sum = sum.saturating_add(page.value(column, at));
        }
        self.max_us = self.max_us.max(page.longest(at));
        for (bucket, count) in page.steps(at) {
            if let Some(sum) = self.buckets.get_mut(usize::from(bucket)) {
                *sum = sum.saturating_add(count);
            }
        }
    }

    /// Adds columns and the longest.
    pub(crate) fn add_columns(&mut self, columns: [u64; COLUMNS], max_us: u32) {
        for (sum, value) in self.columns.iter_mut().zip(columns) {
            *sum = sum.saturating_add(value);
        }
        self.max_us = self.max_us.max(max_us);
    }

    /// Adds a step of a histogram.
    pub(crate) fn add_step(&mut self, bucket: u8, count: u64) {
        if let Some(sum) = self.buckets.get_mut(usize::from(bucket)) {
            *sum = sum.saturating_add(count);
        }
    }

    /// Adds sums.
    pub(crate) fn add_sums(&mut self, sums: &Sums) {
        for (sum, value) in self.columns.iter_mut().zip(columns_of(sums)) {
            *sum = sum.saturating_add(value);
        }
        self.max_us = self.max_us.max(sums.latency.max_us());
        for (bucket, count) in sums.latency.steps() {
            if let Some(sum) = self.buckets.get_mut(usize::from(*bucket)) {
                *sum = sum.saturating_add(*count);
            }
        }
    }

    /// What it came to.
    pub(crate) fn sums(&self) -> Sums {
        let mut sums = Sums { latency: latency_of(self.buckets.as_slice(), self.max_us), ..Sums::default() };
        for (column, value) in self.columns.iter().enumerate() {
            set_column(&mut sums, column, *value);
        }
        sums
    }
}

/// A histogram of a field of all buckets.
pub(crate) fn latency_of(buckets: &[u64], max_us: u32) -> Latency {
    let steps = buckets.iter().enumerate().filter(|(_, count)| **count > 0);
    Latency::from_steps(
        steps.map(|(bucket, count)| (u8::try_from(bucket).unwrap_or(u8::MAX), *count)),
        max_us,
    )
}

/// Sums by column.
pub(crate) fn columns_of(sums: &Sums) -> [u64; COLUMNS] {
    [sums.calls, sums.errors, sums.refusals, sums.rows, sums.bytes_in, sums.bytes_out, sums.total_us]
}

pub(crate) fn set_column(sums: &mut Sums, column: usize, value: u64) {
    match column {
        CALLS => sums.calls = value,
        ERRORS => sums.errors = value,
        REFUSALS => sums.refusals = value,
        ROWS => sums.rows = value,
        BYTES_IN => sums.bytes_in = value,
        BYTES_OUT => sums.bytes_out = value,
        _ => sums.total_us = value,
    }
}

/// What pages and parts of pages add up to.
#[derive(Debug, Default)]
pub struct PageBuilder {
    entries: HashMap<(u32, u32), Sums>,
    others: Sums,
    errors: HashMap<(String, u32), u64>,
    other_errors: u64,
}

impl PageBuilder {
    /// Adds an entry.
    pub fn add(&mut self, fingerprint: u32, caller: u32, sums: &Sums) {
        self.entries.entry((fingerprint, caller)).or_default().merge(sums);
    }

    /// Adds what is not told one by one.
    pub fn add_others(&mut self, sums: &Sums) {
        self.others.merge(sums);
    }

    /// Adds errors.
    pub fn add_error(&mut self, sqlstate: &str, fingerprint: u32, count: u64) {
        let sum = self.errors.entry((sqlstate.to_owned(), fingerprint)).or_default();
        *sum = sum.saturating_add(count);
    }

    /// Adds errors that are not told one by one.
    pub fn add_other_errors(&mut self, count: u64) {
        self.other_errors = self.other_errors.saturating_add(count);
    }

    /// Adds a page.
    pub fn add_page(&mut self, page: &TrafficPage) {
        for (at, (fingerprint, caller)) in page.fingerprints.iter().zip(&page.callers).enumerate() {
            self.add(*fingerprint, *caller, &page.sums(at));
        }
        self.others.merge(&page.others);
        for error in &page.errors {
            self.add_error(&error.sqlstate, error.fingerprint, error.count);
        }
        self.add_other_errors(page.other_errors);
    }

    /// The page, with at most `entries_max` entries: those that took most time, then those that came most
    /// often; the rest is summed. Errors likewise, the most frequent first.
    pub fn build(self, entries_max: usize) -> TrafficPage {
        let mut others = self.others;
        let mut entries: Vec<Entry> = self
            .entries
            .into_iter()
            .map(|((fingerprint, caller), sums)| Entry { fingerprint, caller, sums })
            .collect();
        if entries.len() > entries_max {
            entries.sort_unstable_by_key(|entry| {
                let often = entry.sums.calls.saturating_add(entry.sums.refusals);
                (std::cmp::Reverse((entry.sums.total_us, often)), entry.fingerprint, entry.caller)
            });
            for entry in entries.drain(entries_max..) {
                others.merge(&entry.sums);
            }
        }
        entries.sort_unstable_by_key(|entry| (entry.fingerprint, entry.caller));
        let mut other_errors = self.other_errors;
        let mut errors: Vec<ErrorEntry> = self
            .errors
            .into_iter()
            .map(|((sqlstate, fingerprint), count)| ErrorEntry { sqlstate, fingerprint, count })
            .collect();
        let by_name = |one: &ErrorEntry, other: &ErrorEntry| {
            (&one.sqlstate, one.fingerprint).cmp(&(&other.sqlstate, other.fingerprint))
        };
        if errors.len() > entries_max {
            errors
                .sort_unstable_by(|one, other| other.count.cmp(&one.count).then_with(|| by_name(one, other)));
            let rest = errors.drain(entries_max..).fold(0_u64, |sum, error| sum.saturating_add(error.count));
            other_errors = other_errors.saturating_add(rest);
        }
        errors.sort_unstable_by(by_name);
        TrafficPage::of(&entries, others, errors, other_errors)
    }
}
