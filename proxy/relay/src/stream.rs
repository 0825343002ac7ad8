//! What kinds of connection can one end of a session be?

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpStream, UnixStream};

/// A connection to a client or an upstream, in plaintext or TLS.
#[derive(Debug)]
pub(crate) enum Stream {
    Tcp(TcpStream),
    Unix(UnixStream),
    /// The client's end, with the gateway as TLS server.
    ClientTls(Box<tokio_rustls::server::TlsStream<TcpStream>>),
    /// The upstream's end, with the gateway as TLS client.
    UpstreamTls(Box<tokio_rustls::client::TlsStream<TcpStream>>),
    UpstreamUnixTls(Box<tokio_rustls::client::TlsStream<UnixStream>>),
}

impl Stream {
    /// Whether bytes are encrypted, and so may wait inside the TLS session for a flush.
    pub(crate) fn is_tls(&self) -> bool {
        match self {
            Stream::Tcp(_) | Stream::Unix(_) => false,
            Stream::ClientTls(_) | Stream::UpstreamTls(_) | Stream::UpstreamUnixTls(_) => true,
        }
    }

    /// The certificate the upstream showed (DER).
    pub(crate) fn peer_certificate(&self) -> Option<&[u8]> {
        let certificates = match self {
            Stream::Tcp(_) | Stream::Unix(_) => None,
            Stream::ClientTls(stream) => stream.get_ref().1.peer_certificates(),
            Stream::UpstreamTls(stream) => stream.get_ref().1.peer_certificates(),
            Stream::UpstreamUnixTls(stream) => stream.get_ref().1.peer_certificates(),
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
        }
    };
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        each!(self, inner => Pin::new(inner).poll_read(context, buffer))
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        each!(self, inner => Pin::new(inner).poll_write(context, bytes))
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        each!(self, inner => Pin::new(inner).poll_flush(context))
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        each!(self, inner => Pin::new(inner).poll_shutdown(context))
    }
}
