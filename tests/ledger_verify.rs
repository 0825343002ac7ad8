//! Does `dragoman ledger verify` say what is so, and does docs/evidence.md show how it can be found out without it?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod harness;

use exchange::{Event, Record, RecordBody};
use harness::free_port;
use harness::gateway::Plan;
use proxy::ledger::{Ledger, LedgerSettings};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

const EVIDENCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/evidence.md");

/// A ledger of two starts in a folder of its own.
struct Kept {
    folder: tempfile::TempDir,
}

impl Kept {
    fn new() -> Kept {
        let kept = Kept { folder: tempfile::tempdir().unwrap() };
        kept.start(5);
        kept.start(3);
        kept
    }

    /// One start of a writer.
    fn start(&self, records: usize) {
        let settings = LedgerSettings::new(self.ledger());
        let handle = Ledger::open(settings, Arc::default()).unwrap().spawn(Vec::new()).unwrap();
        for number in 0..records {
            let body = RecordBody::Note(format!("number {number}").into());
            let record =
                Record { event: Event::ConfigChanged, at_us: 1_785_846_896_000_789, session: None, body };
            handle.offer(record).unwrap();
        }
        handle.close().unwrap();
    }

    /// Where docs/evidence.md has it, seen from the folder.
    fn ledger(&self) -> PathBuf {
        self.folder.path().join("data/ledger")
    }

    fn segment(&self, number: usize) -> PathBuf {
        self.ledger().join(format!("{number:08}.jsonl"))
    }

    fn verify(&self, more: &[&str]) -> Output {
        dragoman(self.folder.path(), &[&["ledger", "verify", "--directory", "data/ledger"], more].concat())
    }

    /// A shell in the folder, where `dragoman` is the program.
    fn sh(&self, script: &str) -> Output {
        let program = Path::new(env!("CARGO_BIN_EXE_dragoman"));
        let path = format!("{}:{}", program.parent().unwrap().display(), std::env::var("PATH").unwrap());
        Command::new("sh")
            .args(["-euc", script])
            .current_dir(self.folder.path())
            .env("PATH", path)
            .output()
            .unwrap()
    }
}

fn dragoman(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_dragoman")).args(arguments).current_dir(folder).output().unwrap()
}

/// The exit code, and the last line.
#[track_caller]
fn said(output: &Output) -> (i32, String) {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    let last = text.lines().last().unwrap_or_default().to_owned();
    (output.status.code().unwrap(), last)
}

#[test]
fn the_last_line_and_the_exit_code_say_what_is_so_and_where() {
    let kept = Kept::new();
    let (code, last) = said(&kept.verify(&[]));
    assert_eq!((code, last.as_str()), (0, "holds: 14 records, whole until the record that `head` names"));

    let original = fs::read_to_string(kept.segment(1)).unwrap();
    fs::write(kept.segment(1), original.replace("number 3", "number 4")).unwrap();
    let (code, last) = said(&kept.verify(&[]));
    assert_eq!(code, 1);
    let line = original.lines().position(|line| line.contains("number 3")).unwrap() + 1;
    let offset = original.find("number 3").and_then(|at| original[..at].rfind('\n')).unwrap() + 1;
    assert!(last.starts_with("broken: changed_line: 00000001.jsonl"), "{last}");
    assert!(last.contains(&format!("line {line} (byte {offset})")), "{last}");

    let lines: Vec<&str> = original.lines().collect();
    let removed: String =
        lines.iter().filter(|line| !line.contains("number 3")).map(|line| format!("{line}\n")).collect();
    fs::write(kept.segment(1), removed).unwrap();
    let (code, last) = said(&kept.verify(&[]));
    assert!(code == 1 && last.starts_with("broken: missing_middle: 00000001.jsonl"), "{code} {last}");

    fs::write(kept.segment(1), &original).unwrap();
    let newest = fs::read(kept.segment(2)).unwrap();
    fs::write(kept.segment(2), &newest[..newest.len() - 100]).unwrap();
    let (code, last) = said(&kept.verify(&[]));
    assert!(code == 1 && last.starts_with("broken: missing_end: 00000002.jsonl"), "{code} {last}");

    fs::write(kept.segment(2), &newest).unwrap();
    fs::remove_file(kept.ledger().join("head")).unwrap();
    let (code, last) = said(&kept.verify(&[]));
    assert!(code == 2 && last.starts_with("cannot tell: unknown_end: "), "{code} {last}");
}

#[test]
fn what_was_kept_elsewhere_shows_a_folder_that_was_put_back() {
    let kept = Kept::new();
    let key = dragoman(kept.folder.path(), &["ledger", "key", "--public", "--directory", "data/ledger"]);
    fs::write(kept.folder.path().join("auditor.key"), key.stdout).unwrap();
    let copied = kept.sh("cp -a data/ledger earlier");
    assert!(copied.status.success());
    kept.start(2);
    fs::copy(kept.ledger().join("checkpoint"), kept.folder.path().join("siem.note")).unwrap();
    let outside = ["--checkpoint", "siem.note", "--public-key", "auditor.key", "--fresh-within", "1h"];
    let (code, last) = said(&kept.verify(&outside));
    assert!(code == 0 && last.ends_with("by a checkpoint from elsewhere"), "{code} {last}");

    let put_back = kept.sh("rm -r data/ledger; mv earlier data/ledger");
    assert!(put_back.status.success());
    assert_eq!(said(&kept.verify(&[])).0, 0, "nothing in the folder shows it");
    let (code, last) = said(&kept.verify(&outside));
    assert!(code == 1 && last.starts_with("broken: missing_end: 00000002.jsonl"), "{code} {last}");
}

