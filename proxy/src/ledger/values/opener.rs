//! What was sealed in a record?

use super::keys::{Folder, KeyFailure, SealingKey};
use super::sealer::NONCE_BYTES;
use super::{Day, Plain};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::XNonce;
use chacha20poly1305::aead::Payload;
use serde_json::Value;
use std::path::Path;
use zeroize::Zeroizing;

/// Why values cannot be shown.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// There is no key for them.
    #[error(transparent)]
    Key(#[from] KeyFailure),
    /// The field is not as the ledger writes it.
    #[error("`sealed` is not as the ledger writes it: {0}")]
    Form(&'static str),
    /// The key does not open them: the line was changed, or the key is another one.
    #[error(
        "the key of {0} does not open this value: the line or the key is not what it was when the value was sealed"
    )]
    Sealed(Day),
}

impl OpenError {
    /// Whether they were destroyed on purpose.
    pub fn is_erased(&self) -> bool {
        matches!(self, OpenError::Key(KeyFailure::Erased(_)))
    }
}

/// Opens values; remembers the key of the last day.
pub struct Opener {
    folder: Folder,
    last: Option<(Day, SealingKey)>,
}

impl std::fmt::Debug for Opener {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Opener").field("folder", &self.folder).finish_non_exhaustive()
    }
}

impl Opener {
    /// Opens with the keys in the folder of a ledger's secrets.
    pub fn new(keys: &Path) -> Opener {
        Opener { folder: Folder::new(keys), last: None }
    }

    /// Opens what is sealed in a record; `None` when nothing is.
    pub fn open(&mut self, record: &Value) -> Result<Option<Plain>, OpenError> {
        let Some(sealed) = record.get("sealed") else { return Ok(None) };
        let field = |name| sealed.get(name).and_then(Value::as_str);
        let day: Day = field("day")
            .and_then(|day| day.parse().ok())
            .ok_or(OpenError::Form("it has no `day` such as 2026-11-21"))?;
        let nonce = field("nonce").and_then(|nonce| STANDARD.decode(nonce).ok());
        let nonce: [u8; NONCE_BYTES] = nonce
            .and_then(|nonce| nonce.try_into().ok())
            .ok_or(OpenError::Form("its `nonce` is not 24 bytes in base64"))?;
        let value = field("value")
            .and_then(|value| STANDARD.decode(value).ok())
            .ok_or(OpenError::Form("its `value` is not base64"))?;
        let id = record.get("id").and_then(Value::as_str).ok_or(OpenError::Form("the record has no `id`"))?;
        let payload = Payload { msg: &value, aad: id.as_bytes() };
        let plain = self.key(day)?.open(&XNonce::from(nonce), payload);
        let plain = Zeroizing::new(plain.ok_or(OpenError::Sealed(day))?);
        let plain = serde_json::from_slice(&plain).map_err(|_| OpenError::Form("what was sealed is no JSON"));
        plain.map(Some)
    }

    fn key(&mut self, day: Day) -> Result<&SealingKey, KeyFailure> {
        let known = self.last.take().filter(|(last, _)| *last == day);
        let known = match known {
            Some(known) => known,
            None => (day, self.folder.read(day)?.sealing()?),
        };
        Ok(&self.last.insert(known).1)
    }
}
