//! Which rule sets are in force for which listener, and what was published when?
//!
//! A snapshot is everything that is published, as one whole. Its version grows by one with each, whoever
//! makes it: [`next`] takes the turn, and only what holds the turn can [`publish`].

use crate::insert::refused;
use crate::page::{Page, ask, page};
use crate::row::Values;
use crate::text::{exact_key, storable};
use crate::{Id, Result, StoreError, Tx, now_us};
use control::{ManagedListener, Snapshot};
use sqlx::any::AnyRow;

const WHAT: &str = "publication";

/// What is published for a listener.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publication {
    /// Whose listener it is.
    pub workspace: Id,
    /// The listener's name.
    pub listener: String,
    /// Whether what is refused does not pass; `None` leaves it to the listener's file.
    pub enforces: Option<bool>,
    /// What judges, in order.
    pub items: Vec<Item>,
    /// Who changed it last.
    pub changed_by: Id,
    /// When.
    pub changed_at: i64,
    /// What a change must name.
    pub version: i64,
}

/// One of the rule sets of a listener.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// The published version of a rule set of the workspace, whichever that is.
    RuleSet(Id),
    /// A pack, by its name.
    Pack(String),
}

/// What is to be published for a listener.
#[derive(Clone, Copy, Debug)]
pub struct PublicationChange<'a> {
    /// Whether what is refused does not pass; `None` leaves it to the listener's file.
    pub enforces: Option<bool>,
    /// What judges, in order.
    pub items: &'a [Item],
    /// Who wants it.
    pub by: Id,
}

/// Says what is published for a listener. `version` is the one that was read, 0 for a listener for which
/// nothing is. It is in force with the next snapshot.
pub async fn put(
    tx: &mut Tx,
    workspace: Id,
    listener: &str,
    version: i64,
    change: PublicationChange<'_>,
) -> Result<i64> {
    storable(&[("listener", listener)])?;
    let next = if version == 0 {
        insert(tx, workspace, listener, change).await?
    } else {
        update(tx, workspace, listener, version, change).await?
    };
    sqlx::query("DELETE FROM publication_items WHERE workspace = $1 AND listener_key = $2")
        .bind(workspace.bytes())
        .bind(exact_key(listener))
        .execute(tx.on())
        .await?;
    for (place, item) in (0_i64..).zip(change.items) {
        insert_item(tx, workspace, listener, place, item).await?;
    }
    Ok(next)
}

async fn insert(tx: &mut Tx, workspace: Id, listener: &str, change: PublicationChange<'_>) -> Result<i64> {
    sqlx::query(
        "INSERT INTO publications (workspace, listener, listener_key, enforces, changed_by, changed_at, \
         version) VALUES ($1, $2, $3, $4, $5, $6, 1)",
    )
    .bind(workspace.bytes())
    .bind(listener)
    .bind(exact_key(listener))
    .bind(change.enforces.map(i64::from))
    .bind(change.by.bytes())
    .bind(now_us())
    .execute(tx.on())
    .await
    .map_err(|error| match refused(WHAT, "workspace")(error) {
        StoreError::Duplicate(_) => StoreError::Changed(WHAT),
        other => other,
    })?;
    Ok(1)
}

async fn update(
    tx: &mut Tx,
    workspace: Id,
    listener: &str,
    version: i64,
    change: PublicationChange<'_>,
) -> Result<i64> {
    let row = sqlx::query(
        "UPDATE publications SET enforces = $1, changed_by = $2, changed_at = $3, version = version + 1 \
         WHERE workspace = $4 AND listener_key = $5 AND version = $6 RETURNING version",
    )
    .bind(change.enforces.map(i64::from))
    .bind(change.by.bytes())
    .bind(now_us())
    .bind(workspace.bytes())
    .bind(exact_key(listener))
    .bind(version)
    .fetch_optional(tx.on())
    .await?;
    match row {
        Some(row) => row.int("version"),
        None => {
            get(tx, workspace, listener).await?.ok_or(StoreError::Missing(WHAT))?;
            Err(StoreError::Changed(WHAT))
        }
    }
}

