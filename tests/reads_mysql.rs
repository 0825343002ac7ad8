//! Does a MySQL gateway that enforces `read-only` let every legitimate read pass, with the same answer?
//!
//! The reads are texts in `tests/reads_mysql/known`, as drivers, tools and analysts send them; each
//! runs directly in a session that may not write, and through the gateway, by both protocols. How to
//! add a read: `docs/reads.md`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "bypass_mysql/client.rs"]
#[allow(dead_code)]
mod client;
#[path = "reads_mysql/files.rs"]
mod files;
mod harness;
#[path = "bypass_mysql/text.rs"]
#[allow(dead_code)]
mod text;

use client::{Client, Login, failure};
use files::{Group, Protocols, Read, Steady, groups};
use harness::gateway::Plan;
use harness::mariadb::Mariadb;
use std::collections::BTreeSet;

/// The tables the reads read.
const SCHEMA: &str = include_str!("reads_mysql/schema.sql");
const DATABASE: &str = "store";
/// Sees everything, and may write.
const READER: &str = "reader";
/// What makes a session of the server refuse to write.
const READ_ONLY: &str = "SET SESSION TRANSACTION READ ONLY";
/// Fewer are no evidence.
const READS_MIN: usize = 400;
/// Most characters of a read that a failure shows; where it stands is told as well.
const SHOWN_MAX: usize = 300;

#[derive(Clone, Copy, Debug)]
enum Protocol {
    Text,
    Binary,
}

fn server() -> Mariadb {
    let server = Mariadb::start_with(&["--log-bin=binlog", "--server-id=7", "--event-scheduler=OFF"]);
    let mut owner = Client::login(server.port, &Login::of("root", "shop")).expect("the owner logs in");
    for statement in text::statements(SCHEMA) {
        let answer = owner.query(statement.trim().as_bytes()).expect("the owner is served");
        assert_eq!(answer.iter().find_map(|packet| failure(packet)), None, "`{statement}`");
    }
    server
}

fn observing(server: &Mariadb) -> Plan {
    server.plan().listener("allow_unauthenticated = true")
}

fn enforcing(server: &Mariadb) -> Plan {
    observing(server).mode("enforce").listener("policies = [\"read-only\"]")
}

fn login(port: u16, is_bound: bool) -> Client {
    let mut session = Client::login(port, &Login::of(READER, DATABASE)).expect("the reader logs in");
    if is_bound {
        session.query(READ_ONLY.as_bytes()).expect("the server answers");
    }
    session
}

/// Everything the session of `group` answers, read by read; `None` where a read does not apply.
fn play(mut session: Client, group: &Group, protocol: Protocol) -> Vec<Option<Vec<Vec<u8>>>> {
    let mut answer = |read: &Read| {
        let packets = match (protocol, read.protocols) {
            (Protocol::Text, Protocols::BinaryOnly) | (Protocol::Binary, Protocols::TextOnly) => return None,
            (Protocol::Text, _) => session.query(read.text.as_bytes()),
            (Protocol::Binary, _) => prepared(&mut session, read),
        };
        Some(packets.unwrap_or_else(|| panic!("{}: the session ended at `{}`", group.file, read.text)))
    };
    group.reads.iter().map(&mut answer).collect()
}

fn prepared(session: &mut Client, read: &Read) -> Option<Vec<Vec<u8>>> {
    let statement = match session.prepare(read.text.as_bytes())? {
        Ok(statement) => statement,
        Err(failure) => return Some(vec![failure.packet()]),
    };
    let values: Vec<Option<&[u8]>> =
        read.values.iter().map(|value| value.as_ref().map(String::as_bytes)).collect();
    let packets = session.execute_with(statement, &values)?;
    session.close(statement)?;
    Some(packets)
}

fn error(packets: &[Vec<u8>]) -> Option<String> {
    packets
        .iter()
        .find_map(|packet| failure(packet))
        .map(|failure| format!("{} {}", failure.code, failure.text))
}

