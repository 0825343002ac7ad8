//! Which old segments are removed, and how can somebody tell later that it was in order?
//!
//! Whole segments only, the oldest first, never the newest two, and none that a copy of the records still
//! needs. What is removed is first read to its last byte: its own chain has to hold and to be tied to what was
//! removed before, so that nobody's tampering is cleared away. Then the ledger tells what will be gone, up to
//! which line of each writer, signs that, and only then the files are removed. A crash in between leaves files
//! that the ledger has told of already: the next look removes them without telling twice.

mod record;
mod run;
mod segments;

use super::copies::Copies;
use super::orders::{OrderError, Orders};
use super::{index, moments};
use ::control::LedgerRemoval;
use exchange::Event;
use record::{Plan, Removal};
use run::{Run, RunError};
use segments::SegmentFile;
use std::fs::{self, File};
use std::io;
use std::path::PathBuf;

/// Segments at the end that are always kept: the open one, and the one that the next start may go on from.
const KEPT_MIN: usize = 2;
/// Most segments of one removal: a record names each writer, and lines are not to become long.
const SEGMENTS_MAX: usize = 1_000;
/// Bytes after which a removal takes no further segment: the next look goes on.
const RUN_BYTES_MAX: u64 = 8 * 1024 * 1024 * 1024;
const DAY_US: i64 = 86_400_000_000;
/// Longest time without a record that age goes on in, in days: a long weekend. A quarter of `days` where that is more.
const SILENCE_DAYS_MIN: u32 = 3;
/// How long nothing goes by age behind such a time, in days: for somebody to see that a clock is wrong.
const SILENCE_LOOKED_AT_DAYS: i64 = 2;

/// When records are old enough to be removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rule {
    /// Segments whose newest record is older than so many days; 0: none.
    pub(crate) days: u32,
    /// The oldest segments while all together have more than so many bytes; 0: none.
    pub(crate) bytes: u64,
}

/// Why nothing is removed although it is time.
#[derive(Debug, thiserror::Error)]
pub(super) enum Hindrance {
    /// Somebody should look at the ledger before anything of it is gone.
    #[error("{0}; look into it with `dragoman ledger verify`")]
    Damaged(RunError),
    /// What came before is gone, and the ledger does not tell why.
    #[error(
        "the ledger begins in the middle with {segment}: what came before was taken away by hand; put it back, \
         or set `ledger.retention` to 0 and go on by hand"
    )]
    NoBeginning {
        /// The first segment there is.
        segment: String,
    },
    /// The ledger tells of a removal, and what is there is something else.
    #[error("{segment} was to be removed and is not what the ledger says was removed; look into it")]
    NotAsTold {
        /// The first of them.
        segment: String,
    },
    /// A copy has not taken the records yet.
    #[error("a copy of the records has not taken {segment} yet")]
    Copy {
        /// The oldest segment that is due.
        segment: String,
    },
    /// Either nothing happened for long or a clock was set: by a wrong one everything would be old.
    #[error(
        "the ledger has no record between {from} and {until}, the clock says: if it is wrong set it right; nothing goes \
         by age until two days after it"
    )]
    Silence {
        /// The last record before.
        from: String,
        /// The first one behind, or now.
        until: String,
    },
    /// What is there cannot be read or removed.
    #[error("old segments cannot be removed: {0}")]
    Files(#[from] io::Error),
    /// The ledger does not tell of it, so it does not happen.
    #[error("old segments cannot be removed: {0}")]
    NotTold(OrderError),
}

impl Hindrance {
    /// Whether a person should look at it soon.
    pub(super) fn is_grave(&self) -> bool {
        match self {
            Hindrance::Damaged(RunError::Unreadable { .. }) => false,
            Hindrance::Damaged(_) | Hindrance::NoBeginning { .. } | Hindrance::NotAsTold { .. } => true,
            Hindrance::Copy { .. }
            | Hindrance::Silence { .. }
            | Hindrance::Files(_)
            | Hindrance::NotTold(_) => false,
        }
    }
}

