//! `DELETE /api/v1/workspaces/{workspace}/runs/{run}`: cancels a run.

use crate::app::runs::history;
use crate::http::extract::Path;
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use axum::http::StatusCode;

/// Cancels one of one's own runs, from wherever it was begun; who manages the workspace may cancel anybody's. The
/// database is told to stop, and whoever waits for the result gets the problem `cancelled`. Nothing happens to a run that
/// has ended.
#[utoipa::path(delete, path = "/api/v1/workspaces/{workspace}/runs/{run}", operation_id = "cancel_run", tag = "runs",
    params(InWorkspace, ("run" = String, Path, description = "Which run", format = Uuid)),
    responses((status = 204, description = "It is being cancelled, or has ended")))]
pub async fn handle(operation: Operation, place: Path<(String, Id)>) -> Result<StatusCode, Problem> {
    let Path((_, run)) = place;
    history::cancel(&operation, run).await?;
    Ok(StatusCode::NO_CONTENT)
}
