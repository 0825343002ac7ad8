//! When do lines go to the file and to the disk, and what happens to them when they cannot?
//!
//! ```text
//! lines   |-- written, not synced --|-- not written --|      in memory until kept
//! file  ..|-- written, not synced --|
//! ```
//! A line leaves the memory when it is kept as `sync` promises. So nothing is lost when a write
//! fails (the file is cut back and written again) nor when a sync fails: then nobody can tell what
//! the disk holds of the unsynced part, and it is written again into a new segment.

use super::Sync;
use super::directory::Directory;
use super::error::LedgerError;
use super::line::Encoder;
use super::segment::Segment;
use super::stats::LedgerStats;
use exchange::{Event, Record, RecordBody};
use relay::journal::{Claim, Entry};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Longest a record nobody waits for stays unsynced with [`Sync::Group`].
pub(super) const SYNC_EVERY: Duration = Duration::from_millis(10);
/// Most records that stay unsynced with [`Sync::Group`]; also the most of one write.
pub(super) const BATCH_RECORDS_MAX: u64 = 1_000;
/// Most bytes that stay unsynced, and after which a write takes no further record.
const BATCH_BYTES_MAX: usize = 1024 * 1024;
/// How often it is looked whether the segment is still in its place.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// The writing side of a ledger, without its thread.
#[derive(Debug)]
pub(super) struct Writer {
    pub(super) directory: Directory,
    pub(super) segment: Option<Segment>,
    pub(super) encoder: Encoder,
    pub(super) sync: Sync,
    pub(super) segment_bytes_max: u64,
    pub(super) look_every: Duration,
    pub(super) stats: Arc<LedgerStats>,
    lines: Vec<u8>,
    records: u64,
    /// Bytes and records at the front of `lines` that are in the file.
    written: usize,
    written_records: u64,
    unsynced_since: Option<Instant>,
    claims: Vec<Claim>,
    looked: Instant,
    remark: Option<String>,
}

impl Writer {
    pub(super) fn new(
        directory: Directory,
        encoder: Encoder,
        sync: Sync,
        segment_bytes_max: u64,
        stats: Arc<LedgerStats>,
    ) -> Writer {
        Writer {
            directory,
            segment: None,
            encoder,
            sync,
            segment_bytes_max,
            look_every: LOOK_EVERY,
            stats,
            lines: Vec::new(),
            records: 0,
            written: 0,
            written_records: 0,
            unsynced_since: None,
            claims: Vec::new(),
            looked: Instant::now(),
            remark: None,
        }
    }

    /// Takes an entry of a journal; who waits for it is answered by [`Writer::commit`].
    pub(super) fn take(&mut self, entry: Entry) {
        self.append(&entry.record);
        self.claims.extend(entry.ticket);
    }

