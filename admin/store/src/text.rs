//! What becomes of texts before they are kept? They are refused if a database could not keep them, and
//! names get a key that says which are the same and which comes first.

use crate::{Result, StoreError};
use sha2::{Digest, Sha256};

/// Longest key. PostgreSQL takes a little over 2,700 bytes in an index; a key shares it with ids.
pub(crate) const KEY_BYTES_MAX: usize = 1_000;
/// How much of a longer key is kept before the digest of the whole.
const KEY_BYTES_KEPT: usize = KEY_BYTES_MAX - 32;

/// PostgreSQL keeps no NUL in a text, so neither does SQLite.
pub(crate) fn storable(texts: &[(&'static str, &str)]) -> Result<()> {
    match texts.iter().find(|(_, text)| text.contains('\0')) {
        Some((what, _)) => Err(StoreError::Unfit(what)),
        None => Ok(()),
    }
}

/// A text without case. Letter by letter, so that what begins alike still does; by way of capitals, so that
/// `ß` is `SS` and both forms of a small sigma are one.
pub(crate) fn folded(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect()
}

/// What is unique and ordered of a name: its bytes without case. Of a very long one the beginning, and a
/// digest that keeps it apart from others which begin alike.
pub(crate) fn key(name: &str) -> Vec<u8> {
    bounded(folded(name).into_bytes())
}

/// The same of a name in which case matters.
pub(crate) fn exact_key(name: &str) -> Vec<u8> {
    bounded(name.as_bytes().to_vec())
}

fn bounded(mut key: Vec<u8>) -> Vec<u8> {
    if key.len() > KEY_BYTES_MAX {
        let digest = Sha256::digest(&key);
        key.truncate(KEY_BYTES_KEPT);
        key.extend_from_slice(&digest);
    }
    key
}

/// Where the keys end that begin with `prefix`; `None` when no key is greater than all of them.
pub(crate) fn end_of_prefix(prefix: &[u8]) -> Option<Vec<u8>> {
    let mut end = prefix.to_vec();
    while let Some(last) = end.pop() {
        if last < u8::MAX {
            end.push(last + 1);
            return Some(end);
        }
    }
    None
}

/// What is kept of a text that others wrote and that is only shown: it is cut and cleaned, never refused.
pub(crate) fn shown(text: &str, bytes_max: usize) -> String {
    let mut end = text.len().min(bytes_max);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default().replace('\0', "\u{fffd}")
}
