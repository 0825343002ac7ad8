//! What can be set? One field is one setting: its doc is its entry in the reference, its default is
//! the example's, its `x-reload` says what a reload does with it.
//!
//! The reference, the example and the JSON schema are generated from these structs, and a file is
//! checked against that schema before it becomes one of them: the values here are already sane.

mod admin;
mod authentication;
mod key_store;
mod ledger;
mod retention;
mod stream;
mod tls;

pub use admin::{
    Admin, AdminLink, Link, Mail, MailTls, Registration, SignIn, SignInGroup, SignInKind, State,
};
pub use authentication::{Authentication, AuthenticationMode};
pub use key_store::{KeyStore, KeyStoreKind};
pub use ledger::{
    Checkpoints, CopyContent, Ledger, LedgerCopy, OnFailure, OnFailureByClass, RecordBefore, Retention, Sync,
    SyncByClass,
};
pub use retention::AdminRetention;
pub use stream::ReportStream;
pub use tls::{CertificateNames, ClientCertificate, LowestTls, Tls, TlsMode, UpstreamTls, UpstreamTlsMode};

use super::address;
use super::path::Origin;
use relay::settings::UpstreamAddress;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

/// The settings of one gateway, from one TOML file. Unknown keys are errors; relative paths are
/// relative to the file. A setting outside `[[listener]]` can be overridden by an environment
/// variable: `DRAGOMAN_STATUS__LISTEN` overrides `status.listen`, with two underscores between a
/// table and a key.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where the gateway tells how it is.
    #[serde(default)]
    pub status: Status,
    /// The files that say who asked what, when, and how it ended.
    #[serde(default)]
    pub ledger: Ledger,
    /// The rules that judge statements.
    #[serde(default)]
    pub policies: Policies,
    /// How the process that serves the listeners runs.
    #[serde(default)]
    pub data_plane: DataPlane,
    /// The control plane: people, the API and the console. It starts only where this table is.
    #[serde(default)]
    #[schemars(extend("x-optional" = true, "x-reload" = "restart"))]
    pub admin: Option<Admin>,
    /// Where the control plane keeps its state.
    #[serde(default)]
    pub state: State,
    /// The control plane of this data plane, where it runs elsewhere. Without it and without `[admin]` this
    /// file alone decides. With `[admin]` in the same process this is not used.
    #[serde(default)]
    #[schemars(extend("x-optional" = true, "x-reload" = "restart"))]
    pub link: Option<Link>,
    /// A stream of NATS JetStream that takes reports as well, for those who look at traffic with engines of their own.
    #[serde(default)]
    #[schemars(extend("x-optional" = true, "x-reload" = "restart"))]
    pub report_stream: Option<ReportStream>,
    /// A port the gateway serves, and the server behind it. May be repeated; a reload opens
    /// and closes ports as listeners come, move and go.
    #[serde(default, rename = "listener")]
    pub listeners: Vec<Listener>,
    /// Where each value was written.
    #[serde(skip)]
    pub(crate) origin: Origin,
}

/// Where the gateway tells how it is.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Status {
    /// Address and port of `/healthz`, `/readyz` and `/metrics` over plain HTTP. Neither shows SQL
    /// or names of users, but keep it where only your monitoring can reach it. Port 0 takes any free
    /// port.
    #[schemars(with = "String", extend("format" = "listen-address", "x-reload" = "restart"))]
    pub listen: SocketAddr,
}

impl Default for Status {
    fn default() -> Status {
        Status { listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 9432)) }
    }
}

/// The rules that judge statements.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Policies {
    /// The folder of rule sets: the file `NAME.toml` in it is the rule set `NAME`, which a listener
    /// names in `policies`. Shipped rule sets are built in; a file of
    /// such a name is a mistake where the listener names it.
    #[schemars(with = "String", extend("format" = "path", "x-reload" = "at once"))]
    pub directory: PathBuf,
}

impl Default for Policies {
    fn default() -> Policies {
        Policies { directory: PathBuf::from("policies") }
    }
}

