//! How did the schemas of known databases look, and when?
//!
//! A snapshot is a list of entries, each a name and a digest; definitions are kept by their digest, once,
//! however many snapshots hold them. Lists, trees and searches read entries only.

mod entries;
mod ingest;
mod related;
mod search;
mod words;

pub use entries::{
    Entry, EntryFilter, SchemaGroup, children, count, definitions, entries, groups, keys_and_hashes, object,
};
pub use ingest::{Ingested, NewEntry, NewMeasurement, NewSnapshot, insert_snapshot};
pub use related::{Mentions, ObjectVersion, mentions, versions};
pub use search::{Hit, HitCursor, Matched, search};

use crate::page::{Page, ask, page};
use crate::row::Values;
use crate::words::{word_in, words};
use crate::{Id, Result, StoreError, Tx};
use serde_json::Value;
use sqlx::any::AnyRow;

const WHAT: &str = "snapshot";

/// A SHA-256 digest.
pub type Hash = [u8; 32];

words! {
    /// Where a snapshot comes from.
    Source {
        /// The catalogs of the server.
        Live = "live",
        /// A JSON file somebody uploaded.
        Json = "json",
        /// A CSV file somebody uploaded.
        Csv = "csv",
    }
}

words! {
    /// Why a snapshot was taken.
    Cause {
        /// Somebody asked for it.
        Manual = "manual",
        /// It was time.
        Schedule = "schedule",
        /// A statement that changes schemas passed on the wire.
        Ddl = "ddl",
        /// Somebody uploaded it.
        Upload = "upload",
    }
}

/// The schema of a database as it was for a while.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    /// What it is found by.
    pub id: Id,
    /// Of which connection.
    pub connection: Id,
    /// When the schema was first found to be this one.
    pub taken_at: i64,
    /// When it was last found to be still this one.
    pub seen_at: i64,
    /// Where it comes from.
    pub source: Source,
    /// Why it was taken.
    pub cause: Cause,
    /// Which kind of database.
    pub engine: String,
    /// Its version, as it says it.
    pub engine_version: String,
    /// How many objects it has.
    pub object_count: i64,
    /// How long reading them took.
    pub duration_us: i64,
    /// What could not be read, and why; as the reader says it.
    pub warnings: Value,
    /// The digest of all keys and digests: equal for equal schemas.
    pub root_hash: Hash,
    /// Whether pruning leaves it.
    pub pinned: bool,
}

macro_rules! select {
    () => {
        "SELECT s.id, s.connection, s.taken_at, s.seen_at, s.source, s.cause, s.engine, \
         s.engine_version, s.object_count, s.duration_us, s.warnings, s.root_hash, s.pinned \
         FROM schema_snapshots s JOIN connections c ON c.id = s.connection "
    };
}

/// The snapshot of that id, if its connection is the workspace's.
pub async fn get(tx: &mut Tx, workspace: Id, id: Id) -> Result<Snapshot> {
    let row = sqlx::query(concat!(select!(), "WHERE c.workspace = $1 AND s.id = $2"))
        .bind(workspace.bytes())
        .bind(id.bytes())
        .fetch_optional(tx.on())
        .await?;
    read(&row.ok_or(StoreError::Missing(WHAT))?)
}

/// The latest snapshot of a connection, if there is one.
pub async fn latest(tx: &mut Tx, workspace: Id, connection: Id) -> Result<Option<Snapshot>> {
    let row =
        sqlx::query(concat!(select!(), "WHERE c.workspace = $1 AND c.id = $2 AND s.id = c.last_snapshot"))
            .bind(workspace.bytes())
            .bind(connection.bytes())
            .fetch_optional(tx.on())
            .await?;
    row.as_ref().map(read).transpose()
}

/// The snapshots of a connection, latest first. `before` is the `next` of the page before.
pub async fn list(
    tx: &mut Tx,
    workspace: Id,
    connection: Id,
    before: Option<Id>,
    limit: i64,
) -> Result<Page<Snapshot>> {
    let rows = sqlx::query(concat!(
        select!(),
        "WHERE c.workspace = $1 AND s.connection = $2 AND s.id < $3 ORDER BY s.id DESC LIMIT $4"
    ))
    .bind(workspace.bytes())
    .bind(connection.bytes())
    .bind(before.unwrap_or(Id::greatest()).bytes())
    .bind(ask(limit))
    .fetch_all(tx.on())
    .await?;
    page(&rows, limit, read, |snapshot| snapshot.id)
}

/// Says whether pruning leaves a snapshot, because something refers to it.
pub async fn pin(tx: &mut Tx, workspace: Id, id: Id, pinned: bool) -> Result<()> {
    get(tx, workspace, id).await?;
    sqlx::query("UPDATE schema_snapshots SET pinned = $1 WHERE id = $2")
        .bind(i64::from(pinned))
        .bind(id.bytes())
        .execute(tx.on())
        .await?;
    Ok(())
}

/// Forgets the snapshots of a connection but the latest `keep` and those that are pinned; the latest one
/// stays in any case. Gives how many went. What only they held goes with [`clear`].
pub async fn prune(tx: &mut Tx, connection: Id, keep: i64) -> Result<u64> {
    let oldest_kept = sqlx::query(
        "SELECT id FROM schema_snapshots WHERE connection = $1 ORDER BY id DESC LIMIT 1 OFFSET $2",
    )
    .bind(connection.bytes())
    .bind(keep.max(1) - 1)
    .fetch_optional(tx.on())
    .await?;
    let Some(oldest_kept) = oldest_kept else { return Ok(0) };
    let done = sqlx::query("DELETE FROM schema_snapshots WHERE connection = $1 AND id < $2 AND pinned = 0")
        .bind(connection.bytes())
        .bind(oldest_kept.bytes("id")?)
        .execute(tx.on())
        .await?;
    Ok(done.rows_affected())
}

/// Forgets definitions that are in no snapshot, at most `limit` of them. Gives how many went.
///
/// Whoever takes a snapshot meanwhile that has one of them is told to try again.
pub async fn clear(tx: &mut Tx, limit: i64) -> Result<u64> {
    let done = sqlx::query(
        "DELETE FROM schema_objects WHERE hash IN (SELECT o.hash FROM schema_objects o WHERE NOT EXISTS \
         (SELECT 1 FROM schema_entries e WHERE e.hash = o.hash) LIMIT $1)",
    )
    .bind(limit.max(1))
    .execute(tx.on())
    .await
    .map_err(|error| match StoreError::from(error) {
        // A snapshot took it up between looking and deleting.
        StoreError::Missing(_) => StoreError::Busy,
        other => other,
    })?;
    Ok(done.rows_affected())
}

fn read(row: &AnyRow) -> Result<Snapshot> {
    Ok(Snapshot {
        id: row.id("id")?,
        connection: row.id("connection")?,
        taken_at: row.int("taken_at")?,
        seen_at: row.int("seen_at")?,
        source: word_in(row, "source", Source::from_word)?,
        cause: word_in(row, "cause", Cause::from_word)?,
        engine: row.text("engine")?,
        engine_version: row.text("engine_version")?,
        object_count: row.int("object_count")?,
        duration_us: row.int("duration_us")?,
        warnings: row.json("warnings")?,
        root_hash: hash_in(row, "root_hash")?,
        pinned: row.flag("pinned")?,
    })
}

fn hash_in(row: &AnyRow, column: &str) -> Result<Hash> {
    let bytes = row.bytes(column)?;
    Hash::try_from(bytes.as_slice())
        .map_err(|_| StoreError::Damaged(format!("column `{column}` has {} bytes", bytes.len())))
}
