//! How does one statement run on a MySQL or MariaDB server, and end without a trace?
//!
//! A prepared statement is one statement: its protocol takes no second. The transaction only reads,
//! and so would every further one that a routine of the server might begin; and a statement that returns no
//! columns (CALL, SET, SELECT … INTO) is refused before it runs. ANALYZE TABLE passes both: it returns rows, and
//! what it changes are statistics. A statement that is left before its end is
//! killed from a second connection.

use super::{Mysql, MysqlCanceller, decode};
use crate::cell::Column;
use crate::error::{EngineError, ErrorClass, from_mysql};
use crate::run::{RunEvent, RunRequest, RunSummary, Truncation};
use crate::stream::{Ended, Feed, bounded};
use crate::target::Kind;
use mysql_async::prelude::Queryable;
use mysql_async::{Params, Value};
use std::time::Duration;
use tokio::sync::mpsc;

/// The server ends a statement so much later than we do: it is there for the case that we are not.
const SERVER_GRACE: Duration = Duration::from_secs(2);
/// Longest wait for a session to be clean again after a statement.
const CLEAN_LIMIT: Duration = Duration::from_secs(5);

struct Ran {
    affected: Option<u64>,
    truncated: Option<Truncation>,
}

impl Mysql {
    pub(crate) async fn run(
        &mut self,
        request: &RunRequest,
        events: &mpsc::Sender<RunEvent>,
    ) -> Result<RunSummary, EngineError> {
        self.ready()?;
        // Until the session is clean again it is not usable, also when this future is dropped.
        self.clean = false;
        let guard = KillOnDrop(Some(self.canceller.clone()));
        let begun = std::time::Instant::now();
        let mut feed = Feed::new(Kind::Mysql, request, events);
        let ended = bounded(Kind::Mysql, request.timeout, events, self.stream(request, &mut feed)).await;
        let (outcome, running, whole) = match ended {
            Ended::Finished(Ok(ran)) => {
                let running = ran.truncated.is_some();
                (Ok(ran), running, true)
            }
            Ended::Finished(Err(error)) => {
                let late = matches!(error.class(), ErrorClass::Cancelled | ErrorClass::Timeout)
                    && begun.elapsed() >= request.timeout;
                let error =
                    if late { crate::stream::out_of_time(Kind::Mysql, request.timeout) } else { error };
                let whole =
                    !matches!(error.class(), ErrorClass::Lost | ErrorClass::Protocol | ErrorClass::Limit);
                (Err(error), events.is_closed(), whole)
            }
            // The driver was left in the middle of an answer: the session is given up.
            Ended::Interrupted(error) => (Err(error), true, false),
        };
        if running && let Err(error) = self.canceller.cancel().await {
            tracing::warn!(%error, "a statement could not be cancelled; its session is given up");
        }
        guard.disarm();
        let keep = !request.read_only && outcome.as_ref().is_ok_and(|ran| ran.truncated.is_none());
        if whole {
            self.finish(keep, running).await?;
        }
        let ran = outcome?;
        feed.done(ran.affected, ran.truncated).await
    }

    async fn stream(&mut self, request: &RunRequest, feed: &mut Feed<'_>) -> Result<Ran, EngineError> {
        let place = self.place.clone();
        let failed = |error: mysql_async::Error| from_mysql(&place, &error);
        let limit = request.timeout.saturating_add(SERVER_GRACE);
        let bound = if self.is_mariadb {
            format!("SET SESSION max_statement_time = {}", limit.as_secs_f64())
        } else {
            format!("SET SESSION max_execution_time = {}", limit.as_millis().min(u128::from(u32::MAX)))
        };
        let mode = if request.read_only { "READ ONLY" } else { "READ WRITE" };
        let begin = [bound, format!("SET SESSION TRANSACTION {mode}"), format!("START TRANSACTION {mode}")];
        for statement in begin {
            self.conn.query_drop(statement).await.map_err(failed)?;
        }
        let statement = self.conn.prep(&request.sql).await.map_err(failed)?;
        // MariaDB does not tell the columns of every SHOW beforehand.
        let shows = request.sql.trim_start().get(..5).is_some_and(|word| word.eq_ignore_ascii_case("show "));
        if request.read_only && statement.num_columns() == 0 && !shows {
            return Err(crate::stream::no_query(Kind::Mysql));
        }
        let given = request.parameters.len();
        if usize::from(statement.num_params()) != given {
            let needed = statement.num_params();
            let message = format!("the statement has {needed} parameters and {given} were given");
            return Err(EngineError::new(ErrorClass::Statement, Kind::Mysql, message));
        }
        let values = request.parameters.iter().map(|parameter| match parameter {
            Some(text) => Value::Bytes(text.clone().into_bytes()),
            None => Value::NULL,
        });
        let parameters = if given == 0 { Params::Empty } else { Params::Positional(values.collect()) };
        let mut result = self.conn.exec_iter(&statement, parameters).await.map_err(failed)?;
        let shapes: Vec<decode::Shape> = result.columns_ref().iter().map(decode::Shape::of).collect();
        let columns: Vec<Column> = shapes.iter().map(decode::Shape::column).collect();
        let has_rows = !columns.is_empty();
        feed.columns(columns).await?;
        let mut truncated = None;
        while has_rows && let Some(row) = result.next().await.map_err(failed)? {
            if feed.is_full() {
                truncated = Some(Truncation::Rows);
                break;
            }
            let values = row.unwrap();
            let length: u64 = values.iter().map(decode::length).fold(0, u64::saturating_add);
            if length > feed.bytes_left() {
                truncated = Some(Truncation::Bytes);
                break;
            }
            let cells = shapes.iter().zip(values).map(|(shape, value)| shape.cell(value)).collect();
            truncated = feed.row(cells).await?;
            if truncated.is_some() {
                break;
            }
        }
        let affected = (!has_rows).then(|| result.affected_rows());
        Ok(Ran { affected, truncated })
    }

    /// Ends the transaction and cleans the session. An error is that of a transaction that was to be
    /// kept and was not; everything else only makes the session unusable.
    async fn finish(&mut self, keep: bool, killed: bool) -> Result<(), EngineError> {
        let place = self.place.clone();
        let cleaning = async {
            if killed {
                // A kill that came after the statement's end hits this.
                let _ = self.conn.query_drop("DO 0").await;
            }
            if keep {
                self.conn.query_drop("COMMIT").await.map_err(|error| from_mysql(&place, &error))?;
            }
            let rolled_back = self.conn.query_drop("ROLLBACK").await.is_ok();
            Ok(rolled_back && self.conn.reset().await.unwrap_or(false))
        };
        let result = tokio::time::timeout(CLEAN_LIMIT, cleaning).await.unwrap_or(Ok(false));
        self.clean = *result.as_ref().unwrap_or(&false);
        result.map(drop)
    }
}

/// Kills in the background what is dropped before its time.
struct KillOnDrop(Option<MysqlCanceller>);

impl KillOnDrop {
    fn disarm(mut self) {
        self.0 = None;
    }
}

impl Drop for KillOnDrop {
    fn drop(&mut self) {
        let Some(canceller) = self.0.take() else { return };
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                if let Err(error) = canceller.cancel().await {
                    tracing::warn!(%error, "an abandoned statement could not be cancelled");
                }
            });
        }
    }
}
