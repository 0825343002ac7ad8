//! Which services and agents act in a workspace, and who is responsible for each?
//!
//! A machine is a row of `users` without e-mail, password or identity, so that tokens, roles and the activity know it
//! as they know people; what is only a machine's stands here.

use crate::members::Role;
use crate::page::{Page, ask, page};
use crate::row::Values;
use crate::select::Select;
use crate::text::storable;
use crate::{Id, Result, StoreError, Tx, members, now_us};
use sqlx::any::AnyRow;

const WHAT: &str = "machine";

/// What it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A program that does what it was written to do.
    Service,
    /// A program that decides by itself what it does.
    Agent,
}

impl Kind {
    /// As it is kept and as the API says it.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Service => "service",
            Kind::Agent => "agent",
        }
    }

    /// The kind of this word.
    pub fn from_word(word: &str) -> Option<Kind> {
        [Kind::Service, Kind::Agent].into_iter().find(|kind| kind.word() == word)
    }
}

/// A service or an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Machine {
    /// Names it: the id of its row in `users`.
    pub id: Id,
    /// What it is.
    pub kind: Kind,
    /// What people call it.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Which member answers for it; `None` for nobody any more.
    pub responsible: Option<Id>,
    /// What they are called.
    pub responsible_name: Option<String>,
    /// Whether they may not sign in: until they may, or another is named, its tokens are refused.
    pub is_responsible_disabled: bool,
    /// In which role.
    pub role: Role,
    /// When it ends; `None` for never.
    pub expires_at: Option<i64>,
    /// Whether its tokens are refused.
    pub is_disabled: bool,
    /// When a token of its was last used.
    pub last_used_at: Option<i64>,
    /// When it was made.
    pub created_at: i64,
    /// Goes up with every edit.
    pub version: i64,
}

/// A machine as it shall be.
#[derive(Clone, Debug)]
pub struct Draft<'a> {
    /// What people call it.
    pub name: &'a str,
    /// What it is for.
    pub description: &'a str,
    /// Which member answers for it.
    pub responsible: Option<Id>,
    /// In which role.
    pub role: &'a Role,
    /// When it ends; `None` for never.
    pub expires_at: Option<i64>,
    /// Whether its tokens are refused.
    pub is_disabled: bool,
}

/// Makes one, a member of the workspace from now on. There may be none of that name.
pub async fn create(tx: &mut Tx, workspace: Id, kind: Kind, new: &Draft<'_>) -> Result<Id> {
    storable(&[("name", new.name), ("description", new.description)])?;
    let (id, now) = (Id::new(), now_us());
    is_free(tx, workspace, id, new.name).await?;
    sqlx::query(
        "INSERT INTO users (id, email, email_key, email_verified, name, password_hash, preferences, \
         is_instance_admin, is_disabled, created_at, changed_at, version) \
         VALUES ($1, '', $2, 0, $3, NULL, '{}', 0, $4, $5, $5, 1)",
    )
    .bind(id.bytes())
    // Unique, and the key of no e-mail: none begins with a zero byte.
    .bind([&[0][..], &id.bytes()].concat())
    .bind(new.name)
    .bind(i64::from(new.is_disabled))
    .bind(now)
    .execute(tx.on())
    .await?;
    sqlx::query(
        "INSERT INTO machines (user_id, workspace_id, kind, description, responsible, expires_at, version) \
         VALUES ($1, $2, $3, $4, $5, $6, 1)",
    )
    .bind(id.bytes())
    .bind(workspace.bytes())
    .bind(kind.word())
    .bind(new.description)
    .bind(new.responsible.map(Id::bytes))
    .bind(new.expires_at)
    .execute(tx.on())
    .await?;
    members::add(tx, workspace, id, new.role.clone(), &[]).await?;
    Ok(id)
}

/// One of a workspace, if it has it.
pub async fn find(tx: &mut Tx, workspace: Id, id: Id) -> Result<Option<Machine>> {
    let rows = selected(workspace).with(" AND x.user_id = ", id.bytes(), "").rows(tx).await?;
    rows.first().map(read).transpose()
}

/// Those of a workspace, in the order they were made.
pub async fn list(tx: &mut Tx, workspace: Id, after: Option<Id>, limit: i64) -> Result<Page<Machine>> {
    let rows = selected(workspace)
        .with_any(" AND x.user_id > ", after.map(Id::bytes))
        .with(" ORDER BY x.user_id LIMIT ", ask(limit), "")
        .rows(tx)
        .await?;
    page(&rows, limit, read, |machine| machine.id)
}

fn selected(workspace: Id) -> Select {
    Select::new(
        "SELECT x.user_id, x.kind, u.name, x.description, x.responsible, r.name AS responsible_name, \
         COALESCE(r.is_disabled, 0) AS is_responsible_disabled, m.role, \
         x.expires_at, u.is_disabled, u.created_at, x.version, \
         (SELECT MAX(t.last_used_at) FROM tokens t WHERE t.user_id = x.user_id) AS last_used_at \
         FROM machines x JOIN users u ON u.id = x.user_id \
         JOIN members m ON m.workspace_id = x.workspace_id AND m.user_id = x.user_id \
         LEFT JOIN users r ON r.id = x.responsible WHERE x.deleted_at IS NULL",
    )
    .with(" AND x.workspace_id = ", workspace.bytes(), "")
}

/// How many a workspace has.
pub async fn count(tx: &mut Tx, workspace: Id) -> Result<i64> {
    sqlx::query("SELECT COUNT(*) AS n FROM machines WHERE workspace_id = $1 AND deleted_at IS NULL")
        .bind(workspace.bytes())
        .fetch_one(tx.on())
        .await?
        .int("n")
}

