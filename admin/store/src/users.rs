//! Who works with the control plane?

use crate::machines::{Kind, kind_opt};
use crate::page::{Page, ask, page};
use crate::row::{Values, document};
use crate::select::Select;
use crate::text::end_of_prefix;
use crate::text::storable;
use crate::{Id, Result, StoreError, Tx, now_us};
use serde_json::Value;
use sqlx::any::AnyRow;

/// A person.
#[derive(Clone, Debug, PartialEq)]
pub struct User {
    /// Names the person for good.
    pub id: Id,
    /// As the person wrote it.
    pub email: String,
    /// Whether the person proved to read it.
    pub is_email_verified: bool,
    /// What others see.
    pub name: String,
    /// Locale, theme and what else the console remembers of a person.
    pub preferences: Value,
    /// May do everything everywhere.
    pub is_instance_admin: bool,
    /// May not sign in.
    pub is_disabled: bool,
    /// Whether the person can sign in by password.
    pub has_password: bool,
    /// Whether a sign-in by password asks for a second step.
    pub has_second_factor: bool,
    /// When the person was forgotten, if so.
    pub erased_at: Option<i64>,
    /// When the person last did anything.
    pub last_seen_at: Option<i64>,
    /// When the account was made.
    pub created_at: i64,
    /// When the row was last edited.
    pub changed_at: i64,
    /// What it is where it is no person: it has no e-mail and cannot sign in.
    pub machine: Option<Kind>,
    /// Goes up with every edit.
    pub version: i64,
}

impl User {
    /// What tells the person from others: the e-mail, and of a machine what it is and its name.
    pub fn label(&self) -> String {
        match self.machine {
            Some(kind) => format!("{} {}", kind.word(), self.name),
            None => self.email.clone(),
        }
    }
}

/// A person to be.
#[derive(Clone, Debug)]
pub struct NewUser<'a> {
    /// As the person wrote it.
    pub email: &'a str,
    /// Whether somebody trusted proved it.
    pub is_email_verified: bool,
    /// What others see.
    pub name: &'a str,
    /// Argon2id, PHC string; `None` for who signs in elsewhere.
    pub password_hash: Option<&'a str>,
    /// May do everything everywhere.
    pub is_instance_admin: bool,
}

/// What a person edits of the profile.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    /// What others see.
    pub name: String,
    /// Locale, theme and the like.
    pub preferences: Value,
}

/// What an e-mail is compared by: letters' case does not tell people apart.
pub fn email_key(email: &str) -> Vec<u8> {
    email.trim().to_lowercase().into_bytes()
}

/// Makes a person. One with this e-mail, in whatever case, may not be there.
pub async fn create(tx: &mut Tx, new: &NewUser<'_>) -> Result<User> {
    storable(&[("e-mail", new.email), ("name", new.name)])?;
    let (id, now) = (Id::new(), now_us());
    let inserted = sqlx::query(
        "INSERT INTO users (id, email, email_key, email_verified, name, password_hash, preferences, \
         is_instance_admin, is_disabled, created_at, changed_at, version) \
         VALUES ($1, $2, $3, $4, $5, $6, '{}', $7, 0, $8, $8, 1) ON CONFLICT (email_key) DO NOTHING",
    )
    .bind(id.bytes())
    .bind(new.email.trim())
    .bind(email_key(new.email))
    .bind(i64::from(new.is_email_verified))
    .bind(new.name)
    .bind(new.password_hash)
    .bind(i64::from(new.is_instance_admin))
    .bind(now)
    .execute(tx.on())
    .await?;
    if inserted.rows_affected() == 0 {
        return Err(StoreError::Duplicate("user"));
    }
    by_id(tx, id).await
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, email, email_verified, name, preferences, is_instance_admin, is_disabled, erased_at, \
             last_seen_at, created_at, changed_at, version, \
             CAST(CASE WHEN password_hash IS NULL THEN 0 ELSE 1 END AS BIGINT) AS has_password, \
             (SELECT COUNT(*) FROM second_factors f WHERE f.user_id = users.id \
             AND f.confirmed_at IS NOT NULL) AS has_second_factor, \
             (SELECT x.kind FROM machines x WHERE x.user_id = users.id) AS machine FROM users ",
            $rest
        )
    };
}

/// One person.
pub async fn by_id(tx: &mut Tx, id: Id) -> Result<User> {
    let row = sqlx::query(select!("WHERE id = $1")).bind(id.bytes()).fetch_optional(tx.on()).await?;
    read(&row.ok_or(StoreError::Missing("user"))?)
}

/// The person with this e-mail, in whatever case.
pub async fn by_email(tx: &mut Tx, email: &str) -> Result<Option<User>> {
    let row = sqlx::query(select!("WHERE email_key = $1 AND email <> ''"))
        .bind(email_key(email))
        .fetch_optional(tx.on())
        .await?;
    row.as_ref().map(read).transpose()
}

/// What the person's password must match; `None` for who signs in elsewhere.
pub async fn password_hash(tx: &mut Tx, id: Id) -> Result<Option<String>> {
    let row = sqlx::query("SELECT password_hash FROM users WHERE id = $1")
        .bind(id.bytes())
        .fetch_optional(tx.on())
        .await?;
    row.ok_or(StoreError::Missing("user"))?.text_opt("password_hash")
}

