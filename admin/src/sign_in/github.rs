//! Who does GitHub say somebody is? It speaks OAuth 2.0 and no OpenID Connect: its API is asked for the
//! person and for the e-mail it has verified.

use super::client::Http;
use super::{Attempt, Told, failed};
use crate::problem::Problem;
use crate::settings::{Secret, SignIn};
use openidconnect::PkceCodeChallenge;
use openidconnect::PkceCodeVerifier;
use openidconnect::url::Url;
use reqwest::header::ACCEPT;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// GitHub, or an enterprise server.
pub struct GitHub {
    name: String,
    web: String,
    api: String,
    client_id: String,
    client_secret: Secret,
}

impl std::fmt::Debug for GitHub {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("GitHub")
            .field("name", &self.name)
            .field("web", &self.web)
            .finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
struct Exchanged {
    access_token: Option<String>,
    error: Option<String>,
}

#[derive(Deserialize)]
struct Account {
    id: u64,
    login: String,
    name: Option<String>,
}

#[derive(Deserialize)]
struct Address {
    email: String,
    primary: bool,
    verified: bool,
}

impl GitHub {
    /// With pages at `web` and an API at `api`.
    pub fn new(web: &str, api: &str, settings: &SignIn) -> GitHub {
        GitHub {
            name: settings.name.clone(),
            web: web.trim_end_matches('/').to_owned(),
            api: api.trim_end_matches('/').to_owned(),
            client_id: settings.client_id.clone(),
            client_secret: settings.client_secret.clone(),
        }
    }

    /// Where the browser goes to sign in.
    pub fn address(&self, attempt: &Attempt<'_>) -> Result<String, Problem> {
        let verifier = PkceCodeVerifier::new(attempt.verifier.to_owned());
        let challenge = PkceCodeChallenge::from_code_verifier_sha256(&verifier);
        let asked = [
            ("client_id", self.client_id.as_str()),
            ("redirect_uri", &attempt.callback),
            ("scope", "read:user user:email"),
            ("state", attempt.state),
            ("code_challenge", challenge.as_str()),
            ("code_challenge_method", "S256"),
        ];
        let url = Url::parse_with_params(&format!("{}/login/oauth/authorize", self.web), asked);
        url.map(String::from).map_err(|error| failed(&self.name, format!("its address is no URL: {error}")))
    }

    /// Who somebody is, by the code the browser brought back.
    pub async fn ask(&self, http: &Http, code: &str, attempt: &Attempt<'_>) -> Result<Told, Problem> {
        let fields = [
            ("client_id", self.client_id.as_str()),
            ("client_secret", self.client_secret.as_str()),
            ("code", code),
            ("redirect_uri", &attempt.callback),
            ("code_verifier", attempt.verifier),
        ];
        let body =
            openidconnect::url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = http
            .client()
            .post(format!("{}/login/oauth/access_token", self.web))
            .header(ACCEPT, "application/json")
            .header(reqwest::header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(body);
        let exchanged: Exchanged = self.answer(request).await?;
        let Some(token) = exchanged.access_token else {
            let code = exchanged.error.unwrap_or_else(|| "no token".to_owned());
            return Err(failed(&self.name, format!("it refused the code: {code:.40}")));
        };
        let token = Secret::from(token);
        let account: Account = self.answer(self.of_api(http, "/user", &token)).await?;
        let addresses: Vec<Address> = self.answer(self.of_api(http, "/user/emails", &token)).await?;
        let address = addresses.into_iter().find(|address| address.primary);
        Ok(Told {
            subject: account.id.to_string(),
            is_email_verified: address.as_ref().is_some_and(|address| address.verified),
            email: address.map(|address| address.email),
            groups: Vec::new(),
            name: account.name.filter(|name| !name.trim().is_empty()).or(Some(account.login)),
        })
    }

    fn of_api(&self, http: &Http, path: &str, token: &Secret) -> reqwest::RequestBuilder {
        http.client()
            .get(format!("{}{path}", self.api))
            .header(ACCEPT, "application/vnd.github+json")
            .bearer_auth(token.as_str())
    }

    async fn answer<T: DeserializeOwned>(&self, request: reqwest::RequestBuilder) -> Result<T, Problem> {
        let lost =
            |error: reqwest::Error| failed(&self.name, super::client::HttpError::Lost(error.without_url()));
        let answer = request.send().await.map_err(lost)?;
        let status = answer.status();
        if !status.is_success() {
            return Err(failed(&self.name, format!("it answered with status {status}")));
        }
        let body = Http::body(answer).await.map_err(|error| failed(&self.name, error))?;
        // What the body holds may be a token: the parser's words do not repeat it.
        serde_json::from_slice(&body).map_err(|error| {
            failed(
                &self.name,
                format!("its answer cannot be read at line {} column {}", error.line(), error.column()),
            )
        })
    }
}
