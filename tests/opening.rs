//! What does the gateway do with a connection before anybody is logged in?

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use harness::certificate::Certificate;
use harness::clients::{psql, python, run};
use harness::gateway::{Gateway, Plan};
use harness::server::Server;
use harness::wire::{
    Frame, GSS_REQUEST, SSL_REQUEST, VERSION_3_0, Wire, cancel_request, first_error, message, query, startup,
    tags,
};
use harness::{each_version, eventually, places};
use std::time::{Duration, Instant};

const USUAL: [(&str, &str); 2] = [("user", "clear"), ("database", "shop")];

fn server() -> Server {
    Server::start(&places::newest_version())
}

/// Logs in on a connection on which nothing but requests for encryption has been said.
fn assert_opens(mut wire: Wire, how: &str) {
    let frames = wire.open(VERSION_3_0, &USUAL);
    assert_eq!(frames.last().map(|frame| frame.tag), Some(b'Z'), "{how}: {}", tags(&frames));
    assert_eq!(tags(&wire.query("SELECT 1")), "TDCZ", "{how}");
}

fn certificate() -> (tempfile::TempDir, Certificate) {
    let folder = tempfile::tempdir().expect("a folder");
    let certificate = Certificate::make(folder.path());
    (folder, certificate)
}

#[test]
fn requests_for_encryption_are_answered_no_on_the_same_connection() {
    each_version(|version| {
        let server = Server::start(version);
        let gateway = Plan::before(&server).start();
        let cases: [(&str, &[&[u8]]); 4] = [
            ("nothing asked", &[]),
            ("TLS asked", &[&SSL_REQUEST]),
            ("GSS asked", &[&GSS_REQUEST]),
            ("GSS asked, then TLS", &[&GSS_REQUEST, &SSL_REQUEST]),
        ];
        for (how, requests) in cases {
            for one_byte_at_a_time in [false, true] {
                let mut wire = Wire::connect(gateway.port);
                for request in requests {
                    if one_byte_at_a_time {
                        wire.send_bytewise(request)
                    } else {
                        wire.send(request)
                    }
                    assert_eq!(wire.byte(), Some(b'N'), "{how}");
                }
                assert_opens(wire, how);
            }
        }
    });
}

/// Everywhere else the clients are told not to ask for GSS. libpq asks only where it has a ticket,
/// so what a request itself is answered is shown above, by hand.
#[test]
fn psql_that_would_like_gss_encryption_logs_in_without() {
    each_version(|version| {
        let server = Server::start(version);
        let (_folder, certificate) = certificate();
        let plain = Plan::before(&server).start();
        let encrypting = Plan::before(&server).client_tls("prefer", &certificate).start();
        for (gateway, tls, shown) in
            [(&plain, "disable", "f"), (&plain, "prefer", "f"), (&encrypting, "prefer", "t")]
        {
            let mut client = psql(gateway.port, "clear");
            client.env("PGGSSENCMODE", "prefer").env("PGSSLMODE", tls);
            client.args(["-A", "-t", "-c", "\\conninfo", "-c", "SELECT 6 * 7"]);
            let ended = run(&mut client);
            assert!(ended.printed().ends_with("42\n"), "{ended:?}");
            assert_eq!(ended.output.contains("TLS"), shown == "t", "{ended:?}");
        }
    });
}

#[test]
fn a_startup_message_may_come_one_byte_at_a_time() {
    let server = server();
    let gateway = Plan::before(&server).start();
    let mut wire = Wire::connect(gateway.port);
    wire.send_bytewise(&startup(VERSION_3_0, &USUAL));
    assert_eq!(wire.frame().map(|frame| (frame.tag, frame.body)), Some((b'R', vec![0, 0, 0, 3])));
    wire.send_bytewise(&harness::wire::password(harness::server::PASSWORD));
    let opening = wire.until(b'Z', 1);
    assert!(tags(&opening).starts_with('R'), "{}", tags(&opening));
    wire.send_bytewise(&query("SELECT 1"));
    assert_eq!(tags(&wire.until(b'Z', 1)), "TDCZ");
}

