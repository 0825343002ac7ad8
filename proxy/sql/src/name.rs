//! Under which name does the server know an identifier?
//!
//! Prepared statements and cursors are found by name, so two spellings of one name must give one
//! answer, and two names must never give the same answer: whoever could make the gateway mix up
//! two names could pass a write off as a read.

use crate::token::{Kind, Token};

/// Bytes of a name the server looks at (`NAMEDATALEN - 1`).
const NAME_BYTES_MAX: usize = 63;

/// As much of a name as can matter: one character more than the server looks at.
const NAME_BYTES_READ: usize = NAME_BYTES_MAX + 4;

/// The longest a name with escapes is read: each character may be written in eight.
const ESCAPED_BYTES_MAX: usize = 8 * NAME_BYTES_READ;

/// The name a token stands for, folded and cut as the server does it. `escape` is the escape
/// character of a `U&"…"` name. `None` for what is not a name, or one the server would reject.
pub(crate) fn of_token(token: &Token, text: &[u8], escape: u8) -> Option<Box<str>> {
    let bytes = token.bytes(text);
    match token.kind {
        Kind::Word(_) => Some(clipped(beginning(bytes, NAME_BYTES_READ).to_ascii_lowercase())),
        Kind::QuotedIdentifier => {
            let inside = bytes.get(1..bytes.len().checked_sub(1)?)?;
            Some(clipped(unquoted(beginning(inside, 2 * NAME_BYTES_READ), *bytes.first()?)))
        }
        Kind::UnicodeIdentifier => {
            let inside = bytes.get(3..bytes.len().checked_sub(1)?)?;
            // A name cut inside an escape could pass for another.
            let inside = (inside.len() <= ESCAPED_BYTES_MAX).then(|| unquoted(inside, b'"'))?;
            unescaped(&inside, escape).map(clipped)
        }
        _ => None,
    }
}

/// The name of a prepared statement or portal as the protocol carries it, in the same form as the
/// names in [`exchange::Verb`]: both live in one namespace on the server.
pub fn of_protocol(bytes: &[u8]) -> Box<str> {
    readable(bytes.get(..NAME_BYTES_MAX).unwrap_or(bytes))
}

/// The one character of a `UESCAPE` literal, where it is written plainly.
pub(crate) fn escape_character(literal: &[u8]) -> Option<u8> {
    match literal {
        [b'\'', character, b'\''] | [b'e' | b'E', b'\'', character, b'\''] => Some(*character),
        [b'$', b'$', character, b'$', b'$'] => Some(*character),
        _ => None,
    }
}

/// A text may be one name from end to end: no more of it is copied than counts.
fn beginning(bytes: &[u8], length: usize) -> &[u8] {
    bytes.get(..length).unwrap_or(bytes)
}

/// Doubled quotes become single ones.
fn unquoted(inside: &[u8], quote: u8) -> Vec<u8> {
    let mut name = Vec::with_capacity(inside.len());
    let mut quote_before = false;
    for byte in inside {
        quote_before = *byte == quote && !quote_before;
        if !quote_before {
            name.push(*byte);
        }
    }
    name
}

/// `\0041` and `\+000041` become the characters they stand for, `\\` one backslash.
fn unescaped(inside: &[u8], escape: u8) -> Option<Vec<u8>> {
    let mut name = Vec::with_capacity(inside.len());
    let mut high_surrogate = None;
    let mut rest = inside;
    while let Some((first, after)) = rest.split_first() {
        if *first != escape || after.first() == Some(&escape) {
            if high_surrogate.is_some() {
                return None;
            }
            name.push(*first);
            rest = if *first == escape { after.get(1..)? } else { after };
            continue;
        }
        let (digits, behind) =
            if after.first() == Some(&b'+') { (after.get(1..7)?, 7) } else { (after.get(..4)?, 4) };
        let value =
            digits.iter().try_fold(0u32, |value, digit| Some(value * 16 + (*digit as char).to_digit(16)?))?;
        rest = after.get(behind..)?;
        match (high_surrogate.take(), value) {
            (None, 0xd800..=0xdbff) => high_surrogate = Some(value),
            (None, _) => push_character(&mut name, value)?,
            (Some(high), 0xdc00..=0xdfff) => {
                push_character(&mut name, 0x10000 + ((high - 0xd800) << 10) + (value - 0xdc00))?;
            }
            (Some(_), _) => return None,
        }
    }
    high_surrogate.is_none().then_some(name)
}

