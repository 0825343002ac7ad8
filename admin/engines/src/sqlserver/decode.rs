//! Which cell is a value of SQL Server?

use crate::cell::{Cell, CellKind, Column};
use tiberius::numeric::Numeric;
use tiberius::time::{Date, DateTime, DateTime2, DateTimeOffset, SmallDateTime, Time};
use tiberius::{ColumnData, ColumnType};

/// The days from 0001-01-01, where `date` begins, to 1900-01-01, where `datetime` does.
const DAYS_TO_1900: i64 = 693_595;
/// `money` is told by the driver as a double: up to here all its four places are exact.
const MONEY_EXACT_MAX: f64 = 900_719_925_474.0;

/// What a column's cells are read by.
pub(super) fn column(column: &tiberius::Column) -> Column {
    let (word, kind) = words(column.column_type());
    Column { name: column.name().to_owned(), type_name: word.to_owned(), kind }
}

/// A type's word in SQL Server as far as the driver tells it, and what its cells are.
fn words(of: ColumnType) -> (&'static str, CellKind) {
    use ColumnType as T;
    match of {
        T::Null => ("null", CellKind::Text),
        T::Bit | T::Bitn => ("bit", CellKind::Boolean),
        T::Int1 => ("tinyint", CellKind::Integer),
        T::Int2 => ("smallint", CellKind::Integer),
        T::Int4 => ("int", CellKind::Integer),
        T::Int8 | T::Intn => ("bigint", CellKind::Integer),
        T::Float4 => ("real", CellKind::Float),
        T::Float8 | T::Floatn => ("float", CellKind::Float),
        T::Money => ("money", CellKind::Decimal),
        T::Money4 => ("smallmoney", CellKind::Decimal),
        T::Decimaln => ("decimal", CellKind::Decimal),
        T::Numericn => ("numeric", CellKind::Decimal),
        T::Guid => ("uniqueidentifier", CellKind::Uuid),
        T::Datetime4 => ("smalldatetime", CellKind::Timestamp),
        T::Datetime | T::Datetimen => ("datetime", CellKind::Timestamp),
        T::Datetime2 => ("datetime2", CellKind::Timestamp),
        T::DatetimeOffsetn => ("datetimeoffset", CellKind::Moment),
        T::Daten => ("date", CellKind::Date),
        T::Timen => ("time", CellKind::Time),
        T::BigVarBin => ("varbinary", CellKind::Bytes),
        T::BigBinary => ("binary", CellKind::Bytes),
        T::Image => ("image", CellKind::Bytes),
        T::BigVarChar => ("varchar", CellKind::Text),
        T::BigChar => ("char", CellKind::Text),
        T::NVarchar => ("nvarchar", CellKind::Text),
        T::NChar => ("nchar", CellKind::Text),
        T::Text => ("text", CellKind::Text),
        T::NText => ("ntext", CellKind::Text),
        T::Xml => ("xml", CellKind::Other),
        T::Udt => ("udt", CellKind::Bytes),
        T::SSVariant => ("sql_variant", CellKind::Any),
    }
}

/// The cell of a value in a column whose cells are of `kind`.
pub(super) fn cell(kind: CellKind, value: ColumnData<'static>) -> Cell {
    let read = match value {
        ColumnData::U8(value) => value.map(|value| Cell::Integer(i64::from(value))),
        ColumnData::I16(value) => value.map(|value| Cell::Integer(i64::from(value))),
        ColumnData::I32(value) => value.map(|value| Cell::Integer(i64::from(value))),
        ColumnData::I64(value) => value.map(Cell::Integer),
        // The double with the same shortest decimal digits: 0.1 stays 0.1.
        ColumnData::F32(value) => {
            value.map(|value| Cell::Float(value.to_string().parse().unwrap_or(f64::from(value))))
        }
        ColumnData::F64(value) if kind == CellKind::Decimal => value.map(money),
        ColumnData::F64(value) => value.map(Cell::Float),
        ColumnData::Bit(value) => value.map(Cell::Boolean),
        ColumnData::String(value) => value.map(|value| Cell::Text(value.into_owned())),
        ColumnData::Guid(value) => value.map(|value| Cell::Uuid(value.to_string())),
        ColumnData::Binary(value) => value.map(|value| Cell::Bytes(value.into_owned())),
        ColumnData::Numeric(value) => value.map(|value| Cell::Decimal(decimal(value))),
        ColumnData::Xml(value) => value.map(|value| Cell::Other(value.into_owned().into_string())),
        ColumnData::DateTime(value) => value.map(datetime),
        ColumnData::SmallDateTime(value) => value.map(smalldatetime),
        ColumnData::Time(value) => value.map(|value| Cell::Time(time(value))),
        ColumnData::Date(value) => value.map(|value| Cell::Date(date(days(value)))),
        ColumnData::DateTime2(value) => value.map(|value| Cell::Timestamp(datetime2(value))),
        ColumnData::DateTimeOffset(value) => value.map(moment),
    };
    read.unwrap_or(Cell::Null)
}

/// Beyond what a double holds exactly the last places would be invented: there it stays a double.
fn money(value: f64) -> Cell {
    if value.abs() <= MONEY_EXACT_MAX { Cell::Decimal(format!("{value:.4}")) } else { Cell::Float(value) }
}

