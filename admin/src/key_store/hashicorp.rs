//! How is HashiCorp Vault asked? The key-value engine gives the master key once; the transit engine wraps data
//! keys with a key that never leaves it. Who asks is shown by a token from a file, or by an AppRole.

use super::ask::{Asking, Hints, Question, body_of, checked, secret_header, secret_of};
use super::fault::KeyStoreError;
use crate::settings::{VaultIdentity, VaultLogin};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tokio::sync::Mutex;
use zeroize::Zeroizing;

const TOKEN: HeaderName = HeaderName::from_static("x-vault-token");
const NAMESPACE: HeaderName = HeaderName::from_static("x-vault-namespace");
/// How long a token is used that Vault says lasts for ever.
const LONGEST_LEASE: Duration = Duration::from_secs(24 * 3_600);

/// Who asks Vault.
pub(super) struct Identity {
    namespace: Option<HeaderValue>,
    by: VaultIdentity,
    lease: Mutex<Option<Lease>>,
}

/// The token of an AppRole.
struct Lease {
    token: Zeroizing<String>,
    is_renewable: bool,
    /// From then on it is renewed: a third of its time before its end.
    renew_from: Instant,
    until: Instant,
}

#[derive(Deserialize)]
struct LoggedIn {
    auth: Auth,
}

#[derive(Deserialize)]
struct Auth {
    client_token: String,
    #[serde(default)]
    lease_duration: u64,
    #[serde(default)]
    renewable: bool,
}

#[derive(Deserialize)]
struct Answer<T> {
    data: T,
}

impl Lease {
    fn of(auth: Auth) -> Lease {
        let lasts = Duration::from_secs(auth.lease_duration);
        let lasts = if lasts.is_zero() { LONGEST_LEASE } else { lasts.min(LONGEST_LEASE) };
        let now = Instant::now();
        Lease {
            token: Zeroizing::new(auth.client_token),
            is_renewable: auth.renewable,
            renew_from: now + lasts * 2 / 3,
            until: now + lasts,
        }
    }
}

impl Identity {
    /// As the settings say.
    pub(super) fn new(login: &VaultLogin) -> Result<Identity, KeyStoreError> {
        let header = |text: &String| {
            HeaderValue::from_str(text)
                .map_err(|_| KeyStoreError::Settings("`namespace` is not a name".to_owned()))
        };
        if let VaultIdentity::AppRole { mount, .. } = &login.by {
            checked("role_mount", mount)?;
        }
        Ok(Identity {
            namespace: login.namespace.as_ref().map(header).transpose()?,
            by: login.by.clone(),
            lease: Mutex::default(),
        })
    }

    /// The token of now: the file's, or the AppRole's, renewed before its end.
    async fn token(&self, asking: &Asking) -> Result<Zeroizing<String>, KeyStoreError> {
        if let VaultIdentity::Token { file } = &self.by {
            return secret_of(file);
        }
        // One logs in, and others wait for it.
        let mut kept = self.lease.lock().await;
        let now = Instant::now();
        if let Some(lease) = kept.as_ref().filter(|lease| lease.until > now) {
            if lease.renew_from > now {
                return Ok(lease.token.clone());
            }
            if lease.is_renewable
                && let Ok(renewed) = self.renew(asking, &lease.token).await
            {
                return Ok(kept.insert(renewed).token.clone());
            }
        }
        match self.log_in(asking).await {
            Ok(lease) => Ok(kept.insert(lease).token.clone()),
            // The one there is holds until its end; one that was refused has been forgotten.
            Err(error) => {
                let holds = kept.as_ref().filter(|lease| lease.until > Instant::now());
                holds.map(|lease| lease.token.clone()).ok_or(error)
            }
        }
    }

    async fn renew(&self, asking: &Asking, token: &str) -> Result<Lease, KeyStoreError> {
        let renewed: LoggedIn =
            self.post(asking, "/v1/auth/token/renew-self", Some(token), &json!({})).await?;
        Ok(Lease::of(renewed.auth))
    }

