//! How are many sends asked for in one call, with nothing left under way after it?

use io_uring::{IoUring, Probe, opcode, types};
use rustix::io::Errno;
use rustix::net::SendFlags;
use std::io;
use std::os::fd::{BorrowedFd, RawFd};

/// A send neither waits for room nor raises a signal.
const FLAGS: SendFlags = SendFlags::DONTWAIT.union(SendFlags::NOSIGNAL);

/// A ring of this thread.
pub(super) struct Ring {
    /// `None` once the system has failed it.
    ring: Option<IoUring>,
    entries: usize,
}

impl std::fmt::Debug for Ring {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Ring").field("open", &self.ring.is_some()).finish_non_exhaustive()
    }
}

/// Whether an answer says only that the socket has no room now.
pub(super) fn is_for_now(answer: i32) -> bool {
    [Errno::AGAIN, Errno::INTR].iter().any(|errno| -errno.raw_os_error() == answer)
}

/// Sends by a call: the number of bytes taken, or an error below zero.
pub(super) fn send(socket: BorrowedFd<'_>, bytes: &[u8]) -> i32 {
    match rustix::net::send(socket, bytes, FLAGS) {
        Ok(taken) => i32::try_from(taken).unwrap_or(i32::MAX),
        Err(errno) => -errno.raw_os_error(),
    }
}

impl Ring {
    /// A ring for up to `entries` sends a call, or why the system gives none.
    pub(super) fn open(entries: usize) -> io::Result<Ring> {
        let size = u32::try_from(entries).unwrap_or(u32::MAX);
        // What only this thread uses needs no interrupt to be told of an end (Linux 6.1).
        let ring = IoUring::builder()
            .setup_single_issuer()
            .setup_coop_taskrun()
            .setup_defer_taskrun()
            .build(size)
            .or_else(|_| IoUring::new(size))?;
        // The first systems with rings (before Linux 5.6) cannot send by them, and would say so to every
        // session.
        let mut probe = Probe::new();
        ring.submitter().register_probe(&mut probe)?;
        if !probe.is_supported(opcode::Send::CODE) {
            return Err(io::ErrorKind::Unsupported.into());
        }
        Ok(Ring { ring: Some(ring), entries })
    }

    /// A ring the system has failed.
    #[cfg(test)]
    pub(super) fn failed() -> Ring {
        Ring { ring: None, entries: 8 }
    }

    /// Lets the system refuse the next request: the ring's number is another file's.
    #[cfg(test)]
    pub(super) fn take_away(&mut self) {
        use std::os::fd::{AsRawFd, FromRawFd, IntoRawFd, OwnedFd};
        let (Some(ring), Ok(null)) = (&self.ring, std::fs::File::open("/dev/null")) else { return };
        // SAFETY: the number is the ring's, which stays its owner.
        #[allow(unsafe_code)]
        let mut number = unsafe { OwnedFd::from_raw_fd(ring.as_raw_fd()) };
        let replaced = rustix::io::dup2(&null, &mut number);
        let _ = (replaced, number.into_raw_fd());
    }

    #[cfg(test)]
    pub(super) fn is_open(&self) -> bool {
        self.ring.is_some()
    }

    /// Sends each of `sends`, at most as many as the ring has entries, and puts what each answered
    /// into `answers`, in order: the number of bytes taken, or an error below zero.
    pub(super) fn send_all<'a>(
        &mut self,
        sends: impl Iterator<Item = (RawFd, &'a [u8])> + Clone,
        answers: &mut Vec<i32>,
    ) {
        answers.clear();
        answers.resize(sends.clone().count().min(self.entries), UNANSWERED);
        let asked = self.ask(sends.clone(), answers);
        if asked < answers.len() {
            // What the ring never saw is sent all the same.
            for ((socket, bytes), answer) in sends.zip(answers.iter_mut()).skip(asked) {
                // SAFETY: as in `ask`.
                #[allow(unsafe_code)]
                let socket = unsafe { BorrowedFd::borrow_raw(socket) };
                *answer = send(socket, bytes);
            }
        }
        for answer in answers.iter_mut().filter(|answer| **answer == UNANSWERED) {
            *answer = -Errno::IO.raw_os_error();
        }
    }

    /// Asks the ring; says how many of the sends it took in. Those have ended when this returns, or the
    /// ring is given up: of what it took in and did not answer nobody can tell whether it has left.
    fn ask<'a>(&mut self, sends: impl Iterator<Item = (RawFd, &'a [u8])>, answers: &mut [i32]) -> usize {
        let Some(ring) = &mut self.ring else { return 0 };
        let mut pushed = 0;
        for (at, (socket, bytes)) in sends.take(answers.len()).enumerate() {
            let len = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
            let send = opcode::Send::new(types::Fd(socket), bytes.as_ptr(), len)
                .flags(FLAGS.bits().cast_signed())
                .build()
                .user_data(at as u64);
            // SAFETY: the bytes stay where they are and the socket stays open until the send has
            // ended, which is before `ask` returns: both are borrowed by the caller meanwhile.
            #[allow(unsafe_code)]
            let result = unsafe { ring.submission().push(&send) };
            if result.is_err() {
                break;
            }
            pushed += 1;
        }
        let (mut taken, mut ended) = (0, 0);
        while ended < pushed {
            match ring.submit_and_wait(pushed - ended) {
                Ok(count) => taken += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    tracing::error!(%error, "io_uring failed: from now on each chunk is sent by a call");
                    self.ring = None;
                    return taken;
                }
            }
            for completion in ring.completion() {
                let at = usize::try_from(completion.user_data()).unwrap_or(usize::MAX);
                if let Some(answer) = answers.get_mut(at) {
                    *answer = completion.result();
                    ended += 1;
                }
            }
        }
        pushed
    }
}

/// No errno: those are above -4096.
const UNANSWERED: i32 = i32::MIN;
