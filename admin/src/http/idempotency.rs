//! What if a request that makes something is sent twice? With the header `Idempotency-Key` the second
//! one is given the first one's answer, and nothing is made twice.

use crate::operation::{Caller, Via};
use crate::plane::App;
use crate::problem::{Code, Problem};
use admin_store::idempotency::{self, Claim};
use admin_store::{Id, now_us};
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt, stream};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// Longest key.
const KEY_BYTES_MAX: usize = 200;
/// Largest answer that is kept for a second request.
const ANSWER_BYTES_MAX: usize = 256 * 1024;
/// How long a key is remembered: a day, in microseconds.
const KEPT_US: i64 = 24 * 3_600_000_000;

/// Marks an answer that holds a secret: the state must not keep it, so a second request is done anew.
#[derive(Clone, Copy, Debug)]
pub struct HoldsSecret;

/// The layer for POST requests of people.
pub async fn remember(State(app): State<App>, request: Request, next: Next) -> Response {
    match remembered(&app, request, next).await {
        Ok(response) => response,
        Err(problem) => problem.into_response(),
    }
}

async fn remembered(app: &App, request: Request, next: Next) -> Result<Response, Problem> {
    let key = request.headers().get("idempotency-key").cloned();
    // A token that may little must not be told what its person's session or another token was told.
    let (person, token) = match request.extensions().get::<Caller>() {
        Some(Caller::Person(person)) => match person.via {
            Via::Session { .. } => (Some(person.user.id), [0; 16]),
            Via::Token { id, .. } => (Some(person.user.id), id.array()),
        },
        _ => (None, [0; 16]),
    };
    let (Some(key), Some(person), Method::POST) = (key, person, request.method().clone()) else {
        return Ok(next.run(request).await);
    };
    let bad = |why| Problem::invalid("Idempotency-Key", why);
    let key = key.to_str().map_err(|_| bad("must be visible ASCII characters"))?.to_owned();
    if key.is_empty() || key.len() > KEY_BYTES_MAX {
        return Err(bad("must have from 1 to 200 characters"));
    }
    let (parts, body) = request.into_parts();
    let whole = super::extract::whole(body, super::layers::BODY_BYTES_MAX).await?;
    let body = whole
        .ok_or_else(|| Problem::new(Code::TooLarge, "a request with an idempotency key may have 2 MiB"))?;
    let asked = Asked {
        person,
        endpoint: format!("POST {}", parts.uri.path()),
        key: digest(&[key.as_bytes(), &token]),
        content: digest(&[parts.uri.query().unwrap_or_default().as_bytes(), &body]),
    };
    let now = now_us();
    let mut tx = app.store.write().await?;
    let claim = idempotency::claim(&mut tx, &asked.request(), now, now + KEPT_US).await?;
    tx.commit().await?;
    match claim {
        Claim::New => {}
        Claim::Working => {
            return Err(Problem::new(
                Code::IdempotencyBusy,
                "the first request with this key is still at work",
            )
            .with_retry_after(1));
        }
        Claim::Different => {
            return Err(Problem::new(
                Code::IdempotencyReused,
                "this key was used for a request that asked something else",
            )
            .with_hint("use a new key for every new request"));
        }
        Claim::Answered { status, response } => return Ok(again(status, response)),
    }
    // Done to its end even if nobody waits for the answer any more: whoever asks again finds it.
    let (app, asked) = (app.clone(), Arc::new(asked));
    let working = tokio::spawn({
        let (app, asked) = (app.clone(), Arc::clone(&asked));
        async move {
            let response = next.run(Request::from_parts(parts, Body::from(body))).await;
            keep(&app, &asked, response).await
        }
    });
    let ended = working.await.unwrap_or_else(|error| {
        Err(Problem::new(Code::Internal, "the request ended without an answer").with_cause(error))
    });
    if ended.is_err() {
        // Else whoever tries again would be told for a day that it is still at work.
        release(&app, &asked).await?;
    }
    ended
}

