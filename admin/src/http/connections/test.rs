//! `POST /api/v1/workspaces/{workspace}/connections/{connection}/test`: does this connection work?

use super::test_draft::TestView;
use crate::app::connections::trial;
use crate::http::extract::Path;
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use axum::Json;

/// Tries a saved connection, for at most 10 seconds. That it does not work is an answer, with what may help.
#[utoipa::path(post, path = "/api/v1/workspaces/{workspace}/connections/{connection}/test",
    operation_id = "test_connection", tag = "connections", params(InWorkspace, ("connection" = String, Path, description = "Which connection", format = Uuid)),
    responses((status = 200, description = "Whether it works, and what helps if not", body = TestView)))]
pub async fn handle(operation: Operation, place: Path<(String, Id)>) -> Result<Json<TestView>, Problem> {
    let Path((_, id)) = place;
    Ok(Json(TestView::of(trial::of_saved(&operation, id).await?)))
}
