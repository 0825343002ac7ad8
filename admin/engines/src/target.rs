//! Which database is meant, and how is it reached?

use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use zeroize::Zeroizing;

/// A kind of database. What is not here cannot be connected to; a new kind is a new variant, and
/// every `match` that has to know it does not compile until it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// PostgreSQL, and what speaks its protocol and has its catalogs.
    Postgres,
    /// MySQL and MariaDB.
    Mysql,
    /// A SQLite file on the control plane's own disk.
    Sqlite,
    /// Microsoft SQL Server, and what speaks its protocol and has its catalogs.
    #[serde(rename = "sqlserver")]
    SqlServer,
}

impl Kind {
    /// Every kind, in the order people see them.
    pub const ALL: [Kind; 4] = [Kind::Postgres, Kind::Mysql, Kind::Sqlite, Kind::SqlServer];

    /// Its word in settings, in the API and in the state.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Postgres => "postgres",
            Kind::Mysql => "mysql",
            Kind::Sqlite => "sqlite",
            Kind::SqlServer => "sqlserver",
        }
    }

    /// The port its servers listen on unless told otherwise.
    pub fn default_port(self) -> Option<u16> {
        match self {
            Kind::Postgres => Some(5432),
            Kind::Mysql => Some(3306),
            Kind::Sqlite => None,
            Kind::SqlServer => Some(1433),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// A word that names no kind of database.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{word}` is no kind of database: use postgres, mysql, sqlite or sqlserver")]
pub struct UnknownKind {
    /// The word.
    pub word: String,
}

impl FromStr for Kind {
    type Err = UnknownKind;

    fn from_str(word: &str) -> Result<Kind, UnknownKind> {
        let found = Kind::ALL.into_iter().find(|kind| kind.as_str() == word);
        found.ok_or_else(|| UnknownKind { word: word.to_owned() })
    }
}

/// Where a database is.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// A server behind a host name or an address, and a port.
    Tcp {
        /// A host name, an IPv4 address, or an IPv6 address without brackets.
        host: String,
        /// The port.
        port: u16,
    },
    /// A file, relative to the one folder of SQLite files, or absolute and inside it.
    File {
        /// The file.
        path: PathBuf,
    },
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Tcp { host, port } if host.contains(':') => write!(formatter, "[{host}]:{port}"),
            Place::Tcp { host, port } => write!(formatter, "{host}:{port}"),
            Place::File { path } => write!(formatter, "{}", path.display()),
        }
    }
}

/// Whether the connection is encrypted, and who may answer: the words of libpq's `sslmode`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TlsMode {
    /// In the clear.
    Disable,
    /// Encrypted where the server offers it, whoever answers.
    #[default]
    Prefer,
    /// Encrypted, whoever answers.
    Require,
    /// Encrypted, and an authority of `ca_pem` vouches for who answers.
    VerifyCa,
    /// The same, and the certificate names the host.
    VerifyFull,
}

/// How a connection is encrypted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// Whether, and who may answer.
    #[serde(default)]
    pub mode: TlsMode,
    /// The authorities' certificates, as PEM; needed by the two modes that verify.
    #[serde(default)]
    pub ca_pem: Option<String>,
}

/// One database, with everything that is needed to log in.
#[derive(Clone)]
pub struct Target {
    /// What kind of database it is.
    pub kind: Kind,
    /// Where it is.
    pub place: Place,
    /// Who logs in; not used by SQLite.
    pub user: String,
    /// The password; wiped from memory when dropped, and never shown.
    pub password: Zeroizing<String>,
    /// The database on the server; empty for the server's default. Not used by SQLite.
    pub database: String,
    /// How the connection is encrypted.
    pub tls: Tls,
    /// How the connection names itself to the server (`application_name`, `program_name`).
    pub application: String,
}

impl fmt::Debug for Target {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("Target");
        shown.field("kind", &self.kind).field("place", &self.place).field("user", &self.user);
        shown.field("database", &self.database).field("tls", &self.tls.mode);
        shown.field("application", &self.application).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn a_password_is_never_shown() {
        let target = Target {
            kind: Kind::Postgres,
            place: Place::Tcp { host: "db".to_owned(), port: 5432 },
            user: "app".to_owned(),
            password: Zeroizing::new("planted-secret".to_owned()),
            database: "shop".to_owned(),
            tls: Tls { mode: TlsMode::Require, ca_pem: Some("planted-pem".to_owned()) },
            application: "dragoman".to_owned(),
        };
        for shown in [format!("{target:?}"), format!("{target:#?}")] {
            assert!(shown.contains("app") && !shown.contains("planted"), "{shown}");
        }
    }

    #[test]
    fn a_kind_is_read_back_from_its_word() {
        for kind in Kind::ALL {
            assert_eq!(kind.as_str().parse::<Kind>(), Ok(kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
        let error = "oracle".parse::<Kind>().unwrap_err();
        assert!(error.to_string().contains("`oracle`"), "{error}");
    }

    #[test]
    fn a_place_with_an_ipv6_address_has_brackets() {
        let place = Place::Tcp { host: "::1".to_owned(), port: 1 };
        assert_eq!(place.to_string(), "[::1]:1");
    }

    #[test]
    fn the_words_of_a_mode_are_those_of_libpq() {
        let words = ["disable", "prefer", "require", "verify-ca", "verify-full"];
        for word in words {
            let mode: TlsMode = serde_json::from_value(word.into()).unwrap();
            assert_eq!(serde_json::to_value(mode).unwrap(), word);
        }
    }
}
