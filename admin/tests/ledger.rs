//! Which records of the ledgers does a workspace see?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod data_plane;
mod harness;

use admin::http::timestamp::Timestamp;
use data_plane::{DataPlane, listener, record};
use harness::{Caller, Plane, each_backend};
use serde_json::{Value, json};

const AT: i64 = 1_790_000_000_000_000;

fn texts(answer: &Value) -> Vec<String> {
    let items = answer["items"].as_array().unwrap();
    items.iter().map(|one| one["record"]["text"].as_str().unwrap_or("none").to_owned()).collect()
}

/// All records, page by page.
async fn all(caller: &Caller, path: &str, limit: usize) -> Vec<String> {
    let (mut found, mut cursor) = (Vec::new(), String::new());
    for _ in 0..100 {
        let answer = caller.get(&format!("{path}?limit={limit}{cursor}")).await.expect(200);
        assert!(texts(&answer).len() <= limit);
        found.extend(texts(&answer));
        match answer["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return found,
        }
    }
    panic!("the list never ends");
}

/// Two data planes with listeners of the workspaces `pay` and `hr`, and one with those of `hr` only.
struct Scene {
    plane: Plane,
    people: harness::People,
    one: DataPlane,
    two: DataPlane,
    three: DataPlane,
}

const PATH: &str = "/api/v1/workspaces/pay/ledger";

/// The texts of all records of `pay`, newest first.
fn expected() -> Vec<String> {
    (0..40).map(|number| format!("SELECT {}", 1_000 - number)).collect()
}

/// One of them: several happened at one moment.
fn own(number: u64) -> Value {
    record(1_000 - number, AT - i64::try_from(number / 8).unwrap() * 1_500, "pay", "pg")
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
        let two = vec![listener("pg", "pay", true), listener("other", "hr", true)];
        let two = DataPlane::start(&plane, &people.root, "p2", two).await;
        let three = DataPlane::start(&plane, &people.root, "p3", vec![listener("only", "hr", true)]).await;
        for number in 0..40_u64 {
            let (mine, foreign) = if number % 2 == 0 { (&one, "secret") } else { (&two, "other") };
            let at = AT - i64::try_from(number / 8).unwrap() * 1_500;
            let foreign = record(2_000 - number, at, "hr", foreign);
            mine.mind.lock().unwrap().records.extend([own(number), foreign]);
        }
        let mut gateway = record(9_000, AT + 5, "pay", "pg");
        gateway.as_object_mut().unwrap().remove("listener");
        one.mind.lock().unwrap().records.insert(0, gateway);
        for mind in [&one.mind, &two.mind] {
            let text = |record: &Value, field: &str| record[field].as_str().unwrap().to_owned();
            let order = |record: &Value| std::cmp::Reverse((text(record, "ts"), text(record, "id")));
            mind.lock().unwrap().records.sort_by_key(order);
        }
        Scene { plane, people, one, two, three }
    }
}

#[test]
fn records_of_all_planes_are_one_list() {
    each_backend(|backend| async move {
        let scene = Scene::start(backend).await;
        let (admin, expected) = (&scene.people.admin, expected());
        for limit in [1, 3, 7, 40, 500] {
            assert_eq!(all(admin, PATH, limit).await, expected, "in pages of {limit}");
        }
        // A page goes on where it ended, whatever was written meanwhile.
        let first = admin.get(&format!("{PATH}?limit=5")).await.expect(200);
        scene.one.mind.lock().unwrap().records.insert(0, record(5_000, AT + 9, "pay", "pg"));
        let next = format!("{PATH}?limit=5&cursor={}", first["next"].as_str().unwrap());
        assert_eq!(texts(&admin.get(&next).await.expect(200)), expected[5..10]);
        for number in [0, 17, 39] {
            let id = own(number)["id"].clone();
            let shown = admin.get(&format!("{PATH}/{}", id.as_str().unwrap())).await.expect(200);
            assert_eq!(shown["record"], own(number));
        }
        for query in ["limit=501", "limit=0", "cursor=AAAA", "from=yesterday", "nothing=1"] {
            assert_eq!(admin.get(&format!("{PATH}?{query}")).await.problem(422), "invalid", "{query}");
        }
        // What no record can have is told, and is not an empty answer.
        for (field, query) in [
            ("class", "class=wirte"),
            ("verdict", "verdict=refused"),
            ("events", "events=statement.outcome,statement.outcom"),
            ("sqlstate", "sqlstate=4250"),
            ("session", "session=7"),
            ("fingerprint", "fingerprint=8ca5ea4f9ec4b1bc"),
            ("until", "from=2026-08-04T12:00:00Z&until=2026-08-04T12:00:00Z"),
        ] {
            let told = admin.get(&format!("{PATH}?{query}")).await.expect(422);
            assert_eq!(told["errors"][0]["field"], field, "{query}: {told}");
        }
        let told = admin.get(&format!("{PATH}?class=wirte")).await.expect(422);
        assert_eq!(told["errors"][0]["message"], "cannot be `wirte`: did you mean `write`?");
        scene.plane.stop().await;
    });
}

