//! How is a connection cut at one exact place of a conversation?
//!
//! [`Cutter`] is a relay that knows where the messages of a protocol end, hands over whole ones, and
//! after a chosen one ends the connection in a chosen way. It stands before the server or before the
//! gateway.

#![allow(dead_code)]

use rustix::event::{PollFd, PollFlags, poll};
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Whose messages are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// What the client's side sends.
    Client,
    /// What the server's side sends.
    Server,
}

/// How a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Both ends get FIN, as where a process has died.
    Close,
    /// Both ends get RST.
    Reset,
    /// The end that would get more of the counted side gets FIN right behind the last of it; the other direction goes on.
    Half,
    /// FIN right behind the last message, then RST.
    CloseAndReset,
}

/// How messages are told from each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// A type and a length that counts itself; the first message of a client has no type.
    Postgres,
    /// A length of three bytes that counts what is behind it and the number of the packet.
    Mysql,
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    Message,
    Byte,
}

/// A place of a conversation and what happens there.
#[derive(Clone, Copy, Debug)]
pub struct Cut {
    pub side: Side,
    pub unit: Unit,
    /// 0: before the first, once the connection is used.
    pub after: usize,
    pub way: Way,
}

/// How much of a conversation has passed: the length of each message.
#[derive(Clone, Debug, Default)]
pub struct Passed {
    pub client: Vec<usize>,
    pub server: Vec<usize>,
}

impl Passed {
    /// Of one side.
    pub fn of(&self, side: Side) -> &[usize] {
        match side {
            Side::Client => &self.client,
            Side::Server => &self.server,
        }
    }

    /// Places within the messages of a side, in bytes: in their heads and in the middle; or also behind the type, behind the
    /// head and before the last byte.
    pub fn within(&self, side: Side, all: bool) -> Vec<usize> {
        let mut places = Vec::new();
        let mut start = 0;
        for length in self.of(side) {
            let more = if all { vec![1, 5, length - 1] } else { Vec::new() };
            let inside = [vec![3, length / 2], more].concat();
            places.extend(inside.iter().filter(|at| *at < length).map(|at| start + at));
            start += length;
        }
        places.sort_unstable();
        places.dedup();
        places
    }
}

#[derive(Default)]
struct State {
    cut: Option<Cut>,
    passed: Passed,
    cuts: usize,
}

/// The relay. It lives until the test's process ends.
pub struct Cutter {
    /// Where it listens, on 127.0.0.1.
    pub port: u16,
    state: Arc<Mutex<State>>,
    /// Connections that were begun, and those of them that are over.
    begun: Arc<AtomicUsize>,
    over: Arc<AtomicUsize>,
}

impl Cutter {
    /// Relays to the PostgreSQL at `port`, one used connection at a time.
    pub fn before(port: u16) -> Cutter {
        Cutter::with(Framing::Postgres, port)
    }

    /// The same with a server of another protocol.
    pub fn with(framing: Framing, port: u16) -> Cutter {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let cutter = Cutter {
            port: listener.local_addr().expect("its address").port(),
            state: Arc::default(),
            begun: Arc::default(),
            over: Arc::default(),
        };
        let (state, begun, over) =
            (Arc::clone(&cutter.state), Arc::clone(&cutter.begun), Arc::clone(&cutter.over));
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                begun.fetch_add(1, Ordering::SeqCst);
                let (state, over) = (Arc::clone(&state), Arc::clone(&over));
                std::thread::spawn(move || {
                    // A connection that only looks whether somebody listens ends in an error.
                    let _ = TcpStream::connect(("127.0.0.1", port))
                        .and_then(|server| Connection::new(client, server, state)?.carry(framing));
                    over.fetch_add(1, Ordering::SeqCst);
                });
            }
        });
        cutter
    }

    /// Whether somebody has been here and has left again: where the server speaks first, who only looks whether
    /// somebody listens would be counted.
    pub fn is_left(&self) -> bool {
        let over = self.over.load(Ordering::SeqCst);
        over > 0 && over == self.begun.load(Ordering::SeqCst)
    }

    /// What is done to the connections that follow.
    pub fn set(&self, cut: Option<Cut>) {
        let mut state = locked(&self.state);
        *state = State { cut, passed: Passed::default(), cuts: 0 };
    }

    /// How much has passed since.
    pub fn passed(&self) -> Passed {
        locked(&self.state).passed.clone()
    }

    /// How often it has cut since.
    pub fn cuts(&self) -> usize {
        locked(&self.state).cuts
    }
}

fn locked(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One direction: what was read and is no whole message yet.
struct Direction {
    side: Side,
    framing: Framing,
    held: Vec<u8>,
    /// The first message of a client of PostgreSQL's has no type.
    is_typed: bool,
    is_open: bool,
}

impl Direction {
    fn new(side: Side, framing: Framing) -> Direction {
        Direction { side, framing, held: Vec::new(), is_typed: side == Side::Server, is_open: true }
    }

    /// The length of the first whole message that is held.
    fn whole(&self) -> Option<usize> {
        let length = match self.framing {
            Framing::Postgres => {
                let at = usize::from(self.is_typed);
                let length = self.held.get(at..at + 4)?;
                u32::from_be_bytes([length[0], length[1], length[2], length[3]]) as usize + at
            }
            Framing::Mysql => {
                let header = self.held.get(..4)?;
                u32::from_le_bytes([header[0], header[1], header[2], 0]) as usize + 4
            }
        };
        (self.held.len() >= length).then_some(length)
    }
}

/// What becomes of a connection.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Lives,
    Ended,
}

