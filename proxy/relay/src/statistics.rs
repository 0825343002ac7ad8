//! What has been counted of each fingerprint on one thread, within a bound?
//!
//! One [`Statistics`] per relay thread, plain data that only this thread touches: a statement that
//! is known costs one look-up and no allocation. The bound is one of bytes. When it is reached, the
//! entry that matters least of a few goes, and its sums are added to those of all others that went,
//! so that the sums of everything stay true however many different statements there are.

mod latency;
#[cfg(test)]
mod tests;

pub use latency::Latency;

use crate::sight::{Names, StatementStatistics, Totals};
use exchange::{Fingerprint, Outcome, Session, SqlState, Statement};
use std::collections::HashMap;
use std::sync::Arc;

/// Names of each kind one entry keeps, and different SQLSTATEs.
pub(crate) const KINDS_MAX: usize = 16;

/// Entries looked at to find the one that goes.
const SAMPLE: usize = 8;

/// What an entry costs beside what hangs on it: itself, its place in the index with a share of the
/// index's empty places, and what the allocator adds.
const ENTRY_BYTES: usize = size_of::<Entry>() + 64;

/// What a statement's end has to tell.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ended {
    pub(crate) outcome: Outcome,
    /// Until the first byte of the answer, in microseconds; `None` when there was none.
    pub(crate) first_us: Option<u64>,
    /// Until the end, in microseconds.
    pub(crate) total_us: u64,
    pub(crate) bytes_in: u64,
    pub(crate) bytes_out: u64,
    /// Microseconds since 1970-01-01 UTC.
    pub(crate) at_us: u64,
    /// Whether it came at once after the answer to the same fingerprint in the same session.
    pub(crate) repeats: bool,
}

/// Which listener, by its number, and which fingerprint.
type Key = (u64, Fingerprint);

#[derive(Debug)]
struct Entry {
    key: Key,
    figures: StatementStatistics,
    /// Calls that count for staying. When an entry goes, those it was compared with pay as many as it
    /// had: so only what is called more often than others come stays (as in the space-saving
    /// algorithm; Metwally, Agrawal, El Abbadi 2005).
    weight: u32,
    /// What hangs on the entry.
    held: usize,
}

/// One thread's statistics.
#[derive(Debug)]
pub(crate) struct Statistics {
    entries: Vec<Entry>,
    index: HashMap<Key, usize, foldhash::quality::RandomState>,
    others: Totals,
    evicted: u64,
    bytes: usize,
    bytes_max: usize,
    /// Where the next sample begins.
    hand: usize,
}

impl Statistics {
    /// Statistics that occupy at most `bytes_max`, but for a single entry that is larger.
    pub(crate) fn new(bytes_max: usize) -> Statistics {
        Statistics {
            entries: Vec::new(),
            index: HashMap::default(),
            others: Totals::default(),
            evicted: 0,
            bytes: 0,
            bytes_max,
            hand: 0,
        }
    }

    /// Counts a statement that ended behind the listener of this number.
    pub(crate) fn record(
        &mut self,
        listener: u64,
        session: &Session,
        statement: &Arc<Statement>,
        ended: &Ended,
    ) {
        let key = (listener, statement.fingerprint);
        let place = match self.index.get(&key) {
            Some(place) => *place,
            None => self.admit(key, session, statement, ended.at_us),
        };
        if let Some(entry) = self.entries.get_mut(place) {
            let held = entry.count(session, ended);
            entry.held += held;
            self.bytes += held;
        }
    }

    /// Makes an entry, and room for it.
    fn admit(&mut self, key: Key, session: &Session, statement: &Arc<Statement>, at_us: u64) -> usize {
        let tables: usize = statement.tables.iter().map(|table| table.len() + 16).sum();
        let held = statement.text.len() + tables + size_of::<Statement>();
        while !self.entries.is_empty() && self.bytes + ENTRY_BYTES + held > self.bytes_max {
            self.evict();
        }
        let figures = StatementStatistics {
            listener: Arc::clone(&session.listener),
            statement: Arc::clone(statement),
            totals: Totals::default(),
            first: Latency::default(),
            total: Latency::default(),
            errors: Vec::new(),
            other_errors: 0,
            users: Names::default(),
            applications: Names::default(),
            first_seen_us: at_us,
            last_seen_us: at_us,
        };
        let place = self.entries.len();
        self.entries.push(Entry { key, figures, weight: 0, held });
        self.index.insert(key, place);
        self.bytes += ENTRY_BYTES + held;
        place
    }

