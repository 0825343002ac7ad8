//! What is still to be told of whole minutes?
//!
//! A minute is told in parts while it goes on, so that who watches sees it, and to the end when it is over.
//! In all its parts together at most [`Report::COUNTS_MAX`] statements are told by name. While nobody takes
//! the reports minutes gather: the oldest lose their single statements first, then they are put together to
//! hours. Their sums stay.

use super::Table;
use super::ranking::Ranking;
use control::{Caller, ErrorCount, Minute, Report, StatementCount, Sums};
use exchange::Fingerprint;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Different statements of different callers that are kept of a minute behind one listener before it is
/// over.
const ROWS_MAX: usize = 20_000;
/// Different errors.
const ERRORS_MAX: usize = 5_000;
/// Statements told by name while the minute goes on: the others have places left when it is over.
const LIVE_MAX: usize = Report::COUNTS_MAX / 2;
/// Statements and errors of all minutes of one report.
const ROWS_OF_REPORT: usize = 4 * Report::COUNTS_MAX;
/// How long after its end a minute is waited for.
const LATE_US: i64 = 2_000_000;
const MINUTE_US: i64 = 60_000_000;
const MINUTES_OF_HOUR: i64 = 60;

/// About what a minute costs without single statements, in bytes.
const MINUTE_BYTES: usize = 512;
/// About what a statement costs beside its names and its latency.
const ROW_BYTES: usize = 160;

/// The bounds of what gathers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    /// Memory of minutes that are over.
    pub(super) bytes: usize,
    /// Minutes, or hours.
    pub(super) count: usize,
}

/// What is still to be told, oldest first.
#[derive(Debug)]
pub(super) struct Minutes {
    open: BTreeMap<(i64, Arc<str>), Open>,
    bounds: Bounds,
    bytes: usize,
    /// Minutes before this one are over.
    over: i64,
}

/// One minute behind one listener.
#[derive(Debug, Default)]
struct Open {
    rows: Ranking<(Fingerprint, Arc<Caller>), Sums>,
    others: Sums,
    errors: Ranking<(Fingerprint, Option<[u8; 5]>), u64>,
    other_errors: u64,
    /// What it occupies, once it is over and its rows are those that are told.
    settled: Option<usize>,
}

impl Minutes {
    pub(super) fn new(bounds: Bounds) -> Minutes {
        Minutes { open: BTreeMap::new(), bounds, bytes: 0, over: i64::MIN }
    }

    /// Adds a part.
    pub(super) fn add(&mut self, table: Table) {
        let Table { minute, rows, errors, others, listeners, places: _ } = table;
        for row in rows {
            let open = self.open(minute, &row.caller.listener);
            let key = (row.fingerprint, Arc::clone(&row.caller.caller));
            if let Err(sums) = open.rows.add(key, row.sums, ROWS_MAX) {
                open.others.merge(&sums);
            }
        }
        for ((number, sqlstate, fingerprint), count) in errors {
            let Some((_, listener)) = listeners.iter().find(|(known, _)| *known == number) else { continue };
            let open = self.open(minute, listener);
            if let Err(count) = open.errors.add((fingerprint, sqlstate), count, ERRORS_MAX) {
                open.other_errors += count;
            }
        }
        for (listener, (sums, errors)) in others {
            let open = self.open(minute, &listener);
            open.others.merge(&sums);
            open.other_errors += errors;
        }
    }

    fn open(&mut self, minute: i64, listener: &Arc<str>) -> &mut Open {
        let open = self.open.entry((minute, Arc::clone(listener))).or_default();
        // A late record opens it again.
        self.bytes -= open.settled.take().unwrap_or_default();
        open
    }

    /// Everything up to `until_us` has been added: what is over is settled. Gives how many minutes there was no
    /// room for at all.
    pub(super) fn settle(&mut self, until_us: i64) -> u64 {
        self.over = self.over.max((until_us - LATE_US).div_euclid(MINUTE_US));
        for (_, open) in self.open.range_mut(..(self.over, Arc::from(""))) {
            if open.settled.is_none() {
                let bytes = open.settle();
                open.settled = Some(bytes);
                self.bytes += bytes;
            }
        }
        self.shrink()
    }

    /// Keeps the bounds.
    fn shrink(&mut self) -> u64 {
        let full = |open: &Open| open.settled.is_some_and(|bytes| bytes > MINUTE_BYTES);
        while self.bytes > self.bounds.bytes {
            let Some(open) = self.open.values_mut().find(|open| full(open)) else { break };
            self.bytes -= open.settled.unwrap_or_default();
            open.fold();
            open.settled = Some(MINUTE_BYTES);
            self.bytes += MINUTE_BYTES;
        }
        if self.open.len() > self.bounds.count {
            self.merge_into_hours();
        }
        let mut dropped = 0;
        while self.open.len() > self.bounds.count || self.bytes > self.bounds.bytes {
            let Some((_, open)) = self.open.pop_first() else { break };
            self.bytes -= open.settled.unwrap_or_default();
            dropped += 1;
        }
        dropped
    }

