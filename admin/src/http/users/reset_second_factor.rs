//! `DELETE /api/v1/users/{user}/second-factor`: takes a second factor from somebody who lost it.

use crate::app::second_factors;
use crate::http::extract::Path;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use axum::http::StatusCode;

/// Takes the second factor from a person who lost device and recovery codes: their next sign-in asks for the
/// password only. Nothing happens where there is none.
#[utoipa::path(delete, path = "/api/v1/users/{user}/second-factor", operation_id = "reset_second_factor", tag = "users", params(("user" = String, Path, description = "Which person", format = Uuid)),
    responses((status = 204, description = "No code is asked for any more")))]
pub async fn handle(operation: Operation, Path(user): Path<Id>) -> Result<StatusCode, Problem> {
    second_factors::reset(&operation, user).await?;
    Ok(StatusCode::NO_CONTENT)
}
