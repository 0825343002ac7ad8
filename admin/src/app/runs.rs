//! How is SQL of people run? One service for every page: judged, bounded, in a transaction that only reads,
//! cancelled when nobody waits for it, and noted.
//!
//! ```text
//! draft ─► may they? ─► judge ─► a place among those at work ─► noted as running ─► work ─► noted as ended
//!            403          422                 429                                    │
//!                                                              events, a few at a time ─► who asked
//! ```
//!
//! The work is a task of its own. Who asked holds a [`Running`]: dropping it, because a browser left, cancels
//! what the database does.

pub mod active;
pub mod explain;
pub mod explain_fingerprint;
pub mod export;
pub mod history;
pub mod judge;
mod place;
mod sqlite;
mod work;

pub use active::ActiveRuns;
pub use work::{keep, look_after};

use crate::app::connections::may_use;
use crate::operation::{Operation, Target};
use crate::problem::{Code, Problem};
use admin_engines::run::{PARAMETERS_MAX, STATEMENT_BYTES_MAX};
use admin_engines::{RunEvent, RunRequest, RunSummary};
use admin_store::activity::Outcome;
use admin_store::connections::{self, Connection};
use admin_store::runs::{self, NewRun, RunState};
use admin_store::{Id, Tx, now_us, queries};
use judge::{Judgement, Rules};
use serde_json::json;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use work::Work;

/// Rows of a result where nothing is said.
pub const ROWS: u64 = 1_000;
/// Bytes of a result where nothing is said.
pub const BYTES: u64 = 16 * 1024 * 1024;
/// Seconds a statement may take where nothing is said.
pub const SECONDS: u32 = 30;
/// Most bytes of a result.
pub const BYTES_MAX: u64 = 256 * 1024 * 1024;
/// Most seconds a statement may take.
pub const SECONDS_MAX: u32 = 300;
/// Events that wait for who asked: each is a batch of up to 256 KiB.
const EVENTS: usize = 2;
/// What fails within this time after connecting is told before anything else is.
const FIRST_EVENT: Duration = Duration::from_millis(400);

/// What a result is for, which decides how large it may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To be looked at.
    Look,
    /// To be taken away as a file.
    Export,
}

impl Purpose {
    /// Most rows.
    pub fn rows_max(self) -> u64 {
        match self {
            Purpose::Look => 100_000,
            Purpose::Export => 1_000_000,
        }
    }

    /// Rows where nothing is said.
    pub fn rows(self) -> u64 {
        match self {
            Purpose::Look => ROWS,
            Purpose::Export => self.rows_max(),
        }
    }

    /// Bytes where nothing is said.
    pub fn bytes(self) -> u64 {
        match self {
            Purpose::Look => BYTES,
            Purpose::Export => BYTES_MAX,
        }
    }

    /// Seconds where nothing is said.
    pub fn seconds(self) -> u32 {
        match self {
            Purpose::Look => SECONDS,
            Purpose::Export => SECONDS_MAX,
        }
    }
}

/// A statement that somebody wants to run.
#[derive(Clone, Debug)]
pub struct RunDraft {
    /// On which connection.
    pub connection: Id,
    /// The statement.
    pub sql: String,
    /// Its parameters in order, as the server would read them from a text.
    pub parameters: Vec<Option<String>>,
    /// Most rows.
    pub rows_max: Option<u64>,
    /// Most bytes.
    pub bytes_max: Option<u64>,
    /// Most seconds.
    pub timeout_seconds: Option<u32>,
    /// The saved query it comes from.
    pub saved_query: Option<Id>,
}

/// What a result is bounded to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Most rows.
    pub rows: u64,
    /// Most bytes.
    pub bytes: u64,
    /// Longest time.
    pub timeout: Duration,
}

