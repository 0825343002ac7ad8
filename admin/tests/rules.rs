//! How do rules get from a draft to the data planes, and what does not?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod data_plane;
mod harness;

use data_plane::{DataPlane, listener, until};
use harness::{Caller, Plane, each_backend};
use reqwest::Method;
use serde_json::{Value, json};

const GOOD: &str = "[[rule]]\nname = \"wages\"\nwhen = { table = \"wages\" }\ndecision = \"refuse\"\n";
const OTHER: &str = "[[rule]]\nname = \"orders\"\nwhen = { table = \"orders\" }\ndecision = \"refuse\"\n";
const BAD: &str = "[[rule]]\nname = \"wages\"\nwhen = { tabel = \"wages\" }\ndecision = \"refuse\"\n";
const CASES: &str = "```case\npolicies: own\nuser: ann\n\nSELECT * FROM wages => refuse own/wages\n```\n";
const WRONG_CASES: &str = "```case\npolicies: own\nuser: ann\n\nSELECT * FROM wages => allow\n```\n";

/// A workspace with listeners, its owner, and the data plane they are on.
struct Scene {
    plane: Plane,
    people: harness::People,
    data_plane: DataPlane,
}

impl Scene {
    async fn start(backend: admin_store::Backend) -> Scene {
        let plane = Plane::start(backend).await;
        let people = plane.people().await;
        people.root.post("/api/v1/workspaces", json!({ "slug": "pay", "name": "Pay" })).await.expect(201);
        people.root.post("/api/v1/workspaces", json!({ "slug": "hr", "name": "HR" })).await.expect(201);
        plane.make_member("pay", "owner@example.com", "owner").await;
        plane.make_member("pay", "editor@example.com", "editor").await;
        plane.make_member("hr", "stranger@example.com", "owner").await;
        let listeners = vec![
            listener("pg", "pay", true),
            listener("pg2", "pay", true),
            listener("fixed", "pay", false),
            listener("hr-pg", "hr", true),
        ];
        let data_plane = DataPlane::start(&plane, &people.root, "p1", listeners).await;
        Scene { plane, people, data_plane }
    }
}

/// A rule set with a draft; gives its path.
async fn draft(caller: &Caller, workspace: &str, name: &str, text: &str, cases: &str) -> String {
    let sets = format!("/api/v1/workspaces/{workspace}/rule-sets");
    let made = caller.post(&sets, json!({ "name": name })).await;
    made.expect(201);
    let path = made.header("location").unwrap();
    write(caller, &path, text, cases).await;
    path
}

async fn etag(caller: &Caller, path: &str) -> String {
    let answer = caller.get(path).await;
    answer.expect(200);
    answer.header("etag").unwrap()
}

async fn write(caller: &Caller, path: &str, text: &str, cases: &str) {
    let path = format!("{path}/draft");
    let version = etag(caller, &path).await;
    caller.put(&path, &version, json!({ "text": text, "cases": cases })).await.expect(200);
}

async fn publish(caller: &Caller, path: &str) -> harness::Answer {
    let version = etag(caller, &format!("{path}/draft")).await;
    let publish = format!("{path}/publish");
    caller.with_json(Method::POST, &publish, &[("if-match", &version)], json!({ "note": "because" })).await
}

async fn publish_to(caller: &Caller, workspace: &str, listener: &str, body: Value) -> harness::Answer {
    let path = format!("/api/v1/workspaces/{workspace}/listeners/{listener}/publication");
    let shown = caller.get(&path).await;
    let version = shown.header("etag").unwrap_or("\"0\"".to_owned());
    caller.put(&path, &version, body).await
}

