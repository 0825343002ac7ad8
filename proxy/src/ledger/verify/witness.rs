//! What do others say about how far a ledger goes: its `head`, its newest checkpoint, checkpoints from elsewhere?

use super::checkpoint::Checkpoint;
use super::files::beside;
use super::finding::{Code, Place};
use super::record::{hash_of_text, writer_id};
use super::report::Report;
use super::{Options, VerifyError};
use crate::ledger::chain::Hash;
use crate::ledger::note::BYTES_MAX;
use serde::Deserialize;
use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};

const SIGNATURE: &str = "\u{2014} ";

/// Positions in a ledger, by writer.
pub(super) type Positions = HashMap<u128, HashSet<u64>>;

/// All of them, read before the segments.
#[derive(Debug, Default)]
pub(super) struct Witnesses {
    pub(super) heads: Vec<Head>,
    /// Texts of checkpoints, whose signatures are not checked yet.
    pub(super) notes: Vec<Kept>,
}

/// The last line that was kept, as the writer said when it had kept it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) writer: u128,
    pub(super) seq: u64,
    pub(super) hash: Hash,
    pub(super) segment: u64,
    pub(super) bytes: u64,
}

/// A checkpoint that does not stand in a segment.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    pub(super) place: Place,
    pub(super) note: String,
    pub(super) from: From,
}

/// Whose word it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum From {
    /// The file `checkpoint` of the folder.
    Folder,
    /// A file that whoever verifies has named.
    Elsewhere,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HeadFile {
    v: u64,
    writer: String,
    seq: u64,
    hash: String,
    segment: u64,
    bytes: u64,
}

impl Witnesses {
    pub(super) fn read(options: &Options, report: &mut Report) -> Result<Witnesses, VerifyError> {
        let mut witnesses = Witnesses::default();
        for directory in &options.directories {
            if let Some(bytes) = beside(directory, "head", BYTES_MAX as u64)? {
                match head(&bytes) {
                    Some(head) => witnesses.heads.push(head),
                    // What a loss of power may make of a file that was just replaced; it says nothing.
                    None if bytes.is_empty() => {}
                    None => {
                        let message = "the file does not name a line, as the writer does".to_owned();
                        report.find(Code::HeadDiffers, Some(file_place("head")), message);
                    }
                }
            }
            if let Some(bytes) = beside(directory, "checkpoint", BYTES_MAX as u64)? {
                let note = String::from_utf8_lossy(&bytes).into_owned();
                witnesses.notes.push(Kept { place: file_place("checkpoint"), note, from: From::Folder });
            }
        }
        for path in &options.checkpoints {
            let before = witnesses.notes.len();
            notes(path, &mut witnesses.notes)?;
            if witnesses.notes.len() == before {
                return Err(VerifyError::NoCheckpoint { path: path.clone() });
            }
        }
        Ok(witnesses)
    }

    /// Which lines are to be looked at more closely.
    pub(super) fn positions(&self) -> Positions {
        let mut positions = Positions::new();
        let heads = self.heads.iter().map(|head| (head.writer, head.seq));
        let notes = self.notes.iter().filter_map(|kept| Checkpoint::of_note(&kept.note));
        for (writer, seq) in heads.chain(notes.map(|checkpoint| (checkpoint.writer, checkpoint.seq))) {
            positions.entry(writer).or_default().insert(seq);
        }
        positions
    }
}

fn head(bytes: &[u8]) -> Option<Head> {
    let file: HeadFile = serde_json::from_slice(bytes.strip_suffix(b"\n")?).ok()?;
    let HeadFile { v: 1, writer, seq, hash, segment, bytes } = file else { return None };
    Some(Head { writer: writer_id(writer.as_bytes())?, seq, hash: hash_of_text(&hash)?, segment, bytes })
}

fn file_place(name: &str) -> Place {
    Place { file: name.to_owned(), line: 0, offset: 0, writer: None, seq: None }
}

/// Notes one after the other: each ends with the last of its lines of signatures.
fn notes(path: &PathBuf, notes: &mut Vec<Kept>) -> Result<(), VerifyError> {
    let failed = |source| VerifyError::read(path, source);
    let mut file = BufReader::new(File::open(path).map_err(failed)?);
    let name = path.file_name().map_or(path.as_path(), Path::new).display().to_string();
    let (mut note, mut line, mut number, mut offset) = (String::new(), Vec::new(), 0, 0_u64);
    let mut place = Place { line: 1, ..file_place(&name) };
    let mut is_signed = false;
    loop {
        line.clear();
        let read = file.by_ref().take(BYTES_MAX as u64).read_until(b'\n', &mut line).map_err(failed)?;
        let text = String::from_utf8_lossy(&line);
        if !note.is_empty() && (read == 0 || (is_signed && !text.starts_with(SIGNATURE))) {
            let place = place.clone();
            notes.push(Kept { place, note: std::mem::take(&mut note), from: From::Elsewhere });
            is_signed = false;
        }
        if read == 0 {
            return Ok(());
        }
        number += 1;
        if note.is_empty() && text.trim().is_empty() {
            offset += read as u64;
            continue;
        }
        if note.is_empty() {
            (place.line, place.offset) = (number, offset);
        }
        is_signed |= text.starts_with(SIGNATURE);
        // What is too long for a note is none; enough of it is kept to say so.
        if note.len() <= BYTES_MAX {
            note.push_str(&text);
        }
        offset += read as u64;
    }
}
