//! `POST /api/v1/profile/email`: asks to confirm an address.

use crate::app::resets;
use crate::http::extract::Json;
use crate::operation::Operation;
use crate::problem::Problem;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

/// An address that shall be theirs.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EmailChange {
    /// A new one, or the one they have, to confirm it.
    #[schema(min_length = 3, max_length = 254, format = Email, example = "ada@example.com")]
    pub email: String,
}

/// Sends a link to an address. It becomes the one of who asks when they open the link; until then the old one
/// counts. No token may do this.
#[utoipa::path(post, path = "/api/v1/profile/email", operation_id = "change_email", tag = "profile",
    request_body = EmailChange, responses((status = 202, description = "A mail is on its way")))]
pub async fn handle(operation: Operation, Json(wanted): Json<EmailChange>) -> Result<StatusCode, Problem> {
    resets::change_email(&operation, &wanted.email).await?;
    Ok(StatusCode::ACCEPTED)
}
