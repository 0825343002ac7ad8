//! `GET …/refusals/rules`: which rules refuse how often.

use super::fingerprint::RangeQuery;
use crate::app::traffic::{Asked, scope};
use crate::http::extract::Query;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::traffic::{self, RuleCount};
use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

/// A rule and how often it refused.
#[derive(Debug, Serialize, ToSchema)]
pub struct RuleCountView {
    /// The rule, as `rule set/rule`; empty where none decided.
    pub rule: String,
    /// `refuse` or `hold`.
    pub verdict: String,
    /// How often.
    pub refusals: u64,
}

impl RuleCountView {
    /// As it is shown.
    pub(super) fn of(row: RuleCount) -> RuleCountView {
        let RuleCount { rule, verdict, refusals } = row;
        RuleCountView { rule, verdict, refusals }
    }
}

/// Rules and how often they refused.
#[derive(Debug, Serialize, ToSchema)]
pub struct RuleCountsView {
    /// The most frequent first.
    pub items: Vec<RuleCountView>,
}

/// Counts refusals by rule; the range is widened to whole hours.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/refusals/rules", operation_id = "count_refusals_by_rule", tag = "traffic",
    params(("workspace" = String, Path, description = "Slug or id of the workspace", max_length = 64), RangeQuery),
    responses((status = 200, description = "Rules", body = RuleCountsView)))]
pub async fn handle(
    operation: Operation,
    Query(query): Query<RangeQuery>,
) -> Result<Json<RuleCountsView>, Problem> {
    let mut scope =
        scope(&operation, Asked { from: query.from, until: query.until, ..Asked::default() }).await?;
    let listeners = scope.numbers();
    let rows = traffic::refusals_by_rule(&mut scope.tx, &listeners, scope.range).await?;
    Ok(Json(RuleCountsView { items: rows.into_iter().map(RuleCountView::of).collect() }))
}
