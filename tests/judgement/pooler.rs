//! Is a session made read-only as well where a pooler between gateway and server takes no such setting
//! at login?
//!
//! The pooler is a double: it turns away startup packets as pgbouncer does, and hands everything else to
//! the real server. A real pgbouncer is not among what tests can rely on.

use crate::harness::clients::{psql, run};
use crate::harness::gateway::Plan;
use crate::harness::server::Server;
use crate::harness::wire::{SSL_REQUEST, VERSION_3_0, Wire, first_error, message};
use crate::harness::{each_version, eventually};
use crate::rules::{logging, passes, reading_only, told};
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};

/// What pgbouncer says of a startup parameter that it does not know.
const REJECTED: &[u8] =
    b"SFATAL\0VFATAL\0C08P01\0Munsupported startup parameter: default_transaction_read_only\0\0";

/// Hands sessions to the server at `port`, but none whose login sets what poolers do not know. With
/// `forgets`, it takes it and does nothing about it.
fn pooler(port: u16, forgets: bool) -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    let own = listener.local_addr().expect("its address").port();
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            std::thread::spawn(move || serve(client, port, forgets));
        }
    });
    own
}

fn serve(mut client: TcpStream, port: u16, forgets: bool) -> std::io::Result<()> {
    let mut packet = first(&mut client)?;
    if packet == SSL_REQUEST {
        client.write_all(b"N")?;
        packet = first(&mut client)?;
    }
    let parameter = b"default_transaction_read_only\0on\0";
    if let Some(at) = packet.windows(parameter.len()).position(|window| window == parameter) {
        if !forgets {
            return client.write_all(&message(b'E', REJECTED));
        }
        packet.drain(at..at + parameter.len());
        let length = u32::try_from(packet.len()).expect("a length").to_be_bytes();
        packet[..4].copy_from_slice(&length);
    }
    let mut server = TcpStream::connect(("127.0.0.1", port))?;
    server.write_all(&packet)?;
    let (mut from, mut to) = (server.try_clone()?, client.try_clone()?);
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut from, &mut to);
        let _ = to.shutdown(Shutdown::Write);
    });
    std::io::copy(&mut client, &mut server)?;
    server.shutdown(Shutdown::Write)
}

fn first(socket: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    let mut packet = vec![0; 4];
    socket.read_exact(&mut packet)?;
    let length = u32::from_be_bytes([packet[0], packet[1], packet[2], packet[3]]) as usize;
    packet.resize(length, 0);
    socket.read_exact(&mut packet[4..])?;
    Ok(packet)
}

/// A login's messages without what is drawn anew, and with the setting that differs taken as `on`.
fn greeting(wire: &mut Wire) -> Vec<(u8, Vec<u8>)> {
    let frames = wire.open(VERSION_3_0, &[("user", "clear"), ("database", "shop")]);
    let mut told: Vec<_> = frames
        .into_iter()
        .filter(|frame| frame.tag != b'K' && !frame.body.starts_with(b"default_transaction_read_only"))
        .map(|frame| (frame.tag, frame.body))
        .collect();
    told.sort();
    told
}

fn double_between(server: &Server, forgets: bool) -> crate::harness::gateway::Gateway {
    reading_only(Plan::before_port(pooler(server.port, forgets))).start()
}

#[test]
fn behind_a_double_that_takes_no_such_setting_a_session_only_reads_all_the_same() {
    each_version(|version| {
        let server = logging(version);
        let gateway = double_between(&server, false);
        let mut wire = Wire::connect(gateway.port);
        // The client notices nothing.
        assert_eq!(greeting(&mut wire), greeting(&mut Wire::connect(server.port)));
        eventually("the log says so", || {
            gateway.log().contains("default_transaction_read_only").then_some(())
        });
        for setting in ["default_transaction_read_only", "transaction_read_only"] {
            assert_eq!(passes(&mut wire, &format!("SHOW {setting}")).as_deref(), Some("on"));
        }
        for sql in ["DELETE FROM scratch", "SET default_transaction_read_only = off", "BEGIN READ WRITE"] {
            assert_eq!(first_error(&wire.query(sql)).as_deref(), Some("25006"), "{sql}");
        }
        for sql in ["RESET ALL", "DISCARD ALL", "SELECT 1; RESET ALL; SELECT 2"] {
            let [sqlstate, message, detail, hint] = told(&wire.query(sql));
            assert_eq!(sqlstate, "25006", "{sql}");
            assert!(
                message.contains("read-only") && detail.contains("statement only"),
                "{message}; {detail}"
            );
            assert!(hint.contains("one by one"), "{hint}");
        }
        for sql in
            ["RESET statement_timeout", "DEALLOCATE ALL", "UNLISTEN *", "BEGIN", "SELECT 1", "ROLLBACK"]
        {
            assert_eq!(first_error(&wire.query(sql)), None, "{sql}");
        }
        // Undone by what the gateway does not see: nothing passes but the way out of a transaction.
        assert_eq!(passes(&mut wire, "SHOW default_transaction_read_only").as_deref(), Some("on"));
        // A refused login is told as everywhere.
        let mut refused = Wire::connect(gateway.port);
        let frames = refused.open(VERSION_3_0, &[("user", "clear"), ("database", "shop"), ("role", "app")]);
        assert_eq!(first_error(&frames).as_deref(), Some("25006"));
    });
}