    async fn log_in(&self, asking: &Asking) -> Result<Lease, KeyStoreError> {
        let VaultIdentity::AppRole { mount, role_id, secret_id_file } = &self.by else {
            return Err(KeyStoreError::Settings("no AppRole is named".to_owned()));
        };
        #[derive(Serialize)]
        struct Login<'a> {
            role_id: &'a str,
            secret_id: &'a str,
        }
        let secret_id = secret_of(secret_id_file)?;
        let path = format!("/v1/auth/{mount}/login");
        let body = Login { role_id, secret_id: &secret_id };
        let logged_in: LoggedIn = self.post(asking, &path, None, &body).await?;
        Ok(Lease::of(logged_in.auth))
    }

    async fn post<T: DeserializeOwned>(
        &self,
        asking: &Asking,
        path: &str,
        token: Option<&str>,
        body: &impl Serialize,
    ) -> Result<T, KeyStoreError> {
        let hints = Hints {
            may_not: "look at `role_id` and at the secret id in `secret_id_file`, and make a new one if it is used up",
            is_not: "there is no AppRole at `role_mount`",
            cannot: "look at `role_id` and at the secret id in `secret_id_file`, and make a new one if it is used up",
        };
        let headers = self.headers(token)?;
        asking
            .ask(Question { method: Method::POST, path, headers, body: body_of(body)?, hints })
            .await
            .map_err(|error| match error {
                // Vault says 400 for a secret id it does not know: nothing that was asked to be opened is wrong.
                KeyStoreError::Refused { url, status: 400, said, hint } => {
                    KeyStoreError::Refused { url, status: 403, said, hint }
                }
                other => other,
            })
    }

    fn headers(&self, token: Option<&str>) -> Result<HeaderMap, KeyStoreError> {
        let mut headers = HeaderMap::new();
        if let Some(token) = token {
            headers.insert(TOKEN, secret_header(token)?);
        }
        if let Some(namespace) = &self.namespace {
            headers.insert(NAMESPACE, namespace.clone());
        }
        Ok(headers)
    }

    /// Asks with the token; once more with a new one where that was taken back before its time.
    async fn ask<T: DeserializeOwned>(
        &self,
        asking: &Asking,
        (method, path): (Method, &str),
        body: Option<Zeroizing<Vec<u8>>>,
        hints: Hints<'_>,
    ) -> Result<T, KeyStoreError> {
        let token = self.token(asking).await?;
        let question = |token: &str| {
            let headers = self.headers(Some(token))?;
            Ok(Question { method: method.clone(), path, headers, body: body.clone(), hints })
        };
        match asking.ask(question(&token)?).await {
            Err(KeyStoreError::Refused { status: 403, .. })
                if matches!(self.by, VaultIdentity::AppRole { .. }) =>
            {
                self.forget(&token).await;
                let token = self.token(asking).await?;
                asking.ask(question(&token)?).await
            }
            answer => answer,
        }
    }

    /// Forgets a token that was refused, if nobody has a newer one yet.
    async fn forget(&self, token: &str) {
        let mut kept = self.lease.lock().await;
        if kept.as_ref().is_some_and(|lease| lease.token.as_str() == token) {
            *kept = None;
        }
    }
}

