//! How does a result get from a database into the channel, within its bounds?

use crate::cell::{Cell, Column};
use crate::error::{EngineError, ErrorClass};
use crate::run::{
    BATCH_BYTES, BATCH_ROWS, PARAMETERS_MAX, RunEvent, RunRequest, RunSummary, STATEMENT_BYTES_MAX,
    Truncation,
};
use crate::target::Kind;
use std::future::Future;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// How long rows wait for more to fill a batch.
pub(crate) const FLUSH_AFTER: Duration = Duration::from_millis(50);

/// Refuses what no database needs to see.
pub(crate) fn check(kind: Kind, request: &RunRequest) -> Result<(), EngineError> {
    let refuse = |class, message: &str| Err(EngineError::new(class, kind, message));
    if request.sql.trim().is_empty() {
        return refuse(ErrorClass::Statement, "there is no statement");
    }
    if request.sql.len() > STATEMENT_BYTES_MAX {
        return refuse(ErrorClass::Limit, "the statement is longer than 1 MiB");
    }
    if request.parameters.len() > PARAMETERS_MAX {
        return refuse(ErrorClass::Limit, "the statement has more than 1,000 parameters");
    }
    let nul = |text: &str| text.contains('\0');
    if nul(&request.sql) || request.parameters.iter().flatten().any(|text| nul(text)) {
        return refuse(ErrorClass::Statement, "the text holds a NUL character");
    }
    Ok(())
}

/// How work that somebody waits for came to its end.
pub(crate) enum Ended<T> {
    /// By itself.
    Finished(Result<T, EngineError>),
    /// From outside: what it runs on the server may go on, and has to be cancelled.
    Interrupted(EngineError),
}

/// Does `work` until it ends, `timeout` passes, or nobody listens to `events` any more.
pub(crate) async fn bounded<T>(
    kind: Kind,
    timeout: Duration,
    events: &mpsc::Sender<RunEvent>,
    work: impl Future<Output = Result<T, EngineError>>,
) -> Ended<T> {
    tokio::select! {
        biased;
        result = work => Ended::Finished(result),
        () = events.closed() => Ended::Interrupted(gone(kind)),
        () = tokio::time::sleep(timeout) => Ended::Interrupted(out_of_time(kind, timeout)),
    }
}

pub(crate) fn gone(kind: Kind) -> EngineError {
    EngineError::new(ErrorClass::Cancelled, kind, "the statement was cancelled: nobody waits for its result")
}

/// What only reads returns rows.
pub(crate) fn no_query(kind: Kind) -> EngineError {
    let message = "only queries are run here, and this statement returns no rows";
    EngineError::new(ErrorClass::Permission, kind, message)
}

/// Not every server has every kind of plan.
pub(crate) fn no_such_plan(kind: Kind, message: &str) -> EngineError {
    EngineError::new(ErrorClass::Statement, kind, message)
}

pub(crate) fn out_of_time(kind: Kind, timeout: Duration) -> EngineError {
    EngineError::new(ErrorClass::Timeout, kind, format!("the statement did not end within {timeout:?}"))
}

/// Gathers rows into batches, counts them, and says when a bound is reached.
pub(crate) struct Feed<'a> {
    kind: Kind,
    events: &'a mpsc::Sender<RunEvent>,
    rows_max: u64,
    bytes_max: u64,
    rows: u64,
    bytes: u64,
    batch: Vec<Vec<Cell>>,
    batch_bytes: u64,
    begun: Instant,
}

impl<'a> Feed<'a> {
    pub(crate) fn new(kind: Kind, request: &RunRequest, events: &'a mpsc::Sender<RunEvent>) -> Feed<'a> {
        Feed {
            kind,
            events,
            rows_max: request.rows_max,
            bytes_max: request.bytes_max,
            rows: 0,
            bytes: 0,
            batch: Vec::new(),
            batch_bytes: 0,
            begun: Instant::now(),
        }
    }

    /// How many more bytes fit.
    pub(crate) fn bytes_left(&self) -> u64 {
        self.bytes_max.saturating_sub(self.bytes)
    }

    pub(crate) async fn columns(&mut self, columns: Vec<Column>) -> Result<(), EngineError> {
        self.send(RunEvent::Columns(columns)).await
    }

    pub(crate) async fn notice(&mut self, text: String) -> Result<(), EngineError> {
        self.send(RunEvent::Notice(text)).await
    }

    /// Whether one more row would be one too many.
    pub(crate) fn is_full(&self) -> bool {
        self.rows >= self.rows_max
    }

    /// Takes one row, or says which bound it would break.
    pub(crate) async fn row(&mut self, row: Vec<Cell>) -> Result<Option<Truncation>, EngineError> {
        if let Some(truncation) = self.take(row) {
            return Ok(Some(truncation));
        }
        if self.wants_flush() {
            self.flush().await?;
        }
        Ok(None)
    }

    /// Whether the batch is large enough to be sent.
    pub(crate) fn wants_flush(&self) -> bool {
        self.batch.len() >= BATCH_ROWS || self.batch_bytes >= BATCH_BYTES
    }

    /// Takes one row into the batch, or says which bound it would break.
    pub(crate) fn take(&mut self, row: Vec<Cell>) -> Option<Truncation> {
        if self.is_full() {
            return Some(Truncation::Rows);
        }
        let bytes = row.iter().map(Cell::bytes).fold(0, u64::saturating_add);
        if bytes > self.bytes_left() {
            return Some(Truncation::Bytes);
        }
        self.rows = self.rows.saturating_add(1);
        self.bytes = self.bytes.saturating_add(bytes);
        self.batch_bytes = self.batch_bytes.saturating_add(bytes);
        self.batch.push(row);
        None
    }

    pub(crate) async fn flush(&mut self) -> Result<(), EngineError> {
        if self.batch.is_empty() {
            return Ok(());
        }
        self.batch_bytes = 0;
        let batch = std::mem::take(&mut self.batch);
        self.send(RunEvent::Rows(batch)).await
    }

    /// Says that all is said.
    pub(crate) async fn done(
        mut self,
        affected: Option<u64>,
        truncated: Option<Truncation>,
    ) -> Result<RunSummary, EngineError> {
        self.flush().await?;
        let summary = RunSummary {
            rows: self.rows,
            bytes: self.bytes,
            affected,
            elapsed: self.begun.elapsed(),
            truncated,
        };
        self.send(RunEvent::Done(summary.clone())).await?;
        Ok(summary)
    }

    async fn send(&self, event: RunEvent) -> Result<(), EngineError> {
        self.events.send(event).await.map_err(|_| gone(self.kind))
    }
}
