//! What can be said when all segments were looked at?

use super::{Link, Linked, RemovedBefore};
use crate::ledger::verify::VerifyError;
use crate::ledger::verify::believed::origin;
use crate::ledger::verify::finding::{Code, Place};
use crate::ledger::verify::record::writer_text;
use crate::ledger::verify::removed::{self, Leaf, Removal};
use crate::ledger::verify::report::{Report, plural};
use crate::ledger::verify::walk::Claim;
use std::collections::HashMap;
use std::fmt::Write as _;

impl Link<'_> {
    /// Everything was added.
    pub(in crate::ledger::verify) fn finish(mut self, report: &mut Report) -> Result<Linked, VerifyError> {
        if let Some(tail) = self.tail {
            self.linked.last_hash = tail.hash.sure();
            self.linked.writers.push((tail, tail.hash.sure()));
        }
        self.seam.finish(report);
        self.strangers(report);
        if !self.totals.is_certain() {
            self.linked.wanted.values_mut().for_each(|wanted| wanted.sums.clear());
        }
        if let Some((claim, place)) = self.begins_late.take() {
            self.beginning(&claim, place, report);
        }
        self.linked.unsigned =
            self.linked.records - self.linked.newest.as_ref().map_or(0, |newest| newest.at);
        self.remarks(report);
        // Where more is wrong, it cannot be told which of the two it is.
        if !report.is_broken() {
            self.writers_file(report)?;
        }
        Ok(self.linked)
    }

    /// Why is the beginning not there?
    fn beginning(&mut self, claim: &Claim, place: Place, report: &mut Report) {
        let explains = |removal: &Removal| removal.explains(claim.writer, claim.seq, &claim.previous);
        let at = self.removals.iter().position(explains);
        let message = match at {
            Some(at) if at < self.removals_signed => {
                self.linked.removed_before = Some(self.removed_before(claim));
                return;
            }
            Some(_) if self.linked.unchecked > 0 => return,
            Some(_) => {
                "what came before this line is missing, and the record that says it was removed stands behind \
                        every checkpoint, so that nobody has signed it"
            }
            None => {
                "what came before this line is missing, and no record of the ledger says that it was removed"
            }
        };
        report.find(Code::MissingBeginning, Some(place), message.to_owned());
    }

    /// What the removals tell that somebody has signed; anybody can put in one that nobody has.
    fn removed_before(&self, first: &Claim) -> RemovedBefore {
        let leaves = self.removals.iter().take(self.removals_signed).flat_map(|removal| &removal.writers);
        let up_to = leaves.map(|leaf| (leaf.writer, leaf.records)).collect();
        RemovedBefore { writer: first.writer, seq: first.seq, records: self.records_before, up_to }
    }

    /// Each who has signed and is not believed, once.
    fn strangers(&self, report: &mut Report) {
        let other = self.linked.ledger.and_then(|ledger| Some((self.believed.other_ledger(ledger)?, ledger)));
        for (signer, place, count) in &self.strangers {
            let (code, mut message) = match other {
                Some((name, ledger)) => (
                    Code::OtherLedger,
                    format!(
                        "the key given is of ledger {name}, this is {}: another key was given than this ledger's, or \
                             another ledger is here than the one meant",
                        origin(ledger)
                    ),
                ),
                None => {
                    let of =
                        if self.believed.is_given { "those that were given" } else { "those of the folder" };
                    let message = format!("the checkpoint is signed by `{signer}`, which is not among {of}");
                    (Code::UnknownSigner, message)
                }
            };
            let more = count - 1;
            if more > 0 {
                let _ = write!(
                    message,
                    "; {} by the same",
                    plural(more, "more checkpoint is", "more checkpoints are")
                );
            }
            report.find(code, Some(place.clone()), message);
        }
    }

    fn remarks(&self, report: &mut Report) {
        let linked = &self.linked;
        if linked.not_stopped > 0 {
            let message = format!(
                "{} without `writer.stop` before another one began, the first of them before this line: a crash, a kill, \
                 or an end that was cut off",
                plural(linked.not_stopped, "writer ended", "writers ended")
            );
            report.find(Code::NotStoppedBefore, linked.not_stopped_place.clone(), message);
        }
        if linked.gaps > 0 {
            let message = format!(
                "{} lost before they could be written; the ledger says so in {} of `writer.gap`",
                plural(linked.lost, "record was", "records were"),
                plural(linked.gaps, "record", "records")
            );
            report.find(Code::LostRecords, None, message);
        }
        if !self.removals.is_empty() {
            let unsigned = self.removals.len().saturating_sub(self.removals_signed) as u64;
            let unsigned = match unsigned {
                0 => String::new(),
                more => format!(", {} not signed yet", plural(more, "of which is", "of which are")),
            };
            let message = format!(
                "{} removed as the settings say; the ledger says so in {} of `ledger.removed`{unsigned}",
                plural(linked.removed, "record was", "records were"),
                plural(self.removals.len() as u64, "record", "records")
            );
            report.find(Code::RemovedRecords, None, message);
        }
        if self.other_places > 0 {
            let message = format!(
                "{} checkpoints name another place than that of the line they follow, which they name by its hash",
                self.other_places
            );
            report.find(Code::OtherPlace, None, message);
        }
        if linked.unchecked > 0 {
            let message = format!(
                "{} there and no key to check with: {}, and no public key was given",
                plural(linked.unchecked, "checkpoint is", "checkpoints are"),
                self.believed.why_none()
            );
            report.find(Code::NoKey, None, message);
        }
    }

    /// The file `writers` is believed in nothing, but what it says wrong goes into the next checkpoints.
    fn writers_file(&self, report: &mut Report) -> Result<(), VerifyError> {
        let mut known = HashMap::new();
        for (tail, hash) in &self.linked.writers {
            known.insert(tail.writer, (tail.seq, *hash));
        }
        for directory in self.directories {
            let leaves = removed::writers_file(directory)?.unwrap_or_default();
            let differs = |leaf: &&Leaf| {
                let known = known.get(&leaf.writer);
                known.is_some_and(|(seq, hash)| {
                    *seq != leaf.records || hash.is_some_and(|hash| hash != leaf.hash)
                })
            };
            if let Some(leaf) = leaves.iter().find(differs) {
                let message = format!(
                    "the file `writers` says something else of writer {} than the segments; delete it, and the next \
                     start makes it again",
                    writer_text(leaf.writer)
                );
                report.find(Code::WritersFileDiffers, None, message);
            }
        }
        Ok(())
    }
}
