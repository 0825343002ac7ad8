//! `PUT /api/v1/workspaces/{workspace}/rule-sets/{rule_set}`: changes what people say of a rule set.

use super::create::RuleSetDraft;
use super::show::RuleSetView;
use crate::app::rule_sets;
use crate::http::etag;
use crate::http::extract::{Json, Path};
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

/// Changes name and description of a rule set. The name stays once a version was published.
#[utoipa::path(put, path = "/api/v1/workspaces/{workspace}/rule-sets/{rule_set}", operation_id = "change_rule_set", tag = "rule_sets",
    params(InWorkspace, ("rule_set" = String, Path, description = "Which rule set", format = Uuid), ("If-Match" = String, Header, description = "The version that is changed")), request_body = RuleSetDraft,
    responses((status = 200, description = "The rule set", body = RuleSetView, headers(("ETag" = String)))))]
pub async fn handle(
    operation: Operation,
    place: Path<(String, Id)>,
    headers: HeaderMap,
    Json(draft): Json<RuleSetDraft>,
) -> Result<Response, Problem> {
    let Path((_, id)) = place;
    let version = etag::expected(&headers)?;
    let changed = rule_sets::change(&operation, id, version, draft.about()).await?;
    Ok(etag::answer(StatusCode::OK, changed.version, RuleSetView::of(changed, None)))
}
