//! Does the API do what its description says? The description is the committed one, every answer fits it,
//! what it allows is taken and what it does not allow is refused.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod described;
mod harness;

use admin::access::Needs;
use admin::http::timestamp::Timestamp;
use admin_store::Backend;
use described::content::{self, Filled, WORKSPACE};
use described::narrow::{self, Known};
use described::{Endpoint, document, endpoints};
use harness::{Plane, each_backend};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

#[test]
fn the_description_is_the_committed_one() {
    let text = described::committed_text();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../config/openapi.json");
    if std::env::var_os("DRAGOMAN_WRITE_GENERATED").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == text,
        "config/openapi.json is another: run `make generate` and look at what it changes"
    );
}

// ---- schemathesis ----

/// Examples for each endpoint where `DRAGOMAN_EXAMPLES` says no other number.
const EXAMPLES: u32 = 4;

/// What is never asked, and why.
const EXCLUDED: &[(&str, &str)] = &[
    (
        "listen_as_plane",
        "waits 20 seconds for something new; what data planes say is the link's own contract",
    ),
    ("report_as_plane", "takes the token of a data plane; what data planes say is the link's own contract"),
    ("answer_as_plane", "takes the token of a data plane; what data planes say is the link's own contract"),
    ("cancel_as_plane", "takes the token of a data plane; what data planes say is the link's own contract"),
    ("sign_out", "ends the session that asks"),
    ("watch_live", "is a WebSocket: see tests/live.rs"),
];

/// What refuses what its description allows, and why.
const REFUSED: &[(&str, &str)] = &[
    ("explain_fingerprint", "how many values a statement takes is known when its text is read"),
    ("delete_workspace", "wants the workspace's name repeated, which no schema can say"),
    ("create_connection", "which fields go together depends on `kind` and `via`"),
    ("test_connection_draft", "which fields go together depends on `kind` and `via`"),
    ("change_connection", "which fields go together depends on the connection's `kind` and `via`"),
    ("list_schema_objects", "`parent` stands alone, which no schema of one parameter can say"),
    ("change_member", "`own_workspace` is what owners have and is not given beyond a role"),
    ("change_machine", "one that is not disabled needs somebody who answers for it"),
    ("create_role", "`view` is in every role and `own_workspace` in none of a workspace's own"),
    ("change_role", "`view` is in every role and `own_workspace` in none of a workspace's own"),
    ("create_query", "a parameter's default must be a value of its type"),
    ("change_query", "a parameter's default must be a value of its type"),
    ("run_saved_query", "parameters must be those of the saved query"),
    ("upload_schema", "the objects in the file must fit each other"),
    ("save_draft", "`base` must be a version that was published"),
    ("create_token", "the scope `profile` and a workspace exclude each other"),
    ("change_password", "wants the password that is in use"),
    ("begin_second_factor", "wants the password that is in use"),
    ("remove_second_factor", "wants the password that is in use"),
    ("renew_recovery_codes", "wants the password that is in use"),
    ("restart_planes", "the data planes must be there, which no schema can say"),
    ("erase_profile", "wants the e-mail repeated, which no schema can say"),
];

#[test]
fn schemathesis_finds_nothing_on_a_state_in_sqlite() {
    run_on(Backend::Sqlite);
}

#[test]
fn schemathesis_finds_nothing_on_a_state_in_postgres() {
    run_on(Backend::Postgres);
}

fn run_on(backend: Backend) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.expect("a runtime").block_on(async {
        let filled = Filled::start(backend).await;
        let document = document();
        for (action, _) in EXCLUDED.iter().chain(REFUSED) {
            assert!(
                endpoints(&document).iter().any(|endpoint| endpoint.id == *action),
                "no `{action}` any more"
            );
        }
        let mut found = Vec::new();
        for who in [Who::Token, Who::Session] {
            let asked = Asked::new(&filled, &document, who).await;
            let run = tokio::task::spawn_blocking(move || asked.run());
            found.extend(run.await.expect("schemathesis runs").err());
        }
        let found: Vec<String> = found;
        assert!(found.is_empty(), "{}", found.join("\n"));
        filled.stop().await;
    });
}

/// By what the same person asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Who {
    /// By a token, for all that a token may.
    Token,
    /// By a session, for what no token may.
    Session,
}

