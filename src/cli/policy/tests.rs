//! Do the commands about rules say what they should?
#![allow(clippy::unwrap_used, clippy::panic)]

use super::*;
use clap::Parser;
use std::fs;
use std::sync::Arc;
use tempfile::TempDir;

#[derive(Debug, Parser)]
struct Line {
    #[command(subcommand)]
    policy: Policy,
}

const SETTINGS: &str = r#"
[ledger]
directory = "ledger"

[policies]
directory = "rules"

[[listener]]
name = "shop"
listen = "127.0.0.1:6432"
upstream = "127.0.0.1:5432"
mode = "enforce"
policies = ["own"]
"#;

const OWN: &str = r#"
[[rule]]
name = "deletes"
when = { verb = "delete" }
decision = "refuse"
message = "no deletes"
"#;

const CASES: &str = "# Cases\n\n```case\npolicies: own\nuser: ann\n\nDELETE FROM t WHERE id = 1 => refuse own/deletes\n\
                     SELECT 1 => refuse\n```\n";

/// A folder with settings, a rule set and cases, of which one does not hold.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for made in ["rules", "ledger"] {
        fs::create_dir(folder.path().join(made)).unwrap();
    }
    fs::write(folder.path().join("gateway.toml"), SETTINGS).unwrap();
    fs::write(folder.path().join("rules/own.toml"), OWN).unwrap();
    fs::write(folder.path().join("rules/own.md"), CASES).unwrap();
    folder
}

/// What `policy` says to a line; `DIR` in it is the folder.
fn policy(folder: &TempDir, words: &[&str]) -> Result<(bool, String), String> {
    let place = folder.path().display().to_string();
    let words: Vec<String> = words.iter().map(|word| word.replace("DIR", &place)).collect();
    let line = Line::try_parse_from(std::iter::once("policy".to_owned()).chain(words));
    let report = match line.map_err(|error| error.to_string())?.policy {
        Policy::Test(test) => test.run(),
        Policy::Explain(explain) => explain.run(),
        Policy::Replay(replay) => replay.run(),
    };
    let shown = |text: String| text.replace(&place, "DIR");
    report.map(|report| (report.good, shown(report.text))).map_err(|error| shown(error.to_string()))
}

#[test]
fn cases_are_run_and_those_that_fail_are_shown() {
    let folder = folder();
    let expected = "ok     DIR/rules/own.md:7: ann: DELETE FROM t WHERE id = 1\n\
                    FAILED DIR/rules/own.md:8: ann: SELECT 1\n       expected refuse\n       got      allow default\n\
                    2 cases, 1 failed\n";
    for words in [["test", "--config", "DIR/gateway.toml"].as_slice(), &["test", "DIR/rules/own.md"]] {
        assert_eq!(policy(&folder, words), Ok((false, expected.to_owned())), "{words:?}");
    }
    let held = CASES.replace("SELECT 1 => refuse", "SELECT 1 => allow");
    fs::write(folder.path().join("rules/own.md"), held).unwrap();
    let (good, text) = policy(&folder, &["test", "DIR/rules/own.md"]).unwrap();
    assert!(good && text.ends_with("2 cases, 0 failed\n"), "{text}");
}

#[test]
fn cases_that_cannot_be_run_are_told_with_their_places() {
    let folder = folder();
    fs::write(folder.path().join("rules/own.toml"), "[[rule]]\nname = \"a\"\ndecision = \"alow\"\n").unwrap();
    let error = policy(&folder, &["test", "DIR/rules/own.md"]).unwrap_err();
    let expected = "a mistake in the rules\n  DIR/rules/own.toml:3:12: `alow` is no decision\n    hint: did you mean `allow`?";
    assert_eq!(error, expected);
    let error = policy(&folder, &["test", "DIR/nothing.md"]).unwrap_err();
    assert_eq!(error, "cannot read `DIR/nothing.md`");
    fs::write(folder.path().join("rules/own.md"), "```case\nuser: ann\n\nSELECT 1\n```\n").unwrap();
    let error = policy(&folder, &["test", "DIR/rules/own.md"]).unwrap_err();
    assert!(error.contains("DIR/rules/own.md:4:1: this line does not say what is expected"), "{error}");
}

