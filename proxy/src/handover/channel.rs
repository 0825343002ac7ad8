//! How is what two processes say carried, and how do listening sockets travel?
//!
//! Over a pair of connected unix sockets, in frames:
//!
//! ```text
//! length: u32 (little endian; of what follows), kind: u8, body
//!   kind `J`: a message as JSON
//!   kind `L`: number: u64 (little endian), lines of the ledger
//! ```
//! A socket is sent beside the first byte of the frame that speaks of it (`SCM_RIGHTS`, unix(7)), so nothing but the
//! channel itself is inherited, and no other program that happens to be started gets one.

use super::message::Message;
use rustix::io::{Errno, retry_on_intr};
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage,
    SendFlags, recvmsg, sendmsg,
};
use std::collections::VecDeque;
use std::io::{self, IoSlice, IoSliceMut, Write as _};
use std::mem::MaybeUninit;
use std::net::Shutdown;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Largest frame: a batch of lines, of which the last may be as long as a line can be.
const FRAME_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Bytes that are read at once.
const READ_BYTES: usize = 64 * 1024;
/// Sockets that may come before somebody takes them.
const SOCKETS_MAX: usize = 4096;
/// Sockets of one read: one is sent with each frame.
const SOCKETS_AT_ONCE: usize = 8;

/// What comes over a channel.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Frame {
    /// A message.
    Message(Message),
    /// A batch of the ledger's lines.
    Lines {
        /// Batches are numbered from 1.
        number: u64,
        /// See the ledger's `open_lines`.
        batch: Vec<u8>,
    },
}

/// Why nothing comes.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ChannelError {
    /// The other side has closed its end.
    #[error("the other process has ended")]
    Ended,
    /// Not in time.
    #[error("the other process says nothing")]
    Late,
    /// It is not what is spoken here.
    #[error("the other process speaks something else")]
    Malformed,
    /// The system says no.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// The sending half; whoever has it can send.
#[derive(Debug)]
pub(crate) struct Sender {
    stream: Mutex<UnixStream>,
    /// To be shut down by somebody who does not wait for the lock.
    same: UnixStream,
}

/// The receiving half.
#[derive(Debug)]
pub(crate) struct Receiver {
    stream: UnixStream,
    buffer: Vec<u8>,
    sockets: VecDeque<OwnedFd>,
}

/// Both halves of one end.
pub(crate) fn halves(stream: UnixStream) -> io::Result<(Sender, Receiver)> {
    stream.set_nonblocking(false)?;
    let sender = Sender { stream: Mutex::new(stream.try_clone()?), same: stream.try_clone()? };
    Ok((sender, Receiver { stream, buffer: Vec::new(), sockets: VecDeque::new() }))
}

impl Sender {
    /// Sends a message.
    pub(crate) fn say(&self, message: &Message) -> io::Result<()> {
        let frame = frame(b'J', &[&serde_json::to_vec(message)?])?;
        self.write(&frame, None)
    }

    /// Sends a message and a socket beside it.
    pub(crate) fn give(&self, message: &Message, socket: BorrowedFd<'_>) -> io::Result<()> {
        let frame = frame(b'J', &[&serde_json::to_vec(message)?])?;
        self.write(&frame, Some(socket))
    }

    /// Sends a batch of lines.
    pub(crate) fn lines(&self, number: u64, batch: &[u8]) -> io::Result<()> {
        let frame = frame(b'L', &[&number.to_le_bytes(), batch])?;
        self.write(&frame, None)
    }

    /// Ends the channel for both sides, whoever is sending or receiving.
    pub(crate) fn end(&self) {
        let _ = self.same.shutdown(Shutdown::Both);
    }

