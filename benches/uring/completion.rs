//! What does a relay cost that asks the kernel to read and write, and is told when that is done?

use super::arrivals::{Arrivals, Streams};
use super::ring::{Lent, Ring};
use io_uring::{cqueue, opcode, squeue, types};
use rustix::io::Errno;
use rustix::net::{SendFlags, send};
use std::collections::VecDeque;
use std::io;
use std::net::Shutdown;
use std::os::fd::AsRawFd;

const CHUNK_BYTES: usize = 16 * 1024;
/// Buffers lent: more than the chunks that are under way at once in this bench. A relay for others would
/// also have to stop reading for a session that holds many.
const LENT_BUFFERS: u16 = 128;
/// Sockets in the ring's table.
const FILES_MAX: u32 = 4096;
/// `IORING_RECVSEND_POLL_FIRST`: wait first, do not try at once what is known to find nothing.
const POLL_FIRST: u16 = 1;
/// What a chunk's send is told: all of it.
const SEND_FLAGS: i32 = libc::MSG_WAITALL | libc::MSG_NOSIGNAL;

/// How bytes are received.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Receive {
    /// A request for each chunk, into a buffer of the session's own.
    Each,
    /// One request for each socket, into whichever lent buffer is next.
    Multishot,
}

/// How bytes are sent.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Send {
    /// A request for each chunk, whose end is waited for as anything else's.
    Queued,
    /// The same, with the next receive into the same buffer linked behind it: one completion for both.
    Linked,
    /// A system call; queued only when the socket does not take all of it.
    Called,
}

/// What a completion is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Done {
    Bell,
    Received,
    Sent,
}

/// What a request carries through the kernel: bits 0-1 what, 2 the flow, 8-15 the buffer, 32- the session.
fn tag(done: Done, index: usize, from: usize, buffer: u16) -> u64 {
    done as u64 | (from as u64) << 2 | u64::from(buffer & 1) << 8 | (index as u64) << 32
}

struct Chunk {
    buffer: u16,
    start: *mut u8,
    count: u32,
}

/// One direction of a session.
struct Flow {
    /// Its own buffers, for [`Receive::Each`]: one is received into while the other is sent.
    buffers: [Box<[u8]>; 2],
    /// Received and not sent yet; the first one may be under way.
    unsent: VecDeque<Chunk>,
    sending: bool,
    receiving: bool,
    ended: bool,
}

struct Session {
    streams: Streams,
    /// From the client, from the server.
    flows: [Flow; 2],
    /// Requests the kernel has. The session's place is free when there are none.
    under_way: u32,
    failed: bool,
}

/// A relay of this kind.
pub struct Relay {
    ring: Ring,
    lent: Option<Lent>,
    receive: Receive,
    send: Send,
    sessions: Vec<Option<Box<Session>>>,
    free: Vec<usize>,
    /// Flows that found no lent buffer.
    starved: Vec<(usize, usize)>,
}

impl Relay {
    /// Must be made on the thread that carries.
    pub fn new(receive: Receive, send: Send) -> io::Result<Relay> {
        let ring = Ring::open()?;
        ring.submitter().register_files_sparse(FILES_MAX)?;
        let lent = match receive {
            Receive::Each => None,
            Receive::Multishot => Some(Lent::lend(&ring, LENT_BUFFERS, CHUNK_BYTES)?),
        };
        Ok(Relay { ring, lent, receive, send, sessions: Vec::new(), free: Vec::new(), starved: Vec::new() })
    }

    /// Carries sessions until the process is killed.
    pub fn carry(mut self, mut arrivals: Arrivals) -> io::Result<()> {
        self.listen(&arrivals)?;
        loop {
            self.ring.wait()?;
            while let Some(event) = self.ring.completions.next() {
                let (tag, result, flags) = (event.user_data(), event.result(), event.flags());
                let (index, from) = ((tag >> 32) as usize, (tag >> 2 & 1) as usize);
                match tag & 3 {
                    0 => {
                        for streams in arrivals.take() {
                            self.begin(streams)?;
                        }
                        self.listen(&arrivals)?;
                        continue;
                    }
                    1 => self.received(index, from, (tag >> 8 & 1) as u16, result, flags)?,
                    _ => self.sent(index, from, result)?,
                }
                self.look(index)?;
            }
            self.feed()?;
        }
    }

    fn listen(&mut self, arrivals: &Arrivals) -> io::Result<()> {
        let mask = u32::from(libc::POLLIN.cast_unsigned());
        let poll = opcode::PollAdd::new(types::Fd(arrivals.bell.as_raw_fd()), mask);
        self.ring.push(&poll.build().user_data(tag(Done::Bell, 0, 0, 0)))
    }

