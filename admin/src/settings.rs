//! What does the control plane need to be told?
//!
//! Plain values: where they are written (file, environment) is the program's business.

use crate::http::console::Console;
use crate::http::rates::Bounds;
use admin_store::Location;
use std::net::SocketAddr;
use std::path::PathBuf;
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
    /// How many requests are taken.
    pub rates: Bounds,
    /// The pages for browsers.
    pub console: Console,
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
