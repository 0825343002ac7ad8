//! Which sealed values are kept, and with which master key can they be opened?
//!
//! The state sees neither values nor keys: each value is sealed with a data key of its own, and that with a
//! master key, of which only the name is kept here.

use crate::insert::refused;
use crate::page::{Page, ask, page};
use crate::row::Values;
use crate::text::storable;
use crate::{Id, Result, StoreError, Tx, now_us};
use sqlx::any::AnyRow;
use std::fmt;

const WHAT: &str = "secret";

/// A sealed value.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret {
    /// What it is found by; part of what is authenticated, so chosen before sealing.
    pub id: Id,
    /// Whose it is; `None` for secrets of the instance.
    pub workspace: Option<Id>,
    /// What it is, such as `password`.
    pub kind: String,
    /// What has it, such as `connection`.
    pub owner_kind: String,
    /// Which one.
    pub owner: Id,
    /// The value.
    pub sealed: Sealed,
    /// When it was first kept.
    pub created_at: i64,
    /// When value or keys changed last.
    pub rotated_at: i64,
}

/// A value that only the holder of the master key can open.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed {
    /// The data key, sealed with the master key.
    pub wrapped_key: Vec<u8>,
    /// The name of the master key.
    pub master_key: String,
    /// The nonce of the value.
    pub nonce: Vec<u8>,
    /// The value, sealed with the data key.
    pub sealed: Vec<u8>,
}

impl fmt::Debug for Secret {
    /// Not even sealed is it shown.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Secret({} {} of {} {})", self.id, self.kind, self.owner_kind, self.owner)
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Sealed(with `{}`)", self.master_key)
    }
}

/// A secret that is not kept yet.
#[derive(Clone, Copy, Debug)]
pub struct NewSecret<'a> {
    /// What it will be found by.
    pub id: Id,
    /// Whose it is; `None` for secrets of the instance.
    pub workspace: Option<Id>,
    /// What it is, such as `password`.
    pub kind: &'a str,
    /// What has it, such as `connection`.
    pub owner_kind: &'a str,
    /// Which one.
    pub owner: Id,
    /// The value.
    pub sealed: &'a Sealed,
}

/// Keeps a secret.
pub async fn create(tx: &mut Tx, new: NewSecret<'_>) -> Result<()> {
    storable(&[("kind", new.kind), ("owner", new.owner_kind), ("master key", &new.sealed.master_key)])?;
    sqlx::query(
        "INSERT INTO secrets (id, workspace, kind, owner_kind, owner, wrapped_key, master_key, nonce, \
         sealed, created_at, rotated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)",
    )
    .bind(new.id.bytes())
    .bind(new.workspace.map(Id::bytes))
    .bind(new.kind)
    .bind(new.owner_kind)
    .bind(new.owner.bytes())
    .bind(new.sealed.wrapped_key.clone())
    .bind(&new.sealed.master_key)
    .bind(new.sealed.nonce.clone())
    .bind(new.sealed.sealed.clone())
    .bind(now_us())
    .execute(tx.on())
    .await
    .map_err(refused(WHAT, "workspace"))?;
    Ok(())
}

macro_rules! select {
    () => {
        "SELECT id, workspace, kind, owner_kind, owner, wrapped_key, master_key, nonce, sealed, \
         created_at, rotated_at FROM secrets "
    };
}

/// The secret of that id.
pub async fn get(tx: &mut Tx, id: Id) -> Result<Secret> {
    let row =
        sqlx::query(concat!(select!(), "WHERE id = $1")).bind(id.bytes()).fetch_optional(tx.on()).await?;
    read(&row.ok_or(StoreError::Missing(WHAT))?)
}

