//! How does a snapshot come into the state? All of it in one transaction, and nothing twice.

use super::words::{Words, packed};
use super::{Cause, Hash, Source, WHAT};
use crate::insert::{PARAMETERS_MAX, placeholders, refused};
use crate::row::Values;
use crate::text::{folded, shown, storable};
use crate::{Id, Result, StoreError, Tx};
use serde_json::Value;
use sha2::{Digest, Sha256};
use sqlx::AssertSqlSafe;
use std::collections::{BTreeMap, HashSet};

/// How much of a schema's or an object's name counts in the order of entries, in bytes: an index of
/// PostgreSQL holds 2,700 with everything.
pub(super) const SORT_BYTES_MAX: usize = 500;
/// How much of a comment is kept beside an entry, in bytes: its first line, as far as a list shows it.
const COMMENT_BYTES_MAX: usize = 200;

/// A snapshot that was just read.
#[derive(Clone, Debug)]
pub struct NewSnapshot {
    /// Of which connection.
    pub connection: Id,
    /// When it was read.
    pub taken_at: i64,
    /// Where it comes from.
    pub source: Source,
    /// Why it was read.
    pub cause: Cause,
    /// Which kind of database.
    pub engine: String,
    /// Its version, as it says it.
    pub engine_version: String,
    /// How long reading took.
    pub duration_us: i64,
    /// What could not be read, and why.
    pub warnings: Value,
    /// Everything found, in any order.
    pub entries: Vec<NewEntry>,
}

/// One object of a snapshot.
#[derive(Clone, Debug)]
pub struct NewEntry {
    /// What stays the same while the object changes: equal for equal keys only.
    pub key: Vec<u8>,
    /// What it is, in a word.
    pub kind: String,
    /// The schema it is in; empty for none.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// The key of what it belongs to, such as the table a partition is of.
    pub parent: Option<Vec<u8>>,
    /// The digest of its definition.
    pub hash: Hash,
    /// Its definition.
    pub body: Value,
    /// The names of its columns: it is found by them.
    pub columns: Vec<String>,
    /// What somebody said about it; the first line is kept here.
    pub comment: Option<String>,
    /// What the server counted.
    pub measurement: Option<NewMeasurement>,
}

/// What the server counted of an object.
#[derive(Clone, Debug)]
pub struct NewMeasurement {
    /// Rows, roughly.
    pub row_estimate: Option<i64>,
    /// Bytes on disk.
    pub size_bytes: Option<i64>,
    /// All of it, such as the scans of each index.
    pub body: Value,
}

/// What became of a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ingested {
    /// It is the latest now.
    New(Id),
    /// The latest is the same: its `seen_at` moved, and what was counted is new.
    Same(Id),
}

impl Ingested {
    /// The latest snapshot now.
    pub fn id(self) -> Id {
        match self {
            Ingested::New(id) | Ingested::Same(id) => id,
        }
    }
}

/// An entry with its place in the order.
struct Placed<'a> {
    entry: &'a NewEntry,
    sort_key: Vec<u8>,
    ordinal: i64,
}

/// Keeps a snapshot, unless the latest of its connection is the same.
pub async fn insert_snapshot(tx: &mut Tx, new: &NewSnapshot) -> Result<Ingested> {
    check(new)?;
    let placed = place(&new.entries)?;
    let root_hash = root_hash(&placed);
    // Also takes the connection's turn: two who look at once do not make two snapshots of one schema.
    let row = sqlx::query(
        "UPDATE connections SET last_snapshot = last_snapshot WHERE id = $1 RETURNING last_snapshot",
    )
    .bind(new.connection.bytes())
    .fetch_optional(tx.on())
    .await?;
    let last = row.ok_or(StoreError::Missing("connection"))?.id_opt("last_snapshot")?;
    if let Some(last) = last
        && seen_again(tx, last, new, &root_hash).await?
    {
        sqlx::query("DELETE FROM schema_measurements WHERE snapshot = $1")
            .bind(last.bytes())
            .execute(tx.on())
            .await?;
        insert_measurements(tx, last, &placed).await?;
        return Ok(Ingested::Same(last));
    }
    let id = Id::new();
    insert_head(tx, id, new, &root_hash).await?;
    insert_objects(tx, &placed).await?;
    insert_entries(tx, id, &placed).await?;
    insert_groups(tx, id, &placed).await?;
    insert_measurements(tx, id, &placed).await?;
    insert_words(tx, id, &placed).await?;
    sqlx::query("UPDATE connections SET last_snapshot = $1 WHERE id = $2")
        .bind(id.bytes())
        .bind(new.connection.bytes())
        .execute(tx.on())
        .await?;
    Ok(Ingested::New(id))
}

fn check(new: &NewSnapshot) -> Result<()> {
    storable(&[("engine", &new.engine), ("engine version", &new.engine_version)])?;
    for entry in &new.entries {
        storable(&[("kind", &entry.kind), ("schema", &entry.schema), ("name", &entry.name)])?;
    }
    Ok(())
}

