//! Which groups do the members of a workspace form?

use super::groups;
use super::people::check_name;
use crate::operation::{Operation, Target};
use crate::problem::Problem;
use admin_store::members::{self, Member};
use admin_store::teams::{self, Team};
use admin_store::{Id, Page};
use serde_json::json;

/// A team to be, or as it shall be.
#[derive(Clone, Debug)]
pub struct Draft {
    /// What people see.
    pub name: String,
    /// What it is about.
    pub description: String,
}

impl Draft {
    fn check(&self) -> Result<(), Problem> {
        check_name(&self.name)?;
        super::workspaces::check_description(&self.description)
    }
}

/// Makes a team without members.
pub async fn create(operation: &Operation, draft: Draft) -> Result<Team, Problem> {
    draft.check()?;
    let workspace = operation.entered()?.workspace.id;
    let mut change = operation.begin().await?;
    let team = teams::create(&mut change.tx, workspace, draft.name.trim(), &draft.description).await?;
    change.commit(Target::new("team", team.id, team.name.clone()), json!({})).await?;
    Ok(team)
}

/// The teams by name; the cursor is a name's key.
pub async fn list(
    operation: &Operation,
    after: Option<&[u8]>,
    limit: u32,
) -> Result<Page<Team, Vec<u8>>, Problem> {
    let workspace = operation.entered()?.workspace.id;
    let mut tx = operation.read().await?;
    let page = teams::list(&mut tx, workspace, after, limit.into()).await?;
    tx.commit().await?;
    Ok(page)
}

/// One of them.
pub async fn show(operation: &Operation, id: Id) -> Result<Team, Problem> {
    let workspace = operation.entered()?.workspace.id;
    let mut tx = operation.read().await?;
    let team = teams::by_id(&mut tx, workspace, id).await?;
    tx.commit().await?;
    Ok(team)
}

/// Edits the one that still has `version`.
pub async fn change(operation: &Operation, id: Id, version: i64, draft: Draft) -> Result<Team, Problem> {
    draft.check()?;
    let workspace = operation.entered()?.workspace.id;
    let mut change = operation.begin().await?;
    teams::edit(&mut change.tx, (workspace, id), version, draft.name.trim(), &draft.description).await?;
    let team = teams::by_id(&mut change.tx, workspace, id).await?;
    change.commit(Target::new("team", id, team.name.clone()), json!({})).await?;
    Ok(team)
}

/// Removes a team; its members stay members of the workspace.
pub async fn remove(operation: &Operation, id: Id) -> Result<(), Problem> {
    let workspace = operation.entered()?.workspace.id;
    let mut change = operation.begin().await?;
    let team = teams::by_id(&mut change.tx, workspace, id).await?;
    teams::remove(&mut change.tx, workspace, id).await?;
    change.commit(Target::new("team", id, team.name), json!({})).await
}

/// Who is in a team.
pub async fn members(
    operation: &Operation,
    id: Id,
    after: Option<Id>,
    limit: u32,
) -> Result<Page<Member>, Problem> {
    let workspace = operation.entered()?.workspace.id;
    let mut tx = operation.read().await?;
    let page = teams::members(&mut tx, workspace, id, after, limit.into()).await?;
    let mut items = Vec::with_capacity(page.items.len());
    for user in page.items {
        items.extend(members::find(&mut tx, workspace, user).await?);
    }
    tx.commit().await?;
    Ok(Page { items, next: page.next })
}

/// Puts a member of the workspace into a team; who is in it already stays in it.
pub async fn add_member(operation: &Operation, id: Id, user: Id) -> Result<(), Problem> {
    let workspace = operation.entered()?.workspace.id;
    let mut change = operation.begin().await?;
    let team = teams::by_id(&mut change.tx, workspace, id).await?;
    let member = members::find(&mut change.tx, workspace, user).await?;
    member.filter(super::members::is_person).ok_or_else(|| Problem::not_found("member"))?;
    teams::add_member(&mut change.tx, workspace, id, user).await?;
    change.commit(Target::new("team", id, team.name), json!({ "user": user })).await
}

/// Takes a member out of a team.
pub async fn remove_member(operation: &Operation, id: Id, user: Id) -> Result<(), Problem> {
    let workspace = operation.entered()?.workspace.id;
    let mut change = operation.begin().await?;
    let team = teams::by_id(&mut change.tx, workspace, id).await?;
    groups::team_by_hand(operation, &mut change.tx, id, user).await?;
    teams::remove_member(&mut change.tx, workspace, id, user).await?;
    change.commit(Target::new("team", id, team.name), json!({ "user": user })).await
}
