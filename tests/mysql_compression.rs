//! Does a client that compresses get the same as one that does not, and is it watched and refused like any other?
//!
//! Real clients are run directly and through a gateway, and must see the same. What none of them does is done by a raw
//! client, which wants frames numbered as the strictest client does.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod harness;

use harness::clients::run_with_input;
use harness::gateway::{Gateway, Plan};
use harness::mariadb::{Mariadb, mariadb, node_mysql, printed, python_mysql};
use harness::mysql_compressed::{Cut, ZLIB, ZSTD, content, deflated, frame, logged_in, login, offering_zstd};
use harness::mysql_wire::{
    CAPABILITIES, DEPRECATE_EOF, FILES, MysqlWire, Packet, command, execute, packet, query,
};
use harness::relay::Relay;
use harness::script::assert_same_text;
use std::io::{Read, Write};
use std::net::TcpStream;

/// A gateway that lets `nobody` in.
fn before(server: &Mariadb) -> Gateway {
    server.plan().listener("allow_unauthenticated = true").start()
}

/// Runs a client directly and through a gateway, and compares what it saw.
fn check(name: &str, see: impl Fn(u16) -> String) {
    let server = Mariadb::start();
    let gateway = server.plan().start();
    let direct = see(server.port);
    assert!(direct.lines().count() > 10, "the script shows next to nothing: {direct}");
    assert_same_text(name, &direct, &see(gateway.port));
}

#[test]
fn the_mariadb_client_that_compresses_sees_the_same() {
    let script = std::fs::read_to_string(harness::places::client_script("transparency_mysql.sql")).unwrap();
    check("mariadb --compress", |port| {
        let ended = run_with_input(mariadb(port, "app").arg("--compress"), &script);
        format!("{}\n--- standard error ---\n{}", ended.output, ended.error)
    });
}

#[test]
fn the_mariadb_client_gets_what_it_asks_for() {
    let server = Mariadb::start();
    let gateway = server.plan().start();
    for (argument, expected) in [("--compress", true), ("--skip-compress", false)] {
        let status = printed(mariadb(gateway.port, "app").args([argument, "--execute=status"]));
        assert_eq!(status.contains("Protocol:\t\tCompressed"), expected, "{status}");
    }
    // The server is never asked: compression is the hop's own.
    let seen = printed(
        mariadb(gateway.port, "app").args(["--compress", "--execute=SHOW STATUS LIKE 'Compression'"]),
    );
    assert_eq!(seen.trim(), "Compression\tOFF");
    let seen =
        printed(mariadb(server.port, "app").args(["--compress", "--execute=SHOW STATUS LIKE 'Compression'"]));
    assert_eq!(seen.trim(), "Compression\tON");
}

#[test]
fn mysql2_that_compresses_sees_the_same() {
    check("mysql2", |port| printed(node_mysql("transparency_mysql2.js", port).env("MYSQL_COMPRESS", "yes")));
}

#[test]
fn mysqls_own_connector_that_compresses_sees_the_same() {
    for pure in ["yes", "no"] {
        check(&format!("mysql-connector-python, pure: {pure}"), |port| {
            printed(python_mysql("compression_mysql_connector.py", port).env("MYSQL_PURE", pure))
        });
    }
}

/// Oracle's own library against a real server that a relay lets offer zstd; the gateway keeps that to its own hop.
#[test]
fn oracles_library_sees_the_same_by_zstd_as_by_zlib_and_without() {
    let server = Mariadb::start();
    let gateway = Plan::before_port(offering_zstd(server.port)).protocol("mysql").start();
    let see = |port, algorithms: &str, level: &str| {
        let mut client = python_mysql("compression_libmysqlclient.py", port);
        printed(client.env("MYSQL_ALGORITHMS", algorithms).env("MYSQL_LEVEL", level))
    };
    let direct = see(server.port, "uncompressed", "3");
    assert_eq!(direct.lines().count(), 9, "{direct}");
    for (algorithms, level) in
        [("uncompressed", "3"), ("zlib", "3"), ("zstd", "3"), ("zstd", "1"), ("zstd", "22")]
    {
        assert_same_text(algorithms, &direct, &see(gateway.port, algorithms, level));
    }
}

