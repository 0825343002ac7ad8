//! `GET /api/v1/sign-in/{service}/callback`: comes back from another service.

use super::begin::cookie_name;
use crate::app::identities::{self, Brought, Ended};
use crate::http::cookies;
use crate::http::extract::{Path, Query};
use crate::operation::Operation;
use crate::problem::Problem;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::IntoParams;

/// Longest of what a service sends along.
const BYTES_MAX: usize = 4_096;

/// What a service sends along. Services add things of their own, which are of no use here.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CallbackQuery {
    /// What the answer is given for.
    #[param(max_length = 4096)]
    pub code: Option<String>,
    /// What was given along.
    #[param(max_length = 4096)]
    pub state: Option<String>,
    /// Why there is no code.
    #[param(max_length = 4096)]
    pub error: Option<String>,
    /// Who the service is (RFC 9207).
    #[param(max_length = 4096)]
    pub iss: Option<String>,
}

/// Takes a browser back from another service: signed in, or with its account linked. It goes to the console.
#[utoipa::path(get, path = "/api/v1/sign-in/{service}/callback", operation_id = "finish_sign_in", tag = "sign_in",
    params(("service" = String, Path, description = "Its name, as `GET /api/v1/instance` says it", max_length = 64),
        CallbackQuery),
    responses((status = 302, description = "To the console", headers(("Location" = String)))))]
pub async fn handle(
    operation: Operation,
    Path(service): Path<String>,
    Query(query): Query<CallbackQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let all = [("code", &query.code), ("state", &query.state), ("error", &query.error), ("iss", &query.iss)];
    if let Some((field, _)) =
        all.into_iter().find(|(_, value)| value.as_ref().is_some_and(|value| value.len() > BYTES_MAX))
    {
        return Err(Problem::invalid(field, format!("must have at most {BYTES_MAX} bytes")));
    }
    let settings = &operation.app.settings;
    let is_secure = settings.is_secure();
    let brought = Brought {
        code: query.code,
        state: query.state,
        error: query.error,
        issuer: query.iss,
        cookie: cookies::read(&headers, cookie_name(is_secure)).map(ToOwned::to_owned),
    };
    let ended = identities::finish(&operation, &service, brought).await?;
    // Always the console's first page: nobody's URL is followed.
    let to = [(header::LOCATION, HeaderValue::from_static("/"))];
    let mut response = (StatusCode::FOUND, to).into_response();
    let session = match &ended {
        Ended::SignedIn(begun) => {
            let seconds = u64::from(settings.session_hours) * 3_600;
            cookies::set(cookies::session_name(is_secure), &begun.secret, seconds, is_secure)
        }
        Ended::Linked => None,
    };
    let used = cookies::set(cookie_name(is_secure), "", 0, is_secure);
    for cookie in session.into_iter().chain(used) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}
