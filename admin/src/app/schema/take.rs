//! How does a snapshot get into the state: from a live database, or from a file?

use super::spans::span;
use crate::app::connections::{self, ConnectionOptions, OpenError};
use crate::operation::{Operation, Target};
use crate::plane::App;
use crate::problem::{Code, FieldProblem, Problem};
use admin_engines::schema::Options;
use admin_engines::schema::model::{Catalog, Object, ObjectKey};
use admin_engines::schema::upload::{RowError, from_csv, from_json};
use admin_engines::{EngineError, ErrorClass};
use admin_store::connections::Connection;
use admin_store::schema::{self, Cause, Ingested, NewEntry, NewMeasurement, NewSnapshot, Source};
use admin_store::{Id, StoreError, Tx, now_us};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::sync::SemaphorePermit;

/// Longest time a schema is read.
pub const LIMIT: Duration = Duration::from_secs(60);
/// Snapshots of one connection that are kept; and those that are pinned.
pub const KEPT: i64 = 50;
/// Schemas that are read at the same time: each is held in memory.
pub const AT_ONCE: usize = 2;
/// Longest wait for one of [`AT_ONCE`].
const TURN_LIMIT: Duration = Duration::from_secs(30);
/// Definitions in no snapshot that are forgotten at once.
const CLEARED_AT_ONCE: i64 = 5_000;
/// Attempts to keep a snapshot while definitions are being forgotten.
const ATTEMPTS: u32 = 3;

/// What became of a snapshot.
#[derive(Clone, Debug)]
pub struct Taken {
    /// The latest snapshot now.
    pub snapshot: schema::Snapshot,
    /// Whether the schema is another than before.
    pub is_new: bool,
}

/// Reads the schema now.
pub async fn take(operation: &Operation, id: Id) -> Result<Taken, Problem> {
    let known = connections::show(operation, id).await?;
    connections::may_use(operation, known.settings.environment)?;
    let new = read(&operation.app, &known, Cause::Manual).await?;
    keep_for(operation, &known, new).await
}

/// Takes in a schema that somebody uploaded: all of it or nothing.
pub async fn upload(operation: &Operation, id: Id, file: Vec<u8>, source: Source) -> Result<Taken, Problem> {
    let known = connections::show(operation, id).await?;
    let connection = known.id;
    let _turn = turn(&operation.app).await?;
    let reading = tokio::task::spawn_blocking(move || {
        let begun = std::time::Instant::now();
        let catalog = match source {
            Source::Csv => from_csv(&file),
            Source::Json | Source::Live => from_json(&file),
        };
        let catalog = catalog.map_err(|errors| refused(&file, source, &errors))?;
        let took = begun.elapsed();
        Ok::<NewSnapshot, Problem>(snapshot_of(catalog, connection, (source, Cause::Upload), took))
    });
    let new = reading.await.map_err(ended)??;
    keep_for(operation, &known, new).await
}

/// Waits until no more than [`AT_ONCE`] schemas are in memory.
async fn turn(app: &App) -> Result<SemaphorePermit<'_>, Problem> {
    let busy = |_| {
        Problem::new(Code::Unavailable, "other schemas are being read")
            .with_retry_after(10)
            .with_hint("try again")
    };
    tokio::time::timeout(TURN_LIMIT, app.reading.acquire()).await.map_err(busy)?.map_err(ended)
}

fn ended(error: impl std::fmt::Display) -> Problem {
    Problem::new(Code::Internal, "the schema was not read to its end").with_cause(error)
}

/// Each row that is wrong, by its line and its place.
fn refused(file: &[u8], source: Source, errors: &[RowError]) -> Problem {
    let errors = errors.iter().map(|error| FieldProblem {
        field: format!("line {}", error.line),
        message: match error.field.as_str() {
            "" => error.message.clone(),
            field => format!("{field}: {}", error.message),
        },
        hint: Some(error.hint.clone()).filter(|hint| !hint.is_empty()),
        span: span(file, source, error),
    });
    Problem::new(Code::Invalid, "the file has mistakes, so nothing of it was taken")
        .with_hint("`errors` says where; mend the file and send it again")
        .with_errors(errors)
}

/// Reads the schema of a database, within [`LIMIT`].
pub(super) async fn read(app: &App, known: &Connection, cause: Cause) -> Result<NewSnapshot, OpenError> {
    let _turn = turn(app).await?;
    let begun = std::time::Instant::now();
    let mut opened = connections::open_known(app, known.clone(), "dragoman schema").await?;
    let stated = ConnectionOptions::of(&known.settings);
    let options = Options {
        include: stated.schemas.unwrap_or_default(),
        exclude: stated.exclude_schemas.unwrap_or_default(),
        ..Options::default()
    };
    let Ok(read) = tokio::time::timeout(LIMIT, opened.connection.catalog(&options)).await else {
        let message = format!("the schema could not be read within {LIMIT:?}");
        return Err(EngineError::new(ErrorClass::Timeout, opened.connection.kind(), message).into());
    };
    let catalog = read?;
    opened.close().await;
    let (connection, took) = (known.id, begun.elapsed());
    let source = (Source::Live, cause);
    let making = tokio::task::spawn_blocking(move || snapshot_of(catalog, connection, source, took));
    Ok(making.await.map_err(ended)?)
}

