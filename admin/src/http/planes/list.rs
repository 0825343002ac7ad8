//! `GET /api/v1/planes`: the data planes of the instance.

use super::view::FleetView;
use crate::app::fleet;
use crate::http::extract::Query;
use crate::http::instance::health::NoQuery;
use crate::operation::Operation;
use crate::problem::Problem;
use axum::Json;

/// Lists the data planes, those first heard of first, with all their listeners.
#[utoipa::path(get, path = "/api/v1/planes", operation_id = "list_planes", tag = "planes",
    responses((status = 200, description = "Data planes", body = FleetView)))]
pub async fn handle(
    operation: Operation,
    Query(NoQuery {}): Query<NoQuery>,
) -> Result<Json<FleetView>, Problem> {
    Ok(Json(FleetView::of(fleet::all(&operation).await?)))
}