/// Puts entries into the order of lists: schema, name, kind, then key.
fn place(entries: &[NewEntry]) -> Result<Vec<Placed<'_>>> {
    let mut placed: Vec<Placed<'_>> = entries
        .iter()
        .map(|entry| Placed {
            entry,
            sort_key: sort_key(&entry.schema, &entry.name, &entry.kind),
            ordinal: 0,
        })
        .collect();
    placed.sort_by(|a, b| (&a.sort_key, &a.entry.key).cmp(&(&b.sort_key, &b.entry.key)));
    for (ordinal, entry) in (0_i64..).zip(&mut placed) {
        entry.ordinal = ordinal;
    }
    let mut keys: HashSet<&[u8]> = HashSet::with_capacity(placed.len());
    match placed.iter().all(|placed| keys.insert(&placed.entry.key)) {
        true => Ok(placed),
        false => Err(StoreError::Duplicate("object")),
    }
}

/// Schema, name and kind as bytes that sort as they do, without case.
fn sort_key(schema: &str, name: &str, kind: &str) -> Vec<u8> {
    let mut key = sort_part(schema);
    key.push(0);
    key.extend(sort_part(name));
    key.push(0);
    key.extend(kind.bytes().take(SORT_BYTES_MAX));
    key
}

/// A name as it counts in the order.
pub(super) fn sort_part(name: &str) -> Vec<u8> {
    let mut key = folded(name).into_bytes();
    key.truncate(SORT_BYTES_MAX);
    key
}

/// The digest that stands for a key in indexes.
pub(super) fn key_digest(key: &[u8]) -> Vec<u8> {
    Sha256::digest(key).to_vec()
}

