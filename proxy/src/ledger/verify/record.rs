//! What does one raw line of a ledger say of itself?

use crate::ledger::chain::{self, Hash, Sealed};
use uuid::Uuid;

const PREV_FIELD: &[u8] = b",\"prev\":\"";
const HASH_FIELD: &[u8] = b",\"hash\":\"";
/// Bytes of `"P"` or `"H"` behind the name of its field.
const QUOTED_HASH_BYTES: usize = 64 + 1;

/// What every line has.
#[derive(Clone, Copy, Debug)]
pub(super) struct Record<'l> {
    pub(super) event: &'l [u8],
    pub(super) ts: &'l [u8],
    pub(super) writer: u128,
    pub(super) seq: u64,
    /// What it says the hash of the line before is.
    pub(super) previous: Hash,
    /// The hash of its bytes.
    pub(super) hash: Hash,
    /// The hash it states, where that is another one.
    pub(super) stated: Option<Hash>,
}

impl Record<'_> {
    /// Takes a line apart, as the ledger writes it: by place, since a hash is over bytes and not over what a parser of
    /// JSON takes them for. `None` when it is not of that form.
    pub(super) fn read(line: &[u8]) -> Option<Record<'_>> {
        let (hash, stated) = match chain::check(line) {
            Sealed::Holds(hash) => (hash, None),
            Sealed::Differs(hash) => (hash, Some(last_hash(line.strip_suffix(b"\"}")?)?)),
            Sealed::Unsealed => return None,
        };
        let before = line.get(..line.len().checked_sub(HASH_FIELD.len() + QUOTED_HASH_BYTES + 1)?)?;
        let previous = last_hash(before.strip_suffix(b"\"")?)?;
        let fields = before.get(..before.len().checked_sub(QUOTED_HASH_BYTES)?)?.strip_suffix(PREV_FIELD)?;
        let rest = fields.strip_prefix(b"{\"v\":1,\"event\":\"")?;
        let (event, rest) = until_quote(rest)?;
        let (_, rest) = until_quote(rest.strip_prefix(b",\"id\":\"")?)?;
        let (ts, rest) = until_quote(rest.strip_prefix(b",\"ts\":\"")?)?;
        let (writer, rest) = until_quote(rest.strip_prefix(b",\"writer\":\"")?)?;
        let seq = leading_number(rest.strip_prefix(b",\"seq\":")?)?;
        Some(Record { event, ts, writer: writer_id(writer)?, seq, previous, hash, stated })
    }
}

/// A writer as the ledger writes it, and in no other of the ways a UUID can be written.
pub(super) fn writer_id(text: &[u8]) -> Option<u128> {
    let uuid = Uuid::try_parse_ascii(text).ok()?;
    let mut written = [0; 36];
    (uuid.hyphenated().encode_lower(&mut written).as_bytes() == text).then(|| uuid.as_u128())
}

/// A writer as it is written.
pub(super) fn writer_text(writer: u128) -> String {
    Uuid::from_u128(writer).to_string()
}

/// 64 digits as they stand in a text.
pub(super) fn hash_of_text(text: &str) -> Option<Hash> {
    let hash: Hash = text.as_bytes().try_into().ok()?;
    hash.iter().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f')).then_some(hash)
}

/// A hash as it is written.
pub(super) fn hash_text(hash: &Hash) -> String {
    String::from_utf8_lossy(hash).into_owned()
}

/// SHA-256 of a text, as it is written.
pub(super) fn sha256(text: &[u8]) -> Hash {
    use sha2::{Digest as _, Sha256};
    let bytes: [u8; 32] = Sha256::digest(text).into();
    let mut digits = [0; 64];
    for (pair, byte) in digits.chunks_exact_mut(2).zip(bytes) {
        pair.copy_from_slice(&crate::ledger::json::hex_digits(byte));
    }
    digits
}

fn last_hash(text: &[u8]) -> Option<Hash> {
    text.last_chunk::<64>().copied()
}

fn until_quote(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = memchr::memchr(b'"', text)?;
    Some((text.get(..end)?, text.get(end + 1..)?))
}

/// A number, up to what can stand behind it.
fn leading_number(text: &[u8]) -> Option<u64> {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let is_ended = matches!(text.get(digits), None | Some(b','));
    let number = std::str::from_utf8(text.get(..digits)?).ok()?;
    number.parse().ok().filter(|_| is_ended && (digits == 1 || !number.starts_with('0')))
}
