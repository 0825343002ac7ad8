//! What is known of a statement?

use super::intern::{ANALYSED, TEXTLESS};
use super::pages::{list_placeholders, lists};
use super::usage::Usage;
use crate::row::Values;
use crate::{Result, StoreError, Tx};
use sqlx::AssertSqlSafe;
use sqlx::any::AnyRow;
use std::collections::HashMap;

/// Most of a list.
const LIMIT_MAX: i64 = 200;

/// A statement without its literals.
#[derive(Clone, Debug, PartialEq)]
pub struct Fingerprint {
    /// Its number.
    pub id: i64,
    /// Such as `1-8ca5ea4f9ec4b1bc`.
    pub fingerprint: String,
    /// Without literals; `None` while no data plane has told it.
    pub text: Option<String>,
    /// `read`, `write`, …; empty while the text is missing.
    pub class: String,
    /// The tables its words name.
    pub tables: Vec<String>,
    /// What it uses; `None` while it was not analysed.
    pub usage: Option<Usage>,
    /// Where it was seen, of the listeners that were asked for.
    pub listeners: Vec<FingerprintListener>,
}

/// Where and when a statement was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FingerprintListener {
    /// The listener's number.
    pub listener: i64,
    /// When it was first seen there.
    pub first_seen_at: i64,
    /// In which minute it was last seen there.
    pub last_seen_at: i64,
}

fn read(row: &AnyRow) -> Result<Fingerprint> {
    let analysed = row.int("analysed")?;
    Ok(Fingerprint {
        id: row.int("id")?,
        fingerprint: row.text("fingerprint")?,
        text: if analysed == TEXTLESS { None } else { Some(row.text("text")?) },
        class: row.text("class")?,
        tables: row.json("tables")?,
        usage: if analysed == ANALYSED { Some(row.json("usage")?) } else { None },
        listeners: Vec::new(),
    })
}

/// One of them, if it was seen behind one of the listeners.
pub async fn fingerprint(tx: &mut Tx, listeners: &[i64], id: i64) -> Result<Fingerprint> {
    let found = of_numbers(tx, listeners, &[id]).await?.pop();
    found.filter(|found| !found.listeners.is_empty()).ok_or(StoreError::Missing("fingerprint"))
}

/// The number of a fingerprint such as `1-8ca5ea4f9ec4b1bc`.
pub async fn of_text(tx: &mut Tx, fingerprint: &str) -> Result<Option<i64>> {
    let row = sqlx::query("SELECT id FROM fingerprints WHERE fingerprint = $1")
        .bind(super::name(fingerprint))
        .fetch_optional(tx.on())
        .await?;
    row.map(|row| row.int("id")).transpose()
}

/// Those that came up last behind some listeners.
pub async fn newest(tx: &mut Tx, listeners: &[i64], limit: i64) -> Result<Vec<Fingerprint>> {
    let limit = limit.clamp(1, LIMIT_MAX);
    let mut found: Vec<(i64, i64)> = Vec::new();
    for listener in listeners {
        let rows = sqlx::query(
            "SELECT fingerprint, first_seen_at FROM fingerprint_listeners WHERE listener = $1 \
             ORDER BY first_seen_at DESC, fingerprint DESC LIMIT $2",
        )
        .bind(*listener)
        .bind(limit)
        .fetch_all(tx.on())
        .await?;
        for row in &rows {
            found.push((row.int("first_seen_at")?, row.int("fingerprint")?));
        }
    }
    found.sort_unstable_by_key(|newest| std::cmp::Reverse(*newest));
    let mut numbers: Vec<i64> = Vec::new();
    for (_, number) in found {
        if !numbers.contains(&number) && numbers.len() < LIMIT_MAX as usize {
            numbers.push(number);
        }
    }
    numbers.truncate(usize::try_from(limit).unwrap_or(1));
    of_numbers(tx, listeners, &numbers).await
}

/// Those of some numbers, in their order; those that are gone are left out.
pub async fn of_numbers(tx: &mut Tx, listeners: &[i64], numbers: &[i64]) -> Result<Vec<Fingerprint>> {
    let mut found: HashMap<i64, Fingerprint> = HashMap::new();
    for list in lists(numbers) {
        let text = format!(
            "SELECT id, fingerprint, class, tables, analysed, usage, text FROM fingerprints WHERE id IN {}",
            list_placeholders(1)
        );
        let mut query = sqlx::query(AssertSqlSafe(text));
        for number in &list {
            query = query.bind(*number);
        }
        for row in query.fetch_all(tx.on()).await? {
            let fingerprint = read(&row)?;
            found.insert(fingerprint.id, fingerprint);
        }
        for listeners in lists(listeners) {
            let text = format!(
                "SELECT listener, fingerprint, first_seen_at, last_seen_at FROM fingerprint_listeners \
                 WHERE fingerprint IN {} AND listener IN {} ORDER BY listener",
                list_placeholders(1),
                list_placeholders(1 + super::pages::LIST)
            );
            let mut query = sqlx::query(AssertSqlSafe(text));
            for number in list.iter().chain(&listeners) {
                query = query.bind(*number);
            }
            for row in query.fetch_all(tx.on()).await? {
                if let Some(fingerprint) = found.get_mut(&row.int("fingerprint")?) {
                    fingerprint.listeners.push(FingerprintListener {
                        listener: row.int("listener")?,
                        first_seen_at: row.int("first_seen_at")?,
                        last_seen_at: row.int("last_seen_at")?,
                    });
                }
            }
        }
    }
    Ok(numbers.iter().filter_map(|number| found.remove(number)).collect())
}
