//! When do lines go to the file and to the disk, and what happens to them when they cannot?
//!
//! ```text
//! lines   |-- written, not kept --|-- not written --|      in memory until kept
//! file  ..|-- written, not kept --|
//! ```
//! A line leaves the memory when it is kept as `sync` promises for it; one that only has to be written waits for
//! those among which it is written. So nothing is lost when a write fails (the file is cut back and written
//! again) nor when a sync fails: then nobody can tell what the disk holds of the unsynced part, and it is
//! written again into a new segment.
//!
//! What is kept is shown by `evidence`: the head, and checkpoints.

use super::directory::Directory;
use super::error::LedgerError;
use super::evidence::Evidence;
use super::head::Kept;
use super::line::Encoder;
use super::segment::Segment;
use super::settings::{Sync, SyncRules};
use super::stats::LedgerStats;
use crate::reports::Tally;
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
    pub(super) evidence: Evidence,
    pub(super) sync: SyncRules,
    pub(super) segment_bytes_max: u64,
    pub(super) look_every: Duration,
    pub(super) stats: Arc<LedgerStats>,
    lines: Vec<u8>,
    /// Records in `lines`, checkpoints not among them.
    records: u64,
    /// Bytes and records at the front of `lines` that are in the file.
    written: usize,
    written_records: u64,
    /// What the strictest of `lines` is promised.
    promised: Sync,
    unsynced_since: Option<Instant>,
    /// Who waits until a record is written, and until it is on the disk.
    for_file: Vec<Claim>,
    for_disk: Vec<Claim>,
    looked: Instant,
    remark: Option<String>,
    /// Adds up what is taken, for the control plane.
    pub(super) tally: Option<Tally>,
}

impl Writer {
    pub(super) fn new(
        directory: Directory,
        encoder: Encoder,
        evidence: Evidence,
        sync: SyncRules,
        segment_bytes_max: u64,
    ) -> Writer {
        Writer {
            directory,
            segment: None,
            encoder,
            evidence,
            sync,
            segment_bytes_max,
            look_every: LOOK_EVERY,
            stats: Arc::default(),
            lines: Vec::new(),
            records: 0,
            written: 0,
            written_records: 0,
            promised: Sync::None,
            unsynced_since: None,
            for_file: Vec::new(),
            for_disk: Vec::new(),
            looked: Instant::now(),
            remark: None,
            tally: None,
        }
    }

    /// Takes an entry of a journal; who waits for it is answered by [`Writer::commit`].
    pub(super) fn take(&mut self, entry: Entry) {
        let sync = self.append(&entry.record);
        if let Some(claim) = entry.ticket {
            match sync {
                Sync::None => self.for_file.push(claim),
                Sync::Group | Sync::Each => self.for_disk.push(claim),
            }
        }
    }

    /// Takes who waits until everything that was taken is on the disk.
    pub(super) fn take_claims(&mut self, claims: Vec<Claim>) {
        self.for_disk.extend(claims);
    }

    /// Takes a record of the ledger about itself.
    pub(super) fn tell(&mut self, event: Event, body: RecordBody) {
        self.append(&Record { event, at_us: now_us(), session: None, body });
    }

    /// The same, whose members are encoded already (see [`Encoder::append_members`]).
    pub(super) fn tell_members(&mut self, event: Event, members: &[u8]) {
        let at_us = now_us();
        if let Some(tally) = &mut self.tally {
            tally.note(&Record { event, at_us, session: None, body: RecordBody::None });
        }
        self.encoder.append_members(&mut self.lines, event, at_us, members);
        self.promised = self.promised.max(self.sync.other());
        self.records += 1;
    }

    /// Takes the last record, which nothing follows.
    pub(super) fn tell_stop(&mut self) {
        self.tell(Event::WriterStop, RecordBody::None);
        self.evidence.checkpoints.end();
    }

    fn append(&mut self, record: &Record) -> Sync {
        if let Some(tally) = &mut self.tally {
            tally.note(record);
        }
        self.encoder.append(&mut self.lines, record);
        self.records += 1;
        let sync = match &record.body {
            RecordBody::Statement(statement) => self.sync.of(statement.statement.class),
            RecordBody::Line(line) => line.class.map_or(self.sync.other(), |class| self.sync.of(class)),
            _ => self.sync.other(),
        };
        self.promised = self.promised.max(sync);
        sync
    }

