//! Do the segments, one after the other, make one ledger?

use super::VerifyError;
use super::believed::Believed;
use super::files::{Files, Segment};
use super::finding::{Code, Place};
use super::record::writer_text;
use super::removed::{self, Leaf, Removal};
use super::report::{Reach, Report};
use super::scan::{Last, Question, Scanned, Step, What};
use super::seam::Seam;
use super::totals::{Sum, Totals};
use super::walk::{Claim, Expected, Tail, begins_without_start};
use crate::ledger::chain::{Hash, NO_LINE};
use crate::ledger::told::Told;
use std::collections::{BTreeMap, HashMap, HashSet};

mod closing;
mod signed;

/// What the segments were found to hold.
#[derive(Debug, Default)]
pub(super) struct Linked {
    /// The first writer there ever was.
    pub(super) ledger: Option<u128>,
    pub(super) records: u64,
    pub(super) lost: u64,
    pub(super) gaps: u64,
    pub(super) removed: u64,
    pub(super) first_us: Option<i64>,
    pub(super) last: Option<Last>,
    pub(super) last_place: Option<Place>,
    pub(super) last_hash: Option<Hash>,
    /// In the order in which they stand; the hash of a writer's last line where that is sure.
    pub(super) writers: Vec<(Tail, Option<Hash>)>,
    /// What stood before the first line, where a removal that was signed tells of it.
    pub(super) removed_before: Option<RemovedBefore>,
    pub(super) wanted: HashMap<(u128, u64), Wanted>,
    /// Checkpoints by the key that signed them.
    pub(super) signers: BTreeMap<usize, u64>,
    /// Checkpoints that nobody can check.
    pub(super) unchecked: u64,
    pub(super) newest: Option<Newest>,
    pub(super) unsigned: u64,
    /// Where the writers begin, in their order.
    pub(super) begun: Vec<Place>,
    /// Writers before the last one that did not stop in order, and where the one behind the first of them begins.
    pub(super) not_stopped: u64,
    pub(super) not_stopped_place: Option<Place>,
    /// Where nothing showed up to where the ledger went.
    pub(super) unknown_ends: Vec<UnknownEnd>,
    /// No segment is there.
    pub(super) is_nowhere: bool,
}

/// What was removed in order before the first line that is there.
#[derive(Debug)]
pub(super) struct RemovedBefore {
    /// The first line.
    writer: u128,
    seq: u64,
    /// How many records stood before it, as the first checkpoint behind it counts.
    records: Option<u64>,
    /// Up to which record each writer's are gone.
    up_to: HashMap<u128, u64>,
}

impl RemovedBefore {
    /// Whether record `seq` of `writer` is among it; of a writer of whom no line is here, by the number of records up
    /// to that one where it is known. What a removal says is not enough: it can name lines that stood elsewhere.
    pub(super) fn has(&self, writer: u128, seq: u64, records: Option<u64>, is_writer_here: bool) -> bool {
        if is_writer_here {
            return writer == self.writer && seq < self.seq;
        }
        match (records, self.records) {
            (Some(records), Some(before)) => records <= before,
            _ => self.up_to.get(&writer).is_some_and(|until| seq <= *until),
        }
    }
}

/// What a start says of the end it found.
#[derive(Debug)]
pub(super) struct UnknownEnd {
    /// Where it begins.
    pub(super) place: Place,
    pub(super) message: String,
    /// The writer before, and its last line.
    pub(super) writer: u128,
    pub(super) seq: u64,
}

/// A line somebody else knows of.
#[derive(Debug)]
pub(super) struct Wanted {
    pub(super) hash: Hash,
    /// Where it ends: segment and byte. Two places, if it stands again after a failed disk.
    pub(super) ends: Vec<(u64, u64)>,
    pub(super) sums: Vec<Sum>,
}

/// The newest checkpoint whose signature holds.
#[derive(Debug)]
pub(super) struct Newest {
    pub(super) reach: Reach,
    pub(super) time_us: i64,
    /// Records up to its own line.
    at: u64,
}

/// What stands before the first line of a segment whose place is known.
#[derive(Clone, Copy, Debug)]
enum Before {
    /// So many lines of the segment that cannot be read.
    Lines(u64),
    /// The line was changed: what it names as the one before counts for nothing.
    Anything,
}

