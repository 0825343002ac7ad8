//! Texts that cannot be judged, and texts whose bytes are not what the grammar's library reads.

use crate::{described, only};
use exchange::{Basis, Class, Statement, Unjudged, Verb};
use sql::{Lexing, analyse};
use std::sync::Arc;

const ON: Lexing = Lexing::Postgres { standard_conforming_strings: true };
const OFF: Lexing = Lexing::Postgres { standard_conforming_strings: false };

fn statements(text: &[u8], lexing: Lexing) -> Vec<Arc<Statement>> {
    analyse(text, lexing).statements
}

fn why(statement: &Statement) -> &Unjudged {
    assert_eq!(statement.class, Class::Unknown);
    match &statement.effects.basis {
        Basis::Unjudged(why) => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_text_the_grammar_rejects_is_unknown_as_a_whole() {
    for text in ["select 1; selec 2; commit", "commit commit", "begin; commit; 'x'", "end if", "rollback x y"]
    {
        for statement in statements(text.as_bytes(), ON) {
            assert!(matches!(why(&statement), Unjudged::Syntax { .. }), "{text}");
            assert_ne!(statement.verb, Verb::Leave, "{text}");
        }
    }
    for text in ["commit", "end", "abort", "rollback to a", "release savepoint a", "select 1; commit"] {
        assert_eq!(statements(text.as_bytes(), ON).last().unwrap().verb, Verb::Leave, "{text}");
    }
    for text in ["commit prepared 'a'", "rollback prepared 'a'", "prepare transaction 'a'"] {
        assert_eq!((only(text).verb.clone(), only(text).class), (Verb::Other, Class::Write), "{text}");
    }
}

#[test]
fn nothing_of_a_literal_is_in_what_is_said_of_an_error() {
    for text in [
        "select 1 'hunter2'",
        "select 'hunter2",
        "select 1 E'hunter2'",
        "select 1 $$hunter2$$",
        "select $$hunter2",
        "select 1 U&'hunter2'",
        "select 1 from \"hunter2",
        "alter user a password 'x' 'hunter2'",
        "select a 42424242 from t",
        "set x = 'a' 'hunter2'",
        "create role r with hunter2 'x'; select 1 'hunter2'",
        "select 1 X'hunter2'",
        "copy t from stdin with 'hunter2' x",
        "/* hunter2 */ select 1 1",
        "select 'a\\', hunter2, 'b' 'c'",
    ] {
        for statement in statements(text.as_bytes(), ON) {
            let said = format!("{:?}", why(&statement));
            let secrets = ["'hunter2", "$hunter2", "\"hunter2", "42424242"];
            assert!(!secrets.iter().any(|secret| said.contains(secret)), "{text}: {said}");
        }
    }
}

#[test]
fn a_prepared_or_declared_statement_has_effects_of_its_own() {
    for text in ["prepare p as delete from t where a = $1", "declare p cursor for select f(a) from t"] {
        let statement = only(text);
        let (Verb::Prepare { name, inner } | Verb::Declare { name, inner, .. }) = &statement.verb else {
            panic!("{text}")
        };
        assert_eq!((&**name, inner.class), ("p", statement.class), "{text}");
        assert_eq!(inner.effects.relations, statement.effects.relations, "{text}");
        assert_eq!(inner.effects.basis, Basis::Grammar, "{text}");
    }
    let rejected = only("prepare p as selec 1");
    let Verb::Prepare { inner, .. } = &rejected.verb else { panic!("{:?}", rejected.verb) };
    assert!(matches!(why(inner), Unjudged::Syntax { .. }));
}

#[test]
fn bytes_that_are_not_utf8_are_read_as_latin_1() {
    for lexing in [ON, OFF] {
        let text = b"select caf\xe9, '\xe9\xff' from t\xfc where a = 1; select f('\xe9')";
        let found = statements(text, lexing);
        assert_eq!((found[0].class, found[1].class), (Class::Read, Class::Code));
        assert_eq!(&*found[0].effects.relations[0].name, "t\u{fc}");
    }
    // A name is not compared where its characters are not known: what it stands for is.
    let prepared = &statements(b"prepare p\xe9 as delete from t; select '\xe9'", ON)[0];
    assert_eq!((prepared.class, prepared.effects.verb), (Class::Write, "prepare"));
    assert!(matches!(
        why(&statements(b"/* \xe9 */ select '\xe9' 1", ON)[0]),
        Unjudged::Syntax { position: Some(20), .. }
    ));
}

#[test]
fn a_backslash_escapes_where_the_session_says_so() {
    let text = br"select 'a\'b', f(1), 'c\\' from t";
    // The same, and that it could be read otherwise.
    let plain = described(&only("select 'a''b', f(1), 'c' from t"));
    let disputed = plain.replace("unknown_function returns_rows", "unknown_function returns_rows disputed");
    assert_eq!(described(&statements(text, OFF)[0]), disputed);
    assert!(matches!(why(&statements(text, ON)[0]), Unjudged::Syntax { .. }));
    // Behind a word, and with parts on further lines.
    let text = b"select a'\\'' from t; select 'a'\n'b\\'c', g(1)";
    assert_eq!(statements(text, OFF)[1].class, Class::Code);
    for text in [br"select n'a\'b'".as_slice(), br"select U&'a\0041'"] {
        assert!(matches!(why(&statements(text, OFF)[0]), Unjudged::Ambiguous(_)));
    }
    let position = |text: &[u8]| match why(&statements(text, OFF)[0]) {
        Unjudged::Syntax { position, .. } => *position,
        other => panic!("{other:?}"),
    };
    assert_eq!(position(br"select 'a\'', 'b\\' x y"), Some(23));
}

#[test]
fn comments_are_space() {
    let nested = "/*".repeat(50_000) + &"*/".repeat(50_000);
    for text in [
        format!("select {nested} a from t"),
        format!("{nested}select a{nested}from t"),
        "select a -- x\n from t -- '".into(),
        "select a from t /* \u{e9} */".into(),
        format!("select {} a from t", "--\n".repeat(200_000)),
    ] {
        assert_eq!(described(&only(&text)), described(&only("select a from t")));
    }
    let open = only("select a /* from t");
    assert!(
        matches!(why(&open), Unjudged::Syntax { position: Some(10), message } if &**message == "unterminated /* comment")
    );
}

#[test]
fn what_is_beyond_a_limit_is_said_with_its_figure() {
    let names: Vec<String> = (0..5_000).map(|number| format!("c{number}")).collect();
    let cases = [
        ("select 1".to_owned() + &", 1".repeat(500_000), "more than 1,000,000 tokens"),
        ("(".repeat(1_001) + "select 1" + &")".repeat(1_001), "nested deeper than 1,000"),
        ("select ".to_owned() + &"case when a then ".repeat(1_001), "nested deeper than 1,000"),
        ("select 1".to_owned() + &"+1".repeat(10_001), "more than 10,000 operators in a row"),
        ("select 1".to_owned() + &"::int".repeat(10_001), "more than 10,000 operators in a row"),
        ("select 1".to_owned() + &" union select 1".repeat(5_001), "more than 10,000 operators in a row"),
        (format!("select {} from t", names.join(", ")), "more than 4,096 names"),
        ("select 1;".repeat(10_001), "more than 10,000 statements"),
        (
            "select set_config('a', 'b', false)".to_owned()
                + &(0..300).map(|n| format!(", set_config('a', '{n}', false)")).collect::<String>(),
            "more than 256 settings",
        ),
    ];
    for (text, expected) in cases {
        let found = statements(text.as_bytes(), ON);
        assert_eq!(*why(found.last().unwrap()), Unjudged::TooLarge(expected.into()));
        assert!(found.iter().all(|one| one.verb != Verb::Leave));
    }
}
