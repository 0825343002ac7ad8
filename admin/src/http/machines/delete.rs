//! `DELETE /api/v1/workspaces/{workspace}/machines/{machine}`: deletes a service or agent.

use crate::app::machines;
use crate::http::extract::Path;
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use axum::http::StatusCode;

/// Deletes a service or agent with its tokens. What it did stays in the activity under its name.
#[utoipa::path(delete, path = "/api/v1/workspaces/{workspace}/machines/{machine}", operation_id = "delete_machine",
    tag = "machines", params(InWorkspace, ("machine" = String, Path, description = "Which service or agent", format = Uuid)), responses((status = 204, description = "It is gone")))]
pub async fn handle(operation: Operation, place: Path<(String, Id)>) -> Result<StatusCode, Problem> {
    let Path((_, machine)) = place;
    machines::remove(&operation, machine).await?;
    Ok(StatusCode::NO_CONTENT)
}
