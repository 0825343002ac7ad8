//! How does a backup look, line by line?

use super::at;
use crate::row::{Values, document};
use crate::{Result, StoreError};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use sqlx::Row;
use sqlx::any::AnyRow;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, BufWriter, Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// The number of this format.
pub(super) const FORMAT: u32 = 1;
/// Longest line that is read: a row of a state is far smaller.
const LINE_BYTES_MAX: u64 = 256 * 1024 * 1024;

/// The first line.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Header {
    /// [`FORMAT`]; what the file is known by.
    pub(super) dragoman_state: u32,
    /// Of the program that wrote it.
    pub(super) version: String,
    pub(super) migration: i64,
    pub(super) made_at: i64,
    pub(super) tables: Vec<Table>,
}

impl Header {
    pub(super) fn rows(&self) -> i64 {
        self.tables.iter().map(|table| table.rows).fold(0, i64::saturating_add)
    }
}

/// A table whose rows follow.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Table {
    pub(super) name: String,
    pub(super) columns: Vec<Column>,
    pub(super) rows: i64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) kind: Kind,
}

/// The types both databases have.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    /// A number as JSON has it.
    Int,
    /// The 16 hexadecimal digits of its bits: exact, whatever it is.
    Real,
    /// A string.
    Text,
    /// A string in base 64.
    Bytes,
}

impl Kind {
    /// Of a declared type.
    pub(super) fn of(declared: &str) -> Option<Kind> {
        match declared.to_ascii_lowercase().as_str() {
            "bigint" => Some(Kind::Int),
            "double precision" => Some(Kind::Real),
            "text" => Some(Kind::Text),
            "bytea" => Some(Kind::Bytes),
            _ => None,
        }
    }
}

/// The last line.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Trailer {
    sha256: String,
}

/// A value of a row, on its way from a database to another.
#[derive(Debug, PartialEq)]
pub(super) enum Cell {
    Int(Option<i64>),
    Real(Option<f64>),
    Text(Option<String>),
    Bytes(Option<Vec<u8>>),
}

/// A row as its line says it.
pub(super) fn values(row: &AnyRow, columns: &[Column]) -> Result<Vec<Value>> {
    columns
        .iter()
        .map(|column| {
            let name = column.name.as_str();
            Ok(match column.kind {
                Kind::Int => row.int_opt(name)?.map_or(Value::Null, Value::from),
                Kind::Real => {
                    let number: Option<f64> = row.try_get(name)?;
                    number.map_or(Value::Null, |number| format!("{:016x}", number.to_bits()).into())
                }
                Kind::Text => row.text_opt(name)?.map_or(Value::Null, Value::from),
                Kind::Bytes => {
                    row.bytes_opt(name)?.map_or(Value::Null, |bytes| STANDARD.encode(bytes).into())
                }
            })
        })
        .collect()
}

/// The other way round; `None` when the line does not say a row of these columns.
pub(super) fn cells(line: &[u8], columns: &[Column]) -> Option<Vec<Cell>> {
    let values: Vec<Value> = serde_json::from_slice(line).ok()?;
    if values.len() != columns.len() {
        return None;
    }
    values.into_iter().zip(columns).map(|(value, column)| cell(value, column.kind)).collect()
}

fn cell(value: Value, kind: Kind) -> Option<Cell> {
    Some(match (kind, value) {
        (Kind::Int, Value::Null) => Cell::Int(None),
        (Kind::Int, Value::Number(number)) => Cell::Int(Some(number.as_i64()?)),
        (Kind::Real, Value::Null) => Cell::Real(None),
        (Kind::Real, Value::String(bits)) => {
            Cell::Real(Some(f64::from_bits(u64::from_str_radix(&bits, 16).ok()?)))
        }
        (Kind::Text, Value::Null) => Cell::Text(None),
        (Kind::Text, Value::String(text)) => Cell::Text(Some(text)),
        (Kind::Bytes, Value::Null) => Cell::Bytes(None),
        (Kind::Bytes, Value::String(text)) => Cell::Bytes(Some(STANDARD.decode(text).ok()?)),
        _ => return None,
    })
}

/// A backup that is being written.
pub(super) struct Sink {
    path: PathBuf,
    file: BufWriter<File>,
    digest: Sha256,
    bytes: u64,
}

impl Sink {
    /// A new file for its owner alone, in place of what an attempt that failed left.
    pub(super) fn create(path: &Path) -> Result<Sink> {
        if path.exists() {
            std::fs::remove_file(path).map_err(at(path))?;
        }
        let file =
            OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(at(path))?;
        Ok(Sink { path: path.to_owned(), file: BufWriter::new(file), digest: Sha256::new(), bytes: 0 })
    }