async fn insert_item(tx: &mut Tx, workspace: Id, listener: &str, place: i64, item: &Item) -> Result<()> {
    let (rule_set, pack) = match item {
        Item::RuleSet(id) => {
            // The key refers to rule sets of any workspace; only one's own may be used.
            crate::rule_sets::get(tx, workspace, *id).await?;
            (Some(id.bytes()), None)
        }
        Item::Pack(name) => {
            storable(&[("pack", name)])?;
            (None, Some(name.as_str()))
        }
    };
    sqlx::query(
        "INSERT INTO publication_items (workspace, listener_key, place, rule_set, pack) \
         VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(workspace.bytes())
    .bind(exact_key(listener))
    .bind(place)
    .bind(rule_set)
    .bind(pack)
    .execute(tx.on())
    .await
    .map_err(refused(WHAT, "rule set"))?;
    Ok(())
}

/// Leaves a listener to its file again.
pub async fn remove(tx: &mut Tx, workspace: Id, listener: &str, version: i64) -> Result<()> {
    get(tx, workspace, listener).await?.ok_or(StoreError::Missing(WHAT))?;
    let done =
        sqlx::query("DELETE FROM publications WHERE workspace = $1 AND listener_key = $2 AND version = $3")
            .bind(workspace.bytes())
            .bind(exact_key(listener))
            .bind(version)
            .execute(tx.on())
            .await?;
    if done.rows_affected() == 0 { Err(StoreError::Changed(WHAT)) } else { Ok(()) }
}

macro_rules! select {
    () => {
        "SELECT p.workspace, p.listener, p.enforces, p.changed_by, p.changed_at, p.version, \
         i.place, i.rule_set, i.pack FROM publications p LEFT JOIN publication_items i \
         ON i.workspace = p.workspace AND i.listener_key = p.listener_key "
    };
}

/// What is published for a listener, if anything is.
pub async fn get(tx: &mut Tx, workspace: Id, listener: &str) -> Result<Option<Publication>> {
    let rows = sqlx::query(concat!(select!(), "WHERE p.workspace = $1 AND p.listener_key = $2"))
        .bind(workspace.bytes())
        .bind(exact_key(listener))
        .fetch_all(tx.on())
        .await?;
    Ok(gather(&rows)?.pop())
}

/// What is published for the listeners of a workspace, by name. There are as many as listeners: few.
pub async fn list(tx: &mut Tx, workspace: Id) -> Result<Vec<Publication>> {
    let rows = sqlx::query(concat!(select!(), "WHERE p.workspace = $1 ORDER BY p.listener_key"))
        .bind(workspace.bytes())
        .fetch_all(tx.on())
        .await?;
    gather(&rows)
}

/// The listeners for which a rule set is published.
pub async fn users_of(tx: &mut Tx, rule_set: Id) -> Result<Vec<String>> {
    let rows = sqlx::query(
        "SELECT p.listener FROM publication_items i JOIN publications p ON p.workspace = i.workspace \
         AND p.listener_key = i.listener_key WHERE i.rule_set = $1 ORDER BY p.listener_key, i.place",
    )
    .bind(rule_set.bytes())
    .fetch_all(tx.on())
    .await?;
    let mut names = rows.iter().map(|row| row.text("listener")).collect::<Result<Vec<_>>>()?;
    names.dedup();
    Ok(names)
}

/// The turn to publish. Everybody else who wants to waits until the end of the transaction.
#[derive(Debug)]
pub struct Turn {
    version: i64,
    everything: Vec<Publication>,
}

impl Turn {
    /// What is published, in all workspaces, as nobody can change it any more before the snapshot.
    pub fn everything(&self) -> &[Publication] {
        &self.everything
    }
}

/// Takes the turn to publish. What it was made from is to be read after this: what others publish meanwhile
/// would be missing otherwise.
pub async fn next(tx: &mut Tx) -> Result<Turn> {
    let row =
        sqlx::query("UPDATE snapshot_counter SET version = version + 1 WHERE one = 1 RETURNING version")
            .fetch_one(tx.on())
            .await?;
    let rows =
        sqlx::query(concat!(select!(), "ORDER BY p.workspace, p.listener_key")).fetch_all(tx.on()).await?;
    Ok(Turn { version: row.int("version")?, everything: gather(&rows)? })
}

/// Publishes these listeners, and the modes that some have for a stated time, as the next snapshot. It is there when the transaction is committed.
pub async fn publish(
    tx: &mut Tx,
    turn: Turn,
    listeners: Vec<ManagedListener>,
    note: &str,
    by: Option<Id>,
) -> Result<Snapshot> {
    storable(&[("note", note)])?;
    let made_at_us = now_us();
    let mode_changes = crate::mode_changes::published(tx, made_at_us).await?;
    let version = u64::try_from(turn.version).unwrap_or_default();
    let snapshot = Snapshot { version, made_at_us, listeners, mode_changes };
    let body = serde_json::to_string(&snapshot)
        .map_err(|error| StoreError::Unavailable(format!("a snapshot cannot be written: {error}")))?;
    sqlx::query("INSERT INTO snapshots (version, body, note, made_by, made_at) VALUES ($1, $2, $3, $4, $5)")
        .bind(turn.version)
        .bind(body)
        .bind(note)
        .bind(by.map(Id::bytes))
        .bind(made_at_us)
        .execute(tx.on())
        .await?;
    Ok(snapshot)
}

/// The version of the latest snapshot; 0 before the first.
pub async fn latest_version(tx: &mut Tx) -> Result<i64> {
    sqlx::query("SELECT COALESCE(MAX(version), 0) AS version FROM snapshots")
        .fetch_one(tx.on())
        .await?
        .int("version")
}

/// A snapshot as it was published.
pub async fn snapshot(tx: &mut Tx, version: i64) -> Result<Option<Snapshot>> {
    let row = sqlx::query("SELECT body FROM snapshots WHERE version = $1")
        .bind(version)
        .fetch_optional(tx.on())
        .await?;
    row.map(|row| row.json("body")).transpose()
}

/// That a snapshot was published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnapshotNote {
    /// Which.
    pub version: i64,
    /// What was said about it.
    pub note: String,
    /// Who wanted it; `None` for the program itself.
    pub made_by: Option<Id>,
    /// When.
    pub made_at: i64,
}

