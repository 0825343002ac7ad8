//! How are secrets kept? Each is sealed with a data key of its own, and that key with the master key.
//!
//! XChaCha20-Poly1305 twice (draft-irtf-cfrg-xchacha-03; random nonces of 192 bits never meet). What
//! the secret belongs to is authenticated with it, so a row of the state that is moved to another place
//! does not open there. Changing the master key wraps the data keys anew; no secret is opened for it.
//!
//! The master key is here, or in a secret store ([`crate::key_store`]) that wraps the data keys and keeps it.

use crate::key_store::{self, Found, KeyStore, KeyStoreError};
use crate::problem::{Code, Problem};
use crate::settings::KeyStore as KeyStoreSettings;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use sha2::{Digest, Sha256};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 24;
/// The file of the master key in the data directory.
pub const KEY_FILE: &str = "master.key";

type Key = Zeroizing<[u8; KEY_BYTES]>;

/// Why the master key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The file cannot be read or written.
    #[error("the master key `{path}` cannot be used: {cause}")]
    File {
        /// Which file.
        path: String,
        /// What the system said.
        cause: String,
    },
    /// Secrets are there and the key they were sealed with is not. A new one would open none of them.
    #[error(
        "the state holds secrets, and their master key `{path}` is missing; bring it back from a copy, or set `admin.master_key` to it"
    )]
    Missing {
        /// Where it should be.
        path: String,
    },
    /// The secret store that has it cannot be used.
    #[error(transparent)]
    Store(#[from] KeyStoreError),
    /// It is not a key.
    #[error("the master key is not 32 bytes in base64; make one with `openssl rand -base64 32`")]
    NoKey,
    /// Secrets are there that were sealed with another key.
    #[error(
        "the state holds secrets that were sealed with another master key ({found}); this one is {this}. Bring the old one back, or change keys with `dragoman state rekey`"
    )]
    OtherKey {
        /// The key they were sealed with.
        found: String,
        /// The key that was given.
        this: String,
    },
}

/// A secret as the state holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// Which master key wraps the data key.
    pub key_id: String,
    /// Nonce and data key, wrapped.
    pub wrapped_key: Vec<u8>,
    /// Nonce and secret, sealed.
    pub sealed: Vec<u8>,
}

/// Where the master key comes from, as the settings say.
#[derive(Clone, Copy)]
pub struct Source<'a> {
    /// The key itself, in base64.
    pub given: Option<&'a str>,
    /// The folder in which its file is, where nothing else says where it is.
    pub directory: &'a Path,
    /// A secret store that has it.
    pub key_store: Option<&'a KeyStoreSettings>,
}

/// The master key at work.
#[derive(Clone)]
pub struct Vault {
    master: Master,
    key_id: String,
}

#[derive(Clone)]
enum Master {
    /// Here.
    Own(Key),
    /// In a secret store, for good.
    Store(KeyStore),
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Vault").field("key_id", &self.key_id).finish_non_exhaustive()
    }
}

impl Vault {
    /// With the key that was given in base64; or with the file in `directory`, which is made if it is
    /// missing, for nobody else to read.
    pub fn open(given: Option<&str>, directory: &Path) -> Result<Vault, VaultError> {
        match given {
            Some(text) => Vault::with(text),
            None => Vault::with(&of_file(&directory.join(KEY_FILE))?),
        }
    }

    /// The same for a state that holds secrets already: no key is made.
    pub fn reopen(given: Option<&str>, directory: &Path) -> Result<Vault, VaultError> {
        let path = directory.join(KEY_FILE);
        if given.is_none() && !path.exists() {
            return Err(VaultError::Missing { path: path.display().to_string() });
        }
        Vault::open(given, directory)
    }

    /// With the key of a secret store: read from it, or kept by it.
    pub async fn of_store(settings: &KeyStoreSettings) -> Result<Vault, VaultError> {
        match key_store::find(settings).await? {
            Found::Key(text) => Vault::with(&text),
            Found::Wrapper(store) => {
                let key_id = store.key_id().to_owned();
                Ok(Vault { master: Master::Store(store), key_id })
            }
        }
    }

