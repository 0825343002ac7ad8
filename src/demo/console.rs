//! How does the demo's control plane come to have a person, a token and the shop's connection? Through its
//! own API, as anybody would make them.

use super::place::Place;
use super::secret::{self, NoRandom, random_text};
use super::shop::{APPLICATION, DATABASE, PASSWORD};
use crate::planes::Control;
use reqwest::{Client, Method, StatusCode, header};
use serde_json::{Value, json};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Whom the demo's admin is called.
pub(super) const EMAIL: &str = "admin@demo.example";
/// The listeners' workspace.
const WORKSPACE: &str = "default";
/// Longest the control plane takes for one answer here.
const ANSWER_MAX: Duration = Duration::from_secs(30);

/// Why the control plane has nobody and nothing in it. The demo goes on without.
#[derive(Debug, thiserror::Error)]
pub(super) enum ConsoleError {
    /// It could not be asked.
    #[error("the control plane cannot be asked: {0}")]
    Asked(#[from] reqwest::Error),
    /// It said no.
    #[error("the control plane refused `{what}`: {why}")]
    Refused {
        /// What was asked.
        what: String,
        /// Its own words.
        why: String,
    },
    /// A file could not be written.
    #[error("cannot write `{}`: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A password cannot be made.
    #[error(transparent)]
    NoRandom(#[from] NoRandom),
}

/// What somebody needs to sign in, and to ask the API.
#[derive(Debug)]
pub(super) struct Entry {
    /// The file with the admin's e-mail and, on its last line, the password.
    pub(super) admin: PathBuf,
    /// The file of a token.
    pub(super) token: PathBuf,
}

/// Makes the admin, a token and the shop's connection on the first start; answers where it wrote them down.
pub(super) async fn prepare(
    control: &Control,
    link: Option<String>,
    place: &Place,
) -> Result<Entry, ConsoleError> {
    let entry = Entry { admin: place.root().join("admin"), token: place.root().join("token") };
    let Some(secret) =
        link.as_deref().and_then(|link| link.split_once('#')).map(|(_, secret)| secret.to_owned())
    else {
        return Ok(entry);
    };
    let console = Console::at(format!("http://{}", control.address()))?;
    let password = random_text()?;
    let person = json!({ "email": EMAIL, "name": "Demo admin", "password": password });
    let console = console.signed_in(&json!({ "token": secret, "person": person })).await?;
    write(&entry.admin, &format!("{EMAIL}\n{password}\n"))?;
    let capabilities = admin::access::Capability::ALL.iter().map(|one| one.as_str());
    let scopes: Vec<&str> = capabilities.chain([admin::http::caller::SCOPE_PROFILE]).collect();
    let draft = json!({ "name": "the demo's own", "scopes": scopes, "expires_in_days": 366 });
    let made = console.post("/api/v1/tokens", &draft).await?;
    write(&entry.token, made["secret"].as_str().unwrap_or_default())?;
    let connection = json!({
        "name": "shop",
        "kind": "postgres",
        "via": "shop",
        "database": DATABASE,
        "user": APPLICATION,
        "password": PASSWORD,
        "environment": "production",
    });
    // Its schema is read at once, in the background.
    console.post(&format!("/api/v1/workspaces/{WORKSPACE}/connections"), &connection).await?;
    Ok(entry)
}

/// The API, asked by somebody.
struct Console {
    http: Client,
    url: String,
    cookie: String,
    csrf: String,
}

impl Console {
    fn at(url: String) -> Result<Console, ConsoleError> {
        let http = Client::builder().no_proxy().timeout(ANSWER_MAX).build()?;
        Ok(Console { http, url, cookie: String::new(), csrf: String::new() })
    }

    /// Takes the one-time link.
    async fn signed_in(mut self, draft: &Value) -> Result<Console, ConsoleError> {
        let response = self.http.post(format!("{}/api/v1/setup", self.url)).json(draft).send().await?;
        let cookie = response.headers().get(header::SET_COOKIE).and_then(|cookie| cookie.to_str().ok());
        let cookie = cookie.and_then(|cookie| cookie.split(';').next()).unwrap_or_default().to_owned();
        let said = answer("setup", response).await?;
        self.csrf = said["csrf_token"].as_str().unwrap_or_default().to_owned();
        self.cookie = cookie;
        Ok(self)
    }

    async fn post(&self, path: &str, body: &Value) -> Result<Value, ConsoleError> {
        let request = self.http.request(Method::POST, format!("{}{path}", self.url));
        let request = request.header(header::COOKIE, &self.cookie).header("x-csrf-token", &self.csrf);
        answer(path, request.json(body).send().await?).await
    }
}

async fn answer(what: &str, response: reqwest::Response) -> Result<Value, ConsoleError> {
    let status = response.status();
    let text = response.text().await?;
    let said: Value = serde_json::from_str(&text).unwrap_or_default();
    if status.is_success() || status == StatusCode::NO_CONTENT {
        return Ok(said);
    }
    let why = said["detail"].as_str().map_or_else(|| status.to_string(), ToOwned::to_owned);
    Err(ConsoleError::Refused { what: what.to_owned(), why })
}

fn write(path: &Path, text: &str) -> Result<(), ConsoleError> {
    secret::write(path, text).map_err(|source| ConsoleError::File { path: path.to_owned(), source })
}
