//! Who calls the statements of a list, what do they use, and how do they go?
//!
//! For all of a list at once: the pages are read once, and of each only the entries of these statements are
//! looked at. A trend has as many steps as a small picture has room for.

use super::codec::add_hours;
use super::fold::Told;
use super::known::Known;
use super::page::{Adder, CALLS, REFUSALS};
use super::select::{Filter, Select};
use super::span::{self, Range};
use super::usage::TableName;
use super::{DAY, HOUR, Level, MINUTE_US, TrafficReader, compute, minute_of, small, trends};
use crate::{Result, Tx};
use std::cmp::Reverse;
use std::collections::HashMap;

/// Most steps of a trend, but for those at its edges that are only begun.
const STEPS_MAX: i64 = 60;
/// A longer range is told by the hour, in minutes.
const BY_MINUTE: i64 = 6 * HOUR + 1;
/// The hours of a longer range are read from trends, in minutes.
const BY_HOUR: i64 = 3 * DAY;
/// A longer range is told by the day, in minutes.
const BY_TREND: i64 = 14 * DAY + 1;
/// Names of callers that are told, and tables.
const NAMES_MAX: usize = 3;
const TABLES_MAX: usize = 5;

/// One step of a trend.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TrendStep {
    /// Its first instant, in microseconds since 1970.
    pub at: i64,
    /// How often.
    pub calls: u64,
    /// Microseconds in all.
    pub total_us: u64,
    /// What 95 of a hundred did not exceed; `None` where nothing was called.
    pub p95_us: Option<u64>,
}

/// The first of some, and how many there are besides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Few<T> {
    /// The first.
    pub first: Vec<T>,
    /// How many more.
    pub more: u64,
}

impl<T> Few<T> {
    fn of(mut all: Vec<T>, most: usize) -> Few<T> {
        let more = all.len().saturating_sub(most) as u64;
        all.truncate(most);
        Few { first: all, more }
    }
}

/// More about a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detail {
    /// Every step, also those in which nothing happened.
    pub trend: Vec<TrendStep>,
    /// Applications and how often each called it, most first.
    pub applications: Few<(String, u64)>,
    /// Roles and how often each called it, most first.
    pub users: Few<(String, u64)>,
    /// The tables it names.
    pub tables: Few<TableName>,
}

/// More about the statements of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Details {
    /// How long a step is, in minutes.
    pub step_minutes: i64,
    /// By fingerprint.
    pub of: HashMap<i64, Detail>,
}

/// How a range is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Cut {
    step: i64,
    finest: Level,
    coarsest: Level,
}

impl TrafficReader {
    /// More about some fingerprints: what the filter selects of them.
    pub async fn details(
        &self,
        tx: &mut Tx,
        listeners: &[i64],
        range: Range,
        filter: &Filter,
        fingerprints: &[i64],
    ) -> Result<Details> {
        self.refresh(tx).await?;
        let cut = cut(span::horizons(tx).await?, range.sane(), !filter.by_caller());
        let mut plan = span::plan(tx, listeners, range, (cut.finest, cut.coarsest)).await?;
        let mut by_trend: HashMap<i64, Vec<(i64, Vec<u8>)>> = HashMap::new();
        let has_trends = cut.step < DAY && cut.coarsest == Level::Day;
        if has_trends {
            for segment in
                plan.segments.keys().copied().filter(|one| one.level == Level::Day).collect::<Vec<_>>()
            {
                let listeners = plan.segments.remove(&segment).unwrap_or_default();
                let days = (segment.from, segment.until);
                for (number, days) in trends::load_some(tx, fingerprints, &listeners, days).await? {
                    by_trend.entry(number).or_default().extend(days);
                }
            }
        }
        let pages = self.pages(tx, &plan).await?;
        let whole = span::plan(tx, listeners, range, (Level::Minute, Level::Day)).await?;
        // Finer pages of the same time tell of callers as well as coarser ones.
        let callers = match whole.covered == plan.covered && !has_trends {
            true => pages.clone(),
            false => self.pages(tx, &whole).await?,
        };
        let wanted: Vec<u32> = fingerprints.iter().filter_map(|number| small(*number).ok()).collect();
        let (reader, filter, edges) = (self.clone(), filter.clone(), (plan.from, plan.until, cut.step));
        compute(move || {
            let known = reader.known();
            let select = Select::of(&filter, &known)?;
            let steps = steps_of(&pages, edges);
            let one = |number: u32| {
                let days = by_trend.get(&i64::from(number)).map(Vec::as_slice).unwrap_or_default();
                let (applications, users) = callers_of(&callers, &select, &known, number);
                let detail = Detail {
                    trend: trend(&steps, days, &select, number, edges)?,
                    applications,
                    users,
                    tables: tables_of(&known, number),
                };
                Ok((i64::from(number), detail))
            };
            let of = wanted.into_iter().map(one).collect::<Result<HashMap<i64, Detail>>>()?;
            Ok(Details { step_minutes: cut.step, of })
        })
        .await
    }
}

