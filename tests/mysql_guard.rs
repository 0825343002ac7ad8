//! Is a MySQL session that the rules make read-only so on the server, from its beginning to its end, and does the
//! gateway know what each statement has made of the session?
//!
//! Everything here is judged by what a real MariaDB does. Rules that make a session read-only and refuse nothing
//! show the server's own answer; the packs show the gateway's.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod harness;

use harness::eventually;
use harness::gateway::{Gateway, Plan};
use harness::mariadb::Mariadb;
use harness::mysql_wire::{CAPABILITIES, MysqlWire, Packet, command, execute, packet, query};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;

/// SESSION_TRACK: without it nothing tells of the session but what statements say.
const SESSION_TRACK: u32 = 1 << 23;

/// Makes every session of `nobody` read-only and leaves the refusing to the server.
const GUARD_ONLY: &str = "[[session]]\nname = \"guarded\"\nread_only = true\n";

/// A plan with rules of its own, which `folder` holds.
fn with_rules(plan: Plan, folder: &Path, rules: &str) -> Plan {
    std::fs::write(folder.join("own.toml"), rules).unwrap();
    plan.mode("enforce")
        .listener("policies = [\"own\"]\nallow_unauthenticated = true")
        .table("policies", &format!("directory = \"{}\"", folder.display()))
}

fn folder() -> tempfile::TempDir {
    tempfile::Builder::new().prefix("dragoman-rules-").tempdir().unwrap()
}

/// A gateway whose rules are the pack.
fn read_only(server: &Mariadb) -> Gateway {
    server.plan().mode("enforce").listener("policies = [\"read-only\"]\nallow_unauthenticated = true").start()
}

/// The number and text of an answer that is one error.
#[track_caller]
fn error(packets: &[Packet]) -> (u16, String) {
    packets[0].error().unwrap_or_else(|| panic!("no error: {packets:?}"))
}

/// The one value of a result of one row and column.
#[track_caller]
fn value(packets: &[Packet]) -> String {
    assert!(packets.len() >= 4, "{packets:?}");
    String::from_utf8(packets[3].payload[1..].to_vec()).unwrap()
}

/// Whether the server begins the session's transactions as read-only.
#[track_caller]
fn is_read_only(wire: &mut MysqlWire) -> bool {
    value(&wire.ask(&query("SELECT @@tx_read_only"))) == "1"
}

const INSERT: &str = "INSERT INTO scratch (label) VALUES ('x')";

/// The server's own refusal, not the gateway's.
#[track_caller]
fn assert_refused_by_the_server(packets: &[Packet]) {
    let (code, text) = error(packets);
    assert_eq!(code, 1792, "{text}");
    assert!(text.contains("Cannot execute statement in a READ ONLY transaction"), "{text}");
}

/// A COM_CHANGE_USER to somebody without a password, or with one that is not given.
fn change_user(user: &str) -> Vec<u8> {
    command(0x11, format!("{user}\0\0shop\0\x2d\0mysql_native_password\0\0").as_bytes())
}

/// Changes the user, with `ahead` sent behind the proof in the same write; the last packet of the login.
fn change(wire: &mut MysqlWire, user: &str, ahead: &[u8]) -> Packet {
    wire.send(&change_user(user));
    let asked = wire.packet().unwrap();
    assert!(asked.payload.starts_with(b"\xfemysql_native_password\0"), "{asked:?}");
    wire.send(&[packet(asked.sequence + 1, b""), ahead.to_vec()].concat());
    wire.packet().unwrap()
}

const RESET: [u8; 5] = [1, 0, 0, 0, 0x1f];

