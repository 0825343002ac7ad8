//! Does what is published for listeners go out as one whole, in one order, whoever publishes?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;
mod world;

use admin_store::publications::{self, Item, PublicationChange};
use admin_store::{Id, Store, StoreError, rule_sets, workspaces};
use control::{ManagedListener, RuleSetText};
use std::collections::BTreeSet;
use world::{NAMES, World, long_name, until_not_busy};

#[test]
fn what_is_published_keeps_its_order_and_what_it_uses() {
    harness::each_backend(|store| async move {
        let world = World::new(&store).await;
        let (workspace, by) = (world.workspace, world.ada);
        let mut tx = world.write().await;
        let first = rule_sets::create(&mut tx, workspace, "first", "", by).await.unwrap().id;
        let second = rule_sets::create(&mut tx, workspace, "second", "", by).await.unwrap().id;
        let foreign = rule_sets::create(&mut tx, world.elsewhere, "foreign", "", by).await.unwrap().id;
        let items = [
            Item::RuleSet(second),
            Item::Pack(NAMES[0].to_owned()),
            Item::RuleSet(first),
            Item::RuleSet(second),
        ];
        let change = PublicationChange { enforces: Some(true), items: &items, by };
        let long = long_name();
        for listener in NAMES.into_iter().chain([long.as_str()]) {
            assert_eq!(publications::put(&mut tx, workspace, listener, 0, change).await.unwrap(), 1);
            let kept = publications::get(&mut tx, workspace, listener).await.unwrap().unwrap();
            assert_eq!((kept.listener.as_str(), &kept.items[..]), (listener, &items[..]));
            assert_eq!((kept.enforces, kept.changed_by, kept.version), (Some(true), by, 1));
        }
        assert_eq!(publications::list(&mut tx, workspace).await.unwrap().len(), NAMES.len() + 1);
        assert!(publications::list(&mut tx, world.elsewhere).await.unwrap().is_empty());
        assert_eq!(publications::users_of(&mut tx, second).await.unwrap().len(), NAMES.len() + 1);
        tx.commit().await.unwrap();

        let mut tx = world.write().await;
        let twice = publications::put(&mut tx, workspace, NAMES[0], 0, change).await;
        assert!(matches!(twice, Err(StoreError::Changed("publication"))), "{twice:?}");
        drop(tx);
        let mut tx = world.write().await;
        let used = rule_sets::delete(&mut tx, workspace, second, 1).await;
        assert!(matches!(used, Err(StoreError::InUse("rule set"))), "{used:?}");
        drop(tx);
        let mut tx = world.write().await;
        let stolen = [Item::RuleSet(foreign)];
        let theft = PublicationChange { enforces: None, items: &stolen, by };
        let theft = publications::put(&mut tx, workspace, "shop", 0, theft).await;
        assert!(matches!(theft, Err(StoreError::Missing("rule set"))), "{theft:?}");
        drop(tx);

        let mut tx = world.write().await;
        let nothing = PublicationChange { enforces: None, items: &[], by: world.ben };
        assert_eq!(publications::put(&mut tx, workspace, NAMES[0], 1, nothing).await.unwrap(), 2);
        let kept = publications::get(&mut tx, workspace, NAMES[0]).await.unwrap().unwrap();
        assert_eq!((kept.enforces, kept.items.len(), kept.changed_by), (None, 0, world.ben));
        let late = publications::put(&mut tx, workspace, NAMES[0], 1, nothing).await;
        assert!(matches!(late, Err(StoreError::Changed("publication"))), "{late:?}");
        let late = publications::remove(&mut tx, workspace, NAMES[0], 1).await;
        assert!(matches!(late, Err(StoreError::Changed("publication"))), "{late:?}");
        publications::remove(&mut tx, workspace, NAMES[0], 2).await.unwrap();
        assert!(publications::get(&mut tx, workspace, NAMES[0]).await.unwrap().is_none());
        let gone = publications::remove(&mut tx, workspace, NAMES[0], 2).await;
        assert!(matches!(gone, Err(StoreError::Missing("publication"))), "{gone:?}");

        // With the workspace everything goes, also what is in use; what is published stays published.
        let turn = publications::next(&mut tx).await.unwrap();
        assert_eq!(turn.everything().len(), NAMES.len());
        publications::publish(&mut tx, turn, Vec::new(), "", None).await.unwrap();
        workspaces::remove(&mut tx, workspace).await.unwrap();
        let turn = publications::next(&mut tx).await.unwrap();
        assert!(turn.everything().is_empty());
        assert!(rule_sets::get(&mut tx, workspace, second).await.is_err());
        assert!(publications::snapshot(&mut tx, 1).await.unwrap().is_some());
    });
}

