//! What did somebody decide over others, what do they answer for, and what did groups give them? As documents: few.

use crate::row::Values;
use crate::{Id, Result, Tx};
use serde_json::{Value, json};
use sqlx::any::AnyRow;

/// Most documents of one kind; all of them are in the activity besides, which has no end.
const MAX: i64 = 1_000;

/// Under the names that [`super::of_person`] counts them by.
pub(super) async fn documents(tx: &mut Tx, user: Id) -> Result<[(&'static str, Value); 5]> {
    let reviews = "SELECT workspace_id, at, note, members, tokens FROM access_reviews WHERE user_id = $1 \
                   ORDER BY id DESC LIMIT $2";
    let groups = "SELECT provider, group_name, given_at FROM member_grants WHERE user_id = $1 \
                  UNION ALL SELECT provider, group_name, given_at FROM team_grants WHERE user_id = $1 \
                  UNION ALL SELECT provider, group_name, given_at FROM admin_grants WHERE user_id = $1 \
                  ORDER BY given_at DESC LIMIT $2";
    let machines = "SELECT x.workspace_id, x.kind, u.name FROM machines x JOIN users u ON u.id = x.user_id \
                    WHERE x.responsible = $1 AND x.deleted_at IS NULL ORDER BY x.user_id LIMIT $2";
    let changes = "SELECT workspace, listener, reason, standing, asked_by, asked_at FROM mode_changes \
                   WHERE asked_by = $1 OR decided_by = $1 OR ended_by = $1 ORDER BY id DESC LIMIT $2";
    let restarts = "SELECT reason, standing, asked_by, asked_at FROM plane_restarts \
                    WHERE asked_by = $1 OR cancelled_by = $1 ORDER BY id DESC LIMIT $2";
    Ok([
        ("access_reviews", all(tx, user, reviews, review).await?),
        ("groups", all(tx, user, groups, group).await?),
        ("machines", all(tx, user, machines, machine).await?),
        ("mode_changes", all(tx, user, changes, |row| mode_change(row, user)).await?),
        ("restarts", all(tx, user, restarts, |row| restart(row, user)).await?),
    ])
}

async fn all(
    tx: &mut Tx,
    user: Id,
    statement: &'static str,
    document: impl Fn(&AnyRow) -> Result<Value>,
) -> Result<Value> {
    let rows = sqlx::query(statement).bind(user.bytes()).bind(MAX).fetch_all(tx.on()).await?;
    rows.iter().map(document).collect()
}

fn review(row: &AnyRow) -> Result<Value> {
    Ok(json!({
        "workspace": row.id("workspace_id")?, "at": row.int("at")?, "note": row.text("note")?,
        "members": row.int("members")?, "tokens": row.int("tokens")?,
    }))
}

fn group(row: &AnyRow) -> Result<Value> {
    Ok(json!({
        "service": row.text("provider")?, "group": row.text("group_name")?, "given_at": row.int("given_at")?,
    }))
}

fn machine(row: &AnyRow) -> Result<Value> {
    Ok(json!({
        "workspace": row.id("workspace_id")?, "kind": row.text("kind")?, "name": row.text("name")?,
    }))
}

fn mode_change(row: &AnyRow, user: Id) -> Result<Value> {
    Ok(json!({
        "workspace": row.id("workspace")?, "listener": row.text("listener")?, "standing": row.text("standing")?,
        "asked_at": row.int("asked_at")?, "reason": reason(row, user)?,
    }))
}

fn restart(row: &AnyRow, user: Id) -> Result<Value> {
    Ok(json!({
        "standing": row.text("standing")?, "asked_at": row.int("asked_at")?, "reason": reason(row, user)?,
    }))
}

/// What they wrote themselves; what another wrote is that one's.
fn reason(row: &AnyRow, user: Id) -> Result<Option<String>> {
    Ok(if row.id("asked_by")? == user { Some(row.text("reason")?) } else { None })
}
