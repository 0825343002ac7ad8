//! Which texts share a shape, and which do not.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use crate::{Lexing, analyse};
use exchange::Fingerprint;
use proptest::prelude::*;

fn shape(text: &str) -> Fingerprint {
    let statements = analyse(text.as_bytes(), Lexing::default()).statements;
    assert_eq!(statements.len(), 1, "{text}");
    statements[0].fingerprint
}

#[track_caller]
fn same(texts: &[&str]) {
    for text in texts {
        assert_eq!(shape(text), shape(texts[0]), "{text}\n{}", texts[0]);
    }
}

#[track_caller]
fn different(texts: &[&str]) {
    for (position, one) in texts.iter().enumerate() {
        for other in &texts[position + 1..] {
            assert_ne!(shape(one), shape(other), "{one}\n{other}");
        }
    }
}

#[test]
fn case_space_comments_and_the_last_semicolon_do_not_count() {
    same(&["select a from t", "SELECT  A\nFROM/**/T ;", "-- x\nselect a from t -- y", " ;select a from t"]);
}

#[test]
fn literals_parameters_and_signs_are_one_placeholder() {
    same(&[
        "select a = 1",
        "select a = $1",
        "select a = 'x'",
        "select a = -1.5",
        "select a = $$ $$",
        "select a = E'\\''",
    ]);
    same(&[
        "select a where b > -1 limit 5",
        "select a where b > + 7 limit $1",
        "select a where b > $2 limit - 1",
    ]);
    same(&["select 'a'\n'b'", "select 'c'"]);
    same(&["select a - -1", "select a - 1"]);
}

#[test]
fn a_subtraction_is_no_sign() {
    different(&["select a -1", "select a 1"]);
    different(&["select (a) -1", "select (a) 1"]);
    different(&["select a[1] - 1", "select a[1] + 1"]);
    different(&["select $1 - 1", "select $1 + 1"]);
    different(&["select -a", "select a"]);
}

#[test]
fn lists_of_any_length_are_one_shape() {
    same(&[
        "select 1 where a in (1)",
        "select 1 where a in (1, 2, 3)",
        "select 1 where a in ($1,'x',-2,null)",
    ]);
    same(&["select 1 where (a,b) in ((1,2))", "select 1 where (a,b) in ((1,2),(3,4),($1,$2))"]);
    same(&["insert into t values (1, 2)", "insert into t values ('a', $2), (3, null), (default, true)"]);
    same(&[
        "insert into t (a, b) values (1, now()) on conflict do nothing",
        "insert into t (a, b) values (1, now()), (2, now()), (-3, now()) on conflict do nothing",
    ]);
    same(&["select array[1]", "select array[1,2,3]"]);
    same(&["select array[[1,2],[3,4]]", "select array[[1]]"]);
    same(&["select a in ('x'::uuid)", "select a in ('x'::uuid, 'y'::uuid)"]);
    same(&["select a in (values (1), (2))", "select a in (values (1))"]);
    same(&["select (values (1), (2)), b", "select (values (1)), b"]);
}

#[test]
fn what_is_no_list_of_constants_counts() {
    different(&["select f(1)", "select f(1, 2)", "select f(1, 2, 3)", "select f(a)"]);
    different(&["select 1", "select 1, 2"]);
    different(&["select a in (1)", "select a in (b)", "select a in (1, b)", "select a in (select 1)"]);
    different(&["select a in (select b, 1 from t)", "select a in (select b, 1, 1 from t)"]);
    different(&["select a in (f(1))", "select a in (f(1, 1))"]);
    different(&["insert into t values (1, now())", "insert into t values (1, later())"]);
    different(&["insert into t values (1), (f(2))", "insert into t values (1), (2)"]);
    different(&["select a is null", "select a is true", "select a is 1"]);
    different(&["insert into t(a, a) values (1)", "insert into t(a) values (1)"]);
}

#[test]
fn names_operators_and_casts_count() {
    different(&["select a", "select b", "select \"A\"", "select \"a b\"", "select U&\"a\""]);
    different(&["select a < b", "select a <= b", "select a <> b", "select a | b"]);
    different(&["select a::int", "select a::text", "select a"]);
    different(&["select a b", "select ab", "select a.b"]);
    different(&["select a; b".split(';').next().unwrap(), "select 'a", "select 'a'"]);
    different(&["select \"a\u{1}b\"", "select \"a\"", "select \"b\""]);
}

