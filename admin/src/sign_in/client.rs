//! How are other services asked? Within bounds: no redirects, a few seconds, a megabyte.

use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use std::pin::Pin;
use std::time::Duration;

/// Longest wait for an answer.
const ANSWER_WAIT: Duration = Duration::from_secs(10);
/// Largest answer.
const ANSWER_BYTES_MAX: usize = 1024 * 1024;

/// Why a service was not asked or did not answer.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The question or the answer did not get through.
    #[error("{}", reason(.0))]
    Lost(#[from] reqwest::Error),
    /// The answer is too large.
    #[error("the answer has more than 1 MiB")]
    TooLarge,
    /// The answer cannot be put together.
    #[error("the answer cannot be read: {0}")]
    Unreadable(#[from] openidconnect::http::Error),
}

/// Without the URL, which may hold a code; with what lies beneath.
fn reason(error: &reqwest::Error) -> String {
    let mut text = if error.is_timeout() { "no answer in time" } else { "it cannot be reached" }.to_owned();
    let mut cause = std::error::Error::source(error);
    while let Some(one) = cause {
        text.push_str(": ");
        text.push_str(&one.to_string());
        cause = one.source();
    }
    text
}

/// Asks other services.
#[derive(Clone, Debug)]
pub struct Http(reqwest::Client);

impl Http {
    /// A client.
    pub fn new() -> Result<Http, reqwest::Error> {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(ANSWER_WAIT)
            .user_agent(concat!("dragoman/", env!("CARGO_PKG_VERSION")))
            .build()?;
        Ok(Http(client))
    }

    /// What asks.
    pub fn client(&self) -> &reqwest::Client {
        &self.0
    }

    /// The body of an answer, within bounds.
    pub async fn body(mut answer: reqwest::Response) -> Result<Vec<u8>, HttpError> {
        let mut body = Vec::new();
        while let Some(part) = answer.chunk().await.map_err(reqwest::Error::without_url)? {
            body.extend_from_slice(&part);
            if body.len() > ANSWER_BYTES_MAX {
                return Err(HttpError::TooLarge);
            }
        }
        Ok(body)
    }
}

impl<'c> AsyncHttpClient<'c> for Http {
    type Error = HttpError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, HttpError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move {
            let request = reqwest::Request::try_from(request)?;
            let answer = self.0.execute(request).await.map_err(reqwest::Error::without_url)?;
            let mut response = openidconnect::http::Response::builder().status(answer.status());
            if let Some(headers) = response.headers_mut() {
                headers.clone_from(answer.headers());
            }
            Ok(response.body(Http::body(answer).await?)?)
        })
    }
}
