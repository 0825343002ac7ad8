//! Which rules refuse much, and which statements have become slow?

use super::count;
use super::state::gateway_workspaces;
use crate::app::notifications::Kind;
use crate::http::timestamp::Timestamp;
use crate::plane::App;
use admin_store::listeners;
use admin_store::notices::{self, NewNotice};
use admin_store::traffic::{self, Fingerprint, Range, RuleCount};
use admin_store::{Id, StoreError, now_us};
use std::collections::BTreeMap;

const HOUR_US: i64 = 3_600_000_000;
const DAY_US: i64 = 24 * HOUR_US;
/// So many refusals of a rule within an hour are told: one here and there is what rules are for.
const PILING: u64 = 10;
/// A statement has become slow when it takes so many times as long as it did, ...
const SLOWER_RATIO: f64 = 2.0;
/// ... was called so often in the last hour and before, ...
const SLOWER_CALLS_MIN: u64 = 50;
/// ... and takes at least so long, in microseconds.
const SLOWER_US_MIN: u64 = 20_000;
/// Statements of a workspace that are told at once.
const SLOWER_MAX: usize = 5;
/// Longest part of a statement in a notice, in characters.
const TEXT_MAX: usize = 160;

/// The numbers of the listeners of each workspace.
async fn scopes(app: &App) -> Result<BTreeMap<Id, Vec<i64>>, StoreError> {
    let mut tx = app.store.read().await?;
    let rows = listeners::all(&mut tx).await?;
    let owners = gateway_workspaces(&mut tx, &rows).await?;
    tx.commit().await?;
    let mut scopes: BTreeMap<Id, Vec<i64>> = BTreeMap::new();
    for row in &rows {
        if let Some(workspace) = owners.get(&row.workspace) {
            scopes.entry(*workspace).or_default().push(row.id);
        }
    }
    Ok(scopes)
}

/// Tells which rules have refused much in this hour: one notice for a rule and an hour, which goes on counting.
pub(super) async fn look(app: &App) -> Result<(), StoreError> {
    let now = now_us();
    let hour = now - now.rem_euclid(HOUR_US);
    for (workspace, numbers) in scopes(app).await? {
        let mut tx = app.store.read().await?;
        let range = Range { from: hour, until: hour + HOUR_US };
        let counts = traffic::refusals_by_rule(&mut tx, &numbers, range).await?;
        let mut new = Vec::new();
        for piling in counts.iter().filter(|one| one.refusals >= PILING).map(|one| Piling::of(one, hour)) {
            // Nothing is written while nothing changes.
            if !notices::is_said(&mut tx, &piling.notice(workspace, now)).await? {
                new.push(piling);
            }
        }
        tx.commit().await?;
        if new.is_empty() {
            continue;
        }
        let mut tx = app.store.write().await?;
        for piling in &new {
            notices::put_latest(&mut tx, &piling.notice(workspace, now)).await?;
        }
        tx.commit().await?;
    }
    Ok(())
}

/// A rule that refuses much, in words.
struct Piling {
    key: String,
    title: String,
    detail: String,
    rule: String,
}

impl Piling {
    fn of(counted: &RuleCount, hour: i64) -> Piling {
        let done = if counted.verdict == "hold" { "held" } else { "refused" };
        let by = if counted.rule.is_empty() {
            "by no rule: the default of the listener, or a limit".to_owned()
        } else {
            format!("by the rule {}", counted.rule)
        };
        Piling {
            key: format!("refusals {} {hour} {}", counted.verdict, counted.rule),
            title: format!("{} were {done} within an hour", count(counted.refusals, "statement")),
            detail: format!("{by}, in the hour from {}", Timestamp(hour)),
            rule: counted.rule.clone(),
        }
    }

    fn notice(&self, workspace: Id, now: i64) -> NewNotice<'_> {
        NewNotice {
            workspace,
            kind: Kind::RefusalsPiling.as_str(),
            key: &self.key,
            at: now,
            title: &self.title,
            detail: &self.detail,
            target: ("rule", &self.rule),
            actor: None,
        }
    }
}

/// Tells which statements have become slow: one notice for a statement and a day.
pub(super) async fn slower(app: &App) -> Result<(), StoreError> {
    let now = now_us();
    let day = now.div_euclid(DAY_US);
    for (workspace, numbers) in scopes(app).await? {
        let mut tx = app.store.read().await?;
        let found = app.traffic.slower(&mut tx, &numbers, now, SLOWER_CALLS_MIN, SLOWER_MAX * 4).await?;
        let is_told = |one: &traffic::Slower| one.ratio >= SLOWER_RATIO && one.p95_us >= SLOWER_US_MIN;
        let slow: Vec<_> = found.into_iter().filter(is_told).take(SLOWER_MAX).collect();
        let wanted: Vec<i64> = slow.iter().map(|one| one.fingerprint).collect();
        let statements = traffic::of_numbers(&mut tx, &numbers, &wanted).await?;
        tx.commit().await?;
        let statements: BTreeMap<i64, Fingerprint> =
            statements.into_iter().map(|found| (found.id, found)).collect();
        if slow.is_empty() {
            continue;
        }
        let mut tx = app.store.write().await?;
        for one in slow {
            let Some(statement) = statements.get(&one.fingerprint) else { continue };
            let (before, after) = (milliseconds(one.before_p95_us), milliseconds(one.p95_us));
            let text: String = statement.text.as_deref().unwrap_or_default().chars().take(TEXT_MAX).collect();
            let new = NewNotice {
                workspace,
                kind: Kind::QuerySlower.as_str(),
                key: &format!("slower {} {day}", statement.fingerprint),
                at: now,
                title: &format!("A query takes {:.1} times as long as it did", one.ratio),
                detail: &format!("p95 {after}, before {before}: {text}"),
                target: ("fingerprint", &statement.fingerprint),
                actor: None,
            };
            notices::put(&mut tx, &new).await?;
        }
        tx.commit().await?;
    }
    Ok(())
}

fn milliseconds(us: u64) -> String {
    format!("{} ms", us.div_ceil(1_000))
}
