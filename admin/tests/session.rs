//! How does somebody come to be signed in, and what keeps others out?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use admin::http::rates::{Bound, Bounds};
use admin_store::Backend;
use harness::{Answer, Caller, PASSWORD, Plane, each_backend};
use serde_json::json;
use std::io::Write;
use std::sync::{Arc, Mutex};

#[test]
fn the_first_admin_comes_by_a_link_that_works_once() {
    each_backend(|backend| async move {
        let plane = Plane::start(backend).await;
        let former = plane.plane.offer_set_up().await.unwrap();
        let link = plane.plane.offer_set_up().await.unwrap();
        let person = |name: &str| json!({ "email": format!("{name}@example.com"), "name": name, "password": PASSWORD });
        let nobody = plane.nobody();
        let taken = |token: &str, name: &str| json!({ "token": token, "person": person(name) });
        assert_eq!(nobody.post("/api/v1/setup", taken(&former, "ada")).await.problem(410), "expired");
        let first = nobody.post("/api/v1/setup", taken(&link, "ada")).await.expect(201);
        assert_eq!(first["person"]["is_instance_admin"], true);
        assert_eq!(nobody.post("/api/v1/setup", taken(&link, "eve")).await.problem(410), "expired");
        assert_eq!(plane.plane.offer_set_up().await, None, "somebody is there");
        let ada = nobody.sign_in("ADA@example.com", PASSWORD).await;
        let workspaces = ada.get("/api/v1/workspaces").await.expect(200);
        let slugs: Vec<_> =
            workspaces["items"].as_array().unwrap().iter().map(|one| one["slug"].clone()).collect();
        assert_eq!(slugs, ["ada", "default"]);
        plane.stop().await;
    });
}

#[test]
fn a_session_is_kept_by_its_cookie_and_changes_by_its_csrf_token() {
    each_backend(|backend| async move {
        let plane = Plane::start(backend).await;
        let ada = plane.person("ada").await;
        assert_eq!(ada.get("/api/v1/session").await.expect(200)["csrf_token"], json!(ada.csrf));
        let draft = json!({ "slug": "shop", "name": "Shop" });
        let mut elsewhere = ada.clone();
        elsewhere.csrf = None;
        assert_eq!(elsewhere.post("/api/v1/workspaces", draft.clone()).await.problem(403), "csrf_missing");
        elsewhere.csrf = Some("x".repeat(43));
        assert_eq!(elsewhere.post("/api/v1/workspaces", draft.clone()).await.problem(403), "csrf_missing");
        ada.post("/api/v1/workspaces", draft.clone()).await.expect(201);
        assert_eq!(ada.post("/api/v1/workspaces", draft).await.problem(409), "duplicate");
        ada.delete("/api/v1/session").await.expect(204);
        assert_eq!(ada.get("/api/v1/session").await.problem(401), "unauthenticated");
        plane.stop().await;
    });
}

#[test]
fn who_guesses_has_to_wait_and_learns_nothing() {
    each_backend(|backend| async move {
        let plane = Plane::start(backend).await;
        plane.person("ada").await;
        let nobody = plane.nobody();
        let guess = |email: &str| json!({ "email": email, "password": "a wrong one" });
        let wrong = nobody.post("/api/v1/session", guess("ada@example.com")).await;
        assert_eq!(wrong.problem(401), "wrong_credentials");
        let unknown = nobody.post("/api/v1/session", guess("nobody@example.com")).await;
        assert_eq!(
            unknown.json()["detail"],
            wrong.json()["detail"],
            "nobody learns which accounts there are"
        );
        for _ in 0..5 {
            nobody.post("/api/v1/session", guess("ada@example.com")).await.problem(401);
        }
        let blocked =
            nobody.post("/api/v1/session", json!({ "email": "ada@example.com", "password": PASSWORD })).await;
        assert_eq!(blocked.problem(429), "throttled");
        assert!(blocked.header("retry-after").unwrap().parse::<u64>().unwrap() >= 1);
        plane.stop().await;
    });
}

#[test]
fn a_create_that_is_sent_twice_is_done_once() {
    each_backend(|backend| async move {
        let plane = Plane::start(backend).await;
        let ada = plane.person("ada").await;
        let send = |slug: &str, key: &'static str| {
            let (ada, body) = (ada.clone(), json!({ "slug": slug, "name": "Shop" }));
            async move {
                ada.with_json(reqwest::Method::POST, "/api/v1/workspaces", &[("idempotency-key", key)], body)
                    .await
            }
        };
        let first = send("shop", "k1").await.expect(201);
        let again = send("shop", "k1").await;
        assert_eq!(again.header("idempotent-replay").as_deref(), Some("true"));
        assert_eq!(again.expect(201), first);
        assert_eq!(send("shop2", "k1").await.problem(422), "idempotency_reused");
        assert_eq!(send("shop", "k2").await.problem(409), "duplicate");
        assert_eq!(send("shop", "k2").await.problem(409), "duplicate", "what failed can be tried again");
        plane.stop().await;
    });
}

