//! Are snapshots of schemas kept once, found by what people look for, and forgotten when they are old?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;
mod world;

use admin_store::connections::{self, ApplyPolicy, ConnectionSettings, Environment, Place, Tls};
use admin_store::schema::{
    self, Cause, EntryFilter, Ingested, Matched, NewEntry, NewMeasurement, NewSnapshot, Source,
};
use admin_store::{Id, Store, StoreError, Tx, workspaces};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::time::{Duration, Instant};
use world::{NAMES, World, long_name, until_not_busy};

async fn connection(tx: &mut Tx, world: &World, name: &str) -> Id {
    let settings = ConnectionSettings {
        name: name.to_owned(),
        kind: "postgres".to_owned(),
        place: Place::Server { host: "localhost".to_owned(), port: 5432 },
        user: "app".to_owned(),
        database: "shop".to_owned(),
        tls: Tls::Prefer,
        ca_pem: None,
        via: None,
        environment: Environment::Development,
        read_only: true,
        apply_policy: ApplyPolicy::Never,
        options: Value::Null,
        secret: None,
    };
    let id = Id::new();
    connections::create(tx, world.workspace, id, &settings, world.ada).await.unwrap();
    id
}

fn entry(kind: &str, schema: &str, name: &str, columns: &[&str], text: &str) -> NewEntry {
    let body = json!({ "kind": kind, "schema": schema, "name": name, "columns": columns, "text": text });
    NewEntry {
        key: format!("{kind}\u{1}{schema}\u{1}{name}").into_bytes(),
        kind: kind.to_owned(),
        schema: schema.to_owned(),
        name: name.to_owned(),
        parent: None,
        hash: Sha256::digest(body.to_string()).into(),
        body,
        columns: columns.iter().map(|column| (*column).to_owned()).collect(),
        comment: None,
        measurement: None,
    }
}

fn snapshot(connection: Id, taken_at: i64, entries: Vec<NewEntry>) -> NewSnapshot {
    NewSnapshot {
        connection,
        taken_at,
        source: Source::Live,
        cause: Cause::Manual,
        engine: "postgres".to_owned(),
        engine_version: "18.0".to_owned(),
        duration_us: 1_234,
        warnings: json!([{ "missing": "grants", "reason": "nul \0" }]),
        entries,
    }
}

fn shop() -> Vec<NewEntry> {
    let mut orders = entry("table", "public", "orders", &["id", "customer_id", "total"], "");
    orders.comment = Some("\n  What customers bought.\nSince 2019.".to_owned());
    orders.measurement = Some(NewMeasurement {
        row_estimate: Some(1_000),
        size_bytes: Some(81_920),
        body: json!({ "indexes": { "orders_pkey": { "scans": 5 } } }),
    });
    let mut partition = entry("table", "public", "orders_2024", &["id"], "");
    partition.parent = Some(orders.key.clone());
    vec![
        entry("view", "sales", "Totals", &["customerId", "total"], "SELECT 1"),
        partition,
        orders,
        entry("table", "public", "order_items", &["order_id", "product"], ""),
        entry("enum", "public", "order_state", &[], ""),
        entry("schema", "", "public", &[], ""),
        entry("schema", "", "sales", &[], ""),
    ]
}

fn names<C>(page: &admin_store::Page<schema::Entry, C>) -> Vec<&str> {
    page.items.iter().map(|entry| entry.name.as_str()).collect()
}

