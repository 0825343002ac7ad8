//! Which values do the literals of a text have?

use crate::Lexing;
use crate::token::{Kind, Lexer};
use std::borrow::Cow;

/// The values of a text's literals.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Literals {
    /// In the order in which `?` stands for them in [`exchange::Statement::text`]: quoted ones without their
    /// quotes and escapes, numbers and bit strings as they are written.
    pub values: Vec<Box<[u8]>>,
    /// Whether there were more than was asked for.
    pub is_cut: bool,
}

/// The values in `text`, at most so many of them and so many bytes together.
pub fn values(text: &[u8], lexing: Lexing, values_max: usize, bytes_max: usize) -> Literals {
    let mut found = Literals::default();
    let mut bytes = 0;
    for token in Lexer::new(text, lexing) {
        let value = match token.kind {
            Kind::Literal => value(token.bytes(text), lexing),
            Kind::Number => Cow::Borrowed(token.bytes(text)),
            _ => continue,
        };
        bytes += value.len();
        if bytes > bytes_max || found.values.len() >= values_max {
            found.is_cut = true;
            break;
        }
        found.values.push(value.into());
    }
    found
}

/// The value of one literal, as it stands between other tokens.
pub(crate) fn value(literal: &[u8], lexing: Lexing) -> Cow<'_, [u8]> {
    if literal.first() == Some(&b'$') {
        return Cow::Borrowed(dollar_quoted(literal));
    }
    let Some(open) = literal.iter().position(|byte| matches!(byte, b'\'' | b'"')) else {
        return Cow::Borrowed(literal);
    };
    let (prefix, quoted) = literal.split_at(open);
    let escapes = match (prefix, lexing) {
        (b"b" | b"B" | b"x" | b"X", _) => return Cow::Borrowed(literal),
        (b"u&" | b"U&", _) => Escapes::Unicode,
        (b"e" | b"E", Lexing::Postgres { .. }) => Escapes::Backslash,
        (_, Lexing::Postgres { standard_conforming_strings: true }) => Escapes::None,
        (_, Lexing::Mysql { no_backslash_escapes: true, .. }) => Escapes::None,
        (_, Lexing::Postgres { .. }) => Escapes::Backslash,
        (_, Lexing::Mysql { .. }) => Escapes::Mysql,
    };
    Cow::Owned(unquoted(quoted, escapes))
}

/// What stands between the tags; all behind the first where there is no second.
fn dollar_quoted(literal: &[u8]) -> &[u8] {
    let tag = literal.iter().skip(1).position(|byte| *byte == b'$').map_or(0, |at| at + 2);
    let (tag, body) = literal.split_at_checked(tag).unwrap_or((b"", literal));
    body.strip_suffix(tag).unwrap_or(body)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Escapes {
    None,
    Backslash,
    Unicode,
    Mysql,
}

/// What stands between the quotes, with the pieces on further lines.
fn unquoted(literal: &[u8], escapes: Escapes) -> Vec<u8> {
    let mut value = Vec::with_capacity(literal.len());
    let mut rest = literal;
    let mut quote = None;
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        match (quote, *byte) {
            (None, b'\'' | b'"') => quote = Some(*byte),
            // Between the pieces of one literal there are space and comments.
            (None, b'-') => {
                let end = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(rest.len());
                rest = rest.get(end..).unwrap_or_default();
            }
            (None, _) => {}
            (Some(open), byte) if byte == open => match rest.split_first() {
                Some((next, after)) if *next == open => {
                    value.push(open);
                    rest = after;
                }
                _ => quote = None,
            },
            (Some(_), b'\\') if escapes != Escapes::None => rest = escaped(rest, escapes, &mut value),
            (Some(_), byte) => value.push(byte),
        }
    }
    value
}

/// Takes what stands behind a backslash; hands back what is left.
fn escaped<'t>(rest: &'t [u8], escapes: Escapes, value: &mut Vec<u8>) -> &'t [u8] {
    let Some((byte, after)) = rest.split_first() else {
        value.push(b'\\');
        return rest;
    };
    if escapes == Escapes::Unicode {
        return match byte {
            b'\\' => plain(b'\\', after, value),
            b'+' => numbered(after, 16, 6, value).unwrap_or_else(|| plain(b'+', after, value)),
            _ => numbered(rest, 16, 4, value).unwrap_or_else(|| plain(b'\\', rest, value)),
        };
    }
    let simple = match byte {
        b'n' => b'\n',
        b't' => b'\t',
        b'r' => b'\r',
        b'b' => 8,
        b'f' if escapes == Escapes::Backslash => 12,
        b'0' if escapes == Escapes::Mysql => 0,
        b'Z' if escapes == Escapes::Mysql => 26,
        // LIKE takes the backslash before these: it stays.
        b'%' | b'_' if escapes == Escapes::Mysql => return plain(b'\\', rest, value),
        b'x' if escapes == Escapes::Backslash => return byte_of(after, 16, 2, value, b'x'),
        b'0'..=b'7' if escapes == Escapes::Backslash => return byte_of(rest, 8, 3, value, b'0'),
        b'u' | b'U' if escapes == Escapes::Backslash => {
            let digits = if *byte == b'u' { 4 } else { 8 };
            return numbered(after, 16, digits, value).unwrap_or_else(|| plain(*byte, after, value));
        }
        other => *other,
    };
    plain(simple, after, value)
}

