//! Is every packet of the protocol followed, whatever its length and wherever it stands?
//!
//! A raw client does the same directly and through a gateway, and must hear the same packets with the same numbers:
//! rows M1, M2, M5 to M11 and M15 of docs/wire-mysql.md. What is refused is answered in its turn, and the session
//! goes on.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod harness;

use harness::gateway::Gateway;
use harness::mariadb::Mariadb;
use harness::mysql_compressed::{Cut, ZLIB, login};
use harness::mysql_wire::{
    CAPABILITIES, DEPRECATE_EOF, FILES, MysqlWire, Packet, command, execute, packet, query, response,
};
use harness::{eventually, gateway::Plan};

/// A payload of this length is continued by the next packet.
const PAYLOAD_MAX: usize = 0xff_ffff;

/// A gateway that lets `nobody` in.
fn before(server: &Mariadb) -> Gateway {
    server.plan().listener("allow_unauthenticated = true").start()
}

/// A gateway that lets `nobody` read.
fn read_only(server: &Mariadb) -> Gateway {
    let plan: Plan = server.plan().listener("allow_unauthenticated = true\npolicies = [\"read-only\"]");
    plan.mode("enforce").start()
}

/// A command in as many packets as it takes, the last of them shorter than a whole one.
fn message(code: u8, body: &[u8]) -> Vec<u8> {
    numbered(0, &[&[code], body].concat())
}

fn numbered(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut parts: Vec<&[u8]> = payload.chunks(PAYLOAD_MAX).collect();
    if payload.len().is_multiple_of(PAYLOAD_MAX) {
        parts.push(b"");
    }
    let numbers = (0_u8..).map(|number| first.wrapping_add(number));
    numbers.zip(parts).flat_map(|(number, part)| packet(number, part)).collect()
}

/// Does the same in a session of the server's and in one of the gateway's. Compares every packet.
#[track_caller]
fn check(what: &str, capabilities: u32, act: impl Fn(&mut MysqlWire) -> Vec<Packet>) {
    let server = Mariadb::start();
    let gateway = before(&server);
    check_between(&server, &gateway, what, capabilities, act);
}

#[track_caller]
fn check_between(
    server: &Mariadb,
    gateway: &Gateway,
    what: &str,
    capabilities: u32,
    act: impl Fn(&mut MysqlWire) -> Vec<Packet>,
) {
    let heard = |port| {
        let mut wire = MysqlWire::login_with(port, "packets", capabilities);
        let heard = act(&mut wire);
        wire.quit();
        heard
    };
    let (direct, through) = (heard(server.port), heard(gateway.port));
    assert_eq!(direct.len(), through.len(), "{what}: packets");
    for (place, (direct, through)) in direct.iter().zip(&through).enumerate() {
        let sizes = (direct.payload.len(), through.payload.len());
        assert!(
            direct == through,
            "{what}: packet {place}, {sizes:?}: {} and {}",
            shown(direct),
            shown(through)
        );
    }
}

fn shown(packet: &Packet) -> String {
    let front = &packet.payload[..packet.payload.len().min(60)];
    format!("{} {}", packet.sequence, front.escape_ascii())
}

/// A text of exactly so many bytes with the command's.
fn text(length: usize) -> String {
    let front = "SELECT LENGTH('";
    format!("{front}{}')", "x".repeat(length - 1 - front.len() - 2))
}

const EDGES: [usize; 5] = [PAYLOAD_MAX - 1, PAYLOAD_MAX, PAYLOAD_MAX + 1, 2 * PAYLOAD_MAX, 32 << 20];

#[test]
fn texts_at_the_edges_of_packets_pass_where_nothing_is_refused() {
    check("texts", CAPABILITIES, |wire| {
        let mut heard = Vec::new();
        for length in EDGES {
            heard.extend(wire.ask(&message(3, text(length).as_bytes())));
            let id = wire.prepare_all(&message(0x16, text(length).as_bytes())).unwrap();
            wire.send(&command(0x19, &id.to_le_bytes()));
            heard.extend(wire.ask(&query("SELECT 'between'")));
        }
        heard
    });
}

