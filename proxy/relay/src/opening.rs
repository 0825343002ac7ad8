//! What does every opening of a connection have at hand, whatever the protocol?
//!
//! How a login goes is the protocol's own: see `startup_postgres` and `startup_mysql`. Both end in the
//! same [`Granted`].

use crate::buffer::write_all;
use crate::certificate;
use crate::circumstances::Brought;
use crate::fault::Fault;
use crate::listener::{Crowded, Listener, Place};
use crate::logins::Login;
use crate::mysql_handshake::Handshake;
use crate::pump::Ends;
use crate::scope::{Wire, now_us};
use crate::settings::{Asked, ListenerSettings};
use crate::stream::Stream;
use exchange::{Address, Principal, Protocol, Refusal, TlsFacts};
use rustls::ServerConfig;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
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
    /// By a statement of the gateway's own, said again behind whatever resets the settings (MySQL).
    Renewed,
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
    pub(crate) settings: &'a Arc<ListenerSettings>,
    pub(crate) address: Address,
    /// Its place among the logins that are under way.
    pub(crate) login: &'a Login,
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
        settings: &'a Arc<ListenerSettings>,
        address: Address,
        socket: TcpStream,
        login: &'a Login,
    ) -> Opening<'a> {
        Opening {
            listener,
            settings,
            address,
            login,
            client: Some(Stream::Tcp(socket)),
            principal: None,
            received: Vec::new(),
            received_total: 0,
            moment: (Moment::Greeting, 0),
        }
    }

    /// Goes all the way. Not cancel safe.
    pub(crate) async fn run(
        &mut self,
        place: &mut Result<Place, Crowded>,
        handshake: &mut Handshake,
    ) -> Result<Opened, Fault> {
        match self.settings.protocol {
            Protocol::Postgres => self.run_postgres(place).await,
            Protocol::Mysql => {
                // The server speaks first.
                self.login.waits_for_client(false);
                self.run_mysql(place, handshake).await
            }
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
        let client = self.client.as_ref()?;
        let certificate = client.peer_certificate().map(|shown| Arc::new(certificate::facts(shown)));
        Some(TlsFacts { version: client.tls_version()?, certificate })
    }

    /// Whether the client uses TLS and has shown a certificate as the listener asks for, and whether that is the role's
    /// own.
    pub(crate) fn check_tls(&self, principal: &Principal) -> Result<(), Fault> {
        let tls = &self.settings.client_tls;
        if tls.required && !self.is_tls() {
            return Err(Fault::TlsRequired);
        }
        let shown = self.client.as_ref().and_then(Stream::peer_certificate);
        // What was good at an earlier connection is not looked at again where a client goes on from that one.
        if shown.and_then(certificate::expiry).is_some_and(|expiry| expiry < now_us() / 1_000_000) {
            return Err(Fault::CertificateExpired);
        }
        let certificate = principal.tls.as_ref().and_then(|facts| facts.certificate.as_ref());
        match certificate {
            None if tls.asked == Asked::Required => Err(Fault::CertificateRequired),
            Some(certificate) if tls.names_user && !certificate.names_user(&principal.user) => {
                Err(Fault::CertificateOfAnother)
            }
            _ => Ok(()),
        }
    }

    /// Whether the client's certificate is proof enough of who it is.
    pub(crate) fn is_proved_by_certificate(&self) -> bool {
        let tls = self.principal.as_ref().and_then(|principal| Some((principal, principal.tls.as_ref()?)));
        self.settings.client_tls.names_user
            && tls.is_some_and(|(principal, facts)| {
                facts.certificate.as_ref().is_some_and(|certificate| certificate.names_user(&principal.user))
            })
    }

    /// Becomes the TLS server of the connection, which was in plaintext so far.
    pub(crate) async fn become_tls(
        &mut self,
        config: Arc<ServerConfig>,
    ) -> Result<&TlsStream<TcpStream>, Fault> {
        let Some(Stream::Tcp(socket)) = self.client.take() else {
            return Err(Fault::Client(io::ErrorKind::NotConnected.into()));
        };
        self.login.waits_for_client(true);
        let accepted = tokio_rustls::TlsAcceptor::from(config).accept(socket).into_fallible().await;
        let stream = match accepted {
            Ok(stream) => stream,
            Err((error, socket)) => {
                let _ = timeout(ALERT_WAIT, hear_out(socket)).await;
                return Err(Fault::ClientTls(error));
            }
        };
        self.login.waits_for_client(false);
        match self.client.insert(Stream::ClientTls(Box::new(stream))) {
            Stream::ClientTls(stream) => Ok(stream),
            _ => Err(Fault::Client(io::ErrorKind::NotConnected.into())),
        }
    }

    /// Takes the client's place among those of its user, now that its name is known.
    pub(crate) fn take_place(&self, place: &mut Result<Place, Crowded>, user: &str) -> Result<(), Fault> {
        self.may_try(place)?
            .take_user(user, self.settings.limits.connections_per_user)
            .map_err(Fault::Crowded)
    }

    /// Whether the login may be tried at all, as far as that depends on what others do, and on what came from
    /// the same address before. Whoever may not costs nothing beyond being told.
    pub(crate) fn may_try<'p>(&self, place: &'p mut Result<Place, Crowded>) -> Result<&'p mut Place, Fault> {
        let place = place.as_mut().map_err(|crowded| Fault::Crowded(*crowded))?;
        self.may_guess()?;
        Ok(place)
    }

    /// Whether a proof of somebody at this address is looked at now. Asked again for each: connections that were
    /// opened beforehand are no way around it.
    pub(crate) fn may_guess(&self) -> Result<(), Fault> {
        let throttle = &self.listener.throttle;
        throttle.check(self.address, &self.settings.limits, Instant::now()).map_err(Fault::Throttled)
    }

    pub(crate) fn end(&mut self) -> Result<&mut Stream, Fault> {
        self.client.as_mut().ok_or_else(|| Fault::Client(io::ErrorKind::NotConnected.into()))
    }

    pub(crate) async fn tell(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        self.login.waits_for_client(true);
        let told = write_all(self.end()?, bytes).await.map_err(Fault::Client);
        self.login.waits_for_client(false);
        told
    }

    /// Waits for the client, and reads once.
    pub(crate) async fn receive(&mut self) -> Result<(), Fault> {
        self.login.waits_for_client(true);
        let received = self.receive_meanwhile().await;
        self.login.waits_for_client(false);
        received
    }

    /// Reads once from the client, within the bound on bytes before login, whoever it is that is waited for.
    /// Cancel safe.
    pub(crate) async fn receive_meanwhile(&mut self) -> Result<(), Fault> {
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

/// Longest wait for a client to hear that its TLS was not accepted.
const ALERT_WAIT: Duration = Duration::from_secs(1);

/// Most bytes that such a client may send meanwhile.
const ALERT_BYTES: u64 = 64 * 1024;

/// Takes what a client still sends whose handshake has failed: a socket that is closed with bytes unread resets the
/// connection, and the alert that says why would be lost on the way.
async fn hear_out(mut socket: TcpStream) -> io::Result<()> {
    socket.shutdown().await?;
    tokio::io::copy(&mut socket.take(ALERT_BYTES), &mut tokio::io::sink()).await?;
    Ok(())
}