/// A catalog as the state keeps it.
fn snapshot_of(
    catalog: Catalog,
    connection: Id,
    (source, cause): (Source, Cause),
    took: Duration,
) -> NewSnapshot {
    let engine = serde_json::to_value(catalog.engine).unwrap_or_default();
    NewSnapshot {
        connection,
        taken_at: now_us(),
        source,
        cause,
        engine: engine.as_str().unwrap_or_default().to_owned(),
        engine_version: catalog.version,
        duration_us: i64::try_from(took.as_micros()).unwrap_or(i64::MAX),
        warnings: serde_json::to_value(catalog.warnings).unwrap_or_else(|_| json!([])),
        entries: catalog.objects.into_iter().map(entry_of).collect(),
    }
}

/// What is kept as the definition is the object without what the server counted: just what its hash is of.
fn entry_of(mut object: Object) -> NewEntry {
    let measured = std::mem::take(&mut object.measurements);
    let signed = |count: Option<u64>| count.map(|count| i64::try_from(count).unwrap_or(i64::MAX));
    let measurement = (!measured.is_empty()).then(|| NewMeasurement {
        row_estimate: signed(measured.row_estimate),
        size_bytes: signed(measured.size_bytes),
        body: serde_json::to_value(&measured).unwrap_or(Value::Null),
    });
    let relation = object.relation();
    let columns =
        relation.map(|relation| relation.columns.iter().map(|column| column.name.clone()).collect());
    let parent = relation.and_then(|relation| relation.partition_of.as_ref());
    NewEntry {
        key: object.key().bytes(),
        kind: kind_word(&object),
        schema: object.schema.clone(),
        name: object.name.clone(),
        parent: parent.map(|of| ObjectKey::relation(&of.parent.schema, &of.parent.name).bytes()),
        hash: object.content_hash(),
        body: serde_json::to_value(&object).unwrap_or(Value::Null),
        columns: columns.unwrap_or_default(),
        comment: object.definition.comment.clone(),
        measurement,
    }
}

fn kind_word(object: &Object) -> String {
    let word = serde_json::to_value(object.kind).unwrap_or_default();
    word.as_str().unwrap_or_default().to_owned()
}

async fn keep_for(operation: &Operation, known: &Connection, new: NewSnapshot) -> Result<Taken, Problem> {
    let mut attempt = 1;
    loop {
        let mut change = operation.begin().await?;
        let ingested = match keep(&mut change.tx, &new).await {
            Err(StoreError::Busy) if attempt < ATTEMPTS => {
                attempt += 1;
                continue;
            }
            result => result?,
        };
        let snapshot = schema::get(&mut change.tx, known.workspace, ingested.id()).await?;
        let is_new = matches!(ingested, Ingested::New(_));
        let details = json!({
            "snapshot": snapshot.id, "objects": snapshot.object_count, "is_new": is_new,
            "source": new.source.word(), "cause": new.cause.word(),
        });
        let target = Target::new("connection", known.id, known.settings.name.clone());
        change.commit(target, details).await?;
        clear(&operation.app).await;
        return Ok(Taken { snapshot, is_new });
    }
}

/// Keeps a snapshot that nobody asked for.
pub(super) async fn keep_unasked(app: &App, new: &NewSnapshot) -> Result<Ingested, StoreError> {
    let mut attempt = 1;
    loop {
        let mut tx = app.store.write().await?;
        match keep(&mut tx, new).await {
            Err(StoreError::Busy) if attempt < ATTEMPTS => attempt += 1,
            Err(error) => return Err(error),
            Ok(ingested) => {
                tx.commit().await?;
                clear(app).await;
                return Ok(ingested);
            }
        }
    }
}

async fn keep(tx: &mut Tx, new: &NewSnapshot) -> Result<Ingested, StoreError> {
    let ingested = schema::insert_snapshot(tx, new).await?;
    schema::prune(tx, new.connection, KEPT).await?;
    Ok(ingested)
}

/// Forgets what only old snapshots had. When it fails the next snapshot does it.
async fn clear(app: &App) {
    let clearing = async {
        let mut tx = app.store.write().await?;
        let gone = schema::clear(&mut tx, CLEARED_AT_ONCE).await?;
        tx.commit().await?;
        Ok::<u64, StoreError>(gone)
    };
    if let Err(error) = clearing.await {
        tracing::debug!(%error, "old definitions are still there");
    }
}
