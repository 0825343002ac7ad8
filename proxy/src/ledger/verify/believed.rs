//! Whose signatures are believed?

use super::VerifyError;
use super::checkpoint::ORIGIN;
use super::files::beside;
use super::record::writer_text;
use crate::ledger::note::{ED25519_INFO, Note, VerifierKey};
use rustls::pki_types::SubjectPublicKeyInfoDer;
use rustls::pki_types::pem::PemObject as _;
use std::fs;
use std::path::PathBuf;

/// Most bytes of `verifier.keys` that are looked at: some thousand keys.
const KEYS_BYTES_MAX: u64 = 1024 * 1024;

/// The keys, and where they come from.
#[derive(Debug)]
pub(super) struct Believed {
    keys: Vec<Key>,
    /// Whoever verifies has named them; else the folder has.
    pub(super) is_given: bool,
    /// The folder has a file of keys, and no key can be read in it.
    is_unreadable: bool,
}

#[derive(Debug)]
struct Key {
    /// A public key as PEM has no name and signs for any ledger.
    name: Option<String>,
    public: [u8; 32],
}

/// What a signature is worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Signature {
    /// It is of the key with this number among those believed.
    Of(usize),
    /// It names a believed key, and is not of it.
    Bad,
    /// It is of somebody else, who calls himself this.
    Unknown(String),
    /// There is nobody to believe.
    NoKey,
}

impl Believed {
    /// Reads the keys that were named, or those that the folders name.
    pub(super) fn read(files: &[PathBuf], directories: &[PathBuf]) -> Result<Believed, VerifyError> {
        let (mut keys, mut is_unreadable) = (Vec::new(), false);
        for path in files {
            let text = fs::read_to_string(path).map_err(|source| VerifyError::read(path, source))?;
            let found = of_text(&text).filter(|found| !found.is_empty());
            keys.extend(found.ok_or_else(|| VerifyError::NotAKey { path: path.clone() })?);
        }
        if files.is_empty() {
            for directory in directories {
                let bytes = beside(directory, "verifier.keys", KEYS_BYTES_MAX)?.unwrap_or_default();
                let text = String::from_utf8_lossy(&bytes);
                // A line that is damaged is no key; what it signed is then signed by nobody who is known.
                keys.extend(text.lines().filter_map(|line| line.parse().ok()).map(Key::named));
                is_unreadable |= !text.trim().is_empty();
            }
        }
        Ok(Believed { keys, is_given: !files.is_empty(), is_unreadable })
    }

    /// Why there is no key, where there is none.
    pub(super) fn why_none(&self) -> &'static str {
        match self.is_unreadable {
            true => "`verifier.keys` cannot be read",
            false => "`verifier.keys` is missing",
        }
    }

    /// The ledger that all keys given are of, where that is not `ledger`.
    pub(super) fn other_ledger(&self, ledger: u128) -> Option<&str> {
        let own = origin(ledger);
        let is_other = |key: &Key| key.name.as_deref().is_some_and(|name| name != own);
        let other = self.keys.first().filter(|_| self.is_given && self.keys.iter().all(is_other))?;
        other.name.as_deref()
    }

    /// A key as a verifier key, in the name of `ledger` where it has none.
    pub(super) fn word(&self, key: usize, ledger: u128) -> String {
        self.keys.get(key).map(|key| key.in_name_of(&origin(ledger)).to_string()).unwrap_or_default()
    }

    /// Who has signed a note that is a checkpoint of `ledger`.
    pub(super) fn check(&self, note: &Note, ledger: u128) -> Signature {
        if self.keys.is_empty() {
            return Signature::NoKey;
        }
        let origin = origin(ledger);
        let named = self.keys.iter().enumerate().filter(|(_, key)| key.may_sign(&origin));
        let named: Vec<(usize, VerifierKey)> = named.map(|(at, key)| (at, key.in_name_of(&origin))).collect();
        let signed = |(_, key): &&(usize, VerifierKey)| note.verified_by(std::slice::from_ref(key)).is_some();
        if let Some((at, _)) = named.iter().find(signed) {
            return Signature::Of(*at);
        }
        let is_known =
            |(name, id): (&str, u32)| named.iter().any(|(_, key)| key.name() == name && key.id() == id);
        if note.signers().any(is_known) {
            return Signature::Bad;
        }
        let signer = note.signers().next().map(|(name, id)| format!("{name}+{id:08x}"));
        Signature::Unknown(signer.unwrap_or_default())
    }
}

impl Key {
    fn named(key: VerifierKey) -> Key {
        Key { name: Some(key.name().to_owned()), public: *key.public() }
    }

    fn may_sign(&self, origin: &str) -> bool {
        self.name.as_deref().is_none_or(|name| name == origin)
    }

    fn in_name_of(&self, origin: &str) -> VerifierKey {
        VerifierKey::new(self.name.as_deref().unwrap_or(origin), self.public)
    }
}

/// The name of a ledger.
pub(super) fn origin(ledger: u128) -> String {
    format!("{ORIGIN}{}", writer_text(ledger))
}

/// PEM, or verifier keys. `None` when something in it is neither.
fn of_text(text: &str) -> Option<Vec<Key>> {
    if text.contains("-----BEGIN") {
        let all = SubjectPublicKeyInfoDer::pem_slice_iter(text.as_bytes());
        return all.map(|info| of_info(info.ok()?.as_ref())).collect();
    }
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| line.parse().ok().map(Key::named)).collect()
}

fn of_info(info: &[u8]) -> Option<Key> {
    let public = info.strip_prefix(&ED25519_INFO)?.try_into().ok()?;
    Some(Key { name: None, public })
}
