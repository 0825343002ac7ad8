//! `DELETE /api/v1/workspaces/{workspace}/membership`: leaves a workspace.

use crate::app::members;
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use axum::http::StatusCode;

/// Leaves a workspace. Its last owner cannot, and nobody leaves their personal one.
#[utoipa::path(delete, path = "/api/v1/workspaces/{workspace}/membership", operation_id = "leave_workspace",
    tag = "workspaces", params(InWorkspace), responses((status = 204, description = "No member any more")))]
pub async fn handle(operation: Operation) -> Result<StatusCode, Problem> {
    members::leave(&operation).await?;
    Ok(StatusCode::NO_CONTENT)
}
