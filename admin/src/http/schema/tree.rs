//! `GET …/schema/tree`: which schemas are there, with how many objects of which kind?

use super::view::{cursor, going_on, number};
use crate::app::schema;
use crate::http::extract::{Path, Query};
use crate::http::page::PageQuery;
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use axum::Json;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Which part of the tree is asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TreeQuery {
    /// Which snapshot; the latest where nothing is said.
    #[param(format = Uuid)]
    pub snapshot: Option<String>,
    /// Most groups of this part.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<u32>,
    /// Where the part before ended.
    #[param(max_length = 1024)]
    pub cursor: Option<String>,
}

/// Objects of one kind in one schema.
#[derive(Debug, Serialize, ToSchema)]
pub struct GroupView {
    /// The schema; empty for what is in none.
    pub schema: String,
    /// What they are.
    #[schema(example = "table")]
    pub kind: String,
    /// How many.
    pub count: i64,
}

/// Groups of a snapshot.
#[derive(Debug, Serialize, ToSchema)]
pub struct TreeView {
    /// The snapshot they are of.
    #[schema(format = Uuid)]
    pub snapshot: String,
    /// The groups, by schema and kind.
    pub items: Vec<GroupView>,
    /// Where the next part begins; absent in the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// Counts the objects of each kind in each schema: the top of a tree whose leaves `…/schema/objects` has.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/connections/{connection}/schema/tree",
    operation_id = "show_schema_tree", tag = "schema", params(InWorkspace, ("connection" = String, Path, description = "Which connection", format = Uuid), TreeQuery),
    responses((status = 200, description = "Groups", body = TreeView)))]
pub async fn handle(
    operation: Operation,
    place: Path<(String, Id)>,
    Query(query): Query<TreeQuery>,
) -> Result<Json<TreeView>, Problem> {
    let Path((_, id)) = place;
    let page = PageQuery { limit: query.limit, cursor: query.cursor };
    let (snapshot, after) = going_on(query.snapshot.as_deref(), page.cursor()?.as_deref())?;
    let after = after.as_deref().map(number).transpose()?;
    let limit = page.limit()?;
    let mut looked = schema::look(&operation, id, snapshot).await?;
    let page = schema::tree(&mut looked, after, limit).await?;
    let groups = page.items.into_iter();
    let items = groups.map(|group| GroupView { schema: group.schema, kind: group.kind, count: group.count });
    let snapshot = looked.snapshot.id;
    let next = page.next.map(|next| cursor(snapshot, &next.to_be_bytes()));
    Ok(Json(TreeView { snapshot: snapshot.to_string(), items: items.collect(), next }))
}
