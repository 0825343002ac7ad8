//! What does a person come back to? What they marked, and what they opened last.
//!
//! A target is anything that has a name: a kind and a text, such as an id or a fingerprint. Whether it is
//! still there is for whoever shows it to say.

use crate::insert::refused;
use crate::page::{Page, ask, page};
use crate::row::Values;
use crate::text::{exact_key, storable};
use crate::{Id, Result, Tx};
use sqlx::any::AnyRow;

/// What is remembered of what a person opened in a workspace.
pub const RECENT_MAX: i64 = 50;

/// Something that can be marked or opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// What it is, in a word.
    pub kind: String,
    /// Which one.
    pub target: String,
}

/// Something a person marked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Favourite {
    /// Of the mark: later marks have greater ones.
    pub id: Id,
    /// What is marked.
    pub target: Target,
}

/// Marks something. Nothing happens when it is marked already.
pub async fn add(tx: &mut Tx, user: Id, workspace: Id, target: &Target) -> Result<()> {
    storable(&[("kind", &target.kind), ("target", &target.target)])?;
    sqlx::query(
        "INSERT INTO favourites (id, user_id, workspace, kind, target, target_key) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (user_id, workspace, kind, target_key) DO NOTHING",
    )
    .bind(Id::new().bytes())
    .bind(user.bytes())
    .bind(workspace.bytes())
    .bind(&target.kind)
    .bind(&target.target)
    .bind(exact_key(&target.target))
    .execute(tx.on())
    .await
    .map_err(refused("favourite", "workspace"))?;
    Ok(())
}

/// Takes a mark away. Nothing happens when there is none.
pub async fn remove(tx: &mut Tx, user: Id, workspace: Id, target: &Target) -> Result<()> {
    sqlx::query(
        "DELETE FROM favourites WHERE user_id = $1 AND workspace = $2 AND kind = $3 AND target_key = $4",
    )
    .bind(user.bytes())
    .bind(workspace.bytes())
    .bind(&target.kind)
    .bind(exact_key(&target.target))
    .execute(tx.on())
    .await?;
    Ok(())
}

/// What a person marked, latest first. `before` is the `next` of the page before.
pub async fn list(
    tx: &mut Tx,
    user: Id,
    workspace: Id,
    before: Option<Id>,
    limit: i64,
) -> Result<Page<Favourite>> {
    let rows = sqlx::query(
        "SELECT id, kind, target FROM favourites WHERE user_id = $1 AND workspace = $2 AND id < $3 \
         ORDER BY id DESC LIMIT $4",
    )
    .bind(user.bytes())
    .bind(workspace.bytes())
    .bind(before.unwrap_or(Id::greatest()).bytes())
    .bind(ask(limit))
    .fetch_all(tx.on())
    .await?;
    page(&rows, limit, |row| Ok(Favourite { id: row.id("id")?, target: read(row)? }), |mark| mark.id)
}

/// Notes that a person opened something. The oldest of more than [`RECENT_MAX`] are forgotten.
pub async fn opened(tx: &mut Tx, user: Id, workspace: Id, target: &Target, at: i64) -> Result<()> {
    storable(&[("kind", &target.kind), ("target", &target.target)])?;
    sqlx::query(
        "INSERT INTO recent_items (user_id, workspace, kind, target, target_key, opened_at) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (user_id, workspace, kind, target_key) \
         DO UPDATE SET opened_at = excluded.opened_at",
    )
    .bind(user.bytes())
    .bind(workspace.bytes())
    .bind(&target.kind)
    .bind(&target.target)
    .bind(exact_key(&target.target))
    .bind(at)
    .execute(tx.on())
    .await
    .map_err(refused("target", "workspace"))?;
    sqlx::query(
        "DELETE FROM recent_items WHERE user_id = $1 AND workspace = $2 AND opened_at <= \
         (SELECT opened_at FROM recent_items WHERE user_id = $1 AND workspace = $2 \
         ORDER BY opened_at DESC LIMIT 1 OFFSET $3)",
    )
    .bind(user.bytes())
    .bind(workspace.bytes())
    .bind(RECENT_MAX)
    .execute(tx.on())
    .await?;
    Ok(())
}

/// What a person opened, latest first, with when.
pub async fn recent(tx: &mut Tx, user: Id, workspace: Id, limit: i64) -> Result<Vec<(Target, i64)>> {
    let rows = sqlx::query(
        "SELECT kind, target, opened_at FROM recent_items WHERE user_id = $1 AND workspace = $2 \
         ORDER BY opened_at DESC LIMIT $3",
    )
    .bind(user.bytes())
    .bind(workspace.bytes())
    .bind(limit.clamp(1, RECENT_MAX))
    .fetch_all(tx.on())
    .await?;
    rows.iter().map(|row| Ok((read(row)?, row.int("opened_at")?))).collect()
}

fn read(row: &AnyRow) -> Result<Target> {
    Ok(Target { kind: row.text("kind")?, target: row.text("target")? })
}
