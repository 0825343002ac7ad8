//! When is a schema read without being asked for? When it is time, and when a statement that changes it
//! has passed on the wire.

use super::{take, usage};
use crate::app::connections::{ConnectionOptions, OpenError};
use crate::plane::App;
use admin_engines::health::Backoff;
use admin_store::connections::{self, Connection};
use admin_store::jobs::{self, Job, NewJob};
use admin_store::schema::Cause;
use admin_store::workspaces::{self, Kind, Workspace};
use admin_store::{Id, StoreError, Tx, listeners, now_us};
use std::collections::BTreeSet;
use std::time::Duration;

/// The jobs of schemas that are read because it is time.
pub const SCHEDULED: &str = "schema.refresh";
/// The jobs of schemas that are read because something changed.
pub const CHANGED: &str = "schema.refresh_after_ddl";
/// The event of a report that says a schema changed.
const DDL: &str = "ddl";
/// A schema is read so long after the first change, in microseconds: migrations are many statements.
pub const QUIET_US: i64 = 30_000_000;
/// The wait where no schema is due.
const PAUSE: Duration = Duration::from_secs(2);
/// How long a claim holds, in microseconds: longer than reading and keeping take.
const CLAIM_US: i64 = 180_000_000;
const HOUR_US: i64 = 3_600_000_000;
/// The wait after a schema could not be read.
const BACKOFF: Backoff = Backoff { first: Duration::from_secs(60), cap: Duration::from_secs(3_600) };
/// Connections of a workspace that are looked through at once.
const PAGE: i64 = 200;

/// Asks for a connection's schema to be read from `at` on, as often as its options say.
pub(crate) async fn plan(tx: &mut Tx, connection: &Connection, at: i64) -> Result<(), StoreError> {
    let key = connection.id.to_string();
    jobs::remove(tx, SCHEDULED, &key).await?;
    if ConnectionOptions::of(&connection.settings).refresh_hours() == 0 {
        return Ok(());
    }
    put(tx, SCHEDULED, connection, at).await
}

async fn put(tx: &mut Tx, kind: &str, connection: &Connection, due_at: i64) -> Result<(), StoreError> {
    let body = serde_json::json!({ "workspace": connection.workspace });
    jobs::put(tx, NewJob { kind, key: &connection.id.to_string(), body: &body, due_at }).await
}

/// Takes back what was asked for.
pub(crate) async fn forget(tx: &mut Tx, connection: Id) -> Result<(), StoreError> {
    for kind in [SCHEDULED, CHANGED] {
        jobs::remove(tx, kind, &connection.to_string()).await?;
    }
    Ok(())
}

/// A report came in: schemas that statements in it changed are read soon.
pub(crate) fn reported(app: &App, report: &control::Report) {
    let changes = report.events.iter().filter(|event| event.event == DDL && !event.listener.is_empty());
    let changes: BTreeSet<(String, String)> =
        changes.map(|event| (event.listener.clone(), event.note.clone())).collect();
    if changes.is_empty() {
        return;
    }
    let (app, plane) = (app.clone(), report.plane.clone());
    app.runtime.clone().spawn(async move {
        if let Err(error) = changed(&app, &plane, &changes, now_us() + QUIET_US).await {
            tracing::warn!(%error, plane, "a schema changed, and is read again only when it is time");
        }
    });
}

/// Statements that change schemas passed: a note is `database: tables`.
async fn changed(
    app: &App,
    plane: &str,
    changes: &BTreeSet<(String, String)>,
    due_at: i64,
) -> Result<(), StoreError> {
    let mut tx = app.store.read().await?;
    let mut affected: Vec<Connection> = Vec::new();
    for listener in listeners::all(&mut tx).await? {
        let notes: Vec<&str> = changes
            .iter()
            .filter(|(name, _)| *name == listener.name)
            .map(|(_, note)| note.as_str())
            .collect();
        if notes.is_empty() || listener.plane != plane {
            continue;
        }
        let workspace = match workspaces::by_slug(&mut tx, &listener.workspace).await {
            // A name alone gives nobody a listener.
            Ok(workspace) if workspace.kind != Kind::Gateway => continue,
            Ok(workspace) => workspace,
            Err(StoreError::Missing(_)) => continue,
            Err(error) => return Err(error),
        };
        for connection in of_workspace(&mut tx, &workspace).await? {
            let database = &connection.settings.database;
            let is_named =
                |note: &&str| note.strip_prefix(database.as_str()).is_some_and(|rest| rest.starts_with(": "));
            let is_meant = database.is_empty() || notes.iter().any(is_named);
            if is_meant
                && usage::is_behind(&connection, &listener)
                && ConnectionOptions::of(&connection.settings).refreshes_on_ddl()
            {
                affected.push(connection);
            }
        }
    }
    tx.commit().await?;
    if affected.is_empty() {
        return Ok(());
    }
    let mut tx = app.store.write().await?;
    for connection in &affected {
        put(&mut tx, CHANGED, connection, due_at).await?;
    }
    tx.commit().await
}

