//! On what machine were the figures taken?

use std::fs;
use std::thread;

/// What a reader needs to compare figures with others.
#[derive(Clone, Debug)]
pub struct Machine {
    /// Processors this process may use.
    pub cores: usize,
    /// The processor's name.
    pub processor: String,
    /// The kernel's release.
    pub kernel: String,
    /// Memory in MiB.
    pub memory_mib: u64,
    /// The build, with what it says about preemption.
    pub kernel_build: String,
}

impl Machine {
    /// This machine.
    pub fn here() -> Machine {
        let memory = field("/proc/meminfo", "MemTotal");
        let kibibytes = memory.split_whitespace().next().and_then(|number| number.parse::<u64>().ok());
        Machine {
            cores: thread::available_parallelism().map_or(1, usize::from),
            processor: field("/proc/cpuinfo", "model name"),
            kernel: line("/proc/sys/kernel/osrelease"),
            memory_mib: kibibytes.unwrap_or(0) / 1024,
            kernel_build: line("/proc/sys/kernel/version"),
        }
    }
}

impl std::fmt::Display for Machine {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Machine { cores, processor, kernel, memory_mib, kernel_build } = self;
        write!(formatter, "{cores} cores, {processor}, {memory_mib} MiB, Linux {kernel} ({kernel_build})")
    }
}

fn field(path: &str, name: &str) -> String {
    let text = fs::read_to_string(path).unwrap_or_default();
    let found = text.lines().find_map(|line| line.strip_prefix(name)?.trim_start().strip_prefix(':'));
    found.unwrap_or("unknown").trim().to_owned()
}

fn line(path: &str) -> String {
    fs::read_to_string(path).map_or_else(|_| "unknown".to_owned(), |text| text.trim().to_owned())
}
