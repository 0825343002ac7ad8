//! `POST /api/v1/profile/second-factor/removal`: turns the second factor off.

use super::{begin_second_factor, confirm_second_factor};
use crate::app::second_factors;
use crate::http::extract::Json;
use crate::operation::Operation;
use crate::problem::Problem;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

/// That it is them, both ways.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordAndCode {
    /// The password of who asks.
    #[schema(min_length = 1, max_length = 1024, format = Password)]
    pub password: String,
    /// The code the app shows now, or a recovery code.
    #[schema(min_length = 6, max_length = 40, example = "287082")]
    pub code: String,
}

impl PasswordAndCode {
    /// Both, of a length they can have.
    pub(crate) fn checked(self) -> Result<(String, String), Problem> {
        confirm_second_factor::checked(&self.code)?;
        Ok((begin_second_factor::checked(self.password)?, self.code))
    }
}

/// Turns the second factor of who asks off; its recovery codes go as well. No token may do this.
#[utoipa::path(post, path = "/api/v1/profile/second-factor/removal", operation_id = "remove_second_factor", tag = "profile",
    request_body = PasswordAndCode, responses((status = 204, description = "No code is asked for any more")))]
pub async fn handle(operation: Operation, Json(both): Json<PasswordAndCode>) -> Result<StatusCode, Problem> {
    let (password, code) = both.checked()?;
    second_factors::remove(&operation, password, &code).await?;
    Ok(StatusCode::NO_CONTENT)
}
