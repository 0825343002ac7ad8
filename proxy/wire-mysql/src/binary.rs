//! How is a value of the binary protocol read, and how is it written as a text?
//!
//! A parameter of COM_STMT_EXECUTE and a query attribute come with a type of two bytes and a value laid out
//! as the type says:
//!
//! ```text
//! integers, floats   1, 2, 4 or 8 bytes, little endian
//! date, time         length, then as many of its parts as are not zero
//! everything else    length-encoded bytes
//! ```
//!
//! Types that servers lay out differently (YEAR and three-byte integers, which no client sends) are not read.

use crate::message::Reader;
use std::borrow::Cow;

/// A value's type, as the client declares it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Type {
    code: u8,
    unsigned: bool,
}

/// How the values of a type are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layout {
    Bytes(usize),
    Date,
    DateTime,
    Time,
    Text,
}

impl Type {
    /// Takes a type; `None` where no server reads it, or not every server in the same way.
    pub(crate) fn take(reader: &mut Reader<'_>) -> Option<Type> {
        let (code, flags) = (reader.byte()?, reader.byte()?);
        // The highest bit says that the number has no sign; the others mean nothing.
        (flags & 0x7f == 0).then_some(Type { code, unsigned: flags != 0 })
    }

    fn layout(self) -> Option<Layout> {
        Some(match self.code {
            0x01 => Layout::Bytes(1),
            0x02 => Layout::Bytes(2),
            0x03 | 0x04 => Layout::Bytes(4),
            0x05 | 0x08 => Layout::Bytes(8),
            0x0a => Layout::Date,
            0x07 | 0x0c => Layout::DateTime,
            0x0b => Layout::Time,
            // DECIMAL, VARCHAR, BIT; JSON and all above it: blobs, strings, ENUM, SET, GEOMETRY.
            0x00 | 0x0f | 0x10 | 0xf5..=0xff => Layout::Text,
            _ => return None,
        })
    }

    /// Whether every server reads its values in the same way.
    pub(crate) fn is_known(self) -> bool {
        self.layout().is_some()
    }

    /// Whether its values are texts as they are.
    pub(crate) fn is_text(self) -> bool {
        self.layout() == Some(Layout::Text)
    }

    /// Takes a value of this type.
    pub(crate) fn take_value<'a>(self, reader: &mut Reader<'a>) -> Option<&'a [u8]> {
        match self.layout()? {
            Layout::Bytes(len) => reader.take(len),
            Layout::Date | Layout::DateTime | Layout::Time | Layout::Text => reader.string(),
        }
    }

    /// The value as a text: what a literal of it would say.
    pub(crate) fn text(self, value: &[u8]) -> Option<Cow<'_, [u8]>> {
        let text = match (self.layout()?, self.code) {
            (Layout::Text, _) => return Some(Cow::Borrowed(value)),
            (Layout::Bytes(_), 0x04) => f32::from_le_bytes(value.try_into().ok()?).to_string(),
            (Layout::Bytes(_), 0x05) => f64::from_le_bytes(value.try_into().ok()?).to_string(),
            (Layout::Bytes(len), _) => integer(value, len, self.unsigned)?,
            (Layout::Date, _) => date(value, false)?,
            (Layout::DateTime, _) => date(value, true)?,
            (Layout::Time, _) => time(value)?,
        };
        Some(Cow::Owned(text.into_bytes()))
    }
}

fn integer(value: &[u8], len: usize, unsigned: bool) -> Option<String> {
    let number = Reader(value).number(len)?;
    if unsigned {
        return Some(number.to_string());
    }
    // Moved up to the sign's place and back.
    let unused = 64 - 8 * u32::try_from(len).ok()?;
    Some(((number << unused).cast_signed() >> unused).to_string())
}

/// Year, month, day; then hour, minute, second; then microseconds. What is left out is zero.
fn date(value: &[u8], with_time: bool) -> Option<String> {
    let mut reader = Reader(value);
    let mut part = |len| if reader.0.is_empty() { Some(0) } else { reader.number(len) };
    let (year, month, day) = (part(2)?, part(1)?, part(1)?);
    let clock = clock(&mut part)?;
    let known = matches!(value.len(), 0 | 4 | 7 | 11);
    let date = format!("{year:04}-{month:02}-{day:02}");
    known.then(|| if with_time || value.len() > 4 { format!("{date} {clock}") } else { date })
}

