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
