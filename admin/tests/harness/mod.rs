//! How is a control plane tested? A real one on a free port, asked over HTTP, on a state in SQLite and on
//! one in PostgreSQL.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../../store/tests/harness/mod.rs"]
pub mod state;

use admin::plane::ControlPlane;
use admin::settings::{Mail, Registration, Settings};
use admin_store::{Backend, Location};
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use std::future::Future;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Runs `test` on each kind of state.
pub fn each_backend<F, T>(test: F)
where
    F: Fn(Backend) -> T,
    T: Future<Output = ()>,
{
    for backend in [Backend::Sqlite, Backend::Postgres] {
        eprintln!("on {backend:?}");
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        runtime.expect("a runtime").block_on(test(backend));
    }
}

/// Changes the state past the program.
pub async fn damage(location: &Location, statement: &str) {
    match location {
        Location::File(path) => rusqlite::Connection::open(path).unwrap().execute_batch(statement).unwrap(),
        Location::Server(url) => {
            let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
            let ended = tokio::spawn(connection);
            client.batch_execute(statement).await.unwrap();
            drop(client);
            ended.await.unwrap().unwrap();
        }
    }
}

/// A control plane of this test's own.
pub struct Plane {
    /// It.
    pub plane: ControlPlane,
    /// Its URL, without a slash at the end.
    pub url: String,
    /// Its data directory.
    pub folder: PathBuf,
    location: Location,
}

impl Plane {
    /// Starts one on a fresh state.
    pub async fn start(backend: Backend) -> Plane {
        Plane::start_with(backend, |_| {}).await
    }

    /// The same with other settings.
    pub async fn start_with(backend: Backend, change: impl FnOnce(&mut Settings)) -> Plane {
        let location = state::fresh(backend);
        let folder = state::folder();
        Plane::again(location, folder, change).await
    }

    /// Starts one on a state that is there.
    pub async fn again(location: Location, folder: PathBuf, change: impl FnOnce(&mut Settings)) -> Plane {
        let mut settings = Settings {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            public_url: "http://127.0.0.1:8432".to_owned(),
            data_directory: folder.clone(),
            state: location.clone(),
            registration: Registration::Open,
            session_hours: 168,
            connections: 512,
            master_key: None,
            key_store: None,
            sqlite_directory: Some(folder.join("sqlite")),
            egress: Vec::new(),
            own_addresses: Vec::new(),
            mail: Mail::Files(folder.join("mail")),
            sign_in: Vec::new(),
            link_token: Some("a-token-of-planes".to_owned().into()),
            retention: Default::default(),
            rates: Default::default(),
            console: Default::default(),
        };
        std::fs::create_dir_all(folder.join("sqlite")).expect("a folder");
        change(&mut settings);
        let plane = ControlPlane::start(settings).await.expect("the control plane starts");
        let url = format!("http://{}", plane.address());
        Plane { plane, url, folder, location }
    }

    /// Starts another node on the same state, which has to be one in PostgreSQL.
    pub async fn beside(&self) -> Plane {
        Plane::again(self.location.clone(), self.folder.clone(), |_| {}).await
    }

    /// Stops it and starts another one on the same state.
    pub async fn restart(self) -> Plane {
        let (location, folder) = (self.location.clone(), self.folder.clone());
        self.plane.stop().await;
        Plane::again(location, folder, |_| {}).await
    }

    /// The same with other settings.
    pub async fn restart_with(self, change: impl FnOnce(&mut Settings)) -> Plane {
        let (location, folder) = (self.location.clone(), self.folder.clone());
        self.plane.stop().await;
        Plane::again(location, folder, change).await
    }

    /// Somebody who is not signed in.
    pub fn nobody(&self) -> Caller {
        let http = Client::builder()
            .no_proxy()
            .pool_max_idle_per_host(0)
            .redirect(reqwest::redirect::Policy::none())
            .build();
        Caller { http: http.expect("a client"), url: self.url.clone(), cookie: None, csrf: None, token: None }
    }

    /// Stops it.
    pub async fn stop(self) {
        self.plane.stop().await;
    }
}

/// Somebody who asks.
#[derive(Clone)]
pub struct Caller {
    http: Client,
    url: String,
    /// The session's cookie, as `name=value`.
    pub cookie: Option<String>,
    /// The session's CSRF token.
    pub csrf: Option<String>,
    /// A personal access token.
    pub token: Option<String>,
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: reqwest::header::HeaderMap,
    /// Its body.
    pub text: String,
}

impl Answer {
    /// Its body as JSON; null for an empty one.
    pub fn json(&self) -> Value {
        if self.text.is_empty() {
            return Value::Null;
        }
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("no JSON ({error}): {}", self.text))
    }

    /// Its body, if its status is `status`.
    #[track_caller]
    pub fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        self.json()
    }

    /// The code of the problem it is, with status `status`.
    #[track_caller]
    pub fn problem(&self, status: u16) -> String {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        let kind = self.headers.get("content-type").map(|kind| kind.to_str().unwrap_or_default().to_owned());
        assert_eq!(kind.as_deref(), Some("application/problem+json"), "{}", self.text);
        let document = self.json();
        assert!(document["request_id"].is_string(), "{document}");
        assert!(document["hint"].is_string(), "{document}");
        document["code"].as_str().expect("a code").to_owned()
    }

    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<String> {
        self.headers.get(name).map(|value| value.to_str().expect("text").to_owned())
    }
}

