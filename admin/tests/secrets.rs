//! Is a secret seen anywhere but where it has to be? Planted ones go through everything that takes, makes or
//! changes one; then every line of the log, every answer, the state's own files, a backup and what can be
//! exported are searched for each of them, as it is, in base64 and in hexadecimal digits.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

#[path = "people/post.rs"]
mod post;

use admin::settings::{Mail, MailTls, Settings, SignIn, SignInKind};
use admin_store::backup::backup;
use admin_store::{Backend, Location};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use harness::{Answer, Caller, Plane};
use reqwest::Method;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex};

/// What is planted: words nothing else here has.
const FIRST_PASSWORD: &str = "planted-first-password-7F3kQz";
const NEXT_PASSWORD: &str = "planted-next-password-9Lw2Xe";
const WRONG_PASSWORD: &str = "planted-wrong-password-1Vb8Tn";
const CONNECTION_PASSWORD: &str = "planted-connection-password-5Hs6Jd";
const CHANGED_PASSWORD: &str = "planted-changed-password-3Rm4Gy";
const DRAFT_PASSWORD: &str = "planted-draft-password-8Uc1Ko";
const CLIENT_SECRET: &str = "planted-client-secret-2Pa7Wf";
const MAIL_PASSWORD: &str = "planted-mail-password-6Zi5Bq";
const LINK_TOKEN: &str = "planted-link-token-4Ne9Dx";
/// 32 bytes, in base64.
const MASTER_KEY: &str = "cGxhbnRlZC1tYXN0ZXIta2V5LW9mLTMyLWJ5dGVzLiE=";

/// What the log is called in a failure.
const LOG: &str = "the log";

/// Everything that was said, by who said it.
#[derive(Clone, Default)]
struct Heard(Arc<Mutex<Vec<u8>>>);

impl Write for Heard {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Heard {
    /// Hears every line of the log of this process, of all crates: what others log counts as well.
    fn logs() -> Heard {
        let heard = Heard::default();
        let own = heard.clone();
        let subscriber = tracing_subscriber::fmt().with_env_filter("trace").with_ansi(false);
        subscriber.with_writer(move || own.clone()).init();
        heard
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

/// A secret, and where it has to be seen.
struct Secret {
    name: &'static str,
    value: String,
    /// The answers that hold it once, by what was asked.
    told_by: &'static [&'static str],
}

/// What is searched, and what it is called in a failure.
struct Place {
    name: String,
    bytes: Vec<u8>,
}

/// Asks, and keeps every answer.
#[derive(Default)]
struct Witness {
    answers: Vec<Place>,
    secrets: Vec<Secret>,
}

impl Witness {
    fn keep(&mut self, asked: &str, answer: Answer) -> Answer {
        let text = format!("{:?}\n{}", answer.headers, answer.text);
        self.answers.push(Place { name: asked.to_owned(), bytes: text.into_bytes() });
        answer
    }

    async fn get(&mut self, caller: &Caller, path: &str) -> Answer {
        let answer = caller.get(path).await;
        self.keep(&format!("GET {path}"), answer)
    }

    async fn send(&mut self, caller: &Caller, method: Method, path: &str, body: Value) -> Answer {
        let key = format!("key-{}", self.answers.len());
        let headers = [("idempotency-key", key.as_str()), ("if-match", "\"1\"")];
        let answer = caller.with_json(method.clone(), path, &headers, body).await;
        self.keep(&format!("{method} {path}"), answer)
    }

    async fn post(&mut self, caller: &Caller, path: &str, body: Value) -> Answer {
        self.send(caller, Method::POST, path, body).await
    }

    /// Signs in, and remembers the session's secrets.
    async fn sign_in(&mut self, plane: &Plane, email: &str, password: &str) -> Caller {
        let draft = json!({ "email": email, "password": password });
        let answer = self.post(&plane.nobody(), "/api/v1/session", draft).await;
        self.signed_in(plane, &answer)
    }

