//! Which cell is a value in PostgreSQL's binary format?

use super::value;
use crate::cell::{Cell, CellKind, hexadecimal};
use tokio_postgres::types::{FromSql, Kind as TypeKind, Type};

/// A value's bytes as the server sent them.
pub(super) struct Raw<'a>(pub(super) &'a [u8]);

impl<'a> FromSql<'a> for Raw<'a> {
    fn from_sql(_type: &Type, raw: &'a [u8]) -> Result<Raw<'a>, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Raw(raw))
    }

    fn accepts(_type: &Type) -> bool {
        true
    }
}

/// What the cells of a column of this type are.
pub(super) fn kind(of: &Type) -> CellKind {
    match *of {
        Type::BOOL => CellKind::Boolean,
        Type::INT2 | Type::INT4 | Type::INT8 | Type::OID | Type::XID | Type::CID => CellKind::Integer,
        Type::XID8 => CellKind::Unsigned,
        Type::FLOAT4 | Type::FLOAT8 => CellKind::Float,
        Type::NUMERIC => CellKind::Decimal,
        Type::BYTEA => CellKind::Bytes,
        Type::DATE => CellKind::Date,
        Type::TIME | Type::TIMETZ => CellKind::Time,
        Type::TIMESTAMP => CellKind::Timestamp,
        Type::TIMESTAMPTZ => CellKind::Moment,
        Type::INTERVAL => CellKind::Interval,
        Type::UUID => CellKind::Uuid,
        Type::JSON | Type::JSONB => CellKind::Json,
        _ if is_text(of) => CellKind::Text,
        _ => match of.kind() {
            TypeKind::Array(_) => CellKind::Array,
            TypeKind::Domain(base) => kind(base),
            _ => CellKind::Other,
        },
    }
}

/// Whether values of this type are read from their binary format.
pub(super) fn reads(of: &Type) -> bool {
    match of.kind() {
        TypeKind::Array(element) | TypeKind::Range(element) => reads(element),
        TypeKind::Domain(base) => reads(base),
        _ => {
            kind(of) != CellKind::Other
                || matches!(
                    *of,
                    Type::INET
                        | Type::CIDR
                        | Type::MACADDR
                        | Type::MACADDR8
                        | Type::BIT
                        | Type::VARBIT
                        | Type::PG_LSN
                        | Type::VOID
                )
        }
    }
}

/// Whether a cell of this type has as many bytes as the value the server sends.
pub(super) fn is_as_long_as_its_bytes(of: &Type) -> bool {
    matches!(kind(of), CellKind::Text | CellKind::Bytes | CellKind::Json)
}

/// The cell of a value in the binary format; its bytes where it cannot be read.
pub(super) fn cell(of: &Type, raw: &[u8]) -> Cell {
    read(of, raw).unwrap_or_else(|| Cell::Other(hexadecimal(raw)))
}

/// The cell of a value in the server's text format, with its dates in ISO style.
pub(super) fn from_text(kind: CellKind, text: &str) -> Cell {
    match kind {
        CellKind::Bytes => unhexadecimal(text).map_or_else(|| Cell::Other(text.to_owned()), Cell::Bytes),
        other => Cell::read(other, text),
    }
}

fn read(of: &Type, raw: &[u8]) -> Option<Cell> {
    Some(match kind(of) {
        CellKind::Boolean => Cell::Boolean(value::boolean(raw)?),
        CellKind::Integer => Cell::Integer(value::integer(of, raw)?),
        CellKind::Unsigned => Cell::Unsigned(u64::from_be_bytes(raw.try_into().ok()?)),
        CellKind::Float => Cell::Float(value::float(raw)?),
        CellKind::Decimal => Cell::Decimal(value::numeric(raw)?),
        CellKind::Text => Cell::Text(value::text(of, raw)?),
        CellKind::Bytes => Cell::Bytes(raw.to_vec()),
        CellKind::Date => Cell::Date(value::date(raw)?),
        CellKind::Time => Cell::Time(value::time_of_day(raw)?),
        CellKind::Timestamp => Cell::Timestamp(value::timestamp(raw, 'T', "")?),
        CellKind::Moment => Cell::Moment(value::timestamp(raw, 'T', "Z")?),
        CellKind::Interval => Cell::Interval(value::interval(raw)?),
        CellKind::Uuid => Cell::Uuid(value::uuid(raw)?),
        CellKind::Json => Cell::Json(value::json(of, raw)?),
        CellKind::Array => Cell::Array(value::written(of, raw)?),
        CellKind::Other | CellKind::Any => Cell::Other(value::written(of, raw)?),
    })
}

fn is_text(of: &Type) -> bool {
    match *of {
        Type::TEXT
        | Type::VARCHAR
        | Type::BPCHAR
        | Type::NAME
        | Type::CHAR
        | Type::XML
        | Type::UNKNOWN
        | Type::PG_NODE_TREE
        | Type::REFCURSOR
        | Type::CSTRING => true,
        _ => match of.kind() {
            TypeKind::Enum(_) => true,
            // An extension's type: its values are sent as text's are.
            TypeKind::Simple => of.name() == "citext",
            _ => false,
        },
    }
}

fn unhexadecimal(text: &str) -> Option<Vec<u8>> {
    let digits = text.strip_prefix("\\x")?.as_bytes();
    if digits.len() % 2 != 0 {
        return None;
    }
    let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    digits
        .chunks_exact(2)
        .map(|pair| match pair {
            [high, low] => Some(digit(high)? << 4 | digit(low)?),
            _ => None,
        })
        .collect()
}
