//! `GET /api/v1/workspaces/{workspace}/rule-sets`: the rule sets of a workspace.

use super::show::RuleSetView;
use crate::app::rule_sets;
use crate::http::extract::Query;
use crate::http::page::{Page, PageQuery};
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use axum::Json;

/// Lists the rule sets by name.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/rule-sets", operation_id = "list_rule_sets", tag = "rule_sets",
    params(InWorkspace, PageQuery), responses((status = 200, description = "Rule sets", body = Page<RuleSetView>)))]
pub async fn handle(
    operation: Operation,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<RuleSetView>>, Problem> {
    let page = rule_sets::list(&operation, query.cursor()?, query.limit()?).await?;
    let items = page.items.into_iter().map(|one| RuleSetView::of(one, None)).collect();
    Ok(Json(Page::new(items, page.next.as_deref())))
}
