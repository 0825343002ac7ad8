//! Is every secret of the vectors told, and is everyday traffic not?

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;
use crate::analyse;
use proptest::prelude::*;
use std::cell::Cell;

const POSTGRES: Lexing = Lexing::Postgres { standard_conforming_strings: true };

thread_local! {
    /// In how many more bytes words may be looked for.
    static LEFT: Cell<usize> = const { Cell::new(usize::MAX) };
}

/// Fails at once, since what it is about would take minutes.
pub(super) fn count(bytes: usize) {
    let left = LEFT.get().checked_sub(bytes).expect("the text is looked through too often");
    LEFT.set(left);
}

/// Texts with a planted secret, in sections by server; the end-to-end test sends the same.
const VECTORS: &str = include_str!("../../../../tests/values/secrets.txt");

fn vectors(section: &str) -> Vec<&'static str> {
    let mut found = Vec::new();
    let mut here = false;
    for line in VECTORS.lines().filter(|line| !line.is_empty()) {
        match line.strip_prefix("# ") {
            Some(name) => here = name == section,
            None if here => found.push(line),
            None => {}
        }
    }
    found
}

fn holds(text: &str, lexing: Lexing) -> bool {
    may_hold(text.as_bytes(), &analyse(text.as_bytes(), lexing))
}

/// The text as it may stand within others.
fn settings_of(text: &str) -> Vec<String> {
    vec![
        text.to_owned(),
        format!("SELECT 1; {text}; SELECT 2"),
        format!("/* trace */ {text} -- end"),
        format!("PREPARE p AS {text}"),
        format!("EXPLAIN ANALYZE {text}"),
        format!("DO $do$ BEGIN {text}; END $do$"),
        format!("CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $fn$ BEGIN {text}; END $fn$"),
        format!("DO 'BEGIN {}; END'", text.replace('\'', "''")),
        text.replace(' ', "\n\t"),
    ]
}

#[test]
fn every_vector_of_postgres_is_told_wherever_it_stands() {
    let vectors = vectors("postgres");
    assert!(vectors.len() >= 100, "{}", vectors.len());
    for vector in vectors {
        assert!(vector.contains("S3cr3t!"), "{vector}");
        for text in settings_of(vector) {
            assert!(holds(&text, POSTGRES), "{text}");
        }
    }
}

#[test]
fn every_vector_of_mysql_is_told() {
    let vectors = vectors("mysql");
    assert!(vectors.len() >= 50, "{}", vectors.len());
    for vector in vectors {
        assert!(vector.contains("S3cr3t!"), "{vector}");
        for text in [vector.to_owned(), format!("SELECT 1; {vector}"), format!("/*!50000 {vector} */")] {
            assert!(holds(&text, Lexing::MYSQL), "{text}");
        }
    }
}

#[test]
fn what_is_handed_to_a_vector_with_parameters_is_told() {
    let vectors = vectors("postgres parameters");
    assert!(vectors.len() >= 10, "{}", vectors.len());
    for vector in vectors {
        let analysis = analyse(vector.as_bytes(), POSTGRES);
        assert!(may_hold(vector.as_bytes(), &analysis), "{vector}");
        // And where its shape alone is known, as of what SQL's EXECUTE runs.
        assert!(takes(&analysis.statements[0], POSTGRES), "{vector}");
    }
}

#[test]
fn everyday_statements_hold_none() {
    for text in [
        "SELECT name, total FROM orders WHERE id = 5 AND state = 'new'",
        "INSERT INTO orders (customer, note) VALUES ('Ann O''Hara', 'please call before') ON CONFLICT DO NOTHING",
        "INSERT INTO t (a) VALUES ('chrome; replace it') ON CONFLICT (a) DO UPDATE SET a = 'format'",
        "UPDATE people SET name = 'Bob' WHERE email = 'bob@example.com'",
        "DELETE FROM sessions WHERE expires < now() - interval '1 day'",
        "CREATE TABLE t (id int PRIMARY KEY, a text REFERENCES u (id), FOREIGN KEY (a) REFERENCES v (b))",
        "ALTER TABLE t ADD CONSTRAINT c FOREIGN KEY (a) REFERENCES b (c)",
        "SET search_path = 'a', public",
        "SET SESSION AUTHORIZATION 'bob'",
        "SHOW session_authorization",
        "SET ROLE reader",
        "SELECT set_config('work_mem', '64MB', false)",
        "GRANT SELECT ON orders TO reader",
        "CREATE ROLE reader LOGIN IN ROLE staff",
        "ALTER ROLE reader SET work_mem = '64MB'",
        "SELECT lo_import('/tmp/picture')",
        "COPY orders TO STDOUT",
        "COPY orders FROM '/tmp/orders.csv' WITH (FORMAT csv)",
        "DO $$ BEGIN UPDATE t SET a = a || 'x'; END $$",
        "CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql AS $$ SELECT a + 1 $$",
        "SELECT * FROM pages WHERE url = 'https://example.com/a?b=c'",
        "SELECT coalesce(a, 'none'), count(*) FROM t GROUP BY 1 ORDER BY 2 DESC LIMIT 10",
        "WITH x AS (SELECT 1) SELECT * FROM x",
        "PREPARE p (int) AS SELECT a FROM t WHERE b = $1",
        "EXECUTE p (5)",
        "SELECT power(2, 3), compass FROM bearings WHERE kind = 'bypass' AND note = 'surpass it'",
        "SELECT monkey, turkey, primary_key, \"PrimaryKey\", \"shippingAddress\", mapping FROM zoo",
        "SELECT a -price, a::text, '12:30' FROM t WHERE note = 'a basic authorization of mysql'",
        "CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION stamp('made')",
    ] {
        assert!(!holds(text, POSTGRES), "{text}");
    }
}

