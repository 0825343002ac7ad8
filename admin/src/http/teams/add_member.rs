//! `PUT /api/v1/workspaces/{workspace}/teams/{team}/members/{user}`: puts somebody into a team.

use crate::app::teams;
use crate::http::extract::Path;
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use axum::http::StatusCode;

/// Puts a member of the workspace into a team; who is in it already stays in it.
#[utoipa::path(put, path = "/api/v1/workspaces/{workspace}/teams/{team}/members/{user}",
    operation_id = "add_team_member", tag = "teams", params(InWorkspace, ("team" = String, Path, description = "Which team", format = Uuid), ("user" = String, Path, description = "Which person", format = Uuid)),
    responses((status = 204, description = "In the team")))]
pub async fn handle(operation: Operation, place: Path<(String, Id, Id)>) -> Result<StatusCode, Problem> {
    let Path((_, team, user)) = place;
    teams::add_member(&operation, team, user).await?;
    Ok(StatusCode::NO_CONTENT)
}
