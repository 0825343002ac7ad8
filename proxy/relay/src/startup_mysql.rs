//! How does a MySQL connection get from accept to a login the upstream granted?
//!
//! ```text
//! client                       gateway                        upstream
//!                                  connect       ------------>
//!                              <-  greeting                 <-   capabilities that can be followed,
//!   request for TLS            ->                                TLS as the listener has it
//!   (TLS)                      <->
//!   response                   ->  request for TLS, TLS  ---->
//!                                  response              ---->   capabilities, TLS as this hop has it
//!                              <-  challenges              <-    numbers where only one hop has TLS,
//!                                                                and a whole password changes its form
//!   answers                    ->                           ->
//!                                  OK                      <-    the pump takes over here
//! ```
//!
//! The server speaks first, so it is connected to before anything is known of the client; what was begun
//! with it is brought to an end when the client leaves (`mysql_handshake`).

use crate::buffer::{Buffer, write_all};
use crate::circumstances::Brought;
use crate::compressed::Compressed;
use crate::fault::Fault;
use crate::listener::{Crowded, Place};
use crate::login;
use crate::mysql_handshake::{Handshake, Server};
use crate::opening::{Granted, Guard, Opened, Opening};
use crate::pump::Ends;
use crate::scope::Wire;
use crate::settings::UpstreamTls;
use crate::standing::WHOLE_SERVER;
use crate::stream::Stream;
use crate::upstream;
use exchange::Principal;
use rustls::ClientConfig;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::time::timeout;
use wire_mysql::Violation;
use wire_mysql::authentication::Obstacle;
use wire_mysql::capabilities::Capabilities;
use wire_mysql::compression::Algorithm;
use wire_mysql::frame::{self, HEADER_BYTES};
use wire_mysql::name::Written;
use wire_mysql::refusal::Moment;
use wire_mysql::startup::{self, Answer, First, Greeting, Response};
use zeroize::Zeroizing;

/// ER_HOST_IS_BLOCKED: too many connections from the gateway's host ended before their login.
const HOST_IS_BLOCKED: u16 = 1129;

/// Longest wait for a client's response. A server waits ten seconds (`connect_timeout`), and counts who lets
/// it wait longer against the gateway.
const RESPONSE_WAIT: Duration = Duration::from_secs(8);

