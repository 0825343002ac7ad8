//! What is done while nobody asks? New statements are analysed, minutes become hours and days, and what is
//! old is forgotten.
//!
//! One node at a time does each of these: it claims the job for a while, and whoever comes later finds it
//! claimed. Each works in small steps with pauses, so that reports and people do not wait for it.

use crate::app::rules::{protocol, replay::lexing};
use crate::notices;
use crate::plane::App;
use admin_store::jobs::{self, Job, NewJob};
use admin_store::traffic::{self, ColumnUse, JoinUse, TableName, TableUse, Unanalysed, Usage};
use admin_store::{StoreError, listeners, now_us, publications};
use exchange::Protocol;
use serde_json::{Value, json};
use sql::Lexing;
use std::collections::HashMap;
use std::time::Duration;

/// How often it is looked whether anything is due.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// Between two steps of one job.
const PAUSE: Duration = Duration::from_millis(50);
/// Steps of one job before others have their turn.
const STEPS_MAX: usize = 50;
/// Statements analysed in one step.
const BATCH: i64 = 200;
/// A claim lasts that long, in microseconds: far longer than the steps of a job take.
const CLAIM_US: i64 = 120_000_000;
/// Snapshots that are kept, for whoever asks what was published when.
const SNAPSHOTS_KEPT: i64 = 100;
/// After a failure, in microseconds.
const AGAIN_US: i64 = 30_000_000;

/// What is done, and how often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Task {
    Analyse,
    RollUp,
    Retain,
    /// Finds what people are to be told of.
    Notice,
    /// Sends what they have not read by mail.
    Mail,
    /// Finds what has become slow, and forgets old notices.
    LookBack,
}

impl Task {
    const ALL: [Task; 6] =
        [Task::Analyse, Task::RollUp, Task::Retain, Task::Notice, Task::Mail, Task::LookBack];
    const KIND: &'static str = "traffic";

    fn word(self) -> &'static str {
        match self {
            Task::Analyse => "analyse",
            Task::RollUp => "roll_up",
            Task::Retain => "retain",
            Task::Notice => "notice",
            Task::Mail => "mail",
            Task::LookBack => "look_back",
        }
    }

    /// In microseconds.
    fn every(self) -> i64 {
        match self {
            Task::Analyse => 5_000_000,
            Task::RollUp => 60_000_000,
            Task::Retain => 3_600_000_000,
            Task::Notice => 10_000_000,
            Task::Mail => 60_000_000,
            Task::LookBack => 300_000_000,
        }
    }

    fn of(word: &str) -> Option<Task> {
        Task::ALL.into_iter().find(|task| task.word() == word)
    }
}

