//! Which queries did people run, and how did each end?

use crate::insert::refused;
use crate::page::{Page, ask, page};
use crate::row::Values;
use crate::select::Select;
use crate::text::storable;
use crate::words::{word_in, words};
use crate::{Id, Result, StoreError, Tx};
use sqlx::any::AnyRow;

const WHAT: &str = "run";

words! {
    /// How far a run is.
    RunState {
        /// It runs.
        Running = "running",
        /// It ended well.
        Done = "done",
        /// It ended with an error.
        Failed = "failed",
        /// Somebody ended it.
        Cancelled = "cancelled",
        /// The rules refused it: it never ran.
        Refused = "refused",
    }
}

/// A run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// What it is found by.
    pub id: Id,
    /// Where.
    pub workspace: Id,
    /// On which connection; it may be gone.
    pub connection: Id,
    /// By whom.
    pub user: Id,
    /// Of which saved query; it may be gone.
    pub saved_query: Option<Id>,
    /// The statement as it was typed.
    pub text: String,
    /// What the rules said, in a word.
    pub verdict: String,
    /// How far it is.
    pub state: RunState,
    /// Rows it gave or changed.
    pub rows: i64,
    /// Bytes of the answer.
    pub bytes: i64,
    /// How long it took.
    pub elapsed_us: Option<i64>,
    /// Which kind of error ended it.
    pub error_class: Option<String>,
    /// When it began.
    pub started_at: i64,
    /// When it ended.
    pub finished_at: Option<i64>,
}

/// A run that begins.
#[derive(Clone, Copy, Debug)]
pub struct NewRun<'a> {
    /// What it will be found by, also by who cancels it.
    pub id: Id,
    /// Where.
    pub workspace: Id,
    /// On which connection.
    pub connection: Id,
    /// By whom.
    pub user: Id,
    /// Of which saved query.
    pub saved_query: Option<Id>,
    /// The statement as it was typed.
    pub text: &'a str,
    /// What the rules said, in a word.
    pub verdict: &'a str,
    /// [`RunState::Running`], or [`RunState::Refused`].
    pub state: RunState,
    /// When.
    pub started_at: i64,
}

/// How a run ended.
#[derive(Clone, Debug)]
pub struct RunEnd {
    /// Anything but running.
    pub state: RunState,
    /// Rows it gave or changed.
    pub rows: i64,
    /// Bytes of the answer.
    pub bytes: i64,
    /// How long it took.
    pub elapsed_us: i64,
    /// Which kind of error ended it.
    pub error_class: Option<String>,
    /// When.
    pub finished_at: i64,
}

/// Which runs.
#[derive(Clone, Copy, Debug, Default)]
pub struct RunFilter {
    /// On this connection.
    pub connection: Option<Id>,
    /// By this person.
    pub user: Option<Id>,
    /// Of this saved query.
    pub saved_query: Option<Id>,
    /// That are this far.
    pub state: Option<RunState>,
}

const COLUMNS: &str = "SELECT id, workspace, connection, user_id, saved_query, text, verdict, state, \
     row_count, byte_count, elapsed_us, error_class, started_at, finished_at FROM query_runs ";

/// Notes that a run begins, or that it was refused.
pub async fn begin(tx: &mut Tx, new: NewRun<'_>) -> Result<()> {
    storable(&[("text", new.text), ("verdict", new.verdict)])?;
    let finished_at = if new.state == RunState::Running { None } else { Some(new.started_at) };
    sqlx::query(
        "INSERT INTO query_runs (id, workspace, connection, user_id, saved_query, text, verdict, state, \
         row_count, byte_count, started_at, finished_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, 0, $9, $10)",
    )
    .bind(new.id.bytes())
    .bind(new.workspace.bytes())
    .bind(new.connection.bytes())
    .bind(new.user.bytes())
    .bind(new.saved_query.map(Id::bytes))
    .bind(new.text)
    .bind(new.verdict)
    .bind(new.state.word())
    .bind(new.started_at)
    .bind(finished_at)
    .execute(tx.on())
    .await
    .map_err(refused(WHAT, "workspace"))?;
    Ok(())
}

