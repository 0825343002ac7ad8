//! `GET /api/v1/workspaces/{workspace}/connections`: which databases are known.

use super::view::ConnectionView;
use crate::app::connections;
use crate::http::extract::Query;
use crate::http::page::{Page, PageQuery};
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use axum::Json;

/// Lists the connections of a workspace by name.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/connections", operation_id = "list_connections",
    tag = "connections", params(InWorkspace, PageQuery),
    responses((status = 200, description = "Connections", body = Page<ConnectionView>)))]
pub async fn handle(
    operation: Operation,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<ConnectionView>>, Problem> {
    let page = connections::list(&operation, query.cursor()?, query.limit()?).await?;
    let items = page.items.iter().map(ConnectionView::of).collect::<Result<Vec<_>, _>>()?;
    Ok(Json(Page::new(items, page.next.as_deref())))
}
