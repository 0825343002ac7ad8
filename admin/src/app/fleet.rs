//! Which data planes and listeners are there, and how are they?

use super::publications::{self, Shown};
use crate::fleet::listeners_of;
use crate::operation::{Operation, Target};
use crate::plane::App;
use crate::problem::Problem;
use admin_store::listeners::Listener;
use admin_store::planes::{self, Plane};
use admin_store::{Tx, now_us};
use serde_json::json;
use std::collections::BTreeMap;

/// A plane that was not heard of for so long is away, in microseconds: it tells of itself more often than
/// twice in this time.
const AWAY_AFTER_US: i64 = 45_000_000;

/// A data plane and whether it is there.
#[derive(Clone, Debug)]
pub struct Member {
    /// It, as it was last heard of.
    pub plane: Plane,
    /// Whether it is connected, here or to another node.
    pub is_connected: bool,
}

/// What is known under the name of a listener: data planes may have one each.
#[derive(Clone, Debug)]
pub struct Named {
    /// The name.
    pub name: String,
    /// The listener of each data plane, those that are there first.
    pub rows: Vec<(Listener, Option<Member>)>,
    /// What is published for it.
    pub publication: Option<Shown>,
}

/// The data planes, those first heard of first.
pub async fn list(operation: &Operation) -> Result<Vec<Member>, Problem> {
    let mut tx = operation.read().await?;
    let members = members(&operation.app, &mut tx).await?;
    tx.commit().await?;
    Ok(members)
}

/// The data planes, within a transaction.
pub(crate) async fn members(app: &App, tx: &mut Tx) -> Result<Vec<Member>, Problem> {
    let now = now_us();
    let all = planes::all(tx).await?.into_iter().map(|plane| {
        let is_connected =
            app.fleet.is_listening(&plane.id) || now.saturating_sub(plane.last_seen_at) < AWAY_AFTER_US;
        Member { plane, is_connected }
    });
    Ok(all.collect())
}

/// Forgets a data plane that is gone for good; its traffic stays.
pub async fn forget(operation: &Operation, id: &str) -> Result<(), Problem> {
    let mut change = operation.begin().await?;
    let plane = planes::one(&mut change.tx, id).await?;
    planes::forget(&mut change.tx, id).await?;
    change.commit(Target::new("plane", plane.id, plane.name), json!({})).await?;
    operation.app.fleet.forget(id);
    Ok(())
}

/// The listeners of the workspace by name.
pub async fn listeners(operation: &Operation) -> Result<Vec<Named>, Problem> {
    let workspace = &operation.entered()?.workspace;
    let mut tx = operation.read().await?;
    let rows = listeners_of(&mut tx, workspace).await?;
    let members = members(&operation.app, &mut tx).await?;
    let mut published: BTreeMap<String, Shown> = BTreeMap::new();
    for shown in publications::all(&mut tx, workspace.id).await? {
        published.insert(shown.listener.clone(), shown);
    }
    tx.commit().await?;
    let mut named: BTreeMap<String, Named> = BTreeMap::new();
    for row in rows {
        let member = members.iter().find(|member| member.plane.id == row.plane).cloned();
        let entry = named.entry(row.name.clone()).or_insert_with(|| Named {
            name: row.name.clone(),
            rows: Vec::new(),
            publication: published.remove(&row.name),
        });
        entry.rows.push((row, member));
    }
    let mut named: Vec<Named> = named.into_values().collect();
    for one in &mut named {
        one.rows.sort_by_key(|(row, _)| (!row.present, std::cmp::Reverse(row.last_seen_at)));
    }
    Ok(named)
}

/// One of them.
pub async fn listener(operation: &Operation, name: &str) -> Result<Named, Problem> {
    let all = listeners(operation).await?;
    all.into_iter().find(|one| one.name == name).ok_or_else(|| Problem::not_found("listener"))
}

/// What became of what is published, at one data plane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Acknowledged {
    /// It is in force.
    InForce,
    /// It did not take it; what was in force before still is.
    Refused,
    /// It has not told yet.
    Pending,
    /// It is not connected; it takes it when it is.
    Away,
}

/// What a data plane made of the latest snapshot.
pub fn acknowledged(member: &Member, latest: u64) -> Acknowledged {
    if !member.plane.problems.is_empty() && member.plane.snapshot >= latest {
        Acknowledged::Refused
    } else if member.plane.snapshot >= latest {
        Acknowledged::InForce
    } else if member.is_connected {
        Acknowledged::Pending
    } else {
        Acknowledged::Away
    }
}
