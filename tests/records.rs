//! Does the ledger hold exactly what happened?
//!
//! Each test does something in a session of its own, ends it, and compares every line the ledger
//! has of that session. One line is shown as `event kind ending rows text`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use harness::each_version;
use harness::gateway::{Gateway, Plan};
use harness::ledger::{Record, files_that_tell};
use harness::server::{PASSWORD, Server};
use harness::wire::{
    VERSION_3_0, Wire, bind, close, copy_data, copy_done, copy_fail, describe, execute, function_call, parse,
    query, sync, tags,
};
use std::time::Duration;

/// A session whose records are looked at when it is over.
struct Recorded<'a> {
    gateway: &'a Gateway,
    wire: Wire,
    application: String,
}

impl Recorded<'_> {
    fn begin<'a>(gateway: &'a Gateway, application: &str) -> Recorded<'a> {
        let mut wire = Wire::connect(gateway.port);
        let parameters = [("user", "clear"), ("database", "shop"), ("application_name", application)];
        let frames = wire.open(VERSION_3_0, &parameters);
        assert_eq!(frames.last().map(|frame| frame.tag), Some(b'Z'), "{}", tags(&frames));
        Recorded { gateway, wire, application: application.to_owned() }
    }

    fn run(&mut self, sql: &str) {
        self.wire.query(sql);
    }

    /// Sends messages and waits for so many ReadyForQuery.
    fn send(&mut self, messages: &[Vec<u8>], ready: usize) {
        self.wire.send(&messages.concat());
        let frames = self.wire.until(b'Z', ready);
        assert_eq!(tags(&frames).matches('Z').count(), ready, "{}", tags(&frames));
    }

    /// Ends the session and returns all its records, once its last one is written.
    fn end(self) -> Vec<Record> {
        self.wire.terminate();
        self.gateway.recorded(&format!("the end of {}", self.application), |records| {
            let start = records.iter().find(|record| {
                record.event() == "session.start" && record.principal("application") == self.application
            })?;
            let session = start.text_of("session");
            let mine: Vec<Record> =
                records.iter().filter(|record| record.text_of("session") == session).cloned().collect();
            (mine.last()?.event() == "session.end").then_some(mine)
        })
    }

    /// Ends the session and shows its records but the first and the last.
    fn lines(self) -> Vec<String> {
        let records = self.end();
        records[1..records.len() - 1].iter().map(shown).collect()
    }
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

