//! Is a text read as the server reads it, in whatever encoding and under whatever setting it comes?

use crate::harness::each_version;
use crate::harness::gateway::Plan;
use crate::harness::wire::{Wire, bind, execute, first_error, flush, message, parse, sync, tags};
use crate::rules::{NO_DELETE, Rules, logging, passes, refuses};

fn query_of(bytes: &[u8]) -> Vec<u8> {
    message(b'Q', &[bytes, &[0]].concat())
}

/// In these a backslash, a quote or a letter can be the second half of a character.
#[test]
fn a_character_whose_second_half_means_something_hides_no_statement() {
    let rules = Rules::of(NO_DELETE);
    // Katakana, hanzi: the second byte is 0x5C, a backslash.
    let encodings: [(&str, &[u8]); 6] = [
        ("SJIS", b"\x83\x5c"),
        ("SHIFT_JIS_2004", b"\x83\x5c"),
        ("BIG5", b"\xa5\x5c"),
        ("GBK", b"\x81\x5c"),
        ("GB18030", b"\x81\x5c"),
        ("JOHAB", b"\x84\x5c"),
    ];
    each_version(|version| {
        let server = logging(version);
        server.ask("INSERT INTO scratch (id) VALUES (1)");
        let gateway = rules.enforced(Plan::before(&server)).start();
        for (encoding, character) in encodings {
            let mut wire = Wire::login(gateway.port, "clear");
            assert_eq!(first_error(&wire.query(&format!("SET client_encoding = '{encoding}'"))), None);
            for parts in [
                [b"SELECT E'".as_slice(), b"'; DELETE FROM scratch; --'"],
                [b"SELECT '".as_slice(), b"'; DELETE FROM scratch; --'"],
                [b"SELECT 1 AS \"".as_slice(), b"\"; DELETE FROM scratch; --\""],
            ] {
                let text = [parts[0], character, parts[1]].concat();
                wire.send(&query_of(&text));
                let frames = wire.until(b'Z', 1);
                // The server itself may say that there is no such character.
                assert!(first_error(&frames).is_some(), "{encoding}: {frames:?}");
            }
            assert_eq!(passes(&mut wire, "SELECT count(*) FROM scratch").as_deref(), Some("1"));
            refuses(&mut wire, "DELETE FROM scratch", "42501");
        }
        assert_eq!(server.ask("SELECT count(*) FROM scratch").as_deref(), Some("1"));
    });
}

/// In a batch that no Sync has closed the gateway does not hear of the encoding before it reads the text.
#[test]
fn an_encoding_set_in_the_same_batch_hides_no_statement() {
    let rules = Rules::of(
        "[[rule]]\nname = \"no-delete\"\nwhen = { access = [\"delete\"] }\ndecision = \"refuse\"\n",
    );
    let run = [bind("", "", &[], 0), execute("", 0)].concat();
    // One string in UTF-8 up to the last quote; in SJIS it ends behind its first character.
    let hidden = b"\0WITH a AS (SELECT E'\xc3\x83\\'), b AS (DELETE FROM scratch RETURNING 1) SELECT 1 --') SELECT 1\0\0\0";
    each_version(|version| {
        let server = logging(version);
        server.ask("INSERT INTO scratch (id) VALUES (1)");
        let gateway = rules.enforced(Plan::before(&server)).start();
        for set in [
            "SET client_encoding = 'SJIS'",
            "SELECT set_config('client_encoding', 'SJIS', false)",
            "SET NAMES 'SJIS'",
        ] {
            let mut wire = Wire::login(gateway.port, "clear");
            let bytes =
                [parse("", set, &[]), run.clone(), message(b'P', hidden), run.clone(), sync()].concat();
            wire.send(&bytes);
            let frames = wire.until(b'Z', 1);
            assert!(first_error(&frames).is_some(), "{set}: {frames:?}");
            assert_eq!(server.ask("SELECT count(*) FROM scratch").as_deref(), Some("1"), "{set}");
        }
        // Answered already, and not reported yet.
        let mut wire = Wire::login(gateway.port, "clear");
        wire.send(&[parse("", "SET client_encoding = 'SJIS'", &[]), run.clone(), flush()].concat());
        assert_eq!(tags(&wire.until(b'C', 1)), "12C");
        wire.send(&[message(b'P', hidden), run.clone(), sync()].concat());
        assert!(first_error(&wire.until(b'Z', 1)).is_some());
        assert_eq!(server.ask("SELECT count(*) FROM scratch").as_deref(), Some("1"));
        // What else is set there keeps no letter from passing.
        let mut wire = Wire::login(gateway.port, "clear");
        let bytes = [parse("", "SET search_path TO public", &[]), run.clone()];
        wire.send(&[bytes.concat(), parse("", "SELECT 'ü'", &[]), run.clone(), sync()].concat());
        assert_eq!(first_error(&wire.until(b'Z', 1)), None);
    });
}

