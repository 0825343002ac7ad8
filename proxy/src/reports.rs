//! What is told to the control plane of what happened, and how does it get from the ledger's thread to
//! the link?
//!
//! The ledger's thread sees every record and adds it up ([`Tally`]), without a lock and without an
//! allocation for what it knows. Every few seconds it hands over what it has ([`Handed`]), a move under a
//! short lock. The link's thread puts it together by whole minutes and keeps it until the control plane has
//! taken it ([`Backlog`]). Both sides are bounded; what does not fit is summed or counted.
//!
//! While no control plane is linked nothing is added up.

mod backlog;
mod callers;
mod minutes;
mod ranking;
mod tally;
#[cfg(test)]
mod tests;

pub(crate) use backlog::Backlog;
pub(crate) use tally::Tally;

use callers::Known;
use control::{GatewayEvent, Sums};
use exchange::{Fingerprint, Session, SessionId, Statement};
use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Parts that may wait to be taken. The link takes them every second.
const PARTS_MAX: usize = 8;

/// Where the ledger's thread hands over and the link takes.
#[derive(Debug, Default)]
pub(crate) struct Reports {
    on: AtomicBool,
    /// Texts were told and did not arrive.
    forget: AtomicBool,
    /// Until when somebody watches, in microseconds since 1970-01-01 UTC.
    watched_until_us: AtomicI64,
    /// Up to when, in microseconds since 1970-01-01 UTC, everything was handed over.
    noted_until_us: AtomicI64,
    handed: Mutex<VecDeque<Box<Handed>>>,
}

impl Reports {
    /// Reports that are added up from the start, or once they are switched on.
    pub(crate) fn new(on: bool) -> Reports {
        Reports { on: AtomicBool::new(on), ..Reports::default() }
    }

    /// From now on everything is added up.
    pub(crate) fn switch_on(&self) {
        self.on.store(true, Ordering::Release);
    }

    fn is_on(&self) -> bool {
        self.on.load(Ordering::Acquire)
    }

    /// Asks for every text once more.
    pub(crate) fn forget_texts(&self) {
        self.forget.store(true, Ordering::Release);
    }

    fn take_forget(&self) -> bool {
        self.forget.load(Ordering::Acquire) && self.forget.swap(false, Ordering::AcqRel)
    }

    /// Somebody watches from now on for so long: sums are handed over every second.
    pub(crate) fn watch(&self, now: SystemTime, time: Duration) {
        let until = now.duration_since(UNIX_EPOCH).unwrap_or_default().saturating_add(time);
        let until_us = i64::try_from(until.as_micros()).unwrap_or(i64::MAX);
        self.watched_until_us.fetch_max(until_us, Ordering::AcqRel);
    }

    /// Whether somebody watches.
    pub(crate) fn is_watched(&self, now_us: i64) -> bool {
        self.watched_until_us.load(Ordering::Acquire) > now_us
    }

    /// What was handed over, oldest first.
    pub(crate) fn take(&self) -> Vec<Handed> {
        let handed = std::mem::take(&mut *self.handed.lock().unwrap_or_else(PoisonError::into_inner));
        handed.into_iter().map(|part| *part).collect()
    }

    /// Up to when everything was handed over that had reached the ledger.
    pub(crate) fn noted_until_us(&self) -> i64 {
        self.noted_until_us.load(Ordering::Acquire)
    }

    /// Hands over, unless too much waits already.
    fn give(&self, handed: Box<Handed>) -> Result<(), Box<Handed>> {
        let mut waiting = self.handed.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() >= PARTS_MAX {
            return Err(handed);
        }
        waiting.push_back(handed);
        Ok(())
    }
}

type Hasher = foldhash::fast::RandomState;

/// What happened since the part before.
#[derive(Debug, Default)]
pub(crate) struct Handed {
    tables: Vec<Table>,
    texts: Vec<(Arc<str>, Arc<Statement>)>,
    starts: Vec<(Arc<Session>, i64)>,
    ends: Vec<Ended>,
    refusals: Vec<Refused>,
    events: Vec<GatewayEvent>,
    untold: u64,
}

impl Handed {
    fn is_empty(&self) -> bool {
        self.tables.is_empty()
            && self.texts.is_empty()
            && self.starts.is_empty()
            && self.ends.is_empty()
            && self.refusals.is_empty()
            && self.events.is_empty()
            && self.untold == 0
    }
}

/// Statements of one minute.
#[derive(Debug, Default)]
struct Table {
    /// In minutes since 1970-01-01 UTC.
    minute: i64,
    /// Where in `rows` a caller's statement is.
    places: HashMap<(u64, Fingerprint), usize, Hasher>,
    rows: Vec<Row>,
    errors: HashMap<Failure, u64, Hasher>,
    /// What had no row any more, by listener: sums, and errors.
    others: Vec<(Arc<str>, (Sums, u64))>,
    /// What the numbers in `errors` stand for.
    listeners: Vec<(u32, Arc<str>)>,
}

/// What one caller's statement came to.
#[derive(Debug)]
struct Row {
    fingerprint: Fingerprint,
    caller: Arc<Known>,
    sums: Sums,
}

/// Which error of which statement, behind the listener of this number.
type Failure = (u32, Option<[u8; 5]>, Fingerprint);

/// A session ended.
#[derive(Debug)]
struct Ended {
    session: SessionId,
    at_us: i64,
    cause: &'static str,
    bytes_in: u64,
    bytes_out: u64,
}

/// A statement was refused or held.
#[derive(Debug)]
struct Refused {
    session: Arc<Session>,
    statement: Arc<Statement>,
    at_us: i64,
    verdict: &'static str,
    rule: Option<Arc<str>>,
    sqlstate: [u8; 5],
}
