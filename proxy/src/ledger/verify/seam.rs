//! How does one segment go on from another where something failed in between?
//!
//! Two things are in order: bytes of an unfinished line, when the writer crashed or its disk failed while it wrote; and
//! lines that stand again at the beginning of the next segment, when nobody could tell whether the disk had them.

use super::VerifyError;
use super::files::Segment;
use super::finding::{Code, Place};
use super::lines::LINE_BYTES_MAX;
use super::report::Report;
use super::scan::{REPEATED_MAX, Scanned, What};
use super::walk::Tail;
use crate::ledger::chain::Hash;
use crate::ledger::told;
use std::collections::VecDeque;

/// Stands for the hash of a line that cannot be read.
const UNREADABLE: Hash = [0; 64];

/// What is remembered of the segments before.
#[derive(Debug, Default)]
pub(super) struct Seam {
    /// Hashes of the last lines, and of the one before them where that is known.
    recent: VecDeque<Hash>,
    before: Option<Hash>,
    torn: Vec<Torn>,
}

#[derive(Debug)]
struct Torn {
    segment: Segment,
    line: u64,
    offset: u64,
    length: u64,
    /// All lines of the segment stand before it as well, so that what was begun there is finished elsewhere.
    is_again: bool,
}

impl Seam {
    /// The first record there is goes on from this.
    pub(super) fn begin(&mut self, previous: Hash) {
        self.before = Some(previous);
    }

    /// How many lines at the beginning of a segment are the last ones of those before, byte for byte. Lines with the
    /// same hash are the same; each was computed from their bytes.
    pub(super) fn repeated(&self, tail: Option<&Tail>, scanned: &Scanned) -> u64 {
        let (Some(tail), 0) = (tail, scanned.unread) else { return 0 };
        let first = scanned.steps.iter().find_map(|step| match &step.what {
            What::First { claim, .. } => Some(*claim),
            _ => None,
        });
        let Some(first) = first else { return 0 };
        if tail.is_before(&first) && tail.hash.allows(&first.previous) {
            return 0;
        }
        let after = match self.recent.iter().rposition(|hash| *hash == first.previous) {
            Some(at) => at + 1,
            None if self.before == Some(first.previous) => 0,
            None => return 0,
        };
        let known = self.recent.len() - after;
        let count = known.min(scanned.first_lines.len());
        let is_cut_off = count < known && scanned.first_lines.len() == REPEATED_MAX;
        let same = self.recent.iter().skip(after).zip(&scanned.first_lines);
        let is_same = same.take(count).all(|(hash, (again, _))| hash == again && *hash != UNREADABLE);
        if is_same && !is_cut_off { count as u64 } else { 0 }
    }

    /// Looks whether what was unfinished so far is explained by the line that comes next: a start that tells of it, or
    /// the whole of what was begun.
    pub(super) fn torn(
        &mut self,
        segment: &Segment,
        scanned: &Scanned,
        again: u64,
        report: &mut Report,
    ) -> Result<(), VerifyError> {
        if scanned.lines <= again {
            return Ok(());
        }
        let note = scanned.steps.iter().find_map(|step| match &step.what {
            What::First { claim, note, .. } if step.line == again + 1 && claim.is_start => {
                Some(note.clone().unwrap_or_default())
            }
            _ => None,
        });
        let next =
            usize::try_from(again).ok().and_then(|at| scanned.first_lines.get(at)).map(|(_, offset)| *offset);
        for torn in std::mem::take(&mut self.torn) {
            let is_explained = match (&note, next) {
                _ if torn.is_again => true,
                (Some(note), _) => torn.is_told_by(note),
                (None, Some(next)) => torn.is_begun_there(segment, next)?,
                (None, None) => false,
            };
            let (code, message) = match is_explained {
                true => (Code::TornLine, torn.message("of a line that the writer did not finish")),
                false => (
                    Code::UnexplainedBytes,
                    torn.message("that are no line, and what comes next does not tell of them: the segment was cut or added to"),
                ),
            };
            report.find(code, Some(torn.place()), message);
        }
        Ok(())
    }

    /// The segment was looked at; `new` of its lines were not there before.
    pub(super) fn pass(&mut self, segment: &Segment, scanned: &Scanned, new: u64) {
        let new = usize::try_from(new).unwrap_or(usize::MAX);
        if new > scanned.last_lines.len() {
            self.recent.clear();
            self.before = None;
        }
        let known = scanned.last_lines.len();
        for hash in scanned.last_lines.iter().skip(known.saturating_sub(new)) {
            if self.recent.len() == REPEATED_MAX {
                self.before = self.recent.pop_front();
            }
            self.recent.push_back(*hash);
        }
        if let Some((offset, length)) = scanned.torn {
            let (line, is_again) = (scanned.lines + 1, scanned.lines > 0 && new == 0);
            self.torn.push(Torn { segment: segment.clone(), line, offset, length, is_again });
        }
    }

    /// Nothing comes any more: what is unfinished at the end was being written, or its writer crashed.
    pub(super) fn finish(&mut self, report: &mut Report) {
        for torn in std::mem::take(&mut self.torn) {
            report.find(Code::TornLine, Some(torn.place()), torn.message("of a line that is not finished"));
        }
    }
}

impl Torn {
    fn is_told_by(&self, note: &str) -> bool {
        note.contains(&told::torn(&self.segment.plain_name(), self.length))
    }

    fn is_begun_there(&self, segment: &Segment, offset: u64) -> Result<bool, VerifyError> {
        if self.length > LINE_BYTES_MAX as u64 {
            return Ok(false);
        }
        let own = self.segment.bytes_at(self.offset, self.length);
        let own = own.map_err(|source| VerifyError::read(&self.segment.path, source))?;
        let there = segment.bytes_at(offset, self.length);
        Ok(own == there.map_err(|source| VerifyError::read(&segment.path, source))?)
    }

    fn place(&self) -> Place {
        Place { line: self.line, offset: self.offset, ..self.segment.place() }
    }

    fn message(&self, what: &str) -> String {
        format!("the segment ends in {} bytes {what}", self.length)
    }
}
