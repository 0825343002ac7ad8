//! What runs now, and how long is left?

use super::arguments::Arguments;
use super::plan::Step;
use std::io::{self, Write};
use std::time::{Duration, Instant};

/// Prints one line for each step.
pub struct Progress {
    begun: Instant,
    planned: Duration,
    done: Duration,
    count: usize,
    total: usize,
}

impl Progress {
    /// For a plan.
    pub fn new(steps: &[Step], arguments: &Arguments) -> Progress {
        let planned = steps.iter().map(|step| step.estimate(arguments)).sum();
        Progress { begun: Instant::now(), planned, done: Duration::ZERO, count: 0, total: steps.len() }
    }

    /// A step begins: says which, and how long is left of all.
    pub fn begin(&mut self, step: &Step, arguments: &Arguments) {
        self.count += 1;
        let left = self.planned.saturating_sub(self.done);
        // Corrected by how the steps so far compared with their estimates.
        let pace = if self.done.is_zero() { 1.0 } else { self.begun.elapsed().div_duration_f64(self.done) };
        let left = left.mul_f64(pace.clamp(0.2, 5.0));
        self.done += step.estimate(arguments);
        print!(
            "[{:>width$}/{}, {:>6} left] {:<27} {:<17} ",
            self.count,
            self.total,
            minutes(left),
            step.subject.to_string(),
            step.lane.name(),
            width = self.total.to_string().len(),
        );
        // Only decoration is lost when the terminal is gone.
        let _ = io::stdout().flush();
    }

    /// The step's figures, or why there are none.
    pub fn end(&self, outcome: &str) {
        println!("{outcome}");
    }
}

/// `3:07`.
pub fn minutes(duration: Duration) -> String {
    let seconds = duration.as_secs();
    format!("{}:{:02}", seconds / 60, seconds % 60)
}
