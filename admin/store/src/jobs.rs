//! What is to be done later, and who does it?
//!
//! A job is a kind and a key; asking for it again while it waits does not make two. It is claimed for a
//! while by a conditional update, so that two nodes never do one at once; when a node dies with a claim,
//! another takes the job after that while.

use crate::row::Values;
use crate::text::{shown, storable};
use crate::{Result, Tx};
use serde_json::Value;
use sqlx::any::AnyRow;

/// Jobs claimed at once. More would wait longer than a claim lasts.
const CLAIMS_MAX: i64 = 256;
/// Longest error kept, in bytes.
const ERROR_BYTES_MAX: usize = 2_000;

/// What is to be done.
#[derive(Clone, Debug, PartialEq)]
pub struct NewJob<'a> {
    /// Which kind of thing.
    pub kind: &'a str,
    /// To what.
    pub key: &'a str,
    /// What else who does it must know.
    pub body: &'a Value,
    /// Not before this time.
    pub due_at: i64,
}

/// A job, and the right to do it for a while.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    /// Which kind of thing.
    pub kind: String,
    /// To what.
    pub key: String,
    /// What else who does it must know.
    pub body: Value,
    /// When it was to be done.
    pub due_at: i64,
    /// How often somebody began, this time included.
    pub attempts: i64,
    until: i64,
    revision: i64,
}

/// A job as people see it.
#[derive(Clone, Debug, PartialEq)]
pub struct Waiting {
    /// Which kind of thing.
    pub kind: String,
    /// To what.
    pub key: String,
    /// Not before this time.
    pub due_at: i64,
    /// Until then somebody is at it; 0 for nobody.
    pub claimed_until: i64,
    /// How often somebody began.
    pub attempts: i64,
    /// Why it did not end well when it last did not.
    pub last_error: Option<String>,
}

/// Asks for a job. When it waits already, the earlier of both times holds, and the later body; when
/// somebody is at it, it is done once more after that.
pub async fn put(tx: &mut Tx, new: NewJob<'_>) -> Result<()> {
    storable(&[("kind", new.kind), ("key", new.key)])?;
    sqlx::query(
        "INSERT INTO jobs (kind, job_key, body, due_at, claimed_until, attempts, revision) \
         VALUES ($1, $2, $3, $4, 0, 0, 1) ON CONFLICT (kind, job_key) DO UPDATE SET body = excluded.body, \
         due_at = CASE WHEN excluded.due_at < jobs.due_at THEN excluded.due_at ELSE jobs.due_at END, \
         revision = jobs.revision + 1",
    )
    .bind(new.kind)
    .bind(new.key)
    .bind(new.body.to_string())
    .bind(new.due_at)
    .execute(tx.on())
    .await?;
    Ok(())
}

/// Claims jobs of a kind that are due, until `until`. Commit before doing them: only then do others know.
///
/// Each is claimed by a statement of its own, in one order, so that two who claim at once wait for each
/// other and never in a circle.
pub async fn claim(tx: &mut Tx, kind: &str, now: i64, until: i64, limit: i64) -> Result<Vec<Job>> {
    let due = sqlx::query(
        "SELECT job_key FROM jobs WHERE kind = $1 AND due_at <= $2 AND claimed_until <= $2 \
         ORDER BY due_at LIMIT $3",
    )
    .bind(kind)
    .bind(now)
    .bind(limit.clamp(1, CLAIMS_MAX))
    .fetch_all(tx.on())
    .await?;
    let mut keys = due.iter().map(|row| row.text("job_key")).collect::<Result<Vec<_>>>()?;
    keys.sort_unstable();
    let mut jobs = Vec::with_capacity(keys.len());
    for key in keys {
        let claimed = sqlx::query(
            "UPDATE jobs SET claimed_until = $1, attempts = attempts + 1 WHERE kind = $2 AND job_key = $3 \
             AND due_at <= $4 AND claimed_until <= $4 RETURNING body, due_at, attempts, revision",
        )
        .bind(until)
        .bind(kind)
        .bind(&key)
        .bind(now)
        .fetch_optional(tx.on())
        .await?;
        if let Some(row) = claimed {
            jobs.push(Job {
                kind: kind.to_owned(),
                key,
                body: row.json("body")?,
                due_at: row.int("due_at")?,
                attempts: row.int("attempts")?,
                until,
                revision: row.int("revision")?,
            });
        }
    }
    Ok(jobs)
}