/// Over all keys and digests, in the order of keys; each key after its length, so that nothing runs together.
fn root_hash(placed: &[Placed<'_>]) -> Hash {
    let mut entries: Vec<&NewEntry> = placed.iter().map(|placed| placed.entry).collect();
    entries.sort_by(|a, b| a.key.cmp(&b.key));
    let mut digest = Sha256::new();
    for entry in entries {
        digest.update(u64::try_from(entry.key.len()).unwrap_or(u64::MAX).to_be_bytes());
        digest.update(&entry.key);
        digest.update(entry.hash);
    }
    digest.finalize().into()
}

/// Notes that the latest snapshot is still the schema, if it is.
async fn seen_again(tx: &mut Tx, last: Id, new: &NewSnapshot, root_hash: &Hash) -> Result<bool> {
    let done = sqlx::query(
        "UPDATE schema_snapshots SET seen_at = $1, duration_us = $2, warnings = $3, engine_version = $4 \
         WHERE id = $5 AND root_hash = $6",
    )
    .bind(new.taken_at)
    .bind(new.duration_us)
    .bind(new.warnings.to_string())
    .bind(&new.engine_version)
    .bind(last.bytes())
    .bind(root_hash.to_vec())
    .execute(tx.on())
    .await?;
    Ok(done.rows_affected() > 0)
}

async fn insert_head(tx: &mut Tx, id: Id, new: &NewSnapshot, root_hash: &Hash) -> Result<()> {
    sqlx::query(
        "INSERT INTO schema_snapshots (id, connection, taken_at, seen_at, source, cause, engine, \
         engine_version, object_count, duration_us, warnings, root_hash, pinned) \
         VALUES ($1, $2, $3, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0)",
    )
    .bind(id.bytes())
    .bind(new.connection.bytes())
    .bind(new.taken_at)
    .bind(new.source.word())
    .bind(new.cause.word())
    .bind(&new.engine)
    .bind(&new.engine_version)
    .bind(i64::try_from(new.entries.len()).unwrap_or(i64::MAX))
    .bind(new.duration_us)
    .bind(new.warnings.to_string())
    .bind(root_hash.to_vec())
    .execute(tx.on())
    .await
    .map_err(refused(WHAT, "connection"))?;
    Ok(())
}

/// Keeps the definitions that are not there yet: most are, unless the database is new.
async fn insert_objects(tx: &mut Tx, placed: &[Placed<'_>]) -> Result<()> {
    let mut missing: BTreeMap<Hash, &Value> =
        placed.iter().map(|placed| (placed.entry.hash, &placed.entry.body)).collect();
    let hashes: Vec<Hash> = missing.keys().copied().collect();
    for chunk in hashes.chunks(PARAMETERS_MAX) {
        let text =
            format!("SELECT hash FROM schema_objects WHERE hash IN {}", placeholders(1, 1, chunk.len()));
        let mut query = sqlx::query(AssertSqlSafe(text));
        for hash in chunk {
            query = query.bind(hash.to_vec());
        }
        for row in query.fetch_all(tx.on()).await? {
            missing.remove(&super::hash_in(&row, "hash")?);
        }
    }
    let missing: Vec<(Hash, &Value)> = missing.into_iter().collect();
    for chunk in missing.chunks(PARAMETERS_MAX / 2) {
        let text = format!(
            "INSERT INTO schema_objects (hash, body) VALUES {} ON CONFLICT (hash) DO NOTHING",
            placeholders(1, chunk.len(), 2)
        );
        let mut query = sqlx::query(AssertSqlSafe(text));
        for (hash, body) in chunk {
            query = query.bind(hash.to_vec()).bind(body.to_string());
        }
        query.execute(tx.on()).await?;
    }
    Ok(())
}

async fn insert_entries(tx: &mut Tx, id: Id, placed: &[Placed<'_>]) -> Result<()> {
    const COLUMNS: usize = 13;
    for chunk in placed.chunks(PARAMETERS_MAX / COLUMNS) {
        let text = format!(
            "INSERT INTO schema_entries (snapshot, ordinal, sort_key, object_key, key_digest, kind, \
             schema_name, name, name_key, parent_digest, hash, column_count, comment) VALUES {}",
            placeholders(1, chunk.len(), COLUMNS)
        );
        let mut query = sqlx::query(AssertSqlSafe(text));
        for Placed { entry, sort_key, ordinal } in chunk {
            query = query
                .bind(id.bytes())
                .bind(*ordinal)
                .bind(sort_key.clone())
                .bind(entry.key.clone())
                .bind(key_digest(&entry.key))
                .bind(entry.kind.clone())
                .bind(entry.schema.clone())
                .bind(entry.name.clone())
                .bind(sort_part(&entry.name))
                .bind(entry.parent.as_deref().map(key_digest).unwrap_or_default())
                .bind(entry.hash.to_vec())
                .bind(i64::try_from(entry.columns.len()).unwrap_or(i64::MAX))
                .bind(first_line(entry.comment.as_deref().unwrap_or_default()));
        }
        query.execute(tx.on()).await.map_err(|error| match StoreError::from(error) {
            // A definition that was there was cleared meanwhile.
            StoreError::Missing(_) => StoreError::Busy,
            other => other.about("object"),
        })?;
    }
    Ok(())
}

async fn insert_groups(tx: &mut Tx, id: Id, placed: &[Placed<'_>]) -> Result<()> {
    // By lower-case name first, so that the tree has the order of the lists.
    let mut groups: BTreeMap<(Vec<u8>, &str, &str), i64> = BTreeMap::new();
    for Placed { entry, .. } in placed {
        *groups.entry((sort_part(&entry.schema), &entry.schema, &entry.kind)).or_default() += 1;
    }
    let groups: Vec<(i64, (&str, &str, i64))> =
        (0_i64..).zip(groups.into_iter().map(|((_, schema, kind), count)| (schema, kind, count))).collect();
    for chunk in groups.chunks(PARAMETERS_MAX / 5) {
        let text = format!(
            "INSERT INTO schema_groups (snapshot, ordinal, schema_name, kind, object_count) VALUES {}",
            placeholders(1, chunk.len(), 5)
        );
        let mut query = sqlx::query(AssertSqlSafe(text));
        for (ordinal, (schema, kind, count)) in chunk {
            query = query
                .bind(id.bytes())
                .bind(*ordinal)
                .bind((*schema).to_owned())
                .bind((*kind).to_owned())
                .bind(*count);
        }
        query.execute(tx.on()).await?;
    }
    Ok(())
}

async fn insert_measurements(tx: &mut Tx, id: Id, placed: &[Placed<'_>]) -> Result<()> {
    let measured: Vec<(i64, &NewMeasurement)> = placed
        .iter()
        .filter_map(|placed| placed.entry.measurement.as_ref().map(|measured| (placed.ordinal, measured)))
        .collect();
    for chunk in measured.chunks(PARAMETERS_MAX / 5) {
        let text = format!(
            "INSERT INTO schema_measurements (snapshot, ordinal, row_estimate, size_bytes, body) VALUES {}",
            placeholders(1, chunk.len(), 5)
        );
        let mut query = sqlx::query(AssertSqlSafe(text));
        for (ordinal, measured) in chunk {
            query = query
                .bind(id.bytes())
                .bind(*ordinal)
                .bind(measured.row_estimate)
                .bind(measured.size_bytes)
                .bind(measured.body.to_string());
        }
        query.execute(tx.on()).await?;
    }
    Ok(())
}

async fn insert_words(tx: &mut Tx, id: Id, placed: &[Placed<'_>]) -> Result<()> {
    let mut words = Words::default();
    for (ordinal, placed) in (0_u32..).zip(placed) {
        words.name(&placed.entry.name, ordinal);
        words.column(&placed.entry.schema, ordinal);
        for column in &placed.entry.columns {
            words.column(column, ordinal);
        }
    }
    let words = words.sorted();
    for chunk in words.chunks(PARAMETERS_MAX / 4) {
        let text = format!(
            "INSERT INTO schema_words (snapshot, word, names, columns) VALUES {}",
            placeholders(1, chunk.len(), 4)
        );
        let mut query = sqlx::query(AssertSqlSafe(text));
        for (word, places) in chunk {
            query = query
                .bind(id.bytes())
                .bind(word.clone())
                .bind(packed(&places.names))
                .bind(packed(&places.columns));
        }
        query.execute(tx.on()).await?;
    }
    Ok(())
}

/// The first line, as far as a list shows it, without what cannot be kept.
fn first_line(comment: &str) -> String {
    let line = comment.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    shown(line, COMMENT_BYTES_MAX)
}
