//! What schema does a file somebody uploaded describe, and where is it wrong?
//!
//! JSON or CSV, both described in `docs/schema.md`. A file is taken whole or not at all: one bad row, and
//! nothing of it is; up to [`ERRORS_MAX`] of them are told at once, each with its line.

mod csv;
mod draft;
mod json;
mod located;
mod text;

use serde::{Deserialize, Serialize};
use std::fmt;

pub use self::csv::from_csv;
pub use json::from_json;

/// Largest file: some ten times what a database of 20,000 tables takes.
pub const BYTES_MAX: usize = 64 * 1024 * 1024;
/// Most tables of one file.
pub const TABLES_MAX: usize = 20_000;
/// Most columns of one table: no server takes more than 4,096.
pub const COLUMNS_MAX: usize = 4_096;
/// Longest name, in characters: no server takes more than 128.
pub const NAME_MAX: usize = 255;
/// Longest other text, in characters: a type, a default, a comment.
pub const TEXT_MAX: usize = 16_384;
/// Most errors that are told of one file.
pub const ERRORS_MAX: usize = 100;

/// One thing that is wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowError {
    /// The line of the file, from 1.
    pub line: u64,
    /// In JSON the character of the line, in CSV the field of the row, from 1.
    pub column: u64,
    /// What it is about: in JSON the way to it, such as `tables[0].columns[1].type`, in CSV the header.
    pub field: String,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: String,
}

impl fmt::Display for RowError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "line {}, column {}: ", self.line, self.column)?;
        if !self.field.is_empty() {
            write!(formatter, "{}: ", self.field)?;
        }
        write!(formatter, "{} ({})", self.message, self.hint)
    }
}

/// A place in a file, and what stands there.
#[derive(Clone, Debug, Default)]
struct Place {
    line: u64,
    column: u64,
    field: String,
}

/// What is wrong so far.
#[derive(Debug, Default)]
struct Errors {
    list: Vec<RowError>,
}

impl Errors {
    fn add(&mut self, place: &Place, message: impl Into<String>, hint: impl Into<String>) {
        if self.list.len() < ERRORS_MAX {
            let (line, column, field) = (place.line, place.column, place.field.clone());
            self.list.push(RowError { line, column, field, message: message.into(), hint: hint.into() });
        }
    }

    /// Whether more would not be told.
    fn is_full(&self) -> bool {
        self.list.len() >= ERRORS_MAX
    }
}

/// The known word that is nearest to `word`, as a hint; else which there are.
fn nearest(word: &str, known: &[&str]) -> String {
    let lower = word.to_lowercase();
    let likeness = |known: &str| strsim::normalized_levenshtein(&lower, known);
    match known.iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b))) {
        Some(best) if likeness(best) >= 0.5 => format!("did you mean `{best}`?"),
        _ => format!("known are: {}", known.join(", ")),
    }
}

#[cfg(test)]
mod tests;
