//! Which lines come to a ledger while somebody watches?
//!
//! Its files are looked at again and again: whatever was written as a whole line behind the place where the last look
//! ended. When the newest segment is closed, the watch goes on in the next one.

use super::index::read_at;
use super::reading::plain_after;
use memchr::{memchr, memrchr};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::fs::File;
use std::io;
use std::ops::ControlFlow;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};

/// Read at once; a line that is longer is passed over.
const READ_BYTES: usize = 1024 * 1024;

/// A place in a ledger that moves on.
#[derive(Debug)]
pub struct Follower {
    directory: PathBuf,
    open: Option<Open>,
    /// The segment it is in, or was in last.
    number: Option<u64>,
    buffer: Vec<u8>,
}

#[derive(Debug)]
struct Open {
    file: File,
    offset: u64,
    /// Whether the offset is inside a line that is too long.
    is_inside_line: bool,
}

impl Follower {
    /// Begins behind the last whole line there is. There need not be any yet.
    pub fn at_end(directory: &Path) -> io::Result<Follower> {
        let number = plain_after(directory, None)?;
        let mut follower =
            Follower { directory: directory.to_owned(), open: None, number, buffer: vec![0; READ_BYTES] };
        if let Some(number) = number {
            follower.open = follower.open(number)?;
        }
        if let Some(open) = &mut follower.open {
            open.offset = end_of_lines(&open.file, &mut follower.buffer)?;
        }
        Ok(follower)
    }

    /// Shows every line that came since the last call, without its line feed, until `each` breaks it off.
    pub fn look(
        &mut self,
        each: &mut dyn FnMut(&[u8]) -> io::Result<ControlFlow<()>>,
    ) -> io::Result<ControlFlow<()>> {
        loop {
            if self.drain(each)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
            let Some(next) = plain_after(&self.directory, Some(self.number.unwrap_or(0)))? else {
                return Ok(ControlFlow::Continue(()));
            };
            // What came between the last look and the end of the segment.
            if self.drain(each)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
            self.open = self.open(next)?;
            self.number = Some(next);
        }
    }

    /// `None` when it was moved away meanwhile.
    fn open(&self, number: u64) -> io::Result<Option<Open>> {
        match File::open(self.directory.join(format!("{number:08}.jsonl"))) {
            Ok(file) => Ok(Some(Open { file, offset: 0, is_inside_line: false })),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn drain(
        &mut self,
        each: &mut dyn FnMut(&[u8]) -> io::Result<ControlFlow<()>>,
    ) -> io::Result<ControlFlow<()>> {
        let Some(open) = &mut self.open else { return Ok(ControlFlow::Continue(())) };
        // What a failed write left was cut off, down to whole lines.
        open.offset = open.offset.min(open.file.metadata()?.len());
        loop {
            let length = read_at(&open.file, &mut self.buffer, open.offset)?;
            let mut rest = self.buffer.get(..length).unwrap_or_default();
            let mut taken = 0;
            while let Some(end) = memchr(b'\n', rest) {
                let (line, behind) = rest.split_at(end);
                rest = behind.get(1..).unwrap_or_default();
                taken += end + 1;
                open.offset += end as u64 + 1;
                if !std::mem::take(&mut open.is_inside_line) && each(line)?.is_break() {
                    return Ok(ControlFlow::Break(()));
                }
            }
            if taken == 0 && length == READ_BYTES {
                open.is_inside_line = true;
                open.offset += length as u64;
            } else if length < READ_BYTES {
                return Ok(ControlFlow::Continue(()));
            }
        }
    }
}

/// Whether somebody may still read what is written there: of a pipe that was closed at its other end nobody does.
pub fn is_read(out: impl AsFd) -> bool {
    let mut ends = [PollFd::new(&out, PollFlags::empty())];
    let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
    // What cannot be told is told by the next write.
    let told = poll(&mut ends, Some(&at_once)).unwrap_or(0);
    told == 0
        || !ends.iter().any(|end| end.revents().intersects(PollFlags::ERR | PollFlags::HUP | PollFlags::NVAL))
}

/// Where the last whole line of a file ends.
fn end_of_lines(file: &File, buffer: &mut [u8]) -> io::Result<u64> {
    let mut end = file.metadata()?.len();
    while end > 0 {
        let start = end.saturating_sub(buffer.len() as u64);
        let room = buffer.get_mut(..(end - start) as usize).unwrap_or_default();
        let length = read_at(file, room, start)?;
        if let Some(at) = memrchr(b'\n', room.get(..length).unwrap_or_default()) {
            return Ok(start + at as u64 + 1);
        }
        end = start;
    }
    Ok(0)
}

#[cfg(test)]
mod tests;
