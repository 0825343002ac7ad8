//! How long does an answer about the traffic take when there is much of it?
//!
//! Three listeners with 100,000 fingerprints; minutes of 48 hours with 1,000 entries each, hours of 30 days
//! with 2,000, days with 5,000; 200,000 refusals and sessions. Pages are made directly, in the way
//! ingestion and roll-up make them. Then a fixed mixture of questions is asked one after the other, in an
//! order that keeps no kind warm for itself, and once more by several at the same time.
//!
//! `cargo bench -p admin-store --bench traffic`; `-- FOLDER` keeps the state there for the next run.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod traffic {
    pub mod state;
}

use admin_store::traffic::{
    Filter, Group, GroupBy, Measure, Range, RefusalFilter, Search, SessionFilter, TableName, Top,
    TrafficReader, facts, fingerprint, newest, of_numbers, refusals, sessions,
};
use admin_store::{Location, Store, Tx};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};
use traffic::state::{Dice, Scale, TABLES, at, fill, table};

/// 2026-03-01 15:37 UTC, in minutes.
const NOW: i64 = 29_540_160 + 15 * 60 + 37;
const ROUNDS: usize = 150;
const AT_ONCE: usize = 8;

// ---- the questions ----

const KINDS: [&str; 25] = [
    "top fingerprints by time, 1 h",
    "top fingerprints by p99, 1 h",
    "top fingerprints by time, 24 h",
    "top fingerprints by p95, 24 h",
    "top fingerprints by time, 30 d",
    "top fingerprints by p99, 30 d",
    "top applications by calls, 24 h",
    "top tables by time, 7 d",
    "top fingerprints of words, 24 h",
    "series of an hour, by minute",
    "series of 24 h, by hour",
    "series of 30 d, by hour",
    "trend of a fingerprint, 30 d by hour",
    "search by words",
    "search by table and class",
    "a fingerprint in full",
    "errors, 24 h",
    "newly slow",
    "facts of a table, 30 d",
    "refusals, sessions, newest",
    "top 50 with detail, 1 h",
    "top 50 with detail, 24 h",
    "top 50 with detail, 7 d",
    "top 50 with detail, 30 d",
    "heatmap of 30 d",
];

fn last(minutes: i64) -> Range {
    Range { from: at(NOW + 1 - minutes), until: at(NOW + 1) }
}

fn top(group_by: GroupBy, measure: Measure, minutes: i64) -> Top {
    let listeners = vec![1, 2, 3];
    Top {
        range: last(minutes),
        listeners,
        filter: Filter::default(),
        group_by,
        measure,
        limit: 50,
        after: None,
    }
}

/// Never the same question twice: an answer that was kept is not what is measured.
fn once(top: Top) -> Top {
    static ASKED: AtomicI64 = AtomicI64::new(0);
    let nobody = 1_000 + ASKED.fetch_add(1, Ordering::Relaxed);
    Top { listeners: vec![1, 2, 3, nobody], ..top }
}

fn top_of(kind: usize, dice: &mut Dice) -> Option<Top> {
    const DAY: i64 = 1_440;
    Some(match kind {
        0 => top(GroupBy::Fingerprint, Measure::TotalUs, 60),
        1 => top(GroupBy::Fingerprint, Measure::P99, 60),
        2 => top(GroupBy::Fingerprint, Measure::TotalUs, DAY),
        3 => top(GroupBy::Fingerprint, Measure::P95, DAY),
        4 => top(GroupBy::Fingerprint, Measure::TotalUs, 30 * DAY),
        5 => top(GroupBy::Fingerprint, Measure::P99, 30 * DAY),
        6 => top(GroupBy::Application, Measure::Calls, DAY),
        7 => top(GroupBy::Table, Measure::TotalUs, 7 * DAY),
        8 => {
            let words = Some(format!("total_{} state", dice.below(977)));
            Top {
                filter: Filter { words, ..Filter::default() },
                ..top(GroupBy::Fingerprint, Measure::Calls, DAY)
            }
        }
        _ => return None,
    })
}

