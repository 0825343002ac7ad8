//! Any ledger, any question, any cutting of pages: the records of the slow reader.

use super::*;
use crate::ledger::reading::{self, Line, Sieve, Which};
use proptest::prelude::*;
use proptest::sample::select;
use std::ops::ControlFlow;

/// Moments that are near enough to collide and far enough to need blocks of their own.
const MOMENTS_US: [i64; 9] = [0, 1, 2, 3, 999, 1_000_000, 60_000_000, 5_000_000_000, 90_000_000_000];

fn at_us() -> impl Strategy<Value = i64> {
    select(MOMENTS_US.to_vec()).prop_map(|offset| AT_US + offset)
}

fn text() -> impl Strategy<Value = String> {
    let texts = [
        "SELECT * FROM Orders WHERE id = ?",
        "select 1",
        "INSERT INTO \"Päckchen\" VALUES (?)",
        "a\nb \\ \"c\"",
        "",
    ];
    prop_oneof![
        select(texts.to_vec()).prop_map(str::to_owned),
        // Now and then so many that a part does not keep them.
        "[A-C ]{0,60}",
    ]
}

fn table() -> impl Strategy<Value = &'static str> {
    select(vec!["orders", "shop.orders", "db.shop.orders", "items", "a\"b.items", ".", "x."])
}

