//! What do the planes say to each other? Snapshots of rules go down, reports of what happened come
//! up, and questions about the ledger and about sessions go down and are answered up.
//!
//! Words only: how they are carried is somebody else's business (in process, or HTTP with a token).
//! The data plane never waits for the control plane; everything here has a bound, and what does not
//! fit is counted and said.

mod carrier;
pub mod conditions;
mod latency;
mod ledger;
mod question;
mod report;
mod sessions;
mod snapshot;

pub use carrier::{
    ANSWER_PATH, BODY_BYTES_MAX, CANCEL_PATH, CancelElsewhere, Carried, Carrier, CarrierError, Directions,
    LISTEN_PATH, Listening, PlaneAnswer, REPORT_PATH,
};
pub use latency::{BUCKETS, Latency};
pub use ledger::{
    LedgerCheck, LedgerCheckProgress, LedgerCheckResult, LedgerCheckpoint, LedgerCopyStatus, LedgerPage,
    LedgerQuery, LedgerReader, LedgerRemoval, LedgerRetention, LedgerSelfCheck, LedgerStatus,
    LedgerStatusQuery, LedgerVerdict, ListenerRecords,
};
pub use question::{
    Answer, AnswerBody, DrainDemand, Question, QuestionBody, QuestionFailure, RestartDemand, RestartReply,
};
pub use report::{
    Caller, CertificateState, DrainPhase, DrainState, ErrorCount, GatewayEvent, ListenerState, Minute,
    ModeChanged, PlaneState, Refusal, Replacement, ReplacementFailure, Report, SessionEnd, SessionStart,
    StatementCount, StatementText, Sums,
};
pub use sessions::{
    Blocker, Blocking, LiveQuery, LiveSession, LiveSessions, LiveState, LiveStatement, SessionDemand,
    SessionReply, SessionTold, Wait, Wish,
};
pub use snapshot::{
    Acknowledgement, MODE_CHANGE_SECONDS_MAX, ManagedListener, ModeChange, RuleSetText, Snapshot,
};

/// The version of these words. A plane that speaks another one is refused by name of both.
pub const VERSION: u32 = 2;