    fn write(&self, frame: &[u8], socket: Option<BorrowedFd<'_>>) -> io::Result<()> {
        let stream = self.stream.lock().unwrap_or_else(PoisonError::into_inner);
        let mut left = frame;
        if let Some(socket) = socket {
            let sockets = [socket];
            let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
            let mut beside = SendAncillaryBuffer::new(&mut space);
            if !beside.push(SendAncillaryMessage::ScmRights(&sockets)) {
                return Err(io::ErrorKind::InvalidInput.into());
            }
            let sent = retry_on_intr(|| {
                sendmsg(&*stream, &[IoSlice::new(frame)], &mut beside, SendFlags::NOSIGNAL)
            })?;
            left = frame.get(sent..).unwrap_or_default();
        }
        (&*stream).write_all(left)
    }
}

fn frame(kind: u8, parts: &[&[u8]]) -> io::Result<Vec<u8>> {
    let length = 1 + parts.iter().map(|part| part.len()).sum::<usize>();
    if length > FRAME_BYTES_MAX {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let mut frame = Vec::with_capacity(4 + length);
    frame.extend_from_slice(&u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes());
    frame.push(kind);
    parts.iter().for_each(|part| frame.extend_from_slice(part));
    Ok(frame)
}

impl Receiver {
    /// Waits for the next frame, for `longest` at most where there is a bound.
    pub(crate) fn next(&mut self, longest: Option<Duration>) -> Result<Frame, ChannelError> {
        let deadline = longest.map(|longest| Instant::now() + longest);
        loop {
            if let Some(frame) = self.take()? {
                return Ok(frame);
            }
            self.read(deadline)?;
        }
    }

    /// The socket that came with the frame before.
    pub(crate) fn take_socket(&mut self) -> Option<OwnedFd> {
        self.sockets.pop_front()
    }

    /// A whole frame of what has been read.
    fn take(&mut self) -> Result<Option<Frame>, ChannelError> {
        let Some((length, rest)) = self.buffer.split_first_chunk::<4>() else { return Ok(None) };
        let length = usize::try_from(u32::from_le_bytes(*length)).map_err(|_| ChannelError::Malformed)?;
        if length == 0 || length > FRAME_BYTES_MAX {
            return Err(ChannelError::Malformed);
        }
        let Some(frame) = rest.get(..length) else { return Ok(None) };
        let frame = match frame.split_first() {
            Some((b'J', json)) => {
                Frame::Message(serde_json::from_slice(json).map_err(|_| ChannelError::Malformed)?)
            }
            Some((b'L', body)) => {
                let (number, batch) = body.split_first_chunk::<8>().ok_or(ChannelError::Malformed)?;
                Frame::Lines { number: u64::from_le_bytes(*number), batch: batch.to_vec() }
            }
            _ => return Err(ChannelError::Malformed),
        };
        self.buffer.drain(..4 + length);
        Ok(Some(frame))
    }

    fn read(&mut self, deadline: Option<Instant>) -> Result<(), ChannelError> {
        let left = match deadline {
            None => None,
            Some(deadline) => {
                let left = deadline.saturating_duration_since(Instant::now());
                if left.is_zero() {
                    return Err(ChannelError::Late);
                }
                Some(left)
            }
        };
        self.stream.set_read_timeout(left)?;
        let mut bytes = [0; READ_BYTES];
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(SOCKETS_AT_ONCE))];
        let mut beside = RecvAncillaryBuffer::new(&mut space);
        let read = retry_on_intr(|| {
            recvmsg(&self.stream, &mut [IoSliceMut::new(&mut bytes)], &mut beside, RecvFlags::CMSG_CLOEXEC)
        });
        let read = match read {
            Ok(read) => read,
            Err(Errno::AGAIN) => return Err(ChannelError::Late),
            Err(Errno::CONNRESET) => return Err(ChannelError::Ended),
            Err(error) => return Err(ChannelError::Io(error.into())),
        };
        for message in beside.drain() {
            if let RecvAncillaryMessage::ScmRights(sockets) = message {
                // What nobody takes is closed.
                let room = SOCKETS_MAX.saturating_sub(self.sockets.len());
                self.sockets.extend(sockets.take(room));
            }
        }
        if read.bytes == 0 {
            return Err(ChannelError::Ended);
        }
        self.buffer.extend_from_slice(bytes.get(..read.bytes).unwrap_or_default());
        Ok(())
    }
}