/// Works until the control plane stops.
pub async fn work(app: App) {
    let mut stopping = app.stopping.clone();
    let rounds = async {
        let mut are_asked_for = false;
        loop {
            match round(&app, &mut are_asked_for).await {
                Ok(()) => {}
                Err(error) => tracing::warn!(%error, "work in the background waits for the state"),
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    };
    // What is dropped half done is rolled back, and its claim runs out.
    tokio::select! {
        () = rounds => {}
        _ = stopping.wait_for(|stopping| *stopping) => {}
    }
}

/// Does what is due.
async fn round(app: &App, are_asked_for: &mut bool) -> Result<(), StoreError> {
    if !*are_asked_for {
        ask_for_all(app).await?;
        *are_asked_for = true;
    }
    let now = now_us();
    let mut tx = app.store.read().await?;
    let waiting = jobs::list(&mut tx, Task::KIND, 16).await?;
    tx.commit().await?;
    // Nothing is written while nothing is due.
    if !waiting.iter().any(|job| job.due_at <= now && job.claimed_until <= now) {
        return Ok(());
    }
    let mut tx = app.store.write().await?;
    let claimed = jobs::claim(&mut tx, Task::KIND, now, now + CLAIM_US, 1).await?;
    tx.commit().await?;
    for job in &claimed {
        let Some(task) = Task::of(&job.key) else { continue };
        let done = steps(app, task).await;
        finish(app, task, job, done).await?;
    }
    Ok(())
}

/// Asks for what no node has asked for yet. What waits already is left as it is.
async fn ask_for_all(app: &App) -> Result<(), StoreError> {
    let mut tx = app.store.write().await?;
    let waiting = jobs::list(&mut tx, Task::KIND, 16).await?;
    for task in Task::ALL {
        if !waiting.iter().any(|job| job.key == task.word()) {
            let body = Value::Null;
            let new = NewJob { kind: Task::KIND, key: task.word(), body: &body, due_at: now_us() };
            jobs::put(&mut tx, new).await?;
        }
    }
    tx.commit().await
}

async fn finish(app: &App, task: Task, job: &Job, done: Result<bool, StoreError>) -> Result<(), StoreError> {
    let now = now_us();
    let mut tx = app.store.write().await?;
    match &done {
        // There is more: at once, after others had their turn.
        Ok(true) => jobs::again(&mut tx, job, now, None).await?,
        Ok(false) => jobs::again(&mut tx, job, now + task.every(), None).await?,
        Err(error) => {
            tracing::warn!(%error, task = task.word(), "work in the background failed; it is tried again");
            jobs::again(&mut tx, job, now + AGAIN_US, Some(&error.to_string())).await?
        }
    };
    tx.commit().await
}

/// Does some steps; says whether there is more.
async fn steps(app: &App, task: Task) -> Result<bool, StoreError> {
    for _ in 0..STEPS_MAX {
        let more = match task {
            Task::Analyse => analyse(app).await?,
            Task::RollUp => {
                let mut tx = app.store.write().await?;
                let done = traffic::roll_up(&mut tx, now_us()).await?;
                tx.commit().await?;
                done.more
            }
            Task::Retain => retain(app, now_us()).await?,
            Task::Notice => {
                notices::look(app).await?;
                false
            }
            Task::Mail => {
                notices::mail(app).await?;
                false
            }
            Task::LookBack => {
                notices::look_back(app).await?;
                false
            }
        };
        if !more {
            return Ok(false);
        }
        tokio::time::sleep(PAUSE).await;
    }
    Ok(true)
}

/// Removes some of the traffic that is kept no longer at `now`; says whether there is more.
pub async fn retain(app: &App, now: i64) -> Result<bool, StoreError> {
    let mut tx = app.store.write().await?;
    let done = traffic::retain(&mut tx, now, &app.settings.retention.traffic).await?;
    publications::prune(&mut tx, SNAPSHOTS_KEPT).await?;
    tx.commit().await?;
    Ok(done.more)
}

/// Analyses some statements that nobody has; says whether there may be more.
async fn analyse(app: &App) -> Result<bool, StoreError> {
    let mut tx = app.store.read().await?;
    let waiting = traffic::unanalysed(&mut tx, BATCH).await?;
    let protocols = if waiting.is_empty() { HashMap::new() } else { protocols(&mut tx).await? };
    tx.commit().await?;
    if waiting.is_empty() {
        return Ok(false);
    }
    let more = i64::try_from(waiting.len()).unwrap_or(0) >= BATCH;
    let read = tokio::task::spawn_blocking(move || {
        let read = |one: &Unanalysed| {
            let protocol = one.listener.and_then(|listener| protocols.get(&listener).copied());
            (one.id, usage(&one.text, lexing(protocol.unwrap_or(Protocol::Postgres))))
        };
        waiting.iter().map(read).collect::<Vec<(i64, Usage)>>()
    });
    let usages =
        read.await.map_err(|error| StoreError::Unavailable(format!("an analysis ended early: {error}")))?;
    let mut tx = app.store.write().await?;
    traffic::set_usage(&mut tx, &usages).await?;
    tx.commit().await?;
    Ok(more)
}

async fn protocols(tx: &mut admin_store::Tx) -> Result<HashMap<i64, Protocol>, StoreError> {
    let all = listeners::all(tx).await?.into_iter();
    Ok(all.filter_map(|row| row.state.map(|state| (row.id, protocol(&state.protocol)))).collect())
}

/// What a statement uses, as the state keeps it. A column whose relation the text does not tell is kept
/// with its candidates beside.
fn usage(text: &str, lexing: Lexing) -> Usage {
    let found = sql::usage::usage(text, lexing);
    let name = |place: usize| {
        found.relations.get(place).map(|relation| TableName {
            schema: relation.schema.as_deref().map(ToOwned::to_owned),
            name: relation.name.to_string(),
        })
    };
    let tables = found.relations.iter().enumerate().filter_map(|(place, relation)| {
        Some(TableUse { table: name(place)?, reads: relation.reads(), writes: relation.writes() })
    });
    let columns = found.columns.iter().filter_map(|one| {
        let table = name(one.column.relation?)?;
        let column = one.column.name.to_string();
        Some(ColumnUse { table, column, reads: !one.written, writes: one.written })
    });
    let joins = found.joins.iter().filter_map(|join| {
        Some(JoinUse {
            left: name(join.left.relation?)?,
            left_column: join.left.name.to_string(),
            right: name(join.right.relation?)?,
            right_column: join.right.name.to_string(),
        })
    });
    let unsure = found.columns.iter().filter(|one| one.column.relation.is_none()).map(|one| {
        let among: Vec<Value> = one.column.among.iter().filter_map(|place| name(*place)).map(told).collect();
        json!({ "column": one.column.name, "among": among, "writes": one.written, "place": one.place.as_str() })
    });
    let more = json!({ "is_complete": found.complete, "unsure": unsure.take(64).collect::<Vec<Value>>() });
    Usage { tables: tables.collect(), columns: columns.collect(), joins: joins.collect(), more }
}

fn told(table: TableName) -> Value {
    json!({ "schema": table.schema, "name": table.name })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_statement_without_literals_tells_what_it_uses() {
        let text =
            "SELECT o.total, placed FROM shop.orders o JOIN customers c ON o.customer = c.id WHERE o.id = ?";
        let found = usage(text, Lexing::default());
        let tables: Vec<_> =
            found.tables.iter().map(|one| (one.table.name.as_str(), one.reads, one.writes)).collect();
        assert_eq!(tables, [("orders", true, false), ("customers", true, false)]);
        assert_eq!(found.tables[0].table.schema.as_deref(), Some("shop"));
        assert!(
            found.columns.iter().any(|one| one.column == "total" && one.table.name == "orders" && one.reads)
        );
        let join = found.joins.first().unwrap();
        assert_eq!((join.left_column.as_str(), join.right_column.as_str()), ("customer", "id"));
        assert_eq!(found.more["unsure"][0]["column"], "placed");
        let found = usage("UPDATE `orders` SET `state` = ? WHERE id = ?", Lexing::MYSQL);
        assert!(found.tables.iter().any(|one| one.table.name == "orders" && one.writes));
    }
}
