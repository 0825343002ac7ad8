//! `DELETE /api/v1/profile/identities/{identity}`: takes a link away.

use crate::app::identities;
use crate::http::extract::Path;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use axum::http::StatusCode;

/// Takes the link to an account elsewhere away. The only way somebody can sign in stays. No token may do this.
#[utoipa::path(delete, path = "/api/v1/profile/identities/{identity}", operation_id = "unlink_identity",
    tag = "sign_in", params(("identity" = String, Path, description = "Which", format = Uuid)),
    responses((status = 204, description = "It is gone")))]
pub async fn handle(operation: Operation, Path(identity): Path<Id>) -> Result<StatusCode, Problem> {
    identities::unlink(&operation, identity).await?;
    Ok(StatusCode::NO_CONTENT)
}
