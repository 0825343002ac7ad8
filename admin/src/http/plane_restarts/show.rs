//! `GET /api/v1/plane-restarts/{restart}`: how far a restart of data planes is.

use super::view::PlaneRestartView;
use crate::app::plane_restarts;
use crate::http::etag;
use crate::http::extract::{Path, Query};
use crate::http::instance::health::NoQuery;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use axum::http::StatusCode;
use axum::response::Response;

/// Shows how far a restart is, data plane by data plane.
#[utoipa::path(get, path = "/api/v1/plane-restarts/{restart}", operation_id = "show_plane_restart", tag = "planes",
    params(("restart" = String, Path, description = "Which restart", format = Uuid)),
    responses((status = 200, description = "The restart", body = PlaneRestartView, headers(("ETag" = String)))))]
pub async fn handle(
    operation: Operation,
    Path(id): Path<Id>,
    Query(NoQuery {}): Query<NoQuery>,
) -> Result<Response, Problem> {
    let shown = plane_restarts::one(&operation, id).await?;
    Ok(etag::answer(StatusCode::OK, shown.restart.version, PlaneRestartView::of(shown)))
}
