//! `DELETE /api/v1/sessions`: signs out everywhere else.

use crate::app::sessions;
use crate::operation::Operation;
use crate::problem::Problem;
use axum::http::StatusCode;

/// Ends all sessions of who asks but the one that asks. No token may do this.
#[utoipa::path(delete, path = "/api/v1/sessions", operation_id = "end_other_sessions", tag = "session",
    responses((status = 204, description = "They have ended")))]
pub async fn handle(operation: Operation) -> Result<StatusCode, Problem> {
    sessions::end_others(&operation).await?;
    Ok(StatusCode::NO_CONTENT)
}
