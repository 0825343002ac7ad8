//! What can be asked about a ledger, and what is the answer?

use serde::{Deserialize, Serialize};

/// Which records of the ledger. Every condition must hold; what is not set is no condition. Newest
/// records come first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LedgerQuery {
    /// Only records of these listeners: the asker's workspace has no others. Records that belong to
    /// no listener are shown only where `gateway` is set.
    pub listeners: Vec<String>,
    /// Also records of the gateway about itself.
    pub gateway: bool,
    /// From this time on, in microseconds since 1970-01-01 UTC.
    pub from_us: Option<i64>,
    /// Before this time.
    pub until_us: Option<i64>,
    /// The event's word, such as `statement.refused`; any of these.
    pub events: Vec<String>,
    /// The database role.
    pub user: Option<String>,
    /// The database.
    pub database: Option<String>,
    /// The application.
    pub application: Option<String>,
    /// The session's UUID.
    pub session: Option<String>,
    /// The statement's fingerprint.
    pub fingerprint: Option<String>,
    /// A table the statement names, with or without its schema.
    pub table: Option<String>,
    /// `read`, `write`, …
    pub class: Option<String>,
    /// `allow`, `refuse`, …
    pub verdict: Option<String>,
    /// The rule, as `rule set/rule`.
    pub rule: Option<String>,
    /// Five characters.
    pub sqlstate: Option<String>,
    /// The keyed hash of a parameter, as the ledger has it; any of these.
    pub hashes: Vec<String>,
    /// Words that stand in the statement's text, in any case of ASCII letters.
    pub text: Option<String>,
    /// At least this long in all, in microseconds.
    pub total_us_min: Option<u64>,
    /// Most records of the answer; at most [`LedgerQuery::RECORDS_MAX`].
    pub limit: u32,
    /// Where the last answer ended.
    pub cursor: Option<String>,
    /// Who reads, where the ledger is to say so. Left out for a look that goes on from one that it tells of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reader: Option<LedgerReader>,
}

/// Who reads a ledger through the control plane, as the ledger then says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LedgerReader {
    /// Whether the records are taken away as a file.
    pub takes_away: bool,
    /// Whether a token asks; a person in front of the console otherwise.
    pub is_token: bool,
    /// The person's e-mail; for a token its name and the e-mail of whose it is.
    pub name: String,
    /// The conditions.
    pub asked: String,
    /// In which form the records are handed out.
    pub format: String,
}

impl LedgerQuery {
    /// Most records of one answer.
    pub const RECORDS_MAX: u32 = 500;
}

/// Records that were asked for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LedgerPage {
    /// The ledger's own lines, newest first, each a JSON object.
    pub records: Vec<serde_json::Value>,
    /// Where to go on; `None` when there is nothing older.
    pub cursor: Option<String>,
    /// Everything newer than this was looked at, in microseconds since 1970-01-01 UTC; set when the search
    /// ended because it took long, before `limit` records were found.
    pub searched_until_us: Option<i64>,
    /// Records that were read for this answer.
    pub records_read: u64,
}

/// How whole is the ledger? Which listeners' records the asker may know of.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LedgerStatusQuery {
    /// The listeners of the asker's workspace.
    pub listeners: Vec<String>,
}

/// What a data plane can say of its ledger without reading all of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LedgerStatus {
    /// Whether the writer cannot write at the moment: records wait in memory.
    pub failing: bool,
    /// When the writer started, in microseconds since 1970-01-01 UTC.
    pub started_at_us: i64,
    /// `none`, `group`, `each`: when a record counts as kept.
    pub sync: String,
    /// Records kept since the start.
    pub records: u64,
    /// Bytes of their lines.
    pub bytes: u64,
    /// Records that are told of by a gap record only, since the start.
    pub records_lost: u64,
    /// Gap records, since the start.
    pub gaps: u64,
    /// How often writing began to fail, since the start.
    pub failures: u64,
    /// Bytes of text that waiting records keep in memory.
    pub queue_bytes: u64,
    /// Segments in the directory.
    pub segments: u64,
    /// Those of them that a search does not read: they are compressed.
    pub segments_unsearched: u64,
    /// Bytes of all segments.
    pub segment_bytes: u64,
    /// The moment of the first record of the oldest segment that can be read.
    pub oldest_us: Option<i64>,
    /// The moment of the newest record.
    pub newest_us: Option<i64>,
    /// The moment of the newest record of each listener that was asked about.
    pub listeners: Vec<ListenerRecords>,
    /// What was checked, and when.
    pub checks: Vec<LedgerCheck>,
    /// Whether the whole ledger was read and checked.
    #[serde(default)]
    pub self_check: LedgerSelfCheck,
    /// The newest checkpoint.
    #[serde(default)]
    pub checkpoint: Option<LedgerCheckpoint>,
    /// The other places that checkpoints or records go to.
    #[serde(default)]
    pub copies: Vec<LedgerCopyStatus>,
    /// When old records are removed.
    #[serde(default)]
    pub retention: LedgerRetention,
}