#[test]
fn a_draft_is_written_checked_and_tried_before_it_is_published() {
    each_backend(|backend| async move {
        let scene = Scene::start(backend).await;
        let (owner, editor) = (&scene.people.owner, &scene.people.editor);
        let sets = "/api/v1/workspaces/pay/rule-sets";
        for name in ["production", "Read-Only", "a b", ""] {
            assert_eq!(editor.post(sets, json!({ "name": name })).await.problem(422), "invalid", "{name}");
        }
        let packs = editor.get("/api/v1/packs").await.expect(200);
        assert_eq!(packs["items"].as_array().unwrap().len(), policies::PACKS.len());
        let pack = editor.get("/api/v1/packs/production").await.expect(200);
        assert_eq!(pack["text"], policies::pack("production").unwrap());
        assert_eq!(editor.get("/api/v1/packs/own").await.problem(404), "not_found");

        let path = draft(editor, "pay", "own", BAD, CASES).await;
        assert_eq!(editor.post(sets, json!({ "name": "OWN" })).await.problem(409), "duplicate");
        assert_eq!(scene.people.stranger.get(&path).await.problem(404), "not_found");
        let foreign = path.replace("/pay/", "/hr/");
        assert_eq!(scene.people.stranger.get(&foreign).await.problem(404), "not_found");
        let stale = editor.put(&format!("{path}/draft"), "\"0\"", json!({ "text": GOOD })).await;
        assert_eq!(stale.problem(412), "changed");

        let check = "/api/v1/workspaces/pay/rules/check";
        let found = editor.post(check, json!({ "name": "own", "text": BAD })).await.expect(200);
        assert_eq!(found["is_good"], false);
        let mistake = &found["diagnostics"][0];
        let span: (usize, usize) = serde_json::from_value(mistake["span"].clone()).unwrap();
        assert_eq!((&BAD[span.0..span.1], &mistake["line"]), ("tabel", &json!(3)));
        for text in ["", "\u{feff}[", "[[rule]]\nname = 1", "include = [\"own\"]", "x = \"", "é = [ \n"] {
            editor.post(check, json!({ "name": "own", "text": text, "listener": "pg" })).await.expect(200);
        }
        outlined(editor, check).await;
        let good = editor.post(check, json!({ "text": GOOD, "listener": "pg" })).await.expect(200);
        assert_eq!(good["is_good"], true);
        assert!(good["rules"].as_u64().unwrap() > 1, "the pack of the listener's file is among them: {good}");
        let elsewhere = editor.post(check, json!({ "text": GOOD, "listener": "hr-pg" })).await;
        assert_eq!(elsewhere.problem(404), "not_found");

        assert_eq!(publish(editor, &path).await.problem(403), "forbidden");
        let refused = publish(owner, &path).await;
        assert_eq!(refused.problem(422), "bad_rules");
        assert_eq!(refused.json()["errors"][0]["span"], mistake["span"]);
        write(editor, &path, GOOD, WRONG_CASES).await;
        let run = format!("{path}/cases/run");
        let tried = editor.post(&run, json!({})).await.expect(200);
        assert_eq!((&tried["is_good"], &tried["results"][0]["passed"]), (&json!(false), &json!(false)));
        assert_eq!(tried["results"][0]["got"], "refuse own/wages");
        let refused = publish(owner, &path).await;
        assert_eq!(refused.problem(422), "bad_rules");
        let span: (usize, usize) =
            serde_json::from_value(refused.json()["errors"][0]["span"].clone()).unwrap();
        assert_eq!(&WRONG_CASES[span.0..span.1], "SELECT * FROM wages => allow");
        let tried = editor.post(&run, json!({ "cases": CASES })).await.expect(200);
        assert_eq!(tried["is_good"], true);
        let torn = editor.post(&run, json!({ "cases": "```case\nnobody\n```" })).await.expect(200);
        assert_eq!((&torn["is_good"], &torn["diagnostics"][0]["place"]), (&json!(false), &json!("cases")));

        scene.plane.stop().await;
    });
}

/// What stands in a text is told with its places, in bytes, also where the rules have mistakes.
async fn outlined(editor: &Caller, check: &str) {
    let text = "# Löhne\ninclude = [\"agent\"]\n\n[lists]\nwriters = []\n\n[[rule]]\nname = \"wages\"\nwhen = { tabel = \"wages\", class = [\"read\"] }\n";
    let found = editor.post(check, json!({ "name": "own", "text": text })).await.expect(200);
    assert_eq!(found["is_good"], false);
    let shown = |span: &Value| {
        let (from, until): (usize, usize) = serde_json::from_value(span.clone()).unwrap();
        text[from..until].to_owned()
    };
    let outline = &found["outline"];
    assert_eq!(
        (&outline["fields"][0]["value"], outline["sessions"].as_array().unwrap().len()),
        (&json!(["agent"]), 0)
    );
    assert_eq!(
        (shown(&outline["lists"]["header"]), &outline["lists"]["fields"][0]["key"]),
        ("[lists]".to_owned(), &json!("writers"))
    );
    let rule = &outline["rules"][0];
    assert_eq!(shown(&rule["header"]), "[[rule]]");
    let when = &rule["fields"][1];
    assert_eq!(shown(&when["at"]), "when");
    assert_eq!(shown(&when["span"]), "{ tabel = \"wages\", class = [\"read\"] }");
    assert_eq!(when["keys"], json!(["tabel", "class"]));
    let torn = editor.post(check, json!({ "text": "[[rule]" })).await.expect(200);
    assert_eq!(torn["outline"], Value::Null);
    let other = editor.post(check, json!({ "text": "rule = 1" })).await.expect(200);
    assert_eq!(other["outline"], Value::Null, "what is no list of tables cannot be changed by a form");
}

