//! What is different between two snapshots of a connection?

use super::{Looked, look, of_connection};
use crate::operation::Operation;
use crate::problem::{Code, Problem};
use admin_engines::schema::diff::{self, Change, KeyDiff};
use admin_engines::schema::model::{Object, ObjectKey};
use admin_store::schema::{self, Hash, Snapshot};
use admin_store::{Id, Tx};
use serde_json::Value;
use std::collections::HashMap;

/// Most changes that are told; of more, how many objects they are about.
pub const CHANGES_MAX: usize = 2_000;

/// What is different.
#[derive(Clone, Debug)]
pub struct Difference {
    /// The older one.
    pub before: Snapshot,
    /// The later one.
    pub after: Snapshot,
    /// Objects that are new.
    pub added: usize,
    /// Objects that are gone.
    pub removed: usize,
    /// Objects that are different.
    pub changed: usize,
    /// Each change, at most [`CHANGES_MAX`].
    pub changes: Vec<Change>,
    /// Whether there are more.
    pub is_cut: bool,
}

/// Compares two snapshots of a connection: the latest with the one before it where none is named.
pub async fn compare(
    operation: &Operation,
    connection: Id,
    before: Option<Id>,
    after: Option<Id>,
) -> Result<Difference, Problem> {
    let Looked { mut tx, connection, snapshot: after } = look(operation, connection, after).await?;
    let before = match before {
        Some(id) => of_connection(&mut tx, &connection, id).await?,
        None => {
            let page = schema::list(&mut tx, connection.workspace, connection.id, Some(after.id), 1).await?;
            page.items.into_iter().next().ok_or_else(|| {
                Problem::new(Code::NotFound, "there is no snapshot before this one")
                    .with_hint("take another one after the schema has changed")
            })?
        }
    };
    let old = keys(&mut tx, before.id).await?;
    let new = keys(&mut tx, after.id).await?;
    let found = diff::diff_keys(&old, &new);
    let (removed, added, changed) = (found.removed.len(), found.added.len(), found.changed.len());
    let (from, to) = told(&found);
    let old = objects(&mut tx, &old, &from).await?;
    let new = objects(&mut tx, &new, &to).await?;
    tx.commit().await?;
    let comparing = tokio::task::spawn_blocking(move || diff::diff(&old, &new));
    let mut changes = comparing
        .await
        .map_err(|error| Problem::new(Code::Internal, "the comparison did not end").with_cause(error))?;
    let is_cut = changes.len() > CHANGES_MAX || removed + added + changed > CHANGES_MAX;
    changes.truncate(CHANGES_MAX);
    Ok(Difference { before, after, added, removed, changed, changes, is_cut })
}

/// Which objects of either side are read: no more than can be told.
fn told(found: &KeyDiff) -> (Vec<&ObjectKey>, Vec<&ObjectKey>) {
    let changed: Vec<&ObjectKey> = found.changed.iter().take(CHANGES_MAX).collect();
    let left = CHANGES_MAX - changed.len();
    let removed: Vec<&ObjectKey> = found.removed.iter().take(left).collect();
    let added = found.added.iter().take(left - removed.len());
    let to = changed.iter().copied().chain(added).collect();
    let from = changed.iter().copied().chain(removed.iter().copied()).collect();
    (from, to)
}

async fn keys(tx: &mut Tx, snapshot: Id) -> Result<Vec<(ObjectKey, Hash)>, Problem> {
    let keys = schema::keys_and_hashes(tx, snapshot).await?;
    keys.into_iter().map(|(key, hash)| Ok((ObjectKey::from_bytes(&key).ok_or_else(damaged)?, hash))).collect()
}

async fn objects(
    tx: &mut Tx,
    all: &[(ObjectKey, Hash)],
    wanted: &[&ObjectKey],
) -> Result<Vec<Object>, Problem> {
    let hashes: HashMap<&ObjectKey, Hash> = all.iter().map(|(key, hash)| (key, *hash)).collect();
    let hashes: Vec<Hash> = wanted.iter().filter_map(|key| hashes.get(*key).copied()).collect();
    let mut bodies = schema::definitions(tx, &hashes).await?;
    hashes.iter().map(|hash| read(bodies.remove(hash).unwrap_or_default())).collect()
}

/// An object as it was kept.
pub(crate) fn read(body: Value) -> Result<Object, Problem> {
    serde_json::from_value(body).map_err(|error| damaged().with_cause(error))
}

fn damaged() -> Problem {
    Problem::new(Code::Internal, "a stored definition cannot be read")
}
