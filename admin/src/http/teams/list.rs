//! `GET /api/v1/workspaces/{workspace}/teams`: the teams of a workspace.

use super::show::TeamView;
use crate::app::teams;
use crate::http::extract::Query;
use crate::http::page::{Page, PageQuery};
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use axum::Json;

/// Lists the teams by name.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/teams", operation_id = "list_teams", tag = "teams",
    params(InWorkspace, PageQuery), responses((status = 200, description = "Teams", body = Page<TeamView>)))]
pub async fn handle(
    operation: Operation,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<TeamView>>, Problem> {
    let page = teams::list(&operation, query.cursor()?.as_deref(), query.limit()?).await?;
    let items = page.items.into_iter().map(TeamView::of).collect();
    Ok(Json(Page::new(items, page.next.as_deref())))
}
