//! How is a value of PostgreSQL read from its binary format?
//!
//! The formats are those of the server's `*_send` functions. Every function returns `None` for bytes
//! that are no such value.

use std::fmt::Write as _;
use std::net::{Ipv4Addr, Ipv6Addr};
use tokio_postgres::types::{Kind as TypeKind, Type};

/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;
/// Days from 0000-03-01 to 2000-01-01, the day PostgreSQL counts from.
const EPOCH: i64 = 730_425;
/// Deepest nesting of arrays in ranges in arrays that is followed.
const DEPTH_MAX: u32 = 8;
/// Most dimensions of an array (the server's MAXDIM).
const DIMENSIONS_MAX: i32 = 6;

/// Bytes that are read from the front.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (front, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(front)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    fn byte(&mut self) -> Option<u8> {
        self.array::<1>().map(|[byte]| byte)
    }

    fn i16(&mut self) -> Option<i16> {
        self.array().map(i16::from_be_bytes)
    }

    fn i32(&mut self) -> Option<i32> {
        self.array().map(i32::from_be_bytes)
    }

    fn i64(&mut self) -> Option<i64> {
        self.array().map(i64::from_be_bytes)
    }

    /// A value behind its length; `Some(None)` is a missing one.
    fn value(&mut self) -> Option<Option<&'a [u8]>> {
        match self.i32()? {
            -1 => Some(None),
            length => self.take(usize::try_from(length).ok()?).map(Some),
        }
    }

    fn end<T>(&self, value: T) -> Option<T> {
        self.0.is_empty().then_some(value)
    }
}

pub(super) fn boolean(raw: &[u8]) -> Option<bool> {
    match raw {
        [0] => Some(false),
        [1] => Some(true),
        _ => None,
    }
}

pub(super) fn integer(of: &Type, raw: &[u8]) -> Option<i64> {
    match *of {
        Type::OID | Type::XID | Type::CID => Some(i64::from(u32::from_be_bytes(raw.try_into().ok()?))),
        _ => match raw.len() {
            2 => Some(i64::from(i16::from_be_bytes(raw.try_into().ok()?))),
            4 => Some(i64::from(i32::from_be_bytes(raw.try_into().ok()?))),
            _ => Some(i64::from_be_bytes(raw.try_into().ok()?)),
        },
    }
}

/// A `real` as the double that has the same shortest decimal digits: 0.1 stays 0.1.
pub(super) fn float(raw: &[u8]) -> Option<f64> {
    match raw.len() {
        4 => {
            let single = f32::from_be_bytes(raw.try_into().ok()?);
            if single.is_finite() { single.to_string().parse().ok() } else { Some(f64::from(single)) }
        }
        _ => Some(f64::from_be_bytes(raw.try_into().ok()?)),
    }
}

pub(super) fn text(of: &Type, raw: &[u8]) -> Option<String> {
    if *of == Type::CHAR && raw == [0] {
        return Some(String::new());
    }
    std::str::from_utf8(raw).ok().map(str::to_owned)
}

pub(super) fn json(of: &Type, raw: &[u8]) -> Option<String> {
    let raw = if *of == Type::JSONB { raw.strip_prefix(&[1])? } else { raw };
    std::str::from_utf8(raw).ok().map(str::to_owned)
}

pub(super) fn uuid(raw: &[u8]) -> Option<String> {
    let bytes: [u8; 16] = raw.try_into().ok()?;
    let mut text = String::with_capacity(36);
    for (at, byte) in bytes.iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        write!(text, "{byte:02x}").ok()?;
    }
    Some(text)
}

