//! `GET /api/v1/workspaces/{workspace}/queries/{query}/versions/{version}`: what a saved query said.

use crate::app::queries::{self, Parameter};
use crate::http::extract::Path;
use crate::http::path::InWorkspace;
use crate::http::timestamp::Timestamp;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use admin_store::queries::QueryVersion;
use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

/// What a saved query said.
#[derive(Debug, Serialize, ToSchema)]
pub struct QueryVersionView {
    /// 1 for the first.
    pub number: i64,
    /// What it was called.
    pub title: String,
    /// What it was for.
    pub description: String,
    /// The statement.
    pub sql: String,
    /// Its parameters, in order.
    pub parameters: Vec<Parameter>,
    /// How its result was drawn; empty for no chart.
    pub chart: String,
    /// Who wrote it.
    #[schema(value_type = String, format = Uuid)]
    pub changed_by: Id,
    /// When.
    pub changed_at: Timestamp,
}

impl QueryVersionView {
    /// As people see it.
    pub(super) fn of(version: QueryVersion) -> Result<QueryVersionView, Problem> {
        Ok(QueryVersionView {
            number: version.number,
            parameters: queries::parameters_of(&version.parameters)?,
            chart: version.chart,
            title: version.title,
            description: version.description,
            sql: version.text,
            changed_by: version.changed_by,
            changed_at: Timestamp(version.changed_at),
        })
    }
}

/// Shows what a query said in one of its versions.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/queries/{query}/versions/{version}", operation_id = "show_query_version",
    tag = "queries", params(InWorkspace, ("query" = String, Path, description = "Which query", format = Uuid),
        ("version" = i64, Path, description = "Its number", minimum = 1)),
    responses((status = 200, description = "What it said", body = QueryVersionView)))]
pub async fn handle(
    operation: Operation,
    place: Path<(String, Id, i64)>,
) -> Result<Json<QueryVersionView>, Problem> {
    let Path((_, id, number)) = place;
    Ok(Json(QueryVersionView::of(queries::version(&operation, id, number).await?)?))
}
