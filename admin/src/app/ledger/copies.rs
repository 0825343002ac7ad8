//! Who is making copies of ledgers now? So many at once, one of each person, and none longer than its time:
//! somebody who asks for a copy and does not read it takes nobody's place for long. Reports have places of their own.

use crate::problem::{Code, Problem};
use admin_store::Id;
use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Copies that are made at the same time, in all.
const COPIES_MAX: usize = 8;

/// Reports that are made at the same time, in all: each holds sums of many records in memory.
const REPORTS_MAX: usize = 4;
/// How long somebody waits for the place of a report: who asks for another one leaves the one before.
const REPORT_WAIT: Duration = Duration::from_secs(10);

/// Those who make copies and reports.
#[derive(Clone, Debug)]
pub struct Copies {
    people: Arc<Mutex<HashSet<Id>>>,
    reports: Arc<Semaphore>,
}

impl Default for Copies {
    fn default() -> Copies {
        Copies { people: Arc::default(), reports: Arc::new(Semaphore::new(REPORTS_MAX)) }
    }
}

/// A place among those who make copies; given back when it is dropped.
#[derive(Debug)]
pub(super) struct Turn {
    copies: Copies,
    person: Id,
}

impl Copies {
    fn people(&self) -> MutexGuard<'_, HashSet<Id>> {
        self.people.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for a report, as soon as there is one.
    pub(super) async fn report(&self) -> Result<OwnedSemaphorePermit, Problem> {
        let place = Arc::clone(&self.reports).acquire_owned();
        match tokio::time::timeout(REPORT_WAIT, place).await {
            Ok(Ok(place)) => Ok(place),
            Ok(Err(_)) | Err(_) => {
                let detail = format!("{REPORTS_MAX} reports of ledgers are being made");
                let problem = Problem::new(Code::TooManyRequests, detail);
                Err(problem.with_retry_after(10).with_hint("wait until one has ended"))
            }
        }
    }

    /// A place for somebody who makes no other copy.
    pub(super) fn take(&self, person: Id) -> Result<Turn, Problem> {
        let mut people = self.people();
        let problem = if people.contains(&person) {
            Problem::new(Code::TooManyRequests, "another copy of yours is being made")
        } else if people.len() >= COPIES_MAX {
            Problem::new(Code::TooManyRequests, format!("{COPIES_MAX} copies of ledgers are being made"))
        } else {
            people.insert(person);
            return Ok(Turn { copies: self.clone(), person });
        };
        Err(problem.with_retry_after(10).with_hint("wait until it has ended"))
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.copies.people().remove(&self.person);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{COPIES_MAX, Copies};
    use admin_store::Id;

    #[test]
    fn everybody_makes_one_copy_and_so_many_do() {
        let copies = Copies::default();
        let people: Vec<Id> = (0..=COPIES_MAX).map(|_| Id::new()).collect();
        let mut turns: Vec<_> =
            people.iter().take(COPIES_MAX).map(|person| copies.take(*person).unwrap()).collect();
        assert!(copies.take(people[0]).is_err(), "one of each");
        assert!(copies.take(people[COPIES_MAX]).is_err(), "so many");
        turns.remove(0);
        assert!(copies.take(people[COPIES_MAX]).is_ok(), "a place was given back");
        assert!(copies.take(people[0]).is_ok());
    }
}
