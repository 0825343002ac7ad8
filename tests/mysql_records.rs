//! Does the ledger hold exactly what happened in a MySQL session?
//!
//! Each test does something in a session of its own, ends it, and compares every line the ledger has
//! of that session. One line is shown as `event kind class ending rows | text`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod harness;

use harness::clients::run_with_input;
use harness::gateway::Gateway;
use harness::ledger::{Record, files_that_tell};
use harness::mariadb::{Mariadb, mariadb};
use harness::mysql_wire::{CAPABILITIES, DEPRECATE_EOF, FILES, MysqlWire, command, execute, packet, query};
use harness::server::PASSWORD;

/// A gateway that lets `nobody` in.
fn before(server: &Mariadb) -> Gateway {
    server.plan().listener("allow_unauthenticated = true").start()
}

/// All records of the session of `application`, once its last one is written.
fn records_of(gateway: &Gateway, application: &str) -> Vec<Record> {
    gateway.recorded(&format!("the end of {application}"), |records| {
        let start = records.iter().find(|record| {
            record.event() == "session.start" && record.principal("application") == application
        })?;
        let session = start.text_of("session");
        let mine: Vec<Record> =
            records.iter().filter(|record| record.text_of("session") == session).cloned().collect();
        (mine.last()?.event() == "session.end").then_some(mine)
    })
}

fn shown(record: &Record) -> String {
    let event = record.event().strip_prefix("statement.").unwrap_or(record.event());
    let mut line = format!("{event} {} {}", record.text_of("kind"), record.text_of("class"));
    if event != "intent" {
        let rows = record.number("rows").map_or(String::new(), |rows| format!(" rows={rows}"));
        line.push_str(&format!(" {}{rows}", record.text_of("message_class")));
    }
    if !record.text_of("sqlstate").is_empty() {
        line.push_str(&format!(" {}", record.text_of("sqlstate")));
    }
    line.push_str(&format!(" | {}", record.text_of("text")));
    if !record.source().is_empty() {
        line.push_str(&format!(" <- {}", record.source()));
    }
    line
}

/// Does something in a session and compares its lines.
#[track_caller]
fn check(application: &str, capabilities: u32, act: impl FnOnce(&mut MysqlWire), expected: &[&str]) {
    let server = Mariadb::start();
    let gateway = before(&server);
    let mut wire = MysqlWire::login_with(gateway.port, application, capabilities);
    act(&mut wire);
    wire.quit();
    let records = records_of(&gateway, application);
    let lines: Vec<String> = records[1..records.len() - 1].iter().map(shown).collect();
    assert_eq!(lines, expected, "{lines:#?}");
}

#[test]
fn each_statement_of_a_text_has_a_line_with_its_own_rows() {
    check(
        "several",
        CAPABILITIES,
        |wire| {
            wire.ask(&query("SELECT id FROM customers WHERE id < 4; UPDATE customers SET city = 'x' WHERE id = 9; SELECT 1"));
            wire.ask(&query("SELECT 1; SELECT no_such; SELECT 3"));
        },
        &[
            "intent run write | UPDATE customers SET city = ? WHERE id = ?",
            "outcome run read ok rows=3 | SELECT id FROM customers WHERE id < ?",
            "outcome run write ok rows=1 | UPDATE customers SET city = ? WHERE id = ?",
            "outcome run read ok rows=1 | SELECT ?",
            "outcome run read ok rows=1 | SELECT ?",
            "outcome run read syntax_error_or_access_rule_violation 42S22 | SELECT no_such",
        ],
    );
}

#[test]
fn a_call_is_one_statement_however_many_results_it_returns() {
    check(
        "call",
        CAPABILITIES,
        |wire| {
            wire.ask(&query("CALL three_results(); SELECT 1"));
            wire.ask(&query("CALL fails()"));
        },
        &[
            "intent run code | CALL three_results()",
            "outcome run code ok rows=3 | CALL three_results()",
            "outcome run read ok rows=1 | SELECT ?",
            "intent run code | CALL fails()",
            "outcome run code unhandled_user_defined_exception 45000 | CALL fails()",
        ],
    );
}

#[test]
fn executions_are_recorded_with_what_was_prepared_and_cursors_once() {
    for capabilities in [CAPABILITIES, CAPABILITIES | DEPRECATE_EOF] {
        check_prepared(capabilities);
    }
}

