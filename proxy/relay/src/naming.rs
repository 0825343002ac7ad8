//! What do the names of prepared statements and cursors stand for, and which statements give them?

use crate::current;
use crate::exchanges::Open;
use crate::scope::Wire;
use exchange::{Kind, Statement, Verb};
use policies::Path;
use sql::Analysis;
use std::sync::Arc;

/// What a name in the statement stands for: given by the text itself before, or known to the session;
/// without a `wire`, what the session knows is not certain.
pub(crate) fn source(
    analysis: &Analysis,
    statement: &Statement,
    wire: Option<&Wire>,
) -> Option<Arc<Statement>> {
    let statements = &analysis.statements;
    let place = statements.iter().position(|one| std::ptr::eq(&**one, statement)).unwrap_or(statements.len());
    let mut before = statements.iter().take(place).rev();
    let given = |inner: &Statement| Some(Some(Arc::new(inner.clone())));
    let first = |known: &Arc<Analysis>| known.statements.first().cloned();
    match &statement.verb {
        Verb::Execute { name } => {
            let last = before.find_map(|one| match &one.verb {
                Verb::Prepare { name: other, inner } if other == name => given(inner),
                Verb::Deallocate { name: Some(other) } if other == name => Some(None),
                Verb::Deallocate { name: None } | Verb::DiscardAll => Some(None),
                _ => None,
            });
            last.unwrap_or_else(|| wire?.statement(name.as_bytes()).and_then(first))
        }
        Verb::Fetch { name } => {
            let last = before.find_map(|one| match &one.verb {
                Verb::Declare { name: other, inner, .. } if other == name => given(inner),
                Verb::Close { name: Some(other) } if other == name => Some(None),
                Verb::Close { name: None } | Verb::DiscardAll => Some(None),
                _ => None,
            });
            last.unwrap_or_else(|| wire?.portal(name.as_bytes()).and_then(first))
        }
        _ => None,
    }
}

/// What a statement that succeeded did to the names of its session. `path` is how the names in it were found,
/// which in MySQL they keep.
pub(crate) fn apply(verb: &Verb, path: Path<'_>, wire: &mut Wire) {
    let alone =
        |inner: &Statement| Some(crate::analyses::alone(Arc::new(current::qualified(inner.clone(), path))));
    match verb {
        Verb::Prepare { name, inner } => wire.define_statement(name.as_bytes(), alone(inner)),
        Verb::Declare { name, hold, inner } => wire.define_cursor(name.as_bytes(), alone(inner), *hold),
        Verb::Deallocate { name: Some(name) } => wire.define_statement(name.as_bytes(), None),
        Verb::Deallocate { name: None } => wire.forget_statements(),
        Verb::Close { name: Some(name) } => wire.define_cursor(name.as_bytes(), None, false),
        Verb::Close { name: None } => wire.forget_cursors(),
        Verb::DiscardAll => {
            wire.forget_statements();
            wire.forget_cursors();
        }
        Verb::Execute { .. } | Verb::Fetch { .. } | Verb::Leave | Verb::Other => {}
    }
}

/// Whether an exchange may change what the name of a statement or a cursor means.
pub(crate) fn names(open: &Open) -> bool {
    let names = |verb: &Verb| match verb {
        Verb::Prepare { .. } | Verb::Deallocate { .. } | Verb::DiscardAll => true,
        Verb::Declare { .. } | Verb::Close { .. } => true,
        Verb::Execute { .. } | Verb::Fetch { .. } | Verb::Leave | Verb::Other => false,
    };
    open.kind != Kind::Prepare && open.analysis.statements.iter().any(|statement| names(&statement.verb))
}
