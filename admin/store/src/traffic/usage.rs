//! Which tables, columns and joins does a statement use, and who uses a table?
//!
//! The control plane analyses each text once and says here what it found; until then the tables that its
//! words name stand in for it.

use super::fold::{self, Grouping};
use super::intern::{ANALYSED, WAITING};
use super::pages::{list_placeholders, lists};
use super::select::Select;
use super::span::{self, Covered, Plan, Range};
use super::top::GroupBy;
use super::{Level, TrafficReader, compute, lock, name, small};
use crate::insert::{PARAMETERS_MAX, placeholders};
use crate::row::Values;
use crate::{Result, StoreError, Tx};
use control::Sums;
use serde::{Deserialize, Serialize};
use sqlx::AssertSqlSafe;
use std::collections::{BTreeMap, BTreeSet};

/// Tables, columns and joins kept of one statement, each.
const USES_MAX: usize = 256;
/// Fingerprints that one table's facts tell of.
const READERS_MAX: usize = 500;

/// A table as a statement names it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TableName {
    /// The schema, if it says.
    pub schema: Option<String>,
    /// The table.
    pub name: String,
}

impl TableName {
    fn stored(&self) -> (String, String) {
        (name(self.schema.as_deref().unwrap_or_default()), name(&self.name))
    }

    fn read(schema: String, name: String) -> TableName {
        TableName { schema: Some(schema).filter(|schema| !schema.is_empty()), name }
    }
}

/// A table a statement uses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableUse {
    /// Which.
    pub table: TableName,
    /// Whether it reads it.
    pub reads: bool,
    /// Whether it changes it.
    pub writes: bool,
}

/// A column a statement uses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnUse {
    /// Of which table.
    pub table: TableName,
    /// Which.
    pub column: String,
    /// Whether it reads it.
    pub reads: bool,
    /// Whether it changes it.
    pub writes: bool,
}

/// Two columns a statement compares to join their tables.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JoinUse {
    /// The one side.
    pub left: TableName,
    /// Its column.
    pub left_column: String,
    /// The other side.
    pub right: TableName,
    /// Its column.
    pub right_column: String,
}

/// What a statement uses.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Its tables.
    pub tables: Vec<TableUse>,
    /// Its columns.
    pub columns: Vec<ColumnUse>,
    /// Its joins.
    pub joins: Vec<JoinUse>,
    /// Anything else the analysis found.
    #[serde(default)]
    pub more: serde_json::Value,
}

/// A statement that waits to be analysed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unanalysed {
    /// Its number.
    pub id: i64,
    /// Without literals.
    pub text: String,
    /// A listener it was seen behind: it says the protocol; `None` when it is gone.
    pub listener: Option<i64>,
}

/// Statements that wait to be analysed, the oldest first.
pub async fn unanalysed(tx: &mut Tx, limit: i64) -> Result<Vec<Unanalysed>> {
    let rows = sqlx::query(
        "SELECT f.id, f.text, (SELECT MIN(l.listener) FROM fingerprint_listeners l WHERE l.fingerprint = f.id) \
         AS listener FROM fingerprints f WHERE f.analysed = $1 ORDER BY f.id LIMIT $2",
    )
    .bind(WAITING)
    .bind(limit.clamp(1, 1_000))
    .fetch_all(tx.on())
    .await?;
    rows.iter()
        .map(|row| {
            Ok(Unanalysed { id: row.int("id")?, text: row.text("text")?, listener: row.int_opt("listener")? })
        })
        .collect()
}

/// Says what statements use; what was said of them before is replaced.
pub async fn set_usage(tx: &mut Tx, usages: &[(i64, Usage)]) -> Result<()> {
    let epoch = lock(tx).await?;
    for (id, usage) in usages {
        let text = serde_json::to_string(usage).map_err(|_| StoreError::Unfit("usage"))?;
        let done =
            sqlx::query("UPDATE fingerprints SET analysed = $2, usage = $3, revision = $4 WHERE id = $1")
                .bind(*id)
                .bind(ANALYSED)
                .bind(text.replace("\\u0000", " "))
                .bind(epoch)
                .execute(tx.on())
                .await?;
        // Forgotten meanwhile: nothing to say.
        if done.rows_affected() > 0 {
            link(tx, *id, usage).await?;
        }
    }
    Ok(())
}

