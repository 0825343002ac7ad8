//! Does a diagram have what it is drawn from: all tables and keys at once, what the traffic joins, and the
//! pictures people keep?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod harness;

use admin_store::now_us;
use control::{
    Caller as WireCaller, ListenerState, Listening, Minute, PlaneState, Report, StatementCount,
    StatementText, Sums,
};
use flate2::read::GzDecoder;
use harness::{Caller, Plane, each_backend};
use reqwest::Method;
use serde_json::{Value, json};
use std::io::Read as _;
use std::time::{Duration, Instant};

/// Longest wait for what happens in the background.
const PATIENCE: Duration = Duration::from_secs(60);
/// Nobody listens there, and nobody is asked: schemas are uploaded.
const SERVER_PORT: u16 = 5;

async fn connect(caller: &Caller, workspace: &str, name: &str) -> (String, String) {
    let draft = json!({
        "name": name, "kind": "postgres", "host": "127.0.0.1", "port": SERVER_PORT, "database": "shop",
        "user": "owner", "options": { "refresh_hours": 0 },
    });
    let made = caller.post(&format!("/api/v1/workspaces/{workspace}/connections"), draft).await;
    let id = made.expect(201)["id"].as_str().unwrap().to_owned();
    (made.header("location").unwrap(), id)
}

fn table(name: &str, columns: &[(&str, Option<&str>)]) -> Value {
    let column = |(name, references): &(&str, Option<&str>)| {
        let mut column = json!({ "name": name, "type": "bigint" });
        if let Some(references) = references {
            column["references"] = json!(references);
        }
        column
    };
    let columns: Vec<Value> = columns.iter().map(column).collect();
    json!({ "name": name, "columns": columns, "primary_key": ["id"] })
}

fn shop() -> Value {
    json!({ "tables": [
        table("customers", &[("id", None)]),
        table("orders", &[("id", None), ("customer_id", Some("customers.id")), ("region", None)]),
        table("regions", &[("id", None), ("code", None)]),
        table("profiles", &[("id", Some("customers.id"))]),
    ] })
}

async fn upload(caller: &Caller, connection: &str, schema: Value) {
    caller.post(&format!("{connection}/schema/upload"), schema).await.expect(201);
}

fn relation<'g>(graph: &'g Value, name: &str) -> &'g Value {
    graph["relations"].as_array().unwrap().iter().find(|one| one["name"] == name).unwrap()
}

#[test]
fn the_graph_has_all_tables_with_their_keys_and_says_when_it_is_the_same() {
    each_backend(|backend| async move {
        let plane = Plane::start(backend).await;
        let people = plane.people().await;
        let (connection, _) = connect(&people.admin, "shop", "Shop").await;
        let path = format!("{connection}/schema/graph");
        assert_eq!(people.viewer.get(&path).await.problem(404), "not_found");
        upload(&people.admin, &connection, shop()).await;
        let first = people.viewer.get(&path).await;
        let graph = first.expect(200);
        assert_eq!(
            (graph["relations"].as_array().unwrap().len(), graph["is_cut"].clone()),
            (4, json!(false))
        );
        let orders = relation(&graph, "orders");
        assert_eq!((orders["kind"].clone(), orders["column_count"].clone()), (json!("table"), json!(3)));
        assert_eq!(
            orders["columns"],
            json!([
                { "name": "id", "type": "bigint", "is_primary": true },
                { "name": "customer_id", "type": "bigint", "is_foreign": true },
                { "name": "region", "type": "bigint" },
            ])
        );
        let key = &orders["foreign_keys"][0];
        assert_eq!(
            (
                key["columns"].clone(),
                key["to_table"].clone(),
                key["to_columns"].clone(),
                key.get("is_unique")
            ),
            (json!(["customer_id"]), json!("customers"), json!(["id"]), None)
        );
        let profiles = relation(&graph, "profiles");
        assert_eq!(profiles["foreign_keys"][0]["is_unique"], true, "one row of it for a row there");
        assert!(relation(&graph, "regions").get("foreign_keys").is_none());
        // The key is the one that leads to the table everywhere else.
        let object = format!("{connection}/schema/objects/{}", orders["key"].as_str().unwrap());
        assert_eq!(people.viewer.get(&object).await.expect(200)["object"]["name"], "orders");
        let tag = first.header("etag").unwrap();
        let again = people.viewer.send(Method::GET, &path, &[("if-none-match", &tag)], None).await;
        assert_eq!((again.status.as_u16(), again.text.as_str()), (304, ""));
        let mut larger = shop();
        larger["tables"].as_array_mut().unwrap().push(table("extra", &[("id", None)]));
        upload(&people.admin, &connection, larger).await;
        let changed = people.viewer.send(Method::GET, &path, &[("if-none-match", &tag)], None).await;
        assert_eq!(changed.expect(200)["relations"].as_array().unwrap().len(), 5);
        let old = graph["snapshot"].as_str().unwrap();
        let old = people.viewer.get(&format!("{path}?snapshot={old}")).await.expect(200);
        assert_eq!(old["relations"].as_array().unwrap().len(), 4);
        assert_eq!(people.stranger.get(&path).await.problem(404), "not_found");
        plane.stop().await;
    });
}

