//! How is a result written as CSV (RFC 4180)?

use crate::cell::{Cell, Column};

pub(super) fn names(columns: &[Column], out: &mut Vec<u8>) {
    for (at, column) in columns.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        field(&column.name, out);
    }
    if !columns.is_empty() {
        out.extend_from_slice(b"\r\n");
    }
}

pub(super) fn row(row: &[Cell], out: &mut Vec<u8>) {
    for (at, cell) in row.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        // A missing value is nothing at all.
        if let Some(text) = cell.to_text() {
            field(&text, out);
        }
    }
    out.extend_from_slice(b"\r\n");
}

/// An empty text is quoted: it is not a missing one.
fn field(text: &str, out: &mut Vec<u8>) {
    let special = |byte: u8| matches!(byte, b',' | b'"' | b'\r' | b'\n');
    let edge = text.starts_with([' ', '\t']) || text.ends_with([' ', '\t']);
    if !text.is_empty() && !edge && !text.bytes().any(special) {
        out.extend_from_slice(text.as_bytes());
        return;
    }
    out.push(b'"');
    for byte in text.bytes() {
        if byte == b'"' {
            out.push(b'"');
        }
        out.push(byte);
    }
    out.push(b'"');
}
