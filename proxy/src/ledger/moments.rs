//! How do people write a moment, and how is one written for them?

use super::index::micros;
use super::timestamp::Timestamps;

/// Microseconds since 1970-01-01 UTC of a day (`2026-11-21`) or of a moment in RFC 3339 with up to six digits of a
/// second's fraction; `None` for anything else.
pub fn read(text: &str) -> Option<i64> {
    if text.len() == 10 {
        return micros(format!("{text}T00:00:00.000000Z").as_bytes());
    }
    let (moment, zone) = text.split_at_checked(text.find('T')? + 9)?;
    let (fraction, zone) = match zone.strip_prefix('.') {
        Some(rest) => rest.split_at_checked(rest.find(|letter: char| !letter.is_ascii_digit())?)?,
        None => ("0", zone),
    };
    if fraction.is_empty() || fraction.len() > 6 {
        return None;
    }
    let at_us = micros(format!("{moment}.{fraction:0<6}Z").as_bytes())?;
    Some(at_us - seconds_east(zone)? * 1_000_000)
}

/// `2026-08-04T12:34:56.000789Z`, as the ledger has it. What was before 1970 is written as its first moment.
pub fn write(at_us: i64) -> String {
    let mut text = Vec::new();
    Timestamps::new().write(&mut text, u64::try_from(at_us).unwrap_or(0));
    String::from_utf8_lossy(&text).into_owned()
}

/// Of `Z`, `+02:00`.
fn seconds_east(zone: &str) -> Option<i64> {
    if zone == "Z" {
        return Some(0);
    }
    let (sign, rest) = match zone.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let (hours, minutes) = rest.split_once(':')?;
    let number = |text: &str, most: i64| {
        let is_number = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        let number: i64 = if is_number { text.parse().ok()? } else { return None };
        (number <= most).then_some(number)
    };
    Some(sign * (number(hours, 23)? * 3_600 + number(minutes, 59)? * 60))
}
