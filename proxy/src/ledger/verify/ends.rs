//! Does the ledger go as far as others say it did?

use super::believed::{Believed, Signature, origin};
use super::checkpoint::{Checkpoint, Signed};
use super::finding::{Code, Place};
use super::link::{Linked, Wanted};
use super::record::writer_text;
use super::report::{Reach, Report, moment, plural};
use super::totals::Sum;
use super::walk::records;
use super::witness::{From, Head, Kept, Witnesses};
use std::path::PathBuf;
use std::time::Duration;

/// Lines of a writer behind the one that its last checkpoint covers: the checkpoint's own, and `writer.stop`.
const LINES_BEHIND_THE_LAST: u64 = 2;

/// What else is known of the moment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment<'f> {
    /// Where the ledger was looked for.
    pub(super) directories: &'f [PathBuf],
    pub(super) fresh_within: Option<Duration>,
    pub(super) now_us: i64,
    pub(super) is_being_written: bool,
}

/// Compares with all witnesses, and says what is open then.
pub(super) fn conclude(
    linked: &Linked,
    witnesses: &Witnesses,
    believed: &Believed,
    moment: Moment<'_>,
    report: &mut Report,
) {
    let mut ends = Ends {
        linked,
        believed,
        directories: moment.directories,
        newest_us: linked.newest.as_ref().map(|newest| newest.time_us),
        removed: 0,
        covered: Vec::new(),
        alike: Vec::new(),
    };
    for head in &witnesses.heads {
        ends.head(head, report);
    }
    for kept in &witnesses.notes {
        ends.kept(kept, report);
    }
    ends.alike(report);
    ends.open(report);
    ends.earlier(report);
    ends.told(moment, report);
    if witnesses.notes.iter().all(|kept| kept.from == From::Folder) {
        let message = "no checkpoint from elsewhere was given (`--checkpoint`): what is said here holds against accidents, \
                       and not against whoever can put back the whole folder";
        report.find(Code::NothingFromElsewhere, None, message.to_owned());
    }
    ends.fresh(moment, report);
}

struct Ends<'l> {
    linked: &'l Linked,
    believed: &'l Believed,
    directories: &'l [PathBuf],
    /// When the newest checkpoint was signed.
    newest_us: Option<i64>,
    /// Checkpoints from elsewhere over what was removed.
    removed: u64,
    /// Lines that checkpoints from elsewhere follow.
    covered: Vec<(u128, u64)>,
    /// What is wrong with many checkpoints in the same way: what, where first, and how many.
    alike: Vec<(Code, Option<Place>, String, u64)>,
}

/// Where a line is that somebody knows of.
enum Found<'w> {
    There(&'w Wanted),
    Removed,
    /// It should stand among the lines that are there.
    Damaged,
    /// It comes behind the last line.
    Beyond,
    /// It comes behind the last line of an earlier writer: that line's number, and where the next writer begins.
    Cut(u64, Option<Place>),
}

