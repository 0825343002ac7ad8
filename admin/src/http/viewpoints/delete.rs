//! `DELETE /api/v1/workspaces/{workspace}/viewpoints/{viewpoint}`: forgets a viewpoint.

use crate::app::viewpoints;
use crate::http::etag;
use crate::http::extract::Path;
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use axum::http::{HeaderMap, StatusCode, header};

/// Forgets a viewpoint. With `If-Match` only that version.
#[utoipa::path(delete, path = "/api/v1/workspaces/{workspace}/viewpoints/{viewpoint}", operation_id = "delete_viewpoint",
    tag = "viewpoints", params(InWorkspace, ("viewpoint" = String, Path, description = "Which viewpoint", format = Uuid),
        ("If-Match" = Option<String>, Header, description = "The version that is forgotten")),
    responses((status = 204, description = "It is gone")))]
pub async fn handle(
    operation: Operation,
    place: Path<(String, Id)>,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    let Path((_, id)) = place;
    let version = headers.contains_key(header::IF_MATCH).then(|| etag::expected(&headers)).transpose()?;
    viewpoints::remove(&operation, id, version).await?;
    Ok(StatusCode::NO_CONTENT)
}
