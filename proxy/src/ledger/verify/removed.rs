//! Which records does a ledger say itself were removed from its beginning?

use super::VerifyError;
use super::files::{Files, Segment, beside};
use super::lines::Ending;
use super::record::{Record, hash_of_text, writer_id};
use crate::ledger::chain::{Hash, NO_LINE};
use serde::Deserialize;
use std::collections::HashMap;

const REMOVED: &[u8] = b"{\"v\":1,\"event\":\"ledger.removed\"";
/// Most bytes of the file `writers` that are looked at: some hundred thousand starts.
const WRITERS_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// Most writers of which removals are believed to tell: as many as the file `writers` can name.
const LEAVES_MAX: usize = 512 * 1024;

/// Up to where a writer's records are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Leaf {
    pub(super) writer: u128,
    pub(super) records: u64,
    pub(super) hash: Hash,
}

/// What one record of `ledger.removed` says.
#[derive(Clone, Debug)]
pub(super) struct Removal {
    pub(super) records: u64,
    /// Up to which of its lines each writer's are gone, in the order of the writers.
    pub(super) writers: Vec<Leaf>,
}

#[derive(Deserialize)]
struct Line {
    removed: Removed,
}

#[derive(Deserialize)]
struct Removed {
    records: u64,
    writers: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    writer: String,
    records: u64,
    hash: String,
}

impl Removal {
    pub(super) fn read(line: &[u8]) -> Option<Removal> {
        let Removed { records, writers } = serde_json::from_slice::<Line>(line).ok()?.removed;
        let leaf = |entry: Entry| {
            let writer = writer_id(entry.writer.as_bytes())?;
            Some(Leaf { writer, records: entry.records, hash: hash_of_text(&entry.hash)? })
        };
        let writers = writers.into_iter().map(leaf).collect::<Option<Vec<Leaf>>>()?;
        Some(Removal { records, writers })
    }

    /// Whether it tells why nothing stands before record `seq` of `writer`, which names `previous`. A gateway that
    /// crashed while it removed has left more than it tells.
    pub(super) fn explains(&self, writer: u128, seq: u64, previous: &Hash) -> bool {
        let before = seq.saturating_sub(1);
        match self.writers.iter().find(|leaf| leaf.writer == writer) {
            Some(leaf) if leaf.records == before => leaf.hash == *previous,
            Some(leaf) => leaf.records > before,
            None => seq == 1 && self.writers.last().is_some_and(|leaf| leaf.hash == *previous),
        }
    }
}

/// What may have stood before the first line that is there: guesses, of which the right one makes the roots that were
/// signed. None when nothing stood there.
pub(super) fn guesses(files: &Files) -> Result<Option<Vec<Vec<Leaf>>>, VerifyError> {
    let Some((writer, previous)) = first(&files.segments)? else { return Ok(None) };
    if previous == NO_LINE {
        return Ok(None);
    }
    let mut told = ToldOf::default();
    for segment in &files.segments {
        removals(segment, &mut |removal| removal.writers.into_iter().for_each(|leaf| told.add(leaf)))?;
    }
    let mut guesses = vec![before(told.leaves, writer)];
    for directory in &files.directories {
        let bytes = beside(directory, "writers", WRITERS_BYTES_MAX)?.unwrap_or_default();
        guesses.push(before(ended_writers(&bytes), writer));
    }
    Ok(Some(guesses))
}

/// What removals say of each writer, in the order in which they are first named.
#[derive(Default)]
struct ToldOf {
    leaves: Vec<Leaf>,
    at: HashMap<u128, usize>,
}

impl ToldOf {
    /// The newest word counts.
    fn add(&mut self, leaf: Leaf) {
        let at = *self.at.entry(leaf.writer).or_insert(self.leaves.len());
        match self.leaves.get_mut(at) {
            Some(known) => *known = leaf,
            None if at < LEAVES_MAX => self.leaves.push(leaf),
            // So many starts no ledger has; without them its roots are not compared.
            None => _ = self.at.remove(&leaf.writer),
        }
    }
}

fn before(leaves: Vec<Leaf>, first: u128) -> Vec<Leaf> {
    leaves.into_iter().take_while(|leaf| leaf.writer != first).collect()
}

/// What the file `writers` says.
pub(super) fn ended_writers(bytes: &[u8]) -> Vec<Leaf> {
    let text = String::from_utf8_lossy(bytes);
    let leaf = |line: &str| {
        let mut words = line.split(' ');
        let (writer, records, hash) = (words.next()?, words.next()?, words.next()?);
        let writer = writer_id(writer.as_bytes())?;
        Some(Leaf { writer, records: records.parse().ok()?, hash: hash_of_text(hash)? })
    };
    text.lines().filter_map(leaf).collect()
}

/// The file `writers` of a folder; `None` when it has none.
pub(super) fn writers_file(directory: &std::path::Path) -> Result<Option<Vec<Leaf>>, VerifyError> {
    Ok(beside(directory, "writers", WRITERS_BYTES_MAX)?.map(|bytes| ended_writers(&bytes)))
}

fn first(segments: &[Segment]) -> Result<Option<(u128, Hash)>, VerifyError> {
    for segment in segments {
        let failed = |source| VerifyError::read(&segment.path, source);
        let mut lines = segment.lines(|_| {}).map_err(failed)?;
        // What cannot be read is told where all of it is read.
        while let Ok(Some(line)) = lines.next() {
            if let Some(record) = Record::read(line.bytes).filter(|_| line.ending == Ending::Whole) {
                return Ok(Some((record.writer, record.previous)));
            }
        }
    }
    Ok(None)
}

fn removals(segment: &Segment, take: &mut dyn FnMut(Removal)) -> Result<(), VerifyError> {
    let mut lines = segment.lines(|_| {}).map_err(|source| VerifyError::read(&segment.path, source))?;
    while let Ok(Some(line)) = lines.next() {
        if line.bytes.starts_with(REMOVED) {
            Removal::read(line.bytes).into_iter().for_each(&mut *take);
        }
    }
    Ok(())
}
