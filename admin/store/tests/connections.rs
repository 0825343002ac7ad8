//! Are connections kept as people set them, and looked after by one node at a time?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;
mod world;

use admin_store::connections::{
    self, ApplyPolicy, Check, Checked, ConnectionSettings, Environment, Failure, Place, Tls, Used,
};
use admin_store::secrets::{self, NewSecret, Sealed};
use admin_store::{Id, Store, StoreError, Tx};
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::Arc;
use tokio::sync::Barrier;
use world::{NAMES, World, long_name, until_not_busy};

fn settings(name: &str) -> ConnectionSettings {
    ConnectionSettings {
        name: name.to_owned(),
        kind: "postgres".to_owned(),
        place: Place::Server { host: "db.example.com".to_owned(), port: 65_535 },
        user: "app".to_owned(),
        database: "shop".to_owned(),
        tls: Tls::VerifyFull,
        ca_pem: Some("-----BEGIN CERTIFICATE-----".to_owned()),
        via: None,
        environment: Environment::Production,
        read_only: true,
        apply_policy: ApplyPolicy::AfterApproval,
        options: json!({ "search_path": ["a", "b"] }),
        secret: None,
    }
}

async fn secret(tx: &mut Tx, workspace: Id, owner: Id) -> Id {
    let (id, bytes) = (Id::new(), vec![1, 2, 3]);
    let sealed = Sealed {
        wrapped_key: bytes.clone(),
        master_key: "key".to_owned(),
        nonce: bytes.clone(),
        sealed: bytes,
    };
    let new = NewSecret {
        id,
        workspace: Some(workspace),
        kind: "password",
        owner_kind: "connection",
        owner,
        sealed: &sealed,
    };
    secrets::create(tx, new).await.unwrap();
    id
}

#[test]
fn settings_come_back_as_they_were_said() {
    harness::each_backend(|store| async move {
        let world = World::new(&store).await;
        let workspace = world.workspace;
        let mut tx = world.write().await;
        let long = long_name();
        for name in NAMES.into_iter().chain([long.as_str()]) {
            let mut said = settings(name);
            said.user = name.to_owned();
            said.database = name.to_owned();
            said.options = json!({ name: "\0" });
            let id = Id::new();
            let made = connections::create(&mut tx, workspace, id, &said, world.ada).await.unwrap();
            assert_eq!((made.id, &made.settings, made.version), (id, &said, 1));
            assert_eq!((made.health.failures, made.health.checked_at, made.last_snapshot), (0, None, None));
            let found = connections::by_name(&mut tx, workspace, &name.to_uppercase()).await.unwrap();
            assert_eq!(found.unwrap(), made);
        }
        let id = Id::new();
        let mut file = settings("file");
        (file.kind, file.place, file.via) =
            ("sqlite".to_owned(), Place::File(NAMES[0].to_owned()), Some("shop".to_owned()));
        (file.ca_pem, file.tls, file.environment) = (None, Tls::Disable, Environment::Development);
        let made = connections::create(&mut tx, workspace, id, &file, world.ada).await.unwrap();
        assert_eq!(made.settings, file);

        let mut changed = file.clone();
        changed.read_only = false;
        changed.apply_policy = ApplyPolicy::Never;
        let made = connections::update(&mut tx, workspace, id, 1, &changed).await.unwrap();
        assert_eq!((&made.settings, made.version), (&changed, 2));
        let late = connections::update(&mut tx, workspace, id, 1, &file).await;
        assert!(matches!(late, Err(StoreError::Changed("connection"))), "{late:?}");
        let foreign = connections::update(&mut tx, world.elsewhere, id, 2, &file).await;
        assert!(matches!(foreign, Err(StoreError::Missing("connection"))), "{foreign:?}");
        tx.commit().await.unwrap();

        let mut tx = world.write().await;
        changed.place = Place::Server { host: "db\0".to_owned(), port: 1 };
        let nul = connections::update(&mut tx, workspace, id, 2, &changed).await;
        assert!(matches!(nul, Err(StoreError::Unfit("host"))), "{nul:?}");
        let taken = connections::create(&mut tx, workspace, Id::new(), &settings("FILE"), world.ada).await;
        assert!(matches!(taken, Err(StoreError::Duplicate("connection"))), "{taken:?}");
        drop(tx);

        let mut tx = world.read().await;
        let first = connections::list(&mut tx, workspace, None, 5).await.unwrap();
        let rest = connections::list(&mut tx, workspace, first.next.clone(), 50).await.unwrap();
        assert_eq!((first.items.len(), rest.items.len(), rest.next), (5, NAMES.len() + 2 - 5, None));
        let everywhere = connections::everywhere(&mut tx, None, 3).await.unwrap();
        let after = connections::everywhere(&mut tx, everywhere.next, 50).await.unwrap();
        assert_eq!((everywhere.items.len(), after.items.len()), (3, NAMES.len() + 2 - 3));
        assert!(connections::list(&mut tx, world.elsewhere, None, 5).await.unwrap().items.is_empty());
    });
}

