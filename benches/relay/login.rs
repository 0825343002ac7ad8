//! What does a login cost over a lane?

use super::failure::Failure;
use super::lane::Lane;
use super::process::Process;
use std::fmt;
use std::thread;
use std::time::{Duration, Instant};

/// Logins under way at once: enough to keep the server busy.
const AT_ONCE: usize = 4;

/// The figures of one measurement.
#[derive(Clone, Debug)]
pub struct Point {
    /// Logins for each second; a login is connect, startup, proof, goodbye, close.
    pub rate: f64,
    /// Processor time of the program in between, in milliseconds for each login.
    pub cpu_ms: Option<f64>,
}

impl fmt::Display for Point {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:>7.0} logins/s", self.rate)?;
        self.cpu_ms.map_or(Ok(()), |cpu| write!(formatter, "  CPU {cpu:.3} ms/login"))
    }
}

/// How a client logs in and out again, once.
pub type Visit<'a> = dyn Fn() -> Result<(), Failure> + Sync + 'a;

/// Logs in and out again for as long as the window.
pub fn measure(lane: &Lane, visit: &Visit<'_>, window: Duration) -> Result<Point, Failure> {
    // The first login makes the keys from the password, and a pooler's first server connection.
    visit()?;
    let before = lane.process().map(Process::used).transpose()?;
    let begun = Instant::now();
    let count = thread::scope(|scope| {
        let workers: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(|| repeat(visit, begun + window))).collect();
        workers.into_iter().try_fold(0_u64, |sum, worker| match worker.join() {
            Ok(count) => Ok::<u64, Failure>(sum + count?),
            Err(panic) => std::panic::resume_unwind(panic),
        })
    })?;
    let passed = begun.elapsed();
    let used = match (before, lane.process()) {
        (Some(before), Some(process)) => Some(process.used()?.since(before)),
        _ => None,
    };
    Ok(Point {
        rate: count as f64 / passed.as_secs_f64(),
        cpu_ms: used.map(|used| used.total.as_secs_f64() * 1e3 / count.max(1) as f64),
    })
}

fn repeat(visit: &Visit<'_>, until: Instant) -> Result<u64, Failure> {
    let mut count = 0;
    while Instant::now() < until {
        visit()?;
        count += 1;
    }
    Ok(count)
}
