//! Does a MySQL client see anything else through the gateway than it sees directly?
//!
//! Each test runs one script of a real client against a real MariaDB twice, and everything the client
//! could see must be the same text: rows, columns, counts, warnings, error numbers and words.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use harness::clients::run_with_input;
use harness::mariadb::{Mariadb, mariadb, node_mysql, printed, python_mysql};
use harness::relay::Relay;
use harness::script::assert_same_text;
use std::process::Command;

/// Runs a client directly and through a gateway, and compares what it saw.
fn check(name: &str, see: impl Fn(u16) -> String) {
    let server = Mariadb::start();
    let gateway = server.plan().start();
    let direct = see(server.port);
    assert!(direct.lines().count() > 20, "the script shows next to nothing: {direct}");
    assert_same_text(name, &direct, &see(gateway.port));
}

fn show_all(command: &mut Command, script: &str) -> String {
    let script = std::fs::read_to_string(harness::places::client_script(script)).expect("the script");
    let ended = run_with_input(command, &script);
    // Errors do not stop it, and make it fail in the end.
    format!("{}\n--- standard error ---\n{}", ended.output, ended.error)
}

#[test]
fn the_mariadb_client_sees_the_same_through_the_gateway() {
    check("mariadb", |port| show_all(&mut mariadb(port, "app"), "transparency_mysql.sql"));
}

#[test]
fn pymysql_sees_the_same_through_the_gateway() {
    check("PyMySQL", |port| printed(&mut python_mysql("transparency_pymysql.py", port)));
}

#[test]
fn mysqls_own_connector_sees_the_same_through_the_gateway() {
    check("mysql-connector-python", |port| {
        printed(&mut python_mysql("transparency_mysql_connector.py", port))
    });
}

#[test]
fn mysql2_sees_the_same_through_the_gateway() {
    check("mysql2", |port| printed(&mut node_mysql("transparency_mysql2.js", port)));
}

#[test]
fn bytes_that_come_one_by_one_are_the_same() {
    let server = Mariadb::start();
    // Between the client and the gateway, and between the gateway and the server.
    let slow_server = Relay::before(server.port, 1);
    let gateway = harness::gateway::Plan::before_port(slow_server.port).protocol("mysql").start();
    let slow_client = Relay::before(gateway.port, 1);
    let script = "SELECT * FROM customers WHERE id < 40; CALL three_results(); SELECT no_such;\n\
                  INSERT INTO scratch (label) VALUES ('x'); SELECT ROW_COUNT(); USE other; SELECT DATABASE();";
    let see = |port| {
        let ended = run_with_input(&mut mariadb(port, "app"), script);
        format!("{}{}", ended.output, ended.error)
    };
    assert_same_text("one byte at a time", &see(server.port), &see(slow_client.port));
}
