//! What is in a snapshot?

use super::ingest::{key_digest, sort_part};
use super::{Hash, hash_in};
use crate::insert::{PARAMETERS_MAX, placeholders};
use crate::page::{Page, ask, page};
use crate::row::Values;
use crate::text::end_of_prefix;
use crate::{Id, Result, StoreError, Tx};
use serde_json::Value;
use sqlx::AssertSqlSafe;
use sqlx::any::AnyRow;
use std::collections::HashMap;

/// Kinds a filter can name at once: there are fewer.
const KINDS_MAX: usize = 16;

/// An object without its definition.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its place in the snapshot's order: schema, name, kind.
    pub ordinal: i64,
    /// What stays the same while it changes.
    pub key: Vec<u8>,
    /// What it is.
    pub kind: String,
    /// The schema it is in; empty for none.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// The digest of its definition.
    pub hash: Hash,
    /// How many columns it has.
    pub column_count: i64,
    /// The first line of what somebody said about it.
    pub comment: String,
    /// Rows, roughly.
    pub row_estimate: Option<i64>,
    /// Bytes on disk.
    pub size_bytes: Option<i64>,
}

/// Which entries.
#[derive(Clone, Debug, Default)]
pub struct EntryFilter {
    /// In this schema, whatever the case of its letters.
    pub schema: Option<String>,
    /// Of one of these kinds; all when empty.
    pub kinds: Vec<String>,
    /// With names that begin like this, whatever the case.
    pub prefix: String,
    /// So many of them are left out before the first: for a list of which any part can be looked at.
    pub skip: u32,
}

/// How many objects of one kind a schema has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaGroup {
    /// The schema; empty for what is in none.
    pub schema: String,
    /// What they are.
    pub kind: String,
    /// How many.
    pub count: i64,
}

macro_rules! select {
    () => {
        "SELECT e.ordinal, e.object_key, e.kind, e.schema_name, e.name, e.hash, e.column_count, \
         e.comment, m.row_estimate, m.size_bytes FROM schema_entries e LEFT JOIN schema_measurements m \
         ON m.snapshot = e.snapshot AND m.ordinal = e.ordinal "
    };
}

/// The entries of a snapshot, by schema, name and kind. `after` is the `next` of the page before.
pub async fn entries(
    tx: &mut Tx,
    snapshot: Id,
    filter: &EntryFilter,
    after: Option<i64>,
    limit: i64,
) -> Result<Page<Entry, i64>> {
    let prefix = sort_part(&filter.prefix);
    let (mut first, mut end) = (after.map_or(0, |after| after.saturating_add(1)), i64::MAX);
    if let Some(schema) = &filter.schema {
        // The entries of a schema whose names begin alike follow each other.
        let mut begins = sort_part(schema);
        begins.push(0);
        begins.extend_from_slice(&prefix);
        first = first.max(first_from(tx, snapshot, &begins).await?);
        if let Some(ends) = end_of_prefix(&begins) {
            end = first_from(tx, snapshot, &ends).await?;
        }
    }
    let mut text = concat!(
        select!(),
        "WHERE e.snapshot = $1 AND e.ordinal >= $2 AND e.ordinal < $3 AND e.name_key >= $4 "
    )
    .to_owned();
    let ends = end_of_prefix(&prefix);
    let mut next_parameter = 5;
    if ends.is_some() {
        text.push_str("AND e.name_key < $5 ");
        next_parameter += 1;
    }
    let kinds: Vec<&String> = filter.kinds.iter().take(KINDS_MAX).collect();
    if !kinds.is_empty() {
        text.push_str("AND e.kind IN ");
        text.push_str(&placeholders(next_parameter, 1, kinds.len()));
        next_parameter += kinds.len();
    }
    text.push_str(&format!(" ORDER BY e.ordinal LIMIT ${next_parameter} OFFSET ${}", next_parameter + 1));
    let mut query =
        sqlx::query(AssertSqlSafe(text)).bind(snapshot.bytes()).bind(first).bind(end).bind(prefix);
    if let Some(ends) = ends {
        query = query.bind(ends);
    }
    for kind in kinds {
        query = query.bind(kind.clone());
    }
    let rows = query.bind(ask(limit)).bind(i64::from(filter.skip)).fetch_all(tx.on()).await?;
    page(&rows, limit, read, |entry| entry.ordinal)
}

/// The ordinal of the first entry whose place is at `sort_key` or after it.
async fn first_from(tx: &mut Tx, snapshot: Id, sort_key: &[u8]) -> Result<i64> {
    let row = sqlx::query(
        "SELECT ordinal FROM schema_entries WHERE snapshot = $1 AND sort_key >= $2 \
         ORDER BY sort_key, ordinal LIMIT 1",
    )
    .bind(snapshot.bytes())
    .bind(sort_key.to_vec())
    .fetch_optional(tx.on())
    .await?;
    row.map_or(Ok(i64::MAX), |row| row.int("ordinal"))
}

/// What belongs to the object of that key, such as the partitions of a table.
pub async fn children(
    tx: &mut Tx,
    snapshot: Id,
    key: &[u8],
    after: Option<i64>,
    limit: i64,
) -> Result<Page<Entry, i64>> {
    let rows = sqlx::query(concat!(
        select!(),
        "WHERE e.snapshot = $1 AND e.parent_digest = $2 AND e.ordinal > $3 ORDER BY e.ordinal LIMIT $4"
    ))
    .bind(snapshot.bytes())
    .bind(key_digest(key))
    .bind(after.unwrap_or(-1))
    .bind(ask(limit))
    .fetch_all(tx.on())
    .await?;
    page(&rows, limit, read, |entry| entry.ordinal)
}

