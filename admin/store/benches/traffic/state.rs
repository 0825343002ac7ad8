//! What stands in the state that is asked?
//!
//! Three listeners: minutes of 48 hours with 1,000 entries each, hours of 30 days with 2,000, days with
//! 5,000; refusals and sessions over the days. Pages are made directly, in the way ingestion and roll-up
//! make them. Whoever measures with it says when "now" is and how much there is.

use admin_store::traffic::{
    Level, MINUTE_US, PageBuilder, Retention, TrafficPage, ingest, lock, put, put_day, retain,
};
use admin_store::{Store, now_us};
use control::{Caller, Minute, Refusal, Report, SessionStart, StatementCount, StatementText, Sums};

/// Those that are asked all the time; the rest comes up now and then.
const HOT: u64 = 3_000;
/// Different callers.
pub const CALLERS: u64 = 40;
/// Different tables.
pub const TABLES: u64 = 3_000;
/// Whose traffic it is.
pub const LISTENERS: [&str; 3] = ["shop", "billing", "search"];
/// Sessions and refusals of one report.
const REPORT_ROWS: i64 = 1_000;

/// How much there is, and when.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    /// The minute that is going on, counted from 1970.
    pub now: i64,
    /// Statements that were ever seen.
    pub fingerprints: u64,
    /// Sessions, and as many refusals.
    pub sessions: i64,
    /// Hours of which minutes are kept.
    pub hours: i64,
    /// Days of which hours are kept.
    pub days: i64,
}

impl Scale {
    /// What a gateway in use has, up to the minute `now`.
    pub fn full(now: i64) -> Scale {
        Scale { now, fingerprints: 100_000, sessions: 200_000, hours: 48, days: 30 }
    }

    /// The minute that is going on.
    #[allow(dead_code)] // not everybody who measures lets the clock say when it is
    pub fn this_minute() -> i64 {
        now_us() / MINUTE_US
    }
}

/// Xorshift (Vigna 2016): the same numbers each time.
pub struct Dice(pub u64);

impl Dice {
    /// A number below `bound`.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % bound
    }

    /// Two thirds are of the hot ones, more often of their first.
    fn fingerprint(&mut self, fingerprints: u64) -> u64 {
        match self.below(3) {
            0 => self.below(fingerprints),
            _ => {
                let share = self.below(1_000);
                HOT.min(fingerprints) * share * share / 1_000_000
            }
        }
    }

    /// As long as a statement takes: around a place of its own, with a tail.
    fn sums(&mut self, fingerprint: u64, calls_max: u64) -> Sums {
        let mut sums = Sums::default();
        let usual = 100 << (fingerprint % 12);
        for _ in 0..=self.below(calls_max) {
            let us = usual / 2 + self.below(usual) + if self.below(50) == 0 { usual * 10 } else { 0 };
            sums.calls += 1;
            sums.total_us += us;
            sums.rows += self.below(100);
            sums.latency.observe(us);
        }
        sums.bytes_in = sums.calls * 120;
        sums.bytes_out = sums.rows * 80;
        sums.errors = u64::from(self.below(40) == 0);
        sums
    }

    fn page(&mut self, fingerprints: u64, entries: usize, calls_max: u64) -> TrafficPage {
        let mut builder = PageBuilder::default();
        for n in 0..entries {
            let fingerprint = self.fingerprint(fingerprints);
            let number = u32::try_from(fingerprint + 1).unwrap();
            let caller = u32::try_from(fingerprint % CALLERS + 1).unwrap();
            // Hot ones come up more than once: the caller's number keeps entries apart.
            let caller = (caller + u32::try_from(n % 3).unwrap()) % u32::try_from(CALLERS).unwrap() + 1;
            let sums = self.sums(fingerprint, calls_max);
            if sums.errors > 0 {
                builder.add_error(["23505", "42P01", "57014", "40001"][n % 4], number, sums.errors);
            }
            builder.add(number, caller, &sums);
        }
        builder.build(entries)
    }
}

/// What a fingerprint is called.
pub fn name(number: u64) -> String {
    format!("1-{number:016x}")
}

/// What a table is called.
pub fn table(number: u64) -> String {
    format!("table_{}", number % TABLES)
}

fn caller(number: u64) -> Caller {
    Caller {
        user: format!("user{}", number % 10),
        database: "shop".to_owned(),
        application: format!("application{number}"),
    }
}

/// The first instant of a minute.
pub fn at(minute: i64) -> i64 {
    minute * MINUTE_US
}

