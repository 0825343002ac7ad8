//! How does the ledger tell what was removed, and what was going to be?

use super::run::{Run, WriterEnd};
use crate::ledger::chain::{self, Hash, Sealed};
use crate::ledger::index::micros;
use serde::{Deserialize, Serialize};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

/// How the line begins that tells of a removal.
pub(super) const BEGINNING: &[u8] = b"{\"v\":1,\"event\":\"ledger.removed\"";
/// The file that says a removal was begun: until it is gone, what the ledger names may still be there.
const PLAN: &str = "removing";
const PLAN_NEW: &str = "removing.new";

/// What was removed, as the ledger tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Removal {
    /// The numbers of the first and the last segment.
    pub(super) segments: (u64, u64),
    /// How many records.
    pub(super) records: u64,
    /// How many bytes the files had.
    pub(super) bytes: u64,
    /// The earliest and the latest `ts`.
    pub(super) from: String,
    pub(super) until: String,
    /// Up to which line each writer's records are gone.
    pub(super) writers: Vec<WriterEnd>,
}

#[derive(Deserialize, Serialize)]
struct Written<'a> {
    segments: (u64, u64),
    records: u64,
    bytes: u64,
    from: &'a str,
    until: &'a str,
    #[serde(borrow)]
    writers: Vec<WrittenWriter<'a>>,
}

#[derive(Deserialize, Serialize)]
struct WrittenWriter<'a> {
    writer: &'a str,
    records: u64,
    hash: &'a str,
}

#[derive(Deserialize)]
struct Line<'a> {
    ts: &'a str,
    #[serde(borrow)]
    removed: Written<'a>,
}

impl Removal {
    /// Of segments that were read; `None` when there was no record in them.
    pub(super) fn of(run: &Run, segments: (u64, u64), bytes: u64) -> Option<Removal> {
        Some(Removal {
            segments,
            records: run.records,
            bytes,
            from: run.from.clone()?,
            until: run.until.clone()?,
            writers: run.writers.clone(),
        })
    }

    /// The hash of the last line that was removed.
    pub(super) fn end(&self) -> Option<Hash> {
        self.writers.last().map(|last| last.hash)
    }

    /// The members of the ledger's line.
    pub(super) fn members(&self) -> Vec<u8> {
        let writers = self.writers.iter().map(|end| WrittenWriter {
            writer: &end.writer,
            records: end.records,
            hash: std::str::from_utf8(&end.hash).unwrap_or_default(),
        });
        let written = Written {
            segments: self.segments,
            records: self.records,
            bytes: self.bytes,
            from: &self.from,
            until: &self.until,
            writers: writers.collect(),
        };
        let mut members = b"\"removed\":".to_vec();
        // Numbers and texts only: this cannot fail.
        members.extend(serde_json::to_vec(&written).unwrap_or_default());
        members
    }

    /// What a line of the ledger tells, and when; `None` when it is another, or not as it was written.
    pub(super) fn read(line: &[u8]) -> Option<(Removal, i64)> {
        if !line.starts_with(BEGINNING) || !matches!(chain::check(line), Sealed::Holds(_)) {
            return None;
        }
        let Line { ts, removed } = serde_json::from_slice(line).ok()?;
        let end = |one: &WrittenWriter<'_>| {
            let hash = one.hash.as_bytes().try_into().ok()?;
            Some(WriterEnd { writer: one.writer.to_owned(), records: one.records, hash })
        };
        let removal = Removal {
            segments: removed.segments,
            records: removed.records,
            bytes: removed.bytes,
            from: removed.from.to_owned(),
            until: removed.until.to_owned(),
            writers: removed.writers.iter().map(end).collect::<Option<_>>()?,
        };
        Some((removal, micros(ts.as_bytes())?))
    }
}

/// A removal that was begun, and perhaps not ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub(super) struct Plan {
    /// The newest segment when it was begun: the ledger tells of it in this one or in a later one.
    pub(super) since: u64,
}

impl Plan {
    /// What an earlier look has begun.
    pub(super) fn read(directory: &Path) -> io::Result<Option<Plan>> {
        match fs::read(directory.join(PLAN)) {
            // One that cannot be understood says that something was begun, and not when.
            Ok(bytes) => Ok(Some(serde_json::from_slice(&bytes).unwrap_or(Plan { since: 0 }))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Says that it is begun.
    pub(super) fn begin(self, directory: &Path) -> io::Result<()> {
        let path = directory.join(PLAN_NEW);
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&path)?;
        file.write_all(&serde_json::to_vec(&self)?)?;
        file.sync_all()?;
        fs::rename(&path, directory.join(PLAN))?;
        File::open(directory)?.sync_all()
    }

    /// Says that it is done, or was not to be.
    pub(super) fn end(directory: &Path) -> io::Result<()> {
        match fs::remove_file(directory.join(PLAN)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}
