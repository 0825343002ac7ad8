//! Which cell is a value of MySQL?

use crate::cell::{Cell, CellKind, Column, hexadecimal};
use mysql_async::Value;
use mysql_async::consts::{ColumnFlags, ColumnType};

/// The number of the character set `binary`: what has it holds bytes, not text.
const BINARY: u16 = 63;

/// What a column's values are read by.
pub(super) struct Shape {
    column: Column,
    kind: ColumnType,
}

impl Shape {
    pub(super) fn of(column: &mysql_async::Column) -> Shape {
        let kind = column.column_type();
        let unsigned = column.flags().contains(ColumnFlags::UNSIGNED_FLAG);
        let binary = column.character_set() == BINARY;
        let (word, cells) = words(kind, unsigned, binary, column.flags());
        let name = column.name_str().into_owned();
        Shape { column: Column { name, type_name: word.to_owned(), kind: cells }, kind }
    }

    pub(super) fn column(&self) -> Column {
        self.column.clone()
    }

    pub(super) fn cell(&self, value: Value) -> Cell {
        match value {
            Value::NULL => Cell::Null,
            Value::Int(value) if self.column.kind == CellKind::Unsigned => {
                u64::try_from(value).map_or(Cell::Integer(value), Cell::Unsigned)
            }
            Value::Int(value) => Cell::Integer(value),
            Value::UInt(value) if self.column.kind == CellKind::Integer => {
                i64::try_from(value).map_or(Cell::Unsigned(value), Cell::Integer)
            }
            Value::UInt(value) => Cell::Unsigned(value),
            // The double with the same shortest decimal digits: 0.1 stays 0.1.
            Value::Float(value) => Cell::Float(value.to_string().parse().unwrap_or(f64::from(value))),
            Value::Double(value) => Cell::Float(value),
            Value::Date(year, month, day, hour, minute, second, micro) => {
                let date = format!("{year:04}-{month:02}-{day:02}");
                if self.kind == ColumnType::MYSQL_TYPE_DATE || self.kind == ColumnType::MYSQL_TYPE_NEWDATE {
                    return Cell::Date(date);
                }
                Cell::Timestamp(format!("{date}T{hour:02}:{minute:02}:{second:02}{}", fraction(micro)))
            }
            Value::Time(negative, days, hours, minutes, seconds, micro) => {
                let sign = if negative { "-" } else { "" };
                let hours = u64::from(days) * 24 + u64::from(hours);
                Cell::Time(format!("{sign}{hours:02}:{minutes:02}:{seconds:02}{}", fraction(micro)))
            }
            Value::Bytes(bytes) => self.bytes(bytes),
        }
    }

    fn bytes(&self, bytes: Vec<u8>) -> Cell {
        if self.kind == ColumnType::MYSQL_TYPE_BIT {
            let number = bytes.iter().take(8).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
            return Cell::Unsigned(number);
        }
        match self.column.kind {
            CellKind::Bytes => Cell::Bytes(bytes),
            CellKind::Other => Cell::Other(hexadecimal(&bytes)),
            kind => match String::from_utf8(bytes) {
                Ok(text) if kind == CellKind::Text => Cell::Text(text),
                Ok(text) => Cell::read(kind, &text),
                Err(error) => Cell::Bytes(error.into_bytes()),
            },
        }
    }
}

/// A type's word in MySQL, and what its cells are.
fn words(kind: ColumnType, unsigned: bool, binary: bool, flags: ColumnFlags) -> (&'static str, CellKind) {
    use ColumnType as T;
    let pick = |signed: &'static str, other: &'static str| {
        if unsigned { (other, CellKind::Unsigned) } else { (signed, CellKind::Integer) }
    };
    let text = |word: &'static str, bytes: &'static str| {
        if binary { (bytes, CellKind::Bytes) } else { (word, CellKind::Text) }
    };
    match kind {
        T::MYSQL_TYPE_TINY => pick("tinyint", "tinyint unsigned"),
        T::MYSQL_TYPE_SHORT => pick("smallint", "smallint unsigned"),
        T::MYSQL_TYPE_INT24 => pick("mediumint", "mediumint unsigned"),
        T::MYSQL_TYPE_LONG => pick("int", "int unsigned"),
        T::MYSQL_TYPE_LONGLONG => pick("bigint", "bigint unsigned"),
        T::MYSQL_TYPE_YEAR => ("year", CellKind::Integer),
        T::MYSQL_TYPE_BIT => ("bit", CellKind::Unsigned),
        T::MYSQL_TYPE_FLOAT => ("float", CellKind::Float),
        T::MYSQL_TYPE_DOUBLE => ("double", CellKind::Float),
        T::MYSQL_TYPE_DECIMAL | T::MYSQL_TYPE_NEWDECIMAL => ("decimal", CellKind::Decimal),
        T::MYSQL_TYPE_DATE | T::MYSQL_TYPE_NEWDATE => ("date", CellKind::Date),
        T::MYSQL_TYPE_TIME | T::MYSQL_TYPE_TIME2 => ("time", CellKind::Time),
        T::MYSQL_TYPE_DATETIME | T::MYSQL_TYPE_DATETIME2 => ("datetime", CellKind::Timestamp),
        T::MYSQL_TYPE_TIMESTAMP | T::MYSQL_TYPE_TIMESTAMP2 => ("timestamp", CellKind::Timestamp),
        T::MYSQL_TYPE_JSON => ("json", CellKind::Json),
        T::MYSQL_TYPE_GEOMETRY => ("geometry", CellKind::Other),
        T::MYSQL_TYPE_TINY_BLOB => text("tinytext", "tinyblob"),
        T::MYSQL_TYPE_MEDIUM_BLOB => text("mediumtext", "mediumblob"),
        T::MYSQL_TYPE_LONG_BLOB => text("longtext", "longblob"),
        T::MYSQL_TYPE_BLOB => text("text", "blob"),
        T::MYSQL_TYPE_ENUM => ("enum", CellKind::Text),
        T::MYSQL_TYPE_SET => ("set", CellKind::Text),
        T::MYSQL_TYPE_STRING if flags.contains(ColumnFlags::ENUM_FLAG) => ("enum", CellKind::Text),
        T::MYSQL_TYPE_STRING if flags.contains(ColumnFlags::SET_FLAG) => ("set", CellKind::Text),
        T::MYSQL_TYPE_STRING => text("char", "binary"),
        T::MYSQL_TYPE_VARCHAR | T::MYSQL_TYPE_VAR_STRING => text("varchar", "varbinary"),
        T::MYSQL_TYPE_NULL => ("null", CellKind::Text),
        _ => text("unknown", "unknown"),
    }
}

/// How many bytes a value is at least as a cell.
pub(super) fn length(value: &Value) -> u64 {
    match value {
        Value::Bytes(bytes) => bytes.len() as u64,
        Value::NULL => 1,
        Value::Int(_) | Value::UInt(_) | Value::Float(_) | Value::Double(_) => 8,
        Value::Date(..) | Value::Time(..) => 8,
    }
}

/// A value as text, for the few that are asked for here.
pub(super) fn word(value: Value) -> Option<String> {
    match value {
        Value::NULL => None,
        Value::Bytes(bytes) => Some(String::from_utf8_lossy(&bytes).into_owned()),
        Value::Int(number) => Some(number.to_string()),
        Value::UInt(number) => Some(number.to_string()),
        other => Some(other.as_sql(true)),
    }
}

fn fraction(micro: u32) -> String {
    if micro == 0 {
        return String::new();
    }
    format!(".{micro:06}").trim_end_matches('0').to_owned()
}
