//! How is a result written as Parquet?
//!
//! | kind | in Parquet |
//! |---|---|
//! | boolean | BOOLEAN |
//! | integer, unsigned | INT64, INT64 as unsigned |
//! | float | DOUBLE |
//! | date | INT32 as DATE |
//! | timestamp, moment | INT64 as TIMESTAMP in microseconds, local and in UTC |
//! | bytes | BYTE_ARRAY |
//! | json | BYTE_ARRAY as JSON |
//! | every other | BYTE_ARRAY as STRING: decimals keep all their digits, and times of MySQL may exceed a day |
//!
//! Every column may miss values. Rows are gathered column by column and written as a row group when
//! there are enough of them: that is the memory a file of any size takes.

use super::ExportError;
use crate::cell::{Cell, CellKind, Column};
use ::parquet::basic::{Compression, LogicalType, Repetition, TimeUnit, Type as Physical};
use ::parquet::data_type::{BoolType, ByteArray, ByteArrayType, DoubleType, Int32Type, Int64Type};
use ::parquet::errors::ParquetError;
use ::parquet::file::properties::WriterProperties;
use ::parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use ::parquet::schema::types::Type;
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

/// Most rows of a row group.
const GROUP_ROWS: usize = 50_000;
/// Most bytes of a row group before it is compressed, about.
const GROUP_BYTES: u64 = 16 * 1024 * 1024;

/// A file in the making.
#[derive(Debug, Default)]
pub(super) struct Parquet {
    out: Shared,
    begun: Option<Begun>,
}

#[derive(Debug)]
struct Begun {
    file: SerializedFileWriter<Shared>,
    columns: Vec<Gathered>,
    /// Rows in the group that is gathered, and before it.
    rows: usize,
    rows_before: u64,
    bytes: u64,
}

/// One column of the group that is gathered.
#[derive(Debug)]
struct Gathered {
    name: String,
    kind: CellKind,
    values: Values,
    /// 1 where there is a value, 0 where it is missing.
    levels: Vec<i16>,
}

#[derive(Debug)]
enum Values {
    Booleans(Vec<bool>),
    Small(Vec<i32>),
    Large(Vec<i64>),
    Floats(Vec<f64>),
    Bytes(Vec<ByteArray>),
}

impl Parquet {
    pub(super) fn begin(&mut self, columns: &[Column], names: Vec<String>) -> Result<(), ExportError> {
        if columns.is_empty() {
            return Ok(());
        }
        let gathered: Vec<Gathered> = columns
            .iter()
            .zip(names)
            .map(|(column, name)| Gathered {
                name,
                kind: column.kind,
                values: Values::of(column.kind),
                levels: Vec::new(),
            })
            .collect();
        let fields = gathered.iter().map(Gathered::field).collect::<Result<_, _>>()?;
        let schema = Type::group_type_builder("result").with_fields(fields).build()?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_created_by("dragoman".to_owned())
            .build();
        let file = SerializedFileWriter::new(self.out.clone(), Arc::new(schema), Arc::new(properties))?;
        self.begun = Some(Begun { file, columns: gathered, rows: 0, rows_before: 0, bytes: 0 });
        Ok(())
    }

    pub(super) fn row(&mut self, row: &[Cell]) -> Result<(), ExportError> {
        match &mut self.begun {
            Some(begun) => begun.row(row),
            None => Err(ExportError::NoColumns),
        }
    }

    pub(super) fn take(&mut self) -> Vec<u8> {
        self.out.take()
    }

    pub(super) fn finish(self) -> Result<Vec<u8>, ExportError> {
        let Some(mut begun) = self.begun else { return Err(ExportError::NoColumns) };
        begun.write_group()?;
        begun.file.close()?;
        Ok(self.out.take())
    }
}

impl Begun {
    fn row(&mut self, row: &[Cell]) -> Result<(), ExportError> {
        for (column, cell) in self.columns.iter_mut().zip(row) {
            if !column.push(cell) {
                return Err(ExportError::Misfit {
                    column: column.name.clone(),
                    row: self.rows_before.saturating_add(self.rows as u64).saturating_add(1),
                    kind: format!("{:?}", column.kind).to_lowercase(),
                });
            }
            self.bytes = self.bytes.saturating_add(cell.bytes()).saturating_add(2);
        }
        self.rows += 1;
        if self.rows >= GROUP_ROWS || self.bytes >= GROUP_BYTES {
            self.write_group()?;
        }
        Ok(())
    }

