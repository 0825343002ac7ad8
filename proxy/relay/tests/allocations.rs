//! Does a statement that was seen before cost an allocation?
//!
//! Real sessions on a real relay thread, over sockets; the upstream is a scripted double, since only
//! the relay's own thread may be counted. Every thread is counted but those that say they are none
//! of the relay's.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use exchange::{Environment, Protocol};
use relay::journal::{JournalReader, LedgerHealth, journal};
use relay::settings::{
    ClientTls, Limits, ListenerSettings, Mode, OnFailure, OnFailureByClass, UpstreamAddress, UpstreamTls,
};
use relay::{Arrival, Listener, Threads};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Counts what the relay's threads ask for.
struct Counting;

static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);

thread_local! {
    /// Whether this thread is one of the test's.
    static OURS: Cell<bool> = const { Cell::new(false) };
}

// SAFETY: every call is passed on as it came; counting touches no memory of the allocator's.
#[allow(unsafe_code)]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: as above.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        // SAFETY: as above.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

fn count() {
    if !OURS.try_with(Cell::get).unwrap_or(true) {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn settings(upstream: u16) -> ListenerSettings {
    ListenerSettings {
        name: "test".into(),
        workspace: "default".into(),
        environment: Environment::Development,
        protocol: Protocol::Postgres,
        listen: ([127, 0, 0, 1], 0).into(),
        upstream: vec![UpstreamAddress::Tcp { host: "127.0.0.1".into(), port: upstream }],
        mode: Mode::Observe,
        rules: policies::Ruleset::of_default(0, false, true),
        allow_unauthenticated: true,
        client_tls: ClientTls { required: false, config: None, certificate: None },
        upstream_tls: UpstreamTls::Disable,
        limits: Limits {
            connections: None,
            connections_per_user: None,
            connections_per_address: None,
            statement_bytes: 1 << 20,
            login: Duration::from_secs(10),
            login_bytes: 65_536,
            idle: None,
            transaction_idle: None,
        },
        on_failure: OnFailureByClass::all(OnFailure::Refuse),
        probe: None,
        require_verified: false,
    }
}

const READY: &[u8] = b"Z\0\0\0\x05I";

/// Grants every login; answers a Query with one row, a Sync with what the messages before it ask for.
fn serve(mut socket: TcpStream) {
    OURS.set(true);
    let mut input = vec![0; 65_536];
    if !matches!(socket.read(&mut input), Ok(len) if len > 0) {
        return;
    }
    let _ = socket.write_all(&[b"R\0\0\0\x08\0\0\0\0", READY].concat());
    while let Ok(len @ 1..) = socket.read(&mut input) {
        let mut rest = &input[..len];
        let mut answer = Vec::new();
        while let [tag, a, b, c, d, ..] = rest {
            let row: &[u8] = b"D\0\0\0\x0b\0\x01\0\0\0\x011C\0\0\0\x0dSELECT 1\0";
            match tag {
                b'Q' => answer.extend([row, READY].concat()),
                b'P' => answer.extend(b"1\0\0\0\x04"),
                b'B' => answer.extend(b"2\0\0\0\x04"),
                b'E' => answer.extend(row),
                b'S' => answer.extend(READY),
                _ => {}
            }
            rest = &rest[1 + u32::from_be_bytes([*a, *b, *c, *d]) as usize..];
        }
        let _ = socket.write_all(&answer);
    }
}

struct Scene {
    threads: Threads,
    listener: Arc<Listener>,
    recorded: Arc<AtomicUsize>,
}

/// What the ledger's thread does all day; its own allocations are no statement's.
fn keep(mut reader: JournalReader, recorded: &AtomicUsize) {
    OURS.set(true);
    while !reader.is_abandoned() {
        reader.shared().reader_sleeps();
        if reader.is_empty() {
            std::thread::park_timeout(Duration::from_millis(100));
        }
        reader.shared().reader_wakes();
        while let Some(entry) = reader.next() {
            if let Some(ticket) = entry.ticket {
                ticket.recorded();
            }
            recorded.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Scene {
    fn new() -> Scene {
        OURS.set(true);
        let upstream = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = upstream.local_addr().unwrap().port();
        std::thread::spawn(move || {
            OURS.set(true);
            for socket in upstream.incoming().flatten() {
                std::thread::spawn(move || serve(socket));
            }
        });
        let (journal, reader) = journal(Arc::new(LedgerHealth::default()));
        let threads = Threads::start(vec![journal], 1 << 20).unwrap();
        let recorded = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&recorded);
        std::thread::spawn(move || keep(reader, &counted));
        Scene { threads, listener: Arc::new(Listener::new(settings(port), 1, 1)), recorded }
    }

    fn client(&self) -> TcpStream {
        let door = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut client = TcpStream::connect(door.local_addr().unwrap()).unwrap();
        let (socket, peer) = door.accept().unwrap();
        socket.set_nonblocking(true).unwrap();
        self.threads.hand_over(Arrival { socket, peer, listener: Arc::clone(&self.listener) });
        client.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        client.write_all(b"\0\0\0\x25\0\x03\0\0user\0ann\0application_name\0t\0\0").unwrap();
        answer(&mut client);
        client
    }

    /// Allocations of `times` statements, sent as `bytes`, after enough of them to know them.
    fn cost(&self, client: &mut TcpStream, bytes: &[u8], times: usize) -> u64 {
        let mut ask = |times: usize| {
            for _ in 0..times {
                client.write_all(bytes).unwrap();
                answer(client);
            }
        };
        ask(50);
        let (before, recorded) = (ALLOCATIONS.load(Ordering::Relaxed), self.recorded.load(Ordering::Relaxed));
        ask(times);
        let after = ALLOCATIONS.load(Ordering::Relaxed);
        let deadline = Instant::now() + Duration::from_secs(10);
        while self.recorded.load(Ordering::Relaxed) < recorded + times {
            assert!(Instant::now() < deadline, "not all of {times} statements were recorded");
            std::thread::yield_now();
        }
        after - before
    }
}

/// Reads up to ReadyForQuery.
fn answer(client: &mut TcpStream) {
    let mut heard = Vec::new();
    let mut chunk = [0; 4096];
    while !heard.ends_with(READY) {
        match client.read(&mut chunk).unwrap() {
            0 => panic!("the connection ended after {heard:?}"),
            len => heard.extend_from_slice(&chunk[..len]),
        }
    }
}

fn message(tag: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 4).unwrap().to_be_bytes();
    [&[tag][..], &length, body].concat()
}

#[test]
fn a_statement_that_was_seen_before_allocates_nothing_on_any_way() {
    const TIMES: usize = 1_000;
    let scene = Scene::new();
    let mut client = scene.client();

    let simple = message(b'Q', b"select * from accounts where id = 7\0");
    let parse =
        |name: &[u8]| message(b'P', &[name, b"\0select * from accounts where id = $1\0\0\0"].concat());
    let bind = |name: &[u8]| message(b'B', &[b"\0", name, b"\0\0\0\0\x01\0\0\0\x017\0\0"].concat());
    let execute = [message(b'E', b"\0\0\0\0\0"), message(b'S', b"")].concat();
    let extended = [parse(b""), bind(b""), execute.clone()].concat();
    client.write_all(&[parse(b"known"), message(b'S', b"")].concat()).unwrap();
    answer(&mut client);
    let prepared = [bind(b"known"), execute].concat();

    let costs = [&simple, &extended, &prepared].map(|bytes| scene.cost(&mut client, bytes, TIMES));
    assert_eq!(costs, [0, 0, 0], "allocations of {TIMES} simple, extended and prepared statements");

    // One of which the ledger must hold an intent first, and a transaction around it.
    let write = message(b'Q', b"insert into accounts values (7)\0");
    let transaction = message(b'Q', b"begin; update accounts set a = 7; commit\0");
    let costs = [&write, &transaction].map(|bytes| scene.cost(&mut client, bytes, TIMES));
    assert_eq!(costs, [0, 0], "allocations of {TIMES} writes, alone and in a transaction");

    // The count counts: a text that was not seen is analysed.
    let before = ALLOCATIONS.load(Ordering::Relaxed);
    client.write_all(&message(b'Q', b"select another\0")).unwrap();
    answer(&mut client);
    assert!(ALLOCATIONS.load(Ordering::Relaxed) > before);
}