#[test]
fn a_query_sent_together_with_the_password_is_answered_as_directly() {
    each_version(|version| {
        let server = Server::start(version);
        let gateway = Plan::before(&server).start();
        let seen = |port| {
            let mut wire = Wire::connect(port);
            wire.send(&startup(VERSION_3_0, &USUAL));
            wire.send(&[harness::wire::password(harness::server::PASSWORD), query("SELECT 1")].concat());
            let mut frames = wire.until(b'Z', 2);
            frames.extend(wire.terminate());
            tags(&frames)
        };
        assert_eq!(seen(server.port), seen(gateway.port));
    });
}

#[test]
fn tls_begins_where_it_is_asked_for() {
    let server = server();
    let (_folder, certificate) = certificate();
    let gateway = Plan::before(&server).client_tls("prefer", &certificate).start();
    let config = certificate.client_config(&[]);
    assert_opens(Wire::connect(gateway.port), "without TLS, which is only preferred");
    assert_opens(Wire::connect_tls(gateway.port, config.clone()).expect("TLS"), "TLS");
    let mut wire = Wire::connect(gateway.port);
    wire.send_bytewise(&GSS_REQUEST);
    assert_eq!(wire.byte(), Some(b'N'));
    wire.send_bytewise(&SSL_REQUEST);
    assert_eq!(wire.byte(), Some(b'S'));
    assert_opens(wire.start_tls(config).expect("TLS"), "GSS, then TLS");
    gateway.recorded("two logins with TLS and one without", |records| {
        let starts = records.iter().filter(|record| record.event() == "session.start");
        let mut versions: Vec<_> = starts.map(|record| record.principal("tls")).collect();
        versions.sort_unstable();
        (versions == ["TLSv1.3", "TLSv1.3", "none"]).then_some(())
    });
}

#[test]
fn a_listener_that_requires_tls_admits_nobody_without() {
    let server = server();
    let (_folder, certificate) = certificate();
    let gateway = Plan::before(&server).client_tls("require", &certificate).start();
    let frames = Wire::connect(gateway.port).open(VERSION_3_0, &USUAL);
    assert_eq!(tags(&frames), "E", "one error and the end");
    assert_eq!(frames[0].fields()[&'S'], "FATAL");
    assert_opens(Wire::connect_tls(gateway.port, certificate.client_config(&[])).expect("TLS"), "TLS");
}

#[test]
fn direct_tls_needs_the_protocols_name() {
    let server = server();
    let (_folder, certificate) = certificate();
    let gateway = Plan::before(&server).client_tls("prefer", &certificate).start();
    let direct =
        |protocols: &[&str]| Wire::connect(gateway.port).start_tls(certificate.client_config(protocols));
    assert_opens(direct(&["postgresql"]).expect("TLS"), "with the name");
    assert_opens(direct(&["h2", "postgresql"]).expect("TLS"), "with the name among others");
    for (how, protocols) in [("no name", [].as_slice()), ("another name", ["h2"].as_slice())] {
        // The handshake may end before the client learns that it was refused; a login must not work.
        let opened = direct(protocols).map(|mut wire| wire.open(VERSION_3_0, &USUAL));
        assert!(!opened.as_ref().is_ok_and(|frames| tags(frames).contains('R')), "{how}: {opened:?}");
    }
    let plain = Plan::before(&server).start();
    assert!(Wire::connect(plain.port).start_tls(certificate.client_config(&["postgresql"])).is_err());
}

#[test]
fn libpq_begins_tls_directly() {
    let server = server();
    // The server's own certificate, so that libpq may bind its login to it.
    let gateway =
        Plan::before(&server).client_tls("prefer", &server.certificate()).upstream_tls("require").start();
    let mut client = python("connect.py", gateway.port, "app");
    client.env("PGSSLMODE", "require").env("PGSSLNEGOTIATION", "direct");
    assert_eq!(run(&mut client).printed().trim(), "logged in with TLS");
}

