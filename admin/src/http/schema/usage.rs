//! `GET …/schema/objects/{key}/usage`: what was seen of a table on the wire?

use super::view::key;
use crate::app::schema::usage::{self, Join, Statement};
use crate::app::traffic::range;
use crate::http::extract::{Path, Query};
use crate::http::page::encode;
use crate::http::path::InWorkspace;
use crate::http::timestamp::Timestamp;
use crate::http::traffic::sums::{CallerView, CoveredView, SumsView};
use crate::operation::Operation;
use crate::problem::Problem;
use admin_engines::schema::model::ObjectKey;
use admin_store::Id;
use admin_store::traffic::{Covered, TableColumn};
use axum::Json;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Which time and which part is asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TableUsageQuery {
    /// From this time on; an hour before `until` where nothing is said.
    #[param(value_type = Option<String>, format = DateTime)]
    pub from: Option<Timestamp>,
    /// Before this time; now where nothing is said.
    #[param(value_type = Option<String>, format = DateTime)]
    pub until: Option<Timestamp>,
    /// Of `statements` only those that use this column.
    #[param(max_length = 255)]
    pub column: Option<String>,
}

/// What was seen of a table.
#[derive(Debug, Serialize, ToSchema)]
pub struct TableUsageView {
    /// The listeners its server's traffic passes; none where nothing can have been seen.
    pub listeners: Vec<String>,
    /// What counts are about.
    pub covered: CoveredView,
    /// Statements that read it.
    pub reads: u64,
    /// Statements that changed it.
    pub writes: u64,
    /// Statements that read it in a minute, on average over what is covered.
    #[schema(minimum = 0)]
    pub reads_per_minute: f64,
    /// The same for those that changed it.
    #[schema(minimum = 0)]
    pub writes_per_minute: f64,
    /// When it was last seen to be used, also before what is covered; absent where it never was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_seen_at: Option<Timestamp>,
    /// Whether its name without the schema stands for another table: statements that name no schema are counted here
    /// all the same.
    pub shares_name: bool,
    /// Who used it, at most 50, most first.
    pub callers: Vec<TableUserView>,
    /// By which statements, at most 50, most first.
    pub statements: Vec<StatementView>,
    /// Its columns that were used, by name.
    pub columns: Vec<ColumnUseView>,
    /// What it is joined with, at most 100, most first.
    pub joins: Vec<JoinView>,
}

/// Somebody who used a table.
#[derive(Debug, Serialize, ToSchema)]
pub struct TableUserView {
    /// Who.
    pub caller: CallerView,
    /// How often and how long.
    pub sums: SumsView,
}

/// A statement that uses a table.
#[derive(Debug, Serialize, ToSchema)]
pub struct StatementView {
    /// Which.
    #[schema(example = "1-8ca5ea4f9ec4b1bc")]
    pub fingerprint: String,
    /// Without literals; absent while no data plane has told it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Whether it reads the table.
    pub reads: bool,
    /// Whether it changes it.
    pub writes: bool,
    /// How often and how long.
    pub sums: SumsView,
    /// When it was last seen.
    pub last_seen_at: Timestamp,
}

/// A column that was used.
#[derive(Debug, Serialize, ToSchema)]
pub struct ColumnUseView {
    /// Its name.
    pub name: String,
    /// Statements that read it.
    pub reads: u64,
    /// Statements that changed it.
    pub writes: u64,
    /// When one of them was last seen.
    pub last_seen_at: Timestamp,
}

/// A join that was seen.
#[derive(Debug, Serialize, ToSchema)]
pub struct JoinView {
    /// The column of this table.
    pub column: String,
    /// The schema of the other table; absent where it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub with_schema: Option<String>,
    /// The other table.
    pub with_table: String,
    /// Its column.
    pub with_column: String,
    /// Whether the snapshot has the other table.
    pub is_known: bool,
    /// The other table's `key` in a list, where the snapshot has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub with_key: Option<String>,
    /// Whether a foreign key declares it.
    pub is_declared: bool,
    /// That foreign key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub foreign_key: Option<String>,
    /// Statements that made it.
    pub calls: u64,
    /// How many different ones.
    pub fingerprints: u64,
    /// When one of them was last seen.
    pub last_seen_at: Timestamp,
}

/// Microseconds of a minute.
const MINUTE_US: f64 = 60_000_000.0;

fn per_minute(count: u64, covered: Covered) -> f64 {
    let minutes = (covered.until - covered.from) as f64 / MINUTE_US;
    if minutes > 0.0 { count as f64 / minutes } else { 0.0 }
}

fn statement(statement: Statement) -> StatementView {
    let Statement { fingerprint, text, reads, writes, sums, last_seen_at } = statement;
    let (sums, last_seen_at) = (SumsView::of(&sums), Timestamp(last_seen_at));
    StatementView { fingerprint, text, reads, writes, sums, last_seen_at }
}

fn column(column: TableColumn) -> ColumnUseView {
    let TableColumn { column: name, reads, writes, last_seen_at } = column;
    ColumnUseView { name, reads, writes, last_seen_at: Timestamp(last_seen_at) }
}

fn join(join: Join) -> JoinView {
    let schema = join.with.schema.as_deref().unwrap_or_default();
    let key = join.is_known.then(|| ObjectKey::relation(schema, &join.with.name).bytes());
    JoinView {
        with_key: key.map(|key| encode(&key)),
        column: join.column,
        with_schema: join.with.schema,
        with_table: join.with.name,
        with_column: join.with_column,
        is_known: join.is_known,
        is_declared: join.foreign_key.is_some(),
        foreign_key: join.foreign_key,
        calls: join.calls,
        fingerprints: join.fingerprints,
        last_seen_at: Timestamp(join.last_seen_at),
    }
}

/// Says who read and changed a table, by which statements, which columns, and which joins were made, also where no
/// foreign key declares them: as far as its server's traffic passes a listener of the workspace.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/connections/{connection}/schema/objects/{key}/usage",
    operation_id = "show_table_usage", tag = "schema",
    params(InWorkspace, ("connection" = String, Path, description = "Which connection", format = Uuid), ("key" = String, Path, description = "The table's `key` in a list", min_length = 1, max_length = 16384), TableUsageQuery),
    responses((status = 200, description = "What was seen", body = TableUsageView)))]
pub async fn handle(
    operation: Operation,
    place: Path<(String, Id, String)>,
    Query(query): Query<TableUsageQuery>,
) -> Result<Json<TableUsageView>, Problem> {
    let Path((_, connection, text)) = place;
    let (key, range) = (key(&text)?, range(query.from, query.until)?);
    let only = query.column.as_deref().filter(|column| !column.is_empty());
    let seen = usage::of_table(&operation, connection, (&key, only), range).await?;
    let callers = seen.callers.iter();
    let callers = callers
        .map(|(caller, sums)| TableUserView { caller: CallerView::of(caller), sums: SumsView::of(sums) });
    Ok(Json(TableUsageView {
        listeners: seen.listeners,
        covered: CoveredView::of(seen.covered),
        reads: seen.reads,
        writes: seen.writes,
        reads_per_minute: per_minute(seen.reads, seen.covered),
        writes_per_minute: per_minute(seen.writes, seen.covered),
        last_seen_at: seen.last_seen_at.map(Timestamp),
        shares_name: seen.shares_name,
        callers: callers.collect(),
        statements: seen.statements.into_iter().map(statement).collect(),
        columns: seen.columns.into_iter().map(column).collect(),
        joins: seen.joins.into_iter().map(join).collect(),
    }))
}
