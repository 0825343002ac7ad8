//! Is of each statement of a MySQL listener kept what rules ask for, in every form in which values come, and
//! never a secret?
//!
//! What was sealed is opened by the program's own `ledger reveal`, with the keys that lie beside the ledger.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod harness;

use harness::clients::run;
use harness::gateway::{Gateway, Plan};
use harness::ledger::files_that_tell;
use harness::mariadb::{Mariadb, printed, python_mysql};
use harness::mysql_wire::{CAPABILITIES, MysqlWire, command, query, response};
use harness::signal;
use serde_json::Value;
use std::process::Command;
use std::time::Duration;

/// Texts with a planted secret, in sections by server.
const VECTORS: &str = include_str!("values/secrets.txt");

/// What is planted, and what no record may show of it: a text may be cut in its middle.
const PLANTED: &str = "S3cr3t!";
const TELLING: [&str; 2] = ["S3cr3t", "533cr3t"];

/// Keeps everything of everything.
const EVERYTHING: &str = r#"
[[rule]]
name = "everything"
decision = "note"
record = ["text", "parameters", "hashes", "error"]
"#;

/// Keeps everything of one table, and lets nothing of it be deleted.
const KEPT: &str = r#"
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

/// A gateway with these rules, in a folder that lives as long as what is handed back with it.
fn with_rules(server: &Mariadb, mode: &str, rules: &str) -> (Gateway, tempfile::TempDir) {
    let folder = tempfile::Builder::new().prefix("dragoman-rules-").tempdir().unwrap();
    std::fs::write(folder.path().join("own.toml"), rules).unwrap();
    let directory = format!("directory = \"{}\"", folder.path().display());
    let plan: Plan = server.plan().mode(mode).listener("policies = [\"own\"]\nallow_unauthenticated = true");
    (plan.table("policies", &directory).start(), folder)
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

#[track_caller]
fn check(gateway: &mut Gateway, expected: &[String]) {
    let lines: Vec<String> = revealed(gateway).iter().map(shown).collect();
    assert_eq!(lines, expected, "{lines:#?}");
}

/// What an execution gives: a type of two bytes, and the value in the binary protocol; `None` is NULL.
type Given<'a> = ([u8; 2], Option<&'a [u8]>);

const LONG: [u8; 2] = [3, 0];
const STRING: [u8; 2] = [0xfd, 0];
const BLOB: [u8; 2] = [0xfc, 0];

/// Builds an execution; `types` says whether they are told.
fn execute(id: u32, types: bool, given: &[Given]) -> Vec<u8> {
    let mut body = [&id.to_le_bytes()[..], &[0, 1, 0, 0, 0]].concat();
    let mut nulls = vec![0; given.len().div_ceil(8)];
    for (place, _) in given.iter().enumerate().filter(|(_, one)| one.1.is_none()) {
        nulls[place / 8] |= 1 << (place % 8);
    }
    body.extend(nulls);
    body.push(u8::from(types));
    if types {
        body.extend(given.iter().flat_map(|one| one.0));
    }
    body.extend(given.iter().filter_map(|one| one.1).flatten());
    command(0x17, &body)
}

/// A text as it stands among values.
fn text(value: &str) -> Vec<u8> {
    [&[u8::try_from(value.len()).unwrap()], value.as_bytes()].concat()
}

fn long_data(id: u32, parameter: u16, data: &[u8]) -> Vec<u8> {
    command(0x18, &[&id.to_le_bytes()[..], &parameter.to_le_bytes(), data].concat())
}

