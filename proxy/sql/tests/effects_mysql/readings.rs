//! Texts that cannot be judged, texts that read in more than one way, and what the server decides.

use crate::{MARIADB, MYSQL, check_as, described, only};
use exchange::{Basis, Class, Statement, Unjudged, Verb};
use sql::{Lexing, MysqlServer, analyse};
use std::sync::Arc;

fn statements(text: &[u8], lexing: Lexing) -> Vec<Arc<Statement>> {
    analyse(text, lexing).statements
}

fn why(statement: &Statement) -> &Unjudged {
    assert_eq!(statement.class, Class::Unknown, "{}", statement.text);
    match &statement.effects.basis {
        Basis::Unjudged(why) => why,
        other => panic!("{other:?}"),
    }
}

fn with(ansi_quotes: bool, no_backslash_escapes: bool) -> Lexing {
    Lexing::Mysql {
        ansi_quotes,
        no_backslash_escapes,
        double_byte: true,
        server: MysqlServer::Mariadb(101_119),
    }
}

#[test]
fn each_statement_of_a_text_is_judged_for_itself() {
    let found = statements(b"select 1; selec 2; commit; delete from t", MARIADB);
    let classes: Vec<Class> = found.iter().map(|one| one.class).collect();
    assert_eq!(classes, [Class::Read, Class::Unknown, Class::Transaction, Class::Write]);
    assert!(matches!(why(&found[1]), Unjudged::Syntax { .. }));
}

#[test]
fn what_leaves_a_transaction_is_known_only_where_it_is_read_whole() {
    for text in
        ["commit", "rollback", "rollback to a", "release savepoint a", "/*!40000 commit */", "COMMIT WORK"]
    {
        assert_eq!(only(text, MARIADB).verb, Verb::Leave, "{text}");
    }
    for text in
        ["commit commit", "rollback x y", "release a", "xa commit 'x'", "begin", "prepare p from 'commit'"]
    {
        assert_ne!(only(text, MARIADB).verb, Verb::Leave, "{text}");
    }
}

#[test]
fn names_of_prepared_statements_are_found_in_any_case() {
    let prepared = |text: &str| match &only(text, MARIADB).verb {
        Verb::Prepare { name, inner } => (name.to_string(), inner.class, described(inner)),
        other => panic!("{other:?}"),
    };
    let (name, class, inner) = prepared("PREPARE `My Plan` FROM 'select a from t'");
    assert_eq!((name.as_str(), class), ("my plan", Class::Read));
    assert_eq!(inner, "read select | returns_rows | relations: t read | columns: t.a");
    let (name, class, _) = prepared(r"prepare P from 'delete from t where a = \'x\''");
    assert_eq!((name.as_str(), class), ("p", Class::Write));
    assert_eq!(only("EXECUTE `MY plan`", MARIADB).verb, Verb::Execute { name: "my plan".into() });
    assert_eq!(only("drop prepare P", MARIADB).verb, Verb::Deallocate { name: Some("p".into()) });
    for text in ["execute ä", "prepare ä from 'select 1'", &format!("execute {}", "n".repeat(64))] {
        assert!(matches!(why(&only(text, MARIADB)), Unjudged::Ambiguous(_)), "{text}");
        assert_eq!(only(text, MARIADB).verb, Verb::Other, "{text}");
    }
}

#[test]
fn nothing_of_a_literal_is_in_what_is_said_of_an_error() {
    for text in [
        "select 1 from t 'hunter2' 'x'",
        "select 'hunter2",
        "select \"hunter2",
        "select `hunter2",
        "select a 42424242 from t",
        "set x = 'a' + + 'hunter2' )",
        "alter user",
        "select 1 1 x'42'",
        "select 1 /* hunter2 */ )",
        "prepare p from 'selec hunter2'",
        "execute immediate @hunter2",
    ] {
        for statement in statements(text.as_bytes(), MARIADB) {
            let said = format!("{:?}", statement.effects.basis);
            assert!(!said.contains("hunter2") && !said.contains("4242"), "{text}: {said}");
        }
    }
}

#[test]
fn an_error_has_its_place_in_characters() {
    for (text, position) in
        [("selec 1", 1), ("select 'äöü' from", 18), ("select ä b c", 12), ("select 1 from t where )", 23)]
    {
        match why(&only(text, MARIADB)) {
            Unjudged::Syntax { position: found, .. } => assert_eq!(*found, Some(position), "{text}"),
            other => panic!("{text}: {other:?}"),
        }
    }
}

#[test]
fn quotes_read_as_the_session_has_them() {
    let named = "select a from \"t\"";
    assert!(matches!(why(&only(named, with(false, false))), Unjudged::Syntax { .. }));
    check_as(with(true, false), &[(named, "read select | returns_rows | relations: t read | columns: t.a")]);
    let escaped = r"select 'a\' from t where b = ' + f(1)'";
    check_as(
        with(false, false),
        &[(
            r"select 'a\'', f(1), '\'' from t",
            "code/read select | unknown_function returns_rows | relations: t read | functions: f unknown",
        )],
    );
    assert!(matches!(why(&only(escaped, with(false, false))), Unjudged::Syntax { .. }));
    check_as(
        with(false, true),
        &[(escaped, "read select | filtered returns_rows | relations: t read | columns: t.b")],
    );
}

