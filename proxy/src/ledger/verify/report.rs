//! What is handed to whoever asked for a verification?

use super::believed::Believed;
use super::files::Files;
use super::finding::{Code, Finding, Part, Place, Verdict, Weight};
use super::link::Linked;
use super::record::{hash_text, writer_text};
use crate::ledger::timestamp::Timestamps;
use serde::Serialize;

/// Most findings, and most remarks, that are told one by one.
const TOLD_MAX: usize = 100;

/// What was found out about a ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verification {
    /// Whether what is there is what was written.
    pub integrity: Verdict,
    /// Whether nothing of what was written is missing.
    pub completeness: Verdict,
    /// What breaks one of them or leaves it open, in the order of the ledger; the first hundred.
    pub findings: Vec<Finding>,
    /// How many there are.
    pub findings_total: u64,
    /// What is in order and should be known; the first hundred.
    pub remarks: Vec<Finding>,
    /// The name of the ledger: its first writer.
    pub ledger: Option<String>,
    /// Segments that were read.
    pub segments: u64,
    /// Their bytes as they are on the disk.
    pub bytes: u64,
    /// Records, each counted once.
    pub records: u64,
    /// Starts of the program.
    pub writers: u64,
    /// Records that the ledger says were lost before they could be written.
    pub lost: u64,
    /// Records that were removed in order.
    pub removed: u64,
    /// The moment of the first record, RFC 3339.
    pub first: Option<String>,
    /// The moment of the last record.
    pub last: Option<String>,
    /// Where the last record is.
    pub last_place: Option<Place>,
    /// The hash of the last record.
    pub last_hash: Option<String>,
    /// A gateway writes it at the moment.
    pub is_being_written: bool,
    /// Checkpoints whose signature holds, in the segments.
    pub checkpoints: u64,
    /// Who has signed them.
    pub signers: Vec<Signer>,
    /// Whether whoever verifies has named the keys.
    pub keys_were_given: bool,
    /// Records behind the newest of them.
    pub unsigned: u64,
    /// How far the file `head` goes.
    pub head: Option<Reach>,
    /// How far the newest checkpoint of the ledger goes.
    pub inside: Option<Reach>,
    /// How far the newest checkpoint from elsewhere goes.
    pub outside: Option<Reach>,
    /// Checkpoints from elsewhere that hold.
    pub outside_checkpoints: u64,
}

/// How far something goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reach {
    /// Records up to there, of all writers since the ledger began; none where that could not be counted.
    pub records: Option<u64>,
    /// The writer of the last of them.
    pub writer: String,
    /// Its number among that writer's.
    pub seq: u64,
    /// When it was signed, RFC 3339.
    pub time: Option<String>,
}

/// Somebody who has signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Signer {
    /// As a verifier key.
    pub key: String,
    /// Checkpoints in the segments.
    pub checkpoints: u64,
}

impl Verification {
    /// The worse of the two verdicts.
    pub fn verdict(&self) -> Verdict {
        self.integrity.max(self.completeness)
    }

    /// The first thing that makes the verdict what it is.
    pub fn reason(&self) -> Option<&Finding> {
        let weight = match self.verdict() {
            Verdict::Holds => return None,
            Verdict::CannotTell => Weight::CannotTell,
            Verdict::Broken => Weight::Broken,
        };
        self.findings.iter().find(|finding| finding.weight == weight)
    }
}

/// What gathers while a ledger is looked at.
#[derive(Debug, Default)]
pub(super) struct Report {
    findings: Vec<Finding>,
    total: u64,
    remarks: Vec<Finding>,
    integrity: Weighed,
    completeness: Weighed,
    pub(super) head: Option<Reach>,
    pub(super) outside: Option<Reach>,
    pub(super) outside_checkpoints: u64,
}

/// The heaviest so far.
#[derive(Clone, Copy, Debug)]
struct Weighed(Weight);

impl Default for Weighed {
    fn default() -> Weighed {
        Weighed(Weight::Told)
    }
}

impl Weighed {
    fn verdict(self) -> Verdict {
        match self.0 {
            Weight::Told => Verdict::Holds,
            Weight::CannotTell => Verdict::CannotTell,
            Weight::Broken => Verdict::Broken,
        }
    }
}

impl Report {
    pub(super) fn find(&mut self, code: Code, place: Option<Place>, message: String) {
        self.add(Finding::new(code, place, message));
    }

    pub(super) fn add(&mut self, finding: Finding) {
        let heaviest = match finding.part {
            Part::Integrity => &mut self.integrity,
            Part::Completeness => &mut self.completeness,
        };
        heaviest.0 = heaviest.0.max(finding.weight);
        let list = match finding.weight {
            Weight::Told => &mut self.remarks,
            Weight::CannotTell | Weight::Broken => {
                self.total += 1;
                &mut self.findings
            }
        };
        if list.len() < TOLD_MAX {
            list.push(finding);
        }
    }

    /// More of what was found in a segment, not one by one.
    pub(super) fn add_more(&mut self, more: u64) {
        self.total += more;
    }

    /// Whether something of this kind was found, among what is told one by one.
    pub(super) fn has(&self, code: Code) -> bool {
        self.findings.iter().any(|finding| finding.code == code)
    }

    pub(super) fn is_broken(&self) -> bool {
        self.integrity.0.max(self.completeness.0) == Weight::Broken
    }

    pub(super) fn into_verification(
        self,
        files: &Files,
        linked: Linked,
        believed: &Believed,
    ) -> Verification {
        let ledger = linked.ledger.unwrap_or_default();
        let signer = |(key, checkpoints): (&usize, &u64)| Signer {
            key: believed.word(*key, ledger),
            checkpoints: *checkpoints,
        };
        Verification {
            integrity: self.integrity.verdict(),
            completeness: self.completeness.verdict(),
            findings: self.findings,
            findings_total: self.total,
            remarks: self.remarks,
            ledger: linked.ledger.map(writer_text),
            segments: files.segments.len() as u64,
            bytes: files.segments.iter().map(|segment| segment.bytes).sum(),
            records: linked.records,
            writers: linked.writers.len() as u64,
            lost: linked.lost,
            removed: linked.removed,
            first: linked.first_us.map(moment),
            last: linked.last.as_ref().and_then(|last| last.ts).map(moment),
            last_place: linked.last_place,
            last_hash: linked.last_hash.as_ref().map(hash_text),
            is_being_written: files.is_being_written,
            checkpoints: linked.signers.values().sum(),
            signers: linked.signers.iter().map(signer).collect(),
            keys_were_given: believed.is_given,
            unsigned: linked.unsigned,
            head: self.head,
            inside: linked.newest.map(|newest| newest.reach),
            outside: self.outside,
            outside_checkpoints: self.outside_checkpoints,
        }
    }
}

/// A number and what it counts.
pub(super) fn plural(number: u64, one: &str, more: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { more })
}

/// A moment as the ledger writes it.
pub(super) fn moment(at_us: i64) -> String {
    let mut text = Vec::new();
    Timestamps::new().write(&mut text, u64::try_from(at_us).unwrap_or(0));
    String::from_utf8_lossy(&text).into_owned()
}