#[test]
fn three_thousand_tables_come_as_one_graph_that_packs_well() {
    each_backend(|backend| async move {
        let plane = Plane::start(backend).await;
        let people = plane.people().await;
        let (connection, _) = connect(&people.admin, "shop", "Large").await;
        let tables: Vec<Value> = (0..3_000)
            .map(|number| {
                let other = format!("table_{}.id", number / 7);
                let columns =
                    [("id", None), ("name", None), ("created_at", None), ("total", None), ("note", None)];
                let mut columns = columns.to_vec();
                if number > 0 {
                    columns.push(("parent_id", Some(other.as_str())));
                }
                table(&format!("table_{number}"), &columns)
            })
            .collect();
        upload(&people.admin, &connection, json!({ "tables": tables })).await;
        let path = format!("{connection}/schema/graph");
        let begun = Instant::now();
        let plain = people.viewer.get(&path).await;
        let took = begun.elapsed();
        assert_eq!(plain.expect(200)["relations"].as_array().unwrap().len(), 3_000);
        let packed = packed(&people.viewer, &plane.url, &path).await;
        eprintln!(
            "a graph of 3,000 tables with a state in {backend:?}: {took:?}, {} bytes, {} packed",
            plain.text.len(),
            packed.len()
        );
        assert!(packed.len() * 5 < plain.text.len(), "{} of {}", packed.len(), plain.text.len());
        let mut unpacked = String::new();
        GzDecoder::new(packed.as_slice()).read_to_string(&mut unpacked).unwrap();
        assert_eq!(unpacked, plain.text);
        plane.stop().await;
    });
}

/// What comes to somebody who takes gzip, as it came.
async fn packed(caller: &Caller, url: &str, path: &str) -> Vec<u8> {
    let request = reqwest::Client::new()
        .get(format!("{url}{path}"))
        .header("cookie", caller.cookie.clone().unwrap())
        .header("accept-encoding", "gzip");
    let answer = request.send().await.unwrap();
    assert_eq!(answer.headers().get("content-encoding").unwrap(), "gzip");
    answer.bytes().await.unwrap().to_vec()
}

