//! What do logins cost that never come to an end, or end in a wrong password, and who gets in meanwhile?

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use harness::certificate::Certificate;
use harness::gateway::{Gateway, Plan};
use harness::mariadb::Mariadb;
use harness::mysql_wire::{CAPABILITIES, response};
use harness::relay::Relay;
use harness::server::Server;
use harness::wire::{
    Frame, SSL_REQUEST, VERSION_3_0, Wire, first_error, message, password, query, startup, tags,
};
use harness::{eventually, places};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

const USUAL: [(&str, &str); 2] = [("user", "clear"), ("database", "shop")];

/// How late a busy machine may be.
const LATE_MAX: Duration = Duration::from_secs(3);

fn newest() -> Server {
    Server::start(&places::newest_version())
}

fn limited(server: &Server, limits: &str) -> Plan {
    Plan::before(server).table("listener.limits", limits)
}

/// The error a connection ends with: SQLSTATE and message.
fn error(frames: &[Frame]) -> (String, String) {
    let error = frames.iter().rfind(|frame| frame.tag == b'E').expect("an error");
    (error.sqlstate(), error.fields().remove(&'M').unwrap_or_default())
}

fn hits(gateway: &Gateway, reason: &str) -> f64 {
    let label = format!("reason=\"{reason}\"");
    gateway.metric_where("dragoman_limit_hits_total", &label).unwrap_or_default()
}

/// What is read up to the end of a connection, and when that came.
fn ended(mut socket: TcpStream, began: Instant) -> (Vec<u8>, Duration) {
    let mut heard = Vec::new();
    // A reset is an end too.
    let _ = socket.read_to_end(&mut heard);
    (heard, began.elapsed())
}

#[test]
fn silent_connections_in_any_number_keep_nobody_out() {
    let server = newest();
    let gateway = limited(&server, "logins = 20\nlogin_seconds = 60").start();
    let mut silent: Vec<Wire> = (0..200).map(|_| Wire::connect(gateway.port)).collect();
    for _ in 0..30 {
        let mut session = Wire::login(gateway.port, "clear");
        assert_eq!(tags(&session.query("SELECT 7")), "TDCZ");
        session.terminate();
    }
    // All have been taken in by then, and all but those that there is room for were told.
    eventually("those that gave way", || {
        let told = gateway.metric_where("dragoman_logins_failed_total", "reason=\"limit\"");
        (hits(&gateway, "logins") >= 180.0 && told == Some(hits(&gateway, "logins"))).then_some(())
    });
    let (code, words) = error(&silent[0].rest());
    assert_eq!(code, "53300");
    assert_eq!(words, "too many logins at once, and this one kept the gateway waiting");
    drop(silent);
    eventually("nothing is left", || (gateway.metric("dragoman_sessions") == Some(0.0)).then_some(()));
}

/// A server that takes connections and says nothing.
fn mute() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let mut held = Vec::new();
        for socket in listener.incoming().flatten() {
            held.push(socket);
        }
    });
    port
}

#[test]
fn logins_that_wait_for_a_mute_double_keep_their_places() {
    let gateway = Plan::before_port(mute()).table("listener.limits", "logins = 2\nlogin_seconds = 3").start();
    let began = Instant::now();
    let mut waiting: Vec<Wire> = (0..2).map(|_| Wire::connect(gateway.port)).collect();
    waiting.iter_mut().for_each(|wire| wire.send(&startup(VERSION_3_0, &USUAL)));
    eventually("both are under way", || (gateway.metric("dragoman_sessions") == Some(2.0)).then_some(()));
    // Not even a crowd of those that say nothing takes a place from one that is not at fault.
    let silent: Vec<Wire> = (0..20).map(|_| Wire::connect(gateway.port)).collect();
    for wire in &mut waiting {
        let (code, words) = error(&wire.rest());
        assert_eq!((code.as_str(), words.as_str()), ("28000", "login took too long"));
    }
    let took = began.elapsed();
    assert!(took >= Duration::from_secs(3), "they had their whole time: {took:?}");
    assert!(took < Duration::from_secs(3) + LATE_MAX, "ended only after {took:?}");
    drop(silent);
    eventually("nothing is left", || (gateway.metric("dragoman_sessions") == Some(0.0)).then_some(()));
}

