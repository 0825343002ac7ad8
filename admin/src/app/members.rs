//! Who belongs to a workspace, and who may change that? Nobody gives what they do not have, and nobody
//! takes from those who have more.

use super::groups;
use crate::access::{Capabilities, Capability, Role};
use crate::operation::{Entered, Operation, Target};
use crate::problem::{Code, Problem};
use admin_store::group_grants::{self, Grant};
use admin_store::members::{self, Member};
use admin_store::workspaces::Kind;
use admin_store::{Id, Page, StoreError};
use serde_json::json;
use std::collections::HashMap;

/// What a member shall be.
#[derive(Clone, Debug)]
pub struct Change {
    /// The role; `None` for the one they have.
    pub role: Option<Role>,
    /// What they may beyond it; `None` for what they may.
    pub capabilities: Option<Vec<Capability>>,
}

/// A role as the state has it.
pub(crate) fn stored(role: Role) -> members::Role {
    // The words of both are the same; the least of them is the harmless mistake.
    members::Role::from_word(role.as_str()).unwrap_or(members::Role::Viewer)
}

/// The role of this name, if there is one.
pub(crate) fn stored_role(name: &str) -> Option<members::Role> {
    members::Role::from_word(name)
}

/// By which groups the members of a page are that, where groups still decide over it.
pub async fn groups_of(operation: &Operation, page: &[Member]) -> Result<HashMap<Id, Grant>, Problem> {
    let (Some(first), Some(last)) = (page.first(), page.last()) else { return Ok(HashMap::new()) };
    let mut tx = operation.read().await?;
    let found = group_grants::members(&mut tx, first.workspace, first.user, last.user).await?;
    tx.commit().await?;
    Ok(found.into_iter().filter(|(_, grant)| groups::leads(&operation.app, grant)).collect())
}

/// A role of the state.
pub(crate) fn role_of(role: members::Role) -> Role {
    Role::of(role.word()).unwrap_or(Role::Viewer)
}

/// What a member may beyond the role.
pub(crate) fn extra_of(member: &Member) -> Capabilities {
    member.capabilities.iter().filter_map(|word| Capability::of(word)).collect()
}

/// Whether who asks may give all of `wanted`.
pub(crate) fn may_give(entered: &Entered, wanted: Capabilities) -> Result<(), Problem> {
    match wanted.iter().find(|capability| !entered.capabilities.contains(*capability)) {
        None => Ok(()),
        Some(lacking) => {
            Err(Problem::new(Code::Forbidden, format!("you do not have `{}` yourself", lacking.as_str()))
                .with_hint("nobody gives or takes what they do not have; ask an owner"))
        }
    }
}

/// The members, in the order their accounts were made.
pub async fn list(operation: &Operation, after: Option<Id>, limit: u32) -> Result<Page<Member>, Problem> {
    let workspace = operation.entered()?.workspace.id;
    let mut tx = operation.read().await?;
    let page = members::list(&mut tx, workspace, after, limit.into()).await?;
    tx.commit().await?;
    Ok(page)
}

/// One of them.
pub async fn show(operation: &Operation, user: Id) -> Result<Member, Problem> {
    let workspace = operation.entered()?.workspace.id;
    let mut tx = operation.read().await?;
    let found = members::find(&mut tx, workspace, user).await?;
    tx.commit().await?;
    found.ok_or_else(|| Problem::not_found("member"))
}

/// Changes what a member is and may.
pub async fn change(
    operation: &Operation,
    user: Id,
    version: i64,
    wanted: Change,
) -> Result<Member, Problem> {
    let entered = operation.entered()?;
    if wanted.role.is_none() && wanted.capabilities.is_none() {
        return Err(Problem::invalid("role", "is missing: there is nothing to change"));
    }
    let mut change = operation.begin().await?;
    let now = find(&mut change.tx, entered.workspace.id, user).await?;
    groups::membership_by_hand(operation, &mut change.tx, entered.workspace.id, user).await?;
    let (role, extra) = (role_of(now.role), extra_of(&now));
    may_give(entered, role.capabilities().or(extra))?;
    let role = wanted.role.unwrap_or(role);
    let extra = wanted.capabilities.map_or(extra, |capabilities| capabilities.into_iter().collect());
    if extra.contains(Capability::OwnWorkspace) {
        return Err(Problem::new(
            Code::Conflict,
            "`own_workspace` is what owners have, and nobody beyond them",
        )
        .with_hint("make them an owner"));
    }
    may_give(entered, role.capabilities().or(extra))?;
    let words: Vec<String> = extra.iter().map(|capability| capability.as_str().to_owned()).collect();
    let place = (entered.workspace.id, user);
    members::set_role(&mut change.tx, place, version, stored(role), &words).await.map_err(last_owner)?;
    let member = find(&mut change.tx, entered.workspace.id, user).await?;
    let target = Target::new("member", user, "");
    let details = json!({ "from": now.role.word(), "to": role.as_str(), "capabilities": words });
    change.commit(target, details).await?;
    Ok(member)
}

async fn find(tx: &mut admin_store::Tx, workspace: Id, user: Id) -> Result<Member, Problem> {
    members::find(tx, workspace, user).await?.ok_or_else(|| Problem::not_found("member"))
}

fn last_owner(error: StoreError) -> Problem {
    match error {
        StoreError::LastOne(_) => {
            Problem::new(Code::Conflict, "the last owner of a workspace stays its owner")
                .with_hint("make somebody else an owner first, or delete the workspace")
        }
        other => other.into(),
    }
}

/// Takes somebody out of the workspace.
pub async fn remove(operation: &Operation, user: Id) -> Result<(), Problem> {
    let entered = operation.entered()?;
    let mut change = operation.begin().await?;
    let member = find(&mut change.tx, entered.workspace.id, user).await?;
    may_give(entered, role_of(member.role).capabilities().or(extra_of(&member)))?;
    groups::membership_by_hand(operation, &mut change.tx, entered.workspace.id, user).await?;
    leaves(entered, user)?;
    members::remove(&mut change.tx, entered.workspace.id, user).await.map_err(last_owner)?;
    change.commit(Target::new("member", user, ""), json!({ "role": member.role.word() })).await
}

/// Leaves the workspace.
pub async fn leave(operation: &Operation) -> Result<(), Problem> {
    let (entered, person) = (operation.entered()?, operation.person()?);
    let user = person.user.id;
    leaves(entered, user)?;
    let mut change = operation.begin().await?;
    groups::membership_by_hand(operation, &mut change.tx, entered.workspace.id, user).await?;
    members::remove(&mut change.tx, entered.workspace.id, user).await.map_err(last_owner)?;
    change.commit(Target::new("member", user, ""), json!({})).await
}

/// A personal workspace is its person's for good, whoever else owns it too.
fn leaves(entered: &Entered, user: Id) -> Result<(), Problem> {
    if entered.workspace.kind == Kind::Personal && entered.workspace.personal_of == Some(user) {
        return Err(Problem::new(Code::Conflict, "nobody leaves their personal workspace"));
    }
    Ok(())
}
