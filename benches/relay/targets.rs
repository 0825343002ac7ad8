//! Which figures does the gateway have to reach, and which does it miss?
//!
//! Targets that depend on the machine are stated against another lane of the same run. Where a
//! target is an absolute figure it was taken on two cores with everything on loopback.

use super::arguments::Arguments;
use super::figures::Figures;
use super::judging;
use super::lane::Kind;
use super::median::{Median, interval_of};
use super::mysql::Form;
use super::plan::{Challenge, Held, Subject, Transport, Width};
use super::select::Point;
use super::workload::Scenario;

/// One target and what was measured.
#[derive(Clone, Debug)]
pub struct Check {
    /// Which figure.
    pub figure: String,
    /// What it has to be.
    pub target: String,
    /// What it is.
    pub measured: String,
    /// Whether that is enough.
    pub state: State,
}

/// How a figure stands to its target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// As good or better.
    Met,
    /// Worse.
    Missed,
    /// Not in this run.
    NotMeasured,
}

/// Which way is good.
#[derive(Clone, Copy)]
enum Bound {
    AtMost(f64),
    AtLeast(f64),
}

/// Share of pgbouncer's processor time the gateway may take at 64 clients.
const SHARE_OF_PGBOUNCER: f64 = 0.9;
/// The same in microseconds, for a machine without pgbouncer; by scenario.
const CPU_US_AT_64: [f64; 3] = [14.5, 12.0, 12.0];
const CPU_US_AT_8: [f64; 3] = [19.0, 19.0, 15.0];
const RATIO_AT_64: [f64; 3] = [0.70, 0.75, 0.78];
/// MySQL's protocol; by form.
const MYSQL_CPU_US_AT_64: [f64; 2] = [18.0, 17.0];
/// What the gateway may add to p50 beyond what the relay that does not look adds.
const ADDED_BEYOND_BLIND_US: f64 = 5.0;
const LOGIN_CPU_MS: f64 = 0.15;
const IDLE_BYTES: f64 = 4000.0;
const IDLE_TLS_BYTES: f64 = 20_000.0;
/// Share of the rate without waiting for the disk that has to be left with it.
const RATE_OF_UNSYNCED: f64 = 0.97;
/// Share of the rate without rules that has to be left with them.
const RATE_OF_BARE: f64 = 0.97;
/// What judging may add to the processor time for a query whose analysis is at hand.
const ADDED_BY_JUDGING_US: f64 = 0.5;
const STREAM_CPU_OF_BLIND: f64 = 1.10;
const STREAM_RATE_OF_BLIND: f64 = 0.95;
const STREAM_GROWTH_KIB: f64 = 1024.0;

/// Compares a run with the targets; nothing when the gateway was not in it.
pub fn compare(figures: &Figures, arguments: &Arguments) -> Vec<Check> {
    if !arguments.lanes.contains(&Kind::Gateway) {
        return Vec::new();
    }
    let mut checks = Vec::new();
    for (index, scenario) in Scenario::ALL.into_iter().enumerate() {
        let at = |values: [f64; 3]| values.get(index).copied().unwrap_or(f64::NAN);
        checks.push(cpu_at_64(figures, scenario, at(CPU_US_AT_64)));
        let at_8 = figures.select(plain(scenario, 8), Kind::Gateway, |point| point.cpu_us);
        let name = format!("CPU us/query, {}, 8 clients", scenario.name());
        checks.push(check(name, at_8, Bound::AtMost(at(CPU_US_AT_8)), 1, ""));
        checks.push(added_latency(figures, scenario));
        let ratio =
            beside(figures, scenario, 64, Kind::Direct, |point| Some(point.rate), |own, direct| own / direct);
        let name = format!("queries/s against direct, {}, 64 clients", scenario.name());
        checks.push(check(name, ratio, Bound::AtLeast(at(RATIO_AT_64)), 2, ""));
    }
    let cpu = figures.login(Challenge::Scram, Kind::Gateway, |point| point.cpu_ms);
    checks.push(check("CPU ms/login, SCRAM relayed".to_owned(), cpu, Bound::AtMost(LOGIN_CPU_MS), 3, ""));
    let [few, many] = arguments.idle();
    for (held, bytes) in [(few, IDLE_BYTES), (many, IDLE_BYTES), (arguments.idle_tls(), IDLE_TLS_BYTES)] {
        checks.push(idle(figures, held, bytes));
    }
    for width in Width::ALL {
        checks.extend(streams(figures, width));
    }
    for (form, limit) in Form::ALL.into_iter().zip(MYSQL_CPU_US_AT_64) {
        let cpu = figures.select(Subject::Mysql(form, 64), Kind::Gateway, |point| point.cpu_us);
        let name = format!("CPU us/query, MySQL {}, 64 clients", form.name());
        checks.push(check(name, cpu, Bound::AtMost(limit), 1, ""));
    }
    let most = arguments.clients.iter().copied().max().unwrap_or(0);
    let lanes = [Kind::Gateway, Kind::Unsynced];
    let left = figures.select_beside(
        Subject::Sync(most),
        lanes,
        |point| Some(point.rate),
        |group, none| group / none,
    );
    let name = format!("queries/s with sync = group against none, {most} clients");
    checks.push(check(name, left, Bound::AtLeast(RATE_OF_UNSYNCED), 2, ""));
    checks.extend(Scenario::ALL.into_iter().flat_map(|scenario| judging(figures, scenario, most)));
    checks
}

