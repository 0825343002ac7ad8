//! `GET …/traffic/heatmap`: which hours of which days are busy.

use super::series::{SeriesView, nothing};
use super::traffic_query;
use crate::app::traffic::scope;
use crate::http::extract::Query;
use crate::operation::Operation;
use crate::problem::Problem;
use axum::Json;

traffic_query! {
    /// Which days are asked for.
    HeatmapQuery {}
}

/// Shows whole days by the hour, in UTC: the first point is a midnight, and who shows them to people moves them to
/// their time. Only hours that are kept, the last 62 days at most; where all of the range are forgotten, days are told
/// whole (`step_minutes`). Of some statements or callers, more than three days are told whole too.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/traffic/heatmap", operation_id = "show_traffic_heatmap", tag = "traffic",
    params(("workspace" = String, Path, description = "Slug or id of the workspace", max_length = 64), HeatmapQuery),
    responses((status = 200, description = "Hours of whole days", body = SeriesView)))]
pub async fn handle(
    operation: Operation,
    Query(query): Query<HeatmapQuery>,
) -> Result<Json<SeriesView>, Problem> {
    let mut scope = scope(&operation, query.asked()).await?;
    let (listeners, filter) = (scope.numbers(), scope.filter.clone().unwrap_or_else(nothing));
    let answer = operation.app.traffic.heatmap(&mut scope.tx, &listeners, scope.range, &filter).await?;
    Ok(Json(SeriesView::of(&answer)))
}
