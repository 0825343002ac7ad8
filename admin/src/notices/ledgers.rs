//! Which ledgers are not whole, cannot be written, or do not reach their copies?

use super::state::gateway_workspaces;
use crate::app::fleet;
use crate::app::notifications::Kind;
use crate::plane::App;
use admin_store::listeners;
use admin_store::notices::{self, NewNotice};
use admin_store::{StoreError, now_us};
use control::{AnswerBody, LedgerCopyStatus, LedgerStatus, LedgerStatusQuery, LedgerVerdict, QuestionBody};
use std::collections::BTreeSet;
use std::time::Duration;

/// Longest wait for a data plane.
const ANSWER_MAX: Duration = Duration::from_secs(10);
/// A copy that has not taken a checkpoint for so long is told, in seconds: shorter, it is a restart.
const LAG_SECONDS: u64 = 300;

/// Asks the planes that listen at this node.
pub(super) async fn look(app: &App) -> Result<(), StoreError> {
    let now = now_us();
    let mut tx = app.store.read().await?;
    let members = fleet::known(app, &mut tx, now).await?;
    let rows = listeners::all(&mut tx).await?;
    let owners = gateway_workspaces(&mut tx, &rows).await?;
    tx.commit().await?;
    for member in members.iter().filter(|member| app.fleet.is_listening(&member.plane.id)) {
        let plane = &member.plane;
        let question = QuestionBody::LedgerStatus(LedgerStatusQuery { listeners: Vec::new() });
        // One that does not answer is told of as lost.
        let Ok(AnswerBody::LedgerStatus(status)) = app.fleet.ask(&plane.id, question, ANSWER_MAX).await
        else {
            continue;
        };
        let troubles = troubles(&status, &plane.name);
        let of_plane = rows.iter().filter(|row| row.plane == plane.id && row.present);
        let workspaces: BTreeSet<_> = of_plane.filter_map(|row| owners.get(&row.workspace)).collect();
        let mut tx = app.store.write().await?;
        for kind in ["writer", "integrity", "completeness", "copies"] {
            let target = format!("{kind} {}", plane.id);
            let Some(trouble) = troubles.iter().find(|one| one.kind == kind) else {
                notices::ended(&mut tx, "ledger", target.as_bytes()).await?;
                continue;
            };
            if !notices::began(&mut tx, "ledger", target.as_bytes(), now).await? {
                continue;
            }
            for workspace in &workspaces {
                let new = NewNotice {
                    workspace: **workspace,
                    kind: trouble.notice.as_str(),
                    key: &format!("ledger {target} {now}"),
                    at: now,
                    title: &trouble.title,
                    detail: &trouble.detail,
                    target: ("ledger", &plane.id),
                    actor: None,
                };
                notices::put(&mut tx, &new).await?;
            }
        }
        tx.commit().await?;
    }
    Ok(())
}

/// Something that is wrong with a ledger.
#[derive(Debug, PartialEq)]
struct Trouble {
    /// Which of the things that are looked at.
    kind: &'static str,
    notice: Kind,
    title: String,
    detail: String,
}

fn troubles(status: &LedgerStatus, plane: &str) -> Vec<Trouble> {
    let mut found = Vec::new();
    let mut add = |kind, notice, title, detail: &str| {
        found.push(Trouble { kind, notice, title, detail: detail.to_owned() });
    };
    if status.failing {
        let title = format!("The data plane {plane} cannot write its ledger");
        add("writer", Kind::LedgerFailed, title, "records wait in memory; look at the disk of its ledger");
    }
    if let Some(last) = &status.self_check.last {
        if last.integrity == LedgerVerdict::Broken {
            let title = format!("The data plane {plane} found its ledger changed");
            add("integrity", Kind::LedgerFailed, title, &last.summary);
        }
        if last.completeness == LedgerVerdict::Broken {
            let title = format!("The data plane {plane} found records of its ledger missing");
            add("completeness", Kind::LedgerFailed, title, &last.summary);
        }
    }
    let is_behind = |copy: &&LedgerCopyStatus| copy.failing && copy.lag_seconds >= LAG_SECONDS;
    let behind: Vec<&str> = status.copies.iter().filter(is_behind).map(|copy| copy.name.as_str()).collect();
    if !behind.is_empty() {
        let title = format!("Copies of the ledger of {plane} have fallen behind");
        add("copies", Kind::CheckpointBroken, title, &format!("nothing is taken by {}", behind.join(", ")));
    }
    found
}
