//! What are people told of without asking, and what of it have they read?
//!
//! A notice is of a workspace, and told once: its key names what happened, so that two nodes which find the same
//! keep one. What a person has read is a place in the list ([`Person::read_until`]) and marks of single notices
//! beside it. They go when they are old, and when there are very many.

mod watched;

pub use watched::{
    Changed, Failing, Recovered, began, changed_schemas, ended, failing, is_wrong, recovered, remember,
};

use crate::page::{Page, ask, page};
use crate::row::{Values, document};
use crate::select::Select;
use crate::text::{exact_key, shown, storable};
use crate::{Id, Result, Tx};
use sqlx::any::AnyRow;

/// Notices of a workspace that are kept, however young they are.
pub const KEPT_MAX: i64 = 2_000;
/// Old ones forgotten in one statement, so that others who write wait little.
const PURGE_ROWS: i64 = 1_000;
/// Longest title and detail, in bytes: names in them are others'.
const TITLE_BYTES_MAX: usize = 300;
const DETAIL_BYTES_MAX: usize = 1_000;

/// Something to tell.
#[derive(Clone, Debug)]
pub struct NewNotice<'a> {
    /// To the people of which workspace.
    pub workspace: Id,
    /// Which kind of thing, in a word.
    pub kind: &'a str,
    /// Names what happened: of one key there is one notice.
    pub key: &'a str,
    /// When it was found.
    pub at: i64,
    /// It in a line, without the name of a person.
    pub title: &'a str,
    /// What else there is to know.
    pub detail: &'a str,
    /// What it is about: a kind and a name, such as `connection` and its id.
    pub target: (&'a str, &'a str),
    /// Who did it.
    pub actor: Option<Id>,
}

/// Something that was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Later ones are greater.
    pub id: Id,
    /// Which kind of thing.
    pub kind: String,
    /// When it was found.
    pub at: i64,
    /// It in a line.
    pub title: String,
    /// What else there is to know.
    pub detail: String,
    /// What it is about.
    pub target_kind: String,
    /// Which one.
    pub target: String,
    /// Who did it.
    pub actor: Option<Id>,
    /// What that person is called now; `None` for nobody, and for who was erased.
    pub actor_name: Option<String>,
    /// Whether who asks has read it.
    pub is_read: bool,
}

/// How a person is told in a workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Everything up to this one is read, but what is marked.
    pub read_until: Id,
    /// Kinds that are not told.
    pub muted: Vec<String>,
    /// Whether unread notices are sent by mail.
    pub wants_mail: bool,
    /// Everything up to this one was in a mail.
    pub mailed_until: Id,
    /// When the last mail was put together; 0 for never.
    pub mailed_at: i64,
}

/// Who reads, and what they may see.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    /// Who.
    pub user: Id,
    /// Where.
    pub workspace: Id,
    /// Everything up to this one is read, but what is marked.
    pub read_until: Id,
    /// Kinds that are shown; none is shown where there are none.
    pub kinds: &'a [&'a str],
    /// Only what is not read.
    pub unread: bool,
}

/// Keeps a notice, unless there is one of its key. Gives whether it is new.
pub async fn put(tx: &mut Tx, new: &NewNotice<'_>) -> Result<bool> {
    insert(tx, new, "INSERT INTO notices (id, workspace, kind, notice_key, at, title, detail, target_kind, target, \
        actor) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (workspace, notice_key) DO NOTHING")
    .await
}

/// The same; the one that is there says from now on what this one says. Who has read it has read it.
pub async fn put_latest(tx: &mut Tx, new: &NewNotice<'_>) -> Result<()> {
    insert(tx, new, "INSERT INTO notices (id, workspace, kind, notice_key, at, title, detail, target_kind, target, \
        actor) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (workspace, notice_key) DO UPDATE \
        SET title = excluded.title, detail = excluded.detail")
    .await?;
    Ok(())
}

/// Whether there is a notice of that key.
pub async fn is_told(tx: &mut Tx, workspace: Id, key: &str) -> Result<bool> {
    Ok(said(tx, workspace, key).await?.is_some())
}

/// Whether the notice of that key is there and says what this one says.
pub async fn is_said(tx: &mut Tx, new: &NewNotice<'_>) -> Result<bool> {
    let wanted = (shown(new.title, TITLE_BYTES_MAX), shown(new.detail, DETAIL_BYTES_MAX));
    Ok(said(tx, new.workspace, new.key).await?.is_some_and(|said| said == wanted))
}

async fn said(tx: &mut Tx, workspace: Id, key: &str) -> Result<Option<(String, String)>> {
    let row = sqlx::query("SELECT title, detail FROM notices WHERE workspace = $1 AND notice_key = $2")
        .bind(workspace.bytes())
        .bind(exact_key(key))
        .fetch_optional(tx.on())
        .await?;
    row.map(|row| Ok((row.text("title")?, row.text("detail")?))).transpose()
}

