//! How do the words of the link travel over HTTP?
//!
//! JSON, posted to three addresses below the control plane's own, with a token. A connection is kept open;
//! redirects are not followed, so that the token goes nowhere else.

use crate::config::SecretText;
use control::{
    ANSWER_PATH, Answer, BODY_BYTES_MAX, CANCEL_PATH, CancelElsewhere, Carried, Carrier, CarrierError,
    Directions, LISTEN_PATH, Listening, PlaneAnswer, REPORT_PATH, Report,
};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use reqwest::{Client, Response, StatusCode, redirect};
use serde::Serialize;
use std::time::Duration;
use zeroize::Zeroizing;

/// Longest a connection takes to be made.
const CONNECT_MAX: Duration = Duration::from_secs(10);
/// Longest a request takes, the wait for what is new included.
const REQUEST_MAX: Duration = Duration::from_secs(60);
/// Most that is told of an answer that refuses, in bytes.
const REASON_BYTES_MAX: usize = 500;

/// The control plane at an address.
#[derive(Debug)]
pub struct HttpCarrier {
    client: Client,
    /// Without a slash at its end.
    url: String,
    token: SecretText,
}

impl HttpCarrier {
    /// The control plane at `url`, as `link.url` has it, which is shown `token`.
    pub fn new(url: &str, token: SecretText) -> Result<HttpCarrier, CarrierError> {
        let client = Client::builder()
            .connect_timeout(CONNECT_MAX)
            .timeout(REQUEST_MAX)
            .redirect(redirect::Policy::none())
            .user_agent(concat!("dragoman/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| CarrierError::Refused(causes(&error)))?;
        if url.starts_with("http://") {
            tracing::warn!(url, "the control plane is reached without TLS: the token can be read on the way");
        }
        Ok(HttpCarrier { client, url: url.trim_end_matches('/').to_owned(), token })
    }

    async fn post<T: Serialize + Sync>(&self, path: &str, words: &T) -> Result<Response, CarrierError> {
        let body = serde_json::to_vec(words).map_err(|error| CarrierError::Refused(error.to_string()))?;
        if body.len() > BODY_BYTES_MAX {
            return Err(CarrierError::Refused(format!("{} bytes are more than it takes", body.len())));
        }
        let bearer = Zeroizing::new(format!("Bearer {}", self.token.reveal()));
        let mut authorization = HeaderValue::from_str(&bearer)
            .map_err(|_| CarrierError::Refused("the token cannot stand in a header".to_owned()))?;
        authorization.set_sensitive(true);
        let request = self
            .client
            .post(format!("{}{path}", self.url))
            .header(AUTHORIZATION, authorization)
            .header(CONTENT_TYPE, "application/json")
            .body(body);
        let mut response = request.send().await.map_err(|error| CarrierError::Away(causes(&error)))?;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let reason = format!("{status}{}", reason(&mut response).await);
        let passes = matches!(status, StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS);
        Err(if status.is_client_error() && !passes {
            CarrierError::Refused(reason)
        } else {
            CarrierError::Away(reason)
        })
    }
}

impl Carrier for HttpCarrier {
    fn listen(&self, listening: Listening) -> Carried<'_, Directions> {
        Box::pin(async move {
            let mut response = self.post(LISTEN_PATH, &listening).await?;
            if response.status() == StatusCode::NO_CONTENT {
                return Ok(Directions::default());
            }
            let body = read(&mut response, BODY_BYTES_MAX).await?;
            serde_json::from_slice(&body).map_err(|error| {
                CarrierError::Refused(format!(
                    "what it says is not understood: {error}; is it of the same version?"
                ))
            })
        })
    }

    fn report(&self, report: Report) -> Carried<'_, ()> {
        Box::pin(async move { self.post(REPORT_PATH, &report).await.map(drop) })
    }

    fn cancel(&self, cancel: CancelElsewhere) -> Carried<'_, ()> {
        Box::pin(async move { self.post(CANCEL_PATH, &cancel).await.map(drop) })
    }

    fn answer(&self, plane: &str, answer: Answer) -> Carried<'_, ()> {
        let words = PlaneAnswer { plane: plane.to_owned(), answer };
        Box::pin(async move { self.post(ANSWER_PATH, &words).await.map(drop) })
    }
}

async fn read(response: &mut Response, most: usize) -> Result<Vec<u8>, CarrierError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| CarrierError::Away(causes(&error)))? {
        if body.len() + chunk.len() > most {
            return Err(CarrierError::Refused(format!("it says more than {most} bytes")));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Why it refused, in its own words, cut and on one line.
async fn reason(response: &mut Response) -> String {
    let mut body = Vec::new();
    while body.len() < REASON_BYTES_MAX
        && let Ok(Some(chunk)) = response.chunk().await
    {
        body.extend(chunk.iter().take(REASON_BYTES_MAX - body.len()));
    }
    let text = String::from_utf8_lossy(&body);
    let words: Vec<_> =
        text.split(|character: char| character.is_whitespace() || character.is_control()).collect();
    let words = words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    if words.is_empty() { words } else { format!(": {words}") }
}

/// An error with what caused it. The address in it is the settings' own and has no password.
fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}
