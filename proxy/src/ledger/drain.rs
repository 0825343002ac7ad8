//! What does the ledger's thread do all day?
//!
//! It drains every journal into one batch, commits the batch, and waits: for a moment
//! ([`LINGER`]) while there is traffic, so that a batch holds more than one record; until somebody
//! brings a record when there is none. A record somebody waits for ends either wait at once. While
//! a batch is on its way to the disk further records gather in the queues and go with the next.
//!
//! When writing fails the batch stays in memory and is tried again every [`RETRY_EVERY`]; what
//! comes meanwhile stays in the journals, which count what does not fit.

use super::error::LedgerError;
use super::writer::Writer;
use exchange::{Event, RecordBody};
use relay::journal::{JournalReader, LedgerHealth};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Longest a record nobody waits for stays in a queue while there is traffic.
const LINGER: Duration = Duration::from_millis(5);
/// How often a failed write is tried again.
const RETRY_EVERY: Duration = Duration::from_millis(100);
/// How often an idle thread looks for lost records that came without a wake-up.
const SLEEP_MAX: Duration = Duration::from_secs(1);
/// Longest the journals are drained once the ledger is closing: whoever still writes is stopped
/// too late.
const CLOSE_DRAIN_MAX: Duration = Duration::from_secs(1);
/// Longest a closing ledger goes on trying to write.
const CLOSE_RETRY_MAX: Duration = Duration::from_secs(3);

/// Longest lost records go untold while the queues do not get empty.
const GAP_EVERY: Duration = Duration::from_secs(1);

/// What a look at the journals has brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Drained {
    Nothing,
    Some,
    /// A whole batch; more may wait.
    Full,
}

/// What ends a wait before its time.
#[derive(Clone, Copy, Debug)]
enum Wait {
    /// A record somebody waits for.
    Linger,
    /// Any record.
    Sleep,
}

/// The thread's belongings.
#[derive(Debug)]
pub(super) struct Drain {
    writer: Writer,
    readers: Vec<JournalReader>,
    health: Arc<LedgerHealth>,
    closing: Arc<AtomicBool>,
    /// Which reader is drained first, so that none starves.
    first: usize,
    /// Lost records that no gap record tells of yet.
    lost: u64,
    lost_since: Option<Instant>,
    /// Since when writing fails.
    failing_since: Option<Instant>,
}

impl Drain {
    pub(super) fn new(
        writer: Writer,
        readers: Vec<JournalReader>,
        health: Arc<LedgerHealth>,
        closing: Arc<AtomicBool>,
    ) -> Drain {
        Drain { writer, readers, health, closing, first: 0, lost: 0, lost_since: None, failing_since: None }
    }

    /// Runs until the ledger is closed.
    pub(super) fn run(mut self) -> Result<(), LedgerError> {
        let mut closing_since = None;
        loop {
            // Looked at before the journals: what was offered before the close is drained.
            if self.closing.load(Ordering::Acquire) && closing_since.is_none() {
                closing_since = Some(Instant::now());
            }
            let drained = self.drain();
            let stop = closing_since
                .is_some_and(|since| drained == Drained::Nothing || since.elapsed() > CLOSE_DRAIN_MAX);
            if stop {
                self.tell_lost();
                self.writer.tell(Event::WriterStop, RecordBody::None);
            }
            if let Err(error) = self.commit_at_last(stop, closing_since) {
                let records = self.writer.pending() + self.waiting();
                return Err(LedgerError::Unwritten { records, source: Box::new(error) });
            }
            if stop {
                return Ok(());
            }
            match drained {
                _ if closing_since.is_some() => {}
                Drained::Full => {}
                Drained::Some => self.park(Wait::Linger, LINGER),
                Drained::Nothing => self.park(Wait::Sleep, SLEEP_MAX),
            }
        }
    }

