//! How does somebody log in to MySQL or MariaDB through the gateway: by which plugin, over which hops, and
//! what becomes of those who do not?

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod harness;

use harness::certificate::Certificate;
use harness::clients::run_with_input;
use harness::eventually;
use harness::gateway::{Gateway, Plan};
use harness::mariadb::{Mariadb, mariadb, node_mysql, printed, python_mysql};
use harness::mysql_double::login::SECOND_PASSWORD;
use harness::mysql_double::{Hostile, Login, Manner, MysqlDouble};
use harness::mysql_wire::{CAPABILITIES, MysqlWire, Packet, packet, query, response};
use harness::relay::Relay;
use harness::server::PASSWORD;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::process::Command;
use std::sync::Arc;

/// Whether the client's hop has TLS, and the server's.
type Hops = (bool, bool);

const ALL_HOPS: [Hops; 4] = [(false, false), (true, false), (false, true), (true, true)];

/// A double and a gateway before it.
struct Place {
    double: MysqlDouble,
    gateway: Gateway,
    _folder: tempfile::TempDir,
}

impl Place {
    fn make(login: Login, warm: bool, (_, server): Hops) -> Place {
        let folder = tempfile::tempdir().unwrap();
        let certificate = Certificate::make(folder.path());
        let double = MysqlDouble::start(Manner { tls: server, warm, login, ..Manner::default() });
        let plan = Plan::before_port(double.port).protocol("mysql").client_tls("prefer", &certificate);
        let gateway = plan.upstream_tls(if server { "require" } else { "disable" }).start();
        Place { double, gateway, _folder: folder }
    }

    /// Lets a driver log in; how it proved the password to the double, and what it printed.
    fn log_in(&self, mut driver: Command, (client, _): Hops) -> (Option<&'static str>, String) {
        let seen = printed(driver.env("MYSQL_TLS", if client { "yes" } else { "no" }));
        (self.double.login(), seen)
    }

    fn mysql2(&self) -> Command {
        node_mysql("login_mysql2.js", self.gateway.port)
    }

    fn connector(&self) -> Command {
        python_mysql("login_mysql_connector.py", self.gateway.port)
    }

    /// The same driver with Oracle's library in C.
    fn connector_in_c(&self) -> Command {
        let mut command = self.connector();
        command.env("MYSQL_C", "yes");
        command
    }

    fn pymysql(&self) -> Command {
        python_mysql("login_pymysql.py", self.gateway.port)
    }

    /// That no password is in the gateway's log or ledger.
    fn assert_silent(&self) {
        assert!(!self.gateway.log().contains(PASSWORD), "{}", self.gateway.log());
        for entry in std::fs::read_dir(self.gateway.ledger()).unwrap().flatten() {
            let bytes =
                if entry.path().is_file() { std::fs::read(entry.path()).unwrap() } else { Vec::new() };
            let found = bytes.windows(PASSWORD.len()).any(|window| window == PASSWORD.as_bytes());
            assert!(!found, "{}", entry.path().display());
        }
    }
}

/// How the server learns the whole password: as it is over TLS, hidden under its key without.
fn whole((_, server): Hops) -> &'static str {
    if server { "clear" } else { "encrypted" }
}

#[test]
fn a_hash_that_is_known_is_enough_over_any_hops_before_a_double() {
    for hops in ALL_HOPS {
        let place = Place::make(Login::Caching, true, hops);
        for driver in [place.mysql2(), place.connector(), place.connector_in_c(), place.pymysql()] {
            let name = format!("{hops:?} {driver:?}");
            let (login, seen) = place.log_in(driver, hops);
            assert!(seen.starts_with("in ") && seen.contains('7'), "{name}: {seen}");
            assert_eq!(login, Some("fast"), "{name}");
        }
    }
}