    fn write_group(&mut self) -> Result<(), ExportError> {
        if self.rows == 0 {
            return Ok(());
        }
        let mut group = self.file.next_row_group()?;
        for column in &mut self.columns {
            if let Some(mut writer) = group.next_column()? {
                column.write(&mut writer)?;
                writer.close()?;
            }
        }
        group.close()?;
        self.rows_before = self.rows_before.saturating_add(self.rows as u64);
        self.rows = 0;
        self.bytes = 0;
        Ok(())
    }
}

impl Gathered {
    fn field(&self) -> Result<Arc<Type>, ParquetError> {
        let stamp = |utc| Some(LogicalType::timestamp(utc, TimeUnit::MICROS));
        let (physical, logical) = match self.kind {
            CellKind::Boolean => (Physical::BOOLEAN, None),
            CellKind::Integer => (Physical::INT64, None),
            CellKind::Unsigned => (Physical::INT64, Some(LogicalType::integer(64, false))),
            CellKind::Float => (Physical::DOUBLE, None),
            CellKind::Date => (Physical::INT32, Some(LogicalType::Date)),
            CellKind::Timestamp => (Physical::INT64, stamp(false)),
            CellKind::Moment => (Physical::INT64, stamp(true)),
            CellKind::Bytes => (Physical::BYTE_ARRAY, None),
            CellKind::Json => (Physical::BYTE_ARRAY, Some(LogicalType::Json)),
            CellKind::Decimal
            | CellKind::Text
            | CellKind::Time
            | CellKind::Interval
            | CellKind::Uuid
            | CellKind::Array
            | CellKind::Other
            | CellKind::Any => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
        };
        Type::primitive_type_builder(&self.name, physical)
            .with_repetition(Repetition::OPTIONAL)
            .with_logical_type(logical)
            .build()
            .map(Arc::new)
    }

    /// Takes a cell; false when the column's type cannot hold it.
    fn push(&mut self, cell: &Cell) -> bool {
        if *cell == Cell::Null {
            self.levels.push(0);
            return true;
        }
        let fits = match &mut self.values {
            Values::Booleans(values) => match cell {
                Cell::Boolean(value) => keep(values, Some(*value)),
                _ => false,
            },
            Values::Small(values) => match cell {
                Cell::Date(text) => keep(values, days(text).and_then(|days| i32::try_from(days).ok())),
                _ => false,
            },
            Values::Large(values) => keep(values, large(self.kind, cell)),
            Values::Floats(values) => match cell {
                Cell::Float(value) => keep(values, Some(*value)),
                _ => false,
            },
            Values::Bytes(values) => keep(values, bytes(self.kind, cell)),
        };
        if fits {
            self.levels.push(1);
        }
        fits
    }

    fn write(&mut self, writer: &mut SerializedColumnWriter<'_>) -> Result<(), ParquetError> {
        let levels = Some(self.levels.as_slice());
        match &mut self.values {
            Values::Booleans(values) => {
                writer.typed::<BoolType>().write_batch(values, levels, None)?;
                values.clear();
            }
            Values::Small(values) => {
                writer.typed::<Int32Type>().write_batch(values, levels, None)?;
                values.clear();
            }
            Values::Large(values) => {
                writer.typed::<Int64Type>().write_batch(values, levels, None)?;
                values.clear();
            }
            Values::Floats(values) => {
                writer.typed::<DoubleType>().write_batch(values, levels, None)?;
                values.clear();
            }
            Values::Bytes(values) => {
                writer.typed::<ByteArrayType>().write_batch(values, levels, None)?;
                values.clear();
            }
        }
        self.levels.clear();
        Ok(())
    }
}

