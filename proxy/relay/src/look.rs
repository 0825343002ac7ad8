//! How does a relay thread show what it has without keeping its sessions waiting?
//!
//! In parts: a few entries are copied, then the sessions have their turn. Parts travel over a short
//! queue, so a thread is never ahead of who looks by more than a few.

use crate::scope::Thread;
use crate::sight::{SessionSight, Sight, StatementStatistics, Totals};
use exchange::Fingerprint;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::mpsc;

/// Entries and sessions of one part: some 50 microseconds of copying.
const PART: usize = 32;

/// Parts that may wait for who looks.
pub(crate) const PARTS_MAX: usize = 16;

/// One part of what a thread shows.
#[derive(Debug)]
pub(crate) enum Part {
    Sessions(Vec<SessionSight>),
    Statements(Vec<StatementStatistics>),
    /// What was counted for entries that went, how many went, and the bytes of the others.
    Others(Totals, u64, usize),
    /// That was all.
    End,
}

/// Shows everything there is. Ends early when nobody looks any more.
pub(crate) async fn show(thread: Rc<Thread>, parts: mpsc::Sender<Part>) {
    let mut from = Some(0);
    while let Some(start) = from {
        let (sessions, next) = thread.sessions.sights(start, PART, Instant::now());
        if parts.send(Part::Sessions(sessions)).await.is_err() {
            return;
        }
        from = next;
        tokio::task::yield_now().await;
    }
    let mut from = 0;
    loop {
        let statements: Vec<_> = thread.statistics.borrow().entries(from, PART).collect();
        if statements.is_empty() {
            break;
        }
        from += statements.len();
        if parts.send(Part::Statements(statements)).await.is_err() {
            return;
        }
        tokio::task::yield_now().await;
    }
    let (others, evicted, bytes) = thread.statistics.borrow().others();
    let _ = parts.send(Part::Others(others, evicted, bytes)).await;
    let _ = parts.send(Part::End).await;
}

/// Puts the parts of all threads together.
#[derive(Debug)]
pub(crate) struct Gathering {
    pub(crate) sight: Sight,
    places: HashMap<(Arc<str>, Fingerprint), usize>,
}

impl Gathering {
    pub(crate) fn new(sight: Sight) -> Gathering {
        Gathering { sight, places: HashMap::new() }
    }

    /// What several threads counted of the same fingerprint behind the same listener becomes one.
    pub(crate) fn add(&mut self, part: Part) {
        match part {
            Part::Sessions(sessions) => self.sight.sessions.extend(sessions),
            Part::Statements(statements) => statements.into_iter().for_each(|one| self.add_statement(one)),
            Part::Others(others, evicted, bytes) => {
                self.sight.others.add(&others);
                self.sight.evicted += evicted;
                self.sight.bytes += bytes;
            }
            Part::End => {}
        }
    }

    fn add_statement(&mut self, statement: StatementStatistics) {
        let key = (Arc::clone(&statement.listener), statement.statement.fingerprint);
        let place = *self.places.entry(key).or_insert(self.sight.statements.len());
        match self.sight.statements.get_mut(place) {
            Some(known) => known.merge(&statement),
            None => self.sight.statements.push(statement),
        }
    }
}
