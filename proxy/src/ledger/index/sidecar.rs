//! How does an index lie on the disk, and which one is good for its segment?
//!
//! ```text
//! parts      one after the other (see `part`)
//! directory  what is kept in memory of each part
//! ending     96 bytes: where the directory is and its check; the segment's number, length, time of
//!            change and the hash of its last bytes; version; check
//! ```
//! It is written under another name and renamed, and never brought to the disk by force: a loss of power
//! leaves an old one, none, or one whose checks do not hold, and each of them is made again.

use super::bytes::Numbers;
use super::part::Part;
use super::{Damaged, hash};
use crate::ledger::directory;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek as _, Write as _};
use std::os::unix::fs::{FileExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Raised whenever the form changes or what is noted of a line: an index of another version is made anew.
const VERSION: u64 = u64::from_le_bytes(*b"dgm-idx2");
const ENDING_BYTES: usize = 96;
/// Bytes at a segment's end by which it is known again. The end of a line has its hash in it.
const END_BYTES: u64 = 256;
/// The largest directory that is read: a thousand times that of a full segment.
const DIRECTORY_BYTES_MAX: u64 = 256 * 1024 * 1024;

/// The file name of a segment's index.
pub(in crate::ledger) fn name(number: u64) -> String {
    format!("{number:08}.idx")
}

/// By what a segment is known to be the one that was indexed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    length: u64,
    modified_ns: i64,
    /// Hash of its last bytes.
    end: u64,
}

impl Identity {
    pub(super) fn of(segment: &File) -> io::Result<Identity> {
        let metadata = segment.metadata()?;
        let length = metadata.len();
        let from = length.saturating_sub(END_BYTES);
        let mut end = vec![0; (length - from) as usize];
        segment.read_exact_at(&mut end, from)?;
        let modified_ns = metadata.mtime().wrapping_mul(1_000_000_000).wrapping_add(metadata.mtime_nsec());
        Ok(Identity { length, modified_ns, end: hash::hash(0, &end) })
    }
}

/// The index of a segment that grows no more.
#[derive(Debug)]
pub(in crate::ledger) struct Sidecar {
    /// What is kept in memory of its parts.
    pub(in crate::ledger) parts: Vec<Arc<Part>>,
    /// Lines that cannot be records.
    pub(in crate::ledger) lines_skipped: u64,
    /// Bytes of the index on the disk.
    pub(in crate::ledger) length: u64,
    source: Source,
}

/// Where the bytes of the parts are.
#[derive(Debug)]
enum Source {
    Named(PathBuf),
    /// It could not be put beside its segment, or somebody else does that at the moment.
    Unnamed(Arc<File>),
}

impl Sidecar {
    /// The index that lies beside a segment, if there is one and it is good for the segment as it is.
    pub(in crate::ledger) fn load(directory: &Path, number: u64) -> io::Result<Option<Sidecar>> {
        let segment = File::open(directory.join(format!("{number:08}.jsonl")))?;
        let identity = Identity::of(&segment)?;
        let path = directory.join(name(number));
        let Ok(file) = File::open(&path) else { return Ok(None) };
        Ok(read(&file, number, identity).ok().map(|(parts, lines_skipped, length)| Sidecar {
            parts,
            lines_skipped,
            length,
            source: Source::Named(path),
        }))
    }

    /// The file with the bytes of the parts.
    pub(in crate::ledger) fn open(&self) -> Result<Arc<File>, Damaged> {
        match &self.source {
            Source::Named(path) => File::open(path).map(Arc::new).map_err(|_| Damaged),
            Source::Unnamed(file) => Ok(Arc::clone(file)),
        }
    }
}

/// Takes away the index of a segment.
pub(in crate::ledger) fn remove(directory: &Path, number: u64) {
    // One that stays is found out again when it is read.
    let _ = fs::remove_file(directory.join(name(number)));
}

/// A file without a name, in the directory, or among temporary files where the directory cannot be written.
pub(super) fn unnamed(directory: &Path, number: u64) -> io::Result<File> {
    // What a crash has left is written over in a directory of our own, and nowhere else.
    let own = OpenOptions::new().create(true).truncate(true).clone();
    unnamed_in(directory, number, own).or_else(|error| match error.kind() {
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            unnamed_in(&std::env::temp_dir(), number, OpenOptions::new().create_new(true).clone())
        }
        _ => Err(error),
    })
}

fn unnamed_in(folder: &Path, number: u64, mut options: OpenOptions) -> io::Result<File> {
    static COUNTER: AtomicU64 = AtomicU64::new(0);
    let counter = COUNTER.fetch_add(1, Ordering::Relaxed);
    let path = folder.join(format!("{}.{}-{counter}.tmp", name(number), std::process::id()));
    let file = options.read(true).write(true).mode(0o600).open(&path)?;
    fs::remove_file(&path)?;
    Ok(file)
}

/// Parts, lines skipped, length of the file.
type Contents = (Vec<Arc<Part>>, u64, u64);

