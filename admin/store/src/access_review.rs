//! Who belongs to a workspace, by which tokens do they act there, when did they last, and who has looked at that?
//!
//! What is read leaves no entry, so only what changes something, and what was run, has a time.

use crate::members::{self, Member};
use crate::page::{Page, ask, page};
use crate::row::Values;
use crate::select::Select;
use crate::text::storable;
use crate::{Id, PAGE_ROWS_MAX, Result, Tx, now_us, tokens};
use sqlx::any::AnyRow;
use std::collections::BTreeMap;

/// Most members that are looked at: more are cut, and [`Review::is_cut`] says so.
pub const MEMBERS_MAX: usize = 2_000;

/// All of a workspace.
#[derive(Clone, Debug, Default)]
pub struct Review {
    /// Its members, in the order their accounts were made.
    pub members: Vec<Standing>,
    /// Whether there are more.
    pub is_cut: bool,
    /// Names of admins of the instance who are no members and can enter all the same.
    pub instance_admins: Vec<String>,
}

/// A review that somebody has done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// Names it; later ones are greater.
    pub id: Id,
    /// By whom; `None` for who is gone.
    pub by: Option<Id>,
    /// What they are called; `None` for who was erased.
    pub by_name: Option<String>,
    /// When, in microseconds.
    pub at: i64,
    /// What they said about it.
    pub note: String,
    /// How many members they saw.
    pub members: i64,
    /// How many tokens.
    pub tokens: i64,
    /// SHA-256 of who may do what by what.
    pub digest: String,
}

/// A review to be kept.
#[derive(Clone, Copy, Debug)]
pub struct NewDone<'a> {
    /// Of what.
    pub workspace: Id,
    /// By whom.
    pub by: Id,
    /// See [`Done::note`].
    pub note: &'a str,
    /// See [`Done::members`].
    pub members: i64,
    /// See [`Done::tokens`].
    pub tokens: i64,
    /// See [`Done::digest`].
    pub digest: &'a str,
}

/// Keeps a review; gives its id.
pub async fn keep(tx: &mut Tx, new: &NewDone<'_>) -> Result<Id> {
    storable(&[("note", new.note)])?;
    let id = Id::new();
    sqlx::query(
        "INSERT INTO access_reviews (id, workspace_id, user_id, at, note, members, tokens, digest) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(id.bytes())
    .bind(new.workspace.bytes())
    .bind(new.by.bytes())
    .bind(now_us())
    .bind(new.note)
    .bind(new.members)
    .bind(new.tokens)
    .bind(new.digest)
    .execute(tx.on())
    .await?;
    Ok(id)
}

/// The reviews of a workspace that were done, latest first.
pub async fn done(tx: &mut Tx, workspace: Id, before: Option<Id>, limit: i64) -> Result<Page<Done>> {
    let rows = Select::new(
        "SELECT r.id, r.user_id, r.at, r.note, r.members, r.tokens, r.digest, u.name \
         FROM access_reviews r LEFT JOIN users u ON u.id = r.user_id",
    )
    .with(" WHERE r.workspace_id = ", workspace.bytes(), "")
    .with_any(" AND r.id < ", before.map(Id::bytes))
    .with(" ORDER BY r.id DESC LIMIT ", ask(limit), "")
    .rows(tx)
    .await?;
    page(&rows, limit, read_done, |one| one.id)
}

/// How many reviews of a workspace are kept.
pub async fn count(tx: &mut Tx, workspace: Id) -> Result<i64> {
    let rows =
        rows(tx, workspace, "SELECT COUNT(*) AS n FROM access_reviews WHERE workspace_id = $1").await?;
    rows.first().map_or(Ok(0), |row| row.int("n"))
}

fn read_done(row: &AnyRow) -> Result<Done> {
    Ok(Done {
        id: row.id("id")?,
        by: row.id_opt("user_id")?,
        by_name: row.text_opt("name")?.filter(|name| !name.is_empty()),
        at: row.int("at")?,
        note: row.text("note")?,
        members: row.int("members")?,
        tokens: row.int("tokens")?,
        digest: row.text("digest")?,
    })
}

/// What is known of one member.
#[derive(Clone, Debug)]
pub struct Standing {
    /// Who, and as what.
    pub member: Member,
    /// Whether the account may not come in.
    pub is_disabled: bool,
    /// Whether a sign-in by password asks them for a code as well.
    pub has_second_factor: bool,
    /// When they last did anything anywhere, in microseconds.
    pub last_seen_at: Option<i64>,
    /// When they last signed in, as far as the activity is kept.
    pub last_signed_in_at: Option<i64>,
    /// Who answers for it where it is no person.
    pub responsible: Option<String>,
    /// Names of their teams.
    pub teams: Vec<String>,
    /// Tokens that are good here.
    pub tokens: Vec<tokens::Token>,
    /// The last time of each kind of deed in this workspace.
    pub deeds: Vec<(String, i64)>,
    /// When they last ran a query here.
    pub last_ran_at: Option<i64>,
}

/// What is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// Who may do what by what.
    Rights,
    /// That, and when each was last used: all activity that is kept is gone through.
    RightsAndUse,
}

