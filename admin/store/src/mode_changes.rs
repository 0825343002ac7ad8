//! Which listeners have another mode for a stated time, who asked, who approved, and what became of it?
//!
//! A listener has one that is open (asked for, or running) at a time. What no clock has ended here yet is ended by
//! [`settle`], so whoever asks for one calls that first.

use crate::insert::refused;
use crate::row::Values;
use crate::text::{exact_key, storable};
use crate::{Id, Result, StoreError, Tx, now_us};
use control::ModeChange;
use sqlx::any::AnyRow;

const WHAT: &str = "mode change";

/// What became of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Somebody is to approve.
    Asked,
    /// It is in force where data planes have taken it.
    Running,
    /// Somebody did not approve.
    Denied,
    /// Who asked has taken it back.
    Withdrawn,
    /// Nobody approved in time.
    Lapsed,
    /// Somebody ended it before its time.
    Ended,
    /// Its time was up.
    Over,
}

impl Standing {
    /// All of them.
    pub const ALL: [Standing; 7] = [
        Standing::Asked,
        Standing::Running,
        Standing::Denied,
        Standing::Withdrawn,
        Standing::Lapsed,
        Standing::Ended,
        Standing::Over,
    ];

    /// The word in the state and in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Standing::Asked => "asked",
            Standing::Running => "running",
            Standing::Denied => "denied",
            Standing::Withdrawn => "withdrawn",
            Standing::Lapsed => "lapsed",
            Standing::Ended => "ended",
            Standing::Over => "over",
        }
    }
}

/// Another mode of a listener for a stated time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What it is found by; the ledger names it.
    pub id: Id,
    /// Whose listener it is.
    pub workspace: Id,
    /// The listener's name.
    pub listener: String,
    /// Whether what is refused does not pass meanwhile.
    pub enforces: bool,
    /// How long, in seconds.
    pub seconds: i64,
    /// Why.
    pub reason: String,
    /// What became of it, as far as was written down.
    pub standing: Standing,
    /// Who asked.
    pub asked_by: Id,
    /// When, in microseconds since 1970-01-01 UTC, as all moments here.
    pub asked_at: i64,
    /// Nobody can approve after this.
    pub lapses_at: i64,
    /// Who approved or denied; `None` where nobody had to, or nobody has.
    pub decided_by: Option<Id>,
    /// When, or when it began by itself.
    pub decided_at: Option<i64>,
    /// When it ends at the latest.
    pub until_at: Option<i64>,
    /// Who ended it before its time.
    pub ended_by: Option<Id>,
    /// When.
    pub ended_at: Option<i64>,
    /// What a change must name.
    pub version: i64,
}

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub struct NewChange<'a> {
    /// Whose listener it is.
    pub workspace: Id,
    /// The listener's name.
    pub listener: &'a str,
    /// Whether what is refused does not pass meanwhile.
    pub enforces: bool,
    /// How long, in seconds.
    pub seconds: i64,
    /// Why.
    pub reason: &'a str,
    /// Who asks.
    pub by: Id,
    /// When it lapses where nobody approves.
    pub lapses_at: i64,
}

const COLUMNS: &str = "SELECT id, workspace, listener, enforces, seconds, reason, standing, asked_by, asked_at, \
     lapses_at, decided_by, decided_at, until_at, ended_by, ended_at, version FROM mode_changes ";

/// Asks for a change. There is no other that is open.
pub async fn ask(tx: &mut Tx, new: &NewChange<'_>) -> Result<Change> {
    storable(&[("listener", new.listener), ("reason", new.reason)])?;
    let id = Id::new();
    sqlx::query(
        "INSERT INTO mode_changes (id, workspace, listener, listener_key, enforces, seconds, reason, standing, \
         asked_by, asked_at, lapses_at, version) VALUES ($1, $2, $3, $4, $5, $6, $7, 'asked', $8, $9, $10, 1)",
    )
    .bind(id.bytes())
    .bind(new.workspace.bytes())
    .bind(new.listener)
    .bind(exact_key(new.listener))
    .bind(i64::from(new.enforces))
    .bind(new.seconds)
    .bind(new.reason)
    .bind(new.by.bytes())
    .bind(now_us())
    .bind(new.lapses_at)
    .execute(tx.on())
    .await
    .map_err(refused(WHAT, "workspace"))?;
    get(tx, new.workspace, id).await
}

/// The change of that id.
pub async fn get(tx: &mut Tx, workspace: Id, id: Id) -> Result<Change> {
    let row = sqlx::query(concat_columns("WHERE workspace = $1 AND id = $2"))
        .bind(workspace.bytes())
        .bind(id.bytes())
        .fetch_optional(tx.on())
        .await?;
    read(&row.ok_or(StoreError::Missing(WHAT))?)
}

/// Those of a listener, latest first.
pub async fn list(tx: &mut Tx, workspace: Id, listener: &str, limit: i64) -> Result<Vec<Change>> {
    let rows =
        sqlx::query(concat_columns("WHERE workspace = $1 AND listener_key = $2 ORDER BY id DESC LIMIT $3"))
            .bind(workspace.bytes())
            .bind(exact_key(listener))
            .bind(limit)
            .fetch_all(tx.on())
            .await?;
    rows.iter().map(read).collect()
}

