//! Which rule sets are written in a workspace, what is being written, and which versions were published?
//!
//! A rule set has at most one draft, which people edit, and versions, which nobody can change. Publishing
//! makes the draft the next version; rolling back makes the text of an earlier one the next.

use crate::insert::refused;
use crate::page::{Page, ask, page};
use crate::row::Values;
use crate::text::{key, storable};
use crate::{Id, Result, StoreError, Tx, now_us};
use sqlx::any::AnyRow;

const WHAT: &str = "rule set";

/// A rule set, without its texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleSet {
    /// What it is found by.
    pub id: Id,
    /// Whose it is.
    pub workspace: Id,
    /// Unique in the workspace, whatever the case of its letters.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// The version that is published, which is the latest.
    pub published: Option<i64>,
    /// What a change of the draft must name; grows with each.
    pub draft_version: i64,
    /// When the draft was last changed; `None` while there is none.
    pub draft_at: Option<i64>,
    /// Who made it.
    pub created_by: Id,
    /// When.
    pub created_at: i64,
    /// When anything of it changed last.
    pub changed_at: i64,
    /// What a change of name or description must name.
    pub version: i64,
}

/// What somebody is writing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// The document.
    pub text: String,
    /// Its test cases.
    pub cases: String,
    /// The version it was begun from; 0 for none.
    pub base: i64,
    /// Who changed it last.
    pub changed_by: Id,
    /// When.
    pub changed_at: i64,
    /// What the next change must name.
    pub draft_version: i64,
}

/// A published version, without its texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleSetVersion {
    /// 1 for the first.
    pub number: i64,
    /// What its author said about it.
    pub note: String,
    /// The earlier version whose text this is, when somebody rolled back.
    pub copy_of: Option<i64>,
    /// Who published it.
    pub author: Id,
    /// When.
    pub created_at: i64,
}

/// The texts of a published version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// The rule set.
    pub id: Id,
    /// Its name.
    pub name: String,
    /// Which version.
    pub number: i64,
    /// The document.
    pub text: String,
    /// Its test cases.
    pub cases: String,
    /// Who published it.
    pub author: Id,
}

macro_rules! select {
    () => {
        "SELECT r.id, r.workspace, r.name, r.description, r.published, r.draft_version, \
         d.changed_at AS draft_at, r.created_by, r.created_at, r.changed_at, r.version \
         FROM rule_sets r LEFT JOIN rule_set_drafts d ON d.rule_set = r.id "
    };
}

/// Makes a rule set without a text.
pub async fn create(tx: &mut Tx, workspace: Id, name: &str, description: &str, by: Id) -> Result<RuleSet> {
    storable(&[("name", name), ("description", description)])?;
    let id = Id::new();
    sqlx::query(
        "INSERT INTO rule_sets (id, workspace, name, name_key, description, published, draft_version, \
         created_by, created_at, changed_at, version) VALUES ($1, $2, $3, $4, $5, 0, 0, $6, $7, $7, 1)",
    )
    .bind(id.bytes())
    .bind(workspace.bytes())
    .bind(name)
    .bind(key(name))
    .bind(description)
    .bind(by.bytes())
    .bind(now_us())
    .execute(tx.on())
    .await
    .map_err(refused(WHAT, "workspace"))?;
    get(tx, workspace, id).await
}

/// The rule set of that id, if it is the workspace's.
pub async fn get(tx: &mut Tx, workspace: Id, id: Id) -> Result<RuleSet> {
    let row = sqlx::query(concat!(select!(), "WHERE r.workspace = $1 AND r.id = $2"))
        .bind(workspace.bytes())
        .bind(id.bytes())
        .fetch_optional(tx.on())
        .await?;
    read(&row.ok_or(StoreError::Missing(WHAT))?)
}

/// The rule set of that name.
pub async fn by_name(tx: &mut Tx, workspace: Id, name: &str) -> Result<Option<RuleSet>> {
    let row = sqlx::query(concat!(select!(), "WHERE r.workspace = $1 AND r.name_key = $2"))
        .bind(workspace.bytes())
        .bind(key(name))
        .fetch_optional(tx.on())
        .await?;
    row.as_ref().map(read).transpose()
}