/// When who used what.
#[derive(Default)]
struct Use {
    deeds: BTreeMap<Id, Vec<(String, i64)>>,
    signed_in: BTreeMap<Id, i64>,
    ran: BTreeMap<Id, i64>,
}

/// Looks at a workspace.
pub async fn of_workspace(tx: &mut Tx, workspace: Id, look: Look) -> Result<Review> {
    let (mut members, is_cut) = all_members(tx, workspace).await?;
    let mut accounts = accounts(tx, workspace).await?;
    let mut teams = teams(tx, workspace).await?;
    let mut tokens = good_tokens(tx, workspace).await?;
    let mut used = match look {
        Look::Rights => Use::default(),
        Look::RightsAndUse => used(tx, workspace).await?,
    };
    let standing = |member: Member| {
        let user = member.user;
        let account = accounts.remove(&user).unwrap_or_default();
        Standing {
            member,
            is_disabled: account.is_disabled,
            has_second_factor: account.has_second_factor,
            last_seen_at: account.last_seen_at,
            last_signed_in_at: used.signed_in.get(&user).copied(),
            responsible: account.responsible,
            teams: teams.remove(&user).unwrap_or_default(),
            tokens: tokens.remove(&user).unwrap_or_default(),
            deeds: used.deeds.remove(&user).unwrap_or_default(),
            last_ran_at: used.ran.get(&user).copied(),
        }
    };
    let members = members.drain(..).map(standing).collect();
    Ok(Review { members, is_cut, instance_admins: instance_admins(tx, workspace).await? })
}

async fn used(tx: &mut Tx, workspace: Id) -> Result<Use> {
    let deeds = deeds(tx, workspace).await?;
    let signed_in = times(
        tx,
        workspace,
        "SELECT a.user_id, MAX(a.at) AS at FROM activity a \
         JOIN members m ON m.user_id = a.user_id AND m.workspace_id = $1 \
         WHERE a.action IN ('sign_in', 'finish_sign_in') AND a.target_kind = 'session' GROUP BY a.user_id",
    )
    .await?;
    let ran = times(
        tx,
        workspace,
        "SELECT user_id, MAX(started_at) AS at FROM query_runs WHERE workspace = $1 GROUP BY user_id",
    )
    .await?;
    Ok(Use { deeds, signed_in, ran })
}

async fn instance_admins(tx: &mut Tx, workspace: Id) -> Result<Vec<String>> {
    let rows = rows(
        tx,
        workspace,
        "SELECT u.name FROM users u WHERE u.is_instance_admin = 1 AND u.is_disabled = 0 AND NOT EXISTS \
         (SELECT 1 FROM members m WHERE m.user_id = u.id AND m.workspace_id = $1) ORDER BY u.id LIMIT 100",
    )
    .await?;
    rows.iter().map(|row| row.text("name")).collect()
}

async fn all_members(tx: &mut Tx, workspace: Id) -> Result<(Vec<Member>, bool)> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let page = members::all(tx, workspace, after, PAGE_ROWS_MAX).await?;
        all.extend(page.items);
        after = page.next;
        if after.is_none() || all.len() >= MEMBERS_MAX {
            all.truncate(MEMBERS_MAX);
            return Ok((all, after.is_some()));
        }
    }
}