impl Caller {
    /// Asks, with more headers and any body.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<(&str, Vec<u8>)>,
    ) -> Answer {
        let url = if path.starts_with("http") { path.to_owned() } else { format!("{}{path}", self.url) };
        let mut request = self.http.request(method, url);
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", cookie);
        }
        if let Some(csrf) = &self.csrf {
            request = request.header("x-csrf-token", csrf);
        }
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some((kind, body)) = body {
            request = request.header("content-type", kind).body(body);
        }
        let response = request.send().await.expect("an answer");
        let (status, headers) = (response.status(), response.headers().clone());
        Answer { status, headers, text: response.text().await.expect("a body") }
    }

    /// GET.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], None).await
    }

    /// POST of JSON.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.with_json(Method::POST, path, &[], body).await
    }

    /// PUT of JSON to the version `etag`.
    pub async fn put(&self, path: &str, etag: &str, body: Value) -> Answer {
        self.with_json(Method::PUT, path, &[("if-match", etag)], body).await
    }

    /// PATCH of JSON to the version `etag`.
    pub async fn patch(&self, path: &str, etag: &str, body: Value) -> Answer {
        self.with_json(Method::PATCH, path, &[("if-match", etag)], body).await
    }

    /// DELETE.
    pub async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, &[], None).await
    }

    /// Any method with JSON and more headers.
    pub async fn with_json(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Value,
    ) -> Answer {
        let body = serde_json::to_vec(&body).expect("JSON");
        self.send(method, path, headers, Some(("application/json", body))).await
    }

    /// Signs in, and answers who is signed in.
    pub async fn sign_in(&self, email: &str, password: &str) -> Caller {
        let answer = self.post("/api/v1/session", json!({ "email": email, "password": password })).await;
        answer.expect(201);
        let cookie = answer.header("set-cookie").expect("a cookie");
        let mut caller = self.clone();
        caller.cookie = cookie.split(';').next().map(ToOwned::to_owned);
        caller.csrf = answer.json()["csrf_token"].as_str().map(ToOwned::to_owned);
        caller
    }
}

/// The password of everybody here.
pub const PASSWORD: &str = "four-words-nobody-says-4831";

/// One person a role in one workspace, and an admin of the instance who is in none of them but `default`.
pub struct People {
    /// Admin of the instance.
    pub root: Caller,
    /// Of the workspace `shop`.
    pub owner: Caller,
    /// Of the workspace `shop`.
    pub admin: Caller,
    /// Of the workspace `shop`.
    pub editor: Caller,
    /// Of the workspace `shop`.
    pub viewer: Caller,
    /// Owner of the workspace `other`, and nobody in `shop`.
    pub stranger: Caller,
}

impl Plane {
    /// Sets the instance up as its first admin does.
    pub async fn set_up(&self) -> Caller {
        let link = self.plane.offer_set_up().await.expect("a link while nobody is there");
        let person = json!({ "email": "root@example.com", "name": "Root", "password": PASSWORD });
        let nobody = self.nobody();
        let answer = nobody.post("/api/v1/setup", json!({ "token": link, "person": person })).await;
        answer.expect(201);
        nobody.sign_in("root@example.com", PASSWORD).await
    }

    /// Makes an account and signs it in.
    pub async fn person(&self, name: &str) -> Caller {
        let email = format!("{name}@example.com");
        let nobody = self.nobody();
        let draft = json!({ "email": email, "name": name, "password": PASSWORD });
        nobody.post("/api/v1/registration", draft).await.expect(201);
        nobody.sign_in(&email, PASSWORD).await
    }

    /// The workspaces `shop` and `other`, and one person a role.
    pub async fn people(&self) -> People {
        let root = self.set_up().await;
        let owner = self.person("owner").await;
        owner.post("/api/v1/workspaces", json!({ "slug": "shop", "name": "Shop" })).await.expect(201);
        let stranger = self.person("stranger").await;
        stranger.post("/api/v1/workspaces", json!({ "slug": "other", "name": "Other" })).await.expect(201);
        let mut callers = Vec::new();
        for role in ["admin", "editor", "viewer"] {
            let caller = self.person(role).await;
            self.make_member("shop", &format!("{role}@example.com"), role).await;
            callers.push(caller);
        }
        let [admin, editor, viewer] = <[Caller; 3]>::try_from(callers).unwrap_or_else(|_| panic!("three"));
        People { root, owner, admin, editor, viewer, stranger }
    }

    /// Makes somebody a member, past the API.
    pub async fn make_member(&self, workspace: &str, email: &str, role: &str) {
        let store = &self.plane.app().store;
        let mut tx = store.write().await.expect("a transaction");
        let user = admin_store::users::by_email(&mut tx, email).await.expect("a look").expect("a person");
        let workspace = admin_store::workspaces::by_slug(&mut tx, workspace).await.expect("a workspace");
        let role = admin_store::members::Role::from_word(role).expect("a role");
        admin_store::members::add(&mut tx, workspace.id, user.id, role, &[]).await.expect("a member");
        tx.commit().await.expect("a commit");
    }
}
