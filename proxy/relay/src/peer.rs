//! How does one end of a session send, whatever kind of connection it is?

use crate::outbox::{self, Sender};
use crate::stream::Stream;
use std::io;
use std::os::fd::AsRawFd;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use wire_mysql::compression::Turn;

/// A connection whose short chunks leave together with those of other sessions, where that can be.
#[derive(Debug)]
pub(crate) struct Peer {
    stream: Stream,
    sender: Option<Rc<Sender>>,
}

impl Peer {
    pub(crate) fn new(stream: Stream) -> Peer {
        let socket = match &stream {
            Stream::Tcp(socket) => Some(socket.as_raw_fd()),
            Stream::Unix(socket) => Some(socket.as_raw_fd()),
            // Records and frames are made and sent by the stream itself.
            Stream::ClientTls(_)
            | Stream::UpstreamTls(_)
            | Stream::UpstreamUnixTls(_)
            | Stream::Compressed(_) => None,
        };
        Peer { stream, sender: socket.and_then(Sender::of) }
    }

    /// Whether bytes may wait inside for a flush: in records or frames, or such as the socket did not take.
    pub(crate) fn needs_flush(&self) -> bool {
        self.stream.holds_bytes() || self.is_behind()
    }

    /// Says whose turn it is, where the peer's frames are numbered by turns. `true` where a read may now find more.
    pub(crate) fn take_turn(&mut self, turn: impl FnOnce() -> Turn) -> bool {
        match &mut self.stream {
            Stream::Compressed(compressed) => compressed.take_turn(turn()),
            _ => false,
        }
    }

    /// Whether the socket did not take what was sent.
    pub(crate) fn is_behind(&self) -> bool {
        self.sender.as_ref().is_some_and(|sender| sender.is_behind())
    }

    /// What waits because the socket did not take it goes first.
    fn poll_refused(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Some(sender) = &self.sender else { return Poll::Ready(Ok(())) };
        if !sender.is_behind() {
            return Poll::Ready(Ok(()));
        }
        if let Some(error) = sender.take_error() {
            return Poll::Ready(Err(error));
        }
        let stream = &mut self.stream;
        sender.poll_refused(|bytes| Pin::new(&mut *stream).poll_write(context, bytes))
    }
}

impl AsyncRead for Peer {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Peer {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let peer = self.get_mut();
        ready!(peer.poll_refused(context))?;
        if let Some(sender) = &peer.sender {
            if sender.put(bytes, context) {
                return Poll::Ready(Ok(bytes.len()));
            }
            ready!(peer.poll_refused(context))?;
        } else {
            outbox::called(bytes.len());
        }
        Pin::new(&mut peer.stream).poll_write(context, bytes)
    }

    /// Ready when nothing was refused: what lies in the outbox leaves with this turn.
    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let peer = self.get_mut();
        ready!(peer.poll_refused(context))?;
        Pin::new(&mut peer.stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let peer = self.get_mut();
        if let Some(sender) = &peer.sender {
            sender.deliver();
        }
        ready!(peer.poll_refused(context))?;
        Pin::new(&mut peer.stream).poll_shutdown(context)
    }
}

impl Drop for Peer {
    /// Before the socket's number can become another's.
    fn drop(&mut self) {
        if let Some(sender) = &self.sender {
            sender.deliver();
        }
    }
}