/// How the process that serves the listeners runs.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DataPlane {
    /// Threads that carry sessions; 0 takes one for every two processor cores. A session stays on
    /// its thread.
    #[schemars(range(min = 0, max = 1024), extend("x-reload" = "restart"))]
    pub threads: u16,
    /// Most memory, in bytes, that the statistics of fingerprints take; when it is used up, those that
    /// matter least are only counted together.
    #[schemars(range(min = 1_048_576, max = 17_179_869_184_u64), extend("x-reload" = "restart"))]
    pub statistics_bytes: u64,
    /// Most memory, in bytes, that statements may take together until the server has them. When it is used up they get
    /// through one after the other, and a session that keeps the others waiting for too long is ended.
    #[schemars(range(min = 1_048_576, max = 1_099_511_627_776_u64), extend("x-reload" = "restart"))]
    pub held_bytes: u64,
    /// Longest time, in seconds, that a stopping gateway lets open transactions finish before it
    /// ends their sessions; 0 ends them at once.
    #[schemars(range(min = 0, max = 86_400), extend("x-reload" = "at once"))]
    pub drain_seconds: u32,
    /// Longest time, in seconds, that sessions stay with a process whose place another one has taken (SIGUSR2), as
    /// if nothing had been. Those that are left then end as if it were stopped. 0 stops it at once.
    #[schemars(range(min = 0, max = 86_400), extend("x-reload" = "at once"))]
    pub handover_seconds: u32,
}

impl Default for DataPlane {
    fn default() -> DataPlane {
        DataPlane {
            threads: 0,
            statistics_bytes: 64 * 1024 * 1024,
            held_bytes: 512 * 1024 * 1024,
            drain_seconds: 30,
            handover_seconds: 60,
        }
    }
}

/// A port the gateway serves, and the server behind it.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Listener {
    /// What it is called in the ledger, the metrics and in messages: 1 to 63 of the characters a-z,
    /// 0-9, `_` and `-`. No two listeners share one.
    #[schemars(
        regex(pattern = "^[a-z0-9_-]{1,63}$"),
        extend("format" = "name", "x-reload" = "new sessions"),
        example = &"shop"
    )]
    pub name: String,
    /// The protocol it speaks.
    #[serde(default = "default::protocol")]
    #[schemars(extend("x-reload" = "restart"))]
    pub protocol: Protocol,
    /// The address and port clients connect to. `0.0.0.0` or `[::]` stands for every address of the
    /// machine, port 0 for any free port.
    #[schemars(
        with = "String",
        extend("format" = "listen-address", "x-reload" = "new sessions"),
        example = &"127.0.0.1:6432"
    )]
    pub listen: SocketAddr,
    /// The server behind it, as `host:port` or `unix:/path/of/the/socket`; or a list of servers, of
    /// which each session takes the first that accepts a connection. Names are resolved for each
    /// connection.
    #[serde(with = "address::upstream")]
    #[schemars(schema_with = "upstream_schema", extend("x-reload" = "new sessions"))]
    pub upstream: Vec<UpstreamAddress>,
    /// Who owns this listener and its traffic: 1 to 63 of the characters a-z, 0-9, `_` and `-`.
    #[serde(default = "default::workspace")]
    #[schemars(
        regex(pattern = "^[a-z0-9_-]{1,63}$"),
        extend("format" = "name", "x-reload" = "new sessions")
    )]
    pub workspace: String,
    /// How careful people have to be with what is behind it.
    #[serde(default = "default::environment")]
    #[schemars(extend("x-reload" = "new sessions"))]
    pub environment: Environment,
    /// Whether a refusal really happens.
    #[serde(default = "default::mode")]
    #[schemars(extend("x-reload" = "at once"))]
    pub mode: Mode,
    /// The names of the rule sets that judge its statements, in order: shipped ones, or files in
    /// `policies.directory`. Without any, `default` decides.
    #[serde(default)]
    #[schemars(extend("x-reload" = "at once"))]
    pub policies: Vec<String>,
    /// The verdict on a statement that no rule matches.
    #[serde(default = "default::verdict")]
    #[schemars(extend("x-reload" = "at once"))]
    pub default: DefaultVerdict,
    /// Whether the control plane publishes rule sets for it. They come after those of `policies`, and
    /// nothing published asks for less than this file: what `policies` refuse stays refused, and a
    /// listener that enforces by `mode` goes on enforcing. Where `default` refuses, a published rule can allow
    /// what no rule of this file speaks of.
    #[serde(default)]
    #[schemars(extend("x-reload" = "at once"))]
    pub managed: bool,
    /// Whether people may change its mode for a stated time by the control plane, also from `enforce` to `observe`,
    /// below what `mode` says: what the rules refuse, those of this file as well, passes meanwhile and is recorded. It
    /// needs `managed`. A change lasts a day at the most and ends by this machine's clocks; set to `false`, it ends at once.
    #[serde(default)]
    #[schemars(extend("x-reload" = "at once"))]
    pub mode_changes: bool,
    /// Whether to let a client in when the upstream accepts the login without asking for any proof
    /// (`trust`, `peer`, `ident`; of MySQL an account without a password, or `unix_socket`). The upstream then trusts the gateway's address, and so everybody
    /// behind it: leave it `false` unless only trusted clients can reach this listener.
    #[serde(default)]
    #[schemars(extend("x-reload" = "new sessions"))]
    pub allow_unauthenticated: bool,
    /// The addresses and networks of load balancers that say by the PROXY protocol, version 1 or 2, whose connection
    /// they bring. A connection from there has to begin with such a header, and what it names is the client's address
    /// in rules, limits and records. All others are served as they come.
    #[serde(default)]
    #[schemars(schema_with = "networks_schema", extend("x-reload" = "new sessions"))]
    pub proxy_protocol_from: Vec<String>,
    /// Whether only those may log in whose role, or account of MySQL, can do nothing but read, as the probe found in
    /// the database itself: `true` refuses a role that can do more, and one of which that cannot be told. It
    /// needs `probe.user`. Sessions that live are not ended.
    #[serde(default)]
    #[schemars(extend("x-reload" = "new sessions"))]
    pub require_verified: bool,
    /// The gateway's own identity at the upstream, with which it looks at what roles may really do and at
    /// what a database's own functions and views do. Without it every role is `unverified`.
    #[serde(default)]
    pub probe: Probe,
    /// How clients prove who they are.
    #[serde(default)]
    pub authentication: Authentication,
    /// TLS towards the client.
    #[serde(default)]
    pub tls: Tls,
    /// TLS towards the upstream.
    #[serde(default)]
    pub upstream_tls: UpstreamTls,
    /// The listener's bounds.
    #[serde(default)]
    pub limits: Limits,
    /// Which of the file's `[[listener]]` tables this is.
    #[serde(skip)]
    pub(crate) index: usize,
}