#[test]
fn texts_in_several_packets_are_refused_behind_their_last_packet() {
    let server = Mariadb::start();
    let gateway = read_only(&server);
    let mut wire = MysqlWire::login(gateway.port, "edges");
    for length in EDGES {
        for code in [3, 0x16] {
            let answer = wire.ask(&message(code, text(length).as_bytes()));
            let packets = length / PAYLOAD_MAX + 1;
            let (code, said) = answer[0].error().unwrap();
            assert_eq!((answer.len(), code), (1, 1153), "{length}: {said}");
            assert_eq!(usize::from(answer[0].sequence), packets, "{length}");
            assert_eq!(wire.ask(&query("SELECT 'in step'"))[3].payload, b"\x07in step");
        }
    }
    wire.quit();
}

/// The values of a statement carry no SQL: they pass however long they are.
#[test]
fn values_at_the_edges_of_packets_pass_under_rules_too() {
    let server = Mariadb::start();
    let gateway = read_only(&server);
    check_between(&server, &gateway, "values", CAPABILITIES, |wire| {
        let id = wire.prepare("SELECT LENGTH(?), MD5(?)");
        let mut heard = Vec::new();
        for length in EDGES {
            // Two values as strings: the first fills the message up to `length`, the second is `ab`.
            let front = [&id.to_le_bytes()[..], &[0, 1, 0, 0, 0, 0, 1, 0xfd, 0, 0xfd, 0]].concat();
            let first = length - 1 - front.len() - 9 - 3;
            let size = u64::try_from(first).unwrap().to_le_bytes();
            let body = [&front[..], &[0xfe], &size, &vec![b'v'; first], &[2, b'a', b'b']].concat();
            assert_eq!(body.len() + 1, length);
            heard.extend(wire.ask(&message(0x17, &body)));
        }
        for length in EDGES {
            // In long data, sent before, and nothing in the message.
            let data = [&id.to_le_bytes()[..], &[0, 0], &vec![b'd'; length - 7]].concat();
            wire.send(&message(0x18, &data));
            wire.send(&command(0x18, &[&id.to_le_bytes()[..], &[1, 0], b"ab"].concat()));
            let body = [&id.to_le_bytes()[..], &[0, 1, 0, 0, 0, 0, 1, 0xfc, 0, 0xfc, 0]].concat();
            heard.extend(wire.ask(&command(0x17, &body)));
            wire.send(&command(0x1a, &id.to_le_bytes()));
            heard.push(wire.packet().unwrap());
        }
        heard
    });
}

#[test]
fn rows_at_the_edges_of_packets_are_the_same() {
    for capabilities in [CAPABILITIES, CAPABILITIES | DEPRECATE_EOF] {
        check("rows", capabilities, |wire| {
            let mut heard = Vec::new();
            for length in EDGES {
                // A length of four bytes, or of nine, stands before the only column.
                let prefix = if length < (1 << 24) + 4 { 4 } else { 9 };
                let sql = format!("SELECT REPEAT('r', {})", length - prefix);
                wire.send(&query(&sql));
                heard.extend(whole_answer(wire, capabilities & DEPRECATE_EOF != 0));
                heard.extend(wire.ask(&query("SELECT 'between'")));
            }
            heard
        });
    }
}

/// One column, rows in several packets, the end: read by packets' lengths.
fn whole_answer(wire: &mut MysqlWire, deprecates_eof: bool) -> Vec<Packet> {
    let mut heard: Vec<Packet> =
        (0..if deprecates_eof { 2 } else { 3 }).map(|_| wire.packet().unwrap()).collect();
    let mut continues = false;
    loop {
        let packet = wire.packet().unwrap();
        let ends = !continues && packet.payload.first() == Some(&0xfe) && packet.payload.len() < 100;
        continues = packet.payload.len() == PAYLOAD_MAX;
        heard.push(packet);
        if ends {
            return heard;
        }
    }
}

#[test]
fn numbers_wrap_at_256() {
    check("numbers", CAPABILITIES, |wire| {
        let heard = wire.ask(&query("SELECT seq FROM mysql.seq_1_to_1000"));
        assert_eq!((heard[300].sequence, heard.len()), (45, 1004));
        heard
    });
}

