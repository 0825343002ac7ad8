//! Who is asked to join, and who cannot come in by it?

use crate::harness::{PASSWORD, Plane, each_backend};
use crate::post;
use admin::settings::Registration;
use serde_json::{Value, json};

const PATH: &str = "/api/v1/workspaces/shop/invitations";

fn draft(email: &str, role: &str) -> Value {
    json!({ "email": email, "role": role })
}

#[test]
fn who_is_invited_joins_once_and_nobody_in_their_place() {
    each_backend(|backend| async move {
        let plane = Plane::start(backend).await;
        let people = plane.people().await;
        let grace = plane.person("grace").await;
        assert_eq!(
            people.admin.post(PATH, draft("grace@example.com", "owner")).await.problem(403),
            "forbidden"
        );
        assert_eq!(
            people.admin.post(PATH, draft("viewer@example.com", "editor")).await.problem(409),
            "duplicate"
        );
        assert_eq!(people.admin.post(PATH, draft("grace", "editor")).await.problem(422), "invalid");
        let made = people.admin.post(PATH, draft("Grace@example.com", "editor")).await.expect(201);
        let secret = post::secret(&plane, "Grace@example.com", "invitation", 0).await;
        assert!(!made.to_string().contains(&secret), "only who reads the mail has the link");
        let token = json!({ "token": secret });
        let look = plane.nobody().post("/api/v1/invitations/look", token.clone()).await.expect(200);
        assert_eq!((look["workspace"].as_str(), look["role"].as_str()), (Some("Shop"), Some("editor")));
        let accept = "/api/v1/invitations/accept";
        assert_eq!(people.stranger.post(accept, token.clone()).await.problem(403), "forbidden");
        assert_eq!(people.stranger.get("/api/v1/workspaces/shop").await.problem(404), "not_found");
        assert_eq!(plane.nobody().post(accept, token.clone()).await.problem(401), "unauthenticated");
        assert_eq!(grace.post(accept, token.clone()).await.expect(200)["role"], "editor");
        assert_eq!(grace.get("/api/v1/workspaces/shop").await.expect(200)["role"], "editor");
        assert_eq!(grace.get("/api/v1/profile").await.expect(200)["email_verified"], true);
        assert_eq!(grace.post(accept, token.clone()).await.problem(410), "expired", "replayed");
        assert_eq!(plane.nobody().post("/api/v1/invitations/look", token).await.problem(410), "expired");
        // Taken back, replaced by a new one, and too old: void, each of them.
        let made = people.admin.post(PATH, draft("bob@example.com", "viewer")).await.expect(201);
        let first = post::secret(&plane, "bob@example.com", "invitation", 0).await;
        let id = made["id"].as_str().unwrap();
        let foreign = format!("/api/v1/workspaces/other/invitations/{id}");
        assert_eq!(people.stranger.delete(&foreign).await.problem(404), "not_found");
        people.admin.delete(&format!("{PATH}/{id}")).await.expect(204);
        people.admin.post(PATH, draft("bob@example.com", "viewer")).await.expect(201);
        let second = post::secret(&plane, "bob@example.com", "invitation", 1).await;
        people.admin.post(PATH, draft("bob@example.com", "editor")).await.expect(201);
        let bob = plane.person("bob").await;
        for void in [&first, &second] {
            assert_eq!(bob.post(accept, json!({ "token": void })).await.problem(410), "expired");
        }
        let listed = people.admin.get(PATH).await.expect(200);
        assert_eq!(listed["items"].as_array().unwrap().len(), 2);
        assert!(listed["items"][1]["accepted_at"].is_string());
        plane.stop().await;
    });
}

#[test]
fn an_invitation_opens_the_door_where_registration_does_not() {
    each_backend(|backend| async move {
        let plane = Plane::start(backend).await;
        let people = plane.people().await;
        people.owner.post(PATH, draft("grace@example.com", "viewer")).await.expect(201);
        people.owner.post(PATH, draft("late@example.com", "viewer")).await.expect(201);
        let secret = post::secret(&plane, "grace@example.com", "invitation", 0).await;
        let mut tx = plane.plane.app().store.write().await.unwrap();
        let shop = admin_store::workspaces::by_slug(&mut tx, "shop").await.unwrap().id;
        let owner = admin_store::users::by_email(&mut tx, "owner@example.com").await.unwrap().unwrap().id;
        let new = admin_store::invitations::NewInvitation {
            workspace: shop,
            email: "late@example.com",
            role: admin_store::members::Role::Viewer,
            secret_hash: &admin::http::caller::hash("late"),
            invited_by: owner,
            expires_at: 1,
        };
        admin_store::invitations::create(&mut tx, &new).await.unwrap();
        tx.commit().await.unwrap();
        let plane = plane.restart_with(|settings| settings.registration = Registration::Invited).await;
        let nobody = plane.nobody();
        let register = |email: &str, invitation: Option<&str>| {
            let mut draft = json!({ "email": email, "name": "Grace", "password": PASSWORD });
            if let Some(invitation) = invitation {
                draft["invitation"] = json!(invitation);
            }
            let nobody = nobody.clone();
            async move { nobody.post("/api/v1/registration", draft).await }
        };
        assert_eq!(register("grace@example.com", None).await.problem(403), "forbidden");
        assert_eq!(register("grace@example.com", Some("nothing")).await.problem(410), "expired");
        assert_eq!(register("late@example.com", Some("late")).await.problem(410), "expired");
        assert_eq!(register("eve@example.com", Some(&secret)).await.problem(403), "forbidden");
        let made = register("Grace@Example.com", Some(&secret)).await.expect(201);
        assert_eq!(made["person"]["email_verified"], true, "the invitation went to the address");
        assert_eq!(register("grace2@example.com", Some(&secret)).await.problem(410), "expired");
        let grace = nobody.sign_in("grace@example.com", PASSWORD).await;
        assert_eq!(grace.get("/api/v1/workspaces/shop").await.expect(200)["role"], "viewer");
        plane.stop().await;
    });
}

#[test]
fn nobody_comes_in_by_who_may_not_invite_any_more() {
    each_backend(|backend| async move {
        let plane = Plane::start(backend).await;
        let people = plane.people().await;
        let grace = plane.person("grace").await;
        people.admin.post(PATH, draft("grace@example.com", "editor")).await.expect(201);
        let secret = post::secret(&plane, "grace@example.com", "invitation", 0).await;
        let token = json!({ "token": secret });
        let id = people.admin.get("/api/v1/profile").await.expect(200)["id"].as_str().unwrap().to_owned();
        let admin = format!("/api/v1/workspaces/shop/members/{id}");
        let etag = people.owner.get(&admin).await.header("etag").unwrap();
        let lowered = people.owner.patch(&admin, &etag, json!({ "role": "editor" })).await;
        lowered.expect(200);
        let accept = "/api/v1/invitations/accept";
        assert_eq!(grace.post(accept, token.clone()).await.problem(410), "expired");
        assert_eq!(grace.post("/api/v1/invitations/look", token.clone()).await.problem(410), "expired");
        let raised = json!({ "role": "admin" });
        people.owner.patch(&admin, &lowered.header("etag").unwrap(), raised).await.expect(200);
        assert_eq!(grace.post(accept, token).await.expect(200)["role"], "editor");
        plane.stop().await;
    });
}
