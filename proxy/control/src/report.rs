//! What does a data plane tell of what happened?
//!
//! Sums by minute, not single statements: those are in the ledger. Texts are without literals.

use crate::latency::Latency;
use crate::snapshot::Acknowledgement;
use serde::{Deserialize, Serialize};

/// How a data plane is: told when it begins to listen, and again when it changed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PlaneState {
    /// Unique, kept over restarts.
    pub plane: String,
    /// As people know it: the machine's name.
    pub name: String,
    /// The program's version.
    pub version: String,
    /// When it started, in microseconds since 1970-01-01 UTC.
    pub started_at_us: i64,
    /// Its listeners.
    pub listeners: Vec<ListenerState>,
    /// Bytes of memory it uses; `None` where the system does not tell.
    #[serde(default)]
    pub memory_bytes: Option<u64>,
    /// The snapshot that is in force, 0 for none; `None` where it does not tell.
    #[serde(default)]
    pub snapshot: Option<u64>,
    /// How far it is with taking no more sessions; `None` where it takes them.
    #[serde(default)]
    pub drain: Option<DrainState>,
    /// Whether a new process can take its place when asked from here; `None` of a version that knows neither that nor
    /// how it is drained.
    #[serde(default)]
    pub replacement: Option<Replacement>,
}

/// How far a data plane is with taking no more sessions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DrainState {
    /// What it does now.
    pub phase: DrainPhase,
    /// When it was asked, in microseconds since 1970-01-01 UTC, as all moments here.
    pub since_us: i64,
    /// Until then it accepts.
    pub accepts_until_us: i64,
    /// So long after that sessions that are idle outside a transaction are ended; `None` for never.
    pub end_idle_after_seconds: Option<u32>,
    /// Sessions that are left, those of the process before this one included.
    pub sessions: u64,
}

/// What a data plane that is drained does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DrainPhase {
    /// It says that it is not ready, and accepts.
    Accepting,
    /// It accepts no more, and has sessions left.
    Draining,
    /// It accepts no more, and has none.
    Drained,
}

impl DrainPhase {
    /// The word.
    pub fn as_str(self) -> &'static str {
        match self {
            DrainPhase::Accepting => "accepting",
            DrainPhase::Draining => "draining",
            DrainPhase::Drained => "drained",
        }
    }
}

/// Whether a new process can take the place of a data plane's, and what became of it last.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replacement {
    /// Why it cannot be asked for from elsewhere; `None` where it can.
    pub unable: Option<String>,
    /// The last one that was asked for and did not come about; `None` where there is none.
    pub failed: Option<ReplacementFailure>,
}

/// A new process that did not take the place of the one that tells.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplacementFailure {
    /// What the restart is known by; empty where it was asked for by a signal.
    pub restart: String,
    /// Why.
    pub why: String,
}

/// A listener of a data plane.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ListenerState {
    /// Its name.
    pub name: String,
    /// `postgres`, `mysql`.
    pub protocol: String,
    /// The slug of the workspace that owns it and its traffic.
    pub workspace: String,
    /// `development`, `staging`, `production`.
    pub environment: String,
    /// The address it serves.
    pub listen: String,
    /// The servers behind it, in order.
    pub upstream: Vec<String>,
    /// `observe`, `enforce`: as it is now.
    pub mode: String,
    /// The file's mode, which nothing published lowers.
    pub floor_mode: String,
    /// The file's own rule sets.
    pub floor_policies: Vec<String>,
    /// `allow` or `refuse`: what happens where no rule matches.
    pub default: String,
    /// Whether rule sets may be published for it.
    pub managed: bool,
    /// Whether its file lets the control plane change its mode for a stated time.
    #[serde(default)]
    pub mode_changes: bool,
    /// The change of its mode that holds now.
    #[serde(default)]
    pub mode_changed: Option<ModeChanged>,
    /// Whether a server behind it accepts connections; `None` before the first look.
    pub upstream_up: Option<bool>,
    /// Sessions now.
    pub sessions: u64,
    /// Its certificates and lists of revoked ones.
    #[serde(default)]
    pub certificates: Vec<CertificateState>,
}

/// The change of a listener's mode that holds now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModeChanged {
    /// Its id.
    pub id: String,
    /// When it ends, as far as the data plane's wall clock tells, in microseconds since 1970-01-01 UTC.
    pub until_us: i64,
}

/// A certificate of a listener, or its list of revoked ones.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateState {
    /// The setting that names its file, such as `tls.certificate`.
    pub setting: String,
    /// When it no longer holds, in microseconds since 1970-01-01 UTC.
    pub expires_at_us: i64,
}

/// One batch of what happened. Numbered, so that one that is sent again is not counted twice.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Whose.
    pub plane: String,
    /// Which start of the data plane: numbers begin anew with each.
    pub start: String,
    /// Numbers the reports of one start from 1.
    pub number: u64,
    /// Statements that were not told of before, at most [`Report::STATEMENTS_MAX`] a batch.
    pub statements: Vec<StatementText>,
    /// Sums of whole minutes, or of parts of them: what is told of the same minute adds up.
    pub minutes: Vec<Minute>,
    /// Sessions that began.
    pub session_starts: Vec<SessionStart>,
    /// Sessions that ended.
    pub session_ends: Vec<SessionEnd>,
    /// Statements that were refused or held.
    pub refusals: Vec<Refusal>,
    /// What the gateway did itself.
    pub events: Vec<GatewayEvent>,
    /// Sessions, refusals and events that did not fit and are only counted.
    pub untold: u64,
    /// What became of a snapshot since the last report.
    pub acknowledgement: Option<Acknowledgement>,
}

