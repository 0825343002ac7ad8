//! Which connection does a text of MySQL kill, if it does nothing else?

use crate::Lexing;
use crate::token::{Ending, Kind, Lexer};

/// The number in `KILL [HARD | SOFT] [CONNECTION | QUERY] number`; `None` for every other text.
pub fn connection(text: &[u8], lexing: Lexing) -> Option<u64> {
    let mut words = Vec::with_capacity(4);
    let mut number = None;
    for token in Lexer::new(text, lexing) {
        if token.ending != Ending::Certain {
            return None;
        }
        match token.kind {
            _ if !token.is_significant() => {}
            Kind::Punctuation(b';') if number.is_some() => {}
            Kind::Number if number.is_none() => number = Some(digits(token.bytes(text))?),
            Kind::Word(_) if number.is_none() && words.len() < 4 => {
                words.push(token.bytes(text).to_ascii_lowercase());
            }
            _ => return None,
        }
    }
    let mut words = words.iter().map(Vec::as_slice).peekable();
    words.next_if_eq(&b"kill")?;
    let _ = words.next_if(|word| matches!(*word, b"hard" | b"soft"));
    let _ = words.next_if(|word| matches!(*word, b"connection" | b"query"));
    if words.next().is_some() { None } else { number }
}

/// A number of digits alone.
fn digits(number: &[u8]) -> Option<u64> {
    let plain = number.iter().all(u8::is_ascii_digit);
    std::str::from_utf8(number).ok().filter(|_| plain)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_is_told_of_nothing_but_a_kill() {
        for (text, number) in [
            ("KILL 7", Some(7)),
            ("kill query 7;", Some(7)),
            ("/* x */ KILL HARD CONNECTION 7 -- y", Some(7)),
            ("KILL SOFT QUERY 18446744073709551615 ;;", Some(u64::MAX)),
            ("KILL QUERY ID 7", None),
            ("KILL QUERY CONNECTION 7", None),
            ("KILL USER ann", None),
            ("KILL 7; KILL 8", None),
            ("KILL 7 8", None),
            ("KILL 7 + 1", None),
            ("KILL 0x07", None),
            ("KILL 7.0", None),
            ("KILL -7", None),
            ("KILL CONNECTION_ID()", None),
            ("KILL @a", None),
            ("KILL 18446744073709551616", None),
            ("`KILL` 7", None),
            ("SELECT 7", None),
            ("KILL", None),
            ("", None),
        ] {
            assert_eq!(connection(text.as_bytes(), Lexing::MYSQL), number, "{text}");
        }
    }
}