impl Values {
    fn of(kind: CellKind) -> Values {
        match kind {
            CellKind::Boolean => Values::Booleans(Vec::new()),
            CellKind::Date => Values::Small(Vec::new()),
            CellKind::Integer | CellKind::Unsigned | CellKind::Timestamp | CellKind::Moment => {
                Values::Large(Vec::new())
            }
            CellKind::Float => Values::Floats(Vec::new()),
            CellKind::Decimal
            | CellKind::Text
            | CellKind::Bytes
            | CellKind::Time
            | CellKind::Interval
            | CellKind::Uuid
            | CellKind::Json
            | CellKind::Array
            | CellKind::Other
            | CellKind::Any => Values::Bytes(Vec::new()),
        }
    }
}

fn keep<T>(values: &mut Vec<T>, value: Option<T>) -> bool {
    let fits = value.is_some();
    values.extend(value);
    fits
}

fn large(kind: CellKind, cell: &Cell) -> Option<i64> {
    match (kind, cell) {
        (CellKind::Integer, Cell::Integer(value)) => Some(*value),
        (CellKind::Integer, Cell::Unsigned(value)) => i64::try_from(*value).ok(),
        // Unsigned numbers lie in the same 64 bits.
        (CellKind::Unsigned, Cell::Unsigned(value)) => Some(i64::from_ne_bytes(value.to_ne_bytes())),
        (CellKind::Timestamp, Cell::Timestamp(text)) | (CellKind::Moment, Cell::Moment(text)) => {
            microseconds(text)
        }
        _ => None,
    }
}

fn bytes(kind: CellKind, cell: &Cell) -> Option<ByteArray> {
    match (kind, cell) {
        (CellKind::Bytes, Cell::Bytes(bytes)) => Some(ByteArray::from(bytes.clone())),
        (CellKind::Bytes, _) => None,
        (_, cell) => cell.to_text().map(|text| ByteArray::from(text.into_owned().into_bytes())),
    }
}

/// Days from 1970-01-01 to an ISO date; nothing for what no calendar has (`infinity`, `0000-00-00`).
fn days(text: &str) -> Option<i64> {
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text),
    };
    let mut parts = rest.splitn(3, '-').map(|part| part.parse::<u32>().ok().map(i64::from));
    let (year, month, day) = (parts.next()?? * sign, parts.next()??, parts.next()??);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => return None,
    };
    if !(1..=length).contains(&day) {
        return None;
    }
    // Years from March: the leap day is the last.
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some(era * 146_097 + day_of_era - 719_468)
}

/// Microseconds from 1970-01-01T00:00:00 to an ISO timestamp, with or without a distance from UTC.
fn microseconds(text: &str) -> Option<i64> {
    let (date, time) = text.split_once('T')?;
    let (time, east) = match time.find(['Z', '+', '-']) {
        Some(at) => (time.get(..at)?, seconds_east(time.get(at..)?)?),
        None => (time, 0),
    };
    let (whole, fraction) = time.split_once('.').unwrap_or((time, ""));
    let mut parts = whole.splitn(3, ':').map(|part| part.parse::<u32>().ok().map(i64::from));
    let (hour, minute, second) = (parts.next()??, parts.next()??, parts.next()??);
    if hour > 24 || minute > 59 || second > 60 || fraction.len() > 6 {
        return None;
    }
    let micro: i64 = if fraction.is_empty() { 0 } else { format!("{fraction:0<6}").parse().ok()? };
    let seconds = days(date)?.checked_mul(86_400)? + hour * 3_600 + minute * 60 + second - east;
    seconds.checked_mul(1_000_000)?.checked_add(micro)
}

/// `Z`, `+02`, `-03:30`, `+05:53:28`.
fn seconds_east(text: &str) -> Option<i64> {
    if text == "Z" {
        return Some(0);
    }
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+')?),
    };
    let mut seconds = 0;
    let mut unit = 3_600;
    for part in rest.splitn(3, ':') {
        seconds += i64::from(part.parse::<u32>().ok().filter(|part| *part < 60)?) * unit;
        unit /= 60;
    }
    Some(seconds * sign)
}

/// Bytes the writer has written and nobody has taken yet.
#[derive(Clone, Debug, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Shared {
    fn take(&self) -> Vec<u8> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