/// Groups of four decimal digits, the first weighing `10000^weight`, shown with `scale` digits behind
/// the point.
pub(super) fn numeric(raw: &[u8]) -> Option<String> {
    let mut reader = Reader(raw);
    let count = reader.i16()?;
    let weight = i32::from(reader.i16()?);
    let sign = u16::from_be_bytes(reader.array()?);
    let scale = usize::try_from(reader.i16()?).ok()?;
    match sign {
        0xC000 => return Some("NaN".to_owned()),
        0xD000 => return Some("Infinity".to_owned()),
        0xF000 => return Some("-Infinity".to_owned()),
        0 | 0x4000 => {}
        _ => return None,
    }
    let mut groups = Vec::with_capacity(usize::try_from(count).ok()?.min(raw.len()));
    for _ in 0..count {
        groups.push(reader.i16().filter(|group| (0..10_000).contains(group))?);
    }
    let group = |position: i32| -> i16 {
        usize::try_from(weight - position).ok().and_then(|at| groups.get(at).copied()).unwrap_or(0)
    };
    let mut text = String::new();
    if sign == 0x4000 {
        text.push('-');
    }
    if weight < 0 {
        text.push('0');
    } else {
        write!(text, "{}", group(weight)).ok()?;
        for position in (0..weight).rev() {
            write!(text, "{:04}", group(position)).ok()?;
        }
    }
    if scale > 0 {
        let mut fraction = String::with_capacity(scale.saturating_add(4));
        let mut position = -1;
        while fraction.len() < scale {
            write!(fraction, "{:04}", group(position)).ok()?;
            position -= 1;
        }
        text.push('.');
        text.push_str(fraction.get(..scale)?);
    }
    reader.end(text)
}

pub(super) fn date(raw: &[u8]) -> Option<String> {
    let days = Reader(raw).i32()?;
    match days {
        i32::MAX => Some("infinity".to_owned()),
        i32::MIN => Some("-infinity".to_owned()),
        days => civil(i64::from(days)),
    }
}

/// `time` and `timetz`; the latter has seconds west of UTC behind it.
pub(super) fn time_of_day(raw: &[u8]) -> Option<String> {
    let mut reader = Reader(raw);
    let mut text = clock(reader.i64()?)?;
    if !reader.0.is_empty() {
        let west = reader.i32()?;
        let east = west.checked_neg()?;
        text.push(if east < 0 { '-' } else { '+' });
        let seconds = east.unsigned_abs();
        write!(text, "{:02}", seconds / 3600).ok()?;
        if seconds % 3600 != 0 {
            write!(text, ":{:02}", seconds / 60 % 60).ok()?;
        }
        if seconds % 60 != 0 {
            write!(text, ":{:02}", seconds % 60).ok()?;
        }
    }
    reader.end(text)
}

pub(super) fn timestamp(raw: &[u8], between: char, behind: &str) -> Option<String> {
    let microseconds = i64::from_be_bytes(raw.try_into().ok()?);
    match microseconds {
        i64::MAX => return Some("infinity".to_owned()),
        i64::MIN => return Some("-infinity".to_owned()),
        _ => {}
    }
    let day = civil(microseconds.div_euclid(DAY))?;
    let time = clock(microseconds.rem_euclid(DAY))?;
    Some(format!("{day}{between}{time}{behind}"))
}

/// ISO 8601 as `intervalstyle = iso_8601` writes it.
pub(super) fn interval(raw: &[u8]) -> Option<String> {
    let mut reader = Reader(raw);
    let microseconds = reader.i64()?;
    let days = reader.i32()?;
    let months = reader.i32()?;
    let limits = [(i64::MAX, i32::MAX, "infinity"), (i64::MIN, i32::MIN, "-infinity")];
    for (time, rest, word) in limits {
        if microseconds == time && days == rest && months == rest {
            return Some(word.to_owned());
        }
    }
    let mut text = "P".to_owned();
    for (number, unit) in [(months / 12, 'Y'), (months % 12, 'M'), (days, 'D')] {
        if number != 0 {
            write!(text, "{number}{unit}").ok()?;
        }
    }
    if microseconds != 0 {
        text.push('T');
        let (hours, minutes) = (microseconds / 3_600_000_000, microseconds / 60_000_000 % 60);
        for (number, unit) in [(hours, 'H'), (minutes, 'M')] {
            if number != 0 {
                write!(text, "{number}{unit}").ok()?;
            }
        }
        let seconds = microseconds % 60_000_000;
        if seconds != 0 {
            let sign = if seconds < 0 { "-" } else { "" };
            let seconds = seconds.unsigned_abs();
            write!(text, "{sign}{}{}S", seconds / 1_000_000, fraction(seconds % 1_000_000)).ok()?;
        }
    }
    if text == "P" {
        text.push_str("T0S");
    }
    reader.end(text)
}

