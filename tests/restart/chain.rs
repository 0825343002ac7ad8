//! How does a test restart a gateway again and again, and look at what is left of it?

use crate::harness::gateway::{Gateway, Plan};
use crate::harness::ledger::Record;
use crate::harness::{PATIENCE, eventually, eventually_within, signal};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::time::Duration;

/// A gateway whose processes take each other's place.
pub struct Chain {
    pub gateway: Gateway,
    /// All its processes, the first one first.
    pub processes: Vec<u32>,
}

impl Chain {
    pub fn start(plan: &Plan) -> Chain {
        let gateway = plan.start();
        let processes = vec![gateway.pid()];
        Chain { gateway, processes }
    }

    /// The process that serves.
    pub fn serving(&self) -> u32 {
        *self.processes.last().expect("one")
    }

    /// Asks the process that serves to be replaced.
    pub fn ask_to_replace(&self) {
        signal(self.serving(), "USR2");
    }

    /// Has a new process take the place of the one that serves; the number of the old one.
    pub fn replace(&mut self) -> u32 {
        let before = self.serving();
        self.ask_to_replace();
        let what = format!("another process serves; the gateway said: {}", self.gateway.log());
        let serving = eventually(&what, || self.writer().filter(|writer| *writer != before));
        self.processes.push(serving);
        // It says so when it accepts.
        let said = format!("this process has taken the place of another process={serving} before={before}");
        eventually("the new process serves", || self.log().contains(&said).then_some(()));
        before
    }

    /// What all processes have said, without colours.
    pub fn log(&self) -> String {
        self.gateway.log()
    }

    /// The process that writes the ledger.
    fn writer(&self) -> Option<u32> {
        std::fs::read_to_string(self.directory().join("lock")).ok()?.trim().parse().ok()
    }

    pub fn directory(&self) -> PathBuf {
        self.gateway.folder().join("ledger")
    }

    /// Waits until a process is no more.
    pub fn gone_within(&self, bound: Duration, process: u32) {
        let what = format!("process {process} ends; the gateway said: {}", self.log());
        eventually_within(bound, &what, || has_ended(process).then_some(()));
    }

    /// Stops the process that serves, and waits until all have ended.
    pub fn stop(&self) {
        signal(self.serving(), "TERM");
        self.gone();
    }

    /// Waits until all processes have ended.
    pub fn gone(&self) {
        for process in &self.processes {
            self.gone_within(PATIENCE, *process);
        }
    }

    /// `dragoman ledger verify` of the ledger.
    pub fn verify(&self) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dragoman"));
        command.args(["ledger", "verify", "--directory"]).arg(self.directory());
        command.output().expect("the program runs")
    }

    /// The ledger is whole, and each statement that was about to run has an end.
    pub fn assert_whole(&self) {
        let verified = self.verify();
        let said = String::from_utf8_lossy(&verified.stdout).into_owned();
        assert!(verified.status.success(), "{said}{}", String::from_utf8_lossy(&verified.stderr));
        let records = self.gateway.records();
        let of = |event: &str| -> BTreeSet<(String, u64)> {
            let of_event = records.iter().filter(|record| record.event() == event);
            of_event
                .map(|record| (record.text_of("session").to_owned(), record.number("exchange").unwrap_or(0)))
                .collect()
        };
        let (intents, outcomes) = (of("statement.intent"), of("statement.outcome"));
        let open: Vec<_> = intents.difference(&outcomes).collect();
        assert!(open.is_empty(), "intents without an outcome: {open:?}");
        let (started, ended) = (sessions(&records, "session.start"), sessions(&records, "session.end"));
        assert_eq!(started, ended, "each session has a beginning and an end");
        let mut ids = BTreeSet::new();
        for record in &records {
            assert!(ids.insert(record.text_of("id").to_owned()), "told twice: {}", record.0);
        }
    }

    /// The writers of the ledger, in order, each with the process that it names.
    pub fn writers(&self) -> Vec<String> {
        let records = self.gateway.records();
        let starts = records.iter().filter(|record| record.event() == "writer.start");
        starts.map(|record| record.text_of("note").to_owned()).collect()
    }
}

fn sessions(records: &[Record], event: &str) -> BTreeSet<String> {
    let of_event = records.iter().filter(|record| record.event() == event);
    of_event.map(|record| record.text_of("session").to_owned()).collect()
}

/// Whether a process is no more, but for what its parent has not looked at.
pub fn has_ended(process: u32) -> bool {
    let Ok(stat) = std::fs::read_to_string(format!("/proc/{process}/stat")) else { return true };
    stat.rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with('Z'))
}

impl Drop for Chain {
    fn drop(&mut self) {
        // The first one is the harness's own.
        for process in self.processes.iter().skip(1).chain(&self.writer()) {
            if !has_ended(*process) && Some(process) != self.processes.first() {
                signal(*process, "KILL");
            }
        }
    }
}
