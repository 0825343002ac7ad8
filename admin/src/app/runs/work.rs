//! How does a run get done, and what is noted of it?

use super::active::Permit;
use super::judge::APPLICATION;
use super::{explain, place};
use crate::app::connections::{OpenError, Opened, open_known};
use crate::plane::App;
use crate::problem::{Code, FieldProblem, Problem};
use admin_engines::{Cell, EngineError, ErrorClass, RunEvent, RunRequest, RunSummary, Truncation};
use admin_store::connections::{Connection, Used, add_usage};
use admin_store::runs::{self, RunEnd, RunState};
use admin_store::{Id, StoreError, now_us};
use sql::Lexing;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};

/// A run that began so long ago and has no end has lost its control plane, in microseconds.
const ABANDONED_US: i64 = 15 * 60_000_000;
/// How often both are looked for.
const KEEP_EVERY: Duration = Duration::from_secs(600);
/// Runs forgotten in one transaction.
const PRUNE_ROWS: i64 = 500;

/// A run to be done.
pub(super) struct Work {
    pub(super) app: App,
    pub(super) id: Id,
    pub(super) connection: Connection,
    pub(super) request: RunRequest,
    /// The least version of PostgreSQL that reads the statement as it was judged.
    pub(super) needs_major: Option<u32>,
    pub(super) permit: Permit,
    pub(super) out: mpsc::Sender<RunEvent>,
}

/// Why a run gave no whole result.
enum Failure {
    /// The database says so.
    Engine(EngineError),
    /// There was no connection.
    Open(OpenError),
    /// Somebody cancelled it.
    Cancelled,
    /// Who asked went away.
    Gone,
    /// The control plane stops.
    Stopping,
    /// It may not run on this server.
    Refused(Problem),
}

impl Failure {
    fn class(&self) -> &'static str {
        match self {
            Failure::Engine(error) | Failure::Open(OpenError::Engine(error)) => error.class().as_str(),
            Failure::Open(OpenError::Busy) => "busy",
            Failure::Open(OpenError::Store(_) | OpenError::Problem(_)) => "internal",
            Failure::Cancelled => "cancelled",
            Failure::Gone => "gone",
            Failure::Stopping => "stopping",
            Failure::Refused(_) => "refused",
        }
    }

    fn state(&self) -> RunState {
        match self {
            Failure::Cancelled | Failure::Gone => RunState::Cancelled,
            Failure::Engine(_) | Failure::Open(_) | Failure::Stopping | Failure::Refused(_) => {
                RunState::Failed
            }
        }
    }

    fn problem(self, sql: &str) -> Problem {
        match self {
            Failure::Engine(error) => failed(sql, &error),
            Failure::Open(error) => error.into(),
            Failure::Cancelled => Problem::new(Code::Cancelled, "the statement was cancelled"),
            Failure::Gone => Problem::new(Code::Cancelled, "nobody waits for the result any more"),
            Failure::Stopping => {
                Problem::new(Code::Unavailable, "the control plane stops").with_retry_after(5)
            }
            Failure::Refused(problem) => problem,
        }
    }
}

/// What has passed to who asked.
#[derive(Default)]
struct Passed {
    rows: u64,
    bytes: u64,
}

impl Work {
    /// Does it, notes how it ended, and says so. `connected` is told when there is a connection.
    pub(super) async fn run(self, connected: oneshot::Sender<()>) -> Result<RunSummary, Problem> {
        let begun = Instant::now();
        let mut passed = Passed::default();
        let result = self.perform(connected, &mut passed).await;
        let elapsed = begun.elapsed();
        if let Err(error) = self.note(&result, &passed, elapsed).await {
            tracing::warn!(run = %self.id, %error, "the end of a run could not be noted");
        }
        let Work { request, permit, out, .. } = self;
        drop(permit);
        // Only now is the end seen by who asked: what they ask next finds it noted.
        drop(out);
        result.map_err(|failure| failure.problem(&request.sql))
    }

    async fn perform(
        &self,
        connected: oneshot::Sender<()>,
        passed: &mut Passed,
    ) -> Result<RunSummary, Failure> {
        let opened = tokio::select! {
            biased;
            reason = self.interrupted() => return Err(reason),
            opened = open_known(&self.app, self.connection.clone(), APPLICATION) => opened,
        };
        let mut opened = opened.map_err(Failure::Open)?;
        // Who asked may have left meanwhile: that is seen soon.
        let _ = connected.send(());
        let result = self.perform_on(&mut opened, passed).await;
        opened.close().await;
        result
    }

    async fn perform_on(&self, opened: &mut Opened, passed: &mut Passed) -> Result<RunSummary, Failure> {
        explain::check_version(&mut opened.connection, self.needs_major).await.map_err(|refused| {
            match refused {
                explain::Unfit::Engine(error) => Failure::Engine(error),
                explain::Unfit::TooOld(problem) => Failure::Refused(problem),
            }
        })?;
        let (sender, events) = mpsc::channel(1);
        let running = async {
            let result = opened.connection.run(&self.request, &sender).await;
            drop(sender);
            result
        };
        let (result, interrupted) = tokio::join!(running, self.pass_on(events, passed));
        match interrupted {
            Some(reason) => Err(reason),
            None => result.map_err(Failure::Engine),
        }
    }

