//! A relay thread with sessions whose upstream is a scripted double: no real server can be made to
//! wait for what these tests look at.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use super::*;
use crate::journal::{JournalReader, LedgerHealth, journal};
use crate::settings::{
    ClientTls, Limits, ListenerSettings, Mode, OnFailure, OnFailureByClass, UpstreamAddress, UpstreamTls,
};
use exchange::{Environment, Event, Protocol, RecordBody};
use std::io::{Read, Write};
use std::net::TcpListener;

fn settings(upstream: u16) -> ListenerSettings {
    ListenerSettings {
        name: "test".into(),
        workspace: "default".into(),
        environment: Environment::Development,
        protocol: Protocol::Postgres,
        listen: ([127, 0, 0, 1], 0).into(),
        upstream: vec![UpstreamAddress::Tcp { host: "127.0.0.1".into(), port: upstream }],
        mode: Mode::Observe,
        default_allows: true,
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
        on_failure: OnFailureByClass::all(OnFailure::Continue),
    }
}

/// Grants every login and answers every Query with one row count.
fn answer_queries(mut socket: TcpStream) {
    let mut input = [0; 4096];
    if !matches!(socket.read(&mut input), Ok(len) if len > 0) {
        return;
    }
    let _ = socket.write_all(b"R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I");
    while matches!(socket.read(&mut input), Ok(len) if len > 0 && input[0] == b'Q') {
        let _ = socket.write_all(b"C\0\0\0\x0dSELECT 1\0Z\0\0\0\x05I");
    }
}

struct Scene {
    threads: Threads,
    listener: Arc<Listener>,
    reader: JournalReader,
}

impl Scene {
    fn new() -> Scene {
        let upstream = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = upstream.local_addr().unwrap().port();
        std::thread::spawn(move || {
            for socket in upstream.incoming().flatten() {
                std::thread::spawn(move || answer_queries(socket));
            }
        });
        let (journal, reader) = journal(Arc::new(LedgerHealth::default()));
        let threads = Threads::start(vec![journal], 1 << 20).unwrap();
        Scene { threads, listener: Arc::new(Listener::new(settings(port), 1, 1)), reader }
    }

    /// A client that is logged in.
    fn client(&self) -> TcpStream {
        let door = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut client = TcpStream::connect(door.local_addr().unwrap()).unwrap();
        let (socket, peer) = door.accept().unwrap();
        socket.set_nonblocking(true).unwrap();
        self.threads.hand_over(Arrival { socket, peer, listener: Arc::clone(&self.listener) });
        client.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        client.write_all(b"\0\0\0\x12\0\x03\0\0user\0ann\0\0").unwrap();
        assert_eq!(tail(&mut client), b"Z\0\0\0\x05I");
        client
    }
}

/// The last six bytes of what arrives up to ReadyForQuery, or nothing when the connection ends.
fn tail(client: &mut TcpStream) -> Vec<u8> {
    let mut heard = Vec::new();
    let mut chunk = [0; 1024];
    while !heard.ends_with(b"Z\0\0\0\x05I") {
        match client.read(&mut chunk) {
            Ok(0) | Err(_) => return Vec::new(),
            Ok(len) => heard.extend_from_slice(&chunk[..len]),
        }
    }
    heard.split_off(heard.len() - 6)
}

fn ask(client: &mut TcpStream, text: &str) -> Vec<u8> {
    let mut bytes = vec![b'Q'];
    bytes.extend(u32::try_from(text.len() + 5).unwrap().to_be_bytes());
    bytes.extend(text.as_bytes());
    bytes.push(0);
    client.write_all(&bytes).unwrap();
    tail(client)
}

#[test]
fn a_fault_of_our_own_ends_one_session_and_is_counted() {
    let mut scene = Scene::new();
    let (mut other, mut faulty) = (scene.client(), scene.client());
    assert_eq!(ask(&mut faulty, "select planted_fault"), b"", "its connection is closed");
    assert_eq!(ask(&mut other, "select 1"), b"Z\0\0\0\x05I", "the other goes on");
    assert_eq!(ask(&mut scene.client(), "select 1"), b"Z\0\0\0\x05I", "so do new ones");
    assert_eq!(scene.listener.counters[0].faults.value(), 1);
    drop(other);
    let deadline = Instant::now() + Duration::from_secs(10);
    while scene.listener.sessions() > 0 {
        assert!(Instant::now() < deadline, "{} sessions are left", scene.listener.sessions());
        std::thread::yield_now();
    }
    scene.threads.stop(Duration::from_secs(5), &AtomicBool::new(false));
    let records: Vec<_> = std::iter::from_fn(|| scene.reader.next()).map(|entry| entry.record).collect();
    let ends = |class: &str| {
        let ended = |body: &RecordBody| matches!(body, RecordBody::Ended { message_class, .. } if *message_class == class);
        records.iter().filter(|record| record.event == Event::SessionEnd && ended(&record.body)).count()
    };
    assert_eq!((ends("panic"), ends("closed")), (1, 2));
    assert_eq!(scene.listener.sessions(), 0);
}

#[test]
fn a_stopped_thread_leaves_no_session_and_no_reservation() {
    let scene = Scene::new();
    let mut client = scene.client();
    assert_eq!(ask(&mut client, "select 1"), b"Z\0\0\0\x05I");
    scene.threads.stop(Duration::from_secs(5), &AtomicBool::new(false));
    assert_eq!(scene.threads.sessions(), 0);
    assert!(ask_is_refused(&mut client));
}

/// Whether the connection has ended; a FATAL may still be read.
fn ask_is_refused(client: &mut TcpStream) -> bool {
    tail(client).is_empty()
}
