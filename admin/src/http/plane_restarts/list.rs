//! `GET /api/v1/plane-restarts`: the restarts of data planes.

use super::view::PlaneRestartView;
use crate::app::plane_restarts;
use crate::http::extract::Query;
use crate::http::instance::health::NoQuery;
use crate::operation::Operation;
use crate::problem::Problem;
use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

/// Restarts of data planes.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlaneRestartsView {
    /// The latest first; at most 20.
    pub items: Vec<PlaneRestartView>,
}

/// Lists the restarts of data planes, the latest first.
#[utoipa::path(get, path = "/api/v1/plane-restarts", operation_id = "list_plane_restarts", tag = "planes",
    responses((status = 200, description = "Restarts", body = PlaneRestartsView)))]
pub async fn handle(
    operation: Operation,
    Query(NoQuery {}): Query<NoQuery>,
) -> Result<Json<PlaneRestartsView>, Problem> {
    let all = plane_restarts::list(&operation).await?;
    Ok(Json(PlaneRestartsView { items: all.into_iter().map(PlaneRestartView::of).collect() }))
}
