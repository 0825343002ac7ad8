//! What of the traffic is forgotten, and when?
//!
//! First the horizon moves, never past a page whose sums are not in the next level yet; then what lies
//! before it is removed, a bounded part a call. Readers look at the horizon and not at what is still there.

use super::span::horizons;
use super::{HOUR, Level, MINUTE_US, id_from, lock, minute_of, numbers, set_counter, trends};
use crate::row::Values;
use crate::{Result, Tx};

/// A day, in the microseconds of the state.
const DAY_US: i64 = 86_400_000_000;
/// Pages of one listener and level removed in one call.
const PAGES_MAX: i64 = 240;
/// Days of trends removed in one call; each has some thousand rows.
const TREND_DAYS_MAX: i64 = 2;
/// Rows of other tables removed in one call.
const ROWS_MAX: i64 = 5_000;
/// Reports are remembered that long: a plane that was away for longer has forgotten them itself.
const REPORTS_KEPT_US: i64 = 8 * DAY_US;

/// How long things are kept. What is fine is kept no longer than what it is added up to, and what names statements no
/// longer than these: the settings see to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Hours that minutes are kept.
    pub minutes_hours: i64,
    /// Days that hours are kept.
    pub hours_days: i64,
    /// Days that days are kept, and fingerprints nobody has used since.
    pub days_days: i64,
    /// Days that sessions, refusals and events are kept.
    pub events_days: i64,
    /// Most sessions, refusals and events kept, each.
    pub events_max: i64,
}

impl Default for Retention {
    fn default() -> Retention {
        Retention {
            minutes_hours: 48,
            hours_days: 30,
            days_days: 400,
            events_days: 30,
            events_max: 1_000_000,
        }
    }
}

/// What was removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retained {
    /// Rows.
    pub removed: u64,
    /// Whether there is more to remove at once.
    pub more: bool,
}

/// Removes some of what is older than it is kept. Called again until there is no `more`.
pub async fn retain(tx: &mut Tx, now: i64, retention: &Retention) -> Result<Retained> {
    lock(tx).await?;
    let mut done = Retained::default();
    move_horizons(tx, now, retention).await?;
    let horizons = horizons(tx).await?;
    let days_from = Level::Day.floor(minute_of(now) - retention.days_days * Level::Day.minutes());
    for listener in listeners(tx).await? {
        for (level, from) in
            [(Level::Minute, horizons.minutes), (Level::Hour, horizons.hours), (Level::Day, days_from)]
        {
            forget_pages(tx, (listener, level, from), &mut done).await?;
        }
        forget_trends(tx, listener, horizons.hours, &mut done).await?;
    }
    let oldest = now - retention.events_days * DAY_US;
    forget_events(tx, oldest, retention.events_max, &mut done).await?;
    forget_reports(tx, now - REPORTS_KEPT_US, &mut done).await?;
    // Not before the last day they are counted in.
    forget_fingerprints(tx, days_from * MINUTE_US, &mut done).await?;
    Ok(done)
}

/// A day is only made of whole hours, so hours go by the day, and minutes by the hour.
async fn move_horizons(tx: &mut Tx, now: i64, retention: &Retention) -> Result<()> {
    let horizons = horizons(tx).await?;
    let mut minutes = Level::Hour.floor(minute_of(now) - retention.minutes_hours * HOUR);
    let mut hours = Level::Day.floor(minute_of(now) - retention.hours_days * Level::Day.minutes());
    for (level, from) in [(Level::Hour, &mut minutes), (Level::Day, &mut hours)] {
        let row = sqlx::query("SELECT MIN(start) AS first FROM traffic_dirty WHERE level = $1")
            .bind(level.number())
            .fetch_one(tx.on())
            .await?;
        if let Some(first) = row.int_opt("first")? {
            *from = first.min(*from);
        }
    }
    // Minutes are kept no longer than the hours they would be added to.
    if minutes > horizons.minutes {
        set_counter(tx, "minutes_from", minutes).await?;
    }
    let hours = hours.min(Level::Day.floor(minutes.max(horizons.minutes)));
    if hours > horizons.hours {
        set_counter(tx, "hours_from", hours).await?;
    }
    Ok(())
}

async fn listeners(tx: &mut Tx) -> Result<Vec<i64>> {
    let rows = sqlx::query("SELECT id FROM listeners ORDER BY id").fetch_all(tx.on()).await?;
    rows.iter().map(|row| row.int("id")).collect()
}

async fn forget_pages(
    tx: &mut Tx,
    (listener, level, from): (i64, Level, i64),
    done: &mut Retained,
) -> Result<()> {
    // The first that stays of this call's: a bounded number lies before it.
    let row = sqlx::query(
        "SELECT start FROM traffic_pages WHERE listener = $1 AND level = $2 AND start < $3 \
         ORDER BY start LIMIT 1 OFFSET $4",
    )
    .bind(listener)
    .bind(level.number())
    .bind(from)
    .bind(PAGES_MAX)
    .fetch_optional(tx.on())
    .await?;
    let until = row.map(|row| row.int("start")).transpose()?;
    let gone = sqlx::query("DELETE FROM traffic_pages WHERE listener = $1 AND level = $2 AND start < $3")
        .bind(listener)
        .bind(level.number())
        .bind(until.unwrap_or(from))
        .execute(tx.on())
        .await?;
    done.removed += gone.rows_affected();
    done.more |= until.is_some();
    Ok(())
}

