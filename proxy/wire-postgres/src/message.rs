//! What does a message say? Readers of whole bodies; each checks that nothing is missing and
//! nothing is left over, so that what was read is what the server will read.

use crate::violation::Violation;

/// Splits a NUL-terminated string off the front.
fn string(input: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = input.iter().position(|byte| *byte == 0)?;
    Some((input.get(..end)?, input.get(end + 1..)?))
}

/// The text of a Query.
pub fn query(body: &[u8]) -> Result<&[u8], Violation> {
    match string(body) {
        Some((text, [])) => Ok(text),
        _ => Err(Violation::Malformed(b'Q')),
    }
}

/// A Parse's name and text. The parameter types behind them are checked for their length.
pub fn parse(body: &[u8]) -> Result<(&[u8], &[u8]), Violation> {
    let read = || {
        let (name, rest) = string(body)?;
        let (text, rest) = string(rest)?;
        let [high, low, types @ ..] = rest else { return None };
        let count = usize::from(u16::from_be_bytes([*high, *low]));
        (types.len() == count * 4).then_some((name, text))
    };
    read().ok_or(Violation::Malformed(b'P'))
}

/// A Bind's portal and statement names, in this order (unlike Parse, the statement comes second).
/// `None` while the names are not all there: the parameters behind them are never held.
pub fn bind_names(body: &[u8]) -> Option<(&[u8], &[u8])> {
    let (portal, rest) = string(body)?;
    let (statement, _) = string(rest)?;
    Some((portal, statement))
}

/// An Execute's portal name and row limit (0: none).
pub fn execute(body: &[u8]) -> Result<(&[u8], u32), Violation> {
    match string(body) {
        Some((portal, [a, b, c, d])) => Ok((portal, u32::from_be_bytes([*a, *b, *c, *d]))),
        _ => Err(Violation::Malformed(b'E')),
    }
}

/// What a Describe or Close is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target<'a> {
    /// A prepared statement's name.
    Statement(&'a [u8]),
    /// A portal's name.
    Portal(&'a [u8]),
}

/// A Describe's or Close's target.
pub fn target(tag: u8, body: &[u8]) -> Result<Target<'_>, Violation> {
    let (kind, rest) = body.split_first().ok_or(Violation::Malformed(tag))?;
    match (kind, string(rest)) {
        (b'S', Some((name, []))) => Ok(Target::Statement(name)),
        (b'P', Some((name, []))) => Ok(Target::Portal(name)),
        _ => Err(Violation::Malformed(tag)),
    }
}

/// A FunctionCall's function, by its object id.
pub fn function(body: &[u8]) -> Result<u32, Violation> {
    match body {
        [a, b, c, d, ..] => Ok(u32::from_be_bytes([*a, *b, *c, *d])),
        _ => Err(Violation::Malformed(b'F')),
    }
}

/// The row count at the end of a CommandComplete's tag (`SELECT 5`, `INSERT 0 5`); 0 without one.
pub fn tag_rows(body: &[u8]) -> u64 {
    let tag = body.strip_suffix(b"\0").unwrap_or(body);
    let digits = tag.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let number = tag.get(tag.len() - digits..).unwrap_or_default();
    number.iter().fold(0u64, |sum, digit| sum.saturating_mul(10).saturating_add(u64::from(digit - b'0')))
}

/// The fields of an ErrorResponse or NoticeResponse: type byte and value.
pub fn fields(body: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    let mut rest = body;
    std::iter::from_fn(move || {
        let (kind, after) = rest.split_first()?;
        if *kind == 0 {
            return None;
        }
        let (value, after) = string(after)?;
        rest = after;
        Some((*kind, value))
    })
}

/// What the gateway has to know of an ErrorResponse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ErrorFacts {
    /// The SQLSTATE, when one of five characters was sent.
    pub sqlstate: Option<[u8; 5]>,
    /// Whether the session ends with it (FATAL or PANIC).
    pub fatal: bool,
    /// Whether it was raised by the reader of COPY data itself (field `R`), which no user's code can
    /// pretend.
    pub in_copy: bool,
}

