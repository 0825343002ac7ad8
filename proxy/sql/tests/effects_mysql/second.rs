//! Does another reading of MySQL's grammar, by a library, find nothing that ours has overlooked?
//!
//! It was made for many dialects, takes less than the servers do, and is none to rely on. But what it takes and calls a
//! change must be one here too, and a table it finds must be among those found here.

use exchange::{Basis, Class, Statement};
use sql::analyse;
use sqlparser::ast::{self, ObjectName, Query, Visit, Visitor};
use sqlparser::dialect::MySqlDialect;
use sqlparser::parser::Parser;
use std::ops::ControlFlow;
use std::path::Path;

/// Longer texts are rows of the same.
const TEXT_BYTES_MAX: usize = 4_000;

/// Fewer reads that both take would say nothing.
const TAKEN_MIN: usize = 300;

/// Names in lower case.
#[derive(Default)]
struct Names {
    tables: Vec<String>,
    /// What a WITH names is no table.
    given: Vec<String>,
}

impl Visitor for Names {
    type Break = ();

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        for given in query.with.iter().flat_map(|with| &with.cte_tables) {
            self.given.push(given.alias.name.value.to_lowercase());
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_relation(&mut self, name: &ObjectName) -> ControlFlow<()> {
        let last = name.0.last().and_then(|part| part.as_ident());
        self.tables.extend(last.map(|one| one.value.to_lowercase()));
        ControlFlow::Continue(())
    }
}

/// Whether the other reading knows that it is more than a read, a session's own, or part of a transaction.
fn changes(statement: &ast::Statement) -> bool {
    use ast::Statement::{
        AlterTable, AlterView, Call, CreateDatabase, CreateFunction, CreateIndex, CreateProcedure,
        CreateTable, CreateTrigger, CreateView, Delete, Drop, DropFunction, DropProcedure, DropTrigger,
        Flush, Grant, Insert, Kill, LoadData, Merge, RenameTable, Revoke, Truncate, Update,
    };
    matches!(
        statement,
        AlterTable(..)
            | AlterView { .. }
            | Call(..)
            | CreateDatabase { .. }
            | CreateFunction(..)
            | CreateIndex(..)
            | CreateProcedure { .. }
            | CreateTable(..)
            | CreateTrigger(..)
            | CreateView(..)
            | Delete(..)
            | Drop { .. }
            | DropFunction(..)
            | DropProcedure { .. }
            | DropTrigger(..)
            | Flush { .. }
            | Grant(..)
            | Insert(..)
            | Kill { .. }
            | LoadData { .. }
            | Merge(..)
            | RenameTable(..)
            | Revoke(..)
            | Truncate(..)
            | Update(..)
    )
}

/// Whether what it takes for tables may be none: a database, or those of a body that runs later.
fn names_others(statement: &ast::Statement) -> bool {
    use ast::Statement::{CreateFunction, CreateProcedure, CreateTrigger, ShowTables};
    matches!(statement, ShowTables { .. } | CreateFunction(..) | CreateProcedure { .. } | CreateTrigger(..))
}

/// What the other reading sees in a text of one statement, and ours does not; `None` where one of them does not take
/// the text.
pub(crate) fn overlooked(text: &str, ours: &Statement) -> Option<Vec<String>> {
    let is_judged = matches!(ours.effects.basis, Basis::Grammar);
    let theirs = Some(text).filter(|text| is_judged && text.len() <= TEXT_BYTES_MAX)?;
    let theirs = Parser::parse_sql(&MySqlDialect {}, theirs).ok()?;
    let [theirs] = theirs.as_slice() else { return None };
    let mut overlooked = Vec::new();
    if changes(theirs) && matches!(ours.class, Class::Read | Class::Session | Class::Transaction) {
        overlooked.push(format!("{text}: more than {}", ours.class.as_str()));
    }
    let mut names = Names::default();
    if !names_others(theirs) {
        let _ = theirs.visit(&mut names);
    }
    let is_ours = |name: &str| ours.effects.relations.iter().any(|one| one.name.to_lowercase() == *name);
    for table in names.tables.iter().filter(|name| *name != "dual" && !names.given.contains(name)) {
        if !is_ours(table) {
            overlooked.push(format!("{text}: the table {table}"));
        }
    }
    Some(overlooked)
}

#[test]
fn another_reading_of_what_tools_send_finds_no_table_and_no_change_that_ours_has_not() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/reads_mysql/known");
    let (mut taken, mut all) = (0, Vec::new());
    for file in std::fs::read_dir(folder).unwrap() {
        let texts = std::fs::read_to_string(file.unwrap().path()).unwrap();
        for text in texts.split("\n---").skip(1).filter_map(|part| part.split_once('\n')) {
            let analysis = analyse(text.1.as_bytes(), crate::MARIADB);
            let [statement] = analysis.statements.as_slice() else { continue };
            if let Some(overlooked) = overlooked(text.1, statement) {
                taken += 1;
                all.extend(overlooked);
            }
        }
    }
    assert!(all.is_empty(), "{}", all.join("\n"));
    assert!(taken >= TAKEN_MIN, "{taken}");
}