#[test]
fn a_snapshot_is_kept_as_it_was_published() {
    harness::each_backend(|store| async move {
        let world = World::new(&store).await;
        let mut tx = world.write().await;
        assert_eq!(publications::latest_version(&mut tx).await.unwrap(), 0);
        let listener = ManagedListener {
            name: NAMES[0].to_owned(),
            workspace: "shop".to_owned(),
            enforces: Some(true),
            policies: vec!["read-only".to_owned(), NAMES[4].to_owned()],
            texts: vec![RuleSetText {
                name: NAMES[4].to_owned(),
                version: 7,
                text: "nul \0 in JSON".to_owned(),
                by: "ada@example.org".to_owned(),
            }],
            by: "ben@example.org".to_owned(),
        };
        let mut published = Vec::new();
        for (note, by) in [("first", Some(world.ada)), (NAMES[1], None), ("third", Some(world.ben))] {
            let turn = publications::next(&mut tx).await.unwrap();
            let made = publications::publish(&mut tx, turn, vec![listener.clone()], note, by).await.unwrap();
            published.push(made);
        }
        tx.commit().await.unwrap();
        let mut tx = world.write().await;
        assert_eq!(publications::latest_version(&mut tx).await.unwrap(), 3);
        assert_eq!(publications::snapshot(&mut tx, 2).await.unwrap().unwrap(), published[1]);
        let page = publications::history(&mut tx, None, 2).await.unwrap();
        assert_eq!((page.items[0].version, page.items[0].made_by), (3, Some(world.ben)));
        assert_eq!((page.items[1].note.as_str(), page.items[1].made_by), (NAMES[1], None));
        let rest = publications::history(&mut tx, page.next, 2).await.unwrap();
        assert_eq!((rest.items.len(), rest.items[0].version, rest.next), (1, 1, None));
        assert_eq!(publications::prune(&mut tx, 0).await.unwrap(), 2);
        assert!(publications::snapshot(&mut tx, 2).await.unwrap().is_none());
        assert_eq!(publications::snapshot(&mut tx, 3).await.unwrap().unwrap(), published[2]);
        let turn = publications::next(&mut tx).await.unwrap();
        let made = publications::publish(&mut tx, turn, Vec::new(), "", None).await.unwrap();
        assert_eq!(made.version, 4, "versions go on after pruning");
    });
}

/// Publishes for a listener and then everything, as a node does.
async fn publish(store: &Store, workspace: Id, listener: &str, by: Id) -> Result<u64, StoreError> {
    let mut tx = store.write().await?;
    let change = PublicationChange { enforces: Some(true), items: &[], by };
    publications::put(&mut tx, workspace, listener, 0, change).await?;
    let turn = publications::next(&mut tx).await?;
    let listeners = turn
        .everything()
        .iter()
        .map(|publication| ManagedListener {
            name: publication.listener.clone(),
            workspace: "shop".to_owned(),
            enforces: publication.enforces,
            policies: Vec::new(),
            texts: Vec::new(),
            by: String::new(),
        })
        .collect();
    let snapshot = publications::publish(&mut tx, turn, listeners, "", Some(by)).await?;
    tx.commit().await?;
    Ok(snapshot.version)
}

#[test]
fn of_two_who_publish_at_once_the_later_has_what_the_earlier_published() {
    const EACH: usize = 20;
    harness::each_backend(|store| async move {
        let world = World::new(&store).await;
        let other = harness::another(&store).await;
        let node = |store: Store, name: &'static str| {
            let (workspace, by) = (world.workspace, world.ada);
            tokio::spawn(async move {
                let mut versions = Vec::new();
                for number in 0..EACH {
                    let listener = format!("{name}-{number}");
                    versions.push(until_not_busy(|| publish(&store, workspace, &listener, by)).await);
                }
                versions
            })
        };
        let (one, two) = tokio::join!(node(store.clone(), "one"), node(other.clone(), "two"));
        let (one, two) = (one.unwrap(), two.unwrap());
        let versions: BTreeSet<u64> = one.into_iter().chain(two).collect();
        assert_eq!(versions, (1..=2 * EACH as u64).collect());
        let mut tx = world.read().await;
        for version in versions {
            let number = i64::try_from(version).unwrap();
            let snapshot = publications::snapshot(&mut tx, number).await.unwrap().unwrap();
            assert_eq!(snapshot.listeners.len() as u64, version, "each holds one more than the one before");
        }
        drop(tx);
        other.close().await;
    });
}
