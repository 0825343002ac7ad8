//! Who touched what, what do ledgers say of themselves, and what is kept about people?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod data_plane;
mod harness;

use admin::http::timestamp::Timestamp;
use data_plane::{DataPlane, listener, record};
use harness::{Answer, People, Plane, each_backend};
use serde_json::{Value, json};

const AT: i64 = 1_790_000_000_000_000;
const PATH: &str = "/api/v1/workspaces/pay/ledger";

/// Two data planes with listeners of the workspace `pay`, and one with those of `hr` only.
struct Scene {
    plane: Plane,
    people: People,
    planes: [DataPlane; 3],
}

impl Scene {
    async fn start(backend: admin_store::Backend) -> Scene {
        let plane = Plane::start(backend).await;
        let people = plane.people().await;
        for slug in ["pay", "hr"] {
            people.root.post("/api/v1/workspaces", json!({ "slug": slug, "name": slug })).await.expect(201);
        }
        plane.make_member("pay", "admin@example.com", "admin").await;
        plane.make_member("pay", "editor@example.com", "editor").await;
        let one = vec![listener("pg", "pay", true), listener("secret", "hr", true)];
        let one = DataPlane::start(&plane, &people.root, "p1", one).await;
        let two = DataPlane::start(&plane, &people.root, "p2", vec![listener("pg", "pay", true)]).await;
        let three = DataPlane::start(&plane, &people.root, "p3", vec![listener("only", "hr", true)]).await;
        Scene { plane, people, planes: [one, two, three] }
    }

    /// Gives a plane these records, newest first as a ledger has them.
    fn keep(&self, plane: usize, mut records: Vec<Value>) {
        let place = |record: &Value| (record["ts"].to_string(), record["id"].to_string());
        records.sort_by_key(|record| std::cmp::Reverse(place(record)));
        self.planes[plane].mind.lock().unwrap().records = records;
    }
}

/// A statement of `user` that changes orders and reads items.
fn update(number: u64, user: &str, event: &str) -> Value {
    let mut record = record(number, AT + i64::try_from(number).unwrap() * 60_000_000, "pay", "pg");
    let fields = json!({
        "event": event, "class": "write", "rows": 2, "message_class": "ok", "exchange": number,
        "session": "01990a3b-5c7e-7d10-9f3e-5a6b7c8d9e0f", "fingerprint": "1-8ca5ea4f9ec4b1bc",
        "principal": { "user": user, "application": "checkout", "address": "192.0.2.1:5000" },
        "tables": ["items", "orders"],
        "effects": { "verb": "update", "relations": [{ "name": "orders", "access": ["update"] }] },
    });
    for (name, value) in fields.as_object().unwrap() {
        record[name] = value.clone();
    }
    record
}

