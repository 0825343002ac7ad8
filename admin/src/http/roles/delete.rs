//! `DELETE /api/v1/workspaces/{workspace}/roles/{role}`: deletes a role.

use crate::app::roles;
use crate::http::extract::Path;
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use axum::http::StatusCode;

/// Deletes a role of the workspace's own. Refused while a member has it, who is named then, or an open invitation is
/// to it.
#[utoipa::path(delete, path = "/api/v1/workspaces/{workspace}/roles/{role}", operation_id = "delete_role", tag = "roles",
    params(InWorkspace, ("role" = String, Path, description = "Its name", max_length = 40)), responses((status = 204, description = "It is gone")))]
pub async fn handle(operation: Operation, place: Path<(String, String)>) -> Result<StatusCode, Problem> {
    let Path((_, role)) = place;
    roles::remove(&operation, &role).await?;
    Ok(StatusCode::NO_CONTENT)
}
