//! Is a refusal, for the client, an error of the server like any other, and does the server never
//! see what was refused?
//!
//! Each case is run directly with a statement the server itself rejects in the place of the refused
//! one. Everything but the words of that one error has to be the same bytes: the order of the
//! replies, what is skipped, the number of ReadyForQuery, the state of the transaction.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "refusals/cases.rs"]
mod cases;
mod harness;

use cases::{
    Case, NEVER, Part, cases_of_ends, cases_of_names, cases_of_new_rules, extended_cases, group, long,
    long_parse, rest, simple_cases,
};
use harness::clients::{Ended, psql, python, run, run_with_input};
use harness::gateway::{Gateway, Plan};
use harness::relay::Relay;
use harness::script::{assert_same, assert_same_text};
use harness::server::Server;
use harness::wire::{Frame, Wire, first_error, sync, tags};
use harness::{each_version, eventually};

/// What the server answers instead when run directly: a text it does not understand, an unknown
/// function, a function that raises an error.
const REJECTED: [&str; 3] = ["42601", "42883", "P0001"];

/// Which of its two sides a part shows.
type Side = fn(&Part) -> &[u8];

fn directly(part: &Part) -> &[u8] {
    &part.instead
}

fn through(part: &Part) -> &[u8] {
    &part.asked
}

/// Sends all parts in one write and reads as many ReadyForQuery as they ask for, but for `skipped`.
fn play(wire: &mut Wire, parts: &[Part], skipped: usize, side: Side) -> Vec<Frame> {
    let bytes: Vec<u8> = parts.iter().flat_map(|part| side(part).to_vec()).collect();
    wire.send(&bytes);
    wire.until(b'Z', asks(&bytes) - skipped)
}

/// How many Query, FunctionCall and Sync are in `bytes`.
fn asks(mut bytes: &[u8]) -> usize {
    let mut count = 0;
    while let [tag, a, b, c, d, ..] = bytes {
        count += usize::from(matches!(tag, b'Q' | b'F' | b'S'));
        bytes = &bytes[1 + u32::from_be_bytes([*a, *b, *c, *d]) as usize..];
    }
    count
}

/// Puts one word in the place of each error that is, or stands for, a refusal.
fn settled(frames: Vec<Frame>, codes: &[&str]) -> Vec<Frame> {
    let settle = |frame: Frame| {
        if frame.tag == b'E' && codes.contains(&frame.sqlstate().as_str()) {
            let fields = frame.fields();
            assert_eq!((fields[&'S'].as_str(), fields[&'V'].as_str()), ("ERROR", "ERROR"), "{fields:?}");
            assert!(!fields[&'M'].is_empty());
            return Frame { tag: b'E', body: b"refused".to_vec() };
        }
        frame
    };
    frames.into_iter().map(settle).collect()
}

/// A server that logs every statement it gets, with what the cases use.
fn server(version: &str) -> Server {
    let server = Server::start_with(version, &[("log_statement", "all")]);
    server
        .ask("CREATE FUNCTION fail() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$");
    server
}

/// Waits until the server's log has all of the test's statements; what was refused is not in it.
fn assert_never_seen(server: &Server) {
    server.ask("SELECT 'the last statement'");
    eventually("the log is written", || server.log().contains("the last statement").then_some(()));
    let log = server.log();
    let seen: Vec<&str> =
        log.lines().filter(|line| line.contains(NEVER) || line.contains("(OID 177)")).collect();
    assert!(seen.is_empty(), "the server saw {seen:?}");
}

/// A refusal's count in the metrics.
fn refusals(gateway: &Gateway, reason: &str) -> f64 {
    gateway.metric_where("dragoman_refusals_total", &format!("reason=\"{reason}\"")).unwrap_or(0.0)
}

/// Refuses what is longer than 1024 bytes.
fn short_only(server: &Server) -> Plan {
    Plan::before(server).mode("enforce").listener("default = \"allow\"\nlimits = { statement_bytes = 1024 }")
}

/// Refuses everything but what ends a transaction.
fn nothing(server: &Server) -> Plan {
    Plan::before(server).mode("enforce").listener("default = \"refuse\"")
}

/// Runs the cases through one gateway, one after the other, and compares.
fn check_one_by_one(server: &Server, port: u16, code: &str, last: &str, cases: &[Case]) {
    for case in cases {
        println!("{} with PostgreSQL {}", case.name, server.version);
        let frames = |port, side: Side, codes: &[&str]| {
            let mut wire = Wire::login(port, "clear");
            let mut frames = play(&mut wire, &case.before, 0, side);
            frames.extend(play(&mut wire, &case.then, case.skipped, side));
            // The session is as usable as it is directly.
            frames.extend(wire.query(last));
            frames.extend(wire.terminate());
            server.ask("TRUNCATE scratch");
            settled(frames, codes)
        };
        let direct = frames(server.port, directly, &REJECTED);
        assert!(direct.iter().any(|frame| frame.body == b"refused"), "{}: nothing is refused", case.name);
        assert_same(case.name, &direct, &frames(port, through, &[code]));
    }
}

