//! Who is told of what, once, and what of it have they read?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod data_plane;
#[path = "notifications/found.rs"]
mod found;
mod harness;
#[path = "people/post.rs"]
mod post;

use admin::notices;
use admin_store::{Backend, now_us, planes, users};
use data_plane::{DataPlane, listener, until};
use harness::{Caller, People, Plane, damage, each_backend};
use reqwest::Method;
use serde_json::{Value, json};

const AT: &str = "/api/v1/workspaces/pay/notifications";
const GOOD: &str = "[[rule]]\nname = \"wages\"\nwhen = { table = \"wages\" }\ndecision = \"refuse\"\n";

/// A workspace with a listener, an owner and a viewer.
async fn start(backend: Backend) -> (Plane, People, DataPlane) {
    let plane = Plane::start(backend).await;
    let people = plane.people().await;
    people.root.post("/api/v1/workspaces", json!({ "slug": "pay", "name": "Pay" })).await.expect(201);
    plane.make_member("pay", "owner@example.com", "owner").await;
    plane.make_member("pay", "admin@example.com", "admin").await;
    plane.make_member("pay", "viewer@example.com", "viewer").await;
    let data_plane = DataPlane::start(&plane, &people.root, "p1", vec![listener("pg", "pay", true)]).await;
    (plane, people, data_plane)
}

async fn list(caller: &Caller, rest: &str) -> Vec<Value> {
    caller.get(&format!("{AT}{rest}")).await.expect(200)["items"].as_array().unwrap().clone()
}

async fn unread(caller: &Caller) -> i64 {
    caller.get(&format!("{AT}/settings")).await.expect(200)["unread"].as_i64().unwrap()
}

/// Makes a rule set and publishes it; gives its path.
async fn publish(caller: &Caller, name: &str) -> String {
    let made = caller.post("/api/v1/workspaces/pay/rule-sets", json!({ "name": name })).await;
    let path = made.header("location").unwrap();
    publish_again(caller, &path, GOOD).await;
    path
}

async fn publish_again(caller: &Caller, path: &str, text: &str) {
    for (rest, method, body) in [
        ("draft", Method::PUT, json!({ "text": text, "cases": "" })),
        ("publish", Method::POST, json!({ "note": "because" })),
    ] {
        let version = caller.get(&format!("{path}/draft")).await.header("etag").unwrap();
        let to = format!("{path}/{rest}");
        caller.with_json(method, &to, &[("if-match", &version)], body).await.expect(200);
    }
}

/// The digests for somebody, in the order they were sent, without what mails fold.
fn digests(plane: &Plane, to: &str) -> Vec<String> {
    let Ok(folder) = std::fs::read_dir(plane.folder.join("mail")) else { return Vec::new() };
    let mut files: Vec<_> = folder.map(|file| file.unwrap().path()).collect();
    files.sort();
    let texts = files.iter().map(|file| std::fs::read_to_string(file).unwrap());
    let plain = texts.map(|text| text.replace("=\r\n", "").replace("=3D", "="));
    plain.filter(|text| text.contains(&format!("To: {to}\r\n")) && text.contains("/notifications")).collect()
}

fn refusals(number: usize, from: usize, rule: &str) -> Value {
    let at = now_us();
    let refusal = |place: usize| {
        json!({
            "listener": "pg", "session": "01990000-0000-7000-8000-000000000000",
            "at_us": at - i64::try_from(place).unwrap(),
            "caller": { "user": "ann", "database": "shop", "application": "till" },
            "fingerprint": "1-0000000000000001", "class": "write", "verdict": "refuse", "rule": rule,
            "sqlstate": "42501",
        })
    };
    json!({ "refusals": (from..from + number).map(refusal).collect::<Vec<_>>() })
}

