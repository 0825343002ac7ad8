//! `DELETE /api/v1/workspaces/{workspace}/rule-sets/{rule_set}`: removes a rule set.

use crate::app::rule_sets;
use crate::http::etag;
use crate::http::extract::Path;
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use axum::http::{HeaderMap, StatusCode};

/// Removes a rule set with all its versions, unless it is published for a listener. One that has versions
/// needs the capability `publish_rules` as well.
#[utoipa::path(delete, path = "/api/v1/workspaces/{workspace}/rule-sets/{rule_set}", operation_id = "delete_rule_set", tag = "rule_sets",
    params(InWorkspace, ("rule_set" = String, Path, description = "Which rule set", format = Uuid), ("If-Match" = String, Header, description = "The version that is removed")),
    responses((status = 204, description = "It is gone")))]
pub async fn handle(
    operation: Operation,
    place: Path<(String, Id)>,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    let Path((_, id)) = place;
    rule_sets::remove(&operation, id, etag::expected(&headers)?).await?;
    Ok(StatusCode::NO_CONTENT)
}
