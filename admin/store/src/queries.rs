//! Which queries do people keep, and what did they say before?

use crate::insert::refused;
use crate::page::{Page, ask, page};
use crate::row::Values;
use crate::select::Select;
use crate::text::{key, storable};
use crate::words::{word_in, words};
use crate::{Id, Result, StoreError, Tx, now_us};
use serde_json::Value;
use sqlx::any::AnyRow;

const WHAT: &str = "query";

words! {
    /// Who sees a saved query.
    Visibility {
        /// Its owner.
        Private = "private",
        /// Everybody in the workspace.
        Workspace = "workspace",
    }
}

/// What a saved query says.
#[derive(Clone, Debug, PartialEq)]
pub struct QueryContent {
    /// The connection it is meant for; `None` for any.
    pub connection: Option<Id>,
    /// What it is called.
    pub title: String,
    /// What it is for.
    pub description: String,
    /// The statement.
    pub text: String,
    /// Its parameters: their names, types and defaults.
    pub parameters: Value,
    /// How its result is drawn, in the words of whoever draws it; empty for no chart.
    pub chart: String,
    /// What it is found by. Two that differ in case are one; ordered without case.
    pub tags: Vec<String>,
    /// Who sees it.
    pub visibility: Visibility,
}

/// A saved query.
#[derive(Clone, Debug, PartialEq)]
pub struct SavedQuery {
    /// What it is found by.
    pub id: Id,
    /// Whose it is.
    pub workspace: Id,
    /// What it says.
    pub content: QueryContent,
    /// Who made it.
    pub owner: Id,
    /// When.
    pub created_at: i64,
    /// Who changed it last.
    pub changed_by: Id,
    /// When.
    pub changed_at: i64,
    /// Which of its versions this is; what a change must name.
    pub version: i64,
}

/// What a saved query once said.
#[derive(Clone, Debug, PartialEq)]
pub struct QueryVersion {
    /// 1 for the first.
    pub number: i64,
    /// What it was called.
    pub title: String,
    /// What it was for.
    pub description: String,
    /// The statement.
    pub text: String,
    /// Its parameters.
    pub parameters: Value,
    /// How its result was drawn; empty for no chart.
    pub chart: String,
    /// Who wrote it.
    pub changed_by: Id,
    /// When.
    pub changed_at: i64,
}

/// Which saved queries.
#[derive(Clone, Debug, Default)]
pub struct QueryFilter {
    /// Meant for this connection.
    pub connection: Option<Id>,
    /// With this tag, whatever its case.
    pub tag: Option<String>,
    /// Made by this person.
    pub owner: Option<Id>,
}

const COLUMNS: &str = "SELECT q.id, q.workspace, q.connection, q.title, q.description, q.text, \
     q.parameters, q.chart, q.visibility, q.owner, q.created_at, q.changed_by, q.changed_at, q.version \
     FROM saved_queries q ";

/// Keeps a query.
pub async fn create(tx: &mut Tx, workspace: Id, content: &QueryContent, by: Id) -> Result<SavedQuery> {
    check(tx, workspace, content).await?;
    let id = Id::new();
    sqlx::query(
        "INSERT INTO saved_queries (id, workspace, connection, title, description, text, parameters, \
         visibility, owner, created_at, changed_by, changed_at, version, chart) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $9, $10, 1, $11)",
    )
    .bind(id.bytes())
    .bind(workspace.bytes())
    .bind(content.connection.map(Id::bytes))
    .bind(&content.title)
    .bind(&content.description)
    .bind(&content.text)
    .bind(content.parameters.to_string())
    .bind(content.visibility.word())
    .bind(by.bytes())
    .bind(now_us())
    .bind(&content.chart)
    .execute(tx.on())
    .await
    .map_err(refused(WHAT, "workspace"))?;
    put_tags(tx, workspace, id, &content.tags).await?;
    keep_version(tx, id).await?;
    get(tx, workspace, id, by).await
}

