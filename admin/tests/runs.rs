//! How are queries of people run: what comes back, what ends them, and what never reaches a database?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod data_plane;
mod harness;
#[path = "../engines/tests/harness/mod.rs"]
mod servers;

use admin_store::{Backend, Location};
use harness::{Answer, Caller, People, Plane, each_backend, state};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tokio_postgres::NoTls;

const RUNS: &str = "/api/v1/workspaces/shop/runs";
const LIMIT: Duration = Duration::from_secs(20);

/// A database of the test's server, to be asked through the API and past it.
struct Shop {
    port: u16,
    database: String,
    owner: tokio_postgres::Client,
}

impl Shop {
    async fn start() -> Shop {
        let Location::Server(url) = state::fresh(Backend::Postgres) else { panic!("a server") };
        let place = url.split('@').nth(1).expect("a place").split('?').next().expect("a place");
        let (address, database) = place.split_once('/').expect("a database");
        let port = address.split(':').nth(1).expect("a port").parse().expect("a number");
        let (owner, connection) = tokio_postgres::connect(&url, NoTls).await.expect("a connection");
        tokio::spawn(connection);
        let shop = Shop { port, database: database.to_owned(), owner };
        shop.run(
            "CREATE TABLE orders (id int PRIMARY KEY, customer text, total numeric(10, 2));
             INSERT INTO orders VALUES (1, 'ada', 10.50), (2, 'bob', 20.00), (3, NULL, 30.00);
             CREATE SEQUENCE counter",
        )
        .await;
        shop
    }

    async fn run(&self, sql: &str) {
        self.owner.batch_execute(sql).await.expect("it runs");
    }

    /// What the API is told of it.
    fn draft(&self, name: &str) -> Value {
        json!({
            "name": name, "kind": "postgres", "host": "127.0.0.1", "port": self.port, "user": "owner",
            "database": self.database, "options": { "refresh_hours": 0 },
        })
    }

    /// Statements of the console that the server works on now.
    async fn at_work(&self) -> i64 {
        let sql = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'dragoman console' \
                   AND datname = current_database() AND state = 'active'";
        self.owner.query_one(sql, &[]).await.expect("a row").get(0)
    }

