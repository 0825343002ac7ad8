//! Does a rule's bound on rows, bytes and seconds end what goes beyond it, and nothing else?

use crate::harness::each_version;
use crate::harness::gateway::{Gateway, Plan};
use crate::harness::wire::{
    Frame, Wire, bind, execute, first_error, flush, function_call, parse, query, sync, tags,
};
use crate::rules::{Rules, logging, passes, told};

const ROWS: &str = r#"
[[rule]]
name = "portion"
when = { class = ["read"] }
decision = "limit"
limit = { rows = 100 }
message = "an answer has at most 100 rows"
hint = "add LIMIT"
"#;

/// A million rows: no server has sent them all before a cancel arrives.
const MANY: &str = "SELECT g, repeat('x', 200) FROM generate_series(1, 3000000) AS g";

fn hits(gateway: &Gateway, rule: &str, count: usize) {
    gateway.recorded(&format!("{count} hits of {rule}"), |records| {
        let of_rule = records.iter().filter(|one| one.event() == "limit.hit" && one.text_of("note") == rule);
        (of_rule.count() == count).then_some(())
    });
}

fn error_of(frames: &[Frame]) -> [String; 4] {
    let errors: Vec<Frame> = frames.iter().filter(|frame| frame.tag == b'E').cloned().collect();
    told(&errors)
}

#[test]
fn too_many_rows_end_in_an_error_and_the_session_goes_on() {
    let rules = Rules::of(ROWS);
    each_version(|version| {
        let server = logging(version);
        let gateway = rules.enforced(Plan::before(&server)).start();
        let mut wire = Wire::login(gateway.port, "clear");
        let frames = wire.query(MANY);
        let [sqlstate, message, detail, hint] = error_of(&frames);
        assert_eq!([&*sqlstate, &*message, &*hint], ["53400", "an answer has at most 100 rows", "add LIMIT"]);
        assert!(detail.contains("own/portion") && detail.contains("100"), "{detail}");
        let rows = frames.iter().filter(|frame| frame.tag == b'D').count();
        assert!((100..3_000_000).contains(&rows), "{rows}");
        assert_eq!(frames.last().unwrap().body, b"I");
        hits(&gateway, "own/portion", 1);
        // The same by Parse, Bind, Execute, inside a transaction, which has failed then.
        passes(&mut wire, "BEGIN");
        passes(&mut wire, "INSERT INTO scratch (id) VALUES (1)");
        passes(&mut wire, "SAVEPOINT s");
        wire.send(&[parse("", MANY, &[]), bind("", "", &[], 0), execute("", 0), sync()].concat());
        let frames = wire.until(b'Z', 1);
        assert_eq!((error_of(&frames)[0].as_str(), frames.last().unwrap().body[0]), ("53400", b'E'));
        assert_eq!(first_error(&wire.query("SELECT 1")).as_deref(), Some("25P02"));
        assert_eq!(tags(&wire.query("ROLLBACK TO s")), "CZ");
        passes(&mut wire, "COMMIT");
        assert_eq!(passes(&mut wire, "SELECT count(*) FROM scratch").as_deref(), Some("1"));
        // At the bound, and what is no read.
        assert_eq!(wire.query("SELECT generate_series(1, 100)").len(), 103);
        assert_eq!(tags(&wire.query("INSERT INTO scratch SELECT generate_series(1, 1000)")), "CZ");
        wire.terminate();
        hits(&gateway, "own/portion", 2);
        let outcomes = gateway.recorded("the session's end", |records| {
            let of_many = records.iter().filter(|one| one.event() == "statement.outcome");
            let of_many = of_many.filter(|one| one.text_of("text").contains("repeat"));
            let states: Vec<_> = of_many.map(|one| one.text_of("sqlstate").to_owned()).collect();
            (records.last()?.event() == "session.end").then_some(states)
        });
        assert_eq!(outcomes, ["53400", "53400"]);
    });
}

#[test]
fn parts_of_an_answer_fetched_one_by_one_are_bounded_together() {
    let rules = Rules::of(ROWS);
    each_version(|version| {
        let server = logging(version);
        let gateway = rules.enforced(Plan::before(&server)).start();
        let mut wire = Wire::login(gateway.port, "clear");
        wire.query("BEGIN");
        wire.send(&[parse("", MANY, &[]), bind("p", "", &[], 0), execute("p", 60), sync()].concat());
        assert_eq!(first_error(&wire.until(b'Z', 1)), None);
        wire.send(&[execute("p", 0), sync()].concat());
        assert_eq!(error_of(&wire.until(b'Z', 1))[0], "53400");
        wire.query("ROLLBACK");
        assert_eq!(passes(&mut wire, "SELECT 1").as_deref(), Some("1"));
        // What an EXECUTE or a FETCH returns the server has whole before it sends it, and no cancel stops
        // it then: it is told all the same.
        passes(&mut wire, "BEGIN; DECLARE c CURSOR FOR SELECT generate_series(1, 1000)");
        assert_eq!(wire.query("FETCH 100 FROM c").len(), 103);
        wire.query("FETCH 101 FROM c");
        wire.query("ROLLBACK");
        passes(&mut wire, "PREPARE p AS SELECT generate_series(1, 1000)");
        wire.query("EXECUTE p");
        hits(&gateway, "own/portion", 3);
    });
}

