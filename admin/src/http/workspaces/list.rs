//! `GET /api/v1/workspaces`: the workspaces of who asks.

use super::show::WorkspaceView;
use crate::http::extract::Query;
use crate::http::page::{Page, PageQuery};
use crate::operation::{Operation, Via};
use crate::problem::Problem;
use admin_store::workspaces;
use axum::Json;

/// Lists the workspaces that who asks is a member of, oldest first.
#[utoipa::path(get, path = "/api/v1/workspaces", operation_id = "list_workspaces", tag = "workspaces", params(PageQuery),
    responses((status = 200, description = "Workspaces", body = Page<WorkspaceView>)))]
pub async fn handle(
    operation: Operation,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<WorkspaceView>>, Problem> {
    let (limit, after) = (query.limit()?, query.after()?);
    let person = operation.person()?;
    let mut tx = operation.read().await?;
    let page = workspaces::list_of(&mut tx, person.user.id, after, limit.into()).await?;
    tx.commit().await?;
    let only = match &person.via {
        Via::Token { workspace, .. } => *workspace,
        Via::Session { .. } => None,
    };
    let seen = page.items.iter().filter(|(workspace, _)| only.is_none_or(|only| only == workspace.id));
    let items =
        seen.map(|(workspace, role)| WorkspaceView::of(workspace, Some(role.word().to_owned()))).collect();
    Ok(Json(Page::new(items, page.next.map(|id| id.array()).as_ref().map(<[u8; 16]>::as_slice))))
}
