//! Do the shipped cases hold, and are wrong ones told?
#![allow(clippy::unwrap_used, clippy::panic)]

use super::*;
use crate::key::Key;

const CONDITIONS: &str = include_str!("../../cases/conditions.md");

/// Every file of `policies/cases`.
const SHIPPED: [(&str, &str); 8] = [
    ("conditions.md", CONDITIONS),
    ("decisions.md", include_str!("../../cases/decisions.md")),
    ("read-only.md", include_str!("../../cases/read-only.md")),
    ("production.md", include_str!("../../cases/production.md")),
    ("development.md", include_str!("../../cases/development.md")),
    ("analyst.md", include_str!("../../cases/analyst.md")),
    ("agent.md", include_str!("../../cases/agent.md")),
    ("mysql.md", include_str!("../../cases/mysql.md")),
];

#[test]
fn the_shipped_cases_hold() {
    let mut wrong = Vec::new();
    let mut run_cases = 0;
    for (path, text) in SHIPPED {
        let results = run(path, text, &|_| None).unwrap_or_else(|found| panic!("{found:#?}"));
        run_cases += results.len();
        for one in results.iter().filter(|one| !one.passed) {
            wrong.push(format!(
                "{path}:{}: {}: `{}`\n  expected {}\n  got      {}",
                one.line, one.user, one.statement, one.expected, one.got
            ));
        }
    }
    assert!(wrong.is_empty(), "{} of {run_cases}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_condition_has_a_case_that_passes_and_one_that_does_not() {
    for key in Key::ALL {
        let heading = format!("\n## {}\n", key.word());
        let (_, rest) =
            CONDITIONS.split_once(&heading).unwrap_or_else(|| panic!("no section for `{}`", key.word()));
        let section = rest.split("\n## ").next().unwrap();
        for verdict in [" => allow", " => refuse"] {
            assert!(section.contains(verdict), "`{}` has no case with{verdict}", key.word());
        }
    }
}

const DOCUMENT: &str = include_str!("../../../docs/policies.md");

#[test]
fn the_documentation_names_every_condition_mark_and_pack() {
    let marks = exchange::Marks::ALL.iter().map(|(_, word)| *word);
    for word in Key::ALL.into_iter().map(Key::word).chain(marks).chain(crate::PACKS) {
        assert!(DOCUMENT.contains(&format!("\n| `{word}` | ")), "`{word}` is not in docs/policies.md");
    }
}

#[test]
fn the_examples_of_the_documentation_hold() {
    let (_, rest) = DOCUMENT.split_once("````markdown\n").unwrap();
    let (cases, _) = rest.split_once("````\n").unwrap();
    let results = run("docs/policies.md", cases, &|_| None).unwrap();
    assert_eq!(results.len(), 2);
    assert!(results.iter().all(|one| one.passed), "{results:#?}");
    let (_, rest) = DOCUMENT.split_once("```toml\n").unwrap();
    let (rules, _) = rest.split_once("```").unwrap();
    let setting = Setting { policies: vec!["shop".to_owned()], ..Setting::default() };
    let files = |name: &str| (name == "shop").then(|| ("shop.toml".to_owned(), rules.to_owned()));
    assert!(rules_of(&setting, &files).unwrap().rules() > 20);
}

#[test]
fn what_is_wrong_in_a_file_of_cases_is_told() {
    let check = |text: &str, expected: &str| {
        let found = run("own.md", text, &|_| None).unwrap_err();
        assert_eq!(found.iter().map(ToString::to_string).collect::<Vec<_>>(), [expected], "{text}");
    };
    check("```case\nusr: ann\n\nSELECT 1 => allow\n```\n", "own.md:2:1: `usr` is no key of a case");
    check("```case\nnobody\n```\n", "own.md:2:1: this line says nothing of who asks");
    check("```case\nmode: on\n```\n", "own.md:2:1: `on` is no mode");
    check("```case\naddress: here\n```\n", "own.md:2:1: `here` is no address");
    check("```case\n\nSELECT 1\n```\n", "own.md:3:1: this line does not say what is expected");
    check("```case\n\nSELECT 1 => pass\n```\n", "own.md:3:1: `pass` is no verdict");
    check("```case\n\nSELECT 1 => allow row=5\n```\n", "own.md:3:1: `row=5` is no part of an expectation");
    check("```case own\n```\n", "own.md:1:1: a block of cases has no name");
    check(
        "text\n\n```toml own\n[[rule]]\nname = 'a'\ndecision = 'no'\n```\n\n```case\npolicies: own\n```\n",
        "own.md:6:12: `no` is no decision",
    );
    assert_eq!(run("own.md", "````\n```case\nusr: ann\n```\n````\n", &|_| None), Ok(Vec::new()));
}
