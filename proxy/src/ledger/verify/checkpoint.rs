//! What does a checkpoint say?

use super::believed::{Believed, Signature};
use super::record::{hash_of_text, sha256, writer_id, writer_text};
use super::report::{Reach, moment};
use crate::ledger::chain::Hash;
use crate::ledger::index::micros;
use crate::ledger::merkle::Node;
use crate::ledger::note::Note;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// How the name of a ledger begins, which is also the name its checkpoints are signed in.
pub(super) const ORIGIN: &str = "dragoman-ledger/";

/// What was signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Checkpoint {
    /// The first writer of the ledger, which is the ledger's name.
    pub(super) ledger: u128,
    pub(super) records: u64,
    pub(super) writers: u64,
    pub(super) root: Node,
    /// The line it follows.
    pub(super) writer: u128,
    pub(super) seq: u64,
    pub(super) hash: Hash,
    /// Where that line ends.
    pub(super) segment: u64,
    pub(super) bytes: u64,
    pub(super) time_us: i64,
    /// The text of the checkpoint before, hashed.
    pub(super) previous: Hash,
    /// Its own text, hashed.
    pub(super) text: Hash,
}

/// A checkpoint, and who has signed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Signed {
    pub(super) checkpoint: Checkpoint,
    pub(super) signature: Signature,
}

impl Signed {
    /// Reads a whole note; `None` when it is no checkpoint of a ledger.
    pub(super) fn read(note: &str, believed: &Believed) -> Option<Signed> {
        let note = Note::parse(note).ok()?;
        let checkpoint = Checkpoint::read(note.text())?;
        let signature = believed.check(&note, checkpoint.ledger);
        Some(Signed { checkpoint, signature })
    }
}

impl Signed {
    /// Up to where it goes.
    pub(super) fn reach(&self) -> Reach {
        let said = &self.checkpoint;
        Reach {
            records: Some(said.records),
            writer: writer_text(said.writer),
            seq: said.seq,
            time: Some(moment(said.time_us)),
        }
    }
}

impl Checkpoint {
    /// What a note says, whoever signed it.
    pub(super) fn of_note(note: &str) -> Option<Checkpoint> {
        Checkpoint::read(Note::parse(note).ok()?.text())
    }

    /// Reads a text in its one form.
    fn read(text: &str) -> Option<Checkpoint> {
        let mut lines = text.strip_suffix('\n')?.split('\n');
        let mut field = |name: &str| lines.next()?.strip_prefix(name);
        let ledger = writer_id(field(ORIGIN)?.as_bytes())?;
        field("version 1").filter(|rest| rest.is_empty())?;
        let records = number(field("records ")?)?;
        let writers = number(field("writers ")?)?;
        let root = STANDARD.decode(field("root ")?).ok()?.try_into().ok()?;
        let mut followed = field("writer ")?.splitn(3, ' ');
        let writer = writer_id(followed.next()?.as_bytes())?;
        let (seq, hash) = (number(followed.next()?)?, hash_of_text(followed.next()?)?);
        let (segment, bytes) = field("segment ")?.split_once(' ')?;
        let segment = segment.parse().ok().filter(|number| format!("{number:08}") == segment)?;
        let bytes = number(bytes)?;
        let time_us = micros(field("time ")?.as_bytes())?;
        let previous = hash_of_text(field("previous ")?)?;
        if lines.next().is_some() {
            return None;
        }
        let text = sha256(text.as_bytes());
        Some(Checkpoint {
            ledger,
            records,
            writers,
            root,
            writer,
            seq,
            hash,
            segment,
            bytes,
            time_us,
            previous,
            text,
        })
    }
}

fn number(text: &str) -> Option<u64> {
    text.parse().ok().filter(|number: &u64| number.to_string() == text)
}
