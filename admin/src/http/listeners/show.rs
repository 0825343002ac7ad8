//! `GET /api/v1/workspaces/{workspace}/listeners/{listener}`: one listener.

use super::view::ListenerView;
use crate::app::fleet;
use crate::http::extract::Path;
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use axum::Json;

/// Shows a listener, by its name.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/listeners/{listener}", operation_id = "show_listener", tag = "listeners",
    params(InWorkspace, ("listener" = String, Path, description = "The listener's name", min_length = 1, max_length = 200)),
    responses((status = 200, description = "The listener", body = ListenerView)))]
pub async fn handle(
    operation: Operation,
    place: Path<(String, String)>,
) -> Result<Json<ListenerView>, Problem> {
    let Path((_, listener)) = place;
    Ok(Json(ListenerView::of(fleet::listener(&operation, &listener).await?)))
}
