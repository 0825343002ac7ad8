//! Which data planes are restarted one after the other, and how far is it?
//!
//! One at a time in an instance. Who goes on with it holds the claim of its job ([`crate::jobs`]); a version keeps a
//! node whose claim is over from writing over what another one has written.

use crate::insert::refused;
use crate::row::{Values, document};
use crate::text::{shown, storable};
use crate::{Id, Result, StoreError, Tx, now_us};
use serde::{Deserialize, Serialize};
use sqlx::any::AnyRow;

const WHAT: &str = "restart";
/// Longest reason of one step that is kept, in bytes.
const WHY_BYTES_MAX: usize = 2_000;

/// What became of a restart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It goes on.
    Running,
    /// Every data plane that could be is restarted.
    Done,
    /// One did not come back as it should, and those after it were left alone.
    Failed,
    /// Somebody ended it.
    Cancelled,
}

impl Standing {
    const ALL: [Standing; 4] = [Standing::Running, Standing::Done, Standing::Failed, Standing::Cancelled];

    /// The word in the state and in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Standing::Running => "running",
            Standing::Done => "done",
            Standing::Failed => "failed",
            Standing::Cancelled => "cancelled",
        }
    }
}

/// How far one data plane is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepStanding {
    /// It is not its turn yet.
    Waiting,
    /// Its new process is awaited.
    Restarting,
    /// Its new process serves.
    Back,
    /// Its new process did not come, or not as it should.
    Failed,
    /// It is not restarted this way.
    Skipped,
    /// It was not begun: the restart ended before.
    Left,
}

/// One data plane of a restart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Its id.
    pub plane: String,
    /// Its name.
    pub name: String,
    /// How far it is.
    pub standing: StepStanding,
    /// Why it failed or was skipped, or what is awaited; empty where there is nothing to say.
    pub why: String,
    /// The version before.
    pub version_before: String,
    /// When the process before started.
    pub started_before: i64,
    /// The version of the new process.
    pub version_after: Option<String>,
    /// When its turn came, in microseconds since 1970-01-01 UTC, as all moments here.
    pub began_at: Option<i64>,
    /// When it was back, or had failed.
    pub ended_at: Option<i64>,
}

/// A restart of data planes, one after the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restart {
    /// What it is found by.
    pub id: Id,
    /// Why.
    pub reason: String,
    /// What became of it.
    pub standing: Standing,
    /// How long a data plane may take to come back.
    pub step_seconds: i64,
    /// The data planes, in their order.
    pub steps: Vec<Step>,
    /// Who asked.
    pub asked_by: Id,
    /// When.
    pub asked_at: i64,
    /// Who cancelled it; `None` where nobody has.
    pub cancelled_by: Option<Id>,
    /// When.
    pub cancelled_at: Option<i64>,
    /// When it ended.
    pub ended_at: Option<i64>,
    /// Grows with each change.
    pub version: i64,
}

const COLUMNS: &str = "SELECT id, reason, standing, step_seconds, steps, asked_by, asked_at, cancelled_by, \
     cancelled_at, ended_at, version FROM plane_restarts ";

/// Begins one. There is no other that runs.
pub async fn begin(tx: &mut Tx, reason: &str, step_seconds: i64, steps: &[Step], by: Id) -> Result<Restart> {
    storable(&[("reason", reason)])?;
    let id = Id::new();
    sqlx::query(
        "INSERT INTO plane_restarts (id, reason, standing, step_seconds, steps, asked_by, asked_at, version) \
         VALUES ($1, $2, 'running', $3, $4, $5, $6, 1)",
    )
    .bind(id.bytes())
    .bind(reason)
    .bind(step_seconds)
    .bind(document(steps)?)
    .bind(by.bytes())
    .bind(now_us())
    .execute(tx.on())
    .await
    .map_err(refused(WHAT, "restart"))?;
    get(tx, id).await
}

/// The one of that id.
pub async fn get(tx: &mut Tx, id: Id) -> Result<Restart> {
    let row = sqlx::query(columns("WHERE id = $1")).bind(id.bytes()).fetch_optional(tx.on()).await?;
    read(&row.ok_or(StoreError::Missing(WHAT))?)
}

/// The latest, latest first.
pub async fn list(tx: &mut Tx, limit: i64) -> Result<Vec<Restart>> {
    let rows = sqlx::query(columns("ORDER BY id DESC LIMIT $1")).bind(limit).fetch_all(tx.on()).await?;
    rows.iter().map(read).collect()
}

/// Keeps how far it is, unless it was changed since it was read.
pub async fn keep(tx: &mut Tx, restart: &Restart) -> Result<()> {
    let mut steps = restart.steps.clone();
    steps.iter_mut().for_each(|step| step.why = shown(&step.why, WHY_BYTES_MAX));
    let ended_at = (restart.standing != Standing::Running).then(now_us);
    let row = sqlx::query(
        "UPDATE plane_restarts SET steps = $1, standing = $2, ended_at = $3, version = version + 1 \
         WHERE id = $4 AND version = $5 RETURNING version",
    )
    .bind(document(&steps)?)
    .bind(restart.standing.as_str())
    .bind(ended_at)
    .bind(restart.id.bytes())
    .bind(restart.version)
    .fetch_optional(tx.on())
    .await?;
    row.map(drop).ok_or(StoreError::Changed(WHAT))
}

/// Has one that runs begin with no other data plane. Gives false where it does not run, or is cancelled already.
pub async fn cancel(tx: &mut Tx, id: Id, by: Id) -> Result<bool> {
    let done = sqlx::query(
        "UPDATE plane_restarts SET cancelled_by = $1, cancelled_at = $2, version = version + 1 \
         WHERE id = $3 AND standing = 'running' AND cancelled_at IS NULL",
    )
    .bind(by.bytes())
    .bind(now_us())
    .bind(id.bytes())
    .execute(tx.on())
    .await?;
    Ok(done.rows_affected() > 0)
}

fn columns(rest: &str) -> sqlx::AssertSqlSafe<String> {
    sqlx::AssertSqlSafe(format!("{COLUMNS}{rest}"))
}

fn read(row: &AnyRow) -> Result<Restart> {
    let word = row.text("standing")?;
    let standing = Standing::ALL.into_iter().find(|one| one.as_str() == word);
    Ok(Restart {
        id: row.id("id")?,
        reason: row.text("reason")?,
        standing: standing.ok_or_else(|| StoreError::Damaged(format!("`{word}` is no standing")))?,
        step_seconds: row.int("step_seconds")?,
        steps: row.json("steps")?,
        asked_by: row.id("asked_by")?,
        asked_at: row.int("asked_at")?,
        cancelled_by: row.id_opt("cancelled_by")?,
        cancelled_at: row.int_opt("cancelled_at")?,
        ended_at: row.int_opt("ended_at")?,
        version: row.int("version")?,
    })
}
