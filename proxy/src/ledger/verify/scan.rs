//! What does one segment say, looked at by itself?
//!
//! Everything that can be told without the segments before it is told here: hashes, links inside, signatures. What
//! depends on them is handed on as steps in the order of lines.

use super::believed::Believed;
use super::checkpoint::Signed;
use super::files::Segment;
use super::finding::{Code, Finding, Place};
use super::lines::{Ending, Line};
use super::record::{Record, writer_text};
use super::removed::Removal;
use super::walk::{Claim, Expected, Tail};
use super::witness::Positions;
use crate::ledger::chain::Hash;
use crate::ledger::index::micros;
use crate::ledger::told::Told;
use serde::Deserialize;
use std::collections::{HashSet, VecDeque};
use std::io;

/// Most lines that can stand again after a failed disk: many times what waits in the writer's memory.
pub(super) const REPEATED_MAX: usize = 8 * 1024;
/// Most of what is wrong in one segment that is told one by one.
const FOUND_MAX: u64 = 256;

/// Most that is handed on of one segment: more than checkpoints fit into the longest that a gateway writes. Somebody
/// else can pack many millions of lines into a small file.
pub(super) const STEPS_MAX: usize = 256 * 1024;
/// How many entries of a removal, and bytes of a text, weigh as much as one step.
const LEAVES_OF_A_STEP: usize = 4;
const BYTES_OF_A_STEP: usize = 256;

/// What is asked of each segment.
#[derive(Debug)]
pub(super) struct Question {
    pub(super) believed: Believed,
    /// Lines of which hash and place are wanted.
    pub(super) wanted: Positions,
}

/// What came out.
#[derive(Debug, Default)]
pub(super) struct Scanned {
    /// Whole lines, readable or not.
    pub(super) lines: u64,
    /// Bytes of them, unpacked, and of what stands behind them.
    pub(super) bytes: u64,
    pub(super) steps: Vec<Step>,
    /// Records of `writer.gap` that are no steps of their own, and what they say was lost.
    pub(super) gaps: u64,
    pub(super) lost: u64,
    /// Lines before the first that can be read.
    pub(super) unread: u64,
    /// Hashes and places of the first lines, to see whether they stand again.
    pub(super) first_lines: Vec<(Hash, u64)>,
    /// Hashes of the last lines.
    pub(super) last_lines: VecDeque<Hash>,
    /// The last line.
    pub(super) tail: Option<Tail>,
    pub(super) last: Option<Last>,
    /// Where bytes of an unfinished line begin, and how many they are.
    pub(super) torn: Option<(u64, u64)>,
    /// What was found and is not told one by one.
    pub(super) more_found: u64,
}

/// The last line that can be read, with its moment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Last {
    pub(super) line: u64,
    pub(super) offset: u64,
    pub(super) writer: u128,
    pub(super) seq: u64,
    pub(super) ts: Option<i64>,
    pub(super) is_stop: bool,
}

/// Something to look at in the order of lines.
#[derive(Debug)]
pub(super) struct Step {
    /// Of which line, from 1.
    pub(super) line: u64,
    /// Where it begins.
    pub(super) offset: u64,
    pub(super) what: What,
}

#[derive(Debug)]
pub(super) enum What {
    /// Something is wrong by itself.
    Found(Finding),
    /// The first line that can be read; what was wrong with a start before it is in its note.
    First { claim: Claim, ts: Option<i64>, note: Option<String>, is_changed: bool },
    /// Another writer begins in the middle of the segment, behind this line.
    Writer { claim: Claim, before: Tail },
    /// A checkpoint in its place.
    Checkpoint { signed: Box<Signed> },
    /// A line that is wanted.
    Wanted { writer: u128, seq: u64, hash: Hash, end: u64 },
    /// Records were lost, the ledger says.
    Gap { lost: u64 },
    /// A writer starts, and tells what it found.
    Start { claim: Claim, told: Vec<Told> },
    /// Records were removed, the ledger says.
    Removed(Removal),
}

impl What {
    /// How much it holds, counted in steps.
    fn weight(&self) -> usize {
        let text = |told: &Told| match told {
            Told::Missing(text) | Told::EndUnknown(text) | Told::NeverSigned(text) => text.len(),
        };
        1 + match self {
            What::Removed(removal) => removal.writers.len() / LEAVES_OF_A_STEP,
            What::Start { told, .. } => told.iter().map(text).sum::<usize>() / BYTES_OF_A_STEP + told.len(),
            _ => 0,
        }
    }
}

#[derive(Deserialize)]
struct Fields {
    checkpoint: Option<String>,
    note: Option<String>,
    lost: Option<u64>,
}