#[test]
fn a_crowd_that_answers_waits_for_its_turn_and_gets_in() {
    let server = newest();
    let gateway = limited(&server, "logins = 3").start();
    std::thread::scope(|scope| {
        for _ in 0..60 {
            scope.spawn(|| Wire::login(gateway.port, "clear").terminate());
        }
    });
    assert_eq!((hits(&gateway, "logins"), gateway.metric("dragoman_sessions_total")), (0.0, Some(60.0)));
}

/// Sends a byte each tenth of a second, until the peer ends it.
fn drip(socket: &TcpStream, bytes: &[u8]) {
    let mut sending = socket.try_clone().unwrap();
    let bytes = bytes.to_vec();
    std::thread::spawn(move || {
        for byte in bytes {
            if sending.write_all(&[byte]).is_err() {
                return;
            }
            std::thread::park_timeout(Duration::from_millis(100));
        }
    });
}

/// The beginning of a TLS handshake, as a client of this authority sends it.
fn client_hello(certificate: &Certificate) -> Vec<u8> {
    let config = certificate.client_config(&["postgresql"]);
    let mut session = rustls::ClientConnection::new(config, "localhost".try_into().unwrap()).unwrap();
    let mut hello = Vec::new();
    session.write_tls(&mut hello).unwrap();
    assert!(hello.len() > 100, "a hello of {} bytes", hello.len());
    hello
}

/// How far a login goes before it drips.
struct Stage<'a> {
    what: &'static str,
    gateway: &'a Gateway,
    /// What is sent at once.
    before: &'a [u8],
    /// Bytes that are heard then.
    heard: usize,
    /// What is sent slowly.
    slowly: Vec<u8>,
}

/// Each is ended by the same clock, which a byte now and then does not set back.
#[test]
fn a_login_that_drips_ends_in_time_at_every_stage() {
    let server = newest();
    let certificate = server.certificate();
    let plan = limited(&server, "login_seconds = 2").client_tls("prefer", &certificate);
    let gateway = plan.start();
    let balanced = plan.clone().listener("proxy_protocol_from = [\"127.0.0.0/8\"]").start();
    let mariadb = Mariadb::start();
    let mysql = mariadb.plan().listener("allow_unauthenticated = true");
    let mysql = mysql.table("listener.limits", "login_seconds = 2").start();
    let (opening, hello) = (startup(VERSION_3_0, &USUAL), client_hello(&certificate));
    let stage = |what, gateway, before, heard, slowly| Stage { what, gateway, before, heard, slowly };
    let cases = [
        stage("a startup packet", &gateway, b"", 0, opening.clone()),
        stage("a TLS handshake", &gateway, &SSL_REQUEST, 1, hello.clone()),
        stage("a TLS handshake begun at once", &gateway, b"", 0, hello),
        stage("a password", &gateway, &opening, 9, message(b'p', &[b'x'; 100])),
        stage(
            "a PROXY header",
            &balanced,
            b"",
            0,
            b"PROXY TCP4 203.0.113.7 192.0.2.1 4711 5432\r\n".to_vec(),
        ),
        stage("a response of MySQL", &mysql, b"", 60, response("nobody", "drip", CAPABILITIES)),
    ];
    for Stage { what, gateway, before, heard, slowly } in cases {
        let began = Instant::now();
        let mut socket = TcpStream::connect(("127.0.0.1", gateway.port)).unwrap();
        socket.set_read_timeout(Some(harness::PATIENCE)).unwrap();
        socket.write_all(before).unwrap();
        socket.read_exact(&mut vec![0; heard]).unwrap();
        let counted = hits(gateway, "login_seconds");
        drip(&socket, &slowly);
        let (_, took) = ended(socket, began);
        assert!(took > Duration::from_millis(1_900), "{what}: ended already after {took:?}");
        assert!(took < Duration::from_secs(2) + LATE_MAX, "{what}: ended only after {took:?}");
        eventually(&format!("{what} is counted"), || {
            (hits(gateway, "login_seconds") == counted + 1.0).then_some(())
        });
    }
    for gateway in [&gateway, &balanced, &mysql] {
        gateway.recorded("the limits", |records| {
            let notes = records.iter().filter(|record| record.event() == "limit.hit");
            let notes: Vec<_> = notes.map(|record| record.text_of("note").to_owned()).collect();
            (notes.len() as f64 == hits(gateway, "login_seconds"))
                .then(|| assert!(notes.iter().all(|note| note == "limits.login_seconds"), "{notes:?}"))
        });
    }
}

