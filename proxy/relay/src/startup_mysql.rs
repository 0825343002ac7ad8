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
//!                              <-  challenges              <-    numbers where only one hop has TLS
//!   answers                    ->                           ->
//!                                  OK                      <-    the pump takes over here
//! ```
//!
//! The server speaks first, so it is connected to before anything is known of the client.

use crate::buffer::{Buffer, write_all};
use crate::circumstances::Brought;
use crate::fault::Fault;
use crate::listener::{Crowded, Place};
use crate::opening::{Granted, Opened, Opening};
use crate::pump::Ends;
use crate::scope::Wire;
use crate::settings::{UpstreamAddress, UpstreamTls};
use crate::stream::Stream;
use crate::upstream;
use exchange::Principal;
use rustls::ClientConfig;
use std::io;
use std::sync::Arc;
use tokio::io::AsyncReadExt;
use wire_mysql::Violation;
use wire_mysql::authentication::{Challenge, Hops, Relay};
use wire_mysql::capabilities::Capabilities;
use wire_mysql::frame::{self, HEADER_BYTES};
use wire_mysql::refusal::Moment;
use wire_mysql::session::Agreed;
use wire_mysql::startup::{self, Answer, First, Greeting, Response};

/// ER_HOST_IS_BLOCKED: too many connections from the gateway's host ended before their login.
const HOST_IS_BLOCKED: u16 = 1129;

/// The upstream's end of an opening.
struct Server {
    stream: Stream,
    address: UpstreamAddress,
    /// What it said that was not passed on yet.
    heard: Vec<u8>,
}