/// One run of schemathesis.
struct Asked {
    who: Who,
    url: String,
    folder: PathBuf,
    config: Value,
    document: Value,
}

impl Asked {
    async fn new(filled: &Filled, document: &Value, who: Who) -> Asked {
        let asked = endpoints(document).into_iter().filter(|endpoint| {
            let is_excluded = EXCLUDED.iter().any(|(action, _)| *action == endpoint.id);
            !is_excluded && (who == Who::Session) == is_for_sessions_only(endpoint)
        });
        let asked: Vec<String> = asked.map(|endpoint| endpoint.id).collect();
        assert!(!asked.is_empty());
        let known = known(filled, document).await;
        let document = narrow::only(narrow::narrowed(document, &known), &asked);
        let (auth, headers) = match who {
            Who::Token => (json!({ "token": { "bearer": filled.token.token } }), json!({})),
            Who::Session => {
                let secret = filled.root.cookie.as_deref().and_then(|cookie| cookie.split_once('='));
                let secret = secret.expect("a session").1;
                (json!({ "session": { "api_key": secret } }), json!({ "X-CSRF-Token": filled.root.csrf }))
            }
        };
        let refused: Vec<&str> = REFUSED.iter().map(|(action, _)| *action).collect();
        let config = json!({
            "color": false,
            "workers": 1,
            "continue-on-failure": true,
            "request-timeout": 20.0,
            "cache": { "enabled": false },
            "auth": { "openapi": auth },
            "headers": headers,
            "generation": {
                "max-examples": examples(),
                "deterministic": true,
                "database": "none",
                // Nothing here can hold U+0000, for which a schema has no word: admin/src/http/extract.rs.
                "allow-x00": false,
            },
            "checks": checks(),
            "phases": {
                // What is deleted and renamed is what this test chose, not what an answer happened to hold.
                "examples": { "extra-data-sources": { "responses": false } },
                "coverage": { "extra-data-sources": { "responses": false } },
                "fuzzing": { "extra-data-sources": { "responses": false } },
                "stateful": { "enabled": false },
            },
            "operations": [{
                "include-operation-id": refused,
                "checks": { "positive_data_acceptance": { "enabled": false } },
            }],
            "warnings": {
                "fail-on": ["rate_limited", "base_url_mismatch", "unresolvable_reference", "unsupported_regex"],
            },
        });
        let folder = filled.plane.folder.join(format!("schemathesis-{who:?}"));
        Asked { who, url: filled.plane.url.clone(), folder, config, document }
    }

    /// Runs it; what it found is the error.
    fn run(&self) -> Result<(), String> {
        std::fs::create_dir_all(&self.folder).expect("a folder");
        let config = self.folder.join("schemathesis.toml");
        std::fs::write(&config, toml::to_string(&self.config).expect("TOML")).expect("a file");
        let document = self.folder.join("openapi.json");
        std::fs::write(&document, self.document.to_string()).expect("a file");
        let python = std::env::var_os("DRAGOMAN_PYTHON")
            .map_or_else(|| PathBuf::from("/var/cache/dragoman/python/bin/python"), PathBuf::from);
        assert!(python.exists(), "no Python with schemathesis at {}: run make setup-test", python.display());
        let started = std::time::Instant::now();
        let output = Command::new(&python)
            .args(["-m", "schemathesis.cli", "--config-file"])
            .arg(&config)
            .arg("run")
            .arg(&document)
            .args(["--url", &self.url, "--phases", "examples,coverage,fuzzing"])
            .current_dir(&self.folder)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .output()
            .expect("Python runs");
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        eprintln!("as {:?}: {} s", self.who, started.elapsed().as_secs());
        if output.status.success() {
            let summary = told.split("API Operations:").nth(1).unwrap_or_default();
            assert!(summary.contains("Tested:"), "it asked something: {told}");
            eprintln!("{summary}");
            return Ok(());
        }
        Err(format!("as {:?}:\n{told}\n{}", self.who, String::from_utf8_lossy(&output.stderr)))
    }
}

fn examples() -> u32 {
    let number = std::env::var("DRAGOMAN_EXAMPLES").ok();
    number.map_or(EXAMPLES, |number| number.parse().expect("`DRAGOMAN_EXAMPLES` is a number"))
}

