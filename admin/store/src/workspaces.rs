//! Where do people work together? Each has a personal workspace, and any number that are shared.

use crate::members::Role;
use crate::page::{Page, ask, page};
use crate::row::{Values, document};
use crate::select::Select;
use crate::text::storable;
use crate::{Id, Result, StoreError, Tx, machines, now_us};
use serde_json::Value;
use sqlx::any::AnyRow;

/// Longest slug, so that it fits where names of hosts do.
const SLUG_BYTES_MAX: usize = 63;

/// What a workspace is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One person's own.
    Personal,
    /// A team's.
    Shared,
    /// Made for a listener of the settings' file that names it.
    Gateway,
}

impl Kind {
    /// As it is kept and as the API says it.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Personal => "personal",
            Kind::Shared => "shared",
            Kind::Gateway => "gateway",
        }
    }

    fn from_word(word: &str) -> Result<Kind> {
        [Kind::Personal, Kind::Shared, Kind::Gateway]
            .into_iter()
            .find(|kind| kind.word() == word)
            .ok_or_else(|| StoreError::Damaged(format!("a workspace is `{word}`")))
    }
}

/// A workspace.
#[derive(Clone, Debug, PartialEq)]
pub struct Workspace {
    /// Names it for good.
    pub id: Id,
    /// Names it in URLs and in the settings' file.
    pub slug: String,
    /// What people see.
    pub name: String,
    /// What it is for.
    pub kind: Kind,
    /// Whose own it is.
    pub personal_of: Option<Id>,
    /// What it is about.
    pub description: String,
    /// What holds in it.
    pub settings: Value,
    /// When it was made.
    pub created_at: i64,
    /// When it was last edited.
    pub changed_at: i64,
    /// Goes up with every edit.
    pub version: i64,
}

/// What people edit of a workspace.
#[derive(Clone, Debug, PartialEq)]
pub struct Edit {
    /// Names it in URLs.
    pub slug: Slug,
    /// What people see.
    pub name: String,
    /// What it is about.
    pub description: String,
    /// What holds in it.
    pub settings: Value,
}

/// A text of lower-case letters a-z, digits and single hyphens, neither first nor last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slug(String);

