//! What do people change about themselves, and who else can?

use crate::harness::{PASSWORD, Plane, each_backend};
use crate::post;
use admin::settings::{Mail, MailTls, Registration};
use serde_json::json;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

const OTHER: &str = "other-four-words-9917";

#[test]
fn somebody_changes_their_name_and_their_password() {
    each_backend(|backend| async move {
        let plane = Plane::start(backend).await;
        let ada = plane.person("ada").await;
        let elsewhere = plane.nobody().sign_in("ada@example.com", PASSWORD).await;
        let etag = ada.get("/api/v1/profile").await.header("etag").unwrap();
        let wanted = json!({ "name": "Ada L.", "preferences": { "theme": "dark" } });
        let changed = ada.patch("/api/v1/profile", &etag, wanted.clone()).await.expect(200);
        assert_eq!(changed["preferences"]["theme"], "dark");
        assert_eq!(ada.patch("/api/v1/profile", &etag, wanted).await.problem(412), "changed");
        let large = json!({ "preferences": { "x": "y".repeat(17_000) } });
        assert_eq!(ada.patch("/api/v1/profile", &etag, large).await.problem(422), "invalid");
        let path = "/api/v1/profile/password";
        let wrong = json!({ "old_password": "not this one", "password": OTHER });
        assert_eq!(ada.post(path, wrong).await.problem(422), "invalid");
        assert_eq!(ada.post(path, json!({ "password": OTHER })).await.problem(422), "invalid");
        ada.post(path, json!({ "old_password": PASSWORD, "password": OTHER })).await.expect(204);
        ada.get("/api/v1/session").await.expect(200);
        assert_eq!(elsewhere.get("/api/v1/session").await.problem(401), "unauthenticated");
        plane.nobody().sign_in("ada@example.com", OTHER).await;
        for _ in 0..6 {
            ada.post(path, json!({ "old_password": "guess", "password": PASSWORD })).await.problem(422);
        }
        let right = json!({ "old_password": OTHER, "password": PASSWORD });
        assert_eq!(ada.post(path, right).await.problem(429), "throttled");
        plane.stop().await;
    });
}

