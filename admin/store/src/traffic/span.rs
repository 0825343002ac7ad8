//! Which pages answer for a range of time?
//!
//! As few as can be: whole days by the day, whole hours by the hour, the edges by the minute where that is
//! fine enough to matter. A day or hour that is marked as not yet made of its parts is read by its parts,
//! so that an answer is the same before and after [`super::roll_up`].

use super::{DAY, HOUR, Level, MINUTE_US, counter, minute_of, pages};
use crate::{Result, Tx};
use serde::Serialize;
use std::collections::{BTreeMap, HashSet};

/// Longest range, in minutes; days are kept that long unless something else is set.
const RANGE_MAX: i64 = 400 * DAY;
/// A longer range has edges of whole hours, in minutes.
const MINUTE_EDGES: i64 = 6 * HOUR + 1;
/// A longer range has edges of whole days.
const HOUR_EDGES: i64 = 14 * DAY + 1;

/// A range of time, in microseconds since 1970; `until` is not part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Range {
    /// Its first instant.
    pub from: i64,
    /// The first instant behind it.
    pub until: i64,
}

impl Range {
    /// The part of it that calculations can be made with: from 1970 on, for some ten thousand years.
    pub(crate) fn sane(self) -> Range {
        let from = self.from.clamp(0, 1 << 58);
        Range { from, until: self.until.clamp(from, 1 << 58) }
    }
}

/// How fine the edges of an answer are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Resolution {
    /// Whole minutes.
    Minute,
    /// Whole hours.
    Hour,
    /// Whole days, UTC.
    Day,
}

/// What an answer is about: the range that was asked for, widened to whole minutes, hours or days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Covered {
    /// Its first instant, in microseconds since 1970.
    pub from: i64,
    /// The first instant behind it.
    pub until: i64,
    /// To what its edges were widened.
    pub resolution: Resolution,
}

impl Covered {
    /// As a range.
    pub fn range(self) -> Range {
        Range { from: self.from, until: self.until }
    }
}

/// Pages of one level, one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Segment {
    pub level: Level,
    pub from: i64,
    pub until: i64,
}

/// Which pages of which listeners.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub covered: Covered,
    /// In minutes since 1970.
    pub from: i64,
    pub until: i64,
    pub segments: BTreeMap<Segment, Vec<i64>>,
}

/// From when on minutes and hours are kept, in minutes since 1970.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Horizons {
    pub minutes: i64,
    pub hours: i64,
}

/// As [`super::retain`] left them.
pub(crate) async fn horizons(tx: &mut Tx) -> Result<Horizons> {
    Ok(Horizons { minutes: counter(tx, "minutes_from").await?, hours: counter(tx, "hours_from").await? })
}

/// The edges of a range, in minutes: no finer than what is kept, and no finer than `finest`.
fn widened(range: Range, horizons: Horizons, finest: Level) -> (i64, i64, Level) {
    let range = range.sane();
    let from = minute_of(range.from);
    let until = minute_of(range.until.saturating_add(MINUTE_US - 1)).max(from + 1).min(from + RANGE_MAX);
    let by_length = match until - from {
        length if length <= MINUTE_EDGES => Level::Minute,
        length if length <= HOUR_EDGES => Level::Hour,
        _ => Level::Day,
    };
    let by_age = match from {
        from if from >= horizons.minutes => Level::Minute,
        from if Level::Hour.floor(from) >= horizons.hours => Level::Hour,
        _ => Level::Day,
    };
    let level = by_length.max(by_age).max(finest);
    (level.floor(from), level.ceil(until), level)
}

