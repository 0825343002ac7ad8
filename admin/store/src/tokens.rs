//! By which tokens do programs act for a person? Of a token only its SHA-256 and its first characters
//! are kept.

use crate::page::{Page, ask, page};
use crate::row::{Values, document};
use crate::select::Select;
use crate::text::storable;
use crate::{Id, Result, StoreError, Tx, now_us};
use sqlx::any::AnyRow;

/// A personal access token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Names the token; not a secret.
    pub id: Id,
    /// For whom it acts.
    pub user: Id,
    /// Where it is good; `None` for every workspace of the person.
    pub workspace: Option<Id>,
    /// What the person calls it.
    pub name: String,
    /// Its first characters.
    pub prefix: String,
    /// What it is good for.
    pub scopes: Vec<String>,
    /// When it was made.
    pub created_at: i64,
    /// When it ends; `None` for never.
    pub expires_at: Option<i64>,
    /// When it was last used.
    pub last_used_at: Option<i64>,
    /// When it was revoked.
    pub revoked_at: Option<i64>,
}

/// A token to be.
#[derive(Clone, Debug)]
pub struct NewToken<'a> {
    /// For whom it acts.
    pub user: Id,
    /// Where it is good; `None` for every workspace of the person.
    pub workspace: Option<Id>,
    /// What the person calls it.
    pub name: &'a str,
    /// Its first characters.
    pub prefix: &'a str,
    /// SHA-256 of the whole.
    pub secret_hash: &'a [u8],
    /// What it is good for.
    pub scopes: &'a [String],
    /// When it ends; `None` for never.
    pub expires_at: Option<i64>,
}

/// Makes a token.
pub async fn create(tx: &mut Tx, new: &NewToken<'_>) -> Result<Token> {
    storable(&[("name", new.name)])?;
    let id = Id::new();
    sqlx::query(
        "INSERT INTO tokens (id, user_id, workspace_id, name, prefix, secret_hash, scopes, created_at, \
         expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(id.bytes())
    .bind(new.user.bytes())
    .bind(new.workspace.map(Id::bytes))
    .bind(new.name)
    .bind(new.prefix)
    .bind(new.secret_hash)
    .bind(document(new.scopes)?)
    .bind(now_us())
    .bind(new.expires_at)
    .execute(tx.on())
    .await?;
    by_id(tx, new.user, id).await
}

/// One of a person's tokens.
pub async fn by_id(tx: &mut Tx, user: Id, id: Id) -> Result<Token> {
    let row = sqlx::query(
        "SELECT id, user_id, workspace_id, name, prefix, scopes, created_at, expires_at, last_used_at, \
         revoked_at FROM tokens WHERE id = $1 AND user_id = $2",
    )
    .bind(id.bytes())
    .bind(user.bytes())
    .fetch_optional(tx.on())
    .await?;
    read(&row.ok_or(StoreError::Missing("token"))?)
}

/// The token with this hash, if it is good at `now` and its person may sign in. That of a machine is good while it has
/// not ended and somebody who may sign in answers for it.
pub async fn by_secret(tx: &mut Tx, secret_hash: &[u8], now: i64) -> Result<Option<Token>> {
    let row = sqlx::query(
        "SELECT t.id, t.user_id, t.workspace_id, t.name, t.prefix, t.scopes, t.created_at, t.expires_at, \
         t.last_used_at, t.revoked_at FROM tokens t JOIN users u ON u.id = t.user_id \
         WHERE t.secret_hash = $1 AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > $2) \
         AND u.is_disabled = 0 AND NOT EXISTS (SELECT 1 FROM machines x LEFT JOIN users r ON r.id = x.responsible \
         WHERE x.user_id = t.user_id AND (x.expires_at <= $2 OR r.id IS NULL OR r.is_disabled = 1))",
    )
    .bind(secret_hash)
    .bind(now)
    .fetch_optional(tx.on())
    .await?;
    row.as_ref().map(read).transpose()
}

/// Notes that it was used.
pub async fn used(tx: &mut Tx, id: Id, now: i64) -> Result<()> {
    sqlx::query("UPDATE tokens SET last_used_at = $2 WHERE id = $1")
        .bind(id.bytes())
        .bind(now)
        .execute(tx.on())
        .await?;
    Ok(())
}

/// A person's tokens, oldest first, with those that are no longer good.
pub async fn list(tx: &mut Tx, user: Id, after: Option<Id>, limit: i64) -> Result<Page<Token>> {
    let rows = Select::new(
        "SELECT id, user_id, workspace_id, name, prefix, scopes, created_at, expires_at, last_used_at, \
         revoked_at FROM tokens",
    )
    .with(" WHERE user_id = ", user.bytes(), "")
    .with_any(" AND id > ", after.map(Id::bytes))
    .with(" ORDER BY id LIMIT ", ask(limit), "")
    .rows(tx)
    .await?;
    page(&rows, limit, read, |token| token.id)
}

/// Revokes one of a person's tokens. One that was revoked already is missing.
pub async fn revoke(tx: &mut Tx, user: Id, id: Id, now: i64) -> Result<()> {
    let done = sqlx::query(
        "UPDATE tokens SET revoked_at = $3 WHERE id = $1 AND user_id = $2 AND revoked_at IS NULL",
    )
    .bind(id.bytes())
    .bind(user.bytes())
    .bind(now)
    .execute(tx.on())
    .await?;
    if done.rows_affected() == 0 { Err(StoreError::Missing("token")) } else { Ok(()) }
}

/// Revokes all of a person's tokens; how many.
pub async fn revoke_all(tx: &mut Tx, user: Id, now: i64) -> Result<u64> {
    let done = sqlx::query("UPDATE tokens SET revoked_at = $2 WHERE user_id = $1 AND revoked_at IS NULL")
        .bind(user.bytes())
        .bind(now)
        .execute(tx.on())
        .await?;
    Ok(done.rows_affected())
}

pub(crate) fn read(row: &AnyRow) -> Result<Token> {
    Ok(Token {
        id: row.id("id")?,
        user: row.id("user_id")?,
        workspace: row.id_opt("workspace_id")?,
        name: row.text("name")?,
        prefix: row.text("prefix")?,
        scopes: row.json("scopes")?,
        created_at: row.int("created_at")?,
        expires_at: row.int_opt("expires_at")?,
        last_used_at: row.int_opt("last_used_at")?,
        revoked_at: row.int_opt("revoked_at")?,
    })
}
