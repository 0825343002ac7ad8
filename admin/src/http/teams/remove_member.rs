//! `DELETE /api/v1/workspaces/{workspace}/teams/{team}/members/{user}`: takes somebody out of a team.

use crate::app::teams;
use crate::http::extract::Path;
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use axum::http::StatusCode;

/// Takes somebody out of a team; they stay a member of the workspace.
#[utoipa::path(delete, path = "/api/v1/workspaces/{workspace}/teams/{team}/members/{user}",
    operation_id = "remove_team_member", tag = "teams", params(InWorkspace, ("team" = String, Path, description = "Which team", format = Uuid), ("user" = String, Path, description = "Which person", format = Uuid)),
    responses((status = 204, description = "Not in the team any more")))]
pub async fn handle(operation: Operation, place: Path<(String, Id, Id)>) -> Result<StatusCode, Problem> {
    let Path((_, team, user)) = place;
    teams::remove_member(&operation, team, user).await?;
    Ok(StatusCode::NO_CONTENT)
}
