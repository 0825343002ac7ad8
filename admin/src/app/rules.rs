//! What do the rules of a listener come to, and what is wrong with them? Pure: nothing is looked up here.

pub mod replay;
pub mod span;

use crate::problem::{Code, FieldProblem, Problem};
use admin_store::rule_sets::Published;
use control::ListenerState;
use exchange::{Environment, Protocol};
use policies::cases::CaseResult;
use policies::{Diagnostic, PACKS, Ruleset};
use span::span;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// Mistakes that are told at once; whoever mends these sees the others.
const MISTAKES_MAX: usize = 100;

/// The text of a rule set.
#[derive(Clone, Debug)]
pub struct Text {
    /// Which version; 0 for a draft.
    pub version: i64,
    /// The document.
    pub text: String,
}

/// The texts that rule sets are made of, by name.
#[derive(Clone, Debug, Default)]
pub struct Texts(BTreeMap<String, Text>);

impl Texts {
    /// What is published in a workspace.
    pub fn of(published: &[Published]) -> Texts {
        let text = |one: &Published| Text { version: one.number, text: one.text.clone() };
        Texts(published.iter().map(|one| (one.name.clone(), text(one))).collect())
    }

    /// The same with a draft in the place of what is published.
    #[must_use]
    pub fn with_draft(mut self, name: &str, text: &str) -> Texts {
        self.0.insert(name.to_owned(), Text { version: 0, text: text.to_owned() });
        self
    }

    /// One of them.
    pub fn find(&self, name: &str) -> Option<&Text> {
        self.0.get(name)
    }
}

/// The listener that rules are compiled for.
#[derive(Clone, Debug)]
pub struct Scope {
    name: String,
    environment: Environment,
    protocol: Protocol,
    enforces: bool,
    default_allows: bool,
    /// Packs that the listener's file names: they come first.
    floor: Vec<String>,
    /// Rule sets that the listener's file names and whose text only its data plane knows.
    pub unknown_floor: Vec<String>,
}

impl Scope {
    /// A listener as its data plane tells of it.
    pub fn of(state: &ListenerState) -> Scope {
        let environment = match state.environment.as_str() {
            "production" => Environment::Production,
            "staging" => Environment::Staging,
            _ => Environment::Development,
        };
        let (floor, unknown_floor) =
            state.floor_policies.iter().cloned().partition(|name| PACKS.contains(&name.as_str()));
        Scope {
            name: state.name.clone(),
            environment,
            protocol: protocol(&state.protocol),
            enforces: state.mode == "enforce",
            default_allows: state.default != "refuse",
            floor,
            unknown_floor,
        }
    }

    /// No listener in particular: PostgreSQL, production.
    pub fn anywhere() -> Scope {
        Scope {
            name: "any".to_owned(),
            environment: Environment::Production,
            protocol: Protocol::Postgres,
            enforces: true,
            default_allows: true,
            floor: Vec::new(),
            unknown_floor: Vec::new(),
        }
    }

    fn listener(&self) -> policies::Listener<'_> {
        policies::Listener {
            name: &self.name,
            environment: self.environment,
            protocol: self.protocol,
            enforces: self.enforces,
            default_allows: self.default_allows,
        }
    }
}

/// The protocol of a word.
pub fn protocol(word: &str) -> Protocol {
    if word == "mysql" { Protocol::Mysql } else { Protocol::Postgres }
}

/// What a list of rule sets comes to.
#[derive(Debug)]
pub struct Compiled {
    /// The rules, or what is wrong.
    pub rules: Result<Ruleset, Vec<Diagnostic>>,
    /// The rule sets that are no packs and whose texts were used, those that are included too.
    pub used: BTreeSet<String>,
}

/// Compiles rule sets as a data plane does: the file's first and by themselves, then these.
pub fn compile(names: &[String], texts: &Texts, scope: &Scope) -> Compiled {
    let used = RefCell::new(BTreeSet::new());
    let files = |name: &str| {
        let found = texts.find(name)?;
        used.borrow_mut().insert(name.to_owned());
        Some((name.to_owned(), found.text.clone()))
    };
    let listener = scope.listener();
    let borrowed = |names: &[String]| names.to_vec();
    let (floor, names) = (borrowed(&scope.floor), borrowed(names));
    let of = |names: &[String], files: &policies::compile::Files<'_>| {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        policies::compile(0, &names, files, &listener)
    };
    let rules = of(&names, &files).and_then(|above| {
        let floor = of(&floor, &|_| None)?;
        policies::join(0, &floor, &above, &listener)
    });
    Compiled { rules, used: used.into_inner() }
}

/// Runs test cases with these texts; nothing where there are none.
pub fn run_cases(cases: &str, texts: &Texts) -> Result<Vec<CaseResult>, Vec<Diagnostic>> {
    let files = |name: &str| texts.find(name).map(|found| (name.to_owned(), found.text.clone()));
    policies::cases::run(CASES, cases, &files)
}

/// How the document of test cases is called in diagnostics.
pub const CASES: &str = "cases";

/// What is wrong, as a problem that says where in each text.
pub fn bad_rules(found: &[Diagnostic], texts: &Texts, cases: &str) -> Problem {
    let errors = found.iter().take(MISTAKES_MAX).map(|one| FieldProblem {
        field: place_of(one),
        message: one.message.clone(),
        hint: one.hint.clone(),
        span: span_of(one, texts, cases),
    });
    Problem::new(Code::BadRules, format!("the rules have {} mistakes", found.len()))
        .with_hint("mend what `errors` names; nothing was published")
        .with_errors(errors)
}

/// Cases that do not say what they should, as a problem.
pub fn failed_cases(results: &[CaseResult], cases: &str) -> Option<Problem> {
    let failed: Vec<&CaseResult> = results.iter().filter(|one| !one.passed).collect();
    if failed.is_empty() {
        return None;
    }
    let errors = failed.iter().take(MISTAKES_MAX).map(|one| FieldProblem {
        field: format!("{CASES} line {}", one.line),
        message: format!("expected `{}`, and the rules say `{}`", one.expected, one.got),
        hint: None,
        span: span::line(cases, one.line),
    });
    let said = format!("{} of {} test cases fail", failed.len(), results.len());
    Some(
        Problem::new(Code::BadRules, said)
            .with_hint("mend the rules or what the cases expect; nothing was published")
            .with_errors(errors),
    )
}

fn place_of(one: &Diagnostic) -> String {
    if one.line == 0 { one.file.clone() } else { format!("{} line {}", one.file, one.line) }
}

/// Where a mistake stands in its text, in bytes.
pub fn span_of(one: &Diagnostic, texts: &Texts, cases: &str) -> Option<(u32, u32)> {
    let text = match texts.find(&one.file) {
        Some(found) => found.text.as_str(),
        None if one.file == CASES => cases,
        None => return None,
    };
    span(text, one.line, one.column)
}