#[test]
fn nobody_is_given_what_is_anothers() {
    each_backend(|backend| async move {
        let Scene { plane, people, one, two, three } = Scene::start(backend).await;
        let (admin, expected) = (&people.admin, expected());
        for query in ["listeners=secret", "listeners=secret,other", "listeners=only"] {
            let answer = admin.get(&format!("{PATH}?{query}")).await.expect(200);
            assert_eq!(texts(&answer), Vec::<String>::new(), "{query}");
        }
        admin.get(&format!("{PATH}?listeners=pg,secret,other")).await.expect(200);
        let asked = |one: &DataPlane| one.mind.lock().unwrap().questions.clone();
        for query in [asked(&one), asked(&two)].concat() {
            assert_eq!(query["listeners"], json!(["pg"]));
        }
        assert!(asked(&three).is_empty());
        assert_eq!(admin.get(&format!("{PATH}?gateway=true")).await.problem(403), "forbidden");
        assert_eq!(people.editor.get(PATH).await.problem(403), "forbidden");
        // Also where a plane answers with more than it was asked for.
        for one in [&one, &two] {
            one.mind.lock().unwrap().is_careless = true;
        }
        let answer = admin.get(&format!("{PATH}?limit=500")).await.expect(200);
        assert_eq!(texts(&answer), expected);
        let foreign = record(2_000, AT, "hr", "secret")["id"].as_str().unwrap().to_owned();
        assert_eq!(admin.get(&format!("{PATH}/{foreign}")).await.problem(404), "not_found");
        assert_eq!(admin.get(&format!("{PATH}/none")).await.problem(404), "not_found");
        let answer = people.root.get(&format!("{PATH}?gateway=true&limit=1")).await.expect(200);
        assert_eq!(texts(&answer), ["SELECT 9000"]);

        let activity = admin.get("/api/v1/workspaces/pay/activity?limit=100").await.expect(200);
        let is_search = |entry: &Value| {
            entry["action"] == "search_ledger" && entry["details"]["listeners"] == json!(["secret", "other"])
        };
        assert!(activity["items"].as_array().unwrap().iter().any(is_search), "{activity}");
        plane.stop().await;
    });
}

#[test]
fn who_is_away_is_told_and_nobody_to_ask_is_a_problem() {
    each_backend(|backend| async move {
        let Scene { plane, people, one, two, .. } = Scene::start(backend).await;
        drop(two);
        let answer = people.admin.get(&format!("{PATH}?limit=5")).await.expect(200);
        assert_eq!(answer["incomplete"][0]["plane"], "p2", "{answer}");
        assert_eq!(texts(&answer), ["SELECT 1000", "SELECT 998", "SELECT 996", "SELECT 994", "SELECT 992"]);
        drop(one);
        assert_eq!(people.admin.get(PATH).await.problem(503), "plane_away");
        plane.stop().await;
    });
}

