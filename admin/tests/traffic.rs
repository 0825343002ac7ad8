//! Is what data planes tell there to be asked for, and only for those whose it is?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use admin_store::now_us;
use control::{
    Caller, ErrorCount, GatewayEvent, Latency, ListenerState, Listening, Minute, PlaneState, Refusal, Report,
    SessionEnd, SessionStart, StatementCount, StatementText, Sums,
};
use harness::{Plane, each_backend};
use serde_json::{Value, json};

const SLOW: &str = "1-00000000000000aa";
const QUICK: &str = "1-00000000000000bb";

fn caller(application: &str) -> Caller {
    Caller { user: "shop_app".to_owned(), database: "shop".to_owned(), application: application.to_owned() }
}

fn sums(durations_us: &[u64], errors: u64) -> Sums {
    let mut latency = Latency::default();
    durations_us.iter().for_each(|us| latency.observe(*us));
    let calls = durations_us.len() as u64;
    let total_us = durations_us.iter().sum();
    Sums { calls, errors, rows: calls * 2, bytes_in: 10, bytes_out: 100, total_us, latency, refusals: 0 }
}

/// What the data plane `one` says of its listener `shop`, which belongs to the workspace `default`.
fn state() -> PlaneState {
    let listener = ListenerState {
        name: "shop".to_owned(),
        protocol: "postgres".to_owned(),
        workspace: "default".to_owned(),
        environment: "production".to_owned(),
        listen: "127.0.0.1:6432".to_owned(),
        mode: "observe".to_owned(),
        ..ListenerState::default()
    };
    PlaneState {
        plane: "one".to_owned(),
        name: "one".to_owned(),
        listeners: vec![listener],
        ..PlaneState::default()
    }
}

fn report(now: i64) -> Report {
    let statement = |fingerprint: &str, text: &str, class: &str, table: &str| StatementText {
        listener: "shop".to_owned(),
        fingerprint: fingerprint.to_owned(),
        text: text.to_owned(),
        class: class.to_owned(),
        tables: vec![table.to_owned()],
    };
    let count = |fingerprint: &str, application: &str, sums: Sums| StatementCount {
        fingerprint: fingerprint.to_owned(),
        caller: caller(application),
        sums,
    };
    Report {
        plane: "one".to_owned(),
        start: "s1".to_owned(),
        number: 1,
        statements: vec![
            statement(SLOW, "SELECT * FROM orders WHERE total > ?", "read", "orders"),
            statement(QUICK, "UPDATE products SET price = ? WHERE id = ?", "write", "products"),
        ],
        minutes: vec![Minute {
            listener: "shop".to_owned(),
            minute: now / 60_000_000 - 1,
            counts: vec![
                count(SLOW, "reports", sums(&[90_000, 100_000, 110_000], 0)),
                count(QUICK, "checkout", sums(&[100; 50], 2)),
            ],
            errors: vec![ErrorCount {
                sqlstate: "23505".to_owned(),
                fingerprint: QUICK.to_owned(),
                count: 2,
            }],
            ..Minute::default()
        }],
        session_starts: vec![
            session("01990000-0000-7000-8000-00000000000a", now),
            session("01990000-0000-7000-8000-00000000000b", now),
        ],
        session_ends: vec![SessionEnd {
            session: "01990000-0000-7000-8000-00000000000a".to_owned(),
            at_us: now,
            cause: "client".to_owned(),
            bytes_in: 7,
            bytes_out: 9,
        }],
        refusals: vec![Refusal {
            listener: "shop".to_owned(),
            session: "01990000-0000-7000-8000-00000000000b".to_owned(),
            at_us: now,
            caller: caller("checkout"),
            fingerprint: QUICK.to_owned(),
            class: "write".to_owned(),
            verdict: "refuse".to_owned(),
            rule: "production/every-row".to_owned(),
            sqlstate: "42501".to_owned(),
        }],
        events: vec![GatewayEvent {
            at_us: now,
            event: "mode.changed".to_owned(),
            listener: "shop".to_owned(),
            note: "listener `shop` changes from observe to enforce".to_owned(),
        }],
        ..Report::default()
    }
}

