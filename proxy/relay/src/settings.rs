//! What does a listener do, in the form the data path uses: parsed, checked, ready?

use exchange::{Class, Environment, Protocol};
use policies::Ruleset;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Where a server listens.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum UpstreamAddress {
    /// `host:port`; the host is resolved at each connection.
    Tcp {
        /// A name or an address.
        host: Box<str>,
        /// The port.
        port: u16,
    },
    /// A unix socket's path.
    Unix(PathBuf),
}

impl std::fmt::Display for UpstreamAddress {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            UpstreamAddress::Tcp { host, port } if host.contains(':') => write!(formatter, "[{host}]:{port}"),
            UpstreamAddress::Tcp { host, port } => write!(formatter, "{host}:{port}"),
            UpstreamAddress::Unix(path) => write!(formatter, "unix:{}", path.display()),
        }
    }
}

/// Whether a refusal is only recorded or really happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Judge, record, forward.
    Observe,
    /// Judge and refuse.
    Enforce,
}

impl Mode {
    /// The word used in settings and records.
    pub fn as_str(self) -> &'static str {
        match self {
            Mode::Observe => "observe",
            Mode::Enforce => "enforce",
        }
    }
}

/// TLS towards the client.
#[derive(Clone, Debug)]
pub struct ClientTls {
    /// Whether plaintext is refused (`require`).
    pub required: bool,
    /// Certificate and versions; `None` answers every request for TLS with no.
    pub config: Option<Arc<rustls::ServerConfig>>,
    /// The listener's own certificate (DER), to see whether it is the upstream's as well.
    pub certificate: Option<Arc<[u8]>>,
}

/// TLS towards the upstream.
#[derive(Clone, Debug)]
pub enum UpstreamTls {
    /// Never.
    Disable,
    /// When the server can (`prefer`), without checking who it is.
    Prefer(Arc<rustls::ClientConfig>),
    /// Always; the config checks what the mode asks for (`require`, `verify-ca`, `verify-full`).
    Require(Arc<rustls::ClientConfig>),
}

/// The bounds of a listener. Zero in a count or a wait of the settings is `None` here.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Sessions at once.
    pub connections: Option<usize>,
    /// Sessions at once for one database role.
    pub connections_per_user: Option<usize>,
    /// Sessions at once from one address.
    pub connections_per_address: Option<usize>,
    /// Largest statement that is held whole and judged, in bytes.
    pub statement_bytes: usize,
    /// Longest wait for a login to finish.
    pub login: Duration,
    /// Most bytes a client may send before it is logged in.
    pub login_bytes: usize,
    /// Longest a session may be idle outside a transaction.
    pub idle: Option<Duration>,
    /// Longest a session may be idle inside a transaction.
    pub transaction_idle: Option<Duration>,
}

/// What happens to a statement the ledger cannot record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnFailure {
    /// It runs; what is missing is counted and a gap record tells.
    Continue,
    /// It is refused.
    Refuse,
}

/// [`OnFailure`] for each class of statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OnFailureByClass([OnFailure; Class::ALL.len()]);

impl OnFailureByClass {
    /// The same for every class.
    pub fn all(on_failure: OnFailure) -> OnFailureByClass {
        OnFailureByClass([on_failure; Class::ALL.len()])
    }

    /// The same, but for one class.
    #[must_use]
    pub fn with(mut self, class: Class, on_failure: OnFailure) -> OnFailureByClass {
        if let Some(entry) = self.0.get_mut(class.index()) {
            *entry = on_failure;
        }
        self
    }

    /// What holds for `class`.
    pub fn of(&self, class: Class) -> OnFailure {
        self.0.get(class.index()).copied().unwrap_or(OnFailure::Refuse)
    }
}

/// Everything the data path has to know about one listener. Replaced as a whole by a reload; a
/// session keeps the one it started with, but for the rules.
#[derive(Clone, Debug)]
pub struct ListenerSettings {
    /// The listener's name.
    pub name: Arc<str>,
    /// Who owns it.
    pub workspace: Arc<str>,
    /// How careful to be.
    pub environment: Environment,
    /// Which protocol it speaks.
    pub protocol: Protocol,
    /// Where it listens.
    pub listen: SocketAddr,
    /// The servers behind it, in order of preference; never empty.
    pub upstream: Vec<UpstreamAddress>,
    /// Whether refusals really happen.
    pub mode: Mode,
    /// The rules; their epoch is given by the listener that takes them.
    pub rules: Ruleset,
    /// Whether a login that the upstream grants without a challenge is accepted.
    pub allow_unauthenticated: bool,
    /// TLS towards the client.
    pub client_tls: ClientTls,
    /// TLS towards the upstream.
    pub upstream_tls: UpstreamTls,
    /// The bounds.
    pub limits: Limits,
    /// What happens when the ledger cannot record.
    pub on_failure: OnFailureByClass,
    /// The gateway's own identity at the upstream, for looking at privileges and catalogs.
    pub probe: Option<Probe>,
    /// Whether only roles that can do nothing but read, as the probe found, may log in.
    pub require_verified: bool,
}

/// As whom the gateway itself logs in to the upstream, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// The role.
    pub user: Box<str>,
    /// Its password; `None` where the server asks for none.
    pub password: Option<Secret>,
    /// Databases to look at from the start; others are when somebody logs in to them.
    pub databases: Box<[Box<str>]>,
    /// How often it looks anew.
    pub interval: Duration,
}

/// What nobody may read in a log: it has no text form.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Box<str>);

impl Secret {
    /// Keeps `value` from being printed.
    pub fn new(value: &str) -> Secret {
        Secret(value.into())
    }

    /// The secret itself, for whoever sends it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Secret(…)")
    }
}
