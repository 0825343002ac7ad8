//! Which is the last line of a segment that begins in a certain way?

use crate::ledger::past::SegmentFile;
use memchr::memmem;
use std::fs::File;
use std::io::{self, BufRead as _, Read as _, Seek as _, SeekFrom};

/// Read at once; such lines are some hundreds of records apart.
const WINDOW_BYTES: u64 = 4 * 1024 * 1024;
/// Longest line that is looked for.
const LINE_BYTES_MAX: u64 = 64 * 1024;

/// What was found in a segment.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The line, with its line feed.
    pub(super) line: Option<Vec<u8>>,
    /// Whether the segment has no whole line at all.
    pub(super) is_empty: bool,
}

/// Looks for the last whole line of `file` that begins with `beginning`. What cannot be read holds none.
pub(super) fn last_line_with(file: &SegmentFile, beginning: &[u8]) -> Found {
    let found = if file.is_compressed { through(file, beginning) } else { backwards(file, beginning) };
    found.unwrap_or_default()
}

fn backwards(file: &SegmentFile, beginning: &[u8]) -> io::Result<Found> {
    let mut file = File::open(&file.path)?;
    let finder = memmem::FinderRev::new(beginning);
    let mut end = file.metadata()?.len();
    let mut is_empty = true;
    while end > 0 {
        let start = end.saturating_sub(WINDOW_BYTES);
        // With so much behind the window that a line which begins in it is there to its end.
        let bytes = read(&mut file, start, end - start + LINE_BYTES_MAX)?;
        is_empty &= !bytes.contains(&b'\n');
        let mut until = bytes.len().min((end - start) as usize + beginning.len() - 1);
        while let Some(at) = finder.rfind(bytes.get(..until).unwrap_or_default()) {
            let begins_line = match at.checked_sub(1) {
                Some(before) => bytes.get(before) == Some(&b'\n'),
                None => start == 0 || read(&mut file, start - 1, 1)? == b"\n",
            };
            let rest = bytes.get(at..).unwrap_or_default();
            let ends = rest.iter().position(|byte| *byte == b'\n');
            if begins_line && let Some(line) = ends.and_then(|ends| rest.get(..=ends)) {
                return Ok(Found { line: Some(line.to_vec()), is_empty: false });
            }
            until = at + beginning.len() - 1;
        }
        end = start;
    }
    Ok(Found { line: None, is_empty })
}

fn read(file: &mut File, from: u64, bytes: u64) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(from))?;
    let mut read = Vec::new();
    file.take(bytes).read_to_end(&mut read)?;
    Ok(read)
}

fn through(file: &SegmentFile, beginning: &[u8]) -> io::Result<Found> {
    let mut lines = file.lines()?;
    let mut found = Found { line: None, is_empty: true };
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line)? > 0 {
        if line.ends_with(b"\n") {
            found.is_empty = false;
            if line.starts_with(beginning) {
                found.line = Some(std::mem::take(&mut line));
            }
        }
        line.clear();
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use std::fs;

    #[test]
    fn the_last_one_is_found_wherever_it_lies_and_whatever_the_form() {
        let folder = tempfile::tempdir().unwrap();
        let (plain, packed) = (folder.path().join("1.jsonl"), folder.path().join("1.jsonl.zst"));
        let filler = |bytes: usize| [vec![b'.'; bytes], b"\n".to_vec()].concat();
        let window = WINDOW_BYTES as usize;
        for behind in
            [0, 1, 20, window - 30, window - 20, window - 10, window - 1, window, window + 9, 2 * window]
        {
            for before in [&b""[..], b"x\n", b"mark one\n", b"line with mark inside\n"] {
                let contents = [before, b"mark two\n", &filler(behind), b"a mark\nmark torn"].concat();
                fs::write(&plain, &contents).unwrap();
                fs::write(&packed, zstd::encode_all(contents.as_slice(), 1).unwrap()).unwrap();
                for (path, is_compressed) in [(&plain, false), (&packed, true)] {
                    let file = SegmentFile { number: 1, path: path.clone(), is_compressed };
                    let found = last_line_with(&file, b"mark");
                    assert_eq!(found.line.as_deref(), Some(&b"mark two\n"[..]), "{behind} {is_compressed}");
                }
            }
        }
    }

    #[test]
    fn a_segment_without_one_says_whether_it_holds_anything() {
        let folder = tempfile::tempdir().unwrap();
        let file = SegmentFile { number: 1, path: folder.path().join("1"), is_compressed: false };
        for (contents, is_empty) in [("", true), ("mark torn", true), ("a mark\n", false)] {
            fs::write(&file.path, contents).unwrap();
            let found = last_line_with(&file, b"mark");
            assert_eq!((found.line, found.is_empty), (None, is_empty), "{contents}");
        }
    }
}
