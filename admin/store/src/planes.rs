//! Which data planes are there, and how are they?

use crate::insert::PARAMETERS_MAX;
use crate::row::{Values, document};
use crate::traffic::{bounded, counted, name, stored};
use crate::{Result, StoreError, Tx};
use control::{Acknowledgement, DrainPhase, DrainState, PlaneState, Replacement, ReplacementFailure};
use sqlx::any::AnyRow;

/// Problems of one acknowledgement that are kept, and how long each may be.
const PROBLEMS_MAX: usize = 100;
const PROBLEM_BYTES_MAX: usize = 2_000;
/// What is remembered of what happened to a plane.
const EVENTS_MAX: i64 = 50;
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
    /// How far it is with taking no more sessions, as it last told; `None` where it takes them.
    pub drain: Option<DrainState>,
    /// Whether a new process can take its place; `None` of a version that does not tell.
    pub replacement: Option<Replacement>,
    /// The snapshot it runs by its own words; `None` where it did not tell.
    pub in_force: Option<u64>,
}

const COLUMNS: &str = "SELECT id, name, version, started_at, first_seen_at, last_seen_at, snapshot, problems, untold, \
     drain, replacement, in_force FROM planes ";

/// A document that may not be there.
fn told<T: serde::de::DeserializeOwned>(row: &AnyRow, column: &str) -> Result<Option<T>> {
    if row.text(column)?.is_empty() { Ok(None) } else { row.json(column).map(Some) }
}

fn kept<T: serde::Serialize>(value: Option<&T>) -> Result<String> {
    value.map_or(Ok(String::new()), document)
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
        drain: told(row, "drain")?,
        replacement: told(row, "replacement")?,
        in_force: row.int_opt("in_force")?.map(counted),
    })
}

/// All of them, those first heard of first.
pub async fn all(tx: &mut Tx) -> Result<Vec<Plane>> {
    let text = sqlx::AssertSqlSafe(format!("{COLUMNS}ORDER BY first_seen_at LIMIT $1"));
    let rows = sqlx::query(text).bind(PLANES_MAX).fetch_all(tx.on()).await?;
    rows.iter().map(read).collect()
}

/// One of them.
pub async fn one(tx: &mut Tx, id: &str) -> Result<Plane> {
    let text = sqlx::AssertSqlSafe(format!("{COLUMNS}WHERE id = $1"));
    let row = sqlx::query(text).bind(id).fetch_optional(tx.on()).await?;
    row.as_ref().map_or(Err(StoreError::Missing("plane")), read)
}

/// Takes what a plane tells of itself and of its listeners.
pub async fn upsert(tx: &mut Tx, state: &PlaneState, now: i64) -> Result<()> {
    crate::traffic::lock(tx).await?;
    let before = match one(tx, &name(&state.plane)).await {
        Ok(known) => Some(known),
        Err(StoreError::Missing(_)) => None,
        Err(error) => return Err(error),
    };
    seen(tx, &state.plane, now).await?;
    note_change(tx, before.as_ref(), state, now).await?;
    sqlx::query(
        "UPDATE planes SET name = $2, version = $3, started_at = $4, drain = $5, replacement = $6, in_force = $7 \
         WHERE id = $1",
    )
    .bind(name(&state.plane))
    .bind(name(&state.name))
    .bind(name(&state.version))
    .bind(state.started_at_us)
    .bind(kept(state.drain.as_ref())?)
    .bind(kept(state.replacement.as_ref().map(within).as_ref())?)
    .bind(state.snapshot.map(stored))
    .execute(tx.on())
    .await?;
    crate::listeners::upsert(tx, &state.plane, &state.listeners, now).await
}

/// As it is kept: with a bound on what a plane says in words.
fn within(told: &Replacement) -> Replacement {
    let failed = told.failed.as_ref().map(|failure| ReplacementFailure {
        restart: bounded(&failure.restart, PROBLEM_BYTES_MAX),
        why: bounded(&failure.why, PROBLEM_BYTES_MAX),
    });
    let unable = told.unable.as_ref().map(|why| bounded(why, PROBLEM_BYTES_MAX));
    Replacement { unable, failed }
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
    sqlx::query("DELETE FROM plane_events WHERE plane = $1").bind(id).execute(tx.on()).await?;
    crate::notices::ended(tx, "plane", id.as_bytes()).await?;
    Ok(())
}