    /// Takes what waits, up to one batch.
    fn drain(&mut self) -> Drained {
        if let Some(remark) = self.writer.take_remark() {
            self.writer.tell(Event::WriterGap, RecordBody::Note(remark.into()));
            self.writer.stats.gaps.add(1);
        }
        let before = self.writer.pending();
        let count = self.readers.len();
        self.first = (self.first + 1) % count.max(1);
        for turn in 0..count {
            let Some(reader) = self.readers.get_mut((self.first + turn) % count) else { continue };
            // Before the queue: whoever comes after this is news again.
            reader.shared().take_urgent();
            while !self.writer.is_full()
                && let Some(entry) = reader.next()
            {
                self.writer.take(entry);
            }
            self.lost += reader.shared().take_lost();
        }
        if self.writer.is_full() {
            // One gap record for all that is lost until the queues are empty, but not for ever.
            if self.lost > 0 && self.lost_since.get_or_insert_with(Instant::now).elapsed() > GAP_EVERY {
                self.tell_lost();
            }
            return Drained::Full;
        }
        let drained = if self.writer.pending() > before { Drained::Some } else { Drained::Nothing };
        self.forget_finished();
        self.tell_lost();
        drained
    }

    /// Says what is missing, after the records that came before it.
    fn tell_lost(&mut self) {
        if self.lost > 0 {
            self.writer.tell(Event::WriterGap, RecordBody::Gap { lost: self.lost });
            self.writer.stats.gaps.add(1);
            self.writer.stats.lost.add(self.lost);
            self.lost = 0;
        }
        self.lost_since = None;
    }

    /// Drops journals whose relay thread has ended.
    fn forget_finished(&mut self) {
        if self.readers.iter().any(JournalReader::is_abandoned) {
            let lost = &mut self.lost;
            self.readers.retain(|reader| {
                // The end is looked at first: after it nothing is written any more.
                let finished = reader.is_abandoned() && reader.is_empty();
                if finished {
                    *lost += reader.shared().take_lost();
                }
                !finished
            });
        }
    }

    /// Commits, however long it takes; gives up only when the ledger is closing.
    fn commit_at_last(&mut self, now: bool, mut closing_since: Option<Instant>) -> Result<(), LedgerError> {
        loop {
            let error = match self.writer.commit(now) {
                Ok(()) => {
                    self.recovered();
                    return Ok(());
                }
                Err(error) => error,
            };
            self.failed(&error);
            if self.closing.load(Ordering::Acquire) {
                let since = *closing_since.get_or_insert_with(Instant::now);
                if since.elapsed() > CLOSE_RETRY_MAX {
                    return Err(error);
                }
            }
            self.wait_to_retry();
        }
    }

    fn failed(&mut self, error: &LedgerError) {
        // First, so that who is answered "not recorded" sees why.
        self.health.set_failing(true);
        self.writer.fail_claims();
        if self.failing_since.is_none() {
            self.failing_since = Some(Instant::now());
            self.writer.stats.failures.add(1);
            tracing::error!(error = %error.with_causes(), "the ledger cannot be written; records are kept in memory");
        }
    }

    fn recovered(&mut self) {
        if let Some(since) = self.failing_since.take() {
            self.health.set_failing(false);
            let waiting = self.waiting();
            let failing_ms = u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX);
            tracing::info!(waiting, failing_ms, "the ledger is written again");
        }
    }

    fn waiting(&self) -> u64 {
        self.readers.iter().map(|reader| reader.waiting() as u64).sum()
    }

    /// Waits until the next try; answers everybody who comes meanwhile.
    fn wait_to_retry(&mut self) {
        let until = Instant::now() + RETRY_EVERY;
        loop {
            let mut urgent = false;
            for reader in &mut self.readers {
                reader.shared().reader_lingers();
                urgent |= reader.shared().take_urgent();
                reader.fail_waiting();
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            if !urgent {
                std::thread::park_timeout(left);
            }
        }
        for reader in &self.readers {
            reader.shared().reader_wakes();
        }
    }

    /// Waits for news, at most until the next sync is due.
    fn park(&mut self, how: Wait, longest: Duration) {
        let due = self.writer.sync_due().map(|due| due.saturating_duration_since(Instant::now()));
        // A sync to come ends the wait anyway: nothing has to wake the thread for its sake.
        let (how, longest) = match due {
            Some(due) => (Wait::Linger, due.min(longest)),
            None => (how, longest),
        };
        let mut news = self.closing.load(Ordering::Acquire);
        for reader in &self.readers {
            let shared = reader.shared();
            match how {
                Wait::Linger => {
                    shared.reader_lingers();
                    news |= shared.take_urgent();
                }
                Wait::Sleep => {
                    shared.reader_sleeps();
                    news |= !reader.is_empty();
                }
            }
        }
        if !news {
            std::thread::park_timeout(longest);
        }
        for reader in &self.readers {
            reader.shared().reader_wakes();
        }
    }
}