/// What was published, latest first. `before` is the `next` of the page before.
pub async fn history(tx: &mut Tx, before: Option<i64>, limit: i64) -> Result<Page<SnapshotNote, i64>> {
    let rows = sqlx::query(
        "SELECT version, note, made_by, made_at FROM snapshots WHERE version < $1 \
         ORDER BY version DESC LIMIT $2",
    )
    .bind(before.unwrap_or(i64::MAX))
    .bind(ask(limit))
    .fetch_all(tx.on())
    .await?;
    let read = |row: &AnyRow| {
        Ok(SnapshotNote {
            version: row.int("version")?,
            note: row.text("note")?,
            made_by: row.id_opt("made_by")?,
            made_at: row.int("made_at")?,
        })
    };
    page(&rows, limit, read, |note| note.version)
}

/// Forgets all snapshots but the latest `keep`; at least the latest stays. Gives how many went.
pub async fn prune(tx: &mut Tx, keep: i64) -> Result<u64> {
    let latest = latest_version(tx).await?;
    let done = sqlx::query("DELETE FROM snapshots WHERE version <= $1")
        .bind(latest.saturating_sub(keep.max(1)))
        .execute(tx.on())
        .await?;
    Ok(done.rows_affected())
}

/// Publications from rows of one each item.
fn gather(rows: &[AnyRow]) -> Result<Vec<Publication>> {
    let mut all: Vec<(Publication, Vec<(i64, Item)>)> = Vec::new();
    for row in rows {
        let (workspace, listener) = (row.id("workspace")?, row.text("listener")?);
        let same =
            all.last().is_some_and(|(last, _)| last.workspace == workspace && last.listener == listener);
        if !same {
            let publication = Publication {
                workspace,
                listener,
                enforces: row.int_opt("enforces")?.map(|flag| flag != 0),
                items: Vec::new(),
                changed_by: row.id("changed_by")?,
                changed_at: row.int("changed_at")?,
                version: row.int("version")?,
            };
            all.push((publication, Vec::new()));
        }
        if let (Some((_, items)), Some(place)) = (all.last_mut(), row.int_opt("place")?) {
            let item = match row.id_opt("rule_set")? {
                Some(id) => Item::RuleSet(id),
                None => Item::Pack(row.text("pack")?),
            };
            items.push((place, item));
        }
    }
    Ok(all
        .into_iter()
        .map(|(mut publication, mut items)| {
            items.sort_by_key(|(place, _)| *place);
            publication.items = items.into_iter().map(|(_, item)| item).collect();
            publication
        })
        .collect())
}
