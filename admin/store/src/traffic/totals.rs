//! How much is each table used, over all of them at once?
//!
//! Calls are counted by fingerprint first and given to the tables and columns afterwards, so that the pages are
//! gone through once, however many tables there are.

use super::fold::{self, Grouping};
use super::page::CALLS;
use super::pages::{LIST, list_placeholders, lists};
use super::select::Select;
use super::span::{self, Covered, Range};
use super::top::GroupBy;
use super::usage::TableName;
use super::{Level, TrafficReader, compute, name};
use crate::row::Values;
use crate::{Result, Tx};
use sqlx::AssertSqlSafe;
use sqlx::any::AnyRow;
use std::collections::{BTreeSet, HashMap};

/// How much something is used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UseTotal {
    /// Statements that read it, in the range.
    pub reads: u64,
    /// Statements that changed it, in the range.
    pub writes: u64,
    /// When one of them was last seen, also before the range.
    pub last_seen_at: i64,
}

impl UseTotal {
    fn add(&mut self, other: UseTotal) {
        self.reads = self.reads.saturating_add(other.reads);
        self.writes = self.writes.saturating_add(other.writes);
        self.last_seen_at = self.last_seen_at.max(other.last_seen_at);
    }
}

/// How much all tables are used that were seen behind some listeners.
#[derive(Clone, Debug)]
pub struct Totals {
    /// What counts are about.
    pub covered: Covered,
    /// When the first statement was seen there; `None` where none was.
    pub since: Option<i64>,
    /// By schema (empty where statements name none) and table.
    tables: HashMap<(String, String), UseTotal>,
    /// By schema, table and column.
    columns: HashMap<(String, String, String), UseTotal>,
}

impl Totals {
    /// What a table comes to; a statement that names it without a schema counts as one of it. `None` where it was
    /// never seen.
    pub fn of_table(&self, schema: &str, table: &str) -> Option<UseTotal> {
        let (schema, table) = (name(schema), name(table));
        let bare = self.tables.get(&(String::new(), table.clone()));
        let full = if schema.is_empty() { None } else { self.tables.get(&(schema, table)) };
        sum([bare, full])
    }

    /// The same for a column of a table that was asked for.
    pub fn of_column(&self, schema: &str, table: &str, column: &str) -> Option<UseTotal> {
        let (schema, table, column) = (name(schema), name(table), name(column));
        let bare = self.columns.get(&(String::new(), table.clone(), column.clone()));
        let full = if schema.is_empty() { None } else { self.columns.get(&(schema, table, column)) };
        sum([bare, full])
    }
}

fn sum(found: [Option<&UseTotal>; 2]) -> Option<UseTotal> {
    found.into_iter().flatten().copied().reduce(|mut one, other| {
        one.add(other);
        one
    })
}

/// What was seen of fingerprints: calls in the range, and when last.
type Seen = HashMap<i64, (u64, i64)>;

/// How much every table was used behind some listeners, and every column of the tables in `columns_of`.
pub async fn totals(
    reader: &TrafficReader,
    tx: &mut Tx,
    listeners: &[i64],
    range: Range,
    columns_of: &BTreeSet<String>,
) -> Result<Totals> {
    reader.refresh(tx).await?;
    let (last, since) = last_seen(tx, listeners).await?;
    let plan = span::plan(tx, listeners, range, (Level::Hour, Level::Day)).await?;
    let pages = reader.pages(tx, &plan).await?;
    let (clone, of) = (reader.clone(), listeners.to_vec());
    let seen = compute(move || {
        let known = clone.known();
        let grouping = Grouping::of(GroupBy::Fingerprint, &known, &of);
        let calls = fold::sums(&pages, &Select::default(), &grouping, &[CALLS]).pop().unwrap_or_default();
        let calls_of = |number: i64| {
            usize::try_from(number).ok().and_then(|at| calls.get(at)).copied().unwrap_or_default()
        };
        Ok(last.into_iter().map(|(number, last)| (number, (calls_of(number), last))).collect::<Seen>())
    })
    .await?;
    let tables = tables(tx, &seen).await?;
    let columns = columns(tx, &seen, columns_of).await?;
    Ok(Totals { covered: plan.covered, since, tables, columns })
}