#[test]
fn a_session_is_read_only_before_its_first_command() {
    let (server, rules) = (Mariadb::start(), folder());
    let gateway = with_rules(server.plan(), rules.path(), GUARD_ONLY).start();
    let mut wire = MysqlWire::login(gateway.port, "guarded");
    let answer = wire.ask(&query(INSERT));
    assert_eq!((answer.len(), answer[0].sequence), (1, 1), "the guard's answer is not the client's");
    assert_refused_by_the_server(&answer);
    assert!(is_read_only(&mut wire));
    // Sent ahead of the login's end: nothing overtakes the guard.
    let mut wire = MysqlWire::connect(gateway.port);
    wire.packet().unwrap();
    wire.send(&[harness::mysql_wire::response("nobody", "ahead", CAPABILITIES), query(INSERT)].concat());
    assert!(wire.packet().unwrap().is_ok());
    assert_refused_by_the_server(&wire.answer());
    assert_eq!(server.ask("SELECT COUNT(*) FROM scratch"), "0");
}

#[test]
fn the_guard_stands_again_behind_a_reset_before_what_was_sent_ahead() {
    let (server, rules) = (Mariadb::start(), folder());
    let gateway = with_rules(server.plan(), rules.path(), GUARD_ONLY).start();
    let mut wire = MysqlWire::login(gateway.port, "reset");
    let behind = [query(INSERT), query(INSERT), RESET.to_vec(), query(INSERT)].concat();
    wire.send(&[&RESET[..], &behind].concat());
    for answer in ["reset", "insert", "insert", "reset", "insert"] {
        let packets = wire.answer();
        assert_eq!(packets.len(), 1, "{answer}: {packets:?}");
        match answer {
            "reset" => assert!(packets[0].is_ok(), "{packets:?}"),
            _ => assert_refused_by_the_server(&packets),
        }
    }
    assert!(is_read_only(&mut wire));
    assert_eq!(server.ask("SELECT COUNT(*) FROM scratch"), "0");
}

#[test]
fn the_guard_stands_again_behind_a_change_of_user_before_what_was_sent_ahead() {
    let (server, rules) = (Mariadb::start(), folder());
    let gateway = with_rules(server.plan(), rules.path(), GUARD_ONLY).start();
    let mut wire = MysqlWire::login(gateway.port, "change");
    assert!(change(&mut wire, "ann", &[query(INSERT), query("SELECT @@tx_read_only")].concat()).is_ok());
    assert_refused_by_the_server(&wire.answer());
    assert_eq!(value(&wire.answer()), "1");
    assert_eq!(value(&wire.ask(&query("SELECT SUBSTRING_INDEX(USER(), '@', 1)"))), "ann");
}

#[test]
fn a_change_of_user_that_fails_leaves_the_session_guarded() {
    let (server, rules) = (Mariadb::start(), folder());
    // What the server does by itself is the reason for this test.
    let mut direct = MysqlWire::login(server.port, "direct");
    direct.ask(&query("SET SESSION TRANSACTION READ ONLY"));
    assert_eq!(change(&mut direct, "app", b"").error().unwrap().0, 1045);
    assert!(!is_read_only(&mut direct));
    let gateway = with_rules(server.plan(), rules.path(), GUARD_ONLY).start();
    let mut wire = MysqlWire::login(gateway.port, "failing");
    assert_eq!(change(&mut wire, "app", &query(INSERT)).error().unwrap().0, 1045);
    assert_refused_by_the_server(&wire.answer());
    assert!(is_read_only(&mut wire));
}

#[test]
fn whose_session_it_is_decides_whether_it_is_guarded() {
    let (server, rules) = (Mariadb::start(), folder());
    let only_ann = GUARD_ONLY.to_owned() + "when = { user = [\"ann\"] }\n";
    let gateway = with_rules(server.plan(), rules.path(), &only_ann).start();
    let mut wire = MysqlWire::login(gateway.port, "whose");
    assert!(!is_read_only(&mut wire));
    for (user, read_only) in [("ann", true), ("nobody", false), ("ann", true)] {
        assert!(change(&mut wire, user, b"").is_ok());
        assert_eq!(is_read_only(&mut wire), read_only, "{user}");
        assert!(wire.ask(&RESET)[0].is_ok());
        assert_eq!(is_read_only(&mut wire), read_only, "{user} after a reset");
    }
}

