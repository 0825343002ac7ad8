//! Are all mistakes of rule files told, with their places?
#![allow(clippy::unwrap_used, clippy::panic)]

use super::*;

const LISTENER: Listener<'_> = Listener {
    name: "shop",
    environment: Environment::Production,
    protocol: Protocol::Postgres,
    enforces: true,
    default_allows: true,
};

/// The mistakes of the rule set `own`, and where they are; hints behind a bar.
fn found(names: &[&str], files: &[(&str, &str)]) -> Vec<String> {
    let file = |name: &str| {
        let found = files.iter().find(|(other, _)| *other == name)?;
        Some((format!("{name}.toml"), found.1.to_owned()))
    };
    let Err(found) = compile(1, names, &file, &LISTENER) else { return Vec::new() };
    found.iter().map(|one| format!("{one} | {}", one.hint.as_deref().unwrap_or_default())).collect()
}

/// Checks that a file has exactly these mistakes; each is the beginning of one.
fn check(text: &str, expected: &[&str]) {
    let found = found(&["own"], &[("own", text)]);
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for (found, expected) in found.iter().zip(expected) {
        assert!(found.starts_with(expected), "got      {found}\nexpected {expected}");
    }
}

#[test]
fn every_pack_compiles_alone_and_all_together() {
    for pack in PACKS {
        assert_eq!(found(&[pack], &[]), Vec::<String>::new(), "{pack}");
        assert!(crate::pack(pack).unwrap().starts_with("# "), "{pack} begins with what it is for");
    }
    assert_eq!(found(&PACKS, &[]), Vec::<String>::new());
}

#[test]
fn all_mistakes_are_told_at_once_with_their_places() {
    check(
        "descripton = \"x\"\n\n[[rule]]\nname = \"a\"\nwhen = { clas = \"read\", table = 5 }\ndecision = \"refuze\"\n\
         [[rule]]\nname = \"b\"\nwhen = { class = [\"reed\"], every_row = \"yes\" }\ndecision = \"allow\"\noverridable = true\n",
        &[
            "own.toml:1:1: `descripton` is no key of a rule file | did you mean `description`?",
            "own.toml:5:10: `clas` is no condition | did you mean `class`?",
            "own.toml:5:33: `table` must be a string or a list of strings, not a whole number | ",
            "own.toml:6:12: `refuze` is no decision | did you mean `refuse`?",
            "own.toml:9:40: `every_row` must be `true` or `false`, not a string | ",
            "own.toml:11:1: `overridable` belongs to `decision = \"refuse\"`, and this is `allow` | leave",
            "own.toml:9:19: `reed` is no class | did you mean `read`?",
        ],
    );
}

#[test]
fn what_a_rule_wants_kept_is_a_list_of_known_words_and_belongs_to_no_limit() {
    let rule = |rest: &str| format!("[[rule]]\nname = \"a\"\n{rest}\n");
    for (rest, expected) in [
        (
            "decision = \"note\"\nrecord = [\"text\", \"parameter\"]",
            "own.toml:4:19: `parameter` is no part of a record | did you mean `parameters`?",
        ),
        ("decision = \"allow\"\nrecord = []", "own.toml:4:10: `record` is empty, so it asks for nothing"),
        ("decision = \"refuse\"\nrecord = true", "own.toml:4:10: `record` must be a string or a list"),
        (
            "decision = \"limit\"\nlimit = { rows = 1 }\nrecord = \"text\"",
            "own.toml:5:1: `record` does not belong to `decision = \"limit\"`",
        ),
    ] {
        check(&rule(rest), &[expected]);
    }
    check(&rule("decision = \"hold\"\nrecord = [\"text\", \"parameters\", \"hashes\", \"error\"]"), &[]);
}

#[test]
fn what_is_no_toml_is_told_with_its_place() {
    check("[[rule]]\nname = \n", &["own.toml:2:8: "]);
    check("rule = 5", &["own.toml:1:1: `rule` is a whole number | write `[[rule]]`"]);
}

