//! Which records of the ledgers does somebody see, and who looked for what?
//!
//! Ledgers stay with their data planes, which are asked; answers are put together by the moment and the id
//! of each record. A workspace is only ever given records of its own listeners: each plane is asked for
//! those it has of the workspace, and what comes back is looked at once more.

pub(crate) mod checks;
pub mod copies;
pub mod export;
pub mod facets;
pub mod looks;
pub mod marks;
mod readers;
pub mod report;
pub mod status;
pub mod tally;
pub mod verify;

use crate::fleet::listeners_of;
use crate::http::timestamp::Timestamp;
use crate::operation::{Operation, Target, Via};
use crate::problem::{Code, Problem};
use admin_store::now_us;
use admin_store::planes::{self, Plane};
use control::{LedgerPage, LedgerQuery};
use looks::{Asking, Part as AskedPart};
use readers::{Handed, reader};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// How often one plane is asked for one page, and for how many records at least: a page begins at a moment,
/// and of those that happened at it many may have been in the page before. More than this product do not
/// happen at one moment.
const ROUNDS_MAX: usize = 16;
const RECORDS_MIN: u32 = 100;
/// How often planes are asked for one record.
const LOOKS_MAX: usize = 20;

/// What is looked for. `listeners` narrows what the workspace has; it never widens it.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// The conditions. Its listeners, limit and cursor are set here.
    pub query: LedgerQuery,
    /// Only of these listeners; all the workspace has where none is named.
    pub listeners: Vec<String>,
    /// Most records.
    pub limit: u32,
    /// Where the part before ended.
    pub after: Option<Place>,
    /// With `query.gateway`: only of data planes that have listeners of the workspace.
    pub is_of_own_planes: bool,
}

/// A place between records: the moment and the id of the record before it. Everything older comes behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// In microseconds since 1970.
    pub at: i64,
    /// The UUID.
    pub id: u128,
}

impl Place {
    /// As a cursor holds it.
    pub fn bytes(self) -> [u8; 24] {
        let mut bytes = [0; 24];
        let (at, id) = bytes.split_at_mut(8);
        at.copy_from_slice(&self.at.to_be_bytes());
        id.copy_from_slice(&self.id.to_be_bytes());
        bytes
    }

    /// Of what a cursor held.
    pub fn of(bytes: &[u8]) -> Option<Place> {
        let bytes: [u8; 24] = bytes.try_into().ok()?;
        let (at, id) = bytes.split_first_chunk()?;
        Some(Place { at: i64::from_be_bytes(*at), id: u128::from_be_bytes(id.try_into().ok()?) })
    }

    /// Of a record.
    fn of_record(record: &Value) -> Option<Place> {
        let at: Timestamp = record.get("ts")?.as_str()?.parse().ok()?;
        let id: uuid::Uuid = record.get("id")?.as_str()?.parse().ok()?;
        Some(Place { at: at.0, id: id.as_u128() })
    }
}

/// A record and whose ledger it is in.
#[derive(Clone, Debug)]
pub struct Found {
    /// The data plane's id.
    pub plane: String,
    /// The ledger's line.
    pub record: Value,
}

/// Why the records of a data plane are missing.
#[derive(Clone, Debug)]
pub struct Missing {
    /// The data plane's id.
    pub plane: String,
    /// As people know it.
    pub name: String,
    /// Why.
    pub reason: String,
}

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// Records, newest first.
    pub found: Vec<Found>,
    /// Where to go on; `None` when there is nothing older.
    pub next: Option<Place>,
    /// Everything newer than this was looked at, where the search ended because it took long.
    pub searched_until: Option<i64>,
    /// Records that were read for it.
    pub records_read: u64,
    /// Data planes that did not answer.
    pub incomplete: Vec<Missing>,
}

/// Looks for records and writes down that somebody did, once for a look that goes on.
pub async fn search(operation: &Operation, mut asked: Asked) -> Result<Answer, Problem> {
    if asked.query.gateway {
        is_of_instance(operation)?;
    }
    let mut details = conditions(&asked);
    // A later part tells what the one before did not: in the activity only first parts go on.
    let part = if asked.after.is_none() { AskedPart::First } else { AskedPart::Later };
    let asking = Asking::of(operation, &details, asked.limit, part, now_us())?;
    if !asking.is_told {
        asked.query.reader = Some(reader(operation, &details, Handed::Shown("page")).await?);
    }
    let answer = ask(operation, asked).await?;
    if !asking.is_told {
        asking.told(operation);
    }
    if asking.goes_on {
        return Ok(answer);
    }
    details.insert("records".to_owned(), json!(answer.found.len()));
    write_down(operation, details).await?;
    asking.written_down(operation);
    Ok(answer)
}

