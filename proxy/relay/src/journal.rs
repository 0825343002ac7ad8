//! How does a record get from a relay thread to whoever keeps it, without a lock and within bounds?
//!
//! One [`Journal`] per relay thread writes into a wait-free queue; one [`JournalReader`] per
//! journal is drained by the ledger's own thread. The queue is as short as everyday traffic needs,
//! so that its memory stays in the processor's caches; while the ledger is behind, what does not
//! fit goes to a longer one behind it. A full queue is never silent: what fits in neither
//! is counted in [`JournalShared::take_lost`] and becomes a gap record. A statement that must not
//! run unrecorded reserves the room for its outcome before it is forwarded ([`Journal::reserve`]),
//! and waits for its intent with a [`Ticket`].
//!
//! The reader is woken as rarely as possible. It says how it waits: while it *lingers*, only a
//! record somebody waits for wakes it; while it *sleeps*, every record does.

use exchange::Record;
use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, AtomicUsize, Ordering, fence};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::{Context, Poll, Waker};
use std::thread::Thread;

/// Records one relay thread may have waiting. At about 300 bytes each: 10 MiB a thread.
pub const RECORDS_MAX: usize = 32 * 1024;

/// Those of them that wait in the near queue: what comes while the reader lingers, and not more than
/// a processor's own cache holds.
const NEAR_MAX: usize = 1024;

/// Bytes of shared text all waiting records of one relay thread may keep alive.
pub const HELD_BYTES_MAX: usize = 64 * 1024 * 1024;

/// What travels through the queue.
#[derive(Debug)]
pub struct Entry {
    /// The record.
    pub record: Record,
    /// Who waits until it is recorded.
    pub ticket: Option<Claim>,
}

/// The answer to "is my intent recorded?", asked by one session at a time and used again for its
/// next intent.
#[derive(Debug, Default)]
pub struct Ticket {
    // The number of the intent, and in the two lowest bits the answer to it.
    state: AtomicU64,
    waker: Mutex<Option<Waker>>,
}

const WAITING: u64 = 0;
const RECORDED: u64 = 1;
const FAILED: u64 = 2;
const ANSWER: u64 = 0b11;
const NEXT_INTENT: u64 = 0b100;

impl Ticket {
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
        match self.state.load(Ordering::Acquire) & ANSWER {
            RECORDED => Some(true),
            FAILED => Some(false),
            _ => None,
        }
    }

    /// Begins the next intent. Only the session that owns the ticket does.
    fn next_intent(&self) -> u64 {
        let intent = (self.state.load(Ordering::Relaxed) & !ANSWER).wrapping_add(NEXT_INTENT);
        self.state.store(intent | WAITING, Ordering::Release);
        intent
    }

    /// The first answer to an intent stands; one to an earlier intent is nobody's business now.
    fn settle(&self, intent: u64, answer: u64) {
        let answered = intent | answer;
        if self
            .state
            .compare_exchange(intent | WAITING, answered, Ordering::AcqRel, Ordering::Relaxed)
            .is_ok()
        {
            let waker = self.waker.lock().unwrap_or_else(PoisonError::into_inner).take();
            if let Some(waker) = waker {
                waker.wake();
            }
        }
    }
}

impl Future for &Ticket {
    type Output = bool;
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<bool> {
        Ticket::poll(*self, context)
    }
}

/// The ledger's end of a ticket: owes one answer to one intent. The answer to an intent whose
/// session has stopped waiting and asked again is not taken for the answer to the later one; a
/// claim dropped without an answer answers "not recorded", so that nobody waits for ever.
#[derive(Debug)]
pub struct Claim {
    ticket: Arc<Ticket>,
    intent: u64,
}

impl Claim {
    /// Says that the record is kept as the ledger's `sync` promises. Called by the ledger.
    pub fn recorded(&self) {
        self.ticket.settle(self.intent, RECORDED);
    }

