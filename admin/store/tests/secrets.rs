//! Are sealed values kept as they are, and wrapped again by one at a time?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;
mod world;

use admin_store::secrets::{self, NewSecret, Sealed};
use admin_store::{Id, StoreError, Tx, now_us};
use world::{NAMES, World};

fn sealed(seed: u8, master_key: &str) -> Sealed {
    let bytes =
        |length: usize| (0..length).map(|place| seed.wrapping_mul(31).wrapping_add(place as u8)).collect();
    Sealed { wrapped_key: bytes(72), master_key: master_key.to_owned(), nonce: bytes(24), sealed: bytes(300) }
}

async fn keep(tx: &mut Tx, workspace: Option<Id>, owner: Id, sealed: &Sealed) -> Id {
    let id = Id::new();
    let new = NewSecret { id, workspace, kind: "password", owner_kind: "connection", owner, sealed };
    secrets::create(tx, new).await.unwrap();
    id
}

#[test]
fn a_secret_comes_back_as_it_was_sealed_and_is_never_shown() {
    harness::each_backend(|store| async move {
        let world = World::new(&store).await;
        let before = now_us();
        let mut tx = world.write().await;
        let owner = Id::new();
        let first = keep(&mut tx, Some(world.workspace), owner, &sealed(1, NAMES[0])).await;
        let second = keep(&mut tx, None, owner, &sealed(2, "key-1")).await;
        let kept = secrets::get(&mut tx, first).await.unwrap();
        assert_eq!(kept.sealed, sealed(1, NAMES[0]));
        assert_eq!(
            (kept.workspace, kept.kind.as_str(), kept.owner),
            (Some(world.workspace), "password", owner)
        );
        assert!(kept.created_at >= before && kept.rotated_at == kept.created_at);
        let shown = format!("{kept:?} {:?}", kept.sealed);
        assert!(!shown.contains('['), "no bytes are shown: {shown}");
        let all = secrets::of_owner(&mut tx, "connection", owner).await.unwrap();
        assert_eq!(all.iter().map(|secret| secret.id).collect::<Vec<_>>(), [first, second]);
        assert!(secrets::of_owner(&mut tx, "provider", owner).await.unwrap().is_empty());
        secrets::replace(&mut tx, second, &sealed(9, "key-2")).await.unwrap();
        assert_eq!(secrets::get(&mut tx, second).await.unwrap().sealed, sealed(9, "key-2"));
        secrets::delete(&mut tx, second).await.unwrap();
        let gone = secrets::replace(&mut tx, second, &sealed(9, "key-2")).await;
        assert!(matches!(gone, Err(StoreError::Missing("secret"))), "{gone:?}");
    });
}

#[test]
fn a_rotation_finds_what_it_has_to_wrap_and_never_undoes_a_change() {
    harness::each_backend(|store| async move {
        let world = World::new(&store).await;
        let mut tx = world.write().await;
        let mut ids = Vec::new();
        for number in 0..7 {
            let with = if number == 3 { "new" } else { "old" };
            ids.push(keep(&mut tx, Some(world.workspace), Id::new(), &sealed(number, with)).await);
        }
        tx.commit().await.unwrap();

        let (mut after, mut wrapped) = (None, 0);
        loop {
            let mut tx = world.write().await;
            let page = secrets::wrapped_by_others(&mut tx, "new", after, 2).await.unwrap();
            for secret in &page.items {
                secrets::rewrap(&mut tx, secret, &[secret.sealed.wrapped_key[0], 7], "new").await.unwrap();
                let late = secrets::rewrap(&mut tx, secret, &[1], "newer").await;
                assert!(matches!(late, Err(StoreError::Changed("secret"))), "{late:?}");
                wrapped += 1;
            }
            tx.commit().await.unwrap();
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(wrapped, 6);
        let mut tx = world.write().await;
        assert_eq!(secrets::count_by_master_key(&mut tx).await.unwrap(), [("new".to_owned(), 7)]);
        let kept = secrets::get(&mut tx, ids[5]).await.unwrap();
        assert_eq!((kept.sealed.wrapped_key.len(), kept.sealed.sealed), (2, sealed(5, "").sealed));

        // A value that was replaced while the rotation wrapped the old one's key stays replaced.
        let read = secrets::get(&mut tx, ids[0]).await.unwrap();
        secrets::replace(&mut tx, ids[0], &sealed(99, "new")).await.unwrap();
        assert!(matches!(secrets::rewrap(&mut tx, &read, &[1], "newer").await, Err(StoreError::Changed(_))));
        assert_eq!(secrets::get(&mut tx, ids[0]).await.unwrap().sealed, sealed(99, "new"));
    });
}