#[test]
fn compressed_frames_that_come_byte_by_byte_are_the_same() {
    let server = Mariadb::start();
    let slow_server = Relay::before(server.port, 1);
    let gateway = Plan::before_port(slow_server.port).protocol("mysql").start();
    let slow_client = Relay::before(gateway.port, 1);
    let script = "SELECT * FROM customers WHERE id < 40; CALL three_results(); SELECT no_such;\n\
                  INSERT INTO scratch (label) VALUES ('x'); SELECT ROW_COUNT(); USE other; SELECT DATABASE();";
    let see = |port| {
        let ended = run_with_input(mariadb(port, "app").arg("--compress"), script);
        format!("{}{}", ended.output, ended.error)
    };
    assert_same_text("one byte at a time", &see(server.port), &see(slow_client.port));
}

#[test]
fn frames_go_through_tls() {
    let server = Mariadb::start();
    let gateway = server.plan().client_tls("require", server.certificate()).start();
    let script = "status; SELECT REPEAT('x', 200000) = REPEAT('x', 200000), REPEAT('y', 70000)";
    let seen = run_with_input(mariadb(gateway.port, "app").args(["--ssl", "--compress"]), script);
    assert!(
        seen.output.contains("Protocol:\t\tCompressed") && seen.output.contains("Cipher in use is"),
        "{seen:?}"
    );
    assert!(seen.output.ends_with(&format!("1\t{}\n", "y".repeat(70_000))), "{}", seen.output.len());
}

/// What a raw client asks and how it is answered, wherever the frames are cut.
#[test]
fn frames_may_be_cut_within_headers_and_packets() {
    let server = Mariadb::start();
    let gateway = Plan::before_port(offering_zstd(server.port))
        .protocol("mysql")
        .listener("allow_unauthenticated = true")
        .start();
    let plain = conversation(&mut MysqlWire::login(gateway.port, "plain"));
    for more in [ZLIB, ZSTD, ZLIB | ZSTD] {
        for content in [1, 2, 3, 4, 5, 7, 64, 0xff_ffff] {
            for compressed in [0, 1, 2] {
                let cut = Cut { content, compressed };
                let mut wire = login(gateway.port, "cut", more, cut);
                for (place, (heard, plain)) in conversation(&mut wire).iter().zip(&plain).enumerate() {
                    assert_eq!(heard, plain, "packet {place} with {more:x} {cut:?}");
                }
                wire.quit();
            }
        }
    }
}

fn conversation(wire: &mut MysqlWire) -> Vec<Packet> {
    let mut heard = wire.ask(&query("SELECT id, name FROM customers WHERE id < 20"));
    heard.extend(wire.ask(&query("SELECT 1; SELECT no_such; SELECT 2")));
    heard.extend(wire.ask(&command(0x0e, b"")));
    let id = wire.prepare("SELECT REPEAT('z', 3000), id FROM customers WHERE id < 5");
    heard.extend(wire.ask(&execute(id, false)));
    // No answer, then one: the numbers begin anew with each.
    wire.send(&command(0x18, &[&id.to_le_bytes()[..], &[0, 0], b"long data nobody needs"].concat()));
    wire.send(&command(0x19, &id.to_le_bytes()));
    heard.extend(wire.ask(&command(0x0e, b"")));
    let long = format!("SELECT LENGTH('{}')", "w".repeat(3_000));
    heard.extend(wire.ask(&query(&long)));
    heard.extend(wire.ask(&command(0x1f, b"")));
    heard
}

#[test]
fn commands_sent_ahead_are_answered_each_in_its_turn() {
    let server = Mariadb::start();
    let gateway = before(&server);
    let mut wire = login(gateway.port, "ahead", ZLIB, Cut::WHOLE);
    for text in ["SELECT SLEEP(0.2), 'first'", "SELECT 'second'", "SELECT no_such"] {
        wire.send(&query(text));
    }
    wire.send(&command(0x0e, b""));
    assert_eq!(wire.answer()[4].payload, b"\x010\x05first");
    // Each answer is numbered after its own command, whose frame had the number 0.
    wire.expect(1);
    assert_eq!(wire.answer()[3].payload, b"\x06second");
    wire.expect(1);
    assert_eq!(wire.answer()[0].error().unwrap().0, 1054);
    wire.expect(1);
    assert!(wire.packet().unwrap().is_ok());
    wire.quit();
}

