//! What does a request do, once what it names is looked up?
//!
//! A text says `EXECUTE p` or calls a function of the database's own: what `p` stands for the session
//! knows, what the function does the catalog. The analysis of the text stays what it is, for whoever
//! sends it next.

use crate::circumstances::CHANGING;
use crate::current;
use crate::naming::source;
use crate::scope::{Scope, Wire};
use exchange::{Class, Effects, Function, Known, Marks, Protocol, Statement, Verb};
use policies::Path;
use sql::Analysis;
use sql::catalog::Catalog;
use std::collections::HashMap;
use std::sync::Arc;

/// Analyses whose meaning in a database is remembered, on each thread.
const REMEMBERED_MAX: usize = 4_096;

/// An analysis, the catalog it was looked up in, and what came of it: nothing where that is the same.
type Lookups = HashMap<(usize, u64), (Arc<Analysis>, Option<Arc<Analysis>>), foldhash::fast::RandomState>;

/// What was looked up in catalogs, on one thread.
#[derive(Debug, Default)]
pub(crate) struct Meanings {
    lookups: Lookups,
}

impl Meanings {
    fn of(&mut self, analysis: &Arc<Analysis>, catalog: &Catalog) -> Option<Arc<Analysis>> {
        let key = (Arc::as_ptr(analysis) as usize, catalog.id());
        if let Some((_, found)) = self.lookups.get(&key) {
            return found.clone();
        }
        let found = replaced(analysis, |statement| catalog.resolve(statement));
        if self.lookups.len() >= REMEMBERED_MAX {
            self.lookups.clear();
        }
        // The analysis is kept with what was found, so that its address cannot become another's.
        self.lookups.insert(key, (Arc::clone(analysis), found.clone()));
        found
    }
}

/// What `analysis` does in this session now; `None` when that is what it says already. Without a `wire`
/// what the session's names stand for is not certain.
/// `major` is the server's version, `path` how names without a schema are found.
pub(crate) fn of(
    analysis: &Arc<Analysis>,
    wire: Option<&Wire>,
    major: u32,
    path: Path<'_>,
    scope: &Scope,
) -> Option<Arc<Analysis>> {
    let resolved = match scope.settings.protocol {
        Protocol::Postgres => on_older_server(analysis, major).or_else(|| in_database(analysis, scope)),
        Protocol::Mysql => current::marked(analysis, path),
    };
    let known = resolved.as_ref().unwrap_or(analysis);
    let names =
        |statement: &Arc<Statement>| matches!(statement.verb, Verb::Execute { .. } | Verb::Fetch { .. });
    if !known.statements.iter().any(names) {
        return resolved;
    }
    let joined = replaced(known, |statement| {
        names(statement).then(|| {
            let source = source(known, statement, wire);
            joined(statement, source.as_deref())
        })
    });
    joined.or(resolved)
}

/// What the grammar of today reads as its own, an older server takes for a call of somebody's function.
fn on_older_server(analysis: &Analysis, major: u32) -> Option<Arc<Analysis>> {
    let newer = match major {
        17.. => return None,
        16 => Marks::SINCE_17,
        _ => Marks::SINCE_16.with(Marks::SINCE_17),
    };
    let is_newer = |statement: &Arc<Statement>| statement.effects.marks.intersects(newer);
    if !analysis.statements.iter().any(is_newer) {
        return None;
    }
    replaced(analysis, |statement| is_newer(statement).then(|| calls_unknown(statement)))
}

fn calls_unknown(statement: &Statement) -> Statement {
    let mut effects = (*statement.effects).clone();
    effects.marks.insert(Marks::UNKNOWN_FUNCTION);
    let name = "(of a later grammar)".into();
    let function = Function { schema: None, name, known: Known::Unknown };
    effects.functions = effects.functions.iter().cloned().chain([function]).collect();
    Statement { class: statement.class.graver(Class::Code), effects: Arc::new(effects), ..statement.clone() }
}

fn in_database(analysis: &Arc<Analysis>, scope: &Scope) -> Option<Arc<Analysis>> {
    // Without a probe there is nothing to look in.
    scope.settings.probe.as_ref()?;
    let catalog = scope.with_facts(|session| scope.listener.catalog(&session.principal.database))?;
    scope.thread.meanings.borrow_mut().of(analysis, &catalog)
}

/// The statement with the class of what its name stands for, if that is graver.
fn joined(statement: &Statement, source: Option<&Statement>) -> Statement {
    let (class, base) = match source {
        Some(source) => (source.class, source.effects.base_class),
        None => (Class::Unknown, Class::Unknown),
    };
    let mut effects =
        Effects { base_class: statement.effects.base_class.graver(base), ..(*statement.effects).clone() };
    if let Some(source) = source {
        // What it sets is set when it runs, which is now.
        let now = CHANGING.with(Marks::UNDOES_READ_ONLY);
        effects.marks.insert(Marks(source.effects.marks.0 & now.0));
    }
    Statement { class: statement.class.graver(class), effects: Arc::new(effects), ..statement.clone() }
}

/// The analysis with other statements in the place of some; `None` when there are none.
pub(crate) fn replaced(
    analysis: &Analysis,
    mut other: impl FnMut(&Arc<Statement>) -> Option<Statement>,
) -> Option<Arc<Analysis>> {
    let mut any = false;
    let mut replace = |statement: &Arc<Statement>| match other(statement) {
        Some(other) => {
            any = true;
            Arc::new(other)
        }
        None => Arc::clone(statement),
    };
    let statements: Vec<_> = analysis.statements.iter().map(&mut replace).collect();
    any.then(|| {
        let (lexing, folded, ending) = (analysis.lexing, analysis.folded, analysis.ending);
        Arc::new(Analysis { statements, lexing, folded, ending })
    })
}
