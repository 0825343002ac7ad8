//! What does somebody gain who does not play by the rules: many guesses at once, an answer of before, a token
//! where it was not made for, an account that was there first?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod data_plane;
mod harness;

use harness::{PASSWORD, Plane, each_backend};
use reqwest::Method;
use serde_json::json;

#[test]
fn guesses_that_are_made_at_once_are_counted_as_if_one_came_after_the_other() {
    each_backend(|backend| async move {
        let plane = Plane::start(backend).await;
        plane.person("ada").await;
        let nobody = plane.nobody();
        let guess = |password: String| {
            let nobody = nobody.clone();
            async move {
                let draft = json!({ "email": "ada@example.com", "password": password });
                nobody.post("/api/v1/session", draft).await.status.as_u16()
            }
        };
        let guesses = (0..40).map(|at| guess(format!("wrong password {at}")));
        let answers = futures_util::future::join_all(guesses).await;
        let told = answers.iter().filter(|status| **status == 401).count();
        // Five are borne, one costs the wait; two more may be at work when it is written down.
        assert!((1..=8).contains(&told), "{answers:?}");
        assert!(answers.iter().all(|status| matches!(status, 401 | 429)), "{answers:?}");
        assert_eq!(guess(PASSWORD.to_owned()).await, 429, "the right one is not told from the wrong ones");
        plane.stop().await;
    });
}

#[test]
fn an_answer_is_told_again_to_who_may_still_ask_and_a_file_to_nobody() {
    each_backend(|backend| async move {
        let plane = Plane::start(backend).await;
        let people = plane.people().await;
        let file = plane.folder.join("sqlite/shop.db");
        rusqlite::Connection::open(&file).unwrap().execute_batch("CREATE TABLE a (b)").unwrap();
        let lite = json!({ "name": "lite", "kind": "sqlite", "file": "shop.db" });
        let made = people.owner.post("/api/v1/workspaces/shop/connections", lite).await.expect(201);
        let key = [("idempotency-key", "again")];
        let (path, team) = ("/api/v1/workspaces/shop/teams", json!({ "name": "Night", "description": "" }));
        let make = || people.admin.with_json(Method::POST, path, &key, team.clone());
        let first = make().await.expect(201);
        assert_eq!(make().await.expect(201), first);
        // Larger than what is kept, and smaller.
        for length in [400, 1] {
            let sql = format!("SELECT printf('%.*c', {length} * 1000, 'x') AS a");
            let draft = json!({ "connection": made["id"], "format": "json", "sql": sql });
            for _ in 0..2 {
                let path = "/api/v1/workspaces/shop/exports";
                let answer = people.admin.with_json(Method::POST, path, &key, draft.clone()).await;
                assert!(answer.header("idempotent-replay").is_none());
                assert_eq!(answer.expect(200)[0]["a"].as_str().unwrap().len(), length * 1_000);
            }
        }
        let members = people.owner.get("/api/v1/workspaces/shop/members").await.expect(200);
        let admin = members["items"].as_array().unwrap().iter().find(|one| one["role"] == "admin").unwrap();
        let place = format!("/api/v1/workspaces/shop/members/{}", admin["user"].as_str().unwrap());
        assert_eq!(people.owner.delete(&place).await.status, 204);
        assert_eq!(make().await.problem(404), "not_found");
        plane.stop().await;
    });
}

#[test]
fn a_token_of_an_admin_is_good_where_its_person_is_and_where_it_was_made_for() {
    each_backend(|backend| async move {
        let plane = Plane::start(backend).await;
        let people = plane.people().await;
        let token = |workspace: Option<&'static str>| {
            let mut draft = json!({ "name": "program", "scopes": ["view"] });
            if let Some(workspace) = workspace {
                draft["workspace"] = workspace.into();
            }
            let (root, nobody) = (people.root.clone(), plane.nobody());
            async move {
                let made = root.post("/api/v1/tokens", draft).await.expect(201);
                let mut caller = nobody;
                caller.token = Some(made["secret"].as_str().unwrap_or_else(|| panic!("{made}")).to_owned());
                caller
            }
        };
        let (anywhere, of_shop) = (token(None).await, token(Some("shop")).await);
        for (caller, workspace, status) in [
            (&people.root, "shop", 200),
            (&anywhere, "default", 200),
            (&anywhere, "shop", 404),
            (&of_shop, "shop", 200),
            (&of_shop, "default", 404),
            (&of_shop, "other", 404),
        ] {
            let answer = caller.get(&format!("/api/v1/workspaces/{workspace}")).await;
            assert_eq!(answer.status.as_u16(), status, "{workspace}: {}", answer.text);
        }
        plane.stop().await;
    });
}