async fn forget_trends(tx: &mut Tx, listener: i64, from: i64, done: &mut Retained) -> Result<()> {
    for _ in 0..TREND_DAYS_MAX {
        let row = sqlx::query("SELECT MIN(day) AS day FROM traffic_trends WHERE listener = $1 AND day < $2")
            .bind(listener)
            .bind(from)
            .fetch_one(tx.on())
            .await?;
        let Some(day) = row.int_opt("day")? else { return Ok(()) };
        trends::forget(tx, listener, day).await?;
        done.removed += 1;
    }
    done.more = true;
    Ok(())
}

/// Texts for one table each: rows older than an id, the row that is that many from the end, the removal.
struct Events {
    newest: &'static str,
    first: &'static str,
    remove: &'static str,
}

const EVENTS: [Events; 3] = [
    Events {
        newest: "SELECT id FROM traffic_sessions ORDER BY id DESC LIMIT 1 OFFSET $1",
        first: "SELECT id FROM traffic_sessions WHERE id < $1 ORDER BY id LIMIT 1 OFFSET $2",
        // A session that lives is kept however old it is, as long as there is room.
        remove: "DELETE FROM traffic_sessions WHERE id < $1 AND (live = 0 OR id < $2)",
    },
    Events {
        newest: "SELECT id FROM traffic_refusals ORDER BY id DESC LIMIT 1 OFFSET $1",
        first: "SELECT id FROM traffic_refusals WHERE id < $1 ORDER BY id LIMIT 1 OFFSET $2",
        remove: "DELETE FROM traffic_refusals WHERE id < $1 AND (id >= $2 OR id < $2)",
    },
    Events {
        newest: "SELECT id FROM traffic_events ORDER BY id DESC LIMIT 1 OFFSET $1",
        first: "SELECT id FROM traffic_events WHERE id < $1 ORDER BY id LIMIT 1 OFFSET $2",
        remove: "DELETE FROM traffic_events WHERE id < $1 AND (id >= $2 OR id < $2)",
    },
];

async fn forget_events(tx: &mut Tx, oldest: i64, events_max: i64, done: &mut Retained) -> Result<()> {
    for table in &EVENTS {
        let row = sqlx::query(table.newest).bind(events_max - 1).fetch_optional(tx.on()).await?;
        let too_many = row.map(|row| row.bytes("id")).transpose()?.unwrap_or_default();
        let mut until = id_from(oldest).max(too_many.clone());
        let row =
            sqlx::query(table.first).bind(until.as_slice()).bind(ROWS_MAX).fetch_optional(tx.on()).await?;
        let mut more = false;
        if let Some(row) = row {
            until = row.bytes("id")?;
            more = true;
        }
        let gone =
            sqlx::query(table.remove).bind(until).bind(too_many).execute(tx.on()).await?.rows_affected();
        done.removed += gone;
        // Where only living sessions are that old, asking again would bring the same.
        done.more |= more && gone > 0;
    }
    let gone = sqlx::query("DELETE FROM traffic_refusal_hours WHERE hour < $1")
        .bind(minute_of(oldest))
        .execute(tx.on())
        .await?;
    done.removed += gone.rows_affected();
    Ok(())
}

/// Reports of a start are forgotten up to a number, below which none is taken any more.
async fn forget_reports(tx: &mut Tx, oldest: i64, done: &mut Retained) -> Result<()> {
    let rows = sqlx::query(
        "SELECT plane, start, number FROM traffic_reports WHERE received_at < $1 ORDER BY received_at LIMIT $2",
    )
    .bind(oldest)
    .bind(ROWS_MAX / 10)
    .fetch_all(tx.on())
    .await?;
    for row in &rows {
        let (plane, start, number) = (row.text("plane")?, row.text("start")?, row.int("number")?);
        sqlx::query(
            "UPDATE traffic_starts SET forgotten_to = $3 WHERE plane = $1 AND start = $2 AND forgotten_to < $3",
        )
        .bind(plane.as_str())
        .bind(start.as_str())
        .bind(number)
        .execute(tx.on())
        .await?;
        sqlx::query("DELETE FROM traffic_reports WHERE plane = $1 AND start = $2 AND number = $3")
            .bind(plane)
            .bind(start)
            .bind(number)
            .execute(tx.on())
            .await?;
    }
    done.removed += rows.len() as u64;
    done.more |= rows.len() as i64 == ROWS_MAX / 10;
    Ok(())
}

/// Links of fingerprints that were not seen for longer than anything is kept, then fingerprints that no
/// listener has any more.
async fn forget_fingerprints(tx: &mut Tx, oldest: i64, done: &mut Retained) -> Result<()> {
    let rows = sqlx::query(
        "SELECT listener, fingerprint FROM fingerprint_listeners WHERE last_seen_at < $1 LIMIT $2",
    )
    .bind(oldest)
    .bind(ROWS_MAX / 10)
    .fetch_all(tx.on())
    .await?;
    for row in &rows {
        let (listener, fingerprint) = (row.int("listener")?, row.int("fingerprint")?);
        sqlx::query("DELETE FROM fingerprint_listeners WHERE listener = $1 AND fingerprint = $2")
            .bind(listener)
            .bind(fingerprint)
            .execute(tx.on())
            .await?;
        let gone = sqlx::query(
            "DELETE FROM fingerprints WHERE id = $1 AND NOT EXISTS \
             (SELECT 1 FROM fingerprint_listeners WHERE fingerprint = $1)",
        )
        .bind(fingerprint)
        .execute(tx.on())
        .await?;
        if gone.rows_affected() > 0 {
            numbers(tx, "fingerprints", -1).await?;
        }
    }
    done.removed += rows.len() as u64;
    done.more |= rows.len() as i64 == ROWS_MAX / 10;
    Ok(())
}
