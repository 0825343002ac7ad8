//! How are pages read from the state and written to it?

use super::Level;
use super::codec::{decode, encode};
use super::page::{PageBuilder, TrafficPage};
use super::trends;
use crate::insert::placeholders;
use crate::row::Values;
use crate::{Result, Tx};
use sqlx::AssertSqlSafe;

/// Pages or listeners asked for with one statement; shorter lists repeat their last.
pub(crate) const LIST: usize = 16;

/// `$4, $5, …`: as many as [`list`] gives.
pub(crate) fn list_placeholders(first: usize) -> String {
    placeholders(first, 1, LIST)
}

/// Numbers in lists of one length, so that a statement has one text and is prepared once.
pub(crate) fn lists(numbers: &[i64]) -> impl Iterator<Item = Vec<i64>> + '_ {
    numbers.chunks(LIST).map(|chunk| {
        let mut list = chunk.to_vec();
        list.resize(LIST, chunk.last().copied().unwrap_or(0));
        list
    })
}

/// The page that begins at `start`, in minutes since 1970.
pub(crate) async fn load(
    tx: &mut Tx,
    listener: i64,
    level: Level,
    start: i64,
) -> Result<Option<TrafficPage>> {
    Ok(load_range(tx, listener, level, (start, start + 1)).await?.pop().map(|(_, page)| page))
}

/// Pages that begin in a range, ascending, with where they begin.
pub(crate) async fn load_range(
    tx: &mut Tx,
    listener: i64,
    level: Level,
    (from, until): (i64, i64),
) -> Result<Vec<(i64, TrafficPage)>> {
    let rows = sqlx::query(
        "SELECT start, page FROM traffic_pages WHERE listener = $1 AND level = $2 AND start >= $3 AND start < $4 \
         ORDER BY start",
    )
    .bind(listener)
    .bind(level.number())
    .bind(from)
    .bind(until)
    .fetch_all(tx.on())
    .await?;
    rows.iter().map(|row| Ok((row.int("start")?, decode(&row.bytes("page")?)?))).collect()
}

/// Pages of some beginnings, with their versions, as they are written.
pub(crate) async fn load_some(
    tx: &mut Tx,
    listener: i64,
    level: Level,
    starts: &[i64],
) -> Result<Vec<(i64, i64, Vec<u8>)>> {
    let mut found = Vec::with_capacity(starts.len());
    for list in lists(starts) {
        let text = format!(
            "SELECT start, version, page FROM traffic_pages WHERE listener = $1 AND level = $2 AND start IN {}",
            list_placeholders(3)
        );
        let mut query = sqlx::query(AssertSqlSafe(text)).bind(listener).bind(level.number());
        for start in list {
            query = query.bind(start);
        }
        for row in query.fetch_all(tx.on()).await? {
            found.push((row.int("start")?, row.int("version")?, row.bytes("page")?));
        }
    }
    Ok(found)
}

/// Writes a page; the version is [`super::lock`]'s.
pub async fn put(
    tx: &mut Tx,
    version: i64,
    listener: i64,
    (level, start): (Level, i64),
    page: &TrafficPage,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO traffic_pages (listener, level, start, version, page) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (listener, level, start) DO UPDATE SET version = excluded.version, page = excluded.page",
    )
    .bind(listener)
    .bind(level.number())
    .bind(start)
    .bind(version)
    .bind(encode(page))
    .execute(tx.on())
    .await?;
    Ok(())
}

/// Makes the page of a day of those of its hours, and the trends of what is in it.
pub async fn put_day(
    tx: &mut Tx,
    version: i64,
    listener: i64,
    day: i64,
    hours: Vec<(i64, TrafficPage)>,
) -> Result<()> {
    let (page, trends) = super::compute(move || {
        let mut builder = PageBuilder::default();
        for (_, hour) in &hours {
            builder.add_page(hour);
        }
        let page = builder.build(Level::Day.entries_max());
        let trends = trends::of_day(&page, day, &hours);
        Ok((page, trends))
    })
    .await?;
    put(tx, version, listener, (Level::Day, day), &page).await?;
    trends::put(tx, listener, day, trends).await
}

/// Says that the hour and the day of a minute are no longer what their parts come to.
pub(crate) async fn mark(tx: &mut Tx, listener: i64, level: Level, start: i64) -> Result<()> {
    sqlx::query(
        "INSERT INTO traffic_dirty (listener, level, start) VALUES ($1, $2, $3) \
         ON CONFLICT (listener, level, start) DO NOTHING",
    )
    .bind(listener)
    .bind(level.number())
    .bind(start)
    .execute(tx.on())
    .await?;
    Ok(())
}

/// What is said by [`mark`] of listeners in a range: listener, level, start.
pub(crate) async fn marked(
    tx: &mut Tx,
    listeners: &[i64],
    (from, until): (i64, i64),
) -> Result<Vec<(i64, Level, i64)>> {
    let mut found = Vec::new();
    for list in lists(listeners) {
        let text = format!(
            "SELECT listener, level, start FROM traffic_dirty WHERE start >= $1 AND start < $2 AND listener IN {}",
            list_placeholders(3)
        );
        let mut query = sqlx::query(AssertSqlSafe(text)).bind(from).bind(until);
        for listener in list {
            query = query.bind(listener);
        }
        for row in query.fetch_all(tx.on()).await? {
            let level = if row.int("level")? == Level::Day.number() { Level::Day } else { Level::Hour };
            found.push((row.int("listener")?, level, row.int("start")?));
        }
    }
    Ok(found)
}
