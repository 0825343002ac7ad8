//! How does a PostgreSQL connection get from its first byte to a login the upstream granted?
//!
//! ```text
//! client                       gateway                        upstream
//!   SSLRequest / GSSENCRequest ->  S or N
//!   (TLS)                      <->
//!   StartupMessage             ->  connect, TLS  ------------>
//!                                  StartupMessage, verbatim ->
//!                              <-  challenges              <-
//!   answers                    ->                           ->
//!                                  AuthenticationOk        <-   the pump takes over here
//! ```
//!
//! That is a login that is relayed; one that is verified here is in `verify_postgres`.

use crate::buffer::{Buffer, write_all};
use crate::fault::Fault;
use crate::listener::{Crowded, Place};
use crate::login;
use crate::opening::{Granted, Guard, Opened, Opening};
use crate::pump::Ends;
use crate::scope::{Wire, now_us};
use crate::settings::UpstreamAddress;
use crate::stream::Stream;
use crate::upstream;
use crate::verify_postgres::Proof;
use exchange::Principal;
use std::borrow::Cow;
use std::io;
use tokio::io::AsyncReadExt;
use wire_postgres::Violation;
use wire_postgres::authentication::{Challenge, Hops, Relay};
use wire_postgres::startup::{self, First, Startup, TLS_FIRST_BYTE};

