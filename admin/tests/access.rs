//! Who may do what: the matrix that is committed, and every endpoint asked by those who may not.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use admin::access::{Action, Capability, Needs, Role};
use harness::{Caller, Plane, each_backend};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::time::{Duration, Instant};

/// One endpoint of the description.
struct Endpoint {
    method: Method,
    path: String,
    action: Action,
    has_body: bool,
}

fn endpoints(document: &Value) -> Vec<Endpoint> {
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("a path") {
            let Ok(method) = Method::from_bytes(method.to_uppercase().as_bytes()) else { continue };
            let Some(id) = operation["operationId"].as_str() else { continue };
            let action =
                Action::of(id).unwrap_or_else(|| panic!("`{id}` is no action: give it a line in the table"));
            all.push(Endpoint {
                method,
                path: path.clone(),
                action,
                has_body: operation["requestBody"].is_object(),
            });
        }
    }
    all
}

/// The path with something in every place: the workspace, and ids of nothing elsewhere.
fn filled(path: &str, workspace: &str) -> String {
    let parts = path.split('/').map(|part| match part {
        "{workspace}" => workspace.to_owned(),
        part if part.starts_with('{') => "01990000-0000-7000-8000-000000000000".to_owned(),
        part => part.to_owned(),
    });
    parts.collect::<Vec<_>>().join("/")
}