/// Something that happened to a plane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlaneEvent {
    /// When.
    pub at: i64,
    /// `joined`, `restarted`, `updated`, `not_restarted`, `lost`, `back`, `draining`, `drained`, `serving`.
    pub event: String,
    /// What else there is to know, such as versions.
    pub detail: String,
}

/// Notes what happened to a plane; of much the latest is kept.
pub async fn note(tx: &mut Tx, plane: &str, event: &str, detail: &str, at: i64) -> Result<()> {
    sqlx::query("INSERT INTO plane_events (id, plane, at, event, detail) VALUES ($1, $2, $3, $4, $5)")
        .bind(crate::Id::new().bytes())
        .bind(name(plane))
        .bind(at)
        .bind(event)
        .bind(bounded(detail, PROBLEM_BYTES_MAX))
        .execute(tx.on())
        .await?;
    sqlx::query(
        "DELETE FROM plane_events WHERE plane = $1 AND id <= \
         (SELECT id FROM plane_events WHERE plane = $1 ORDER BY id DESC LIMIT 1 OFFSET $2)",
    )
    .bind(name(plane))
    .bind(EVENTS_MAX)
    .execute(tx.on())
    .await?;
    Ok(())
}

/// What happened to a plane, latest first.
pub async fn events(tx: &mut Tx, plane: &str) -> Result<Vec<PlaneEvent>> {
    let rows =
        sqlx::query("SELECT at, event, detail FROM plane_events WHERE plane = $1 ORDER BY id DESC LIMIT $2")
            .bind(name(plane))
            .bind(EVENTS_MAX)
            .fetch_all(tx.on())
            .await?;
    let read = |row: &AnyRow| {
        Ok(PlaneEvent { at: row.int("at")?, event: row.text("event")?, detail: row.text("detail")? })
    };
    rows.iter().map(read).collect()
}

/// When the latest report of a plane was taken; `None` where none was since it started.
pub async fn reported_at(tx: &mut Tx, plane: &str) -> Result<Option<i64>> {
    let row = sqlx::query(
        "SELECT r.received_at FROM planes p JOIN traffic_reports r ON r.plane = p.id AND r.start = p.start \
         WHERE p.id = $1 ORDER BY r.number DESC LIMIT 1",
    )
    .bind(name(plane))
    .fetch_optional(tx.on())
    .await?;
    row.map(|row| row.int("received_at")).transpose()
}

/// What is new about a plane that tells of itself: it came, started anew, or is of another version.
async fn note_change(tx: &mut Tx, before: Option<&Plane>, state: &PlaneState, now: i64) -> Result<()> {
    if let Some(known) = before.filter(|known| known.started_at == state.started_at_us) {
        note_drain(tx, known, state, now).await?;
        note_failure(tx, known, state, now).await?;
    }
    let version = name(&state.version);
    let (event, detail) = match before {
        Some(known) if known.started_at == state.started_at_us && known.version == version => return Ok(()),
        // Reports may come before it tells of itself.
        None => ("joined", version),
        Some(known) if known.version.is_empty() => ("joined", version),
        Some(known) if known.version != version => ("updated", format!("{} → {version}", known.version)),
        Some(_) => ("restarted", version),
    };
    note(tx, &state.plane, event, &detail, now).await
}

/// What is new about a plane's drain, of the same process.
async fn note_drain(tx: &mut Tx, known: &Plane, state: &PlaneState, now: i64) -> Result<()> {
    let is_drained = |drain: &DrainState| drain.phase == DrainPhase::Drained;
    let (event, detail) = match (&known.drain, &state.drain) {
        (Some(_), None) => ("serving", String::new()),
        (before, Some(drain)) if is_drained(drain) && !before.as_ref().is_some_and(is_drained) => {
            ("drained", String::new())
        }
        (None, Some(drain)) => ("draining", format!("open sessions: {}", drain.sessions)),
        (None, None) | (Some(_), Some(_)) => return Ok(()),
    };
    note(tx, &state.plane, event, &detail, now).await
}

/// That a new process did not take the place of one that goes on.
async fn note_failure(tx: &mut Tx, known: &Plane, state: &PlaneState, now: i64) -> Result<()> {
    let before = known.replacement.as_ref().and_then(|told| told.failed.as_ref());
    match state.replacement.as_ref().and_then(|told| told.failed.as_ref()) {
        Some(failure) if before != Some(failure) => {
            note(tx, &state.plane, "not_restarted", &failure.why, now).await
        }
        Some(_) | None => Ok(()),
    }
}
