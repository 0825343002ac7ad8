//! What happens to sessions, and to those who were here before, when certificates are replaced or expire?

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use harness::authority::{Authority, Identity, config};
use harness::gateway::{Gateway, Plan};
use harness::server::{Server, rows};
use harness::wire::{SSL_REQUEST, VERSION_3_0, Wire, first_error, query, tags};
use harness::{eventually, places};
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, ClientConnection, HandshakeKind, StreamOwned};
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

const DAY_SECONDS: i64 = 24 * 60 * 60;
const YEAR_SECONDS: i64 = 365 * DAY_SECONDS;

/// A gateway whose certificate is in files of its own folder, which a test replaces.
struct Place {
    server: Server,
    servers: Authority,
    clients: Authority,
    shown: Identity,
    folder: tempfile::TempDir,
}

impl Place {
    fn make() -> Place {
        let folder = tempfile::Builder::new().prefix("dragoman-papers-").tempdir().expect("a folder");
        let servers = Authority::make(folder.path(), "servers");
        let clients = Authority::make(folder.path(), "clients");
        let shown = servers.server(None, YEAR_SECONDS);
        Place { server: Server::start(&places::newest_version()), servers, clients, shown, folder }
    }

    fn plan(&self, more: &str) -> Plan {
        let (certificate, key) = (self.shown.certificate.display(), self.shown.key.display());
        let lines = format!("certificate = \"{certificate}\"\nkey = \"{key}\"\n{more}");
        Plan::before(&self.server).table("listener.tls", &lines)
    }

    fn config(&self, version: &'static rustls::SupportedProtocolVersion) -> Arc<ClientConfig> {
        config(&[version], &[&self.servers.file], None)
    }

    fn text_of(&self, file: &Path) -> String {
        std::fs::read_to_string(file).unwrap()
    }
}

/// The handshake of a client, and nothing more.
fn shake(gateway: &Gateway, config: &Arc<ClientConfig>) -> Result<ClientConnection, String> {
    let mut socket = TcpStream::connect(("127.0.0.1", gateway.port)).unwrap();
    socket.set_read_timeout(Some(harness::PATIENCE)).unwrap();
    socket.write_all(&SSL_REQUEST).unwrap();
    socket.read_exact(&mut [0]).unwrap();
    let session = ClientConnection::new(Arc::clone(config), "localhost".try_into().unwrap()).unwrap();
    let mut stream = StreamOwned::new(session, socket);
    while stream.conn.is_handshaking() {
        stream.conn.complete_io(&mut stream.sock).map_err(|error| error.to_string())?;
    }
    Ok(stream.conn)
}

/// The certificate that new connections are shown.
fn seen(gateway: &Gateway, config: &Arc<ClientConfig>) -> Vec<u8> {
    let connection = shake(gateway, config).unwrap();
    connection.peer_certificates().unwrap()[0].to_vec()
}

fn der(pem: &Path) -> Vec<u8> {
    use rustls::pki_types::{CertificateDer, pem::PemObject};
    CertificateDer::from_pem_file(pem).unwrap().to_vec()
}

fn login(gateway: &Gateway, config: &Arc<ClientConfig>) -> Wire {
    let mut wire = Wire::connect_tls(gateway.port, Arc::clone(config)).expect("TLS");
    let frames = wire.open(VERSION_3_0, &[("user", "clear"), ("database", "shop")]);
    assert_eq!(frames.last().map(|frame| frame.tag), Some(b'Z'), "{}", tags(&frames));
    wire
}

fn assert_works(wire: &mut Wire) {
    let frames = wire.query("SELECT 7");
    assert_eq!(tags(&frames), "TDCZ", "{:?}", first_error(&frames));
}

