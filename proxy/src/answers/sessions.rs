//! Which sessions are open now, what do they do, and who waits for whom?

use super::blocking::{Asked, Process, Seen};
use super::{Answers, failure};
use ::control::{
    Blocker, Blocking, LiveQuery, LiveSession, LiveSessions, LiveState, LiveStatement, QuestionFailure, Wait,
};
use exchange::{Protocol, SessionId, TransactionState};
use relay::Listener;
use relay::settings::UpstreamAddress;
use relay::sight::{Activity, CurrentSight, SessionSight};
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Longest wait for the relay threads.
const THREADS_WAIT: Duration = Duration::from_millis(300);
/// Longest wait for what servers say.
const SERVERS_WAIT: Duration = Duration::from_millis(400);
/// Most processes one server is asked about at once: asking holds its lock tables for a moment.
const PROCESSES_MAX: usize = 500;

/// Sessions by their process at a server.
type ByProcess = HashMap<(UpstreamAddress, u32), Arc<exchange::Session>>;
/// What each server said, or why it said nothing, by the listener and the address it was asked through.
type Said = HashMap<(Arc<str>, UpstreamAddress), Result<Arc<Seen>, String>>;

/// The sessions that a workspace may see.
pub(super) async fn sessions(answers: &Answers, query: &LiveQuery) -> Result<LiveSessions, QuestionFailure> {
    let sight = answers.threads.look_at_sessions(THREADS_WAIT).await;
    if sight.incomplete > 0 {
        let missing = sight.incomplete;
        return Err(failure(
            "busy",
            &format!("{missing} of the relay threads did not answer in time; ask again"),
        ));
    }
    let now_us = now_us();
    let mut own = sight.sessions;
    own.retain(|one| {
        *one.session.workspace == *query.workspace
            && query.listeners.iter().any(|name| *name == *one.session.listener)
    });
    let rank = |one: &SessionSight| {
        let lasting = one.current.as_ref().map_or(one.activity_for, |current| current.lasting);
        (state(one.activity), Reverse(lasting), one.session.id.0)
    };
    own.sort_by_cached_key(rank);
    let total = own.len() as u64;
    let by_process: ByProcess = own.iter().filter_map(place).collect();
    own.truncate(query.limit.min(LiveQuery::SESSIONS_MAX) as usize);
    let said = ask(answers, &own).await;
    let sessions = own.iter().map(|one| live(one, now_us, &by_process, &said)).collect();
    Ok(LiveSessions { sessions, total })
}

fn place(one: &SessionSight) -> Option<((UpstreamAddress, u32), Arc<exchange::Session>)> {
    let (process, upstream) = one.server.clone()?;
    Some(((upstream, process), Arc::clone(&one.session)))
}

/// Asks each server about what runs there; those that do not answer in time go on and know more next time.
async fn ask(answers: &Answers, own: &[SessionSight]) -> Said {
    let listeners: BTreeMap<Arc<str>, Arc<Listener>> = {
        let all = answers.listeners.all();
        all.into_iter().map(|one| (Arc::clone(&one.settings.load().name), one)).collect()
    };
    answers.servers.keep(&listeners);
    let mut wanted: HashMap<(Arc<str>, UpstreamAddress), Asked> = HashMap::new();
    for one in own.iter().filter(|one| may_wait(one)) {
        let Some((process, upstream)) = &one.server else { continue };
        let key = (Arc::clone(&one.session.listener), upstream.clone());
        let asked = wanted.entry(key).or_default();
        if asked.processes.len() < PROCESSES_MAX {
            asked.processes.push(*process);
            asked.database.get_or_insert_with(|| one.session.principal.database.clone());
        }
    }
    let looks: Vec<_> = wanted
        .into_iter()
        .map(|((name, upstream), asked)| {
            let listener = listeners.get(&name).cloned();
            let look = listener.map(|listener| answers.servers.look(&listener, &upstream, asked));
            ((name, upstream), look.unwrap_or_else(|| Err("the listener is not served any more".to_owned())))
        })
        .collect();
    let until = tokio::time::Instant::now() + SERVERS_WAIT;
    let mut said = Said::new();
    for (key, look) in looks {
        let heard = match look {
            Ok(look) => look.by(until).await,
            Err(reason) => Err(reason),
        };
        said.insert(key, heard);
    }
    said
}

/// Whether somebody may keep a session waiting at its server.
fn may_wait(one: &SessionSight) -> bool {
    one.activity == Activity::Busy && one.current.is_some()
}

fn state(activity: Activity) -> LiveState {
    match activity {
        Activity::Login => LiveState::Login,
        Activity::Busy => LiveState::Active,
        Activity::Leaving => LiveState::Leaving,
        Activity::Idle(TransactionState::Idle) => LiveState::Idle,
        Activity::Idle(TransactionState::Open) => LiveState::InTransaction,
        Activity::Idle(TransactionState::Failed) => LiveState::FailedTransaction,
    }
}