/// Reads a segment; every byte that comes from the disk is counted.
pub(super) fn scan<'c>(
    segment: &Segment,
    question: &Question,
    count: impl FnMut(u64) + 'c,
) -> io::Result<Scanned> {
    let mut scan = Scan {
        segment,
        question,
        scanned: Scanned::default(),
        wanted: None,
        founds: 0,
        weight: 0,
        changed: None,
    };
    let mut lines = segment.lines(count)?;
    loop {
        match lines.next() {
            Ok(Some(line)) => {
                scan.line(&line);
                if scan.weight > STEPS_MAX {
                    scan.too_much(line.offset);
                    break;
                }
            }
            Ok(None) => break,
            Err(error) if segment.is_compressed => {
                let offset = lines.offset();
                let place = Place { line: scan.scanned.lines + 1, offset, ..segment.place() };
                scan.found(offset, place, Code::UnreadableSegment, format!("it cannot be unpacked: {error}"));
                break;
            }
            Err(error) => return Err(error),
        }
    }
    scan.scanned.bytes = lines.offset();
    Ok(scan.scanned)
}

struct Scan<'s> {
    segment: &'s Segment,
    question: &'s Question,
    scanned: Scanned,
    /// What is wanted of the writer that was seen last.
    wanted: Option<(u128, Option<&'s HashSet<u64>>)>,
    founds: u64,
    /// How much the steps hold.
    weight: usize,
    /// The first line, where it was changed: what it says is believed if the next line fits behind it.
    changed: Option<(Step, Tail)>,
}

impl<'s> Scan<'s> {
    fn line(&mut self, line: &Line<'_>) {
        if line.ending == Ending::Torn {
            self.scanned.torn = Some((line.offset, line.length));
            return;
        }
        self.scanned.lines += 1;
        let record = Record::read(line.bytes).filter(|_| line.ending == Ending::Whole);
        self.remember(record.as_ref().map_or([0; 64], |record| record.hash), line.offset);
        match record {
            None => {
                let message = match line.ending {
                    Ending::TooLong => "the line is longer than any that the ledger writes",
                    Ending::Whole | Ending::Torn => {
                        "this is no record: it has not the fields, or not the end, that every line has"
                    }
                };
                self.found(line.offset, self.place(line, None), Code::NotARecord, message.to_owned());
                self.pass_over();
            }
            Some(record) => self.record(line, &record),
        }
    }

    fn record(&mut self, line: &Line<'_>, record: &Record<'_>) {
        let claim = Claim::of(record);
        if record.stated.is_some() {
            let message = "the line was changed: the hash it states is not that of its bytes".to_owned();
            self.found(line.offset, self.place(line, Some(record)), Code::ChangedLine, message);
            // What a changed line says of its place is believed only if it fits.
            match self.scanned.tail {
                Some(tail) if tail.is_before(&claim) => {}
                None if self.scanned.unread == 0 => return self.first_is_changed(line, record),
                Some(_) | None => return self.pass_over(),
            }
        }
        self.fit_first(&claim);
        let objection = self.scanned.tail.filter(|_| record.stated.is_none());
        let objection = objection.and_then(|tail| tail.objection(&claim));
        // What a line says that cannot stand here counts for nothing.
        let is_in_place = record.stated.is_none() && objection.is_none();
        if let Some((code, message)) = objection {
            self.found(line.offset, self.place(line, Some(record)), code, message);
        }
        match self.scanned.tail {
            None => {
                let first = first(line, record);
                self.step(line, first);
            }
            Some(before) if before.writer != record.writer => self.step(line, What::Writer { claim, before }),
            Some(_) => {}
        }
        self.scanned.tail = Some(tail(record));
        self.last(line, record);
        if is_in_place {
            self.content(line, record);
        }
    }

    fn first_is_changed(&mut self, line: &Line<'_>, record: &Record<'_>) {
        let step = Step { line: self.scanned.lines, offset: line.offset, what: first(line, record) };
        self.changed = Some((step, tail(record)));
        self.scanned.unread += 1;
    }

    /// Whether the line before, the first and changed, is what it says.
    fn fit_first(&mut self, claim: &Claim) {
        let Some((step, tail)) = self.changed.take().filter(|_| self.scanned.unread == 1) else { return };
        if tail.is_before(claim) && tail.hash.allows(&claim.previous) {
            self.scanned.steps.push(step);
            self.scanned.tail = Some(tail);
            self.scanned.unread = 0;
        }
    }

    fn last(&mut self, line: &Line<'_>, record: &Record<'_>) {
        self.scanned.last = Some(Last {
            line: self.scanned.lines,
            offset: line.offset,
            writer: record.writer,
            seq: record.seq,
            ts: micros(record.ts),
            is_stop: record.event == b"writer.stop",
        });
    }