/// What somebody asks for, as the activity tells it.
fn conditions(asked: &Asked) -> Map<String, Value> {
    let mut details = serde_json::to_value(&asked.query).unwrap_or_default();
    let Some(fields) = details.as_object_mut() else { return Map::new() };
    // What was not asked for says nothing.
    fields.retain(|_, value| !matches!(value, Value::Null | Value::Bool(false)) && *value != json!([]));
    fields.remove("limit");
    fields.remove("reader");
    fields.insert("listeners".to_owned(), json!(asked.listeners));
    std::mem::take(fields)
}

/// Writes down that somebody looked into the ledger.
async fn write_down(operation: &Operation, details: Map<String, Value>) -> Result<(), Problem> {
    let workspace = &operation.entered()?.workspace;
    let target = Target::new("ledger", workspace.id, workspace.slug.clone());
    operation.begin().await?.commit(target, Value::Object(details)).await
}

/// One record by its id, and writes down that somebody saw it.
pub async fn show(operation: &Operation, id: &str) -> Result<Found, Problem> {
    let not_found = || Problem::not_found("record");
    let id: uuid::Uuid = id.parse().map_err(|_| not_found())?;
    // An id of version 7 begins with its record's own time, in milliseconds (RFC 9562 section 5.7).
    let millis = i64::try_from(id.as_u128() >> 80).map_err(|_| not_found())?;
    let mut asked = Asked { limit: LedgerQuery::RECORDS_MAX, ..Asked::default() };
    asked.query.from_us = millis.checked_sub(1).and_then(|millis| millis.checked_mul(1_000));
    asked.query.until_us = millis.checked_add(2).and_then(|millis| millis.checked_mul(1_000));
    asked.query.gateway = is_of_instance(operation).is_ok();
    let details = Map::from_iter([("id".to_owned(), json!(id.to_string()))]);
    asked.query.reader = Some(reader(operation, &details, Handed::Shown("record")).await?);
    for _ in 0..LOOKS_MAX {
        let answer = ask(operation, asked.clone()).await?;
        let is_it = |found: &Found| Place::of_record(&found.record).is_some_and(|at| at.id == id.as_u128());
        if let Some(found) = answer.found.into_iter().find(is_it) {
            let change = operation.begin().await?;
            change.commit(Target::new("ledger", id, "record"), json!({ "plane": found.plane })).await?;
            return Ok(found);
        }
        if answer.next.is_none() {
            // Nobody can say that a record is not there while somebody who may have it is away.
            return Err(answer.incomplete.first().map_or_else(not_found, |missing| {
                Problem::new(
                    Code::PlaneAway,
                    format!("`{}` did not answer: {}", missing.name, missing.reason),
                )
                .with_retry_after(5)
            }));
        }
        asked.after = answer.next;
        asked.query.reader = None;
    }
    Err(not_found())
}

fn is_of_instance(operation: &Operation) -> Result<(), Problem> {
    let person = operation.person()?;
    if person.user.is_instance_admin && matches!(person.via, Via::Session { .. }) {
        return Ok(());
    }
    Err(Problem::new(Code::Forbidden, "only admins of the instance see records of the gateway itself")
        .with_hint("leave `gateway` out"))
}

/// The planes that have listeners of the workspace, each with their names.
pub(super) async fn planes_of(
    operation: &Operation,
    only: &[String],
) -> Result<BTreeMap<String, Vec<String>>, Problem> {
    let workspace = &operation.entered()?.workspace;
    let mut tx = operation.read().await?;
    let mut names: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in listeners_of(&mut tx, workspace).await? {
        if only.is_empty() || only.contains(&row.name) {
            names.entry(row.plane).or_default().insert(row.name);
        }
    }
    tx.commit().await?;
    Ok(names.into_iter().map(|(plane, names)| (plane, names.into_iter().collect())).collect())
}

