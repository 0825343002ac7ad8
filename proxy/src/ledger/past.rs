//! What have earlier writers left in a directory?
//!
//! Only whole lines count, and of each segment only its last one is read, whose hash is computed from its bytes. A
//! segment that was compressed is read through. Each start begins a new segment, so that all lines of one are
//! of one writer.

use super::chain::{self, Hash, Sealed};
use super::error::LedgerError;
use super::writers::{self, Ended};
use super::{head, segment_name, told};
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// First bytes looked at from a segment's end for its last line; four times as many each time it
/// is not there. A line is seldom longer than 2 KiB.
const TAIL_BYTES: u64 = 64 * 1024;

/// How the line starts that a writer ends with.
const STOPPED: &[u8] = b"{\"v\":1,\"event\":\"writer.stop\"";

/// A file of lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SegmentFile {
    pub(super) number: u64,
    pub(super) path: PathBuf,
    pub(super) is_compressed: bool,
}

impl SegmentFile {
    fn name(&self) -> String {
        self.path.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// Its lines from the first on, whatever its form.
    pub(super) fn lines(&self) -> io::Result<Box<dyn BufRead>> {
        let file = segment_name::open(&self.path)?;
        if self.is_compressed {
            return Ok(Box::new(BufReader::new(zstd::stream::read::Decoder::new(file)?)));
        }
        Ok(Box::new(BufReader::with_capacity(TAIL_BYTES as usize, file)))
    }

    fn tail(&self) -> io::Result<Tail> {
        if self.is_compressed {
            read_through(self.lines()?)
        } else {
            read_tail(&mut segment_name::open(&self.path)?)
        }
    }
}

/// The segments of a directory, oldest first; one that is there in both forms is read as it was written. Also the
/// highest number anything has that looks like one.
pub(super) fn segments(directory: &Path) -> io::Result<(u64, Vec<SegmentFile>)> {
    let mut newest = 0;
    let mut files: Vec<SegmentFile> = Vec::new();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let name = entry.file_name();
        let Some((digits, ending)) = name.to_str().and_then(|name| name.split_once('.')) else { continue };
        let (Some(number), true) = (segment_name::number(digits), ending.starts_with("jsonl")) else {
            continue;
        };
        newest = newest.max(number);
        if ending == "jsonl" || ending == "jsonl.zst" {
            files.push(SegmentFile { number, path: entry.path(), is_compressed: ending != "jsonl" });
        }
    }
    files.sort_by_key(|file| (file.number, file.is_compressed));
    files.dedup_by_key(|file| file.number);
    Ok((newest, files))
}

/// What earlier writers left.
#[derive(Debug)]
pub(super) struct Past {
    /// The hash of the last whole line.
    pub(super) last: Hash,
    /// Whether that line has the hash it states: `holds`, `differs`, `unsealed`, or `nothing` without a line.
    pub(super) check: &'static str,
    /// What a reader of the ledger should know about the end of it.
    pub(super) remarks: Vec<String>,
    /// Every writer that has left lines, in order of start.
    pub(super) ended: Vec<Ended>,
    /// The segments, oldest first.
    pub(super) segments: Vec<SegmentFile>,
    /// Whether `head` names a line.
    pub(super) has_head: bool,
}

impl Past {
    /// Looks at `directory`.
    pub(super) fn of(directory: &Path) -> Result<Past, LedgerError> {
        let failed = |source| LedgerError::Read { path: directory.to_owned(), source };
        let (newest, segments) = segments(directory).map_err(failed)?;
        let mut past = Past {
            last: chain::NO_LINE,
            check: "nothing",
            remarks: Vec::new(),
            ended: Vec::new(),
            segments,
            has_head: false,
        };
        past.last_line(newest)?;
        let (ended, remark) = writers::of(directory, &past.segments)?;
        past.ended = ended;
        past.remarks.extend(remark);
        if let Some((writer, seq)) = head::left(directory) {
            past.expect(writer, seq, "`head` names");
            past.has_head = true;
        }
        Ok(past)
    }

    /// Remarks on it if line `seq` of `writer` is not there although `who` says it was; whether it is.
    pub(super) fn expect(&mut self, writer: Uuid, seq: u64, who: &str) -> bool {
        let found = self.ended.iter().find(|ended| ended.writer == writer).map_or(0, |ended| ended.records);
        if found < seq {
            self.remarks.push(told::missing(who, seq, writer, found));
        }
        found >= seq
    }

    /// Whether anything was written before.
    pub(super) fn has_lines(&self) -> bool {
        self.check != "nothing"
    }