    /// Hands over what was added up, as far as it is due; `all` of it before the end.
    pub(super) fn report(&mut self, all: bool) {
        if let Some(tally) = &mut self.tally {
            tally.turn(Instant::now(), i64::try_from(now_us()).unwrap_or(i64::MAX), all);
        }
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

    /// When what is written has to go to the disk, or the head has to be replaced.
    pub(super) fn due(&self) -> Option<Instant> {
        let sync = self.unsynced_since.map(|since| since + SYNC_EVERY);
        sync.into_iter().chain(self.evidence.head_due()).min()
    }

    /// When the next checkpoint has to be made; while something is not kept it cannot be.
    pub(super) fn checkpoint_due(&self) -> Option<Instant> {
        self.evidence.checkpoints.due().filter(|_| self.lines.is_empty())
    }

    /// A remark for the ledger's readers that came up since the last call.
    pub(super) fn take_remark(&mut self) -> Option<String> {
        self.remark.take()
    }

    /// Writes what was taken, brings it to the disk if that is due or `now` says so, answers
    /// who waits, and then shows what is kept. After a failure everything taken is still there for the next call,
    /// and everybody who waited still has to be answered with [`Writer::fail_claims`].
    pub(super) fn commit(&mut self, now: bool) -> Result<(), LedgerError> {
        self.write()?;
        self.for_file.drain(..).for_each(|claim| claim.recorded());
        if self.is_sync_due(now) {
            self.bring_to_disk()?;
        }
        self.for_disk.drain(..).for_each(|claim| claim.recorded());
        self.show(now)
    }

    /// Has the next commit sign what is kept by then.
    pub(super) fn checkpoint_at_once(&mut self) {
        self.evidence.checkpoints.at_once();
    }

    /// Answers "not recorded" to everybody who waits.
    pub(super) fn fail_claims(&mut self) {
        self.for_file.clear();
        self.for_disk.clear();
    }

    fn is_sync_due(&self, now: bool) -> bool {
        if now {
            return self.segment.as_ref().is_some_and(Segment::is_unsynced);
        }
        self.written > 0
            && match self.promised {
                Sync::None => false,
                Sync::Each => true,
                Sync::Group => {
                    !self.for_disk.is_empty()
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
        match self.promised {
            Sync::None => self.written_is_kept(),
            Sync::Group | Sync::Each => _ = self.unsynced_since.get_or_insert_with(Instant::now),
        }
        Ok(())
    }

    /// Leaves a segment that was taken away, or that has no room for what is to be written.
    fn look_at_segment(&mut self) -> Result<(), LedgerError> {
        if self.looked.elapsed() >= self.look_every {
            self.look_for_segment()?;
        }
        let Some(segment) = &self.segment else { return Ok(()) };
        let adds = (self.lines.len() - self.written) as u64;
        if segment.length() > 0 && segment.length().saturating_add(adds) > self.segment_bytes_max {
            // What is brought to the disk in the next one must not lack what comes before it.
            if self.written > 0 || (!self.sync.is_never() && segment.is_unsynced()) {
                self.bring_to_disk()?;
            }
            self.segment = None;
            self.evidence.checkpoints.at_once();
        }
        Ok(())
    }

    /// Leaves a segment that was taken away.
    fn look_for_segment(&mut self) -> Result<(), LedgerError> {
        self.looked = Instant::now();
        let Some(segment) = self.segment.take_if(|segment| !segment.is_in_place()) else { return Ok(()) };
        let path = segment.path().to_owned();
        self.remark = Some(removed(&path));
        self.nothing_is_written();
        Err(LedgerError::Removed { path })
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
        if self.written == 0 {
            return;
        }
        self.stats.records.add(self.written_records);
        self.stats.bytes.add(self.written as u64);
        self.stats.checkpoints.add(self.evidence.checkpoints.is_kept().into());
        if let Some(segment) = &mut self.segment {
            segment.keep();
            if self.written == self.lines.len() {
                self.evidence.kept = Kept {
                    seq: self.encoder.seq(),
                    hash: self.encoder.previous(),
                    segment: segment.number(),
                    bytes: segment.length(),
                };
            }
        }
        self.lines.drain(..self.written);
        self.records -= self.written_records;
        if self.lines.is_empty() {
            self.promised = Sync::None;
        }
        self.nothing_is_written();
    }

    /// Shows what is kept, in the head and by a checkpoint, as far as that is due or `now` says so.
    fn show(&mut self, now: bool) -> Result<(), LedgerError> {
        if self.lines.is_empty() && self.evidence.is_checkpoint_due() {
            let at_us = now_us();
            let members = self.evidence.make_checkpoint(at_us);
            self.encoder.append_members(&mut self.lines, Event::Checkpoint, at_us, &members);
            self.promised = self.sync.other();
            self.write()?;
            if self.is_sync_due(now) {
                self.bring_to_disk()?;
            }
        }
        if self.evidence.is_due(now) {
            if self.segment.is_none() {
                // Nothing can be shown where the directory was taken away.
                self.segment = Some(self.directory.begin()?);
            }
            if let Err(error) = self.evidence.publish() {
                self.look_for_segment()?;
                return Err(error);
            }
        }
        Ok(())
    }

    /// The next write begins a new segment with everything that is not known to be kept.
    fn abandon_segment(&mut self) {
        if let Some(segment) = self.segment.take() {
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

fn now_us() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(now.as_micros()).unwrap_or(u64::MAX)
}

fn removed(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    format!("{name} was removed or renamed while it was written; lines in it may be missing")
}