#[test]
fn a_statement_is_explained_by_the_rules_of_a_listener() {
    let folder = folder();
    let line = ["explain", "--config", "DIR/gateway.toml", "--listener", "shop", "--user", "ann"];
    let ask = |sql: &str| policy(&folder, &[line.as_slice(), &[sql]].concat()).unwrap().1;
    let expected = "refuse, by rule `own/deletes`\n  error: no deletes\n  \
                    detail: `delete` is of class write; rule `own/deletes` of listener `shop`\n  \
                    hint: ask the people who run this gateway about rule `own/deletes`\n\
                    statement: DELETE FROM orders WHERE id = ?\n  delete, class write, read by the server's own grammar\n  \
                    tables: `orders` (delete)\n";
    let told = ask("DELETE FROM orders WHERE id = 1");
    assert!(told.starts_with(expected), "{told}");
    assert!(told.ends_with("rules, those that match first:\n  yes `own/deletes` (refuse)\n"), "{told}");
    let told = ask("SELECT lower(name) FROM people LIMIT 5");
    assert!(told.starts_with("allow, by no rule\n"), "{told}");
    assert!(told.contains("  functions: `lower` (reads)\n"), "{told}");
    assert!(told.contains("  rows: at most 5, by its own words\n"), "{told}");
    assert!(told.ends_with("  no  `own/deletes` (refuse): `verb` is not `delete`: select\n"), "{told}");
    let told = ask("SELEC 1");
    assert!(told.starts_with("refuse, by no rule\n  error: statement cannot be judged: "), "{told}");
}

#[test]
fn a_statement_of_mysql_is_explained_in_its_own_words() {
    let folder = folder();
    let settings =
        SETTINGS.replace("[[listener]]", "[[listener]]\nprotocol = \"mysql\"").replace("own", "read-only");
    fs::write(folder.path().join("mysql.toml"), settings).unwrap();
    let line = ["explain", "--config", "DIR/mysql.toml", "--listener", "shop", "--user", "ann"];
    let told = policy(&folder, &[line.as_slice(), &["SET tx_read_only = 0"]].concat()).unwrap().1;
    assert!(told.starts_with("refuse, by rule `read-only/undoes-read-only`\n"), "{told}");
    let words = "  set, class session, read by this gateway's rules for MySQL and MariaDB\n";
    assert!(told.contains(words) && !told.contains("default_transaction_read_only ="), "{told}");
    assert!(told.ends_with("the session begins with SET SESSION TRANSACTION READ ONLY\n"), "{told}");
}

#[test]
fn packs_explain_without_settings() {
    let folder = folder();
    let line = ["explain", "--policies", "agent", "--user", "helper", "SELECT id FROM orders"];
    let told = policy(&folder, &line).unwrap().1;
    for part in [
        "allow, by rule `analyst/reads`\n  at most 1000 rows\n  at most 30 seconds\n",
        "  at most 5 a second and 20 at once for each user: `agent/pace`\n",
        "the session begins with default_transaction_read_only = on\n",
    ] {
        assert!(told.contains(part), "{told}");
    }
    let error = policy(&folder, &["explain", "--policies", "agnet", "--user", "a", "SELECT 1"]).unwrap_err();
    assert!(error.contains("did you mean `agent`?"), "{error}");
    let line = ["explain", "--config", "DIR/gateway.toml", "--listener", "x", "--user", "a", "SELECT 1"];
    let error = policy(&folder, &line).unwrap_err();
    assert_eq!(error, "there is no listener `x`\n    hint: the settings have `shop`");
    assert!(policy(&folder, &["explain", "--user", "a", "SELECT 1"]).is_err());
}

/// A line of the ledger, as far as it matters.
fn line(user: &str, text: &str, verdict: &str) -> String {
    format!(
        r#"{{"v":1,"event":"statement.outcome","ts":"2026-08-04T12:34:56.000000Z","listener":"shop","principal":{{"user":"{user}","database":"shop","application":"","address":"unix","tls":"none"}},"kind":"run","class":"read","fingerprint":"1-{:016x}","text":"{text}","verdict":"{verdict}","tx":{{"state":"idle"}}}}"#,
        text.len()
    )
}

#[test]
fn what_has_happened_is_judged_again() {
    let folder = folder();
    let lines = [
        line("ann", "DELETE FROM orders WHERE id = ?", "allow"),
        line("bob", "DELETE FROM orders WHERE id = ?", "allow"),
        line("ann", "SELECT * FROM orders LIMIT ?", "allow"),
        line("ann", "FETCH ? FROM walk", "allow"),
        line("ann", "SELECT ? FROM wages", "refuse"),
        line("ann", "SELECT set_config(?, ?, false)", "allow"),
        line("ann", "SELECT a FROM t WHERE …", "allow"),
        line("ann", "DELETE FROM \\\"odd?\\\"", "allow")
            .replace("\"shop\",\"principal\"", "\"other\",\"principal\""),
        line("ann", "DELETE FROM kept", "allow").replace("statement.outcome", "statement.intent"),
        r#"{"v":1,"event":"writer.st"#.to_owned(),
    ];
    fs::write(folder.path().join("ledger/00000001.jsonl"), lines.join("\n")).unwrap();
    fs::write(folder.path().join("ledger/00000000.jsonl.zst"), "").unwrap();
    let words = ["replay", "--config", "DIR/gateway.toml", "--listener", "shop", "--policies", "read-only"];
    let expected = "read-only would have changed 3 of 7 statements\n  \
                    2 x 1-000000000000001f  allow -> refuse by `read-only/write`  (ann, bob)\n    \
                    DELETE FROM orders WHERE id = ?\n  \
                    1 x 1-0000000000000013  refuse -> allow by `default`  (ann)\n    SELECT ? FROM wages\n\
                    2 could not be told: their literals decide what they do, or their text alone cannot be read\n\
                    1 lines could not be read; an unfinished last line is one\n\
                    1 compressed files were left out: unpack them first\n";
    assert_eq!(policy(&folder, &words), Ok((true, expected.to_owned())));
    let elsewhere = [&words[..], &["--against", "DIR/nothing"]].concat();
    assert_eq!(policy(&folder, &elsewhere), Err("cannot read `DIR/nothing`".to_owned()));
}