#[test]
fn a_copy_has_every_record_and_says_how_it_ended() {
    each_backend(|backend| async move {
        let Scene { plane, people, one, two, .. } = Scene::start(backend).await;
        let path = "/api/v1/workspaces/pay/ledger/export";
        let copy = |query: &str| {
            let (admin, path) = (people.admin.clone(), format!("{path}?{query}"));
            async move { admin.get(&path).await }
        };
        let lines = |text: &str| -> Vec<Value> {
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
        };
        let answer = copy("format=jsonl").await;
        assert_eq!(answer.status, 200);
        let disposition = answer.headers["content-disposition"].to_str().unwrap();
        assert!(
            disposition.starts_with("attachment; filename=\"ledger-") && disposition.ends_with(".jsonl\"")
        );
        let mut found = lines(&answer.text);
        let end = found.pop().unwrap();
        assert_eq!(end, json!({ "event": "export.end", "records": 40, "cut": false, "incomplete": [] }));
        let told: Vec<&str> = found.iter().map(|one| one["record"]["text"].as_str().unwrap()).collect();
        assert_eq!(told, expected());

        let found = lines(&copy("format=jsonl&records_max=7").await.text);
        assert_eq!(found.len(), 8);
        assert_eq!((&found[7]["records"], &found[7]["cut"]), (&json!(7), &json!(true)));

        one.mind.lock().unwrap().records[0]["text"] = json!("=HYPERLINK(\"x\"), SELECT 1");
        let answer = copy("format=csv").await;
        let rows: Vec<&str> = answer.text.lines().collect();
        assert_eq!(rows.len(), 42, "{}", answer.text);
        assert!(rows[0].starts_with("plane,ts,event,id,"), "{}", rows[0]);
        assert!(answer.headers["content-type"].to_str().unwrap().starts_with("text/csv"));
        assert!(!answer.text.contains(",=") && !answer.text.contains("\"="), "a formula: {}", answer.text);
        assert!(rows[41].contains("export.end") && rows[41].contains("40 records"), "{}", rows[41]);

        for query in [
            "",
            "format=xls",
            "format=csv&records_max=0",
            "format=csv&records_max=100001",
            "format=csv&limit=1",
        ] {
            assert_eq!(copy(query).await.problem(422), "invalid", "{query}");
        }
        assert_eq!(copy("format=csv&gateway=true").await.problem(403), "forbidden");
        assert_eq!(people.editor.get(&format!("{path}?format=csv")).await.problem(403), "forbidden");
        let activity =
            people.admin.get("/api/v1/workspaces/pay/activity?action=export_ledger").await.expect(200);
        let entries = activity["items"].as_array().unwrap();
        assert_eq!(entries.len(), 3, "{activity}");
        assert_eq!(entries[0]["details"]["format"], "csv");

        drop(two);
        let found = lines(&copy("format=jsonl").await.text);
        assert_eq!(found.last().unwrap()["incomplete"][0]["plane"], "p2");
        drop(one);
        assert_eq!(copy("format=jsonl").await.problem(503), "plane_away");
        plane.stop().await;
    });
}

#[test]
fn values_are_counted_and_the_ledgers_tell_how_they_are() {
    each_backend(|backend| async move {
        let Scene { plane, people, one, two, .. } = Scene::start(backend).await;
        for (number, record) in one.mind.lock().unwrap().records.iter_mut().enumerate() {
            record["principal"] = json!({ "user": if number % 3 == 0 { "ann" } else { "bob" } });
        }
        let path = "/api/v1/workspaces/pay/ledger/facets";
        let answer = people.admin.get(&format!("{path}?listeners=pg&values=1")).await.expect(200);
        assert_eq!((&answer["records"], &answer["sampled"]), (&json!(40), &json!(false)));
        let facets = answer["facets"].as_array().unwrap();
        let find = |field: &str| facets.iter().find(|facet| facet["field"] == field).unwrap();
        assert_eq!(find("listener")["values"], json!([{ "value": "pg", "count": 40 }]));
        assert_eq!(find("event")["values"][0], json!({ "value": "statement.outcome", "count": 40 }));
        assert_eq!(find("user")["values"][0]["value"], "bob");
        let (others, without) = (find("user")["others"].as_u64(), find("user")["without"].as_u64());
        let bob = find("user")["values"][0]["count"].as_u64();
        assert_eq!((bob.unwrap() + others.unwrap(), without), (20, Some(20)));
        assert!(answer["newest_at"].as_str() > answer["oldest_at"].as_str());
        assert_eq!(people.admin.get(&format!("{path}?values=51")).await.problem(422), "invalid");
        assert_eq!(people.editor.get(path).await.problem(403), "forbidden");
        // More records than are counted.
        let many = (0..6_000)
            .map(|number| record(number, AT + 10_000_000 - i64::try_from(number).unwrap(), "pay", "pg"));
        one.mind.lock().unwrap().records = many.collect();
        two.mind.lock().unwrap().records.clear();
        let answer = people.admin.get(path).await.expect(200);
        assert_eq!((&answer["records"], &answer["sampled"]), (&json!(5_000), &json!(true)));

        let path = "/api/v1/workspaces/pay/ledger/status";
        let answer = people.admin.get(path).await.expect(200);
        let first = &answer["planes"][0];
        assert_eq!((&first["plane_name"], &first["writer"]), (&json!("host-p1"), &json!("writing")));
        assert_eq!(first["listeners"], json!([{ "listener": "pg" }]));
        assert_eq!(
            (&first["integrity"], &first["checks"][0]["result"]),
            (&json!("unchecked"), &json!("differs"))
        );
        assert_eq!(first["records_lost"], 2);
        assert_eq!(people.editor.get(path).await.problem(403), "forbidden");
        drop(two);
        let answer = people.admin.get(path).await.expect(200);
        assert_eq!(answer["unavailable"][0]["plane"], "p2", "{answer}");
        plane.stop().await;
    });
}