/// As fine as there is something to tell of, and at most [`STEPS_MAX`] steps.
fn cut(horizons: span::Horizons, range: Range, has_trends: bool) -> Cut {
    let from = minute_of(range.from);
    let length = (minute_of(range.until.saturating_add(MINUTE_US - 1)) - from).max(1);
    // An hour until now is 61 minutes, the first and the last of them in part.
    let fitting = |unit: i64| (length - 1 + unit * STEPS_MAX - 1).div_euclid(unit * STEPS_MAX).max(1);
    if length <= BY_MINUTE && from >= horizons.minutes {
        return Cut { step: fitting(1), finest: Level::Minute, coarsest: Level::Minute };
    }
    let hours_max = if has_trends { BY_TREND } else { BY_HOUR };
    if length <= hours_max && Level::Hour.floor(from) >= horizons.hours {
        let hours = fitting(HOUR);
        // Days are cut into equal parts.
        let hours = [1, 2, 3, 4, 6, 8, 12].into_iter().find(|parts| *parts >= hours).unwrap_or(24);
        let coarsest = if length > BY_HOUR { Level::Day } else { Level::Hour };
        return Cut { step: hours * HOUR, finest: Level::Hour, coarsest };
    }
    Cut { step: fitting(DAY) * DAY, finest: Level::Day, coarsest: Level::Day }
}

/// Pages by step.
fn steps_of(pages: &[Told], (from, until, step): (i64, i64, i64)) -> Vec<Vec<&Told>> {
    let first = from.div_euclid(step) * step;
    let many = usize::try_from((until - first + step - 1) / step).unwrap_or(0);
    let mut steps = vec![Vec::new(); many];
    for told in pages {
        let place = usize::try_from((told.start - first).div_euclid(step)).ok();
        if let Some(pages) = place.and_then(|place| steps.get_mut(place)) {
            pages.push(told);
        }
    }
    steps
}

fn trend(
    steps: &[Vec<&Told>],
    days: &[(i64, Vec<u8>)],
    select: &Select,
    number: u32,
    (from, _, step): (i64, i64, i64),
) -> Result<Vec<TrendStep>> {
    let first = from.div_euclid(step) * step;
    let mut adders: Vec<Option<Adder>> = vec![None; steps.len()];
    for (adder, pages) in adders.iter_mut().zip(steps) {
        for told in pages {
            for at in selected(told, select, number) {
                adder.get_or_insert_with(Adder::default).add(&told.page, at);
            }
        }
    }
    if select.has_fingerprint(number) {
        for (day, bytes) in days {
            let place =
                |hour: u8| usize::try_from((day + i64::from(hour) * HOUR - first).div_euclid(step)).ok();
            add_hours(bytes, &mut adders, place)?;
        }
    }
    let at = (0..).map(|n: i64| (first + n * step) * MINUTE_US);
    let told = at
        .zip(adders)
        .map(|(at, adder)| {
            let sums = adder.map(|adder| adder.sums()).unwrap_or_default();
            TrendStep { at, calls: sums.calls, total_us: sums.total_us, p95_us: sums.latency.quantile(0.95) }
        })
        .collect();
    Ok(told)
}

/// Places of a fingerprint's entries that are selected.
fn selected<'t>(told: &'t Told, select: &'t Select, number: u32) -> impl Iterator<Item = usize> + 't {
    let places = told.page.places(number..number.saturating_add(1));
    places.filter(move |at| told.page.callers.get(*at).is_some_and(|caller| select.has(number, *caller)))
}

