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
use super::orders::{Incoming, OrderError};
use super::stats::LedgerStats;
use super::writer::Writer;
use crate::reports::Tally;
use exchange::{Event, RecordBody};
use relay::journal::{JournalReader, LedgerHealth};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::SyncSender;
use std::time::{Duration, Instant};

/// Longest a record nobody waits for stays in a queue while there is traffic.
pub(super) const LINGER: Duration = Duration::from_millis(5);
/// How often a failed write is tried again.
const RETRY_EVERY: Duration = Duration::from_millis(100);
/// How often an idle thread looks for lost records that came without a wake-up.
pub(super) const SLEEP_MAX: Duration = Duration::from_secs(1);
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
pub(super) enum Wait {
    /// A record somebody waits for.
    Linger,
    /// Any record.
    Sleep,
}

/// The thread's belongings but for the writer.
#[derive(Debug)]
pub(super) struct Rest {
    pub(super) readers: Vec<JournalReader>,
    pub(super) health: Arc<LedgerHealth>,
    pub(super) closing: Arc<AtomicBool>,
    /// Whether the directory is to be left to another process, or has been.
    pub(super) released: Arc<AtomicBool>,
    pub(super) incoming: Incoming,
    /// Which reader is drained first, so that none starves.
    pub(super) first: usize,
    /// Lost records that no gap record tells of yet.
    pub(super) lost: u64,
    /// What goes from one writer to the next.
    pub(super) stats: Arc<LedgerStats>,
    pub(super) tally: Option<Tally>,
}

/// How a drain ended.
#[derive(Debug)]
pub(super) enum Ended {
    /// The ledger is closed.
    Closed,
    /// The directory is free for another process.
    Released(Box<Rest>),
    /// It should be, and is not, since it cannot be written. What was taken is still here.
    NotReleased(Box<Drain>, LedgerError),
}

/// The thread's belongings.
#[derive(Debug)]
pub(super) struct Drain {
    writer: Writer,
    readers: Vec<JournalReader>,
    health: Arc<LedgerHealth>,
    closing: Arc<AtomicBool>,
    released: Arc<AtomicBool>,
    incoming: Incoming,
    /// Who has ordered what was taken since the last commit.
    ordered: Vec<SyncSender<Result<(), OrderError>>>,
    /// Which reader is drained first, so that none starves.
    first: usize,
    /// Lost records that no gap record tells of yet.
    lost: u64,
    lost_since: Option<Instant>,
    /// Since when writing fails.
    failing_since: Option<Instant>,
}

impl Drain {
    pub(super) fn new(mut writer: Writer, rest: Rest) -> Drain {
        writer.tally = writer.tally.take().or(rest.tally);
        writer.stats = rest.stats;
        Drain {
            writer,
            readers: rest.readers,
            health: rest.health,
            closing: rest.closing,
            released: rest.released,
            incoming: rest.incoming,
            ordered: Vec::new(),
            first: rest.first,
            lost: rest.lost,
            lost_since: None,
            failing_since: None,
        }
    }

    /// Runs until the ledger is closed, or its directory left to another process.
    pub(super) fn run(mut self) -> Result<Ended, LedgerError> {
        let mut closing_since = None;
        loop {
            if self.released.load(Ordering::Acquire) && closing_since.is_none() {
                return Ok(self.release());
            }
            // Looked at before the journals: what was offered before the close is drained.
            if self.closing.load(Ordering::Acquire) && closing_since.is_none() {
                closing_since = Some(Instant::now());
            }
            let drained = self.drain();
            let stop = closing_since
                .is_some_and(|since| drained == Drained::Nothing || since.elapsed() > CLOSE_DRAIN_MAX);
            if stop {
                self.tell_lost();
                // Nothing but itself and the stop is behind the last checkpoint.
                self.writer.checkpoint_at_once();
                self.commit_or_tell(!self.writer.sync.is_never(), closing_since)?;
                self.writer.tell_stop();
            }
            self.writer.report(stop);
            self.commit_or_tell(stop, closing_since)?;
            if stop {
                return Ok(Ended::Closed);
            }
            self.answer_orders(closing_since)?;
            self.writer.encoder.sealer.look();
            match drained {
                _ if closing_since.is_some() => {}
                Drained::Full => {}
                Drained::Some => self.park(Wait::Linger, LINGER),
                Drained::Nothing => self.park(Wait::Sleep, SLEEP_MAX),
            }
        }
    }