/// Lets one that was asked for run until `until_at`; `by` approves where somebody had to.
pub async fn begin(tx: &mut Tx, change: &Change, by: Option<Id>, until_at: i64) -> Result<Change> {
    let row = sqlx::query(
        "UPDATE mode_changes SET standing = 'running', decided_by = $1, decided_at = $2, until_at = $3, \
         version = version + 1 WHERE id = $4 AND version = $5 AND standing = 'asked' RETURNING version",
    )
    .bind(by.map(Id::bytes))
    .bind(now_us())
    .bind(until_at)
    .bind(change.id.bytes())
    .bind(change.version)
    .fetch_optional(tx.on())
    .await?;
    row.ok_or(StoreError::Changed(WHAT))?;
    get(tx, change.workspace, change.id).await
}

/// Closes one that is open: one that was asked for as denied or withdrawn, a running one as ended.
pub async fn close(tx: &mut Tx, change: &Change, standing: Standing, by: Id) -> Result<Change> {
    let columns = match standing {
        Standing::Denied => "decided_by = $1, decided_at = $2",
        _ => "ended_by = $1, ended_at = $2",
    };
    let text = format!(
        "UPDATE mode_changes SET standing = $3, {columns}, version = version + 1 WHERE id = $4 AND version = $5 \
         RETURNING version"
    );
    let row = sqlx::query(sqlx::AssertSqlSafe(text))
        .bind(by.bytes())
        .bind(now_us())
        .bind(standing.as_str())
        .bind(change.id.bytes())
        .bind(change.version)
        .fetch_optional(tx.on())
        .await?;
    row.ok_or(StoreError::Changed(WHAT))?;
    get(tx, change.workspace, change.id).await
}

/// Writes down what clocks have ended: those that nobody approved in time, and those whose time is up, which are
/// given: whoever is given one tells of it.
pub async fn settle(tx: &mut Tx, now: i64) -> Result<Vec<Change>> {
    sqlx::query(
        "UPDATE mode_changes SET standing = 'lapsed', version = version + 1 \
         WHERE standing = 'asked' AND lapses_at <= $1",
    )
    .bind(now)
    .execute(tx.on())
    .await?;
    let rows = sqlx::query(
        "UPDATE mode_changes SET standing = 'over', ended_at = until_at, version = version + 1 \
         WHERE standing = 'running' AND until_at <= $1 RETURNING id, workspace, listener, enforces, seconds, \
         reason, standing, asked_by, asked_at, lapses_at, decided_by, decided_at, until_at, ended_by, ended_at, version",
    )
    .bind(now)
    .fetch_all(tx.on())
    .await?;
    rows.iter().map(read).collect()
}

/// Whether [`settle`] would change anything.
pub async fn is_unsettled(tx: &mut Tx, now: i64) -> Result<bool> {
    let row = sqlx::query(
        "SELECT COUNT(*) AS many FROM mode_changes WHERE (standing = 'asked' AND lapses_at <= $1) \
         OR (standing = 'running' AND until_at <= $1)",
    )
    .bind(now)
    .fetch_one(tx.on())
    .await?;
    Ok(row.int("many")? > 0)
}

/// What data planes are told at `now`: those that run, and those that somebody ended before their time, as long as a data
/// plane could run them.
pub(crate) async fn published(tx: &mut Tx, now: i64) -> Result<Vec<ModeChange>> {
    let rows = sqlx::query(
        "SELECT c.id, c.listener, c.enforces, c.seconds, c.reason, c.standing, c.until_at, w.slug, \
         a.email AS asked, d.email AS decided, e.email AS ended FROM mode_changes c \
         JOIN workspaces w ON w.id = c.workspace LEFT JOIN users a ON a.id = c.asked_by \
         LEFT JOIN users d ON d.id = c.decided_by LEFT JOIN users e ON e.id = c.ended_by \
         WHERE c.standing IN ('running', 'ended') AND c.until_at > $1 ORDER BY c.id",
    )
    .bind(now)
    .fetch_all(tx.on())
    .await?;
    let read = |row: &AnyRow| {
        let ended = row.text_opt("ended")?.unwrap_or_default();
        Ok(ModeChange {
            id: row.id("id")?.to_string(),
            listener: row.text("listener")?,
            workspace: row.text("slug")?,
            enforces: row.flag("enforces")?,
            until_us: row.int_opt("until_at")?.unwrap_or_default(),
            seconds: u32::try_from(row.int("seconds")?).unwrap_or(0),
            reason: row.text("reason")?,
            asked_by: row.text_opt("asked")?.unwrap_or_default(),
            approved_by: row.text_opt("decided")?.unwrap_or_default(),
            ended_by: (row.text("standing")? == Standing::Ended.as_str()).then_some(ended),
        })
    };
    rows.iter().map(read).collect()
}

fn concat_columns(rest: &str) -> sqlx::AssertSqlSafe<String> {
    sqlx::AssertSqlSafe(format!("{COLUMNS}{rest}"))
}

fn read(row: &AnyRow) -> Result<Change> {
    let word = row.text("standing")?;
    let standing = Standing::ALL.into_iter().find(|one| one.as_str() == word);
    Ok(Change {
        id: row.id("id")?,
        workspace: row.id("workspace")?,
        listener: row.text("listener")?,
        enforces: row.flag("enforces")?,
        seconds: row.int("seconds")?,
        reason: row.text("reason")?,
        standing: standing.ok_or_else(|| StoreError::Damaged(format!("`{word}` is no standing")))?,
        asked_by: row.id("asked_by")?,
        asked_at: row.int("asked_at")?,
        lapses_at: row.int("lapses_at")?,
        decided_by: row.id_opt("decided_by")?,
        decided_at: row.int_opt("decided_at")?,
        until_at: row.int_opt("until_at")?,
        ended_by: row.id_opt("ended_by")?,
        ended_at: row.int_opt("ended_at")?,
        version: row.int("version")?,
    })
}
