//! How is a connection to SQL Server encrypted by our own rules, and stopped from outside?
//!
//! The driver has a TLS of its own that knows none of the modes people expect. So it is given one end of a pipe
//! and speaks in the clear; here the first question is asked, TLS is agreed on, and whole packets are passed on:
//!
//! ```text
//! driver                  here                          server
//!                              ──> PRELOGIN, asks for TLS
//!                              <── PRELOGIN, what is offered
//!                              <─> TLS handshake, in packets of PRELOGIN; TLS from there on
//!  PRELOGIN ──>
//!           <── the answer above
//!           <─────────────────────────────────────────>
//!                              ──> ATTENTION, between two packets
//! ```
//!
//! A packet begins with eight bytes: type, status (1: the message's last), length with them (two bytes, the
//! high one first), and four that do not matter here (MS-TDS 2.2.3).

mod handshake;

use crate::error::{EngineError, ErrorClass, from_io};
use crate::target::{Kind, Target, TlsMode};
use crate::{socket, tls};
use handshake::Handshake;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;

/// The driver's end.
pub(crate) type Wire = DuplexStream;

/// Bytes between the driver and the relay.
const PIPE_BYTES: usize = 64 * 1024;
/// Longest message of the first exchange.
const PRELOGIN_BYTES_MAX: usize = 4096;
/// Most bytes that come in without a row being finished: one row, and what stands before it.
const ROW_BYTES_MAX: u64 = 64 * 1024 * 1024;
const HEADER_BYTES: usize = 8;
const LAST: u8 = 1;
const ATTENTION: u8 = 6;
const TABULAR: u8 = 4;
const PRELOGIN: u8 = 18;

/// What PRELOGIN's byte of encryption says.
const ENCRYPT_ON: u8 = 1;
const ENCRYPT_NOT_SUPPORTED: u8 = 2;
const ENCRYPT_REQUIRED: u8 = 3;

/// What is known of the wire besides what the driver sees.
pub(super) struct Link {
    shared: Arc<Shared>,
    encrypted: bool,
}

#[derive(Default, Debug)]
struct Shared {
    attention: Notify,
    stopped: AtomicBool,
    /// Bytes since the last row.
    received: AtomicU64,
    too_large: AtomicBool,
}

/// Asks the server to stop what it does. The session is not used any more after it: whether the server's
/// answer to that comes before or behind the statement's own end cannot be told.
#[derive(Clone, Debug)]
pub(super) struct Stop {
    shared: Arc<Shared>,
}

impl Stop {
    pub(super) fn now(&self) {
        self.shared.stopped.store(true, Ordering::Release);
        self.shared.attention.notify_one();
    }
}

impl Link {
    pub(super) fn stop(&self) -> Stop {
        Stop { shared: Arc::clone(&self.shared) }
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.shared.stopped.load(Ordering::Acquire)
    }

    pub(super) fn is_encrypted(&self) -> bool {
        self.encrypted
    }

    /// A statement or a row begins: what may come in is counted from here.
    pub(super) fn begin(&self) {
        self.shared.received.store(0, Ordering::Relaxed);
    }

    /// Whether a row was larger than is taken in.
    pub(super) fn is_too_large(&self) -> bool {
        self.shared.too_large.load(Ordering::Acquire)
    }
}

/// Asks the first question, agrees on TLS, and passes packets on from then.
pub(super) async fn open(target: &Target, mut stream: TcpStream) -> Result<(Wire, Link), EngineError> {
    let place = target.place.to_string();
    let failed = |error: io::Error| prelogin_error(&place, &error);
    let wanted = if target.tls.mode == TlsMode::Disable { ENCRYPT_NOT_SUPPORTED } else { ENCRYPT_ON };
    let config = tls::client_config(Kind::SqlServer, &target.tls)?;
    stream.write_all(&question(wanted)).await.map_err(failed)?;
    let answer = read_message(&mut stream, TABULAR).await.map_err(failed)?;
    let offered = encryption_of(&answer).ok_or_else(|| prelogin_error(&place, &broken()))?;
    let shared = Arc::new(Shared::default());
    let (wire, ours) = tokio::io::duplex(PIPE_BYTES);
    let refuse = |message: &str| Err(EngineError::new(ErrorClass::Tls, Kind::SqlServer, message));
    let encrypted = matches!(offered, ENCRYPT_ON | ENCRYPT_REQUIRED);
    match config {
        None if encrypted => return refuse("the server insists on an encrypted connection"),
        Some(config) if encrypted => {
            let (host, _) = socket::host_of(target)?;
            let Ok(name) = ServerName::try_from(host.to_owned()) else {
                return refuse("the host is no name that a certificate can have");
            };
            let connecting = TlsConnector::from(Arc::new(config)).connect(name, Handshake::new(stream));
            let mut server = connecting.await.map_err(failed)?;
            server.get_mut().0.ends();
            tokio::spawn(relay(ours, server, answer, Arc::clone(&shared)));
        }
        Some(_) if target.tls.mode != TlsMode::Prefer => {
            return refuse("the server does not offer an encrypted connection");
        }
        None | Some(_) => {
            tokio::spawn(relay(ours, stream, answer, Arc::clone(&shared)));
        }
    }
    Ok((wire, Link { shared, encrypted }))
}

fn broken() -> io::Error {
    io::ErrorKind::InvalidData.into()
}

