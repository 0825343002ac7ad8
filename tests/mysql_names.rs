//! Do rules hold for who and what the server takes a client's bytes for?
//!
//! A server converts names out of the client's character set, takes off quotes around a user, cuts off what is too
//! long, and reads a prepared text again in the character set of that moment. Everything here is judged by what a
//! real MariaDB makes of it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod harness;

use harness::gateway::Gateway;
use harness::mariadb::Mariadb;
use harness::mysql_wire::{CAPABILITIES, MysqlWire, Packet, command, execute, packet, query, response};

const UTF8MB4: u8 = 45;
const LATIN1: u8 = 8;
const SWE7: u8 = 10;

/// Nobody else is bound by these rules: a name that is taken for another escapes them.
const RULES: &str = "[[session]]\nname = \"guarded\"\nwhen = { user = [\"reader\", \"J\u{e4}rn\", \"LONG\"] }\n\
     read_only = true\n\
     [[rule]]\nname = \"no-writes\"\nwhen = { class = [\"write\"], user = [\"nobody\"] }\n\
     decision = \"refuse\"\nmessage = \"no writes\"\n";

/// A server with the users of the rules, and a gateway before it.
fn started() -> (Mariadb, Gateway, tempfile::TempDir) {
    let (server, long) = (Mariadb::start(), long());
    let users = ["reader", "J\u{e4}rn", &long];
    let statements: Vec<String> = users
        .iter()
        .flat_map(|user| {
            let account = format!("'{user}'@'127.0.0.1'");
            [
                format!("SET NAMES utf8mb4; CREATE USER {account}"),
                format!("SET NAMES utf8mb4; GRANT ALL ON *.* TO {account}"),
            ]
        })
        .collect();
    server.administer(&statements);
    let folder = tempfile::Builder::new().prefix("dragoman-rules-").tempdir().unwrap();
    std::fs::write(folder.path().join("own.toml"), RULES.replace("LONG", &long)).unwrap();
    let gateway = server
        .plan()
        .mode("enforce")
        .listener("policies = [\"own\"]\nallow_unauthenticated = true")
        .table("policies", &format!("directory = \"{}\"", folder.path().display()))
        .start();
    (server, gateway, folder)
}

/// As long as MariaDB's names can be.
fn long() -> String {
    "n".repeat(128)
}

/// A login in these bytes, and its answer.
fn log_in(port: u16, user: &[u8], character_set: u8) -> (MysqlWire, Packet) {
    const CHARACTER_SET: usize = 8;
    const USER: usize = 32;
    let mut payload = response("", "names", CAPABILITIES).split_off(4);
    payload[CHARACTER_SET] = character_set;
    payload.splice(USER..USER, user.iter().copied());
    let mut wire = MysqlWire::connect(port);
    wire.packet().expect("a greeting");
    wire.send(&packet(1, &payload));
    let answer = wire.packet().expect("an answer");
    (wire, answer)
}

/// The one value of a result of one row and column.
#[track_caller]
fn value(packets: &[Packet]) -> String {
    assert!(packets.len() >= 4, "{packets:?}");
    String::from_utf8(packets[3].payload[1..].to_vec()).unwrap()
}

#[test]
fn rules_about_a_user_hold_however_its_name_is_written() {
    let (server, gateway, _folder) = started();
    for (name, character_set) in [
        (&b"reader"[..], UTF8MB4),
        (b"'reader'", UTF8MB4),
        ("J\u{e4}rn".as_bytes(), UTF8MB4),
        (b"J\xe4rn", LATIN1),
        (b"'J\xe4rn'", LATIN1),
        (long().as_bytes(), UTF8MB4),
    ] {
        let (mut wire, answer) = log_in(gateway.port, name, character_set);
        assert!(answer.is_ok(), "{name:?}: {:?}", answer.error());
        let set = value(&wire.ask(&query("SELECT @@tx_read_only")));
        assert_eq!(set, "1", "{name:?} in {character_set}");
        wire.quit();
    }
    // The server takes these for the same users.
    let beyond = [long().as_bytes(), b"x"].concat();
    for (name, character_set) in [(&b"J{rn"[..], SWE7), (&*beyond, UTF8MB4)] {
        let (wire, answer) = log_in(server.port, name, character_set);
        assert!(answer.is_ok(), "{name:?}: {:?}", answer.error());
        wire.quit();
        let (_, answer) = log_in(gateway.port, name, character_set);
        let (code, text) = answer.error().expect("a refusal");
        assert!(code == 1045 && text.contains("the name of its user"), "{name:?}: {code} {text}");
    }
}

