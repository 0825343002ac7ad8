//! What happens when a peer dies, stalls, floods or breaks the protocol?

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use harness::gateway::{Gateway, Plan};
use harness::ledger::Record;
use harness::server::{Server, rows};
use harness::wire::{
    Wire, bind, copy_data, execute, first_error, message, parse, password, query, startup, sync, tags,
    terminate,
};
use harness::{PATIENCE, each_version, eventually, places, signal};
use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// A result that goes on for gigabytes; its rows are made as they are sent.
const ENDLESS: &str = "SELECT generate_series(1, 100000000), repeat('x', 1000)";
/// How much a gateway may grow while it carries what does not fit into its buffers.
const GROWTH_MAX_KIB: u64 = 8 * 1024;

fn assert_works(session: &mut Wire) {
    let frames = session.query("SELECT 7");
    assert_eq!(tags(&frames), "TDCZ", "{:?}", first_error(&frames));
}

fn newest() -> Server {
    Server::start(&places::newest_version())
}

/// Waits until every session the gateway carries is over on both sides.
fn assert_nothing_left(gateway: &Gateway, server: &Server) {
    eventually("no session in the gateway", || {
        (gateway.metric("dragoman_sessions") == Some(0.0)).then_some(())
    });
    let sql = "SELECT count(*) FROM pg_stat_activity WHERE usename IN ('clear', 'app')";
    eventually("no session at the server", || (server.ask(sql).as_deref() == Some("0")).then_some(()));
}

/// Waits for the outcome of the only statement whose text contains `text`.
fn outcome(gateway: &Gateway, text: &str) -> Record {
    gateway.recorded(&format!("the outcome of {text}"), |records| {
        let outcomes = records.iter().filter(|record| record.event() == "statement.outcome");
        outcomes.rev().find(|record| record.text_of("text").contains(text)).cloned()
    })
}

#[test]
fn a_server_that_dies_in_a_result_ends_the_session_and_not_the_gateway() {
    each_version(|version| {
        let mut server = Server::start(version);
        let gateway = Plan::before(&server).start();
        let mut session = Wire::login(gateway.port, "clear");
        session.send(&query(ENDLESS));
        session.until(b'D', 50);
        server.kill();
        while session.skim().is_some() {}
        assert_eq!(outcome(&gateway, "generate_series").text_of("message_class"), "lost");
        gateway.recorded("the session's end", |records| {
            records.iter().find(|record| record.event() == "session.end").map(|_| ())
        });
        server.restart();
        eventually("a new login", || Wire::try_login(gateway.port, "clear").ok());
    });
}

#[test]
fn a_server_process_that_dies_in_a_result_ends_its_session() {
    each_version(|version| {
        let server = Server::start(version);
        let gateway = Plan::before(&server).start();
        let mut session = Wire::login(gateway.port, "clear");
        session.send(&query(ENDLESS));
        session.until(b'D', 50);
        signal(session.pid, "KILL");
        while session.skim().is_some() {}
        assert_eq!(outcome(&gateway, "generate_series").text_of("message_class"), "lost");
        eventually("a new login", || Wire::try_login(gateway.port, "clear").ok());
    });
}

#[test]
fn a_server_that_dies_in_a_copy_ends_the_session_either_way() {
    each_version(|version| {
        let mut server = Server::start(version);
        let gateway = Plan::before(&server).start();
        let mut outward = Wire::login(gateway.port, "clear");
        outward.send(&query("COPY (SELECT generate_series(1, 100000000), repeat('x', 1000)) TO STDOUT"));
        outward.until(b'd', 50);
        let mut inward = Wire::login(gateway.port, "clear");
        inward.send(&query("COPY scratch FROM STDIN"));
        inward.until(b'G', 1);
        inward.send(&copy_data(b"1\tone\t0\n"));
        server.kill();
        while outward.skim().is_some() {}
        // A client that goes on sending notices no later than one that waits.
        let data = copy_data(&b"2\ttwo\t0\n".repeat(1000));
        eventually("the copy to the server ends", || inward.try_send(&data).is_err().then_some(()));
        for text in ["COPY (SELECT generate_series", "COPY scratch FROM STDIN"] {
            assert_eq!(outcome(&gateway, text).text_of("message_class"), "lost", "{text}");
        }
        eventually("no session", || (gateway.metric("dragoman_sessions") == Some(0.0)).then_some(()));
        server.restart();
        eventually("a new login", || Wire::try_login(gateway.port, "clear").ok());
        assert_eq!(server.ask("SELECT count(*) FROM scratch").as_deref(), Some("0"));
    });
}