fn live(one: &SessionSight, now_us: i64, by_process: &ByProcess, said: &Said) -> LiveSession {
    let (session, principal) = (&one.session, &one.session.principal);
    let (wait, blocking) = waits_for(one, by_process, said);
    LiveSession {
        session: session.id.to_string(),
        workspace: session.workspace.to_string(),
        listener: session.listener.to_string(),
        protocol: session.protocol.as_str().to_owned(),
        environment: session.environment.as_str().to_owned(),
        user: principal.user.to_string(),
        database: principal.database.to_string(),
        application: principal.application.to_string(),
        address: principal.address.to_string(),
        tls: principal.tls.as_ref().map_or(String::new(), |tls| tls.version.to_owned()),
        started_at_us: began(session.id).unwrap_or(now_us - micros(one.age)),
        state: state(one.activity),
        state_since_us: now_us - micros(one.activity_for),
        transaction_since_us: one.transaction_for.map(|lasting| now_us - micros(lasting)),
        statements: one.exchanges,
        bytes_in: one.bytes_in,
        bytes_out: one.bytes_out,
        server_process: one.server.as_ref().map(|(process, _)| *process),
        waits_at_gate: one.waits,
        current: one.current.as_ref().map(|current| statement(current, now_us)),
        wait,
        blocking,
    }
}

/// The session's id is of its start, in milliseconds (UUID version 7, RFC 9562 section 5.7): so it is the
/// same each time somebody looks.
fn began(id: SessionId) -> Option<i64> {
    i64::try_from(id.0 >> 80).ok()?.checked_mul(1_000)
}

/// A statement under way, as it is told.
pub(super) fn statement(current: &CurrentSight, now_us: i64) -> LiveStatement {
    let whole = &current.statement.text;
    let end = whole.char_indices().nth(LiveQuery::TEXT_CHARS_MAX).map(|(at, _)| at);
    LiveStatement {
        fingerprint: current.statement.fingerprint.to_string(),
        text: end.and_then(|end| whole.get(..end)).unwrap_or(whole).to_owned(),
        is_text_cut: end.is_some(),
        class: current.statement.class.as_str().to_owned(),
        kind: current.kind.as_str().to_owned(),
        started_at_us: now_us - micros(current.lasting),
        verdict: current.verdict.as_str().to_owned(),
        rule: current.rule.as_ref().map(ToString::to_string),
    }
}

/// What the server says a session waits for, and who keeps it waiting.
fn waits_for(one: &SessionSight, by_process: &ByProcess, said: &Said) -> (Option<Wait>, Blocking) {
    if !may_wait(one) {
        // The server owes it nothing.
        return (None, Blocking::Known(Vec::new()));
    }
    let Some((process, upstream)) = &one.server else {
        return (None, Blocking::Unknown("the server gave out no process id for this session".to_owned()));
    };
    let seen = match said.get(&(Arc::clone(&one.session.listener), upstream.clone())) {
        Some(Ok(seen)) => seen,
        Some(Err(reason)) => return (None, Blocking::Unknown(reason.clone())),
        None => return (None, Blocking::Unknown("the server was not asked".to_owned())),
    };
    let Some(asked) = seen.asked.get(process) else {
        let reason = "the server was asked a moment before, and about other sessions; look again";
        return (None, Blocking::Unknown(reason.to_owned()));
    };
    let own = asked.as_ref().filter(|found| is_of(found, &one.session));
    let Some(own) = own else {
        let reason = "the server does not know this session by its process id: it has just ended, or a pooler \
                      stands between";
        return (None, Blocking::Unknown(reason.to_owned()));
    };
    if let Some(unclear) = own.unclear {
        return (own.wait.clone(), Blocking::Unknown(unclear.to_owned()));
    }
    let blocker = |process: &u32| {
        let found = seen.others.get(process).or_else(|| seen.asked.get(process).and_then(Option::as_ref));
        blocker(*process, found, by_process.get(&(upstream.clone(), *process)))
    };
    (own.wait.clone(), Blocking::Known(own.blocked_by.iter().map(blocker).collect()))
}

/// Whether a process of the server is that of a session. In MySQL a session goes from database to database.
fn is_of(process: &Process, session: &exchange::Session) -> bool {
    let principal = &session.principal;
    *process.user == *principal.user
        && (session.protocol == Protocol::Mysql || *process.database == *principal.database)
}

fn blocker(process: u32, found: Option<&Process>, session: Option<&Arc<exchange::Session>>) -> Blocker {
    let session = session.filter(|session| found.is_none_or(|found| is_of(found, session)));
    match (session, found) {
        (Some(session), _) => {
            Blocker { process, session: Some(session.id.to_string()), ..Blocker::default() }
        }
        (None, None) => Blocker { process, ..Blocker::default() },
        (None, Some(found)) => Blocker {
            process,
            session: None,
            user: Some(found.user.clone()),
            database: Some(found.database.clone()),
            application: Some(found.application.clone()),
        },
    }
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

pub(super) fn now_us() -> i64 {
    micros(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default())
}
