//! What does a relay cost that does not look at anything?
//!
//! The bench starts itself again with `--blind-relay UPSTREAM` and this is what runs then: both
//! sockets of a session on one of its threads, one read and one write for each chunk, nothing allocated while bytes flow. It is the floor the gateway is measured against.

use mio::net::TcpStream as Stream;
use mio::{Events, Interest, Poll, Token, Waker};
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

const CHUNK_BYTES: usize = 16 * 1024;
const EVENTS_MAX: usize = 256;
/// Sessions accepted that a worker has not taken yet; accepting waits beyond.
const ARRIVALS_MAX: usize = 1024;
const NEW_SESSION: Token = Token(usize::MAX);

/// What the relay prints before its address, for the bench to read.
pub const SERVING: &str = "serving ";

/// Serves on this many threads until it is killed; says on its output where.
pub fn serve(upstream: SocketAddr, threads: usize) -> ExitCode {
    match accept(upstream, threads) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("blind relay: {error}");
            ExitCode::FAILURE
        }
    }
}

fn accept(upstream: SocketAddr, threads: usize) -> io::Result<()> {
    super::process::raise_file_limit(u64::MAX);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let workers = (0..threads).map(|_| Worker::start()).collect::<io::Result<Vec<_>>>()?;
    println!("{SERVING}{}", listener.local_addr()?);
    for (worker, client) in workers.iter().cycle().zip(listener.incoming()) {
        // A session that cannot begin ends; the bench sees a closed connection and says so.
        if let Ok(pair) = client.and_then(|client| connect(client, upstream)) {
            let sent = worker.sessions.send(pair);
            if sent.is_err() || worker.waker.wake().is_err() {
                return Err(io::Error::other("a worker has ended"));
            }
        }
    }
    Ok(())
}

fn connect(client: TcpStream, upstream: SocketAddr) -> io::Result<[TcpStream; 2]> {
    let server = TcpStream::connect(upstream)?;
    for stream in [&client, &server] {
        stream.set_nodelay(true)?;
        stream.set_nonblocking(true)?;
    }
    Ok([client, server])
}

struct Worker {
    sessions: SyncSender<[TcpStream; 2]>,
    waker: Waker,
}

impl Worker {
    fn start() -> io::Result<Worker> {
        let poll = Poll::new()?;
        let waker = Waker::new(poll.registry(), NEW_SESSION)?;
        let (sessions, arrivals) = sync_channel(ARRIVALS_MAX);
        thread::spawn(move || {
            if let Err(error) = relay(poll, &arrivals) {
                // Its sessions end with it, which the bench sees; the next one finds no worker.
                eprintln!("blind relay: {error}");
            }
        });
        Ok(Worker { sessions, waker })
    }
}

/// One side of a session: a socket, and bytes from the other side it could not take yet.
struct Side {
    stream: Stream,
    unsent: Vec<u8>,
    ended: bool,
}

type Pair = [Side; 2];

fn relay(mut poll: Poll, arrivals: &Receiver<[TcpStream; 2]>) -> io::Result<()> {
    let mut events = Events::with_capacity(EVENTS_MAX);
    let mut pairs: Vec<Option<Pair>> = Vec::new();
    let mut free: Vec<usize> = Vec::new();
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        poll.poll(&mut events, None)?;
        for event in &events {
            if event.token() == NEW_SESSION {
                for streams in arrivals.try_iter() {
                    let index = free.pop().unwrap_or_else(|| {
                        pairs.push(None);
                        pairs.len() - 1
                    });
                    let pair = register(&poll, index, streams)?;
                    if let Some(place) = pairs.get_mut(index) {
                        *place = Some(pair);
                    }
                }
                continue;
            }
            let (index, from) = (event.token().0 / 2, event.token().0 % 2);
            // An event of a session that ended earlier in this batch finds nothing.
            let Some(place) = pairs.get_mut(index) else { continue };
            let Some(pair) = place.as_mut() else { continue };
            let all = event.is_read_closed();
            let mut alive = true;
            if event.is_writable() {
                alive = flush(pair, from, &mut chunk);
            }
            if alive && event.is_readable() {
                alive = pump(pair, from, all, &mut chunk);
            }
            if !alive {
                *place = None;
                free.push(index);
            }
        }
    }
}

fn register(poll: &Poll, index: usize, streams: [TcpStream; 2]) -> io::Result<Pair> {
    let [client, server] = streams;
    let side = |number: usize, stream: TcpStream| {
        let mut stream = Stream::from_std(stream);
        let interest = Interest::READABLE | Interest::WRITABLE;
        poll.registry().register(&mut stream, Token(index * 2 + number), interest)?;
        io::Result::Ok(Side { stream, unsent: Vec::new(), ended: false })
    };
    Ok([side(0, client)?, side(1, server)?])
}

/// Hands on what side `from` has to say; `false` when the session is over. A short read has taken
/// everything; after the other end has closed one more read is needed to see it.
fn pump(pair: &mut Pair, from: usize, all: bool, chunk: &mut [u8]) -> bool {
    let [client, server] = pair;
    let (source, target) = if from == 0 { (client, server) } else { (server, client) };
    while target.unsent.is_empty() && !source.ended {
        match source.stream.read(chunk) {
            Ok(0) => {
                source.ended = true;
                let _ = target.stream.shutdown(Shutdown::Write);
            }
            Ok(count) => {
                if !write(target, &chunk[..count]) {
                    return false;
                }
                if count < chunk.len() && !all {
                    break;
                }
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => break,
            Err(_) => return false,
        }
    }
    !(source.ended && target.ended)
}

fn write(target: &mut Side, mut bytes: &[u8]) -> bool {
    while !bytes.is_empty() {
        match target.stream.write(bytes) {
            Ok(count) => bytes = bytes.get(count..).unwrap_or_default(),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
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
    let [client, server] = &mut *pair;
    let target = if to == 0 { client } else { server };
    if target.unsent.is_empty() {
        return true;
    }
    let unsent = std::mem::take(&mut target.unsent);
    if !write(target, &unsent) {
        return false;
    }
    !target.unsent.is_empty() || pump(pair, 1 - to, true, chunk)
}
