//! How is shown what a statement uses: tables, columns, joins?

use admin_store::traffic::{ColumnUse, JoinUse, TableName, TableUse, Usage};
use serde::Serialize;
use utoipa::ToSchema;

/// What a statement uses.
#[derive(Debug, Serialize, ToSchema)]
pub struct StatementUsesView {
    /// Whether the whole text was understood.
    pub complete: bool,
    /// Its tables.
    pub tables: Vec<TableUseView>,
    /// Its columns whose table the text tells.
    pub columns: Vec<StatementColumnView>,
    /// Columns it compares to join tables.
    pub joins: Vec<JoinUseView>,
}

/// A table as a statement names it.
#[derive(Debug, Serialize, ToSchema)]
pub struct TableNameView {
    /// The schema; absent where the statement does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// The table.
    pub name: String,
}

/// A table a statement uses.
#[derive(Debug, Serialize, ToSchema)]
pub struct TableUseView {
    /// Which.
    pub table: TableNameView,
    /// Whether it reads it.
    pub reads: bool,
    /// Whether it changes it.
    pub writes: bool,
}

/// A column a statement uses.
#[derive(Debug, Serialize, ToSchema)]
pub struct StatementColumnView {
    /// Of which table.
    pub table: TableNameView,
    /// Which; `*` for all.
    pub column: String,
    /// Whether it reads it.
    pub reads: bool,
    /// Whether it changes it.
    pub writes: bool,
}

/// Two columns a statement compares to join their tables.
#[derive(Debug, Serialize, ToSchema)]
pub struct JoinUseView {
    /// The one side.
    pub left: TableNameView,
    /// Its column.
    pub left_column: String,
    /// The other side.
    pub right: TableNameView,
    /// Its column.
    pub right_column: String,
}

impl StatementUsesView {
    /// As it is shown.
    pub(super) fn of(usage: Usage) -> StatementUsesView {
        let Usage { tables, columns, joins, more } = usage;
        let table =
            |one: TableUse| TableUseView { table: name(one.table), reads: one.reads, writes: one.writes };
        let column = |one: ColumnUse| StatementColumnView {
            table: name(one.table),
            column: one.column,
            reads: one.reads,
            writes: one.writes,
        };
        let join = |one: JoinUse| JoinUseView {
            left: name(one.left),
            left_column: one.left_column,
            right: name(one.right),
            right_column: one.right_column,
        };
        StatementUsesView {
            complete: more.get("is_complete").and_then(serde_json::Value::as_bool).unwrap_or(false),
            tables: tables.into_iter().map(table).collect(),
            columns: columns.into_iter().map(column).collect(),
            joins: joins.into_iter().map(join).collect(),
        }
    }
}

fn name(table: TableName) -> TableNameView {
    TableNameView { schema: table.schema, name: table.name }
}