#[test]
fn the_whole_password_reaches_the_server_over_any_hops_before_a_double() {
    for (login, hops) in
        ALL_HOPS.iter().flat_map(|hops| [Login::Caching, Login::CachingBySwitch].map(|login| (login, *hops)))
    {
        let place = Place::make(login, false, hops);
        let (proved, seen) = place.log_in(place.mysql2(), hops);
        assert_eq!((proved, &*seen), (Some(whole(hops)), "in [{\"a\":7}]\n"), "{login:?} {hops:?}");
        let (proved, seen) = place.log_in(place.pymysql(), hops);
        assert_eq!((proved, &*seen), (Some(whole(hops)), "in ((7,),)\n"), "{login:?} {hops:?}");
        for driver in [place.connector(), place.connector_in_c()] {
            let name = format!("{login:?} {hops:?} {driver:?}");
            let (proved, seen) = place.log_in(driver, hops);
            // Without TLS these ask for no key, whatever the server wants.
            assert_eq!(proved, hops.0.then(|| whole(hops)), "{name}: {seen}");
            assert_eq!(seen.starts_with("in "), hops.0, "{name}: {seen}");
        }
        place.assert_silent();
    }
}

#[test]
fn a_wrong_password_is_the_servers_to_refuse_over_any_hops_before_a_double() {
    for hops in ALL_HOPS {
        for warm in [true, false] {
            let place = Place::make(Login::Caching, warm, hops);
            let mut driver = place.mysql2();
            driver.env("MYSQL_PASSWORD", "wrong");
            let (proved, seen) = place.log_in(driver, hops);
            assert_eq!(proved, None);
            assert_eq!(seen, "error 1045 28000 Access denied by the double\n", "{hops:?}");
        }
    }
}

#[test]
fn a_login_of_two_factors_passes_where_each_of_them_may_before_a_double() {
    for (warm, hops) in
        [(true, (true, true)), (false, (true, true)), (true, (false, true)), (false, (true, false))]
    {
        let place = Place::make(Login::TwoFactors, warm, hops);
        for (mut driver, password, is_right) in [
            (place.connector(), SECOND_PASSWORD, true),
            (place.connector_in_c(), SECOND_PASSWORD, true),
            (place.connector(), "wrong", false),
        ] {
            driver.env("MYSQL_PASSWORD_2", password).env("LIBMYSQL_ENABLE_CLEARTEXT_PLUGIN", "1");
            let name = format!("{warm} {hops:?} {driver:?}");
            let (proved, seen) = place.log_in(driver, hops);
            let is_private = hops == (true, true);
            assert_eq!(proved, (is_private && is_right).then_some("two factors"), "{name}: {seen}");
            assert_eq!(seen.starts_with("in "), is_private && is_right, "{name}: {seen}");
            let words = "the password would travel unencrypted on one of the two connections";
            assert_eq!(seen.contains(words), !is_private, "{name}: {seen}");
        }
        place.assert_silent();
    }
}

#[test]
fn a_signature_passes_over_any_hops_before_a_double() {
    for hops in ALL_HOPS {
        let place = Place::make(Login::Ed25519, true, hops);
        for (password, expected) in [(PASSWORD, Some("signed")), ("wrong", None)] {
            let mut client = mariadb(place.gateway.port, "app");
            client.env("MYSQL_PWD", password).arg(if hops.0 { "--ssl" } else { "--skip-ssl" });
            let ended = run_with_input(&mut client, "SELECT 7 AS a");
            assert_eq!(place.double.login(), expected, "{hops:?}: {ended:?}");
            assert_eq!(ended.output, if expected.is_some() { "7\n" } else { "" }, "{hops:?}: {ended:?}");
        }
    }
}