#[test]
fn joins_of_the_traffic_are_told_with_the_keys_that_declare_them() {
    each_backend(|backend| async move {
        let plane = Plane::start(backend).await;
        let people = plane.people().await;
        wire(&plane, &people.root).await;
        let (connection, _) = connect(&people.root, "gate", "Shop").await;
        upload(&people.root, &connection, shop()).await;
        let told = joins_of(&people.root, &connection).await;
        assert_eq!((told["listeners"].clone(), told["unknown"].clone()), (json!(["main"]), json!(1)));
        let joins = told["joins"].as_array().unwrap();
        assert_eq!(joins.len(), 2, "{told}");
        let declared = joins.iter().find(|one| one["is_declared"] == true).unwrap();
        // Written the other way round by one of the two statements.
        assert_eq!((declared["calls"].clone(), declared["fingerprints"].clone()), (json!(9), json!(2)));
        assert_eq!(
            (declared["from"]["table"].clone(), declared["from"]["column"].clone()),
            (json!("orders"), json!("customer_id"))
        );
        assert!(declared["foreign_key"].is_string(), "{declared}");
        let seen = joins.iter().find(|one| one["is_declared"] == false).unwrap();
        assert_eq!(
            (seen["from"]["table"].clone(), seen["to"]["table"].clone(), seen["calls"].clone()),
            (json!("orders"), json!("regions"), json!(7))
        );
        assert!(seen.get("foreign_key").is_none() && seen["last_seen_at"].is_string(), "{seen}");
        let graph = people.root.get(&format!("{connection}/schema/graph")).await.expect(200);
        assert_eq!(seen["to"]["key"], relation(&graph, "regions")["key"]);
        // Before anything was told nothing was joined, and it is still known that it ever was.
        let early = "from=2020-01-01T00:00:00Z&until=2020-01-02T00:00:00Z";
        let early = people.root.get(&format!("{connection}/schema/joins?{early}")).await.expect(200);
        assert_eq!(
            (early["joins"][0]["calls"].clone(), early["joins"].as_array().unwrap().len()),
            (json!(0), 2)
        );
        // Traffic of another workspace's listener is nobody's here.
        let (elsewhere, _) = connect(&people.admin, "shop", "Shop").await;
        upload(&people.admin, &elsewhere, shop()).await;
        let told = people.viewer.get(&format!("{elsewhere}/schema/joins")).await.expect(200);
        assert_eq!((told["listeners"].clone(), told["joins"].clone()), (json!([]), json!([])));
        plane.stop().await;
    });
}

const MANY: &str = "SELECT o.id FROM orders o JOIN customers c ON o.customer_id = c.id \
    JOIN regions r ON o.region = r.code JOIN gone g ON g.id = o.id";
const ONE: &str = "SELECT c.id FROM customers c JOIN orders o ON c.id = o.customer_id";

