//! A relay thread with sessions whose upstream is a scripted double: no real server can be made to
//! wait for what these tests look at.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod turns;

use super::*;
use crate::journal::{JournalReader, LedgerHealth, journal};
use crate::settings::{
    Authentication, ClientTls, Limits, ListenerSettings, Mode, OnFailure, OnFailureByClass, RecordBefore,
    UpstreamAddress, UpstreamTls,
};
use crate::sight::Activity;
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
        rules: policies::Ruleset::of_default(0, false, true),
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
        on_failure: OnFailureByClass::all(OnFailure::Continue),
        record_before: RecordBefore::default(),
        probe: None,
        require_verified: false,
    }
}

/// Grants every login and answers every Query with one row count, but for those that ask to wait.
fn answer_queries(mut socket: TcpStream) {
    let mut input = [0; 4096];
    if !matches!(socket.read(&mut input), Ok(len) if len > 0) {
        return;
    }
    let _ = socket.write_all(b"R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I");
    while let Ok(len @ 1..) = socket.read(&mut input)
        && input[0] == b'Q'
    {
        if input[..len].windows(4).any(|some| some == b"wait") {
            continue;
        }
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
        Scene::with_threads(1)
    }

    fn with_threads(count: usize) -> Scene {
        let upstream = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = upstream.local_addr().unwrap().port();
        std::thread::spawn(move || {
            for socket in upstream.incoming().flatten() {
                std::thread::spawn(move || answer_queries(socket));
            }
        });
        let health = Arc::new(LedgerHealth::default());
        let (journals, mut readers): (Vec<_>, Vec<_>) =
            (0..count).map(|_| journal(Arc::clone(&health))).unzip();
        let threads = Threads::start(journals, 1 << 20, 1 << 22).unwrap();
        let listener = Arc::new(Listener::new(settings(port), 1, count));
        Scene { threads, listener, reader: readers.remove(0) }
    }

    /// What somebody sees who looks now.
    fn look(&self) -> Sight {
        let runtime = Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(self.threads.look())
    }

    /// A client that is logged in.
    fn client(&self) -> TcpStream {
        connect(&self.threads, &self.listener)
    }
}

fn connect(threads: &Threads, listener: &Arc<Listener>) -> TcpStream {
    let door = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut client = TcpStream::connect(door.local_addr().unwrap()).unwrap();
    let (socket, peer) = door.accept().unwrap();
    socket.set_nonblocking(true).unwrap();
    let runtime = Builder::new_current_thread().build().unwrap();
    runtime.block_on(threads.hand_over(Arrival { socket, peer, listener: Arc::clone(listener) }));
    client.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    client.write_all(b"\0\0\0\x12\0\x03\0\0user\0ann\0\0").unwrap();
    assert_eq!(tail(&mut client), b"Z\0\0\0\x05I");
    client
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
    send(client, text);
    tail(client)
}

fn send(client: &mut TcpStream, text: &str) {
    let mut bytes = vec![b'Q'];
    bytes.extend(u32::try_from(text.len() + 5).unwrap().to_be_bytes());
    bytes.extend(text.as_bytes());
    bytes.push(0);
    client.write_all(&bytes).unwrap();
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

#[test]
fn a_look_adds_up_what_all_threads_counted_and_shows_each_session_once() {
    let scene = Scene::with_threads(2);
    // More sessions than go into one part, shared by both threads.
    let mut clients: Vec<_> = (0..150).map(|_| scene.client()).collect();
    for (number, client) in clients.iter_mut().enumerate() {
        assert_eq!(ask(client, &format!("select {number}")), b"Z\0\0\0\x05I");
    }
    send(&mut clients[0], "select wait");
    let deadline = Instant::now() + Duration::from_secs(10);
    let (sight, running) = loop {
        let sight = scene.look();
        let running = sight.sessions.iter().find_map(|session| session.current.clone());
        if let Some(running) = running {
            break (sight, running);
        }
        assert!(Instant::now() < deadline, "nothing is seen to run");
    };
    assert_eq!(sight.incomplete, 0);
    assert_eq!(sight.sessions.len(), 150);
    assert!(sight.sessions.iter().all(|session| session.session.principal.user.as_ref() == "ann"));
    assert_eq!(sight.sessions.iter().filter(|session| session.activity == Activity::Busy).count(), 1);
    assert_eq!(sight.sessions.iter().map(|session| session.exchanges).sum::<u64>(), 151);
    assert_eq!((&*running.statement.text, running.kind), ("select wait", exchange::Kind::Run));
    let [statement] = sight.statements.as_slice() else { panic!("{:?}", sight.statements) };
    assert_eq!((&*statement.statement.text, &*statement.listener), ("select ?", "test"));
    assert_eq!((statement.totals.calls, statement.total.count()), (150, 150));
    assert_eq!(statement.users.kept, ["ann".into()]);
    assert_eq!(sight.others, crate::sight::Totals::default());
}

#[test]
fn a_look_while_sessions_ask_and_go_is_complete() {
    let scene = Scene::new();
    let mut quiet: Vec<_> = (0..100).map(|_| scene.client()).collect();
    let stop = AtomicBool::new(false);
    let Scene { threads, listener, .. } = &scene;
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                let mut client = connect(threads, listener);
                assert_eq!(ask(&mut client, "select 1"), b"Z\0\0\0\x05I");
            }
        });
        for _ in 0..20 {
            let sight = scene.look();
            assert_eq!(sight.incomplete, 0);
            assert!(sight.sessions.len() >= 100, "{} sessions are seen", sight.sessions.len());
            let ids: std::collections::HashSet<_> = sight.sessions.iter().map(|one| one.session.id).collect();
            assert_eq!(ids.len(), sight.sessions.len(), "none is seen twice");
        }
        stop.store(true, Ordering::Relaxed);
    });
    assert_eq!(ask(&mut quiet[0], "select 1"), b"Z\0\0\0\x05I");
}

