//! Which small number stands for a fingerprint or a caller? Pages hold numbers, and each text is kept once.

use super::{bounded, counter, name, numbers, small};
use crate::insert::{PARAMETERS_MAX, placeholders};
use crate::row::Values;
use crate::{Result, Tx};
use control::{Caller, StatementText};
use sqlx::AssertSqlSafe;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Fingerprints the state knows at once. What others do is still summed.
pub const FINGERPRINTS_MAX: i64 = 1_000_000;
/// Callers the state knows. An application's name is the client's to choose: somebody may choose many.
pub const CALLERS_MAX: i64 = 100_000;

/// Longest statement kept.
const TEXT_BYTES_MAX: usize = 65_536;
/// Tables kept of one statement.
const TABLES_MAX: usize = 64;
/// Numbers or texts asked for at once.
const ASKED: usize = 200;

/// What has become of a fingerprint: it waits to be analysed, was analysed, or has no text yet.
pub(crate) const WAITING: i64 = 0;
pub(crate) const ANALYSED: i64 = 1;
pub(crate) const TEXTLESS: i64 = 2;

/// Numbers of the fingerprints of a report.
#[derive(Debug, Default)]
pub(crate) struct Fingerprints {
    numbers: HashMap<String, u32>,
    /// How many were not known before.
    pub new: usize,
}

impl Fingerprints {
    /// `None` where there are too many.
    pub(crate) fn number(&self, fingerprint: &str) -> Option<u32> {
        self.numbers.get(fingerprint).copied()
    }
}

/// Finds the numbers of fingerprints, gives numbers to new ones, and keeps texts that were missing. The
/// traffic lock is held, `epoch` is its number.
pub(crate) async fn fingerprints(
    tx: &mut Tx,
    epoch: i64,
    named: &BTreeSet<&str>,
    texts: &BTreeMap<&str, &StatementText>,
    now: i64,
) -> Result<Fingerprints> {
    let all: Vec<&str> = named.iter().copied().collect();
    let mut found = Fingerprints::default();
    let mut texted = Vec::new();
    for chunk in all.chunks(ASKED) {
        let text = format!(
            "SELECT id, fingerprint, analysed FROM fingerprints WHERE fingerprint IN {}",
            placeholders(1, 1, ASKED)
        );
        let mut query = sqlx::query(AssertSqlSafe(text));
        for place in 0..ASKED {
            query = query.bind(name(chunk.get(place).or(chunk.last()).copied().unwrap_or_default()));
        }
        for row in query.fetch_all(tx.on()).await? {
            let (fingerprint, id) = (row.text("fingerprint")?, row.int("id")?);
            if row.int("analysed")? == TEXTLESS
                && let Some(text) = texts.get(fingerprint.as_str())
            {
                texted.push((id, *text));
            }
            found.numbers.insert(fingerprint, small(id)?);
        }
    }
    for (id, text) in &texted {
        set_text(tx, epoch, *id, text).await?;
    }
    let room = usize::try_from((FINGERPRINTS_MAX - counter(tx, "fingerprints").await?).max(0)).unwrap_or(0);
    let new: Vec<&str> =
        all.iter().copied().filter(|one| !found.numbers.contains_key(*one)).take(room).collect();
    found.new = new.len();
    let mut linked = texted;
    for chunk in new.chunks(PARAMETERS_MAX / 9) {
        linked.extend(insert(tx, epoch, chunk, texts, now, &mut found.numbers).await?);
    }
    link_tables(tx, &linked).await?;
    Ok(found)
}

