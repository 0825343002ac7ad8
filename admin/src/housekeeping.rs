//! What does the control plane throw away by itself? What has expired and nobody can use any more, and what the
//! settings keep for a time only, once an hour.

use crate::http::timestamp::Timestamp;
use crate::plane::App;
use admin_store::activity::{self, Actor, Deed, Outcome, Target};
use admin_store::connections::{day_of, prune_usage};
use admin_store::{StoreError, Tx, ended, idempotency, identities, now_us, resets, sessions, throttles};
use serde_json::json;
use std::time::Duration;

/// How often.
const EVERY: Duration = Duration::from_secs(3_600);
/// How soon after the start: when all else that starts is done.
const FIRST: Duration = Duration::from_secs(60);
/// Between two steps that remove something.
const PAUSE: Duration = Duration::from_millis(50);
/// How long failures are remembered that block nobody any more: longer than any window they are counted in.
const FAILURES_US: i64 = 24 * 3_600_000_000;
const DAY_US: i64 = 24 * 3_600_000_000;

/// Throws away what has expired and what is kept no longer, until the control plane stops.
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
        // What is dropped between two steps is gone on with by the next start.
        let forgotten = tokio::select! {
            _ = stopping.wait_for(|stops| *stops) => return,
            forgotten = forget(&app, now_us()) => forgotten,
        };
        match forgotten {
            Ok(0) => {}
            Ok(removed) => tracing::info!(removed, "what `admin.retention` keeps no longer was removed"),
            Err(error) => {
                tracing::warn!(%error, "what `admin.retention` keeps no longer stays for another hour");
            }
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

/// What is kept for a time only, where the settings give one.
#[derive(Clone, Copy, Debug)]
enum Old {
    Activity,
    Tokens,
    Invitations,
    ConnectionUsage,
}

impl Old {
    /// Removes some of it; how much.
    async fn remove(self, tx: &mut Tx, before: i64) -> Result<u64, StoreError> {
        match self {
            Old::Activity => activity::purge(tx, before).await,
            Old::Tokens => ended::purge_tokens(tx, before).await,
            Old::Invitations => ended::purge_invitations(tx, before).await,
            Old::ConnectionUsage => prune_usage(tx, day_of(before)).await,
        }
    }
}

/// Removes what the settings keep no longer at `now`; how much. In small steps, and others write in between.
pub async fn forget(app: &App, now: i64) -> Result<u64, StoreError> {
    let kept = &app.settings.retention;
    // By whole days: the activity tells of one removal a day, not of one an hour.
    let today = now - now.rem_euclid(DAY_US);
    let kinds = [
        (Old::Activity, kept.activity.begins(today)),
        (Old::Tokens, kept.tokens.begins(now)),
        (Old::Invitations, kept.invitations.begins(now)),
        (Old::ConnectionUsage, kept.connection_usage.begins(now)),
    ];
    let mut removed = 0;
    for (kind, before) in kinds {
        let Some(before) = before else { continue };
        let mut is_told = false;
        loop {
            let mut tx = app.store.write().await?;
            let gone = kind.remove(&mut tx, before).await?;
            if gone > 0 && matches!(kind, Old::Activity) && !is_told {
                activity::append_at(&mut tx, &removal(before, kept.activity.days()), now).await?;
                is_told = true;
            }
            tx.commit().await?;
            if gone == 0 {
                break;
            }
            removed += gone;
            tokio::time::sleep(PAUSE).await;
        }
    }
    Ok(removed)
}

/// That the activity does not go back further than `before`, and by which setting: whoever reads it is to know that
/// something was there.
fn removal(before: i64, days: u32) -> Deed {
    Deed {
        workspace: None,
        actor: Actor::System,
        actor_label: String::new(),
        action: "remove_old_activity".to_owned(),
        target: Target { kind: "activity".to_owned(), id: String::new(), label: String::new() },
        details: json!({ "before": Timestamp(before), "activity_days": days }),
        outcome: Outcome::Done,
        request_id: String::new(),
        address: String::new(),
    }
}