/// Edits the one that still has `version`.
pub async fn edit(tx: &mut Tx, (workspace, id): (Id, Id), version: i64, wanted: &Draft<'_>) -> Result<()> {
    storable(&[("name", wanted.name), ("description", wanted.description)])?;
    is_free(tx, workspace, id, wanted.name).await?;
    let done = sqlx::query(
        "UPDATE machines SET description = $4, responsible = $5, expires_at = $6, version = version + 1 \
         WHERE user_id = $1 AND workspace_id = $2 AND version = $3 AND deleted_at IS NULL",
    )
    .bind(id.bytes())
    .bind(workspace.bytes())
    .bind(version)
    .bind(wanted.description)
    .bind(wanted.responsible.map(Id::bytes))
    .bind(wanted.expires_at)
    .execute(tx.on())
    .await?;
    if done.rows_affected() == 0 {
        let found = find(tx, workspace, id).await?;
        return Err(found.map_or(StoreError::Missing(WHAT), |_| StoreError::Changed(WHAT)));
    }
    sqlx::query(
        "UPDATE users SET name = $2, is_disabled = $3, changed_at = $4, version = version + 1 WHERE id = $1",
    )
    .bind(id.bytes())
    .bind(wanted.name)
    .bind(i64::from(wanted.is_disabled))
    .bind(now_us())
    .execute(tx.on())
    .await?;
    sqlx::query(
        "UPDATE members SET role = $3, version = version + 1 WHERE workspace_id = $1 AND user_id = $2",
    )
    .bind(workspace.bytes())
    .bind(id.bytes())
    .bind(wanted.role.word())
    .execute(tx.on())
    .await?;
    Ok(())
}

/// Deletes it with its tokens. Its name and kind stay for what it did.
pub async fn remove(tx: &mut Tx, workspace: Id, id: Id) -> Result<()> {
    let done = sqlx::query(
        "UPDATE machines SET deleted_at = $3, responsible = NULL, version = version + 1 \
         WHERE user_id = $1 AND workspace_id = $2 AND deleted_at IS NULL",
    )
    .bind(id.bytes())
    .bind(workspace.bytes())
    .bind(now_us())
    .execute(tx.on())
    .await?;
    if done.rows_affected() == 0 {
        return Err(StoreError::Missing(WHAT));
    }
    for statement in [
        "DELETE FROM members WHERE user_id = $1",
        "DELETE FROM tokens WHERE user_id = $1",
        "UPDATE users SET is_disabled = 1, version = version + 1 WHERE id = $1",
    ] {
        sqlx::query(statement).bind(id.bytes()).execute(tx.on()).await?;
    }
    Ok(())
}

/// Disables those that `user` answers for in a workspace that they leave: each waits for somebody else. Their tokens are
/// good no more, for who leaves may know them.
pub(crate) async fn orphan(tx: &mut Tx, workspace: Id, user: Id) -> Result<()> {
    sqlx::query(
        "UPDATE tokens SET revoked_at = $3 WHERE revoked_at IS NULL AND user_id IN \
         (SELECT user_id FROM machines WHERE workspace_id = $1 AND responsible = $2)",
    )
    .bind(workspace.bytes())
    .bind(user.bytes())
    .bind(now_us())
    .execute(tx.on())
    .await?;
    for statement in [
        "UPDATE users SET is_disabled = 1, version = version + 1 WHERE id IN \
         (SELECT user_id FROM machines WHERE workspace_id = $1 AND responsible = $2)",
        "UPDATE machines SET responsible = NULL, version = version + 1 WHERE workspace_id = $1 AND responsible = $2",
    ] {
        sqlx::query(statement).bind(workspace.bytes()).bind(user.bytes()).execute(tx.on()).await?;
    }
    Ok(())
}

/// The rows of `users` that go when the workspace does.
pub(crate) async fn rows_of(tx: &mut Tx, workspace: Id) -> Result<Vec<Id>> {
    let rows = sqlx::query("SELECT user_id FROM machines WHERE workspace_id = $1")
        .bind(workspace.bytes())
        .fetch_all(tx.on())
        .await?;
    rows.iter().map(|row| row.id("user_id")).collect()
}

async fn is_free(tx: &mut Tx, workspace: Id, id: Id, name: &str) -> Result<()> {
    let found = sqlx::query(
        "SELECT x.user_id FROM machines x JOIN users u ON u.id = x.user_id \
         WHERE x.workspace_id = $1 AND x.deleted_at IS NULL AND u.name = $2 AND x.user_id <> $3",
    )
    .bind(workspace.bytes())
    .bind(name)
    .bind(id.bytes())
    .fetch_optional(tx.on())
    .await?;
    if found.is_some() { Err(StoreError::Duplicate(WHAT)) } else { Ok(()) }
}

/// The kind that stands in a column, if one does.
pub(crate) fn kind_opt(row: &AnyRow, column: &str) -> Result<Option<Kind>> {
    row.text_opt(column)?
        .map(|word| {
            Kind::from_word(&word).ok_or_else(|| StoreError::Damaged(format!("a machine is `{word}`")))
        })
        .transpose()
}

fn read(row: &AnyRow) -> Result<Machine> {
    Ok(Machine {
        id: row.id("user_id")?,
        kind: kind_opt(row, "kind")?.unwrap_or(Kind::Service),
        name: row.text("name")?,
        description: row.text("description")?,
        responsible: row.id_opt("responsible")?,
        responsible_name: row.text_opt("responsible_name")?,
        is_responsible_disabled: row.flag("is_responsible_disabled")?,
        role: Role::stored(row.text("role")?),
        expires_at: row.int_opt("expires_at")?,
        is_disabled: row.flag("is_disabled")?,
        last_used_at: row.int_opt("last_used_at")?,
        created_at: row.int("created_at")?,
        version: row.int("version")?,
    })
}
