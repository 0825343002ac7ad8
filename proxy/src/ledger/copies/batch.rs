//! What is one piece of the ledger on its way to a place, and where does it end?

use crate::ledger::index::micros;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fs;
use std::path::Path;

/// How the name of a ledger begins in a checkpoint and in a verifier key.
const NAME: &str = "dragoman-ledger/";

/// The end of what a place has taken: a line, and where it ends.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct At {
    /// The number of the segment; 0 before the first.
    pub(super) segment: u64,
    /// Where the line ends there, its line feed included.
    pub(super) bytes: u64,
    /// Who wrote the line.
    pub(super) writer: String,
    /// Which of its lines.
    pub(super) seq: u64,
    /// The line's hash; of a checkpoint, SHA-256 of the whole note.
    pub(super) hash: String,
}

/// Whole lines, or one note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Batch {
    pub(super) bytes: Vec<u8>,
    /// Where it begins in its segment.
    pub(super) from: u64,
    /// The line before which it begins: `writer` and `seq` of its first.
    pub(super) first: (String, u64),
    /// Its end.
    pub(super) after: At,
    /// When its first line was written, in microseconds since 1970-01-01 UTC.
    pub(super) since_us: Option<u64>,
}

impl Batch {
    /// The whole lines, without their line feeds. What an ended writer has left unfinished is none.
    pub(super) fn lines(&self) -> impl Iterator<Item = &[u8]> {
        self.whole().split_inclusive(|byte| *byte == b'\n').filter_map(|line| line.strip_suffix(b"\n"))
    }

    /// The bytes up to the last line feed.
    pub(super) fn whole(&self) -> &[u8] {
        whole(&self.bytes)
    }
}

/// The bytes up to the last line feed.
pub(super) fn whole(bytes: &[u8]) -> &[u8] {
    let end = memchr::memrchr(b'\n', bytes).map_or(0, |at| at + 1);
    bytes.get(..end).unwrap_or_default()
}

/// What a copy looks at of a line; the rest is carried as it is.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Line<'a> {
    #[serde(borrow)]
    pub(super) event: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) ts: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) writer: Cow<'a, str>,
    pub(super) seq: u64,
    #[serde(borrow)]
    pub(super) prev: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) hash: Cow<'a, str>,
}

impl<'a> Line<'a> {
    /// Reads a line; one that is none of the ledger's is carried all the same, and nothing is known of it.
    pub(super) fn of(line: &'a [u8]) -> Line<'a> {
        serde_json::from_slice(line).unwrap_or_default()
    }

    /// When it was written.
    pub(super) fn at_us(&self) -> Option<u64> {
        moment(&self.ts)
    }
}

/// The moment a `ts` names, in microseconds since 1970-01-01 UTC.
pub(super) fn moment(ts: &str) -> Option<u64> {
    micros(ts.as_bytes()).and_then(|us| u64::try_from(us).ok())
}

/// The id of the ledger in `directory`: the first writer it had. It is in every checkpoint and every verifier
/// key; `None` before there is one.
pub(super) fn ledger_id(directory: &Path) -> Option<String> {
    let of = |text: &str, end: char| {
        let name = text.lines().last()?.split(end).next()?;
        name.strip_prefix(NAME).map(str::to_owned)
    };
    let keys = fs::read_to_string(directory.join("verifier.keys")).ok();
    keys.and_then(|keys| of(&keys, '+')).or_else(|| {
        let note = fs::read_to_string(directory.join("checkpoint")).ok()?;
        of(note.lines().next()?, '\n')
    })
}

/// Whether a word can stand in a header or a message as it is: an id of ours, or nothing.
pub(super) fn plain(word: &str) -> &str {
    let is_plain = !word.is_empty()
        && word.len() <= 64
        && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'));
    if is_plain { word } else { "-" }
}