async fn ask(operation: &Operation, asked: Asked) -> Result<Answer, Problem> {
    let mut names = planes_of(operation, &asked.listeners).await?;
    let known = known_planes(operation).await?;
    if asked.query.gateway && !asked.is_of_own_planes {
        for plane in &known {
            names.entry(plane.id.clone()).or_default();
        }
    }
    let slug = &operation.entered()?.workspace.slug;
    let of_planes = names.into_iter().map(|(plane, listeners)| {
        let asked = &asked;
        async move {
            let page = page(operation, &plane, listeners, asked).await;
            (plane, page)
        }
    });
    let mut answer = Answer::default();
    let mut parts = Vec::new();
    let mut problem = None;
    for (plane, page) in futures_util::future::join_all(of_planes).await {
        match page {
            Ok(part) => parts.push((plane, part)),
            // The question is at fault, whoever is asked.
            Err(error) if error.code() == Code::Invalid => return Err(error),
            Err(error) => {
                let name = known.iter().find(|one| one.id == plane).map(|one| one.name.clone());
                let (name, reason) = (name.unwrap_or_else(|| plane.clone()), error.detail().to_owned());
                answer.incomplete.push(Missing { plane, name, reason });
                problem = Some(error);
            }
        }
    }
    match problem {
        Some(problem) if parts.is_empty() => return Err(problem),
        _ => {}
    }
    let is_own = |record: &Value| match record.get("listener") {
        Some(_) => record.get("workspace").and_then(Value::as_str) == Some(slug.as_str()),
        None => asked.query.gateway,
    };
    merge(&mut answer, parts, asked.limit as usize, asked.after, is_own);
    Ok(answer)
}

pub(super) async fn known_planes(operation: &Operation) -> Result<Vec<Plane>, Problem> {
    let mut tx = operation.read().await?;
    let known = planes::all(&mut tx).await?;
    tx.commit().await?;
    Ok(known)
}

/// What a plane has, newest first, all of it behind the place where the part begins.
#[derive(Debug, Default)]
struct Part {
    records: Vec<(Place, Value)>,
    /// Nothing is known of what lies behind this place; `None` when everything is known.
    horizon: Option<Place>,
    /// Whether it took long rather than being full.
    is_slow: bool,
    records_read: u64,
}

async fn page(
    operation: &Operation,
    plane: &str,
    listeners: Vec<String>,
    asked: &Asked,
) -> Result<Part, Problem> {
    let mut query = LedgerQuery { listeners, limit: asked.limit, cursor: None, ..asked.query.clone() };
    if let Some(after) = asked.after {
        let until = after.at.saturating_add(1);
        query.until_us = Some(query.until_us.map_or(until, |asked| asked.min(until)));
        query.limit = asked.limit.max(RECORDS_MIN);
    }
    let mut part = Part::default();
    for _ in 0..ROUNDS_MAX {
        let mut answers = operation.app.fleet.ask_ledger(&[plane.to_owned()], &query).await;
        let page = answers.pop().map_or_else(|| Err(crate::fleet::plane_away(plane)), |(_, page)| page)?;
        // Told once for all rounds.
        query.reader = None;
        let more = take(&mut part, page, asked.after);
        match more {
            // Nothing of it lies behind the place where the part begins: further.
            Some(cursor) if part.records.is_empty() && !part.is_slow => query.cursor = Some(cursor),
            _ => break,
        }
    }
    Ok(part)
}

/// Takes a plane's page; gives its cursor where there is more.
fn take(part: &mut Part, page: LedgerPage, after: Option<Place>) -> Option<String> {
    part.records_read += page.records_read;
    let placed = page.records.into_iter().filter_map(|record| Some((Place::of_record(&record)?, record)));
    let placed: Vec<(Place, Value)> = placed.collect();
    let last = placed.last().map(|(place, _)| *place);
    part.records.extend(placed.into_iter().filter(|(place, _)| after.is_none_or(|after| *place < after)));
    let searched = page.searched_until_us.map(|at| Place { at, id: u128::MAX });
    part.is_slow = searched.is_some();
    part.horizon = match &page.cursor {
        Some(_) => searched.or(last),
        None => None,
    };
    page.cursor
}

