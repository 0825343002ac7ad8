//! Which links are sent by mail, to set a new password or to prove an address? Each is good once.

use crate::row::Values;
use crate::{Id, Result, Tx, now_us};

/// What a link is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To set a new password.
    Password,
    /// To prove that an address is the person's.
    Email,
}

impl Purpose {
    fn word(self) -> &'static str {
        match self {
            Purpose::Password => "password",
            Purpose::Email => "email",
        }
    }
}

/// A link that was used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Used {
    /// Whose it was.
    pub user: Id,
    /// Where it was sent to.
    pub email: String,
}

/// Notes that a link is to be sent. Former ones of this person and purpose are void.
pub async fn create(
    tx: &mut Tx,
    purpose: Purpose,
    secret_hash: &[u8],
    (user, email): (Id, &str),
    expires_at: i64,
) -> Result<()> {
    sqlx::query("DELETE FROM resets WHERE user_id = $1 AND purpose = $2 AND used_at IS NULL")
        .bind(user.bytes())
        .bind(purpose.word())
        .execute(tx.on())
        .await?;
    sqlx::query(
        "INSERT INTO resets (secret_hash, purpose, user_id, email, created_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(secret_hash)
    .bind(purpose.word())
    .bind(user.bytes())
    .bind(email.trim())
    .bind(now_us())
    .bind(expires_at)
    .execute(tx.on())
    .await?;
    Ok(())
}

/// Gives the link that is to be sent another secret: what was sent of it before is void. Gives where it goes, or
/// `None` when it was used, is too old, or nobody asks for it any more.
pub async fn renew(
    tx: &mut Tx,
    purpose: Purpose,
    user: Id,
    secret_hash: &[u8],
    now: i64,
) -> Result<Option<String>> {
    let row = sqlx::query(
        "UPDATE resets SET secret_hash = $1 WHERE user_id = $2 AND purpose = $3 AND used_at IS NULL \
         AND expires_at > $4 RETURNING email",
    )
    .bind(secret_hash)
    .bind(user.bytes())
    .bind(purpose.word())
    .bind(now)
    .fetch_optional(tx.on())
    .await?;
    row.map(|row| row.text("email")).transpose()
}

/// Whether a link can be used.
pub async fn is_good(tx: &mut Tx, purpose: Purpose, secret_hash: &[u8], now: i64) -> Result<bool> {
    let row = sqlx::query(
        "SELECT user_id FROM resets WHERE secret_hash = $1 AND purpose = $2 AND used_at IS NULL \
         AND expires_at > $3",
    )
    .bind(secret_hash)
    .bind(purpose.word())
    .bind(now)
    .fetch_optional(tx.on())
    .await?;
    Ok(row.is_some())
}

/// Uses a link, once, whoever comes first. `None` when it is void or was used.
pub async fn take(tx: &mut Tx, purpose: Purpose, secret_hash: &[u8], now: i64) -> Result<Option<Used>> {
    let row = sqlx::query(
        "UPDATE resets SET used_at = $3 WHERE secret_hash = $1 AND purpose = $2 AND used_at IS NULL \
         AND expires_at > $3 RETURNING user_id, email",
    )
    .bind(secret_hash)
    .bind(purpose.word())
    .bind(now)
    .fetch_optional(tx.on())
    .await?;
    row.map(|row| Ok(Used { user: row.id("user_id")?, email: row.text("email")? })).transpose()
}

/// Removes links that are void; how many.
pub async fn purge(tx: &mut Tx, now: i64) -> Result<u64> {
    let done = sqlx::query("DELETE FROM resets WHERE expires_at <= $1").bind(now).execute(tx.on()).await?;
    Ok(done.rows_affected())
}