fn check_prepared(capabilities: u32) {
    check(
        "prepared",
        capabilities,
        |wire| {
            let id = wire.prepare("SELECT id FROM customers WHERE id <= 10");
            wire.ask(&execute(id, false));
            wire.ask(&execute(id, true));
            for count in [4_u32, 4, 4] {
                wire.send(&command(0x1c, &[id.to_le_bytes(), count.to_le_bytes()].concat()));
                while !wire.packet().unwrap().is_eof() {}
            }
            wire.send(&command(0x19, &id.to_le_bytes()));
            let failed = wire.ask(&command(0x16, b"SELEC"));
            assert_eq!(failed[0].error().unwrap().0, 1064);
            assert_eq!(wire.ask(&execute(id, false))[0].error().unwrap().0, 1243);
        },
        &[
            "outcome execute read ok rows=10 | SELECT id FROM customers WHERE id <= ?",
            "outcome execute read ok rows=10 | SELECT id FROM customers WHERE id <= ?",
            "outcome prepare unknown syntax_error_or_access_rule_violation 42000 | SELEC",
            "intent execute unknown | (statement not judged: too large, or it reads in more than one way)",
            "outcome execute unknown general_error HY000 | (statement not judged: too large, or it reads in more than one way)",
        ],
    );
}

#[test]
fn a_client_that_does_not_wait_is_recorded_in_order() {
    check(
        "ahead",
        CAPABILITIES,
        |wire| {
            // MariaDB's connectors execute what they prepared last before they know its number.
            let prepare = command(0x16, b"SELECT id FROM customers WHERE id < 6");
            wire.send(&[prepare, execute(u32::MAX, false), query("SELECT 1"), command(0x0e, b"")].concat());
            let mut packets = Vec::new();
            // Prepared: OK, column, EOF; executed: count, column, EOF, five rows, EOF.
            for _ in 0..3 + 9 {
                packets.push(wire.packet().unwrap());
            }
            assert!(packets.iter().all(|packet| packet.error().is_none()), "{packets:?}");
            assert_eq!(wire.answer().len(), 5);
            assert!(wire.packet().unwrap().is_ok());
        },
        &[
            "outcome execute read ok rows=5 | SELECT id FROM customers WHERE id < ?",
            "outcome run read ok rows=1 | SELECT ?",
        ],
    );
}

#[test]
fn a_file_counts_as_bytes_of_its_statement() {
    let server = Mariadb::start();
    let gateway = before(&server);
    let mut wire = MysqlWire::login_with(gateway.port, "file", CAPABILITIES | FILES);
    let load = query("LOAD DATA LOCAL INFILE 'x' INTO TABLE scratch (label)");
    // What comes behind waits until it is known whether it is the file.
    wire.send(&[load.clone(), packet(2, b"one\ntwo\nthree\n"), packet(3, b"")].concat());
    assert_eq!(wire.packet().unwrap().payload, b"\xfbx");
    assert!(wire.answer()[0].is_ok());
    assert_eq!(wire.ask(&query("SELECT COUNT(*) FROM scratch"))[3].payload, b"\x013");
    wire.quit();
    let records = records_of(&gateway, "file");
    let outcome = records.iter().find(|record| record.event() == "statement.outcome").unwrap();
    assert_eq!(
        shown(outcome),
        "outcome run write ok rows=3 | LOAD DATA LOCAL INFILE ? INTO TABLE scratch (label)"
    );
    assert_eq!(outcome.number("bytes_in"), Some(load.len() as u64 + 4 + 14 + 4));
}

