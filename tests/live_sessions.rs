//! Are the sessions that are open now seen as they are, who waits for whom too, and does a cancel or an end from
//! the API reach the one that is meant and nothing else?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use harness::clients::start;
use harness::gateway::{Gateway, Plan};
use harness::mariadb::{Mariadb, mariadb};
use harness::mysql_wire::{MysqlWire, query as mysql_query};
use harness::server::{PASSWORD, Server, rows};
use harness::wire::{Wire, first_error, query, tags};
use harness::{each_version, eventually, free_port};
use reqwest::blocking::{Client, Response};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const PERSON: &str = "four-words-nobody-says-4831";
const PATH: &str = "/api/v1/workspaces/default/live-sessions";

/// The whole program before a real server, and the first admin of its control plane.
struct Scene {
    gateway: Gateway,
    http: Client,
    url: String,
    cookie: String,
    csrf: String,
    _secret: tempfile::NamedTempFile,
}

impl Scene {
    /// Before a PostgreSQL server, whose probe may connect and nothing else: what others run is hidden from it.
    fn before(server: &Server, has_probe: bool) -> Scene {
        let mut plan = Plan::before(server);
        let secret = tempfile::NamedTempFile::new().unwrap();
        if has_probe {
            std::fs::write(secret.path(), PASSWORD).unwrap();
            let mut wire = Wire::login(server.port, "trusted");
            rows(&mut wire, &format!("CREATE ROLE dragoman_probe LOGIN PASSWORD '{PASSWORD}'"));
            let file = secret.path().display();
            let probe =
                format!("user = 'dragoman_probe'\npassword = {{ file = '{file}' }}\ndatabases = ['shop']");
            plan = plan.table("listener.probe", &probe);
        }
        Scene::of(plan, secret)
    }

    fn of(plan: Plan, secret: tempfile::NamedTempFile) -> Scene {
        let port = free_port();
        let admin = format!("listen = \"127.0.0.1:{port}\"\ndata_directory = \"control\"");
        let gateway = plan.table("admin", &admin).start();
        let url = format!("http://127.0.0.1:{port}");
        let token = eventually("the set-up link is printed", || {
            let log = gateway.log();
            let at = log.find("/setup#")?;
            log[at + 7..].split_whitespace().next().map(ToOwned::to_owned)
        });
        let http = Client::builder().no_proxy().timeout(Duration::from_secs(30)).build().unwrap();
        let person = json!({ "email": "root@example.com", "name": "Root", "password": PERSON });
        let response = http
            .post(format!("{url}/api/v1/setup"))
            .json(&json!({ "token": token, "person": person }))
            .send()
            .unwrap();
        let cookie = response.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        let csrf = body(response, 201)["csrf_token"].as_str().unwrap().to_owned();
        Scene { gateway, http, url, cookie, csrf, _secret: secret }
    }

    fn get(&self, path: &str) -> Value {
        body(self.http.get(format!("{}{path}", self.url)).header("cookie", &self.cookie).send().unwrap(), 200)
    }

    fn post(&self, path: &str, draft: &Value, status: u16) -> Value {
        let request = self.http.post(format!("{}{path}", self.url)).header("cookie", &self.cookie);
        body(request.header("x-csrf-token", &self.csrf).json(draft).send().unwrap(), status)
    }

    /// The open session of a process of the server, asked no more often than anybody may.
    fn session(&self, pid: u32) -> Option<Value> {
        std::thread::park_timeout(Duration::from_millis(50));
        let since = Instant::now();
        let live = self.get(PATH);
        assert!(since.elapsed() < Duration::from_secs(2), "{:?}", since.elapsed());
        live["items"].as_array().unwrap().iter().find(|one| one["server_process"] == pid).cloned()
    }

    /// The same once it satisfies `is_so`.
    fn seen(&self, what: &str, pid: u32, is_so: impl Fn(&Value) -> bool) -> Value {
        eventually(what, || self.session(pid).filter(&is_so))
    }
}

#[track_caller]
fn body(response: Response, status: u16) -> Value {
    let (found, text) = (response.status().as_u16(), response.text().unwrap());
    assert_eq!(found, status, "{text}");
    serde_json::from_str(&text).unwrap_or(Value::Null)
}

fn control(session: &Value, what: &str) -> String {
    format!("{PATH}/{}/{what}", session["session"].as_str().unwrap())
}

