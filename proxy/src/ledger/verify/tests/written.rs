//! Ledgers as the gateway writes them.

use super::paper::name;
use super::*;
use crate::ledger::{CheckpointSettings, Ledger, LedgerHandle, LedgerSettings, Sync};
use exchange::{Event, Record, RecordBody};
use relay::journal::{Journal, LedgerHealth, journal};
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Longer than anything here takes; reaching it is the failure.
const TOO_LONG: Duration = Duration::from_secs(30);

pub(super) fn open(directory: &Path) -> (LedgerHandle, Journal) {
    let settings = LedgerSettings::new(directory);
    let checkpoints = CheckpointSettings { every_records: 20, ..settings.checkpoints };
    let keys = directory.with_file_name("keys");
    let settings =
        LedgerSettings { sync: Sync::Group, keys, segment_bytes_max: 9_000, checkpoints, ..settings };
    let health = Arc::new(LedgerHealth::default());
    let (journal, reader) = journal(Arc::clone(&health));
    (Ledger::open(settings, health).unwrap().spawn(vec![reader]).unwrap(), journal)
}

fn note(number: usize) -> Record {
    let body = RecordBody::Note(format!("number {number}").into());
    Record { event: Event::ConfigChanged, at_us: 1_785_846_896_000_789, session: None, body }
}

/// Offers so many records, waiting where there is no room.
pub(super) fn offer(journal: &mut Journal, count: usize) {
    let deadline = std::time::Instant::now() + TOO_LONG;
    for number in 0..count {
        while journal.offer(note(number)).is_err() {
            assert!(std::time::Instant::now() < deadline, "there is never room");
            std::thread::yield_now();
        }
    }
}

/// Three starts, several segments each.
fn written(directory: &Path) {
    for count in [70, 3, 50] {
        let (handle, mut journal) = open(directory);
        for _ in 0..count / 10 + 1 {
            offer(&mut journal, 10);
            // So that not everything is one batch, which makes one segment.
            let stats = handle.stats();
            let deadline = std::time::Instant::now() + TOO_LONG;
            let before = stats.records();
            while stats.records() == before {
                assert!(std::time::Instant::now() < deadline, "nothing is kept");
                std::thread::yield_now();
            }
        }
        handle.close().unwrap();
    }
}

fn of(directory: &Path) -> Options {
    Options { directories: vec![directory.to_owned()], ..Options::default() }
}

fn segments(directory: &Path) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    all.retain(|path| path.extension() == Some("jsonl".as_ref()));
    all.sort();
    all
}

#[test]
fn what_the_gateway_writes_holds_and_every_change_of_it_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path().join("ledger");
    written(&directory);
    let verification = holds(&of(&directory), &[Code::OwnWord]);
    assert_eq!(verification.writers, 3);
    assert!(verification.segments > 6, "{verification:#?}");
    assert!(verification.checkpoints > 6, "{verification:#?}");
    assert_eq!(verification.unsigned, 1);
    assert_eq!(verification.head.unwrap().records, Some(verification.records));

    let segments = segments(&directory);
    for (at, path) in segments.iter().enumerate() {
        let original = fs::read(path).unwrap();
        let lines: Vec<&[u8]> = original.split_inclusive(|byte| *byte == b'\n').collect();
        for line in [0, lines.len() / 2, lines.len() - 1] {
            let mut flipped = original.clone();
            flipped[lines[..line].concat().len() + lines[line].len() / 2] ^= 1;
            let removed = [lines[..line].concat(), lines[line + 1..].concat()].concat();
            let cut = original[..lines[..line].concat().len() + 9].to_vec();
            for tampered in [flipped, removed, cut] {
                fs::write(path, &tampered).unwrap();
                let verification = verified(&of(&directory));
                assert_eq!(verification.verdict(), Verdict::Broken, "{at} {line}: {verification:#?}");
                let place = verification.reason().unwrap().place.clone().unwrap();
                let near = [at, at.saturating_sub(1), at + 1].map(|at| name(at + 1));
                assert!(near.contains(&place.file), "{at} {line}: {verification:#?}");
            }
            fs::write(path, &original).unwrap();
        }
        fs::remove_file(path).unwrap();
        let verification = verified(&of(&directory));
        assert_eq!(verification.completeness, Verdict::Broken, "{at}: {verification:#?}");
        fs::write(path, &original).unwrap();
    }
    holds(&of(&directory), &[Code::OwnWord]);
}

#[test]
fn a_folder_put_back_is_found_by_the_newest_checkpoint_that_was_kept_elsewhere() {
    let folder = tempfile::tempdir().unwrap();
    let (directory, earlier) = (folder.path().join("ledger"), folder.path().join("earlier"));
    written(&directory);
    fs::create_dir(&earlier).unwrap();
    for entry in fs::read_dir(&directory).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), earlier.join(entry.file_name())).unwrap();
    }
    written(&directory);
    let elsewhere = folder.path().join("elsewhere.note");
    fs::copy(directory.join("checkpoint"), &elsewhere).unwrap();
    let key = folder.path().join("key");
    fs::copy(directory.join("verifier.keys"), &key).unwrap();
    let with = |directory: &Path| Options {
        checkpoints: vec![elsewhere.clone()],
        public_keys: vec![key.clone()],
        ..of(directory)
    };
    let verification = holds(&with(&directory), &[]);
    assert_eq!((verification.outside_checkpoints, verification.writers), (1, 6));
    holds(&of(&earlier), &[Code::OwnWord]);
    let verification = verified(&with(&earlier));
    assert_eq!(codes(&verification.findings), [Code::MissingEnd]);
}

#[test]
fn a_ledger_holds_while_it_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path().join("ledger");
    let (handle, mut journal) = open(&directory);
    let done = AtomicBool::new(false);
    /// Also when the test fails, or it would never end.
    struct AtTheEnd<'d>(&'d AtomicBool);
    impl Drop for AtTheEnd<'_> {
        fn drop(&mut self) {
            self.0.store(true, Ordering::Relaxed);
        }
    }
    std::thread::scope(|scope| {
        let _end = AtTheEnd(&done);
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                offer(&mut journal, 100);
            }
        });
        let mut records = 0;
        for _ in 0..20 {
            let verification = verified(&of(&directory));
            // A first look may come before the first signature.
            let open = [Code::NeverSigned];
            let found = codes(&verification.findings);
            assert!(found.iter().all(|code| open.contains(code)), "{verification:#?}");
            assert!(verification.is_being_written);
            assert!(verification.records >= records, "it only grows");
            records = verification.records;
        }
    });
    handle.close().unwrap();
    // What there was no room for is told as a gap.
    let verification = verified(&of(&directory));
    assert_eq!((verification.verdict(), verification.findings), (Verdict::Holds, Vec::new()));
}
