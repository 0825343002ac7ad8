//! How would a database run a statement that was only seen on the wire, without its literals?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod data_plane;
mod harness;
#[path = "../engines/tests/harness/mod.rs"]
mod servers;

use admin_engines::{RunRequest, TlsMode};
use admin_store::Backend;
use data_plane::{DataPlane, listener};
use harness::{Caller, Plane, state};
use serde_json::{Value, json};
use servers::{PASSWORD, Server, said};

const READ: &str = "1-0000000000000001";
const TWO: &str = "1-0000000000000002";
const UNSURE: &str = "1-0000000000000003";
const WRITE: &str = "1-0000000000000004";
const CUT: &str = "1-0000000000000005";
const PLAIN: &str = "1-0000000000000006";
const UNTOLD: &str = "1-0000000000000007";
const SEEN: [(&str, &str, &str); 6] = [
    (READ, "read", "SELECT count(*) FROM orders WHERE total>? AND id = $1"),
    (
        TWO,
        "read",
        "SELECT customer, sum(total) FROM orders WHERE placed > DATE ? GROUP BY ? ORDER BY ? DESC LIMIT ?",
    ),
    (UNSURE, "read", "SELECT ? + ? FROM orders"),
    (WRITE, "write", "UPDATE orders SET total = ? WHERE id = $1"),
    (CUT, "read", "SELECT * FROM orders WHERE id IN (?, ?…"),
    (PLAIN, "read", "SELECT id FROM orders ORDER BY total"),
];

struct World {
    plane: Plane,
    _data_plane: DataPlane,
    root: Caller,
    viewer: Caller,
    connection: String,
}

impl World {
    /// A workspace whose listener has seen some statements, and a connection to `server`.
    async fn start(server: &Server, protocol: &str) -> World {
        let plane = Plane::start(Backend::Sqlite).await;
        let people = plane.people().await;
        let (root, viewer) = (people.root, people.viewer);
        let mut seen = listener("pg", "default", true);
        seen["protocol"] = json!(protocol);
        let data_plane = DataPlane::start(&plane, &root, "p1", vec![seen]).await;
        let minute = admin_store::now_us() / 60_000_000;
        let sums = json!({ "calls": 1, "errors": 0, "refusals": 0, "rows": 1, "bytes_in": 1, "bytes_out": 1,
            "total_us": 9, "latency": { "steps": [[8, 1]], "max_us": 9 } });
        let caller = json!({ "user": "app", "database": "shop", "application": "" });
        let fingerprints = SEEN.iter().map(|(fingerprint, _, _)| *fingerprint).chain([UNTOLD]);
        let counts: Vec<Value> = fingerprints
            .map(|fingerprint| json!({ "fingerprint": fingerprint, "caller": caller, "sums": sums }))
            .collect();
        let statements: Vec<Value> = SEEN
            .iter()
            .map(|(fingerprint, class, text)| {
                json!({ "listener": "pg", "fingerprint": fingerprint, "text": text, "class": class, "tables": ["orders"] })
            })
            .collect();
        let nothing = json!({ "calls": 0, "errors": 0, "refusals": 0, "rows": 0, "bytes_in": 0, "bytes_out": 0,
            "total_us": 0, "latency": { "steps": [], "max_us": 0 } });
        let told = json!({ "listener": "pg", "minute": minute, "counts": counts, "others": nothing, "errors": [], "other_errors": 0 });
        data_plane.report(json!({ "statements": statements, "minutes": [told] })).await;
        let kind = if protocol == "mysql" { "mysql" } else { "postgres" };
        let draft = json!({ "name": "Shop", "kind": kind, "host": "127.0.0.1", "port": server.port, "user": "app",
            "password": PASSWORD, "database": "shop", "options": { "refresh_hours": 0 } });
        let made = root.post("/api/v1/workspaces/default/connections", draft).await.expect(201);
        let connection = made["id"].as_str().unwrap().to_owned();
        World { plane, _data_plane: data_plane, root, viewer, connection }
    }

