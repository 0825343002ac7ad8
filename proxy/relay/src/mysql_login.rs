//! How does a MySQL login get from the client's response to the server's OK?
//!
//! The response passes on, and then challenges one way and answers the other: `wire_mysql::authentication`
//! says of each packet whether it may. Only a whole password changes on the way, where the server expects
//! another form of it than the client sends (`mysql_password`).

use crate::fault::Fault;
use crate::mysql_handshake::{Handshake, Server};
use crate::mysql_password;
use crate::opening::Opening;
use crate::settings::{UpstreamAddress, UpstreamTls};
use crate::stream::Stream;
use rustls::ClientConfig;
use std::net::IpAddr;
use std::sync::Arc;
use wire_mysql::authentication::{self, Challenge, Hops, Login, Numbers, Obstacle, Relay, Said};
use wire_mysql::capabilities::Capabilities;
use wire_mysql::frame::HEADER_BYTES;
use wire_mysql::refusal::Moment;
use wire_mysql::session::Agreed;
use wire_mysql::startup::{Greeting, Response};
use zeroize::{Zeroize, Zeroizing};

/// Room for what a client sends in a login, so that a password in it is not copied as the buffer grows.
const RECEIVED_BYTES: usize = 4 * 1024;

/// Room for a packet with a password of any length a server takes.
const ANSWER_BYTES: usize = 1024;

impl Opening<'_> {
    /// Passes the response on and relays the authentication, up to the OK that grants the login.
    pub(crate) async fn log_in_to(
        &mut self,
        handshake: &mut Handshake,
        greeting: &Greeting<'_>,
        response: &Response<'_>,
        packet: &[u8],
        tls: Option<Arc<ClientConfig>>,
    ) -> Result<Agreed, Fault> {
        let is_encrypted = tls.is_some();
        let asked = response.capabilities.asked(greeting.capabilities, is_encrypted);
        let agreed = Agreed {
            capabilities: asked & greeting.capabilities,
            is_mariadb: !greeting.capabilities.has(Capabilities::MYSQL),
            connection: greeting.connection,
            server_version: greeting.version.into(),
            hops: self.mysql_hops(is_encrypted, handshake.server()?),
            character_set: response.character_set,
            accepts_unproved: self.settings.allow_unauthenticated || self.is_proved_by_certificate(),
        };
        let server_number = if is_encrypted { 2 } else { 1 };
        // Before anything is sent: what cannot be relayed may be a password.
        let relay = Relay::of_login(&Login {
            hops: agreed.hops,
            plugin: if response.plugin.is_empty() { greeting.plugin } else { response.plugin },
            proof: response.proof,
            challenge: greeting.challenge,
            factors: agreed.capabilities.has(Capabilities::MULTI_FACTOR),
            trusts_key: trusts_key(&self.settings.upstream_tls, peer(handshake.server()?)),
            numbers: Numbers { client: response.sequence.wrapping_add(1), server: server_number + 1 },
        })
        .map_err(Fault::MysqlObstacle)?;
        if let Some(config) = tls {
            handshake.say(&response.tls_request(packet, greeting.capabilities)).await?;
            handshake.encrypt(config).await?.map_err(|source| self.unreachable(source))?;
        }
        handshake.relay = Some(relay);
        let sent = Zeroizing::new(response.for_server(packet, greeting.capabilities, is_encrypted));
        handshake.say(&sent).await?;
        self.received.reserve(RECEIVED_BYTES);
        self.relay(handshake).await?;
        Ok(agreed)
    }

    fn mysql_hops(&self, is_encrypted: bool, server: &Server) -> Hops {
        let is_private = is_encrypted || matches!(server.stream, Stream::Unix(_));
        match (self.is_tls(), is_private) {
            (false, false) => Hops::Plaintext,
            (true, true) => Hops::Private,
            (true, false) => Hops::PrivateClient,
            (false, true) => Hops::PrivateServer,
        }
    }

    async fn relay(&mut self, handshake: &mut Handshake) -> Result<(), Fault> {
        loop {
            match handshake.judge()? {
                Challenge::More => self.wait_for(handshake).await?,
                Challenge::Pass(len) => self.pass_down(handshake, len).await?,
                Challenge::Key(len) => hide_password(handshake, len).await?,
                Challenge::Failed { len, sqlstate } => {
                    let told = self.pass_down(handshake, len).await;
                    // The server has refused and waits for nothing more.
                    handshake.leave()?;
                    told?;
                    return Err(Fault::Refused(sqlstate));
                }
                Challenge::Impossible(obstacle) => return Err(Fault::MysqlObstacle(obstacle)),
                Challenge::Granted { proved, .. } => return self.granted(handshake, proved),
            }
        }
    }

    /// The OK waits for the session, which reads it first.
    fn granted(&self, handshake: &mut Handshake, proved: bool) -> Result<(), Fault> {
        // On a unix socket the server may have asked the system who the gateway is.
        let proved = proved && !matches!(handshake.server()?.address, UpstreamAddress::Unix(_));
        let proved = proved || self.is_proved_by_certificate();
        if !proved && !self.settings.allow_unauthenticated {
            return Err(Fault::Unproved);
        }
        handshake.number_granted()
    }

    async fn pass_down(&mut self, handshake: &mut Handshake, len: usize) -> Result<(), Fault> {
        let mut packet = handshake.take_heard(len);
        handshake.relay()?.client_number(&mut packet);
        self.note_number(handshake)?;
        self.tell(&packet).await?;
        self.login.waits_for_client(true);
        Ok(())
    }

    /// An error of the gateway's own would be the client's next packet.
    fn note_number(&mut self, handshake: &mut Handshake) -> Result<(), Fault> {
        self.moment = (Moment::Session, handshake.relay()?.numbers().client);
        Ok(())
    }

    /// Waits for the server's next bytes and meanwhile passes on what the client answers.
    async fn wait_for(&mut self, handshake: &mut Handshake) -> Result<(), Fault> {
        loop {
            while let Some(said) = handshake.relay()?.client(&self.received)? {
                self.note_number(handshake)?;
                let packet = take_secret(&mut self.received, said.bytes());
                self.answer(handshake, said, packet).await?;
            }
            tokio::select! {
                heard = handshake.hear() => return heard,
                received = self.receive_meanwhile() => received?,
            }
        }
    }

    /// Does with an answer of the client's what is to be done with it.
    async fn answer(
        &mut self,
        handshake: &mut Handshake,
        said: Said,
        mut packet: Zeroizing<Vec<u8>>,
    ) -> Result<(), Fault> {
        self.may_guess()?;
        let mut out = Zeroizing::new(Vec::with_capacity(ANSWER_BYTES));
        self.login.waits_for_client(false);
        match said {
            Said::Pass(_) => {
                handshake.relay()?.server_number(&mut packet);
                handshake.say(&packet).await
            }
            Said::KeyWanted(_) => {
                let key = mysql_password::public_key().await.ok_or(Obstacle::UnlikeHops);
                handshake.relay()?.key_packet(key.map_err(Fault::MysqlObstacle)?, &mut out);
                self.note_number(handshake)?;
                self.tell(&out).await?;
                self.login.waits_for_client(true);
                Ok(())
            }
            Said::Hidden(_) => {
                let hidden = packet.get(HEADER_BYTES..).unwrap_or_default();
                let revealed = mysql_password::reveal(hidden).await.ok_or(Obstacle::AnotherKey);
                let mut password = revealed.map_err(Fault::MysqlObstacle)?;
                let relay = handshake.relay()?;
                relay.cover(&mut password);
                relay.answer(&password, &password, &mut out);
                handshake.say(&out).await
            }
            Said::Clear(_) => {
                handshake.password = Zeroizing::new(packet.split_off(HEADER_BYTES));
                handshake.relay()?.key_request(&mut out);
                handshake.say(&out).await
            }
        }
    }
}