/// What a look has done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Looked {
    /// Nothing is due.
    Nothing,
    /// This was removed; more may be due.
    Removed(LedgerRemoval),
}

/// Who removes.
#[derive(Debug)]
pub(super) struct Retention {
    directory: PathBuf,
    rule: Rule,
    orders: Orders,
    copies: Copies,
    /// The newest removal that the ledger tells of, as far as it was looked for, and when it was told.
    told: Option<(Removal, i64)>,
    /// The newest record of a segment, by its number and length: a compressed one is long to read.
    newest: Option<(u64, u64, Option<i64>)>,
}

impl Retention {
    pub(super) fn new(directory: PathBuf, rule: Rule, orders: Orders, copies: Copies) -> Retention {
        Retention { directory, rule, orders, copies, told: None, newest: None }
    }

    /// What was removed last, as far as it is known.
    pub(super) fn last(&self) -> Option<LedgerRemoval> {
        self.told.as_ref().map(|(removal, at_us)| told(removal, *at_us))
    }

    /// Removes what is due, and what an earlier look has told of and not removed.
    pub(super) fn look(&mut self, now_us: i64) -> Result<Looked, Hindrance> {
        let mut segments = segments::all(&self.directory)?;
        let plan = Plan::read(&self.directory)?;
        self.learn(&segments, plan)?;
        if let Some((removal, at_us)) = &self.told {
            let left = segments.partition_point(|segment| segment.number <= removal.segments.1);
            if left > 0 {
                let gone: Vec<SegmentFile> = segments.drain(..left).collect();
                is_as_told(removal, &gone)?;
                self.remove(&gone)?;
                return Ok(Looked::Removed(told(removal, *at_us)));
            }
        }
        if plan.is_some() {
            Plan::end(&self.directory)?;
        }
        let due = self.due(&segments, now_us)?;
        let (due, kept) = segments.split_at(due);
        match self.run(due, kept)? {
            Some((gone, removal)) => self.tell_and_remove(&gone, removal, kept, now_us),
            None => Ok(Looked::Nothing),
        }
    }

    /// Finds out what the ledger tells of earlier removals.
    fn learn(&mut self, segments: &[SegmentFile], plan: Option<Plan>) -> io::Result<()> {
        if let Some(plan) = plan {
            let since = segments.partition_point(|segment| segment.number < plan.since);
            if let Some(told) = newest_told(segments.get(since..).unwrap_or_default())? {
                self.told = Some(told);
            }
        }
        if self.told.is_some() {
            return Ok(());
        }
        let first = first_line(segments)?;
        // Where the very first line is there, nothing was ever removed.
        if first.is_some_and(|(_, line)| run::prev(&line) != Some(super::chain::NO_LINE)) {
            self.told = newest_told(segments)?;
        }
        Ok(())
    }

    /// How many segments are due, from the oldest on.
    fn due(&mut self, segments: &[SegmentFile], now_us: i64) -> Result<usize, Hindrance> {
        let candidates = segments.get(..segments.len().saturating_sub(KEPT_MIN)).unwrap_or_default();
        let mut left: u64 = segments.iter().map(|segment| segment.bytes).sum();
        let mut by_bytes = 0;
        for segment in candidates.iter().take_while(|_| self.rule.bytes > 0) {
            if left <= self.rule.bytes {
                break;
            }
            left -= segment.bytes;
            by_bytes += 1;
        }
        let mut by_age = 0;
        if self.rule.days > 0 {
            let before = now_us.saturating_sub(i64::from(self.rule.days).saturating_mul(DAY_US));
            for segment in candidates {
                // One without a moment is read, which says what is wrong with it.
                if self.newest_of(segment)?.is_some_and(|newest| newest >= before) {
                    break;
                }
                by_age += 1;
            }
        }
        // By size the oldest go whatever time it is.
        if by_age > by_bytes
            && let Some(silence) = self.silence(segments, now_us)?
        {
            if by_bytes == 0 {
                return Err(silence);
            }
            by_age = 0;
        }
        let due = by_bytes.max(by_age).min(SEGMENTS_MAX);
        self.held_by_copies(candidates.get(..due).unwrap_or_default())
    }

