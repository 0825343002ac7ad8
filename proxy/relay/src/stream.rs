//! What kinds of connection can one end of a session be?

use crate::compressed::Compressed;
use rustix::net::{RecvFlags, SendFlags, recv, send};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};
use tokio::net::{TcpStream, UnixStream};

/// A connection to a client or an upstream: in plaintext, in TLS, in compressed frames.
#[derive(Debug)]
pub(crate) enum Stream {
    Tcp(TcpStream),
    Unix(UnixStream),
    /// The client's end, with the gateway as TLS server.
    ClientTls(Box<tokio_rustls::server::TlsStream<TcpStream>>),
    /// The upstream's end, with the gateway as TLS client.
    UpstreamTls(Box<tokio_rustls::client::TlsStream<TcpStream>>),
    UpstreamUnixTls(Box<tokio_rustls::client::TlsStream<UnixStream>>),
    /// The client's end, with packets in compressed frames (MySQL).
    Compressed(Box<Compressed>),
}

impl Stream {
    /// Whether bytes are encrypted.
    pub(crate) fn is_tls(&self) -> bool {
        match self {
            Stream::Tcp(_) | Stream::Unix(_) => false,
            Stream::ClientTls(_) | Stream::UpstreamTls(_) | Stream::UpstreamUnixTls(_) => true,
            Stream::Compressed(compressed) => compressed.inner().is_tls(),
        }
    }

    /// Whether bytes that were written may wait inside, in a TLS session or a frame, for a flush.
    pub(crate) fn holds_bytes(&self) -> bool {
        self.is_tls() || matches!(self, Stream::Compressed(_))
    }

    /// The certificate the upstream showed (DER).
    pub(crate) fn peer_certificate(&self) -> Option<&[u8]> {
        let certificates = match self {
            Stream::Tcp(_) | Stream::Unix(_) => None,
            Stream::ClientTls(stream) => stream.get_ref().1.peer_certificates(),
            Stream::UpstreamTls(stream) => stream.get_ref().1.peer_certificates(),
            Stream::UpstreamUnixTls(stream) => stream.get_ref().1.peer_certificates(),
            Stream::Compressed(compressed) => return compressed.inner().peer_certificate(),
        };
        certificates.and_then(|chain| chain.first()).map(|certificate| certificate.as_ref())
    }

    /// The TLS version in the ledger's words.
    pub(crate) fn tls_version(&self) -> Option<&'static str> {
        let version = match self {
            Stream::Tcp(_) | Stream::Unix(_) => None,
            Stream::ClientTls(stream) => stream.get_ref().1.protocol_version(),
            Stream::UpstreamTls(stream) => stream.get_ref().1.protocol_version(),
            Stream::UpstreamUnixTls(stream) => stream.get_ref().1.protocol_version(),
            Stream::Compressed(compressed) => return compressed.inner().tls_version(),
        };
        version.map(|version| match version {
            rustls::ProtocolVersion::TLSv1_2 => "TLSv1.2",
            rustls::ProtocolVersion::TLSv1_3 => "TLSv1.3",
            _ => "TLS",
        })
    }
}

macro_rules! each {
    ($stream:expr, $inner:ident => $call:expr) => {
        match $stream.get_mut() {
            Stream::Tcp($inner) => $call,
            Stream::Unix($inner) => $call,
            Stream::ClientTls($inner) => $call,
            Stream::UpstreamTls($inner) => $call,
            Stream::UpstreamUnixTls($inner) => $call,
            Stream::Compressed($inner) => $call,
        }
    };
}

/// Reads from a socket of the runtime without the C library: its `recv` is a point where a thread
/// may be cancelled, which costs two atomic instructions a call and is of no use here. A read that
/// does not fill the buffer has taken all there was, so the next look needs no system call.
macro_rules! read {
    ($socket:expr, $context:expr, $buffer:expr) => {{
        let socket = &*$socket;
        loop {
            ready!(socket.poll_read_ready($context))?;
            let free = $buffer.initialize_unfilled();
            let room = free.len();
            let mut last = None;
            let read =
                socket.try_io(Interest::READABLE, || match recv(socket, &mut *free, RecvFlags::empty()) {
                    Ok((len, _)) if 0 < len && len < room => {
                        last = Some(len);
                        Err(io::ErrorKind::WouldBlock.into())
                    }
                    Ok((len, _)) => Ok(len),
                    Err(error) => Err(error.into()),
                });
            match (last, read) {
                (Some(len), _) | (None, Ok(len)) => {
                    $buffer.advance(len);
                    break Poll::Ready(Ok(()));
                }
                (None, Err(error)) if is_for_now(&error) => {}
                (None, Err(error)) => break Poll::Ready(Err(error)),
            }
        }
    }};
}

/// The same for writing.
macro_rules! write {
    ($socket:expr, $context:expr, $bytes:expr) => {{
        let socket = &*$socket;
        loop {
            ready!(socket.poll_write_ready($context))?;
            let mut part = None;
            let written =
                socket.try_io(Interest::WRITABLE, || match send(socket, $bytes, SendFlags::NOSIGNAL) {
                    Ok(len) if 0 < len && len < $bytes.len() => {
                        part = Some(len);
                        Err(io::ErrorKind::WouldBlock.into())
                    }
                    Ok(len) => Ok(len),
                    Err(error) => Err(error.into()),
                });
            match (part, written) {
                (Some(len), _) | (None, Ok(len)) => break Poll::Ready(Ok(len)),
                (None, Err(error)) if is_for_now(&error) => {}
                (None, Err(error)) => break Poll::Ready(Err(error)),
            }
        }
    }};
}

fn is_for_now(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted)
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Stream::Tcp(socket) => read!(socket, context, buffer),
            Stream::Unix(socket) => read!(socket, context, buffer),
            Stream::ClientTls(stream) => Pin::new(stream).poll_read(context, buffer),
            Stream::UpstreamTls(stream) => Pin::new(stream).poll_read(context, buffer),
            Stream::UpstreamUnixTls(stream) => Pin::new(stream).poll_read(context, buffer),
            Stream::Compressed(stream) => Pin::new(stream).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Stream::Tcp(socket) => write!(socket, context, bytes),
            Stream::Unix(socket) => write!(socket, context, bytes),
            Stream::ClientTls(stream) => Pin::new(stream).poll_write(context, bytes),
            Stream::UpstreamTls(stream) => Pin::new(stream).poll_write(context, bytes),
            Stream::UpstreamUnixTls(stream) => Pin::new(stream).poll_write(context, bytes),
            Stream::Compressed(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        each!(self, inner => Pin::new(inner).poll_flush(context))
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        each!(self, inner => Pin::new(inner).poll_shutdown(context))
    }
}
