//! What was begun with a MySQL server, and how does it end when the client has left?
//!
//! The server speaks first, so there is a handshake with it before anything is known of the client. One that
//! breaks off counts against the gateway's address (`max_connect_errors`): one client could make the server
//! refuse all the others. So a handshake outlives its opening: [`Handshake::finish`] brings it to an end that
//! does not count (`wire_mysql::abandon`).

use crate::buffer::write_all;
use crate::fault::Fault;
use crate::settings::UpstreamAddress;
use crate::stream::Stream;
use crate::upstream;
use rustls::ClientConfig;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;
use wire_mysql::Violation;
use wire_mysql::abandon::{self, Abandoned, Next};
use wire_mysql::authentication::{Challenge, Relay};
use wire_mysql::capabilities::Capabilities;
use zeroize::Zeroizing;

/// Longest time a handshake is brought to an end after its client. Its connection counts as the client's so
/// long, so the limits on connections bound how many there are.
const FINISH_WAIT: Duration = Duration::from_secs(5);

/// The upstream's end of a connection that is being opened.
pub(crate) struct Server {
    pub(crate) stream: Stream,
    pub(crate) address: UpstreamAddress,
    /// What it said that was not passed on yet.
    pub(crate) heard: Vec<u8>,
}

/// A handshake with an upstream.
#[derive(Default)]
pub(crate) struct Handshake {
    /// `None` before it is reached, and while something is on its way to it: what is cut off in the middle
    /// cannot be brought to an end.
    server: Option<Server>,
    /// What the server can do, and how TLS with it begins, if it does; known with its greeting.
    greeted: Option<(Capabilities, Option<Arc<ClientConfig>>)>,
    /// The login, once the response is on its way.
    pub(crate) relay: Option<Relay>,
    /// The client's password, while the server is asked for the key to hide it under.
    pub(crate) password: Zeroizing<Vec<u8>>,
}

impl Handshake {
    /// Begins with a server that was reached.
    pub(crate) fn begin(&mut self, stream: Stream, address: UpstreamAddress) {
        self.server = Some(Server { stream, address, heard: Vec::new() });
    }

    /// The server has greeted, and waits for a response.
    pub(crate) fn greeted(&mut self, capabilities: Capabilities, tls: Option<Arc<ClientConfig>>) {
        self.greeted = Some((capabilities, tls));
    }

    pub(crate) fn server(&mut self) -> Result<&mut Server, Fault> {
        self.server.as_mut().ok_or_else(lost)
    }

    /// Nothing is owed to the server any more: it goes on to be a session's, or has refused.
    pub(crate) fn leave(&mut self) -> Result<Server, Fault> {
        self.server.take().ok_or_else(lost)
    }

    /// The login under way.
    pub(crate) fn relay(&mut self) -> Result<&mut Relay, Fault> {
        self.relay.as_mut().ok_or_else(lost)
    }

    /// Judges what the server has said. One that breaks the protocol is owed nothing.
    pub(crate) fn judge(&mut self) -> Result<Challenge, Fault> {
        let (Some(relay), Some(server)) = (&mut self.relay, &self.server) else { return Err(lost()) };
        let judged = relay.server(&server.heard);
        if judged.is_err() {
            self.server = None;
        }
        Ok(judged?)
    }

    /// Gives the OK the number its client expects.
    pub(crate) fn number_granted(&mut self) -> Result<(), Fault> {
        match (&mut self.relay, &mut self.server) {
            (Some(relay), Some(server)) => {
                relay.client_number(&mut server.heard);
                Ok(())
            }
            _ => Err(lost()),
        }
    }

    /// What the server has said and nobody has used.
    pub(crate) fn heard(&self) -> &[u8] {
        self.server.as_ref().map_or(&[], |server| &server.heard)
    }

    /// Takes the first `len` bytes of that.
    pub(crate) fn take_heard(&mut self, len: usize) -> Vec<u8> {
        self.server.as_mut().map_or_else(Vec::new, |server| {
            let len = len.min(server.heard.len());
            server.heard.drain(..len).collect()
        })
    }

    /// Reads once from the server. Cancel safe.
    pub(crate) async fn hear(&mut self) -> Result<(), Fault> {
        let server = self.server()?;
        match server.stream.read_buf(&mut server.heard).await.map_err(Fault::Upstream)? {
            0 => Err(Fault::Upstream(io::ErrorKind::UnexpectedEof.into())),
            _ => Ok(()),
        }
    }

    /// Sends to the server. Not cancel safe.
    pub(crate) async fn say(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        let mut server = self.leave()?;
        write_all(&mut server.stream, bytes).await.map_err(Fault::Upstream)?;
        self.server = Some(server);
        Ok(())
    }

    /// Becomes the TLS client of the server. Not cancel safe.
    pub(crate) async fn encrypt(&mut self, config: Arc<ClientConfig>) -> Result<io::Result<()>, Fault> {
        let Server { stream, address, heard } = self.leave()?;
        if !heard.is_empty() {
            return Err(Fault::from(Violation::Smuggled));
        }
        Ok(match upstream::encrypt_end(stream, config, &address).await {
            Ok(stream) => {
                self.server = Some(Server { stream, address, heard });
                Ok(())
            }
            Err(error) => Err(error),
        })
    }

    /// Brings to an end what was begun and is still open. Not cancel safe.
    pub(crate) async fn finish(mut self, listener: &str) {
        if self.server.is_none() || self.greeted.is_none() {
            return;
        }
        match timeout(FINISH_WAIT, self.run_to_end()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                tracing::debug!(listener, %error, "a handshake whose client has left broke off");
            }
            Err(_) => {
                tracing::debug!(listener, "a server did not end a handshake whose client has left in time");
            }
        }
    }

    async fn run_to_end(&mut self) -> Result<(), Fault> {
        let (mut abandoned, owed) = match self.relay.take() {
            Some(relay) => relay.abandon(),
            None => self.respond().await?,
        };
        if let Some(bytes) = owed {
            self.say(&bytes).await?;
        }
        loop {
            match abandoned.server(self.heard())? {
                Next::More => self.hear().await?,
                Next::Answer(len, bytes) => {
                    self.take_heard(len);
                    if !bytes.is_empty() {
                        self.say(&bytes).await?;
                    }
                }
                Next::Over => return Ok(()),
                Next::Leave(bytes) => {
                    self.say(&bytes).await?;
                    return self.leave()?.stream.shutdown().await.map_err(Fault::Upstream);
                }
            }
        }
    }

    /// The response of nobody, behind TLS where a real one would be.
    async fn respond(&mut self) -> Result<(Abandoned, Option<Vec<u8>>), Fault> {
        let (capabilities, tls) = self.greeted.take().ok_or_else(lost)?;
        let is_tls = tls.is_some();
        if let Some(config) = tls {
            self.say(&abandon::tls_request(capabilities)).await?;
            self.encrypt(config).await?.map_err(Fault::Upstream)?;
        }
        let (bytes, abandoned) = abandon::response(capabilities, is_tls);
        Ok((abandoned, Some(bytes)))
    }
}

fn lost() -> Fault {
    Fault::Upstream(io::ErrorKind::NotConnected.into())
}
