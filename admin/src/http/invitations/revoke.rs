//! `DELETE /api/v1/workspaces/{workspace}/invitations/{invitation}`: takes an invitation back.

use crate::app::invitations;
use crate::http::extract::Path;
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use axum::http::StatusCode;

/// Takes an invitation back that nobody has accepted.
#[utoipa::path(delete, path = "/api/v1/workspaces/{workspace}/invitations/{invitation}",
    operation_id = "revoke_invitation", tag = "invitations",
    params(InWorkspace, ("invitation" = String, Path, description = "Which", format = Uuid)),
    responses((status = 204, description = "It is void")))]
pub async fn handle(operation: Operation, place: Path<(String, Id)>) -> Result<StatusCode, Problem> {
    let Path((_, id)) = place;
    invitations::revoke(&operation, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
