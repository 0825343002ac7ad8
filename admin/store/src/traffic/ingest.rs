//! How does a report get into the state?
//!
//! In one transaction, once: reports are remembered by plane, start and number. What is told of a minute is
//! added to its page; a minute that is older than the minutes that are kept is added to its hour, and an
//! hour that is older than the hours that are kept to its day, so that no sum is lost.

use super::intern::{self, Fingerprints};
use super::page::{PageBuilder, TrafficPage, columns_of, set_column};
use super::span::{Horizons, horizons};
use super::{HOUR, Level, MINUTE_US, events, lock, minute_of, name, pages, refusals, sessions, stored};
use crate::row::Values;
use crate::{Result, Tx, listeners, planes};
use control::Latency;
use control::{Caller, Minute, Report, StatementText, Sums};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A clock may be wrong; what claims to be later than this, in minutes, is taken to be of now. Else
/// nothing would ever grow old enough to be forgotten.
const AHEAD_MAX: i64 = HOUR;
/// Largest number of one sum: what adds up over 400 days stays below 2^64.
const SUM_MAX: u64 = 1 << 40;
/// Listeners named in one report.
const LISTENERS_MAX: usize = listeners::LISTENERS_MAX;

/// What became of a report.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ingested {
    /// It was taken before: nothing was done.
    pub repeated: bool,
    /// Fingerprints that were not known.
    pub fingerprints: usize,
    /// Minutes, or parts of them, that were added.
    pub minutes: usize,
    /// Listeners it told of.
    pub listeners: Vec<i64>,
}

/// Numbers for what a report names.
pub(crate) struct Names {
    pub plane: String,
    pub start: String,
    pub listeners: HashMap<String, i64>,
    pub fingerprints: Fingerprints,
    pub callers: HashMap<Caller, u32>,
}

impl Names {
    pub(crate) fn listener(&self, listener: &str) -> i64 {
        self.listeners.get(listener).copied().unwrap_or(0)
    }

    pub(crate) fn caller(&self, caller: &Caller) -> Option<u32> {
        self.callers.get(&intern::caller(caller)).copied()
    }
}

/// Takes a report that came at `now`. Taken again, it does nothing.
pub async fn ingest(tx: &mut Tx, report: &Report, now: i64) -> Result<Ingested> {
    let epoch = lock(tx).await?;
    if !first_time(tx, report, now).await? {
        return Ok(Ingested { repeated: true, ..Ingested::default() });
    }
    planes::seen(tx, &report.plane, now).await?;
    let latest = begin(tx, report, now).await?;
    let names = names(tx, epoch, report, now).await?;
    let horizons = horizons(tx).await?;
    let mut by_listener: BTreeMap<(i64, i64), Vec<&Minute>> = BTreeMap::new();
    for minute in &report.minutes {
        let listener = names.listener(&minute.listener);
        if listener > 0 {
            let at = if minute.minute > minute_of(now) + AHEAD_MAX { minute_of(now) } else { minute.minute };
            by_listener.entry((listener, at.max(0))).or_default().push(minute);
        }
    }
    for ((listener, at), parts) in &by_listener {
        add_minute(tx, epoch, (*listener, *at), parts, (&names, horizons)).await?;
    }
    sessions::take(tx, report, &names, latest, now).await?;
    refusals::take(tx, report, &names).await?;
    link_refused(tx, epoch, report, &names).await?;
    events::take(tx, report, &names).await?;
    if let Some(said) = &report.acknowledgement {
        planes::acknowledged(tx, &report.plane, said).await?;
    }
    let mut listeners: Vec<i64> = names.listeners.values().copied().collect();
    listeners.sort_unstable();
    Ok(Ingested {
        repeated: false,
        fingerprints: names.fingerprints.new,
        minutes: report.minutes.len(),
        listeners,
    })
}

