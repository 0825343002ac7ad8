//! What is left of a text without its literals.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use crate::{Lexing, analyse};
use exchange::Statement;
use proptest::prelude::*;

const ON: Lexing = Lexing::Postgres { standard_conforming_strings: true };
const OFF: Lexing = Lexing::Postgres { standard_conforming_strings: false };

fn texts(source: &[u8], lexing: Lexing) -> Vec<String> {
    analyse(source, lexing).statements.iter().map(|statement| statement.text.to_string()).collect()
}

#[track_caller]
fn check(source: &str, expected: &str) {
    assert_eq!(texts(source.as_bytes(), ON), [expected], "{source}");
}

#[test]
fn literals_become_question_marks_and_the_rest_stays_readable() {
    check("SELECT  a,\n\tb FROM t WHERE x = 'y' AND z=1.5;", "SELECT a, b FROM t WHERE x = ? AND z=?");
    check("select $1, \"A b\", -5, E'x', $$y$$, b'1'", "select $1, \"A b\", -?, ?, ?, ?");
    check("/* a */ select /* b */ 1 -- c", "select ?");
    check("select a/* b */c", "select a c");
    check("select 'a'::text, ARRAY[1,2]", "select ?::text, ARRAY[?,?]");
    check("select 'a'\n  'b', 'c' 'd'", "select ?, ? ?");
    check("select äöü, 'ß'", "select äöü, ?");
    check("select null, true", "select null, true");
}

#[test]
fn secrets_of_every_kind_are_literals() {
    let cases = [
        ("CREATE ROLE a LOGIN PASSWORD 'hunter2'", "CREATE ROLE a LOGIN PASSWORD ?"),
        ("ALTER USER a WITH ENCRYPTED PASSWORD $$hunter2$$", "ALTER USER a WITH ENCRYPTED PASSWORD ?"),
        ("ALTER USER a PASSWORD \"hunter2\"", "ALTER USER a PASSWORD ?"),
        ("CREATE USER a IDENTIFIED BY 'hunter2'", "CREATE USER a IDENTIFIED BY ?"),
        ("CREATE USER a IDENTIFIED BY /**/ \"hunter2\"", "CREATE USER a IDENTIFIED BY ?"),
        (
            "CREATE SUBSCRIPTION s CONNECTION 'host=h password=hunter2' PUBLICATION p",
            "CREATE SUBSCRIPTION s CONNECTION ? PUBLICATION p",
        ),
        ("SELECT * FROM dblink('password=hunter2', $a$select 'hunter2'$a$)", "SELECT * FROM dblink(?, ?)"),
        (
            "CREATE USER MAPPING FOR a SERVER s OPTIONS (password 'hunter2')",
            "CREATE USER MAPPING FOR a SERVER s OPTIONS (password ?)",
        ),
        ("SET app.token = 'hunter2'", "SET app.token = ?"),
        (
            "CREATE FUNCTION f() RETURNS text AS $$ select 'hunter2' $$ LANGUAGE sql",
            "CREATE FUNCTION f() RETURNS text AS ? LANGUAGE sql",
        ),
        ("DO $x$ hunter2 $x$", "DO ?"),
        ("-- hunter2\nselect 1 /* hunter2 */", "select ?"),
        ("select 1 'hunter2", "select ? ?"),
        ("alter user a password \"hunter2", "alter user a password ?"),
        ("select \"hunter2", "select ?"),
    ];
    for (source, expected) in cases {
        check(source, expected);
    }
}

