//! Does a tool that looks at a database see anything else through the gateway than it sees directly?
//!
//! What pgAdmin, DBeaver, Metabase, Tableau and Power BI send is in `tests/clients/bi`, one session a file, played
//! by both protocols; ODBC's catalog functions run in the driver itself. Each directly, through a gateway that
//! observes, and through one that enforces `read-only`, which must let all of it pass.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "reads/files.rs"]
mod files;
mod harness;
#[path = "reads/play.rs"]
mod play;

use files::{Group, groups_of};
use harness::clients::{python_at, run};
use harness::compared::{observing, reading_only};
use harness::each_version;
use harness::script::assert_same_text;
use harness::server::{Server, rows};
use harness::wire::{VERSION_3_0, Wire, first_error, tags};
use play::READ_ONLY;
use std::path::Path;

/// The tables the tools look at.
const SCHEMA: &str = include_str!("reads/schema.sql");
const DATABASE: &str = "store";
/// Sees everything and may write one table; logs in with a password.
const READER: &str = "clear";
/// psqlODBC is the system's, and so is the Python that drives it.
const PYTHON: &str = "/usr/bin/python3";

fn server(version: &str) -> Server {
    let server = Server::start_with(version, &[("shared_preload_libraries", "pg_stat_statements")]);
    server.ask(&format!("CREATE DATABASE {DATABASE}"));
    rows(&mut Wire::login_to(server.port, "trusted", DATABASE), SCHEMA);
    server
}

fn tools() -> Vec<Group> {
    groups_of(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients/bi"))
}

/// Logs in as the tool of `group` does, and says `more`.
fn login(port: u16, group: &Group, more: &[(&str, &str)]) -> Wire {
    let mut wire = Wire::connect(port);
    let own = group.startup.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let parameters: Vec<_> = [("user", READER), ("database", DATABASE)]
        .into_iter()
        .chain(own)
        .chain(more.iter().copied())
        .collect();
    let frames = wire.open(VERSION_3_0, &parameters);
    assert_eq!(tags(&frames).chars().last(), Some('Z'), "{}: {:?}", group.file, first_error(&frames));
    wire
}

#[test]
fn every_tool_has_its_session() {
    let tools = tools();
    for tool in &tools {
        println!("{:4} statements: {}", tool.reads.len(), tool.name);
        assert!(tool.reads.len() > 12, "{} says next to nothing", tool.file);
        assert!(!tool.startup.is_empty(), "{} says nothing at its login", tool.file);
    }
    let files: Vec<_> = tools.iter().map(|tool| tool.file.as_str()).collect();
    assert_eq!(files, ["dbeaver.sql", "metabase.sql", "pgadmin.sql", "powerbi.sql", "tableau.sql"]);
}

#[test]
fn tools_see_the_same_through_a_gateway_that_observes() {
    each_version(|version| {
        let server = server(version);
        let gateway = observing(&server).start();
        let session = |port| move |tool: &Group| login(port, tool, &[READ_ONLY]);
        play::compare(version, &tools(), session(server.port), session(gateway.port));
    });
}

#[test]
fn tools_see_the_same_through_a_read_only_gateway() {
    each_version(|version| {
        let server = server(version);
        let gateway = reading_only(&server).start();
        let direct = |tool: &Group| login(server.port, tool, &[READ_ONLY]);
        let through = |tool: &Group| login(gateway.port, tool, &[]);
        play::compare(version, &tools(), direct, through);
    });
}

/// The catalog functions of ODBC, which Tableau, Excel and many others ask for tables, columns and keys.
fn odbc(port: u16, guarded: bool) -> String {
    let mut command = python_at(Path::new(PYTHON), "transparency_psqlodbc.py", port, READER);
    command.env("PGDATABASE", DATABASE);
    if guarded {
        command.env("PGOPTIONS", "-c default_transaction_read_only=on");
    }
    run(&mut command).printed().to_owned()
}

#[test]
fn odbc_sees_the_same() {
    each_version(|version| {
        let server = server(version);
        let direct = odbc(server.port, true);
        assert!(direct.lines().count() > 1_000, "the script shows next to nothing: {direct}");
        let seen = odbc(observing(&server).start().port, true);
        assert_same_text(&format!("psqlODBC with PostgreSQL {version}"), &direct, &seen);
        let read = odbc(reading_only(&server).start().port, false);
        assert_same_text(&format!("psqlODBC reading only, with PostgreSQL {version}"), &direct, &read);
    });
}

/// Npgsql makes a session of its pool as new for the next user: as new as the gateway has made it.
#[test]
fn what_a_pool_discards_is_not_that_a_session_only_reads() {
    each_version(|version| {
        let server = server(version);
        let gateway = reading_only(&server).start();
        let mut wire = Wire::login_to(gateway.port, READER, DATABASE);
        for text in ["DISCARD ALL", "RESET ALL", "SET SESSION AUTHORIZATION DEFAULT"] {
            assert_eq!(first_error(&wire.query(text)), None, "`{text}` was refused");
            let shown = rows(&mut wire, "SHOW transaction_read_only");
            assert_eq!(shown, [[Some("on".to_owned())]], "after `{text}`");
        }
    });
}

/// What Tableau tries out when it connects, and does without where it may not.
#[test]
fn temporary_tables_of_tableau_are_refused_by_a_read_only_gateway_and_the_session_goes_on() {
    each_version(|version| {
        let server = server(version);
        let gateway = reading_only(&server).start();
        let mut wire = Wire::login_to(gateway.port, READER, DATABASE);
        for text in [
            "CREATE LOCAL TEMPORARY TABLE \"#Tableau_1_1_Connect\" (\"COL\" INTEGER) ON COMMIT PRESERVE ROWS",
            "SELECT * INTO TEMPORARY \"#Tableau_1_2_Connect\" FROM customers LIMIT 1",
            "CREATE TEMPORARY TABLE \"#Tableau_1_3\" AS SELECT 1 AS one",
        ] {
            let frames = wire.query(text);
            assert_eq!(first_error(&frames).as_deref(), Some("25006"), "`{text}`: {}", tags(&frames));
            assert_eq!(tags(&wire.query("SELECT 1")), "TDCZ");
        }
    });
}