/// Every way to make the session, or its next transaction, read-write.
const UNDOING: &[&str] = &[
    "SET TRANSACTION READ WRITE",
    "SET SESSION TRANSACTION READ WRITE",
    "SET LOCAL TRANSACTION READ WRITE",
    "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED, READ WRITE",
    "SET TRANSACTION READ WRITE, ISOLATION LEVEL READ COMMITTED",
    "SET tx_read_only = 0",
    "SET tx_read_only = OFF",
    "SET tx_read_only = DEFAULT",
    "SET tx_read_only = NOT 1",
    "SET SESSION tx_read_only = 0",
    "SET LOCAL tx_read_only = 0",
    "SET @@tx_read_only = 0",
    "SET @@session.tx_read_only = 0",
    "SET @@LOCAL.TX_READ_ONLY = 0",
    "SET @@`tx_read_only` = 0",
    "SET `tx_read_only` = 0",
    "SET @a = 1, tx_read_only = 0",
    "SET sql_mode = '', SESSION tx_read_only = FALSE",
    "SET NAMES utf8mb4, tx_read_only = 0",
    "SET GLOBAL tx_read_only = 0",
    "START TRANSACTION READ WRITE",
    "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ WRITE",
    "SET STATEMENT tx_read_only = 0 FOR INSERT INTO scratch (label) VALUES ('x')",
    "SET STATEMENT tx_read_only = 0 FOR SELECT 1",
    "/*!50000 SET tx_read_only = 0 */",
    "SET /*M!100000 SESSION */ tx_read_only = 0",
    "SELECT 1; SET tx_read_only = 0",
    "SET tx_read_only = 0; INSERT INTO scratch (label) VALUES ('x')",
    "PREPARE p FROM 'SET tx_read_only = 0'",
    "EXECUTE IMMEDIATE 'SET tx_read_only = 0'",
    "BEGIN NOT ATOMIC SET tx_read_only = 0; END",
];

#[test]
fn what_would_undo_the_guard_is_refused() {
    let server = Mariadb::start();
    let gateway = read_only(&server);
    let mut wire = MysqlWire::login(gateway.port, "undo");
    let mut escaped = Vec::new();
    for undo in UNDOING {
        let packets = wire.ask(&query(undo));
        let told = packets[0].error();
        if told
            .as_ref()
            .is_none_or(|(_, text)| !text.contains("rule `read-only/") && !text.contains("cannot be judged"))
        {
            escaped.push(format!("{undo}: {told:?}"));
        }
        let prepared = wire.try_prepare(undo);
        match prepared {
            Ok(id) => {
                escaped.push(format!("{undo}: prepared as {id}"));
            }
            Err(told) => assert!(told.is_some(), "{undo}"),
        }
        if !is_read_only(&mut wire) {
            escaped.push(format!("{undo}: undone"));
            wire.ask(&RESET);
        }
        assert!(wire.ask(&query("ROLLBACK"))[0].is_ok());
    }
    assert!(escaped.is_empty(), "{escaped:#?}");
    assert_eq!(server.ask("SELECT COUNT(*) FROM scratch"), "0");
    // What leaves it as it is passes.
    for harmless in [
        "SET TRANSACTION READ ONLY",
        "SET SESSION TRANSACTION READ ONLY",
        "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
        "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ",
        "SET tx_read_only = 1",
        "START TRANSACTION",
        "COMMIT",
        "START TRANSACTION READ ONLY, WITH CONSISTENT SNAPSHOT",
        "ROLLBACK",
        "SET autocommit = 0",
        "SELECT 1",
        "COMMIT AND CHAIN",
        "ROLLBACK AND NO CHAIN",
        "SET autocommit = 1",
    ] {
        let packets = wire.ask(&query(harmless));
        assert!(packets[0].error().is_none(), "{harmless}: {packets:?}");
        assert!(is_read_only(&mut wire), "{harmless}");
    }
}

