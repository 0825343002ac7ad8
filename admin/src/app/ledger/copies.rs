//! Who is making copies of ledgers now? So many at once, one of each person, and none longer than its time:
//! somebody who asks for a copy and does not read it takes nobody's place for long.

use crate::problem::{Code, Problem};
use admin_store::Id;
use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Copies that are made at the same time, in all.
const COPIES_MAX: usize = 8;

/// Those who make copies.
#[derive(Clone, Debug, Default)]
pub struct Copies(Arc<Mutex<HashSet<Id>>>);

/// A place among those who make copies; given back when it is dropped.
#[derive(Debug)]
pub(super) struct Turn {
    copies: Copies,
    person: Id,
}

impl Copies {
    fn people(&self) -> MutexGuard<'_, HashSet<Id>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
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
