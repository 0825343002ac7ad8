//! `POST /api/v1/workspaces/{workspace}/listeners/{listener}/mode-changes/{mode_change}/deny`: does not let another mode begin.

use super::view::{ModeChangeView, dealt};
use crate::app::mode_changes::Deal;
use crate::http::extract::Path;
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use axum::http::HeaderMap;
use axum::response::Response;

/// Denies a change that somebody else has asked for.
#[utoipa::path(post, path = "/api/v1/workspaces/{workspace}/listeners/{listener}/mode-changes/{mode_change}/deny", operation_id = "deny_mode_change", tag = "listeners",
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
    dealt(&operation, (&listener, id), &headers, Deal::Deny).await
}
