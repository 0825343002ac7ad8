//! What ties one line of the ledger to the line before it?
//!
//! Every line ends in `,"prev":"P","hash":"H"}` and a line feed. `P` is the `hash` of the line
//! before, in the order of writing; `H` is SHA-256, as 64 lower-case hexadecimal digits, over the
//! raw bytes of the line from its `{` up to and including the byte before `,"hash":`, followed by
//! one `}`: the line as it would be without its last field. The chain goes on over segments and
//! over restarts; the first line of a directory has 64 zeros for `P`.

use super::json;
use sha2::{Digest as _, Sha256};

/// SHA-256 of a line, as it is written: 64 lower-case hexadecimal digits.
pub(super) type Hash = [u8; 64];

/// What stands for the line before the first.
pub(super) const NO_LINE: Hash = [b'0'; 64];

const HASH_FIELD: &[u8] = b",\"hash\":\"";
/// Bytes of `,"hash":"H"}`.
const ENDING_BYTES: usize = HASH_FIELD.len() + 64 + 2;

/// Ends the line that starts at `from` of `lines` and has everything but its hash and its closing
/// brace. Returns the line's hash.
pub(super) fn seal(lines: &mut Vec<u8>, from: usize) -> Hash {
    let hash = hash_of(lines.get(from..).unwrap_or_default());
    lines.extend_from_slice(HASH_FIELD);
    lines.extend_from_slice(&hash);
    lines.extend_from_slice(b"\"}\n");
    hash
}

/// What a line says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sealed {
    /// Its hash is the hash of its bytes.
    Holds(Hash),
    /// Its hash is not that of its bytes, which is this.
    Differs(Hash),
    /// It does not end in a hash.
    Unsealed,
}

/// Computes the hash of a line (without its line feed) from its raw bytes and compares.
pub(super) fn check(line: &[u8]) -> Sealed {
    let Some(split) = line.len().checked_sub(ENDING_BYTES) else { return Sealed::Unsealed };
    let (attested, ending) = line.split_at(split);
    let Some(stored) = ending.strip_prefix(HASH_FIELD).and_then(|rest| rest.strip_suffix(b"\"}")) else {
        return Sealed::Unsealed;
    };
    let hash = hash_of(attested);
    if hash == stored { Sealed::Holds(hash) } else { Sealed::Differs(hash) }
}

fn hash_of(attested: &[u8]) -> Hash {
    let mut sha = Sha256::new();
    sha.update(attested);
    sha.update(b"}");
    let bytes: [u8; 32] = sha.finalize().into();
    let mut digits = [0; 64];
    for (pair, byte) in digits.chunks_exact_mut(2).zip(bytes) {
        pair.copy_from_slice(&json::hex_digits(byte));
    }
    digits
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    const LINE: &str =
        concat!(r#"{"v":1,"hash":"0bdc14d4e98e90cb0eb9cbaeee2c1ba4c0a9ea4d1fa6e9d2e2e5ba0ed4d3f4d9"}"#, "\n");

    /// `printf '{"v":1}' | sha256sum`
    fn expected() -> Hash {
        *b"afbf9d0f3560b0fd7795e81c42a0a79ee6b6fc67e064f77826aee642cad28d91"
    }

    #[test]
    fn the_hash_is_that_of_the_line_without_its_last_field() {
        let mut lines = b"an earlier line\n".to_vec();
        let from = lines.len();
        lines.extend_from_slice(br#"{"v":1"#);
        let hash = seal(&mut lines, from);
        let expected = expected();
        assert_eq!(hash, expected);
        let line = lines[from..].strip_suffix(b"\n").unwrap();
        assert_eq!(check(line), Sealed::Holds(expected));
        assert_eq!(line.len(), LINE.trim_end().len());
    }

    #[test]
    fn a_changed_line_is_seen() {
        assert_eq!(check(LINE.trim_end().as_bytes()), Sealed::Differs(expected()));
        assert_eq!(check(br#"{"v":1}"#), Sealed::Unsealed);
        assert_eq!(check(b""), Sealed::Unsealed);
        assert_eq!(check(&[b'x'; 200]), Sealed::Unsealed);
    }
}