#[test]
fn a_password_that_is_sent_as_it_is_passes_only_where_both_hops_are_private_before_a_double() {
    for hops in ALL_HOPS {
        let place = Place::make(Login::Clear, true, hops);
        let mut client = mariadb(place.gateway.port, "app");
        client.arg(if hops.0 { "--ssl" } else { "--skip-ssl" });
        let ended = run_with_input(&mut client, "SELECT 7 AS a");
        if hops == (true, true) {
            assert_eq!((place.double.login(), &*ended.output), (Some("clear"), "7\n"), "{ended:?}");
        } else {
            assert_eq!(place.double.login(), None);
            let words = "the password would travel unencrypted on one of the two connections";
            assert!(ended.error.contains("ERROR 1045 (28000)") && ended.error.contains(words), "{ended:?}");
        }
    }
}

#[test]
fn a_token_for_another_host_is_refused_in_words_before_a_double() {
    let place = Place::make(Login::Kerberos, true, (true, true));
    let (proved, seen) = place.log_in(place.mysql2(), (true, true));
    assert_eq!(proved, None);
    let words = "tokens of `authentication_kerberos_client` name the host the client connected to";
    assert!(seen.starts_with("error 1045 28000") && seen.contains(words), "{seen}");
    assert!(seen.contains("let the account use caching_sha2_password"), "{seen}");
}

#[test]
fn a_key_that_is_none_hides_no_password_before_a_double() {
    let folder = tempfile::tempdir().unwrap();
    let certificate = Certificate::make(folder.path());
    let double = MysqlDouble::start(Manner { hostile: Some(Hostile::GivesNoKey), ..Manner::default() });
    let plan = Plan::before_port(double.port).protocol("mysql").client_tls("prefer", &certificate);
    let gateway = plan.upstream_tls("disable").start();
    let seen = printed(node_mysql("login_mysql2.js", gateway.port).env("MYSQL_TLS", "yes"));
    assert!(seen.starts_with("error 1045 28000") && seen.contains("no RSA key of 2048 bits"), "{seen}");
    assert_eq!(double.login(), None);
}

#[test]
fn one_byte_at_a_time_is_a_login_as_well_before_a_double() {
    let place = Place::make(Login::CachingBySwitch, false, (false, true));
    let slow = Relay::before(place.gateway.port, 1);
    let mut driver = node_mysql("login_mysql2.js", slow.port);
    assert_eq!(printed(driver.env("MYSQL_TLS", "no")), "in [{\"a\":7}]\n");
    assert_eq!(place.double.login(), Some("clear"));
}

/// Answers whatever comes with nothing, until an error or the end.
fn answer_all(mut wire: MysqlWire) -> Option<(u16, String)> {
    let mut has_responded = false;
    while let Some(Packet { sequence, payload }) = wire.packet() {
        let packet_heard = Packet { sequence, payload };
        if let Some(error) = packet_heard.error() {
            return Some(error);
        }
        let answer = packet(sequence.wrapping_add(1), b"");
        wire.send(if has_responded { &answer } else { &[] });
        if !has_responded {
            wire.send(&response("nobody", "hostile", CAPABILITIES));
        }
        has_responded = true;
    }
    None
}

