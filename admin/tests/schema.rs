//! How does the schema of a database look, how did it change, and who uses it?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod harness;

#[path = "schema/asks.rs"]
mod asks;

use admin_store::traffic::{ColumnUse, JoinUse, TableName, TableUse, Usage, set_usage, unanalysed};
use admin_store::{Backend, Location, now_us};
use control::{
    Caller as WireCaller, ListenerState, Listening, Minute, PlaneState, Report, StatementCount,
    StatementText, Sums,
};
use harness::{Caller, Plane, each_backend, state};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const CONNECTIONS: &str = "/api/v1/workspaces/shop/connections";
/// Longest wait for what happens in the background.
const PATIENCE: Duration = Duration::from_secs(60);
const SHOP: &str = "
CREATE SCHEMA audit;
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL UNIQUE, region text);
COMMENT ON TABLE customers IS 'who buys';
CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint NOT NULL REFERENCES customers, region text, note text);
CREATE INDEX orders_by_customer ON orders (customer_id);
CREATE TABLE regions (code text PRIMARY KEY);
CREATE TABLE audit.orders (id bigint, who text);
CREATE TABLE days (day date NOT NULL, total int) PARTITION BY RANGE (day);
CREATE TABLE days_2026 PARTITION OF days FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE VIEW big_orders AS SELECT * FROM orders WHERE id > 100;
CREATE FUNCTION total(a int, b int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT a + b';
INSERT INTO customers SELECT n, n || '@example.com', 'north' FROM generate_series(1, 50) n;
ANALYZE customers;
";

/// A database of PostgreSQL that nobody has used yet.
struct Database {
    url: String,
    port: u16,
    name: String,
}

impl Database {
    fn fresh() -> Database {
        let Location::Server(url) = state::fresh(Backend::Postgres) else { panic!("a server") };
        let place = url.split('@').nth(1).unwrap().split('?').next().unwrap().to_owned();
        let (address, name) = place.split_once('/').unwrap();
        let port = address.rsplit(':').next().unwrap().parse().unwrap();
        Database { url, port, name: name.to_owned() }
    }

    async fn run(&self, sql: &str) {
        let (client, connection) = tokio_postgres::connect(&self.url, tokio_postgres::NoTls).await.unwrap();
        let ended = tokio::spawn(connection);
        client.batch_execute(sql).await.unwrap();
        drop(client);
        ended.await.unwrap().unwrap();
    }

    fn draft(&self, name: &str) -> Value {
        json!({
            "name": name, "kind": "postgres", "host": "127.0.0.1", "port": self.port, "database": self.name,
            "user": "owner", "options": { "refresh_hours": 0 },
        })
    }
}

/// Makes a connection, and gives its path.
async fn connect(caller: &Caller, path: &str, draft: Value) -> String {
    let made = caller.post(path, draft).await;
    made.expect(201);
    made.header("location").unwrap()
}

fn names(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().unwrap();
    items
        .iter()
        .map(|one| format!("{}.{}", one["schema"].as_str().unwrap(), one["name"].as_str().unwrap()))
        .collect()
}

#[test]
fn a_schema_is_read_listed_searched_and_compared() {
    each_backend(|backend| async move {
        let database = Database::fresh();
        database.run(SHOP).await;
        let plane = Plane::start(backend).await;
        let people = plane.people().await;
        let path = connect(&people.admin, CONNECTIONS, database.draft("Shop")).await;
        let schema = format!("{path}/schema");
        let nothing = people.viewer.get(&format!("{schema}/objects")).await;
        assert_eq!(nothing.problem(404), "not_found");
        assert!(nothing.json()["hint"].as_str().unwrap().contains("snapshots"));
        assert_eq!(
            people.viewer.post(&format!("{schema}/snapshots"), json!({})).await.problem(403),
            "forbidden"
        );
        let taken = people.editor.post(&format!("{schema}/snapshots"), json!({})).await;
        let first = taken.expect(201);
        assert_eq!(
            (first["is_new"].clone(), first["snapshot"]["engine"].clone()),
            (json!(true), json!("postgres"))
        );
        let location = taken.header("location").unwrap();
        let shown = people.viewer.get(&location).await.expect(200);
        let tables = shown["kinds"].as_array().unwrap().iter().find(|one| one["kind"] == "table").unwrap();
        assert_eq!(tables["count"], 5);
        let again = people.editor.post(&format!("{schema}/snapshots"), json!({})).await.expect(201);
        assert_eq!(
            (again["is_new"].clone(), again["snapshot"]["id"].clone()),
            (json!(false), first["snapshot"]["id"].clone())
        );
        looks(&people.viewer, &schema).await;
        asks::depends(&people.viewer, &schema).await;
        let one = first["snapshot"]["id"].as_str().unwrap();
        compares(&people, &database, &schema, one).await;
        asks::remembers(&people.viewer, &schema, one).await;
        // Another connection's snapshot is none of this one's, and another workspace's is nobody's.
        let other = connect(&people.admin, CONNECTIONS, database.draft("Other")).await;
        people.editor.post(&format!("{other}/schema/snapshots"), json!({})).await.expect(201);
        for foreign in [
            format!("{other}/schema/snapshots/{one}"),
            format!("{other}/schema/objects?snapshot={one}"),
            format!("{other}/schema/diff?before={one}"),
        ] {
            assert_eq!(people.viewer.get(&foreign).await.problem(404), "not_found", "{foreign}");
        }
        for place in ["tree", "objects", "search?words=a", "snapshots", "diff"] {
            assert_eq!(people.stranger.get(&format!("{schema}/{place}")).await.problem(404), "not_found");
        }
        plane.stop().await;
    });
}

async fn looks(viewer: &Caller, schema: &str) {
    let tree = viewer.get(&format!("{schema}/tree")).await.expect(200);
    let counted = |schema: &str, kind: &str| {
        let groups = tree["items"].as_array().unwrap();
        groups
            .iter()
            .find(|one| one["schema"] == schema && one["kind"] == kind)
            .map(|one| one["count"].clone())
    };
    assert_eq!((counted("audit", "table"), counted("public", "view")), (Some(json!(1)), Some(json!(1))));
    let tables = viewer.get(&format!("{schema}/objects?kind=table&schema=PUBLIC")).await.expect(200);
    assert_eq!(names(&tables), ["public.customers", "public.days_2026", "public.orders", "public.regions"]);
    assert_eq!(
        (tables["items"][0]["comment"].clone(), tables["items"][0]["row_estimate"].clone()),
        (json!("who buys"), json!(50))
    );
    let begins = viewer.get(&format!("{schema}/objects?prefix=ORD&kind=table")).await.expect(200);
    assert_eq!(names(&begins), ["audit.orders", "public.orders"]);
    let (mut all, mut next) = (Vec::new(), String::new());
    loop {
        let page = viewer.get(&format!("{schema}/objects?limit=3{next}")).await.expect(200);
        assert!(page["items"].as_array().unwrap().len() <= 3);
        all.extend(names(&page));
        match page["next"].as_str() {
            Some(cursor) => next = format!("&cursor={cursor}"),
            None => break,
        }
    }
    let whole = viewer.get(&format!("{schema}/objects?limit=200")).await.expect(200);
    assert_eq!(all, names(&whole));
    for wrong in ["cursor=AAAA", "kind=nothing", "limit=0", "snapshot=x&limit=1", "parent=AA&kind=table"] {
        assert!(viewer.get(&format!("{schema}/objects?{wrong}")).await.status.is_client_error(), "{wrong}");
    }
    let days = viewer.get(&format!("{schema}/objects?kind=partitioned_table")).await.expect(200);
    let parts =
        viewer.get(&format!("{schema}/objects?parent={}", days["items"][0]["key"].as_str().unwrap())).await;
    assert_eq!(names(&parts.expect(200)), ["public.days_2026"]);
    let hits = viewer.get(&format!("{schema}/search?words=cust")).await.expect(200);
    let hit = |at: usize| (hits["items"][at]["matched"].clone(), hits["items"][at]["object"]["name"].clone());
    assert_eq!(
        (hit(0), hit(1)),
        ((json!("name"), json!("customers")), (json!("column"), json!("big_orders")))
    );
    let page = viewer.get(&format!("{schema}/search?words=cust&limit=1")).await.expect(200);
    let cursor = page["next"].as_str().unwrap();
    let page = viewer.get(&format!("{schema}/search?words=cust&limit=1&cursor={cursor}")).await.expect(200);
    assert_eq!(page["items"][0]["object"]["name"], "big_orders");
    let none = viewer.get(&format!("{schema}/search?words=%27%3B%20DROP%20TABLE%20x")).await.expect(200);
    assert_eq!(none["items"], json!([]));
    let key = tables["items"][2]["key"].as_str().unwrap();
    let orders = viewer.get(&format!("{schema}/objects/{key}")).await.expect(200);
    let relation = &orders["definition"]["detail"]["relation"];
    assert_eq!(relation["foreign_keys"][0]["references"]["table"], "customers");
    assert_eq!(relation["columns"][1]["name"], "customer_id");
    assert!(orders["measurements"]["size_bytes"].as_u64().unwrap() > 0, "{orders}");
    for wrong in ["AAAA", "!!", "%2e%2e", &"A".repeat(20_000)] {
        assert!(viewer.get(&format!("{schema}/objects/{wrong}")).await.status.is_client_error());
    }
}

async fn compares(people: &harness::People, database: &Database, schema: &str, first: &str) {
    let lonely = people.viewer.get(&format!("{schema}/diff")).await;
    assert_eq!(lonely.problem(404), "not_found");
    database
        .run("ALTER TABLE orders DROP COLUMN note CASCADE; ALTER TABLE regions ADD label text; CREATE TABLE extra (id int); \
              DROP FUNCTION total(int, int)")
        .await;
    database.run("CREATE OR REPLACE VIEW big_orders AS SELECT * FROM orders WHERE id > 100").await;
    let taken = people.editor.post(&format!("{schema}/snapshots"), json!({})).await.expect(201);
    assert_eq!(taken["is_new"], true);
    let diff = people.viewer.get(&format!("{schema}/diff")).await.expect(200);
    assert_eq!(
        (diff["before"]["id"].clone(), diff["added"].clone(), diff["removed"].clone()),
        (json!(first), json!(1), json!(1))
    );
    let changes = diff["changes"].as_array().unwrap();
    let find = |sentence: &str| {
        changes
            .iter()
            .find(|one| one["sentence"] == sentence)
            .unwrap_or_else(|| panic!("`{sentence}` in {diff}"))
    };
    let dropped = find("column `note` of table `public.orders` was removed");
    assert_eq!(
        (dropped["severity"].clone(), dropped["part"]["aspect"].clone()),
        (json!("breaking"), json!("column"))
    );
    assert_eq!(find("column `label` of table `public.regions` was added")["severity"], "safe");
    assert_eq!(find("table `public.extra` was added")["action"], "added");
    let turned = format!("{schema}/diff?before={}&after={first}", taken["snapshot"]["id"].as_str().unwrap());
    let turned = people.viewer.get(&turned).await.expect(200);
    assert_eq!((turned["added"].clone(), turned["is_cut"].clone()), (json!(1), json!(false)));
    let listed = people.viewer.get(&format!("{schema}/snapshots")).await.expect(200);
    assert_eq!(listed["items"].as_array().unwrap().len(), 2);
    let old = people.viewer.get(&format!("{schema}/search?words=total&snapshot={first}")).await.expect(200);
    let is_there = |hits: &Value| {
        hits["items"].as_array().unwrap().iter().any(|hit| hit["object"]["kind"] == "function")
    };
    assert!(is_there(&old), "what was is still found in the old one: {old}");
    assert!(!is_there(&people.viewer.get(&format!("{schema}/search?words=total")).await.expect(200)));
}

#[test]
fn an_upload_is_taken_whole_or_not_at_all() {
    each_backend(|backend| async move {
        let database = Database::fresh();
        let plane = Plane::start(backend).await;
        let people = plane.people().await;
        let path = connect(&people.admin, CONNECTIONS, database.draft("Shop")).await;
        let (upload, snapshots) = (format!("{path}/schema/upload"), format!("{path}/schema/snapshots"));
        let send = async |kind: &str, body: Vec<u8>| {
            people.admin.send(Method::POST, &upload, &[], Some((kind, body))).await
        };
        let csv = "table,column,type,references\norders,id,bigint,\norders,customer_id,bigint,customers.id\n,x,text,\norders,y,,\n";
        let refused = send("text/csv", csv.into()).await;
        assert_eq!(refused.problem(422), "invalid");
        let errors = refused.json()["errors"].as_array().unwrap().clone();
        let lines: Vec<&str> = errors.iter().map(|error| error["field"].as_str().unwrap()).collect();
        assert_eq!(lines, ["line 4", "line 5"], "{errors:?}");
        assert_eq!(errors[0]["span"], json!([csv.find(",x,text").unwrap(), csv.find(",x,text").unwrap()]));
        for (kind, body, line) in [
            ("application/json", "{\n\"tables\": [\n{\"name\": 7}]}", "line 3"),
            ("application/json", "{\"tables\": [", "line 1"),
            ("application/json", "[]]", "line 1"),
            ("application/json", "\u{1}\u{2}PK\u{3}\u{4}", "line 1"),
            ("text/csv", "a,b\n1,2\n", "line 1"),
            ("text/csv; charset=utf-8", "table,column,type\norders,\"id,bigint", "line 2"),
        ] {
            let refused = send(kind, body.into()).await;
            assert_eq!(refused.problem(422), "invalid", "{body}");
            assert_eq!(refused.json()["errors"][0]["field"], line, "{}", refused.text);
        }
        let not_text = send("text/csv", vec![0x1f, 0x8b, 0xff, 0xfe, 0x00]).await;
        assert_eq!(not_text.problem(422), "invalid");
        assert_eq!(send("application/zip", b"PK".to_vec()).await.problem(415), "unsupported_media_type");
        assert_eq!(send("text/csv", vec![b'x'; (32 << 20) + 1]).await.problem(413), "too_large");
        assert_eq!(people.admin.get(&snapshots).await.expect(200)["items"], json!([]), "nothing was taken");
        // More than other requests may have.
        let mut csv = String::from("schema,table,column,type,comment\n");
        for table in 0..2_500 {
            for column in ["id", "name", "region"] {
                csv.push_str(&format!("sales,t{table},{column},text,{}\n", "x".repeat(300)));
            }
        }
        assert!(csv.len() > 2 << 20);
        let taken = send("text/csv", csv.into_bytes()).await.expect(201);
        assert_eq!(
            (taken["snapshot"]["source"].clone(), taken["snapshot"]["cause"].clone()),
            (json!("csv"), json!("upload"))
        );
        let found = people.viewer.get(&format!("{path}/schema/search?words=t2499")).await.expect(200);
        assert_eq!(found["items"].as_array().unwrap().len(), 1);
        let file = json!({ "tables": [{ "name": "'; DROP TABLE x; --", "columns": [{ "name": "id", "type": "bigint" }] }] });
        let taken = send("application/json", file.to_string().into_bytes()).await.expect(201);
        assert_eq!(taken["snapshot"]["source"], "json");
        assert_eq!(people.editor.post(&upload, json!({})).await.problem(403), "forbidden");
        assert_eq!(people.stranger.post(&upload, json!({})).await.problem(404), "not_found");
        plane.stop().await;
    });
}

#[test]
fn three_thousand_tables_come_in() {
    each_backend(|backend| async move {
        let database = Database::fresh();
        let statement = |number: usize| {
            format!(
                "CREATE TABLE part_{}.table_{number} (id bigint PRIMARY KEY, customer_id bigint NOT NULL, name text DEFAULT 'x', \
                 created_at timestamptz NOT NULL, total numeric(12,2), note text, UNIQUE (customer_id, name));",
                number % 10
            )
        };
        let schemas: String = (0..10).map(|number| format!("CREATE SCHEMA part_{number};")).collect();
        database.run(&schemas).await;
        for batch in (0..3_000).collect::<Vec<usize>>().chunks(500) {
            database.run(&batch.iter().map(|number| statement(*number)).collect::<String>()).await;
        }
        let plane = Plane::start(backend).await;
        let people = plane.people().await;
        let path = connect(&people.admin, CONNECTIONS, database.draft("Large")).await;
        let begun = Instant::now();
        let taken = people.editor.post(&format!("{path}/schema/snapshots"), json!({})).await.expect(201);
        let took = begun.elapsed();
        let reading = taken["snapshot"]["duration_us"].as_u64().unwrap() / 1_000;
        eprintln!("3,000 tables with a state in {backend:?}: {took:?}, of which reading took {reading} ms");
        assert!(taken["snapshot"]["object_count"].as_i64().unwrap() >= 3_000);
        // Times are held against their bounds where nothing else runs.
        let bound = std::env::var_os("DRAGOMAN_SPEED").map(|_| Duration::from_secs(10));
        assert!(bound.is_none_or(|bound| took < bound), "{took:?}");
        for question in [
            "tree",
            "objects?limit=200&schema=part_3",
            "search?words=table_29",
            "objects?prefix=table_1&limit=200",
        ] {
            let begun = Instant::now();
            let answer = people.viewer.get(&format!("{path}/schema/{question}")).await;
            answer.expect(200);
            eprintln!("{question}: {:?}, {} bytes", begun.elapsed(), answer.text.len());
            assert!(answer.text.len() < 100_000, "a part of them, without definitions");
        }
        plane.stop().await;
    });
}

fn sums(calls: u64) -> Sums {
    let mut sums = Sums { calls, rows: calls, total_us: calls * 100, ..Sums::default() };
    for _ in 0..calls {
        sums.latency.observe(100);
    }
    sums
}

fn table(schema: Option<&str>, name: &str) -> TableName {
    TableName { schema: schema.map(str::to_owned), name: name.to_owned() }
}

fn join(left: (&str, &str), right: (&str, &str)) -> JoinUse {
    JoinUse {
        left: table(None, left.0),
        left_column: left.1.to_owned(),
        right: table(Some("public"), right.0),
        right_column: right.1.to_owned(),
    }
}

#[test]
fn what_was_seen_on_the_wire_is_joined_in() {
    each_backend(|backend| async move {
        let database = Database::fresh();
        database.run(SHOP).await;
        let plane = Plane::start(backend).await;
        let people = plane.people().await;
        let gate = wire(&plane, &people.root, &database).await;
        let mut draft = database.draft("Shop");
        draft["host"] = json!("localhost");
        let path = connect(&people.root, &gate, draft).await;
        people.root.post(&format!("{path}/schema/snapshots"), json!({})).await.expect(201);
        let objects =
            people.root.get(&format!("{path}/schema/objects?kind=table&prefix=orders")).await.expect(200);
        assert_eq!(names(&objects), ["audit.orders", "public.orders"]);
        let key = |at: usize| objects["items"][at]["key"].as_str().unwrap().to_owned();
        let all = people.root.get(&format!("{path}/schema/names")).await.expect(200);
        let orders =
            all["items"].as_array().unwrap().iter().find(|one| one["key"] == key(1).as_str()).unwrap();
        assert_eq!((orders["schema"].clone(), orders["name"].clone()), (json!("public"), json!("orders")));
        assert!(orders["columns"].as_array().unwrap().contains(&json!("customer_id")), "{orders}");
        let used = people.root.get(&format!("{path}/schema/objects/{}/usage", key(1))).await.expect(200);
        assert_eq!(
            (used["reads"].clone(), used["writes"].clone(), used["shares_name"].clone()),
            (json!(7), json!(2), json!(false))
        );
        assert_eq!(used["listeners"], json!(["main"]));
        // The hour that is asked for is widened to at most two of them.
        let rate = |name: &str| used[name].as_f64().unwrap();
        assert!((7.0 / 120.0..=7.0 / 60.0).contains(&rate("reads_per_minute")), "{used}");
        assert!((rate("writes_per_minute") * 7.0 - rate("reads_per_minute") * 2.0).abs() < 1e-9, "{used}");
        assert_eq!(used["last_seen_at"], used["statements"][0]["last_seen_at"]);
        let callers: Vec<_> =
            used["callers"].as_array().unwrap().iter().map(|one| one["caller"]["user"].clone()).collect();
        assert_eq!(callers, [json!("ada"), json!("bob")]);
        assert_eq!(used["statements"][0]["fingerprint"], "1-0000000000000001");
        assert_eq!(used["statements"][0]["text"], "SELECT 1");
        let columns = used["columns"].as_array().unwrap();
        let customer = columns.iter().find(|one| one["name"] == "customer_id").unwrap();
        assert_eq!((customer["reads"].clone(), customer["writes"].clone()), (json!(7), json!(0)));
        tells_joins(&used);
        let using = format!("{path}/schema/objects/{}/usage?column=region", key(1));
        let using = people.root.get(&using).await.expect(200);
        let statements = using["statements"].as_array().unwrap();
        assert_eq!((statements.len(), statements[0]["writes"].clone()), (1, json!(true)), "{using}");
        asks::tells_use(&people.root, &path, &database).await;
        let other = people.root.get(&format!("{path}/schema/objects/{}/usage", key(0))).await.expect(200);
        assert_eq!((other["shares_name"].clone(), other["joins"].clone()), (json!(true), json!([])));
        // A connection to another server has no listener, and nothing was seen of it.
        let mut draft = database.draft("Elsewhere");
        draft["host"] = json!("127.0.0.1");
        draft["port"] = json!(1);
        let elsewhere = connect(&people.root, &gate, draft).await;
        let file =
            json!({ "tables": [{ "name": "orders", "columns": [{ "name": "id", "type": "bigint" }] }] });
        people.root.post(&format!("{elsewhere}/schema/upload"), file).await.expect(201);
        let used = people.root.get(&format!("{elsewhere}/schema/objects/{}/usage", key(1))).await.expect(200);
        assert_eq!((used["reads"].clone(), used["listeners"].clone()), (json!(0), json!([])));
        assert!(used.get("last_seen_at").is_none(), "{used}");
        plane.stop().await;
    });
}

/// A declared join, one that nobody declared, and one with a table that the schema does not have.
fn tells_joins(used: &Value) {
    let joins = used["joins"].as_array().unwrap();
    let with = |name: &str| joins.iter().find(|one| one["with_table"] == name).unwrap();
    let declared = with("customers");
    assert_eq!(
        (declared["is_declared"].clone(), declared["foreign_key"].clone()),
        (json!(true), json!("orders_customer_id_fkey"))
    );
    assert_eq!((declared["column"].clone(), declared["calls"].clone()), (json!("customer_id"), json!(7)));
    let undeclared = with("regions");
    assert_eq!(
        (undeclared["is_declared"].clone(), undeclared["is_known"].clone()),
        (json!(false), json!(true))
    );
    let unknown = with("gone");
    assert_eq!((unknown["is_declared"].clone(), unknown["is_known"].clone()), (json!(false), json!(false)));
}

/// A listener before the database, and traffic through it. Gives the path of its workspace's connections.
async fn wire(plane: &Plane, root: &Caller, database: &Database) -> String {
    let gate = "/api/v1/workspaces/gate/connections".to_owned();
    let listener = ListenerState {
        name: "main".to_owned(),
        protocol: "postgres".to_owned(),
        workspace: "gate".to_owned(),
        listen: "127.0.0.1:6".to_owned(),
        upstream: vec![format!("127.0.0.1:{}", database.port)],
        ..ListenerState::default()
    };
    let state = PlaneState { plane: "plane".to_owned(), listeners: vec![listener], ..PlaneState::default() };
    let carrier = plane.plane.carrier();
    let waiting = tokio::spawn(async move {
        carrier.listen(Listening { version: control::VERSION, state, snapshot: 0 }).await
    });
    let begun = Instant::now();
    while root.get(&gate).await.status != 200 {
        assert!(begun.elapsed() < PATIENCE, "the workspace of the listener is made");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    waiting.abort();
    let text = |fingerprint: &str, class: &str, text: &str| StatementText {
        listener: "main".to_owned(),
        fingerprint: fingerprint.to_owned(),
        text: text.to_owned(),
        class: class.to_owned(),
        tables: vec!["orders".to_owned()],
    };
    let count = |fingerprint: &str, user: &str, calls| StatementCount {
        fingerprint: fingerprint.to_owned(),
        caller: WireCaller {
            user: user.to_owned(),
            database: database.name.clone(),
            application: "till".to_owned(),
        },
        sums: sums(calls),
    };
    let (read, write) = ("1-0000000000000001", "1-0000000000000002");
    let minute = Minute {
        listener: "main".to_owned(),
        minute: now_us() / 60_000_000 - 2,
        counts: vec![count(read, "ada", 7), count(write, "bob", 2)],
        ..Minute::default()
    };
    let report = Report {
        plane: "plane".to_owned(),
        start: "one".to_owned(),
        number: 1,
        statements: vec![text(read, "read", "SELECT 1"), text(write, "write", "UPDATE 2")],
        minutes: vec![minute],
        ..Report::default()
    };
    plane.plane.carrier().report(report).await.unwrap();
    analyse(plane).await;
    gate
}

/// Says what the statements use.
async fn analyse(plane: &Plane) {
    let mut tx = plane.plane.app().store.write().await.unwrap();
    let mut usages = Vec::new();
    for one in unanalysed(&mut tx, 10).await.unwrap() {
        let reads = one.text.starts_with("SELECT");
        let used = |name: &str| TableUse { table: table(None, name), reads, writes: !reads };
        let column = |name: &str| ColumnUse {
            table: table(None, "orders"),
            column: name.to_owned(),
            reads,
            writes: !reads,
        };
        let joins = vec![
            join(("orders", "customer_id"), ("customers", "id")),
            join(("orders", "region"), ("regions", "code")),
            join(("orders", "id"), ("gone", "id")),
        ];
        let usage = Usage {
            tables: vec![used("orders")],
            columns: vec![column(if reads { "customer_id" } else { "region" })],
            joins: if reads { joins } else { Vec::new() },
            more: Value::Null,
        };
        usages.push((one.id, usage));
    }
    set_usage(&mut tx, &usages).await.unwrap();
    tx.commit().await.unwrap();
}
