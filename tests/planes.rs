//! Do the planes of the real program do their work together, apart, and without each other?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use harness::control::{Caller, Control, PASSWORD, TOKEN, admin_table};
use harness::gateway::Plan;
use harness::server::{Server, rows};
use harness::wire::{Wire, first_error};
use harness::{eventually, free_port};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

#[test]
fn one_process_runs_both_planes_and_the_traffic_is_there_to_be_asked_for() {
    let server = Server::start("18");
    let port = free_port();
    let gateway = Plan::before(&server).table("admin", &admin_table(port)).start();
    let root = Caller::first(&format!("http://127.0.0.1:{port}"), || gateway.log());
    let mut wire = Wire::login(gateway.port, "clear");
    for _ in 0..7 {
        rows(&mut wire, "SELECT 7391 AS planted");
    }
    eventually("the calls are counted", || (root.calls("planted") == 7).then_some(()));
    let sessions = root.get("/api/v1/workspaces/default/sessions?live=true");
    assert_eq!(sessions["items"][0]["caller"]["user"], "clear", "{sessions}");
    assert!(!gateway.log().contains(PASSWORD), "a password stands in the log");
}

#[test]
fn the_ledger_says_who_reads_it_through_the_control_plane() {
    let server = Server::start("18");
    let port = free_port();
    let gateway = Plan::before(&server).table("admin", &admin_table(port)).start();
    let root = Caller::first(&format!("http://127.0.0.1:{port}"), || gateway.log());
    let mut wire = Wire::login(gateway.port, "clear");
    rows(&mut wire, "SELECT 7391 AS planted");
    wire.terminate();
    gateway
        .recorded("the end", |records| records.iter().any(|one| one.event() == "session.end").then_some(()));
    let path = "/api/v1/workspaces/default/ledger";
    let found = root.get(&format!("{path}?text=planted&limit=7"));
    assert_eq!(found["items"][0]["record"]["text"], "SELECT ? AS planted", "{found}");
    let read = |event: &str| -> Vec<Value> {
        gateway.records().into_iter().filter(|one| one.event() == event).map(|one| one.0).collect()
    };
    // No waiting: it was kept before the answer came.
    let told = read("ledger.read");
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0]["reader"], json!({ "kind": "person", "name": "root@example.com" }));
    assert_eq!(
        (&told[0]["asked"], &told[0]["format"]),
        (&json!("workspace=default text=planted"), &json!("page"))
    );
    let url = format!("{}{path}/export?format=jsonl", root.url);
    let copy = root.http.get(url).header("cookie", &root.cookie).send().unwrap();
    assert!(copy.text().unwrap().contains("SELECT ? AS planted"));
    let taken = read("ledger.export");
    assert_eq!((taken.len(), &taken[0]["format"]), (1, &json!("jsonl")), "{taken:?}");
}

#[test]
fn without_the_table_there_is_no_control_plane_and_nothing_listens() {
    let server = Server::start("18");
    let gateway = Plan::before(&server).start();
    let mut wire = Wire::login(gateway.port, "clear");
    assert_eq!(first_error(&wire.query("SELECT 1")), None);
    assert!(!gateway.log().contains("control plane"), "{}", gateway.log());
}

#[test]
fn planes_apart_find_each_other_again_and_nothing_is_counted_twice_or_lost() {
    let server = Server::start("18");
    let control = Control::start(free_port(), tempfile::tempdir().unwrap());
    let root = Caller::first(&control.url(), || control.log());
    let secret = tempfile::NamedTempFile::new().unwrap();
    fs::write(secret.path(), TOKEN).unwrap();
    let link = format!("url = \"{}\"\ntoken = {{ file = \"{}\" }}", control.url(), secret.path().display());
    let gateway = Plan::before(&server).table("link", &link).start();
    let mut wire = Wire::login(gateway.port, "clear");
    rows(&mut wire, "SELECT 1 AS planted");
    eventually("the first is counted", || (root.calls("planted") == 1).then_some(()));

    let (port, folder) = (control.port, control.kill());
    for _ in 0..20 {
        rows(&mut wire, "SELECT 1 AS planted");
    }
    assert_eq!(gateway.ready().0, 200, "the data plane serves without its control plane");

    let control = Control::start(port, folder);
    assert!(!control.log()[control.log().rfind("control plane started").unwrap()..].contains("/setup#"));
    eventually("what happened meanwhile is counted once", || (root.calls("planted") == 21).then_some(()));
    rows(&mut wire, "SELECT 1 AS planted");
    eventually("and what comes after it", || (root.calls("planted") == 22).then_some(()));
}

#[test]
fn a_data_plane_without_the_token_is_told_so_and_serves() {
    let server = Server::start("18");
    let control = Control::start(free_port(), tempfile::tempdir().unwrap());
    let secret = tempfile::NamedTempFile::new().unwrap();
    fs::write(secret.path(), "another token").unwrap();
    let link = format!("url = \"{}\"\ntoken = {{ file = \"{}\" }}", control.url(), secret.path().display());
    let gateway = Plan::before(&server).table("link", &link).start();
    eventually("the log says why", || gateway.log().contains("401").then_some(()));
    let mut wire = Wire::login(gateway.port, "clear");
    assert_eq!(first_error(&wire.query("SELECT 1")), None);
    for log in [gateway.log(), control.log()] {
        assert!(!log.contains("another token") && !log.contains(TOKEN), "{log}");
    }
}

