//! What may services and agents do by tokens of their own, and what may they never?

use crate::harness::{Answer, Caller, People, Plane, damage, each_backend};
use serde_json::{Value, json};

const SHOP: &str = "/api/v1/workspaces/shop";
const MACHINES: &str = "/api/v1/workspaces/shop/machines";

async fn id_of(caller: &Caller) -> String {
    caller.get("/api/v1/session").await.expect(200)["person"]["id"].as_str().unwrap().to_owned()
}

async fn make(by: &Caller, kind: &str, name: &str, role: &str) -> String {
    let draft = json!({ "kind": kind, "name": name, "role": role });
    by.post(MACHINES, draft).await.expect(201)["id"].as_str().unwrap().to_owned()
}

async fn token(plane: &Plane, by: &Caller, machine: &str) -> Caller {
    let made =
        by.post(&format!("{MACHINES}/{machine}/tokens"), json!({ "name": "server 1" })).await.expect(201);
    let mut program = plane.nobody();
    program.token = made["secret"].as_str().map(ToOwned::to_owned);
    program
}

/// Changes some of what it is.
async fn change(by: &Caller, machine: &str, some: Value) -> Answer {
    let path = format!("{MACHINES}/{machine}");
    let read = by.get(&path).await;
    let mut wanted = read.expect(200);
    let fields = wanted.as_object_mut().unwrap();
    fields.retain(|name, _| {
        ["name", "description", "responsible", "role", "expires_at", "is_disabled"].contains(&name.as_str())
    });
    fields.extend(some.as_object().unwrap().clone());
    by.put(&path, &read.header("etag").unwrap(), wanted).await
}

#[test]
fn a_machine_acts_by_its_own_token_under_its_own_name_and_comes_in_no_other_way() {
    each_backend(|backend| async move {
        let plane = Plane::start(backend).await;
        let People { root, owner, .. } = plane.people().await;
        let agent = make(&owner, "agent", "Reporter", "editor").await;
        let again = json!({ "kind": "service", "name": "Reporter", "role": "viewer" });
        assert_eq!(owner.post(MACHINES, again).await.problem(409), "duplicate");
        let program = token(&plane, &owner, &agent).await;
        let entered = program.get(SHOP).await.expect(200);
        assert_eq!(entered["role"], "editor");
        let may = entered["capabilities"].to_string();
        assert!(may.contains("run_queries") && !may.contains("propose_changes"), "{may}");
        let set = json!({ "name": "draft" });
        let made = program.post(&format!("{SHOP}/rule-sets"), set).await;
        made.expect(201);
        let activity = owner.get(&format!("{SHOP}/activity?actor={agent}")).await.expect(200);
        let entry = &activity["items"][0];
        assert_eq!(
            (&entry["actor_name"], &entry["machine"]),
            (&json!("Reporter"), &json!("agent")),
            "{entry}"
        );
        assert!(entry["token"].is_string());
        // It is no person: not for itself, not for the instance, not in lists of people.
        for path in ["/api/v1/profile", "/api/v1/tokens", "/api/v1/workspaces", "/api/v1/users"] {
            assert_eq!(program.get(path).await.problem(403), "forbidden", "{path}");
        }
        assert_eq!(program.delete(&format!("{SHOP}/membership")).await.problem(403), "forbidden");
        let told = json!({ "muted": [], "wants_mail": true });
        let settings = format!("{SHOP}/notifications/settings");
        assert_eq!(program.put(&settings, "*", told).await.problem(422), "invalid");
        let users = root.get("/api/v1/users").await.expect(200).to_string();
        assert!(!users.contains("Reporter"), "{users}");
        assert_eq!(root.get(&format!("/api/v1/users/{agent}")).await.problem(404), "not_found");
        let members = owner.get(&format!("{SHOP}/members")).await.expect(200).to_string();
        assert!(!members.contains("Reporter"), "{members}");
        let member = format!("{SHOP}/members/{agent}");
        assert_eq!(owner.patch(&member, "\"1\"", json!({ "role": "owner" })).await.problem(404), "not_found");
        assert_eq!(owner.delete(&member).await.problem(404), "not_found");
        let sign_in = json!({ "email": "", "password": "four words nobody says" });
        assert!(!plane.nobody().post("/api/v1/session", sign_in).await.status.is_success());
        let tokens = owner.get(&format!("{MACHINES}/{agent}/tokens")).await.expect(200);
        assert!(tokens["items"][0]["last_used_at"].is_string());
        assert!(!tokens.to_string().contains(program.token.as_deref().unwrap()), "shown once");
        // Deleted, it is out at once, and what it did stays under its name.
        owner.delete(&format!("{MACHINES}/{agent}")).await.expect(204);
        assert_eq!(program.get(SHOP).await.problem(401), "unauthenticated");
        let activity = owner.get(&format!("{SHOP}/activity?actor={agent}")).await.expect(200);
        assert_eq!(activity["items"][0]["actor_name"], "Reporter");
        assert_eq!(activity["items"][0]["machine"], "agent");
        assert_eq!(owner.get(MACHINES).await.expect(200)["items"], json!([]));
        plane.stop().await;
    });
}

