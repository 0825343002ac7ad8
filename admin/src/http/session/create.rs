//! `POST /api/v1/session`: signs in by e-mail and password.

use super::show::SessionView;
use crate::app::sessions::{self, Begun};
use crate::http::cookies;
use crate::http::extract::Json;
use crate::http::profile::confirm_second_factor;
use crate::operation::Operation;
use crate::problem::Problem;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::ToSchema;

/// E-mail and password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Credentials {
    /// The account's e-mail, in any case of letters.
    #[schema(min_length = 1, max_length = 254, example = "ada@example.com")]
    pub email: String,
    /// Its password.
    #[schema(min_length = 1, max_length = 1024, format = Password)]
    pub password: String,
    /// Where the account has a second factor: the code its app shows now, or a recovery code.
    #[schema(min_length = 6, max_length = 40, example = "287082", nullable = false)]
    #[serde(default, deserialize_with = "crate::http::extract::present")]
    pub code: Option<String>,
}

/// Signs in. The answer sets the session's cookie; `csrf_token` goes into the header `X-CSRF-Token` of every change.
///
/// An account with a second factor answers `second_factor_required` to the right password alone: send the same
/// again with `code`. After some failures one has to wait longer each time.
#[utoipa::path(post, path = "/api/v1/session", operation_id = "sign_in", tag = "session", request_body = Credentials,
    responses((status = 201, description = "Signed in", body = SessionView)))]
pub async fn handle(operation: Operation, Json(credentials): Json<Credentials>) -> Result<Response, Problem> {
    if credentials.email.is_empty() || credentials.email.len() > 254 {
        return Err(Problem::invalid("email", "must have from 1 to 254 bytes"));
    }
    if credentials.password.is_empty() || credentials.password.len() > 1024 {
        return Err(Problem::invalid("password", "must have from 1 to 1024 bytes"));
    }
    if let Some(code) = &credentials.code {
        confirm_second_factor::checked(code)?;
    }
    let Credentials { email, password, code } = credentials;
    let begun = sessions::sign_in(&operation, &email, password, code.as_deref()).await?;
    Ok(signed_in(&operation, &begun))
}

/// The answer that begins a session.
pub(crate) fn signed_in(operation: &Operation, begun: &Begun) -> Response {
    let settings = &operation.app.settings;
    let name = cookies::session_name(settings.is_secure());
    let seconds = u64::from(settings.session_hours) * 3_600;
    let view = SessionView::of(&begun.user, Some(begun.csrf.clone()), None);
    let mut response = (StatusCode::CREATED, axum::Json(view)).into_response();
    if let Some(cookie) = cookies::set(name, &begun.secret, seconds, settings.is_secure()) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}