async fn of_workspace(tx: &mut Tx, workspace: &Workspace) -> Result<Vec<Connection>, StoreError> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let page = connections::list(tx, workspace.id, after, PAGE).await?;
        all.extend(page.items);
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(all),
        }
    }
}

/// Reads schemas that are due, one after the other, until the control plane stops.
pub(crate) async fn keep_fresh(app: App) {
    let mut stopping = app.stopping.clone();
    loop {
        let round = async {
            let mut done = false;
            for (kind, cause) in [(CHANGED, Cause::Ddl), (SCHEDULED, Cause::Schedule)] {
                match next(&app, kind, cause).await {
                    Ok(did) => done |= did,
                    Err(error) => tracing::debug!(%error, "schemas are read later"),
                }
            }
            if !done {
                tokio::time::sleep(PAUSE).await;
            }
        };
        tokio::select! {
            _ = stopping.wait_for(|stopping| *stopping) => return,
            () = round => {}
        }
    }
}

/// Does one job of a kind; says whether there was one.
async fn next(app: &App, kind: &str, cause: Cause) -> Result<bool, StoreError> {
    let now = now_us();
    let mut tx = app.store.write().await?;
    let claimed = jobs::claim(&mut tx, kind, now, now + CLAIM_US, 1).await?;
    tx.commit().await?;
    let Some(job) = claimed.into_iter().next() else { return Ok(false) };
    match refresh(app, &job, cause).await {
        Ok(Some(connection)) => {
            let hours = ConnectionOptions::of(&connection.settings).refresh_hours();
            let again =
                (cause == Cause::Schedule && hours > 0).then(|| now_us() + i64::from(hours) * HOUR_US);
            finish(app, &job, again, None).await?;
        }
        Ok(None) => finish(app, &job, None, None).await?,
        Err(error) => {
            let attempts = u32::try_from(job.attempts).unwrap_or(u32::MAX);
            let wait = i64::try_from(BACKOFF.wait(attempts, 1.0).as_micros()).unwrap_or(HOUR_US);
            finish(app, &job, Some(now_us() + wait), Some(&error)).await?;
        }
    }
    Ok(true)
}

async fn finish(
    app: &App,
    job: &Job,
    again: Option<i64>,
    error: Option<&OpenError>,
) -> Result<(), StoreError> {
    let said = error.map(ToString::to_string);
    let mut tx = app.store.write().await?;
    match again {
        Some(due_at) => jobs::again(&mut tx, job, due_at, said.as_deref()).await?,
        None => jobs::done(&mut tx, job).await?,
    };
    tx.commit().await
}

/// Reads the schema a job is about; nothing for a connection that is no more.
async fn refresh(app: &App, job: &Job, cause: Cause) -> Result<Option<Connection>, OpenError> {
    let workspace = job.body.get("workspace").and_then(|id| id.as_str()).and_then(|id| id.parse::<Id>().ok());
    let (Some(workspace), Ok(id)) = (workspace, job.key.parse::<Id>()) else { return Ok(None) };
    let mut tx = app.store.read().await?;
    let connection = match connections::get(&mut tx, workspace, id).await {
        Ok(connection) => connection,
        Err(StoreError::Missing(_)) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    tx.commit().await?;
    let new = take::read(app, &connection, cause).await?;
    take::keep_unasked(app, &new).await?;
    Ok(Some(connection))
}
