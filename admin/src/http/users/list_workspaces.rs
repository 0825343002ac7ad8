//! `GET /api/v1/instance/workspaces`: all workspaces of the instance.

use crate::app::users;
use crate::http::extract::Query;
use crate::http::page::{Page, PageQuery};
use crate::http::workspaces::show::WorkspaceView;
use crate::operation::Operation;
use crate::problem::Problem;
use axum::Json;

/// Lists all workspaces of the instance, oldest first.
#[utoipa::path(get, path = "/api/v1/instance/workspaces", operation_id = "list_all_workspaces", tag = "workspaces",
    params(PageQuery), responses((status = 200, description = "Workspaces", body = Page<WorkspaceView>)))]
pub async fn handle(
    operation: Operation,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<WorkspaceView>>, Problem> {
    let page = users::workspaces(&operation, query.after()?, query.limit()?).await?;
    let items = page.items.iter().map(|workspace| WorkspaceView::of(workspace, None)).collect();
    Ok(Json(Page::by_id(items, page.next)))
}