fn plain<'t>(byte: u8, rest: &'t [u8], value: &mut Vec<u8>) -> &'t [u8] {
    value.push(byte);
    rest
}

/// The number in up to `most` digits, and what follows them.
fn digits(rest: &[u8], radix: u32, most: usize) -> (u32, usize, &[u8]) {
    let digit = |byte: &u8| char::from(*byte).to_digit(radix);
    let found = rest.iter().take(most).map_while(digit);
    let (number, length) = found.fold((0u32, 0), |(number, length), digit| {
        (number.wrapping_mul(radix).wrapping_add(digit), length + 1)
    });
    (number, length, rest.get(length..).unwrap_or_default())
}

/// A byte by its number; `letter` where there is none.
fn byte_of<'t>(rest: &'t [u8], radix: u32, most: usize, value: &mut Vec<u8>, letter: u8) -> &'t [u8] {
    let (number, length, after) = digits(rest, radix, most);
    if length == 0 {
        return plain(letter, rest, value);
    }
    let [.., byte] = number.to_be_bytes();
    plain(byte, after, value)
}

/// A character by its number in exactly so many digits.
fn numbered<'t>(rest: &'t [u8], radix: u32, exactly: usize, value: &mut Vec<u8>) -> Option<&'t [u8]> {
    let (number, length, after) = digits(rest, radix, exactly);
    let character = char::from_u32(number).unwrap_or('\u{fffd}');
    (length == exactly).then(|| {
        value.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        after
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ON: Lexing = Lexing::Postgres { standard_conforming_strings: true };
    const OFF: Lexing = Lexing::Postgres { standard_conforming_strings: false };

    #[track_caller]
    fn check(text: &str, lexing: Lexing, expected: &[&str]) {
        let found = values(text.as_bytes(), lexing, 100, 10_000);
        let found: Vec<_> = found.values.iter().map(|one| String::from_utf8_lossy(one)).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn values_are_those_that_the_server_sees() {
        check(
            "select 'it''s', 1.5, -5, $$a'b$$, $x$ $$ $x$, ''",
            ON,
            &["it's", "1.5", "5", "a'b", " $$ ", ""],
        );
        check(
            r"select E'a\'b\n\x41\101\u00e9\U0001F600\\', 'a\b'",
            ON,
            &["a'b\nAA\u{e9}\u{1f600}\\", r"a\b"],
        );
        check(r"select 'a\'b', E'\q'", OFF, &["a'b", "q"]);
        check(r"select U&'d\0061t\+000061 \\', N'x'", ON, &["data \\", "x"]);
        check("select 'a'\n -- c'c\n 'b', B'101', X'1f'", ON, &["ab", "B'101'", "X'1f'"]);
        check(r#"select 'a\'b', "c""d", _utf8mb4'x', x'41'"#, Lexing::MYSQL, &["a'b", "c\"d", "x", "x'41'"]);
        check(r"select 'a\%b\_c\Zd\q'", Lexing::MYSQL, &["a\\%b\\_c\u{1a}dq"]);
        check("select 'open", ON, &["open"]);
        check("select $$open", ON, &["open"]);
        check("select a, $1, \"q\" -- 'c'", ON, &[]);
    }

    #[test]
    fn there_is_one_for_each_question_mark_of_the_text() {
        let text = "insert into t values (1, 'a', null), (-2.5e3, E'\\'', $q$x$q$) limit 10";
        let shown = crate::analyse(text.as_bytes(), ON);
        let marks = shown.statements.iter().map(|one| one.text.matches('?').count()).sum::<usize>();
        assert_eq!(values(text.as_bytes(), ON, 100, 1_000).values.len(), marks);
    }

    #[test]
    fn no_more_are_taken_than_were_asked_for() {
        let found = values(b"select 1, 2, 3", ON, 2, 100);
        assert_eq!((found.values.len(), found.is_cut), (2, true));
        let found = values(b"select 'abc', 'def'", ON, 10, 5);
        assert_eq!((found.values.len(), found.is_cut), (1, true));
        assert!(!values(b"select 'abc'", ON, 1, 3).is_cut);
    }

    proptest! {
        #[test]
        fn what_is_quoted_by_doubling_comes_back(value in proptest::collection::vec(1u8..=255, 0..40)) {
            let mut text = b"select '".to_vec();
            value.iter().for_each(|byte| text.extend(if *byte == b'\'' { &b"''"[..] } else { std::slice::from_ref(byte) }));
            text.push(b'\'');
            prop_assert_eq!(values(&text, ON, 9, 999).values, [Box::from(value)]);
        }

        #[test]
        fn any_bytes_have_an_answer(text in proptest::collection::vec(any::<u8>(), 0..60), mysql: bool) {
            let lexing = if mysql { Lexing::MYSQL } else { OFF };
            let found = values(&text, lexing, 100, 1_000);
            prop_assert!(found.values.iter().map(|one| one.len()).sum::<usize>() <= 2 * text.len());
        }
    }
}
