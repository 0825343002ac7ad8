//! How does one statement run on a SQLite file?
//!
//! On a thread that may block. Values have types of their own in SQLite: a column's kind is what its
//! declared type promises, and a cell that does not keep the promise comes as what it is.

use super::guard::Question;
use crate::cell::{Cell, CellKind, Column};
use crate::error::{EngineError, ErrorClass, from_sqlite};
use crate::run::{Plan, PlanFormat, RunEvent, RunRequest, RunSummary, Truncation};
use crate::stream::Feed;
use crate::target::Kind;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Statement};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::mpsc;

/// How often a thread that waits for a slow reader looks whether it is to stop.
const LOOK_AROUND: Duration = Duration::from_millis(50);
/// Deepest plan that is shown as a tree.
const PLAN_DEPTH_MAX: usize = 64;

pub(super) fn run(
    connection: &Connection,
    request: &RunRequest,
    events: &mpsc::Sender<RunEvent>,
    question: &Question,
    runtime: &Handle,
) -> Result<RunSummary, EngineError> {
    let mut feed = Feed::new(Kind::Sqlite, request, events);
    let mut statement = prepare(connection, request)?;
    let columns: Vec<Column> = statement
        .columns()
        .iter()
        .map(|column| Column {
            name: column.name().to_owned(),
            type_name: column.decl_type().unwrap_or_default().to_owned(),
            kind: kind(column.decl_type()),
        })
        .collect();
    let kinds: Vec<CellKind> = columns.iter().map(|column| column.kind).collect();
    wait(runtime, question, feed.columns(columns))?;
    let mut truncated = None;
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next().map_err(|error| from_sqlite(&error))? {
        if feed.is_full() {
            truncated = Some(Truncation::Rows);
            break;
        }
        let mut cells = Vec::with_capacity(kinds.len());
        for (at, kind) in kinds.iter().enumerate() {
            let value = row.get_ref(at).map_err(|error| from_sqlite(&error))?;
            if length(value) > feed.bytes_left() {
                truncated = Some(Truncation::Bytes);
                break;
            }
            cells.push(cell(*kind, value));
        }
        truncated = truncated.or_else(|| feed.take(cells));
        if truncated.is_some() {
            break;
        }
        if feed.wants_flush() {
            wait(runtime, question, feed.flush())?;
        }
    }
    wait(runtime, question, feed.done(None, truncated))
}

pub(super) fn explain(connection: &Connection, request: &RunRequest) -> Result<Plan, EngineError> {
    let prefix = "EXPLAIN QUERY PLAN ";
    let explaining = RunRequest { sql: format!("{prefix}{}", request.sql), ..request.clone() };
    let moved = |error: EngineError| {
        let position = error.position();
        error.with_position(position.and_then(|position| position.checked_sub(prefix.len() as u32)))
    };
    let mut statement = prepare(connection, &explaining).map_err(moved)?;
    let mut rows = statement.raw_query();
    let mut nodes: Vec<(i64, i64, String)> = Vec::new();
    while let Some(row) = rows.next().map_err(|error| from_sqlite(&error))? {
        let read = || Ok((row.get(0)?, row.get(1)?, row.get(3)?));
        nodes.push(read().map_err(|error: rusqlite::Error| from_sqlite(&error))?);
        if nodes.len() as u64 >= request.rows_max {
            return Err(EngineError::new(
                ErrorClass::Limit,
                Kind::Sqlite,
                "the plan is too large to be shown",
            ));
        }
    }
    Ok(Plan { format: PlanFormat::Sqlite, json: json!({ "nodes": children(&nodes, 0, PLAN_DEPTH_MAX) }) })
}

fn children(nodes: &[(i64, i64, String)], parent: i64, depth: usize) -> Vec<Value> {
    let Some(depth) = depth.checked_sub(1) else { return Vec::new() };
    nodes
        .iter()
        .filter(|(id, of, _)| *of == parent && *id != parent)
        .map(|(id, _, detail)| json!({ "id": id, "detail": detail, "children": children(nodes, *id, depth) }))
        .collect()
}

