//! How is a segment taken apart into lines, within bounded memory?

use crate::ledger::index::LINE_BYTES_MAX;
use memchr::memchr;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::ops::Range;

/// Read at once.
pub(super) const READ_BYTES: usize = LINE_BYTES_MAX;

/// The whole lines of a segment, one after the other. A last line that is not finished is not there yet.
pub(super) struct Lines {
    source: Box<dyn Read>,
    buffer: Vec<u8>,
    /// What of the buffer was read and not handed out yet.
    waiting: Range<usize>,
    /// Bytes that were read, after they were unpacked.
    bytes: u64,
    /// Whether what comes is the rest of a line that is too long.
    is_inside_line: bool,
    too_long: u64,
    /// Where in the buffer the line is that was handed out last.
    current: Range<usize>,
    /// The last line before what the buffer holds.
    last: Vec<u8>,
}

impl Lines {
    pub(super) fn plain(file: File) -> Lines {
        Lines::of(Box::new(file))
    }

    pub(super) fn compressed(file: File) -> io::Result<Lines> {
        Ok(Lines::of(Box::new(zstd::stream::read::Decoder::with_buffer(BufReader::new(file))?)))
    }

    fn of(source: Box<dyn Read>) -> Lines {
        Lines {
            source,
            // A line of the greatest length fits with its line feed, and so does what is read behind it.
            buffer: vec![0; 2 * READ_BYTES],
            waiting: 0..0,
            bytes: 0,
            is_inside_line: false,
            too_long: 0,
            current: 0..0,
            last: Vec::new(),
        }
    }

    /// The next line without its line feed.
    pub(super) fn next(&mut self) -> io::Result<Option<&[u8]>> {
        loop {
            let waiting = self.buffer.get(self.waiting.clone()).unwrap_or_default();
            let Some(length) = memchr(b'\n', waiting) else {
                if self.waiting.len() >= LINE_BYTES_MAX {
                    self.is_inside_line = true;
                    self.waiting.start = self.waiting.end;
                }
                if self.read()? == 0 {
                    return Ok(None);
                }
                continue;
            };
            let line = self.waiting.start..self.waiting.start + length;
            self.waiting.start = line.end + 1;
            if std::mem::take(&mut self.is_inside_line) || line.len() >= LINE_BYTES_MAX {
                self.too_long += 1;
                continue;
            }
            self.current = line.clone();
            return Ok(self.buffer.get(line));
        }
    }

    /// Bytes that were read, after they were unpacked.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Lines that were passed over.
    pub(super) fn too_long(&self) -> u64 {
        self.too_long
    }

    /// The line that was handed out last; empty when there was none.
    pub(super) fn last(&self) -> &[u8] {
        if self.current.is_empty() {
            &self.last
        } else {
            self.buffer.get(self.current.clone()).unwrap_or_default()
        }
    }

    fn read(&mut self) -> io::Result<usize> {
        if !self.current.is_empty() {
            self.last.clear();
            self.last.extend_from_slice(self.buffer.get(self.current.clone()).unwrap_or_default());
            self.current = 0..0;
        }
        let left = self.waiting.len();
        self.buffer.copy_within(self.waiting.clone(), 0);
        self.waiting = 0..left;
        let room = self.buffer.get_mut(left..left + READ_BYTES).unwrap_or_default();
        let length = loop {
            match self.source.read(room) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => break other?,
            }
        };
        self.waiting.end = left + length;
        self.bytes += length as u64;
        Ok(length)
    }
}