/// A server that asks for a password, takes its time to grant the login, and is never ready.
fn never_ready(pause: Duration) -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut socket in listener.incoming().flatten() {
            std::thread::spawn(move || {
                let mut heard = [0; 1024];
                let _ = socket.read(&mut heard);
                let _ = socket.write_all(b"N");
                let _ = socket.read(&mut heard);
                let _ = socket.write_all(&message(b'R', &3_u32.to_be_bytes()));
                let _ = socket.read(&mut heard);
                std::thread::park_timeout(pause);
                let _ = socket.write_all(&message(b'R', &0_u32.to_be_bytes()));
                while matches!(socket.read(&mut heard), Ok(1..)) {}
            });
        }
    });
    port
}

#[test]
fn a_double_that_grants_late_and_is_never_ready_does_not_get_the_time_twice() {
    let port = never_ready(Duration::from_millis(1_500));
    let gateway = Plan::before_port(port).table("listener.limits", "login_seconds = 2").start();
    let began = Instant::now();
    let frames = Wire::connect(gateway.port).open(VERSION_3_0, &USUAL);
    let took = began.elapsed();
    assert_eq!(error(&frames), ("28000".to_owned(), "login took too long".to_owned()));
    assert!(took < Duration::from_millis(3_300), "ended only after {took:?}");
    assert_eq!(hits(&gateway, "login_seconds"), 1.0);
    let counted = gateway.metric_where("dragoman_logins_failed_total", "reason=\"timeout\"");
    assert_eq!(counted, Some(1.0));
}

/// Half a TLS handshake is more than a silent connection, and still little.
#[test]
fn half_made_tls_handshakes_cost_little_and_stop_nobody() {
    const COUNT: usize = 500;
    let server = newest();
    let certificate = server.certificate();
    let plan = limited(&server, "login_seconds = 60\nlogins = 1000");
    let gateway = plan.client_tls("require", &certificate).start();
    let config = certificate.client_config(&[]);
    let log_in = || {
        let mut session = Wire::connect_tls(gateway.port, config.clone()).expect("TLS");
        assert_eq!(session.open(VERSION_3_0, &USUAL).last().map(|frame| frame.tag), Some(b'Z'));
        assert_eq!(tags(&session.query("SELECT 7")), "TDCZ");
        session.terminate();
    };
    log_in();
    let before = gateway.resident_kib();
    let hello = client_hello(&certificate);
    let mut held: Vec<Wire> = (0..COUNT).map(|_| Wire::connect(gateway.port)).collect();
    for (number, wire) in held.iter_mut().enumerate() {
        wire.send(&SSL_REQUEST);
        assert_eq!(wire.byte(), Some(b'S'));
        // Some stop within the hello, and some behind it, where the gateway has said its own part.
        let sent = if number % 2 == 0 { hello.len() / 2 } else { hello.len() };
        wire.send(&hello[..sent]);
    }
    log_in();
    let each = gateway.resident_kib().saturating_sub(before) * 1024 / COUNT as u64;
    println!("{each} bytes for each half made TLS handshake");
    assert!(each < 64 * 1024, "{each} bytes for each of {COUNT} handshakes");
    drop(held);
    eventually("nothing is left", || (gateway.metric("dragoman_sessions") == Some(0.0)).then_some(()));
    log_in();
}

