//! Which limits does a rule set?

use super::{find, one_of, table, unknown_keys, whole};
use crate::diagnostic::Complaints;
use crate::rule::Limit;
use crate::tree::{Entry, Value};
use crate::verdict::{Limits, RateBy};

const KEYS: [&str; 6] = ["rows", "bytes", "seconds", "per_second", "burst", "by"];

/// Most statements a second that a rate can name: more is none.
const PER_SECOND_MAX: u64 = 1_000_000;

/// Longest time a statement can be given: a week.
const SECONDS_MAX: f64 = 7.0 * 24.0 * 3_600.0;

/// The `limit` of a rule.
pub(super) fn read(entry: &Entry, complaints: &mut Complaints<'_>) -> Option<Limit> {
    let entries = table(entry, complaints)?;
    unknown_keys(entries, "key of a limit", &KEYS, complaints);
    let limits = Limits {
        rows: find(entries, "rows").and_then(|entry| whole(entry, 1, u64::MAX, complaints)),
        bytes: find(entries, "bytes").and_then(|entry| bytes(entry, complaints)),
        duration_us: find(entries, "seconds").and_then(|entry| seconds(entry, complaints)),
    };
    let mut number = |key| find(entries, key).and_then(|entry| whole(entry, 1, PER_SECOND_MAX, complaints));
    let (per_second, burst) = (number("per_second"), number("burst"));
    let words = RateBy::ALL.map(|(_, word)| word);
    let by = find(entries, "by").and_then(|entry| one_of(entry, "way to count", &words, complaints));
    let by = RateBy::ALL.iter().find(|(_, word)| Some(*word) == by).map_or(RateBy::User, |(by, _)| *by);
    if find(entries, "per_second").is_none() {
        for entry in ["burst", "by"].iter().filter_map(|key| find(entries, key)) {
            let message = format!("`{}` says more about `per_second`, which is not there", entry.key);
            complaints.tell(entry.place, message, "add `per_second`");
        }
    }
    if !["rows", "bytes", "seconds", "per_second"].iter().any(|key| find(entries, key).is_some()) {
        complaints.tell(
            entry.place,
            "this limit has no number",
            "name `rows`, `bytes`, `seconds` or `per_second`",
        );
        return None;
    }
    let narrow = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
    let rate = per_second.map(|per_second| (narrow(per_second), narrow(burst.unwrap_or(per_second)), by));
    Some(Limit { limits, rate })
}

/// A number of bytes, or words such as `10MB`.
fn bytes(entry: &Entry, complaints: &mut Complaints<'_>) -> Option<u64> {
    let Value::String(text) = &entry.node.value else { return whole(entry, 1, u64::MAX, complaints) };
    let read = amount(text).filter(|bytes| *bytes > 0);
    if read.is_none() {
        complaints.tell(
            entry.node.place,
            format!("`{text}` is no number of bytes"),
            "write a whole number with kB, MB, GB, KiB, MiB or GiB, such as `10MB`",
        );
    }
    read
}

fn amount(text: &str) -> Option<u64> {
    let end = text.find(|one: char| !one.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let unit = match unit.trim_start() {
        "" | "B" => 1,
        "kB" | "KB" => 1_000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(unit)
}

/// Seconds, also parts of one, in microseconds.
fn seconds(entry: &Entry, complaints: &mut Complaints<'_>) -> Option<u64> {
    let seconds = match entry.node.value {
        Value::Integer(number) => Some(number as f64),
        Value::Float(number) => Some(number),
        _ => None,
    };
    let found = seconds.filter(|seconds| (0.001..=SECONDS_MAX).contains(seconds));
    if found.is_none() {
        complaints.tell(entry.node.place, "`seconds` must be a number from 0.001 to 604800", "");
    }
    found.map(|seconds| (seconds * 1e6) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_may_have_a_unit() {
        let cases = [
            ("10MB", Some(10_000_000)),
            ("1 KiB", Some(1024)),
            ("7", Some(7)),
            ("1.5MB", None),
            ("MB", None),
            ("10 mb", None),
            ("99999999999GB", None),
        ];
        for (text, expected) in cases {
            assert_eq!(amount(text), expected, "{text}");
        }
    }
}