    /// Lets the entry go that has the fewest calls of a few, the longest unseen of equals.
    fn evict(&mut self) {
        let count = self.entries.len();
        let sample = (0..SAMPLE.min(count)).map(|step| (self.hand + step) % count);
        let rank = |place: usize| {
            self.entries.get(place).map(|entry| (entry.weight, entry.figures.last_seen_us, place))
        };
        let Some((weight, _, least)) = sample.clone().filter_map(rank).min() else { return };
        for place in sample {
            if let Some(entry) = self.entries.get_mut(place) {
                entry.weight = entry.weight.saturating_sub(weight);
            }
        }
        self.hand = (self.hand + SAMPLE) % count;
        self.remove(least);
    }

    fn remove(&mut self, place: usize) {
        let gone = self.entries.swap_remove(place);
        self.index.remove(&gone.key);
        if let Some(moved) = self.entries.get(place) {
            self.index.insert(moved.key, place);
        }
        self.others.add(&gone.figures.totals);
        self.bytes -= ENTRY_BYTES + gone.held;
        self.evicted += 1;
    }

    /// Copies of the entries from `from` on, at most `most` of them. Entries may move between two
    /// calls; whoever needs them all at one moment asks once.
    pub(crate) fn entries(&self, from: usize, most: usize) -> impl Iterator<Item = StatementStatistics> + '_ {
        self.entries.iter().skip(from).take(most).map(|entry| entry.figures.clone())
    }

    /// What was counted for entries that went, how many went, and the bytes of those that stayed.
    pub(crate) fn others(&self) -> (Totals, u64, usize) {
        (self.others, self.evicted, self.bytes)
    }
}

impl Entry {
    /// Counts; says how many bytes more the entry holds now.
    fn count(&mut self, session: &Session, ended: &Ended) -> usize {
        let figures = &mut self.figures;
        let totals = &mut figures.totals;
        totals.calls += 1;
        totals.repeats += u64::from(ended.repeats);
        totals.bytes_in += ended.bytes_in;
        totals.bytes_out += ended.bytes_out;
        self.weight = self.weight.saturating_add(1);
        figures.last_seen_us = ended.at_us;
        let mut held = 0;
        match ended.outcome {
            Outcome::Completed { rows } => totals.rows += rows,
            Outcome::Failed { sqlstate } => {
                totals.failed += 1;
                held += figures.failed(sqlstate);
            }
            Outcome::Refused { sqlstate } => {
                totals.refused += 1;
                held += figures.failed(Some(sqlstate));
            }
            Outcome::Skipped | Outcome::Lost => {}
        }
        // What never ran took no time.
        if !matches!(ended.outcome, Outcome::Refused { .. } | Outcome::Skipped) {
            figures.totals.time_us += ended.total_us;
            figures.total.observe(ended.total_us);
            if let Some(first_us) = ended.first_us {
                figures.first.observe(first_us);
            }
        }
        held += figures.users.note(&session.principal.user);
        held + figures.applications.note(&session.principal.application)
    }
}

impl StatementStatistics {
    /// Counts an error; says how many bytes more are held now.
    fn failed(&mut self, sqlstate: Option<SqlState>) -> usize {
        let Some(sqlstate) = sqlstate else {
            self.other_errors += 1;
            return 0;
        };
        let known = self.errors.len();
        self.add_errors(sqlstate, 1);
        (self.errors.len() - known) * size_of::<(SqlState, u64)>()
    }

    fn add_errors(&mut self, sqlstate: SqlState, count: u64) {
        if let Some((_, known)) = self.errors.iter_mut().find(|(known, _)| *known == sqlstate) {
            *known += count;
        } else if self.errors.len() < KINDS_MAX {
            self.errors.push((sqlstate, count));
        } else {
            self.other_errors += count;
        }
    }

    /// Adds what another thread counted of the same.
    pub(crate) fn merge(&mut self, other: &StatementStatistics) {
        self.totals.add(&other.totals);
        self.first.merge(&other.first);
        self.total.merge(&other.total);
        for (sqlstate, count) in &other.errors {
            self.add_errors(*sqlstate, *count);
        }
        self.other_errors += other.other_errors;
        for (mine, theirs) in [(&mut self.users, &other.users), (&mut self.applications, &other.applications)]
        {
            for name in &theirs.kept {
                mine.note(name);
            }
            mine.more |= theirs.more;
        }
        self.first_seen_us = self.first_seen_us.min(other.first_seen_us);
        self.last_seen_us = self.last_seen_us.max(other.last_seen_us);
    }
}

impl Names {
    /// Notes a name; says how many bytes more are held now. An empty name is none.
    fn note(&mut self, name: &str) -> usize {
        if name.is_empty() || self.kept.iter().any(|kept| **kept == *name) {
            return 0;
        }
        if self.kept.len() >= KINDS_MAX {
            self.more = true;
            return 0;
        }
        self.kept.push(name.into());
        name.len() + 2 * size_of::<Arc<str>>()
    }
}
