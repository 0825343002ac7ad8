//! How does a web server get batches?
//!
//! Each by POST: lines as `application/x-ndjson`, a checkpoint as `text/plain`. Headers say of which ledger, and which
//! lines. An answer of the 200s says that it has taken them. Redirects are not followed, so that the token goes
//! nowhere else.

use super::batch::{Batch, plain};
use super::failure::{Failure, Kind};
use super::{Content, CopySettings, paced};
use crate::config::SecretText;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use reqwest::{Client, Response, StatusCode, redirect};
use std::time::Duration;
use zeroize::Zeroizing;

/// Longest a connection takes to be made.
const CONNECT_MAX: Duration = Duration::from_secs(10);
/// Longest a request takes, its answer included.
const REQUEST_MAX: Duration = paced(Duration::from_secs(30), Duration::from_secs(4));
/// Most that is told of an answer that refuses, in bytes.
const REASON_BYTES_MAX: usize = 300;

/// A web server as a place.
#[derive(Debug)]
pub(super) struct Web {
    client: Client,
    url: Box<str>,
    token: Option<SecretText>,
}

impl Web {
    pub(super) fn new(url: &str, settings: &CopySettings) -> Result<Web, Failure> {
        let mut builder = Client::builder()
            .connect_timeout(CONNECT_MAX)
            .timeout(REQUEST_MAX)
            .redirect(redirect::Policy::none())
            .https_only(true)
            .user_agent(concat!("dragoman/", env!("CARGO_PKG_VERSION")));
        if let Some(tls) = &settings.tls {
            builder = builder.tls_backend_preconfigured(rustls::ClientConfig::clone(tls));
        }
        let client = builder.build().map_err(|error| Failure::of_connection(&error, Kind::Tls))?;
        Ok(Web { client, url: url.into(), token: settings.token.clone() })
    }

    /// Sends a batch; the server has taken it when this is fine.
    pub(super) async fn send(&self, batch: &Batch, content: Content, ledger: &str) -> Result<(), Failure> {
        let body = batch.whole();
        if body.is_empty() {
            return Ok(());
        }
        let kind = match content {
            Content::Checkpoints => "text/plain; charset=utf-8",
            Content::Records => "application/x-ndjson",
        };
        let line = |(writer, seq): (&str, u64)| format!("{}:{seq}", plain(writer));
        let mut request = self
            .client
            .post(&*self.url)
            .header(CONTENT_TYPE, kind)
            .header("Dragoman-Ledger", plain(ledger))
            .header("Dragoman-First", line((&batch.first.0, batch.first.1)))
            .header("Dragoman-Last", line((&batch.after.writer, batch.after.seq)))
            .body(body.to_vec());
        if let Some(token) = &self.token {
            let bearer = Zeroizing::new(format!("Bearer {}", token.reveal()));
            let cannot = |_| Failure::new(Kind::Refused, "the token cannot stand in a header");
            let mut authorization = HeaderValue::from_str(&bearer).map_err(cannot)?;
            authorization.set_sensitive(true);
            request = request.header(AUTHORIZATION, authorization);
        }
        let mut response = request.send().await.map_err(|error| failure(&error))?;
        let status = response.status();
        if status.is_success() {
            return Ok(());
        }
        let detail = format!("it answers {status}{}", reason(&mut response).await);
        let passes = status.is_server_error()
            || matches!(status, StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS);
        Err(Failure::new(if passes { Kind::Away } else { Kind::Refused }, detail))
    }
}

fn failure(error: &reqwest::Error) -> Failure {
    let otherwise = if error.is_timeout() {
        Kind::Silent
    } else if error.is_connect() {
        Kind::Away
    } else {
        Kind::BrokenOff
    };
    Failure::of_connection(error, otherwise)
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
    let words = text.split(|character: char| character.is_whitespace() || character.is_control());
    let words = words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    if words.is_empty() { words } else { format!(": {words}") }
}
