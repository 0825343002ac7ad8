//! How does a record become a row of a table that programs for tables read without harm?
//!
//! RFC 4180: every row ends with CR LF, and what has a comma, a quote or the end of a line in it is quoted. The names of
//! a list stand in one cell with spaces between them.

use super::columns::{COLUMNS, texts};
use serde_json::Value;
use std::borrow::Cow;
use std::io::{self, Write};

/// A table in the making.
#[derive(Debug)]
pub(super) struct Sheet<W: Write>(::csv::Writer<W>);

impl<W: Write> Sheet<W> {
    pub(super) fn begin(out: W) -> io::Result<Sheet<W>> {
        let terminator = ::csv::Terminator::CRLF;
        let mut writer = ::csv::WriterBuilder::new().terminator(terminator).from_writer(out);
        writer.write_record(COLUMNS.iter().map(|column| column.name))?;
        Ok(Sheet(writer))
    }

    pub(super) fn row(&mut self, record: &Value) -> io::Result<()> {
        for column in &COLUMNS {
            let cell = column.of(record).map_or(Cow::Borrowed(""), cell);
            self.0.write_field(&*cell)?;
        }
        self.0.write_record(None::<&[u8]>)?;
        Ok(())
    }

    pub(super) fn finish(self) -> io::Result<W> {
        self.0.into_inner().map_err(|error| io::Error::new(error.error().kind(), error.to_string()))
    }
}

fn cell(value: &Value) -> Cow<'_, str> {
    match value {
        Value::String(text) => harmless(Cow::Borrowed(text)),
        Value::Array(_) => harmless(Cow::Owned(texts(value).collect::<Vec<_>>().join(" "))),
        other => Cow::Owned(other.to_string()),
    }
}

/// Programs for tables run what begins like a formula: such a text is given a mark in front, which they take for "this
/// is text".
fn harmless(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { Cow::Owned(format!("'{text}")) } else { text }
}
