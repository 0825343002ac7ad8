//! `GET …/schema/joins`: which tables do statements really join?

use crate::app::schema::joins::{self, End, SeenJoin};
use crate::app::traffic::range;
use crate::http::extract::{Path, Query};
use crate::http::page::encode;
use crate::http::path::InWorkspace;
use crate::http::timestamp::Timestamp;
use crate::http::traffic::sums::CoveredView;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_engines::schema::model::ObjectKey;
use admin_store::Id;
use axum::Json;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Which time is asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SchemaJoinsQuery {
    /// From this time on; an hour before `until` where nothing is said.
    #[param(value_type = Option<String>, format = DateTime)]
    pub from: Option<Timestamp>,
    /// Before this time; now where nothing is said.
    #[param(value_type = Option<String>, format = DateTime)]
    pub until: Option<Timestamp>,
}

/// What the traffic joins.
#[derive(Debug, Serialize, ToSchema)]
pub struct SchemaJoinsView {
    /// The listeners its server's traffic passes; none where nothing can have been seen.
    pub listeners: Vec<String>,
    /// What `calls` are about.
    pub covered: CoveredView,
    /// Each once, whichever way round statements write it; at most 5,000, most first.
    pub joins: Vec<SchemaJoinView>,
    /// How many more there are with tables that the schema does not have.
    #[schema(minimum = 0)]
    pub unknown: usize,
    /// Whether some were left out.
    pub is_cut: bool,
}

/// A join between two columns.
#[derive(Debug, Serialize, ToSchema)]
pub struct SchemaJoinView {
    /// The side that refers, where a foreign key declares it.
    pub from: JoinEndView,
    /// The other one.
    pub to: JoinEndView,
    /// Whether a foreign key declares it.
    pub is_declared: bool,
    /// That foreign key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub foreign_key: Option<String>,
    /// Statements that made it.
    pub calls: u64,
    /// How many different ones, also before what is covered.
    pub fingerprints: u64,
    /// When one of them was last seen.
    pub last_seen_at: Timestamp,
}

/// One side of a join.
#[derive(Debug, Serialize, ToSchema)]
pub struct JoinEndView {
    /// The table's key in lists.
    pub key: String,
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub table: String,
    /// Which of its columns.
    pub column: String,
}

impl JoinEndView {
    fn of(end: End) -> JoinEndView {
        let key = encode(&ObjectKey::relation(&end.table.schema, &end.table.name).bytes());
        JoinEndView { key, schema: end.table.schema, table: end.table.name, column: end.column }
    }
}

impl SchemaJoinView {
    fn of(join: SeenJoin) -> SchemaJoinView {
        SchemaJoinView {
            from: JoinEndView::of(join.from),
            to: JoinEndView::of(join.to),
            is_declared: join.foreign_key.is_some(),
            foreign_key: join.foreign_key,
            calls: join.calls,
            fingerprints: join.fingerprints,
            last_seen_at: Timestamp(join.last_seen_at),
        }
    }
}

/// Says which columns of which tables statements compare to join them, also where no foreign key declares it: as far as
/// the server's traffic passes a listener of the workspace.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/connections/{connection}/schema/joins",
    operation_id = "list_schema_joins", tag = "schema",
    params(InWorkspace, ("connection" = String, Path, description = "Which connection", format = Uuid), SchemaJoinsQuery),
    responses((status = 200, description = "Joins", body = SchemaJoinsView)))]
pub async fn handle(
    operation: Operation,
    place: Path<(String, Id)>,
    Query(query): Query<SchemaJoinsQuery>,
) -> Result<Json<SchemaJoinsView>, Problem> {
    let Path((_, connection)) = place;
    let seen = joins::of_schema(&operation, connection, range(query.from, query.until)?).await?;
    Ok(Json(SchemaJoinsView {
        listeners: seen.listeners,
        covered: CoveredView::of(seen.covered),
        joins: seen.joins.into_iter().map(SchemaJoinView::of).collect(),
        unknown: seen.unknown,
        is_cut: seen.is_cut,
    }))
}