    /// The time without records in front of the last days, where it is too long to be believed. A clock that jumps leaves
    /// one: what is written from then on bears the new time, so that the newest record alone says nothing.
    fn silence(&self, segments: &[SegmentFile], now_us: i64) -> Result<Option<Hindrance>, Hindrance> {
        let (before, behind) = around(segments, now_us.saturating_sub(SILENCE_LOOKED_AT_DAYS * DAY_US))?;
        let Some(before) = before else { return Ok(None) };
        let behind = behind.map_or(now_us, |behind| behind.min(now_us));
        let longest = i64::from(SILENCE_DAYS_MIN.max(self.rule.days / 4)).saturating_mul(DAY_US);
        let is_long = behind.saturating_sub(before) > longest;
        Ok(is_long
            .then(|| Hindrance::Silence { from: moments::write(before), until: moments::write(behind) }))
    }

    fn newest_of(&mut self, segment: &SegmentFile) -> io::Result<Option<i64>> {
        match self.newest {
            Some((number, bytes, newest)) if (number, bytes) == (segment.number, segment.bytes) => Ok(newest),
            _ => {
                let newest = segment.last_line()?.and_then(|line| run::moment(&line));
                self.newest = Some((segment.number, segment.bytes, newest));
                Ok(newest)
            }
        }
    }

    /// How many of these every copy has taken.
    fn held_by_copies(&self, due: &[SegmentFile]) -> Result<usize, Hindrance> {
        let Some(needed) = self.copies.first_needed() else { return Ok(due.len()) };
        let taken = due.partition_point(|segment| segment.number < needed);
        match due.first().filter(|_| taken == 0) {
            Some(oldest) => Err(Hindrance::Copy { segment: oldest.name() }),
            None => Ok(taken),
        }
    }

    /// Reads what is due, and says what of it can be removed: up to a line that the next one is tied to.
    fn run(
        &self,
        due: &[SegmentFile],
        kept: &[SegmentFile],
    ) -> Result<Option<(Vec<SegmentFile>, Removal)>, Hindrance> {
        let mut count = 0;
        let mut bytes = 0;
        while let Some(segment) = due.get(count).filter(|_| bytes < RUN_BYTES_MAX) {
            bytes += segment.bytes;
            count += 1;
        }
        while count > 0 {
            let (gone, rest) = due.split_at(count);
            let mut run = Run::default();
            for segment in gone {
                run.read(segment).map_err(Hindrance::Damaged)?;
            }
            let bytes = gone.iter().map(|segment| segment.bytes).sum();
            let (Some(first), Some(last)) = (gone.first(), gone.last()) else { break };
            let Some(removal) = Removal::of(&run, (first.number, last.number), bytes) else { break };
            self.is_tied(&run, first)?;
            let rest: Vec<SegmentFile> = rest.iter().chain(kept).cloned().collect();
            match first_line(&rest)? {
                Some((_, next)) if run.is_followed_by(&next) => return Ok(Some((gone.to_vec(), removal))),
                // What stands again stays together with where it stood first.
                Some((_, next)) if run.has_again(&next) => count -= 1,
                Some((segment, _)) => {
                    let what = "is not tied to the line before it";
                    return Err(Hindrance::Damaged(RunError::Damaged { segment, line: 1, what }));
                }
                None => break,
            }
        }
        Ok(None)
    }