/// Those of a workspace, by name. `after` is the `next` of the page before.
pub async fn list(
    tx: &mut Tx,
    workspace: Id,
    after: Option<Vec<u8>>,
    limit: i64,
) -> Result<Page<RuleSet, Vec<u8>>> {
    let rows = sqlx::query(concat!(
        select!(),
        "WHERE r.workspace = $1 AND r.name_key > $2 ORDER BY r.name_key LIMIT $3"
    ))
    .bind(workspace.bytes())
    .bind(after.unwrap_or_default())
    .bind(ask(limit))
    .fetch_all(tx.on())
    .await?;
    page(&rows, limit, read, |rule_set| key(&rule_set.name))
}

/// What a change of a rule set itself says.
#[derive(Clone, Copy, Debug)]
pub struct RuleSetChange<'a> {
    /// Its name from now on.
    pub name: &'a str,
    /// What it is for.
    pub description: &'a str,
}

/// Changes name and description; `version` is the one that was read.
pub async fn update(
    tx: &mut Tx,
    workspace: Id,
    id: Id,
    version: i64,
    change: RuleSetChange<'_>,
) -> Result<RuleSet> {
    storable(&[("name", change.name), ("description", change.description)])?;
    let row = sqlx::query(
        "UPDATE rule_sets SET name = $1, name_key = $2, description = $3, changed_at = $4, \
         version = version + 1 WHERE workspace = $5 AND id = $6 AND version = $7 RETURNING version",
    )
    .bind(change.name)
    .bind(key(change.name))
    .bind(change.description)
    .bind(now_us())
    .bind(workspace.bytes())
    .bind(id.bytes())
    .bind(version)
    .fetch_optional(tx.on())
    .await
    .map_err(refused(WHAT, WHAT))?;
    let found = get(tx, workspace, id).await?;
    row.map(|_| found).ok_or(StoreError::Changed(WHAT))
}

/// Removes it with all its versions, unless it is published for a listener.
pub async fn delete(tx: &mut Tx, workspace: Id, id: Id, version: i64) -> Result<()> {
    get(tx, workspace, id).await?;
    let done = sqlx::query("DELETE FROM rule_sets WHERE workspace = $1 AND id = $2 AND version = $3")
        .bind(workspace.bytes())
        .bind(id.bytes())
        .bind(version)
        .execute(tx.on())
        .await
        .map_err(|error| match StoreError::from(error) {
            StoreError::Missing(_) => StoreError::InUse(WHAT),
            other => other,
        })?;
    if done.rows_affected() == 0 { Err(StoreError::Changed(WHAT)) } else { Ok(()) }
}

/// The draft, if there is one.
pub async fn draft(tx: &mut Tx, workspace: Id, id: Id) -> Result<Option<Draft>> {
    let row = sqlx::query(
        "SELECT d.text, d.cases, d.base, d.changed_by, d.changed_at, r.draft_version \
         FROM rule_sets r JOIN rule_set_drafts d ON d.rule_set = r.id WHERE r.workspace = $1 AND r.id = $2",
    )
    .bind(workspace.bytes())
    .bind(id.bytes())
    .fetch_optional(tx.on())
    .await?;
    row.map(|row| {
        Ok(Draft {
            text: row.text("text")?,
            cases: row.text("cases")?,
            base: row.int("base")?,
            changed_by: row.id("changed_by")?,
            changed_at: row.int("changed_at")?,
            draft_version: row.int("draft_version")?,
        })
    })
    .transpose()
}

/// What a draft says from now on.
#[derive(Clone, Copy, Debug)]
pub struct DraftChange<'a> {
    /// The document.
    pub text: &'a str,
    /// Its test cases.
    pub cases: &'a str,
    /// The version it continues; 0 for none. It can be published while that one is.
    pub base: i64,
    /// Who writes.
    pub by: Id,
}

