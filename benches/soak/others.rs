//! What do those do who are no ordinary clients: who cancel, are refused, read half of it, vanish, break the protocol, or
//! speak MySQL?
//!
//! Each runs until it is told to stop and says what it did how often.

use crate::harness::mysql_wire::{MysqlWire, execute, query as mysql_query};
use crate::harness::wire::{Wire, cancel_request, first_error, message, query, startup, tags};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How long somebody waits who would otherwise do nothing else but connect.
const PAUSE: Duration = Duration::from_millis(200);

fn until(stop: &AtomicBool, what: &'static str, mut act: impl FnMut(u64)) -> (&'static str, u64) {
    let mut count = 0;
    while !stop.load(Ordering::Relaxed) {
        act(count);
        count += 1;
        std::thread::park_timeout(PAUSE);
    }
    (what, count)
}

/// Runs long statements and cancels them.
pub fn cancels(port: u16, stop: &AtomicBool) -> (&'static str, u64) {
    let mut session = Wire::login(port, "clear");
    until(stop, "statements cancelled", |_| {
        session.send(&query("SELECT pg_sleep(30)"));
        // A server forgets a cancel that comes before the statement has begun, which it may on a busy machine.
        while session.heard_within(PAUSE).is_none() {
            let mut cancelling = Wire::connect(port);
            cancelling.send(&cancel_request(session.pid, &session.key));
            assert!(cancelling.rest().is_empty());
        }
        let frames = session.until(b'Z', 1);
        assert_eq!(first_error(&frames).as_deref(), Some("57014"), "{}", tags(&frames));
    })
}

/// Asks for what the rules refuse, now and then within a transaction.
pub fn is_refused(port: u16, stop: &AtomicBool) -> (&'static str, u64) {
    let mut session = Wire::login(port, "clear");
    until(stop, "statements refused", |number| {
        let inside = number % 3 == 0;
        if inside {
            assert_eq!(tags(&session.query("BEGIN")), "CZ");
        }
        // As many shapes as an application has: each one that is new has its place in the statistics, up to their bound.
        let frames = session.query(&format!("DROP TABLE written, never_{}", number % 50));
        assert_eq!((first_error(&frames).as_deref(), tags(&frames).as_str()), (Some("42501"), "EZ"));
        if inside {
            assert_eq!(tags(&session.query("ROLLBACK")), "CZ");
        }
    })
}

/// Reads some megabytes at once.
pub fn reads_much(port: u16, stop: &AtomicBool) -> (&'static str, u64) {
    let mut session = Wire::login(port, "clear");
    until(stop, "results of 4 MB read", |number| {
        session.send(&query(&format!("SELECT {number}, repeat('x', 200) FROM generate_series(1, 20000)")));
        let mut rows = 0;
        while let Some((tag, _)) = session.skim() {
            rows += u32::from(tag == b'D');
            if tag == b'Z' {
                break;
            }
        }
        assert_eq!(rows, 20_000);
    })
}

/// Leaves in the middle of a result: by a reset, by a close, in the middle of a message.
pub fn vanishes(port: u16, stop: &AtomicBool) -> (&'static str, u64) {
    const ENDLESS: &str = "SELECT generate_series(1, 100000000), repeat('x', 1000)";
    until(stop, "clients that vanished in a result", |number| {
        let mut session = Wire::login(port, "clear");
        session.send(&query(ENDLESS));
        assert_eq!(session.until(b'D', 5).len(), 6);
        match number % 3 {
            0 => session.abort(),
            1 => drop(session),
            _ => drop(session.try_send(&query(ENDLESS)[..10])),
        }
    })
}

/// Sends what no client may, at each stage of a connection.
pub fn breaks_the_protocol(
    port: u16,
    tls: Arc<rustls::ClientConfig>,
    stop: &AtomicBool,
) -> (&'static str, u64) {
    until(stop, "clients that broke the protocol", |number| match number % 4 {
        0 => {
            let mut wire = Wire::connect(port);
            let _ = wire.try_send(b"GET / HTTP/1.1\r\n\r\n");
            wire.rest();
        }
        1 => {
            let mut wire = Wire::connect_tls(port, Arc::clone(&tls)).expect("TLS");
            let _ = wire.try_send(&startup(0x0004_0000, &[("user", "clear")]));
            wire.rest();
        }
        2 => {
            let mut wire = Wire::login(port, "clear");
            wire.send(&message(b'?', b"what"));
            assert_eq!(first_error(&wire.rest()).as_deref(), Some("08P01"));
        }
        _ => drop(Wire::connect(port)),
    })
}

/// Sessions of MySQL's protocol, a new one every fifty rounds; every answer has to bring its own numbers.
pub fn speaks_mysql(port: u16, client: u64, pause: Duration, stop: &AtomicBool) -> (&'static str, u64) {
    let mut wire = MysqlWire::login(port, "soak");
    let mut prepared = wire.prepare(&format!("SELECT {client}, 7"));
    let mut count = 0;
    while !stop.load(Ordering::Relaxed) {
        count += 1;
        let text = wire.ask(&mysql_query(&format!("SELECT {client}, {count}, REPEAT('x', 50)")));
        // Two columns of text in front: a length of one byte each.
        let wanted = [client.to_string(), count.to_string()];
        let wanted: Vec<u8> =
            wanted.iter().flat_map(|value| [&[value.len() as u8], value.as_bytes()].concat()).collect();
        assert!(text.iter().any(|packet| packet.payload.starts_with(&wanted)), "{text:?}");
        let binary = wire.ask(&execute(prepared, false));
        let row = binary.iter().find(|packet| packet.payload.starts_with(&[0, 0])).expect("a binary row");
        assert_eq!(row.payload[2..10], [(client as u32).to_le_bytes(), 7_u32.to_le_bytes()].concat()[..]);
        let failed = wire.ask(&mysql_query("SELECT no_such"));
        assert_eq!(failed[0].error().map(|error| error.0), Some(1054));
        if count % 50 == 0 {
            wire.quit();
            wire = MysqlWire::login(port, "soak");
            prepared = wire.prepare(&format!("SELECT {client}, 7"));
        }
        std::thread::park_timeout(pause);
    }
    wire.quit();
    ("rounds of MySQL's protocol", count)
}