    /// Says that the record cannot be kept for now. Called by the ledger.
    pub fn failed(&self) {
        self.ticket.settle(self.intent, FAILED);
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.failed();
    }
}

/// Whether records can be kept at the moment. One for all journals of a process.
#[derive(Debug, Default)]
pub struct LedgerHealth {
    failing: AtomicBool,
    /// Whether a copy that must be taken elsewhere is not.
    copy_failing: AtomicBool,
}

impl LedgerHealth {
    /// Whether the last write failed and none has succeeded since, or a copy that is required has failed.
    pub fn is_failing(&self) -> bool {
        self.failing.load(Ordering::Relaxed) || self.is_copy_failing()
    }

    /// Whether a copy that is required has failed.
    pub fn is_copy_failing(&self) -> bool {
        self.copy_failing.load(Ordering::Relaxed)
    }

    /// Set by the ledger after each write.
    pub fn set_failing(&self, failing: bool) {
        self.failing.store(failing, Ordering::Relaxed);
    }

    /// Set by who watches the required copies.
    pub fn set_copy_failing(&self, failing: bool) {
        self.copy_failing.store(failing, Ordering::Relaxed);
    }
}

/// What one end has moved so far. Written by that end only: no locked instruction. On a cache line
/// of its own, since the other end looks at it rarely.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Moved {
    records: AtomicUsize,
    bytes: AtomicUsize,
}

impl Moved {
    fn add(&self, bytes: usize) {
        self.records.store(self.records.load(Ordering::Relaxed).wrapping_add(1), Ordering::Release);
        self.bytes.store(self.bytes.load(Ordering::Relaxed).wrapping_add(bytes), Ordering::Release);
    }
}

/// What both ends of a journal see.
#[derive(Debug, Default)]
pub struct JournalShared {
    written: Moved,
    read: Moved,
    /// Entries the near queue had no room for, all of them later than those in it. While there are
    /// any, the writer adds to these only.
    far: Mutex<VecDeque<Entry>>,
    /// Whether `far` holds any. Changed under its lock.
    is_far: AtomicBool,
    lost: AtomicU64,
    /// One of [`AWAKE`], [`LINGERS`], [`SLEEPS`].
    reader_waits: AtomicU8,
    /// Whether a record somebody waits for came since the reader last looked.
    urgent: AtomicBool,
    /// Whether the reader is gone: nothing written from now on would be read.
    closed: AtomicBool,
    reader: OnceLock<Thread>,
}

/// The reader looks by itself.
const AWAKE: u8 = 0;
/// The reader waits for a moment: only who waits for a record wakes it.
const LINGERS: u8 = 1;
/// The reader waits for any record.
const SLEEPS: u8 = 2;

impl JournalShared {
    /// Bytes the waiting records keep alive.
    pub fn held_bytes(&self) -> usize {
        // What was read is looked at first: it can then not be more than what was written.
        let read = self.read.bytes.load(Ordering::Acquire);
        self.written.bytes.load(Ordering::Acquire).wrapping_sub(read)
    }

    /// How many records wait.
    fn waiting(&self) -> usize {
        let read = self.read.records.load(Ordering::Acquire);
        self.written.records.load(Ordering::Acquire).wrapping_sub(read)
    }

    fn far(&self) -> MutexGuard<'_, VecDeque<Entry>> {
        self.far.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records that did not fit since the last call.
    pub fn take_lost(&self) -> u64 {
        self.lost.swap(0, Ordering::Relaxed)
    }

    /// Says that the calling thread is about to park: the next record unparks it. The caller must
    /// look at the queues once more between this call and parking.
    pub fn reader_sleeps(&self) {
        self.reader_waits(SLEEPS);
    }

    /// Says that the calling thread is about to park for a moment: only the next record that
    /// somebody waits for unparks it. The caller must look at [`JournalShared::take_urgent`] once
    /// more between this call and parking.
    pub fn reader_lingers(&self) {
        self.reader_waits(LINGERS);
    }

