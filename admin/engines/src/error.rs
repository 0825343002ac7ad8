//! What can go wrong between the control plane and a database, and what helps?
//!
//! An [`EngineError`] has a class for programs, a message that holds no secret and may be logged, and
//! the server's own words in `detail`, for the person who asked and for nobody else: they may quote
//! the statement's values.

mod classify;
mod tips;

use crate::target::Kind;
use serde::{Deserialize, Serialize};

pub(crate) use classify::{from_io, from_mysql, from_postgres, from_sqlite, from_sqlserver};

/// What went wrong, as far as it matters for what helps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorClass {
    /// The host name has no address.
    Dns,
    /// Nobody listens on the port.
    Refused,
    /// It took longer than it may.
    Timeout,
    /// No way leads to the address.
    Unreachable,
    /// The encryption could not be agreed on, or the certificate is not to be trusted.
    Tls,
    /// The server does not let this user in.
    Password,
    /// The database is not there.
    Database,
    /// The user may not do that, or the transaction only reads.
    Permission,
    /// The control plane's own rules forbid the address.
    Egress,
    /// The file cannot be used.
    File,
    /// What answers does not speak the database's protocol.
    Protocol,
    /// The statement is wrong, or failed as it ran.
    Statement,
    /// The statement was cancelled.
    Cancelled,
    /// A bound is reached: the server's connections, or one of our own.
    Limit,
    /// The connection broke.
    Lost,
}

impl ErrorClass {
    /// Its word in the API and in the state.
    pub fn as_str(self) -> &'static str {
        match self {
            ErrorClass::Dns => "dns",
            ErrorClass::Refused => "refused",
            ErrorClass::Timeout => "timeout",
            ErrorClass::Unreachable => "unreachable",
            ErrorClass::Tls => "tls",
            ErrorClass::Password => "password",
            ErrorClass::Database => "database",
            ErrorClass::Permission => "permission",
            ErrorClass::Egress => "egress",
            ErrorClass::File => "file",
            ErrorClass::Protocol => "protocol",
            ErrorClass::Statement => "statement",
            ErrorClass::Cancelled => "cancelled",
            ErrorClass::Limit => "limit",
            ErrorClass::Lost => "lost",
        }
    }

    /// Whether the same attempt may succeed later with nothing changed by a person.
    pub fn passes_by_itself(self) -> bool {
        match self {
            ErrorClass::Dns
            | ErrorClass::Refused
            | ErrorClass::Timeout
            | ErrorClass::Unreachable
            | ErrorClass::Limit
            | ErrorClass::Lost => true,
            ErrorClass::Tls
            | ErrorClass::Password
            | ErrorClass::Database
            | ErrorClass::Permission
            | ErrorClass::Egress
            | ErrorClass::File
            | ErrorClass::Protocol
            | ErrorClass::Statement
            | ErrorClass::Cancelled => false,
        }
    }
}

/// Something that went wrong between the control plane and a database.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct EngineError {
    class: ErrorClass,
    kind: Kind,
    message: String,
    detail: Option<String>,
    sqlstate: Option<String>,
    position: Option<u32>,
}

impl EngineError {
    /// An error of `class` at a database of `kind`. The message says what happened, lowercase, and
    /// holds nothing that a log may not hold.
    pub fn new(class: ErrorClass, kind: Kind, message: impl Into<String>) -> EngineError {
        EngineError { class, kind, message: message.into(), detail: None, sqlstate: None, position: None }
    }

    /// The same with the server's own words.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<String>) -> EngineError {
        self.detail = Some(detail.into());
        self
    }

    pub(crate) fn with_sqlstate(mut self, sqlstate: impl Into<String>) -> EngineError {
        self.sqlstate = Some(sqlstate.into());
        self
    }

    pub(crate) fn with_position(mut self, position: Option<u32>) -> EngineError {
        self.position = position;
        self
    }

    /// What went wrong, for programs.
    pub fn class(&self) -> ErrorClass {
        self.class
    }

    /// Which kind of database it went wrong at.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// What happened; holds no secret and no value of a statement.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The server's own words, for the person who asked only.
    pub fn detail(&self) -> Option<&str> {
        self.detail.as_deref()
    }

    /// The server's code of five characters.
    pub fn sqlstate(&self) -> Option<&str> {
        self.sqlstate.as_deref()
    }

    /// Where in the statement, in characters from 1.
    pub fn position(&self) -> Option<u32> {
        self.position
    }

    /// What a person may try, the likeliest first.
    pub fn tips(&self) -> Vec<&'static str> {
        tips::of(self.class, self.kind)
    }
}