/// Asks a question of a kind; says how many rows came, so that none is answered with nothing.
async fn ask(tx: &mut Tx, reader: &TrafficReader, kind: usize, dice: &mut Dice) -> usize {
    let all = [1, 2, 3];
    if let Some(top) = top_of(kind, dice).map(once) {
        return reader.top(tx, &top).await.unwrap().rows.len();
    }
    let none = Filter::default();
    let hot = i64::try_from(1 + dice.below(50)).unwrap();
    let named = TableName { schema: None, name: table(dice.below(TABLES)) };
    match kind {
        9 => reader.series(tx, &all, last(60), &none, 1).await.unwrap().points.len(),
        10 => reader.series(tx, &all, last(1_440), &none, 60).await.unwrap().points.len(),
        11 => reader.series(tx, &all, last(30 * 1_440), &none, 60).await.unwrap().points.len(),
        12 => {
            let filter = Filter { fingerprint: Some(hot), ..none };
            reader.series(tx, &all, last(30 * 1_440), &filter, 60).await.unwrap().points.len()
        }
        13 => {
            let words = Some(format!("sel table_{} tot", dice.below(300)));
            found(tx, reader, Filter { words, ..none }).await
        }
        // Every fifth table is read.
        14 => {
            let table = Some(TableName { schema: None, name: table(dice.below(TABLES / 5) * 5) });
            found(tx, reader, Filter { table, class: Some("read".to_owned()), ..none }).await
        }
        15 => fingerprint(tx, &all, hot).await.unwrap().listeners.len(),
        16 => reader.errors(tx, &all, last(1_440), &none).await.unwrap().rows.len(),
        17 => reader.slower(tx, &all, at(NOW + 1), 5, 50).await.unwrap().len(),
        18 => facts(reader, tx, &all, &named, last(30 * 1_440)).await.unwrap().readers.len(),
        20..=23 => {
            let minutes = [60, 1_440, 7 * 1_440, 30 * 1_440][kind - 20];
            detailed(tx, reader, once(top(GroupBy::Fingerprint, Measure::TotalUs, minutes))).await
        }
        24 => reader.heatmap(tx, &all, last(30 * 1_440), &none).await.unwrap().points.len(),
        _ => {
            let user = Some("user3".to_owned());
            let refused = RefusalFilter { user: user.clone(), ..RefusalFilter::default() };
            let refused = refusals(tx, &all, &refused, None, 50).await.unwrap();
            let seen = SessionFilter { user, live: Some(true), ..SessionFilter::default() };
            let seen = sessions(tx, &all, &seen, None, 50).await.unwrap();
            let new = newest(tx, &all, 50).await.unwrap();
            refused.items.len().min(seen.items.len()).min(new.len())
        }
    }
}

/// A list of statements, with what is told of each.
async fn detailed(tx: &mut Tx, reader: &TrafficReader, top: Top) -> usize {
    let answer = reader.top(tx, &top).await.unwrap();
    let numbers = answer.rows.iter().filter_map(|row| match row.group {
        Group::Fingerprint(number) => Some(number),
        _ => None,
    });
    let numbers: Vec<i64> = numbers.collect();
    let details = reader.details(tx, &top.listeners, top.range, &top.filter, &numbers).await.unwrap();
    let statements = of_numbers(tx, &top.listeners, &numbers).await.unwrap();
    details.of.len().min(statements.len())
}

async fn found(tx: &mut Tx, reader: &TrafficReader, filter: Filter) -> usize {
    let search = Search { listeners: vec![1, 2, 3], filter, after: None, limit: 50 };
    reader.search(tx, &search).await.unwrap().items.len()
}

