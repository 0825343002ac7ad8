//! Are all records read, once each, in the order of writing?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;
use crate::ledger::index::LINE_BYTES_MAX;
use serde_json::json;

const AT_US: i64 = 1_785_846_896_000_000;

fn line(number: u64, more: Value) -> String {
    let mut record = json!({
        "v": 1, "event": "statement.outcome", "id": format!("0198c0de-1234-7abc-8def-{number:012x}"),
        "ts": crate::ledger::moments::write(AT_US + number as i64), "writer": "w", "seq": number, "listener": "shop",
    });
    record.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    record.to_string()
}

fn plain(directory: &Path, number: u64, lines: &[String]) {
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    std::fs::write(directory.join(format!("{number:08}.jsonl")), text).unwrap();
}

fn compress(directory: &Path, number: u64) {
    let path = directory.join(format!("{number:08}.jsonl"));
    let bytes = zstd::encode_all(std::fs::read(&path).unwrap().as_slice(), 3).unwrap();
    std::fs::write(directory.join(format!("{number:08}.jsonl.zst")), bytes).unwrap();
    std::fs::remove_file(path).unwrap();
}

fn read_all(directory: &Path, which: Which, query: &LedgerQuery) -> (Vec<String>, Seen) {
    let mut sieve = Sieve::of(query, Scope::Everything).unwrap();
    let mut found = Vec::new();
    let mut each = |line: &Line<'_>| {
        assert_eq!(serde_json::from_slice::<Value>(line.bytes).unwrap(), *line.record());
        found.push(String::from_utf8(line.bytes.to_vec()).unwrap());
        Ok(ControlFlow::Continue(()))
    };
    read(directory, which, &mut sieve, &mut |_| (), &mut each).unwrap();
    (found, sieve.seen)
}

fn everything() -> LedgerQuery {
    LedgerQuery { limit: 1, ..LedgerQuery::default() }
}

#[test]
fn plain_and_compressed_segments_are_one_ledger() {
    let folder = tempfile::tempdir().unwrap();
    let lines: Vec<String> = (0..3_000).map(|number| line(number, json!({ "rows": number }))).collect();
    for (number, part) in lines.chunks(700).enumerate() {
        plain(folder.path(), number as u64 + 1, part);
    }
    compress(folder.path(), 1);
    compress(folder.path(), 3);
    std::fs::write(folder.path().join("7.jsonl"), "somebody else's\n").unwrap();
    let (found, seen) = read_all(folder.path(), Which::All, &everything());
    assert_eq!(found, lines);
    assert_eq!(seen, Seen { records: 3_000, lines_skipped: 0 });
    let (found, _) = read_all(folder.path(), Which::Compressed, &everything());
    assert_eq!(found, [&lines[..700], &lines[1_400..2_100]].concat());
    assert!(has_compressed(folder.path()).unwrap());
    let listed = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path());
    let bytes: u64 =
        listed.filter(|path| !path.ends_with("7.jsonl")).map(|path| path.metadata().unwrap().len()).sum();
    assert_eq!(segment_bytes(folder.path()).unwrap(), bytes);
}