/// Remembers the report; `false` when it was remembered already, or may have been and is forgotten.
async fn first_time(tx: &mut Tx, report: &Report, now: i64) -> Result<bool> {
    let row = sqlx::query("SELECT forgotten_to FROM traffic_starts WHERE plane = $1 AND start = $2")
        .bind(name(&report.plane))
        .bind(name(&report.start))
        .fetch_optional(tx.on())
        .await?;
    if let Some(row) = row
        && stored(report.number) <= row.int("forgotten_to")?
    {
        return Ok(false);
    }
    let done = sqlx::query(
        "INSERT INTO traffic_reports (plane, start, number, received_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (plane, start, number) DO NOTHING",
    )
    .bind(name(&report.plane))
    .bind(name(&report.start))
    .bind(stored(report.number))
    .bind(now)
    .execute(tx.on())
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Notes the start of the plane; says whether it is its latest. When it is a new one, the sessions of those
/// before have ended.
async fn begin(tx: &mut Tx, report: &Report, now: i64) -> Result<bool> {
    let (plane, start) = (name(&report.plane), name(&report.start));
    let done = sqlx::query(
        "INSERT INTO traffic_starts (plane, start, first_received_at, forgotten_to) VALUES ($1, $2, $3, 0) \
         ON CONFLICT (plane, start) DO NOTHING",
    )
    .bind(plane.as_str())
    .bind(start.as_str())
    .bind(now)
    .execute(tx.on())
    .await?;
    if done.rows_affected() > 0 {
        sqlx::query("UPDATE planes SET start = $2 WHERE id = $1")
            .bind(plane.as_str())
            .bind(start.as_str())
            .execute(tx.on())
            .await?;
        sessions::end_all(tx, &plane, now).await?;
    }
    sqlx::query("UPDATE planes SET untold = untold + $2 WHERE id = $1")
        .bind(plane.as_str())
        .bind(stored(report.untold.min(SUM_MAX)))
        .execute(tx.on())
        .await?;
    let row = sqlx::query("SELECT start FROM planes WHERE id = $1").bind(plane).fetch_one(tx.on()).await?;
    Ok(row.text("start")? == start)
}

async fn names(tx: &mut Tx, epoch: i64, report: &Report, now: i64) -> Result<Names> {
    let mut fingerprints: BTreeSet<&str> = BTreeSet::new();
    let mut callers: BTreeSet<Caller> = BTreeSet::new();
    let mut listeners: BTreeSet<&str> = BTreeSet::new();
    let texts: BTreeMap<&str, &StatementText> =
        report.statements.iter().map(|statement| (statement.fingerprint.as_str(), statement)).collect();
    for statement in &report.statements {
        listeners.insert(&statement.listener);
        fingerprints.insert(&statement.fingerprint);
    }
    for minute in &report.minutes {
        listeners.insert(&minute.listener);
        fingerprints.extend(minute.counts.iter().map(|count| count.fingerprint.as_str()));
        fingerprints.extend(minute.errors.iter().map(|error| error.fingerprint.as_str()));
        callers.extend(minute.counts.iter().map(|count| intern::caller(&count.caller)));
    }
    for start in &report.session_starts {
        listeners.insert(&start.listener);
        callers.insert(intern::caller(&start.caller));
    }
    for refusal in &report.refusals {
        listeners.insert(&refusal.listener);
        fingerprints.insert(&refusal.fingerprint);
        callers.insert(intern::caller(&refusal.caller));
    }
    listeners.extend(report.events.iter().map(|event| event.listener.as_str()));
    let mut numbered = HashMap::new();
    for listener in listeners.into_iter().filter(|listener| !listener.is_empty()).take(LISTENERS_MAX) {
        let number = listeners::resolve(tx, &report.plane, listener, now).await?;
        numbered.insert(listener.to_owned(), number);
    }
    fingerprints.retain(|fingerprint| is_fingerprint(fingerprint));
    let fingerprints = intern::fingerprints(tx, epoch, &fingerprints, &texts, now).await?;
    let callers = intern::callers(tx, &callers).await?;
    let names = Names {
        plane: name(&report.plane),
        start: name(&report.start),
        listeners: numbered,
        fingerprints,
        callers,
    };
    link_told(tx, epoch, report, &names, now).await?;
    Ok(names)
}

/// A text that could not be found again under the name it was told by is no fingerprint.
fn is_fingerprint(text: &str) -> bool {
    !text.is_empty() && name(text) == text
}

/// A text that was told of was seen behind its listener, also when its minute is still to come.
async fn link_told(tx: &mut Tx, epoch: i64, report: &Report, names: &Names, now: i64) -> Result<()> {
    let mut told: BTreeMap<i64, BTreeSet<u32>> = BTreeMap::new();
    for statement in &report.statements {
        let number = names.fingerprints.number(&statement.fingerprint);
        told.entry(names.listener(&statement.listener)).or_default().extend(number);
    }
    for (listener, fingerprints) in told {
        intern::link_listener(tx, epoch, listener, &fingerprints, now).await?;
    }
    Ok(())
}

/// What was refused only, and so is in no minute that tells it, was seen all the same.
async fn link_refused(tx: &mut Tx, epoch: i64, report: &Report, names: &Names) -> Result<()> {
    let mut seen: BTreeMap<i64, (BTreeSet<u32>, i64)> = BTreeMap::new();
    for refusal in &report.refusals {
        let (fingerprints, at) = seen.entry(names.listener(&refusal.listener)).or_default();
        fingerprints.extend(names.fingerprints.number(&refusal.fingerprint));
        *at = refusal.at_us.max(*at);
    }
    for (listener, (fingerprints, at)) in seen {
        intern::link_listener(tx, epoch, listener, &fingerprints, at).await?;
    }
    Ok(())
}

async fn add_minute(
    tx: &mut Tx,
    epoch: i64,
    (listener, minute): (i64, i64),
    parts: &[&Minute],
    (names, horizons): (&Names, Horizons),
) -> Result<()> {
    let mut builder = PageBuilder::default();
    let mut fingerprints = BTreeSet::new();
    for part in parts {
        fingerprints.extend(add_part(&mut builder, part, names));
    }
    let told = builder.build(Level::Minute.entries_max());
    add_page(tx, epoch, (listener, minute), told, horizons).await?;
    intern::link_listener(tx, epoch, listener, &fingerprints, minute * MINUTE_US).await
}

fn add_part(builder: &mut PageBuilder, part: &Minute, names: &Names) -> BTreeSet<u32> {
    let mut seen = BTreeSet::new();
    for count in part.counts.iter().take(Report::COUNTS_MAX) {
        let sums = believable(&count.sums);
        match (names.fingerprints.number(&count.fingerprint), names.caller(&count.caller)) {
            (Some(fingerprint), Some(caller)) => {
                builder.add(fingerprint, caller, &sums);
                seen.insert(fingerprint);
            }
            _ => builder.add_others(&sums),
        }
    }
    // A sender that tells more than it may still loses nothing of its sums.
    for count in part.counts.iter().skip(Report::COUNTS_MAX) {
        builder.add_others(&believable(&count.sums));
    }
    builder.add_others(&believable(&part.others));
    for error in part.errors.iter().take(Report::COUNTS_MAX) {
        let fingerprint = names.fingerprints.number(&error.fingerprint).unwrap_or(0);
        builder.add_error(&super::bounded(&error.sqlstate, 16), fingerprint, error.count.min(SUM_MAX));
        seen.extend(names.fingerprints.number(&error.fingerprint));
    }
    let rest = part.errors.iter().skip(Report::COUNTS_MAX).map(|error| error.count.min(SUM_MAX));
    builder.add_other_errors(rest.fold(part.other_errors.min(SUM_MAX), u64::saturating_add));
    seen
}

/// Sums as a sender can have counted them.
fn believable(told: &Sums) -> Sums {
    let mut sums = Sums::default();
    for (column, value) in columns_of(told).into_iter().enumerate() {
        set_column(&mut sums, column, value.min(SUM_MAX));
    }
    let steps = told.latency.steps().iter().map(|(bucket, count)| (*bucket, (*count).min(SUM_MAX)));
    sums.latency = Latency::from_steps(steps, told.latency.max_us());
    sums
}

/// Adds to the page of a minute, or to that of its hour or day where minutes or hours are no longer kept.
async fn add_page(
    tx: &mut Tx,
    epoch: i64,
    (listener, minute): (i64, i64),
    told: TrafficPage,
    horizons: Horizons,
) -> Result<()> {
    let (hour, day) = (Level::Hour.floor(minute), Level::Day.floor(minute));
    let (level, start) = match minute {
        minute if minute >= horizons.minutes => (Level::Minute, minute),
        _ if hour >= horizons.hours => (Level::Hour, hour),
        _ => (Level::Day, day),
    };
    let page = match pages::load(tx, listener, level, start).await? {
        None if level == Level::Minute => told,
        before => {
            super::compute(move || {
                let mut builder = PageBuilder::default();
                if let Some(before) = before {
                    builder.add_page(&before);
                }
                builder.add_page(&told);
                Ok(builder.build(level.entries_max()))
            })
            .await?
        }
    };
    pages::put(tx, epoch, listener, (level, start), &page).await?;
    if level == Level::Minute {
        pages::mark(tx, listener, Level::Hour, hour).await?;
    }
    if level < Level::Day {
        pages::mark(tx, listener, Level::Day, day).await?;
    }
    Ok(())
}
