//! What would other rules have decided of what has happened?
//!
//! The state holds statements without their literals, and sums by minute. Each statement is read again
//! with a harmless literal in every place; where that cannot be read, or where literals decide what a
//! statement does, nobody can tell, and that is counted.

use crate::app::rule_sets::{blocking, scope_of, with};
use crate::app::rules::{Scope, Texts, bad_rules, compile};
use crate::app::traffic::range;
use crate::http::timestamp::Timestamp;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::traffic::{
    self, Covered, Filter, Fingerprint, Group, GroupBy, Measure, Range, Top, TopAnswer, TopCursor,
};
use admin_store::{Id, Tx, rule_sets};
use control::Caller;
use exchange::{
    Address, Basis, Kind, Marks, Principal, Protocol, Session, SessionId, Statement, TransactionState,
};
use policies::{Decision, Facts, Limits, Path, Role, Ruleset};
use sql::Lexing;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Statements with callers that are judged; beyond that they are only counted.
pub const PAIRS_MAX: usize = 10_000;
/// Callers whose statements are looked at: those with most statements.
const CALLERS_MAX: usize = 200;
/// Longest time for reading what happened, and for judging it.
const READ_MAX: Duration = Duration::from_secs(10);
const JUDGE_MAX: Duration = Duration::from_secs(10);
/// Differences that are told one by one, those of most statements first.
const DIFFERENCES_MAX: usize = 500;
/// Callers that are named of one difference.
const NAMED_MAX: usize = 5;

/// What is to be tried.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The rule set.
    pub rule_set: Id,
    /// Its text; the draft where nothing is said.
    pub text: Option<String>,
    /// Behind which listener.
    pub listener: String,
    /// The whole list of rule sets to try; what is published with this rule set where nothing is said.
    pub policies: Option<Vec<String>>,
    /// From this time on.
    pub from: Option<Timestamp>,
    /// Before this time.
    pub until: Option<Timestamp>,
}

/// What rules say of a statement.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Said {
    /// `allow`, `refuse`, `hold`, `unjudged`.
    pub verdict: &'static str,
    /// The rule that decided; `None` where the listener's default did.
    pub rule: Option<String>,
    /// What a rule on trial would have changed it to, and which.
    pub would: Option<(&'static str, String)>,
    /// What it is bound by where it passes, as test cases write it; `None` where nothing binds it.
    pub limits: Option<String>,
}

/// A statement of which the rules would say something else.
#[derive(Clone, Debug)]
pub struct Difference {
    /// The statement.
    pub fingerprint: String,
    /// Without literals.
    pub text: String,
    /// What it does.
    pub class: String,
    /// What is said now.
    pub before: Said,
    /// What would be said.
    pub after: Said,
    /// How often it was asked.
    pub statements: u64,
    /// Who asked, some of them.
    pub callers: Vec<Caller>,
    /// How many asked.
    pub callers_count: u64,
}

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Replayed {
    /// What the figures are about.
    pub covered: Option<Covered>,
    /// The rule sets in force now, and those that were tried.
    pub before: Vec<String>,
    /// Those that were tried.
    pub after: Vec<String>,
    /// Statements in the range.
    pub statements: u64,
    /// Those that were judged.
    pub judged: u64,
    /// Those that nobody can tell of: cut, unknown, or decided by their literals.
    pub untold: u64,
    /// Those that were not looked at because there are too many or it took too long.
    pub left_out: u64,
    /// Statements by what is said now and what would be said.
    pub outcomes: BTreeMap<(&'static str, &'static str), u64>,
    /// Statements that pass before and after, and would be bound by other limits.
    pub bound_otherwise: u64,
    /// Those of which something else would be said, most first.
    pub differences: Vec<Difference>,
    /// Differences that are not told one by one.
    pub differences_left_out: u64,
    /// Rule sets of the listener's file that only its data plane knows: they are not part of this.
    pub unknown_floor: Vec<String>,
}

/// Judges what happened behind a listener by a draft.
pub async fn replay(operation: &Operation, asked: Asked) -> Result<Replayed, Problem> {
    let range = range(asked.from, asked.until)?;
    let workspace = operation.entered()?.workspace.clone();
    let mut tx = operation.read().await?;
    let published = rule_sets::published(&mut tx, workspace.id).await?;
    let rule_set = rule_sets::get(&mut tx, workspace.id, asked.rule_set).await?;
    let draft = rule_sets::draft(&mut tx, workspace.id, asked.rule_set).await?;
    let in_force = Texts::of(&published);
    let text = asked.text.or(draft.map(|draft| draft.text));
    let text = text.or_else(|| in_force.find(&rule_set.name).map(|found| found.text.clone()));
    let tried = in_force.clone().with_draft(&rule_set.name, &text.unwrap_or_default());
    let (scope, before) = scope_of(operation, &mut tx, &asked.listener).await?;
    let after = asked.policies.unwrap_or_else(|| with(before.clone(), &rule_set.name));
    let compiled = compile(&after, &tried, &scope).rules.map_err(|found| bad_rules(&found, &tried, ""))?;
    let current = compile(&before, &in_force, &scope).rules;
    let current = current.map_err(|found| bad_rules(&found, &in_force, ""))?;
    let rows = crate::fleet::listeners_of(&mut tx, &workspace).await?;
    let listeners = rows.iter().filter(|row| row.name == asked.listener).map(|row| row.id).collect();
    let happened = Reading { operation, range, listeners, began: Instant::now() }.read(&mut tx).await?;
    tx.commit().await?;
    let judge = Judge::new(&asked.listener, &workspace.slug, &scope, (current, compiled), range.until);
    let mut found = blocking(move || judge.run(happened)).await?;
    found.before = before;
    found.after = after;
    found.unknown_floor = scope.unknown_floor;
    Ok(found)
}

