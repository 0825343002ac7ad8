//! What does the control plane need to be told?
//!
//! Plain values: where they are written (file, environment) is the program's business.

use crate::http::console::Console;
use crate::http::rates::Bounds;
use crate::retention::Retention;
use crate::vault::Source;
use admin_store::Location;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;
use zeroize::Zeroizing;

/// A secret: shown by nobody, gone from memory when dropped.
pub type Secret = Zeroizing<String>;

/// Everything the control plane is told.
#[derive(Clone)]
pub struct Settings {
    /// Where the API listens.
    pub listen: SocketAddr,
    /// Under which URL people reach it, without a slash at the end.
    pub public_url: String,
    /// The folder of keys and files of its own.
    pub data_directory: PathBuf,
    /// Where the state is.
    pub state: Location,
    /// Who may register.
    pub registration: Registration,
    /// How long a session lasts without use.
    pub session_hours: u32,
    /// Connections at once; who comes then waits in the system's queue. One address has at most half of them.
    pub connections: u32,
    /// The master key, where it is not the file in the data directory.
    pub master_key: Option<Secret>,
    /// A secret store that has the master key, in the place of both.
    pub key_store: Option<KeyStore>,
    /// The folder SQLite files may be connected from.
    pub sqlite_directory: Option<PathBuf>,
    /// Where connections may lead; empty for everywhere but the addresses that are always denied.
    pub egress: Vec<String>,
    /// Addresses that connections may never lead to: the gateway's own.
    pub own_addresses: Vec<SocketAddr>,
    /// How mail is sent.
    pub mail: Mail,
    /// Other services that people sign in with.
    pub sign_in: Vec<SignIn>,
    /// What a data plane that runs elsewhere must show; `None` when none may.
    pub link_token: Option<Secret>,
    /// How long things are kept.
    pub retention: Retention,
    /// How many requests are taken.
    pub rates: Bounds,
    /// The pages for browsers.
    pub console: Console,
}

/// A secret store that has the master key.
#[derive(Clone, Debug)]
pub struct KeyStore {
    /// Where it is.
    pub url: String,
    /// The authority that signed its certificate, as PEM, in place of those the system knows.
    pub ca: Option<PathBuf>,
    /// What it is.
    pub kind: KeyStoreKind,
    /// Longest wait for one answer.
    pub timeout: Duration,
    /// How long a data key that was unwrapped stays in memory.
    pub cached_for: Duration,
}

/// What kind of secret store it is.
#[derive(Clone, Debug)]
pub enum KeyStoreKind {
    /// HashiCorp Vault, key-value engine version 2: the key is read.
    VaultKv {
        /// Who asks.
        login: VaultLogin,
        /// Where the engine is mounted.
        mount: String,
        /// The secret.
        path: String,
        /// The field of it that holds the key in base64.
        field: String,
    },
    /// HashiCorp Vault, transit engine: the key stays there.
    VaultTransit {
        /// Who asks.
        login: VaultLogin,
        /// Where the engine is mounted.
        mount: String,
        /// The name of the key.
        key: String,
    },
    /// A key service that is asked as Google Cloud KMS is: the key stays there.
    Kms {
        /// The whole name of the key.
        key: String,
        /// The file of the bearer token.
        token_file: PathBuf,
    },
}

/// Who asks Vault.
#[derive(Clone, Debug)]
pub struct VaultLogin {
    /// The namespace, where there is one.
    pub namespace: Option<String>,
    /// By what.
    pub by: VaultIdentity,
}

/// By what somebody shows Vault who it is.
#[derive(Clone, Debug)]
pub enum VaultIdentity {
    /// By a token that another program keeps in a file.
    Token {
        /// Which file.
        file: PathBuf,
    },
    /// By a role and a secret id, for which Vault gives tokens.
    AppRole {
        /// Where AppRole is mounted.
        mount: String,
        /// The role.
        role_id: String,
        /// The file of the secret id.
        secret_id_file: PathBuf,
    },
}

/// Who may register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registration {
    /// Anybody.
    Open,
    /// Who has an invitation.
    Invited,
    /// Nobody; an admin makes people.
    Closed,
}

/// How mail is sent.
#[derive(Clone)]
pub enum Mail {
    /// As files into a folder; a link is printed to the log as well. For machines without a mail server.
    Files(PathBuf),
    /// To a server.
    Smtp {
        /// Its name.
        host: String,
        /// Its port.
        port: u16,
        /// How it is spoken to.
        tls: MailTls,
        /// Who logs in, and the password.
        login: Option<(String, Secret)>,
        /// Whom mails are from.
        from: String,
    },
}

/// How a mail server is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailTls {
    /// Without encryption: only for a server on this machine.
    Disable,
    /// Encrypted after STARTTLS.
    StartTls,
    /// Encrypted from the start.
    Tls,
}

/// A service people sign in with.
#[derive(Clone)]
pub struct SignIn {
    /// Its name in URLs and on the button.
    pub name: String,
    /// What kind it is.
    pub kind: SignInKind,
    /// Our id there.
    pub client_id: String,
    /// Our secret there.
    pub client_secret: Secret,
    /// What is asked for beside `openid`, `email` and `profile`; of an issuer of OpenID Connect.
    pub scopes: Vec<String>,
    /// What the groups that it tells give here; `None` where none are read.
    pub groups: Option<Groups>,
}

/// What the groups of a service give.
#[derive(Clone, Debug)]
pub struct Groups {
    /// The claim that holds them: its name, or a path of names with dots.
    pub claim: String,
    /// The group that everybody must be in who comes by this service.
    pub required: Option<String>,
    /// What each gives.
    pub gives: Vec<GroupGives>,
}

/// What one group gives.
#[derive(Clone, Debug)]
pub struct GroupGives {
    /// Its name at the service.
    pub group: String,
    /// The workspace it is about, by its slug.
    pub workspace: Option<String>,
    /// What its people are there.
    pub role: Option<String>,
    /// The teams they are in there, by name.
    pub teams: Vec<String>,
    /// Whether they are admins of the instance.
    pub is_instance_admin: bool,
}

/// What kind of service it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignInKind {
    /// Google.
    Google,
    /// GitHub, which speaks OAuth 2.0 but no OpenID Connect.
    GitHub {
        /// Where its pages and its API are, for an enterprise server: `https://github.com`, `https://api.github.com`.
        web: String,
        /// The API.
        api: String,
    },
    /// Any issuer of OpenID Connect, found by its discovery document.
    OpenIdConnect {
        /// The issuer's URL.
        issuer: String,
    },
}

impl Settings {
    /// Where the master key comes from.
    pub fn key_source(&self) -> Source<'_> {
        Source {
            given: self.master_key.as_deref().map(String::as_str),
            directory: &self.data_directory,
            key_store: self.key_store.as_ref(),
        }
    }

    /// Whether people reach it over TLS, so that cookies must be kept to it.
    pub fn is_secure(&self) -> bool {
        self.public_url.starts_with("https://")
    }
}

impl std::fmt::Debug for Settings {
    /// No secret is shown.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Settings")
            .field("listen", &self.listen)
            .field("public_url", &self.public_url)
            .field("data_directory", &self.data_directory)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}