#[test]
fn too_many_bytes_end_in_an_error() {
    let rules =
        Rules::of("[[rule]]\nname = \"bulk\"\ndecision = \"limit\"\nlimit = { bytes = \"100 kB\" }\n");
    each_version(|version| {
        let server = logging(version);
        let gateway = rules.enforced(Plan::before(&server)).start();
        let mut wire = Wire::login(gateway.port, "clear");
        for sql in [
            MANY.to_owned(),
            format!("COPY ({MANY}) TO STDOUT"),
            "SELECT repeat('x', 40000000), g FROM generate_series(1, 20) AS g".to_owned(),
        ] {
            let [sqlstate, message, detail, _] = error_of(&wire.query(&sql));
            assert_eq!(
                (sqlstate.as_str(), message.as_str()),
                ("53400", "the result has more than 100000 bytes")
            );
            assert!(detail.contains("own/bulk"), "{detail}");
            assert_eq!(passes(&mut wire, "SELECT 1").as_deref(), Some("1"));
        }
        hits(&gateway, "own/bulk", 3);
    });
}

#[test]
fn what_takes_too_long_is_ended_and_what_waits_behind_it_is_not() {
    let rules = Rules::of(
        "[[rule]]\nname = \"hurry\"\nwhen = { class = [\"read\"] }\nunless = { function = [\"pg_sleep\"], application = [\"patient\"] }\n\
         decision = \"limit\"\nlimit = { seconds = 0.5 }\n",
    );
    each_version(|version| {
        let server = logging(version);
        let gateway = rules.enforced(Plan::before(&server)).start();
        let mut wire = Wire::login(gateway.port, "clear");
        wire.send(&[query("SELECT pg_sleep(600)"), query("SELECT 'behind'")].concat());
        let frames = wire.until(b'Z', 2);
        let [sqlstate, message, detail, _] = error_of(&frames);
        assert_eq!((sqlstate.as_str(), message.as_str()), ("53400", "the statement took longer than 0.5 s"));
        assert!(detail.contains("own/hurry"), "{detail}");
        assert_eq!(tags(&frames), "TEZTDCZ");
        // A pipeline under one Sync: what stands behind is skipped, as behind any error.
        let run = |sql: &str| [parse("", sql, &[]), bind("", "", &[], 0), execute("", 0)].concat();
        wire.send(&[run("SELECT 1"), run("SELECT pg_sleep(600)"), run("SELECT 2"), sync()].concat());
        let frames = wire.until(b'Z', 1);
        assert_eq!((tags(&frames).as_str(), error_of(&frames)[0].as_str()), ("12DC12EZ", "53400"));
        // Behind what takes no time and is not bounded.
        wire.send(&[run("SET search_path TO public"), run("SELECT pg_sleep(600)"), sync()].concat());
        assert_eq!(error_of(&wire.until(b'Z', 1))[0], "53400");
        // With a portal of another statement half read.
        passes(&mut wire, "BEGIN");
        let half =
            [parse("", "SELECT generate_series(1, 9)", &[]), bind("p", "", &[], 0), execute("p", 2), sync()];
        wire.send(&half.concat());
        assert_eq!(tags(&wire.until(b'Z', 1)), "12DDsZ");
        wire.send(&[run("SELECT pg_sleep(600)"), sync()].concat());
        assert_eq!(error_of(&wire.until(b'Z', 1))[0], "53400");
        wire.query("ROLLBACK");
        passes(&mut wire, "BEGIN");
        assert_eq!(error_of(&wire.query("SELECT pg_sleep(600)"))[0], "53400");
        assert_eq!(first_error(&wire.query("SELECT 1")).as_deref(), Some("25P02"));
        wire.query("ROLLBACK");
        hits(&gateway, "own/hurry", 5);
        // Who has all the time: nothing ends, and a statement that waited for another has not run.
        passes(&mut wire, "SET application_name = 'patient'");
        wire.send(&[run("SELECT pg_sleep(1.5)"), run("SELECT 'quick'"), sync()].concat());
        assert_eq!(tags(&wire.until(b'Z', 1)), "12DC12DCZ");
    });
}

