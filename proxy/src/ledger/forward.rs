//! How are records kept while another process writes the ledger?
//!
//! The process that was replaced has sessions left, and no ledger any more: its ledger's thread makes lines of what they
//! bring, sends them on in batches, and answers who waits once the other process says that a batch is kept. What
//! is not answered stays here, so that nothing is lost when the other process ends first.

use super::drain::{LINGER, Rest, SLEEP_MAX, Wait, park_for_news};
use super::error::LedgerError;
use super::line::Encoder;
use super::open_lines;
use exchange::{Event, Record, RecordBody};
use relay::journal::Claim;
use std::collections::VecDeque;
use std::io;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::Thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Records of one batch.
const BATCH_RECORDS_MAX: usize = 1_000;
/// Bytes after which a batch takes no further record.
const BATCH_BYTES_MAX: usize = 1024 * 1024;
/// Batches that may wait for an answer; what comes meanwhile stays in the journals.
const UNANSWERED_MAX: usize = 8;
/// Longest the last answers are waited for once the ledger is closing.
const CLOSE_WAIT_MAX: Duration = Duration::from_secs(4);

/// Where batches go.
pub(crate) trait Outlet: Send + std::fmt::Debug {
    /// Sends a batch. An error says that nobody is there any more.
    fn send(&mut self, number: u64, batch: &[u8]) -> io::Result<()>;
}

/// Batches that were sent, and who waits for them.
#[derive(Debug, Default)]
pub(crate) struct Unanswered {
    state: Mutex<State>,
    thread: OnceLock<Thread>,
}

#[derive(Debug, Default)]
struct State {
    sent: VecDeque<Sent>,
    is_gone: bool,
}

#[derive(Debug)]
struct Sent {
    number: u64,
    records: u64,
    bytes: Arc<Vec<u8>>,
    claims: Vec<Claim>,
}

impl Unanswered {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wake(&self) {
        if let Some(thread) = self.thread.get() {
            thread.unpark();
        }
    }

    /// The other process has everything up to batch `number`, kept or in memory for now.
    pub(crate) fn settle(&self, number: u64, is_kept: bool) {
        let mut state = self.state();
        while state.sent.front().is_some_and(|sent| sent.number <= number) {
            let Some(sent) = state.sent.pop_front() else { break };
            for claim in sent.claims {
                if is_kept { claim.recorded() } else { claim.failed() }
            }
        }
        drop(state);
        self.wake();
    }

    /// The other process is not there any more.
    pub(crate) fn gone(&self) {
        self.state().is_gone = true;
        self.wake();
    }
}

/// A batch that nobody has answered.
#[derive(Debug)]
pub(super) struct Left {
    pub(super) bytes: Vec<u8>,
    /// Who waits for it.
    pub(super) claims: Vec<Claim>,
}

/// How forwarding ended.
#[derive(Debug)]
pub(super) enum Forwarded {
    /// The ledger is closed.
    Closed(Result<(), LedgerError>),
    /// The other process is gone: what is left, and batches of which nobody knows whether they are kept.
    Gone(Box<Rest>, Vec<Left>),
}

/// The thread's belongings while another process writes.
#[derive(Debug)]
pub(super) struct Forwarder {
    rest: Box<Rest>,
    encoder: Encoder,
    outlet: Box<dyn Outlet>,
    unanswered: Arc<Unanswered>,
    number: u64,
    batch: Vec<u8>,
    claims: Vec<Claim>,
}

/// What a look at the journals has brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turn {
    Nothing,
    Some,
    Full,
}

impl Forwarder {
    pub(super) fn new(
        rest: Box<Rest>,
        encoder: Encoder,
        outlet: Box<dyn Outlet>,
        unanswered: Arc<Unanswered>,
    ) -> Forwarder {
        let _ = unanswered.thread.set(std::thread::current());
        Forwarder { rest, encoder, outlet, unanswered, number: 0, batch: Vec::new(), claims: Vec::new() }
    }

