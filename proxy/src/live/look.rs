//! How does what the threads show become what a view is told?

use super::wire::{
    Answer, CurrentLook, Distribution, ErrorLook, Look, Request, SESSIONS_MAX, STATEMENTS_MAX, SessionCounts,
    SessionLook, Sort, StatementLook, Sums, VERSION,
};
use exchange::{Fingerprint, Outcome, SqlState, TransactionState};
use relay::sight::{Activity, SessionSight, Sight, StatementStatistics, Totals};
use relay::statistics::Latency;
use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

/// One look: what is the same for every view, and the statements to choose from.
#[derive(Debug)]
pub(crate) struct Gathered {
    look: Look,
    statements: Vec<StatementStatistics>,
}

impl Gathered {
    /// Puts what the threads showed, merged, beside what is known without them.
    pub(crate) fn new(mut look: Look, sight: Sight) -> Gathered {
        look.session_counts = counts(&sight.sessions);
        look.sessions = sessions(sight.sessions);
        look.others = sums(&sight.others);
        look.totals = sight.statements.iter().fold(look.others, |all, one| all.plus(&sums(&one.totals)));
        let mut latency = Latency::default();
        for statement in &sight.statements {
            latency.merge(&statement.total);
        }
        look.latency = distribution(&latency);
        look.statements_kept = sight.statements.len();
        look.statements_evicted = sight.evicted;
        look.errors = errors(&sight.statements);
        Gathered { look, statements: sight.statements }
    }
}

/// The answer to a request.
pub(crate) fn write(gathered: &Gathered, request: &Request) -> Answer {
    let mut chosen: Vec<_> = gathered.statements.iter().collect();
    let active = |one: &StatementStatistics| request.active_since_us.is_none_or(|at| one.last_seen_us >= at);
    chosen.sort_by_cached_key(|one| Reverse((active(one), key(one, request.sort), one.totals.time_us)));
    chosen.truncate(request.statements.min(STATEMENTS_MAX));
    let mut look = gathered.look.clone();
    look.statements = chosen.into_iter().map(statement).collect();
    Answer { v: VERSION, look: Some(Box::new(look)), ..Answer::default() }
}

/// What a statement is put in order by. Means are compared in thousandths.
fn key(statement: &StatementStatistics, sort: Sort) -> u64 {
    let totals = &statement.totals;
    let each = |sum: u64| sum.saturating_mul(1_000).checked_div(totals.calls).unwrap_or(0);
    match sort {
        Sort::Time => totals.time_us,
        Sort::Calls => totals.calls,
        Sort::Mean => each(totals.time_us),
        Sort::P50 => statement.total.quantile(0.5),
        Sort::P95 => statement.total.quantile(0.95),
        Sort::P99 => statement.total.quantile(0.99),
        Sort::First => statement.first.quantile(0.5),
        Sort::Rows => each(totals.rows),
        Sort::Bytes => each(totals.bytes_in.saturating_add(totals.bytes_out)),
        Sort::Errors => totals.failed.saturating_add(totals.refused),
        Sort::Repeats => totals.repeats,
        Sort::LastSeen => statement.last_seen_us,
        Sort::FirstSeen => statement.first_seen_us,
    }
}

fn statement(one: &StatementStatistics) -> StatementLook {
    let names = |names: &[std::sync::Arc<str>]| names.iter().map(|name| name.to_string()).collect();
    StatementLook {
        listener: one.listener.to_string(),
        fingerprint: one.statement.fingerprint.to_string(),
        text: one.statement.text.to_string(),
        class: one.statement.class.as_str().to_owned(),
        tables: one.statement.tables.iter().map(ToString::to_string).collect(),
        totals: sums(&one.totals),
        first: distribution(&one.first),
        total: distribution(&one.total),
        errors: one.errors.iter().map(|(sqlstate, count)| (word(sqlstate), *count)).collect(),
        other_errors: one.other_errors,
        users: names(&one.users.kept),
        more_users: one.users.more,
        applications: names(&one.applications.kept),
        more_applications: one.applications.more,
        first_seen_us: one.first_seen_us,
        last_seen_us: one.last_seen_us,
    }
}

/// An SQLSTATE as text; what a server sent need not be one.
fn word(sqlstate: &SqlState) -> String {
    sqlstate.iter().map(|byte| if byte.is_ascii_alphanumeric() { char::from(*byte) } else { '?' }).collect()
}