impl Ends<'_> {
    /// Where record `seq` of `writer` is, which is number `records` of the whole ledger where that was signed.
    fn find(&self, writer: u128, seq: u64, records: Option<u64>) -> Found<'_> {
        if let Some(wanted) = self.linked.wanted.get(&(writer, seq)) {
            return Found::There(wanted);
        }
        let at = self.linked.writers.iter().rposition(|(tail, _)| tail.writer == writer);
        let removed = self.linked.removed_before.as_ref();
        if removed.is_some_and(|removed| removed.has(writer, seq, records, at.is_some())) {
            return Found::Removed;
        }
        let known = at.and_then(|at| Some((at + 1, self.linked.writers.get(at)?)));
        match known {
            Some((_, (tail, _))) if seq <= tail.seq => Found::Damaged,
            Some((next, (tail, _))) if next < self.linked.writers.len() => {
                Found::Cut(tail.seq, self.linked.begun.get(next).cloned())
            }
            _ => Found::Beyond,
        }
    }

    fn head(&self, head: &Head, report: &mut Report) {
        let place = Some(file("head"));
        match self.find(head.writer, head.seq, None) {
            Found::There(wanted) if wanted.hash != head.hash => {
                let message = format!(
                    "it names record {} of writer {} with another hash than the one that is there",
                    head.seq,
                    writer_text(head.writer)
                );
                report.find(Code::HeadDiffers, place, message);
            }
            Found::There(wanted) => {
                // Where something else is missing or put in, every place behind it is another one.
                if !wanted.ends.contains(&(head.segment, head.bytes)) && !report.is_broken() {
                    let message = format!(
                        "it says that the last record ends at byte {} of segment {:08}, and it does not",
                        head.bytes, head.segment
                    );
                    report.find(Code::HeadDiffers, place, message);
                }
                let records = single(&wanted.sums).map(|sum| sum.records);
                let (writer, seq) = (writer_text(head.writer), head.seq);
                report.head = Some(Reach { records, writer, seq, time: None });
            }
            Found::Removed => {
                let message =
                    "it names a record that was removed since: it is older than the segments".to_owned();
                report.find(Code::HeadDiffers, place, message);
            }
            // What is wrong there was told; else it is told here.
            Found::Damaged if report.is_broken() => {}
            Found::Cut(found, before) => {
                let message = cut("the file `head` names", head.writer, head.seq, found);
                report.find(Code::MissingBeforeStart, before, message);
            }
            Found::Damaged | Found::Beyond => {
                let message = self.beyond("the file `head` names", head.writer, head.seq);
                report.find(Code::MissingEnd, self.linked.last_place.clone(), message);
            }
        }
    }

    fn kept(&mut self, kept: &Kept, report: &mut Report) {
        let place = Some(kept.place.clone());
        let Some(signed) = Signed::read(&kept.note, self.believed) else {
            let code = match kept.from {
                From::Folder => Code::BadCheckpoint,
                From::Elsewhere => Code::UnreadableCheckpoint,
            };
            return report.find(code, place, "this is no checkpoint of a ledger".to_owned());
        };
        let ledger = signed.checkpoint.ledger;
        if self.linked.ledger.is_some_and(|own| own != ledger) {
            let message = format!("the checkpoint is of another ledger, {}", origin(ledger));
            return self.many(Code::OtherLedger, place, message);
        }
        match &signed.signature {
            Signature::Of(_) => {}
            Signature::NoKey => {
                if self.linked.unchecked == 0 {
                    let message = format!(
                        "there is no key to check the checkpoint with: {}, and no public key was given",
                        self.believed.why_none()
                    );
                    self.many(Code::NoKey, place, message);
                }
                return;
            }
            Signature::Bad => {
                let message = "the checkpoint's signature is not one over its text".to_owned();
                return report.find(Code::BadSignature, place, message);
            }
            Signature::Unknown(signer) => {
                let message =
                    format!("the checkpoint is signed by `{signer}`, which is not among the keys believed");
                // A key of another ledger was told of where it showed first.
                if !report.has(Code::OtherLedger) {
                    self.many(Code::UnknownSigner, place, message);
                }
                return;
            }
        }
        self.witness(kept, &signed, report);
    }

    /// Something that is wrong with many in the same way.
    fn many(&mut self, code: Code, place: Option<Place>, message: String) {
        match self.alike.iter_mut().find(|(known, _, text, _)| *known == code && *text == message) {
            Some((.., count)) => *count += 1,
            None => self.alike.push((code, place, message, 1)),
        }
    }

    fn alike(&mut self, report: &mut Report) {
        for (code, place, message, count) in std::mem::take(&mut self.alike) {
            let more = match count - 1 {
                0 => String::new(),
                more => format!("; so {}", plural(more, "more is", "more are")),
            };
            report.find(code, place, message + &more);
        }
    }

    /// A checkpoint of this ledger that somebody believed has signed.
    fn witness(&mut self, kept: &Kept, signed: &Signed, report: &mut Report) {
        let said = &signed.checkpoint;
        let place = Some(kept.place.clone());
        match self.find(said.writer, said.seq, Some(said.records)) {
            Found::There(wanted) if wanted.hash != said.hash => self.rewritten(said, place, report),
            Found::There(wanted) => {
                let sum = Sum { records: said.records, writers: said.writers, root: said.root };
                if !wanted.sums.is_empty() && !wanted.sums.contains(&sum) {
                    let message = format!(
                        "the checkpoint was signed over {} records of {} writers with other last lines than those here",
                        said.records, said.writers
                    );
                    return report.find(Code::OtherTotals, place, message);
                }
                self.newest_us = self.newest_us.max(Some(said.time_us));
                if kept.from == From::Folder {
                    self.own_line(said, report);
                } else {
                    self.covered.push((said.writer, said.seq));
                    report.outside_checkpoints += 1;
                    let is_further =
                        report.outside.as_ref().is_none_or(|reach| reach.records <= Some(said.records));
                    if is_further {
                        report.outside = Some(signed.reach());
                    }
                }
            }
            Found::Removed => self.removed += u64::from(kept.from == From::Elsewhere),
            Found::Damaged if report.is_broken() => {}
            Found::Damaged => self.rewritten(said, place, report),
            Found::Cut(found, before) => {
                let message = format!(
                    "{}; it was signed {}",
                    cut(covers(kept.from), said.writer, said.seq, found),
                    moment(said.time_us)
                );
                report.find(Code::MissingBeforeStart, before, message);
            }
            Found::Beyond => {
                let who = covers(kept.from);
                let message = format!(
                    "{}; it was signed {}",
                    self.beyond(who, said.writer, said.seq),
                    moment(said.time_us)
                );
                report.find(Code::MissingEnd, self.linked.last_place.clone(), message);
            }
        }
    }

    /// The file `checkpoint` is replaced once the checkpoint's own line is kept.
    fn own_line(&self, said: &Checkpoint, report: &mut Report) {
        let seq = said.seq.saturating_add(1);
        if !report.has(Code::MissingEnd) && matches!(self.find(said.writer, seq, None), Found::Beyond) {
            let message = self.beyond("the file `checkpoint` was itself", said.writer, seq);
            report.find(Code::MissingEnd, self.linked.last_place.clone(), message);
        }
    }

    fn rewritten(&self, said: &Checkpoint, place: Option<Place>, report: &mut Report) {
        let message = format!(
            "at {} record {} of writer {} was signed with another hash than it has here: it, or a line before it, was \
             rewritten since",
            moment(said.time_us),
            said.seq,
            writer_text(said.writer)
        );
        report.find(Code::Rewritten, place, message);
    }

    /// What is missing behind the last line, in words.
    fn beyond(&self, who: &str, writer: u128, seq: u64) -> String {
        let name = writer_text(writer);
        match self.linked.writers.last() {
            Some((tail, _)) if tail.writer == writer => format!(
                "{} missing behind the last line: {who} record {seq}",
                records(tail.seq.saturating_add(1), seq, &name)
            ),
            _ => format!(
                "everything from a later start on is missing behind the last line: {who} record {seq} of writer {name}, \
                 of which no line is here"
            ),
        }
    }

    /// What nobody shows.
    fn open(&self, report: &mut Report) {
        let linked = self.linked;
        if linked.records == 0 {
            let message = match (linked.is_nowhere, self.directories) {
                (true, [one]) => format!("there is no ledger at `{}`: no segment is in it", one.display()),
                (true, _) => "there is no ledger in any of the folders: no segment is in them".to_owned(),
                (false, _) => "there is no record to look at: the segments are empty".to_owned(),
            };
            return report.find(Code::NoRecords, None, message);
        }
        if linked.signers.is_empty() && linked.unchecked == 0 && report.outside.is_none() {
            let message =
                "nobody has signed the ledger: the chain shows accidents, and nothing against whoever can \
                           compute hashes"
                    .to_owned();
            report.find(Code::NeverSigned, None, message);
        }
        // That more is missing than is here says enough.
        if report.head.is_none() && report.outside.is_none() && !report.has(Code::MissingEnd) {
            let message = match &linked.newest {
                Some(_) => {
                    "behind its newest checkpoint nothing shows where the ledger ends: there is no file `head` that \
                            names its last record, and no checkpoint from elsewhere was given"
                }
                None => {
                    "nothing shows where the ledger ends: there is no file `head`, no checkpoint in it, and none from \
                         elsewhere was given"
                }
            };
            report.find(Code::UnknownEnd, linked.last_place.clone(), message.to_owned());
        }
    }

    /// What a start did not know of the end before it, unless somebody else does.
    fn earlier(&self, report: &mut Report) {
        for end in &self.linked.unknown_ends {
            // Behind its last checkpoint a writer has that one's line and `writer.stop`.
            let covers = |(writer, seq): &(u128, u64)| {
                *writer == end.writer && end.seq.saturating_sub(*seq) <= LINES_BEHIND_THE_LAST
            };
            if !self.covered.iter().any(covers) {
                report.find(Code::UnknownEndBeforeStart, Some(end.place.clone()), end.message.clone());
            }
        }
    }

    fn told(&self, now: Moment<'_>, report: &mut Report) {
        let linked = self.linked;
        if !linked.signers.is_empty() && !self.believed.is_given {
            let message = "who signs is the folder's own word (`verifier.keys`): whoever can write the folder could have \
                           put another key there; give the key you were told of with `--public-key`";
            report.find(Code::OwnWord, None, message.to_owned());
        }
        if self.removed > 0 {
            let message = format!(
                "{} records that were removed as the settings say, and {} not compared",
                plural(self.removed, "checkpoint from elsewhere covers", "checkpoints from elsewhere cover"),
                if self.removed == 1 { "was" } else { "were" }
            );
            report.find(Code::CoversRemoved, None, message);
            if report.outside_checkpoints == 0 && !report.is_broken() {
                let message =
                    "no checkpoint from elsewhere could be compared: what those that were given cover was \
                               removed; give one that is newer than the removal"
                        .to_owned();
                report.find(Code::NothingCompared, None, message);
            }
        }
        let is_stopped = linked.last.is_some_and(|last| last.is_stop);
        if now.is_being_written {
            let message =
                "the ledger is being written; what came after the beginning of this look was left out"
                    .to_owned();
            report.find(Code::BeingWritten, None, message);
        } else if linked.last.is_some() && !is_stopped {
            let message = "the last record is no `writer.stop` and nobody writes the ledger: its writer crashed, or the \
                           end was cut off"
                .to_owned();
            report.find(Code::NotStopped, linked.last_place.clone(), message);
        }
        // A writer stops behind its last checkpoint.
        if linked.newest.is_some() && linked.unsigned > u64::from(is_stopped) {
            let message = format!(
                "{} behind the newest checkpoint; only the chain holds what no checkpoint covers",
                plural(linked.unsigned, "record stands", "records stand")
            );
            report.find(Code::Unsigned, None, message);
        }
    }

    fn fresh(&self, now: Moment<'_>, report: &mut Report) {
        let Some(within) = now.fresh_within else { return };
        let within_us = i64::try_from(within.as_micros()).unwrap_or(i64::MAX);
        let message = match self.newest_us {
            Some(newest_us) if now.now_us.saturating_sub(newest_us) <= within_us => return,
            Some(newest_us) => format!(
                "the newest checkpoint is of {}, which is longer ago than {} s: nothing happened since, the gateway does \
                 not run, or the folder was put back to an earlier state",
                moment(newest_us),
                within.as_secs()
            ),
            None => "there is no checkpoint to tell how new the ledger is".to_owned(),
        };
        report.find(Code::Stale, None, message);
    }
}

/// What is missing behind the last line of an earlier writer, in words.
fn cut(who: &str, writer: u128, seq: u64, found: u64) -> String {
    let name = writer_text(writer);
    format!(
        "{} missing before this start: {who} record {seq}, and the writer's last one here is {found}",
        records(found.saturating_add(1), seq, &name)
    )
}

fn covers(from: From) -> &'static str {
    match from {
        From::Folder => "the file `checkpoint` covers",
        From::Elsewhere => "a checkpoint from elsewhere covers",
    }
}

/// The sum, where there are no two guesses.
fn single(sums: &[Sum]) -> Option<&Sum> {
    match sums {
        [sum] => Some(sum),
        _ => None,
    }
}

fn file(name: &str) -> Place {
    Place { file: name.to_owned(), line: 0, offset: 0, writer: None, seq: None }
}
