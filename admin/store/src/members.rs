//! Who belongs to a workspace, in which role, and what may one do beyond it? A workspace that has an
//! owner never loses its last one.

use crate::machines::{Kind, kind_opt};
use crate::page::{Page, ask, page};
use crate::row::{Values, document};
use crate::select::Select;
use crate::{Id, Result, StoreError, Tx, machines, now_us};
use sqlx::any::AnyRow;

/// What people do in a workspace; what each may is not the store's business.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Looks.
    Viewer,
    /// Works.
    Editor,
    /// Decides who works.
    Admin,
    /// Decides over the workspace itself.
    Owner,
    /// What the workspace's own role of this name says: see [`crate::roles`].
    Custom(String),
}

impl Role {
    /// All that every workspace has, the least first.
    pub const ALL: [Role; 4] = [Role::Viewer, Role::Editor, Role::Admin, Role::Owner];

    /// As it is kept and as the API says it.
    pub fn word(&self) -> &str {
        match self {
            Role::Viewer => "viewer",
            Role::Editor => "editor",
            Role::Admin => "admin",
            Role::Owner => "owner",
            Role::Custom(name) => name,
        }
    }

    /// The role of this word that every workspace has.
    pub fn from_word(word: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.word() == word)
    }

    /// The role of any word: one that is not everybody's is the workspace's own, and allows nothing where that
    /// is gone.
    pub(crate) fn stored(word: String) -> Role {
        Role::from_word(&word).unwrap_or(Role::Custom(word))
    }
}

/// A person in a workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Where.
    pub workspace: Id,
    /// Who.
    pub user: Id,
    /// What others see of the person.
    pub name: String,
    /// The person's e-mail.
    pub email: String,
    /// What it is where it is no person.
    pub machine: Option<Kind>,
    /// In which role.
    pub role: Role,
    /// What that allows where it is the workspace's own; empty for those that every workspace has.
    pub role_capabilities: Vec<String>,
    /// What the person may beyond it.
    pub capabilities: Vec<String>,
    /// Since when.
    pub joined_at: i64,
    /// Goes up with every edit.
    pub version: i64,
}

/// Makes a person a member.
pub async fn add(tx: &mut Tx, workspace: Id, user: Id, role: Role, capabilities: &[String]) -> Result<()> {
    let done = sqlx::query(
        "INSERT INTO members (workspace_id, user_id, role, capabilities, joined_at, version) \
         VALUES ($1, $2, $3, $4, $5, 1) ON CONFLICT (workspace_id, user_id) DO NOTHING",
    )
    .bind(workspace.bytes())
    .bind(user.bytes())
    .bind(role.word())
    .bind(document(capabilities)?)
    .bind(now_us())
    .execute(tx.on())
    .await?;
    if done.rows_affected() == 0 { Err(StoreError::Duplicate("member")) } else { Ok(()) }
}

/// A person in a workspace, if the person is.
pub async fn find(tx: &mut Tx, workspace: Id, user: Id) -> Result<Option<Member>> {
    let row = sqlx::query(
        "SELECT m.workspace_id, m.user_id, u.name, u.email, m.role, m.capabilities, m.joined_at, m.version, \
         COALESCE(r.capabilities, '[]') AS role_capabilities, x.kind AS machine \
         FROM members m JOIN users u ON u.id = m.user_id LEFT JOIN machines x ON x.user_id = m.user_id \
         LEFT JOIN roles r ON r.workspace_id = m.workspace_id AND r.name = m.role WHERE m.workspace_id = $1 AND m.user_id = $2",
    )
    .bind(workspace.bytes())
    .bind(user.bytes())
    .fetch_optional(tx.on())
    .await?;
    row.as_ref().map(read).transpose()
}

/// The people of a workspace, in the order their accounts were made.
pub async fn list(tx: &mut Tx, workspace: Id, after: Option<Id>, limit: i64) -> Result<Page<Member>> {
    part(tx, " WHERE x.kind IS NULL AND m.workspace_id = ", workspace, (after, limit)).await
}

/// The same with its services and agents.
pub(crate) async fn all(tx: &mut Tx, workspace: Id, after: Option<Id>, limit: i64) -> Result<Page<Member>> {
    part(tx, " WHERE m.workspace_id = ", workspace, (after, limit)).await
}