#[test]
fn a_server_that_dies_while_nothing_happens_is_noticed() {
    each_version(|version| {
        let mut server = Server::start(version);
        let gateway = Plan::before(&server).start();
        let mut session = Wire::login(gateway.port, "clear");
        assert_works(&mut session);
        server.kill();
        let last = session.rest();
        assert!(last.iter().all(|frame| frame.tag == b'E'), "{}", tags(&last));
        eventually("not ready", || (gateway.ready().0 == 503).then_some(()));
        server.restart();
        eventually("ready again", || (gateway.ready().0 == 200).then_some(()));
    });
}

#[test]
fn words_the_server_says_unasked_arrive_at_once() {
    each_version(|version| {
        let server = Server::start(version);
        let gateway = Plan::before(&server).start();
        let mut session = Wire::login(gateway.port, "clear");
        session.query("LISTEN bell");
        server.ask("SELECT pg_notify('bell', 'rung')");
        let heard = session.frame().expect("a notification");
        assert_eq!((heard.tag, heard.body.ends_with(b"bell\0rung\0")), (b'A', true));
        server.ask("ALTER SYSTEM SET TimeZone = 'Asia/Tokyo'");
        server.ask("SELECT pg_reload_conf()");
        let told = eventually("a setting is told", || {
            session.query("SELECT 7").into_iter().find(|frame| frame.tag == b'S')
        });
        assert_eq!(told.body, b"TimeZone\0Asia/Tokyo\0");
        server.ask(&format!("SELECT pg_terminate_backend({})", session.pid));
        let last = session.rest();
        assert_eq!(tags(&last), "E");
        assert_eq!(last[0].sqlstate(), "57P01");
        assert_eq!(last[0].fields()[&'M'], "terminating connection due to administrator command");
    });
}

#[test]
fn a_client_that_vanishes_in_a_result_leaves_nothing_behind() {
    each_version(|version| {
        let server = Server::start(version);
        let gateway = Plan::before(&server).start();
        Wire::login(gateway.port, "clear").terminate();
        assert_nothing_left(&gateway, &server);
        let before = gateway.descriptors();
        for way in ["reset", "close", "half a message"] {
            for _ in 0..10 {
                let mut session = Wire::login(gateway.port, "clear");
                session.send(&query(ENDLESS));
                session.until(b'D', 5);
                match way {
                    "reset" => session.abort(),
                    "close" => drop(session),
                    _ => session.send(&query(ENDLESS)[..10]),
                }
            }
            assert_nothing_left(&gateway, &server);
        }
        eventually("all sockets closed", || (gateway.descriptors() <= before).then_some(()));
    });
}

#[test]
fn a_client_that_only_closed_its_sending_half_gets_its_answer() {
    each_version(|version| {
        let server = Server::start(version);
        let gateway = Plan::before(&server).start();
        let answer = |port| {
            let mut session = Wire::login(port, "clear");
            session.send(&query("SELECT n, repeat('y', 100) FROM generate_series(1, 50000) AS n"));
            session.finish_sending();
            let frames = session.rest();
            assert!(!session.reset, "ended by a reset");
            (frames.len(), tags(&frames[frames.len() - 2..]))
        };
        assert_eq!(answer(server.port), (50_003, "CZ".to_owned()));
        assert_eq!(answer(gateway.port), answer(server.port));
    });
}

#[test]
fn a_client_that_says_goodbye_behind_a_long_statement_has_it_done() {
    // Longer than a server is waited for that only has to close its connection.
    const SECONDS: u32 = 12;
    let server = newest();
    let gateway = Plan::before(&server).start();
    let mut session = Wire::login(gateway.port, "clear");
    let long = format!("INSERT INTO scratch (id) SELECT 1 FROM pg_sleep({SECONDS})");
    session.send(&[query(&long), terminate()].concat());
    session.finish_sending();
    assert_eq!(tags(&session.rest()), "CZ");
    assert!(!session.reset, "ended by a reset");
    assert_eq!(server.ask("SELECT count(*) FROM scratch").as_deref(), Some("1"));
    assert_eq!(outcome(&gateway, "INSERT INTO scratch").text_of("message_class"), "ok");
    assert_nothing_left(&gateway, &server);
}