/// Gives the key back: whoever sends it again has it done anew.
async fn release(app: &App, asked: &Asked) -> Result<(), Problem> {
    let mut tx = app.store.write().await?;
    idempotency::release(&mut tx, &asked.request()).await?;
    tx.commit().await?;
    Ok(())
}

/// A request, by what tells it from others.
struct Asked {
    person: Id,
    endpoint: String,
    key: [u8; 32],
    content: [u8; 32],
}

impl Asked {
    fn request(&self) -> idempotency::Request<'_> {
        idempotency::Request {
            caller: Some(self.person),
            endpoint: &self.endpoint,
            key_hash: &self.key,
            request_hash: &self.content,
        }
    }
}

fn digest(parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part.len().to_be_bytes());
        hasher.update(part);
    }
    hasher.finalize().into()
}

/// The first answer, again.
fn again(status: i64, body: Vec<u8>) -> Response {
    let status = u16::try_from(status)
        .ok()
        .and_then(|status| StatusCode::from_u16(status).ok())
        .unwrap_or(StatusCode::OK);
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert("idempotent-replay", HeaderValue::from_static("true"));
    response
}

/// What was made is remembered; what failed is not, so that it can be tried again. Nor is a file, which may
/// be anything that a database holds, or what is too large: it is given, and done anew when asked for again.
async fn keep(app: &App, asked: &Asked, response: Response) -> Result<Response, Problem> {
    let headers = response.headers();
    let is_json = headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
    let is_left = response.extensions().get::<HoldsSecret>().is_some()
        || headers.contains_key(header::CONTENT_DISPOSITION);
    let is_made = response.status().is_success() && (is_json || response.status() == StatusCode::NO_CONTENT);
    if is_left || !is_made {
        release(app, asked).await?;
        return Ok(response);
    }
    let (parts, body) = response.into_parts();
    match held(body).await? {
        Held::Whole(body) => {
            let mut tx = app.store.write().await?;
            idempotency::finish(&mut tx, &asked.request(), parts.status.as_u16().into(), &body).await?;
            tx.commit().await?;
            Ok(Response::from_parts(parts, Body::from(body)))
        }
        Held::TooLarge(body) => {
            release(app, asked).await?;
            Ok(Response::from_parts(parts, body))
        }
    }
}

/// An answer's body.
enum Held {
    Whole(Bytes),
    /// What was read of it already, and the rest.
    TooLarge(Body),
}

async fn held(body: Body) -> Result<Held, Problem> {
    let mut rest = body.into_data_stream();
    let (mut read, mut length) = (Vec::new(), 0_usize);
    while let Some(chunk) = rest.next().await {
        let chunk =
            chunk.map_err(|error| Problem::new(Code::Internal, "the answer broke off").with_cause(error))?;
        length = length.saturating_add(chunk.len());
        read.push(chunk);
        if length > ANSWER_BYTES_MAX {
            return Ok(Held::TooLarge(Body::from_stream(stream::iter(read.into_iter().map(Ok)).chain(rest))));
        }
    }
    Ok(Held::Whole(read.concat().into()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;

    async fn read(body: Body) -> (bool, usize) {
        match held(body).await.unwrap() {
            Held::Whole(body) => (true, body.len()),
            Held::TooLarge(body) => (false, axum::body::to_bytes(body, usize::MAX).await.unwrap().len()),
        }
    }

    #[tokio::test]
    async fn an_answer_that_is_too_large_is_given_whole_and_not_kept() {
        let chunk = || Ok::<_, std::io::Error>(Bytes::from_static(&[b'x'; 1_024]));
        let chunks = |many: usize| Body::from_stream(stream::iter((0..many).map(move |_| chunk())));
        assert_eq!(read(Body::empty()).await, (true, 0));
        assert_eq!(read(chunks(256)).await, (true, 256 * 1_024));
        assert_eq!(read(chunks(257)).await, (false, 257 * 1_024));
        assert_eq!(read(chunks(1_000)).await, (false, 1_000 * 1_024));
    }
}