/// The frames with which both peers count differ from the packets in them once a result came before: the server
/// must still get the numbers it expects, or it ends the session.
#[test]
fn a_file_is_numbered_as_the_server_expects() {
    let server = Mariadb::start();
    let gateway = before(&server);
    for (cut, numbered) in [(Cut::WHOLE, 2_u8), (Cut { content: 3, compressed: 2 }, 77)] {
        let mut wire = login(gateway.port, "file", ZLIB | FILES, cut);
        let load =
            "SELECT id FROM customers WHERE id < 10; LOAD DATA LOCAL INFILE 'x' INTO TABLE scratch (label)";
        wire.send(&query(load));
        let mut packets = Vec::new();
        while packets.last().is_none_or(|packet: &Packet| packet.payload != b"\xfbx") {
            packets.push(wire.packet().unwrap());
        }
        assert_eq!(packets.len(), 14, "a result and the request");
        let file = [packet(numbered, b"one\ntwo\nthree\n"), packet(numbered + 1, b"")].concat();
        wire.go_on(&file);
        let answer = wire.answer();
        assert!(answer[0].is_ok(), "{:?}", answer[0].error());
        assert_eq!(answer[0].sequence, packets[13].sequence + 3);
        wire.ask(&query("SELECT 1"));
        wire.quit();
    }
    assert_eq!(server.ask("SELECT COUNT(*) FROM scratch"), "6");
}

#[test]
fn a_refused_statement_is_answered_in_a_frame_of_the_right_number() {
    let server = Mariadb::start();
    let plan = server.plan().listener("allow_unauthenticated = true\npolicies = [\"read-only\"]");
    let gateway = plan.mode("enforce").start();
    for cut in [Cut::WHOLE, Cut { content: 2, compressed: 1 }] {
        let mut wire = login(gateway.port, "refused", ZLIB | DEPRECATE_EOF, cut);
        for text in ["DELETE FROM customers", "SELECT 1; DELETE FROM customers"] {
            let answer = wire.ask(&query(text));
            let (code, said) = answer[0].error().unwrap();
            assert_eq!((code, answer[0].sequence, answer.len()), (1792, 1, 1), "{said}");
        }
        assert_eq!(wire.try_prepare("DELETE FROM customers").unwrap_err().unwrap().0, 1792);
        let count = wire.ask(&query("SELECT COUNT(*) FROM customers"));
        assert_eq!(count[2].payload, b"\x03200");
        wire.quit();
    }
}

/// A change of user is a login within frames: what the client proves goes on under the number the server expects,
/// whatever the client has counted.
#[test]
fn a_session_that_becomes_another_or_begins_anew_stays_read_only() {
    let server = Mariadb::start();
    let plan = server.plan().listener("allow_unauthenticated = true\npolicies = [\"read-only\"]");
    let gateway = plan.mode("enforce").start();
    for cut in [Cut::WHOLE, Cut { content: 3, compressed: 2 }] {
        let mut wire = login(gateway.port, "changing", ZLIB, cut);
        wire.ask(&query("SELECT 1"));
        wire.send(&command(0x11, b"nobody\0\0other\0\x2d\0mysql_native_password\0\0"));
        let asked = wire.packet().unwrap();
        assert!(asked.payload.starts_with(b"\xfemysql_native_password\0"), "{asked:?}");
        wire.go_on(&packet(asked.sequence.wrapping_add(40), b""));
        assert!(wire.answer()[0].is_ok());
        for again in [&b""[..], &command(0x1f, b"")] {
            if !again.is_empty() {
                assert!(wire.ask(again)[0].is_ok());
            }
            let refused = wire.ask(&query("DELETE FROM shop.customers"));
            assert_eq!((refused[0].error().unwrap().0, refused[0].sequence), (1792, 1));
            let asked = wire.ask(&query("SELECT @@tx_read_only"));
            assert_eq!(asked[3].payload, b"\x011", "the guard is set again");
        }
        wire.quit();
    }
}

#[test]
fn large_results_and_texts_stream_with_flat_memory() {
    let server = Mariadb::start();
    let gateway = before(&server);
    let mut wire = login(gateway.port, "warm", ZLIB, Cut::WHOLE);
    wire.ask(&query("SELECT 1"));
    let before = gateway.resident_kib();
    // 120 MB of rows, then one row of 40 MB.
    let rows = wire.ask(&query("SELECT REPEAT(MD5(seq), 125) FROM mysql.seq_1_to_30000"));
    assert_eq!(rows.len(), 30_000 + 4);
    drop(rows);
    wire.send(&query("SELECT REPEAT(MD5(7), 1310720)"));
    let parts: Vec<Packet> = (0..3).map(|_| wire.packet().unwrap()).collect();
    assert_eq!(parts[0].payload, b"\x01");
    let row: usize = (0..3).map(|_| wire.packet().unwrap().payload.len()).sum();
    assert_eq!(row, 41_943_040 + 9);
    assert!(wire.packet().unwrap().is_eof());
    let grown = gateway.resident_kib().saturating_sub(before);
    assert!(grown < 12 * 1024, "{grown} KiB more");
    wire.quit();
}

