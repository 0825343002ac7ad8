//! What has been counted of each fingerprint on one thread, within a bound?
//!
//! One [`Statistics`] per relay thread, plain data that only this thread touches: a statement that
//! is known costs one look-up, and an allocation only a few times in its entry's life: for a name or
//! an SQLSTATE not seen with it before, and when a histogram outgrows its place. The bound is one of bytes. When it is reached, the
//! entry that matters least of a few goes, and its sums are added to those of all others that went,
//! so that the sums of everything stay true however many different statements there are.

mod index;
mod latency;
#[cfg(test)]
mod tests;

pub use latency::Latency;

use crate::sight::{Names, StatementStatistics, Totals};
use exchange::{Fingerprint, Outcome, Session, SqlState, Statement};
use index::Index;
use std::hash::BuildHasher;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Names of each kind one entry keeps, and different SQLSTATEs.
pub(crate) const KINDS_MAX: usize = 16;

/// Longest part of a name that is kept, in bytes: a role's has at most 63, an application may call
/// itself anything.
const NAME_BYTES_MAX: usize = 128;

/// Entries looked at to find the one that goes.
const SAMPLE: usize = 8;

/// Entries for which room is taken in advance, where so many can be: memory that is not used is not
/// occupied, and a table that never moves never keeps sessions waiting.
const ROOM_MAX: usize = 256 * 1024;

/// What an entry costs beside what hangs on it: itself, and what the allocator adds.
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
    hash: u32,
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
    index: Index,
    /// Keyed for this process: clients choose the texts.
    hasher: foldhash::fast::RandomState,
    others: Totals,
    evicted: u64,
    bytes: usize,
    bytes_max: usize,
    /// Where the next sample begins.
    hand: usize,
    looks: u64,
    looking: Option<Looking>,
    occupancy: Arc<Occupancy>,
}

/// How far somebody who looks has come. Each call is shown once, in its entry or with the others,
/// whatever goes and comes meanwhile.
#[derive(Debug)]
struct Looking {
    number: u64,
    /// Entries before this place are still to be shown; those from it on were, or are newer.
    left: usize,
    /// The others when the look began, and what went since without having been shown.
    others: Totals,
}

/// What the statistics of a thread occupy, as of its last sweep: can be read without asking it.
#[derive(Debug, Default)]
pub struct Occupancy {
    bytes: AtomicU64,
    entries: AtomicU64,
    evicted: AtomicU64,
}

impl Occupancy {
    /// Bytes.
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Fingerprints that are kept, those of each listener by themselves.
    pub fn entries(&self) -> u64 {
        self.entries.load(Ordering::Relaxed)
    }

    /// How many had to go to stay within the bound.
    pub fn evicted(&self) -> u64 {
        self.evicted.load(Ordering::Relaxed)
    }
}

impl Statistics {
    /// Statistics that occupy at most `bytes_max`, but for a single entry that is larger.
    pub(crate) fn new(bytes_max: usize) -> Statistics {
        let room = (bytes_max / (ENTRY_BYTES + size_of::<Statement>())).min(ROOM_MAX);
        let index = Index::with_room(room);
        Statistics {
            entries: Vec::with_capacity(room),
            bytes: index.bytes(),
            index,
            hasher: foldhash::fast::RandomState::default(),
            others: Totals::default(),
            evicted: 0,
            bytes_max,
            hand: 0,
            looks: 0,
            looking: None,
            occupancy: Arc::default(),
        }
    }

    /// Where to read what it occupies.
    pub(crate) fn occupancy(&self) -> Arc<Occupancy> {
        Arc::clone(&self.occupancy)
    }

    /// Says what it occupies.
    pub(crate) fn tell(&self) {
        self.occupancy.bytes.store(self.bytes as u64, Ordering::Relaxed);
        self.occupancy.entries.store(self.entries.len() as u64, Ordering::Relaxed);
        self.occupancy.evicted.store(self.evicted, Ordering::Relaxed);
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
        let hash = self.hash(key);
        let is_it = |place: usize| self.entries.get(place).is_some_and(|entry| entry.key == key);
        let place = match self.index.find(hash, is_it) {
            Some(place) => place,
            None => self.admit((key, hash), session, statement, ended.at_us),
        };
        if let Some(entry) = self.entries.get_mut(place) {
            let held = entry.count(session, ended);
            entry.held += held;
            self.bytes += held;
        }
        // What is known grows too: with names, errors and what it took.
        while self.bytes > self.bytes_max && self.entries.len() > 1 {
            self.evict();
        }
    }

