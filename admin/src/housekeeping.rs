//! What does the control plane throw away by itself? What has expired and nobody can use any more, once an
//! hour.

use crate::plane::App;
use admin_store::{StoreError, idempotency, identities, now_us, resets, sessions, throttles};
use std::time::Duration;

/// How often.
const EVERY: Duration = Duration::from_secs(3_600);
/// How soon after the start: when all else that starts is done.
const FIRST: Duration = Duration::from_secs(60);
/// How long failures are remembered that block nobody any more: longer than any window they are counted in.
const FAILURES_US: i64 = 24 * 3_600_000_000;

/// Throws away what has expired, until the control plane stops.
pub(crate) async fn keep_house(app: App) {
    let mut stopping = app.stopping.clone();
    let mut wait = FIRST;
    loop {
        tokio::select! {
            _ = stopping.wait_for(|stops| *stops) => return,
            () = tokio::time::sleep(wait) => wait = EVERY,
        }
        match purge(&app, now_us()).await {
            Ok(0) => {}
            Ok(removed) => tracing::debug!(removed, "expired rows were removed from the state"),
            Err(error) => tracing::warn!(%error, "expired rows stay in the state for another hour"),
        }
    }
}

/// Removes what has expired at `now`; how much. Each kind is a transaction of its own, and others write in
/// between. Tokens stay: their people see that they have expired.
pub async fn purge(app: &App, now: i64) -> Result<u64, StoreError> {
    let mut removed = 0;
    for kind in 0..5 {
        let mut tx = app.store.write().await?;
        removed += match kind {
            0 => sessions::purge(&mut tx, now).await?,
            1 => resets::purge(&mut tx, now).await?,
            2 => identities::purge(&mut tx, now).await?,
            3 => idempotency::purge(&mut tx, now).await?,
            _ => throttles::purge(&mut tx, now - FAILURES_US, now).await?,
        };
        tx.commit().await?;
        tokio::task::yield_now().await;
    }
    Ok(removed)
}
