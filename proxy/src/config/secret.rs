//! What does a secret say that the settings name by its place?

use super::path::{Origin, Path};
use super::problem::{Cause, FileFault, Problem};
use super::read_file;
use super::settings::Secret;
use zeroize::Zeroizing;

/// What nobody may read in a log: it has no text form, and leaves no copy in memory.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretText(Zeroizing<String>);

impl SecretText {
    /// Keeps `text` from being printed.
    pub fn new(text: impl Into<String>) -> SecretText {
        SecretText(Zeroizing::new(text.into()))
    }

    /// The secret itself, for whoever uses it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for SecretText {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("SecretText(…)")
    }
}

/// A secret comes from one place.
pub(super) fn check(secret: &Secret, path: &Path, tell: &mut impl FnMut(&Path, Cause)) {
    if secret.file.is_some() && secret.env.is_some() {
        tell(&path.key("env"), Cause::TwoSecrets);
    }
}

/// The secret, from where it is kept; `None` where no place is named.
pub(super) fn read(
    secret: &Secret,
    path: &Path,
    origin: &Origin,
) -> Result<Option<SecretText>, Box<Problem>> {
    if let Some(file) = &secret.file {
        let fault =
            |fault| Box::new(origin.problem(&path.key("file"), Cause::File { path: file.clone(), fault }));
        let bytes = Zeroizing::new(read_file(file).map_err(fault)?);
        let text = std::str::from_utf8(&bytes).map_err(|_| fault(FileFault::NotText))?;
        return Ok(Some(SecretText::new(text.trim_end_matches(['\r', '\n']))));
    }
    let Some(name) = &secret.env else { return Ok(None) };
    match std::env::var(name) {
        Ok(value) => Ok(Some(SecretText::new(value))),
        Err(_) => Err(Box::new(origin.problem(&path.key("env"), Cause::NoVariable { name: name.clone() }))),
    }
}