impl RunDraft {
    /// Checks it, and gives its bounds.
    pub(super) fn check(&self, purpose: Purpose) -> Result<Bounds, Problem> {
        check_sql(&self.sql)?;
        check_parameters(&self.parameters)?;
        let rows = self.rows_max.unwrap_or(purpose.rows());
        if !(1..=purpose.rows_max()).contains(&rows) {
            return Err(Problem::invalid("rows_max", format!("must be from 1 to {}", purpose.rows_max())));
        }
        let bytes = self.bytes_max.unwrap_or(purpose.bytes());
        if !(1..=BYTES_MAX).contains(&bytes) {
            return Err(Problem::invalid("bytes_max", format!("must be from 1 to {BYTES_MAX}")));
        }
        let seconds = self.timeout_seconds.unwrap_or(purpose.seconds());
        if !(1..=SECONDS_MAX).contains(&seconds) {
            return Err(Problem::invalid("timeout_seconds", format!("must be from 1 to {SECONDS_MAX}")));
        }
        Ok(Bounds { rows, bytes, timeout: Duration::from_secs(seconds.into()) })
    }
}

/// Whether a text is one that could be run.
pub(super) fn check_sql(sql: &str) -> Result<(), Problem> {
    if sql.trim().is_empty() {
        return Err(Problem::invalid("sql", "holds no statement"));
    }
    if sql.len() > STATEMENT_BYTES_MAX {
        return Err(Problem::invalid("sql", format!("may have {STATEMENT_BYTES_MAX} bytes")));
    }
    Ok(())
}

/// Whether parameters are few enough.
pub(super) fn check_parameters(parameters: &[Option<String>]) -> Result<(), Problem> {
    if parameters.len() > PARAMETERS_MAX {
        return Err(Problem::invalid("parameters", format!("may be {PARAMETERS_MAX}")));
    }
    Ok(())
}

impl Bounds {
    /// The least of these and what the rules say.
    fn tightened(self, limits: policies::Limits) -> Bounds {
        let time = limits.duration_us.map(Duration::from_micros);
        Bounds {
            rows: self.rows.min(limits.rows.unwrap_or(u64::MAX)),
            bytes: self.bytes.min(limits.bytes.unwrap_or(u64::MAX)),
            timeout: time.map_or(self.timeout, |time| self.timeout.min(time)),
        }
    }
}

/// A run at work. Dropping it cancels what the database does.
#[derive(Debug)]
pub struct Running {
    /// What it is found by.
    pub id: Id,
    /// What its result is bounded to.
    pub bounds: Bounds,
    /// What its author may want to know.
    pub warnings: Vec<String>,
    /// What has come before it was handed out.
    first: Option<RunEvent>,
    events: mpsc::Receiver<RunEvent>,
    ended: oneshot::Receiver<Result<RunSummary, Problem>>,
}

impl Running {
    /// What comes next; `None` when all has come. How it ended is for [`Running::end`] to say.
    pub async fn next(&mut self) -> Option<RunEvent> {
        match self.first.take() {
            Some(event) => Some(event),
            None => self.events.recv().await,
        }
    }

    /// How it ended; it is noted by then.
    pub async fn end(self) -> Result<RunSummary, Problem> {
        drop(self.events);
        self.ended.await.unwrap_or_else(|_| Err(Problem::new(Code::Internal, "the run ended without a word")))
    }

    /// Waits for the connection and a moment for the first event: what fails by then is a problem and no
    /// run.
    async fn begun(mut self, connected: oneshot::Receiver<()>) -> Result<Running, Problem> {
        // Where there is no connection the events end at once.
        let _ = connected.await;
        match tokio::time::timeout(FIRST_EVENT, self.events.recv()).await {
            Ok(None) => match self.end().await {
                Ok(_) => Err(Problem::new(Code::Internal, "the run ended without a result")),
                Err(problem) => Err(problem),
            },
            Ok(first) => Ok(Running { first, ..self }),
            Err(_) => Ok(self),
        }
    }
}

/// What is known before a text is judged.
pub(super) struct Ready {
    pub(super) connection: Connection,
    pub(super) judgement: Judgement,
}

