//! `GET /api/v1/workspaces/{workspace}/listeners`: the listeners of a workspace.

use super::view::ListenerView;
use crate::app::fleet;
use crate::http::extract::Query;
use crate::http::instance::health::NoQuery;
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

/// The listeners.
#[derive(Debug, Serialize, ToSchema)]
pub struct ListenersView {
    /// By name.
    pub items: Vec<ListenerView>,
}

/// Lists the listeners by name, also those that are gone and whose traffic is kept.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/listeners", operation_id = "list_listeners", tag = "listeners",
    params(InWorkspace), responses((status = 200, description = "Listeners", body = ListenersView)))]
pub async fn handle(
    operation: Operation,
    Query(NoQuery {}): Query<NoQuery>,
) -> Result<Json<ListenersView>, Problem> {
    let named = fleet::listeners(&operation).await?;
    Ok(Json(ListenersView { items: named.into_iter().map(ListenerView::of).collect() }))
}
