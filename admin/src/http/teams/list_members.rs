//! `GET /api/v1/workspaces/{workspace}/teams/{team}/members`: who is in a team.

use crate::app::teams;
use crate::http::extract::{Path, Query};
use crate::http::members::show::MemberView;
use crate::http::page::{Page, PageQuery};
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use axum::Json;

/// Lists who is in a team, in the order their accounts were made.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/teams/{team}/members", operation_id = "list_team_members",
    tag = "teams", params(InWorkspace, ("team" = String, Path, description = "Which team", format = Uuid), PageQuery),
    responses((status = 200, description = "Members", body = Page<MemberView>)))]
pub async fn handle(
    operation: Operation,
    place: Path<(String, Id)>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<MemberView>>, Problem> {
    let Path((_, team)) = place;
    let page = teams::members(&operation, team, query.after()?, query.limit()?).await?;
    let items = MemberView::of_all(&operation, &page.items).await?;
    Ok(Json(Page::by_id(items, page.next)))
}
