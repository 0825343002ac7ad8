//! What has the ledger done so far, for the metrics?

use relay::journal::{JournalReader, JournalShared};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Counters of one ledger, written by its thread and read by anybody.
#[derive(Debug, Default)]
pub struct LedgerStats {
    pub(super) records: Counter,
    pub(super) bytes: Counter,
    pub(super) syncs: Counter,
    pub(super) gaps: Counter,
    pub(super) lost: Counter,
    pub(super) failures: Counter,
    pub(super) checkpoints: Counter,
    pub(super) journals: Vec<Arc<JournalShared>>,
}

#[derive(Debug, Default)]
pub(super) struct Counter(AtomicU64);

impl Counter {
    pub(super) fn add(&self, count: u64) {
        self.0.fetch_add(count, Ordering::Release);
    }

    fn value(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }
}

impl LedgerStats {
    /// Goes on from `before`, with the journals there are now.
    pub(super) fn of(before: &LedgerStats, readers: &[JournalReader]) -> LedgerStats {
        let journals = readers.iter().map(|reader| Arc::clone(reader.shared())).collect();
        let stats = LedgerStats { journals, ..LedgerStats::default() };
        stats.records.add(before.records());
        stats.bytes.add(before.bytes());
        stats.syncs.add(before.syncs());
        stats.checkpoints.add(before.checkpoints());
        stats
    }

    /// Records kept as `sync` promises, checkpoints not among them.
    pub fn records(&self) -> u64 {
        self.records.value()
    }

    /// Bytes of these records' lines and of checkpoints.
    pub fn bytes(&self) -> u64 {
        self.bytes.value()
    }

    /// How often lines were brought to the disk.
    pub fn syncs(&self) -> u64 {
        self.syncs.value()
    }

    /// Gap records.
    pub fn gaps(&self) -> u64 {
        self.gaps.value()
    }

    /// Records that did not fit into a queue and are told of by a gap record only.
    pub fn lost(&self) -> u64 {
        self.lost.value()
    }

    /// How often writing began to fail.
    pub fn failures(&self) -> u64 {
        self.failures.value()
    }

    /// Checkpoints that were signed and are kept.
    pub fn checkpoints(&self) -> u64 {
        self.checkpoints.value()
    }

    /// Bytes of text that records waiting in the queues keep alive, at this moment.
    pub fn queue_bytes(&self) -> u64 {
        self.journals.iter().map(|journal| journal.held_bytes() as u64).sum()
    }
}
