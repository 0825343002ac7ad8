//! Does a statement that was seen before cost an allocation, and how much does an idle session hold?
//!
//! Real sessions on a real relay thread, over sockets; the upstream is a scripted double, since only
//! the relay's own thread may be counted. Every thread is counted but those that say they are none
//! of the relay's.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use exchange::{Environment, Protocol};
use policies::Ruleset;
use relay::journal::{JournalReader, LedgerHealth, journal};
use relay::settings::{
    Authentication, ClientTls, Limits, ListenerSettings, Mode, OnFailure, OnFailureByClass, RecordBefore,
    UpstreamAddress, UpstreamTls,
};
use relay::{Arrival, Listener, Threads};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicI64, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Counts what the relay's threads ask for.
struct Counting;

static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);

/// Bytes that the relay's threads have asked for and not given back.
static HELD: AtomicI64 = AtomicI64::new(0);

/// One test at a time: all count into one place.
static ALONE: Mutex<()> = Mutex::new(());

thread_local! {
    /// Whether this thread is one of the test's.
    static OURS: Cell<bool> = const { Cell::new(false) };
}

// SAFETY: every call is passed on as it came; counting touches no memory of the allocator's.
#[allow(unsafe_code)]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as i64);
        // SAFETY: as above.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        hold(-(layout.size() as i64));
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size as i64 - layout.size() as i64);
        // SAFETY: as above.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

fn count(bytes: i64) {
    if !OURS.try_with(Cell::get).unwrap_or(true) {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
    }
    hold(bytes);
}