/// A file's packet may be as long as any other, and its end is an empty packet that continues none.
#[test]
fn a_file_may_come_in_whole_packets() {
    let server = Mariadb::start();
    let gateway = before(&server);
    check_between(&server, &gateway, "file", CAPABILITIES | FILES, |wire| {
        let mut heard = wire.ask(&query("TRUNCATE scratch"));
        wire.send(&query("LOAD DATA LOCAL INFILE 'x' INTO TABLE scratch (label)"));
        heard.push(wire.packet().unwrap());
        let line = [&vec![b'f'; PAYLOAD_MAX - 1][..], b"\n"].concat();
        let file = numbered(2, &line);
        wire.go_on(&[file, packet(4, b"short\n"), packet(5, b"")].concat());
        heard.extend(wire.answer());
        heard.extend(wire.ask(&query("SELECT COUNT(*), MAX(LENGTH(label)) FROM scratch; TRUNCATE scratch")));
        heard
    });
}

/// What begins like an OK, an EOF, an error or a request for a file, and is a row.
#[test]
fn rows_that_look_like_something_else_are_rows() {
    for capabilities in [CAPABILITIES, CAPABILITIES | DEPRECATE_EOF, CAPABILITIES | DEPRECATE_EOF | FILES] {
        check("first columns", capabilities, |wire| {
            let mut heard = Vec::new();
            for sql in [
                "SELECT NULL",
                "SELECT NULL, NULL, 1 FROM customers LIMIT 3",
                "SELECT ''",
                "SELECT '', NULL UNION SELECT 'x', ''",
                "SELECT REPEAT('y', 250), 1",
                "SELECT REPEAT('y', 251), 1 UNION SELECT REPEAT('y', 254), 2 UNION SELECT REPEAT('y', 65536), 3",
                "SELECT 1 FROM DUAL WHERE FALSE",
                "DO 1",
                "SELECT 1; DO 1; SELECT NULL; SELECT no_such",
                "SHOW WARNINGS",
            ] {
                heard.extend(wire.ask(&query(sql)));
                if let Ok(id) = wire.try_prepare(sql) {
                    heard.extend(wire.ask(&execute(id, false)));
                    wire.send(&command(0x19, &id.to_le_bytes()));
                }
            }
            heard
        });
    }
}

/// The OK that ends a result tells what changed in the session.
#[test]
fn changes_told_at_the_end_of_a_result_are_read_over() {
    for capabilities in [CAPABILITIES, CAPABILITIES | DEPRECATE_EOF] {
        check("tracked", capabilities, |wire| {
            let mut heard = Vec::new();
            for sql in [
                "SET SESSION session_track_system_variables = '*', session_track_schema = ON",
                "SET SESSION session_track_state_change = ON, session_track_transaction_info = 'CHARACTERISTICS'",
                "SET sql_mode = 'ANSI_QUOTES'; SELECT \"id\" FROM customers LIMIT 2; SET sql_mode = DEFAULT",
                "BEGIN; SELECT COUNT(*) FROM customers; COMMIT",
                "USE other",
                "SELECT DATABASE(); USE shop; SELECT DATABASE()",
                "CALL three_results()",
                "SET NAMES latin1; SELECT 'x'",
            ] {
                heard.extend(wire.ask(&query(sql)));
            }
            heard
        });
    }
}

#[test]
fn a_procedures_results_and_what_it_puts_out_are_the_same() {
    for capabilities in [CAPABILITIES, CAPABILITIES | DEPRECATE_EOF] {
        check("out", capabilities, |wire| {
            let id = wire.prepare("CALL doubled(?, ?)");
            let values =
                [&id.to_le_bytes()[..], &[0, 1, 0, 0, 0, 0b10, 1, 3, 0, 3, 0], &21_u32.to_le_bytes()]
                    .concat();
            let mut heard = wire.ask(&command(0x17, &values));
            let results = wire.prepare("CALL three_results()");
            heard.extend(wire.ask(&execute(results, false)));
            heard.extend(
                wire.ask(&query("CALL three_results(); CALL doubled(4, @d); SELECT @d; CALL fails()")),
            );
            heard
        });
    }
}

