//! Which segments are there, and which lines are in one?

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

/// Longest line that is read. A line is seldom longer than 2 KiB, and never half as long as this.
pub(super) const LINE_BYTES_MAX: u64 = 16 * 1024 * 1024;
/// First bytes looked at from a segment's end for its last line; more each time it is not there.
const TAIL_BYTES: u64 = 64 * 1024;

/// A file with lines of the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SegmentFile {
    pub(super) number: u64,
    pub(super) path: PathBuf,
    pub(super) bytes: u64,
    is_compressed: bool,
}

impl SegmentFile {
    /// Its name, for people.
    pub(super) fn name(&self) -> String {
        self.path.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    fn open(&self) -> io::Result<Box<dyn BufRead>> {
        let file = File::open(&self.path)?;
        Ok(match self.is_compressed {
            true => Box::new(BufReader::with_capacity(256 * 1024, zstd::stream::read::Decoder::new(file)?)),
            false => Box::new(BufReader::with_capacity(256 * 1024, file)),
        })
    }

    /// Hands every whole line, without its line feed, to `each` until that says no.
    pub(super) fn lines(&self, mut each: impl FnMut(&[u8]) -> bool) -> io::Result<()> {
        let mut reader = self.open()?;
        let mut line = Vec::new();
        loop {
            line.clear();
            let read = (&mut reader).take(LINE_BYTES_MAX).read_until(b'\n', &mut line)?;
            let Some(whole) = line.strip_suffix(b"\n") else {
                // What is not finished is no line; one that is too long is none of ours.
                return if (read as u64) < LINE_BYTES_MAX { Ok(()) } else { Err(too_long()) };
            };
            if !each(whole) {
                return Ok(());
            }
        }
    }

    /// The first whole line.
    pub(super) fn first_line(&self) -> io::Result<Option<Vec<u8>>> {
        let mut first = None;
        self.lines(|line| {
            first = Some(line.to_vec());
            false
        })?;
        Ok(first)
    }

    /// The last whole line.
    pub(super) fn last_line(&self) -> io::Result<Option<Vec<u8>>> {
        if self.is_compressed {
            let mut last = None;
            self.lines(|line| {
                let kept: &mut Vec<u8> = last.get_or_insert_default();
                kept.clear();
                kept.extend_from_slice(line);
                true
            })?;
            return Ok(last);
        }
        let mut file = File::open(&self.path)?;
        let length = file.metadata()?.len();
        let mut window = TAIL_BYTES.min(length);
        loop {
            file.seek(SeekFrom::Start(length - window))?;
            let mut bytes = Vec::new();
            (&mut file).take(window).read_to_end(&mut bytes)?;
            let end = bytes.iter().rposition(|byte| *byte == b'\n');
            let before = bytes.get(..end.unwrap_or(0)).unwrap_or_default();
            let start = before.iter().rposition(|byte| *byte == b'\n');
            if window == length || start.is_some() {
                let line = before.get(start.map_or(0, |at| at + 1)..).unwrap_or_default();
                return Ok(end.map(|_| line.to_vec()));
            }
            if window > LINE_BYTES_MAX {
                return Err(too_long());
            }
            window = window.saturating_mul(4).min(length);
        }
    }
}

fn too_long() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "a line is longer than any that the ledger writes")
}

/// The segments of a directory by their number, the oldest first. A number that is there twice, plain and
/// compressed, is an error: nobody can tell which of the two is the ledger's.
pub(super) fn all(directory: &Path) -> io::Result<Vec<SegmentFile>> {
    let mut found: Vec<SegmentFile> = Vec::new();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let name = entry.file_name();
        let Some((digits, ending)) = name.to_str().and_then(|name| name.split_once('.')) else { continue };
        let is_compressed = match ending {
            "jsonl" => false,
            "jsonl.zst" => true,
            _ => continue,
        };
        let Some(number) = crate::ledger::segment_name::number(digits) else { continue };
        let bytes = entry.metadata()?.len();
        found.push(SegmentFile { number, path: entry.path(), bytes, is_compressed });
    }
    found.sort_unstable_by_key(|segment| segment.number);
    match found
        .windows(2)
        .find(|pair| pair.first().map(|one| one.number) == pair.last().map(|one| one.number))
    {
        Some(pair) => {
            let names: Vec<String> = pair.iter().map(SegmentFile::name).collect();
            Err(io::Error::other(format!(
                "{} are the same segment twice; take one away",
                names.join(" and ")
            )))
        }
        None => Ok(found),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_segment_reads_the_same_plain_and_compressed() {
        let folder = tempfile::tempdir().unwrap();
        let long = "x".repeat(200_000);
        for text in ["", "torn", "one\n", "one\ntwo\ntorn", &format!("one\n{long}\n"), &format!("{long}\nto")]
        {
            fs::write(folder.path().join("00000001.jsonl"), text).unwrap();
            let packed = zstd::stream::encode_all(text.as_bytes(), 1).unwrap();
            fs::write(folder.path().join("00000002.jsonl.zst"), packed).unwrap();
            let whole = text.rfind('\n').map_or("", |end| &text[..end]);
            let expected: Vec<&str> =
                if text.contains('\n') { whole.split('\n').collect() } else { Vec::new() };
            for segment in all(folder.path()).unwrap() {
                let mut lines = Vec::new();
                let read = segment.lines(|line| {
                    lines.push(String::from_utf8(line.to_vec()).unwrap());
                    true
                });
                read.unwrap();
                assert_eq!(lines, expected, "{}", segment.name());
                let as_bytes = |line: &&str| line.as_bytes().to_vec();
                assert_eq!(segment.first_line().unwrap(), expected.first().map(as_bytes));
                assert_eq!(segment.last_line().unwrap(), expected.last().map(as_bytes));
            }
        }
    }

    #[test]
    fn one_number_twice_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["00000010.jsonl", "00000002.jsonl.zst", "lock", "00000002.idx", "1.jsonl"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let numbers: Vec<u64> = all(folder.path()).unwrap().iter().map(|one| one.number).collect();
        assert_eq!(numbers, [2, 10]);
        fs::write(folder.path().join("00000010.jsonl.zst"), "").unwrap();
        assert!(all(folder.path()).unwrap_err().to_string().contains("the same segment twice"));
    }
}