    /// Waits until so many are at work.
    async fn until_at_work(&self, count: i64) {
        let begun = Instant::now();
        while self.at_work().await != count {
            assert!(begun.elapsed() < LIMIT, "{} statements are at work", self.at_work().await);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// Makes a connection and gives its id.
async fn connect(caller: &Caller, workspace: &str, draft: Value) -> String {
    let path = format!("/api/v1/workspaces/{workspace}/connections");
    let made = caller.post(&path, draft).await.expect(201);
    made["id"].as_str().expect("an id").to_owned()
}

/// The lines of an answer.
#[track_caller]
fn lines(answer: &Answer) -> Vec<Value> {
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.text);
    assert_eq!(answer.header("content-type").as_deref(), Some("application/x-ndjson"));
    answer.text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// The rows of an answer, whatever the batches.
fn rows(lines: &[Value]) -> Vec<Value> {
    lines
        .iter()
        .filter(|line| line["kind"] == "rows")
        .flat_map(|line| line["rows"].as_array().unwrap().clone())
        .collect()
}

async fn run(caller: &Caller, connection: &str, sql: &str) -> Answer {
    caller.post(RUNS, json!({ "connection": connection, "sql": sql })).await
}

/// The latest run of who asks.
async fn latest(caller: &Caller) -> Value {
    caller.get(&format!("{RUNS}?limit=1")).await.expect(200)["items"][0].clone()
}

/// Waits until the latest run of who asks is no longer at work.
async fn latest_ended(caller: &Caller) -> Value {
    let begun = Instant::now();
    loop {
        let run = latest(caller).await;
        if run["state"] != "running" {
            return run;
        }
        assert!(begun.elapsed() < LIMIT, "{run}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn world(backend: Backend) -> (Plane, People, Shop, String) {
    let plane = Plane::start(backend).await;
    let people = plane.people().await;
    let shop = Shop::start().await;
    let connection = connect(&people.admin, "shop", shop.draft("Shop")).await;
    (plane, people, shop, connection)
}

#[test]
fn a_query_streams_typed_rows_and_is_noted() {
    each_backend(|backend| async move {
        let (plane, people, _shop, connection) = world(backend).await;
        let editor = &people.editor;
        let sql = "SELECT id, customer, total, id > 1 AS later, 9007199254740993 AS big, \
                   '{\"a\": 1}'::jsonb AS note, 'NaN'::float8 AS odd, '\\x00ff'::bytea AS raw, \
                   DATE '2026-11-21' AS day, NULL::int AS nothing FROM orders ORDER BY id";
        let all = lines(&run(editor, &connection, sql).await);
        assert_eq!(all[0]["kind"], "run", "{all:?}");
        assert_eq!((all[0]["rows_max"].clone(), all[0]["timeout_ms"].clone()), (json!(1_000), json!(30_000)));
        let kinds: Vec<&str> =
            all[1]["columns"].as_array().unwrap().iter().map(|one| one["kind"].as_str().unwrap()).collect();
        let expected =
            ["integer", "text", "decimal", "boolean", "integer", "json", "float", "bytes", "date", "integer"];
        assert_eq!(kinds, expected);
        let found = rows(&all);
        let first = json!([
            1,
            "ada",
            "10.50",
            false,
            "9007199254740993",
            "{\"a\": 1}",
            "NaN",
            "\\x00ff",
            "2026-11-21",
            null
        ]);
        assert_eq!((found.len(), &found[0]), (3, &first));
        assert_eq!(found[2][1], Value::Null);
        let last = all.last().unwrap();
        assert_eq!((last["kind"].clone(), last["rows"].clone()), (json!("done"), json!(3)), "{last}");
        assert!(last["truncated"].is_null() && last["elapsed_us"].as_u64().unwrap() > 0, "{last}");

        let noted = editor.get(&format!("{RUNS}/{}", all[0]["id"].as_str().unwrap())).await.expect(200);
        assert_eq!((noted["state"].clone(), noted["rows"].clone()), (json!("done"), json!(3)), "{noted}");
        assert_eq!(noted["sql"], sql);
        let usage = format!("/api/v1/workspaces/shop/connections/{connection}/usage");
        let usage = people.admin.get(&usage).await.expect(200).to_string();
        assert!(usage.contains("\"queries\":1"), "{usage}");

        let draft = json!({ "connection": connection, "sql": "SELECT customer FROM orders WHERE id = $1 AND $2::int IS NULL", "parameters": ["2", null] });
        assert_eq!(rows(&lines(&editor.post(RUNS, draft).await)), [json!(["bob"])]);
        plane.stop().await;
    });
}

#[test]
fn what_ends_a_result_early_is_told() {
    each_backend(|backend| async move {
        let (plane, people, _shop, connection) = world(backend).await;
        let editor = &people.editor;
        let draft = json!({ "connection": connection, "sql": "SELECT n FROM generate_series(1, 5000) n", "rows_max": 1200 });
        let all = lines(&editor.post(RUNS, draft).await);
        assert_eq!((rows(&all).len(), all.last().unwrap()["truncated"].clone()), (1200, json!("rows")));
        assert_eq!(latest(editor).await["truncated"], "rows");
        let draft = json!({ "connection": connection, "sql": "SELECT repeat('x', 1000) FROM generate_series(1, 5000)", "bytes_max": 10_000 });
        let all = lines(&editor.post(RUNS, draft).await);
        assert_eq!((rows(&all).len(), all.last().unwrap()["truncated"].clone()), (10, json!("bytes")));

        // What fails at once is a problem; what fails on the way is the last line.
        let failed = run(editor, &connection, "SELECT nothing FROM orders").await;
        assert_eq!(failed.problem(422), "statement_failed");
        assert_eq!(failed.json()["errors"][0]["span"], json!([7, 14]), "{}", failed.text);
        let sql = "SELECT 1000 / (2500 - n) FROM generate_series(1, 100000) n";
        let draft = json!({ "connection": connection, "sql": sql, "rows_max": 100_000 });
        let all = lines(&editor.post(RUNS, draft).await);
        let last = all.last().unwrap();
        assert_eq!(
            (last["kind"].clone(), last["code"].clone()),
            (json!("problem"), json!("statement_failed")),
            "{last}"
        );
        assert!(!rows(&all).is_empty());
        let noted = latest(editor).await;
        assert_eq!(
            (noted["state"].clone(), noted["error_class"].clone()),
            (json!("failed"), json!("statement"))
        );
        let draft = json!({ "connection": connection, "sql": "SELECT pg_sleep(20)", "timeout_seconds": 1 });
        let all = lines(&editor.post(RUNS, draft).await);
        assert_eq!(all.last().unwrap()["code"], "timeout", "{all:?}");
        assert_eq!(latest(editor).await["error_class"], "timeout");
        plane.stop().await;
    });
}

#[test]
fn who_may_not_run_does_not() {
    state::run(async {
        let (plane, people, shop, connection) = world(Backend::Sqlite).await;
        let refused = run(&people.viewer, &connection, "SELECT 1").await;
        assert_eq!(refused.problem(403), "forbidden");
        assert_eq!(run(&people.stranger, &connection, "SELECT 1").await.problem(404), "not_found");
        let elsewhere = connect(&people.stranger, "other", shop.draft("Theirs")).await;
        assert_eq!(run(&people.owner, &elsewhere, "SELECT 1").await.problem(404), "not_found");
        let mut production = shop.draft("Production");
        production["environment"] = json!("production");
        let production = connect(&people.admin, "shop", production).await;
        for path in ["runs", "exports", "explain", "check"] {
            let path = format!("/api/v1/workspaces/shop/{path}");
            let mut draft = json!({ "connection": production, "sql": "SELECT 1" });
            if path.ends_with("exports") {
                draft["format"] = json!("csv");
            }
            assert_eq!(people.editor.post(&path, draft.clone()).await.problem(403), "forbidden", "{path}");
            let answer = people.admin.post(&path, draft).await;
            assert_eq!(answer.status.as_u16(), 200, "{path}: {}", answer.text);
        }

        lines(&run(&people.editor, &connection, "SELECT 'of the editor'").await);
        let own = latest(&people.editor).await;
        let path = format!("{RUNS}/{}", own["id"].as_str().unwrap());
        assert_eq!(people.viewer.get(&path).await.problem(404), "not_found");
        assert_eq!(people.stranger.get(&path).await.problem(404), "not_found");
        people.admin.get(&path).await.expect(200);
        assert_eq!(people.viewer.get(RUNS).await.expect(200)["items"], json!([]));
        assert_eq!(people.editor.get(&format!("{RUNS}?of=all")).await.problem(403), "forbidden");
        let all = people.admin.get(&format!("{RUNS}?of=all&state=done")).await.expect(200);
        assert!(all["items"].as_array().unwrap().iter().any(|run| run["id"] == own["id"]), "{all}");

        for (field, value) in [
            ("rows_max", json!(0)),
            ("rows_max", json!(100_001)),
            ("bytes_max", json!(268_435_457_u64)),
            ("timeout_seconds", json!(301)),
            ("sql", json!("  ")),
            ("sql", json!("x".repeat(1_048_577))),
            ("parameters", json!(vec!["1"; 1_001])),
            ("parameters", json!([1])),
            ("unknown", json!(1)),
        ] {
            let mut draft = json!({ "connection": connection, "sql": "SELECT 1" });
            draft[field] = value;
            assert_eq!(people.editor.post(RUNS, draft).await.problem(422), "invalid", "{field}");
        }
        plane.stop().await;
    });
}

/// Statements that would change something, or begin to, each in another disguise.
const DISGUISES: [&str; 44] = [
    "INSERT INTO orders VALUES (9)",
    "UPDATE orders SET total = 0 RETURNING *",
    "DELETE FROM orders",
    "TRUNCATE orders",
    "MERGE INTO orders o USING (VALUES (1)) v(id) ON o.id = v.id WHEN MATCHED THEN DELETE",
    "WITH w AS (INSERT INTO orders VALUES (9) RETURNING id) SELECT id FROM w",
    "WITH w AS (DELETE FROM orders RETURNING id), r AS (SELECT 1) SELECT * FROM r",
    "SELECT * INTO taken FROM orders",
    "CREATE TABLE taken AS SELECT * FROM orders",
    "CREATE TEMP TABLE taken (id int)",
    "EXPLAIN ANALYZE DELETE FROM orders",
    "EXPLAIN (ANALYZE, COSTS off) UPDATE orders SET total = 0",
    "EXPLAIN (ANALYZE) CREATE TABLE taken AS SELECT 1",
    "COPY orders FROM PROGRAM 'echo 666'",
    "COPY (SELECT 1) TO PROGRAM 'cat > /tmp/out'",
    "COPY orders TO '/tmp/out'",
    "COPY orders FROM STDIN",
    "COPY (DELETE FROM orders RETURNING id) TO STDOUT",
    "DO $$ BEGIN DELETE FROM orders; END $$",
    "CALL own()",
    "SELECT own_function()",
    "SELECT * FROM public.own_function(1)",
    "SELECT nextval('counter')",
    "SELECT setval('counter', 1)",
    "SELECT lo_create(0)",
    "SELECT lo_export(1, '/tmp/out')",
    "SELECT pg_notify('a', 'b')",
    "SELECT pg_terminate_backend(1)",
    "SELECT pg_read_file('/etc/passwd')",
    "SELECT pg_advisory_lock(1)",
    "SELECT query_to_xml('DELETE FROM orders', true, true, '')",
    "SELECT set_config('transaction_read_only', 'off', true)",
    "SET TRANSACTION READ WRITE",
    "SET default_transaction_read_only = off",
    "BEGIN READ WRITE",
    "COMMIT",
    "SELECT 1; DELETE FROM orders",
    "COMMIT; DELETE FROM orders",
    "SELECT * FROM orders FOR UPDATE",
    "LOCK TABLE orders",
    "PREPARE p AS DELETE FROM orders",
    "EXECUTE p",
    "LISTEN a",
    "SELECT 1 FORM orders",
];

#[test]
fn what_would_change_something_is_refused_before_any_database_is_asked() {
    state::run(async {
        let plane = Plane::start(Backend::Sqlite).await;
        let people = plane.people().await;
        // Nobody listens there: what got past the judge would fail to connect.
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let draft = json!({ "name": "Away", "kind": "postgres", "host": "127.0.0.1", "port": free, "user": "u",
            "options": { "refresh_hours": 0 } });
        let away = connect(&people.admin, "shop", draft).await;
        assert_eq!(run(&people.editor, &away, "SELECT 1").await.problem(422), "connection_failed");
        let mut wrong = Vec::new();
        for sql in DISGUISES {
            for (path, more) in
                [("runs", json!({})), ("exports", json!({ "format": "csv" })), ("explain", json!({}))]
            {
                let mut draft = json!({ "connection": away, "sql": sql });
                draft.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
                let answer = people.editor.post(&format!("/api/v1/workspaces/shop/{path}"), draft).await;
                if answer.json()["code"] != "refused" {
                    wrong.push(format!("{path} {sql}: {}", answer.text));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));

        let refused = run(&people.editor, &away, "  DELETE FROM orders;").await;
        let document = refused.json();
        assert_eq!(refused.problem(422), "refused");
        assert_eq!(document["rule"], "read-only/write", "{document}");
        assert_eq!(document["errors"][0]["span"], json!([2, 20]), "{document}");
        assert!(document["hint"].is_string(), "{document}");
        let misspelt = run(&people.editor, &away, "SELECT 'ü' FORM orders").await.json();
        assert_eq!(misspelt["errors"][0]["span"], json!([17, 23]), "{misspelt}");
        assert!(misspelt["rule"].is_null(), "{misspelt}");

        let noted = people.editor.get(&format!("{RUNS}?state=refused&limit=200")).await.expect(200);
        // Those of runs and of exports, and the two above.
        assert_eq!(noted["items"].as_array().unwrap().len(), 2 * DISGUISES.len() + 2);
        let activity = "/api/v1/workspaces/shop/activity?limit=200";
        let activity = people.admin.get(activity).await.expect(200).to_string();
        assert!(activity.contains("read-only/write") && activity.contains("\"refused\""), "{activity}");
        assert!(!activity.contains("/etc/passwd"), "a statement's text stands in the activity");
        plane.stop().await;
    });
}

#[test]
fn a_run_ends_when_its_client_leaves_and_when_it_is_cancelled() {
    state::run(async {
        let (plane, people, shop, connection) = world(Backend::Sqlite).await;
        let editor = &people.editor;
        let draft =
            json!({ "connection": connection, "sql": "SELECT 1, pg_sleep(60)", "timeout_seconds": 60 });
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let request = client
            .post(format!("{}{RUNS}", plane.url))
            .header("cookie", editor.cookie.clone().unwrap())
            .header("x-csrf-token", editor.csrf.clone().unwrap())
            .json(&draft);
        let mut response = request.send().await.unwrap();
        let first = response.chunk().await.unwrap().expect("the first line");
        assert!(first.starts_with(b"{\"kind\":\"run\""));
        shop.until_at_work(1).await;
        drop(response);
        drop(client);
        shop.until_at_work(0).await;
        let noted = latest_ended(editor).await;
        assert_eq!(
            (noted["state"].clone(), noted["error_class"].clone()),
            (json!("cancelled"), json!("gone"))
        );

        // From another session of the same person, and by who manages the workspace; nobody else.
        let elsewhere = plane.nobody().sign_in("editor@example.com", harness::PASSWORD).await;
        for canceller in [&elsewhere, &people.admin] {
            let waiting = tokio::spawn({
                let (editor, draft) = (editor.clone(), draft.clone());
                async move { editor.post(RUNS, draft).await }
            });
            shop.until_at_work(1).await;
            let path = format!("{RUNS}/{}", latest(editor).await["id"].as_str().unwrap());
            assert_eq!(people.stranger.delete(&path).await.problem(404), "not_found");
            assert_eq!(people.viewer.delete(&path).await.problem(403), "forbidden");
            assert_eq!(canceller.delete(&path).await.status.as_u16(), 204);
            let all = lines(&waiting.await.unwrap());
            assert_eq!(all.last().unwrap()["code"], "cancelled", "{all:?}");
            shop.until_at_work(0).await;
            assert_eq!(latest(editor).await["state"], "cancelled");
            assert_eq!(canceller.delete(&path).await.status.as_u16(), 204, "it has ended");
        }
        plane.stop().await;
    });
}

#[test]
fn nobody_runs_more_at_once_than_they_may() {
    state::run(async {
        let (plane, people, shop, connection) = world(Backend::Sqlite).await;
        let other = connect(&people.admin, "shop", shop.draft("Shop again")).await;
        let mut waiting = Vec::new();
        for number in 0..8 {
            let connection = if number % 2 == 0 { connection.clone() } else { other.clone() };
            let editor = people.editor.clone();
            waiting.push(tokio::spawn(async move { run(&editor, &connection, "SELECT pg_sleep(25)").await }));
        }
        shop.until_at_work(8).await;
        let refused = run(&people.editor, &connection, "SELECT 1").await;
        assert_eq!(refused.problem(429), "too_many_requests");
        assert!(refused.header("retry-after").is_some());
        // Others have places of their own.
        let third = connect(&people.admin, "shop", shop.draft("A third")).await;
        lines(&run(&people.admin, &third, "SELECT 1").await);
        let running = people.editor.get(&format!("{RUNS}?state=running")).await.expect(200);
        for run in running["items"].as_array().unwrap() {
            let path = format!("{RUNS}/{}", run["id"].as_str().unwrap());
            assert_eq!(people.editor.delete(&path).await.status.as_u16(), 204);
        }
        for one in waiting {
            assert_eq!(lines(&one.await.unwrap()).last().unwrap()["code"], "cancelled");
        }
        lines(&run(&people.editor, &connection, "SELECT 1").await);
        plane.stop().await;
    });
}

/// Memory of this process, in KiB.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
fn a_large_result_passes_through_little_memory() {
    state::run(async {
        let (plane, people, _shop, connection) = world(Backend::Sqlite).await;
        let editor = &people.editor;
        let sql = "SELECT n, repeat(md5(n::text), 32) FROM generate_series(1, 100000) n";
        let draft = json!({ "connection": connection, "sql": sql, "rows_max": 100_000, "bytes_max": 268_435_456, "timeout_seconds": 120 });
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let mut response = client
            .post(format!("{}{RUNS}", plane.url))
            .header("cookie", editor.cookie.clone().unwrap())
            .header("x-csrf-token", editor.csrf.clone().unwrap())
            .json(&draft)
            .send()
            .await
            .unwrap();
        let (before, mut most, mut bytes, mut end) = (resident(), 0, 0, Vec::new());
        while let Some(chunk) = response.chunk().await.unwrap() {
            bytes += chunk.len();
            most = most.max(resident());
            end.extend_from_slice(&chunk);
            end.drain(..end.len().saturating_sub(400));
        }
        let end = String::from_utf8_lossy(&end);
        let last: Value = serde_json::from_str(end.lines().last().unwrap()).unwrap();
        assert_eq!((last["kind"].clone(), last["rows"].clone()), (json!("done"), json!(100_000)), "{last}");
        assert!(bytes > 100_000_000, "{bytes}");
        let grown = most.saturating_sub(before);
        eprintln!("{bytes} bytes passed, {grown} KiB were needed at most");
        assert!(grown < 48 * 1024, "{grown} KiB for {bytes} bytes");
        plane.stop().await;
    });
}

#[test]
fn a_result_becomes_a_file_that_reads_back() {
    state::run(async {
        let (plane, people, _shop, connection) = world(Backend::Sqlite).await;
        let editor = &people.editor;
        let export = async |format: &str, sql: &str| {
            let draft = json!({ "connection": connection, "sql": sql, "format": format });
            editor.post("/api/v1/workspaces/shop/exports", draft).await
        };
        let sql = "SELECT id, customer, total, id > 1 AS later FROM orders ORDER BY id";
        let csv = export("csv", sql).await;
        assert_eq!(
            csv.text,
            "id,customer,total,later\r\n1,ada,10.50,false\r\n2,bob,20.00,true\r\n3,,30.00,true\r\n"
        );
        let disposition = csv.header("content-disposition").unwrap();
        assert!(
            disposition.starts_with("attachment; filename=\"result-2") && disposition.ends_with(".csv\""),
            "{disposition}"
        );
        assert!(csv.header("content-type").unwrap().starts_with("text/csv"));
        let run = editor.get(&format!("{RUNS}/{}", csv.header("run").unwrap())).await.expect(200);
        assert_eq!((run["state"].clone(), run["rows"].clone()), (json!("done"), json!(3)));
        let array = export("json", sql).await.json();
        assert_eq!(array[1], json!({ "id": 2, "customer": "bob", "total": "20.00", "later": true }));
        assert_eq!(array.as_array().unwrap().len(), 3);
        let ndjson = export("ndjson", sql).await;
        assert_eq!(ndjson.text.lines().count(), 3);
        let third: Value = serde_json::from_str(ndjson.text.lines().nth(2).unwrap()).unwrap();
        assert_eq!(third["customer"], Value::Null);

        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let request = client
            .post(format!("{}/api/v1/workspaces/shop/exports", plane.url))
            .header("cookie", editor.cookie.clone().unwrap())
            .header("x-csrf-token", editor.csrf.clone().unwrap());
        let many = "SELECT n AS id, 'row ' || n AS name FROM generate_series(1, 20000) n";
        let draft = json!({ "connection": connection, "sql": many, "format": "parquet" });
        let bytes = request.try_clone().unwrap().json(&draft).send().await.unwrap().bytes().await.unwrap();
        use parquet::file::reader::FileReader;
        let reader = parquet::file::serialized_reader::SerializedFileReader::new(bytes).unwrap();
        assert_eq!(reader.metadata().file_metadata().num_rows(), 20_000);
        let row = reader.get_row_iter(None).unwrap().nth(19_999).unwrap().unwrap();
        assert_eq!(row.to_string(), "{id: 20000, name: \"row 20000\"}");

        // What fails at once is a problem; what fails on the way is no whole file.
        assert_eq!(export("csv", "SELECT nothing").await.problem(422), "statement_failed");
        let broken = "SELECT 1000 / (60000 - n) FROM generate_series(1, 100000) n";
        let draft = json!({ "connection": connection, "sql": broken, "format": "csv" });
        let response = request.json(&draft).send().await.unwrap();
        assert_eq!(response.status().as_u16(), 200);
        assert!(response.bytes().await.is_err(), "a part of a file looked like a whole one");
        let activity = "/api/v1/workspaces/shop/activity?limit=200";
        let activity = people.admin.get(activity).await.expect(200).to_string();
        assert!(activity.contains("export_query") && activity.contains("parquet"), "{activity}");
        plane.stop().await;
    });
}

#[test]
fn plans_and_checks_say_what_a_query_would_do() {
    state::run(async {
        let (plane, people, _shop, connection) = world(Backend::Sqlite).await;
        let ask = async |path: &str, sql: &str| {
            let draft = json!({ "connection": connection, "sql": sql });
            people.editor.post(&format!("/api/v1/workspaces/shop/{path}"), draft).await
        };
        let plan = ask("explain", "SELECT * FROM orders WHERE id = 1").await.expect(200);
        assert_eq!((plan["engine"].clone(), plan["format"].clone()), (json!("postgres"), json!("postgres")));
        assert!(plan["plan"].to_string().contains("\"Node Type\""), "{plan}");
        assert_eq!(ask("explain", "SELECT nothing").await.problem(422), "statement_failed");

        let checked = ask("check", "SELECT customer, count(*) FROM public.orders, pg_sleep(1) GROUP BY 1")
            .await
            .expect(200);
        assert_eq!(checked["verdict"], "allow", "{checked}");
        let effects = &checked["effects"];
        assert_eq!((effects["basis"].clone(), effects["class"].clone()), (json!("grammar"), json!("read")));
        assert_eq!(
            effects["relations"][0],
            json!({ "schema": "public", "name": "orders", "access": ["read"] })
        );
        assert_eq!(effects["functions"][0], json!({ "name": "count", "known": "reads" }), "{checked}");
        assert_eq!(checked["warnings"][0], "it waits on purpose");
        let checked = ask("check", "SELECT 1;\nDROP TABLE orders").await.expect(200);
        assert_eq!(checked["verdict"], "refuse", "{checked}");
        assert_eq!(checked["objection"]["span"], json!([10, 27]));
        let checked = ask("check", "UPDATE orders SET total = 0").await.expect(200);
        assert_eq!(checked["objection"]["rule"], "read-only/write", "{checked}");
        assert_eq!(checked["effects"]["relations"][0]["access"], json!(["update"]));
        plane.stop().await;
    });
}

#[test]
fn a_sqlite_file_is_only_read() {
    state::run(async {
        let plane = Plane::start(Backend::Sqlite).await;
        let people = plane.people().await;
        let file = plane.folder.join("sqlite").join("shop.db");
        let made = rusqlite::Connection::open(&file).unwrap();
        made.execute_batch(
            "CREATE TABLE orders (id INTEGER, name TEXT); INSERT INTO orders VALUES (1, 'a'), (2, NULL)",
        )
        .unwrap();
        drop(made);
        let draft =
            json!({ "name": "File", "kind": "sqlite", "file": "shop.db", "options": { "refresh_hours": 0 } });
        let connection = connect(&people.admin, "shop", draft).await;
        let editor = &people.editor;
        let all = lines(&run(editor, &connection, "SELECT * FROM orders ORDER BY id -- all").await);
        assert_eq!(rows(&all), [json!([1, "a"]), json!([2, null])]);
        assert!(all[0]["warnings"][0].as_str().unwrap().contains("authorizer"), "{}", all[0]);
        for (sql, code) in [
            ("DELETE FROM orders", "refused"),
            ("ATTACH '/etc/passwd' AS other", "refused"),
            ("WITH a AS (SELECT 1) INSERT INTO orders SELECT 1, 2", "refused"),
            ("SELECT 1; DELETE FROM orders", "refused"),
            ("PRAGMA query_only = 0", "statement_failed"),
            ("SELECT load_extension('x')", "statement_failed"),
        ] {
            assert_eq!(run(editor, &connection, sql).await.problem(422), code, "{sql}");
        }
        let draft = json!({ "connection": connection, "sql": "SELECT count(*) FROM orders" });
        let plan = editor.post("/api/v1/workspaces/shop/explain", draft).await.expect(200);
        assert_eq!(plan["format"], "sqlite", "{plan}");
        let endless =
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
        let draft = json!({ "connection": connection, "sql": endless, "timeout_seconds": 60 });
        let waiting = tokio::spawn({
            let editor = editor.clone();
            async move { editor.post(RUNS, draft).await }
        });
        let begun = Instant::now();
        while latest(editor).await["state"] != "running" {
            assert!(begun.elapsed() < LIMIT);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let path = format!("{RUNS}/{}", latest(editor).await["id"].as_str().unwrap());
        let answer = editor.send(Method::DELETE, &path, &[], None).await;
        assert_eq!(answer.status.as_u16(), 204);
        let answer = waiting.await.unwrap();
        assert!(answer.text.contains("\"code\":\"cancelled\""), "{}", answer.text);
        let still = rusqlite::Connection::open(&file).unwrap();
        let count: i64 = still.query_row("SELECT count(*) FROM orders", [], |row| row.get(0)).unwrap();
        assert_eq!(count, 2);
        plane.stop().await;
    });
}

/// Makes the rule set `own` with `text` and publishes it for the listener `pg` of the workspace `pay`.
async fn publish(root: &Caller, text: &str, enforces: bool) {
    let sets = "/api/v1/workspaces/pay/rule-sets";
    let made = root.post(sets, json!({ "name": "own" })).await;
    made.expect(201);
    let path = made.header("location").unwrap();
    let draft = format!("{path}/draft");
    let version = root.get(&draft).await.header("etag").unwrap();
    let written = root.put(&draft, &version, json!({ "text": text, "cases": "" })).await;
    written.expect(200);
    let version = root.get(&draft).await.header("etag").unwrap();
    let headers = [("if-match", version.as_str())];
    root.with_json(Method::POST, &format!("{path}/publish"), &headers, json!({ "note": "" }))
        .await
        .expect(200);
    publish_to(root, enforces).await;
}

async fn publish_to(root: &Caller, enforces: bool) {
    let path = "/api/v1/workspaces/pay/listeners/pg/publication";
    let version = root.get(path).await.header("etag").unwrap_or("\"0\"".to_owned());
    root.put(path, &version, json!({ "policies": ["own"], "enforces": enforces })).await.expect(200);
}

#[test]
fn what_is_published_for_a_listener_judges_what_goes_through_it() {
    state::run(async {
        let (plane, people, shop, direct) = world(Backend::Sqlite).await;
        let root = &people.root;
        root.post("/api/v1/workspaces", json!({ "slug": "pay", "name": "Pay" })).await.expect(201);
        let mut listener = data_plane::listener("pg", "pay", true);
        listener["listen"] = json!(format!("127.0.0.1:{}", shop.port));
        let _data_plane = data_plane::DataPlane::start(&plane, root, "p1", vec![listener]).await;
        let rules = "[[rule]]\nname = \"orders\"\nwhen = { table = \"orders\", application = \"dragoman console\" }\n\
                     decision = \"refuse\"\nmessage = \"orders are not looked at\"\n\
                     [[rule]]\nname = \"few\"\nwhen = { class = \"read\" }\ndecision = \"limit\"\nlimit = { rows = 2 }\n";
        publish(root, rules, true).await;
        let mut draft = json!({ "name": "Through", "kind": "postgres", "via": "pg", "user": "owner",
            "database": shop.database, "environment": "development", "options": { "refresh_hours": 0 } });
        let less_careful = root.post("/api/v1/workspaces/pay/connections", draft.clone()).await;
        assert_eq!(less_careful.problem(422), "invalid", "the listener is production");
        draft["environment"] = json!("production");
        let through = connect(root, "pay", draft).await;
        let ask = async |sql: &str| {
            root.post("/api/v1/workspaces/pay/runs", json!({ "connection": through, "sql": sql })).await
        };
        let refused = ask("SELECT * FROM orders").await;
        assert_eq!(
            (refused.problem(422), refused.json()["rule"].clone()),
            ("refused".to_owned(), json!("own/orders"))
        );
        let all = lines(&ask("SELECT generate_series(1, 5)").await);
        assert_eq!((rows(&all).len(), all[0]["rows_max"].clone()), (2, json!(2)), "{all:?}");
        assert_eq!(ask("DELETE FROM other").await.json()["rule"], "read-only/write");
        publish_to(root, false).await;
        let all = lines(&ask("SELECT * FROM orders").await);
        assert_eq!(rows(&all).len(), 3);
        let warning = all[0]["warnings"][0].as_str().unwrap();
        assert!(warning.contains("orders are not looked at"), "{warning}");
        assert_eq!(rows(&lines(&run(&people.editor, &direct, "SELECT * FROM orders").await)).len(), 3);
        plane.stop().await;
    });
}

#[test]
fn mariadb_answers_is_judged_and_is_cancelled() {
    state::run(async {
        let server = servers::Server::mariadb().await;
        let plane = Plane::start(Backend::Sqlite).await;
        let people = plane.people().await;
        let draft = json!({ "name": "Maria", "kind": "mysql", "host": "127.0.0.1", "port": server.port, "user": "app",
            "password": servers::PASSWORD, "database": "shop", "options": { "refresh_hours": 0 } });
        let connection = connect(&people.admin, "shop", draft).await;
        let editor = &people.editor;
        let draft = json!({ "connection": connection, "sql": "SELECT ? + 1 AS n, 'x' AS t, 1.50 AS d", "parameters": ["41"] });
        let all = lines(&editor.post(RUNS, draft).await);
        assert_eq!(
            (rows(&all)[0][1].clone(), rows(&all)[0][2].clone()),
            (json!("x"), json!("1.50")),
            "{all:?}"
        );
        assert!(all[0]["warnings"].as_array().is_none_or(Vec::is_empty), "{}", all[0]);
        for sql in [
            "CREATE TABLE t (a int)",
            "SELECT 1 INTO OUTFILE '/tmp/x'",
            "SET GLOBAL read_only = 0",
            "SELECT own_function()",
            "SELECT LOAD_FILE('/etc/passwd')",
            "COMMIT",
            "SELECT 1; SELECT 2",
        ] {
            assert_eq!(run(editor, &connection, sql).await.problem(422), "refused", "{sql}");
        }
        let explained = json!({ "connection": connection, "sql": "SELECT 1" });
        let plan = editor.post("/api/v1/workspaces/shop/explain", explained).await.expect(200);
        assert_eq!(plan["format"], "mariadb", "{plan}");
        let waiting = tokio::spawn({
            let (editor, connection) = (editor.clone(), connection.clone());
            async move { run(&editor, &connection, "SELECT SLEEP(25)").await }
        });
        let begun = Instant::now();
        while latest(editor).await["state"] != "running" {
            assert!(begun.elapsed() < LIMIT);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let path = format!("{RUNS}/{}", latest(editor).await["id"].as_str().unwrap());
        assert_eq!(editor.delete(&path).await.status.as_u16(), 204);
        let answer = waiting.await.unwrap();
        assert!(answer.text.contains("\"code\":\"cancelled\""), "{}", answer.text);
        assert!(begun.elapsed() < LIMIT, "it slept to its end");
        plane.stop().await;
    });
}