fn dragoman(folder: &Path, words: &[&str]) -> (bool, String) {
    let output =
        Command::new(env!("CARGO_BIN_EXE_dragoman")).args(words).current_dir(folder).output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(text).unwrap())
}

#[test]
fn a_backup_brings_people_back_and_a_new_master_key_opens_nothing_less() {
    let control = Control::start(free_port(), tempfile::tempdir().unwrap());
    let root = Caller::first(&control.url(), || control.log());
    root.post("/api/v1/workspaces", &json!({ "slug": "shop", "name": "Shop" }), 201);
    let folder = control.folder.path().to_owned();
    let backup = ["state", "backup", "--config", "control.toml", "--to", "state.backup"];
    let (done, said) = dragoman(&folder, &backup);
    assert!(done && said.contains("rows of"), "{said}");
    root.post("/api/v1/workspaces", &json!({ "slug": "later", "name": "Later" }), 201);

    let (port, folder) = (control.port, control.kill());
    let restore = ["state", "restore", "--config", "control.toml", "--from", "state.backup"];
    let (done, said) = dragoman(folder.path(), &restore);
    assert!(!done && said.contains("--force"), "{said}");
    let (done, said) = dragoman(folder.path(), &[&restore[..], &["--force"]].concat());
    assert!(done, "{said}");
    fs::write(folder.path().join("new.key"), "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=").unwrap();
    let (done, said) =
        dragoman(folder.path(), &["state", "rekey", "--config", "control.toml", "--new-key", "new.key"]);
    assert!(done && said.contains("0 secrets"), "{said}");

    let _control = Control::start(port, folder);
    let slugs = root.get("/api/v1/workspaces").to_string();
    assert!(slugs.contains("\"shop\"") && !slugs.contains("\"later\""), "{slugs}");
}

#[test]
fn a_master_key_is_changed_by_other_settings_and_not_while_a_control_plane_is_at_work() {
    let control = Control::start(free_port(), tempfile::tempdir().unwrap());
    let folder = control.folder.path().to_owned();
    let settings = fs::read_to_string(folder.join("control.toml")).unwrap();
    fs::write(folder.join("next.key"), "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=").unwrap();
    let next = settings.replacen("[admin]\n", "[admin]\nmaster_key = { file = \"next.key\" }\n", 1);
    assert_ne!(next, settings, "the settings have the table");
    fs::write(folder.join("next.toml"), next).unwrap();
    let rekey = ["state", "rekey", "--config", "control.toml", "--to", "next.toml"];
    let (done, said) = dragoman(&folder, &rekey);
    assert!(!done && said.contains("a control plane is at work on this state"), "{said}");
    let (done, said) = dragoman(&folder, &["state", "rekey", "--config", "control.toml", "--latest"]);
    assert!(!done && said.contains("it has no versions"), "{said}");
    let (done, said) = dragoman(&folder, &["state", "rekey", "--config", "control.toml"]);
    assert!(!done && said.contains("--latest"), "{said}");
    // One that was killed is not waited for longer than it counts.
    let folder = control.kill();
    let (done, said) = dragoman(folder.path(), &rekey);
    assert!(done && said.contains("0 secrets") && said.contains("other settings"), "{said}");
}

#[test]
fn settings_that_cannot_be_used_end_the_program_with_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    let text = format!(
        "[status]\nlisten = \"127.0.0.1:{port}\"\n[[listener]]\nname = \"shop\"\nlisten = \"127.0.0.1:0\"\nupstream = \"127.0.0.1:1\"\n"
    );
    fs::write(folder.path().join("g.toml"), &text).unwrap();
    let (done, said) = dragoman(folder.path(), &["serve", "--plane", "control", "--config", "g.toml"]);
    assert!(!done && said.contains("[admin]"), "{said}");
    let taken = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let taken = taken.local_addr().unwrap().port();
    fs::write(folder.path().join("g.toml"), format!("{text}[admin]\n{}\n", admin_table(taken))).unwrap();
    fs::write(folder.path().join("x"), "").unwrap();
    let (done, said) = dragoman(folder.path(), &["serve", "--config", "g.toml"]);
    assert!(!done || said.contains("control plane started"), "{said}");
    fs::write(folder.path().join("control.db"), "this is no database, and long enough to be read as one")
        .unwrap();
    let state = "[state]\nurl = \"sqlite:control.db\"\n";
    fs::write(folder.path().join("g.toml"), format!("{text}[admin]\n{}\n{state}", admin_table(free_port())))
        .unwrap();
    let (done, said) = dragoman(folder.path(), &["serve", "--config", "g.toml"]);
    assert!(!done && said.contains("dragoman state restore"), "{said}");
}

#[test]
fn the_program_ends_when_it_is_told_to_and_keeps_what_it_knew() {
    let server = Server::start("18");
    let port = free_port();
    let mut gateway = Plan::before(&server).table("admin", &admin_table(port)).start();
    let root = Caller::first(&format!("http://127.0.0.1:{port}"), || gateway.log());
    root.post("/api/v1/workspaces", &json!({ "slug": "shop", "name": "Shop" }), 201);
    gateway.terminate();
    let status = gateway.ended_within(Duration::from_secs(20));
    assert!(status.success(), "{status}\n{}", gateway.log());
}
