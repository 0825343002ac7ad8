//! Are query attributes told apart from the text of a statement, and is what they claim in the ledger?
//!
//! A line is shown as `event | text | on_behalf_of | trace_id`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod harness;

use harness::gateway::{Gateway, Plan};
use harness::ledger::Record;
use harness::mariadb::{printed, python_mysql};
use harness::mysql_double_attributes::{ATTRIBUTES, AttributesDouble, Command};
use harness::mysql_wire::{CAPABILITIES, MysqlWire, command, query};

const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

const RULES: &str = r#"
[[rule]]
name = "no-drop"
when = { verb = ["drop *"] }
decision = "refuse"
"#;

/// A gateway before a double.
fn before(double: &AttributesDouble, mode: &str) -> (Gateway, tempfile::TempDir) {
    let folder = tempfile::Builder::new().prefix("dragoman-rules-").tempdir().unwrap();
    std::fs::write(folder.path().join("own.toml"), RULES).unwrap();
    let directory = format!("directory = \"{}\"", folder.path().display());
    let plan = Plan::before_port(double.port).protocol("mysql").mode(mode);
    let plan = plan.listener("policies = [\"own\"]\nallow_unauthenticated = true");
    (plan.table("policies", &directory).start(), folder)
}

fn lines(gateway: &Gateway) -> Vec<String> {
    let records = gateway.recorded("the end of the session", |records| {
        records.iter().any(|record| record.event() == "session.end").then(|| records.to_vec())
    });
    let shown = |record: &Record| {
        let event = record.event().strip_prefix("statement.")?;
        let claims = [record.principal("on_behalf_of"), record.principal("trace_id")].join(" | ");
        Some(format!("{event} | {} | {claims}", record.text_of("text")))
    };
    records.iter().filter_map(shown).filter(|line| line.starts_with("outcome | UPDATE")).collect()
}

#[test]
fn a_double_hears_what_mysqls_connector_says_and_the_ledger_tells_it() {
    check_connector("no");
}

#[test]
fn a_double_hears_what_oracles_library_says_and_the_ledger_tells_it() {
    check_connector("yes");
}

fn check_connector(in_c: &str) {
    let double = AttributesDouble::start();
    let run = |port: u16| {
        printed(python_mysql("attributes_mysql_connector.py", port).env("MYSQL_C", in_c));
    };
    run(double.port);
    let direct = double.session();
    let (gateway, _rules) = before(&double, "enforce");
    run(gateway.port);
    assert_eq!(double.session(), direct, "byte for byte");
    let texts: Vec<String> = direct.iter().filter(|one| one.code == 3).map(Command::text).collect();
    assert!(texts.contains(&"UPDATE t SET a = 2".to_owned()), "{texts:?}");
    assert!(direct.iter().any(|one| one.text_at > 300), "the long block was sent");
    assert_eq!(
        lines(&gateway),
        [
            "outcome | UPDATE t SET a = ? |  | ".to_owned(),
            format!("outcome | UPDATE t SET a = ? | ada@example.org | {TRACE}"),
            // What an attribute says holds before a comment; of the rest the comment tells.
            format!("outcome | UPDATE t SET a = ? | bob | {TRACE}"),
            "outcome | UPDATE t SET a = ? |  | ".to_owned(),
            "outcome | UPDATE t SET a = ? | cyd | ".to_owned(),
        ]
    );
}

/// A query behind one attribute that is a text.
fn query_with(name: &str, value: &str, text: &str) -> Vec<u8> {
    let string = |text: &str| [&[u8::try_from(text.len()).unwrap()], text.as_bytes()].concat();
    let body = [&b"\x01\x01\0\x01\xfe\0"[..], &string(name), &string(value), text.as_bytes()].concat();
    command(3, &body)
}

fn login(gateway: &Gateway, capabilities: u32) -> MysqlWire {
    MysqlWire::login_with(gateway.port, "attributes", capabilities)
}

#[test]
fn what_stands_behind_attributes_is_judged_and_what_stands_in_them_is_not_by_the_double() {
    let double = AttributesDouble::start();
    let (gateway, _rules) = before(&double, "enforce");
    let mut wire = login(&gateway, CAPABILITIES | ATTRIBUTES);
    assert!(wire.ask(&query_with("a", "DROP TABLE t", "UPDATE t SET a = 1"))[0].is_ok());
    assert_eq!(double.hears().text(), "UPDATE t SET a = 1");
    for block in ["UPDATE t SET a = 1", "", "x"] {
        let (number, words) = wire.ask(&query_with("a", block, "DROP TABLE t"))[0].error().unwrap();
        assert_eq!(number, 1142, "{words}");
    }
    assert!(wire.ask(&command(3, b"\0\x01UPDATE t SET a = 2"))[0].is_ok());
    assert_eq!(double.hears().text(), "UPDATE t SET a = 2");
    wire.quit();
    assert!(double.session().is_empty(), "nothing else has reached it");
}

#[test]
fn a_malformed_block_ends_the_session_before_anything_reaches_the_double() {
    let double = AttributesDouble::start();
    let (gateway, _rules) = before(&double, "observe");
    let blocks: [&[u8]; 6] = [
        b"UPDATE t SET a = 1",
        b"\0\x02UPDATE t SET a = 1",
        b"\x01\x01\0\0UPDATE t SET a = 1",
        // NULL without its bit: MySQL's own library never sends it.
        b"\x01\x01\0\x01\x06\0\x01aUPDATE t SET a = 1",
        // A year, which servers have read in two ways.
        b"\x01\x01\0\x01\x0d\0\x01a\xea\x07UPDATE t SET a = 1",
        b"\x01\x01\0\x01\xfe\0\x01a\xffUPDATE t SET a = 1",
    ];
    for block in blocks {
        let mut wire = login(&gateway, CAPABILITIES | ATTRIBUTES);
        wire.send(&command(3, block));
        let (number, words) = wire.packet().unwrap().error().unwrap();
        assert_eq!(number, 1835, "{words}");
        assert!(words.contains("malformed packet of command 3"), "{words}");
        assert_eq!(wire.packet(), None, "{block:?}");
        assert!(double.session().is_empty(), "{block:?}");
    }
    gateway.recorded("a violation for each", |records| {
        let ends = records.iter().filter(|one| one.text_of("message_class") == "protocol_violation");
        (ends.count() == blocks.len()).then_some(())
    });
    // Others are not touched, and who has not agreed on attributes sends none.
    let mut wire = login(&gateway, CAPABILITIES);
    assert!(wire.ask(&query("UPDATE t SET a = 1"))[0].is_ok());
    assert_eq!(double.hears().text(), "UPDATE t SET a = 1");
    wire.quit();
}

#[test]
fn claims_that_are_no_names_and_no_traces_are_none_for_the_double_too() {
    let double = AttributesDouble::start();
    let (gateway, _rules) = before(&double, "observe");
    let mut wire = login(&gateway, CAPABILITIES | ATTRIBUTES);
    for (name, value) in
        [("on_behalf_of", ""), ("on_behalf_of", "a\nb"), ("traceparent", "1"), ("traceparent", PARENT)]
    {
        assert!(wire.ask(&query_with(name, value, "UPDATE t SET a = 1"))[0].is_ok());
    }
    wire.quit();
    let nothing = "outcome | UPDATE t SET a = ? |  | ".to_owned();
    assert_eq!(
        lines(&gateway),
        [nothing.clone(), nothing.clone(), nothing.clone(), format!("{nothing}{TRACE}")]
    );
}