#[test]
fn input_that_cannot_be_used_is_named_field_by_field() {
    each_backend(|backend| async move {
        let plane = Plane::start(backend).await;
        let nobody = plane.nobody();
        let good = json!({ "email": "ada@example.com", "name": "Ada", "password": PASSWORD });
        for (field, value, said) in [
            ("email", json!("ada"), "email"),
            ("email", json!(7), "email"),
            ("name", json!(""), "name"),
            ("name", json!("a\u{0}b"), "U+0000"),
            ("password", json!("short"), "password"),
            ("role", json!("owner"), "role"),
        ] {
            let mut draft = good.clone();
            draft[field] = value;
            let answer = nobody.post("/api/v1/registration", draft).await;
            assert_eq!(answer.problem(422), "invalid");
            assert!(answer.text.contains(said), "{}", answer.text);
        }
        let text = ("text/plain", b"{}".to_vec());
        let answer = nobody.send(reqwest::Method::POST, "/api/v1/registration", &[], Some(text)).await;
        assert_eq!(answer.problem(415), "unsupported_media_type");
        let torn = ("application/json", b"{\"email\":".to_vec());
        let answer = nobody.send(reqwest::Method::POST, "/api/v1/registration", &[], Some(torn)).await;
        assert_eq!(answer.problem(400), "bad_request");
        let large = ("application/json", vec![b' '; 3 * 1024 * 1024]);
        let answer = nobody.send(reqwest::Method::POST, "/api/v1/registration", &[], Some(large)).await;
        assert_eq!(answer.problem(413), "too_large");
        let ada = plane.person("ada").await;
        for (query, field) in [("limit=ten", "limit"), ("limit=-1", "limit"), ("pages=2", "pages")] {
            let answer = ada.get(&format!("/api/v1/workspaces?{query}")).await;
            assert_eq!(answer.problem(422), "invalid");
            assert_eq!(answer.json()["errors"][0]["field"], field, "{}", answer.text);
        }
        plane.stop().await;
    });
}

/// What is said when it is too much: within more requests than a second brings back.
async fn one_too_many(caller: &Caller) -> Answer {
    for _ in 0..50 {
        let answer = caller.get("/api/v1/session").await;
        if answer.status == 429 {
            return answer;
        }
    }
    panic!("fifty requests were taken");
}

#[test]
fn who_asks_too_often_is_told_when_to_come_back_and_nobody_else_is() {
    each_backend(|backend| async move {
        let bounds = Bounds { person: Bound::new(1, 2), address: Bound::new(1, 6) };
        let plane = Plane::start_with(backend, |settings| settings.rates = bounds).await;
        let (ada, eve) = (plane.person("ada").await, plane.person("eve").await);
        for _ in 0..2 {
            ada.get("/api/v1/session").await.expect(200);
        }
        let answer = one_too_many(&ada).await;
        assert_eq!(answer.problem(429), "too_many_requests");
        assert!(answer.header("retry-after").unwrap().parse::<u64>().unwrap() >= 1);
        eve.get("/api/v1/session").await.expect(200);
        let nobody = plane.nobody();
        nobody.get("/api/v1/session").await.problem(401);
        let answer = one_too_many(&nobody).await;
        assert_eq!(answer.problem(429), "too_many_requests");
        assert!(answer.header("retry-after").unwrap().parse::<u64>().unwrap() >= 1);
        eve.get("/api/v1/session").await.expect(200);
        plane.stop().await;
    });
}

/// What the log says.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Log {
    /// The line about a request.
    fn of(&self, answer: &Answer) -> String {
        let (text, id) = (self.0.lock().unwrap().clone(), answer.header("x-request-id").unwrap());
        let text = String::from_utf8(text).unwrap();
        text.lines().find(|line| line.contains(&id)).unwrap_or_else(|| panic!("{id} in {text}")).to_owned()
    }
}

#[test]
fn the_log_says_who_changed_what_and_reads_are_for_who_looks_closer() {
    let log = Log::default();
    let own = log.clone();
    let subscriber = tracing_subscriber::fmt().with_env_filter("admin=debug").with_ansi(false);
    subscriber.with_writer(move || own.clone()).init();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.unwrap().block_on(async {
        let plane = Plane::start(Backend::Sqlite).await;
        let ada = plane.person("ada").await;
        let who = ada.get("/api/v1/session").await;
        let person = format!("person/{}", who.json()["person"]["id"].as_str().unwrap());
        let line = log.of(&who);
        assert!(line.contains("DEBUG") && line.contains(&person), "{line}");
        let draft = json!({ "name": "mine", "scopes": ["view"] });
        let made = ada.post("/api/v1/tokens", draft).await;
        let line = log.of(&made);
        assert!(line.contains(" INFO ") && line.contains(&person), "{line}");
        let token = made.expect(201);
        let mut program = plane.nobody();
        program.token = token["secret"].as_str().map(ToOwned::to_owned);
        let refused = program.post("/api/v1/tokens", json!({})).await;
        refused.problem(403);
        let line = log.of(&refused);
        let id = token["id"].as_str().or(token["token"]["id"].as_str()).unwrap();
        assert!(line.contains(" INFO ") && line.contains(&format!("token/{id}")), "{line}");
        let guess = plane.nobody().delete("/api/v1/session").await;
        assert!(log.of(&guess).contains("nobody"), "{}", log.of(&guess));
        plane.stop().await;
    });
}
