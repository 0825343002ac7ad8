//! Are marks and what was opened each person's own?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;
mod world;

use admin_store::favourites::{self, RECENT_MAX, Target};
use admin_store::workspaces;
use world::{NAMES, World, long_name};

#[test]
fn marks_and_recent_things_are_each_persons_own() {
    harness::each_backend(|store| async move {
        let world = World::new(&store).await;
        let (ada, workspace) = (world.ada, world.workspace);
        let target = |name: &str| Target { kind: "fingerprint".to_owned(), target: name.to_owned() };
        let mut tx = world.write().await;
        let long = long_name();
        let names: Vec<&str> = NAMES.into_iter().chain([long.as_str(), "a", "A"]).collect();
        for name in &names {
            favourites::add(&mut tx, ada, workspace, &target(name)).await.unwrap();
            favourites::add(&mut tx, ada, workspace, &target(name)).await.unwrap();
        }
        let first = favourites::list(&mut tx, ada, workspace, None, 3).await.unwrap();
        let rest = favourites::list(&mut tx, ada, workspace, first.next, 50).await.unwrap();
        let marked: Vec<_> =
            first.items.iter().chain(&rest.items).map(|mark| mark.target.target.as_str()).collect();
        assert_eq!(marked, names.iter().rev().copied().collect::<Vec<_>>());
        favourites::remove(&mut tx, ada, workspace, &target("A")).await.unwrap();
        favourites::remove(&mut tx, world.ben, workspace, &target("a")).await.unwrap();
        let left = favourites::list(&mut tx, ada, workspace, None, 1).await.unwrap();
        assert_eq!(left.items[0].target, target("a"));
        assert!(favourites::list(&mut tx, ada, world.elsewhere, None, 5).await.unwrap().items.is_empty());

        for number in 0..RECENT_MAX + 10 {
            favourites::opened(&mut tx, ada, workspace, &target(&format!("{number}")), number).await.unwrap();
        }
        favourites::opened(&mut tx, ada, workspace, &target("30"), 1_000).await.unwrap();
        favourites::opened(&mut tx, world.ben, workspace, &target(NAMES[0]), 5).await.unwrap();
        let recent = favourites::recent(&mut tx, ada, workspace, 1_000).await.unwrap();
        assert_eq!(recent.len() as i64, RECENT_MAX);
        assert_eq!(recent[0], (target("30"), 1_000));
        assert_eq!(recent[1], (target(&format!("{}", RECENT_MAX + 9)), RECENT_MAX + 9));
        assert_eq!(recent.iter().filter(|(opened, _)| opened.target == "30").count(), 1);
        assert_eq!(favourites::recent(&mut tx, world.ben, workspace, 9).await.unwrap().len(), 1);
        workspaces::remove(&mut tx, workspace).await.unwrap();
        assert!(favourites::list(&mut tx, ada, workspace, None, 5).await.unwrap().items.is_empty());
        assert!(favourites::recent(&mut tx, ada, workspace, 5).await.unwrap().is_empty());
    });
}