/// Reads an ErrorResponse. Field `V` is the untranslated severity, `S` the fallback of old servers.
pub fn error(body: &[u8]) -> ErrorFacts {
    let mut facts = ErrorFacts { sqlstate: None, fatal: false, in_copy: false };
    for (kind, value) in fields(body) {
        match kind {
            b'C' => facts.sqlstate = value.try_into().ok(),
            b'R' => facts.in_copy = value == b"CopyGetData",
            b'V' | b'S' => facts.fatal |= value == b"FATAL" || value == b"PANIC",
            _ => {}
        }
    }
    facts
}

/// A ParameterStatus' name and value.
pub fn parameter(body: &[u8]) -> Option<(&[u8], &[u8])> {
    let (name, rest) = string(body)?;
    match string(rest)? {
        (value, []) => Some((name, value)),
        _ => None,
    }
}

/// A BackendKeyData's process id and secret key: 4 bytes up to protocol 3.0, 4 to 256 since 3.2.
pub fn backend_key(body: &[u8]) -> Option<(u32, &[u8])> {
    let (id, key) = body.split_at_checked(4)?;
    let id = u32::from_be_bytes(id.try_into().ok()?);
    (4..=256).contains(&key.len()).then_some((id, key))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_query_is_its_text_and_one_terminator() {
        assert_eq!(query(b"select 1\0"), Ok(&b"select 1"[..]));
        assert_eq!(query(b"\0"), Ok(&b""[..]));
        for body in [&b"select 1"[..], b"", b"select 1\0drop table t\0", b"a\0\0"] {
            assert_eq!(query(body), Err(Violation::Malformed(b'Q')), "{body:?}");
        }
    }

    #[test]
    fn a_parse_has_exactly_the_types_it_counts() {
        assert_eq!(parse(b"n\0select $1\0\0\x01\0\0\0\x17"), Ok((&b"n"[..], &b"select $1"[..])));
        assert_eq!(parse(b"\0\0\0\0"), Ok((&b""[..], &b""[..])));
        for body in [&b"n\0s\0\0\x01"[..], b"n\0s\0\0\0x", b"n\0s\0\0", b"n\0s", b"n"] {
            assert_eq!(parse(body), Err(Violation::Malformed(b'P')), "{body:?}");
        }
    }

    #[test]
    fn a_bind_names_the_portal_before_the_statement() {
        assert_eq!(bind_names(b"portal\0statement\0\0\0"), Some((&b"portal"[..], &b"statement"[..])));
        assert_eq!(bind_names(b"portal\0state"), None);
    }

    #[test]
    fn tags_end_in_the_number_of_rows() {
        for (tag, rows) in [
            (&b"SELECT 5\0"[..], 5),
            (b"INSERT 0 12\0", 12),
            (b"COPY 100000\0", 100_000),
            (b"BEGIN\0", 0),
            (b"\0", 0),
            (b"", 0),
        ] {
            assert_eq!(tag_rows(tag), rows);
        }
    }

    #[test]
    fn an_error_tells_its_code_and_whether_it_ends_the_session() {
        let facts = error(b"SFATAL\0VFATAL\0C57P01\0Mbye\0\0");
        assert_eq!(facts, ErrorFacts { sqlstate: Some(*b"57P01"), fatal: true, in_copy: false });
        let facts = ErrorFacts { sqlstate: None, fatal: false, in_copy: false };
        assert_eq!(error(b"SERROR\0Mno code\0\0"), facts);
        assert!(error(b"SERROR\0RCopyGetData\0\0").in_copy);
        assert_eq!(error(b"C123\0\0").sqlstate, None);
        assert_eq!(error(b"C12345").sqlstate, None);
    }

    #[test]
    fn a_backend_key_has_any_length_the_protocol_allows() {
        assert_eq!(backend_key(&[0, 0, 0, 7, 1, 2, 3, 4]), Some((7, &[1u8, 2, 3, 4][..])));
        assert_eq!(backend_key(&[0, 0, 0, 7, 1, 2, 3]), None);
        assert_eq!(backend_key(&[0u8; 260]).map(|(_, key)| key.len()), Some(256));
        assert_eq!(backend_key(&[0u8; 261]), None);
    }
}
