//! How do records leave the ledger as a file for other programs?
//!
//! One after the other, in bounded memory, in one of four forms: the lines themselves (`jsonl`), a table as text
//! (`csv`) or typed (`parquet`), and events of the Open Cybersecurity Schema Framework (`ocsf`). docs/ledger-query.md
//! has the columns and the mapping.

mod columns;
mod csv;
mod file;
mod ocsf;
mod parquet;

pub use file::Destination;
pub use ocsf::{VERSION as OCSF_VERSION, event as ocsf_event};

use super::reading::Line;
use std::io::{self, Write};

/// In which form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// The ledger's own lines, byte for byte.
    Jsonl,
    /// RFC 4180, with a line of names.
    Csv,
    /// Apache Parquet.
    Parquet,
    /// An event of OCSF a line.
    Ocsf,
}

impl Format {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Format::Jsonl => "jsonl",
            Format::Csv => "csv",
            Format::Parquet => "parquet",
            Format::Ocsf => "ocsf",
        }
    }
}

/// An export in the making.
#[derive(Debug)]
pub struct Export<W: Write + Send> {
    form: Form<W>,
    /// Records taken so far.
    pub records: u64,
}

#[derive(Debug)]
enum Form<W: Write + Send> {
    Jsonl(W),
    Csv(Box<csv::Sheet<W>>),
    Parquet(Box<parquet::Parquet<W>>),
    Ocsf(W),
}

impl<W: Write + Send> Export<W> {
    /// Begins one. What is written to `out` comes in small pieces: it had better be buffered.
    pub fn begin(format: Format, out: W) -> io::Result<Export<W>> {
        let form = match format {
            Format::Jsonl => Form::Jsonl(out),
            Format::Csv => Form::Csv(Box::new(csv::Sheet::begin(out)?)),
            Format::Parquet => Form::Parquet(Box::new(parquet::Parquet::begin(out)?)),
            Format::Ocsf => Form::Ocsf(out),
        };
        Ok(Export { form, records: 0 })
    }

    /// Takes a record.
    pub fn take(&mut self, line: &Line<'_>) -> io::Result<()> {
        match &mut self.form {
            Form::Jsonl(out) => {
                out.write_all(line.bytes)?;
                out.write_all(b"\n")?;
            }
            Form::Csv(sheet) => sheet.row(line.record())?,
            Form::Parquet(parquet) => parquet.row(line.record())?,
            Form::Ocsf(out) => {
                serde_json::to_writer(&mut *out, &ocsf::event(line.record(), line.at_us))?;
                out.write_all(b"\n")?;
            }
        }
        self.records += 1;
        Ok(())
    }

    /// Ends it, and gives back where it was written.
    pub fn finish(self) -> io::Result<W> {
        let mut out = match self.form {
            Form::Jsonl(out) | Form::Ocsf(out) => out,
            Form::Csv(sheet) => sheet.finish()?,
            Form::Parquet(parquet) => parquet.finish()?,
        };
        out.flush()?;
        Ok(out)
    }
}

#[cfg(test)]
mod tests;