    /// With a key in base64.
    pub fn with(text: &str) -> Result<Vault, VaultError> {
        let bytes = Zeroizing::new(STANDARD.decode(text.trim()).map_err(|_| VaultError::NoKey)?);
        let key: [u8; KEY_BYTES] = bytes.as_slice().try_into().map_err(|_| VaultError::NoKey)?;
        let mut hasher = Sha256::new();
        hasher.update(b"dragoman master key\0");
        hasher.update(key);
        let key_id = hasher.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        Ok(Vault { master: Master::Own(Zeroizing::new(key)), key_id })
    }

    /// Names the key without telling it.
    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    /// The secret store that keeps the key, where one does.
    pub fn key_store(&self) -> Option<&KeyStore> {
        match &self.master {
            Master::Own(_) => None,
            Master::Store(store) => Some(store),
        }
    }

    /// Looks whether the key can be used: a store that keeps it is asked.
    pub async fn look(&self) -> Result<(), KeyStoreError> {
        match &self.master {
            Master::Own(_) => Ok(()),
            Master::Store(store) => store.look().await,
        }
    }

    /// Seals `secret` for the place `belongs_to`.
    pub async fn seal(&self, secret: &[u8], belongs_to: &str) -> Result<Sealed, Problem> {
        let mut data_key: Key = Zeroizing::new([0; KEY_BYTES]);
        crate::http::caller::fill(data_key.as_mut())?;
        let sealed = encrypt(&data_key, secret, belongs_to.as_bytes())?;
        let wrapped_key = self.wrap(&data_key, belongs_to).await?;
        Ok(Sealed { key_id: self.key_id.clone(), wrapped_key, sealed })
    }

    /// Opens what was sealed for the same place.
    pub async fn open_sealed(
        &self,
        sealed: &Sealed,
        belongs_to: &str,
    ) -> Result<Zeroizing<Vec<u8>>, Problem> {
        let data_key = self.unwrap(sealed, belongs_to).await?;
        decrypt(&data_key, &sealed.sealed, belongs_to.as_bytes())
    }

    /// The same secret, wrapped with `new` in place of this key: with its latest version. What a secret store
    /// wrapped is unwrapped by it again before it takes the place of what opens now.
    pub async fn rewrap(&self, sealed: &Sealed, belongs_to: &str, new: &Vault) -> Result<Sealed, Problem> {
        let data_key = self.unwrap(sealed, belongs_to).await?;
        let wrapped_key = new.wrap(&data_key, belongs_to).await?;
        if let Master::Store(store) = &new.master {
            let back = store.unwrap_there(&wrapped_key, belongs_to).await?;
            if !bool::from(back.as_slice().ct_eq(data_key.as_slice())) {
                return Err(Problem::new(
                    Code::Unavailable,
                    "the secret store does not give back what it took",
                )
                .with_hint("the secret is as it was; look at `key_store` in the new settings"));
            }
        }
        Ok(Sealed { key_id: new.key_id.clone(), wrapped_key, sealed: sealed.sealed.clone() })
    }

    async fn wrap(&self, data_key: &Key, belongs_to: &str) -> Result<Vec<u8>, Problem> {
        match &self.master {
            Master::Own(key) => encrypt(key, data_key.as_ref(), belongs_to.as_bytes()),
            Master::Store(store) => Ok(store.wrap(data_key.as_ref(), belongs_to).await?),
        }
    }

    async fn unwrap(&self, sealed: &Sealed, belongs_to: &str) -> Result<Key, Problem> {
        let bytes = match &self.master {
            Master::Own(key) => decrypt(key, &sealed.wrapped_key, belongs_to.as_bytes())?,
            Master::Store(store) => {
                store.unwrap(&sealed.wrapped_key, belongs_to).await.map_err(KeyStoreError::of_opening)?
            }
        };
        let key: [u8; KEY_BYTES] = bytes.as_slice().try_into().map_err(|_| cannot_open())?;
        Ok(Zeroizing::new(key))
    }
}

fn cannot_open() -> Problem {
    Problem::new(Code::Unavailable, "a stored secret cannot be opened with this master key")
        .with_hint("bring the master key back that it was sealed with, or set the secret anew")
}

fn encrypt(key: &Key, text: &[u8], belongs_to: &[u8]) -> Result<Vec<u8>, Problem> {
    let mut nonce = [0_u8; NONCE_BYTES];
    crate::http::caller::fill(&mut nonce)?;
    let cipher = XChaCha20Poly1305::new((&**key).into());
    let sealed = cipher
        .encrypt(&XNonce::from(nonce), Payload { msg: text, aad: belongs_to })
        .map_err(|_| Problem::new(Code::Internal, "a secret could not be sealed"))?;
    Ok([nonce.as_slice(), &sealed].concat())
}