    /// What the line says besides its place.
    fn content(&mut self, line: &Line<'_>, record: &Record<'_>) {
        let Record { writer, seq, hash, .. } = *record;
        if self.is_wanted(writer, seq) {
            self.step(line, What::Wanted { writer, seq, hash, end: line.offset + line.length + 1 });
        }
        match record.event {
            b"checkpoint" => self.checkpoint(line, record),
            b"writer.start" => {
                let note = fields(line.bytes).and_then(|fields| fields.note).unwrap_or_default();
                let told = Told::of(&note);
                if !told.is_empty() {
                    self.step(line, What::Start { claim: Claim::of(record), told });
                }
            }
            b"ledger.removed" => match Removal::read(line.bytes) {
                Some(removal) => self.step(line, What::Removed(removal)),
                None => self.odd(line, record, "`ledger.removed` does not say what was removed"),
            },
            b"writer.gap" => {
                let lost = fields(line.bytes).and_then(|fields| fields.lost).unwrap_or(0);
                // Among the first lines are those that may stand again, to be counted once.
                if self.scanned.lines <= REPEATED_MAX as u64 {
                    self.step(line, What::Gap { lost });
                } else {
                    self.scanned.gaps += 1;
                    self.scanned.lost = self.scanned.lost.saturating_add(lost);
                }
            }
            _ => {}
        }
    }

    fn checkpoint(&mut self, line: &Line<'_>, record: &Record<'_>) {
        let note = fields(line.bytes).and_then(|fields| fields.checkpoint);
        let signed = note.and_then(|note| Signed::read(&note, &self.question.believed));
        let Some(signed) = signed else {
            let message = "the checkpoint cannot be read".to_owned();
            return self.found(line.offset, self.place(line, Some(record)), Code::BadCheckpoint, message);
        };
        let said = &signed.checkpoint;
        let covers_the_line_before = said.writer == record.writer
            && said.seq.checked_add(1) == Some(record.seq)
            && said.hash == record.previous;
        if !covers_the_line_before {
            let message = format!(
                "the checkpoint was signed over record {} of writer {} with another hash than the line before it",
                said.seq,
                writer_text(said.writer)
            );
            return self.found(line.offset, self.place(line, Some(record)), Code::BadCheckpoint, message);
        }
        self.step(line, What::Checkpoint { signed: Box::new(signed) });
    }

    fn odd(&mut self, line: &Line<'_>, record: &Record<'_>, message: &str) {
        self.found(line.offset, self.place(line, Some(record)), Code::NotARecord, message.to_owned());
    }

    fn is_wanted(&mut self, writer: u128, seq: u64) -> bool {
        if self.wanted.is_none_or(|(of, _)| of != writer) {
            self.wanted = Some((writer, self.question.wanted.get(&writer)));
        }
        self.wanted.and_then(|(_, wanted)| wanted).is_some_and(|wanted| wanted.contains(&seq))
    }

    /// The line takes a place of which nothing else is known.
    fn pass_over(&mut self) {
        match &mut self.scanned.tail {
            Some(tail) => *tail = tail.passed_over(1),
            None => self.scanned.unread += 1,
        }
    }

    fn remember(&mut self, hash: Hash, offset: u64) {
        if self.scanned.first_lines.len() < REPEATED_MAX {
            self.scanned.first_lines.push((hash, offset));
        }
        if self.scanned.last_lines.len() == REPEATED_MAX {
            self.scanned.last_lines.pop_front();
        }
        self.scanned.last_lines.push_back(hash);
    }

    fn step(&mut self, line: &Line<'_>, what: What) {
        self.weight += what.weight();
        self.scanned.steps.push(Step { line: self.scanned.lines, offset: line.offset, what });
    }

    /// No gateway writes such a segment, and all that it says does not fit into memory.
    fn too_much(&mut self, offset: u64) {
        let place = Place { line: self.scanned.lines, offset, ..self.segment.place() };
        let message = "it holds more starts, checkpoints and removals than any segment that the ledger writes; what comes \
                       behind this line was not looked at";
        let what = What::Found(Finding::new(Code::UnreadableSegment, Some(place), message.to_owned()));
        self.scanned.steps.push(Step { line: self.scanned.lines, offset, what });
    }

    fn found(&mut self, offset: u64, place: Place, code: Code, message: String) {
        self.founds += 1;
        if self.founds > FOUND_MAX {
            self.scanned.more_found += 1;
            return;
        }
        let what = What::Found(Finding::new(code, Some(place), message));
        self.scanned.steps.push(Step { line: self.scanned.lines, offset, what });
    }

    fn place(&self, line: &Line<'_>, record: Option<&Record<'_>>) -> Place {
        Place {
            line: self.scanned.lines,
            offset: line.offset,
            writer: record.map(|record| writer_text(record.writer)),
            seq: record.map(|record| record.seq),
            ..self.segment.place()
        }
    }
}

fn tail(record: &Record<'_>) -> Tail {
    Tail {
        writer: record.writer,
        seq: record.seq,
        hash: Expected::of(record),
        is_stop: record.event == b"writer.stop",
    }
}

fn first(line: &Line<'_>, record: &Record<'_>) -> What {
    let (claim, is_changed) = (Claim::of(record), record.stated.is_some());
    let note = claim.is_start.then(|| fields(line.bytes).and_then(|fields| fields.note)).flatten();
    What::First { claim, ts: micros(record.ts), note, is_changed }
}

fn fields(line: &[u8]) -> Option<Fields> {
    serde_json::from_slice(line).ok()
}
