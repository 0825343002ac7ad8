//! Searches, beside a reader that reads every line.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod failure;
mod growing;
mod pages;
mod reference;

use super::*;
use crate::ledger::timestamp::Timestamps;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Longer than anything here takes; reaching it is the failure.
const TOO_LONG: Duration = Duration::from_secs(30);

const AT_US: i64 = 1_785_846_896_000_000;

fn later() -> Instant {
    Instant::now() + TOO_LONG
}

fn moment(at_us: i64) -> String {
    let mut text = Vec::new();
    Timestamps::new().write(&mut text, at_us as u64);
    String::from_utf8(text).unwrap()
}

fn id(number: u64) -> String {
    uuid::Uuid::from_u128(0x0198_c0de_1234_7abc_8def_0000_0000_0000 | u128::from(number)).to_string()
}

/// A record of the listener `shop`, with `more` in it.
fn record(at_us: i64, number: u64, more: Value) -> Value {
    let mut fields = Map::new();
    fields.insert("v".to_owned(), json!(1));
    fields.insert("event".to_owned(), json!("statement.outcome"));
    fields.insert("id".to_owned(), json!(id(number)));
    fields.insert("ts".to_owned(), json!(moment(at_us)));
    fields.insert("listener".to_owned(), json!("shop"));
    fields.extend(more.as_object().unwrap().clone());
    Value::Object(fields)
}

/// Writes segments from lines and what stands behind the last line feed.
fn write(directory: &Path, number: u64, lines: &[String], torn: &str) {
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    std::fs::write(directory.join(format!("{number:08}.jsonl")), text + torn).unwrap();
}

fn lines(records: &[Value]) -> Vec<String> {
    records.iter().map(Value::to_string).collect()
}

/// A question for everything of `shop` and of the gateway.
fn everything() -> LedgerQuery {
    LedgerQuery { listeners: vec!["shop".to_owned()], gateway: true, limit: 100, ..LedgerQuery::default() }
}

/// All pages of a question, one after the other.
fn pages(searcher: &Searcher, query: &LedgerQuery, deadline: impl Fn() -> Instant) -> Vec<LedgerPage> {
    let mut query = query.clone();
    let mut pages = Vec::new();
    let stop = later();
    loop {
        let page = searcher.search(&query, deadline()).unwrap();
        query.cursor.clone_from(&page.cursor);
        pages.push(page);
        assert!(Instant::now() < stop, "the pages never end");
        if query.cursor.is_none() {
            return pages;
        }
    }
}

fn found(searcher: &Searcher, query: &LedgerQuery) -> Vec<Value> {
    pages(searcher, query, later).into_iter().flat_map(|page| page.records).collect()
}

fn ids(records: &[Value]) -> Vec<&str> {
    records.iter().map(|record| record["id"].as_str().unwrap()).collect()
}

/// What [`Searcher`] promises, the slow way: every line is read, parsed and compared.
fn reference(directory: &Path, query: &LedgerQuery, moments: &BTreeMap<String, i64>) -> Vec<Value> {
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension() == Some("jsonl".as_ref()));
    paths.sort();
    let mut found = BTreeMap::new();
    for path in paths {
        let bytes = std::fs::read(&path).unwrap();
        for line in bytes.split_inclusive(|byte| *byte == b'\n').filter(|line| line.ends_with(b"\n")) {
            let Ok(record @ Value::Object(_)) = serde_json::from_slice(line) else { continue };
            let Some(at_us) = record["ts"].as_str().and_then(|ts| moments.get(ts)) else { continue };
            let Some(id) = record["id"].as_str().filter(|id| id.len() == 36) else { continue };
            if line.len() <= crate::ledger::index::LINE_BYTES_MAX && wanted(&record, *at_us, query) {
                found.insert((*at_us, id.to_owned()), record);
            }
        }
    }
    found.into_values().rev().collect()
}

fn wanted(record: &Value, at_us: i64, query: &LedgerQuery) -> bool {
    let is = |wanted: &Option<String>, value: &Value| match wanted {
        Some(wanted) => value.as_str() == Some(wanted.as_str()),
        None => true,
    };
    let source = &record["source"];
    let tables = record["tables"].as_array().into_iter().chain(source["tables"].as_array()).flatten();
    let mut names: Vec<String> = Vec::new();
    for table in tables.filter_map(Value::as_str) {
        let parts: Vec<&str> = table.split('.').collect();
        names.extend((0..parts.len()).map(|from| parts[from..].join(".")));
    }
    let texts =
        [&record["text"], &source["text"]].map(|text| text.as_str().unwrap_or("").to_ascii_lowercase());
    let mut words = query.text.as_deref().unwrap_or("").split_whitespace().map(str::to_ascii_lowercase);
    let hashes: Vec<&str> =
        record["hashes"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let listener = match record["listener"].as_str() {
        Some(listener) => query.listeners.contains(&listener.to_owned()),
        None => query.gateway,
    };
    let principal = &record["principal"];
    listener
        && query.from_us.is_none_or(|from_us| at_us >= from_us)
        && query.until_us.is_none_or(|until_us| at_us < until_us)
        && (query.events.is_empty() || query.events.iter().any(|event| record["event"] == **event))
        && is(&query.user, &principal["user"])
        && is(&query.database, &principal["database"])
        && is(&query.application, &principal["application"])
        && is(&query.session, &record["session"])
        && (is(&query.fingerprint, &record["fingerprint"]) || is(&query.fingerprint, &source["fingerprint"]))
        && query.table.as_ref().is_none_or(|table| names.contains(table))
        && is(&query.class, &record["class"])
        && is(&query.verdict, &record["verdict"])
        && (is(&query.rule, &record["rule"]) || is(&query.rule, &record["would"]["rule"]))
        && is(&query.sqlstate, &record["sqlstate"])
        && (query.hashes.is_empty() || query.hashes.iter().any(|hash| hashes.contains(&hash.as_str())))
        && words.all(|word| texts.iter().any(|text| text.contains(&word)))
        && query
            .total_us_min
            .is_none_or(|least| record["timing_us"]["total"].as_u64().is_some_and(|total| total >= least))
}
