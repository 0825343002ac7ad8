//! Who has an account on this instance, and who may come in? For admins of the instance.

use super::groups;
use crate::operation::{Operation, Target};
use crate::problem::{Code, Problem};
use admin_store::group_grants;
use admin_store::users::{self, User};
use admin_store::workspaces::{self, Workspace};
use admin_store::{Id, Page, StoreError, sessions};
use serde_json::json;

/// What an admin of the instance sets.
#[derive(Clone, Copy, Debug)]
pub struct Standing {
    /// Whether they are an admin of the instance; `None` to leave it.
    pub is_instance_admin: Option<bool>,
    /// Whether they may not come in; `None` to leave it.
    pub is_disabled: Option<bool>,
}

/// People in the order of their e-mails; the cursor is an e-mail's key.
pub async fn list(
    operation: &Operation,
    prefix: &str,
    after: Option<&[u8]>,
    limit: u32,
) -> Result<Page<User, Vec<u8>>, Problem> {
    let mut tx = operation.read().await?;
    let page = users::list(&mut tx, prefix, after, limit.into()).await?;
    tx.commit().await?;
    Ok(page)
}

/// One of them.
pub async fn show(operation: &Operation, id: Id) -> Result<User, Problem> {
    let mut tx = operation.read().await?;
    let user = users::by_id(&mut tx, id).await?;
    tx.commit().await?;
    person(user)
}

/// Services and agents have no account: they are of their workspace.
fn person(user: User) -> Result<User, Problem> {
    if user.machine.is_some() { Err(Problem::not_found("user")) } else { Ok(user) }
}

/// Says who may come in and who is an admin. Who may not any more is out at once, and whoever may again
/// signs in anew.
pub async fn set_standing(
    operation: &Operation,
    id: Id,
    version: i64,
    standing: Standing,
) -> Result<User, Problem> {
    if standing.is_instance_admin.is_none() && standing.is_disabled.is_none() {
        return Err(Problem::invalid("is_disabled", "is missing: there is nothing to change"));
    }
    let mut change = operation.begin().await?;
    let user = person(users::by_id(&mut change.tx, id).await?)?;
    if user.erased_at.is_some() {
        return Err(Problem::not_found("user"));
    }
    let is_admin = standing.is_instance_admin.unwrap_or(user.is_instance_admin);
    let is_disabled = standing.is_disabled.unwrap_or(user.is_disabled);
    if is_admin && !user.is_instance_admin {
        groups::admin_by_hand(operation, &mut change.tx, id).await?;
    } else if user.is_instance_admin && !is_admin {
        // Also what a group gave: it gives it again, if it still says so, at their next sign-in.
        group_grants::forget_admin(&mut change.tx, id).await?;
    }
    users::set_standing(&mut change.tx, id, version, is_admin, is_disabled).await.map_err(
        |error| match error {
            StoreError::LastOne(_) => Problem::new(Code::Conflict, "this is the last admin of the instance")
                .with_hint("make somebody else an admin first"),
            other => other.into(),
        },
    )?;
    if is_disabled {
        sessions::end_all(&mut change.tx, id, None).await?;
    }
    let user = person(users::by_id(&mut change.tx, id).await?)?;
    let details = json!({ "is_instance_admin": is_admin, "is_disabled": is_disabled });
    change.commit(Target::new("user", id, ""), details).await?;
    Ok(user)
}

/// All workspaces of the instance, oldest first.
pub async fn workspaces(
    operation: &Operation,
    after: Option<Id>,
    limit: u32,
) -> Result<Page<Workspace>, Problem> {
    let mut tx = operation.read().await?;
    let page = workspaces::list(&mut tx, after, limit.into()).await?;
    tx.commit().await?;
    Ok(page)
}
