//! What does everybody see, and what is every answer like?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use admin::app::secrets;
use admin::plane::{ControlPlane, StartError};
use admin::vault::{KEY_FILE, Source, Vault, VaultError};
use admin_store::Id;
use admin_store::secrets::{NewSecret, Sealed, create};
use harness::{Plane, each_backend};
use reqwest::Method;

#[test]
fn everybody_can_see_how_the_instance_is_and_read_about_the_api() {
    each_backend(|backend| async move {
        let plane = Plane::start(backend).await;
        let nobody = plane.nobody();
        assert_eq!(nobody.get("/api/v1/health").await.expect(200)["status"], "ok");
        assert_eq!(nobody.get("/api/v1/instance").await.expect(200)["registration"], "open");
        let document = nobody.get("/api/openapi.json").await.expect(200);
        assert_eq!(document["openapi"], "3.1.0");
        for (page, word) in [("/api/docs", "show_instance"), ("/api/docs/problems", "idempotency_reused")] {
            let answer = nobody.get(page).await;
            assert_eq!(answer.status, 200);
            assert!(answer.text.contains(word), "{page}");
        }
        plane.stop().await;
    });
}

#[test]
fn what_is_not_there_is_a_problem_with_a_code_and_a_hint() {
    each_backend(|backend| async move {
        let plane = Plane::start(backend).await;
        let nobody = plane.nobody();
        let answer = nobody.get("/api/v1/nothing").await;
        assert_eq!(answer.problem(404), "not_found");
        assert_eq!(answer.header("x-request-id").as_deref(), answer.json()["request_id"].as_str());
        assert!(answer.json()["hint"].is_string());
        assert_eq!(
            nobody.send(Method::DELETE, "/api/v1/health", &[], None).await.problem(405),
            "method_not_allowed"
        );
        assert_eq!(nobody.get("/api/v1/health?x=1").await.problem(422), "invalid");
        for (name, value) in [
            ("x-frame-options", "DENY"),
            ("x-content-type-options", "nosniff"),
            ("cache-control", "no-store"),
        ] {
            assert_eq!(answer.header(name).as_deref(), Some(value));
        }
        plane.stop().await;
    });
}

fn source(directory: &std::path::Path) -> Source<'_> {
    Source { given: None, directory, key_store: None }
}

#[test]
fn a_lost_master_key_is_told_of_and_no_new_one_takes_its_place() {
    each_backend(|backend| async move {
        let plane = Plane::start(backend).await;
        let (settings, store) = (plane.plane.app().settings.clone(), plane.plane.app().store.clone());
        let owner = Id::new();
        let sealed = plane.plane.app().vault.seal(b"horse", &format!("connection/{owner}")).await.unwrap();
        let sealed = Sealed {
            wrapped_key: sealed.wrapped_key,
            master_key: sealed.key_id,
            nonce: sealed.sealed[..24].to_vec(),
            sealed: sealed.sealed[24..].to_vec(),
        };
        let new = NewSecret {
            id: Id::new(),
            workspace: None,
            kind: "password",
            owner_kind: "connection",
            owner,
            sealed: &sealed,
        };
        let mut tx = store.write().await.unwrap();
        create(&mut tx, new).await.unwrap();
        tx.commit().await.unwrap();
        let (file, away) = (plane.folder.join(KEY_FILE), plane.folder.join("away"));
        std::fs::rename(&file, &away).unwrap();
        let opened = secrets::vault(&store, source(&plane.folder)).await.unwrap();
        assert!(matches!(opened, Err(VaultError::Missing { .. })), "{opened:?}");
        plane.stop().await;
        let failed = ControlPlane::start(settings.clone()).await.unwrap_err();
        assert!(matches!(failed, StartError::Vault(VaultError::Missing { .. })), "{failed:?}");
        assert!(failed.to_string().contains(KEY_FILE) && !file.exists(), "{failed}");
        std::fs::rename(&away, &file).unwrap();
        let back = ControlPlane::start(settings).await.unwrap();
        let again = secrets::vault(&back.app().store, source(file.parent().unwrap())).await.unwrap().unwrap();
        let new = Vault::with("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=").unwrap();
        assert_eq!(secrets::rekey(&back.app().store, &again, &new).await.unwrap(), 1);
        back.stop().await;
    });
}