#[test]
fn certificates_are_replaced_under_load_and_no_session_notices() {
    let place = Place::make();
    let gateway = place.plan("").start();
    let plain = || config(&[&TLS13], &[&place.servers.file], None);
    let first = der(&place.shown.certificate);
    assert_eq!(seen(&gateway, &plain()), first);
    let over = AtomicBool::new(false);
    let (answers, logins) = (AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        // Sessions that live from before the first change to after the last, and clients that come and go.
        for number in 0..3 {
            let (gateway, over, answers) = (&gateway, &over, &answers);
            let mut session = login(gateway, &plain());
            scope.spawn(move || {
                while !over.load(Ordering::Relaxed) {
                    let sql = format!("SELECT {number}, repeat('x', 20000)");
                    let found = rows(&mut session, &sql);
                    assert_eq!(found[0][0].as_deref(), Some(&*number.to_string()));
                    answers.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                assert_works(&mut login(&gateway, &plain()));
                logins.fetch_add(1, Ordering::Relaxed);
            }
        });
        // Ends the load also where something below fails.
        let _ends = Ends(&over);
        replaced(&place, &gateway, &plain(), first);
    });
    let (answers, logins) = (answers.into_inner(), logins.into_inner());
    println!("{answers} answers in sessions from before, {logins} logins meanwhile");
    assert!(answers > 100 && logins > 10, "{answers} answers, {logins} logins");
    assert_eq!(gateway.metric_where("dragoman_logins_failed_total", "reason=\"refused\""), Some(0.0));
    gateway.recorded("that certificates changed", |records| {
        let changed = records.iter().filter(|record| record.event() == "config.changed");
        let told = changed
            .filter(|one| one.text_of("note") == "listener `shop` has other certificates towards clients");
        (told.count() == 3).then_some(())
    });
}

struct Ends<'a>(&'a AtomicBool);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Another certificate by itself, a third by a signal, then half a pair, rubbish, and a fourth.
fn replaced(place: &Place, gateway: &Gateway, config: &Arc<ClientConfig>, first: Vec<u8>) {
    let shows = |what: &str, expected: &[u8]| {
        let began = Instant::now();
        eventually(what, || (seen(gateway, config) == expected).then_some(()));
        println!("{what}: after {:?}", began.elapsed());
    };
    place.servers.server(Some(&place.shown), YEAR_SECONDS);
    let second = der(&place.shown.certificate);
    assert_ne!(first, second);
    shows("a new certificate is taken by itself", &second);
    place.servers.server(Some(&place.shown), YEAR_SECONDS);
    let third = der(&place.shown.certificate);
    gateway.hang_up();
    shows("a new certificate is taken by a signal", &third);
    let log_before = gateway.log().len();
    let new = place.servers.server(None, YEAR_SECONDS);
    // Half of a pair is seen by itself; a file that holds something else, and one that is gone, are asked for.
    let cases = [
        (place.text_of(&new.certificate), "KeyMismatch"),
        ("nothing".to_owned(), "no certificate in PEM form"),
    ];
    for (text, said) in cases {
        std::fs::write(&place.shown.certificate, &text).unwrap();
        if text == "nothing" {
            gateway.hang_up();
        }
        eventually(&format!("the log says `{said}`"), || {
            gateway.log()[log_before..].contains(said).then_some(())
        });
        assert_eq!(seen(gateway, config), third, "the old certificate stays");
        let (code, text) = gateway.ready();
        assert!(code == 200 && text.contains("changes not taken"), "{code}: {text}");
    }
    std::fs::remove_file(&place.shown.certificate).unwrap();
    gateway.hang_up();
    eventually("the log misses the file", || {
        gateway.log()[log_before..].contains("does not exist").then_some(())
    });
    assert_eq!(seen(gateway, config), third, "the old certificate stays");
    std::fs::copy(&new.certificate, &place.shown.certificate).unwrap();
    std::fs::copy(&new.key, &place.shown.key).unwrap();
    shows("a good pair is taken by itself", &der(&new.certificate));
    eventually("nothing is held against it", || {
        (!gateway.ready().1.contains("changes not taken")).then_some(())
    });
}

/// Which kinds of handshake a client makes that connects `count` times, with everything it was told before.
fn kinds(gateway: &Gateway, config: &Arc<ClientConfig>, count: usize) -> Vec<HandshakeKind> {
    let kind = |_| {
        let kind = shake(gateway, config).unwrap().handshake_kind().unwrap();
        // Tickets come behind the handshake: with the first answer they are there.
        login(gateway, config).terminate();
        kind
    };
    (0..count).map(kind).collect()
}