const KEPT: &str = r#"
[[rule]]
name = "people"
when = { table = "people" }
decision = "note"
record = ["text", "error"]

[[rule]]
name = "deletes"
when = { verb = "delete" }
decision = "note"
record = ["hashes", "error"]
"#;

#[test]
fn what_rules_keep_is_explained_and_counted() {
    let folder = folder();
    fs::write(folder.path().join("rules/own.toml"), KEPT).unwrap();
    let line = |sql| ["explain", "--config", "DIR/gateway.toml", "--listener", "shop", "--user", "ann", sql];
    let told = policy(&folder, &line("DELETE FROM people WHERE id = 1")).unwrap().1;
    let expected = "  noted for rule `own/people`\n  kept in the ledger, sealed: text, hashes, error\n";
    assert!(told.contains(expected), "{told}");
    let told = policy(&folder, &line("SELECT 1")).unwrap().1;
    assert!(!told.contains("kept in the ledger"), "{told}");
    let lines = [
        self::line("ann", "DELETE FROM people WHERE id = ?", "allow"),
        self::line("ann", "SELECT name FROM people", "allow"),
        self::line("ann", "SELECT ?", "allow"),
    ];
    fs::write(folder.path().join("ledger/00000001.jsonl"), lines.join("\n")).unwrap();
    let words = ["replay", "--config", "DIR/gateway.toml", "--listener", "shop", "--policies", "own"];
    let expected = "own would have changed 0 of 3 statements\n\
                    kept beside the shape, where no secret forbids it: error of 2, hashes of 1, text of 2\n";
    assert_eq!(policy(&folder, &words), Ok((true, expected.to_owned())));
}

#[test]
fn whom_certificates_named_is_judged_again() {
    let folder = folder();
    let rule = "[[rule]]\nname = \"jobs\"\nwhen = { class = \"read\" }\nunless = { certificate = \"*.jobs.internal\" }\ndecision = \"refuse\"\n";
    fs::write(folder.path().join("rules/own.toml"), rule).unwrap();
    let shown = |names: &str| {
        let principal =
            format!("\"tls\":\"TLSv1.3\",\"certificate\":{{\"names\":[{names}],\"sha256\":\"00\"}}");
        line("app", "SELECT ?", "allow").replace("\"tls\":\"none\"", &principal)
    };
    let lines = [
        shown("\"night\",\"night.jobs.internal\""),
        shown("\"ann\""),
        shown(""),
        line("app", "SELECT ?", "allow"),
    ];
    fs::write(folder.path().join("ledger/00000001.jsonl"), lines.join("\n")).unwrap();
    let words = ["replay", "--config", "DIR/gateway.toml", "--listener", "shop", "--policies", "own"];
    let (_, told) = policy(&folder, &words).unwrap();
    assert!(told.starts_with("own would have changed 3 of 4 statements\n"), "{told}");
}

#[test]
fn that_somebody_replays_is_written_into_the_ledger() {
    let folder = folder();
    let directory = folder.path().join("ledger");
    let settings = proxy::ledger::LedgerSettings::new(&directory);
    let opened = proxy::ledger::Ledger::open(settings, Arc::default()).unwrap();
    opened.spawn(Vec::new()).unwrap().close().unwrap();
    let words =
        ["replay", "--config", "DIR/gateway.toml", "--listener", "shop", "--policies", "read-only,own"];
    assert!(policy(&folder, &words).is_ok_and(|(is_good, _)| is_good));
    let read =
        |number: u32| fs::read_to_string(directory.join(format!("{number:08}.jsonl"))).unwrap_or_default();
    let lines: String = (1..=3).map(read).collect();
    let told: Vec<&str> = lines.lines().filter(|line| line.contains("\"event\":\"ledger.read\"")).collect();
    let [told] = told.as_slice() else { panic!("{lines}") };
    assert!(told.contains("\"asked\":\"replay listener=shop policies=read-only,own\""), "{told}");
}
