//! Do the shipped cases hold, and are wrong ones told?
#![allow(clippy::unwrap_used, clippy::panic)]

use super::*;
use crate::key::Key;

const CONDITIONS: &str = include_str!("../../cases/conditions.md");

/// Every file of `policies/cases`.
const SHIPPED: [(&str, &str); 7] = [
    ("conditions.md", CONDITIONS),
    ("decisions.md", include_str!("../../cases/decisions.md")),
    ("read-only.md", include_str!("../../cases/read-only.md")),
    ("production.md", include_str!("../../cases/production.md")),
    ("development.md", include_str!("../../cases/development.md")),
    ("analyst.md", include_str!("../../cases/analyst.md")),
    ("agent.md", include_str!("../../cases/agent.md")),
];

#[test]
fn the_shipped_cases_hold() {
    let mut wrong = Vec::new();
    let mut run_cases = 0;
    for (path, text) in SHIPPED {
        let results = run(path, text, &|_| None).unwrap_or_else(|found| panic!("{found:#?}"));
        run_cases += results.len();
        for one in results.iter().filter(|one| !one.passed) {
            wrong.push(format!("{path}:{}: {}: `{}`\n  expected {}\n  got      {}", one.line, one.user, one.statement, one.expected, one.got));
        }
    }
    assert!(wrong.is_empty(), "{} of {run_cases}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_condition_has_a_case_that_passes_and_one_that_does_not() {
    for key in Key::ALL {
        let heading = format!("\n## {}\n", key.word());
        let (_, rest) = CONDITIONS.split_once(&heading).unwrap_or_else(|| panic!("no section for `{}`", key.word()));
        let section = rest.split("\n## ").next().unwrap();
        for verdict in [" => allow", " => refuse"] {
            assert!(section.contains(verdict), "`{}` has no case with{verdict}", key.word());
        }
    }
}