#[test]
fn a_secret_that_is_no_literal_is_not_shown_and_nothing_behind_it() {
    let cases = [
        ("ALTER USER a PASSWORD hunter2", "ALTER USER a PASSWORD ?"),
        ("ALTER USER a PASSWORD hunter2-b c", "ALTER USER a PASSWORD ?…"),
        ("ALTER USER a PASSWORD hunter2, hunter3", "ALTER USER a PASSWORD ?…"),
        ("ALTER USER a PASSWORD 12hunter2", "ALTER USER a PASSWORD ?…"),
        ("ALTER USER a PASSWORD !hunter2", "ALTER USER a PASSWORD ?…"),
        ("ALTER USER a PASSWORD = hunter2", "ALTER USER a PASSWORD = ?"),
        ("ALTER USER a PASSWORD(hunter2)", "ALTER USER a PASSWORD(?)"),
        ("ALTER USER a PASSWORD 'it's hunter2'", "ALTER USER a PASSWORD ?…"),
        ("ALTER USER a WITH PASSWORD \"hunter2\" LOGIN", "ALTER USER a WITH PASSWORD ?…"),
        ("CREATE ROLE a ENCRYPTED PASSWORD hunter2 LOGIN", "CREATE ROLE a ENCRYPTED PASSWORD ?…"),
        ("CREATE USER a IDENTIFIED BY hunter2", "CREATE USER a IDENTIFIED BY ?"),
        ("CREATE USER a IDENTIFIED WITH m BY hunter2", "CREATE USER a IDENTIFIED WITH m BY ?"),
        ("CREATE USER a IDENTIFIED VIA m USING hunter2", "CREATE USER a IDENTIFIED VIA m USING ?"),
        (
            "CREATE USER a IDENTIFIED VIA m AS 'x' OR n AS hunter2",
            "CREATE USER a IDENTIFIED VIA m AS ? OR n AS ?",
        ),
        ("ALTER USER a IDENTIFIED BY 'x' REPLACE hunter2", "ALTER USER a IDENTIFIED BY ? REPLACE ?"),
        (
            "GRANT ALL ON t TO a IDENTIFIED BY PASSWORD hunter2",
            "GRANT ALL ON t TO a IDENTIFIED BY PASSWORD ?",
        ),
        ("SET PASSWORD = hunter2", "SET PASSWORD = ?"),
        ("SET PASSWORD FOR a = hunter2", "SET PASSWORD FOR a = ?"),
        ("SET PASSWORD FOR a = PASSWORD(hunter2)", "SET PASSWORD FOR a = PASSWORD(?)"),
        (
            "CHANGE MASTER TO MASTER_USER=u, MASTER_PASSWORD=hunter2",
            "CHANGE MASTER TO MASTER_USER=u, MASTER_PASSWORD=?",
        ),
        ("START SLAVE USER = 'u' PASSWORD = hunter2", "START SLAVE USER = ? PASSWORD = ?"),
        ("SET app.token = hunter2", "SET app.token = ?"),
        ("SET LOCAL app.secret_key TO hunter2", "SET LOCAL app.secret_key TO ?"),
        ("SET SESSION \"app\".\"password\" TO hunter2", "SET SESSION \"app\".\"password\" TO ?"),
        ("ALTER ROLE a SET app.token = hunter2", "ALTER ROLE a SET app.token = ?"),
        ("PREPARE p AS SET app.token = \"hunter2\"", "PREPARE p AS SET app.token = ?"),
        ("ALTER SYSTEM SET primary_conninfo = hunter2", "ALTER SYSTEM SET primary_conninfo = ?"),
        (
            "CREATE USER MAPPING FOR a SERVER s OPTIONS (password hunter2)",
            "CREATE USER MAPPING FOR a SERVER s OPTIONS (password ?)",
        ),
        (
            "CREATE SUBSCRIPTION s CONNECTION \"host=h password=hunter2\"",
            "CREATE SUBSCRIPTION s CONNECTION ?",
        ),
        ("CREATE SUBSCRIPTION s CONNECTION hunter2 PUBLICATION p", "CREATE SUBSCRIPTION s CONNECTION ?…"),
        ("ALTER SUBSCRIPTION s CONNECTION = hunter2", "ALTER SUBSCRIPTION s CONNECTION = ?"),
        ("ALTER SUBSCRIPTION s CONNECTION 12hunter2", "ALTER SUBSCRIPTION s CONNECTION ?…"),
        ("ALTER ROLE p WITH PASS hunter2", "ALTER ROLE p WITH PASS ?"),
        ("ALTER ROLE p PASSWRD = hunter2", "ALTER ROLE p PASSWRD = ?"),
        ("CREATE USER p PASSWD hunter2", "CREATE USER p PASSWD ?"),
        ("CREATE USER p WITH LOGIN PWD \"hunter2\"", "CREATE USER p WITH LOGIN PWD ?"),
        ("SELECT dblink_connect(\"postgres://u:hunter2@h\")", "SELECT dblink_connect(?)"),
    ];
    for (source, expected) in cases {
        check(source, expected);
    }
}

