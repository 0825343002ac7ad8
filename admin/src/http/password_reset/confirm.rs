//! `POST /api/v1/password-reset/confirmation`: sets a new password by the link that was sent.

use crate::app::resets;
use crate::http::extract::Json;
use crate::operation::Operation;
use crate::problem::Problem;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

/// The link's secret and the new password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPassword {
    /// What stands behind `#` in the link that was sent.
    #[schema(min_length = 1, max_length = 200)]
    pub token: String,
    /// At least 10 characters, and none of those that are tried first.
    #[schema(min_length = 10, max_length = 1024, format = Password)]
    pub password: String,
}

/// Sets a new password. The link works once and for an hour; all sessions of the account end. Sign in next.
#[utoipa::path(post, path = "/api/v1/password-reset/confirmation", operation_id = "confirm_password_reset",
    tag = "session", request_body = NewPassword, responses((status = 204, description = "It is set")))]
pub async fn handle(operation: Operation, Json(wanted): Json<NewPassword>) -> Result<StatusCode, Problem> {
    if wanted.token.is_empty() || wanted.token.len() > 200 {
        return Err(Problem::invalid("token", "must have from 1 to 200 characters"));
    }
    resets::set_password(&operation, &wanted.token, wanted.password).await?;
    Ok(StatusCode::NO_CONTENT)
}
