//! Which groups do the members of a workspace form?

use crate::page::{Page, ask, page};
use crate::row::Values;
use crate::select::Select;
use crate::text::{key, storable};
use crate::{Id, Result, StoreError, Tx, now_us};
use sqlx::any::AnyRow;

/// A group of members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Team {
    /// Names it for good.
    pub id: Id,
    /// Where it is.
    pub workspace: Id,
    /// What people see; unique in the workspace, in whatever case.
    pub name: String,
    /// What it is about.
    pub description: String,
    /// When it was made.
    pub created_at: i64,
    /// When it was last edited.
    pub changed_at: i64,
    /// Goes up with every edit.
    pub version: i64,
}

fn name_key(name: &str) -> Vec<u8> {
    key(name.trim())
}

/// Makes a team without members.
pub async fn create(tx: &mut Tx, workspace: Id, name: &str, description: &str) -> Result<Team> {
    storable(&[("name", name), ("description", description)])?;
    let id = Id::new();
    let done = sqlx::query(
        "INSERT INTO teams (id, workspace_id, name, name_key, description, created_at, changed_at, version) \
         VALUES ($1, $2, $3, $4, $5, $6, $6, 1) ON CONFLICT (workspace_id, name_key) DO NOTHING",
    )
    .bind(id.bytes())
    .bind(workspace.bytes())
    .bind(name.trim())
    .bind(name_key(name))
    .bind(description)
    .bind(now_us())
    .execute(tx.on())
    .await?;
    if done.rows_affected() == 0 {
        return Err(StoreError::Duplicate("team"));
    }
    by_id(tx, workspace, id).await
}

/// One of a workspace's teams.
pub async fn by_id(tx: &mut Tx, workspace: Id, id: Id) -> Result<Team> {
    let row = sqlx::query(
        "SELECT id, workspace_id, name, description, created_at, changed_at, version FROM teams \
         WHERE id = $1 AND workspace_id = $2",
    )
    .bind(id.bytes())
    .bind(workspace.bytes())
    .fetch_optional(tx.on())
    .await?;
    read(&row.ok_or(StoreError::Missing("team"))?)
}

/// The team of this name, in whatever case, if there is one.
pub async fn by_name(tx: &mut Tx, workspace: Id, name: &str) -> Result<Option<Team>> {
    let row = sqlx::query(
        "SELECT id, workspace_id, name, description, created_at, changed_at, version FROM teams \
         WHERE workspace_id = $1 AND name_key = $2",
    )
    .bind(workspace.bytes())
    .bind(name_key(name))
    .fetch_optional(tx.on())
    .await?;
    row.as_ref().map(read).transpose()
}

/// A workspace's teams by name. The cursor is a name's key.
pub async fn list(
    tx: &mut Tx,
    workspace: Id,
    after: Option<&[u8]>,
    limit: i64,
) -> Result<Page<Team, Vec<u8>>> {
    let rows =
        Select::new("SELECT id, workspace_id, name, description, created_at, changed_at, version FROM teams")
            .with(" WHERE workspace_id = ", workspace.bytes(), "")
            .with_any(" AND name_key > ", after.map(<[u8]>::to_vec))
            .with(" ORDER BY name_key LIMIT ", ask(limit), "")
            .rows(tx)
            .await?;
    page(&rows, limit, read, |team| name_key(&team.name))
}

/// Edits the one that still has `version`; gives the new version.
pub async fn edit(
    tx: &mut Tx,
    (workspace, id): (Id, Id),
    version: i64,
    name: &str,
    description: &str,
) -> Result<i64> {
    storable(&[("name", name), ("description", description)])?;
    let row = sqlx::query(
        "UPDATE teams SET name = $4, name_key = $5, description = $6, changed_at = $7, \
         version = version + 1 WHERE id = $1 AND workspace_id = $2 AND version = $3 RETURNING version",
    )
    .bind(id.bytes())
    .bind(workspace.bytes())
    .bind(version)
    .bind(name.trim())
    .bind(name_key(name))
    .bind(description)
    .bind(now_us())
    .fetch_optional(tx.on())
    .await
    .map_err(|error| StoreError::from(error).about("team"))?;
    match row {
        Some(row) => row.int("version"),
        None => by_id(tx, workspace, id).await.and(Err(StoreError::Changed("team"))),
    }
}

/// Removes it; its members stay members of the workspace.
pub async fn remove(tx: &mut Tx, workspace: Id, id: Id) -> Result<()> {
    let done = sqlx::query("DELETE FROM teams WHERE id = $1 AND workspace_id = $2")
        .bind(id.bytes())
        .bind(workspace.bytes())
        .execute(tx.on())
        .await?;
    if done.rows_affected() == 0 { Err(StoreError::Missing("team")) } else { Ok(()) }
}

/// Puts a member of the workspace into a team. Who is in it already stays in it.
pub async fn add_member(tx: &mut Tx, workspace: Id, id: Id, user: Id) -> Result<()> {
    by_id(tx, workspace, id).await?;
    sqlx::query(
        "INSERT INTO team_members (team_id, workspace_id, user_id, added_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (team_id, user_id) DO NOTHING",
    )
    .bind(id.bytes())
    .bind(workspace.bytes())
    .bind(user.bytes())
    .bind(now_us())
    .execute(tx.on())
    .await
    .map_err(|error| StoreError::from(error).about("member"))?;
    Ok(())
}

/// Takes a member out of a team.
pub async fn remove_member(tx: &mut Tx, workspace: Id, id: Id, user: Id) -> Result<()> {
    let done =
        sqlx::query("DELETE FROM team_members WHERE team_id = $1 AND workspace_id = $2 AND user_id = $3")
            .bind(id.bytes())
            .bind(workspace.bytes())
            .bind(user.bytes())
            .execute(tx.on())
            .await?;
    if done.rows_affected() == 0 { Err(StoreError::Missing("member")) } else { Ok(()) }
}

/// Who is in a team.
pub async fn members(tx: &mut Tx, workspace: Id, id: Id, after: Option<Id>, limit: i64) -> Result<Page<Id>> {
    by_id(tx, workspace, id).await?;
    let rows = Select::new("SELECT user_id FROM team_members")
        .with(" WHERE team_id = ", id.bytes(), "")
        .with_any(" AND user_id > ", after.map(Id::bytes))
        .with(" ORDER BY user_id LIMIT ", ask(limit), "")
        .rows(tx)
        .await?;
    page(&rows, limit, |row| row.id("user_id"), |user| *user)
}

/// A person's teams in a workspace.
pub async fn list_of(tx: &mut Tx, workspace: Id, user: Id) -> Result<Vec<Id>> {
    let rows = sqlx::query(
        "SELECT team_id FROM team_members WHERE workspace_id = $1 AND user_id = $2 ORDER BY team_id",
    )
    .bind(workspace.bytes())
    .bind(user.bytes())
    .fetch_all(tx.on())
    .await?;
    rows.iter().map(|row| row.id("team_id")).collect()
}

fn read(row: &AnyRow) -> Result<Team> {
    Ok(Team {
        id: row.id("id")?,
        workspace: row.id("workspace_id")?,
        name: row.text("name")?,
        description: row.text("description")?,
        created_at: row.int("created_at")?,
        changed_at: row.int("changed_at")?,
        version: row.int("version")?,
    })
}