/// A token of an admin of the instance is no admin of the instance, and some things no token may.
/// Workspaces are made where none is entered: a name on purpose wrong could be one of theirs.
fn is_for_sessions_only(endpoint: &Endpoint) -> bool {
    let text = |field: &str| endpoint.operation[field].as_str().unwrap_or_default().to_owned();
    let description = text("summary") + &text("description");
    endpoint.id == "create_workspace"
        || endpoint.needs() == Needs::Instance
        || description.contains("No token may")
}

fn checks() -> Value {
    let on = json!({ "enabled": true });
    json!({
        "enabled": false,
        "not_a_server_error": on,
        "status_code_conformance": on,
        "content_type_conformance": on,
        "response_headers_conformance": on,
        "response_schema_conformance": on,
        // What the state at the moment has to say is no matter of the description: another version (412), a
        // used link (410).
        "positive_data_acceptance": {
            "enabled": true,
            "expected-statuses": ["2xx", "3xx", "401", "403", "404", "409", "410", "412", "429"],
        },
        // Refused all the same where something else than what is wrong was looked at first.
        "negative_data_rejection": {
            "enabled": true,
            "expected-statuses": [
                "400", "401", "403", "404", "405", "409", "410", "412", "413", "415", "422", "428", "429",
            ],
        },
        "ignored_auth": on,
    })
}

