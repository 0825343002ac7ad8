//! What lies in a run of segments, read from the raw bytes, and does its chain hold?
//!
//! Nothing a segment says of itself is believed before it was computed: the hash of each line, its tie to the
//! line before, and that the lines of one writer are numbered without holes. Lines that stand again, byte for
//! byte, at the beginning of the next segment are what a failed disk leaves, and are in order.

use super::segments::SegmentFile;
use crate::ledger::chain::{self, Hash, NO_LINE, Sealed};
use crate::ledger::index::micros;
use serde::Deserialize;
use std::collections::VecDeque;
use std::io;

/// Lines at the end of a segment that may stand again in the next: more than a writer has on its way to the
/// disk at one time.
const AGAIN_MAX: usize = 8_192;

/// What is read of a line.
#[derive(Debug, Deserialize)]
struct Fields<'a> {
    event: &'a str,
    ts: &'a str,
    writer: &'a str,
    seq: u64,
    prev: &'a str,
}

/// Up to which of its lines a writer was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct WriterEnd {
    /// Its UUID.
    pub(super) writer: String,
    /// The `seq` of the line.
    pub(super) records: u64,
    /// The line's hash.
    pub(super) hash: Hash,
}

/// What was read, from its first line to the last.
#[derive(Clone, Debug, Default)]
pub(super) struct Run {
    /// The hash that the first line is tied to.
    pub(super) after: Option<Hash>,
    /// Lines; those that stand twice count once.
    pub(super) records: u64,
    /// The earliest and the latest `ts`, as they are written.
    pub(super) from: Option<String>,
    pub(super) until: Option<String>,
    /// Each writer whose lines were read, in order.
    pub(super) writers: Vec<WriterEnd>,
    /// The line that the next one is tied to.
    cursor: Option<(u64, Hash)>,
    again: VecDeque<(u64, Hash)>,
}

/// Why a run is not what it should be.
#[derive(Debug, thiserror::Error)]
pub(in crate::ledger) enum RunError {
    /// It is not whole: nothing of it is touched.
    #[error("line {line} of {segment} {what}")]
    Damaged {
        /// The file.
        segment: String,
        /// Counted from 1.
        line: u64,
        /// What is wrong with it.
        what: &'static str,
    },
    /// It cannot be read.
    #[error("{segment} cannot be read: {source}")]
    Unreadable {
        /// The file.
        segment: String,
        /// Why.
        source: io::Error,
    },
}

/// Where in a segment a line stands.
#[derive(Clone, Copy)]
enum Place {
    /// It is the first.
    Begins,
    /// Behind lines that stood in the segment before.
    Again,
    /// Behind a line that is nowhere else.
    New,
}

impl Run {
    /// Reads one segment more, which is the one after those that were read.
    pub(super) fn read(&mut self, segment: &SegmentFile) -> Result<(), RunError> {
        let (mut count, mut wrong, mut place) = (0, None, Place::Begins);
        let read = segment.lines(|line| {
            count += 1;
            wrong = self.take(line, &mut place).err();
            wrong.is_none()
        });
        read.map_err(|source| RunError::Unreadable { segment: segment.name(), source })?;
        match wrong {
            Some(what) => Err(RunError::Damaged { segment: segment.name(), line: count, what }),
            None => Ok(()),
        }
    }

    /// The hash of the last line.
    pub(super) fn end(&self) -> Option<Hash> {
        self.writers.last().map(|end| end.hash)
    }

    /// Whether a line is the one after what was read. One that stands again is not.
    pub(super) fn is_followed_by(&self, line: &[u8]) -> bool {
        let prev = serde_json::from_slice::<Fields<'_>>(line).ok();
        prev.is_some_and(|fields| {
            Some(fields.prev.as_bytes()) == self.end().as_ref().map(<[u8; 64]>::as_slice)
        })
    }

    /// Whether a line is one that was read.
    pub(super) fn has_again(&self, line: &[u8]) -> bool {
        let (Ok(fields), Sealed::Holds(hash)) =
            (serde_json::from_slice::<Fields<'_>>(line), chain::check(line))
        else {
            return false;
        };
        self.again.contains(&(fields.seq, hash))
    }

    fn take(&mut self, line: &[u8], place: &mut Place) -> Result<(), &'static str> {
        let Sealed::Holds(hash) = chain::check(line) else { return Err("does not have the hash it states") };
        let Ok(fields) = serde_json::from_slice::<Fields<'_>>(line) else {
            return Err("is no record of the ledger");
        };
        let prev: Hash = fields.prev.as_bytes().try_into().map_err(|_| "is tied to nothing")?;
        let may_stand_again = match place {
            Place::Begins => true,
            Place::Again => self.cursor.is_some_and(|(_, cursor)| cursor == prev),
            Place::New => false,
        };
        if may_stand_again && self.again.contains(&(fields.seq, hash)) {
            *place = Place::Again;
            self.cursor = Some((fields.seq, hash));
            return Ok(());
        }
        *place = Place::New;
        self.follows(&fields, prev)?;
        self.note(&fields, hash);
        Ok(())
    }

    /// Whether a line may stand where it stands.
    fn follows(&mut self, fields: &Fields<'_>, prev: Hash) -> Result<(), &'static str> {
        let Some((seq, hash)) = self.cursor else {
            self.after = Some(prev);
            // The first line of all is the first of its writer.
            let is_first = prev != NO_LINE || fields.seq == 1;
            return if is_first { Ok(()) } else { Err("is tied to nothing and is not its writer's first") };
        };
        if prev != hash {
            return Err("is not tied to the line before it");
        }
        let is_same = self.writers.last().is_some_and(|last| last.writer == fields.writer);
        let starts = fields.seq == 1 && fields.event == "writer.start";
        match is_same {
            true if fields.seq == seq.saturating_add(1) => Ok(()),
            false if starts && self.writers.iter().all(|known| known.writer != fields.writer) => Ok(()),
            _ => Err("does not have the number that its writer's next line has"),
        }
    }

    fn note(&mut self, fields: &Fields<'_>, hash: Hash) {
        self.records += 1;
        self.cursor = Some((fields.seq, hash));
        match self.writers.last_mut().filter(|last| last.writer == fields.writer) {
            Some(last) => (last.records, last.hash) = (fields.seq, hash),
            None => {
                let writer = fields.writer.to_owned();
                self.writers.push(WriterEnd { writer, records: fields.seq, hash });
            }
        }
        if self.again.len() == AGAIN_MAX {
            self.again.pop_front();
        }
        self.again.push_back((fields.seq, hash));
        // Moments of one form sort as texts do.
        if self.from.as_deref().is_none_or(|from| fields.ts < from) {
            self.from = Some(fields.ts.to_owned());
        }
        if self.until.as_deref().is_none_or(|until| fields.ts > until) {
            self.until = Some(fields.ts.to_owned());
        }
    }
}

/// The moment of a line, in microseconds since 1970-01-01 UTC.
pub(super) fn moment(line: &[u8]) -> Option<i64> {
    micros(serde_json::from_slice::<Fields<'_>>(line).ok()?.ts.as_bytes())
}

/// The hash that a line is tied to.
pub(super) fn prev(line: &[u8]) -> Option<Hash> {
    serde_json::from_slice::<Fields<'_>>(line).ok()?.prev.as_bytes().try_into().ok()
}