async fn timed(store: &Store, reader: &TrafficReader, kind: usize, dice: &mut Dice) -> Duration {
    let begin = Instant::now();
    let mut tx = store.read().await.unwrap();
    let rows = ask(&mut tx, reader, kind, dice).await;
    drop(tx);
    assert!(rows > 0, "`{}` was answered with nothing", KINDS[kind]);
    begin.elapsed()
}

// ---- the report ----

fn quantile(times: &mut [Duration], quantile: f64) -> f64 {
    times.sort_unstable();
    let at = ((times.len() as f64 * quantile).ceil() as usize).clamp(1, times.len()) - 1;
    times[at].as_secs_f64() * 1_000.0
}

fn print(title: &str, first: &BTreeMap<usize, Duration>, times: &mut BTreeMap<usize, Vec<Duration>>) {
    println!("\n{title}\n{:<40} {:>10} {:>10} {:>10}", "", "first ms", "p50 ms", "p99 ms");
    for (kind, times) in times {
        let first = first.get(kind).map_or(0.0, |first| first.as_secs_f64() * 1_000.0);
        println!(
            "{:<40} {first:>10.2} {:>10.2} {:>10.2}",
            KINDS[*kind],
            quantile(times, 0.5),
            quantile(times, 0.99)
        );
    }
}

async fn run(folder: PathBuf) {
    let file = folder.join("traffic.db");
    let is_there = file.exists();
    let scale = Scale::full(NOW);
    let store = Store::open(Location::File(file.clone())).await.unwrap();
    if !is_there {
        let begin = Instant::now();
        fill(&store, "plane", scale).await;
        println!("the state was made in {:.1} s", begin.elapsed().as_secs_f64());
    }
    println!("it takes {} MB", std::fs::metadata(&file).unwrap().len() >> 20);
    let reader = TrafficReader::default();
    let begin = Instant::now();
    let mut tx = store.read().await.unwrap();
    reader.refresh(&mut tx).await.unwrap();
    drop(tx);
    println!("{} fingerprints were indexed in {:.2} s", scale.fingerprints, begin.elapsed().as_secs_f64());

    let mut dice = Dice(7);
    let mut first = BTreeMap::new();
    for kind in 0..KINDS.len() {
        first.insert(kind, timed(&store, &reader, kind, &mut dice).await);
    }
    let mut times: BTreeMap<usize, Vec<Duration>> = BTreeMap::new();
    for _ in 0..ROUNDS * KINDS.len() {
        let kind = usize::try_from(dice.below(KINDS.len() as u64)).unwrap();
        times.entry(kind).or_default().push(timed(&store, &reader, kind, &mut dice).await);
    }
    print("one after the other", &first, &mut times);

    let begin = Instant::now();
    let tasks: Vec<_> = (0..AT_ONCE)
        .map(|task| {
            let (store, reader) = (store.clone(), reader.clone());
            tokio::spawn(async move {
                let mut dice = Dice(task as u64 + 100);
                let mut times = Vec::new();
                for _ in 0..ROUNDS {
                    let kind = usize::try_from(dice.below(KINDS.len() as u64)).unwrap();
                    times.push((kind, timed(&store, &reader, kind, &mut dice).await));
                }
                times
            })
        })
        .collect();
    let mut times: BTreeMap<usize, Vec<Duration>> = BTreeMap::new();
    for task in tasks {
        for (kind, time) in task.await.unwrap() {
            times.entry(kind).or_default().push(time);
        }
    }
    let per_second = (AT_ONCE * ROUNDS) as f64 / begin.elapsed().as_secs_f64();
    print(&format!("{AT_ONCE} at once, {per_second:.0} answers a second"), &BTreeMap::new(), &mut times);
    store.close().await;
}

fn main() {
    let kept = std::env::args().nth(1).filter(|argument| !argument.starts_with('-')).map(PathBuf::from);
    let folder = tempfile::tempdir().unwrap();
    let place = kept.unwrap_or_else(|| folder.path().to_owned());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(run(place));
}
