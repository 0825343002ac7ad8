//! `GET /api/v1/workspaces/{workspace}/listeners/{listener}/mode-changes`: modes a listener has or had for a stated time.

use super::view::ModeChangeView;
use crate::app::mode_changes;
use crate::http::extract::Path;
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

/// Changes of a listener's mode.
#[derive(Debug, Serialize, ToSchema)]
pub struct ModeChangesView {
    /// Latest first, at most 20. At most the first is `asked` or `running`.
    pub items: Vec<ModeChangeView>,
}

/// Lists the changes of a listener's mode for a stated time, latest first, with those that were asked for and never began.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/listeners/{listener}/mode-changes", operation_id = "list_mode_changes", tag = "listeners",
    params(InWorkspace, ("listener" = String, Path, description = "The listener's name", min_length = 1, max_length = 200)),
    responses((status = 200, description = "Changes of its mode", body = ModeChangesView)))]
pub async fn handle(
    operation: Operation,
    place: Path<(String, String)>,
) -> Result<Json<ModeChangesView>, Problem> {
    let Path((_, listener)) = place;
    let all = mode_changes::list(&operation, &listener).await?;
    Ok(Json(ModeChangesView { items: all.into_iter().map(ModeChangeView::of).collect() }))
}