/// What breaks the frames ends its session with an error, and no other.
#[test]
fn malformed_frames_end_their_session_and_no_other() {
    let server = Mariadb::start();
    let gateway = before(&server);
    let mut beside = login(gateway.port, "beside", ZLIB, Cut::WHOLE);
    let said = query("SELECT 1, 'a text that is long enough to be compressed by everybody'");
    let whole = deflated(&said);
    // A text that goes on and on.
    let bomb = deflated(&[b"\xff\xff\xff\0\x03SELECT '", &vec![b'x'; 64 << 20][..]].concat());
    for (what, bytes) in [
        ("another number", frame(3, &said, 0)),
        ("garbage", frame(0, &[0xa5; 300], 1_000)),
        ("a bomb", frame(0, &bomb, 0xff_ffff)),
        ("more than it says", frame(0, &whole, said.len() - 1)),
        ("less than it says", frame(0, &whole, said.len() + 1)),
        ("nothing", frame(0, b"", 0)),
        ("HTTP", b"GET / HTTP/1.1\r\nHost: localhost\r\nAccept: everything there is\r\n\r\n".to_vec()),
    ] {
        let name = what.replace(' ', "_");
        let mut socket = logged_in(gateway.port, &name, CAPABILITIES | ZLIB);
        // A peer that closes before it has read everything resets the connection.
        let _ = socket.write_all(&bytes);
        let words = words(&mut socket);
        assert!(words.is_empty() || words.contains("compressed packet"), "{what}: {words}");
        let end = gateway.recorded(what, |records| {
            let start =
                records.iter().find(|record| record.principal("application") == name)?.text_of("session");
            let end = records
                .iter()
                .find(|record| record.text_of("session") == start && record.event() == "session.end");
            end.cloned()
        });
        assert_eq!(end.text_of("message_class"), "protocol_violation", "{what}");
        assert_eq!(beside.ask(&query("SELECT 'still here'"))[3].payload, b"\x0astill here");
    }
}

#[test]
fn a_million_commands_in_one_small_frame_are_answered_one_by_one() {
    let server = Mariadb::start();
    let gateway = before(&server);
    let mut beside = login(gateway.port, "beside", ZLIB, Cut::WHOLE);
    let mut socket = logged_in(gateway.port, "many", CAPABILITIES | ZLIB);
    let pings = command(0x0e, b"").repeat(0xff_ffff / 5);
    let small = frame(0, &deflated(&pings), pings.len());
    assert!(small.len() < 64 * 1024);
    let before = gateway.resident_kib();
    socket.write_all(&small).unwrap();
    let mut heard = [0; 7 + 11];
    for number in 1..=200_u8 {
        socket.read_exact(&mut heard).unwrap();
        assert_eq!((heard[3], &heard[7..12]), (number, &b"\x07\0\0\x01\0"[..]));
        assert_eq!(beside.ask(&query("SELECT 1"))[3].payload, b"\x011");
    }
    let grown = gateway.resident_kib().saturating_sub(before);
    assert!(grown < 8 * 1024, "{grown} KiB more");
}

/// What a session is told last.
fn words(socket: &mut TcpStream) -> String {
    let mut heard = Vec::new();
    let _ = socket.read_to_end(&mut heard);
    String::from_utf8_lossy(&content(&heard)).into_owned()
}

#[test]
fn who_is_idle_too_long_is_told_so_in_the_frame_it_will_read_next() {
    let server = Mariadb::start();
    let plan = server.plan().listener("allow_unauthenticated = true");
    let gateway = plan.table("listener.limits", "idle_seconds = 1").start();
    let mut wire = login(gateway.port, "idle", ZLIB, Cut::WHOLE);
    wire.ask(&query("SELECT id FROM customers"));
    // It is read as the answer to the next command, whose frame has the number 0.
    wire.expect(1);
    let words = wire.packet().unwrap();
    assert_eq!((words.error().unwrap().0, words.sequence), (4031, 1));
    assert_eq!(wire.packet(), None);
}
