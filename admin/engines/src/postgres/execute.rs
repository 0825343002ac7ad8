//! How does one statement run on a PostgreSQL server, and end without a trace?
//!
//! ```text
//! BEGIN READ ONLY, statement_timeout, SELECT 1   the transaction's mode is fixed by its first query
//! Parse, Describe                                one statement only: the protocol takes no second
//! Bind, Execute ─► rows, one at a time
//! (a cancel, if rows are left)
//! ROLLBACK, RESET ALL, …                         nothing of it stays in the session
//! ```
//!
//! A transaction that only reads still takes what changes no table's rows: REINDEX, ANALYZE, LOCK, NOTIFY,
//! COPY to a file or a program for who may. So a statement that returns no columns is refused besides,
//! before it runs. What a query's functions do outside of the database is for policies to judge.
//!
//! Results come in PostgreSQL's binary format, which [`super::value`] reads for the types it knows. A query
//! with a column of any other type runs as a cursor instead, whose rows are fetched in the server's
//! text format; where that is not possible (what is no query), such a cell is shown as its bytes.

use super::decode::{self, Raw};
use super::parameter::TextParameter;
use super::{CLEAN_LIMIT, Postgres};
use crate::cell::{Cell, CellKind, Column};
use crate::error::{EngineError, ErrorClass};
use crate::run::{RunEvent, RunRequest, RunSummary, Truncation};
use crate::stream::{Ended, FLUSH_AFTER, Feed, bounded};
use crate::target::Kind;
use futures_util::{FutureExt, TryStreamExt};
use std::pin::pin;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_postgres::{SimpleQueryMessage, Statement};

/// The server ends a statement so much later than we do: it is there for the case that we are not.
const SERVER_GRACE: Duration = Duration::from_secs(2);
/// Ends the transaction, then all of DISCARD ALL but the prepared statements: the driver has some of its own.
const CLEAN: &str = "ROLLBACK; CLOSE ALL; SET SESSION AUTHORIZATION DEFAULT; RESET ALL; UNLISTEN *; \
                     SELECT pg_advisory_unlock_all(); DISCARD SEQUENCES; DISCARD TEMP";
/// A prepared statement is not there: somebody has deallocated the driver's own.
const UNKNOWN_STATEMENT: &str = "26000";
/// Put before a query whose rows are to come as text.
const CURSOR: &str = "DECLARE dragoman_text NO SCROLL CURSOR FOR ";
const FETCH: &str = "FETCH 500 FROM dragoman_text";

/// What is known when the last row has come.
struct Ran {
    affected: Option<u64>,
    truncated: Option<Truncation>,
}

impl Postgres {
    pub(crate) async fn run(
        &mut self,
        request: &RunRequest,
        events: &mpsc::Sender<RunEvent>,
    ) -> Result<RunSummary, EngineError> {
        self.ready()?;
        // Until the session is clean again it is not usable, also when this future is dropped.
        self.clean = false;
        let guard = self.cancel_on_drop();
        while self.notices.try_recv().is_ok() {}
        let begun = std::time::Instant::now();
        let mut feed = Feed::new(Kind::Postgres, request, events);
        let ended = bounded(Kind::Postgres, request.timeout, events, self.stream(request, &mut feed)).await;
        let (outcome, running) = match ended {
            Ended::Finished(Ok(ran)) => {
                let running = ran.truncated.is_some();
                (Ok(ran), running)
            }
            Ended::Finished(Err(error)) => {
                // What ends by the server's clock ended by the request's timeout.
                let late = error.class() == ErrorClass::Cancelled && begun.elapsed() >= request.timeout;
                let error =
                    if late { crate::stream::out_of_time(Kind::Postgres, request.timeout) } else { error };
                // Nobody listens: the statement may go on.
                let running = events.is_closed();
                (Err(error), running)
            }
            Ended::Interrupted(error) => (Err(error), true),
        };
        if running && let Err(error) = self.canceller.cancel().await {
            tracing::warn!(%error, "a statement could not be cancelled; its session is given up");
        }
        guard.disarm();
        let keep = !request.read_only && outcome.as_ref().is_ok_and(|ran| ran.truncated.is_none());
        self.finish(keep).await?;
        if outcome.as_ref().is_err_and(|error| error.sqlstate() == Some(UNKNOWN_STATEMENT)) {
            self.clean = false;
        }
        let ran = outcome?;
        self.pass_notices(&mut feed).await?;
        feed.done(ran.affected, ran.truncated).await
    }

