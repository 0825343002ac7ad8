//! How is a lane loaded: each client asks, waits for the whole answer, checks it and asks again?
//!
//! One thread drives all clients, with one wait, one read and one write for each answer, so that the
//! generator takes as little as possible of the processors the lanes share with it.

use super::channel::Channel;
use super::client::{self, PATIENCE};
use super::failure::Failure;
use super::workload::{ACCOUNTS, FIRST_ACCOUNT, Question};
use mio::net::TcpStream as Stream;
use mio::{Events, Interest, Poll, Token};
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// How much load, for how long.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    /// Connections that each have one request under way.
    pub clients: usize,
    /// Runs before anything is counted.
    pub warm_up: Duration,
    /// What is counted.
    pub window: Duration,
}

/// What came out.
#[derive(Clone, Debug)]
pub struct Sample {
    /// Answers checked in the window.
    pub queries: u64,
    /// The window's real length.
    pub window: Duration,
    /// Latencies in nanoseconds, sorted.
    pub latencies: Vec<u32>,
}

impl Sample {
    /// The latency below which `share` of the answers came, in microseconds.
    pub fn percentile_us(&self, share: f64) -> f64 {
        let last = self.latencies.len().saturating_sub(1);
        let index = (last as f64 * share).round() as usize;
        self.latencies.get(index).map_or(0.0, |nanoseconds| f64::from(*nanoseconds) / 1e3)
    }

    /// Answers for each second.
    pub fn rate(&self) -> f64 {
        self.queries as f64 / self.window.as_secs_f64()
    }
}

/// A client's connection, and what it asks.
pub type Asker = (Channel<TcpStream>, Question);

/// How each client's connection begins and ends.
pub struct Sessions<'a> {
    /// Opens one, logs in and prepares what its requests need.
    pub open: &'a dyn Fn() -> Result<Asker, Failure>,
    /// What it says at the end.
    pub goodbye: &'a [u8],
}

/// Loads a lane; `mark` is called at both ends of the window.
pub fn drive(
    sessions: &Sessions<'_>,
    load: Load,
    mark: &mut dyn FnMut() -> Result<(), Failure>,
) -> Result<Sample, Failure> {
    let mut askers = (0..load.clients).map(|_| (sessions.open)()).collect::<Result<Vec<_>, _>>()?;
    let mut tally = Tally::new(load, mark);
    let channels = if let [asker] = askers.as_mut_slice() {
        alone(asker, &mut tally)?;
        askers.into_iter().map(|(channel, _)| channel).collect()
    } else {
        together(askers, &mut tally)?
    };
    let sample = tally.finish();
    client::leave(channels, sessions.goodbye)?;
    Ok(sample)
}

/// The clock of a run: when counting begins and ends, and what was counted.
struct Tally<'a> {
    load: Load,
    begun: Instant,
    counting_since: Option<Instant>,
    ended: Option<Duration>,
    latencies: Vec<u32>,
    random: u64,
    mark: &'a mut dyn FnMut() -> Result<(), Failure>,
}

impl<'a> Tally<'a> {
    fn new(load: Load, mark: &'a mut dyn FnMut() -> Result<(), Failure>) -> Tally<'a> {
        // Room for 100,000 answers a second: a vector that grows would show up as a latency.
        let room = (load.window.as_secs_f64() * 1e5) as usize + 1024;
        let begun = Instant::now();
        let random = 0x9e37_79b9_7f4a_7c15;
        Tally {
            load,
            begun,
            counting_since: None,
            ended: None,
            latencies: Vec::with_capacity(room),
            random,
            mark,
        }
    }

    /// An answer came at `now`; `true` when the run is over.
    fn answered(&mut self, asked: Instant, now: Instant) -> Result<bool, Failure> {
        let Some(since) = self.counting_since else {
            if now.duration_since(self.begun) >= self.load.warm_up {
                (self.mark)()?;
                self.counting_since = Some(Instant::now());
            }
            return Ok(false);
        };
        let nanoseconds = now.saturating_duration_since(asked).as_nanos();
        self.latencies.push(u32::try_from(nanoseconds).unwrap_or(u32::MAX));
        let passed = now.saturating_duration_since(since);
        if passed < self.load.window {
            return Ok(false);
        }
        (self.mark)()?;
        self.ended = Some(passed);
        Ok(true)
    }

    fn next_account(&mut self) -> u32 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        FIRST_ACCOUNT + u32::try_from((self.random >> 32) % u64::from(ACCOUNTS)).unwrap_or(0)
    }