/// Writes the draft; `draft_version` is the one of the rule set that was read. Gives the next.
pub async fn save_draft(
    tx: &mut Tx,
    workspace: Id,
    id: Id,
    draft_version: i64,
    change: DraftChange<'_>,
) -> Result<i64> {
    storable(&[("text", change.text), ("cases", change.cases)])?;
    let (_, next) = turn_draft(tx, workspace, id, draft_version, 0).await?;
    sqlx::query(
        "INSERT INTO rule_set_drafts (rule_set, text, cases, base, changed_by, changed_at) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (rule_set) DO UPDATE SET text = excluded.text, \
         cases = excluded.cases, base = excluded.base, changed_by = excluded.changed_by, \
         changed_at = excluded.changed_at",
    )
    .bind(id.bytes())
    .bind(change.text)
    .bind(change.cases)
    .bind(change.base)
    .bind(change.by.bytes())
    .bind(now_us())
    .execute(tx.on())
    .await?;
    Ok(next)
}

/// Throws the draft away.
pub async fn discard_draft(tx: &mut Tx, workspace: Id, id: Id, draft_version: i64) -> Result<()> {
    turn_draft(tx, workspace, id, draft_version, 0).await?;
    drop_draft(tx, id).await
}

/// Makes the draft the next version and gives its number. A draft that continues another version than the
/// published one is refused as changed: its author has not seen what is in force.
pub async fn publish(
    tx: &mut Tx,
    workspace: Id,
    id: Id,
    draft_version: i64,
    note: &str,
    by: Id,
) -> Result<i64> {
    storable(&[("note", note)])?;
    let (number, _) = turn_draft(tx, workspace, id, draft_version, 1).await?;
    let draft = draft(tx, workspace, id).await?.ok_or(StoreError::Missing("draft"))?;
    if draft.base + 1 != number {
        return Err(StoreError::Changed(WHAT));
    }
    let version = NewVersion { number, text: &draft.text, cases: &draft.cases, note, copy_of: 0, by };
    insert_version(tx, id, version).await?;
    drop_draft(tx, id).await?;
    Ok(number)
}

/// Publishes the text of version `number` again, as the next version, and gives its number. `published` is
/// the version in force that was read. The draft stays as it is.
pub async fn roll_back(
    tx: &mut Tx,
    workspace: Id,
    id: Id,
    published: i64,
    number: i64,
    author: VersionAuthor<'_>,
) -> Result<i64> {
    storable(&[("note", author.note)])?;
    let old = version(tx, workspace, id, number).await?;
    let row = sqlx::query(
        "UPDATE rule_sets SET published = published + 1, changed_at = $1 \
         WHERE workspace = $2 AND id = $3 AND published = $4 RETURNING published",
    )
    .bind(now_us())
    .bind(workspace.bytes())
    .bind(id.bytes())
    .bind(published)
    .fetch_optional(tx.on())
    .await?;
    let next = row.ok_or(StoreError::Changed(WHAT))?.int("published")?;
    let version = NewVersion {
        number: next,
        text: &old.text,
        cases: &old.cases,
        note: author.note,
        copy_of: number,
        by: author.by,
    };
    insert_version(tx, id, version).await?;
    Ok(next)
}

/// Who rolls back, and why.
#[derive(Clone, Copy, Debug)]
pub struct VersionAuthor<'a> {
    /// Who.
    pub by: Id,
    /// Why.
    pub note: &'a str,
}

/// The versions, latest first. `before` is the `next` of the page before.
pub async fn versions(
    tx: &mut Tx,
    workspace: Id,
    id: Id,
    before: Option<i64>,
    limit: i64,
) -> Result<Page<RuleSetVersion, i64>> {
    let rows = sqlx::query(
        "SELECT v.number, v.note, v.copy_of, v.author, v.created_at FROM rule_set_versions v \
         JOIN rule_sets r ON r.id = v.rule_set \
         WHERE r.workspace = $1 AND v.rule_set = $2 AND v.number < $3 ORDER BY v.number DESC LIMIT $4",
    )
    .bind(workspace.bytes())
    .bind(id.bytes())
    .bind(before.unwrap_or(i64::MAX))
    .bind(ask(limit))
    .fetch_all(tx.on())
    .await?;
    let read = |row: &AnyRow| {
        Ok(RuleSetVersion {
            number: row.int("number")?,
            note: row.text("note")?,
            copy_of: Some(row.int("copy_of")?).filter(|number| *number > 0),
            author: row.id("author")?,
            created_at: row.int("created_at")?,
        })
    };
    page(&rows, limit, read, |version| version.number)
}

