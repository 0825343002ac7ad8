//! `POST /api/v1/workspaces/{workspace}/rule-sets/{rule_set}/publish`: makes the draft the next version.

use crate::app::rule_sets;
use crate::http::etag;
use crate::http::extract::{Json, Path};
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What is said about a version.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PublishDraft {
    /// What changes and why.
    #[schema(max_length = 500)]
    pub note: Option<String>,
}

/// A version that was just published.
#[derive(Debug, Serialize, ToSchema)]
pub struct PublishedVersionView {
    /// Its number.
    pub version: i64,
}

/// Makes the draft the next version. It must compile, also for every listener it is published for, and its
/// test cases must hold; else the answer is `bad_rules` with the places. Those listeners have it within
/// seconds.
#[utoipa::path(post, path = "/api/v1/workspaces/{workspace}/rule-sets/{rule_set}/publish", operation_id = "publish_rule_set", tag = "rule_sets",
    params(InWorkspace, ("rule_set" = String, Path, description = "Which rule set", format = Uuid), ("If-Match" = String, Header, description = "The version of the draft that was read")),
    request_body = PublishDraft, responses((status = 200, description = "The version", body = PublishedVersionView)))]
pub async fn handle(
    operation: Operation,
    place: Path<(String, Id)>,
    headers: HeaderMap,
    Json(draft): Json<PublishDraft>,
) -> Result<axum::Json<PublishedVersionView>, Problem> {
    let Path((_, id)) = place;
    let version = etag::expected(&headers)?;
    let note = draft.note.unwrap_or_default();
    let version = rule_sets::publish(&operation, id, version, &note).await?;
    Ok(axum::Json(PublishedVersionView { version }))
}
