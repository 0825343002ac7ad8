//! What did people do? Entries are added in the transaction of what they tell of; none is ever changed,
//! and they go only when they are old.
//!
//! INVARIANT: `details` holds no secret; whoever writes an entry says what changed, never to which secret.

use crate::machines::{Kind, kind_opt};
use crate::page::{Page, ask, page};
use crate::row::{Values, document};
use crate::select::Select;
use crate::{Id, Result, StoreError, Tx, now_us};
use serde_json::Value;
use sqlx::any::AnyRow;

/// Entries removed in one statement, so that others who write wait little.
const PURGE_ROWS: i64 = 1_000;
/// How far the clock that made an id may be from the one that made the entry's time, in microseconds.
const CLOCK_SLACK_US: i64 = 1_000_000;

/// Who did it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// A person, in the console.
    User(Id),
    /// A program with a person's token.
    Token {
        /// Whose token.
        user: Id,
        /// Which.
        token: Id,
    },
    /// A visitor nobody knows.
    Nobody,
    /// The program itself.
    System,
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was done.
    Done,
    /// The one who wanted it may not.
    Refused,
    /// It was tried.
    Failed,
}

impl Outcome {
    /// As it is kept and as the API says it.
    pub fn word(self) -> &'static str {
        match self {
            Outcome::Done => "done",
            Outcome::Refused => "refused",
            Outcome::Failed => "failed",
        }
    }

    /// The outcome of this word.
    pub fn from_word(word: &str) -> Option<Outcome> {
        [Outcome::Done, Outcome::Refused, Outcome::Failed].into_iter().find(|one| one.word() == word)
    }
}

/// What it was done to; names stay readable when the thing is gone.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Target {
    /// What it is, by the glossary's noun.
    pub kind: String,
    /// Names it.
    pub id: String,
    /// What people called it then.
    pub label: String,
}

/// What is told of something that was done.
#[derive(Clone, Debug, PartialEq)]
pub struct Deed {
    /// Where, if in a workspace.
    pub workspace: Option<Id>,
    /// Who.
    pub actor: Actor,
    /// Which program or token it was; never a person's name, which is found by the id while there is one.
    pub actor_label: String,
    /// What: `noun.verb`.
    pub action: String,
    /// To what.
    pub target: Target,
    /// What else there is to know; never a secret.
    pub details: Value,
    /// How it ended.
    pub outcome: Outcome,
    /// The request that did it.
    pub request_id: String,
    /// Where that came from.
    pub address: String,
}

/// An entry.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Names the entry; later ones are greater.
    pub id: Id,
    /// When it was.
    pub at: i64,
    /// What the person is called now; `None` for no person, and for who was erased.
    pub actor_name: Option<String>,
    /// What the actor is where it is no person.
    pub machine: Option<Kind>,
    /// What was done.
    pub deed: Deed,
}

/// Which entries are looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Those in this workspace.
    pub workspace: Option<Id>,
    /// What this person did, in the console or by tokens.
    pub user: Option<Id>,
    /// Of this kind of deed.
    pub action: Option<String>,
    /// To this kind of thing.
    pub target_kind: Option<String>,
    /// To this thing.
    pub target_id: Option<String>,
    /// With this outcome.
    pub outcome: Option<Outcome>,
    /// Not before this.
    pub from: Option<i64>,
    /// Before this.
    pub until: Option<i64>,
}

/// Adds an entry.
pub async fn append(tx: &mut Tx, deed: &Deed) -> Result<Id> {
    append_at(tx, deed, now_us()).await
}

/// Adds an entry of what is done at `now`.
pub async fn append_at(tx: &mut Tx, deed: &Deed, now: i64) -> Result<Id> {
    let id = Id::new();
    let (kind, user, token) = match deed.actor {
        Actor::User(user) => ("user", Some(user), None),
        Actor::Token { user, token } => ("token", Some(user), Some(token)),
        Actor::Nobody => ("nobody", None, None),
        Actor::System => ("system", None, None),
    };
    sqlx::query(
        "INSERT INTO activity (id, at, workspace_id, actor_kind, user_id, token_id, actor_label, action, \
         target_kind, target_id, target_label, details, outcome, request_id, address) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
    )
    .bind(id.bytes())
    .bind(now)
    .bind(deed.workspace.map(Id::bytes))
    .bind(kind)
    .bind(user.map(Id::bytes))
    .bind(token.map(Id::bytes))
    .bind(deed.actor_label.as_str())
    .bind(deed.action.as_str())
    .bind(deed.target.kind.as_str())
    .bind(deed.target.id.as_str())
    .bind(deed.target.label.as_str())
    .bind(document(&deed.details)?)
    .bind(deed.outcome.word())
    .bind(deed.request_id.as_str())
    .bind(deed.address.as_str())
    .execute(tx.on())
    .await?;
    Ok(id)
}