/// Types that are not sent again, long data under a NULL, a reset, a statement that is closed.
#[test]
fn prepared_statements_keep_what_they_were_told() {
    check("statements", CAPABILITIES, |wire| {
        let id = wire.prepare("SELECT ?, ?").to_le_bytes();
        let with =
            |flags: &[u8], values: &[u8]| command(0x17, &[&id[..], &[0, 1, 0, 0, 0], flags, values].concat());
        let mut heard = wire.ask(&with(&[0, 1, 3, 0, 0xfd, 0], b"\x2a\0\0\0\x03abc"));
        heard.extend(wire.ask(&with(&[0, 0], b"\x2b\0\0\0\x02de")));
        wire.send(&command(0x18, &[&id[..], &[1, 0], b"long "].concat()));
        wire.send(&command(0x18, &[&id[..], &[1, 0], b"data"].concat()));
        heard.extend(wire.ask(&with(&[0b10, 0], b"\x2c\0\0\0")));
        wire.send(&command(0x18, &[&id[..], &[1, 0], b"forgotten"].concat()));
        wire.send(&command(0x1a, &id));
        heard.push(wire.packet().unwrap());
        heard.extend(wire.ask(&with(&[0b11, 0], b"")));
        // Neither has an answer.
        wire.send(&[command(0x19, &id), command(0x19, &[0xee; 4])].concat());
        heard.extend(wire.ask(&command(0x0e, b"")));
        heard
    });
}

/// MariaDB's extended capabilities stand in the last four bytes of what was a filler.
const BULK: u32 = 1 << 2;

fn login_extended(port: u16, extended: u32) -> MysqlWire {
    let mut wire = MysqlWire::connect(port);
    wire.packet().expect("a greeting");
    let mut answer = response("nobody", "extended", CAPABILITIES);
    answer[4 + 28..4 + 32].copy_from_slice(&extended.to_le_bytes());
    wire.send(&answer);
    assert!(wire.packet().expect("an answer").is_ok());
    wire
}

#[test]
fn mariadbs_bulk_execution_is_one_execution() {
    let server = Mariadb::start();
    let gateway = before(&server);
    let act = |port| {
        let mut wire = login_extended(port, BULK);
        wire.ask(&query("TRUNCATE scratch"));
        let id = wire.prepare("INSERT INTO scratch (label, amount) VALUES (?, ?)");
        let rows: Vec<u8> = (0..500_u32)
            .flat_map(|row| [&[0, 3, b'a', b'b', b'c', 0][..], &f64::from(row).to_le_bytes()].concat())
            .collect();
        let body = [&id.to_le_bytes()[..], &[128, 0, 0xfd, 0, 5, 0], &rows].concat();
        let heard = wire.ask(&message(0xfa, &body));
        assert!(heard[0].is_ok(), "{:?}", heard[0].error());
        let sum = wire.ask(&query("SELECT COUNT(*), SUM(amount) FROM scratch"));
        wire.quit();
        (heard, sum)
    };
    assert_eq!(act(server.port), act(gateway.port));
    let bulk = gateway.recorded("the bulk execution", |records| {
        let mut outcomes = records.iter().filter(|record| record.event() == "statement.outcome");
        outcomes.find(|record| record.text_of("kind") == "execute").cloned()
    });
    assert_eq!(bulk.number("rows"), Some(500));
}

#[test]
fn under_rules_a_bulk_execution_is_judged_by_what_was_prepared() {
    let server = Mariadb::start();
    let gateway = read_only(&server);
    let mut wire = login_extended(gateway.port, BULK);
    let refused = wire.try_prepare("INSERT INTO scratch (label) VALUES (?)").unwrap_err().unwrap();
    assert_eq!(refused.0, 1792);
    // Nothing was prepared last, and nothing has this number.
    for id in [u32::MAX, 1, 77] {
        let body = [&id.to_le_bytes()[..], &[128, 0, 0xfd, 0, 0, 1, b'x']].concat();
        let answer = wire.ask(&command(0xfa, &body));
        assert!(answer[0].error().is_some() && answer[0].sequence == 1, "{}", shown(&answer[0]));
    }
    wire.ask(&query("SELECT 1"));
    wire.quit();
    assert_eq!(server.ask("SELECT COUNT(*) FROM scratch"), "0");
}

