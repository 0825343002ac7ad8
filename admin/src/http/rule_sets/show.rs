//! `GET /api/v1/workspaces/{workspace}/rule-sets/{rule_set}`: one rule set.

use crate::app::rule_sets;
use crate::http::etag;
use crate::http::extract::Path;
use crate::http::path::InWorkspace;
use crate::http::timestamp::Timestamp;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use admin_store::rule_sets::RuleSet;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

/// A rule set, without its texts.
#[derive(Debug, Serialize, ToSchema)]
pub struct RuleSetView {
    /// Which.
    #[schema(format = Uuid)]
    pub id: String,
    /// By which it is included and named in records.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// The version that is published; absent before the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published: Option<i64>,
    /// When the draft was last changed; absent while there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub draft_at: Option<Timestamp>,
    /// The listeners it is published for; absent in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listeners: Option<Vec<String>>,
    /// Who made it: a user's id.
    #[schema(format = Uuid)]
    pub created_by: String,
    /// When.
    pub created_at: Timestamp,
    /// When anything of it changed last.
    pub changed_at: Timestamp,
}

impl RuleSetView {
    /// As it is shown.
    pub(crate) fn of(rule_set: RuleSet, listeners: Option<Vec<String>>) -> RuleSetView {
        RuleSetView {
            id: rule_set.id.to_string(),
            name: rule_set.name,
            description: rule_set.description,
            published: rule_set.published,
            draft_at: rule_set.draft_at.map(Timestamp),
            listeners,
            created_by: rule_set.created_by.to_string(),
            created_at: Timestamp(rule_set.created_at),
            changed_at: Timestamp(rule_set.changed_at),
        }
    }
}

/// Shows a rule set and the listeners it is published for.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/rule-sets/{rule_set}", operation_id = "show_rule_set", tag = "rule_sets",
    params(InWorkspace, ("rule_set" = String, Path, description = "Which rule set", format = Uuid)),
    responses((status = 200, description = "The rule set", body = RuleSetView, headers(("ETag" = String)))))]
pub async fn handle(operation: Operation, place: Path<(String, Id)>) -> Result<Response, Problem> {
    let Path((_, id)) = place;
    let (rule_set, listeners) = rule_sets::show(&operation, id).await?;
    Ok(etag::answer(StatusCode::OK, rule_set.version, RuleSetView::of(rule_set, Some(listeners))))
}
