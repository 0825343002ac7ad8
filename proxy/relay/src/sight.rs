//! What does somebody see who looks at the data path while it runs?
//!
//! Plain values, copied out by the thread that owns them when it is asked; nothing here is shared
//! with the path.

use crate::settings::UpstreamAddress;
use crate::statistics::Latency;
use exchange::{Kind, Session, SqlState, Statement, TransactionState, VerdictWord};
use std::sync::Arc;
use std::time::Duration;

/// What one relay thread shows.
#[derive(Clone, Debug, Default)]
pub struct Sight {
    /// Its sessions.
    pub sessions: Vec<SessionSight>,
    /// Its statistics, one entry for each listener and fingerprint it keeps.
    pub statements: Vec<StatementStatistics>,
    /// What was counted for fingerprints that are not kept any more, or never were.
    pub others: Totals,
    /// How many entries had to go to stay within the bound.
    pub evicted: u64,
    /// Bytes the statistics occupy.
    pub bytes: usize,
    /// Threads that did not answer in time and are not in here.
    pub incomplete: usize,
}

/// What a session is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activity {
    /// Its login is not finished.
    Login,
    /// The server owes it an answer.
    Busy,
    /// Its client said goodbye and left, or its server takes no more: only the server's end is waited for.
    Leaving,
    /// It waits for its client.
    Idle(TransactionState),
}

/// One session.
#[derive(Clone, Debug)]
pub struct SessionSight {
    /// Who it is.
    pub session: Arc<Session>,
    /// What it is doing.
    pub activity: Activity,
    /// For how long, at the precision of the sweep (half a second).
    pub activity_for: Duration,
    /// Since its login.
    pub age: Duration,
    /// The oldest statement under way.
    pub current: Option<CurrentSight>,
    /// Exchanges begun since login.
    pub exchanges: u64,
    /// For how long its transaction block has been open; `None` outside of one.
    pub transaction_for: Option<Duration>,
    /// Whether its next request waits at the gate.
    pub waits: bool,
    /// Bytes from the client since login.
    pub bytes_in: u64,
    /// Bytes from the server since login.
    pub bytes_out: u64,
    /// The server's process, and the server it is on; `None` where the server gave out no key.
    pub server: Option<(u32, UpstreamAddress)>,
}

/// A statement under way.
#[derive(Clone, Debug)]
pub struct CurrentSight {
    /// What it is.
    pub statement: Arc<Statement>,
    /// By which way it came.
    pub kind: Kind,
    /// For how long it has been.
    pub lasting: Duration,
    /// What the rules said.
    pub verdict: VerdictWord,
    /// The rule that decided.
    pub rule: Option<Arc<str>>,
}

/// Sums that merge by addition.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Statements that ended, however they did, refused ones among them.
    pub calls: u64,
    /// Those the server answered with an error.
    pub failed: u64,
    /// Those the gateway refused.
    pub refused: u64,
    /// Rows returned or changed.
    pub rows: u64,
    /// Bytes of requests.
    pub bytes_in: u64,
    /// Bytes of answers.
    pub bytes_out: u64,
    /// Whole time, in microseconds.
    pub time_us: u64,
    /// Calls that came at once, within 10 ms, after the answer to the same fingerprint in the same
    /// session: what a loop in an application leaves.
    pub repeats: u64,
}

impl Totals {
    /// Adds what `other` counted.
    pub fn add(&mut self, other: &Totals) {
        self.calls += other.calls;
        self.failed += other.failed;
        self.refused += other.refused;
        self.rows = self.rows.saturating_add(other.rows);
        self.bytes_in = self.bytes_in.saturating_add(other.bytes_in);
        self.bytes_out = self.bytes_out.saturating_add(other.bytes_out);
        self.time_us = self.time_us.saturating_add(other.time_us);
        self.repeats += other.repeats;
    }
}

/// A bounded set of names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// Those that are kept, in the order they were seen.
    pub kept: Vec<Arc<str>>,
    /// Whether there were more than are kept.
    pub more: bool,
}

/// What is known of one fingerprint behind one listener.
#[derive(Clone, Debug)]
pub struct StatementStatistics {
    /// The listener's name.
    pub listener: Arc<str>,
    /// Shape, text without literals, class, tables.
    pub statement: Arc<Statement>,
    /// Sums.
    pub totals: Totals,
    /// Time until the first byte of the answer.
    pub first: Latency,
    /// Whole time.
    pub total: Latency,
    /// Errors by SQLSTATE, and how many had none or came after the bound on different ones.
    pub errors: Vec<(SqlState, u64)>,
    /// Errors beside those.
    pub other_errors: u64,
    /// Database roles that ran it.
    pub users: Names,
    /// Applications that ran it.
    pub applications: Names,
    /// When it was first seen, in microseconds since 1970-01-01 UTC.
    pub first_seen_us: u64,
    /// When it was last seen, likewise.
    pub last_seen_us: u64,
}
