//! What did people do, and who runs the instance?

use crate::harness::{Plane, each_backend};
use serde_json::{Value, json};

#[test]
fn what_people_did_is_found_by_who_what_and_when_and_copied_away() {
    each_backend(|backend| async move {
        let plane = Plane::start(backend).await;
        let people = plane.people().await;
        for name in ["One", "Two", "Three"] {
            people.owner.post("/api/v1/workspaces/shop/teams", json!({ "name": name })).await.expect(201);
        }
        people.admin.post("/api/v1/workspaces/shop/teams", json!({ "name": "Four" })).await.expect(201);
        people.stranger.post("/api/v1/workspaces/other/teams", json!({ "name": "Far" })).await.expect(201);
        let all = "/api/v1/workspaces/shop/activity";
        let labels = |page: &Value| -> Vec<String> {
            let items = page["items"].as_array().unwrap().iter();
            items.map(|entry| entry["target_label"].as_str().unwrap().to_owned()).collect()
        };
        let teams = people.admin.get(&format!("{all}?action=create_team&limit=3")).await.expect(200);
        assert_eq!(labels(&teams), ["Four", "Three", "Two"]);
        let next = teams["next"].as_str().unwrap();
        let rest = people.admin.get(&format!("{all}?action=create_team&cursor={next}")).await.expect(200);
        assert_eq!(labels(&rest), ["One"]);
        let actor = teams["items"][0]["actor"].as_str().unwrap();
        assert_eq!(teams["items"][0]["actor_name"], "admin");
        let by = people.admin.get(&format!("{all}?actor={actor}")).await.expect(200);
        assert_eq!(labels(&by), ["Four"]);
        let target = teams["items"][1]["target"].as_str().unwrap();
        let of = people.admin.get(&format!("{all}?target={target}&target_kind=team")).await.expect(200);
        assert_eq!(labels(&of), ["Three"]);
        let at = teams["items"][1]["at"].as_str().unwrap();
        let since = people.admin.get(&format!("{all}?action=create_team&from={at}")).await.expect(200);
        assert_eq!(labels(&since), ["Four", "Three"]);
        let before = people.admin.get(&format!("{all}?action=create_team&until={at}")).await.expect(200);
        assert_eq!(labels(&before), ["Two", "One"]);
        for query in ["actor=x", "from=yesterday", "limit=201", "cursor=AA", "who=me"] {
            assert_eq!(people.admin.get(&format!("{all}?{query}")).await.problem(422), "invalid", "{query}");
        }
        assert_eq!(people.editor.get(all).await.problem(403), "forbidden");
        let copy = people.admin.get(&format!("{all}/export?action=create_team")).await;
        assert_eq!(copy.header("content-type").as_deref(), Some("application/x-ndjson"));
        let lines: Vec<Value> = copy.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let copied: Vec<_> = lines.iter().map(|line| line["target_label"].as_str().unwrap()).collect();
        assert_eq!(copied, ["One", "Two", "Three", "Four"]);
        let everywhere = people.root.get("/api/v1/instance/activity?action=create_team").await.expect(200);
        assert_eq!(labels(&everywhere), ["Far", "Four", "Three", "Two", "One"]);
        plane.stop().await;
    });
}

#[test]
fn admins_of_the_instance_say_who_comes_in_and_one_stays() {
    each_backend(|backend| async move {
        let plane = Plane::start(backend).await;
        let people = plane.people().await;
        let root = &people.root;
        let found = root.get("/api/v1/users?email=VIEW").await.expect(200);
        let viewer = found["items"][0]["id"].as_str().unwrap().to_owned();
        assert_eq!(found["items"].as_array().unwrap().len(), 1);
        let part = root.get("/api/v1/users?limit=4").await.expect(200);
        let next = part["next"].as_str().unwrap();
        let rest = root.get(&format!("/api/v1/users?cursor={next}")).await.expect(200);
        assert_eq!(rest["items"].as_array().unwrap().len(), 2);
        let of = |id: &str| format!("/api/v1/users/{id}");
        let etag = root.get(&of(&viewer)).await.header("etag").unwrap();
        assert_eq!(root.patch(&of(&viewer), &etag, json!({})).await.problem(422), "invalid");
        let disabled = root.patch(&of(&viewer), &etag, json!({ "is_disabled": true })).await;
        disabled.expect(200);
        assert_eq!(people.viewer.get("/api/v1/session").await.problem(401), "unauthenticated");
        let back = root.patch(&of(&viewer), &etag, json!({ "is_disabled": false })).await;
        assert_eq!(back.problem(412), "changed");
        let etag = disabled.header("etag").unwrap();
        root.patch(&of(&viewer), &etag, json!({ "is_disabled": false })).await.expect(200);
        assert_eq!(
            people.viewer.get("/api/v1/session").await.problem(401),
            "unauthenticated",
            "signs in anew"
        );
        let own = root.get("/api/v1/profile").await.expect(200)["id"].as_str().unwrap().to_owned();
        for wanted in [json!({ "is_instance_admin": false }), json!({ "is_disabled": true })] {
            let etag = root.get(&of(&own)).await.header("etag").unwrap();
            assert_eq!(root.patch(&of(&own), &etag, wanted).await.problem(409), "conflict");
        }
        let all = root.get("/api/v1/instance/workspaces").await.expect(200);
        let slugs: Vec<_> = all["items"].as_array().unwrap().iter().map(|one| one["slug"].clone()).collect();
        assert!(slugs.contains(&json!("shop")) && slugs.contains(&json!("viewer")), "{slugs:?}");
        plane.stop().await;
    });
}
