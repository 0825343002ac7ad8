//! What may a judgement depend on?

use exchange::{Basis, Kind, Session, Statement, TransactionState};

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
    pub path: Path,
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
pub enum Path {
    /// As the login left it.
    Default,
    /// `search_path` was changed, or may have been.
    Changed,
}

impl Facts<'_> {
    /// Whether what the statement does is known, as far as a text can tell.
    pub(crate) fn is_judged(&self) -> bool {
        self.statement.is_some_and(|one| !matches!(one.effects.basis, Basis::Unjudged(_)))
    }
}
