//! How does an index follow its segment?
//!
//! Step by step, a mebibyte each, so that whoever holds the lock around it holds it for milliseconds. Of
//! a full part only the directory stays in memory; its bytes go to a file without a name, which is gone
//! with the process however that ends.

use super::facts::{self, Facts};
use super::part::Part;
use super::tail::Tail;
use super::{Damaged, LINE_BYTES_MAX, scan, sidecar};
use crate::ledger::directory;
use memchr::memchr;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The index of a segment that may still grow.
#[derive(Debug)]
pub(in crate::ledger) struct Growth {
    directory: PathBuf,
    number: u64,
    file: File,
    /// Everything before it is indexed: where a line begins.
    scanned: u64,
    /// Whether that is in the middle of a line that is too long.
    is_inside_line: bool,
    /// Lines that cannot be records.
    lines_skipped: u64,
    tail: Tail,
    parts: Vec<Arc<Part>>,
    /// Holds the bytes of `parts`.
    spill: Arc<File>,
    spilled: u64,
    facts: Facts,
    buffer: Vec<u8>,
}

impl Growth {
    /// Begins with nothing of the segment read.
    pub(in crate::ledger) fn open(directory: &Path, number: u64) -> io::Result<Growth> {
        let file = File::open(directory.join(format!("{number:08}.jsonl")))?;
        Ok(Growth {
            directory: directory.to_owned(),
            number,
            file,
            scanned: 0,
            is_inside_line: false,
            lines_skipped: 0,
            tail: Tail::default(),
            parts: Vec::new(),
            spill: Arc::new(sidecar::unnamed(directory, number)?),
            spilled: 0,
            facts: Facts::default(),
            buffer: Vec::new(),
        })
    }

    /// Indexes up to a mebibyte more; whether every whole line is indexed.
    pub(in crate::ledger) fn advance(&mut self) -> io::Result<bool> {
        let path = self.directory.join(format!("{:08}.jsonl", self.number));
        if !directory::is_same(&self.file, &path) || self.file.metadata()?.len() < self.scanned {
            // Another one, or cut back: what was read is not there any more.
            *self = Growth::open(&self.directory, self.number)?;
        }
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.resize(LINE_BYTES_MAX, 0);
        let result = read_at(&self.file, &mut buffer, self.scanned)
            .and_then(|length| Ok((length, self.lines(buffer.get(..length).unwrap_or_default())?)));
        self.buffer = buffer;
        let (length, mut taken) = result?;
        if taken == 0 && length == LINE_BYTES_MAX {
            self.is_inside_line = true;
            taken = length;
        }
        self.scanned += taken as u64;
        Ok(length < LINE_BYTES_MAX)
    }

    /// Indexes the whole lines of `bytes`; returns how many bytes they are.
    fn lines(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut taken = 0;
        while let Some(length) = memchr(b'\n', bytes.get(taken..).unwrap_or_default()) {
            let offset = self.scanned + taken as u64;
            let line = bytes.get(taken..taken + length).unwrap_or_default();
            taken += length + 1;
            match self.read(line) {
                Some(ts) => self.tail.push(ts, offset, &self.facts),
                None => self.lines_skipped += 1,
            }
            if self.tail.is_full() {
                self.store_tail()?;
            }
        }
        Ok(taken)
    }

    /// When the line happened, with what it says in `facts`; `None` if it cannot be a record.
    fn read(&mut self, line: &[u8]) -> Option<i64> {
        self.facts.clear();
        if std::mem::take(&mut self.is_inside_line) {
            return None;
        }
        if !scan::line(line, &mut self.facts) {
            self.facts.clear();
            let parsed = serde_json::from_slice(line).ok()?;
            if !facts::of_value(&parsed, &mut self.facts) {
                return None;
            }
        }
        self.facts.finish()
    }

    fn store_tail(&mut self) -> io::Result<()> {
        let tail = std::mem::take(&mut self.tail);
        let (part, bytes) = tail.into_part(self.spilled).map_err(|Damaged| {
            io::Error::new(
                io::ErrorKind::InvalidData,
                "a part of an index is larger than its numbers can say",
            )
        })?;
        self.spill.write_all_at(&bytes, self.spilled)?;
        self.spilled += bytes.len() as u64;
        self.parts.push(Arc::new(part));
        Ok(())
    }

    /// The index of a segment that grows no more and whose every line is indexed. It is put beside
    /// the segment where that is possible.
    pub(in crate::ledger) fn finish(mut self) -> io::Result<sidecar::Sidecar> {
        if !self.tail.is_empty() {
            self.store_tail()?;
        }
        let identity = sidecar::Identity::of(&self.file)?;
        let made = sidecar::Made {
            number: self.number,
            identity,
            lines_skipped: self.lines_skipped,
            parts: self.parts,
            bytes: self.spill,
            length: self.spilled,
        };
        Ok(made.save(&self.directory))
    }

    /// What is not a part yet.
    pub(in crate::ledger) fn tail(&self) -> &Tail {
        &self.tail
    }

    /// What is a part already, and the file with their bytes.
    pub(in crate::ledger) fn parts(&self) -> (&[Arc<Part>], &Arc<File>) {
        (&self.parts, &self.spill)
    }

    /// Lines that cannot be records.
    pub(in crate::ledger) fn lines_skipped(&self) -> u64 {
        self.lines_skipped
    }
}

/// Reads until the buffer is full or the file ends.
pub(in crate::ledger) fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    let mut length = 0;
    while let Some(rest) = buffer.get_mut(length..).filter(|rest| !rest.is_empty()) {
        match file.read_at(rest, offset + length as u64) {
            Ok(0) => break,
            Ok(read) => length += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(length)
}

/// When a line happened, as an index has it.
pub(in crate::ledger) fn moment_of(line: &[u8]) -> Option<i64> {
    let mut facts = Facts::default();
    if scan::line(line, &mut facts) { facts.finish() } else { None }
}