/// People in the order of their e-mails, those that begin with `prefix`. The cursor is an e-mail's key.
pub async fn list(
    tx: &mut Tx,
    prefix: &str,
    after: Option<&[u8]>,
    limit: i64,
) -> Result<Page<User, Vec<u8>>> {
    let prefix = email_key(prefix);
    let rows = Select::new(select!("WHERE NOT EXISTS (SELECT 1 FROM machines o WHERE o.user_id = users.id)"))
        .with_any(" AND email_key < ", end_of_prefix(&prefix))
        .with_any(" AND email_key >= ", (!prefix.is_empty()).then_some(prefix))
        .with_any(" AND email_key > ", after.map(<[u8]>::to_vec))
        .with(" ORDER BY email_key LIMIT ", ask(limit), "")
        .rows(tx)
        .await?;
    page(&rows, limit, read, |user| email_key(&user.email))
}

/// Edits the profile of who still has `version`; gives the new one.
pub async fn set_profile(tx: &mut Tx, id: Id, version: i64, profile: &Profile) -> Result<i64> {
    storable(&[("name", &profile.name)])?;
    let row = sqlx::query(
        "UPDATE users SET name = $3, preferences = $4, changed_at = $5, version = version + 1 \
         WHERE id = $1 AND version = $2 AND erased_at IS NULL RETURNING version",
    )
    .bind(id.bytes())
    .bind(version)
    .bind(profile.name.as_str())
    .bind(document(&profile.preferences)?)
    .bind(now_us())
    .fetch_optional(tx.on())
    .await?;
    match row {
        Some(row) => row.int("version"),
        None => by_id(tx, id).await.and(Err(StoreError::Changed("user"))),
    }
}

/// Sets what an instance admin sets, for who still has `version`; gives the new one. The last instance
/// admin who may sign in stays one.
pub async fn set_standing(
    tx: &mut Tx,
    id: Id,
    version: i64,
    is_instance_admin: bool,
    is_disabled: bool,
) -> Result<i64> {
    crate::settings::lock(tx, "instance admins").await?;
    let before = instance_admins(tx).await?;
    let row = sqlx::query(
        "UPDATE users SET is_instance_admin = $3, is_disabled = $4, changed_at = $5, version = version + 1 \
         WHERE id = $1 AND version = $2 AND erased_at IS NULL RETURNING version",
    )
    .bind(id.bytes())
    .bind(version)
    .bind(i64::from(is_instance_admin))
    .bind(i64::from(is_disabled))
    .bind(now_us())
    .fetch_optional(tx.on())
    .await?;
    let Some(row) = row else {
        return by_id(tx, id).await.and(Err(StoreError::Changed("user")));
    };
    if before > 0 && instance_admins(tx).await? == 0 {
        return Err(StoreError::LastOne("instance admin"));
    }
    row.int("version")
}

/// How many people may do everything and may sign in.
pub async fn instance_admins(tx: &mut Tx) -> Result<i64> {
    let row =
        sqlx::query("SELECT COUNT(*) AS admins FROM users WHERE is_instance_admin = 1 AND is_disabled = 0")
            .fetch_one(tx.on())
            .await?;
    row.int("admins")
}

/// How many accounts there are.
pub async fn count(tx: &mut Tx) -> Result<i64> {
    sqlx::query("SELECT COUNT(*) AS users FROM users").fetch_one(tx.on()).await?.int("users")
}

/// Sets what the person's password must match.
pub async fn set_password(tx: &mut Tx, id: Id, hash: Option<&str>) -> Result<()> {
    let done = sqlx::query(
        "UPDATE users SET password_hash = $2, changed_at = $3, version = version + 1 \
         WHERE id = $1 AND erased_at IS NULL",
    )
    .bind(id.bytes())
    .bind(hash)
    .bind(now_us())
    .execute(tx.on())
    .await?;
    one(done.rows_affected())
}

/// Sets the person's e-mail, and whether it is proven. Nobody else may have it.
pub async fn set_email(tx: &mut Tx, id: Id, email: &str, is_verified: bool) -> Result<()> {
    storable(&[("e-mail", email)])?;
    let done = sqlx::query(
        "UPDATE users SET email = $2, email_key = $3, email_verified = $4, changed_at = $5, \
         version = version + 1 WHERE id = $1 AND erased_at IS NULL",
    )
    .bind(id.bytes())
    .bind(email.trim())
    .bind(email_key(email))
    .bind(i64::from(is_verified))
    .bind(now_us())
    .execute(tx.on())
    .await
    .map_err(|error| StoreError::from(error).about("user"))?;
    one(done.rows_affected())
}

/// Notes that the person did something.
pub async fn seen(tx: &mut Tx, id: Id, now: i64) -> Result<()> {
    let done = sqlx::query("UPDATE users SET last_seen_at = $2 WHERE id = $1")
        .bind(id.bytes())
        .bind(now)
        .execute(tx.on())
        .await?;
    one(done.rows_affected())
}

fn one(rows: u64) -> Result<()> {
    if rows == 0 { Err(StoreError::Missing("user")) } else { Ok(()) }
}

fn read(row: &AnyRow) -> Result<User> {
    Ok(User {
        id: row.id("id")?,
        email: row.text("email")?,
        is_email_verified: row.flag("email_verified")?,
        name: row.text("name")?,
        preferences: row.json("preferences")?,
        is_instance_admin: row.flag("is_instance_admin")?,
        is_disabled: row.flag("is_disabled")?,
        has_password: row.flag("has_password")?,
        has_second_factor: row.flag("has_second_factor")?,
        erased_at: row.int_opt("erased_at")?,
        last_seen_at: row.int_opt("last_seen_at")?,
        created_at: row.int("created_at")?,
        changed_at: row.int("changed_at")?,
        machine: kind_opt(row, "machine")?,
        version: row.int("version")?,
    })
}
