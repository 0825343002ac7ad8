//! What are roles of a workspace's own good for, and what may nobody do with them?

use crate::harness::{Answer, Caller, People, Plane, each_backend};
use crate::post;
use serde_json::{Value, json};

const ROLES: &str = "/api/v1/workspaces/shop/roles";

async fn id_of(caller: &Caller) -> String {
    caller.get("/api/v1/session").await.expect(200)["person"]["id"].as_str().unwrap().to_owned()
}

async fn give(by: &Caller, user: &str, wanted: Value) -> Answer {
    let path = format!("/api/v1/workspaces/shop/members/{user}");
    let etag = by.get(&path).await.header("etag").unwrap();
    by.patch(&path, &etag, wanted).await
}

async fn set(by: &Caller, role: &str, capabilities: Value) -> Answer {
    let path = format!("{ROLES}/{role}");
    let etag = by.get(&path).await.header("etag").unwrap();
    by.put(&path, &etag, json!({ "capabilities": capabilities })).await
}

#[test]
fn a_role_of_its_own_allows_what_it_says_and_another_set_counts_from_the_next_request_on() {
    each_backend(|backend| async move {
        let plane = Plane::start(backend).await;
        let People { owner, viewer, .. } = plane.people().await;
        let draft = json!({ "name": "auditor", "description": "Looks at what was done.",
            "capabilities": ["view_activity", "view"] });
        let made = owner.post(ROLES, draft.clone()).await;
        assert_eq!(made.expect(201)["capabilities"], json!(["view", "view_activity"]));
        assert_eq!(made.header("location").as_deref(), Some("/api/v1/workspaces/shop/roles/auditor"));
        assert_eq!(owner.post(ROLES, draft).await.problem(409), "duplicate");
        let id = id_of(&viewer).await;
        let given = give(&owner, &id, json!({ "role": "auditor" })).await.expect(200);
        assert_eq!(given["role_capabilities"], json!(["view", "view_activity"]));
        let entered = viewer.get("/api/v1/workspaces/shop").await.expect(200);
        assert_eq!(
            (&entered["role"], &entered["capabilities"]),
            (&json!("auditor"), &given["role_capabilities"])
        );
        viewer.get("/api/v1/workspaces/shop/activity").await.expect(200);
        // Less than a viewer has, in that.
        assert_eq!(viewer.get("/api/v1/workspaces/shop/listeners").await.problem(403), "forbidden");
        let listed = viewer.get("/api/v1/workspaces").await.expect(200).to_string();
        assert!(listed.contains("auditor"), "{listed}");
        set(&owner, "auditor", json!(["view", "view_traffic"])).await.expect(200);
        viewer.get("/api/v1/workspaces/shop/listeners").await.expect(200);
        assert_eq!(viewer.get("/api/v1/workspaces/shop/activity").await.problem(403), "forbidden");
        // A token is cut to what its person has at that moment.
        let wanted = json!({ "name": "t", "scopes": ["view", "view_traffic", "view_activity"] });
        let token = viewer.post("/api/v1/tokens", wanted).await.expect(201);
        let mut program = plane.nobody();
        program.token = token["secret"].as_str().map(ToOwned::to_owned);
        program.get("/api/v1/workspaces/shop/listeners").await.expect(200);
        assert_eq!(program.get("/api/v1/workspaces/shop/activity").await.problem(403), "forbidden");
        let activity = owner.get("/api/v1/workspaces/shop/activity?action=change_role").await.expect(200);
        assert_eq!(activity["items"][0]["details"]["to"], json!(["view", "view_traffic"]));
        plane.stop().await;
    });
}

#[test]
fn nobody_makes_changes_gives_or_deletes_a_role_that_allows_what_they_do_not_have() {
    each_backend(|backend| async move {
        let plane = Plane::start(backend).await;
        let People { owner, admin, editor, viewer, .. } = plane.people().await;
        let role = |name: &str, words: Value| json!({ "name": name, "capabilities": words });
        for (name, words) in [
            ("a", json!(["view"])),
            ("Auditor", json!(["view"])),
            ("viewer", json!(["view"])),
            ("-x", json!(["view"])),
            ("mighty", json!(["view", "own_workspace"])),
            ("nobody", json!(["run_queries"])),
            ("none", json!([])),
            ("unknown", json!(["view", "fly"])),
        ] {
            let answer = owner.post(ROLES, role(name, words)).await;
            assert_eq!(answer.problem(422), "invalid", "{name}");
        }
        assert_eq!(editor.post(ROLES, role("mine", json!(["view"]))).await.problem(403), "forbidden");
        // Somebody who manages members, and has little else.
        owner.post(ROLES, role("greeter", json!(["view", "manage_members"]))).await.expect(201);
        owner.post(ROLES, role("auditor", json!(["view", "view_ledger"]))).await.expect(201);
        let (greeter, id) = (viewer, id_of(&editor).await);
        let own = id_of(&greeter).await;
        give(&owner, &own, json!({ "role": "greeter" })).await.expect(200);
        let more = role("worker", json!(["view", "run_queries"]));
        assert_eq!(greeter.post(ROLES, more).await.problem(403), "forbidden");
        greeter.post(ROLES, role("guest", json!(["view"]))).await.expect(201);
        let more = json!(["view", "manage_members", "view_ledger"]);
        assert_eq!(set(&greeter, "greeter", more).await.problem(403), "forbidden", "not even their own");
        assert_eq!(set(&greeter, "auditor", json!(["view"])).await.problem(403), "forbidden", "nor take it");
        assert_eq!(greeter.delete(&format!("{ROLES}/auditor")).await.problem(403), "forbidden");
        assert_eq!(give(&greeter, &own, json!({ "role": "auditor" })).await.problem(403), "forbidden");
        assert_eq!(give(&greeter, &id, json!({ "role": "guest" })).await.problem(403), "forbidden");
        let invited = json!({ "email": "grace@example.com", "role": "auditor" });
        let answer = greeter.post("/api/v1/workspaces/shop/invitations", invited).await;
        assert_eq!(answer.problem(403), "forbidden");
        assert_eq!(give(&owner, &id, json!({ "role": "unheard-of" })).await.problem(422), "invalid");
        // Roles are of one workspace.
        assert_eq!(admin.get("/api/v1/workspaces/admin/roles/auditor").await.problem(404), "not_found");
        plane.stop().await;
    });
}

