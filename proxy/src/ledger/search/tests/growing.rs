//! A ledger that is written while it is searched.

use super::*;
use crate::ledger::{Ledger, LedgerSettings, Sync};
use exchange::{Event, Record, RecordBody};
use std::collections::BTreeSet;
use std::io::Write as _;

#[test]
fn what_is_appended_is_found_and_half_a_line_waits_for_the_other_half() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), 1, &[], "");
    let searcher = Searcher::new(folder.path());
    assert_eq!(found(&searcher, &everything()).len(), 0);
    let path = folder.path().join("00000001.jsonl");
    let append = |text: &str| {
        let mut file = std::fs::OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(text.as_bytes()).unwrap();
    };
    for number in 0..200 {
        let line = format!("{}\n", record(AT_US + number, number as u64, json!({})));
        let (first, second) = line.split_at(line.len() / 2);
        append(first);
        assert_eq!(found(&searcher, &everything()).len(), number as usize);
        append(second);
        assert_eq!(found(&searcher, &everything()).len(), number as usize + 1);
    }
    // A failed write is taken back and comes again.
    let text = std::fs::read_to_string(&path).unwrap();
    let file = std::fs::OpenOptions::new().append(true).open(&path).unwrap();
    file.set_len(text.len() as u64 / 2).unwrap();
    let left = text[..text.len() / 2].matches('\n').count();
    assert_eq!(found(&searcher, &everything()).len(), left);
    append(&text[text.len() / 2..]);
    assert_eq!(found(&searcher, &everything()).len(), 200);
    // The next segment is begun: this one is closed.
    write(folder.path(), 2, &lines(&[record(AT_US, 777, json!({}))]), "");
    assert_eq!(found(&searcher, &everything()).len(), 201);
    assert!(folder.path().join("00000001.idx").exists());
}

#[test]
fn the_ledgers_own_records_are_found_while_it_writes_them() {
    let folder = tempfile::tempdir().unwrap();
    let settings = LedgerSettings {
        sync: Sync::None,
        segment_bytes_max: 20_000,
        keys: folder.path().join("keys"),
        ..LedgerSettings::new(folder.path())
    };
    let handle = Ledger::open(settings, std::sync::Arc::default()).unwrap().spawn(Vec::new()).unwrap();
    let searcher = Arc::new(Searcher::new(folder.path()));
    searcher.keep_ready().unwrap();
    let query = LedgerQuery {
        gateway: true,
        events: vec!["config.changed".to_owned()],
        limit: 500,
        ..LedgerQuery::default()
    };
    let mut before = 0;
    for number in 0..1_000 {
        let body = RecordBody::Note(format!("note {number}").into());
        let record =
            Record { event: Event::ConfigChanged, at_us: AT_US as u64 + number, session: None, body };
        let stop = later();
        while handle.offer(record.clone()).is_err() {
            assert!(Instant::now() < stop, "the ledger takes no more");
            std::thread::yield_now();
        }
        if number % 20 == 0 {
            let records = found(&searcher, &query);
            let notes: BTreeSet<&str> =
                records.iter().map(|record| record["note"].as_str().unwrap()).collect();
            assert_eq!(notes.len(), records.len(), "each once");
            assert!(records.len() >= before, "nothing that was there is hidden");
            // The oldest are all there: what is missing is at the new end only.
            assert!((0..records.len()).all(|number| notes.contains(format!("note {number}").as_str())));
            before = records.len();
        }
    }
    handle.close().unwrap();
    let records = found(&searcher, &query);
    let notes: Vec<&str> = records.iter().map(|record| record["note"].as_str().unwrap()).collect();
    let expected: Vec<String> = (0..1_000).rev().map(|number| format!("note {number}")).collect();
    assert_eq!(notes, expected);
    assert!(searcher.stats().segments > 5, "{:?}", searcher.stats());
}

#[test]
fn indexes_are_made_in_the_background_and_the_thread_ends_with_its_searcher() {
    let folder = tempfile::tempdir().unwrap();
    for number in 1..=3 {
        write(folder.path(), number, &lines(&[record(AT_US, number, json!({}))]), "");
    }
    let searcher = Arc::new(Searcher::new(folder.path()));
    searcher.keep_ready().unwrap();
    let stop = later();
    while !folder.path().join("00000001.idx").exists() {
        assert!(Instant::now() < stop, "nobody makes the index");
        std::thread::yield_now();
    }
    let weak = Arc::downgrade(&searcher);
    drop(searcher);
    while weak.strong_count() > 0 {
        assert!(Instant::now() < stop, "the thread keeps its searcher");
        std::thread::yield_now();
    }
}

#[test]
fn a_search_that_cannot_wait_for_the_indexes_says_so_and_gets_there() {
    let folder = tempfile::tempdir().unwrap();
    for number in 1..=4 {
        let records: Vec<Value> =
            (0..100).map(|row| record(AT_US + row, number * 100 + row as u64, json!({}))).collect();
        write(folder.path(), number, &lines(&records), "");
    }
    let searcher = Searcher::new(folder.path());
    let first = searcher.search(&everything(), Instant::now()).unwrap();
    assert!(first.records.is_empty() && first.searched_until_us.is_some() && first.cursor.is_some());
    let query = LedgerQuery { cursor: first.cursor, ..everything() };
    let all: usize = pages(&searcher, &query, Instant::now).iter().map(|page| page.records.len()).sum();
    assert_eq!(all, 400);
}