#[test]
fn who_registers_first_keeps_no_admin_from_coming() {
    each_backend(|backend| async move {
        let plane = Plane::start(backend).await;
        plane.person("mallory").await;
        let plane = plane.restart().await;
        let root = plane.set_up().await;
        root.get("/api/v1/users").await.expect(200);
        assert!(plane.plane.offer_set_up().await.is_none(), "there is an admin now");
        plane.stop().await;
    });
}

/// What a listener that takes passwords down is sent: nothing within `bound`, or the first bytes.
fn first_bytes(listener: &std::net::TcpListener, bound: std::time::Duration) -> Option<Vec<u8>> {
    use std::io::Read;
    let deadline = std::time::Instant::now() + bound;
    listener.set_nonblocking(true).unwrap();
    while std::time::Instant::now() < deadline {
        if let Ok((mut stream, _)) = listener.accept() {
            stream.set_nonblocking(false).unwrap();
            let mut bytes = vec![0; 1024];
            let count = stream.read(&mut bytes).unwrap_or(0);
            bytes.truncate(count);
            return Some(bytes);
        }
        std::thread::park_timeout(std::time::Duration::from_millis(10));
    }
    None
}

#[test]
fn a_data_plane_that_moves_a_listener_gets_no_password_that_was_meant_for_the_old_place() {
    each_backend(|backend| async move {
        let plane = Plane::start(backend).await;
        let root = plane.set_up().await;
        let (old, new) = (
            std::net::TcpListener::bind("127.0.0.1:0").unwrap(),
            std::net::TcpListener::bind("127.0.0.1:0").unwrap(),
        );
        let at = |socket: &std::net::TcpListener| {
            let mut listener = data_plane::listener("shop", "default", true);
            listener["listen"] = json!(socket.local_addr().unwrap().to_string());
            listener
        };
        let honest = data_plane::DataPlane::start(&plane, &root, "p1", vec![at(&old)]).await;
        let draft = json!({ "name": "shop", "kind": "postgres", "via": "shop", "user": "app", "database": "shop",
            "password": "VIASECRET", "environment": "production", "options": { "refresh_hours": 0 } });
        let made = root.post("/api/v1/workspaces/default/connections", draft).await.expect(201);
        drop(honest);
        let _liar = data_plane::DataPlane::start(&plane, &root, "p1", vec![at(&new)]).await;
        let place = new.local_addr().unwrap().to_string();
        data_plane::until("the lie is known", || async {
            let listeners = root.get("/api/v1/workspaces/default/listeners").await.expect(200);
            listeners.to_string().contains(&place).then_some(())
        })
        .await;
        let path = format!("/api/v1/workspaces/default/connections/{}/test", made["id"].as_str().unwrap());
        let test = root.post(&path, json!({})).await.expect(200);
        assert_eq!(test["ok"], false, "{test}");
        assert!(test.to_string().contains("save the connection again"), "{test}");
        assert_eq!(first_bytes(&new, std::time::Duration::from_millis(300)), None, "the liar was called");
        plane.stop().await;
    });
}

#[test]
fn nobody_elsewhere_speaks_for_the_data_plane_of_the_process() {
    each_backend(|backend| async move {
        let plane = Plane::start(backend).await;
        let state = control::PlaneState { plane: "own".to_owned(), ..control::PlaneState::default() };
        let listening = control::Listening { version: control::VERSION, state, snapshot: 0 };
        let carrier = plane.plane.carrier();
        let _ =
            tokio::time::timeout(std::time::Duration::from_millis(300), carrier.listen(listening.clone()))
                .await;
        let mut elsewhere = plane.nobody();
        elsewhere.token = Some(data_plane::TOKEN.to_owned());
        let listen = serde_json::to_value(&listening).unwrap();
        assert_eq!(elsewhere.post("/api/v1/link/listen", listen).await.problem(409), "conflict");
        let report = control::Report {
            plane: "own".to_owned(),
            number: i64::MAX as u64,
            ..control::Report::default()
        };
        let report = serde_json::to_value(&report).unwrap();
        assert_eq!(elsewhere.post("/api/v1/link/report", report).await.problem(409), "conflict");
        plane.stop().await;
    });
}
