//! Does a checkpoint fit what was counted up to its line?

use super::{Link, Newest};
use crate::ledger::chain::NO_LINE;
use crate::ledger::verify::believed::Signature;
use crate::ledger::verify::checkpoint::Signed;
use crate::ledger::verify::finding::{Code, Place};
use crate::ledger::verify::record::writer_text;
use crate::ledger::verify::removed::Leaf;
use crate::ledger::verify::report::{Report, moment};
use crate::ledger::verify::totals::{Comparison, Sum};

impl Link<'_> {
    pub(super) fn signed(&mut self, signed: &Signed, place: Place, at: u64, report: &mut Report) {
        let said = &signed.checkpoint;
        match &signed.signature {
            Signature::Of(key) => *self.linked.signers.entry(*key).or_default() += 1,
            Signature::NoKey => self.linked.unchecked += 1,
            Signature::Bad => {
                self.disturbed(Code::BadSignature);
                let message = "the checkpoint's signature is not one over its text".to_owned();
                return report.find(Code::BadSignature, Some(place), message);
            }
            Signature::Unknown(signer) => {
                self.disturbed(Code::UnknownSigner);
                match self.strangers.iter_mut().find(|(known, ..)| known == signer) {
                    Some((.., count)) => *count += 1,
                    None => self.strangers.push((signer.clone(), place, 1)),
                }
                return;
            }
        }
        if *self.linked.ledger.get_or_insert(said.ledger) != said.ledger {
            let message = format!("the checkpoint is of another ledger, {}", writer_text(said.ledger));
            return report.find(Code::BadCheckpoint, Some(place), message);
        }
        self.compare(signed, &place, report);
        if signed.signature != Signature::NoKey {
            self.removals_signed = self.removals.len();
            self.records_before =
                self.records_before.or_else(|| said.records.checked_sub(at.saturating_sub(1)));
        }
        self.checkpoint = Some((said.text, said.time_us));
        self.is_first_checkpoint = false;
        let reach = signed.reach();
        self.linked.newest = Some(Newest { reach, time_us: said.time_us, at });
    }

    /// Compares what a checkpoint says with what was counted.
    fn compare(&mut self, signed: &Signed, place: &Place, report: &mut Report) {
        let said = &signed.checkpoint;
        let current = Leaf { writer: said.writer, records: said.seq, hash: said.hash };
        let sum = Sum { records: said.records, writers: said.writers, root: said.root };
        let counted = self.totals.with(&current);
        match self.totals.compare(&current, &sum) {
            Comparison::Same | Comparison::GivenUp => {}
            Comparison::Other => {
                let counted = counted.first().map_or((0, 0), |sum| (sum.records, sum.writers));
                let message = format!(
                    "the checkpoint was signed over {} records of {} writers; here are {} of {}{}",
                    said.records,
                    said.writers,
                    counted.0,
                    counted.1,
                    if counted == (said.records, said.writers) { ", with other last lines" } else { "" }
                );
                report.find(Code::OtherTotals, Some(place.clone()), message);
            }
            Comparison::Unknown => {
                let message = "what was removed before the first record is not known well enough to compute the roots of \
                               checkpoints; their signatures and the chain are compared all the same";
                report.find(Code::RootsNotCompared, Some(place.clone()), message.to_owned());
            }
        }
        let expected = match self.checkpoint {
            Some((text, _)) => Some(text),
            // The first one of a ledger whose beginning is there follows none.
            None if self.is_first_checkpoint && self.begins_late.is_none() => Some(NO_LINE),
            None => None,
        };
        if expected.is_some_and(|expected| expected != said.previous) {
            if said.previous == NO_LINE {
                let message = "the checkpoint names none before it, and there is one".to_owned();
                report.find(Code::ChainOfCheckpointsRestarted, Some(place.clone()), message);
            } else {
                let message =
                    "the checkpoint names another one before it than the one that is there".to_owned();
                report.find(Code::OtherPrevious, Some(place.clone()), message);
            }
        }
        if self.checkpoint.is_some_and(|(_, time_us)| said.time_us < time_us) {
            let message = format!("the checkpoint is of {}, before the one it follows", moment(said.time_us));
            report.find(Code::ClockSetBack, Some(place.clone()), message);
        }
    }
}
