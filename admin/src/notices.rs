//! Who finds out what people are to be told of, and who passes it on?
//!
//! What somebody does is told in the transaction of the deed ([`of_deed`]). What nobody does is found by one look in
//! the background every few seconds: at what the state says of planes, listeners, connections, schemas and refusals
//! ([`look`]), and by each node at the ledgers of the planes that listen to it ([`keep_watch`]). Whoever keeps a
//! notice, every node tells those who watch there.

mod deeds;
mod ledgers;
pub(crate) mod mails;
mod modes;
mod refusals;
mod schemas;
mod state;

pub(crate) use deeds::of_deed;
pub(crate) use modes::settle as settle_modes;

use crate::plane::App;
use crate::topics::Topic;
use admin_store::notices;
use admin_store::{Id, StoreError, now_us};
use serde_json::json;
use std::collections::BTreeSet;
use std::time::Duration;

/// How often it is looked whether a notice is new, while somebody watches.
const HEAR_EVERY: Duration = Duration::from_secs(2);
/// Notices told to watchers at once.
const HEARD_MAX: i64 = 200;
/// A notice can be committed after one that was made later: so long it is still looked for, in microseconds.
const LATE_US: i64 = 10_000_000;
/// How often the ledgers of this node's planes are looked at.
const LEDGERS_EVERY: Duration = Duration::from_secs(60);
/// How soon after the start.
const LEDGERS_FIRST: Duration = Duration::from_secs(20);

/// Finds what is to be told; one node at a time does it.
pub async fn look(app: &App) -> Result<(), StoreError> {
    state::planes(app).await?;
    state::connections(app).await?;
    modes::look(app).await?;
    refusals::look(app).await?;
    schemas::look(app).await
}

/// Has what people have not read and want by mail sent; one node at a time does it.
pub async fn mail(app: &App) -> Result<(), StoreError> {
    mails::ask(app).await
}

/// Finds which statements have become slow, and forgets what is old; one node at a time does it.
pub async fn look_back(app: &App) -> Result<(), StoreError> {
    refusals::slower(app).await?;
    let Some(before) = app.settings.retention.notices.begins(now_us()) else { return Ok(()) };
    loop {
        let mut tx = app.store.write().await?;
        let gone = notices::purge(&mut tx, before).await?;
        tx.commit().await?;
        if gone == 0 {
            return Ok(());
        }
        tokio::task::yield_now().await;
    }
}

/// Tells those who watch at this node, and looks at the ledgers of its planes, until the control plane stops.
pub(crate) async fn keep_watch(app: App) {
    let mut stopping = app.stopping.clone();
    tokio::select! {
        _ = stopping.wait_for(|stops| *stops) => {}
        () = tell(&app) => {}
        () = keep_looking_at_ledgers(&app) => {}
    }
}

/// Asks the planes that listen at this node whether their ledgers are whole.
pub async fn look_at_ledgers(app: &App) -> Result<(), StoreError> {
    ledgers::look(app).await
}

async fn keep_looking_at_ledgers(app: &App) {
    tokio::time::sleep(LEDGERS_FIRST).await;
    loop {
        if let Err(error) = look_at_ledgers(app).await {
            tracing::debug!(%error, "the ledgers were not looked at");
        }
        tokio::time::sleep(LEDGERS_EVERY).await;
    }
}

/// Tells what is new to those who watch.
async fn tell(app: &App) {
    let mut told: BTreeSet<Id> = BTreeSet::new();
    let mut from = now_us();
    loop {
        tokio::time::sleep(HEAR_EVERY).await;
        let watched = app.topics.watched(&[Topic::Notifications]);
        if watched.is_empty() {
            from = now_us();
            told.clear();
            continue;
        }
        let after = Id::least_of(from - LATE_US);
        let heard = match hear(app, after).await {
            Ok(heard) => heard,
            Err(error) => {
                tracing::debug!(%error, "nobody was told of what is new");
                continue;
            }
        };
        for one in heard {
            if told.insert(one.id) && watched.contains(&one.workspace) {
                let data = json!([{ "id": one.id }]);
                app.topics.publish(&one.workspace, Topic::Notifications, &data);
            }
        }
        from = now_us();
        let kept = Id::least_of(from - 2 * LATE_US);
        told = told.split_off(&kept);
    }
}

async fn hear(app: &App, after: Id) -> Result<Vec<notices::Heard>, StoreError> {
    let mut tx = app.store.read().await?;
    let heard = notices::since(&mut tx, after, HEARD_MAX).await?;
    tx.commit().await?;
    Ok(heard)
}

/// "3 statements", "1 statement".
fn count(number: u64, one: &str) -> String {
    format!("{number} {one}{}", if number == 1 { "" } else { "s" })
}