    /// Reads where the chain goes on: at the last whole line of the newest segment that has one.
    fn last_line(&mut self, newest: u64) -> Result<(), LedgerError> {
        for file in self.segments.iter().rev() {
            let name = file.name();
            let tail = match file.tail() {
                Ok(tail) => tail,
                Err(_) if file.is_compressed => {
                    self.remarks.push(format!("{name} cannot be decompressed"));
                    continue;
                }
                Err(source) => return Err(LedgerError::Read { path: file.path.clone(), source }),
            };
            if tail.torn_bytes > 0 {
                let torn = tail.torn_bytes;
                self.remarks.push(told::torn(&name, torn) + ", left as they are");
            }
            let Some(line) = tail.line else { continue };
            if !line.starts_with(STOPPED) {
                self.remarks.push(format!("the writer of {name} did not stop in order"));
            }
            match chain::check(&line) {
                Sealed::Holds(hash) => {
                    self.last = hash;
                    self.check = "holds";
                }
                Sealed::Differs(hash) => {
                    self.last = hash;
                    self.check = "differs";
                    self.remarks.push(format!("the last line of {name} does not have the hash it states"));
                }
                Sealed::Unsealed => {
                    self.check = "unsealed";
                    self.remarks.push(format!("the last line of {name} has no hash"));
                }
            }
            return Ok(());
        }
        if newest > 0 && self.segments.last().is_none_or(|file| file.is_compressed || file.number != newest) {
            self.remarks.push("no earlier segment holds a line to go on from".to_owned());
        }
        Ok(())
    }
}

/// The last whole line of a segment, without its line feed; of a compressed one that is damaged, none.
pub(super) fn last_line(file: &SegmentFile) -> Result<Option<Vec<u8>>, LedgerError> {
    match file.tail() {
        Ok(tail) => Ok(tail.line),
        Err(_) if file.is_compressed => Ok(None),
        Err(source) => Err(LedgerError::Read { path: file.path.clone(), source }),
    }
}

/// The writer of a segment's first line, if it has one.
pub(super) fn first_writer(file: &SegmentFile) -> Option<Uuid> {
    let mut line = Vec::new();
    file.lines().ok()?.take(LINE_BYTES_MAX).read_until(b'\n', &mut line).ok()?;
    whose(line.strip_suffix(b"\n")?).map(|(writer, _)| writer)
}

/// Longest line that is looked at.
const LINE_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// Whose line it is, and which one of his.
pub(super) fn whose(line: &[u8]) -> Option<(Uuid, u64)> {
    #[derive(serde::Deserialize)]
    struct Numbered<'a> {
        writer: &'a str,
        seq: u64,
    }
    let numbered: Numbered<'_> = serde_json::from_slice(line).ok()?;
    Some((Uuid::parse_str(numbered.writer).ok()?, numbered.seq))
}

/// The end of a segment.
struct Tail {
    /// The last whole line, without its line feed.
    line: Option<Vec<u8>>,
    /// Bytes after it.
    torn_bytes: u64,
}

fn read_tail(file: &mut File) -> io::Result<Tail> {
    let length = file.metadata()?.len();
    let mut window = TAIL_BYTES.min(length);
    loop {
        file.seek(SeekFrom::Start(length - window))?;
        let mut bytes = Vec::new();
        file.take(window).read_to_end(&mut bytes)?;
        let ends = bytes.iter().rposition(|byte| *byte == b'\n');
        let before = bytes.get(..ends.unwrap_or(0)).unwrap_or_default();
        let starts = before.iter().rposition(|byte| *byte == b'\n');
        if window == length || (ends.is_some() && starts.is_some()) {
            let line = ends.map(|_| before.get(starts.map_or(0, |at| at + 1)..).unwrap_or_default().to_vec());
            let torn_bytes = (bytes.len() - ends.map_or(0, |at| at + 1)) as u64;
            return Ok(Tail { line, torn_bytes });
        }
        window = window.saturating_mul(4).min(length);
    }
}

/// The same of lines that can be read in one direction only.
fn read_through(mut lines: impl BufRead) -> io::Result<Tail> {
    let (mut line, mut last) = (Vec::new(), None);
    loop {
        line.clear();
        lines.read_until(b'\n', &mut line)?;
        if line.pop_if(|byte| *byte == b'\n').is_none() {
            return Ok(Tail { line: last, torn_bytes: line.len() as u64 });
        }
        std::mem::swap(last.get_or_insert_default(), &mut line);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    fn tail(contents: &[u8]) -> (Option<Vec<u8>>, u64) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("segment");
        fs::write(&path, contents).unwrap();
        let tail = read_tail(&mut File::open(path).unwrap()).unwrap();
        (tail.line, tail.torn_bytes)
    }

    #[test]
    fn the_last_whole_line_is_found_however_long_it_is() {
        assert_eq!(tail(b""), (None, 0));
        assert_eq!(tail(b"torn"), (None, 4));
        assert_eq!(tail(b"one\n"), (Some(b"one".to_vec()), 0));
        assert_eq!(tail(b"one\ntwo\nto"), (Some(b"two".to_vec()), 2));
        for bytes in [65_534, 65_535, 65_536, 65_537, 300_000] {
            let long = vec![b'x'; bytes];
            let contents = [b"one\n", long.as_slice(), b"\n", long.as_slice()].concat();
            assert_eq!(tail(&contents), (Some(long), bytes as u64));
        }
    }
}