/// Each is closed or refused within bounds and counted, and a session beside it goes on.
#[test]
fn a_hostile_double_harms_nobody() {
    let server = Mariadb::start();
    for hostile in Hostile::ALL {
        let tls = hostile == Hostile::AheadOfTls;
        let double = MysqlDouble::start(Manner { tls, hostile: Some(hostile), ..Manner::default() });
        let beside = harness::free_port();
        let lines = format!(
            "name = \"beside\"\nprotocol = \"mysql\"\nlisten = \"127.0.0.1:{beside}\"\n\
             upstream = [\"127.0.0.1:{}\"]\nenvironment = \"development\"\nmode = \"observe\"\n\
             allow_unauthenticated = true",
            server.port
        );
        let plan = Plan::before_port(double.port).protocol("mysql");
        let plan = plan.upstream_tls(if tls { "require" } else { "disable" });
        let gateway = plan.table("listener.limits", "login_seconds = 2").table("[listener]", &lines).start();
        let mut session = MysqlWire::login(beside, "beside");
        let (reason, words) = match hostile {
            Hostile::LongGreeting
            | Hostile::OldGreeting
            | Hostile::BoundlessGreeting
            | Hostile::EmptyGreeting => ("malformed", "the server's greeting is of no known version"),
            Hostile::CutGreeting => ("unreachable", "the server closed the connection during login"),
            Hostile::Silent => ("timeout", "login took too long"),
            Hostile::SwitchesForEver | Hostile::GoesOnForEver => {
                ("malformed", "the server's login does not come to an end")
            }
            Hostile::WrongNumbers => ("malformed", "packet number 77 where 2 was expected"),
            Hostile::AsksForFile => ("malformed", "the server asked the client for a file"),
            Hostile::AheadOfTls => ("malformed", "the server sent unencrypted data ahead of TLS"),
            Hostile::GivesNoKey => ("malformed", "unexpected packet of type"),
            Hostile::GrantsAtOnce => ("refused", "the server granted this login without asking for a proof"),
            Hostile::LongAnswer => ("malformed", "unexpected packet of type"),
        };
        if hostile == Hostile::GivesNoKey {
            // It needs a client that sends a password: see the test of its own.
            continue;
        }
        let refused = answer_all(MysqlWire::connect(gateway.port));
        assert!(refused.as_ref().is_some_and(|(_, text)| text.contains(words)), "{hostile:?}: {refused:?}");
        let label = format!("reason=\"{reason}\"");
        eventually(&format!("{hostile:?} is counted as {reason}"), || {
            let counted = gateway.metric_where("dragoman_logins_failed_total", &label);
            counted.filter(|count| *count >= 1.0)
        });
        assert_eq!(double.login(), None, "{hostile:?}");
        assert_eq!(session.ask(&query("SELECT 7")).len(), 5, "{hostile:?}: the session beside goes on");
        session.quit();
        assert_eq!(gateway.metric("dragoman_faults_total").unwrap_or(0.0), 0.0, "{hostile:?}");
    }
}

/// A request for TLS.
fn tls_request(number: u8) -> Vec<u8> {
    let mut payload = (CAPABILITIES | 0x0800).to_le_bytes().to_vec();
    payload.extend([0, 0, 0, 1, 45]);
    payload.extend([0; 23]);
    packet(number, &payload)
}

#[test]
fn openings_that_break_the_order_end_and_are_counted_and_do_not_count_at_the_server() {
    let server = Mariadb::start();
    let folder = tempfile::tempdir().unwrap();
    let certificate = Certificate::make(folder.path());
    let gateway = server.plan().client_tls("prefer", &certificate).start();
    let mut good = response("nobody", "order", CAPABILITIES);
    good[3] = 9;
    let mut long = CAPABILITIES.to_le_bytes().to_vec();
    long.resize(70_000, 0);
    let cases: [(&str, Vec<u8>, Option<&str>); 5] = [
        (
            "too many bytes",
            packet(1, &long),
            Some("more than 65536 bytes (`limits.login_bytes`) before the login was done"),
        ),
        (
            "a length no response has",
            b"\xff\xff\xff\x01".to_vec(),
            Some("invalid length of the handshake response"),
        ),
        ("a number out of order", good, Some("packet number 9 where 1 was expected")),
        ("a request for TLS out of order", tls_request(2), Some("packet number 2 where 1 was expected")),
        (
            "a login in plaintext behind the request for TLS",
            [tls_request(1), response("nobody", "smuggled", CAPABILITIES)].concat(),
            None,
        ),
    ];
    let label = "reason=\"malformed\"";
    let count = || gateway.metric_where("dragoman_logins_failed_total", label).unwrap_or(0.0);
    for (number, (name, bytes, words)) in cases.into_iter().enumerate() {
        let mut wire = MysqlWire::connect(gateway.port);
        wire.packet().unwrap();
        wire.send(&bytes);
        if let Some(words) = words {
            let (code, text) = wire.packet().unwrap().error().unwrap();
            assert!(code == 1835 && text.contains(words), "{name}: {text}");
        }
        let counted = f64::from(u32::try_from(number).unwrap() + 1);
        eventually(&format!("{name} is counted"), || (count() >= counted).then_some(()));
    }
    // Inside TLS it cannot begin again.
    let mut socket = TcpStream::connect(("127.0.0.1", gateway.port)).unwrap();
    socket.set_read_timeout(Some(harness::PATIENCE)).unwrap();
    let mut header = [0; 4];
    socket.read_exact(&mut header).unwrap();
    let mut greeting = vec![0; usize::from(header[0])];
    socket.read_exact(&mut greeting).unwrap();
    socket.write_all(&tls_request(1)).unwrap();
    let name = rustls::pki_types::ServerName::try_from("localhost").unwrap();
    let session = rustls::ClientConnection::new(Arc::clone(&certificate.client_config(&[])), name).unwrap();
    let mut tls = rustls::StreamOwned::new(session, socket);
    tls.write_all(&tls_request(2)).unwrap();
    let mut answer = [0; 64];
    let len = tls.read(&mut answer).unwrap();
    let text = String::from_utf8_lossy(&answer[..len]);
    assert!(answer[3] == 3 && text.contains("invalid handshake response"), "{text}");
    // Others are served.
    assert_eq!(run_with_input(mariadb(gateway.port, "app").arg("--skip-ssl"), "SELECT 7").output, "7\n");
}

