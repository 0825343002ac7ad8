//! Which databases does a workspace know, does each work, and is its password nobody's to see?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

#[path = "../engines/tests/harness/mod.rs"]
mod engines;

use admin::app::secrets::rekey;
use admin::plane::{ControlPlane, StartError};
use admin::vault::{Vault, VaultError};
use admin_store::{Backend, Location};
use base64::Engine as _;
use control::{ListenerState, Listening, PlaneState, Report};
use engines::{PASSWORD as SECRET, Server};
use harness::{Answer, Caller, People, Plane, each_backend};
use serde_json::{Value, json};
use std::future::Future;
use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const CONNECTIONS: &str = "/api/v1/workspaces/shop/connections";
/// A password that is wrong everywhere, and must be seen nowhere.
const WRONG: &str = "wrong-battery-5520";
/// Longest wait for what happens in the background.
const PATIENCE: Duration = Duration::from_secs(60);

fn block_on<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.expect("a runtime").block_on(work)
}

/// A connection to the database `shop` of a server.
fn draft(name: &str, server: &Server) -> Value {
    json!({
        "name": name, "kind": server.kind.as_str(), "host": "127.0.0.1", "port": server.port, "database": "shop",
        "user": "app", "password": SECRET, "options": { "refresh_hours": 0 },
    })
}

fn with(mut body: Value, changes: Value) -> Value {
    for (field, value) in changes.as_object().expect("an object") {
        body[field] = value.clone();
    }
    body
}

/// Everything that was logged and answered: secrets are looked for in it.
#[derive(Clone, Default)]
struct Heard(Arc<Mutex<Vec<u8>>>);

impl Write for Heard {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Heard {
    /// Hears every line of the log of this process from now on.
    fn logs(&self) {
        let (own, filter) = (self.clone(), "trace,h2=info,hyper=info,hyper_util=info,sqlx=trace");
        let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false);
        subscriber.with_writer(move || own.clone()).init();
    }

    fn answer(&self, answer: &Answer) {
        self.clone().write_all(format!("{:?} {}\n", answer.headers, answer.text).as_bytes()).unwrap();
    }

    #[track_caller]
    fn knows_none_of(&self, secrets: &[&str]) {
        let heard = String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned();
        assert!(heard.len() > 1_000, "something was heard");
        for secret in secrets {
            if let Some(place) = heard.find(secret) {
                let from = heard[..place].rfind('\n').map_or(0, |line| line + 1);
                panic!("a secret was told: {:.300}", &heard[from..]);
            }
        }
    }
}

