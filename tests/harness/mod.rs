//! What do the integration tests share: real servers, the real program, real clients, and a raw
//! client that sends and reads bytes?
//!
//! Start at [`each_version`], then [`server::Server`] and [`gateway::Gateway`].

#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

pub mod authority;
pub mod certificate;
pub mod clients;
pub mod compared;
pub mod compiled;
pub mod control;
pub mod double;
pub mod gateway;
pub mod ledger;
pub mod mariadb;
pub mod mysql_compressed;
pub mod mysql_double;
pub mod mysql_double_attributes;
pub mod mysql_wire;
pub mod places;
pub mod relay;
pub mod script;
pub mod server;
pub mod walkthrough;
pub mod wire;

use std::time::{Duration, Instant};

/// Longest any single thing a test waits for may take. Generous, because the machine may be busy:
/// a test that passes never waits this long.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Runs `body` once for every version of the server that is to be tested, side by side. The
/// version is the thread's name, so a failure says on which version it happened.
pub fn each_version(body: impl Fn(&str) + Sync) {
    let versions = places::versions();
    let body = &body;
    std::thread::scope(|scope| {
        let threads: Vec<_> = versions
            .iter()
            .map(|version| {
                let builder = std::thread::Builder::new().name(format!("PostgreSQL {version}"));
                builder.spawn_scoped(scope, move || body(version)).expect("a thread can be started")
            })
            .collect();
        for thread in threads {
            if let Err(cause) = thread.join() {
                std::panic::resume_unwind(cause);
            }
        }
    });
}

/// Looks again and again until `look` finds something, and panics with `what` after [`PATIENCE`].
pub fn eventually<T>(what: &str, look: impl FnMut() -> Option<T>) -> T {
    eventually_within(PATIENCE, what, look)
}

/// [`eventually`] with a bound that is part of the behaviour under test.
pub fn eventually_within<T>(bound: Duration, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + bound;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "not within {bound:?}: {what}");
        // A pause between two looks, not a guess about how long something takes.
        std::thread::park_timeout(Duration::from_millis(5));
    }
}

/// A port nobody listens on, never the same twice in one process. Below the range from which the
/// system takes ports for outgoing connections, so that none of those takes it before its server
/// does; processes that run at the same time (their ids are near each other) look at different ones.
pub fn free_port() -> u16 {
    static TAKEN: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    for _ in 0..1_000 {
        let taken = TAKEN.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let port = 12_000 + (std::process::id() % 1_250 * 16 + taken) % 20_000;
        let port = u16::try_from(port).expect("a port");
        if std::net::TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
    panic!("no free port between 12,000 and 32,000");
}

/// Sends a signal to a process this test started.
pub fn signal(pid: u32, name: &str) {
    let status = std::process::Command::new("kill").args([&format!("-{name}"), &pid.to_string()]).status();
    assert!(status.is_ok_and(|status| status.success()), "signal {name} could not be sent to {pid}");
}
