//! Who gets a listener into another mode for a stated time, who does not, and who is told?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod data_plane;
mod harness;

use data_plane::{DataPlane, listener, until};
use harness::{Answer, Caller, Plane, each_backend};
use reqwest::Method;
use serde_json::{Value, json};

const AT: &str = "/api/v1/workspaces/pay/listeners/pg/mode-changes";

struct Scene {
    plane: Plane,
    people: harness::People,
    data_plane: DataPlane,
}

/// Workspace `pay` with an owner, an admin, an editor and a viewer, and a listener that permits it.
async fn start(backend: admin_store::Backend) -> Scene {
    let plane = Plane::start(backend).await;
    let people = plane.people().await;
    people.root.post("/api/v1/workspaces", json!({ "slug": "pay", "name": "Pay" })).await.expect(201);
    for role in ["owner", "admin", "editor", "viewer"] {
        plane.make_member("pay", &format!("{role}@example.com"), role).await;
    }
    let mut permits = listener("pg", "pay", true);
    permits["mode_changes"] = json!(true);
    permits["mode"] = json!("enforce");
    permits["floor_mode"] = json!("enforce");
    let mut observes = listener("eyes", "pay", true);
    observes["mode_changes"] = json!(true);
    let listeners = vec![permits, observes, listener("strict", "pay", true)];
    let data_plane = DataPlane::start(&plane, &people.root, "p1", listeners).await;
    Scene { plane, people, data_plane }
}

fn observe(minutes: u32) -> Value {
    json!({ "mode": "observe", "minutes": minutes, "reason": "orders are stuck" })
}

async fn deal(caller: &Caller, asked: &Value, verb: &str) -> Answer {
    let path = format!("{AT}/{}/{verb}", asked["id"].as_str().unwrap());
    let version = format!("\"{}\"", asked["version"]);
    caller.with_json(Method::POST, &path, &[("if-match", &version)], json!({})).await
}

async fn latest(caller: &Caller) -> Value {
    caller.get(AT).await.expect(200)["items"][0].clone()
}

impl Scene {
    /// The changes in the first snapshot that satisfies `is_it`.
    async fn published(&self, is_it: impl Fn(&Value) -> bool) -> Value {
        until("it is published", || async {
            let mind = self.data_plane.mind.lock().unwrap();
            let changes = mind.snapshots.last()?["mode_changes"].clone();
            is_it(&changes).then_some(changes)
        })
        .await
    }
}

#[test]
fn lowering_waits_for_somebody_else_and_only_they_let_it_begin() {
    each_backend(|backend| async move {
        let scene = start(backend).await;
        let people = &scene.people;
        assert_eq!(people.viewer.post(AT, observe(30)).await.problem(403), "forbidden");
        assert_eq!(people.stranger.post(AT, observe(30)).await.problem(404), "not_found");
        let asked = people.admin.post(AT, observe(30)).await.expect(201);
        let fields = (&asked["standing"], &asked["minutes"], &asked["asked_by"]["name"]);
        assert_eq!(fields, (&json!("asked"), &json!(30), &json!("admin")));
        assert_eq!(people.owner.post(AT, observe(5)).await.problem(409), "conflict", "one at a time");
        assert!(scene.data_plane.snapshot(1).is_none(), "asking publishes nothing");

        let own = deal(&people.admin, &asked, "approve").await;
        assert_eq!(own.problem(403), "forbidden", "nobody approves of their own");
        assert_eq!(deal(&people.admin, &asked, "deny").await.problem(403), "forbidden");
        assert_eq!(deal(&people.editor, &asked, "approve").await.problem(403), "forbidden");
        let scopes = json!({ "name": "all", "scopes": ["view", "view_traffic", "approve_changes"] });
        let token = people.owner.post("/api/v1/tokens", scopes).await.expect(201);
        let mut machine = scene.plane.nobody();
        machine.token = Some(token["secret"].as_str().unwrap().to_owned());
        assert_eq!(deal(&machine, &asked, "approve").await.problem(403), "forbidden", "nor does a token");
        let mut stale = asked.clone();
        stale["version"] = json!(7);
        assert_eq!(deal(&people.owner, &stale, "approve").await.problem(412), "changed");

        let running = deal(&people.owner, &asked, "approve").await.expect(200);
        assert_eq!(
            (&running["standing"], &running["decided_by"]["name"]),
            (&json!("running"), &json!("owner"))
        );
        let published = scene.published(|changes| changes.is_array()).await;
        let told = &published[0];
        assert_eq!(
            (&told["listener"], &told["workspace"], &told["enforces"], &told["seconds"], &told["reason"]),
            (&json!("pg"), &json!("pay"), &json!(false), &json!(1_800), &json!("orders are stuck"))
        );
        assert_eq!(
            (&told["asked_by"], &told["approved_by"], &told["id"]),
            (&json!("admin@example.com"), &json!("owner@example.com"), &running["id"])
        );
        assert_eq!(deal(&people.owner, &running, "approve").await.problem(409), "conflict");
        assert_eq!(deal(&people.editor, &running, "end").await.problem(403), "forbidden");
        let ended = deal(&people.admin, &running, "end").await.expect(200);
        assert_eq!((&ended["standing"], &ended["ended_by"]["name"]), (&json!("ended"), &json!("admin")));
        let by = json!("admin@example.com");
        scene.published(|changes| changes[0]["ended_by"] == by).await;
    });
}