fn lines(answer: &Answer) -> Vec<Value> {
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn the_report_adds_up_what_all_planes_have_and_says_how_far_it_came() {
    each_backend(|backend| async move {
        let scene = Scene::start(backend).await;
        let admin = &scene.people.admin;
        let mut first: Vec<Value> =
            (0..1_200).map(|number| update(number, "ann", "statement.outcome")).collect();
        first.push(record(5_000, AT + 1, "hr", "secret"));
        scene.keep(0, first);
        scene.keep(
            1,
            vec![
                update(2_000, "bob", "statement.outcome"),
                update(2_001, "bob", "statement.refused"),
                update(2_002, "bob", "statement.intent"),
            ],
        );
        let link = json!({ "database_user": "ann", "kind": "service", "label": "Web shop" });
        scene.people.root.post("/api/v1/workspaces/pay/principals", link).await.expect(201);

        let answer = admin.get(&format!("{PATH}/access-report?table=orders")).await;
        assert_eq!(answer.header("content-type").as_deref(), Some("application/x-ndjson"));
        let told = lines(&answer);
        let (report, before) = told.split_last().unwrap();
        assert!(before.len() >= 2, "of more than one part it is told how far it is: {}", before.len());
        let counted: Vec<u64> = before.iter().map(|line| line["records"].as_u64().unwrap()).collect();
        assert!(before.iter().all(|line| line["kind"] == "progress") && counted.is_sorted(), "{counted:?}");
        assert_eq!((&report["kind"], &report["cut"]), (&json!("report"), &Value::Null));
        assert_eq!(
            report["progress"],
            json!({ "records": 1_203, "records_read": report["progress"]["records_read"], "thousandths": 1_000 })
        );
        let all = &report["all"];
        assert_eq!(
            (&all["statements"], &all["writes"], &all["rows_changed"]),
            (&json!(1_201), &json!(1_201), &json!(2_402))
        );
        assert_eq!((&all["refused"], &report["unfinished"]), (&json!(1), &json!(1)));
        assert_eq!(all["first_at"], json!(Timestamp(AT)));
        let users = report["users"]["items"].as_array().unwrap();
        assert_eq!((&users[0]["name"], &users[0]["known_as"]), (&json!("ann"), &json!(["Web shop"])));
        assert_eq!((&users[1]["name"], &users[1]["counts"]["refused"]), (&json!("bob"), &json!(1)));
        let tables = report["tables"]["items"].as_array().unwrap();
        assert_eq!((&tables[0]["name"], &tables[0]["counts"]["reads"]), (&json!("items"), &json!(1_201)));
        assert_eq!((&tables[1]["name"], &tables[1]["counts"]["writes"]), (&json!("orders"), &json!(1_201)));
        assert_eq!(report["refusals"][0]["user"], "bob");
        assert_eq!((&report["segments"], &report["segments_unsearched"]), (&json!(6), &json!(2)));
        let hours: u64 =
            report["hours"].as_array().unwrap().iter().map(|hour| hour["statements"].as_u64().unwrap()).sum();
        assert_eq!(hours, 1_201);
        scene.plane.stop().await;
    });
}

#[test]
fn a_report_is_on_record_on_both_sides_and_nobody_sees_what_is_anothers() {
    each_backend(|backend| async move {
        let scene = Scene::start(backend).await;
        let admin = &scene.people.admin;
        scene.keep(0, vec![update(1, "ann", "statement.outcome"), record(9, AT, "hr", "secret")]);
        // Also where a plane answers with more than it was asked for.
        scene.planes[0].mind.lock().unwrap().is_careless = true;
        let report =
            lines(&admin.get(&format!("{PATH}/access-report?user=ann&from=2026-01-01T00:00:00Z")).await)
                .pop()
                .unwrap();
        assert_eq!(report["progress"]["records"], 1, "{report}");
        let questions = scene.planes[0].mind.lock().unwrap().questions.clone();
        let readers: Vec<&Value> =
            questions.iter().map(|question| &question["reader"]).filter(|one| !one.is_null()).collect();
        assert_eq!(readers.len(), 1, "{questions:?}");
        assert_eq!(
            (&readers[0]["format"], &readers[0]["name"]),
            (&json!("report"), &json!("admin@example.com"))
        );
        assert!(readers[0]["asked"].as_str().unwrap().contains("user=ann"), "{}", readers[0]);
        assert!(
            scene.planes[2].mind.lock().unwrap().questions.is_empty(),
            "it has no listener of the workspace"
        );
        let activity = admin.get("/api/v1/workspaces/pay/activity?action=report_access").await.expect(200);
        assert_eq!(activity["items"][0]["details"]["user"], "ann", "{activity}");
        for path in ["access-report?table=orders", "marks"] {
            assert_eq!(
                scene.people.editor.get(&format!("{PATH}/{path}")).await.problem(403),
                "forbidden",
                "{path}"
            );
        }
        let told = admin.get(&format!("{PATH}/access-report?class=wirte")).await.expect(422);
        assert_eq!(told["errors"][0]["field"], "class");
        scene.plane.stop().await;
    });
}

#[test]
fn who_is_away_is_named_in_the_report_and_nobody_to_ask_is_a_problem() {
    each_backend(|backend| async move {
        let scene = Scene::start(backend).await;
        scene.keep(0, vec![update(1, "ann", "statement.outcome")]);
        let Scene { plane, people, planes: [one, two, three] } = scene;
        drop(two);
        let path = format!("{PATH}/access-report?table=orders");
        let report = lines(&people.admin.get(&path).await).pop().unwrap();
        assert_eq!(
            (&report["incomplete"][0]["plane"], &report["all"]["statements"]),
            (&json!("p2"), &json!(1)),
            "{report}"
        );
        drop(one);
        let told = lines(&people.admin.get(&path).await);
        assert_eq!(
            (&told[0]["kind"], &told[0]["code"]),
            (&json!("problem"), &json!("plane_away")),
            "{told:?}"
        );
        drop(three);
        plane.stop().await;
    });
}

/// What a ledger says of itself.
fn mark(number: u64, event: &str, fields: Value) -> Value {
    let mut mark = record(number, AT + i64::try_from(number).unwrap() * 1_000_000, "pay", "pg");
    for name in ["listener", "workspace", "text"] {
        mark.as_object_mut().unwrap().remove(name);
    }
    mark["event"] = json!(event);
    for (name, value) in fields.as_object().unwrap() {
        mark[name] = value.clone();
    }
    mark
}

#[test]
fn ledgers_say_of_themselves_what_was_signed_and_what_is_missing() {
    each_backend(|backend| async move {
        let scene = Scene::start(backend).await;
        let admin = &scene.people.admin;
        let note = "dragoman-ledger/one\nversion 1\nrecords 70\nwriters 2\nroot cm9vdA==\nwriter w 7 aa\nsegment 00000003 99\n\
            time 2026-11-21T17:33:45.668642Z\nprevious bb\n\n\u{2014} dragoman-ledger/one cJmlJ6H/F0VtVIEk\n";
        scene.keep(
            0,
            vec![
                mark(3, "checkpoint", json!({ "checkpoint": note, "seq": 8 })),
                mark(2, "writer.gap", json!({ "lost": 1_204 })),
                mark(1, "ledger.removed", json!({ "removed": { "records": 10 } })),
                update(9, "ann", "statement.outcome"),
            ],
        );
        scene.keep(2, vec![mark(4, "writer.gap", json!({ "lost": 1 }))]);
        let told =
            admin.get(&format!("{PATH}/marks?events=checkpoint,writer.gap,ledger.removed")).await.expect(200);
        let items: Vec<&Value> = told["items"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|one| one["event"] != "statement.outcome")
            .collect();
        let events: Vec<&Value> = items.iter().map(|one| &one["event"]).collect();
        assert_eq!(events, ["checkpoint", "writer.gap", "ledger.removed"], "{told}");
        let checkpoint = &items[0]["checkpoint"];
        assert_eq!((&checkpoint["records"], &checkpoint["key_id"]), (&json!(70), &json!("7099a527")));
        assert_eq!((&checkpoint["text"], &checkpoint["previous"]), (&json!(note), &json!("bb")));
        assert_eq!((&items[1]["lost"], &items[2]["removed"]), (&json!(1_204), &json!(10)));
        let questions = scene.planes[0].mind.lock().unwrap().questions.clone();
        assert_eq!(
            (&questions[0]["gateway"], &questions[0]["reader"]["format"]),
            (&json!(true), &json!("marks"))
        );
        assert!(
            scene.planes[2].mind.lock().unwrap().questions.is_empty(),
            "it has no listener of the workspace"
        );
        for query in ["events=statement.outcome", "events=nothing", "limit=201"] {
            assert_eq!(admin.get(&format!("{PATH}/marks?{query}")).await.problem(422), "invalid", "{query}");
        }
        scene.plane.stop().await;
    });
}

#[test]
fn one_ledger_alone_is_checked_and_it_is_told_who_asked() {
    each_backend(|backend| async move {
        let Scene { plane, people, planes } = Scene::start(backend).await;
        let before = people.admin.get(&format!("{PATH}/status")).await.expect(200);
        assert_eq!((&before["asked_at"], &before["asked_by"]), (&Value::Null, &Value::Null));
        let answer = people.admin.post(&format!("{PATH}/verify?plane=p2"), json!(null)).await.expect(202);
        assert_eq!(answer["planes"].as_array().unwrap().len(), 1, "{answer}");
        assert_eq!(answer["planes"][0]["plane"], "p2");
        let is_asked = |one: &DataPlane| {
            one.mind.lock().unwrap().questions.iter().any(|question| question["kind"] == "verify_ledger")
        };
        assert_eq!(planes.each_ref().map(is_asked), [false, true, false]);
        let stopped = people.admin.delete(&format!("{PATH}/verify?plane=p2")).await.expect(200);
        assert_eq!(
            (&stopped["planes"][0]["plane"], &stopped["planes"][0]["self_check"]["state"]),
            (&json!("p2"), &json!("idle"))
        );
        // A data plane of others is none here.
        assert_eq!(
            people.admin.post(&format!("{PATH}/verify?plane=p3"), json!(null)).await.problem(404),
            "not_found"
        );
        let after = people.admin.get(&format!("{PATH}/status")).await.expect(200);
        assert!(after["asked_at"].is_string() && after["asked_by"].is_string(), "{after}");
        plane.stop().await;
    });
}

const RULES: &str = "description = \"People\"\n\n[[rule]]\nname = \"people\"\nwhen = { table = [\"people\"] }\n\
    decision = \"note\"\nrecord = [\"text\", \"hashes\"]\n";

#[test]
fn it_is_told_what_is_kept_and_which_rules_have_values_kept() {
    each_backend(|backend| async move {
        let Scene { plane, people, planes } = Scene::start(backend).await;
        let path = "/api/v1/workspaces/pay/privacy";
        let told = people.editor.get(path).await.expect(200);
        assert_eq!(
            (&told["periods"]["traffic_minutes_hours"], &told["periods"]["run_days"]),
            (&json!(48), &json!(30))
        );
        assert_eq!(told["rules"], json!([]), "no pack has values kept");
        let sets = "/api/v1/workspaces/pay/rule-sets";
        let made = people.root.post(sets, json!({ "name": "people" })).await.expect(201);
        let set = format!("{sets}/{}", made["id"].as_str().unwrap());
        let draft = people.root.get(&format!("{set}/draft")).await.header("etag").unwrap();
        let saved =
            people.root.put(&format!("{set}/draft"), &draft, json!({ "text": RULES, "cases": "" })).await;
        let version = saved.header("etag").unwrap();
        let headers = [("if-match", version.as_str())];
        let publish = format!("{set}/publish");
        people
            .root
            .with_json(reqwest::Method::POST, &publish, &headers, json!({ "note": "why" }))
            .await
            .expect(200);
        let told = people.editor.get(path).await.expect(200);
        assert_eq!(told["rules"], json!([]), "it is in force nowhere yet");
        let publication = "/api/v1/workspaces/pay/listeners/pg/publication";
        people
            .root
            .put(publication, "\"0\"", json!({ "policies": ["people"], "note": "why" }))
            .await
            .expect(200);
        let told = people.editor.get(path).await.expect(200);
        let expected = json!([{ "rule_set": "people", "rule": "people", "record": ["text", "hashes"], "listeners": ["pg"] }]);
        assert_eq!(told["rules"], expected, "{told}");
        assert_eq!(people.stranger.get(path).await.problem(404), "not_found");
        drop(planes);
        plane.stop().await;
    });
}

#[test]
fn everybody_sees_how_much_is_kept_of_them_and_it_goes_with_them() {
    each_backend(|backend| async move {
        let plane = Plane::start(backend).await;
        let people = plane.people().await;
        let kinds = |answer: &Value, kind: &str| -> u64 {
            let all = answer["kinds"].as_array().unwrap();
            all.iter().find(|one| one["kind"] == kind).unwrap()["count"].as_u64().unwrap()
        };
        let mark = json!({ "kind": "fingerprint", "target": "1-8ca5ea4f9ec4b1bc" });
        let favourites = "/api/v1/workspaces/shop/favourites";
        people.editor.with_json(reqwest::Method::PUT, favourites, &[], mark).await.expect(204);
        let query = json!({ "title": "Mine", "sql": "SELECT 4711", "visibility": "private" });
        people.editor.post("/api/v1/workspaces/shop/queries", query).await.expect(201);
        let kept = people.editor.get("/api/v1/profile/kept").await.expect(200);
        assert_eq!(
            (kinds(&kept, "favourites"), kinds(&kept, "queries"), kinds(&kept, "runs")),
            (1, 1, 0),
            "{kept}"
        );
        assert!(kinds(&kept, "sessions") >= 1 && kinds(&kept, "memberships") >= 2, "{kept}");
        let copy = people.editor.get("/api/v1/profile/export").await.expect(200);
        assert_eq!(copy["queries"][0]["text"], "SELECT 4711", "{copy}");
        assert_eq!((&copy["runs"], &copy["viewpoints"]), (&json!([]), &json!([])));
        assert_eq!(copy["about"]["work"]["favourites"][0]["target"], "1-8ca5ea4f9ec4b1bc");
        people.editor.delete("/api/v1/profile?confirm=editor@example.com").await.expect(204);
        let mut tx = plane.plane.app().store.read().await.unwrap();
        let id = kept_id(&copy);
        let left = admin_store::kept::of_person(&mut tx, id).await.unwrap();
        tx.commit().await.unwrap();
        let left: Vec<&str> = left.iter().filter(|one| one.count > 0).map(|one| one.kind).collect();
        assert_eq!(left, ["activity"], "what they did stays, under an id that leads to no name");
        plane.stop().await;
    });
}

fn kept_id(copy: &Value) -> admin_store::Id {
    copy["about"]["user"]["id"].as_str().unwrap().parse().unwrap()
}
