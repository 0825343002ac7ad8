//! `DELETE /api/v1/workspaces/{workspace}/connections/{connection}`: forgets a database.

use crate::app::connections;
use crate::http::etag;
use crate::http::extract::Path;
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use axum::http::{HeaderMap, StatusCode, header};

/// Forgets a connection with its password, the snapshots of its schema and what was counted of it.
#[utoipa::path(delete, path = "/api/v1/workspaces/{workspace}/connections/{connection}",
    operation_id = "delete_connection", tag = "connections",
    params(InWorkspace, ("connection" = String, Path, description = "Which connection", format = Uuid), ("If-Match" = Option<String>, Header, description = "Only if it still has this version")),
    responses((status = 204, description = "It is gone")))]
pub async fn handle(
    operation: Operation,
    place: Path<(String, Id)>,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    let Path((_, id)) = place;
    let version = headers.contains_key(header::IF_MATCH).then(|| etag::expected(&headers)).transpose()?;
    connections::remove(&operation, id, version).await?;
    Ok(StatusCode::NO_CONTENT)
}
