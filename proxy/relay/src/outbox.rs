//! How do the bytes of many sessions leave in one call?
//!
//! A call for each chunk returns to the program each time, and there the thread loses its processor
//! to the peer it has just woken: with many clients that costs more than the sending itself. So
//! what the sessions of one turn have to say is laid into the thread's outbox, and when the tasks
//! that were ready have run all of it leaves in one call (docs/adr/0009). Nothing is under way
//! after that call, and idle sessions hold nothing.
//!
//! What a socket does not take stays with its session, which counts as behind until it is gone, so
//! a slow peer still slows its partner. Where the system refuses the ring, each chunk is sent by a
//! call as it comes.

mod ring;
#[cfg(test)]
mod tests;

use ring::Ring;
use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::io;
use std::os::fd::{BorrowedFd, RawFd};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

/// Chunks of one turn.
const CHUNKS_MAX: usize = 128;

/// Bytes of one turn.
const BYTES_MAX: usize = 256 * 1024;

/// Longer chunks are sent by a call of their own: copying them would cost more than it saves.
const CHUNK_BYTES_MAX: usize = 8 * 1024;

thread_local! {
    static OUTBOX: RefCell<Option<Outbox>> = const { RefCell::new(None) };
}

/// One thread's outbox.
#[derive(Debug)]
struct Outbox {
    ring: Ring,
    chunks: Vec<Chunk>,
    bytes: Vec<u8>,
    /// What each chunk's send answered; kept for its room.
    answers: Vec<i32>,
    /// Bytes that were sent by calls since the last delivery.
    called: usize,
    /// Who delivers when the tasks that are ready have run.
    deliverer: Option<Waker>,
}

/// Bytes of one socket.
#[derive(Debug)]
struct Chunk {
    sender: Rc<Sender>,
    start: usize,
    end: usize,
}

/// The sending side of one socket.
#[derive(Debug)]
pub(crate) struct Sender {
    socket: RawFd,
    /// Whether bytes of it are in the outbox.
    waits: Cell<bool>,
    /// What the socket did not take.
    refused: RefCell<Vec<u8>>,
    /// Why it takes no more.
    error: Cell<Option<i32>>,
    waker: RefCell<Option<Waker>>,
}

/// Opens this thread's outbox, if the system has rings. The returned future delivers what is laid
/// into it, and never ends.
pub(crate) async fn open() {
    let ring = match Ring::open(CHUNKS_MAX) {
        Ok(ring) => ring,
        Err(error) => {
            tracing::info!(%error, "the system has no io_uring for this program: each chunk is sent by a call");
            return;
        }
    };
    OUTBOX.set(Some(Outbox {
        ring,
        chunks: Vec::new(),
        bytes: Vec::new(),
        answers: Vec::new(),
        called: 0,
        deliverer: None,
    }));
    let _close = Close;
    poll_fn(|context| {
        with(|outbox| {
            if !outbox.deliverer.as_ref().is_some_and(|waker| waker.will_wake(context.waker())) {
                outbox.deliverer = Some(context.waker().clone());
            }
            outbox.deliver();
        });
        Poll::<()>::Pending
    })
    .await;
}

/// Sessions that outlive their thread's deliverer send for themselves.
struct Close;

impl Drop for Close {
    fn drop(&mut self) {
        with(Outbox::deliver);
        let _ = OUTBOX.try_with(RefCell::take);
    }
}

fn with<R>(act: impl FnOnce(&mut Outbox) -> R) -> Option<R> {
    OUTBOX
        .try_with(|outbox| outbox.try_borrow_mut().ok().and_then(|mut outbox| outbox.as_mut().map(act)))
        .ok()?
}

/// Takes note that `len` bytes are sent by a call, and not by way of the outbox.
pub(crate) fn called(len: usize) {
    with(|outbox| outbox.called(len));
}

impl Sender {
    /// The sending side of a socket, where its thread has an outbox.
    pub(crate) fn of(socket: RawFd) -> Option<Rc<Sender>> {
        with(|_| ())?;
        Some(Rc::new(Sender {
            socket,
            waits: Cell::new(false),
            refused: RefCell::default(),
            error: Cell::new(None),
            waker: RefCell::new(None),
        }))
    }

    /// Whether the socket did not take what it was given, or failed.
    pub(crate) fn is_behind(&self) -> bool {
        self.error.get().is_some() || !self.refused.borrow().is_empty()
    }

    /// What the socket answered since the last look, if it was an error.
    pub(crate) fn take_error(&self) -> Option<io::Error> {
        self.error.take().map(io::Error::from_raw_os_error)
    }

