//! Where is somebody signed in, and what may programs do for them?

use crate::harness::{Caller, PASSWORD, Plane, each_backend};
use admin_store::Id;
use reqwest::Method;
use serde_json::{Value, json};

/// Makes a token, and somebody who shows it.
async fn token(plane: &Plane, of: &Caller, draft: Value) -> (Caller, Value) {
    let made = of.post("/api/v1/tokens", draft).await.expect(201);
    let mut caller = plane.nobody();
    caller.token = made["secret"].as_str().map(ToOwned::to_owned);
    (caller, made["token"].clone())
}

#[test]
fn somebody_sees_and_ends_their_sessions() {
    each_backend(|backend| async move {
        let plane = Plane::start(backend).await;
        let here = plane.person("ada").await;
        let there = plane.nobody().sign_in("ada@example.com", PASSWORD).await;
        let third = plane.nobody().sign_in("ada@example.com", PASSWORD).await;
        let eve = plane.person("eve").await;
        let listed = here.get("/api/v1/sessions").await.expect(200);
        let items = listed["items"].as_array().unwrap();
        let current: Vec<bool> = items.iter().map(|one| one["is_current"].as_bool().unwrap()).collect();
        assert_eq!(current, [true, false, false]);
        let part = here.get("/api/v1/sessions?limit=2").await.expect(200);
        let rest = here.get(&format!("/api/v1/sessions?cursor={}", part["next"].as_str().unwrap())).await;
        assert_eq!(rest.expect(200)["items"].as_array().unwrap().len(), 1);
        let path = format!("/api/v1/sessions/{}", items[1]["id"].as_str().unwrap());
        assert_eq!(eve.delete(&path).await.problem(404), "not_found");
        here.delete(&path).await.expect(204);
        assert_eq!(there.get("/api/v1/session").await.problem(401), "unauthenticated");
        third.get("/api/v1/session").await.expect(200);
        here.delete("/api/v1/sessions").await.expect(204);
        assert_eq!(third.get("/api/v1/session").await.problem(401), "unauthenticated");
        here.get("/api/v1/session").await.expect(200);
        eve.get("/api/v1/session").await.expect(200);
        plane.stop().await;
    });
}

#[test]
fn a_token_has_its_scopes_and_never_more_than_its_person() {
    each_backend(|backend| async move {
        let plane = Plane::start(backend).await;
        let people = plane.people().await;
        let draft = json!({ "name": "looks", "scopes": ["view", "manage_members"] });
        let (looks, made) = token(&plane, &people.owner, draft).await;
        let secret = looks.token.clone().unwrap();
        assert!(secret.starts_with("dgm_") && secret.len() == 47, "{secret}");
        assert_eq!(made["prefix"], json!(&secret[..12]));
        looks.get("/api/v1/workspaces/shop").await.expect(200);
        looks.get("/api/v1/workspaces/shop/members").await.expect(200);
        assert_eq!(looks.get("/api/v1/workspaces/shop/activity").await.problem(403), "forbidden");
        assert_eq!(looks.get("/api/v1/profile").await.problem(403), "forbidden", "no scope `profile`");
        assert_eq!(looks.get("/api/v1/users").await.problem(403), "forbidden");
        looks.post("/api/v1/workspaces/shop/teams", json!({ "name": "Ops" })).await.expect(201);
        // What its person lacks it lacks, whatever its scopes say.
        let draft = json!({ "name": "all", "scopes": ["view", "own_workspace", "manage_members"] });
        let (all, _) = token(&plane, &people.viewer, draft).await;
        all.get("/api/v1/workspaces/shop").await.expect(200);
        let team = json!({ "name": "Dev" });
        assert_eq!(all.post("/api/v1/workspaces/shop/teams", team).await.problem(403), "forbidden");
        // Nor does an admin of the instance hand that on to a token.
        let (root, _) = token(&plane, &people.root, json!({ "name": "r", "scopes": ["profile"] })).await;
        root.get("/api/v1/profile").await.expect(200);
        assert_eq!(root.get("/api/v1/users").await.problem(403), "forbidden");
        // A token makes no tokens, and takes nobody's account over.
        let more = json!({ "name": "more", "scopes": ["own_workspace"] });
        assert_eq!(root.post("/api/v1/tokens", more).await.problem(403), "forbidden");
        let password = json!({ "old_password": PASSWORD, "password": "another four words 77" });
        assert_eq!(root.post("/api/v1/profile/password", password).await.problem(403), "forbidden");
        let email = json!({ "email": "eve@example.com" });
        assert_eq!(root.post("/api/v1/profile/email", email).await.problem(403), "forbidden");
        assert_eq!(root.delete("/api/v1/sessions").await.problem(403), "forbidden");
        let erased = root.delete("/api/v1/profile?confirm=root@example.com").await;
        assert_eq!(erased.problem(403), "forbidden");
        plane.stop().await;
    });
}