struct Connection {
    client: TcpStream,
    server: TcpStream,
    state: Arc<Mutex<State>>,
}

impl Connection {
    fn new(client: TcpStream, server: TcpStream, state: Arc<Mutex<State>>) -> std::io::Result<Connection> {
        client.set_nodelay(true)?;
        server.set_nodelay(true)?;
        Ok(Connection { client, server, state })
    }

    /// Carries both directions on one thread, so that dropping the sockets is what ends them.
    fn carry(mut self, framing: Framing) -> std::io::Result<()> {
        let (mut up, mut down) =
            (Direction::new(Side::Client, framing), Direction::new(Side::Server, framing));
        let mut room = vec![0; 64 * 1024];
        while up.is_open || down.is_open {
            // An end that is not listened to is not asked for: it may say again and again that it has gone.
            let mut open: Vec<&mut Direction> =
                [&mut up, &mut down].into_iter().filter(|direction| direction.is_open).collect();
            let ends = open.iter().map(|direction| self.from(direction.side));
            let mut ready: Vec<PollFd<'_>> = ends.map(|end| PollFd::new(end, PollFlags::IN)).collect();
            poll(&mut ready, None)?;
            let heard: Vec<bool> = ready.iter().map(|end| !end.revents().is_empty()).collect();
            for (direction, heard) in open.iter_mut().zip(heard) {
                if !heard {
                    continue;
                }
                let count = self.from(direction.side).read(&mut room)?;
                if count == 0 {
                    direction.is_open = false;
                    self.to(direction.side).write_all(&direction.held)?;
                    let _ = self.to(direction.side).shutdown(Shutdown::Write);
                    continue;
                }
                direction.held.extend_from_slice(&room[..count]);
                if self.pass(direction)? == Fate::Ended {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn from(&self, side: Side) -> &TcpStream {
        match side {
            Side::Client => &self.client,
            Side::Server => &self.server,
        }
    }

    /// The end that gets what `side` sends.
    fn to(&mut self, side: Side) -> &mut TcpStream {
        match side {
            Side::Client => &mut self.server,
            Side::Server => &mut self.client,
        }
    }

    /// Hands over every whole message, up to the cut.
    fn pass(&mut self, direction: &mut Direction) -> std::io::Result<Fate> {
        if self.is_due_at_once(direction.side) {
            return self.cut(direction);
        }
        while let Some(length) = direction.whole() {
            let message: Vec<u8> = direction.held.drain(..length).collect();
            direction.is_typed = true;
            let before = self.count(direction.side, message.len());
            let upto = self.bytes_left(direction.side, before, message.len());
            if let Err(error) = self.to(direction.side).write_all(&message[..upto]) {
                // The other end may be closed already; what it said before is still to be handed over.
                return if direction.side == Side::Client { Ok(Fate::Lives) } else { Err(error) };
            }
            if upto < message.len() || self.is_due(direction.side) {
                return self.cut(direction);
            }
        }
        Ok(Fate::Lives)
    }

    /// Counts one message; how many bytes of this side were there before it.
    fn count(&self, side: Side, length: usize) -> usize {
        let passed = &mut locked(&self.state).passed;
        let lengths = match side {
            Side::Client => &mut passed.client,
            Side::Server => &mut passed.server,
        };
        let before = lengths.iter().sum();
        lengths.push(length);
        before
    }

    /// How much of a message goes over before the cut.
    fn bytes_left(&self, side: Side, before: usize, length: usize) -> usize {
        match locked(&self.state).cut {
            Some(cut) if cut.side == side && cut.unit == Unit::Byte => {
                cut.after.saturating_sub(before).min(length)
            }
            _ => length,
        }
    }

    fn is_due(&self, side: Side) -> bool {
        let state = locked(&self.state);
        let Some(cut) = state.cut.filter(|cut| cut.side == side) else { return false };
        let lengths = state.passed.of(side);
        cut.after == if cut.unit == Unit::Message { lengths.len() } else { lengths.iter().sum() }
    }

    /// Before the first message, once one has come.
    fn is_due_at_once(&self, side: Side) -> bool {
        locked(&self.state).cut.is_some_and(|cut| cut.side == side && cut.after == 0)
    }

    fn cut(&mut self, direction: &mut Direction) -> std::io::Result<Fate> {
        let way = {
            let mut state = locked(&self.state);
            state.cuts += 1;
            state.cut.map_or(Way::Close, |cut| cut.way)
        };
        let reset = |socket: &TcpStream| socket2::SockRef::from(socket).set_linger(Some(Duration::ZERO));
        match way {
            Way::Close => {
                let _ = self.client.shutdown(Shutdown::Both);
                let _ = self.server.shutdown(Shutdown::Both);
            }
            Way::Reset => {
                reset(&self.client)?;
                reset(&self.server)?;
            }
            Way::CloseAndReset => {
                let _ = self.to(direction.side).shutdown(Shutdown::Write);
                reset(&self.client)?;
                reset(&self.server)?;
            }
            Way::Half => {
                let _ = self.to(direction.side).shutdown(Shutdown::Write);
                // Nothing more of this side is read; the other one is heard to its end.
                direction.is_open = false;
                direction.held.clear();
                return Ok(Fate::Lives);
            }
        }
        Ok(Fate::Ended)
    }
}