/// What the server holds against the address the gateway is seen at.
fn held_against(server: &Mariadb) -> String {
    server.ask("SELECT COALESCE(SUM(sum_connect_errors), 0) FROM performance_schema.host_cache")
}

#[test]
fn who_leaves_during_the_handshake_does_not_count_against_the_gateway() {
    let server = Mariadb::start_with(&[
        "--skip-name-resolve=0",
        "--host-cache-size=128",
        "--max-connect-errors=3",
        "--performance-schema=ON",
    ]);
    server.ask(&format!("CREATE USER app@'127.0.0.2' IDENTIFIED BY '{PASSWORD}'"));
    // Errors of 127.0.0.1 are never held against it.
    let seen = Relay::as_seen_from(Ipv4Addr::new(127, 0, 0, 2), server.port);
    let leave_after_the_greeting = |port| {
        assert_eq!(MysqlWire::connect(port).packet().unwrap().payload[0], 10);
    };
    for count in 1..=3 {
        leave_after_the_greeting(seen.port);
        eventually("the server noticed", || (held_against(&server) == count.to_string()).then_some(()));
    }
    let blocked = MysqlWire::connect(seen.port).packet().unwrap().error().unwrap();
    assert_eq!(blocked.0, 1129, "directly, whoever leaves three times blocks everybody: {}", blocked.1);
    let plan = Plan::before_port(seen.port).protocol("mysql");
    let patient = plan.clone().start();
    let plan = plan.table("listener.limits", "login_seconds = 2");
    let gateways = [plan.clone().upstream_tls("require").start(), plan.upstream_tls("disable").start()];
    server.ask("FLUSH HOSTS");
    let respond = |port, bytes: &[u8]| {
        let mut wire = MysqlWire::connect(port);
        wire.packet().unwrap();
        wire.send(bytes);
        wire
    };
    let mut switched = response("app", "left", CAPABILITIES);
    let plugin = switched.windows(6).position(|window| window == b"native").unwrap();
    switched[plugin..plugin + 6].copy_from_slice(b"notive");
    // These say nothing, and are waited for until it takes too long.
    let mut silent = vec![respond(patient.port, b"")];
    for gateway in gateways.iter().flat_map(|gateway| [gateway; 4]) {
        leave_after_the_greeting(gateway.port);
        respond(gateway.port, b"GET / HTTP/1.1\r\n\r\n").packet();
        // It is asked by another plugin, and leaves then.
        let asked = respond(gateway.port, &switched).packet().unwrap();
        assert_eq!(asked.payload[0], 0xfe);
        silent.push(respond(gateway.port, b""));
    }
    for wire in silent.iter_mut().rev() {
        assert_eq!(wire.packet().unwrap().error().unwrap().0, 1045);
    }
    for gateway in &gateways {
        let failed = || gateway.metric("dragoman_logins_failed_total").filter(|failed| *failed == 16.0);
        eventually("each has failed", failed);
    }
    let log = || server.log().matches("'client_left_the_gateway'@").count();
    // Not the four that were asked by another plugin: they had a name.
    eventually("the server has seen each of them to its end", || (log() == 25).then_some(()));
    assert_eq!(held_against(&server), "0");
    let mut client = mariadb(patient.port, "app");
    assert_eq!(run_with_input(client.arg("--database="), "SELECT 7").output, "7\n");
}