#[test]
fn planes_are_told_who_reads_and_once_of_a_look_that_goes_on() {
    each_backend(|backend| async move {
        let Scene { plane, people, one, two, three } = Scene::start(backend).await;
        // Whoever was asked since, with what their ledgers are to say of it.
        let told = || -> Vec<Value> {
            let mut told = Vec::new();
            for plane in [&one, &two] {
                let questions = std::mem::take(&mut plane.mind.lock().unwrap().questions);
                assert!(!questions.is_empty());
                told.push(
                    questions.iter().filter(|question| !question["reader"].is_null()).cloned().collect(),
                );
            }
            assert_eq!(told[0], told[1], "both planes are told the same");
            let Value::Array(told) = told.remove(0) else { panic!("no list") };
            told.into_iter().map(|mut question| question["reader"].take()).collect()
        };
        let admin = &people.admin;
        let first = admin.get(&format!("{PATH}?user=ada&text=drop%20table&limit=5")).await.expect(200);
        let reader = json!({
            "takes_away": false, "is_token": false, "name": "admin@example.com", "format": "page",
            "asked": "workspace=pay user=ada text=\"drop table\"",
        });
        assert_eq!(told(), [reader]);
        // The next pages of it, and the same again from where it ended.
        let mut next = first["next"].as_str().unwrap().to_owned();
        for _ in 0..3 {
            let page = format!("{PATH}?user=ada&text=drop%20table&limit=5&cursor={next}");
            next = admin.get(&page).await.expect(200)["next"].as_str().unwrap().to_owned();
            assert_eq!(told(), Vec::<Value>::new());
        }
        let later = Timestamp(admin_store::now_us()).to_string();
        for (times, expected) in [(1, 1), (2, 0)] {
            admin.get(&format!("{PATH}?user=bob&limit=5&from={later}")).await.expect(200);
            assert_eq!(told().len(), expected, "asked {times} times");
        }
        // A page of something else, which nobody began with.
        admin.get(&format!("{PATH}?user=cy&limit=5&cursor={next}")).await.expect(200);
        assert_eq!(told().len(), 1);
        for (query, format) in [("export?format=csv", "csv"), ("facets?listeners=pg", "counts")] {
            assert_eq!(admin.get(&format!("{PATH}/{query}")).await.status, 200);
            let told = told();
            assert_eq!(told.len(), 1, "{query}");
            assert_eq!(
                (&told[0]["format"], &told[0]["takes_away"]),
                (&json!(format), &json!(format == "csv"))
            );
        }
        let id = own(0)["id"].as_str().unwrap().to_owned();
        admin.get(&format!("{PATH}/{id}")).await.expect(200);
        assert_eq!(told()[0]["asked"], format!("workspace=pay id={id}"));
        let activity = admin.get("/api/v1/workspaces/pay/activity?limit=100").await.expect(200).to_string();
        assert!(!activity.contains("takes_away"), "the activity has words of its own: {activity}");
        drop(three);
        plane.stop().await;
    });
}

