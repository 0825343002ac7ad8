//! `GET /api/v1/workspaces/{workspace}/queries/{query}`: one saved query.

use crate::app::queries::{self, Parameter};
use crate::http::etag;
use crate::http::extract::Path;
use crate::http::path::InWorkspace;
use crate::http::timestamp::Timestamp;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use admin_store::queries::SavedQuery;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

/// A saved query.
#[derive(Debug, Serialize, ToSchema)]
pub struct QueryView {
    /// What it is found by.
    #[schema(value_type = String, format = Uuid)]
    pub id: Id,
    /// The connection it is meant for; absent where it is for any.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Uuid)]
    pub connection: Option<Id>,
    /// What it is called.
    pub title: String,
    /// What it is for.
    pub description: String,
    /// The statement.
    pub sql: String,
    /// Its parameters, in order.
    pub parameters: Vec<Parameter>,
    /// How its result is drawn; empty for no chart.
    pub chart: String,
    /// What it is found by, ordered without case.
    pub tags: Vec<String>,
    /// Who sees it: `private` or `workspace`.
    pub visibility: String,
    /// Whose it is.
    #[schema(value_type = String, format = Uuid)]
    pub owner: Id,
    /// When it was made.
    pub created_at: Timestamp,
    /// Who changed it last.
    #[schema(value_type = String, format = Uuid)]
    pub changed_by: Id,
    /// When.
    pub changed_at: Timestamp,
    /// Which of its versions this is.
    pub version: i64,
}

impl QueryView {
    /// As people see it.
    pub(super) fn of(query: SavedQuery) -> Result<QueryView, Problem> {
        Ok(QueryView {
            id: query.id,
            connection: query.content.connection,
            parameters: queries::parameters_of(&query.content.parameters)?,
            title: query.content.title,
            description: query.content.description,
            sql: query.content.text,
            chart: query.content.chart,
            tags: query.content.tags,
            visibility: query.content.visibility.word().to_owned(),
            owner: query.owner,
            created_at: Timestamp(query.created_at),
            changed_by: query.changed_by,
            changed_at: Timestamp(query.changed_at),
            version: query.version,
        })
    }
}

/// Shows one of one's own queries, or one that is shared in the workspace.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/queries/{query}", operation_id = "show_query", tag = "queries",
    params(InWorkspace, ("query" = String, Path, description = "Which query", format = Uuid)),
    responses((status = 200, description = "The query", body = QueryView, headers(("ETag" = String)))))]
pub async fn handle(operation: Operation, place: Path<(String, Id)>) -> Result<Response, Problem> {
    let Path((_, id)) = place;
    let query = queries::show(&operation, id).await?;
    Ok(etag::answer(StatusCode::OK, query.version, QueryView::of(query)?))
}
