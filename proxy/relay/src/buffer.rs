//! How are bytes held between two sockets, so that an idle session holds none?
//!
//! ```text
//!  0       start        cleared            end          storage.len()
//!  |  sent  |  may be sent |  not yet judged |  free space  |
//! ```
//!
//! Storage comes from a pool of the thread and goes back when nothing is held.

use std::cell::RefCell;
use std::future::Future;
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf};

/// Size a buffer begins with: holds nearly every request and answer of everyday traffic.
const SMALL: usize = 16 * 1024;

/// Size a buffer grows to when a read fills it: fewer system calls on a stream. Larger ones leave a
/// processor's first cache and cost more than the calls they save.
const LARGE: usize = 32 * 1024;

/// Buffers of each size a thread keeps for the next session that needs one: as many as can be in
/// use at the same moment, and a few more. The rest goes back to the allocator.
const POOLED_MAX: usize = 8;

thread_local! {
    static POOL: RefCell<[Vec<Vec<u8>>; 2]> = const { RefCell::new([Vec::new(), Vec::new()]) };
}

fn take(size: usize) -> Vec<u8> {
    let pooled = POOL.with_borrow_mut(|[small, large]| if size == SMALL { small.pop() } else { large.pop() });
    pooled.unwrap_or_else(|| vec![0; size])
}

fn give_back(storage: Vec<u8>) {
    POOL.with_borrow_mut(|[small, large]| {
        let shelf = match storage.len() {
            SMALL => small,
            LARGE => large,
            // Grown for one large message: not kept.
            _ => return,
        };
        if shelf.len() < POOLED_MAX {
            shelf.push(storage);
        }
    });
}

/// The bytes of one direction of a session.
#[derive(Debug, Default)]
pub(crate) struct Buffer {
    // INVARIANT: start <= cleared <= end <= storage.len(); storage is empty only when all are 0.
    storage: Vec<u8>,
    start: usize,
    cleared: usize,
    end: usize,
    /// The last read filled everything there was, or brought as much as a small buffer holds: a
    /// stream is running.
    full: bool,
}

impl Buffer {
    /// A buffer that holds `bytes`, none of them cleared.
    pub(crate) fn holding(bytes: &[u8]) -> Buffer {
        let mut buffer = Buffer::default();
        if !bytes.is_empty() {
            buffer.reserve(bytes.len());
            if let Some(place) = buffer.storage.get_mut(..bytes.len()) {
                place.copy_from_slice(bytes);
                buffer.end = bytes.len();
            }
        }
        buffer
    }

    /// Bytes not yet judged.
    pub(crate) fn unjudged(&self) -> &[u8] {
        self.storage.get(self.cleared..self.end).unwrap_or_default()
    }

    /// Whether bytes wait to be sent.
    pub(crate) fn has_cleared(&self) -> bool {
        self.start < self.cleared
    }

    /// Whether nothing is held.
    pub(crate) fn is_empty(&self) -> bool {
        self.start == self.end
    }

    /// The next `len` unjudged bytes may be sent.
    pub(crate) fn clear(&mut self, len: usize) {
        self.cleared = (self.cleared + len).min(self.end);
    }

    /// The next `len` unjudged bytes were used: nothing is sent from this buffer.
    pub(crate) fn skip(&mut self, len: usize) {
        self.clear(len);
        self.start = self.cleared;
    }

    /// The next `len` unjudged bytes go; `bytes` may be sent in their place.
    pub(crate) fn replace(&mut self, len: usize, bytes: &[u8]) {
        let len = len.min(self.end - self.cleared);
        let tail = self.cleared + len;
        let grown = self.end - len + bytes.len();
        if grown > self.storage.len() {
            self.storage.resize(grown, 0);
        }
        self.storage.copy_within(tail..self.end, self.cleared + bytes.len());
        if let Some(place) = self.storage.get_mut(self.cleared..self.cleared + bytes.len()) {
            place.copy_from_slice(bytes);
        }
        self.end = grown;
        self.cleared += bytes.len();
    }

    /// Bytes it has taken beyond what any session may, for a message that has to be there whole.
    pub(crate) fn held(&self) -> usize {
        if self.storage.len() > LARGE { self.storage.len() } else { 0 }
    }

    /// Bytes that one more read would have it take beyond that.
    pub(crate) fn growth(&self) -> usize {
        let grows = self.storage.len() >= LARGE && self.start == 0 && self.end == self.storage.len();
        if grows { self.storage.len() * 2 - self.held() } else { 0 }
    }

