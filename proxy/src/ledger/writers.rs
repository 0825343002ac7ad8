//! Who has written this ledger before, and how much?
//!
//! The file `writers` has one line for each writer that has ended, in order of start: its id, how many lines it wrote,
//! and the hash of the last one. These lines are the leaves of the tree that checkpoints sign, and they stay when
//! old segments are moved away or removed. At each start the writers that are not in it yet are found in
//! the segments.

use super::chain::{self, Hash, Sealed};
use super::error::LedgerError;
use super::past::{self, SegmentFile};
use super::{head, signer};
use std::fs;
use std::io::{self, BufRead as _};
use std::path::Path;
use uuid::Uuid;

/// Its name.
pub(super) const FILE: &str = "writers";

/// How a line begins that says what was removed.
const REMOVED: &[u8] = b"{\"v\":1,\"event\":\"ledger.removed\"";

/// A writer that writes no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ended {
    pub(super) writer: Uuid,
    /// How many lines it wrote.
    pub(super) records: u64,
    /// The hash of the last one.
    pub(super) hash: Hash,
}

impl Ended {
    /// As a line of the file without its line feed, and as a leaf of the tree.
    pub(super) fn leaf(&self) -> String {
        format!("{} {} {}", self.writer, self.records, String::from_utf8_lossy(&self.hash))
    }

    fn parse(line: &str) -> Option<Ended> {
        let mut words = line.split(' ');
        let (writer, records, hash) = (words.next()?, words.next()?, words.next()?);
        let is_hex = hash.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if words.next().is_some() || !is_hex {
            return None;
        }
        Some(Ended {
            writer: Uuid::parse_str(writer).ok()?,
            records: records.parse().ok()?,
            hash: hash.as_bytes().try_into().ok()?,
        })
    }
}

/// All writers of `directory`, in order of start, and what is to be remarked of how they were found.
pub(super) fn of(
    directory: &Path,
    segments: &[SegmentFile],
) -> Result<(Vec<Ended>, Option<String>), LedgerError> {
    if let Some(mut ended) = read(directory) {
        ended.extend(found(segments, ended.last())?);
        return Ok((ended, None));
    }
    let found = found(segments, None)?;
    // What is older than checkpoints has removed nothing either.
    if found.is_empty() || !directory.join(signer::FILE).exists() {
        return Ok((found, None));
    }
    let mut ended = removed(segments)?;
    for writer in found {
        ended.retain(|before| before.writer != writer.writer);
        ended.push(writer);
    }
    let remark = format!("`{FILE}` was missing or damaged and was made again from the segments");
    Ok((ended, Some(remark)))
}

/// Writes the file.
pub(super) fn write(directory: &Path, ended: &[Ended]) -> Result<(), LedgerError> {
    let text: String = ended.iter().map(|ended| ended.leaf() + "\n").collect();
    head::replace(&directory.join(FILE), &directory.join("writers.new"), text.as_bytes(), true)
}

fn read(directory: &Path) -> Option<Vec<Ended>> {
    let text = fs::read_to_string(directory.join(FILE)).ok()?;
    if !text.is_empty() && !text.ends_with('\n') {
        return None;
    }
    text.lines().map(Ended::parse).collect()
}

/// Those whose lines are here, in order of start; `known` and who was before it are not looked for.
fn found(segments: &[SegmentFile], known: Option<&Ended>) -> Result<Vec<Ended>, LedgerError> {
    let mut found: Vec<Ended> = Vec::new();
    for file in segments.iter().rev() {
        let newer = found.last().map(|newer| newer.writer);
        // To the end of a compressed one it is a long way.
        if newer.is_some() && file.is_compressed && past::first_writer(file) == newer {
            continue;
        }
        let Some(line) = past::last_line(file)? else { continue };
        let Some((writer, records)) = past::whose(&line) else { continue };
        if known.is_some_and(|known| known.writer == writer) {
            break;
        }
        if newer == Some(writer) {
            continue;
        }
        if let Sealed::Holds(hash) | Sealed::Differs(hash) = chain::check(&line) {
            found.push(Ended { writer, records, hash });
        }
    }
    found.reverse();
    Ok(found)
}

/// Those of which lines were removed, as the ledger itself says, in the order in which that happened.
fn removed(segments: &[SegmentFile]) -> Result<Vec<Ended>, LedgerError> {
    let mut all: Vec<Ended> = Vec::new();
    for file in segments {
        let lines = removed_lines(file);
        let lines = match lines {
            Err(_) if file.is_compressed => continue,
            lines => lines.map_err(|source| LedgerError::Read { path: file.path.clone(), source })?,
        };
        for ended in lines.iter().flat_map(|line| writers_of(line)) {
            match all.iter_mut().find(|one| one.writer == ended.writer) {
                Some(before) if before.records >= ended.records => {}
                Some(before) => *before = ended,
                None => all.push(ended),
            }
        }
    }
    Ok(all)
}

fn removed_lines(file: &SegmentFile) -> io::Result<Vec<Vec<u8>>> {
    let mut lines = file.lines()?;
    let mut found = Vec::new();
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line)? > 0 {
        if line.starts_with(REMOVED) && line.ends_with(b"\n") {
            found.push(std::mem::take(&mut line));
        }
        line.clear();
    }
    Ok(found)
}

fn writers_of(line: &[u8]) -> Vec<Ended> {
    #[derive(serde::Deserialize)]
    struct Line {
        removed: Removed,
    }
    #[derive(serde::Deserialize)]
    struct Removed {
        writers: Vec<Until>,
    }
    #[derive(serde::Deserialize)]
    struct Until {
        writer: String,
        records: u64,
        hash: String,
    }
    let Ok(line) = serde_json::from_slice::<Line>(line) else { return Vec::new() };
    let ended = |until: Until| Ended::parse(&format!("{} {} {}", until.writer, until.records, until.hash));
    line.removed.writers.into_iter().filter_map(ended).collect()
}
