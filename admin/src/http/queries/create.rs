//! `POST /api/v1/workspaces/{workspace}/queries`: keeps a query.

use super::show::QueryView;
use crate::app::queries::{self, Draft, Parameter};
use crate::http::etag;
use crate::http::extract::Json;
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use admin_store::queries::Visibility;
use axum::response::Response;
use serde::Deserialize;
use utoipa::ToSchema;

/// Who sees a saved query.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum QueryVisibility {
    /// Its owner.
    Private,
    /// Everybody in the workspace.
    Workspace,
}

/// A query to be kept, or as it shall be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QueryDraft {
    /// The connection it is meant for; none for any.
    #[schema(value_type = Option<String>, format = Uuid)]
    pub connection: Option<Id>,
    /// What it is called.
    #[schema(min_length = 1, max_length = 200, pattern = "\\S", example = "Orders of a customer")]
    pub title: String,
    /// What it is for.
    #[schema(max_length = 2000)]
    pub description: Option<String>,
    /// The statement. It is not judged before it is run.
    #[schema(max_length = 1_048_576, example = "SELECT * FROM orders WHERE customer = $1")]
    pub sql: String,
    /// Its parameters, in order.
    #[schema(max_items = 1000)]
    pub parameters: Option<Vec<Parameter>>,
    /// How its result is drawn, in the words of whoever draws it; no chart where nothing is said.
    #[schema(max_length = 1000, example = "bar:sum:exact:state:total:")]
    pub chart: Option<String>,
    /// What it is found by, whatever the case of letters.
    #[schema(max_items = 20)]
    pub tags: Option<Vec<String>>,
    /// Who sees it; its owner where nothing is said.
    pub visibility: Option<QueryVisibility>,
}

impl QueryDraft {
    /// As the product takes it.
    pub(super) fn draft(self) -> Draft {
        Draft {
            connection: self.connection,
            title: self.title,
            description: self.description.unwrap_or_default(),
            sql: self.sql,
            parameters: self.parameters.unwrap_or_default(),
            chart: self.chart.unwrap_or_default(),
            tags: self.tags.unwrap_or_default(),
            visibility: match self.visibility {
                Some(QueryVisibility::Workspace) => Visibility::Workspace,
                Some(QueryVisibility::Private) | None => Visibility::Private,
            },
        }
    }
}

/// Keeps a query.
#[utoipa::path(post, path = "/api/v1/workspaces/{workspace}/queries", operation_id = "create_query", tag = "queries",
    params(InWorkspace), request_body = QueryDraft,
    responses((status = 201, description = "The query", body = QueryView,
        headers(("Location" = String), ("ETag" = String)))))]
pub async fn handle(operation: Operation, Json(draft): Json<QueryDraft>) -> Result<Response, Problem> {
    let query = queries::create(&operation, draft.draft()).await?;
    let slug = &operation.entered()?.workspace.slug;
    let location = format!("/api/v1/workspaces/{slug}/queries/{}", query.id);
    Ok(etag::made(&location, query.version, QueryView::of(query)?))
}