async fn link(tx: &mut Tx, id: i64, usage: &Usage) -> Result<()> {
    for removal in [
        "DELETE FROM fingerprint_tables WHERE fingerprint = $1",
        "DELETE FROM fingerprint_columns WHERE fingerprint = $1",
        "DELETE FROM fingerprint_joins WHERE fingerprint = $1",
    ] {
        sqlx::query(removal).bind(id).execute(tx.on()).await?;
    }
    let mut tables: BTreeMap<Vec<String>, (bool, bool)> = BTreeMap::new();
    for one in usage.tables.iter().take(USES_MAX) {
        let (schema, table) = one.table.stored();
        let (reads, writes) = tables.entry(vec![schema, table]).or_default();
        (*reads, *writes) = (*reads || one.reads, *writes || one.writes);
    }
    insert(tx, id, ("fingerprint_tables", "schema_name, table_name, reads, writes"), &tables).await?;
    let mut columns: BTreeMap<Vec<String>, (bool, bool)> = BTreeMap::new();
    for one in usage.columns.iter().take(USES_MAX) {
        let (schema, table) = one.table.stored();
        let (reads, writes) = columns.entry(vec![schema, table, name(&one.column)]).or_default();
        (*reads, *writes) = (*reads || one.reads, *writes || one.writes);
    }
    let named = ("fingerprint_columns", "schema_name, table_name, column_name, reads, writes");
    insert(tx, id, named, &columns).await?;
    let mut joins: BTreeSet<[String; 6]> = BTreeSet::new();
    for one in usage.joins.iter().take(USES_MAX) {
        let ((left_schema, left), (right_schema, right)) = (one.left.stored(), one.right.stored());
        let (left_column, right_column) = (name(&one.left_column), name(&one.right_column));
        joins.insert([left_schema, left, left_column, right_schema, right, right_column]);
    }
    insert_joins(tx, id, &joins).await
}

async fn insert(
    tx: &mut Tx,
    id: i64,
    (table, columns): (&'static str, &'static str),
    rows: &BTreeMap<Vec<String>, (bool, bool)>,
) -> Result<()> {
    let rows: Vec<_> = rows.iter().collect();
    let width = columns.split(',').count() + 1;
    for chunk in rows.chunks(PARAMETERS_MAX / width) {
        let text = format!(
            "INSERT INTO {table} (fingerprint, {columns}) VALUES {}",
            placeholders(1, chunk.len(), width)
        );
        let mut query = sqlx::query(AssertSqlSafe(text));
        for (names, (reads, writes)) in chunk {
            query = query.bind(id);
            for one in *names {
                query = query.bind(one.as_str());
            }
            query = query.bind(i64::from(*reads)).bind(i64::from(*writes));
        }
        query.execute(tx.on()).await?;
    }
    Ok(())
}

async fn insert_joins(tx: &mut Tx, id: i64, joins: &BTreeSet<[String; 6]>) -> Result<()> {
    let rows: Vec<_> = joins.iter().collect();
    for chunk in rows.chunks(PARAMETERS_MAX / 7) {
        let text = format!(
            "INSERT INTO fingerprint_joins (fingerprint, left_schema, left_table, left_column, right_schema, \
             right_table, right_column) VALUES {}",
            placeholders(1, chunk.len(), 7)
        );
        let mut query = sqlx::query(AssertSqlSafe(text));
        for names in chunk {
            query = query.bind(id);
            for one in *names {
                query = query.bind(one.as_str());
            }
        }
        query.execute(tx.on()).await?;
    }
    Ok(())
}

/// A statement that uses a table.
#[derive(Clone, Debug, PartialEq)]
pub struct TableReader {
    /// Its number.
    pub fingerprint: i64,
    /// Whether it reads the table.
    pub reads: bool,
    /// Whether it changes it.
    pub writes: bool,
    /// How often and how long, in the range.
    pub sums: Sums,
    /// When it was last seen.
    pub last_seen_at: i64,
}

/// A column of a table that statements use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableColumn {
    /// Which.
    pub column: String,
    /// Statements that read it, in the range.
    pub reads: u64,
    /// Statements that changed it, in the range.
    pub writes: u64,
    /// When one of them was last seen.
    pub last_seen_at: i64,
}

/// A join that statements make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableJoin {
    /// Which columns of which tables.
    pub join: JoinUse,
    /// Statements that made it, in the range.
    pub calls: u64,
    /// Fingerprints that make it.
    pub fingerprints: u64,
    /// When one of them was last seen.
    pub last_seen_at: i64,
}