/// What a client may have held before anybody knows it: `limits.login_bytes`, and no more than twice that.
#[test]
fn answers_that_do_not_end_cost_no_more_than_the_bytes_of_a_login() {
    const COUNT: usize = 150;
    let server = newest();
    let gateway = limited(&server, "login_seconds = 60\nlogin_bytes = 65536").start();
    Wire::login(gateway.port, "clear").terminate();
    let before = gateway.resident_kib();
    let mut held: Vec<Wire> = (0..COUNT).map(|_| Wire::connect(gateway.port)).collect();
    for wire in &mut held {
        wire.send(&startup(VERSION_3_0, &USUAL));
        assert_eq!(wire.frame().map(|frame| frame.tag), Some(b'R'));
        let unended = message(b'p', &vec![b'x'; 60_000]);
        let _ = wire.try_send(&unended[..50_000]);
    }
    Wire::login(gateway.port, "clear").terminate();
    let grown = gateway.resident_kib().saturating_sub(before);
    println!("{} bytes for each of {COUNT} logins that hold 50,000", grown * 1024 / COUNT as u64);
    assert!(grown < COUNT as u64 * 2 * 64, "grown by {grown} KiB");
}

/// A login that says this password, from this address, and what it ends with; ready where it gets in.
fn attempt(port: u16, from: [u8; 4], words: &str) -> String {
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    socket.bind(&SocketAddr::from((from, 0)).into()).unwrap();
    socket.connect(&SocketAddr::from((Ipv4Addr::LOCALHOST, port)).into()).unwrap();
    let mut wire = Wire::over(socket.into()).unwrap();
    wire.send(&startup(VERSION_3_0, &USUAL));
    let mut frames = Vec::new();
    while let Some(frame) = wire.frame() {
        if frame.tag == b'R' && frame.body == 3_u32.to_be_bytes() {
            wire.send(&password(words));
        }
        let last = frame.tag == b'Z';
        frames.push(frame);
        if last {
            return "in".to_owned();
        }
    }
    first_error(&frames).expect("an error")
}

const HERE: [u8; 4] = [127, 0, 0, 1];

#[test]
fn who_guesses_passwords_is_held_up_and_the_server_hears_no_more_of_him() {
    let server = Server::start_with(&places::newest_version(), &[("log_connections", "on")]);
    let right = harness::server::PASSWORD;
    let gateway = limited(&server, "login_failures = 20").start();
    for _ in 0..20 {
        assert_eq!(attempt(gateway.port, HERE, "guessed"), "28P01");
    }
    let log = || server.log().matches("connection received").count();
    let before = log();
    for words in ["guessed", right] {
        for _ in 0..5 {
            assert_eq!(attempt(gateway.port, HERE, words), "53300", "right or wrong, nothing is tried");
        }
    }
    assert_eq!(log(), before, "the server was not asked");
    assert_eq!(attempt(gateway.port, [127, 0, 0, 2], right), "in", "from another address");
    assert_eq!(hits(&gateway, "login_failures"), 10.0);
    assert_eq!(gateway.metric_where("dragoman_logins_failed_total", "reason=\"throttled\""), Some(10.0));
    // One comes back each three seconds; whoever knows the password then is let in.
    let began = Instant::now();
    eventually("held up no longer", || (attempt(gateway.port, HERE, right) == "in").then_some(()));
    assert!(began.elapsed() > Duration::from_secs(1), "already after {:?}", began.elapsed());
    gateway.recorded("what was told", |records| {
        let of = |event: &str| records.iter().filter(|record| record.event() == event).collect::<Vec<_>>();
        let (limits, failed) = (of("limit.hit"), of("login.failed"));
        let throttled = failed.iter().filter(|record| record.text_of("message_class") == "throttled");
        (of("session.end").len() == 2).then(|| {
            assert_eq!((limits.len(), throttled.count(), failed.len()), (1, 1, 21), "once a minute");
            assert_eq!(limits[0].text_of("note"), "limits.login_failures");
            assert!(limits[0].principal("address").starts_with("127.0.0.1:"), "{}", limits[0].0);
        })
    });
}

#[test]
fn connections_that_were_opened_beforehand_are_no_way_around_it() {
    let server = newest();
    let gateway = limited(&server, "login_failures = 3").start();
    let mut opened: Vec<Wire> = (0..10).map(|_| Wire::connect(gateway.port)).collect();
    for wire in &mut opened {
        wire.send(&startup(VERSION_3_0, &USUAL));
        assert_eq!(wire.frame().map(|frame| frame.tag), Some(b'R'));
    }
    let heard = opened.iter_mut().map(|wire| {
        wire.send(&password("guessed"));
        error(&wire.rest()).0
    });
    let heard: Vec<_> = heard.collect();
    assert_eq!(heard[..3], ["28P01"; 3]);
    assert_eq!(heard[3..], ["53300"; 7]);
}

