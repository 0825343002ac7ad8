//! What can a client ask, whatever the protocol?

use crate::record::{ExchangeId, Kind};
use crate::statement::Class;

/// A request of the client, not yet decided.
#[derive(Debug)]
pub struct Ask<'a, T> {
    /// Bytes at the front of the input this is about.
    pub bytes: usize,
    /// Bytes of the same message that follow later and share its fate, as far as the message says.
    pub rest: usize,
    /// What is asked.
    pub request: Request<'a, T>,
}

/// What a client can ask. `T` is whatever the caller remembers of a prepared statement.
#[derive(Debug)]
pub enum Request<'a, T> {
    /// Run this text, which may hold several statements (Postgres: Query; MySQL: COM_QUERY).
    Run {
        /// The text, in the client's encoding.
        text: &'a [u8],
    },
    /// Prepare this text (Postgres: Parse; MySQL: COM_STMT_PREPARE).
    Prepare {
        /// The name the client gives it; empty where it gives none.
        name: &'a [u8],
        /// The text, in the client's encoding.
        text: &'a [u8],
    },
    /// Run something prepared (Postgres: Execute; MySQL: COM_STMT_EXECUTE).
    Execute {
        /// How the protocol names it: a portal's name; a statement's number in its four bytes.
        name: &'a [u8],
        /// What was remembered of its statement.
        statement: Option<T>,
        /// The exchange this continues, when an execution stopped at a row limit before.
        resumes: Option<ExchangeId>,
    },
    /// Call a function by its object id (Postgres: FunctionCall).
    Function {
        /// The function's object id.
        oid: u32,
    },
    /// Do what the message's kind says; there is no text (MySQL: COM_INIT_DB and its like).
    Command {
        /// What.
        command: Command,
        /// To what, where that is a name: a database, a table; of a KILL the connection in its four bytes.
        /// Empty otherwise.
        object: &'a [u8],
    },
    /// Something whose answer the protocol's machine cannot follow: it is refused whatever the rules
    /// say (MySQL: replication).
    Unsupported {
        /// The words it is recorded by.
        what: &'static str,
    },
    /// A text larger than the caller holds whole.
    Oversize {
        /// [`Kind::Run`] or [`Kind::Prepare`].
        kind: Kind,
        /// The name of what is prepared, as far as it is known.
        name: &'a [u8],
    },
}

impl<T> Request<'_, T> {
    /// By which way of the protocol the request comes.
    pub fn kind(&self) -> Kind {
        match self {
            Request::Run { .. } => Kind::Run,
            Request::Prepare { .. } => Kind::Prepare,
            Request::Execute { .. } => Kind::Execute,
            Request::Function { .. } => Kind::Function,
            Request::Command { .. } | Request::Unsupported { .. } => Kind::Command,
            Request::Oversize { kind, .. } => *kind,
        }
    }
}

/// A request that is its own kind of message and has no text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Command {
    /// Make a database the current one.
    UseDatabase,
    /// Log in again, as somebody else, on the same connection.
    ChangeUser,
    /// Forget everything the session has set.
    ResetSession,
    /// Allow or forbid several statements in one text.
    SetOption,
    /// List the columns of a table.
    ListColumns,
    /// Show the server's figures in one line.
    Statistics,
    /// List the sessions of the server.
    ListSessions,
    /// End another session, or what it runs.
    Kill,
    /// Create a database.
    CreateDatabase,
    /// Drop a database.
    DropDatabase,
    /// Flush the server's caches and logs.
    Refresh,
    /// Write the server's state to its own log.
    Debug,
    /// Stop the server.
    Shutdown,
}

impl Command {
    /// The words it is recorded by.
    pub const fn as_str(self) -> &'static str {
        match self {
            Command::UseDatabase => "use database",
            Command::ChangeUser => "change user",
            Command::ResetSession => "reset session",
            Command::SetOption => "set option",
            Command::ListColumns => "list columns",
            Command::Statistics => "statistics",
            Command::ListSessions => "list sessions",
            Command::Kill => "kill",
            Command::CreateDatabase => "create database",
            Command::DropDatabase => "drop database",
            Command::Refresh => "refresh",
            Command::Debug => "debug",
            Command::Shutdown => "shutdown",
        }
    }

    /// What it may do.
    pub fn class(self) -> Class {
        match self {
            Command::UseDatabase | Command::ChangeUser | Command::ResetSession | Command::SetOption => {
                Class::Session
            }
            Command::ListColumns | Command::Statistics | Command::ListSessions => Class::Read,
            Command::CreateDatabase | Command::DropDatabase => Class::Ddl,
            Command::Refresh | Command::Debug | Command::Kill => Class::Maintenance,
            // Nothing says what it breaks.
            Command::Shutdown => Class::Unknown,
        }
    }
}

/// A request that passed: its number, and the bytes it took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Admitted {
    /// The exchange's number.
    pub exchange: ExchangeId,
    /// Bytes of the request, those before it that carried no request of their own (Postgres: Bind,
    /// Describe; MySQL: long data) and those that follow.
    pub bytes_in: u64,
}
