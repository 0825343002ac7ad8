//! `DELETE /api/v1/workspaces/{workspace}/machines/{machine}/tokens/{token}`: revokes a token of a service or agent.

use crate::app::machines;
use crate::http::extract::Path;
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use axum::http::StatusCode;

/// Revokes a token of a service or agent.
#[utoipa::path(delete, path = "/api/v1/workspaces/{workspace}/machines/{machine}/tokens/{token}", operation_id = "revoke_machine_token",
    tag = "machines", params(InWorkspace, ("machine" = String, Path, description = "Which service or agent", format = Uuid), ("token" = String, Path, description = "Which token", format = Uuid)),
    responses((status = 204, description = "It is good no longer")))]
pub async fn handle(operation: Operation, place: Path<(String, Id, Id)>) -> Result<StatusCode, Problem> {
    let Path((_, machine, token)) = place;
    machines::revoke_token(&operation, machine, token).await?;
    Ok(StatusCode::NO_CONTENT)
}