fn session(id: &str, now: i64) -> SessionStart {
    SessionStart {
        session: id.to_owned(),
        listener: "shop".to_owned(),
        at_us: now - 1_000_000,
        caller: caller("checkout"),
        address: "127.0.0.1:5000".to_owned(),
        tls: "TLSv1.3".to_owned(),
    }
}

async fn told(plane: &Plane) {
    let carrier = plane.plane.carrier();
    let now = now_us();
    let listening = Listening { version: control::VERSION, state: state(), snapshot: 0 };
    // The state is written down before the wait for something new begins.
    let _ = tokio::time::timeout(std::time::Duration::from_millis(500), carrier.listen(listening)).await;
    carrier.report(report(now)).await.unwrap();
    carrier.report(report(now)).await.unwrap();
}

#[test]
fn what_a_data_plane_tells_is_there_once_by_every_way_of_asking() {
    each_backend(|backend| async move {
        let plane = Plane::start(backend).await;
        let root = plane.set_up().await;
        told(&plane).await;
        let at = |path: &str| format!("/api/v1/workspaces/default/{path}");
        let top = root.get(&at("traffic/top")).await.expect(200);
        assert_eq!(
            (&top["items"][0]["key"], &top["items"][1]["key"]),
            (&Value::from(SLOW), &Value::from(QUICK))
        );
        assert_eq!(
            (&top["total"]["calls"], &top["total"]["errors"]),
            (&53.into(), &2.into()),
            "counted once"
        );
        let p50 = top["items"][0]["sums"]["p50_us"].as_f64().unwrap();
        assert!((p50 - 100_000.0).abs() <= 100_000.0 / 16.0, "{p50}");
        for (query, first) in [
            ("group_by=application&measure=calls", "checkout"),
            ("group_by=table&measure=max", "orders"),
            ("group_by=class&measure=errors", "write"),
            ("group_by=listener", "shop"),
            ("group_by=user&words=orders", "shop_app"),
            ("group_by=fingerprint&application=checkout", QUICK),
            ("table=products", QUICK),
            ("class=read", SLOW),
        ] {
            let top = root.get(&at(&format!("traffic/top?{query}"))).await.expect(200);
            assert_eq!(top["items"][0]["key"], first, "{query}: {top}");
        }
        let told = root.get(&at("traffic/top?detail=true")).await.expect(200);
        assert_eq!(told["trend_step_minutes"], 1, "{told}");
        let detail = &told["items"][1]["detail"];
        let trend = detail["trend"].as_array().unwrap();
        let busy: Vec<&Value> = trend.iter().filter(|step| step["calls"] != 0).collect();
        assert!(trend.len() >= 60 && busy.len() == 1, "{trend:?}");
        assert_eq!((&busy[0]["calls"], &busy[0]["total_us"]), (&50.into(), &5_000.into()));
        assert!(busy[0]["p95_us"].is_u64() && trend[0].get("p95_us").is_none(), "{trend:?}");
        assert_eq!(detail["applications"], json!([{ "name": "checkout", "calls": 50 }]));
        assert_eq!((&detail["users"][0]["name"], &detail["users_more"]), (&"shop_app".into(), &0.into()));
        assert_eq!((&detail["tables"], &detail["tables_more"]), (&json!(["products"]), &0.into()));
        assert!(detail["first_seen_at"].is_string() && detail["last_seen_at"].is_string(), "{detail}");
        assert!(top["items"][0].get("detail").is_none() && top.get("trend_step_minutes").is_none());
        let users = root.get(&at("traffic/top?detail=true&group_by=user")).await.expect(200);
        assert!(users["items"][0].get("detail").is_none() && users.get("trend_step_minutes").is_none());
        let part = root.get(&at("traffic/top?limit=1")).await.expect(200);
        let next = part["next"].as_str().unwrap();
        let rest = root.get(&at(&format!("traffic/top?limit=1&cursor={next}"))).await.expect(200);
        assert_eq!(rest["items"][0]["key"], QUICK);

        let series = root.get(&at("traffic/series?step_minutes=1")).await.expect(200);
        assert_eq!(calls_of(&series), 53);
        let heatmap = root.get(&at("traffic/heatmap")).await.expect(200);
        assert!(heatmap["points"].as_array().unwrap().len() >= 24, "{heatmap}");
        let hours = heatmap["points"].as_array().unwrap();
        assert!(hours[0]["at"].as_str().unwrap().ends_with("T00:00:00.000000Z"), "{heatmap}");
        let of_slow = root.get(&at(&format!("traffic/errors?fingerprint={SLOW}"))).await.expect(200);
        assert_eq!(of_slow["items"], json!([]));
        let of_quick = root.get(&at(&format!("traffic/errors?fingerprint={QUICK}"))).await.expect(200);
        assert_eq!(of_quick["items"][0]["count"], 2);
        let errors = root.get(&at("traffic/errors")).await.expect(200);
        assert_eq!(
            (&errors["items"][0]["sqlstate"], &errors["items"][0]["count"]),
            (&"23505".into(), &2.into())
        );
        assert_eq!(root.get(&at("traffic/slower")).await.expect(200)["items"], Value::Array(Vec::new()));
        plane.stop().await;
    });
}

