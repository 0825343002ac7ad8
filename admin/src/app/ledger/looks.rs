//! Is this look into the ledger the continuation of one that is written down?
//!
//! Who follows what happens asks the same again and again, each time from a later moment. That is one look
//! that goes on: it is written down when it begins, and again every five minutes while it lasts. Whoever asks
//! for something else, or further back than what is written down, is written down at once.
//!
//! The ledgers that are read tell of looks as well, and are asked to more seldom: whoever turns the pages of one answer
//! is told of once in five minutes there, while the activity has every page.

use crate::operation::Operation;
use crate::problem::Problem;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// How long one entry stands for looks that go on.
const GOES_ON_US: i64 = 300_000_000;
/// How far behind the look before one may begin: records come a moment after they happened.
const OVERLAP_US: i64 = 10_000_000;
/// Looks that are remembered; beyond, those that ended are forgotten, and then all: they are written down anew.
const LOOKS_MAX: usize = 10_000;

#[derive(Clone, Copy, Debug)]
struct Look {
    written_at: i64,
    last_at: i64,
}

/// The looks that go on.
#[derive(Debug, Default)]
pub struct Looks(Mutex<HashMap<[u8; 32], Look>>);

impl Looks {
    /// Whether a look only goes on from where one that is written down was: it begins where that one ended, and so
    /// tells nothing older. Times are in microseconds; `from` is the beginning of what is asked for.
    fn goes_on(&self, key: &[u8; 32], from: Option<i64>, now: i64) -> bool {
        let Some(from) = from else { return false };
        let mut looks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(look) = looks.get_mut(key) else { return false };
        let is_covered = now - look.written_at < GOES_ON_US && from >= look.last_at - OVERLAP_US;
        if is_covered {
            look.last_at = now;
        }
        is_covered
    }

    /// Whether this was remembered within the time that one entry stands for.
    fn is_remembered(&self, key: &[u8; 32], now: i64) -> bool {
        let looks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        looks.get(key).is_some_and(|look| now - look.written_at < GOES_ON_US)
    }

    /// Remembers a look that is written down.
    fn remember(&self, key: [u8; 32], now: i64) {
        let mut looks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if looks.len() >= LOOKS_MAX {
            looks.retain(|_, look| now - look.written_at < GOES_ON_US);
        }
        if looks.len() >= LOOKS_MAX {
            looks.clear();
        }
        looks.insert(key, Look { written_at: now, last_at: now });
    }
}

/// Which part of an answer is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    First,
    /// Behind a place of another part.
    Later,
}

/// A look that is about to be answered: whether it goes on from one that is written down, and what it is remembered by.
pub(super) struct Asking {
    part: Part,
    key: [u8; 32],
    /// Of the conditions with their times: the same for all parts of an answer.
    key_of_parts: [u8; 32],
    now: i64,
    /// Whether nothing has to be written down.
    pub(super) goes_on: bool,
    /// Whether the ledgers tell of it already.
    pub(super) is_told: bool,
}

impl Asking {
    /// `details` are the conditions, as the activity tells them; `limit` is how much is asked for at most: who asks for
    /// more asks for something else.
    pub(super) fn of(
        operation: &Operation,
        details: &Map<String, Value>,
        limit: u32,
        part: Part,
        now: i64,
    ) -> Result<Asking, Problem> {
        let mut conditions = details.clone();
        for moving in ["from_us", "until_us"] {
            conditions.remove(moving);
        }
        let key = key(operation, conditions, limit)?;
        // No answer has so many records: the key is none of a first part.
        let key_of_parts = self::key(operation, details.clone(), u32::MAX)?;
        let from = details.get("from_us").and_then(Value::as_i64);
        let goes_on = part == Part::First && operation.app.looks.goes_on(&key, from, now);
        let is_told = goes_on || part == Part::Later && operation.app.looks.is_remembered(&key_of_parts, now);
        Ok(Asking { part, key, key_of_parts, now, goes_on, is_told })
    }

    /// Once the ledgers tell of it, and not before.
    pub(super) fn told(&self, operation: &Operation) {
        operation.app.looks.remember(self.key_of_parts, self.now);
    }

    /// Once it is written down, and not before: what could not be written down is no look to go on from.
    pub(super) fn written_down(&self, operation: &Operation) {
        if self.part == Part::First {
            operation.app.looks.remember(self.key, self.now);
        }
    }
}

fn key(operation: &Operation, conditions: Map<String, Value>, limit: u32) -> Result<[u8; 32], Problem> {
    let mut digest = Sha256::new();
    digest.update(operation.person()?.user.id.bytes());
    digest.update(operation.entered()?.workspace.id.bytes());
    digest.update(limit.to_be_bytes());
    digest.update(Value::Object(conditions).to_string());
    Ok(digest.finalize().into())
}

#[cfg(test)]
mod tests {
    use super::{GOES_ON_US, LOOKS_MAX, Looks, OVERLAP_US};

    const NOW: i64 = 1_000_000_000_000;
    const SECOND: i64 = 1_000_000;

    #[test]
    fn who_follows_is_written_down_once_in_five_minutes() {
        let looks = Looks::default();
        assert!(
            !looks.goes_on(&[1; 32], Some(NOW - 60 * SECOND), NOW),
            "nothing is remembered that was not written"
        );
        looks.remember([1; 32], NOW);
        let mut at = NOW;
        while at + 2 * SECOND < NOW + GOES_ON_US {
            at += 2 * SECOND;
            assert!(looks.goes_on(&[1; 32], Some(at - 5 * SECOND), at), "{at}");
        }
        assert!(!looks.goes_on(&[1; 32], Some(at), NOW + GOES_ON_US), "and then again");
    }

    #[test]
    fn something_else_or_anything_older_is_written_down() {
        let looks = Looks::default();
        looks.remember([1; 32], NOW);
        let later = NOW + 30 * SECOND;
        assert!(!looks.goes_on(&[2; 32], Some(later), later), "another question");
        assert!(!looks.goes_on(&[1; 32], None, later), "back to the beginning");
        assert!(!looks.goes_on(&[1; 32], Some(NOW - OVERLAP_US - 1), later), "further back");
        assert!(looks.goes_on(&[1; 32], Some(NOW), later));
        assert!(!looks.goes_on(&[1; 32], Some(NOW), later + SECOND), "what was told is not told again");
    }

    #[test]
    fn the_pages_of_an_answer_are_told_of_once_in_five_minutes() {
        let looks = Looks::default();
        assert!(!looks.is_remembered(&[1; 32], NOW));
        looks.remember([1; 32], NOW);
        assert!(looks.is_remembered(&[1; 32], NOW + GOES_ON_US - 1));
        assert!(!looks.is_remembered(&[1; 32], NOW + GOES_ON_US));
        assert!(!looks.is_remembered(&[2; 32], NOW + 1), "another answer");
    }

    #[test]
    fn memory_is_bounded() {
        let looks = Looks::default();
        for number in 0..3 * LOOKS_MAX {
            let mut key = [0; 32];
            key[..8].copy_from_slice(&number.to_be_bytes());
            looks.remember(key, NOW);
        }
        assert!(looks.0.lock().is_ok_and(|held| held.len() <= LOOKS_MAX));
    }
}
