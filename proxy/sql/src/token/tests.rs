//! What the lexer sees.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use super::*;
use proptest::prelude::*;

const ON: Lexing = Lexing::Postgres { standard_conforming_strings: true };
const OFF: Lexing = Lexing::Postgres { standard_conforming_strings: false };

/// The significant tokens, as `kind:text` with `~` for a disputed and `!` for a missing end.
fn shown(text: &str, lexing: Lexing) -> Vec<String> {
    let mut shown = Vec::new();
    for token in Lexer::new(text.as_bytes(), lexing).filter(Token::is_significant) {
        let kind = match token.kind {
            Kind::Space | Kind::Comment => unreachable!(),
            Kind::Word(_) => "w",
            Kind::QuotedIdentifier => "q",
            Kind::UnicodeIdentifier => "u",
            Kind::Literal => "l",
            Kind::Number => "n",
            Kind::Parameter => "p",
            Kind::Variable => "v",
            Kind::Operator => "o",
            Kind::Cast => "c",
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
fn check(text: &str, expected: &[&str]) {
    assert_eq!(shown(text, ON), expected, "{text}");
}

#[track_caller]
fn check_off(text: &str, expected: &[&str]) {
    assert_eq!(shown(text, OFF), expected, "{text}");
}

#[test]
fn words_and_quoted_names_end_where_the_server_ends_them() {
    check("select Aé_1$x from", &["w:select", "w:Aé_1$x", "w:from"]);
    check("\"a b\" \"a\"\"b\" \"\"", &["q:\"a b\"", "q:\"a\"\"b\"", "q:\"\""]);
    check("U&\"d\\0061\" u&x", &["u:U&\"d\\0061\"", "w:u", "o:&", "w:x"]);
    check("a.\"b\".c", &["w:a", ".:.", "q:\"b\"", ".:.", "w:c"]);
    check("\"a\\\"", &["q:\"a\\\""]);
}

#[test]
fn every_form_of_literal_is_one_token() {
    check("'' 'it''s' 'a;--b'", &["l:''", "l:'it''s'", "l:'a;--b'"]);
    check(r"E'it\'s' e'\\' E'\\\'x'", &[r"l:E'it\'s'", r"l:e'\\'", r"l:E'\\\'x'"]);
    check(r"U&'d\0061' n'a' B'01' X'ff'", &[r"l:U&'d\0061'", "l:n'a'", "l:B'01'", "l:X'ff'"]);
    check("X'ff''a'", &["l:X'ff'", "l:'a'"]);
    check("type'a'", &["w:type", "l:'a'"]);
    check("ee'a'", &["w:ee", "l:'a'"]);
}

#[test]
fn a_literal_continues_over_a_line_end_under_its_own_rules() {
    check("'a'\n'b'", &["l:'a'\n'b'"]);
    check("'a' 'b'", &["l:'a'", "l:'b'"]);
    check("'a' -- c'\n  'b'", &["l:'a' -- c'\n  'b'"]);
    check("'a' /* */\n'b'", &["l:'a'", "l:'b'"]);
    check("E'a'\r'b\\'c'", &["l:E'a'\r'b\\'c'"]);
    check("'a'\nb", &["l:'a'", "w:b"]);
    check("'a' -- b", &["l:'a'"]);
}

#[test]
fn a_backslash_escapes_in_plain_literals_only_when_the_session_says_so() {
    check_off(r"'a\'b' c", &[r"l~:'a\'b'", "w:c"]);
    check(r"'a\' b", &[r"l~:'a\'", "w:b"]);
    check(r"'a\\' b", &[r"l:'a\\'", "w:b"]);
    check_off(r"'a\\' b", &[r"l:'a\\'", "w:b"]);
    check(r"'a\nb' c", &[r"l:'a\nb'", "w:c"]);
    check_off(r"E'a\'b' c", &[r"l:E'a\'b'", "w:c"]);
    check_off(r"U&'a\' b", &[r"l:U&'a\'", "w:b"]);
    check_off(r"N'a\'b' c", &[r"l~:N'a\'b'", "w:c"]);
    check_off(r"x'a\' b", &[r"l:x'a\'", "w:b"]);
}

#[test]
fn a_backslash_that_may_be_half_a_character_is_disputed() {
    check("E'é\\' x", &["l!:E'é\\' x"]);
    check("E'é\\'' x", &["l~:E'é\\''", "w:x"]);
    check("E'é\\n' x", &["l:E'é\\n'", "w:x"]);
    check("'é\\\\' x", &["l~:'é\\\\'", "w:x"]);
}

#[test]
fn dollar_quotes_end_at_their_own_tag_only() {
    check("$$a'b$$", &["l:$$a'b$$"]);
    check("$a$ $$ $b$ $ab$ $1$a$ x", &["l:$a$ $$ $b$ $ab$ $1$a$", "w:x"]);
    check("$é_1$x$é_1$", &["l:$é_1$x$é_1$"]);
    check("a$b$c$b$", &["w:a$b$c$b$"]);
    check("$1$$a$$", &["p:$1", "l:$$a$$"]);
    check("$a$A$A$ $a$", &["l:$a$A$A$ $a$"]);
    check("$a b$", &["x:$", "w:a", "w:b$"]);
    check("$$a$", &["l!:$$a$"]);
}

#[test]
fn comments_nest_and_line_comments_end_with_their_line() {
    check("a /* b /* c */ d */ e", &["w:a", "w:e"]);
    check("a -- b\nc --d\re", &["w:a", "w:c", "w:e"]);
    check("/*/ a */ b", &["w:b"]);
    check("/***/a/**/b", &["w:a", "w:b"]);
    check("a -- /*\nb", &["w:a", "w:b"]);
    check("'/*' a '*/'", &["l:'/*'", "w:a", "l:'*/'"]);
}

#[test]
fn numbers_are_whole_in_all_their_forms() {
    check(
        "1 1.5 .5 1. 1e5 1.5E-3 1_000 0x1F 0b10 0o17 0x_ff",
        &[
            "n:1", "n:1.5", "n:.5", "n:1.", "n:1e5", "n:1.5E-3", "n:1_000", "n:0x1F", "n:0b10", "n:0o17",
            "n:0x_ff",
        ],
    );
    check("1..10", &["n:1", "o:..", "n:10"]);
    check("1e 1e+ 0x 1_", &["n:1", "w:e", "n:1", "w:e", "o:+", "n:0", "w:x", "n:1", "w:_"]);
    check("$1 $23a", &["p:$1", "p:$23", "w:a"]);
}

#[test]
fn operators_give_way_to_comments_and_signs() {
    check("a<=b", &["w:a", "o:<=", "w:b"]);
    check("a=-1", &["w:a", "o:=", "o:-", "n:1"]);
    check("a@-1", &["w:a", "o:@-", "n:1"]);
    check("a+--b", &["w:a", "o:+"]);
    check("a*/*b*/c", &["w:a", "o:*", "w:c"]);
    check("a::text[]", &["w:a", "c:::", "w:text", ".:[", ".:]"]);
    check("f(a := 1, b => 2)", &["w:f", ".:(", "w:a", "o::=", "n:1", ".:,", "w:b", "o:=>", "n:2", ".:)"]);
    check("a[1:2]", &["w:a", ".:[", "n:1", ".::", "n:2", ".:]"]);
    check("- - + -1", &["o:-", "o:-", "o:+", "o:-", "n:1"]);
    check("a\\b{c}", &["w:a", "x:\\", "w:b", "x:{", "w:c", "x:}"]);
}

#[test]
fn what_does_not_end_is_one_token_to_the_end() {
    for open in ["'a", "\"a", "E'a\\'", "E'a\\", "U&'a", "U&\"a", "X'a", "$$a", "$t$a$u$", "/* a", "/* /* */"]
    {
        let text = format!("x {open}; drop table t");
        let tokens: Vec<Token> = Lexer::new(text.as_bytes(), ON).collect();
        let last = tokens.last().unwrap();
        assert_eq!((last.start, last.end, last.ending), (2, text.len(), Ending::Missing), "{text}");
    }
}

#[test]
fn a_word_carries_the_keyword_it_is() {
    let kinds: Vec<Kind> = Lexer::new(b"SELECT selected \"select\"", ON)
        .filter(Token::is_significant)
        .map(|token| token.kind)
        .collect();
    assert_eq!(kinds, [Kind::Word(Keyword::Select), Kind::Word(Keyword::None), Kind::QuotedIdentifier]);
}

/// Tokens cover the text from its first byte to its last, in order and without a hole.
fn tiles(text: &[u8], lexing: Lexing) {
    let mut at = 0;
    for token in Lexer::new(text, lexing) {
        assert_eq!(token.start, at);
        assert!(token.end > at);
        assert!(token.ending != Ending::Missing || token.end == text.len());
        at = token.end;
    }
    assert_eq!(at, text.len());
}

#[test]
fn deep_nesting_of_anything_is_only_long() {
    for piece in
        ["(", "/*", "((/*", "'", "\"", "$a$", "1+", "[", "\\", "\0", "E'\\", "--", "$", "é", "\u{ff}", "*/"]
    {
        tiles(piece.repeat(128 * 1024).as_bytes(), ON);
        tiles(piece.repeat(128 * 1024).as_bytes(), OFF);
    }
}

proptest! {
    #[test]
    fn tokens_tile_any_bytes(text in proptest::collection::vec(any::<u8>(), 0..200), on: bool) {
        tiles(&text, Lexing::Postgres { standard_conforming_strings: on });
    }

    #[test]
    fn tokens_tile_any_soup_of_delimiters(
        pieces in proptest::collection::vec(
            proptest::sample::select(vec![
                "'", "\"", "\\", "$", "$a$", "$$", "--", "/*", "*/", "\n", "E'", "U&'", "U&\"", "x'", "1", ".", "e",
                "_", "a", " ", ";", "(", ")", "::", "-", "\0", "é",
            ]),
            0..60,
        ),
        on: bool,
    ) {
        tiles(pieces.concat().as_bytes(), Lexing::Postgres { standard_conforming_strings: on });
    }

    /// Where no end is disputed, the other setting sees the same tokens.
    #[test]
    fn a_certain_reading_is_the_same_in_either_state(
        pieces in proptest::collection::vec(
            proptest::sample::select(vec![
                "'", "''", "\\", "\\'", "\\\\", "E'", "n'", "x'", "\n", " ", "a", "--", "$$", "\"", "1", ";",
            ]),
            0..40,
        ),
    ) {
        let text = pieces.concat();
        let on: Vec<Token> = Lexer::new(text.as_bytes(), ON).collect();
        let off: Vec<Token> = Lexer::new(text.as_bytes(), OFF).collect();
        // A disputed token ends the comparison, and so does one without an end in either reading.
        for (one, other) in on.iter().zip(&off) {
            if one.ending != Ending::Certain || other.ending != Ending::Certain {
                return Ok(());
            }
            prop_assert_eq!(one, other);
        }
    }
}
