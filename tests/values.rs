//! Is of each statement kept what rules ask for, and never a secret?
//!
//! What was sealed is opened by the program's own `ledger reveal`, with the keys that lie beside the ledger.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod harness;

use harness::clients::run;
use harness::gateway::{Gateway, Plan};
use harness::ledger::files_that_tell;
use harness::server::Server;
use harness::wire::{Wire, bind, execute, parse, sync};
use harness::{each_version, signal};
use serde_json::Value;
use std::process::Command;
use std::time::Duration;

/// Texts with a planted secret, in sections by server.
const VECTORS: &str = include_str!("values/secrets.txt");

/// What is planted.
const PLANTED: &str = "S3cr3t!";

/// What no record may show of it: a text may be cut in its middle.
const TELLING: [&str; 2] = ["S3cr3t", "533cr3t"];

/// Keeps everything of everything.
const EVERYTHING: &str = r#"
[[rule]]
name = "everything"
decision = "note"
record = ["text", "parameters", "hashes", "error"]
"#;

fn vectors(section: &str) -> Vec<&'static str> {
    let (_, rest) = VECTORS.split_once(&format!("# {section}\n")).expect("the section");
    rest.lines().take_while(|line| !line.starts_with("# ")).filter(|line| !line.is_empty()).collect()
}

/// A gateway with these rules, in a folder that lives as long as what is handed back with it.
fn with_rules(plan: Plan, rules: &str) -> (Gateway, tempfile::TempDir) {
    let folder = tempfile::Builder::new().prefix("dragoman-rules-").tempdir().expect("a folder");
    std::fs::write(folder.path().join("own.toml"), rules).expect("the rules are written");
    let directory = format!("directory = \"{}\"", folder.path().display());
    let plan = plan.listener("policies = [\"own\"]").table("policies", &directory);
    (plan.start(), folder)
}

/// Ends the gateway; what `ledger reveal` then shows, and the rest of the records as they are.
fn revealed(gateway: &mut Gateway) -> Vec<Value> {
    signal(gateway.pid(), "TERM");
    assert!(gateway.ended_within(Duration::from_secs(30)).success());
    let mut reveal = Command::new(env!("CARGO_BIN_EXE_dragoman"));
    reveal.args(["ledger", "reveal", "--json", "--listener", "shop", "--directory"]).arg(gateway.ledger());
    let ended = run(&mut reveal);
    let lines = ended.printed().lines();
    lines.map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
}

/// `event | text | parameters | hashes | error | withheld` of what was revealed.
fn shown(record: &Value) -> String {
    let part = |value: &Value| match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let values = &record["values"];
    let hashes = record["hashes"].as_array().map_or("-".to_owned(), |hashes| hashes.len().to_string());
    let event = part(&record["event"]).replace("statement.", "");
    let [text, parameters, error] = ["text", "parameters", "error"].map(|name| part(&values[name]));
    format!("{event} | {text} | {parameters} | {hashes} | {error} | {}", part(&record["withheld"]))
}

#[test]
fn what_rules_ask_for_is_kept_and_opens_again() {
    each_version(|version| {
        let server = Server::start(version);
        server.ask("CREATE TABLE kept (a int PRIMARY KEY, b text)");
        let rules = r#"
[[rule]]
name = "kept"
when = { table = ["kept"] }
decision = "note"
record = ["text", "parameters", "hashes", "error"]

[[rule]]
name = "no-delete"
when = { verb = ["delete"] }
decision = "refuse"
record = ["text"]
"#;
        let (mut gateway, _rules) = with_rules(Plan::before(&server).mode("enforce"), rules);
        let mut wire = Wire::login(gateway.port, "clear");
        let mut ask = |bytes: &[&[u8]]| {
            wire.send(&bytes.concat());
            wire.until(b'Z', 1);
        };
        let query = |text: &str| harness::wire::query(text);
        ask(&[&query("INSERT INTO kept VALUES (1, 'it''s')")]);
        ask(&[&query("INSERT INTO kept VALUES (1, 'again')")]);
        ask(&[&query("SELECT 5; /* x */ SELECT b FROM kept WHERE a = 7; SELECT 6")]);
        ask(&[&query("DELETE FROM kept WHERE b = 'x'")]);
        ask(&[
            &parse("p", "SELECT a FROM kept WHERE b = $1 OR b = $2", &[]),
            &bind("", "p", &[Some(b"one"), None], 0),
            &execute("", 0),
            &sync(),
        ]);
        // Bound in a batch of its own, and executed twice, each time with the values of its Bind.
        ask(&[&bind("", "p", &[Some(b"two"), Some(b"")], 0), &execute("", 0), &sync()]);
        let long = vec![b'x'; 300_000];
        ask(&[&bind("", "p", &[Some(&long), None], 0), &execute("", 0), &sync()]);
        ask(&[&query("PREPARE q AS SELECT a FROM kept WHERE b = $1")]);
        ask(&[&query("EXECUTE q ('three')")]);
        wire.terminate();
        let lines: Vec<String> = revealed(&mut gateway).iter().map(shown).collect();
        let text = "SELECT a FROM kept WHERE b = $1 OR b = $2";
        let duplicate = "duplicate key value violates unique constraint \"kept_pkey\"\n\
                         detail: Key (a)=(1) already exists.";
        let expected = [
            "intent | INSERT INTO kept VALUES (1, 'it''s') | [\"1\",\"it's\"] | 2 | - | -".to_owned(),
            "intent | INSERT INTO kept VALUES (1, 'again') | [\"1\",\"again\"] | 2 | - | -".to_owned(),
            format!("outcome | - | - | - | {duplicate} | -"),
            "outcome | SELECT b FROM kept WHERE a = 7 | [\"7\"] | 1 | - | -".to_owned(),
            "refused | DELETE FROM kept WHERE b = 'x' | [\"x\"] | 1 | - | -".to_owned(),
            format!("outcome | {text} | [\"one\",null] | 2 | - | -"),
            format!("outcome | {text} | [\"two\",\"\"] | 2 | - | -"),
            format!("outcome | {text} | [] | 0 | - | cut"),
            "outcome | PREPARE q AS SELECT a FROM kept WHERE b = $1 | [] | 0 | - | -".to_owned(),
            "outcome | EXECUTE q ('three') | [\"three\"] | 1 | - | -".to_owned(),
        ];
        assert_eq!(lines, expected, "{lines:#?}");
        assert_eq!(files_that_tell(&gateway.ledger(), &["it's", "it''s", "again", "three"]), []);
    });
}

