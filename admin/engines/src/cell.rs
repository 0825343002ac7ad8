//! What does a result consist of: columns with a kind, and typed cells?
//!
//! A cell in JSON is a plain value, and its column's [`CellKind`] says how to read it:
//!
//! | kind | in JSON |
//! |---|---|
//! | boolean | `true`, `false` |
//! | integer, unsigned | a number; a string of digits beyond ±(2^53 - 1), where numbers of JavaScript are no longer exact |
//! | float | a number; `"NaN"`, `"Infinity"`, `"-Infinity"` |
//! | decimal | a string, every digit as the server has it |
//! | bytes | a string: `\x` and two hexadecimal digits for each byte |
//! | date, time, timestamp, … | a string, ISO 8601 |
//! | json | a string that holds the JSON text: its numbers may be longer than JavaScript's |
//! | array, other | a string, as the server writes such a value, or `\x…` where only its bytes are known |
//!
//! A missing value is `null` in every kind.

use serde::{Deserialize, Serialize, Serializer};
use std::fmt::Write as _;

/// The largest integer up to which every integer is a number of JavaScript.
const EXACT_MAX: u64 = (1 << 53) - 1;

/// What the cells of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CellKind {
    /// True or false.
    Boolean,
    /// A signed integer of up to 64 bits.
    Integer,
    /// An unsigned integer of up to 64 bits.
    Unsigned,
    /// A binary floating point number.
    Float,
    /// A decimal number with all its digits.
    Decimal,
    /// Text.
    Text,
    /// Bytes.
    Bytes,
    /// A date: `2026-07-30`.
    Date,
    /// A time of day, or a length of time where the database has one type for both: `07:08:09.5`.
    Time,
    /// A date and a time of day without a zone: `2026-07-30T07:08:09.5`.
    Timestamp,
    /// A moment: `2026-07-30T07:08:09.5Z`, in UTC unless the value says otherwise (`+02`).
    Moment,
    /// A length of time: `P1Y2M3DT4H5M6.7S`.
    Interval,
    /// A UUID.
    Uuid,
    /// A JSON text.
    Json,
    /// An array, as the server writes it.
    Array,
    /// Anything else, as the server writes it.
    Other,
    /// Each cell has a kind of its own: what SQLite says of a column without a declared type.
    Any,
}

/// A column of a result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Its name; names need not be distinct.
    pub name: String,
    /// Its type in the database's own words.
    pub type_name: String,
    /// What its cells are.
    pub kind: CellKind,
}

/// A value of a result.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// No value.
    Null,
    /// True or false.
    Boolean(bool),
    /// A signed integer.
    Integer(i64),
    /// An unsigned integer.
    Unsigned(u64),
    /// A floating point number.
    Float(f64),
    /// A decimal number.
    Decimal(String),
    /// Text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A date, ISO 8601.
    Date(String),
    /// A time of day, ISO 8601.
    Time(String),
    /// A date and time of day, ISO 8601.
    Timestamp(String),
    /// A moment, ISO 8601 with its distance from UTC.
    Moment(String),
    /// A length of time, ISO 8601.
    Interval(String),
    /// A UUID.
    Uuid(String),
    /// A JSON text.
    Json(String),
    /// An array, as the server writes it.
    Array(String),
    /// Anything else, as the server writes it.
    Other(String),
}

impl Cell {
    /// How many bytes of a result it counts for.
    pub fn bytes(&self) -> u64 {
        let length = match self {
            Cell::Null | Cell::Boolean(_) => 1,
            Cell::Integer(_) | Cell::Unsigned(_) | Cell::Float(_) => 8,
            Cell::Bytes(bytes) => bytes.len(),
            other => other.as_text().map_or(0, str::len),
        };
        u64::try_from(length).unwrap_or(u64::MAX)
    }

