//! Who does an issuer of OpenID Connect say somebody is? The library checks signature, issuer, audience,
//! expiry and nonce; here its keys are kept for a while.

use super::client::{Http, HttpError};
use super::{Attempt, Told, failed, groups};
use crate::problem::Problem;
use crate::settings::{Secret, SignIn};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreClientAuthMethod, CoreGenderClaim, CoreIdToken,
    CoreIdTokenClaims, CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm,
    CoreProviderMetadata,
};
use openidconnect::{
    AdditionalClaims, AuthType, AuthorizationCode, ClaimsVerificationError, ClientId, ClientSecret,
    CsrfToken, EndpointMaybeSet, EndpointNotSet, EndpointSet, ErrorResponse, IssuerUrl, Nonce,
    OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RequestTokenError, Scope,
    TokenResponse, UserInfoClaims, UserInfoRequest,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// How long what an issuer says of itself, and its keys, are taken for true.
const KEPT: Duration = Duration::from_secs(3_600);
/// How soon they are asked for again when a signature does not fit: keys change.
const ASKED_AGAIN: Duration = Duration::from_secs(60);
/// How long an issuer that did not answer is left alone.
const LEFT_ALONE: Duration = Duration::from_secs(5);
/// Signatures anybody can check who has the issuer's public keys; nothing that is signed with our secret,
/// and nothing that is not signed.
const SIGNATURES: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

type CoreUserInfoRequest<'a> = UserInfoRequest<'a, CoreJweContentEncryptionAlgorithm, CoreJsonWebKey>;

/// What an issuer says beside what the standard names.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
struct Others(serde_json::Map<String, Value>);

impl AdditionalClaims for Others {}

/// What is known of an issuer.
#[derive(Debug)]
enum Known {
    Nothing,
    Metadata { since: Instant, metadata: Arc<CoreProviderMetadata> },
    Silent { since: Instant },
}

/// An issuer.
pub struct Issuer {
    name: String,
    url: String,
    client_id: String,
    client_secret: Secret,
    scopes: Vec<String>,
    /// The claim that holds groups, where they are read.
    groups_claim: Option<String>,
    known: Mutex<Known>,
}

impl std::fmt::Debug for Issuer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Issuer")
            .field("name", &self.name)
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

impl Issuer {
    /// The one at `url`.
    pub fn new(url: &str, settings: &SignIn) -> Issuer {
        Issuer {
            name: settings.name.clone(),
            url: url.to_owned(),
            client_id: settings.client_id.clone(),
            client_secret: settings.client_secret.clone(),
            scopes: settings.scopes.clone(),
            groups_claim: settings.groups.as_ref().map(|groups| groups.claim.clone()),
            known: Mutex::new(Known::Nothing),
        }
    }

    /// What it calls itself.
    pub fn issuer(&self) -> &str {
        &self.url
    }

    /// What it says of itself, not older than `oldest`. One asks at a time, and others wait for the answer.
    async fn metadata(&self, http: &Http, oldest: Duration) -> Result<Arc<CoreProviderMetadata>, Problem> {
        let mut known = self.known.lock().await;
        match &*known {
            Known::Metadata { since, metadata } if since.elapsed() < oldest => return Ok(metadata.clone()),
            Known::Silent { since } if since.elapsed() < LEFT_ALONE => {
                return Err(failed(&self.name, "it did not answer just now"));
            }
            Known::Nothing | Known::Metadata { .. } | Known::Silent { .. } => {}
        }
        let url = IssuerUrl::new(self.url.clone())
            .map_err(|error| failed(&self.name, format!("its issuer is no URL: {error}")))?;
        match CoreProviderMetadata::discover_async(url, http).await {
            Ok(metadata) => {
                let metadata = Arc::new(metadata);
                *known = Known::Metadata { since: Instant::now(), metadata: metadata.clone() };
                Ok(metadata)
            }
            Err(error) => {
                *known = Known::Silent { since: Instant::now() };
                Err(failed(&self.name, with_causes(&error)))
            }
        }
    }

    fn client(&self, metadata: &CoreProviderMetadata, callback: &str) -> Result<Client, Problem> {
        let redirect = RedirectUrl::new(callback.to_owned())
            .map_err(|error| failed(&self.name, format!("`admin.public_url` is no URL: {error}")))?;
        let secret = ClientSecret::new(self.client_secret.to_string());
        let client = CoreClient::from_provider_metadata(
            metadata.clone(),
            ClientId::new(self.client_id.clone()),
            Some(secret),
        );
        let takes = |method| {
            metadata.token_endpoint_auth_methods_supported().is_some_and(|methods| methods.contains(&method))
        };
        let in_body =
            takes(CoreClientAuthMethod::ClientSecretPost) && !takes(CoreClientAuthMethod::ClientSecretBasic);
        let way = if in_body { AuthType::RequestBody } else { AuthType::BasicAuth };
        Ok(client.set_redirect_uri(redirect).set_auth_type(way))
    }

    /// Where the browser goes to sign in.
    pub async fn address(&self, http: &Http, attempt: &Attempt<'_>) -> Result<String, Problem> {
        let metadata = self.metadata(http, KEPT).await?;
        let client = self.client(&metadata, &attempt.callback)?;
        let verifier = PkceCodeVerifier::new(attempt.verifier.to_owned());
        let (state, nonce) = (attempt.state.to_owned(), attempt.nonce.to_owned());
        let asked = client.authorize_url(
            CoreAuthenticationFlow::AuthorizationCode,
            || CsrfToken::new(state),
            || Nonce::new(nonce),
        );
        let asked = asked
            .add_scope(Scope::new("email".to_owned()))
            .add_scope(Scope::new("profile".to_owned()))
            .add_scopes(self.scopes.iter().cloned().map(Scope::new))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier));
        Ok(asked.url().0.to_string())
    }

    /// Who somebody is, by the code the browser brought back.
    pub async fn ask(&self, http: &Http, code: &str, attempt: &Attempt<'_>) -> Result<Told, Problem> {
        let metadata = self.metadata(http, KEPT).await?;
        let client = self.client(&metadata, &attempt.callback)?;
        let exchange = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .map_err(|error| failed(&self.name, error))?
            .set_pkce_verifier(PkceCodeVerifier::new(attempt.verifier.to_owned()));
        let answer =
            exchange.request_async(http).await.map_err(|error| failed(&self.name, refused(&error)))?;
        let token = answer.id_token().ok_or_else(|| failed(&self.name, "it gave no ID token"))?;
        let nonce = Nonce::new(attempt.nonce.to_owned());
        let claims = match verified(&client, token, &nonce) {
            // Its keys may have changed since we asked for them.
            Err(ClaimsVerificationError::SignatureVerification(_)) => {
                let metadata = self.metadata(http, ASKED_AGAIN).await?;
                verified(&self.client(&metadata, &attempt.callback)?, token, &nonce)
            }
            known => known,
        };
        let claims =
            claims.map_err(|error| failed(&self.name, format!("its ID token: {}", with_causes(&error))))?;
        let groups = self.groups(&payload(token))?;
        let is_complete = claims.email().is_some() && (groups.is_some() || self.groups_claim.is_none());
        let told = Told {
            groups: groups.unwrap_or_default(),
            subject: claims.subject().to_string(),
            email: claims.email().map(|email| email.to_string()),
            is_email_verified: claims.email_verified().unwrap_or(false),
            name: claims.name().and_then(|name| name.get(None)).map(|name| name.to_string()),
        };
        match client.user_info(answer.access_token().clone(), Some(claims.subject().clone())) {
            // Who keeps to the letter (OpenID Connect Core section 5.4) tells these there only.
            Ok(request) if !is_complete => self.complete(http, request, told).await,
            Ok(_) | Err(_) => Ok(told),
        }
    }

    /// With what the issuer tells who shows its access token. The library looks whether it is of the same person.
    async fn complete(
        &self,
        http: &Http,
        request: CoreUserInfoRequest<'_>,
        told: Told,
    ) -> Result<Told, Problem> {
        let info: UserInfoClaims<Others, CoreGenderClaim> =
            request.request_async(http).await.map_err(|error| {
                failed(&self.name, format!("its word on the person: {}", with_causes(&error)))
            })?;
        let name = info.name().and_then(|name| name.get(None)).map(|name| name.to_string());
        let others = Value::Object(info.additional_claims().0.clone());
        let groups =
            if told.groups.is_empty() { self.groups(&others)?.unwrap_or_default() } else { told.groups };
        let (email, is_email_verified) = match info.email() {
            Some(email) => (Some(email.to_string()), info.email_verified().unwrap_or(false)),
            None => (told.email, told.is_email_verified),
        };
        Ok(Told { email, is_email_verified, name: name.or(told.name), subject: told.subject, groups })
    }

    /// The groups in these claims; `None` where they are not read, or there is no such claim.
    fn groups(&self, claims: &Value) -> Result<Option<Vec<String>>, Problem> {
        let Some(path) = &self.groups_claim else { return Ok(None) };
        groups::of_claims(claims, path).map_err(|error| failed(&self.name, error))
    }
}