    /// Hands events on until the last one. An interruption drops `events`, and with that the engine cancels
    /// what the database does.
    async fn pass_on(&self, mut events: mpsc::Receiver<RunEvent>, passed: &mut Passed) -> Option<Failure> {
        let interrupted = self.interrupted();
        tokio::pin!(interrupted);
        loop {
            let event = tokio::select! {
                biased;
                reason = &mut interrupted => return Some(reason),
                event = events.recv() => event?,
            };
            match &event {
                RunEvent::Rows(rows) => {
                    passed.rows += rows.len() as u64;
                    passed.bytes += rows.iter().flatten().map(Cell::bytes).sum::<u64>();
                }
                // The end is told when it is noted.
                RunEvent::Done(_) => continue,
                RunEvent::Columns(_) | RunEvent::Notice(_) => {}
            }
            tokio::select! {
                biased;
                reason = &mut interrupted => return Some(reason),
                sent = self.out.send(event) => if sent.is_err() { return Some(Failure::Gone) },
            }
        }
    }

    /// Ends when the run shall end before its time.
    async fn interrupted(&self) -> Failure {
        let mut stopping = self.app.stopping.clone();
        tokio::select! {
            biased;
            () = self.permit.cancelled() => Failure::Cancelled,
            () = self.out.closed() => Failure::Gone,
            _ = stopping.wait_for(|stopping| *stopping) => Failure::Stopping,
        }
    }

    async fn note(
        &self,
        result: &Result<RunSummary, Failure>,
        passed: &Passed,
        elapsed: Duration,
    ) -> Result<(), StoreError> {
        let now = now_us();
        let (rows, bytes) = (as_int(passed.rows), as_int(passed.bytes));
        let (state, error_class) = match result {
            Ok(summary) => (RunState::Done, summary.truncated.map(truncation_word)),
            Err(failure) => (failure.state(), Some(failure.class())),
        };
        let end = RunEnd {
            state,
            rows,
            bytes,
            elapsed_us: i64::try_from(elapsed.as_micros()).unwrap_or(i64::MAX),
            error_class: error_class.map(ToOwned::to_owned),
            finished_at: now,
        };
        let mut tx = self.app.store.write().await?;
        runs::finish(&mut tx, self.id, &end).await?;
        tx.commit().await?;
        let mut tx = self.app.store.write().await?;
        match add_usage(&mut tx, self.connection.id, now, Used { queries: 1, rows, bytes }).await {
            Ok(()) => tx.commit().await,
            // The connection went while it was used.
            Err(StoreError::Missing(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

fn as_int(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// How the history keeps that a result was cut.
pub(super) fn truncation_word(truncation: Truncation) -> &'static str {
    match truncation {
        Truncation::Rows => "truncated_rows",
        Truncation::Bytes => "truncated_bytes",
    }
}

/// What somebody is told of a statement that the database did not finish.
pub(super) fn failed(sql: &str, error: &EngineError) -> Problem {
    let code = match error.class() {
        ErrorClass::Timeout => Code::Timeout,
        ErrorClass::Cancelled => Code::Cancelled,
        ErrorClass::Statement | ErrorClass::Permission | ErrorClass::Limit => Code::StatementFailed,
        ErrorClass::Dns
        | ErrorClass::Refused
        | ErrorClass::Unreachable
        | ErrorClass::Tls
        | ErrorClass::Password
        | ErrorClass::Database
        | ErrorClass::Egress
        | ErrorClass::File
        | ErrorClass::Protocol
        | ErrorClass::Lost => return crate::app::connections::open::failed(error),
    };
    let bytes = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    let span = error.position().map(|position| {
        let place = place::at(sql, position, Lexing::default());
        (bytes(place.start), bytes(place.end))
    });
    let told = FieldProblem {
        field: "sql".to_owned(),
        message: error.detail().unwrap_or(error.message()).to_owned(),
        hint: error.sqlstate().map(|state| format!("SQLSTATE {state}")),
        span,
    };
    let problem = Problem::new(code, error.message().to_owned()).with_errors([told]);
    match error.tips().first() {
        Some(tip) => problem.with_hint(*tip),
        None => problem,
    }
}

/// Forgets old runs, and ends those whose control plane is gone, until the control plane stops.
pub async fn keep(app: App) {
    let mut stopping = app.stopping.clone();
    loop {
        if let Err(error) = look_after(&app, now_us()).await {
            tracing::warn!(%error, "old runs could not be forgotten");
        }
        tokio::select! {
            _ = stopping.wait_for(|stopping| *stopping) => return,
            () = tokio::time::sleep(KEEP_EVERY) => {}
        }
    }
}

/// Ends runs whose control plane is gone, and forgets those that are kept no longer at `now`.
pub async fn look_after(app: &App, now: i64) -> Result<(), StoreError> {
    let mut tx = app.store.write().await?;
    runs::abandon(&mut tx, now - ABANDONED_US, now).await?;
    tx.commit().await?;
    let Some(before) = app.settings.retention.runs.begins(now) else { return Ok(()) };
    loop {
        let mut tx = app.store.write().await?;
        let gone = runs::prune(&mut tx, before, PRUNE_ROWS).await?;
        tx.commit().await?;
        if i64::try_from(gone).is_ok_and(|gone| gone < PRUNE_ROWS) {
            return Ok(());
        }
        tokio::task::yield_now().await;
    }
}