#[test]
fn where_no_rule_keeps_it_from_being_undone_nothing_passes_any_more() {
    let (server, rules) = (Mariadb::start(), folder());
    let gateway = with_rules(server.plan(), rules.path(), GUARD_ONLY).start();
    let mut wire = MysqlWire::login(gateway.port, "undone");
    // The second is the server's own word: the text does not tell what it sets.
    server.ask("CREATE PROCEDURE shop.reopen() SET SESSION TRANSACTION READ WRITE");
    for undo in
        [&["SET tx_read_only = 0"][..], &["START TRANSACTION READ WRITE"], &["CALL reopen()", "BEGIN"]]
    {
        for text in undo {
            assert!(wire.ask(&query(text))[0].is_ok(), "{text}");
        }
        for text in ["SELECT 1", INSERT, "SET tx_read_only = 1", "BEGIN"] {
            let (code, words) = error(&wire.ask(&query(text)));
            assert_eq!(code, 1792, "{undo:?}: {text}");
            assert!(words.contains("this session is no longer read-only"), "{words}");
        }
        assert!(wire.ask(&query("ROLLBACK"))[0].is_ok(), "whoever is in a transaction can leave it");
        assert!(wire.ask(&RESET)[0].is_ok());
        assert!(is_read_only(&mut wire), "{undo:?}");
    }
    assert_eq!(server.ask("SELECT COUNT(*) FROM scratch"), "0");
}

#[test]
fn rules_that_become_read_only_hold_at_once_and_guard_from_the_next_reset_on() {
    let server = Mariadb::start();
    let plan = server.plan().listener("allow_unauthenticated = true");
    let gateway = plan.start();
    let mut wire = MysqlWire::login(gateway.port, "reloaded");
    let prepared = wire.prepare(INSERT);
    assert!(wire.ask(&execute(prepared, false))[0].is_ok());
    wire.ask(&query("BEGIN"));
    gateway.rewrite(&plan.mode("enforce").listener("policies = [\"read-only\"]"));
    gateway.hang_up();
    let told = eventually("the rules hold", || wire.ask(&query(INSERT))[0].error());
    assert_eq!(told.0, 1792);
    assert!(told.1.contains("this session reads only; the transaction goes on"), "{told:?}");
    let (code, text) = error(&wire.ask(&execute(prepared, false)));
    assert_eq!(code, 1792, "what was prepared before is judged by the rules of now: {text}");
    assert!(text.contains("rule `read-only/write`"), "{text}");
    assert!(wire.ask(&query("COMMIT"))[0].is_ok());
    assert!(!is_read_only(&mut wire));
    assert!(wire.ask(&RESET)[0].is_ok());
    assert!(is_read_only(&mut wire));
}

/// Passes everything between the gateway and `upstream`, but for the guard, which it answers by an error itself.
fn without_the_guard(upstream: u16) -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            std::thread::spawn(move || meddle(client, TcpStream::connect(("127.0.0.1", upstream)).unwrap()));
        }
    });
    port
}

fn meddle(mut client: TcpStream, mut server: TcpStream) {
    let (mut down, mut up) = (client.try_clone().unwrap(), server.try_clone().unwrap());
    std::thread::spawn(move || std::io::copy(&mut server, &mut down));
    let mut header = [0; 4];
    while client.read_exact(&mut header).is_ok() {
        let mut payload = vec![0; u32::from_le_bytes([header[0], header[1], header[2], 0]) as usize];
        client.read_exact(&mut payload).unwrap();
        if payload.ends_with(b"TRANSACTION READ ONLY") {
            let error = packet(1, b"\xff\xa9\x04#HY000Unknown system variable 'tx_read_only'");
            client.write_all(&error).unwrap();
        } else if up.write_all(&[&header[..], &payload].concat()).is_err() {
            return;
        }
    }
}

