//! Which moment does a line's `ts` name? The reverse of `timestamp`.

const MICROS_A_SECOND: i64 = 1_000_000;

/// Microseconds since 1970-01-01 UTC of `2026-08-04T12:34:56.000789Z`; `None` for what is written in
/// any other way.
pub(in crate::ledger) fn micros(text: &[u8]) -> Option<i64> {
    let text: &[u8; 27] = text.try_into().ok()?;
    for (at, expected) in [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':'), (19, b'.'), (26, b'Z')] {
        if text.get(at) != Some(&expected) {
            return None;
        }
    }
    let year = digits(text, 0, 4)?;
    let (month, day) = (digits(text, 5, 2)?, digits(text, 8, 2)?);
    let (hour, minute, second) = (digits(text, 11, 2)?, digits(text, 14, 2)?, digits(text, 17, 2)?);
    let fraction = digits(text, 20, 6)?;
    let valid = (1..=12).contains(&month)
        && (1..=days_in(year, month)).contains(&day)
        && hour < 24
        && minute < 60
        && second < 60;
    let seconds = ((days(year, month, day) * 24 + hour) * 60 + minute) * 60 + second;
    valid.then_some(seconds * MICROS_A_SECOND + fraction)
}

fn digits(text: &[u8; 27], from: usize, width: usize) -> Option<i64> {
    let mut value = 0;
    for byte in text.iter().skip(from).take(width) {
        if !byte.is_ascii_digit() {
            return None;
        }
        value = value * 10 + i64::from(byte - b'0');
    }
    Some(value)
}

fn days_in(year: i64, month: i64) -> i64 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01 (Hinnant, "chrono-Compatible Low-Level Date Algorithms",
/// `days_from_civil`): the year is counted from March.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::ledger::timestamp::Timestamps;

    #[test]
    fn what_the_ledger_writes_is_read_back() {
        let mut timestamps = Timestamps::new();
        let mut at_us = 0;
        while at_us < 253_402_300_800_000_000 {
            let mut text = Vec::new();
            timestamps.write(&mut text, at_us);
            assert_eq!(micros(&text), Some(at_us as i64), "{}", String::from_utf8_lossy(&text));
            // About every ten days, at every hour and fraction.
            at_us += 863_999_123_457;
        }
        assert_eq!(micros(b"0000-01-01T00:00:00.000000Z"), Some(-62_167_219_200_000_000));
        assert_eq!(micros(b"1969-12-31T23:59:59.999999Z"), Some(-1));
    }

    #[test]
    fn anything_else_is_no_moment() {
        for text in [
            "",
            "2026-08-04T12:34:56Z",
            "2026-08-04T12:34:56.000789+",
            "2026-08-04 12:34:56.000789Z",
            "2026-02-29T12:34:56.000789Z",
            "2026-00-04T12:34:56.000789Z",
            "2026-13-04T12:34:56.000789Z",
            "2026-08-00T12:34:56.000789Z",
            "2026-08-04T24:34:56.000789Z",
            "2026-08-04T12:60:56.000789Z",
            "2026-08-04T12:34:60.000789Z",
            "2026-08-04T12:34:56.00078 Z",
            "-026-08-04T12:34:56.000789Z",
        ] {
            assert_eq!(micros(text.as_bytes()), None, "{text}");
        }
    }
}
