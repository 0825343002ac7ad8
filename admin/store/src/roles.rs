//! Which roles has a workspace made for itself, and who has them?
//!
//! A role goes by its name, which stays: members and invitations hold it. What a role allows is read with
//! each member, so another set of capabilities counts from the next request on.

use crate::row::{Values, document};
use crate::text::storable;
use crate::{Id, Result, StoreError, Tx, now_us};
use sqlx::any::AnyRow;

const WHAT: &str = "role";
/// Most roles of one workspace: more than a matrix can show are no help to anybody.
pub const ROLES_MAX: usize = 30;

/// A role of a workspace's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomRole {
    /// What it is found by; unique in the workspace.
    pub name: String,
    /// Whom it is for.
    pub description: String,
    /// What it allows, in words of the API.
    pub capabilities: Vec<String>,
    /// How many members have it.
    pub members: i64,
    /// Goes up with every edit.
    pub version: i64,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT r.name, r.description, r.capabilities, r.version, (SELECT COUNT(*) FROM members m \
             WHERE m.workspace_id = r.workspace_id AND m.role = r.name) AS members FROM roles r ",
            $rest
        )
    };
}

/// Makes one. There may be none of that name.
pub async fn create(
    tx: &mut Tx,
    workspace: Id,
    name: &str,
    description: &str,
    capabilities: &[String],
) -> Result<()> {
    storable(&[("name", name), ("description", description)])?;
    let done = sqlx::query(
        "INSERT INTO roles (workspace_id, name, description, capabilities, created_at, changed_at, version) \
         VALUES ($1, $2, $3, $4, $5, $5, 1) ON CONFLICT (workspace_id, name) DO NOTHING",
    )
    .bind(workspace.bytes())
    .bind(name)
    .bind(description)
    .bind(document(capabilities)?)
    .bind(now_us())
    .execute(tx.on())
    .await?;
    if done.rows_affected() == 0 { Err(StoreError::Duplicate(WHAT)) } else { Ok(()) }
}

/// The role of this name, if the workspace has one.
pub async fn find(tx: &mut Tx, workspace: Id, name: &str) -> Result<Option<CustomRole>> {
    let row = sqlx::query(select!("WHERE r.workspace_id = $1 AND r.name = $2"))
        .bind(workspace.bytes())
        .bind(name)
        .fetch_optional(tx.on())
        .await?;
    row.as_ref().map(read).transpose()
}

/// All of a workspace, by name; at most [`ROLES_MAX`].
pub async fn list(tx: &mut Tx, workspace: Id) -> Result<Vec<CustomRole>> {
    let rows = sqlx::query(select!("WHERE r.workspace_id = $1 ORDER BY r.name"))
        .bind(workspace.bytes())
        .fetch_all(tx.on())
        .await?;
    rows.iter().map(read).collect()
}

/// Edits the one that still has `version`.
pub async fn edit(
    tx: &mut Tx,
    (workspace, name): (Id, &str),
    version: i64,
    description: &str,
    capabilities: &[String],
) -> Result<()> {
    storable(&[("description", description)])?;
    let done = sqlx::query(
        "UPDATE roles SET description = $4, capabilities = $5, changed_at = $6, version = version + 1 \
         WHERE workspace_id = $1 AND name = $2 AND version = $3",
    )
    .bind(workspace.bytes())
    .bind(name)
    .bind(version)
    .bind(description)
    .bind(document(capabilities)?)
    .bind(now_us())
    .execute(tx.on())
    .await?;
    if done.rows_affected() == 1 {
        return Ok(());
    }
    let found = find(tx, workspace, name).await?;
    Err(found.map_or(StoreError::Missing(WHAT), |_| StoreError::Changed(WHAT)))
}

/// Names of some who have it, and how many open invitations are to it.
pub async fn holders(tx: &mut Tx, workspace: Id, name: &str, limit: i64) -> Result<(Vec<String>, i64)> {
    let rows = sqlx::query(
        "SELECT u.name FROM members m JOIN users u ON u.id = m.user_id \
         WHERE m.workspace_id = $1 AND m.role = $2 ORDER BY m.user_id LIMIT $3",
    )
    .bind(workspace.bytes())
    .bind(name)
    .bind(limit)
    .fetch_all(tx.on())
    .await?;
    let names = rows.iter().map(|row| row.text("name")).collect::<Result<_>>()?;
    let invited = sqlx::query(
        "SELECT COUNT(*) AS invited FROM invitations \
         WHERE workspace_id = $1 AND role = $2 AND accepted_at IS NULL AND expires_at > $3",
    )
    .bind(workspace.bytes())
    .bind(name)
    .bind(now_us())
    .fetch_one(tx.on())
    .await?;
    Ok((names, invited.int("invited")?))
}

/// Forgets it. Whoever still had it would have nothing left: see [`holders`].
pub async fn remove(tx: &mut Tx, workspace: Id, name: &str) -> Result<()> {
    let done = sqlx::query("DELETE FROM roles WHERE workspace_id = $1 AND name = $2")
        .bind(workspace.bytes())
        .bind(name)
        .execute(tx.on())
        .await?;
    if done.rows_affected() == 0 { Err(StoreError::Missing(WHAT)) } else { Ok(()) }
}

fn read(row: &AnyRow) -> Result<CustomRole> {
    Ok(CustomRole {
        name: row.text("name")?,
        description: row.text("description")?,
        capabilities: row.json("capabilities")?,
        members: row.int("members")?,
        version: row.int("version")?,
    })
}