#[test]
fn a_session_that_cannot_be_guarded_does_not_begin() {
    let (server, rules) = (Mariadb::start(), folder());
    let plan = Plan::before_port(without_the_guard(server.port)).protocol("mysql").upstream_tls("disable");
    let gateway = with_rules(plan, rules.path(), GUARD_ONLY).start();
    let mut wire = MysqlWire::connect(gateway.port);
    wire.packet().unwrap();
    wire.send(&harness::mysql_wire::response("nobody", "unguarded", CAPABILITIES));
    // The login itself was granted before the guard could be said.
    assert!(wire.packet().unwrap().is_ok());
    let told = wire.packet().unwrap();
    let (code, text) = told.error().unwrap();
    assert_eq!((code, told.sequence), (1045, 1), "as the answer to the next command");
    assert!(text.contains("the server did not make the session read-only"), "{text}");
    assert!(text.contains("SET SESSION TRANSACTION READ ONLY"), "{text}");
    assert_eq!(wire.packet(), None, "closed");
    gateway.recorded("why it ended", |records| {
        let end = records.iter().find(|record| record.event() == "session.end")?;
        assert_eq!(end.text_of("message_class"), "unguarded");
        Some(())
    });
    assert_eq!(server.ask("SELECT COUNT(*) FROM scratch"), "0");
}

#[test]
fn a_refused_text_is_refused_whole_under_its_number_and_its_transaction_goes_on() {
    let server = Mariadb::start();
    let gateway = read_only(&server);
    let mut wire = MysqlWire::login(gateway.port, "refused");
    assert!(wire.ask(&query("BEGIN"))[0].is_ok());
    for text in [
        "DELETE FROM customers",
        "SELECT 1; DELETE FROM customers; SELECT 2",
        "SELECT 1; SELECT 2; TRUNCATE customers",
    ] {
        let answer = wire.ask(&query(text));
        let (code, words) = error(&answer);
        assert_eq!((answer.len(), answer[0].sequence, code), (1, 1, 1792), "{text}: {words}");
        assert!(words.starts_with("#25006"), "{words}");
        assert!(words.contains("; the transaction goes on;"), "{words}");
    }
    let refused = wire.try_prepare("DELETE FROM customers WHERE id = ?").unwrap_err().unwrap();
    assert_eq!(refused.0, 1792);
    // What it would have prepared has no number.
    let doomed =
        [command(0x16, b"DELETE FROM customers"), execute(u32::MAX, false), query("SELECT 1")].concat();
    wire.send(&doomed);
    assert_eq!(error(&wire.answer()).0, 1792);
    assert!(wire.packet().unwrap().error().is_some());
    assert_eq!(value(&wire.answer()), "1");
    assert_eq!(value(&wire.ask(&query("SELECT COUNT(*) > 0 FROM customers"))), "1");
    assert_eq!(value(&wire.ask(&query("SELECT @@in_transaction"))), "1");
    assert!(wire.ask(&query("COMMIT"))[0].is_ok());
    let (_, words) = error(&wire.ask(&query("DELETE FROM customers")));
    assert!(!words.contains("the transaction goes on"), "there is none: {words}");
}

/// Rules about a table of another database.
const SECRET: &str =
    "[[rule]]\nname = \"secret\"\nwhen = { table = \"other.secret\" }\ndecision = \"refuse\"\n";

/// Asks in a session without SESSION_TRACK; whether each text was refused by the rule.
#[track_caller]
fn check_secret(texts: &[(&str, bool)]) {
    let (server, rules) = (Mariadb::start(), folder());
    server.ask("CREATE TABLE other.secret (id int); CREATE TABLE secret (id int); CREATE TABLE other.public (id int)");
    let gateway = with_rules(server.plan(), rules.path(), SECRET).start();
    let mut wire = MysqlWire::login_with(gateway.port, "names", CAPABILITIES & !SESSION_TRACK);
    for (text, refused) in texts {
        let answer = wire.ask(&query(text));
        let told = answer[0].error();
        assert_eq!(
            told.as_ref().is_some_and(|(_, words)| words.contains("own/secret")),
            *refused,
            "{text}: {told:?}"
        );
    }
}

