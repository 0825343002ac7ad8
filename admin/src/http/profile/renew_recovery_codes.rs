//! `POST /api/v1/profile/second-factor/recovery-codes`: makes new recovery codes.

use super::confirm_second_factor::RecoveryCodes;
use super::remove_second_factor::PasswordAndCode;
use crate::app::second_factors;
use crate::http::extract::Json;
use crate::operation::Operation;
use crate::problem::Problem;
use axum::response::Response;

/// Makes ten new recovery codes in place of those that are left. No token may do this.
#[utoipa::path(post, path = "/api/v1/profile/second-factor/recovery-codes", operation_id = "renew_recovery_codes", tag = "profile",
    request_body = PasswordAndCode, responses((status = 200, description = "The recovery codes", body = RecoveryCodes)))]
pub async fn handle(operation: Operation, Json(both): Json<PasswordAndCode>) -> Result<Response, Problem> {
    let (password, code) = both.checked()?;
    Ok(RecoveryCodes::answer(second_factors::renew_codes(&operation, password, &code).await?))
}
