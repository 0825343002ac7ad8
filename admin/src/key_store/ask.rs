//! How is a secret store asked? Over TLS, or on this machine only; within bounds of time, of bytes and of
//! attempts; and never a redirect is followed, for a token stands in each request.

use super::fault::{KeyStoreError, passes};
use crate::settings::KeyStore as Settings;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Certificate, Client, Method};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::net::IpAddr;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use zeroize::Zeroizing;

/// Largest answer, in bytes: a wrapped key has a few hundred.
const ANSWER_BYTES_MAX: usize = 64 * 1024;
/// How often one thing is asked for.
const ATTEMPTS: u32 = 3;
/// Wait before the second attempt; four times as long before the third.
const FIRST_WAIT: Duration = Duration::from_millis(100);
/// How long a store that did not answer is left alone: so many who need it do not each wait for it.
const LEFT_ALONE: Duration = Duration::from_secs(2);
/// Most of a store's own words that are told, in characters.
const SAID_MAX: usize = 200;
/// Largest file of a token, in bytes.
const TOKEN_BYTES_MAX: u64 = 64 * 1024;

/// One question.
pub(super) struct Question<'a> {
    /// How.
    pub method: Method,
    /// What stands behind the address of the store.
    pub path: &'a str,
    /// Who asks.
    pub headers: HeaderMap,
    /// What.
    pub body: Option<Zeroizing<Vec<u8>>>,
    /// What helps when it may not, and when there is no such thing.
    pub hints: Hints<'a>,
}

/// What helps when a store refuses.
#[derive(Clone, Copy)]
pub(super) struct Hints<'a> {
    /// After 401 and 403.
    pub may_not: &'a str,
    /// After 404.
    pub is_not: &'a str,
    /// After 400.
    pub cannot: &'a str,
}

/// Asks one secret store.
pub(super) struct Asking {
    http: Client,
    url: String,
    silent: Mutex<Option<(Instant, KeyStoreError)>>,
}

impl Asking {
    /// The store the settings name.
    pub(super) fn new(settings: &Settings) -> Result<Asking, KeyStoreError> {
        let url = settings.url.trim_end_matches('/').to_owned();
        let is_here = is_loopback(&url);
        if !url.starts_with("https://") && !is_here {
            let why = "keys and tokens pass there, and `http://` is taken for this machine only; write `https://` in `url`";
            return Err(KeyStoreError::Settings(why.to_owned()));
        }
        let mut builder = Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(settings.timeout)
            .user_agent(concat!("dragoman/", env!("CARGO_PKG_VERSION")));
        if is_here {
            builder = builder.no_proxy();
        }
        if let Some(ca) = &settings.ca {
            let failed = |cause: &dyn std::fmt::Display| KeyStoreError::File {
                path: ca.display().to_string(),
                cause: cause.to_string(),
            };
            let pem = std::fs::read(ca).map_err(|error| failed(&error))?;
            let authorities = Certificate::from_pem_bundle(&pem).map_err(|error| failed(&error))?;
            if authorities.is_empty() {
                return Err(failed(&"it holds no certificate as PEM"));
            }
            builder = builder.tls_certs_only(authorities);
        }
        let http = builder.build().map_err(|error| KeyStoreError::Settings(reason(&error)))?;
        Ok(Asking { http, url, silent: Mutex::default() })
    }

    /// Asks, again where that may help.
    pub(super) async fn ask<T: DeserializeOwned>(&self, question: Question<'_>) -> Result<T, KeyStoreError> {
        if let Some(error) = self.just_failed() {
            return Err(error);
        }
        let mut wait = FIRST_WAIT;
        let mut attempt = 1;
        loop {
            match self.once(&question).await {
                Err(error) if error.passes() && attempt < ATTEMPTS => {
                    attempt += 1;
                    tokio::time::sleep(wait).await;
                    wait *= 4;
                }
                Err(error) => {
                    if error.passes() {
                        self.set_silent(Some((Instant::now(), error.clone())));
                    }
                    return Err(error);
                }
                Ok(body) => {
                    self.set_silent(None);
                    // What the body holds may be a key: the parser's words, which may repeat it, are not told.
                    return serde_json::from_slice(&body).map_err(|_| self.unreadable());
                }
            }
        }
    }

    /// Its answer cannot be read.
    pub(super) fn unreadable(&self) -> KeyStoreError {
        KeyStoreError::Unreadable { url: self.url.clone() }
    }

    fn just_failed(&self) -> Option<KeyStoreError> {
        let silent = self.silent.lock().unwrap_or_else(PoisonError::into_inner);
        silent.as_ref().filter(|(since, _)| since.elapsed() < LEFT_ALONE).map(|(_, error)| error.clone())
    }

    fn set_silent(&self, silent: Option<(Instant, KeyStoreError)>) {
        *self.silent.lock().unwrap_or_else(PoisonError::into_inner) = silent;
    }

