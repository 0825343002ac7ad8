//! What have the statements before it, in the same text, made of the session by the time one runs?
//!
//! A text runs as a whole or fails as a whole, so each statement runs behind all that stand before it:
//! `SET ROLE a; DELETE …` deletes as `a`.

use crate::circumstances::{CHANGING, Circumstances};
use exchange::{Statement, TransactionState, Verb};
use std::borrow::Cow;

/// The session as a statement of a text finds it.
pub(crate) struct Course<'a> {
    pub(crate) circumstances: Cow<'a, Circumstances>,
    pub(crate) transaction: TransactionState,
}

impl<'a> Course<'a> {
    /// As the first statement finds it.
    pub(crate) fn new(circumstances: &'a Circumstances, transaction: TransactionState) -> Course<'a> {
        Course { circumstances: Cow::Borrowed(circumstances), transaction }
    }

    /// A statement has run before the next one does.
    pub(crate) fn went(&mut self, statement: &Statement) {
        let effects = &*statement.effects;
        if statement.verb == Verb::Leave || effects.verb == "savepoint" || effects.marks.intersects(CHANGING)
        {
            self.circumstances.to_mut().completed(effects);
        }
        self.transaction = match effects.verb {
            "begin" | "start transaction" | "rollback to savepoint" => TransactionState::Open,
            // With AND CHAIN the next one is open: a rule about open ones holds either way.
            "commit" | "rollback" if !chains(statement) => TransactionState::Idle,
            "prepare transaction" => TransactionState::Idle,
            _ => self.transaction,
        };
    }
}

/// Whether the end of a transaction begins the next one.
fn chains(statement: &Statement) -> bool {
    statement.text.to_ascii_lowercase().ends_with("and chain")
}

#[cfg(test)]
mod tests {
    use super::*;
    use sql::Lexing;

    /// The state of the transaction behind all statements of `text`.
    fn behind(text: &str, mut at_first: TransactionState) -> TransactionState {
        let circumstances = Circumstances::default();
        for statement in &sql::analyse(text.as_bytes(), Lexing::default()).statements {
            let mut course = Course::new(&circumstances, at_first);
            course.went(statement);
            at_first = course.transaction;
        }
        at_first
    }

    #[test]
    fn a_transaction_is_open_between_its_ends() {
        use TransactionState::{Failed, Idle, Open};
        for (text, before, after) in [
            ("begin", Idle, Open),
            ("start transaction read only; select 1", Idle, Open),
            ("begin; commit", Idle, Idle),
            ("end", Open, Idle),
            ("abort", Failed, Idle),
            ("rollback to s", Failed, Open),
            ("commit and chain", Open, Open),
            ("rollback /* all */ and chain ;", Open, Open),
            ("commit and no chain", Open, Idle),
            ("savepoint s; release s", Open, Open),
            ("prepare transaction 'x'", Open, Idle),
        ] {
            assert_eq!(behind(text, before), after, "{text}");
        }
    }
}
