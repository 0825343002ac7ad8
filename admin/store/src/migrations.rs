//! How does the state come to this program's version? Forward only, in order, each migration once.
//!
//! A migration is a file in `migrations/`, never changed after a release. It is applied in a
//! transaction of its own together with the note that it was; a lock keeps a second node waiting.

use crate::row::Values;
use crate::{Backend, Result, Store, StoreError, Tx};
use sqlx::AssertSqlSafe;
use std::time::{Duration, Instant};

/// Number, name and text, ascending.
const MIGRATIONS: &[(i64, &str, &str)] = &[
    (1, "people", include_str!("../migrations/0001_people.sql")),
    (2, "rule_sets", include_str!("../migrations/0002_rule_sets.sql")),
    (3, "connections", include_str!("../migrations/0003_connections.sql")),
    (4, "schema", include_str!("../migrations/0004_schema.sql")),
    (5, "traffic", include_str!("../migrations/0005_traffic.sql")),
    (6, "queries", include_str!("../migrations/0006_queries.sql")),
    (7, "jobs", include_str!("../migrations/0007_jobs.sql")),
    (8, "viewpoints", include_str!("../migrations/0008_viewpoints.sql")),
    (9, "charts", include_str!("../migrations/0009_charts.sql")),
    (10, "notifications", include_str!("../migrations/0010_notifications.sql")),
    (11, "mode_changes", include_str!("../migrations/0011_mode_changes.sql")),
    (12, "second_factors", include_str!("../migrations/0012_second_factors.sql")),
    (13, "roles", include_str!("../migrations/0013_roles.sql")),
    (14, "access_reviews", include_str!("../migrations/0014_access_reviews.sql")),
    (15, "machines", include_str!("../migrations/0015_machines.sql")),
    (16, "group_grants", include_str!("../migrations/0016_group_grants.sql")),
    (17, "fleet", include_str!("../migrations/0017_fleet.sql")),
];

/// The number of the advisory lock that migrating nodes take on PostgreSQL.
const LOCK: &str = "SELECT pg_advisory_xact_lock(7203495862034)";

/// Longest wait for another node that migrates.
const WAIT: Duration = Duration::from_secs(300);
const WAIT_INTERVAL: Duration = Duration::from_millis(100);

/// The latest migration this program knows.
pub(crate) fn known() -> i64 {
    MIGRATIONS.last().map_or(0, |(number, _, _)| *number)
}

/// The tables there are after migration `last`, those that are referred to before those that refer to them.
/// The note of what was applied is not among them.
pub(crate) fn tables(last: i64) -> Vec<String> {
    let mut tables = Vec::new();
    for statement in applied(last) {
        if let Some(name) = after(statement, "CREATE TABLE ") {
            tables.push(name.to_owned());
        }
        if let Some(name) = after(statement, "DROP TABLE ") {
            tables.retain(|table| table != name);
        }
    }
    tables
}

/// Whether a table has rows from the beginning.
pub(crate) fn is_seeded(table: &str) -> bool {
    applied(known()).any(|statement| after(statement, "INSERT INTO ") == Some(table))
}

/// The statements up to migration `last`, without the comments before them.
fn applied(last: i64) -> impl Iterator<Item = &'static str> {
    MIGRATIONS.iter().filter(move |(number, _, _)| *number <= last).flat_map(|(_, _, text)| {
        statements(text).map(|statement| {
            let mut rest = statement;
            while rest.starts_with("--") {
                rest = rest.split_once('\n').map_or("", |(_, rest)| rest.trim_start());
            }
            rest
        })
    })
}

/// The name after `words`, if the statement begins with them.
fn after<'a>(statement: &'a str, words: &str) -> Option<&'a str> {
    let rest = statement.strip_prefix(words)?;
    let is_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    rest.split(|letter| !is_name(letter)).next().filter(|name| !name.is_empty())
}

/// Applies what is missing.
pub(crate) async fn apply(store: &Store) -> Result<()> {
    let deadline = Instant::now() + WAIT;
    for (number, _, _) in MIGRATIONS {
        loop {
            match apply_one(store, *number).await {
                // Whoever migrates a large state keeps the others waiting for longer than a change does.
                Err(StoreError::Busy) if Instant::now() < deadline => {
                    tokio::time::sleep(WAIT_INTERVAL).await;
                }
                other => break other?,
            }
        }
    }
    Ok(())
}

/// Applies one in a transaction of its own, unless it was.
async fn apply_one(store: &Store, number: i64) -> Result<()> {
    let mut tx = store.write().await?;
    lock(&mut tx).await?;
    let found = latest(&mut tx).await?;
    let known = known();
    if found > known {
        return Err(StoreError::TooNew { found, known });
    }
    if found >= number {
        return Ok(());
    }
    apply_in(&mut tx, found, number).await?;
    tx.commit().await?;
    tracing::info!(number, "state migrated");
    Ok(())
}

/// Applies those after `after` up to `last` as part of a greater change.
pub(crate) async fn apply_in(tx: &mut Tx, after: i64, last: i64) -> Result<()> {
    for (number, name, text) in MIGRATIONS.iter().filter(|(number, _, _)| *number > after && *number <= last)
    {
        for statement in statements(text) {
            sqlx::query(AssertSqlSafe(statement.to_owned())).execute(tx.on()).await?;
        }
        sqlx::query("INSERT INTO migrations (number, name, applied_at) VALUES ($1, $2, $3)")
            .bind(*number)
            .bind(*name)
            .bind(crate::store::now_us())
            .execute(tx.on())
            .await?;
    }
    Ok(())
}

/// Lets nobody else migrate, and makes the table of what was applied. A writer of SQLite is alone already.
pub(crate) async fn lock(tx: &mut Tx) -> Result<()> {
    if tx.backend() == Backend::Postgres {
        for patience in ["SET LOCAL lock_timeout = '300s'", "SET LOCAL statement_timeout = 0", LOCK] {
            sqlx::query(patience).execute(tx.on()).await?;
        }
    }
    sqlx::query(
        "CREATE TABLE IF NOT EXISTS migrations (number BIGINT PRIMARY KEY, name TEXT NOT NULL, \
         applied_at BIGINT NOT NULL)",
    )
    .execute(tx.on())
    .await?;
    Ok(())
}

/// The latest migration that was applied; 0 for none.
pub(crate) async fn latest(tx: &mut Tx) -> Result<i64> {
    let row =
        sqlx::query("SELECT COALESCE(MAX(number), 0) AS latest FROM migrations").fetch_one(tx.on()).await?;
    row.int("latest")
}

/// The statements of a migration: each ends with a semicolon at the end of a line.
fn statements(text: &str) -> impl Iterator<Item = &str> {
    text.split(";\n").map(str::trim).filter(|statement| {
        statement.lines().any(|line| !line.trim().is_empty() && !line.trim_start().starts_with("--"))
    })
}
