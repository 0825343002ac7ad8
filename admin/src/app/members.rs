//! Who belongs to a workspace, and who may change that? Nobody gives what they do not have, and nobody
//! takes from those who have more.

use super::groups;
use crate::access::{Capabilities, Capability, Role};
use crate::operation::{Entered, Operation, Target};
use crate::problem::{Code, Problem};
use admin_store::group_grants::{self, Grant};
use admin_store::members::{self, Member};
use admin_store::workspaces::Kind;
use admin_store::{Id, Page, StoreError, Tx};
use serde_json::json;
use std::collections::HashMap;

/// What a member shall be.
#[derive(Clone, Debug)]
pub struct Change {
    /// The role; `None` for the one they have.
    pub role: Option<String>,
    /// What they may beyond it; `None` for what they may.
    pub capabilities: Option<Vec<Capability>>,
}

/// The role of a word in this workspace, and what it allows: one that every workspace has, or one of its own.
pub(crate) async fn role_of(
    tx: &mut Tx,
    workspace: Id,
    word: &str,
) -> Result<(members::Role, Capabilities), Problem> {
    find_role(tx, workspace, word).await?.ok_or_else(|| {
        Problem::invalid("role", "is no role of this workspace")
            .with_hint("take viewer, editor, admin, owner, or the name of a role of its own")
    })
}

/// The same; `None` where there is no such role.
pub(crate) async fn find_role(
    tx: &mut Tx,
    workspace: Id,
    word: &str,
) -> Result<Option<(members::Role, Capabilities)>, Problem> {
    if let (Some(stored), Some(role)) = (members::Role::from_word(word), Role::of(word)) {
        return Ok(Some((stored, role.capabilities())));
    }
    let found = super::roles::of_name(tx, workspace, word).await?;
    Ok(found.map(|found| (members::Role::Custom(found.name), known(&found.capabilities))))
}

/// The capabilities of words; what no version knows any more is none.
pub(crate) fn known(words: &[String]) -> Capabilities {
    words.iter().filter_map(|word| Capability::of(word)).collect()
}

/// What a member's role allows.
pub(crate) fn allowed_by_role(member: &Member) -> Capabilities {
    match Role::of(member.role.word()) {
        Some(role) => role.capabilities(),
        None => known(&member.role_capabilities),
    }
}

/// All that a member may; a service or an agent nothing that is for people.
pub(crate) fn held_by(member: &Member) -> Capabilities {
    let all = allowed_by_role(member).or(extra_of(member));
    if member.machine.is_some() { all.and(Capabilities::of_machines()) } else { all }
}

/// By which groups the members of a page are that, where groups still decide over it.
pub async fn groups_of(operation: &Operation, page: &[Member]) -> Result<HashMap<Id, Grant>, Problem> {
    let (Some(first), Some(last)) = (page.first(), page.last()) else { return Ok(HashMap::new()) };
    let mut tx = operation.read().await?;
    let found = group_grants::members(&mut tx, first.workspace, first.user, last.user).await?;
    tx.commit().await?;
    Ok(found.into_iter().filter(|(_, grant)| groups::leads(&operation.app, grant)).collect())
}

/// What a member may beyond the role.
pub(crate) fn extra_of(member: &Member) -> Capabilities {
    known(&member.capabilities)
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
    found.filter(is_person).ok_or_else(|| Problem::not_found("member"))
}

/// Services and agents have a list of their own.
pub(crate) fn is_person(member: &Member) -> bool {
    member.machine.is_none()
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
    // Whoever changes the role meanwhile, or deletes it, waits.
    members::lock(&mut change.tx, entered.workspace.id).await?;
    let now = find(&mut change.tx, entered.workspace.id, user).await?;
    groups::membership_by_hand(operation, &mut change.tx, entered.workspace.id, user).await?;
    may_give(entered, held_by(&now))?;
    let (role, allowed) = match wanted.role {
        Some(word) => role_of(&mut change.tx, entered.workspace.id, &word).await?,
        None => (now.role.clone(), allowed_by_role(&now)),
    };
    let extra = wanted.capabilities.map_or(extra_of(&now), |capabilities| capabilities.into_iter().collect());
    if extra.contains(Capability::OwnWorkspace) {
        return Err(Problem::new(
            Code::Conflict,
            "`own_workspace` is what owners have, and nobody beyond them",
        )
        .with_hint("make them an owner"));
    }
    may_give(entered, allowed.or(extra))?;
    let words: Vec<String> = extra.iter().map(|capability| capability.as_str().to_owned()).collect();
    let place = (entered.workspace.id, user);
    members::set_role(&mut change.tx, place, version, role.clone(), &words).await.map_err(last_owner)?;
    let member = find(&mut change.tx, entered.workspace.id, user).await?;
    let target = Target::new("member", user, "");
    let details = json!({ "from": now.role.word(), "to": role.word(), "capabilities": words });
    change.commit(target, details).await?;
    Ok(member)
}

async fn find(tx: &mut Tx, workspace: Id, user: Id) -> Result<Member, Problem> {
    members::find(tx, workspace, user).await?.filter(is_person).ok_or_else(|| Problem::not_found("member"))
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
    may_give(entered, held_by(&member))?;
    // By hand also what a group gave: who is to be out now is out now. A group that still says so gives it again.
    leaves(entered, user)?;
    members::remove(&mut change.tx, entered.workspace.id, user).await.map_err(last_owner)?;
    change.commit(Target::new("member", user, ""), json!({ "role": member.role.word() })).await
}

/// Leaves the workspace.
pub async fn leave(operation: &Operation) -> Result<(), Problem> {
    let (entered, person) = (operation.entered()?, operation.person()?);
    let user = person.user.id;
    leaves(entered, user)?;
    if person.user.machine.is_some() {
        return Err(Problem::new(Code::Forbidden, "a service or an agent does not leave by itself")
            .with_hint("ask somebody who may manage the members of this workspace to delete it"));
    }
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
