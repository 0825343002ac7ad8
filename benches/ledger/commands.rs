//! How fast are whole answers, as `ledger query` and `ledger export` give them?
//!
//! Each question is answered to its last record twice: by the indexes, newest first, and by reading every line in the
//! order of writing. Both have to find the same number of records. A rate is how many records the ledger has for each
//! second that the answer took, found or not. Where many are found, taking those apart is what takes the time: the target
//! is one of looking for records, and counts where less than a tenth of all is found.

use super::questions::{self, Kind};
use super::records::Written;
use crate::relay::table::Table;
use control::LedgerQuery;
use proxy::ledger::export::{Export, Format};
use proxy::ledger::reading::{self, Line, Sieve, Which};
use proxy::ledger::search::{Scope, Searcher};
use std::io;
use std::ops::ControlFlow;
use std::path::Path;
use std::time::Instant;

/// Records a second that a query has to look at.
const TARGET: f64 = 1e6;

/// The table of queries, that of exports, and what to say of the target.
pub fn measure(directory: &Path, written: &Written, records: u64) -> Result<(Vec<Table>, String), String> {
    let header = ["question", "found", "by index s", "records/s", "reading all s", "records/s"];
    let mut queries = Table::new("Whole answers of ledger query", 1, &header);
    let searcher = Searcher::new(directory);
    while !searcher.prepare().map_err(|error| error.to_string())? {}
    let mut slowest = (f64::INFINITY, "");
    for question in questions::mix(written, Kind::ALL.len(), 1) {
        let query = question.query;
        let (found, by_index) = by_index(&searcher, &query)?;
        let (read, by_reading) = by_reading(directory, &query)?;
        if found != read {
            return Err(format!("{found} records by index, {read} by reading: {query:?}"));
        }
        let best = records as f64 / by_index.min(by_reading);
        if best < slowest.0 && found < records / 10 {
            slowest = (best, question.kind.name());
        }
        queries.push(vec![
            question.kind.name().to_owned(),
            found.to_string(),
            format!("{by_index:.3}"),
            rate(records, by_index),
            format!("{by_reading:.3}"),
            rate(records, by_reading),
        ]);
    }
    let mut exports = Table::new("Exports of the whole ledger", 1, &["format", "s", "records/s"]);
    for format in [Format::Jsonl, Format::Csv, Format::Parquet, Format::Ocsf] {
        let seconds = export(directory, format, records)?;
        exports.push(vec![format.as_str().to_owned(), format!("{seconds:.2}"), rate(records, seconds)]);
    }
    let state = if slowest.0 >= TARGET { "met" } else { "missed" };
    let line = format!(
        "whole answers that find less than a tenth, the faster way, target {TARGET:.0} records/s: {state}, {:.0} at \
         least ({})",
        slowest.0, slowest.1
    );
    Ok((vec![queries, exports], line))
}

fn rate(records: u64, seconds: f64) -> String {
    format!("{:.0}", records as f64 / seconds)
}

fn by_index(searcher: &Searcher, query: &LedgerQuery) -> Result<(u64, f64), String> {
    let began = Instant::now();
    let mut found = 0;
    let visited = searcher.visit(query, Scope::Named, &mut |_| {
        found += 1;
        ControlFlow::Continue(())
    });
    visited.map_err(|failure| failure.to_string())?;
    Ok((found, began.elapsed().as_secs_f64()))
}

fn by_reading(directory: &Path, query: &LedgerQuery) -> Result<(u64, f64), String> {
    let began = Instant::now();
    let mut found = 0;
    let mut sieve = Sieve::of(query, Scope::Named).map_err(|failure| failure.to_string())?;
    let mut each = |_: &Line<'_>| {
        found += 1;
        Ok(ControlFlow::Continue(()))
    };
    let read = reading::read(directory, Which::All, &mut sieve, &mut |_| (), &mut each);
    read.map_err(|error| error.to_string())?;
    Ok((found, began.elapsed().as_secs_f64()))
}

fn export(directory: &Path, format: Format, records: u64) -> Result<f64, String> {
    let began = Instant::now();
    let query = LedgerQuery { limit: 1, ..LedgerQuery::default() };
    let mut sieve = Sieve::of(&query, Scope::Everything).map_err(|failure| failure.to_string())?;
    let mut export = Export::begin(format, io::sink()).map_err(|error| error.to_string())?;
    let mut each = |line: &Line<'_>| export.take(line).map(ControlFlow::Continue);
    let read = reading::read(directory, Which::All, &mut sieve, &mut |_| (), &mut each);
    read.map_err(|error| error.to_string())?;
    if export.records < records {
        return Err(format!("{} of {records} records were exported", export.records));
    }
    export.finish().map_err(|error| error.to_string())?;
    Ok(began.elapsed().as_secs_f64())
}
