//! What is asked of a database when a statement is run, and what comes back?
//!
//! A statement runs in a transaction that only reads unless told otherwise, alone (no text can hold a
//! second one), and streams into a bounded channel: a receiver that is slow slows the server, and one
//! that is dropped cancels the server's work.

use crate::cell::{Cell, Column};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How many rows are handed over at once, at most.
pub const BATCH_ROWS: usize = 500;
/// How many bytes are handed over at once, about: a batch is sent when it has grown to this.
pub const BATCH_BYTES: u64 = 256 * 1024;
/// Longest statement that is sent to a database, in bytes.
pub const STATEMENT_BYTES_MAX: usize = 1024 * 1024;
/// Most parameters of a statement.
pub const PARAMETERS_MAX: usize = 1_000;

/// One statement to run.
#[derive(Clone, Debug)]
pub struct RunRequest {
    /// The statement, one.
    pub sql: String,
    /// Its parameters in order, as the server would read them from a text; `None` is a missing value.
    pub parameters: Vec<Option<String>>,
    /// Most rows that are handed over.
    pub rows_max: u64,
    /// Most bytes of cells that are handed over. A row that does not fit is not handed over in part.
    pub bytes_max: u64,
    /// Longest time from the statement's begin to its last row.
    pub timeout: Duration,
    /// Whether the transaction only reads. SQLite files are only ever read.
    pub read_only: bool,
}

impl RunRequest {
    /// A statement that only reads, with bounds that suit a page: 1,000 rows, 8 MiB, 30 s.
    pub fn read(sql: impl Into<String>) -> RunRequest {
        RunRequest {
            sql: sql.into(),
            parameters: Vec::new(),
            rows_max: 1_000,
            bytes_max: 8 * 1024 * 1024,
            timeout: Duration::from_secs(30),
            read_only: true,
        }
    }
}

/// What comes back, in this order: notices anywhere, columns once, rows as they come, the end once.
/// A run that fails has no [`RunEvent::Done`]: the error is what `run` returns. In JSON an object with
/// one member, named after the variant: `{"rows": [[1, "a"]]}`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RunEvent {
    /// The result's columns; none for a statement that returns no rows.
    Columns(Vec<Column>),
    /// Some rows.
    Rows(Vec<Vec<Cell>>),
    /// What the server said beside.
    Notice(String),
    /// All is said.
    Done(RunSummary),
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunSummary {
    /// Rows handed over.
    pub rows: u64,
    /// Bytes of cells handed over.
    pub bytes: u64,
    /// Rows a statement that returns none has changed, where the server says so.
    pub affected: Option<u64>,
    /// From the statement's begin to its end.
    #[serde(rename = "elapsed_us", with = "microseconds")]
    pub elapsed: Duration,
    /// Which bound ended the result early, if one did.
    pub truncated: Option<Truncation>,
}

/// Which bound ended a result early.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Truncation {
    /// `rows_max`.
    Rows,
    /// `bytes_max`.
    Bytes,
}

/// What is to be known of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Explaining {
    /// How the statement would run, with its parameters.
    Plan,
    /// How it would run whatever the values of its parameters, which are so many. Only PostgreSQL has such plans.
    Generic(usize),
    /// How it ran: it runs, in a transaction that only reads, and its rows are thrown away.
    Analyze,
}

/// How a database would run a statement, or has run it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// Whose format `json` is in.
    pub format: PlanFormat,
    /// The plan.
    pub json: serde_json::Value,
}

impl Plan {
    /// The same as a text that people read.
    pub fn text(&self) -> String {
        crate::plan_text::of(self)
    }
}

/// Whose format a plan is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanFormat {
    /// `EXPLAIN (FORMAT JSON)` of PostgreSQL.
    Postgres,
    /// `EXPLAIN FORMAT=JSON` of MySQL.
    Mysql,
    /// `EXPLAIN FORMAT=JSON` of MariaDB.
    Mariadb,
    /// `EXPLAIN QUERY PLAN` of SQLite, as nodes with `detail` and `children`.
    Sqlite,
}

mod microseconds {
    use serde::{Deserialize, Deserializer, Serializer};
    use std::time::Duration;

    pub(super) fn serialize<S: Serializer>(value: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(u64::try_from(value.as_micros()).unwrap_or(u64::MAX))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        u64::deserialize(deserializer).map(Duration::from_micros)
    }
}
