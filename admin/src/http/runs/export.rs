//! `POST /api/v1/workspaces/{workspace}/exports`: runs a query and gives its result as a file.

use crate::app::runs::RunDraft;
use crate::app::runs::export::{self, Exporting};
use crate::http::extract::Json;
use crate::http::path::InWorkspace;
use crate::http::timestamp::Timestamp;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_engines::export::Format;
use admin_store::{Id, now_us};
use axum::body::Body;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde::Deserialize;
use utoipa::ToSchema;

/// What a file is written as.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExportFormat {
    /// RFC 4180, with a line of names. A missing value is nothing, an empty text is `""`.
    Csv,
    /// One array of objects.
    Json,
    /// An object a line.
    Ndjson,
    /// Apache Parquet.
    Parquet,
}

impl ExportFormat {
    fn format(self) -> Format {
        match self {
            ExportFormat::Csv => Format::Csv,
            ExportFormat::Json => Format::Json,
            ExportFormat::Ndjson => Format::Ndjson,
            ExportFormat::Parquet => Format::Parquet,
        }
    }
}

/// A statement whose result becomes a file.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExportInput {
    /// What the file is written as.
    pub format: ExportFormat,
    /// On which connection.
    #[schema(value_type = String, format = Uuid)]
    pub connection: Id,
    /// The statement: one, and a query.
    #[schema(min_length = 1, max_length = 1_048_576, example = "SELECT * FROM orders")]
    pub sql: String,
    /// The values of its parameters, as for a run.
    #[schema(max_items = 1000)]
    pub parameters: Option<Vec<Option<String>>>,
    /// Most rows; 1,000,000 where nothing is said. More are left out, and the run in the history says so.
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub rows_max: Option<u64>,
    /// Most bytes of values; 256 MiB where nothing is said.
    #[schema(minimum = 1, maximum = 268_435_456)]
    pub bytes_max: Option<u64>,
    /// Longest time in seconds; 300 where nothing is said.
    #[schema(minimum = 1, maximum = 300)]
    pub timeout_seconds: Option<u32>,
    /// The saved query the statement comes from, for the history.
    #[schema(value_type = Option<String>, format = Uuid)]
    pub saved_query: Option<Id>,
}

/// Runs a query and gives its result as a file, written while it comes. What fails at once is an ordinary problem; what
/// fails on the way breaks the connection, so that nobody takes a part for the whole. The header `Run` names the run.
#[utoipa::path(post, path = "/api/v1/workspaces/{workspace}/exports", operation_id = "export_query", tag = "runs",
    params(InWorkspace), request_body = ExportInput,
    responses((status = 200, description = "The file", headers(("Content-Disposition" = String), ("Run" = String)),
        content((String = "text/csv"), (String = "application/x-ndjson"), (String = "application/vnd.apache.parquet"),
            (Vec<serde_json::Value> = "application/json")))))]
pub async fn handle(operation: Operation, Json(input): Json<ExportInput>) -> Result<Response, Problem> {
    let format = input.format.format();
    let draft = RunDraft {
        connection: input.connection,
        sql: input.sql,
        parameters: input.parameters.unwrap_or_default(),
        rows_max: input.rows_max,
        bytes_max: input.bytes_max,
        timeout_seconds: input.timeout_seconds,
        saved_query: input.saved_query,
    };
    let exporting = export::export(&operation, draft, format).await?;
    let headers = [
        (header::CONTENT_TYPE.as_str(), format.media_type().to_owned()),
        (header::CONTENT_DISPOSITION.as_str(), disposition(format)),
        ("run", exporting.running.id.to_string()),
    ];
    let chunks = stream::unfold(Some(exporting), |left: Option<Exporting>| async move {
        match left?.next().await {
            Ok((bytes, left)) => Some((Ok(bytes), left)),
            // The only way to say it once the answer has begun.
            Err(problem) => Some((Err(std::io::Error::other(problem)), None)),
        }
    });
    Ok((headers, Body::from_stream(chunks)).into_response())
}

/// `result-20261121-103500.csv`.
fn disposition(format: Format) -> String {
    let now = Timestamp(now_us()).to_string();
    let digits: String = now.chars().take(19).filter(char::is_ascii_digit).collect();
    let (day, time) = digits.split_at_checked(8).unwrap_or((&digits, ""));
    format!("attachment; filename=\"result-{day}-{time}.{}\"", format.as_str())
}
