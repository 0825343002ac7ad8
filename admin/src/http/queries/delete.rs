//! `DELETE /api/v1/workspaces/{workspace}/queries/{query}`: forgets a saved query.

use crate::app::queries;
use crate::http::etag;
use crate::http::extract::Path;
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use axum::http::{HeaderMap, StatusCode, header};

/// Forgets one of one's own queries with its versions; who manages the workspace may forget shared ones. What was run of
/// it stays in the history. With `If-Match` only that version.
#[utoipa::path(delete, path = "/api/v1/workspaces/{workspace}/queries/{query}", operation_id = "delete_query",
    tag = "queries", params(InWorkspace, ("query" = String, Path, description = "Which query", format = Uuid),
        ("If-Match" = Option<String>, Header, description = "The version that is forgotten")),
    responses((status = 204, description = "It is gone")))]
pub async fn handle(
    operation: Operation,
    place: Path<(String, Id)>,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    let Path((_, id)) = place;
    let version = headers.contains_key(header::IF_MATCH).then(|| etag::expected(&headers)).transpose()?;
    queries::remove(&operation, id, version).await?;
    Ok(StatusCode::NO_CONTENT)
}
