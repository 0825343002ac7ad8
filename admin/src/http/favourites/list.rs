//! `GET /api/v1/workspaces/{workspace}/favourites`: what somebody marked.

use crate::app::favourites;
use crate::http::extract::Query;
use crate::http::page::{Page, PageQuery};
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

/// A mark.
#[derive(Debug, Serialize, ToSchema)]
pub struct FavouriteView {
    /// Of the mark.
    #[schema(value_type = String, format = Uuid)]
    pub id: Id,
    /// What is marked: `connection`, `query`, `table`, `fingerprint`, `rule_set`, `listener`, `page`.
    pub kind: String,
    /// Which one. It may be gone.
    pub target: String,
}

/// Lists what somebody marked in this workspace, latest first.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/favourites", operation_id = "list_favourites", tag = "favourites",
    params(InWorkspace, PageQuery), responses((status = 200, description = "Marks", body = Page<FavouriteView>)))]
pub async fn handle(
    operation: Operation,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<FavouriteView>>, Problem> {
    let page = favourites::list(&operation, query.after()?, query.limit()?).await?;
    let view = |mark: admin_store::favourites::Favourite| FavouriteView {
        id: mark.id,
        kind: mark.target.kind,
        target: mark.target.target,
    };
    Ok(Json(Page::by_id(page.items.into_iter().map(view).collect(), page.next)))
}
