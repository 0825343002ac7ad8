//! Was this request answered before? Whoever sends one twice with the same key gets the first answer.

use crate::row::Values;
use crate::{Id, Result, StoreError, Tx};

/// Which request: who asked what of whom, under which key.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// Who asked; `None` for a visitor nobody knows.
    pub caller: Option<Id>,
    /// Method and path.
    pub endpoint: &'a str,
    /// SHA-256 of the key.
    pub key_hash: &'a [u8],
    /// SHA-256 of what was asked.
    pub request_hash: &'a [u8],
}

/// What is known of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// Nothing: do it, and [`finish`] with the answer.
    New,
    /// It was answered.
    Answered {
        /// The answer's status.
        status: i64,
        /// The answer's body.
        response: Vec<u8>,
    },
    /// It came, and is not answered yet.
    Working,
    /// The key came with another request.
    Different,
}

/// Claims a request until `expires_at`. In the transaction that does it, a second one waits for the first to
/// end and then gets its answer; claimed and committed before, a second one learns that it is being worked
/// on.
pub async fn claim(tx: &mut Tx, request: &Request<'_>, now: i64, expires_at: i64) -> Result<Claim> {
    let done = sqlx::query(
        "INSERT INTO idempotency (caller, endpoint, key_hash, request_hash, created_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (caller, endpoint, key_hash) DO UPDATE SET \
         request_hash = excluded.request_hash, status = NULL, response = NULL, \
         created_at = excluded.created_at, expires_at = excluded.expires_at \
         WHERE idempotency.expires_at <= excluded.created_at",
    )
    .bind(caller(request))
    .bind(request.endpoint)
    .bind(request.key_hash)
    .bind(request.request_hash)
    .bind(now)
    .bind(expires_at)
    .execute(tx.on())
    .await?;
    if done.rows_affected() == 1 {
        return Ok(Claim::New);
    }
    let row = sqlx::query(
        "SELECT request_hash, status, response FROM idempotency \
         WHERE caller = $1 AND endpoint = $2 AND key_hash = $3",
    )
    .bind(caller(request))
    .bind(request.endpoint)
    .bind(request.key_hash)
    .fetch_optional(tx.on())
    .await?
    .ok_or(StoreError::Busy)?;
    if row.bytes("request_hash")? != request.request_hash {
        return Ok(Claim::Different);
    }
    Ok(match row.int_opt("status")? {
        Some(status) => Claim::Answered { status, response: row.bytes_opt("response")?.unwrap_or_default() },
        None => Claim::Working,
    })
}

/// Notes the answer of a request that was claimed.
pub async fn finish(tx: &mut Tx, request: &Request<'_>, status: i64, response: &[u8]) -> Result<()> {
    let done = sqlx::query(
        "UPDATE idempotency SET status = $5, response = $6 \
         WHERE caller = $1 AND endpoint = $2 AND key_hash = $3 AND request_hash = $4 AND status IS NULL",
    )
    .bind(caller(request))
    .bind(request.endpoint)
    .bind(request.key_hash)
    .bind(request.request_hash)
    .bind(status)
    .bind(response)
    .execute(tx.on())
    .await?;
    if done.rows_affected() == 0 { Err(StoreError::Missing("request")) } else { Ok(()) }
}

/// Gives a claim back: the request failed in a way that trying again may mend.
pub async fn release(tx: &mut Tx, request: &Request<'_>) -> Result<()> {
    sqlx::query(
        "DELETE FROM idempotency WHERE caller = $1 AND endpoint = $2 AND key_hash = $3 \
         AND request_hash = $4 AND status IS NULL",
    )
    .bind(caller(request))
    .bind(request.endpoint)
    .bind(request.key_hash)
    .bind(request.request_hash)
    .execute(tx.on())
    .await?;
    Ok(())
}

/// Removes what nobody may ask for any more; how many.
pub async fn purge(tx: &mut Tx, now: i64) -> Result<u64> {
    let done =
        sqlx::query("DELETE FROM idempotency WHERE expires_at <= $1").bind(now).execute(tx.on()).await?;
    Ok(done.rows_affected())
}

fn caller(request: &Request<'_>) -> Vec<u8> {
    request.caller.map(Id::bytes).unwrap_or_default()
}