#[test]
fn an_address_counts_when_it_was_confirmed_by_who_asked_for_it() {
    each_backend(|backend| async move {
        let plane = Plane::start(backend).await;
        let ada = plane.person("ada").await;
        let eve = plane.person("eve").await;
        let confirm = "/api/v1/profile/email/confirmation";
        let first = post::secret(&plane, "ada@example.com", "confirm-email", 0).await;
        // Who opens the mail of somebody else's account confirms nothing, and the link stays good.
        assert_eq!(eve.post(confirm, json!({ "token": first })).await.problem(410), "expired");
        assert_eq!(
            plane.nobody().post(confirm, json!({ "token": first })).await.problem(401),
            "unauthenticated"
        );
        let confirmed = ada.post(confirm, json!({ "token": first })).await.expect(200);
        assert_eq!(confirmed["email_verified"], true);
        assert_eq!(ada.post(confirm, json!({ "token": first })).await.problem(410), "expired");
        ada.post("/api/v1/profile/email", json!({ "email": "ada@other.example" })).await.expect(202);
        let second = post::secret(&plane, "ada@other.example", "confirm-email", 0).await;
        assert_eq!(ada.get("/api/v1/profile").await.expect(200)["email"], "ada@example.com");
        let confirmed = ada.post(confirm, json!({ "token": second })).await.expect(200);
        assert_eq!(confirmed["email"], "ada@other.example");
        plane.nobody().sign_in("ada@other.example", PASSWORD).await;
        // An address somebody else has stays theirs.
        ada.post("/api/v1/profile/email", json!({ "email": "EVE@example.com" })).await.expect(202);
        let third = post::secret(&plane, "EVE@example.com", "confirm-email", 0).await;
        assert_eq!(ada.post(confirm, json!({ "token": third })).await.problem(409), "duplicate");
        let mail = std::fs::read_dir(plane.folder.join("mail")).unwrap().next().unwrap().unwrap();
        assert_eq!(mail.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        plane.stop().await;
    });
}

#[test]
fn who_forgot_the_password_comes_back_by_a_link_that_works_once() {
    each_backend(|backend| async move {
        let plane = Plane::start(backend).await;
        let ada = plane.person("ada").await;
        let token =
            ada.post("/api/v1/tokens", json!({ "name": "t", "scopes": ["profile"] })).await.expect(201);
        let nobody = plane.nobody();
        let (ask, confirm) = ("/api/v1/password-reset", "/api/v1/password-reset/confirmation");
        let known = nobody.post(ask, json!({ "email": "ADA@example.com" })).await;
        let unknown = nobody.post(ask, json!({ "email": "nobody@example.com" })).await;
        assert_eq!((known.status.as_u16(), &known.text), (202, &unknown.text));
        assert_eq!(unknown.status, known.status);
        let first = post::secret(&plane, "ada@example.com", "reset-password", 0).await;
        nobody.post(ask, json!({ "email": "ada@example.com" })).await.expect(202);
        let second = post::secret(&plane, "ada@example.com", "reset-password", 1).await;
        let with = |token: &str, password: &str| json!({ "token": token, "password": password });
        assert_eq!(nobody.post(confirm, with(&first, OTHER)).await.problem(410), "expired", "only the last");
        assert_eq!(nobody.post(confirm, with(&second, "short")).await.problem(422), "invalid");
        assert_eq!(
            nobody.post(confirm, with(&second, "ada@example.com")).await.problem(422),
            "invalid",
            "and the link is not used up"
        );
        nobody.post(confirm, with(&second, OTHER)).await.expect(204);
        assert_eq!(nobody.post(confirm, with(&second, PASSWORD)).await.problem(410), "expired");
        assert_eq!(ada.get("/api/v1/session").await.problem(401), "unauthenticated");
        let back = nobody.sign_in("ada@example.com", OTHER).await;
        assert_eq!(back.get("/api/v1/profile").await.expect(200)["email_verified"], true);
        // The address had never been confirmed: whoever made the account before has no way in left.
        let mut former = plane.nobody();
        former.token = token["secret"].as_str().map(ToOwned::to_owned);
        assert_eq!(former.get("/api/v1/profile").await.problem(401), "unauthenticated");
        for _ in 0..8 {
            nobody.post(ask, json!({ "email": "ada@example.com" })).await.expect(202);
        }
        assert!(post::count(&plane, "ada@example.com", "reset-password") <= 5, "one mailbox is not flooded");
        assert_eq!(post::count(&plane, "nobody@example.com", "reset-password"), 0);
        plane.stop().await;
    });
}

#[test]
fn a_link_that_is_too_old_sets_no_password() {
    each_backend(|backend| async move {
        let plane = Plane::start(backend).await;
        let ada = plane.person("ada").await;
        let id = ada.get("/api/v1/profile").await.expect(200)["id"].as_str().unwrap().parse().unwrap();
        let mut tx = plane.plane.app().store.write().await.unwrap();
        let hash = admin::http::caller::hash("old");
        let purpose = admin_store::resets::Purpose::Password;
        admin_store::resets::create(&mut tx, purpose, &hash, (id, "ada@example.com"), 1).await.unwrap();
        tx.commit().await.unwrap();
        let draft = json!({ "token": "old", "password": OTHER });
        let answer = plane.nobody().post("/api/v1/password-reset/confirmation", draft).await;
        assert_eq!(answer.problem(410), "expired");
        let now = admin_store::now_us();
        assert_eq!(admin::housekeeping::purge(plane.plane.app(), now).await.unwrap(), 1, "it is thrown away");
        assert_eq!(admin::housekeeping::purge(plane.plane.app(), now).await.unwrap(), 0);
        ada.get("/api/v1/session").await.expect(200);
        plane.stop().await;
    });
}

#[test]
fn somebody_takes_everything_along_and_is_forgotten() {
    each_backend(|backend| async move {
        let plane = Plane::start(backend).await;
        let people = plane.people().await;
        let copy = people.owner.get("/api/v1/profile/export").await.expect(200);
        assert_eq!(copy["about"]["user"]["email"], "owner@example.com");
        assert!(copy["about"]["user"]["created_at"].as_str().unwrap().ends_with('Z'));
        let deeds: Vec<_> =
            copy["activity"].as_array().unwrap().iter().map(|entry| entry["action"].clone()).collect();
        assert!(deeds.contains(&json!("create_workspace")), "{deeds:?}");
        let text = copy.to_string();
        assert!(!text.contains("argon2") && !text.contains("stranger@"), "{text}");
        let forget = "/api/v1/profile?confirm=owner@example.com";
        assert_eq!(people.owner.delete("/api/v1/profile?confirm=me").await.problem(409), "conflict");
        let refused = people.owner.delete(forget).await;
        assert_eq!(refused.problem(409), "conflict");
        assert!(refused.text.contains("`shop`"), "{}", refused.text);
        people.owner.delete("/api/v1/workspaces/shop?confirm=Shop").await.expect(204);
        people.owner.delete(forget).await.expect(204);
        assert_eq!(people.owner.get("/api/v1/session").await.problem(401), "unauthenticated");
        let credentials = json!({ "email": "owner@example.com", "password": PASSWORD });
        let answer = plane.nobody().post("/api/v1/session", credentials).await;
        assert_eq!(answer.problem(401), "wrong_credentials");
        let left = people.root.get("/api/v1/instance/activity?limit=200").await.expect(200).to_string();
        assert!(left.contains("erase_profile") && !left.contains("owner@"), "what stays leads to no name");
        assert_eq!(
            people.root.delete("/api/v1/profile?confirm=root@example.com").await.problem(409),
            "conflict"
        );
        plane.person("owner").await;
        plane.stop().await;
    });
}

#[test]
fn a_copy_holds_all_that_is_kept_however_much_there_is() {
    each_backend(|backend| async move {
        let plane = Plane::start(backend).await;
        let people = plane.people().await;
        // More than are read at once.
        let titles: Vec<String> = (0..35).map(|number| format!("query {number}")).collect();
        for title in &titles {
            let query = json!({ "title": title, "sql": "SELECT 1", "visibility": "private" });
            people.editor.post("/api/v1/workspaces/shop/queries", query).await.expect(201);
        }
        let kept = people.editor.get("/api/v1/profile/kept").await.expect(200);
        let queries = kept["kinds"].as_array().unwrap().iter().find(|one| one["kind"] == "queries").unwrap();
        assert_eq!(queries["count"], 35, "{kept}");
        let copy = people.editor.get("/api/v1/profile/export").await.expect(200);
        let copied: Vec<&str> =
            copy["queries"].as_array().unwrap().iter().map(|one| one["title"].as_str().unwrap()).collect();
        assert_eq!(copied, titles, "each once, earliest first");
        assert!(copy["queries"][34]["created_at"].as_str().unwrap().ends_with('Z'));
        let others = people.owner.get("/api/v1/profile/export").await.expect(200);
        assert_eq!(others["queries"], json!([]), "nobody else's");
        plane.stop().await;
    });
}

#[test]
fn nobody_registers_where_registration_is_closed() {
    each_backend(|backend| async move {
        let plane = Plane::start_with(backend, |settings| settings.registration = Registration::Closed).await;
        let draft = json!({ "email": "ada@example.com", "name": "Ada", "password": PASSWORD });
        assert_eq!(plane.nobody().post("/api/v1/registration", draft).await.problem(403), "forbidden");
        plane.stop().await;
    });
}

#[test]
fn mail_goes_to_a_server_and_again_when_it_did_not_take_it() {
    each_backend(|backend| async move {
        let (port, mut taken) = post::mail_server_double(1).await;
        let plane = Plane::start_with(backend, |settings| {
            settings.mail = Mail::Smtp {
                host: "127.0.0.1".to_owned(),
                port,
                tls: MailTls::Disable,
                login: None,
                from: "Dragoman <gate@example.com>".to_owned(),
            };
        })
        .await;
        plane.person("ada").await;
        let mail = tokio::time::timeout(Duration::from_secs(20), taken.recv()).await.unwrap().unwrap();
        assert!(mail.contains("To: ada@example.com"), "{mail}");
        assert!(
            mail.contains("From: \"Dragoman\" <gate@example.com>")
                || mail.contains("From: Dragoman <gate@example.com>"),
            "{mail}"
        );
        assert!(mail.replace("=\n", "").contains("/confirm-email#"), "{mail}");
        plane.stop().await;
    });
}
