//! In which words does a start tell what it found, so that `verify` can read them again?
//!
//! The note of `writer.start` is covered by the chain and by the next signature. What a start found missing stays missing,
//! whatever is written behind it, so these words are a part of the format: who changes them changes what
//! older ledgers say.

use uuid::Uuid;

/// What ends a remark on lines that are known of and are not there.
const MISSING: &str = "lines are missing at the end";
/// What a remark begins with where nothing names the last line.
const END_UNKNOWN: &str = "nothing shows where the ledger ended before this start";
/// The same where nothing was ever signed.
const NEVER_SIGNED: &str = "before this start the ledger had no `head` and no checkpoint";

/// A segment ends within a line.
pub(super) fn torn(segment: &str, bytes: u64) -> String {
    format!("{segment} ends in {bytes} bytes of an unfinished line")
}

/// Line `seq` of `writer` is not there although `who` says it was, but only `found`.
pub(super) fn missing(who: &str, seq: u64, writer: Uuid, found: u64) -> String {
    format!("{who} line {seq} of writer {writer}, of which {found} are here: {MISSING}")
}

/// Why the last line is not known, although something was signed.
pub(super) fn end_unknown(why: &str) -> String {
    format!("{END_UNKNOWN}: {why}")
}

/// The lines are older than everything that shows how many there were.
pub(super) fn never_signed() -> String {
    format!("{NEVER_SIGNED}: written by an older version, or both were taken away")
}

/// A remark in the note of a start that is more than its own matter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// Lines before it are missing.
    Missing(String),
    /// It cannot be told whether any are.
    EndUnknown(String),
    /// The same, and nothing was ever signed.
    NeverSigned(String),
}

impl Told {
    /// All of them in a note.
    pub(super) fn of(note: &str) -> Vec<Told> {
        let told = |remark: &str| {
            let text = remark.to_owned();
            if remark.ends_with(MISSING) {
                Some(Told::Missing(text))
            } else if remark.starts_with(END_UNKNOWN) {
                Some(Told::EndUnknown(text))
            } else if remark.starts_with(NEVER_SIGNED) {
                Some(Told::NeverSigned(text))
            } else {
                None
            }
        };
        note.split(BETWEEN).filter_map(told).collect()
    }
}

/// What stands between two remarks of a note.
pub(super) const BETWEEN: &str = "; ";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_start_tells_is_read_again_in_the_same_words() {
        let writer = Uuid::from_u128(7);
        let missing = missing("`head` names", 7, writer, 2);
        assert_eq!(
            missing,
            "`head` names line 7 of writer 00000000-0000-0000-0000-000000000007, of which 2 are here: lines are missing \
             at the end",
            "older ledgers have these words"
        );
        let (unknown, never) = (end_unknown("`head` is missing"), never_signed());
        let note = format!("version 1; {}, left as they are; {missing}; {unknown}; {never}; x", torn("a", 3));
        let expected = [Told::Missing(missing), Told::EndUnknown(unknown), Told::NeverSigned(never)];
        assert_eq!(Told::of(&note), expected);
        assert_eq!(torn("00000001.jsonl", 29), "00000001.jsonl ends in 29 bytes of an unfinished line");
    }
}