fn decimal(value: Numeric) -> String {
    let scale = usize::from(value.scale());
    let digits = value.value().unsigned_abs().to_string();
    let digits = format!("{digits:0>width$}", width = scale.saturating_add(1));
    let (whole, fraction) = digits.split_at(digits.len().saturating_sub(scale));
    let sign = if value.value() < 0 { "-" } else { "" };
    let point = if scale == 0 { "" } else { "." };
    format!("{sign}{whole}{point}{fraction}")
}

fn days(date: Date) -> i64 {
    i64::from(date.days())
}

/// The day that many days after 0001-01-01. Counted in eras of 400 years, from the first of March of year 0.
fn date(days: i64) -> String {
    let days = days + 306;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

/// A time of day from nanoseconds since midnight.
fn clock(nanoseconds: u64) -> String {
    let (seconds, rest) = (nanoseconds / 1_000_000_000, nanoseconds % 1_000_000_000);
    let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    let mut text = format!("{hour:02}:{minute:02}:{second:02}");
    if rest > 0 {
        text.push_str(format!(".{rest:09}").trim_end_matches('0'));
    }
    text
}

fn nanoseconds(time: Time) -> u64 {
    let places = 9_u32.saturating_sub(u32::from(time.scale()));
    time.increments().saturating_mul(10_u64.saturating_pow(places))
}

fn time(value: Time) -> String {
    clock(nanoseconds(value))
}

/// In 300ths of a second, shown as the server does: to the millisecond.
fn datetime(value: DateTime) -> Cell {
    let milliseconds = (u64::from(value.seconds_fragments()) * 10 + 1) / 3;
    let date = date(DAYS_TO_1900 + i64::from(value.days()));
    Cell::Timestamp(format!("{date}T{}", clock(milliseconds * 1_000_000)))
}

/// To the minute.
fn smalldatetime(value: SmallDateTime) -> Cell {
    let date = date(DAYS_TO_1900 + i64::from(value.days()));
    Cell::Timestamp(format!("{date}T{}", clock(u64::from(value.seconds_fragments()) * 60_000_000_000)))
}

fn datetime2(value: DateTime2) -> String {
    format!("{}T{}", date(days(value.date())), time(value.time()))
}

/// The wire has it in UTC and its distance in minutes; shown is what was meant where it was written.
fn moment(value: DateTimeOffset) -> Cell {
    const DAY: i64 = 86_400_000_000_000;
    let (utc, offset) = (value.datetime2(), i64::from(value.offset()));
    let of_day = i64::try_from(nanoseconds(utc.time())).unwrap_or(0) + offset * 60_000_000_000;
    let date = date(days(utc.date()) + of_day.div_euclid(DAY));
    let clock = clock(u64::try_from(of_day.rem_euclid(DAY)).unwrap_or(0));
    let sign = if offset < 0 { '-' } else { '+' };
    let offset = offset.unsigned_abs();
    Cell::Moment(format!("{date}T{clock}{sign}{:02}:{:02}", offset / 60, offset % 60))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn days_are_counted_from_the_first_of_the_year_one() {
        assert_eq!(date(0), "0001-01-01");
        assert_eq!(date(DAYS_TO_1900), "1900-01-01");
        assert_eq!(date(DAYS_TO_1900 - 53_690), "1753-01-01", "the first of datetime");
        assert_eq!(date(738_578), "2023-02-28");
        assert_eq!(date(738_944), "2024-02-29");
        assert_eq!(date(3_652_058), "9999-12-31");
    }

    #[test]
    fn numbers_keep_every_digit() {
        let text = |value, scale| decimal(Numeric::new_with_scale(value, scale));
        assert_eq!(text(-5, 3), "-0.005");
        assert_eq!(text(1_234_500, 4), "123.4500");
        assert_eq!(text(42, 0), "42");
        assert_eq!(text(0, 2), "0.00");
        let largest = 10_i128.pow(38) - 1;
        assert_eq!(text(largest, 38), format!("0.{}", "9".repeat(38)));
        assert_eq!(money(-0.5), Cell::Decimal("-0.5000".to_owned()));
        assert_eq!(money(922_337_203_685_477.6), Cell::Float(922_337_203_685_477.6));
    }

    #[test]
    fn a_moment_is_shown_where_it_was_written() {
        let value = |day, increments, offset| {
            let time = Time::new(increments, 7);
            moment(DateTimeOffset::new(DateTime2::new(Date::new(day), time), offset))
        };
        let eleven_at_night = 23 * 36_000_000_000;
        assert_eq!(
            value(738_578, eleven_at_night, 120),
            Cell::Moment("2023-03-01T01:00:00+02:00".to_owned())
        );
        assert_eq!(value(738_578, 0, -330), Cell::Moment("2023-02-27T18:30:00-05:30".to_owned()));
    }

    #[test]
    fn the_three_hundredths_of_datetime_are_milliseconds() {
        let shown = |fragments| datetime(DateTime::new(0, fragments));
        assert_eq!(shown(1), Cell::Timestamp("1900-01-01T00:00:00.003".to_owned()));
        assert_eq!(shown(2), Cell::Timestamp("1900-01-01T00:00:00.007".to_owned()));
        assert_eq!(shown(300), Cell::Timestamp("1900-01-01T00:00:01".to_owned()));
    }
}
