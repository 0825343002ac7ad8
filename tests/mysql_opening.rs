//! How does a MySQL session begin and end: TLS on each hop, proofs, limits, and who is told what?

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod harness;

use harness::clients::run_with_input;
use harness::eventually;
use harness::gateway::{Gateway, Plan};
use harness::mariadb::{Mariadb, mariadb};
use harness::mysql_double::{Manner, MysqlDouble};
use harness::mysql_wire::{CAPABILITIES, MysqlWire, packet, query, response};
use std::time::{Duration, Instant};

const SLEEPING: &str = "SELECT COUNT(*) FROM information_schema.processlist WHERE state = 'User sleep'";

/// Asks the server through the gateway, in plaintext or over TLS; output and errors.
fn ask(gateway: &Gateway, user: &str, tls: bool, sql: &str) -> String {
    let mut command = mariadb(gateway.port, user);
    command.arg(if tls { "--ssl" } else { "--skip-ssl" });
    let ended = run_with_input(&mut command, sql);
    format!("{}{}", ended.output, ended.error)
}

/// A certificate for the gateway's own side, in `folder`.
fn certificate(folder: &tempfile::TempDir) -> harness::certificate::Certificate {
    harness::certificate::Certificate::make(folder.path())
}

#[test]
fn tls_is_each_hops_own() {
    let server = Mariadb::start();
    let folder = tempfile::tempdir().unwrap();
    let certificate = certificate(&folder);
    for upstream in ["disable", "prefer", "require"] {
        let gateway = server.plan().client_tls("prefer", &certificate).upstream_tls(upstream).start();
        for tls in [false, true] {
            let seen = ask(&gateway, "app", tls, "SHOW STATUS LIKE 'Ssl_version'; SELECT 7;");
            let version = if upstream == "disable" { "" } else { "TLSv1.3" };
            assert_eq!(seen, format!("Ssl_version\t{version}\n7\n"), "upstream {upstream}, client {tls}");
            let expected = if tls { "TLSv1.3" } else { "none" };
            gateway.recorded(&format!("a session with {expected}"), |records| {
                let start = records.iter().rfind(|record| record.event() == "session.start")?;
                (start.principal("tls") == expected).then_some(())
            });
        }
    }
}

#[test]
fn the_upstreams_certificate_is_checked_where_that_is_asked_for() {
    let server = Mariadb::start();
    let ca =
        |authority: &std::path::Path| format!("mode = \"verify-full\"\nca = \"{}\"", authority.display());
    let right = server.plan().table("listener.upstream_tls", &ca(&server.certificate().authority)).start();
    assert!(ask(&right, "app", false, "SHOW STATUS LIKE 'Ssl_version'").contains("TLSv1"), "verified");
    let folder = tempfile::tempdir().unwrap();
    let wrong = server.plan().table("listener.upstream_tls", &ca(&certificate(&folder).authority)).start();
    let refused = ask(&wrong, "app", false, "SELECT 7");
    assert!(refused.contains("ERROR 1040 (08004)") && refused.contains("`shop`"), "{refused}");
}

#[test]
fn plaintext_is_refused_where_tls_is_required_and_nothing_reaches_the_server() {
    let server = Mariadb::start();
    let folder = tempfile::tempdir().unwrap();
    let gateway = server.plan().client_tls("require", &certificate(&folder)).start();
    let refused = ask(&gateway, "app", false, "SELECT 7");
    assert!(refused.contains("ERROR 1045 (28000)") && refused.contains("requires TLS"), "{refused}");
    assert_eq!(ask(&gateway, "app", true, "SELECT 7"), "7\n");
    // What it was refused was the end of a handshake nobody needs any more.
    let log =
        eventually("the server's log", || Some(server.log()).filter(|log| log.contains("Access denied")));
    assert!(log.contains("'client_left_the_gateway'@'127.0.0.1'") && !log.contains("'app'"), "{log}");
}

#[test]
fn a_server_without_tls_is_refused_where_it_is_required() {
    let server = Mariadb::start_with(&["--skip-ssl"]);
    let gateway = server.plan().upstream_tls("require").start();
    let refused = ask(&gateway, "app", false, "SELECT 7");
    assert!(refused.contains("ERROR 1040"), "{refused}");
    // The handshake with it is brought to an end all the same.
    let ended = || server.log().contains("'client_left_the_gateway'@'127.0.0.1'").then_some(());
    eventually("the server's log", ended);
}

