//! `GET /api/v1/workspaces/{workspace}/fleet`: the data planes that carry a workspace's listeners.

use super::view::FleetView;
use crate::app::fleet;
use crate::http::extract::Query;
use crate::http::instance::health::NoQuery;
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use axum::Json;

/// Shows the data planes that have listeners of the workspace, with those listeners only.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/fleet", operation_id = "show_fleet", tag = "planes",
    params(InWorkspace), responses((status = 200, description = "Data planes", body = FleetView)))]
pub async fn handle(
    operation: Operation,
    Query(NoQuery {}): Query<NoQuery>,
) -> Result<Json<FleetView>, Problem> {
    Ok(Json(FleetView::of(fleet::of_workspace(&operation).await?)))
}
