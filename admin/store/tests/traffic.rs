//! Does the state tell of the traffic what the data planes told it, whatever happened in between?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

#[path = "traffic/happened.rs"]
mod happened;
#[path = "traffic/statements.rs"]
mod statements;
#[path = "traffic/sums.rs"]
mod sums;

use admin_store::traffic::{
    Filter, GroupBy, MINUTE_US, Measure, Range, Retention, Top, TopAnswer, TrafficReader, ingest, retain,
    roll_up,
};
use admin_store::{Store, listeners, planes};
use control::{
    Caller, Latency, ListenerState, Minute, PlaneState, Report, StatementCount, StatementText, Sums,
};
use std::collections::BTreeMap;

/// Noon of some day, in minutes since 1970.
const NOON: i64 = 20_000 * 1_440 + 720;

/// Pseudo-random numbers (xorshift64*): the same sequence in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % bound
    }

    fn sums(&mut self) -> Sums {
        let mut sums = Sums { refusals: self.below(3), errors: self.below(2), ..Sums::default() };
        for _ in 0..self.below(5) {
            let us = self.below(1 << 22);
            sums.calls += 1;
            sums.total_us += us;
            sums.latency.observe(us);
        }
        sums.rows = self.below(1_000);
        sums.bytes_in = self.below(500);
        sums.bytes_out = self.below(5_000);
        sums
    }
}

fn name_of(fingerprint: u64) -> String {
    format!("1-{fingerprint:016x}")
}

fn caller(number: u64) -> Caller {
    Caller {
        user: format!("user{number}"),
        database: "shop".to_owned(),
        application: format!("app{}", number % 2),
    }
}

fn report(number: u64) -> Report {
    Report { plane: "plane".to_owned(), start: "first".to_owned(), number, ..Report::default() }
}

fn at(minute: i64) -> i64 {
    minute * MINUTE_US
}

fn plane(listeners: &[(&str, &str)]) -> PlaneState {
    let listener = |(name, workspace): &(&str, &str)| ListenerState {
        name: (*name).to_owned(),
        workspace: (*workspace).to_owned(),
        protocol: "postgres".to_owned(),
        ..ListenerState::default()
    };
    PlaneState {
        plane: "plane".to_owned(),
        name: "host".to_owned(),
        version: "1".to_owned(),
        started_at_us: 7,
        listeners: listeners.iter().map(listener).collect(),
        ..PlaneState::default()
    }
}

async fn take(store: &Store, report: &Report, now: i64) -> admin_store::traffic::Ingested {
    let mut tx = store.write().await.unwrap();
    let ingested = ingest(&mut tx, report, now).await.unwrap();
    tx.commit().await.unwrap();
    ingested
}

async fn introduce(store: &Store, state: &PlaneState, now: i64) {
    let mut tx = store.write().await.unwrap();
    planes::upsert(&mut tx, state, now).await.unwrap();
    tx.commit().await.unwrap();
}

async fn roll_all(store: &Store, now: i64) -> (u64, u64) {
    let (mut hours, mut days) = (0, 0);
    loop {
        let mut tx = store.write().await.unwrap();
        let done = roll_up(&mut tx, now).await.unwrap();
        tx.commit().await.unwrap();
        hours += done.hours;
        days += done.days;
        if !done.more {
            return (hours, days);
        }
    }
}

async fn retain_all(store: &Store, now: i64, retention: &Retention) -> u64 {
    let mut removed = 0;
    loop {
        let mut tx = store.write().await.unwrap();
        let done = retain(&mut tx, now, retention).await.unwrap();
        tx.commit().await.unwrap();
        removed += done.removed;
        if !done.more {
            return removed;
        }
    }
}

async fn ids(store: &Store) -> BTreeMap<String, i64> {
    let mut tx = store.read().await.unwrap();
    let all = listeners::all(&mut tx).await.unwrap();
    all.into_iter().map(|listener| (listener.name, listener.id)).collect()
}

fn question(listeners: &[i64], range: Range, group_by: GroupBy, measure: Measure) -> Top {
    let listeners = listeners.to_vec();
    Top { range, listeners, filter: Filter::default(), group_by, measure, limit: 1_000, after: None }
}

async fn top(store: &Store, reader: &TrafficReader, top: &Top) -> TopAnswer {
    let mut tx = store.read().await.unwrap();
    reader.top(&mut tx, top).await.unwrap()
}

fn statement(listener: &str, number: u64, class: &str, text: &str, tables: &[&str]) -> StatementText {
    StatementText {
        listener: listener.to_owned(),
        fingerprint: name_of(number),
        text: text.to_owned(),
        class: class.to_owned(),
        tables: tables.iter().map(|table| (*table).to_owned()).collect(),
    }
}

fn counted(listener: &str, minute: i64, numbers: &[(u64, u64, u64)]) -> Minute {
    let count = |(number, calls, us): &(u64, u64, u64)| {
        let mut latency = Latency::default();
        (0..*calls).for_each(|_| latency.observe(*us));
        let sums = Sums { calls: *calls, total_us: calls * us, latency, ..Sums::default() };
        StatementCount { fingerprint: name_of(*number), caller: caller(1), sums }
    };
    let counts = numbers.iter().map(count).collect();
    Minute { listener: listener.to_owned(), minute, counts, ..Minute::default() }
}
