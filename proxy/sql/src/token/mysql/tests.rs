//! What the lexer sees in MySQL's texts.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use crate::Lexing;
use crate::token::{Ending, Kind, Lexer, Token};
use proptest::prelude::*;

const ANSI: Lexing = Lexing::Mysql { ansi_quotes: true, no_backslash_escapes: false };
const NO_ESCAPES: Lexing = Lexing::Mysql { ansi_quotes: false, no_backslash_escapes: true };
const ALL: [Lexing; 4] =
    [Lexing::MYSQL, ANSI, NO_ESCAPES, Lexing::Mysql { ansi_quotes: true, no_backslash_escapes: true }];

/// The significant tokens, as `kind:text` with `~` for a disputed and `!` for a missing end.
fn shown(text: &str, lexing: Lexing) -> Vec<String> {
    let mut shown = Vec::new();
    for token in Lexer::new(text.as_bytes(), lexing).filter(Token::is_significant) {
        let kind = match token.kind {
            Kind::Space | Kind::Comment | Kind::Cast | Kind::UnicodeIdentifier => unreachable!(),
            Kind::Word(_) => "w",
            Kind::QuotedIdentifier => "q",
            Kind::Literal => "l",
            Kind::Number => "n",
            Kind::Parameter => "p",
            Kind::Variable => "v",
            Kind::Operator => "o",
            Kind::Punctuation(_) => ".",
            Kind::Other(_) => "x",
        };
        let ending = match token.ending {
            Ending::Certain => "",
            Ending::Disputed => "~",
            Ending::Missing => "!",
        };
        shown.push(format!("{kind}{ending}:{}", String::from_utf8_lossy(token.bytes(text.as_bytes()))));
    }
    shown
}

#[track_caller]
fn check(lexing: Lexing, text: &str, expected: &[&str]) {
    assert_eq!(shown(text, lexing), expected, "{text}");
}

#[test]
fn names_are_in_backticks_and_strings_in_either_quote() {
    check(Lexing::MYSQL, "`a b` `a``b` \"x\" 'y'", &["q:`a b`", "q:`a``b`", "l:\"x\"", "l:'y'"]);
    check(ANSI, "\"x\" \"a\"\"b\" 'y'", &["q:\"x\"", "q:\"a\"\"b\"", "l:'y'"]);
    check(Lexing::MYSQL, "a$b $c é_1", &["w:a$b", "w:$c", "w:é_1"]);
    check(Lexing::MYSQL, "`a", &["q!:`a"]);
}

