//! What a page says of itself.

use super::*;

fn searcher(records: &[Value]) -> (tempfile::TempDir, Searcher) {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), 1, &lines(records), "");
    let searcher = Searcher::new(folder.path());
    (folder, searcher)
}

#[test]
fn an_empty_horizon_finds_nothing_and_records_of_the_gateway_are_asked_for_apart() {
    let mut own = record(AT_US, 1, json!({}));
    own.as_object_mut().unwrap().remove("listener");
    let (_folder, searcher) =
        searcher(&[own, record(AT_US, 2, json!({})), record(AT_US, 3, json!({"listener": "crm"}))]);
    let asked = |listeners: &[&str], gateway| {
        let listeners = listeners.iter().map(|name| (*name).to_owned()).collect();
        let query = LedgerQuery { listeners, gateway, limit: 10, ..LedgerQuery::default() };
        let records = found(&searcher, &query);
        ids(&records).iter().map(|id| id.chars().last().unwrap()).collect::<String>()
    };
    assert_eq!(asked(&[], false), "");
    assert_eq!(asked(&[], true), "1");
    assert_eq!(asked(&["shop"], false), "2");
    assert_eq!(asked(&["crm", "shop"], false), "32");
    assert_eq!(asked(&["crm", "shop"], true), "321");
    assert_eq!(asked(&["sho", ""], false), "");
}

#[test]
fn the_last_page_has_no_cursor_even_when_it_is_full() {
    let records: Vec<Value> =
        (0..20).map(|number| record(AT_US + number, number as u64, json!({}))).collect();
    let (_folder, searcher) = searcher(&records);
    let sizes = |limit| -> Vec<usize> {
        let query = LedgerQuery { limit, ..everything() };
        pages(&searcher, &query, later).iter().map(|page| page.records.len()).collect()
    };
    assert_eq!(sizes(10), [10, 10]);
    assert_eq!(sizes(20), [20]);
    assert_eq!(sizes(7), [7, 7, 6]);
    assert_eq!(sizes(100_000), [20], "more than there may be is as many as there may be");
}

#[test]
fn the_most_records_of_a_page_hold_whatever_is_asked_for() {
    let records: Vec<Value> =
        (0..1_100).map(|number| record(AT_US + number, number as u64, json!({}))).collect();
    let (_folder, searcher) = searcher(&records);
    let query = LedgerQuery { limit: u32::MAX, ..everything() };
    let sizes: Vec<usize> = pages(&searcher, &query, later).iter().map(|page| page.records.len()).collect();
    assert_eq!(sizes, [500, 500, 100]);
}

#[test]
fn long_lines_make_short_pages() {
    let long = "x".repeat(15_000);
    let records: Vec<Value> =
        (0..400).map(|number| record(AT_US + number, number as u64, json!({"text": long}))).collect();
    let (_folder, searcher) = searcher(&records);
    let query = LedgerQuery { limit: 500, ..everything() };
    let sizes: Vec<usize> = pages(&searcher, &query, later).iter().map(|page| page.records.len()).collect();
    assert_eq!(sizes.iter().sum::<usize>(), 400);
    assert_eq!(sizes.len(), 2, "{sizes:?}");
}

#[test]
fn many_records_of_one_moment_are_told_once_each() {
    let records: Vec<Value> = (0..300).map(|number| record(AT_US, number * 7 % 300, json!({}))).collect();
    let (_folder, searcher) = searcher(&records);
    for limit in [1, 13, 100, 299, 300] {
        let records = found(&searcher, &LedgerQuery { limit, ..everything() });
        let expected: Vec<String> = (0..300).rev().map(id).collect();
        assert_eq!(ids(&records), expected, "{limit}");
    }
}

#[test]
fn a_search_that_is_late_says_how_far_it_got_and_goes_on_there() {
    let records: Vec<Value> = (0..500)
        .map(|number| record(AT_US + number, number as u64, json!({"text": format!("t{number}")})))
        .collect();
    let (folder, made) = searcher(&records);
    assert_eq!(found(&made, &everything()).len(), 500, "the index is made");
    // One of the oldest; the texts are too many to be kept, so every line is read.
    let query = LedgerQuery { text: Some("T3".to_owned()), ..everything() };
    let searcher = Searcher::new(folder.path());
    while !searcher.prepare().unwrap() {}
    let mut until_us = i64::MAX;
    let mut told = 0;
    for page in pages(&searcher, &query, Instant::now) {
        told += page.records.len();
        if let Some(searched_until_us) = page.searched_until_us {
            assert!(searched_until_us <= until_us);
            until_us = searched_until_us;
        }
    }
    let moments = (AT_US..AT_US + 500).map(|at_us| (moment(at_us), at_us)).collect();
    assert_eq!(told, reference(folder.path(), &query, &moments).len());
    assert!(until_us < AT_US + 500, "it was late at least once: {until_us}");
}

#[test]
fn the_reader_is_told_how_many_records_were_read() {
    let records: Vec<Value> = (0..100)
        .map(|number| {
            record(
                AT_US + number,
                number as u64,
                json!({"sqlstate": if number == 7 { "23505" } else { "42501" }}),
            )
        })
        .collect();
    let (_folder, searcher) = searcher(&records);
    let page = searcher
        .search(&LedgerQuery { sqlstate: Some("23505".to_owned()), ..everything() }, later())
        .unwrap();
    assert_eq!((page.records.len(), page.records_read), (1, 1), "the index leads to it");
}

#[test]
fn questions_that_make_no_sense_are_refused_with_a_hint() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |query: LedgerQuery| {
        let failure = search(folder.path(), &query, later()).unwrap_err();
        (failure.code, failure.message)
    };
    let (code, message) = refused(LedgerQuery { limit: 0, ..everything() });
    assert_eq!(
        (code.as_str(), message.as_str()),
        ("bad_question", "`limit` is `0`; ask for at least one record")
    );
    let (code, message) = refused(LedgerQuery { cursor: Some("yesterday".to_owned()), ..everything() });
    let expected =
        "`yesterday` is no cursor; take the one of the page before, or none to begin with the newest record";
    assert_eq!((code.as_str(), message.as_str()), ("bad_cursor", expected));
    assert_eq!(refused(LedgerQuery { text: Some("x".repeat(1_001)), ..everything() }).0, "bad_question");
    assert_eq!(
        refused(LedgerQuery { listeners: vec![String::new(); 10_001], ..everything() }).0,
        "bad_question"
    );
    assert_eq!(
        refused(LedgerQuery { events: vec![String::new(); 10_001], ..everything() }).0,
        "bad_question"
    );
}

#[test]
fn the_ends_of_time_are_bounds_like_others() {
    let (_folder, searcher) = searcher(&[record(AT_US, 1, json!({}))]);
    let count =
        |from_us, until_us| found(&searcher, &LedgerQuery { from_us, until_us, ..everything() }).len();
    assert_eq!(count(Some(i64::MIN), Some(i64::MAX)), 1);
    assert_eq!(count(Some(AT_US), Some(AT_US + 1)), 1);
    assert_eq!(count(Some(AT_US), Some(AT_US)), 0);
    assert_eq!(count(None, Some(i64::MIN)), 0);
    assert_eq!(count(Some(i64::MAX), None), 0);
    assert_eq!(count(Some(AT_US + 1), Some(AT_US)), 0);
}