    fn hash(&self, key: Key) -> u32 {
        // Its upper half: the better mixed one.
        (self.hasher.hash_one(key) >> 32) as u32
    }

    /// Makes an entry, and room for it.
    fn admit(
        &mut self,
        (key, hash): (Key, u32),
        session: &Session,
        statement: &Arc<Statement>,
        at_us: u64,
    ) -> usize {
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
        self.entries.push(Entry { key, hash, figures, weight: 0, held });
        let before = self.index.bytes();
        self.index.insert(hash, place);
        self.bytes += self.index.bytes() - before;
        self.bytes += ENTRY_BYTES + held;
        place
    }

    /// Lets the entry go that has the fewest calls of a few, the longest unseen of equals.
    fn evict(&mut self) {
        if self.hand >= self.entries.len() {
            self.hand = 0;
        }
        let start = self.hand;
        let end = self.entries.len().min(start + SAMPLE);
        self.hand = end;
        let Some(sample) = self.entries.get_mut(start..end) else { return };
        let (mut least, mut place) = ((u32::MAX, u64::MAX), start);
        for (step, entry) in sample.iter().enumerate() {
            let rank = (entry.weight, entry.figures.last_seen_us);
            if rank < least {
                (least, place) = (rank, start + step);
            }
        }
        for entry in sample {
            entry.weight = entry.weight.saturating_sub(least.0);
        }
        self.remove(place);
    }

    fn remove(&mut self, place: usize) {
        let Some(going) = self.entries.get(place) else { return };
        let (mut place, hash) = (place, going.hash);
        self.index.remove(hash, place);
        if let Some(looking) = self.looking.as_mut().filter(|looking| place < looking.left) {
            looking.others.add(&going.figures.totals);
            // The last that is still to be shown takes its place, so that those stay together.
            looking.left -= 1;
            let last = looking.left;
            self.entries.swap(place, last);
            self.moved(last, place);
            place = last;
        }
        let gone = self.entries.swap_remove(place);
        self.moved(self.entries.len(), place);
        self.others.add(&gone.figures.totals);
        self.bytes -= ENTRY_BYTES + gone.held;
        self.evicted += 1;
    }

    /// The entry that is at `to` now was at `from`.
    fn moved(&mut self, from: usize, to: usize) {
        if let Some(entry) = self.entries.get(to).filter(|_| from != to) {
            self.index.moved(entry.hash, from, to);
        }
    }

    /// Begins a look and gives it a number; one that was begun before shows nothing more.
    pub(crate) fn look(&mut self) -> u64 {
        self.looks += 1;
        self.looking = Some(Looking { number: self.looks, left: self.entries.len(), others: self.others });
        self.looks
    }

    /// Copies of the next entries of a look, at most `most` of them; none when all were shown.
    pub(crate) fn part(&mut self, look: u64, most: usize) -> Vec<StatementStatistics> {
        let Some(looking) = self.looking.as_mut().filter(|looking| looking.number == look) else {
            return Vec::new();
        };
        let end = looking.left;
        looking.left = end.saturating_sub(most);
        let part = self.entries.get(looking.left..end).unwrap_or_default();
        part.iter().map(|entry| entry.figures.clone()).collect()
    }

    /// Ends a look: what was counted for entries that are not in it, how many ever went, and the bytes
    /// of those that stayed. `None` when another look was begun meanwhile.
    pub(crate) fn looked(&mut self, look: u64) -> Option<(Totals, u64, usize)> {
        let looking = self.looking.take_if(|looking| looking.number == look)?;
        Some((looking.others, self.evicted, self.bytes))
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
        let durations = figures.first.held_bytes() + figures.total.held_bytes();
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
        held += figures.first.held_bytes() + figures.total.held_bytes() - durations;
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
        let name = name.get(..name.floor_char_boundary(NAME_BYTES_MAX)).unwrap_or(name);
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