async fn insert<'a>(
    tx: &mut Tx,
    epoch: i64,
    new: &[&str],
    texts: &BTreeMap<&str, &'a StatementText>,
    now: i64,
    found: &mut HashMap<String, u32>,
) -> Result<Vec<(i64, &'a StatementText)>> {
    let many = i64::try_from(new.len()).unwrap_or(0);
    let first = numbers(tx, "fingerprint", many).await?;
    numbers(tx, "fingerprints", many).await?;
    let mut linked = Vec::new();
    let text = format!(
        "INSERT INTO fingerprints (id, fingerprint, class, tables, first_seen_at, revision, analysed, usage, text) \
         VALUES {} ON CONFLICT (fingerprint) DO NOTHING",
        placeholders(1, new.len(), 9)
    );
    let mut query = sqlx::query(AssertSqlSafe(text));
    for (id, fingerprint) in (first..).zip(new) {
        let statement = texts.get(fingerprint);
        query = query
            .bind(id)
            .bind(name(fingerprint))
            .bind(name(statement.map_or("", |statement| &statement.class)))
            .bind(statement.map_or_else(|| "[]".to_owned(), |statement| tables_json(statement)))
            .bind(now)
            .bind(epoch)
            .bind(if statement.is_some() { WAITING } else { TEXTLESS })
            .bind("")
            .bind(bounded(statement.map_or("", |statement| &statement.text), TEXT_BYTES_MAX));
        found.insert((*fingerprint).to_owned(), small(id)?);
        linked.extend(statement.map(|statement| (id, *statement)));
    }
    query.execute(tx.on()).await?;
    Ok(linked)
}

async fn set_text(tx: &mut Tx, epoch: i64, id: i64, statement: &StatementText) -> Result<()> {
    sqlx::query(
        "UPDATE fingerprints SET text = $2, class = $3, tables = $4, analysed = $5, revision = $6 WHERE id = $1",
    )
    .bind(id)
    .bind(bounded(&statement.text, TEXT_BYTES_MAX))
    .bind(name(&statement.class))
    .bind(tables_json(statement))
    .bind(WAITING)
    .bind(epoch)
    .execute(tx.on())
    .await?;
    Ok(())
}

fn tables_json(statement: &StatementText) -> String {
    let tables: Vec<String> = statement.tables.iter().take(TABLES_MAX).map(|table| name(table)).collect();
    serde_json::Value::from(tables).to_string()
}

/// Until a statement is analysed, it is found by the tables its words name.
async fn link_tables(tx: &mut Tx, statements: &[(i64, &StatementText)]) -> Result<()> {
    let mut rows = BTreeMap::new();
    for (id, statement) in statements {
        let reads = statement.class == "read";
        for table in statement.tables.iter().take(TABLES_MAX) {
            let (schema, table) = table.rsplit_once('.').unwrap_or(("", table));
            rows.insert((*id, name(schema), name(table)), reads);
        }
    }
    let rows: Vec<_> = rows.into_iter().collect();
    for chunk in rows.chunks(PARAMETERS_MAX / 5) {
        let text = format!(
            "INSERT INTO fingerprint_tables (fingerprint, schema_name, table_name, reads, writes) VALUES {} \
             ON CONFLICT (fingerprint, schema_name, table_name) DO NOTHING",
            placeholders(1, chunk.len(), 5)
        );
        let mut query = sqlx::query(AssertSqlSafe(text));
        for ((id, schema, table), reads) in chunk {
            query = query
                .bind(*id)
                .bind(schema.as_str())
                .bind(table.as_str())
                .bind(i64::from(*reads))
                .bind(i64::from(!*reads));
        }
        query.execute(tx.on()).await?;
    }
    Ok(())
}

