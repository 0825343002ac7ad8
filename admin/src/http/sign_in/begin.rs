//! `GET /api/v1/sign-in/{service}`: goes to another service to sign in.

use crate::app::identities::{self, ATTEMPT_SECONDS, Started};
use crate::http::cookies;
use crate::http::extract::{Path, Query};
use crate::operation::Operation;
use crate::problem::Problem;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::IntoParams;

/// What asked somebody here.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct BeginQuery {
    /// What stands behind `#` in the link of an invitation.
    #[param(min_length = 1, max_length = 200, pattern = "^[A-Za-z0-9_-]+$")]
    pub invitation: Option<String>,
}

/// The cookie by which a browser shows that a sign-in began in it.
pub(crate) fn cookie_name(is_secure: bool) -> &'static str {
    if is_secure { "__Host-dragoman-sign-in" } else { "dragoman-sign-in" }
}

/// Sends the browser to another service to sign in.
#[utoipa::path(get, path = "/api/v1/sign-in/{service}", operation_id = "begin_sign_in", tag = "sign_in",
    params(("service" = String, Path, description = "Its name, as `GET /api/v1/instance` says it", max_length = 64), BeginQuery),
    responses((status = 302, description = "To the service", headers(("Location" = String)))))]
pub async fn handle(
    operation: Operation,
    Path(service): Path<String>,
    Query(query): Query<BeginQuery>,
) -> Result<Response, Problem> {
    let invitation = query.invitation.as_deref();
    let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    if invitation.is_some_and(|token| token.is_empty() || token.len() > 200 || !plain(token)) {
        return Err(Problem::invalid("invitation", "is not what stands in the link of an invitation"));
    }
    let started = identities::begin_sign_in(&operation, &service, invitation).await?;
    let location = HeaderValue::from_str(&started.address).map_err(|_| Problem::not_found("service"))?;
    let response = (StatusCode::FOUND, [(header::LOCATION, location)]).into_response();
    Ok(with_cookie(&operation, &started, response))
}

/// The answer that makes the browser remember that it began.
pub(crate) fn with_cookie(operation: &Operation, started: &Started, mut response: Response) -> Response {
    let is_secure = operation.app.settings.is_secure();
    if let Some(cookie) = cookies::set(cookie_name(is_secure), &started.cookie, ATTEMPT_SECONDS, is_secure) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}