/// Calls of all points of a series.
fn calls_of(series: &Value) -> u64 {
    series["points"].as_array().unwrap().iter().map(|one| one["sums"]["calls"].as_u64().unwrap()).sum()
}

/// Waits until a statement was analysed, and looks at what it uses.
async fn until_used(root: &harness::Caller, path: &str) {
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
    loop {
        let detail = root.get(path).await.expect(200);
        if detail["usage"].is_object() {
            let usage = &detail["usage"];
            let orders = json!({ "table": { "name": "orders" }, "reads": true, "writes": false });
            assert_eq!((&usage["tables"], &usage["complete"]), (&json!([orders]), &true.into()), "{usage}");
            assert_eq!(usage["joins"], json!([]));
            return assert!(usage["columns"].as_array().unwrap().iter().any(|one| one["column"] == "total"));
        }
        assert!(std::time::Instant::now() < deadline, "{detail}");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

#[test]
fn statements_sessions_and_refusals_are_found_one_by_one() {
    each_backend(|backend| async move {
        let plane = Plane::start(backend).await;
        let root = plane.set_up().await;
        told(&plane).await;
        let at = |path: &str| format!("/api/v1/workspaces/default/{path}");
        let found = root.get(&at("fingerprints?words=orders%20tot")).await.expect(200);
        assert_eq!(found["items"][0]["fingerprint"], SLOW, "{found}");
        let detail = root.get(&at(&format!("fingerprints/{QUICK}"))).await.expect(200);
        assert_eq!(detail["callers"][0]["caller"]["application"], "checkout");
        assert_eq!(detail["total"]["calls"], 50);
        let trend = detail["trend"].as_array().unwrap();
        let busy = trend.iter().find(|point| point["sums"]["calls"] == 50).unwrap();
        assert!(busy["sums"]["p50_us"].is_u64() && busy["sums"]["p99_us"].is_u64(), "{busy}");
        assert_eq!(detail["latency"], json!([{ "up_to_us": 103, "count": 50 }]));
        let rule = json!({ "rule": "production/every-row", "verdict": "refuse", "refusals": 1 });
        assert_eq!(detail["verdicts"]["rules"], json!([rule]));
        assert_eq!((&detail["verdicts"]["allowed"], &detail["verdicts"]["held"]), (&50.into(), &0.into()));
        until_used(&root, &at(&format!("fingerprints/{SLOW}"))).await;
        let live = root.get(&at("sessions?live=true")).await.expect(200);
        assert!(live["items"][0].get("principal").is_none(), "nobody linked the name: {live}");
        for link in [
            json!({ "database_user": "shop_app", "kind": "service", "label": "Shop" }),
            json!({ "database_user": "shop_app", "listener": "shop", "application": "checkout", "kind": "agent", "label": "Checkout" }),
            json!({ "database_user": "shop_app", "listener": "elsewhere", "kind": "person", "label": "Not here" }),
        ] {
            root.post(&at("principals"), link).await.expect(201);
        }
        let linked = root.get(&at("sessions")).await.expect(200);
        let told: Vec<&Value> =
            linked["items"].as_array().unwrap().iter().map(|one| &one["principal"]).collect();
        let checkout = json!({ "kind": "agent", "label": "Checkout" });
        assert_eq!(told, [&checkout, &checkout]);
        assert_eq!(live["items"].as_array().unwrap().len(), 1, "{live}");
        let refusals = root.get(&at("refusals?rule=production%2Fevery-row&verdict=refuse")).await.expect(200);
        assert_eq!(refusals["items"][0]["fingerprint"], QUICK);
        assert_eq!(refusals["items"][0]["principal"], checkout);
        let rules = root.get(&at("refusals/rules")).await.expect(200);
        assert_eq!(
            (&rules["items"][0]["rule"], &rules["items"][0]["refusals"]),
            (&"production/every-row".into(), &1.into())
        );
        assert_eq!(root.get(&at("events")).await.expect(200)["items"][0]["event"], "mode.changed");
        plane.stop().await;
    });
}

#[test]
fn nobody_sees_the_traffic_of_another_workspace_even_by_taking_its_name() {
    each_backend(|backend| async move {
        let plane = Plane::start(backend).await;
        let people = plane.people().await;
        told(&plane).await;
        for path in ["traffic/top", "traffic/series", "sessions", "refusals", "events", "fingerprints"] {
            let answer = people.owner.get(&format!("/api/v1/workspaces/default/{path}")).await;
            assert_eq!(answer.problem(404), "not_found", "{path}");
        }
        // `shop` is a workspace of people; a listener that names it is nobody's until an admin of the instance says so.
        let mut state = state();
        state.plane = "two".to_owned();
        state.listeners[0].workspace = "shop".to_owned();
        let mut report = report(now_us());
        report.plane = "two".to_owned();
        let carrier = plane.plane.carrier();
        let listening = Listening { version: control::VERSION, state, snapshot: 0 };
        let _ = tokio::time::timeout(std::time::Duration::from_millis(500), carrier.listen(listening)).await;
        carrier.report(report).await.unwrap();
        let top = people.owner.get("/api/v1/workspaces/shop/traffic/top").await.expect(200);
        assert_eq!(top["total"]["calls"], 0, "{top}");
        let detail = people.owner.get(&format!("/api/v1/workspaces/shop/fingerprints/{SLOW}")).await;
        assert_eq!(detail.problem(404), "not_found");
        assert_eq!(
            people.owner.get("/api/v1/workspaces/shop/traffic/top?listener=shop").await.problem(404),
            "not_found"
        );
        plane.stop().await;
    });
}

#[test]
fn questions_that_make_no_sense_are_told_so() {
    each_backend(|backend| async move {
        let plane = Plane::start(backend).await;
        let root = plane.set_up().await;
        for query in [
            "from=yesterday",
            "from=2026-01-02T00:00:00Z&until=2026-01-01T00:00:00Z",
            "group_by=colour",
            "measure=p42",
            "limit=0",
            "limit=201",
            "cursor=nonsense%21",
            "from=1970-01-01T00:00:00Z",
            "unknown=1",
            "table=a%00b",
        ] {
            let answer = root.get(&format!("/api/v1/workspaces/default/traffic/top?{query}")).await;
            assert_eq!(answer.problem(422), "invalid", "{query}");
        }
        let empty = root.get("/api/v1/workspaces/default/traffic/top").await.expect(200);
        assert_eq!(empty["items"], Value::Array(Vec::new()), "nothing yet is an answer");
        plane.stop().await;
    });
}