#[test]
fn what_somebody_publishes_the_others_are_told_and_each_reads_for_themselves() {
    each_backend(|backend| async move {
        let (plane, people, _data_plane) = start(backend).await;
        publish(&people.owner, "first").await;
        publish(&people.owner, "second").await;
        assert_eq!(list(&people.owner, "").await, Vec::<Value>::new(), "who did it knows");
        let told = list(&people.viewer, "").await;
        let titles: Vec<&str> = told.iter().map(|one| one["title"].as_str().unwrap()).collect();
        assert_eq!(titles, ["The rule set second was published", "The rule set first was published"]);
        let fields = (&told[0]["kind"], &told[0]["detail"], &told[0]["actor_name"], &told[0]["is_read"]);
        assert_eq!(fields, (&json!("rules_published"), &json!("because"), &json!("owner"), &json!(false)));

        let mark = |ids: Vec<&Value>, mark: &str| {
            let body = json!({ "notifications": ids, "mark": mark });
            let viewer = people.viewer.clone();
            async move { viewer.post(&format!("{AT}/marks"), body).await }
        };
        assert_eq!((unread(&people.viewer).await, unread(&people.admin).await), (2, 2));
        mark(vec![&told[1]["id"]], "read").await.expect(204);
        assert_eq!((unread(&people.viewer).await, unread(&people.admin).await), (1, 2));
        assert_eq!(list(&people.viewer, "?unread=true").await.len(), 1);
        mark(vec![&told[0]["id"]], "read_and_before").await.expect(204);
        assert_eq!(unread(&people.viewer).await, 0);
        mark(vec![&told[1]["id"]], "unread").await.expect(204);
        let again = list(&people.viewer, "?unread=true").await;
        assert_eq!(again.len(), 1);
        assert_eq!(again[0]["id"], told[1]["id"]);
        assert_eq!(mark(vec![], "read").await.problem(422), "invalid");

        let settings = format!("{AT}/settings");
        let draft = json!({ "muted": ["rules_published"], "wants_mail": false });
        let now = people.viewer.put(&settings, "\"1\"", draft).await.expect(200);
        assert_eq!((&now["unread"], &now["muted"]), (&json!(0), &json!(["rules_published"])));
        assert!(list(&people.viewer, "").await.is_empty(), "muted");
        assert_eq!(list(&people.viewer, "?kind=rules_published").await.len(), 2, "asked for all the same");
        assert_eq!(list(&people.admin, "").await.len(), 2, "muted by somebody else");
        assert_eq!(people.stranger.get(AT).await.problem(404), "not_found");
        // Kinds that somebody may not see are none of theirs, whatever they ask for.
        let kinds = now["kinds"].as_array().unwrap();
        assert!(kinds.contains(&json!("plane_lost")) && !kinds.contains(&json!("ledger_failed")));
        let admins = people.admin.get(&settings).await.expect(200);
        assert!(admins["kinds"].as_array().unwrap().contains(&json!("ledger_failed")));
        plane.stop().await;
    });
}

#[test]
fn a_plane_that_is_lost_and_comes_back_is_told_once_each() {
    each_backend(|backend| async move {
        let (plane, people, data_plane) = start(backend).await;
        let app = plane.plane.app();
        notices::look(app).await.unwrap();
        assert!(list(&people.viewer, "").await.is_empty());
        drop(data_plane);
        until("nobody listens", || async { (!app.fleet.is_listening("p1")).then_some(()) }).await;
        let mut tx = app.store.write().await.unwrap();
        planes::seen(&mut tx, "p1", now_us() - 600_000_000).await.unwrap();
        tx.commit().await.unwrap();
        let fleet = people.viewer.get("/api/v1/workspaces/pay/fleet").await.expect(200);
        assert_eq!(fleet["items"][0]["standing"], "lost");
        // The background looks too: whoever comes first tells it.
        for _ in 0..3 {
            notices::look(app).await.unwrap();
        }
        let told = list(&people.viewer, "").await;
        assert_eq!(told.len(), 1);
        assert_eq!((&told[0]["kind"], &told[0]["target"]), (&json!("plane_lost"), &json!("p1")));
        let _again = DataPlane::start(&plane, &people.root, "p1", vec![listener("pg", "pay", true)]).await;
        until("its state is taken", || async {
            let fleet = people.viewer.get("/api/v1/workspaces/pay/fleet").await.expect(200);
            (fleet["items"][0]["standing"] != "lost").then_some(())
        })
        .await;
        notices::look(app).await.unwrap();
        notices::look(app).await.unwrap();
        let kinds: Vec<Value> =
            list(&people.viewer, "").await.iter().map(|one| one["kind"].clone()).collect();
        assert_eq!(kinds, [json!("plane_back"), json!("plane_lost")]);
        let fleet = people.viewer.get("/api/v1/workspaces/pay/fleet").await.expect(200);
        let events = fleet["items"][0]["events"].as_array().unwrap();
        let events: Vec<&str> = events.iter().map(|one| one["event"].as_str().unwrap()).collect();
        assert_eq!(events, ["back", "lost", "joined"]);
        plane.stop().await;
    });
}