#[test]
fn the_greetings_character_set_status_and_number_are_the_servers() {
    let server = Mariadb::start();
    let gateway = before(&server);
    let direct = MysqlWire::connect(server.port).packet().unwrap().payload;
    let mut wire = MysqlWire::connect(gateway.port);
    let greeting = wire.packet().unwrap().payload;
    let at = greeting.iter().position(|byte| *byte == 0).unwrap() + 1;
    // Behind the number: the challenge's front, low capabilities, character set, status.
    assert_eq!(greeting[at + 15..at + 18], direct[at + 15..at + 18]);
    let id = u32::from_le_bytes(greeting[at..at + 4].try_into().unwrap());
    wire.send(&response("nobody", "number", CAPABILITIES));
    assert!(wire.packet().unwrap().is_ok());
    let answer = wire.ask(&query("SELECT CONNECTION_ID()"));
    assert_eq!(answer[3].payload[1..], *id.to_string().as_bytes());
    // Another session ends it by that number.
    let mut other = MysqlWire::login(gateway.port, "killer");
    assert!(other.ask(&command(0x0c, &id.to_le_bytes()))[0].is_ok());
    eventually("the session is over", || {
        let left = format!("SELECT COUNT(*) FROM information_schema.processlist WHERE id = {id}");
        (server.ask(&left) == "0").then_some(())
    });
    let last = wire.packet();
    assert!(last.is_none_or(|packet| packet.error().is_some()));
    other.quit();
}

/// Everything that is no command of a session's, each answered and none passed on.
#[test]
fn replication_and_unknown_commands_are_refused_and_the_session_goes_on() {
    let server = Mariadb::start();
    let gateway = before(&server);
    for more in [0, ZLIB] {
        let mut wire = login(gateway.port, "commands", more, Cut::WHOLE);
        if more == 0 {
            wire = MysqlWire::login(gateway.port, "commands");
        }
        // Dumps of the binary log and of tables, replicas, clones, and what no server knows.
        let known = [0x12, 0x13, 0x14, 0x15, 0x1d, 0x1e, 0x20, 0x21, 0xfe, 0x00, 0x0b, 0x0f, 0x10];
        for code in known.into_iter().chain(0x22..=0x30).chain([0x7f, 0xf0, 0xfb, 0xff]) {
            let answer = wire.ask(&command(code, b"\x04\0\0\0\0\0\x01\0\0\0"));
            assert_eq!(answer[0].error().map(|error| error.0), Some(1235), "{code:#x}");
            assert_eq!((answer.len(), answer[0].sequence), (1, 1), "{code:#x}");
        }
        assert_eq!(wire.ask(&packet(0, b""))[0].error().unwrap().0, 1235, "no command at all");
        // In as many packets as it takes: nothing of it passes.
        let long = wire.ask(&message(0x12, &vec![0; PAYLOAD_MAX]));
        assert_eq!((long[0].error().unwrap().0, long[0].sequence), (1235, 2));
        assert_eq!(wire.ask(&query("SELECT 'in step'"))[3].payload, b"\x07in step");
        wire.quit();
    }
}

/// Commands without a text are the same where nothing is refused.
#[test]
fn small_commands_are_the_same() {
    check("commands", CAPABILITIES, |wire| {
        let mut heard = Vec::new();
        for (code, body) in [
            (0x0e, &b""[..]),
            (0x1b, b"\x01\0"),
            (0x03, b"SELECT 1; SELECT 2"),
            (0x1b, b"\0\0"),
            (0x02, b"other"),
            (0x02, b"no_such"),
            (0x02, b"shop"),
            (0x05, b"made_by_command"),
            (0x06, b"made_by_command"),
            (0x07, b"\x04"),
            (0x0d, b""),
            (0x1f, b""),
        ] {
            let ask = command(code, body);
            heard.extend(wire.ask_eof(&ask));
        }
        heard
    });
}