fn sums(totals: &Totals) -> Sums {
    Sums {
        calls: totals.calls,
        failed: totals.failed,
        refused: totals.refused,
        rows: totals.rows,
        bytes_in: totals.bytes_in,
        bytes_out: totals.bytes_out,
        time_us: totals.time_us,
        repeats: totals.repeats,
    }
}

/// The steps of a histogram that hold anything.
fn distribution(latency: &Latency) -> Distribution {
    Distribution { steps: latency.steps().collect(), max_us: latency.max() }
}

fn counts(sessions: &[SessionSight]) -> SessionCounts {
    let mut counts = SessionCounts::default();
    for session in sessions {
        let count = match session.activity {
            Activity::Login => &mut counts.login,
            Activity::Busy => &mut counts.busy,
            Activity::Leaving => &mut counts.leaving,
            Activity::Idle(TransactionState::Idle) => &mut counts.idle,
            Activity::Idle(TransactionState::Open | TransactionState::Failed) => &mut counts.transaction,
        };
        *count += 1;
    }
    counts
}

/// Those that run something first, then those in a transaction: these are what others wait for.
fn sessions(mut sessions: Vec<SessionSight>) -> Vec<SessionLook> {
    let rank = |activity: &Activity| match activity {
        Activity::Busy => 0,
        Activity::Idle(TransactionState::Open | TransactionState::Failed) => 1,
        Activity::Login => 2,
        Activity::Leaving => 3,
        Activity::Idle(TransactionState::Idle) => 4,
    };
    sessions.sort_by_key(|session| {
        let lasting = session.current.as_ref().map_or(session.activity_for, |current| current.lasting);
        (rank(&session.activity), Reverse(lasting), session.session.id.0)
    });
    sessions.truncate(SESSIONS_MAX);
    sessions.iter().map(session).collect()
}

fn session(one: &SessionSight) -> SessionLook {
    let micros = |duration: std::time::Duration| u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
    let principal = &one.session.principal;
    SessionLook {
        id: one.session.id.to_string(),
        listener: one.session.listener.to_string(),
        user: principal.user.to_string(),
        database: principal.database.to_string(),
        application: principal.application.to_string(),
        address: principal.address.to_string(),
        activity: match one.activity {
            Activity::Login => "login",
            Activity::Busy => "busy",
            Activity::Leaving => "leaving",
            Activity::Idle(TransactionState::Idle) => "idle",
            Activity::Idle(TransactionState::Open) => "transaction",
            Activity::Idle(TransactionState::Failed) => "failed transaction",
        }
        .to_owned(),
        activity_us: micros(one.activity_for),
        age_us: micros(one.age),
        exchanges: one.exchanges,
        current: one.current.as_ref().map(|current| CurrentLook {
            fingerprint: current.statement.fingerprint.to_string(),
            text: current.statement.text.to_string(),
            kind: current.kind.as_str().to_owned(),
            for_us: micros(current.lasting),
        }),
    }
}

/// What is known of one SQLSTATE while it is added up.
#[derive(Default)]
struct Failures<'a> {
    count: u64,
    shapes: HashSet<Fingerprint>,
    most: Option<(u64, &'a StatementStatistics)>,
}

fn errors(statements: &[StatementStatistics]) -> Vec<ErrorLook> {
    let mut all: HashMap<Option<SqlState>, Failures<'_>> = HashMap::new();
    for statement in statements {
        let known = statement.errors.iter().map(|(sqlstate, count)| (Some(*sqlstate), *count));
        let others = (statement.other_errors > 0).then_some((None, statement.other_errors));
        for (sqlstate, count) in known.chain(others) {
            let failures = all.entry(sqlstate).or_default();
            failures.count += count;
            failures.shapes.insert(statement.statement.fingerprint);
            if failures.most.is_none_or(|(most, _)| count > most) {
                failures.most = Some((count, statement));
            }
        }
    }
    let mut errors: Vec<_> = all
        .into_iter()
        .map(|(sqlstate, failures)| ErrorLook {
            sqlstate: sqlstate.as_ref().map(word).unwrap_or_default(),
            class: Outcome::Failed { sqlstate }.message_class().to_owned(),
            count: failures.count,
            statements: failures.shapes.len(),
            fingerprint: failures.most.map_or(String::new(), |(_, of)| of.statement.fingerprint.to_string()),
            text: failures.most.map_or(String::new(), |(_, of)| of.statement.text.to_string()),
        })
        .collect();
    errors.sort_by(|one, other| (other.count, &one.sqlstate).cmp(&(one.count, &other.sqlstate)));
    errors
}

#[cfg(test)]
pub(super) mod tests;
