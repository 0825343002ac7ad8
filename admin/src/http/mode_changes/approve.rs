//! `POST /api/v1/workspaces/{workspace}/listeners/{listener}/mode-changes/{mode_change}/approve`: lets another mode begin.

use super::view::{ModeChangeView, dealt};
use crate::app::mode_changes::Deal;
use crate::http::extract::Path;
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use axum::http::HeaderMap;
use axum::response::Response;

/// Lets a change begin that somebody else has asked for: its time is counted from now. No token is taken for it, and nobody approves
/// of what they ask for themselves.
#[utoipa::path(post, path = "/api/v1/workspaces/{workspace}/listeners/{listener}/mode-changes/{mode_change}/approve", operation_id = "approve_mode_change", tag = "listeners",
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
    dealt(&operation, (&listener, id), &headers, Deal::Approve).await
}
