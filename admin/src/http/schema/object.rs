//! `GET …/schema/objects/{key}`: one object, with everything that is known of it.

use super::view::{SchemaEntryView, SnapshotQuery, key_bytes, snapshot};
use crate::app::schema;
use crate::http::extract::{Path, Query};
use crate::http::path::InWorkspace;
use crate::http::timestamp::Timestamp;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use axum::Json;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// An object and its definition.
#[derive(Debug, Serialize, ToSchema)]
pub struct ObjectView {
    /// The snapshot it is of.
    #[schema(format = Uuid)]
    pub snapshot: String,
    /// When the schema was last found to be still this one.
    pub seen_at: Timestamp,
    /// The object.
    pub object: SchemaEntryView,
    /// What somebody decided about it: columns, keys, indexes, arguments, labels and so on, as docs/schema.md says.
    #[schema(value_type = Object)]
    pub definition: Value,
    /// What the server counted: rows, bytes, use of indexes; absent where it counted nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub measurements: Option<Value>,
}

/// Shows one object: its definition, and what the server counted of it.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/connections/{connection}/schema/objects/{key}",
    operation_id = "show_schema_object", tag = "schema",
    params(InWorkspace, ("connection" = String, Path, description = "Which connection", format = Uuid), ("key" = String, Path, description = "The object's `key` in a list", min_length = 1, max_length = 16384), SnapshotQuery),
    responses((status = 200, description = "The object", body = ObjectView)))]
pub async fn handle(
    operation: Operation,
    place: Path<(String, Id, String)>,
    Query(query): Query<SnapshotQuery>,
) -> Result<Json<ObjectView>, Problem> {
    let Path((_, connection, key)) = place;
    let (key, snapshot) = (key_bytes(&key)?, snapshot(query.snapshot.as_deref())?);
    let mut looked = schema::look(&operation, connection, snapshot).await?;
    let (entry, mut body, measurements) = schema::object(&mut looked, &key).await?;
    let definition = body.get_mut("definition").map(Value::take).unwrap_or_default();
    Ok(Json(ObjectView {
        snapshot: looked.snapshot.id.to_string(),
        seen_at: Timestamp(looked.snapshot.seen_at),
        object: SchemaEntryView::of(&entry),
        definition,
        measurements,
    }))
}
