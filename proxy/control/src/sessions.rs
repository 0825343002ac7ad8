//! What is told of sessions that are open now, and what can be wanted of one?
//!
//! Keys that cancel at a server stay in the data plane: a session is named by its UUID only.

use serde::{Deserialize, Serialize};

/// Which sessions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LiveQuery {
    /// The asker's workspace: sessions that began in another are not told.
    pub workspace: String,
    /// Only of these listeners.
    pub listeners: Vec<String>,
    /// Most sessions of the answer; at most [`LiveQuery::SESSIONS_MAX`].
    pub limit: u32,
}

impl LiveQuery {
    /// Most sessions of one answer.
    pub const SESSIONS_MAX: u32 = 2_000;
    /// Most characters of a statement's text.
    pub const TEXT_CHARS_MAX: usize = 2_000;
}

/// Sessions that are open now: those that run something first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiveSessions {
    /// The sessions.
    pub sessions: Vec<LiveSession>,
    /// How many there are.
    pub total: u64,
}

/// What a session is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LiveState {
    /// The server owes it an answer, or it waits at the gate.
    Active,
    /// It waits for its client inside an open transaction.
    InTransaction,
    /// It waits for its client inside a transaction that failed.
    FailedTransaction,
    /// Its login is not finished.
    Login,
    /// Its client has left.
    Leaving,
    /// It waits for its client.
    Idle,
}

/// A session that is open now. Moments are in microseconds since 1970-01-01 UTC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiveSession {
    /// Its UUID, as the ledger has it.
    pub session: String,
    /// Whose it is.
    pub workspace: String,
    /// Its listener.
    pub listener: String,
    /// `postgres`, `mysql`.
    pub protocol: String,
    /// `development`, `staging`, `production`.
    pub environment: String,
    /// The database role.
    pub user: String,
    /// The database.
    pub database: String,
    /// The application.
    pub application: String,
    /// `ip:port` or `unix`.
    pub address: String,
    /// `TLSv1.3`, …; empty without TLS.
    pub tls: String,
    /// When it began.
    pub started_at_us: i64,
    /// What it is doing.
    pub state: LiveState,
    /// Since when, at a precision of half a second.
    pub state_since_us: i64,
    /// Since when its transaction block is open; `None` outside of one.
    pub transaction_since_us: Option<i64>,
    /// Requests since it began.
    pub statements: u64,
    /// Bytes from the client.
    pub bytes_in: u64,
    /// Bytes from the server.
    pub bytes_out: u64,
    /// The process id that the server gave out; `None` where the protocol has none.
    pub server_process: Option<u32>,
    /// Whether its next request waits at the gate.
    pub waits_at_gate: bool,
    /// The oldest statement under way.
    pub current: Option<LiveStatement>,
    /// What the server says it waits for.
    pub wait: Option<Wait>,
    /// Who keeps it waiting.
    pub blocking: Blocking,
}

/// A statement under way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiveStatement {
    /// Its shape.
    pub fingerprint: String,
    /// Its text without literals.
    pub text: String,
    /// Whether the text is longer than what is told of it.
    pub is_text_cut: bool,
    /// `read`, `write`, …
    pub class: String,
    /// `run`, `execute`, …
    pub kind: String,
    /// When it began.
    pub started_at_us: i64,
    /// What the rules said.
    pub verdict: String,
    /// The rule that decided.
    pub rule: Option<String>,
}

/// What a server says a process waits for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wait {
    /// The kind, in the server's words: `Lock`, `IO`.
    pub kind: String,
    /// The event, in the server's words: `transactionid`.
    pub event: String,
}

/// Whether it is known who keeps a session waiting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Blocking {
    /// These do; nobody where there is none.
    Known(Vec<Blocker>),
    /// Nobody has asked the server, for this reason.
    Unknown(String),
}

/// Who keeps a session waiting.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blocker {
    /// The server's process; 0 is a prepared transaction, which has none.
    pub process: u32,
    /// The session of it, where it is one of the asker's workspace.
    pub session: Option<String>,
    /// As whom the server knows it, where it is none of these sessions.
    pub user: Option<String>,
    /// In which database.
    pub database: Option<String>,
    /// By which name.
    pub application: Option<String>,
}

/// What is wanted of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wish {
    /// What it runs is to be cancelled.
    Cancel,
    /// It is to end.
    Terminate,
}

/// Something is wanted of a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionDemand {
    /// The asker's workspace: a session of another is not there.
    pub workspace: String,
    /// Only of these listeners.
    pub listeners: Vec<String>,
    /// Which session.
    pub session: String,
    /// What is wanted.
    pub wish: Wish,
}

/// What became of what was wanted of a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionReply {
    /// There is no such session here.
    NotHere,
    /// It is done, or is being done.
    Done(SessionTold),
    /// It runs nothing that could be cancelled.
    NothingRuns(SessionTold),
    /// Nothing of its kind can be cancelled, for this reason.
    Cannot(SessionTold, String),
}

/// Which session it was and what it ran.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionTold {
    /// Its listener.
    pub listener: String,
    /// The database role.
    pub user: String,
    /// The database.
    pub database: String,
    /// The application.
    pub application: String,
    /// What was under way.
    pub statement: Option<LiveStatement>,
}