#[test]
fn who_blocks_whom_is_seen_and_the_statement_and_the_session_can_be_ended() {
    each_version(|version| {
        let server = Server::start(version);
        let scene = Scene::before(&server, true);
        let mut blocker = Wire::login(scene.gateway.port, "clear");
        let mut waiter = Wire::login(scene.gateway.port, "clear");
        rows(&mut blocker, "BEGIN");
        rows(&mut blocker, "UPDATE customers SET city = 'Rome' WHERE id = 7391 - 7390");
        waiter.send(&query("UPDATE customers SET city = 'Bern' WHERE id = 7391 - 7390"));
        let waits = scene.seen("who waits is seen", waiter.pid, |one| one["blocked_by"][0].is_object());
        let holds = scene.session(blocker.pid).unwrap();
        assert_eq!(waits["blocked_by"], json!([{ "process": blocker.pid, "session": holds["session"] }]));
        assert_eq!((&waits["state"], &waits["blocking"]), (&json!("active"), &json!("known")));
        assert_eq!(waits["current"]["text"], "UPDATE customers SET city = ? WHERE id = ? - ?");
        assert_eq!(
            (&waits["current"]["class"], &waits["current"]["verdict"]),
            (&json!("write"), &json!("allow"))
        );
        assert_eq!(waits.get("transaction_started_at"), None, "no block was opened");
        assert_eq!((&holds["state"], &holds["blocked_by"]), (&json!("in_transaction"), &json!([])));
        assert!(holds["transaction_started_at"].as_str() >= holds["started_at"].as_str(), "{holds}");
        assert_eq!((&holds["statements"], holds.get("current")), (&json!(2), None));
        assert_eq!(holds["caller"]["user"], "clear");
        assert!(holds["bytes_in"].as_u64() > Some(0) && holds["bytes_out"].as_u64() > Some(0));
        assert!(!waits.to_string().contains("Bern"), "a literal is told");

        // Somebody who did not come through the gateway.
        rows(&mut blocker, "ROLLBACK");
        assert_eq!(first_error(&waiter.until(b'Z', 1)), None);
        let mut outsider = Wire::login(server.port, "trusted");
        rows(&mut outsider, "BEGIN");
        rows(&mut outsider, "SELECT id FROM customers WHERE id = 1 FOR UPDATE");
        waiter.send(&query("UPDATE customers SET city = 'Bern' WHERE id = 1"));
        let is_outsider = |one: &Value| one["blocked_by"][0]["process"] == outsider.pid;
        let waits = scene.seen("an outsider is seen", waiter.pid, is_outsider);
        let by = &waits["blocked_by"][0];
        assert_eq!(
            (&by["user"], &by["database"], by.get("session")),
            (&json!("trusted"), &json!("shop"), None)
        );

        let idle = scene.session(blocker.pid).unwrap();
        let nothing = scene.post(&control(&idle, "cancel"), &json!({}), 409);
        assert_eq!(nothing["code"], "conflict");
        let done = scene.post(&control(&waits, "cancel"), &json!({ "reason": "it waits for ever" }), 202);
        assert_eq!(done["statement"]["fingerprint"], waits["current"]["fingerprint"]);
        assert_eq!(first_error(&waiter.until(b'Z', 1)).as_deref(), Some("57014"));
        assert_eq!(tags(&waiter.query("SELECT 1")), "TDCZ", "the session goes on");

        waiter.send(&query("UPDATE customers SET city = 'Bern' WHERE id = 1"));
        let waits = scene.seen("it waits again", waiter.pid, is_outsider);
        scene.post(&control(&waits, "terminate"), &json!({}), 202);
        let last = waiter.rest();
        let fatal = last.iter().find(|frame| frame.tag == b'E' && frame.fields()[&'S'] == "FATAL").unwrap();
        assert_eq!(fatal.fields()[&'C'], "57P01");
        assert_eq!(fatal.fields()[&'M'], "terminating connection due to administrator command");
        let gone = format!("SELECT count(*) FROM pg_stat_activity WHERE pid = {}", waiter.pid);
        eventually("its process is gone", || (server.ask(&gone).as_deref() == Some("0")).then_some(()));
        eventually("it is not listed", || scene.session(waiter.pid).is_none().then_some(()));
        scene.post(&control(&waits, "terminate"), &json!({}), 404);

        an_idle_transaction_lets_go_of_its_locks(&scene, blocker);
        scene.gateway.recorded("the ends are recorded", |records| {
            let ends = records.iter().filter(|one| one.event() == "session.end");
            (ends.filter(|one| one.text_of("message_class") == "terminated").count() == 2).then_some(())
        });
        let activity = scene.get("/api/v1/workspaces/default/activity?action=cancel_live_session");
        assert_eq!(activity["items"][0]["details"]["reason"], "it waits for ever");
        let status = scene.get("/api/v1/workspaces/default/ledger/status");
        assert_eq!(
            (&status["planes"][0]["writer"], &status["planes"][0]["segments"]),
            (&json!("writing"), &json!(1))
        );
        assert!(status["planes"][0]["listeners"][0]["newest_at"].is_string(), "{status}");
        assert!(status["planes"][0]["oldest_at"].is_string(), "{status}");
    });
}