#[test]
fn a_name_without_a_database_is_of_the_current_one() {
    check_secret(&[
        ("SELECT * FROM secret", false),
        ("SELECT * FROM other.secret", true),
        ("SELECT * FROM other.public", false),
        ("USE other", false),
        ("SELECT * FROM secret", true),
        ("SELECT * FROM public", false),
        ("SELECT * FROM shop.secret", false),
        ("USE shop", false),
        ("SELECT * FROM secret", false),
        ("SELECT 1; USE other; SELECT 2", false),
        ("SELECT * FROM secret", true),
        ("USE shop; SELECT * FROM secret", false),
        ("USE other; SELECT * FROM secret", true),
        ("USE nowhere", false),
        ("SELECT * FROM secret", false),
    ]);
}

#[test]
fn names_are_compared_without_case() {
    check_secret(&[
        ("SELECT * FROM OTHER.SECRET", true),
        ("SELECT * FROM `Other`.`Secret`", true),
        ("USE Other", false),
        ("SELECT * FROM secret", false),
        ("USE other", false),
        ("SELECT * FROM Secret", true),
    ]);
}

#[test]
fn what_was_prepared_keeps_the_database_it_was_prepared_in() {
    let (server, rules) = (Mariadb::start(), folder());
    server.ask("CREATE TABLE other.secret (id int); CREATE TABLE secret (id int)");
    let plan = with_rules(server.plan(), rules.path(), "description = \"nothing yet\"\n");
    let gateway = plan.start();
    let mut wire = MysqlWire::login_with(gateway.port, "prepared", CAPABILITIES & !SESSION_TRACK);
    let ours = wire.prepare("SELECT * FROM secret");
    assert!(wire.ask(&command(2, b"other"))[0].is_ok());
    let theirs = wire.prepare("SELECT * FROM secret");
    assert!(wire.ask(&query("PREPARE named FROM 'SELECT * FROM secret'"))[0].is_ok());
    assert!(wire.ask(&query("USE shop"))[0].is_ok());
    assert!(wire.ask(&query("PREPARE harmless FROM 'SELECT * FROM secret'"))[0].is_ok());
    assert!(wire.ask(&query("USE other"))[0].is_ok());
    std::fs::write(rules.path().join("own.toml"), SECRET).unwrap();
    gateway.hang_up();
    let told = eventually("the rule holds", || wire.ask(&execute(theirs, false))[0].error());
    assert!(told.1.contains("own/secret"), "{told:?}");
    assert!(error(&wire.ask(&query("EXECUTE named"))).1.contains("own/secret"));
    for packets in [wire.ask(&execute(ours, false)), wire.ask(&query("EXECUTE harmless"))] {
        assert!(packets[0].error().is_none(), "{packets:?}");
    }
}

#[test]
fn a_table_of_the_servers_own_is_one_whatever_the_current_database() {
    let server = Mariadb::start();
    let rules = folder();
    let secrets =
        "[[rule]]\nname = \"secrets\"\nwhen = { mark = [\"reads_secrets\"] }\ndecision = \"refuse\"\n";
    let gateway = with_rules(server.plan(), rules.path(), secrets).start();
    let mut wire = MysqlWire::login_with(gateway.port, "catalog", CAPABILITIES & !SESSION_TRACK);
    let mut refused = |text: &str| {
        wire.ask(&query(text))[0].error().is_some_and(|(_, words)| words.contains("own/secrets"))
    };
    assert!(refused("SELECT * FROM mysql.user"));
    assert!(!refused("SELECT * FROM user"));
    assert!(refused("USE mysql; SELECT * FROM user"));
    assert!(!refused("USE mysql"));
    assert!(refused("SELECT * FROM user"));
    assert!(refused("PREPARE p FROM 'SELECT * FROM USER'"));
    assert!(!refused("SELECT * FROM help_topic LIMIT 1"));
}