fn decrypt(key: &Key, sealed: &[u8], belongs_to: &[u8]) -> Result<Zeroizing<Vec<u8>>, Problem> {
    let (nonce, text) = sealed.split_at_checked(NONCE_BYTES).ok_or_else(cannot_open)?;
    let nonce: [u8; NONCE_BYTES] = nonce.try_into().map_err(|_| cannot_open())?;
    let cipher = XChaCha20Poly1305::new((&**key).into());
    let opened = cipher
        .decrypt(&XNonce::from(nonce), Payload { msg: text, aad: belongs_to })
        .map_err(|_| cannot_open())?;
    Ok(Zeroizing::new(opened))
}

/// The key of a file; made and told about if there is none.
fn of_file(path: &Path) -> Result<Zeroizing<String>, VaultError> {
    let failed = |cause: &dyn std::fmt::Display| VaultError::File {
        path: path.display().to_string(),
        cause: cause.to_string(),
    };
    if let Some(folder) = path.parent() {
        let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
        made.map_err(|error| failed(&error))?;
    }
    match std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(mut file) => {
            let mut key: Key = Zeroizing::new([0; KEY_BYTES]);
            crate::http::caller::fill(key.as_mut()).map_err(|problem| failed(&problem))?;
            let text = Zeroizing::new(STANDARD.encode(key.as_ref()));
            file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(|error| failed(&error))?;
            tracing::warn!(path = %path.display(), "made a new master key: keep a copy, without it no stored secret opens");
            Ok(text)
        }
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            let mode = std::fs::metadata(path).map_err(|error| failed(&error))?.permissions().mode();
            if mode & 0o077 != 0 {
                return Err(failed(&"others may read it; `chmod 600` it"));
            }
            Ok(Zeroizing::new(std::fs::read_to_string(path).map_err(|error| failed(&error))?))
        }
        Err(error) => Err(failed(&error)),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn vault(byte: u8) -> Vault {
        Vault::with(&STANDARD.encode([byte; KEY_BYTES])).unwrap()
    }

    #[tokio::test]
    async fn a_secret_opens_where_it_belongs_and_nowhere_else() {
        let sealed = vault(1).seal(b"horse", "connection/1").await.unwrap();
        assert_eq!(vault(1).open_sealed(&sealed, "connection/1").await.unwrap().as_slice(), b"horse");
        assert!(vault(1).open_sealed(&sealed, "connection/2").await.is_err());
        assert!(vault(2).open_sealed(&sealed, "connection/1").await.is_err());
        let mut changed = sealed.clone();
        *changed.sealed.last_mut().unwrap() ^= 1;
        assert!(vault(1).open_sealed(&changed, "connection/1").await.is_err());
        assert_ne!(vault(1).seal(b"horse", "connection/1").await.unwrap(), sealed, "no nonce is used twice");
    }

    #[tokio::test]
    async fn a_new_master_key_opens_what_was_wrapped_anew() {
        let sealed = vault(1).seal(b"horse", "connection/1").await.unwrap();
        let again = vault(1).rewrap(&sealed, "connection/1", &vault(2)).await.unwrap();
        assert_eq!(again.sealed, sealed.sealed);
        assert_eq!(vault(2).open_sealed(&again, "connection/1").await.unwrap().as_slice(), b"horse");
        assert!(vault(1).open_sealed(&again, "connection/1").await.is_err());
    }

    #[test]
    fn the_key_file_is_made_once_and_is_nobody_elses() {
        let folder = tempfile::tempdir().unwrap();
        let first = Vault::open(None, folder.path()).unwrap();
        let second = Vault::open(None, folder.path()).unwrap();
        assert_eq!(first.key_id(), second.key_id());
        assert_eq!(Vault::reopen(None, folder.path()).unwrap().key_id(), first.key_id());
        let path = folder.path().join(KEY_FILE);
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(Vault::open(None, folder.path()).unwrap_err().to_string().contains("chmod 600"));
        assert!(matches!(Vault::with("c2hvcnQ="), Err(VaultError::NoKey)));
        std::fs::remove_file(&path).unwrap();
        let missing = Vault::reopen(None, folder.path()).unwrap_err();
        assert!(matches!(missing, VaultError::Missing { .. }) && !path.exists(), "{missing}");
    }
}
