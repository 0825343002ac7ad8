//! Does a cancel reach the statement it is meant for, and never another?

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use harness::clients::{psql, python, run, start};
use harness::gateway::Plan;
use harness::server::Server;
use harness::wire::{VERSION_3_0, VERSION_3_2, Wire, cancel_request, first_error, query, tags};
use harness::{each_version, eventually, signal};
use std::time::{Duration, Instant};

const SLEEP: &str = "SELECT pg_sleep(60)";

/// Waits until the server process `pid` sleeps.
fn wait_until_asleep(watcher: &mut Wire, pid: u32) {
    let sql = format!("SELECT count(*) FROM pg_stat_activity WHERE pid = {pid} AND wait_event = 'PgSleep'");
    eventually(&format!("process {pid} sleeps"), || {
        let rows = harness::server::rows(watcher, &sql);
        (rows[0][0].as_deref() == Some("1")).then_some(())
    });
}

/// Sends a cancel request and waits for the answer, which is none: the connection is closed.
fn cancel(port: u16, pid: u32, key: &[u8]) {
    let mut wire = Wire::connect(port);
    wire.send(&cancel_request(pid, key));
    assert_eq!(wire.rest(), [], "a cancel request is answered by silence");
}

fn assert_cancelled(session: &mut Wire) {
    let frames = session.until(b'Z', 1);
    assert_eq!(first_error(&frames).as_deref(), Some("57014"), "{}", tags(&frames));
}

fn assert_works(session: &mut Wire) {
    let frames = session.query("SELECT 7");
    assert_eq!(tags(&frames), "TDCZ", "{:?}", first_error(&frames));
}

#[test]
fn an_interrupt_in_psql_ends_its_statement() {
    each_version(|version| {
        let server = Server::start(version);
        let gateway = Plan::before(&server).start();
        let mut watcher = Wire::login(server.port, "trusted");
        let client = start(psql(gateway.port, "app").args(["-c", SLEEP]));
        let pid = eventually("psql's session", || {
            let sql = "SELECT pid FROM pg_stat_activity WHERE usename = 'app' AND wait_event = 'PgSleep'";
            harness::server::rows(&mut watcher, sql).into_iter().next()
        });
        assert!(pid[0].is_some());
        signal(client.id(), "INT");
        let output = client.wait_with_output().expect("psql ends");
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(error.contains("Cancel request sent") && error.contains("57014"), "{error}");
    });
}

#[test]
fn cancels_of_psycopg_hit_their_statements() {
    each_version(|version| {
        let server = Server::start(version);
        let gateway = Plan::before(&server).start();
        let ended = run(&mut python("cancel.py", gateway.port, "app"));
        assert_eq!(ended.printed().trim(), "every cancel hit its statement");
    });
}

#[test]
fn cancels_of_psycopg_over_tls_hit_their_statements() {
    each_version(|version| {
        let server = Server::start(version);
        let gateway = Plan::before(&server)
            .client_tls("require", &server.certificate())
            .upstream_tls("require")
            .start();
        let mut client = python("cancel.py", gateway.port, "app");
        let ended = run(client.env("PGSSLMODE", "require"));
        assert_eq!(ended.printed().trim(), "every cancel hit its statement");
    });
}

#[test]
fn cancels_of_psycopg_with_protocol_3_2_hit_their_statements() {
    each_version(|version| {
        let server = Server::start(version);
        let gateway = Plan::before(&server).start();
        let mut client = python("cancel.py", gateway.port, "app");
        let ended = run(client.env("PGMAXPROTOCOLVERSION", "3.2"));
        assert_eq!(ended.printed().trim(), "every cancel hit its statement");
    });
}

#[test]
fn a_storm_of_cancels_ends_every_statement_and_no_session() {
    each_version(|version| {
        let server = Server::start(version);
        let gateway = Plan::before(&server).start();
        let mut watcher = Wire::login(server.port, "trusted");
        let mut sessions: Vec<Wire> = (0..40).map(|_| Wire::login(gateway.port, "clear")).collect();
        for session in &mut sessions {
            session.send(&query(SLEEP));
        }
        for session in &sessions {
            wait_until_asleep(&mut watcher, session.pid);
        }
        let port = gateway.port;
        std::thread::scope(|scope| {
            for session in &sessions {
                let (pid, key) = (session.pid, session.key.clone());
                scope.spawn(move || cancel(port, pid, &key));
            }
        });
        for session in &mut sessions {
            assert_cancelled(session);
            assert_works(session);
        }
    });
}

#[test]
fn forty_cancels_of_one_statement_leave_the_next_one_alone() {
    each_version(|version| {
        let server = Server::start(version);
        let gateway = Plan::before(&server).start();
        let mut watcher = Wire::login(server.port, "trusted");
        let mut session = Wire::login(gateway.port, "clear");
        session.send(&query(SLEEP));
        wait_until_asleep(&mut watcher, session.pid);
        let (port, pid, key) = (gateway.port, session.pid, session.key.clone());
        std::thread::scope(|scope| {
            for _ in 0..40 {
                scope.spawn(|| cancel(port, pid, &key));
            }
        });
        assert_cancelled(&mut session);
        assert_works(&mut session);
    });
}

