//! Of which database are names without a schema, in MySQL?
//!
//! Of the current one; in what was prepared, of the one that was current then. It may be one of the server's own,
//! whose tables have marks.

use crate::circumstances::{Circumstances, used_database};
use crate::meaning::replaced;
use crate::session::Remembered;
use exchange::{Ask, Effects, Known, Marks, Protocol, Request, Session, Statement};
use policies::Path;
use sql::Analysis;
use std::borrow::Cow;
use std::sync::Arc;

/// How names without a schema are found in a request.
pub(crate) fn path<'a>(
    ask: &'a Ask<'_, Remembered>,
    circumstances: &'a Circumstances,
    session: &'a Session,
) -> Path<'a> {
    match &ask.request {
        Request::Execute { statement, .. } if session.protocol == Protocol::Mysql => {
            let before = statement.as_ref().and_then(|known| known.prepared_in.as_ref());
            before.map_or(Path::Changed, |session| Path::Database(&session.principal.database))
        }
        _ => circumstances.path(&session.principal.database),
    }
}

/// Whose current database is that of what is prepared now; `None` where it is not known, or matters to
/// nothing.
pub(crate) fn at_prepare(
    ask: &Ask<'_, Remembered>,
    path: Path<'_>,
    session: &Arc<Session>,
) -> Option<Arc<Session>> {
    let prepares = matches!(ask.request, Request::Prepare { .. });
    (prepares && path == Path::Database(&session.principal.database)).then(|| Arc::clone(session))
}

/// The analysis with the marks of the tables of the current database; `None` when there are none. Behind a
/// USE it is another one.
pub(crate) fn marked(analysis: &Analysis, path: Path<'_>) -> Option<Arc<Analysis>> {
    let mut current = match path {
        Path::Database(database) => Some(Cow::Borrowed(database)),
        Path::Default | Path::Changed => None,
    };
    let uses = |statement: &Arc<Statement>| statement.effects.verb == "use";
    if current.as_deref().is_some_and(|name| !is_catalog(name)) && !analysis.statements.iter().any(uses) {
        return None;
    }
    replaced(analysis, |statement| {
        let effects = &*statement.effects;
        let marks = marks(effects, current.as_deref());
        if uses(statement) {
            current = used_database(effects).map(|name| Cow::Owned(name.to_owned()));
        }
        (marks.0 & !effects.marks.0 != 0).then(|| {
            let effects = Arc::new(Effects { marks: effects.marks.with(marks), ..effects.clone() });
            Statement { effects, ..(**statement).clone() }
        })
    })
}

/// A statement that PREPARE gave a name, with the names in it as they are found now.
pub(crate) fn qualified(mut statement: Statement, path: Path<'_>) -> Statement {
    let Path::Database(database) = path else { return statement };
    let mut effects = (*statement.effects).clone();
    effects.marks.insert(marks(&effects, Some(database)));
    for relation in &mut effects.relations {
        relation.schema.get_or_insert_with(|| database.into());
    }
    for function in effects.functions.iter_mut().filter(|function| function.known == Known::Unknown) {
        function.schema.get_or_insert_with(|| database.into());
    }
    statement.effects = Arc::new(effects);
    statement
}

fn is_catalog(database: &str) -> bool {
    sql::MYSQL_CATALOGS.iter().any(|name| name.eq_ignore_ascii_case(database))
}

/// What it means that names without a schema are of this database; of any, where it is not known.
fn marks(effects: &Effects, database: Option<&str>) -> Marks {
    let mut marks = Marks::NONE;
    for relation in effects.relations.iter().filter(|relation| relation.schema.is_none()) {
        match database {
            Some(database) => marks.insert(sql::mysql_relation_marks(database, &relation.name)),
            None => sql::MYSQL_CATALOGS
                .iter()
                .for_each(|database| marks.insert(sql::mysql_relation_marks(database, &relation.name))),
        }
    }
    marks
}

#[cfg(test)]
mod tests {
    use super::*;
    use exchange::{Access, Basis, Class, Relation, Setting};

    fn statement(verb: &'static str, effects: Effects) -> Arc<Statement> {
        Arc::new(Statement { effects: Arc::new(effects), ..sql::command(verb, b"", Class::Read) })
    }

    fn reads(name: &str) -> Arc<Statement> {
        let relation = Relation { schema: None, name: name.into(), access: Access::READ };
        let effects = Effects::of_class(Basis::Grammar, "select", Class::Read);
        statement("select", Effects { relations: [relation].into(), ..effects })
    }

    fn uses(name: &str) -> Arc<Statement> {
        let setting = Setting { name: "database".into(), local: false, value: Some(name.into()) };
        let effects = Effects::of_class(Basis::Grammar, "use", Class::Session);
        statement("use", Effects { settings: [setting].into(), ..effects })
    }

    /// Whether each statement reads secrets.
    fn secrets(statements: Vec<Arc<Statement>>, path: Path<'_>) -> Vec<bool> {
        let mut analysis = sql::unread(sql::Lexing::MYSQL);
        analysis.statements = statements;
        let marked = marked(&analysis, path);
        let analysis = marked.as_deref().unwrap_or(&analysis);
        analysis.statements.iter().map(|one| one.effects.marks.contains(Marks::READS_SECRETS)).collect()
    }

    #[test]
    fn a_table_of_the_servers_own_is_found_by_the_current_database() {
        assert_eq!(secrets(vec![reads("user")], Path::Database("shop")), [false]);
        assert_eq!(secrets(vec![reads("user")], Path::Database("mysql")), [true]);
        assert_eq!(secrets(vec![reads("USER")], Path::Database("MySQL")), [true]);
        assert_eq!(secrets(vec![reads("user")], Path::Changed), [true]);
        assert_eq!(secrets(vec![reads("orders")], Path::Changed), [false]);
        let named = qualified((*reads("user")).clone(), Path::Database("mysql"));
        assert_eq!(named.effects.relations.first().and_then(|one| one.schema.as_deref()), Some("mysql"));
        assert!(named.effects.marks.contains(Marks::READS_SECRETS));
        let text = vec![reads("user"), uses("mysql"), reads("user"), uses("shop"), reads("user")];
        assert_eq!(secrets(text, Path::Database("shop")), [false, false, true, false, false]);
    }
}
