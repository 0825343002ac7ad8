//! How is something put into a stream of NATS JetStream?
//!
//! Each message under an id of its own (`Nats-Msg-Id`), by which the server leaves out what comes twice within the time
//! its stream looks back (two minutes unless it was made with another one). What the stream has not acknowledged
//! counts as not there: whoever sends keeps it, and sends it again under the same id. The stream itself is made by those
//! whose server it is; nothing here makes, changes or reads one.

use crate::config::SecretText;
use async_nats::header::{HeaderMap, NATS_MESSAGE_ID};
use async_nats::jetstream::context::{Context, ContextBuilder, PublishError, PublishErrorKind};
use async_nats::jetstream::message::PublishMessage;
use async_nats::{Client, ConnectError, ConnectErrorKind, ConnectOptions, connection};
use rustls::ClientConfig;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// Longest a connection, its handshake and its login take.
const CONNECT_MAX: Duration = Duration::from_secs(10);
/// Longest an acknowledgement is waited for.
const ACKNOWLEDGE_MAX: Duration = Duration::from_secs(10);

/// How one shows who one is.
#[derive(Clone, Debug, Default)]
pub enum NatsLogin {
    /// Not at all.
    #[default]
    Nobody,
    /// By a token.
    Token(SecretText),
    /// By a name and a password.
    Password {
        /// The name.
        user: Box<str>,
        /// The password.
        password: SecretText,
    },
    /// By what a file of credentials holds: a JWT, and the key that signs what the server asks to be signed.
    Credentials(SecretText),
}

/// A server and where messages go there.
#[derive(Clone, Debug)]
pub struct NatsSettings {
    /// A name or an address, without brackets.
    pub host: Box<str>,
    /// The port.
    pub port: u16,
    /// How every subject begins.
    pub subject: Box<str>,
    /// How the server is checked; `None` without TLS, which only a server on this machine may be spoken to.
    pub tls: Option<Arc<ClientConfig>>,
    /// How one shows who one is.
    pub login: NatsLogin,
}

/// What went wrong, as far as it matters to whoever tries again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NatsFault {
    /// Nobody answers there.
    Away,
    /// It did not answer in time.
    Silent,
    /// It cannot show who it is, or does not speak TLS.
    Tls,
    /// The connection ended.
    BrokenOff,
    /// It does not want this.
    Refused,
    /// A message is longer than it takes; none of the messages behind it were sent.
    TooLong,
}

/// Why something is not in a stream.
#[derive(Debug, thiserror::Error)]
#[error("{detail}")]
pub(crate) struct NatsError {
    pub(crate) fault: NatsFault,
    pub(crate) detail: String,
}

impl NatsError {
    fn new(fault: NatsFault, detail: impl Into<String>) -> NatsError {
        NatsError { fault, detail: detail.into() }
    }
}

/// Something for a stream.
#[derive(Debug)]
pub(crate) struct Message {
    /// How the subject ends: words of letters, digits, `-` and `_` with dots between.
    pub(crate) subject_end: String,
    /// What it is known by when it comes again; empty where that is not known, and then it may be there twice.
    pub(crate) id: String,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) payload: Vec<u8>,
}

/// The near end of a stream: a connection while there is one.
#[derive(Debug)]
pub(crate) struct Stream {
    settings: NatsSettings,
    open: Option<(Client, Context)>,
}

impl Stream {
    pub(crate) fn new(settings: NatsSettings) -> Stream {
        Stream { settings, open: None }
    }

    /// Puts messages into the stream, in their order; all of them are there when this is fine. After an error some may be.
    /// Not cancel safe: what is sent twice is there once as long as the stream remembers it.
    pub(crate) async fn publish(&mut self, messages: Vec<Message>) -> Result<(), NatsError> {
        if self
            .open
            .as_ref()
            .is_some_and(|(client, _)| client.connection_state() != connection::State::Connected)
        {
            self.close();
            return Err(NatsError::new(NatsFault::BrokenOff, "the connection has ended"));
        }
        let context = match &self.open {
            Some((_, context)) => context.clone(),
            None => self.connect().await?,
        };
        let mut acknowledgements = Vec::with_capacity(messages.len());
        for Message { subject_end, id, headers, payload } in messages {
            let mut map = HeaderMap::new();
            for (name, value) in headers {
                map.insert(name, value);
            }
            if !id.is_empty() {
                map.insert(NATS_MESSAGE_ID, id);
            }
            let message = PublishMessage::build().payload(payload.into()).headers(map);
            let subject = format!("{}.{subject_end}", self.settings.subject);
            let sent = context.send_publish(subject, message).await;
            acknowledgements.push(sent.map_err(|error| self.not_taken(&error))?);
        }
        for acknowledgement in acknowledgements {
            acknowledgement.await.map_err(|error| self.not_taken(&error))?;
        }
        Ok(())
    }

