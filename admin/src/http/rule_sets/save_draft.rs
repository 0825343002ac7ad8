//! `PUT /api/v1/workspaces/{workspace}/rule-sets/{rule_set}/draft`: saves the draft.

use super::show_draft::DraftView;
use crate::app::rule_sets::{self, Writing};
use crate::http::etag;
use crate::http::extract::{Json, Path};
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use utoipa::ToSchema;

/// What a draft says from now on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DraftText {
    /// The document, TOML; at most 1 MiB. Mistakes in it are no hindrance.
    #[schema(max_length = 1_048_576)]
    pub text: String,
    /// Its test cases, Markdown; at most 256 KiB.
    #[schema(max_length = 262_144)]
    pub cases: Option<String>,
    /// The published version it continues; left out, it stays what it is.
    #[schema(minimum = 0)]
    pub base: Option<i64>,
}

/// Saves the draft.
#[utoipa::path(put, path = "/api/v1/workspaces/{workspace}/rule-sets/{rule_set}/draft", operation_id = "save_draft", tag = "rule_sets",
    params(InWorkspace, ("rule_set" = String, Path, description = "Which rule set", format = Uuid), ("If-Match" = String, Header, description = "The version that is changed")), request_body = DraftText,
    responses((status = 200, description = "The draft", body = DraftView, headers(("ETag" = String)))))]
pub async fn handle(
    operation: Operation,
    place: Path<(String, Id)>,
    headers: HeaderMap,
    Json(draft): Json<DraftText>,
) -> Result<Response, Problem> {
    let Path((_, id)) = place;
    let version = etag::expected(&headers)?;
    let cases = draft.cases.unwrap_or_default();
    let writing = Writing { text: draft.text, cases, base: draft.base };
    Ok(DraftView::answer(rule_sets::save(&operation, id, version, writing).await?))
}
