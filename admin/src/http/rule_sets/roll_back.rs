//! `POST /api/v1/workspaces/{workspace}/rule-sets/{rule_set}/roll-back`: publishes an earlier version again.

use super::publish::PublishedVersionView;
use crate::app::rule_sets;
use crate::http::extract::{Json, Path};
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use serde::Deserialize;
use utoipa::ToSchema;

/// What is to be published again.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RollBackDraft {
    /// The version whose text becomes the next one.
    #[schema(minimum = 1)]
    pub to: i64,
    /// The version in force that was seen.
    #[schema(minimum = 1)]
    pub published: i64,
    /// Why.
    #[schema(max_length = 500)]
    pub note: Option<String>,
}

/// Publishes the text of an earlier version again, as the next version. The draft stays as it is.
#[utoipa::path(post, path = "/api/v1/workspaces/{workspace}/rule-sets/{rule_set}/roll-back", operation_id = "roll_back_rule_set", tag = "rule_sets",
    params(InWorkspace, ("rule_set" = String, Path, description = "Which rule set", format = Uuid)), request_body = RollBackDraft,
    responses((status = 200, description = "The version", body = PublishedVersionView)))]
pub async fn handle(
    operation: Operation,
    place: Path<(String, Id)>,
    Json(draft): Json<RollBackDraft>,
) -> Result<axum::Json<PublishedVersionView>, Problem> {
    let Path((_, id)) = place;
    let note = draft.note.unwrap_or_default();
    let version = rule_sets::roll_back(&operation, id, draft.published, draft.to, &note).await?;
    Ok(axum::Json(PublishedVersionView { version }))
}