fn networks_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "array",
        "items": { "type": "string", "format": "network" },
        "examples": [["10.0.0.0/8", "fd00::7"]]
    })
}

fn upstream_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "anyOf": [
            { "type": "string", "format": "upstream-address" },
            { "type": "array", "minItems": 1, "items": { "type": "string", "format": "upstream-address" } }
        ],
        "examples": [["127.0.0.1:5432"]]
    })
}

mod default {
    use super::{DefaultVerdict, Environment, Mode, Protocol};

    pub(super) fn protocol() -> Protocol {
        Protocol::Postgres
    }
    pub(super) fn workspace() -> String {
        String::from("default")
    }
    pub(super) fn environment() -> Environment {
        Environment::Production
    }
    pub(super) fn mode() -> Mode {
        Mode::Observe
    }
    pub(super) fn verdict() -> DefaultVerdict {
        DefaultVerdict::Allow
    }
}

/// The protocol a listener speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Protocol {
    /// PostgreSQL's, version 3.
    Postgres,
    /// MySQL's, which MariaDB speaks too. Listeners for it are usually on port 6033. A statement of 16 MiB and more
    /// comes in several packets and counts as larger than `limits.statement_bytes`, whatever that says.
    Mysql,
}

/// How careful people have to be with what is behind a listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Environment {
    /// Somebody's own machine or branch.
    Development,
    /// Looks like production, holds no real customers.
    Staging,
    /// The real thing.
    Production,
}

impl From<Environment> for exchange::Environment {
    fn from(environment: Environment) -> exchange::Environment {
        match environment {
            Environment::Development => exchange::Environment::Development,
            Environment::Staging => exchange::Environment::Staging,
            Environment::Production => exchange::Environment::Production,
        }
    }
}

impl From<Protocol> for exchange::Protocol {
    fn from(protocol: Protocol) -> exchange::Protocol {
        match protocol {
            Protocol::Postgres => exchange::Protocol::Postgres,
            Protocol::Mysql => exchange::Protocol::Mysql,
        }
    }
}

/// Whether a refusal really happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// Judge, record, forward.
    Observe,
    /// Judge and refuse.
    Enforce,
}

/// The verdict on a statement that no rule matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DefaultVerdict {
    /// It may pass.
    Allow,
    /// It may not.
    Refuse,
}

