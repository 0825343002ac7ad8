//! `DELETE /api/v1/workspaces/{workspace}/principals/{principal}`: takes a link away.

use crate::app::principals;
use crate::http::extract::Path;
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use axum::http::StatusCode;

/// Takes a link away; the name on the wire is nobody's then.
#[utoipa::path(delete, path = "/api/v1/workspaces/{workspace}/principals/{principal}",
    operation_id = "delete_principal", tag = "principals", params(InWorkspace, ("principal" = String, Path, description = "Which link", format = Uuid)),
    responses((status = 204, description = "It is gone")))]
pub async fn handle(operation: Operation, place: Path<(String, Id)>) -> Result<StatusCode, Problem> {
    let Path((_, id)) = place;
    principals::remove(&operation, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