#[test]
fn what_cannot_be_read_needs_less_of_a_reason() {
    assert!(holds("ALTR USR a PASS 'x'", POSTGRES));
    assert!(holds("ALTER ROLE a PASSWRD 'x'", POSTGRES));
    assert!(!holds("SELEC 1 FRM orders", POSTGRES));
    assert!(holds(r"select 'a\', role 'x'", POSTGRES));
    assert!(holds(&format!("select '{}'", "x".repeat(TEXT_BYTES_MAX)), POSTGRES));
}

#[test]
fn however_often_a_word_stands_there_the_text_is_looked_through_a_few_times() {
    const BYTES: usize = TEXT_BYTES_MAX - 100;
    let filled = |piece: &str| piece.repeat(BYTES / piece.len());
    let mut texts: Vec<String> =
        RUNNING.iter().map(|word| format!("SELECT length('{}')", filled(&format!("{word} ")))).collect();
    texts.push(format!("SELECT length('{}')", filled("''ts_stat a'' ")));
    texts.push(filled("ts_stat "));
    // Each of them runs a text.
    texts.push(filled("SELECT ts_stat('a');"));
    texts.push(filled("SELECT query_to_xml(a, true, false, b);"));
    texts.push(filled("EXECUTE p('a b');"));
    texts.push(format!("SELECT '{}'", filled("{\"a\": \"b c\"} ")));
    texts.push(format!("SELECT '{}'", filled("aB")));
    texts.push(format!("SELECT '{}'", filled("a:b mysql -p ")));
    for text in texts {
        assert!(text.len() <= TEXT_BYTES_MAX);
        let analysis = analyse(text.as_bytes(), POSTGRES);
        LEFT.set(40 * text.len());
        may_hold(text.as_bytes(), &analysis);
        LEFT.set(usize::MAX);
    }
}

#[test]
fn values_tell_by_what_stands_in_them() {
    for value in [
        "host=h Password=x",
        "postgres://bob:x@host/db",
        "redis://:x@h",
        "-----BEGIN PRIVATE KEY-----",
        "bob:x@host:5432/db",
        "the login is bob:x@10.0.0.1",
        "authorization: basic eA==",
        r#"{"Authorization":"Bearer x"}"#,
        "mysqldump -u root -px shop",
        "curl -u bob:x example.com",
        "curl --user bob:x example.com",
        "curl -ubob:x example.com",
        "ghp_abcd1234",
        "x=AKIAIOSFODNN7EXAMPLE",
        "eyJhbGciOiJIUzI1NiJ9.e30.x",
        "sk_live_abcd",
        "xoxb-1234-x",
    ] {
        assert!(tells(value.as_bytes()), "{value}");
    }
    for value in [
        "bob@example.com",
        "https://example.com/@bob",
        "5",
        "",
        "12:30 bob@example.com",
        "a::text@b",
        "@a:=@b",
        "price -pfennig",
        "session authorization: none",
        "heyJude, ASIA, AKIA and sk_live_ are words",
    ] {
        assert!(!tells(value.as_bytes()), "{value}");
    }
}

#[test]
fn the_text_of_an_error_tells_by_the_names_in_it() {
    for error in [
        "duplicate key\ndetail: Key (access_token)=(x) already exists.",
        "duplicate key\ndetail: Key (\"sshKey\")=(x) already exists.",
        "invalid\nwhere: SQL statement \"ALTER ROLE a PASSWORD 'x'\"",
        "no\nwhere: SQL statement \"SELECT crypt('x', 'y')\"",
        "could not connect to bob:x@host",
    ] {
        assert!(may_show(error.as_bytes()), "{error}");
    }
    for error in [
        "duplicate key value violates unique constraint \"orders_pkey\"\ndetail: Key (id)=(5) already exists.",
        "division by zero",
        "invalid input syntax for type integer: \"abc\"",
        "relation \"t\" does not exist",
    ] {
        assert!(!may_show(error.as_bytes()), "{error}");
    }
}

proptest! {
    /// Comments, space and letters' case change nothing, and no text has no answer.
    #[test]
    fn the_writing_changes_nothing(
        upper in proptest::collection::vec(any::<bool>(), 60),
        between in proptest::sample::select(vec![" ", "\n", "\t /* x */ ", " -- y\n", "/**/"]),
    ) {
        for words in [
            &["ALTER", "ROLE", "a", "PASSWORD", "'x'"][..],
            &["CREATE", "SUBSCRIPTION", "s", "CONNECTION", "'x'", "PUBLICATION", "p"],
            &["SET", "LOCAL", "app", ".", "token", "=", "x"],
            &["CREATE", "USER", "MAPPING", "FOR", "a", "SERVER", "s"],
            &["COPY", "t", "TO", "PROGRAM", "'x'"],
            &["SELECT", "crypt", "(", "'x'", ",", "s", ")"],
        ] {
            let mut flips = upper.iter().cycle();
            let text = words.join(between);
            let text: String = text
                .chars()
                .map(|one| if *flips.next().unwrap() { one.to_ascii_uppercase() } else { one.to_ascii_lowercase() })
                .collect();
            prop_assert!(holds(&text, POSTGRES), "{}", text);
        }
    }

    #[test]
    fn any_bytes_have_an_answer(text in proptest::collection::vec(any::<u8>(), 0..80), mysql: bool) {
        let lexing = if mysql { Lexing::MYSQL } else { POSTGRES };
        let analysis = analyse(&text, lexing);
        let one = may_hold(&text, &analysis);
        prop_assert_eq!(one, may_hold(&text, &analysis));
    }
}
