//! What does a listener do, in the form the data path uses: parsed, checked, ready?

use crate::verifiers::Verifiers;
use exchange::{Class, Environment, Protocol, Statement, Verb};
use policies::{Network, Ruleset};
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

/// TLS towards the client. By default there is none.
#[derive(Clone, Debug, Default)]
pub struct ClientTls {
    /// Whether plaintext is refused (`require`).
    pub required: bool,
    /// Certificate and versions; `None` answers every request for TLS with no.
    pub config: Option<Arc<rustls::ServerConfig>>,
    /// The listener's own certificate (DER), to see whether it is the upstream's as well.
    pub certificate: Option<Arc<[u8]>>,
    /// Whether clients show certificates of their own.
    pub asked: Asked,
    /// Whether a certificate says who its client is: its role, and no other, and without any other proof.
    pub names_user: bool,
    /// SHA-256 over everything that `config` is made from, but for the key, which belongs to the certificate.
    pub digest: [u8; 32],
}

impl ClientTls {
    /// The same, with what was agreed on with clients under `before` still known (tickets of TLS sessions) where
    /// nothing of the certificates has changed: what a client has shown once still counts then, and only then.
    pub(crate) fn after(mut self, before: &ClientTls) -> ClientTls {
        if self.config.is_some() && before.config.is_some() && self.digest == before.digest {
            self.config.clone_from(&before.config);
        }
        self
    }
}

/// Whether clients are asked for a certificate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Asked {
    /// They are not.
    #[default]
    Never,
    /// One that is shown has to be good.
    Optional,
    /// Nobody gets in without.
    Required,
}

/// A side of the gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Towards clients.
    Client,
    /// Towards the upstream.
    Upstream,
}

impl Side {
    /// The word used in labels.
    pub fn as_str(self) -> &'static str {
        match self {
            Side::Client => "client",
            Side::Upstream => "upstream",
        }
    }
}

/// When a certificate, or a list of revoked ones, no longer holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expiry {
    /// Towards whom it is used.
    pub side: Side,
    /// The setting that names its file, such as `tls.certificate`.
    pub setting: &'static str,
    /// The second, counted from 1970.
    pub at: u64,
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
    /// Logins under way at once.
    pub logins: Option<usize>,
    /// Failed logins of one address that are let pass in a minute.
    pub login_failures: Option<u32>,
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

/// What waits until its record is kept: a statement before it is forwarded, the answer to one that does
/// not pass before the client gets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordBefore {
    /// One bit for each class.
    classes: u16,
    /// The answer to a statement that was refused.
    pub refused: bool,
    /// The answer to a statement that is held for approval.
    pub held: bool,
}

impl RecordBefore {
    /// Nothing waits.
    pub const NOTHING: RecordBefore = RecordBefore { classes: 0, refused: false, held: false };

    /// The same, and statements of `class` wait.
    #[must_use]
    pub fn with(mut self, class: Class) -> RecordBefore {
        self.classes |= bit(class);
        self
    }

    /// Whether `statement` waits. What leaves a transaction never does.
    pub fn includes(self, statement: &Statement) -> bool {
        self.classes & bit(statement.class) != 0 && statement.verb != Verb::Leave
    }
}

impl Default for RecordBefore {
    /// What may leave a trace, and every answer to what did not pass.
    fn default() -> RecordBefore {
        let tracing = Class::ALL.into_iter().filter(|class| class.may_leave_trace());
        tracing.fold(RecordBefore { refused: true, held: true, ..RecordBefore::NOTHING }, RecordBefore::with)
    }
}

fn bit(class: Class) -> u16 {
    1u16.checked_shl(class.index() as u32).unwrap_or(0)
}

const _: () = assert!(Class::ALL.len() <= u16::BITS as usize);

/// Who asks the client for proof.
#[derive(Clone, Debug)]
pub enum Authentication {
    /// The upstream does, and the gateway passes question and answer on.
    Relay,
    /// The gateway does, by what is stored of the role's password, and proves it anew to the upstream (PostgreSQL).
    Verify(Arc<Verifiers>),
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
    /// Who asks the client for proof.
    pub authentication: Authentication,
    /// From where connections come that begin with a PROXY header, which names their client.
    pub proxy_protocol_from: Box<[Network]>,
    /// TLS towards the client.
    pub client_tls: ClientTls,
    /// TLS towards the upstream.
    pub upstream_tls: UpstreamTls,
    /// When what it shows, and what it checks by, no longer holds.
    pub expiries: Box<[Expiry]>,
    /// The bounds.
    pub limits: Limits,
    /// What happens when the ledger cannot record.
    pub on_failure: OnFailureByClass,
    /// What waits until its record is kept.
    pub record_before: RecordBefore,
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