/// Puts everything into an empty state, told by `plane`. Its listeners are numbered from 1 on, in their
/// order, unless the state has them already.
pub async fn fill(store: &Store, plane: &str, scale: Scale) {
    let now = scale.now;
    let mut dice = Dice(42);
    let mut number = 0;
    let mut report = || {
        number += 1;
        Report { plane: plane.to_owned(), start: "first".to_owned(), number, ..Report::default() }
    };
    for first in (0..scale.fingerprints).step_by(Report::STATEMENTS_MAX) {
        let mut told = report();
        for listener in LISTENERS {
            let minute = Minute { listener: listener.to_owned(), minute: now - 3_000, ..Minute::default() };
            told.minutes.push(minute);
        }
        let last = scale.fingerprints.min(first + Report::STATEMENTS_MAX as u64);
        told.statements = (first..last).map(statement).collect();
        let told_by_all = LISTENERS.map(|listener| {
            let of = |statement: &StatementText| StatementText {
                listener: listener.to_owned(),
                ..statement.clone()
            };
            told.statements.iter().map(of).collect::<Vec<_>>()
        });
        take(store, &told, now).await;
        for statements in told_by_all {
            take(store, &Report { statements, ..report() }, now).await;
        }
    }
    for first in (0..scale.sessions).step_by(usize::try_from(REPORT_ROWS).unwrap()) {
        let mut told = report();
        for number in first..scale.sessions.min(first + REPORT_ROWS) {
            let at_us =
                at(now - scale.days * 1_440) + number * (scale.days * 86_400_000_000 / scale.sessions);
            told.session_starts.push(session(number, at_us));
            told.refusals.push(refusal(number, at_us, scale.fingerprints));
        }
        take(store, &told, now).await;
    }
    for listener in 1..=3 {
        fill_pages(store, listener, &mut dice, scale).await;
    }
    // The minute that is going on: it marks its hour and its day as not over.
    let mut told = report();
    for listener in LISTENERS {
        let sums = dice.sums(1, 9);
        let count = StatementCount { fingerprint: name(1), caller: caller(1), sums };
        told.minutes.push(Minute {
            listener: listener.to_owned(),
            minute: now,
            counts: vec![count],
            ..Minute::default()
        });
    }
    take(store, &told, now).await;
    let mut tx = store.write().await.unwrap();
    retain(&mut tx, at(now), &Retention::default()).await.unwrap();
    tx.commit().await.unwrap();
}

/// A minute as a busy gateway reports it.
#[allow(dead_code)] // only who reports while it measures needs it
pub fn minute(dice: &mut Dice, listener: &str, minute: i64, (fingerprints, entries): (u64, usize)) -> Minute {
    let counts = (0..entries).map(|_| {
        let fingerprint = dice.fingerprint(fingerprints);
        let sums = dice.sums(fingerprint, 8);
        StatementCount { fingerprint: name(fingerprint), caller: caller(fingerprint % CALLERS), sums }
    });
    let (listener, counts) = (listener.to_owned(), counts.collect());
    Minute { listener, minute, counts, ..Minute::default() }
}

/// A statement as a gateway tells of it.
pub fn statement(number: u64) -> StatementText {
    let (one, other) = (table(number), table(number * 7 + 1));
    let text = format!(
        "SELECT a.id, a.name, b.total_{} FROM {one} a JOIN {other} b ON b.{one}_id = a.id \
         WHERE a.state = $1 AND b.created_at > $2 ORDER BY b.total_{} LIMIT $3",
        number % 977,
        number % 977
    );
    StatementText {
        listener: LISTENERS[0].to_owned(),
        fingerprint: name(number),
        text,
        class: ["read", "read", "read", "write", "ddl"][usize::try_from(number % 5).unwrap()].to_owned(),
        tables: vec![one, other],
    }
}

fn session(number: i64, at_us: i64) -> SessionStart {
    SessionStart {
        session: format!("{number:032x}"),
        listener: LISTENERS[usize::try_from(number % 3).unwrap()].to_owned(),
        at_us,
        caller: caller(number.unsigned_abs() % CALLERS),
        address: "10.0.0.7:50000".to_owned(),
        tls: "TLSv1.3".to_owned(),
    }
}

fn refusal(number: i64, at_us: i64, fingerprints: u64) -> Refusal {
    Refusal {
        listener: LISTENERS[usize::try_from(number % 3).unwrap()].to_owned(),
        session: format!("{number:032x}"),
        at_us,
        caller: caller(number.unsigned_abs() % CALLERS),
        fingerprint: name(number.unsigned_abs() % fingerprints),
        class: "write".to_owned(),
        verdict: "refuse".to_owned(),
        rule: format!("floor/rule {}", number % 50),
        sqlstate: "42501".to_owned(),
    }
}

async fn take(store: &Store, report: &Report, now: i64) {
    let mut tx = store.write().await.unwrap();
    ingest(&mut tx, report, at(now)).await.unwrap();
    tx.commit().await.unwrap();
}

async fn fill_pages(store: &Store, listener: i64, dice: &mut Dice, scale: Scale) {
    let Scale { now, fingerprints, .. } = scale;
    let today = Level::Day.floor(now);
    let mut tx = store.write().await.unwrap();
    let version = lock(&mut tx).await.unwrap();
    for minute in now - scale.hours * 60..now {
        let page = dice.page(fingerprints, 1_000, 8);
        put(&mut tx, version, listener, (Level::Minute, minute), &page).await.unwrap();
    }
    for day in (today - scale.days * 1_440..=today).step_by(1_440) {
        let mut hours = Vec::new();
        for hour in (day..(day + 1_440).min(Level::Hour.floor(now))).step_by(60) {
            let page = dice.page(fingerprints, 2_000, 40);
            put(&mut tx, version, listener, (Level::Hour, hour), &page).await.unwrap();
            hours.push((hour, page));
        }
        if day < today {
            put_day(&mut tx, version, listener, day, hours).await.unwrap();
        }
    }
    tx.commit().await.unwrap();
}
