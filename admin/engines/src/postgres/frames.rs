//! How large may one message of a PostgreSQL server be?
//!
//! The driver holds a message as a whole before anybody sees it, and a single value may have a gigabyte. So
//! the heads of the messages are looked at as they come, behind TLS where there is any, and one that is too
//! large ends the session before it is in memory.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::tls::{ChannelBinding, TlsConnect, TlsStream};

/// Largest message: a row is one.
const MESSAGE_BYTES_MAX: usize = 64 * 1024 * 1024;
/// A message's type and length.
const HEAD_BYTES: usize = 5;

/// A message that is larger than is taken in.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("a message of {bytes} bytes is larger than is taken in")]
pub(crate) struct TooLarge {
    bytes: usize,
    /// Whether it is a row; anything else as large is no message of a server.
    pub(crate) is_row: bool,
}

/// A stream of messages whose sizes are looked at.
pub(super) struct Framed<S> {
    stream: S,
    place: Place,
}

/// What the next byte is.
#[derive(Clone, Copy, Debug)]
enum Place {
    /// The server's answer to whether it speaks TLS.
    Answer,
    /// One of a head.
    Head { bytes: [u8; HEAD_BYTES], read: usize },
    /// One of a body.
    Body { left: usize },
}

const START: Place = Place::Head { bytes: [0; HEAD_BYTES], read: 0 };

impl<S> Framed<S> {
    /// Messages from the first byte on.
    pub(super) fn new(stream: S) -> Framed<S> {
        Framed { stream, place: START }
    }

    /// The same behind the server's answer to whether it speaks TLS.
    pub(super) fn after_answer(stream: S) -> Framed<S> {
        Framed { stream, place: Place::Answer }
    }
}

/// The place behind `bytes`.
fn follow(mut place: Place, mut bytes: &[u8]) -> Result<Place, TooLarge> {
    while let Some((first, rest)) = bytes.split_first() {
        place = match place {
            Place::Answer => START,
            Place::Body { left } if left > bytes.len() => {
                return Ok(Place::Body { left: left - bytes.len() });
            }
            Place::Body { left } => {
                bytes = bytes.get(left..).unwrap_or_default();
                place = START;
                continue;
            }
            Place::Head { bytes: mut head, read } => {
                if let Some(byte) = head.get_mut(read) {
                    *byte = *first;
                }
                after_head(head, read + 1)?
            }
        };
        bytes = rest;
    }
    Ok(place)
}

fn after_head(bytes: [u8; HEAD_BYTES], read: usize) -> Result<Place, TooLarge> {
    if read < HEAD_BYTES {
        return Ok(Place::Head { bytes, read });
    }
    let [kind, a, b, c, d] = bytes;
    // The length counts itself and not the type. One that is too short is for the driver to tell.
    let length = usize::try_from(u32::from_be_bytes([a, b, c, d])).unwrap_or(usize::MAX);
    if length > MESSAGE_BYTES_MAX {
        return Err(TooLarge { bytes: length, is_row: kind == b'D' });
    }
    match length.saturating_sub(HEAD_BYTES - 1) {
        0 => Ok(START),
        left => Ok(Place::Body { left }),
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Framed<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        let come = buffer.filled().get(before..).unwrap_or_default();
        self.place = follow(self.place, come).map_err(io::Error::other)?;
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Framed<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

impl<S: TlsStream + Unpin> TlsStream for Framed<S> {
    fn channel_binding(&self) -> ChannelBinding {
        self.stream.channel_binding()
    }
}

/// TLS whose messages are looked at behind it.
pub(super) struct Connector<T>(pub(super) T);

impl<S, T> TlsConnect<Framed<S>> for Connector<T>
where
    T: TlsConnect<S>,
    T::Future: Send + 'static,
    T::Stream: 'static,
{
    type Stream = Framed<T::Stream>;
    type Error = T::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Framed<T::Stream>, T::Error>> + Send>>;

    fn connect(self, framed: Framed<S>) -> Self::Future {
        let connecting = self.0.connect(framed.stream);
        Box::pin(async move { connecting.await.map(Framed::new) })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;

    fn message(kind: u8, body: usize) -> Vec<u8> {
        let length = u32::try_from(body + 4).unwrap();
        [vec![kind], length.to_be_bytes().to_vec(), vec![b'D'; body]].concat()
    }

    #[test]
    fn heads_are_found_however_the_bytes_come() {
        let mut bytes = vec![b'N'];
        for body in [0, 1, 4, 5, 300] {
            bytes.extend(message(b'D', body));
        }
        let too_large =
            [b"D".as_slice(), u32::try_from(MESSAGE_BYTES_MAX + 1).unwrap().to_be_bytes().as_slice()]
                .concat();
        for step in 1..bytes.len() {
            let mut place = Place::Answer;
            for part in bytes.chunks(step) {
                place = follow(place, part).unwrap();
            }
            assert!(matches!(place, Place::Head { read: 0, .. }), "{step}: {place:?}");
            place = follow(place, &too_large[..4]).unwrap();
            assert_eq!(follow(place, &too_large[4..]).unwrap_err().bytes, MESSAGE_BYTES_MAX + 1);
        }
        assert!(follow(START, &message(b'D', 0)[..4]).is_ok());
        assert!(follow(START, &[b'D', 0xff, 0xff, 0xff, 0xff]).is_err());
        assert!(follow(START, &[b'D', 0, 0, 0, 0, b'D', 0xff, 0xff, 0xff, 0xff]).is_err());
    }
}