/// Runs `act` in a session on each version and compares the lines it leaves.
fn check(act: impl Fn(&mut Recorded<'_>) + Sync, expected: &[&str]) {
    each_version(|version| {
        let server = Server::start(version);
        let gateway = Plan::before(&server).start();
        let mut session = Recorded::begin(&gateway, "recorded");
        act(&mut session);
        let lines = session.lines();
        assert!(lines == expected, "expected:\n{}\nfound:\n{}", expected.join("\n"), lines.join("\n"));
    });
}

#[test]
fn each_statement_of_a_query_is_recorded_with_its_own_rows() {
    check(
        |session| {
            session.run("SELECT id FROM customers WHERE id < 4; INSERT INTO scratch (id) SELECT 7; SELECT 1");
            session.run("UPDATE scratch SET id = 8; DELETE FROM scratch WHERE id = 8");
            session.run("");
            session.run("BEGIN; SHOW work_mem; COMMIT");
        },
        &[
            "intent run write | INSERT INTO scratch (id) SELECT ?",
            "outcome run read ok rows=3 | SELECT id FROM customers WHERE id < ?",
            "outcome run write ok rows=1 | INSERT INTO scratch (id) SELECT ?",
            "outcome run read ok rows=1 | SELECT ?",
            "intent run write | UPDATE scratch SET id = ?",
            "intent run write | DELETE FROM scratch WHERE id = ?",
            "outcome run write ok rows=1 | UPDATE scratch SET id = ?",
            "outcome run write ok rows=1 | DELETE FROM scratch WHERE id = ?",
            "outcome run transaction ok rows=0 | BEGIN",
            "outcome run read ok rows=1 | SHOW work_mem",
            "outcome run transaction ok rows=0 | COMMIT",
        ],
    );
}

#[test]
fn what_comes_after_an_error_in_a_query_never_ran() {
    check(
        |session| {
            session.run("SELECT 1; SELECT 1 / 0; SELECT 3");
            session.run("SELECT 2; SELECT 1 / 0; INSERT INTO scratch (id) SELECT 4");
            session.run("SELECT 'a' FROM no_such_table");
            session.run("SELEC 1");
        },
        &[
            "outcome run read ok rows=1 | SELECT ?",
            "outcome run read data_exception 22012 | SELECT ? / ?",
            "intent run write | INSERT INTO scratch (id) SELECT ?",
            "outcome run read ok rows=1 | SELECT ?",
            "outcome run read data_exception 22012 | SELECT ? / ?",
            "outcome run write skipped | INSERT INTO scratch (id) SELECT ?",
            "outcome run read syntax_error_or_access_rule_violation 42P01 | SELECT ? FROM no_such_table",
            "intent run unknown | SELEC ?",
            "outcome run unknown syntax_error_or_access_rule_violation 42601 | SELEC ?",
        ],
    );
}

#[test]
fn executions_are_recorded_under_the_text_they_were_prepared_with() {
    check(
        |session| {
            session.send(
                &[
                    parse("named", "SELECT name FROM customers WHERE id = $1", &[]),
                    parse("", "SELECT 1", &[]),
                    bind("", "named", &[Some(b"1")], 0),
                    execute("", 0),
                    bind("", "", &[], 0),
                    execute("", 0),
                    parse("", "SELECT 2, 'x'", &[]),
                    bind("portal", "named", &[Some(b"2")], 0),
                    bind("", "", &[], 0),
                    describe(b'P', ""),
                    execute("portal", 0),
                    execute("", 0),
                    sync(),
                ],
                1,
            );
            session.send(&[bind("", "named", &[Some(b"no number")], 0), execute("", 0), sync()], 1);
            session.send(&[close(b'S', "named"), parse("named", "SELECT 3 WHERE false", &[]), sync()], 1);
            session.send(&[bind("", "named", &[], 0), execute("", 0), sync()], 1);
            session.send(
                &[parse("", "SELECT no_such_column", &[]), bind("", "", &[], 0), execute("", 0), sync()],
                1,
            );
        },
        &[
            "outcome execute read ok rows=1 | SELECT name FROM customers WHERE id = $1",
            "outcome execute read ok rows=1 | SELECT ?",
            "outcome execute read ok rows=1 | SELECT name FROM customers WHERE id = $1",
            "outcome execute read ok rows=1 | SELECT ?, ?",
            // Its Bind failed: the execution that was asked for ended with that.
            "outcome execute read data_exception 22P02 | SELECT name FROM customers WHERE id = $1",
            "outcome execute read ok rows=0 | SELECT ? WHERE false",
            "outcome prepare read syntax_error_or_access_rule_violation 42703 | SELECT no_such_column",
        ],
    );
}

#[test]
fn a_pipeline_is_recorded_up_to_its_error_and_after_its_sync() {
    let group = |sql: &str| [parse("", sql, &[]), bind("", "", &[], 0), execute("", 0)].concat();
    check(
        |session| {
            session.send(
                &[
                    group("SELECT 1"),
                    group("INSERT INTO scratch (id) SELECT 2"),
                    group("SELECT 1 / 0"),
                    group("INSERT INTO scratch (id, label) SELECT 3, 'x'"),
                    sync(),
                    group("SELECT count(*) FROM scratch"),
                    sync(),
                ],
                2,
            );
        },
        &[
            "intent execute write | INSERT INTO scratch (id) SELECT ?",
            "intent execute write | INSERT INTO scratch (id, label) SELECT ?, ?",
            "outcome execute read ok rows=1 | SELECT ?",
            "outcome execute write ok rows=1 | INSERT INTO scratch (id) SELECT ?",
            "outcome execute read data_exception 22012 | SELECT ? / ?",
            "outcome execute write skipped | INSERT INTO scratch (id, label) SELECT ?, ?",
            "outcome execute read ok rows=1 | SELECT count(*) FROM scratch",
        ],
    );
}

#[test]
fn names_of_sql_are_recorded_with_what_they_stand_for() {
    check(
        |session| {
            session.run("PREPARE by_id (int) AS SELECT name FROM customers WHERE id = $1");
            session.run("EXECUTE by_id(3)");
            session.send(&[bind("", "by_id", &[Some(b"4")], 0), execute("", 0), sync()], 1);
            session.run("DEALLOCATE by_id");
            session.run("BEGIN");
            session.run("DECLARE those CURSOR FOR SELECT id FROM customers ORDER BY id");
            session.run("FETCH 5 FROM those");
            session.run("MOVE 2 IN those");
            session.run("CLOSE those");
            session.run("COMMIT");
        },
        &[
            "outcome run read ok rows=0 | PREPARE by_id (int) AS SELECT name FROM customers WHERE id = $1",
            "outcome run read ok rows=1 | EXECUTE by_id(?) <- SELECT name FROM customers WHERE id = $1",
            "outcome execute read ok rows=1 | SELECT name FROM customers WHERE id = $1",
            "outcome run session ok rows=0 | DEALLOCATE by_id",
            "outcome run transaction ok rows=0 | BEGIN",
            "outcome run read ok rows=0 | DECLARE those CURSOR FOR SELECT id FROM customers ORDER BY id",
            "outcome run read ok rows=5 | FETCH ? FROM those <- SELECT id FROM customers ORDER BY id",
            "outcome run read ok rows=2 | MOVE ? IN those <- SELECT id FROM customers ORDER BY id",
            "outcome run read ok rows=0 | CLOSE those",
            "outcome run transaction ok rows=0 | COMMIT",
        ],
    );
}

#[test]
fn an_execute_has_the_class_of_what_its_name_stands_for() {
    check(
        |session| {
            session.run("PREPARE add (int) AS INSERT INTO scratch (id) SELECT $1");
            session.run("EXECUTE add(3)");
            session.run("DEALLOCATE add; PREPARE add AS SELECT 2");
            session.run("EXECUTE add");
            session.run("EXECUTE nobody_has_prepared_it");
        },
        &[
            "intent run write | PREPARE add (int) AS INSERT INTO scratch (id) SELECT $1",
            "outcome run write ok rows=0 | PREPARE add (int) AS INSERT INTO scratch (id) SELECT $1",
            "intent run write | EXECUTE add(?) <- INSERT INTO scratch (id) SELECT $1",
            "outcome run write ok rows=1 | EXECUTE add(?) <- INSERT INTO scratch (id) SELECT $1",
            "outcome run session ok rows=0 | DEALLOCATE add",
            "outcome run read ok rows=0 | PREPARE add AS SELECT ?",
            "outcome run read ok rows=1 | EXECUTE add <- SELECT ?",
            "intent run unknown | EXECUTE nobody_has_prepared_it",
            "outcome run unknown invalid_sql_statement_name 26000 | EXECUTE nobody_has_prepared_it",
        ],
    );
}

/// Everything is on its way before the server has said what became of the names.
fn check_pipelined(prepare: &str, messages: &[Vec<u8>], ready: usize, expected: [&str; 2]) {
    each_version(|version| {
        let server = Server::start(version);
        let gateway = Plan::before(&server).start();
        let mut session = Recorded::begin(&gateway, "pipelined");
        session.run(prepare);
        session.send(messages, ready);
        assert_eq!(server.ask("SELECT count(*) FROM scratch").as_deref(), Some("1"), "it ran");
        let lines = session.lines();
        for line in expected {
            assert!(lines.iter().any(|found| found == line), "not found: {line}\nin:\n{}", lines.join("\n"));
        }
    });
}

const INSERTED: [&str; 2] = [
    "intent execute write | INSERT INTO scratch (id) SELECT ?",
    "outcome execute write ok rows=1 | INSERT INTO scratch (id) SELECT ?",
];

#[test]
fn an_execution_behind_a_preparation_that_fails_is_recorded_as_what_really_ran() {
    let bound = [bind("", "s", &[], 0), execute("", 0), sync()].concat();
    // The second Parse fails: there is a statement of that name already.
    let taken = [parse("s", "INSERT INTO scratch (id) SELECT 1", &[]), parse("s", "SELECT 2", &[])];
    check_pipelined("", &[taken[0].clone(), sync(), taken[1].clone(), sync(), bound], 3, INSERTED);
}

#[test]
fn an_execution_behind_a_name_that_sql_gives_anew_is_recorded_as_what_really_ran() {
    let again = query("DEALLOCATE s; PREPARE s AS INSERT INTO scratch (id) SELECT 1");
    let bound = [bind("", "s", &[], 0), execute("", 0), sync()].concat();
    check_pipelined("PREPARE s AS SELECT 2", &[again, bound], 2, INSERTED);
}

#[test]
fn a_portal_read_in_pieces_is_one_outcome() {
    check(
        |session| {
            session.run("BEGIN");
            session.send(
                &[
                    parse("", "SELECT id FROM customers WHERE id <= 10", &[]),
                    bind("paged", "", &[], 0),
                    execute("paged", 4),
                    sync(),
                ],
                1,
            );
            session.send(&[execute("paged", 4), sync()], 1);
            session.send(&[execute("paged", 4), sync()], 1);
            session.run("COMMIT");
        },
        &[
            "outcome run transaction ok rows=0 | BEGIN",
            "outcome execute read ok rows=10 | SELECT id FROM customers WHERE id <= ?",
            "outcome run transaction ok rows=0 | COMMIT",
        ],
    );
}

#[test]
fn copies_are_recorded_with_rows_and_bytes() {
    each_version(|version| {
        let server = Server::start(version);
        let gateway = Plan::before(&server).start();
        let mut session = Recorded::begin(&gateway, "copies");
        session.wire.send(&query("COPY scratch (id, label) FROM STDIN"));
        session.wire.until(b'G', 1);
        let line = format!("1\t{}\n", "l".repeat(97));
        session.wire.send(&(0..300).flat_map(|_| copy_data(line.as_bytes())).collect::<Vec<u8>>());
        session.send(&[copy_done()], 1);
        session.run("COPY scratch TO STDOUT");
        session
            .wire
            .send(&[query("COPY scratch FROM STDIN"), copy_data(b"2\ttwo\t0\n"), copy_fail("no")].concat());
        session.wire.until(b'Z', 1);
        session.send(
            &[parse("", "COPY scratch (id) TO STDOUT", &[]), bind("", "", &[], 0), execute("", 0), sync()],
            1,
        );
        let records = session.end();
        let lines: Vec<String> = records[1..records.len() - 1].iter().map(shown).collect();
        assert_eq!(
            lines,
            [
                "intent run write | COPY scratch (id, label) FROM STDIN",
                "outcome run write ok rows=300 | COPY scratch (id, label) FROM STDIN",
                "outcome run read ok rows=300 | COPY scratch TO STDOUT",
                "intent run write | COPY scratch FROM STDIN",
                "outcome run write operator_intervention 57014 | COPY scratch FROM STDIN",
                "outcome execute read ok rows=300 | COPY scratch (id) TO STDOUT",
            ]
        );
        let number = |line: usize, field| records[line + 1].number(field).expect("a number");
        assert!((30_000..40_000).contains(&number(1, "bytes_in")), "{}", records[2].0);
        assert!((30_000..40_000).contains(&number(2, "bytes_out")), "{}", records[3].0);
    });
}

#[test]
fn a_function_called_by_number_is_recorded_with_it() {
    each_version(|version| {
        let server = Server::start(version);
        let gateway = Plan::before(&server).start();
        let mut session = Recorded::begin(&gateway, "functions");
        session.send(&[function_call(177, &["40", "2"])], 1);
        session.send(&[function_call(154, &["1", "0"])], 1);
        let records = session.end();
        let told: Vec<_> = records[1..records.len() - 1]
            .iter()
            .map(|record| {
                assert_eq!((record.text_of("kind"), record.text_of("class")), ("function", "code"));
                (record.event(), record.text_of("message_class"), record.text_of("text"))
            })
            .collect();
        assert_eq!(told.len(), 4, "{told:?}");
        assert_eq!((told[0].0, told[1].0, told[1].1), ("statement.intent", "statement.outcome", "ok"));
        assert_eq!(
            (told[2].0, told[3].0, told[3].1),
            ("statement.intent", "statement.outcome", "data_exception")
        );
        assert!(told[1].2.contains("177") && told[3].2.contains("154"), "{told:?}");
    });
}

#[test]
fn a_session_is_recorded_from_login_to_end() {
    each_version(|version| {
        let server = Server::start(version);
        let gateway = Plan::before(&server).start();
        let mut session = Recorded::begin(&gateway, "from start to end");
        session.run("SELECT repeat('x', 5000)");
        session.run("SET application_name = 'renamed'");
        session.run("SELECT 2");
        let records = session.end();
        let events: Vec<_> = records.iter().map(Record::event).collect();
        let outcome = "statement.outcome";
        assert_eq!(events, ["session.start", outcome, outcome, outcome, "session.end"]);
        for record in &records {
            let fields = ["listener", "workspace", "environment"].map(|field| record.text_of(field));
            assert_eq!(fields, ["shop", "default", "development"]);
            assert_eq!((record.principal("user"), record.principal("database")), ("clear", "shop"));
            assert!(record.principal("address").starts_with("127.0.0.1:"), "{}", record.0);
            assert_eq!(record.number("v"), Some(1));
        }
        assert_eq!(records[1].principal("application"), "from start to end");
        assert_eq!(records[3].principal("application"), "renamed");
        let numbers: Vec<_> = records.iter().filter_map(|record| record.number("exchange")).collect();
        assert_eq!(numbers, [1, 2, 3]);
        let order: Vec<_> = records.iter().filter_map(|record| record.number("seq")).collect();
        assert!(order.len() == 5 && order.is_sorted(), "{order:?}");
        let end = records.last().expect("the end");
        assert!(end.number("bytes_out").is_some_and(|bytes| bytes > 5000), "{}", end.0);
        assert!(end.number("bytes_in").is_some_and(|bytes| bytes > 50), "{}", end.0);
        assert_timings(&records[1]);
    });
}

fn assert_timings(record: &Record) {
    let part =
        |name: &str| record.0.pointer(&format!("/timing_us/{name}")).and_then(serde_json::Value::as_u64);
    let [judge, forward, first, last, total] = ["judge", "forward", "first", "last", "total"]
        .map(|name| part(name).unwrap_or_else(|| panic!("{name}: {}", record.0)));
    assert!(judge <= forward && forward <= first && first <= last && last <= total, "{}", record.0);
    assert!(total > 0 && total < 5_000_000, "{}", record.0);
}

#[test]
fn statements_in_transactions_tell_the_transactions_state() {
    each_version(|version| {
        let server = Server::start(version);
        let gateway = Plan::before(&server).start();
        let mut session = Recorded::begin(&gateway, "states");
        for sql in ["SELECT 1", "BEGIN", "SELECT 1 / 0", "SELECT 2", "ROLLBACK", "SELECT 3"] {
            session.run(sql);
        }
        let records = session.end();
        let states: Vec<_> = records[1..records.len() - 1]
            .iter()
            .map(|record| {
                record.0.pointer("/tx/state").and_then(serde_json::Value::as_str).unwrap_or("absent")
            })
            .collect();
        assert_eq!(states, ["idle", "idle", "open", "failed", "failed", "idle"]);
        assert_eq!(records[4].text_of("sqlstate"), "25P02");
    });
}

#[test]
fn a_statement_too_large_to_judge_passes_and_is_recorded_as_such() {
    each_version(|version| {
        let server = Server::start(version);
        let gateway = Plan::before(&server).listener("limits = { statement_bytes = 10000 }").start();
        let mut session = Recorded::begin(&gateway, "large");
        let long = format!("SELECT length('{}')", "x".repeat(50_000));
        let frames = session.wire.query(&long);
        assert_eq!(tags(&frames), "TDCZ");
        session.send(&[parse("", &long, &[]), bind("", "", &[], 0), execute("", 0), sync()], 1);
        let records = session.end();
        let told: Vec<_> = records[1..records.len() - 1]
            .iter()
            .map(|record| {
                (record.event(), record.text_of("kind"), record.text_of("verdict"), record.text_of("class"))
            })
            .collect();
        let unjudged = |event, kind| (event, kind, "unjudged", "unknown");
        assert_eq!(
            told,
            [
                ("limit.hit", "", "", ""),
                unjudged("statement.intent", "run"),
                unjudged("statement.outcome", "run"),
                ("limit.hit", "", "", ""),
                unjudged("statement.intent", "execute"),
                unjudged("statement.outcome", "execute"),
            ]
        );
        let limits = records.iter().filter(|record| record.event() == "limit.hit");
        assert!(limits.map(|record| record.text_of("note")).eq(["limits.statement_bytes"; 2]));
    });
}

#[test]
fn no_literal_parameter_or_password_reaches_a_file() {
    const SECRETS: [&str; 12] = [
        "hidden-literal-01",
        "hidden-inserted-02",
        "hidden-parameter-03",
        "hidden-copied-04",
        "hidden-comment-05",
        "hidden-dollars-06",
        "hidden-escaped-07",
        "9988776655443",
        "hidden-password-09",
        "hidden-unended-10",
        "hidden-setting-11",
        "hidden-unicode-12",
    ];
    each_version(|version| {
        let server = Server::start(version);
        let gateway = Plan::before(&server).start();
        let mut session = Recorded::begin(&gateway, "secrets");
        let mut answers = 0;
        for sql in [
            "SELECT 'hidden-literal-01' /* hidden-comment-05 */ -- hidden-comment-05",
            "INSERT INTO customers (id, name) VALUES (1, 'hidden-inserted-02')",
            "SELECT $tag$hidden-dollars-06$tag$, $$hidden-dollars-06$$, E'\\'hidden-escaped-07', 9988776655443",
            "SELECT 'hidden-literal-01'::int",
            "ALTER ROLE hashed PASSWORD 'hidden-password-09'",
            "CREATE ROLE somebody PASSWORD 'hidden-password-09'",
            "DO $$ BEGIN RAISE EXCEPTION 'hidden-dollars-06'; END $$",
            "SELECT 'hidden-unended-10",
            "SELECT $x$hidden-unended-10",
            "SET my.setting = 'hidden-setting-11'",
            "SELECT U&'hidden-unicode-12\\0041', N'hidden-literal-01', B'1', X'99'",
            "SELECT 'hidden-' 'literal-01'; SELECT 'a'\n'hidden-literal-01'",
            "PREPARE p AS SELECT 'hidden-literal-01'; EXECUTE p; EXECUTE q('hidden-parameter-03')",
            "COPY (SELECT 'hidden-copied-04') TO STDOUT",
        ] {
            session.run(sql);
            answers += 1;
        }
        session.send(
            &[query("COPY scratch (label) FROM STDIN"), copy_data(b"hidden-copied-04\n"), copy_done()],
            1,
        );
        let group = [
            parse("", "SELECT $1::int, 'hidden-literal-01'", &[]),
            bind("", "", &[Some(b"hidden-parameter-03")], 0),
        ];
        session.send(&[group.concat(), execute("", 0), sync()], 1);
        session.send(&[function_call(1598, &[]), function_call(62, &["hidden-parameter-03"])], 2);
        let records = session.end();
        assert!(records.len() > answers, "next to nothing was recorded");
        let all = [SECRETS.as_slice(), &[PASSWORD]].concat();
        let telling = files_that_tell(gateway.folder(), &all);
        assert!(telling.is_empty(), "{telling:?}");
    });
}

#[test]
fn the_metrics_follow_within_a_second() {
    each_version(|version| {
        let server = Server::start(version);
        let gateway = Plan::before(&server).start();
        let second = Duration::from_secs(1);
        let becomes = |name: &str, labels: &str, wanted: f64| {
            let what =
                format!("{name}{{{labels}}} is {wanted}, and not {:?}", gateway.metric_where(name, labels));
            harness::eventually_within(second, &what, || {
                (gateway.metric_where(name, labels) == Some(wanted)).then_some(())
            });
        };
        let mut session = Wire::login(gateway.port, "clear");
        becomes("dragoman_sessions", "", 1.0);
        for _ in 0..7 {
            session.query("SELECT 1");
        }
        for _ in 0..3 {
            session.query("INSERT INTO scratch (id) VALUES (1)");
        }
        becomes("dragoman_exchanges_total", "class=\"read\"", 7.0);
        becomes("dragoman_exchanges_total", "class=\"write\"", 3.0);
        assert_eq!(gateway.metric_where("dragoman_exchange_seconds_count", ""), Some(10.0));
        // One start, seven reads, three writes with their intents; the writer's own start may be one more.
        let records = gateway.metric("dragoman_ledger_records_total").expect("a metric");
        assert!((14.0..=15.0).contains(&records), "{records}");
        session.query(&format!("SELECT repeat('x', {})", 1_000_000));
        let bytes = gateway.metric("dragoman_bytes_total").expect("a metric");
        assert!(bytes > 1_000_000.0, "{bytes}");
        session.terminate();
        becomes("dragoman_sessions", "", 0.0);
        becomes("dragoman_sessions_total", "", 1.0);
        assert_eq!(gateway.metric("dragoman_ledger_gaps_total").unwrap_or(0.0), 0.0);
    });
}