#[derive(Default)]
struct Account {
    is_disabled: bool,
    has_second_factor: bool,
    last_seen_at: Option<i64>,
    responsible: Option<String>,
}

async fn accounts(tx: &mut Tx, workspace: Id) -> Result<BTreeMap<Id, Account>> {
    let rows = rows(
        tx,
        workspace,
        "SELECT u.id, u.is_disabled, u.last_seen_at, (SELECT COUNT(*) FROM second_factors f \
         WHERE f.user_id = u.id AND f.confirmed_at IS NOT NULL) AS has_second_factor, \
         o.name AS responsible FROM members m JOIN users u ON u.id = m.user_id \
         LEFT JOIN machines x ON x.user_id = u.id LEFT JOIN users o ON o.id = x.responsible \
         WHERE m.workspace_id = $1",
    )
    .await?;
    let account = |row: &AnyRow| {
        let account = Account {
            is_disabled: row.flag("is_disabled")?,
            has_second_factor: row.flag("has_second_factor")?,
            last_seen_at: row.int_opt("last_seen_at")?,
            responsible: row.text_opt("responsible")?,
        };
        Ok((row.id("id")?, account))
    };
    rows.iter().map(account).collect()
}

async fn teams(tx: &mut Tx, workspace: Id) -> Result<BTreeMap<Id, Vec<String>>> {
    let rows = rows(
        tx,
        workspace,
        "SELECT p.user_id, t.name FROM team_members p JOIN teams t ON t.id = p.team_id \
         WHERE p.workspace_id = $1 ORDER BY t.name_key",
    )
    .await?;
    let mut all: BTreeMap<Id, Vec<String>> = BTreeMap::new();
    for row in rows {
        all.entry(row.id("user_id")?).or_default().push(row.text("name")?);
    }
    Ok(all)
}

async fn good_tokens(tx: &mut Tx, workspace: Id) -> Result<BTreeMap<Id, Vec<tokens::Token>>> {
    let rows = sqlx::query(
        "SELECT t.id, t.user_id, t.workspace_id, t.name, t.prefix, t.scopes, t.created_at, t.expires_at, \
         t.last_used_at, t.revoked_at FROM tokens t \
         JOIN members m ON m.user_id = t.user_id AND m.workspace_id = $1 \
         WHERE (t.workspace_id IS NULL OR t.workspace_id = $1) AND t.revoked_at IS NULL \
         AND (t.expires_at IS NULL OR t.expires_at > $2) AND NOT EXISTS (SELECT 1 FROM machines x \
         LEFT JOIN users r ON r.id = x.responsible WHERE x.user_id = t.user_id \
         AND (x.expires_at <= $2 OR r.id IS NULL OR r.is_disabled = 1)) ORDER BY t.id",
    )
    .bind(workspace.bytes())
    .bind(now_us())
    .fetch_all(tx.on())
    .await?;
    let mut all: BTreeMap<Id, Vec<tokens::Token>> = BTreeMap::new();
    for row in &rows {
        let token = tokens::read(row)?;
        all.entry(token.user).or_default().push(token);
    }
    Ok(all)
}

async fn deeds(tx: &mut Tx, workspace: Id) -> Result<BTreeMap<Id, Vec<(String, i64)>>> {
    let rows = rows(
        tx,
        workspace,
        "SELECT user_id, action, MAX(at) AS at FROM activity \
         WHERE workspace_id = $1 AND user_id IS NOT NULL AND outcome = 'done' GROUP BY user_id, action",
    )
    .await?;
    let mut all: BTreeMap<Id, Vec<(String, i64)>> = BTreeMap::new();
    for row in rows {
        all.entry(row.id("user_id")?).or_default().push((row.text("action")?, row.int("at")?));
    }
    Ok(all)
}

async fn times(tx: &mut Tx, workspace: Id, statement: &'static str) -> Result<BTreeMap<Id, i64>> {
    let rows = rows(tx, workspace, statement).await?;
    rows.iter().map(|row| Ok((row.id("user_id")?, row.int("at")?))).collect()
}

async fn rows(tx: &mut Tx, workspace: Id, statement: &'static str) -> Result<Vec<AnyRow>> {
    Ok(sqlx::query(statement).bind(workspace.bytes()).fetch_all(tx.on()).await?)
}
