//! How does a client that compresses see the same packets as any other?
//!
//! A connection around a connection, as TLS is: reading gives the packets that stand in the client's
//! frames, writing puts packets into frames. What reads and judges packets does not know of it, and
//! the server is never asked to compress (docs/adr/0020-mysql-compression.md).
//!
//! ```text
//! socket ─► raw ─► one frame at a time, inflated in pieces ─► the session's buffer
//! socket ◄─ left ◄─ one frame for each write ◄─────────────── the session's buffer
//! ```
//!
//! No frame is held whole on its way in, so what one inflates to costs nobody memory. Frames are numbered by both
//! peers in turns, so the next command is not read before the last is answered: it waits in the
//! socket and in `raw`. Many commands in one frame, which few bytes can make, are read one by one too.

mod deflate;
mod inflate;
#[cfg(test)]
mod tests;

use crate::buffer::Buffer;
use crate::stream::Stream;
use inflate::Incoming;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use wire_mysql::Violation;
use wire_mysql::compression::{self, Algorithm, HEADER_BYTES, Numbers, Packets, Turn};

/// Bytes that may wait while the client may not begin a command.
const AHEAD_MAX: usize = 16 * 1024;

/// Longest content of a frame of ours: what a thread compresses without a look at its other sessions.
const CONTENT_MAX: usize = 64 * 1024;

/// A client's connection, compressed from the OK on that grants its login.
#[derive(Debug)]
pub(crate) struct Compressed {
    stream: Stream,
    algorithm: Algorithm,
    numbers: Numbers,
    turn: Turn,
    /// Bytes of frames that were not looked at yet.
    raw: Buffer,
    /// The frame that is being read.
    incoming: Option<Incoming>,
    /// The packets in the client's frames.
    packets: Packets,
    /// The client will send no more; what it sent before is still being read.
    ended: bool,
    /// The packet that grants the login goes out as it is: how far it has come.
    granting: Option<Packets>,
    /// What the socket did not take.
    left: Vec<u8>,
}

impl Compressed {
    /// Begins behind the login; `received` is what the client sent ahead.
    pub(crate) fn new(stream: Stream, algorithm: Algorithm, received: &[u8]) -> Compressed {
        Compressed {
            stream,
            algorithm,
            numbers: Numbers::default(),
            turn: Turn::Command,
            raw: Buffer::holding(received),
            incoming: None,
            packets: Packets::default(),
            ended: false,
            granting: Some(Packets::default()),
            left: Vec::new(),
        }
    }

    /// The connection without its frames.
    pub(crate) fn inner(&self) -> &Stream {
        &self.stream
    }

    /// Says whose turn it is. `true` where that is another than before, so that a read that had to wait may go on.
    pub(crate) fn take_turn(&mut self, turn: Turn) -> bool {
        match turn {
            Turn::Command if self.is_between() => self.numbers.rest(),
            Turn::Continuation(number) if self.packets.are_whole() => self.packets.count_from(number),
            Turn::Command | Turn::Answer | Turn::Continuation(_) => {}
        }
        std::mem::replace(&mut self.turn, turn) != turn
    }

    /// Whether the next byte begins a frame and a message.
    fn is_between(&self) -> bool {
        self.incoming.is_none() && self.packets.are_whole()
    }

    /// Whether what comes next is a command that may not begin yet.
    fn holds(&self) -> bool {
        let goes_on = self.incoming.as_ref().is_some_and(|incoming| !incoming.has_content());
        self.turn == Turn::Answer && self.packets.are_whole() && !goes_on
    }

    /// Whether a frame can be begun, or goes on.
    fn has_more(&self) -> bool {
        self.incoming.is_some() || compression::header(self.raw.unjudged()).is_some()
    }

    /// Begins with the next frame, if its header has come.
    fn begin_frame(&mut self) -> io::Result<()> {
        let Some(header) = compression::header(self.raw.unjudged()) else { return Ok(()) };
        let begins = self.packets.are_whole() && !matches!(self.turn, Turn::Continuation(_));
        self.numbers.received(header.number, begins).map_err(broken)?;
        self.raw.skip(HEADER_BYTES);
        self.incoming = Some(Incoming::new(header, self.algorithm).map_err(broken)?);
        Ok(())
    }

