//! What did people run, and who may cancel what runs?

use super::work::truncation_word;
use crate::access::Capability;
use crate::operation::{Operation, Target};
use crate::problem::{Code, Problem};
use admin_engines::Truncation;
use admin_store::runs::{self, Run, RunFilter, RunState};
use admin_store::{Id, Page};
use serde_json::json;

/// Which runs are asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asked {
    /// Those of everybody; else one's own.
    pub all: bool,
    /// On this connection.
    pub connection: Option<Id>,
    /// Of this saved query.
    pub saved_query: Option<Id>,
    /// That are this far.
    pub state: Option<RunState>,
}

/// The runs, latest first. Others' need a capability of their own.
pub async fn list(
    operation: &Operation,
    asked: Asked,
    before: Option<Id>,
    limit: u32,
) -> Result<Page<Run>, Problem> {
    let entered = operation.entered()?;
    if asked.all {
        entered.require(Capability::ViewActivity)?;
    }
    let filter = RunFilter {
        connection: asked.connection,
        user: if asked.all { None } else { Some(operation.person()?.user.id) },
        saved_query: asked.saved_query,
        state: asked.state,
    };
    let mut tx = operation.read().await?;
    let page = runs::list(&mut tx, entered.workspace.id, filter, before, limit.into()).await?;
    tx.commit().await?;
    Ok(page)
}

/// One run; others' only to who may see what people did.
pub async fn show(operation: &Operation, id: Id) -> Result<Run, Problem> {
    seen_with(operation, id, Capability::ViewActivity).await
}

async fn seen_with(operation: &Operation, id: Id, capability: Capability) -> Result<Run, Problem> {
    let entered = operation.entered()?;
    let mut tx = operation.read().await?;
    let run = runs::get(&mut tx, entered.workspace.id, id).await?;
    tx.commit().await?;
    if run.user == operation.person()?.user.id || entered.capabilities.contains(capability) {
        return Ok(run);
    }
    Err(Problem::not_found("run"))
}

/// Cancels a run: one's own, from wherever it was begun, or anybody's by who manages the workspace. Nothing
/// happens to one that has ended.
pub async fn cancel(operation: &Operation, id: Id) -> Result<(), Problem> {
    let run = seen_with(operation, id, Capability::ManageWorkspace).await?;
    if run.state != RunState::Running {
        return Ok(());
    }
    let workspace = run.workspace;
    if operation.app.runs.cancel(workspace, id) {
        let change = operation.begin().await?;
        return change.commit(Target::new("run", id, ""), json!({ "connection": run.connection })).await;
    }
    // It may have ended since it was looked at.
    let again = seen_with(operation, id, Capability::ManageWorkspace).await?;
    if again.state != RunState::Running {
        return Ok(());
    }
    Err(Problem::new(Code::Conflict, "the run is at work on another node of the control plane")
        .with_hint("close what waits for its result, or wait for its timeout"))
}

/// Which bound cut the result of a run, if one did.
pub fn truncation(run: &Run) -> Option<Truncation> {
    let class = run.error_class.as_deref().filter(|_| run.state == RunState::Done)?;
    [Truncation::Rows, Truncation::Bytes].into_iter().find(|one| truncation_word(*one) == class)
}