#[test]
fn commands_without_a_text_have_lines_and_replication_is_refused() {
    let expected = [
        "outcome command session ok rows=0 | use database other",
        "outcome command read ok rows=5 | list columns customers",
        "outcome command read ok rows=0 | statistics",
        "outcome command maintenance general_error HY000 | kill",
        "refused command unknown refused 42000 | binlog dump",
        "outcome command session ok rows=0 | reset session",
        "outcome run read ok rows=1 | SELECT ?",
    ];
    check(
        "commands",
        CAPABILITIES,
        |wire| {
            assert!(wire.ask(&command(2, b"other"))[0].is_ok());
            wire.ask(&command(2, b"shop"));
            wire.send(&command(4, b"customers\0%"));
            while !wire.packet().unwrap().is_eof() {}
            wire.send(&command(9, b""));
            assert!(wire.packet().unwrap().payload.starts_with(b"Uptime"));
            assert_eq!(wire.ask(&command(0x0c, &u32::MAX.to_le_bytes()))[0].error().unwrap().0, 1094);
            let refused = wire.ask(&command(0x12, b"\x04\0\0\0\0\0\x01\0\0\0"));
            let (code, text) = refused[0].error().unwrap();
            assert_eq!((code, refused[0].sequence), (1235, 1));
            assert!(text.contains("binlog dump"), "{text}");
            assert!(wire.ask(&command(0x1f, b""))[0].is_ok());
            // The session goes on.
            wire.ask(&query("SELECT 1"));
        },
        &[&expected[..1], &["outcome command session ok rows=0 | use database shop"], &expected[1..]]
            .concat(),
    );
}

#[test]
fn whose_statement_it_is_follows_the_session() {
    let server = Mariadb::start();
    let gateway = before(&server);
    let mut wire = MysqlWire::login(gateway.port, "changing");
    wire.ask(&query("SELECT 1"));
    wire.ask(&query("USE other"));
    wire.ask(&query("SELECT 2"));
    wire.send(&command(
        0x11,
        b"nobody\0\0shop\0\x2d\0mysql_native_password\0\x16\x0cprogram_name\x08changed!",
    ));
    let asked = wire.packet().unwrap();
    assert!(asked.payload.starts_with(b"\xfemysql_native_password\0"), "{asked:?}");
    wire.send(&packet(asked.sequence + 1, b""));
    assert!(wire.answer()[0].is_ok());
    wire.ask(&query("SELECT 3"));
    wire.quit();
    let records = records_of(&gateway, "changing");
    let who: Vec<_> = records
        .iter()
        .filter(|record| record.text_of("text").starts_with("SELECT"))
        .map(|record| (record.principal("database"), record.principal("application")))
        .collect();
    assert_eq!(who, [("shop", "changing"), ("other", "changing"), ("shop", "changed!")]);
}

#[test]
fn the_state_of_the_transaction_is_recorded() {
    let server = Mariadb::start();
    let gateway = before(&server);
    let mut wire = MysqlWire::login(gateway.port, "transaction");
    for text in [
        "SELECT 1",
        "BEGIN",
        "SELECT 2",
        "ROLLBACK",
        "SET autocommit = 0",
        "SELECT * FROM customers",
        "SELECT 3",
    ] {
        wire.ask(&query(text));
    }
    wire.quit();
    let records = records_of(&gateway, "transaction");
    let states: Vec<_> = records
        .iter()
        .filter(|record| record.event() == "statement.outcome")
        .map(|record| record.0.pointer("/tx/state").and_then(|state| state.as_str()).unwrap_or_default())
        .collect();
    assert_eq!(states, ["idle", "idle", "open", "open", "idle", "idle", "open"]);
}

