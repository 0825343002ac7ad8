//! What does every opening of a connection have at hand, whatever the protocol?
//!
//! How a login goes is the protocol's own: see `startup_postgres` and `startup_mysql`. Both end in the
//! same [`Granted`].

use crate::buffer::write_all;
use crate::circumstances::Brought;
use crate::fault::Fault;
use crate::listener::{Crowded, Listener, Place};
use crate::pump::Ends;
use crate::scope::Wire;
use crate::settings::ListenerSettings;
use crate::stream::Stream;
use exchange::{Address, Principal, Protocol, Refusal, TlsFacts};
use rustls::ServerConfig;
use std::io;
use std::sync::Arc;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;
use wire_mysql::refusal::Moment;
use wire_postgres::refusal::Severity;

/// A login the upstream granted.
pub(crate) struct Granted {
    pub(crate) ends: Ends,
    pub(crate) wire: Wire,
    pub(crate) principal: Principal,
    /// How the session was made read-only, if it was.
    pub(crate) guarded_by: Option<Guard>,
    /// What its own settings decide.
    pub(crate) brought: Brought,
}

/// How a session was made read-only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Guard {
    /// By the startup packet: whatever resets the settings returns to it.
    Startup,
    /// By a statement of the gateway's own, because the upstream takes no such setting at login: what
    /// resets the settings would undo it.
    Statement,
}

/// What an opening led to.
pub(crate) enum Opened {
    /// A session.
    Session(Box<Granted>),
    /// A request to cancel: process id and key (PostgreSQL).
    Cancel(u32, Box<[u8]>),
}

/// A connection that is being opened.
pub(crate) struct Opening<'a> {
    pub(crate) listener: &'a Listener,
    pub(crate) settings: &'a ListenerSettings,
    pub(crate) address: Address,
    /// The client's end: plaintext first, then perhaps TLS. `None` only inside a handshake.
    pub(crate) client: Option<Stream>,
    /// Who wants in, once known.
    pub(crate) principal: Option<Principal>,
    /// Bytes of the client that were not used yet.
    pub(crate) received: Vec<u8>,
    received_total: usize,
    /// Under what an error would go to the client now (MySQL).
    pub(crate) moment: (Moment, u8),
}

impl<'a> Opening<'a> {
    pub(crate) fn new(
        listener: &'a Listener,
        settings: &'a ListenerSettings,
        address: Address,
        socket: TcpStream,
    ) -> Opening<'a> {
        Opening {
            listener,
            settings,
            address,
            client: Some(Stream::Tcp(socket)),
            principal: None,
            received: Vec::new(),
            received_total: 0,
            moment: (Moment::Greeting, 0),
        }
    }

    /// Goes all the way. Not cancel safe.
    pub(crate) async fn run(&mut self, place: &mut Result<Place, Crowded>) -> Result<Opened, Fault> {
        match self.settings.protocol {
            Protocol::Postgres => self.run_postgres(place).await,
            Protocol::Mysql => self.run_mysql(place).await,
        }
    }

    /// Appends the error that ends the opening.
    pub(crate) fn last_words(&self, refusal: &Refusal, out: &mut Vec<u8>) {
        match self.settings.protocol {
            Protocol::Postgres => wire_postgres::refusal::error_response(Severity::Fatal, refusal, out),
            Protocol::Mysql => {
                let (moment, sequence) = self.moment;
                wire_mysql::refusal::error_packet(moment, sequence, refusal, out);
            }
        }
    }

    pub(crate) fn is_tls(&self) -> bool {
        self.client.as_ref().is_some_and(Stream::is_tls)
    }

    pub(crate) fn tls_facts(&self) -> Option<TlsFacts> {
        self.client.as_ref().and_then(Stream::tls_version).map(|version| TlsFacts { version })
    }

    /// Becomes the TLS server of the connection, which was in plaintext so far.
    pub(crate) async fn become_tls(
        &mut self,
        config: Arc<ServerConfig>,
    ) -> Result<&TlsStream<TcpStream>, Fault> {
        let Some(Stream::Tcp(socket)) = self.client.take() else {
            return Err(Fault::Client(io::ErrorKind::NotConnected.into()));
        };
        let stream =
            tokio_rustls::TlsAcceptor::from(config).accept(socket).await.map_err(Fault::ClientTls)?;
        match self.client.insert(Stream::ClientTls(Box::new(stream))) {
            Stream::ClientTls(stream) => Ok(stream),
            _ => Err(Fault::Client(io::ErrorKind::NotConnected.into())),
        }
    }

    /// Takes the client's place among those of its user, now that its name is known.
    pub(crate) fn take_place(&self, place: &mut Result<Place, Crowded>, user: &str) -> Result<(), Fault> {
        match place {
            Err(crowded) => Err(Fault::Crowded(*crowded)),
            Ok(place) => {
                place.take_user(user, self.settings.limits.connections_per_user).map_err(Fault::Crowded)
            }
        }
    }

    pub(crate) fn end(&mut self) -> Result<&mut Stream, Fault> {
        self.client.as_mut().ok_or_else(|| Fault::Client(io::ErrorKind::NotConnected.into()))
    }

    pub(crate) async fn tell(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        write_all(self.end()?, bytes).await.map_err(Fault::Client)
    }

    /// Reads once from the client, within the bound on bytes before login. Cancel safe.
    pub(crate) async fn receive(&mut self) -> Result<(), Fault> {
        let Some(client) = &mut self.client else {
            return Err(Fault::Client(io::ErrorKind::NotConnected.into()));
        };
        let len = client.read_buf(&mut self.received).await.map_err(Fault::Client)?;
        if len == 0 {
            return Err(Fault::Client(io::ErrorKind::UnexpectedEof.into()));
        }
        self.count_received(len)
    }

    pub(crate) fn count_received(&mut self, len: usize) -> Result<(), Fault> {
        self.received_total += len;
        let limit = self.settings.limits.login_bytes;
        if self.received_total > limit { Err(Fault::LoginBytes(limit)) } else { Ok(()) }
    }
}
