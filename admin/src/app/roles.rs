//! Which roles has a workspace of its own, and who may change them? Nobody makes, changes or deletes one that
//! allows what they do not have themselves.

use super::members::{held_by, known, may_give};
use crate::access::{Capabilities, Capability, Role};
use crate::operation::{Operation, Target};
use crate::problem::{Code, Problem};
use admin_store::roles::{self, CustomRole, ROLES_MAX};
use admin_store::{Id, PAGE_ROWS_MAX, Tx, members};
use serde_json::json;

/// Shortest and longest name, in letters.
const NAME_LETTERS: std::ops::RangeInclusive<usize> = 2..=40;
/// How many of those who have a role are named when it cannot go.
const NAMED_MAX: i64 = 5;

/// What a role shall be.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Whom it is for.
    pub description: String,
    /// What it allows.
    pub capabilities: Vec<Capability>,
}

impl Draft {
    fn checked(&self) -> Result<(Capabilities, Vec<String>), Problem> {
        super::workspaces::check_description(&self.description)?;
        let set: Capabilities = self.capabilities.iter().copied().collect();
        if set.contains(Capability::OwnWorkspace) {
            return Err(Problem::invalid("capabilities", "cannot have `own_workspace`: only owners have it"));
        }
        if !set.contains(Capability::View) {
            return Err(Problem::invalid("capabilities", "must have `view`: nobody comes in without it"));
        }
        Ok((set, set.iter().map(|capability| capability.as_str().to_owned()).collect()))
    }
}

/// The roles of the workspace's own, by name.
pub async fn list(operation: &Operation) -> Result<Vec<CustomRole>, Problem> {
    let workspace = operation.entered()?.workspace.id;
    let mut tx = operation.read().await?;
    let found = roles::list(&mut tx, workspace).await?;
    tx.commit().await?;
    Ok(found)
}

/// One of them.
pub async fn show(operation: &Operation, name: &str) -> Result<CustomRole, Problem> {
    let mut tx = operation.read().await?;
    let found = find(operation, &mut tx, name).await?;
    tx.commit().await?;
    Ok(found)
}

/// Makes one.
pub async fn create(operation: &Operation, name: &str, draft: Draft) -> Result<CustomRole, Problem> {
    check_name(name)?;
    let (set, words) = draft.checked()?;
    let entered = operation.entered()?;
    may_give(entered, set)?;
    let workspace = entered.workspace.id;
    let mut change = operation.begin().await?;
    members::lock(&mut change.tx, workspace).await?;
    if roles::list(&mut change.tx, workspace).await?.len() >= ROLES_MAX {
        let detail = format!("a workspace has at most {ROLES_MAX} roles of its own");
        return Err(Problem::new(Code::Conflict, detail).with_hint("delete one that nobody has"));
    }
    roles::create(&mut change.tx, workspace, name, &draft.description, &words).await?;
    let made = find(operation, &mut change.tx, name).await?;
    change.commit(Target::new("role", name, name), json!({ "capabilities": words })).await?;
    Ok(made)
}

/// Changes the one that still has `version`: for everybody who has it, from their next request on.
pub async fn change(
    operation: &Operation,
    name: &str,
    version: i64,
    draft: Draft,
) -> Result<CustomRole, Problem> {
    let (set, words) = draft.checked()?;
    let entered = operation.entered()?;
    let workspace = entered.workspace.id;
    let mut change = operation.begin().await?;
    members::lock(&mut change.tx, workspace).await?;
    let now = find(operation, &mut change.tx, name).await?;
    may_give(entered, known(&now.capabilities).or(set))?;
    // Nobody takes from those who have more than they do themselves.
    if !known(&now.capabilities).within(set) {
        let mut after = None;
        loop {
            let page = members::list(&mut change.tx, workspace, after, PAGE_ROWS_MAX).await?;
            for member in page.items.iter().filter(|one| one.role.word() == name) {
                may_give(entered, held_by(member))?;
            }
            after = page.next;
            if after.is_none() {
                break;
            }
        }
    }
    roles::edit(&mut change.tx, (workspace, name), version, &draft.description, &words).await?;
    let edited = find(operation, &mut change.tx, name).await?;
    let details = json!({ "from": now.capabilities, "to": words });
    change.commit(Target::new("role", name, name), details).await?;
    Ok(edited)
}

/// Deletes one that nobody has and nobody is invited to.
pub async fn remove(operation: &Operation, name: &str) -> Result<(), Problem> {
    let entered = operation.entered()?;
    let workspace = entered.workspace.id;
    let mut change = operation.begin().await?;
    members::lock(&mut change.tx, workspace).await?;
    let now = find(operation, &mut change.tx, name).await?;
    may_give(entered, known(&now.capabilities))?;
    let (names, invited) = roles::holders(&mut change.tx, workspace, name, NAMED_MAX).await?;
    if now.members > 0 {
        let more = if now.members > NAMED_MAX { " and others" } else { "" };
        let detail = format!("`{name}` is the role of {}{more}", names.join(", "));
        return Err(Problem::new(Code::Conflict, detail).with_hint("give them another role first"));
    }
    if invited > 0 {
        let detail = format!("open invitations to the role `{name}`: {invited}");
        return Err(Problem::new(Code::Conflict, detail).with_hint("revoke them first"));
    }
    roles::remove(&mut change.tx, workspace, name).await?;
    change.commit(Target::new("role", name, name), json!({ "capabilities": now.capabilities })).await
}

async fn find(operation: &Operation, tx: &mut Tx, name: &str) -> Result<CustomRole, Problem> {
    let workspace = operation.entered()?.workspace.id;
    of_name(tx, workspace, name).await?.ok_or_else(|| Problem::not_found("role"))
}

/// The role of a name that somebody sent: nothing that cannot be one is looked for.
pub(crate) async fn of_name(tx: &mut Tx, workspace: Id, name: &str) -> Result<Option<CustomRole>, Problem> {
    if !is_name(name) {
        return Ok(None);
    }
    Ok(roles::find(tx, workspace, name).await?)
}

fn is_name(name: &str) -> bool {
    name.chars().all(|one| one.is_ascii_lowercase() || one.is_ascii_digit() || one == '-')
        && name.starts_with(|one: char| one.is_ascii_lowercase())
        && NAME_LETTERS.contains(&name.len())
}

fn check_name(name: &str) -> Result<(), Problem> {
    if !is_name(name) {
        return Err(Problem::invalid(
            "name",
            "must have from 2 to 40 small letters, digits and dashes, a letter first",
        ));
    }
    if Role::of(name).is_some() {
        return Err(Problem::invalid("name", "is a role that every workspace has"));
    }
    Ok(())
}
