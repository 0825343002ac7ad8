//! How are the known databases, and who looks next?
//!
//! Several nodes look after the same connections. A check is claimed for a while by a conditional update,
//! so that two nodes never look at once; a node that dies with a claim loses it when the time is over.

use crate::row::Values;
use crate::text::shown;
use crate::{Id, Result, Tx};
use sqlx::any::AnyRow;

/// Checks claimed at once. More would wait longer than a claim lasts.
const CLAIMS_MAX: i64 = 256;
/// Longest message kept, in bytes: servers quote what they were sent.
const MESSAGE_BYTES_MAX: usize = 2_000;

/// How a database was when somebody looked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// When somebody looked last.
    pub checked_at: Option<i64>,
    /// When it last was well.
    pub last_ok_at: Option<i64>,
    /// How long it then took to answer.
    pub latency_us: Option<i64>,
    /// What was wrong when something last was; still there after it got well.
    pub last_error: Option<Failure>,
    /// When that was.
    pub last_error_at: Option<i64>,
    /// How often it failed since it was last well: not 0 means it is not well.
    pub failures: i64,
    /// When somebody looks next.
    pub next_check_at: i64,
}

/// What was wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Which kind of thing, as the engines name it.
    pub class: String,
    /// In words.
    pub message: String,
}

/// The right to look, for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Which connection.
    pub connection: Id,
    /// Whose it is.
    pub workspace: Id,
    /// How often it failed since it was last well: what the time to the next check depends on.
    pub failures: i64,
    until: i64,
}

/// What was found.
#[derive(Clone, Debug)]
pub enum Check {
    /// It answered.
    Well {
        /// After how long.
        latency_us: i64,
    },
    /// It did not.
    Failed(Failure),
}

/// That somebody looked.
#[derive(Clone, Debug)]
pub struct Checked {
    /// When.
    pub at: i64,
    /// What was found.
    pub found: Check,
    /// When to look next.
    pub next_check_at: i64,
}

/// A new connection: it is due at once.
pub(super) async fn begin(tx: &mut Tx, connection: Id, now: i64) -> Result<()> {
    sqlx::query(
        "INSERT INTO connection_health (connection, failures, next_check_at, claimed_until) \
         VALUES ($1, 0, $2, 0)",
    )
    .bind(connection.bytes())
    .bind(now)
    .execute(tx.on())
    .await?;
    Ok(())
}

/// Claims checks that are due, until `until`. Commit before looking: only then do others know.
///
/// Each is claimed by a statement of its own, in one order, so that two who claim at once wait for each
/// other and never in a circle.
pub async fn claim_checks(tx: &mut Tx, now: i64, until: i64, limit: i64) -> Result<Vec<Claim>> {
    let due = sqlx::query(
        "SELECT h.connection, c.workspace FROM connection_health h JOIN connections c ON c.id = h.connection \
         WHERE h.next_check_at <= $1 AND h.claimed_until <= $1 ORDER BY h.next_check_at, h.connection LIMIT $2",
    )
    .bind(now)
    .bind(limit.clamp(1, CLAIMS_MAX))
    .fetch_all(tx.on())
    .await?;
    let mut claims = Vec::with_capacity(due.len());
    for row in due {
        let (connection, workspace) = (row.id("connection")?, row.id("workspace")?);
        let claimed = sqlx::query(
            "UPDATE connection_health SET claimed_until = $1 \
             WHERE connection = $2 AND next_check_at <= $3 AND claimed_until <= $3 RETURNING failures",
        )
        .bind(until)
        .bind(connection.bytes())
        .bind(now)
        .fetch_optional(tx.on())
        .await?;
        if let Some(row) = claimed {
            claims.push(Claim { connection, workspace, failures: row.int("failures")?, until });
        }
    }
    Ok(claims)
}

/// Keeps what was found and gives the claim back. Gives false, and keeps nothing, when the claim was over
/// and somebody else has it.
pub async fn finish_check(tx: &mut Tx, claim: &Claim, checked: &Checked) -> Result<bool> {
    let done = sqlx::query(
        "UPDATE connection_health SET claimed_until = 0 WHERE connection = $1 AND claimed_until = $2",
    )
    .bind(claim.connection.bytes())
    .bind(claim.until)
    .execute(tx.on())
    .await?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    record(tx, claim.connection, checked).await
}

/// Keeps what somebody found who looked without being due: a test, or a use. Gives false when there is no
/// such connection. The connection's version stays.
pub async fn record(tx: &mut Tx, connection: Id, checked: &Checked) -> Result<bool> {
    let query = match &checked.found {
        Check::Well { latency_us } => sqlx::query(
            "UPDATE connection_health SET checked_at = $1, next_check_at = $2, last_ok_at = $1, \
             latency_us = $3, failures = 0 WHERE connection = $4",
        )
        .bind(checked.at)
        .bind(checked.next_check_at)
        .bind(*latency_us),
        Check::Failed(failure) => sqlx::query(
            "UPDATE connection_health SET checked_at = $1, next_check_at = $2, last_error_at = $1, \
             failures = failures + 1, last_error_class = $3, last_error_message = $5 WHERE connection = $4",
        )
        .bind(checked.at)
        .bind(checked.next_check_at)
        .bind(shown(&failure.class, MESSAGE_BYTES_MAX)),
    };
    let query = query.bind(connection.bytes());
    let query = match &checked.found {
        Check::Well { .. } => query,
        Check::Failed(failure) => query.bind(shown(&failure.message, MESSAGE_BYTES_MAX)),
    };
    Ok(query.execute(tx.on()).await?.rows_affected() > 0)
}

/// Makes a check due at `at`, such as at once when somebody asks.
pub async fn check_at(tx: &mut Tx, connection: Id, at: i64) -> Result<()> {
    sqlx::query("UPDATE connection_health SET next_check_at = $1 WHERE connection = $2")
        .bind(at)
        .bind(connection.bytes())
        .execute(tx.on())
        .await?;
    Ok(())
}

pub(super) fn read(row: &AnyRow) -> Result<Health> {
    let last_error = match (row.text_opt("last_error_class")?, row.text_opt("last_error_message")?) {
        (Some(class), Some(message)) => Some(Failure { class, message }),
        _ => None,
    };
    Ok(Health {
        checked_at: row.int_opt("checked_at")?,
        last_ok_at: row.int_opt("last_ok_at")?,
        latency_us: row.int_opt("latency_us")?,
        last_error,
        last_error_at: row.int_opt("last_error_at")?,
        failures: row.int("failures")?,
        next_check_at: row.int("next_check_at")?,
    })
}
