//! Does every place get everything, whatever it does meanwhile?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod collector;
mod folders;
mod server;
mod syslogs;
mod together;
mod webs;

use super::*;
use crate::config;
use crate::ledger::tests::eventually;
use sha2::Digest as _;
use std::fmt::Write as _;
use std::fs;
use tempfile::TempDir;

/// The first writer of the ledgers here.
const WRITER: &str = "01990a3b-4d20-7b31-8c55-1f2e3d4c5b6a";

/// The files of a ledger, as the ledger's thread would leave them; written by nothing the ledger itself uses.
struct Files {
    folder: TempDir,
    segment: u64,
    /// The segment that is open.
    text: String,
    seq: u64,
    hash: String,
    notes: u64,
}

impl Files {
    fn new() -> Files {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("ledger")).unwrap();
        let key = format!("dragoman-ledger/{WRITER}+00000000+AQ==\n");
        fs::write(folder.path().join("ledger/verifier.keys"), key).unwrap();
        Files { folder, segment: 1, text: String::new(), seq: 0, hash: "0".repeat(64), notes: 0 }
    }

    fn directory(&self) -> PathBuf {
        self.folder.path().join("ledger")
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn name(&self) -> String {
        format!("{:08}.jsonl", self.segment)
    }

    /// Writes so many lines that are not kept yet.
    fn write(&mut self, lines: u64) -> &mut Files {
        for _ in 0..lines {
            self.seq += 1;
            let line = format!(
                r#"{{"v":1,"event":"config.changed","id":"019fccc5-1580-7c9f-98f2-{:012x}","ts":"2026-08-04T12:34:56.{:06}Z","writer":"{WRITER}","seq":{},"note":"ä \"]\\ line {}","prev":"{}""#,
                self.seq,
                self.seq % 1_000_000,
                self.seq,
                self.seq,
                self.hash
            );
            self.hash.clear();
            for byte in sha2::Sha256::digest(format!("{line}}}")) {
                write!(self.hash, "{byte:02x}").unwrap();
            }
            writeln!(self.text, r#"{line},"hash":"{}"}}"#, self.hash).unwrap();
        }
        fs::write(self.directory().join(self.name()), &self.text).unwrap();
        self
    }

    /// Everything written is kept.
    fn keep(&mut self) -> &mut Files {
        let (seq, hash, segment, bytes) = (self.seq, &self.hash, self.segment, self.text.len());
        let head = format!(
            r#"{{"v":1,"writer":"{WRITER}","seq":{seq},"hash":"{hash}","segment":{segment},"bytes":{bytes}}}"#
        );
        fs::write(self.directory().join("head.new"), head + "\n").unwrap();
        fs::rename(self.directory().join("head.new"), self.directory().join("head")).unwrap();
        self
    }

    /// What comes next goes into another segment.
    fn rotate(&mut self) -> &mut Files {
        self.segment += 1;
        self.text.clear();
        self
    }

    /// Replaces the checkpoint by one that covers everything written, and returns it.
    fn sign(&mut self) -> String {
        self.notes += 1;
        let note = format!(
            "dragoman-ledger/{WRITER}\nversion 1\nrecords {}\nwriters 1\nroot AAAA\nwriter {WRITER} {} {}\n\
             segment {:08} {}\ntime 2026-08-04T12:34:56.{:06}Z\nprevious {}\n\n\u{2014} dragoman-ledger/{WRITER} AAAAAAAA\n",
            self.seq,
            self.seq,
            self.hash,
            self.segment,
            self.text.len(),
            self.notes,
            "0".repeat(64)
        );
        fs::write(self.directory().join("checkpoint.new"), &note).unwrap();
        fs::rename(self.directory().join("checkpoint.new"), self.directory().join("checkpoint")).unwrap();
        note
    }

    /// All lines of all segments, whether kept or not.
    fn lines(&self) -> Vec<String> {
        (1..=self.segment)
            .flat_map(|segment| {
                let text = fs::read_to_string(self.directory().join(format!("{segment:08}.jsonl")));
                text.unwrap_or_default().lines().map(str::to_owned).collect::<Vec<_>>()
            })
            .collect()
    }

    /// Copies as the settings have them.
    fn settings(&self, copies: &str) -> Vec<CopySettings> {
        let listener =
            "[[listener]]\nname = \"shop\"\nlisten = \"127.0.0.1:6432\"\nupstream = \"127.0.0.1:5432\"\n";
        fs::write(self.path("dragoman.toml"), format!("{listener}{copies}")).unwrap();
        let config = config::load(&self.path("dragoman.toml"), std::iter::empty());
        config::copies(&config.unwrap_or_else(|error| panic!("{error}")))
            .unwrap_or_else(|error| panic!("{error}"))
    }

    fn start(&self, copies: &str) -> CopyThreads {
        CopyThreads::start(&self.directory(), self.settings(copies), Arc::default()).unwrap()
    }
}

/// A copy as the settings have it.
fn copy(name: &str, to: &str, more: &str) -> String {
    format!("[[ledger.copies]]\nname = '{name}'\nto = '{to}'\n{more}\n")
}

fn status(threads: &CopyThreads, name: &str) -> CopyStatus {
    threads.copies().statuses().into_iter().find(|status| status.name == name).unwrap()
}

fn eventually_fails(threads: &CopyThreads, name: &str, error: &str) {
    eventually(&format!("{name} fails with {error}"), || {
        let status = status(threads, name);
        status.failing && status.error == Some(error) && status.failures > 0
    });
}

/// Waits until the place has all there is.
fn eventually_all(threads: &CopyThreads, name: &str) {
    eventually(&format!("{name} has all"), || {
        let status = status(threads, name);
        !status.failing && status.lag_seconds == 0 && status.last_taken_us.is_some()
    });
}
