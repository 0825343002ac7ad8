//! How does a folder become a second ledger, or the place where checkpoints gather?
//!
//! Records: segments of the same names with the same bytes, only ever appended to, and brought to the disk with
//! each batch. What is there already is compared, not written again. Checkpoints: one note after the other in
//! `checkpoints.note`. The folder has to be there: one that is missing is mostly a disk that is not.

use super::Content;
use super::batch::{At, Batch};
use super::failure::{Failure, Kind};
use crate::ledger::note::BYTES_MAX;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// What checkpoints are gathered in.
const NOTES: &str = "checkpoints.note";
/// The verifier keys, which a reader of the second ledger needs.
const KEYS: &str = "verifier.keys";
/// Names the last line there is.
const HEAD: &str = "head";

/// How a note begins, and how its last line does.
const NAME: &[u8] = b"dragoman-ledger/";
const SIGNATURE: &[u8] = "\u{2014} ".as_bytes();

/// A folder as a place.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    ledger: PathBuf,
    content: Content,
    /// Held while it is written, so that two gateways do not mix their lines.
    lock: Option<File>,
    open: Option<Open>,
}

/// The file that is appended to.
#[derive(Debug)]
struct Open {
    name: String,
    path: PathBuf,
    file: File,
}

impl Folder {
    pub(super) fn new(path: &Path, ledger: &Path, content: Content) -> Folder {
        Folder { path: path.to_owned(), ledger: ledger.to_owned(), content, lock: None, open: None }
    }

    pub(super) fn send(&mut self, batch: &Batch) -> Result<(), Failure> {
        if self.content == Content::Checkpoints {
            return self.gather(&batch.bytes);
        }
        self.take_lock()?;
        self.append(batch)?;
        self.describe(&batch.after);
        Ok(())
    }

    /// Looks at what is there anew the next time.
    pub(super) fn close(&mut self) {
        self.open = None;
        self.lock = None;
    }

    /// Adds a note to those there are, unless it is the last one already.
    fn gather(&mut self, note: &[u8]) -> Result<(), Failure> {
        let open = self.open(NOTES)?;
        let failed = |error: io::Error| Failure::of_file("write", &open.path, &error);
        let length = open.file.metadata().map_err(failed)?.len();
        // A place that can be written and not read is told twice rather than not at all.
        let end = tail(&open.file, length, BYTES_MAX).unwrap_or_default();
        if end.ends_with(note) {
            return Ok(());
        }
        // What broke off in the middle must not run into the next one. Where nothing can be taken back, the next one at
        // least begins a line.
        let torn = torn_bytes(&end);
        let is_left = torn > 0 && open.file.set_len(length - torn).is_err();
        let text = if is_left { [b"\n", note].concat() } else { note.to_vec() };
        (&open.file).write_all(&text).and_then(|()| open.file.sync_data()).map_err(failed)
    }

    /// Appends what of the batch is not there yet.
    fn append(&mut self, batch: &Batch) -> Result<(), Failure> {
        let open = self.open(&format!("{:08}.jsonl", batch.after.segment))?;
        let failed = |error: io::Error| Failure::of_file("write", &open.path, &error);
        let length = open.file.metadata().map_err(failed)?.len();
        if length < batch.from {
            let detail =
                format!("`{}` has {length} bytes and had {} before", open.path.display(), batch.from);
            let mut failure = Failure::new(Kind::Differs, detail);
            failure.lacks_from = Some(length);
            return Err(failure);
        }
        let known = usize::try_from(length - batch.from).unwrap_or(usize::MAX).min(batch.bytes.len());
        let (there, new) = batch.bytes.split_at(known);
        let mut found = vec![0; known];
        open.file.read_exact_at(&mut found, batch.from).map_err(failed)?;
        if found != there {
            let detail = format!("`{}` holds other bytes than the ledger", open.path.display());
            return Err(Failure::new(Kind::Differs, detail));
        }
        (&open.file).write_all(new).and_then(|()| open.file.sync_data()).map_err(failed)
    }

    fn open(&mut self, name: &str) -> Result<&Open, Failure> {
        let is_open = |open: &Open| open.name == name && is_there(&open.file, &open.path);
        let open = match self.open.take().filter(is_open) {
            Some(open) => open,
            None => {
                let path = self.path.join(name);
                let options = OpenOptions::new().read(true).append(true).create(true).mode(0o600).clone();
                let failed = |error: io::Error| Failure::of_file("open", &path, &error);
                let file = options.open(&path).map_err(failed)?;
                // The name has to survive a loss of power as well as what is written under it.
                File::open(&self.path).and_then(|folder| folder.sync_all()).map_err(failed)?;
                Open { name: name.to_owned(), path, file }
            }
        };
        Ok(self.open.insert(open))
    }

    fn take_lock(&mut self) -> Result<(), Failure> {
        if self.lock.is_some() {
            return Ok(());
        }
        let path = self.path.join("lock");
        let options =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).clone();
        let mut lock = options.open(&path).map_err(|error| Failure::of_file("open", &path, &error))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let detail = format!("`{}` is being written by another gateway", self.path.display());
                return Err(Failure::new(Kind::Taken, detail));
            }
            // Some file systems of archives have no locks.
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {}
            Err(TryLockError::Error(error)) => return Err(Failure::of_file("lock", &path, &error)),
        }
        // The lock holds without the number in it, which only helps who wonders.
        let _ = lock.set_len(0).and_then(|()| write!(lock, "{}", std::process::id()));
        self.lock = Some(lock);
        Ok(())
    }

    /// Puts beside the segments what helps to verify them. They can be verified without, and an archive may
    /// allow that nothing is replaced: no failure.
    fn describe(&self, at: &At) {
        let keys = fs::read(self.ledger.join(KEYS)).unwrap_or_default();
        if !keys.is_empty() && fs::read(self.path.join(KEYS)).ok().as_ref() != Some(&keys) {
            let _ = self.replace(KEYS, &keys);
        }
        let head = serde_json::json!({
            "v": 1, "writer": at.writer, "seq": at.seq, "hash": at.hash, "segment": at.segment, "bytes": at.bytes,
        });
        let _ = self.replace(HEAD, format!("{head}\n").as_bytes());
    }

    fn replace(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let draft = self.path.join(format!("{name}.new"));
        let options = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).clone();
        options.open(&draft)?.write_all(bytes)?;
        fs::rename(&draft, self.path.join(name))
    }
}

/// The last bytes of a file, at most `most`; `None` when it cannot be read.
fn tail(file: &File, length: u64, most: usize) -> Option<Vec<u8>> {
    let mut end = vec![0; usize::try_from(length).unwrap_or(usize::MAX).min(most)];
    let from = length - end.len() as u64;
    file.read_exact_at(&mut end, from).ok()?;
    Some(end)
}

/// How many bytes at the end are a note of ours that broke off: those after its last line of a signature.
fn torn_bytes(end: &[u8]) -> u64 {
    let mut begins = 0;
    let mut at = 0;
    for line in end.split_inclusive(|byte| *byte == b'\n') {
        at += line.len();
        if line.starts_with(SIGNATURE) && line.ends_with(b"\n") {
            begins = at;
        }
    }
    let rest = end.get(begins..).unwrap_or_default();
    let is_ours = rest.starts_with(NAME) || NAME.starts_with(rest);
    if is_ours { rest.len() as u64 } else { 0 }
}

/// Whether the name still leads to the file: an archive may have taken it away.
fn is_there(file: &File, path: &Path) -> bool {
    crate::ledger::directory::is_same(file, path)
}
