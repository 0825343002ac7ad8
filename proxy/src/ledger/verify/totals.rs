//! How many records have the writers so far, and which root do they make?
//!
//! Where the beginning of a ledger was removed there is more than one guess of what stood there. The roots that were
//! signed tell the right one.

use super::record::{hash_text, writer_text};
use super::removed::Leaf;
use crate::ledger::merkle::{Leaves, Node};

/// What is added up.
#[derive(Debug)]
pub(super) struct Totals {
    guesses: Vec<Ended>,
    /// The one there is needs no proof.
    is_certain: bool,
}

/// Writers that have ended.
#[derive(Clone, Debug, Default)]
struct Ended {
    leaves: Leaves,
    records: u64,
}

/// What there is up to a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sum {
    pub(super) records: u64,
    pub(super) writers: u64,
    pub(super) root: Node,
}

/// How a sum that was signed compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Same,
    Other,
    /// No guess fits, and none was certain.
    Unknown,
    /// There is nothing left to compare with.
    GivenUp,
}

impl Totals {
    /// Of a ledger whose beginning is there.
    pub(super) fn from_the_beginning() -> Totals {
        Totals { guesses: vec![Ended::default()], is_certain: true }
    }

    /// Of one that had one of these beginnings.
    pub(super) fn guessed(beginnings: Vec<Vec<Leaf>>) -> Totals {
        let guess = |leaves: Vec<Leaf>| {
            let mut ended = Ended::default();
            leaves.iter().for_each(|leaf| ended.push(leaf));
            ended
        };
        Totals { guesses: beginnings.into_iter().map(guess).collect(), is_certain: false }
    }

    /// A writer has ended.
    pub(super) fn end(&mut self, leaf: &Leaf) {
        self.guesses.iter_mut().for_each(|guess| guess.push(leaf));
    }

    /// Nothing can be added up any more: something is missing or unreadable.
    pub(super) fn give_up(&mut self) {
        self.guesses.clear();
    }

    /// Whether what was added up is what there was, and no guess.
    pub(super) fn is_certain(&self) -> bool {
        self.is_certain
    }

    /// What there may be with the line of the writer that has not ended.
    pub(super) fn with(&self, current: &Leaf) -> Vec<Sum> {
        self.guesses.iter().map(|guess| guess.with(current)).collect()
    }

    /// Compares with what was signed, and leaves out the guesses that are wrong.
    pub(super) fn compare(&mut self, current: &Leaf, signed: &Sum) -> Comparison {
        if self.guesses.is_empty() {
            return Comparison::GivenUp;
        }
        self.guesses.retain(|guess| guess.with(current) == *signed);
        match (self.guesses.is_empty(), self.is_certain) {
            (false, _) => {
                self.is_certain = true;
                Comparison::Same
            }
            (true, true) => Comparison::Other,
            (true, false) => Comparison::Unknown,
        }
    }
}

impl Ended {
    fn push(&mut self, leaf: &Leaf) {
        self.leaves.push(data(leaf).as_bytes());
        self.records = self.records.saturating_add(leaf.records);
    }

    fn with(&self, current: &Leaf) -> Sum {
        Sum {
            records: self.records.saturating_add(current.records),
            writers: self.leaves.count() + 1,
            root: self.leaves.root_with(data(current).as_bytes()),
        }
    }
}

fn data(leaf: &Leaf) -> String {
    format!("{} {} {}", writer_text(leaf.writer), leaf.records, hash_text(&leaf.hash))
}