    /// Runs until the ledger is closed or the other process is gone.
    pub(super) fn run(mut self) -> Forwarded {
        let mut closing_since = None;
        loop {
            // Looked at before the journals: what was offered before the close is sent.
            if self.rest.closing.load(Ordering::Acquire) && closing_since.is_none() {
                closing_since = Some(Instant::now());
            }
            let turn = self.turn();
            self.rest.incoming.refuse_all();
            self.encoder.sealer.look();
            let (waiting, records, is_gone) = {
                let state = self.unanswered.state();
                (state.sent.len(), state.sent.iter().map(|sent| sent.records).sum(), state.is_gone)
            };
            if is_gone {
                return Forwarded::Gone(self.rest, self.unanswered.take());
            }
            if let Some(since) = closing_since {
                if turn == Turn::Nothing && waiting == 0 {
                    return Forwarded::Closed(Ok(()));
                }
                if since.elapsed() > CLOSE_WAIT_MAX {
                    let source = Box::new(LedgerError::Ended);
                    return Forwarded::Closed(Err(LedgerError::Unwritten { records, source }));
                }
                // An answer ends the wait.
                std::thread::park_timeout(LINGER);
                continue;
            }
            match turn {
                Turn::Full if waiting < UNANSWERED_MAX => {}
                Turn::Full | Turn::Some => park_for_news(&self.rest.readers, Wait::Linger, LINGER, false),
                Turn::Nothing => park_for_news(&self.rest.readers, Wait::Sleep, SLEEP_MAX, false),
            }
        }
    }

    /// Sends what waits, up to one batch.
    fn turn(&mut self) -> Turn {
        if self.unanswered.state().sent.len() >= UNANSWERED_MAX {
            return Turn::Full;
        }
        let mut records = 0;
        let mut is_full = false;
        let count = self.rest.readers.len();
        self.rest.first = (self.rest.first + 1) % count.max(1);
        for turn in 0..count {
            let at = (self.rest.first + turn) % count;
            let Some(reader) = self.rest.readers.get_mut(at) else { continue };
            // Before the queue: whoever comes after this is news again.
            reader.shared().take_urgent();
            loop {
                is_full = records >= BATCH_RECORDS_MAX || self.batch.len() >= BATCH_BYTES_MAX;
                if is_full {
                    break;
                }
                let Some(entry) = reader.next() else { break };
                open_lines::push(&mut self.batch, &self.encoder.open_line(&entry.record));
                self.claims.extend(entry.ticket);
                records += 1;
            }
            self.rest.lost += reader.shared().take_lost();
        }
        records += self.tell_lost();
        if records == 0 {
            return Turn::Nothing;
        }
        self.send(records as u64);
        if is_full { Turn::Full } else { Turn::Some }
    }

    /// Says what is missing, after the records that came before it.
    fn tell_lost(&mut self) -> usize {
        let lost = std::mem::take(&mut self.rest.lost);
        if lost == 0 {
            return 0;
        }
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let at_us = u64::try_from(since.as_micros()).unwrap_or(u64::MAX);
        let gap = Record { event: Event::WriterGap, at_us, session: None, body: RecordBody::Gap { lost } };
        open_lines::push(&mut self.batch, &self.encoder.open_line(&gap));
        self.rest.stats.gaps.add(1);
        self.rest.stats.lost.add(lost);
        1
    }

    fn send(&mut self, records: u64) {
        self.number += 1;
        let (bytes, claims) = (std::mem::take(&mut self.batch), std::mem::take(&mut self.claims));
        let bytes = Arc::new(bytes);
        // First: the answer may come before the call returns.
        let sent = Sent { number: self.number, records, bytes: Arc::clone(&bytes), claims };
        self.unanswered.state().sent.push_back(sent);
        if self.outlet.send(self.number, &bytes).is_err() {
            self.unanswered.state().is_gone = true;
        }
    }
}

impl Unanswered {
    /// What nobody has answered.
    fn take(&self) -> Vec<Left> {
        let left = |sent: Sent| Left { bytes: Arc::unwrap_or_clone(sent.bytes), claims: sent.claims };
        self.state().sent.drain(..).map(left).collect()
    }
}