/// What is wrong with an answer that came through the gateway, beside the server's own.
fn fault(read: &Read, direct: &[Vec<u8>], through: &[Vec<u8>]) -> Option<String> {
    if let Some(error) = error(through) {
        return Some(error);
    }
    // How many columns there are, then each of them.
    let columns = |packets: &[Vec<u8>]| -> Vec<Vec<u8>> {
        let count = packets.first().and_then(|packet| packet.first()).map_or(0, |count| usize::from(*count));
        packets.iter().take(count + 1).cloned().collect()
    };
    let same = match read.steady {
        Steady::All => direct == through,
        Steady::Shape => columns(direct) == columns(through) && direct.len() == through.len(),
        Steady::Columns => columns(direct) == columns(through),
    };
    (!same).then(|| {
        let at = direct.iter().zip(through).position(|(one, other)| one != other).unwrap_or(0);
        let shown = |packets: &[Vec<u8>]| packets.get(at).map(|packet| packet.escape_ascii().to_string());
        format!("another answer: packet {at} is {:?}, directly {:?}", shown(through), shown(direct))
    })
}

/// Runs all reads directly, in a session that may not write, and through `plan`'s gateway, whose
/// client makes its own session read-only where that is said. Panics with everything that is wrong.
fn check(plan: fn(&Mariadb) -> Plan, is_bound: bool) {
    let server = server();
    let gateway = plan(&server).start();
    let mut faults = Vec::new();
    for group in groups("known") {
        let before = faults.len();
        let mut passed = 0;
        for protocol in [Protocol::Text, Protocol::Binary] {
            let direct = play(login(server.port, true), &group, protocol);
            let through = play(login(gateway.port, is_bound), &group, protocol);
            for (read, (direct, through)) in group.reads.iter().zip(direct.iter().zip(&through)) {
                let (Some(direct), Some(through)) = (direct, through) else { continue };
                let place = format!("{}:{} {protocol:?}", group.file, read.line);
                let directly = error(direct).map(|error| format!("fails directly: {error}"));
                match directly.or_else(|| fault(read, direct, through)) {
                    Some(fault) => faults.push(format!("{place}: {fault}\n    {}", begun(&read.text))),
                    None => passed += 1,
                }
            }
        }
        println!("{passed} passed, {} did not: {}", faults.len() - before, group.name);
    }
    assert!(faults.is_empty(), "{} reads did not pass:\n  {}", faults.len(), faults.join("\n  "));
}

/// As much of a text as tells which it is, on one line.
fn begun(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().take(SHOWN_MAX).collect()
}

#[test]
fn there_are_enough_reads() {
    let mut texts = BTreeSet::new();
    let groups = groups("known");
    for group in &groups {
        println!("{:4} {}", group.reads.len(), group.name);
        texts.extend(group.reads.iter().map(|read| read.text.as_str()));
    }
    println!("{:4} different ones", texts.len());
    assert!(texts.len() >= READS_MIN, "only {} different reads", texts.len());
}

#[test]
fn a_gateway_that_observes_changes_no_read() {
    check(observing, true);
}

#[test]
fn a_read_only_gateway_refuses_no_read() {
    check(enforcing, false);
}

/// What the server runs in a session that may not write, and no text shows to be a read.
#[test]
fn a_read_only_gateway_refuses_what_it_cannot_judge() {
    let server = server();
    let gateway = enforcing(&server).start();
    for group in groups("refused") {
        for protocol in [Protocol::Text, Protocol::Binary] {
            let direct = play(login(server.port, true), &group, protocol);
            let through = play(login(gateway.port, false), &group, protocol);
            for (read, (direct, through)) in group.reads.iter().zip(direct.iter().zip(&through)) {
                let (Some(direct), Some(through)) = (direct, through) else { continue };
                assert_eq!(error(direct), None, "`{}` fails directly", read.text);
                assert!(
                    error(through).is_some(),
                    "`{}` passed by {protocol:?}: it belongs to the known",
                    read.text
                );
            }
        }
    }
}