    pub(super) fn line<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        let mut line = document(value)?;
        line.push('\n');
        self.digest.update(line.as_bytes());
        self.bytes += line.len() as u64;
        self.file.write_all(line.as_bytes()).map_err(at(&self.path))
    }

    /// Adds the last line and waits for the disk; gives the file's size.
    pub(super) fn finish(mut self) -> Result<u64> {
        let sha256 = hexadecimal(self.digest.clone());
        self.line(&Trailer { sha256 })?;
        let unusable = at(&self.path);
        let file = self.file.into_inner().map_err(|error| unusable(error.into_error()))?;
        file.sync_all().map_err(unusable)?;
        Ok(self.bytes)
    }
}

/// A backup that is being read.
pub(super) struct Source {
    path: PathBuf,
    file: BufReader<File>,
    digest: Sha256,
}

impl Source {
    pub(super) fn open(path: &Path) -> Result<Source> {
        let file = File::open(path).map_err(at(path))?;
        Ok(Source { path: path.to_owned(), file: BufReader::new(file), digest: Sha256::new() })
    }

    /// Begins again.
    pub(super) fn rewind(&mut self) -> Result<()> {
        self.digest = Sha256::new();
        self.file.rewind().map_err(at(&self.path))
    }

    pub(super) fn header(&mut self) -> Result<Header> {
        let line = self.line()?;
        let header: Header = serde_json::from_slice(&line).map_err(|_| {
            StoreError::Backup("its first line is not that of a backup of the state".to_owned())
        })?;
        if header.dragoman_state != FORMAT {
            let what =
                format!("it has the format {}, and this program reads {FORMAT}", header.dragoman_state);
            return Err(StoreError::Backup(what));
        }
        if header.tables.iter().any(|table| table.rows < 0) {
            return Err(StoreError::Backup("a table has less than no rows".to_owned()));
        }
        Ok(header)
    }

    /// The next line with what ends it.
    pub(super) fn line(&mut self) -> Result<Vec<u8>> {
        let line = self.bare_line()?;
        self.digest.update(&line);
        Ok(line)
    }

    /// Reads the last line: it has to be that of what came before, and nothing may follow.
    pub(super) fn finish(&mut self) -> Result<()> {
        let expected = hexadecimal(self.digest.clone());
        let line = self.bare_line()?;
        let trailer: Option<Trailer> = serde_json::from_slice(&line).ok();
        let mut rest = [0];
        let more = self.file.read(&mut rest).map_err(at(&self.path))?;
        if more > 0 || trailer.is_none_or(|trailer| trailer.sha256 != expected) {
            return Err(StoreError::Backup("it is not as it was written: its SHA-256 differs".to_owned()));
        }
        Ok(())
    }

    fn bare_line(&mut self) -> Result<Vec<u8>> {
        let mut line = Vec::new();
        self.file.by_ref().take(LINE_BYTES_MAX).read_until(b'\n', &mut line).map_err(at(&self.path))?;
        if line.last() != Some(&b'\n') {
            return Err(StoreError::Backup("it ends too early".to_owned()));
        }
        Ok(line)
    }
}

fn hexadecimal(digest: Sha256) -> String {
    digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn a_cell_is_read_only_as_what_its_column_is() {
        for (kind, text, expected) in [
            (Kind::Int, "null", Some(Cell::Int(None))),
            (Kind::Int, "-9223372036854775808", Some(Cell::Int(Some(i64::MIN)))),
            (Kind::Int, "9223372036854775808", None),
            (Kind::Int, "1.5", None),
            (Kind::Int, "\"1\"", None),
            (Kind::Real, "\"8000000000000000\"", Some(Cell::Real(Some(-0.0)))),
            (Kind::Real, "\"3ff8000000000000\"", Some(Cell::Real(Some(1.5)))),
            (Kind::Real, "1.5", None),
            (Kind::Real, "\"x\"", None),
            (Kind::Text, "\"\"", Some(Cell::Text(Some(String::new())))),
            (Kind::Text, "1", None),
            (Kind::Bytes, "\"AP8=\"", Some(Cell::Bytes(Some(vec![0, 255])))),
            (Kind::Bytes, "\"%\"", None),
            (Kind::Bytes, "null", Some(Cell::Bytes(None))),
        ] {
            let columns = [Column { name: "it".to_owned(), kind }];
            let found = cells(format!("[{text}]").as_bytes(), &columns);
            assert_eq!(found, expected.map(|cell| vec![cell]), "{kind:?} {text}");
            assert_eq!(cells(format!("[{text}, null]").as_bytes(), &columns), None);
        }
        assert_eq!(cells(b"{}", &[]), None);
    }
}