#[test]
fn a_snapshot_comes_back_in_order_and_by_what_is_asked_for() {
    harness::each_backend(|store| async move {
        let world = World::new(&store).await;
        let mut tx = world.write().await;
        let connection = connection(&mut tx, &world, "shop").await;
        assert!(schema::latest(&mut tx, world.workspace, connection).await.unwrap().is_none());
        let new = snapshot(connection, 100, shop());
        let id = schema::insert_snapshot(&mut tx, &new).await.unwrap().id();
        tx.commit().await.unwrap();

        let mut tx = world.read().await;
        let head = schema::latest(&mut tx, world.workspace, connection).await.unwrap().unwrap();
        assert_eq!((head.id, head.object_count, head.taken_at, head.seen_at), (id, 7, 100, 100));
        assert_eq!((head.source, head.cause, head.duration_us), (Source::Live, Cause::Manual, 1_234));
        assert_eq!((head.warnings, head.engine_version.as_str()), (new.warnings, "18.0"));
        assert!(schema::get(&mut tx, world.elsewhere, id).await.is_err());
        assert!(schema::latest(&mut tx, world.elsewhere, connection).await.unwrap().is_none());

        let everything = EntryFilter::default();
        let first = schema::entries(&mut tx, id, &everything, None, 4).await.unwrap();
        let rest = schema::entries(&mut tx, id, &everything, first.next, 4).await.unwrap();
        assert_eq!(names(&first), ["public", "sales", "order_items", "order_state"]);
        assert_eq!((names(&rest), rest.next), (vec!["orders", "orders_2024", "Totals"], None));
        let orders = &rest.items[0];
        assert_eq!((orders.comment.as_str(), orders.column_count), ("What customers bought.", 3));
        assert_eq!((orders.row_estimate, orders.size_bytes), (Some(1_000), Some(81_920)));

        let ask = |schema: Option<&str>, kinds: &[&str], prefix: &str| EntryFilter {
            schema: schema.map(str::to_owned),
            kinds: kinds.iter().map(|kind| (*kind).to_owned()).collect(),
            prefix: prefix.to_owned(),
            skip: 0,
        };
        let cases: [(EntryFilter, &[&str]); 8] = [
            (ask(Some("PUBLIC"), &[], ""), &["order_items", "order_state", "orders", "orders_2024"]),
            (ask(Some("public"), &["table"], "ORDERS"), &["orders", "orders_2024"]),
            (ask(Some(""), &[], ""), &["public", "sales"]),
            (ask(None, &["view", "enum"], ""), &["order_state", "Totals"]),
            (ask(None, &[], "tot"), &["Totals"]),
            (ask(Some("sale"), &[], ""), &[]),
            (ask(Some("public"), &[], "\u{10ffff}"), &[]),
            (ask(None, &["'; DROP TABLE schema_entries; --"], "%"), &[]),
        ];
        for (filter, expected) in cases {
            let page = schema::entries(&mut tx, id, &filter, None, 50).await.unwrap();
            assert_eq!(names(&page), expected, "{filter:?}");
        }
        let one = schema::entries(&mut tx, id, &ask(Some("public"), &["table"], ""), None, 1).await.unwrap();
        let two =
            schema::entries(&mut tx, id, &ask(Some("public"), &["table"], ""), one.next, 5).await.unwrap();
        assert_eq!((names(&one), names(&two)), (vec!["order_items"], vec!["orders", "orders_2024"]));

        let partitions = schema::children(&mut tx, id, &orders.key, None, 5).await.unwrap();
        assert_eq!(names(&partitions), ["orders_2024"]);
        let (found, body, measurement) = schema::object(&mut tx, id, &orders.key).await.unwrap();
        assert_eq!((&found, &body["columns"][1]), (orders, &json!("customer_id")));
        assert_eq!(measurement.unwrap()["indexes"]["orders_pkey"]["scans"], json!(5));
        let none = schema::object(&mut tx, id, b"nothing").await;
        assert!(matches!(none, Err(StoreError::Missing("object"))), "{none:?}");

        let groups = schema::groups(&mut tx, id, None, 2).await.unwrap();
        let more = schema::groups(&mut tx, id, groups.next, 9).await.unwrap();
        let told: Vec<_> = groups
            .items
            .iter()
            .chain(&more.items)
            .map(|group| (group.schema.as_str(), group.kind.as_str(), group.count))
            .collect();
        assert_eq!(
            told,
            [("", "schema", 2), ("public", "enum", 1), ("public", "table", 3), ("sales", "view", 1)]
        );
        let counts = schema::count(&mut tx, id).await.unwrap();
        assert_eq!(counts[2], ("table".to_owned(), 3));
    });
}