fn prelogin_error(place: &str, error: &io::Error) -> EngineError {
    match error.kind() {
        io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof if error.get_ref().is_none() => {
            let message = format!("what answers at `{place}` does not speak the protocol of sqlserver");
            EngineError::new(ErrorClass::Protocol, Kind::SqlServer, message)
        }
        _ => from_io(Kind::SqlServer, place, error),
    }
}

/// PRELOGIN (MS-TDS 2.2.6.5): for each option its number, the place and the length of its bytes; 255; the bytes.
fn question(encryption: u8) -> Vec<u8> {
    const VERSION_AT: u8 = 11;
    let payload = [0, 0, VERSION_AT, 0, 6, 1, 0, VERSION_AT + 6, 0, 1, 255, 0, 0, 0, 0, 0, 0, encryption];
    let mut bytes = header(PRELOGIN, payload.len());
    bytes.extend_from_slice(&payload);
    bytes
}

/// The header of a message that is one packet.
fn header(kind: u8, payload: usize) -> Vec<u8> {
    let length = u16::try_from(payload.saturating_add(HEADER_BYTES)).unwrap_or(u16::MAX);
    let [high, low] = length.to_be_bytes();
    vec![kind, LAST, high, low, 0, 0, 0, 0]
}

/// The byte of encryption of an answer.
fn encryption_of(payload: &[u8]) -> Option<u8> {
    for option in payload.chunks(5) {
        match *option {
            [1, high, low, ..] => return payload.get(usize::from(u16::from_be_bytes([high, low]))).copied(),
            [255, ..] => return None,
            _ => {}
        }
    }
    None
}

/// One packet with its header, and whether it is its message's last.
async fn read_packet(from: &mut (impl AsyncRead + Unpin), first: u8) -> io::Result<(Vec<u8>, bool)> {
    let mut rest = [0_u8; HEADER_BYTES - 1];
    from.read_exact(&mut rest).await?;
    let [status, high, low, ..] = rest;
    let length = usize::from(u16::from_be_bytes([high, low]));
    let Some(payload) = length.checked_sub(HEADER_BYTES) else { return Err(broken()) };
    let mut packet = Vec::with_capacity(length);
    packet.push(first);
    packet.extend_from_slice(&rest);
    packet.resize(HEADER_BYTES.saturating_add(payload), 0);
    from.read_exact(packet.get_mut(HEADER_BYTES..).unwrap_or_default()).await?;
    Ok((packet, status & LAST != 0))
}

/// The payload of a short message of that kind.
async fn read_message(from: &mut (impl AsyncRead + Unpin), kind: u8) -> io::Result<Vec<u8>> {
    let mut payload = Vec::new();
    loop {
        let first = from.read_u8().await?;
        if first != kind {
            return Err(broken());
        }
        let (packet, is_last) = read_packet(from, first).await?;
        payload.extend_from_slice(packet.get(HEADER_BYTES..).unwrap_or_default());
        if payload.len() > PRELOGIN_BYTES_MAX {
            return Err(broken());
        }
        if is_last {
            return Ok(payload);
        }
    }
}

/// Passes everything on until one side ends. The driver reads that as the connection's end.
async fn relay<S>(mut driver: DuplexStream, server: S, answer: Vec<u8>, shared: Arc<Shared>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let greeted = async {
        read_message(&mut driver, PRELOGIN).await?;
        let mut bytes = header(TABULAR, answer.len());
        bytes.extend_from_slice(&answer);
        driver.write_all(&bytes).await
    };
    if greeted.await.is_err() {
        return;
    }
    let (from_driver, to_driver) = tokio::io::split(driver);
    let (from_server, to_server) = tokio::io::split(server);
    tokio::select! {
        _ = upwards(from_driver, to_server, &shared) => {}
        _ = downwards(from_server, to_driver, &shared) => {}
    }
}

/// What the driver says, packet by packet, so that an attention never falls into one.
async fn upwards(
    mut driver: impl AsyncRead + Unpin,
    mut server: impl AsyncWrite + Unpin,
    shared: &Shared,
) -> io::Result<()> {
    let mut between_messages = true;
    let mut asked = false;
    loop {
        let mut first = [0_u8; 1];
        let count = tokio::select! {
            biased;
            () = shared.attention.notified() => {
                asked = true;
                0
            }
            count = driver.read(&mut first) => match count? {
                0 => return Ok(()),
                count => count,
            },
        };
        if count > 0 {
            let [first] = first;
            let (packet, is_last) = read_packet(&mut driver, first).await?;
            server.write_all(&packet).await?;
            server.flush().await?;
            between_messages = is_last;
        }
        if asked && between_messages {
            asked = false;
            server.write_all(&header(ATTENTION, 0)).await?;
            server.flush().await?;
        }
    }
}

async fn downwards(
    mut server: impl AsyncRead + Unpin,
    mut driver: impl AsyncWrite + Unpin,
    shared: &Shared,
) -> io::Result<()> {
    let mut buffer = vec![0_u8; PIPE_BYTES];
    loop {
        let count = server.read(&mut buffer).await?;
        if count == 0 {
            return Ok(());
        }
        let count_u64 = u64::try_from(count).unwrap_or(u64::MAX);
        let before = shared.received.fetch_add(count_u64, Ordering::Relaxed);
        if before.saturating_add(count_u64) > ROW_BYTES_MAX {
            shared.too_large.store(true, Ordering::Release);
            return Ok(());
        }
        driver.write_all(buffer.get(..count).unwrap_or_default()).await?;
    }
}
