//! Why is that the verdict? Each rule, and whether it matched or what of it did not.

use crate::condition::{Condition, Test, grave};
use crate::facts::{Facts, Path, Role};
use crate::rule::Rule;
use crate::ruleset::Ruleset;
use crate::verdict::{Keep, Limits, Rate, Verdict, Would};
use exchange::{Effects, Marks, Protocol, Relation};
use std::sync::Arc;

/// What is decided of one statement, with every rule looked at.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// What is decided.
    pub verdict: Verdict,
    /// By which rule; `None` by the listener's default, or because nothing could be judged.
    pub rule: Option<Arc<str>>,
    /// The limits that apply.
    pub limits: Limits,
    /// The rates it counts against.
    pub rates: Vec<Rate>,
    /// The rule that notes it.
    pub noted: Option<Arc<str>>,
    /// What is kept of it beside its shape.
    pub record: Keep,
    /// What a dry run would have changed.
    pub would: Option<(Arc<str>, Would)>,
    /// Every rule, in order.
    pub rules: Vec<RuleExplanation>,
}

/// One rule and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleExplanation {
    /// Its name.
    pub rule: Arc<str>,
    /// The word of its decision.
    pub decision: &'static str,
    /// Whether it only says what it would decide.
    pub dry_run: bool,
    /// Whether it matched.
    pub met: Met,
}

/// Whether a rule matched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Met {
    /// It did.
    Matched,
    /// It did not: the first condition that does not hold, and what is instead.
    Missed(String),
    /// It would have, but for its `unless`.
    TakenAway(String),
}

impl Ruleset {
    /// Judges one statement as [`Ruleset::decide`] does, and says of every rule why or why not.
    pub fn explain(&self, facts: &Facts<'_>) -> Explanation {
        let decision = self.decide(facts);
        let explain = |rule: &Rule| RuleExplanation {
            rule: Arc::clone(&rule.name),
            decision: rule.action.word(),
            dry_run: rule.dry_run,
            met: met(rule, facts),
        };
        Explanation {
            verdict: decision.verdict,
            rule: decision.rule.cloned(),
            limits: decision.limits,
            rates: decision.rates.iter().cloned().collect(),
            noted: decision.noted.cloned(),
            record: decision.record,
            would: decision.would.map(|(rule, would)| (Arc::clone(rule), would)),
            rules: self.rules.iter().map(explain).collect(),
        }
    }
}

fn met(rule: &Rule, facts: &Facts<'_>) -> Met {
    if let Some(condition) = rule.missed(facts) {
        return Met::Missed(missed(condition, facts));
    }
    if rule.is_taken_away(facts) {
        let all = rule.unless.as_deref().unwrap_or_default();
        let words: Vec<_> = all.iter().map(|one| format!("`{}` is {}", one.key.word(), one.wanted)).collect();
        return Met::TakenAway(words.join(" and "));
    }
    if rule.matches(facts) {
        Met::Matched
    } else {
        Met::Missed("the statement cannot be judged, and a rule that allows never matches such".to_owned())
    }
}

/// What a condition asks for, and what is there instead.
fn missed(condition: &Condition, facts: &Facts<'_>) -> String {
    let wanted = &condition.wanted;
    let key = condition.key.word();
    let actual = actual(&condition.test, facts);
    if actual.is_empty() {
        format!("`{key}` is not {wanted}")
    } else {
        format!("`{key}` is not {wanted}: {actual}")
    }
}

fn actual(test: &Test, facts: &Facts<'_>) -> String {
    let principal = &facts.session.principal;
    let effects = facts.statement.map(|one| &*one.effects);
    let of = |words: &dyn Fn(&Effects) -> Vec<String>| match effects.map(words) {
        Some(words) if words.is_empty() => "it has none".to_owned(),
        Some(words) => words.join(", "),
        None => "it was not seen".to_owned(),
    };
    match test {
        Test::Fixed(_) => {
            format!("listener `{}`, {}", facts.session.listener, facts.session.environment.as_str())
        }
        Test::User(_) => format!("`{}`", principal.user),
        Test::Database(_) => format!("`{}`", principal.database),
        Test::Application(_) => format!("`{}`", principal.application),
        Test::Address(_) => principal.address.to_string(),
        Test::Tls(_) => principal.tls.as_ref().map_or("no TLS", |facts| facts.version).to_owned(),
        Test::Certificate(_) => match principal.tls.as_ref().and_then(|facts| facts.certificate.as_ref()) {
            Some(shown) if shown.names.is_empty() => "the client's certificate names nobody".to_owned(),
            Some(shown) => {
                let names: Vec<_> = shown.names.iter().map(|name| format!("`{name}`")).collect();
                names.join(", ")
            }
            None => "the client has shown none".to_owned(),
        },
        Test::Role(_) => match facts.role {
            Role::Known(role) => format!("`{role}`"),
            Role::Unknown => "it cannot be told".to_owned(),
        },
        Test::Class(_) => facts.statement.map_or("unknown", |one| one.class.as_str()).to_owned(),
        Test::Verb(_) => effects.map_or("unknown", |one| one.verb).to_owned(),
        Test::Kind(_) => facts.kind.as_str().to_owned(),
        Test::Transaction(_) => facts.transaction.as_str().to_owned(),
        Test::Relations(_) => of(&|effects| {
            let path = match facts.path {
                Path::Default => String::new(),
                Path::Database(database) => format!(", in `{database}` where no database is named"),
                Path::Changed if facts.session.protocol == Protocol::Mysql => {
                    ", the current database is not known".to_owned()
                }
                Path::Changed => ", search_path changed".to_owned(),
            };
            effects.relations.iter().map(|one| format!("{}{path}", relation(one))).collect()
        }),
        Test::Columns(_) => {
            of(&|effects| effects.columns.iter().map(|one| format!("`{}`", one.name)).collect())
        }
        Test::Functions(_) => {
            of(&|effects| effects.functions.iter().map(|one| format!("`{}`", one.name)).collect())
        }
        Test::Settings(_) => {
            of(&|effects| effects.settings.iter().map(|one| format!("`{}`", one.name)).collect())
        }
        Test::Fingerprints(_) => facts.statement.map(|one| one.fingerprint.to_string()).unwrap_or_default(),
        Test::Marks(_) => of(&|effects| effects.marks.words().map(str::to_owned).collect()),
        Test::Unnamed(marks) => {
            of(&|effects| Marks(grave(effects).0 & marks.0).words().map(str::to_owned).collect())
        }
        Test::Mark(..) | Test::Unjudged(_) => String::new(),
        Test::RowsOver(_) => match effects.and_then(|one| one.row_limit) {
            Some(rows) => format!("LIMIT {rows}"),
            None => "it returns no rows".to_owned(),
        },
        Test::Time(_) => "now is another time".to_owned(),
    }
}

/// A relation as people read it: `sales.orders (read, update)`.
pub fn relation(relation: &Relation) -> String {
    let schema = relation.schema.as_ref().map(|schema| format!("{schema}.")).unwrap_or_default();
    let access: Vec<_> = relation.access.words().collect();
    format!("`{schema}{}` ({})", relation.name, access.join(", "))
}