fn read(file: &File, number: u64, identity: Identity) -> Result<Contents, Damaged> {
    let length = file.metadata().map_err(|_| Damaged)?.len();
    let from = length.checked_sub(ENDING_BYTES as u64).ok_or(Damaged)?;
    let mut ending = [0; ENDING_BYTES];
    file.read_exact_at(&mut ending, from).map_err(|_| Damaged)?;
    let (attested, check) = ending.split_last_chunk::<8>().ok_or(Damaged)?;
    let mut numbers = Numbers(attested);
    let stated = Ending {
        directory: numbers.u64()?,
        directory_length: numbers.u64()?,
        directory_check: numbers.u64()?,
        parts: numbers.u64()?,
        number: numbers.u64()?,
        identity: Identity { length: numbers.u64()?, modified_ns: numbers.i64()?, end: numbers.u64()? },
        lines_skipped: numbers.u64()?,
    };
    let version = (numbers.u64()?, numbers.u64()?);
    let fits = hash::hash(0, attested) == u64::from_le_bytes(*check)
        && version == (VERSION, 0)
        && stated.number == number
        && stated.identity == identity
        && stated.directory.checked_add(stated.directory_length) == Some(from)
        && stated.directory_length <= DIRECTORY_BYTES_MAX;
    if !fits {
        return Err(Damaged);
    }
    let mut directory = vec![0; stated.directory_length as usize];
    file.read_exact_at(&mut directory, stated.directory).map_err(|_| Damaged)?;
    if hash::hash(number, &directory) != stated.directory_check {
        return Err(Damaged);
    }
    let mut numbers = Numbers(&directory);
    let parts = (0..stated.parts).map(|_| Part::read(&mut numbers).map(Arc::new));
    Ok((parts.collect::<Result<_, Damaged>>()?, stated.lines_skipped, length))
}

/// The end of an index.
struct Ending {
    directory: u64,
    directory_length: u64,
    directory_check: u64,
    parts: u64,
    number: u64,
    identity: Identity,
    lines_skipped: u64,
}

impl Ending {
    fn bytes(&self) -> Vec<u8> {
        let Identity { length, modified_ns, end } = self.identity;
        let mut bytes = Vec::with_capacity(ENDING_BYTES);
        for number in
            [self.directory, self.directory_length, self.directory_check, self.parts, self.number, length]
        {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        bytes.extend_from_slice(&modified_ns.to_le_bytes());
        for number in [end, self.lines_skipped, VERSION, 0] {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        let check = hash::hash(0, &bytes);
        bytes.extend_from_slice(&check.to_le_bytes());
        bytes
    }
}

/// An index that is complete and has no name yet.
pub(super) struct Made {
    pub(super) number: u64,
    pub(super) identity: Identity,
    pub(super) lines_skipped: u64,
    pub(super) parts: Vec<Arc<Part>>,
    pub(super) bytes: Arc<File>,
    pub(super) length: u64,
}

impl Made {
    /// Puts it beside its segment. Where that fails it serves this process without a name.
    pub(super) fn save(self, directory: &Path) -> Sidecar {
        let path = directory.join(name(self.number));
        let (source, length) = match self.publish(&path) {
            Ok(Some(length)) => (Source::Named(path), length),
            Ok(None) => (Source::Unnamed(Arc::clone(&self.bytes)), self.length),
            Err(error) => {
                let path = path.display();
                tracing::warn!(%path, %error, "an index of the ledger cannot be written; it is made again at the next start");
                (Source::Unnamed(Arc::clone(&self.bytes)), self.length)
            }
        };
        Sidecar { parts: self.parts, lines_skipped: self.lines_skipped, length, source }
    }

    /// Bytes written; `None` if somebody else writes the same index.
    fn publish(&self, path: &Path) -> io::Result<Option<u64>> {
        let draft = path.with_extension("idx.tmp");
        let options = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).clone();
        let mut file = options.open(&draft)?;
        // The name may have gone to its place meanwhile, with the file that is open here.
        if file.try_lock().is_err() || !directory::is_same(&file, &draft) {
            return Ok(None);
        }
        file.set_len(0)?;
        let written =
            self.write(&mut file).and_then(|length| fs::rename(&draft, path).map(|()| Some(length)));
        if written.is_err() {
            let _ = fs::remove_file(&draft);
        }
        written
    }

    fn write(&self, file: &mut File) -> io::Result<u64> {
        let mut bytes = self.bytes.try_clone()?;
        bytes.rewind()?;
        io::copy(&mut bytes, file)?;
        let mut directory = Vec::new();
        let too_large = |Damaged| io::Error::new(io::ErrorKind::InvalidData, "its directory is too large");
        for part in &self.parts {
            part.write(&mut directory).map_err(too_large)?;
        }
        let ending = Ending {
            directory: self.length,
            directory_length: directory.len() as u64,
            directory_check: hash::hash(self.number, &directory),
            parts: self.parts.len() as u64,
            number: self.number,
            identity: self.identity,
            lines_skipped: self.lines_skipped,
        };
        file.write_all(&directory)?;
        file.write_all(&ending.bytes())?;
        Ok(self.length + ending.directory_length + ENDING_BYTES as u64)
    }
}
