//! Who are the names on the wire? Database users of a workspace's listeners, linked to people, services
//! and agents.

use crate::page::{Page, ask, page};
use crate::row::Values;
use crate::select::Select;
use crate::text::storable;
use crate::{Id, Result, StoreError, Tx, now_us};
use sqlx::any::AnyRow;

/// What stands behind a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Somebody.
    Person,
    /// A program that does what it was written for.
    Service,
    /// A program that decides by itself what to do.
    Agent,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 3] = [Kind::Person, Kind::Service, Kind::Agent];

    /// As it is kept and as the API says it.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Person => "person",
            Kind::Service => "service",
            Kind::Agent => "agent",
        }
    }

    /// The kind of this word.
    pub fn from_word(word: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// Which sessions on the wire are meant.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Wire {
    /// At this listener; `None` for any.
    pub listener: Option<String>,
    /// With this database user.
    pub database_user: String,
    /// Of this application; `None` for any.
    pub application: Option<String>,
}

/// Who that is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meaning {
    /// What stands behind the name.
    pub kind: Kind,
    /// Which person, or whose program.
    pub user: Option<Id>,
    /// What people call it.
    pub label: String,
}

/// A name on the wire and who it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// Names the link.
    pub id: Id,
    /// Where.
    pub workspace: Id,
    /// Which sessions are meant.
    pub wire: Wire,
    /// Who that is.
    pub meaning: Meaning,
    /// When it was linked.
    pub created_at: i64,
    /// When it was last edited.
    pub changed_at: i64,
    /// Goes up with every edit.
    pub version: i64,
}

/// Links a name on the wire.
pub async fn create(tx: &mut Tx, workspace: Id, wire: &Wire, meaning: &Meaning) -> Result<Principal> {
    fit(wire, meaning)?;
    let id = Id::new();
    let done = sqlx::query(
        "INSERT INTO principals (id, workspace_id, listener, database_user, application, kind, user_id, \
         label, created_at, changed_at, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, 1) \
         ON CONFLICT (workspace_id, database_user, application, listener) DO NOTHING",
    )
    .bind(id.bytes())
    .bind(workspace.bytes())
    .bind(wire.listener.as_deref().unwrap_or_default())
    .bind(wire.database_user.as_str())
    .bind(wire.application.as_deref().unwrap_or_default())
    .bind(meaning.kind.word())
    .bind(meaning.user.map(Id::bytes))
    .bind(meaning.label.as_str())
    .bind(now_us())
    .execute(tx.on())
    .await?;
    if done.rows_affected() == 0 {
        return Err(StoreError::Duplicate("principal"));
    }
    by_id(tx, workspace, id).await
}

/// One of a workspace's.
pub async fn by_id(tx: &mut Tx, workspace: Id, id: Id) -> Result<Principal> {
    let row = sqlx::query(
        "SELECT id, workspace_id, listener, database_user, application, kind, user_id, label, created_at, \
         changed_at, version FROM principals WHERE id = $1 AND workspace_id = $2",
    )
    .bind(id.bytes())
    .bind(workspace.bytes())
    .fetch_optional(tx.on())
    .await?;
    read(&row.ok_or(StoreError::Missing("principal"))?)
}

/// A workspace's, in the order they were linked.
pub async fn list(tx: &mut Tx, workspace: Id, after: Option<Id>, limit: i64) -> Result<Page<Principal>> {
    let rows = Select::new(
        "SELECT id, workspace_id, listener, database_user, application, kind, user_id, label, created_at, \
         changed_at, version FROM principals",
    )
    .with(" WHERE workspace_id = ", workspace.bytes(), "")
    .with_any(" AND id > ", after.map(Id::bytes))
    .with(" ORDER BY id LIMIT ", ask(limit), "")
    .rows(tx)
    .await?;
    page(&rows, limit, read, |principal| principal.id)
}

/// Who a session on the wire is: the link that says most about it, the listener before the application.
pub async fn resolve(
    tx: &mut Tx,
    workspace: Id,
    listener: &str,
    database_user: &str,
    application: &str,
) -> Result<Option<Principal>> {
    let rows = sqlx::query(
        "SELECT id, workspace_id, listener, database_user, application, kind, user_id, label, created_at, \
         changed_at, version FROM principals WHERE workspace_id = $1 AND database_user = $2 \
         AND (listener = $3 OR listener = '') AND (application = $4 OR application = '')",
    )
    .bind(workspace.bytes())
    .bind(database_user)
    .bind(listener)
    .bind(application)
    .fetch_all(tx.on())
    .await?;
    let found = rows.iter().map(read).collect::<Result<Vec<Principal>>>()?;
    let said =
        |principal: &Principal| (principal.wire.listener.is_some(), principal.wire.application.is_some());
    Ok(found.into_iter().max_by_key(said))
}

/// Edits the one that still has `version`; gives the new version.
pub async fn edit(
    tx: &mut Tx,
    (workspace, id): (Id, Id),
    version: i64,
    wire: &Wire,
    meaning: &Meaning,
) -> Result<i64> {
    fit(wire, meaning)?;
    let row = sqlx::query(
        "UPDATE principals SET listener = $4, database_user = $5, application = $6, kind = $7, user_id = $8, \
         label = $9, changed_at = $10, version = version + 1 \
         WHERE id = $1 AND workspace_id = $2 AND version = $3 RETURNING version",
    )
    .bind(id.bytes())
    .bind(workspace.bytes())
    .bind(version)
    .bind(wire.listener.as_deref().unwrap_or_default())
    .bind(wire.database_user.as_str())
    .bind(wire.application.as_deref().unwrap_or_default())
    .bind(meaning.kind.word())
    .bind(meaning.user.map(Id::bytes))
    .bind(meaning.label.as_str())
    .bind(now_us())
    .fetch_optional(tx.on())
    .await
    .map_err(|error| StoreError::from(error).about("principal"))?;
    match row {
        Some(row) => row.int("version"),
        None => by_id(tx, workspace, id).await.and(Err(StoreError::Changed("principal"))),
    }
}

/// Takes the link away.
pub async fn remove(tx: &mut Tx, workspace: Id, id: Id) -> Result<()> {
    let done = sqlx::query("DELETE FROM principals WHERE id = $1 AND workspace_id = $2")
        .bind(id.bytes())
        .bind(workspace.bytes())
        .execute(tx.on())
        .await?;
    if done.rows_affected() == 0 { Err(StoreError::Missing("principal")) } else { Ok(()) }
}

fn fit(wire: &Wire, meaning: &Meaning) -> Result<()> {
    storable(&[
        ("listener", wire.listener.as_deref().unwrap_or_default()),
        ("database user", &wire.database_user),
        ("application", wire.application.as_deref().unwrap_or_default()),
        ("label", &meaning.label),
    ])
}

fn read(row: &AnyRow) -> Result<Principal> {
    let kind = row.text("kind")?;
    let named = |text: String| (!text.is_empty()).then_some(text);
    Ok(Principal {
        id: row.id("id")?,
        workspace: row.id("workspace_id")?,
        wire: Wire {
            listener: named(row.text("listener")?),
            database_user: row.text("database_user")?,
            application: named(row.text("application")?),
        },
        meaning: Meaning {
            kind: Kind::from_word(&kind)
                .ok_or_else(|| StoreError::Damaged(format!("a principal is `{kind}`")))?,
            user: row.id_opt("user_id")?,
            label: row.text("label")?,
        },
        created_at: row.int("created_at")?,
        changed_at: row.int("changed_at")?,
        version: row.int("version")?,
    })
}