/// What happened, as far as it is looked at.
struct Happened {
    covered: Option<Covered>,
    statements: u64,
    /// By fingerprint and caller, how many.
    pairs: BTreeMap<(i64, Caller), u64>,
    known: HashMap<i64, Fingerprint>,
}

struct Reading<'o> {
    operation: &'o Operation,
    range: Range,
    listeners: Vec<i64>,
    began: Instant,
}

impl Reading<'_> {
    /// Reads by caller and for each by fingerprint, those with most statements first.
    async fn read(&self, tx: &mut Tx) -> Result<Happened, Problem> {
        let mut happened =
            Happened { covered: None, statements: 0, pairs: BTreeMap::new(), known: HashMap::new() };
        let mut callers: BTreeSet<Caller> = BTreeSet::new();
        for measure in [Measure::Calls, Measure::Refusals] {
            let top = self.top(Filter::default(), (GroupBy::Caller, measure), CALLERS_MAX, None);
            let answer = self.operation.app.traffic.top(tx, &top).await?;
            happened.covered = Some(answer.covered);
            happened.statements = answer.total.calls + answer.total.refusals;
            callers.extend(answer.rows.into_iter().filter_map(|row| match row.group {
                Group::Caller(caller) => Some(caller),
                _ => None,
            }));
        }
        for caller in callers {
            for measure in [Measure::Calls, Measure::Refusals] {
                self.of_caller(tx, &caller, measure, &mut happened).await?;
            }
        }
        let numbers: BTreeSet<i64> = happened.pairs.keys().map(|(number, _)| *number).collect();
        let numbers: Vec<i64> = numbers.into_iter().collect();
        for some in numbers.chunks(500) {
            if self.began.elapsed() > READ_MAX {
                break;
            }
            let found = traffic::of_numbers(tx, &self.listeners, some).await?;
            happened.known.extend(found.into_iter().map(|one| (one.id, one)));
        }
        Ok(happened)
    }

    async fn of_caller(
        &self,
        tx: &mut Tx,
        caller: &Caller,
        measure: Measure,
        happened: &mut Happened,
    ) -> Result<(), Problem> {
        let filter = Filter {
            user: Some(caller.user.clone()),
            database: Some(caller.database.clone()),
            application: Some(caller.application.clone()),
            ..Filter::default()
        };
        let mut after = None;
        while happened.pairs.len() < PAIRS_MAX && self.began.elapsed() < READ_MAX {
            let limit = (PAIRS_MAX - happened.pairs.len()).min(1_000);
            let top = self.top(filter.clone(), (GroupBy::Fingerprint, measure), limit, after);
            let answer: TopAnswer = self.operation.app.traffic.top(tx, &top).await?;
            for row in answer.rows {
                if let Group::Fingerprint(number) = row.group {
                    let count = row.sums.calls + row.sums.refusals;
                    happened.pairs.insert((number, caller.clone()), count);
                }
            }
            after = answer.next;
            if after.is_none() {
                break;
            }
        }
        Ok(())
    }

    fn top(
        &self,
        filter: Filter,
        (group_by, measure): (GroupBy, Measure),
        limit: usize,
        after: Option<TopCursor>,
    ) -> Top {
        Top { range: self.range, listeners: self.listeners.clone(), filter, group_by, measure, limit, after }
    }
}

/// Judges with both rules.
struct Judge {
    base: Session,
    lexing: Lexing,
    before: Ruleset,
    after: Ruleset,
    now_us: u64,
}

impl Judge {
    fn new(
        listener: &str,
        workspace: &str,
        scope: &Scope,
        (before, after): (Ruleset, Ruleset),
        until: i64,
    ) -> Judge {
        let caller = Caller::default();
        Judge {
            base: Session {
                id: SessionId(0),
                listener: listener.into(),
                workspace: workspace.into(),
                environment: scope.environment,
                protocol: scope.protocol,
                principal: principal(&caller),
            },
            lexing: lexing(scope.protocol),
            before,
            after,
            now_us: u64::try_from(until).unwrap_or(0),
        }
    }