/// All secrets of one owner, oldest first; few.
pub async fn of_owner(tx: &mut Tx, owner_kind: &str, owner: Id) -> Result<Vec<Secret>> {
    let rows = sqlx::query(concat!(select!(), "WHERE owner = $1 AND owner_kind = $2 ORDER BY id"))
        .bind(owner.bytes())
        .bind(owner_kind)
        .fetch_all(tx.on())
        .await?;
    rows.iter().map(read).collect()
}

/// Puts another value in its place.
pub async fn replace(tx: &mut Tx, id: Id, sealed: &Sealed) -> Result<()> {
    storable(&[("master key", &sealed.master_key)])?;
    let done = sqlx::query(
        "UPDATE secrets SET wrapped_key = $1, master_key = $2, nonce = $3, sealed = $4, rotated_at = $5 \
         WHERE id = $6",
    )
    .bind(sealed.wrapped_key.clone())
    .bind(&sealed.master_key)
    .bind(sealed.nonce.clone())
    .bind(sealed.sealed.clone())
    .bind(now_us())
    .bind(id.bytes())
    .execute(tx.on())
    .await?;
    if done.rows_affected() == 0 { Err(StoreError::Missing(WHAT)) } else { Ok(()) }
}

/// Those whose data key is sealed with another master key than `master_key`: what a rotation still has to
/// do. They leave the list when they are wrapped again; `after` skips those that cannot be.
pub async fn wrapped_by_others(
    tx: &mut Tx,
    master_key: &str,
    after: Option<Id>,
    limit: i64,
) -> Result<Page<Secret>> {
    let rows = sqlx::query(concat!(select!(), "WHERE master_key <> $1 AND id > $2 ORDER BY id LIMIT $3"))
        .bind(master_key)
        .bind(after.map(Id::bytes).unwrap_or_default())
        .bind(ask(limit))
        .fetch_all(tx.on())
        .await?;
    page(&rows, limit, read, |secret| secret.id)
}

/// Replaces the wrap of a data key, unless value or wrap changed since `secret` was read.
pub async fn rewrap(tx: &mut Tx, secret: &Secret, wrapped_key: &[u8], master_key: &str) -> Result<()> {
    storable(&[("master key", master_key)])?;
    let done = sqlx::query(
        "UPDATE secrets SET wrapped_key = $1, master_key = $2, rotated_at = $3 \
         WHERE id = $4 AND wrapped_key = $5",
    )
    .bind(wrapped_key.to_vec())
    .bind(master_key)
    .bind(now_us())
    .bind(secret.id.bytes())
    .bind(secret.sealed.wrapped_key.clone())
    .execute(tx.on())
    .await?;
    if done.rows_affected() == 0 { Err(StoreError::Changed(WHAT)) } else { Ok(()) }
}

/// How many secrets each master key wraps.
pub async fn count_by_master_key(tx: &mut Tx) -> Result<Vec<(String, i64)>> {
    let rows = sqlx::query("SELECT master_key, COUNT(*) AS secrets FROM secrets GROUP BY master_key")
        .fetch_all(tx.on())
        .await?;
    rows.iter().map(|row| Ok((row.text("master_key")?, row.int("secrets")?))).collect()
}

/// Forgets it. Nothing happens when it is not there.
pub async fn delete(tx: &mut Tx, id: Id) -> Result<()> {
    sqlx::query("DELETE FROM secrets WHERE id = $1").bind(id.bytes()).execute(tx.on()).await?;
    Ok(())
}

fn read(row: &AnyRow) -> Result<Secret> {
    Ok(Secret {
        id: row.id("id")?,
        workspace: row.id_opt("workspace")?,
        kind: row.text("kind")?,
        owner_kind: row.text("owner_kind")?,
        owner: row.id("owner")?,
        sealed: Sealed {
            wrapped_key: row.bytes("wrapped_key")?,
            master_key: row.text("master_key")?,
            nonce: row.bytes("nonce")?,
            sealed: row.bytes("sealed")?,
        },
        created_at: row.int("created_at")?,
        rotated_at: row.int("rotated_at")?,
    })
}
