//! `GET /api/v1/workspaces/{workspace}/machines/{machine}/tokens`: the tokens of a service or agent.

use crate::app::machines;
use crate::http::extract::{Path, Query};
use crate::http::page::{Page, PageQuery};
use crate::http::path::InWorkspace;
use crate::http::tokens::list::TokenView;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use axum::Json;

/// Lists the tokens of a service or agent, oldest first, with those that are good no longer.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/machines/{machine}/tokens", operation_id = "list_machine_tokens",
    tag = "machines", params(InWorkspace, ("machine" = String, Path, description = "Which service or agent", format = Uuid), PageQuery),
    responses((status = 200, description = "Tokens", body = Page<TokenView>)))]
pub async fn handle(
    operation: Operation,
    place: Path<(String, Id)>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<TokenView>>, Problem> {
    let Path((_, machine)) = place;
    let page = machines::list_tokens(&operation, machine, query.after()?, query.limit()?).await?;
    Ok(Json(Page::by_id(page.items.into_iter().map(TokenView::of).collect(), page.next)))
}