/// Asks until `is_so` of the answer.
async fn until(caller: &Caller, path: &str, is_so: impl Fn(&Value) -> bool) -> Value {
    let begun = Instant::now();
    loop {
        let answer = caller.get(path).await.expect(200);
        if is_so(&answer) {
            return answer;
        }
        assert!(begun.elapsed() < PATIENCE, "not so in time: {answer}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[test]
fn a_connection_is_made_watched_changed_and_forgotten() {
    let heard = Heard::default();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let server = &runtime.block_on(Server::postgres());
    heard.logs();
    let told = &heard;
    each_backend(|backend| async move {
        let plane = Plane::start(backend).await;
        let people = plane.people().await;
        let made = people.admin.post(CONNECTIONS, draft("Shop", server)).await;
        told.answer(&made);
        let view = made.expect(201);
        let path = made.header("location").unwrap();
        assert_eq!(path, format!("{CONNECTIONS}/{}", view["id"].as_str().unwrap()));
        assert_eq!((view["has_password"].clone(), view["read_only"].clone()), (json!(true), json!(true)));
        assert_eq!(
            (view["environment"].clone(), view["apply_policy"].clone()),
            (json!("development"), json!("never"))
        );
        assert_eq!(view["tls"], json!({ "mode": "prefer" }));
        assert!(view.get("password").is_none());
        names_are_told_apart(&people, server).await;
        roles_and_workspaces_are_told_apart(&people, server, &path).await;
        let health =
            until(&people.viewer, &format!("{path}/health"), |health| health["condition"] == "well").await;
        assert!(health["latency_us"].as_i64().unwrap() > 0 && health["failures"] == 0);
        changes(&people, server, &path, told).await;
        let usage = people.viewer.get(&format!("{path}/usage?days=7")).await.expect(200);
        assert_eq!(usage, json!({ "days": [], "queries": 0, "rows": 0, "bytes": 0 }));
        told.answer(&people.admin.get("/api/v1/workspaces/shop/activity?limit=200").await);
        told.answer(&people.admin.get(CONNECTIONS).await);
        state_is_sealed(&plane);
        assert_eq!(people.editor.delete(&path).await.problem(403), "forbidden");
        people.admin.delete(&path).await.expect(204);
        assert_eq!(people.admin.get(&path).await.problem(404), "not_found");
        assert_eq!(people.admin.delete(&path).await.problem(404), "not_found");
        plane.stop().await;
    });
    heard.knows_none_of(&[SECRET, WRONG]);
}

async fn names_are_told_apart(people: &People, server: &Server) {
    let again = people.admin.post(CONNECTIONS, draft("SHOP", server)).await;
    assert_eq!(again.problem(409), "duplicate");
    let odd = "x'); DROP TABLE connections; --";
    let made = people
        .admin
        .post(CONNECTIONS, with(draft(odd, server), json!({ "database": "x'; DROP DATABASE shop; --" })))
        .await;
    let made = made.expect(201);
    let listed = people.viewer.get(CONNECTIONS).await.expect(200);
    let names: Vec<_> = listed["items"].as_array().unwrap().iter().map(|one| one["name"].clone()).collect();
    assert_eq!(names, [json!("Shop"), json!(odd)]);
    let page = people.viewer.get(&format!("{CONNECTIONS}?limit=1")).await.expect(200);
    let cursor = page["next"].as_str().unwrap();
    let rest = people.viewer.get(&format!("{CONNECTIONS}?limit=1&cursor={cursor}")).await.expect(200);
    assert_eq!((rest["items"][0]["name"].clone(), rest.get("next")), (json!(odd), None));
    people.admin.delete(&format!("{CONNECTIONS}/{}", made["id"].as_str().unwrap())).await.expect(204);
    for wrong in [
        json!({ "name": " " }),
        json!({ "name": "a\nb" }),
        json!({ "host": "127.0.0.1 port=1" }),
        json!({ "host": "/var/run/postgresql" }),
        json!({ "host": null }),
        json!({ "port": 0 }),
        json!({ "port": 65536 }),
        json!({ "user": "" }),
        json!({ "file": "a.db" }),
        json!({ "kind": "oracle" }),
        json!({ "unknown": 1 }),
        json!({ "tls": { "mode": "verify-full" } }),
        json!({ "tls": { "mode": "require", "ca_pem": "nonsense" } }),
        json!({ "options": { "refresh_hours": 9000 } }),
        json!({ "via": "main" }),
    ] {
        let answer = people.admin.post(CONNECTIONS, with(draft("Wrong", server), wrong)).await;
        assert_eq!(answer.problem(422), "invalid");
    }
}

async fn roles_and_workspaces_are_told_apart(people: &People, server: &Server, path: &str) {
    assert_eq!(people.editor.post(CONNECTIONS, draft("Mine", server)).await.problem(403), "forbidden");
    assert_eq!(people.viewer.post(&format!("{path}/check"), json!({})).await.problem(403), "forbidden");
    people.viewer.get(path).await.expect(200);
    let id = path.rsplit('/').next().unwrap();
    for elsewhere in [path.to_owned(), format!("/api/v1/workspaces/other/connections/{id}")] {
        assert_eq!(people.stranger.get(&elsewhere).await.problem(404), "not_found");
        assert_eq!(
            people.stranger.patch(&elsewhere, "\"1\"", json!({ "name": "x" })).await.problem(404),
            "not_found"
        );
        assert_eq!(people.stranger.delete(&elsewhere).await.problem(404), "not_found");
        for action in ["test", "check", "schema/snapshots"] {
            let answer = people.stranger.post(&format!("{elsewhere}/{action}"), json!({})).await;
            assert_eq!(answer.problem(404), "not_found");
        }
    }
}

async fn changes(people: &People, server: &Server, path: &str, told: &Heard) {
    let admin = &people.admin;
    let etag = admin.get(path).await.header("etag").unwrap();
    let unconditional = admin.with_json(reqwest::Method::PATCH, path, &[], json!({ "name": "New" })).await;
    assert_eq!(unconditional.problem(428), "precondition_required");
    let changed =
        admin.patch(path, &etag, json!({ "name": "Till", "options": { "refresh_hours": 0 } })).await;
    assert_eq!(changed.expect(200)["name"], "Till");
    let later = changed.header("etag").unwrap();
    assert_eq!(admin.patch(path, &etag, json!({ "name": "Other" })).await.problem(412), "changed");
    // A stored password goes nowhere else.
    for elsewhere in [
        json!({ "host": "localhost" }),
        json!({ "port": 1 }),
        json!({ "user": "owner" }),
        json!({ "tls": { "mode": "disable" } }),
    ] {
        let refused = admin.patch(path, &later, elsewhere).await;
        assert_eq!(refused.problem(422), "invalid");
        assert_eq!(refused.json()["errors"][0]["field"], "password");
    }
    let test = admin.post(&format!("{path}/test"), json!({})).await;
    assert_eq!(test.expect(200)["ok"], true, "{}", test.text);
    let wrong = json!({ "password": WRONG, "host": "127.0.0.1" });
    let changed = admin.patch(path, &later, wrong).await;
    told.answer(&changed);
    assert_eq!(changed.expect(200)["has_password"], true);
    let test = admin.post(&format!("{path}/test"), json!({})).await;
    told.answer(&test);
    assert_eq!(test.expect(200)["problem"]["class"], "password");
    let health = people.viewer.get(&format!("{path}/health")).await;
    told.answer(&health);
    assert_eq!(
        (health.json()["condition"].clone(), health.json()["last_error"]["class"].clone()),
        (json!("broken"), json!("password"))
    );
    let failed = admin.post(&format!("{path}/schema/snapshots"), json!({})).await;
    told.answer(&failed);
    assert_eq!(failed.problem(422), "connection_failed");
    assert!(failed.json()["errors"].as_array().unwrap().len() > 1, "tips: {}", failed.text);
    let changed = admin.patch(path, &changed.header("etag").unwrap(), json!({ "password": null })).await;
    assert_eq!(changed.expect(200)["has_password"], false);
    let again = json!({ "password": SECRET, "port": server.port, "environment": "production" });
    let changed = admin.patch(path, &changed.header("etag").unwrap(), again).await;
    assert_eq!(changed.expect(200)["environment"], "production");
    assert_eq!(people.editor.post(&format!("{path}/check"), json!({})).await.problem(403), "forbidden");
    assert_eq!(
        people.editor.post(&format!("{path}/schema/snapshots"), json!({})).await.problem(403),
        "forbidden"
    );
    let health = admin.post(&format!("{path}/check"), json!({})).await.expect(200);
    assert_eq!(health["condition"], "well");
}

/// The password is in no file of the state.
fn state_is_sealed(plane: &Plane) {
    let Location::File(path) = &plane.plane.app().settings.state else { return };
    let mut bytes = 0;
    for file in std::fs::read_dir(path.parent().unwrap()).unwrap() {
        let file = file.unwrap().path();
        if !file.is_file() {
            continue;
        }
        let content = std::fs::read(&file).unwrap();
        bytes += content.len();
        for secret in [SECRET, WRONG] {
            assert!(
                !content.windows(secret.len()).any(|part| part == secret.as_bytes()),
                "{}",
                file.display()
            );
        }
    }
    assert!(bytes > 100_000, "the state was looked at");
}

#[test]
fn what_does_not_work_has_a_class_and_tips() {
    let heard = Heard::default();
    block_on(async {
        let server = Server::postgres().await;
        heard.logs();
        let plane = Plane::start_with(Backend::Sqlite, |settings| {
            settings.own_addresses = vec!["127.0.0.1:9".parse().unwrap()];
        })
        .await;
        let people = plane.people().await;
        let path = format!("{CONNECTIONS}/test");
        let good = people.admin.post(&path, draft("", &server)).await;
        assert_eq!(good.problem(422), "invalid", "a test takes what could be saved");
        let good = people.admin.post(&path, draft("Shop", &server)).await.expect(200);
        assert_eq!(
            (good["ok"].clone(), good["server"]["product"].clone()),
            (json!(true), json!("PostgreSQL"))
        );
        assert_eq!(
            (good["server"]["current_user"].clone(), good["server"]["encrypted"].clone()),
            (json!("app"), json!(true))
        );
        assert!(good["latency_us"].as_u64().is_some() && good.get("problem").is_none());
        let own = plane.plane.address().port();
        for (change, class) in [
            (json!({ "password": WRONG }), "password"),
            (json!({ "password": null }), "password"),
            (json!({ "host": "no-such-host.invalid" }), "dns"),
            (json!({ "port": engines::free_port() }), "refused"),
            (json!({ "database": "nowhere" }), "database"),
            (json!({ "user": "tlsonly", "tls": { "mode": "disable" } }), "password"),
            (json!({ "host": "169.254.169.254", "port": 80 }), "egress"),
            (json!({ "host": "::ffff:169.254.169.254", "port": 80 }), "egress"),
            (json!({ "host": "0.0.0.0" }), "egress"),
            (json!({ "host": "127.0.0.1", "port": own }), "egress"),
            (json!({ "host": "localhost", "port": own }), "egress"),
            (json!({ "host": "127.0.0.1", "port": 9 }), "egress"),
        ] {
            let answer = people.admin.post(&path, with(draft("Shop", &server), change.clone())).await;
            heard.answer(&answer);
            let said = answer.expect(200);
            assert_eq!(
                (said["ok"].clone(), said["problem"]["class"].clone()),
                (json!(false), json!(class)),
                "{change}: {said}"
            );
            assert!(!said["problem"]["tips"].as_array().unwrap().is_empty(), "{said}");
            assert!(!said["problem"]["message"].as_str().unwrap().is_empty(), "{said}");
        }
        // Production needs its own capability even before there is anything.
        let member = plane.person("tester").await;
        plane.make_member("shop", "tester@example.com", "editor").await;
        assert_eq!(member.post(&path, draft("Shop", &server)).await.problem(403), "forbidden");
        assert_eq!(people.admin.get(CONNECTIONS).await.expect(200)["items"], json!([]), "tests keep nothing");
        plane.stop().await;
    });
    heard.knows_none_of(&[SECRET, WRONG]);
}

#[test]
fn connections_lead_only_where_the_operator_says() {
    block_on(async {
        let server = Server::postgres().await;
        let plane =
            Plane::start_with(Backend::Sqlite, |settings| settings.egress = vec!["10.0.0.0/8".to_owned()])
                .await;
        let people = plane.people().await;
        let said =
            people.admin.post(&format!("{CONNECTIONS}/test"), draft("Shop", &server)).await.expect(200);
        assert_eq!(said["problem"]["class"], "egress");
        // It can be known all the same; it is never reached.
        let made = people.admin.post(CONNECTIONS, draft("Shop", &server)).await;
        made.expect(201);
        let path = made.header("location").unwrap();
        let health = until(&people.viewer, &format!("{path}/health"), |health| health["failures"] != 0).await;
        assert_eq!(
            (health["condition"].clone(), health["last_error"]["class"].clone()),
            (json!("broken"), json!("egress"))
        );
        assert_eq!(
            people.admin.post(&format!("{path}/schema/snapshots"), json!({})).await.problem(422),
            "connection_failed"
        );
        plane.stop().await;
        let bad = std::panic::AssertUnwindSafe(Plane::start_with(Backend::Sqlite, |settings| {
            settings.egress = vec!["999.1.1.1".to_owned()];
        }));
        let failed = tokio::spawn(async move { drop(bad.0.await) }).await;
        assert!(failed.is_err(), "a rule that is none is told at the start");
    });
}

#[test]
fn sqlite_files_are_opened_in_one_folder_only() {
    block_on(async {
        let plane = Plane::start(Backend::Sqlite).await;
        let people = plane.people().await;
        let (folder, outside) = (plane.folder.join("sqlite"), plane.folder.join("outside.db"));
        for file in [folder.join("shop.db"), outside.clone()] {
            let database = rusqlite::Connection::open(file).unwrap();
            database
                .execute_batch("CREATE TABLE orders (id INTEGER PRIMARY KEY, total REAL NOT NULL)")
                .unwrap();
        }
        std::os::unix::fs::symlink(&outside, folder.join("link.db")).unwrap();
        std::os::unix::fs::symlink("/", folder.join("root")).unwrap();
        let draft = |file: &str| json!({ "name": "File", "kind": "sqlite", "file": file, "options": { "refresh_hours": 0 } });
        let outside = outside.to_str().unwrap();
        for file in [
            "../outside.db",
            "a/../../outside.db",
            outside,
            "link.db",
            "root/etc/passwd",
            "/etc/passwd",
            "",
            ".",
            "root",
            "missing.db",
            "file:shop.db",
            "shop.db?mode=rwc",
            "shop.db#x",
            "~/shop.db",
        ] {
            let answer = people.admin.post(CONNECTIONS, draft(file)).await;
            assert_eq!(answer.problem(422), "invalid", "{file}");
            assert_eq!(answer.json()["errors"][0]["field"], "file", "{file}");
            if !file.is_empty() {
                let said = people.admin.post(&format!("{CONNECTIONS}/test"), draft(file)).await.expect(200);
                assert_eq!(said["problem"]["class"], "file", "{file}");
            }
        }
        let nul = people.admin.post(CONNECTIONS, draft("shop.db\0x")).await;
        assert_eq!(nul.problem(422), "invalid");
        let user = people.admin.post(CONNECTIONS, with(draft("shop.db"), json!({ "user": "root" }))).await;
        assert_eq!(user.problem(422), "invalid");
        let said = people.admin.post(&format!("{CONNECTIONS}/test"), draft("shop.db")).await.expect(200);
        assert_eq!((said["ok"].clone(), said["server"]["product"].clone()), (json!(true), json!("SQLite")));
        let made = people.admin.post(CONNECTIONS, draft("shop.db")).await;
        made.expect(201);
        let path = made.header("location").unwrap();
        let taken = people.editor.post(&format!("{path}/schema/snapshots"), json!({})).await.expect(201);
        assert_eq!(taken["snapshot"]["engine"], "sqlite");
        let found = people.viewer.get(&format!("{path}/schema/search?words=tot")).await.expect(200);
        assert_eq!(
            (found["items"][0]["object"]["name"].clone(), found["items"][0]["matched"].clone()),
            (json!("orders"), json!("column"))
        );
        // The file is swapped for a way out after it was made known.
        std::fs::remove_file(folder.join("shop.db")).unwrap();
        std::os::unix::fs::symlink(outside, folder.join("shop.db")).unwrap();
        let said = people.admin.post(&format!("{path}/test"), json!({})).await.expect(200);
        assert_eq!(said["problem"]["class"], "file");
        plane.stop().await;
    });
}

#[test]
fn a_connection_goes_through_a_listener_of_its_workspace() {
    block_on(async {
        let server = Server::postgres().await;
        let place = format!("127.0.0.1:{}", server.port);
        let plane = Plane::start_with(Backend::Sqlite, |settings| {
            settings.own_addresses = vec![place.parse().unwrap()];
        })
        .await;
        let people = plane.people().await;
        let listener = ListenerState {
            name: "main".to_owned(),
            protocol: "postgres".to_owned(),
            workspace: "gate".to_owned(),
            listen: place,
            upstream: vec!["10.1.2.3:5432".to_owned()],
            ..ListenerState::default()
        };
        let state =
            PlaneState { plane: "plane".to_owned(), listeners: vec![listener], ..PlaneState::default() };
        let listening = Listening { version: control::VERSION, state, snapshot: 0 };
        // It waits for news; that it is there is written down first.
        let carrier = plane.plane.carrier();
        let waiting = tokio::spawn(async move { carrier.listen(listening).await });
        let gate = "/api/v1/workspaces/gate/connections";
        let begun = Instant::now();
        while people.root.get(gate).await.status != 200 {
            assert!(begun.elapsed() < PATIENCE, "the workspace of the listener is made");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        waiting.abort();
        let direct = people.root.post(&format!("{gate}/test"), draft("Direct", &server)).await.expect(200);
        assert_eq!(
            direct["problem"]["class"], "egress",
            "past the listener's rules nobody comes by its address"
        );
        let body = json!({ "name": "Through", "kind": "postgres", "via": "main", "database": "shop", "user": "app",
            "password": SECRET, "options": { "refresh_hours": 0 } });
        let said = people.root.post(&format!("{gate}/test"), body.clone()).await.expect(200);
        assert_eq!(said["ok"], true, "{said}");
        let made = people.root.post(gate, body.clone()).await;
        let view = made.expect(201);
        assert_eq!((view["via"].clone(), view["port"].clone()), (json!("main"), json!(server.port)));
        let path = made.header("location").unwrap();
        people.root.post(&format!("{path}/schema/snapshots"), json!({})).await.expect(201);
        for wrong in [json!({ "via": "other" }), json!({ "host": "127.0.0.1" }), json!({ "kind": "mysql" })] {
            assert_eq!(people.root.post(gate, with(body.clone(), wrong)).await.problem(422), "invalid");
        }
        // The listener belongs to another workspace.
        assert_eq!(people.admin.post(CONNECTIONS, body).await.problem(422), "invalid");
        ddl_is_noticed(&plane, &people, &server, &path).await;
        plane.stop().await;
    });
}

/// A statement that changes the schema passes the listener: the schema is read again soon.
async fn ddl_is_noticed(plane: &Plane, people: &People, server: &Server, path: &str) {
    let owner = server.owner("shop").await;
    owner.batch_execute("CREATE TABLE public.news (id int); GRANT ALL ON public.news TO app").await.unwrap();
    let event = |listener: &str, note: &str| control::GatewayEvent {
        at_us: admin_store::now_us(),
        event: "ddl".to_owned(),
        listener: listener.to_owned(),
        note: note.to_owned(),
    };
    let report = |number, events| Report {
        plane: "plane".to_owned(),
        start: "one".to_owned(),
        number,
        events,
        ..Report::default()
    };
    let carrier = plane.plane.carrier();
    carrier
        .report(report(1, vec![event("other", "shop: news"), event("main", "elsewhere: news")]))
        .await
        .unwrap();
    carrier
        .report(report(2, vec![event("main", "shop: news"), event("main", "shop: news (in a transaction)")]))
        .await
        .unwrap();
    let store = &plane.plane.app().store;
    let begun = Instant::now();
    let kind = admin::app::schema::refresh::CHANGED;
    let waiting = loop {
        let mut tx = store.read().await.unwrap();
        let waiting = admin_store::jobs::list(&mut tx, kind, 10).await.unwrap();
        tx.commit().await.unwrap();
        if !waiting.is_empty() {
            break waiting;
        }
        assert!(begun.elapsed() < PATIENCE, "the change is noticed");
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    assert_eq!((waiting.len(), waiting[0].key.as_str()), (1, path.rsplit('/').next().unwrap()));
    let in_us = waiting[0].due_at - admin_store::now_us();
    assert!(in_us > 0 && in_us <= admin::app::schema::refresh::QUIET_US, "after a while of quiet: {in_us}");
    // The while is not waited for here.
    let mut tx = store.write().await.unwrap();
    let workspace = admin_store::workspaces::by_slug(&mut tx, "gate").await.unwrap().id;
    let body = json!({ "workspace": workspace });
    let job = admin_store::jobs::NewJob { kind, key: &waiting[0].key, body: &body, due_at: 0 };
    admin_store::jobs::put(&mut tx, job).await.unwrap();
    tx.commit().await.unwrap();
    let snapshots = until(&people.root, &format!("{path}/schema/snapshots"), |page| {
        page["items"].as_array().unwrap().len() == 2
    })
    .await;
    assert_eq!(snapshots["items"][0]["cause"], "ddl");
    let diff = people.root.get(&format!("{path}/schema/diff")).await.expect(200);
    assert_eq!((diff["added"].clone(), diff["changes"][0]["name"].clone()), (json!(1), json!("news")));
}

#[test]
fn a_database_that_comes_back_is_noticed_and_its_schema_read() {
    block_on(async {
        let server = Server::postgres().await;
        let plane = Plane::start(Backend::Sqlite).await;
        let people = plane.people().await;
        let port = engines::free_port();
        let body = with(draft("Shop", &server), json!({ "port": port, "options": {} }));
        let made = people.admin.post(CONNECTIONS, body).await;
        made.expect(201);
        let path = made.header("location").unwrap();
        let health = format!("{path}/health");
        let failing = until(&people.viewer, &health, |health| health["failures"].as_i64() >= Some(2)).await;
        assert_eq!(
            (failing["condition"].clone(), failing["last_error"]["class"].clone()),
            (json!("failing"), json!("refused"))
        );
        let gate = tokio::net::TcpListener::bind(("127.0.0.1", port)).await.unwrap();
        let to = server.port;
        let passing = tokio::spawn(async move {
            loop {
                let (mut client, _) = gate.accept().await.unwrap();
                tokio::spawn(async move {
                    let mut upstream = tokio::net::TcpStream::connect(("127.0.0.1", to)).await.unwrap();
                    let _ = tokio::io::copy_bidirectional(&mut client, &mut upstream).await;
                });
            }
        });
        let well = until(&people.viewer, &health, |health| health["condition"] == "well").await;
        assert_eq!(
            (well["failures"].clone(), well["last_error"]["class"].clone()),
            (json!(0), json!("refused"))
        );
        // Reading the schema was due at once, failed, and is tried again after a while; who asks need not wait.
        let kind = admin::app::schema::refresh::SCHEDULED;
        let mut tx = plane.plane.app().store.write().await.unwrap();
        let waiting = admin_store::jobs::list(&mut tx, kind, 10).await.unwrap();
        assert_eq!(waiting.len(), 1);
        let workspace = admin_store::workspaces::by_slug(&mut tx, "shop").await.unwrap().id;
        let body = json!({ "workspace": workspace });
        let job = admin_store::jobs::NewJob { kind, key: &waiting[0].key, body: &body, due_at: 0 };
        admin_store::jobs::put(&mut tx, job).await.unwrap();
        tx.commit().await.unwrap();
        let has_one = |page: &Value| !page["items"].as_array().unwrap().is_empty();
        let snapshots = until(&people.viewer, &format!("{path}/schema/snapshots"), has_one).await;
        assert_eq!(snapshots["items"][0]["cause"], "schedule");
        let mut tx = plane.plane.app().store.read().await.unwrap();
        let connection = waiting[0].key.parse().unwrap();
        let known = admin_store::connections::get(&mut tx, workspace, connection).await.unwrap();
        tx.commit().await.unwrap();
        only_so_many_at_once(&plane, known).await;
        passing.abort();
        plane.stop().await;
    });
}

/// No more connections to one database are open than there may be; one that is given back is free.
async fn only_so_many_at_once(plane: &Plane, known: admin_store::connections::Connection) {
    use admin::app::connections::{open::OPEN_MAX, open_known};
    let app = plane.plane.app();
    let mut opened = Vec::new();
    for _ in 0..OPEN_MAX {
        let mut one = open_known(app, known.clone(), "test").await.unwrap();
        one.connection.ping().await.unwrap();
        opened.push(one);
    }
    let waits = open_known(app, known.clone(), "test");
    let mut waits = Box::pin(waits);
    assert!(
        tokio::time::timeout(Duration::from_millis(300), &mut waits).await.is_err(),
        "it waits for its turn"
    );
    opened.pop().unwrap().close().await;
    tokio::time::timeout(PATIENCE, waits).await.unwrap().unwrap().close().await;
}

fn key(byte: u8) -> String {
    base64::engine::general_purpose::STANDARD.encode([byte; 32])
}

#[test]
fn the_master_key_is_changed_without_losing_a_password() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let server = &runtime.block_on(Server::postgres());
    each_backend(|backend| async move {
        let plane = Plane::start_with(backend, |settings| settings.master_key = Some(key(1).into())).await;
        let people = plane.people().await;
        let mut paths = Vec::new();
        for number in 0..3 {
            let made = people.admin.post(CONNECTIONS, draft(&format!("Shop {number}"), server)).await;
            made.expect(201);
            paths.push(made.header("location").unwrap());
        }
        let settings = plane.plane.app().settings.clone();
        let store = plane.plane.app().store.clone();
        let (old, new, third) =
            (Vault::with(&key(1)).unwrap(), Vault::with(&key(2)).unwrap(), Vault::with(&key(3)).unwrap());
        assert!(rekey(&store, &third, &new).await.is_err(), "with a key that opens nothing nothing is done");
        assert_eq!(rekey(&store, &old, &new).await.unwrap(), 3);
        assert_eq!(rekey(&store, &old, &new).await.unwrap(), 0, "what is done is done");
        let folder = plane.folder.clone();
        plane.stop().await;
        let again = ControlPlane::start(settings.clone()).await;
        assert!(matches!(again, Err(StartError::Vault(VaultError::OtherKey { .. }))), "{again:?}");
        let plane = Plane::again(settings.state.clone(), folder, |settings| {
            settings.master_key = Some(key(2).into())
        })
        .await;
        let admin = plane.nobody().sign_in("admin@example.com", harness::PASSWORD).await;
        for path in &paths {
            let said = admin.post(&format!("{path}/test"), json!({})).await.expect(200);
            assert_eq!(said["ok"], true, "{said}");
        }
        plane.stop().await;
    });
}

#[test]
fn a_mariadb_is_connected_to_and_its_schema_read() {
    block_on(async {
        let server = Server::mariadb().await;
        let plane = Plane::start(Backend::Sqlite).await;
        let people = plane.people().await;
        let body = draft("Maria", &server);
        let said = people.admin.post(&format!("{CONNECTIONS}/test"), body.clone()).await.expect(200);
        assert_eq!(
            (said["ok"].clone(), said["server"]["product"].clone()),
            (json!(true), json!("MariaDB")),
            "{said}"
        );
        let wrong = people
            .admin
            .post(&format!("{CONNECTIONS}/test"), with(body.clone(), json!({ "password": WRONG })))
            .await;
        assert_eq!(wrong.expect(200)["problem"]["class"], "password");
        let made = people.admin.post(CONNECTIONS, body).await;
        made.expect(201);
        let path = made.header("location").unwrap();
        let taken = people.admin.post(&format!("{path}/schema/snapshots"), json!({})).await.expect(201);
        assert_eq!(taken["snapshot"]["engine"], "mariadb");
        plane.stop().await;
    });
}