/// What the client has proved serves for the second login as for the first.
#[test]
fn behind_a_double_a_verified_login_only_reads_as_well() {
    each_version(|version| {
        let server = logging(version);
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("users.txt");
        let stored =
            server.ask("SELECT rolpassword FROM pg_authid WHERE rolname = 'app'").expect("a verifier");
        std::fs::write(&file, format!("\"app\" \"{stored}\"\n")).expect("the file of verifiers");
        let verifiers = format!("mode = \"verify\"\nverifiers = \"{}\"", file.display());
        let plan = Plan::before_port(pooler(server.port, false)).table("listener.authentication", &verifiers);
        let gateway = reading_only(plan).start();
        let shown = run(psql(gateway.port, "app").args(["-A", "-t", "-c", "SHOW transaction_read_only"]));
        assert_eq!(shown.printed(), "on\n");
        let reset = run(psql(gateway.port, "app").args(["-c", "RESET ALL"]));
        assert!(reset.error.contains("25006") && reset.error.contains("statement only"), "{reset:?}");
    });
}

/// A pipeline that follows the login at once comes behind the gateway's own statement.
#[test]
fn behind_a_double_what_is_sent_with_the_login_waits_for_the_setting() {
    each_version(|version| {
        let server = logging(version);
        let gateway = double_between(&server, false);
        let mut wire = Wire::connect(gateway.port);
        let login = crate::harness::wire::startup(VERSION_3_0, &[("user", "clear"), ("database", "shop")]);
        let eager = [
            login,
            crate::harness::wire::password(crate::harness::server::PASSWORD),
            crate::harness::wire::query("SHOW transaction_read_only"),
        ];
        wire.send(&eager.concat());
        let frames = wire.until(b'Z', 2);
        let rows: Vec<_> =
            frames.iter().filter(|frame| frame.tag == b'D').map(|frame| frame.columns()).collect();
        assert_eq!(rows, [[Some("on".to_owned())]]);
    });
}

/// One that takes the setting and forgets it: the server says so, and nothing passes.
#[test]
fn behind_a_double_that_forgets_the_setting_nothing_passes() {
    each_version(|version| {
        let server = logging(version);
        let rules = tempfile::Builder::new().prefix("dragoman-rules-").tempdir().expect("a folder");
        let lets_pass =
            "[[rule]]\nname = \"all\"\nwhen = { class = [\"read\", \"session\"] }\ndecision = \"allow\"\n";
        std::fs::write(rules.path().join("own.toml"), lets_pass).expect("the rules are written");
        let plan = Plan::before_port(pooler(server.port, true)).mode("enforce");
        let directory = format!("directory = \"{}\"", rules.path().display());
        let gateway =
            plan.listener("policies = [\"read-only\", \"own\"]").table("policies", &directory).start();
        let mut wire = Wire::login(gateway.port, "clear");
        for sql in ["SELECT 1", "SHOW transaction_read_only", "BEGIN"] {
            let [sqlstate, message, _, hint] = told(&wire.query(sql));
            assert!(sqlstate == "25006" && hint.starts_with("connect again"), "{sql}: {message}; {hint}");
        }
        assert_eq!(first_error(&wire.query("ROLLBACK")), None);
        // No rule refused what the rules let pass.
        gateway.recorded("the refusals, of no rule", |records| {
            let refused = records.iter().filter(|record| record.event() == "statement.refused");
            let rules: Vec<_> = refused.map(|record| record.text_of("rule")).collect();
            (rules.len() == 3).then(|| assert_eq!(rules, [""; 3]))
        });
    });
}