/// Says that a job is done. When it was asked for again meanwhile it stays, and is due at once. Gives false
/// when the claim was over and somebody else may be at it.
pub async fn done(tx: &mut Tx, job: &Job) -> Result<bool> {
    let gone = sqlx::query(
        "DELETE FROM jobs WHERE kind = $1 AND job_key = $2 AND claimed_until = $3 AND revision = $4",
    )
    .bind(&job.kind)
    .bind(&job.key)
    .bind(job.until)
    .bind(job.revision)
    .execute(tx.on())
    .await?;
    if gone.rows_affected() > 0 {
        return Ok(true);
    }
    let kept = sqlx::query(
        "UPDATE jobs SET claimed_until = 0, attempts = 0, last_error = NULL \
         WHERE kind = $1 AND job_key = $2 AND claimed_until = $3",
    )
    .bind(&job.kind)
    .bind(&job.key)
    .bind(job.until)
    .execute(tx.on())
    .await?;
    Ok(kept.rows_affected() > 0)
}

/// Puts a job off to `due_at`: with an error because it failed, without one because it is done for this
/// time. When it was asked for again meanwhile it is due at once instead. Gives false when the claim was
/// over and somebody else may be at it.
pub async fn again(tx: &mut Tx, job: &Job, due_at: i64, error: Option<&str>) -> Result<bool> {
    let put_off = sqlx::query(
        "UPDATE jobs SET due_at = CASE WHEN revision = $1 THEN $2 ELSE due_at END, claimed_until = 0, \
         last_error = $3, attempts = attempts * $4 WHERE kind = $5 AND job_key = $6 AND claimed_until = $7",
    )
    .bind(job.revision)
    .bind(due_at)
    .bind(error.map(|error| shown(error, ERROR_BYTES_MAX)))
    .bind(i64::from(error.is_some()))
    .bind(&job.kind)
    .bind(&job.key)
    .bind(job.until)
    .execute(tx.on())
    .await?;
    Ok(put_off.rows_affected() > 0)
}

/// Whether a job of a kind can be claimed: looks only, so that nothing is written while nothing is due.
pub async fn is_any_due(tx: &mut Tx, kind: &str, now: i64) -> Result<bool> {
    let due =
        sqlx::query("SELECT 1 FROM jobs WHERE kind = $1 AND due_at <= $2 AND claimed_until <= $2 LIMIT 1")
            .bind(kind)
            .bind(now)
            .fetch_optional(tx.on())
            .await?;
    Ok(due.is_some())
}

/// How many jobs of a kind wait or are being done.
pub async fn count(tx: &mut Tx, kind: &str) -> Result<i64> {
    let row = sqlx::query("SELECT COUNT(*) AS jobs FROM jobs WHERE kind = $1")
        .bind(kind)
        .fetch_one(tx.on())
        .await?;
    row.int("jobs")
}

/// Whether this job waits or is being done.
pub async fn is_asked_for(tx: &mut Tx, kind: &str, key: &str) -> Result<bool> {
    let found = sqlx::query("SELECT 1 FROM jobs WHERE kind = $1 AND job_key = $2")
        .bind(kind)
        .bind(key)
        .fetch_optional(tx.on())
        .await?;
    Ok(found.is_some())
}

/// Takes a job back. Who is at it may finish.
pub async fn remove(tx: &mut Tx, kind: &str, key: &str) -> Result<()> {
    sqlx::query("DELETE FROM jobs WHERE kind = $1 AND job_key = $2")
        .bind(kind)
        .bind(key)
        .execute(tx.on())
        .await?;
    Ok(())
}

/// The jobs of a kind, those due first first.
pub async fn list(tx: &mut Tx, kind: &str, limit: i64) -> Result<Vec<Waiting>> {
    let rows = sqlx::query(
        "SELECT kind, job_key, due_at, claimed_until, attempts, last_error FROM jobs WHERE kind = $1 \
         ORDER BY due_at LIMIT $2",
    )
    .bind(kind)
    .bind(limit.max(1))
    .fetch_all(tx.on())
    .await?;
    rows.iter().map(read).collect()
}

fn read(row: &AnyRow) -> Result<Waiting> {
    Ok(Waiting {
        kind: row.text("kind")?,
        key: row.text("job_key")?,
        due_at: row.int("due_at")?,
        claimed_until: row.int("claimed_until")?,
        attempts: row.int("attempts")?,
        last_error: row.text_opt("last_error")?,
    })
}