async fn insert(tx: &mut Tx, new: &NewNotice<'_>, text: &'static str) -> Result<bool> {
    let (target_kind, target) = new.target;
    storable(&[("kind", new.kind), ("target", target)])?;
    let done = sqlx::query(text)
        .bind(Id::new().bytes())
        .bind(new.workspace.bytes())
        .bind(new.kind)
        .bind(exact_key(new.key))
        .bind(new.at)
        .bind(shown(new.title, TITLE_BYTES_MAX))
        .bind(shown(new.detail, DETAIL_BYTES_MAX))
        .bind(target_kind)
        .bind(target)
        .bind(new.actor.map(Id::bytes))
        .execute(tx.on())
        .await?;
    Ok(done.rows_affected() > 0)
}

/// Notices that a person is told of, latest first: not what they did themselves.
pub async fn list(tx: &mut Tx, reader: &Reader<'_>, before: Option<Id>, limit: i64) -> Result<Page<Notice>> {
    if reader.kinds.is_empty() {
        return Ok(Page { items: Vec::new(), next: None });
    }
    let mut select = Select::new(
        "SELECT n.id, n.kind, n.at, n.title, n.detail, n.target_kind, n.target, n.actor, u.name, m.is_read \
         FROM notices n LEFT JOIN users u ON u.id = n.actor LEFT JOIN notice_marks m ON m.notice = n.id",
    )
    .with(" AND m.user_id = ", reader.user.bytes(), "")
    .with(" WHERE n.workspace = ", reader.workspace.bytes(), "")
    .with(" AND (n.actor IS NULL OR n.actor <> ", reader.user.bytes(), ")");
    let last = reader.kinds.len() - 1;
    for (place, kind) in reader.kinds.iter().enumerate() {
        let text = if place == 0 { " AND n.kind IN (" } else { ", " };
        select = select.with(text, (*kind).to_owned(), if place == last { ")" } else { "" });
    }
    if reader.unread {
        let until = reader.read_until.bytes();
        select = select.with(" AND ((m.is_read IS NULL AND n.id > ", until, ") OR m.is_read = 0)");
    }
    let rows = select
        .with_any(" AND n.id < ", before.map(Id::bytes))
        .with(" ORDER BY n.id DESC LIMIT ", ask(limit), "")
        .rows(tx)
        .await?;
    page(&rows, limit, |row| read(row, reader.read_until), |notice| notice.id)
}

fn read(row: &AnyRow, read_until: Id) -> Result<Notice> {
    let id = row.id("id")?;
    Ok(Notice {
        id,
        kind: row.text("kind")?,
        at: row.int("at")?,
        title: row.text("title")?,
        detail: row.text("detail")?,
        target_kind: row.text("target_kind")?,
        target: row.text("target")?,
        actor: row.id_opt("actor")?,
        actor_name: row.text_opt("name")?.filter(|name| !name.is_empty()),
        is_read: row.int_opt("is_read")?.map_or(id <= read_until, |is_read| is_read != 0),
    })
}

/// Marks single notices of a workspace as read, or as not read.
pub async fn mark(tx: &mut Tx, user: Id, workspace: Id, notices: &[Id], is_read: bool) -> Result<()> {
    for notice in notices {
        sqlx::query(
            "INSERT INTO notice_marks (user_id, notice, is_read) SELECT $1, n.id, $2 FROM notices n \
             WHERE n.workspace = $3 AND n.id = $4 \
             ON CONFLICT (user_id, notice) DO UPDATE SET is_read = excluded.is_read",
        )
        .bind(user.bytes())
        .bind(i64::from(is_read))
        .bind(workspace.bytes())
        .bind(notice.bytes())
        .execute(tx.on())
        .await?;
    }
    Ok(())
}

/// Everything up to `until` is read.
pub async fn read_all(tx: &mut Tx, user: Id, workspace: Id, person: &Person, until: Id) -> Result<()> {
    let person = Person { read_until: until.max(person.read_until), ..person.clone() };
    set_person(tx, user, workspace, &person).await?;
    sqlx::query(
        "DELETE FROM notice_marks WHERE user_id = $1 AND notice <= $2 \
         AND notice IN (SELECT id FROM notices WHERE workspace = $3)",
    )
    .bind(user.bytes())
    .bind(until.bytes())
    .bind(workspace.bytes())
    .execute(tx.on())
    .await?;
    Ok(())
}

/// How a person is told, if they ever said or read anything.
pub async fn person(tx: &mut Tx, user: Id, workspace: Id) -> Result<Option<Person>> {
    let row = sqlx::query(
        "SELECT read_until, muted, wants_mail, mailed_until, mailed_at FROM notice_people \
         WHERE user_id = $1 AND workspace = $2",
    )
    .bind(user.bytes())
    .bind(workspace.bytes())
    .fetch_optional(tx.on())
    .await?;
    row.as_ref().map(read_person).transpose()
}

fn read_person(row: &AnyRow) -> Result<Person> {
    Ok(Person {
        read_until: row.id("read_until")?,
        muted: row.json("muted")?,
        wants_mail: row.flag("wants_mail")?,
        mailed_until: row.id("mailed_until")?,
        mailed_at: row.int("mailed_at")?,
    })
}

