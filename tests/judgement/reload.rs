//! Do new rules hold at once, and do broken ones change nothing?

use crate::harness::each_version;
use crate::harness::eventually;
use crate::harness::gateway::Plan;
use crate::harness::wire::{Wire, first_error, tags};
use crate::rules::{NO_DELETE, Rules, logging, refuses};

const DELETE: &str = "DELETE FROM scratch WHERE false";

#[test]
fn broken_rules_change_nothing_and_say_where_they_are_broken() {
    each_version(|version| {
        let server = logging(version);
        let rules = Rules::of(NO_DELETE);
        let gateway = rules.enforced(Plan::before(&server)).start();
        let mut wire = Wire::login(gateway.port, "clear");
        refuses(&mut wire, DELETE, "42501");
        rules.write("[[rule]]\nname = \"x\"\nwhen = { vreb = [\"delete\"] }\ndecision = \"refuse\"\n");
        gateway.hang_up();
        let place = format!("{}:3:10", rules.file().display());
        eventually(&format!("the log names {place}"), || gateway.log().contains(&place).then_some(()));
        refuses(&mut wire, DELETE, "42501");
        assert_eq!(tags(&wire.query("SELECT 1")), "TDCZ");
        refuses(&mut Wire::login(gateway.port, "clear"), DELETE, "42501");
        // A missing file is no empty one.
        std::fs::remove_file(rules.file()).unwrap();
        let told = gateway.log().len();
        gateway.hang_up();
        eventually("the log says more", || gateway.log()[told..].contains("own").then_some(()));
        refuses(&mut wire, DELETE, "42501");
        rules.change(&gateway, "", || first_error(&wire.query(DELETE)).is_none());
    });
}

/// What the ledger says of the statement whose text contains `part`: verdict, rule, would.
fn recorded(gateway: &crate::harness::gateway::Gateway, part: &str) -> (String, [String; 3]) {
    gateway.recorded(part, |records| {
        let of = |one: &&crate::harness::ledger::Record| {
            one.text_of("text").contains(part) && one.event() != "statement.intent"
        };
        let record = records.iter().find(of)?;
        let words = ["verdict", "rule", "sqlstate"].map(|field| record.text_of(field).to_owned());
        Some((record.event().to_owned(), words))
    })
}

#[test]
fn rules_on_trial_and_notes_are_told_and_do_nothing() {
    let rules = Rules::of(
        r#"
[[rule]]
name = "trial"
when = { verb = ["delete"] }
decision = "refuse"
dry_run = true

[[rule]]
name = "held-trial"
when = { verb = ["update"] }
decision = "hold"
dry_run = true

[[rule]]
name = "seen"
when = { table = ["customers"] }
decision = "note"
"#,
    );
    each_version(|version| {
        let server = logging(version);
        let gateway = rules.enforced(Plan::before(&server)).start();
        let mut wire = Wire::login(gateway.port, "clear");
        for sql in [DELETE, "UPDATE scratch SET id = 2 WHERE false", "SELECT id FROM customers WHERE false"] {
            assert_eq!(first_error(&wire.query(sql)), None, "{sql}");
        }
        let would = |verb: &str| {
            gateway.recorded(verb, |records| {
                let record = records.iter().find(|one| {
                    one.text_of("text").starts_with(verb) && one.event() == "statement.outcome"
                })?;
                Some((
                    record.0.get("would").cloned().unwrap_or_default().to_string(),
                    record.text_of("verdict").to_owned(),
                    record.text_of("rule").to_owned(),
                ))
            })
        };
        let (told, verdict, _) = would("DELETE");
        assert!(told.contains("own/trial") && told.contains("refuse"), "{told}");
        assert_eq!(verdict, "allow");
        let (told, verdict, _) = would("UPDATE");
        assert!(told.contains("own/held-trial") && told.contains("hold"), "{told}");
        assert_eq!(verdict, "allow");
        let (told, verdict, rule) = would("SELECT");
        assert_eq!((told.as_str(), verdict.as_str(), rule.as_str()), ("null", "allow", "own/seen"));
    });
}

#[test]
fn a_listener_that_observes_forwards_everything_and_tells_the_verdicts() {
    let rules = Rules::of(
        r#"
[[rule]]
name = "no-delete"
when = { verb = ["delete"] }
decision = "refuse"

[[rule]]
name = "ask-first"
when = { verb = ["update"] }
decision = "hold"

[[rule]]
name = "portion"
when = { verb = ["select"] }
decision = "limit"
limit = { rows = 1, per_second = 1, burst = 1 }
"#,
    );
    each_version(|version| {
        let server = logging(version);
        let gateway = rules.observed(Plan::before(&server)).start();
        let mut wire = Wire::login(gateway.port, "clear");
        let mut direct = Wire::login(server.port, "clear");
        for sql in [
            "DELETE FROM scratch",
            "UPDATE scratch SET id = 2",
            "SELEC 1",
            "SELECT id FROM customers",
            "SELECT id FROM customers ORDER BY 1",
        ] {
            assert_eq!(wire.query(sql), direct.query(sql), "{sql}");
        }
        for (part, event, words) in [
            ("DELETE", "statement.outcome", ["refuse", "own/no-delete", ""]),
            ("UPDATE", "statement.outcome", ["hold", "own/ask-first", ""]),
            ("SELEC ", "statement.outcome", ["unjudged", "", "42601"]),
            ("ORDER BY", "statement.outcome", ["refuse", "own/portion", ""]),
        ] {
            assert_eq!(recorded(&gateway, part), (event.to_owned(), words.map(str::to_owned)), "{part}");
        }
    });
}

#[test]
fn what_is_held_is_refused_and_says_so() {
    let rules =
        Rules::of("[[rule]]\nname = \"ask-first\"\nwhen = { verb = [\"update\"] }\ndecision = \"hold\"\n");
    each_version(|version| {
        let server = logging(version);
        let gateway = rules.enforced(Plan::before(&server)).start();
        let mut wire = Wire::login(gateway.port, "clear");
        refuses(&mut wire, "UPDATE scratch SET id = 2", "QG001");
        let (event, words) = recorded(&gateway, "UPDATE");
        assert_eq!(
            (event.as_str(), words),
            ("statement.held", ["hold", "own/ask-first", "QG001"].map(str::to_owned))
        );
    });
}

/// A session that was made read-only for rules that are gone may become something else.
#[test]
fn a_session_whose_rules_no_longer_make_it_read_only_may_leave_that() {
    each_version(|version| {
        let server = logging(version);
        let reading = "[[session]]\nname = \"reads\"\nread_only = true\n\
                       [[rule]]\nname = \"reads\"\nwhen = { mark = [\"undoes_read_only\"] }\ndecision = \"refuse\"\nreason = \"read_only\"\n";
        let rules = Rules::of(reading);
        let gateway = rules.enforced(Plan::before(&server)).start();
        let mut wire = Wire::login(gateway.port, "clear");
        refuses(&mut wire, "INSERT INTO scratch (id) VALUES (1)", "25006");
        refuses(&mut wire, "SET default_transaction_read_only = off", "25006");
        rules.change(&gateway, "", || {
            first_error(&wire.query("SET default_transaction_read_only = off")).is_none()
        });
        assert_eq!(first_error(&wire.query("INSERT INTO scratch (id) VALUES (1)")), None);
        // And back again: it is not what the rules want any more.
        let mut other = Wire::login(gateway.port, "clear");
        rules.change(&gateway, reading, || first_error(&other.query("BEGIN READ WRITE; COMMIT")).is_some());
        refuses(&mut wire, "SELECT 1", "25006");
    });
}