    /// Tries again with what the socket did not take. Every byte before it has left.
    pub(crate) fn poll_refused(
        &self,
        mut write: impl FnMut(&[u8]) -> Poll<io::Result<usize>>,
    ) -> Poll<io::Result<()>> {
        let mut refused = self.refused.borrow_mut();
        while !refused.is_empty() {
            match write(&refused) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Ok(0)) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                Poll::Ready(Ok(len)) => drop(refused.drain(..len)),
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
            }
        }
        // A slow peer's bytes are rare: their room is not kept.
        *refused = Vec::new();
        Poll::Ready(Ok(()))
    }

    /// Lays `bytes` into the outbox. `false` when they have to be sent by a call: then all that was
    /// laid there before has left or was refused.
    pub(crate) fn put(self: &Rc<Sender>, bytes: &[u8], context: &Context<'_>) -> bool {
        let put = with(|outbox| {
            if bytes.len() > CHUNK_BYTES_MAX {
                if self.waits.get() {
                    outbox.deliver();
                }
                outbox.called(bytes.len());
                return false;
            }
            self.remember(context.waker());
            outbox.put(self, bytes);
            true
        });
        put.unwrap_or(false)
    }

    /// Sends what waits in the outbox now.
    pub(crate) fn deliver(&self) {
        if self.waits.get() {
            with(Outbox::deliver);
        }
    }

    fn remember(&self, waker: &Waker) {
        let mut mine = self.waker.borrow_mut();
        if !mine.as_ref().is_some_and(|mine| mine.will_wake(waker)) {
            *mine = Some(waker.clone());
        }
    }

    /// Takes in what the send of `bytes` answered: a number of bytes, or an error below zero.
    fn answered(&self, answer: i32, bytes: &[u8]) {
        self.waits.set(false);
        let taken = match answer {
            taken @ 0.. => usize::try_from(taken).unwrap_or_default(),
            answer if ring::is_for_now(answer) => 0,
            error => {
                self.error.set(Some(-error));
                bytes.len()
            }
        };
        if let Some(rest) = bytes.get(taken..).filter(|rest| !rest.is_empty()) {
            self.refused.borrow_mut().extend_from_slice(rest);
        }
        if self.is_behind()
            && let Some(waker) = self.waker.borrow().as_ref()
        {
            waker.wake_by_ref();
        }
    }
}

impl Outbox {
    fn put(&mut self, sender: &Rc<Sender>, bytes: &[u8]) {
        let is_last = self.chunks.last().is_some_and(|chunk| Rc::ptr_eq(&chunk.sender, sender));
        // At most one chunk of a socket: of two, the second could be taken where the first was not.
        let full = self.chunks.len() >= CHUNKS_MAX || self.bytes.len() + bytes.len() > BYTES_MAX;
        if full || (sender.waits.get() && !is_last) {
            self.deliver();
        }
        if sender.is_behind() {
            // That delivery showed it: these bytes come behind the others.
            sender.refused.borrow_mut().extend_from_slice(bytes);
            return;
        }
        if self.chunks.is_empty()
            && let Some(deliverer) = &self.deliverer
        {
            deliverer.wake_by_ref();
        }
        let start = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
        let end = self.bytes.len();
        match self.chunks.last_mut().filter(|_| sender.waits.get()) {
            Some(chunk) => chunk.end = end,
            None => {
                sender.waits.set(true);
                self.chunks.push(Chunk { sender: Rc::clone(sender), start, end });
            }
        }
    }

    /// What waits does not wait for longer than a whole outbox takes: a stream sends for as long as its
    /// task may run, and would keep the short chunks of all others.
    fn called(&mut self, len: usize) {
        self.called += len;
        if self.called > BYTES_MAX {
            self.deliver();
        }
    }

    /// Sends everything: afterwards every byte has left, or is with its sender.
    fn deliver(&mut self) {
        self.called = 0;
        let bytes = |chunk: &Chunk| self.bytes.get(chunk.start..chunk.end).unwrap_or_default();
        match self.chunks.as_slice() {
            [] => return,
            // Alone, the ring would only cost.
            [chunk] => {
                // SAFETY: a sender is told to deliver before its socket is closed.
                #[allow(unsafe_code)]
                let socket = unsafe { BorrowedFd::borrow_raw(chunk.sender.socket) };
                chunk.sender.answered(ring::send(socket, bytes(chunk)), bytes(chunk));
            }
            chunks => {
                let sends = chunks.iter().map(|chunk| (chunk.sender.socket, bytes(chunk)));
                self.ring.send_all(sends, &mut self.answers);
                for (chunk, answer) in chunks.iter().zip(&self.answers) {
                    chunk.sender.answered(*answer, bytes(chunk));
                }
            }
        }
        self.chunks.clear();
        self.bytes.clear();
    }
}