/// What was observed of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct TableFacts {
    /// What counts are about.
    pub covered: Covered,
    /// Statements that use it, those most often asked first; at most 500.
    pub readers: Vec<TableReader>,
    /// Everything that read it.
    pub reads: u64,
    /// Everything that changed it.
    pub writes: u64,
    /// When a statement that uses it was last seen; `None` where none was.
    pub last_seen_at: Option<i64>,
    /// Columns that are used, by name.
    pub columns: Vec<TableColumn>,
    /// Joins that are made, the most frequent first.
    pub joins: Vec<TableJoin>,
}

/// What was observed of a table behind some listeners. A statement that names it without a schema counts
/// as one of it.
pub async fn facts(
    reader: &TrafficReader,
    tx: &mut Tx,
    listeners: &[i64],
    table: &TableName,
    range: Range,
) -> Result<TableFacts> {
    reader.refresh(tx).await?;
    let (schema, named) = table.stored();
    let rows = sqlx::query(
        "SELECT fingerprint, MAX(reads) AS reads, MAX(writes) AS writes FROM fingerprint_tables \
         WHERE table_name = $1 AND ($2 = '' OR schema_name = $2 OR schema_name = '') GROUP BY fingerprint",
    )
    .bind(named.as_str())
    .bind(schema.as_str())
    .fetch_all(tx.on())
    .await?;
    let mut uses: BTreeMap<i64, (bool, bool)> = BTreeMap::new();
    for row in &rows {
        uses.insert(row.int("fingerprint")?, (row.flag("reads")?, row.flag("writes")?));
    }
    let seen = last_seen(tx, listeners, &uses.keys().copied().collect::<Vec<i64>>()).await?;
    uses.retain(|fingerprint, _| seen.contains_key(fingerprint));
    let plan = span::plan(tx, listeners, range, (Level::Hour, Level::Day)).await?;
    let used: Vec<i64> = uses.keys().copied().collect();
    let sums = sums_of(reader, tx, (&plan, listeners), &used).await?;
    let (mut reads, mut writes, mut readers) = (0_u64, 0_u64, Vec::new());
    for (fingerprint, (reading, writing)) in &uses {
        let sums = sums.get(fingerprint).cloned().unwrap_or_default();
        reads += if *reading { sums.calls } else { 0 };
        writes += if *writing { sums.calls } else { 0 };
        readers.push(TableReader {
            fingerprint: *fingerprint,
            reads: *reading,
            writes: *writing,
            last_seen_at: seen.get(fingerprint).copied().unwrap_or(0),
            sums,
        });
    }
    readers.sort_by_key(|reader| (std::cmp::Reverse(reader.sums.calls), reader.fingerprint));
    readers.truncate(READERS_MAX);
    let last_seen_at = seen.values().copied().max();
    let observed = Observed { seen, sums };
    let columns = columns(tx, (&schema, &named), &observed).await?;
    let joins = joins(tx, (&schema, &named), &observed).await?;
    Ok(TableFacts { covered: plan.covered, readers, reads, writes, last_seen_at, columns, joins })
}

/// What fingerprints come to over a plan for some listeners.
pub(super) async fn sums_of(
    reader: &TrafficReader,
    tx: &mut Tx,
    (plan, listeners): (&Plan, &[i64]),
    fingerprints: &[i64],
) -> Result<BTreeMap<i64, Sums>> {
    let pages = reader.pages(tx, plan).await?;
    let groups = fingerprints.iter().map(|number| small(*number)).collect::<Result<Vec<u32>>>()?;
    let (clone, of) = (reader.clone(), listeners.to_vec());
    compute(move || {
        let known = clone.known();
        let select = Select { fingerprints: Some(groups.iter().copied().collect()), ..Select::default() };
        let grouping = Grouping::of(GroupBy::Fingerprint, &known, &of);
        let (adders, _) = fold::in_full(&pages, &select, &grouping, &groups);
        let sums = groups.iter().zip(&adders).map(|(group, adder)| (i64::from(*group), adder.sums()));
        Ok(sums.collect::<BTreeMap<i64, Sums>>())
    })
    .await
}

