//! How whole is the ledger, as far as its own gateway knows?
//!
//! Only what really is known: what the writer counts, which files there are, what was signed last, what was
//! checked when the writer began, and what came of reading all of it, which the [`keeper`] does now and then. It is the
//! gateway's own word about itself: who doubts it verifies the files, against a checkpoint kept elsewhere.

mod keeper;
mod self_check;
mod signed;

pub(crate) use keeper::Care;

use super::LedgerStats;
use super::copies::{Copies, CopyStatus};
use super::index::micros;
use super::past::Past;
use super::search::Searcher;
use ::control::{
    LedgerCheck, LedgerCopyStatus, LedgerQuery, LedgerSelfCheck, LedgerStatus, ListenerRecords,
    QuestionFailure,
};
use relay::journal::LedgerHealth;
use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Longest first line that is looked at.
const LINE_BYTES_MAX: u64 = 1024 * 1024;
/// Listeners whose newest record is looked for.
const LISTENERS_MAX: usize = 200;

/// How a writer began.
#[derive(Clone, Debug)]
pub(super) struct Beginning {
    at_us: i64,
    sync: &'static str,
    check: &'static str,
    remarks: Vec<String>,
}

impl Beginning {
    pub(super) fn new(sync: super::Sync, past: &Past) -> Beginning {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let sync = match sync {
            super::Sync::None => "none",
            super::Sync::Group => "group",
            super::Sync::Each => "each",
        };
        Beginning {
            at_us: i64::try_from(now.as_micros()).unwrap_or(i64::MAX),
            sync,
            check: past.check,
            remarks: past.remarks.clone(),
        }
    }
}

/// What is known of a ledger.
#[derive(Debug)]
pub(crate) struct Wholeness {
    pub(super) directory: PathBuf,
    pub(super) beginning: Beginning,
    pub(super) stats: Arc<LedgerStats>,
    pub(super) health: Arc<LedgerHealth>,
    /// How it is looked after.
    pub(super) care: Arc<Care>,
    /// The other places it goes to, once they are known.
    pub(super) copies: OnceLock<Copies>,
}

impl Wholeness {
    /// Has the whole ledger read and checked soon.
    pub(crate) fn verify(&self) -> LedgerSelfCheck {
        self.care.ask()
    }

    /// Stops the check that somebody asked for.
    pub(crate) fn stop_verifying(&self) -> LedgerSelfCheck {
        self.care.stop()
    }

    /// What is known now; `served` are all listeners, of which only `asked` are told one by one.
    pub(crate) fn status(
        &self,
        searcher: &Searcher,
        asked: &[String],
        served: Vec<String>,
        deadline: Instant,
    ) -> Result<LedgerStatus, QuestionFailure> {
        let files = Files::of(&self.directory).map_err(|error| QuestionFailure {
            code: "unreadable".to_owned(),
            message: format!("the ledger's directory cannot be read: {error}"),
        })?;
        let newest = |listeners: Vec<String>, gateway| {
            let query = LedgerQuery { listeners, gateway, limit: 1, ..LedgerQuery::default() };
            let page = searcher.search(&query, deadline)?;
            Ok(page.records.first().and_then(moment))
        };
        let mut listeners = Vec::new();
        for listener in asked.iter().take(LISTENERS_MAX) {
            let newest_us = newest(vec![listener.clone()], false)?;
            listeners.push(ListenerRecords { listener: listener.clone(), newest_us });
        }
        let newest_us = newest(served, true)?;
        let beginning = self.beginning.clone();
        Ok(LedgerStatus {
            failing: self.health.is_failing(),
            started_at_us: beginning.at_us,
            sync: beginning.sync.to_owned(),
            records: self.stats.records(),
            bytes: self.stats.bytes(),
            records_lost: self.stats.lost(),
            gaps: self.stats.gaps(),
            failures: self.stats.failures(),
            queue_bytes: self.stats.queue_bytes(),
            segments: files.segments,
            segments_unsearched: files.segments - files.plain.len() as u64,
            segment_bytes: files.bytes,
            oldest_us: files.oldest(&self.directory),
            newest_us: newest_us.max(listeners.iter().filter_map(|one| one.newest_us).max()),
            listeners,
            checks: vec![LedgerCheck {
                what: "last_line_at_start".to_owned(),
                at_us: beginning.at_us,
                result: beginning.check.to_owned(),
                remarks: beginning.remarks,
            }],
            self_check: self.care.check(),
            checkpoint: signed::newest(&self.directory),
            copies: self.copies.get().into_iter().flat_map(Copies::statuses).map(copy).collect(),
            retention: self.care.retention(),
        })
    }
}

fn copy(status: CopyStatus) -> LedgerCopyStatus {
    LedgerCopyStatus {
        name: status.name,
        to: status.to,
        content: status.content.to_owned(),
        last_taken_us: status.last_taken_us.and_then(|at| i64::try_from(at).ok()),
        lag_seconds: status.lag_seconds,
        failing: status.failing,
        error: status.error.map(str::to_owned),
        blocking: status.required && status.failed,
    }
}

fn moment(record: &serde_json::Value) -> Option<i64> {
    micros(record.get("ts")?.as_str()?.as_bytes())
}

/// The segments of a directory.
#[derive(Debug, Default)]
struct Files {
    segments: u64,
    bytes: u64,
    /// The numbers of those that a search reads.
    plain: Vec<u64>,
}

impl Files {
    fn of(directory: &Path) -> io::Result<Files> {
        let mut files = Files::default();
        for entry in fs::read_dir(directory)? {
            let entry = entry?;
            let name = entry.file_name();
            let Some((digits, ending)) = name.to_str().and_then(|name| name.split_once('.')) else {
                continue;
            };
            let Some(number) = crate::ledger::segment_name::number(digits) else { continue };
            if !ending.starts_with("jsonl") {
                continue;
            }
            files.segments += 1;
            files.bytes += entry.metadata().map_or(0, |metadata| metadata.len());
            if ending == "jsonl" {
                files.plain.push(number);
            }
        }
        files.plain.sort_unstable();
        Ok(files)
    }

    /// The moment of the first line of the oldest segment that has one.
    fn oldest(&self, directory: &Path) -> Option<i64> {
        let first = |number: &u64| {
            let file = File::open(directory.join(format!("{number:08}.jsonl"))).ok()?;
            let mut line = Vec::new();
            BufReader::new(file.take(LINE_BYTES_MAX)).read_until(b'\n', &mut line).ok()?;
            moment(&serde_json::from_slice(&line).ok()?)
        };
        self.plain.iter().take(4).find_map(first)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn segments_are_counted_and_the_oldest_line_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        write("00000001.jsonl.zst", "12345");
        write("00000002.jsonl", "");
        write(
            "00000003.jsonl",
            "{\"ts\":\"2026-08-04T12:34:56.000789Z\"}\n{\"ts\":\"2026-08-05T00:00:00.000000Z\"}\n",
        );
        write("00000003.idx", "nothing of ours");
        write("lock", "1");
        let files = Files::of(folder.path()).unwrap();
        assert_eq!((files.segments, files.plain.as_slice()), (3, &[2, 3][..]));
        assert_eq!(files.bytes, 5 + 37 * 2);
        assert_eq!(files.oldest(folder.path()), Some(1_785_846_896_000_789));
    }
}