    fn signed_in(&mut self, plane: &Plane, answer: &Answer) -> Caller {
        answer.expect(201);
        let cookie = answer.header("set-cookie").expect("a cookie");
        let cookie = cookie.split(';').next().unwrap().to_owned();
        let csrf = answer.json()["csrf_token"].as_str().unwrap().to_owned();
        let session = cookie.split_once('=').unwrap().1.to_owned();
        // The cookie is set once; the CSRF token is told to whoever has the cookie.
        self.plant("the secret of a session", &session, &["POST /api/v1/session", "POST /api/v1/setup"]);
        let told_by = &["POST /api/v1/session", "POST /api/v1/setup", "GET /api/v1/session"];
        self.plant("the CSRF token of a session", &csrf, told_by);
        let mut caller = plane.nobody();
        (caller.cookie, caller.csrf) = (Some(cookie), Some(csrf));
        caller
    }

    fn plant(&mut self, name: &'static str, value: &str, told_by: &'static [&'static str]) {
        self.secrets.push(Secret { name, value: value.to_owned(), told_by });
    }

    /// Searches everything for every secret.
    fn search(&self, others: &[Place]) {
        let mut found = Vec::new();
        for secret in &self.secrets {
            assert!(secret.value.len() >= 16, "{} is too short to be searched for", secret.name);
            for form in forms(&secret.value) {
                for place in
                    self.answers.iter().filter(|place| !secret.told_by.contains(&place.name.as_str()))
                {
                    found.extend(seen(secret, &form, place));
                }
                found.extend(others.iter().filter_map(|place| seen(secret, &form, place)));
            }
        }
        assert!(found.is_empty(), "{}", found.join("\n"));
        // What has to be seen is found where it has to be: the search works.
        for secret in self.secrets.iter().filter(|secret| !secret.told_by.is_empty()) {
            let mut places =
                self.answers.iter().filter(|place| secret.told_by.contains(&place.name.as_str()));
            assert!(
                places.any(|place| seen(secret, &secret.value, place).is_some()),
                "{} is nowhere",
                secret.name
            );
        }
    }

    fn value(&self, name: &str) -> &str {
        &self.secrets.iter().find(|secret| secret.name == name).expect("a secret").value
    }
}

fn seen(secret: &Secret, form: &str, place: &Place) -> Option<String> {
    let at = place.bytes.windows(form.len()).position(|part| part == form.as_bytes())?;
    let around = place.bytes.get(at.saturating_sub(120)..(at + form.len() + 40).min(place.bytes.len()))?;
    Some(format!("{} is in {}: {}", secret.name, place.name, String::from_utf8_lossy(around)))
}

/// A secret as it is, in base64 wherever in a text it begins, and in hexadecimal digits.
fn forms(value: &str) -> Vec<String> {
    let mut forms = vec![value.to_owned()];
    for before in 0..3_usize {
        let mut bytes = vec![b' '; before];
        bytes.extend_from_slice(value.as_bytes());
        for engine in [STANDARD_NO_PAD.encode(&bytes), URL_SAFE_NO_PAD.encode(&bytes)] {
            // Characters at both ends depend on what stands beside.
            let (from, until) = ((before * 8).div_ceil(6), engine.len() - 2);
            forms.push(engine[from..until].to_owned());
        }
    }
    let mut hex = String::new();
    value.bytes().for_each(|byte| write!(hex, "{byte:02x}").unwrap());
    forms.push(hex.to_uppercase());
    forms.push(hex);
    forms
}

fn settings(settings: &mut Settings) {
    settings.master_key = Some(MASTER_KEY.to_owned().into());
    settings.link_token = Some(LINK_TOKEN.to_owned().into());
    settings.sign_in = vec![SignIn {
        name: "company".to_owned(),
        kind: SignInKind::OpenIdConnect { issuer: "http://127.0.0.1:9".to_owned() },
        client_id: "dragoman".to_owned(),
        client_secret: CLIENT_SECRET.to_owned().into(),
        scopes: Vec::new(),
        groups: None,
    }];
}

#[test]
fn no_planted_secret_is_seen_where_it_need_not_be() {
    let heard = Heard::logs();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    for backend in [Backend::Sqlite, Backend::Postgres] {
        eprintln!("on {backend:?}");
        runtime.block_on(walk(backend, &heard));
    }
}

async fn walk(backend: Backend, heard: &Heard) {
    let plane = Plane::start_with(backend, settings).await;
    let mut witness = Witness::default();
    for (name, value) in [
        ("a password", FIRST_PASSWORD),
        ("a new password", NEXT_PASSWORD),
        ("a wrong password", WRONG_PASSWORD),
        ("a connection's password", CONNECTION_PASSWORD),
        ("a connection's new password", CHANGED_PASSWORD),
        ("a draft's password", DRAFT_PASSWORD),
        ("a client secret", CLIENT_SECRET),
        ("the mail server's password", MAIL_PASSWORD),
        ("the token of planes", LINK_TOKEN),
        ("the master key", MASTER_KEY),
    ] {
        witness.plant(name, value, &[]);
    }
    let root = people(&plane, &mut witness).await;
    let token = tokens(&plane, &mut witness, &root).await;
    connections(&mut witness, &root).await;
    planes(&plane, &mut witness).await;
    mails(&plane, &mut witness, &root).await;
    for caller in [&root, &token] {
        everything_that_is_shown(&mut witness, caller).await;
    }
    failing_mail(&mut witness).await;
    let others = kept(&plane, heard, witness.value("the secret of a reset")).await;
    assert!(witness.answers.len() > 60, "{} answers", witness.answers.len());
    for place in &others {
        // Each of them holds what happened, so a secret in it would be found.
        let known = if place.name == LOG { "/api/v1/registration" } else { "ada@example.com" };
        let is_there = place.bytes.windows(known.len()).any(|part| part == known.as_bytes());
        assert!(is_there, "{} does not know of what happened", place.name);
    }
    witness.search(&others);
    plane.stop().await;
}

/// Accounts: made, signed in to, guessed at.
async fn people(plane: &Plane, witness: &mut Witness) -> Caller {
    let nobody = plane.nobody();
    let link = plane.plane.offer_set_up().await.expect("a link");
    witness.plant("the link of the first admin", &link, &[]);
    let person = json!({ "email": "root@example.com", "name": "Root", "password": FIRST_PASSWORD });
    let set_up = json!({ "token": link, "person": person });
    let answer = witness.post(&nobody, "/api/v1/setup", set_up.clone()).await;
    let root = witness.signed_in(plane, &answer);
    witness.post(&nobody, "/api/v1/setup", set_up).await.problem(410);
    let wrong = json!({ "email": "root@example.com", "password": WRONG_PASSWORD });
    witness.post(&nobody, "/api/v1/session", wrong).await.problem(401);
    let odd = json!({ "email": "root@example.com", "password": [WRONG_PASSWORD] });
    witness.post(&nobody, "/api/v1/session", odd).await.problem(422);
    let ada = json!({ "email": "ada@example.com", "name": "Ada", "password": FIRST_PASSWORD });
    witness.post(&nobody, "/api/v1/registration", ada.clone()).await.expect(201);
    witness.post(&nobody, "/api/v1/registration", ada).await.problem(409);
    let ada = witness.sign_in(plane, "ada@example.com", FIRST_PASSWORD).await;
    let change = json!({ "old_password": WRONG_PASSWORD, "password": NEXT_PASSWORD });
    witness.post(&ada, "/api/v1/profile/password", change).await.problem(422);
    let change = json!({ "old_password": FIRST_PASSWORD, "password": NEXT_PASSWORD });
    witness.post(&ada, "/api/v1/profile/password", change).await.expect(204);
    everything_that_is_shown(witness, &ada).await;
    witness.get(&nobody, "/api/v1/sign-in/company").await;
    root
}

async fn tokens(plane: &Plane, witness: &mut Witness, root: &Caller) -> Caller {
    let draft = json!({ "name": "script", "scopes": ["view", "view_activity", "profile"] });
    let made = witness.post(root, "/api/v1/tokens", draft).await.expect(201);
    let secret = made["secret"].as_str().expect("a secret").to_owned();
    // What begins every token and tells it from others is shown in lists.
    witness.plant("a token", &secret, &["POST /api/v1/tokens"]);
    let mut caller = plane.nobody();
    caller.token = Some(secret);
    caller
}

/// A connection to where nobody answers: tried, failed, changed.
async fn connections(witness: &mut Witness, root: &Caller) {
    let connections = "/api/v1/workspaces/default/connections";
    let mut draft = json!({
        "name": "Shop", "kind": "postgres", "host": "127.0.0.1", "port": 9, "database": "shop", "user": "app",
        "password": CONNECTION_PASSWORD, "options": { "refresh_hours": 0 },
    });
    let made = witness.post(root, connections, draft.clone()).await.expect(201);
    let connection = format!("{connections}/{}", made["id"].as_str().unwrap());
    draft["password"] = DRAFT_PASSWORD.into();
    witness.post(root, &format!("{connections}/test"), draft.clone()).await;
    draft["host"] = "db.invalid".into();
    witness.post(root, &format!("{connections}/test"), draft.clone()).await;
    draft["password"] = json!([DRAFT_PASSWORD]);
    witness.post(root, connections, draft).await.problem(422);
    for (path, body) in [
        ("test", json!({})),
        ("test", json!({ "password": WRONG_PASSWORD, "host": "127.0.0.1" })),
        ("check", json!({})),
        ("schema/snapshots", json!({})),
    ] {
        witness.post(root, &format!("{connection}/{path}"), body).await;
    }
    let run = json!({ "connection": made["id"], "sql": "SELECT 1" });
    witness.post(root, "/api/v1/workspaces/default/runs", run).await;
    let etag = witness.get(root, &connection).await.header("etag").expect("a version");
    let changed = root.patch(&connection, &etag, json!({ "password": CHANGED_PASSWORD })).await;
    witness.keep("PATCH of the connection", changed).expect(200);
    for path in ["", "/health", "/usage", "/schema/snapshots"] {
        witness.get(root, &format!("{connection}{path}")).await;
    }
    witness.post(root, &format!("{connection}/check"), json!({})).await;
}

/// A data plane that shows its token, and one that shows a wrong one.
async fn planes(plane: &Plane, witness: &mut Witness) {
    for token in [LINK_TOKEN, "planted-other-token-0Ff7Cc"] {
        let mut caller = plane.nobody();
        caller.token = Some(token.to_owned());
        witness.post(&caller, "/api/v1/link/report", json!({ "plane": "p" })).await;
    }
    witness.plant("a wrong token of planes", "planted-other-token-0Ff7Cc", &[]);
}

/// What comes by mail: invitations, confirmations, resets. The mails themselves hold their link, and so does
/// the line of the log that stands for a mail where there is no mail server.
async fn mails(plane: &Plane, witness: &mut Witness, root: &Caller) {
    let nobody = plane.nobody();
    let invitations = "/api/v1/workspaces/default/invitations";
    let guest = json!({ "email": "ada@example.com", "role": "viewer" });
    witness.post(root, invitations, guest).await.expect(201);
    let invited = post::secret(plane, "ada@example.com", "invitation", 0).await;
    witness.plant("the secret of an invitation", &invited, &[]);
    witness.post(&nobody, "/api/v1/invitations/look", json!({ "token": invited })).await.expect(200);
    witness.get(root, invitations).await.expect(200);
    let confirm = post::secret(plane, "ada@example.com", "confirm-email", 0).await;
    witness.plant("the secret of a confirmation", &confirm, &[]);
    let ask = json!({ "email": "ada@example.com" });
    witness.post(&nobody, "/api/v1/password-reset", ask).await.expect(202);
    let reset = post::secret(plane, "ada@example.com", "reset-password", 0).await;
    witness.plant("the secret of a reset", &reset, &[]);
    let ada = witness.sign_in(plane, "ada@example.com", NEXT_PASSWORD).await;
    witness.post(&ada, "/api/v1/profile/email/confirmation", json!({ "token": confirm })).await.expect(200);
    witness.post(&ada, "/api/v1/invitations/accept", json!({ "token": invited })).await.expect(200);
    let weak = json!({ "token": reset, "password": "short" });
    witness.post(&nobody, "/api/v1/password-reset/confirmation", weak).await.problem(422);
    let again = json!({ "token": reset, "password": FIRST_PASSWORD });
    let path = "/api/v1/password-reset/confirmation";
    witness.post(&nobody, path, again.clone()).await.expect(204);
    witness.post(&nobody, path, again).await.problem(410);
}

/// All that can be read without an id, by the description.
async fn everything_that_is_shown(witness: &mut Witness, caller: &Caller) {
    let document = serde_json::to_value(admin::http::document()).unwrap();
    let paths = document["paths"].as_object().unwrap();
    for (path, _) in paths.iter().filter(|(_, item)| item["get"].is_object()) {
        let path = path.replace("{workspace}", "default");
        if !path.contains('{') && !path.ends_with("/live") {
            witness.get(caller, &path).await;
        }
    }
}

/// A mail server that does not answer is complained about without its password.
async fn failing_mail(witness: &mut Witness) {
    let plane = Plane::start_with(Backend::Sqlite, |settings| {
        settings.mail = Mail::Smtp {
            host: "127.0.0.1".to_owned(),
            port: 9,
            tls: MailTls::Disable,
            login: Some(("dragoman".to_owned(), MAIL_PASSWORD.to_owned().into())),
            from: "dragoman@example.com".to_owned(),
        };
    })
    .await;
    let ada = json!({ "email": "ada@example.com", "name": "Ada", "password": FIRST_PASSWORD });
    witness.post(&plane.nobody(), "/api/v1/registration", ada).await.expect(201);
    plane.stop().await;
}

/// What stays: the log, the state's files, a backup.
async fn kept(plane: &Plane, heard: &Heard, mailed: &str) -> Vec<Place> {
    let mut places = Vec::new();
    let backup_file = plane.folder.join("state.backup");
    backup(&plane.plane.app().store, &backup_file).await.expect("a backup");
    places.push(Place { name: "the backup".to_owned(), bytes: std::fs::read(&backup_file).unwrap() });
    if let Location::File(path) = plane.plane.app().store.location() {
        // What was written last is in the file beside, until SQLite moves it.
        let files = ["", "-wal"].map(|ending| format!("{}{ending}", path.display()));
        let files = files.iter().filter(|file| Path::new(file).exists());
        let bytes = files.flat_map(|file| std::fs::read(file).unwrap()).collect();
        places.push(Place { name: "the state's files".to_owned(), bytes });
    }
    // The line that stands for a mail where there is no mail server is told by its two marks.
    let log = heard.text();
    let is_mail = |line: &&str| line.contains("admin::mail") && line.contains("link=");
    assert!(
        log.lines().filter(is_mail).any(|line| line.contains(mailed)),
        "the log holds all there is to hear"
    );
    let lines: Vec<&str> = log.lines().filter(|line| !is_mail(line)).collect();
    places.push(Place { name: LOG.to_owned(), bytes: lines.join("\n").into_bytes() });
    places
}
