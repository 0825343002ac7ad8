//! What can the control plane ask a data plane, and what comes back?

use crate::carrier::CancelElsewhere;
use crate::ledger::{LedgerPage, LedgerQuery, LedgerSelfCheck, LedgerStatus, LedgerStatusQuery};
use crate::report::DrainState;
use crate::sessions::{LiveQuery, LiveSessions, SessionDemand, SessionReply};
use serde::{Deserialize, Serialize};

/// A question, with a number to answer to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Question {
    /// Unique among the questions to one plane.
    pub number: u64,
    /// What is asked.
    pub body: QuestionBody,
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum QuestionBody {
    /// Records of the ledger.
    Ledger(Box<LedgerQuery>),
    /// How whole the ledger is.
    LedgerStatus(LedgerStatusQuery),
    /// The whole ledger is to be checked, by the data plane itself, when it has time.
    VerifyLedger,
    /// The check that somebody asked for is not wanted any more; answered as [`QuestionBody::VerifyLedger`] is.
    StopVerifying,
    /// Sessions that are open now.
    Sessions(LiveQuery),
    /// Something is wanted of a session.
    Session(SessionDemand),
    /// A client's cancel came to another data plane: it is meant for the session with this id and key, if it is here.
    Cancel(CancelElsewhere),
    /// Somebody watches: for so long sums are told every second, not when there are many of them.
    Watch {
        /// For so long, at most [`QuestionBody::WATCH_SECONDS_MAX`].
        seconds: u32,
    },
    /// No more sessions are to be taken. Asked only of a data plane that tells of its [`crate::Replacement`]: an earlier
    /// version knows neither this nor what follows.
    Drain(DrainDemand),
    /// Sessions are to be taken again.
    Undrain,
    /// A new process is to take the place of this one.
    Restart(RestartDemand),
}

/// How a data plane is to be drained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DrainDemand {
    /// For so long it goes on accepting while it says that it is not ready: balancers need time.
    pub accept_seconds: u32,
    /// So long after that, sessions that are idle outside a transaction are ended; `None` for never.
    pub end_idle_after_seconds: Option<u32>,
}

impl DrainDemand {
    /// Longest that a data plane which is drained goes on accepting.
    pub const ACCEPT_SECONDS_MAX: u32 = 3_600;
    /// Longest after which idle sessions are ended.
    pub const END_IDLE_SECONDS_MAX: u32 = 86_400;
}

/// Which process is to be replaced, and for what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RestartDemand {
    /// What the restart is known by: asked for twice, it is begun once.
    pub restart: String,
    /// When the process that is meant started: another one is not replaced.
    pub started_at_us: i64,
}

/// What becomes of a restart that was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RestartReply {
    /// It is under way. How it ends the data plane tells by itself: as a process that started later, or as
    /// [`crate::Replacement::failed`].
    Begun,
    /// Another process is there already.
    Another,
    /// Not now, for this reason; it may be later.
    NotNow(String),
    /// Never in this way, for this reason.
    Unable(String),
}

impl QuestionBody {
    /// Longest that one [`QuestionBody::Watch`] holds: who goes on watching asks again.
    pub const WATCH_SECONDS_MAX: u32 = 60;
}

/// What was found: of the same kind as the question.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnswerBody {
    /// Records of the ledger.
    Ledger(LedgerPage),
    /// How whole the ledger is.
    LedgerStatus(Box<LedgerStatus>),
    /// How the check goes.
    VerifyLedger(Box<LedgerSelfCheck>),
    /// Sessions that are open now.
    Sessions(LiveSessions),
    /// What became of what was wanted of a session.
    Session(Box<SessionReply>),
    /// It was looked for, and cancelled if it is here.
    Cancelled,
    /// It is told every second now.
    Watched,
    /// How far the drain is; `None` once sessions are taken again.
    Drain(Option<DrainState>),
    /// What becomes of the restart.
    Restart(RestartReply),
}

/// The answer to a question.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// The question's number.
    pub number: u64,
    /// What was found.
    pub result: Result<AnswerBody, QuestionFailure>,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct QuestionFailure {
    /// `unreadable`, `bad_cursor`, `bad_question`, `busy`, `undelivered`, `bind`.
    pub code: String,
    /// What happened and what helps.
    pub message: String,
}