fn push_character(name: &mut Vec<u8>, value: u32) -> Option<()> {
    let character = char::from_u32(value).filter(|character| *character != '\0')?;
    name.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    Some(())
}

/// Cut at the last whole character within the server's limit.
fn clipped(mut name: Vec<u8>) -> Box<str> {
    if name.len() > NAME_BYTES_MAX {
        let mut end = NAME_BYTES_MAX;
        // What is read of a long name may itself end inside a character.
        let is_text = std::str::from_utf8(&name).map_or_else(|error| error.error_len().is_none(), |_| true);
        if is_text {
            while end > 0 && name.get(end).is_some_and(|byte| byte & 0xc0 == 0x80) {
                end -= 1;
            }
        }
        name.truncate(end);
    }
    readable(&name)
}

/// The bytes as text. What is not UTF-8 gets a form no UTF-8 name can have, so that two names stay two.
fn readable(name: &[u8]) -> Box<str> {
    match std::str::from_utf8(name) {
        Ok(text) if !text.starts_with(char::REPLACEMENT_CHARACTER) => text.into(),
        _ => std::iter::once(char::REPLACEMENT_CHARACTER)
            .chain(name.iter().map(|byte| *byte as char))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::Lexing;
    use crate::token::Lexer;

    fn check(written: &str, expected: Option<&str>) {
        let token = Lexer::new(written.as_bytes(), Lexing::default()).next().unwrap();
        assert_eq!(of_token(&token, written.as_bytes(), b'\\').as_deref(), expected, "{written}");
    }

    #[test]
    fn every_spelling_of_a_name_gives_the_name_the_server_uses() {
        check("Plan_1", Some("plan_1"));
        check("ÄPFEL", Some("Äpfel"));
        check("\"Plan 1\"", Some("Plan 1"));
        check("\"a\"\"b\"", Some("a\"b"));
        check("\"a\"\"\"\"b\"", Some("a\"\"b"));
        check("U&\"d\\0061t\\+000061\"", Some("data"));
        check("u&\"\\\\x\"", Some("\\x"));
        check("u&\"\\D83D\\DE00\"", Some("😀"));
        check("u&\"\\D83Dx\"", None);
        check("u&\"\\00\"", None);
        check("'text'", None);
        check("12", None);
    }

    #[test]
    fn a_name_is_cut_where_the_server_cuts_it() {
        check(&"a".repeat(80), Some(&"a".repeat(63)));
        check(&format!("{}é", "a".repeat(62)), Some(&"a".repeat(62)));
        assert_eq!(&*of_protocol("b".repeat(70).as_bytes()), "b".repeat(63));
    }

    #[test]
    fn names_that_are_not_utf8_stay_distinct() {
        let names: [&[u8]; 4] = [b"\xff", b"\xfe", "\u{fffd}ÿ".as_bytes(), "ÿ".as_bytes()];
        for (position, one) in names.iter().enumerate() {
            for other in names.iter().skip(position + 1) {
                assert_ne!(of_protocol(one), of_protocol(other));
            }
        }
    }

    #[test]
    fn an_escape_character_is_read_only_where_it_is_written_plainly() {
        assert_eq!(escape_character(b"'!'"), Some(b'!'));
        assert_eq!(escape_character(b"E'!'"), Some(b'!'));
        assert_eq!(escape_character(b"$$!$$"), Some(b'!'));
        assert_eq!(escape_character(b"E'\\x21'"), None);
    }
}
