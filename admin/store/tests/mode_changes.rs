//! Is a change of a mode kept from being asked for to its end, one at a time for a listener?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;
mod world;

use admin_store::mode_changes::{self, Change, NewChange, Standing};
use admin_store::{StoreError, Tx, now_us, publications};
use world::World;

const HOUR_US: i64 = 3_600_000_000;

async fn ask(tx: &mut Tx, world: &World, listener: &str) -> Result<Change, StoreError> {
    let new = NewChange {
        workspace: world.workspace,
        listener,
        enforces: false,
        seconds: 600,
        reason: "orders are stuck",
        by: world.ada,
        lapses_at: now_us() + HOUR_US,
    };
    mode_changes::ask(tx, &new).await
}

/// The listeners in a snapshot made now, and who ended what.
async fn published(tx: &mut Tx) -> Vec<(String, Option<String>)> {
    let turn = publications::next(tx).await.unwrap();
    let made = publications::publish(tx, turn, Vec::new(), "", None).await.unwrap();
    made.mode_changes.into_iter().map(|one| (one.listener, one.ended_by)).collect()
}

#[test]
fn a_listener_has_one_that_is_open_and_clocks_close_it() {
    harness::each_backend(|store| async move {
        let world = World::new(&store).await;
        let mut tx = world.write().await;
        let shop = ask(&mut tx, &world, "shop").await.unwrap();
        let books = ask(&mut tx, &world, "books").await.unwrap();
        assert_eq!((shop.standing, shop.version, shop.until_at), (Standing::Asked, 1, None));
        tx.commit().await.unwrap();
        let mut tx = world.write().await;
        assert!(matches!(ask(&mut tx, &world, "shop").await, Err(StoreError::Duplicate(_))));
        drop(tx);

        let mut tx = world.write().await;
        assert!(published(&mut tx).await.is_empty(), "what is only asked for is not told");
        let until = now_us() + 600_000_000;
        let running = mode_changes::begin(&mut tx, &shop, Some(world.ben), until).await.unwrap();
        assert_eq!(
            (running.standing, running.decided_by, running.version),
            (Standing::Running, Some(world.ben), 2)
        );
        assert!(matches!(
            mode_changes::begin(&mut tx, &shop, Some(world.ben), until).await,
            Err(StoreError::Changed(_))
        ));
        assert_eq!(published(&mut tx).await, [("shop".to_owned(), None)]);
        assert!(!mode_changes::is_unsettled(&mut tx, now_us()).await.unwrap());
        let later = now_us() + HOUR_US;
        assert!(mode_changes::is_unsettled(&mut tx, later).await.unwrap());
        let over = mode_changes::settle(&mut tx, later).await.unwrap();
        assert_eq!(
            over.iter().map(|one| (one.id, one.standing)).collect::<Vec<_>>(),
            [(shop.id, Standing::Over)]
        );
        let lapsed = mode_changes::get(&mut tx, world.workspace, books.id).await.unwrap();
        assert_eq!(lapsed.standing, Standing::Lapsed);
        assert!(mode_changes::settle(&mut tx, later).await.unwrap().is_empty(), "each is told once");
        assert!(published(&mut tx).await.is_empty());
        let again = ask(&mut tx, &world, "shop").await.unwrap();
        let withdrawn = mode_changes::close(&mut tx, &again, Standing::Withdrawn, world.ada).await.unwrap();
        assert_eq!((withdrawn.standing, withdrawn.ended_by), (Standing::Withdrawn, Some(world.ada)));
        let listed = mode_changes::list(&mut tx, world.workspace, "shop", 10).await.unwrap();
        assert_eq!(listed.iter().map(|one| one.id).collect::<Vec<_>>(), [again.id, shop.id]);
        assert!(mode_changes::list(&mut tx, world.elsewhere, "shop", 10).await.unwrap().is_empty());
        tx.commit().await.unwrap();
    });
}

#[test]
fn data_planes_are_told_who_ended_one_early_as_long_as_they_could_run_it() {
    harness::each_backend(|store| async move {
        let world = World::new(&store).await;
        let mut tx = world.write().await;
        let asked = ask(&mut tx, &world, "shop").await.unwrap();
        let running =
            mode_changes::begin(&mut tx, &asked, Some(world.ben), now_us() + 600_000_000).await.unwrap();
        mode_changes::close(&mut tx, &running, Standing::Ended, world.ben).await.unwrap();
        let told = published(&mut tx).await;
        assert!(told.len() == 1 && told[0].1.as_deref().is_some_and(|by| by.contains('@')), "{told:?}");
        tx.commit().await.unwrap();
    });
}
