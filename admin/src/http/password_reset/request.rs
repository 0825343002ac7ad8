//! `POST /api/v1/password-reset`: asks for a link to a new password.

use crate::app::resets;
use crate::http::extract::Json;
use crate::http::profile::change_email::EmailChange;
use crate::operation::Operation;
use crate::problem::Problem;
use axum::http::StatusCode;

/// Sends a link to a new password, if the e-mail is somebody's: the answer is the same if it is nobody's.
#[utoipa::path(post, path = "/api/v1/password-reset", operation_id = "request_password_reset", tag = "session",
    request_body = EmailChange, responses((status = 202, description = "A mail is on its way, if it is somebody's")))]
pub async fn handle(operation: Operation, Json(wanted): Json<EmailChange>) -> Result<StatusCode, Problem> {
    resets::ask_for_password(&operation, &wanted.email).await?;
    Ok(StatusCode::ACCEPTED)
}