#[test]
fn how_a_text_is_read_is_followed_without_being_told() {
    let server = Mariadb::start();
    let gateway = read_only(&server);
    let mut wire = MysqlWire::login_with(gateway.port, "reading", CAPABILITIES & !SESSION_TRACK);
    // One character of GBK whose second byte is a backslash, or a quote that ends early.
    let gbk = command(3, b"SELECT '\xbf\x5c', 1 AS one");
    let passes = |wire: &mut MysqlWire, bytes: &[u8]| wire.ask(bytes)[0].error().is_none();
    let unjudged = |wire: &mut MysqlWire, bytes: &[u8]| {
        wire.ask(bytes)[0].error().is_some_and(|(code, words)| code == 1064 && words.contains("judged"))
    };
    let umlaut = query("SELECT 'ä'");
    assert!(passes(&mut wire, &umlaut));
    for (set, certain) in [
        ("SET NAMES gbk", false),
        ("SET NAMES utf8mb4", true),
        ("SET character_set_client = sjis", false),
        ("SET CHARACTER SET utf8", true),
        ("SET @@session.character_set_client = 'big5'", false),
        ("SET NAMES 'utf8mb4' COLLATE 'utf8mb4_bin'", true),
        ("SET NAMES DEFAULT", false),
        ("SET NAMES utf8mb3", true),
        ("SET character_set_client = CONCAT('g', 'bk')", false),
        ("SET NAMES latin1", true),
        ("SET NAMES utf8mb4", true),
    ] {
        assert!(passes(&mut wire, &query(set)), "{set}");
        let answer = wire.ask(&umlaut);
        assert_eq!(answer[0].error().is_none(), certain, "{set}: {answer:?}");
        assert!(passes(&mut wire, &query("SELECT 'plain'")), "{set}");
    }
    wire.ask(&query("SET NAMES gbk"));
    assert!(unjudged(&mut wire, &gbk));
    // A reset returns to the login's.
    assert!(passes(&mut wire, &RESET));
    assert!(passes(&mut wire, &umlaut));
    // Prepared first.
    let prepared = wire.prepare("SET NAMES gbk");
    assert!(passes(&mut wire, &umlaut), "it has not run");
    assert!(passes(&mut wire, &execute(prepared, false)));
    assert!(!passes(&mut wire, &umlaut));
    wire.ask(&query("SET NAMES utf8mb4"));
    assert!(passes(&mut wire, &query("PREPARE named FROM 'SET NAMES gbk'")));
    assert!(passes(&mut wire, &umlaut));
    assert!(passes(&mut wire, &query("EXECUTE named")));
    assert!(!passes(&mut wire, &umlaut));
    wire.ask(&query("SET NAMES utf8mb4"));
    // Sent ahead: the second text waits until the first was answered.
    wire.send(&[query("SET NAMES gbk"), gbk.clone()].concat());
    assert!(wire.answer()[0].is_ok());
    assert_eq!(error(&wire.answer()).0, 1064);
    // In one text.
    wire.ask(&query("SET NAMES utf8mb4"));
    assert!(unjudged(&mut wire, &query("SET NAMES gbk; SELECT 'ä'")));
}

