//! How does a TLS handshake travel in packets of SQL Server?
//!
//! Until it is over each flight of it is the payload of a PRELOGIN packet, in both directions; what follows is TLS
//! with nothing around it (MS-TDS 2.2.6.5, "TLS/SSL handshake").

use super::{HEADER_BYTES, PRELOGIN, broken, header};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// Longest packet before another size is agreed on.
const PAYLOAD_BYTES_MAX: usize = 4096 - HEADER_BYTES;

/// The socket, with packets around everything until the handshake is over.
pub(super) struct Handshake {
    socket: TcpStream,
    over: bool,
    /// What is known of the header of the packet that comes in.
    header: Vec<u8>,
    /// How much of its payload is still to come.
    payload: usize,
    /// What is to be sent, without packets.
    flight: Vec<u8>,
    /// What is being sent, with packets.
    sending: Vec<u8>,
}

impl Handshake {
    pub(super) fn new(socket: TcpStream) -> Handshake {
        let (header, flight, sending) = (Vec::new(), Vec::new(), Vec::new());
        Handshake { socket, over: false, header, payload: 0, flight, sending }
    }

    /// From here on nothing is put around.
    pub(super) fn ends(&mut self) {
        self.over = true;
    }

    fn poll_header(&mut self, context: &mut Context<'_>) -> Poll<io::Result<bool>> {
        while self.header.len() < HEADER_BYTES {
            let mut bytes = [0_u8; HEADER_BYTES];
            let missing = HEADER_BYTES.saturating_sub(self.header.len());
            let mut buffer = ReadBuf::new(bytes.get_mut(..missing).unwrap_or_default());
            ready!(Pin::new(&mut self.socket).poll_read(context, &mut buffer))?;
            if buffer.filled().is_empty() {
                return Poll::Ready(Ok(false));
            }
            self.header.extend_from_slice(buffer.filled());
        }
        let length = match *self.header {
            [PRELOGIN, _, high, low, ..] => usize::from(u16::from_be_bytes([high, low])),
            _ => 0,
        };
        self.header.clear();
        match length.checked_sub(HEADER_BYTES) {
            Some(payload) => {
                self.payload = payload;
                Poll::Ready(Ok(true))
            }
            None => Poll::Ready(Err(broken())),
        }
    }

    /// Sends the flight that was written.
    fn poll_send(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.sending.is_empty() && !self.flight.is_empty() {
            let flight = std::mem::take(&mut self.flight);
            let packets = flight.chunks(PAYLOAD_BYTES_MAX);
            let last = packets.len().saturating_sub(1);
            for (at, payload) in packets.enumerate() {
                let mut bytes = header(PRELOGIN, payload.len());
                if let (true, Some(status)) = (at < last, bytes.get_mut(1)) {
                    *status = 0;
                }
                self.sending.extend_from_slice(&bytes);
                self.sending.extend_from_slice(payload);
            }
        }
        while !self.sending.is_empty() {
            let sent = ready!(Pin::new(&mut self.socket).poll_write(context, &self.sending))?;
            if sent == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.sending.drain(..sent);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncRead for Handshake {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if this.over {
            return Pin::new(&mut this.socket).poll_read(context, buffer);
        }
        while this.payload == 0 {
            if !ready!(this.poll_header(context))? {
                return Poll::Ready(Ok(()));
            }
        }
        let mut part = buffer.take(this.payload);
        ready!(Pin::new(&mut this.socket).poll_read(context, &mut part))?;
        let count = part.filled().len();
        // The part is the beginning of what is free in the buffer, and so much of it was filled just now.
        let filled = part.filled().to_vec();
        buffer.put_slice(&filled);
        this.payload = this.payload.saturating_sub(count);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Handshake {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.over {
            return Pin::new(&mut self.socket).poll_write(context, bytes);
        }
        self.flight.extend_from_slice(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        ready!(this.poll_send(context))?;
        Pin::new(&mut this.socket).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(context)
    }
}
