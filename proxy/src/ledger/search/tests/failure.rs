//! Indexes that are damaged, stale or cannot be made; segments that go.

use super::*;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;

/// Three segments of a hundred records.
fn ledger() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for segment in 0..3_u64 {
        let records: Vec<Value> = (0..100_u64)
            .map(|number| {
                let number = segment * 100 + number;
                let fields = json!({"principal": {"user": format!("u{}", number % 7)}, "text": format!("t{}", number % 5)});
                record(AT_US + number as i64, number, fields)
            })
            .collect();
        write(folder.path(), segment + 1, &lines(&records), "");
    }
    folder
}

fn index(folder: &tempfile::TempDir, number: u64) -> PathBuf {
    folder.path().join(format!("{number:08}.idx"))
}

fn count(searcher: &Searcher) -> (usize, usize, usize) {
    let user = LedgerQuery { user: Some("u3".to_owned()), ..everything() };
    let text = LedgerQuery { text: Some("T4".to_owned()), ..everything() };
    (found(searcher, &everything()).len(), found(searcher, &user).len(), found(searcher, &text).len())
}

const ALL: (usize, usize, usize) = (300, 43, 60);

#[test]
fn closed_segments_get_an_index_for_their_owner_only_and_it_is_used_again() {
    let folder = ledger();
    assert_eq!(count(&Searcher::new(folder.path())), ALL);
    let mode = |number| fs::metadata(index(&folder, number)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(1), mode(2)), (0o600, 0o600));
    assert!(!index(&folder, 3).exists(), "the open segment has none");
    let names = fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(names, 5, "nothing else is left");
    let made = fs::metadata(index(&folder, 1)).unwrap().modified().unwrap();
    let again = Searcher::new(folder.path());
    assert_eq!(count(&again), ALL);
    assert_eq!(fs::metadata(index(&folder, 1)).unwrap().modified().unwrap(), made);
    let stats = again.stats();
    assert_eq!((stats.segments, stats.segments_unindexed, stats.lines_skipped), (3, 1, 0));
    let lengths: u64 = [1, 2].map(|number| fs::metadata(index(&folder, number)).unwrap().len()).iter().sum();
    assert_eq!(stats.index_bytes, lengths);
}

#[test]
fn whichever_byte_of_an_index_is_damaged_nothing_is_hidden() {
    let folder = ledger();
    assert_eq!(count(&Searcher::new(folder.path())), ALL);
    let sound = fs::read(index(&folder, 1)).unwrap();
    for at in (0..sound.len()).step_by(23) {
        let mut damaged = sound.clone();
        damaged[at] ^= 0x10;
        fs::write(index(&folder, 1), &damaged).unwrap();
        assert_eq!(count(&Searcher::new(folder.path())), ALL, "byte {at}");
    }
    for length in [0, 1, 95, 96, 97, sound.len() - 1] {
        fs::write(index(&folder, 1), &sound[..length]).unwrap();
        assert_eq!(count(&Searcher::new(folder.path())), ALL, "{length} bytes");
        assert_eq!(fs::read(index(&folder, 1)).unwrap(), sound, "it is made again");
    }
}

#[test]
fn damage_that_comes_while_an_index_is_in_use_is_noticed() {
    let folder = ledger();
    let searcher = Searcher::new(folder.path());
    assert_eq!(count(&searcher), ALL);
    let sound = fs::read(index(&folder, 1)).unwrap();
    let zeros = vec![0; sound.len()];
    for damaged in [zeros.as_slice(), &sound[..100], b""] {
        fs::write(index(&folder, 1), damaged).unwrap();
        assert_eq!(count(&searcher), ALL);
        assert_eq!(fs::read(index(&folder, 1)).unwrap(), sound);
        fs::remove_file(index(&folder, 1)).unwrap();
        assert_eq!(count(&searcher), ALL);
    }
    let other = fs::read(index(&folder, 2)).unwrap();
    fs::write(index(&folder, 1), other).unwrap();
    assert_eq!(count(&searcher), ALL, "an index of another segment");
    assert_eq!(count(&Searcher::new(folder.path())), ALL);
}

