//! Is it the time that a rule names?

use std::fmt;

/// The days' words, from Monday.
pub(crate) const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

const DAY_MINUTES: u16 = 24 * 60;

/// Hours of some days, at a fixed distance from UTC. A span over midnight belongs to the day on which
/// it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Schedule {
    /// One bit a day, from Monday.
    pub(crate) days: u8,
    /// The first minute of the day.
    pub(crate) from: u16,
    /// The minute behind the last.
    pub(crate) to: u16,
    /// Minutes that the clock on the wall is ahead of UTC.
    pub(crate) offset: i16,
}

impl Schedule {
    /// Every day, all day, in UTC.
    pub(crate) const ALWAYS: Schedule = Schedule { days: 0x7f, from: 0, to: DAY_MINUTES, offset: 0 };

    /// Whether `now_us`, in microseconds since 1970-01-01 UTC, is in it.
    pub(crate) fn contains(&self, now_us: u64) -> bool {
        let minutes = i64::try_from(now_us / 60_000_000).unwrap_or(i64::MAX);
        let local = minutes.saturating_add(i64::from(self.offset));
        let day = local.div_euclid(i64::from(DAY_MINUTES));
        let minute = local.rem_euclid(i64::from(DAY_MINUTES));
        let (from, to) = (i64::from(self.from), i64::from(self.to));
        if from < to {
            return self.has(day) && (from..to).contains(&minute);
        }
        (self.has(day) && minute >= from) || (self.has(day - 1) && minute < to)
    }

    /// Whether the day, counted from 1970-01-01 (a Thursday), is one of `days`.
    fn has(&self, day: i64) -> bool {
        self.days >> (day + 3).rem_euclid(7) & 1 == 1
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, day) in DAYS.iter().enumerate().filter(|(at, _)| self.days >> at & 1 == 1) {
            write!(formatter, "{}{day}", if self.days.trailing_zeros() as usize == at { "" } else { "," })?;
        }
        let clock = |minute: u16| (minute / 60, minute % 60);
        let ((from, from_minute), (to, to_minute)) = (clock(self.from), clock(self.to));
        write!(formatter, " {from:02}:{from_minute:02} to {to:02}:{to_minute:02}, UTC")?;
        let sign = if self.offset < 0 { '-' } else { '+' };
        let (hours, minutes) = clock(self.offset.unsigned_abs());
        write!(formatter, "{sign}{hours:02}:{minutes:02}")
    }
}

/// `08:30` as a minute of the day; `24:00` is its end.
pub(crate) fn minute(text: &str) -> Option<u16> {
    let (hours, minutes) = text.split_once(':')?;
    let digits = |text: &str| text.len() == 2 && text.bytes().all(|one| one.is_ascii_digit());
    if !digits(hours) || !digits(minutes) {
        return None;
    }
    let (hours, minutes): (u16, u16) = (hours.parse().ok()?, minutes.parse().ok()?);
    let all = hours * 60 + minutes;
    (minutes < 60 && all <= DAY_MINUTES).then_some(all)
}

/// `+01:00`, `-03:30` or `Z` in minutes.
pub(crate) fn offset(text: &str) -> Option<i16> {
    if text == "Z" {
        return Some(0);
    }
    let (sign, rest) = match text.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let minutes = i16::try_from(minute(rest)?).ok()?;
    (minutes <= 14 * 60).then_some(sign * minutes)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// 2024-01-01 was a Monday.
    const MONDAY_US: u64 = 1_704_067_200_000_000;

    fn at(day: u64, time: &str) -> u64 {
        MONDAY_US + (day * u64::from(DAY_MINUTES) + u64::from(minute(time).unwrap())) * 60_000_000
    }

    #[test]
    fn hours_begin_with_their_first_minute_and_end_before_their_last() {
        let office = Schedule { days: 0b001_1111, from: 480, to: 1080, offset: 0 };
        for (day, time, expected) in [
            (0, "08:00", true),
            (0, "07:59", false),
            (4, "17:59", true),
            (4, "18:00", false),
            (5, "12:00", false),
            (6, "12:00", false),
        ] {
            assert_eq!(office.contains(at(day, time)), expected, "day {day}, {time}");
        }
        assert!(Schedule::ALWAYS.contains(0) && Schedule::ALWAYS.contains(at(6, "23:59")));
    }

    #[test]
    fn a_night_belongs_to_the_day_on_which_it_begins() {
        let night = Schedule { days: 0b001_0000, from: 1320, to: 360, offset: 0 };
        assert!(night.contains(at(4, "23:00")) && night.contains(at(5, "05:59")));
        assert!(!night.contains(at(4, "05:00")) && !night.contains(at(5, "23:00")));
        assert!(!night.contains(at(5, "06:00")));
    }

    #[test]
    fn the_offset_moves_the_hours_and_the_day() {
        let monday = Schedule { days: 1, from: 0, to: 60, offset: 60 };
        assert!(monday.contains(MONDAY_US - 3_600_000_000) && !monday.contains(MONDAY_US));
    }

    #[test]
    fn times_and_offsets_are_read_strictly() {
        assert_eq!((minute("24:00"), minute("00:00"), minute("08:30")), (Some(1440), Some(0), Some(510)));
        for wrong in ["8:00", "24:01", "08:60", "08", "08:00:00", "+8:00", ""] {
            assert_eq!(minute(wrong), None, "{wrong}");
        }
        assert_eq!((offset("+01:00"), offset("-03:30"), offset("Z")), (Some(60), Some(-210), Some(0)));
        for wrong in ["01:00", "+1", "+15:00", "", "é"] {
            assert_eq!(offset(wrong), None, "{wrong}");
        }
    }
}