#[test]
fn the_greeting_is_the_servers_but_for_what_cannot_be_followed() {
    let server = Mariadb::start();
    let gateway = server.plan().start();
    let direct = MysqlWire::connect(server.port).packet().unwrap().payload;
    let through = MysqlWire::connect(gateway.port).packet().unwrap().payload;
    assert_eq!(direct.len(), through.len());
    let version = direct.iter().position(|byte| *byte == 0).unwrap();
    assert_eq!(direct[..version], through[..version]);
    let plugin = b"mysql_native_password\0";
    assert!(through.ends_with(plugin) && direct.ends_with(plugin));
    // After the version and its end: connection id, challenge, low bits, character set, status, high
    // bits, length, MariaDB's bits.
    let bits = |greeting: &[u8]| {
        let at = version + 1 + 4 + 9;
        let number = |range: std::ops::Range<usize>| {
            greeting[range].iter().rev().fold(0_u64, |number, byte| number << 8 | u64::from(*byte))
        };
        number(at..at + 2) | number(at + 5..at + 7) << 16 | number(at + 14..at + 18) << 32
    };
    let (direct, through) = (bits(&direct), bits(&through));
    // TLS that the listener does not have, and MariaDB's progress reports and cached columns.
    let expected = 1 << 11 | 1 << 29 | 1 << 32 | 1 << 36;
    assert_eq!(direct & !through, direct & expected, "{direct:x} {through:x}");
    assert_eq!(direct & (1 << 5 | 1 << 11), 1 << 5 | 1 << 11, "the server itself can do both");
    assert_eq!(through & !direct, 0);
}

#[test]
fn a_login_without_a_proof_is_refused_unless_it_is_allowed() {
    let server = Mariadb::start();
    let strict = server.plan().start();
    let mut wire = MysqlWire::connect(strict.port);
    wire.packet().unwrap();
    wire.send(&response("nobody", "unproved", CAPABILITIES));
    let refused = wire.packet().unwrap();
    let (code, text) = refused.error().unwrap();
    assert_eq!((code, refused.sequence), (1045, 2));
    assert!(text.starts_with("#28000the server granted this login without asking for a proof"), "{text}");
    strict.recorded("a failed login of `nobody`", |records| {
        let failed = records.iter().find(|record| record.event() == "login.failed")?;
        assert_eq!((failed.principal("user"), failed.text_of("sqlstate")), ("nobody", "28000"));
        Some(())
    });
    let mild = server.plan().listener("allow_unauthenticated = true").start();
    MysqlWire::login(mild.port, "unproved").quit();
}

#[test]
fn on_a_unix_socket_the_server_may_have_asked_the_system_so_nothing_counts_as_a_proof() {
    let server = Mariadb::start();
    let plan = Plan::before_any(&[format!("unix:{}", server.socket().display())]).protocol("mysql");
    let refused = ask(&plan.clone().start(), "app", false, "SELECT 7");
    assert!(refused.contains("ERROR 1045 (28000)") && refused.contains("by TCP"), "{refused}");
    let gateway = plan.listener("allow_unauthenticated = true").start();
    assert_eq!(ask(&gateway, "app", false, "SELECT 7"), "7\n");
}

#[test]
fn a_wrong_password_is_refused_in_the_servers_own_words_and_recorded() {
    let server = Mariadb::start();
    let gateway = server.plan().start();
    let mut command = mariadb(gateway.port, "app");
    let ended = run_with_input(command.env("MYSQL_PWD", "wrong"), "SELECT 7");
    assert!(
        ended.error.contains("Access denied for user 'app'@'127.0.0.1' (using password: YES)"),
        "{ended:?}"
    );
    gateway.recorded("the failed login", |records| {
        let failed = records.iter().find(|record| record.event() == "login.failed")?;
        assert_eq!((failed.principal("user"), failed.text_of("sqlstate")), ("app", "28000"));
        assert_eq!(failed.principal("application"), "mysql");
        Some(())
    });
}

#[test]
fn a_server_that_is_gone_is_named_and_what_was_under_way_is_lost() {
    let mut server = Mariadb::start();
    let gateway = server.plan().listener("allow_unauthenticated = true").start();
    let mut wire = MysqlWire::login(gateway.port, "lost");
    wire.send(&query("SELECT SLEEP(60)"));
    eventually("the query runs", || (server.ask(SLEEPING) == "1").then_some(()));
    server.kill();
    assert_eq!(wire.packet(), None, "the gateway closes as the server did");
    gateway.recorded("the lost statement", |records| {
        records.iter().any(|record| record.text_of("message_class") == "lost").then_some(())
    });
    let refused = ask(&gateway, "app", false, "SELECT 7");
    assert!(
        refused.contains("ERROR 1040") && refused.contains("no server behind listener `shop`"),
        "{refused}"
    );
    let (status, text) = gateway.ready();
    assert!(status == 503 && text.contains("shop"), "{status} {text}");
}

