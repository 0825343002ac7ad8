//! What does nobody do, and is found and told all the same?

use crate::data_plane::{DataPlane, listener, until};
use crate::harness::{Caller, Plane, each_backend};
use crate::{list, start};
use admin::notices;
use admin_store::now_us;
use control::{Minute, StatementCount, StatementText, Sums};
use serde_json::{Value, json};
use std::path::PathBuf;

const CONNECTIONS: &str = "/api/v1/workspaces/pay/connections";
const DAY: i64 = 1_440;

/// A SQLite file with a table, and the path of its connection.
async fn file(plane: &Plane, caller: &Caller) -> (PathBuf, String) {
    let path = plane.folder.join("sqlite").join("shop.db");
    let made = rusqlite::Connection::open(&path).unwrap();
    made.execute_batch("CREATE TABLE orders (id INTEGER PRIMARY KEY, total REAL, note TEXT)").unwrap();
    let draft =
        json!({ "name": "Till", "kind": "sqlite", "file": "shop.db", "options": { "refresh_hours": 0 } });
    let made = caller.post(CONNECTIONS, draft).await;
    made.expect(201);
    (path, made.header("location").unwrap())
}

fn titles(told: &[Value]) -> Vec<&str> {
    told.iter().map(|one| one["title"].as_str().unwrap()).collect()
}

#[test]
fn a_database_that_does_not_answer_and_does_again_is_told_once_each() {
    each_backend(|backend| async move {
        let (plane, people, _data_plane) = start(backend).await;
        let app = plane.plane.app();
        let (path, connection) = file(&plane, &people.admin).await;
        let check = async || people.admin.post(&format!("{connection}/check"), json!({})).await.expect(200);
        assert_eq!(check().await["condition"], "well");
        let away = path.with_extension("away");
        std::fs::rename(&path, &away).unwrap();
        check().await;
        assert!(check().await["failures"].as_i64().unwrap() >= 2);
        notices::look(app).await.unwrap();
        notices::look(app).await.unwrap();
        let told = list(&people.viewer, "").await;
        assert_eq!(titles(&told), ["The database of Till does not answer"]);
        let id = connection.rsplit('/').next().unwrap();
        let fields = (&told[0]["kind"], &told[0]["target_kind"], &told[0]["target"]);
        assert_eq!(fields, (&json!("connection_down"), &json!("connection"), &json!(id)));
        assert!(!told[0]["detail"].as_str().unwrap().is_empty(), "why");
        std::fs::rename(&away, &path).unwrap();
        assert_eq!(check().await["failures"], 0);
        notices::look(app).await.unwrap();
        notices::look(app).await.unwrap();
        let told = list(&people.viewer, "").await;
        assert_eq!(
            titles(&told),
            ["The database of Till answers again", "The database of Till does not answer"]
        );
        assert_eq!(told[0]["kind"], "connection_up");
        assert!(told[0]["detail"].as_str().unwrap().starts_with("after "), "{told:?}");
        plane.stop().await;
    });
}

#[test]
fn an_upstream_that_does_not_answer_and_does_again_is_told_once_each() {
    each_backend(|backend| async move {
        let (plane, people, data_plane) = start(backend).await;
        let app = plane.plane.app();
        drop(data_plane);
        let mut expected: Vec<&str> = Vec::new();
        for (is_up, kind) in [(false, "connection_down"), (true, "connection_up"), (false, "connection_down")]
        {
            let mut of_pay = listener("pg", "pay", true);
            of_pay["upstream_up"] = json!(is_up);
            let again = DataPlane::start(&plane, &people.root, "p1", vec![of_pay]).await;
            until("its state is taken", || async {
                let fleet = people.viewer.get("/api/v1/workspaces/pay/fleet").await.expect(200);
                (fleet["items"][0]["listeners"][0]["upstream_up"] == is_up).then_some(())
            })
            .await;
            notices::look(app).await.unwrap();
            notices::look(app).await.unwrap();
            expected.insert(0, kind);
            let told = list(&people.viewer, "").await;
            let kinds: Vec<&str> = told.iter().map(|one| one["kind"].as_str().unwrap()).collect();
            assert_eq!(kinds, expected);
            assert_eq!((&told[0]["target_kind"], &told[0]["target"]), (&json!("listener"), &json!("pg")));
            drop(again);
        }
        plane.stop().await;
    });
}

