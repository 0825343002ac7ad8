//! `POST /api/v1/workspaces/{workspace}/listeners/{listener}/mode-changes/{mode_change}/withdraw`: takes back what was asked for.

use super::view::{ModeChangeView, dealt};
use crate::app::mode_changes::Deal;
use crate::http::extract::Path;
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use axum::http::HeaderMap;
use axum::response::Response;

/// Takes back a change that one has asked for and nobody has approved.
#[utoipa::path(post, path = "/api/v1/workspaces/{workspace}/listeners/{listener}/mode-changes/{mode_change}/withdraw", operation_id = "withdraw_mode_change", tag = "listeners",
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
    dealt(&operation, (&listener, id), &headers, Deal::Withdraw).await
}