#[test]
fn a_thread_that_has_ended_is_missed_by_who_looks() {
    let scene = Scene::new();
    scene.threads.stop(Duration::from_secs(5), &AtomicBool::new(false));
    assert_eq!(scene.look().incomplete, 1);
}

#[test]
fn what_the_statistics_occupy_is_told_without_asking() {
    let scene = Scene::new();
    let told = || {
        let occupancy = scene.threads.occupancies().next().unwrap();
        (occupancy.entries(), occupancy.bytes(), occupancy.evicted())
    };
    let deadline = Instant::now() + Duration::from_secs(10);
    assert_eq!(ask(&mut scene.client(), "select 1"), b"Z\0\0\0\x05I");
    while told().0 != 1 {
        assert!(Instant::now() < deadline, "{:?}", told());
        std::thread::yield_now();
    }
    assert!(told().1 > 0 && told().1 <= 1 << 20);
    assert_eq!(told().2, 0);
}

/// The next record of a refusal, with who waits for it.
fn refusal(scene: &mut Scene) -> crate::journal::Entry {
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        match scene.reader.next() {
            Some(entry) if entry.record.event == Event::StatementRefused => return entry,
            Some(_) => {}
            None => assert!(Instant::now() < deadline, "no refusal is recorded"),
        }
        std::thread::yield_now();
    }
}

/// Whether nothing has come, once another session of the same thread had its turn.
fn hears_nothing(client: &mut TcpStream, other: &mut TcpStream) -> bool {
    assert_eq!(ask(other, "commit"), b"Z\0\0\0\x05I");
    client.set_nonblocking(true).unwrap();
    let heard = client.read(&mut [0]);
    client.set_nonblocking(false).unwrap();
    heard.is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock)
}

/// A scene that refuses everything, and what waits until its record is kept.
fn refusing(record_before: RecordBefore) -> Scene {
    let scene = Scene::new();
    let rules = policies::Ruleset::of_default(0, true, false);
    let before = ListenerSettings::clone(&scene.listener.settings.load());
    scene.listener.replace(ListenerSettings { rules, record_before, mode: Mode::Enforce, ..before }, 2);
    scene
}

#[test]
fn a_client_is_told_of_a_refusal_when_its_record_is_kept_or_cannot_be() {
    for kept in [true, false] {
        let mut scene = refusing(RecordBefore::default());
        let (mut client, mut other) = (scene.client(), scene.client());
        send(&mut client, "select 1");
        let claim = refusal(&mut scene).ticket.expect("somebody waits");
        assert!(hears_nothing(&mut client, &mut other));
        if kept {
            claim.recorded()
        } else {
            claim.failed()
        }
        assert_eq!(tail(&mut client), b"Z\0\0\0\x05I", "kept: {kept}");
        // The next one is another matter.
        send(&mut client, "select 2");
        let claim = refusal(&mut scene).ticket.expect("somebody waits");
        assert!(hears_nothing(&mut client, &mut other));
        claim.recorded();
        assert_eq!(tail(&mut client), b"Z\0\0\0\x05I");
    }
}

#[test]
fn a_client_that_goes_while_its_refusal_is_recorded_leaves_nothing_behind() {
    let mut scene = refusing(RecordBefore::default());
    let mut client = scene.client();
    send(&mut client, "select 1");
    let claim = refusal(&mut scene).ticket.expect("somebody waits");
    scene.threads.stop(Duration::ZERO, &AtomicBool::new(false));
    drop(claim);
    assert_eq!(scene.listener.sessions(), 0);
    let rest: Vec<_> = std::iter::from_fn(|| scene.reader.next()).map(|entry| entry.record.event).collect();
    assert_eq!(rest, [Event::SessionEnd]);
}

#[test]
fn where_nothing_waits_for_a_refusal_the_client_is_told_at_once() {
    let mut scene = refusing(RecordBefore::NOTHING);
    let mut client = scene.client();
    assert_eq!(ask(&mut client, "select 1"), b"Z\0\0\0\x05I");
    assert!(refusal(&mut scene).ticket.is_none());
}

#[test]
fn what_waits_until_it_is_recorded_is_what_the_settings_say() {
    let mut scene = Scene::new();
    let before = ListenerSettings::clone(&scene.listener.settings.load());
    let record_before = RecordBefore::NOTHING.with(exchange::Class::Read).with(exchange::Class::Transaction);
    scene.listener.replace(ListenerSettings { record_before, ..before }, 2);
    let mut client = scene.client();
    // A write has no intent then, and neither has what ends a transaction.
    assert_eq!(ask(&mut client, "delete from t"), b"Z\0\0\0\x05I");
    assert_eq!(ask(&mut client, "commit"), b"Z\0\0\0\x05I");
    send(&mut client, "select 1");
    let deadline = Instant::now() + Duration::from_secs(10);
    let mut events = Vec::new();
    while events.last() != Some(&Event::StatementIntent) {
        assert!(Instant::now() < deadline, "{events:?}");
        let Some(entry) = scene.reader.next() else { continue };
        events.push(entry.record.event);
        if let Some(claim) = entry.ticket {
            claim.recorded();
        }
    }
    assert_eq!(tail(&mut client), b"Z\0\0\0\x05I");
    let intents = events.iter().filter(|event| **event == Event::StatementIntent).count();
    assert_eq!((intents, events.len()), (1, 4), "{events:?}");
}