#[test]
fn names_that_are_no_utf8_are_not_told() {
    for text in
        [&b"select a from t\xff"[..], b"select `a\xff` from t", b"select @\xc3\x28", b"select \xa0 from t"]
    {
        for statement in statements(text, MARIADB) {
            assert!(matches!(why(&statement), Unjudged::Ambiguous(_)));
        }
    }
    assert_eq!(
        statements(b"insert into t values ('\xff\xfe\x00', \"\x80\")", MARIADB)[0].class,
        Class::Write
    );
}

#[test]
fn version_comments_are_read_as_the_server_does() {
    let executed = "code/read select | unknown_function returns_rows | functions: f unknown";
    let skipped = "read select | returns_rows";
    check_as(
        MARIADB,
        &[("select 1 /*!50000 + f(1) */", executed), ("select 1 /*M!100100 + f(1) */", executed)],
    );
    check_as(MYSQL, &[("select 1 /*!50000 + f(1) */", executed), ("select 1 /*!80000 + f(1) */", executed)]);
    // What one server executes and another does not is not relied on.
    for (text, lexing) in [
        ("select 1 /*!80000 + f(1) */", MARIADB),
        ("select 1 /*!99999 + f(1) */", MYSQL),
        ("select 1 /*M!100100 + f(1) */", MYSQL),
        ("select 1 /*!999999 ; delete from t */", MARIADB),
    ] {
        let found = statements(text.as_bytes(), lexing);
        assert!(matches!(why(found.last().unwrap()), Unjudged::Ambiguous(_)), "{text}");
    }
    for text in [
        "select /*!80000 sql_no_cache */ 1",
        "select /*!99999 high_priority */ 1",
        "select /*+ max_execution_time(5) */ 1",
    ] {
        check_as(MARIADB, &[(text, skipped)]);
        check_as(MYSQL, &[(text, skipped)]);
    }
    check_as(
        MARIADB,
        &[(
            "/*!40101 SET NAMES utf8 */",
            "session set | literals_decide changes_reading | settings: character_set_client = utf8",
        )],
    );
}

#[test]
fn a_hint_that_sets_a_variable_is_not_relied_on() {
    let text = "select /*+ set_var(sql_mode='ANSI_QUOTES') */ 1";
    assert!(matches!(why(&only(text, MYSQL)), Unjudged::Ambiguous(_)));
    assert_eq!(only("select /*+ set_var(sort_buffer_size=1000) */ 1", MYSQL).class, Class::Read);
    assert_eq!(only(text, MARIADB).class, Class::Read);
}

#[test]
fn a_function_of_another_server_is_somebodys_own() {
    let unknown =
        |text: &str, lexing| only(text, lexing).effects.marks.contains(exchange::Marks::UNKNOWN_FUNCTION);
    for (text, mariadb, mysql) in [
        ("select uuid_to_bin('a')", true, false),
        ("select column_get(a, 'b' as int) from t", false, true),
        ("select lower('a')", false, false),
        ("select mine('a')", true, true),
    ] {
        assert_eq!((unknown(text, MARIADB), unknown(text, MYSQL)), (mariadb, mysql), "{text}");
    }
}

#[test]
fn what_is_beyond_a_limit_is_said_with_its_figure() {
    let names: Vec<String> = (0..5_000).map(|number| format!("c{number}")).collect();
    let cases = [
        ("select 1".to_owned() + &", 1".repeat(500_000), "more than 1,000,000 tokens"),
        ("select ".to_owned() + &"case when a then ".repeat(201), "nested deeper than 200"),
        ("(".repeat(201) + "select 1", "nested deeper than 200"),
        (format!("select {} from t", names.join(", ")), "more than 4,096 names"),
        (format!("select {}", "n".repeat(1_025)), "a name of more than 1,024 bytes"),
        (
            "set a = 1".to_owned() + &(0..300).map(|n| format!(", a{n} = 1")).collect::<String>(),
            "more than 256 settings",
        ),
    ];
    for (text, expected) in cases {
        let found = statements(text.as_bytes(), MARIADB);
        assert_eq!(*why(found.last().unwrap()), Unjudged::TooLarge(expected.into()));
    }
}

#[test]
fn what_a_statement_of_the_same_text_may_have_changed_is_not_relied_on() {
    let last = |text: &str| statements(text.as_bytes(), MARIADB).pop().unwrap();
    for text in [
        r"set sql_mode = 'NO_BACKSLASH_ESCAPES'; select '\'; drop table t; -- '",
        "set sql_mode = 'ANSI_QUOTES'; select \"secret\" from t",
        "set global a = 1, session sql_mode = 'ANSI_QUOTES'; select \"secret\" from t",
        "set sql_mode = 'ANSI_QUOTES'; prepare p from 'select \"secret\" from t'",
        r"set sql_mode = 'NO_BACKSLASH_ESCAPES'; prepare p from 'select ''\\'' into outfile ''x'",
        "execute p; select \"secret\" from t",
        "call p(); select \"secret\" from t",
    ] {
        assert!(matches!(why(&last(text)), Unjudged::Ambiguous(_) | Unjudged::Node(_)), "{text}");
    }
    for text in [
        "set autocommit = 0; select \"a\"",
        "select 1; select \"a\"",
        "set names utf8; select 'a'",
        "use s; select \"a\"",
    ] {
        assert_eq!(last(text).class, Class::Read, "{text}");
    }
}
