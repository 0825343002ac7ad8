//! What is asked: a statement with its literals taken out.

use crate::effects::Effects;
use std::fmt;
use std::sync::Arc;

/// What a statement may do: the gravest of what it does, in the order unknown, code, privilege, ddl,
/// maintenance, write, session, transaction, read. `Unknown` is the answer whenever in doubt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// Returns rows and is not seen to change any.
    Read,
    /// Changes rows.
    Write,
    /// Changes the schema.
    Ddl,
    /// Changes who may do what.
    Privilege,
    /// Changes the session only.
    Session,
    /// Begins, ends or marks a transaction.
    Transaction,
    /// VACUUM, ANALYZE, REINDEX, CHECKPOINT and their like.
    Maintenance,
    /// Runs code nobody sees into: DO, CALL, somebody's own function, one called by its number.
    Code,
    /// Cannot be told.
    Unknown,
}

impl Class {
    /// Every class, in the order of [`Class::index`].
    pub const ALL: [Class; 9] = [
        Class::Read,
        Class::Write,
        Class::Ddl,
        Class::Privilege,
        Class::Session,
        Class::Transaction,
        Class::Maintenance,
        Class::Code,
        Class::Unknown,
    ];

    /// The word used in settings, labels and records.
    pub fn as_str(self) -> &'static str {
        match self {
            Class::Read => "read",
            Class::Write => "write",
            Class::Ddl => "ddl",
            Class::Privilege => "privilege",
            Class::Session => "session",
            Class::Transaction => "transaction",
            Class::Maintenance => "maintenance",
            Class::Code => "code",
            Class::Unknown => "unknown",
        }
    }

    /// A dense number, for tables with one row a class; below `Class::ALL.len()`.
    pub fn index(self) -> usize {
        self as usize
    }

    /// The graver of two.
    #[must_use]
    pub fn graver(self, other: Class) -> Class {
        if other.gravity() > self.gravity() { other } else { self }
    }

    fn gravity(self) -> u8 {
        match self {
            Class::Read => 0,
            Class::Transaction => 1,
            Class::Session => 2,
            Class::Write => 3,
            Class::Maintenance => 4,
            Class::Ddl => 5,
            Class::Privilege => 6,
            Class::Code => 7,
            Class::Unknown => 8,
        }
    }

    /// Whether the statement may leave a trace in the database, or cannot be told not to.
    pub fn may_leave_trace(self) -> bool {
        match self {
            Class::Write | Class::Ddl | Class::Privilege | Class::Code | Class::Unknown => true,
            Class::Read | Class::Session | Class::Transaction | Class::Maintenance => false,
        }
    }
}

/// What a statement means to the bookkeeping of a session: the few verbs that make, use or drop
/// names, or that must always pass. Names are folded as the server folds identifiers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verb {
    /// `PREPARE name AS …`: `inner` is the prepared statement.
    Prepare {
        /// The prepared statement's name.
        name: Box<str>,
        /// What it stands for.
        inner: Box<Statement>,
    },
    /// `EXECUTE name`.
    Execute {
        /// The prepared statement's name.
        name: Box<str>,
    },
    /// `DEALLOCATE name`, or `ALL` as `None`.
    Deallocate {
        /// The prepared statement's name; `None` for all.
        name: Option<Box<str>>,
    },
    /// `DECLARE name CURSOR … FOR …`.
    Declare {
        /// The cursor's name.
        name: Box<str>,
        /// Whether it outlives its transaction.
        hold: bool,
        /// What it stands for.
        inner: Box<Statement>,
    },
    /// `FETCH`, `MOVE`: reads or moves a cursor.
    Fetch {
        /// The cursor's name.
        name: Box<str>,
    },
    /// `CLOSE name`, or `ALL` as `None`.
    Close {
        /// The cursor's name; `None` for all.
        name: Option<Box<str>>,
    },
    /// `DISCARD ALL`: drops prepared statements and cursors.
    DiscardAll,
    /// `COMMIT`, `END`, `ROLLBACK`, `ABORT`, `RELEASE`, `ROLLBACK TO`: never refused, so that a
    /// client can always leave the state it is in.
    Leave,
    /// Any other.
    Other,
}

/// A statement's shape as 64 bits of a cryptographic hash, with the version of the rules that made
/// it. Equal shapes have equal fingerprints over all gateways of the same version.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fingerprint(pub u64);

impl Fingerprint {
    /// The version of the shape rules; part of the text form.
    pub const VERSION: u8 = 1;
}

impl fmt::Display for Fingerprint {
    /// `1-` and sixteen hexadecimal digits.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}-{:016x}", Fingerprint::VERSION, self.0)
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// One statement, without its literals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The shape's fingerprint.
    pub fingerprint: Fingerprint,
    /// The statement with every literal replaced by `?`, comments gone, white space folded, cut at
    /// [`Statement::TEXT_BYTES_MAX`] bytes (then ending in `…`).
    pub text: Box<str>,
    /// What it may do.
    pub class: Class,
    /// What it means to the session's names.
    pub verb: Verb,
    /// The tables its tokens name, folded as the server folds names, sorted, each once; at most
    /// [`Statement::TABLES_MAX`] and [`Statement::TABLES_BYTES_MAX`]. What a view or a function
    /// reads is not among them, a name that a WITH gives is left out wherever it stands, and
    /// `search_path` is not applied: this is what the statement says, not what the server finds.
    pub tables: Box<[Box<str>]>,
    /// What it does, in full.
    pub effects: Arc<Effects>,
}

impl Statement {
    /// Longest `text`, in bytes: enough for a person to recognise any statement, and a bound for
    /// every queue and cache that holds statements.
    pub const TEXT_BYTES_MAX: usize = 8 * 1024;

    /// Most `tables`: more are in generated statements only, and nobody reads them one by one.
    pub const TABLES_MAX: usize = 16;

    /// Most bytes of all `tables` together, a bound for every queue and cache that holds statements.
    pub const TABLES_BYTES_MAX: usize = 512;
}