/// The sign, days; then hour, minute, second; then microseconds.
fn time(value: &[u8]) -> Option<String> {
    let mut reader = Reader(value);
    let mut part = |len| if reader.0.is_empty() { Some(0) } else { reader.number(len) };
    let (negative, days) = (part(1)?, part(4)?);
    let (hour, rest) = (part(1)?, parts_of_hour(&mut part)?);
    let sign = if negative == 0 { "" } else { "-" };
    matches!(value.len(), 0 | 8 | 12).then(|| format!("{sign}{:02}:{rest}", days * 24 + hour))
}

fn clock(part: &mut impl FnMut(usize) -> Option<u64>) -> Option<String> {
    let hour = part(1)?;
    Some(format!("{hour:02}:{}", parts_of_hour(part)?))
}

fn parts_of_hour(part: &mut impl FnMut(usize) -> Option<u64>) -> Option<String> {
    let (minute, second, micros) = (part(1)?, part(1)?, part(4)?);
    let fraction = if micros == 0 { String::new() } else { format!(".{micros:06}") };
    Some(format!("{minute:02}:{second:02}{fraction}"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[track_caller]
    fn check(code: u8, flags: u8, input: &[u8], expected: Option<&str>) {
        let of = Type::take(&mut Reader(&[code, flags])).unwrap();
        let mut reader = Reader(input);
        let text = of.take_value(&mut reader).and_then(|value| of.text(value));
        let text = text.map(|text| String::from_utf8(text.into_owned()).unwrap());
        assert_eq!(text.as_deref(), expected, "{code:#x} {input:?}");
        assert!(expected.is_none() || reader.0.is_empty(), "{code:#x} leaves {:?}", reader.0);
    }

    #[test]
    fn numbers_are_written_with_their_sign() {
        check(0x01, 0, b"\xff", Some("-1"));
        check(0x01, 0x80, b"\xff", Some("255"));
        check(0x02, 0, b"\x00\x80", Some("-32768"));
        check(0x03, 0x80, b"\xff\xff\xff\xff", Some("4294967295"));
        check(0x08, 0, &i64::MIN.to_le_bytes(), Some("-9223372036854775808"));
        check(0x08, 0x80, &u64::MAX.to_le_bytes(), Some("18446744073709551615"));
        check(0x04, 0, &1.5f32.to_le_bytes(), Some("1.5"));
        check(0x05, 0, &0.1f64.to_le_bytes(), Some("0.1"));
        check(0xf6, 0, b"\x0512.30", Some("12.30"));
    }

    #[test]
    fn dates_and_times_are_written_as_far_as_they_go() {
        check(0x0a, 0, b"\x00", Some("0000-00-00"));
        check(0x0a, 0, b"\x04\xea\x07\x0b\x15", Some("2026-11-21"));
        check(0x0c, 0, b"\x04\xea\x07\x0b\x15", Some("2026-11-21 00:00:00"));
        check(0x07, 0, b"\x07\xea\x07\x0b\x15\x14\x05\x06", Some("2026-11-21 20:05:06"));
        let micros = b"\x0b\xea\x07\x0b\x15\x14\x05\x06\x07\0\0\0";
        check(0x0c, 0, micros, Some("2026-11-21 20:05:06.000007"));
        check(0x0b, 0, b"\x00", Some("00:00:00"));
        check(0x0b, 0, b"\x08\x01\x01\0\0\0\x02\x03\x04", Some("-26:03:04"));
        check(0x0b, 0, b"\x0c\0\0\0\0\0\x02\x03\x04\x40\xe2\x01\0", Some("02:03:04.123456"));
        check(0x0a, 0, b"\x05\xea\x07\x0b\x15\x00", None);
        check(0x0b, 0, b"\x03\0\0\0", None);
    }

    #[test]
    fn texts_are_what_they_are_and_what_is_not_there_is_nothing() {
        check(0xfd, 0, b"\x03abc", Some("abc"));
        check(0xfc, 0, b"\xfc\x02\0ab", Some("ab"));
        check(0xfd, 0, b"\x03ab", None);
        check(0x03, 0, b"\x01\0\0", None);
        // A length nobody writes: NULL, and one that would be an error's first byte.
        check(0xfd, 0, b"\xfb", None);
        check(0xfd, 0, b"\xffabc", None);
    }

    #[test]
    fn types_that_are_read_in_several_ways_are_not_read() {
        for code in [0x06, 0x09, 0x0d, 0x0e, 0x11, 0x12, 0x13, 0x14, 0xf2, 0xf3, 0xf4] {
            check(code, 0, b"\x04abcd", None);
        }
        assert_eq!(Type::take(&mut Reader(b"\x03\x01")), None);
        assert_eq!(Type::take(&mut Reader(b"\x03")), None);
    }
}
