//! What passed through the listeners, summed by minute, hour and day, and what single things are worth
//! keeping: sessions, refusals, events.
//!
//! - [`ingest`] takes what a data plane reports; [`roll_up`] makes hours and days of minutes; [`retain`]
//!   forgets. Whoever writes takes [`lock`] first, so that pages are changed by one at a time.
//! - [`TrafficReader`] answers: top, series, search, errors, what became slow. It keeps decoded pages and
//!   an index of words in memory.
//! - Every question names the listeners the asker may see.
//!
//! How it is laid out and why: docs/adr/0014-traffic-in-pages.md.

mod codec;
mod detail;
mod errors;
mod events;
mod fingerprints;
mod fold;
mod ingest;
mod intern;
mod joins;
mod known;
mod page;
mod pages;
mod reader;
mod refusals;
mod retain;
mod roll;
mod search;
mod select;
mod series;
mod sessions;
mod slower;
mod span;
mod top;
mod totals;
mod trends;
mod usage;

pub use detail::{Detail, Details, Few, TrendStep};
pub use errors::{ErrorRow, ErrorsAnswer};
pub use events::{EventRow, events};
pub use fingerprints::{Fingerprint, FingerprintListener, fingerprint, newest, of_numbers, of_text};
pub use ingest::{Ingested, ingest};
pub use intern::{CALLERS_MAX, FINGERPRINTS_MAX};
pub use joins::{SeenJoins, joins};
pub use page::{Entry, ErrorEntry, PageBuilder, TrafficPage};
pub use pages::{put, put_day};
pub use reader::TrafficReader;
pub use refusals::{
    RefusalFilter, RefusalRow, RuleCount, refusals, refusals_by_rule, refusals_of_fingerprint,
};
pub use retain::{Retained, Retention, retain};
pub use roll::{RolledUp, roll_up};
pub use search::Search;
pub use select::Filter;
pub use series::{Point, SeriesAnswer};
pub use sessions::{SessionFilter, SessionRow, sessions};
pub use slower::Slower;
pub use span::{Covered, Range, Resolution};
pub use top::{Group, GroupBy, Measure, Top, TopAnswer, TopCursor, TopRow};
pub use totals::{Totals, UseTotal, column_readers, totals};
pub use usage::{
    ColumnUse, JoinUse, TableColumn, TableFacts, TableJoin, TableName, TableReader, TableUse, Unanalysed,
    Usage, facts, set_usage, unanalysed,
};

use crate::row::Values;
use crate::{Id, Result, StoreError, Tx};

/// A minute, in the microseconds of the state.
pub const MINUTE_US: i64 = 60_000_000;
/// Minutes of an hour and of a day.
pub(crate) const HOUR: i64 = 60;
pub(crate) const DAY: i64 = 1_440;

/// How much time a page is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// As it is reported.
    Minute,
    /// Sixty of them.
    Hour,
    /// Twenty-four hours, UTC.
    Day,
}

impl Level {
    /// As the state holds it.
    pub(crate) fn number(self) -> i64 {
        match self {
            Level::Minute => 0,
            Level::Hour => 1,
            Level::Day => 2,
        }
    }

    /// How long, in minutes.
    pub fn minutes(self) -> i64 {
        match self {
            Level::Minute => 1,
            Level::Hour => HOUR,
            Level::Day => DAY,
        }
    }

    /// Most entries a page tells one by one; the rest is summed.
    pub fn entries_max(self) -> usize {
        match self {
            Level::Minute => 1_000,
            Level::Hour => 2_000,
            Level::Day => 5_000,
        }
    }

    /// Where the page begins that `minute` is in.
    pub fn floor(self, minute: i64) -> i64 {
        minute.div_euclid(self.minutes()) * self.minutes()
    }

    /// Where the first page begins that does not begin before `minute`.
    pub(crate) fn ceil(self, minute: i64) -> i64 {
        self.floor(minute + self.minutes() - 1)
    }
}

