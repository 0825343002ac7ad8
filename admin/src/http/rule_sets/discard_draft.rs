//! `DELETE /api/v1/workspaces/{workspace}/rule-sets/{rule_set}/draft`: throws the draft away.

use crate::app::rule_sets;
use crate::http::etag;
use crate::http::extract::Path;
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use axum::http::{HeaderMap, StatusCode};

/// Throws the draft away; what is published stays.
#[utoipa::path(delete, path = "/api/v1/workspaces/{workspace}/rule-sets/{rule_set}/draft", operation_id = "discard_draft", tag = "rule_sets",
    params(InWorkspace, ("rule_set" = String, Path, description = "Which rule set", format = Uuid), ("If-Match" = String, Header, description = "The version that is thrown away")),
    responses((status = 204, description = "It is gone")))]
pub async fn handle(
    operation: Operation,
    place: Path<(String, Id)>,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    let Path((_, id)) = place;
    rule_sets::discard(&operation, id, etag::expected(&headers)?).await?;
    Ok(StatusCode::NO_CONTENT)
}
