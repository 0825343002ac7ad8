//! Is it told who can do what, and when they last did?

use crate::harness::{People, Plane, damage, each_backend};
use serde_json::{Value, json};

const PATH: &str = "/api/v1/workspaces/shop/access-review";

fn of<'a>(review: &'a Value, name: &str) -> &'a Value {
    let items = review["items"].as_array().unwrap();
    items.iter().find(|one| one["name"] == name).unwrap_or_else(|| panic!("{name} in {review}"))
}

fn capability<'a>(member: &'a Value, word: &str) -> &'a Value {
    let held = member["capabilities"].as_array().unwrap();
    held.iter().find(|one| one["capability"] == word).unwrap_or_else(|| panic!("{word} in {member}"))
}

#[test]
fn who_used_nothing_for_longest_is_first_and_each_says_by_what_they_may() {
    each_backend(|backend| async move {
        let plane = Plane::start(backend).await;
        let People { owner, admin, editor, viewer, .. } = plane.people().await;
        let shop = "/api/v1/workspaces/shop";
        let team = admin.post(&format!("{shop}/teams"), json!({ "name": "=Payments" })).await.expect(201);
        let id = viewer.get("/api/v1/session").await.expect(200)["person"]["id"].as_str().unwrap().to_owned();
        let place = format!("{shop}/teams/{}/members/{id}", team["id"].as_str().unwrap());
        admin.put(&place, "*", json!(null)).await.expect(204);
        let member = format!("{shop}/members/{id}");
        let etag = owner.get(&member).await.header("etag").unwrap();
        owner.patch(&member, &etag, json!({ "capabilities": ["view_activity"] })).await.expect(200);
        let wanted = json!({ "name": "nightly", "scopes": ["view", "manage_members"] });
        let token = editor.post("/api/v1/tokens", wanted).await.expect(201);
        let other = json!({ "name": "elsewhere", "scopes": ["view"], "workspace": "editor" });
        editor.post("/api/v1/tokens", other).await.expect(201);
        let mut program = plane.nobody();
        program.token = token["secret"].as_str().map(ToOwned::to_owned);
        program.get(shop).await.expect(200);

        let review = owner.get(PATH).await.expect(200);
        assert_eq!(review["is_cut"], false);
        let names: Vec<_> = review["items"].as_array().unwrap().iter().map(|one| &one["name"]).collect();
        assert_eq!(names[2..], [&json!("admin"), &json!("owner")], "{review}");
        let seen = of(&review, "viewer");
        assert_eq!((&seen["role"], &seen["teams"]), (&json!("viewer"), &json!(["=Payments"])));
        assert!(seen["last_signed_in_at"].is_string() && seen.get("last_used_at").is_none(), "{seen}");
        assert_eq!(capability(seen, "view_activity")["is_beyond_role"], true);
        assert_eq!(capability(seen, "view")["is_beyond_role"], false);
        let used = of(&review, "admin");
        assert!(capability(used, "manage_members")["last_used_at"].is_string(), "{used}");
        assert!(capability(used, "publish_rules").get("last_used_at").is_none(), "{used}");
        let tokens = of(&review, "editor")["tokens"].as_array().unwrap();
        assert_eq!(tokens.len(), 1, "what is good elsewhere is not told here: {tokens:?}");
        assert_eq!(tokens[0]["capabilities"], json!(["view"]), "never more than its person may");
        assert!(tokens[0]["last_used_at"].is_string() && tokens[0]["is_only_here"] == false);

        // Who may see what people did, sees this; nobody else.
        let table = viewer.get(&format!("{PATH}/export")).await;
        assert_eq!(table.header("content-type").as_deref(), Some("text/csv; charset=utf-8"));
        assert_eq!(table.text.lines().count(), 5, "{}", table.text);
        assert!(table.text.contains("\"'=Payments\""), "no formula: {}", table.text);
        assert!(table.text.contains("nightly (view; used 2"), "{}", table.text);
        assert_eq!(editor.get(PATH).await.problem(403), "forbidden");
        assert_eq!(editor.get(&format!("{PATH}/export")).await.problem(403), "forbidden");
        plane.stop().await;
    });
}

async fn names(by: &crate::harness::Caller, query: &str) -> Vec<String> {
    let review = by.get(&format!("{PATH}?{query}")).await.expect(200);
    let name = |one: &Value| one["name"].as_str().unwrap().to_owned();
    review["items"].as_array().unwrap().iter().map(name).collect()
}

