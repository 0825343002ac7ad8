//! `GET …/schema/objects`: which tables, views, functions … are there?

use super::view::{SchemaEntryView, cursor, going_on, key_bytes, number};
use crate::app::schema;
use crate::http::extract::{Path, Query};
use crate::http::page::PageQuery;
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_engines::schema::model::ObjectKind;
use admin_store::Id;
use admin_store::schema::EntryFilter;
use axum::Json;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Furthest place of a list that can be asked for.
const OFFSET_MAX: u32 = 100_000;

/// What an object is.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum KindOfObject {
    Schema,
    Table,
    PartitionedTable,
    ForeignTable,
    View,
    MaterializedView,
    Function,
    Procedure,
    Sequence,
    Enum,
    Domain,
    Type,
    Extension,
}

impl KindOfObject {
    fn kind(self) -> ObjectKind {
        match self {
            KindOfObject::Schema => ObjectKind::Schema,
            KindOfObject::Table => ObjectKind::Table,
            KindOfObject::PartitionedTable => ObjectKind::PartitionedTable,
            KindOfObject::ForeignTable => ObjectKind::ForeignTable,
            KindOfObject::View => ObjectKind::View,
            KindOfObject::MaterializedView => ObjectKind::MaterializedView,
            KindOfObject::Function => ObjectKind::Function,
            KindOfObject::Procedure => ObjectKind::Procedure,
            KindOfObject::Sequence => ObjectKind::Sequence,
            KindOfObject::Enum => ObjectKind::Enum,
            KindOfObject::Domain => ObjectKind::Domain,
            KindOfObject::Type => ObjectKind::Type,
            KindOfObject::Extension => ObjectKind::Extension,
        }
    }

    /// The word it is kept by.
    pub(super) fn word(self) -> Option<String> {
        serde_json::to_value(self.kind()).ok()?.as_str().map(ToOwned::to_owned)
    }
}

/// Which objects are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ObjectsQuery {
    /// Which snapshot; the latest where nothing is said.
    #[param(format = Uuid)]
    pub snapshot: Option<String>,
    /// Only in this schema, whatever the case of its letters.
    #[param(max_length = 255)]
    pub schema: Option<String>,
    /// Only of this kind.
    #[param(inline)]
    pub kind: Option<KindOfObject>,
    /// Only with names that begin like this, whatever the case of their letters.
    #[param(max_length = 255)]
    pub prefix: Option<String>,
    /// Only what belongs to the object with this key, such as the partitions of a table; alone.
    #[param(max_length = 4096)]
    pub parent: Option<String>,
    /// So many are left out before the first: for a list of which any part can be looked at.
    #[param(minimum = 0, maximum = 100000)]
    pub offset: Option<u32>,
    /// Most objects of this part.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<u32>,
    /// Where the part before ended.
    #[param(max_length = 1024)]
    pub cursor: Option<String>,
}

/// Objects of a snapshot.
#[derive(Debug, Serialize, ToSchema)]
pub struct ObjectsView {
    /// The snapshot they are of.
    #[schema(format = Uuid)]
    pub snapshot: String,
    /// The objects, by schema, name and kind.
    pub items: Vec<SchemaEntryView>,
    /// Where the next part begins; absent in the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// Lists objects of a schema without their definitions, by schema, name and kind.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/connections/{connection}/schema/objects",
    operation_id = "list_schema_objects", tag = "schema", params(InWorkspace, ("connection" = String, Path, description = "Which connection", format = Uuid), ObjectsQuery),
    responses((status = 200, description = "Objects", body = ObjectsView)))]
pub async fn handle(
    operation: Operation,
    place: Path<(String, Id)>,
    Query(query): Query<ObjectsQuery>,
) -> Result<Json<ObjectsView>, Problem> {
    let Path((_, id)) = place;
    let page = PageQuery { limit: query.limit, cursor: query.cursor };
    let (snapshot, after) = going_on(query.snapshot.as_deref(), page.cursor()?.as_deref())?;
    let after = after.as_deref().map(number).transpose()?;
    let limit = page.limit()?;
    if query.offset.is_some_and(|offset| offset > OFFSET_MAX) {
        return Err(Problem::invalid("offset", format!("must be from 0 to {OFFSET_MAX}")));
    }
    if query.offset.is_some() && (query.parent.is_some() || after.is_some()) {
        return Err(Problem::invalid("offset", "cannot be asked for together with `parent` or `cursor`"));
    }
    let parent = query.parent.as_deref().map(key_bytes).transpose()?;
    if parent.is_some() && (query.schema.is_some() || query.kind.is_some() || query.prefix.is_some()) {
        return Err(Problem::invalid("parent", "cannot be asked for together with other conditions"));
    }
    let filter = EntryFilter {
        schema: query.schema,
        kinds: query.kind.and_then(KindOfObject::word).into_iter().collect(),
        prefix: query.prefix.unwrap_or_default(),
        skip: query.offset.unwrap_or(0),
    };
    let mut looked = schema::look(&operation, id, snapshot).await?;
    let page = match parent {
        Some(key) => schema::parts(&mut looked, &key, after, limit).await?,
        None => schema::objects(&mut looked, &filter, after, limit).await?,
    };
    let snapshot = looked.snapshot.id;
    let next = page.next.map(|next| cursor(snapshot, &next.to_be_bytes()));
    let items = page.items.iter().map(SchemaEntryView::of).collect();
    Ok(Json(ObjectsView { snapshot: snapshot.to_string(), items, next }))
}
