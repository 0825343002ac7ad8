//! What does a point select cost over a lane?

use super::client::Login;
use super::drive::{Load, Sessions, drive};
use super::failure::Failure;
use super::lane::Lane;
use super::mysql;
use super::mysql_server::TRUSTED;
use super::plan::warm_up;
use super::process::{Process, Used};
use super::wire;
use super::workload::Workload;
use std::fmt;
use std::time::Duration;

/// The figures of one measurement.
#[derive(Clone, Debug)]
pub struct Point {
    /// Queries for each second.
    pub rate: f64,
    /// Latencies in microseconds: half, 95 % and 99 % are below.
    pub latency_us: [f64; 3],
    /// Processor time of the program in between, in microseconds for each query.
    pub cpu_us: Option<f64>,
    /// The part of it in user space, from the kernel's ticks: coarse.
    pub user_us: Option<f64>,
}

impl fmt::Display for Point {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [p50, p95, p99] = self.latency_us;
        write!(formatter, "{:>7.0} q/s  p50 {p50:.1}  p95 {p95:.0}  p99 {p99:.0} us", self.rate)?;
        self.cpu_us.map_or(Ok(()), |cpu| write!(formatter, "  CPU {cpu:.1} us/q"))
    }
}

/// Loads the lane with `clients` of PostgreSQL.
pub fn measure(
    lane: &Lane,
    login: &Login,
    workload: &Workload,
    clients: usize,
    window: Duration,
) -> Result<Point, Failure> {
    let open = || {
        let mut client = lane.log_in(login)?;
        if let Some(setup) = &workload.setup {
            client.exchange(setup)?;
        }
        Ok((client.into_channel(), workload.question()))
    };
    load(lane, &Sessions { open: &open, goodbye: &wire::terminate() }, clients, window)
}

/// Loads the lane with `clients` of MySQL.
pub fn measure_mysql(
    lane: &Lane,
    workload: &Workload,
    clients: usize,
    window: Duration,
) -> Result<Point, Failure> {
    let open = || {
        let mut session = lane.log_in_mysql(&TRUSTED)?;
        let mut question = workload.question();
        if let Some(setup) = &workload.setup {
            let statement = mysql::statement(&session.exchange(setup)?);
            question.write_request(mysql::STATEMENT_AT, statement);
        }
        Ok((session.into_channel(), question))
    };
    load(lane, &Sessions { open: &open, goodbye: &mysql::GOODBYE }, clients, window)
}

fn load(lane: &Lane, sessions: &Sessions<'_>, clients: usize, window: Duration) -> Result<Point, Failure> {
    let load = Load { clients, warm_up: warm_up(window), window };
    let mut marks = Vec::with_capacity(2);
    let mut mark = || {
        marks.extend(lane.process().map(Process::used).transpose()?);
        Ok(())
    };
    let sample = drive(sessions, load, &mut mark)?;
    let used = match marks.as_slice() {
        [before, after] => Some(after.since(*before)),
        _ => None,
    };
    let for_each = |time: Duration| time.as_secs_f64() * 1e6 / sample.queries.max(1) as f64;
    Ok(Point {
        rate: sample.rate(),
        latency_us: [0.5, 0.95, 0.99].map(|share| sample.percentile_us(share)),
        cpu_us: used.map(|used: Used| for_each(used.total)),
        user_us: used.map(|used| for_each(used.user)),
    })
}