fn hold(bytes: i64) {
    if !OURS.try_with(Cell::get).unwrap_or(true) {
        HELD.fetch_add(bytes, Ordering::Relaxed);
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn settings(upstream: u16, protocol: Protocol, rules: Ruleset) -> ListenerSettings {
    ListenerSettings {
        name: "test".into(),
        workspace: "default".into(),
        environment: Environment::Development,
        protocol,
        listen: ([127, 0, 0, 1], 0).into(),
        upstream: vec![UpstreamAddress::Tcp { host: "127.0.0.1".into(), port: upstream }],
        mode: if rules.enforces() { Mode::Enforce } else { Mode::Observe },
        rules,
        allow_unauthenticated: true,
        authentication: Authentication::Relay,
        proxy_protocol_from: Box::default(),
        client_tls: ClientTls::default(),
        upstream_tls: UpstreamTls::Disable,
        expiries: Box::default(),
        limits: Limits {
            connections: None,
            connections_per_user: None,
            connections_per_address: None,
            logins: None,
            login_failures: None,
            statement_bytes: 1 << 20,
            login: Duration::from_secs(10),
            login_bytes: 65_536,
            idle: None,
            transaction_idle: None,
        },
        on_failure: OnFailureByClass::all(OnFailure::Refuse),
        record_before: RecordBefore::default(),
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

/// The same by MySQL's protocol: a SELECT is answered with one row, all else with OK.
fn serve_mysql(mut socket: TcpStream) {
    OURS.set(true);
    let mut input = vec![0; 65_536];
    let _ = socket.write_all(&greeting());
    if !matches!(socket.read(&mut input), Ok(len) if len > 0) {
        return;
    }
    let _ = socket.write_all(&packet(2, MYSQL_OK));
    while let Ok(len @ 1..) = socket.read(&mut input) {
        let mut rest = &input[..len];
        while let [l0, l1, l2, _, after @ ..] = rest {
            let (payload, next) = after.split_at(u32::from_le_bytes([*l0, *l1, *l2, 0]) as usize);
            rest = next;
            let packets = mysql_reply(payload);
            let packets = packets.iter().zip(1..).map(|(payload, number)| packet(number, payload));
            let _ = socket.write_all(&packets.collect::<Vec<_>>().concat());
        }
    }
}

/// The payloads that answer one command. What the gateway asks in capital letters, the SQL mode, is empty.
fn mysql_reply(payload: &[u8]) -> Vec<Vec<u8>> {
    match payload {
        [COM_STMT_PREPARE, ..] => vec![b"\0\x07\0\0\0\x01\0\x01\0\0\0\0".to_vec(), column(), column()],
        [COM_STMT_EXECUTE, ..] => vec![vec![1], column(), b"\0\0\x011".to_vec(), END.to_vec()],
        [COM_QUERY, b'S', b'E', b'L', ..] => vec![vec![1], column(), vec![0], END.to_vec()],
        [COM_QUERY, b's', ..] => vec![vec![1], column(), b"\x011".to_vec(), END.to_vec()],
        _ => vec![MYSQL_OK.to_vec()],
    }
}

const COM_QUERY: u8 = 3;
const COM_STMT_PREPARE: u8 = 0x16;
const COM_STMT_EXECUTE: u8 = 0x17;

/// LONG_PASSWORD, CONNECT_WITH_DB, PROTOCOL_41, TRANSACTIONS, SECURE_CONNECTION, PLUGIN_AUTH, DEPRECATE_EOF.
const CAPABILITIES: u32 = 1 | 8 | 0x200 | 0x2000 | 0x8000 | 0x8_0000 | 0x100_0000;

/// Nothing changed, in autocommit.
const MYSQL_OK: &[u8] = b"\0\0\0\x02\0\0\0";

/// The OK in place of EOF.
const END: &[u8] = b"\xfe\0\0\x02\0\0\0";

fn greeting() -> Vec<u8> {
    let [low, high] = [CAPABILITIES & 0xffff, CAPABILITIES >> 16].map(|half| (half as u16).to_le_bytes());
    let mut payload = b"\x0a5.5.5-10.11.9-MariaDB\0\x07\0\0\0abcdefgh\0".to_vec();
    payload.extend([&low[..], b"\x2d\x02\0", &high, b"\x15", &[0; 10]].concat());
    payload.extend(b"ijklmnopqrst\0mysql_native_password\0");
    packet(0, &payload)
}

/// A column of text.
fn column() -> Vec<u8> {
    b"\x03def\0\x01t\x01t\x01a\x01a\x0c\x2d\0\x20\0\0\0\xfd\0\0\0\0\0".to_vec()
}

fn packet(number: u8, payload: &[u8]) -> Vec<u8> {
    let [l0, l1, l2, _] = u32::try_from(payload.len()).unwrap().to_le_bytes();
    [&[l0, l1, l2, number][..], payload].concat()
}

fn command(code: u8, body: &[u8]) -> Vec<u8> {
    packet(0, &[&[code], body].concat())
}

/// Reads up to the end of a reply: the last packet is an OK, or the OK in place of EOF.
fn mysql_answer(client: &mut TcpStream) -> Vec<u8> {
    let mut heard = Vec::new();
    let mut chunk = [0; 4096];
    while !(heard.ends_with(END) || heard.ends_with(MYSQL_OK)) {
        match client.read(&mut chunk).unwrap() {
            0 => panic!("the connection ended after {}", heard.escape_ascii()),
            len => heard.extend_from_slice(&chunk[..len]),
        }
    }
    heard
}

/// The rules of a pack, enforced, on a listener of MySQL's protocol.
fn enforced(pack: &str) -> Ruleset {
    let listener = policies::Listener {
        name: "test",
        environment: Environment::Development,
        protocol: Protocol::Mysql,
        enforces: true,
        default_allows: true,
    };
    policies::compile(1, &[pack], &|_: &str| None, &listener).unwrap()
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
    fn new(protocol: Protocol, rules: Ruleset) -> Scene {
        OURS.set(true);
        let upstream = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = upstream.local_addr().unwrap().port();
        std::thread::spawn(move || {
            OURS.set(true);
            for socket in upstream.incoming().flatten() {
                std::thread::spawn(move || match protocol {
                    Protocol::Postgres => serve(socket),
                    Protocol::Mysql => serve_mysql(socket),
                });
            }
        });
        let (journal, reader) = journal(Arc::new(LedgerHealth::default()));
        let threads = Threads::start(vec![journal], 1 << 20, 1 << 22).unwrap();
        let recorded = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&recorded);
        std::thread::spawn(move || keep(reader, &counted));
        let settings = settings(port, protocol, rules);
        Scene { threads, listener: Arc::new(Listener::new(settings, 1, 1)), recorded }
    }

    fn client(&self) -> TcpStream {
        let mut client = self.connect();
        client.write_all(b"\0\0\0\x25\0\x03\0\0user\0ann\0application_name\0t\0\0").unwrap();
        answer(&mut client);
        client
    }

    /// Logged in by MySQL's protocol, without a password.
    fn mysql_client(&self) -> TcpStream {
        let mut client = self.connect();
        let mut chunk = [0; 4096];
        assert!(client.read(&mut chunk).unwrap() > 60, "a greeting");
        let mut response = CAPABILITIES.to_le_bytes().to_vec();
        response.extend([&[0, 0, 0, 1, 45][..], &[0; 23], b"ann\0\0shop\0mysql_native_password\0"].concat());
        client.write_all(&packet(1, &response)).unwrap();
        mysql_answer(&mut client);
        client
    }

    fn connect(&self) -> TcpStream {
        let door = TcpListener::bind("127.0.0.1:0").unwrap();
        let client = TcpStream::connect(door.local_addr().unwrap()).unwrap();
        let (socket, peer) = door.accept().unwrap();
        socket.set_nonblocking(true).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let arrival = Arrival { socket, peer, listener: Arc::clone(&self.listener) };
        runtime.block_on(self.threads.hand_over(arrival));
        client.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        client
    }

    /// Allocations of `times` statements, sent as `bytes`, after enough of them to know them.
    fn cost(&self, client: &mut TcpStream, bytes: &[u8], times: usize) -> u64 {
        let once = || {
            client.write_all(bytes).unwrap();
            answer(client);
        };
        self.counted(once, times)
    }

    /// Allocations of `times` statements that `once` runs one of, after enough of them to know them.
    fn counted(&self, mut once: impl FnMut(), times: usize) -> u64 {
        let mut ask = |times: usize| (0..times).for_each(|_| once());
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
            0 => panic!("the connection ended after {}", heard.escape_ascii()),
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
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let scene = Scene::new(Protocol::Postgres, Ruleset::of_default(0, false, true));
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

    // What a client says in a comment is held with its name, and given back: no more than that, whatever
    // else differs. A comment that says nothing costs nothing.
    let tag =
        |tag: &str| message(b'Q', format!("select * from accounts where id = 7 /*{tag}*/\0").as_bytes());
    let (claim, silent) = (tag("on_behalf_of='ada',traceparent='x'"), tag("controller='accounts'"));
    let traced = tag("traceparent='00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'");
    let costs = [&claim, &traced, &silent].map(|bytes| scene.cost(&mut client, bytes, TIMES));
    let times = TIMES as u64;
    assert!(
        costs[0] <= 4 * times && costs[1] <= 2 * times && costs[2] == 0,
        "{costs:?} for {TIMES} comments"
    );
    assert!(costs[1] > 0, "{costs:?}");

    // The count counts: a text that was not seen is analysed.
    let before = ALLOCATIONS.load(Ordering::Relaxed);
    client.write_all(&message(b'Q', b"select another\0")).unwrap();
    answer(&mut client);
    assert!(ALLOCATIONS.load(Ordering::Relaxed) > before);
}

#[test]
fn a_statement_of_mysql_that_was_seen_before_allocates_nothing_on_any_way() {
    const TIMES: usize = 1_000;
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let observing = Ruleset::of_default(0, false, true);
    for (rules, writes) in
        [(observing, true), (enforced("development"), true), (enforced("read-only"), false)]
    {
        let scene = Scene::new(Protocol::Mysql, rules);
        let mut client = scene.mysql_client();
        let mut cost = |statement: &dyn Fn(usize) -> Vec<u8>| {
            let mut number = 0;
            let once = || {
                number += 1;
                client.write_all(&statement(number)).unwrap();
                let heard = mysql_answer(&mut client);
                assert!(heard.get(4) != Some(&0xff), "{}", heard.escape_ascii());
            };
            scene.counted(once, TIMES)
        };
        let query = |text: &str| command(COM_QUERY, text.as_bytes());
        let known = cost(&|_| query("select * from accounts where id = 7"));
        // No text comes twice: the shape of it is known.
        let another = cost(&|number| query(&format!("select * from accounts where id = {number}")));
        assert_eq!([known, another], [0, 0], "allocations of {TIMES} texts, known and of a known shape");
        if writes {
            let write = cost(&|number| query(&format!("insert into accounts values ({number})")));
            assert_eq!(write, 0, "allocations of {TIMES} writes");
        }

        let mut prepare = || {
            client.write_all(&command(COM_STMT_PREPARE, b"select * from accounts where id = ?")).unwrap();
            let mut heard = [0; 512];
            let whole = 4 + 12 + 2 * (4 + column().len());
            client.read_exact(&mut heard[..whole]).unwrap();
        };
        prepare();
        let execute = |number: usize| {
            let value = u32::try_from(number).unwrap().to_le_bytes();
            command(COM_STMT_EXECUTE, &[b"\x07\0\0\0\0\x01\0\0\0\0\x01\x03\0", &value[..]].concat())
        };
        let mut number = 0;
        let once = || {
            number += 1;
            client.write_all(&execute(number)).unwrap();
            mysql_answer(&mut client);
        };
        assert_eq!(scene.counted(once, TIMES), 0, "allocations of {TIMES} prepared statements");

        if !writes {
            client.write_all(&query("insert into accounts values (7)")).unwrap();
            let mut heard = [0; 512];
            assert!(client.read(&mut heard).unwrap() > 4 && heard[4] == 0xff, "the pack is enforced");
        }
        // The count counts: a text whose shape was not seen is analysed.
        let before = ALLOCATIONS.load(Ordering::Relaxed);
        client.write_all(&query("select another")).unwrap();
        mysql_answer(&mut client);
        assert!(ALLOCATIONS.load(Ordering::Relaxed) > before);
    }
}

/// What an allocator and the kernel add is measured by the benchmark of idle sessions.
#[test]
fn an_idle_session_of_either_protocol_holds_little() {
    const SESSIONS: i64 = 512;
    const BYTES_MAX: i64 = 4_000;
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let statement = "select * from accounts where id = 7";
    for protocol in [Protocol::Postgres, Protocol::Mysql] {
        let scene = Scene::new(protocol, Ruleset::of_default(0, false, true));
        let used_once = || match protocol {
            Protocol::Postgres => {
                let mut client = scene.client();
                client.write_all(&message(b'Q', format!("{statement}\0").as_bytes())).unwrap();
                answer(&mut client);
                client
            }
            Protocol::Mysql => {
                let mut client = scene.mysql_client();
                client.write_all(&command(COM_QUERY, statement.as_bytes())).unwrap();
                mysql_answer(&mut client);
                client
            }
        };
        // What grows with the number of sessions by doubling has grown as far as these need.
        let mut sessions: Vec<TcpStream> = (0..SESSIONS).map(|_| used_once()).collect();
        let before = HELD.load(Ordering::Relaxed);
        sessions.extend((0..SESSIONS).map(|_| used_once()));
        let each = || (HELD.load(Ordering::Relaxed) - before) / SESSIONS;
        // The last logins are still letting go of what they needed.
        let deadline = Instant::now() + Duration::from_secs(10);
        while each() > BYTES_MAX && Instant::now() < deadline {
            std::thread::yield_now();
        }
        let each = each();
        assert!((1_000..=BYTES_MAX).contains(&each), "{each} bytes for an idle session of {protocol:?}");
        println!("{each} bytes for an idle session of {protocol:?}");
    }
}