#[test]
fn it_is_the_client_behind_a_load_balancer_who_is_held_up() {
    let server = newest();
    let plan = limited(&server, "login_failures = 2").listener("proxy_protocol_from = [\"127.0.0.0/8\"]");
    let gateway = plan.start();
    let behind = |client: &str| {
        let header = format!("PROXY TCP4 {client} 192.0.2.1 4711 5432\r\n");
        Relay::announcing(header.as_bytes(), gateway.port).port
    };
    let (guesser, other) = (behind("203.0.113.7"), behind("203.0.113.8"));
    assert_eq!([(); 3].map(|()| attempt(guesser, HERE, "guessed")), ["28P01", "28P01", "53300"]);
    assert_eq!(attempt(other, HERE, harness::server::PASSWORD), "in");
}

/// Where the server checks passwords, nobody is held up unless the settings say so.
#[test]
fn wrong_passwords_are_the_servers_matter_by_default() {
    let server = newest();
    let gateway = Plan::before(&server).start();
    for _ in 0..80 {
        assert_eq!(attempt(gateway.port, HERE, "guessed"), "28P01");
    }
    assert_eq!(attempt(gateway.port, HERE, harness::server::PASSWORD), "in");
    assert_eq!(hits(&gateway, "login_failures"), 0.0);
}

/// Where the gateway checks them, it is slow on purpose: with one user's name, with others', and with names that
/// nobody has.
#[test]
fn who_guesses_where_the_gateway_checks_passwords_is_held_up_by_default() {
    let server = Server::start_with(&places::newest_version(), &[("log_connections", "on")]);
    let verified = Plan::before(&server).table("listener.authentication", "mode = \"verify\"");
    let gateway = verified.table("listener.probe", "user = \"trusted\"").start();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let attempt = |user: &str, words: &str| {
        let url = format!("host=127.0.0.1 port={} user={user} password={words} dbname=shop", gateway.port);
        let tried = runtime.block_on(tokio_postgres::connect(&url, tokio_postgres::NoTls));
        tried.map(drop).map_err(|error| error.code().expect("an SQLSTATE").code().to_owned())
    };
    assert_eq!(attempt("app", harness::server::PASSWORD), Ok(()));
    let log = || server.log().matches("connection received").count();
    let before = log();
    let mut guesses = 0;
    let held_up = loop {
        let user = ["app", "hashed", "nobody"][guesses % 3];
        match attempt(user, "guessed") {
            Err(code) if code == "28P01" && guesses < 200 => guesses += 1,
            other => break other,
        }
    };
    assert_eq!(held_up, Err("53300".to_owned()), "after {guesses} guesses");
    // One comes back each second meanwhile.
    assert!((60..80).contains(&guesses), "after {guesses} guesses");
    assert_eq!(attempt("app", harness::server::PASSWORD), Err("53300".to_owned()));
    // The gateway itself has looked up whose verifier there is, and no guess has come any further.
    let asked = log() - before;
    assert!(asked < guesses / 3, "{asked} connections for {guesses} guesses");
}

/// What a server refuses for other reasons is nobody's guess.
#[test]
fn a_login_that_fails_for_another_reason_is_not_counted_as_a_guess() {
    let server = newest();
    let gateway = limited(&server, "login_failures = 1").start();
    for _ in 0..5 {
        let mut wire = Wire::connect(gateway.port);
        let frames = wire.open(VERSION_3_0, &[("user", "clear"), ("database", "no_such_database")]);
        assert_eq!(first_error(&frames).as_deref(), Some("3D000"));
        let mut left = Wire::connect(gateway.port);
        left.send(&startup(VERSION_3_0, &USUAL));
        assert_eq!(left.frame().map(|frame| frame.tag), Some(b'R'));
        drop(left);
        let mut broken = Wire::connect(gateway.port);
        broken.send(&query("SELECT 1"));
        broken.rest();
    }
    assert_eq!(attempt(gateway.port, HERE, harness::server::PASSWORD), "in");
}
