//! When is what is kept signed, and what exactly does the signature say?
//!
//! ```text
//! dragoman-ledger/<first writer>       whose ledger it is
//! version 1
//! records <n>                          lines of all writers that it covers
//! writers <n>                          leaves of the tree
//! root <base64>                        the tree's root (RFC 6962)
//! writer <uuid> <seq> <hash>           the last line it covers
//! segment <number> <bytes>             where that line ends
//! time <RFC 3339>
//! previous <hash>                      SHA-256 of the text of the checkpoint before
//! ```
//! Only lines that are kept are signed, so that no signature ever speaks of what a failed disk took back. The
//! signed text becomes the next line, and once that line is kept the file `checkpoint` as well.

mod backwards;

use super::error::LedgerError;
use super::head::{self, Kept};
use super::json;
use super::key::SigningKey;
use super::merkle::Leaves;
use super::note::Note;
use super::past::SegmentFile;
use super::settings::CheckpointSettings;
use super::timestamp::Timestamps;
use super::writers::Ended;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// The name of the file with the newest one.
pub(super) const FILE: &str = "checkpoint";

/// Makes the checkpoints of one writer.
#[derive(Debug)]
pub(super) struct Checkpoints {
    key: Arc<SigningKey>,
    name: String,
    writer: Uuid,
    /// The writers before this one, and how many lines they have.
    leaves: Leaves,
    records_before: u64,
    /// SHA-256 of the text of the one before, in hexadecimal digits.
    previous: String,
    every_records: u64,
    every: Duration,
    /// The `seq` of the newest one's line.
    seq: u64,
    /// Since when there is a line that none covers.
    uncovered_since: Option<Instant>,
    /// Something has happened that is signed at once.
    at_once: bool,
    /// The writer has said that it stops.
    is_ended: bool,
    /// Made, and its line is not kept yet.
    made: Option<String>,
    /// Its line is kept, and the file does not say so yet.
    kept: Option<String>,
    path: PathBuf,
    draft: PathBuf,
}

impl Checkpoints {
    /// Those of `writer` in `directory`, where `ended` have written before.
    pub(super) fn new(
        directory: &Path,
        writer: Uuid,
        (key, name): (Arc<SigningKey>, String),
        (ended, newest): (&[Ended], Option<&Newest>),
        settings: &CheckpointSettings,
    ) -> Checkpoints {
        let mut leaves = Leaves::default();
        ended.iter().for_each(|ended| leaves.push(ended.leaf().as_bytes()));
        Checkpoints {
            key,
            name,
            writer,
            leaves,
            records_before: ended.iter().map(|ended| ended.records).sum(),
            previous: newest.map_or_else(|| "0".repeat(64), |newest| hex(&newest.text)),
            every_records: settings.every_records,
            every: settings.every,
            seq: 0,
            uncovered_since: None,
            at_once: false,
            is_ended: false,
            made: None,
            kept: None,
            path: directory.join(FILE),
            draft: directory.join("checkpoint.new"),
        }
    }

    /// Has what is kept next signed at once.
    pub(super) fn at_once(&mut self) {
        self.at_once = true;
    }

    /// Makes no more: what is left is the line that says that the writer stops.
    pub(super) fn end(&mut self) {
        self.is_ended = true;
    }

    /// Whether one is to be made now that `kept` is the last line, and kept.
    pub(super) fn is_due(&mut self, kept: &Kept) -> bool {
        let uncovered = kept.seq.saturating_sub(self.seq);
        if uncovered == 0 || self.is_ended {
            return false;
        }
        let since = *self.uncovered_since.get_or_insert_with(Instant::now);
        self.at_once || uncovered >= self.every_records || since.elapsed() >= self.every
    }

    /// When the next one has to be made, if nothing happens that makes it due before.
    pub(super) fn due(&self) -> Option<Instant> {
        self.uncovered_since.map(|since| since + self.every)
    }

    /// Signs what there is up to `kept`, at the moment `at_us`: the members of the line, which has to be the next.
    pub(super) fn make(&mut self, kept: &Kept, at_us: u64) -> Vec<u8> {
        let text = self.text(kept, at_us);
        let note = self.key.sign(&text, &self.name);
        let mut members = b"\"checkpoint\":".to_vec();
        json::string(&mut members, &note);
        self.previous = hex(&text);
        self.seq = kept.seq + 1;
        self.uncovered_since = None;
        self.at_once = false;
        self.made = Some(note);
        members
    }

