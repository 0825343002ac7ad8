//! Who belongs to a workspace, and what may nobody give or take?

use crate::harness::{Caller, People, Plane, each_backend};
use serde_json::{Value, json};

async fn id_of(caller: &Caller) -> String {
    caller.get("/api/v1/session").await.expect(200)["person"]["id"].as_str().unwrap().to_owned()
}

/// Asks to change a member, as `by`, at the version that `by` sees.
async fn change(by: &Caller, user: &str, wanted: Value) -> crate::harness::Answer {
    let path = format!("/api/v1/workspaces/shop/members/{user}");
    let etag = by.get(&path).await.header("etag").unwrap();
    by.patch(&path, &etag, wanted).await
}

#[test]
fn a_workspace_is_changed_by_those_who_manage_it_and_deleted_by_its_owner() {
    each_backend(|backend| async move {
        let plane = Plane::start(backend).await;
        let people = plane.people().await;
        let path = "/api/v1/workspaces/shop";
        let etag = people.admin.get(path).await.header("etag").unwrap();
        let wanted = json!({ "name": "The shop", "description": "Sells things" });
        let changed = people.admin.patch(path, &etag, wanted.clone()).await;
        assert_eq!(changed.expect(200)["description"], "Sells things");
        assert_eq!(people.admin.patch(path, &etag, wanted.clone()).await.problem(412), "changed");
        assert_eq!(
            people.admin.with_json(reqwest::Method::PATCH, path, &[], wanted).await.problem(428),
            "precondition_required"
        );
        let etag = changed.header("etag").unwrap();
        assert_eq!(people.admin.patch(path, &etag, json!({})).await.problem(422), "invalid");
        assert_eq!(
            people.admin.delete("/api/v1/workspaces/shop?confirm=The+shop").await.problem(403),
            "forbidden"
        );
        assert_eq!(people.owner.delete("/api/v1/workspaces/shop").await.problem(422), "invalid");
        assert_eq!(
            people.owner.delete("/api/v1/workspaces/shop?confirm=shop").await.problem(409),
            "conflict"
        );
        people.owner.delete("/api/v1/workspaces/shop?confirm=The+shop").await.expect(204);
        assert_eq!(people.viewer.get(path).await.problem(404), "not_found");
        assert_eq!(
            people.owner.delete("/api/v1/workspaces/owner?confirm=owner").await.problem(409),
            "conflict"
        );
        let entries = people.root.get("/api/v1/instance/activity?action=delete_workspace").await.expect(200);
        assert_eq!(entries["items"].as_array().unwrap().len(), 1);
        assert_eq!(entries["items"][0]["target_label"], "The shop");
        plane.stop().await;
    });
}

#[test]
fn nobody_gives_or_takes_what_they_do_not_have() {
    each_backend(|backend| async move {
        let plane = Plane::start(backend).await;
        let People { owner, admin, editor, viewer, stranger, .. } = plane.people().await;
        let [owner_id, admin_id, viewer_id] =
            [id_of(&owner).await, id_of(&admin).await, id_of(&viewer).await];
        let stranger_id = id_of(&stranger).await;
        // An admin makes nobody an owner, and does not touch one.
        assert_eq!(change(&admin, &viewer_id, json!({ "role": "owner" })).await.problem(403), "forbidden");
        assert_eq!(change(&admin, &admin_id, json!({ "role": "owner" })).await.problem(403), "forbidden");
        assert_eq!(change(&admin, &owner_id, json!({ "role": "viewer" })).await.problem(403), "forbidden");
        let path = format!("/api/v1/workspaces/shop/members/{owner_id}");
        assert_eq!(admin.delete(&path).await.problem(403), "forbidden");
        let extra = json!({ "capabilities": ["own_workspace"] });
        assert_eq!(change(&owner, &viewer_id, extra).await.problem(409), "conflict");
        // What somebody has beyond the role is enough to give it, and no more than that.
        let extra = json!({ "capabilities": ["manage_members"] });
        change(&owner, &viewer_id, extra).await.expect(200);
        viewer.post("/api/v1/workspaces/shop/teams", json!({ "name": "Own" })).await.expect(201);
        let editor_id = id_of(&editor).await;
        assert_eq!(change(&viewer, &editor_id, json!({ "role": "viewer" })).await.problem(403), "forbidden");
        assert_eq!(change(&viewer, &viewer_id, json!({ "role": "admin" })).await.problem(403), "forbidden");
        let invited = json!({ "email": "grace@example.com", "role": "editor" });
        let answer = viewer.post("/api/v1/workspaces/shop/invitations", invited).await;
        assert_eq!(answer.problem(403), "forbidden");
        // The last owner stays, until there is another one.
        assert_eq!(change(&owner, &owner_id, json!({ "role": "admin" })).await.problem(409), "conflict");
        let leave = "/api/v1/workspaces/shop/membership";
        assert_eq!(owner.delete(leave).await.problem(409), "conflict");
        change(&owner, &admin_id, json!({ "role": "owner" })).await.expect(200);
        owner.delete(leave).await.expect(204);
        assert_eq!(owner.get("/api/v1/workspaces/shop").await.problem(404), "not_found");
        let path = format!("/api/v1/workspaces/shop/members/{viewer_id}");
        admin.delete(&path).await.expect(204);
        assert_eq!(viewer.get("/api/v1/workspaces/shop").await.problem(404), "not_found");
        assert_eq!(admin.delete(&path).await.problem(404), "not_found");
        let foreign = format!("/api/v1/workspaces/shop/members/{stranger_id}");
        assert_eq!(admin.get(&foreign).await.problem(404), "not_found");
        assert_eq!(
            admin.patch(&foreign, "\"1\"", json!({ "role": "viewer" })).await.problem(404),
            "not_found"
        );
        assert_eq!(stranger.delete("/api/v1/workspaces/stranger/membership").await.problem(409), "conflict");
        let listed = admin.get("/api/v1/workspaces/shop/members").await.expect(200);
        assert_eq!(listed["items"].as_array().unwrap().len(), 2);
        plane.stop().await;
    });
}

