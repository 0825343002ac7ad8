//! `DELETE /api/v1/workspaces/{workspace}/listeners/{listener}/publication`: leaves a listener to its file.

use crate::app::publications;
use crate::http::etag;
use crate::http::extract::Path;
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use axum::http::{HeaderMap, StatusCode};

/// Takes back everything that is published for a listener: it is left to its file.
#[utoipa::path(delete, path = "/api/v1/workspaces/{workspace}/listeners/{listener}/publication", operation_id = "withdraw_from_listener",
    tag = "publications",
    params(InWorkspace, ("listener" = String, Path, description = "The listener's name", min_length = 1, max_length = 200),
        ("If-Match" = String, Header, description = "The version that is taken back")),
    responses((status = 204, description = "It is taken back")))]
pub async fn handle(
    operation: Operation,
    place: Path<(String, String)>,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    let Path((_, listener)) = place;
    publications::remove(&operation, &listener, etag::expected(&headers)?).await?;
    Ok(StatusCode::NO_CONTENT)
}