#[test]
fn tickets_are_taken_and_outlive_a_reload_that_leaves_the_certificate_as_it_is() {
    let place = Place::make();
    let gateway = place.plan("").start();
    for version in [&TLS12, &TLS13] {
        let config = place.config(version);
        login(&gateway, &config).terminate();
        assert_eq!(kinds(&gateway, &config, 5), [HandshakeKind::Resumed; 5], "{version:?}");
        // Another setting of the listener, and the same file anew.
        let reloads = gateway.log().matches("settings and rules reloaded").count();
        std::fs::write(&place.shown.certificate, place.text_of(&place.shown.certificate) + "\n").unwrap();
        gateway.rewrite(&place.plan("").listener("allow_unauthenticated = true"));
        gateway.hang_up();
        eventually("reloaded", || {
            (gateway.log().matches("settings and rules reloaded").count() > reloads).then_some(())
        });
        assert_eq!(kinds(&gateway, &config, 3), [HandshakeKind::Resumed; 3], "{version:?} after a reload");
        // With another certificate a client begins anew, once.
        place.servers.server(Some(&place.shown), YEAR_SECONDS);
        let expected = der(&place.shown.certificate);
        gateway.hang_up();
        eventually("the new certificate", || {
            (seen(&gateway, &place.config(version)) == expected).then_some(())
        });
        let again = kinds(&gateway, &config, 3);
        let full = again.iter().filter(|kind| **kind == HandshakeKind::Full).count();
        assert!(
            again[0] == HandshakeKind::Full && full <= 1,
            "{version:?} after another certificate: {again:?}"
        );
    }
}

#[test]
fn no_ticket_gets_in_whom_the_authorities_of_now_do_not_vouch_for() {
    let place = Place::make();
    let others = Authority::make(place.folder.path(), "others");
    let list = place.folder.path().join("clients.crl");
    place.clients.revoke(&list, &[], YEAR_SECONDS);
    let with = |authority: &Path, list: Option<&Path>| {
        let list = list.map(|list| format!("client_crl = \"{}\"", list.display())).unwrap_or_default();
        place.plan(&format!("client_ca = \"{}\"\n{list}", authority.display()))
    };
    let gateway = with(&place.clients.file, Some(&list)).start();
    let own = place.clients.client_with("clear", |one| one.serial_number = Some(77u64.into()));
    let gets_in = |config: &Arc<ClientConfig>| {
        let Ok(mut wire) = Wire::connect_tls(gateway.port, Arc::clone(config)) else { return false };
        let frames = wire.open(VERSION_3_0, &[("user", "clear"), ("database", "shop")]);
        frames.last().is_some_and(|frame| frame.tag == b'Z')
    };
    for version in [&TLS12, &TLS13] {
        let config = own.config(&[version], &[&place.servers.file]);
        let resumes = || kinds(&gateway, &config, 2);
        assert!(gets_in(&config));
        assert_eq!(resumes(), [HandshakeKind::Resumed; 2], "{version:?}: trusted");
        // It is taken back.
        place.clients.revoke(&list, &[77], YEAR_SECONDS);
        gateway.hang_up();
        eventually("whose certificate was taken back stays out", || (!gets_in(&config)).then_some(()));
        place.clients.revoke(&list, &[], YEAR_SECONDS);
        gateway.hang_up();
        eventually("it was a mistake", || gets_in(&config).then_some(()));
        assert_eq!(resumes(), [HandshakeKind::Resumed; 2]);
        // Another authority.
        gateway.rewrite(&with(&others.file, None));
        gateway.hang_up();
        eventually("whom nobody vouches for stays out", || (!gets_in(&config)).then_some(()));
        gateway.rewrite(&with(&place.clients.file, Some(&list)));
        gateway.hang_up();
        eventually("the authority is back", || gets_in(&config).then_some(()));
    }
}

#[test]
fn a_ticket_ends_with_the_certificate_that_was_shown_for_it() {
    let place = Place::make();
    let gateway = place.plan(&format!("client_ca = \"{}\"", place.clients.file.display())).start();
    let own = place.clients.client_expiring("clear", 6);
    let open = |config: &Arc<ClientConfig>| {
        let mut wire =
            Wire::connect_tls(gateway.port, Arc::clone(config)).map_err(|_| String::from("handshake"))?;
        let frames = wire.open(VERSION_3_0, &[("user", "clear"), ("database", "shop")]);
        let last = frames.last().ok_or_else(|| String::from("handshake"))?;
        if last.tag == b'Z' { Ok(()) } else { Err(last.fields().remove(&'M').unwrap_or_default()) }
    };
    let configs = [&TLS12, &TLS13].map(|version| own.config(&[version], &[&place.servers.file]));
    configs.iter().for_each(|config| login(&gateway, config).terminate().clear());
    for config in &configs {
        let failed = eventually("the certificate expires", || open(config).err());
        assert_eq!(failed, "the client certificate has expired");
    }
}

