//! What does a person come back to? What they marked, and what they opened last.

use crate::operation::Operation;
use crate::operation::Target as Named;
use crate::problem::Problem;
use admin_store::favourites::{self, Favourite, Target};
use admin_store::{Id, Page, now_us};
use serde_json::json;

/// Longest name of what is marked, in characters.
pub const TARGET_MAX: usize = 500;

fn check(target: &Target) -> Result<(), Problem> {
    let count = target.target.chars().count();
    if count == 0 || count > TARGET_MAX || target.target.chars().any(char::is_control) {
        let said = format!("must have from 1 to {TARGET_MAX} characters, in one line");
        return Err(Problem::invalid("target", said));
    }
    Ok(())
}

/// Marks something.
pub async fn add(operation: &Operation, target: Target) -> Result<(), Problem> {
    check(&target)?;
    let (workspace, user) = (operation.entered()?.workspace.id, operation.person()?.user.id);
    let mut change = operation.begin().await?;
    favourites::add(&mut change.tx, user, workspace, &target).await?;
    change.commit(Named::new("favourite", &target.target, target.kind.clone()), json!({})).await
}

/// Takes a mark away. Nothing happens where there is none.
pub async fn remove(operation: &Operation, target: Target) -> Result<(), Problem> {
    check(&target)?;
    let (workspace, user) = (operation.entered()?.workspace.id, operation.person()?.user.id);
    let mut change = operation.begin().await?;
    favourites::remove(&mut change.tx, user, workspace, &target).await?;
    change.commit(Named::new("favourite", &target.target, target.kind.clone()), json!({})).await
}

/// What somebody marked, latest first.
pub async fn list(operation: &Operation, before: Option<Id>, limit: u32) -> Result<Page<Favourite>, Problem> {
    let (workspace, user) = (operation.entered()?.workspace.id, operation.person()?.user.id);
    let mut tx = operation.read().await?;
    let page = favourites::list(&mut tx, user, workspace, before, limit.into()).await?;
    tx.commit().await?;
    Ok(page)
}

/// Notes that somebody opened something. It is no change that anybody else would want to know of.
pub async fn opened(operation: &Operation, target: Target) -> Result<(), Problem> {
    check(&target)?;
    let (workspace, user) = (operation.entered()?.workspace.id, operation.person()?.user.id);
    let mut tx = operation.app.store.write().await?;
    favourites::opened(&mut tx, user, workspace, &target, now_us()).await?;
    tx.commit().await?;
    Ok(())
}

/// What somebody opened, latest first, with when.
pub async fn recent(operation: &Operation) -> Result<Vec<(Target, i64)>, Problem> {
    let (workspace, user) = (operation.entered()?.workspace.id, operation.person()?.user.id);
    let mut tx = operation.read().await?;
    let recent = favourites::recent(&mut tx, user, workspace, favourites::RECENT_MAX).await?;
    tx.commit().await?;
    Ok(recent)
}
