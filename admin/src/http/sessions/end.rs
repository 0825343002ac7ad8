//! `DELETE /api/v1/sessions/{session}`: signs out somewhere.

use crate::app::sessions;
use crate::http::extract::Path;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use axum::http::StatusCode;

/// Ends one session of who asks, wherever it is. No token may do this.
#[utoipa::path(delete, path = "/api/v1/sessions/{session}", operation_id = "end_session", tag = "session",
    params(("session" = String, Path, description = "Which", format = Uuid)),
    responses((status = 204, description = "It has ended")))]
pub async fn handle(operation: Operation, Path(session): Path<Id>) -> Result<StatusCode, Problem> {
    sessions::end(&operation, session).await?;
    Ok(StatusCode::NO_CONTENT)
}
