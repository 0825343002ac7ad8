//! Does the ground hold on both databases: values, transactions, two who begin at once, damage?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use admin_store::{Backend, Location, Store, StoreError, now_us, settings};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Connection, Row};
use std::io::{Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::process::Command;

/// Set in the processes that the test of two processes starts: the file they open.
const OTHER_PROCESS: &str = "ADMIN_STORE_TEST_FILE";

async fn raw(location: &Location) -> AnyConnection {
    sqlx::any::install_default_drivers();
    let url = match location {
        Location::File(path) => format!("sqlite:{}?mode=rwc", path.display()),
        Location::Server(url) => url.clone(),
    };
    AnyConnection::connect(&url).await.expect("a connection")
}

#[test]
fn the_four_types_come_back_as_they_went_in_and_so_does_nothing() {
    harness::each_location(|location| async move {
        let mut connection = raw(&location).await;
        sqlx::query("CREATE TABLE v (n BIGINT PRIMARY KEY, i BIGINT, d DOUBLE PRECISION, t TEXT, b BYTEA)")
            .execute(&mut connection)
            .await
            .unwrap();
        let texts = ["", "äöü 数据 \u{1f418}", "0x00", "123"];
        let blobs: [&[u8]; 4] = [b"", b"\0\xff\x01", b"text", b"42"];
        let doubles = [0.0, -1.5, 1e300, 3.0];
        let ints = [0, i64::MIN, i64::MAX, 5_000_000_000];
        for n in 0..4_usize {
            let row: AnyRow =
                sqlx::query("INSERT INTO v (n, i, d, t, b) VALUES ($1, $2, $3, $4, $5) RETURNING i, d, t, b")
                    .bind(i64::try_from(n).unwrap())
                    .bind(ints[n])
                    .bind(doubles[n])
                    .bind(texts[n])
                    .bind(blobs[n])
                    .fetch_one(&mut connection)
                    .await
                    .unwrap();
            assert_eq!(row.get::<i64, _>("i"), ints[n]);
            assert_eq!(row.get::<f64, _>("d").to_bits(), f64::to_bits(doubles[n]));
            assert_eq!(row.get::<String, _>("t"), texts[n]);
            assert_eq!(row.get::<Vec<u8>, _>("b"), blobs[n]);
        }
        sqlx::query("INSERT INTO v (n, i, d, t, b) VALUES ($1, $2, $3, $4, $5)")
            .bind(9_i64)
            .bind(None::<i64>)
            .bind(None::<f64>)
            .bind(None::<String>)
            .bind(None::<Vec<u8>>)
            .execute(&mut connection)
            .await
            .unwrap();
        let row =
            sqlx::query("SELECT i, d, t, b FROM v WHERE n = 9").fetch_one(&mut connection).await.unwrap();
        assert_eq!(row.get::<Option<i64>, _>("i"), None);
        assert_eq!(row.get::<Option<f64>, _>("d"), None);
        assert_eq!(row.get::<Option<String>, _>("t"), None);
        assert_eq!(row.get::<Option<Vec<u8>>, _>("b"), None);
        assert!(row.try_get::<i64, _>("i").is_err(), "nothing is not a number");
        let order: Vec<Vec<u8>> = sqlx::query("SELECT b FROM v WHERE b IS NOT NULL ORDER BY b")
            .fetch_all(&mut connection)
            .await
            .unwrap()
            .iter()
            .map(|row| row.get("b"))
            .collect();
        assert_eq!(order, [&b""[..], b"\0\xff\x01", b"42", b"text"], "bytes are ordered as bytes");
        connection.close().await.unwrap();
    });
}

#[test]
fn a_change_is_whole_or_not_at_all_and_seen_when_committed() {
    harness::each_backend(|store| async move {
        let other = harness::another(&store).await;
        let mut tx = store.write().await.unwrap();
        settings::set(&mut tx, "colour", "red").await.unwrap();
        let mut reader = other.read().await.unwrap();
        assert_eq!(settings::find::<String>(&mut reader, "colour").await.unwrap(), None);
        drop(tx);
        let mut tx = store.write().await.unwrap();
        assert_eq!(settings::find::<String>(&mut tx, "colour").await.unwrap(), None, "it was dropped");
        settings::set(&mut tx, "colour", "blue").await.unwrap();
        tx.commit().await.unwrap();
        let seen = settings::find::<String>(&mut reader, "colour").await.unwrap();
        assert_eq!(seen, None, "a reader stays at the moment it began");
        drop(reader);
        let mut reader = other.read().await.unwrap();
        let found = settings::find::<String>(&mut reader, "colour").await.unwrap().unwrap();
        assert_eq!((found.value.as_str(), found.version), ("blue", 1));
        let error = settings::set(&mut reader, "colour", "green").await;
        if store.backend() == Backend::Postgres {
            assert!(error.is_err(), "who reads cannot write");
        }
        drop(reader);
        other.close().await;
    });
}

#[test]
fn two_who_count_at_once_lose_no_count() {
    harness::each_backend(|store| async move {
        let other = harness::another(&store).await;
        let count = |store: Store| async move {
            for _ in 0..50 {
                let mut tx = store.write().await.unwrap();
                settings::set(&mut tx, "count", &0).await.unwrap();
                tx.commit().await.unwrap();
            }
        };
        let (one, two) = (tokio::spawn(count(store.clone())), tokio::spawn(count(other.clone())));
        one.await.unwrap();
        two.await.unwrap();
        let mut tx = store.read().await.unwrap();
        assert_eq!(settings::find::<i64>(&mut tx, "count").await.unwrap().unwrap().version, 100);
        drop(tx);
        other.close().await;
    });
}

#[test]
fn many_nodes_that_open_one_empty_state_at_once_migrate_it_once() {
    harness::each_location(|location| async move {
        let openings: Vec<_> = (0..6).map(|_| tokio::spawn(Store::open(location.clone()))).collect();
        let mut stores = Vec::new();
        for opening in openings {
            stores.push(opening.await.unwrap().expect("each of them opens it"));
        }
        let mut connection = raw(&location).await;
        let row = sqlx::query(
            "SELECT COUNT(*) AS n, COUNT(DISTINCT number) AS d, MAX(number) AS m FROM migrations",
        )
        .fetch_one(&mut connection)
        .await
        .unwrap();
        assert_eq!(row.get::<i64, _>("n"), row.get::<i64, _>("d"));
        let last = row.get::<i64, _>("m");
        assert_eq!(row.get::<i64, _>("n"), last, "a number that is left out could never be used later");
        connection.close().await.unwrap();
        for store in stores {
            store.close().await;
        }
    });
}

#[test]
fn two_processes_open_one_new_file_at_once() {
    if let Some(path) = std::env::var_os(OTHER_PROCESS) {
        return other_process(PathBuf::from(path));
    }
    let path = harness::folder().join("state.db");
    let program = std::env::current_exe().unwrap();
    let children: Vec<_> = (0..3)
        .map(|_| {
            let mut command = Command::new(&program);
            command.args(["two_processes_open_one_new_file_at_once", "--exact", "--nocapture"]);
            command.env(OTHER_PROCESS, &path).spawn().unwrap()
        })
        .collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    harness::run(async {
        let store = Store::open(Location::File(path)).await.unwrap();
        let mut tx = store.read().await.unwrap();
        assert_eq!(settings::find::<i64>(&mut tx, "count").await.unwrap().unwrap().version, 60);
    });
}

fn other_process(path: PathBuf) {
    harness::run(async {
        let store = Store::open(Location::File(path)).await.unwrap();
        for _ in 0..20 {
            let mut tx = store.write().await.unwrap();
            settings::set(&mut tx, "count", &0).await.unwrap();
            tx.commit().await.unwrap();
        }
        store.close().await;
    });
}

#[test]
fn the_state_of_a_later_version_is_refused() {
    harness::each_backend(|store| async move {
        let mut connection = raw(store.location()).await;
        sqlx::query("INSERT INTO migrations (number, name, applied_at) VALUES ($1, $2, $3)")
            .bind(900_i64)
            .bind("of later")
            .bind(now_us())
            .execute(&mut connection)
            .await
            .unwrap();
        connection.close().await.unwrap();
        let error = Store::open(store.location().clone()).await.unwrap_err();
        assert!(matches!(error, StoreError::TooNew { found: 900, .. }), "{error}");
        assert!(error.to_string().contains("later version"), "{error}");
    });
}

#[test]
fn a_damaged_file_is_refused_and_the_way_out_is_named() {
    harness::run(async {
        for (at, what) in [(0, "the header"), (4_096, "a page"), (12_288, "another page")] {
            let path = harness::folder().join("state.db");
            let store = Store::open(Location::File(path.clone())).await.unwrap();
            let mut tx = store.write().await.unwrap();
            settings::set(&mut tx, "colour", "red").await.unwrap();
            tx.commit().await.unwrap();
            store.close().await;
            let mut file = std::fs::File::options().write(true).open(&path).unwrap();
            file.seek(SeekFrom::Start(at)).unwrap();
            file.write_all(&[0xa5; 4_096]).unwrap();
            drop(file);
            let error = Store::open(Location::File(path)).await.expect_err(what);
            assert!(matches!(error, StoreError::Damaged(_)), "{what}: {error}");
            assert!(error.to_string().contains("dragoman state restore"), "{what}: {error}");
        }
        let path = harness::folder().join("state.db");
        std::fs::write(
            &path,
            "this is no database, though it is long enough to be taken for one".repeat(200),
        )
        .unwrap();
        let error = Store::open(Location::File(path)).await.unwrap_err();
        assert!(matches!(error, StoreError::Damaged(_)), "{error}");
    });
}

#[test]
fn a_state_may_have_any_path_and_belongs_to_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    harness::run(async {
        let path = harness::folder().join("ä folder?with#what%20 &it=takes").join("the state.db");
        let store = Store::open(Location::File(path.clone())).await.unwrap();
        let mut tx = store.write().await.unwrap();
        settings::set(&mut tx, "colour", "red").await.unwrap();
        tx.commit().await.unwrap();
        store.close().await;
        assert!(std::fs::metadata(&path).unwrap().len() > 4_096, "the state is in this file");
        for entry in std::fs::read_dir(path.parent().unwrap()).unwrap() {
            let mode = entry.unwrap().metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        let nowhere = Location::Server("postgres://somebody:hush@127.0.0.1:1/none".to_owned());
        let error = Store::open(nowhere.clone()).await.unwrap_err();
        assert!(matches!(error, StoreError::Unavailable(_)), "{error}");
        assert!(!error.to_string().contains("hush") && !format!("{nowhere:?}").contains("hush"));
        assert!(Location::parse("mysql://root@host/x", std::path::Path::new("/")).is_err());
    });
}
