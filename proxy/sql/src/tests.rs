//! The whole analysis: by table, by property, and its cost on hostile texts.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use super::*;
use proptest::prelude::*;

#[test]
fn an_empty_text_has_no_statements() {
    for text in ["", " ", ";;", "-- x", "/* x */;"] {
        assert!(analyse(text.as_bytes(), Lexing::default()).statements.is_empty(), "{text}");
    }
}

#[test]
fn each_statement_of_a_text_is_described_by_itself() {
    let analysis = analyse(b"begin; insert into t values (1); commit", Lexing::default());
    let found: Vec<(Class, &str)> =
        analysis.statements.iter().map(|statement| (statement.class, &*statement.text)).collect();
    assert_eq!(
        found,
        [
            (Class::Transaction, "begin"),
            (Class::Write, "insert into t values (?)"),
            (Class::Transaction, "commit"),
        ]
    );
    assert_eq!((analysis.folded, analysis.ending), (false, Ending::Certain));
}

#[test]
fn the_setting_decides_where_a_statement_ends() {
    let text = br"select 'a\'; drop table t; --'";
    let classes = |on| -> Vec<Class> {
        let analysis = analyse(text, Lexing::Postgres { standard_conforming_strings: on });
        assert_eq!(analysis.ending, Ending::Disputed);
        analysis.statements.iter().map(|statement| statement.class).collect()
    };
    assert_eq!(classes(true), [Class::Read, Class::Ddl]);
    assert_eq!(classes(false), [Class::Read]);
}

#[test]
fn a_missing_end_is_reported() {
    assert_eq!(analyse(b"select 'a", Lexing::default()).ending, Ending::Missing);
    assert_eq!(analyse(b"select 1 /* a", Lexing::default()).ending, Ending::Missing);
    assert_eq!(analyse(br"select 'a\' 'b", Lexing::default()).ending, Ending::Disputed);
}

#[test]
fn more_statements_than_the_limit_fold_into_the_last() {
    let exact = analyse("select 1;".repeat(STATEMENTS_MAX).as_bytes(), Lexing::default());
    assert_eq!((exact.statements.len(), exact.folded), (STATEMENTS_MAX, false));
    assert_eq!(exact.statements.first(), exact.statements.last());
    let more = analyse("select 1;".repeat(STATEMENTS_MAX + 2).as_bytes(), Lexing::default());
    assert_eq!((more.statements.len(), more.folded), (STATEMENTS_MAX, true));
    let last = more.statements.last().unwrap();
    assert_eq!(
        (last.class, &*last.text),
        (Class::Unknown, "select ?; select ?; select ?".replace("; ", ";").as_str())
    );
}

#[test]
fn what_is_not_text_has_a_statement_too() {
    assert_eq!(unjudged().class, Class::Unknown);
    assert!(Arc::ptr_eq(&unjudged(), &unjudged()));
    let call = function_call(1598);
    assert_eq!((call.class, &*call.text), (Class::Code, "function call 1598"));
}

#[test]
fn large_texts_of_any_nesting_are_analysed() {
    for piece in [
        "(",
        "1+",
        "/*",
        "case when ",
        "a in (",
        "values (",
        "array[",
        "with a as (",
        "explain (",
        "copy (",
        "((",
        "$$",
        "prepare p as ",
    ] {
        for begin in ["", "select ", "explain analyze ", "copy (", "with a as (", "insert into t values "] {
            analyse(
                (begin.to_owned() + &piece.repeat(128 * 1024 / piece.len())).as_bytes(),
                Lexing::default(),
            );
        }
    }
}

proptest! {
    #[test]
    fn any_bytes_are_analysed(text in proptest::collection::vec(any::<u8>(), 0..400), on: bool) {
        let analysis = analyse(&text, Lexing::Postgres { standard_conforming_strings: on });
        let ranges = split::Statements::new(&text, analysis.lexing).count();
        prop_assert_eq!(analysis.statements.len(), ranges);
    }

    #[test]
    fn any_soup_of_words_is_analysed(
        pieces in proptest::collection::vec(
            proptest::sample::select(vec![
                "select", "with", "as", "(", ")", "insert", "into", "delete", "from", "copy", "to", "stdout", "explain",
                "analyze", "prepare", "p", "declare", "c", "cursor", "for", "fetch", "create", "function", "begin",
                "atomic", "end", ";", ",", "values", "in", "array", "[", "]", "1", "-", "'x'", "\"q\"", "U&\"z\"",
                "uescape", "'!'", "$1", "::", "null", "close", "deallocate", "execute", "search", "set", "cycle", ".",
            ]),
            0..60,
        ),
    ) {
        let text = pieces.join(" ");
        let analysis = analyse(text.as_bytes(), Lexing::default());
        prop_assert_eq!(analysis.statements.len(), split::Statements::new(text.as_bytes(), analysis.lexing).count());
    }
}

#[test]
fn what_follows_a_change_of_settings_in_the_same_text_of_mysql_is_in_doubt() {
    let ending = |text: &str| analyse(text.as_bytes(), Lexing::MYSQL).ending;
    assert_eq!(ending(r"select 1; select 'it\'s'"), Ending::Certain);
    for before in ["set sql_mode = 'NO_BACKSLASH_ESCAPES'", "call p()", "execute p", "select f()", "selec"] {
        assert_eq!(ending(&format!(r"{before}; select 'it\'s'")), Ending::Disputed, "{before}");
        assert_eq!(ending(&format!(r"{before}; select 'its'")), Ending::Certain, "{before}");
    }
    // A string becomes a name.
    assert_eq!(ending(r#"set sql_mode = 'ANSI_QUOTES'; select "its""#), Ending::Disputed);
    assert_eq!(ending(r"set @a = 1; select 'it\'s'"), Ending::Certain);
}

#[test]
fn a_version_comment_without_end_has_none() {
    for text in ["select /*! 1", "select /*! 1 # */", "select /*! '*/'"] {
        assert_eq!(analyse(text.as_bytes(), Lexing::MYSQL).ending, Ending::Missing, "{text}");
    }
}
