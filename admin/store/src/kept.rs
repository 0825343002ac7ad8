//! How much is kept of a person, of each kind, and what of it is no part of the account itself?

mod duties;

use crate::page::{Page, ask, page};
use crate::row::Values;
use crate::{Id, Result, Tx};
use serde_json::{Value, json};
use sqlx::any::AnyRow;

/// One kind of thing that is kept of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Which, in a word of the API.
    pub kind: &'static str,
    /// How many.
    pub count: i64,
    /// The moment of the oldest, where they have one.
    pub since: Option<i64>,
}

/// Each kind with what counts it; a moment of 0 is none.
const KINDS: [(&str, &str); 18] = [
    ("sessions", "SELECT COUNT(*) AS n, MIN(created_at) AS since FROM sessions WHERE user_id = $1"),
    ("tokens", "SELECT COUNT(*) AS n, MIN(created_at) AS since FROM tokens WHERE user_id = $1"),
    ("identities", "SELECT COUNT(*) AS n, MIN(linked_at) AS since FROM identities WHERE user_id = $1"),
    ("memberships", "SELECT COUNT(*) AS n, MIN(joined_at) AS since FROM members WHERE user_id = $1"),
    (
        "invitations",
        "SELECT COUNT(*) AS n, MIN(created_at) AS since FROM invitations \
         WHERE email_key = (SELECT email_key FROM users WHERE id = $1)",
    ),
    ("principals", "SELECT COUNT(*) AS n, MIN(created_at) AS since FROM principals WHERE user_id = $1"),
    ("queries", "SELECT COUNT(*) AS n, MIN(created_at) AS since FROM saved_queries WHERE owner = $1"),
    ("runs", "SELECT COUNT(*) AS n, MIN(started_at) AS since FROM query_runs WHERE user_id = $1"),
    ("viewpoints", "SELECT COUNT(*) AS n, MIN(created_at) AS since FROM viewpoints WHERE created_by = $1"),
    // What they have read of notices, and how they want to be told in each workspace.
    (
        "notices",
        "SELECT (SELECT COUNT(*) FROM notice_marks WHERE user_id = $1) \
         + (SELECT COUNT(*) FROM notice_people WHERE user_id = $1) AS n, 0 AS since",
    ),
    ("favourites", "SELECT COUNT(*) AS n, MIN(0) AS since FROM favourites WHERE user_id = $1"),
    ("recent", "SELECT COUNT(*) AS n, MIN(opened_at) AS since FROM recent_items WHERE user_id = $1"),
    ("access_reviews", "SELECT COUNT(*) AS n, MIN(at) AS since FROM access_reviews WHERE user_id = $1"),
    // What groups of a sign-in service gave them.
    (
        "groups",
        "SELECT COUNT(*) AS n, MIN(given_at) AS since FROM (SELECT given_at FROM member_grants WHERE user_id = $1 \
         UNION ALL SELECT given_at FROM team_grants WHERE user_id = $1 \
         UNION ALL SELECT given_at FROM admin_grants WHERE user_id = $1) g",
    ),
    // Services and agents they answer for.
    (
        "machines",
        "SELECT COUNT(*) AS n, MIN(0) AS since FROM machines WHERE responsible = $1 AND deleted_at IS NULL",
    ),
    (
        "mode_changes",
        "SELECT COUNT(*) AS n, MIN(asked_at) AS since FROM mode_changes \
         WHERE asked_by = $1 OR decided_by = $1 OR ended_by = $1",
    ),
    (
        "restarts",
        "SELECT COUNT(*) AS n, MIN(asked_at) AS since FROM plane_restarts \
         WHERE asked_by = $1 OR cancelled_by = $1",
    ),
    ("activity", "SELECT COUNT(*) AS n, MIN(at) AS since FROM activity WHERE user_id = $1"),
];

/// How much is kept of a person.
pub async fn of_person(tx: &mut Tx, user: Id) -> Result<Vec<Kept>> {
    let mut all = Vec::new();
    for (kind, statement) in KINDS {
        let row = sqlx::query(statement).bind(user.bytes()).fetch_one(tx.on()).await?;
        let since = row.int_opt("since")?.filter(|since| *since > 0);
        all.push(Kept { kind, count: row.int("n")?, since });
    }
    Ok(all)
}

/// How they are told, and what they marked and opened, as a document: small things, of which there are few.
pub(crate) async fn documents(tx: &mut Tx, user: Id) -> Result<Value> {
    let mut documents = json!({
        "notices": told(tx, user).await?,
        "notice_marks": read(tx, user).await?,
        "favourites": marked(tx, user).await?,
        "recent": opened(tx, user).await?,
    });
    for (name, document) in duties::documents(tx, user).await? {
        documents[name] = document;
    }
    Ok(documents)
}

/// What a person wrote, of which there can be much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// Their saved queries.
    Queries,
    /// What they ran, with the texts.
    Runs,
    /// Their pictures of schemas.
    Viewpoints,
}

