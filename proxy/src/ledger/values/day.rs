//! Which day is it, as a key of values counts days: in UTC, as `2026-11-21`?

use crate::ledger::index;
use crate::ledger::timestamp::Timestamps;
use std::fmt;
use std::str::FromStr;
use std::time::{SystemTime, UNIX_EPOCH};

const MICROS_A_DAY: u64 = 86_400_000_000;
/// The last day that is written with four digits for its year, 9999-12-31.
const LAST: u64 = 2_932_896;

/// A day in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(u64);

/// A text names no day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no day: write it as 2026-11-21, in UTC")]
pub struct BadDay;

impl Day {
    /// The day of a moment, in microseconds since 1970-01-01 UTC.
    pub fn of(at_us: u64) -> Day {
        Day((at_us / MICROS_A_DAY).min(LAST))
    }

    /// Today, by this machine's clock.
    pub fn today() -> Day {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Day::of(u64::try_from(since.as_micros()).unwrap_or(u64::MAX))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = Vec::new();
        Timestamps::new().write(&mut text, self.0 * MICROS_A_DAY);
        let day = text.get(..10).and_then(|day| std::str::from_utf8(day).ok());
        formatter.write_str(day.unwrap_or_default())
    }
}

impl FromStr for Day {
    type Err = BadDay;
    fn from_str(text: &str) -> Result<Day, BadDay> {
        let midnight = format!("{text}T00:00:00.000000Z");
        let at_us = index::micros(midnight.as_bytes()).ok_or(BadDay)?;
        u64::try_from(at_us).map(Day::of).map_err(|_| BadDay)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn days_are_read_as_they_are_written() {
        for (at_us, text) in [
            (0, "1970-01-01"),
            (MICROS_A_DAY - 1, "1970-01-01"),
            (951_782_400_000_000, "2000-02-29"),
            (1_785_846_896_000_789, "2026-08-04"),
            (u64::MAX, "9999-12-31"),
        ] {
            assert_eq!(Day::of(at_us).to_string(), text);
            assert_eq!(text.parse(), Ok(Day::of(at_us)));
        }
        for bad in ["", "2026-02-30", "1969-12-31", "2026-1-1", "21.11.2026", "2026-11-21T00:00:00Z"] {
            assert_eq!(bad.parse::<Day>(), Err(BadDay), "{bad}");
        }
    }
}
