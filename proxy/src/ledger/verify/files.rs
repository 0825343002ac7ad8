//! Which files belong to a ledger that is to be verified?

use super::finding::{Code, Place};
use super::report::Report;
use super::{VerifyError, lines::Lines};
use crate::ledger::segment_name;
use std::collections::BTreeMap;
use std::fs::{self, TryLockError};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// The segments in order, and who else is there.
#[derive(Debug)]
pub(super) struct Files {
    pub(super) segments: Vec<Segment>,
    pub(super) directories: Vec<PathBuf>,
    /// Somebody writes it at the moment.
    pub(super) is_being_written: bool,
}

/// One segment, as it was when the ledger was looked at.
#[derive(Clone, Debug)]
pub(super) struct Segment {
    pub(super) number: u64,
    pub(super) path: PathBuf,
    pub(super) is_compressed: bool,
    /// Bytes of the file.
    pub(super) bytes: u64,
}

impl Files {
    /// Looks what is there. The order of segments is that of their numbers; whether it is the right one is what the
    /// lines show.
    pub(super) fn list(directories: &[PathBuf], report: &mut Report) -> Result<Files, VerifyError> {
        let mut segments: BTreeMap<u64, Segment> = BTreeMap::new();
        let mut is_being_written = false;
        for directory in directories {
            // First: a gateway that stops afterwards has written what is listed.
            is_being_written |= is_locked(directory)?;
            let mut found = of(directory)?;
            found.sort_by_key(|segment| (segment.number, segment.is_compressed));
            for segment in found {
                if let Some(first) = segments.get(&segment.number) {
                    let message = format!(
                        "the segment is there more than once; `{}` was looked at, and not `{}`",
                        first.path.display(),
                        segment.path.display()
                    );
                    report.find(Code::TwiceThere, Some(segment.place()), message);
                    continue;
                }
                segments.insert(segment.number, segment);
            }
        }
        let segments = segments.into_values().collect();
        Ok(Files { segments, directories: directories.to_vec(), is_being_written })
    }
}

impl Segment {
    /// Its file name.
    pub(super) fn name(&self) -> String {
        self.path.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// The name it was written under.
    pub(super) fn plain_name(&self) -> String {
        format!("{:08}.jsonl", self.number)
    }

    /// The segment as a whole.
    pub(super) fn place(&self) -> Place {
        Place { file: self.name(), line: 0, offset: 0, writer: None, seq: None }
    }

    /// Its lines, as far as it went when it was listed. Each byte that comes from the disk is counted by `count`.
    pub(super) fn lines<'c>(&self, count: impl FnMut(u64) + 'c) -> io::Result<Lines<Box<dyn Read + 'c>>> {
        Ok(Lines::new(self.open(count)?))
    }
}

impl Segment {
    /// Some of its bytes, unpacked.
    pub(super) fn bytes_at(&self, offset: u64, length: u64) -> io::Result<Vec<u8>> {
        let mut source = self.open(|_| {})?;
        io::copy(&mut source.by_ref().take(offset), &mut io::sink())?;
        let mut bytes = Vec::new();
        source.take(length).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn open<'c>(&self, count: impl FnMut(u64) + 'c) -> io::Result<Box<dyn Read + 'c>> {
        let file = Counted { source: segment_name::open(&self.path)?.take(self.bytes), count };
        Ok(match self.is_compressed {
            true => Box::new(zstd::stream::read::Decoder::new(file)?),
            false => Box::new(file),
        })
    }
}

struct Counted<R, C> {
    source: R,
    count: C,
}

impl<R: Read, C: FnMut(u64)> Read for Counted<R, C> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(buffer)?;
        (self.count)(read as u64);
        Ok(read)
    }
}

fn of(directory: &Path) -> Result<Vec<Segment>, VerifyError> {
    let failed = |source| VerifyError::read(directory, source);
    let mut segments = Vec::new();
    for entry in fs::read_dir(directory).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name();
        let Some((digits, ending)) = name.to_str().and_then(|name| name.split_once('.')) else { continue };
        let Some(number) = segment_name::number(digits) else { continue };
        let is_compressed = match ending {
            "jsonl" => false,
            "jsonl.zst" => true,
            _ => continue,
        };
        let path = entry.path();
        let bytes = fs::metadata(&path).map_err(|source| VerifyError::read(&path, source))?.len();
        segments.push(Segment { number, path, is_compressed, bytes });
    }
    Ok(segments)
}

/// Whether a writer holds the directory. It is asked for a moment only, and a copy has no lock at all.
fn is_locked(directory: &Path) -> Result<bool, VerifyError> {
    let Ok(lock) = segment_name::open(&directory.join("lock")) else { return Ok(false) };
    // A file system without locks has no writer either.
    Ok(matches!(lock.try_lock_shared(), Err(TryLockError::WouldBlock)))
}

/// A small file beside the segments; `None` when it is not there.
pub(super) fn beside(directory: &Path, name: &str, bytes_max: u64) -> Result<Option<Vec<u8>>, VerifyError> {
    let path = directory.join(name);
    let file = match segment_name::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(VerifyError::read(&path, source)),
    };
    let mut bytes = Vec::new();
    file.take(bytes_max).read_to_end(&mut bytes).map_err(|source| VerifyError::read(&path, source))?;
    Ok(Some(bytes))
}
