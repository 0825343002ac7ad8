//! `GET …/schema/graph`: how do all tables of a schema hang together, as it declares it?

use super::view::{SnapshotQuery, snapshot};
use crate::app::schema;
use crate::app::schema::graph::{Link, Node, NodeColumn};
use crate::http::etag;
use crate::http::extract::{Path, Query};
use crate::http::page::encode;
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use axum::Json;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

/// All tables of a schema and what leads from one to another.
#[derive(Debug, Serialize, ToSchema)]
pub struct GraphView {
    /// Which snapshot it is of.
    #[schema(format = Uuid)]
    pub snapshot: String,
    /// Tables and views by schema and name, at most 10,000.
    pub relations: Vec<GraphRelation>,
    /// Whether there are more.
    pub is_cut: bool,
}

/// A table or a view as a diagram draws it.
#[derive(Debug, Serialize, ToSchema)]
pub struct GraphRelation {
    /// What it is found by, in each snapshot.
    pub key: String,
    /// The schema it is in.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// `table`, `partitioned_table`, `foreign_table`, `view` or `materialized_view`.
    #[schema(example = "table")]
    pub kind: String,
    /// How many columns it has.
    pub column_count: i64,
    /// Its columns in their order, at most 40: of more, those of keys stay.
    pub columns: Vec<GraphColumn>,
    /// The foreign keys it declares; absent where it has none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub foreign_keys: Vec<GraphKey>,
}

/// A column as a diagram draws it.
#[derive(Debug, Serialize, ToSchema)]
pub struct GraphColumn {
    /// Its name.
    pub name: String,
    /// Its type as the server writes it.
    #[serde(rename = "type")]
    pub data_type: String,
    /// In the primary key; absent where it is not.
    #[serde(skip_serializing_if = "is_false")]
    #[schema(required = false)]
    pub is_primary: bool,
    /// In a foreign key; absent where it is not.
    #[serde(skip_serializing_if = "is_false")]
    #[schema(required = false)]
    pub is_foreign: bool,
}

/// A foreign key as a diagram draws it.
#[derive(Debug, Serialize, ToSchema)]
pub struct GraphKey {
    /// Its name; empty where the server has none.
    pub name: String,
    /// Its columns.
    pub columns: Vec<String>,
    /// The schema of the table it refers to.
    pub to_schema: String,
    /// That table.
    pub to_table: String,
    /// Its columns, in the same order.
    pub to_columns: Vec<String>,
    /// Whether at most one row here refers to a row there; absent where there may be many.
    #[serde(skip_serializing_if = "is_false")]
    #[schema(required = false)]
    pub is_unique: bool,
}

/// For fields that are not written while they say no: there are tens of thousands of them.
fn is_false(value: &bool) -> bool {
    !*value
}

impl GraphRelation {
    fn of(node: Node) -> GraphRelation {
        let Node { entry, columns, foreign_keys } = node;
        let column = |column: NodeColumn| GraphColumn {
            name: column.name,
            data_type: column.data_type,
            is_primary: column.in_primary_key,
            is_foreign: column.in_foreign_key,
        };
        let key = |link: Link| GraphKey {
            name: link.name,
            columns: link.columns,
            to_schema: link.to_schema,
            to_table: link.to_table,
            to_columns: link.to_columns,
            is_unique: link.is_unique,
        };
        GraphRelation {
            key: encode(&entry.key),
            schema: entry.schema,
            name: entry.name,
            kind: entry.kind,
            column_count: entry.column_count,
            columns: columns.into_iter().map(column).collect(),
            foreign_keys: foreign_keys.into_iter().map(key).collect(),
        }
    }
}

/// Shows all tables and views of a schema with their columns and foreign keys: what a diagram is drawn from. A snapshot
/// never changes, so whoever sends its `ETag` back is told that it is still the same.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/connections/{connection}/schema/graph",
    operation_id = "show_schema_graph", tag = "schema",
    params(InWorkspace, ("connection" = String, Path, description = "Which connection", format = Uuid), SnapshotQuery),
    responses((status = 200, description = "The graph", body = GraphView, headers(("ETag" = String)))))]
pub async fn handle(
    operation: Operation,
    place: Path<(String, Id)>,
    headers: HeaderMap,
    Query(query): Query<SnapshotQuery>,
) -> Result<Response, Problem> {
    let Path((_, connection)) = place;
    let mut looked = schema::look(&operation, connection, snapshot(query.snapshot.as_deref())?).await?;
    let id = looked.snapshot.id.to_string();
    let value = |text: String| HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("\"\""));
    // Weak: it comes packed or not, and is the same.
    let (strong, weak) = (value(format!("\"{id}\"")), value(format!("W/\"{id}\"")));
    let kept = [(header::ETAG, weak), (header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"))];
    if etag::is_known(&headers, &strong) {
        return Ok((StatusCode::NOT_MODIFIED, kept).into_response());
    }
    let graph = schema::graph::graph(&mut looked).await?;
    let relations = graph.nodes.into_iter().map(GraphRelation::of).collect();
    Ok((kept, Json(GraphView { snapshot: id, relations, is_cut: graph.is_cut })).into_response())
}