/// The one statement of the text, with its parameters.
fn prepare<'c>(connection: &'c Connection, request: &RunRequest) -> Result<Statement<'c>, EngineError> {
    let mut statement = connection.prepare(&request.sql).map_err(|error| from_sqlite(&error))?;
    if statement.column_count() == 0 && statement.expanded_sql().is_none() {
        return Err(EngineError::new(ErrorClass::Statement, Kind::Sqlite, "there is no statement"));
    }
    if statement.column_count() == 0 {
        return Err(crate::stream::no_query(Kind::Sqlite));
    }
    // A second look at what the authorizer has let through.
    if !statement.readonly() {
        let message = "SQLite files are only read: the statement does something else";
        return Err(EngineError::new(ErrorClass::Permission, Kind::Sqlite, message));
    }
    let needed = statement.parameter_count();
    let given = request.parameters.len();
    if needed != given {
        let message = format!("the statement has {needed} parameters and {given} were given");
        return Err(EngineError::new(ErrorClass::Statement, Kind::Sqlite, message));
    }
    for (at, parameter) in request.parameters.iter().enumerate() {
        statement
            .raw_bind_parameter(at + 1, bound(parameter.as_deref()))
            .map_err(|error| from_sqlite(&error))?;
    }
    Ok(statement)
}

/// SQLite compares a number with a text that looks like one as different values unless a column's
/// type converts it: a parameter that is written like a number is bound as one.
fn bound(parameter: Option<&str>) -> rusqlite::types::Value {
    use rusqlite::types::Value as Bound;
    let Some(text) = parameter else { return Bound::Null };
    if let Ok(integer) = text.parse::<i64>()
        && integer.to_string() == text
    {
        return Bound::Integer(integer);
    }
    match text.parse::<f64>() {
        Ok(float) if float.is_finite() && float.to_string() == text => Bound::Real(float),
        _ => Bound::Text(text.to_owned()),
    }
}

/// Waits for a reader, as long as the statement may go on.
fn wait<T>(
    runtime: &Handle,
    question: &Question,
    work: impl Future<Output = Result<T, EngineError>>,
) -> Result<T, EngineError> {
    runtime.block_on(async {
        let mut work = std::pin::pin!(work);
        loop {
            if let Ok(result) = tokio::time::timeout(LOOK_AROUND, &mut work).await {
                return result;
            }
            if question.is_over() {
                return Err(crate::stream::gone(Kind::Sqlite));
            }
        }
    })
}

/// What a declared type promises (SQLite's rules of affinity, and the words people use).
fn kind(declared: Option<&str>) -> CellKind {
    let Some(declared) = declared else { return CellKind::Any };
    let declared = declared.to_ascii_uppercase();
    let has = |word: &str| declared.contains(word);
    match declared.as_str() {
        "BOOLEAN" | "BOOL" => CellKind::Boolean,
        "DATE" => CellKind::Date,
        "DATETIME" | "TIMESTAMP" => CellKind::Timestamp,
        "JSON" => CellKind::Json,
        "UUID" => CellKind::Uuid,
        "" | "ANY" => CellKind::Any,
        _ if has("INT") => CellKind::Integer,
        _ if has("CHAR") || has("CLOB") || has("TEXT") => CellKind::Text,
        _ if has("BLOB") => CellKind::Bytes,
        _ if has("REAL") || has("FLOA") || has("DOUB") => CellKind::Float,
        _ => CellKind::Any,
    }
}

fn length(value: ValueRef<'_>) -> u64 {
    match value {
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes.len() as u64,
        ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) => 8,
    }
}

fn cell(kind: CellKind, value: ValueRef<'_>) -> Cell {
    match value {
        ValueRef::Null => Cell::Null,
        ValueRef::Integer(0) if kind == CellKind::Boolean => Cell::Boolean(false),
        ValueRef::Integer(1) if kind == CellKind::Boolean => Cell::Boolean(true),
        ValueRef::Integer(value) if kind == CellKind::Float => Cell::Float(value as f64),
        ValueRef::Integer(value) => Cell::Integer(value),
        ValueRef::Real(value) => Cell::Float(value),
        ValueRef::Blob(bytes) => Cell::Bytes(bytes.to_vec()),
        ValueRef::Text(bytes) => {
            let Ok(text) = std::str::from_utf8(bytes) else { return Cell::Bytes(bytes.to_vec()) };
            match kind {
                CellKind::Date | CellKind::Timestamp | CellKind::Json | CellKind::Uuid => {
                    Cell::read(kind, text)
                }
                _ => Cell::Text(text.to_owned()),
            }
        }
    }
}
