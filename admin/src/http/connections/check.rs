//! `POST /api/v1/workspaces/{workspace}/connections/{connection}/check`: looks at a database now.

use super::view::HealthView;
use crate::app::connections::health;
use crate::http::extract::Path;
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use axum::Json;

/// Looks at a database now, for at most 10 seconds, and says how it is.
#[utoipa::path(post, path = "/api/v1/workspaces/{workspace}/connections/{connection}/check",
    operation_id = "check_connection", tag = "connections", params(InWorkspace, ("connection" = String, Path, description = "Which connection", format = Uuid)),
    responses((status = 200, description = "How it is", body = HealthView)))]
pub async fn handle(operation: Operation, place: Path<(String, Id)>) -> Result<Json<HealthView>, Problem> {
    let Path((_, id)) = place;
    Ok(Json(HealthView::of(&health::check(&operation, id).await?)))
}