#[test]
fn refusals_of_a_rule_are_one_notice_an_hour_which_goes_on_counting() {
    each_backend(|backend| async move {
        let (plane, people, data_plane) = start(backend).await;
        let app = plane.plane.app();
        data_plane.report(refusals(12, 0, "shop/wages")).await;
        data_plane.report(refusals(3, 12, "shop/rare")).await;
        notices::look(app).await.unwrap();
        notices::look(app).await.unwrap();
        let told = list(&people.viewer, "").await;
        // Around a full hour they may be on both sides of it.
        let hour = |at: &Value| at.as_str().unwrap()[..13].to_owned();
        let hours: std::collections::BTreeSet<String> = told.iter().map(|one| hour(&one["at"])).collect();
        assert_eq!((told.len(), hours.len()), (1, 1), "{told:?}");
        assert_eq!(told[0]["title"], "12 statements were refused within an hour");
        assert_eq!((&told[0]["target_kind"], &told[0]["target"]), (&json!("rule"), &json!("shop/wages")));
        data_plane.report(refusals(8, 15, "shop/wages")).await;
        notices::look(app).await.unwrap();
        let told = list(&people.viewer, "").await;
        assert_eq!(told.len(), 1);
        assert_eq!(told[0]["title"], "20 statements were refused within an hour");
        plane.stop().await;
    });
}

#[test]
fn a_certificate_that_expires_soon_and_a_broken_ledger_are_told_to_whoever_may_know() {
    each_backend(|backend| async move {
        let plane = Plane::start(backend).await;
        let people = plane.people().await;
        people.root.post("/api/v1/workspaces", json!({ "slug": "pay", "name": "Pay" })).await.expect(201);
        plane.make_member("pay", "admin@example.com", "admin").await;
        plane.make_member("pay", "viewer@example.com", "viewer").await;
        let mut of_pay = listener("pg", "pay", true);
        let expires = now_us() + 5 * 86_400_000_000 + 3_600_000_000;
        of_pay["certificates"] = json!([
            { "setting": "tls.certificate", "expires_at_us": expires },
            { "setting": "upstream_tls.certificate", "expires_at_us": expires + 86_400_000_000 },
        ]);
        let data_plane = DataPlane::start(&plane, &people.root, "p1", vec![of_pay]).await;
        let app = plane.plane.app();
        notices::look(app).await.unwrap();
        notices::look(app).await.unwrap();
        let told = list(&people.viewer, "").await;
        assert_eq!(told.len(), 1, "{told:?}");
        assert_eq!(told[0]["title"], "A certificate of the listener pg expires in 5 days");
        let fleet = people.viewer.get("/api/v1/workspaces/pay/fleet").await.expect(200);
        let certificates = fleet["items"][0]["listeners"][0]["certificates"].as_array().unwrap();
        assert_eq!(certificates[0]["setting"], "tls.certificate");
        assert_eq!(certificates.len(), 2);

        data_plane.mind.lock().unwrap().self_check = Some(json!({
            "is_waiting": false, "running": null, "next_at_us": null,
            "last": { "started_at_us": 1, "ended_at_us": 2, "integrity": "broken", "completeness": "holds",
                "records": 3, "summary": "line 2 was changed", "findings": [], "remarks": [] },
        }));
        notices::look_at_ledgers(app).await.unwrap();
        notices::look_at_ledgers(app).await.unwrap();
        assert_eq!(list(&people.viewer, "").await.len(), 1, "who may not see the ledger is not told of it");
        let told = list(&people.admin, "?kind=ledger_failed").await;
        assert_eq!(told.len(), 1);
        assert_eq!(told[0]["title"], "The data plane host-p1 found its ledger changed");
        assert_eq!(told[0]["detail"], "line 2 was changed");
        plane.stop().await;
    });
}

