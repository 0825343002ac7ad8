//! Does a rate hold for one identity, let the others be, and never keep anybody in a transaction?

use crate::harness::gateway::Plan;
use crate::harness::wire::{Wire, bind, execute, first_error, parse, query, sync, tags};
use crate::harness::{each_version, eventually};
use crate::rules::{NEVER, Rules, assert_never_seen, logging, passes, refuses, told};

/// What passes at once is the burst; each second brings one back.
const SLOW: &str = r#"
[[rule]]
name = "pace"
when = { class = ["read", "write"] }
decision = "limit"
limit = { per_second = 1, burst = 40, by = "user" }
message = "too many statements at once"
hint = "wait a second"
"#;

/// Sends reads until one is refused; how many passed.
fn until_refused(wire: &mut Wire) -> usize {
    for passed in 0..10_000 {
        if first_error(&wire.query("SELECT 1")).is_some() {
            return passed;
        }
    }
    panic!("10,000 statements a second passed");
}

#[test]
fn above_a_rate_statements_are_refused_and_below_they_pass() {
    let rules = Rules::of(SLOW);
    each_version(|version| {
        let server = logging(version);
        let plan = rules.enforced(Plan::before(&server)).listener("allow_unauthenticated = true");
        let gateway = plan.start();
        let mut wire = Wire::login(gateway.port, "clear");
        let mut beside = Wire::login(gateway.port, "clear");
        let mut other = Wire::login(gateway.port, "trusted");
        assert!(until_refused(&mut wire) >= 40);
        let frames = wire.query(&format!("SELECT 1 /* {NEVER} */"));
        if first_error(&frames).is_some() {
            let [sqlstate, message, detail, hint] = told(&frames);
            assert_eq!(
                [&*sqlstate, &*message, &*hint],
                ["53400", "too many statements at once", "wait a second"]
            );
            assert!(detail.contains("own/pace") && detail.contains('1'), "{detail}");
        }
        // Sessions of one user share, whatever thread they are on; nothing else does.
        assert!(until_refused(&mut beside) < 40);
        assert!(until_refused(&mut other) >= 40);
        // Later there is something left again.
        eventually("a statement passes again", || {
            first_error(&wire.query("SELECT 1")).is_none().then_some(())
        });
        // Inside a transaction it fails it, and the way out stays open.
        passes(&mut wire, "BEGIN");
        until_refused(&mut wire);
        refuses(&mut wire, "SET application_name = 'a'", "25P02");
        assert_eq!(wire.query("COMMIT")[0].command(), "ROLLBACK");
    });
}

#[test]
fn a_rate_counts_each_statement_once_by_whichever_way_it_comes() {
    let rules = Rules::of(
        "[[rule]]\nname = \"pace\"\nwhen = { class = [\"read\"] }\ndecision = \"limit\"\n\
         limit = { per_second = 1, burst = 12, by = \"user\" }\n",
    );
    let read = "SELECT id FROM customers LIMIT 1";
    type Way = (&'static str, fn(&str) -> Vec<u8>, fn() -> Vec<u8>);
    let run = || [bind("", "s", &[], 0), execute("", 0), sync()].concat();
    let ways: [Way; 4] = [
        ("simple", |_| query(""), || query("SELECT id FROM customers LIMIT 1")),
        ("prepared", |read| [parse("s", read, &[]), sync()].concat(), run),
        ("prepared by SQL", |read| query(&format!("PREPARE s AS {read}")), || query("EXECUTE s")),
        (
            "a cursor",
            |_| query("BEGIN; DECLARE c SCROLL CURSOR FOR SELECT id FROM customers"),
            || query("FETCH FIRST FROM c"),
        ),
    ];
    each_version(|version| {
        let server = logging(version);
        for (name, before, each) in ways {
            let gateway = rules.enforced(Plan::before(&server)).start();
            let mut wire = Wire::login(gateway.port, "clear");
            wire.send(&before(read));
            assert_eq!(first_error(&wire.until(b'Z', 1)), None, "{name}");
            let mut passed = 0;
            while passed < 100 {
                wire.send(&each());
                let frames = wire.until(b'Z', 1);
                match first_error(&frames).as_deref() {
                    None => passed += 1,
                    Some("53400") => break,
                    Some(other) => panic!("{name}: {other}"),
                }
            }
            // A declaration may count as one; the seconds the test takes bring some back.
            assert!((11..=30).contains(&passed), "{name}: {passed} passed");
        }
    });
}

#[test]
fn rates_are_kept_apart_by_user_address_and_application() {
    let rules = Rules::of(
        "[[rule]]\nname = \"pace\"\nwhen = { class = [\"read\"] }\ndecision = \"limit\"\n\
         limit = { per_second = 1, burst = 20, by = \"application\" }\n",
    );
    each_version(|version| {
        let server = logging(version);
        let gateway = rules.enforced(Plan::before(&server)).start();
        let mut wire = Wire::login(gateway.port, "clear");
        passes(&mut wire, "SET application_name = 'greedy'");
        until_refused(&mut wire);
        passes(&mut wire, "SET application_name = 'modest'");
        assert_eq!(passes(&mut wire, "SELECT 1").as_deref(), Some("1"));
        passes(&mut wire, "SET application_name = 'greedy'");
        // It is the same application again, with what little came back in the meantime.
        assert!(until_refused(&mut wire) < 20);
    });
}

#[test]
fn a_text_of_many_statements_cannot_outrun_a_rate() {
    let rules = Rules::of(SLOW);
    each_version(|version| {
        let server = logging(version);
        let gateway = rules.enforced(Plan::before(&server)).start();
        let mut wire = Wire::login(gateway.port, "clear");
        let many = format!("SELECT 1{}", format!("; SELECT 1 /* {NEVER} */").repeat(100));
        refuses(&mut wire, &many, "53400");
        assert_eq!(tags(&wire.query("COMMIT")), "NCZ");
        assert_never_seen(&server);
    });
}
