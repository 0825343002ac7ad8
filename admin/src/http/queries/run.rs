//! `POST /api/v1/workspaces/{workspace}/queries/{query}/runs`: runs a saved query.

use crate::app::queries::{self, RunByName};
use crate::http::extract::{Json, Path};
use crate::http::path::InWorkspace;
use crate::http::runs::create::{RunLine, streamed};
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use axum::response::Response;
use serde::Deserialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// How a saved query is to be run.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SavedRunInput {
    /// On which connection, where it is not the query's own.
    #[schema(value_type = Option<String>, format = Uuid)]
    pub connection: Option<Id>,
    /// Values by the names of its parameters; `null` for a missing value. Defaults stand for what is not here.
    #[schema(example = json!({"customer": "42"}))]
    pub parameters: Option<BTreeMap<String, Option<String>>>,
    /// Most rows; 1,000 where nothing is said.
    #[schema(minimum = 1, maximum = 100_000)]
    pub rows_max: Option<u64>,
    /// Most bytes of values; 16 MiB where nothing is said.
    #[schema(minimum = 1, maximum = 268_435_456)]
    pub bytes_max: Option<u64>,
    /// Longest time in seconds; 30 where nothing is said.
    #[schema(minimum = 1, maximum = 300)]
    pub timeout_seconds: Option<u32>,
}

/// Runs a saved query and streams what comes back, as for a run.
#[utoipa::path(post, path = "/api/v1/workspaces/{workspace}/queries/{query}/runs", operation_id = "run_saved_query",
    tag = "queries", params(InWorkspace, ("query" = String, Path, description = "Which query", format = Uuid)),
    request_body = SavedRunInput,
    responses((status = 200, description = "The result, line by line", body = RunLine, content_type = "application/x-ndjson")))]
pub async fn handle(
    operation: Operation,
    place: Path<(String, Id)>,
    Json(input): Json<SavedRunInput>,
) -> Result<Response, Problem> {
    let Path((_, id)) = place;
    let asked = RunByName {
        connection: input.connection,
        parameters: input.parameters.unwrap_or_default(),
        rows_max: input.rows_max,
        bytes_max: input.bytes_max,
        timeout_seconds: input.timeout_seconds,
    };
    let running = queries::run(&operation, id, asked).await?;
    Ok(streamed(running, operation.request.id))
}