/// The master key in base64, from a field of a secret of the key-value engine, version 2.
pub(super) async fn read_key(
    asking: &Asking,
    identity: &Identity,
    (mount, path): (&str, &str),
    field: &str,
) -> Result<Zeroizing<String>, KeyStoreError> {
    let at = format!("{}/data/{}", checked("mount", mount)?, checked("key", path)?);
    let may_not =
        format!("give the token a policy that allows `read` on `{at}`, or put a new token in place");
    let is_not = format!(
        "there is no secret at `{at}`; write one with `vault kv put -mount={mount} {path} {field}=\"$(openssl rand -base64 32)\"`"
    );
    let hints = Hints { may_not: &may_not, is_not: &is_not, cannot: "look at `mount` and `key`" };
    let answer: Answer<Answer<Value>> =
        identity.ask(asking, (Method::GET, &format!("/v1/{at}")), None, hints).await?;
    match answer.data.data.get(field) {
        Some(Value::String(key)) => Ok(Zeroizing::new(key.clone())),
        Some(_) | None => Err(KeyStoreError::Settings(format!(
            "the secret at `{at}` has no text in the field `{field}`; put 32 bytes in base64 there, or set `field`"
        ))),
    }
}

/// A key of the transit engine.
pub(super) struct Transit {
    asking: Asking,
    identity: Identity,
    mount: String,
    key: String,
    may_not: String,
}

#[derive(Serialize)]
struct ToEncrypt<'a> {
    plaintext: &'a str,
    associated_data: &'a str,
}

#[derive(Deserialize)]
struct Encrypted {
    ciphertext: String,
}

#[derive(Serialize)]
struct ToDecrypt<'a> {
    ciphertext: &'a str,
    associated_data: &'a str,
}

#[derive(Deserialize)]
struct Decrypted {
    plaintext: String,
}

impl Transit {
    /// The key of that name.
    pub(super) fn new(
        asking: Asking,
        identity: Identity,
        mount: &str,
        key: &str,
    ) -> Result<Transit, KeyStoreError> {
        let (mount, key) = (checked("mount", mount)?.to_owned(), checked("key", key)?.to_owned());
        if key.contains('/') {
            return Err(KeyStoreError::Settings("`key` is the name of one key: it has no `/`".to_owned()));
        }
        let may_not = format!(
            "give the token a policy that allows `update` on `{mount}/encrypt/{key}` and `{mount}/decrypt/{key}`, or put a new token in place"
        );
        Ok(Transit { asking, identity, mount, key, may_not })
    }

    /// Wraps with the key's latest version. Gives Vault's own text, which names the version.
    pub(super) async fn encrypt(&self, key: &[u8], belongs_to: &str) -> Result<Vec<u8>, KeyStoreError> {
        let (plaintext, place) = (Zeroizing::new(STANDARD.encode(key)), STANDARD.encode(belongs_to));
        let body = body_of(&ToEncrypt { plaintext: &plaintext, associated_data: &place })?;
        let answer: Answer<Encrypted> = self.ask("encrypt", body).await?;
        Ok(answer.data.ciphertext.into_bytes())
    }

    /// Unwraps, whatever version wrapped it.
    pub(super) async fn decrypt(
        &self,
        wrapped: &[u8],
        belongs_to: &str,
    ) -> Result<Zeroizing<Vec<u8>>, KeyStoreError> {
        let ciphertext = std::str::from_utf8(wrapped).map_err(|_| self.asking.unreadable())?;
        let place = STANDARD.encode(belongs_to);
        let body = body_of(&ToDecrypt { ciphertext, associated_data: &place })?;
        let answer: Answer<Decrypted> = self.ask("decrypt", body).await?;
        let text = Zeroizing::new(answer.data.plaintext);
        STANDARD.decode(text.as_bytes()).map(Zeroizing::new).map_err(|_| self.asking.unreadable())
    }

    async fn ask<T: DeserializeOwned>(
        &self,
        verb: &str,
        body: Option<Zeroizing<Vec<u8>>>,
    ) -> Result<T, KeyStoreError> {
        let path = format!("/v1/{}/{verb}/{}", self.mount, self.key);
        let hints = Hints {
            may_not: &self.may_not,
            is_not: "there is no transit engine at `mount` of `admin.key_store`",
            cannot: "there is no such key, it takes no associated data (make it of the type `aes256-gcm96`), or what was wrapped belongs elsewhere",
        };
        self.identity.ask(&self.asking, (Method::POST, &path), body, hints).await
    }
}