    async fn stream(&mut self, request: &RunRequest, feed: &mut Feed<'_>) -> Result<Ran, EngineError> {
        let mode = if request.read_only { "READ ONLY" } else { "READ WRITE" };
        let limit = request.timeout.saturating_add(SERVER_GRACE).as_millis().min(i32::MAX as u128);
        let begin = format!("BEGIN {mode}; SET LOCAL statement_timeout = {limit}; SELECT 1");
        self.client.batch_execute(&begin).await.map_err(|error| self.error(&error))?;
        let statement = self.client.prepare(&request.sql).await.map_err(|error| self.error(&error))?;
        let needed = statement.params().len();
        if needed != request.parameters.len() {
            let given = request.parameters.len();
            let message = format!("the statement has {needed} parameters and {given} were given");
            return Err(EngineError::new(ErrorClass::Statement, Kind::Postgres, message));
        }
        if request.read_only && statement.columns().is_empty() {
            return Err(crate::stream::no_query(Kind::Postgres));
        }
        let columns: Vec<Column> = statement
            .columns()
            .iter()
            .map(|column| Column {
                name: column.name().to_owned(),
                type_name: column.type_().name().to_owned(),
                kind: decode::kind(column.type_()),
            })
            .collect();
        let unreadable = statement.columns().iter().any(|column| !decode::reads(column.type_()));
        let kinds: Vec<CellKind> = columns.iter().map(|column| column.kind).collect();
        feed.columns(columns).await?;
        if unreadable && self.declare(request).await? {
            return self.fetch_texts(&kinds, feed).await;
        }
        self.fetch(&statement, request, feed).await
    }

    /// Streams the result in the binary format.
    async fn fetch(
        &mut self,
        statement: &Statement,
        request: &RunRequest,
        feed: &mut Feed<'_>,
    ) -> Result<Ran, EngineError> {
        let rows = self.client.query_raw(statement, parameters(request)).await;
        let mut rows = pin!(rows.map_err(|error| self.statement_error(&error))?);
        loop {
            let next = match rows.try_next().now_or_never() {
                Some(next) => next,
                None => match tokio::time::timeout(FLUSH_AFTER, rows.try_next()).await {
                    Ok(next) => next,
                    Err(_) => {
                        feed.flush().await?;
                        rows.try_next().await
                    }
                },
            };
            let Some(row) = next.map_err(|error| self.statement_error(&error))? else { break };
            if feed.is_full() {
                return Ok(Ran { affected: None, truncated: Some(Truncation::Rows) });
            }
            let mut cells = Vec::with_capacity(row.len());
            for (at, column) in row.columns().iter().enumerate() {
                let raw: Option<Raw<'_>> = row.try_get(at).map_err(|error| self.error(&error))?;
                let Some(raw) = raw else {
                    cells.push(Cell::Null);
                    continue;
                };
                // Looked at before it is copied: a value of a gigabyte is not held twice.
                if decode::is_as_long_as_its_bytes(column.type_()) && raw.0.len() as u64 > feed.bytes_left() {
                    return Ok(Ran { affected: None, truncated: Some(Truncation::Bytes) });
                }
                cells.push(decode::cell(column.type_(), raw.0));
            }
            if let Some(truncation) = feed.row(cells).await? {
                return Ok(Ran { affected: None, truncated: Some(truncation) });
            }
            self.pass_notices(feed).await?;
        }
        let affected = if statement.columns().is_empty() { rows.rows_affected() } else { None };
        Ok(Ran { affected, truncated: None })
    }