    async fn ask(&self, fingerprint: &str, more: Value) -> harness::Answer {
        let mut input = json!({ "connection": self.connection });
        for (key, value) in more.as_object().unwrap() {
            input[key] = value.clone();
        }
        let path = format!("/api/v1/workspaces/default/fingerprints/{fingerprint}/explain");
        self.root.post(&path, input).await
    }
}

async fn fill(server: &Server) {
    let mut connection = admin_engines::connect(
        &server.target_with_tls(TlsMode::Prefer),
        &Default::default(),
        servers::PATIENCE,
    )
    .await
    .unwrap();
    for sql in [
        "CREATE TABLE orders (id int PRIMARY KEY, customer int, total int, placed date)",
        "INSERT INTO orders VALUES (1, 1, 10, '2026-01-01'), (2, 1, 20, '2026-02-01'), (3, 2, 30, '2026-03-01')",
    ] {
        said(&mut connection, &RunRequest { read_only: false, ..RunRequest::read(sql) }).await.unwrap();
    }
    connection.close().await;
}

async fn on_postgres(version: &str) {
    let server = Server::postgres_of(version).await;
    fill(&server).await;
    let world = World::start(&server, "postgres").await;

    let plan = world.ask(READ, json!({})).await.expect(200);
    assert_eq!(plan["statement"], "SELECT count(*) FROM orders WHERE total> $2 AND id = $1", "{plan}");
    assert_eq!((&plan["placeholders"], &plan["analyzed"]), (&json!(2), &json!(false)));
    let told = plan["plan"].to_string();
    assert!(
        told.contains("$2") && !told.contains("plan_cache_mode"),
        "planned for whatever they are: {plan}"
    );
    let text = plan["text"].as_str().unwrap();
    assert!(text.starts_with("Aggregate  (cost=") && text.contains("public.orders"), "{text}");
    // A second time: nothing of the first is in the way.
    assert_eq!(world.ask(READ, json!({})).await.expect(200)["text"], text);

    let plan = world.ask(READ, json!({ "values": ["3", "-5"] })).await.expect(200);
    assert_eq!(plan["statement"], "SELECT count(*) FROM orders WHERE total> '-5' AND id = '3'");
    assert!(
        plan["plan"].to_string().contains("'-5'::integer") || plan["text"].as_str().unwrap().contains("-5"),
        "{plan}"
    );

    let plan = world.ask(TWO, json!({ "values": ["2026-01-15", null], "analyze": true })).await.expect(200);
    assert_eq!(plan["analyzed"], true);
    assert!(plan["statement"].as_str().unwrap().ends_with("GROUP BY 1 ORDER BY 1 DESC LIMIT NULL"), "{plan}");
    assert!(plan["statement"].as_str().unwrap().contains("'2026-01-15'::DATE"), "{plan}");
    let text = plan["text"].as_str().unwrap();
    assert!(
        text.contains("(actual ") && text.contains("Buffers: shared") && text.contains("Execution Time"),
        "{text}"
    );
    assert!(plan["warnings"][0].as_str().unwrap().contains("ORDER BY"), "{plan}");

    // What the server cannot tell the type of: a hint, and values help.
    let unsure = world.ask(UNSURE, json!({})).await;
    assert_eq!(unsure.problem(422), "statement_failed");
    assert!(unsure.json()["hint"].as_str().unwrap().contains("`values`, 2 of them"), "{}", unsure.text);
    let plan = world.ask(UNSURE, json!({ "values": ["1", "2.5"] })).await.expect(200);
    assert_eq!(plan["statement"], "SELECT 1 + 2.5 FROM orders");
    let plan = world.ask(PLAIN, json!({ "analyze": true })).await.expect(200);
    assert_eq!((&plan["placeholders"], &plan["analyzed"]), (&json!(0), &json!(true)));

    for (fingerprint, more, code) in [
        (WRITE, json!({}), "refused"),
        (WRITE, json!({ "values": ["1", "2"], "analyze": true }), "refused"),
        (CUT, json!({}), "text_cut"),
        (UNTOLD, json!({}), "text_cut"),
        (READ, json!({ "analyze": true }), "invalid"),
        (READ, json!({ "values": ["1"] }), "invalid"),
        (READ, json!({ "values": ["1", "x'); DROP TABLE orders; --"] }), "statement_failed"),
    ] {
        let answer = world.ask(fingerprint, more.clone()).await;
        assert_eq!(answer.problem(422), code, "{fingerprint} {more}: {}", answer.text);
    }
    assert_eq!(world.ask("1-00000000000000ff", json!({})).await.problem(404), "not_found");
    let owner = server.owner("shop").await;
    assert_eq!(owner.query_one("SELECT sum(total) FROM orders", &[]).await.unwrap().get::<_, i64>(0), 60);

    let plain = json!({ "connection": world.connection, "sql": "SELECT * FROM orders WHERE id = 1" });
    let plan = world.root.post("/api/v1/workspaces/default/explain", plain).await.expect(200);
    assert!(plan["text"].as_str().unwrap().contains(" on public.orders"), "{plan}");
    let activity =
        world.root.get("/api/v1/workspaces/default/activity?limit=50").await.expect(200).to_string();
    assert!(activity.contains("explain_fingerprint") && activity.contains(READ), "{activity}");
    world.plane.stop().await;
}

