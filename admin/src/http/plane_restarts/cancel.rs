//! `POST /api/v1/plane-restarts/{restart}/cancel`: has a restart begin with no other data plane.

use super::view::PlaneRestartView;
use crate::app::plane_restarts;
use crate::http::etag;
use crate::http::extract::Path;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use axum::http::StatusCode;
use axum::response::Response;

/// Has a restart begin with no other data plane. The one whose turn it is comes back as it would; its restart cannot be
/// taken back. No version is named: it changes with each step by itself.
#[utoipa::path(post, path = "/api/v1/plane-restarts/{restart}/cancel", operation_id = "cancel_plane_restart", tag = "planes",
    params(("restart" = String, Path, description = "Which restart", format = Uuid)),
    responses((status = 200, description = "The restart", body = PlaneRestartView, headers(("ETag" = String)))))]
pub async fn handle(operation: Operation, Path(id): Path<Id>) -> Result<Response, Problem> {
    let shown = plane_restarts::cancel(&operation, id).await?;
    Ok(etag::answer(StatusCode::OK, shown.restart.version, PlaneRestartView::of(shown)))
}
