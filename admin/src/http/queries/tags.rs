//! `GET /api/v1/workspaces/{workspace}/query-tags`: what saved queries are found by.

use crate::app::queries;
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

/// The tags.
#[derive(Debug, Serialize, ToSchema)]
pub struct Tags {
    /// Ordered without case; at most 500.
    pub items: Vec<TagView>,
}

/// A tag.
#[derive(Debug, Serialize, ToSchema)]
pub struct TagView {
    /// The word.
    pub tag: String,
    /// How many queries have it.
    pub queries: i64,
}

/// Lists the tags of the queries somebody sees.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/query-tags", operation_id = "list_query_tags", tag = "queries",
    params(InWorkspace), responses((status = 200, description = "Tags", body = Tags)))]
pub async fn handle(operation: Operation) -> Result<Json<Tags>, Problem> {
    let tags = queries::tags(&operation).await?;
    Ok(Json(Tags { items: tags.into_iter().map(|(tag, queries)| TagView { tag, queries }).collect() }))
}