#[test]
fn another_sql_mode_is_followed_or_nothing_behind_it_is_judged() {
    let server = Mariadb::start();
    let gateway = read_only(&server);
    let mut wire = MysqlWire::login_with(gateway.port, "modes", CAPABILITIES & !SESSION_TRACK);
    let passes = |wire: &mut MysqlWire, text: &str| wire.ask(&query(text))[0].error().is_none();
    // With a backslash as any other letter the DELETE is a statement of its own.
    let hidden = r"SELECT '\'; DELETE FROM customers; -- '";
    assert!(passes(&mut wire, hidden));
    assert!(passes(&mut wire, "SET sql_mode = 'NO_BACKSLASH_ESCAPES'"));
    assert!(!passes(&mut wire, hidden));
    assert!(passes(&mut wire, "SET sql_mode = DEFAULT"));
    assert!(passes(&mut wire, hidden));
    let in_one = r"SET sql_mode = 'NO_BACKSLASH_ESCAPES'; SELECT '\'; DELETE FROM customers; -- '";
    assert!(!passes(&mut wire, in_one));
    wire.send(&[query("SET sql_mode = 'NO_BACKSLASH_ESCAPES'"), query(hidden)].concat());
    assert!(wire.answer()[0].is_ok());
    assert!(wire.answer()[0].error().is_some());
    // What the text does not tell is asked of the server, before what was sent ahead.
    let told = query("SELECT \"id\" FROM customers WHERE id = 1");
    wire.send(
        &[query("SET sql_mode = CONCAT('ANSI', '_QUOTES')"), told, query("SELECT ROW_COUNT()")].concat(),
    );
    assert!(wire.answer()[0].is_ok());
    assert_eq!(value(&wire.answer()), "1");
    assert_eq!(wire.answer().len(), 5, "nothing of the question reaches the client");
    assert!(passes(&mut wire, "SET sql_mode = CONCAT('ORA', 'CLE')"));
    assert!(!passes(&mut wire, "SELECT 1"));
    assert!(wire.ask(&RESET)[0].is_ok());
    assert!(passes(&mut wire, "SET sql_mode = CONCAT(@@sql_mode, ',NO_ZERO_DATE')"));
    assert!(passes(&mut wire, "SELECT \"1\""));
    for foreign in ["'ORACLE'", "mssql", "'NO_ZERO_DATE,oracle'", "512"] {
        assert!(passes(&mut wire, &format!("SET sql_mode = {foreign}")), "{foreign}");
        for text in ["SELECT 1", "BEGIN DELETE FROM customers; END", "SET sql_mode = ''"] {
            let (code, words) = error(&wire.ask(&query(text)));
            assert_eq!(code, 1064, "{foreign}: {text}: {words}");
            assert!(words.contains("cannot be judged"), "{words}");
        }
        assert!(passes(&mut wire, "COMMIT"), "{foreign}: whoever is in a transaction can leave it");
        assert!(passes(&mut wire, "ROLLBACK AND NO CHAIN;"), "{foreign}");
        assert!(!passes(&mut wire, "ROLLBACK; DELETE FROM customers"), "{foreign}");
        assert!(wire.ask(&RESET)[0].is_ok());
        assert!(passes(&mut wire, "SELECT 1"), "{foreign}: a reset is the way out");
    }
    assert!(!passes(&mut wire, "SET sql_mode = 'ORACLE'; SELECT 1"));
    assert_eq!(server.ask("SELECT COUNT(*) > 0 FROM customers"), "1");
}

#[test]
fn a_servers_own_sql_mode_is_found_out() {
    for (mode, judged) in [("ANSI", true), ("ORACLE", false)] {
        let server = Mariadb::start();
        server.ask(&format!("{INSERT}; SET GLOBAL sql_mode = '{mode}'"));
        let gateway = read_only(&server);
        let mut wire = MysqlWire::login(gateway.port, mode);
        for _ in 0..2 {
            let answer = wire.ask(&query("SELECT \"id\" FROM customers WHERE \"id\" = 7"));
            match judged {
                true => assert_eq!(value(&answer), "7", "the name of a column"),
                false => assert!(error(&answer).1.contains("cannot be judged"), "{answer:?}"),
            }
            assert!(wire.ask(&query("COMMIT"))[0].is_ok());
            assert!(error(&wire.ask(&query("BEGIN DELETE FROM scratch; END"))).0 > 0);
            assert!(wire.ask(&RESET)[0].is_ok());
        }
        assert_eq!(server.ask("SELECT COUNT(*) FROM scratch"), "1", "{mode}");
    }
}

#[test]
fn records_follow_a_use_that_nobody_told_of() {
    let server = Mariadb::start();
    let gateway = server.plan().listener("allow_unauthenticated = true").start();
    let mut wire = MysqlWire::login_with(gateway.port, "use", CAPABILITIES & !SESSION_TRACK);
    for text in ["SELECT 1", "USE other", "SELECT 2"] {
        wire.ask(&query(text));
    }
    wire.ask(&command(2, b"shop"));
    wire.ask(&query("SELECT 3"));
    wire.quit();
    let databases = gateway.recorded("the end", |records| {
        records.iter().find(|record| record.event() == "session.end")?;
        let selects = records.iter().filter(|record| record.text_of("text").starts_with("SELECT"));
        Some(selects.map(|record| record.principal("database").to_owned()).collect::<Vec<_>>())
    });
    assert_eq!(databases, ["shop", "other", "shop"]);
}
