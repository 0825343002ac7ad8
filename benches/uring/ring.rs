//! How does the thread speak with its ring: queue requests, wait, lend buffers?
#![allow(unsafe_code)] // what a request points to must live until the kernel is done with it: see `push`

use io_uring::types::{self, BufRingEntry};
use io_uring::{CompletionQueue, IoUring, SubmissionQueue, Submitter, squeue};
use std::alloc::{Layout, alloc_zeroed};
use std::io::{self, ErrorKind};
use std::sync::atomic::{AtomicU16, Ordering};

/// Requests queued before the kernel is called.
const REQUESTS_MAX: u32 = 1024;
/// Completions nobody has looked at yet: multishot requests make more of them than there are requests.
const COMPLETIONS_MAX: u32 = 8192;
const PAGE_BYTES: usize = 4096;

/// A ring of the thread that opened it. It lives as long as the process.
pub struct Ring {
    submitter: Submitter<'static>,
    requests: SubmissionQueue<'static>,
    /// What was done; read after [`Ring::wait`].
    pub completions: CompletionQueue<'static>,
}

impl Ring {
    /// Opens it with everything that makes it cheap for one thread: completions are made when that
    /// thread asks for them and by itself, and it finds the ring without a look at its open files.
    pub fn open() -> io::Result<Ring> {
        let ring = IoUring::builder()
            .setup_single_issuer()
            .setup_coop_taskrun()
            .setup_defer_taskrun()
            .setup_no_sqarray()
            .setup_cqsize(COMPLETIONS_MAX)
            .build(REQUESTS_MAX)?;
        let (mut submitter, requests, completions) = Box::leak(Box::new(ring)).split();
        submitter.register_ring_fd()?;
        Ok(Ring { submitter, requests, completions })
    }

    /// Registers, updates and so on.
    pub fn submitter(&self) -> &Submitter<'static> {
        &self.submitter
    }

    /// Queues a request; the next [`Ring::wait`] hands it to the kernel.
    pub fn push(&mut self, request: &squeue::Entry) -> io::Result<()> {
        if self.requests.is_full() {
            self.requests.sync();
            self.submitter.submit()?;
            self.requests.sync();
        }
        // SAFETY: a session's buffers are freed only when none of its requests is under way
        // (`completion.rs`), lent ones never.
        unsafe { self.requests.push(request) }.map_err(io::Error::other)
    }

    /// Leaves room for `count` requests that must reach the kernel together.
    pub fn reserve(&mut self, count: usize) -> io::Result<()> {
        if self.requests.capacity() - self.requests.len() < count {
            self.requests.sync();
            self.submitter.submit()?;
            self.requests.sync();
        }
        Ok(())
    }

    /// Hands over what is queued and waits until something is done.
    pub fn wait(&mut self) -> io::Result<()> {
        self.submit(1)
    }

    /// Hands over what is queued and does what can be done at once.
    pub fn submit(&mut self, want: usize) -> io::Result<()> {
        self.completions.sync();
        self.requests.sync();
        match self.submitter.submit_and_wait(want) {
            Err(error) if error.kind() != ErrorKind::Interrupted => return Err(error),
            _ => {}
        }
        self.requests.sync();
        self.completions.sync();
        Ok(())
    }
}

/// Buffers lent to the kernel, which takes one only when bytes have come. They live as long as the
/// process.
pub struct Lent {
    entries: *mut BufRingEntry,
    bytes: *mut u8,
    count: u16,
    each: usize,
    tail: u16,
}

impl Lent {
    /// Lends `count` buffers, a power of two, of `each` bytes.
    pub fn lend(ring: &Ring, count: u16, each: usize) -> io::Result<Lent> {
        let allocate = |bytes: usize| {
            let layout = Layout::from_size_align(bytes, PAGE_BYTES).map_err(io::Error::other)?;
            // SAFETY: the size is not zero.
            let start = unsafe { alloc_zeroed(layout) };
            if start.is_null() { Err(io::Error::from(ErrorKind::OutOfMemory)) } else { Ok(start) }
        };
        let entries = allocate(usize::from(count) * size_of::<BufRingEntry>())?.cast::<BufRingEntry>();
        let bytes = allocate(usize::from(count) * each)?;
        // SAFETY: `entries` has room for `count` of them, is aligned to a page and never freed.
        unsafe { ring.submitter().register_buf_ring_with_flags(entries as u64, count, 0, 0)? };
        let mut lent = Lent { entries, bytes, count, each, tail: 0 };
        for buffer in 0..count {
            lent.give_back(buffer);
        }
        Ok(lent)
    }

    /// Where a buffer begins.
    pub fn start(&self, buffer: u16) -> *mut u8 {
        debug_assert!(buffer < self.count, "the kernel names buffers it was lent");
        // SAFETY: within the allocation, as just said.
        unsafe { self.bytes.add(usize::from(buffer) * self.each) }
    }

    /// Lends it again.
    pub fn give_back(&mut self, buffer: u16) {
        let place = usize::from(self.tail & (self.count - 1));
        let start = self.start(buffer);
        // SAFETY: `place` is below `count`, a power of two; the kernel reads an entry only after the
        // tail has passed it. The tail lies in the first entry, where nothing else is written.
        unsafe {
            let entry = &mut *self.entries.add(place);
            entry.set_addr(start as u64);
            entry.set_len(u32::try_from(self.each).unwrap_or(u32::MAX));
            entry.set_bid(buffer);
            self.tail = self.tail.wrapping_add(1);
            let tail = types::BufRingEntry::tail(self.entries).cast_mut();
            AtomicU16::from_ptr(tail).store(self.tail, Ordering::Release);
        }
    }
}
