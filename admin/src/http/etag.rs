//! Which version does somebody have, and which do they change?

use crate::problem::{Code, Problem};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// A version as an entity tag (RFC 9110 section 8.8.3).
pub fn tag(version: i64) -> HeaderValue {
    HeaderValue::from_str(&format!("\"{version}\"")).unwrap_or(HeaderValue::from_static("\"0\""))
}

/// An answer with its version.
pub fn answer<T: Serialize>(status: StatusCode, version: i64, view: T) -> Response {
    let mut response = (status, axum::Json(view)).into_response();
    response.headers_mut().insert(header::ETAG, tag(version));
    response
}

/// The same for what was just made, which is at `location` from now on.
pub fn made<T: Serialize>(location: &str, version: i64, view: T) -> Response {
    let mut response = answer(StatusCode::CREATED, version, view);
    if let Ok(location) = HeaderValue::from_str(location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

/// The version that a change is made to: the header `If-Match`, which must be there.
pub fn expected(headers: &HeaderMap) -> Result<i64, Problem> {
    let missing = || {
        Problem::new(Code::PreconditionRequired, "a change needs the header `If-Match`")
            .with_hint("read it first and send the value of its `ETag` header")
    };
    let value = headers.get(header::IF_MATCH).ok_or_else(missing)?;
    let text = value.to_str().map_err(|_| missing())?.trim();
    let version = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or_default();
    version.parse().map_err(|_| {
        Problem::new(Code::Changed, "the value of `If-Match` is not one this server gives")
            .with_hint("read it first and send the value of its `ETag` header")
    })
}

/// Whether who asks has this version already (`If-None-Match`).
pub fn is_known(headers: &HeaderMap, tag: &HeaderValue) -> bool {
    headers.get_all(header::IF_NONE_MATCH).iter().any(|value| {
        value.as_bytes() == b"*"
            || value.to_str().is_ok_and(|list| {
                list.split(',').any(|one| one.trim().trim_start_matches("W/").as_bytes() == tag.as_bytes())
            })
    })
}
