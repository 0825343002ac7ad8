//! How are all chunks of a turn sent with one system call, to a socket each?
//!
//! They are put one behind the other while the ready sockets are read, and handed to a ring together. Each
//! send is done, or found impossible, before that call returns: nothing is under way afterwards.

use super::arrivals::Streams;
use super::ring::Ring;
use io_uring::{opcode, types};
use std::io;
use std::os::fd::AsRawFd;

/// The longest chunk; a longer answer goes in several.
const CHUNK_BYTES: usize = 16 * 1024;
/// What is held for a turn.
const HELD_BYTES: usize = 64 * CHUNK_BYTES;
/// Sockets in the ring's table.
const FILES_MAX: u32 = 4096;

struct Posted {
    to: usize,
    start: usize,
    count: usize,
}

/// Chunks of this turn, and the ring that sends them.
pub struct Outbox {
    ring: Ring,
    held: Box<[u8]>,
    used: usize,
    posted: Vec<Posted>,
}

impl Outbox {
    /// Must be made on the thread that uses it.
    pub fn new() -> io::Result<Outbox> {
        let ring = Ring::open()?;
        ring.submitter().register_files_sparse(FILES_MAX)?;
        Ok(Outbox { ring, held: vec![0; HELD_BYTES].into(), used: 0, posted: Vec::with_capacity(256) })
    }

    /// Session `index` has these sockets.
    pub fn know(&mut self, index: usize, streams: &Streams) -> io::Result<()> {
        let files = [streams[0].as_raw_fd(), streams[1].as_raw_fd()];
        self.ring.submitter().register_files_update((index * 2) as u32, &files).map(drop)
    }

    /// Session `index` is over.
    pub fn forget(&mut self, index: usize) -> io::Result<()> {
        self.ring.submitter().register_files_update((index * 2) as u32, &[-1, -1]).map(drop)
    }

    /// Where the next chunk may be read to, while there is room.
    pub fn place(&mut self) -> Option<&mut [u8]> {
        self.held.get_mut(self.used..self.used + CHUNK_BYTES)
    }

    /// `count` bytes were read there, for socket `to`: side `to % 2` of session `to / 2`.
    pub fn post(&mut self, to: usize, count: usize) -> io::Result<()> {
        let start = self.used;
        let bytes = &self.held[start..start + count];
        let send = opcode::Send::new(types::Fixed(to as u32), bytes.as_ptr(), count as u32);
        let flags = libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL;
        self.ring.push(&send.flags(flags).build().user_data(self.posted.len() as u64))?;
        self.posted.push(Posted { to, start, count });
        self.used += count;
        Ok(())
    }

    /// Sends everything; `refused` hears of bytes a socket did not take.
    pub fn deliver(&mut self, mut refused: impl FnMut(usize, &[u8])) -> io::Result<()> {
        if self.posted.is_empty() {
            return Ok(());
        }
        self.ring.submit(0)?;
        for done in &mut self.ring.completions {
            let Some(posted) = self.posted.get(done.user_data() as usize) else { continue };
            let taken = usize::try_from(done.result()).unwrap_or(0).min(posted.count);
            if taken < posted.count {
                refused(posted.to, &self.held[posted.start + taken..posted.start + posted.count]);
            }
        }
        self.posted.clear();
        self.used = 0;
        Ok(())
    }
}
