//! `GET …/schema/names`: what are tables and their columns called? For completion and finding: all of them
//! in few answers, and nothing beside the names.

use super::view::{cursor, going_on, number};
use crate::app::schema;
use crate::http::extract::{Path, Query};
use crate::http::page::{PageQuery, encode};
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use admin_store::schema::Entry;
use axum::Json;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Relations of one answer: some hundred kilobytes of names.
const NAMES_MAX: u32 = 2_000;

/// Which names are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct NamesQuery {
    /// Which snapshot; the latest where nothing is said.
    #[param(format = Uuid)]
    pub snapshot: Option<String>,
    /// Most relations of this part.
    #[param(minimum = 1, maximum = 2000, default = 2000)]
    pub limit: Option<u32>,
    /// Where the part before ended.
    #[param(max_length = 1024)]
    pub cursor: Option<String>,
}

/// A relation and its columns, by name.
#[derive(Debug, Serialize, ToSchema)]
pub struct RelationNamesView {
    /// What it is found by, in each snapshot.
    pub key: String,
    /// `table`, `partitioned_table`, `foreign_table`, `view` or `materialized_view`.
    #[schema(example = "table")]
    pub kind: String,
    /// The schema it is in; empty for what is in none.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// The names of its columns, in their order.
    pub columns: Vec<String>,
}

impl RelationNamesView {
    fn of((entry, columns): (Entry, Vec<String>)) -> RelationNamesView {
        RelationNamesView {
            key: encode(&entry.key),
            kind: entry.kind,
            schema: entry.schema,
            name: entry.name,
            columns,
        }
    }
}

/// Names of a snapshot.
#[derive(Debug, Serialize, ToSchema)]
pub struct NamesView {
    /// The snapshot they are of.
    #[schema(format = Uuid)]
    pub snapshot: String,
    /// Relations, by schema and name; at most 2,000.
    pub items: Vec<RelationNamesView>,
    /// Where the next part begins; absent in the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// Lists the names of tables and views, and of their columns.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/connections/{connection}/schema/names",
    operation_id = "list_schema_names", tag = "schema", params(InWorkspace, ("connection" = String, Path, description = "Which connection", format = Uuid), NamesQuery),
    responses((status = 200, description = "Names", body = NamesView)))]
pub async fn handle(
    operation: Operation,
    place: Path<(String, Id)>,
    Query(query): Query<NamesQuery>,
) -> Result<Json<NamesView>, Problem> {
    let Path((_, id)) = place;
    let limit = query.limit.unwrap_or(NAMES_MAX);
    if !(1..=NAMES_MAX).contains(&limit) {
        return Err(Problem::invalid("limit", format!("must be from 1 to {NAMES_MAX}")));
    }
    let page = PageQuery { limit: None, cursor: query.cursor };
    let (snapshot, after) = going_on(query.snapshot.as_deref(), page.cursor()?.as_deref())?;
    let after = after.as_deref().map(number).transpose()?;
    let mut looked = schema::look(&operation, id, snapshot).await?;
    let page = schema::names(&mut looked, after, limit).await?;
    let snapshot = looked.snapshot.id;
    let next = page.next.map(|next| cursor(snapshot, &next.to_be_bytes()));
    let items = page.items.into_iter().map(RelationNamesView::of).collect();
    Ok(Json(NamesView { snapshot: snapshot.to_string(), items, next }))
}