/// Puts parts together: nothing is told that lies behind what is not known of some plane.
fn merge(
    answer: &mut Answer,
    parts: Vec<(String, Part)>,
    limit: usize,
    after: Option<Place>,
    is_own: impl Fn(&Value) -> bool,
) {
    answer.records_read = parts.iter().map(|(_, part)| part.records_read).sum();
    let horizon = parts.iter().filter_map(|(_, part)| part.horizon).max();
    let is_slow = parts.iter().any(|(_, part)| part.is_slow && part.horizon == horizon);
    let mut all: Vec<(Place, Found)> = Vec::new();
    for (plane, part) in parts {
        let records = part.records.into_iter();
        all.extend(records.map(|(place, record)| (place, Found { plane: plane.clone(), record })));
    }
    all.sort_by_key(|(place, _)| std::cmp::Reverse(*place));
    // The last record of a full part is known, what lies behind it is not.
    all.retain(|(place, _)| horizon.is_none_or(|horizon| *place >= horizon));
    let is_cut = all.len() > limit;
    all.truncate(limit);
    let last = all.last().map(|(place, _)| *place);
    answer.next = if is_cut { last } else { horizon };
    if let (Some(next), Some(after)) = (answer.next, after) {
        answer.next = Some(next.min(after));
    }
    answer.searched_until = horizon.filter(|_| is_slow && !is_cut).map(|horizon| horizon.at);
    answer.found = all.into_iter().map(|(_, found)| found).filter(|found| is_own(&found.record)).collect();
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn record(at: i64, id: u128) -> (Place, Value) {
        (
            Place { at, id },
            json!({ "ts": Timestamp(at).to_string(), "id": uuid::Uuid::from_u128(id).to_string() }),
        )
    }

    fn part(records: &[(i64, u128)], horizon: Option<Place>, is_slow: bool) -> Part {
        let records = records.iter().map(|(at, id)| record(*at, *id)).collect();
        Part { records, horizon, is_slow, records_read: 1 }
    }

    fn places(answer: &Answer) -> Vec<(i64, u128)> {
        let place = |found: &Found| Place::of_record(&found.record).map(|place| (place.at, place.id));
        answer.found.iter().filter_map(place).collect()
    }

    #[test]
    fn parts_are_put_together_by_moment_and_id() {
        let mut answer = Answer::default();
        let parts = vec![
            ("a".to_owned(), part(&[(9, 1), (5, 3), (5, 1)], None, false)),
            ("b".to_owned(), part(&[(7, 1), (5, 2)], None, false)),
        ];
        merge(&mut answer, parts, 4, None, |_| true);
        assert_eq!(places(&answer), [(9, 1), (7, 1), (5, 3), (5, 2)]);
        assert_eq!(answer.next, Some(Place { at: 5, id: 2 }));
        assert_eq!(answer.records_read, 2);
    }

    #[test]
    fn nothing_is_told_behind_what_one_plane_does_not_know_yet() {
        let mut answer = Answer::default();
        let parts = vec![
            ("a".to_owned(), part(&[(9, 1)], Some(Place { at: 6, id: u128::MAX }), true)),
            ("b".to_owned(), part(&[(7, 1), (6, 9), (3, 2)], None, false)),
        ];
        merge(&mut answer, parts, 10, None, |_| true);
        assert_eq!(places(&answer), [(9, 1), (7, 1)]);
        assert_eq!(answer.next, Some(Place { at: 6, id: u128::MAX }));
        assert_eq!(answer.searched_until, Some(6));
        let mut answer = Answer::default();
        let parts = vec![
            ("a".to_owned(), part(&[(9, 1), (8, 1)], Some(Place { at: 8, id: 1 }), false)),
            ("b".to_owned(), part(&[(7, 1)], None, false)),
        ];
        merge(&mut answer, parts, 2, None, |_| true);
        assert_eq!((places(&answer), answer.next), (vec![(9, 1), (8, 1)], Some(Place { at: 8, id: 1 })));
    }

    #[test]
    fn what_is_not_the_workspaces_is_left_out_and_the_place_goes_on() {
        let mut answer = Answer::default();
        let parts = vec![("a".to_owned(), part(&[(9, 1), (8, 1)], Some(Place { at: 8, id: 1 }), false))];
        merge(&mut answer, parts, 2, None, |_| false);
        assert_eq!((places(&answer), answer.next), (vec![], Some(Place { at: 8, id: 1 })));
    }

    #[test]
    fn a_place_is_read_as_it_was_written() {
        let place = Place { at: -7, id: u128::MAX - 3 };
        assert_eq!(Place::of(&place.bytes()), Some(place));
        assert_eq!(Place::of(&place.bytes()[1..]), None);
    }
}
