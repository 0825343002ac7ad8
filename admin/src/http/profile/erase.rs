//! `DELETE /api/v1/profile`: forgets who asks.

use crate::app::profile;
use crate::http::cookies;
use crate::http::extract::Query;
use crate::operation::Operation;
use crate::problem::Problem;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::IntoParams;

/// That it is meant.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Confirmation {
    /// The account's e-mail, repeated.
    #[param(min_length = 1, max_length = 254)]
    pub confirm: String,
}

/// Forgets who asks, for good, with their personal workspace. What they did stays on record under an id that
/// leads to no name. Refused while they are the last owner of another workspace. No token may do this.
#[utoipa::path(delete, path = "/api/v1/profile", operation_id = "erase_profile", tag = "profile",
    params(Confirmation), responses((status = 204, description = "Forgotten")))]
pub async fn handle(
    operation: Operation,
    Query(confirmation): Query<Confirmation>,
) -> Result<Response, Problem> {
    profile::erase(&operation, &confirmation.confirm).await?;
    let is_secure = operation.app.settings.is_secure();
    let mut response = StatusCode::NO_CONTENT.into_response();
    if let Some(cookie) = cookies::set(cookies::session_name(is_secure), "", 0, is_secure) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}