#[test]
fn who_wants_mail_gets_one_an_hour_with_what_is_not_read() {
    each_backend(|backend| async move {
        let (plane, people, _data_plane) = start(backend).await;
        let app = plane.plane.app();
        let settings = format!("{AT}/settings");
        let draft = json!({ "muted": [], "wants_mail": true });
        people.viewer.put(&settings, "\"1\"", draft).await.expect(200);
        publish(&people.owner, "first").await;
        let mailed = || async {
            let mut tx = app.store.read().await.unwrap();
            let viewer = users::by_email(&mut tx, "viewer@example.com").await.unwrap().unwrap();
            let pay = admin_store::workspaces::by_slug(&mut tx, "pay").await.unwrap();
            let person = admin_store::notices::person(&mut tx, viewer.id, pay.id).await.unwrap().unwrap();
            tx.commit().await.unwrap();
            (viewer, person)
        };
        // An address that nobody has shown to be theirs gets nothing.
        notices::mail(app).await.unwrap();
        let (viewer, person) = mailed().await;
        assert_eq!(person.mailed_at, 0);
        let mut tx = app.store.write().await.unwrap();
        users::set_email(&mut tx, viewer.id, &viewer.email, true).await.unwrap();
        tx.commit().await.unwrap();
        notices::mail(app).await.unwrap();
        let (_, first) = mailed().await;
        assert!(first.mailed_at > 0 && first.mailed_until > person.mailed_until);
        let mail = until("the mail is there", || async { digests(&plane, &viewer.email).pop() }).await;
        assert!(mail.contains("Subject: Pay: 1 new\r\n"), "{mail}");
        assert!(mail.contains("- The rule set first was published (owner): because\r\n"), "{mail}");
        assert!(mail.contains("http://127.0.0.1:8432/w/pay/notifications\r\n"), "{mail}");
        publish(&people.owner, "second").await;
        notices::mail(app).await.unwrap();
        assert_eq!(mailed().await.1, first, "within the hour there is no other");
        plane.stop().await;
    });
}

#[test]
fn that_one_persons_mail_cannot_be_put_together_keeps_nobody_elses() {
    each_backend(|backend| async move {
        let (plane, people, _data_plane) = start(backend).await;
        let app = plane.plane.app();
        for (caller, email) in [(&people.owner, "owner@example.com"), (&people.viewer, "viewer@example.com")]
        {
            let draft = json!({ "muted": [], "wants_mail": true });
            caller.put(&format!("{AT}/settings"), "\"1\"", draft).await.expect(200);
            let mut tx = app.store.write().await.unwrap();
            let user = users::by_email(&mut tx, email).await.unwrap().unwrap();
            users::set_email(&mut tx, user.id, email, true).await.unwrap();
            tx.commit().await.unwrap();
        }
        publish(&people.admin, "first").await;
        // The owner came first, and has the first turn.
        let first = "(SELECT user_id FROM notice_people ORDER BY user_id LIMIT 1)";
        let statement = format!("UPDATE notice_people SET muted = '[' WHERE user_id = {first}");
        damage(app.store.location(), &statement).await;
        notices::mail(app).await.unwrap();
        until("the viewer's mail is there", || async { digests(&plane, "viewer@example.com").pop() }).await;
        assert!(digests(&plane, "owner@example.com").is_empty());
        plane.stop().await;
    });
}

#[test]
fn who_rolls_back_and_who_joins_is_told_to_the_others() {
    each_backend(|backend| async move {
        let (plane, people, _data_plane) = start(backend).await;
        let path = publish(&people.owner, "own").await;
        publish_again(&people.owner, &path, &GOOD.replace("wages", "orders")).await;
        let back = json!({ "to": 1, "published": 2, "note": "too much" });
        people.admin.post(&format!("{path}/roll-back"), back).await.expect(200);
        let told = list(&people.viewer, "?kind=rules_rolled_back").await;
        assert_eq!(told.len(), 1, "{told:?}");
        let fields = (&told[0]["title"], &told[0]["detail"], &told[0]["actor_name"]);
        assert_eq!(fields, (&json!("The rule set own was rolled back"), &json!("too much"), &json!("admin")));
        assert!(list(&people.admin, "?kind=rules_rolled_back").await.is_empty(), "who did it knows");

        let grace = plane.person("grace").await;
        let draft = json!({ "email": "grace@example.com", "role": "editor" });
        people.owner.post("/api/v1/workspaces/pay/invitations", draft).await.expect(201);
        let token = json!({ "token": post::secret(&plane, "grace@example.com", "invitation", 0).await });
        grace.post("/api/v1/invitations/accept", token).await.expect(200);
        let id = grace.get("/api/v1/profile").await.expect(200)["id"].clone();
        let told = list(&people.owner, "?kind=member_joined").await;
        assert_eq!(told.len(), 1, "{told:?}");
        let fields =
            (&told[0]["target_kind"], &told[0]["target"], &told[0]["detail"], &told[0]["actor_name"]);
        assert_eq!(fields, (&json!("member"), &id, &json!("editor"), &json!("grace")));
        assert!(list(&grace, "?kind=member_joined").await.is_empty(), "who joined knows");
        plane.stop().await;
    });
}
