//! Real files, real threads, real failures.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod checkpoints;
mod classes;
mod crash;
mod failure;
mod kept;
mod keys;
mod orders;
mod reference;
mod relief;
mod seen;
mod unwritable;
mod waits;

use super::*;
use relay::journal::{Ticket, journal};
use seen::Seen;
use serde_json::Value;
use sha2::Digest as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::task::{Context, Poll, Waker};
use std::time::Instant;

/// Longer than anything here takes; reaching it is the failure.
pub(super) const TOO_LONG: Duration = Duration::from_secs(30);

/// Says to a test that it is the child which another run of the same test has started.
const ROLE: &str = "LEDGER_TEST_ROLE";
const DIRECTORY: &str = "LEDGER_TEST_DIRECTORY";

fn settings(directory: &Path, sync: Sync) -> LedgerSettings {
    LedgerSettings { sync, keys: directory.join("keys"), ..LedgerSettings::new(directory) }
}

fn note(text: impl std::fmt::Display) -> Record {
    let body = RecordBody::Note(text.to_string().into());
    Record { event: Event::ConfigChanged, at_us: 1_785_846_896_000_789, session: None, body }
}

pub(super) fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + TOO_LONG;
    while !holds() {
        assert!(Instant::now() < deadline, "never came true: {what}");
        std::thread::yield_now();
    }
}

/// Waits as a session does: woken, not polling.
fn wait_for(ticket: &Ticket) -> bool {
    struct Unpark(Thread);
    impl std::task::Wake for Unpark {
        fn wake(self: Arc<Unpark>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let deadline = Instant::now() + TOO_LONG;
    loop {
        if let Poll::Ready(answer) = ticket.poll(&mut Context::from_waker(&waker)) {
            return answer;
        }
        std::thread::park_timeout(TOO_LONG);
        assert!(Instant::now() < deadline, "nobody answered");
    }
}

/// Asks for a record and says whether it was recorded.
fn intend(journal: &mut Journal, record: Record) -> bool {
    let ticket = Arc::new(Ticket::default());
    journal.intend(record, &ticket).unwrap();
    wait_for(&ticket)
}

fn segments(directory: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<PathBuf> = entries.filter(|path| path.extension() == Some("jsonl".as_ref())).collect();
    paths.sort();
    paths
}

/// All whole lines of the directories but for checkpoints, in order. Each is checked against the one before from its
/// raw bytes and by nothing the ledger itself uses, and each checkpoint against all lines before it.
fn verified(directories: &[&Path]) -> Vec<Value> {
    let mut previous = "0".repeat(64);
    let mut records = Vec::new();
    let mut seen = Seen::default();
    for path in directories.iter().flat_map(|directory| segments(directory)) {
        let bytes = std::fs::read(&path).unwrap();
        let mut end = 0;
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            let Some(line) = line.strip_suffix(b"\n") else { continue };
            let line = std::str::from_utf8(line).unwrap();
            let (attested, ending) = line.rsplit_once(",\"hash\":\"").unwrap();
            let hash = sha256(format!("{attested}}}"));
            assert_eq!(ending, format!("{hash}\"}}"), "{}: {line}", path.display());
            let value: Value = serde_json::from_str(line).unwrap();
            assert_eq!(value["prev"], previous, "{}: {line}", path.display());
            if let Some(note) = value["checkpoint"].as_str() {
                seen.check(note);
            }
            end += line.len() + 1;
            seen.line(&value, &hash, &path, end);
            previous = hash;
            if value["event"] != "checkpoint" {
                records.push(value);
            }
        }
    }
    records
}

fn sha256(bytes: impl AsRef<[u8]>) -> String {
    sha2::Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn texts<'a>(records: &'a [Value], field: &str) -> Vec<&'a str> {
    records.iter().filter_map(|record| record[field].as_str()).collect()
}

fn events(records: &[Value]) -> Vec<&str> {
    texts(records, "event")
}

/// Whether times are held against their bounds, as on a machine that does nothing else; elsewhere they are printed.
pub(super) fn holds_times() -> bool {
    std::env::var_os("DRAGOMAN_SPEED").is_some()
}

fn role() -> Option<String> {
    std::env::var(ROLE).ok()
}

/// This test again, in a process of its own, started by the shell script `start`, which ends in
/// `exec "$@"`.
fn again(test: &str, role: &str, directory: &Path, start: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", start, "sh"]).arg(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--nocapture", "--test-threads=1"]);
    command.env(ROLE, role).env(DIRECTORY, directory);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn child_directory() -> PathBuf {
    PathBuf::from(std::env::var(DIRECTORY).unwrap())
}
