//! Which lines does a stream of bytes hold, in bounded memory?

use std::io::{self, Read};

/// Longest line that is looked at. What the ledger writes is much shorter.
pub(super) const LINE_BYTES_MAX: usize = 16 * 1024 * 1024;
/// How much is read at once.
const CHUNK_BYTES: usize = 256 * 1024;

/// Lines of a stream, one after the other.
#[derive(Debug)]
pub(super) struct Lines<R> {
    source: R,
    buffer: Vec<u8>,
    from: usize,
    filled: usize,
    /// Where in the stream `from` is.
    offset: u64,
    /// Bytes of the line at `from` that were too many to keep.
    dropped: u64,
}

/// How a line ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// In a line feed.
    Whole,
    /// With the stream.
    Torn,
    /// In a line feed, after more bytes than are looked at.
    TooLong,
}

/// A line without its line feed.
#[derive(Debug)]
pub(super) struct Line<'l> {
    pub(super) bytes: &'l [u8],
    /// Where it begins.
    pub(super) offset: u64,
    /// How many bytes it has, without its line feed.
    pub(super) length: u64,
    pub(super) ending: Ending,
}

impl<R: Read> Lines<R> {
    pub(super) fn new(source: R) -> Lines<R> {
        Lines { source, buffer: vec![0; CHUNK_BYTES], from: 0, filled: 0, offset: 0, dropped: 0 }
    }

    /// How far the stream was read into lines.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    pub(super) fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        let mut looked = 0;
        loop {
            let rest = self.buffer.get(self.from + looked..self.filled).unwrap_or_default();
            if let Some(at) = memchr::memchr(b'\n', rest) {
                let ending = if self.dropped > 0 { Ending::TooLong } else { Ending::Whole };
                return Ok(Some(self.line(looked + at, 1, ending)));
            }
            looked += rest.len();
            if looked >= LINE_BYTES_MAX {
                self.dropped += looked as u64;
                self.offset += looked as u64;
                (self.from, self.filled, looked) = (0, 0, 0);
            }
            if self.fill()? == 0 {
                let is_over = looked == 0 && self.dropped == 0;
                return Ok((!is_over).then(|| self.line(looked, 0, Ending::Torn)));
            }
        }
    }

    fn line(&mut self, length: usize, feed: usize, ending: Ending) -> Line<'_> {
        let (from, dropped) = (self.from, std::mem::take(&mut self.dropped));
        let offset = self.offset - dropped;
        self.from += length + feed;
        self.offset += (length + feed) as u64;
        let bytes = self.buffer.get(from..from + length).unwrap_or_default();
        Line { bytes, offset, length: dropped + length as u64, ending }
    }

    fn fill(&mut self) -> io::Result<usize> {
        if self.from > 0 {
            self.buffer.copy_within(self.from..self.filled, 0);
            self.filled -= self.from;
            self.from = 0;
        }
        if self.filled == self.buffer.len() {
            let longer = self.buffer.len().saturating_mul(2).min(LINE_BYTES_MAX + CHUNK_BYTES);
            self.buffer.resize(longer, 0);
        }
        loop {
            match self.source.read(self.buffer.get_mut(self.filled..).unwrap_or_default()) {
                Ok(read) => {
                    self.filled += read;
                    return Ok(read);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    fn all(bytes: &[u8]) -> Vec<(u64, u64, Ending)> {
        let mut lines = Lines::new(bytes);
        let mut all = Vec::new();
        while let Some(line) = lines.next().unwrap() {
            if line.ending == Ending::Whole {
                let from = line.offset as usize;
                assert_eq!(bytes.get(from..from + line.length as usize), Some(line.bytes));
            }
            all.push((line.offset, line.length, line.ending));
        }
        assert_eq!(lines.offset(), bytes.len() as u64);
        all
    }

    #[test]
    fn lines_are_found_with_their_places() {
        assert_eq!(all(b""), []);
        assert_eq!(all(b"\n"), [(0, 0, Ending::Whole)]);
        assert_eq!(all(b"one\n\ntwo"), [(0, 3, Ending::Whole), (4, 0, Ending::Whole), (5, 3, Ending::Torn)]);
        let long = vec![b'x'; CHUNK_BYTES + 7];
        let bytes = [b"one\n", long.as_slice(), b"\ntwo\n"].concat();
        let length = long.len() as u64;
        let expected = [(0, 3, Ending::Whole), (4, length, Ending::Whole), (5 + length, 3, Ending::Whole)];
        assert_eq!(all(&bytes), expected);
    }

    #[test]
    fn a_line_that_is_too_long_is_passed_over_and_the_next_one_is_read() {
        let long = vec![b'x'; LINE_BYTES_MAX + 3];
        let bytes = [b"a\n", long.as_slice(), b"\nb\n", long.as_slice()].concat();
        let length = long.len() as u64;
        let expected = [
            (0, 1, Ending::Whole),
            (2, length, Ending::TooLong),
            (3 + length, 1, Ending::Whole),
            (5 + length, length, Ending::Torn),
        ];
        assert_eq!(all(&bytes), expected);
    }
}
