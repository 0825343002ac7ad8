//! How does a collector of syslog messages get lines, and when does it have them?
//!
//! RFC 5424 over TLS, each message behind its length (RFC 5425, section 4.3.1):
//!
//! ```text
//! 712 <110>1 2026-11-21T17:00:00.000789Z host dragoman 4711 statement.intent [dragoman@32473 ledger="…" writer="…" seq="3"] {"v":1,…}
//! ```
//! The protocol has no acknowledgement. The kernel is told to end a connection whose other side has
//! acknowledged nothing for [`ACKNOWLEDGE_MAX`]; what was written longer ago than [`SETTLE`] on a connection that is
//! still there has arrived at the other machine. Only then it counts as taken.

use super::batch::{At, Batch, Line, plain};
use super::failure::{Failure, Kind};
use super::sink::Taken;
use super::{Content, CopySettings, paced};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use socket2::{SockRef, TcpKeepalive};
use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// Longest a connection and its handshake take.
const CONNECT_MAX: Duration = paced(Duration::from_secs(10), Duration::from_secs(4));
/// Longest a batch takes to be written.
const WRITE_MAX: Duration = Duration::from_secs(30);
/// Longest the other side may leave what it was sent without an acknowledgement of TCP.
const ACKNOWLEDGE_MAX: Duration = Duration::from_secs(5);
/// What was written longer ago has been acknowledged, or the connection is gone.
const SETTLE: Duration = paced(Duration::from_secs(6), Duration::from_millis(300));
/// Longest the end of a connection is waited for.
const FINISH_MAX: Duration = Duration::from_secs(1);
/// Batches that may be on their way; more wait until the oldest has settled.
const UNSETTLED_MAX: usize = 256;
/// When a connection that says nothing is asked whether it is still there.
const KEEPALIVE: Duration = Duration::from_secs(30);

/// Facility 13 (log audit), severity 6 (informational): 13 * 8 + 6.
const PRIORITY: u32 = 110;
/// The name of the structured data. 32473 is the enterprise number that is kept for documentation (RFC 5612): the
/// product has none of its own.
const DATA: &str = "dragoman@32473";
const HOST_NAME: &str = "/proc/sys/kernel/hostname";

/// A collector as a place.
#[derive(Debug)]
pub(super) struct Syslog {
    host: Box<str>,
    port: u16,
    tls: Option<Arc<ClientConfig>>,
    stream: Option<TlsStream<TcpStream>>,
    /// What was written and may not have arrived, oldest first.
    unsettled: VecDeque<Unsettled>,
    /// The name of this machine, as messages have it.
    machine: String,
}

#[derive(Debug)]
struct Unsettled {
    at: At,
    since_us: Option<u64>,
    written: Instant,
}

impl Syslog {
    pub(super) fn new(host: &str, port: u16, settings: &CopySettings) -> Syslog {
        let machine = std::fs::read_to_string(HOST_NAME).unwrap_or_default();
        Syslog {
            host: host.into(),
            port,
            tls: settings.tls.clone(),
            stream: None,
            unsettled: VecDeque::new(),
            machine: plain(machine.trim()).to_owned(),
        }
    }

