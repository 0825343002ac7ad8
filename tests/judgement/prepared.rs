//! Is what was prepared judged when it is prepared, and again each time it is executed?

use crate::harness::each_version;
use crate::harness::gateway::Plan;
use crate::harness::server::Server;
use crate::harness::wire::{
    Frame, Wire, bind, close, copy_data, copy_done, describe, execute, first_error, flush, parse, query,
    sync, tags,
};
use crate::rules::{
    Case, NEVER, NO_DELETE, Rules, assert_never_seen, logging, passes, reading_only, refuses, told,
};

const NOTHING: &str = "";

fn delete() -> String {
    format!("DELETE FROM scratch /* {NEVER} */")
}

fn run(name: &str) -> Vec<u8> {
    [bind("", name, &[], 0), execute("", 0)].concat()
}

#[test]
fn a_refused_parse_takes_its_batch_with_it_and_no_other() {
    let rules = Rules::of(NO_DELETE);
    let good =
        |id: u32| [parse("", &format!("INSERT INTO scratch (id) VALUES ({id})"), &[]), run("")].concat();
    type Script = (&'static str, fn(&str) -> Vec<u8>);
    let scripts: [Script; 4] = [
        ("unnamed", |sql| [parse("", sql, &[]), run("")].concat()),
        ("named", |sql| [parse("d", sql, &[]), run("d")].concat()),
        ("described first", |sql| {
            [parse("d", sql, &[]), describe(b'S', "d"), run("d"), close(b'S', "d")].concat()
        }),
        ("with a Flush", |sql| [parse("", sql, &[]), flush(), run(""), flush()].concat()),
    ];
    each_version(|version| {
        let server = logging(version);
        let gateway = rules.enforced(Plan::before(&server)).start();
        for (name, script) in &scripts {
            let with = |sql: &str| {
                let bad = script(sql);
                let count = [parse("", "SELECT count(*) FROM scratch", &[]), run(""), sync()].concat();
                vec![
                    // Five batches in one write: the second and the fourth hold a refused one.
                    [
                        good(1),
                        sync(),
                        good(2),
                        bad.clone(),
                        good(3),
                        sync(),
                        good(4),
                        sync(),
                        bad.clone(),
                        good(5),
                        bad.clone(),
                        sync(),
                        count,
                    ]
                    .concat(),
                    // In a transaction.
                    query("BEGIN"),
                    [good(6), sync(), bad.clone(), sync(), good(7), sync()].concat(),
                    query("COMMIT"),
                ]
            };
            let refusals = Case { name, instead: with("!"), asked: with(&delete()) };
            assert_eq!(refusals.check(&server, gateway.port).len(), 3, "{name}");
        }
        assert_never_seen(&server);
    });
}

/// A client that flushes gets the error before its Sync.
#[test]
fn a_client_that_flushes_hears_of_a_refusal_at_once() {
    let rules = Rules::of(NO_DELETE);
    each_version(|version| {
        let server = logging(version);
        let gateway = rules.enforced(Plan::before(&server)).start();
        let mut wire = Wire::login(gateway.port, "clear");
        wire.send(&[parse("", "SELECT 1", &[]), run(""), flush()].concat());
        assert_eq!(tags(&wire.until(b'C', 1)), "12DC");
        wire.send(&[parse("", &delete(), &[]), flush()].concat());
        let error = wire.until(b'E', 1);
        assert_eq!((tags(&error).as_str(), told(&error)[0].as_str()), ("E", "42501"));
        wire.send(&[run(""), sync()].concat());
        assert_eq!(tags(&wire.until(b'Z', 1)), "Z");
        assert_eq!(passes(&mut wire, "SELECT 7").as_deref(), Some("7"));
        assert_never_seen(&server);
    });
}

/// Directly the function fails when it runs, so what comes before is the same.
#[test]
fn what_was_prepared_before_the_rules_changed_is_judged_by_the_new_ones() {
    each_version(|version| {
        let server = logging(version);
        let rules = Rules::of(NOTHING);
        let gateway = rules.enforced(Plan::before(&server)).start();
        let deleting = "DELETE FROM scratch WHERE id = 1";
        let mut named = Wire::login(gateway.port, "clear");
        named
            .send(&[parse("d", deleting, &[]), parse("", deleting, &[]), run("d"), run(""), sync()].concat());
        assert_eq!(tags(&named.until(b'Z', 1)), "112C2CZ");
        let mut by_sql = Wire::login(gateway.port, "clear");
        for sql in ["PREPARE d AS DELETE FROM scratch WHERE id = 1", "EXECUTE d", "BEGIN"] {
            passes(&mut by_sql, sql);
        }
        let mut bound = Wire::login(gateway.port, "clear");
        bound.query("BEGIN");
        bound.send(&[parse("d", deleting, &[]), bind("p", "d", &[], 0), sync()].concat());
        assert_eq!(tags(&bound.until(b'Z', 1)), "12Z");
        server.ask("INSERT INTO scratch (id) VALUES (1)");

        let mut probe = Wire::login(gateway.port, "clear");
        rules.change(&gateway, NO_DELETE, || {
            first_error(&probe.query("DELETE FROM scratch WHERE false")).is_some()
        });

        for bytes in [
            [run("d"), sync()].concat(),
            [run(""), sync()].concat(),
            [bind("p", "d", &[], 0), describe(b'P', "p"), execute("p", 0), sync()].concat(),
        ] {
            named.send(&bytes);
            let frames = named.until(b'Z', 1);
            assert_eq!(told(&frames)[0], "42501");
            assert_eq!(frames.last().unwrap().body, b"I");
        }
        assert_eq!(passes(&mut named, "SELECT count(*) FROM scratch").as_deref(), Some("1"));
        refuses(&mut by_sql, "EXECUTE d", "42501");
        refuses(&mut by_sql, "SELECT 1", "25P02");
        assert_eq!(by_sql.query("COMMIT")[0].command(), "ROLLBACK");
        passes(&mut by_sql, "DEALLOCATE d");
        bound.send(&[execute("p", 0), sync()].concat());
        assert_eq!(tags(&bound.until(b'Z', 1)), "EZ");
        assert_eq!(server.ask("SELECT count(*) FROM scratch").as_deref(), Some("1"));

        // And back: what was prepared is still there.
        rules.change(&gateway, NOTHING, || {
            first_error(&probe.query("DELETE FROM scratch WHERE false")).is_none()
        });
        named.send(&[run("d"), sync()].concat());
        assert_eq!(tags(&named.until(b'Z', 1)), "2CZ");
        assert_eq!(server.ask("SELECT count(*) FROM scratch").as_deref(), Some("0"));
    });
}

#[test]
fn sql_that_prepares_is_judged_as_what_it_prepares() {
    let rules = Rules::of(
        "[[rule]]\nname = \"no-delete\"\nwhen = { access = [\"delete\"] }\ndecision = \"refuse\"\n\
         [[rule]]\nname = \"unseen\"\nwhen = { unjudged = true }\ndecision = \"refuse\"\n",
    );
    each_version(|version| {
        let server = logging(version);
        let gateway = rules.enforced(Plan::before(&server)).start();
        let mut wire = Wire::login(gateway.port, "clear");
        refuses(&mut wire, &format!("PREPARE p AS {}", delete()), "42501");
        refuses(&mut wire, &format!("SELECT 1; PREPARE p AS {}; EXECUTE p", delete()), "42501");
        refuses(&mut wire, &format!("EXPLAIN ANALYZE {}", delete()), "42501");
        passes(&mut wire, "PREPARE p AS SELECT 7");
        assert_eq!(passes(&mut wire, "EXECUTE p").as_deref(), Some("7"));
        // Prepared by the protocol, executed by SQL, and the other way round.
        wire.send(&[parse("q", "SELECT 8", &[]), sync(), run("p"), sync()].concat());
        assert_eq!(tags(&wire.until(b'Z', 2)), "1Z2DCZ");
        assert_eq!(passes(&mut wire, "EXECUTE q").as_deref(), Some("8"));
        // A name in a text is what the text gave it to.
        assert_eq!(passes(&mut wire, "DEALLOCATE p; PREPARE p AS SELECT 9; EXECUTE p").as_deref(), Some("9"));
        passes(&mut wire, "DEALLOCATE ALL");
        // What nobody noted is not known to be harmless.
        refuses(&mut wire, &format!("EXECUTE p /* {NEVER} */"), "42601");
        refuses(&mut wire, &format!("EXECUTE \"P\" /* {NEVER} */"), "42601");
        assert_eq!(passes(&mut wire, "SELECT 1").as_deref(), Some("1"));
        assert_never_seen(&server);
    });
}

/// A statement that the rules know by the text only is known as well when it comes by a name.
#[test]
fn a_name_that_a_text_gives_anew_is_judged_as_what_it_means_then() {
    let rules = Rules::of(
        "[[rule]]\nname = \"orders-by-execute\"\nwhen = { kind = [\"run\"], verb = [\"select\"], table = [\"orders\"] }\n\
         decision = \"refuse\"\n",
    );
    each_version(|version| {
        let server = logging(version);
        let gateway = rules.enforced(Plan::before(&server)).start();
        let mut wire = Wire::login(gateway.port, "clear");
        passes(&mut wire, "PREPARE p AS SELECT 7");
        // PREPARE is no `select`; what it makes of `p` is when it is executed.
        refuses(&mut wire, "DEALLOCATE p; PREPARE p AS SELECT id FROM orders; EXECUTE p", "42501");
    });
}

#[test]
fn a_cursor_is_judged_when_it_is_declared_and_when_it_is_read() {
    each_version(|version| {
        let server = logging(version);
        let rules = Rules::of(NOTHING);
        let gateway = rules.enforced(Plan::before(&server)).start();
        let mut wire = Wire::login(gateway.port, "clear");
        for sql in ["BEGIN", "DECLARE c CURSOR FOR SELECT id FROM orders ORDER BY id", "SAVEPOINT s"] {
            passes(&mut wire, sql);
        }
        assert_eq!(passes(&mut wire, "FETCH 2 FROM c").as_deref(), Some("1"));
        let closed = "[[rule]]\nname = \"closed\"\nwhen = { table = [\"orders\"] }\ndecision = \"refuse\"\n";
        let mut probe = Wire::login(gateway.port, "clear");
        rules
            .change(&gateway, closed, || first_error(&probe.query("SELECT 1 FROM orders LIMIT 1")).is_some());
        refuses(&mut wire, "FETCH 2 FROM c", "42501");
        assert_eq!(tags(&wire.query("ROLLBACK TO s")), "CZ");
        refuses(&mut wire, "MOVE 1 IN c", "42501");
        wire.query("ROLLBACK TO s");
        passes(&mut wire, "CLOSE c");
        passes(&mut wire, "COMMIT");
        refuses(&mut wire, "BEGIN; DECLARE c CURSOR FOR SELECT id FROM orders", "42501");
        refuses(&mut wire, "FETCH ALL FROM nobody", "42601");
        assert_eq!(passes(&mut wire, "SELECT 1").as_deref(), Some("1"));
    });
}

#[test]
fn copies_are_judged_in_both_directions() {
    let rules = Rules::of(
        "[[rule]]\nname = \"no-export\"\nwhen = { verb = [\"copy\"], table = [\"orders\"] }\ndecision = \"refuse\"\n\
         [[rule]]\nname = \"no-import\"\nwhen = { mark = [\"takes_data\"], table = [\"customers\"] }\ndecision = \"refuse\"\n",
    );
    each_version(|version| {
        let server = logging(version);
        let gateway = rules.enforced(Plan::before(&server)).start();
        let data = [copy_data(b"1\n"), copy_done()].concat();
        for (name, sql) in [
            ("out", format!("COPY orders TO STDOUT /* {NEVER} */")),
            ("of a query", format!("COPY (SELECT id FROM orders) TO STDOUT /* {NEVER} */")),
            ("in, with its data behind it", format!("COPY customers (id) FROM STDIN /* {NEVER} */")),
        ] {
            let behind = if sql.contains("STDIN") { data.clone() } else { Vec::new() };
            let with =
                |bytes: Vec<u8>| vec![[bytes, behind.clone()].concat(), query("BEGIN"), query("COMMIT")];
            let case = Case { name, instead: with(query("!")), asked: with(query(&sql)) };
            case.check(&server, gateway.port);
            let extended = |sql: &str| vec![[parse("", sql, &[]), run(""), behind.clone(), sync()].concat()];
            let case = Case { name, instead: extended("!"), asked: extended(&sql) };
            case.check(&server, gateway.port);
        }
        let mut wire = Wire::login(gateway.port, "clear");
        wire.send(&[query("COPY scratch (id) FROM STDIN"), data].concat());
        assert_eq!(tags(&wire.until(b'Z', 1)), "GCZ");
        assert_eq!(tags(&wire.query("COPY scratch TO STDOUT")), "HdcCZ");
        assert_never_seen(&server);
    });
}

/// While another statement may give a name, what the name means is not known, and the strict way.
#[test]
fn a_pipeline_that_renames_what_it_executes_gets_nothing_past_the_rules() {
    let rules = Rules::of(
        "[[rule]]\nname = \"no-orders\"\nwhen = { verb = [\"select\"], table = [\"orders\"] }\ndecision = \"refuse\"\n",
    );
    each_version(|version| {
        let server: Server = logging(version);
        let gateway = rules.enforced(Plan::before(&server)).start();
        let by_sql = |sql: &str| [parse("", sql, &[]), run("")].concat();
        let hidden = "PREPARE p AS SELECT id FROM orders";
        let known = "PREPARE p AS SELECT 7";
        for bytes in [
            [query(known), by_sql("DEALLOCATE p"), by_sql(hidden), by_sql("EXECUTE p"), sync()].concat(),
            query(&format!("{known}; DEALLOCATE p; {hidden}; EXECUTE p")),
            [by_sql("PREPARE p AS SELECT 7"), by_sql("DEALLOCATE p"), by_sql(hidden), run("p"), sync()]
                .concat(),
            [by_sql(hidden), sync(), by_sql("EXECUTE p"), sync()].concat(),
            [by_sql(hidden), by_sql("EXECUTE p"), sync(), sync()].concat(),
            [by_sql(hidden), flush(), by_sql("EXECUTE p"), sync(), sync()].concat(),
            [query(hidden), query("EXECUTE p")].concat(),
            [query(hidden), run("p"), sync()].concat(),
        ] {
            let mut wire = Wire::login(gateway.port, "clear");
            wire.send(&bytes);
            let ready = bytes.windows(5).filter(|bytes| *bytes == sync()).count()
                + bytes.iter().filter(|byte| **byte == b'Q').count();
            let frames = wire.until(b'Z', ready);
            assert!(first_error(&frames).is_some(), "{frames:?}");
            assert!(frames.iter().all(|frame| frame.tag != b'D'), "{frames:?}");
        }
    });
}

/// Nothing runs, so the server may say itself that there is nothing to run. A portal that a function has opened is
/// there, and nobody knows what it would do.
#[test]
fn of_a_portal_that_is_not_there_the_server_says_so_and_of_one_unseen_the_gateway() {
    each_version(|version| {
        let server = Server::start(version);
        server.ask(
            "CREATE FUNCTION opens(name text) RETURNS void LANGUAGE plpgsql AS \
             $$ DECLARE c refcursor := name; BEGIN OPEN c FOR SELECT id FROM customers; END $$",
        );
        let rules = Rules::of(NOTHING);
        let gateway = rules.enforced(Plan::before(&server)).start();
        let reads = reading_only(Plan::before(&server)).start();
        let page = "SELECT id FROM customers ORDER BY id";
        let fetched = |port| {
            let mut wire = Wire::login(port, "clear");
            let begun = [parse("", page, &[]), bind("C_5", "", &[], 0), execute("C_5", 2), sync()].concat();
            wire.send(&[query("BEGIN"), begun, query("COMMIT")].concat());
            assert_eq!(tags(&wire.until(b'Z', 3)), "CZ12DDsZCZ");
            // By itself, twice in one piece, and in a transaction that has failed.
            let more = [execute("C_5", 2), sync()].concat();
            let mut heard = Vec::new();
            for (bytes, count) in [
                (more.clone(), 1),
                ([more.clone(), more.clone()].concat(), 2),
                ([query("BEGIN"), query("SELECT 1/0"), more.clone(), query("ROLLBACK")].concat(), 4),
            ] {
                wire.send(&bytes);
                heard.extend(wire.until(b'Z', count));
            }
            assert_eq!(passes(&mut wire, "SELECT 7").as_deref(), Some("7"));
            wire.terminate();
            // Which of its own routines it was, and in which line, is another one's.
            let words = |frame: &Frame| ['S', 'V', 'C', 'M'].map(|field| frame.fields().remove(&field));
            let errors: Vec<_> = heard.iter().filter(|frame| frame.tag == b'E').map(words).collect();
            (tags(&heard), errors)
        };
        let direct = fetched(server.port);
        assert_eq!(direct.1.len(), 5, "{direct:?}");
        let told = Some("portal \"C_5\" does not exist".to_owned());
        assert_eq!((direct.1[0][2].as_deref(), &direct.1[0][3]), (Some("34000"), &told));
        assert_eq!(fetched(gateway.port), direct);
        assert_eq!(fetched(reads.port), direct);

        let mut wire = Wire::login(gateway.port, "clear");
        wire.send(&[query("BEGIN"), query("SELECT opens('unseen')"), execute("unseen", 0), sync()].concat());
        let frames = wire.until(b'Z', 3);
        assert_eq!(tags(&frames), "CZTDCZEZ", "nothing of it is told");
        assert_eq!(first_error(&frames).as_deref(), Some("54000"));
        assert_eq!(wire.query("COMMIT")[0].command(), "ROLLBACK");
        passes(&mut wire, "SELECT 1");
    });
}
