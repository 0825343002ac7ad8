//! How does the schema of a known database look, how did it look before, and what is it used for?

pub mod changes;
pub mod dependents;
pub mod graph;
pub mod history;
pub mod joins;
pub mod refresh;
mod spans;
pub mod tables;
pub mod take;
pub mod usage;

use crate::operation::Operation;
use crate::problem::{Code, Problem};
use admin_store::connections::{self, Connection};
use admin_store::schema::{self, Entry, EntryFilter, Hit, HitCursor, SchemaGroup, Snapshot};
use admin_store::{Id, Page, Tx};
use serde_json::Value;

/// Longest text that is searched for, in characters.
pub const SEARCH_MAX: usize = 200;

/// A snapshot that is looked at, and what reads it.
#[derive(Debug)]
pub struct Looked {
    /// What is read is of one moment.
    pub tx: Tx,
    /// Of which connection.
    pub connection: Connection,
    /// Which.
    pub snapshot: Snapshot,
}

/// Begins to look at a snapshot of a connection: the latest where none is named.
pub async fn look(operation: &Operation, connection: Id, snapshot: Option<Id>) -> Result<Looked, Problem> {
    let workspace = operation.entered()?.workspace.id;
    let mut tx = operation.read().await?;
    let connection = connections::get(&mut tx, workspace, connection).await?;
    let snapshot = match snapshot {
        Some(id) => of_connection(&mut tx, &connection, id).await?,
        None => schema::latest(&mut tx, workspace, connection.id).await?.ok_or_else(none_yet)?,
    };
    Ok(Looked { tx, connection, snapshot })
}

fn none_yet() -> Problem {
    Problem::new(Code::NotFound, "there is no snapshot of this schema yet")
        .with_hint("take one with `POST …/schema/snapshots`, or upload one with `POST …/schema/upload`")
}

/// A snapshot, if it is one of this connection.
async fn of_connection(tx: &mut Tx, connection: &Connection, id: Id) -> Result<Snapshot, Problem> {
    let snapshot = schema::get(tx, connection.workspace, id).await?;
    if snapshot.connection == connection.id { Ok(snapshot) } else { Err(Problem::not_found("snapshot")) }
}

/// The snapshots of a connection, the latest first.
pub async fn snapshots(
    operation: &Operation,
    connection: Id,
    before: Option<Id>,
    limit: u32,
) -> Result<Page<Snapshot>, Problem> {
    let workspace = operation.entered()?.workspace.id;
    let mut tx = operation.read().await?;
    connections::get(&mut tx, workspace, connection).await?;
    let page = schema::list(&mut tx, workspace, connection, before, limit.into()).await?;
    tx.commit().await?;
    Ok(page)
}

/// How many objects of which kind each schema has.
pub async fn tree(
    looked: &mut Looked,
    after: Option<i64>,
    limit: u32,
) -> Result<Page<SchemaGroup, i64>, Problem> {
    Ok(schema::groups(&mut looked.tx, looked.snapshot.id, after, limit.into()).await?)
}

/// Objects without their definitions, by schema, name and kind.
pub async fn objects(
    looked: &mut Looked,
    filter: &EntryFilter,
    after: Option<i64>,
    limit: u32,
) -> Result<Page<Entry, i64>, Problem> {
    Ok(schema::entries(&mut looked.tx, looked.snapshot.id, filter, after, limit.into()).await?)
}

/// What has columns.
const WITH_COLUMNS: [&str; 5] = ["table", "partitioned_table", "foreign_table", "view", "materialized_view"];

/// Relations with the names of their columns, by schema and name.
pub async fn names(
    looked: &mut Looked,
    after: Option<i64>,
    limit: u32,
) -> Result<Page<(Entry, Vec<String>), i64>, Problem> {
    let filter = EntryFilter { kinds: WITH_COLUMNS.map(str::to_owned).to_vec(), ..EntryFilter::default() };
    let page = objects(looked, &filter, after, limit).await?;
    let hashes: Vec<_> = page.items.iter().map(|entry| entry.hash).collect();
    let definitions = schema::definitions(&mut looked.tx, &hashes).await?;
    let with_columns = |entry: Entry| {
        let columns = definitions.get(&entry.hash).map(columns_of).unwrap_or_default();
        (entry, columns)
    };
    Ok(Page { items: page.items.into_iter().map(with_columns).collect(), next: page.next })
}

/// The names of a definition's columns, in their order.
fn columns_of(definition: &Value) -> Vec<String> {
    let columns = definition.pointer("/definition/detail/relation/columns").and_then(Value::as_array);
    let name = |column: &Value| column.get("name").and_then(Value::as_str).map(str::to_owned);
    columns.into_iter().flatten().filter_map(name).collect()
}

/// What belongs to the object of that key, such as the partitions of a table.
pub async fn parts(
    looked: &mut Looked,
    key: &[u8],
    after: Option<i64>,
    limit: u32,
) -> Result<Page<Entry, i64>, Problem> {
    Ok(schema::children(&mut looked.tx, looked.snapshot.id, key, after, limit.into()).await?)
}

/// Objects in whose names, or whose columns' names, all words stand.
pub async fn search(
    looked: &mut Looked,
    words: &str,
    after: Option<HitCursor>,
    limit: u32,
) -> Result<Page<Hit, HitCursor>, Problem> {
    if words.trim().is_empty() || words.chars().count() > SEARCH_MAX {
        return Err(Problem::invalid("words", format!("must have from 1 to {SEARCH_MAX} characters")));
    }
    Ok(schema::search(&mut looked.tx, looked.snapshot.id, words, after, limit.into()).await?)
}

/// One object: its entry, what is decided about it, and what the server counted.
pub async fn object(looked: &mut Looked, key: &[u8]) -> Result<(Entry, Value, Option<Value>), Problem> {
    Ok(schema::object(&mut looked.tx, looked.snapshot.id, key).await?)
}

/// How many objects of each kind a snapshot has.
pub async fn counts(looked: &mut Looked) -> Result<Vec<(String, i64)>, Problem> {
    Ok(schema::count(&mut looked.tx, looked.snapshot.id).await?)
}
