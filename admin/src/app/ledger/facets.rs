//! Which values do the records of a search have, and how often?
//!
//! The newest that match are counted, up to a bound, and the answer says how many those were.

use super::readers::{Handed, reader};
use super::{Asked, Missing, Place, ask, conditions, is_of_instance, write_down};
use crate::operation::Operation;
use crate::problem::Problem;
use control::LedgerQuery;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::time::Duration;
use tokio::time::Instant;

/// Most records that are counted.
pub const RECORDS_MAX: u32 = 5_000;
/// Longest counting takes before what was counted is told.
const COUNT_MAX: Duration = Duration::from_secs(5);

/// The fields whose values are counted, and where each stands in a record.
pub const FIELDS: [(&str, &[&str]); 8] = [
    ("verdict", &["verdict"]),
    ("class", &["class"]),
    ("user", &["principal", "user"]),
    ("application", &["principal", "application"]),
    ("listener", &["listener"]),
    ("event", &["event"]),
    ("sqlstate", &["sqlstate"]),
    ("rule", &["rule"]),
];

/// The values of one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facet {
    /// Which field.
    pub field: &'static str,
    /// The most frequent values, with how often they were found.
    pub values: Vec<(String, u64)>,
    /// Records with a value that is not among them.
    pub others: u64,
    /// Records without a value.
    pub without: u64,
}

/// What was counted.
#[derive(Clone, Debug, Default)]
pub struct Facets {
    /// Records that were counted.
    pub records: u64,
    /// Whether there may be more that match.
    pub sampled: bool,
    /// The moments of the newest and the oldest of them.
    pub newest: Option<i64>,
    /// The oldest.
    pub oldest: Option<i64>,
    /// One for each of [`FIELDS`], in their order.
    pub facets: Vec<Facet>,
    /// Data planes that did not answer.
    pub incomplete: Vec<Missing>,
}

/// Counts the values of the newest records that match, and writes down that somebody did.
pub async fn facets(operation: &Operation, mut asked: Asked, values: usize) -> Result<Facets, Problem> {
    if asked.query.gateway {
        is_of_instance(operation)?;
    }
    let mut details = conditions(&asked);
    asked.query.reader = Some(reader(operation, &details, Handed::Shown("counts")).await?);
    let until = Instant::now() + COUNT_MAX;
    let (mut facets, mut counts) = (Facets::default(), Counts::default());
    loop {
        let left = u64::from(RECORDS_MAX).saturating_sub(facets.records);
        asked.limit = u32::try_from(left).unwrap_or(RECORDS_MAX).min(LedgerQuery::RECORDS_MAX);
        let answer = ask(operation, asked.clone()).await?;
        asked.query.reader = None;
        for found in &answer.found {
            let at = Place::of_record(&found.record).map(|place| place.at);
            facets.newest = facets.newest.max(at);
            facets.oldest =
                at.map_or(facets.oldest, |at| Some(facets.oldest.map_or(at, |oldest| oldest.min(at))));
            counts.add(&found.record);
        }
        facets.records += answer.found.len() as u64;
        for missing in answer.incomplete {
            if !facets.incomplete.iter().any(|known| known.plane == missing.plane) {
                facets.incomplete.push(missing);
            }
        }
        asked.after = answer.next;
        facets.sampled = answer.next.is_some();
        if !facets.sampled || facets.records >= RECORDS_MAX.into() || Instant::now() >= until {
            break;
        }
    }
    facets.facets = counts.facets(values);
    details.insert("records".to_owned(), json!(facets.records));
    write_down(operation, details).await?;
    Ok(facets)
}

/// How often each value of each field was found.
#[derive(Default)]
struct Counts {
    values: [HashMap<String, u64>; FIELDS.len()],
    records: u64,
}

impl Counts {
    fn add(&mut self, record: &Value) {
        self.records += 1;
        for ((_, path), counts) in FIELDS.iter().zip(&mut self.values) {
            let found = path.iter().try_fold(record, |at, name| at.get(name)).and_then(Value::as_str);
            let Some(value) = found.filter(|value| !value.is_empty()) else { continue };
            match counts.get_mut(value) {
                Some(count) => *count += 1,
                None => drop(counts.insert(value.to_owned(), 1)),
            }
        }
    }

    fn facets(self, most: usize) -> Vec<Facet> {
        let records = self.records;
        let facet = |((field, _), counts): (&(&'static str, _), HashMap<String, u64>)| {
            let with: u64 = counts.values().sum();
            let mut values: Vec<(String, u64)> = counts.into_iter().collect();
            values.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
            values.truncate(most);
            let told: u64 = values.iter().map(|(_, count)| count).sum();
            Facet { field, values, others: with - told, without: records - with }
        };
        FIELDS.iter().zip(self.values).map(facet).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_frequent_values_are_told_and_the_rest_is_counted() {
        let mut counts = Counts::default();
        for user in ["ann", "bob", "ann", "cy", "bob", "ann", ""] {
            counts.add(&json!({ "event": "statement.outcome", "principal": { "user": user }, "rule": 7 }));
        }
        let facets = counts.facets(2);
        let names: Vec<&str> = facets.iter().map(|facet| facet.field).collect();
        assert_eq!(
            names,
            ["verdict", "class", "user", "application", "listener", "event", "sqlstate", "rule"]
        );
        let find = |field: &str| facets.iter().find(|facet| facet.field == field).cloned();
        let values = vec![("ann".to_owned(), 3), ("bob".to_owned(), 2)];
        assert_eq!(find("user"), Some(Facet { field: "user", values, others: 1, without: 1 }));
        assert_eq!(
            find("event").map(|one| (one.values, one.without)),
            Some((vec![("statement.outcome".to_owned(), 7)], 0))
        );
        assert_eq!(find("rule").map(|one| (one.values.len(), one.without)), Some((0, 7)));
    }
}
