//! How does one query run on SQL Server, and end without a trace?
//!
//! SQL Server has no transaction that only reads. So nothing runs but what [`crate::tsql`] has read as one query;
//! it runs in a transaction that is rolled back whatever becomes of it, and whoever ends it early from outside
//! ends the session with it: the server rolls back what a session leaves.

use super::{SqlServer, decode, link};
use crate::cell::{CellKind, Column};
use crate::error::{EngineError, ErrorClass, from_sqlserver};
use crate::run::{RunEvent, RunRequest, RunSummary, Truncation};
use crate::stream::{Ended, Feed, bounded};
use crate::target::Kind;
use crate::tsql;
use futures_util::TryStreamExt;
use std::time::Duration;
use tiberius::{Query, QueryItem, QueryStream};
use tokio::sync::mpsc;

/// Longest wait for a session to be clean again after a query.
const CLEAN_LIMIT: Duration = Duration::from_secs(5);
/// Ends the transaction, if the server has not done so itself.
const END: &str = "IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION";

impl SqlServer {
    pub(crate) async fn run(
        &mut self,
        request: &RunRequest,
        events: &mpsc::Sender<RunEvent>,
    ) -> Result<RunSummary, EngineError> {
        self.ready()?;
        tsql::check(&request.sql).map_err(|refusal| refused(&refusal, &request.sql))?;
        // Until the session is clean again it is not usable, also when this future is dropped.
        self.clean = false;
        let guard = StopOnDrop(Some(self.link.stop()));
        let mut feed = Feed::new(Kind::SqlServer, request, events);
        let streaming = self.stream(request, &mut feed);
        let ended = bounded(Kind::SqlServer, request.timeout, events, streaming).await;
        let outcome = match ended {
            // Somebody has asked the server to stop: what has come is not the whole, however it ended.
            Ended::Finished(_) if self.link.is_stopped() => {
                let message = "the statement was cancelled";
                Err(EngineError::new(ErrorClass::Cancelled, Kind::SqlServer, message))
            }
            Ended::Finished(Err(_)) if self.link.is_too_large() => {
                let message = "one row is larger than can be taken in";
                Err(EngineError::new(ErrorClass::Limit, Kind::SqlServer, message))
            }
            Ended::Finished(result) => {
                guard.disarm();
                let lost =
                    |error: &EngineError| matches!(error.class(), ErrorClass::Lost | ErrorClass::Protocol);
                if !result.as_ref().is_err_and(lost) {
                    let goes_on = result.as_ref().is_ok_and(Option::is_some);
                    self.clean = self.finish(goes_on).await;
                }
                result
            }
            Ended::Interrupted(error) => Err(error),
        };
        feed.done(None, outcome?).await
    }

    /// What comes back goes into the feed, and which bound ended it is told.
    async fn stream(
        &mut self,
        request: &RunRequest,
        feed: &mut Feed<'_>,
    ) -> Result<Option<Truncation>, EngineError> {
        let place = self.place.clone();
        let failed = |error: tiberius::error::Error| located(&place, &error, &request.sql);
        self.link.begin();
        let begin = beginning(request.timeout);
        let begun = async { self.client.simple_query(begin).await?.into_results().await };
        begun.await.map_err(failed)?;
        let mut answer = if request.parameters.is_empty() {
            self.client.simple_query(request.sql.as_str()).await.map_err(failed)?
        } else {
            let mut query = Query::new(request.sql.as_str());
            for parameter in &request.parameters {
                query.bind(parameter.clone());
            }
            query.query(&mut self.client).await.map_err(failed)?
        };
        let Some(columns) = columns(&mut answer).await.map_err(failed)? else {
            return Err(crate::stream::no_query(Kind::SqlServer));
        };
        let kinds: Vec<CellKind> = columns.iter().map(|column| column.kind).collect();
        feed.columns(columns).await?;
        while let Some(item) = answer.try_next().await.map_err(failed)? {
            let QueryItem::Row(row) = item else {
                let message = "the server answers one query with several results";
                return Err(EngineError::new(ErrorClass::Protocol, Kind::SqlServer, message));
            };
            self.link.begin();
            let cells = kinds.iter().zip(row).map(|(kind, value)| decode::cell(*kind, value)).collect();
            if let Some(truncation) = feed.row(cells).await? {
                return Ok(Some(truncation));
            }
        }
        Ok(None)
    }

    /// Ends what still comes in, and the transaction; whether both is certain.
    async fn finish(&mut self, goes_on: bool) -> bool {
        let cleaning = async {
            if goes_on {
                self.client.cancel_query().await?;
            }
            self.client.simple_query(END).await?.into_results().await
        };
        matches!(tokio::time::timeout(CLEAN_LIMIT, cleaning).await, Ok(Ok(_)))
    }
}

async fn columns(answer: &mut QueryStream<'_>) -> tiberius::Result<Option<Vec<Column>>> {
    Ok(match answer.try_next().await? {
        Some(QueryItem::Metadata(columns)) => Some(columns.columns().iter().map(decode::column).collect()),
        Some(QueryItem::Row(_)) | None => None,
    })
}

/// What the session is set to, and the transaction. A failed statement ends it, and a lock is waited for no longer
/// than the statement may take.
fn beginning(timeout: Duration) -> String {
    let milliseconds = timeout.as_millis().min(2_147_483_647);
    format!(
        "SET QUOTED_IDENTIFIER ON; SET XACT_ABORT ON; SET IMPLICIT_TRANSACTIONS OFF; \
         SET LOCK_TIMEOUT {milliseconds}; SET TRANSACTION ISOLATION LEVEL READ COMMITTED; BEGIN TRANSACTION"
    )
}

/// The server's error, and where in the statement: the server names the line.
fn located(place: &str, error: &tiberius::error::Error, sql: &str) -> EngineError {
    let line = match error {
        tiberius::error::Error::Server(error) if error.procedure().is_empty() => error.line(),
        _ => 0,
    };
    let lines = usize::try_from(line).unwrap_or(0);
    if lines == 0 || lines > sql.lines().count() {
        return from_sqlserver(place, error);
    }
    let before: usize = sql.split_inclusive('\n').take(lines - 1).map(|line| line.chars().count()).sum();
    let position = u32::try_from(before).ok().and_then(|before| before.checked_add(1));
    from_sqlserver(place, error).with_position(position)
}

/// The allowlist says no.
fn refused(refusal: &tsql::Refusal, sql: &str) -> EngineError {
    EngineError::new(ErrorClass::Permission, Kind::SqlServer, refusal.message.clone())
        .with_detail(refusal.hint)
        .with_position(Some(refusal.position(sql)))
}

/// Stops on the server what is dropped before its time, or is left early.
struct StopOnDrop(Option<link::Stop>);

impl StopOnDrop {
    fn disarm(mut self) {
        self.0 = None;
    }
}

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        if let Some(stop) = self.0.take() {
            stop.now();
        }
    }
}