#[test]
fn what_rules_ask_for_is_kept_and_opens_again() {
    let server = Mariadb::start();
    server.ask("CREATE TABLE kept (a int PRIMARY KEY, b longtext)");
    let (mut gateway, _rules) = with_rules(&server, "enforce", KEPT);
    let mut wire = MysqlWire::login(gateway.port, "values");
    let insert = r#"INSERT INTO kept VALUES (1, 'it\'s "so"')"#;
    assert!(wire.ask(&query(insert))[0].is_ok());
    wire.ask(&query("INSERT INTO kept VALUES (1, 0x61)"));
    wire.ask(&query("SELECT 5; /* x */ SELECT b FROM kept WHERE a = 7 OR b = \"x\"; SELECT 6"));
    wire.ask(&query("DELETE FROM kept WHERE b = 'x'"));
    let id = wire.prepare("INSERT INTO kept VALUES (?, ?)");
    let (two, three, four, five) =
        (2u32.to_le_bytes(), 3u32.to_le_bytes(), 4u32.to_le_bytes(), 5u32.to_le_bytes());
    let one = text("one");
    assert!(wire.ask(&execute(id, true, &[(LONG, Some(&two)), (STRING, Some(&one))]))[0].is_ok());
    // Types of before, and NULL.
    assert!(wire.ask(&execute(id, false, &[(LONG, Some(&three)), (STRING, None)]))[0].is_ok());
    // In pieces, whatever stands in the execution.
    wire.send(&[long_data(id, 1, b"long "), long_data(id, 1, b"data")].concat());
    assert!(wire.ask(&execute(id, true, &[(LONG, Some(&four)), (BLOB, None)]))[0].is_ok());
    // More than is kept.
    wire.send(&long_data(id, 1, &vec![b'x'; 300_000]));
    assert!(wire.ask(&execute(id, true, &[(LONG, Some(&five)), (BLOB, None)]))[0].is_ok());
    wire.ask(&execute(id, true, &[(LONG, Some(&two)), (STRING, Some(&text("again")))]));
    assert_eq!(server.ask("SELECT a, LENGTH(b) FROM kept"), "1\t9\n2\t3\n3\tNULL\n4\t9\n5\t300000");
    wire.ask(&query("PREPARE q FROM 'SELECT a FROM kept WHERE b = ?'"));
    wire.ask(&query("EXECUTE q USING 'three'"));
    wire.quit();
    let prepared = "INSERT INTO kept VALUES (?, ?)";
    let duplicate = |key: &str| format!("Duplicate entry '{key}' for key 'PRIMARY'");
    check(
        &mut gateway,
        &[
            format!("intent | {insert} | [\"1\",\"it's \\\"so\\\"\"] | 2 | - | -"),
            "intent | INSERT INTO kept VALUES (1, 0x61) | [\"1\",\"0x61\"] | 2 | - | -".to_owned(),
            format!("outcome | - | - | - | {} | -", duplicate("1")),
            "outcome | SELECT b FROM kept WHERE a = 7 OR b = \"x\" | [\"7\",\"x\"] | 2 | - | -".to_owned(),
            "refused | DELETE FROM kept WHERE b = 'x' | [\"x\"] | 1 | - | -".to_owned(),
            format!("intent | {prepared} | [\"2\",\"one\"] | 2 | - | -"),
            format!("intent | {prepared} | [\"3\",null] | 2 | - | -"),
            format!("intent | {prepared} | [\"4\",\"long data\"] | 2 | - | -"),
            format!("intent | {prepared} | [\"5\"] | 1 | - | cut"),
            format!("intent | {prepared} | [\"2\",\"again\"] | 2 | - | -"),
            format!("outcome | - | - | - | {} | -", duplicate("2")),
            // A text that another one brings may be put together of anything.
            "outcome | - | - | - | - | secret".to_owned(),
            "outcome | EXECUTE q USING 'three' | [\"three\"] | 1 | - | -".to_owned(),
        ],
    );
    assert_eq!(files_that_tell(&gateway.ledger(), &["it's", "it\\'s", "again", "long data"]), []);
}

#[test]
fn every_type_that_a_driver_sends_is_kept_as_a_text() {
    let server = Mariadb::start();
    let (mut gateway, _rules) = with_rules(&server, "observe", EVERYTHING);
    printed(&mut python_mysql("values_mysql_connector.py", gateway.port));
    let lines: Vec<String> = revealed(&mut gateway).iter().map(shown).collect();
    let executed = lines.iter().find(|line| line.contains("SELECT ?, ?")).expect("the execution");
    let expected = r#"["1","-2","300","-70000","1099511627776","18446744073709551615","1.5","12.30","it's ü",{"base64":"AP8="},null,"2026-11-21 20:05:06.000007","2026-11-21","26:00:00"]"#;
    assert!(executed.contains(expected), "{executed}");
    assert!(executed.ends_with("| 14 | - | -"), "{executed}");
}

/// Logged in as a client that has MariaDB's bulk execution.
fn bulk_login(port: u16) -> MysqlWire {
    let mut wire = MysqlWire::connect(port);
    wire.packet().expect("a greeting");
    let mut bytes = response("nobody", "bulk", CAPABILITIES);
    // MARIADB_CLIENT_STMT_BULK_OPERATIONS, in the last of the bytes that MySQL's clients leave empty.
    bytes[4 + 28] = 4;
    wire.send(&bytes);
    assert!(wire.packet().expect("an answer").is_ok());
    wire
}

