//! In which words do the live view and the gateway speak to each other?
//!
//! One JSON object a line: the view asks with a [`Request`], the gateway answers with an [`Answer`].
//! Sums and distributions count since the gateway started: whoever wants a rate asks twice and
//! subtracts. No literal of a statement is ever in it.

use serde::{Deserialize, Serialize};

/// The version of this form; both sides say it, and an answer of another version is not read.
pub const VERSION: u32 = 1;

/// Statements in an answer when the request does not say.
pub const STATEMENTS_USUAL: usize = 200;

/// Most statements in an answer.
pub const STATEMENTS_MAX: usize = 1_000;

/// Longest conditions of a read that are written down; of longer ones the end is left out, and their hash told.
pub const ASKED_BYTES_MAX: usize = 2_000;

/// Most sessions in an answer; the busy and the longest waiting come first.
pub const SESSIONS_MAX: usize = 1_000;

/// What the view asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// The version of the form the view speaks.
    pub v: u32,
    /// What it wants to see.
    pub want: Want,
    /// How many statements, at most [`STATEMENTS_MAX`].
    #[serde(default = "statements_usual")]
    pub statements: usize,
    /// Which of them: the first ones by this.
    #[serde(default)]
    pub sort: Sort,
    /// Statements seen at this time or later come before all others (microseconds since 1970-01-01
    /// UTC): a view of the last seconds needs those that ran in them.
    #[serde(default)]
    pub active_since_us: Option<u64>,
    /// What is about to be read of the ledger, for [`Want::Read`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read: Option<Box<Read>>,
}

/// Somebody at the command line is about to read the ledger. Who it is the gateway sees for itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Read {
    /// The device and the number of the ledger's directory: it has to be the gateway's own.
    pub directory: (u64, u64),
    /// Whether the records are taken away as a file.
    pub takes_away: bool,
    /// The conditions, at most [`ASKED_BYTES_MAX`].
    pub asked: String,
    /// In which form the records are handed out.
    pub format: String,
    /// Nothing is read: the values of this day were erased (`2026-11-20`), which is to be written down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub erased: Option<String>,
}

fn statements_usual() -> usize {
    STATEMENTS_USUAL
}

/// What can be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Want {
    /// Everything there is to see at this moment.
    Sight,
    /// Nothing: it says that it is about to read the ledger's files, which is to be written into the ledger first.
    Read,
}

/// By what statements can be put in order, the highest first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// Their whole time together.
    #[default]
    Time,
    /// How often they ran.
    Calls,
    /// Mean time.
    Mean,
    /// Median time.
    P50,
    /// The time 95 of 100 stayed below.
    P95,
    /// The time 99 of 100 stayed below.
    P99,
    /// Median time to the first byte of the answer.
    First,
    /// Rows for each call.
    Rows,
    /// Bytes for each call, both ways.
    Bytes,
    /// Failed and refused calls.
    Errors,
    /// Calls that came at once after an answer to the same statement.
    Repeats,
    /// When they were last seen.
    LastSeen,
    /// When they were first seen.
    FirstSeen,
}

/// What the gateway answers: a look, or why there is none.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// The version of the form the gateway speaks.
    pub v: u32,
    /// What was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub look: Option<Box<Look>>,
    /// Whether a read was written into the ledger.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub written_down: bool,
    /// Why it was not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// One look at a gateway.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Look {
    /// When, by the gateway's clock, in microseconds since 1970-01-01 UTC.
    pub at_us: u64,
    /// When the gateway started, likewise. Sums of different starts cannot be compared.
    pub started_us: u64,
    /// How long it runs, by a clock nobody sets.
    pub uptime_us: u64,
    /// Its version.
    pub version: String,
    /// Its process.
    pub pid: u32,
    /// Its listeners, by name.
    pub listeners: Vec<ListenerLook>,
    /// Its ledger.
    pub ledger: LedgerLook,
    /// How many sessions do what.
    pub session_counts: SessionCounts,
    /// The sessions, those that run something longest first, at most [`SESSIONS_MAX`].
    pub sessions: Vec<SessionLook>,
    /// Sums over all statements, kept and not kept.
    pub totals: Sums,
    /// Whole time of all statements that are kept.
    pub latency: Distribution,
    /// The statements that were asked for.
    pub statements: Vec<StatementLook>,
    /// How many statements are kept, by listener and fingerprint.
    pub statements_kept: usize,
    /// How many had to go to stay within the bound.
    pub statements_evicted: u64,
    /// Sums of those that are not kept.
    pub others: Sums,
    /// Errors of all statements that are kept, by SQLSTATE, the most frequent first.
    pub errors: Vec<ErrorLook>,
}

