//! What has the ledger's writer signed last?
//!
//! Read from the files that whoever checks the ledger reads, and told as it stands there: whether the signature
//! holds is what the check finds out.

use crate::ledger::index::micros;
use crate::ledger::note::{Note, VerifierKey};
use ::control::LedgerCheckpoint;
use std::fs;
use std::path::Path;

/// The newest checkpoint.
const CHECKPOINT: &str = "checkpoint";
/// Who signed here, the newest key last.
const KEYS: &str = "verifier.keys";

/// The newest checkpoint of a directory; `None` where there is none, or none that can be understood.
pub(super) fn newest(directory: &Path) -> Option<LedgerCheckpoint> {
    let text = fs::read_to_string(directory.join(CHECKPOINT)).ok()?;
    let note = Note::parse(&text).ok()?;
    let value = |word: &str| {
        let mut lines = note.text().lines();
        lines.find_map(|line| line.strip_prefix(word)?.strip_prefix(' ').map(str::to_owned))
    };
    let (name, id) = note.signers().next().map(|(name, id)| (name.to_owned(), id))?;
    let keys = fs::read_to_string(directory.join(KEYS)).unwrap_or_default();
    let is_its = |key: &VerifierKey| key.name() == name && key.id() == id;
    let key = keys.lines().filter_map(|line| line.parse::<VerifierKey>().ok()).find(is_its);
    Some(LedgerCheckpoint {
        at_us: micros(value("time")?.as_bytes())?,
        records: value("records")?.parse().ok()?,
        key_id: format!("{id:08x}"),
        verifier_key: key.map(|key| key.to_string()),
        text,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::ledger::key::SigningKey;

    #[test]
    fn the_newest_checkpoint_is_told_with_the_key_that_signed_it() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(newest(folder.path()), None);
        let key = SigningKey::make(&folder.path().join("key.pem")).unwrap();
        let other = SigningKey::make(&folder.path().join("other.pem")).unwrap();
        let name = "dragoman-ledger/01990a3b-4d20-7b31-8c55-1f2e3d4c5b6a";
        let text = format!("{name}\nversion 1\nrecords 12\ntime 2026-08-04T12:34:56.000789Z\n");
        fs::write(folder.path().join(CHECKPOINT), key.sign(&text, name)).unwrap();
        let found = newest(folder.path()).unwrap();
        assert_eq!((found.records, found.at_us, &found.verifier_key), (12, 1_785_846_896_000_789, &None));
        let verifier = key.verifier(name);
        fs::write(folder.path().join(KEYS), format!("{}\n{verifier}\n", other.verifier(name))).unwrap();
        let found = newest(folder.path()).unwrap();
        assert_eq!(found.verifier_key, Some(verifier.to_string()));
        assert_eq!(found.key_id, format!("{:08x}", verifier.id()));
        fs::write(folder.path().join(CHECKPOINT), "nothing of ours").unwrap();
        assert_eq!(newest(folder.path()), None);
    }
}