fn texts(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// What is there; nothing that who asks hangs on.
async fn known(filled: &Filled, document: &Value) -> Known {
    let mut ids = described::known_ids(&filled.root, document, WORKSPACE).await;
    ids.insert("user".to_owned(), filled.bystanders.clone());
    ids.insert("session".to_owned(), filled.spare_sessions().await);
    ids.insert("token".to_owned(), filled.spare_tokens().await);
    let fields = BTreeMap::from([
        ("user".to_owned(), filled.members.clone()),
        ("responsible".to_owned(), filled.members.clone()),
        ("role".to_owned(), texts(&["viewer", "editor"])),
        ("policies".to_owned(), texts(&["read-only", "analyst"])),
        ("sql".to_owned(), texts(&[content::STATEMENT, "SELECT 1"])),
    ]);
    let now = admin_store::now_us();
    let ago = |minutes: i64| Timestamp(now - minutes * 60_000_000).to_string();
    Known { ids, fields, moments: [vec![ago(120), ago(60)], vec![ago(1), ago(0)]] }
}

// ---- empty and long lists ----

/// Lists that are never empty: who asks is in them, or what made the workspace is.
const NEVER_EMPTY: &[&str] = &[
    "list_all_workspaces",
    "list_instance_activity",
    "list_members",
    "list_packs",
    "list_sessions",
    "list_users",
    "list_workspaces",
    "review_access",
];

/// What has nothing to show where nothing is, and says so.
const NOTHING_TO_SHOW: &[(&str, u16, &str)] = &[("watch_live", 400, "is a WebSocket")];

#[test]
fn everything_that_can_be_looked_at_in_an_empty_workspace_is_there_and_empty() {
    each_backend(|backend| async move {
        let plane = Plane::start(backend).await;
        let root = plane.set_up().await;
        root.post("/api/v1/workspaces", json!({ "slug": "empty", "name": "Empty" })).await.expect(201);
        let document = document();
        let values = BTreeMap::from([("workspace".to_owned(), "empty".to_owned())]);
        let (mut wrong, mut lists) = (Vec::new(), 0);
        for endpoint in endpoints(&document).iter().filter(|endpoint| endpoint.method == Method::GET) {
            let Some(path) = endpoint.filled(&document, &values) else {
                assert!(
                    endpoint.places().iter().any(|name| *name != "workspace"),
                    "{} is not asked",
                    endpoint.id
                );
                continue;
            };
            let answer = root.get(&path).await;
            let other = NOTHING_TO_SHOW.iter().find(|(action, ..)| *action == endpoint.id);
            let expected = other.map_or(200, |(_, status, _)| *status);
            if answer.status.as_u16() != expected {
                wrong.push(format!("{path}: {} {}", answer.status, answer.text));
                continue;
            }
            let is_json =
                answer.header("content-type").is_some_and(|kind| kind.starts_with("application/json"));
            if expected != 200 || !is_json || NEVER_EMPTY.contains(&endpoint.id.as_str()) {
                continue;
            }
            let items = answer.json()["items"].as_array().map(Vec::len);
            lists += usize::from(items == Some(0));
            // The one thing that happened in it is that it was made.
            let made = usize::from(endpoint.id == "list_activity");
            if items.is_some_and(|items| items > made) {
                wrong.push(format!("{path} is not empty: {:.300}", answer.text));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        assert!(lists > 10, "{lists} lists were empty");
        plane.stop().await;
    });
}

#[test]
fn what_is_not_there_is_not_found() {
    each_backend(|backend| async move {
        let plane = Plane::start(backend).await;
        let root = plane.set_up().await;
        let document = document();
        let mut values = BTreeMap::from([("workspace".to_owned(), WORKSPACE.to_owned())]);
        let nothing = "01990000-0000-7000-8000-000000000000";
        let mut wrong = Vec::new();
        for endpoint in endpoints(&document).iter().filter(|endpoint| endpoint.method == Method::GET) {
            let names: Vec<&str> =
                endpoint.places().into_iter().filter(|name| *name != "workspace").collect();
            for text in [nothing, "0", "-1", "..%2F..", "%27%3B--", "%00", "%FF"] {
                for name in &names {
                    values.insert((*name).to_owned(), text.to_owned());
                }
                let Some(path) = endpoint.filled(&document, &values) else { continue };
                if names.is_empty() {
                    continue;
                }
                let answer = root.get(&path).await;
                if answer.status.as_u16() != 404 || answer.json()["code"] != "not_found" {
                    wrong.push(format!("{path}: {} {}", answer.status, answer.text));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        plane.stop().await;
    });
}

#[test]
fn every_list_is_the_same_in_parts() {
    each_backend(|backend| async move {
        let filled = Filled::start(backend).await;
        let document = document();
        let known = known(&filled, &document).await;
        let first = known.ids.iter().filter_map(|(name, ids)| Some((name.clone(), ids.first()?.clone())));
        let first = first.collect();
        let mut wrong = Vec::new();
        for endpoint in endpoints(&document).iter().filter(|endpoint| endpoint.has_cursor()) {
            let Some(path) = endpoint.filled(&document, &first) else { continue };
            let sign = if path.contains('?') { '&' } else { '?' };
            let whole = filled.root.get(&format!("{path}{sign}limit=200")).await.expect(200);
            let (mut parts, mut cursor) = (Vec::new(), String::new());
            loop {
                let part = filled.root.get(&format!("{path}{sign}limit=1{cursor}")).await.expect(200);
                let items = part["items"].as_array().expect("items");
                assert!(items.len() <= 1, "{path}: more than was asked for");
                parts.extend(items.clone());
                match part["next"].as_str() {
                    Some(next) if parts.len() < 200 => cursor = format!("&cursor={next}"),
                    _ => break,
                }
            }
            if whole["items"].as_array() != Some(&parts) {
                wrong.push(format!(
                    "{path}: {} items at once, {} in parts",
                    whole["items"].as_array().map_or(0, Vec::len),
                    parts.len()
                ));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        filled.stop().await;
    });
}

#[test]
fn no_two_schemas_have_one_name() {
    let mut files = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    let mut named: BTreeMap<String, Vec<String>> = BTreeMap::new();
    while let Some(path) = files.pop() {
        if path.is_dir() {
            files.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let mut is_schema = false;
        for line in text.lines() {
            is_schema |= line.starts_with("#[derive(") && line.contains("ToSchema");
            let name = line.strip_prefix("pub struct ").or_else(|| line.strip_prefix("pub enum "));
            let Some(name) = name else { continue };
            if is_schema {
                let name = name.split(|one: char| !one.is_alphanumeric()).next().unwrap_or_default();
                named.entry(name.to_owned()).or_default().push(path.display().to_string());
            }
            is_schema = false;
        }
    }
    assert!(named.len() > 50, "{} schemas", named.len());
    named.retain(|_, places| places.len() > 1);
    assert!(named.is_empty(), "the description would have only one of these: {named:#?}");
}