#[test]
fn letters_of_one_byte_pass_and_hide_nothing() {
    let rules = Rules::of(NO_DELETE);
    each_version(|version| {
        let server = logging(version);
        let gateway = rules.enforced(Plan::before(&server)).start();
        for encoding in ["LATIN1", "WIN1252", "LATIN9"] {
            let mut wire = Wire::login(gateway.port, "clear");
            passes(&mut wire, &format!("SET client_encoding = '{encoding}'"));
            // Ä Ö Ü ß in all of them.
            wire.send(&query_of(b"SELECT '\xc4\xd6\xdc\xdf' AS gr\xfc\xdfe, 'it''s \\'"));
            let frames = wire.until(b'Z', 1);
            assert_eq!(tags(&frames), "TDCZ", "{encoding}: {:?}", first_error(&frames));
            assert_eq!(&frames[1].body[6..10], b"\xc4\xd6\xdc\xdf");
            wire.send(&query_of(b"SELECT '\xc4\xd6\xdc\\'; DELETE FROM scratch; --'"));
            assert_eq!(first_error(&wire.until(b'Z', 1)).as_deref(), Some("42501"), "{encoding}");
            wire.send(&query_of(b"CREATE TEMP TABLE \"\xfcbung\" (id int); DROP TABLE \"\xfcbung\""));
            assert_eq!(tags(&wire.until(b'Z', 1)), "CCZ", "{encoding}");
        }
    });
}

#[test]
fn texts_are_read_as_standard_conforming_strings_says() {
    let rules = Rules::of(NO_DELETE);
    each_version(|version| {
        let server = logging(version);
        server.ask("INSERT INTO scratch (id) VALUES (1)");
        let gateway = rules.enforced(Plan::before(&server)).start();
        // Escaping: one string. Conforming: a string, and a statement behind it.
        let text = r"SELECT 'a\'; DELETE FROM scratch; --'";
        let mut wire = Wire::login(gateway.port, "clear");
        refuses(&mut wire, text, "42501");
        // The other way round: escaping, the string ends later, and then comes the statement.
        let other = r"SELECT 'a\'' ; DELETE FROM scratch; --'";
        passes(&mut wire, "SET standard_conforming_strings = off");
        wire.query(text);
        let frames = wire.query(other);
        assert!(first_error(&frames).is_some(), "{frames:?}");
        passes(&mut wire, "RESET standard_conforming_strings");
        refuses(&mut wire, text, "42501");
        // A text is read as a whole before anything of it runs.
        let frames = wire.query(&format!("SET standard_conforming_strings = off; {other}"));
        assert_eq!(first_error(&frames), None);
        refuses(&mut wire, other, "42501");
        assert_eq!(server.ask("SELECT count(*) FROM scratch").as_deref(), Some("1"));
    });
}

#[test]
fn a_text_that_is_no_sql_is_refused_with_its_place_or_forwarded_and_flagged() {
    let rules = Rules::of("");
    each_version(|version| {
        let server = logging(version);
        let enforcing = rules.enforced(Plan::before(&server)).start();
        let observing = rules.observed(Plan::before(&server)).start();
        for sql in ["SELEC 1", "SELECT 1 +", "SELECT 'ü', FROM t", "SELECT (1", "SELECT 'open"] {
            let direct = Wire::login(server.port, "clear").query(sql);
            assert_eq!(Wire::login(observing.port, "clear").query(sql), direct, "{sql}");
            let mut wire = Wire::login(enforcing.port, "clear");
            let refused = wire.query(sql);
            assert_eq!(tags(&refused), "EZ");
            let (ours, theirs) = (refused[0].fields(), direct[0].fields());
            assert_eq!((ours[&'C'].as_str(), ours.get(&'P')), ("42601", theirs.get(&'P')), "{sql}");
            assert_eq!(passes(&mut wire, "SELECT 1").as_deref(), Some("1"));
        }
        observing.recorded("a text that is no SQL", |records| {
            let outcomes = records.iter().filter(|one| one.event() == "statement.outcome");
            let flagged = outcomes.filter(|one| one.text_of("verdict") == "unjudged");
            (flagged.count() == 5).then_some(())
        });
        // What is not valid in its encoding goes nowhere where rules are enforced.
        let mut wire = Wire::login(enforcing.port, "clear");
        wire.send(&query_of(b"SELECT '\xff\xfe'"));
        assert!(first_error(&wire.until(b'Z', 1)).is_some());
        assert_eq!(passes(&mut wire, "SELECT 1").as_deref(), Some("1"));
    });
}
