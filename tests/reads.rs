//! Does a gateway that enforces `read-only` let every legitimate read pass, with the same answer?
//!
//! The reads are texts in `tests/reads/known`, as drivers, tools and analysts send them; each runs
//! directly in a session that may not write, and through the gateway, by both protocols. psql and
//! pg_dump run themselves. How to add a read: `docs/reads.md`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "reads/files.rs"]
mod files;
mod harness;

use files::{Group, Protocols, Read, Steady, groups};
use harness::clients::{Ended, psql, run};
use harness::each_version;
use harness::gateway::Plan;
use harness::script::assert_same_text;
use harness::server::{Server, rows};
use harness::wire::{Frame, VERSION_3_0, Wire, bind, describe, execute, parse, query, sync, tags};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::process::Command;

/// The tables the reads read.
const SCHEMA: &str = include_str!("reads/schema.sql");
const DATABASE: &str = "store";
/// Sees everything and may write one table; logs in with a password.
const READER: &str = "clear";
/// What makes a session of the server refuse to write.
const READ_ONLY: (&str, &str) = ("default_transaction_read_only", "on");
/// Fewer are no evidence.
const READS_MIN: usize = 600;
/// The server's word for a statement behind an error in the same transaction.
const IN_FAILED_TRANSACTION: &str = "25P02";
/// Most characters of a read that a failure shows; where it stands is told as well.
const SHOWN_MAX: usize = 300;

#[derive(Clone, Copy, Debug)]
enum Protocol {
    Simple,
    Extended,
}

const PROTOCOLS: [Protocol; 2] = [Protocol::Simple, Protocol::Extended];

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

/// Everything the session of `group` answers, read by read; `None` where a read does not apply.
fn play(mut wire: Wire, group: &Group, version: &str, protocol: Protocol) -> Vec<Option<Vec<Frame>>> {
    let mut answer = |read: &Read| {
        let bytes = match (protocol, read.protocols) {
            _ if !read.is_for(version) => return None,
            (Protocol::Simple, Protocols::ExtendedOnly) => return None,
            (Protocol::Extended, Protocols::SimpleOnly) => return None,
            (Protocol::Simple, _) => query(&read.text),
            (Protocol::Extended, _) => {
                let values: Vec<_> =
                    read.values.iter().map(|value| value.as_ref().map(String::as_bytes)).collect();
                let prepare = [parse("", &read.text, &[]), bind("", "", &values, 0)].concat();
                [prepare, describe(b'P', ""), execute("", 0), sync()].concat()
            }
        };
        wire.send(&bytes);
        let frames = wire.until(b'Z', 1);
        assert_eq!(frames.last().map(|frame| frame.tag), Some(b'Z'), "the session ended at `{}`", read.text);
        Some(frames)
    };
    group.reads.iter().map(&mut answer).collect()
}

/// What is wrong with an answer that came through the gateway, beside the server's own.
fn fault(read: &Read, direct: &[Frame], through: &[Frame]) -> Option<String> {
    if let Some(error) = error(through) {
        return Some(error);
    }
    let of = |frames: &[Frame], kept: &[u8]| -> Vec<Frame> {
        frames.iter().filter(|frame| kept.contains(&frame.tag)).cloned().collect()
    };
    let rows = |frames: &[Frame]| of(frames, b"D").len();
    let same = match read.steady {
        Steady::All => direct == through,
        Steady::Shape => of(direct, b"TCIZ") == of(through, b"TCIZ") && rows(direct) == rows(through),
        Steady::Columns => of(direct, b"TZ") == of(through, b"TZ"),
    };
    (!same).then(|| {
        let at = direct.iter().zip(through).position(|(one, other)| one != other).unwrap_or(0);
        let shown = |frames: &[Frame]| {
            frames.get(at).map(|frame| (char::from(frame.tag), frame.body.escape_ascii().to_string()))
        };
        format!("another answer: message {at} is {:?}, directly {:?}", shown(through), shown(direct))
    })
}