/// A listener.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ListenerLook {
    /// Its name.
    pub name: String,
    /// `postgres`, `mysql`.
    pub protocol: String,
    /// `observe`, `enforce`.
    pub mode: String,
    /// `development`, `staging`, `production`.
    pub environment: String,
    /// The address it serves.
    pub listen: String,
    /// Whether it accepts connections; one that does not any more has old sessions left.
    pub served: bool,
    /// Whether a server behind it answered when it was last asked.
    pub up: bool,
    /// The servers behind it.
    pub upstreams: Vec<UpstreamLook>,
    /// Sessions that are open or being opened.
    pub sessions: u64,
    /// Logins that succeeded.
    pub logins: u64,
    /// Connections that did not become a session, by reason.
    pub logins_failed: Vec<(String, u64)>,
    /// Statements that ended.
    pub exchanges: u64,
    /// Those the server answered with an error.
    pub failed: u64,
    /// Statements refused and sessions ended by the gateway, by reason.
    pub refusals: Vec<(String, u64)>,
    /// Bytes from clients.
    pub bytes_client: u64,
    /// Bytes from servers.
    pub bytes_upstream: u64,
    /// Whole time of its statements, in wide steps.
    pub latency: Distribution,
}

/// A server behind a listener.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct UpstreamLook {
    /// Where it is.
    pub address: String,
    /// Whether it answered when it was last asked.
    pub up: bool,
    /// Why it did not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// The ledger.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LedgerLook {
    /// Records written.
    pub records: u64,
    /// Records that wait, in bytes.
    pub queue_bytes: u64,
    /// Gap records.
    pub gaps: u64,
    /// How often writing began to fail.
    pub failures: u64,
}

/// How many sessions do what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionCounts {
    /// Their login is not finished.
    pub login: u64,
    /// The server owes them an answer.
    pub busy: u64,
    /// They wait for their client, outside a transaction.
    pub idle: u64,
    /// They wait for their client inside a transaction.
    pub transaction: u64,
    /// They are ending.
    pub leaving: u64,
}

/// A session.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SessionLook {
    /// Its identity, as in the ledger.
    pub id: String,
    /// Its listener.
    pub listener: String,
    /// The database role.
    pub user: String,
    /// The database.
    pub database: String,
    /// The client's `application_name`.
    pub application: String,
    /// Where the client is.
    pub address: String,
    /// `login`, `busy`, `idle`, `transaction`, `failed transaction`, `leaving`.
    pub activity: String,
    /// For how long, within half a second.
    pub activity_us: u64,
    /// Since its login.
    pub age_us: u64,
    /// Requests since login.
    pub exchanges: u64,
    /// What it runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current: Option<CurrentLook>,
}

/// What a session runs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CurrentLook {
    /// Its fingerprint.
    pub fingerprint: String,
    /// Its text without literals.
    pub text: String,
    /// By which way it came: `run`, `prepare`, `execute`, `function`, `command`.
    pub kind: String,
    /// For how long.
    pub for_us: u64,
}

/// Sums since the gateway started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sums {
    /// Statements that ended, however they did.
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
    /// Those that came at once after an answer to the same statement, in the same session.
    pub repeats: u64,
}

impl Sums {
    /// Both together.
    pub fn plus(&self, other: &Sums) -> Sums {
        self.with(other, u64::saturating_add)
    }

    /// What came since `earlier`, which the same counters showed before.
    pub fn since(&self, earlier: &Sums) -> Sums {
        self.with(earlier, u64::saturating_sub)
    }

