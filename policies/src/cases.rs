//! Do the rules say what somebody expects of them? Runs the cases of a Markdown file.
//!
//! Everything in it is prose but for two kinds of fenced blocks (docs/policies.md shows them):
//! `toml NAME` is a rule set that the file brings itself, and `case` holds who asks, then a line for each
//! statement and what is expected of it.

mod read;
#[cfg(test)]
mod tests;

use crate::compile::{Files, Listener, compile};
use crate::diagnostic::Diagnostic;
use crate::facts::{Facts, Path, Role};
use crate::ruleset::Ruleset;
use crate::verdict::{Decision, Keep, Limits, Verdict};
use exchange::{Environment, Kind, Protocol, Session, TransactionState};
use read::{Block, Expected, Line};
use sql::Lexing;
use std::fmt::Write as _;

/// What became of one line of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseResult {
    /// The line in the file.
    pub line: usize,
    /// Who asked.
    pub user: String,
    /// What was asked.
    pub statement: String,
    /// What was expected, as written.
    pub expected: String,
    /// What the rules say, written the same way.
    pub got: String,
    /// Whether that is the same.
    pub passed: bool,
}

/// Who asks in a case, and where.
#[derive(Clone, Debug)]
struct Setting {
    policies: Vec<String>,
    enforces: bool,
    default_allows: bool,
    session: Session,
    /// `None` where it cannot be told.
    role: Option<String>,
    /// Whether it is as the login left it.
    path_known: bool,
    kind: Kind,
    transaction: TransactionState,
    now_us: u64,
}

/// Runs all cases of a file. `path` is what people know it by; `files` gives the rule sets that are
/// neither packs nor in the file itself.
pub fn run(path: &str, text: &str, files: &Files<'_>) -> Result<Vec<CaseResult>, Vec<Diagnostic>> {
    let (blocks, mut found) = read::blocks(path, text);
    let mut own: Vec<(String, String)> = Vec::new();
    let mut results = Vec::new();
    for block in blocks {
        match block {
            Block::Rules { name, text } => {
                own.retain(|(other, _)| *other != name);
                own.push((name, text));
            }
            Block::Case { setting, lines } => {
                let here = |name: &str| {
                    let mine = own.iter().find(|(other, _)| other == name);
                    mine.map(|(_, text)| (path.to_owned(), text.clone())).or_else(|| files(name))
                };
                match rules_of(&setting, &here) {
                    Ok(rules) => results.extend(lines.iter().map(|line| result(&rules, &setting, line))),
                    Err(mut wrong) => found.append(&mut wrong),
                }
            }
        }
    }
    if found.is_empty() { Ok(results) } else { Err(found) }
}

fn rules_of(setting: &Setting, files: &Files<'_>) -> Result<Ruleset, Vec<Diagnostic>> {
    let names: Vec<&str> = setting.policies.iter().map(String::as_str).collect();
    let listener = Listener {
        name: &setting.session.listener,
        environment: setting.session.environment,
        protocol: setting.session.protocol,
        enforces: setting.enforces,
        default_allows: setting.default_allows,
    };
    compile(1, &names, files, &listener)
}

fn result(rules: &Ruleset, setting: &Setting, line: &Line) -> CaseResult {
    let mut got: Option<Outcome> = None;
    let analysis = sql::analyse(line.statement.as_bytes(), lexing(setting));
    let mask = rules.of_session(&setting.session);
    for statement in &analysis.statements {
        let facts = Facts {
            session: &setting.session,
            mask: &mask,
            role: setting.role.as_deref().map_or(Role::Unknown, Role::Known),
            path: if setting.path_known { Path::of_login(&setting.session) } else { Path::Changed },
            kind: setting.kind,
            statement: Some(statement),
            transaction: setting.transaction,
            now_us: setting.now_us,
        };
        let outcome = Outcome::of(rules.decide(&facts));
        // A text is refused as a whole: what stops it is what its author learns.
        let stops = outcome.stops();
        if stops || got.is_none() {
            got = Some(outcome);
        }
        if stops {
            break;
        }
    }
    let read_only = rules.is_read_only(&mask);
    let (passed, words) = match got {
        Some(got) => (got.meets(&line.expected, read_only), got.words(&line.expected, read_only)),
        None => (false, "no statement".to_owned()),
    };
    CaseResult {
        line: line.number,
        user: setting.session.principal.user.to_string(),
        statement: line.statement.clone(),
        expected: line.expected.text.clone(),
        got: words,
        passed,
    }
}

fn lexing(setting: &Setting) -> Lexing {
    match setting.session.protocol {
        Protocol::Postgres => Lexing::default(),
        Protocol::Mysql => Lexing::MYSQL,
    }
}

/// A decision that outlives its rules.
struct Outcome {
    verdict: Verdict,
    rule: Option<String>,
    limits: Limits,
    rates: Vec<String>,
    noted: Option<String>,
    record: Keep,
    would: Option<String>,
}

impl Outcome {
    fn of(decision: Decision<'_>) -> Outcome {
        Outcome {
            rule: decision.rule.map(ToString::to_string),
            limits: decision.limits,
            rates: decision.rates.iter().map(|rate| rate.rule.to_string()).collect(),
            noted: decision.noted.map(ToString::to_string),
            record: decision.record,
            would: decision.would.map(|(rule, would)| format!("{}:{rule}", would.as_str())),
            verdict: decision.verdict,
        }
    }

    fn stops(&self) -> bool {
        matches!(self.verdict, Verdict::Refuse(_) | Verdict::Hold(_))
    }

    /// What stands there for a key of the expectation.
    fn value(&self, key: &str, read_only: bool) -> String {
        let number = |number: Option<u64>| number.map(|number| number.to_string());
        let value = match key {
            "rows" => number(self.limits.rows),
            "bytes" => number(self.limits.bytes),
            "seconds" => number(self.limits.duration_us.map(|us| us / 1_000_000)),
            "rate" => (!self.rates.is_empty()).then(|| self.rates.join(",")),
            "noted" => self.noted.clone(),
            "record" => {
                (!self.record.is_nothing()).then(|| self.record.words().collect::<Vec<_>>().join(","))
            }
            "would" => self.would.clone(),
            "reason" => self.verdict.refusal().map(|refusal| refusal.class.as_str().to_owned()),
            "session" => read_only.then(|| "read_only".to_owned()),
            _ => None,
        };
        value.unwrap_or_else(|| "none".to_owned())
    }

    fn meets(&self, expected: &Expected, read_only: bool) -> bool {
        self.verdict.as_str() == expected.verdict
            && expected.rule.as_ref().is_none_or(|rule| self.rule() == rule)
            && expected.more.iter().all(|(key, value)| self.value(key, read_only) == *value)
    }

    fn rule(&self) -> &str {
        self.rule.as_deref().unwrap_or("default")
    }

    /// What came out, in the words of an expectation.
    fn words(&self, expected: &Expected, read_only: bool) -> String {
        let mut words = format!("{} {}", self.verdict.as_str(), self.rule());
        for (key, _) in &expected.more {
            let _ = write!(words, " {key}={}", self.value(key, read_only));
        }
        words
    }
}

/// The environments by their words.
const ENVIRONMENTS: [Environment; 3] =
    [Environment::Development, Environment::Staging, Environment::Production];