#[test]
fn a_reader_that_stalls_costs_no_memory_and_stops_nobody() {
    each_version(|version| {
        let server = Server::start(version);
        let gateway = Plan::before(&server).start();
        // More than there are threads: some share the stalled session's.
        let mut others: Vec<Wire> = (0..4).map(|_| Wire::login(gateway.port, "clear")).collect();
        let mut slow = Wire::login(gateway.port, "clear");
        others.iter_mut().for_each(assert_works);
        let before = gateway.resident_kib();
        slow.send(&query("SELECT generate_series(1, 20000), repeat('z', 10000)"));
        let stalled = format!(
            "SELECT count(*) FROM pg_stat_activity WHERE pid = {} AND wait_event = 'ClientWrite'",
            slow.pid
        );
        eventually("the server waits for the reader", || {
            (server.ask(&stalled).as_deref() == Some("1")).then_some(())
        });
        others.iter_mut().for_each(assert_works);
        let mut most = gateway.resident_kib();
        let (mut bytes, mut messages) = (0, 0);
        while let Some((tag, length)) = slow.skim() {
            bytes += length;
            messages += 1;
            if messages % 1000 == 0 {
                most = most.max(gateway.resident_kib());
                assert_works(&mut others[0]);
            }
            if tag == b'Z' {
                break;
            }
        }
        assert!(bytes > 200_000_000, "only {bytes} bytes came");
        let grown = most.saturating_sub(before);
        assert!(grown < GROWTH_MAX_KIB, "grown by {grown} KiB while carrying 200 MB");
    });
}

#[test]
fn a_row_of_a_hundred_megabytes_costs_no_memory() {
    each_version(|version| {
        let server = Server::start(version);
        let gateway = Plan::before(&server).start();
        let mut session = Wire::login(gateway.port, "clear");
        assert_works(&mut session);
        let before = gateway.resident_kib();
        session.send(&query("SELECT repeat('x', 100000000)"));
        let mut seen = Vec::new();
        while let Some((tag, length)) = session.skim() {
            seen.push((tag, length));
            if tag == b'Z' {
                break;
            }
        }
        assert_eq!(seen.get(1), Some(&(b'D', 100_000_010)), "{seen:?}");
        let grown = gateway.resident_kib().saturating_sub(before);
        assert!(grown < GROWTH_MAX_KIB, "grown by {grown} KiB");
        assert_works(&mut session);
    });
}

#[test]
fn a_parameter_and_a_copy_of_a_hundred_megabytes_cost_no_memory() {
    each_version(|version| {
        let server = Server::start(version);
        let gateway = Plan::before(&server).start();
        let mut session = Wire::login(gateway.port, "clear");
        assert_works(&mut session);
        let before = gateway.resident_kib();
        let value = vec![b'y'; 100_000_000];
        session.send(&parse("", "SELECT length($1)", &[25]));
        session.send(&bind("", "", &[Some(&value)], 0));
        drop(value);
        session.send(&[execute("", 0), sync()].concat());
        let frames = session.until(b'Z', 1);
        assert_eq!(tags(&frames), "12DCZ", "{:?}", first_error(&frames));
        assert_eq!(frames[2].columns(), [Some("100000000".to_owned())]);
        session.send(&query("COPY scratch (label) FROM STDIN"));
        session.until(b'G', 1);
        let line = copy_data(&[vec![b'l'; 999_999], vec![b'\n']].concat());
        (0..100).for_each(|_| session.send(&line));
        session.send(&harness::wire::copy_done());
        let frames = session.until(b'Z', 1);
        assert_eq!(frames[0].command(), "COPY 100");
        let grown = gateway.resident_kib().saturating_sub(before);
        assert!(grown < GROWTH_MAX_KIB, "grown by {grown} KiB");
    });
}