/// Notes that fingerprints were seen behind a listener at a time. The traffic lock is held.
pub(crate) async fn link_listener(
    tx: &mut Tx,
    epoch: i64,
    listener: i64,
    fingerprints: &BTreeSet<u32>,
    at: i64,
) -> Result<()> {
    let all: Vec<i64> = fingerprints.iter().map(|number| i64::from(*number)).collect();
    for chunk in all.chunks(ASKED) {
        let list = || (0..ASKED).map(|place| chunk.get(place).or(chunk.last()).copied().unwrap_or_default());
        let text = format!(
            "SELECT fingerprint FROM fingerprint_listeners WHERE listener = $1 AND fingerprint IN {}",
            placeholders(2, 1, ASKED)
        );
        let mut query = sqlx::query(AssertSqlSafe(text)).bind(listener);
        for number in list() {
            query = query.bind(number);
        }
        let rows = query.fetch_all(tx.on()).await?;
        let known = rows.iter().map(|row| row.int("fingerprint")).collect::<Result<BTreeSet<i64>>>()?;
        let new: Vec<i64> = chunk.iter().copied().filter(|number| !known.contains(number)).collect();
        if !new.is_empty() {
            let text = format!(
                "INSERT INTO fingerprint_listeners (listener, fingerprint, first_seen_at, last_seen_at, revision) \
                 VALUES {}",
                placeholders(1, new.len(), 5)
            );
            let mut query = sqlx::query(AssertSqlSafe(text));
            for number in &new {
                query = query.bind(listener).bind(*number).bind(at).bind(at).bind(epoch);
            }
            query.execute(tx.on()).await?;
        }
        if known.is_empty() {
            continue;
        }
        let text = format!(
            "UPDATE fingerprint_listeners SET last_seen_at = $1 WHERE listener = $2 AND last_seen_at < $1 \
             AND fingerprint IN {}",
            placeholders(3, 1, ASKED)
        );
        let mut query = sqlx::query(AssertSqlSafe(text)).bind(at).bind(listener);
        for number in list() {
            query = query.bind(number);
        }
        query.execute(tx.on()).await?;
    }
    Ok(())
}

/// Numbers of callers; those there are too many of have none. The traffic lock is held.
pub(crate) async fn callers(tx: &mut Tx, named: &BTreeSet<Caller>) -> Result<HashMap<Caller, u32>> {
    let all: Vec<&Caller> = named.iter().collect();
    let mut found = HashMap::new();
    for chunk in all.chunks(ASKED / 3) {
        // Both databases compare rows of values; each is looked up in the unique index.
        let text = format!(
            "SELECT id, user_name, database_name, application FROM callers \
             WHERE (user_name, database_name, application) IN (VALUES {})",
            placeholders(1, ASKED / 3, 3)
        );
        let mut query = sqlx::query(AssertSqlSafe(text));
        for place in 0..ASKED / 3 {
            let caller = chunk.get(place).or(chunk.last()).copied().cloned().unwrap_or_default();
            query = query.bind(caller.user).bind(caller.database).bind(caller.application);
        }
        for row in query.fetch_all(tx.on()).await? {
            let caller = Caller {
                user: row.text("user_name")?,
                database: row.text("database_name")?,
                application: row.text("application")?,
            };
            found.insert(caller, small(row.int("id")?)?);
        }
    }
    let room = usize::try_from((CALLERS_MAX - counter(tx, "caller").await?).max(0)).unwrap_or(0);
    let new: Vec<&Caller> =
        all.into_iter().filter(|caller| !found.contains_key(*caller)).take(room).collect();
    for chunk in new.chunks(PARAMETERS_MAX / 4) {
        let first = numbers(tx, "caller", i64::try_from(chunk.len()).unwrap_or(0)).await?;
        let text = format!(
            "INSERT INTO callers (id, user_name, database_name, application) VALUES {}",
            placeholders(1, chunk.len(), 4)
        );
        let mut query = sqlx::query(AssertSqlSafe(text));
        for (id, caller) in (first..).zip(chunk) {
            query = query
                .bind(id)
                .bind(caller.user.as_str())
                .bind(caller.database.as_str())
                .bind(caller.application.as_str());
            found.insert((*caller).clone(), small(id)?);
        }
        query.execute(tx.on()).await?;
    }
    Ok(found)
}

/// A caller as it is kept.
pub(crate) fn caller(told: &Caller) -> Caller {
    Caller { user: name(&told.user), database: name(&told.database), application: name(&told.application) }
}