#[test]
fn openings_that_are_none_end_within_the_bound() {
    let server = Mariadb::start();
    let gateway = server.plan().table("listener.limits", "login_seconds = 1").start();
    let begin = Instant::now();
    let mut silent = MysqlWire::connect(gateway.port);
    silent.packet().unwrap();
    let (code, text) = silent.packet().unwrap().error().unwrap();
    assert_eq!(code, 1045, "{text}");
    assert!(begin.elapsed() < Duration::from_secs(5), "{:?}", begin.elapsed());
    for garbage in
        [&b"GET / HTTP/1.1\r\n\r\n"[..], &packet(1, b"\0\0\0\0"), &packet(1, &[0xff; 40]), &[0; 64]]
    {
        let mut wire = MysqlWire::connect(gateway.port);
        wire.packet().unwrap();
        wire.send(garbage);
        let answer = wire.packet();
        assert!(answer.is_none_or(|answer| answer.error().is_some_and(|(code, _)| code == 1835)));
    }
    // Others are served meanwhile.
    assert_eq!(ask(&gateway, "app", false, "SELECT 7"), "7\n");
}

#[test]
fn who_is_idle_too_long_is_told_so_as_the_answer_to_the_next_command() {
    let server = Mariadb::start();
    let plan = server.plan().listener("allow_unauthenticated = true");
    let gateway = plan.table("listener.limits", "idle_seconds = 1").start();
    let mut wire = MysqlWire::login(gateway.port, "idle");
    let words = wire.packet().unwrap();
    assert_eq!((words.error().unwrap().0, words.sequence), (4031, 1));
    assert_eq!(wire.packet(), None);
}

#[test]
fn a_gateway_that_is_stopped_tells_its_clients() {
    let server = Mariadb::start();
    let mut gateway = server.plan().listener("allow_unauthenticated = true").start();
    let mut idle = MysqlWire::login(gateway.port, "stopped");
    gateway.terminate();
    let words = idle.packet().unwrap();
    assert_eq!((words.error().unwrap().0, words.sequence), (1053, 1));
    assert_eq!(idle.packet(), None);
    assert!(gateway.ended_within(Duration::from_secs(15)).success());
}

#[test]
fn a_stopping_gateway_lets_statements_and_transactions_end() {
    let server = Mariadb::start();
    let plan = server.plan().listener("allow_unauthenticated = true");
    let mut gateway = plan.data_plane("drain_seconds = 10").start();
    let mut open = MysqlWire::login(gateway.port, "open");
    let mut busy = MysqlWire::login(gateway.port, "busy");
    open.ask(&query("BEGIN"));
    assert!(open.ask(&query("INSERT INTO scratch (id) VALUES (1)"))[0].is_ok());
    busy.send(&query("SELECT 1 FROM customers WHERE id = 1 AND SLEEP(1.5) = 0"));
    eventually("the statement runs", || (server.ask(SLEEPING) == "1").then_some(()));
    gateway.terminate();
    let answer = busy.answer();
    assert_eq!(answer[3].payload, b"\x011", "what runs comes to its end: {answer:?}");
    assert_eq!(busy.packet().unwrap().error().unwrap().0, 1053);
    assert!(open.ask(&query("INSERT INTO scratch (id) VALUES (2)"))[0].is_ok(), "the transaction goes on");
    assert!(open.ask(&query("COMMIT"))[0].is_ok());
    assert_eq!(open.packet().unwrap().error().unwrap().0, 1053);
    assert!(gateway.ended_within(Duration::from_secs(5)).success());
    assert_eq!(server.ask("SELECT COUNT(*) FROM scratch"), "2");
}

#[test]
fn a_query_is_killed_from_another_session_by_the_servers_own_number() {
    let server = Mariadb::start();
    let gateway = server.plan().listener("allow_unauthenticated = true").start();
    let mut sleeper = MysqlWire::login(gateway.port, "sleeper");
    let answer = sleeper.ask(&query("SELECT CONNECTION_ID()"));
    let id = String::from_utf8_lossy(&answer[3].payload[1..]).into_owned();
    sleeper.send(&query("SELECT 1 FROM customers WHERE SLEEP(60)"));
    eventually("the query runs", || (server.ask(SLEEPING) == "1").then_some(()));
    assert_eq!(ask(&gateway, "app", false, &format!("KILL QUERY {id}")), "");
    let interrupted = sleeper.answer();
    assert!(
        interrupted.iter().any(|packet| packet.error().is_some_and(|(code, _)| code == 1317)),
        "{interrupted:?}"
    );
    sleeper.ask(&query("SELECT 1"));
    sleeper.quit();
}

#[test]
fn a_rogue_double_gets_no_file_of_a_client() {
    let double = MysqlDouble::start(Manner { warm: true, asks_for_files: true, ..Manner::default() });
    let gateway = Plan::before_port(double.port).protocol("mysql").start();
    let script = "SELECT 7 AS a";
    let ended = run_with_input(mariadb(gateway.port, "app").arg("--skip-ssl"), script);
    assert!(
        ended.error.contains("ERROR 1835") && ended.error.contains("no statement has offered"),
        "{ended:?}"
    );
}
