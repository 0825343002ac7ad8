//! `POST /api/v1/workspaces/{workspace}/runs`: runs a query and streams what comes back.

use super::draft::RunInput;
use crate::app::runs::{self, Running};
use crate::http::extract::Json;
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::{Problem, ProblemDocument};
use admin_engines::{Cell, Column, RunEvent, RunSummary, Truncation};
use admin_store::Id;
use axum::body::{Body, Bytes};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde::Serialize;
use std::convert::Infallible;
use utoipa::ToSchema;

/// The media type of JSON values, one a line.
pub const NDJSON: &str = "application/x-ndjson";

/// One line of the answer.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum RunLine {
    /// The first line.
    Run {
        /// What the run is found and cancelled by.
        #[schema(value_type = String, format = Uuid)]
        id: Id,
        /// Most rows that will come.
        rows_max: u64,
        /// Most bytes of values that will come.
        bytes_max: u64,
        /// Longest time it may take.
        timeout_ms: u64,
        /// What its author may want to know.
        warnings: Vec<String>,
    },
    /// The columns, before any rows.
    Columns {
        /// The columns, in order.
        columns: Vec<ColumnView>,
    },
    /// Some rows.
    Rows {
        /// Each has one value a column. How a value is to be read is told by its column's `kind`.
        #[schema(value_type = Vec<Vec<Option<serde_json::Value>>>)]
        rows: Vec<Vec<Cell>>,
    },
    /// What the server said beside.
    Notice {
        /// Its words.
        message: String,
    },
    /// The last line of a result.
    Done(DoneView),
    /// The last line where it failed on the way: what came before it is not the whole result.
    Problem(ProblemDocument),
}

/// A column of a result.
#[derive(Debug, Serialize, ToSchema)]
pub struct ColumnView {
    /// Its name; names need not be distinct.
    pub name: String,
    /// Its type in the database's own words.
    pub type_name: String,
    /// How its values are written: `boolean`, `integer`, `unsigned` (numbers; digits in a string beyond ±(2^53 - 1)), `float`,
    /// `decimal` (a string with every digit), `text`, `bytes` (`\x` and hexadecimal digits), `date`, `time`, `timestamp`,
    /// `moment`, `interval` (ISO 8601), `uuid`, `json` (a string that holds JSON), `array`, `other`, `any`.
    #[schema(value_type = String, example = "integer")]
    pub kind: admin_engines::CellKind,
}

impl ColumnView {
    fn of(column: Column) -> ColumnView {
        ColumnView { name: column.name, type_name: column.type_name, kind: column.kind }
    }
}

/// How a result ended.
#[derive(Debug, Serialize, ToSchema)]
pub struct DoneView {
    /// Rows that came.
    pub rows: u64,
    /// Bytes of their values.
    pub bytes: u64,
    /// How long the database worked, in microseconds.
    pub elapsed_us: u64,
    /// Which bound cut it, `rows` or `bytes`; absent for a whole result.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub truncated: Option<Truncation>,
}

impl DoneView {
    fn of(summary: &RunSummary) -> DoneView {
        DoneView {
            rows: summary.rows,
            bytes: summary.bytes,
            elapsed_us: u64::try_from(summary.elapsed.as_micros()).unwrap_or(u64::MAX),
            truncated: summary.truncated,
        }
    }
}

impl RunLine {
    fn first(running: &Running) -> RunLine {
        RunLine::Run {
            id: running.id,
            rows_max: running.bounds.rows,
            bytes_max: running.bounds.bytes,
            timeout_ms: u64::try_from(running.bounds.timeout.as_millis()).unwrap_or(u64::MAX),
            warnings: running.warnings.clone(),
        }
    }

    fn of(event: RunEvent) -> Option<RunLine> {
        match event {
            RunEvent::Columns(columns) => {
                Some(RunLine::Columns { columns: columns.into_iter().map(ColumnView::of).collect() })
            }
            RunEvent::Rows(rows) => Some(RunLine::Rows { rows }),
            RunEvent::Notice(message) => Some(RunLine::Notice { message }),
            RunEvent::Done(_) => None,
        }
    }

    fn bytes(&self) -> Bytes {
        let mut line = serde_json::to_vec(self).unwrap_or_default();
        line.push(b'\n');
        line.into()
    }
}

/// What is left to be sent.
enum Left {
    First(Running),
    Events(Running),
    Nothing,
}

/// A run as an answer that is sent while it runs. Who leaves drops it, and with it the run.
pub(crate) fn streamed(running: Running, request: String) -> Response {
    let lines = stream::unfold((Left::First(running), request), |(left, request)| async move {
        let (line, left) = match left {
            Left::First(running) => (RunLine::first(&running).bytes(), Left::Events(running)),
            Left::Events(running) => next(running, &request).await,
            Left::Nothing => return None,
        };
        Some((Ok::<_, Infallible>(line), (left, request)))
    });
    ([(header::CONTENT_TYPE, NDJSON)], Body::from_stream(lines)).into_response()
}

async fn next(mut running: Running, request: &str) -> (Bytes, Left) {
    while let Some(event) = running.next().await {
        if let Some(line) = RunLine::of(event) {
            return (line.bytes(), Left::Events(running));
        }
    }
    let last = match running.end().await {
        Ok(summary) => RunLine::Done(DoneView::of(&summary)),
        Err(problem) => RunLine::Problem(problem.document(Some(request))),
    };
    (last.bytes(), Left::Nothing)
}

/// Runs a query, judged by the rules, in a transaction that only reads, and streams what comes back, one JSON object a
/// line: `run` first, then `columns`, `rows` in batches and `notice`s as they come, and at last `done` or `problem`. What
/// fails at once is an ordinary problem. When the client goes away the database is told to stop.
#[utoipa::path(post, path = "/api/v1/workspaces/{workspace}/runs", operation_id = "run_query", tag = "runs",
    params(InWorkspace), request_body = RunInput,
    responses((status = 200, description = "The result, line by line", body = RunLine, content_type = "application/x-ndjson")))]
pub async fn handle(operation: Operation, Json(input): Json<RunInput>) -> Result<Response, Problem> {
    let running = runs::run(&operation, input.draft()).await?;
    Ok(streamed(running, operation.request.id))
}