fn an_idle_transaction_lets_go_of_its_locks(scene: &Scene, mut blocker: Wire) {
    let mut other = Wire::login(scene.gateway.port, "clear");
    rows(&mut blocker, "BEGIN");
    rows(&mut blocker, "UPDATE customers SET city = 'Rome' WHERE id = 2");
    other.send(&query("UPDATE customers SET city = 'Bern' WHERE id = 2"));
    scene.seen("it waits", other.pid, |one| one["blocked_by"][0]["process"] == blocker.pid);
    scene.post(&control(&scene.session(blocker.pid).unwrap(), "terminate"), &json!({}), 202);
    assert_eq!(first_error(&blocker.rest()).as_deref(), Some("57P01"));
    assert_eq!(first_error(&other.until(b'Z', 1)), None);
}

#[test]
fn without_a_probe_nobody_says_that_nobody_waits() {
    each_version(|version| {
        let server = Server::start(version);
        let scene = Scene::before(&server, false);
        let mut sleeper = Wire::login(scene.gateway.port, "clear");
        sleeper.send(&query("SELECT pg_sleep(60)"));
        let seen = scene.seen("it sleeps", sleeper.pid, |one| one["current"].is_object());
        assert_eq!((&seen["blocking"], seen.get("blocked_by")), (&json!("unknown"), None));
        assert!(seen["blocking_reason"].as_str().unwrap().contains("probe.user"), "{seen}");
        scene.post(&control(&seen, "cancel"), &json!({}), 202);
        assert_eq!(first_error(&sleeper.until(b'Z', 1)).as_deref(), Some("57014"));
        let idle = scene.seen("it is idle", sleeper.pid, |one| one["state"] == "idle");
        assert_eq!((&idle["blocking"], &idle["blocked_by"]), (&json!("known"), &json!([])));
    });
}

#[test]
fn without_a_probe_a_session_of_mysql_can_be_ended_and_nothing_is_promised_that_cannot_be_kept() {
    let server = Mariadb::start();
    let scene = Scene::of(server.plan(), tempfile::NamedTempFile::new().unwrap());
    let client = start(mariadb(scene.gateway.port, "app").args(["-e", "SELECT SLEEP(60)"]));
    let seen = eventually("it sleeps", || {
        std::thread::park_timeout(Duration::from_millis(50));
        let live = scene.get(PATH);
        live["items"].as_array().unwrap().iter().find(|one| one["current"].is_object()).cloned()
    });
    assert_eq!((&seen["protocol"], &seen["blocking"]), (&json!("mysql"), &json!("unknown")));
    assert_eq!(seen.get("blocked_by"), None);
    assert!(seen["blocking_reason"].as_str().unwrap().contains("probe.user"), "{seen}");
    let problem = scene.post(&control(&seen, "cancel"), &json!({}), 409);
    assert!(problem["hint"].as_str().unwrap().contains("terminate"), "{problem}");
    assert!(problem.to_string().contains("listener.probe"), "{problem}");
    scene.post(&control(&seen, "terminate"), &json!({}), 202);
    let output = client.wait_with_output().expect("the client ends");
    assert!(!output.status.success());
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(error.contains("administrator command") || error.contains("Lost connection"), "{error}");
    scene.gateway.recorded("its end is recorded", |records| {
        records.iter().any(|one| one.text_of("message_class") == "terminated").then_some(())
    });
}

/// Before a MariaDB whose probe may see who waits for whom, and stop what others run.
fn mysql_scene(server: &Mariadb) -> Scene {
    let probe = "dragoman_probe@'127.0.0.1'";
    server.administer(&[
        &format!("CREATE USER {probe} IDENTIFIED BY '{PASSWORD}'"),
        &format!("GRANT SELECT ON mysql.* TO {probe}"),
        "CREATE TABLE shop.held (id int PRIMARY KEY, note varchar(20))",
        "INSERT INTO shop.held VALUES (1, 'a'), (2, 'b')",
    ]);
    let secret = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(secret.path(), PASSWORD).unwrap();
    let lines = format!("user = 'dragoman_probe'\npassword = {{ file = '{}' }}", secret.path().display());
    let plan = server.plan().listener("allow_unauthenticated = true").table("listener.probe", &lines);
    Scene::of(plan, secret)
}