    /// Makes room for one more read of at least `more` bytes.
    fn reserve(&mut self, more: usize) {
        if self.storage.is_empty() {
            let size = if self.full { LARGE } else { SMALL };
            self.storage = take(size);
        }
        if self.start > 0 && self.start == self.end {
            (self.start, self.cleared, self.end) = (0, 0, 0);
        }
        if self.storage.len() - self.end >= more {
            return;
        }
        if self.start > 0 {
            self.storage.copy_within(self.start..self.end, 0);
            self.cleared -= self.start;
            self.end -= self.start;
            self.start = 0;
        }
        if self.storage.len() - self.end < more {
            let size = (self.storage.len() * 2).max(self.end + more);
            let size = if size <= LARGE { LARGE } else { size };
            self.storage.resize(size, 0);
        }
    }

    /// Reads once. `Ready(Ok(0))` is the end of the stream. Holds no storage while nothing comes.
    pub(crate) fn poll_fill(
        &mut self,
        stream: Pin<&mut impl AsyncRead>,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        if self.full && self.is_empty() && self.storage.len() == SMALL {
            give_back(std::mem::take(&mut self.storage));
            (self.start, self.cleared, self.end) = (0, 0, 0);
        }
        self.reserve(1);
        let free = self.storage.get_mut(self.end..).unwrap_or_default();
        let room = free.len();
        let mut read = ReadBuf::new(free);
        let polled = stream.poll_read(context, &mut read);
        let len = read.filled().len();
        match polled {
            Poll::Ready(Ok(())) => {
                self.end += len;
                self.full = len == room || len >= SMALL;
                if len == 0 {
                    self.rest();
                }
                Poll::Ready(Ok(len))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => {
                self.rest();
                Poll::Pending
            }
        }
    }

    /// Writes what is cleared, as much as the stream takes. `Ready(Ok(true))` when all of it went.
    pub(crate) fn poll_drain(
        &mut self,
        mut stream: Pin<&mut impl AsyncWrite>,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        while let Some(bytes) = self.storage.get(self.start..self.cleared).filter(|bytes| !bytes.is_empty()) {
            match stream.as_mut().poll_write(context, bytes) {
                Poll::Ready(Ok(0)) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                Poll::Ready(Ok(len)) => self.start += len,
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => return Poll::Pending,
            }
        }
        Poll::Ready(Ok(()))
    }

    /// Gives the storage back when nothing is held.
    pub(crate) fn rest(&mut self) {
        if self.is_empty() && !self.storage.is_empty() {
            give_back(std::mem::take(&mut self.storage));
            (self.start, self.cleared, self.end) = (0, 0, 0);
        }
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        if !self.storage.is_empty() {
            give_back(std::mem::take(&mut self.storage));
        }
    }
}

/// Writes all of `bytes` and flushes. Not cancel safe.
pub(crate) async fn write_all(stream: &mut (impl AsyncWrite + Unpin), bytes: &[u8]) -> io::Result<()> {
    stream.write_all(bytes).await?;
    stream.flush().await
}

/// Flushes without waiting longer than this poll: TLS keeps what the socket did not take.
pub(crate) fn poll_flush(
    stream: &mut (impl AsyncWrite + Unpin),
    context: &mut Context<'_>,
) -> Poll<io::Result<()>> {
    pin!(stream.flush()).poll(context)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn unjudged(buffer: &Buffer) -> String {
        String::from_utf8(buffer.unjudged().to_vec()).unwrap()
    }

    fn sendable(buffer: &Buffer) -> String {
        String::from_utf8(buffer.storage[buffer.start..buffer.cleared].to_vec()).unwrap()
    }

    #[test]
    fn bytes_become_sendable_in_order() {
        let mut buffer = Buffer::holding(b"abcdef");
        buffer.clear(2);
        assert_eq!((sendable(&buffer).as_str(), unjudged(&buffer).as_str()), ("ab", "cdef"));
        buffer.clear(100);
        assert_eq!((sendable(&buffer).as_str(), unjudged(&buffer).as_str()), ("abcdef", ""));
    }

    #[test]
    fn a_replacement_stands_between_what_came_before_and_after() {
        for replacement in ["", "x", "xyz", "a much longer replacement"] {
            let mut buffer = Buffer::holding(b"before|refused|after");
            buffer.clear(7);
            buffer.replace(7, replacement.as_bytes());
            assert_eq!(sendable(&buffer), format!("before|{replacement}"));
            assert_eq!(unjudged(&buffer), "|after");
        }
    }

    #[test]
    fn an_empty_buffer_holds_no_storage() {
        let mut buffer = Buffer::holding(b"abc");
        buffer.clear(3);
        buffer.start = 3;
        buffer.rest();
        assert!(buffer.storage.is_empty());
    }
}
