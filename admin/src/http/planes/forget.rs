//! `DELETE /api/v1/planes/{plane}`: forgets a data plane.

use crate::app::fleet;
use crate::http::extract::Path;
use crate::operation::Operation;
use crate::problem::Problem;
use axum::http::StatusCode;

/// Forgets a data plane that is gone for good. Its traffic stays; when it comes back it is known again.
#[utoipa::path(delete, path = "/api/v1/planes/{plane}", operation_id = "forget_plane", tag = "planes",
    params(("plane" = String, Path, description = "The data plane's id", min_length = 1, max_length = 255)),
    responses((status = 204, description = "It is forgotten")))]
pub async fn handle(operation: Operation, Path(plane): Path<String>) -> Result<StatusCode, Problem> {
    fleet::forget(&operation, &plane).await?;
    Ok(StatusCode::NO_CONTENT)
}
