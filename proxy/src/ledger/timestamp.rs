//! How is a moment written: RFC 3339, UTC, microseconds (`2026-08-04T12:34:56.000789Z`)?

const SECONDS_A_DAY: u64 = 86_400;
const MICROS_A_SECOND: u64 = 1_000_000;

/// Writes moments; remembers the second it wrote last, since records come in the order of time.
#[derive(Debug)]
pub(super) struct Timestamps {
    second: u64,
    /// `2026-08-04T12:34:56` of `second`.
    text: [u8; 19],
}

impl Timestamps {
    pub(super) fn new() -> Timestamps {
        Timestamps { second: 0, text: second_text(0) }
    }

    /// Writes a moment, given in microseconds since 1970-01-01 UTC, without quotes.
    pub(super) fn write(&mut self, line: &mut Vec<u8>, at_us: u64) {
        let second = at_us / MICROS_A_SECOND;
        if second != self.second {
            self.second = second;
            self.text = second_text(second);
        }
        line.extend_from_slice(&self.text);
        let mut fraction = *b".000000Z";
        decimal(&mut fraction, 1, 6, at_us % MICROS_A_SECOND);
        line.extend_from_slice(&fraction);
    }
}

fn second_text(second: u64) -> [u8; 19] {
    let (year, month, day) = civil_from_days(second / SECONDS_A_DAY);
    let of_day = second % SECONDS_A_DAY;
    let mut text = *b"0000-00-00T00:00:00";
    for (at, width, value) in [
        (0, 4, year),
        (5, 2, month),
        (8, 2, day),
        (11, 2, of_day / 3600),
        (14, 2, of_day / 60 % 60),
        (17, 2, of_day % 60),
    ] {
        decimal(&mut text, at, width, value);
    }
    text
}

/// The lowest `width` digits of `value`, at `at` of `text`.
fn decimal(text: &mut [u8], at: usize, width: usize, value: u64) {
    let mut rest = value;
    for digit in text.iter_mut().skip(at).take(width).rev() {
        *digit = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
}

/// Year, month and day of the proleptic Gregorian calendar. The year is counted from March, so
/// that the leap day is its last and the lengths of the months before it follow one formula
/// (Hinnant, "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`).
fn civil_from_days(days: u64) -> (u64, u64, u64) {
    const DAYS_IN_400_YEARS: u64 = 146_097;
    // From 0000-03-01 to 1970-01-01.
    const DAYS_TO_1970: u64 = 719_468;
    let shifted = days + DAYS_TO_1970;
    let era = shifted / DAYS_IN_400_YEARS;
    let day_of_era = shifted % DAYS_IN_400_YEARS;
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    fn text(at_us: u64) -> String {
        let mut line = Vec::new();
        Timestamps::new().write(&mut line, at_us);
        String::from_utf8(line).unwrap()
    }

    #[test]
    fn known_moments_are_written_as_rfc_3339() {
        for (at_us, expected) in [
            (0, "1970-01-01T00:00:00.000000Z"),
            (951_782_399_999_999, "2000-02-28T23:59:59.999999Z"),
            (951_782_400_000_000, "2000-02-29T00:00:00.000000Z"),
            (951_868_800_000_001, "2000-03-01T00:00:00.000001Z"),
            (1_709_164_800_000_000, "2024-02-29T00:00:00.000000Z"),
            (1_767_225_599_123_456, "2025-12-31T23:59:59.123456Z"),
            (4_107_542_400_000_000, "2100-03-01T00:00:00.000000Z"),
            (253_402_300_799_999_999, "9999-12-31T23:59:59.999999Z"),
        ] {
            assert_eq!(text(at_us), expected);
        }
    }

    #[test]
    fn every_day_until_2400_follows_the_calendar() {
        let mut expected = (1970, 1, 1);
        for days in 0..157_000 {
            assert_eq!(civil_from_days(days), expected);
            let (year, month, day) = expected;
            let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            let length = match month {
                2 => 28 + u64::from(leap),
                4 | 6 | 9 | 11 => 30,
                _ => 31,
            };
            expected = match (month, day) {
                (12, 31) => (year + 1, 1, 1),
                (_, day) if day == length => (year, month + 1, 1),
                _ => (year, month, day + 1),
            };
        }
    }

    #[test]
    fn the_remembered_second_is_not_used_for_another() {
        let mut timestamps = Timestamps::new();
        let mut line = Vec::new();
        for at_us in [5_000_001, 5_000_002, 61_000_000, 0] {
            timestamps.write(&mut line, at_us);
            line.push(b' ');
        }
        assert_eq!(
            String::from_utf8(line).unwrap(),
            "1970-01-01T00:00:05.000001Z 1970-01-01T00:00:05.000002Z 1970-01-01T00:01:01.000000Z \
             1970-01-01T00:00:00.000000Z "
        );
    }
}