impl Opening<'_> {
    /// Goes all the way. Not cancel safe.
    pub(crate) async fn run_postgres(&mut self, place: &mut Result<Place, Crowded>) -> Result<Opened, Fault> {
        if self.begins_with_tls().await? {
            self.accept_tls(true).await?;
        }
        let packet = match self.negotiate().await? {
            Negotiated::Cancel(id, key) => return Ok(Opened::Cancel(id, key)),
            Negotiated::Startup(packet) => packet,
        };
        let Ok(Some((First::Startup(startup), _))) = startup::first(&packet) else {
            return Err(Fault::from(Violation::Startup));
        };
        let principal = self.principal_of(&startup);
        self.principal = Some(principal.clone());
        self.check_tls(&principal)?;
        // What a later protocol says of its user is not known: no certificate can be held against it.
        if self.settings.client_tls.names_user && startup.version >> 16 != 3 {
            return Err(Fault::from(Violation::Startup));
        }
        self.may_try(place)?;
        let proof = self.verify(&startup).await?;
        // Where it is known by now who it is, nobody else can take up the user's places.
        self.take_place(place, &principal.user)?;
        let terms = login::judge(&startup, &principal, self.listener, self.settings, now_us())?;
        let brought = login::brought(&startup);
        let mut guarded_by = terms.read_only.then_some(Guard::Startup);
        let mut ends = match self.log_in(&packet, guarded_by, proof.as_ref()).await {
            Err(Fault::ReadOnlyRejected) => {
                let listener = &*self.settings.name;
                tracing::info!(
                    listener,
                    "the upstream takes no `default_transaction_read_only` at login: set by a statement instead"
                );
                guarded_by = Some(Guard::Statement);
                self.log_in(&packet, guarded_by, proof.as_ref()).await?
            }
            ends => ends?,
        };
        let mut wire = wire_postgres::Session::new(self.settings.limits.statement_bytes);
        if guarded_by == Some(Guard::Statement) {
            wire.expect_guard();
            let mut guard = Vec::new();
            wire_postgres::refusal::guard_query(&mut guard);
            write_all(&mut ends.upstream, &guard).await.map_err(Fault::Upstream)?;
        }
        let wire = Wire::Postgres(wire);
        Ok(Opened::Session(Box::new(Granted { ends, wire, principal, guarded_by, brought })))
    }

    async fn begins_with_tls(&mut self) -> Result<bool, Fault> {
        let Some(Stream::Tcp(socket)) = &self.client else { return Ok(false) };
        let mut first = [0];
        match socket.peek(&mut first).await.map_err(Fault::Client)? {
            0 => Err(Fault::Client(io::ErrorKind::UnexpectedEof.into())),
            _ => Ok(first == [TLS_FIRST_BYTE]),
        }
    }

    /// Becomes the TLS server of the connection. Begun unasked (`direct`), the client must name the
    /// protocol, so that no other service's traffic can be replayed here (PostgreSQL, "ALPN").
    async fn accept_tls(&mut self, direct: bool) -> Result<(), Fault> {
        let Some(config) = self.settings.client_tls.config.clone() else {
            return Err(Fault::from(Violation::StartupLength));
        };
        let stream = self.become_tls(config).await?;
        let named = stream.get_ref().1.alpn_protocol() == Some(b"postgresql");
        if direct && !named { Err(Fault::Alpn) } else { Ok(()) }
    }

    /// Answers requests for encryption until the startup packet, or a request to cancel, is whole.
    async fn negotiate(&mut self) -> Result<Negotiated, Fault> {
        let mut asked = (self.is_tls(), self.is_tls());
        loop {
            let (first, length) = loop {
                if let Some(found) = startup::first(&self.received)? {
                    break found;
                }
                self.receive().await?;
            };
            let alone = length == self.received.len();
            let answer = match first {
                First::Cancel { id, key } => return Ok(Negotiated::Cancel(id, key.into())),
                First::Startup(_) => {
                    let rest = self.received.split_off(length);
                    return Ok(Negotiated::Startup(std::mem::replace(&mut self.received, rest)));
                }
                First::Ssl if !asked.0 => {
                    asked.0 = true;
                    if self.settings.client_tls.config.is_some() { b"S" } else { b"N" }
                }
                First::Gss if !asked.1 => {
                    asked.1 = true;
                    b"N"
                }
                First::Ssl | First::Gss => return Err(Fault::from(Violation::Startup)),
            };
            if !alone {
                return Err(Fault::from(Violation::Smuggled));
            }
            self.received.clear();
            self.tell(answer).await?;
            if answer == b"S" {
                self.accept_tls(false).await?;
                asked = (true, true);
            }
        }
    }

    fn principal_of(&self, startup: &Startup<'_>) -> Principal {
        let text = |value: &[u8]| String::from_utf8_lossy(value).into();
        let tls = self.tls_facts();
        Principal {
            database: text(startup.database()),
            user: text(startup.user()),
            application: text(startup.parameter(b"application_name").unwrap_or_default()),
            address: self.address,
            tls,
        }
    }

    /// Logs in upstream: by what the client has proved here, or by what the server asks it for.
    async fn log_in(
        &mut self,
        packet: &[u8],
        guard: Option<Guard>,
        proof: Option<&Proof>,
    ) -> Result<Ends, Fault> {
        match proof {
            Some(proof) => self.log_in_verified(packet, guard, proof).await,
            None => self.log_in_relayed(packet, guard).await,
        }
    }

    /// Connects upstream and passes the startup packet on as it came, but for what makes the session read-only.
    pub(crate) async fn open_upstream(
        &self,
        packet: &[u8],
        guard: Option<Guard>,
    ) -> Result<(Stream, UpstreamAddress), Fault> {
        let packet = match guard {
            Some(Guard::Startup) => Cow::Owned(startup::with_parameter(packet, login::READ_ONLY, b"on")),
            Some(Guard::Statement | Guard::Renewed) | None => Cow::Borrowed(packet),
        };
        let (mut upstream, upstream_address) =
            upstream::connect(self.listener, self.settings, &self.settings.upstream_tls)
                .await
                .map_err(|source| Fault::Unreachable { listener: (&*self.settings.name).into(), source })?;
        write_all(&mut upstream, &packet).await.map_err(Fault::Upstream)?;
        Ok((upstream, upstream_address))
    }

    /// Whether the server's error says that it takes no startup packet that makes the session read-only.
    pub(crate) fn rejects_guard(&self, guard: Option<Guard>, error: Option<&[u8]>) -> bool {
        guard == Some(Guard::Startup) && login::rejects_read_only(error.unwrap_or_default())
    }

    /// Relays the authentication.
    async fn log_in_relayed(&mut self, packet: &[u8], guard: Option<Guard>) -> Result<Ends, Fault> {
        let (mut upstream, upstream_address) = self.open_upstream(packet, guard).await?;
        let mut relay = Relay::new(self.hops(&upstream));
        let mut heard = Vec::new();
        let mut out = Vec::new();
        loop {
            match relay.server(&heard)? {
                Challenge::More => {
                    if !out.is_empty() {
                        self.tell(&std::mem::take(&mut out)).await?;
                        self.login.waits_for_client(true);
                    }
                    self.wait(&mut relay, &mut upstream, &mut heard).await?;
                }
                Challenge::Pass(len) => out.extend(heard.drain(..len)),
                Challenge::Replace { len, bytes } => {
                    heard.drain(..len);
                    out.extend(bytes);
                }
                Challenge::Failed { len, .. } if self.rejects_guard(guard, heard.get(..len)) => {
                    return Err(Fault::ReadOnlyRejected);
                }
                Challenge::Failed { len, sqlstate } => {
                    out.extend(heard.drain(..len));
                    self.tell(&out).await?;
                    return Err(Fault::Refused(sqlstate));
                }
                Challenge::Impossible(obstacle) => return Err(Fault::Obstacle(obstacle)),
                Challenge::Granted { proved, .. } => {
                    let proved = proved || self.is_proved_by_certificate();
                    if !proved && !self.settings.allow_unauthenticated {
                        return Err(Fault::Unproved);
                    }
                    if let Some(Principal { user, database, .. }) = &self.principal {
                        login::verify(user, database, self.listener, self.settings).await?;
                    }
                    // One write, as the server does: the last word of the authentication, that it is granted, and
                    // what follows.
                    heard.splice(..0, out);
                    break;
                }
            }
        }
        let client = self.client.take().ok_or_else(|| Fault::Client(io::ErrorKind::NotConnected.into()))?;
        let (up, down) = (Buffer::holding(&self.received), Buffer::holding(&heard));
        Ok(Ends { client, upstream, up, down, upstream_address })
    }

    fn hops(&self, upstream: &Stream) -> Hops {
        if !self.is_tls() {
            return Hops::PlaintextClient;
        }
        match (&self.settings.client_tls.certificate, upstream.peer_certificate()) {
            (Some(ours), Some(theirs)) if **ours == *theirs => Hops::SameCertificate,
            _ => Hops::Separate,
        }
    }

    /// Waits for the server's next bytes and meanwhile passes on what the client answers.
    async fn wait(
        &mut self,
        relay: &mut Relay,
        upstream: &mut Stream,
        heard: &mut Vec<u8>,
    ) -> Result<(), Fault> {
        loop {
            while let Some(len) = relay.client(&self.received)?.map_err(Fault::Obstacle)? {
                self.may_guess()?;
                write_all(upstream, self.received.get(..len).unwrap_or_default())
                    .await
                    .map_err(Fault::Upstream)?;
                self.received.drain(..len);
                self.login.waits_for_client(false);
            }
            if self.listen(upstream, heard).await? {
                return Ok(());
            }
        }
    }

    /// Waits for whoever speaks next; `true` where it was the server. The login ends when the client leaves.
    pub(crate) async fn listen(&mut self, upstream: &mut Stream, heard: &mut Vec<u8>) -> Result<bool, Fault> {
        tokio::select! {
            read = upstream.read_buf(heard) => match read.map_err(Fault::Upstream)? {
                0 => Err(Fault::Upstream(io::ErrorKind::UnexpectedEof.into())),
                _ => Ok(true),
            },
            received = self.receive_meanwhile() => received.map(|()| false),
        }
    }
}

enum Negotiated {
    Startup(Vec<u8>),
    Cancel(u32, Box<[u8]>),
}
