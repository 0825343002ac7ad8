//! What holds for the whole instance? Documents by name, and the one-time link that sets it up.

use crate::row::{Values, document};
use crate::{Result, StoreError, Tx, now_us};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// Under which name the set-up link is kept.
const SET_UP: &str = "set-up link";

/// A document and how often it was edited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting<T> {
    /// The document.
    pub value: T,
    /// Goes up with every edit.
    pub version: i64,
}

#[derive(Serialize, Deserialize)]
struct SetUp {
    /// The link's secret, hashed, as hexadecimal digits.
    hash: String,
    expires_at: i64,
}

/// The document named `name`, if there is one.
pub async fn find<T: DeserializeOwned>(tx: &mut Tx, name: &str) -> Result<Option<Setting<T>>> {
    let row = sqlx::query("SELECT value, version FROM settings WHERE name = $1")
        .bind(name)
        .fetch_optional(tx.on())
        .await?;
    row.map(|row| Ok(Setting { value: row.json("value")?, version: row.int("version")? })).transpose()
}

/// Sets the document named `name`, whatever it was; gives the new version.
pub async fn set<T: Serialize + ?Sized>(tx: &mut Tx, name: &str, value: &T) -> Result<i64> {
    let row = sqlx::query(
        "INSERT INTO settings (name, value, changed_at, version) VALUES ($1, $2, $3, 1) \
         ON CONFLICT (name) DO UPDATE SET value = excluded.value, changed_at = excluded.changed_at, \
         version = settings.version + 1 RETURNING version",
    )
    .bind(name)
    .bind(document(value)?)
    .bind(now_us())
    .fetch_one(tx.on())
    .await?;
    row.int("version")
}

/// Edits the document named `name` that still has `version` (0: there is none yet); gives the new one.
pub async fn replace<T: Serialize + ?Sized>(tx: &mut Tx, name: &str, version: i64, value: &T) -> Result<i64> {
    let row = if version == 0 {
        sqlx::query(
            "INSERT INTO settings (name, value, changed_at, version) VALUES ($1, $2, $3, 1) \
             ON CONFLICT (name) DO NOTHING RETURNING version",
        )
        .bind(name)
        .bind(document(value)?)
        .bind(now_us())
        .fetch_optional(tx.on())
        .await?
    } else {
        sqlx::query(
            "UPDATE settings SET value = $2, changed_at = $3, version = version + 1 \
             WHERE name = $1 AND version = $4 RETURNING version",
        )
        .bind(name)
        .bind(document(value)?)
        .bind(now_us())
        .bind(version)
        .fetch_optional(tx.on())
        .await?
    };
    row.ok_or(StoreError::Changed("setting"))?.int("version")
}

/// Takes the document away; whether there was one.
pub async fn remove(tx: &mut Tx, name: &str) -> Result<bool> {
    let done = sqlx::query("DELETE FROM settings WHERE name = $1").bind(name).execute(tx.on()).await?;
    Ok(done.rows_affected() > 0)
}

/// Lets one transaction at a time do what `name` stands for, until it ends.
pub(crate) async fn lock(tx: &mut Tx, name: &str) -> Result<()> {
    sqlx::query(
        "INSERT INTO settings (name, value, changed_at, version) VALUES ($1, 'null', $2, 1) \
         ON CONFLICT (name) DO UPDATE SET changed_at = excluded.changed_at",
    )
    .bind(format!("lock: {name}"))
    .bind(now_us())
    .execute(tx.on())
    .await?;
    Ok(())
}

/// Makes the link with this hash the one that sets the instance up; a former one is void.
pub async fn offer_set_up(tx: &mut Tx, secret_hash: &[u8], expires_at: i64) -> Result<()> {
    set(tx, SET_UP, &SetUp { hash: hexadecimal(secret_hash), expires_at }).await?;
    Ok(())
}

/// Takes the set-up link: whoever comes first with it. `false` for who comes later, with another one or
/// too late.
pub async fn take_set_up(tx: &mut Tx, secret_hash: &[u8], now: i64) -> Result<bool> {
    let Some(offered) = find::<SetUp>(tx, SET_UP).await? else { return Ok(false) };
    if offered.value.hash != hexadecimal(secret_hash) || offered.value.expires_at <= now {
        return Ok(false);
    }
    // Two who read the same: the second waits here for the first, and finds nothing.
    let done = sqlx::query("DELETE FROM settings WHERE name = $1 AND version = $2")
        .bind(SET_UP)
        .bind(offered.version)
        .execute(tx.on())
        .await?;
    Ok(done.rows_affected() == 1)
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
