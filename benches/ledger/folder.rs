//! How does a ledger come to be that can be searched?

use super::records::{Records, Written};
use proxy::ledger::search::{SearchStats, Searcher};
use proxy::ledger::{Ledger, LedgerSettings, Sync};
use std::path::Path;
use std::time::Instant;

/// Records that the ledger has not kept yet.
const UNDER_WAY_MAX: u64 = 200;

/// Writes a ledger of so many records; what is in it, and what to say of it.
pub fn write(directory: &Path, count: u64) -> Result<(Written, String), String> {
    let keys = directory.join("keys");
    let settings = LedgerSettings { sync: Sync::None, keys, ..LedgerSettings::new(directory) };
    let failed = |error: proxy::ledger::LedgerError| error.to_string();
    let ledger = Ledger::open(settings, std::sync::Arc::default()).map_err(failed)?;
    let handle = ledger.spawn(Vec::new()).map_err(failed)?;
    let began = Instant::now();
    let mut records = Records::new(count);
    let stats = handle.stats();
    let mut offered = 0;
    while let Some(record) = records.next() {
        // Never more than the queue holds: what it cannot hold leaves a gap in the ledger.
        while offered - stats.records().min(offered) >= UNDER_WAY_MAX {
            std::thread::yield_now();
        }
        handle.offer(record).map_err(|_| "the ledger's queue is full".to_owned())?;
        offered += 1;
    }
    handle.close().map_err(failed)?;
    let seconds = began.elapsed().as_secs_f64();
    let bytes = segments_bytes(directory)?;
    let line = format!(
        "ledger: {count} records, {:.2} GB, {:.0} bytes a record (written in {seconds:.0} s)",
        bytes as f64 / 1e9,
        bytes as f64 / count as f64
    );
    Ok((records.written, line))
}

fn segments_bytes(directory: &Path) -> Result<u64, String> {
    let entries = std::fs::read_dir(directory).map_err(|error| error.to_string())?;
    let segments = entries.flatten().filter(|entry| entry.path().extension() == Some("jsonl".as_ref()));
    Ok(segments.filter_map(|entry| entry.metadata().ok()).map(|metadata| metadata.len()).sum())
}

/// Makes all indexes; what they are, and what to say of them.
pub fn index(directory: &Path) -> Result<(SearchStats, String), String> {
    let searcher = Searcher::new(directory);
    let began = Instant::now();
    while !searcher.prepare().map_err(|error| error.to_string())? {}
    let seconds = began.elapsed().as_secs_f64();
    let stats = searcher.stats();
    let bytes = segments_bytes(directory)? as f64;
    if stats.lines_skipped > 0 {
        return Err(format!("{} lines were not understood", stats.lines_skipped));
    }
    let line = format!(
        "indexes: {:.0} MB beside {} closed segments, {:.1} % of the ledger, made in {seconds:.1} s by one thread: {:.0} MB/s",
        stats.index_bytes as f64 / 1e6,
        stats.segments - stats.segments_unindexed,
        stats.index_bytes as f64 * 100.0 / bytes,
        bytes / 1e6 / seconds
    );
    Ok((stats, line))
}