#[test]
fn what_is_asked_for_can_be_denied_and_taken_back_and_raising_begins_at_once_for_who_publishes() {
    each_backend(|backend| async move {
        let scene = start(backend).await;
        let people = &scene.people;
        let asked = people.editor.post(AT, observe(1)).await.expect(201);
        assert_eq!(deal(&people.admin, &asked, "withdraw").await.problem(403), "forbidden");
        assert_eq!(deal(&people.admin, &asked, "deny").await.expect(200)["standing"], "denied");
        assert_eq!(
            deal(&people.owner, &latest(&people.owner).await, "approve").await.problem(409),
            "conflict"
        );
        let asked = people.editor.post(AT, observe(1_440)).await.expect(201);
        assert_eq!(deal(&people.editor, &asked, "withdraw").await.expect(200)["standing"], "withdrawn");

        let eyes = AT.replace("/pg/", "/eyes/");
        let raise = json!({ "mode": "enforce", "reason": "somebody is at it" });
        let waits = people.editor.post(&eyes, raise.clone()).await.expect(201);
        assert_eq!((&waits["standing"], &waits["minutes"]), (&json!("asked"), &json!(30)));
        let path = format!("{eyes}/{}/withdraw", waits["id"].as_str().unwrap());
        people.editor.with_json(Method::POST, &path, &[("if-match", "\"1\"")], json!({})).await.expect(200);
        let begun = people.admin.post(&eyes, raise.clone()).await.expect(201);
        assert_eq!(begun["standing"], "running");
        assert!(begun.get("decided_by").is_none(), "{begun}");
        scene.published(|changes| changes[0]["enforces"] == true && changes[0]["listener"] == "eyes").await;
    });
}

#[test]
fn what_makes_no_sense_or_is_not_permitted_by_the_file_is_not_taken() {
    each_backend(|backend| async move {
        let scene = start(backend).await;
        let owner = &scene.people.owner;
        for (draft, status) in [
            (json!({ "mode": "observe", "minutes": 0, "reason": "x" }), 422),
            (json!({ "mode": "observe", "minutes": 1_441, "reason": "x" }), 422),
            (json!({ "mode": "observe", "minutes": 5, "reason": " " }), 422),
            (json!({ "mode": "observe", "minutes": 5, "reason": "two\nlines" }), 422),
            (json!({ "mode": "enforce", "minutes": 5, "reason": "it does" }), 409),
        ] {
            assert_eq!(owner.post(AT, draft.clone()).await.status.as_u16(), status, "{draft}");
        }
        let strict = AT.replace("/pg/", "/strict/");
        let refused = owner.post(&strict, observe(5)).await;
        assert_eq!(refused.problem(409), "conflict");
        assert!(refused.text.contains("mode_changes = true"), "{}", refused.text);
        assert_eq!(owner.post(&AT.replace("/pg/", "/nobody/"), observe(5)).await.problem(404), "not_found");
        let listeners = owner.get("/api/v1/workspaces/pay/listeners").await.expect(200);
        let permits = |name: &str| {
            let items = listeners["items"].as_array().unwrap().iter();
            let found = items.clone().find(|one| one["name"] == name).unwrap();
            found["planes"][0]["state"]["mode_changes"].clone()
        };
        assert_eq!((permits("pg"), permits("strict")), (json!(true), json!(false)));
    });
}

#[test]
fn those_who_may_approve_are_told_and_all_see_what_became_of_it() {
    each_backend(|backend| async move {
        let scene = start(backend).await;
        let people = &scene.people;
        let asked = people.editor.post(AT, observe(30)).await.expect(201);
        let told = |caller: &Caller| {
            let caller = caller.clone();
            async move {
                let all = caller.get("/api/v1/workspaces/pay/notifications").await.expect(200);
                let items = all["items"].as_array().unwrap().clone();
                items.iter().map(|one| one["title"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
            }
        };
        let waits = "An approval is asked for: the listener pg to mode observe for 30 minutes";
        assert_eq!(told(&people.owner).await, [waits]);
        assert_eq!(told(&people.viewer).await, Vec::<String>::new());
        deal(&people.owner, &asked, "approve").await.expect(200);
        let began = "A change of a mode began: the listener pg to mode observe for 30 minutes";
        assert_eq!(told(&people.viewer).await, [began]);
        assert_eq!(told(&people.editor).await, [began]);
        let activity = people.owner.get("/api/v1/workspaces/pay/activity").await.expect(200);
        let entries: Vec<_> =
            activity["items"].as_array().unwrap().iter().map(|one| &one["action"]).collect();
        assert!(
            entries.contains(&&json!("ask_mode_change")) && entries.contains(&&json!("approve_mode_change"))
        );
    });
}