#[test]
fn a_segment_that_is_not_as_it_was_indexed_is_indexed_again() {
    let folder = ledger();
    let searcher = Searcher::new(folder.path());
    assert_eq!(count(&searcher), ALL);
    let path = folder.path().join("00000001.jsonl");
    let text = fs::read_to_string(&path).unwrap();
    // Cut in the middle of a line, under a searcher that knows it.
    fs::write(&path, &text[..text.len() / 2 + 10]).unwrap();
    let left = 200 + text[..text.len() / 2 + 10].matches('\n').count();
    assert_eq!(count(&searcher).0, left);
    assert_eq!(count(&Searcher::new(folder.path())).0, left);
    // Other lines at the same places, before a searcher that does not know it yet.
    fs::write(&path, text.replace("\"u3\"", "\"u4\"")).unwrap();
    assert_eq!(count(&Searcher::new(folder.path())), (300, 29, 60));
    // Other moments at the same places, under one that does.
    let known = Searcher::new(folder.path());
    assert_eq!(count(&known).0, 300);
    fs::write(&path, text.replace("2026-", "2025-")).unwrap();
    let records = found(&known, &everything());
    assert_eq!(records.len(), 300);
    assert!(records[299]["ts"].as_str().unwrap().starts_with("2025-"), "{}", records[299]);
}

#[test]
fn a_segment_that_is_moved_away_is_no_failure() {
    let folder = ledger();
    let searcher = Searcher::new(folder.path());
    assert_eq!(count(&searcher), ALL);
    let aside = folder.path().join("aside");
    fs::rename(folder.path().join("00000002.jsonl"), &aside).unwrap();
    assert_eq!(count(&searcher).0, 200);
    assert!(!index(&folder, 2).exists(), "its index goes with it");
    fs::rename(&aside, folder.path().join("00000002.jsonl")).unwrap();
    assert_eq!(count(&searcher), ALL);
    // Also while a search is under way, between looking at names and reading lines.
    let question = LedgerQuery { limit: 500, ..everything() };
    let question = Question::of(&question, Scope::Named).unwrap();
    assert_eq!(searcher.shelf().step().unwrap(), Progress::Complete);
    let walk = Walk::begin(&question, folder.path(), &searcher.shelf()).unwrap();
    fs::remove_file(folder.path().join("00000002.jsonl")).unwrap();
    let page = page(&question, walk, later()).unwrap();
    assert_eq!((page.records.len(), page.cursor), (200, None));
}

#[test]
fn a_name_that_leads_nowhere_does_not_stop_a_search() {
    let folder = ledger();
    std::os::unix::fs::symlink("nowhere", folder.path().join("00000002.jsonl.old")).unwrap();
    fs::remove_file(folder.path().join("00000002.jsonl")).unwrap();
    std::os::unix::fs::symlink("nowhere", folder.path().join("00000002.jsonl")).unwrap();
    fs::write(folder.path().join("7.jsonl"), "not ours").unwrap();
    fs::write(folder.path().join("00000009.jsonl.zst"), "compressed").unwrap();
    assert_eq!(count(&Searcher::new(folder.path())).0, 200);
}

#[test]
fn a_directory_that_is_not_there_is_told_with_a_hint() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing");
    let failure = search(&missing, &everything(), later()).unwrap_err();
    assert_eq!(failure.code, "unreadable");
    let expected = format!(
        "cannot search the ledger at `{}`: No such file or directory (os error 2); check its owner and its permissions, \
         and whether the disk has room for its indexes",
        missing.display()
    );
    assert_eq!(failure.message, expected);
}

#[test]
fn lines_that_are_no_records_are_counted() {
    let folder = tempfile::tempdir().unwrap();
    let mut all = lines(&[
        record(AT_US, 1, json!({})),
        record(AT_US, 2, json!({"id": "7"})),
        record(AT_US, 3, json!({"ts": "now"})),
    ]);
    all.extend([
        String::new(),
        "nonsense".to_owned(),
        "x".repeat(40_000),
        format!("{{\"a\":\"{}\"}}", "x".repeat(16_384)),
    ]);
    all.extend(lines(&[record(AT_US, 4, json!({}))]));
    for number in [1, 2] {
        write(folder.path(), number, &all, "{\"v\":1,\"torn");
    }
    let searcher = Searcher::new(folder.path());
    assert_eq!(ids(&found(&searcher, &everything())), [id(4), id(1)]);
    assert_eq!(searcher.stats().lines_skipped, 12);
    let again = Searcher::new(folder.path());
    assert_eq!(found(&again, &everything()).len(), 2);
    assert_eq!(again.stats().lines_skipped, 12);
}