/// A value as the server writes it, with dates in ISO style: inside arrays and ranges, and for types
/// without a kind of their own.
pub(super) fn written(of: &Type, raw: &[u8]) -> Option<String> {
    written_within(of, raw, DEPTH_MAX)
}

fn written_within(of: &Type, raw: &[u8], depth: u32) -> Option<String> {
    let depth = depth.checked_sub(1)?;
    match of.kind() {
        TypeKind::Array(element) => return array(element, raw, depth),
        TypeKind::Range(element) => return range(element, raw, depth),
        TypeKind::Domain(base) => return written_within(base, raw, depth),
        _ => {}
    }
    match *of {
        Type::BOOL => Some(if boolean(raw)? { "t" } else { "f" }.to_owned()),
        Type::INT2 | Type::INT4 | Type::INT8 | Type::OID | Type::XID | Type::CID => {
            Some(integer(of, raw)?.to_string())
        }
        Type::XID8 => Some(u64::from_be_bytes(raw.try_into().ok()?).to_string()),
        Type::FLOAT4 | Type::FLOAT8 => crate::cell::Cell::Float(float(raw)?).to_text().map(Into::into),
        Type::NUMERIC => numeric(raw),
        Type::BYTEA => Some(crate::cell::hexadecimal(raw)),
        Type::DATE => date(raw),
        Type::TIME | Type::TIMETZ => time_of_day(raw),
        Type::TIMESTAMP => timestamp(raw, ' ', ""),
        Type::TIMESTAMPTZ => timestamp(raw, ' ', "+00"),
        Type::INTERVAL => interval(raw),
        Type::UUID => uuid(raw),
        Type::JSON | Type::JSONB => json(of, raw),
        Type::INET | Type::CIDR => network(raw),
        Type::MACADDR | Type::MACADDR8 => Some(hardware_address(raw)),
        Type::BIT | Type::VARBIT => bits(raw),
        Type::PG_LSN => {
            let position = u64::from_be_bytes(raw.try_into().ok()?);
            Some(format!("{:X}/{:X}", position >> 32, position & 0xffff_ffff))
        }
        Type::VOID => Some(String::new()),
        _ => text(of, raw),
    }
}

/// `{1,2}`, `{{a,b},{c,NULL}}`, `[0:1]={a,b}`.
fn array(element: &Type, raw: &[u8], depth: u32) -> Option<String> {
    let mut reader = Reader(raw);
    let count = reader.i32().filter(|count| (0..=DIMENSIONS_MAX).contains(count))?;
    let _has_nulls = reader.i32()?;
    let _element = reader.i32()?;
    let mut lengths = Vec::new();
    let mut bounds = Vec::new();
    for _ in 0..count {
        lengths.push(usize::try_from(reader.i32()?).ok()?);
        bounds.push(reader.i32()?);
    }
    let mut text = String::new();
    if bounds.iter().any(|bound| *bound != 1) {
        for (length, lower) in lengths.iter().zip(&bounds) {
            let upper = i64::from(*lower).checked_add(i64::try_from(*length).ok()?)?.checked_sub(1)?;
            write!(text, "[{lower}:{upper}]").ok()?;
        }
        text.push('=');
    }
    if lengths.is_empty() {
        return reader.end("{}".to_owned());
    }
    elements(element, &lengths, &mut reader, &mut text, depth)?;
    reader.end(text)
}

fn elements(
    element: &Type,
    lengths: &[usize],
    reader: &mut Reader<'_>,
    text: &mut String,
    depth: u32,
) -> Option<()> {
    let (length, inner) = lengths.split_first()?;
    text.push('{');
    for at in 0..*length {
        if at > 0 {
            // `box` has a delimiter of its own, and is not read here.
            text.push(',');
        }
        if inner.is_empty() {
            match reader.value()? {
                None => text.push_str("NULL"),
                Some(raw) => quote_element(&written_within(element, raw, depth)?, text),
            }
        } else {
            elements(element, inner, reader, text, depth)?;
        }
    }
    text.push('}');
    Some(())
}

/// As `array_out` quotes.
fn quote_element(written: &str, text: &mut String) {
    let special =
        |c: char| matches!(c, '"' | '\\' | '{' | '}' | ',' | ' ' | '\t' | '\n' | '\r' | '\x0b' | '\x0c');
    if !written.is_empty() && !written.eq_ignore_ascii_case("null") && !written.contains(special) {
        text.push_str(written);
        return;
    }
    text.push('"');
    for c in written.chars() {
        if matches!(c, '"' | '\\') {
            text.push('\\');
        }
        text.push(c);
    }
    text.push('"');
}

