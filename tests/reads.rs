//! Does a gateway that enforces `read-only` let every legitimate read pass, with the same answer?
//!
//! The reads are texts in `tests/reads/known`, as drivers, tools and analysts send them; each runs
//! directly in a session that may not write, and through the gateway, by both protocols. psql and
//! pg_dump run themselves. How to add a read: `docs/reads.md`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "reads/files.rs"]
mod files;
mod harness;
#[path = "reads/play.rs"]
mod play;

use files::{Group, Read, groups};
use harness::clients::{Ended, libpq, run};
use harness::gateway::Plan;
use harness::script::assert_same_text;
use harness::server::{Server, rows};
use harness::wire::{VERSION_3_0, Wire, tags};
use harness::{each_version, places};
use play::{PROTOCOLS, READ_ONLY, compare, error, play};
use std::collections::BTreeSet;
use std::process::Command;

/// The tables the reads read.
const SCHEMA: &str = include_str!("reads/schema.sql");
const DATABASE: &str = "store";
/// Sees everything and may write one table; logs in with a password.
const READER: &str = "clear";
/// Fewer are no evidence.
const READS_MIN: usize = 600;

fn server(version: &str) -> Server {
    let server = Server::start_with(version, &[("shared_preload_libraries", "pg_stat_statements")]);
    server.ask(&format!("CREATE DATABASE {DATABASE}"));
    rows(&mut Wire::login_to(server.port, "trusted", DATABASE), SCHEMA);
    server
}

fn enforcing(server: &Server) -> Plan {
    Plan::before(server).mode("enforce").listener("policies = [\"read-only\"]")
}

fn login(port: u16, more: &[(&str, &str)]) -> Wire {
    let mut wire = Wire::connect(port);
    let parameters = [&[("user", READER), ("database", DATABASE), ("application_name", "reads")], more];
    let frames = wire.open(VERSION_3_0, &parameters.concat());
    let last = frames.last().expect("the login is answered");
    assert_eq!(last.tag, b'Z', "{:?}", last.fields());
    wire
}

/// Runs all reads directly, in a session that may not write, and through `plan`'s gateway, whose
/// client says `more` when it logs in. Panics with everything that is wrong.
fn check(version: &str, plan: fn(&Server) -> Plan, more: &[(&str, &str)]) {
    let server = server(version);
    let gateway = plan(&server).start();
    let direct = |_: &Group| login(server.port, &[READ_ONLY]);
    let through = |_: &Group| login(gateway.port, more);
    compare(version, &groups("known"), direct, through);
}

#[test]
fn there_are_enough_reads_for_each_version() {
    let groups = groups("known");
    for version in places::versions() {
        let mut texts = BTreeSet::new();
        for group in &groups {
            let of_group: Vec<&Read> = group.reads.iter().filter(|read| read.is_for(&version)).collect();
            println!("PostgreSQL {version}: {:4} {}", of_group.len(), group.name);
            texts.extend(of_group.iter().map(|read| read.text.as_str()));
        }
        println!("PostgreSQL {version}: {:4} different ones", texts.len());
        assert!(texts.len() >= READS_MIN, "only {} different reads for PostgreSQL {version}", texts.len());
    }
}

#[test]
fn a_gateway_that_observes_changes_no_read() {
    each_version(|version| check(version, Plan::before, &[READ_ONLY]));
}

#[test]
fn a_read_only_gateway_refuses_no_read() {
    each_version(|version| check(version, enforcing, &[]));
}

/// What a function of the user does cannot be seen in the text that calls it.
#[test]
fn a_read_only_gateway_refuses_functions_it_does_not_know() {
    each_version(|version| {
        let server = server(version);
        let gateway = enforcing(&server).start();
        for group in groups("unknown") {
            for protocol in PROTOCOLS {
                let direct = play(login(server.port, &[READ_ONLY]), &group, version, protocol);
                let through = play(login(gateway.port, &[]), &group, version, protocol);
                for (read, (direct, through)) in group.reads.iter().zip(direct.iter().zip(&through)) {
                    let (Some(direct), Some(through)) = (direct, through) else { continue };
                    assert_eq!(error(direct), None, "`{}` fails directly", read.text);
                    assert_eq!(tags(through), "EZ", "`{}` passed by {protocol:?}", read.text);
                }
            }
        }
    });
}

/// One of PostgreSQL's own programs, of the server's version.
fn program(name: &str, version: &str, port: u16) -> Command {
    let mut command = libpq(Command::new(places::postgres_programs(version).join(name)), port, READER);
    command.env("PGDATABASE", DATABASE);
    command
}

/// The same, directly in a session that may not write.
fn guarded(mut command: Command) -> Command {
    command.env("PGOPTIONS", format!("-c {}={}", READ_ONLY.0, READ_ONLY.1));
    command
}

#[test]
fn psql_describes_everything_through_a_read_only_gateway() {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/reads/describe.psql");
    each_version(|version| {
        let client = |port| {
            let mut command = program("psql", version, port);
            command.args(["-X", "-v", "VERBOSITY=verbose", "-f", script]);
            command
        };
        let server = server(version);
        let gateway = enforcing(&server).start();
        let direct = run(&mut guarded(client(server.port))).transcript();
        assert!(direct.lines().count() > 1_000, "psql shows next to nothing: {direct}");
        let through = run(&mut client(gateway.port)).transcript();
        assert_same_text(&format!("psql with PostgreSQL {version}"), &direct, &through);
    });
}

#[test]
fn pg_dump_dumps_the_same_through_a_read_only_gateway() {
    each_version(|version| {
        let client = |port| {
            let mut command = program("pg_dump", version, port);
            command.arg("--enable-row-security");
            command
        };
        let server = server(version);
        let gateway = enforcing(&server).start();
        let direct = dumped(&run(&mut guarded(client(server.port))));
        assert!(direct.contains("COPY public.customers") && direct.contains("CREATE VIEW"), "{direct}");
        let through = dumped(&run(&mut client(gateway.port)));
        assert_same_text(&format!("pg_dump with PostgreSQL {version}"), &direct, &through);
    });
}

/// A dump without the words that are drawn anew for each one.
fn dumped(ended: &Ended) -> String {
    let drawn = |line: &&str| !line.starts_with("\\restrict ") && !line.starts_with("\\unrestrict ");
    ended.printed().lines().filter(drawn).map(|line| format!("{line}\n")).collect()
}