/// Entries, latest first.
pub async fn list(tx: &mut Tx, filter: &Filter, before: Option<Id>, limit: i64) -> Result<Page<Entry>> {
    let rows = conditions(filter)
        .with_any(" AND a.id < ", before.map(Id::bytes))
        .with(" ORDER BY a.id DESC LIMIT ", ask(limit), "")
        .rows(tx)
        .await?;
    page(&rows, limit, read, |entry| entry.id)
}

/// Entries, earliest first, for who copies them all away page by page.
pub async fn export(tx: &mut Tx, filter: &Filter, after: Option<Id>, limit: i64) -> Result<Page<Entry>> {
    let rows = conditions(filter)
        .with_any(" AND a.id > ", after.map(Id::bytes))
        .with(" ORDER BY a.id LIMIT ", ask(limit), "")
        .rows(tx)
        .await?;
    page(&rows, limit, read, |entry| entry.id)
}

/// Removes some of the entries made before `before`; how many. Asked again until it is none.
pub async fn purge(tx: &mut Tx, before: i64) -> Result<u64> {
    let done = sqlx::query(
        "DELETE FROM activity WHERE id IN \
         (SELECT id FROM activity WHERE id < $1 AND at < $2 ORDER BY id LIMIT $3)",
    )
    .bind(Id::least_of(before.saturating_add(CLOCK_SLACK_US)).bytes())
    .bind(before)
    .bind(PURGE_ROWS)
    .execute(tx.on())
    .await?;
    Ok(done.rows_affected())
}

/// The time is in the id, so that a range of time is a range of the list; the exact limits come on top.
fn conditions(filter: &Filter) -> Select {
    let least = filter.from.map(|from| Id::least_of(from.saturating_sub(CLOCK_SLACK_US)).bytes());
    let beyond = filter.until.map(|until| Id::least_of(until.saturating_add(CLOCK_SLACK_US)).bytes());
    Select::new(
        "SELECT a.id, a.at, a.workspace_id, a.actor_kind, a.user_id, a.token_id, a.actor_label, a.action, \
         a.target_kind, a.target_id, a.target_label, a.details, a.outcome, a.request_id, a.address, \
         u.name, x.kind AS machine FROM activity a LEFT JOIN users u ON u.id = a.user_id \
         LEFT JOIN machines x ON x.user_id = a.user_id WHERE 1 = 1",
    )
    .with_any(" AND a.workspace_id = ", filter.workspace.map(Id::bytes))
    .with_any(" AND a.user_id = ", filter.user.map(Id::bytes))
    .with_any(" AND a.action = ", filter.action.clone())
    .with_any(" AND a.target_kind = ", filter.target_kind.clone())
    .with_any(" AND a.target_id = ", filter.target_id.clone())
    .with_any(" AND a.outcome = ", filter.outcome.map(|outcome| outcome.word().to_owned()))
    .with_any(" AND a.id >= ", least)
    .with_any(" AND a.id < ", beyond)
    .with_any(" AND a.at >= ", filter.from)
    .with_any(" AND a.at < ", filter.until)
}

fn read(row: &AnyRow) -> Result<Entry> {
    let damaged = |what: &str| StoreError::Damaged(format!("an entry of the activity is of `{what}`"));
    let kind = row.text("actor_kind")?;
    let actor = match (kind.as_str(), row.id_opt("user_id")?, row.id_opt("token_id")?) {
        ("user", Some(user), None) => Actor::User(user),
        ("token", Some(user), Some(token)) => Actor::Token { user, token },
        ("nobody", None, None) => Actor::Nobody,
        ("system", None, None) => Actor::System,
        _ => return Err(damaged(&kind)),
    };
    let outcome = row.text("outcome")?;
    let target = Target {
        kind: row.text("target_kind")?,
        id: row.text("target_id")?,
        label: row.text("target_label")?,
    };
    let deed = Deed {
        workspace: row.id_opt("workspace_id")?,
        actor,
        actor_label: row.text("actor_label")?,
        action: row.text("action")?,
        target,
        details: row.json("details")?,
        outcome: Outcome::from_word(&outcome).ok_or_else(|| damaged(&outcome))?,
        request_id: row.text("request_id")?,
        address: row.text("address")?,
    };
    let actor_name = row.text_opt("name")?.filter(|name| !name.is_empty());
    let machine = kind_opt(row, "machine")?;
    Ok(Entry { id: row.id("id")?, at: row.int("at")?, actor_name, machine, deed })
}