fn plain(scenario: Scenario, clients: usize) -> Subject {
    Subject::Select(Transport::Plain, scenario, clients)
}

fn idle(figures: &Figures, held: Held, bytes: f64) -> Check {
    let measured = figures.idle(held, Kind::Gateway);
    check(format!("bytes/session, {held}"), measured, Bound::AtMost(bytes), 0, "")
}

fn cpu_at_64(figures: &Figures, scenario: Scenario, alone_us: f64) -> Check {
    let name = format!("CPU us/query, {}, 64 clients", scenario.name());
    let cpu = |point: &Point| point.cpu_us;
    let share = beside(figures, scenario, 64, Kind::Pgbouncer, cpu, |own, pgbouncer| own / pgbouncer);
    if share.is_some() {
        return check(name, share, Bound::AtMost(SHARE_OF_PGBOUNCER), 2, " x pgbouncer");
    }
    let own = figures.select(plain(scenario, 64), Kind::Gateway, cpu);
    check(name, own, Bound::AtMost(alone_us), 1, "")
}

fn added_latency(figures: &Figures, scenario: Scenario) -> Check {
    let name = format!("p50 beyond the blind relay's, us, {}, 1 client", scenario.name());
    let p50 = |point: &Point| Some(point.latency_us[0]);
    let added = beside(figures, scenario, 1, Kind::Blind, p50, |own, blind| own - blind);
    check(name, added, Bound::AtMost(ADDED_BEYOND_BLIND_US), 1, "")
}

fn streams(figures: &Figures, width: Width) -> [Check; 3] {
    let of = |lane, figure: fn(&super::stream::Point) -> Option<f64>| figures.stream(width, lane, figure);
    let against_blind = |figure: fn(&super::stream::Point) -> Option<f64>| {
        let (own, blind) = (of(Kind::Gateway, figure)?, of(Kind::Blind, figure)?);
        Median::of(vec![own.value / blind.value])
    };
    let growth = of(Kind::Gateway, |point| point.growth_bytes.map(|bytes| bytes as f64 / 1024.0));
    let rows = format!("rows of {} bytes", width.bytes());
    [
        check(
            format!("CPU s/GB, {rows}"),
            against_blind(|point| point.cpu_per_gigabyte),
            Bound::AtMost(STREAM_CPU_OF_BLIND),
            2,
            " x blind",
        ),
        check(
            format!("MB/s, {rows}"),
            against_blind(|point| Some(point.megabytes_rate)),
            Bound::AtLeast(STREAM_RATE_OF_BLIND),
            2,
            " x blind",
        ),
        check(format!("memory growth KiB, {rows}"), growth, Bound::AtMost(STREAM_GROWTH_KIB), 0, ""),
    ]
}

fn judging(figures: &Figures, scenario: Scenario, clients: usize) -> [Check; 2] {
    let (subject, lane) = (Subject::Judge(scenario, clients), Kind::Judging);
    let of_it = format!("{}, {clients} clients", scenario.name());
    let kept = judging::kept(figures, subject, lane);
    let added = judging::added(figures, subject, lane);
    let name = format!("queries/s judging against not, {of_it}");
    let kept = with_interval(check(name, kept, Bound::AtLeast(RATE_OF_BARE), 3, ""), kept, 3);
    let name = format!("CPU us/query added by judging, {of_it}");
    [kept, with_interval(check(name, added, Bound::AtMost(ADDED_BY_JUDGING_US), 2, ""), added, 2)]
}

/// Says beside a small difference what it is worth.
fn with_interval(check: Check, median: Option<Median>, decimals: usize) -> Check {
    let interval = median.and_then(|median| interval_of(median, decimals));
    let measured = interval.map(|interval| format!("{} ({interval})", check.measured));
    Check { measured: measured.unwrap_or_else(|| check.measured.clone()), ..check }
}

fn beside(
    figures: &Figures,
    scenario: Scenario,
    clients: usize,
    other: Kind,
    figure: impl Fn(&Point) -> Option<f64>,
    compare: impl Fn(f64, f64) -> f64,
) -> Option<Median> {
    figures.select_beside(plain(scenario, clients), [Kind::Gateway, other], figure, compare)
}

fn check(figure: String, measured: Option<Median>, bound: Bound, decimals: usize, unit: &str) -> Check {
    let shown = |value: f64| format!("{value:.decimals$}{unit}");
    let (target, good) = match bound {
        Bound::AtMost(limit) => {
            (format!("<= {}", shown(limit)), measured.map(|median| median.value <= limit))
        }
        Bound::AtLeast(limit) => {
            (format!(">= {}", shown(limit)), measured.map(|median| median.value >= limit))
        }
    };
    let state = match good {
        Some(true) => State::Met,
        Some(false) => State::Missed,
        None => State::NotMeasured,
    };
    Check {
        figure,
        target,
        measured: measured.map_or_else(|| "-".to_owned(), |median| shown(median.value)),
        state,
    }
}
