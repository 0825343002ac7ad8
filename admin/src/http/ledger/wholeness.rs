//! How is it shown what a data plane knows of its own ledger as a whole?

use crate::http::timestamp::Timestamp;
use control::{
    LedgerCheckResult, LedgerCheckpoint, LedgerCopyStatus, LedgerRemoval, LedgerRetention, LedgerSelfCheck,
    LedgerVerdict,
};
use serde::Serialize;
use utoipa::ToSchema;

/// One of two things that are said of a whole ledger.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LedgerVerdictWord {
    /// Nobody has looked since the data plane started.
    Unchecked,
    /// It is so.
    Holds,
    /// It is not so.
    Broken,
    /// What there is does not show it.
    CannotTell,
}

impl LedgerVerdictWord {
    /// As it is shown.
    pub(super) fn of(verdict: LedgerVerdict) -> LedgerVerdictWord {
        match verdict {
            LedgerVerdict::Unchecked => LedgerVerdictWord::Unchecked,
            LedgerVerdict::Holds => LedgerVerdictWord::Holds,
            LedgerVerdict::Broken => LedgerVerdictWord::Broken,
            LedgerVerdict::CannotTell => LedgerVerdictWord::CannotTell,
        }
    }
}

/// Whether a check goes on.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LedgerSelfCheckState {
    /// None does.
    Idle,
    /// It is asked for and begins soon.
    Waiting,
    /// It does.
    Running,
}

/// What a data plane found when it read its own ledger as a whole. That is its own word about itself: who doubts it
/// verifies the files with `dragoman ledger verify` and a checkpoint that was kept elsewhere.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LedgerSelfCheckView {
    /// Whether a check goes on.
    pub state: LedgerSelfCheckState,
    /// When the one that goes on began.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    /// Bytes that it has read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes_read: Option<u64>,
    /// Bytes there are to read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes_total: Option<u64>,
    /// When the next one begins by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_at: Option<Timestamp>,
    /// How the last one ended; absent when there was none since the data plane started.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<LedgerCheckResultView>,
}

impl LedgerSelfCheckView {
    /// As it is shown.
    pub(super) fn of(check: LedgerSelfCheck) -> LedgerSelfCheckView {
        let state = match (&check.running, check.is_waiting) {
            (Some(_), _) => LedgerSelfCheckState::Running,
            (None, true) => LedgerSelfCheckState::Waiting,
            (None, false) => LedgerSelfCheckState::Idle,
        };
        LedgerSelfCheckView {
            state,
            started_at: check.running.map(|running| Timestamp(running.started_at_us)),
            bytes_read: check.running.map(|running| running.bytes_read),
            bytes_total: check.running.map(|running| running.bytes_total),
            next_at: check.next_at_us.map(Timestamp),
            last: check.last.map(LedgerCheckResultView::of),
        }
    }
}

/// How a check of a whole ledger ended.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LedgerCheckResultView {
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Timestamp,
    /// Whether nothing of what is there was changed.
    pub integrity: LedgerVerdictWord,
    /// Whether nothing is missing.
    pub completeness: LedgerVerdictWord,
    /// Records that were read.
    pub records: u64,
    /// The verdict in one line.
    pub summary: String,
    /// What breaks it or leaves something open, and where; the worst first.
    pub findings: Vec<String>,
    /// What is in order and should be known.
    pub remarks: Vec<String>,
}

impl LedgerCheckResultView {
    fn of(result: LedgerCheckResult) -> LedgerCheckResultView {
        LedgerCheckResultView {
            started_at: Timestamp(result.started_at_us),
            ended_at: Timestamp(result.ended_at_us),
            integrity: LedgerVerdictWord::of(result.integrity),
            completeness: LedgerVerdictWord::of(result.completeness),
            records: result.records,
            summary: result.summary,
            findings: result.findings,
            remarks: result.remarks,
        }
    }
}

/// What the ledger's writer has signed last.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LedgerCheckpointView {
    /// When.
    pub at: Timestamp,
    /// Records that it covers, of all starts of the data plane.
    pub records: u64,
    /// The id of the key that signed.
    #[schema(example = "9a1f03c2")]
    pub key_id: String,
    /// The verifier key, which whoever checks the signature needs; absent where the ledger's folder does not name it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verifier_key: Option<String>,
    /// The signed text. Kept elsewhere, it shows later that nothing before it was changed or removed.
    pub text: String,
}

impl LedgerCheckpointView {
    /// As it is shown.
    pub(super) fn of(checkpoint: LedgerCheckpoint) -> LedgerCheckpointView {
        LedgerCheckpointView {
            at: Timestamp(checkpoint.at_us),
            records: checkpoint.records,
            key_id: checkpoint.key_id,
            verifier_key: checkpoint.verifier_key,
            text: checkpoint.text,
        }
    }
}

/// Another place that checkpoints or records go to.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LedgerCopyView {
    /// What it is called.
    #[schema(example = "siem")]
    pub name: String,
    /// Where it is.
    #[schema(example = "syslog+tls://siem.example.com:6514")]
    pub to: String,
    /// `checkpoints` or `records`.
    #[schema(example = "records")]
    pub content: String,
    /// When it took something last; absent when it never did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_taken_at: Option<Timestamp>,
    /// How old the oldest is that it has not taken, in seconds; 0 when it has all.
    pub lag_seconds: u64,
    /// Whether the last try went wrong.
    pub is_failing: bool,
    /// How, in a word; the data plane's log says more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Whether the ledger counts as failing because of it: the copy is required, and has taken nothing for longer than
    /// its patience.
    pub is_blocking: bool,
}

impl LedgerCopyView {
    /// As it is shown.
    pub(super) fn of(copy: LedgerCopyStatus) -> LedgerCopyView {
        LedgerCopyView {
            name: copy.name,
            to: copy.to,
            content: copy.content,
            last_taken_at: copy.last_taken_us.map(Timestamp),
            lag_seconds: copy.lag_seconds,
            is_failing: copy.failing,
            error: copy.error,
            is_blocking: copy.blocking,
        }
    }
}

/// When old records are removed, and what was.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LedgerRetentionView {
    /// Those older than so many days; 0: none.
    pub days: u32,
    /// The oldest, while all take more than so many bytes; 0: none.
    pub bytes: u64,
    /// What was removed last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<LedgerRemovalView>,
    /// Why nothing is removed although it is time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub held_up: Option<String>,
}

impl LedgerRetentionView {
    /// As it is shown.
    pub(super) fn of(retention: LedgerRetention) -> LedgerRetentionView {
        LedgerRetentionView {
            days: retention.days,
            bytes: retention.bytes,
            last: retention.last.map(LedgerRemovalView::of),
            held_up: retention.held_up,
        }
    }
}

/// Records that were removed because they were old. The ledger has a signed record of it.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct LedgerRemovalView {
    /// When.
    pub at: Timestamp,
    /// The number of the first segment.
    pub first_segment: u64,
    /// The number of the last one.
    pub last_segment: u64,
    /// How many records.
    pub records: u64,
    /// How many bytes.
    pub bytes: u64,
    /// The moment of the oldest record.
    pub from: Timestamp,
    /// The moment of the newest.
    pub until: Timestamp,
}

impl LedgerRemovalView {
    fn of(removal: LedgerRemoval) -> LedgerRemovalView {
        LedgerRemovalView {
            at: Timestamp(removal.at_us),
            first_segment: removal.first_segment,
            last_segment: removal.last_segment,
            records: removal.records,
            bytes: removal.bytes,
            from: Timestamp(removal.from_us),
            until: Timestamp(removal.until_us),
        }
    }
}
