//! What can be set of the control plane, and of the link to one that runs elsewhere?

use super::{AdminRetention, KeyStore, Secret};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

/// The control plane: people and the API. It starts only where this table is.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Admin {
    /// Address and port of the API over plain HTTP. Put a proxy that speaks HTTPS in
    /// front of it wherever others than this machine reach it. Port 0 takes any free port.
    #[schemars(with = "String", extend("format" = "listen-address", "x-reload" = "restart"))]
    pub listen: SocketAddr,
    /// The address people have in their browser, and that stands in mails and links. Not set, it is
    /// `http://` and `listen`.
    #[schemars(
        example = &"https://dragoman.example.com",
        extend("format" = "http-url", "x-reload" = "restart")
    )]
    pub public_url: Option<String>,
    /// The folder of what the control plane keeps: its state where `state.url` names no other place, and
    /// the master key where `admin.master_key` names none. Made if it is missing.
    #[schemars(with = "String", extend("format" = "path", "x-reload" = "restart"))]
    pub data_directory: PathBuf,
    /// Who can make an account.
    #[schemars(extend("x-reload" = "restart"))]
    pub registration: Registration,
    /// Longest time, in hours, that somebody stays signed in.
    #[schemars(range(min = 1, max = 8_760), extend("x-reload" = "restart"))]
    pub session_hours: u32,
    /// Connections to the API and the link at once; one address has at most half of them. Each data plane takes two at
    /// the node it tells and one at each other node.
    #[schemars(range(min = 16, max = 100_000), extend("x-reload" = "restart"))]
    pub connections: u32,
    /// The folder in which files of SQLite can be connected to; without it none can.
    #[schemars(with = "Option<String>", example = &"databases", extend("format" = "path", "x-reload" = "restart"))]
    pub sqlite_directory: Option<PathBuf>,
    /// Where the control plane may connect to on behalf of people, each as a network (`10.0.0.0/8`), a
    /// host (`db.internal`) or a host and a port (`db.internal:5432`). Empty allows everything
    /// but what is always denied, such as 169.254.169.254.
    #[schemars(
        schema_with = "egress_schema",
        extend("x-reload" = "restart")
    )]
    pub egress: Vec<String>,
    /// The key that secrets of connections are sealed with. Not set, one is made in `data_directory` at the
    /// first start.
    #[schemars(extend("x-reload" = "restart"))]
    pub master_key: Secret,
    /// A secret store that has the master key, in place of `master_key`.
    #[schemars(extend("x-optional" = true, "x-reload" = "restart"))]
    pub key_store: Option<KeyStore>,
    /// How long the control plane keeps what it knows of people and traffic. Nodes that share a state should have the
    /// same times: each goes by its own, and what one removes is gone for all. A shorter time takes effect within
    /// about an hour of the start, in small steps.
    pub retention: AdminRetention,
    /// What data planes that run elsewhere have to show.
    pub link: AdminLink,
    /// How mail is sent. Without this table each mail is written as a file into `mail` in `data_directory`.
    #[schemars(extend("x-optional" = true, "x-reload" = "restart"))]
    pub mail: Option<Mail>,
    /// A way to sign in beside a password. May be repeated.
    #[schemars(extend("x-optional" = true, "x-reload" = "restart"))]
    pub sign_in: Vec<SignIn>,
}

impl Default for Admin {
    fn default() -> Admin {
        Admin {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8432)),
            public_url: None,
            data_directory: PathBuf::from("data"),
            registration: Registration::Invited,
            session_hours: 168,
            connections: 512,
            sqlite_directory: None,
            egress: Vec::new(),
            master_key: Secret::default(),
            key_store: None,
            retention: AdminRetention::default(),
            link: AdminLink::default(),
            mail: None,
            sign_in: Vec::new(),
        }
    }
}

impl Admin {
    /// The address people have in their browser, without a slash at its end.
    pub fn public_url(&self) -> String {
        let written = self.public_url.as_deref().map(|url| url.trim_end_matches('/').to_owned());
        written.unwrap_or_else(|| format!("http://{}", self.listen))
    }
}

fn egress_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    schemars::json_schema!({
        "type": "array",
        "items": { "type": "string", "format": "egress" },
        "default": []
    })
}

/// Who can make an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Registration {
    /// Those who were invited.
    Invited,
    /// Everybody who reaches the API.
    Open,
    /// Nobody: accounts that are there stay.
    Closed,
}

/// What data planes that run elsewhere have to show.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AdminLink {
    /// The token, the same as theirs in `link.token`. Not set, no data plane but the one in this process is
    /// let in.
    #[schemars(extend("x-reload" = "restart"))]
    pub token: Secret,
}

/// How mail is sent: by a server, or into a folder.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Mail {
    /// Whom mail comes from.
    #[schemars(example = &"Dragoman <dragoman@example.com>", extend("format" = "mailbox", "x-reload" = "restart"))]
    pub from: String,
    /// The host that takes mail, by SMTP.
    #[serde(default)]
    #[schemars(example = &"mail.example.com", extend("format" = "host", "x-reload" = "restart"))]
    pub server: Option<String>,
    /// Its port. Not set, the usual one for `tls`: 465, 587 or 25.
    #[serde(default)]
    #[schemars(range(min = 1, max = 65_535), example = 587, extend("x-reload" = "restart"))]
    pub port: Option<u16>,
    /// Whether the way there is encrypted.
    #[serde(default = "starttls")]
    #[schemars(extend("x-reload" = "restart"))]
    pub tls: MailTls,
    /// As whom to sign in there; without it nobody does.
    #[serde(default)]
    #[schemars(example = &"dragoman", extend("x-reload" = "restart"))]
    pub user: Option<String>,
    /// The folder into which each mail is written as a file, in place of `server`: for trying things out.
    #[serde(default)]
    #[schemars(with = "Option<String>", example = &"data/mail", extend("format" = "path", "x-reload" = "restart"))]
    pub directory: Option<PathBuf>,
    /// The password to `user`.
    #[serde(default)]
    #[schemars(extend("x-reload" = "restart"))]
    pub password: Secret,
}

