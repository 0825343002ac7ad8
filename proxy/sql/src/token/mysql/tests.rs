//! What the lexer sees in MySQL's texts.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use crate::token::{Ending, Kind, Lexer, Token};
use crate::{Lexing, MysqlServer};
use proptest::prelude::*;

const ANSI: Lexing = unknown(true, false);
const NO_ESCAPES: Lexing = unknown(false, true);
const MARIADB: Lexing = Lexing::of_mysql(MysqlServer::Mariadb(101_119));
const MYSQL_8: Lexing = Lexing::of_mysql(MysqlServer::Mysql(80_404));
const ANSI_MARIADB: Lexing = Lexing::Mysql {
    ansi_quotes: true,
    no_backslash_escapes: false,
    double_byte: true,
    server: MysqlServer::Mariadb(101_119),
};
const ALL: [Lexing; 6] = [Lexing::MYSQL, ANSI, NO_ESCAPES, unknown(true, true), MARIADB, MYSQL_8];

const fn unknown(ansi_quotes: bool, no_backslash_escapes: bool) -> Lexing {
    Lexing::Mysql { ansi_quotes, no_backslash_escapes, double_byte: true, server: MysqlServer::Unknown }
}

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
    // Whether it is a string or a name MySQL does not report.
    for lexing in [Lexing::MYSQL, MYSQL_8] {
        check(lexing, r#""a\"b" x"#, &[r#"l~:"a\"b""#, "w:x"]);
    }
    check(MARIADB, r#""a\"b" x"#, &[r#"l:"a\"b""#, "w:x"]);
    check(ANSI_MARIADB, r#""a\" x"#, &[r#"q:"a\""#, "w:x"]);
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
    check(Lexing::MYSQL, "x'41''a' b'01''a'", &["l:x'41'", "l:'a'", "l:b'01'", "l:'a'"]);
    check(Lexing::MYSQL, "x'4g' a", &["l!:x'4g' a"]);
    check(Lexing::MYSQL, "b'012' a", &["l!:b'012' a"]);
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
fn what_follows_a_dot_is_a_name() {
    check(Lexing::MYSQL, "t.b'1' t.n'a'", &["w:t", ".:.", "w:b", "l:'1'", "w:t", ".:.", "w:n", "l:'a'"]);
    check(Lexing::MYSQL, "`t`.x'1' 1.x'1'", &["q:`t`", ".:.", "w:x", "l:'1'", "n:1.", "l:x'1'"]);
    check(Lexing::MYSQL, "`t`.1a 1e5.5 t.5", &["q:`t`", "n:.1", "w:a", "n:1e5", "n:.5", "w:t", ".:.", "w:5"]);
    check(Lexing::MYSQL, "1..10", &["n:1", "o:..", "n:10"]);
    check(Lexing::MYSQL, r"\Na \N'b'", &[r"x:\", "w:N", "w:a", r"x:\", "w:N", "l:'b'"]);
}

#[test]
fn a_letter_of_an_exponent_without_one_is_disputed() {
    check(Lexing::MYSQL, "1.5e5 1.5e-5 1.5e/2", &["n:1.5e5", "n:1.5e-5", "n~:1.5", "w:e", "o:/", "n:2"]);
    check(Lexing::MYSQL, ".5e", &["n~:.5", "w:e"]);
}

#[test]
fn comments_are_those_of_mysql() {
    check(Lexing::MYSQL, "a # b ' \n c -- d \" \n e", &["w:a", "w:c", "w:e"]);
    check(Lexing::MYSQL, "a--1", &["w:a", "o:-", "o:-", "n:1"]);
    check(Lexing::MYSQL, "a --\tb\nc--", &["w:a", "w:c"]);
    check(Lexing::MYSQL, "a # b \r c", &["w:a"]);
    // Separators at the end do not count.
    check(Lexing::MYSQL, "a--; ;", &["w:a"]);
    check(Lexing::MYSQL, "a--;b", &["w:a", "o:-", "o:-", ".:;", "w:b"]);
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

/// How sure the reading of a text is as a whole, and whether a server decides what is in it.
fn doubts(text: &str, lexing: Lexing) -> (Ending, bool) {
    let mut lexer = Lexer::new(text.as_bytes(), lexing);
    let (mut worst, mut doubtful) = (Ending::Certain, false);
    while let Some(token) = lexer.next() {
        if token.ending != Ending::Certain && worst != Ending::Disputed {
            worst = token.ending;
        }
        doubtful |= lexer.version_comment().is_some();
    }
    (worst, doubtful)
}

#[test]
fn a_version_comment_is_certain_where_the_server_executes_it() {
    let server = [Lexing::MYSQL, MYSQL_8, MARIADB];
    for (text, doubtful) in [
        ("select 1 /*! + 1 */", [false, false, false]),
        ("select 1 /*!40001 + 1 */", [false, false, false]),
        ("select 1 /*!50699+1*/", [false, false, false]),
        // Fewer than five digits are no version.
        ("select 1 /*!5000 */", [false, false, false]),
        ("select 1 /*!50700 + 1 */", [true, false, true]),
        ("select 1 /*!80404 + 1 */", [true, false, true]),
        ("select 1 /*!80405 + 1 */", [true, true, true]),
        ("select 1 /*!99997 + 1 */", [true, true, true]),
        ("select 1 /*!100000 + 1 */", [true, true, false]),
        ("select 1 /*!101119 + 1 */", [true, true, false]),
        ("select 1 /*!101120 + 1 */", [true, true, true]),
        ("select 1 /*!1011199 */", [true, true, false]),
        ("select 1 /*!050000 + 1 */", [true, true, false]),
        ("select 1 /*!080000 + 1 */", [true, true, true]),
        ("select 1 /*M! + 1 */", [true, true, false]),
        ("select 1 /*M!80404 + 1 */", [true, true, false]),
        ("select 1 /*M!101120 + 1 */", [true, true, true]),
        ("select 1 /*m! + 1 */ /* ! */ /*M + 1 */", [false, false, false]),
        // Where a literal has its end in it, that is so for those who execute it.
        ("select /*! '*/' */", [false, false, false]),
    ] {
        let found = server.map(|lexing| doubts(text, lexing));
        assert_eq!(found, doubtful.map(|doubtful| (Ending::Certain, doubtful)), "{text}");
    }
}

#[test]
fn a_comment_within_a_version_comment_is_mariadbs_business() {
    for text in ["select 1 /*! + 1 /* x */ + 1 */", "select 1 /*! + 1 /*! + 1 */ + 1"] {
        assert_eq!(doubts(text, MARIADB).0, Ending::Certain, "{text}");
        assert_eq!(doubts(text, MYSQL_8).0, Ending::Disputed, "{text}");
        assert_eq!(doubts(text, Lexing::MYSQL).0, Ending::Disputed, "{text}");
    }
    check(MARIADB, "/*! a /*!50000 b */ c */", &["w:a", "w:b", "w:c", "o:*", "o:/"]);
    assert_eq!(doubts("/*! a /*!99999 b */ c", MARIADB).0, Ending::Disputed);
}

#[test]
fn a_version_comment_without_end_has_none() {
    for lexing in [Lexing::MYSQL, MYSQL_8, MARIADB] {
        for text in ["select 1 /*! + 1", "select 1 /*!99999 + 1", "select 1 /*M! + 1"] {
            assert_eq!(doubts(text, lexing).0, Ending::Missing, "{text}");
        }
        assert_eq!(doubts("/*! select 1; select 2 */", lexing).0, Ending::Disputed);
    }
}

#[test]
fn a_hint_that_sets_more_than_a_plan_is_disputed_where_hints_are_read() {
    for (text, disputed) in [
        ("select /*+ MAX_EXECUTION_TIME(1000) */ 1", false),
        ("select /*+ NO_INDEX(t a) BKA(t) */ 1", false),
        ("select /*+ SET_VAR(optimizer_switch = 'mrr=off') */ 1", false),
        ("select /*+ set_var( sort_buffer_size=1 ) SET_VAR(time_zone='UTC') */ 1", false),
        ("select /*+ SET_VAR(sql_mode='') */ 1", true),
        ("select /*+ SET_VAR(sort_buffer_size=1) SET_VAR(foreign_key_checks=0) */ 1", true),
        ("select /*+ SET_VAR (`unique_checks`=0) */ 1", true),
        ("select /*+ RESOURCE_GROUP(batch) */ 1", true),
    ] {
        for lexing in [Lexing::MYSQL, MYSQL_8, Lexing::of_mysql(MysqlServer::Mariadb(120_102))] {
            assert_eq!(doubts(text, lexing).0 == Ending::Disputed, disputed, "{text} {lexing:?}");
        }
        assert_eq!(doubts(text, MARIADB).0, Ending::Certain, "{text}");
    }
}

#[test]
fn a_word_with_what_is_a_sign_in_latin_1_is_disputed() {
    for (text, disputed) in [
        (&b"select a\xa0into"[..], true),
        (b"select t\xd7u", true),
        (b"select @a\xa0b", true),
        // A letter in both, and characters of UTF-8.
        (b"select pr\xe9nom", false),
        ("select grüße, voilà, a\u{a0}b".as_bytes(), false),
        (b"select 'a\xa0b', `a\xa0b` /* \xa0 */", false),
    ] {
        let found = Lexer::new(text, MARIADB).any(|token| token.ending == Ending::Disputed);
        assert_eq!(found, disputed, "{}", String::from_utf8_lossy(text));
    }
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
