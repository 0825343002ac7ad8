//! Who is asking: the session, its principal and where it came from.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

/// The wire protocol a listener serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// PostgreSQL frontend/backend protocol 3.x.
    Postgres,
    /// The MySQL client/server protocol, which MariaDB speaks too.
    Mysql,
}

impl Protocol {
    /// The word used in settings, labels and records.
    pub fn as_str(self) -> &'static str {
        match self {
            Protocol::Postgres => "postgres",
            Protocol::Mysql => "mysql",
        }
    }
}

/// How careful people have to be with what is behind a listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Environment {
    /// Somebody's own machine or branch.
    Development,
    /// Looks like production, holds no real customers.
    Staging,
    /// The real thing.
    Production,
}

impl Environment {
    /// The word used in settings, labels and records.
    pub fn as_str(self) -> &'static str {
        match self {
            Environment::Development => "development",
            Environment::Staging => "staging",
            Environment::Production => "production",
        }
    }
}

/// Where the client's connection came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Address {
    /// A TCP peer.
    Tcp(SocketAddr),
    /// A peer on a unix socket of this machine.
    Unix,
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Address::Tcp(address) => write!(formatter, "{address}"),
            Address::Unix => formatter.write_str("unix"),
        }
    }
}

/// What is known of the client's TLS connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFacts {
    /// `TLSv1.2` or `TLSv1.3`.
    pub version: &'static str,
    /// What the client has shown, where an authority of the listener's vouches for it.
    pub certificate: Option<Arc<Certificate>>,
}

/// Whom a client's certificate names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// Its names: the common name of its subject first, then its alternative names of DNS and mail.
    pub names: Box<[Box<str>]>,
    /// SHA-256 over the whole certificate (DER).
    pub fingerprint: [u8; 32],
}

/// Longest name, in bytes, that a server takes whole: of a longer one it may use the beginning only.
const USER_BYTES_MAX: usize = 63;

impl Certificate {
    /// Whether it names `user`, letter for letter.
    pub fn names_user(&self, user: &str) -> bool {
        // What was no UTF-8 may stand for several names.
        let is_certain = !user.is_empty() && user.len() <= USER_BYTES_MAX && !user.contains('\u{fffd}');
        is_certain && self.names.iter().any(|name| **name == *user)
    }
}

/// A session's identity: 128 bits, unique, sortable by start (UUID version 7, RFC 9562 section 5.7).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SessionId(pub u128);

impl fmt::Display for SessionId {
    /// The usual text of a UUID: 8-4-4-4-12 hexadecimal digits.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hex = format!("{:032x}", self.0);
        let parts = [hex.get(0..8), hex.get(8..12), hex.get(12..16), hex.get(16..20), hex.get(20..32)];
        for (position, part) in parts.iter().enumerate() {
            if position > 0 {
                formatter.write_str("-")?;
            }
            formatter.write_str(part.unwrap_or_default())?;
        }
        Ok(())
    }
}

impl fmt::Debug for SessionId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// The person or program behind a session, as the wire shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// The database role asked for at login.
    pub user: Box<str>,
    /// The database asked for at login.
    pub database: Box<str>,
    /// `application_name`, as last reported by the server or given at login; empty when not known.
    pub application: Box<str>,
    /// Where the connection came from.
    pub address: Address,
    /// The client's TLS, if there is any.
    pub tls: Option<TlsFacts>,
}

/// What a client says of a statement in a comment of its text: whom it is for, and to which trace it belongs.
/// Nobody has checked it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    /// The person on whose behalf the statement is sent.
    pub on_behalf_of: Option<Box<str>>,
    /// The trace (W3C Trace Context).
    pub trace_id: Option<u128>,
}

/// One client connection and its upstream connection. Shared by all records of the session;
/// replaced as a whole when something in it changes (`application_name`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Unique over all gateways.
    pub id: SessionId,
    /// The listener's name.
    pub listener: Arc<str>,
    /// The workspace that owns the listener.
    pub workspace: Arc<str>,
    /// The listener's environment.
    pub environment: Environment,
    /// The listener's protocol.
    pub protocol: Protocol,
    /// Who is asking.
    pub principal: Principal,
}