#[test]
fn a_backslash_escapes_unless_the_session_says_otherwise() {
    check(Lexing::MYSQL, r"'it\'s' 'a\\' 'b''c'", &[r"l:'it\'s'", r"l:'a\\'", "l:'b''c'"]);
    check(NO_ESCAPES, r"'C:\' x", &[r"l:'C:\'", "w:x"]);
    // Whether it is a string or a name nobody reported.
    check(Lexing::MYSQL, r#""a\"b" x"#, &[r#"l~:"a\"b""#, "w:x"]);
    check(ANSI, r#""a\"b" x"#, &[r#"q~:"a\""#, "w:b", "q!:\" x"]);
    check(Lexing::MYSQL, "'a", &["l!:'a"]);
}

#[test]
fn half_a_character_before_a_quote_is_disputed() {
    let text: &[u8] = b"'\xbf\\' or 1";
    let token = Lexer::new(text, Lexing::MYSQL).next().unwrap();
    assert_eq!(token.ending, Ending::Missing);
    let token = Lexer::new(b"'\xbf\\'' or 1", Lexing::MYSQL).next().unwrap();
    assert_eq!((token.end, token.ending), (5, Ending::Disputed));
}

#[test]
fn prefixed_literals_are_one_token() {
    check(Lexing::MYSQL, "N'a' x'4f' B'01' _utf8mb4'ü'", &["l:N'a'", "l:x'4f'", "l:B'01'", "l:_utf8mb4'ü'"]);
    check(Lexing::MYSQL, "_utf8 'a' 0x4F 0b01", &["w:_utf8", "l:'a'", "n:0x4F", "n:0b01"]);
}

#[test]
fn a_name_may_begin_with_a_digit_and_a_number_may_not_end_in_a_letter() {
    check(Lexing::MYSQL, "1 1.5 .5 1e5 1.e+3 1E-2", &["n:1", "n:1.5", "n:.5", "n:1e5", "n:1.e+3", "n:1E-2"]);
    check(
        Lexing::MYSQL,
        "1abc 0X1 0xg 1e 2024_orders",
        &["w:1abc", "w:0X1", "w:0xg", "w:1e", "w:2024_orders"],
    );
    check(
        Lexing::MYSQL,
        "t.1a shop.2024 a.1e5",
        &["w:t", ".:.", "w:1a", "w:shop", ".:.", "w:2024", "w:a", ".:.", "w:1e5"],
    );
}

#[test]
fn comments_are_those_of_mysql() {
    check(Lexing::MYSQL, "a # b ' \n c -- d \" \n e", &["w:a", "w:c", "w:e"]);
    check(Lexing::MYSQL, "a--1", &["w:a", "o:-", "o:-", "n:1"]);
    check(Lexing::MYSQL, "a --\tb\nc--", &["w:a", "w:c"]);
    check(Lexing::MYSQL, "a # b \r c", &["w:a"]);
    // They do not nest.
    check(Lexing::MYSQL, "/* /* */ a */", &["w:a", "o:*", "o:/"]);
    check(Lexing::MYSQL, "/*+ hint */ a", &["w:a"]);
}

#[test]
fn what_stands_in_a_version_comment_is_executed() {
    check(Lexing::MYSQL, "/*!40101 SET a = 1 */;", &["w:SET", "w:a", "o:=", "n:1", ".:;"]);
    check(Lexing::MYSQL, "select /*! straight_join */ a", &["w:select", "w:straight_join", "w:a"]);
    check(Lexing::MYSQL, "select /*M!100100 a */ b", &["w:select", "w:a", "w:b"]);
    check(Lexing::MYSQL, "/*!080000b */", &["w:b"]);
}

#[test]
fn a_version_comment_that_reads_otherwise_as_a_comment_is_disputed() {
    let endings = |text: &str| {
        let mut lexer = Lexer::new(text.as_bytes(), Lexing::MYSQL);
        lexer.any(|token| token.ending == Ending::Disputed)
    };
    assert!(!endings("/*!99999 select 1 */ delete from t"));
    assert!(endings("/*!99999 select 1 # */ delete from t"));
    assert!(endings("/*!99999 select '*/ delete from t -- '*/"));
    assert!(endings("/*!99999 select 1 -- */ delete from t"));
    assert!(endings("/*! a /* b */ c */"));
    assert!(endings("/*! a /*! b */ c */"));
    assert!(endings("/*!99999 select 1; */ delete from t"));
}

#[test]
fn operators_and_variables_are_the_longest_there_are() {
    check(Lexing::MYSQL, "a<=>b:=c", &["w:a", "o:<=>", "w:b", "o::=", "w:c"]);
    check(Lexing::MYSQL, "a->>'$.b'->\"c\"", &["w:a", "o:->>", "l:'$.b'", "o:->", "l:\"c\""]);
    check(Lexing::MYSQL, "a||b&&!c=-1", &["w:a", "o:||", "w:b", "o:&&", "o:!", "w:c", "o:=", "o:-", "n:1"]);
    check(
        Lexing::MYSQL,
        "@a.b @`c d` @@global.e ?",
        &["v:@a.b", "v:@`c d`", "v:@@global", ".:.", "w:e", "p:?"],
    );
    check(Lexing::MYSQL, "'app'@'10.%'", &["l:'app'", "x:@", "l:'10.%'"]);
}

/// The tokens lie side by side and cover the text.
fn tiles(text: &[u8], lexing: Lexing) {
    let mut end = 0;
    for token in Lexer::new(text, lexing) {
        assert_eq!(token.start, end);
        assert!(token.end > token.start && token.end <= text.len());
        end = token.end;
    }
    assert_eq!(end, text.len());
}

proptest! {
    #[test]
    fn the_tokens_of_any_bytes_tile_them(text in proptest::collection::vec(any::<u8>(), 0..200)) {
        for lexing in ALL {
            tiles(&text, lexing);
        }
    }

    #[test]
    fn the_tokens_of_any_soup_tile_it(
        pieces in proptest::collection::vec(
            proptest::sample::select(vec![
                "'", "\"", "`", "\\", "''", "/*", "/*!", "/*!50001", "/*M!", "*/", "--", "-- ", "#", "\n", ";", "@",
                "@@", "a", "1", "1e", ".", "x'", "_utf8'", "0x", "select", " ", "?", ":=", "\0", "é",
            ]),
            0..40,
        ),
    ) {
        for lexing in ALL {
            tiles(pieces.concat().as_bytes(), lexing);
        }
    }
}