/// Judges a text for one of the workspace's connections that who asks may use.
pub(super) async fn ready(operation: &Operation, connection: Id, sql: &str) -> Result<Ready, Problem> {
    let mut tx = operation.read().await?;
    let (connection, rules) = usable(&mut tx, operation, connection).await?;
    tx.commit().await?;
    Ok(Ready { connection, judgement: rules.judge_apart(sql).await? })
}

/// A connection that who asks may use, and what judges texts for it.
async fn usable(tx: &mut Tx, operation: &Operation, id: Id) -> Result<(Connection, Rules), Problem> {
    let workspace = &operation.entered()?.workspace;
    let connection = connections::get(tx, workspace.id, id).await?;
    may_use(operation, connection.settings.environment)?;
    let rules = Rules::of(tx, workspace, &connection).await?;
    Ok((connection, rules))
}

/// Runs a statement. What comes of it is in the [`Running`].
pub async fn run(operation: &Operation, draft: RunDraft) -> Result<Running, Problem> {
    start(operation, draft, Purpose::Look, json!({})).await
}

/// The same for any purpose; `details` go into the activity.
pub(super) async fn start(
    operation: &Operation,
    draft: RunDraft,
    purpose: Purpose,
    mut details: serde_json::Value,
) -> Result<Running, Problem> {
    let bounds = draft.check(purpose)?;
    let (workspace, user) = (operation.entered()?.workspace.id, operation.person()?.user.id);
    let mut tx = operation.read().await?;
    if let Some(query) = draft.saved_query {
        queries::get(&mut tx, workspace, query, user).await?;
    }
    let (connection, rules) = usable(&mut tx, operation, draft.connection).await?;
    tx.commit().await?;
    let judgement = rules.judge_apart(&draft.sql).await?;
    let id = Id::new();
    let begins = |state, verdict| NewRun {
        id,
        workspace,
        connection: connection.id,
        user,
        saved_query: draft.saved_query,
        text: &draft.sql,
        verdict,
        state,
        started_at: now_us(),
    };
    let target = Target::new("connection", connection.id, connection.settings.name.clone());
    if let Some(fields) = details.as_object_mut() {
        fields.insert("run".to_owned(), json!(id));
    }
    if let Some(objection) = &judgement.objection {
        let mut change = operation.begin().await?;
        runs::begin(&mut change.tx, begins(RunState::Refused, "refuse")).await?;
        if let Some(fields) = details.as_object_mut() {
            fields.insert("rule".to_owned(), json!(objection.rule));
            fields.insert("message".to_owned(), json!(objection.message));
        }
        change.commit_as(Outcome::Refused, target, details).await?;
        return Err(objection.problem());
    }
    let permit = operation.app.runs.admit(id, workspace, user)?;
    let mut change = operation.begin().await?;
    runs::begin(&mut change.tx, begins(RunState::Running, "allow")).await?;
    change.commit(target, details).await?;
    let bounds = bounds.tightened(judgement.limits);
    let request = RunRequest {
        sql: draft.sql,
        parameters: draft.parameters,
        rows_max: bounds.rows,
        bytes_max: bounds.bytes,
        timeout: bounds.timeout,
        read_only: true,
    };
    let (out, events) = mpsc::channel(EVENTS);
    let (end, ended) = oneshot::channel();
    let (connected, is_connected) = oneshot::channel();
    let needs_major = judgement.statement.as_deref().and_then(judge::needs_major);
    let work = Work { app: operation.app.clone(), id, connection, request, needs_major, permit, out };
    tokio::spawn(async move {
        // Nobody may wait any more: it is noted all the same.
        let _ = end.send(work.run(connected).await);
    });
    let running = Running { id, bounds, warnings: judgement.warnings, first: None, events, ended };
    running.begun(is_connected).await
}

/// Judges a text without running it. No database is asked.
pub async fn check(operation: &Operation, connection: Id, sql: &str) -> Result<Judgement, Problem> {
    check_sql(sql)?;
    Ok(ready(operation, connection, sql).await?.judgement)
}