    /// Opens the query as a cursor, where it is one; everything else is as if nothing had been tried.
    async fn declare(&mut self, request: &RunRequest) -> Result<bool, EngineError> {
        let failed = |error: tokio_postgres::Error| self.error(&error);
        self.client.batch_execute("SAVEPOINT dragoman_text").await.map_err(failed)?;
        let sql = format!("{CURSOR}{}", request.sql);
        let declared = async {
            let statement = self.client.prepare(&sql).await?;
            let rows = self.client.query_raw(&statement, parameters(request)).await?;
            pin!(rows).try_next().await
        };
        match declared.await {
            Ok(_) => Ok(true),
            Err(error) if error.is_closed() => Err(self.error(&error)),
            Err(_) => {
                let back = "ROLLBACK TO SAVEPOINT dragoman_text";
                self.client.batch_execute(back).await.map_err(|error| self.error(&error))?;
                Ok(false)
            }
        }
    }

    /// Streams the cursor's rows in the server's text format.
    async fn fetch_texts(&mut self, kinds: &[CellKind], feed: &mut Feed<'_>) -> Result<Ran, EngineError> {
        loop {
            let messages = self.client.simple_query_raw(FETCH).await;
            let mut messages = pin!(messages.map_err(|error| self.error(&error))?);
            let mut any = false;
            while let Some(message) = messages.try_next().await.map_err(|error| self.error(&error))? {
                let SimpleQueryMessage::Row(row) = message else { continue };
                any = true;
                if feed.is_full() {
                    return Ok(Ran { affected: None, truncated: Some(Truncation::Rows) });
                }
                let mut cells = Vec::with_capacity(row.len());
                for (at, kind) in kinds.iter().enumerate() {
                    let text = row.try_get(at).map_err(|error| self.error(&error))?;
                    if text.is_some_and(|text| text.len() as u64 > feed.bytes_left()) {
                        return Ok(Ran { affected: None, truncated: Some(Truncation::Bytes) });
                    }
                    cells.push(text.map_or(Cell::Null, |text| decode::from_text(*kind, text)));
                }
                if let Some(truncation) = feed.row(cells).await? {
                    return Ok(Ran { affected: None, truncated: Some(truncation) });
                }
            }
            if !any {
                return Ok(Ran { affected: None, truncated: None });
            }
        }
    }

    /// Ends the transaction and cleans the session. An error is that of a transaction that was to be
    /// kept and was not; everything else only makes the session unusable.
    pub(super) async fn finish(&mut self, keep: bool) -> Result<(), EngineError> {
        let client = &self.client;
        // Bound by the transaction's own statement_timeout.
        let kept = match keep {
            true => client.batch_execute("COMMIT").await.map_err(|error| self.error(&error)),
            false => Ok(()),
        };
        let cleaning = async {
            // A cancel may have hit the first.
            client.batch_execute(CLEAN).await.is_ok() || client.batch_execute(CLEAN).await.is_ok()
        };
        self.clean = tokio::time::timeout(CLEAN_LIMIT, cleaning).await.unwrap_or(false);
        kept
    }

    async fn pass_notices(&mut self, feed: &mut Feed<'_>) -> Result<(), EngineError> {
        while let Ok(notice) = self.notices.try_recv() {
            feed.notice(notice).await?;
        }
        Ok(())
    }

    /// An error while a statement runs: COPY begins a protocol of its own.
    fn statement_error(&self, error: &tokio_postgres::Error) -> EngineError {
        if error.as_db_error().is_none()
            && !error.is_closed()
            && error.to_string().contains("unexpected message")
        {
            let message = "COPY from or to the client cannot be run here: use a query";
            return EngineError::new(ErrorClass::Statement, Kind::Postgres, message);
        }
        self.error(error)
    }
}

fn parameters(request: &RunRequest) -> Vec<TextParameter<'_>> {
    request.parameters.iter().map(|parameter| TextParameter(parameter.as_deref())).collect()
}
