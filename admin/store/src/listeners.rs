//! Which listeners are there, whose are they, and how are they?
//!
//! A listener is one of a plane: two planes may have one of the same name, which people see as one name
//! and the state as two rows. What is observed of it, traffic and sessions, refers to it by a small number.

use crate::row::Values;
use crate::traffic::{bounded, name, numbers};
use crate::{Result, StoreError, Tx};
use control::ListenerState;
use sqlx::any::AnyRow;

/// Listeners of one plane; more are not kept.
pub const LISTENERS_MAX: usize = 1_000;
/// Longest state that is kept.
const STATE_BYTES_MAX: usize = 65_536;

/// A listener as it was last heard of.
#[derive(Clone, Debug, PartialEq)]
pub struct Listener {
    /// Its number in the state.
    pub id: i64,
    /// Whose.
    pub plane: String,
    /// Its name there.
    pub name: String,
    /// The slug of the workspace it belongs to; empty while its plane has not told.
    pub workspace: String,
    /// Whether its plane has it, and there.
    pub present: bool,
    /// How it is; `None` while its plane has not told.
    pub state: Option<ListenerState>,
    /// When it was first heard of.
    pub first_seen_at: i64,
    /// When its plane last told of it.
    pub last_seen_at: i64,
}

fn read(row: &AnyRow) -> Result<Listener> {
    let state = row.text("state")?;
    Ok(Listener {
        id: row.int("id")?,
        plane: row.text("plane")?,
        name: row.text("name")?,
        workspace: row.text("workspace")?,
        present: row.flag("present")?,
        state: if state.is_empty() { None } else { Some(row.json("state")?) },
        first_seen_at: row.int("first_seen_at")?,
        last_seen_at: row.int("last_seen_at")?,
    })
}

/// Those of a workspace, also the ones that are gone and whose traffic is kept.
pub async fn of_workspace(tx: &mut Tx, workspace: &str) -> Result<Vec<Listener>> {
    let rows = sqlx::query(
        "SELECT id, plane, name, workspace, present, state, first_seen_at, last_seen_at FROM listeners \
         WHERE workspace = $1 ORDER BY id",
    )
    .bind(workspace)
    .fetch_all(tx.on())
    .await?;
    rows.iter().map(read).collect()
}

/// All of them.
pub async fn all(tx: &mut Tx) -> Result<Vec<Listener>> {
    let rows = sqlx::query(
        "SELECT id, plane, name, workspace, present, state, first_seen_at, last_seen_at FROM listeners \
         ORDER BY id",
    )
    .fetch_all(tx.on())
    .await?;
    rows.iter().map(read).collect()
}

/// One of them.
pub async fn one(tx: &mut Tx, id: i64) -> Result<Listener> {
    let row = sqlx::query(
        "SELECT id, plane, name, workspace, present, state, first_seen_at, last_seen_at FROM listeners \
         WHERE id = $1",
    )
    .bind(id)
    .fetch_optional(tx.on())
    .await?;
    row.as_ref().map_or(Err(StoreError::Missing("listener")), read)
}

/// Takes the listeners a plane has now; those it no longer has are kept as not present. The traffic lock
/// is held.
pub(crate) async fn upsert(tx: &mut Tx, plane: &str, states: &[ListenerState], now: i64) -> Result<()> {
    sqlx::query("UPDATE listeners SET present = 0 WHERE plane = $1")
        .bind(name(plane))
        .execute(tx.on())
        .await?;
    for state in states.iter().take(LISTENERS_MAX) {
        let id = of_state(tx, plane, state, now).await?;
        let text = serde_json::to_string(state).unwrap_or_default();
        // A state that would have to be cut is no longer JSON: it is told as not known.
        let text = if text.len() > STATE_BYTES_MAX { String::new() } else { bounded(&text, STATE_BYTES_MAX) };
        sqlx::query("UPDATE listeners SET present = 1, state = $2, last_seen_at = $3 WHERE id = $1")
            .bind(id)
            .bind(text)
            .bind(now)
            .execute(tx.on())
            .await?;
    }
    Ok(())
}

/// The row of a listener that says whose it is.
async fn of_state(tx: &mut Tx, plane: &str, state: &ListenerState, now: i64) -> Result<i64> {
    if let Some(id) = find(tx, plane, &state.name, &state.workspace).await? {
        return Ok(id);
    }
    // Traffic that came before the plane had told whose it is becomes the workspace's.
    if let Some(id) = find(tx, plane, &state.name, "").await? {
        sqlx::query("UPDATE listeners SET workspace = $2 WHERE id = $1")
            .bind(id)
            .bind(name(&state.workspace))
            .execute(tx.on())
            .await?;
        return Ok(id);
    }
    insert(tx, plane, (&state.name, &state.workspace), now).await
}

async fn find(tx: &mut Tx, plane: &str, listener: &str, workspace: &str) -> Result<Option<i64>> {
    let row = sqlx::query("SELECT id FROM listeners WHERE plane = $1 AND name = $2 AND workspace = $3")
        .bind(name(plane))
        .bind(name(listener))
        .bind(name(workspace))
        .fetch_optional(tx.on())
        .await?;
    row.map(|row| row.int("id")).transpose()
}

async fn insert(tx: &mut Tx, plane: &str, (listener, workspace): (&str, &str), now: i64) -> Result<i64> {
    let id = numbers(tx, "listener", 1).await?;
    sqlx::query(
        "INSERT INTO listeners (id, plane, name, workspace, present, state, first_seen_at, last_seen_at) \
         VALUES ($1, $2, $3, $4, 0, '', $5, $5)",
    )
    .bind(id)
    .bind(name(plane))
    .bind(name(listener))
    .bind(name(workspace))
    .bind(now)
    .execute(tx.on())
    .await?;
    Ok(id)
}

/// The listener of a plane that traffic told now belongs to: the one that is present, else the one last
/// seen, else a new one that no workspace has yet. The traffic lock is held.
pub(crate) async fn resolve(tx: &mut Tx, plane: &str, listener: &str, now: i64) -> Result<i64> {
    let row = sqlx::query(
        "SELECT id FROM listeners WHERE plane = $1 AND name = $2 \
         ORDER BY present DESC, last_seen_at DESC, id DESC LIMIT 1",
    )
    .bind(name(plane))
    .bind(name(listener))
    .fetch_optional(tx.on())
    .await?;
    match row {
        Some(row) => row.int("id"),
        None => insert(tx, plane, (listener, ""), now).await,
    }
}