/// Keeps how a person is told. What was mailed already stays as it is.
pub async fn set_person(tx: &mut Tx, user: Id, workspace: Id, person: &Person) -> Result<()> {
    sqlx::query(
        "INSERT INTO notice_people (user_id, workspace, read_until, muted, wants_mail, mailed_until, mailed_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (user_id, workspace) DO UPDATE \
         SET read_until = excluded.read_until, muted = excluded.muted, wants_mail = excluded.wants_mail",
    )
    .bind(user.bytes())
    .bind(workspace.bytes())
    .bind(person.read_until.bytes())
    .bind(document(&person.muted)?)
    .bind(i64::from(person.wants_mail))
    .bind(person.mailed_until.bytes())
    .bind(person.mailed_at)
    .execute(tx.on())
    .await?;
    Ok(())
}

/// Somebody who wants mail, where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recipient {
    /// Who.
    pub user: Id,
    /// In which workspace.
    pub workspace: Id,
}

/// People who want mail, had none since `before`, and of whose workspace anything is told since the last, in an order
/// of their own. `after` is the last of the part before.
pub async fn recipients(
    tx: &mut Tx,
    before: i64,
    after: Option<Recipient>,
    limit: i64,
) -> Result<Vec<Recipient>> {
    let first = Recipient { user: Id::least_of(0), workspace: Id::least_of(0) };
    let after = after.unwrap_or(first);
    let rows = sqlx::query(
        "SELECT p.user_id, p.workspace FROM notice_people p WHERE p.wants_mail = 1 AND p.mailed_at <= $1 \
         AND (p.user_id > $2 OR (p.user_id = $2 AND p.workspace > $3)) \
         AND EXISTS (SELECT 1 FROM notices n WHERE n.workspace = p.workspace AND n.id > p.mailed_until) \
         ORDER BY p.user_id, p.workspace LIMIT $4",
    )
    .bind(before)
    .bind(after.user.bytes())
    .bind(after.workspace.bytes())
    .bind(limit.max(1))
    .fetch_all(tx.on())
    .await?;
    rows.iter()
        .map(|row| Ok(Recipient { user: row.id("user_id")?, workspace: row.id("workspace")? }))
        .collect()
}

/// Notes that a mail with everything up to `until` is put together now. Gives false where somebody else did so
/// since `before`.
pub async fn mailed(tx: &mut Tx, to: &Recipient, until: Id, before: i64, now: i64) -> Result<bool> {
    let done = sqlx::query(
        "UPDATE notice_people SET mailed_until = $1, mailed_at = $2 \
         WHERE user_id = $3 AND workspace = $4 AND mailed_at <= $5",
    )
    .bind(until.bytes())
    .bind(now)
    .bind(to.user.bytes())
    .bind(to.workspace.bytes())
    .bind(before)
    .execute(tx.on())
    .await?;
    Ok(done.rows_affected() > 0)
}

/// A notice that is new, for whoever watches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// Which.
    pub id: Id,
    /// The slug of its workspace.
    pub workspace: String,
}

/// Notices after `after`, earliest first.
pub async fn since(tx: &mut Tx, after: Id, limit: i64) -> Result<Vec<Heard>> {
    let rows = sqlx::query(
        "SELECT n.id, w.slug FROM notices n JOIN workspaces w ON w.id = n.workspace \
         WHERE n.id > $1 ORDER BY n.id LIMIT $2",
    )
    .bind(after.bytes())
    .bind(limit.max(1))
    .fetch_all(tx.on())
    .await?;
    rows.iter().map(|row| Ok(Heard { id: row.id("id")?, workspace: row.text("slug")? })).collect()
}

/// Forgets some of what was told before `before`, and of each workspace what is more than [`KEPT_MAX`]; how much.
/// Asked again until it is none.
pub async fn purge(tx: &mut Tx, before: i64) -> Result<u64> {
    let old = sqlx::query(
        "DELETE FROM notices WHERE id IN (SELECT id FROM notices WHERE at < $1 ORDER BY at LIMIT $2)",
    )
    .bind(before)
    .bind(PURGE_ROWS)
    .execute(tx.on())
    .await?;
    let full = sqlx::query("SELECT workspace FROM notices GROUP BY workspace HAVING COUNT(*) > $1")
        .bind(KEPT_MAX)
        .fetch_all(tx.on())
        .await?;
    let mut gone = old.rows_affected();
    for row in &full {
        let more = sqlx::query(
            "DELETE FROM notices WHERE workspace = $1 AND id <= \
             (SELECT id FROM notices WHERE workspace = $1 ORDER BY id DESC LIMIT 1 OFFSET $2)",
        )
        .bind(row.bytes("workspace")?)
        .bind(KEPT_MAX)
        .execute(tx.on())
        .await?;
        gone += more.rows_affected();
    }
    Ok(gone)
}
