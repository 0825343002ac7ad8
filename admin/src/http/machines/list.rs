//! `GET /api/v1/workspaces/{workspace}/machines`: the services and agents of a workspace.

use super::show::MachineView;
use crate::app::machines;
use crate::http::extract::Query;
use crate::http::page::{Page, PageQuery};
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use axum::Json;

/// Lists the services and agents of a workspace in the order they were made.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/machines", operation_id = "list_machines",
    tag = "machines", params(InWorkspace, PageQuery),
    responses((status = 200, description = "Machines", body = Page<MachineView>)))]
pub async fn handle(
    operation: Operation,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<MachineView>>, Problem> {
    let page = machines::list(&operation, query.after()?, query.limit()?).await?;
    Ok(Json(Page::by_id(page.items.into_iter().map(MachineView::of).collect(), page.next)))
}
