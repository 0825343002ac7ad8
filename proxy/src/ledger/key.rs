//! With which key does a ledger sign, and where does it come from?

use super::note::VerifierKey;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;
use zeroize::Zeroizing;

/// The name of the key that is made when none is named.
pub(super) const FILE: &str = "checkpoint.pem";

/// A key that signs. It has no text form.
pub struct SigningKey(Ed25519KeyPair);

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("SigningKey(…)")
    }
}

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// A text is no key, or one of another kind.
    #[error("this is no Ed25519 key as PEM (PKCS #8); `dragoman ledger key FILE` makes one")]
    NotAKey,
    /// The system has no random bytes, or the cryptography failed.
    #[error("no key can be made: the system gives no random bytes")]
    NoRandomness,
    /// A new key cannot be written.
    #[error("the key cannot be written: {0}")]
    Write(#[from] io::Error),
}

impl SigningKey {
    /// Reads a key from PEM (PKCS #8, RFC 8410).
    pub fn from_pem(pem: &str) -> Result<SigningKey, KeyError> {
        let Ok(PrivateKeyDer::Pkcs8(key)) = PrivateKeyDer::from_pem_slice(pem.as_bytes()) else {
            return Err(KeyError::NotAKey);
        };
        SigningKey::from_der(&key)
    }

    fn from_der(key: &PrivatePkcs8KeyDer<'_>) -> Result<SigningKey, KeyError> {
        // What OpenSSL writes has no public key beside the private one.
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(key.secret_pkcs8_der());
        pair.map(SigningKey).map_err(|_| KeyError::NotAKey)
    }

    /// Makes a key and writes it into a new file for its owner only; its folder is made if it is missing.
    /// A file that is there already is never replaced.
    pub fn make(path: &Path) -> Result<SigningKey, KeyError> {
        let pair = Ed25519KeyPair::generate().map_err(|_| KeyError::NoRandomness)?;
        let der = pair.to_pkcs8v1().map_err(|_| KeyError::NoRandomness)?;
        let pem = Zeroizing::new(format!(
            "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
            STANDARD.encode(&der)
        ));
        if let Some(folder) = path.parent() {
            DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        }
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        file.write_all(pem.as_bytes())?;
        file.sync_all()?;
        // The name has to survive a loss of power as well.
        if let Some(folder) = path.parent() {
            File::open(if folder.as_os_str().is_empty() { Path::new(".") } else { folder })?.sync_all()?;
        }
        Ok(SigningKey(pair))
    }

    /// Who believes this key under that name.
    pub(super) fn verifier(&self, name: &str) -> VerifierKey {
        VerifierKey::new(name, self.public())
    }

    /// The public key.
    pub fn public(&self) -> [u8; 32] {
        self.0.public_key().as_ref().try_into().unwrap_or([0; 32])
    }

    /// Signs a text as a note.
    pub(super) fn sign(&self, text: &str, name: &str) -> String {
        super::note::sign(text, name, &self.0)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::ledger::note::Note;
    use std::os::unix::fs::MetadataExt as _;

    #[test]
    fn a_key_that_was_made_is_read_again_and_never_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys").join(FILE);
        let made = SigningKey::make(&path).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        assert_eq!(std::fs::metadata(path.parent().unwrap()).unwrap().mode() & 0o777, 0o700);
        let read = SigningKey::from_pem(&std::fs::read_to_string(&path).unwrap()).unwrap();
        assert_eq!(read.public(), made.public());
        assert!(matches!(SigningKey::make(&path), Err(KeyError::Write(_))));
        let note = made.sign("a\n", "shop");
        assert!(Note::parse(&note).unwrap().verified_by(&[read.verifier("shop")]).is_some());
    }

    #[test]
    fn a_key_of_openssl_is_read() {
        // `openssl genpkey -algorithm ed25519`, the key of RFC 8410 section 10.3.
        let pem = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n";
        let public = STANDARD.encode(SigningKey::from_pem(pem).unwrap().public());
        assert_eq!(public, "Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=");
        for bad in ["", "key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"] {
            assert!(matches!(SigningKey::from_pem(bad), Err(KeyError::NotAKey)));
        }
    }
}