    /// Puts minutes that are over together, those of an hour into its first one.
    fn merge_into_hours(&mut self) {
        let later = self.open.split_off(&(self.over, Arc::from("")));
        for ((minute, listener), mut open) in std::mem::replace(&mut self.open, later) {
            open.fold();
            let hour = minute - minute.rem_euclid(MINUTES_OF_HOUR);
            let kept = self.open.entry((hour, listener)).or_default();
            kept.others.merge(&open.others);
            kept.other_errors += open.other_errors;
            kept.settled = Some(MINUTE_BYTES);
        }
        self.bytes = self.open.values().filter_map(|open| open.settled).sum();
    }

    /// What one report tells: of minutes that are over everything, with `live` also what goes on.
    pub(super) fn take(&mut self, live: bool) -> Vec<Minute> {
        let mut told = Vec::new();
        let mut rows = 0;
        let mut emptied = Vec::new();
        for (key, open) in &mut self.open {
            if rows >= ROWS_OF_REPORT {
                break;
            }
            let minute = match open.settled {
                Some(bytes) => {
                    emptied.push(key.clone());
                    self.bytes -= bytes;
                    open.take_all(key)
                }
                None if live => open.take_live(key),
                None => continue,
            };
            rows += minute.counts.len() + minute.errors.len();
            if !is_nothing(&minute) {
                told.push(minute);
            }
        }
        for key in emptied {
            self.open.remove(&key);
        }
        told
    }

    /// Whether something is there that will not change any more.
    pub(super) fn has_settled(&self) -> bool {
        self.open.values().any(|open| open.settled.is_some())
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.open.len()
    }

    #[cfg(test)]
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }
}

fn is_nothing(minute: &Minute) -> bool {
    let others = minute.others.calls == 0 && minute.others.refusals == 0;
    minute.counts.is_empty() && minute.errors.is_empty() && others && minute.other_errors == 0
}

impl Open {
    /// Keeps those that are told and gives what it occupies then.
    fn settle(&mut self) -> usize {
        let rest = self.rows.settle(Report::COUNTS_MAX);
        self.others.merge(&rest);
        self.other_errors += self.errors.settle(Report::COUNTS_MAX);
        let names = |caller: &Caller| caller.user.len() + caller.database.len() + caller.application.len();
        let row = |(key, sums): (&(Fingerprint, Arc<Caller>), &Sums)| {
            ROW_BYTES + names(&key.1) + size_of_val(sums.latency.steps())
        };
        let rows: usize = self.rows.pending().map(row).sum();
        MINUTE_BYTES + rows + self.errors.len() * ROW_BYTES
    }

    /// Makes all of it others.
    fn fold(&mut self) {
        for (_, sums) in self.rows.take_all() {
            self.others.merge(&sums);
        }
        for (_, count) in self.errors.take_all() {
            self.other_errors += count;
        }
    }

    fn take_all(&mut self, key: &(i64, Arc<str>)) -> Minute {
        let (rows, errors) = (self.rows.take_all(), self.errors.take_all());
        let mut minute = minute(key, rows, errors);
        minute.others = std::mem::take(&mut self.others);
        minute.other_errors = std::mem::take(&mut self.other_errors);
        minute
    }

    fn take_live(&mut self, key: &(i64, Arc<str>)) -> Minute {
        minute(key, self.rows.take_live(LIVE_MAX), self.errors.take_live(LIVE_MAX))
    }
}

type Rows = Vec<((Fingerprint, Arc<Caller>), Sums)>;
type Errors = Vec<((Fingerprint, Option<[u8; 5]>), u64)>;

/// A minute in the words of reports: what took longest and failed most often first.
fn minute((minute, listener): &(i64, Arc<str>), mut rows: Rows, mut errors: Errors) -> Minute {
    rows.sort_unstable_by(|one, other| {
        other.1.total_us.cmp(&one.1.total_us).then_with(|| one.0.cmp(&other.0))
    });
    errors.sort_unstable_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
    let count = |((fingerprint, caller), sums): ((Fingerprint, Arc<Caller>), Sums)| StatementCount {
        fingerprint: fingerprint.to_string(),
        caller: (*caller).clone(),
        sums,
    };
    let error = |((fingerprint, sqlstate), count): ((Fingerprint, Option<[u8; 5]>), u64)| ErrorCount {
        sqlstate: super::backlog::sqlstate(sqlstate),
        fingerprint: fingerprint.to_string(),
        count,
    };
    Minute {
        listener: listener.to_string(),
        minute: *minute,
        counts: rows.into_iter().map(count).collect(),
        others: Sums::default(),
        errors: errors.into_iter().map(error).collect(),
        other_errors: 0,
    }
}