#[test]
fn one_object_says_the_same_for_programs() {
    let kept = Kept::new();
    let output = kept.verify(&["--json"]);
    let value: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0));
    for (pointer, expected) in [
        ("/verdict", "holds".into()),
        ("/integrity", "holds".into()),
        ("/completeness", "holds".into()),
        ("/records", 14.into()),
        ("/writers", 2.into()),
        ("/head/records", 14.into()),
        ("/remarks/0/code", "own_word".into()),
        ("/findings", Value::Array(Vec::new())),
    ] {
        assert_eq!(value.pointer(pointer), Some(&expected), "{pointer}: {value}");
    }
    fs::remove_file(kept.segment(1)).unwrap();
    let output = kept.verify(&["--json"]);
    let value: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(value["verdict"], "broken");
    assert_eq!(value["findings"][0]["code"], "missing_beginning");
    assert_eq!(value["findings"][0]["place"]["file"], "00000002.jsonl");
}

#[test]
fn what_cannot_be_read_is_not_called_broken() {
    let kept = Kept::new();
    for more in [
        &["--public-key", "none"][..],
        &["--checkpoint", "none"],
        &["--directory", "none"],
        &["--public-key", "data/ledger/head"],
        &["--fresh-within", "soon"],
    ] {
        let output = kept.verify(more);
        assert_eq!(output.status.code(), Some(2), "{more:?}");
        assert!(!output.stderr.is_empty(), "{more:?}");
        if more[0] == "--fresh-within" {
            continue;
        }
        let (_, last) = said(&output);
        assert!(
            last.starts_with("cannot tell: `") || last.starts_with("cannot tell: cannot read `"),
            "{last}"
        );
        let output = kept.verify(&[more, &["--json"]].concat());
        assert_eq!(output.status.code(), Some(2), "{more:?}");
        let value: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(
            (&value["verdict"], &value["completeness"]),
            (&"cannot_tell".into(), &"cannot_tell".into())
        );
        assert!(last.ends_with(value["error"].as_str().unwrap()), "{value}");
    }
}

#[test]
fn another_start_does_not_hide_that_the_end_was_cut_off() {
    let kept = Kept::new();
    let newest = fs::read_to_string(kept.segment(2)).unwrap();
    let lines: Vec<&str> = newest.split_inclusive('\n').collect();
    fs::write(kept.segment(2), lines[..2].concat()).unwrap();
    assert_eq!(said(&kept.verify(&[])).0, 1);
    kept.start(2);
    let (code, last) = said(&kept.verify(&[]));
    assert!(
        code == 1 && last.starts_with("broken: missing_before_start: 00000003.jsonl line 1"),
        "{code} {last}"
    );
}

#[test]
fn an_empty_folder_is_no_ledger() {
    let kept = Kept::new();
    fs::create_dir(kept.folder.path().join("empty")).unwrap();
    let output = dragoman(kept.folder.path(), &["ledger", "verify", "--directory", "empty"]);
    let (code, last) = said(&output);
    assert_eq!(
        (code, last.as_str()),
        (2, "cannot tell: no_records: there is no ledger at `empty`: no segment is in it")
    );
}

#[test]
fn a_running_gateway_is_not_disturbed_and_its_ledger_holds() {
    let gateway = Plan::before_port(free_port()).ledger("checkpoints.every_seconds = 1").start_unready();
    let directory = gateway.ledger().display().to_string();
    let verified = harness::eventually("its beginning is signed", || {
        let output = dragoman(gateway.folder(), &["ledger", "verify", "--directory", &directory]);
        (said(&output).0 == 0).then_some(output)
    });
    let text = String::from_utf8(verified.stdout).unwrap();
    assert!(text.contains("being_written"), "{text}");
}

/// The blocks of shell under a heading of docs/evidence.md.
fn blocks(heading: &str) -> Vec<String> {
    let text = fs::read_to_string(EVIDENCE).unwrap();
    let (_, section) = text.split_once(&format!("\n## {heading}\n")).unwrap();
    let section = section.split("\n## ").next().unwrap();
    let blocks = section.split("```sh\n").skip(1).map(|block| block.split("```").next().unwrap().to_owned());
    blocks.collect()
}

#[test]
fn the_steps_without_the_program_work_as_they_are_written() {
    let kept = Kept::new();
    let script = blocks("Without the program").concat();
    let output = kept.sh(&script);
    let (text, errors) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{text}{errors}");
    assert!(text.contains("14 lines, each tied to the one before"), "{text}{errors}");
    assert!(text.contains("Signature Verified Successfully"), "{text}{errors}");
    assert!(text.contains("00000002.jsonl:1\n"), "the line that was signed is there: {text}{errors}");

    // And they find what the program finds.
    let original = fs::read_to_string(kept.segment(1)).unwrap();
    fs::write(kept.segment(1), original.replace("number 3", "number 4")).unwrap();
    let output = kept.sh(&script);
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && errors.contains("00000001.jsonl line 5"), "{errors}");
    fs::write(kept.segment(1), &original).unwrap();
    let note = fs::read_to_string(kept.ledger().join("checkpoint")).unwrap();
    fs::write(kept.ledger().join("checkpoint"), note.replace("records 1", "records 2")).unwrap();
    let output = kept.sh(&script);
    assert!(!output.status.success());
}

#[test]
fn every_word_for_what_is_found_is_explained() {
    let text = fs::read_to_string(EVIDENCE).unwrap();
    for code in proxy::ledger::verify::Code::ALL {
        let row = format!("\n| `{}` |", code.as_str());
        assert_eq!(text.matches(&row).count(), 1, "`{}`", code.as_str());
    }
}
