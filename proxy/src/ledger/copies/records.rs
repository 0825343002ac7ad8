//! Which kept lines has a place not taken yet?
//!
//! The segments are followed in the order of their numbers, the newest one up to what `head` says is kept: a
//! line that somebody else has was never one that the ledger took back. Segments that were compressed meanwhile are
//! read as well; over those that were removed it is stepped, and the log says so.

use super::batch::{At, Batch, Line, whole};
use super::failure::{Failure, Kind};
use super::paced;
use serde::Deserialize;
use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Bytes of a batch, unless one line has more.
const BATCH_BYTES: usize = 512 * 1024;
/// Longest line that is carried; longer ones are none of the ledger's.
const LINE_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Longest the ledger may end before what was copied of it: `head` is an older one for a moment after a loss of
/// power, until the next start has written it anew.
const SHORT_MAX: Duration = paced(Duration::from_secs(5), Duration::from_millis(100));

/// Follows the segments.
#[derive(Debug)]
pub(super) struct Records {
    copy: String,
    directory: PathBuf,
    /// The last line that was handed out.
    last: At,
    /// Which segment is read, and from where.
    segment: u64,
    bytes: u64,
    open: Option<Open>,
    /// Whether a segment was stepped over since the last line.
    stepped: bool,
    /// Since when the ledger ends before what was handed out.
    short_since: Option<Instant>,
}

/// The segment that is read.
#[derive(Debug)]
struct Open {
    segment: u64,
    source: Source,
}

enum Source {
    Plain(File),
    Compressed(Box<Compressed>),
}

/// A compressed segment, which can be read from its beginning to its end only.
struct Compressed {
    decoder: zstd::Decoder<'static, BufReader<File>>,
    /// What was read, from `from` on, as far as it may be asked for again.
    held: Vec<u8>,
    from: u64,
}

impl Compressed {
    /// At most `most` bytes from `at` on, which is not before what was asked for last; fewer at the end only.
    fn read(&mut self, at: u64, most: usize) -> io::Result<Vec<u8>> {
        loop {
            let passed = usize::try_from(at - self.from).unwrap_or(usize::MAX).min(self.held.len());
            self.held.drain(..passed);
            self.from += passed as u64;
            let missing = if self.from < at { BATCH_BYTES } else { most.saturating_sub(self.held.len()) };
            let read = self.decoder.by_ref().take(missing as u64).read_to_end(&mut self.held)?;
            if read == 0 || (self.from == at && self.held.len() >= most) {
                let wanted = if self.from == at { self.held.len().min(most) } else { 0 };
                return Ok(self.held.get(..wanted).unwrap_or_default().to_vec());
            }
        }
    }
}

impl std::fmt::Debug for Source {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Source::Plain(_) => "Plain",
            Source::Compressed(_) => "Compressed",
        })
    }
}

/// What `head` says: up to where lines are kept.
#[derive(Debug, Deserialize)]
struct Head {
    segment: u64,
    bytes: u64,
}

impl Records {
    /// Goes on after `at`; from the oldest line on where that is none.
    pub(super) fn new(directory: &Path, copy: &str, at: &At) -> Records {
        Records {
            copy: copy.to_owned(),
            directory: directory.to_owned(),
            last: at.clone(),
            segment: at.segment,
            bytes: at.bytes,
            open: None,
            stepped: false,
            short_since: None,
        }
    }

    /// Hands out again what came after `at`.
    pub(super) fn back_to(&mut self, at: &At) {
        self.last.clone_from(at);
        (self.segment, self.bytes, self.stepped) = (at.segment, at.bytes, false);
    }

    /// Hands out again what comes after `bytes` of the segment that was handed out last.
    pub(super) fn back_into(&mut self, segment: u64, bytes: u64) {
        (self.segment, self.bytes) = (segment, bytes);
    }

    /// The next lines, when there are any that are kept.
    pub(super) fn next(&mut self) -> Result<Option<Batch>, Failure> {
        let Some(head) = self.head()? else { return Ok(None) };
        if (head.segment, head.bytes) < (self.segment, self.bytes) {
            return self.shorter(&head);
        }
        self.short_since = None;
        loop {
            let is_newest = self.segment == head.segment;
            let end = is_newest.then_some(head.bytes);
            let bytes = self.read(end)?;
            if !bytes.is_empty() {
                return Ok(Some(self.batch(bytes)));
            }
            if is_newest || !self.step(head.segment)? {
                return Ok(None);
            }
        }
    }

    fn head(&self) -> Result<Option<Head>, Failure> {
        let path = self.directory.join("head");
        match fs::read(&path) {
            Ok(bytes) => Ok(serde_json::from_slice(&bytes).ok()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Failure::of_ledger(&path, &error)),
        }
    }

    /// Goes to the next segment there is, up to `newest`.
    fn step(&mut self, newest: u64) -> Result<bool, Failure> {
        let entries =
            fs::read_dir(&self.directory).map_err(|error| Failure::of_ledger(&self.directory, &error))?;
        let numbers = entries.filter_map(|entry| number(entry.ok()?.file_name().to_str()?));
        let Some(next) = numbers.filter(|number| (self.segment + 1..=newest).contains(number)).min() else {
            return Ok(false);
        };
        self.stepped |= next > self.segment + 1 && self.last.segment > 0;
        (self.segment, self.bytes, self.open) = (next, 0, None);
        Ok(true)
    }

