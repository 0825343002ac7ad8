//! `DELETE /api/v1/tokens/{token}`: revokes a token.

use crate::app::tokens;
use crate::http::extract::Path;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use axum::http::StatusCode;

/// Revokes a token of who asks, at once and for good.
#[utoipa::path(delete, path = "/api/v1/tokens/{token}", operation_id = "revoke_token", tag = "tokens",
    params(("token" = String, Path, description = "Which", format = Uuid)),
    responses((status = 204, description = "It is revoked")))]
pub async fn handle(operation: Operation, Path(token): Path<Id>) -> Result<StatusCode, Problem> {
    tokens::revoke(&operation, token).await?;
    Ok(StatusCode::NO_CONTENT)
}
