//! `GET /api/v1/workspaces/{workspace}/rule-sets/{rule_set}/draft`: what somebody is writing.

use crate::app::rule_sets::{self, Desk};
use crate::http::etag;
use crate::http::extract::Path;
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

/// The texts of a rule set as they are written on.
#[derive(Debug, Serialize, ToSchema)]
pub struct DraftView {
    /// The document, TOML.
    pub text: String,
    /// Its test cases, Markdown.
    pub cases: String,
    /// The published version it continues; 0 for none. It can be published while that one is.
    pub base: i64,
    /// Whether a draft was saved; else these are the texts of the published version, or empty.
    pub is_saved: bool,
}

impl DraftView {
    /// An answer with it and its version.
    pub(super) fn answer(desk: Desk) -> Response {
        let Desk { rule_set, text, cases, base, is_saved } = desk;
        etag::answer(StatusCode::OK, rule_set.draft_version, DraftView { text, cases, base, is_saved })
    }
}

/// Shows the draft; where none was saved, the published version. Its `ETag` is what a change must name.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/rule-sets/{rule_set}/draft", operation_id = "show_draft", tag = "rule_sets",
    params(InWorkspace, ("rule_set" = String, Path, description = "Which rule set", format = Uuid)),
    responses((status = 200, description = "The texts", body = DraftView, headers(("ETag" = String)))))]
pub async fn handle(operation: Operation, place: Path<(String, Id)>) -> Result<Response, Problem> {
    let Path((_, id)) = place;
    Ok(DraftView::answer(rule_sets::desk(&operation, id).await?))
}
