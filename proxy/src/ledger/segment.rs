//! How do lines get into one file so that a failure leaves no half of them?

use super::directory;
use super::error::LedgerError;
use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// The open segment. Only whole batches of lines count: `length` is where the next one goes, and
/// `synced` is how far the disk is known to hold them.
#[derive(Debug)]
pub(super) struct Segment {
    file: File,
    path: PathBuf,
    length: u64,
    synced: u64,
}

impl Segment {
    /// An empty segment; `file` is open for appending.
    pub(super) fn new(file: File, path: PathBuf) -> Segment {
        Segment { file, path, length: 0, synced: 0 }
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

    /// Gives the segment up where it is known to be good: at what is synced. An empty one is
    /// removed, so that trying again and again does not fill the directory with them.
    pub(super) fn give_up(self) -> io::Result<()> {
        if self.synced == 0 { std::fs::remove_file(&self.path) } else { self.file.set_len(self.synced) }
    }
}
