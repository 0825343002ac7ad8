//! Do the ledger's folders fit each other, and is the key that signs one?

use super::invalid;
use super::path::Path;
use super::problem::{Cause, ConfigError};
use super::secret::{self, SecretText};
use super::settings::Config;
use crate::ledger::SigningKey;
use std::fs;
use std::path::{self, PathBuf};

/// What makes no sense of the folders.
pub(super) fn check(config: &Config, tell: &mut impl FnMut(&Path, Cause)) {
    let is_inside = |keys: &PathBuf| real(keys).starts_with(real(&config.ledger.directory));
    if config.ledger.keys.as_ref().is_some_and(is_inside) {
        tell(&Path::default().key("ledger").key("keys"), Cause::KeysInLedger);
    }
}

/// `ledger.checkpoints.key`, read; `None` where none is named. What it names has to be able to sign.
pub fn ledger_key(config: &Config) -> Result<Option<SecretText>, ConfigError> {
    let path = Path::default().key("ledger").key("checkpoints").key("key");
    let settings = &config.ledger.checkpoints.key;
    let invalid = |problem| invalid(&config.origin.file, vec![problem]);
    let key = secret::read(settings, &path, &config.origin).map_err(|problem| invalid(*problem))?;
    match &key {
        Some(text) if SigningKey::from_pem(text.reveal()).is_err() => {
            let path = path.key(if settings.file.is_some() { "file" } else { "env" });
            Err(invalid(config.origin.problem(&path, Cause::NoSigningKey)))
        }
        _ => Ok(key),
    }
}

/// Where a path leads, links followed as far as it is there: two ways to write one folder are one.
pub(super) fn real(path: &path::Path) -> PathBuf {
    let whole = path::absolute(path).unwrap_or_else(|_| path.to_owned());
    for there in whole.ancestors() {
        if let (Ok(real), Ok(rest)) = (fs::canonicalize(there), whole.strip_prefix(there)) {
            return real.join(rest);
        }
    }
    whole
}