impl Slug {
    /// Takes `text` if it is one.
    pub fn parse(text: &str) -> Option<Slug> {
        let of_the_alphabet = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let is_slug = !text.is_empty()
            && text.len() <= SLUG_BYTES_MAX
            && text.bytes().all(of_the_alphabet)
            && !text.starts_with('-')
            && !text.ends_with('-')
            && !text.contains("--");
        is_slug.then(|| Slug(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Makes a workspace without members: whoever makes one adds its owner in the same transaction.
pub async fn create(
    tx: &mut Tx,
    slug: &Slug,
    name: &str,
    kind: Kind,
    personal_of: Option<Id>,
) -> Result<Workspace> {
    storable(&[("name", name)])?;
    let (id, now) = (Id::new(), now_us());
    let done = sqlx::query(
        "INSERT INTO workspaces (id, slug, name, kind, personal_of, description, settings, created_at, \
         changed_at, version) VALUES ($1, $2, $3, $4, $5, '', '{}', $6, $6, 1) ON CONFLICT DO NOTHING",
    )
    .bind(id.bytes())
    .bind(slug.as_str())
    .bind(name)
    .bind(kind.word())
    .bind(personal_of.map(Id::bytes))
    .bind(now)
    .execute(tx.on())
    .await?;
    if done.rows_affected() == 0 {
        return Err(StoreError::Duplicate("workspace"));
    }
    by_id(tx, id).await
}

/// One workspace.
pub async fn by_id(tx: &mut Tx, id: Id) -> Result<Workspace> {
    let row = sqlx::query(
        "SELECT id, slug, name, kind, personal_of, description, settings, created_at, changed_at, version \
         FROM workspaces WHERE id = $1",
    )
    .bind(id.bytes())
    .fetch_optional(tx.on())
    .await?;
    read(&row.ok_or(StoreError::Missing("workspace"))?)
}

/// The workspace of this slug.
pub async fn by_slug(tx: &mut Tx, slug: &str) -> Result<Workspace> {
    let row = sqlx::query(
        "SELECT id, slug, name, kind, personal_of, description, settings, created_at, changed_at, version \
         FROM workspaces WHERE slug = $1",
    )
    .bind(slug)
    .fetch_optional(tx.on())
    .await?;
    read(&row.ok_or(StoreError::Missing("workspace"))?)
}

/// The person's own.
pub async fn personal_of(tx: &mut Tx, user: Id) -> Result<Option<Workspace>> {
    let row = sqlx::query(
        "SELECT id, slug, name, kind, personal_of, description, settings, created_at, changed_at, version \
         FROM workspaces WHERE personal_of = $1",
    )
    .bind(user.bytes())
    .fetch_optional(tx.on())
    .await?;
    row.as_ref().map(read).transpose()
}

/// All workspaces, oldest first.
pub async fn list(tx: &mut Tx, after: Option<Id>, limit: i64) -> Result<Page<Workspace>> {
    let rows = Select::new(
        "SELECT id, slug, name, kind, personal_of, description, settings, created_at, changed_at, version \
         FROM workspaces WHERE 1 = 1",
    )
    .with_any(" AND id > ", after.map(Id::bytes))
    .with(" ORDER BY id LIMIT ", ask(limit), "")
    .rows(tx)
    .await?;
    page(&rows, limit, read, |workspace| workspace.id)
}

/// The workspaces a person is a member of, each with the person's role, oldest first.
pub async fn list_of(
    tx: &mut Tx,
    user: Id,
    after: Option<Id>,
    limit: i64,
) -> Result<Page<(Workspace, Role)>> {
    let rows = Select::new(
        "SELECT w.id, w.slug, w.name, w.kind, w.personal_of, w.description, w.settings, w.created_at, \
         w.changed_at, w.version, m.role FROM members m JOIN workspaces w ON w.id = m.workspace_id",
    )
    .with(" WHERE m.user_id = ", user.bytes(), "")
    .with_any(" AND m.workspace_id > ", after.map(Id::bytes))
    .with(" ORDER BY m.workspace_id LIMIT ", ask(limit), "")
    .rows(tx)
    .await?;
    page(&rows, limit, |row| Ok((read(row)?, Role::stored(row.text("role")?))), |(workspace, _)| workspace.id)
}

/// Edits the one that still has `version`; gives the new version.
pub async fn edit(tx: &mut Tx, id: Id, version: i64, edit: &Edit) -> Result<i64> {
    storable(&[("name", &edit.name), ("description", &edit.description)])?;
    let row = sqlx::query(
        "UPDATE workspaces SET slug = $3, name = $4, description = $5, settings = $6, changed_at = $7, \
         version = version + 1 WHERE id = $1 AND version = $2 RETURNING version",
    )
    .bind(id.bytes())
    .bind(version)
    .bind(edit.slug.as_str())
    .bind(edit.name.as_str())
    .bind(edit.description.as_str())
    .bind(document(&edit.settings)?)
    .bind(now_us())
    .fetch_optional(tx.on())
    .await
    .map_err(|error| StoreError::from(error).about("workspace"))?;
    match row {
        Some(row) => row.int("version"),
        None => by_id(tx, id).await.and(Err(StoreError::Changed("workspace"))),
    }
}

/// Removes it with everything that belongs to it. What people did in it stays on record.
pub async fn remove(tx: &mut Tx, id: Id) -> Result<()> {
    let machines = machines::rows_of(tx, id).await?;
    let done = sqlx::query("DELETE FROM workspaces WHERE id = $1").bind(id.bytes()).execute(tx.on()).await?;
    if done.rows_affected() == 0 {
        return Err(StoreError::Missing("workspace"));
    }
    for machine in machines {
        sqlx::query("DELETE FROM users WHERE id = $1").bind(machine.bytes()).execute(tx.on()).await?;
    }
    Ok(())
}

fn read(row: &AnyRow) -> Result<Workspace> {
    Ok(Workspace {
        id: row.id("id")?,
        slug: row.text("slug")?,
        name: row.text("name")?,
        kind: Kind::from_word(&row.text("kind")?)?,
        personal_of: row.id_opt("personal_of")?,
        description: row.text("description")?,
        settings: row.json("settings")?,
        created_at: row.int("created_at")?,
        changed_at: row.int("changed_at")?,
        version: row.int("version")?,
    })
}
