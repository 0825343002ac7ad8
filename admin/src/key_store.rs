//! How are data keys wrapped by a key that never comes here? A secret store does it: HashiCorp Vault's transit
//! engine, or a key service that is asked as Google Cloud KMS is.
//!
//! What a data key belongs to is told with it as associated data, so a wrapped key that is moved to another
//! place opens nowhere. A data key that was unwrapped stays in memory for a bounded time: a connection is opened
//! for each query and each look at it, and would else wait for the store each time and not open at all while the
//! store is away.

mod ask;
mod cache;
mod fault;
mod hashicorp;
mod kms;

pub use fault::KeyStoreError;

use crate::plane::App;
use crate::settings::{KeyStore as Settings, KeyStoreKind};
use ask::Asking;
use cache::Cache;
use hashicorp::{Identity, Transit};
use kms::Kms;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use zeroize::Zeroizing;

/// How often a store is looked at while nobody needs it. Also what keeps an AppRole's token alive.
const LOOK_EVERY: Duration = Duration::from_secs(10);
/// What the looks wrap: nothing of ours, for a place that no secret has.
const LOOK: (&[u8], &str) = (b"is anybody there?", "look");

/// A secret store that wraps data keys. Cheap to clone.
#[derive(Clone)]
pub struct KeyStore(Arc<Inner>);

struct Inner {
    engine: Engine,
    key_id: String,
    url: String,
    cache: Cache,
    is_away: AtomicBool,
}

enum Engine {
    Transit(Box<Transit>),
    Kms(Kms),
}

impl std::fmt::Debug for KeyStore {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("KeyStore").field("key_id", &self.0.key_id).finish_non_exhaustive()
    }
}

/// What a secret store gives.
pub(crate) enum Found {
    /// The master key, in base64.
    Key(Zeroizing<String>),
    /// Somebody who wraps with it.
    Wrapper(KeyStore),
}

/// Reads the key of a key-value store, or makes the acquaintance of a store that keeps it.
pub(crate) async fn find(settings: &Settings) -> Result<Found, KeyStoreError> {
    let asking = Asking::new(settings)?;
    let (engine, key_id) = match &settings.kind {
        KeyStoreKind::VaultKv { login, mount, path, field } => {
            let identity = Identity::new(login)?;
            let key = hashicorp::read_key(&asking, &identity, (mount, path), field).await?;
            return Ok(Found::Key(key));
        }
        KeyStoreKind::VaultTransit { login, mount, key } => {
            let namespace = login.namespace.as_deref().map(|name| format!("{}/", name.trim_matches('/')));
            let key_id = format!("transit:{}{mount}/{key}", namespace.unwrap_or_default());
            (Engine::Transit(Box::new(Transit::new(asking, Identity::new(login)?, mount, key)?)), key_id)
        }
        KeyStoreKind::Kms { key, token_file } => {
            (Engine::Kms(Kms::new(asking, key, token_file)?), format!("kms:{key}"))
        }
    };
    Ok(Found::Wrapper(KeyStore(Arc::new(Inner {
        engine,
        key_id,
        url: settings.url.clone(),
        cache: Cache::new(settings.cached_for),
        is_away: AtomicBool::new(false),
    }))))
}

impl KeyStore {
    /// Names the key: where it is in the store, not where the store is, so that the store may move.
    pub fn key_id(&self) -> &str {
        &self.0.key_id
    }

    /// Whether it did not answer, or refused, when it was asked last.
    pub fn is_away(&self) -> bool {
        self.0.is_away.load(Ordering::Relaxed)
    }

    /// Wraps a data key for the place `belongs_to`, with the latest version of the key.
    pub(crate) async fn wrap(&self, key: &[u8], belongs_to: &str) -> Result<Vec<u8>, KeyStoreError> {
        let wrapped = match &self.0.engine {
            Engine::Transit(transit) => transit.encrypt(key, belongs_to).await,
            Engine::Kms(kms) => kms.encrypt(key, belongs_to).await,
        };
        self.note(wrapped.as_ref().err());
        wrapped
    }

    /// Unwraps what was wrapped for the same place.
    pub(crate) async fn unwrap(
        &self,
        wrapped: &[u8],
        belongs_to: &str,
    ) -> Result<Zeroizing<Vec<u8>>, KeyStoreError> {
        if let Some(key) = self.0.cache.find(wrapped, belongs_to) {
            return Ok(key);
        }
        let key = self.unwrap_there(wrapped, belongs_to).await?;
        self.0.cache.keep(wrapped, belongs_to, &key);
        Ok(key)
    }

    /// The same by the store itself, whatever is in memory.
    pub(crate) async fn unwrap_there(
        &self,
        wrapped: &[u8],
        belongs_to: &str,
    ) -> Result<Zeroizing<Vec<u8>>, KeyStoreError> {
        let key = match &self.0.engine {
            Engine::Transit(transit) => transit.decrypt(wrapped, belongs_to).await,
            Engine::Kms(kms) => kms.decrypt(wrapped, belongs_to).await,
        };
        // What was moved or damaged says nothing of the store.
        self.note(key.as_ref().err().filter(|error| !error.is_of_the_text()));
        key
    }

    /// Looks whether it wraps and unwraps.
    pub(crate) async fn look(&self) -> Result<(), KeyStoreError> {
        let (text, place) = LOOK;
        let wrapped = self.wrap(text, place).await?;
        let back = self.unwrap_there(&wrapped, place).await?;
        if back.as_slice() == text {
            return Ok(());
        }
        Err(KeyStoreError::Unreadable { url: self.0.url.clone() })
    }

    /// Keeps in mind whether the store is there; says so when it changes.
    fn note(&self, failure: Option<&KeyStoreError>) {
        let was_away = self.0.is_away.swap(failure.is_some(), Ordering::Relaxed);
        match failure {
            Some(error) if !was_away => tracing::error!(
                %error,
                "the secret store is away: secrets open for as long as their keys stay in memory, and none can be saved"
            ),
            None if was_away => tracing::info!(url = self.0.url, "the secret store is back"),
            Some(_) | None => {}
        }
    }
}

/// Looks at the store until the control plane stops.
pub(crate) async fn keep_watch(app: App) {
    let Some(store) = app.vault.key_store().cloned() else { return };
    let mut stopping = app.stopping.clone();
    let looks = async {
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            store.0.cache.forget_old();
            // What is wrong is said where it is noted.
            let _ = store.look().await;
        }
    };
    tokio::select! {
        () = looks => {}
        _ = stopping.wait_for(|stopping| *stopping) => {}
    }
}
