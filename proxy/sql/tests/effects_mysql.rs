//! What does each statement of MySQL and MariaDB do, by table?
//!
//! Each row is a statement and its effects in one line; [`described`] writes them. A part that is empty is left out.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![expect(clippy::too_many_lines, reason = "tables of cases")]

mod effects_mysql {
    mod changes;
    mod commands;
    mod definitions;
    mod hostile;
    mod queries;
    mod readings;
    pub(super) mod second;
    mod settings;
    mod tricks;
}

use exchange::{Basis, Statement};
use sql::{Lexing, MysqlServer, analyse};
use std::sync::Arc;

const MARIADB: Lexing = Lexing::of_mysql(MysqlServer::Mariadb(101_119));
const MYSQL: Lexing = Lexing::of_mysql(MysqlServer::Mysql(80_404));

fn only(text: &str, lexing: Lexing) -> Arc<Statement> {
    let mut statements = analyse(text.as_bytes(), lexing).statements;
    assert_eq!(statements.len(), 1, "{text}");
    statements.remove(0)
}

fn named(schema: Option<&str>, name: &str) -> String {
    schema.map_or(name.to_owned(), |schema| format!("{schema}.{name}"))
}

/// A part of a line; nothing where there is nothing to say.
fn part(word: &str, parts: Vec<String>) -> String {
    if parts.is_empty() { String::new() } else { format!(" | {word}: {}", parts.join(", ")) }
}

fn described(statement: &Statement) -> String {
    let effects = &statement.effects;
    let mut line = statement.class.as_str().to_owned();
    if effects.base_class != statement.class {
        line += &format!("/{}", effects.base_class.as_str());
    }
    line += &format!(" {}", effects.verb);
    let marks: Vec<&str> = effects.marks.words().collect();
    if !marks.is_empty() {
        line += &format!(" | {}", marks.join(" "));
    }
    let relations = effects.relations.iter().map(|one| {
        let access: Vec<&str> = one.access.words().collect();
        format!("{} {}", named(one.schema.as_deref(), &one.name), access.join("+"))
    });
    line += &part("relations", relations.collect());
    let functions = effects.functions.iter().map(|one| {
        format!("{} {}", named(one.schema.as_deref(), &one.name), format!("{:?}", one.known).to_lowercase())
    });
    line += &part("functions", functions.collect());
    let columns = effects.columns.iter().map(|one| match one.relation {
        Some(relation) => format!("{}.{}", effects.relations[usize::from(relation)].name, one.name),
        None => format!("?.{}", one.name),
    });
    line += &part("columns", columns.collect());
    let settings = effects.settings.iter().map(|one| {
        let local = if one.local { "local " } else { "" };
        format!("{local}{} = {}", one.name, one.value.as_deref().unwrap_or("?"))
    });
    line += &part("settings", settings.collect());
    if let Some(rows) = effects.row_limit {
        line += &format!(" | limit {rows}");
    }
    match &effects.basis {
        Basis::Grammar => line,
        other => format!("{line} | {other:?}"),
    }
}

/// As MariaDB reads them.
#[track_caller]
fn check(rows: &[(&str, &str)]) {
    check_as(MARIADB, rows);
}

#[track_caller]
fn check_as(lexing: Lexing, rows: &[(&str, &str)]) {
    let wrong: Vec<String> = rows
        .iter()
        .filter_map(|(text, expected)| {
            let statement = only(text, lexing);
            let found = described(&statement);
            let overlooked = effects_mysql::second::overlooked(text, &statement).unwrap_or_default();
            (found != *expected || !overlooked.is_empty()).then(|| {
                format!("{text}\n  expected {expected}\n  found    {found}\n  {}", overlooked.join("\n  "))
            })
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