#[test]
fn what_breaks_a_schema_is_told_also_when_it_changed_twice_between_two_looks() {
    each_backend(|backend| async move {
        let (plane, people, _data_plane) = start(backend).await;
        let app = plane.plane.app();
        let (path, connection) = file(&plane, &people.admin).await;
        let database = rusqlite::Connection::open(&path).unwrap();
        let take = async |change: &str| {
            database.execute_batch(change).unwrap();
            let taken = people.admin.post(&format!("{connection}/schema/snapshots"), json!({})).await;
            assert_eq!(taken.expect(201)["is_new"], true, "{change}");
        };
        take("").await;
        notices::look(app).await.unwrap();
        assert!(list(&people.viewer, "").await.is_empty(), "the first schema is no change");
        // The step that breaks is not the last one.
        take("ALTER TABLE orders DROP COLUMN note").await;
        take("ALTER TABLE orders ADD COLUMN remark TEXT").await;
        notices::look(app).await.unwrap();
        let told = list(&people.viewer, "").await;
        assert_eq!(titles(&told), ["The schema of Till has 1 breaking change"]);
        let fields = (&told[0]["kind"], &told[0]["target_kind"]);
        assert_eq!(fields, (&json!("schema_breaking"), &json!("connection")));
        assert!(told[0]["detail"].as_str().unwrap().contains("note"), "{told:?}");
        take("CREATE TABLE customers (id INTEGER PRIMARY KEY)").await;
        notices::look(app).await.unwrap();
        assert_eq!(list(&people.viewer, "").await, told, "what was compared is not compared again");
        take("DROP TABLE customers").await;
        notices::look(app).await.unwrap();
        assert_eq!(list(&people.viewer, "").await.len(), 2);
        plane.stop().await;
    });
}

/// Sixty calls of a statement within a minute.
fn minute(minute: i64, fingerprint: &str, us: u64) -> Minute {
    let mut sums = Sums { calls: 60, total_us: 60 * us, ..Sums::default() };
    (0..60).for_each(|_| sums.latency.observe(us));
    let caller = control::Caller { user: "ann".to_owned(), ..control::Caller::default() };
    let counts = vec![StatementCount { fingerprint: fingerprint.to_owned(), caller, sums }];
    Minute { listener: "pg".to_owned(), minute, counts, ..Minute::default() }
}

#[test]
fn a_statement_that_became_slow_is_told_once_a_day() {
    each_backend(|backend| async move {
        let (plane, people, data_plane) = start(backend).await;
        let app = plane.plane.app();
        let (slow, steady, quick) = ("1-0000000000000001", "1-0000000000000002", "1-0000000000000003");
        let text = |fingerprint: &str| StatementText {
            listener: "pg".to_owned(),
            fingerprint: fingerprint.to_owned(),
            text: format!("SELECT total FROM orders WHERE id = $1 /* {fingerprint} */"),
            class: "read".to_owned(),
            tables: vec!["orders".to_owned()],
        };
        let now = now_us() / 60_000_000;
        // Whichever hour it is compared with, there were enough of them the day before.
        let before = (-3..=3).map(|half| now - DAY + half * 30);
        let minutes: Vec<Minute> = before
            .flat_map(|at| [minute(at, slow, 10_000), minute(at, steady, 50_000), minute(at, quick, 100)])
            .chain([
                minute(now - 5, slow, 100_000),
                minute(now - 5, steady, 60_000),
                // Many times as long, and still not long.
                minute(now - 5, quick, 5_000),
            ])
            .collect();
        let statements = [slow, steady, quick].map(text);
        data_plane.report(json!({ "statements": statements, "minutes": minutes })).await;
        notices::look_back(app).await.unwrap();
        notices::look_back(app).await.unwrap();
        let told = list(&people.viewer, "").await;
        // Around midnight they may be of both days.
        let days: std::collections::BTreeSet<&str> =
            told.iter().map(|one| &one["at"].as_str().unwrap()[..10]).collect();
        assert_eq!((told.len(), told.is_empty()), (days.len(), false), "{told:?}");
        let fields = (&told[0]["kind"], &told[0]["target_kind"], &told[0]["target"]);
        assert_eq!(fields, (&json!("query_slower"), &json!("fingerprint"), &json!(slow)));
        assert!(told[0]["title"].as_str().unwrap().starts_with("A query takes "), "{told:?}");
        assert!(told[0]["detail"].as_str().unwrap().contains("SELECT total FROM orders"), "{told:?}");
        plane.stop().await;
    });
}

#[test]
fn a_copy_of_a_ledger_that_falls_behind_is_told_each_time_it_does() {
    each_backend(|backend| async move {
        let (plane, people, data_plane) = start(backend).await;
        let app = plane.plane.app();
        let copy = |name: &str, is_failing: bool, lag_seconds: u64| {
            json!({ "name": name, "to": "s3://elsewhere", "content": "checkpoints", "last_taken_us": null,
                "lag_seconds": lag_seconds, "failing": is_failing, "error": null })
        };
        let mut number = 0;
        for (first, lag_seconds, is_news) in
            [(true, 299, false), (true, 300, true), (true, 900, false), (false, 0, false), (true, 300, true)]
        {
            let copies = json!([copy("far", first, lag_seconds), copy("near", false, 5_000)]);
            data_plane.mind.lock().unwrap().copies = Some(copies);
            notices::look_at_ledgers(app).await.unwrap();
            number += usize::from(is_news);
            let told = list(&people.admin, "?kind=checkpoint_broken").await;
            assert_eq!(told.len(), number, "{lag_seconds}: {told:?}");
            for one in &told {
                let fields = (&one["title"], &one["detail"], &one["target_kind"], &one["target"]);
                let title = json!("Copies of the ledger of host-p1 have fallen behind");
                let detail = json!("nothing is taken by far");
                assert_eq!(fields, (&title, &detail, &json!("ledger"), &json!("p1")));
            }
        }
        assert!(list(&people.viewer, "").await.is_empty(), "who may not see the ledger is not told of it");
        plane.stop().await;
    });
}
