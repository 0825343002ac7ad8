//! `POST /api/v1/profile/password`: sets another password.

use crate::app::profile;
use crate::http::extract::Json;
use crate::operation::Operation;
use crate::problem::Problem;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

/// The old password and the new one.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordChange {
    /// The one that is in use; absent for who has none and signs in elsewhere.
    #[schema(max_length = 1024, format = Password)]
    pub old_password: Option<String>,
    /// At least 10 characters, and none of those that are tried first.
    #[schema(min_length = 10, max_length = 1024, format = Password)]
    pub password: String,
}

/// Sets another password. All other sessions end. No token may do this.
#[utoipa::path(post, path = "/api/v1/profile/password", operation_id = "change_password", tag = "profile",
    request_body = PasswordChange, responses((status = 204, description = "It is set")))]
pub async fn handle(operation: Operation, Json(wanted): Json<PasswordChange>) -> Result<StatusCode, Problem> {
    if wanted.old_password.as_ref().is_some_and(|old| old.len() > 1024) {
        return Err(Problem::invalid("old_password", "must have at most 1024 bytes"));
    }
    profile::change_password(&operation, wanted.old_password, wanted.password).await?;
    Ok(StatusCode::NO_CONTENT)
}
