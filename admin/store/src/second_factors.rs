//! What does a person show beside the password, and which of it was shown before?
//!
//! What codes are made from is a sealed secret; of recovery codes only the SHA-256 is kept.

use crate::row::Values;
use crate::{Id, Result, StoreError, Tx, now_us, secrets};

const WHAT: &str = "second factor";

/// A person's second factor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecondFactor {
    /// The sealed secret that codes are made from.
    pub secret: Id,
    /// Since when it is asked for, in microseconds; `None` while no code was given yet.
    pub confirmed_at: Option<i64>,
    /// How many recovery codes are left.
    pub recovery_codes: i64,
}

/// The person's second factor, whether confirmed or only begun.
pub async fn find(tx: &mut Tx, user: Id) -> Result<Option<SecondFactor>> {
    let row = sqlx::query(
        "SELECT secret, confirmed_at, \
         (SELECT COUNT(*) FROM recovery_codes r WHERE r.user_id = f.user_id) AS codes \
         FROM second_factors f WHERE user_id = $1",
    )
    .bind(user.bytes())
    .fetch_optional(tx.on())
    .await?;
    row.map(|row| {
        Ok(SecondFactor {
            secret: row.id("secret")?,
            confirmed_at: row.int_opt("confirmed_at")?,
            recovery_codes: row.int("codes")?,
        })
    })
    .transpose()
}

/// Begins one with a secret that is kept already. The person may have none, not even begun.
pub async fn begin(tx: &mut Tx, user: Id, secret: Id) -> Result<()> {
    let done = sqlx::query(
        "INSERT INTO second_factors (user_id, secret, last_step) VALUES ($1, $2, 0) \
         ON CONFLICT (user_id) DO NOTHING",
    )
    .bind(user.bytes())
    .bind(secret.bytes())
    .execute(tx.on())
    .await?;
    if done.rows_affected() == 0 { Err(StoreError::Duplicate(WHAT)) } else { Ok(()) }
}

/// Makes one hold that was begun.
pub async fn confirm(tx: &mut Tx, user: Id) -> Result<()> {
    let done = sqlx::query(
        "UPDATE second_factors SET confirmed_at = $2 WHERE user_id = $1 AND confirmed_at IS NULL",
    )
    .bind(user.bytes())
    .bind(now_us())
    .execute(tx.on())
    .await?;
    if done.rows_affected() == 0 { Err(StoreError::Missing(WHAT)) } else { Ok(()) }
}

/// Takes the code of a step of time: whether none of this step or a later one was taken before.
pub async fn take_step(tx: &mut Tx, user: Id, step: i64) -> Result<bool> {
    let done = sqlx::query("UPDATE second_factors SET last_step = $2 WHERE user_id = $1 AND last_step < $2")
        .bind(user.bytes())
        .bind(step)
        .execute(tx.on())
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Puts these recovery codes in the place of those there were.
pub async fn set_recovery_codes(tx: &mut Tx, user: Id, hashes: &[[u8; 32]]) -> Result<()> {
    sqlx::query("DELETE FROM recovery_codes WHERE user_id = $1").bind(user.bytes()).execute(tx.on()).await?;
    for hash in hashes {
        sqlx::query("INSERT INTO recovery_codes (user_id, code_hash) VALUES ($1, $2)")
            .bind(user.bytes())
            .bind(hash.to_vec())
            .execute(tx.on())
            .await?;
    }
    Ok(())
}

/// Takes a recovery code: whether it was one, and not taken before.
pub async fn take_recovery_code(tx: &mut Tx, user: Id, hash: &[u8; 32]) -> Result<bool> {
    let done = sqlx::query("DELETE FROM recovery_codes WHERE user_id = $1 AND code_hash = $2")
        .bind(user.bytes())
        .bind(hash.to_vec())
        .execute(tx.on())
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Takes it away with all that belongs to it; whether there was one.
pub async fn remove(tx: &mut Tx, user: Id) -> Result<bool> {
    let Some(found) = find(tx, user).await? else { return Ok(false) };
    set_recovery_codes(tx, user, &[]).await?;
    sqlx::query("DELETE FROM second_factors WHERE user_id = $1").bind(user.bytes()).execute(tx.on()).await?;
    secrets::delete(tx, found.secret).await?;
    Ok(true)
}
