//! How does a result become a file: CSV, JSON, NDJSON, Parquet?
//!
//! An [`Export`] takes columns and rows as they come and hands out bytes as they are ready, so that a
//! result of any size passes through bounded memory. Nothing here waits or blocks.
//!
//! Values are never changed on their way out. A text that a spreadsheet would take for a formula
//! (`=1+1`, `+…`, `-…`, `@…`) stands in the CSV as it stands in the database: who opens such a file in a
//! spreadsheet should import it as text.

mod json;
mod parquet;
mod separated;

use crate::cell::{Cell, Column};
use crate::run::RunEvent;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// What a file is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// RFC 4180, with a line of names. A missing value is nothing, an empty text is `""`.
    Csv,
    /// One array of objects.
    Json,
    /// An object a line.
    Ndjson,
    /// Apache Parquet.
    Parquet,
}

impl Format {
    /// Every format.
    pub const ALL: [Format; 4] = [Format::Csv, Format::Json, Format::Ndjson, Format::Parquet];

    /// Its word in the API, and the ending of a file's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Format::Csv => "csv",
            Format::Json => "json",
            Format::Ndjson => "ndjson",
            Format::Parquet => "parquet",
        }
    }

    /// Its media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Format::Csv => "text/csv; charset=utf-8; header=present",
            Format::Json => "application/json",
            Format::Ndjson => "application/x-ndjson",
            Format::Parquet => "application/vnd.apache.parquet",
        }
    }
}

/// Why a result cannot become a file.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// A file of this format needs columns.
    #[error("a statement that returns no columns cannot be written as parquet: use csv or json")]
    NoColumns,
    /// A value does not fit the column's type.
    #[error(
        "row {row} of column `{column}` holds a value that a column of kind {kind} cannot hold in parquet: cast it to text, or use csv or json"
    )]
    Misfit {
        /// The column.
        column: String,
        /// The row, from 1.
        row: u64,
        /// The column's kind.
        kind: String,
    },
    /// The rows do not fit the columns, or come before them.
    #[error("a row has {cells} cells where there are {columns} columns")]
    Uneven {
        /// How many cells the row has.
        cells: usize,
        /// How many columns there are.
        columns: usize,
    },
    /// The writer of JSON failed.
    #[error("the result cannot be written as json")]
    Json(#[from] serde_json::Error),
    /// The writer of Parquet failed.
    #[error("the result cannot be written as parquet")]
    Parquet(#[from] ::parquet::errors::ParquetError),
}

/// A file that grows with its result.
#[derive(Debug)]
pub struct Export {
    columns: usize,
    writer: Writer,
}

#[derive(Debug)]
enum Writer {
    Csv(Vec<u8>),
    Json(json::Json),
    Parquet(Box<parquet::Parquet>),
}

impl Export {
    /// An empty file.
    pub fn new(format: Format) -> Export {
        let writer = match format {
            Format::Csv => Writer::Csv(Vec::new()),
            Format::Json => Writer::Json(json::Json::array()),
            Format::Ndjson => Writer::Json(json::Json::lines()),
            Format::Parquet => Writer::Parquet(Box::default()),
        };
        Export { columns: 0, writer }
    }

    /// Takes what a run says: columns and rows are written, the rest is not.
    pub fn event(&mut self, event: &RunEvent) -> Result<(), ExportError> {
        match event {
            RunEvent::Columns(columns) => self.columns(columns),
            RunEvent::Rows(rows) => self.rows(rows),
            RunEvent::Notice(_) | RunEvent::Done(_) => Ok(()),
        }
    }

    /// Takes the columns, once and first.
    pub fn columns(&mut self, columns: &[Column]) -> Result<(), ExportError> {
        self.columns = columns.len();
        match &mut self.writer {
            Writer::Csv(out) => separated::names(columns, out),
            Writer::Json(json) => json.names(distinct(columns)),
            Writer::Parquet(parquet) => parquet.begin(columns, distinct(columns))?,
        }
        Ok(())
    }

    /// Takes some rows.
    pub fn rows(&mut self, rows: &[Vec<Cell>]) -> Result<(), ExportError> {
        for row in rows {
            if row.len() != self.columns {
                return Err(ExportError::Uneven { cells: row.len(), columns: self.columns });
            }
            match &mut self.writer {
                Writer::Csv(out) => separated::row(row, out),
                Writer::Json(json) => json.row(row)?,
                Writer::Parquet(parquet) => parquet.row(row)?,
            }
        }
        Ok(())
    }

    /// The bytes that are ready since the last time.
    pub fn take(&mut self) -> Vec<u8> {
        match &mut self.writer {
            Writer::Csv(out) => std::mem::take(out),
            Writer::Json(json) => json.take(),
            Writer::Parquet(parquet) => parquet.take(),
        }
    }

    /// The last bytes. A file without them is not whole.
    pub fn finish(self) -> Result<Vec<u8>, ExportError> {
        match self.writer {
            Writer::Csv(out) => Ok(out),
            Writer::Json(json) => Ok(json.finish()),
            Writer::Parquet(parquet) => parquet.finish(),
        }
    }
}

/// The columns' names made distinct: a second `id` becomes `id_2`, one without a name `column_3`.
fn distinct(columns: &[Column]) -> Vec<String> {
    let mut taken: HashSet<String> = HashSet::new();
    // A column that is really called `id_2` keeps its name.
    let given: HashSet<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    let mut names = Vec::with_capacity(columns.len());
    for (at, column) in columns.iter().enumerate() {
        let plain = if column.name.is_empty() { format!("column_{}", at + 1) } else { column.name.clone() };
        let mut name = plain.clone();
        let mut count = 2;
        while taken.contains(&name) || (name != column.name && given.contains(name.as_str())) {
            name = format!("{plain}_{count}");
            count += 1;
        }
        taken.insert(name.clone());
        names.push(name);
    }
    names
}

#[cfg(test)]
mod tests;
