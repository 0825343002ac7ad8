//! How does a key service wrap a data key? `KEY:encrypt` and `KEY:decrypt` as Google Cloud KMS has them
//! (REST, v1 `projects.locations.keyRings.cryptoKeys`), with a bearer token from a file.

use super::ask::{Asking, Hints, Question, body_of, checked, secret_header, secret_of};
use super::fault::KeyStoreError;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use reqwest::header::{AUTHORIZATION, HeaderMap};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// A key of a key service.
pub(super) struct Kms {
    asking: Asking,
    key: String,
    token_file: PathBuf,
    may_not: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ToEncrypt<'a> {
    plaintext: &'a str,
    additional_authenticated_data: &'a str,
}

#[derive(Deserialize)]
struct Encrypted {
    ciphertext: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ToDecrypt<'a> {
    ciphertext: &'a str,
    additional_authenticated_data: &'a str,
}

#[derive(Deserialize)]
struct Decrypted {
    plaintext: String,
}

impl Kms {
    /// The key of that whole name.
    pub(super) fn new(asking: Asking, key: &str, token_file: &Path) -> Result<Kms, KeyStoreError> {
        let key = checked("key", key)?.to_owned();
        let may_not = format!(
            "give who the token in `token_file` stands for the roles to encrypt and to decrypt with `{key}`, or put a new token there"
        );
        Ok(Kms { asking, key, token_file: token_file.to_owned(), may_not })
    }

    /// Wraps with the key's primary version.
    pub(super) async fn encrypt(&self, key: &[u8], belongs_to: &str) -> Result<Vec<u8>, KeyStoreError> {
        let (plaintext, place) = (Zeroizing::new(STANDARD.encode(key)), STANDARD.encode(belongs_to));
        let body = ToEncrypt { plaintext: &plaintext, additional_authenticated_data: &place };
        let answer: Encrypted = self.ask("encrypt", &body).await?;
        STANDARD.decode(answer.ciphertext).map_err(|_| self.asking.unreadable())
    }

    /// Unwraps, whatever version wrapped it.
    pub(super) async fn decrypt(
        &self,
        wrapped: &[u8],
        belongs_to: &str,
    ) -> Result<Zeroizing<Vec<u8>>, KeyStoreError> {
        let (ciphertext, place) = (STANDARD.encode(wrapped), STANDARD.encode(belongs_to));
        let body = ToDecrypt { ciphertext: &ciphertext, additional_authenticated_data: &place };
        let answer: Decrypted = self.ask("decrypt", &body).await?;
        let text = Zeroizing::new(answer.plaintext);
        STANDARD.decode(text.as_bytes()).map(Zeroizing::new).map_err(|_| self.asking.unreadable())
    }

    async fn ask<T: DeserializeOwned>(&self, verb: &str, body: &impl Serialize) -> Result<T, KeyStoreError> {
        let token = secret_of(&self.token_file)?;
        let bearer = Zeroizing::new(format!("Bearer {}", *token));
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, secret_header(&bearer)?);
        let path = format!("/v1/{}:{verb}", self.key);
        let hints = Hints {
            may_not: &self.may_not,
            is_not: "there is no such key: look at `key` of `admin.key_store`",
            cannot: "what was wrapped belongs elsewhere, or the key is disabled or for another purpose",
        };
        let question = Question { method: Method::POST, path: &path, headers, body: body_of(body)?, hints };
        self.asking.ask(question).await
    }
}
