//! Whose connection is it that a load balancer brings: what do rules, limits and records take it for?

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use harness::clients::{psql, run_with_input};
use harness::gateway::{Gateway, Plan};
use harness::mariadb::{Mariadb, mariadb};
use harness::relay::Relay;
use harness::server::Server;
use harness::{each_version, eventually};
use std::io::{Read, Write};
use std::net::TcpStream;

const FROM_HERE: &str = "proxy_protocol_from = [\"127.0.0.0/8\"]";

const FIRST: &[u8] = b"PROXY TCP4 203.0.113.7 192.0.2.1 4711 5432\r\n";

/// The same of version 2, with something more that it likes to tell.
const SECOND: &[u8] =
    b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x10\xcb\0\x71\x08\xc0\0\x02\x01\x12\x67\x15\x38\x04\0\x01\0";

/// Version 2, of a balancer that speaks for itself.
const LOCAL: &[u8] = b"\r\n\r\n\0\r\nQUIT\n\x20\0\0\0";

/// The addresses of the sessions that were recorded.
fn addresses(gateway: &Gateway, count: usize) -> Vec<String> {
    gateway.recorded("the sessions", |records| {
        let starts = records.iter().filter(|record| record.event() == "session.start");
        let found: Vec<_> = starts.map(|record| record.principal("address").to_owned()).collect();
        (found.len() == count).then_some(found)
    })
}

/// Lets `ask` a question behind each header, and checks where its clients were seen.
fn check(plan: &Plan, ask: impl Fn(u16) -> String) {
    let gateway = plan.clone().listener(FROM_HERE).start();
    for header in [FIRST, SECOND, LOCAL] {
        assert_eq!(ask(Relay::announcing(header, gateway.port).port), "7");
    }
    let seen = addresses(&gateway, 3);
    assert_eq!(seen.first().map(String::as_str), Some("203.0.113.7:4711"));
    assert_eq!(seen.get(1).map(String::as_str), Some("203.0.113.8:4711"));
    assert!(seen.get(2).is_some_and(|address| address.starts_with("127.0.0.1:")), "{seen:?}");
    // From elsewhere nobody says whose a connection is.
    let elsewhere = "proxy_protocol_from = [\"192.0.2.0/24\", \"fd00::/8\"]";
    let gateway = plan.clone().listener(elsewhere).start();
    assert_eq!(ask(gateway.port), "7");
    assert!(addresses(&gateway, 1).iter().all(|address| address.starts_with("127.0.0.1:")));
}

/// What comes back of a gateway that waits for a header, and gets `bytes`.
fn answer(gateway: &Gateway, bytes: &[u8]) -> String {
    let mut socket = TcpStream::connect(("127.0.0.1", gateway.port)).unwrap();
    socket.set_read_timeout(Some(harness::PATIENCE)).unwrap();
    socket.write_all(bytes).unwrap();
    let mut answer = Vec::new();
    let _ = socket.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn a_postgres_client_is_who_the_header_names() {
    each_version(|version| {
        let server = Server::start(version);
        check(&Plan::before(&server), |port| {
            run_with_input(psql(port, "app").args(["-At"]), "SELECT 7").printed().trim().to_owned()
        });
    });
}

#[test]
fn a_mysql_client_is_who_the_header_names() {
    let server = Mariadb::start();
    check(&server.plan(), |port| {
        run_with_input(&mut mariadb(port, "app"), "SELECT 7").printed().trim().to_owned()
    });
}

#[test]
fn limits_count_the_client_and_not_its_balancer() {
    let server = Mariadb::start();
    let plan = server.plan().listener(FROM_HERE).listener("allow_unauthenticated = true");
    let gateway = plan.table("listener.limits", "connections_per_address = 1").start();
    let login =
        |header| harness::mysql_wire::MysqlWire::login(Relay::announcing(header, gateway.port).port, "one");
    let (one, another) = (login(FIRST), login(SECOND));
    let mut again = harness::mysql_wire::MysqlWire::connect(Relay::announcing(FIRST, gateway.port).port);
    let (code, text) = again.packet().unwrap().error().unwrap();
    assert!(code == 1040 && text.contains("too many connections from this address"), "{text}");
    one.quit();
    another.quit();
}

#[test]
fn who_sends_no_header_where_one_is_due_is_refused_and_counted() {
    let server = Mariadb::start();
    let plan = server.plan().listener(FROM_HERE).table("listener.limits", "login_seconds = 1");
    let gateway = plan.start();
    let words = "the connection does not begin with a PROXY header that can be read";
    for bytes in
        [&b"\0\0\0\x08\x04\xd2\x16\x2f\0\0\0\0"[..], b"PROXY TCP5 1 2 3 4\r\n", b"GET / HTTP/1.1\r\n"]
    {
        let told = answer(&gateway, bytes);
        assert!(told.contains(words), "{bytes:?}: {told}");
    }
    // Nothing at all, and half of one.
    for bytes in [&b""[..], b"PROXY TCP4 203"] {
        let told = answer(&gateway, bytes);
        assert!(told.contains("login took too long"), "{bytes:?}: {told}");
    }
    for (reason, count) in [("malformed", 3.0), ("timeout", 2.0)] {
        eventually(&format!("counted as {reason}"), || {
            let label = format!("reason=\"{reason}\"");
            let counted = gateway.metric_where("dragoman_logins_failed_total", &label);
            (counted == Some(count)).then_some(())
        });
    }
}