impl Mail {
    /// The port of the server.
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(match self.tls {
            MailTls::Tls => 465,
            MailTls::Starttls => 587,
            MailTls::None => 25,
        })
    }
}

fn starttls() -> MailTls {
    MailTls::Starttls
}

/// Whether the way to the mail server is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MailTls {
    /// From the first byte.
    Tls,
    /// From the server's word on, which it must give.
    Starttls,
    /// Not at all.
    None,
}

/// A way to sign in beside a password.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// What it is called in addresses: 1 to 63 of the characters a-z, 0-9, `_` and `-`. No two share one.
    #[schemars(
        regex(pattern = "^[a-z0-9_-]{1,63}$"),
        extend("format" = "name", "x-reload" = "restart"),
        example = &"google"
    )]
    pub name: String,
    /// Who vouches for people.
    #[schemars(example = SignInKind::Google, extend("x-reload" = "restart"))]
    pub kind: SignInKind,
    /// The issuer's address, for `oidc` only: `/.well-known/openid-configuration` below it is read.
    #[serde(default)]
    #[schemars(example = &"https://login.example.com", extend("format" = "http-url", "x-reload" = "restart"))]
    pub issuer: Option<String>,
    /// What the issuer calls this gateway.
    #[schemars(example = &"dragoman", extend("x-reload" = "restart"))]
    pub client_id: String,
    /// What is asked for beside `openid`, `email` and `profile`, for `oidc` only: what the issuer wants before
    /// it tells groups.
    #[serde(default)]
    #[schemars(example = &["groups"], extend("x-reload" = "restart"))]
    pub scopes: Vec<String>,
    /// The claim that holds the groups somebody is in, for `oidc` only: its name, or a path of names with dots.
    /// Not set, `groups` where `group` or `require_group` is.
    #[serde(default)]
    #[schemars(example = &"realm_access.roles", extend("x-reload" = "restart"))]
    pub groups_claim: Option<String>,
    /// The group everybody must be in who comes by this service, for `oidc` only.
    #[serde(default)]
    #[schemars(example = &"staff", extend("x-reload" = "restart"))]
    pub require_group: Option<String>,
    /// What this gateway shows the issuer.
    #[serde(default)]
    #[schemars(extend("x-reload" = "restart"))]
    pub client_secret: Secret,
    /// What a group gives its people at each sign-in, for `oidc` only. May be repeated.
    #[serde(default)]
    #[schemars(extend("x-optional" = true, "x-reload" = "restart"))]
    pub group: Vec<SignInGroup>,
}

impl SignIn {
    /// Whether groups are read.
    pub fn reads_groups(&self) -> bool {
        !self.group.is_empty() || self.require_group.is_some() || self.groups_claim.is_some()
    }
}

/// What a group gives its people.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SignInGroup {
    /// What the group is called at the service.
    #[schemars(example = &"dba", extend("x-reload" = "restart"))]
    pub name: String,
    /// The workspace they are members of, by the name in its address.
    #[serde(default)]
    #[schemars(example = &"shop", extend("x-reload" = "restart"))]
    pub workspace: Option<String>,
    /// Their role there. Of several groups the highest counts.
    #[serde(default)]
    #[schemars(example = &"editor", extend("x-reload" = "restart"))]
    pub role: Option<String>,
    /// The teams they are in there, by name.
    #[serde(default)]
    #[schemars(example = &["Reporting"], extend("x-reload" = "restart"))]
    pub teams: Vec<String>,
    /// Whether they are admins of the instance.
    #[serde(default)]
    #[schemars(extend("x-reload" = "restart"))]
    pub instance_admin: bool,
}

/// Who vouches for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SignInKind {
    /// Google.
    Google,
    /// GitHub.
    Github,
    /// Any issuer that speaks OpenID Connect.
    Oidc,
}

/// Where the control plane keeps its state.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct State {
    /// `sqlite:` and a file, or `postgres://user@host:port/database`, which several control planes can
    /// share. Not set, it is the SQLite file `state.db` in `admin.data_directory`.
    #[schemars(example = &"sqlite:data/state.db", extend("format" = "state-url", "x-reload" = "restart"))]
    pub url: Option<String>,
    /// The password to PostgreSQL, so that it does not stand in `url`.
    #[schemars(extend("x-reload" = "restart"))]
    pub password: Secret,
}

/// The control plane of this data plane, where it runs elsewhere. Without it and without `[admin]` this
/// file alone decides. With `[admin]` in the same process this is not used.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// The control plane's address, as in its `admin.public_url`. Over `http://` the token can be read on the
    /// way.
    #[schemars(example = &"https://dragoman.example.com", extend("format" = "http-url", "x-reload" = "restart"))]
    pub url: String,
    /// The other nodes of the control plane, each by an address of its own. This data plane listens to all of them,
    /// tells one that answers, and goes to the next when it is gone. Without this a balancer may stand at `url`: then
    /// only the node that the balancer chose can ask this data plane something.
    #[serde(default)]
    #[schemars(example = &["https://second.dragoman.example.com"], extend("x-reload" = "restart"))]
    pub nodes: Vec<String>,
    /// What shows that this data plane may be heard, the same as `admin.link.token` there.
    #[serde(default)]
    #[schemars(extend("x-reload" = "restart"))]
    pub token: Secret,
}
