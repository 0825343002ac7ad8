//! `GET /api/v1/workspaces/{workspace}/viewpoints`: the viewpoints of a workspace.

use crate::app::viewpoints;
use crate::http::extract::Query;
use crate::http::page::{Page, PageQuery};
use crate::http::path::InWorkspace;
use crate::http::timestamp::Timestamp;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use admin_store::viewpoints::Viewpoint;
use axum::Json;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Which viewpoints.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ViewpointsQuery {
    /// Most items of this part.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<u32>,
    /// Where the part before ended: `next` of its answer.
    #[param(max_length = 1024)]
    pub cursor: Option<String>,
    /// Only those of this connection's schema.
    #[param(value_type = Option<String>, format = Uuid)]
    pub connection: Option<Id>,
}

/// A viewpoint without what it shows.
#[derive(Debug, Serialize, ToSchema)]
pub struct ViewpointView {
    /// What it is found by.
    #[schema(value_type = String, format = Uuid)]
    pub id: Id,
    /// Of which connection's schema.
    #[schema(value_type = String, format = Uuid)]
    pub connection: Id,
    /// What it is called.
    pub name: String,
    /// How many tables are in it.
    pub table_count: i64,
    /// Who made it.
    #[schema(value_type = String, format = Uuid)]
    pub created_by: Id,
    /// When.
    pub created_at: Timestamp,
    /// Who changed it last.
    #[schema(value_type = String, format = Uuid)]
    pub changed_by: Id,
    /// When.
    pub changed_at: Timestamp,
    /// Which of its versions this is.
    pub version: i64,
}

impl ViewpointView {
    /// As people see it.
    pub(super) fn of(viewpoint: Viewpoint) -> ViewpointView {
        let Viewpoint { id, connection, name, table_count, created_by, changed_by, version, .. } = viewpoint;
        let (created_at, changed_at) = (Timestamp(viewpoint.created_at), Timestamp(viewpoint.changed_at));
        ViewpointView {
            id,
            connection,
            name,
            table_count,
            created_by,
            created_at,
            changed_by,
            changed_at,
            version,
        }
    }
}

/// Lists the viewpoints of the workspace, latest first. Everybody in it sees them.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/viewpoints", operation_id = "list_viewpoints", tag = "viewpoints",
    params(InWorkspace, ViewpointsQuery), responses((status = 200, description = "Viewpoints", body = Page<ViewpointView>)))]
pub async fn handle(
    operation: Operation,
    Query(query): Query<ViewpointsQuery>,
) -> Result<Json<Page<ViewpointView>>, Problem> {
    let part = PageQuery { limit: query.limit, cursor: query.cursor };
    let page = viewpoints::list(&operation, query.connection, part.after()?, part.limit()?).await?;
    Ok(Json(Page::by_id(page.items.into_iter().map(ViewpointView::of).collect(), page.next)))
}
