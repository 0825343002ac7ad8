//! What can be found out about a ledger, and where was it found?

use serde::Serialize;

/// What something comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Everything that was looked at is as it should be.
    Holds,
    /// What would show it is not there.
    CannotTell,
    /// It is not as it was written.
    Broken,
}

impl Verdict {
    /// The words a person reads.
    pub fn as_str(self) -> &'static str {
        match self {
            Verdict::Holds => "holds",
            Verdict::CannotTell => "cannot tell",
            Verdict::Broken => "broken",
        }
    }
}

/// Which of the two verdicts something belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// What is there is what was written.
    Integrity,
    /// Nothing of what was written is missing.
    Completeness,
}

/// What something means for the verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    /// It is in order, and a reader should know it.
    Told,
    /// It leaves something open.
    CannotTell,
    /// It breaks it.
    Broken,
}

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $name:ident $word:literal $part:ident $weight:ident,)+) => {
        /// What was found, as one word that does not change.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Code {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Code {
            /// All of them.
            pub const ALL: &[Code] = &[$(Code::$name,)+];

            /// The word.
            pub fn as_str(self) -> &'static str {
                match self { $(Code::$name => $word,)+ }
            }

            /// Which verdict it belongs to.
            pub fn part(self) -> Part {
                match self { $(Code::$name => Part::$part,)+ }
            }

            /// What it means for that verdict.
            pub fn weight(self) -> Weight {
                match self { $(Code::$name => Weight::$weight,)+ }
            }
        }
    };
}