/// The entries at these places, in no particular order.
pub(super) async fn at(tx: &mut Tx, snapshot: Id, ordinals: &[i64]) -> Result<HashMap<i64, Entry>> {
    let mut found = HashMap::with_capacity(ordinals.len());
    for chunk in ordinals.chunks(PARAMETERS_MAX) {
        let text = format!(
            concat!(select!(), "WHERE e.snapshot = $1 AND e.ordinal IN {}"),
            placeholders(2, 1, chunk.len())
        );
        let mut query = sqlx::query(AssertSqlSafe(text)).bind(snapshot.bytes());
        for ordinal in chunk {
            query = query.bind(*ordinal);
        }
        for row in query.fetch_all(tx.on()).await? {
            let entry = read(&row)?;
            found.insert(entry.ordinal, entry);
        }
    }
    Ok(found)
}

/// The object of that key: its entry, its definition, and what the server counted.
pub async fn object(tx: &mut Tx, snapshot: Id, key: &[u8]) -> Result<(Entry, Value, Option<Value>)> {
    let row = sqlx::query(
        "SELECT e.ordinal, e.object_key, e.kind, e.schema_name, e.name, e.hash, e.column_count, e.comment, \
         m.row_estimate, m.size_bytes, m.body AS measurement, o.body FROM schema_entries e \
         JOIN schema_objects o ON o.hash = e.hash LEFT JOIN schema_measurements m \
         ON m.snapshot = e.snapshot AND m.ordinal = e.ordinal WHERE e.snapshot = $1 AND e.key_digest = $2",
    )
    .bind(snapshot.bytes())
    .bind(key_digest(key))
    .fetch_optional(tx.on())
    .await?
    .ok_or(StoreError::Missing("object"))?;
    let measurement = match row.text_opt("measurement")? {
        Some(_) => Some(row.json("measurement")?),
        None => None,
    };
    Ok((read(&row)?, row.json("body")?, measurement))
}

/// Definitions by their digests. Those that are in no snapshot may be missing.
pub async fn definitions(tx: &mut Tx, hashes: &[Hash]) -> Result<HashMap<Hash, Value>> {
    let mut found = HashMap::with_capacity(hashes.len());
    for chunk in hashes.chunks(PARAMETERS_MAX) {
        let text = format!(
            "SELECT hash, body FROM schema_objects WHERE hash IN {}",
            placeholders(1, 1, chunk.len())
        );
        let mut query = sqlx::query(AssertSqlSafe(text));
        for hash in chunk {
            query = query.bind(hash.to_vec());
        }
        for row in query.fetch_all(tx.on()).await? {
            found.insert(hash_in(&row, "hash")?, row.json("body")?);
        }
    }
    Ok(found)
}

/// All keys of a snapshot, in the order of entries, with the digests of the definitions: what a comparison
/// of two snapshots needs to know which definitions to read.
pub async fn keys_and_hashes(tx: &mut Tx, snapshot: Id) -> Result<Vec<(Vec<u8>, Hash)>> {
    let rows =
        sqlx::query("SELECT object_key, hash FROM schema_entries WHERE snapshot = $1 ORDER BY ordinal")
            .bind(snapshot.bytes())
            .fetch_all(tx.on())
            .await?;
    rows.iter().map(|row| Ok((row.bytes("object_key")?, hash_in(row, "hash")?))).collect()
}

/// How many objects of which kind each schema has, in the order of entries. `after` is the `next` of the
/// page before.
pub async fn groups(
    tx: &mut Tx,
    snapshot: Id,
    after: Option<i64>,
    limit: i64,
) -> Result<Page<SchemaGroup, i64>> {
    let rows = sqlx::query(
        "SELECT ordinal, schema_name, kind, object_count FROM schema_groups \
         WHERE snapshot = $1 AND ordinal > $2 ORDER BY ordinal LIMIT $3",
    )
    .bind(snapshot.bytes())
    .bind(after.unwrap_or(-1))
    .bind(ask(limit))
    .fetch_all(tx.on())
    .await?;
    let read = |row: &AnyRow| {
        let group = SchemaGroup {
            schema: row.text("schema_name")?,
            kind: row.text("kind")?,
            count: row.int("object_count")?,
        };
        Ok((row.int("ordinal")?, group))
    };
    let page = page(&rows, limit, read, |(ordinal, _)| *ordinal)?;
    Ok(Page { items: page.items.into_iter().map(|(_, group)| group).collect(), next: page.next })
}

/// How many objects of each kind a snapshot has.
pub async fn count(tx: &mut Tx, snapshot: Id) -> Result<Vec<(String, i64)>> {
    let rows = sqlx::query(
        "SELECT kind, CAST(COALESCE(SUM(object_count), 0) AS BIGINT) AS objects FROM schema_groups \
         WHERE snapshot = $1 GROUP BY kind",
    )
    .bind(snapshot.bytes())
    .fetch_all(tx.on())
    .await?;
    let mut counts =
        rows.iter().map(|row| Ok((row.text("kind")?, row.int("objects")?))).collect::<Result<Vec<_>>>()?;
    counts.sort();
    Ok(counts)
}

pub(super) fn read(row: &AnyRow) -> Result<Entry> {
    Ok(Entry {
        ordinal: row.int("ordinal")?,
        key: row.bytes("object_key")?,
        kind: row.text("kind")?,
        schema: row.text("schema_name")?,
        name: row.text("name")?,
        hash: hash_in(row, "hash")?,
        column_count: row.int("column_count")?,
        comment: row.text("comment")?,
        row_estimate: row.int_opt("row_estimate")?,
        size_bytes: row.int_opt("size_bytes")?,
    })
}