/// `[1,5)`, `(,2026-01-01]`, `empty`: one byte of flags, then the bounds that are there.
fn range(element: &Type, raw: &[u8], depth: u32) -> Option<String> {
    const EMPTY: u8 = 1;
    const LOWER_INCLUDED: u8 = 2;
    const UPPER_INCLUDED: u8 = 4;
    const LOWER_INFINITE: u8 = 8;
    const UPPER_INFINITE: u8 = 16;
    let mut reader = Reader(raw);
    let flags = reader.byte()?;
    if flags & EMPTY != 0 {
        return reader.end("empty".to_owned());
    }
    let mut text = if flags & LOWER_INCLUDED != 0 { "[" } else { "(" }.to_owned();
    if flags & LOWER_INFINITE == 0 {
        quote_bound(&written_within(element, reader.value()??, depth)?, &mut text);
    }
    text.push(',');
    if flags & UPPER_INFINITE == 0 {
        quote_bound(&written_within(element, reader.value()??, depth)?, &mut text);
    }
    text.push(if flags & UPPER_INCLUDED != 0 { ']' } else { ')' });
    reader.end(text)
}

/// As `range_out` quotes.
fn quote_bound(written: &str, text: &mut String) {
    let special = |c: char| matches!(c, '"' | '\\' | '(' | ')' | '[' | ']' | ',') || c.is_whitespace();
    if !written.is_empty() && !written.contains(special) {
        text.push_str(written);
        return;
    }
    text.push('"');
    for c in written.chars() {
        if matches!(c, '"' | '\\') {
            text.push(c);
        }
        text.push(c);
    }
    text.push('"');
}

/// Family, bits, whether it is a `cidr`, length, address.
fn network(raw: &[u8]) -> Option<String> {
    let mut reader = Reader(raw);
    let family = reader.byte()?;
    let bits = reader.byte()?;
    let is_network = reader.byte()? != 0;
    let length = reader.byte()?;
    let (address, all) = match (family, length) {
        (2, 4) => (Ipv4Addr::from(reader.array::<4>()?).to_string(), 32),
        (3, 16) => (Ipv6Addr::from(reader.array::<16>()?).to_string(), 128),
        _ => return None,
    };
    reader.end(if is_network || bits != all { format!("{address}/{bits}") } else { address })
}

fn hardware_address(raw: &[u8]) -> String {
    let bytes: Vec<String> = raw.iter().map(|byte| format!("{byte:02x}")).collect();
    bytes.join(":")
}

fn bits(raw: &[u8]) -> Option<String> {
    let mut reader = Reader(raw);
    let count = usize::try_from(reader.i32()?).ok()?;
    let mut text: String = reader.0.iter().map(|byte| format!("{byte:08b}")).collect();
    if count > text.len() {
        return None;
    }
    text.truncate(count);
    Some(text)
}

/// A day counted from 2000-01-01 in the Gregorian calendar; years before 1 as ISO 8601 counts them.
fn civil(days: i64) -> Option<String> {
    let shifted = days.checked_add(EPOCH)?;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    // Months from March: the leap day is the last of the year.
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    Some(if year < 0 {
        format!("-{:04}-{month:02}-{day:02}", year.unsigned_abs())
    } else {
        format!("{year:04}-{month:02}-{day:02}")
    })
}

/// Microseconds from midnight; 24:00:00 is a time of day of PostgreSQL's.
fn clock(microseconds: i64) -> Option<String> {
    let microseconds = u64::try_from(microseconds).ok()?;
    let seconds = microseconds / 1_000_000;
    let rest = fraction(microseconds % 1_000_000);
    Some(format!("{:02}:{:02}:{:02}{rest}", seconds / 3600, seconds / 60 % 60, seconds % 60))
}

/// `.5` for 500,000 microseconds, nothing for none.
fn fraction(microseconds: u64) -> String {
    if microseconds == 0 {
        return String::new();
    }
    format!(".{microseconds:06}").trim_end_matches('0').to_owned()
}
