//! What shows later that nothing of the ledger is missing or changed: the head, and checkpoints.

use super::checkpoints::Checkpoints;
use super::error::LedgerError;
use super::head::{Head, Kept};
use std::time::Instant;

/// What is shown of one writer's lines.
#[derive(Debug)]
pub(super) struct Evidence {
    head: Head,
    pub(super) checkpoints: Checkpoints,
    /// The last line that is kept.
    pub(super) kept: Kept,
}

impl Evidence {
    pub(super) fn new(head: Head, checkpoints: Checkpoints) -> Evidence {
        Evidence { head, checkpoints, kept: Kept::default() }
    }

    /// When the head has to be replaced.
    pub(super) fn head_due(&self) -> Option<Instant> {
        self.head.due(&self.kept)
    }

    /// Whether what is kept has to be signed now.
    pub(super) fn is_checkpoint_due(&mut self) -> bool {
        self.checkpoints.is_due(&self.kept)
    }

    /// Signs what is kept: the members of the next line.
    pub(super) fn make_checkpoint(&mut self, at_us: u64) -> Vec<u8> {
        self.checkpoints.make(&self.kept, at_us)
    }

    /// Whether something has to be shown; at the end, and where somebody waits for it, `now`.
    pub(super) fn is_due(&self, now: bool) -> bool {
        let head = self.head_due().is_some_and(|due| now || due <= Instant::now());
        head || self.checkpoints.is_unpublished()
    }

    /// Replaces the files.
    pub(super) fn publish(&mut self) -> Result<(), LedgerError> {
        if self.head_due().is_some() {
            self.head.replace(&self.kept)?;
        }
        self.checkpoints.publish()
    }
}
