//! Who is signed in, and from where? Sessions live here, so that they can be ended here.
//!
//! Secrets are kept as their SHA-256 only: they are random and long, so nothing is gained by hashing
//! them slowly, and who reads the state cannot use what it reads.

use crate::page::{Page, ask, page};
use crate::row::Values;
use crate::select::Select;
use crate::{Id, Result, StoreError, Tx, now_us};
use sqlx::any::AnyRow;

/// A person signed in somewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Names the session; not a secret.
    pub id: Id,
    /// Who it is.
    pub user: Id,
    /// SHA-256 of what changes must bring along, besides the cookie.
    pub csrf_hash: Vec<u8>,
    /// What the browser said it is.
    pub user_agent: String,
    /// Where it came from.
    pub address: String,
    /// When it began.
    pub created_at: i64,
    /// When it last did something.
    pub last_used_at: i64,
    /// When it ends.
    pub expires_at: i64,
}

/// A session to be.
#[derive(Clone, Debug)]
pub struct NewSession<'a> {
    /// SHA-256 of the cookie's secret.
    pub secret_hash: &'a [u8],
    /// Who it is.
    pub user: Id,
    /// SHA-256 of what changes must bring along.
    pub csrf_hash: &'a [u8],
    /// What the browser said it is.
    pub user_agent: &'a str,
    /// Where it came from.
    pub address: &'a str,
    /// When it ends.
    pub expires_at: i64,
}

/// Begins a session.
pub async fn create(tx: &mut Tx, new: &NewSession<'_>) -> Result<Id> {
    let id = Id::new();
    sqlx::query(
        "INSERT INTO sessions (id, secret_hash, user_id, csrf_hash, user_agent, address, created_at, \
         last_used_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8)",
    )
    .bind(id.bytes())
    .bind(new.secret_hash)
    .bind(new.user.bytes())
    .bind(new.csrf_hash)
    .bind(new.user_agent)
    .bind(new.address)
    .bind(now_us())
    .bind(new.expires_at)
    .execute(tx.on())
    .await?;
    Ok(id)
}

/// The session with this secret, if it has not ended at `now` and its person may sign in.
pub async fn by_secret(tx: &mut Tx, secret_hash: &[u8], now: i64) -> Result<Option<Session>> {
    let row = sqlx::query(
        "SELECT s.id, s.user_id, s.csrf_hash, s.user_agent, s.address, s.created_at, s.last_used_at, \
         s.expires_at FROM sessions s JOIN users u ON u.id = s.user_id \
         WHERE s.secret_hash = $1 AND s.expires_at > $2 AND u.is_disabled = 0",
    )
    .bind(secret_hash)
    .bind(now)
    .fetch_optional(tx.on())
    .await?;
    row.as_ref().map(read).transpose()
}

/// Notes that it did something, and when it ends now.
pub async fn used(tx: &mut Tx, id: Id, now: i64, expires_at: i64) -> Result<()> {
    let done = sqlx::query("UPDATE sessions SET last_used_at = $2, expires_at = $3 WHERE id = $1")
        .bind(id.bytes())
        .bind(now)
        .bind(expires_at)
        .execute(tx.on())
        .await?;
    if done.rows_affected() == 0 { Err(StoreError::Missing("session")) } else { Ok(()) }
}

/// A person's sessions that have not ended, oldest first.
pub async fn list(tx: &mut Tx, user: Id, now: i64, after: Option<Id>, limit: i64) -> Result<Page<Session>> {
    let rows = Select::new(
        "SELECT id, user_id, csrf_hash, user_agent, address, created_at, last_used_at, expires_at \
         FROM sessions",
    )
    .with(" WHERE user_id = ", user.bytes(), "")
    .with(" AND expires_at > ", now, "")
    .with_any(" AND id > ", after.map(Id::bytes))
    .with(" ORDER BY id LIMIT ", ask(limit), "")
    .rows(tx)
    .await?;
    page(&rows, limit, read, |session| session.id)
}

/// Ends one of a person's sessions.
pub async fn end(tx: &mut Tx, user: Id, id: Id) -> Result<()> {
    let done = sqlx::query("DELETE FROM sessions WHERE id = $1 AND user_id = $2")
        .bind(id.bytes())
        .bind(user.bytes())
        .execute(tx.on())
        .await?;
    if done.rows_affected() == 0 { Err(StoreError::Missing("session")) } else { Ok(()) }
}

/// Ends all of a person's sessions but `but`; how many.
pub async fn end_all(tx: &mut Tx, user: Id, but: Option<Id>) -> Result<u64> {
    // No id is empty: without an exception all go.
    let done = sqlx::query("DELETE FROM sessions WHERE user_id = $1 AND id <> $2")
        .bind(user.bytes())
        .bind(but.map(Id::bytes).unwrap_or_default())
        .execute(tx.on())
        .await?;
    Ok(done.rows_affected())
}

/// Removes what has ended; how many.
pub async fn purge(tx: &mut Tx, now: i64) -> Result<u64> {
    let done = sqlx::query("DELETE FROM sessions WHERE expires_at <= $1").bind(now).execute(tx.on()).await?;
    Ok(done.rows_affected())
}

fn read(row: &AnyRow) -> Result<Session> {
    Ok(Session {
        id: row.id("id")?,
        user: row.id("user_id")?,
        csrf_hash: row.bytes("csrf_hash")?,
        user_agent: row.text("user_agent")?,
        address: row.text("address")?,
        created_at: row.int("created_at")?,
        last_used_at: row.int("last_used_at")?,
        expires_at: row.int("expires_at")?,
    })
}
