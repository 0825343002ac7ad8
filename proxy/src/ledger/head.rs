//! Which line was the last to be kept, for whoever looks without reading all of it?
//!
//! The file `head` holds one JSON line and is replaced as a whole, so that a reader sees either the one before or
//! the one after. It is not brought to the disk by itself: after a loss of power it may be an older one, and
//! the next start writes it anew.

use super::chain::{self, Hash};
use super::error::LedgerError;
use super::{json, past};
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use uuid::Uuid;

/// Its name.
pub(super) const FILE: &str = "head";

/// Longest it is behind what is kept. Replacing it costs some 20 µs, as much as ten records: too much for each
/// of them where somebody waits for one after the other.
pub(super) const EVERY: Duration = Duration::from_millis(10);

/// A line that is kept, and where it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Kept {
    pub(super) seq: u64,
    pub(super) hash: Hash,
    /// The number of its segment.
    pub(super) segment: u64,
    /// Where it ends there.
    pub(super) bytes: u64,
}

/// The file.
#[derive(Debug)]
pub(super) struct Head {
    writer: Box<[u8]>,
    path: PathBuf,
    draft: PathBuf,
    /// The `seq` it names.
    seq: u64,
    replaced: Option<Instant>,
}

impl Head {
    /// That of `directory`, of which nothing was written yet.
    pub(super) fn new(directory: &Path, writer: u128) -> Head {
        let mut id = Vec::new();
        json::uuid(&mut id, writer);
        let (path, draft) = (directory.join(FILE), directory.join("head.new"));
        Head { writer: id.into(), path, draft, seq: 0, replaced: None }
    }

    /// When it has to be replaced so that it names `kept`; `None` when it does already.
    pub(super) fn due(&self, kept: &Kept) -> Option<Instant> {
        if kept.seq == self.seq {
            return None;
        }
        Some(self.replaced.map_or_else(Instant::now, |replaced| replaced + EVERY))
    }

    /// Has it name `kept`.
    pub(super) fn replace(&mut self, kept: &Kept) -> Result<(), LedgerError> {
        let mut line = b"{\"v\":1,\"writer\":\"".to_vec();
        line.extend_from_slice(&self.writer);
        line.extend_from_slice(b"\",\"seq\":");
        json::number(&mut line, kept.seq);
        line.extend_from_slice(b",\"hash\":\"");
        line.extend_from_slice(&kept.hash);
        line.extend_from_slice(b"\",\"segment\":");
        json::number(&mut line, kept.segment);
        line.extend_from_slice(b",\"bytes\":");
        json::number(&mut line, kept.bytes);
        line.extend_from_slice(b"}\n");
        replace(&self.path, &self.draft, &line, false)?;
        self.seq = kept.seq;
        self.replaced = Some(Instant::now());
        Ok(())
    }
}

/// Which line the `head` names that an earlier writer left, as its writer and `seq`; `None` where there is nothing
/// that could be understood.
pub(super) fn left(directory: &Path) -> Option<(Uuid, u64)> {
    past::whose(&fs::read(directory.join(FILE)).ok()?)
}

/// Puts `contents` in the place of the file at `path`, all at once, by way of `draft` beside it; with `lasting` it is
/// on the disk afterwards.
pub(super) fn replace(path: &Path, draft: &Path, contents: &[u8], lasting: bool) -> Result<(), LedgerError> {
    let write = || -> io::Result<()> {
        let options = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).clone();
        let mut file = options.open(draft)?;
        allocate(&file, contents.len());
        file.write_all(contents)?;
        if lasting {
            file.sync_all()?;
        }
        drop(file);
        fs::rename(draft, path)?;
        if lasting && let Some(folder) = path.parent() {
            fs::File::open(folder)?.sync_all()?;
        }
        Ok(())
    };
    write().map_err(|source| LedgerError::Replace { path: path.to_owned(), source })
}

/// Gives a new file its place on the disk before anything is written to it. Else ext4 waits for the disk when the file
/// takes the place of another one: a thousand microseconds where this way it is twenty.
#[cfg(target_os = "linux")]
fn allocate(file: &fs::File, bytes: usize) {
    // Where that is not known to the file system, or there is no room, the write says what there is to say.
    let _ = rustix::fs::fallocate(file, rustix::fs::FallocateFlags::KEEP_SIZE, 0, bytes as u64);
}

#[cfg(not(target_os = "linux"))]
fn allocate(_: &fs::File, _: usize) {}

impl Default for Kept {
    /// Before the first line of a writer.
    fn default() -> Kept {
        Kept { seq: 0, hash: chain::NO_LINE, segment: 0, bytes: 0 }
    }
}