#[test]
fn a_rule_needs_a_name_and_a_decision_with_what_belongs_to_it() {
    let bare = ["own.toml:1:1: a rule needs a `name`", "own.toml:1:1: a rule needs a `decision`"];
    check("[[rule]]\n", &bare);
    let rule = |rest: &str| format!("[[rule]]\nname = \"a\"\n{rest}\n");
    for (rest, expected) in [
        ("decision = \"limit\"", "own.toml:3:1: `decision = \"limit\"` needs a `limit` | for instance"),
        ("decision = \"limit\"\nlimit = {}", "own.toml:4:1: this limit has no number | name `rows`"),
        ("decision = \"limit\"\nlimit = { rows = 0 }", "own.toml:4:18: `rows` must be at least 1"),
        (
            "decision = \"limit\"\nlimit = { bytes = \"10 apples\" }",
            "own.toml:4:19: `10 apples` is no number of bytes",
        ),
        (
            "decision = \"limit\"\nlimit = { rows = 1, burst = 2 }",
            "own.toml:4:21: `burst` says more about `per_second`",
        ),
        (
            "decision = \"limit\"\nlimit = { per_second = 1, by = \"usr\" }",
            "own.toml:4:32: `usr` is no way to count | did you mean `user`?",
        ),
        (
            "decision = \"hold\"\nreason = \"read_only\"",
            "own.toml:4:1: `reason` belongs to `decision = \"refuse\"`",
        ),
        (
            "decision = \"note\"\nmessage = \"x\"",
            "own.toml:4:1: `message` is for decisions that a client is told",
        ),
        ("decision = \"note\"\ndry_run = true", "own.toml:4:1: a note decides nothing"),
        ("decision = \"refuse\"\nmessage = \"\"", "own.toml:4:11: `message` must be one line"),
        (
            "decision = \"refuse\"\nreason = \"readonly\"",
            "own.toml:4:10: `readonly` is no reason | did you mean `read_only`?",
        ),
    ] {
        check(&rule(rest), &[expected]);
    }
}

#[test]
fn conditions_are_checked_word_by_word() {
    let rule = |when: &str| format!("[[rule]]\nname = \"a\"\ndecision = \"refuse\"\nwhen = {{ {when} }}\n");
    for (when, expected) in [
        ("user = []", "own.toml:4:17: `user` is empty, so nothing matches it"),
        ("user = [\"\"]", "own.toml:4:18: `user` holds an empty string"),
        ("user = [5]", "own.toml:4:18: `user` must hold strings, not a whole number"),
        ("user = \"@writrs\"", "own.toml:4:17: there is no list `writrs` | a list is given under `[lists]`"),
        ("address = \"localhost\"", "own.toml:4:20: `localhost` is no address"),
        ("address = \"10.0.0.1/8\"", "own.toml:4:20: `10.0.0.1/8` has bits set behind its prefix"),
        ("tls = \"tlsv1.3\"", "own.toml:4:16: `tlsv1.3` is no tls"),
        ("mark = \"lock_rows\"", "own.toml:4:17: `lock_rows` is no mark | did you mean `locks_rows`?"),
        ("kind = \"query\"", "own.toml:4:17: `query` is no kind | known: run, prepare"),
        ("access = \"select\"", "own.toml:4:19: `select` is no access"),
        ("environment = \"prod\"", "own.toml:4:24: `prod` is no environment | did you mean `production`?"),
        ("transaction = \"opened\"", "own.toml:4:24: `opened` is no transaction | did you mean `open`?"),
        ("table = \"a.b.c\"", "own.toml:4:18: `a.b.c` is no name"),
        ("column = \"a.b.c.d\"", "own.toml:4:19: `a.b.c.d` is no column"),
        ("fingerprint = \"2-0123456789abcdef\"", "own.toml:4:24: `2-0123456789abcdef` is no fingerprint"),
        ("rows_over = -1", "own.toml:4:22: `rows_over` must be at least 0"),
        ("time = { from = \"8\" }", "own.toml:4:26: this is no time of a day"),
        (
            "time = { from = \"08:00\", to = \"08:00\" }",
            "own.toml:4:10: no time of a day is from here to there",
        ),
        ("time = { days = [\"monday\"] }", "own.toml:4:27: `monday` is no day | did you mean `mon`?"),
        ("time = { offset = \"+01:00\" }", "own.toml:4:10: this time is always"),
        ("time = { from = \"08:00\", offset = \"CET\" }", "own.toml:4:44: this is no distance from UTC"),
    ] {
        check(&rule(when), &[expected]);
    }
}

