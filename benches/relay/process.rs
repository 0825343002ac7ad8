//! What has another process used: processor time and memory?

use super::failure::Failure;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::time::clock_getcpuclockid;
use nix::unistd::Pid;
use std::fs;
use std::time::Duration;

/// A process whose use is measured.
#[derive(Clone, Copy, Debug)]
pub struct Process {
    /// What the system calls it.
    pub id: u32,
}

/// Processor time of all threads of a process, those that have ended among them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Used {
    /// To the nanosecond, from the process's own CPU clock.
    pub total: Duration,
    /// The part in user space, in clock ticks of 10 ms, from `/proc/PID/stat`.
    pub user: Duration,
}

impl Used {
    /// What was used since `before`.
    pub fn since(self, before: Used) -> Used {
        Used { total: self.total.saturating_sub(before.total), user: self.user.saturating_sub(before.user) }
    }
}

impl Process {
    /// The process with this id.
    pub fn new(id: u32) -> Process {
        Process { id }
    }

    /// What it has used since it began.
    pub fn used(self) -> Result<Used, Failure> {
        let pid = Pid::from_raw(i32::try_from(self.id).unwrap_or(-1));
        let total = clock_getcpuclockid(pid)
            .and_then(|clock| clock.now())
            .map_err(|errno| Failure::system("read the CPU clock of a process")(errno.into()))?;
        Ok(Used { total: Duration::from(total), user: self.user_ticks()? * TICK_MS_10 })
    }

    /// Its resident memory in bytes, counted page by page: the cheaper counter in `status` lags by
    /// some pages for each processor.
    pub fn resident(self) -> Result<u64, Failure> {
        let text = self.read("smaps_rollup")?;
        let kilobytes = text.lines().find_map(|line| line.strip_prefix("Rss:")?.split_whitespace().next());
        kilobytes
            .and_then(|kilobytes| kilobytes.parse::<u64>().ok())
            .map(|kilobytes| kilobytes * 1024)
            .ok_or_else(|| self.missing("no `Rss` in smaps_rollup"))
    }

    fn user_ticks(self) -> Result<u32, Failure> {
        let text = self.read("stat")?;
        // The second field, the name in parentheses, may hold spaces. `utime` is field 14.
        let after_name = text.rsplit(") ").next().unwrap_or_default();
        after_name
            .split(' ')
            .nth(11)
            .and_then(|ticks| ticks.parse().ok())
            .ok_or_else(|| self.missing("no `utime` in stat"))
    }

    fn read(self, file: &str) -> Result<String, Failure> {
        let path = format!("/proc/{}/{file}", self.id);
        fs::read_to_string(&path).map_err(|source| Failure::File { path, source })
    }

    fn missing(self, why: &str) -> Failure {
        Failure::NotServing { program: format!("process {}", self.id), why: why.to_owned() }
    }
}

/// The length of a clock tick in `/proc/PID/stat`: USER_HZ is 100 on every Linux.
const TICK_MS_10: Duration = Duration::from_millis(10);

/// The most open files this process may allow itself.
pub fn file_limit() -> u64 {
    getrlimit(Resource::RLIMIT_NOFILE).map_or(0, |(_, hard)| hard)
}

/// Allows this process and its children `wanted` open files; answers how many it got.
pub fn raise_file_limit(wanted: u64) -> u64 {
    let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE) else { return 0 };
    let target = wanted.min(hard).max(soft);
    if setrlimit(Resource::RLIMIT_NOFILE, target, hard).is_ok() { target } else { soft }
}
