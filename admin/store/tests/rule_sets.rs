//! Are rule sets kept as they were written, and published by one at a time?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;
mod world;

use admin_store::rule_sets::{self, DraftChange, RuleSetChange, VersionAuthor};
use admin_store::{Id, StoreError, Tx};
use world::{NAMES, World, long_name, until_not_busy};

async fn draft(tx: &mut Tx, world: &World, id: Id, seen: i64, text: &str, base: i64) -> i64 {
    let change = DraftChange { text, cases: "# cases", base, by: world.ada };
    rule_sets::save_draft(tx, world.workspace, id, seen, change).await.unwrap()
}

#[test]
fn names_round_trip_and_are_unique_whatever_their_case() {
    harness::each_backend(|store| async move {
        let world = World::new(&store).await;
        let long = long_name();
        let names: Vec<&str> = NAMES.into_iter().chain([long.as_str()]).collect();
        let mut tx = world.write().await;
        for name in &names {
            let made = rule_sets::create(&mut tx, world.workspace, name, name, world.ada).await.unwrap();
            assert_eq!((made.name.as_str(), made.description.as_str()), (*name, *name));
            let found = rule_sets::by_name(&mut tx, world.workspace, &name.to_uppercase()).await.unwrap();
            assert_eq!(found.unwrap(), made);
        }
        tx.commit().await.unwrap();

        let mut tx = world.write().await;
        let again =
            rule_sets::create(&mut tx, world.workspace, &names[4].to_uppercase(), "", world.ada).await;
        assert!(matches!(again, Err(StoreError::Duplicate("rule set"))), "{again:?}");
        drop(tx);
        let mut tx = world.write().await;
        let nul = rule_sets::create(&mut tx, world.workspace, "a\0b", "", world.ada).await;
        assert!(matches!(nul, Err(StoreError::Unfit("name"))), "{nul:?}");
        let nobodys = rule_sets::create(&mut tx, Id::new(), "a", "", world.ada).await;
        assert!(matches!(nobodys, Err(StoreError::Missing("workspace"))), "{nobodys:?}");
        drop(tx);

        let mut tx = world.read().await;
        let (mut listed, mut after) = (Vec::new(), None);
        loop {
            let page = rule_sets::list(&mut tx, world.workspace, after, 4).await.unwrap();
            listed.extend(page.items.into_iter().map(|rule_set| rule_set.name));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        let mut expected: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        expected.sort_by_key(|name| name.to_uppercase().to_lowercase().into_bytes());
        assert_eq!(listed, expected);
        assert!(rule_sets::list(&mut tx, world.elsewhere, None, 10).await.unwrap().items.is_empty());
    });
}

#[test]
fn a_change_names_what_it_saw_and_other_workspaces_see_nothing() {
    harness::each_backend(|store| async move {
        let world = World::new(&store).await;
        let mut tx = world.write().await;
        let made = rule_sets::create(&mut tx, world.workspace, "first", "", world.ada).await.unwrap();
        let change = RuleSetChange { name: "second", description: "what for" };
        let changed = rule_sets::update(&mut tx, world.workspace, made.id, 1, change).await.unwrap();
        assert_eq!((changed.name.as_str(), changed.version), ("second", 2));
        let late = rule_sets::update(&mut tx, world.workspace, made.id, 1, change).await;
        assert!(matches!(late, Err(StoreError::Changed("rule set"))), "{late:?}");
        let foreign = rule_sets::update(&mut tx, world.elsewhere, made.id, 2, change).await;
        assert!(matches!(foreign, Err(StoreError::Missing("rule set"))), "{foreign:?}");
        let foreign = rule_sets::delete(&mut tx, world.elsewhere, made.id, 2).await;
        assert!(matches!(foreign, Err(StoreError::Missing("rule set"))), "{foreign:?}");
        let late = rule_sets::delete(&mut tx, world.workspace, made.id, 1).await;
        assert!(matches!(late, Err(StoreError::Changed("rule set"))), "{late:?}");
        rule_sets::delete(&mut tx, world.workspace, made.id, 2).await.unwrap();
        let gone = rule_sets::get(&mut tx, world.workspace, made.id).await;
        assert!(matches!(gone, Err(StoreError::Missing("rule set"))), "{gone:?}");
    });
}

#[test]
fn a_draft_becomes_a_version_and_an_old_version_the_latest() {
    harness::each_backend(|store| async move {
        let world = World::new(&store).await;
        let (workspace, by) = (world.workspace, world.ada);
        let mut tx = world.write().await;
        let id = rule_sets::create(&mut tx, workspace, "rules", "", by).await.unwrap().id;
        assert!(rule_sets::draft(&mut tx, workspace, id).await.unwrap().is_none());
        let seen = draft(&mut tx, &world, id, 0, NAMES[0], 0).await;
        let kept = rule_sets::draft(&mut tx, workspace, id).await.unwrap().unwrap();
        assert_eq!(
            (kept.text.as_str(), kept.cases.as_str(), kept.draft_version),
            (NAMES[0], "# cases", seen)
        );
        let listed = rule_sets::get(&mut tx, workspace, id).await.unwrap();
        assert_eq!((listed.draft_at, listed.published), (Some(kept.changed_at), None));
        assert_eq!(rule_sets::publish(&mut tx, workspace, id, seen, "one", by).await.unwrap(), 1);
        assert!(rule_sets::draft(&mut tx, workspace, id).await.unwrap().is_none());
        tx.commit().await.unwrap();

        // What was a draft's version never comes back: who saw the old draft cannot overwrite the new one.
        let mut tx = world.write().await;
        let change = DraftChange { text: "late", cases: "", base: 0, by };
        let late = rule_sets::save_draft(&mut tx, workspace, id, seen, change).await;
        assert!(matches!(late, Err(StoreError::Changed("draft"))), "{late:?}");
        let seen = draft(&mut tx, &world, id, seen + 1, "text two", 1).await;
        assert_eq!(rule_sets::publish(&mut tx, workspace, id, seen, "two", by).await.unwrap(), 2);
        let seen = draft(&mut tx, &world, id, seen + 1, "text three", 2).await;
        let author = VersionAuthor { by: world.ben, note: "back" };
        assert_eq!(rule_sets::roll_back(&mut tx, workspace, id, 2, 1, author).await.unwrap(), 3);
        tx.commit().await.unwrap();

        let mut tx = world.write().await;
        let unseen = rule_sets::publish(&mut tx, workspace, id, seen, "three", by).await;
        assert!(matches!(unseen, Err(StoreError::Changed("rule set"))), "{unseen:?}");
        drop(tx);
        let mut tx = world.write().await;
        let late = rule_sets::roll_back(&mut tx, workspace, id, 2, 1, author).await;
        assert!(matches!(late, Err(StoreError::Changed("rule set"))), "{late:?}");
        let none = rule_sets::roll_back(&mut tx, workspace, id, 3, 9, author).await;
        assert!(matches!(none, Err(StoreError::Missing("version"))), "{none:?}");
        let seen = draft(&mut tx, &world, id, seen, "text three", 3).await;
        rule_sets::discard_draft(&mut tx, workspace, id, seen).await.unwrap();
        let nothing = rule_sets::publish(&mut tx, workspace, id, seen + 1, "", by).await;
        assert!(matches!(nothing, Err(StoreError::Missing("draft"))), "{nothing:?}");
        drop(tx);

        let mut tx = world.read().await;
        let first = rule_sets::versions(&mut tx, workspace, id, None, 2).await.unwrap();
        let rest = rule_sets::versions(&mut tx, workspace, id, first.next, 2).await.unwrap();
        let all: Vec<_> = first.items.iter().chain(&rest.items).collect();
        let told: Vec<_> =
            all.iter().map(|version| (version.number, version.note.as_str(), version.copy_of)).collect();
        assert_eq!(told, [(3, "back", Some(1)), (2, "two", None), (1, "one", None)]);
        assert_eq!((all[0].author, rest.next), (world.ben, None));
        let published = rule_sets::published(&mut tx, workspace).await.unwrap();
        assert_eq!(published.len(), 1);
        assert_eq!((published[0].number, published[0].text.as_str()), (3, NAMES[0]));
        let second = rule_sets::version(&mut tx, workspace, id, 2).await.unwrap();
        assert_eq!((second.name.as_str(), second.text.as_str()), ("rules", "text two"));
        assert!(rule_sets::version(&mut tx, world.elsewhere, id, 2).await.is_err());
    });
}

#[test]
fn of_two_who_write_one_draft_one_is_told_so() {
    harness::each_backend(|store| async move {
        let world = World::new(&store).await;
        let other = harness::another(&store).await;
        let mut tx = world.write().await;
        let id = rule_sets::create(&mut tx, world.workspace, "rules", "", world.ada).await.unwrap().id;
        tx.commit().await.unwrap();
        let write = |store: admin_store::Store, text: &'static str| {
            let (workspace, by) = (world.workspace, world.ada);
            async move {
                until_not_busy(|| async {
                    let mut tx = store.write().await?;
                    let change = DraftChange { text, cases: "", base: 0, by };
                    match rule_sets::save_draft(&mut tx, workspace, id, 0, change).await {
                        Ok(_) => tx.commit().await.map(|()| true),
                        Err(StoreError::Changed(_)) => Ok(false),
                        Err(error) => Err(error),
                    }
                })
                .await
            }
        };
        let (one, two) = tokio::join!(
            tokio::spawn(write(store.clone(), "one")),
            tokio::spawn(write(other.clone(), "two"))
        );
        let (one, two) = (one.unwrap(), two.unwrap());
        assert!(one != two, "exactly one may win");
        let mut tx = world.read().await;
        let kept = rule_sets::draft(&mut tx, world.workspace, id).await.unwrap().unwrap();
        assert_eq!(kept.text, if one { "one" } else { "two" });
        drop(tx);
        other.close().await;
    });
}