type Callers = Few<(String, u64)>;

/// Applications and roles.
fn callers_of(pages: &[Told], select: &Select, known: &Known, number: u32) -> (Callers, Callers) {
    let mut by_caller: HashMap<u32, (u64, u64)> = HashMap::new();
    for told in pages {
        for at in selected(told, select, number) {
            let Some(caller) = told.page.callers.get(at) else { continue };
            let (calls, refusals) = by_caller.entry(*caller).or_default();
            *calls = calls.saturating_add(told.page.value(CALLS, at));
            *refusals = refusals.saturating_add(told.page.value(REFUSALS, at));
        }
    }
    let by = |name: fn(&control::Caller) -> &String| {
        let mut names: HashMap<&str, (u64, u64)> = HashMap::new();
        for (caller, (calls, refusals)) in &by_caller {
            let Some(caller) = known.callers.get(*caller as usize) else { continue };
            let sums = names.entry(name(caller)).or_default();
            *sums = (sums.0.saturating_add(*calls), sums.1.saturating_add(*refusals));
        }
        let mut names: Vec<(&str, (u64, u64))> = names.into_iter().collect();
        // Who only ever was refused is told of too.
        names.sort_unstable_by_key(|(name, (calls, refusals))| {
            (Reverse(calls.saturating_add(*refusals)), *name)
        });
        Few::of(names.into_iter().map(|(name, (calls, _))| (name.to_owned(), calls)).collect(), NAMES_MAX)
    };
    (by(|caller| &caller.application), by(|caller| &caller.user))
}

fn tables_of(known: &Known, number: u32) -> Few<TableName> {
    let places = known.tables_of.get(number as usize).into_iter().flatten();
    let tables = places.filter_map(|place| known.tables.get(*place as usize)).map(|(schema, name)| {
        TableName { schema: Some(schema.clone()).filter(|schema| !schema.is_empty()), name: name.clone() }
    });
    let mut tables: Vec<TableName> = tables.collect();
    tables.sort_unstable_by(|one, other| (&one.name, &one.schema).cmp(&(&other.name, &other.schema)));
    Few::of(tables, TABLES_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::traffic::span::Horizons;

    #[test]
    fn a_trend_has_about_as_many_steps_as_fit() {
        let horizons = Horizons { minutes: 100 * DAY, hours: 70 * DAY };
        let cut = |from: i64, minutes: i64, has_trends| {
            let range = Range { from: from * MINUTE_US, until: (from + minutes) * MINUTE_US };
            let found = cut(horizons, range, has_trends);
            (found.step, minutes / found.step, found.coarsest)
        };
        let now = 101 * DAY;
        assert_eq!(cut(now, 15, true), (1, 15, Level::Minute));
        assert_eq!(cut(now, HOUR, true), (1, 60, Level::Minute));
        assert_eq!(cut(now, HOUR + 1, true), (1, 61, Level::Minute));
        assert_eq!(cut(now, 6 * HOUR, true), (6, 60, Level::Minute));
        assert_eq!(cut(now, DAY, true), (HOUR, 24, Level::Hour));
        assert_eq!(cut(now, 3 * DAY, true), (2 * HOUR, 36, Level::Hour));
        assert_eq!(cut(80 * DAY, 7 * DAY, true), (3 * HOUR, 56, Level::Day));
        assert_eq!(cut(80 * DAY, 7 * DAY, false), (DAY, 7, Level::Day), "trends tell of all callers");
        assert_eq!(cut(80 * DAY, 14 * DAY, true), (6 * HOUR, 56, Level::Day));
        assert_eq!(cut(80 * DAY, 30 * DAY, true), (DAY, 30, Level::Day));
        assert_eq!(cut(80 * DAY, 400 * DAY, true), (7 * DAY, 57, Level::Day));
        // What is forgotten by the minute is told by the hour, and so on.
        assert_eq!(cut(99 * DAY, HOUR, true), (HOUR, 1, Level::Hour));
        assert_eq!(cut(60 * DAY, 2 * DAY, true), (DAY, 2, Level::Day));
    }
}