    /// Goes on with the frame that is being read, up to the end of a message: the bytes that were written to
    /// `place`.
    fn inflate(&mut self, place: &mut [u8]) -> io::Result<usize> {
        let mut made = 0;
        while let Some(incoming) = &mut self.incoming {
            let most = self.packets.wanted().min(place.len() - made);
            if incoming.has_content() && (most == 0 || (made > 0 && self.packets.are_whole())) {
                break;
            }
            if self.packets.are_whole() && self.turn == Turn::Command {
                self.packets.count_from(0);
            }
            let piece = place.get_mut(made..made + most).unwrap_or_default();
            let (taken, len) = incoming.inflate(self.raw.unjudged(), piece).map_err(broken)?;
            self.raw.skip(taken);
            self.packets.next(piece.get_mut(..len).unwrap_or_default());
            made += len;
            if incoming.is_over() {
                self.incoming = None;
            } else if taken == 0 && len == 0 {
                break;
            }
        }
        Ok(made)
    }

    /// Reads more frames; `Ready(false)` when no more will come.
    fn poll_raw(&mut self, context: &mut Context<'_>) -> Poll<io::Result<bool>> {
        if self.ended {
            // What is there waits for its turn; what is only half there is nothing.
            return if self.holds() && self.has_more() { Poll::Pending } else { Poll::Ready(Ok(false)) };
        }
        if self.raw.unjudged().len() >= AHEAD_MAX {
            // Only a command that may not begin yet can leave so much: whoever says that it may looks again.
            return Poll::Pending;
        }
        self.ended = ready!(self.raw.poll_fill(Pin::new(&mut self.stream), context))? == 0;
        Poll::Ready(Ok(true))
    }

    fn poll_left(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut sent = 0;
        let outcome = loop {
            let Some(bytes) = self.left.get(sent..).filter(|bytes| !bytes.is_empty()) else {
                break Poll::Ready(Ok(()));
            };
            match Pin::new(&mut self.stream).poll_write(context, bytes) {
                Poll::Ready(Ok(0)) => break Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                Poll::Ready(Ok(len)) => sent += len,
                Poll::Ready(Err(error)) => break Poll::Ready(Err(error)),
                Poll::Pending => break Poll::Pending,
            }
        };
        if sent == self.left.len() {
            self.left = Vec::new();
        } else {
            self.left.drain(..sent);
        }
        outcome
    }

    /// The part of `bytes` that goes out as it is, because it grants the login.
    fn grant(&mut self, bytes: &[u8]) -> usize {
        let Some(packets) = &mut self.granting else { return 0 };
        let len = packets.next(&mut bytes.to_vec());
        if packets.are_whole() {
            self.granting = None;
        }
        self.left = bytes.get(..len).unwrap_or_default().to_vec();
        len
    }
}

/// What the client's frames did that they may not.
fn broken(violation: Violation) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, violation)
}

/// The violation in an error of a compressed connection.
pub(crate) fn violation(error: &io::Error) -> Option<&Violation> {
    error.get_ref().and_then(|inner| inner.downcast_ref())
}

impl AsyncRead for Compressed {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        loop {
            if !this.holds() {
                if this.incoming.is_none() {
                    this.begin_frame()?;
                }
                let made = this.inflate(buffer.initialize_unfilled())?;
                if made > 0 {
                    buffer.advance(made);
                    return Poll::Ready(Ok(()));
                }
                if this.incoming.is_none() && this.has_more() && !this.holds() {
                    continue;
                }
            }
            if !ready!(this.poll_raw(context))? {
                return Poll::Ready(Ok(()));
            }
        }
    }
}

impl AsyncWrite for Compressed {
    /// Puts `bytes` into one frame. They count as written: what the socket does not take of the frame is
    /// kept, and nothing more is taken before it has left.
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        ready!(this.poll_left(context))?;
        if bytes.is_empty() {
            return Poll::Ready(Ok(0));
        }
        let mut len = this.grant(bytes);
        if len == 0 {
            len = bytes.len().min(CONTENT_MAX);
            let content = bytes.get(..len).unwrap_or_default();
            deflate::frame(this.algorithm, this.numbers.send(), content, &mut this.left);
        }
        match this.poll_left(context) {
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Ready(Ok(())) | Poll::Pending => Poll::Ready(Ok(len)),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.poll_left(context))?;
        Pin::new(&mut this.stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.poll_left(context))?;
        Pin::new(&mut this.stream).poll_shutdown(context)
    }
}