    /// Takes a record of the ledger about itself.
    pub(super) fn tell(&mut self, event: Event, body: RecordBody) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let at_us = u64::try_from(now.as_micros()).unwrap_or(u64::MAX);
        self.append(&Record { event, at_us, session: None, body });
    }

    fn append(&mut self, record: &Record) {
        self.encoder.append(&mut self.lines, record);
        self.records += 1;
    }

    /// Whether one write should take no further record.
    pub(super) fn is_full(&self) -> bool {
        self.records - self.written_records >= BATCH_RECORDS_MAX
            || (self.lines.len() - self.written) as u64 >= self.segment_bytes_max.min(BATCH_BYTES_MAX as u64)
    }

    /// Records taken that are not kept yet.
    pub(super) fn pending(&self) -> u64 {
        self.records
    }

    /// When what is written has to go to the disk.
    pub(super) fn sync_due(&self) -> Option<Instant> {
        self.unsynced_since.map(|since| since + SYNC_EVERY)
    }

    /// A remark for the ledger's readers that came up since the last call.
    pub(super) fn take_remark(&mut self) -> Option<String> {
        self.remark.take()
    }

    /// Writes what was taken, brings it to the disk if that is due or `now` says so, and answers
    /// who waits. After a failure everything taken is still there for the next call, and everybody
    /// who waited still has to be answered with [`Writer::fail_claims`].
    pub(super) fn commit(&mut self, now: bool) -> Result<(), LedgerError> {
        self.write()?;
        if now || self.is_sync_due() {
            self.bring_to_disk()?;
        }
        for claim in self.claims.drain(..) {
            claim.recorded();
        }
        Ok(())
    }

    /// Answers "not recorded" to everybody who waits.
    pub(super) fn fail_claims(&mut self) {
        self.claims.clear();
    }

    fn is_sync_due(&self) -> bool {
        match self.sync {
            Sync::None => false,
            Sync::Each => self.written > 0,
            Sync::Group => {
                !self.claims.is_empty()
                    || self.written_records >= BATCH_RECORDS_MAX
                    || self.written >= BATCH_BYTES_MAX
                    || self.unsynced_since.is_some_and(|since| since.elapsed() >= SYNC_EVERY)
            }
        }
    }

    fn write(&mut self) -> Result<(), LedgerError> {
        if self.lines.len() == self.written {
            return Ok(());
        }
        self.look_at_segment()?;
        let segment = match &mut self.segment {
            Some(segment) => segment,
            None => self.segment.insert(self.directory.begin()?),
        };
        if let Err(error) = segment.append(self.lines.get(self.written..).unwrap_or_default()) {
            if segment.take_back_partial().is_err() {
                self.abandon_segment();
            }
            return Err(error);
        }
        self.written = self.lines.len();
        self.written_records = self.records;
        match self.sync {
            Sync::None => self.written_is_kept(),
            Sync::Group | Sync::Each => _ = self.unsynced_since.get_or_insert_with(Instant::now),
        }
        Ok(())
    }

    /// Leaves a segment that was taken away, or that has no room for what is to be written.
    fn look_at_segment(&mut self) -> Result<(), LedgerError> {
        let Some(segment) = &self.segment else { return Ok(()) };
        if self.looked.elapsed() >= self.look_every {
            self.looked = Instant::now();
            if !segment.is_in_place() {
                let path = segment.path().to_owned();
                self.remark = Some(removed(&path));
                self.segment = None;
                self.nothing_is_written();
                return Err(LedgerError::Removed { path });
            }
        }
        let adds = (self.lines.len() - self.written) as u64;
        if segment.length() > 0 && segment.length().saturating_add(adds) > self.segment_bytes_max {
            if self.written > 0 {
                self.bring_to_disk()?;
            }
            self.segment = None;
        }
        Ok(())
    }

    fn bring_to_disk(&mut self) -> Result<(), LedgerError> {
        let Some(segment) = &mut self.segment else { return Ok(()) };
        if let Err(error) = segment.sync() {
            self.abandon_segment();
            return Err(error);
        }
        self.stats.syncs.add(1);
        self.written_is_kept();
        Ok(())
    }

    fn written_is_kept(&mut self) {
        self.stats.records.add(self.written_records);
        self.stats.bytes.add(self.written as u64);
        self.lines.drain(..self.written);
        self.records -= self.written_records;
        self.written = 0;
        self.written_records = 0;
        self.unsynced_since = None;
    }

    /// The next write begins a new segment with everything that is not known to be kept.
    fn abandon_segment(&mut self) {
        if let Some(segment) = self.segment.take() {
            if self.sync == Sync::None {
                // What was written before is kept as promised; only this batch goes elsewhere.
                return;
            }
            // If that fails too, its last lines are there twice, each time with the same `seq`.
            let _ = segment.give_up();
        }
        self.nothing_is_written();
    }

    fn nothing_is_written(&mut self) {
        self.written = 0;
        self.written_records = 0;
        self.unsynced_since = None;
    }
}

fn removed(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    format!("{name} was removed or renamed while it was written; lines in it may be missing")
}