#[test]
fn a_statement_of_postgresql_14_is_planned_without_its_literals() {
    state::run(on_postgres("14"));
}

#[test]
fn a_statement_of_postgresql_18_is_planned_without_its_literals() {
    state::run(on_postgres("18"));
}

#[test]
fn a_statement_of_mariadb_is_planned_with_missing_values_and_says_so() {
    state::run(async {
        let server = Server::mariadb().await;
        fill(&server).await;
        let world = World::start(&server, "mysql").await;
        let plan = world.ask(TWO, json!({})).await.expect(200);
        assert_eq!((&plan["engine"], &plan["format"]), (&json!("mysql"), &json!("mariadb")), "{plan}");
        let statement = "SELECT customer, sum(total) FROM orders WHERE placed > NULL GROUP BY 1 ORDER BY 1 DESC LIMIT 100";
        assert_eq!(plan["statement"], statement);
        assert!(plan["warnings"].to_string().contains("NULL where values are missing"), "{plan}");
        let given = json!({ "values": ["2026-01-15", "2"] });
        let plan = world.ask(TWO, given).await.expect(200);
        assert!(plan["statement"].as_str().unwrap().contains("placed > '2026-01-15' GROUP BY 1"), "{plan}");
        assert!(plan["text"].as_str().unwrap().contains("table_name: orders"), "{plan}");
        let plan = world.ask(PLAIN, json!({ "analyze": true })).await.expect(200);
        assert!(plan["plan"].to_string().contains("r_rows"), "it ran: {plan}");
        assert_eq!(world.ask(WRITE, json!({})).await.problem(422), "refused");
        assert_eq!(world.ask(CUT, json!({})).await.problem(422), "text_cut");
        world.plane.stop().await;
    });
}

#[test]
fn only_a_database_of_the_statements_kind_is_asked_and_only_by_who_may() {
    state::run(async {
        let server = Server::mariadb().await;
        let world = World::start(&server, "postgres").await;
        let draft = json!({ "name": "Other", "kind": "mysql", "host": "127.0.0.1", "port": server.port, "user": "app",
            "database": "shop", "options": { "refresh_hours": 0 } });
        let made = world.root.post("/api/v1/workspaces/default/connections", draft).await.expect(201);
        let connection = made["id"].as_str().unwrap();
        let path = format!("/api/v1/workspaces/default/fingerprints/{READ}/explain");
        let answer = world.root.post(&path, json!({ "connection": connection })).await;
        assert_eq!(answer.problem(422), "invalid");
        assert_eq!(answer.json()["errors"][0]["field"], "connection", "{}", answer.text);
        world.plane.make_member("default", "viewer@example.com", "viewer").await;
        let answer = world.viewer.post(&path, json!({ "connection": connection })).await;
        assert_eq!(answer.problem(403), "forbidden");
        world.plane.stop().await;
    });
}