/// When fingerprints were last seen behind some listeners, and when the first of all was.
async fn last_seen(tx: &mut Tx, listeners: &[i64]) -> Result<(HashMap<i64, i64>, Option<i64>)> {
    let (mut seen, mut since) = (HashMap::new(), None::<i64>);
    for list in lists(listeners) {
        let text = format!(
            "SELECT fingerprint, MIN(first_seen_at) AS first_seen_at, MAX(last_seen_at) AS last_seen_at \
             FROM fingerprint_listeners WHERE listener IN {} GROUP BY fingerprint",
            list_placeholders(1)
        );
        let mut query = sqlx::query(AssertSqlSafe(text));
        for number in &list {
            query = query.bind(*number);
        }
        for row in query.fetch_all(tx.on()).await? {
            let last: &mut i64 = seen.entry(row.int("fingerprint")?).or_default();
            *last = row.int("last_seen_at")?.max(*last);
            let first = row.int("first_seen_at")?;
            since = Some(since.map_or(first, |before| before.min(first)));
        }
    }
    Ok((seen, since))
}

fn used(row: &AnyRow, seen: &Seen) -> Result<Option<UseTotal>> {
    let Some((calls, last_seen_at)) = seen.get(&row.int("fingerprint")?).copied() else { return Ok(None) };
    let reads = if row.flag("reads")? { calls } else { 0 };
    let writes = if row.flag("writes")? { calls } else { 0 };
    Ok(Some(UseTotal { reads, writes, last_seen_at }))
}

async fn tables(tx: &mut Tx, seen: &Seen) -> Result<HashMap<(String, String), UseTotal>> {
    let rows =
        sqlx::query("SELECT fingerprint, schema_name, table_name, reads, writes FROM fingerprint_tables")
            .fetch_all(tx.on())
            .await?;
    let mut tables: HashMap<(String, String), UseTotal> = HashMap::new();
    for row in &rows {
        if let Some(total) = used(row, seen)? {
            tables.entry((row.text("schema_name")?, row.text("table_name")?)).or_default().add(total);
        }
    }
    Ok(tables)
}

async fn columns(
    tx: &mut Tx,
    seen: &Seen,
    of: &BTreeSet<String>,
) -> Result<HashMap<(String, String, String), UseTotal>> {
    let names: Vec<String> = of.iter().map(|table| name(table)).collect();
    let mut columns: HashMap<(String, String, String), UseTotal> = HashMap::new();
    for chunk in names.chunks(LIST) {
        // Shorter lists repeat their last, so that a statement has one text.
        let list = chunk.iter().chain(chunk.last().into_iter().cycle()).take(LIST);
        let text = format!(
            "SELECT fingerprint, schema_name, table_name, column_name, reads, writes FROM fingerprint_columns \
             WHERE table_name IN {}",
            list_placeholders(1)
        );
        let mut query = sqlx::query(AssertSqlSafe(text));
        for table in list {
            query = query.bind(table.clone());
        }
        for row in query.fetch_all(tx.on()).await? {
            if let Some(total) = used(&row, seen)? {
                let named = (row.text("schema_name")?, row.text("table_name")?, row.text("column_name")?);
                columns.entry(named).or_default().add(total);
            }
        }
    }
    Ok(columns)
}

/// The fingerprints that use a column of a table. A statement that names the table without a schema counts as one of it.
pub async fn column_readers(tx: &mut Tx, table: &TableName, column: &str) -> Result<BTreeSet<i64>> {
    let rows = sqlx::query(
        "SELECT DISTINCT fingerprint FROM fingerprint_columns WHERE table_name = $1 AND column_name = $3 \
         AND ($2 = '' OR schema_name = $2 OR schema_name = '')",
    )
    .bind(name(&table.name))
    .bind(name(table.schema.as_deref().unwrap_or_default()))
    .bind(name(column))
    .fetch_all(tx.on())
    .await?;
    rows.iter().map(|row| row.int("fingerprint")).collect()
}