#[test]
fn logins_that_prove_nothing_are_refused_whatever_lets_them_in() {
    let server = Mariadb::start();
    let user = String::from_utf8(Command::new("id").arg("-un").output().unwrap().stdout).unwrap();
    let user = user.trim();
    server.ask(&format!("CREATE OR REPLACE USER '{user}'@localhost IDENTIFIED VIA unix_socket"));
    server.ask("CREATE USER ''@'127.0.0.1'");
    let socket = format!("unix:{}", server.socket().display());
    let by_socket = Plan::before_any(&[socket]).protocol("mysql").start();
    let by_tcp = server.plan().start();
    // By the system's word, an account nobody has named, and one without a password.
    for (gateway, user) in [(&by_socket, user), (&by_tcp, "whoever"), (&by_tcp, "nobody")] {
        let mut client = mariadb(gateway.port, user);
        let ended =
            run_with_input(client.args(["--skip-ssl", "--database="]).env_remove("MYSQL_PWD"), "SELECT 7");
        let words = "the server granted this login without asking for a proof";
        assert!(
            ended.error.contains("ERROR 1045 (28000)") && ended.error.contains(words),
            "{user}: {ended:?}"
        );
    }
}

#[test]
fn an_expired_password_can_be_changed_through_the_gateway() {
    let server = Mariadb::start();
    let gateway = server.plan().start();
    let see = |port| {
        let change = format!("SET PASSWORD = PASSWORD('{PASSWORD}')");
        server.ask("DROP USER IF EXISTS late@'127.0.0.1'");
        server.ask(&format!("CREATE USER late@'127.0.0.1' IDENTIFIED BY '{PASSWORD}' PASSWORD EXPIRE"));
        let mut client = mariadb(port, "late");
        client.args(["--skip-ssl", "--database=", "--connect-expired-password"]);
        let ended = run_with_input(&mut client, &format!("SELECT 7;\n{change};\nSELECT 8;\n"));
        format!("{}{}", ended.output, ended.error)
    };
    let direct = see(server.port);
    assert!(direct.contains("ERROR 1820") && direct.contains('8'), "{direct}");
    assert_eq!(see(gateway.port), direct);
}

#[test]
fn a_session_becomes_another_users_over_any_hops() {
    let server = Mariadb::start();
    let folder = tempfile::tempdir().unwrap();
    let certificate = Certificate::make(folder.path());
    for (client, upstream) in ALL_HOPS {
        let plan = server.plan().client_tls("prefer", &certificate);
        let gateway = plan.upstream_tls(if upstream { "require" } else { "disable" }).start();
        let mut driver = node_mysql("login_change_user.js", gateway.port);
        let seen = printed(driver.env("MYSQL_TLS", if client { "yes" } else { "no" }));
        assert_eq!(seen, "in bob@127.0.0.1\nin app@127.0.0.1\nin bob@127.0.0.1\n", "{client} {upstream}");
    }
}