/// A statement that is quick itself is not ended for having waited behind a slow one that may be slow.
#[test]
fn time_spent_behind_another_statement_is_not_a_statements_own() {
    let rules = Rules::of(
        "[[rule]]\nname = \"hurry\"\nwhen = { class = [\"read\"] }\nunless = { function = [\"pg_sleep\"] }\n\
         decision = \"limit\"\nlimit = { seconds = 2 }\n",
    );
    each_version(|version| {
        let server = logging(version);
        let gateway = rules.enforced(Plan::before(&server)).start();
        let mut wire = Wire::login(gateway.port, "clear");
        let run = |sql: &str| [parse("", sql, &[]), bind("", "", &[], 0), execute("", 0)].concat();
        // The second is the oldest under way for longer than the gateway looks away, and less than it may.
        let (slow, brief) = (run("SELECT pg_sleep(3)"), run("SELECT pg_sleep_for('700 ms')"));
        wire.send(&[slow, flush(), brief, sync()].concat());
        let frames = wire.until(b'Z', 1);
        assert_eq!(tags(&frames), "12DC12DCZ", "{:?}", first_error(&frames));
    });
}

/// A call by number is passed on in two parts, of which the second must not wait for the answer.
#[test]
fn a_bounded_call_by_number_is_answered() {
    let rules =
        Rules::of("[[rule]]\nname = \"hurry\"\ndecision = \"limit\"\nlimit = { seconds = 1, rows = 10 }\n");
    each_version(|version| {
        let server = logging(version);
        let gateway = rules.enforced(Plan::before(&server)).start();
        let mut wire = Wire::login(gateway.port, "clear");
        wire.send(
            &[function_call(177, &["40", "2"]), query("SELECT 1"), function_call(2626, &["600"])].concat(),
        );
        let frames = wire.until(b'Z', 3);
        assert_eq!(tags(&frames), "VZTDCZEZ");
        assert_eq!(error_of(&frames)[0], "53400");
        assert_eq!(passes(&mut wire, "SELECT 1").as_deref(), Some("1"));
    });
}

/// Whoever reads in parts may take the time he wants between them.
#[test]
fn a_portal_that_waits_for_its_client_takes_no_time() {
    let rules = Rules::of(
        "[[rule]]\nname = \"hurry\"\nwhen = { class = [\"read\"] }\ndecision = \"limit\"\nlimit = { seconds = 0.2 }\n",
    );
    each_version(|version| {
        let server = logging(version);
        let gateway = rules.enforced(Plan::before(&server)).start();
        let mut wire = Wire::login(gateway.port, "clear");
        passes(&mut wire, "BEGIN");
        let first =
            [parse("", "SELECT generate_series(1, 9)", &[]), bind("p", "", &[], 0), execute("p", 2), sync()];
        wire.send(&first.concat());
        assert_eq!(tags(&wire.until(b'Z', 1)), "12DDsZ");
        // Long enough for every sweep to have looked at it.
        Wire::login(server.port, "clear").query("SELECT pg_sleep(1.5)");
        wire.send(&[execute("p", 2), sync()].concat());
        assert_eq!(tags(&wire.until(b'Z', 1)), "DDsZ");
        passes(&mut wire, "COMMIT");
        wire.terminate();
        let hits = gateway.recorded("the session's end", |records| {
            let hits = records.iter().filter(|one| one.event() == "limit.hit").count();
            (records.last()?.event() == "session.end").then_some(hits)
        });
        assert_eq!(hits, 0);
    });
}

/// A result that ends before the cancel arrives has ended; the cancel hits nothing that follows.
#[test]
fn a_late_cancel_hits_nothing_that_follows() {
    let rules = Rules::of(ROWS);
    each_version(|version| {
        let server = logging(version);
        let gateway = rules.enforced(Plan::before(&server)).start();
        let mut wire = Wire::login(gateway.port, "clear");
        let slightly_more = query("SELECT generate_series(1, 101)");
        let mut cut = 0;
        for round in 0..200 {
            wire.send(&[slightly_more.clone(), query("SELECT pg_sleep(0.001), 'behind'")].concat());
            let first = wire.until(b'Z', 1);
            match first_error(&first).as_deref() {
                None => assert_eq!(first.len(), 104),
                Some("53400") => cut += 1,
                Some(other) => panic!("round {round}: {other}"),
            }
            let second = wire.until(b'Z', 1);
            assert_eq!(tags(&second), "TDCZ", "round {round}: {second:?}");
        }
        println!("PostgreSQL {version}: {cut} of 200 were cut");
        hits(&gateway, "own/portion", 200);
        wire.terminate();
        let completed = gateway.recorded("the session's end", |records| {
            let outcomes = records.iter().filter(|one| one.event() == "statement.outcome");
            let ok = outcomes.filter(|one| one.text_of("text").contains("generate_series"));
            let ok = ok.filter(|one| one.text_of("message_class") == "ok").count();
            (records.last()?.event() == "session.end").then_some(ok)
        });
        assert_eq!(completed, 200 - cut);
    });
}
