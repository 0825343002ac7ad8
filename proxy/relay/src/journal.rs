//! How does a record get from a relay thread to whoever keeps it, without a lock and within bounds?
//!
//! One [`Journal`] per relay thread writes into a wait-free queue; one [`JournalReader`] per
//! journal is drained by the ledger's own thread. A full queue is never silent: what does not fit
//! is counted in [`JournalShared::take_lost`] and becomes a gap record. A statement that must not
//! run unrecorded reserves the room for its outcome before it is forwarded ([`Journal::reserve`]),
//! and waits for its intent with a [`Ticket`].

use exchange::Record;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::thread::Thread;

/// Records one relay thread may have waiting. At about 300 bytes each: 10 MiB a thread.
pub const RECORDS_MAX: usize = 32 * 1024;

/// Bytes of shared text all waiting records of one relay thread may keep alive.
pub const HELD_BYTES_MAX: usize = 64 * 1024 * 1024;

/// What travels through the queue.
#[derive(Debug)]
pub struct Entry {
    /// The record.
    pub record: Record,
    /// Who waits until it is recorded.
    pub ticket: Option<Arc<Ticket>>,
}

/// The answer to "is my intent recorded?", asked by one session at a time and used again for its
/// next intent.
#[derive(Debug, Default)]
pub struct Ticket {
    state: AtomicU8,
    waker: Mutex<Option<Waker>>,
}

const WAITING: u8 = 0;
const RECORDED: u8 = 1;
const FAILED: u8 = 2;

impl Ticket {
    /// Says that the record is kept as the ledger's `sync` promises. Called by the ledger.
    pub fn recorded(&self) {
        self.settle(RECORDED);
    }

    /// Says that the record cannot be kept for now. Called by the ledger.
    pub fn failed(&self) {
        self.settle(FAILED);
    }

    fn settle(&self, state: u8) {
        self.state.store(state, Ordering::Release);
        let waker = self.waker.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Waits for the answer: `true` when recorded. Cancel safe.
    pub fn poll(&self, context: &mut Context<'_>) -> Poll<bool> {
        if let Some(answer) = self.answer() {
            return Poll::Ready(answer);
        }
        *self.waker.lock().unwrap_or_else(PoisonError::into_inner) = Some(context.waker().clone());
        // Settled between the look and the registration: the waker may have been missed.
        self.answer().map_or(Poll::Pending, Poll::Ready)
    }

    fn answer(&self) -> Option<bool> {
        match self.state.load(Ordering::Acquire) {
            RECORDED => Some(true),
            FAILED => Some(false),
            _ => None,
        }
    }

    fn reset(&self) {
        self.state.store(WAITING, Ordering::Release);
    }
}

impl Future for &Ticket {
    type Output = bool;
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<bool> {
        Ticket::poll(*self, context)
    }
}

/// Whether the ledger can write at the moment. One for all journals of a process.
#[derive(Debug, Default)]
pub struct LedgerHealth {
    failing: AtomicBool,
}

impl LedgerHealth {
    /// Whether the last write failed and none has succeeded since.
    pub fn is_failing(&self) -> bool {
        self.failing.load(Ordering::Relaxed)
    }

    /// Set by the ledger after each write.
    pub fn set_failing(&self, failing: bool) {
        self.failing.store(failing, Ordering::Relaxed);
    }
}

/// What both ends of a journal see.
#[derive(Debug, Default)]
pub struct JournalShared {
    held_bytes: AtomicUsize,
    lost: AtomicU64,
    reader_sleeps: AtomicBool,
    reader: Mutex<Option<Thread>>,
}

impl JournalShared {
    /// Bytes the waiting records keep alive.
    pub fn held_bytes(&self) -> usize {
        self.held_bytes.load(Ordering::Relaxed)
    }

    /// Records that did not fit since the last call.
    pub fn take_lost(&self) -> u64 {
        self.lost.swap(0, Ordering::Relaxed)
    }

    /// Says that the calling thread is about to park: the next record unparks it. The caller must
    /// look at the queues once more between this call and parking.
    pub fn reader_sleeps(&self) {
        let mut reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        if reader.is_none() {
            *reader = Some(std::thread::current());
        }
        self.reader_sleeps.store(true, Ordering::SeqCst);
    }

