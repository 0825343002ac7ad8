//! What is a client told whose statement does not pass?

use crate::facts::Facts;
use crate::rule::{Action, Reason, Rule};
use crate::verdict::Verdict;
use exchange::{Basis, Known, Protocol, Refusal, RefusalClass, Unjudged};
use std::fmt::Write as _;

/// Functions that are named to a client; more would hide the first.
const FUNCTIONS_MAX: usize = 3;

/// A rule refuses.
pub(super) fn by_rule(rule: &Rule, facts: &Facts<'_>) -> Refusal {
    let reads_only = matches!(rule.action, Action::Refuse { reason: Reason::ReadOnly, .. });
    let (class, message) = if reads_only {
        (RefusalClass::ReadOnly, "this session reads only")
    } else {
        (RefusalClass::NotPermitted, "statement is not permitted here")
    };
    let message = rule.message.as_deref().unwrap_or(message).to_owned();
    let hint = rule.hint.as_deref().map_or_else(|| ask(rule), str::to_owned);
    Refusal::new(class, message).with_detail(detail(rule, facts)).with_hint(hint).with_rule(&*rule.name)
}

/// A rule holds.
pub(super) fn held(rule: &Rule, facts: &Facts<'_>) -> Refusal {
    let message = rule.message.as_deref().unwrap_or("statement waits for approval").to_owned();
    let hint = rule.hint.as_deref().map_or_else(
        || {
            format!(
                "nobody can approve it from here yet: ask the people who run this gateway about rule `{}`",
                rule.name
            )
        },
        str::to_owned,
    );
    Refusal::new(RefusalClass::Held, message)
        .with_detail(detail(rule, facts))
        .with_hint(hint)
        .with_rule(&*rule.name)
}

/// No rule speaks of it, and the listener refuses that.
pub(super) fn by_default(facts: &Facts<'_>) -> Refusal {
    Refusal::new(RefusalClass::NotPermitted, "statement is not permitted here")
        .with_detail(format!("listener `{}` refuses what no rule allows", facts.session.listener))
        .with_hint("the people who run this gateway decide what may pass: `default` of the listener")
}

/// Nobody can tell what it does.
pub(super) fn unjudged(facts: &Facts<'_>) -> Verdict {
    let why = facts.statement.map(|statement| &statement.effects.basis);
    let unjudgeable = |words: String, hint: &'static str| {
        Refusal::new(RefusalClass::Unjudgeable, format!("statement cannot be judged: {words}"))
            .with_hint(hint)
    };
    let refusal = match why {
        Some(Basis::Unjudged(Unjudged::Syntax { position, message })) => {
            let refusal = unjudgeable(
                message.to_string(),
                "the server's grammar does not accept this text: correct it",
            );
            match position {
                Some(position) => refusal.with_position(*position),
                None => refusal,
            }
        }
        Some(Basis::Unjudged(Unjudged::TooLarge(limit))) => {
            let refusal =
                Refusal::new(RefusalClass::TooLarge, format!("statement is too large to be judged: {limit}"));
            if limit.ends_with(" bytes") {
                refusal.with_hint("send a shorter statement, or ask for a larger `limits.statement_bytes`")
            } else {
                refusal.with_hint("divide it into smaller statements")
            }
        }
        Some(Basis::Unjudged(Unjudged::Node(node))) => unjudgeable(
            format!("it holds `{node}`, which this gateway does not know"),
            "write it without, or ask the people who run this gateway for a newer version of it",
        ),
        Some(Basis::Unjudged(Unjudged::Ambiguous(words))) => unjudgeable(
            format!("it can be read in more than one way: {words}"),
            match facts.session.protocol {
                Protocol::Postgres => "write it in UTF-8, with standard_conforming_strings on",
                Protocol::Mysql => {
                    "say SET NAMES utf8mb4 first, set sql_mode to a constant, and send each statement by itself"
                }
            },
        ),
        Some(Basis::Unjudged(Unjudged::Unseen)) => {
            unjudgeable("it was not seen in full".to_owned(), "prepare it again, or send it as text")
        }
        _ => Refusal::new(
            RefusalClass::TooLarge,
            "statement is too large to be judged, or was prepared unseen",
        )
        .with_hint("send a shorter statement, or ask for a larger `limits.statement_bytes`"),
    };
    Verdict::Refuse(Box::new(refusal))
}

fn ask(rule: &Rule) -> String {
    format!("ask the people who run this gateway about rule `{}`", rule.name)
}

/// What the statement is, and which rule decided. Names only: no literal of the statement.
fn detail(rule: &Rule, facts: &Facts<'_>) -> String {
    let mut text = String::new();
    if let Some(statement) = facts.statement {
        let effects = &statement.effects;
        let _ = write!(text, "`{}` is of class {}", effects.verb, statement.class.as_str());
        let calls: Vec<_> = effects.functions.iter().filter(|one| one.known != Known::Reads).collect();
        for (position, function) in calls.iter().take(FUNCTIONS_MAX).enumerate() {
            let lead = if position == 0 { " and calls" } else { "," };
            let _ = write!(text, "{lead} `{}`", function.name);
        }
        text.push_str("; ");
    }
    let _ = write!(text, "rule `{}` of listener `{}`", rule.name, facts.session.listener);
    text
}
