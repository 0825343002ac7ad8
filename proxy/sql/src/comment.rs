//! What does a client say of a statement in a comment?
//!
//! Object mappers and drivers that follow the conventions of sqlcommenter write tags behind a statement, or
//! before it: `/*controller='orders',traceparent='00-…-…-01'*/`. Keys and values are
//! percent-encoded, values stand in single quotes. What they say is the client's own claim.
//!
//! Only a comment counts: what looks like one inside a literal does not. A comment that breaks the
//! conventions anywhere says nothing at all.

use crate::Lexing;
use crate::token::{Ending, Kind, Lexer};
use std::borrow::Cow;

/// Most tags of a comment; one with more says nothing.
pub const TAGS_MAX: usize = 16;

/// Longest key and longest value, decoded.
pub const VALUE_BYTES_MAX: usize = 256;

/// Longest text of which the end is looked at: whether it is a comment is known only from the text's
/// beginning on. A comment before the statement is found in a text of any length.
pub const TEXT_BYTES_MAX: usize = 16 * 1024;

/// The tags of a comment, in its order; each key once.
#[derive(Clone, Copy, Debug)]
pub struct Tags<'text> {
    /// As they are written, checked.
    list: [(&'text [u8], &'text [u8]); TAGS_MAX],
    used: usize,
}

impl<'text> Tags<'text> {
    /// Keys and values, decoded.
    pub fn iter(&self) -> impl Iterator<Item = (&'text str, Cow<'text, str>)> {
        let written = self.list.iter().take(self.used);
        written.filter_map(|(key, value)| Some((std::str::from_utf8(key).ok()?, decoded(value)?)))
    }

    /// The value of `key`.
    pub fn value(&self, key: &str) -> Option<Cow<'text, str>> {
        let written = self.list.iter().take(self.used);
        written.filter(|(known, _)| *known == key.as_bytes()).find_map(|(_, value)| decoded(value))
    }

    /// The person on whose behalf the statement is sent, by the client's own words.
    pub fn on_behalf_of(&self) -> Option<Cow<'text, str>> {
        self.value("on_behalf_of").filter(|name| !name.is_empty())
    }

    /// The trace the statement belongs to: the second field of a `traceparent` that is valid (W3C Trace
    /// Context, section 3.2).
    pub fn trace_id(&self) -> Option<u128> {
        trace_id(self.value("traceparent")?.as_bytes())
    }
}

/// The person that a value names which is no part of a comment: as of a tag, and as it is.
pub fn name_of(value: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(value).ok().filter(|_| value.len() <= VALUE_BYTES_MAX)?;
    (!text.is_empty() && !text.chars().any(char::is_control)).then_some(text)
}

/// The trace that a value of `traceparent` names which is no part of a comment.
pub fn trace_id_of(value: &[u8]) -> Option<u128> {
    trace_id(value)
}

/// The tags in the comment behind the statements of `text`, or in the one before them. Costs a few
/// comparisons where the text neither ends nor begins with a comment; behind that, the text is read
/// once. Allocates nothing.
pub fn trace_tags(text: &[u8], lexing: Lexing) -> Option<Tags<'_>> {
    if ends_in_comment(text) && text.len() <= TEXT_BYTES_MAX {
        let found = last_comment(text, lexing).and_then(tags);
        if found.is_some() {
            return found;
        }
    }
    if !text.trim_ascii_start().starts_with(b"/*") {
        return None;
    }
    Lexer::new(text, lexing)
        .take_while(|token| !token.is_significant() && token.ending == Ending::Certain)
        .filter(|token| token.kind == Kind::Comment)
        .find_map(|token| tags(token.bytes(text)))
}

/// Whether `text` may end in a comment, but for space and `;`.
#[inline]
fn ends_in_comment(text: &[u8]) -> bool {
    let end = text.iter().rposition(|byte| !matches!(byte, b' ' | b';' | b'\n' | b'\r' | b'\t'));
    end.is_some_and(|end| text.get(..=end).is_some_and(|text| text.ends_with(b"*/")))
}

/// The comment behind the last statement, if every token before it has a sure end.
fn last_comment(text: &[u8], lexing: Lexing) -> Option<&[u8]> {
    let mut last = None;
    for token in Lexer::new(text, lexing) {
        if token.ending != Ending::Certain {
            return None;
        }
        match token.kind {
            Kind::Comment => last = Some(token),
            Kind::Space | Kind::Punctuation(b';') => {}
            _ => last = None,
        }
    }
    last.map(|token| token.bytes(text))
}