    /// Ends the connection.
    pub(crate) fn close(&mut self) {
        self.open = None;
    }

    async fn connect(&mut self) -> Result<Context, NatsError> {
        let NatsSettings { host, port, tls, login, .. } = &self.settings;
        let mut options = ConnectOptions::new()
            .name("dragoman")
            .require_tls(tls.is_some())
            .connection_timeout(CONNECT_MAX)
            // Whoever else is there is for the settings to say: certificates are checked for that name.
            .ignore_discovered_servers()
            // The next one is made from here, with pauses of our own; nobody goes on with a login that was changed.
            .max_reconnects(Some(1))
            .event_callback(|event| async move { tracing::debug!(%event, "NATS") });
        if let Some(tls) = tls {
            options = options.tls_client_config(ClientConfig::clone(tls));
        }
        options = match login {
            NatsLogin::Nobody => options,
            NatsLogin::Token(token) => options.token(token.reveal().to_owned()),
            NatsLogin::Password { user, password } => {
                options.user_and_password(user.to_string(), password.reveal().to_owned())
            }
            NatsLogin::Credentials(text) => options.credentials(text.reveal()).map_err(|_| {
                NatsError::new(
                    NatsFault::Refused,
                    "its credentials are not what `nsc` writes into such a file",
                )
            })?,
        };
        let scheme = if tls.is_some() { "tls" } else { "nats" };
        let host = if host.contains(':') { format!("[{host}]") } else { host.to_string() };
        let connected = timeout(CONNECT_MAX, options.connect(format!("{scheme}://{host}:{port}"))).await;
        let silent = |_| NatsError::new(NatsFault::Silent, "it does not answer");
        let client = connected.map_err(silent)?.map_err(|error| not_connected(&error))?;
        let context = ContextBuilder::new().timeout(ACKNOWLEDGE_MAX).build(client.clone());
        self.open = Some((client, context.clone()));
        Ok(context)
    }

    fn not_taken(&self, error: &PublishError) -> NatsError {
        match error.kind() {
            PublishErrorKind::StreamNotFound => NatsError::new(
                NatsFault::Refused,
                format!(
                    "no stream of JetStream takes `{0}.>`: make one there whose subjects have it, and let this login publish to it",
                    self.settings.subject
                ),
            ),
            PublishErrorKind::MaxPayloadExceeded => {
                NatsError::new(NatsFault::TooLong, "a message is longer than its `max_payload`: raise that")
            }
            PublishErrorKind::TimedOut => NatsError::new(
                NatsFault::Silent,
                "it does not acknowledge in time: look whether the stream is full, and whether this login may publish to its subjects",
            ),
            PublishErrorKind::BrokenPipe => NatsError::new(NatsFault::BrokenOff, "the connection has ended"),
            _ => NatsError::new(NatsFault::Refused, words(error)),
        }
    }
}

fn not_connected(error: &ConnectError) -> NatsError {
    let fault = match error.kind() {
        ConnectErrorKind::Authentication | ConnectErrorKind::AuthorizationViolation => NatsFault::Refused,
        ConnectErrorKind::TimedOut => NatsFault::Silent,
        ConnectErrorKind::Tls => NatsFault::Tls,
        _ => NatsFault::Away,
    };
    let detail = words(error);
    // What a handshake failed for comes wrapped as input and output.
    let is_tls =
        fault == NatsFault::Away && ["certificate", "TLS", "tls"].iter().any(|word| detail.contains(word));
    NatsError::new(if is_tls { NatsFault::Tls } else { fault }, detail)
}

/// What an error says, and what it says of its cause.
fn words(error: &(impl std::error::Error + ?Sized)) -> String {
    let own = error.to_string();
    match error.source().map(ToString::to_string) {
        Some(cause) if !own.contains(&cause) => format!("{own}: {cause}"),
        _ => own,
    }
}