/// Messages no client may send after its login.
fn violations() -> Vec<(&'static str, Vec<u8>)> {
    let raw = |tag: u8, length: u32, rest: &[u8]| [[tag].as_slice(), &length.to_be_bytes(), rest].concat();
    vec![
        ("an unknown type", message(b'?', b"what")),
        ("a type of the server", message(b'Z', b"I")),
        ("a zero", vec![0; 5]),
        ("length 0", raw(b'Q', 0, b"SELECT 1\0")),
        ("length 3", raw(b'Q', 3, b"SELECT 1\0")),
        ("a negative length", raw(b'Q', 0xffff_fffb, b"SELECT 1\0")),
        ("more than the largest message", raw(b'Q', 0x7fff_ffff, b"SELECT 1\0")),
        ("a Sync that is too long", raw(b'S', 20_000, &[0; 64])),
        ("a query without its end", message(b'Q', b"SELECT 1")),
        ("a query with more behind its end", message(b'Q', b"SELECT 1\0and more\0")),
        ("a preparation without its end", message(b'P', b"name")),
        ("an execution without its end", message(b'E', b"portal")),
        ("a password after the login", password("late")),
        ("a second startup message", startup(harness::wire::VERSION_3_0, &[("user", "clear")])),
    ]
}

#[test]
fn a_client_that_breaks_the_protocol_ends_its_own_session_only() {
    each_version(|version| {
        let server = Server::start(version);
        let gateway = Plan::before(&server).start();
        let mut other = Wire::login(gateway.port, "clear");
        for (what, bytes) in violations() {
            let mut session = Wire::login(gateway.port, "clear");
            session.send(&bytes);
            let frames = session.rest();
            let fields = frames.last().map(harness::wire::Frame::fields).unwrap_or_default();
            let word = |field| fields.get(&field).map(String::as_str);
            assert_eq!((word('S'), word('C')), (Some("FATAL"), Some("08P01")), "{what}: {fields:?}");
            assert_works(&mut other);
        }
        drop(other);
        assert_nothing_left(&gateway, &server);
    });
}

#[test]
fn a_client_that_writes_without_reading_is_served_when_it_reads() {
    each_version(|version| {
        let server = Server::start(version);
        let gateway = Plan::before(&server).start();
        flood(Wire::login(gateway.port, "clear"));
        // The same again with TLS towards the server, where a write may have to wait for a read.
        let encrypted = Plan::before(&server).upstream_tls("require").start();
        flood(Wire::login(encrypted.port, "clear"));
    });
}

/// Sends megabytes of queries with megabytes of answers from one thread, and begins to read only
/// when not one byte more is taken.
fn flood(mut session: Wire) {
    const QUERIES: usize = 1500;
    let mut socket = session.socket();
    let written = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        let written = &written;
        scope.spawn(move || {
            let padding = "p".repeat(20_000);
            for number in 0..QUERIES {
                let bytes = query(&format!("SELECT {number}, repeat('a', 20000) /* {padding} */"));
                socket.write_all(&bytes).expect("taken in the end");
                written.fetch_add(1, Ordering::SeqCst);
            }
        });
        let (mut last, mut since) = (0, Instant::now());
        eventually("the writer is stuck or done", || {
            let now = written.load(Ordering::SeqCst);
            if now != last {
                (last, since) = (now, Instant::now());
            }
            (now == QUERIES || since.elapsed() > Duration::from_millis(300)).then_some(())
        });
        let deadline = Instant::now() + PATIENCE;
        for number in 0..QUERIES {
            let frames = session.until(b'Z', 1);
            assert_eq!(tags(&frames), "TDCZ", "answer {number}");
            assert_eq!(frames[1].columns()[0].as_deref(), Some(number.to_string().as_str()));
            assert!(Instant::now() < deadline, "answer {number} took too long");
        }
    });
    assert_works(&mut session);
}

#[test]
fn a_hundred_sessions_at_once_get_their_own_answers() {
    let server = newest();
    let gateway = Plan::before(&server).start();
    let mut sessions: Vec<Wire> = (0..100).map(|_| Wire::login(gateway.port, "clear")).collect();
    for round in 0..5 {
        for (number, session) in sessions.iter_mut().enumerate() {
            session.send(&query(&format!("SELECT {number} * 1000 + {round}")));
        }
        for (number, session) in sessions.iter_mut().enumerate() {
            let frames = session.until(b'Z', 1);
            assert_eq!(frames[1].columns(), [Some((number * 1000 + round).to_string())]);
        }
    }
    let told = rows(&mut sessions[0], "SELECT pg_backend_pid()");
    assert_eq!(told, [[Some(sessions[0].pid.to_string())]], "process numbers pass as they are");
}
