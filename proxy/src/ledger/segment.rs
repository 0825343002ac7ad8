//! How do lines get into one file so that a failure leaves no half of them?

use super::directory;
use super::error::LedgerError;
use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// The open segment. Only whole batches of lines count: `length` is where the next one goes, `kept` how far
/// the lines are kept as was promised, and `synced` how far the disk is known to hold them.
#[derive(Debug)]
pub(super) struct Segment {
    file: File,
    path: PathBuf,
    number: u64,
    length: u64,
    kept: u64,
    synced: u64,
}

impl Segment {
    /// An empty segment; `file` is open for appending.
    pub(super) fn new(file: File, path: PathBuf, number: u64) -> Segment {
        Segment { file, path, number, length: 0, kept: 0, synced: 0 }
    }

    pub(super) fn number(&self) -> u64 {
        self.number
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// Whether its name still leads to it: nobody has removed or renamed it.
    pub(super) fn is_in_place(&self) -> bool {
        directory::is_same(&self.file, &self.path)
    }

    /// Appends whole lines, with one call of the system unless it takes them in parts.
    pub(super) fn append(&mut self, lines: &[u8]) -> Result<(), LedgerError> {
        let written = (&self.file).write_all(lines);
        written.map_err(|source| LedgerError::Write { path: self.path.clone(), source })?;
        self.length += lines.len() as u64;
        Ok(())
    }

    /// Takes back what a failed [`Segment::append`] has left.
    pub(super) fn take_back_partial(&self) -> io::Result<()> {
        self.file.set_len(self.length)
    }

    /// Brings everything appended to the disk.
    pub(super) fn sync(&mut self) -> Result<(), LedgerError> {
        let synced = self.file.sync_data();
        synced.map_err(|source| LedgerError::Sync { path: self.path.clone(), source })?;
        self.synced = self.length;
        Ok(())
    }

    /// Whether the disk may not hold everything appended.
    pub(super) fn is_unsynced(&self) -> bool {
        self.synced < self.length
    }

    /// Says that everything appended is kept as was promised: nobody could write it again.
    pub(super) fn keep(&mut self) {
        self.kept = self.length;
    }

    /// Gives the segment up where it is known to be good: at what is kept. An empty one is
    /// removed, so that trying again and again does not fill the directory with them.
    pub(super) fn give_up(self) -> io::Result<()> {
        if self.kept == 0 { std::fs::remove_file(&self.path) } else { self.file.set_len(self.kept) }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::fs::{self, OpenOptions};

    #[test]
    fn what_is_given_up_is_what_nobody_was_promised() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("00000001.jsonl");
        let begin = || {
            let file = OpenOptions::new().append(true).create(true).open(&path).unwrap();
            Segment::new(file, path.clone(), 1)
        };
        let mut segment = begin();
        segment.append(b"kept\n").unwrap();
        segment.keep();
        segment.append(b"not kept\n").unwrap();
        assert!(segment.is_unsynced());
        segment.sync().unwrap();
        assert!(!segment.is_unsynced());
        segment.give_up().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"kept\n");

        fs::remove_file(&path).unwrap();
        let mut segment = begin();
        segment.append(b"not kept\n").unwrap();
        segment.give_up().unwrap();
        assert!(!path.exists());
    }
}