    /// Writes a batch. Not cancel safe.
    pub(super) async fn send(
        &mut self,
        batch: &Batch,
        content: Content,
        ledger: &str,
    ) -> Result<(), Failure> {
        self.notice_end(Duration::ZERO).await?;
        if self.unsettled.len() >= UNSETTLED_MAX
            && let Some(oldest) = self.unsettled.front()
        {
            let left = (oldest.written + SETTLE).saturating_duration_since(Instant::now());
            self.notice_end(left).await?;
        }
        if self.stream.is_none() {
            self.stream = Some(self.connect().await?);
        }
        let frames = self.frames(batch, content, ledger);
        if let Some(stream) = &mut self.stream {
            let write = async {
                stream.write_all(&frames).await?;
                stream.flush().await
            };
            match timeout(WRITE_MAX, write).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => return Err(broken_off(&error)),
                Err(_) => return Err(Failure::new(Kind::Silent, "it does not take what it is sent")),
            }
        }
        let written = Instant::now();
        self.unsettled.push_back(Unsettled { at: batch.after.clone(), since_us: batch.since_us, written });
        Ok(())
    }

    /// What has settled since the last call.
    pub(super) fn taken(&mut self) -> Option<Taken> {
        let settled = self.unsettled.iter().take_while(|one| one.written.elapsed() >= SETTLE).count();
        let last = self.unsettled.drain(..settled).next_back()?;
        let left = self.unsettled.front().map(|next| next.since_us.unwrap_or_else(super::state::now_us));
        Some(Taken { at: last.at, left })
    }

    pub(super) fn is_settled(&self) -> bool {
        self.unsettled.is_empty()
    }

    /// Waits for as long, or until the connection ends. Cancel safe.
    pub(super) async fn rest(&mut self, pause: Duration) -> Result<(), Failure> {
        if self.stream.is_none() {
            tokio::time::sleep(pause).await;
            return Ok(());
        }
        self.notice_end(pause).await
    }

    pub(super) fn close(&mut self) {
        self.stream = None;
        self.unsettled.clear();
    }

    /// Says that this is the end. A collector that says the same has read everything before it.
    pub(super) async fn finish(&mut self) -> Option<Taken> {
        let last = self.unsettled.pop_back();
        let (Some(stream), Some(last)) = (&mut self.stream, last) else { return None };
        let goodbye = async {
            stream.shutdown().await?;
            // What it says meanwhile means nothing; a clean end does.
            let mut ignored = [0; 1024];
            while stream.read(&mut ignored).await? > 0 {}
            io::Result::Ok(())
        };
        let ended = timeout(FINISH_MAX, goodbye).await;
        self.close();
        matches!(ended, Ok(Ok(()))).then_some(Taken { at: last.at, left: None })
    }

    /// Waits for as long, and tells when the collector ends the connection. What else it says means nothing.
    async fn notice_end(&mut self, longest: Duration) -> Result<(), Failure> {
        let Some(stream) = &mut self.stream else { return Ok(()) };
        let listen = async {
            let mut ignored = [0; 1024];
            loop {
                match stream.read(&mut ignored).await {
                    Ok(0) => return Failure::new(Kind::BrokenOff, "it has ended the connection"),
                    Ok(_) => {}
                    Err(error) => return broken_off(&error),
                }
            }
        };
        match timeout(longest, listen).await {
            Ok(failure) => Err(failure),
            Err(_) => Ok(()),
        }
    }

    async fn connect(&self) -> Result<TlsStream<TcpStream>, Failure> {
        let Some(tls) = &self.tls else { return Err(Failure::new(Kind::Tls, "there is no TLS")) };
        let name = ServerName::try_from(self.host.to_string());
        let name = name.map_err(|error| Failure::new(Kind::Tls, error.to_string()))?;
        let connect = async {
            let stream = TcpStream::connect((&*self.host, self.port)).await;
            let stream = stream.map_err(|error| Failure::of_connection(&error, Kind::Away))?;
            let socket = SockRef::from(&stream);
            let watched = socket
                .set_tcp_user_timeout(Some(ACKNOWLEDGE_MAX))
                .and_then(|()| socket.set_tcp_keepalive(&TcpKeepalive::new().with_time(KEEPALIVE)));
            watched.map_err(|error| Failure::of_connection(&error, Kind::Away))?;
            let connector = TlsConnector::from(Arc::clone(tls));
            let shaken = connector.connect(name, stream).await;
            shaken.map_err(|error| Failure::of_connection(&error, Kind::BrokenOff))
        };
        let silent = |_| Failure::new(Kind::Silent, "it does not answer");
        timeout(CONNECT_MAX, connect).await.map_err(silent)?
    }

    /// The messages of a batch, each behind its length.
    fn frames(&self, batch: &Batch, content: Content, ledger: &str) -> Vec<u8> {
        let mut frames = Vec::with_capacity(batch.bytes.len() + batch.bytes.len() / 2);
        match content {
            Content::Records => {
                for line in batch.lines() {
                    self.frame(&mut frames, &Line::of(line), ledger, line);
                }
            }
            Content::Checkpoints => {
                let text = String::from_utf8_lossy(&batch.bytes);
                let time = text.lines().find_map(|line| line.strip_prefix("time ")).unwrap_or_default();
                let (event, writer) = ("checkpoint".into(), batch.after.writer.as_str().into());
                let line = Line { event, ts: time.into(), writer, seq: batch.after.seq, ..Line::default() };
                let message = serde_json::Value::from(&*text).to_string();
                self.frame(&mut frames, &line, ledger, message.as_bytes());
            }
        }
        frames
    }

    fn frame(&self, frames: &mut Vec<u8>, line: &Line<'_>, ledger: &str, message: &[u8]) {
        let time = if line.at_us().is_some() { &*line.ts } else { "-" };
        let event = plain(&line.event);
        let event = event.get(..32).unwrap_or(event);
        let head = format!(
            "<{PRIORITY}>1 {time} {} dragoman {} {event} [{DATA} ledger=\"{}\" writer=\"{}\" seq=\"{}\"] ",
            self.machine,
            std::process::id(),
            plain(ledger),
            plain(&line.writer),
            line.seq,
        );
        frames.extend_from_slice(format!("{} ", head.len() + message.len()).as_bytes());
        frames.extend_from_slice(head.as_bytes());
        frames.extend_from_slice(message);
    }
}

fn broken_off(error: &io::Error) -> Failure {
    Failure::of_connection(error, Kind::BrokenOff)
}