macro_rules! select_published {
    () => {
        "SELECT r.id, r.name, v.number, v.text, v.cases, v.author FROM rule_sets r \
         JOIN rule_set_versions v ON v.rule_set = r.id "
    };
}

/// The texts of one version.
pub async fn version(tx: &mut Tx, workspace: Id, id: Id, number: i64) -> Result<Published> {
    let row =
        sqlx::query(concat!(select_published!(), "WHERE r.workspace = $1 AND r.id = $2 AND v.number = $3"))
            .bind(workspace.bytes())
            .bind(id.bytes())
            .bind(number)
            .fetch_optional(tx.on())
            .await?;
    read_published(&row.ok_or(StoreError::Missing("version"))?)
}

/// The published texts of a workspace, by name: what is included is among them.
pub async fn published(tx: &mut Tx, workspace: Id) -> Result<Vec<Published>> {
    let rows = sqlx::query(concat!(
        select_published!(),
        "AND v.number = r.published WHERE r.workspace = $1 ORDER BY r.name_key"
    ))
    .bind(workspace.bytes())
    .fetch_all(tx.on())
    .await?;
    rows.iter().map(read_published).collect()
}

struct NewVersion<'a> {
    number: i64,
    text: &'a str,
    cases: &'a str,
    note: &'a str,
    copy_of: i64,
    by: Id,
}

async fn insert_version(tx: &mut Tx, id: Id, version: NewVersion<'_>) -> Result<()> {
    sqlx::query(
        "INSERT INTO rule_set_versions (rule_set, number, text, cases, note, copy_of, author, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(id.bytes())
    .bind(version.number)
    .bind(version.text)
    .bind(version.cases)
    .bind(version.note)
    .bind(version.copy_of)
    .bind(version.by.bytes())
    .bind(now_us())
    .execute(tx.on())
    .await
    .map_err(refused("version", WHAT))?;
    Ok(())
}

/// Takes the draft's turn: nobody else changes it until the end of the transaction. Gives the number of the
/// published version, which moves by `versions`, and the next version of the draft.
async fn turn_draft(tx: &mut Tx, workspace: Id, id: Id, expected: i64, versions: i64) -> Result<(i64, i64)> {
    let row = sqlx::query(
        "UPDATE rule_sets SET draft_version = draft_version + 1, published = published + $1, \
         changed_at = $2 WHERE workspace = $3 AND id = $4 AND draft_version = $5 \
         RETURNING published, draft_version",
    )
    .bind(versions)
    .bind(now_us())
    .bind(workspace.bytes())
    .bind(id.bytes())
    .bind(expected)
    .fetch_optional(tx.on())
    .await?;
    match row {
        Some(row) => Ok((row.int("published")?, row.int("draft_version")?)),
        None => {
            get(tx, workspace, id).await?;
            Err(StoreError::Changed("draft"))
        }
    }
}

async fn drop_draft(tx: &mut Tx, id: Id) -> Result<()> {
    let done = sqlx::query("DELETE FROM rule_set_drafts WHERE rule_set = $1")
        .bind(id.bytes())
        .execute(tx.on())
        .await?;
    if done.rows_affected() == 0 { Err(StoreError::Missing("draft")) } else { Ok(()) }
}

fn read(row: &AnyRow) -> Result<RuleSet> {
    Ok(RuleSet {
        id: row.id("id")?,
        workspace: row.id("workspace")?,
        name: row.text("name")?,
        description: row.text("description")?,
        published: Some(row.int("published")?).filter(|number| *number > 0),
        draft_version: row.int("draft_version")?,
        draft_at: row.int_opt("draft_at")?,
        created_by: row.id("created_by")?,
        created_at: row.int("created_at")?,
        changed_at: row.int("changed_at")?,
        version: row.int("version")?,
    })
}

fn read_published(row: &AnyRow) -> Result<Published> {
    Ok(Published {
        id: row.id("id")?,
        name: row.text("name")?,
        number: row.int("number")?,
        text: row.text("text")?,
        cases: row.text("cases")?,
        author: row.id("author")?,
    })
}