#[test]
fn null_true_and_false_are_literals_where_a_value_stands() {
    same(&["select 1", "select null", "select true", "select false"]);
    same(&[
        "update t set a = null, b = 'x'",
        "update t set a = 'y', b = NULL",
        "update t set a = $1, b = $2",
    ]);
    same(&["select f(1, a) from t where b and 1 or c", "select f(null, a) from t where b and true or c"]);
    different(&["select a is null", "select a is not null", "select a is true", "select a is 1"]);
    different(&["create table t (a int null)", "create table t (a int not null)", "create table t (a int)"]);
    different(&[
        "create table t (a int references b on delete set null)",
        "create table t (a int references b)",
    ]);
    different(&["select t.null", "select 1"]);
}

#[test]
fn needless_quotes_do_not_count() {
    same(&["select a.id from t a", "select \"a\".\"id\" from \"t\" \"a\"", "SELECT A.\"id\" FROM T A"]);
    different(&["select user from t", "select \"user\" from t"]);
    different(&["select current_date", "select \"current_date\""]);
    different(&["select a::char", "select a::\"char\""]);
    different(&["select \"1a\"", "select \"a$\"", "select \"é\"", "select é"]);
    different(&["select 1 \"a\"\"b\"", "select 1 \"ab\"", "select 1 \"a"]);
}

#[test]
fn names_that_a_session_makes_up_do_not_count() {
    same(&["savepoint a", "savepoint \"B c\"", "SAVEPOINT s140512_x1"]);
    same(&["release a", "release savepoint b", "release savepoint savepoint_1"]);
    same(&["rollback to a", "rollback to savepoint b"]);
    same(&["deallocate a", "deallocate prepare b"]);
    same(&["prepare a (int) as select a from t", "prepare b (int) as select a from t"]);
    same(&["declare a cursor for select a from t", "declare \"A\" cursor for select a from t"]);
    same(&["fetch 10 from a", "fetch 20 from \"B\"", "fetch 10 from data"]);
    same(&["fetch forward all in a", "fetch forward all in b"]);
    same(&["close a", "close b"]);
    different(&["deallocate a", "deallocate all", "close a", "close all", "release a", "savepoint a"]);
    different(&["rollback", "rollback work", "rollback to a", "rollback prepared 'a'", "rollback and chain"]);
    different(&["prepare a as select a", "prepare a as select b", "prepare transaction 'a'"]);
    different(&["fetch 1 from a", "fetch next from a", "fetch all from a", "fetch a", "move a"]);
    different(&["execute a", "execute b"]);
    let mysql = |text: &str| analyse(text.as_bytes(), Lexing::MYSQL).statements[0].fingerprint;
    assert_eq!(mysql("savepoint `a b`"), mysql("savepoint c"));
    assert_eq!(mysql("rollback to a"), mysql("rollback to savepoint b"));
}

#[test]
fn a_statement_of_mysql_is_no_statement_of_postgresql() {
    let mysql = |text: &str| analyse(text.as_bytes(), Lexing::MYSQL).statements[0].fingerprint;
    assert_ne!(mysql("select a from t"), shape("select a from t"));
    assert_eq!(
        mysql("select a from t where b in (1, ?, 'x')"),
        mysql("SELECT `a` FROM `t` WHERE `b` IN (\"y\")")
    );
    assert_ne!(mysql("select `a b` from t"), mysql("select a b from t"));
    assert_ne!(mysql("select `select` from t"), mysql("select select from t"));
    assert_ne!(mysql("select @a from t"), mysql("select @b from t"));
}

#[test]
fn a_call_by_number_and_the_unjudged_have_their_own() {
    let of = |oid| crate::function_call(oid).fingerprint;
    assert_eq!(of(1), of(1));
    assert_ne!(of(1), of(2));
    assert_ne!(crate::unjudged().fingerprint, of(1));
    assert_ne!(crate::unjudged().fingerprint, shape("select 1"));
}

/// Fingerprints are kept in files and compared over gateways: these may change only together with
/// `Fingerprint::VERSION`. The values were computed apart from this code, from the rules.
#[test]
fn version_1_gives_these_fingerprints() {
    assert_eq!(Fingerprint::VERSION, 1);
    for (text, expected) in GOLDEN {
        assert_eq!(shape(text).to_string(), expected, "{text}");
    }
    assert_eq!(crate::function_call(1234).fingerprint.to_string(), GOLDEN_FUNCTION);
}

