//! Which of the words that matter here is a word?
//!
//! Not the server's list of keywords: only those the other modules ask about. A word of this list
//! may still be an identifier where it stands; that is for the one who asks to tell.

use std::ops::Range;

macro_rules! keywords {
    ($($keyword:ident)*) => {
        /// A word that matters to the splitter, the shape or the classes; any other is `None`.
        #[allow(missing_docs, reason = "each is the keyword it is named after")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Keyword {
            None,
            $($keyword,)*
        }

        /// The list's words as numbers, to be patterns of one `match`.
        #[allow(non_upper_case_globals, reason = "named after the variants they stand for")]
        mod packed {
            $(pub(super) const $keyword: u128 = super::packed_bytes(stringify!($keyword).as_bytes());)*
        }

        impl Keyword {
            /// The keyword a word is, in any case (ASCII, as in the server's grammar).
            pub fn of(word: &[u8]) -> Keyword {
                Keyword::at(word, 0..word.len())
            }

            /// The keyword the word at `place` of `text` is.
            #[inline]
            pub(crate) fn at(text: &[u8], place: Range<usize>) -> Keyword {
                match packed_place(text, place) {
                    $(packed::$keyword => Keyword::$keyword,)*
                    _ => Keyword::None,
                }
            }
        }
    };
}

/// The word's sixteen bytes at once where the text has as many left; zero, which is no keyword,
/// for a longer word.
fn packed_place(text: &[u8], place: Range<usize>) -> u128 {
    let length = place.len();
    if length == 0 || length > 16 {
        return 0;
    }
    let rest = text.get(place.start..).unwrap_or_default();
    match rest.first_chunk::<16>() {
        Some(bytes) => (u128::from_le_bytes(*bytes) & (u128::MAX >> (128 - 8 * length))) | CASE,
        None => packed_word(rest.get(..length).unwrap_or_default()),
    }
}

/// As [`packed_bytes`], in two reads that may overlap.
fn packed_word(word: &[u8]) -> u128 {
    let length = word.len();
    let bytes = if let (Some(first), Some(last)) = (word.first_chunk::<8>(), word.last_chunk::<8>()) {
        u128::from(u64::from_le_bytes(*first)) | u128::from(u64::from_le_bytes(*last)) << (8 * (length - 8))
    } else if let (Some(first), Some(last)) = (word.first_chunk::<4>(), word.last_chunk::<4>()) {
        u128::from(u32::from_le_bytes(*first)) | u128::from(u32::from_le_bytes(*last)) << (8 * (length - 4))
    } else {
        return packed_bytes(word);
    };
    bytes | CASE
}

const CASE: u128 = 0x2020_2020_2020_2020_2020_2020_2020_2020;

/// Up to sixteen bytes as one number. Setting bit 5 folds the letters' case, and turns no other
/// byte of a word into a letter; what is behind a short word becomes a space, which no word has.
const fn packed_bytes(word: &[u8]) -> u128 {
    let mut packed = 0u128;
    let mut index = word.len();
    while index > 0 {
        index -= 1;
        packed = packed << 8 | word[index] as u128;
    }
    packed | CASE
}

keywords! {
    Abort Absolute All Also Alter Analyse Analyze And Any Array As Atomic
    Backward Begin Between Binary Binlog Both By
    Cache Call Case Change Characteristics Check Checkpoint Checksum Clone Close Cluster Comment Commit
    Component Copy Create Cursor Cycle
    Data Database Deallocate Declare Default Definer Delayed Delete Desc Describe Discard Distinct Do Drop
    Dual Dumpfile
    Each Else End Event Except Execute Exists Explain
    False Fetch First Flush For Forward From Full Function
    Global Grant Group
    Handler Having Help Hold
    Identified If Ignore Ilike Import In Index Inner Insert Install Instance Instead Intersect Into Is
    Join
    Key Kill
    Last Lateral Leading Like Limit Listen Load Local Lock Loop
    Mapping Materialized Merge Move
    Next Not Notify Null
    Off Offset On Only Optimize Or Outer Outfile
    Password Persist Plugin Policy Prepare Prepared Prior Privileges Procedure Program
    Reassign Recursive References Refresh Reindex Relative Release Rename Repair Repeat Replace Replica
    Reset Restart Return Returning Revoke Role Rollback Row Rows
    Savepoint Schema Search Security Select Server Session Set Show Shutdown Slave Start Statement Stdin
    Stdout Stop
    Table Tables Temp Temporary Then To Trailing Transaction Trigger True Truncate
    Uescape Uninstall Union Unlisten Unlock Unlogged Update Use User Using
    Vacuum Value Values Verbose View
    When Where While With Work
    Xa
}

/// In ascending order, by insertion: at build time only.
const fn sorted<const LENGTH: usize>(mut words: [u128; LENGTH]) -> [u128; LENGTH] {
    let mut end = 1;
    while end < LENGTH {
        let mut at = end;
        while at > 0 && words[at - 1] > words[at] {
            (words[at - 1], words[at]) = (words[at], words[at - 1]);
            at -= 1;
        }
        end += 1;
    }
    words
}