#[test]
fn plain_bytes_behind_a_request_for_tls_are_refused() {
    let server = server();
    let (_folder, certificate) = certificate();
    let with = Plan::before(&server).client_tls("prefer", &certificate).start();
    let without = Plan::before(&server).start();
    for gateway in [&with, &without] {
        for request in [SSL_REQUEST, GSS_REQUEST] {
            let mut wire = Wire::connect(gateway.port);
            wire.send(&[request.as_slice(), &startup(VERSION_3_0, &USUAL)].concat());
            let mut answer = Vec::new();
            std::io::Read::read_to_end(&mut wire.socket(), &mut answer).ok();
            assert!(!answer.contains(&b'R'), "the bytes were taken for a startup message: {answer:?}");
        }
        assert_opens(Wire::connect(gateway.port), "afterwards");
    }
}

/// First bytes that are no startup message.
fn broken_openings() -> Vec<(&'static str, Vec<u8>)> {
    let declared = |length: u32, rest: &[u8]| [length.to_be_bytes().as_slice(), rest].concat();
    let good = startup(VERSION_3_0, &USUAL);
    let long = "x".repeat(10_050);
    let mut unended = good.clone();
    unended.truncate(good.len() - 1);
    unended[..4].copy_from_slice(&u32::try_from(good.len() - 1).expect("a length").to_be_bytes());
    vec![
        ("length 0", declared(0, &good)),
        ("length 3", declared(3, &good)),
        ("length 4", declared(4, &good)),
        ("length 7", declared(7, &good)),
        ("the largest length", declared(0x7fff_ffff, &good)),
        ("a negative length", declared(0xffff_ffff, &good)),
        ("more than 10,000 bytes", startup(VERSION_3_0, &[("user", "clear"), ("options", &long)])),
        ("protocol 2", startup(0x0002_0000, &USUAL)),
        ("a web browser", b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".to_vec()),
        ("zeros", vec![0; 64]),
        ("a message of a later phase", query("SELECT 1")),
        ("no end of the parameters", unended),
        ("TLS asked twice", [SSL_REQUEST, SSL_REQUEST].concat()),
        ("a cancel request that is too short", cancel_request(1, &[])),
        ("a cancel request that is too long", cancel_request(1, &[7; 2000])),
    ]
}

#[test]
fn broken_openings_are_closed_and_nobody_else_notices() {
    each_version(|version| {
        let server = Server::start(version);
        let gateway = Plan::before(&server).listener("limits = { login_seconds = 3 }").start();
        let mut other = Wire::login(gateway.port, "clear");
        let mut broken = 0.0;
        for (how, bytes) in broken_openings() {
            for one_byte_at_a_time in [false, true] {
                let began = Instant::now();
                let mut wire = Wire::connect(gateway.port);
                if one_byte_at_a_time {
                    wire.send_bytewise(&bytes)
                } else {
                    let _ = wire.try_send(&bytes);
                }
                let answer = read_to_end(&wire);
                assert!(!answer.starts_with(b"R\0\0\0"), "{how}: somebody was asked for a password");
                assert!(
                    began.elapsed() < Duration::from_secs(8),
                    "{how}: closed after {:?}",
                    began.elapsed()
                );
            }
            assert_eq!(tags(&other.query("SELECT 1")), "TDCZ", "{how}: another session");
            broken += 2.0;
            let counted = gateway.metric_where("dragoman_logins_failed_total", "reason=\"malformed\"");
            assert_eq!(counted, Some(broken), "{how}: counted as malformed");
        }
        assert_opens(Wire::connect(gateway.port), "afterwards");
    });
}

#[test]
fn a_name_that_is_no_text_goes_to_the_server_as_it_is() {
    each_version(|version| {
        let server = Server::start(version);
        let gateway = Plan::before(&server).start();
        let bytes = [&20_u32.to_be_bytes(), b"\0\x03\0\0user\0\xff\xfe\xfd\xfc\x80\0\0".as_slice()].concat();
        let asked = |port| {
            let mut wire = Wire::connect(port);
            wire.send(&bytes);
            wire.frame()
        };
        let direct = asked(server.port);
        assert_eq!(direct.as_ref().map(|frame| frame.tag), Some(b'R'), "somebody is asked for a password");
        assert_eq!(direct, asked(gateway.port));
        gateway.recorded("the login that was given up", |records| {
            let failed = records.iter().find(|record| record.event() == "login.failed")?;
            assert_eq!(failed.principal("user"), "\u{fffd}".repeat(5), "{}", failed.0);
            Some(())
        });
    });
}

fn read_to_end(wire: &Wire) -> Vec<u8> {
    let mut answer = Vec::new();
    // A reset is an end too.
    let _ = std::io::Read::read_to_end(&mut wire.socket(), &mut answer);
    answer
}

#[test]
fn a_message_that_is_too_long_before_the_login_is_not_held() {
    let server = server();
    let gateway = Plan::before(&server).listener("limits = { login_bytes = 20000 }").start();
    for length in [30_000_u32, 0x7fff_ffff] {
        let mut wire = Wire::connect(gateway.port);
        wire.send(&startup(VERSION_3_0, &USUAL));
        assert_eq!(wire.frame().map(|frame| frame.tag), Some(b'R'));
        let _ = wire.try_send(&[b"p".as_slice(), &length.to_be_bytes(), &vec![b'x'; 29_000]].concat());
        let rest = wire.rest();
        assert!(rest.iter().all(|frame| frame.tag == b'E'), "{length}: {}", tags(&rest));
    }
    assert_opens(Wire::connect(gateway.port), "afterwards");
}

#[test]
fn a_login_that_takes_too_long_is_ended() {
    let server = server();
    let gateway = Plan::before(&server).listener("limits = { login_seconds = 1 }").start();
    let half = startup(VERSION_3_0, &USUAL);
    let cases: [(&str, &[u8]); 4] = [
        ("silence", &[]),
        ("half a message", &half[..9]),
        ("no password", &half),
        ("only TLS asked", &SSL_REQUEST),
    ];
    for (how, bytes) in cases {
        let began = Instant::now();
        let mut wire = Wire::connect(gateway.port);
        wire.send(bytes);
        read_to_end(&wire);
        let waited = began.elapsed();
        assert!(waited > Duration::from_millis(900), "{how}: ended after {waited:?}");
        assert!(waited < Duration::from_secs(5), "{how}: ended after {waited:?}");
    }
    let mut logged_in = Wire::login(gateway.port, "clear");
    assert_eq!(tags(&logged_in.query("SELECT pg_sleep(1.5)")), "TDCZ", "the limit is for logins only");
}

#[test]
fn connections_that_never_log_in_cost_little_memory() {
    let server = server();
    let gateway = Plan::before(&server).start();
    assert_opens(Wire::connect(gateway.port), "before");
    let before = gateway.resident_kib();
    let claims = [0x0000_270f_u32.to_be_bytes(), 0x7fff_ffff_u32.to_be_bytes()];
    let mut held: Vec<Wire> = (0..300).map(|_| Wire::connect(gateway.port)).collect();
    for (number, wire) in held.iter_mut().enumerate() {
        let _ = wire
            .try_send(&[claims[number % 2].as_slice(), &VERSION_3_0.to_be_bytes(), &[b'u'; 9_000]].concat());
    }
    // All have been read once a connection that came after them is served.
    assert_opens(Wire::connect(gateway.port), "behind them");
    let grown = gateway.resident_kib().saturating_sub(before);
    assert!(grown < 16 * 1024, "300 connections without a login cost {grown} KiB");
}

fn fatal(frames: &[Frame]) -> String {
    let fields = frames.last().map(Frame::fields).unwrap_or_default();
    assert_eq!(fields.get(&'S').map(String::as_str), Some("FATAL"), "{frames:?}");
    fields.get(&'C').cloned().unwrap_or_default()
}

#[test]
fn the_limits_on_connections_hold_and_are_given_back() {
    let server = server();
    let cases =
        [("connections", "clear"), ("connections_per_user", "clear"), ("connections_per_address", "app")];
    for (limit, second_user) in cases {
        let gateway = Plan::before(&server).listener(&format!("limits = {{ {limit} = 2 }}")).start();
        let first = Wire::login(gateway.port, "clear");
        let _second = Wire::login(gateway.port, "clear");
        let third =
            Wire::connect(gateway.port).open(VERSION_3_0, &[("user", second_user), ("database", "shop")]);
        assert_eq!(fatal(&third), "53300", "{limit}");
        if limit == "connections_per_user" {
            assert!(
                run(psql(gateway.port, "app").args(["-c", "SELECT 1"])).success,
                "another user is not counted"
            );
        }
        first.terminate();
        eventually(&format!("room again under {limit}"), || Wire::try_login(gateway.port, "clear").ok());
    }
}

#[test]
fn an_absent_server_is_named_and_found_again() {
    each_version(|version| {
        let mut server = Server::start(version);
        server.kill();
        let gateway = Plan::before(&server).start_unready();
        assert_unreachable(&gateway);
        server.restart();
        eventually("ready", || (gateway.ready().0 == 200).then_some(()));
        assert_opens(Wire::connect(gateway.port), "after the server came");
        assert_eq!(gateway.metric("dragoman_upstream_up"), Some(1.0));
    });
}

fn assert_unreachable(gateway: &Gateway) {
    let (status, text) = gateway.ready();
    assert_eq!(status, 503, "{text}");
    assert!(text.contains("shop"), "the listener is not named: {text}");
    let frames = Wire::connect(gateway.port).open(VERSION_3_0, &USUAL);
    assert_eq!(fatal(&frames), "08001");
    assert!(frames[0].fields()[&'M'].contains("shop"), "the listener is not named: {:?}", frames[0].fields());
    assert_eq!(gateway.get("/healthz").0, 200);
    assert_eq!(gateway.metric("dragoman_upstream_up"), Some(0.0));
}

#[test]
fn the_first_server_that_can_be_reached_is_used() {
    let server = server();
    let nobody = harness::free_port();
    let list = [format!("127.0.0.1:{nobody}"), format!("127.0.0.1:{}", server.port)];
    let gateway = Plan::before_any(&list).start();
    for _ in 0..5 {
        assert_opens(Wire::connect(gateway.port), "the second of two");
    }
}

#[test]
fn a_server_on_a_unix_socket_is_reached() {
    each_version(|version| {
        let server = Server::start(version);
        let gateway = Plan::before_any(&[format!("unix:{}", server.socket().display())]).start();
        assert_opens(Wire::connect(gateway.port), "over a unix socket");
        let mut wire = Wire::login(gateway.port, "clear");
        let rows = harness::server::rows(&mut wire, "SELECT inet_client_addr()");
        assert_eq!(rows, [[None]], "the server sees no network");
    });
}

#[test]
fn an_unknown_message_before_the_login_ends_only_that_connection() {
    let server = server();
    let gateway = Plan::before(&server).start();
    let mut other = Wire::login(gateway.port, "clear");
    for wrong in [query("SELECT 1"), message(b'p', b"no end"), message(b'?', &[]), message(b'X', &[])] {
        let mut wire = Wire::connect(gateway.port);
        wire.send(&startup(VERSION_3_0, &USUAL));
        assert_eq!(wire.frame().map(|frame| frame.tag), Some(b'R'));
        wire.send(&wrong);
        let rest = wire.rest();
        assert!(!tags(&rest).contains('Z'), "{}", tags(&rest));
        assert_eq!(first_error(&other.query("SELECT 1")), None);
    }
}
