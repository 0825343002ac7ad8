//! `GET /api/v1/workspaces/{workspace}/principals`: who the names on the wire are.

use super::show::PrincipalView;
use crate::app::principals;
use crate::http::extract::Query;
use crate::http::page::{Page, PageQuery};
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use axum::Json;

/// Lists the names on the wire that are linked, in the order they were.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/principals", operation_id = "list_principals",
    tag = "principals", params(InWorkspace, PageQuery),
    responses((status = 200, description = "Links", body = Page<PrincipalView>)))]
pub async fn handle(
    operation: Operation,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<PrincipalView>>, Problem> {
    let page = principals::list(&operation, query.after()?, query.limit()?).await?;
    let items = page.items.into_iter().map(PrincipalView::of).collect();
    Ok(Json(Page::by_id(items, page.next)))
}
