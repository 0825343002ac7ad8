//! Whose connection does a KILL name?
//!
//! A client of MySQL cancels by a statement of another connection, where PostgreSQL's sends a request that no
//! rule is asked about. So a KILL of a connection which the same user has open through the same listener is
//! the user's own matter; every other one administers the server.

use crate::meaning;
use crate::scope::Scope;
use exchange::{Ask, Class, Command, Effects, Marks, Request, Statement};
use sql::{Analysis, Lexing};
use std::sync::Arc;

/// What a request does that kills a connection of its own user; `None` for every other request.
pub(crate) fn own<T>(
    ask: &Ask<'_, T>,
    analysis: &Analysis,
    lexing: Lexing,
    scope: &Scope,
) -> Option<Arc<Analysis>> {
    let [statement] = &*analysis.statements else { return None };
    if !matches!(lexing, Lexing::Mysql { .. }) || !statement.effects.marks.contains(Marks::ADMINISTERS) {
        return None;
    }
    let connection = match &ask.request {
        Request::Run { text } => sql::kill::connection(text, lexing)?,
        Request::Command { command: Command::Kill, object } => {
            u32::from_le_bytes((*object).try_into().ok()?).into()
        }
        _ => return None,
    };
    let is_own = scope.with_facts(|session| {
        scope.listener.cancels.is_of(u32::try_from(connection).ok()?, &session.principal.user).then_some(())
    });
    is_own.and_then(|()| meaning::replaced(analysis, |statement| Some(harmless(statement))))
}

fn harmless(statement: &Statement) -> Statement {
    let (class, marks) = (Class::Session, Marks(statement.effects.marks.0 & !Marks::ADMINISTERS.0));
    let effects = Effects { base_class: class, marks, ..(*statement.effects).clone() };
    Statement { class, effects: Arc::new(effects), ..statement.clone() }
}
