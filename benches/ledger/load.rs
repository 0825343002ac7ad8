//! How fast does the ledger's thread write what it is given?

use super::records::Records;
use ::relay::journal::{LedgerHealth, journal};
use exchange::Record;
use proxy::ledger::{Ledger, LedgerSettings};
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Records that are under way at most: as many as two relay threads have in their near queues.
const UNDER_WAY_MAX: u64 = 2_048;
/// Different records: enough that no cache holds what they are made of for being few.
const DIFFERENT: u64 = 50_000;
/// How often a file is replaced to see what that costs.
const REPLACED: u32 = 2_000;

/// One run.
#[derive(Clone, Debug)]
pub struct Load {
    pub records: u64,
    pub bytes: u64,
    pub seconds: f64,
    /// Processor time of the ledger's thread.
    pub cpu: Duration,
    pub syncs: u64,
    pub checkpoints: u64,
}

impl Load {
    pub fn cpu_us(&self) -> f64 {
        self.cpu.as_secs_f64() * 1e6 / self.records as f64
    }

    pub fn records_a_core(&self) -> f64 {
        self.records as f64 / self.cpu.as_secs_f64()
    }
}

/// The one in the middle by processor time.
pub fn median(mut loads: Vec<Load>) -> Load {
    loads.sort_by_key(|load| load.cpu);
    loads.swap_remove(loads.len() / 2)
}

/// Writes so many records into a ledger of its own.
pub fn run(count: u64, change: &dyn Fn(&mut LedgerSettings)) -> Result<Load, String> {
    let failed = |error: proxy::ledger::LedgerError| error.to_string();
    let folder = tempfile::tempdir().map_err(|error| format!("no temporary folder: {error}"))?;
    let mut settings = LedgerSettings::new(folder.path().join("ledger"));
    change(&mut settings);
    let mut made = Records::new(DIFFERENT);
    let records: Vec<Record> = std::iter::from_fn(|| made.next()).collect();
    let health = Arc::new(LedgerHealth::default());
    let (mut journal, reader) = journal(Arc::clone(&health));
    let handle = Ledger::open(settings, health).map_err(failed)?.spawn(vec![reader]).map_err(failed)?;
    let stats = handle.stats();
    // A thread that has not said its name yet has not done anything yet.
    let cpu = thread_time()?.unwrap_or_default();
    let (before, began) = (stats.records(), Instant::now());
    let mut kept = 0;
    for (offered, record) in (0..count).zip(records.iter().cycle()) {
        while offered - kept >= UNDER_WAY_MAX {
            std::thread::yield_now();
            kept = stats.records() - before;
        }
        journal.offer(record.clone()).map_err(|_| "the ledger's queue is full".to_owned())?;
    }
    while stats.records() - before < count {
        std::thread::yield_now();
    }
    let (seconds, used) = (began.elapsed().as_secs_f64(), thread_time()?.ok_or("the ledger has no thread")?);
    let cpu = used.saturating_sub(cpu);
    let load = Load {
        records: count,
        bytes: stats.bytes(),
        seconds,
        cpu,
        syncs: stats.syncs(),
        checkpoints: stats.checkpoints(),
    };
    handle.close().map_err(failed)?;
    Ok(load)
}

/// Processor time of the ledger's thread of this process; there is one at a time, and at first it has no name yet.
fn thread_time() -> Result<Option<Duration>, String> {
    let failed = |error: std::io::Error| format!("the thread's time is not known: {error}");
    for task in fs::read_dir("/proc/self/task").map_err(failed)?.flatten() {
        let name = fs::read_to_string(task.path().join("comm")).unwrap_or_default();
        if name.trim() == "ledger" {
            return processor_time(&task.path()).map(Some);
        }
    }
    Ok(None)
}

fn processor_time(task: &Path) -> Result<Duration, String> {
    let schedule = fs::read_to_string(task.join("schedstat"));
    let schedule = schedule.map_err(|error| format!("the thread's time is not known: {error}"))?;
    // Nanoseconds on a processor come first.
    let nanos = schedule.split(' ').next().and_then(|word| word.parse().ok());
    nanos.map(Duration::from_nanos).ok_or_else(|| "the thread's time has another form".to_owned())
}

/// Microseconds of a processor that it takes to replace a small file as the ledger replaces its head.
pub fn replacing_us() -> Result<f64, String> {
    let folder = tempfile::tempdir().map_err(|error| format!("no temporary folder: {error}"))?;
    let (path, draft) = (folder.path().join("head"), folder.path().join("head.new"));
    let replace = || replace(&path, &draft).map_err(|error| format!("a file cannot be replaced: {error}"));
    replace()?;
    let this = Path::new("/proc/thread-self");
    let before = processor_time(this)?;
    for _ in 0..REPLACED {
        replace()?;
    }
    let used = processor_time(this)?.saturating_sub(before);
    Ok(used.as_secs_f64() * 1e6 / f64::from(REPLACED))
}

fn replace(path: &Path, draft: &Path) -> std::io::Result<()> {
    let contents = [b'x'; 240];
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(draft)?;
    #[cfg(target_os = "linux")]
    let _ = rustix::fs::fallocate(&file, rustix::fs::FallocateFlags::KEEP_SIZE, 0, contents.len() as u64);
    file.write_all(&contents)?;
    drop(file);
    fs::rename(draft, path)
}
