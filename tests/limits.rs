//! What happens to a client that reaches a limit of its listener?

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use harness::gateway::{Gateway, Plan};
use harness::ledger::Record;
use harness::server::Server;
use harness::wire::{Frame, VERSION_3_0, Wire, first_error, query, tags};
use harness::{each_version, eventually};
use std::time::{Duration, Instant};

/// Idle sessions are looked at twice a second, and a machine may be busy.
const LATE_MAX: Duration = Duration::from_secs(3);

/// The only message of these frames, which has to be a fatal error with a hint.
fn fatal(frames: &[Frame]) -> (String, String, String) {
    assert_eq!(tags(frames), "E", "one error and the end");
    let mut fields = frames[0].fields();
    assert_eq!((fields[&'S'].as_str(), fields[&'V'].as_str()), ("FATAL", "FATAL"), "{fields:?}");
    let mut take = |field| fields.remove(&field).unwrap_or_default();
    (take('C'), take('M'), take('H'))
}

/// The records of this event, once there are `count`.
fn recorded(gateway: &Gateway, event: &str, count: usize) -> Vec<Record> {
    gateway.recorded(&format!("{count} of {event}"), |records| {
        let of_event: Vec<_> = records.iter().filter(|record| record.event() == event).cloned().collect();
        assert!(of_event.len() <= count, "too many: {of_event:?}");
        (of_event.len() == count).then_some(of_event)
    })
}

/// Reads to the end and says how long that took since `began`.
fn ended(wire: &mut Wire, began: Instant) -> (Vec<Frame>, Duration) {
    let frames = wire.rest();
    (frames, began.elapsed())
}

fn assert_ended_in_time(took: Duration, limit: Duration, who: &str) {
    // The clock of idleness is as coarse as the sweep: half a second early is on time.
    assert!(took + Duration::from_millis(600) >= limit, "{who}: ended already after {took:?}");
    assert!(took < limit + LATE_MAX, "{who}: ended only after {took:?}");
}

#[test]
fn a_session_that_is_idle_for_too_long_is_ended_and_recorded() {
    each_version(|version| {
        let server = Server::start(version);
        let gateway = Plan::before(&server).listener("limits = { idle_seconds = 2 }").start();
        let mut open = Wire::login(gateway.port, "clear");
        open.query("BEGIN");
        let mut busy = Wire::login(gateway.port, "clear");
        busy.send(&query("SELECT pg_sleep(4), 'done'"));
        let mut idle = Wire::login(gateway.port, "clear");
        let began = Instant::now();
        assert_eq!(tags(&idle.query("SELECT 1")), "TDCZ");
        let (frames, took) = ended(&mut idle, began);
        assert_ended_in_time(took, Duration::from_secs(2), "the idle session");
        let (code, message, hint) = fatal(&frames);
        assert_eq!((code.as_str(), message.contains("idle")), ("57P01", true), "{message}");
        assert!(hint.contains("limits.idle_seconds"), "{hint}");
        assert!(!idle.reset);
        // A transaction has its own limit, and a statement that runs is not idle.
        assert_eq!(tags(&open.query("SELECT 1")), "TDCZ");
        assert_eq!(tags(&busy.until(b'Z', 1)), "TDCZ");
        let hit = &recorded(&gateway, "limit.hit", 1)[0];
        assert!(hit.text_of("note").contains("limits.idle_seconds"), "{}", hit.0);
        assert_eq!(hit.principal("user"), "clear");
        let end = &recorded(&gateway, "session.end", 1)[0];
        assert_eq!((end.text_of("sqlstate"), end.text_of("message_class")), ("57P01", "idle"), "{}", end.0);
        assert_eq!(end.text_of("session"), hit.text_of("session"));
        let sessions = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'clear'";
        eventually("the server's session ends too", || {
            (server.ask(sessions).as_deref() == Some("2")).then_some(())
        });
        let counted = gateway.metric_where("dragoman_refusals_total", "reason=\"idle_too_long\"");
        assert_eq!(counted, Some(1.0));
    });
}

#[test]
fn a_session_that_is_used_now_and_then_is_not_idle() {
    each_version(|version| {
        let server = Server::start(version);
        let gateway = Plan::before(&server).listener("limits = { idle_seconds = 2 }").start();
        let mut used = Wire::login(gateway.port, "clear");
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(4) {
            // The server's own time passes between two statements, half of the limit.
            assert_eq!(tags(&used.query("SELECT pg_sleep(0.3)")), "TDCZ");
            assert_eq!(used.heard_within(Duration::from_millis(700)), None);
        }
        assert_eq!(tags(&used.query("SELECT 7")), "TDCZ");
    });
}