async fn ask(caller: &Caller, endpoint: &Endpoint, workspace: &str) -> u16 {
    let body = endpoint.has_body.then(|| ("application/json", b"{}".to_vec()));
    let path = filled(&endpoint.path, workspace);
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let headers = [("if-match", "\"1\"")];
        let answer = caller.send(endpoint.method.clone(), &path, &headers, body.clone()).await;
        // So many endpoints are more than one address may ask in a moment.
        if answer.status.as_u16() != 429 || Instant::now() > deadline {
            return answer.status.as_u16();
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[test]
fn the_matrix_is_the_committed_one() {
    let mut text = String::from(
        "# Access\n\nWho may do what. Made from the table in `admin/src/access/action.rs`; a test fails when this file is \
         another. `+` may, `-` may not, for members of a workspace by role; single capabilities can be given beyond a \
         role. *anybody* needs no sign-in, *oneself* needs any, *instance* an admin of the instance, *plane* the token \
         of a data plane.\n\n",
    );
    text.push_str("## Roles\n\n| capability |");
    for role in Role::ALL {
        let _ = write!(text, " {} |", role.as_str());
    }
    text.push_str("\n|---|---|---|---|---|\n");
    for capability in Capability::ALL {
        let _ = write!(text, "| `{}` |", capability.as_str());
        for role in Role::ALL {
            text.push_str(if role.capabilities().contains(capability) { " + |" } else { " - |" });
        }
        text.push('\n');
    }
    text.push_str(
        "\n## Actions\n\n| action | needs | viewer | editor | admin | owner |\n|---|---|---|---|---|---|\n",
    );
    for action in Action::ALL {
        let needs = match action.needs() {
            Needs::Nobody => "*anybody*".to_owned(),
            Needs::Person => "*oneself*".to_owned(),
            Needs::Instance => "*instance*".to_owned(),
            Needs::Plane => "*plane*".to_owned(),
            Needs::Workspace(capability) => format!("`{}`", capability.as_str()),
        };
        let _ = write!(text, "| `{}` | {needs} |", action.as_str());
        for role in Role::ALL {
            text.push_str(if action.is_for(role) { " + |" } else { " - |" });
        }
        text.push('\n');
    }
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/access.md");
    if std::env::var_os("DRAGOMAN_WRITE_GENERATED").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == text, "docs/access.md is another: run `make generate` and look at what it changes");
}

#[test]
fn each_action_is_one_endpoint_and_each_endpoint_an_action() {
    let document = serde_json::to_value(admin::http::document()).unwrap();
    let served: Vec<Action> = endpoints(&document).iter().map(|endpoint| endpoint.action).collect();
    let distinct: BTreeSet<Action> = served.iter().copied().collect();
    assert_eq!(served.len(), distinct.len(), "two endpoints are one action");
    let unserved: Vec<_> = Action::ALL.iter().filter(|action| !distinct.contains(action)).collect();
    assert!(unserved.is_empty(), "no endpoint: {unserved:?}");
}

#[test]
fn no_endpoint_answers_those_who_may_not() {
    each_backend(|backend| async move {
        let plane = Plane::start(backend).await;
        let people = plane.people().await;
        let document = serde_json::to_value(admin::http::document()).unwrap();
        let mut forged = plane.nobody();
        forged.token = Some("dgm_0000000000000000000000000000000000000000000".to_owned());
        let mut stale = people.viewer.clone();
        stale.cookie = Some("dragoman=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".to_owned());
        let mut wrong = Vec::new();
        let mut tell = |endpoint: &Endpoint, who: &str, status: u16, allowed: &[u16]| {
            if !allowed.contains(&status) {
                wrong.push(format!("{} {} as {who}: {status}", endpoint.method, endpoint.path));
            }
        };
        let all = endpoints(&document);
        assert!(!all.is_empty());
        for endpoint in &all {
            let needs = endpoint.action.needs();
            if needs == Needs::Nobody {
                continue;
            }
            for (who, caller) in
                [("nobody", &plane.nobody()), ("a forged token", &forged), ("an ended session", &stale)]
            {
                tell(endpoint, who, ask(caller, endpoint, "shop").await, &[401]);
            }
            match needs {
                Needs::Workspace(_) => {
                    tell(endpoint, "a stranger", ask(&people.stranger, endpoint, "shop").await, &[404]);
                    tell(
                        endpoint,
                        "a member elsewhere",
                        ask(&people.viewer, endpoint, "other").await,
                        &[404],
                    );
                    let roles = [
                        (Role::Viewer, &people.viewer),
                        (Role::Editor, &people.editor),
                        (Role::Admin, &people.admin),
                    ];
                    for (role, caller) in roles.into_iter().filter(|(role, _)| !endpoint.action.is_for(*role))
                    {
                        tell(endpoint, role.as_str(), ask(caller, endpoint, "shop").await, &[403]);
                    }
                }
                Needs::Instance => {
                    tell(endpoint, "an owner", ask(&people.owner, endpoint, "shop").await, &[403])
                }
                Needs::Plane => {
                    tell(endpoint, "an admin", ask(&people.root, endpoint, "shop").await, &[401, 403])
                }
                Needs::Person | Needs::Nobody => {}
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        plane.stop().await;
    });
}

#[test]
fn no_endpoint_answers_nonsense_with_a_mistake_of_its_own() {
    each_backend(|backend| async move {
        let plane = Plane::start(backend).await;
        let people = plane.people().await;
        let document = serde_json::to_value(admin::http::document()).unwrap();
        let bodies = [
            json!({}),
            json!([]),
            json!(null),
            json!("text"),
            json!({"unknown": 1}),
            json!({"name": {"a": []}, "slug": 7, "email": [1], "text": "x".repeat(100_000)}),
        ];
        let mut wrong = Vec::new();
        for endpoint in endpoints(&document).iter().filter(|endpoint| {
            // Ends the session that asks.
            endpoint.action != Action::SignOut
        }) {
            for body in bodies.iter().filter(|_| endpoint.has_body) {
                let path = filled(&endpoint.path, "shop");
                let headers = [("if-match", "\"1\"")];
                let answer =
                    people.owner.with_json(endpoint.method.clone(), &path, &headers, body.clone()).await;
                if !answer.status.is_client_error() {
                    wrong.push(format!(
                        "{} {path} with {body:.60}: {} {}",
                        endpoint.method, answer.status, answer.text
                    ));
                }
            }
            for query in [
                "limit=0",
                "limit=x",
                "cursor=%FF",
                "cursor=AAAA",
                "nothing=1",
                "limit=999999999999999999999",
            ] {
                let path = format!("{}?{query}", filled(&endpoint.path, "shop"));
                let body = endpoint.has_body.then(|| ("application/json", b"{}".to_vec()));
                let answer = people.owner.send(endpoint.method.clone(), &path, &[], body).await;
                if answer.status.is_server_error() {
                    wrong.push(format!("{} {path}: {} {}", endpoint.method, answer.status, answer.text));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        plane.stop().await;
    });
}