    /// Says that the reader looks by itself again, so that nobody needs to wake it.
    pub fn reader_wakes(&self) {
        self.reader_waits.store(AWAKE, Ordering::Relaxed);
    }

    /// Whether a record somebody waits for was written since the last call. To be called before
    /// the queue is drained, not after, or the news of a record not yet read is lost.
    pub fn take_urgent(&self) -> bool {
        self.urgent.load(Ordering::Acquire) && self.urgent.swap(false, Ordering::AcqRel)
    }

    fn reader_waits(&self, how: u8) {
        let _ = self.reader.get_or_init(std::thread::current);
        self.reader_waits.store(how, Ordering::Relaxed);
        // Pairs with the fence in `wake_reader`. Writer: push, fence, look how the reader waits.
        // Reader: say how it waits, fence, look at the queue. One of the two sees the other.
        fence(Ordering::SeqCst);
    }

    fn wake_reader(&self, somebody_waits: bool) {
        if somebody_waits {
            self.urgent.store(true, Ordering::Release);
        }
        fence(Ordering::SeqCst);
        let least = if somebody_waits { LINGERS } else { SLEEPS };
        if self.reader_waits.load(Ordering::Relaxed) >= least
            && self.reader_waits.swap(AWAKE, Ordering::AcqRel) != AWAKE
            && let Some(reader) = self.reader.get()
        {
            reader.unpark();
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
    near: rtrb::Producer<Entry>,
    records_max: usize,
    shared: Arc<JournalShared>,
    health: Arc<LedgerHealth>,
    // INVARIANT: reserved <= records_max - waiting; only this thread writes, so what waits only
    // shrinks behind its back.
    reserved: usize,
}

/// The reading end, owned by the ledger's thread.
#[derive(Debug)]
pub struct JournalReader {
    near: rtrb::Consumer<Entry>,
    /// Taken from the far queue: earlier than everything else that waits.
    taken: VecDeque<Entry>,
    shared: Arc<JournalShared>,
    // INVARIANT: the first `answered` waiting entries have no claim any more.
    answered: usize,
}

/// Makes a journal and its reader. `health` is shared by all journals of a process.
pub fn journal(health: Arc<LedgerHealth>) -> (Journal, JournalReader) {
    journal_with_room(health, RECORDS_MAX)
}

/// The same with room for another number of records, for writers of few records.
pub fn journal_with_room(health: Arc<LedgerHealth>, records_max: usize) -> (Journal, JournalReader) {
    let (producer, consumer) = rtrb::RingBuffer::new(records_max.min(NEAR_MAX));
    let shared = Arc::new(JournalShared::default());
    let journal = Journal { near: producer, records_max, shared: Arc::clone(&shared), health, reserved: 0 };
    (journal, JournalReader { near: consumer, taken: VecDeque::new(), shared, answered: 0 })
}

impl Journal {
    /// Whether the ledger can write at the moment.
    pub fn is_failing(&self) -> bool {
        self.health.is_failing()
    }

    /// Takes room for one record that must not be lost, or says there is none.
    pub fn reserve(&mut self) -> Result<(), Full> {
        let room = self.shared.waiting() + self.reserved < self.records_max;
        let open = !self.shared.closed.load(Ordering::Relaxed);
        if room && open && self.shared.held_bytes() < HELD_BYTES_MAX {
            self.reserved += 1;
            return Ok(());
        }
        Err(Full)
    }

    /// Whether `records` more would fit beside what is reserved.
    pub fn has_room(&self, records: usize) -> bool {
        self.shared.waiting() + self.reserved + records <= self.records_max
            && self.shared.held_bytes() < HELD_BYTES_MAX
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
        let intent = ticket.next_intent();
        self.push(Entry { record, ticket: Some(Claim { ticket: Arc::clone(ticket), intent }) });
        // The reader may have gone between the look at the room and the push, without seeing this.
        if self.shared.closed.load(Ordering::Relaxed) {
            ticket.settle(intent, FAILED);
        }
        Ok(())
    }

    /// Counts records that were given up before they reached the queue.
    pub fn count_lost(&self, records: u64) {
        self.shared.lost.fetch_add(records, Ordering::Relaxed);
    }

    fn push(&mut self, entry: Entry) {
        let held = entry.record.held_bytes();
        let somebody_waits = entry.ticket.is_some();
        // Counted before the reader can see the entry and count it off.
        self.shared.written.add(held);
        // Looked at apart from the push, which would hand the entry back: it is large to move.
        if self.near.is_full() || self.shared.is_far.load(Ordering::Acquire) {
            self.far(entry);
        } else {
            let _ = self.near.push(entry);
        }
        self.shared.wake_reader(somebody_waits);
    }

    /// Behind what is far already; near again once the reader has taken all of that.
    #[cold]
    fn far(&mut self, entry: Entry) {
        let shared = Arc::clone(&self.shared);
        let mut far = shared.far();
        if far.is_empty() && !self.near.is_full() {
            let _ = self.near.push(entry);
        } else {
            far.push_back(entry);
            shared.is_far.store(true, Ordering::Release);
        }
    }
}

impl JournalReader {
    /// What both ends see.
    pub fn shared(&self) -> &Arc<JournalShared> {
        &self.shared
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.waiting() == 0
    }

    /// How many records wait.
    pub fn waiting(&self) -> usize {
        self.shared.waiting()
    }

    /// Whether the writing end is gone for good.
    pub fn is_abandoned(&self) -> bool {
        self.near.is_abandoned()
    }

    /// The next entry, oldest first.
    #[expect(clippy::should_implement_trait, reason = "an iterator would promise to stay empty once empty")]
    pub fn next(&mut self) -> Option<Entry> {
        let entry = match self.taken.pop_front() {
            Some(entry) => {
                if self.taken.is_empty() {
                    // What a slow disk made it grow to is not kept.
                    self.taken = VecDeque::new();
                }
                entry
            }
            None => self.near.pop().ok().or_else(|| self.take_far())?,
        };
        self.answered = self.answered.saturating_sub(1);
        self.shared.read.add(entry.record.held_bytes());
        Some(entry)
    }

    /// The first entry after the near queue was seen empty, when there are far ones.
    fn take_far(&mut self) -> Option<Entry> {
        if !self.shared.is_far.load(Ordering::Acquire) {
            return None;
        }
        // While there are far ones nothing more comes near, but it may have since the look.
        if let Ok(entry) = self.near.pop() {
            return Some(entry);
        }
        let mut far = self.shared.far();
        self.taken = std::mem::take(&mut *far);
        self.shared.is_far.store(false, Ordering::Release);
        drop(far);
        self.taken.pop_front()
    }

    /// Answers "not recorded" to everybody who waits for a record of the queue, and leaves the
    /// records where they are.
    pub fn fail_waiting(&mut self) {
        // Under the lock: either nothing is far and what comes near meanwhile is later than all that
        // is looked at, or something is and nothing comes near.
        let mut far = self.shared.far();
        let near = self.near.slots();
        let waiting = self.taken.len() + near + far.len();
        let Ok(mut chunk) = self.near.read_chunk(near) else { return };
        let (first, second) = chunk.as_mut_slices();
        let entries = self.taken.iter_mut().chain(first).chain(second).chain(far.iter_mut());
        for entry in entries.skip(self.answered) {
            entry.ticket = None;
        }
        self.answered = waiting;
    }
}

impl Drop for JournalReader {
    fn drop(&mut self) {
        self.shared.closed.store(true, Ordering::Relaxed);
        fence(Ordering::SeqCst);
        self.fail_waiting();
    }
}

#[cfg(test)]
mod tests;
