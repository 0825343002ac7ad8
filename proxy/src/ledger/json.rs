//! How is JSON written into a buffer without an allocation a value?
//!
//! By hand, since it is on the path of every statement: the ledger's thread writes a line of about
//! twenty fields for each record.

use std::fmt;

/// For each byte: 0 when it stands for itself in a JSON string, `u` for `\u00XX`, else the
/// letter after the backslash (RFC 8259 section 7).
const ESCAPES: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 0x20 {
        table[byte] = b'u';
        byte += 1;
    }
    table[0x08] = b'b';
    table[0x09] = b't';
    table[0x0A] = b'n';
    table[0x0C] = b'f';
    table[0x0D] = b'r';
    table[b'"' as usize] = b'"';
    table[b'\\' as usize] = b'\\';
    table
};

const HEX: &[u8; 16] = b"0123456789abcdef";

/// Writes `text` as a JSON string with its quotes.
pub(super) fn string(line: &mut Vec<u8>, text: &str) {
    line.push(b'"');
    let bytes = text.as_bytes();
    let mut plain_from = 0;
    for (position, &byte) in bytes.iter().enumerate() {
        let escape = ESCAPES.get(usize::from(byte)).copied().unwrap_or_default();
        if escape != 0 {
            line.extend_from_slice(bytes.get(plain_from..position).unwrap_or_default());
            escaped(line, byte, escape);
            plain_from = position + 1;
        }
    }
    line.extend_from_slice(bytes.get(plain_from..).unwrap_or_default());
    line.push(b'"');
}

#[cold]
fn escaped(line: &mut Vec<u8>, byte: u8, escape: u8) {
    line.extend_from_slice(&[b'\\', escape]);
    if escape == b'u' {
        line.extend_from_slice(b"00");
        line.extend_from_slice(&hex_digits(byte));
    }
}

/// Writes a number.
pub(super) fn number(line: &mut Vec<u8>, value: u64) {
    // 2^64 has twenty digits.
    let mut digits = [b'0'; 20];
    let mut from = digits.len();
    let mut rest = value;
    for (position, digit) in digits.iter_mut().enumerate().rev() {
        *digit += (rest % 10) as u8;
        rest /= 10;
        from = position;
        if rest == 0 {
            break;
        }
    }
    line.extend_from_slice(digits.get(from..).unwrap_or_default());
}

/// A byte as two lower-case hexadecimal digits.
pub(super) fn hex_digits(byte: u8) -> [u8; 2] {
    [HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]
}

/// Writes 128 bits in the usual text of a UUID (RFC 9562 section 4), without quotes.
pub(super) fn uuid(line: &mut Vec<u8>, id: u128) {
    let mut text = *b"00000000-0000-0000-0000-000000000000";
    let mut places = text.iter_mut().filter(|place| **place != b'-');
    for byte in id.to_be_bytes() {
        for digit in hex_digits(byte) {
            if let Some(place) = places.next() {
                *place = digit;
            }
        }
    }
    line.extend_from_slice(&text);
}

/// Writes what shows itself, as a JSON string. For texts that need no escaping.
pub(super) fn shown(line: &mut Vec<u8>, value: impl fmt::Display) {
    use std::io::Write as _;
    line.push(b'"');
    // Writing into a vector does not fail.
    let _ = write!(line, "{value}");
    line.push(b'"');
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    fn text(write: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut line = Vec::new();
        write(&mut line);
        String::from_utf8(line).unwrap()
    }

    #[test]
    fn every_character_below_2000_and_the_longest_ones_come_back_from_a_json_parser() {
        let mut all: String = (0..0x2000).filter_map(char::from_u32).collect();
        all.push_str("\u{2028}\u{2029}…\u{FFFF}\u{10FFFF}🦀\"\\\"\\");
        let written = text(|line| string(line, &all));
        assert_eq!(serde_json::from_str::<String>(&written).unwrap(), all);
        assert!(written.bytes().all(|byte| byte >= 0x20), "a line break inside a line ends the line");
    }

    #[test]
    fn the_short_escapes_are_the_usual_ones() {
        assert_eq!(
            text(|line| string(line, "a\"b\\c\n\r\t\u{8}\u{c}\u{1}d")),
            r#""a\"b\\c\n\r\t\b\f\u0001d""#
        );
        assert_eq!(text(|line| string(line, "")), r#""""#);
    }

    #[test]
    fn numbers_are_written_in_full() {
        for value in [0, 1, 9, 10, 99, 100, 12_345_678_901, u64::MAX - 1, u64::MAX] {
            assert_eq!(text(|line| number(line, value)), value.to_string());
        }
    }

    #[test]
    fn ids_are_written_as_the_uuid_crate_writes_them() {
        for id in [0, 1, u128::MAX, 0x0198_c0de_1234_7abc_8def_0123_4567_89ab] {
            assert_eq!(text(|line| uuid(line, id)), uuid::Uuid::from_u128(id).to_string());
        }
    }
}
