//! Does the ledger tell what a client says of a statement in a comment?
//!
//! A line is shown as `event | text | on_behalf_of | trace_id`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use harness::clients::{psql, python, run};
use harness::each_version;
use harness::gateway::{Gateway, Plan};
use harness::ledger::Record;
use harness::server::Server;
use harness::wire::{Wire, bind, execute, parse, sync, tags};

const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

/// The lines of all statements of the one session there was, once it has ended.
fn lines(gateway: &Gateway) -> Vec<String> {
    let records = gateway.recorded("the end of the session", |records| {
        records.iter().any(|record| record.event() == "session.end").then(|| records.to_vec())
    });
    let shown = |record: &Record| {
        let event = record.event().strip_prefix("statement.")?;
        let claims = [record.principal("on_behalf_of"), record.principal("trace_id")].join(" | ");
        Some(format!("{event} | {} | {claims}", record.text_of("text")))
    };
    records.iter().filter_map(shown).collect()
}

fn check(act: impl Fn(&Gateway) + Sync, expected: &[&str]) {
    each_version(|version| {
        let server = Server::start(version);
        let gateway = Plan::before(&server).start();
        act(&gateway);
        let lines = lines(&gateway);
        assert!(lines == expected, "expected:\n{}\nfound:\n{}", expected.join("\n"), lines.join("\n"));
    });
}

#[test]
fn a_comment_of_a_query_stands_in_each_line_of_its_statements() {
    check(
        |gateway| {
            let mut session = Wire::login(gateway.port, "clear");
            session.query(&format!("SELECT 1 /*on_behalf_of='ada%40example.org',traceparent='{PARENT}'*/"));
            session.query("SELECT 1");
            session
                .query(&format!("/*traceparent='{PARENT}'*/ SELECT 2; INSERT INTO scratch (id) VALUES (1)"));
            session.query("SELECT '/*on_behalf_of=''eve''*/' -- /*on_behalf_of='eve'*/");
            session.query("SELECT 3 /*user='eve',traceparent='1'*/");
            session.query("SELECT no_such /*on_behalf_of='bob'*/;");
            session.terminate();
        },
        &[
            &format!("outcome | SELECT ? | ada@example.org | {TRACE}"),
            "outcome | SELECT ? |  | ",
            &format!("intent | INSERT INTO scratch (id) VALUES (?) |  | {TRACE}"),
            &format!("outcome | SELECT ? |  | {TRACE}"),
            &format!("outcome | INSERT INTO scratch (id) VALUES (?) |  | {TRACE}"),
            "outcome | SELECT ? |  | ",
            "outcome | SELECT ? |  | ",
            "outcome | SELECT no_such | bob | ",
        ],
    );
}

#[test]
fn an_execution_has_the_comment_of_the_text_that_was_prepared() {
    check(
        |gateway| {
            let mut session = Wire::login(gateway.port, "clear");
            let ask = |session: &mut Wire, messages: &[Vec<u8>]| {
                session.send(&messages.concat());
                let frames = session.until(b'Z', 1);
                assert!(!tags(&frames).contains('E'), "{}", tags(&frames));
            };
            let prepared = parse("p", "SELECT $1::int /*on_behalf_of='ada'*/", &[]);
            ask(&mut session, &[prepared, bind("", "p", &[Some(b"1")], 0), execute("", 0), sync()]);
            ask(&mut session, &[bind("", "p", &[Some(b"2")], 0), execute("", 0), sync()]);
            let other = parse("", &format!("SELECT 4 /*traceparent='{PARENT}'*/"), &[]);
            ask(&mut session, &[other, bind("", "", &[], 0), execute("", 0), sync()]);
            session.query("PREPARE q AS SELECT 5 /*on_behalf_of='ada'*/");
            session.query("EXECUTE q /*on_behalf_of='bob'*/");
            ask(&mut session, &[bind("", "q", &[], 0), execute("", 0), sync()]);
            session.terminate();
        },
        &[
            "outcome | SELECT $1::int | ada | ",
            "outcome | SELECT $1::int | ada | ",
            &format!("outcome | SELECT ? |  | {TRACE}"),
            "outcome | PREPARE q AS SELECT ? | ada | ",
            "outcome | EXECUTE q | bob | ",
            "outcome | SELECT ? |  | ",
        ],
    );
}

#[test]
fn comments_of_psql_and_psycopg_are_told() {
    check(
        |gateway| {
            let statement = format!("SELECT 1 /*on_behalf_of='ada',traceparent='{PARENT}'*/");
            run(psql(gateway.port, "clear").args(["-c", &statement])).printed();
        },
        &[&format!("outcome | SELECT ? | ada | {TRACE}")],
    );
    check(
        |gateway| {
            run(&mut python("claims.py", gateway.port, "clear")).printed();
        },
        &[
            &format!("outcome | SELECT $1::int | ada | {TRACE}"),
            &format!("outcome | SELECT ? | bob | {TRACE}"),
        ],
    );
}