#[test]
fn how_strings_are_read_follows_the_session() {
    let server = Mariadb::start();
    let gateway = before(&server);
    let mut wire = MysqlWire::login(gateway.port, "modes");
    wire.ask(&query(r#"SELECT "id", 1 FROM customers WHERE id = 1"#));
    wire.ask(&query("SET sql_mode = 'ANSI_QUOTES'"));
    wire.ask(&query(r#"SELECT "id", 1 FROM customers WHERE id = 1"#));
    wire.quit();
    let records = records_of(&gateway, "modes");
    let texts: Vec<_> = records
        .iter()
        .filter(|record| record.event() == "statement.outcome")
        .map(|record| record.text_of("text").to_owned())
        .collect();
    assert_eq!(texts[0], "SELECT ?, ? FROM customers WHERE id = ?");
    assert_eq!(texts[2], "SELECT \"id\", ? FROM customers WHERE id = ?");
}

#[test]
fn in_an_encoding_of_two_bytes_nobody_claims_to_have_read_a_text() {
    let server = Mariadb::start();
    let gateway = before(&server);
    let mut wire = MysqlWire::login(gateway.port, "encoding");
    wire.ask(&query("SET NAMES gbk"));
    // One character whose second byte is a backslash, then the end of the string.
    wire.ask(&command(3, b"SELECT '\xbf\x5c', 1"));
    wire.ask(&query("SELECT 'plain', 1"));
    wire.quit();
    let records = records_of(&gateway, "encoding");
    let lines: Vec<_> = records
        .iter()
        .filter(|record| record.event() == "statement.outcome")
        .map(|record| (record.text_of("verdict"), record.text_of("message_class"), record.text_of("text")))
        .collect();
    assert_eq!(lines[1].0, "unjudged", "{lines:?}");
    assert_eq!(lines[1].1, "ok");
    assert_eq!(lines[2], ("allow", "ok", "SELECT ?, ?"));
}

#[test]
fn what_a_client_says_in_a_comment_stands_in_its_records() {
    let server = Mariadb::start();
    let gateway = before(&server);
    let mut wire = MysqlWire::login(gateway.port, "claims");
    let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    wire.ask(&query(&format!("SELECT 1 /*on_behalf_of='ada%40example.org',traceparent='{parent}'*/")));
    wire.ask(&query("SELECT '/*on_behalf_of=\\'eve\\'*/' # /*on_behalf_of='eve'*/"));
    let id = wire.prepare("SELECT 2 /*on_behalf_of='bob'*/");
    wire.ask(&execute(id, false));
    wire.quit();
    let records = records_of(&gateway, "claims");
    let claims: Vec<[&str; 2]> = records
        .iter()
        .filter(|record| record.event() == "statement.outcome")
        .map(|record| ["on_behalf_of", "trace_id"].map(|field| record.principal(field)))
        .collect();
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    assert_eq!(claims, [["ada@example.org", trace], ["", ""], ["bob", ""]]);
}

#[test]
fn a_statement_of_several_packets_is_recorded_unjudged() {
    let server = Mariadb::start();
    let gateway = before(&server);
    let mut wire = MysqlWire::login(gateway.port, "large");
    let text = format!("SELECT LENGTH('{}')", "x".repeat(0xff_ffff + 10));
    let payload = [b"\x03", text.as_bytes()].concat();
    let (first, second) = payload.split_at(0xff_ffff);
    wire.send(&[packet(0, first), packet(1, second)].concat());
    assert_eq!(wire.answer()[0].sequence, 2, "the answer goes on counting");
    wire.quit();
    let records = records_of(&gateway, "large");
    let outcome = records.iter().find(|record| record.event() == "statement.outcome").unwrap();
    assert_eq!(outcome.text_of("verdict"), "unjudged");
    assert_eq!(outcome.number("bytes_in"), Some(payload.len() as u64 + 8));
}

#[test]
fn no_password_and_no_literal_reaches_a_file_of_the_gateway() {
    let server = Mariadb::start();
    let gateway = server.plan().start();
    let secrets = ["hunter2", "4111-1111"];
    let script = "SELECT 'hunter2'; PREPARE p FROM 'SELECT ''4111-1111'''; EXECUTE p;\n\
                  SELECT \"4111-1111\"; SET PASSWORD = PASSWORD('hunter2');";
    let ended = run_with_input(&mut mariadb(gateway.port, "app"), script);
    assert!(ended.output.contains("hunter2"), "{ended:?}");
    gateway.recorded("the last statement", |records| {
        records.iter().any(|record| record.event() == "session.end").then_some(())
    });
    let telling = files_that_tell(gateway.folder(), &[&secrets[..], &[PASSWORD]].concat());
    assert!(telling.is_empty(), "{telling:?}");
}

#[test]
fn metrics_count_what_mysql_did() {
    let server = Mariadb::start();
    let gateway = before(&server);
    let mut wire = MysqlWire::login(gateway.port, "metrics");
    for _ in 0..3 {
        wire.ask(&query("SELECT 1"));
    }
    let read = "protocol=\"mysql\",class=\"read\",verdict=\"allow\"";
    assert_eq!(gateway.metric_where("dragoman_exchanges_total", read), Some(3.0));
    assert_eq!(gateway.metric("dragoman_sessions"), Some(1.0));
    wire.ask(&command(0x12, b""));
    assert_eq!(gateway.metric_where("dragoman_refusals_total", "reason=\"unsupported\""), Some(1.0));
    wire.quit();
}