#[test]
fn a_rule_that_can_never_match_is_told() {
    let rule = |rest: &str| format!("[[rule]]\nname = \"a\"\n{rest}\n");
    for (rest, place) in [
        ("decision = \"refuse\"\nunless = {}", "own.toml:4:1"),
        (
            "decision = \"refuse\"\nwhen = { user = \"a\", class = \"read\" }\nunless = { user = \"a\" }",
            "own.toml:5:1",
        ),
        ("decision = \"refuse\"\nwhen = { every_row = true, class = [\"read\", \"ddl\"] }", "own.toml:4:10"),
        ("decision = \"allow\"\nwhen = { unjudged = true }", "own.toml:4:10"),
        ("decision = \"refuse\"\nwhen = { limit = false, mark = \"limited\" }", "own.toml:4:10"),
    ] {
        check(&rule(rest), &[&format!("{place}: this rule can never match")]);
    }
    // All tables being `a` takes nothing from a rule that matches when one is.
    check(&rule("decision = \"refuse\"\nwhen = { table = \"a\" }\nunless = { table = \"a\" }"), &[]);
}

#[test]
fn names_are_given_once_and_are_plain() {
    let twice = "[[rule]]\nname = \"a\"\ndecision = \"hold\"\n".repeat(2);
    check(&twice, &["own.toml:5:8: there is a rule `a` already, in line 2"]);
    check("[[rule]]\nname = \"a/b\"\ndecision = \"hold\"\n", &["own.toml:2:8: `a/b` is no name of a rule"]);
    check("[lists]\n\"a b\" = []\n", &["own.toml:2:1: `a b` is no name of a list"]);
    check("[lists]\na = [\"@b\"]\n", &["own.toml:2:6: `@b`: a list cannot refer to another list"]);
}

#[test]
fn a_session_entry_says_read_only_by_what_is_known_then() {
    check("[[session]]\nname = \"a\"\n", &["own.toml:1:1: a session entry needs `read_only = true`"]);
    check(
        "[[session]]\nname = \"a\"\nread_only = false\n",
        &["own.toml:3:13: this session entry says nothing"],
    );
    check(
        "[[session]]\nname = \"a\"\nread_only = true\nwhen = { role = \"x\" }\n",
        &["own.toml:4:10: `role` is not known when a session opens"],
    );
}

#[test]
fn a_wrong_entry_of_a_list_is_told_where_the_list_is() {
    let own = "[[rule]]\nname = \"a\"\ndecision = \"hold\"\nwhen = { address = \"@places\" }\n";
    let lists = "[lists]\nplaces = [\n  \"10.0.0.0/8\",\n  \"here\",\n]\n";
    let found = found(&["own", "lists"], &[("own", own), ("lists", lists)]);
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with("lists.toml:4:3: `here` is no address"), "{found:?}");
}

#[test]
fn rule_sets_are_found_or_the_known_ones_are_named() {
    let unknown = &found(&["prodution"], &[])[0];
    assert!(
        unknown.starts_with(
            "policies of listener `shop`: there is no rule set `prodution` | did you mean `production`?"
        ),
        "{unknown}"
    );
    assert!(unknown.contains("packs are read-only, production, development, analyst, agent"), "{unknown}");
    let shadows = found(&["agent"], &[("agent", "")]);
    assert!(shadows[0].starts_with("agent.toml:1:1: `agent` is the name of a pack"), "{shadows:?}");
    let nested = found(&["own"], &[("own", "include = [\"other\"]")]);
    assert!(nested[0].starts_with("own.toml:1:12: there is no rule set `other`"), "{nested:?}");
    let round = found(&["a"], &[("a", "include = [\"b\"]"), ("b", "include = [\"a\"]")]);
    assert!(round[0].starts_with("b.toml:1:12: `a` includes `b` includes `a`: that never ends"), "{round:?}");
    assert_eq!(round.len(), 1);
}

#[test]
fn what_is_included_twice_is_there_once_and_comes_first() {
    let files = [
        ("a", "include = [\"base\"]\n[[rule]]\nname = \"x\"\ndecision = \"allow\"\n"),
        ("base", "[[rule]]\nname = \"y\"\ndecision = \"allow\"\n"),
    ];
    let file = |name: &str| {
        let found = files.iter().find(|(other, _)| *other == name)?;
        Some((format!("{name}.toml"), found.1.to_owned()))
    };
    let ruleset = compile(1, &["a", "base"], &file, &LISTENER).unwrap();
    let names: Vec<_> = ruleset.rules.iter().map(|one| &*one.name).collect();
    assert_eq!(names, ["base/y", "a/x"]);
}

#[test]
fn more_rules_than_there_is_room_for_are_told() {
    let rules = |count: usize| {
        (0..count).map(|at| format!("[[rule]]\nname = \"r{at}\"\ndecision = \"hold\"\n")).collect::<String>()
    };
    check(&rules(512), &[]);
    check(&rules(513), &["policies of listener `shop`: 513 rules in all are more than the 512"]);
    let rates: String = (0..65)
        .map(|at| format!("[[rule]]\nname = \"r{at}\"\ndecision = \"limit\"\nlimit = {{ per_second = 1 }}\n"))
        .collect();
    check(&rates, &["policies of listener `shop`: 65 rules with `per_second` are more than the 64"]);
}