/// The query of that id, if `reader` sees it.
pub async fn get(tx: &mut Tx, workspace: Id, id: Id, reader: Id) -> Result<SavedQuery> {
    let rows = Select::new(COLUMNS)
        .with("WHERE q.workspace = ", workspace.bytes(), "")
        .with(" AND q.id = ", id.bytes(), "")
        .with(" AND (q.visibility = 'workspace' OR q.owner = ", reader.bytes(), ")")
        .rows(tx)
        .await?;
    let mut query = read(rows.first().ok_or(StoreError::Missing(WHAT))?)?;
    query.content.tags = tags_of(tx, id).await?;
    Ok(query)
}

/// Those `reader` sees, latest first. `before` is the `next` of the page before.
pub async fn list(
    tx: &mut Tx,
    workspace: Id,
    reader: Id,
    filter: &QueryFilter,
    before: Option<Id>,
    limit: i64,
) -> Result<Page<SavedQuery>> {
    let mut select = Select::new(COLUMNS);
    if let Some(tag) = &filter.tag {
        select = select.with("JOIN query_tags t ON t.query = q.id AND t.tag_key = ", key(tag), " ");
    }
    let rows = select
        .with("WHERE q.workspace = ", workspace.bytes(), "")
        .with(" AND q.id < ", before.unwrap_or(Id::greatest()).bytes(), "")
        .with(" AND (q.visibility = 'workspace' OR q.owner = ", reader.bytes(), ")")
        .with_any(" AND q.connection = ", filter.connection.map(Id::bytes))
        .with_any(" AND q.owner = ", filter.owner.map(Id::bytes))
        .with(" ORDER BY q.id DESC LIMIT ", ask(limit), "")
        .rows(tx)
        .await?;
    let mut page = page(&rows, limit, read, |query| query.id)?;
    for query in &mut page.items {
        query.content.tags = tags_of(tx, query.id).await?;
    }
    Ok(page)
}

/// Changes what a query says; `version` is the one that was read. Gives the new one; who sees the query may
/// change it, whether by whom is the caller's to decide.
pub async fn update(
    tx: &mut Tx,
    workspace: Id,
    id: Id,
    version: i64,
    content: &QueryContent,
    by: Id,
) -> Result<SavedQuery> {
    check(tx, workspace, content).await?;
    get(tx, workspace, id, by).await?;
    let row = sqlx::query(
        "UPDATE saved_queries SET connection = $1, title = $2, description = $3, text = $4, \
         parameters = $5, visibility = $6, changed_by = $7, changed_at = $8, version = version + 1, \
         chart = $12 WHERE workspace = $9 AND id = $10 AND version = $11 RETURNING version",
    )
    .bind(content.connection.map(Id::bytes))
    .bind(&content.title)
    .bind(&content.description)
    .bind(&content.text)
    .bind(content.parameters.to_string())
    .bind(content.visibility.word())
    .bind(by.bytes())
    .bind(now_us())
    .bind(workspace.bytes())
    .bind(id.bytes())
    .bind(version)
    .bind(&content.chart)
    .fetch_optional(tx.on())
    .await?;
    row.ok_or(StoreError::Changed(WHAT))?;
    sqlx::query("DELETE FROM query_tags WHERE query = $1").bind(id.bytes()).execute(tx.on()).await?;
    put_tags(tx, workspace, id, &content.tags).await?;
    keep_version(tx, id).await?;
    get(tx, workspace, id, by).await
}

/// Forgets a query with all its versions. Runs of it stay.
pub async fn delete(tx: &mut Tx, workspace: Id, id: Id, version: i64, by: Id) -> Result<()> {
    get(tx, workspace, id, by).await?;
    let done = sqlx::query("DELETE FROM saved_queries WHERE workspace = $1 AND id = $2 AND version = $3")
        .bind(workspace.bytes())
        .bind(id.bytes())
        .bind(version)
        .execute(tx.on())
        .await?;
    if done.rows_affected() == 0 { Err(StoreError::Changed(WHAT)) } else { Ok(()) }
}

