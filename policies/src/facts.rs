//! What may a judgement depend on?

use exchange::{Kind, Session, Statement, TransactionState};

/// Everything a rule can see of one statement.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// Who asks, and where.
    pub session: &'a Session,
    /// By which way of the protocol.
    pub kind: Kind,
    /// What is asked; `None` when it was not seen: too large, or prepared under a name nobody noted.
    pub statement: Option<&'a Statement>,
    /// The transaction it would run in, as far as known.
    pub transaction: TransactionState,
}