    /// Whether nothing is missing before what was read.
    fn is_tied(&self, run: &Run, first: &SegmentFile) -> Result<(), Hindrance> {
        let before = match &self.told {
            Some((removal, _)) => removal.end(),
            None => Some(super::chain::NO_LINE),
        };
        if run.after == before { Ok(()) } else { Err(Hindrance::NoBeginning { segment: first.name() }) }
    }

    fn tell_and_remove(
        &mut self,
        gone: &[SegmentFile],
        removal: Removal,
        kept: &[SegmentFile],
        now_us: i64,
    ) -> Result<Looked, Hindrance> {
        let since = kept.last().map_or(0, |open| open.number);
        Plan { since }.begin(&self.directory)?;
        let ordered = self.orders.tell(Event::LedgerRemoved, removal.members(), true);
        // Also what is not known to be kept may be written: the plan has the next look find out.
        ordered.map_err(Hindrance::NotTold)?;
        let looked = Looked::Removed(told(&removal, now_us));
        self.told = Some((removal, now_us));
        self.remove(gone)?;
        Ok(looked)
    }

    /// The oldest first, so that what a crash leaves is tied to what follows.
    fn remove(&self, gone: &[SegmentFile]) -> Result<(), Hindrance> {
        for segment in gone {
            fs::remove_file(&segment.path)?;
            index::remove(&self.directory, segment.number);
        }
        File::open(&self.directory)?.sync_all()?;
        Ok(Plan::end(&self.directory)?)
    }
}

/// Whether these are the end of what the ledger tells was removed: anything else is not touched.
fn is_as_told(removal: &Removal, gone: &[SegmentFile]) -> Result<(), Hindrance> {
    let mut run = Run::default();
    for segment in gone {
        run.read(segment).map_err(Hindrance::Damaged)?;
    }
    // Segments without a record may be what is left.
    match (gone.first(), run.writers.last()) {
        (Some(first), Some(last)) if removal.writers.last() != Some(last) => {
            Err(Hindrance::NotAsTold { segment: first.name() })
        }
        _ => Ok(()),
    }
}

/// The newest moment of a record before `at_us`, and the oldest from it on. Only the segment in which that lies is read.
fn around(segments: &[SegmentFile], at_us: i64) -> io::Result<(Option<i64>, Option<i64>)> {
    let (mut before, mut behind) = (None, None);
    for segment in segments.iter().rev() {
        let first = segment.first_line()?.and_then(|line| run::moment(&line));
        if first.is_none_or(|first| first >= at_us) {
            behind = first.or(behind);
            continue;
        }
        segment.lines(|line| {
            match run::moment(line) {
                Some(moment) if moment < at_us => before = before.max(Some(moment)),
                Some(moment) => behind = Some(behind.map_or(moment, |behind: i64| behind.min(moment))),
                None => {}
            }
            true
        })?;
        break;
    }
    Ok((before, behind))
}

/// The newest removal that these segments tell of, and when it was told.
fn newest_told(segments: &[SegmentFile]) -> io::Result<Option<(Removal, i64)>> {
    for segment in segments.iter().rev() {
        let mut found = None;
        segment.lines(|line| {
            found = Removal::read(line).or(found.take());
            true
        })?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// The first line of these segments and the name of the one it is in.
fn first_line(segments: &[SegmentFile]) -> io::Result<Option<(String, Vec<u8>)>> {
    for segment in segments {
        if let Some(line) = segment.first_line()? {
            return Ok(Some((segment.name(), line)));
        }
    }
    Ok(None)
}

fn told(removal: &Removal, at_us: i64) -> LedgerRemoval {
    let micros = |ts: &str| index::micros(ts.as_bytes()).unwrap_or_default();
    LedgerRemoval {
        at_us,
        first_segment: removal.segments.0,
        last_segment: removal.segments.1,
        records: removal.records,
        bytes: removal.bytes,
        from_us: micros(&removal.from),
        until_us: micros(&removal.until),
    }
}

#[cfg(test)]
mod tests;