#[test]
fn words_are_found_in_names_first_and_then_in_columns() {
    harness::each_backend(|store| async move {
        let world = World::new(&store).await;
        let mut tx = world.write().await;
        let connection = connection(&mut tx, &world, "shop").await;
        let other = self::connection(&mut tx, &world, "other").await;
        let mut entries = shop();
        for name in NAMES {
            entries.push(entry("table", "odd", name, &[name], ""));
        }
        let id = schema::insert_snapshot(&mut tx, &snapshot(connection, 1, entries)).await.unwrap().id();
        let orders = vec![entry("table", "public", "orders_elsewhere", &[], "")];
        schema::insert_snapshot(&mut tx, &snapshot(other, 1, orders)).await.unwrap();
        tx.commit().await.unwrap();

        let mut tx = world.read().await;
        let cases: [(&str, &[(&str, Matched)]); 13] = [
            ("orders", &[("orders", Matched::Name), ("orders_2024", Matched::Name)]),
            ("customer", &[("orders", Matched::Column), ("Totals", Matched::Column)]),
            ("TOTAL", &[("Totals", Matched::Name), ("orders", Matched::Column)]),
            ("order cust", &[("orders", Matched::Column)]),
            ("order bought", &[("orders", Matched::Comment)]),
            ("bough", &[("orders", Matched::Comment)]),
            ("sales.tot", &[("Totals", Matched::Column)]),
            ("order_it", &[("order_items", Matched::Name)]),
            ("items", &[("order_items", Matched::Name)]),
            ("rders", &[]),
            ("grösse", &[("Größe 数据 🛒👩‍👩‍👧", Matched::Name)]),
            ("'; DROP", &[("'; DROP TABLE users; --", Matched::Name)]),
            (" . ", &[]),
        ];
        for (text, expected) in cases {
            let page = schema::search(&mut tx, id, text, None, 50).await.unwrap();
            let hits: Vec<_> = page.items.iter().map(|hit| (hit.entry.name.as_str(), hit.matched)).collect();
            assert_eq!(hits, expected, "`{text}`");
            assert!(page.next.is_none());
        }
        let (mut after, mut paged) = (None, Vec::new());
        loop {
            let page = schema::search(&mut tx, id, "order", after, 1).await.unwrap();
            paged.extend(page.items.into_iter().map(|hit| hit.entry.name));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(paged, ["order_items", "order_state", "orders", "orders_2024"]);
    });
}

#[test]
fn the_same_schema_is_one_snapshot_and_definitions_are_kept_once() {
    harness::each_backend(|store| async move {
        let world = World::new(&store).await;
        let mut tx = world.write().await;
        let connection = connection(&mut tx, &world, "shop").await;
        let other = self::connection(&mut tx, &world, "copy of shop").await;
        let first = schema::insert_snapshot(&mut tx, &snapshot(connection, 100, shop())).await.unwrap();
        let Ingested::New(id) = first else { panic!("{first:?}") };
        let mut counted = shop();
        counted.reverse();
        counted[4].measurement =
            Some(NewMeasurement { row_estimate: Some(2_000), size_bytes: None, body: json!({}) });
        let key = counted[4].key.clone();
        let again = schema::insert_snapshot(&mut tx, &snapshot(connection, 200, counted)).await.unwrap();
        assert_eq!(again, Ingested::Same(id));
        let head = schema::get(&mut tx, world.workspace, id).await.unwrap();
        assert_eq!((head.taken_at, head.seen_at), (100, 200));
        assert_eq!(schema::object(&mut tx, id, &key).await.unwrap().0.row_estimate, Some(2_000));

        let mut changed = shop();
        changed[2] = entry("table", "public", "orders", &["id"], "changed");
        changed.pop();
        let second = schema::insert_snapshot(&mut tx, &snapshot(connection, 300, changed)).await.unwrap();
        let Ingested::New(next) = second else { panic!("{second:?}") };
        schema::insert_snapshot(&mut tx, &snapshot(other, 300, shop())).await.unwrap();
        let (before, after) = (
            schema::keys_and_hashes(&mut tx, id).await.unwrap(),
            schema::keys_and_hashes(&mut tx, next).await.unwrap(),
        );
        assert_eq!((before.len(), after.len()), (7, 6));
        let differ: Vec<_> = before.iter().filter(|pair| !after.contains(pair)).collect();
        assert_eq!(differ.len(), 2, "one went and one changed");
        let hashes: Vec<_> = differ.iter().map(|(_, hash)| *hash).collect();
        assert_eq!(schema::definitions(&mut tx, &hashes).await.unwrap().len(), 2);
        let listed = schema::list(&mut tx, world.workspace, connection, None, 1).await.unwrap();
        assert_eq!(listed.items[0].id, next);
        let rest = schema::list(&mut tx, world.workspace, connection, listed.next, 5).await.unwrap();
        assert_eq!((rest.items.len(), rest.items[0].id, rest.next), (1, id, None));
        tx.commit().await.unwrap();

        let mut tx = world.write().await;
        let mut twice = shop();
        twice.push(shop().remove(0));
        let twice = schema::insert_snapshot(&mut tx, &snapshot(connection, 1, twice)).await;
        assert!(matches!(twice, Err(StoreError::Duplicate("object"))), "{twice:?}");
        let nul = vec![entry("table", "public", "a\0b", &[], "")];
        let nul = schema::insert_snapshot(&mut tx, &snapshot(connection, 1, nul)).await;
        assert!(matches!(nul, Err(StoreError::Unfit("name"))), "{nul:?}");
        let nobody = schema::insert_snapshot(&mut tx, &snapshot(Id::new(), 1, shop())).await;
        assert!(matches!(nobody, Err(StoreError::Missing("connection"))), "{nobody:?}");
    });
}

#[test]
fn pruning_keeps_the_latest_and_the_pinned_and_clears_what_nobody_has() {
    harness::each_backend(|store| async move {
        let world = World::new(&store).await;
        let mut tx = world.write().await;
        let connection = connection(&mut tx, &world, "shop").await;
        let mut ids = Vec::new();
        for number in 0..6_i64 {
            let entries = vec![
                entry("table", "public", "same", &[], ""),
                entry("table", "public", "changes", &[], &format!("{number}")),
            ];
            let made =
                schema::insert_snapshot(&mut tx, &snapshot(connection, number, entries)).await.unwrap();
            ids.push(made.id());
        }
        schema::pin(&mut tx, world.workspace, ids[1], true).await.unwrap();
        let foreign = schema::pin(&mut tx, world.elsewhere, ids[1], false).await;
        assert!(matches!(foreign, Err(StoreError::Missing("snapshot"))), "{foreign:?}");
        assert_eq!(schema::clear(&mut tx, 100).await.unwrap(), 0, "everything is in use");
        assert_eq!(schema::prune(&mut tx, connection, 2).await.unwrap(), 3);
        let kept = schema::list(&mut tx, world.workspace, connection, None, 10).await.unwrap();
        let kept: Vec<_> = kept.items.iter().map(|snapshot| snapshot.id).collect();
        assert_eq!(kept, [ids[5], ids[4], ids[1]]);
        assert_eq!(schema::clear(&mut tx, 2).await.unwrap(), 2);
        assert_eq!(schema::clear(&mut tx, 2).await.unwrap(), 1);
        assert_eq!(schema::clear(&mut tx, 2).await.unwrap(), 0);
        schema::pin(&mut tx, world.workspace, ids[1], false).await.unwrap();
        assert_eq!(schema::prune(&mut tx, connection, 0).await.unwrap(), 2, "the latest stays");
        let latest = schema::latest(&mut tx, world.workspace, connection).await.unwrap().unwrap();
        assert_eq!(latest.id, ids[5]);
        let version = connections::get(&mut tx, world.workspace, connection).await.unwrap().version;
        assert_eq!(version, 1, "snapshots do not change what people set");
        connections::delete(&mut tx, world.workspace, connection, version).await.unwrap();
        assert_eq!(schema::clear(&mut tx, 100).await.unwrap(), 4, "snapshots go with their connection");
        let next = self::connection(&mut tx, &world, "next").await;
        schema::insert_snapshot(&mut tx, &snapshot(next, 1, shop())).await.unwrap();
        workspaces::remove(&mut tx, world.workspace).await.unwrap();
        assert_eq!(schema::clear(&mut tx, 100).await.unwrap(), 7, "and with their workspace");
    });
}

#[test]
fn who_names_an_object_is_found_in_whatever_case_within_bounds() {
    harness::each_backend(|store| async move {
        let world = World::new(&store).await;
        let mut tx = world.write().await;
        let connection = connection(&mut tx, &world, "shop").await;
        let view = |name: &str, text: &str| entry("view", "public", name, &["id"], text);
        let mut entries = vec![
            view("as_it_is", "SELECT * FROM Große_Aufträge"),
            view("large", "SELECT * FROM GROSSE, GROßE_AUFTRÄGE"),
            view("small", "select * from große_aufträge"),
            view("almost", "SELECT * FROM große-aufträge, großeXaufträge"),
            view("quoted", "SELECT * FROM \"a\"\"B\\\""),
        ];
        // Beyond what is read at once.
        entries.extend((0..120).map(|number| view(&format!("other_{number}"), "SELECT 1")));
        entries.push(view("zebra", "SELECT * FROM große_AUFTRÄGE"));
        let id = schema::insert_snapshot(&mut tx, &snapshot(connection, 1, entries)).await.unwrap().id();
        let names = |mentions: &schema::Mentions| {
            mentions.found.iter().map(|(entry, _)| entry.name.clone()).collect::<Vec<_>>()
        };
        let all = schema::mentions(&mut tx, id, "Große_Aufträge", 10).await.unwrap();
        assert_eq!((names(&all), all.is_cut), (strings(&["as_it_is", "large", "small", "zebra"]), false));
        assert_eq!(all.found[1].1["text"], json!("SELECT * FROM GROSSE, GROßE_AUFTRÄGE"));
        let exact = schema::mentions(&mut tx, id, "große_aufträge", 4).await.unwrap();
        assert_eq!((exact.found.len(), exact.is_cut), (4, false));
        let cut = schema::mentions(&mut tx, id, "große_aufträge", 3).await.unwrap();
        assert_eq!((cut.found.len(), cut.is_cut), (3, true));
        let quoted = schema::mentions(&mut tx, id, "\"b\\\"", 10).await.unwrap();
        assert_eq!(names(&quoted), strings(&["quoted"]));
        assert_eq!(schema::mentions(&mut tx, id, "%", 10).await.unwrap().found, []);
    });
}

fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

async fn take(store: &Store, connection: Id, at: i64, text: &str) -> Result<Ingested, StoreError> {
    let mut tx = store.write().await?;
    let entries = vec![entry("table", "public", "orders", &["id"], text)];
    let made = schema::insert_snapshot(&mut tx, &snapshot(connection, at, entries)).await?;
    tx.commit().await?;
    Ok(made)
}

#[test]
fn two_who_look_at_once_make_one_snapshot_and_clearing_takes_nothing_away() {
    harness::each_backend(|store| async move {
        let world = World::new(&store).await;
        let other = harness::another(&store).await;
        let mut tx = world.write().await;
        let connection = connection(&mut tx, &world, "shop").await;
        tx.commit().await.unwrap();
        for round in 0..10 {
            // Each round goes back to a definition that only pruned snapshots had: what is cleared meanwhile.
            let text = format!("{}", round % 2);
            let (one, two, cleared) = tokio::join!(
                until_not_busy(|| take(&store, connection, round, &text)),
                until_not_busy(|| take(&other, connection, round, &text)),
                until_not_busy(|| async {
                    let mut tx = other.write().await?;
                    let cleared = schema::clear(&mut tx, 100).await?;
                    tx.commit().await?;
                    Ok(cleared)
                })
            );
            assert_eq!(one.id(), two.id());
            assert!(matches!(one, Ingested::New(_)) != matches!(two, Ingested::New(_)), "{one:?} {two:?}");
            assert!(cleared <= 1);
            let mut tx = world.write().await;
            let page = schema::entries(&mut tx, one.id(), &EntryFilter::default(), None, 5).await.unwrap();
            let (_, body, _) = schema::object(&mut tx, one.id(), &page.items[0].key).await.unwrap();
            assert_eq!(body["text"], json!(text));
            schema::prune(&mut tx, connection, 1).await.unwrap();
            tx.commit().await.unwrap();
        }
        other.close().await;
    });
}

/// 3,000 tables of 20 columns in 30 schemas, with a name that no index could hold as it is.
fn large(changed: usize) -> Vec<NewEntry> {
    let parts = ["order", "customer", "invoice", "stock", "event", "audit", "price", "user"];
    let mut entries: Vec<NewEntry> = (0..3_000)
        .map(|number| {
            let columns: Vec<String> = (0..20)
                .map(|column| match column {
                    0 => "id".to_owned(),
                    _ => format!("{}_{}_{}", parts[column % 8], parts[(number + column) % 8], number % 500),
                })
                .collect();
            let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
            let name = format!("{}_{}_{number}", parts[number % 8], parts[(number / 8) % 8]);
            let text = if number < changed { "x".repeat(2_001) } else { "x".repeat(2_000) };
            let mut made = entry("table", &format!("schema_{}", number % 30), &name, &columns, &text);
            made.measurement = Some(NewMeasurement {
                row_estimate: Some(number as i64),
                size_bytes: Some(8_192),
                body: json!({ "scans": number }),
            });
            made
        })
        .collect();
    entries.push(entry("table", "schema_0", &long_name(), &[&long_name()], ""));
    entries
}

#[test]
fn three_thousand_tables_are_kept_and_found_in_no_time() {
    harness::each_backend(|store| async move {
        let world = World::new(&store).await;
        let mut tx = world.write().await;
        let connection = connection(&mut tx, &world, "large").await;
        tx.commit().await.unwrap();
        let mut id = None;
        for (what, entries) in [("new", large(0)), ("ten changed", large(10)), ("the same", large(10))] {
            let new = snapshot(connection, 1, entries);
            let began = Instant::now();
            let mut tx = world.write().await;
            id = Some(schema::insert_snapshot(&mut tx, &new).await.unwrap().id());
            tx.commit().await.unwrap();
            eprintln!("3,001 tables, {what}: {:?}", began.elapsed());
            assert!(began.elapsed() < Duration::from_secs(10));
        }
        let id = id.unwrap();
        let mut tx = world.read().await;
        let began = Instant::now();
        let found = schema::search(&mut tx, id, "customer_or id", None, 50).await.unwrap();
        assert_eq!(found.items.len(), 50);
        eprintln!("search: {:?}", began.elapsed());
        let began = Instant::now();
        let filter = EntryFilter {
            schema: Some("schema_7".to_owned()),
            prefix: "audit".to_owned(),
            ..EntryFilter::default()
        };
        let page = schema::entries(&mut tx, id, &filter, None, 100).await.unwrap();
        assert!(!page.items.is_empty() && page.items.iter().all(|entry| entry.name.starts_with("audit")));
        eprintln!("a page: {:?}", began.elapsed());
        let began = Instant::now();
        assert_eq!(schema::keys_and_hashes(&mut tx, id).await.unwrap().len(), 3_001);
        eprintln!("keys and digests: {:?}", began.elapsed());
        let long = long_name();
        let hit = schema::search(&mut tx, id, &long, None, 5).await.unwrap();
        assert_eq!(hit.items[0].entry.name, long);
        assert_eq!(
            schema::object(&mut tx, id, &hit.items[0].entry.key).await.unwrap().1["name"],
            json!(long)
        );
    });
}