fn verified(
    client: &Client,
    token: &CoreIdToken,
    nonce: &Nonce,
) -> Result<CoreIdTokenClaims, ClaimsVerificationError> {
    let verifier = client.id_token_verifier().set_allowed_algs(SIGNATURES);
    token.claims(&verifier, nonce).cloned()
}

/// All claims of a token whose signature was checked.
fn payload(token: &CoreIdToken) -> Value {
    let text = token.to_string();
    let part = text.split('.').nth(1).unwrap_or_default();
    let bytes = URL_SAFE_NO_PAD.decode(part).unwrap_or_default();
    serde_json::from_slice(&bytes).unwrap_or_default()
}

/// Why it gave no token: its code of error, and never its text or its body, which may hold what we sent.
fn refused<T: ErrorResponse>(error: &RequestTokenError<HttpError, T>) -> String {
    match error {
        RequestTokenError::ServerResponse(_) => "it refused the code or our client's secret".to_owned(),
        RequestTokenError::Request(error) => error.to_string(),
        RequestTokenError::Parse(_, _) => "its answer to the code cannot be read".to_owned(),
        RequestTokenError::Other(why) => why.clone(),
    }
}

fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(one) = cause {
        text.push_str(": ");
        text.push_str(&one.to_string());
        cause = one.source();
    }
    text
}
