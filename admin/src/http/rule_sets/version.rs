//! `GET /api/v1/workspaces/{workspace}/rule-sets/{rule_set}/versions/{number}`: one version.

use super::versions::VersionView;
use crate::app::rule_sets;
use crate::http::extract::Path;
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

/// A version with its texts.
#[derive(Debug, Serialize, ToSchema)]
pub struct VersionTextView {
    /// What is said of it.
    pub version: VersionView,
    /// The document, TOML.
    pub text: String,
    /// Its test cases, Markdown.
    pub cases: String,
}

/// Shows a version with its texts. They never change.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/rule-sets/{rule_set}/versions/{number}", operation_id = "show_version", tag = "rule_sets",
    params(InWorkspace, ("rule_set" = String, Path, description = "Which rule set", format = Uuid), ("number" = i64, Path, description = "Which version", minimum = 1)),
    responses((status = 200, description = "The version", body = VersionTextView)))]
pub async fn handle(
    operation: Operation,
    place: Path<(String, Id, i64)>,
) -> Result<Json<VersionTextView>, Problem> {
    let Path((_, id, number)) = place;
    let (version, texts) = rule_sets::version(&operation, id, number).await?;
    Ok(Json(VersionTextView { version: VersionView::of(version), text: texts.text, cases: texts.cases }))
}