#[test]
fn a_refused_query_is_answered_as_one_the_server_rejects() {
    each_version(|version| {
        let server = server(version);
        let gateway = short_only(&server).start();
        check_one_by_one(&server, gateway.port, "54000", "SELECT 7", &simple_cases());
        assert_never_seen(&server);
        // As many as there are texts in the cases: 1 + 1 + 1 + 3 + 7 + 1 + 2 + 1 + 1 + 1 + 1.
        assert_eq!(refusals(&gateway, "too_large"), 20.0);
    });
}

#[test]
fn a_refused_preparation_is_answered_as_one_the_server_rejects() {
    each_version(|version| {
        let server = server(version);
        let gateway = short_only(&server).start();
        check_one_by_one(&server, gateway.port, "54000", "SELECT 7", &extended_cases());
        assert_never_seen(&server);
    });
}

#[test]
fn a_refused_preparation_changes_no_name() {
    each_version(|version| {
        let server = server(version);
        let gateway = short_only(&server).start();
        check_one_by_one(&server, gateway.port, "54000", "SELECT 7", &cases_of_names());
        assert_never_seen(&server);
    });
}

/// The same with everything on its way before the server has answered anything.
#[test]
fn a_refused_preparation_changes_no_name_in_a_pipeline() {
    let in_one_act =
        |case: Case| Case { then: [case.before, case.then].concat(), before: Vec::new(), ..case };
    let cases: Vec<Case> = cases_of_names().into_iter().map(in_one_act).collect();
    each_version(|version| {
        let server = server(version);
        let gateway = short_only(&server).start();
        check_one_by_one(&server, gateway.port, "54000", "SELECT 7", &cases);
        assert_never_seen(&server);
    });
}

#[test]
fn a_refusal_does_not_depend_on_how_the_bytes_are_cut() {
    each_version(|version| {
        let server = server(version);
        let near = Relay::before(server.port, 3);
        let gateway = Plan::before_port(near.port)
            .mode("enforce")
            .listener("limits = { statement_bytes = 1024 }")
            .start();
        let far = Relay::before(gateway.port, 3);
        let short = |case: &Case| case.then.iter().all(|part| part.asked.len() < 10_000);
        let mut cases: Vec<Case> = simple_cases().into_iter().chain(extended_cases()).collect();
        cases.retain(short);
        check_one_by_one(&server, far.port, "54000", "SELECT 7", &cases);
        assert_never_seen(&server);
    });
}

#[test]
fn a_listener_that_refuses_everything_lets_transactions_end() {
    each_version(|version| {
        let server = server(version);
        let gateway = nothing(&server).start();
        check_one_by_one(&server, gateway.port, "42501", "ROLLBACK", &cases_of_ends());
        assert_never_seen(&server);
        let refused = gateway.metric_where("dragoman_exchanges_total", "verdict=\"refuse\"").unwrap_or(0.0);
        assert!(refused >= refusals(&gateway, "not_permitted") && refused >= 10.0, "{refused}");
    });
}

#[test]
fn new_rules_refuse_what_was_prepared_or_begun_before() {
    each_version(|version| {
        let server = server(version);
        let plan = Plan::before(&server);
        let gateway = plan.start();
        let cases = cases_of_new_rules();
        let mut direct = Vec::new();
        for case in &cases {
            let mut wire = Wire::login(server.port, "clear");
            let mut frames = play(&mut wire, &case.before, 0, directly);
            frames.extend(play(&mut wire, &case.then, case.skipped, directly));
            frames.extend(wire.query("ROLLBACK"));
            frames.extend(wire.terminate());
            direct.push(settled(frames, &REJECTED));
        }
        let inserted = server.ask("SELECT array_agg(id ORDER BY id) FROM scratch");
        server.ask("TRUNCATE scratch");
        let mut begun: Vec<(Wire, Vec<Frame>)> = cases
            .iter()
            .map(|case| {
                let mut wire = Wire::login(gateway.port, "clear");
                let frames = play(&mut wire, &case.before, 0, through);
                (wire, frames)
            })
            .collect();
        gateway.rewrite(&nothing(&server));
        gateway.hang_up();
        let mut probe = Wire::login(gateway.port, "clear");
        eventually("the new rules hold", || {
            (first_error(&probe.query("SHOW port"))? == "42501").then_some(())
        });
        for ((case, (mut wire, mut frames)), direct) in cases.iter().zip(begun.drain(..)).zip(&direct) {
            println!("{} with PostgreSQL {version}", case.name);
            frames.extend(play(&mut wire, &case.then, case.skipped, through));
            frames.extend(wire.query("ROLLBACK"));
            frames.extend(wire.terminate());
            assert_same(case.name, direct, &settled(frames, &["42501"]));
        }
        assert_eq!(server.ask("SELECT array_agg(id ORDER BY id) FROM scratch"), inserted);
        assert_eq!(inserted.as_deref(), Some("{1,1}"), "one committed, one returned to its savepoint");
        assert_never_seen(&server);
    });
}