#[test]
fn who_can_administer_and_who_did_nothing_for_long_is_found() {
    each_backend(|backend| async move {
        let plane = Plane::start(backend).await;
        let People { owner, .. } = plane.people().await;
        assert_eq!(names(&owner, "administers=true").await, ["owner", "admin"]);
        assert_eq!(names(&owner, "administers=false").await.len(), 2);
        assert!(names(&owner, "unused_days=1").await.is_empty(), "they all signed in today");
        for query in ["unused_days=0", "unused_days=3651", "unused_days=x", "administers=perhaps", "other=1"]
        {
            let answer = owner.get(&format!("{PATH}?{query}")).await;
            assert!([400, 422].contains(&answer.status.as_u16()), "{query}: {}", answer.text);
        }
        // A member who never came in: made by hand, as an import of old accounts would leave them.
        let mut tx = plane.plane.app().store.write().await.unwrap();
        let shop = admin_store::workspaces::by_slug(&mut tx, "shop").await.unwrap().id;
        let new = admin_store::users::NewUser {
            email: "ghost@example.com",
            is_email_verified: true,
            name: "ghost",
            password_hash: None,
            is_instance_admin: false,
        };
        let ghost = admin_store::users::create(&mut tx, &new).await.unwrap().id;
        admin_store::members::add(&mut tx, shop, ghost, admin_store::members::Role::Admin, &[])
            .await
            .unwrap();
        tx.commit().await.unwrap();
        assert!(names(&owner, "unused_days=90").await.is_empty(), "who joined a minute ago had no time");
        let long_ago = "UPDATE members SET joined_at = 1 WHERE user_id IN \
                        (SELECT id FROM users WHERE email = 'ghost@example.com')";
        damage(plane.plane.app().store.location(), long_ago).await;
        assert_eq!(names(&owner, "unused_days=90").await, ["ghost"]);
        assert_eq!(names(&owner, "unused_days=90&administers=false").await.len(), 0);
        let table = owner.get(&format!("{PATH}/export?unused_days=90")).await;
        assert_eq!(table.text.lines().count(), 2, "{}", table.text);
        plane.stop().await;
    });
}

#[test]
fn that_somebody_looked_at_all_of_it_is_kept_unless_it_is_another_by_now() {
    each_backend(|backend| async move {
        let plane = Plane::start(backend).await;
        let People { owner, admin, editor, viewer, .. } = plane.people().await;
        let done = format!("{PATH}/done");
        let seen = owner.get(PATH).await.expect(200)["digest"].as_str().unwrap().to_owned();
        assert_eq!(owner.get(PATH).await.expect(200)["digest"], seen.as_str(), "to look changes nothing");
        let draft = json!({ "digest": seen, "note": "as it should be" });
        assert_eq!(editor.post(&done, draft.clone()).await.problem(403), "forbidden");
        let wanted = json!({ "name": "t", "scopes": ["view", "manage_members"] });
        let token = admin.post("/api/v1/tokens", wanted).await;
        let mut program = plane.nobody();
        program.token = token.expect(201)["secret"].as_str().map(ToOwned::to_owned);
        assert_eq!(program.post(&done, draft.clone()).await.problem(403), "forbidden", "a person looks");
        // There is a token more than was seen.
        assert_eq!(owner.post(&done, draft).await.problem(412), "changed");
        assert_eq!(owner.get(&done).await.expect(200)["items"], json!([]), "nothing was kept");
        let seen = owner.get(PATH).await.expect(200)["digest"].clone();
        let made =
            owner.post(&done, json!({ "digest": seen, "note": " as it should be " })).await.expect(201);
        assert_eq!((&made["members"], &made["tokens"]), (&json!(4), &json!(1)));
        assert_eq!((&made["note"], &made["digest"]), (&json!("as it should be"), &seen));
        let listed = admin.get(&done).await.expect(200);
        assert_eq!(listed["items"], json!([made]));
        assert_eq!(listed["items"][0]["by_name"], "owner");
        let copy = owner.get("/api/v1/profile/export").await.expect(200);
        assert_eq!(
            copy["about"]["work"]["access_reviews"][0]["note"], "as it should be",
            "who did it can see that"
        );
        assert_eq!(viewer.get(&done).await.problem(403), "forbidden");
        let activity = owner.get("/api/v1/workspaces/shop/activity?action=finish_access_review").await;
        assert_eq!(activity.expect(200)["items"][0]["details"]["digest"], seen);
        let long = json!({ "digest": seen, "note": "x".repeat(2_001) });
        assert_eq!(owner.post(&done, long).await.problem(422), "invalid");
        plane.stop().await;
    });
}
