//! Which 64 bits stand for a value of a field, and for a page of an index?
//!
//! Written down in files, so it must stay the same everywhere: no crate's hash promises that. It need
//! not withstand an adversary. Two values with the same key cost a line that is read in vain, since
//! every line is compared with the question itself; damage does not choose its bytes.

/// A field that can be looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(in crate::ledger) enum Field {
    Event = 1,
    Listener,
    /// The record belongs to no listener.
    Gateway,
    User,
    Database,
    Application,
    Session,
    Fingerprint,
    /// A table as it is written, and what stands behind each of its dots.
    Table,
    Class,
    Verdict,
    Rule,
    Sqlstate,
    /// A statement's whole text, its ASCII letters in lower case.
    Text,
    /// The keyed hash of a parameter.
    Parameter,
}

/// What stands for a value of a field.
pub(in crate::ledger) fn key(field: Field, value: &[u8]) -> u64 {
    hash(field as u64, value)
}

/// Some digits of pi after the point, none of which has a meaning (Blowfish's first constants).
const A: u64 = 0x243f_6a88_85a3_08d3;
const B: u64 = 0x1319_8a2e_0370_7344;
const C: u64 = 0xa409_3822_299f_31d0;

/// Sixteen bytes a step, each a product of 64 bits by 64 bits whose halves are added without carry
/// (the construction of wyhash, Wang Yi 2019).
pub(super) fn hash(seed: u64, bytes: &[u8]) -> u64 {
    let mut state = fold(seed ^ A, (bytes.len() as u64) ^ B);
    let (chunks, rest) = bytes.as_chunks::<16>();
    for chunk in chunks {
        state = mixed(state, *chunk);
    }
    if !rest.is_empty() {
        let mut last = [0; 16];
        for (place, byte) in last.iter_mut().zip(rest) {
            *place = *byte;
        }
        state = mixed(state, last);
    }
    fold(state ^ A, C)
}

fn mixed(state: u64, chunk: [u8; 16]) -> u64 {
    let both = u128::from_le_bytes(chunk);
    fold(both as u64 ^ state, (both >> 64) as u64 ^ B) ^ state.rotate_left(29)
}

fn fold(one: u64, other: u64) -> u64 {
    let product = u128::from(one) * u128::from(other);
    (product as u64) ^ ((product >> 64) as u64)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn keys_are_the_same_for_ever_since_files_hold_them() {
        let texts: [&[u8]; 3] = [b"", b"app", b"select a, b from orders where id = ?"];
        const EXPECTED: [u64; 3] =
            [5_271_415_643_469_965_759, 12_617_721_090_559_758_658, 11_231_859_638_942_279_448];
        let keys = texts.map(|text| key(Field::User, text));
        assert_eq!(keys, EXPECTED, "other keys: raise the version of the form as well");
    }

    #[test]
    fn fields_lengths_and_every_byte_matter() {
        let mut seen = HashSet::new();
        for field in [Field::User, Field::Database, Field::Table] {
            for length in 0..64 {
                assert!(seen.insert(key(field, &vec![0; length])), "{field:?} {length}");
                for place in 0..length {
                    let mut bytes = vec![0; length];
                    bytes[place] = 1;
                    assert!(seen.insert(key(field, &bytes)), "{field:?} {length} {place}");
                }
            }
        }
    }
}
