//! Which data planes are there, and how are they?

use crate::insert::PARAMETERS_MAX;
use crate::row::Values;
use crate::traffic::{bounded, counted, name, stored};
use crate::{Result, StoreError, Tx};
use control::Acknowledgement;
use control::PlaneState;
use sqlx::any::AnyRow;

/// Problems of one acknowledgement that are kept, and how long each may be.
const PROBLEMS_MAX: usize = 100;
const PROBLEM_BYTES_MAX: usize = 2_000;
/// Planes listed at once.
const PLANES_MAX: i64 = PARAMETERS_MAX as i64;

/// A data plane as it was last heard of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plane {
    /// Its own, kept over restarts.
    pub id: String,
    /// As people know it.
    pub name: String,
    /// The program's version.
    pub version: String,
    /// When it started; 0 while it has not told.
    pub started_at: i64,
    /// When it was first heard of.
    pub first_seen_at: i64,
    /// When it was last heard of.
    pub last_seen_at: i64,
    /// The snapshot it acknowledged last.
    pub snapshot: u64,
    /// Why it did not take it; empty when it is in force.
    pub problems: Vec<String>,
    /// Sessions, refusals and events it only counted.
    pub untold: u64,
}

fn read(row: &AnyRow) -> Result<Plane> {
    Ok(Plane {
        id: row.text("id")?,
        name: row.text("name")?,
        version: row.text("version")?,
        started_at: row.int("started_at")?,
        first_seen_at: row.int("first_seen_at")?,
        last_seen_at: row.int("last_seen_at")?,
        snapshot: counted(row.int("snapshot")?),
        problems: row.json("problems")?,
        untold: counted(row.int("untold")?),
    })
}

/// All of them, those first heard of first.
pub async fn all(tx: &mut Tx) -> Result<Vec<Plane>> {
    let rows = sqlx::query(
        "SELECT id, name, version, started_at, first_seen_at, last_seen_at, snapshot, problems, untold \
         FROM planes ORDER BY first_seen_at LIMIT $1",
    )
    .bind(PLANES_MAX)
    .fetch_all(tx.on())
    .await?;
    rows.iter().map(read).collect()
}

/// One of them.
pub async fn one(tx: &mut Tx, id: &str) -> Result<Plane> {
    let row = sqlx::query(
        "SELECT id, name, version, started_at, first_seen_at, last_seen_at, snapshot, problems, untold \
         FROM planes WHERE id = $1",
    )
    .bind(id)
    .fetch_optional(tx.on())
    .await?;
    row.as_ref().map_or(Err(StoreError::Missing("plane")), read)
}

/// Takes what a plane tells of itself and of its listeners.
pub async fn upsert(tx: &mut Tx, state: &PlaneState, now: i64) -> Result<()> {
    crate::traffic::lock(tx).await?;
    seen(tx, &state.plane, now).await?;
    sqlx::query("UPDATE planes SET name = $2, version = $3, started_at = $4 WHERE id = $1")
        .bind(name(&state.plane))
        .bind(name(&state.name))
        .bind(name(&state.version))
        .bind(state.started_at_us)
        .execute(tx.on())
        .await?;
    crate::listeners::upsert(tx, &state.plane, &state.listeners, now).await
}

/// Notes that a plane was heard of.
pub async fn seen(tx: &mut Tx, plane: &str, now: i64) -> Result<()> {
    sqlx::query(
        "INSERT INTO planes (id, name, version, start, started_at, first_seen_at, last_seen_at, snapshot, \
         problems, untold) VALUES ($1, $1, '', '', 0, $2, $2, 0, '[]', 0) \
         ON CONFLICT (id) DO UPDATE SET last_seen_at = excluded.last_seen_at",
    )
    .bind(name(plane))
    .bind(now)
    .execute(tx.on())
    .await?;
    Ok(())
}

/// Notes what a plane made of a snapshot.
pub async fn acknowledged(tx: &mut Tx, plane: &str, said: &Acknowledgement) -> Result<()> {
    let problems: Vec<String> =
        said.problems.iter().take(PROBLEMS_MAX).map(|problem| bounded(problem, PROBLEM_BYTES_MAX)).collect();
    sqlx::query("UPDATE planes SET snapshot = $2, problems = $3 WHERE id = $1")
        .bind(name(plane))
        .bind(stored(said.version))
        .bind(serde_json::Value::from(problems).to_string())
        .execute(tx.on())
        .await?;
    Ok(())
}

/// Forgets a plane that is gone for good. Its listeners and their traffic stay.
pub async fn forget(tx: &mut Tx, id: &str) -> Result<()> {
    let gone = sqlx::query("DELETE FROM planes WHERE id = $1").bind(id).execute(tx.on()).await?;
    if gone.rows_affected() == 0 {
        return Err(StoreError::Missing("plane"));
    }
    sqlx::query("UPDATE listeners SET present = 0 WHERE plane = $1").bind(id).execute(tx.on()).await?;
    Ok(())
}