async fn part(
    tx: &mut Tx,
    which: &'static str,
    workspace: Id,
    (after, limit): (Option<Id>, i64),
) -> Result<Page<Member>> {
    let rows = Select::new(
        "SELECT m.workspace_id, m.user_id, u.name, u.email, m.role, m.capabilities, m.joined_at, m.version, \
         COALESCE(r.capabilities, '[]') AS role_capabilities, x.kind AS machine \
         FROM members m JOIN users u ON u.id = m.user_id LEFT JOIN machines x ON x.user_id = m.user_id \
         LEFT JOIN roles r ON r.workspace_id = m.workspace_id AND r.name = m.role",
    )
    .with(which, workspace.bytes(), "")
    .with_any(" AND m.user_id > ", after.map(Id::bytes))
    .with(" ORDER BY m.user_id LIMIT ", ask(limit), "")
    .rows(tx)
    .await?;
    page(&rows, limit, read, |member| member.user)
}

/// Changes what a member who still has `version` may; gives the new version. The last owner stays one.
pub async fn set_role(
    tx: &mut Tx,
    (workspace, user): (Id, Id),
    version: i64,
    role: Role,
    capabilities: &[String],
) -> Result<i64> {
    lock(tx, workspace).await?;
    let before = owners(tx, workspace).await?;
    let row = sqlx::query(
        "UPDATE members SET role = $4, capabilities = $5, version = version + 1 \
         WHERE workspace_id = $1 AND user_id = $2 AND version = $3 RETURNING version",
    )
    .bind(workspace.bytes())
    .bind(user.bytes())
    .bind(version)
    .bind(role.word())
    .bind(document(capabilities)?)
    .fetch_optional(tx.on())
    .await?;
    let Some(row) = row else {
        let found = find(tx, workspace, user).await?;
        return Err(found.map_or(StoreError::Missing("member"), |_| StoreError::Changed("member")));
    };
    keep_an_owner(tx, workspace, before).await?;
    row.int("version")
}

/// Takes a member out of the workspace and its teams, disables the machines they answer for, with their tokens, and takes
/// back what they have invited others to. The last owner stays.
pub async fn remove(tx: &mut Tx, workspace: Id, user: Id) -> Result<()> {
    lock(tx, workspace).await?;
    let before = owners(tx, workspace).await?;
    let done = sqlx::query("DELETE FROM members WHERE workspace_id = $1 AND user_id = $2")
        .bind(workspace.bytes())
        .bind(user.bytes())
        .execute(tx.on())
        .await?;
    if done.rows_affected() == 0 {
        return Err(StoreError::Missing("member"));
    }
    machines::orphan(tx, workspace, user).await?;
    // What they have invited others to is not theirs to give any more.
    sqlx::query(
        "DELETE FROM invitations WHERE workspace_id = $1 AND invited_by = $2 AND accepted_at IS NULL",
    )
    .bind(workspace.bytes())
    .bind(user.bytes())
    .execute(tx.on())
    .await?;
    keep_an_owner(tx, workspace, before).await
}

/// How many owners a workspace has who can sign in.
pub async fn owners(tx: &mut Tx, workspace: Id) -> Result<i64> {
    let row = sqlx::query(
        "SELECT COUNT(*) AS owners FROM members m JOIN users u ON u.id = m.user_id \
             WHERE m.workspace_id = $1 AND m.role = 'owner' AND u.is_disabled = 0",
    )
    .bind(workspace.bytes())
    .fetch_one(tx.on())
    .await?;
    row.int("owners")
}

/// The workspace's row is the lock: two who change roles at once do so one after the other, and the second
/// sees what the first left.
pub async fn lock(tx: &mut Tx, workspace: Id) -> Result<()> {
    let done = sqlx::query("UPDATE workspaces SET version = version WHERE id = $1")
        .bind(workspace.bytes())
        .execute(tx.on())
        .await?;
    if done.rows_affected() == 0 { Err(StoreError::Missing("workspace")) } else { Ok(()) }
}

/// A workspace that had an owner `before` has one still.
async fn keep_an_owner(tx: &mut Tx, workspace: Id, before: i64) -> Result<()> {
    if before > 0 && owners(tx, workspace).await? == 0 { Err(StoreError::LastOne("owner")) } else { Ok(()) }
}

fn read(row: &AnyRow) -> Result<Member> {
    Ok(Member {
        workspace: row.id("workspace_id")?,
        user: row.id("user_id")?,
        name: row.text("name")?,
        email: row.text("email")?,
        machine: kind_opt(row, "machine")?,
        role: Role::stored(row.text("role")?),
        role_capabilities: row.json("role_capabilities")?,
        capabilities: row.json("capabilities")?,
        joined_at: row.int("joined_at")?,
        version: row.int("version")?,
    })
}