impl Opening<'_> {
    /// Goes all the way. Not cancel safe.
    pub(crate) async fn run_mysql(&mut self, place: &mut Result<Place, Crowded>) -> Result<Opened, Fault> {
        if let Err(crowded) = place {
            return Err(Fault::Crowded(*crowded));
        }
        let mut server = self.reach().await?;
        let greeting_packet = self.greeted(&mut server).await?;
        let Ok(Some((First::Greeting(greeting), _))) = startup::first(&greeting_packet) else {
            return Err(Fault::from(Violation::Greeting));
        };
        let tls = self.upstream_tls(&server, &greeting)?;
        let offers_tls = self.settings.client_tls.config.is_some();
        self.moment = (Moment::Session, 1);
        self.tell(&greeting.for_client(&greeting_packet, offers_tls)).await?;
        let packet = self.response().await?;
        let Ok(Some((Answer::Response(response), _))) = startup::answer(&packet, true) else {
            return Err(Fault::from(Violation::Startup));
        };
        self.moment = (Moment::Session, response.sequence.wrapping_add(1));
        let principal = self.principal_of_response(&response);
        self.principal = Some(principal.clone());
        if self.settings.client_tls.required && !self.is_tls() {
            return Err(Fault::TlsRequired);
        }
        self.take_place(place, &principal.user)?;
        let (server, agreed) = self.log_in_to(server, &greeting, &response, &packet, tls).await?;
        let wire = Wire::Mysql(wire_mysql::Session::new(agreed, self.settings.limits.statement_bytes));
        let client = self.client.take().ok_or_else(|| Fault::Client(io::ErrorKind::NotConnected.into()))?;
        let (up, down) = (Buffer::holding(&self.received), Buffer::holding(&server.heard));
        let ends = Ends { client, upstream: server.stream, up, down, upstream_address: server.address };
        Ok(Opened::Session(Box::new(Granted {
            ends,
            wire,
            principal,
            guarded_by: None,
            brought: Brought::default(),
        })))
    }

    async fn reach(&self) -> Result<Server, Fault> {
        // TLS begins after the greeting, as the client's response asks for it.
        let (stream, address) = upstream::connect(self.listener, self.settings, &UpstreamTls::Disable)
            .await
            .map_err(|source| self.unreachable(source))?;
        Ok(Server { stream, address, heard: Vec::new() })
    }

    fn unreachable(&self, source: io::Error) -> Fault {
        Fault::Unreachable { listener: (&*self.settings.name).into(), source }
    }

    /// Reads the server's greeting; an error in its place goes to the client.
    async fn greeted(&mut self, server: &mut Server) -> Result<Vec<u8>, Fault> {
        loop {
            match startup::first(&server.heard)? {
                Some((First::Greeting(_), len)) => return Ok(server.heard.drain(..len).collect()),
                Some((First::Error, len)) => {
                    let error = server.heard.get(HEADER_BYTES..len).unwrap_or_default();
                    let facts = wire_mysql::message::error(error);
                    if facts.code == HOST_IS_BLOCKED {
                        tracing::warn!(
                            listener = &*self.settings.name,
                            "the server takes no more connections from this host until FLUSH HOSTS: too many did not log in"
                        );
                    }
                    self.tell(server.heard.get(..len).unwrap_or_default()).await?;
                    return Err(Fault::Refused(facts.sqlstate));
                }
                None => hear(server).await?,
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
        self.end()?.read_exact(&mut packet).await.map_err(Fault::Client)?;
        // A length no response has is refused before it is waited for.
        startup::answer(&packet, self.is_tls())?;
        let frame = frame::header(&packet).map_or(HEADER_BYTES, frame::Header::frame);
        self.count_received(frame)?;
        packet.resize(frame, 0);
        let body = packet.get_mut(HEADER_BYTES..).unwrap_or_default();
        self.end()?.read_exact(body).await.map_err(Fault::Client)?;
        Ok(packet)
    }

    fn principal_of_response(&self, response: &Response<'_>) -> Principal {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into();
        Principal {
            user: text(response.user),
            database: text(response.database),
            application: text(response.attribute(b"program_name").unwrap_or_default()),
            address: self.address,
            tls: self.tls_facts(),
        }
    }

    /// Passes the response on and relays the authentication, up to the OK that grants the login.
    async fn log_in_to(
        &mut self,
        mut server: Server,
        greeting: &Greeting<'_>,
        response: &Response<'_>,
        packet: &[u8],
        tls: Option<Arc<ClientConfig>>,
    ) -> Result<(Server, Agreed), Fault> {
        let is_private = tls.is_some() || matches!(server.stream, Stream::Unix(_));
        let hops = match (self.is_tls(), is_private) {
            (false, false) => Hops::Plaintext,
            (true, true) => Hops::Private,
            (true, false) => Hops::PrivateClient,
            (false, true) => Hops::PrivateServer,
        };
        let server_sequence = if tls.is_some() { 2 } else { 1 };
        let plugin = if response.plugin.is_empty() { greeting.plugin } else { response.plugin };
        let ahead = response.sequence.wrapping_sub(server_sequence);
        // Before anything is sent: what cannot be relayed may be a password.
        let mut relay = Relay::new(hops, plugin, response.proof, ahead).map_err(Fault::MysqlObstacle)?;
        let capabilities = response.capabilities.asked(greeting.capabilities, tls.is_some());
        let is_encrypted = tls.is_some();
        if let Some(config) = tls {
            write_all(&mut server.stream, &response.tls_request(packet, greeting.capabilities))
                .await
                .map_err(Fault::Upstream)?;
            server.stream = upstream::encrypt_end(server.stream, config, &server.address)
                .await
                .map_err(|source| self.unreachable(source))?;
        }
        let sent = response.for_server(packet, greeting.capabilities, is_encrypted);
        write_all(&mut server.stream, &sent).await.map_err(Fault::Upstream)?;
        self.relay(&mut relay, &mut server).await?;
        let agreed = Agreed {
            capabilities: capabilities & greeting.capabilities,
            is_mariadb: !greeting.capabilities.has(Capabilities::MYSQL),
            hops,
            character_set: response.character_set,
            accepts_unproved: self.settings.allow_unauthenticated,
        };
        Ok((server, agreed))
    }

    async fn relay(&mut self, relay: &mut Relay, server: &mut Server) -> Result<(), Fault> {
        loop {
            match relay.server(&server.heard)? {
                Challenge::More => self.wait_for(relay, server).await?,
                Challenge::Pass(len) => {
                    let mut packet: Vec<u8> = server.heard.drain(..len).collect();
                    self.pass_down(relay, &mut packet).await?;
                }
                Challenge::Failed { len, sqlstate } => {
                    let mut packet: Vec<u8> = server.heard.drain(..len).collect();
                    self.pass_down(relay, &mut packet).await?;
                    return Err(Fault::Refused(sqlstate));
                }
                Challenge::Impossible(obstacle) => return Err(Fault::MysqlObstacle(obstacle)),
                Challenge::Granted { proved, .. } => {
                    // On a unix socket the server may have asked the system who the gateway is.
                    let proved = proved && !matches!(server.address, UpstreamAddress::Unix(_));
                    if !proved && !self.settings.allow_unauthenticated {
                        return Err(Fault::Unproved);
                    }
                    relay.client_number(&mut server.heard);
                    return Ok(());
                }
            }
        }
    }

    async fn pass_down(&mut self, relay: &Relay, packet: &mut [u8]) -> Result<(), Fault> {
        relay.client_number(packet);
        let sequence = frame::header(packet).map_or(0, |header| header.sequence);
        self.moment = (Moment::Session, sequence.wrapping_add(1));
        self.tell(packet).await
    }

    /// Waits for the server's next bytes and meanwhile passes on what the client answers.
    async fn wait_for(&mut self, relay: &mut Relay, server: &mut Server) -> Result<(), Fault> {
        loop {
            while let Some(len) = relay.client(&self.received)? {
                let mut packet: Vec<u8> = self.received.drain(..len).collect();
                let sequence = frame::header(&packet).map_or(0, |header| header.sequence);
                self.moment = (Moment::Session, sequence.wrapping_add(1));
                relay.server_number(&mut packet);
                write_all(&mut server.stream, &packet).await.map_err(Fault::Upstream)?;
            }
            tokio::select! {
                heard = hear(server) => return heard,
                received = self.receive() => received?,
            }
        }
    }
}

/// Reads once from the server.
async fn hear(server: &mut Server) -> Result<(), Fault> {
    match server.stream.read_buf(&mut server.heard).await.map_err(Fault::Upstream)? {
        0 => Err(Fault::Upstream(io::ErrorKind::UnexpectedEof.into())),
        _ => Ok(()),
    }
}