#[test]
fn what_expires_soon_is_told_by_metric_log_and_check() {
    let place = Place::make();
    place.servers.server(Some(&place.shown), 12 * DAY_SECONDS + 60);
    let own = place.clients.client_expiring("gateway.internal", 3 * YEAR_SECONDS);
    let list = place.folder.path().join("clients.crl");
    place.clients.revoke(&list, &[], -90 * 60);
    let more =
        format!("client_ca = \"{}\"\nclient_crl = \"{}\"", place.clients.file.display(), list.display());
    let upstream =
        format!("certificate = \"{}\"\nkey = \"{}\"", own.certificate.display(), own.key.display());
    let gateway = place.plan(&more).table("listener.upstream_tls", &upstream).start();
    let left =
        |side: &str| gateway.metric_where("dragoman_certificate_expiry_seconds", &format!("side=\"{side}\""));
    let near = |found: Option<f64>, expected: i64| {
        #[allow(clippy::cast_precision_loss)]
        let distance = (found.expect("a sample") - expected as f64).abs();
        assert!(distance < 60.0, "{found:?} is not about {expected}");
    };
    near(left("client"), -90 * 60);
    near(left("upstream"), 3 * YEAR_SECONDS);
    for said in [
        "WARN proxy::expiry: a certificate in `tls.certificate` expires in 12 days",
        "ERROR proxy::expiry: a list of revoked certificates in `tls.client_crl` has expired 90 minutes ago",
    ] {
        eventually(&format!("the log says {said}"), || gateway.log().contains(said).then_some(()));
    }
    let file = gateway.folder().join("dragoman.toml");
    let check = || {
        let checked = Command::new(env!("CARGO_BIN_EXE_dragoman"))
            .args(["check", "--config"])
            .arg(&file)
            .output()
            .unwrap();
        (checked.status.success(), String::from_utf8(checked.stdout).unwrap())
    };
    let (success, text) = check();
    let warning = "  warning: shop: a certificate in `tls.certificate` expires in 12 days\n";
    let shows = "TLS: clients may use it and must show a certificate, upstream `prefer`";
    assert!(success && text.contains(warning) && text.contains(shows), "{text}");
    // Replaced, nothing is left to say.
    place.servers.server(Some(&place.shown), YEAR_SECONDS);
    place.clients.revoke(&list, &[], 60 * DAY_SECONDS);
    eventually("the metric follows", || left("client").filter(|left| *left > 0.0));
    near(left("client"), 60 * DAY_SECONDS);
    let (success, text) = check();
    assert!(success && !text.contains("warning"), "{text}");
}

/// A relay that keeps what the server's side sends.
struct Sniffer {
    port: u16,
    heard: Arc<Mutex<Vec<u8>>>,
}

impl Sniffer {
    fn before(port: u16) -> Sniffer {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let sniffer = Sniffer { port: listener.local_addr().unwrap().port(), heard: Arc::default() };
        let heard = Arc::clone(&sniffer.heard);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let server = TcpStream::connect(("127.0.0.1", port)).unwrap();
                let (mut from, mut to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
                std::thread::spawn(move || {
                    let _ = std::io::copy(&mut from, &mut to);
                    let _ = to.shutdown(Shutdown::Write);
                });
                let (mut client, mut server, heard) = (client, server, Arc::clone(&heard));
                std::thread::spawn(move || {
                    let mut bytes = [0; 16 * 1024];
                    while let Ok(count @ 1..) = server.read(&mut bytes) {
                        heard.lock().unwrap().extend_from_slice(&bytes[..count]);
                        if client.write_all(&bytes[..count]).is_err() {
                            break;
                        }
                    }
                    let _ = client.shutdown(Shutdown::Write);
                });
            }
        });
        sniffer
    }

    /// The lengths of the TLS records that were sent, with their headers; what stands before the first is one byte.
    fn records(&self) -> Vec<usize> {
        let heard = self.heard.lock().unwrap();
        let mut rest = &heard[1..];
        let mut lengths = Vec::new();
        // One byte of type, two of version, two of length, then so many (RFC 8446, section 5.1).
        while let [20..=23, 3, _, high, low, body @ ..] = rest {
            let length = usize::from(u16::from_be_bytes([*high, *low]));
            lengths.push(length + 5);
            rest = &body[length.min(body.len())..];
        }
        assert!(rest.len() < 5, "{:02x?} is no record", &rest[..5]);
        lengths
    }
}

