//! What happens to every request, whatever it asks?

use super::caller::Who;
use crate::operation::RequestFacts;
use crate::plane::App;
use crate::problem::{Code, Problem};
use admin_store::Id;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::net::SocketAddr;
use std::time::Instant;

/// The header with the request's id.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Largest body of a request; uploads have a bound of their own.
pub const BODY_BYTES_MAX: usize = 2 * 1024 * 1024;
/// Longest part of a `User-Agent` that is kept.
const USER_AGENT_BYTES_MAX: usize = 256;

/// The outermost layer: names the request, turns problems into documents, writes the log's line.
pub async fn outermost(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = Id::new().to_string();
    let facts = RequestFacts {
        id: id.clone(),
        address: request.extensions().get::<ConnectInfo<SocketAddr>>().map(|from| from.0.ip().to_canonical()),
        user_agent: user_agent(&request),
    };
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let is_api = path.starts_with("/api/");
    request.extensions_mut().insert(facts);
    let mut response = next.run(request).await;
    finish_problem(&mut response, &id, is_api);
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, value);
    }
    settle_headers(headers, &app, is_api);
    log(&method, &path, started, &id, &response);
    response
}

fn user_agent(request: &Request) -> String {
    let told =
        request.headers().get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    told.chars().filter(|character| !character.is_control()).take(USER_AGENT_BYTES_MAX).collect()
}

/// A problem becomes its document here, where the request's id is known. Answers of the framework
/// itself (no such path, wrong method) become problems too.
fn finish_problem(response: &mut Response, id: &str, is_api: bool) {
    if response.extensions().get::<Problem>().is_none() {
        let problem = match response.status() {
            StatusCode::METHOD_NOT_ALLOWED => {
                Problem::new(Code::MethodNotAllowed, "this path does not know this method")
                    .with_hint("see the header `Allow`, and /api/docs")
            }
            StatusCode::NOT_FOUND if is_api && !has_body_type(response) => {
                Problem::new(Code::NotFound, "there is nothing at this path").with_hint("see /api/docs")
            }
            StatusCode::PAYLOAD_TOO_LARGE => Problem::new(Code::TooLarge, "the body is too large"),
            StatusCode::REQUEST_TIMEOUT => Problem::new(Code::Timeout, "the request took too long"),
            _ => return,
        };
        response.extensions_mut().insert(problem);
    }
    let Some(problem) = response.extensions().get::<Problem>().cloned() else { return };
    let text = serde_json::to_vec(&problem.document(Some(id))).unwrap_or_default();
    response.headers_mut().remove(header::CONTENT_LENGTH);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    if problem.code() == Code::Unauthenticated {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    *response.body_mut() = Body::from(text);
}

fn has_body_type(response: &Response) -> bool {
    response.headers().contains_key(header::CONTENT_TYPE)
}

/// Nothing here is for other sites, and nothing of the API for caches.
fn settle_headers(headers: &mut axum::http::HeaderMap, app: &App, is_api: bool) {
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    if app.settings.is_secure() {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    if is_api {
        headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    }
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"));
}

/// One line a request, without what stands behind `?`: that may be a secret.
/// Changes are told of; reads, and the reports that data planes send all the time, only to who looks closer.
fn log(method: &Method, path: &str, started: Instant, request: &str, response: &Response) {
    let took_us = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
    let (status, problem) = (response.status().as_u16(), response.extensions().get::<Problem>());
    let by = response.extensions().get::<Who>();
    let is_change = matches!(*method, Method::POST | Method::PUT | Method::PATCH | Method::DELETE);
    let who = by.map_or_else(|| "nobody".to_owned(), ToString::to_string);
    match problem.and_then(Problem::cause) {
        Some(cause) => {
            let code = problem.map(|problem| problem.code().as_str());
            tracing::error!(%method, path, status, who, took_us, request, code, cause, "request failed");
        }
        None if is_change && by != Some(&Who::Plane) => {
            tracing::info!(%method, path, status, who, took_us, request, "request");
        }
        None => tracing::debug!(%method, path, status, who, took_us, request, "request"),
    }
}

/// Nothing is at this path.
pub async fn nothing_here() -> Response {
    Problem::new(Code::NotFound, "there is nothing at this path").with_hint("see /api/docs").into_response()
}