#[test]
fn teams_are_of_members_of_their_workspace_only() {
    each_backend(|backend| async move {
        let plane = Plane::start(backend).await;
        let people = plane.people().await;
        let draft = json!({ "name": "Payments", "description": "Moves money" });
        let made = people.admin.post("/api/v1/workspaces/shop/teams", draft.clone()).await;
        let path = made.header("location").unwrap();
        assert_eq!(made.expect(201)["name"], "Payments");
        let again = people.admin.post("/api/v1/workspaces/shop/teams", json!({ "name": "PAYMENTS" })).await;
        assert_eq!(again.problem(409), "duplicate");
        let etag = people.viewer.get(&path).await.header("etag").unwrap();
        let changed = people.admin.put(&path, &etag, json!({ "name": "Money" })).await.expect(200);
        assert_eq!(changed["description"], "");
        assert_eq!(people.admin.put(&path, &etag, json!({ "name": "Cash" })).await.problem(412), "changed");
        let place = |id: &str| format!("{path}/members/{id}");
        let viewer = id_of(&people.viewer).await;
        let stranger = id_of(&people.stranger).await;
        let put = |path: String| {
            let admin = people.admin.clone();
            async move { admin.send(reqwest::Method::PUT, &path, &[], None).await }
        };
        put(place(&viewer)).await.expect(204);
        put(place(&viewer)).await.expect(204);
        assert_eq!(put(place(&stranger)).await.problem(404), "not_found");
        let members = people.viewer.get(&format!("{path}/members")).await.expect(200);
        assert_eq!(members["items"].as_array().unwrap().len(), 1);
        // The same id under another workspace is nothing.
        let foreign = path.replace("/shop/", "/other/");
        assert_eq!(people.stranger.get(&foreign).await.problem(404), "not_found");
        assert_eq!(people.stranger.get(&format!("{foreign}/members")).await.problem(404), "not_found");
        assert_eq!(people.stranger.delete(&foreign).await.problem(404), "not_found");
        people.admin.delete(&place(&viewer)).await.expect(204);
        assert_eq!(people.admin.delete(&place(&viewer)).await.problem(404), "not_found");
        people.admin.delete(&path).await.expect(204);
        assert_eq!(people.viewer.get(&path).await.problem(404), "not_found");
        plane.stop().await;
    });
}

#[test]
fn names_on_the_wire_are_linked_to_people_services_and_agents() {
    each_backend(|backend| async move {
        let plane = Plane::start(backend).await;
        let people = plane.people().await;
        let all = "/api/v1/workspaces/shop/principals";
        let editor = id_of(&people.editor).await;
        let draft = json!({ "database_user": "ada", "kind": "person", "user": editor, "label": "Ada" });
        let made = people.admin.post(all, draft.clone()).await;
        made.expect(201);
        let path = made.header("location").unwrap();
        assert_eq!(people.admin.post(all, draft.clone()).await.problem(409), "duplicate");
        let agent = json!({ "database_user": "ada", "application": "bot", "listener": "main", "kind": "agent", "label": "Bot" });
        people.admin.post(all, agent).await.expect(201);
        let mut foreign = draft.clone();
        foreign["user"] = json!(id_of(&people.stranger).await);
        foreign["database_user"] = json!("eve");
        assert_eq!(people.admin.post(all, foreign).await.problem(404), "not_found");
        for (field, value) in
            [("kind", json!("robot")), ("label", json!("")), ("database_user", json!("x".repeat(257)))]
        {
            let mut wrong = draft.clone();
            wrong[field] = value;
            let answer = people.admin.post(all, wrong).await;
            assert_eq!(answer.problem(422), "invalid");
            assert!(answer.text.contains(field), "{}", answer.text);
        }
        let etag = people.viewer.get(&path).await.header("etag").unwrap();
        let service = json!({ "database_user": "web", "kind": "service", "label": "Website" });
        let changed = people.admin.put(&path, &etag, service.clone()).await.expect(200);
        assert_eq!(changed["kind"], "service");
        assert!(changed.get("user").is_none());
        assert_eq!(people.admin.put(&path, &etag, service).await.problem(412), "changed");
        let listed = people.viewer.get(all).await.expect(200);
        assert_eq!(listed["items"].as_array().unwrap().len(), 2);
        let foreign = path.replace("/shop/", "/other/");
        assert_eq!(people.stranger.get(&foreign).await.problem(404), "not_found");
        people.admin.delete(&path).await.expect(204);
        assert_eq!(people.admin.get(&path).await.problem(404), "not_found");
        plane.stop().await;
    });
}