#[test]
fn a_hundred_thousand_rules_are_told_without_being_read() {
    let in_one_line = format!("rule = [{}]", "{},".repeat(100_000));
    for text in [in_one_line, "[[rule]]\n".repeat(100_000)] {
        let start = std::time::Instant::now();
        check(&text, &["policies of listener `shop`: 100000 rules in all are more than the 512"]);
        assert!(start.elapsed() < std::time::Duration::from_secs(20), "{:?}", start.elapsed());
    }
}

#[test]
fn a_hundred_mistakes_are_told_and_how_many_more_there_are() {
    let found = found(&["own"], &[("own", &"[[rule]]\n".repeat(200))]);
    assert_eq!(found.len(), 101);
    assert_eq!(found[100], "own.toml: and 300 more mistakes | mend these first");
}

#[test]
fn a_table_without_keys_is_told_where_its_header_stands() {
    check(
        "# first\n\n  [[rule]]\n\n[[rule]]\n",
        &[
            "own.toml:3:3: a rule needs a `name`",
            "own.toml:3:3: a rule needs a `decision`",
            "own.toml:5:1: a rule needs a `name`",
            "own.toml:5:1: a rule needs a `decision`",
        ],
    );
}

mod any_text {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_damaged_file_is_told_and_never_a_panic(
            name in prop::sample::select(&PACKS[..]),
            at in any::<prop::sample::Index>(),
            bytes in 0usize..40,
            instead in "[\\[\\]{}=\",.@*a-z0-9\n -]{0,12}|\\PC{0,6}",
        ) {
            let text = crate::pack(name).unwrap();
            let floor = |mut at: usize| {
                while !text.is_char_boundary(at) {
                    at -= 1;
                }
                at
            };
            let start = floor(at.index(text.len()));
            let end = floor((start + bytes).min(text.len()));
            let damaged = format!("{}{instead}{}", &text[..start], &text[end..]);
            let files = |name: &str| (name == "own").then(|| ("own.toml".to_owned(), damaged.clone()));
            if let Err(found) = compile(1, &["own"], &files, &LISTENER) {
                let lines = damaged.lines().count() + 1;
                for one in found.iter().filter(|one| one.file == "own.toml") {
                    prop_assert!(one.line <= lines && !one.message.is_empty(), "{one}");
                }
                prop_assert!(!found.is_empty());
            }
        }
    }
}

#[test]
fn joined_rules_are_those_of_both_and_no_list_of_one_reaches_into_the_other() {
    let floor = "[lists]\nwriters = [\"app\"]\n[[rule]]\nname = \"writes\"\nwhen = { class = \"write\" }\n\
                 unless = { user = \"@writers\" }\ndecision = \"refuse\"\n";
    let more = "[lists]\nwriters = [\"*\"]\n[[rule]]\nname = \"all\"\nwhen = { user = \"@writers\" }\ndecision = \"note\"\n";
    let compiled = |name: &str, text: &str| {
        let file = |_: &str| Some((format!("{name}.toml"), text.to_owned()));
        compile(1, &[name], &file, &LISTENER).unwrap()
    };
    let (floor, more) = (compiled("floor", floor), compiled("more", more));
    let joined = join(7, &floor, &more, &LISTENER).unwrap();
    assert_eq!((joined.epoch(), joined.rules()), (7, 2));
    assert_eq!(joined.rules.first(), floor.rules.first());
    assert_eq!(joined.rules.last(), more.rules.first());
    let alone = join(1, &floor, &Ruleset::of_default(1, true, true), &LISTENER).unwrap();
    assert!(alone.agrees_with(&floor));
}

#[test]
fn joined_rules_have_the_bounds_of_one_listener() {
    let many = |name: &str, count: usize| {
        let rule = |number: usize| format!("[[rule]]\nname = \"r{number}\"\ndecision = \"note\"\n");
        let text: String = (0..count).map(rule).collect();
        let file = |_: &str| Some((format!("{name}.toml"), text.clone()));
        compile(1, &[name], &file, &LISTENER).unwrap()
    };
    let half = many("half", RULES_MAX / 2);
    assert!(join(1, &half, &half, &LISTENER).is_ok());
    let found = join(1, &half, &many("more", RULES_MAX / 2 + 1), &LISTENER).unwrap_err();
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].message.contains("more than the 512"), "{found:?}");
}