fn fields() -> impl Strategy<Value = Value> {
    let word = |words: &[&'static str]| prop::option::of(select(words.to_vec()));
    let names = (word(&["app", "ann", "é\"\\"]), word(&["shop", "crm"]), word(&["web", "job"]));
    let shape = || (word(&["1-a", "1-b"]), prop::option::of(text()), prop::collection::vec(table(), 0..3));
    let ends = (word(&["23505", "42501"]), prop::option::of(select(vec![0, 7, 4_000_000_000, u64::MAX])));
    let judged =
        (word(&["allow", "refuse"]), word(&["p/a", "p/b"]), word(&["p/a", "p/c"]), word(&["read", "write"]));
    let events = word(&["statement.outcome", "statement.refused", "session.start"]);
    let place = prop_oneof![
        4 => Just(json!("shop")),
        2 => Just(json!("crm")),
        1 => Just(Value::Null),
        1 => Just(json!(7)),
    ];
    let session = word(&["s-1", "s-2", "s-3"]);
    let hash = prop::option::of(select(vec!["0a", "0b", "0c", "0d"]));
    let ends = (ends, prop::option::weighted(0.3, prop::collection::vec(hash, 0..4)));
    (place, events, session, names, shape(), prop::option::of(shape()), judged, ends).prop_map(
        |(place, event, session, (user, database, application), shape, source, judged, ends)| {
            let ((sqlstate, total), hashes) = ends;
            let shaped = |(fingerprint, text, tables): (Option<&str>, Option<String>, Vec<&str>)| {
                json!({"fingerprint": fingerprint, "text": text, "tables": tables})
            };
            let (verdict, rule, would, class) = judged;
            let mut fields = json!({
                "listener": place, "event": event, "session": session,
                "principal": {"user": user, "database": database, "application": application},
                "class": class, "verdict": verdict, "rule": rule, "would": {"rule": would},
                "timing_us": {"judge": 1, "total": total}, "sqlstate": sqlstate,
                "source": source.map(shaped), "hashes": hashes,
            });
            fields.as_object_mut().unwrap().extend(shaped(shape).as_object().unwrap().clone());
            // The ledger leaves out what is not known.
            fields.as_object_mut().unwrap().retain(|_, value| !value.is_null());
            fields
        },
    )
}

/// A line and whether it is written the way the ledger writes.
fn line() -> impl Strategy<Value = String> {
    let sound = (at_us(), 0..40_u64, fields())
        .prop_map(|(at_us, number, fields)| record(at_us, number, fields))
        .boxed();
    prop_oneof![
        30 => sound.clone().prop_map(|record| record.to_string()),
        2 => sound.clone().prop_map(|record| format!(" {}", serde_json::to_string(&record).unwrap().replace("\":", "\" : "))),
        1 => sound.clone().prop_map(|record| record.to_string()[3..].to_owned()),
        1 => sound.clone().prop_map(|record| record.to_string().replace("\"ts\":\"2026", "\"ts\":\"x026")),
        1 => sound.prop_map(|record| record.to_string().replace("\"judge\":1", "\"judge\":01")),
        1 => select(vec!["", "{}", "[]", "nonsense", "{\"ts\":"]).prop_map(str::to_owned),
        1 => Just(format!("{{\"v\":1,\"text\":\"{}\"}}", "x".repeat(20_000))),
    ]
}

fn query() -> impl Strategy<Value = LedgerQuery> {
    let word =
        |words: &[&'static str]| prop::option::weighted(0.15, select(words.to_vec()).prop_map(str::to_owned));
    let listeners = prop_oneof![
        5 => Just(vec!["shop".to_owned(), "crm".to_owned()]),
        2 => Just(vec!["shop".to_owned()]),
        1 => Just(Vec::new()),
    ];
    let names = (
        word(&["app", "ann", "é\"\\", "bob"]),
        word(&["shop", "crm"]),
        word(&["web", "job"]),
        word(&["s-1", "s-3"]),
    );
    let shape = (
        word(&["1-a", "1-b", "1-z"]),
        word(&["orders", "shop.orders", "items", "rders", ".items", ""]),
        word(&["from ORDERS", "select", "päckchen", "A ab", "\\ \"c\"", " ", "?", "nowhere"]),
    );
    let judged = (word(&["read"]), word(&["refuse"]), word(&["p/a", "p/c"]), word(&["23505"]));
    let bounds = (
        prop::option::weighted(0.2, at_us()),
        prop::option::weighted(0.2, at_us()),
        prop::option::weighted(0.2, select(vec![0, 7, 8, 4_294_967_295, 4_294_967_296, u64::MAX])),
    );
    let events = prop_oneof![
        3 => Just(Vec::new()),
        1 => Just(vec!["statement.refused".to_owned()]),
        1 => Just(vec!["session.start".to_owned(), "statement.outcome".to_owned()]),
    ];
    let hashes = prop_oneof![
        4 => Just(Vec::new()),
        1 => prop::collection::vec(select(vec!["0d", "0b", "zz", "0a"]).prop_map(str::to_owned), 1..40),
    ];
    let events = (events, hashes);
    (listeners, any::<bool>(), names, shape, judged, bounds, events).prop_map(
        |(listeners, gateway, names, shape, judged, (from_us, until_us, total_us_min), (events, hashes))| {
            let ((user, database, application, session), (fingerprint, table, text)) = (names, shape);
            let (class, verdict, rule, sqlstate) = judged;
            LedgerQuery {
                listeners,
                gateway,
                from_us,
                until_us,
                events,
                user,
                database,
                application,
                session,
                fingerprint,
                table,
                class,
                verdict,
                rule,
                sqlstate,
                hashes,
                text,
                total_us_min,
                limit: 500,
                cursor: None,
                reader: None,
            }
        },
    )
}

/// What somebody is shown who asks for everything at once.
fn visited(searcher: &Searcher, query: &LedgerQuery) -> Vec<Value> {
    let mut records = Vec::new();
    let visited = searcher.visit(query, Scope::Named, &mut |found: Visited| {
        assert_eq!(serde_json::from_slice::<Value>(&found.line).unwrap(), found.record);
        records.push(found.record);
        ControlFlow::Continue(())
    });
    visited.unwrap();
    records
}

/// What a reader without an index finds in the order of writing, put into the order of an answer.
fn read_in_order(directory: &Path, query: &LedgerQuery) -> Vec<Value> {
    let mut sieve = Sieve::of(query, Scope::Named).unwrap();
    let mut found = BTreeMap::new();
    let mut each = |line: &Line<'_>| {
        found.insert((line.at_us, line.id().unwrap()), line.record().clone());
        Ok(ControlFlow::Continue(()))
    };
    reading::read(directory, Which::All, &mut sieve, &mut |_| (), &mut each).unwrap();
    found.into_values().rev().collect()
}

fn check(segments: &[Vec<String>], torn: &str, queries: &[LedgerQuery], limit: u32) {
    let folder = tempfile::tempdir().unwrap();
    let moments = MOMENTS_US.map(|offset| (moment(AT_US + offset), AT_US + offset)).into();
    for (number, lines) in segments.iter().enumerate() {
        write(folder.path(), number as u64 + 1, lines, torn);
    }
    let made = Searcher::new(folder.path());
    let (mut pages_of_one, mut pages_of_all) = (0, 0);
    for query in queries {
        let expected = reference(folder.path(), query, &moments);
        let records = found(&made, query);
        assert_eq!(ids(&records), ids(&expected), "{query:?}");
        assert_eq!(records, expected, "{query:?}");
        assert_eq!(visited(&made, query), expected, "{query:?}");
        assert_eq!(read_in_order(folder.path(), query), expected, "{query:?}");
        // As it was left on the disk, by somebody who does not wait.
        let loaded = Searcher::new(folder.path());
        let query = LedgerQuery { limit, ..query.clone() };
        for page in pages(&loaded, &query, Instant::now) {
            pages_of_one += 1;
            assert!(page.records.len() <= limit as usize);
            assert!(page.searched_until_us.is_none() || page.cursor.is_some());
        }
        let cut: Vec<Value> =
            pages(&loaded, &query, Instant::now).into_iter().flat_map(|page| page.records).collect();
        assert_eq!(ids(&cut), ids(&expected), "{query:?}");
        pages_of_all += pages(&loaded, &query, later).len();
    }
    assert!(pages_of_one >= pages_of_all, "who does not wait has no fewer pages");
}

#[test]
fn records_with_many_hashes_are_found_by_each_of_them() {
    let hash = |record: u64, number: u64| format!("{:032x}", record * 1_000 + number);
    let line = |number| {
        let hashes: Vec<String> = (0..150).map(|parameter| hash(number, parameter)).collect();
        record(AT_US, number, json!({ "hashes": hashes })).to_string()
    };
    let of = |hashes: Vec<String>| LedgerQuery { hashes, limit: 500, ..everything() };
    let queries = [
        of(vec![hash(0, 0)]),
        of(vec![hash(17, 149), hash(39, 7)]),
        of((0..40).map(|record| hash(record, 70)).collect()),
        of(vec![hash(0, 150)]),
    ];
    check(&[(0..40).map(line).collect(), (20..30).map(line).collect()], "", &queries, 7);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn every_search_finds_what_reading_every_line_finds(
        segments in prop::collection::vec(prop::collection::vec(line(), 0..160), 1..4),
        torn in select(vec!["", "{\"v\":1,\"event\":\"statement.int", "nonsense"]),
        queries in prop::collection::vec(query(), 6),
        limit in 1..30_u32,
    ) {
        check(&segments, torn, &queries, limit);
    }
}