    async fn once(&self, question: &Question<'_>) -> Result<Zeroizing<Vec<u8>>, KeyStoreError> {
        let away =
            |error: reqwest::Error| KeyStoreError::Away { url: self.url.clone(), cause: reason(&error) };
        let address = format!("{}{}", self.url, question.path);
        let mut request =
            self.http.request(question.method.clone(), address).headers(question.headers.clone());
        if let Some(body) = &question.body {
            request = request.header(CONTENT_TYPE, "application/json").body(body.to_vec());
        }
        let mut answer = request.send().await.map_err(away)?;
        let status = answer.status().as_u16();
        let mut body = Zeroizing::new(Vec::new());
        while let Some(part) = answer.chunk().await.map_err(away)? {
            body.extend_from_slice(&part);
            if body.len() > ANSWER_BYTES_MAX {
                return Err(self.unreadable());
            }
        }
        match status {
            200..=299 => Ok(body),
            _ => Err(self.refused(status, &body, question.hints)),
        }
    }

    fn refused(&self, status: u16, body: &[u8], hints: Hints<'_>) -> KeyStoreError {
        let hint = match status {
            400 => hints.cannot,
            401 | 403 => hints.may_not,
            404 => hints.is_not,
            503 => "it is sealed or does not work now: unseal it, or wait",
            _ if passes(status) => "it does not work now; it will be asked again",
            _ => "look whether `url` leads to it",
        };
        KeyStoreError::Refused { url: self.url.clone(), status, said: said(body), hint: hint.to_owned() }
    }
}

/// A token, or another secret, from the file it is in now.
pub(super) fn secret_of(path: &Path) -> Result<Zeroizing<String>, KeyStoreError> {
    let failed = |cause: &dyn std::fmt::Display| KeyStoreError::File {
        path: path.display().to_string(),
        cause: cause.to_string(),
    };
    let size = std::fs::metadata(path).map_err(|error| failed(&error))?.len();
    if size > TOKEN_BYTES_MAX {
        return Err(failed(&"it is too large for a token"));
    }
    let text = Zeroizing::new(std::fs::read_to_string(path).map_err(|error| failed(&error))?);
    let text = Zeroizing::new(text.trim().to_owned());
    if text.is_empty() { Err(failed(&"it is empty")) } else { Ok(text) }
}

/// A header that no log shows.
pub(super) fn secret_header(text: &str) -> Result<HeaderValue, KeyStoreError> {
    let value = HeaderValue::from_str(text);
    let mut value = value
        .map_err(|_| KeyStoreError::Settings("the token has characters that no token has".to_owned()))?;
    value.set_sensitive(true);
    Ok(value)
}

/// What is sent, in memory that is wiped.
pub(super) fn body_of(value: &impl Serialize) -> Result<Option<Zeroizing<Vec<u8>>>, KeyStoreError> {
    let body = serde_json::to_vec(value);
    body.map(|body| Some(Zeroizing::new(body))).map_err(|error| KeyStoreError::Settings(error.to_string()))
}

/// Names in a path of the store. What cannot be one is no part of an address.
pub(super) fn checked<'a>(what: &str, text: &'a str) -> Result<&'a str, KeyStoreError> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':');
    let is_part = |part: &str| !part.is_empty() && !matches!(part, "." | "..") && part.bytes().all(plain);
    if text.len() <= 512 && text.split('/').all(is_part) {
        return Ok(text);
    }
    Err(KeyStoreError::Settings(format!(
        "`{what}` is not a name; use letters, digits, `.`, `-`, `_` and `:`, with `/` between parts"
    )))
}

/// Without the address, which may hold names; with what lies beneath.
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

/// The store's own words: Vault's `errors`, a key service's `error.message`.
fn said(body: &[u8]) -> String {
    let value: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    let errors = value["errors"].as_array().into_iter().flatten().filter_map(|one| one.as_str());
    let message = value["error"]["message"].as_str();
    let words: Vec<&str> = errors.chain(message).collect();
    let plain = |one: char| if one.is_control() { ' ' } else { one };
    words.join(", ").chars().map(plain).take(SAID_MAX).collect()
}

fn is_loopback(url: &str) -> bool {
    let parsed = openidconnect::url::Url::parse(url).ok();
    let host = parsed.as_ref().and_then(|url| url.host_str()).unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_asked_without_tls() {
        for url in ["http://127.0.0.1:8200", "http://[::1]:8200", "http://localhost"] {
            assert!(is_loopback(url), "{url}");
        }
        for url in ["http://127.0.0.1.example.com", "http://10.0.0.1", "http://localhost.example.com", "x"] {
            assert!(!is_loopback(url), "{url}");
        }
    }

    #[test]
    fn a_name_leads_to_no_other_path() {
        for good in ["dragoman", "team/dragoman", "projects/p.x:y/locations/global/keyRings/r/cryptoKeys/k"] {
            assert!(checked("key", good).is_ok(), "{good}");
        }
        for bad in ["", "/a", "a/", "a//b", "../sys/seal", "a/../b", "a?b", "a#b", "a%2e", "a b", "ä"] {
            assert!(checked("key", bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_stores_own_words_are_cut_and_plain() {
        let said_of = |text: &str| said(text.as_bytes());
        assert_eq!(said_of(r#"{"errors":["permission\ndenied"]}"#), "permission denied");
        assert_eq!(said_of(r#"{"error":{"message":"no such key"}}"#), "no such key");
        assert_eq!(said_of("<html>"), "");
        assert_eq!(said_of(&format!(r#"{{"errors":["{}"]}}"#, "x".repeat(999))).len(), SAID_MAX);
    }
}
