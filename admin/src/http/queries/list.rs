//! `GET /api/v1/workspaces/{workspace}/queries`: the saved queries somebody sees.

use super::show::QueryView;
use crate::app::queries;
use crate::http::extract::Query;
use crate::http::page::{Page, PageQuery};
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use admin_store::queries::QueryFilter;
use axum::Json;
use serde::Deserialize;
use utoipa::IntoParams;

/// Which queries.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct QueriesQuery {
    /// Most items of this part.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<u32>,
    /// Where the part before ended: `next` of its answer.
    #[param(max_length = 1024)]
    pub cursor: Option<String>,
    /// Only those meant for this connection.
    #[param(value_type = Option<String>, format = Uuid)]
    pub connection: Option<Id>,
    /// Only those with this tag, whatever the case of its letters.
    #[param(max_length = 50)]
    pub tag: Option<String>,
    /// Only those of this person.
    #[param(value_type = Option<String>, format = Uuid)]
    pub owner: Option<Id>,
}

/// Lists one's own queries and those that are shared in the workspace, latest first.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/queries", operation_id = "list_queries", tag = "queries",
    params(InWorkspace, QueriesQuery), responses((status = 200, description = "Queries", body = Page<QueryView>)))]
pub async fn handle(
    operation: Operation,
    Query(query): Query<QueriesQuery>,
) -> Result<Json<Page<QueryView>>, Problem> {
    let filter = QueryFilter { connection: query.connection, tag: query.tag, owner: query.owner };
    let part = PageQuery { limit: query.limit, cursor: query.cursor };
    let page = queries::list(&operation, &filter, part.after()?, part.limit()?).await?;
    let items = page.items.into_iter().map(QueryView::of).collect::<Result<_, _>>()?;
    Ok(Json(Page::by_id(items, page.next)))
}