/// One of two things that are said of a whole ledger: that nothing was changed, that nothing is missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LedgerVerdict {
    /// Nobody has looked.
    #[default]
    Unchecked,
    /// It is so.
    Holds,
    /// It is not so.
    Broken,
    /// What there is does not show it.
    CannotTell,
}

impl LedgerVerdict {
    /// Its word.
    pub fn as_str(self) -> &'static str {
        match self {
            LedgerVerdict::Unchecked => "unchecked",
            LedgerVerdict::Holds => "holds",
            LedgerVerdict::Broken => "broken",
            LedgerVerdict::CannotTell => "cannot_tell",
        }
    }
}

/// What a data plane found when it read its own ledger as a whole. That is its own word about itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LedgerSelfCheck {
    /// Whether it is asked for and has not begun.
    pub is_waiting: bool,
    /// How far the check that goes on is.
    pub running: Option<LedgerCheckProgress>,
    /// How the last one ended.
    pub last: Option<LedgerCheckResult>,
    /// When the next one begins by itself, in microseconds since 1970-01-01 UTC.
    pub next_at_us: Option<i64>,
}

/// A check that goes on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerCheckProgress {
    /// When it began, in microseconds since 1970-01-01 UTC.
    pub started_at_us: i64,
    /// Bytes that were read.
    pub bytes_read: u64,
    /// Bytes there are to read.
    pub bytes_total: u64,
}

/// How a check of a whole ledger ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerCheckResult {
    /// When it began and ended, in microseconds since 1970-01-01 UTC.
    pub started_at_us: i64,
    /// See there.
    pub ended_at_us: i64,
    /// Whether nothing was changed.
    pub integrity: LedgerVerdict,
    /// Whether nothing is missing.
    pub completeness: LedgerVerdict,
    /// Records that were read.
    pub records: u64,
    /// The verdict in one line.
    pub summary: String,
    /// What breaks it or leaves it open, with its place: the worst first, at most [`LedgerCheckResult::FINDINGS_MAX`].
    pub findings: Vec<String>,
    /// What is in order and should be known, as many at most.
    pub remarks: Vec<String>,
}

impl LedgerCheckResult {
    /// Most findings that are told, and most remarks.
    pub const FINDINGS_MAX: usize = 20;
}

/// What the ledger's writer has signed last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerCheckpoint {
    /// When, in microseconds since 1970-01-01 UTC.
    pub at_us: i64,
    /// Records of all writers that it covers.
    pub records: u64,
    /// The id of the key that signed, eight hexadecimal digits.
    pub key_id: String,
    /// The verifier key, as whoever checks signatures takes it; `None` where it is not known.
    pub verifier_key: Option<String>,
    /// The signed text.
    pub text: String,
}

/// Another place that checkpoints or records go to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerCopyStatus {
    /// What it is called.
    pub name: String,
    /// Where it is, without secrets.
    pub to: String,
    /// `checkpoints` or `records`.
    pub content: String,
    /// When it took something last, in microseconds since 1970-01-01 UTC.
    pub last_taken_us: Option<i64>,
    /// For how many seconds there has been something it has not taken.
    pub lag_seconds: u64,
    /// Whether it takes nothing now.
    pub failing: bool,
    /// Why, as a class of failure.
    pub error: Option<String>,
    /// Whether the ledger counts as failing because of it: it is required, and its patience is over.
    #[serde(default)]
    pub blocking: bool,
}

/// When old records are removed, and what was.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LedgerRetention {
    /// Records older than so many days; 0: none.
    pub days: u32,
    /// The oldest records, while all take more than so many bytes; 0: none.
    pub bytes: u64,
    /// What was removed last.
    pub last: Option<LedgerRemoval>,
    /// Why nothing is removed although it is time.
    pub held_up: Option<String>,
}

/// Records that were removed because they were old.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerRemoval {
    /// When the ledger told of it, in microseconds since 1970-01-01 UTC.
    pub at_us: i64,
    /// The number of the first segment.
    pub first_segment: u64,
    /// The number of the last one.
    pub last_segment: u64,
    /// How many records.
    pub records: u64,
    /// How many bytes.
    pub bytes: u64,
    /// The moment of the oldest record, in microseconds since 1970-01-01 UTC.
    pub from_us: i64,
    /// The moment of the newest.
    pub until_us: i64,
}

/// The records of one listener.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListenerRecords {
    /// Its name.
    pub listener: String,
    /// The moment of its newest record; `None` where none was found.
    pub newest_us: Option<i64>,
}

/// Something about the ledger that was really checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerCheck {
    /// `last_line_at_start`: whether the line that the writer goes on from has the hash it states.
    pub what: String,
    /// When, in microseconds since 1970-01-01 UTC.
    pub at_us: i64,
    /// `holds`, `differs`, `unsealed` (there is no hash), `nothing` (there was no line).
    pub result: String,
    /// What else was found, in words.
    pub remarks: Vec<String>,
}
