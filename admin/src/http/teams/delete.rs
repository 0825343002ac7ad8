//! `DELETE /api/v1/workspaces/{workspace}/teams/{team}`: removes a team.

use crate::app::teams;
use crate::http::extract::Path;
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use axum::http::StatusCode;

/// Removes a team; its members stay members of the workspace.
#[utoipa::path(delete, path = "/api/v1/workspaces/{workspace}/teams/{team}", operation_id = "delete_team",
    tag = "teams", params(InWorkspace, ("team" = String, Path, description = "Which team", format = Uuid)), responses((status = 204, description = "It is gone")))]
pub async fn handle(operation: Operation, place: Path<(String, Id)>) -> Result<StatusCode, Problem> {
    let Path((_, team)) = place;
    teams::remove(&operation, team).await?;
    Ok(StatusCode::NO_CONTENT)
}
