//! `GET /api/v1/workspaces/{workspace}/members`: who belongs to a workspace.

use super::show::MemberView;
use crate::app::members;
use crate::http::extract::Query;
use crate::http::page::{Page, PageQuery};
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use axum::Json;

/// Lists the members, in the order their accounts were made.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/members", operation_id = "list_members", tag = "members",
    params(InWorkspace, PageQuery), responses((status = 200, description = "Members", body = Page<MemberView>)))]
pub async fn handle(
    operation: Operation,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<MemberView>>, Problem> {
    let page = members::list(&operation, query.after()?, query.limit()?).await?;
    let items = MemberView::of_all(&operation, &page.items).await?;
    Ok(Json(Page::by_id(items, page.next)))
}