#[test]
fn a_change_of_user_is_one_to_the_name_in_its_own_character_set() {
    let (_server, gateway, _folder) = started();
    for (name, character_set, read_only) in
        [(&b"reader"[..], UTF8MB4, "1"), (b"J\xe4rn", LATIN1, "1"), (b"nobody", UTF8MB4, "0")]
    {
        let mut wire = MysqlWire::login(gateway.port, "names");
        let body = [name, b"\0\0shop\0", &[character_set, 0], b"mysql_native_password\0\0"].concat();
        wire.send(&command(0x11, &body));
        let asked = wire.packet().expect("a challenge");
        if asked.payload.first() == Some(&0xfe) {
            wire.send(&packet(asked.sequence + 1, b""));
            assert!(wire.packet().expect("an answer").is_ok(), "{name:?}");
        }
        assert_eq!(value(&wire.ask(&query("SELECT @@tx_read_only"))), read_only, "{name:?}");
        wire.quit();
    }
    let mut wire = MysqlWire::login(gateway.port, "names");
    wire.send(&command(0x11, &[&b"J{rn\0\0shop\0"[..], &[SWE7, 0], b"mysql_native_password\0\0"].concat()));
    let (_, text) = wire.packet().and_then(|packet| packet.error()).expect("a refusal");
    assert!(text.contains("the name of its user"), "{text}");
    assert_eq!(wire.packet(), None);
}

#[test]
fn a_database_is_named_in_a_character_set_that_is_certain() {
    let (server, gateway, _folder) = started();
    server.administer(&["SET NAMES utf8mb4; CREATE DATABASE `gr\u{f6}\u{df}e`"]);
    let mut wire = MysqlWire::login(gateway.port, "names");
    assert!(wire.ask(&command(0x02, "gr\u{f6}\u{df}e".as_bytes()))[0].is_ok());
    assert!(wire.ask(&command(0x02, b"shop"))[0].is_ok());
    assert!(wire.ask(&query("SET NAMES latin1"))[0].is_ok());
    let (code, _) = wire.ask(&command(0x02, b"gr\xf6\xdfe"))[0].error().expect("a refusal");
    assert_eq!(code, 1064);
    assert!(wire.ask(&command(0x02, b"shop"))[0].is_ok());
    wire.quit();
}

/// Prepares `text`, has the session speak `character_set` and the server read the text again; what its execution
/// is answered with.
fn read_again(server: &Mariadb, port: u16, text: &str, character_set: &str) -> Packet {
    server.administer(&["CREATE OR REPLACE TABLE shop.again (id INT)", "INSERT INTO shop.again VALUES (1)"]);
    let mut wire = MysqlWire::login(port, "names");
    let id = wire.prepare(text);
    assert!(wire.ask(&execute(id, false)).last().is_some_and(Packet::is_eof), "{text}");
    assert!(wire.ask(&query(&format!("SET NAMES {character_set}")))[0].is_ok());
    server.administer(&["ALTER TABLE shop.again ADD COLUMN more INT"]);
    wire.ask(&execute(id, false)).remove(0)
}

#[test]
fn what_was_prepared_runs_in_the_character_set_in_which_it_was_judged() {
    let (server, gateway, folder) = started();
    for (place, ending) in
        ["\u{4f60}\\', id INTO OUTFILE \"", "\u{4f60}`, '`, id INTO OUTFILE \""].iter().enumerate()
    {
        let begins = if place == 0 { "SELECT id, '" } else { "SELECT id AS `" };
        let text = |file: &std::path::Path| {
            format!("{begins}{ending}{}\" FROM again -- ' FROM again", file.display())
        };
        let outside = tempfile::Builder::new().prefix("dragoman-read-again-").tempdir().unwrap();
        std::process::Command::new("chmod").arg("777").arg(outside.path()).status().unwrap();
        // That is what the server does with it.
        let direct = outside.path().join("direct");
        read_again(&server, server.port, &text(&direct), "gbk");
        assert!(direct.exists(), "{ending}");
        let through = outside.path().join("through");
        let (code, _) = read_again(&server, gateway.port, &text(&through), "gbk").error().expect("a refusal");
        assert!(code == 1064 && !through.exists(), "{code} {ending}");
    }
    // What is all ASCII means the same in all of them, and in its own a text runs as often as it likes.
    for (text, character_set) in
        [("SELECT id, 'a' FROM again", "gbk"), ("SELECT id, '\u{e9}\\'' FROM again", "utf8mb4")]
    {
        let answer = read_again(&server, gateway.port, text, character_set);
        assert_eq!(answer.error(), None, "{text}");
    }
    drop(folder);
}

#[test]
fn a_backslash_behind_a_letter_is_half_of_it_only_where_it_can_be() {
    let (_server, gateway, _folder) = started();
    let mut wire = MysqlWire::login(gateway.port, "names");
    for (text, expected) in
        [(r"SELECT 'café\'s'", "café's"), (r"SELECT 'ü\\'", r"ü\"), (r"SELECT '你\'; x'", "你'; x")]
    {
        assert_eq!(value(&wire.ask(&query(text))), expected, "{text}");
    }
    assert!(wire.ask(&query("SET NAMES gbk"))[0].is_ok());
    assert_eq!(wire.ask(&query(r"SELECT '你\'; x'"))[0].error().map(|error| error.0), Some(1064));
    wire.quit();
}