/// Notes how a run ended. Gives false when its end is known already: the first to say so is right.
pub async fn finish(tx: &mut Tx, id: Id, end: &RunEnd) -> Result<bool> {
    storable(&[("error class", end.error_class.as_deref().unwrap_or_default())])?;
    let done = sqlx::query(
        "UPDATE query_runs SET state = $1, row_count = $2, byte_count = $3, elapsed_us = $4, \
         error_class = $5, finished_at = $6 WHERE id = $7 AND state = 'running'",
    )
    .bind(end.state.word())
    .bind(end.rows)
    .bind(end.bytes)
    .bind(end.elapsed_us)
    .bind(end.error_class.as_deref())
    .bind(end.finished_at)
    .bind(id.bytes())
    .execute(tx.on())
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Ends the runs that began before `started_before` and whose end nobody noted: whoever ran them is gone.
pub async fn abandon(tx: &mut Tx, started_before: i64, now: i64) -> Result<u64> {
    let done = sqlx::query(
        "UPDATE query_runs SET state = 'failed', error_class = 'abandoned', finished_at = $1 \
         WHERE state = 'running' AND started_at < $2",
    )
    .bind(now)
    .bind(started_before)
    .execute(tx.on())
    .await?;
    Ok(done.rows_affected())
}

/// The run of that id.
pub async fn get(tx: &mut Tx, workspace: Id, id: Id) -> Result<Run> {
    let rows = Select::new(COLUMNS)
        .with("WHERE workspace = ", workspace.bytes(), "")
        .with(" AND id = ", id.bytes(), "")
        .rows(tx)
        .await?;
    read(rows.first().ok_or(StoreError::Missing(WHAT))?)
}

/// The runs of a workspace, latest first. `before` is the `next` of the page before.
pub async fn list(
    tx: &mut Tx,
    workspace: Id,
    filter: RunFilter,
    before: Option<Id>,
    limit: i64,
) -> Result<Page<Run>> {
    let rows = Select::new(COLUMNS)
        .with("WHERE workspace = ", workspace.bytes(), "")
        .with(" AND id < ", before.unwrap_or(Id::greatest()).bytes(), "")
        .with_any(" AND connection = ", filter.connection.map(Id::bytes))
        .with_any(" AND user_id = ", filter.user.map(Id::bytes))
        .with_any(" AND saved_query = ", filter.saved_query.map(Id::bytes))
        .with_any(" AND state = ", filter.state.map(|state| state.word().to_owned()))
        .with(" ORDER BY id DESC LIMIT ", ask(limit), "")
        .rows(tx)
        .await?;
    page(&rows, limit, read, |run| run.id)
}

/// Forgets runs that began before a time, oldest first, at most `limit`. Gives how many went.
pub async fn prune(tx: &mut Tx, started_before: i64, limit: i64) -> Result<u64> {
    let done = sqlx::query(
        "DELETE FROM query_runs WHERE id IN (SELECT id FROM query_runs WHERE started_at < $1 \
         AND state <> 'running' ORDER BY started_at LIMIT $2)",
    )
    .bind(started_before)
    .bind(limit.max(1))
    .execute(tx.on())
    .await?;
    Ok(done.rows_affected())
}

fn read(row: &AnyRow) -> Result<Run> {
    Ok(Run {
        id: row.id("id")?,
        workspace: row.id("workspace")?,
        connection: row.id("connection")?,
        user: row.id("user_id")?,
        saved_query: row.id_opt("saved_query")?,
        text: row.text("text")?,
        verdict: row.text("verdict")?,
        state: word_in(row, "state", RunState::from_word)?,
        rows: row.int("row_count")?,
        bytes: row.int("byte_count")?,
        elapsed_us: row.int_opt("elapsed_us")?,
        error_class: row.text_opt("error_class")?,
        started_at: row.int("started_at")?,
        finished_at: row.int_opt("finished_at")?,
    })
}