#[test]
fn a_token_is_good_in_its_workspace_until_it_is_revoked_or_its_person_is_out() {
    each_backend(|backend| async move {
        let plane = Plane::start(backend).await;
        let people = plane.people().await;
        people.owner.post("/api/v1/workspaces", json!({ "slug": "lab", "name": "Lab" })).await.expect(201);
        let draft = json!({ "name": "lab only", "scopes": ["view"], "workspace": "lab" });
        let (only, made) = token(&plane, &people.owner, draft).await;
        only.get("/api/v1/workspaces/lab").await.expect(200);
        assert_eq!(only.get("/api/v1/workspaces/shop").await.problem(404), "not_found");
        for (field, value) in [
            ("scopes", json!([])),
            ("scopes", json!(["everything"])),
            ("expires_in_days", json!(0)),
            ("expires_in_days", json!(367)),
            ("name", json!("a\nb")),
        ] {
            let mut draft = json!({ "name": "x", "scopes": ["view"] });
            draft[field] = value;
            let answer = people.owner.post("/api/v1/tokens", draft).await;
            assert_eq!(answer.problem(422), "invalid");
            assert!(answer.text.contains(field), "{}", answer.text);
        }
        let draft = json!({ "name": "x", "scopes": ["view"], "workspace": "other" });
        assert_eq!(people.owner.post("/api/v1/tokens", draft).await.problem(404), "not_found");
        let draft = json!({ "name": "x", "scopes": ["manage_members"], "workspace": "shop" });
        assert_eq!(people.viewer.post("/api/v1/tokens", draft).await.problem(422), "invalid");
        let path = format!("/api/v1/tokens/{}", made["id"].as_str().unwrap());
        assert_eq!(people.stranger.delete(&path).await.problem(404), "not_found");
        people.owner.delete(&path).await.expect(204);
        assert_eq!(people.owner.delete(&path).await.problem(404), "not_found");
        assert_eq!(only.get("/api/v1/workspaces/lab").await.problem(401), "unauthenticated");
        let listed = people.owner.get("/api/v1/tokens").await.expect(200);
        assert_eq!(listed["items"][0]["is_good"], false);
        assert!(!listed.to_string().contains(only.token.as_ref().unwrap()), "shown once");
        let (of_viewer, _) = token(&plane, &people.viewer, json!({ "name": "v", "scopes": ["view"] })).await;
        of_viewer.get("/api/v1/workspaces/shop").await.expect(200);
        let id = people.viewer.get("/api/v1/profile").await.expect(200)["id"].clone();
        let path = format!("/api/v1/users/{}", id.as_str().unwrap());
        let etag = people.root.get(&path).await.header("etag").unwrap();
        people.root.patch(&path, &etag, json!({ "is_disabled": true })).await.expect(200);
        assert_eq!(of_viewer.get("/api/v1/workspaces/shop").await.problem(401), "unauthenticated");
        assert_eq!(people.viewer.get("/api/v1/session").await.problem(401), "unauthenticated");
        plane.stop().await;
    });
}

#[test]
fn a_token_expires_and_its_secret_is_kept_nowhere() {
    each_backend(|backend| async move {
        let plane = Plane::start(backend).await;
        let ada = plane.person("ada").await;
        let store = &plane.plane.app().store;
        let id: Id = ada.get("/api/v1/profile").await.expect(200)["id"].as_str().unwrap().parse().unwrap();
        let mut tx = store.write().await.unwrap();
        let scopes = ["profile".to_owned()];
        for (secret, expires_at) in [("dgm_past", 1), ("dgm_future", admin_store::now_us() + 60_000_000)] {
            let new = admin_store::tokens::NewToken {
                user: id,
                workspace: None,
                name: "n",
                prefix: secret,
                secret_hash: &admin::http::caller::hash(secret),
                scopes: &scopes,
                expires_at: Some(expires_at),
            };
            admin_store::tokens::create(&mut tx, &new).await.unwrap();
        }
        tx.commit().await.unwrap();
        let mut caller = plane.nobody();
        caller.token = Some("dgm_past".to_owned());
        assert_eq!(caller.get("/api/v1/profile").await.problem(401), "unauthenticated");
        caller.token = Some("dgm_future".to_owned());
        caller.get("/api/v1/profile").await.expect(200);
        // The same request twice makes two tokens: an answer with a secret is not kept to be repeated.
        let draft = json!({ "name": "twice", "scopes": ["view"] });
        let headers = [("idempotency-key", "k")];
        let mut secrets = Vec::new();
        for _ in 0..2 {
            let made = ada.with_json(Method::POST, "/api/v1/tokens", &headers, draft.clone()).await;
            secrets.push(made.expect(201)["secret"].clone());
        }
        assert_ne!(secrets[0], secrets[1]);
        plane.stop().await;
    });
}