/// Plans for a range, with pages no coarser than `coarsest` and edges no finer than `finest`.
pub(crate) async fn plan(
    tx: &mut Tx,
    listeners: &[i64],
    range: Range,
    (finest, coarsest): (Level, Level),
) -> Result<Plan> {
    let horizons = horizons(tx).await?;
    let (from, until, level) = widened(range, horizons, finest);
    let coarsest = coarsest.max(level);
    let marked: HashSet<(i64, Level, i64)> =
        pages::marked(tx, listeners, (from, until)).await?.into_iter().collect();
    let mut segments: BTreeMap<Segment, Vec<i64>> = BTreeMap::new();
    for listener in listeners {
        for segment in segments_of(*listener, (from, until), coarsest, &marked) {
            segments.entry(segment).or_default().push(*listener);
        }
    }
    let resolution = match level {
        Level::Minute => Resolution::Minute,
        Level::Hour => Resolution::Hour,
        Level::Day => Resolution::Day,
    };
    let covered = Covered { from: from * MINUTE_US, until: until * MINUTE_US, resolution };
    Ok(Plan { covered, from, until, segments })
}

fn segments_of(
    listener: i64,
    (from, until): (i64, i64),
    coarsest: Level,
    marked: &HashSet<(i64, Level, i64)>,
) -> Vec<Segment> {
    let mut segments: Vec<Segment> = Vec::new();
    let mut at = from;
    while at < until {
        let fits = |level: Level| {
            level <= coarsest
                && level.floor(at) == at
                && at + level.minutes() <= until
                && !marked.contains(&(listener, level, at))
        };
        let level = [Level::Day, Level::Hour].into_iter().find(|level| fits(*level)).unwrap_or(Level::Minute);
        // Minutes are gone through by the hour: only at an hour's beginning can there be something else.
        let next = match level {
            Level::Minute => (Level::Hour.floor(at) + HOUR).min(until),
            other => at + other.minutes(),
        };
        match segments.last_mut() {
            Some(last) if last.level == level && last.until == at => last.until = next,
            _ => segments.push(Segment { level, from: at, until: next }),
        }
        at = next;
    }
    segments
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_days_then_hours_then_minutes() {
        let marked = HashSet::from([(1, Level::Day, 3 * DAY), (1, Level::Hour, 3 * DAY + HOUR)]);
        let segment = |level, from, until| Segment { level, from, until };
        assert_eq!(
            segments_of(1, (DAY - 61, 3 * DAY + 70), Level::Day, &marked),
            [
                segment(Level::Minute, DAY - 61, DAY - 60),
                segment(Level::Hour, DAY - 60, DAY),
                segment(Level::Day, DAY, 3 * DAY),
                segment(Level::Hour, 3 * DAY, 3 * DAY + 60),
                segment(Level::Minute, 3 * DAY + 60, 3 * DAY + 70),
            ]
        );
        assert_eq!(
            segments_of(1, (3 * DAY, 3 * DAY + 180), Level::Hour, &marked),
            [
                segment(Level::Hour, 3 * DAY, 3 * DAY + 60),
                segment(Level::Minute, 3 * DAY + 60, 3 * DAY + 120),
                segment(Level::Hour, 3 * DAY + 120, 3 * DAY + 180),
            ]
        );
    }

    #[test]
    fn edges_are_no_finer_than_what_is_kept() {
        let horizons = Horizons { minutes: 100 * DAY, hours: 70 * DAY };
        let range = |from: i64, minutes: i64| Range {
            from: from * MINUTE_US + 1,
            until: (from + minutes) * MINUTE_US,
        };
        let now = 102 * DAY + 61;
        assert_eq!(widened(range(now, 5), horizons, Level::Minute), (now, now + 5, Level::Minute));
        assert_eq!(widened(range(now, 5), horizons, Level::Hour), (now - 1, now + 59, Level::Hour));
        let before = 99 * DAY + 61;
        assert_eq!(
            widened(range(before, 5), horizons, Level::Minute),
            (before - 1, before + 59, Level::Hour)
        );
        let long_before = 60 * DAY + 61;
        assert_eq!(widened(range(long_before, 5), horizons, Level::Minute), (60 * DAY, 61 * DAY, Level::Day));
        assert_eq!(widened(range(now, 20 * DAY), horizons, Level::Minute).2, Level::Day);
    }
}
