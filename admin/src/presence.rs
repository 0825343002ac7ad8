//! Is a control plane at work on a state? Each says so in the state, again and again, until it stops.
//!
//! Who changes the master key asks: a control plane with the old key would open nothing that has the new one,
//! and go on sealing with the old.

use crate::plane::App;
use admin_store::jobs::{self, NewJob};
use admin_store::{Id, Store, StoreError, now_us};
use serde_json::Value;
use std::time::{Duration, Instant};

/// The kind of row in which it stands.
const KIND: &str = "node";
/// How often it is said.
const SAID_EVERY: Duration = Duration::from_secs(5);
/// How long it counts after it was said, in microseconds: who was killed is not there after that.
const COUNTS_US: i64 = 15_000_000;
/// What has not been said for so long is forgotten, in microseconds: more than clocks of nodes differ by.
const FORGOTTEN_US: i64 = 3_600_000_000;
/// How often somebody who waits looks whether it was said again.
const LOOKED_EVERY: Duration = Duration::from_millis(200);
/// Rows that are looked at; more nodes have no state.
const ROWS_MAX: i64 = 256;

/// A control plane that says it is there.
#[derive(Debug)]
pub(crate) struct Presence {
    key: String,
    saying: tokio::task::JoinHandle<()>,
}

impl Presence {
    /// Says it, and goes on until the control plane stops.
    pub(crate) async fn begin(app: &App) -> Result<Presence, StoreError> {
        let key = Id::new().to_string();
        say(&app.store, &key).await?;
        let saying = tokio::spawn(go_on(app.clone(), key.clone()));
        Ok(Presence { key, saying })
    }

    /// Takes it back.
    pub(crate) async fn end(self, app: &App) {
        self.saying.abort();
        let gone = async {
            let mut tx = app.store.write().await?;
            jobs::remove(&mut tx, KIND, &self.key).await?;
            tx.commit().await
        };
        if let Err(error) = gone.await {
            tracing::debug!(%error, "that this control plane stopped is known when its time is over");
        }
    }
}

async fn go_on(app: App, key: String) {
    let mut stopping = app.stopping.clone();
    let rounds = async {
        loop {
            tokio::time::sleep(SAID_EVERY).await;
            if let Err(error) = say(&app.store, &key).await {
                tracing::debug!(%error, "the state does not hear that this control plane is there");
            }
        }
    };
    tokio::select! {
        () = rounds => {}
        _ = stopping.wait_for(|stopping| *stopping) => {}
    }
}

/// Says that the node of this key counts from now on for a while, and forgets those that do not any more.
async fn say(store: &Store, key: &str) -> Result<(), StoreError> {
    let now = now_us();
    let mut tx = store.write().await?;
    for node in jobs::list(&mut tx, KIND, ROWS_MAX).await? {
        if node.key == key || node.due_at < now - FORGOTTEN_US {
            jobs::remove(&mut tx, KIND, &node.key).await?;
        }
    }
    jobs::put(&mut tx, NewJob { kind: KIND, key, body: &Value::Null, due_at: now + COUNTS_US }).await?;
    tx.commit().await
}

/// How many control planes are at work on a state; waits for what shows it. One that was killed, or that stands in
/// a backup, does not say it again; one that is there does so before its time is over, whatever its clock says.
pub async fn at_work(store: &Store) -> Result<usize, StoreError> {
    let first = said(store).await?;
    let mut now = first.clone();
    let forgotten = now_us() - FORGOTTEN_US;
    let is_alone = !first.iter().any(|(_, until)| *until > forgotten);
    let give_up = Instant::now() + Duration::from_micros(COUNTS_US.unsigned_abs());
    while !is_alone && Instant::now() < give_up {
        let again = now.iter().filter(|said| !first.contains(said)).count();
        if again > 0 {
            return Ok(again);
        }
        tokio::time::sleep(LOOKED_EVERY).await;
        now = said(store).await?;
    }
    Ok(0)
}

/// Who said it last, and until when that counts.
async fn said(store: &Store) -> Result<Vec<(String, i64)>, StoreError> {
    let mut tx = store.read().await?;
    let nodes = jobs::list(&mut tx, KIND, ROWS_MAX).await?;
    tx.commit().await?;
    Ok(nodes.into_iter().map(|node| (node.key, node.due_at)).collect())
}