/// When fingerprints were last seen behind some listeners; those that were not are left out.
pub(super) async fn last_seen(
    tx: &mut Tx,
    listeners: &[i64],
    fingerprints: &[i64],
) -> Result<BTreeMap<i64, i64>> {
    let mut seen = BTreeMap::new();
    for listeners in lists(listeners) {
        for list in lists(fingerprints) {
            let text = format!(
                "SELECT fingerprint, MAX(last_seen_at) AS last_seen_at FROM fingerprint_listeners \
                 WHERE fingerprint IN {} AND listener IN {} GROUP BY fingerprint",
                list_placeholders(1),
                list_placeholders(1 + super::pages::LIST)
            );
            let mut query = sqlx::query(AssertSqlSafe(text));
            for number in list.iter().chain(&listeners) {
                query = query.bind(*number);
            }
            for row in query.fetch_all(tx.on()).await? {
                let last: &mut i64 = seen.entry(row.int("fingerprint")?).or_default();
                *last = row.int("last_seen_at")?.max(*last);
            }
        }
    }
    Ok(seen)
}

/// What was observed of the fingerprints of a table, by number.
pub(super) struct Observed {
    pub(super) seen: BTreeMap<i64, i64>,
    pub(super) sums: BTreeMap<i64, Sums>,
}

impl Observed {
    /// Calls and when they were last seen; `None` for a fingerprint the asker does not see.
    pub(super) fn of(&self, fingerprint: i64) -> Option<(u64, i64)> {
        let last = self.seen.get(&fingerprint)?;
        Some((self.sums.get(&fingerprint).map_or(0, |sums| sums.calls), *last))
    }
}

async fn columns(
    tx: &mut Tx,
    (schema, named): (&str, &str),
    observed: &Observed,
) -> Result<Vec<TableColumn>> {
    let rows = sqlx::query(
        "SELECT fingerprint, column_name, reads, writes FROM fingerprint_columns \
         WHERE table_name = $1 AND ($2 = '' OR schema_name = $2 OR schema_name = '')",
    )
    .bind(named)
    .bind(schema)
    .fetch_all(tx.on())
    .await?;
    let mut columns: BTreeMap<String, TableColumn> = BTreeMap::new();
    for row in &rows {
        let Some((calls, last_seen_at)) = observed.of(row.int("fingerprint")?) else { continue };
        let name = row.text("column_name")?;
        let column = columns.entry(name.clone()).or_insert(TableColumn {
            column: name,
            reads: 0,
            writes: 0,
            last_seen_at: 0,
        });
        column.reads += if row.flag("reads")? { calls } else { 0 };
        column.writes += if row.flag("writes")? { calls } else { 0 };
        column.last_seen_at = column.last_seen_at.max(last_seen_at);
    }
    Ok(columns.into_values().collect())
}

async fn joins(tx: &mut Tx, (schema, named): (&str, &str), observed: &Observed) -> Result<Vec<TableJoin>> {
    let mut joins: BTreeMap<Vec<String>, TableJoin> = BTreeMap::new();
    let mut counted: BTreeSet<(Vec<String>, i64)> = BTreeSet::new();
    for text in [
        "SELECT fingerprint, left_schema, left_table, left_column, right_schema, right_table, right_column \
         FROM fingerprint_joins WHERE left_table = $1 AND ($2 = '' OR left_schema = $2 OR left_schema = '')",
        "SELECT fingerprint, left_schema, left_table, left_column, right_schema, right_table, right_column \
         FROM fingerprint_joins WHERE right_table = $1 AND ($2 = '' OR right_schema = $2 OR right_schema = '')",
    ] {
        for row in sqlx::query(text).bind(named).bind(schema).fetch_all(tx.on()).await? {
            let fingerprint = row.int("fingerprint")?;
            let Some((calls, last_seen_at)) = observed.of(fingerprint) else { continue };
            let mut names = Vec::new();
            for column in
                ["left_schema", "left_table", "left_column", "right_schema", "right_table", "right_column"]
            {
                names.push(row.text(column)?);
            }
            // A table that is joined with itself is found from both sides.
            if !counted.insert((names.clone(), fingerprint)) {
                continue;
            }
            let join = joins.entry(names.clone()).or_insert_with(|| TableJoin {
                join: join_of(names),
                calls: 0,
                fingerprints: 0,
                last_seen_at: 0,
            });
            join.calls += calls;
            join.fingerprints += 1;
            join.last_seen_at = join.last_seen_at.max(last_seen_at);
        }
    }
    let mut joins: Vec<TableJoin> = joins.into_values().collect();
    joins.sort_by_key(|join| std::cmp::Reverse(join.calls));
    Ok(joins)
}

pub(super) fn join_of(names: Vec<String>) -> JoinUse {
    let mut names = names.into_iter();
    let mut next = || names.next().unwrap_or_default();
    let left = TableName::read(next(), next());
    let left_column = next();
    let right = TableName::read(next(), next());
    JoinUse { left, left_column, right, right_column: next() }
}