impl Opening<'_> {
    /// Goes all the way. Not cancel safe.
    pub(crate) async fn run_mysql(
        &mut self,
        place: &mut Result<Place, Crowded>,
        handshake: &mut Handshake,
    ) -> Result<Opened, Fault> {
        self.may_try(place)?;
        self.reach(handshake).await?;
        let greeting_packet = self.greeted(handshake).await?;
        let Ok(Some((First::Greeting(greeting), _))) = startup::first(&greeting_packet) else {
            return Err(Fault::from(Violation::Greeting));
        };
        handshake.greeted(greeting.capabilities, None);
        let tls = self.upstream_tls(handshake.server()?, &greeting)?;
        handshake.greeted(greeting.capabilities, tls.clone());
        let offers_tls = self.settings.client_tls.config.is_some();
        self.moment = (Moment::Session, 1);
        self.tell(&greeting.for_client(&greeting_packet, offers_tls)).await?;
        let packet = timeout(RESPONSE_WAIT, self.response()).await.unwrap_or(Err(Fault::Unanswered))?;
        // Some plugins put the password into it.
        let packet = Zeroizing::new(packet);
        let Ok(Some((Answer::Response(response), _))) = startup::answer(&packet, self.is_tls()) else {
            return Err(Fault::from(Violation::Startup));
        };
        self.moment = (Moment::Session, response.sequence.wrapping_add(1));
        let is_mariadb = !greeting.capabilities.has(Capabilities::MYSQL);
        let principal = self.principal_of_response(&response, is_mariadb)?;
        self.principal = Some(principal.clone());
        self.check_tls(&principal)?;
        self.take_place(place, &principal.user)?;
        let agreed = self.log_in_to(handshake, &greeting, &response, &packet, tls).await?;
        login::verify(&principal.user, WHOLE_SERVER, self.listener, self.settings).await?;
        let mut server = handshake.leave()?;
        let mut wire = wire_mysql::Session::new(agreed, self.settings.limits.statement_bytes);
        let guarded_by =
            login::reads_only(&principal, self.listener, self.settings).then_some(Guard::Renewed);
        if guarded_by.is_some() {
            let mut guard = Vec::new();
            wire.guard(&mut guard);
            write_all(&mut server.stream, &guard).await.map_err(Fault::Upstream)?;
        }
        let wire = Wire::Mysql(wire);
        let mut client =
            self.client.take().ok_or_else(|| Fault::Client(io::ErrorKind::NotConnected.into()))?;
        if let Some(algorithm) = compression(&greeting, &response) {
            let received = std::mem::take(&mut self.received);
            client = Stream::Compressed(Box::new(Compressed::new(client, algorithm, &received)));
        }
        let (up, down) = (Buffer::holding(&self.received), Buffer::holding(&server.heard));
        let ends = Ends { client, upstream: server.stream, up, down, upstream_address: server.address };
        Ok(Opened::Session(Box::new(Granted {
            ends,
            wire,
            principal,
            guarded_by,
            brought: Brought::default(),
        })))
    }

    async fn reach(&self, handshake: &mut Handshake) -> Result<(), Fault> {
        // TLS begins after the greeting, as the client's response asks for it.
        let (stream, address) = upstream::connect(self.listener, self.settings, &UpstreamTls::Disable)
            .await
            .map_err(|source| self.unreachable(source))?;
        handshake.begin(stream, address);
        Ok(())
    }

    pub(crate) fn unreachable(&self, source: io::Error) -> Fault {
        Fault::Unreachable { listener: (&*self.settings.name).into(), source }
    }

    /// Reads the server's greeting; an error in its place goes to the client.
    async fn greeted(&mut self, handshake: &mut Handshake) -> Result<Vec<u8>, Fault> {
        loop {
            match startup::first(handshake.heard())? {
                Some((First::Greeting(_), len)) => return Ok(handshake.take_heard(len)),
                Some((First::Error, len)) => {
                    let error = handshake.take_heard(len);
                    let facts = wire_mysql::message::error(error.get(HEADER_BYTES..).unwrap_or_default());
                    if facts.code == HOST_IS_BLOCKED {
                        tracing::warn!(
                            listener = &*self.settings.name,
                            "the server takes no more connections from this host until FLUSH HOSTS: too many did not log in"
                        );
                    }
                    self.tell(&error).await?;
                    return Err(Fault::Refused(facts.sqlstate));
                }
                None => handshake.hear().await?,
            }
        }
    }

    /// The configuration of TLS towards the server, if there shall be TLS.
    fn upstream_tls(
        &self,
        server: &Server,
        greeting: &Greeting<'_>,
    ) -> Result<Option<Arc<ClientConfig>>, Fault> {
        let offered = greeting.capabilities.has(Capabilities::TLS);
        let is_unix = matches!(server.stream, Stream::Unix(_));
        match &self.settings.upstream_tls {
            UpstreamTls::Require(config) if offered => Ok(Some(Arc::clone(config))),
            UpstreamTls::Require(_) => {
                let without = "the server does not offer TLS, and the listener requires it";
                Err(self.unreachable(io::Error::new(io::ErrorKind::Unsupported, without)))
            }
            UpstreamTls::Prefer(config) if offered && !is_unix => Ok(Some(Arc::clone(config))),
            UpstreamTls::Prefer(_) | UpstreamTls::Disable => Ok(None),
        }
    }

    /// Reads the client's response, behind TLS if it asks for that. Not a byte more is read: behind a
    /// request for TLS the handshake begins at once.
    async fn response(&mut self) -> Result<Vec<u8>, Fault> {
        loop {
            let packet = self.packet().await?;
            match startup::answer(&packet, self.is_tls())? {
                Some((Answer::Response(_), _)) => return Ok(packet),
                Some((Answer::Tls, _)) => {
                    let Some(config) = self.settings.client_tls.config.clone() else {
                        return Err(Fault::from(Violation::Startup));
                    };
                    self.become_tls(config).await?;
                    self.moment = (Moment::Session, 2);
                }
                None => return Err(Fault::from(Violation::Startup)),
            }
        }
    }

    /// Reads one packet of the client, within the bound on bytes before login.
    async fn packet(&mut self) -> Result<Vec<u8>, Fault> {
        let mut packet = vec![0; HEADER_BYTES];
        self.login.waits_for_client(true);
        self.end()?.read_exact(&mut packet).await.map_err(Fault::Client)?;
        let header = frame::header(&packet);
        self.moment = (Moment::Session, header.map_or(0, |header| header.sequence.wrapping_add(1)));
        // A length no response has is refused before it is waited for.
        startup::answer(&packet, self.is_tls())?;
        let frame = header.map_or(HEADER_BYTES, frame::Header::frame);
        self.count_received(frame)?;
        packet.resize(frame, 0);
        let body = packet.get_mut(HEADER_BYTES..).unwrap_or_default();
        self.end()?.read_exact(body).await.map_err(Fault::Client)?;
        self.login.waits_for_client(false);
        Ok(packet)
    }

    fn principal_of_response(&self, response: &Response<'_>, is_mariadb: bool) -> Result<Principal, Fault> {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into();
        let written = Written { character_set: response.character_set, is_mariadb };
        // Rules hold for a name or do not: who only looks on makes do with a part of it.
        let certain = |read: Result<Box<str>, Obstacle>, bytes: &[u8]| match read {
            Err(obstacle) if self.listener.ruleset.load().enforces() => Err(Fault::MysqlObstacle(obstacle)),
            read => Ok(read.unwrap_or_else(|_| text(bytes))),
        };
        Ok(Principal {
            user: certain(written.login_user(response.user), response.user)?,
            database: certain(written.name(response.database), response.database)?,
            application: text(response.attribute(b"program_name").unwrap_or_default()),
            address: self.address,
            tls: self.tls_facts(),
        })
    }
}

/// What the client's frames are compressed with, if it was offered that and asks for it.
fn compression(greeting: &Greeting<'_>, response: &Response<'_>) -> Option<Algorithm> {
    let offered = greeting.capabilities.offered(false);
    Algorithm::agreed(offered, response.capabilities, response.compression_level)
}