#[test]
fn conditions_choose_and_a_line_that_is_no_record_is_counted() {
    let folder = tempfile::tempdir().unwrap();
    let long = format!("{{\"note\":\"{}\"}}", "x".repeat(LINE_BYTES_MAX));
    let mut lines =
        vec!["no json".to_owned(), line(1, json!({ "class": "read", "text": "SELECT a FROM Orders" }))];
    lines.extend([long, "{\"v\":1}".to_owned()]);
    lines.push(line(
        2,
        json!({ "class": "write", "text": "UPDATE orders SET a = ?", "timing_us": { "total": 900 } }),
    ));
    lines.push(line(
        3,
        json!({ "class": "write", "text": "DELETE FROM items", "principal": { "user": "ada" } }),
    ));
    plain(folder.path(), 1, &lines);
    let torn = line(4, json!({}));
    let text = std::fs::read_to_string(folder.path().join("00000001.jsonl")).unwrap();
    std::fs::write(folder.path().join("00000001.jsonl"), text + &torn).unwrap();
    let ask = |query: LedgerQuery| read_all(folder.path(), Which::All, &query);
    let (found, seen) = ask(everything());
    assert_eq!(found, [lines[1].clone(), lines[4].clone(), lines[5].clone()], "a torn line is not there yet");
    assert_eq!(seen, Seen { records: 3, lines_skipped: 3 });
    let chosen = |query| ask(query).0;
    let class = LedgerQuery { class: Some("write".to_owned()), ..everything() };
    assert_eq!(chosen(class), [lines[4].clone(), lines[5].clone()]);
    let text = LedgerQuery { text: Some("from ORDERS".to_owned()), ..everything() };
    assert_eq!(chosen(text), [lines[1].clone()]);
    assert_eq!(chosen(LedgerQuery { total_us_min: Some(900), ..everything() }), [lines[4].clone()]);
    assert_eq!(chosen(LedgerQuery { total_us_min: Some(901), ..everything() }), [] as [String; 0]);
    assert_eq!(chosen(LedgerQuery { user: Some("ada".to_owned()), ..everything() }), [lines[5].clone()]);
    let time = LedgerQuery { from_us: Some(AT_US + 2), until_us: Some(AT_US + 3), ..everything() };
    assert_eq!(chosen(time), [lines[4].clone()]);
    let named = LedgerQuery { listeners: vec!["crm".to_owned()], ..everything() };
    let mut sieve = Sieve::of(&named, Scope::Named).unwrap();
    assert!(
        lines.iter().all(|line| sieve.take(line.as_bytes()).is_none()),
        "the listener of none is asked for"
    );
}

#[test]
fn lines_that_stand_again_after_a_failed_disk_are_read_once() {
    let folder = tempfile::tempdir().unwrap();
    let lines: Vec<String> = (1..=6).map(|number| line(number, json!({}))).collect();
    plain(folder.path(), 1, &lines[..4]);
    plain(folder.path(), 2, &lines[2..]);
    // Another writer counts from the beginning.
    let mut other: Vec<String> = (1..=2).map(|number| line(number, json!({ "writer": "x" }))).collect();
    plain(folder.path(), 3, &other);
    let mut expected = lines;
    expected.append(&mut other);
    assert_eq!(read_all(folder.path(), Which::All, &everything()).0, expected);
}

#[test]
fn a_segment_of_another_time_is_passed_over_by_its_index() {
    let folder = tempfile::tempdir().unwrap();
    for number in 1..=3_u64 {
        let lines: Vec<String> = (0..5).map(|more| line(number * 1_000 + more, json!({}))).collect();
        plain(folder.path(), number, &lines);
    }
    // Makes the indexes.
    let searcher = crate::ledger::search::Searcher::new(folder.path());
    while !searcher.prepare().unwrap() {}
    let query = LedgerQuery { from_us: Some(AT_US + 2_000), until_us: Some(AT_US + 2_003), ..everything() };
    let (found, seen) = read_all(folder.path(), Which::All, &query);
    assert_eq!(found.len(), 3);
    assert_eq!(seen.records, 10, "the first segment was not read; the newest has no index");
}

#[test]
fn a_compressed_segment_that_breaks_off_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let lines: Vec<String> =
        (0..2_000).map(|number| line(number, json!({ "note": number.to_string() }))).collect();
    plain(folder.path(), 1, &lines);
    compress(folder.path(), 1);
    let path = folder.path().join("00000001.jsonl.zst");
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    let query = everything();
    let mut sieve = Sieve::of(&query, Scope::Everything).unwrap();
    let mut each = |_: &Line<'_>| Ok(ControlFlow::Continue(()));
    let error = read(folder.path(), Which::All, &mut sieve, &mut |_| (), &mut each).unwrap_err();
    assert!(error.to_string().contains("00000001.jsonl.zst"), "{error}");
}
