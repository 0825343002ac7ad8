//! Which tables are there, how much is each used, and which were not used for long?

use super::usage::is_behind;
use super::{WITH_COLUMNS, look};
use crate::fleet::listeners_of;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::connections::Connection;
use admin_store::schema::{self, Entry, EntryFilter};
use admin_store::traffic::{Covered, Range, UseTotal, totals};
use admin_store::{Id, Tx, now_us, workspaces};
use std::cmp::{Ordering, Reverse};
use std::collections::BTreeSet;

/// Tables that are looked through: more than any database that was seen.
const TABLES_MAX: usize = 100_000;
/// Entries that are read at a time.
const PART: i64 = 1_000;
const DAY_US: i64 = 86_400_000_000;

/// By what tables are ordered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TableOrder {
    /// By schema and name.
    #[default]
    Name,
    /// Most read first.
    Reads,
    /// Most written first.
    Writes,
    /// Those last used long ago, or never, first.
    Unused,
    /// Largest first.
    Size,
    /// Most rows first.
    Rows,
}

/// Which tables are asked for.
#[derive(Clone, Debug, Default)]
pub struct TableFilter {
    /// Of one schema.
    pub schema: Option<String>,
    /// Of one kind.
    pub kind: Option<String>,
    /// With this in its name, its schema's or its comment, whatever the case.
    pub text: Option<String>,
    /// Not seen in use for so many days.
    pub unused_days: Option<u32>,
    /// In which order.
    pub order: TableOrder,
}

/// Tables, and what was seen of them.
#[derive(Clone, Debug)]
pub struct Tables {
    /// The snapshot they are of.
    pub snapshot: Id,
    /// Behind which listeners, by name; none where nothing can have been seen.
    pub listeners: Vec<String>,
    /// What counts are about.
    pub covered: Covered,
    /// Since when anything was seen.
    pub since: Option<i64>,
    /// How many the filter leaves.
    pub total: usize,
    /// A part of them, each with what it comes to; `None` where it was never seen.
    pub items: Vec<(Entry, Option<UseTotal>)>,
}

/// The tables of a connection that the filter leaves: `limit` of them, after the first `offset`.
pub async fn tables(
    operation: &Operation,
    (connection, snapshot): (Id, Option<Id>),
    range: Range,
    filter: &TableFilter,
    (offset, limit): (usize, usize),
) -> Result<Tables, Problem> {
    let mut looked = look(operation, connection, snapshot).await?;
    let (listeners, numbers) = behind(&mut looked.tx, &looked.connection).await?;
    let traffic = &operation.app.traffic;
    let totals = totals(traffic, &mut looked.tx, &numbers, range, &BTreeSet::new()).await?;
    let entries = all(&mut looked.tx, looked.snapshot.id, filter).await?;
    let before = filter.unused_days.map(|days| now_us() - i64::from(days) * DAY_US);
    let text = filter.text.as_ref().map(|text| text.to_lowercase());
    let is_wanted = |entry: &Entry, total: Option<UseTotal>| {
        let is_unused = before.is_none_or(|before| total.is_none_or(|total| total.last_seen_at < before));
        is_unused && text.as_ref().is_none_or(|text| says(entry, text))
    };
    let mut items: Vec<(Entry, Option<UseTotal>)> = entries
        .into_iter()
        .map(|entry| {
            let total = totals.of_table(&entry.schema, &entry.name);
            (entry, total)
        })
        .filter(|(entry, total)| is_wanted(entry, *total))
        .collect();
    // Stable: what is equal stays in the order of names.
    items.sort_by(|one, other| compare(filter.order, one, other));
    let total = items.len();
    let items = items.into_iter().skip(offset).take(limit).collect();
    let snapshot = looked.snapshot.id;
    looked.tx.commit().await?;
    Ok(Tables { snapshot, listeners, covered: totals.covered, since: totals.since, total, items })
}

/// The listeners that the traffic to a connection's server passes: their names and numbers.
pub(super) async fn behind(tx: &mut Tx, connection: &Connection) -> Result<(Vec<String>, Vec<i64>), Problem> {
    let workspace = workspaces::by_id(tx, connection.workspace).await?;
    let mut listeners = listeners_of(tx, &workspace).await?;
    listeners.retain(|listener| is_behind(connection, listener));
    let numbers = listeners.iter().map(|listener| listener.id).collect();
    let mut names: Vec<String> = listeners.into_iter().map(|listener| listener.name).collect();
    names.dedup();
    Ok((names, numbers))
}

/// All relations of the schema and kind that are asked for.
async fn all(tx: &mut Tx, snapshot: Id, filter: &TableFilter) -> Result<Vec<Entry>, Problem> {
    let kinds = WITH_COLUMNS.iter().filter(|kind| filter.kind.as_ref().is_none_or(|wanted| wanted == *kind));
    let kinds: Vec<String> = kinds.map(|kind| (*kind).to_owned()).collect();
    if kinds.is_empty() {
        return Ok(Vec::new());
    }
    let wanted = EntryFilter { schema: filter.schema.clone(), kinds, ..EntryFilter::default() };
    let (mut entries, mut after) = (Vec::new(), None);
    loop {
        let page = schema::entries(tx, snapshot, &wanted, after, PART).await?;
        entries.extend(page.items);
        after = page.next;
        if after.is_none() || entries.len() >= TABLES_MAX {
            return Ok(entries);
        }
    }
}

fn says(entry: &Entry, text: &str) -> bool {
    let full = format!("{}.{}", entry.schema, entry.name).to_lowercase();
    full.contains(text) || entry.comment.to_lowercase().contains(text)
}

type Row = (Entry, Option<UseTotal>);

fn compare(order: TableOrder, (one, used): &Row, (other, other_used): &Row) -> Ordering {
    let by =
        |of: fn(&UseTotal) -> u64| Reverse(used.as_ref().map(of)).cmp(&Reverse(other_used.as_ref().map(of)));
    match order {
        TableOrder::Name => one.ordinal.cmp(&other.ordinal),
        TableOrder::Reads => by(|total| total.reads),
        TableOrder::Writes => by(|total| total.writes),
        TableOrder::Unused => {
            let last = |total: &Option<UseTotal>| total.map(|total| total.last_seen_at);
            last(used).cmp(&last(other_used)).then(other.size_bytes.cmp(&one.size_bytes))
        }
        TableOrder::Size => other.size_bytes.cmp(&one.size_bytes),
        TableOrder::Rows => other.row_estimate.cmp(&one.row_estimate),
    }
}
