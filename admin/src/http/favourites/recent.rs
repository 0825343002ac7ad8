//! `GET /api/v1/workspaces/{workspace}/recent`: what somebody opened last.

use crate::app::favourites;
use crate::http::path::InWorkspace;
use crate::http::timestamp::Timestamp;
use crate::operation::Operation;
use crate::problem::Problem;
use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

/// Something that was opened.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecentView {
    /// What it is.
    pub kind: String,
    /// Which one. It may be gone.
    pub target: String,
    /// When it was opened last.
    pub opened_at: Timestamp,
}

/// What was opened last.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecentItems {
    /// Latest first; at most 50.
    pub items: Vec<RecentView>,
}

/// Lists what somebody opened in this workspace, latest first.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/recent", operation_id = "list_recent", tag = "favourites",
    params(InWorkspace), responses((status = 200, description = "What was opened", body = RecentItems)))]
pub async fn handle(operation: Operation) -> Result<Json<RecentItems>, Problem> {
    let recent = favourites::recent(&operation).await?;
    let view = |(target, at): (admin_store::favourites::Target, i64)| RecentView {
        kind: target.kind,
        target: target.target,
        opened_at: Timestamp(at),
    };
    Ok(Json(RecentItems { items: recent.into_iter().map(view).collect() }))
}