const GOLDEN: [(&str, &str); 3] = [
    ("SELECT 1", "1-6a4efb1d6246f8c4"),
    ("select a.\"B c\" from t where x >= -5 and y in (1, 2, null)", "1-32dd3f11ff069612"),
    ("INSERT INTO t VALUES (1, now()), ($1, now()) returning id::text", "1-e55085bf9a6ef191"),
];
const GOLDEN_FUNCTION: &str = "1-720d8f4dd4da42ce";

#[test]
fn a_long_list_costs_no_more_than_its_length_and_stays_one_shape() {
    let short = shape("select 1 where a in (1)");
    let numbers = vec!["12345"; 300_000].join(", ");
    assert_eq!(shape(&format!("select 1 where a in ({numbers})")), short);
    let rows = vec!["(1, 'x', now(), $4)"; 50_000].join(",");
    assert_eq!(
        shape(&format!("insert into t values {rows} returning a")),
        shape("insert into t values (1, 2, now(), 4) returning a")
    );
}

#[test]
fn elements_longer_than_the_window_are_told_apart() {
    let long = |last: &str| format!("f({}, {last})", "abcdefgh,".repeat(400));
    let list = |items: &[String]| shape(&format!("select a in ({})", items.join(", ")));
    assert_ne!(list(&[long("x")]), list(&[long("y")]));
    assert_ne!(list(&[long("x"), long("x")]), list(&[long("x"), long("y")]));
    // A name longer than the window, behind what is compared.
    let name = |last: &str| format!("{}{last}", "n".repeat(5000));
    assert_ne!(list(&["1".into(), name("x")]), list(&["1".into(), name("y")]));
    assert_ne!(
        list(&[format!("\"{}\"", name("x")), "\"b\"".into()]),
        list(&[format!("\"{}\"", name("y")), "\"b\"".into()])
    );
}

/// A statement as pieces, so that a test can write it in more than one way.
fn pieces() -> impl Strategy<Value = Vec<&'static str>> {
    proptest::collection::vec(
        proptest::sample::select(vec![
            "select", "a", "\"B\"", ",", "(", ")", "in", "values", "array", "[", "]", "from", "t1", "where",
            "=", "and", "#", "#", "#", "L", "L", "not", ".", "::", "int", "null", "f", "<=", "case", "end",
            "R",
        ]),
        1..40,
    )
}

proptest! {
    #[test]
    fn the_shape_does_not_depend_on_values_case_space_or_list_length(
        pieces in pieces(),
        upper in proptest::collection::vec(any::<bool>(), 40),
        spaces in proptest::collection::vec(proptest::sample::select(vec![" ", "\n", " /* ; */ ", " -- x\n", "\t"]), 40),
        literals in proptest::collection::vec(
            proptest::sample::select(vec!["1", "'x'", "$3", "E'\\''", "$q$ ' $q$", "1e5", "0x1f", "'a'\n'b'"]),
            40,
        ),
        length in 1usize..50,
    ) {
        let mut plain = String::new();
        let mut other = String::new();
        // Lists are compared up to eight deep: `values (` is two, and `R` two more at the most.
        let mut depth = 0usize;
        for (position, piece) in pieces.iter().enumerate() {
            match *piece {
                "(" | "[" if depth == 3 => continue,
                "(" | "[" => depth += 1,
                ")" | "]" => depth = depth.saturating_sub(1),
                _ => {}
            }
            let literal = literals[position];
            let (one, two) = match *piece {
                // Two literals side by side can be one, so something stands between.
                "#" => ("< 7".to_owned(), format!("< {literal}")),
                "L" => ("a in (1)".to_owned(), format!("A IN ({})", vec![literal; length].join(" , "))),
                "R" => (
                    "values (1, g())".to_owned(),
                    format!("Values {}", vec![format!("({literal}, g())"); length].join(",")),
                ),
                piece if upper[position] && !piece.starts_with('"') => (piece.to_owned(), piece.to_uppercase()),
                piece => (piece.to_owned(), piece.to_owned()),
            };
            plain = plain + &one + " ";
            other = other + &two + spaces[position];
        }
        prop_assert_eq!(shape(&plain), shape(&other), "{}\n{}", plain, other);
    }

    #[test]
    fn any_bytes_have_a_shape(text in proptest::collection::vec(any::<u8>(), 0..300)) {
        for statement in analyse(&text, Lexing::default()).statements {
            prop_assert_ne!(statement.fingerprint, Fingerprint(0));
        }
    }
}