#[test]
fn records_on_the_wire_have_at_most_eight_kibibytes() {
    let place = Place::make();
    let gateway = place.plan("").start();
    for version in [&TLS12, &TLS13] {
        let sniffer = Sniffer::before(gateway.port);
        let mut wire = Wire::connect_tls(sniffer.port, place.config(version)).unwrap();
        let frames = wire.open(VERSION_3_0, &[("user", "clear"), ("database", "shop")]);
        assert_eq!(frames.last().map(|frame| frame.tag), Some(b'Z'));
        wire.send(&query("SELECT repeat('x', 100000), n FROM generate_series(1, 100) AS n"));
        assert_eq!(wire.until(b'Z', 1).iter().filter(|frame| frame.tag == b'D').count(), 100);
        let lengths = sniffer.records();
        let (count, most) = (lengths.len(), lengths.iter().copied().max().unwrap());
        assert!(
            most <= 8_192 && most > 8_000 && count > 1_000,
            "{version:?}: {count} records, {most} bytes at most"
        );
    }
}

/// How much a gateway may grow meanwhile.
const GROWTH_MAX_KIB: u64 = 8 * 1024;

/// RFC 8446, section 4.6.3: each change of the client's keys is answered by one of the gateway's own, which waits
/// behind everything the client does not read.
#[test]
fn keys_that_change_while_the_client_reads_nothing_lose_nothing_and_cost_nothing() {
    let place = Place::make();
    for upstream in ["disable", "require"] {
        let gateway = place.plan("").upstream_tls(upstream).start();
        let mut others: Vec<Wire> = (0..2).map(|_| login(&gateway, &place.config(&TLS13))).collect();
        let mut slow = login(&gateway, &place.config(&TLS13));
        let before = gateway.resident_kib();
        slow.send(&query("SELECT n, repeat('z', 10000) FROM generate_series(1, 2000) AS n"));
        let stalled = format!(
            "SELECT count(*) FROM pg_stat_activity WHERE pid = {} AND wait_event = 'ClientWrite'",
            slow.pid
        );
        eventually("the server waits for the reader", || {
            (place.server.ask(&stalled).as_deref() == Some("1")).then_some(())
        });
        // Statements that the server will read later, and between them new keys.
        for number in 0..50 {
            for _ in 0..5 {
                slow.renew_keys();
            }
            slow.send(&query(&format!("SELECT {number}")));
            others.iter_mut().for_each(assert_works);
        }
        let grown = gateway.resident_kib().saturating_sub(before);
        assert!(grown < GROWTH_MAX_KIB, "grown by {grown} KiB");
        let mut expected = 1;
        for frame in slow.until(b'Z', 1) {
            if frame.tag == b'D' {
                assert_eq!(frame.columns()[0].as_deref(), Some(&*expected.to_string()));
                expected += 1;
            }
        }
        assert_eq!(expected, 2001);
        for number in 0..50 {
            let frames = slow.until(b'Z', 1);
            assert_eq!(tags(&frames), "TDCZ");
            assert_eq!(frames[1].columns(), [Some(number.to_string())]);
        }
        slow.renew_keys();
        assert_works(&mut slow);
    }
}

#[test]
fn a_client_that_names_another_protocol_is_not_served() {
    let place = Place::make();
    let gateway = place.plan("").start();
    let offering = |names: &[&str]| {
        let mut config = Arc::unwrap_or_clone(place.config(&TLS13));
        config.alpn_protocols = names.iter().map(|name| name.as_bytes().to_vec()).collect();
        shake(&gateway, &Arc::new(config)).map(|session| session.alpn_protocol().map(<[u8]>::to_vec))
    };
    assert_eq!(offering(&[]), Ok(None));
    assert_eq!(offering(&["postgresql"]), Ok(Some(b"postgresql".to_vec())));
    assert_eq!(offering(&["h2", "postgresql"]), Ok(Some(b"postgresql".to_vec())));
    assert!(offering(&["h2", "http/1.1"]).is_err());
}
