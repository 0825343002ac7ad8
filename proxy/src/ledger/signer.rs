//! Who signs the checkpoints of a ledger, and may it start without?
//!
//! The file `verifier.keys` says whom to believe, newest last. What was signed by a key that nobody has any more cannot
//! be gone on with unnoticed: the start is refused until the key is back, or another one is named on purpose.

use super::checkpoints::Newest;
use super::error::LedgerError;
use super::head;
use super::key::SigningKey;
use super::note::VerifierKey;
use super::past::Past;
use super::settings::LedgerSettings;
use super::told;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use uuid::Uuid;
use zeroize::Zeroizing;

/// Its name.
pub(super) const FILE: &str = "verifier.keys";

/// A key, and the keys there were.
#[derive(Debug)]
pub(super) struct Signer {
    key: Arc<SigningKey>,
    /// Without it, those that signed before.
    before: Vec<VerifierKey>,
    /// The name in which the newest checkpoint was signed, where nobody is believed any more.
    signed_as: Option<String>,
    /// Where it came from when it was made just now.
    made: Option<PathBuf>,
    /// It is the one that the settings name.
    is_named: bool,
}

impl Signer {
    /// Finds the key that signs from now on; `signed_as` is the name in which the newest checkpoint of the segments was
    /// signed.
    pub(super) fn find(settings: &LedgerSettings, signed_as: Option<&str>) -> Result<Signer, LedgerError> {
        let before = known(settings.directory())?;
        let signer = |key, made| {
            let signed_as = signed_as.map(str::to_owned);
            Signer { key: Arc::new(key), before: before.clone(), signed_as, made, is_named: false }
        };
        let newest = before.last();
        if let Some(pem) = &settings.checkpoints.key {
            let place = PathBuf::from("ledger.checkpoints.key");
            let key =
                SigningKey::from_pem(pem.reveal()).map_err(|source| LedgerError::Key { place, source })?;
            return Ok(Signer { is_named: true, ..signer(key, None) });
        }
        let path = settings.key_file();
        let gone = || LedgerError::KeyGone {
            directory: settings.directory().to_owned(),
            key: newest.map_or_else(|| "a key nobody knows".to_owned(), VerifierKey::to_string),
            path: path.clone(),
        };
        match fs::read_to_string(&path).map(Zeroizing::new) {
            Ok(pem) => {
                let key = SigningKey::from_pem(&pem)
                    .map_err(|source| LedgerError::Key { place: path.clone(), source })?;
                if newest.is_some_and(|newest| newest.public() != &key.public()) {
                    return Err(gone());
                }
                Ok(signer(key, None))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                if signed_as.is_some() || newest.is_some() {
                    return Err(gone());
                }
                let key = SigningKey::make(&path)
                    .map_err(|source| LedgerError::Key { place: path.clone(), source })?;
                Ok(signer(key, Some(path)))
            }
            Err(source) => Err(LedgerError::Read { path, source }),
        }
    }

    /// The name it signs in: that of the keys before, else of the ledger whose first writer is `first`.
    fn name(&self, first: Uuid) -> String {
        let before = self.before.last().map(VerifierKey::name);
        before.or(self.signed_as.as_deref()).map_or_else(|| format!("dragoman-ledger/{first}"), str::to_owned)
    }

    /// Whether another key signed last.
    pub(super) fn is_new(&self) -> bool {
        self.before.last().is_none_or(|newest| newest.public() != &self.key.public())
    }

    /// What the ledger says of it when it begins to sign, and of an end that nothing shows. `is_signed` is whether the
    /// segments have a checkpoint.
    pub(super) fn remarks(&self, past: &Past, is_signed: bool) -> Vec<String> {
        let mut remarks = Vec::new();
        // A key that is made or named now may not have signed before.
        let may_have_signed = is_signed || !self.before.is_empty() || !(self.is_named || self.made.is_some());
        if past.has_lines() && !past.has_head {
            remarks.push(match may_have_signed {
                true => told::end_unknown("`head` is missing or cannot be read"),
                false => told::never_signed(),
            });
        }
        match self.before.last() {
            None if is_signed => remarks.push(format!(
                "`{FILE}` was missing or empty and was made again: it names only the key that signs from here on"
            )),
            Some(newest) if self.is_new() => {
                let key = self.key.verifier(newest.name());
                remarks.push(format!(
                    "checkpoints are signed by another key from here on: {key} in place of {newest}"
                ));
            }
            None | Some(_) => {}
        }
        remarks
    }

    /// The checkpoint that the next one follows: the newest of the segments, or the one that was left beside them where
    /// its line is gone, so that it shows that there was one.
    pub(super) fn newer(&self, newest: Option<Newest>, left: Option<Newest>) -> Option<Newest> {
        let is_ours = |left: &Newest| {
            let own = self.key.verifier(left.name());
            left.note.verified_by(&self.before).is_some() || left.note.verified_by(&[own]).is_some()
        };
        let is_next = |left: &Newest| {
            newest.as_ref().is_none_or(|newest| left.name() == newest.name() && left.is_after(newest))
        };
        left.filter(|left| is_ours(left) && is_next(left)).or(newest)
    }

    /// The key, and the name it signs in.
    pub(super) fn named(&self, first: Uuid) -> (Arc<SigningKey>, String) {
        (Arc::clone(&self.key), self.name(first))
    }

    /// Says in the directory whom to believe from now on, and to the operator where the key is.
    pub(super) fn announce(self, directory: &Path, first: Uuid) -> Result<(), LedgerError> {
        let verifier = self.key.verifier(&self.name(first));
        if self.is_new() {
            let all = self.before.iter().chain([&verifier]);
            let text: String = all.map(|key| format!("{key}\n")).collect();
            head::replace(&directory.join(FILE), &directory.join("verifier.new"), text.as_bytes(), true)?;
        }
        if let Some(path) = &self.made {
            tracing::info!(
                path = %path.display(),
                verifier = %verifier,
                "a key was made that signs the ledger's checkpoints; keep a copy of it, and give the verifier key to who \
                 audits"
            );
        }
        Ok(())
    }
}

/// The keys that are believed in `directory`, newest last.
fn known(directory: &Path) -> Result<Vec<VerifierKey>, LedgerError> {
    let path = directory.join(FILE);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => return Err(LedgerError::Read { path, source }),
    };
    let keys: Result<_, _> = text.lines().map(str::parse).collect();
    keys.map_err(|error| {
        let source = io::Error::new(io::ErrorKind::InvalidData, error);
        LedgerError::Read { path, source }
    })
}
