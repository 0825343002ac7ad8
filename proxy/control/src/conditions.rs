//! Which values can a condition of a question about records have?
//!
//! A word that no record can have finds nothing, and whoever misspelt it would take that for an answer. Whoever takes
//! conditions from people asks here first; the message goes on after the name of the condition.

use exchange::{Class, Event, VerdictWord};
use std::str::FromStr as _;

/// Digits of a fingerprint, behind the number of its version.
const FINGERPRINT_DIGITS: usize = 16;
/// Where a UUID has hyphens.
const HYPHENS: [usize; 4] = [8, 13, 18, 23];
/// Letters of a UUID.
const UUID_LETTERS: usize = 36;
/// Letters of an SQLSTATE.
const SQLSTATE_LETTERS: usize = 5;

/// The word of a class.
pub fn class(text: &str) -> Result<(), String> {
    one_of(text, &Class::ALL.map(Class::as_str))
}

/// The word of a verdict.
pub fn verdict(text: &str) -> Result<(), String> {
    one_of(text, &VerdictWord::ALL.map(VerdictWord::as_str))
}

/// The word of an event.
pub fn event(text: &str) -> Result<(), String> {
    one_of(text, &Event::ALL.map(Event::as_str))
}

/// The code of an error, of either protocol.
pub fn sqlstate(text: &str) -> Result<(), String> {
    let is_one = text.len() == SQLSTATE_LETTERS
        && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    told(is_one, || format!("must be five characters of A-Z and 0-9, such as `42501`, not `{text}`"))
}

/// A session, as the ledger writes it.
pub fn session(text: &str) -> Result<(), String> {
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    let is_one = text.len() == UUID_LETTERS
        && text
            .bytes()
            .enumerate()
            .all(|(at, byte)| if HYPHENS.contains(&at) { byte == b'-' } else { is_digit(byte) });
    told(is_one, || {
        format!("must be a session's UUID in lower case, as a record's `session` has it, not `{text}`")
    })
}

/// A fingerprint, as the ledger writes it.
pub fn fingerprint(text: &str) -> Result<(), String> {
    let is_one = text.split_once('-').is_some_and(|(version, digits)| {
        u32::from_str(version).is_ok()
            && digits.len() == FINGERPRINT_DIGITS
            && digits.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
    });
    told(is_one, || format!("must be a statement's fingerprint, such as `1-8ca5ea4f9ec4b1bc`, not `{text}`"))
}

/// A time that something can have happened in.
pub fn span(from_us: Option<i64>, until_us: Option<i64>) -> Result<(), String> {
    let is_one = from_us.zip(until_us).is_none_or(|(from, until)| from < until);
    told(is_one, || "must be later than the beginning: nothing happened in between".to_owned())
}

fn one_of(word: &str, known: &[&str]) -> Result<(), String> {
    told(known.contains(&word), || match policies::nearest(word, known) {
        Some(near) => format!("cannot be `{word}`: did you mean `{near}`?"),
        None => format!("cannot be `{word}`, only one of {}", known.join(", ")),
    })
}

fn told(is_one: bool, why_not: impl FnOnce() -> String) -> Result<(), String> {
    if is_one { Ok(()) } else { Err(why_not()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_the_ledger_can_be_asked_for() {
        assert!(Class::ALL.iter().all(|word| class(word.as_str()).is_ok()));
        assert!(VerdictWord::ALL.iter().all(|word| verdict(word.as_str()).is_ok()));
        assert!(Event::ALL.iter().all(|word| event(word.as_str()).is_ok()));
        assert_eq!((sqlstate("42501"), sqlstate("HY000")), (Ok(()), Ok(())));
        assert_eq!(session("01990a3b-5c7e-7d10-9f3e-5a6b7c8d9e0f"), Ok(()));
        assert_eq!(fingerprint("1-8ca5ea4f9ec4b1bc"), Ok(()));
    }

    #[test]
    fn a_misspelt_word_is_told_with_what_was_meant() {
        assert_eq!(class("wirte"), Err("cannot be `wirte`: did you mean `write`?".to_owned()));
        assert_eq!(verdict("refused"), Err("cannot be `refused`: did you mean `refuse`?".to_owned()));
        assert_eq!(verdict("x"), Err("cannot be `x`, only one of allow, refuse, hold, unjudged".to_owned()));
        assert_eq!(
            event("statement.outcom"),
            Err("cannot be `statement.outcom`: did you mean `statement.outcome`?".to_owned())
        );
        for wrong in ["", "4250", "4250é", "hy000", "425011"] {
            assert!(sqlstate(wrong).is_err(), "{wrong}");
        }
        for wrong in ["", "01990A3B-5C7E-7D10-9F3E-5A6B7C8D9E0F", "01990a3b5c7e7d109f3e5a6b7c8d9e0f", "7"] {
            assert!(session(wrong).is_err(), "{wrong}");
        }
        for wrong in ["", "8ca5ea4f9ec4b1bc", "1-8CA5EA4F9EC4B1BC", "1-8ca5", "x-8ca5ea4f9ec4b1bc"] {
            assert!(fingerprint(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_time_has_to_have_a_length() {
        assert_eq!(
            (span(None, Some(1)), span(Some(1), None), span(Some(1), Some(2))),
            (Ok(()), Ok(()), Ok(()))
        );
        assert!(span(Some(1), Some(1)).is_err() && span(Some(2), Some(1)).is_err());
    }
}
