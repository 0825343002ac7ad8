//! `GET /api/v1/workspaces/{workspace}/ledger/{record}`: one record.

use super::search::LedgerRecordView;
use crate::app::ledger;
use crate::http::extract::Path;
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use axum::Json;

/// Shows a record of one of the workspace's listeners. That somebody saw it is written into the activity.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/ledger/{record}", operation_id = "show_ledger_record", tag = "ledger",
    params(InWorkspace, ("record" = String, Path, description = "The record's `id`", format = Uuid)),
    responses((status = 200, description = "The record", body = LedgerRecordView)))]
pub async fn handle(
    operation: Operation,
    place: Path<(String, String)>,
) -> Result<Json<LedgerRecordView>, Problem> {
    let Path((_, record)) = place;
    Ok(Json(LedgerRecordView::of(ledger::show(&operation, &record).await?)))
}
