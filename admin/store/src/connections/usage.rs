//! How much was done through a connection, day by day?

use crate::insert::refused;
use crate::row::Values;
use crate::{Id, Result, Tx};

const DAY_US: i64 = 86_400_000_000;
/// Rows forgotten in one statement, so that others who write wait little.
const PRUNE_ROWS: i64 = 1_000;

/// What was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Used {
    /// Statements.
    pub queries: i64,
    /// Rows they gave or changed.
    pub rows: i64,
    /// Bytes of the answers.
    pub bytes: i64,
}

/// What was done on one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UsageDay {
    /// Days since 1970-01-01 UTC.
    pub day: i64,
    /// What was done.
    pub used: Used,
}

/// The day of a time in microseconds.
pub fn day_of(at: i64) -> i64 {
    at.div_euclid(DAY_US)
}

/// Adds to what was done at that time.
pub async fn add_usage(tx: &mut Tx, connection: Id, at: i64, used: Used) -> Result<()> {
    sqlx::query(
        "INSERT INTO connection_usage (connection, day, query_count, row_count, byte_count) \
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (connection, day) DO UPDATE SET \
         query_count = connection_usage.query_count + excluded.query_count, \
         row_count = connection_usage.row_count + excluded.row_count, \
         byte_count = connection_usage.byte_count + excluded.byte_count",
    )
    .bind(connection.bytes())
    .bind(day_of(at))
    .bind(used.queries)
    .bind(used.rows)
    .bind(used.bytes)
    .execute(tx.on())
    .await
    .map_err(refused("day", super::WHAT))?;
    Ok(())
}

/// What was done from one day to another, both included; days without use are not in it.
pub async fn usage(tx: &mut Tx, connection: Id, from_day: i64, to_day: i64) -> Result<Vec<UsageDay>> {
    let rows = sqlx::query(
        "SELECT day, query_count, row_count, byte_count FROM connection_usage \
         WHERE connection = $1 AND day >= $2 AND day <= $3 ORDER BY day",
    )
    .bind(connection.bytes())
    .bind(from_day)
    .bind(to_day)
    .fetch_all(tx.on())
    .await?;
    rows.iter()
        .map(|row| {
            let used = Used {
                queries: row.int("query_count")?,
                rows: row.int("row_count")?,
                bytes: row.int("byte_count")?,
            };
            Ok(UsageDay { day: row.int("day")?, used })
        })
        .collect()
}

/// Forgets some of the days before `day`; how many rows. Asked again until it is none.
pub async fn prune_usage(tx: &mut Tx, day: i64) -> Result<u64> {
    let done = sqlx::query(
        "DELETE FROM connection_usage WHERE (connection, day) IN \
         (SELECT connection, day FROM connection_usage WHERE day < $1 ORDER BY day LIMIT $2)",
    )
    .bind(day)
    .bind(PRUNE_ROWS)
    .execute(tx.on())
    .await?;
    Ok(done.rows_affected())
}