    /// The text of a cell that is held as text.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Cell::Null
            | Cell::Boolean(_)
            | Cell::Integer(_)
            | Cell::Unsigned(_)
            | Cell::Float(_)
            | Cell::Bytes(_) => None,
            Cell::Decimal(text)
            | Cell::Text(text)
            | Cell::Date(text)
            | Cell::Time(text)
            | Cell::Timestamp(text)
            | Cell::Moment(text)
            | Cell::Interval(text)
            | Cell::Uuid(text)
            | Cell::Json(text)
            | Cell::Array(text)
            | Cell::Other(text) => Some(text),
        }
    }

    /// The cell as text, `None` for a missing value: what CSV and people get.
    pub fn to_text(&self) -> Option<std::borrow::Cow<'_, str>> {
        Some(match self {
            Cell::Null => return None,
            Cell::Boolean(value) => if *value { "true" } else { "false" }.into(),
            Cell::Integer(value) => value.to_string().into(),
            Cell::Unsigned(value) => value.to_string().into(),
            Cell::Float(value) => float_text(*value).into(),
            Cell::Bytes(bytes) => hexadecimal(bytes).into(),
            other => other.as_text().unwrap_or_default().into(),
        })
    }

    /// The cell read from `text` as a value of `kind`, and as [`Cell::Other`] where it is none.
    pub fn read(kind: CellKind, text: &str) -> Cell {
        let owned = || text.to_owned();
        let read = match kind {
            CellKind::Boolean => match text {
                "t" | "true" => Some(Cell::Boolean(true)),
                "f" | "false" => Some(Cell::Boolean(false)),
                _ => None,
            },
            CellKind::Integer => text.parse().ok().map(Cell::Integer),
            CellKind::Unsigned => text.parse().ok().map(Cell::Unsigned),
            CellKind::Float => text.parse().ok().map(Cell::Float),
            CellKind::Decimal => Some(Cell::Decimal(owned())),
            CellKind::Text | CellKind::Any => Some(Cell::Text(owned())),
            CellKind::Date => Some(Cell::Date(owned())),
            CellKind::Time => Some(Cell::Time(owned())),
            CellKind::Timestamp => Some(Cell::Timestamp(text.replacen(' ', "T", 1))),
            CellKind::Moment => Some(Cell::Moment(text.replacen(' ', "T", 1))),
            CellKind::Interval => Some(Cell::Interval(owned())),
            CellKind::Uuid => Some(Cell::Uuid(owned())),
            CellKind::Json => Some(Cell::Json(owned())),
            CellKind::Array => Some(Cell::Array(owned())),
            CellKind::Bytes | CellKind::Other => None,
        };
        read.unwrap_or_else(|| Cell::Other(owned()))
    }
}

impl Serialize for Cell {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Cell::Null => serializer.serialize_unit(),
            Cell::Boolean(value) => serializer.serialize_bool(*value),
            Cell::Integer(value) if value.unsigned_abs() <= EXACT_MAX => serializer.serialize_i64(*value),
            Cell::Integer(value) => serializer.collect_str(value),
            Cell::Unsigned(value) if *value <= EXACT_MAX => serializer.serialize_u64(*value),
            Cell::Unsigned(value) => serializer.collect_str(value),
            Cell::Float(value) if value.is_finite() => serializer.serialize_f64(*value),
            Cell::Float(value) => serializer.serialize_str(&float_text(*value)),
            Cell::Bytes(bytes) => serializer.serialize_str(&hexadecimal(bytes)),
            other => serializer.serialize_str(other.as_text().unwrap_or_default()),
        }
    }
}

/// `\x` and two digits for each byte, as PostgreSQL writes bytes.
pub fn hexadecimal(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().saturating_mul(2).saturating_add(2));
    text.push_str("\\x");
    for byte in bytes {
        for nibble in [byte >> 4, byte & 15] {
            text.push(char::from_digit(u32::from(nibble), 16).unwrap_or('0'));
        }
    }
    text
}

fn float_text(value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "Infinity" } else { "-Infinity" }.to_owned();
    }
    let mut text = String::new();
    // Writing to a String does not fail.
    let _ = write!(text, "{value}");
    text
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn numbers_that_javascript_cannot_hold_are_strings() {
        let cells = [
            (Cell::Integer(9_007_199_254_740_991), "9007199254740991"),
            (Cell::Integer(9_007_199_254_740_992), "\"9007199254740992\""),
            (Cell::Integer(i64::MIN), "\"-9223372036854775808\""),
            (Cell::Unsigned(u64::MAX), "\"18446744073709551615\""),
            (Cell::Decimal("1.10".to_owned()), "\"1.10\""),
            (Cell::Float(f64::NAN), "\"NaN\""),
            (Cell::Float(f64::NEG_INFINITY), "\"-Infinity\""),
            (Cell::Float(0.1), "0.1"),
            (Cell::Null, "null"),
            (Cell::Bytes(vec![0, 255]), "\"\\\\x00ff\""),
            (Cell::Json("{\"a\":1}".to_owned()), "\"{\\\"a\\\":1}\""),
        ];
        for (cell, json) in cells {
            assert_eq!(serde_json::to_string(&cell).unwrap(), json, "{cell:?}");
        }
    }

    #[test]
    fn what_is_no_value_of_its_kind_stays_as_it_is() {
        assert_eq!(Cell::read(CellKind::Integer, "12"), Cell::Integer(12));
        assert_eq!(Cell::read(CellKind::Integer, "twelve"), Cell::Other("twelve".to_owned()));
    }
}