codes! {
    /// A line's hash is not that of its bytes.
    ChangedLine "changed_line" Integrity Broken,
    /// A line that the ledger does not write.
    NotARecord "not_a_record" Integrity Broken,
    /// A line does not name the hash of the line before it.
    BrokenLink "broken_link" Integrity Broken,
    /// A line or a writer stands where something later already was.
    OutOfOrder "out_of_order" Integrity Broken,
    /// Bytes behind the last line of a segment that nothing explains.
    UnexplainedBytes "unexplained_bytes" Integrity Broken,
    /// A segment cannot be unpacked.
    UnreadableSegment "unreadable_segment" Integrity Broken,
    /// A segment is there more than once.
    TwiceThere "twice_there" Integrity Broken,
    /// A checkpoint does not say what stands before it.
    BadCheckpoint "bad_checkpoint" Integrity Broken,
    /// A checkpoint's signature is not one of the key it names.
    BadSignature "bad_signature" Integrity Broken,
    /// A checkpoint is signed by a key that is not among those believed.
    UnknownSigner "unknown_signer" Integrity Broken,
    /// A checkpoint counts other records, other writers, or another root.
    OtherTotals "other_totals" Integrity Broken,
    /// A checkpoint does not follow the one before it.
    OtherPrevious "other_previous" Integrity Broken,
    /// The file `head` names a line that is there with another hash or at another place.
    HeadDiffers "head_differs" Integrity Broken,
    /// A checkpoint from elsewhere was signed over other lines.
    Rewritten "rewritten" Integrity Broken,
    /// A checkpoint from elsewhere is of another ledger.
    OtherLedger "other_ledger" Integrity Broken,
    /// Checkpoints are there and no key to check them with.
    NoKey "no_key" Integrity CannotTell,
    /// No checkpoint covers any of it.
    NeverSigned "never_signed" Integrity CannotTell,
    /// A checkpoint from elsewhere cannot be read.
    UnreadableCheckpoint "unreadable_checkpoint" Integrity CannotTell,
    /// What came before the first line is missing.
    MissingBeginning "missing_beginning" Completeness Broken,
    /// Lines are missing before this one.
    MissingMiddle "missing_middle" Completeness Broken,
    /// Lines are missing behind the last one.
    MissingEnd "missing_end" Completeness Broken,
    /// A start says that lines before it were missing, or a checkpoint from elsewhere does.
    MissingBeforeStart "missing_before_start" Completeness Broken,
    /// Nothing shows where the ledger ends.
    UnknownEnd "unknown_end" Completeness CannotTell,
    /// Nothing showed where the ledger ended when a writer started.
    UnknownEndBeforeStart "unknown_end_before_start" Completeness CannotTell,
    /// Checkpoints from elsewhere were given, and all of them cover what was removed.
    NothingCompared "nothing_compared" Completeness CannotTell,
    /// There is no line at all.
    NoRecords "no_records" Completeness CannotTell,
    /// The newest checkpoint is older than it may be.
    Stale "stale" Completeness CannotTell,
    /// Who signs is the folder's own word.
    OwnWord "own_word" Integrity Told,
    /// The writer crashed while it wrote a line, of which nobody was told that it was kept.
    TornLine "torn_line" Integrity Told,
    /// Lines stand twice, since nobody could tell whether the disk had them.
    RepeatedLines "repeated_lines" Integrity Told,
    /// A checkpoint is older than the one before it.
    ClockSetBack "clock_set_back" Integrity Told,
    /// A checkpoint names another place than that of the line it follows.
    OtherPlace "other_place" Integrity Told,
    /// The checkpoint before could not be named.
    ChainOfCheckpointsRestarted "chain_of_checkpoints_restarted" Integrity Told,
    /// The roots of checkpoints could not be compared.
    RootsNotCompared "roots_not_compared" Integrity Told,
    /// The file `writers` does not say what the segments say.
    WritersFileDiffers "writers_file_differs" Integrity Told,
    /// The ledger says itself that records were lost.
    LostRecords "lost_records" Completeness Told,
    /// Old records were removed, and the ledger says so.
    RemovedRecords "removed_records" Completeness Told,
    /// The ledger is being written at the moment.
    BeingWritten "being_written" Completeness Told,
    /// The last writer did not stop in order, and does not run.
    NotStopped "not_stopped" Completeness Told,
    /// Earlier writers did not stop in order.
    NotStoppedBefore "not_stopped_before" Completeness Told,
    /// What stands before a start had nothing that shows where it ended, and was never signed.
    NeverSignedBefore "never_signed_before" Completeness Told,
    /// No checkpoint from elsewhere was given.
    NothingFromElsewhere "nothing_from_elsewhere" Completeness Told,
    /// Records behind the newest checkpoint, which no signature covers yet.
    Unsigned "unsigned" Completeness Told,
    /// A checkpoint from elsewhere covers records that were removed in order.
    CoversRemoved "covers_removed" Completeness Told,
}

/// Where something is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The name of the file.
    pub file: String,
    /// Its line, from 1; 0 when it is no line's.
    pub line: u64,
    /// The byte at which that line begins, from 0; in a compressed segment, of what was unpacked.
    pub offset: u64,
    /// The writer that line names.
    pub writer: Option<String>,
    /// The number that line has among that writer's.
    pub seq: Option<u64>,
}

impl std::fmt::Display for Place {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}", self.file)?;
        if self.line > 0 {
            write!(formatter, " line {} (byte {})", self.line, self.offset)?;
        }
        match (&self.writer, self.seq) {
            (Some(writer), Some(seq)) => write!(formatter, ", writer {writer} seq {seq}"),
            _ => Ok(()),
        }
    }
}

/// One thing that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What.
    pub code: Code,
    /// Which verdict it belongs to.
    pub part: Part,
    /// What it means for that.
    pub weight: Weight,
    /// Where, if it is at one place.
    pub place: Option<Place>,
    /// In a sentence.
    pub message: String,
}

impl Finding {
    pub(super) fn new(code: Code, place: Option<Place>, message: String) -> Finding {
        Finding { code, part: code.part(), weight: code.weight(), place, message }
    }
}

impl std::fmt::Display for Finding {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.place {
            Some(place) => write!(formatter, "{place}: {}", self.message),
            None => formatter.write_str(&self.message),
        }
    }
}