    fn wake_reader(&self) {
        if self.reader_sleeps.load(Ordering::SeqCst) && self.reader_sleeps.swap(false, Ordering::SeqCst) {
            let reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner).clone();
            if let Some(thread) = reader {
                thread.unpark();
            }
        }
    }
}

/// The record did not fit; it was counted as lost.
#[derive(Debug, thiserror::Error)]
#[error("the ledger's queue is full")]
pub struct Full;

/// The writing end, owned by one relay thread.
#[derive(Debug)]
pub struct Journal {
    queue: rtrb::Producer<Entry>,
    shared: Arc<JournalShared>,
    health: Arc<LedgerHealth>,
    // INVARIANT: reserved <= free slots of the queue; only this thread pushes, so slots only grow
    // behind its back.
    reserved: usize,
}

/// The reading end, owned by the ledger's thread.
#[derive(Debug)]
pub struct JournalReader {
    queue: rtrb::Consumer<Entry>,
    shared: Arc<JournalShared>,
}

/// Makes a journal and its reader. `health` is shared by all journals of a process.
pub fn journal(health: Arc<LedgerHealth>) -> (Journal, JournalReader) {
    let (producer, consumer) = rtrb::RingBuffer::new(RECORDS_MAX);
    let shared = Arc::new(JournalShared::default());
    let journal = Journal { queue: producer, shared: Arc::clone(&shared), health, reserved: 0 };
    (journal, JournalReader { queue: consumer, shared })
}

impl Journal {
    /// Whether the ledger can write at the moment.
    pub fn is_failing(&self) -> bool {
        self.health.is_failing()
    }

    /// Takes room for one record that must not be lost, or says there is none.
    pub fn reserve(&mut self) -> Result<(), Full> {
        let room = self.queue.slots() > self.reserved;
        if room && self.shared.held_bytes() < HELD_BYTES_MAX {
            self.reserved += 1;
            return Ok(());
        }
        Err(Full)
    }

    /// Gives reserved room back unused.
    pub fn release(&mut self) {
        self.reserved = self.reserved.saturating_sub(1);
    }

    /// Writes a record into room reserved before.
    pub fn write_reserved(&mut self, record: Record) {
        self.release();
        self.push(Entry { record, ticket: None });
    }

    /// Writes a record if there is room; counts it as lost if not.
    pub fn offer(&mut self, record: Record) -> Result<(), Full> {
        if self.reserve().is_err() {
            self.shared.lost.fetch_add(1, Ordering::Relaxed);
            return Err(Full);
        }
        self.write_reserved(record);
        Ok(())
    }

    /// Writes an intent; `ticket` then says when it is recorded. Not counted as lost when full:
    /// the caller decides what that means for the statement.
    pub fn intend(&mut self, record: Record, ticket: &Arc<Ticket>) -> Result<(), Full> {
        self.reserve()?;
        self.release();
        ticket.reset();
        self.push(Entry { record, ticket: Some(Arc::clone(ticket)) });
        Ok(())
    }

    /// Counts records that were given up before they reached the queue.
    pub fn count_lost(&self, records: u64) {
        self.shared.lost.fetch_add(records, Ordering::Relaxed);
    }

    fn push(&mut self, entry: Entry) {
        let held = entry.record.held_bytes();
        if self.queue.push(entry).is_ok() {
            self.shared.held_bytes.fetch_add(held, Ordering::Relaxed);
        } else {
            self.shared.lost.fetch_add(1, Ordering::Relaxed);
        }
        self.shared.wake_reader();
    }
}

impl JournalReader {
    /// What both ends see.
    pub fn shared(&self) -> &JournalShared {
        &self.shared
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// Whether the writing end is gone for good.
    pub fn is_abandoned(&self) -> bool {
        self.queue.is_abandoned()
    }

    /// The next entry, oldest first.
    pub fn next(&mut self) -> Option<Entry> {
        let entry = self.queue.pop().ok()?;
        self.shared.held_bytes.fetch_sub(entry.record.held_bytes(), Ordering::Relaxed);
        Some(entry)
    }
}