#[test]
fn each_row_of_a_bulk_execution_is_kept() {
    let server = Mariadb::start();
    server.ask("CREATE TABLE kept (a int PRIMARY KEY, b longtext)");
    let (mut gateway, _rules) = with_rules(&server, "enforce", KEPT);
    let mut wire = bulk_login(gateway.port);
    let id = wire.prepare("INSERT INTO kept VALUES (?, ?)");
    let mut body = [&id.to_le_bytes()[..], &[128, 0], &LONG, &STRING].concat();
    for (key, value) in [(1u32, Some("one")), (2, None)] {
        body.extend([&[0][..], &key.to_le_bytes()].concat());
        body.extend(value.map_or(vec![1], |value| [vec![0], text(value)].concat()));
    }
    let answer = wire.ask(&command(0xfa, &body));
    assert!(answer[0].is_ok(), "{:?}", answer[0].error());
    wire.quit();
    assert_eq!(server.ask("SELECT * FROM kept"), "1\tone\n2\tNULL");
    let text = "INSERT INTO kept VALUES (?, ?)";
    check(&mut gateway, &[format!("intent | {text} | [\"1\",\"one\",\"2\",null] | 4 | - | -")]);
}

#[test]
fn no_secret_is_kept_of_what_mariadb_is_asked() {
    let (_, vectors) = VECTORS.split_once("# mysql\n").expect("the section");
    let vectors: Vec<&str> = vectors.lines().filter(|line| !line.is_empty()).collect();
    assert!(vectors.len() > 40);
    for mode in ["observe", "enforce"] {
        let server = Mariadb::start();
        let (mut gateway, _rules) = with_rules(&server, mode, EVERYTHING);
        // One session for all: some of them change who may log in.
        let mut wire = MysqlWire::login(gateway.port, "planted");
        for vector in &vectors {
            wire.ask(&query(vector));
            wire.ask(&query(&format!("SELECT 1; {vector}")));
            wire.ask(&query(&format!("PREPARE p FROM '{}'", vector.replace('\'', "''"))));
            let _ = wire.try_prepare(vector);
        }
        // Given to something prepared: by its place, and by what it is itself.
        let planted = text(PLANTED);
        for prepared in ["SELECT PASSWORD(?)", "SELECT AES_ENCRYPT('a', ?)", "SELECT ? AS access_token"] {
            if let Ok(id) = wire.try_prepare(prepared) {
                wire.ask(&execute(id, true, &[(STRING, Some(&planted))]));
                wire.send(&long_data(id, 0, PLANTED.as_bytes()));
                wire.ask(&execute(id, true, &[(BLOB, None)]));
            }
        }
        let id = wire.prepare("SELECT ?");
        let connection = text(&format!("host=h password={PLANTED}"));
        wire.ask(&execute(id, true, &[(STRING, Some(&connection))]));
        wire.ask(&query("SELECT 'Pl41n!', no_such_column"));
        wire.quit();
        let opened = revealed(&mut gateway);
        let lines: Vec<String> = opened.iter().map(shown).collect();
        for record in &opened {
            let line = record.to_string();
            assert!(!TELLING.iter().any(|secret| line.contains(secret)), "{mode}: {line}");
        }
        let told: Vec<String> = gateway.records().iter().map(|record| record.0.to_string()).collect();
        let tells: Vec<&String> =
            told.iter().filter(|line| TELLING.iter().any(|secret| line.contains(secret))).collect();
        assert!(tells.is_empty(), "{mode}: {tells:#?}");
        assert_eq!(files_that_tell(gateway.folder(), &TELLING), []);
        // And what is no secret was kept: of nothing nobody could tell anything.
        let plain =
            "| SELECT 'Pl41n!', no_such_column | [\"Pl41n!\"] | 1 | Unknown column 'no_such_column' in";
        assert!(lines.iter().any(|line| line.contains(plain)), "{mode}: {:#?}", lines.last());
        let secret = lines.iter().filter(|line| line.ends_with("| secret")).count();
        assert!(secret > 3 * vectors.len(), "{mode}: {secret} of {}", lines.len());
        assert_eq!(files_that_tell(gateway.folder(), &["Pl41n!"]), []);
    }
}