    fn text(&self, kept: &Kept, at_us: u64) -> String {
        let hash = String::from_utf8_lossy(&kept.hash);
        let leaf = format!("{} {} {hash}", self.writer, kept.seq);
        let root = STANDARD.encode(self.leaves.root_with(leaf.as_bytes()));
        let mut time = Vec::new();
        Timestamps::new().write(&mut time, at_us);
        format!(
            "{}\nversion 1\nrecords {}\nwriters {}\nroot {root}\nwriter {leaf}\nsegment {:08} {}\ntime {}\nprevious {}\n",
            self.name,
            self.records_before + kept.seq,
            self.leaves.count() + 1,
            kept.segment,
            kept.bytes,
            String::from_utf8_lossy(&time),
            self.previous,
        )
    }

    /// Says that everything written so far is kept; whether a checkpoint was among it.
    pub(super) fn is_kept(&mut self) -> bool {
        let made = self.made.take();
        let is_any = made.is_some();
        self.kept = made.or_else(|| self.kept.take());
        is_any
    }

    /// Whether one is kept that the file does not hold yet.
    pub(super) fn is_unpublished(&self) -> bool {
        self.kept.is_some()
    }

    /// Brings the file up to date.
    pub(super) fn publish(&mut self) -> Result<(), LedgerError> {
        if let Some(note) = &self.kept {
            head::replace(&self.path, &self.draft, note.as_bytes(), false)?;
            self.kept = None;
        }
        Ok(())
    }
}

fn hex(text: &str) -> String {
    Sha256::digest(text).iter().fold(String::new(), |mut digits, byte| {
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}

/// The newest checkpoint that earlier writers left, as far as it says what has to be there.
#[derive(Debug)]
pub(super) struct Newest {
    /// With its signatures.
    pub(super) note: Note,
    /// What was signed.
    text: String,
    /// Leaves of the tree.
    pub(super) writers: u64,
    /// The last line it covers, and whose it is.
    pub(super) writer: Uuid,
    pub(super) seq: u64,
}

impl Newest {
    /// The name in which it was signed.
    pub(super) fn name(&self) -> &str {
        self.text.lines().next().unwrap_or_default()
    }

    /// Whether it names none before it.
    pub(super) fn is_first(&self) -> bool {
        self.text.lines().any(|line| {
            line.strip_prefix("previous ").is_some_and(|hash| hash.bytes().all(|digit| digit == b'0'))
        })
    }

    /// Whether more was there when it was made than at `other`.
    pub(super) fn is_after(&self, other: &Newest) -> bool {
        (self.writers, self.seq) > (other.writers, other.seq)
    }

    /// That of the newest segment that has one; only the newest with a line is looked at unless `all` are to be.
    pub(super) fn of(segments: &[SegmentFile], all: bool) -> Option<Newest> {
        for file in segments.iter().rev() {
            let found = backwards::last_line_with(file, LINE);
            if let Some(newest) = found.line.as_deref().and_then(Newest::of_line) {
                return Some(newest);
            }
            if !all && !found.is_empty {
                return None;
            }
        }
        None
    }

    fn of_line(line: &[u8]) -> Option<Newest> {
        #[derive(serde::Deserialize)]
        struct Line {
            checkpoint: String,
        }
        let line: Line = serde_json::from_slice(line).ok()?;
        Newest::of_note(&line.checkpoint)
    }

    /// What the file says, for it may be newer than the segments.
    pub(super) fn left(directory: &Path) -> Option<Newest> {
        Newest::of_note(&std::fs::read_to_string(directory.join(FILE)).ok()?)
    }

    fn of_note(note: &str) -> Option<Newest> {
        let note = Note::parse(note).ok()?;
        let text = note.text().to_owned();
        let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        let writers = field("writers")?.parse().ok()?;
        let (writer, rest) = field("writer")?.split_once(' ')?;
        let (writer, seq) = (Uuid::parse_str(writer).ok()?, rest.split_once(' ')?.0.parse().ok()?);
        Some(Newest { note, writers, writer, seq, text })
    }
}

/// How the line of one begins.
const LINE: &[u8] = b"{\"v\":1,\"event\":\"checkpoint\"";