    /// Keeps what was taken and ends as at a stop, but for what waits in the journals: that is for who writes next.
    fn release(mut self) -> Ended {
        if let Err(error) = self.answer_orders(None) {
            return Ended::NotReleased(Box::new(self), error);
        }
        self.tell_lost();
        self.writer.checkpoint_at_once();
        if let Err(error) = self.writer.commit(!self.writer.sync.is_never()) {
            self.failed(&error);
            return Ended::NotReleased(Box::new(self), error);
        }
        self.recovered();
        self.writer.tell_stop();
        self.writer.report(true);
        if let Err(error) = self.writer.commit(true) {
            // Whoever writes next sees that this line is missing, and says so.
            tracing::warn!(error = %error.with_causes(), "the ledger's last line before a restart is not written");
            self.writer.fail_claims();
        }
        Ended::Released(Box::new(Rest {
            readers: self.readers,
            health: self.health,
            closing: self.closing,
            released: self.released,
            incoming: self.incoming,
            first: self.first,
            lost: self.lost,
            stats: Arc::clone(&self.writer.stats),
            tally: self.writer.tally.take(),
        }))
    }

    /// Nobody takes the directory.
    pub(super) fn stays(&self) {
        self.released.store(false, Ordering::Release);
    }

    /// Takes a line of a writer that was never answered, as it is.
    pub(super) fn take_record(&mut self, record: exchange::Record) {
        self.writer.take(relay::journal::Entry { record, ticket: None });
    }

    /// Takes who waits for what was taken.
    pub(super) fn take_claims(&mut self, claims: Vec<relay::journal::Claim>) {
        self.writer.take_claims(claims);
    }

    /// Commits; on giving up, says how much is lost by that.
    fn commit_or_tell(&mut self, now: bool, closing_since: Option<Instant>) -> Result<(), LedgerError> {
        self.commit_at_last(now, closing_since).map_err(|error| {
            let records = self.writer.pending() + self.waiting();
            LedgerError::Unwritten { records, source: Box::new(error) }
        })
    }

    /// Takes what other threads of the gateway have ordered, and keeps it.
    fn answer_orders(&mut self, closing_since: Option<Instant>) -> Result<(), LedgerError> {
        let mut is_signed = false;
        while let Some(order) = self.incoming.next() {
            self.writer.tell_members(order.event, &order.members);
            self.ordered.push(order.answer);
            is_signed |= order.then_checkpoint;
        }
        if self.ordered.is_empty() {
            return Ok(());
        }
        if is_signed {
            self.writer.checkpoint_at_once();
        }
        self.commit_or_tell(true, closing_since)?;
        for answer in self.ordered.drain(..) {
            // Nobody may wait any more.
            let _ = answer.try_send(Ok(()));
        }
        Ok(())
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
        for answer in self.ordered.drain(..) {
            let _ = answer.try_send(Err(OrderError::NotKept));
        }
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
            self.incoming.refuse_all();
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

    /// Waits for news, at most until something is due.
    fn park(&mut self, how: Wait, longest: Duration) {
        let from_now = |due: Instant| due.saturating_duration_since(Instant::now());
        let longest = self.writer.checkpoint_due().map_or(longest, |due| from_now(due).min(longest));
        let due = self.writer.due().map(from_now);
        // A sync to come ends the wait anyway: nothing has to wake the thread for its sake.
        let (how, longest) = match due {
            Some(due) => (Wait::Linger, due.min(longest)),
            None => (how, longest),
        };
        let news = self.closing.load(Ordering::Acquire) || self.released.load(Ordering::Acquire);
        park_for_news(&self.readers, how, longest, news);
    }
}

/// Waits until one of `readers` has news, at most for so long, and not at all where there is `news` already.
pub(super) fn park_for_news(readers: &[JournalReader], how: Wait, longest: Duration, mut news: bool) {
    for reader in readers {
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
    for reader in readers {
        reader.shared().reader_wakes();
    }
}
