//! What is known of data planes and listeners, and who may speak for one?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod data_plane;
mod harness;

use data_plane::{DataPlane, TOKEN, listener, until};
use harness::{Plane, each_backend};
use serde_json::json;

#[test]
fn a_data_plane_is_known_as_long_as_it_is_not_forgotten() {
    each_backend(|backend| async move {
        let plane = Plane::start(backend).await;
        let people = plane.people().await;
        let root = &people.root;
        let listening = json!({ "version": control::VERSION, "snapshot": 0, "state": {
            "plane": "p0", "name": "host", "version": "0.1.0", "started_at_us": 0, "listeners": [],
        }});
        let mut forged = plane.nobody();
        for token in [None, Some("a-token-of-nobody".to_owned()), Some(format!("{TOKEN}x"))] {
            forged.token = token;
            let refused = forged.post("/api/v1/link/listen", listening.clone()).await;
            assert_eq!(refused.problem(401), "unauthenticated");
        }
        assert_eq!(root.post("/api/v1/link/listen", listening.clone()).await.status, 401);
        let mut other = listening.clone();
        other["version"] = json!(99);
        forged.token = Some(TOKEN.to_owned());
        assert_eq!(forged.post("/api/v1/link/listen", other).await.problem(409), "conflict");

        root.post("/api/v1/workspaces", json!({ "slug": "pay", "name": "Pay" })).await.expect(201);
        plane.make_member("pay", "viewer@example.com", "viewer").await;
        let listeners = vec![listener("pg", "pay", true), listener("shop-pg", "shop", true)];
        let data_plane = DataPlane::start(&plane, root, "p1", listeners).await;
        let items = people.viewer.get("/api/v1/workspaces/pay/listeners").await.expect(200)["items"].clone();
        assert_eq!(items.as_array().unwrap().len(), 1);
        let on_plane = &items[0]["planes"][0];
        assert_eq!((&items[0]["name"], &on_plane["plane_name"]), (&json!("pg"), &json!("host-p1")));
        assert_eq!((&on_plane["is_connected"], &on_plane["is_present"]), (&json!(true), &json!(true)));
        assert_eq!(on_plane["state"]["sessions"], 3);
        assert_eq!(on_plane["state"]["floor_policies"], json!(["read-only"]));
        people.viewer.get("/api/v1/workspaces/pay/listeners/pg").await.expect(200);
        assert_eq!(
            people.viewer.get("/api/v1/workspaces/pay/listeners/shop-pg").await.problem(404),
            "not_found"
        );
        // Whoever makes a workspace with the slug that a listener names has no listener by that.
        let shop = people.owner.get("/api/v1/workspaces/shop/listeners").await.expect(200);
        assert_eq!(shop["items"], json!([]));

        assert_eq!(people.owner.delete("/api/v1/planes/p1").await.problem(403), "forbidden");
        drop(data_plane);
        assert_eq!(root.delete("/api/v1/planes/nothing").await.problem(404), "not_found");
        root.delete("/api/v1/planes/p1").await.expect(204);
        until("the listener stays without its plane", || async {
            let shown = root.get("/api/v1/workspaces/pay/listeners/pg").await.expect(200);
            (shown["planes"][0]["is_present"] == false && shown["planes"][0]["plane_name"].is_null())
                .then_some(())
        })
        .await;
        plane.stop().await;
    });
}

#[test]
fn what_is_wrong_with_the_rules_of_others_on_a_shared_plane_is_only_counted() {
    each_backend(|backend| async move {
        let plane = Plane::start(backend).await;
        let people = plane.people().await;
        for slug in ["pay", "hr"] {
            let draft = json!({ "slug": slug, "name": slug });
            people.root.post("/api/v1/workspaces", draft).await.expect(201);
        }
        plane.make_member("pay", "owner@example.com", "owner").await;
        plane.make_member("pay", "viewer@example.com", "viewer").await;
        plane.make_member("hr", "stranger@example.com", "viewer").await;
        let listeners = vec![listener("pg", "pay", true), listener("hr-pg", "hr", true)];
        let shared = DataPlane::start(&plane, &people.root, "p1", listeners).await;
        let of_pay = "listener `pg`: there is no rule set `wages`";
        let of_hr = "listener `hr-pg`: there is no rule set `secret-project`";
        let publication = "/api/v1/workspaces/pay/listeners/pg/publication";
        let publish = async |problems: &[&str]| {
            shared.mind.lock().unwrap().problems = problems.iter().map(|one| (*one).to_owned()).collect();
            let version = people.owner.get(publication).await.header("etag").unwrap();
            people.owner.put(publication, &version, json!({ "policies": ["read-only"] })).await.expect(200);
            until("it is refused", || async {
                let items = people.root.get("/api/v1/planes").await.expect(200)["items"].clone();
                let is_told = items[0]["rules"] == "refused" && items[0]["problems"] == json!(problems);
                is_told.then_some(())
            })
            .await;
        };
        publish(&[of_hr, of_pay, "and 3 more"]).await;
        let fleet = |workspace: &str| format!("/api/v1/workspaces/{workspace}/fleet");
        for (caller, path, list, told, elsewhere) in [
            (&people.viewer, fleet("pay"), "items", json!([of_pay]), 4),
            (&people.viewer, publication.to_owned(), "planes", json!([of_pay]), 4),
            (&people.stranger, fleet("hr"), "items", json!([of_hr]), 4),
            (&people.root, fleet("pay"), "items", json!([of_hr, of_pay, "and 3 more"]), 0),
        ] {
            let answer = caller.get(&path).await.expect(200);
            let shown = &answer[list][0];
            let found = (&shown["problems"], &shown["problems_elsewhere"]);
            assert_eq!(found, (&told, &json!(elsewhere)), "{path}: {answer}");
            let is_told_whole = told.as_array().unwrap().len() > 1;
            assert_eq!(answer.to_string().contains("secret-project"), is_told_whole || path.contains("/hr/"));
        }
        // Where all of it concerns others, the snapshot is refused all the same.
        publish(&[of_hr]).await;
        let shown = people.viewer.get(publication).await.expect(200)["planes"][0].clone();
        let found = (&shown["state"], &shown["problems"], &shown["problems_elsewhere"]);
        assert_eq!(found, (&json!("refused"), &json!([]), &json!(1)));
        assert!(shown["running"].is_null(), "what it runs is older, and nobody knows which");
        let shown = people.viewer.get(&fleet("pay")).await.expect(200)["items"][0].clone();
        assert_eq!((&shown["rules"], &shown["problems"]), (&json!("refused"), &json!([])));
        plane.stop().await;
    });
}