#[test]
fn psql_returns_to_its_savepoint_after_a_refusal() {
    each_version(|version| {
        let server = server(version);
        let gateway = short_only(&server).start();
        let script = |refused: &str| {
            format!(
                "BEGIN;\nINSERT INTO scratch (id) VALUES (1);\n{refused};\n\\echo :SQLSTATE\n\
                 INSERT INTO scratch (id) VALUES (2);\nSELECT id FROM scratch;\nCOMMIT;\n\
                 SELECT id FROM scratch;\n{refused};\nSELECT 'usable';\n"
            )
        };
        let session = |port, refused: &str| -> Ended {
            let ended =
                run_with_input(psql(port, "app").args(["-v", "ON_ERROR_ROLLBACK=on"]), &script(refused));
            server.ask("TRUNCATE scratch");
            ended
        };
        let (direct, through) = (session(server.port, "!"), session(gateway.port, &long(2000)));
        let output = through.printed();
        assert!(output.contains("54000") && output.contains("usable"), "{output}");
        assert_same_text("psql", direct.printed(), &output.replace("54000", "42601"));
        assert_eq!(
            through.error.matches("ERROR:  54000: statement is too large").count(),
            2,
            "{}",
            through.error
        );
        assert!(through.error.contains("HINT:  "), "{}", through.error);
        assert_never_seen(&server);
    });
}

#[test]
fn psycopg_sees_a_refusal_as_any_error() {
    each_version(|version| {
        let server = server(version);
        let gateway = short_only(&server).start();
        let session = |port, refused: &str, code: &str| {
            let mut client = python("refusals.py", port, "app");
            run(client.env("REFUSED", refused).env("SQLSTATE", code)).printed().to_owned()
        };
        let direct = session(server.port, "!", "42601");
        assert!(direct.contains("'refused', 'PIPELINE_ABORTED'"), "{direct}");
        assert_same_text("psycopg", &direct, &session(gateway.port, &long(2000), "54000"));
        assert_never_seen(&server);
    });
}

#[test]
fn a_refusal_is_recorded_and_counted() {
    each_version(|version| {
        let server = server(version);
        let gateway = short_only(&server).start();
        let mut wire = Wire::login(gateway.port, "clear");
        assert_eq!(tags(&wire.query("INSERT INTO scratch (id) VALUES (1)")), "CZ");
        assert_eq!(tags(&wire.query(&long(2000))), "EZ");
        wire.send(&[long_parse("").asked, sync()].concat());
        assert_eq!(tags(&wire.until(b'Z', 1)), "EZ");
        wire.terminate();
        let records = gateway.recorded("the session's end", |records| {
            (records.last()?.event() == "session.end").then(|| records.to_vec())
        });
        let told: Vec<_> = records
            .iter()
            .filter(|record| record.event().starts_with("statement."))
            .map(|record| {
                let words =
                    ["kind", "verdict", "message_class", "sqlstate"].map(|field| record.text_of(field));
                (record.event(), words, record.number("exchange"))
            })
            .collect();
        let expected = [
            ("statement.intent", ["run", "allow", "", ""], Some(1)),
            ("statement.outcome", ["run", "allow", "ok", ""], Some(1)),
            ("statement.refused", ["run", "refuse", "refused", "54000"], Some(2)),
            ("statement.refused", ["prepare", "refuse", "refused", "54000"], Some(3)),
        ];
        assert_eq!(told, expected);
        assert!(records.iter().all(|record| !record.0.to_string().contains(NEVER)));
        assert_eq!(refusals(&gateway, "too_large"), 2.0);
        let refused = gateway.metric_where("dragoman_exchanges_total", "verdict=\"refuse\"");
        assert_eq!(refused, Some(2.0));
        let frames = Wire::login(gateway.port, "clear").query(&long(2000));
        let fields = frames[0].fields();
        assert_eq!((fields[&'S'].as_str(), fields[&'C'].as_str()), ("ERROR", "54000"));
        assert!(fields[&'H'].contains("limits.statement_bytes"), "the way out is not named: {fields:?}");
    });
}

#[test]
fn a_refused_group_is_one_refusal_and_what_the_server_skips_is_none() {
    each_version(|version| {
        let server = server(version);
        for (plan, reason) in [(short_only(&server), "too_large"), (nothing(&server), "not_permitted")] {
            let gateway = plan.start();
            let mut wire = Wire::login(gateway.port, "clear");
            let bytes = [long_parse("").asked, rest("", "").asked, group("SELECT 3").asked, sync()].concat();
            wire.send(&bytes);
            assert_eq!(tags(&wire.until(b'Z', 1)), "EZ");
            wire.terminate();
            let refused = gateway.recorded("the session's end", |records| {
                let refused = records.iter().filter(|record| record.event() == "statement.refused");
                (records.last()?.event() == "session.end").then(|| refused.cloned().collect::<Vec<_>>())
            });
            let kinds: Vec<&str> = refused.iter().map(|record| record.text_of("kind")).collect();
            assert_eq!(kinds, ["prepare"], "{reason}");
            let counted = ["too_large", "not_permitted"].map(|reason| refusals(&gateway, reason));
            let expected = if reason == "too_large" { [1.0, 0.0] } else { [0.0, 1.0] };
            assert_eq!(counted, expected, "too large and not permitted");
        }
    });
}