#[test]
fn a_secret_goes_with_its_connection_and_belongs_to_one_workspace() {
    harness::each_backend(|store| async move {
        let world = World::new(&store).await;
        let mut tx = world.write().await;
        let id = Id::new();
        let (first, second, foreign) = (
            secret(&mut tx, world.workspace, id).await,
            secret(&mut tx, world.workspace, id).await,
            secret(&mut tx, world.elsewhere, id).await,
        );
        let mut said = settings("shop");
        said.secret = Some(first);
        connections::create(&mut tx, world.workspace, id, &said, world.ada).await.unwrap();
        said.secret = Some(foreign);
        let theft = connections::update(&mut tx, world.workspace, id, 1, &said).await;
        assert!(matches!(theft, Err(StoreError::Missing("secret"))), "{theft:?}");
        said.secret = Some(second);
        connections::update(&mut tx, world.workspace, id, 1, &said).await.unwrap();
        assert!(matches!(secrets::get(&mut tx, first).await, Err(StoreError::Missing("secret"))));
        let late = connections::delete(&mut tx, world.workspace, id, 1).await;
        assert!(matches!(late, Err(StoreError::Changed("connection"))), "{late:?}");
        connections::delete(&mut tx, world.workspace, id, 2).await.unwrap();
        assert!(matches!(secrets::get(&mut tx, second).await, Err(StoreError::Missing("secret"))));
        assert!(secrets::get(&mut tx, foreign).await.is_ok());
        assert!(connections::get(&mut tx, world.workspace, id).await.is_err());
    });
}

#[test]
fn health_and_usage_move_without_a_new_version() {
    harness::each_backend(|store| async move {
        let world = World::new(&store).await;
        let mut tx = world.write().await;
        let id = Id::new();
        let made =
            connections::create(&mut tx, world.workspace, id, &settings("shop"), world.ada).await.unwrap();
        let failure = |message: &str| Failure { class: "refused".to_owned(), message: message.to_owned() };
        let well = Checked { at: 1_000, found: Check::Well { latency_us: 250 }, next_check_at: 2_000 };
        assert!(connections::record(&mut tx, id, &well).await.unwrap());
        for (at, message) in [(3_000, "first"), (4_000, "no \0 route")] {
            let failed = Checked { at, found: Check::Failed(failure(message)), next_check_at: at + 500 };
            assert!(connections::record(&mut tx, id, &failed).await.unwrap());
        }
        let now = connections::get(&mut tx, world.workspace, id).await.unwrap();
        assert_eq!((now.version, now.changed_at), (1, made.changed_at));
        let health = now.health;
        assert_eq!(
            (health.last_ok_at, health.latency_us, health.checked_at),
            (Some(1_000), Some(250), Some(4_000))
        );
        assert_eq!((health.failures, health.next_check_at), (2, 4_500));
        assert_eq!(
            (health.last_error, health.last_error_at),
            (Some(failure("no \u{fffd} route")), Some(4_000))
        );
        assert!(connections::record(&mut tx, id, &well).await.unwrap());
        let health = connections::get(&mut tx, world.workspace, id).await.unwrap().health;
        assert_eq!((health.failures, health.last_error_at), (0, Some(4_000)));
        assert!(!connections::record(&mut tx, Id::new(), &well).await.unwrap());

        let day = 86_400_000_000;
        let used = Used { queries: 2, rows: i64::from(u32::MAX), bytes: 7 };
        for at in [0, day - 1, day, 3 * day + 5] {
            connections::add_usage(&mut tx, id, at, used).await.unwrap();
        }
        let days = connections::usage(&mut tx, id, 0, 2).await.unwrap();
        assert_eq!(days.iter().map(|day| (day.day, day.used.queries)).collect::<Vec<_>>(), [(0, 4), (1, 2)]);
        assert_eq!((days[0].used.rows, days[0].used.bytes), (2 * i64::from(u32::MAX), 14));
        assert_eq!(connections::prune_usage(&mut tx, 1).await.unwrap(), 1);
        assert_eq!(connections::usage(&mut tx, id, 0, 9).await.unwrap().len(), 2);
        tx.commit().await.unwrap();
        let mut tx = world.write().await;
        let nobody = connections::add_usage(&mut tx, Id::new(), 0, used).await;
        assert!(matches!(nobody, Err(StoreError::Missing("connection"))), "{nobody:?}");
    });
}