    fn finish(mut self) -> Sample {
        self.latencies.sort_unstable();
        Sample {
            queries: self.latencies.len() as u64,
            window: self.ended.unwrap_or(self.load.window),
            latencies: self.latencies,
        }
    }
}

/// One client needs no waiting for many: read blocks, as in most applications' drivers.
fn alone((channel, question): &mut Asker, tally: &mut Tally<'_>) -> Result<(), Failure> {
    let mut buffer = [0; 4096];
    loop {
        let asked = Instant::now();
        let request = question.about(tally.next_account());
        channel.write_all(request).map_err(Failure::system("send a request"))?;
        let mut held = 0;
        loop {
            let count = channel.read(&mut buffer[held..]).map_err(Failure::system("read an answer"))?;
            if count == 0 {
                return Err(Failure::Closed);
            }
            held += count;
            if question.check(&buffer[..held])? {
                break;
            }
        }
        if tally.answered(asked, Instant::now())? {
            return Ok(());
        }
    }
}

/// A connection among many.
struct Caller {
    channel: Channel<Stream>,
    question: Question,
    asked: Instant,
    buffer: Box<[u8; 4096]>,
    held: usize,
}

fn together(askers: Vec<Asker>, tally: &mut Tally<'_>) -> Result<Vec<Channel<TcpStream>>, Failure> {
    let mut poll = Poll::new().map_err(Failure::system("make a poll"))?;
    let mut callers = Vec::with_capacity(askers.len());
    for (index, (channel, question)) in askers.into_iter().enumerate() {
        let mut channel = channel.map(|stream| {
            stream.set_nonblocking(true).map_err(Failure::system("set a socket to not block"))?;
            Ok(Stream::from_std(stream))
        })?;
        poll.registry()
            .register(channel.socket(), Token(index), Interest::READABLE)
            .map_err(Failure::system("watch a socket"))?;
        callers.push(Caller {
            channel,
            question,
            asked: Instant::now(),
            buffer: Box::new([0; 4096]),
            held: 0,
        });
    }
    for caller in &mut callers {
        caller.ask(tally.next_account(), Instant::now())?;
    }
    let mut events = Events::with_capacity(callers.len());
    let mut over = false;
    // After the end every client still waits for the answer under way: sessions end in order.
    let mut waiting = callers.len();
    while waiting > 0 {
        poll.poll(&mut events, Some(PATIENCE)).map_err(Failure::system("wait for answers"))?;
        if events.is_empty() {
            return Err(Failure::Silent(PATIENCE));
        }
        for event in &events {
            let Some(caller) = callers.get_mut(event.token().0) else { continue };
            if !caller.receive()? {
                continue;
            }
            let now = Instant::now();
            over = over || tally.answered(caller.asked, now)?;
            if over {
                waiting -= 1;
            } else {
                caller.ask(tally.next_account(), now)?;
            }
        }
    }
    callers.into_iter().map(Caller::into_blocking).collect()
}

impl Caller {
    fn ask(&mut self, account: u32, now: Instant) -> Result<(), Failure> {
        self.asked = now;
        self.held = 0;
        let request = self.question.about(account);
        // A request is far smaller than a socket's buffer, which is empty: it is taken whole.
        self.channel.write_all(request).map_err(Failure::system("send a request"))
    }

    /// Reads what has come; `true` when the answer is whole. The notice comes once for what is new,
    /// and one read takes all of it: an answer is far smaller than the buffer.
    fn receive(&mut self) -> Result<bool, Failure> {
        let free = self.buffer.get_mut(self.held..).unwrap_or_default();
        match self.channel.read(free) {
            Ok(0) => return Err(Failure::Closed),
            Ok(count) => self.held += count,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
            Err(error) => return Err(Failure::system("read an answer")(error)),
        }
        self.question.check(self.buffer.get(..self.held).unwrap_or_default())
    }

    fn into_blocking(self) -> Result<Channel<TcpStream>, Failure> {
        self.channel.map(|stream| {
            let stream = TcpStream::from(stream);
            stream.set_nonblocking(false).map_err(Failure::system("set a socket to block"))?;
            Ok(stream)
        })
    }
}