#[test]
fn no_machine_decides_for_others_whatever_its_role_says() {
    each_backend(|backend| async move {
        let plane = Plane::start(backend).await;
        let People { owner, viewer, .. } = plane.people().await;
        let service = make(&owner, "service", "Deployer", "admin").await;
        let program = token(&plane, &owner, &service).await;
        let entered = program.get(SHOP).await.expect(200);
        let may = entered["capabilities"].as_array().unwrap();
        for never in
            ["propose_changes", "approve_changes", "publish_rules", "manage_members", "own_workspace"]
        {
            assert!(!may.contains(&json!(never)), "{never}");
        }
        let modes = format!("{SHOP}/listeners/shop/mode-changes");
        let asked = json!({ "mode": "observe", "minutes": 5, "reason": "because" });
        assert_eq!(program.post(&modes, asked).await.problem(403), "forbidden");
        let decide = format!("{modes}/{service}");
        for deed in ["approve", "deny"] {
            let answer = program.post(&format!("{decide}/{deed}"), json!({})).await;
            assert_eq!(answer.problem(403), "forbidden", "{deed}");
        }
        let made = program.post(&format!("{SHOP}/rule-sets"), json!({ "name": "mine" })).await.expect(201);
        let publish = format!("{SHOP}/rule-sets/{}/publish", made["id"].as_str().unwrap());
        let answer = program.post(&publish, json!({ "draft_version": 1 })).await;
        assert_eq!(answer.problem(403), "forbidden");
        let more = json!({ "kind": "agent", "name": "Child", "role": "viewer" });
        assert_eq!(program.post(MACHINES, more).await.problem(403), "forbidden");
        let tokens = format!("{MACHINES}/{service}/tokens");
        assert_eq!(program.post(&tokens, json!({ "name": "another" })).await.problem(403), "forbidden");
        let done = format!("{SHOP}/access-review/done");
        let draft = json!({ "digest": "0".repeat(64) });
        assert_eq!(program.post(&done, draft).await.problem(403), "forbidden");
        // A capability beyond its role is nothing one can give it either: it is no member of that list.
        let path = format!("{SHOP}/members/{service}");
        let beyond = json!({ "capabilities": ["approve_changes"] });
        assert_eq!(owner.patch(&path, "\"1\"", beyond).await.problem(404), "not_found");
        let draft = json!({ "kind": "agent", "name": "King", "role": "owner" });
        assert_eq!(owner.post(MACHINES, draft).await.problem(422), "invalid");
        assert_eq!(change(&owner, &service, json!({ "role": "owner" })).await.problem(422), "invalid");
        // Nor does one machine answer for another.
        let other = json!({ "kind": "agent", "name": "Child", "role": "viewer", "responsible": service });
        assert_eq!(owner.post(MACHINES, other).await.problem(422), "invalid");
        assert_eq!(viewer.post(&tokens, json!({ "name": "mine" })).await.problem(403), "forbidden");
        plane.stop().await;
    });
}

#[test]
fn nobody_gets_more_by_a_machine_than_they_have() {
    each_backend(|backend| async move {
        let plane = Plane::start(backend).await;
        let People { owner, viewer, .. } = plane.people().await;
        let role = json!({ "name": "greeter", "capabilities": ["view", "manage_members"] });
        owner.post(&format!("{SHOP}/roles"), role).await.expect(201);
        let own = format!("{SHOP}/members/{}", id_of(&viewer).await);
        let etag = owner.get(&own).await.header("etag").unwrap();
        owner.patch(&own, &etag, json!({ "role": "greeter" })).await.expect(200);
        let greeter = viewer;
        let strong = make(&owner, "service", "Strong", "editor").await;
        let draft = json!({ "kind": "agent", "name": "Mine", "role": "editor" });
        assert_eq!(greeter.post(MACHINES, draft).await.problem(403), "forbidden");
        let tokens = format!("{MACHINES}/{strong}/tokens");
        assert_eq!(greeter.post(&tokens, json!({ "name": "mine" })).await.problem(403), "forbidden");
        assert_eq!(change(&greeter, &strong, json!({ "role": "greeter" })).await.problem(403), "forbidden");
        assert_eq!(greeter.delete(&format!("{MACHINES}/{strong}")).await.problem(403), "forbidden");
        let weak = make(&greeter, "agent", "Weak", "greeter").await;
        assert_eq!(change(&greeter, &weak, json!({ "role": "editor" })).await.problem(403), "forbidden");
        let program = token(&plane, &greeter, &weak).await;
        assert_eq!(program.get(SHOP).await.expect(200)["capabilities"], json!(["view"]));
        // A machine has the role: it is not deleted, and says by whom.
        let answer = owner.delete(&format!("{SHOP}/roles/greeter")).await;
        assert_eq!(answer.problem(409), "conflict");
        assert!(answer.text.contains("Weak"), "{}", answer.text);
        plane.stop().await;
    });
}

