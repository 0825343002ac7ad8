//! `GET /api/v1/workspaces/{workspace}/connections/{connection}/health`: how is this database?

use super::view::HealthView;
use crate::app::connections::health;
use crate::http::extract::Path;
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use axum::Json;

/// Says how a database was when somebody looked last.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/connections/{connection}/health",
    operation_id = "show_connection_health", tag = "connections", params(InWorkspace, ("connection" = String, Path, description = "Which connection", format = Uuid)),
    responses((status = 200, description = "How it is", body = HealthView)))]
pub async fn handle(operation: Operation, place: Path<(String, Id)>) -> Result<Json<HealthView>, Problem> {
    let Path((_, id)) = place;
    Ok(Json(HealthView::of(&health::look_up(&operation, id).await?)))
}