/// All texts that are sent of one vector.
fn writings(vector: &str) -> Vec<String> {
    vec![
        vector.to_owned(),
        format!("SELECT 'before'; {vector}"),
        format!("PREPARE planted_p AS {vector}"),
        format!("EXPLAIN {vector}"),
        format!("DO $do$ BEGIN {vector}; END $do$"),
    ]
}

/// Nothing in the files of the ledger, beside its keys, and in what the gateway has said.
fn assert_nothing_told(gateway: &Gateway) {
    let tells = |line: &String| TELLING.iter().any(|secret| line.contains(secret));
    let lines: Vec<String> =
        gateway.records().iter().map(|record| record.0.to_string()).filter(tells).collect();
    assert!(lines.is_empty(), "{lines:#?}");
    assert_eq!(files_that_tell(gateway.folder(), &TELLING), []);
}

fn send_planted(port: u16) {
    let mut wire = Wire::login(port, "clear");
    // What a setting of a vector may have changed is not to decide about the next.
    let reset = "ROLLBACK; DEALLOCATE ALL; RESET ALL";
    for vector in vectors("postgres") {
        for text in writings(vector) {
            wire.query(&text);
            wire.query(reset);
            let batch = [parse("", &text, &[]), bind("", "", &[], 0), execute("", 0), sync()];
            wire.send(&batch.concat());
            wire.until(b'Z', 1);
        }
    }
    for vector in vectors("postgres parameters") {
        let values: &[Option<&[u8]>] = match vector.contains("$2") {
            true => &[Some(PLANTED.as_bytes()), Some(b"app.token")],
            false => &[Some(PLANTED.as_bytes())],
        };
        let batch = [parse("", vector, &[]), bind("", "", values, 0), execute("", 0), sync()];
        wire.send(&batch.concat());
        wire.until(b'Z', 1);
        wire.query(&format!("PREPARE planted_q AS {vector}"));
        wire.query(&format!("EXECUTE planted_q ('{PLANTED}', 'app.token')"));
        wire.query(&format!("EXECUTE planted_q ('{PLANTED}')"));
        wire.query(reset);
    }
    // A value that tells by itself, of a statement that does not.
    let value = format!("host=h password={PLANTED}");
    let batch = [
        parse("", "SELECT $1::text", &[]),
        bind("", "", &[Some(value.as_bytes())], 0),
        execute("", 0),
        sync(),
    ];
    wire.send(&batch.concat());
    wire.until(b'Z', 1);
    wire.query("SELECT 'Pl41n!', no_such_column");
    wire.terminate();
}

#[test]
fn no_secret_is_kept_of_what_postgres_is_asked() {
    assert!(vectors("postgres").len() + vectors("mysql").len() >= 150);
    each_version(|version| {
        for mode in ["observe", "enforce"] {
            let server = Server::start(version);
            let (mut gateway, _rules) = with_rules(Plan::before(&server).mode(mode), EVERYTHING);
            send_planted(gateway.port);
            let opened = revealed(&mut gateway);
            for record in &opened {
                let line = record.to_string();
                assert!(!TELLING.iter().any(|secret| line.contains(secret)), "{mode}: {line}");
            }
            assert_nothing_told(&gateway);
            // And what is no secret was kept: of nothing nobody could tell anything.
            let lines: Vec<String> = opened.iter().map(shown).collect();
            let plain = "| SELECT 'Pl41n!', no_such_column | [\"Pl41n!\"] | 1 | column \"no_such_column\" does not exist";
            assert!(lines.iter().any(|line| line.contains(plain)), "{:#?}", lines.last());
            assert!(lines.iter().filter(|line| line.ends_with("| secret")).count() > 500);
            assert_eq!(files_that_tell(gateway.folder(), &["Pl41n!"]), []);
        }
    });
}
