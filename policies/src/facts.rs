//! What may a judgement depend on?

use exchange::{Basis, Kind, Protocol, Session, Statement, TransactionState};

use crate::ruleset::SessionMask;

/// Everything a rule can see of one statement.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// Who asks, and where.
    pub session: &'a Session,
    /// What the rules' session conditions said of it: [`crate::Ruleset::of_session`].
    pub mask: &'a SessionMask,
    /// The role that statements run as now.
    pub role: Role<'a>,
    /// How names without a schema are found now.
    pub path: Path<'a>,
    /// By which way of the protocol.
    pub kind: Kind,
    /// What is asked; `None` when it was not seen: too large, or prepared under a name nobody noted.
    pub statement: Option<&'a Statement>,
    /// The transaction it would run in, as far as known.
    pub transaction: TransactionState,
    /// The time, in microseconds since 1970-01-01 UTC.
    pub now_us: u64,
}

/// The role that statements run as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role<'a> {
    /// This one.
    Known(&'a str),
    /// It was changed in a way that cannot be told.
    Unknown,
}

/// How names without a schema are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Path<'a> {
    /// As the login left it (PostgreSQL).
    Default,
    /// In this database, the current one, which is the schema of each (MySQL).
    Database(&'a str),
    /// `search_path` or the current database was changed, or may have been.
    Changed,
}

impl<'a> Path<'a> {
    /// As the login of a session left it.
    pub fn of_login(session: &'a Session) -> Path<'a> {
        match (session.protocol, &*session.principal.database) {
            (Protocol::Postgres, _) => Path::Default,
            (Protocol::Mysql, "") => Path::Changed,
            (Protocol::Mysql, database) => Path::Database(database),
        }
    }
}

/// How names are compared and where those without a schema are found.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Names<'a> {
    pub(crate) path: Path<'a>,
    /// Capital letters are taken for small ones: what a server of MySQL does with the names of tables depends
    /// on a setting of its own and on its disk, so a name in another case may be the same table.
    pub(crate) folds: bool,
}

impl<'a> Facts<'a> {
    pub(crate) fn names(&self) -> Names<'a> {
        Names { path: self.path, folds: folds(self.session) }
    }
}

/// Whether names of what is in a database are compared without case.
pub(crate) fn folds(session: &Session) -> bool {
    session.protocol == Protocol::Mysql
}

impl Facts<'_> {
    /// Whether what the statement does is known, as far as a text can tell.
    pub(crate) fn is_judged(&self) -> bool {
        self.statement.is_some_and(|one| !matches!(one.effects.basis, Basis::Unjudged(_)))
    }
}
