//! Is a job done once, by one node at a time, and never lost?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;
mod world;

use admin_store::jobs::{self, NewJob};
use admin_store::{Store, StoreError};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use world::{NAMES, World, until_not_busy};

const NOTHING: Value = Value::Null;

fn job<'a>(kind: &'a str, key: &'a str, due_at: i64) -> NewJob<'a> {
    NewJob { kind, key, body: &NOTHING, due_at }
}

#[test]
fn a_job_waits_for_its_time_and_is_claimed_for_a_while() {
    harness::each_backend(|store| async move {
        let world = World::new(&store).await;
        let mut tx = world.write().await;
        let body = json!({ "nul": "\0", "name": NAMES[0] });
        jobs::put(&mut tx, NewJob { kind: "refresh", key: NAMES[0], body: &body, due_at: 100 })
            .await
            .unwrap();
        jobs::put(&mut tx, job("other", NAMES[0], 0)).await.unwrap();
        let nul = jobs::put(&mut tx, job("refresh", "\0", 0)).await;
        assert!(matches!(nul, Err(StoreError::Unfit("key"))), "{nul:?}");
        assert!(jobs::claim(&mut tx, "refresh", 99, 1_000, 10).await.unwrap().is_empty());
        assert!(!jobs::is_any_due(&mut tx, "refresh", 99).await.unwrap());
        assert!(jobs::is_any_due(&mut tx, "refresh", 100).await.unwrap());
        assert_eq!(jobs::count(&mut tx, "refresh").await.unwrap(), 1);
        let claimed = jobs::claim(&mut tx, "refresh", 100, 1_000, 10).await.unwrap();
        assert_eq!(claimed.len(), 1);
        assert!(!jobs::is_any_due(&mut tx, "refresh", 999).await.unwrap(), "somebody is at it");
        assert!(jobs::is_asked_for(&mut tx, "refresh", NAMES[0]).await.unwrap());
        assert_eq!((claimed[0].key.as_str(), &claimed[0].body, claimed[0].attempts), (NAMES[0], &body, 1));
        assert!(jobs::claim(&mut tx, "refresh", 999, 2_000, 10).await.unwrap().is_empty());

        // Whoever had it died: it is somebody else's now, and the dead one's word counts no more.
        let taken = jobs::claim(&mut tx, "refresh", 1_000, 2_000, 10).await.unwrap();
        assert_eq!(taken[0].attempts, 2);
        assert!(!jobs::done(&mut tx, &claimed[0]).await.unwrap());
        assert!(!jobs::again(&mut tx, &claimed[0], 5_000, None).await.unwrap());
        assert!(jobs::again(&mut tx, &taken[0], 5_000, Some("no \0 route")).await.unwrap());
        let waiting = jobs::list(&mut tx, "refresh", 10).await.unwrap();
        assert_eq!((waiting[0].due_at, waiting[0].claimed_until, waiting[0].attempts), (5_000, 0, 2));
        assert_eq!(waiting[0].last_error.as_deref(), Some("no \u{fffd} route"));
        let claimed = jobs::claim(&mut tx, "refresh", 5_000, 6_000, 10).await.unwrap();
        assert!(jobs::done(&mut tx, &claimed[0]).await.unwrap());
        assert!(jobs::list(&mut tx, "refresh", 10).await.unwrap().is_empty());
        assert!(!jobs::is_asked_for(&mut tx, "refresh", NAMES[0]).await.unwrap());
        assert_eq!(jobs::list(&mut tx, "other", 10).await.unwrap().len(), 1);
    });
}

#[test]
fn what_is_asked_for_while_it_is_done_is_done_once_more() {
    harness::each_backend(|store| async move {
        let world = World::new(&store).await;
        let mut tx = world.write().await;
        jobs::put(&mut tx, job("refresh", "a", 300)).await.unwrap();
        jobs::put(&mut tx, job("refresh", "a", 100)).await.unwrap();
        jobs::put(&mut tx, job("refresh", "a", 200)).await.unwrap();
        assert_eq!(jobs::list(&mut tx, "refresh", 10).await.unwrap()[0].due_at, 100, "the earliest holds");
        let claimed = jobs::claim(&mut tx, "refresh", 100, 1_000, 10).await.unwrap();
        jobs::put(&mut tx, job("refresh", "a", 150)).await.unwrap();
        assert!(jobs::claim(&mut tx, "refresh", 200, 1_200, 10).await.unwrap().is_empty(), "one at a time");
        assert!(jobs::done(&mut tx, &claimed[0]).await.unwrap());
        let once_more = jobs::claim(&mut tx, "refresh", 200, 1_300, 10).await.unwrap();
        assert_eq!(once_more.len(), 1);
        jobs::put(&mut tx, job("refresh", "a", 250)).await.unwrap();
        assert!(jobs::again(&mut tx, &once_more[0], 9_000, None).await.unwrap());
        let due = jobs::claim(&mut tx, "refresh", 250, 1_400, 10).await.unwrap();
        assert_eq!(due.len(), 1, "putting it off does not lose what was asked for meanwhile");
        assert!(jobs::again(&mut tx, &due[0], 9_000, None).await.unwrap());
        assert!(jobs::claim(&mut tx, "refresh", 8_999, 10_000, 10).await.unwrap().is_empty());
        jobs::remove(&mut tx, "refresh", "a").await.unwrap();
        assert!(jobs::list(&mut tx, "refresh", 10).await.unwrap().is_empty());
    });
}

async fn claim(store: &Store, limit: i64) -> Result<Vec<jobs::Job>, StoreError> {
    let mut tx = store.write().await?;
    let claimed = jobs::claim(&mut tx, "refresh", 1_000, 2_000, limit).await?;
    tx.commit().await?;
    Ok(claimed)
}

#[test]
fn two_nodes_never_claim_one_job() {
    const JOBS: usize = 120;
    harness::each_backend(|store| async move {
        let world = World::new(&store).await;
        let other = harness::another(&store).await;
        let mut tx = world.write().await;
        for number in 0..JOBS {
            jobs::put(&mut tx, job("refresh", &format!("{number}"), number as i64)).await.unwrap();
        }
        tx.commit().await.unwrap();
        let node = |store: Store, limit: i64| {
            tokio::spawn(async move {
                let mut mine = Vec::new();
                loop {
                    let claimed = until_not_busy(|| claim(&store, limit)).await;
                    let some = !claimed.is_empty();
                    mine.extend(claimed.into_iter().map(|job| job.key));
                    let mut tx = store.read().await.unwrap();
                    let waiting = jobs::list(&mut tx, "refresh", 1_000).await.unwrap();
                    if !some && waiting.iter().all(|job| job.claimed_until == 2_000) {
                        return mine;
                    }
                }
            })
        };
        let (one, two, three) =
            tokio::join!(node(store.clone(), 7), node(other.clone(), 3), node(other.clone(), 5));
        let mut times: BTreeMap<String, usize> = BTreeMap::new();
        for key in [one, two, three].into_iter().flat_map(Result::unwrap) {
            *times.entry(key).or_default() += 1;
        }
        assert_eq!(times.len(), JOBS, "each was claimed");
        assert!(times.values().all(|times| *times == 1), "each once: {times:?}");
        other.close().await;
    });
}