#[test]
fn what_is_no_secret_stays_as_it_stands() {
    for source in [
        "SELECT password FROM people WHERE password = other",
        "UPDATE people SET password = other, token = b.token FROM b",
        "ALTER TABLE people ALTER COLUMN password SET DEFAULT x",
        "PREPARE p AS UPDATE people SET token = other WHERE password = $1",
        "EXPLAIN INSERT INTO t SELECT a FROM b ON CONFLICT (a) DO UPDATE SET token = excluded.token",
        "ALTER TABLE t ALTER COLUMN a SET DATA TYPE x USING key = foo",
        "ALTER ROLE a PASSWORD NULL",
        "CREATE ROLE a LOGIN IN ROLE b, c",
        "SELECT pass, pwd, connection FROM people WHERE pass = other",
        "ALTER USER a PASSWORD EXPIRE NEVER",
        "SET password_encryption = on",
        "SET search_path = a, public",
        "SET SESSION AUTHORIZATION bob",
        "SET app.token TO DEFAULT",
        "SELECT \"a=b\", \"c:d\" FROM t",
        "SELECT identified FROM t",
        "REVOKE ALL ON t FROM a",
    ] {
        check(source, source);
    }
    check("CREATE ROLE a CONNECTION LIMIT 5 LOGIN", "CREATE ROLE a CONNECTION LIMIT ? LOGIN");
    check(
        "CREATE ROLE a PASSWORD 'x' VALID UNTIL 'y' IN ROLE b",
        "CREATE ROLE a PASSWORD ? VALID UNTIL ? IN ROLE b",
    );
}

#[test]
fn the_inner_statement_of_prepare_and_declare_is_redacted_too() {
    let analysis = analyse(b"PREPARE p AS SELECT 'hunter2'; DECLARE c CURSOR FOR SELECT 'hunter2'", ON);
    for statement in analysis.statements {
        assert!(!format!("{statement:?}").contains("hunter2"), "{statement:?}");
    }
}

#[test]
fn nothing_is_shown_behind_a_literal_whose_end_is_disputed() {
    assert_eq!(texts(br"select 'a\', hunter2, 'b'", ON), ["select ?…"]);
    assert_eq!(texts(br"select 'a\', ' hunter2 '", OFF), ["select ?…"]);
    assert_eq!(texts(br"select 'a\'; hunter2; select 'b'", ON), ["select ?…", "…", "…"]);
    let prepared = analyse(br"select 'a\'; prepare p as hunter2", ON);
    assert!(!format!("{:?}", prepared.statements).contains("hunter2"));
    // GBK: the backslash is the second byte of a character, so the literal ends before `hunter2`.
    assert_eq!(texts(b"select E'\xb0\x5c', hunter2, E'x'", ON), ["select ?…"]);
    assert_eq!(texts(br"select E'it\'s', a, 'C:\dir'", ON), ["select ?, a, ?"]);
}

#[test]
fn what_is_no_text_is_replaced() {
    assert_eq!(texts(b"select \xff\xfe, \x01 a", ON), ["select \u{fffd}\u{fffd}, \u{fffd} a"]);
}

