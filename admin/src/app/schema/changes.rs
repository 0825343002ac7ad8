//! What is different between two snapshots of a connection?

use super::tables::behind;
use super::{Looked, look, of_connection};
use crate::operation::Operation;
use crate::problem::{Code, Problem};
use admin_engines::schema::diff::{self, Aspect, Change, KeyDiff};
use admin_engines::schema::model::{KeyGroup, Object, ObjectKey};
use admin_store::schema::{self, Hash, Snapshot};
use admin_store::traffic::{Range, UseTotal, totals};
use admin_store::{Id, Tx, connections, now_us};
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};

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
    between(tx, before, after).await
}

/// Compares two snapshots of one connection, the older one first.
pub(crate) async fn between(mut tx: Tx, before: Snapshot, after: Snapshot) -> Result<Difference, Problem> {
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

/// How far back use is counted beside changes.
const USE_US: i64 = 30 * 86_400_000_000;

/// How much what changed was used in the last 30 days, change by change, as far as its server's traffic passes a
/// listener; `None` where nothing was seen. All of it is absent where no listener stands before the server.
pub async fn uses(
    operation: &Operation,
    connection: Id,
    changes: &[Change],
) -> Result<Option<Vec<Option<UseTotal>>>, Problem> {
    let workspace = operation.entered()?.workspace.id;
    let mut tx = operation.read().await?;
    let connection = connections::get(&mut tx, workspace, connection).await?;
    let (_, numbers) = behind(&mut tx, &connection).await?;
    if numbers.is_empty() {
        return Ok(None);
    }
    let column = |change: &Change| {
        change.part.as_ref().filter(|part| part.aspect == Aspect::Column).map(|part| part.name.clone())
    };
    let of_columns = changes.iter().filter(|change| column(change).is_some());
    let names: BTreeSet<String> = of_columns.map(|change| change.object.name.clone()).collect();
    let until = now_us();
    let range = Range { from: until - USE_US, until };
    let totals = totals(&operation.app.traffic, &mut tx, &numbers, range, &names).await?;
    tx.commit().await?;
    let of = |change: &Change| {
        let ObjectKey { group, schema, name, .. } = &change.object;
        match column(change) {
            _ if *group != KeyGroup::Relation => None,
            Some(column) => totals.of_column(schema, name, &column),
            None => totals.of_table(schema, name),
        }
    };
    Ok(Some(changes.iter().map(of).collect()))
}

/// An object as it was kept.
pub(crate) fn read(body: Value) -> Result<Object, Problem> {
    serde_json::from_value(body).map_err(|error| damaged().with_cause(error))
}

fn damaged() -> Problem {
    Problem::new(Code::Internal, "a stored definition cannot be read")
}
