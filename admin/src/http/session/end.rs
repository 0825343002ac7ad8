//! `DELETE /api/v1/session`: signs out.

use crate::app::sessions;
use crate::http::cookies;
use crate::operation::Operation;
use crate::problem::Problem;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

/// Ends the session that asks.
#[utoipa::path(delete, path = "/api/v1/session", operation_id = "sign_out", tag = "session",
    responses((status = 204, description = "Signed out")))]
pub async fn handle(operation: Operation) -> Result<Response, Problem> {
    sessions::sign_out(&operation).await?;
    let is_secure = operation.app.settings.is_secure();
    let mut response = StatusCode::NO_CONTENT.into_response();
    if let Some(cookie) = cookies::set(cookies::session_name(is_secure), "", 0, is_secure) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}
