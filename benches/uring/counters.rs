//! How many cycles and instructions has another process used, in user space and in the kernel?

use crate::relay::failure::Failure;
use crate::relay::process::Process;
use perf_event::events::Hardware;
use perf_event::{Builder, Counter};
use std::fs;
use std::time::Duration;

/// What a process used in a window.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reading {
    /// Processor time of all threads.
    pub time: Duration,
    /// Cycles in user space and in the kernel; none where the machine does not let them be counted.
    pub cycles: [f64; 2],
    /// Instructions, likewise.
    pub instructions: [f64; 2],
    /// How often a thread went to sleep, and how often it was made to wait for another.
    pub switches: [f64; 2],
}

/// The counters of a process, from when they were opened: one of each kind for each of its threads.
pub struct Counters {
    process: Process,
    since: Duration,
    switches: [f64; 2],
    cycles: [Vec<Counter>; 2],
    instructions: [Vec<Counter>; 2],
}

impl Counters {
    /// Begins to count.
    pub fn open(process: Process) -> Result<Counters, Failure> {
        let threads = threads(process)?;
        let of = |kind: Hardware, in_kernel: bool| open_each(&threads, kind, in_kernel);
        let cycles = [of(Hardware::CPU_CYCLES, false), of(Hardware::CPU_CYCLES, true)];
        let instructions = [of(Hardware::INSTRUCTIONS, false), of(Hardware::INSTRUCTIONS, true)];
        let switches = switches(process)?;
        Ok(Counters { process, switches, since: process.used()?.total, cycles, instructions })
    }

    /// What was used since then.
    pub fn read(&mut self) -> Result<Reading, Failure> {
        let time = self.process.used()?.total.saturating_sub(self.since);
        let cycles = self.cycles.each_mut().map(|counters| sum(counters));
        let instructions = self.instructions.each_mut().map(|counters| sum(counters));
        let now = switches(self.process)?;
        let switches = [now[0] - self.switches[0], now[1] - self.switches[1]];
        Ok(Reading { time, cycles, instructions, switches })
    }
}

/// Virtual machines and administrators may forbid it: then there are none, and the table says 0.
fn open_each(threads: &[i32], kind: Hardware, in_kernel: bool) -> Vec<Counter> {
    let open = |thread: &i32| {
        let mut builder = Builder::new().observe_pid(*thread).kind(kind);
        builder.exclude_kernel(!in_kernel).exclude_user(in_kernel).enabled(true);
        builder.build().ok()
    };
    threads.iter().filter_map(open).collect()
}

fn sum(counters: &mut [Counter]) -> f64 {
    let read = |counter: &mut Counter| {
        let read = counter.read_count_and_time().ok()?;
        // The kernel takes turns when there are more counters than the processor has.
        let share = read.time_running as f64 / read.time_enabled.max(1) as f64;
        (share > 0.0).then(|| read.count as f64 / share)
    };
    counters.iter_mut().filter_map(read).sum()
}

fn threads(process: Process) -> Result<Vec<i32>, Failure> {
    let path = format!("/proc/{}/task", process.id);
    let entries = fs::read_dir(&path).map_err(|source| Failure::File { path, source })?;
    Ok(entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect())
}

fn switches(process: Process) -> Result<[f64; 2], Failure> {
    let mut sums = [0.0, 0.0];
    for thread in threads(process)? {
        let path = format!("/proc/{}/task/{thread}/status", process.id);
        let text = fs::read_to_string(&path).map_err(|source| Failure::File { path, source })?;
        for (sum, name) in sums.iter_mut().zip(["voluntary_ctxt_switches:", "nonvoluntary_ctxt_switches:"]) {
            let line = text.lines().find_map(|line| line.strip_prefix(name));
            *sum += line.and_then(|count| count.trim().parse::<f64>().ok()).unwrap_or(0.0);
        }
    }
    Ok(sums)
}