#[test]
fn a_version_stays_what_it_was_when_it_was_published() {
    each_backend(|backend| async move {
        let scene = Scene::start(backend).await;
        let (owner, editor) = (&scene.people.owner, &scene.people.editor);
        let path = draft(editor, "pay", "own", GOOD, CASES).await;
        assert_eq!(publish(owner, &path).await.expect(200)["version"], 1);
        assert_eq!(publish(owner, &path).await.problem(409), "conflict", "there is no draft any more");
        let version = editor.get(&format!("{path}/versions/1")).await.expect(200);
        assert_eq!((&version["text"], &version["version"]["note"]), (&json!(GOOD), &json!("because")));
        assert_eq!(editor.get(&format!("{path}/versions/2")).await.problem(404), "not_found");
        let renamed = owner.put(&path, &etag(owner, &path).await, json!({ "name": "new" })).await;
        assert_eq!(renamed.problem(409), "conflict");
        assert!(scene.data_plane.mind.lock().unwrap().snapshots.is_empty(), "no listener uses it");
        let version = etag(editor, &path).await;
        let removed = editor.send(Method::DELETE, &path, &[("if-match", &version)], None).await;
        assert_eq!(removed.problem(403), "forbidden");
        owner.send(Method::DELETE, &path, &[("if-match", &version)], None).await.expect(204);
        scene.plane.stop().await;
    });
}

/// Two published rule sets of which the second includes the first: the first's path and the second's text.
async fn published(owner: &Caller) -> (String, String) {
    let shared = draft(owner, "pay", "shared", OTHER, "").await;
    let text = format!("include = [\"shared\"]\n{GOOD}");
    let path = draft(owner, "pay", "own", &text, "").await;
    let unpublished = publish_to(owner, "pay", "pg", json!({ "policies": ["own"] })).await;
    assert_eq!(unpublished.problem(422), "invalid");
    assert_eq!(publish(owner, &path).await.problem(422), "bad_rules", "what it includes is not published");
    publish(owner, &shared).await.expect(200);
    publish(owner, &path).await.expect(200);
    (shared, text)
}

const PUBLICATION: &str = "/api/v1/workspaces/pay/listeners/pg/publication";

/// Waits until the data plane has said this of what is published.
async fn acknowledged(owner: &Caller, state: &str) -> Value {
    until(state, || async {
        let shown = owner.get(PUBLICATION).await.expect(200);
        let plane = shown["planes"][0].clone();
        (plane["state"] == state).then_some(plane)
    })
    .await
}