    fn run(self, happened: Happened) -> Replayed {
        let began = Instant::now();
        let mut found =
            Replayed { covered: happened.covered, statements: happened.statements, ..Replayed::default() };
        let mut differences: BTreeMap<(i64, Said, Said), Difference> = BTreeMap::new();
        let mut last: Option<(i64, Option<Arc<Statement>>)> = None;
        for ((number, caller), count) in &happened.pairs {
            if began.elapsed() > JUDGE_MAX {
                break;
            }
            let Some(known) = happened.known.get(number) else { continue };
            // Pairs are ordered by statement: each is read once.
            if last.as_ref().is_none_or(|(read, _)| read != number) {
                last = Some((*number, known.text.as_deref().and_then(|text| reading(text, self.lexing))));
            }
            let Some(statement) = last.as_ref().and_then(|(_, statement)| statement.clone()) else {
                found.untold += count;
                continue;
            };
            found.judged += count;
            let session = Session { principal: principal(caller), ..self.base.clone() };
            let before = self.said(&self.before, &session, &statement);
            let after = self.said(&self.after, &session, &statement);
            *found.outcomes.entry((before.verdict, after.verdict)).or_default() += count;
            if before == after {
                continue;
            }
            if before.verdict == after.verdict && before.limits != after.limits {
                found.bound_otherwise += count;
            }
            let seen =
                differences.entry((*number, before.clone(), after.clone())).or_insert_with(|| Difference {
                    fingerprint: known.fingerprint.clone(),
                    text: known.text.clone().unwrap_or_default(),
                    class: known.class.clone(),
                    before,
                    after,
                    statements: 0,
                    callers: Vec::new(),
                    callers_count: 0,
                });
            seen.statements += count;
            seen.callers_count += 1;
            if seen.callers.len() < NAMED_MAX {
                seen.callers.push(caller.clone());
            }
        }
        found.left_out = found.statements.saturating_sub(found.judged + found.untold);
        found.differences = differences.into_values().collect();
        found.differences.sort_by_key(|one| std::cmp::Reverse(one.statements));
        found.differences_left_out = found.differences.len().saturating_sub(DIFFERENCES_MAX) as u64;
        found.differences.truncate(DIFFERENCES_MAX);
        found
    }

    fn said(&self, rules: &Ruleset, session: &Session, statement: &Statement) -> Said {
        let mask = rules.of_session(session);
        let decision = rules.decide(&Facts {
            session,
            mask: &mask,
            // Nobody told of SET ROLE and SET search_path: as the login left them.
            role: Role::Known(&session.principal.user),
            path: Path::of_login(session),
            kind: Kind::Run,
            statement: Some(statement),
            transaction: TransactionState::Idle,
            now_us: self.now_us,
        });
        Said {
            verdict: decision.verdict.as_str(),
            rule: decision.rule.map(ToString::to_string),
            would: decision.would.map(|(rule, would)| (would.as_str(), rule.to_string())),
            limits: limits(&decision),
        }
    }
}

/// `rows=1000 seconds=30 rate=agent/pace`.
fn limits(decision: &Decision<'_>) -> Option<String> {
    let Limits { rows, bytes, duration_us } = decision.limits;
    let bounds = [("rows", rows), ("bytes", bytes), ("seconds", duration_us.map(|us| us / 1_000_000))];
    let bounds = bounds.into_iter().filter_map(|(name, most)| most.map(|most| format!("{name}={most}")));
    let rates = decision.rates.iter().map(|rate| format!("rate={}", rate.rule));
    let all: Vec<String> = bounds.chain(rates).collect();
    (!all.is_empty()).then(|| all.join(" "))
}

/// How texts of a protocol are read.
pub fn lexing(protocol: Protocol) -> Lexing {
    match protocol {
        Protocol::Postgres => Lexing::default(),
        Protocol::Mysql => Lexing::MYSQL,
    }
}

fn principal(caller: &Caller) -> Principal {
    Principal {
        user: caller.user.as_str().into(),
        database: caller.database.as_str().into(),
        application: caller.application.as_str().into(),
        address: Address::Unix,
        tls: None,
    }
}

/// A text read again with harmless literals; `None` where nobody can tell.
fn reading(text: &str, lexing: Lexing) -> Option<Arc<Statement>> {
    // A string stands almost anywhere; in some places the grammar wants a number.
    ["'1'", "1"].into_iter().find_map(|literal| {
        let analysis = sql::analyse(filled(text, literal)?.as_bytes(), lexing);
        let statement = analysis.statements.first().filter(|_| analysis.statements.len() == 1)?;
        let effects = &statement.effects;
        let told =
            !matches!(effects.basis, Basis::Unjudged(_)) && !effects.marks.contains(Marks::LITERALS_DECIDE);
        told.then(|| Arc::clone(statement))
    })
}

/// The text with a literal in the place of each `?`; `None` when it was cut.
fn filled(text: &str, literal: &str) -> Option<String> {
    if text.ends_with('…') {
        return None;
    }
    let mut quoted = false;
    let mut filled = String::with_capacity(text.len() * 2);
    for one in text.chars() {
        quoted ^= one == '"';
        if one == '?' && !quoted { filled.push_str(literal) } else { filled.push(one) }
    }
    Some(filled)
}
