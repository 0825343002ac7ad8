//! How did something change over time?

use super::fold::{Told, add_selected};
use super::page::Adder;
use super::select::{Filter, Select};
use super::span::{self, Covered, Plan, Range};
use super::{DAY, HOUR, Level, MINUTE_US, TrafficReader, compute, trends};
use crate::{Result, Tx};
use control::Sums;

/// Most points of one answer; the step is made longer where there would be more.
const POINTS_MAX: i64 = 1_500;
/// Most hours of a heatmap: those of 62 days.
const HOURS_MAX: i64 = 62 * 24;
/// Hours that are read page by page where there are no trends for what is asked, in minutes.
const HOURS_BY_PAGE: i64 = 3 * DAY;
/// Minutes that are read page by page, in minutes.
const MINUTES_BY_PAGE: i64 = 3 * HOUR;
/// Callers whose trends are added up; the days of more are read page by page.
const CALLERS_MAX: usize = 32;

/// One step.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// Its first instant, in microseconds since 1970.
    pub at: i64,
    /// What happened in it; quantiles are the latency's.
    pub sums: Sums,
}

/// What happened, step by step.
#[derive(Clone, Debug, PartialEq)]
pub struct SeriesAnswer {
    /// What the answer is about.
    pub covered: Covered,
    /// How long a step is, in minutes: at least what was asked for.
    pub step_minutes: i64,
    /// Every step, also those in which nothing happened.
    pub points: Vec<Point>,
}

impl TrafficReader {
    /// Sums by steps of about `step_minutes`, and all of them.
    pub async fn series(
        &self,
        tx: &mut Tx,
        listeners: &[i64],
        range: Range,
        filter: &Filter,
        step_minutes: i64,
    ) -> Result<SeriesAnswer> {
        self.refresh(tx).await?;
        let subjects = self.subjects(filter)?;
        let step = step_of(tx, range, step_minutes, subjects.is_some()).await?;
        let levels = match level_of(step) {
            // Trends tell the hours of a day.
            Level::Hour if subjects.is_some() => (Level::Hour, Level::Day),
            level => (level, level),
        };
        let mut plan = span::plan(tx, listeners, range, levels).await?;
        let mut by_trend = Vec::new();
        if let (Some(subjects), true) = (&subjects, step < DAY) {
            by_trend = self.by_trends(tx, &mut plan, subjects).await?;
        }
        let pages = self.pages(tx, &plan).await?;
        let (reader, filter) = (self.clone(), filter.clone());
        let (from, until, covered) = (plan.from, plan.until, plan.covered);
        compute(move || {
            let select = Select::of(&filter, &reader.known())?;
            let points = points((from, until, step), &pages, &by_trend, &select);
            Ok(SeriesAnswer { covered, step_minutes: step, points })
        })
        .await
    }

    /// Days by hours of the day, UTC: the same as a series by the hour, whose range is whole days. Days of
    /// which hours are forgotten are left out, and so is what comes before the last 62; where all hours are
    /// forgotten days are told whole.
    pub async fn heatmap(
        &self,
        tx: &mut Tx,
        listeners: &[i64],
        range: Range,
        filter: &Filter,
    ) -> Result<SeriesAnswer> {
        let (day_us, range) = (DAY * MINUTE_US, range.sane());
        let from = range.from.div_euclid(day_us) * day_us;
        let until = (range.until.saturating_add(day_us - 1)).div_euclid(day_us) * day_us;
        let by_hour = Level::Day.ceil(span::horizons(tx).await?.hours) * MINUTE_US;
        let from =
            if by_hour < until { from.max(by_hour).max(until - HOURS_MAX * HOUR * MINUTE_US) } else { from };
        self.series(tx, listeners, Range { from, until }, filter, HOUR).await
    }

    /// Subjects whose trends add up to what is asked for, if there are any.
    fn subjects(&self, filter: &Filter) -> Result<Option<Vec<i64>>> {
        if filter.is_empty() {
            return Ok(Some(vec![trends::EVERYTHING]));
        }
        if let Some(fingerprint) = filter.only_fingerprint() {
            return Ok(Some(vec![trends::of_fingerprint(fingerprint).unwrap_or(i64::MAX)]));
        }
        if filter.by_statement() {
            return Ok(None);
        }
        let callers = Select::of(filter, &self.known())?.callers.unwrap_or_default();
        let subjects: Vec<i64> =
            callers.descending(u32::MAX).take(CALLERS_MAX + 1).map(trends::of_caller).collect();
        Ok(Some(subjects).filter(|subjects| subjects.len() <= CALLERS_MAX))
    }

    /// Takes the days out of a plan and reads their hours from trends.
    async fn by_trends(&self, tx: &mut Tx, plan: &mut Plan, subjects: &[i64]) -> Result<Vec<(i64, Sums)>> {
        let mut found = Vec::new();
        let days: Vec<_> = plan
            .segments
            .iter()
            .filter(|(segment, _)| segment.level == Level::Day)
            .map(|(s, l)| (*s, l.clone()))
            .collect();
        plan.segments.retain(|segment, _| segment.level != Level::Day);
        for (segment, listeners) in days {
            for listener in listeners {
                for subject in subjects {
                    found.extend(trends::load(tx, *subject, listener, (segment.from, segment.until)).await?);
                }
            }
        }
        Ok(found)
    }
}

/// How long steps are.
async fn step_of(tx: &mut Tx, range: Range, asked: i64, has_trends: bool) -> Result<i64> {
    let (horizons, range) = (span::horizons(tx).await?, range.sane());
    let from = super::minute_of(range.from);
    let length = (super::minute_of(range.until) - from).clamp(1, 400 * DAY);
    let mut step = asked.clamp(1, 30 * DAY);
    if step < HOUR && (length > MINUTES_BY_PAGE || from < horizons.minutes) {
        step = HOUR;
    }
    let too_long = !has_trends && length > HOURS_BY_PAGE;
    if step < DAY && (too_long || Level::Hour.floor(from) < horizons.hours) {
        step = DAY;
    }
    step = step.max((length + POINTS_MAX - 1) / POINTS_MAX);
    // A page is never in two steps.
    Ok(level_of(step).ceil(step))
}

/// The level of pages that make steps of that length.
fn level_of(step: i64) -> Level {
    match step {
        step if step < HOUR => Level::Minute,
        step if step < DAY => Level::Hour,
        _ => Level::Day,
    }
}

fn points(
    (from, until, step): (i64, i64, i64),
    pages: &[Told],
    by_trend: &[(i64, Sums)],
    select: &Select,
) -> Vec<Point> {
    let first = from.div_euclid(step) * step;
    let many = usize::try_from((until - first + step - 1) / step).unwrap_or(0);
    let mut adders = vec![Adder::default(); many];
    let place = |start: i64| usize::try_from((start - first).div_euclid(step)).unwrap_or(usize::MAX);
    for told in pages {
        if let Some(adder) = adders.get_mut(place(told.start)) {
            add_selected(told, select, adder);
        }
    }
    for (start, sums) in by_trend {
        if let Some(adder) = adders.get_mut(place(*start)) {
            adder.add_sums(sums);
        }
    }
    let at = (0..).map(|n: i64| (first + n * step) * MINUTE_US);
    at.zip(&adders).map(|(at, adder)| Point { at, sums: adder.sums() }).collect()
}
