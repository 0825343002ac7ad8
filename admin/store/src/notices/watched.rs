//! What is watched so that people can be told of it, and what was found of it last?
//!
//! A state is a kind and what it is of. That it is there means that it was told: whoever puts it there tells that
//! something is wrong, whoever takes it away that it is right again, and of two who try one does.

use crate::row::Values;
use crate::{Id, Result, Tx};
use sqlx::any::AnyRow;

/// Things of a kind that are told at once; the others have their turn at the next look.
const AT_ONCE: i64 = 100;
/// How often a database must fail before it is told: one lost packet is no news.
const FAILURES_MIN: i64 = 2;

/// Notes that something is wrong since `at`. Gives false where that is known.
pub async fn began(tx: &mut Tx, kind: &str, target: &[u8], at: i64) -> Result<bool> {
    let done = sqlx::query(
        "INSERT INTO notice_states (kind, target, value) VALUES ($1, $2, $3) ON CONFLICT (kind, target) DO NOTHING",
    )
    .bind(kind)
    .bind(target)
    .bind(at)
    .execute(tx.on())
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Notes that it is right again. Gives since when it was wrong; nothing where it was not.
pub async fn ended(tx: &mut Tx, kind: &str, target: &[u8]) -> Result<Option<i64>> {
    let row = sqlx::query("DELETE FROM notice_states WHERE kind = $1 AND target = $2 RETURNING value")
        .bind(kind)
        .bind(target)
        .fetch_optional(tx.on())
        .await?;
    row.map(|row| row.int("value")).transpose()
}

/// Whether something is known to be wrong.
pub async fn is_wrong(tx: &mut Tx, kind: &str, target: &[u8]) -> Result<bool> {
    let row = sqlx::query("SELECT value FROM notice_states WHERE kind = $1 AND target = $2")
        .bind(kind)
        .bind(target)
        .fetch_optional(tx.on())
        .await?;
    Ok(row.is_some())
}

/// Notes up to when something was looked at.
pub async fn remember(tx: &mut Tx, kind: &str, target: &[u8], value: i64) -> Result<()> {
    sqlx::query(
        "INSERT INTO notice_states (kind, target, value) VALUES ($1, $2, $3) \
         ON CONFLICT (kind, target) DO UPDATE SET value = excluded.value",
    )
    .bind(kind)
    .bind(target)
    .bind(value)
    .execute(tx.on())
    .await?;
    Ok(())
}

/// A connection whose database does not answer, which nobody was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failing {
    /// Which.
    pub connection: Id,
    /// Whose.
    pub workspace: Id,
    /// As people know it.
    pub name: String,
    /// Why it did not answer.
    pub message: String,
}

/// Connections whose databases have failed more than once, and that is not told.
pub async fn failing(tx: &mut Tx) -> Result<Vec<Failing>> {
    let rows = sqlx::query(
        "SELECT c.id, c.workspace, c.name, h.last_error_message FROM connection_health h \
         JOIN connections c ON c.id = h.connection \
         LEFT JOIN notice_states s ON s.kind = 'connection' AND s.target = c.id \
         WHERE h.failures >= $1 AND s.kind IS NULL ORDER BY c.id LIMIT $2",
    )
    .bind(FAILURES_MIN)
    .bind(AT_ONCE)
    .fetch_all(tx.on())
    .await?;
    let read = |row: &AnyRow| {
        Ok(Failing {
            connection: row.id("id")?,
            workspace: row.id("workspace")?,
            name: row.text("name")?,
            message: row.text_opt("last_error_message")?.unwrap_or_default(),
        })
    };
    rows.iter().map(read).collect()
}

/// A connection whose database answers again, while it is told that it does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovered {
    /// Which.
    pub connection: Id,
    /// Whose.
    pub workspace: Id,
    /// As people know it.
    pub name: String,
}

/// Connections whose databases answer again.
pub async fn recovered(tx: &mut Tx) -> Result<Vec<Recovered>> {
    let rows = sqlx::query(
        "SELECT c.id, c.workspace, c.name FROM connection_health h JOIN connections c ON c.id = h.connection \
         JOIN notice_states s ON s.kind = 'connection' AND s.target = c.id \
         WHERE h.failures = 0 ORDER BY c.id LIMIT $1",
    )
    .bind(AT_ONCE)
    .fetch_all(tx.on())
    .await?;
    let read = |row: &AnyRow| {
        Ok(Recovered { connection: row.id("id")?, workspace: row.id("workspace")?, name: row.text("name")? })
    };
    rows.iter().map(read).collect()
}

/// A schema that is another than when it was last compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// Of which connection.
    pub connection: Id,
    /// Whose.
    pub workspace: Id,
    /// As people know it.
    pub name: String,
    /// Its latest snapshot.
    pub snapshot: Id,
    /// When that was taken.
    pub taken_at: i64,
    /// The snapshot that was compared last; where that is forgotten, the oldest since. `None` where none ever was.
    pub compared: Option<Id>,
}

/// Schemas whose latest snapshot was not compared yet. What is remembered of a schema is when the snapshot was taken
/// that was compared last: that tells it from the others of its connection.
pub async fn changed_schemas(tx: &mut Tx, limit: i64) -> Result<Vec<Changed>> {
    let rows = sqlx::query(
        "SELECT c.id, c.workspace, c.name, s.id AS snapshot, s.taken_at, \
         (SELECT p.id FROM schema_snapshots p WHERE p.connection = c.id AND p.taken_at >= n.value \
         ORDER BY p.id LIMIT 1) AS compared FROM connections c \
         JOIN schema_snapshots s ON s.id = c.last_snapshot \
         LEFT JOIN notice_states n ON n.kind = 'schema' AND n.target = c.id \
         WHERE n.value IS NULL OR n.value < s.taken_at ORDER BY c.id LIMIT $1",
    )
    .bind(limit.max(1))
    .fetch_all(tx.on())
    .await?;
    let read = |row: &AnyRow| {
        Ok(Changed {
            connection: row.id("id")?,
            workspace: row.id("workspace")?,
            name: row.text("name")?,
            snapshot: row.id("snapshot")?,
            taken_at: row.int("taken_at")?,
            compared: row.id_opt("compared")?,
        })
    };
    rows.iter().map(read).collect()
}
