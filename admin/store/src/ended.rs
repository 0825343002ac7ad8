//! Which tokens and invitations ended so long ago that nobody has to see them any more?

use crate::{Result, Tx};

/// Rows removed in one statement, so that others who write wait little.
const PURGE_ROWS: i64 = 1_000;

/// Removes some of the tokens that had expired or were revoked before `before`; how many. Asked again until it is
/// none.
pub async fn purge_tokens(tx: &mut Tx, before: i64) -> Result<u64> {
    let done = sqlx::query(
        "DELETE FROM tokens WHERE id IN \
         (SELECT id FROM tokens WHERE expires_at < $1 OR revoked_at < $1 ORDER BY id LIMIT $2)",
    )
    .bind(before)
    .bind(PURGE_ROWS)
    .execute(tx.on())
    .await?;
    Ok(done.rows_affected())
}

/// Removes some of the invitations that had expired or were accepted before `before`; how many. Asked again until it
/// is none.
pub async fn purge_invitations(tx: &mut Tx, before: i64) -> Result<u64> {
    let done = sqlx::query(
        "DELETE FROM invitations WHERE id IN (SELECT id FROM invitations \
         WHERE accepted_at < $1 OR (accepted_at IS NULL AND expires_at < $1) ORDER BY id LIMIT $2)",
    )
    .bind(before)
    .bind(PURGE_ROWS)
    .execute(tx.on())
    .await?;
    Ok(done.rows_affected())
}
