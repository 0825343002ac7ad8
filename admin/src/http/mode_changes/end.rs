//! `POST /api/v1/workspaces/{workspace}/listeners/{listener}/mode-changes/{mode_change}/end`: ends another mode before its time.

use super::view::{ModeChangeView, dealt};
use crate::app::mode_changes::Deal;
use crate::http::extract::Path;
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use axum::http::HeaderMap;
use axum::response::Response;

/// Ends a running change before its time. Who asked for it may, and everybody who may approve changes.
#[utoipa::path(post, path = "/api/v1/workspaces/{workspace}/listeners/{listener}/mode-changes/{mode_change}/end", operation_id = "end_mode_change", tag = "listeners",
    params(InWorkspace, ("listener" = String, Path, description = "The listener's name", min_length = 1, max_length = 200),
        ("mode_change" = String, Path, description = "Which change", format = Uuid),
        ("If-Match" = String, Header, description = "The version that was read")),
    responses((status = 200, description = "The change", body = ModeChangeView, headers(("ETag" = String)))))]
pub async fn handle(
    operation: Operation,
    place: Path<(String, String, Id)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let Path((_, listener, id)) = place;
    dealt(&operation, (&listener, id), &headers, Deal::End).await
}