#[test]
fn what_is_published_reaches_the_data_planes_of_its_workspace() {
    each_backend(|backend| async move {
        let scene = Scene::start(backend).await;
        let (owner, stranger, data_plane) = (&scene.people.owner, &scene.people.stranger, &scene.data_plane);
        let (_, text) = published(owner).await;
        let wanted = json!({ "policies": ["production", "own"], "enforces": true });
        publish_to(owner, "pay", "pg", wanted.clone()).await.expect(200);
        publish_to(owner, "pay", "pg2", json!({ "policies": ["shared"] })).await.expect(200);
        let pg = data_plane.published("pg", |_| true).await;
        assert_eq!((&pg["policies"], &pg["enforces"]), (&json!(["production", "own"]), &json!(true)));
        let texts = json!([
            { "name": "own", "version": 1, "text": text, "by": "owner@example.com" },
            { "name": "shared", "version": 1, "text": OTHER, "by": "owner@example.com" },
        ]);
        assert_eq!(pg["texts"], texts);
        assert_eq!(data_plane.published("pg2", |_| true).await["enforces"], Value::Null);
        let plane = acknowledged(owner, "in_force").await;
        assert_eq!(plane["running"], json!([{ "name": "production" }, { "name": "own", "version": 1 }]));
        assert_eq!(owner.put(PUBLICATION, "\"0\"", wanted).await.problem(412), "changed");

        for (listener, status, code) in
            [("fixed", 409, "conflict"), ("hr-pg", 404, "not_found"), ("no", 404, "not_found")]
        {
            let refused = publish_to(owner, "pay", listener, json!({ "policies": ["own"] })).await;
            assert_eq!(refused.problem(status), code, "{listener}");
        }
        let foreign = publish_to(stranger, "hr", "hr-pg", json!({ "policies": ["own"] })).await;
        assert_eq!(foreign.problem(422), "invalid", "rule sets of another workspace are none");
        publish_to(stranger, "hr", "hr-pg", json!({ "policies": ["analyst"] })).await.expect(200);
        data_plane.published("hr-pg", |_| true).await;
        data_plane.published("pg", |_| true).await;

        // A name that two workspaces have on two data planes would give one the other's rules.
        let other = vec![listener("pg", "hr", true)];
        let _other = DataPlane::start(&scene.plane, &scene.people.root, "p2", other).await;
        let twice = publish_to(stranger, "hr", "pg", json!({ "policies": ["analyst"] })).await;
        assert_eq!(twice.problem(409), "conflict");
        scene.plane.stop().await;
    });
}

#[test]
fn a_new_version_is_in_force_where_its_rule_set_is_and_can_be_rolled_back() {
    each_backend(|backend| async move {
        let scene = Scene::start(backend).await;
        let (owner, data_plane) = (&scene.people.owner, &scene.data_plane);
        let (shared, _) = published(owner).await;
        publish_to(owner, "pay", "pg", json!({ "policies": ["own"] })).await.expect(200);
        // What others include changes what is in force for them, and must be good for them.
        write(owner, &shared, GOOD, "").await;
        assert_eq!(publish(owner, &shared).await.expect(200)["version"], 2);
        let pg = data_plane.published("pg", |one| one["texts"][1]["version"] == 2).await;
        assert_eq!(pg["texts"][1]["text"], GOOD);
        let before = data_plane.mind.lock().unwrap().snapshots.len();
        write(owner, &shared, "include = [\"own\"]\n", "").await;
        assert_eq!(publish(owner, &shared).await.problem(422), "bad_rules");
        let in_use = [("if-match", etag(owner, &shared).await)];
        let headers = in_use.iter().map(|(name, value)| (*name, value.as_str())).collect::<Vec<_>>();
        assert_eq!(owner.send(Method::DELETE, &shared, &headers, None).await.problem(409), "conflict");

        data_plane.mind.lock().unwrap().problems = vec!["listener `pg`: no".to_owned()];
        let roll_back = format!("{shared}/roll-back");
        let rolled = owner.post(&roll_back, json!({ "to": 1, "published": 2, "note": "back" })).await;
        assert_eq!(rolled.expect(200)["version"], 3);
        let again = owner.post(&roll_back, json!({ "to": 1, "published": 2 })).await;
        assert_eq!(again.problem(412), "changed");
        let pg = data_plane.published("pg", |one| one["texts"][1]["version"] == 3).await;
        assert_eq!(pg["texts"][1]["text"], OTHER);
        let snapshots = data_plane.mind.lock().unwrap().snapshots.len();
        assert_eq!(snapshots, before + 1, "nothing bad reached a data plane");
        let plane = acknowledged(owner, "refused").await;
        assert_eq!((&plane["problems"][0], &plane["running"]), (&json!("listener `pg`: no"), &Value::Null));
        let versions = owner.get(&format!("{shared}/versions?limit=2")).await.expect(200);
        assert_eq!(
            (&versions["items"][0]["number"], &versions["items"][0]["copy_of"]),
            (&json!(3), &json!(1))
        );
        let next = format!("{shared}/versions?limit=2&cursor={}", versions["next"].as_str().unwrap());
        assert_eq!(owner.get(&next).await.expect(200)["items"][0]["number"], 1);

        let version = etag(owner, PUBLICATION).await;
        owner.send(Method::DELETE, PUBLICATION, &[("if-match", &version)], None).await.expect(204);
        until("it is withdrawn", || async {
            let mind = data_plane.mind.lock().unwrap();
            mind.snapshots.last().unwrap()["listeners"].as_array().unwrap().is_empty().then_some(())
        })
        .await;
        let activity = owner.get("/api/v1/workspaces/pay/activity?limit=100").await.expect(200).to_string();
        for action in
            ["publish_rule_set", "publish_to_listener", "roll_back_rule_set", "withdraw_from_listener"]
        {
            assert!(activity.contains(action), "{action}");
        }
        scene.plane.stop().await;
    });
}