#[test]
fn a_cancel_that_comes_late_never_hits_the_next_statement() {
    each_version(|version| {
        let server = Server::start(version);
        let gateway = Plan::before(&server).start();
        let mut session = Wire::login(gateway.port, "clear");
        let (mut hit, mut missed) = (0, 0);
        for round in 0..150_u32 {
            // From "long over" to "still running" when the cancel arrives.
            session.send(&query(&format!("SELECT pg_sleep({})", f64::from(round % 30) * 0.0002)));
            // The server may be told before or after its answer; once the cancel's connection is
            // closed it has been told, and whatever is sent from now on must run.
            cancel(gateway.port, session.pid, &session.key);
            let frames = session.until(b'Z', 1);
            match first_error(&frames).as_deref() {
                None => missed += 1,
                Some("57014") => hit += 1,
                Some(other) => panic!("round {round}: {other}"),
            }
            let next = session.query("SELECT pg_sleep(0.001), 7");
            assert_eq!(tags(&next), "TDCZ", "round {round}: {:?}", first_error(&next));
        }
        assert!(hit > 0 && missed > 0, "the race was never close: {hit} hit, {missed} missed");
    });
}

#[test]
fn a_wrong_key_cancels_nothing() {
    each_version(|version| {
        let server = Server::start(version);
        let gateway = Plan::before(&server).start();
        let mut session = Wire::login(gateway.port, "clear");
        session.send(&query("SELECT pg_sleep(0.7), 7"));
        let mut wrong = session.key.clone();
        wrong[0] ^= 1;
        cancel(gateway.port, session.pid, &wrong);
        cancel(gateway.port, session.pid ^ 1, &session.key);
        cancel(gateway.port, session.pid, &[session.key.as_slice(), &[0; 4]].concat());
        cancel(gateway.port, 0, &[0; 4]);
        let frames = session.until(b'Z', 1);
        assert_eq!(tags(&frames), "TDCZ", "{:?}", first_error(&frames));
    });
}

#[test]
fn the_key_of_a_session_that_is_over_cancels_nothing() {
    each_version(|version| {
        let server = Server::start(version);
        let gateway = Plan::before(&server).start();
        let session = Wire::login(gateway.port, "clear");
        let (pid, key) = (session.pid, session.key.clone());
        session.terminate();
        eventually("the session is over", || {
            (gateway.metric("dragoman_sessions") == Some(0.0)).then_some(())
        });
        let began = Instant::now();
        cancel(gateway.port, pid, &key);
        assert!(began.elapsed() < Duration::from_secs(3), "answered after {:?}", began.elapsed());
        assert_works(&mut Wire::login(gateway.port, "clear"));
    });
}

#[test]
fn a_cancel_may_come_over_tls() {
    each_version(|version| {
        let server = Server::start(version);
        let certificate = server.certificate();
        let gateway =
            Plan::before(&server).client_tls("require", &certificate).upstream_tls("require").start();
        let config = certificate.client_config(&[]);
        let mut watcher = Wire::login(server.port, "trusted");
        let mut session = Wire::connect_tls(gateway.port, config.clone()).expect("TLS");
        session.open(VERSION_3_0, &[("user", "clear"), ("database", "shop")]);
        session.send(&query(SLEEP));
        wait_until_asleep(&mut watcher, session.pid);
        let mut cancelling = Wire::connect_tls(gateway.port, config).expect("TLS");
        cancelling.send(&cancel_request(session.pid, &session.key));
        assert_eq!(cancelling.rest(), []);
        assert!(!cancelling.torn && !cancelling.reset, "TLS ends with its goodbye");
        assert_cancelled(&mut session);
        assert_works(&mut session);
    });
}

#[test]
fn the_longer_keys_of_protocol_3_2_cancel_too() {
    each_version(|version| {
        let server = Server::start(version);
        let gateway = Plan::before(&server).start();
        let mut watcher = Wire::login(server.port, "trusted");
        let mut session = Wire::connect(gateway.port);
        session.open(VERSION_3_2, &[("user", "clear"), ("database", "shop")]);
        let newer = version.parse::<u32>().is_ok_and(|version| version >= 18);
        assert_eq!(session.key.len(), if newer { 32 } else { 4 });
        session.send(&query(SLEEP));
        wait_until_asleep(&mut watcher, session.pid);
        // The first four bytes are a whole key in protocol 3.0, but not this session's.
        if newer {
            cancel(gateway.port, session.pid, &session.key[..4]);
            wait_until_asleep(&mut watcher, session.pid);
        }
        cancel(gateway.port, session.pid, &session.key);
        assert_cancelled(&mut session);
        assert_works(&mut session);
    });
}
