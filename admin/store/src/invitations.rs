//! Who was asked to join a workspace, and did they? An invitation is taken once.

use crate::members::{self, Role};
use crate::page::{Page, ask, page};
use crate::row::Values;
use crate::select::Select;
use crate::text::storable;
use crate::users::email_key;
use crate::{Id, Result, StoreError, Tx, now_us};
use sqlx::any::AnyRow;

/// Somebody was asked to join.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// Names it; not a secret.
    pub id: Id,
    /// Where to.
    pub workspace: Id,
    /// Who.
    pub email: String,
    /// In which role.
    pub role: Role,
    /// By whom; `None` when that person is gone.
    pub invited_by: Option<Id>,
    /// When it was made.
    pub created_at: i64,
    /// When it is void.
    pub expires_at: i64,
    /// When it was accepted, and by whom.
    pub accepted_at: Option<i64>,
    /// Who accepted it.
    pub accepted_by: Option<Id>,
}

/// An invitation to be.
#[derive(Clone, Debug)]
pub struct NewInvitation<'a> {
    /// Where to.
    pub workspace: Id,
    /// Who.
    pub email: &'a str,
    /// In which role.
    pub role: Role,
    /// SHA-256 of the link's secret.
    pub secret_hash: &'a [u8],
    /// By whom.
    pub invited_by: Id,
    /// When it is void.
    pub expires_at: i64,
}

/// Makes an invitation; a former one of the same e-mail to the same workspace that nobody accepted is void.
pub async fn create(tx: &mut Tx, new: &NewInvitation<'_>) -> Result<Invitation> {
    storable(&[("e-mail", new.email)])?;
    sqlx::query("DELETE FROM invitations WHERE workspace_id = $1 AND email_key = $2 AND accepted_at IS NULL")
        .bind(new.workspace.bytes())
        .bind(email_key(new.email))
        .execute(tx.on())
        .await?;
    let id = Id::new();
    sqlx::query(
        "INSERT INTO invitations (id, workspace_id, email, email_key, role, secret_hash, invited_by, \
         created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(id.bytes())
    .bind(new.workspace.bytes())
    .bind(new.email.trim())
    .bind(email_key(new.email))
    .bind(new.role.word())
    .bind(new.secret_hash)
    .bind(new.invited_by.bytes())
    .bind(now_us())
    .bind(new.expires_at)
    .execute(tx.on())
    .await?;
    by_id(tx, new.workspace, id).await
}

/// Gives the link that is to be sent another secret: what was sent of it before is void. `None` when it was
/// accepted, taken back, or is too old.
pub async fn renew(
    tx: &mut Tx,
    workspace: Id,
    id: Id,
    secret_hash: &[u8],
    now: i64,
) -> Result<Option<Invitation>> {
    let row = sqlx::query(
        "UPDATE invitations SET secret_hash = $1 WHERE id = $2 AND workspace_id = $3 AND accepted_at IS NULL \
         AND expires_at > $4 \
         RETURNING id, workspace_id, email, role, invited_by, created_at, expires_at, accepted_at, accepted_by",
    )
    .bind(secret_hash)
    .bind(id.bytes())
    .bind(workspace.bytes())
    .bind(now)
    .fetch_optional(tx.on())
    .await?;
    row.as_ref().map(read).transpose()
}

/// One of a workspace's invitations.
pub async fn by_id(tx: &mut Tx, workspace: Id, id: Id) -> Result<Invitation> {
    let row = sqlx::query(
        "SELECT id, workspace_id, email, role, invited_by, created_at, expires_at, accepted_at, accepted_by \
         FROM invitations WHERE id = $1 AND workspace_id = $2",
    )
    .bind(id.bytes())
    .bind(workspace.bytes())
    .fetch_optional(tx.on())
    .await?;
    read(&row.ok_or(StoreError::Missing("invitation"))?)
}

/// The invitation of this link, if it can still be accepted at `now`.
pub async fn by_secret(tx: &mut Tx, secret_hash: &[u8], now: i64) -> Result<Option<Invitation>> {
    let row = sqlx::query(
        "SELECT id, workspace_id, email, role, invited_by, created_at, expires_at, accepted_at, accepted_by \
         FROM invitations WHERE secret_hash = $1 AND accepted_at IS NULL AND expires_at > $2",
    )
    .bind(secret_hash)
    .bind(now)
    .fetch_optional(tx.on())
    .await?;
    row.as_ref().map(read).transpose()
}

/// A workspace's invitations, latest first.
pub async fn list(tx: &mut Tx, workspace: Id, before: Option<Id>, limit: i64) -> Result<Page<Invitation>> {
    let rows = Select::new(
        "SELECT id, workspace_id, email, role, invited_by, created_at, expires_at, accepted_at, accepted_by \
         FROM invitations",
    )
    .with(" WHERE workspace_id = ", workspace.bytes(), "")
    .with_any(" AND id < ", before.map(Id::bytes))
    .with(" ORDER BY id DESC LIMIT ", ask(limit), "")
    .rows(tx)
    .await?;
    page(&rows, limit, read, |invitation| invitation.id)
}

/// Accepts it for a person, once, whoever comes first, and makes the person a member; who is one already
/// keeps the role. `None` when the link is void, or was accepted before.
pub async fn accept(tx: &mut Tx, secret_hash: &[u8], user: Id, now: i64) -> Result<Option<Invitation>> {
    let row = sqlx::query(
        "UPDATE invitations SET accepted_at = $3, accepted_by = $2 \
         WHERE secret_hash = $1 AND accepted_at IS NULL AND expires_at > $3 \
         RETURNING id, workspace_id, email, role, invited_by, created_at, expires_at, accepted_at, accepted_by",
    )
    .bind(secret_hash)
    .bind(user.bytes())
    .bind(now)
    .fetch_optional(tx.on())
    .await?;
    let Some(row) = row else { return Ok(None) };
    let invitation = read(&row)?;
    match members::add(tx, invitation.workspace, user, invitation.role.clone(), &[]).await {
        Ok(()) | Err(StoreError::Duplicate(_)) => Ok(Some(invitation)),
        Err(error) => Err(error),
    }
}

/// Takes an invitation back that nobody accepted yet.
pub async fn revoke(tx: &mut Tx, workspace: Id, id: Id) -> Result<()> {
    let done =
        sqlx::query("DELETE FROM invitations WHERE id = $1 AND workspace_id = $2 AND accepted_at IS NULL")
            .bind(id.bytes())
            .bind(workspace.bytes())
            .execute(tx.on())
            .await?;
    if done.rows_affected() == 0 { Err(StoreError::Missing("invitation")) } else { Ok(()) }
}

fn read(row: &AnyRow) -> Result<Invitation> {
    Ok(Invitation {
        id: row.id("id")?,
        workspace: row.id("workspace_id")?,
        email: row.text("email")?,
        role: Role::stored(row.text("role")?),
        invited_by: row.id_opt("invited_by")?,
        created_at: row.int("created_at")?,
        expires_at: row.int("expires_at")?,
        accepted_at: row.int_opt("accepted_at")?,
        accepted_by: row.id_opt("accepted_by")?,
    })
}