#[test]
fn a_draft_is_judged_by_what_happened() {
    each_backend(|backend| async move {
        let scene = Scene::start(backend).await;
        let owner = &scene.people.owner;
        let minute = admin_store::now_us() / 60_000_000 - 2;
        let count = |fingerprint: &str, user: &str, calls: u64, refusals: u64| {
            json!({ "fingerprint": fingerprint, "caller": { "user": user, "database": "pay", "application": "" },
                "sums": { "calls": calls, "errors": 0, "refusals": refusals, "rows": 0, "bytes_in": 0, "bytes_out": 0,
                    "total_us": calls, "latency": { "steps": [[1, calls]], "max_us": 1 } } })
        };
        let text = |fingerprint: &str, text: &str, class: &str| json!({ "listener": "pg", "fingerprint": fingerprint, "text": text, "class": class, "tables": [] });
        let none = json!({ "calls": 0, "errors": 0, "refusals": 0, "rows": 0, "bytes_in": 0, "bytes_out": 0,
            "total_us": 0, "latency": { "steps": [], "max_us": 0 } });
        scene.data_plane.report(json!({
            "statements": [
                text("1-a", "SELECT * FROM wages WHERE id = ?", "read"),
                text("1-b", "SELECT * FROM orders WHERE id = ?", "read"),
                text("1-c", "SELECT * FROM orders WHERE no…", "read"),
            ],
            "minutes": [{ "listener": "pg", "minute": minute, "others": none, "errors": [], "other_errors": 0, "counts": [
                count("1-a", "ann", 5, 0), count("1-a", "bob", 2, 1), count("1-b", "ann", 7, 0), count("1-c", "ann", 4, 0),
            ] }],
        })).await;
        let path = draft(owner, "pay", "own", GOOD, "").await;
        let replay = format!("{path}/replay");
        let found = owner.post(&replay, json!({ "listener": "pg" })).await.expect(200);
        assert_eq!(
            (&found["statements"], &found["judged"], &found["untold"]),
            (&json!(19), &json!(15), &json!(4))
        );
        assert_eq!(found["left_out"], 0);
        let changed = found["differences"].as_array().unwrap();
        assert_eq!(changed.len(), 1, "{found}");
        assert_eq!((&changed[0]["fingerprint"], &changed[0]["statements"]), (&json!("1-a"), &json!(8)));
        assert_eq!(
            (&changed[0]["before"]["verdict"], &changed[0]["after"]["rule"]),
            (&json!("allow"), &json!("own/wages"))
        );
        assert_eq!(changed[0]["callers_count"], 2);
        assert_eq!(found["bound_otherwise"], 0);
        let limit = "[[rule]]\nname = \"few\"\nwhen = { table = \"orders\" }\ndecision = \"limit\"\nlimit = { rows = 10, seconds = 5, per_second = 2 }\n";
        let bound = owner.post(&replay, json!({ "listener": "pg", "text": limit })).await.expect(200);
        assert_eq!(bound["bound_otherwise"], 7);
        let after = &bound["differences"][0]["after"];
        assert_eq!(
            (&after["verdict"], &after["limits"]),
            (&json!("allow"), &json!("rows=10 seconds=5 rate=own/few"))
        );
        assert_eq!(bound["differences"][0]["before"]["limits"], Value::Null);
        let same = owner.post(&replay, json!({ "listener": "pg", "text": "" })).await.expect(200);
        assert_eq!(same["differences"], json!([]));
        let bad = owner.post(&replay, json!({ "listener": "pg", "text": BAD })).await;
        assert_eq!(bad.problem(422), "bad_rules");
        assert_eq!(owner.post(&replay, json!({ "listener": "hr-pg" })).await.problem(404), "not_found");
        // The statements that came in were read in the background.
        until("statements are analysed", || async {
            let mut tx = scene.plane.plane.app().store.read().await.unwrap();
            let waiting = admin_store::traffic::unanalysed(&mut tx, 10).await.unwrap();
            tx.commit().await.unwrap();
            waiting.is_empty().then_some(())
        })
        .await;
        scene.plane.stop().await;
    });
}
