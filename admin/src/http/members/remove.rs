//! `DELETE /api/v1/workspaces/{workspace}/members/{user}`: takes a member out.

use crate::app::members;
use crate::http::extract::Path;
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use axum::http::StatusCode;

/// Takes somebody out of the workspace and its teams. The last owner stays.
#[utoipa::path(delete, path = "/api/v1/workspaces/{workspace}/members/{user}", operation_id = "remove_member",
    tag = "members", params(InWorkspace, ("user" = String, Path, description = "Which person", format = Uuid)), responses((status = 204, description = "No member any more")))]
pub async fn handle(operation: Operation, place: Path<(String, Id)>) -> Result<StatusCode, Problem> {
    let Path((_, user)) = place;
    members::remove(&operation, user).await?;
    Ok(StatusCode::NO_CONTENT)
}