/// What a query said, latest first. `before` is the `next` of the page before. Whether the caller sees the
/// query is for [`get`] to say.
pub async fn versions(
    tx: &mut Tx,
    id: Id,
    before: Option<i64>,
    limit: i64,
) -> Result<Page<QueryVersion, i64>> {
    let rows = sqlx::query(
        "SELECT number, title, description, text, parameters, chart, changed_by, changed_at \
         FROM query_versions WHERE query = $1 AND number < $2 ORDER BY number DESC LIMIT $3",
    )
    .bind(id.bytes())
    .bind(before.unwrap_or(i64::MAX))
    .bind(ask(limit))
    .fetch_all(tx.on())
    .await?;
    let read = |row: &AnyRow| {
        Ok(QueryVersion {
            number: row.int("number")?,
            title: row.text("title")?,
            description: row.text("description")?,
            text: row.text("text")?,
            parameters: row.json("parameters")?,
            chart: row.text("chart")?,
            changed_by: row.id("changed_by")?,
            changed_at: row.int("changed_at")?,
        })
    };
    page(&rows, limit, read, |version| version.number)
}

/// The tags on the queries `reader` sees, without case, each with how many have it.
pub async fn tags(tx: &mut Tx, workspace: Id, reader: Id, limit: i64) -> Result<Vec<(String, i64)>> {
    let rows = sqlx::query(
        "SELECT t.tag_key, COUNT(*) AS queries, MIN(t.tag) AS tag FROM query_tags t \
         JOIN saved_queries q ON q.id = t.query WHERE t.workspace = $1 \
         AND (q.visibility = 'workspace' OR q.owner = $2) GROUP BY t.tag_key ORDER BY t.tag_key LIMIT $3",
    )
    .bind(workspace.bytes())
    .bind(reader.bytes())
    .bind(ask(limit) - 1)
    .fetch_all(tx.on())
    .await?;
    rows.iter().map(|row| Ok((row.text("tag")?, row.int("queries")?))).collect()
}

async fn check(tx: &mut Tx, workspace: Id, content: &QueryContent) -> Result<()> {
    storable(&[("title", &content.title), ("description", &content.description), ("text", &content.text)])?;
    storable(&[("chart", &content.chart)])?;
    for tag in &content.tags {
        storable(&[("tag", tag)])?;
    }
    match content.connection {
        // The key refers to connections of any workspace; only one's own may be used.
        Some(connection) => crate::connections::get(tx, workspace, connection).await.map(drop),
        None => Ok(()),
    }
}

async fn put_tags(tx: &mut Tx, workspace: Id, id: Id, tags: &[String]) -> Result<()> {
    for tag in tags {
        sqlx::query(
            "INSERT INTO query_tags (query, workspace, tag_key, tag) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (query, tag_key) DO NOTHING",
        )
        .bind(id.bytes())
        .bind(workspace.bytes())
        .bind(key(tag))
        .bind(tag)
        .execute(tx.on())
        .await?;
    }
    Ok(())
}

async fn tags_of(tx: &mut Tx, id: Id) -> Result<Vec<String>> {
    let rows = sqlx::query("SELECT tag FROM query_tags WHERE query = $1 ORDER BY tag_key")
        .bind(id.bytes())
        .fetch_all(tx.on())
        .await?;
    rows.iter().map(|row| row.text("tag")).collect()
}

/// Notes what the query says now as one of its versions.
async fn keep_version(tx: &mut Tx, id: Id) -> Result<()> {
    sqlx::query(
        "INSERT INTO query_versions (query, number, title, description, text, parameters, chart, \
         changed_by, changed_at) SELECT id, version, title, description, text, parameters, chart, \
         changed_by, changed_at FROM saved_queries WHERE id = $1",
    )
    .bind(id.bytes())
    .execute(tx.on())
    .await?;
    Ok(())
}

/// Without the tags.
fn read(row: &AnyRow) -> Result<SavedQuery> {
    Ok(SavedQuery {
        id: row.id("id")?,
        workspace: row.id("workspace")?,
        content: QueryContent {
            connection: row.id_opt("connection")?,
            title: row.text("title")?,
            description: row.text("description")?,
            text: row.text("text")?,
            parameters: row.json("parameters")?,
            chart: row.text("chart")?,
            tags: Vec::new(),
            visibility: word_in(row, "visibility", Visibility::from_word)?,
        },
        owner: row.id("owner")?,
        created_at: row.int("created_at")?,
        changed_by: row.id("changed_by")?,
        changed_at: row.int("changed_at")?,
        version: row.int("version")?,
    })
}
