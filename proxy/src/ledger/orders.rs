//! How does another thread of the gateway have the ledger write a record of its own?
//!
//! Statements have journals; what is rare and must be kept before somebody goes on (that old segments are about to
//! be removed) is ordered here, and whoever orders waits until it is kept.

use exchange::Event;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::thread::Thread;
use std::time::Duration;

/// Orders that may wait; they are rare, and each holds up who gave it.
const WAITING_MAX: usize = 16;
/// Longest somebody waits: longer than the ledger's thread needs for a whole batch on a slow disk.
const WAIT_MAX: Duration = Duration::from_secs(30);

/// Why a record that was ordered is not known to be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum OrderError {
    /// The ledger cannot be written at the moment. The record may be written later all the same.
    #[error("the ledger cannot be written at the moment")]
    NotKept,
    /// Too many wait, or nobody answered in time. The record may be written later all the same.
    #[error("the ledger is too far behind")]
    Busy,
    /// The ledger is closed.
    #[error("the ledger is closed")]
    Closed,
}

/// What the ledger's thread is to write.
#[derive(Debug)]
pub(super) struct Order {
    pub(super) event: Event,
    /// What the line has between its envelope and its chain: JSON members with commas between them, no comma first
    /// or last, no line feed.
    pub(super) members: Vec<u8>,
    /// Whether what is kept then is signed at once.
    pub(super) then_checkpoint: bool,
    pub(super) answer: SyncSender<Result<(), OrderError>>,
}

/// Whoever has it can order. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Orders {
    sender: SyncSender<Order>,
    thread: Thread,
}

impl Orders {
    /// For the ledger whose thread is `thread`.
    pub(super) fn new(sender: SyncSender<Order>, thread: Thread) -> Orders {
        Orders { sender, thread }
    }

    /// Has a record of `event` written whose JSON members are `members` (`"removed":{…}`; with commas between
    /// them), and waits until it is on the disk; with `then_checkpoint` until the checkpoint that covers
    /// it is there too. Not to be called by the ledger's own thread.
    pub(super) fn tell(
        &self,
        event: Event,
        members: Vec<u8>,
        then_checkpoint: bool,
    ) -> Result<(), OrderError> {
        let (answer, answered) = sync_channel(1);
        let order = Order { event, members, then_checkpoint, answer };
        self.sender.try_send(order).map_err(|error| match error {
            TrySendError::Full(_) => OrderError::Busy,
            TrySendError::Disconnected(_) => OrderError::Closed,
        })?;
        self.thread.unpark();
        match answered.recv_timeout(WAIT_MAX) {
            Ok(answer) => answer,
            Err(RecvTimeoutError::Timeout) => Err(OrderError::Busy),
            // The thread has ended without an answer.
            Err(RecvTimeoutError::Disconnected) => Err(OrderError::Closed),
        }
    }
}

/// The ledger's end of it.
#[derive(Debug)]
pub(super) struct Incoming(Receiver<Order>);

/// Both ends; the sender becomes [`Orders`] when the thread is there.
pub(super) fn orders() -> (SyncSender<Order>, Incoming) {
    let (sender, receiver) = sync_channel(WAITING_MAX);
    (sender, Incoming(receiver))
}

impl Incoming {
    /// The next one, if any waits. Who gave it has unparked the thread, so that none is missed by a thread that looks
    /// before it parks.
    pub(super) fn next(&self) -> Option<Order> {
        self.0.try_recv().ok()
    }

    /// Answers everybody who waits that nothing can be written.
    pub(super) fn refuse_all(&self) {
        while let Some(order) = self.next() {
            let _ = order.answer.try_send(Err(OrderError::NotKept));
        }
    }
}