    fn begin(&mut self, streams: Streams) -> io::Result<()> {
        let index = self.free.pop().unwrap_or(self.sessions.len());
        let slots = [&streams[0], &streams[1]].map(AsRawFd::as_raw_fd);
        // The kernel waits where a blocking call would; with the flag it would not wait at all.
        for stream in &streams {
            stream.set_nonblocking(false)?;
        }
        self.ring.submitter().register_files_update((index * 2) as u32, &slots)?;
        let bytes = if self.receive == Receive::Each { CHUNK_BYTES } else { 0 };
        let flow = || Flow {
            buffers: [0; 2].map(|_: i32| vec![0; bytes].into_boxed_slice()),
            unsent: VecDeque::with_capacity(4),
            sending: false,
            receiving: false,
            ended: false,
        };
        let session = Session { streams, flows: [flow(), flow()], under_way: 0, failed: false };
        if index == self.sessions.len() {
            self.sessions.push(None);
        }
        self.sessions[index] = Some(Box::new(session));
        for from in 0..2 {
            self.receive(index, from, 0, false)?;
        }
        Ok(())
    }

    /// Asks for the next bytes of a flow.
    fn receive(&mut self, index: usize, from: usize, buffer: u16, waiting: bool) -> io::Result<()> {
        let Some(session) = self.sessions.get_mut(index).and_then(Option::as_mut) else { return Ok(()) };
        let flow = &mut session.flows[from];
        if flow.receiving || flow.ended || session.failed {
            return Ok(());
        }
        flow.receiving = true;
        session.under_way += 1;
        let request = match self.receive {
            Receive::Each => receive_request(flow, index, from, buffer, waiting),
            Receive::Multishot => opcode::RecvMulti::new(file(index, from), 0).build().user_data(tag(
                Done::Received,
                index,
                from,
                0,
            )),
        };
        self.ring.push(&request)
    }

    fn received(&mut self, index: usize, from: usize, own: u16, result: i32, flags: u32) -> io::Result<()> {
        let Some(session) = self.sessions.get_mut(index).and_then(Option::as_mut) else { return Ok(()) };
        let flow = &mut session.flows[from];
        if !cqueue::more(flags) {
            session.under_way -= 1;
            flow.receiving = false;
        }
        let Ok(count) = u32::try_from(result) else {
            if result == -libc::ENOBUFS {
                self.starved.push((index, from));
            } else {
                session.fail();
            }
            return Ok(());
        };
        if count == 0 {
            flow.ended = true;
            session.hand_on_end(from);
            return Ok(());
        }
        let (buffer, start) = match (&self.lent, cqueue::buffer_select(flags)) {
            (Some(lent), Some(buffer)) => (buffer, lent.start(buffer)),
            _ => (own, flow.buffers[usize::from(own)].as_mut_ptr()),
        };
        flow.unsent.push_back(Chunk { buffer, start, count });
        let idle = !flow.sending;
        let waiting = !cqueue::sock_nonempty(flags);
        if self.send == Send::Linked {
            return self.send_and_receive(index, from, waiting);
        }
        if idle {
            self.send(index, from)?;
        }
        match self.receive {
            Receive::Multishot if cqueue::more(flags) => Ok(()),
            Receive::Multishot => self.receive(index, from, 0, waiting),
            Receive::Each => self.receive_into_free(index, from, waiting),
        }
    }

    /// [`Receive::Each`]: into the buffer that is not being sent; into none while both are.
    fn receive_into_free(&mut self, index: usize, from: usize, waiting: bool) -> io::Result<()> {
        let Some(session) = self.sessions.get(index).and_then(Option::as_ref) else { return Ok(()) };
        let unsent = &session.flows[from].unsent;
        let free = (0..2).find(|buffer| unsent.iter().all(|chunk| chunk.buffer != *buffer));
        free.map_or(Ok(()), |buffer| self.receive(index, from, buffer, waiting))
    }

    /// Sends the first chunk of a flow, or all of them when they are taken at once.
    fn send(&mut self, index: usize, from: usize) -> io::Result<()> {
        let Some(session) = self.sessions.get_mut(index).and_then(Option::as_mut) else { return Ok(()) };
        while let Some(chunk) = session.flows[from].unsent.front_mut() {
            if session.failed {
                return Ok(());
            }
            if self.send == Send::Called {
                let flags = SendFlags::NOSIGNAL | SendFlags::DONTWAIT;
                match send(&session.streams[1 - from], chunk.bytes(), flags) {
                    Ok(count) if count == chunk.count as usize => {
                        let buffer = chunk.buffer;
                        session.flows[from].unsent.pop_front();
                        if let Some(lent) = &mut self.lent {
                            lent.give_back(buffer);
                        }
                        continue;
                    }
                    Ok(count) => chunk.advance(count),
                    Err(Errno::AGAIN) => {}
                    Err(_) => {
                        session.fail();
                        return Ok(());
                    }
                }
            }
            let request = send_request(chunk, index, from);
            session.flows[from].sending = true;
            session.under_way += 1;
            return self.ring.push(&request);
        }
        session.hand_on_end(from);
        Ok(())
    }