    /// Whole lines from where reading is, before `end` where the segment grows; in one that does not, the last
    /// bytes too when they are no whole line. Nothing at its end, or when it is not there.
    fn read(&mut self, end: Option<u64>) -> Result<Vec<u8>, Failure> {
        if self.segment == 0 {
            return Ok(Vec::new());
        }
        let mut window = BATCH_BYTES;
        loop {
            let bounded = end.map_or(window, |end| {
                usize::try_from(end.saturating_sub(self.bytes)).unwrap_or(usize::MAX).min(window)
            });
            let mut bytes = self.window(bounded)?;
            let is_all = bytes.len() < bounded || bounded < window;
            let whole = memchr::memrchr(b'\n', &bytes).map_or(0, |at| at + 1);
            if whole > 0 && (whole == bytes.len() || !is_all || end.is_some()) {
                bytes.truncate(whole);
                return Ok(bytes);
            }
            if is_all {
                // What no line feed ends is nothing that is kept, unless nobody goes on with it.
                return Ok(if end.is_some() { Vec::new() } else { bytes });
            }
            if window >= LINE_BYTES_MAX {
                let detail =
                    format!("a line of segment {:08} is longer than {LINE_BYTES_MAX} bytes", self.segment);
                return Err(Failure::new(Kind::Unreadable, detail));
            }
            window = window.saturating_mul(4).min(LINE_BYTES_MAX);
        }
    }

    /// At most `most` bytes from where reading is; fewer at the end only.
    fn window(&mut self, most: usize) -> Result<Vec<u8>, Failure> {
        let path = self.directory.join(format!("{:08}.jsonl", self.segment));
        let failed = |error: &io::Error| Failure::of_ledger(&path, error);
        if self.open.as_ref().is_none_or(|open| open.segment != self.segment) {
            self.open = open(&path, self.segment).map_err(|error| failed(&error))?;
        }
        let Some(open) = &mut self.open else {
            self.stepped |= self.last.segment > 0;
            return Ok(Vec::new());
        };
        let read = match &mut open.source {
            Source::Plain(file) => read_at(file, self.bytes, most),
            Source::Compressed(source) if source.from <= self.bytes => source.read(self.bytes, most),
            // It does not go back: from its beginning again.
            Source::Compressed(_) => {
                self.open = None;
                return self.window(most);
            }
        };
        read.map_err(|error| failed(&error))
    }

    fn batch(&mut self, bytes: Vec<u8>) -> Batch {
        let from = self.bytes;
        self.bytes += bytes.len() as u64;
        let mut first = (self.last.writer.clone(), self.last.seq);
        let mut after = At { segment: self.segment, bytes: self.bytes, ..self.last.clone() };
        let mut since_us = None;
        let whole = whole(&bytes);
        if let Some(whole) = whole.strip_suffix(b"\n") {
            let end = memchr::memchr(b'\n', whole).unwrap_or(whole.len());
            let line = Line::of(whole.get(..end).unwrap_or_default());
            if self.stepped && self.last.hash != *line.prev {
                self.say_missed(&line);
            }
            self.stepped = false;
            since_us = line.at_us();
            first = (line.writer.into_owned(), line.seq);
            let begin = memchr::memrchr(b'\n', whole).map_or(0, |at| at + 1);
            let line = Line::of(whole.get(begin..).unwrap_or_default());
            (after.writer, after.seq) = (line.writer.into_owned(), line.seq);
            after.hash = line.hash.into_owned();
        }
        self.last.clone_from(&after);
        Batch { bytes, from, first, after, since_us }
    }

    fn say_missed(&self, next: &Line<'_>) {
        tracing::warn!(
            copy = self.copy,
            after_writer = self.last.writer,
            after_seq = self.last.seq,
            before_writer = %next.writer,
            before_seq = next.seq,
            "lines of the ledger were removed before a copy had them: those between the two named here are not in it"
        );
    }

    /// The ledger ends before what was handed out. For a moment after a loss of power that is in order.
    fn shorter(&mut self, head: &Head) -> Result<Option<Batch>, Failure> {
        if self.short_since.get_or_insert_with(Instant::now).elapsed() < SHORT_MAX {
            return Ok(None);
        }
        let detail = format!(
            "the ledger ends at {:08}.jsonl, byte {}, before what was copied of it ({:08}.jsonl, byte {}): it was put \
             back to an earlier state, or cut",
            head.segment, head.bytes, self.segment, self.bytes
        );
        Err(Failure::new(Kind::Shorter, detail))
    }
}

/// The number of the segment that a file's name says.
fn number(name: &str) -> Option<u64> {
    let (digits, ending) = name.split_once('.')?;
    let is_segment = matches!(ending, "jsonl" | "jsonl.zst");
    crate::ledger::segment_name::number(digits).filter(|_| is_segment)
}

/// Opens a segment, plain or compressed; `None` when it is not there.
fn open(path: &Path, segment: u64) -> io::Result<Option<Open>> {
    match File::open(path) {
        Ok(file) => return Ok(Some(Open { segment, source: Source::Plain(file) })),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    match File::open(path.with_extension("jsonl.zst")) {
        Ok(file) => {
            let decoder = zstd::Decoder::new(file)?;
            let source = Source::Compressed(Box::new(Compressed { decoder, held: Vec::new(), from: 0 }));
            Ok(Some(Open { segment, source }))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn read_at(file: &File, from: u64, most: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; most];
    let mut read = 0;
    while let Some(rest) = bytes.get_mut(read..).filter(|rest| !rest.is_empty()) {
        match file.read_at(rest, from + read as u64) {
            Ok(0) => break,
            Ok(more) => read += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    bytes.truncate(read);
    Ok(bytes)
}