#[test]
fn a_role_that_somebody_has_or_is_invited_to_stays() {
    each_backend(|backend| async move {
        let plane = Plane::start(backend).await;
        let People { owner, viewer, .. } = plane.people().await;
        let draft = json!({ "name": "guest", "capabilities": ["view"] });
        owner.post(ROLES, draft).await.expect(201);
        let path = format!("{ROLES}/guest");
        let id = id_of(&viewer).await;
        give(&owner, &id, json!({ "role": "guest" })).await.expect(200);
        let answer = owner.delete(&path).await;
        assert_eq!(answer.problem(409), "conflict");
        assert!(answer.text.contains("the role of viewer"), "{}", answer.text);
        assert_eq!(owner.get(ROLES).await.expect(200)["items"][0]["members"], 1);
        give(&owner, &id, json!({ "role": "viewer" })).await.expect(200);
        let invited = json!({ "email": "grace@example.com", "role": "guest" });
        owner.post("/api/v1/workspaces/shop/invitations", invited).await.expect(201);
        assert_eq!(owner.delete(&path).await.problem(409), "conflict");
        let secret = post::secret(&plane, "grace@example.com", "invitation", 0).await;
        let grace = plane.person("grace").await;
        let look = grace.post("/api/v1/invitations/look", json!({ "token": secret })).await.expect(200);
        assert_eq!(look["role"], "guest");
        grace.post("/api/v1/invitations/accept", json!({ "token": secret })).await.expect(200);
        let entered = grace.get("/api/v1/workspaces/shop").await.expect(200);
        assert_eq!(entered["capabilities"], json!(["view"]));
        let id = id_of(&grace).await;
        owner.delete(&format!("/api/v1/workspaces/shop/members/{id}")).await.expect(204);
        owner.delete(&path).await.expect(204);
        assert_eq!(owner.get(ROLES).await.expect(200)["items"], json!([]));
        plane.stop().await;
    });
}

#[test]
fn a_role_is_changed_by_who_read_its_latest_version_and_there_are_thirty_at_most() {
    each_backend(|backend| async move {
        let plane = Plane::start(backend).await;
        let People { owner, admin, viewer, .. } = plane.people().await;
        for number in 0..30 {
            let draft = json!({ "name": format!("role-{number}"), "capabilities": ["view"] });
            owner.post(ROLES, draft).await.expect(201);
        }
        let one_more = json!({ "name": "role-30", "capabilities": ["view"] });
        assert_eq!(owner.post(ROLES, one_more).await.problem(409), "conflict");
        let path = format!("{ROLES}/role-0");
        let read = admin.get(&path).await.header("etag").unwrap();
        set(&owner, "role-0", json!(["view", "view_traffic"])).await.expect(200);
        let late = admin.put(&path, &read, json!({ "capabilities": ["view"] })).await;
        assert_eq!(late.problem(412), "changed");
        let kept = owner.get(&path).await.expect(200);
        assert_eq!(kept["capabilities"], json!(["view", "view_traffic"]), "nothing of it was written");
        // Those that every workspace has are no resource that could be changed, and what is no name is no role.
        for name in ["viewer", "owner", "%00", "a%2Fb", "ROLE-0"] {
            let path = format!("{ROLES}/{name}");
            let answer = owner.put(&path, "\"1\"", json!({ "capabilities": ["view"] })).await;
            assert_eq!(answer.problem(404), "not_found", "{name}");
            assert_eq!(owner.delete(&path).await.problem(404), "not_found", "{name}");
        }
        let id = id_of(&viewer).await;
        for role in ["\u{0}", "", "Owner"] {
            assert_eq!(give(&owner, &id, json!({ "role": role })).await.problem(422), "invalid", "{role:?}");
        }
        plane.stop().await;
    });
}
