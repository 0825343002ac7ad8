//! How does a relay thread show what it has without keeping its sessions waiting?
//!
//! In parts: a few entries are copied, then the sessions have their turn. Parts travel over a short
//! queue, so a thread is never ahead of who looks by more than a few.

use crate::scope::Thread;
use crate::sight::{SessionSight, Sight, StatementStatistics, Totals};
use exchange::{Fingerprint, SessionId};
use std::collections::{HashMap, HashSet};
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

/// What somebody looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    Everything,
    SessionsOnly,
}

/// Shows what is asked for. Ends early when nobody looks any more.
pub(crate) async fn show(thread: Rc<Thread>, subject: Subject, parts: mpsc::Sender<Part>) {
    // From the last one down: those that end meanwhile move others down, and none is passed over.
    let mut left = usize::MAX;
    while left > 0 {
        let (sessions, next) = thread.sessions.sights(left, PART, Instant::now());
        if parts.send(Part::Sessions(sessions)).await.is_err() {
            return;
        }
        left = next;
        tokio::task::yield_now().await;
    }
    if subject == Subject::SessionsOnly {
        let _ = parts.send(Part::End).await;
        return;
    }
    let look = thread.statistics.borrow_mut().look();
    loop {
        let statements = thread.statistics.borrow_mut().part(look, PART);
        if statements.is_empty() {
            break;
        }
        if parts.send(Part::Statements(statements)).await.is_err() {
            return;
        }
        tokio::task::yield_now().await;
    }
    let looked = thread.statistics.borrow_mut().looked(look);
    if let Some((others, evicted, bytes)) = looked {
        let _ = parts.send(Part::Others(others, evicted, bytes)).await;
        let _ = parts.send(Part::End).await;
    }
}

/// Puts the parts of all threads together.
#[derive(Debug)]
pub(crate) struct Gathering {
    pub(crate) sight: Sight,
    places: HashMap<(Arc<str>, Fingerprint), usize>,
    known: HashSet<SessionId>,
}

impl Gathering {
    pub(crate) fn new(sight: Sight) -> Gathering {
        Gathering { sight, places: HashMap::new(), known: HashSet::new() }
    }

    /// What several threads counted of the same fingerprint behind the same listener becomes one.
    pub(crate) fn add(&mut self, part: Part) {
        match part {
            Part::Sessions(sessions) => {
                // One that moved between two parts may have been shown twice.
                let new = sessions.into_iter().filter(|one| self.known.insert(one.session.id));
                self.sight.sessions.extend(new);
            }
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