/// What the access review says of the service `Nightly`.
async fn reviewed(caller: &Caller) -> Value {
    let review = caller.get(&format!("{SHOP}/access-review")).await.expect(200);
    let all = review["items"].as_array().unwrap();
    all.iter().find(|one| one["name"] == "Nightly").unwrap().clone()
}

#[test]
fn a_machine_stops_when_it_is_disabled_has_ended_or_nobody_answers_for_it() {
    each_backend(|backend| async move {
        let plane = Plane::start(backend).await;
        let People { root, owner, admin, .. } = plane.people().await;
        let service = make(&admin, "service", "Nightly", "viewer").await;
        let program = token(&plane, &admin, &service).await;
        program.get(SHOP).await.expect(200);
        let copy = admin.get("/api/v1/profile/export").await.expect(200);
        assert_eq!(
            copy["about"]["work"]["machines"][0]["name"], "Nightly",
            "who answers for it can see that"
        );
        let kept = admin.get("/api/v1/profile/kept").await.expect(200);
        let kinds = kept["kinds"].as_array().unwrap();
        assert_eq!(kinds.iter().find(|one| one["kind"] == "machines").unwrap()["count"], 1);
        change(&owner, &service, json!({ "is_disabled": true })).await.expect(200);
        assert_eq!(program.get(SHOP).await.problem(401), "unauthenticated");
        change(&owner, &service, json!({ "is_disabled": false })).await.expect(200);
        program.get(SHOP).await.expect(200);
        let past = json!({ "expires_at": "2020-01-01T00:00:00Z" });
        assert_eq!(change(&owner, &service, past).await.problem(409), "conflict", "it is over");
        damage(plane.plane.app().store.location(), "UPDATE machines SET expires_at = 1000000").await;
        assert_eq!(program.get(SHOP).await.problem(401), "unauthenticated");
        let more = json!({ "name": "one more" });
        let tokens = format!("{MACHINES}/{service}/tokens");
        assert_eq!(owner.post(&tokens, more).await.problem(409), "conflict", "no token of its is good");
        assert_eq!(reviewed(&owner).await["tokens"], json!([]));
        change(&owner, &service, json!({ "description": "ended" })).await.expect(200);
        change(&owner, &service, json!({ "expires_at": null })).await.expect(200);
        program.get(SHOP).await.expect(200);
        let path = format!("{MACHINES}/{service}");
        let shown = owner.get(&path).await.expect(200);
        assert_eq!(shown["responsible_name"], "admin");
        // Who answers for it may not come in for a while: nor may it.
        let user = format!("/api/v1/users/{}", id_of(&admin).await);
        let etag = root.get(&user).await.header("etag").unwrap();
        root.patch(&user, &etag, json!({ "is_disabled": true })).await.expect(200);
        assert_eq!(program.get(SHOP).await.problem(401), "unauthenticated");
        assert_eq!(owner.get(&path).await.expect(200)["is_responsible_disabled"], true);
        assert_eq!(reviewed(&owner).await["tokens"], json!([]));
        let etag = root.get(&user).await.header("etag").unwrap();
        root.patch(&user, &etag, json!({ "is_disabled": false })).await.expect(200);
        program.get(SHOP).await.expect(200);
        // They are no member any more.
        let id = shown["responsible"].as_str().unwrap();
        owner.delete(&format!("{SHOP}/members/{id}")).await.expect(204);
        assert_eq!(program.get(SHOP).await.problem(401), "unauthenticated");
        let left = owner.get(&path).await.expect(200);
        assert_eq!((&left["is_disabled"], left.get("responsible")), (&json!(true), None));
        assert_eq!(change(&owner, &service, json!({ "is_disabled": false })).await.problem(422), "invalid");
        let gone = json!({ "is_disabled": false, "responsible": id });
        assert_eq!(change(&owner, &service, gone).await.problem(422), "invalid", "no member");
        let named = json!({ "is_disabled": false, "responsible": id_of(&owner).await });
        change(&owner, &service, named).await.expect(200);
        assert_eq!(
            program.get(SHOP).await.problem(401),
            "unauthenticated",
            "who has left may know the token"
        );
        let program = token(&plane, &owner, &service).await;
        program.get(SHOP).await.expect(200);
        // The review tells of it beside people.
        let seen = reviewed(&owner).await;
        assert_eq!((&seen["kind"], &seen["responsible"]), (&json!("service"), &json!("owner")));
        assert_eq!(seen["tokens"][0]["capabilities"], json!(["view", "view_traffic"]));
        // It goes with its workspace, and leaves no account behind.
        owner.delete(&format!("{SHOP}?confirm=Shop")).await.expect(204);
        assert_eq!(program.get(SHOP).await.problem(401), "unauthenticated");
        let mut tx = plane.plane.app().store.read().await.unwrap();
        let id = service.parse::<admin_store::Id>().unwrap();
        let row = admin_store::users::by_id(&mut tx, id).await;
        assert!(matches!(row, Err(admin_store::StoreError::Missing(_))), "{row:?}");
        drop(tx);
        plane.stop().await;
    });
}
