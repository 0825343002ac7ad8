//! `POST /api/v1/profile/second-factor/confirmation`: makes a second factor hold.

use crate::app::second_factors::{self, CODE_MAX};
use crate::http::extract::Json;
use crate::http::idempotency::HoldsSecret;
use crate::operation::Operation;
use crate::problem::Problem;
use crate::totp::DIGITS;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// That the device has it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SecondFactorCode {
    /// The code the app shows now.
    #[schema(min_length = 6, max_length = 40, example = "287082")]
    pub code: String,
}

/// Codes for when the device is lost.
#[derive(Serialize, ToSchema)]
pub struct RecoveryCodes {
    /// Each good once, in place of a code of the app. Shown this once.
    pub recovery_codes: Vec<String>,
}

impl RecoveryCodes {
    /// The answer that shows them.
    pub(crate) fn answer(recovery_codes: Vec<String>) -> Response {
        let mut response = axum::Json(RecoveryCodes { recovery_codes }).into_response();
        response.extensions_mut().insert(HoldsSecret);
        response
    }
}

/// A code of a length that can be one.
pub(crate) fn checked(code: &str) -> Result<&str, Problem> {
    if !(DIGITS..=CODE_MAX).contains(&code.chars().count()) {
        return Err(Problem::invalid("code", "must have from 6 to 40 characters"));
    }
    Ok(code)
}

/// Makes the second factor hold that was begun: from now on a sign-in by password asks for a code. Answers ten
/// recovery codes, and ends all other sessions. No token may do this.
#[utoipa::path(post, path = "/api/v1/profile/second-factor/confirmation", operation_id = "confirm_second_factor", tag = "profile",
    request_body = SecondFactorCode, responses((status = 200, description = "The recovery codes", body = RecoveryCodes)))]
pub async fn handle(operation: Operation, Json(shown): Json<SecondFactorCode>) -> Result<Response, Problem> {
    let codes = second_factors::confirm(&operation, checked(&shown.code)?).await?;
    Ok(RecoveryCodes::answer(codes))
}