/// What each of them does is known, and what changes something is refused to who may only read.
#[test]
fn small_commands_are_judged_by_what_they_do() {
    let server = Mariadb::start();
    let gateway = read_only(&server);
    let mut wire = MysqlWire::login(gateway.port, "judged");
    for (code, body, passes) in [
        (0x0e_u8, &b""[..], true),
        (0x02, b"other", true),
        (0x02, b"shop", true),
        (0x1b, b"\0\0", true),
        (0x05, b"made", false),
        (0x06, b"other", false),
        (0x07, b"\x04", false),
        (0x08, b"", false),
        (0x0d, b"", false),
    ] {
        let answer = wire.ask_eof(&command(code, body));
        let refused = answer[0].error().is_some_and(|(number, _)| number == 1792 || number == 1142);
        assert_eq!(refused, !passes, "{code:#x}: {}", shown(&answer[0]));
        assert_eq!(answer[0].sequence, 1, "{code:#x}");
    }
    wire.ask(&query("SELECT 1"));
    wire.quit();
    assert_eq!(server.ask("SHOW DATABASES LIKE 'other'"), "other");
}

/// What is sent ahead is answered in order, the refused among the rest.
#[test]
fn refusals_among_commands_sent_ahead_stand_in_their_turn() {
    let server = Mariadb::start();
    let gateway = read_only(&server);
    let mut wire = MysqlWire::login(gateway.port, "ahead");
    let asked = [
        query("SELECT 'one'"),
        query("DELETE FROM customers"),
        query("SELECT 1; DELETE FROM customers; SELECT 2"),
        command(0x0e, b""),
        command(0x12, b"\0\0\0\0"),
        command(0x16, b"DELETE FROM customers WHERE id = ?"),
        execute(u32::MAX, false),
        query("SELECT 'two'"),
    ];
    wire.send(&asked.concat());
    assert_eq!(wire.answer()[3].payload, b"\x03one");
    let mut next = || (wire.answer()).remove(0);
    let mut errors = Vec::new();
    for _ in 0..2 {
        errors.push(next());
    }
    assert!(next().is_ok());
    for _ in 0..3 {
        errors.push(next());
    }
    let codes: Vec<_> =
        errors.iter().map(|error| (error.error().map(|error| error.0), error.sequence)).collect();
    assert_eq!(codes[..4], [(Some(1792), 1), (Some(1792), 1), (Some(1235), 1), (Some(1792), 1)]);
    assert!(codes[4].0.is_some(), "what was not prepared is not executed");
    assert_eq!(wire.answer()[3].payload, b"\x03two");
    wire.quit();
    assert_eq!(server.ask("SELECT COUNT(*) FROM customers"), "200");
}

/// A file that was refused is not asked for, and one that is on its way already is not taken for commands of
/// another's: the session goes on with what they are.
#[test]
fn a_refused_file_leaves_the_session_in_step() {
    let server = Mariadb::start();
    let gateway = read_only(&server);
    let mut wire = MysqlWire::login_with(gateway.port, "file", CAPABILITIES | FILES);
    let answer = wire.ask(&query("LOAD DATA LOCAL INFILE '/etc/hostname' INTO TABLE scratch (label)"));
    assert_eq!((answer[0].error().unwrap().0, answer[0].sequence), (1792, 1));
    assert_eq!(wire.ask(&query("SELECT 'in step'"))[3].payload, b"\x07in step");
    let several = "SELECT 1; LOAD DATA LOCAL INFILE 'x' INTO TABLE scratch (label); SELECT 2";
    assert_eq!(wire.ask(&query(several))[0].error().unwrap().0, 1792);
    assert!(wire.try_prepare("LOAD DATA LOCAL INFILE 'x' INTO TABLE scratch (label)").is_err());
    assert_eq!(wire.ask(&query("SELECT 'in step'"))[3].payload, b"\x07in step");
    wire.quit();
    assert_eq!(server.ask("SELECT COUNT(*) FROM scratch"), "0");
}