/// Whether a key that comes over a connection in plaintext is the server's own: nobody is between on one
/// machine, and where the settings say `disable` nobody is taken to be.
fn trusts_key(tls: &UpstreamTls, peer: Option<IpAddr>) -> bool {
    matches!(tls, UpstreamTls::Disable) || peer.is_some_and(|peer| peer.to_canonical().is_loopback())
}

fn peer(server: &Server) -> Option<IpAddr> {
    let Stream::Tcp(socket) = &server.stream else { return None };
    socket.peer_addr().ok().map(|peer| peer.ip())
}

/// Sends the client's password under the key that the server has given in its last `len` bytes.
async fn hide_password(handshake: &mut Handshake, len: usize) -> Result<(), Fault> {
    let password = std::mem::take(&mut handshake.password);
    let mut covered = password.clone();
    handshake.relay()?.cover(&mut covered);
    let packet = handshake.heard().get(..len).unwrap_or_default();
    let hidden = mysql_password::hide(authentication::key(packet), covered).await;
    // Until then the packet stays: where no answer can be made, somebody has to read it again.
    let hidden = hidden.ok_or(Fault::MysqlObstacle(Obstacle::BadKey))?;
    handshake.take_heard(len);
    let mut out = Vec::new();
    handshake.relay()?.answer(&password, &hidden, &mut out);
    handshake.say(&out).await
}

/// Takes the first `len` bytes, which may be a password, and wipes where they were.
fn take_secret(received: &mut Vec<u8>, len: usize) -> Zeroizing<Vec<u8>> {
    let Some(front) = received.get_mut(..len) else { return Zeroizing::default() };
    let taken = Zeroizing::new(front.to_vec());
    front.zeroize();
    received.drain(..len);
    taken
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_key_in_plaintext_is_trusted_on_this_machine_and_where_the_settings_say_so() {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let roots = rustls::RootCertStore::empty();
        let config = builder.unwrap().with_root_certificates(roots).with_no_client_auth();
        let prefer = UpstreamTls::Prefer(Arc::new(config));
        for (peer, expected) in [
            (Some("127.0.0.1"), true),
            (Some("127.8.0.1"), true),
            (Some("::1"), true),
            (Some("::ffff:127.0.0.1"), true),
            (Some("192.0.2.1"), false),
            (Some("10.0.0.1"), false),
            (Some("fd00::1"), false),
            (None, false),
        ] {
            let address = peer.map(|text| text.parse().unwrap());
            assert_eq!(trusts_key(&prefer, address), expected, "{peer:?}");
            assert!(trusts_key(&UpstreamTls::Disable, address), "{peer:?}");
        }
    }

    #[test]
    fn what_is_taken_is_not_left_behind() {
        let mut received = b"secret, and then a request".to_vec();
        assert_eq!(take_secret(&mut received, 6).as_slice(), b"secret");
        assert_eq!(received, b", and then a request");
        assert_eq!(take_secret(&mut received, 100).as_slice(), b"");
    }
}
