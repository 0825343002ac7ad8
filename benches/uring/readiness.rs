//! What does a relay cost that is told which sockets are ready and then reads and writes itself?
//!
//! The same session code over two ways to be told: edge-triggered epoll, and a ring's multishot poll. And
//! two ways to send: a call for each chunk, or one for all chunks of a turn, by a ring (`outbox.rs`).

use super::arrivals::{Arrivals, Streams};
use super::outbox::Outbox;
use super::ring::Ring;
use io_uring::{opcode, types};
use rustix::event::epoll;
use rustix::io::Errno;
use rustix::net::{RecvFlags, SendFlags, recv, send};
use std::io;
use std::mem::MaybeUninit;
use std::net::{Shutdown, TcpStream};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};

const CHUNK_BYTES: usize = 16 * 1024;
const EVENTS_MAX: usize = 256;
const BELL: u64 = u64::MAX;
/// What a ring says when a poll was removed: no socket's number.
const REMOVED: u64 = u64::MAX - 1;

/// A socket's number: its session's, doubled, and its side.
type Token = u64;

#[derive(Clone, Copy)]
struct Ready {
    token: Token,
    readable: bool,
    writable: bool,
    /// The other end has closed: one more read is needed to see it.
    closed: bool,
}

/// How the thread is told what is ready.
pub enum Poller {
    /// Edge-triggered.
    Epoll(OwnedFd),
    /// Multishot polls, each of which tells of each change.
    Ring(Box<Ring>),
}

impl Poller {
    /// By epoll.
    pub fn epoll() -> io::Result<Poller> {
        Ok(Poller::Epoll(epoll::create(epoll::CreateFlags::CLOEXEC)?))
    }

    /// By io_uring.
    pub fn ring() -> io::Result<Poller> {
        Ok(Poller::Ring(Box::new(Ring::open()?)))
    }

    fn watch(&mut self, socket: &(impl AsFd + AsRawFd), token: Token) -> io::Result<()> {
        match self {
            Poller::Epoll(epoll) => {
                use epoll::EventFlags as On;
                let flags = On::IN | On::OUT | On::RDHUP | On::ET;
                epoll::add(epoll, socket, epoll::EventData::new_u64(token), flags)?;
                Ok(())
            }
            Poller::Ring(ring) => {
                let mask = libc::POLLIN | libc::POLLOUT | libc::POLLRDHUP;
                let poll = opcode::PollAdd::new(types::Fd(socket.as_raw_fd()), mask.cast_unsigned().into());
                ring.push(&poll.multi(true).build().user_data(token))
            }
        }
    }

    /// A ring holds on to a file it polls; epoll forgets one that is closed.
    fn forget(&mut self, token: Token) -> io::Result<()> {
        match self {
            Poller::Epoll(_) => Ok(()),
            Poller::Ring(ring) => ring.push(&opcode::PollRemove::new(token).build().user_data(REMOVED)),
        }
    }

    fn wait(&mut self, ready: &mut Vec<Ready>) -> io::Result<()> {
        ready.clear();
        match self {
            Poller::Epoll(epoll) => {
                use epoll::EventFlags as On;
                let mut events = [MaybeUninit::<epoll::Event>::uninit(); EVENTS_MAX];
                let (events, _) = match epoll::wait(epoll, &mut events, None) {
                    Err(Errno::INTR) => return Ok(()),
                    events => events?,
                };
                ready.extend(events.iter().map(|event| {
                    let flags = event.flags;
                    let closed = flags.intersects(On::RDHUP | On::HUP | On::ERR);
                    let readable = closed || flags.contains(On::IN);
                    Ready { token: event.data.u64(), readable, writable: flags.contains(On::OUT), closed }
                }));
            }
            Poller::Ring(ring) => {
                ring.wait()?;
                for event in &mut ring.completions {
                    let mask = event.result();
                    if mask < 0 || event.user_data() == REMOVED {
                        continue;
                    }
                    let is = |flag: libc::c_short| mask & libc::c_int::from(flag) != 0;
                    let closed = is(libc::POLLRDHUP | libc::POLLHUP | libc::POLLERR);
                    let readable = closed || is(libc::POLLIN);
                    ready.push(Ready {
                        token: event.user_data(),
                        readable,
                        writable: is(libc::POLLOUT),
                        closed,
                    });
                }
            }
        }
        Ok(())
    }
}

/// One side of a session: a socket, and bytes from the other side it could not take yet.
struct Side {
    stream: TcpStream,
    unsent: Vec<u8>,
    ended: bool,
}

type Pair = [Side; 2];

/// A relay of this kind.
pub struct Relay {
    poller: Poller,
    /// Where chunks wait for the end of the turn; none: they are sent at once.
    outbox: Option<Outbox>,
    pairs: Vec<Option<Pair>>,
    free: Vec<usize>,
    chunk: Vec<u8>,
}

impl Relay {
    /// Must be made on the thread that carries.
    pub fn new(poller: Poller, outbox: Option<Outbox>) -> Relay {
        Relay { poller, outbox, pairs: Vec::new(), free: Vec::new(), chunk: vec![0; CHUNK_BYTES] }
    }

