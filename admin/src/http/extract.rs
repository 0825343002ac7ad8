//! How does typed input come out of a request? Everything that cannot be read is a problem that says
//! where.

use crate::problem::{Code, Problem};
use axum::body::{Body, Bytes};
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::time::Duration;

/// A JSON body. Unknown fields are refused by the types themselves (`deny_unknown_fields`).
#[derive(Clone, Copy, Debug)]
pub struct Json<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Json<T>, Problem> {
        let kind = request
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        if !kind.eq_ignore_ascii_case("application/json") {
            return Err(Problem::new(Code::UnsupportedMediaType, "the body must be JSON")
                .with_hint("send the header `Content-Type: application/json`"));
        }
        let body = body(request, state).await?;
        read_json(&body).map(Json)
    }
}

/// Reads a JSON text into a type.
pub fn read_json<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    let mut value: Value = serde_json::from_slice(body)
        .map_err(|error| Problem::new(Code::BadRequest, format!("the body is not JSON: {error}")))?;
    refuse_nul(&value)?;
    // Types would take their fields from a list in order, which no description allows.
    if value.is_array() {
        return Err(Problem::invalid("body", "must be an object"));
    }
    make_whole(&mut value);
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = error.path().to_string();
        let field = if path == "." { "body".to_owned() } else { path };
        Problem::new(Code::Invalid, format!("`{field}` cannot be used"))
            .with_error(field, error.inner().to_string())
    })
}

/// For a field that may be left out and may not be null: of a change, where what is left out stays.
pub fn present<'de, T: serde::Deserialize<'de>, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// Longest time that a body takes to come.
const BODY_LIMIT: Duration = Duration::from_secs(60);

/// What comes in time; nobody holds a connection and its memory by sending a byte now and then.
async fn within<T>(limit: Duration, body: impl Future<Output = T>) -> Result<T, Problem> {
    tokio::time::timeout(limit, body).await.map_err(|_| {
        Problem::new(Code::BadRequest, "the body did not come in time")
            .with_hint(format!("a body has {} seconds", limit.as_secs()))
    })
}

/// A body, unless it has more than `bytes_max`.
pub(super) async fn whole(body: Body, bytes_max: usize) -> Result<Option<Bytes>, Problem> {
    Ok(within(BODY_LIMIT, axum::body::to_bytes(body, bytes_max)).await?.ok())
}

/// The bytes of a body of any kind, within the bound that the layers set.
pub async fn body<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Problem> {
    within(BODY_LIMIT, Bytes::from_request(request, state)).await?.map_err(|rejection| match rejection {
        BytesRejection::FailedToBufferBody(failed) if failed.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            Problem::new(Code::TooLarge, "the body is too large")
        }
        _ => Problem::new(Code::BadRequest, "the body could not be read to its end"),
    })
}

/// Whole numbers are whole however they are written: to JSON Schema `90.0` is an integer (draft 2020-12,
/// Validation, section 6.1.1).
fn make_whole(value: &mut Value) {
    /// The integers that a double holds exactly.
    const EXACT_MAX: f64 = 9_007_199_254_740_992.0;
    let mut left = vec![value];
    while let Some(value) = left.pop() {
        match value {
            Value::Number(number) if number.is_f64() => {
                let whole = number.as_f64().filter(|it| it.fract() == 0.0 && it.abs() <= EXACT_MAX);
                if let Some(whole) = whole {
                    #[allow(
                        clippy::cast_possible_truncation,
                        reason = "it is whole and within what an integer holds"
                    )]
                    let whole = whole as i64;
                    *number = whole.into();
                }
            }
            Value::Array(values) => left.extend(values),
            Value::Object(fields) => left.extend(fields.values_mut()),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
}

/// PostgreSQL's text cannot hold the character NUL, and no name of anything does.
fn refuse_nul(value: &Value) -> Result<(), Problem> {
    let mut left = vec![value];
    while let Some(value) = left.pop() {
        match value {
            Value::String(text) if text.contains('\0') => return Err(has_nul()),
            Value::Array(values) => left.extend(values),
            Value::Object(fields) => {
                if fields.keys().any(|key| key.contains('\0')) {
                    return Err(has_nul());
                }
                left.extend(fields.values());
            }
            Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
    Ok(())
}

fn has_nul() -> Problem {
    Problem::new(Code::Invalid, "a text holds the character U+0000, which nothing here can hold")
}

/// What stands behind `?`. Unknown names are refused by the types themselves.
#[derive(Clone, Copy, Debug)]
pub struct Query<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Query<T>, Problem> {
        if parts.uri.query().is_some_and(|query| query.contains("%00")) {
            return Err(has_nul());
        }
        match axum::extract::Query::<T>::from_request_parts(parts, state).await {
            Ok(axum::extract::Query(query)) => Ok(Query(query)),
            Err(rejection) => Err(of_query(&rejection.body_text())),
        }
    }
}

/// What is wrong with which parameter, from the words of the framework: `…: limit: invalid digit found in
/// string`, or a parameter that stands in the message itself.
fn of_query(told: &str) -> Problem {
    let told = told.strip_prefix("Failed to deserialize query string: ").unwrap_or(told);
    let is_name = |text: &str| {
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    if let Some((field, message)) = told.split_once(": ").filter(|(field, _)| is_name(field)) {
        return Problem::invalid(field, message);
    }
    let named = ["unknown field `", "missing field `", "duplicate field `"]
        .iter()
        .find_map(|before| told.strip_prefix(before)?.split_once('`'));
    match named {
        Some((field, _)) => Problem::invalid(field, told),
        None => Problem::new(Code::Invalid, told.to_owned()),
    }
}

/// What stands in the path. What cannot be an id names nothing.
#[derive(Clone, Copy, Debug)]
pub struct Path<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Path<T>, Problem> {
        if parts.uri.path().contains("%00") {
            return Err(Problem::not_found("thing"));
        }
        match axum::extract::Path::<T>::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(path)) => Ok(Path(path)),
            Err(_) => Err(Problem::not_found("thing")),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[tokio::test]
    async fn a_body_that_does_not_end_is_not_waited_for() {
        let endless = Body::from_stream(futures_util::stream::pending::<Result<Bytes, std::io::Error>>());
        let reading = axum::body::to_bytes(endless, 100);
        let problem = within(Duration::from_millis(20), reading).await.unwrap_err();
        assert_eq!(problem.code(), Code::BadRequest);
        assert_eq!(whole(Body::from("ab"), 2).await.unwrap().unwrap(), "ab");
        assert_eq!(whole(Body::from("abc"), 2).await.unwrap(), None);
    }
}
