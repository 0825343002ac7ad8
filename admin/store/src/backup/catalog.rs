//! Which columns does a table have, and is there anything in it? The one place that asks each database in
//! its own way: their catalogs have nothing in common.

use super::format::{Column, Kind};
use crate::row::Values;
use crate::{Backend, Result, StoreError, Tx};
use sqlx::AssertSqlSafe;

/// The columns of a table in their order; none when there is no such table.
pub(super) async fn columns(tx: &mut Tx, table: &str) -> Result<Vec<Column>> {
    let text = match tx.backend() {
        Backend::Sqlite => "SELECT name AS name, type AS kind FROM pragma_table_info($1) ORDER BY cid",
        Backend::Postgres => {
            "SELECT CAST(column_name AS TEXT) AS name, CAST(data_type AS TEXT) AS kind \
             FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = $1 \
             ORDER BY ordinal_position"
        }
    };
    let rows = sqlx::query(text).bind(table).fetch_all(tx.on()).await?;
    rows.iter()
        .map(|row| {
            let (name, declared) = (row.text("name")?, row.text("kind")?);
            let kind = Kind::of(&declared)
                .ok_or_else(|| StoreError::Damaged(format!("`{table}.{name}` is of type `{declared}`")))?;
            Ok(Column { name, kind })
        })
        .collect()
}

/// How many rows a table has.
pub(super) async fn rows(tx: &mut Tx, table: &str) -> Result<i64> {
    let text = format!("SELECT COUNT(*) AS found FROM {table}");
    sqlx::query(AssertSqlSafe(text)).fetch_one(tx.on()).await?.int("found")
}

/// Whether a table is there.
pub(super) async fn exists(tx: &mut Tx, table: &str) -> Result<bool> {
    Ok(!columns(tx, table).await?.is_empty())
}
