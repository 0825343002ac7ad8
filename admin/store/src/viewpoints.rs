//! Which pictures of a schema do people keep?
//!
//! A viewpoint is what a diagram shows of the schema behind a connection. Its picture is a document that only
//! whoever draws it reads.

use crate::insert::refused;
use crate::page::{Page, ask, page};
use crate::row::Values;
use crate::select::Select;
use crate::text::{key, storable};
use crate::{Id, Result, StoreError, Tx, now_us};
use serde_json::Value;
use sqlx::any::AnyRow;

const WHAT: &str = "viewpoint";

/// What a viewpoint is called and shows.
#[derive(Clone, Debug, PartialEq)]
pub struct ViewpointContent {
    /// What it is called: once for each connection, whatever the case.
    pub name: String,
    /// How many tables are in it.
    pub table_count: i64,
    /// What it shows.
    pub picture: Value,
}

/// A viewpoint without its picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Viewpoint {
    /// What it is found by.
    pub id: Id,
    /// Of which connection's schema.
    pub connection: Id,
    /// What it is called.
    pub name: String,
    /// How many tables are in it.
    pub table_count: i64,
    /// Who made it.
    pub created_by: Id,
    /// When.
    pub created_at: i64,
    /// Who changed it last.
    pub changed_by: Id,
    /// When.
    pub changed_at: i64,
    /// Which of its versions this is; what a change must name.
    pub version: i64,
}

const COLUMNS: &str = "SELECT v.id, v.connection, v.name, v.table_count, v.created_by, v.created_at, \
     v.changed_by, v.changed_at, v.version FROM viewpoints v ";

/// Keeps a viewpoint of a connection's schema.
pub async fn create(
    tx: &mut Tx,
    workspace: Id,
    connection: Id,
    content: &ViewpointContent,
    by: Id,
) -> Result<Viewpoint> {
    let picture = written(content)?;
    // The key refers to connections of any workspace; only one's own may be used.
    crate::connections::get(tx, workspace, connection).await?;
    let id = Id::new();
    sqlx::query(
        "INSERT INTO viewpoints (id, workspace, connection, name, name_key, table_count, picture, created_by, \
         created_at, changed_by, changed_at, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $8, $9, 1)",
    )
    .bind(id.bytes())
    .bind(workspace.bytes())
    .bind(connection.bytes())
    .bind(&content.name)
    .bind(key(&content.name))
    .bind(content.table_count)
    .bind(picture)
    .bind(by.bytes())
    .bind(now_us())
    .execute(tx.on())
    .await
    .map_err(refused(WHAT, "connection"))?;
    Ok(get(tx, workspace, id).await?.0)
}

/// The viewpoint of that id, and its picture.
pub async fn get(tx: &mut Tx, workspace: Id, id: Id) -> Result<(Viewpoint, Value)> {
    let row = sqlx::query(
        "SELECT v.id, v.connection, v.name, v.table_count, v.created_by, v.created_at, v.changed_by, \
         v.changed_at, v.version, v.picture FROM viewpoints v WHERE v.workspace = $1 AND v.id = $2",
    )
    .bind(workspace.bytes())
    .bind(id.bytes())
    .fetch_optional(tx.on())
    .await?
    .ok_or(StoreError::Missing(WHAT))?;
    Ok((read(&row)?, row.json("picture")?))
}

/// Those of a workspace, or of one of its connections, latest first. `before` is the `next` of the page
/// before.
pub async fn list(
    tx: &mut Tx,
    workspace: Id,
    connection: Option<Id>,
    before: Option<Id>,
    limit: i64,
) -> Result<Page<Viewpoint>> {
    let rows = Select::new(COLUMNS)
        .with("WHERE v.workspace = ", workspace.bytes(), "")
        .with(" AND v.id < ", before.unwrap_or(Id::greatest()).bytes(), "")
        .with_any(" AND v.connection = ", connection.map(Id::bytes))
        .with(" ORDER BY v.id DESC LIMIT ", ask(limit), "")
        .rows(tx)
        .await?;
    page(&rows, limit, read, |viewpoint| viewpoint.id)
}

/// How many a connection has.
pub async fn count(tx: &mut Tx, connection: Id) -> Result<i64> {
    let row = sqlx::query("SELECT COUNT(*) AS viewpoints FROM viewpoints WHERE connection = $1")
        .bind(connection.bytes())
        .fetch_one(tx.on())
        .await?;
    row.int("viewpoints")
}

/// Changes one; `version` is the one that was read. Gives the new one.
pub async fn update(
    tx: &mut Tx,
    workspace: Id,
    id: Id,
    version: i64,
    content: &ViewpointContent,
    by: Id,
) -> Result<Viewpoint> {
    let picture = written(content)?;
    get(tx, workspace, id).await?;
    let row = sqlx::query(
        "UPDATE viewpoints SET name = $1, name_key = $2, table_count = $3, picture = $4, changed_by = $5, \
         changed_at = $6, version = version + 1 WHERE workspace = $7 AND id = $8 AND version = $9 \
         RETURNING version",
    )
    .bind(&content.name)
    .bind(key(&content.name))
    .bind(content.table_count)
    .bind(picture)
    .bind(by.bytes())
    .bind(now_us())
    .bind(workspace.bytes())
    .bind(id.bytes())
    .bind(version)
    .fetch_optional(tx.on())
    .await
    .map_err(refused(WHAT, "connection"))?;
    row.ok_or(StoreError::Changed(WHAT))?;
    Ok(get(tx, workspace, id).await?.0)
}

/// Forgets one.
pub async fn delete(tx: &mut Tx, workspace: Id, id: Id, version: i64) -> Result<()> {
    get(tx, workspace, id).await?;
    let done = sqlx::query("DELETE FROM viewpoints WHERE workspace = $1 AND id = $2 AND version = $3")
        .bind(workspace.bytes())
        .bind(id.bytes())
        .bind(version)
        .execute(tx.on())
        .await?;
    if done.rows_affected() == 0 { Err(StoreError::Changed(WHAT)) } else { Ok(()) }
}

fn written(content: &ViewpointContent) -> Result<String> {
    storable(&[("name", &content.name)])?;
    Ok(content.picture.to_string())
}

fn read(row: &AnyRow) -> Result<Viewpoint> {
    Ok(Viewpoint {
        id: row.id("id")?,
        connection: row.id("connection")?,
        name: row.text("name")?,
        table_count: row.int("table_count")?,
        created_by: row.id("created_by")?,
        created_at: row.int("created_at")?,
        changed_by: row.id("changed_by")?,
        changed_at: row.int("changed_at")?,
        version: row.int("version")?,
    })
}
