//! How does one thing change from hour to hour over weeks, without reading every page of them?
//!
//! When a day is made of its hours, the hours of each fingerprint that is in it, of each caller, and of
//! everything are written side by side, as one row a day: thirty rows tell thirty days.

use super::codec::{decode_hours, encode_hours};
use super::page::{Adder, TrafficPage};
use super::pages::{LIST, list_placeholders, lists};
use super::{DAY, HOUR, small};
use crate::insert::{PARAMETERS_MAX, placeholders};
use crate::row::Values;
use crate::{Result, Tx};
use control::Sums;
use sqlx::AssertSqlSafe;
use std::collections::{HashMap, HashSet};

/// Callers of a listener that have a trend of a day: those that took most time.
const CALLERS_MAX: usize = 500;

/// Everything behind a listener.
pub(crate) const EVERYTHING: i64 = 0;

/// The subject that a caller's trend is kept under.
pub(crate) fn of_caller(caller: u32) -> i64 {
    -i64::from(caller)
}

/// Trends of the hours of a day, as subject and row.
pub(crate) fn of_day(day_page: &TrafficPage, day: i64, hours: &[(i64, TrafficPage)]) -> Vec<(i64, Vec<u8>)> {
    let kept: HashSet<u32> = day_page.fingerprints.iter().copied().collect();
    let mut subjects: HashMap<i64, Vec<(u8, Sums)>> = HashMap::new();
    for (start, page) in hours {
        let hour = u8::try_from((start - day).div_euclid(HOUR).clamp(0, DAY / HOUR - 1)).unwrap_or(0);
        subjects.entry(EVERYTHING).or_default().push((hour, page.totals.clone()));
        let mut callers: HashMap<u32, Adder> = HashMap::new();
        let mut at = 0;
        while let Some(fingerprint) = page.fingerprints.get(at) {
            let places = page.places(*fingerprint..fingerprint.saturating_add(1));
            let mut adder = Adder::default();
            for place in places.clone() {
                adder.add(page, place);
                if let Some(caller) = page.callers.get(place) {
                    callers.entry(*caller).or_default().add(page, place);
                }
            }
            if kept.contains(fingerprint) {
                subjects.entry(i64::from(*fingerprint)).or_default().push((hour, adder.sums()));
            }
            at = places.end.max(at + 1);
        }
        let mut callers: Vec<(u32, Sums)> =
            callers.into_iter().map(|(caller, adder)| (caller, adder.sums())).collect();
        callers.sort_unstable_by_key(|(caller, sums)| (std::cmp::Reverse(sums.total_us), *caller));
        for (caller, sums) in callers.into_iter().take(CALLERS_MAX) {
            subjects.entry(of_caller(caller)).or_default().push((hour, sums));
        }
    }
    let mut trends: Vec<(i64, Vec<u8>)> =
        subjects.into_iter().map(|(subject, hours)| (subject, encode_hours(&hours))).collect();
    trends.sort_unstable();
    trends
}

/// Writes the trends of a day in place of those that were there.
pub(crate) async fn put(tx: &mut Tx, listener: i64, day: i64, trends: Vec<(i64, Vec<u8>)>) -> Result<()> {
    forget(tx, listener, day).await?;
    for rows in trends.chunks(PARAMETERS_MAX / 4) {
        let text = format!(
            "INSERT INTO traffic_trends (subject, listener, day, trend) VALUES {}",
            placeholders(1, rows.len(), 4)
        );
        let mut query = sqlx::query(AssertSqlSafe(text));
        for (subject, trend) in rows {
            query = query.bind(*subject).bind(listener).bind(day).bind(trend.as_slice());
        }
        query.execute(tx.on()).await?;
    }
    Ok(())
}

/// Removes the trends of a day.
pub(crate) async fn forget(tx: &mut Tx, listener: i64, day: i64) -> Result<()> {
    sqlx::query("DELETE FROM traffic_trends WHERE listener = $1 AND day = $2")
        .bind(listener)
        .bind(day)
        .execute(tx.on())
        .await?;
    Ok(())
}

/// Hours of a subject in a range of days: the minute each begins with, and its sums.
pub(crate) async fn load(
    tx: &mut Tx,
    subject: i64,
    listener: i64,
    (from, until): (i64, i64),
) -> Result<Vec<(i64, Sums)>> {
    let rows = sqlx::query(
        "SELECT day, trend FROM traffic_trends WHERE subject = $1 AND listener = $2 AND day >= $3 AND day < $4",
    )
    .bind(subject)
    .bind(listener)
    .bind(from)
    .bind(until)
    .fetch_all(tx.on())
    .await?;
    let mut hours = Vec::new();
    for row in &rows {
        let day = row.int("day")?;
        for (hour, sums) in decode_hours(&row.bytes("trend")?)? {
            hours.push((day + i64::from(hour) * HOUR, sums));
        }
    }
    Ok(hours)
}

/// The days of many fingerprints behind some listeners, as they are written: by fingerprint, with the minute each day
/// begins with.
pub(crate) async fn load_some(
    tx: &mut Tx,
    fingerprints: &[i64],
    listeners: &[i64],
    (from, until): (i64, i64),
) -> Result<HashMap<i64, Vec<(i64, Vec<u8>)>>> {
    let mut days: HashMap<i64, Vec<(i64, Vec<u8>)>> = HashMap::new();
    let text = format!(
        "SELECT subject, day, trend FROM traffic_trends WHERE day >= $1 AND day < $2 AND subject IN {} \
         AND listener IN {}",
        list_placeholders(3),
        list_placeholders(3 + LIST)
    );
    for fingerprints in lists(fingerprints) {
        for listeners in lists(listeners) {
            let mut query = sqlx::query(AssertSqlSafe(text.clone())).bind(from).bind(until);
            for number in fingerprints.iter().chain(&listeners) {
                query = query.bind(*number);
            }
            for row in query.fetch_all(tx.on()).await? {
                let day = (row.int("day")?, row.bytes("trend")?);
                days.entry(row.int("subject")?).or_default().push(day);
            }
        }
    }
    Ok(days)
}

/// The subject of a fingerprint.
pub(crate) fn of_fingerprint(fingerprint: i64) -> Result<i64> {
    small(fingerprint).map(i64::from)
}