/// The work.
#[derive(Debug)]
pub(super) struct Link<'q> {
    believed: &'q Believed,
    directories: &'q [std::path::PathBuf],
    totals: Totals,
    seam: Seam,
    tail: Option<Tail>,
    linked: Linked,
    seen: HashSet<u128>,
    /// The first record, where something stood before it.
    begins_late: Option<(Claim, Place)>,
    removals: Vec<Removal>,
    /// How many of them a checkpoint covers.
    removals_signed: usize,
    /// Records before the first line that is there, as the first checkpoint that is believed counts.
    records_before: Option<u64>,
    /// Text and time of the checkpoint before; none when there was none, or when it cannot be known.
    checkpoint: Option<(Hash, i64)>,
    is_first_checkpoint: bool,
    other_places: u64,
    /// Who has signed and is not believed: as he calls himself, where first, and how many.
    strangers: Vec<(String, Place, u64)>,
}

impl<'q> Link<'q> {
    pub(super) fn new(question: &'q Question, files: &'q Files) -> Result<Link<'q>, VerifyError> {
        let totals = match removed::guesses(files)? {
            None => Totals::from_the_beginning(),
            Some(guesses) => Totals::guessed(guesses),
        };
        Ok(Link {
            believed: &question.believed,
            directories: &files.directories,
            totals,
            seam: Seam::default(),
            tail: None,
            linked: Linked { is_nowhere: files.segments.is_empty(), ..Linked::default() },
            seen: HashSet::new(),
            begins_late: None,
            removals: Vec::new(),
            removals_signed: 0,
            records_before: None,
            checkpoint: None,
            is_first_checkpoint: true,
            other_places: 0,
            strangers: Vec::new(),
        })
    }

    /// The next segment.
    pub(super) fn add(
        &mut self,
        segment: &Segment,
        mut scanned: Scanned,
        report: &mut Report,
    ) -> Result<(), VerifyError> {
        let again = self.seam.repeated(self.tail.as_ref(), &scanned);
        if again > 0 {
            let message = format!(
                "its first {again} lines stand in the segment before as well, byte for byte; counted once"
            );
            report.find(Code::RepeatedLines, Some(segment.place()), message);
        }
        self.seam.torn(segment, &scanned, again, report)?;
        for step in std::mem::take(&mut scanned.steps) {
            self.step(segment, &scanned, again, step, report);
        }
        self.linked.gaps += scanned.gaps;
        self.linked.lost = self.linked.lost.saturating_add(scanned.lost);
        report.add_more(scanned.more_found);
        let new = scanned.lines - again.min(scanned.lines);
        if new > 0 {
            self.tail = scanned.tail.or_else(|| Some(self.tail?.passed_over(scanned.unread)));
            if let Some(last) = scanned.last {
                self.linked.last_place = Some(spot(segment, &last));
                self.linked.last = Some(last);
            }
        }
        self.linked.records += new;
        self.seam.pass(segment, &scanned, new);
        Ok(())
    }

    fn step(&mut self, segment: &Segment, scanned: &Scanned, again: u64, step: Step, report: &mut Report) {
        let is_new = step.line > again;
        let place = |claim: &Claim| Place {
            line: step.line,
            offset: step.offset,
            writer: Some(writer_text(claim.writer)),
            seq: Some(claim.seq),
            ..segment.place()
        };
        match step.what {
            What::Found(finding) => {
                self.disturbed(finding.code);
                report.add(finding);
            }
            What::Wanted { writer, seq, hash, end } => {
                let sums = self.totals.with(&Leaf { writer, records: seq, hash });
                let wanted = Wanted { hash, ends: Vec::new(), sums };
                let wanted = self.linked.wanted.entry((writer, seq)).or_insert(wanted);
                wanted.ends.push((segment.number, end));
            }
            _ if !is_new => {}
            What::First { claim, ts, is_changed, .. } => {
                self.linked.first_us = self.linked.first_us.or(ts);
                let before = if is_changed { Before::Anything } else { Before::Lines(scanned.unread) };
                self.first(&claim, place(&claim), before, report);
            }
            What::Writer { claim, before } => {
                self.end(before, &place(&claim));
                self.begin(&claim, place(&claim), report);
            }
            What::Start { claim, told } => self.start(told, place(&claim), report),
            What::Checkpoint { signed } => {
                let claim = Claim {
                    writer: signed.checkpoint.writer,
                    seq: signed.checkpoint.seq + 1,
                    previous: signed.checkpoint.hash,
                    is_start: false,
                };
                let (bytes, number) = (signed.checkpoint.bytes, signed.checkpoint.segment);
                let is_here = (number, bytes) == (segment.number, step.offset);
                // The first line of a segment follows one of another.
                self.other_places += u64::from(!is_here && step.line > 1);
                let at = self.linked.records + step.line - again;
                self.signed(&signed, place(&claim), at, report);
            }
            What::Gap { lost } => {
                self.linked.gaps += 1;
                self.linked.lost = self.linked.lost.saturating_add(lost);
            }
            What::Removed(removal) => {
                self.linked.removed = self.linked.removed.saturating_add(removal.records);
                self.removals.push(removal);
            }
        }
    }

    /// The first record of a segment.
    fn first(&mut self, claim: &Claim, place: Place, before: Before, report: &mut Report) {
        let Some(tail) = self.tail else {
            let (unread, is_sure) = match before {
                Before::Anything => (0, false),
                Before::Lines(unread) => (unread, unread == 0),
            };
            let is_beginning = claim.seq == unread + 1 && (!is_sure || claim.previous == NO_LINE);
            if is_beginning {
                self.linked.ledger = Some(claim.writer);
                if is_sure && !claim.is_start {
                    let (code, message) = begins_without_start();
                    report.find(code, Some(place.clone()), message);
                }
            } else {
                self.begins_late = Some((*claim, place.clone()));
            }
            self.seam.begin(claim.previous);
            return self.begin(claim, place, report);
        };
        let tail = match before {
            Before::Anything => Tail { hash: Expected::Any, ..tail },
            Before::Lines(unread) => tail.passed_over(unread),
        };
        if let Some((code, message)) = tail.objection(claim) {
            self.disturbed(code);
            report.find(code, Some(place.clone()), message);
        }
        if tail.writer != claim.writer {
            self.end(tail, &place);
            self.begin(claim, place, report);
        }
    }

    /// What a start tells of the lines before it.
    fn start(&mut self, told: Vec<Told>, place: Place, report: &mut Report) {
        let before = self.linked.writers.last().map_or((0, 0), |(tail, _)| (tail.writer, tail.seq));
        let mut missing = Vec::new();
        for told in told {
            match told {
                Told::Missing(message) => missing.push(message),
                Told::EndUnknown(message) => {
                    let (writer, seq) = before;
                    self.linked.unknown_ends.push(UnknownEnd { place: place.clone(), message, writer, seq });
                }
                Told::NeverSigned(message) => {
                    report.find(Code::NeverSignedBefore, Some(place.clone()), message);
                }
            }
        }
        if !missing.is_empty() {
            let message =
                format!("lines before this start are missing, as it says itself: {}", missing.join("; "));
            report.find(Code::MissingBeforeStart, Some(place), message);
        }
    }

    /// `tail` is the last line of its writer; the next one begins at `place`.
    fn end(&mut self, tail: Tail, place: &Place) {
        if !tail.is_stop {
            self.linked.not_stopped += 1;
            self.linked.not_stopped_place.get_or_insert_with(|| place.clone());
        }
        let hash = tail.hash.sure();
        match hash {
            Some(hash) => self.totals.end(&Leaf { writer: tail.writer, records: tail.seq, hash }),
            None => self.totals.give_up(),
        }
        self.linked.writers.push((tail, hash));
    }

    fn begin(&mut self, claim: &Claim, place: Place, report: &mut Report) {
        self.linked.begun.push(place.clone());
        if !self.seen.insert(claim.writer) {
            self.disturbed(Code::OutOfOrder);
            let message = "this writer stands again behind another one".to_owned();
            report.find(Code::OutOfOrder, Some(place), message);
        }
    }

    /// What follows can no longer be compared with what came before.
    fn disturbed(&mut self, code: Code) {
        self.checkpoint = None;
        self.is_first_checkpoint = false;
        if matches!(code, Code::MissingMiddle | Code::OutOfOrder | Code::NotARecord | Code::UnreadableSegment)
        {
            self.totals.give_up();
        }
    }
}

fn spot(segment: &Segment, last: &Last) -> Place {
    Place {
        line: last.line,
        offset: last.offset,
        writer: Some(writer_text(last.writer)),
        seq: Some(last.seq),
        ..segment.place()
    }
}