    /// Calls that failed or were refused.
    pub fn errors(&self) -> u64 {
        self.failed.saturating_add(self.refused)
    }

    fn with(&self, other: &Sums, each: impl Fn(u64, u64) -> u64) -> Sums {
        Sums {
            calls: each(self.calls, other.calls),
            failed: each(self.failed, other.failed),
            refused: each(self.refused, other.refused),
            rows: each(self.rows, other.rows),
            bytes_in: each(self.bytes_in, other.bytes_in),
            bytes_out: each(self.bytes_out, other.bytes_out),
            time_us: each(self.time_us, other.time_us),
            repeats: each(self.repeats, other.repeats),
        }
    }
}

/// How often something took how long.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Distribution {
    /// The time a step stands for in microseconds, and how many lie in it; only steps that have any,
    /// the shortest first.
    pub steps: Vec<(u64, u64)>,
    /// The longest.
    pub max_us: u64,
}

/// A statement behind a listener.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StatementLook {
    /// The listener.
    pub listener: String,
    /// Its fingerprint.
    pub fingerprint: String,
    /// Its text without literals.
    pub text: String,
    /// What it may do.
    pub class: String,
    /// The tables it names.
    pub tables: Vec<String>,
    /// Sums.
    pub totals: Sums,
    /// Time to the first byte of the answer.
    pub first: Distribution,
    /// Whole time.
    pub total: Distribution,
    /// Errors by SQLSTATE.
    pub errors: Vec<(String, u64)>,
    /// Errors beside those.
    pub other_errors: u64,
    /// Database roles that ran it.
    pub users: Vec<String>,
    /// Whether there were more.
    pub more_users: bool,
    /// Applications that ran it.
    pub applications: Vec<String>,
    /// Whether there were more.
    pub more_applications: bool,
    /// When it was first seen, in microseconds since 1970-01-01 UTC.
    pub first_seen_us: u64,
    /// When it was last seen, likewise.
    pub last_seen_us: u64,
}

/// Errors of one SQLSTATE, or of those without one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ErrorLook {
    /// The SQLSTATE; empty for errors that had none or are not kept apart.
    pub sqlstate: String,
    /// The name of the SQLSTATE's class.
    pub class: String,
    /// How many.
    pub count: u64,
    /// Statements that had it.
    pub statements: usize,
    /// The fingerprint of the statement that had it most often.
    pub fingerprint: String,
    /// That statement's text without literals.
    pub text: String,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn a_request_needs_a_version_and_a_wish_only() {
        let read: Request = serde_json::from_str(r#"{"v":1,"want":"sight"}"#).unwrap();
        let expected = Request {
            v: 1,
            want: Want::Sight,
            statements: STATEMENTS_USUAL,
            sort: Sort::Time,
            active_since_us: None,
            read: None,
        };
        assert_eq!(read, expected);
        let written = serde_json::to_string(&Request { sort: Sort::LastSeen, ..expected }).unwrap();
        assert!(written.contains(r#""sort":"last_seen""#), "{written}");
        for wrong in [r#"{"v":1}"#, r#"{"v":1,"want":"rows"}"#, r#"{"v":1,"want":"sight","colour":"red"}"#] {
            assert!(serde_json::from_str::<Request>(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_answer_is_a_look_or_a_reason_and_comes_back_as_it_was() {
        let refused = Answer { v: VERSION, error: Some("too many".to_owned()), ..Answer::default() };
        assert_eq!(serde_json::to_string(&refused).unwrap(), r#"{"v":1,"error":"too many"}"#);
        let look = Look {
            latency: Distribution { steps: vec![(100, 3), (250, 1)], max_us: 240 },
            ..Look::default()
        };
        let answer = Answer { v: VERSION, look: Some(Box::new(look)), ..Answer::default() };
        let text = serde_json::to_string(&answer).unwrap();
        assert!(text.contains(r#""latency":{"steps":[[100,3],[250,1]],"max_us":240}"#), "{text}");
        assert_eq!(serde_json::from_str::<Answer>(&text).unwrap(), answer);
    }
}