#[test]
fn a_transaction_that_is_idle_for_too_long_is_ended_rolled_back_and_recorded() {
    each_version(|version| {
        let server = Server::start(version);
        let gateway = Plan::before(&server).listener("limits = { transaction_idle_seconds = 1 }").start();
        let mut idle = Wire::login(gateway.port, "clear");
        let mut open = Wire::login(gateway.port, "clear");
        let mut failed = Wire::login(gateway.port, "clear");
        let began = Instant::now();
        assert_eq!(tags(&open.query("BEGIN; INSERT INTO scratch (id) VALUES (1)")), "CCZ");
        assert_eq!(tags(&failed.query("BEGIN; SELECT 1/0")), "CEZ");
        for (who, session) in [("the open transaction", &mut open), ("the failed transaction", &mut failed)] {
            let (frames, took) = ended(session, began);
            assert_ended_in_time(took, Duration::from_secs(1), who);
            let (code, message, hint) = fatal(&frames);
            assert_eq!((code.as_str(), message.contains("transaction")), ("57P01", true), "{who}: {message}");
            assert!(hint.contains("limits.transaction_idle_seconds"), "{who}: {hint}");
        }
        for hit in recorded(&gateway, "limit.hit", 2) {
            assert!(hit.text_of("note").contains("limits.transaction_idle_seconds"), "{}", hit.0);
        }
        for end in recorded(&gateway, "session.end", 2) {
            assert_eq!(
                (end.text_of("sqlstate"), end.text_of("message_class")),
                ("57P01", "idle"),
                "{}",
                end.0
            );
        }
        let sessions = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'clear'";
        eventually("the server's sessions end too", || {
            (server.ask(sessions).as_deref() == Some("1")).then_some(())
        });
        assert_eq!(server.ask("SELECT count(*) FROM scratch").as_deref(), Some("0"), "rolled back");
        assert_eq!(tags(&idle.query("SELECT 7")), "TDCZ", "outside a transaction there is no limit");
    });
}

/// What a client is told that comes too late, and what the ledger says of it.
fn check_crowd(limit: &str, users: [&str; 2], words: &str) {
    each_version(|version| {
        let server = Server::start(version);
        let gateway = Plan::before(&server).listener(&format!("limits = {{ {limit} = 2 }}")).start();
        let first = Wire::login(gateway.port, users[0]);
        let _second = Wire::login(gateway.port, users[0]);
        let late =
            || Wire::connect(gateway.port).open(VERSION_3_0, &[("user", users[1]), ("database", "shop")]);
        for _ in 0..2 {
            let (code, message, hint) = fatal(&late());
            assert_eq!(code, "53300");
            assert!(message.contains(words), "{message}");
            assert!(hint.contains(&format!("`limits.{limit}`")), "{hint}");
        }
        for hit in recorded(&gateway, "limit.hit", 2) {
            assert!(hit.text_of("note").contains(&format!("limits.{limit}")), "{}", hit.0);
            assert!(hit.principal("address").starts_with("127.0.0.1:"), "{}", hit.0);
        }
        for failed in recorded(&gateway, "login.failed", 2) {
            assert_eq!(failed.text_of("sqlstate"), "53300", "{}", failed.0);
            assert_eq!(failed.principal("user"), users[1], "{}", failed.0);
        }
        let counted = gateway.metric_where("dragoman_logins_failed_total", "reason=\"limit\"");
        assert_eq!(counted, Some(2.0));
        first.terminate();
        eventually("room again", || Wire::try_login(gateway.port, users[0]).ok());
    });
}

#[test]
fn too_many_connections_of_a_user_are_told_which_limit_it_is() {
    check_crowd("connections_per_user", ["clear", "clear"], "this user");
}

#[test]
fn too_many_connections_from_an_address_are_told_which_limit_it_is() {
    check_crowd("connections_per_address", ["clear", "app"], "this address");
}

#[test]
fn too_many_connections_to_a_listener_are_told_which_limit_it_is() {
    check_crowd("connections", ["clear", "app"], "this listener");
}

#[test]
fn users_and_addresses_are_counted_apart() {
    each_version(|version| {
        let server = Server::start(version);
        let gateway = Plan::before(&server).listener("limits = { connections_per_user = 1 }").start();
        let mut one = Wire::login(gateway.port, "clear");
        let refused = Wire::try_login(gateway.port, "clear").map(|_| ()).unwrap_err();
        assert!(refused.contains("53300"), "{refused}");
        // Another user's login gets as far as the server's own question.
        let mut other = Wire::connect(gateway.port);
        other.send(&harness::wire::startup(VERSION_3_0, &[("user", "app"), ("database", "shop")]));
        assert_eq!(other.frame().map(|frame| frame.tag), Some(b'R'));
        let by_address = Plan::before(&server).listener("limits = { connections_per_address = 1 }").start();
        let mut near = Wire::login(by_address.port, "clear");
        let elsewhere = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
        elsewhere.bind(&std::net::SocketAddr::from(([127, 0, 0, 2], 0)).into()).unwrap();
        elsewhere.connect(&std::net::SocketAddr::from(([127, 0, 0, 1], by_address.port)).into()).unwrap();
        let mut far = Wire::over(elsewhere.into()).unwrap();
        far.open(VERSION_3_0, &[("user", "clear"), ("database", "shop")]);
        for session in [&mut one, &mut near, &mut far] {
            assert_eq!(first_error(&session.query("SELECT 7")), None);
        }
    });
}