/// What stands in a comment; `None` where it is no list of tags from end to end.
fn tags(comment: &[u8]) -> Option<Tags<'_>> {
    let mut rest = comment.strip_prefix(b"/*")?.strip_suffix(b"*/")?.trim_ascii();
    let mut tags = Tags { list: [(&[], &[]); TAGS_MAX], used: 0 };
    loop {
        let equals = rest.iter().position(|byte| *byte == b'=')?;
        let key = rest.get(..equals)?.trim_ascii();
        let behind = rest.get(equals + 1..)?.trim_ascii_start().strip_prefix(b"'")?;
        let end = closing_quote(behind)?;
        let value = behind.get(..end)?;
        is_key(key).then_some(())?;
        decode(value, |_| {})?;
        // Which of two would hold?
        let before = tags.list.get(..tags.used)?;
        if before.iter().any(|(known, _)| known == &key) {
            return None;
        }
        *tags.list.get_mut(tags.used)? = (key, value);
        tags.used += 1;
        rest = behind.get(end + 1..)?.trim_ascii_start();
        if rest.is_empty() {
            return Some(tags);
        }
        rest = rest.strip_prefix(b",")?;
    }
}

/// Where the value ends; a quote in it has a backslash before it.
fn closing_quote(value: &[u8]) -> Option<usize> {
    let mut escaped = false;
    value.iter().position(|byte| {
        let closes = *byte == b'\'' && !escaped;
        escaped = *byte == b'\\' && !escaped;
        closes
    })
}

/// Keys are names: nothing in one needs to be encoded.
fn is_key(key: &[u8]) -> bool {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    !key.is_empty() && key.len() <= VALUE_BYTES_MAX && key.iter().all(plain)
}

/// Gives each byte of a value in turn; `None` where it is too long, is no text, has control characters or is
/// encoded wrongly.
fn decode(value: &[u8], mut take: impl FnMut(u8)) -> Option<()> {
    let mut characters = [0u8; VALUE_BYTES_MAX];
    let mut used = 0;
    let mut rest = value;
    while let Some((first, behind)) = rest.split_first() {
        let (byte, behind) = match first {
            b'%' => {
                let (digits, behind) = behind.split_first_chunk::<2>()?;
                (hexadecimal(digits[0])? << 4 | hexadecimal(digits[1])?, behind)
            }
            // Before a quote, or before itself.
            b'\\' => behind.split_first().map(|(byte, behind)| (*byte, behind))?,
            byte => (*byte, behind),
        };
        *characters.get_mut(used)? = byte;
        used += 1;
        take(byte);
        rest = behind;
    }
    let text = std::str::from_utf8(characters.get(..used)?).ok()?;
    (!text.chars().any(char::is_control)).then_some(())
}

fn decoded(value: &[u8]) -> Option<Cow<'_, str>> {
    if !value.iter().any(|byte| matches!(byte, b'%' | b'\\')) {
        return std::str::from_utf8(value).ok().map(Cow::Borrowed);
    }
    let mut bytes = Vec::with_capacity(value.len());
    decode(value, |byte| bytes.push(byte))?;
    String::from_utf8(bytes).ok().map(Cow::Owned)
}

fn hexadecimal(digit: u8) -> Option<u8> {
    u8::try_from((digit as char).to_digit(16)?).ok()
}

/// `version-trace-parent-flags`, in lower case; a later version may have more behind it.
fn trace_id(parent: &[u8]) -> Option<u128> {
    let (fields, more) = parent.split_at_checked(55)?;
    let version = number(fields.get(..2)?)?;
    let dashes = [2, 35, 52].iter().all(|place| fields.get(*place) == Some(&b'-'));
    let ends = more.is_empty() || (version != 0 && more.starts_with(b"-"));
    number(fields.get(53..55)?)?;
    let trace = number(fields.get(3..35)?)?;
    let span = number(fields.get(36..52)?)?;
    (dashes && ends && version != 0xff && trace != 0 && span != 0).then_some(trace)
}

/// Up to 32 hexadecimal digits in lower case.
fn number(digits: &[u8]) -> Option<u128> {
    digits.iter().try_fold(0, |number, digit| match digit {
        b'0'..=b'9' | b'a'..=b'f' => Some(number << 4 | u128::from(hexadecimal(*digit)?)),
        _ => None,
    })
}

#[cfg(test)]
mod tests;