impl Report {
    /// Most fingerprints with callers that a minute of one listener tells one by one; the rest is summed.
    pub const COUNTS_MAX: usize = 1_000;
    /// Most texts in one report.
    pub const STATEMENTS_MAX: usize = 2_000;
    /// Most session starts, session ends, refusals and events, each, in one report.
    pub const EVENTS_MAX: usize = 1_000;

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.statements.is_empty()
            && self.minutes.is_empty()
            && self.session_starts.is_empty()
            && self.session_ends.is_empty()
            && self.refusals.is_empty()
            && self.events.is_empty()
            && self.untold == 0
            && self.acknowledgement.is_none()
    }
}

/// A statement that was seen for the first time since the data plane started.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StatementText {
    /// The listener where it was seen.
    pub listener: String,
    /// Its fingerprint, such as `1-8ca5ea4f9ec4b1bc`.
    pub fingerprint: String,
    /// Without literals.
    pub text: String,
    /// `read`, `write`, …
    pub class: String,
    /// The tables its words name.
    pub tables: Vec<String>,
}

/// What happened behind one listener in one minute.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Minute {
    /// The listener.
    pub listener: String,
    /// The minute's first instant, in minutes since 1970-01-01 UTC.
    pub minute: i64,
    /// By fingerprint and caller: those that took most time, at most [`Report::COUNTS_MAX`].
    pub counts: Vec<StatementCount>,
    /// What the others come to.
    pub others: Sums,
    /// Errors by SQLSTATE and fingerprint, the most frequent first, at most [`Report::COUNTS_MAX`].
    pub errors: Vec<ErrorCount>,
    /// Errors that are not among them.
    pub other_errors: u64,
}

/// Who asks, as far as the wire shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Caller {
    /// The database role.
    pub user: String,
    /// The database.
    pub database: String,
    /// `application_name`; empty when not known.
    pub application: String,
}

/// One fingerprint, asked by one caller, in one minute.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StatementCount {
    /// Which statement.
    pub fingerprint: String,
    /// Who asked.
    pub caller: Caller,
    /// How often and how long.
    pub sums: Sums,
}

/// What adds up.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sums {
    /// Statements that ended, however they did; refused ones are not among them.
    pub calls: u64,
    /// Those that ended in an error of the server.
    pub errors: u64,
    /// Statements that were refused or held.
    pub refusals: u64,
    /// Rows returned or changed.
    pub rows: u64,
    /// Bytes of requests.
    pub bytes_in: u64,
    /// Bytes of answers.
    pub bytes_out: u64,
    /// Microseconds in all.
    pub total_us: u64,
    /// How long each of `calls` took.
    pub latency: Latency,
}

impl Sums {
    /// Adds `other`.
    pub fn merge(&mut self, other: &Sums) {
        // Told by a peer: a sum that has no end is one, not a panic.
        self.calls = self.calls.saturating_add(other.calls);
        self.errors = self.errors.saturating_add(other.errors);
        self.refusals = self.refusals.saturating_add(other.refusals);
        self.rows = self.rows.saturating_add(other.rows);
        self.bytes_in = self.bytes_in.saturating_add(other.bytes_in);
        self.bytes_out = self.bytes_out.saturating_add(other.bytes_out);
        self.total_us = self.total_us.saturating_add(other.total_us);
        self.latency.merge(&other.latency);
    }
}

/// Errors of one SQLSTATE in one minute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorCount {
    /// Five characters; `none` where the server sent none.
    pub sqlstate: String,
    /// Which statement.
    pub fingerprint: String,
    /// How many.
    pub count: u64,
}

/// A session began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionStart {
    /// UUID of the session.
    pub session: String,
    /// Its listener.
    pub listener: String,
    /// When, in microseconds since 1970-01-01 UTC.
    pub at_us: i64,
    /// Who.
    pub caller: Caller,
    /// From where: `ip:port` or `unix`.
    pub address: String,
    /// `TLSv1.3`, …; empty without TLS.
    pub tls: String,
}

/// A session ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionEnd {
    /// UUID of the session.
    pub session: String,
    /// When, in microseconds since 1970-01-01 UTC.
    pub at_us: i64,
    /// A fixed word for the cause.
    pub cause: String,
    /// Bytes from the client.
    pub bytes_in: u64,
    /// Bytes to the client.
    pub bytes_out: u64,
}

/// A statement was refused or held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// Its listener.
    pub listener: String,
    /// UUID of the session.
    pub session: String,
    /// When, in microseconds since 1970-01-01 UTC.
    pub at_us: i64,
    /// Who asked.
    pub caller: Caller,
    /// What.
    pub fingerprint: String,
    /// What it does.
    pub class: String,
    /// `refuse` or `hold`.
    pub verdict: String,
    /// The rule that decided, as `rule set/rule`; empty where none did.
    pub rule: String,
    /// What the client was given.
    pub sqlstate: String,
}

/// What the gateway did itself: settings taken, rules changed, records lost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GatewayEvent {
    /// When, in microseconds since 1970-01-01 UTC.
    pub at_us: i64,
    /// The ledger's word for it: `policy.changed`, `ddl` for a statement that changed a schema, …
    pub event: String,
    /// The listener it is about; empty for the gateway itself.
    pub listener: String,
    /// The gateway's own words.
    pub note: String,
}
