//! How do minutes become hours, and hours days?
//!
//! Ingestion marks the hour and the day of every minute it adds to. A marked hour that is over is made
//! anew of its minutes, a marked day of its hours; then the mark is gone. Since pages are made of all
//! their parts, doing it twice or in pieces gives the same, and a minute that comes late marks its hour
//! once more. Parts are only forgotten when what is made of them is not marked (see [`super::retain`]).

use super::page::PageBuilder;
use super::{DAY, HOUR, Level, lock, minute_of, pages};
use crate::row::Values;
use crate::{Result, Tx};

/// Minutes after its end that an hour or day is left alone: reports of it are still on their way.
const GRACE: i64 = 2;
/// Hours made in one go. Making one reads sixty pages.
const HOURS_MAX: i64 = 6;

/// What was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RolledUp {
    /// Hours that were made.
    pub hours: u64,
    /// Days that were made.
    pub days: u64,
    /// Whether there is more to do at once.
    pub more: bool,
}

/// Makes some of the hours and days that are over and marked. Called again until there is no `more`.
pub async fn roll_up(tx: &mut Tx, now: i64) -> Result<RolledUp> {
    let epoch = lock(tx).await?;
    let over = minute_of(now) - GRACE;
    let mut done = RolledUp::default();
    let hours = marked(tx, Level::Hour, over - HOUR, HOURS_MAX).await?;
    for (listener, hour) in &hours {
        roll_hour(tx, epoch, *listener, *hour).await?;
        done.hours += 1;
    }
    if done.hours == 0 {
        for (listener, day) in marked(tx, Level::Day, over - DAY, 1).await? {
            let hours = pages::load_range(tx, listener, Level::Hour, (day, day + DAY)).await?;
            pages::put_day(tx, epoch, listener, day, hours).await?;
            unmark(tx, listener, Level::Day, day).await?;
            done.days += 1;
        }
    }
    done.more = done.hours + done.days > 0;
    Ok(done)
}

async fn roll_hour(tx: &mut Tx, epoch: i64, listener: i64, hour: i64) -> Result<()> {
    let minutes = pages::load_range(tx, listener, Level::Minute, (hour, hour + HOUR)).await?;
    let page = super::compute(move || {
        let mut builder = PageBuilder::default();
        for (_, minute) in &minutes {
            builder.add_page(minute);
        }
        Ok(builder.build(Level::Hour.entries_max()))
    })
    .await?;
    pages::put(tx, epoch, listener, (Level::Hour, hour), &page).await?;
    unmark(tx, listener, Level::Hour, hour).await
}

/// Marked pages that begin at `latest` or before, the oldest first.
async fn marked(tx: &mut Tx, level: Level, latest: i64, most: i64) -> Result<Vec<(i64, i64)>> {
    let rows = sqlx::query(
        "SELECT listener, start FROM traffic_dirty WHERE level = $1 AND start <= $2 \
         ORDER BY start, listener LIMIT $3",
    )
    .bind(level.number())
    .bind(latest)
    .bind(most)
    .fetch_all(tx.on())
    .await?;
    rows.iter().map(|row| Ok((row.int("listener")?, row.int("start")?))).collect()
}

async fn unmark(tx: &mut Tx, listener: i64, level: Level, start: i64) -> Result<()> {
    sqlx::query("DELETE FROM traffic_dirty WHERE listener = $1 AND level = $2 AND start = $3")
        .bind(listener)
        .bind(level.number())
        .bind(start)
        .execute(tx.on())
        .await?;
    Ok(())
}
