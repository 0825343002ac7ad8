//! Is a text that is too large or too deep refused as a whole, and does a long one keep nobody waiting?

use crate::harness::each_version;
use crate::harness::gateway::Plan;
use crate::harness::wire::{Wire, bind, execute, first_error, parse, query, sync, tags};
use crate::rules::{NEVER, NO_DELETE, Rules, assert_never_seen, logging, passes, told};

#[test]
fn a_text_over_the_limit_is_refused_with_its_figure_and_never_judged_in_part() {
    let rules = Rules::of(NO_DELETE);
    each_version(|version| {
        let server = logging(version);
        let gateway =
            rules.enforced(Plan::before(&server)).listener("limits = { statement_bytes = 5000 }").start();
        let mut wire = Wire::login(gateway.port, "clear");
        // Harmless up to the limit, and harmless as a whole.
        for text in [
            format!("SELECT 1 /* {NEVER} {} */; DELETE FROM scratch", "x".repeat(6000)),
            format!("SELECT 1 /* {NEVER} {} */", "x".repeat(6000)),
        ] {
            for (bytes, tag) in [
                (query(&text), "EZ"),
                ([parse("", &text, &[]), bind("", "", &[], 0), execute("", 0), sync()].concat(), "EZ"),
            ] {
                wire.send(&bytes);
                let frames = wire.until(b'Z', 1);
                assert_eq!(tags(&frames), tag);
                let [sqlstate, message, _, hint] = told(&frames);
                assert_eq!(sqlstate, "54000");
                assert!(
                    message.contains("5000 bytes") && hint.contains("statement_bytes"),
                    "{message} {hint}"
                );
            }
        }
        assert_eq!(passes(&mut wire, "SELECT 7").as_deref(), Some("7"));
        assert_never_seen(&server);
    });
}

#[test]
fn a_text_too_deep_or_of_too_many_parts_is_refused_with_the_figure() {
    let rules = Rules::of(NO_DELETE);
    each_version(|version| {
        let server = logging(version);
        let gateway = rules.enforced(Plan::before(&server)).start();
        let mut wire = Wire::login(gateway.port, "clear");
        let deep = |depth: usize, open: &str, close: &str| {
            format!("SELECT /* {NEVER} */ {}1{}", open.repeat(depth), close.repeat(depth))
        };
        for text in [
            deep(20_000, "(", ")"),
            deep(20_000, "ARRAY[", "]"),
            deep(5_000, "CASE WHEN true THEN ", " END"),
            deep(5_000, "(SELECT ", ")"),
            deep(20_000, "- ", ""),
            format!("SELECT /* {NEVER} */ 1{}", " + 1".repeat(100_000)),
        ] {
            let frames = wire.query(&text);
            let [sqlstate, message, ..] = told(&frames);
            assert_eq!(
                (sqlstate.as_str(), tags(&frames).as_str()),
                ("54000", "EZ"),
                "{}: {message}",
                &text[..60]
            );
            assert!(message.chars().any(|letter| letter.is_ascii_digit()), "no figure: {message}");
            assert_eq!(passes(&mut wire, "SELECT 7").as_deref(), Some("7"));
        }
        assert_never_seen(&server);
        // Where nothing is enforced the server says what it says.
        let observing = rules.observed(Plan::before(&server)).start();
        let text = deep(20_000, "(", ")");
        let direct = Wire::login(server.port, "clear").query(&text);
        assert_eq!(Wire::login(observing.port, "clear").query(&text), direct);
    });
}

/// The long text's session waits; another one on the same thread is served meanwhile. The texts are
/// refused, so that nothing but the reading takes time; on the session's thread it would let the others
/// have one answer between two texts.
#[test]
fn while_a_long_text_is_read_other_sessions_of_the_thread_go_on() {
    const TEXTS: usize = 10;
    let rules = Rules::of(NO_DELETE);
    each_version(|version| {
        let server = logging(version);
        let gateway = rules.enforced(Plan::before(&server)).start();
        // Two threads: of three sessions the first shares its own with one of the others.
        let mut sessions: Vec<Wire> = (0..3).map(|_| Wire::login(gateway.port, "clear")).collect();
        let list = |seed: usize| {
            let numbers: Vec<String> = (0..100_000).map(|at| format!("{}", at * 7 + seed)).collect();
            format!("SELECT /* {NEVER} */ 1 WHERE 1 IN ({}); DELETE FROM scratch", numbers.join(", "))
        };
        let (long, others) = sessions.split_first_mut().unwrap();
        let mut answered_meanwhile = 0;
        for text in 0..TEXTS {
            long.send(&query(&list(text)));
            while long.heard_within(std::time::Duration::from_millis(1)).is_none() {
                for other in others.iter_mut() {
                    assert_eq!(tags(&other.query("SELECT 1")), "TDCZ");
                    answered_meanwhile += 1;
                }
            }
            assert_eq!(tags(&long.until(b'Z', 1)), "EZ");
        }
        println!("PostgreSQL {version}: {answered_meanwhile} answers while {TEXTS} long texts were read");
        assert!(answered_meanwhile >= 6 * TEXTS, "{answered_meanwhile}");
        assert_eq!(passes(long, "SELECT 7").as_deref(), Some("7"));
        assert_never_seen(&server);
        // A long text of 200 KB is judged like a short one.
        let text = format!("SELECT 1 /* {} */; DELETE FROM scratch", "x".repeat(200_000));
        assert_eq!(told(&long.query(&text))[0], "42501");
    });
}

/// How a long text reads is decided when it is its turn, not when it came.
#[test]
fn a_long_text_is_read_as_the_settings_before_it_say() {
    let rules = Rules::of(NO_DELETE);
    each_version(|version| {
        let server = logging(version);
        server.ask("INSERT INTO scratch (id) VALUES (1)");
        let gateway = rules.enforced(Plan::before(&server)).start();
        let filler = "x".repeat(200_000);
        // Escaping, the string ends before the semicolon; conforming, it goes on.
        let text = format!(r"SELECT '{filler}\'' ; DELETE FROM scratch; --'");
        for round in 0..10 {
            let mut wire = Wire::login(gateway.port, "clear");
            wire.send(&[query("SET standard_conforming_strings = off"), query(&text)].concat());
            let frames = wire.until(b'Z', 2);
            assert!(first_error(&frames).is_some(), "round {round}");
            wire.send(&[query("RESET standard_conforming_strings"), query(&text)].concat());
            assert_eq!(first_error(&wire.until(b'Z', 2)), None, "round {round}");
        }
        assert_eq!(server.ask("SELECT count(*) FROM scratch").as_deref(), Some("1"));
    });
}
