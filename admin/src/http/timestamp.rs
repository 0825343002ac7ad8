//! How is a time written in the API? RFC 3339, UTC, microseconds.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::{PartialSchema, ToSchema};

const US_A_SECOND: i64 = 1_000_000;
const SECONDS_A_DAY: i64 = 86_400;
/// 9999-12-31T23:59:59.999999Z, and its like before 1970: what RFC 3339 can write.
const LATEST: i64 = 253_402_300_799_999_999;
const EARLIEST: i64 = -62_135_596_800_000_000;

/// A moment, in microseconds since 1970-01-01 UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

/// Days since 1970-01-01 as year, month, day of the proleptic Gregorian calendar (Hinnant, "chrono-
/// compatible low-level date algorithms", `civil_from_days`).
fn date_of(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// The other way round (`days_from_civil`).
fn days_of(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

impl fmt::Display for Timestamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let us = self.0.clamp(EARLIEST, LATEST);
        let (seconds, micros) = (us.div_euclid(US_A_SECOND), us.rem_euclid(US_A_SECOND));
        let (days, second) = (seconds.div_euclid(SECONDS_A_DAY), seconds.rem_euclid(SECONDS_A_DAY));
        let (year, month, day) = date_of(days);
        let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
        write!(formatter, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{micros:06}Z")
    }
}

/// The text is no moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not a time like `2026-11-21T10:35:00Z` (RFC 3339)")]
pub struct NoTimestamp;

impl FromStr for Timestamp {
    type Err = NoTimestamp;

    fn from_str(text: &str) -> Result<Timestamp, NoTimestamp> {
        parse(text).ok_or(NoTimestamp)
    }
}

fn number(text: &str, from: usize, to: usize) -> Option<i64> {
    let part = text.get(from..to)?;
    part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse().ok()).flatten()
}

fn parse(text: &str) -> Option<Timestamp> {
    let bytes = text.as_bytes();
    let is = |place: usize, any: &[u8]| bytes.get(place).is_some_and(|byte| any.contains(byte));
    let has_form = is(4, b"-") && is(7, b"-") && is(10, b"Tt ") && is(13, b":") && is(16, b":");
    if !text.is_ascii() || !has_form {
        return None;
    }
    let (year, month, day) = (number(text, 0, 4)?, number(text, 5, 7)?, number(text, 8, 10)?);
    let (hour, minute, second) = (number(text, 11, 13)?, number(text, 14, 16)?, number(text, 17, 19)?);
    let days = days_of(year, month, day);
    if !(1..=12).contains(&month)
        || date_of(days) != (year, month, day)
        || hour > 23
        || minute > 59
        || second > 60
    {
        return None;
    }
    let mut rest = text.get(19..)?;
    let mut micros = 0;
    if let Some(fraction) = rest.strip_prefix('.') {
        let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 || digits > 12 {
            return None;
        }
        let six: String = fraction.chars().take(digits).chain("000000".chars()).take(6).collect();
        micros = six.parse().ok()?;
        rest = fraction.get(digits..)?;
    }
    let offset_minutes = match rest {
        "Z" | "z" => 0,
        _ => {
            let sign = if rest.starts_with('-') { -1 } else { rest.starts_with('+').then_some(1)? };
            let (hours, minutes) = (number(rest, 1, 3)?, number(rest, 4, 6)?);
            if rest.len() != 6 || rest.as_bytes().get(3) != Some(&b':') || hours > 23 || minutes > 59 {
                return None;
            }
            sign * (hours * 60 + minutes)
        }
    };
    let seconds = days * SECONDS_A_DAY + hour * 3_600 + minute * 60 + second - offset_minutes * 60;
    let us = seconds * US_A_SECOND + micros;
    (EARLIEST..=LATEST).contains(&us).then_some(Timestamp(us))
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|error| serde::de::Error::custom(format!("`{text}` {error}")))
    }
}

impl PartialSchema for Timestamp {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .examples([serde_json::json!("2026-11-21T10:35:00.000000Z")])
            .into()
    }
}

impl ToSchema for Timestamp {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Timestamp")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_time_is_written_and_read_back() {
        for (us, text) in [
            (0, "1970-01-01T00:00:00.000000Z"),
            (951_782_400_000_001, "2000-02-29T00:00:00.000001Z"),
            (-1, "1969-12-31T23:59:59.999999Z"),
            (LATEST, "9999-12-31T23:59:59.999999Z"),
            (EARLIEST, "0001-01-01T00:00:00.000000Z"),
        ] {
            assert_eq!(Timestamp(us).to_string(), text);
            assert_eq!(text.parse(), Ok(Timestamp(us)));
        }
    }

    #[test]
    fn offsets_and_fractions_are_understood() {
        let zulu: Timestamp = "2026-11-21T10:35:00Z".parse().unwrap();
        assert_eq!("2026-11-21T12:35:00+02:00".parse(), Ok(zulu));
        assert_eq!("2026-11-21 05:05:00-05:30".parse(), Ok(zulu));
        assert_eq!("2026-11-21T10:35:00.25z".parse(), Ok(Timestamp(zulu.0 + 250_000)));
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "now",
            "2026-11-21",
            "2026-02-30T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-11-21T24:00:00Z",
            "2026-11-21T10:35:00",
            "2026-11-21T10:35:00.Z",
            "2026-11-21T10:35:00+2:00",
            "２０26-11-21T10:35:00Z",
        ] {
            assert_eq!(text.parse::<Timestamp>(), Err(NoTimestamp), "{text}");
        }
    }
}
