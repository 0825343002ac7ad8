//! `POST /api/v1/workspaces/{workspace}/rule-sets`: makes a rule set.

use super::show::RuleSetView;
use crate::app::rule_sets::{self, About};
use crate::http::etag;
use crate::http::extract::Json;
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use axum::response::Response;
use serde::Deserialize;
use utoipa::ToSchema;

/// A rule set to be, or as it shall be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleSetDraft {
    /// By which it is included and named in records; none of a pack. Unique in the workspace, in whatever
    /// case of letters. It stays once a version was published.
    #[schema(min_length = 1, max_length = 64, pattern = "^[A-Za-z0-9_-]+$", example = "shop")]
    pub name: String,
    /// What it is for.
    #[schema(max_length = 2000)]
    pub description: Option<String>,
}

impl RuleSetDraft {
    /// As the product takes it.
    pub(crate) fn about(self) -> About {
        About { name: self.name, description: self.description.unwrap_or_default() }
    }
}

/// Makes a rule set without a text.
#[utoipa::path(post, path = "/api/v1/workspaces/{workspace}/rule-sets", operation_id = "create_rule_set", tag = "rule_sets",
    params(InWorkspace), request_body = RuleSetDraft,
    responses((status = 201, description = "The rule set", body = RuleSetView,
        headers(("Location" = String), ("ETag" = String)))))]
pub async fn handle(operation: Operation, Json(draft): Json<RuleSetDraft>) -> Result<Response, Problem> {
    let made = rule_sets::create(&operation, draft.about()).await?;
    let slug = &operation.entered()?.workspace.slug;
    let location = format!("/api/v1/workspaces/{slug}/rule-sets/{}", made.id);
    Ok(etag::made(&location, made.version, RuleSetView::of(made, None)))
}