/// A part of what the person wrote, as documents, the earliest first. `after` is the `next` of the part before.
pub async fn written(
    tx: &mut Tx,
    what: Written,
    user: Id,
    after: Option<Id>,
    limit: i64,
) -> Result<Page<Value>> {
    let (statement, document): (_, fn(&AnyRow) -> Result<Value>) = match what {
        Written::Queries => (
            "SELECT id, workspace, title, description, text, visibility, created_at, changed_at \
             FROM saved_queries WHERE owner = $1 AND id > $2 ORDER BY id LIMIT $3",
            query,
        ),
        Written::Runs => (
            "SELECT id, workspace, connection, text, verdict, state, row_count, started_at, finished_at \
             FROM query_runs WHERE user_id = $1 AND id > $2 ORDER BY id LIMIT $3",
            run,
        ),
        Written::Viewpoints => (
            "SELECT id, workspace, connection, name, picture, created_at, changed_at \
             FROM viewpoints WHERE created_by = $1 AND id > $2 ORDER BY id LIMIT $3",
            viewpoint,
        ),
    };
    let rows = sqlx::query(statement)
        .bind(user.bytes())
        .bind(after.unwrap_or(Id::least_of(0)).bytes())
        .bind(ask(limit))
        .fetch_all(tx.on())
        .await?;
    let found = page(&rows, limit, |row| Ok((row.id("id")?, document(row)?)), |(id, _)| *id)?;
    Ok(Page { items: found.items.into_iter().map(|(_, document)| document).collect(), next: found.next })
}

fn query(row: &AnyRow) -> Result<Value> {
    Ok(json!({
        "id": row.id("id")?, "workspace": row.id("workspace")?, "title": row.text("title")?,
        "description": row.text("description")?, "text": row.text("text")?,
        "visibility": row.text("visibility")?, "created_at": row.int("created_at")?,
        "changed_at": row.int("changed_at")?,
    }))
}

fn run(row: &AnyRow) -> Result<Value> {
    Ok(json!({
        "id": row.id("id")?, "workspace": row.id("workspace")?, "connection": row.id("connection")?,
        "text": row.text("text")?, "verdict": row.text("verdict")?, "state": row.text("state")?,
        "rows": row.int("row_count")?, "started_at": row.int("started_at")?,
        "finished_at": row.int_opt("finished_at")?,
    }))
}

fn viewpoint(row: &AnyRow) -> Result<Value> {
    Ok(json!({
        "id": row.id("id")?, "workspace": row.id("workspace")?, "connection": row.id("connection")?,
        "name": row.text("name")?, "picture": row.text("picture")?,
        "created_at": row.int("created_at")?, "changed_at": row.int("changed_at")?,
    }))
}

/// How they want to be told in each workspace.
async fn told(tx: &mut Tx, user: Id) -> Result<Vec<Value>> {
    let rows = sqlx::query(
        "SELECT workspace, muted, wants_mail FROM notice_people WHERE user_id = $1 ORDER BY workspace",
    )
    .bind(user.bytes())
    .fetch_all(tx.on())
    .await?;
    rows.iter()
        .map(|row| {
            Ok(json!({
                "workspace": row.id("workspace")?, "muted": row.text("muted")?,
                "wants_mail": row.flag("wants_mail")?,
            }))
        })
        .collect()
}

/// Which notices they read, or want to read again.
async fn read(tx: &mut Tx, user: Id) -> Result<Vec<Value>> {
    let rows = sqlx::query("SELECT notice, is_read FROM notice_marks WHERE user_id = $1 ORDER BY notice")
        .bind(user.bytes())
        .fetch_all(tx.on())
        .await?;
    rows.iter()
        .map(|row| Ok(json!({ "notice": row.id("notice")?, "is_read": row.flag("is_read")? })))
        .collect()
}

async fn marked(tx: &mut Tx, user: Id) -> Result<Vec<Value>> {
    let rows = sqlx::query("SELECT workspace, kind, target FROM favourites WHERE user_id = $1 ORDER BY id")
        .bind(user.bytes())
        .fetch_all(tx.on())
        .await?;
    let document = |row| -> Result<Value> {
        let row: &AnyRow = row;
        Ok(
            json!({ "workspace": row.id("workspace")?, "kind": row.text("kind")?, "target": row.text("target")? }),
        )
    };
    rows.iter().map(document).collect()
}

async fn opened(tx: &mut Tx, user: Id) -> Result<Vec<Value>> {
    let rows = sqlx::query(
        "SELECT workspace, kind, target, opened_at FROM recent_items WHERE user_id = $1 ORDER BY opened_at DESC",
    )
    .bind(user.bytes())
    .fetch_all(tx.on())
    .await?;
    rows.iter()
        .map(|row| {
            Ok(json!({
                "workspace": row.id("workspace")?, "kind": row.text("kind")?, "target": row.text("target")?,
                "opened_at": row.int("opened_at")?,
            }))
        })
        .collect()
}
