//! Who failed too often of late, and has to wait? One count for each key: a person, an address, both.

use crate::row::Values;
use crate::{Result, Tx};

/// How much is too much.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    /// Failures are counted for so long, in microseconds.
    pub window_us: i64,
    /// So many in a window are still borne.
    pub failures: i64,
    /// The first failure beyond costs so long a wait; each further one twice as long as the one before.
    pub wait_us: i64,
    /// No wait is longer.
    pub wait_us_max: i64,
}

/// What is known of a key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// Failures in this window.
    pub failures: i64,
    /// Nothing is tried before this; 0 for no wait.
    pub blocked_until: i64,
}

/// Counts a failure at `now`; none is lost when many fail at once. This has to be committed although what was
/// tried failed.
pub async fn fail(tx: &mut Tx, key: &[u8], now: i64, limit: &Limit) -> Result<State> {
    let row = sqlx::query(
        "INSERT INTO throttles (key, failures, window_started_at, blocked_until) VALUES ($1, 1, $2, 0) \
         ON CONFLICT (key) DO UPDATE SET \
         failures = CASE WHEN throttles.window_started_at <= $3 AND throttles.blocked_until <= $2 THEN 1 \
         ELSE throttles.failures + 1 END, \
         window_started_at = CASE WHEN throttles.window_started_at <= $3 AND throttles.blocked_until <= $2 \
         THEN excluded.window_started_at ELSE throttles.window_started_at END \
         RETURNING failures, blocked_until",
    )
    .bind(key)
    .bind(now)
    .bind(now.saturating_sub(limit.window_us))
    .fetch_one(tx.on())
    .await?;
    let failures = row.int("failures")?;
    if failures <= limit.failures {
        return Ok(State { failures, blocked_until: row.int("blocked_until")? });
    }
    // 2^20 waits are more than any longest one.
    let doublings = (failures - limit.failures - 1).clamp(0, 20);
    let wait = limit.wait_us.saturating_mul(1_i64 << doublings).min(limit.wait_us_max);
    let blocked_until = now.saturating_add(wait);
    sqlx::query("UPDATE throttles SET blocked_until = $2 WHERE key = $1")
        .bind(key)
        .bind(blocked_until)
        .execute(tx.on())
        .await?;
    Ok(State { failures, blocked_until })
}

/// What is known of a key.
pub async fn state(tx: &mut Tx, key: &[u8]) -> Result<State> {
    let row = sqlx::query("SELECT failures, blocked_until FROM throttles WHERE key = $1")
        .bind(key)
        .fetch_optional(tx.on())
        .await?;
    row.map_or(Ok(State::default()), |row| {
        Ok(State { failures: row.int("failures")?, blocked_until: row.int("blocked_until")? })
    })
}

/// Forgets the failures: it was done right.
pub async fn clear(tx: &mut Tx, key: &[u8]) -> Result<()> {
    sqlx::query("DELETE FROM throttles WHERE key = $1").bind(key).execute(tx.on()).await?;
    Ok(())
}

/// Removes what began before `before` and blocks nobody at `now`; how many.
pub async fn purge(tx: &mut Tx, before: i64, now: i64) -> Result<u64> {
    let done = sqlx::query("DELETE FROM throttles WHERE window_started_at < $1 AND blocked_until <= $2")
        .bind(before)
        .bind(now)
        .execute(tx.on())
        .await?;
    Ok(done.rows_affected())
}