    /// [`Send::Linked`]: the send says nothing when it succeeds; the receive behind it says it all.
    fn send_and_receive(&mut self, index: usize, from: usize, waiting: bool) -> io::Result<()> {
        let Some(session) = self.sessions.get_mut(index).and_then(Option::as_mut) else { return Ok(()) };
        let flow = &mut session.flows[from];
        let Some(chunk) = flow.unsent.pop_front() else { return Ok(()) };
        if session.failed {
            return Ok(());
        }
        let quiet = squeue::Flags::IO_LINK | squeue::Flags::SKIP_SUCCESS;
        let send = send_request(&chunk, index, from).flags(quiet);
        let receive = receive_request(flow, index, from, 0, waiting);
        flow.receiving = true;
        session.under_way += 1;
        self.ring.reserve(2)?;
        self.ring.push(&send)?;
        self.ring.push(&receive)
    }

    fn sent(&mut self, index: usize, from: usize, result: i32) -> io::Result<()> {
        let Some(session) = self.sessions.get_mut(index).and_then(Option::as_mut) else { return Ok(()) };
        if self.send == Send::Linked {
            // Heard of only when it failed; the receive behind it is cancelled and says so too.
            session.fail();
            return Ok(());
        }
        session.under_way -= 1;
        let flow = &mut session.flows[from];
        flow.sending = false;
        let Some(chunk) = flow.unsent.pop_front() else { return Ok(()) };
        if let Some(lent) = &mut self.lent {
            lent.give_back(chunk.buffer);
        }
        if u32::try_from(result) != Ok(chunk.count) {
            session.fail();
            return Ok(());
        }
        self.send(index, from)?;
        match self.receive {
            Receive::Multishot => Ok(()),
            Receive::Each => self.receive_into_free(index, from, true),
        }
    }

    /// Frees the session's place when it is over and the kernel has none of its requests.
    fn look(&mut self, index: usize) -> io::Result<()> {
        let Some(place) = self.sessions.get_mut(index) else { return Ok(()) };
        let Some(session) = place.as_mut() else { return Ok(()) };
        let over = session.failed || session.flows.iter().all(|flow| flow.ended && flow.unsent.is_empty());
        if !over || session.under_way > 0 {
            return Ok(());
        }
        if let Some(lent) = &mut self.lent {
            session.flows.iter().flat_map(|flow| &flow.unsent).for_each(|chunk| lent.give_back(chunk.buffer));
        }
        self.ring.submitter().register_files_update((index * 2) as u32, &[-1, -1])?;
        self.starved.retain(|(starved, _)| *starved != index);
        *place = None;
        self.free.push(index);
        Ok(())
    }

    /// Buffers may have come back since a flow found none.
    fn feed(&mut self) -> io::Result<()> {
        for (index, from) in std::mem::take(&mut self.starved) {
            self.receive(index, from, 0, true)?;
        }
        Ok(())
    }
}

impl Session {
    /// Ends both sockets, so that what the kernel still has of the session comes back.
    fn fail(&mut self) {
        self.failed = true;
        for stream in &self.streams {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    /// After the last byte of a flow its target is told that there are no more.
    fn hand_on_end(&mut self, from: usize) {
        if self.flows[from].ended && self.flows[from].unsent.is_empty() {
            let _ = self.streams[1 - from].shutdown(Shutdown::Write);
        }
    }
}

impl Chunk {
    #[allow(unsafe_code)]
    fn bytes(&self) -> &[u8] {
        // SAFETY: the kernel wrote `count` bytes there, and the buffer is given back with the chunk.
        unsafe { std::slice::from_raw_parts(self.start, self.count as usize) }
    }

    fn advance(&mut self, count: usize) {
        self.start = self.start.wrapping_add(count);
        self.count -= count as u32;
    }
}

fn file(index: usize, side: usize) -> types::Fixed {
    types::Fixed((index * 2 + side) as u32)
}

fn receive_request(flow: &mut Flow, index: usize, from: usize, buffer: u16, waiting: bool) -> squeue::Entry {
    let bytes = &mut flow.buffers[usize::from(buffer)];
    opcode::Recv::new(file(index, from), bytes.as_mut_ptr(), bytes.len() as u32)
        .ioprio(if waiting { POLL_FIRST } else { 0 })
        .build()
        .user_data(tag(Done::Received, index, from, buffer))
}

fn send_request(chunk: &Chunk, index: usize, from: usize) -> squeue::Entry {
    opcode::Send::new(file(index, 1 - from), chunk.start, chunk.count)
        .flags(SEND_FLAGS)
        .build()
        .user_data(tag(Done::Sent, index, from, 0))
}