/// For each first letter, the lengths of the words it begins: one bit each.
const fn lengths(words: &[&str]) -> [u32; 32] {
    let mut lengths = [0; 32];
    let mut at = 0;
    while at < words.len() {
        lengths[(words[at].as_bytes()[0] & 0x1f) as usize] |= 1 << words[at].len();
        at += 1;
    }
    lengths
}

macro_rules! reserved {
    ($($word:literal)*) => {
        /// Whether a name must be quoted to be one. These are PostgreSQL 18's keywords but those it
        /// calls unreserved; MySQL's that are missing here are no names without quotes either, so
        /// there is nothing they could be mixed up with.
        pub(crate) fn is_reserved(word: &[u8]) -> bool {
            const PACKED: &[u128] = &sorted([$(packed_bytes($word.as_bytes())),*]);
            const LENGTHS: [u32; 32] = lengths(&[$($word),*]);
            // Most names are told from keywords by their first letter and their length.
            let lengths = word.first().map_or(0, |first| LENGTHS[usize::from(first & 0x1f)]);
            let may_be = word.len() <= 16 && lengths >> word.len() & 1 == 1;
            (may_be && PACKED.binary_search(&packed_word(word)).is_ok()) || word == b"current_timestamp"
        }
    };
}

reserved! {
    "all" "analyse" "analyze" "and" "any" "array" "as" "asc" "asymmetric" "authorization" "between"
    "bigint" "binary" "bit" "boolean" "both" "case" "cast" "char" "character" "check" "coalesce"
    "collate" "collation" "column" "concurrently" "constraint" "create" "cross" "current_catalog"
    "current_date" "current_role" "current_schema" "current_time" "current_user" "dec" "decimal"
    "default" "deferrable" "desc" "distinct" "do" "else" "end" "except" "exists" "extract" "false"
    "fetch" "float" "for" "foreign" "freeze" "from" "full" "grant" "greatest" "group" "grouping"
    "having" "ilike" "in" "initially" "inner" "inout" "int" "integer" "intersect" "interval" "into" "is"
    "isnull" "join" "json" "json_array" "json_arrayagg" "json_exists" "json_object" "json_objectagg"
    "json_query" "json_scalar" "json_serialize" "json_table" "json_value" "lateral" "leading" "least"
    "left" "like" "limit" "localtime" "localtimestamp" "merge_action" "national" "natural" "nchar"
    "none" "normalize" "not" "notnull" "null" "nullif" "numeric" "offset" "on" "only" "or" "order" "out"
    "outer" "overlaps" "overlay" "placing" "position" "precision" "primary" "real" "references"
    "returning" "right" "row" "select" "session_user" "setof" "similar" "smallint" "some" "substring"
    "symmetric" "system_user" "table" "tablesample" "then" "time" "timestamp" "to" "trailing" "treat"
    "trim" "true" "union" "unique" "user" "using" "values" "varchar" "variadic" "verbose" "when" "where"
    "window" "with" "xmlattributes" "xmlconcat" "xmlelement" "xmlexists" "xmlforest" "xmlnamespaces"
    "xmlparse" "xmlpi" "xmlroot" "xmlserialize" "xmltable"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_found_in_any_case_and_only_whole() {
        for (word, expected) in [
            ("select", Keyword::Select),
            ("SELECT", Keyword::Select),
            ("sElEcT", Keyword::Select),
            ("characteristics", Keyword::Characteristics),
            ("selec", Keyword::None),
            ("selects", Keyword::None),
            ("s", Keyword::None),
            ("none", Keyword::None),
            ("", Keyword::None),
            ("a_word_longer_than_sixteen", Keyword::None),
        ] {
            assert_eq!(Keyword::of(word.as_bytes()), expected, "{word}");
        }
    }

    #[test]
    fn a_word_is_packed_alike_at_the_end_of_a_text_and_before_more() {
        let text = b"current_catalogs and more behind it";
        for length in 0..=16 {
            let word = &text[..length];
            assert_eq!(packed_word(word), packed_bytes(word), "{length}");
            assert!(length == 0 || packed_place(text, 0..length) == packed_bytes(word), "{length}");
        }
    }

    #[test]
    fn reserved_words_are_found_and_others_are_not() {
        for word in ["all", "xmltable", "select", "current_timestamp", "localtimestamp", "user", "or"] {
            assert!(is_reserved(word.as_bytes()), "{word}");
        }
        for word in ["id", "name", "type", "key", "value", "selects", "current_timestamps", "", "x"] {
            assert!(!is_reserved(word.as_bytes()), "{word}");
        }
    }

    #[test]
    fn a_byte_that_is_no_letter_never_passes_for_one() {
        for position in 0..6 {
            for byte in (0..=u8::MAX).filter(|byte| !byte.is_ascii_alphabetic()) {
                let mut word = *b"select";
                word[position] = byte;
                assert_eq!(Keyword::of(&word), Keyword::None, "{word:?}");
            }
        }
    }
}
