//! By which accounts elsewhere does a person sign in, and which such sign-ins have begun?

use crate::row::Values;
use crate::{Id, Result, StoreError, Tx, now_us};
use sqlx::any::AnyRow;
use std::fmt;

/// An account elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Names the link.
    pub id: Id,
    /// Whose it is.
    pub user: Id,
    /// Which provider, by the name it has in the settings.
    pub provider: String,
    /// Who the person is there.
    pub subject: String,
    /// The e-mail the provider gave.
    pub email: Option<String>,
    /// When it was linked.
    pub linked_at: i64,
    /// When the person last signed in by it.
    pub last_used_at: i64,
}

/// What a sign-in elsewhere is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To sign in, as whoever it turns out to be.
    SignIn,
    /// To link the account to this person.
    Link(Id),
}

/// A sign-in elsewhere that has begun. It holds secrets and says none.
#[derive(Clone, PartialEq, Eq)]
pub struct Begun {
    /// Which provider.
    pub provider: String,
    /// What the provider must repeat in its signed answer.
    pub nonce: String,
    /// The secret of the proof key (RFC 7636).
    pub verifier: String,
    /// Where to go afterwards.
    pub redirect: String,
    /// What it is for.
    pub purpose: Purpose,
    /// When it is void.
    pub expires_at: i64,
}

impl fmt::Debug for Begun {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Begun")
            .field("provider", &self.provider)
            .field("purpose", &self.purpose)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// Links an account to a person. One account belongs to one person.
pub async fn link(
    tx: &mut Tx,
    user: Id,
    provider: &str,
    subject: &str,
    email: Option<&str>,
) -> Result<Identity> {
    let (id, now) = (Id::new(), now_us());
    let done = sqlx::query(
        "INSERT INTO identities (id, user_id, provider, subject, email, linked_at, last_used_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $6) ON CONFLICT (provider, subject) DO NOTHING",
    )
    .bind(id.bytes())
    .bind(user.bytes())
    .bind(provider)
    .bind(subject)
    .bind(email)
    .bind(now)
    .execute(tx.on())
    .await?;
    if done.rows_affected() == 0 {
        return Err(StoreError::Duplicate("identity"));
    }
    Ok(Identity {
        id,
        user,
        provider: provider.to_owned(),
        subject: subject.to_owned(),
        email: email.map(str::to_owned),
        linked_at: now,
        last_used_at: now,
    })
}

/// Whose account it is, if anybody's; notes that it was used, so it needs a transaction that writes.
pub async fn by_subject(tx: &mut Tx, provider: &str, subject: &str, now: i64) -> Result<Option<Identity>> {
    let row = sqlx::query(
        "UPDATE identities SET last_used_at = $3 WHERE provider = $1 AND subject = $2 \
         RETURNING id, user_id, provider, subject, email, linked_at, last_used_at",
    )
    .bind(provider)
    .bind(subject)
    .bind(now)
    .fetch_optional(tx.on())
    .await?;
    row.as_ref().map(read).transpose()
}

/// A person's accounts elsewhere, in the order they were linked.
pub async fn list(tx: &mut Tx, user: Id) -> Result<Vec<Identity>> {
    let rows = sqlx::query(
        "SELECT id, user_id, provider, subject, email, linked_at, last_used_at FROM identities \
         WHERE user_id = $1 ORDER BY id",
    )
    .bind(user.bytes())
    .fetch_all(tx.on())
    .await?;
    rows.iter().map(read).collect()
}

/// Takes the link away. The last way to sign in of who has no password stays.
pub async fn unlink(tx: &mut Tx, user: Id, id: Id) -> Result<()> {
    // The person's row is the lock: two who unlink at once do so one after the other.
    let person = sqlx::query("UPDATE users SET version = version WHERE id = $1 RETURNING password_hash")
        .bind(user.bytes())
        .fetch_optional(tx.on())
        .await?
        .ok_or(StoreError::Missing("user"))?;
    let done = sqlx::query("DELETE FROM identities WHERE id = $1 AND user_id = $2")
        .bind(id.bytes())
        .bind(user.bytes())
        .execute(tx.on())
        .await?;
    if done.rows_affected() == 0 {
        return Err(StoreError::Missing("identity"));
    }
    if person.text_opt("password_hash")?.is_none() && list(tx, user).await?.is_empty() {
        return Err(StoreError::LastOne("way to sign in"));
    }
    Ok(())
}

/// Notes that a sign-in elsewhere has begun.
pub async fn begin(tx: &mut Tx, state_hash: &[u8], begun: &Begun) -> Result<()> {
    let (purpose, user) = match begun.purpose {
        Purpose::SignIn => ("sign-in", None),
        Purpose::Link(user) => ("link", Some(user)),
    };
    sqlx::query(
        "INSERT INTO oauth_states (state_hash, provider, nonce, verifier, redirect, purpose, user_id, \
         expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(state_hash)
    .bind(begun.provider.as_str())
    .bind(begun.nonce.as_str())
    .bind(begun.verifier.as_str())
    .bind(begun.redirect.as_str())
    .bind(purpose)
    .bind(user.map(Id::bytes))
    .bind(begun.expires_at)
    .execute(tx.on())
    .await?;
    Ok(())
}

/// Takes the sign-in that began with this state: once, whoever comes first. `None` when there is none or
/// it is void.
pub async fn take(tx: &mut Tx, state_hash: &[u8], now: i64) -> Result<Option<Begun>> {
    let row = sqlx::query(
        "DELETE FROM oauth_states WHERE state_hash = $1 \
         RETURNING provider, nonce, verifier, redirect, purpose, user_id, expires_at",
    )
    .bind(state_hash)
    .fetch_optional(tx.on())
    .await?;
    let Some(row) = row else { return Ok(None) };
    let purpose = match (row.text("purpose")?.as_str(), row.id_opt("user_id")?) {
        ("sign-in", None) => Purpose::SignIn,
        ("link", Some(user)) => Purpose::Link(user),
        _ => return Err(StoreError::Damaged("a sign-in has no purpose".to_owned())),
    };
    let begun = Begun {
        provider: row.text("provider")?,
        nonce: row.text("nonce")?,
        verifier: row.text("verifier")?,
        redirect: row.text("redirect")?,
        purpose,
        expires_at: row.int("expires_at")?,
    };
    Ok((begun.expires_at > now).then_some(begun))
}

/// Removes sign-ins that are void; how many.
pub async fn purge(tx: &mut Tx, now: i64) -> Result<u64> {
    let done =
        sqlx::query("DELETE FROM oauth_states WHERE expires_at <= $1").bind(now).execute(tx.on()).await?;
    Ok(done.rows_affected())
}

fn read(row: &AnyRow) -> Result<Identity> {
    Ok(Identity {
        id: row.id("id")?,
        user: row.id("user_id")?,
        provider: row.text("provider")?,
        subject: row.text("subject")?,
        email: row.text_opt("email")?,
        linked_at: row.int("linked_at")?,
        last_used_at: row.int("last_used_at")?,
    })
}