fn error(frames: &[Frame]) -> Option<String> {
    let fields = frames.iter().find(|frame| frame.tag == b'E')?.fields();
    let field = |name| fields.get(&name).map_or("", String::as_str);
    let mut text = format!("{} {}", field('C'), field('M'));
    for (name, word) in [('D', "detail"), ('H', "hint")] {
        if !field(name).is_empty() {
            let _ = write!(text, "; {word}: {}", field(name));
        }
    }
    Some(text)
}

/// Runs all reads directly, in a session that may not write, and through `plan`'s gateway, whose
/// client says `more` when it logs in. Panics with everything that is wrong.
fn check(version: &str, plan: fn(&Server) -> Plan, more: &[(&str, &str)]) {
    let server = server(version);
    let gateway = plan(&server).start();
    let mut faults = Vec::new();
    let mut followers = 0;
    for group in groups("known") {
        let before = faults.len();
        let mut passed = 0;
        for protocol in PROTOCOLS {
            let direct = play(login(server.port, &[READ_ONLY]), &group, version, protocol);
            let through = play(login(gateway.port, more), &group, version, protocol);
            for (read, (direct, through)) in group.reads.iter().zip(direct.iter().zip(&through)) {
                let (Some(direct), Some(through)) = (direct, through) else { continue };
                let place = format!("{}:{} {protocol:?}", group.file, read.line);
                assert_eq!(error(direct), None, "{place}: `{}` fails directly", read.text);
                match fault(read, direct, through) {
                    // Only what was refused before it in its transaction is to be mended.
                    Some(fault) if fault.starts_with(IN_FAILED_TRANSACTION) => followers += 1,
                    Some(fault) => faults.push(format!("{place}: {fault}\n    {}", begun(&read.text))),
                    None => passed += 1,
                }
            }
        }
        println!("PostgreSQL {version}: {passed} passed, {} did not: {}", faults.len() - before, group.name);
    }
    assert!(
        faults.is_empty() && followers == 0,
        "PostgreSQL {version}: {} reads did not pass, {followers} more failed behind them:\n  {}",
        faults.len(),
        faults.join("\n  ")
    );
}

/// As much of a text as tells which it is, on one line.
fn begun(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().take(SHOWN_MAX).collect()
}

#[test]
fn there_are_enough_reads_for_each_version() {
    let groups = groups("known");
    for version in harness::places::versions() {
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

/// A client of libpq's family, directly in a session that may not write.
fn guarded(mut command: Command) -> Command {
    command.env("PGOPTIONS", format!("-c {}={}", READ_ONLY.0, READ_ONLY.1));
    command
}

#[test]
fn psql_describes_everything_through_a_read_only_gateway() {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/reads/describe.psql");
    let client = |port| {
        let mut command = psql(port, READER);
        command.env("PGDATABASE", DATABASE).args(["-f", script]);
        command
    };
    each_version(|version| {
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
    let client = |port| {
        let mut command = Command::new("pg_dump");
        // The surroundings are those of every client of libpq.
        for (name, value) in psql(port, READER).get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command.env("PGDATABASE", DATABASE).arg("--enable-row-security");
        command
    };
    let told = run(Command::new("pg_dump").arg("--version")).printed().to_owned();
    let major = |version: &str| version.split('.').next().and_then(|major| major.parse::<u32>().ok());
    let newest = told.split_whitespace().find_map(major).expect("pg_dump tells its version");
    // It reads no server that is newer than itself.
    let mut versions = harness::places::versions();
    versions.retain(|version| major(version).is_some_and(|version| version <= newest));
    let version = versions.iter().max_by_key(|version| major(version));
    let version = version.unwrap_or_else(|| panic!("pg_dump {newest} is older than every server"));
    let server = server(version);
    let gateway = enforcing(&server).start();
    let direct = dumped(&run(&mut guarded(client(server.port))));
    assert!(direct.contains("COPY public.customers") && direct.contains("CREATE VIEW"), "{direct}");
    assert_same_text("pg_dump", &direct, &dumped(&run(&mut client(gateway.port))));
}

/// A dump without the words that are drawn anew for each one.
fn dumped(ended: &Ended) -> String {
    let drawn = |line: &&str| !line.starts_with("\\restrict ") && !line.starts_with("\\unrestrict ");
    ended.printed().lines().filter(drawn).map(|line| format!("{line}\n")).collect()
}