#[test]
fn a_long_statement_is_cut_at_the_limit() {
    let max = Statement::TEXT_BYTES_MAX;
    for source in
        ["é".repeat(max), "a, ".repeat(max), format!("{} b", "a".repeat(max - 1)), "(\"".repeat(max)]
    {
        let text = texts(source.as_bytes(), ON).remove(0);
        assert!(text.len() <= max && text.len() > max - 8, "{}", text.len());
        assert!(text.ends_with('…'));
        assert!(!text.ends_with("……"));
    }
    let exact = "a".repeat(max);
    assert_eq!(texts(exact.as_bytes(), ON), [exact.as_str()]);
    let numbers = "1,".repeat(max * 2);
    assert!(texts(numbers.as_bytes(), ON).remove(0).ends_with('…'));
}

proptest! {
    /// Whatever stands around it, and whichever state the session is really in.
    #[test]
    fn no_literal_is_ever_shown(
        before in proptest::collection::vec(
            proptest::sample::select(vec![
                "select ", "a", "'x' ", "'\\\\' ", "E'\\'' ", "\"q\"", "; ", "/* c */", "-- d\n", "$1 ", ", ", "'it''s' ",
                "$t$ $u$ $t$ ", "n'y'", "\n", "é", "1",
            ]),
            0..12,
        ),
        form in 0usize..9,
        secret in "[a-z]{4}[ ;,\"a-z0-9-]{0,6}[a-z]{4}",
        after in proptest::sample::select(vec!["", ", b", "; select 1", "\n'more'", "::text", " -- e"]),
        on: bool,
    ) {
        let secret = format!("zq{secret}qz");
        let literal = match form {
            0 => format!("'{secret}'"),
            1 => format!("E'\\'{secret}'"),
            2 => format!(" U&'{secret}'"),
            3 => format!("$${secret}$$"),
            4 => format!(" $tag$'{secret}$tag$"),
            5 => format!(" N'{secret}'"),
            6 => format!("'a'\n  '{secret}'"),
            7 => format!("/* /* */ {secret} */"),
            _ => format!("'{secret}"),
        };
        // Behind a word a prefix would be part of the word, and `$` too; behind `'…'` a quote doubles.
        let text = format!("{} {literal}{after}", before.concat());
        let shown = format!("{:?}", analyse(text.as_bytes(), Lexing::Postgres { standard_conforming_strings: on }).statements);
        prop_assert!(!shown.contains("zq") && !shown.contains("qz"), "{} -> {}", text, shown);
    }

    /// The reading the gateway has need not be the server's: what is a literal for the server must
    /// not be shown even then.
    #[test]
    fn no_literal_of_the_other_reading_is_shown(
        pieces in proptest::collection::vec(
            proptest::sample::select(vec!["'", "\\", "''", "\\'", "zqz", " ", ", ", "E'", "\n", "\"", "$$", ";"]),
            0..24,
        ),
        on: bool,
    ) {
        use crate::token::{Kind, Lexer, Ending};
        let text = format!("select {}", pieces.concat());
        let lexing = Lexing::Postgres { standard_conforming_strings: on };
        let other = Lexing::Postgres { standard_conforming_strings: !on };
        // Give each occurrence of the word in a literal of the other reading its own name.
        let mut marked = text.clone().into_bytes();
        for token in Lexer::new(text.as_bytes(), other).filter(|token| token.kind == Kind::Literal) {
            let end = if token.ending == Ending::Missing { text.len() } else { token.end };
            for at in token.start..end {
                if text.as_bytes()[at..].starts_with(b"zqz") {
                    marked[at + 1] = b'S';
                }
            }
        }
        let shown = format!("{:?}", analyse(&marked, lexing).statements);
        prop_assert!(!shown.contains("zSz"), "{:?} -> {}", String::from_utf8_lossy(&marked), shown);
    }
}