    /// Carries sessions until the process is killed.
    pub fn carry(mut self, mut arrivals: Arrivals) -> io::Result<()> {
        let mut ready = Vec::with_capacity(EVENTS_MAX);
        self.poller.watch(&arrivals.bell, BELL)?;
        loop {
            self.poller.wait(&mut ready)?;
            for event in &ready {
                if event.token == BELL {
                    for streams in arrivals.take() {
                        self.begin(streams)?;
                    }
                } else if !self.go_on(event)? {
                    self.end(event.token)?;
                }
            }
            self.deliver()?;
        }
    }

    fn begin(&mut self, streams: Streams) -> io::Result<()> {
        let index = self.free.pop().unwrap_or(self.pairs.len());
        for (side, stream) in streams.iter().enumerate() {
            self.poller.watch(stream, (index * 2 + side) as Token)?;
        }
        if let Some(outbox) = &mut self.outbox {
            outbox.know(index, &streams)?;
        }
        if index == self.pairs.len() {
            self.pairs.push(None);
        }
        let side = |stream| Side { stream, unsent: Vec::new(), ended: false };
        self.pairs[index] = Some(streams.map(side));
        Ok(())
    }

    /// `false` when the session is over.
    fn go_on(&mut self, event: &Ready) -> io::Result<bool> {
        let (index, from) = ((event.token / 2) as usize, (event.token % 2) as usize);
        // An event of a session that ended earlier in this batch finds nothing.
        let Some(Some(pair)) = self.pairs.get_mut(index) else { return Ok(true) };
        let chunk = self.chunk.as_mut_slice();
        if event.writable && !flush(pair, from, chunk) {
            return Ok(false);
        }
        if !event.readable {
            return Ok(true);
        }
        let (to, [client, server]) = (index * 2 + 1 - from, pair);
        let (source, target) = if from == 0 { (client, server) } else { (server, client) };
        match &mut self.outbox {
            // What may be the last chunk, or one of many, goes its way at once.
            Some(outbox) if !event.closed && target.unsent.is_empty() && !source.ended => {
                let Some(place) = outbox.place() else {
                    return Ok(pump([source, target], event.closed, chunk));
                };
                match recv(&source.stream, &mut *place, RecvFlags::empty()) {
                    Ok((_, 0)) => Ok(pump([source, target], true, chunk)),
                    Ok((_, count)) => {
                        let whole = count == place.len();
                        outbox.post(to, count)?;
                        if whole {
                            self.deliver()?;
                            return self.go_on(event);
                        }
                        Ok(true)
                    }
                    Err(Errno::AGAIN) => Ok(true),
                    Err(_) => Ok(false),
                }
            }
            Some(_) => {
                self.deliver()?;
                let Some(Some([client, server])) = self.pairs.get_mut(index) else { return Ok(true) };
                let sides = if from == 0 { [client, server] } else { [server, client] };
                Ok(pump(sides, event.closed, &mut self.chunk))
            }
            None => Ok(pump([source, target], event.closed, chunk)),
        }
    }

    /// Sends what waits in the outbox; what a socket does not take waits with its session.
    fn deliver(&mut self) -> io::Result<()> {
        let (Some(outbox), pairs) = (&mut self.outbox, &mut self.pairs) else { return Ok(()) };
        outbox.deliver(|to, rest| {
            // A socket that failed says so when it is read.
            if let Some(Some(pair)) = pairs.get_mut(to / 2) {
                pair[to % 2].unsent.extend_from_slice(rest);
            }
        })
    }

    fn end(&mut self, token: Token) -> io::Result<()> {
        self.deliver()?;
        let index = (token / 2) as usize;
        self.poller.forget(token)?;
        self.poller.forget(token ^ 1)?;
        if let Some(outbox) = &mut self.outbox {
            outbox.forget(index)?;
        }
        self.pairs[index] = None;
        self.free.push(index);
        Ok(())
    }
}

/// Hands on what the source has to say; `false` when the session is over. A short read has taken
/// everything.
fn pump([source, target]: [&mut Side; 2], all: bool, chunk: &mut [u8]) -> bool {
    while target.unsent.is_empty() && !source.ended {
        match recv(&source.stream, &mut *chunk, RecvFlags::empty()) {
            Ok((_, 0)) => {
                source.ended = true;
                let _ = target.stream.shutdown(Shutdown::Write);
            }
            Ok((_, count)) => {
                if !write(target, chunk.get(..count).unwrap_or_default()) {
                    return false;
                }
                if count < chunk.len() && !all {
                    break;
                }
            }
            Err(Errno::AGAIN) => break,
            Err(_) => return false,
        }
    }
    !(source.ended && target.ended)
}

fn write(target: &mut Side, mut bytes: &[u8]) -> bool {
    while !bytes.is_empty() {
        match send(&target.stream, bytes, SendFlags::NOSIGNAL) {
            Ok(count) => bytes = bytes.get(count..).unwrap_or_default(),
            Err(Errno::AGAIN) => {
                target.unsent.extend_from_slice(bytes);
                return true;
            }
            Err(_) => return false,
        }
    }
    true
}

/// Side `to` can take bytes again: the unsent ones first, then what the other side holds back.
fn flush(pair: &mut Pair, to: usize, chunk: &mut [u8]) -> bool {
    let [client, server] = pair;
    let (source, target) = if to == 1 { (client, server) } else { (server, client) };
    if target.unsent.is_empty() {
        return true;
    }
    let unsent = std::mem::take(&mut target.unsent);
    if !write(target, &unsent) {
        return false;
    }
    !target.unsent.is_empty() || pump([source, target], true, chunk)
}