#[test]
fn whoever_sees_the_ledger_has_it_checked_and_is_told_what_was_found() {
    each_backend(|backend| async move {
        let Scene { plane, people, one, two, three } = Scene::start(backend).await;
        let (admin, verify, status) = (&people.admin, format!("{PATH}/verify"), format!("{PATH}/status"));
        assert_eq!(people.editor.post(&verify, json!(null)).await.problem(403), "forbidden");
        let answer = admin.post(&verify, json!(null)).await.expect(202);
        let states: Vec<&Value> =
            answer["planes"].as_array().unwrap().iter().map(|one| &one["self_check"]["state"]).collect();
        assert_eq!(states, ["waiting", "waiting"], "{answer}");
        let asked = |one: &DataPlane| {
            one.mind.lock().unwrap().questions.iter().any(|question| question["kind"] == "verify_ledger")
        };
        assert_eq!(
            [asked(&one), asked(&two), asked(&three)],
            [true, true, false],
            "whose listeners they are"
        );
        let activity = admin.get("/api/v1/workspaces/pay/activity?limit=100").await.expect(200);
        let is_it = |entry: &&Value| entry["action"] == "verify_ledger";
        let entries: Vec<&Value> = activity["items"].as_array().unwrap().iter().filter(is_it).collect();
        assert_eq!(entries.len(), 1, "{activity}");
        assert_eq!(entries[0]["details"]["planes"], json!(["p1", "p2"]));

        one.mind.lock().unwrap().self_check = Some(json!({
            "running": { "started_at_us": AT, "bytes_read": 5, "bytes_total": 20 },
            "last": { "started_at_us": AT, "ended_at_us": AT + 5, "integrity": "broken", "completeness": "cannot_tell",
                "records": 7, "summary": "line 3 was changed", "findings": ["line 3 was changed"], "remarks": [] },
        }));
        let told = admin.get(&status).await.expect(200);
        let first = &told["planes"][0];
        assert_eq!((&first["integrity"], &first["completeness"]), (&json!("broken"), &json!("cannot_tell")));
        let check = &first["self_check"];
        assert_eq!((&check["state"], &check["bytes_read"]), (&json!("running"), &json!(5)));
        assert_eq!(check["last"]["findings"], json!(["line 3 was changed"]));
        let second = &told["planes"][1];
        assert_eq!(
            (&second["integrity"], &second["self_check"]["state"]),
            (&json!("unchecked"), &json!("waiting"))
        );

        drop(two);
        let answer = admin.post(&verify, json!(null)).await.expect(202);
        assert_eq!(answer["unavailable"][0]["plane"], "p2", "{answer}");
        drop(one);
        assert_eq!(admin.post(&verify, json!(null)).await.problem(503), "plane_away");
        let empty = json!({ "slug": "empty", "name": "Empty" });
        people.root.post("/api/v1/workspaces", empty).await.expect(201);
        let path = "/api/v1/workspaces/empty/ledger/verify";
        assert_eq!(people.root.post(path, json!(null)).await.problem(409), "conflict");
        plane.stop().await;
    });
}

#[test]
fn a_check_is_stopped_by_the_workspace_that_asked_for_it_and_by_admins_of_the_instance() {
    each_backend(|backend| async move {
        let plane = Plane::start(backend).await;
        let people = plane.people().await;
        for slug in ["pay", "bill"] {
            let draft = json!({ "slug": slug, "name": slug });
            people.root.post("/api/v1/workspaces", draft).await.expect(201);
        }
        plane.make_member("pay", "admin@example.com", "admin").await;
        plane.make_member("bill", "owner@example.com", "owner").await;
        let listeners = vec![listener("pg", "pay", true), listener("bills", "bill", true)];
        let shared = DataPlane::start(&plane, &people.root, "p1", listeners).await;
        let (of_pay, of_bill) =
            ("/api/v1/workspaces/pay/ledger/verify", "/api/v1/workspaces/bill/ledger/verify");
        let stops = || {
            let mind = shared.mind.lock().unwrap();
            mind.questions.iter().filter(|question| question["kind"] == "stop_verifying").count()
        };
        assert_eq!(people.admin.delete(of_pay).await.problem(409), "conflict", "nobody asked for one");
        people.admin.post(of_pay, json!(null)).await.expect(202);
        people.owner.post(of_bill, json!(null)).await.expect(202);
        let refused = people.owner.delete(&format!("{of_bill}?plane=p1")).await;
        assert_eq!((refused.problem(409).as_str(), stops()), ("conflict", 0), "who asked later");
        people.admin.delete(of_pay).await.expect(200);
        assert_eq!(stops(), 1);
        // The next is theirs who ask for the next.
        people.owner.post(of_bill, json!(null)).await.expect(202);
        assert_eq!(people.admin.delete(of_pay).await.problem(409), "conflict");
        people.root.delete(of_pay).await.expect(200);
        assert_eq!(stops(), 2);
        plane.stop().await;
    });
}
