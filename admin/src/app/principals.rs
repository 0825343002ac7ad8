//! Who are the names on the wire?

use crate::operation::{Operation, Target};
use crate::problem::Problem;
use admin_store::principals::{self, Meaning, Principal, Wire};
use admin_store::{Id, Page, Tx, members};
use serde_json::json;

/// Longest name of a listener, database user or application that is told apart.
pub const NAME_CHARACTERS_MAX: usize = 256;
/// Longest label.
pub const LABEL_CHARACTERS_MAX: usize = 100;

fn check(wire: &Wire, meaning: &Meaning) -> Result<(), Problem> {
    let names = [
        ("database_user", Some(&wire.database_user)),
        ("listener", wire.listener.as_ref()),
        ("application", wire.application.as_ref()),
    ];
    for (field, name) in names {
        if name.is_some_and(|name| name.is_empty() || name.chars().count() > NAME_CHARACTERS_MAX) {
            let said = format!("must have from 1 to {NAME_CHARACTERS_MAX} characters");
            return Err(Problem::invalid(field, said));
        }
    }
    super::people::check_line("label", &meaning.label, LABEL_CHARACTERS_MAX)
}

/// A name leads to people of the workspace only.
async fn is_of_workspace(tx: &mut Tx, workspace: Id, meaning: &Meaning) -> Result<(), Problem> {
    let Some(user) = meaning.user else { return Ok(()) };
    match members::find(tx, workspace, user).await? {
        Some(_) => Ok(()),
        None => Err(Problem::not_found("member").with_hint("`user` must be a member of this workspace")),
    }
}

/// Links a name on the wire.
pub async fn create(operation: &Operation, wire: &Wire, meaning: &Meaning) -> Result<Principal, Problem> {
    check(wire, meaning)?;
    let workspace = operation.entered()?.workspace.id;
    let mut change = operation.begin().await?;
    is_of_workspace(&mut change.tx, workspace, meaning).await?;
    let made = principals::create(&mut change.tx, workspace, wire, meaning).await?;
    change.commit(target(&made), details(&made)).await?;
    Ok(made)
}

fn target(principal: &Principal) -> Target {
    Target::new("principal", principal.id, principal.meaning.label.clone())
}

fn details(principal: &Principal) -> serde_json::Value {
    let Principal { wire, meaning, .. } = principal;
    json!({
        "listener": wire.listener, "database_user": wire.database_user, "application": wire.application,
        "kind": meaning.kind.word(), "user": meaning.user,
    })
}

/// The links, in the order they were made.
pub async fn list(operation: &Operation, after: Option<Id>, limit: u32) -> Result<Page<Principal>, Problem> {
    let workspace = operation.entered()?.workspace.id;
    let mut tx = operation.read().await?;
    let page = principals::list(&mut tx, workspace, after, limit.into()).await?;
    tx.commit().await?;
    Ok(page)
}

/// One of them.
pub async fn show(operation: &Operation, id: Id) -> Result<Principal, Problem> {
    let workspace = operation.entered()?.workspace.id;
    let mut tx = operation.read().await?;
    let principal = principals::by_id(&mut tx, workspace, id).await?;
    tx.commit().await?;
    Ok(principal)
}

/// Edits the one that still has `version`.
pub async fn change(
    operation: &Operation,
    id: Id,
    version: i64,
    wire: &Wire,
    meaning: &Meaning,
) -> Result<Principal, Problem> {
    check(wire, meaning)?;
    let workspace = operation.entered()?.workspace.id;
    let mut change = operation.begin().await?;
    is_of_workspace(&mut change.tx, workspace, meaning).await?;
    principals::edit(&mut change.tx, (workspace, id), version, wire, meaning).await?;
    let edited = principals::by_id(&mut change.tx, workspace, id).await?;
    change.commit(target(&edited), details(&edited)).await?;
    Ok(edited)
}

/// Takes a link away.
pub async fn remove(operation: &Operation, id: Id) -> Result<(), Problem> {
    let workspace = operation.entered()?.workspace.id;
    let mut change = operation.begin().await?;
    let principal = principals::by_id(&mut change.tx, workspace, id).await?;
    principals::remove(&mut change.tx, workspace, id).await?;
    change.commit(target(&principal), details(&principal)).await
}