/// The joins, as soon as the statements' texts were read for them.
async fn joins_of(caller: &Caller, connection: &str) -> Value {
    let begun = Instant::now();
    loop {
        let told = caller.get(&format!("{connection}/schema/joins")).await.expect(200);
        let fingerprints = |join: &Value| join["fingerprints"].as_u64().unwrap();
        let seen: u64 = told["joins"].as_array().unwrap().iter().map(fingerprints).sum();
        if seen >= 3 {
            return told;
        }
        assert!(begun.elapsed() < PATIENCE, "{told}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// A listener of the workspace `gate` before the server, and two statements through it.
async fn wire(plane: &Plane, root: &Caller) {
    let listener = ListenerState {
        name: "main".to_owned(),
        protocol: "postgres".to_owned(),
        workspace: "gate".to_owned(),
        listen: "127.0.0.1:6".to_owned(),
        upstream: vec![format!("127.0.0.1:{SERVER_PORT}")],
        ..ListenerState::default()
    };
    let state = PlaneState { plane: "plane".to_owned(), listeners: vec![listener], ..PlaneState::default() };
    let carrier = plane.plane.carrier();
    let waiting = tokio::spawn(async move {
        carrier.listen(Listening { version: control::VERSION, state, snapshot: 0 }).await
    });
    let begun = Instant::now();
    while root.get("/api/v1/workspaces/gate/connections").await.status != 200 {
        assert!(begun.elapsed() < PATIENCE, "the workspace of the listener is made");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    waiting.abort();
    let statements = [("1-0000000000000001", MANY, 7), ("1-0000000000000002", ONE, 2)];
    let text = |(fingerprint, text, _): &(&str, &str, u64)| StatementText {
        listener: "main".to_owned(),
        fingerprint: (*fingerprint).to_owned(),
        text: (*text).to_owned(),
        class: "read".to_owned(),
        tables: vec!["orders".to_owned()],
    };
    let count = |(fingerprint, _, calls): &(&str, &str, u64)| {
        let mut sums = Sums { calls: *calls, rows: *calls, total_us: calls * 100, ..Sums::default() };
        (0..*calls).for_each(|_| sums.latency.observe(100));
        let caller = WireCaller {
            user: "ada".to_owned(),
            database: "shop".to_owned(),
            application: "till".to_owned(),
        };
        StatementCount { fingerprint: (*fingerprint).to_owned(), caller, sums }
    };
    let minute = Minute {
        listener: "main".to_owned(),
        minute: now_us() / 60_000_000 - 2,
        counts: statements.iter().map(count).collect(),
        ..Minute::default()
    };
    let report = Report {
        plane: "plane".to_owned(),
        start: "one".to_owned(),
        number: 1,
        statements: statements.iter().map(text).collect(),
        minutes: vec![minute],
        ..Report::default()
    };
    plane.plane.carrier().report(report).await.unwrap();
}

const VIEWPOINTS: &str = "/api/v1/workspaces/shop/viewpoints";

fn picture(keys: &[&str]) -> Value {
    let tables: Vec<Value> = keys.iter().map(|key| json!({ "key": key, "x": -5, "y": 7 })).collect();
    json!({ "tables": tables, "hidden": ["h"], "detail": "keys", "outlook": { "x": 1, "y": 2, "zoom": 75 } })
}

#[test]
fn a_viewpoint_is_kept_changed_and_forgotten_by_who_may() {
    each_backend(|backend| async move {
        let plane = Plane::start(backend).await;
        let people = plane.people().await;
        let (path, connection) = connect(&people.admin, "shop", "Shop").await;
        let (_, other) = connect(&people.admin, "shop", "Other").await;
        let draft = |name: &str, connection: &str| json!({ "connection": connection, "name": name, "picture": picture(&["a", "b"]) });
        let made = people.editor.post(VIEWPOINTS, draft(" Orders ", &connection)).await;
        let view = made.expect(201);
        assert_eq!((view["name"].clone(), view["table_count"].clone()), (json!("Orders"), json!(2)));
        let (location, first) = (made.header("location").unwrap(), made.header("etag").unwrap());
        let shown = people.viewer.get(&location).await.expect(200);
        assert_eq!(
            (shown["picture"].clone(), shown["viewpoint"].clone()),
            (picture(&["a", "b"]), view.clone())
        );
        // The name is taken for this connection only, whatever the case of its letters.
        assert_eq!(
            people.editor.post(VIEWPOINTS, draft("ORDERS", &connection)).await.problem(409),
            "duplicate"
        );
        people.editor.post(VIEWPOINTS, draft("orders", &other)).await.expect(201);
        let listed = people.viewer.get(&format!("{VIEWPOINTS}?connection={connection}")).await.expect(200);
        assert_eq!(listed["items"], json!([view]));
        assert_eq!(people.viewer.get(VIEWPOINTS).await.expect(200)["items"].as_array().unwrap().len(), 2);
        let change = json!({ "name": "Orders and lines", "picture": picture(&["a", "b", "c"]) });
        let changed = people.editor.put(&location, &first, change.clone()).await;
        assert_eq!(changed.expect(200)["viewpoint"]["table_count"], 3);
        assert_eq!(people.editor.put(&location, &first, change.clone()).await.problem(412), "changed");
        let without = people.editor.with_json(Method::PUT, &location, &[], change.clone()).await;
        assert_eq!(without.problem(428), "precondition_required");
        assert_eq!(people.viewer.put(&location, &first, change).await.problem(403), "forbidden");
        assert_eq!(people.viewer.post(VIEWPOINTS, draft("x", &connection)).await.problem(403), "forbidden");
        assert_eq!(people.viewer.delete(&location).await.problem(403), "forbidden");
        assert_eq!(people.stranger.get(&location).await.problem(404), "not_found");
        let activity = people.admin.get("/api/v1/workspaces/shop/activity").await.expect(200);
        let done: Vec<&Value> =
            activity["items"].as_array().unwrap().iter().map(|one| &one["action"]).collect();
        assert!(
            done.contains(&&json!("create_viewpoint")) && done.contains(&&json!("change_viewpoint")),
            "{activity}"
        );
        assert_eq!(people.editor.delete(&location).await.status, 204);
        assert_eq!(people.editor.get(&location).await.problem(404), "not_found");
        // With its connection goes what was kept of it.
        let kept = people.admin.get(&path).await;
        let version = kept.header("etag").unwrap();
        let last =
            people.editor.post(VIEWPOINTS, draft("last", &connection)).await.header("location").unwrap();
        let gone = people.admin.send(Method::DELETE, &path, &[("if-match", &version)], None).await;
        assert!(gone.status.is_success(), "{}", gone.text);
        assert_eq!(people.viewer.get(&last).await.problem(404), "not_found");
        plane.stop().await;
    });
}

#[test]
fn a_viewpoint_has_bounds() {
    each_backend(|backend| async move {
        let plane = Plane::start(backend).await;
        let people = plane.people().await;
        let (_, connection) = connect(&people.admin, "shop", "Shop").await;
        let keys = |count: usize| (0..count).map(|number| format!("t{number}")).collect::<Vec<String>>();
        let of = |name: &str, picture: Value| json!({ "connection": connection, "name": name, "picture": picture });
        let with = |count: usize| {
            let keys = keys(count);
            picture(&keys.iter().map(String::as_str).collect::<Vec<&str>>())
        };
        let far = json!({ "tables": [{ "key": "a", "x": 1_000_001, "y": 0 }] });
        let near = json!({ "tables": [], "outlook": { "x": 0, "y": 0, "zoom": 0 } });
        let long = json!({ "tables": [{ "key": "k".repeat(1_025), "x": 0, "y": 0 }] });
        let hidden = json!({ "tables": [], "hidden": keys(401) });
        for (name, picture) in [
            ("too many", with(401)),
            ("far", far),
            ("near", near),
            ("long", long),
            ("hidden", hidden),
            ("", with(1)),
            ("\u{7}", with(1)),
            (&"n".repeat(101), with(1)),
        ] {
            let refused = people.editor.post(VIEWPOINTS, of(name, picture)).await;
            assert_eq!(refused.problem(422), "invalid", "{name}");
        }
        people.editor.post(VIEWPOINTS, of("as many as fit", with(400))).await.expect(201);
        let foreign =
            json!({ "connection": "01990000-0000-7000-8000-000000000000", "name": "x", "picture": with(1) });
        assert_eq!(people.editor.post(VIEWPOINTS, foreign).await.problem(404), "not_found");
        plane.stop().await;
    });
}

#[test]
fn whether_the_connection_of_another_workspace_is_full_is_told_to_nobody() {
    each_backend(|backend| async move {
        let plane = Plane::start(backend).await;
        let people = plane.people().await;
        let (_, id) = connect(&people.admin, "shop", "Shop").await;
        let store = &plane.plane.app().store;
        let mut tx = store.write().await.unwrap();
        let shop = admin_store::workspaces::by_slug(&mut tx, "shop").await.unwrap().id;
        let user = admin_store::users::by_email(&mut tx, "admin@example.com").await.unwrap().unwrap().id;
        for number in 0..admin::app::viewpoints::VIEWPOINTS_MAX {
            let content = admin_store::viewpoints::ViewpointContent {
                name: format!("picture {number}"),
                table_count: 0,
                picture: json!({ "tables": [] }),
            };
            let connection = id.parse().unwrap();
            admin_store::viewpoints::create(&mut tx, shop, connection, &content, user).await.unwrap();
        }
        tx.commit().await.unwrap();
        let draft = json!({ "connection": id, "name": "one more", "picture": { "tables": [] } });
        assert_eq!(people.admin.post(VIEWPOINTS, draft.clone()).await.problem(409), "conflict");
        let foreign = people.stranger.post("/api/v1/workspaces/other/viewpoints", draft).await;
        assert_eq!(foreign.problem(404), "not_found");
        plane.stop().await;
    });
}