/// The gateway's own identity at the upstream.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Probe {
    /// The role the gateway logs in as; without it nothing is looked at. It needs to connect to each
    /// database and nothing else; of MySQL, to read the database `mysql`.
    #[schemars(example = &"dragoman_probe", extend("x-reload" = "new sessions"))]
    pub user: Option<String>,
    /// Its password. Not set, it logs in without one.
    pub password: Secret,
    /// Databases to look at from the start; every other one is at the first login to it. Not for MySQL, whose
    /// accounts belong to the server as a whole.
    #[schemars(extend("x-reload" = "new sessions"))]
    pub databases: Vec<String>,
    /// How often, in seconds, everything is looked at anew. A role that was not seen before is looked at
    /// when it logs in.
    #[schemars(range(min = 10, max = 86_400), extend("x-reload" = "new sessions"))]
    pub interval_seconds: u32,
}

impl Default for Probe {
    fn default() -> Probe {
        Probe { user: None, password: Secret::default(), databases: Vec::new(), interval_seconds: 3_600 }
    }
}

/// Where a secret is kept: in a file or in an environment variable.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Secret {
    /// The file that holds it; a line break at its end does not count.
    #[schemars(with = "Option<String>", example = &"some.secret", extend("format" = "path", "x-reload" = "new sessions"))]
    pub file: Option<PathBuf>,
    /// The environment variable that holds it.
    #[schemars(example = &"SOME_SECRET", extend("x-reload" = "new sessions"))]
    pub env: Option<String>,
}

/// The listener's bounds.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Most sessions at once; 0 = no limit.
    #[schemars(range(min = 0, max = 1_000_000), extend("x-reload" = "new sessions"))]
    pub connections: u32,
    /// Most sessions at once for one database role; 0 = no limit.
    #[schemars(range(min = 0, max = 1_000_000), extend("x-reload" = "new sessions"))]
    pub connections_per_user: u32,
    /// Most sessions at once from one address; 0 = no limit.
    #[schemars(range(min = 0, max = 1_000_000), extend("x-reload" = "new sessions"))]
    pub connections_per_address: u32,
    /// Most logins under way at once; 0 = no limit. Others wait for their turn, within `login_seconds`. A login whose client
    /// lets the gateway wait for more than half a second meanwhile is ended to make room.
    #[schemars(range(min = 0, max = 1_000_000), extend("x-reload" = "new sessions"))]
    pub logins: u32,
    /// Most logins of one address that may fail in a minute for a wrong password; 0 = no limit. Then no login of that
    /// address is tried, right or wrong, until enough of them have been long ago. Of IPv6 the first 64 bits count as the
    /// address. Not set, it is 60 with `authentication.mode = "verify"`, and no limit with `relay`: there the server
    /// checks the password, and answers at its own pace.
    #[schemars(range(min = 0, max = 1_000_000), example = 60, extend("x-reload" = "new sessions"))]
    pub login_failures: Option<u32>,
    /// Largest statement, in bytes, that is held whole and judged. A larger one is refused in mode
    /// `enforce`, and passed unjudged and recorded as such in mode `observe`.
    #[schemars(range(min = 1024, max = 1_073_741_823), extend("x-reload" = "new sessions"))]
    pub statement_bytes: u32,
    /// Longest time, in seconds, from a client's connection to the end of its login.
    #[schemars(range(min = 1, max = 600), extend("x-reload" = "new sessions"))]
    pub login_seconds: u32,
    /// Most bytes a client may send before it is logged in.
    #[schemars(range(min = 1024, max = 16_777_216), extend("x-reload" = "new sessions"))]
    pub login_bytes: u32,
    /// Longest time, in seconds, that a session may be idle outside a transaction; 0 = no limit.
    #[schemars(range(min = 0, max = 31_536_000), extend("x-reload" = "new sessions"))]
    pub idle_seconds: u32,
    /// Longest time, in seconds, that a session may be idle inside a transaction; 0 = no limit.
    #[schemars(range(min = 0, max = 31_536_000), extend("x-reload" = "new sessions"))]
    pub transaction_idle_seconds: u32,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            connections: 10_000,
            connections_per_user: 0,
            connections_per_address: 0,
            logins: 1_000,
            login_failures: None,
            statement_bytes: 16 * 1024 * 1024,
            login_seconds: 15,
            login_bytes: 64 * 1024,
            idle_seconds: 0,
            transaction_idle_seconds: 0,
        }
    }
}
