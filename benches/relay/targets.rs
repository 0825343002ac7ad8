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
use super::plan::{Challenge, Held, Server, Subject, Transport, Width};
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
/// Share of haproxy's processor time, which looks at nothing.
const SHARE_OF_HAPROXY: f64 = 1.10;
/// What the gateway may add to p50 beyond what the relay that does not look adds.
const ADDED_BEYOND_BLIND_US: f64 = 5.0;
const LOGIN_CPU_MS: f64 = 0.15;
const VERIFIED_LOGIN_CPU_MS: f64 = 0.25;
const IDLE_BYTES: f64 = 4000.0;
const IDLE_TLS_BYTES: f64 = 20_000.0;
/// Share of the rate without recording that has to be left with it, where nothing waits for the disk.
const RATE_OF_UNRECORDED: f64 = 0.97;
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
    let logins = [
        ("SCRAM relayed", Subject::Login(Challenge::Scram), Kind::Gateway, LOGIN_CPU_MS),
        ("SCRAM verified", Subject::Login(Challenge::Scram), Kind::Verifying, VERIFIED_LOGIN_CPU_MS),
        ("MySQL native relayed", Subject::MysqlLogin(Transport::Plain), Kind::Gateway, LOGIN_CPU_MS),
    ];
    for (name, subject, lane, limit) in logins {
        let cpu = figures.login(subject, lane, |point| point.cpu_ms);
        checks.push(check(format!("CPU ms/login, {name}"), cpu, Bound::AtMost(limit), 3, ""));
    }
    let [few, many] = arguments.idle();
    let mysql = [Transport::Plain, Transport::Tls].map(|transport| arguments.idle_mysql(transport));
    for held in [few, many, arguments.idle_tls()].into_iter().chain(mysql) {
        let bytes = if held.transport == Transport::Tls { IDLE_TLS_BYTES } else { IDLE_BYTES };
        checks.push(idle(figures, held, bytes));
    }
    for (server, name) in [(Server::Postgres, ""), (Server::Mysql, "MySQL, ")] {
        for width in Width::ALL {
            checks.extend(streams(
                figures,
                Subject::Stream(server, width),
                &format!("{name}rows of {} bytes", width.bytes()),
            ));
        }
    }
    for (form, limit) in Form::ALL.into_iter().zip(MYSQL_CPU_US_AT_64) {
        checks.extend(mysql_at_64(figures, form, limit));
    }
    let most = arguments.clients.iter().copied().max().unwrap_or(0);
    let left = |lanes| {
        let rate = |point: &super::select::Point| Some(point.rate);
        figures.select_beside(Subject::Sync(most), lanes, rate, |own, other| own / other)
    };
    let name = format!("queries/s with sync = none against a ledger that stands still, {most} clients");
    let recorded = left([Kind::Unsynced, Kind::Unrecorded]);
    checks.push(check(name, recorded, Bound::AtLeast(RATE_OF_UNRECORDED), 3, ""));
    let name = format!("queries/s with sync = group against none, {most} clients");
    let synced = left([Kind::Gateway, Kind::Unsynced]);
    checks.push(check(name, synced, Bound::AtLeast(RATE_OF_UNSYNCED), 2, ""));
    for scenario in Scenario::ALL {
        checks.extend(judging(figures, Subject::Judge(scenario, most), scenario.name(), most));
    }
    for form in Form::ALL {
        let name = format!("MySQL {}", form.name());
        checks.extend(judging(figures, Subject::MysqlJudge(form, most), &name, most));
    }
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

/// The gateway with everything on, against a figure and against haproxy.
fn mysql_at_64(figures: &Figures, form: Form, limit: f64) -> Vec<Check> {
    let subject = Subject::Mysql(Transport::Plain, form, 64);
    let cpu = |point: &Point| point.cpu_us;
    let mut checks = Vec::new();
    for lane in [Kind::Gateway].into_iter().chain(Kind::ENFORCING) {
        let name = format!("CPU us/query, MySQL {}, 64 clients, {}", form.name(), lane.name());
        checks.push(check(name.clone(), figures.select(subject, lane, cpu), Bound::AtMost(limit), 1, ""));
        let share = figures.select_beside(subject, [lane, Kind::Haproxy], cpu, |own, other| own / other);
        checks.push(check(name, share, Bound::AtMost(SHARE_OF_HAPROXY), 2, " x haproxy"));
    }
    checks
}

fn added_latency(figures: &Figures, scenario: Scenario) -> Check {
    let name = format!("p50 beyond the blind relay's, us, {}, 1 client", scenario.name());
    let p50 = |point: &Point| Some(point.latency_us[0]);
    let added = beside(figures, scenario, 1, Kind::Blind, p50, |own, blind| own - blind);
    check(name, added, Bound::AtMost(ADDED_BEYOND_BLIND_US), 1, "")
}

fn streams(figures: &Figures, subject: Subject, rows: &str) -> [Check; 3] {
    let of = |lane, figure: fn(&super::stream::Point) -> Option<f64>| figures.stream(subject, lane, figure);
    let against_blind = |figure: fn(&super::stream::Point) -> Option<f64>| {
        let (own, blind) = (of(Kind::Gateway, figure)?, of(Kind::Blind, figure)?);
        Median::of(vec![own.value / blind.value])
    };
    let growth = of(Kind::Gateway, |point| point.growth_bytes.map(|bytes| bytes as f64 / 1024.0));
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

fn judging(figures: &Figures, subject: Subject, name: &str, clients: usize) -> [Check; 2] {
    let lane = Kind::Judging;
    let of_it = format!("{name}, {clients} clients");
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