/// Waits until nobody else writes traffic, and gives this transaction a number greater than those before:
/// the version of every page, text and link it writes. Taken first, so that no two wait for each other.
pub async fn lock(tx: &mut Tx) -> Result<i64> {
    let row =
        sqlx::query("UPDATE traffic_counters SET value = value + 1 WHERE name = 'epoch' RETURNING value")
            .fetch_one(tx.on())
            .await?;
    row.int("value")
}

/// The number of the last transaction that wrote traffic.
pub(crate) async fn epoch(tx: &mut Tx) -> Result<i64> {
    counter(tx, "epoch").await
}

pub(crate) async fn counter(tx: &mut Tx, name: &'static str) -> Result<i64> {
    let row = sqlx::query("SELECT value FROM traffic_counters WHERE name = $1")
        .bind(name)
        .fetch_one(tx.on())
        .await?;
    row.int("value")
}

/// Raises a counter by `many` and returns the first of the numbers that were won. The lock is held.
pub(crate) async fn numbers(tx: &mut Tx, name: &'static str, many: i64) -> Result<i64> {
    let row = sqlx::query("UPDATE traffic_counters SET value = value + $2 WHERE name = $1 RETURNING value")
        .bind(name)
        .bind(many)
        .fetch_one(tx.on())
        .await?;
    Ok(row.int("value")? - many + 1)
}

pub(crate) async fn set_counter(tx: &mut Tx, name: &'static str, value: i64) -> Result<()> {
    sqlx::query("UPDATE traffic_counters SET value = $2 WHERE name = $1")
        .bind(name)
        .bind(value)
        .execute(tx.on())
        .await?;
    Ok(())
}

/// The minute of a time.
pub(crate) fn minute_of(at_us: i64) -> i64 {
    at_us.div_euclid(MINUTE_US)
}

/// An id whose order is that of `at_us`, to the millisecond: lists of what happened are ordered by when it
/// did, not by when it was told.
pub(crate) fn id_at(at_us: i64) -> Result<Id> {
    let mut bytes = Id::new().bytes();
    let millis = u64::try_from(at_us.div_euclid(1_000)).unwrap_or(0).min((1 << 48) - 1);
    for (place, byte) in bytes.iter_mut().zip(millis.to_be_bytes().into_iter().skip(2)) {
        *place = byte;
    }
    Id::from_bytes(&bytes)
}

/// The least an id of that time can be.
pub(crate) fn id_from(at_us: i64) -> Vec<u8> {
    let millis = u64::try_from(at_us.div_euclid(1_000)).unwrap_or(0).min((1 << 48) - 1);
    let mut bytes: Vec<u8> = millis.to_be_bytes().into_iter().skip(2).collect();
    bytes.resize(16, 0);
    bytes
}

/// A count as the state holds it.
pub(crate) fn stored(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// A count the state held.
pub(crate) fn counted(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}

/// A number the state gave to a fingerprint or caller, as pages hold it.
pub(crate) fn small(id: i64) -> Result<u32> {
    u32::try_from(id).map_err(|_| StoreError::Damaged(format!("the number {id} is no fingerprint's")))
}

/// A place in a list whose length is bounded far below 2^32.
pub(crate) fn place(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// Runs what computes for milliseconds where it keeps no other request waiting.
pub(crate) async fn compute<T, F>(work: F) -> Result<T>
where
    T: Send + 'static,
    F: FnOnce() -> Result<T> + Send + 'static,
{
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| StoreError::Unavailable(format!("a computation ended early: {error}")))?
}

/// As long as an index of either database takes along with two others, and without what PostgreSQL keeps in
/// no text.
pub(crate) fn name(text: &str) -> String {
    bounded(text, 255)
}

/// `text` up to `bytes_max`, without NUL: what a data plane tells is kept as well as it can be, since it
/// would be sent again if it were refused.
pub(crate) fn bounded(text: &str, bytes_max: usize) -> String {
    let mut end = text.len().min(bytes_max);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default().replace('\0', " ")
}