async fn claim(store: &Store, now: i64, until: i64) -> Result<Vec<connections::Claim>, StoreError> {
    let mut tx = store.write().await?;
    let claims = connections::claim_checks(&mut tx, now, until, CONNECTIONS as i64).await?;
    tx.commit().await?;
    Ok(claims)
}

const CONNECTIONS: usize = 12;

async fn due(world: &World, at: i64) {
    let mut tx = world.write().await;
    for number in 0..CONNECTIONS {
        let said = settings(&format!("connection {number}"));
        let id = Id::new();
        connections::create(&mut tx, world.workspace, id, &said, world.ada).await.unwrap();
        connections::check_at(&mut tx, id, at).await.unwrap();
    }
    tx.commit().await.unwrap();
}

#[test]
fn two_nodes_never_check_one_connection_at_once() {
    const ROUNDS: i64 = 40;
    harness::each_backend(|store| async move {
        let world = World::new(&store).await;
        let other = harness::another(&store).await;
        due(&world, 500).await;
        assert!(claim(&store, 499, 2_000).await.unwrap().is_empty(), "nothing is due yet");
        // In each round both begin at once, and what was claimed in the one before is over.
        let together = Arc::new(Barrier::new(2));
        let node = |store: Store| {
            let together = Arc::clone(&together);
            tokio::spawn(async move {
                let mut mine = Vec::new();
                for round in 1..=ROUNDS {
                    together.wait().await;
                    let claims = until_not_busy(|| claim(&store, round * 1_000, round * 1_000 + 500)).await;
                    mine.push(claims.into_iter().map(|claim| claim.connection).collect::<Vec<_>>());
                    together.wait().await;
                }
                mine
            })
        };
        let (one, two) = tokio::join!(node(store.clone()), node(other.clone()));
        for (one, two) in one.unwrap().into_iter().zip(two.unwrap()) {
            let all: BTreeSet<Id> = one.iter().chain(&two).copied().collect();
            assert_eq!(one.len() + two.len(), all.len(), "nothing is claimed twice");
            assert_eq!(all.len(), CONNECTIONS, "nothing is left");
        }
        other.close().await;
    });
}

#[test]
fn a_node_that_dies_loses_its_claims() {
    harness::each_backend(|store| async move {
        let world = World::new(&store).await;
        due(&world, 500).await;
        let dead = claim(&store, 1_000, 2_000).await.unwrap();
        assert_eq!(dead.len(), CONNECTIONS);
        assert!(dead.iter().all(|claim| claim.workspace == world.workspace && claim.failures == 0));
        assert!(claim(&store, 1_999, 2_500).await.unwrap().is_empty());
        let taken = claim(&store, 2_000, 3_000).await.unwrap();
        assert_eq!(taken.len(), CONNECTIONS);
        let found = |at| Checked { at, found: Check::Well { latency_us: 1 }, next_check_at: 9_000 };
        let mut tx = world.write().await;
        let (dead, taken) = (&dead[0], &taken[0]);
        assert_eq!(dead.connection, taken.connection);
        assert!(!connections::finish_check(&mut tx, dead, &found(2_100)).await.unwrap());
        assert!(connections::finish_check(&mut tx, taken, &found(2_200)).await.unwrap());
        assert!(!connections::finish_check(&mut tx, taken, &found(2_300)).await.unwrap());
        let health = connections::get(&mut tx, world.workspace, taken.connection).await.unwrap().health;
        assert_eq!((health.checked_at, health.next_check_at), (Some(2_200), 9_000));
        assert!(
            connections::claim_checks(&mut tx, 8_999, 9_999, 100).await.unwrap().len() == CONNECTIONS - 1
        );
    });
}