/// The number the server knows a session by.
fn connection_id(wire: &mut MysqlWire) -> u32 {
    let answer = wire.ask(&mysql_query("SELECT CONNECTION_ID()"));
    let row = &answer[3].payload;
    String::from_utf8_lossy(&row[1..]).parse().unwrap()
}

#[test]
fn who_blocks_whom_behind_mysql_is_seen_and_the_statement_and_the_session_can_be_ended() {
    let server = Mariadb::start();
    let scene = mysql_scene(&server);
    let mut blocker = MysqlWire::login(scene.gateway.port, "blocker");
    let mut waiter = MysqlWire::login(scene.gateway.port, "waiter");
    let (holds, waits) = (connection_id(&mut blocker), connection_id(&mut waiter));
    assert!(blocker.ask(&mysql_query("BEGIN"))[0].is_ok());
    assert!(blocker.ask(&mysql_query("UPDATE shop.held SET note = 'Rome' WHERE id = 1"))[0].is_ok());
    waiter.send(&mysql_query("UPDATE shop.held SET note = 'Bern' WHERE id = 1"));

    let untold =
        scene.seen("it is not told", waits, |one| one["blocking"] == "unknown" && one["current"].is_object());
    let reason = untold["blocking_reason"].as_str().unwrap();
    assert!(reason.contains("GRANT PROCESS ON *.* TO `dragoman_probe`@`127.0.0.1`;"), "{reason}");
    server.administer(&["GRANT PROCESS, CONNECTION ADMIN ON *.* TO dragoman_probe@'127.0.0.1'"]);

    let seen = scene.seen("who waits is seen", waits, |one| one["blocked_by"][0].is_object());
    let holder = scene.session(holds).unwrap();
    assert_eq!(seen["blocked_by"], json!([{ "process": holds, "session": holder["session"] }]));
    assert_eq!((&seen["blocking"], &seen["wait"]["event"]), (&json!("known"), &json!("row lock")));
    assert_eq!((&holder["state"], &holder["blocked_by"]), (&json!("in_transaction"), &json!([])));
    assert!(!seen.to_string().contains("Bern"), "a literal is told");

    // Somebody who did not come through the gateway.
    blocker.ask(&mysql_query("ROLLBACK"));
    assert!(waiter.answer()[0].is_ok());
    let mut outsider = MysqlWire::login(server.port, "outsider");
    let outsider_id = connection_id(&mut outsider);
    outsider.ask(&mysql_query("BEGIN"));
    outsider.ask(&mysql_query("SELECT * FROM shop.held WHERE id = 1 FOR UPDATE"));
    waiter.send(&mysql_query("UPDATE shop.held SET note = 'Bern' WHERE id = 1"));
    let is_outsider = |one: &Value| one["blocked_by"][0]["process"] == outsider_id;
    let seen = scene.seen("an outsider is seen", waits, is_outsider);
    let by = &seen["blocked_by"][0];
    assert_eq!((&by["user"], &by["database"], by.get("session")), (&json!("nobody"), &json!("shop"), None));

    let done = scene.post(&control(&seen, "cancel"), &json!({ "reason": "it waits for ever" }), 202);
    assert_eq!(done["statement"]["fingerprint"], seen["current"]["fingerprint"]);
    let (code, _) = waiter.answer()[0].error().expect("it is interrupted");
    assert_eq!(code, 1317);
    assert!(waiter.ask(&mysql_query("DO 1"))[0].is_ok(), "the session goes on");

    // Of a table's own lock the server does not say who holds it.
    outsider.ask(&mysql_query("LOCK TABLES shop.held WRITE"));
    waiter.send(&mysql_query("SELECT count(*) FROM shop.held"));
    let seen = scene.seen("it waits for the table", waits, |one| one["wait"]["kind"] == "Lock");
    assert_eq!(
        (&seen["wait"]["event"], &seen["blocking"]),
        (&json!("table metadata lock"), &json!("unknown"))
    );
    assert!(seen["blocking_reason"].as_str().unwrap().contains("does not say who holds it"), "{seen}");
    scene.post(&control(&seen, "terminate"), &json!({}), 202);
    let gone = format!("SELECT count(*) FROM information_schema.PROCESSLIST WHERE ID = {waits}");
    eventually("its connection is gone", || (server.ask(&gone) == "0").then_some(()));
    eventually("it is not listed", || scene.session(waits).is_none().then_some(()));
}
