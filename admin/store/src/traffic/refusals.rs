//! What was refused or held, and by which rules?

use super::ingest::Names;
use super::sessions::{before, caller, newest_first, wanted};
use super::{HOUR, Level, Range, counted, id_at, id_from, minute_of, name};
use crate::insert::placeholders;
use crate::page::ask;
use crate::row::Values;
use crate::{Id, Page, Result, Tx};
use control::{Caller, Report};
use sqlx::AssertSqlSafe;
use sqlx::any::AnyRow;
use std::collections::BTreeMap;

const COLUMNS: usize = 10;
const ROWS: usize = 100;
/// Refusals of one statement that are counted by rule, of each listener: its newest.
const COUNTED_MAX: i64 = 20_000;

/// A statement that was refused or held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusalRow {
    /// Its place in lists, by when it happened.
    pub id: Id,
    /// Its listener.
    pub listener: i64,
    /// UUID of the session.
    pub session: String,
    /// When.
    pub at: i64,
    /// Who asked.
    pub caller: Caller,
    /// The fingerprint's number; `None` when the state has none for it.
    pub fingerprint: Option<i64>,
    /// What it does.
    pub class: String,
    /// `refuse` or `hold`.
    pub verdict: String,
    /// `rule set/rule`; empty where none decided.
    pub rule: String,
    /// What the client was given.
    pub sqlstate: String,
}

/// Which refusals.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RefusalFilter {
    /// Only those of a rule; empty for those that no rule decided.
    pub rule: Option<String>,
    /// Only those of a fingerprint.
    pub fingerprint: Option<i64>,
    /// Only those of a role.
    pub user: Option<String>,
    /// Only those of an application.
    pub application: Option<String>,
    /// Only those with this verdict.
    pub verdict: Option<String>,
    /// Only those in a range of time.
    pub range: Option<Range>,
}

/// How often a rule refused or held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleCount {
    /// `rule set/rule`; empty where none decided.
    pub rule: String,
    /// `refuse` or `hold`.
    pub verdict: String,
    /// How often.
    pub refusals: u64,
}

/// Keeps what a report tells of refusals.
pub(crate) async fn take(tx: &mut Tx, report: &Report, names: &Names) -> Result<()> {
    let refusals: Vec<_> = report.refusals.iter().take(Report::EVENTS_MAX).collect();
    for chunk in refusals.chunks(ROWS) {
        let text = format!(
            "INSERT INTO traffic_refusals (id, listener, session, at, caller, fingerprint, class, verdict, rule, \
             sqlstate) VALUES {}",
            placeholders(1, chunk.len(), COLUMNS)
        );
        let mut query = sqlx::query(AssertSqlSafe(text));
        for refusal in chunk {
            query = query
                .bind(id_at(refusal.at_us)?.bytes())
                .bind(names.listener(&refusal.listener))
                .bind(name(&refusal.session))
                .bind(refusal.at_us)
                .bind(names.caller(&refusal.caller).map_or(0, i64::from))
                .bind(names.fingerprints.number(&refusal.fingerprint).map_or(0, i64::from))
                .bind(name(&refusal.class))
                .bind(name(&refusal.verdict))
                .bind(name(&refusal.rule))
                .bind(name(&refusal.sqlstate));
        }
        query.execute(tx.on()).await?;
    }
    let mut counts: BTreeMap<(i64, i64, String, String), i64> = BTreeMap::new();
    for refusal in refusals {
        let hour = Level::Hour.floor(minute_of(refusal.at_us));
        let key = (names.listener(&refusal.listener), hour, name(&refusal.rule), name(&refusal.verdict));
        *counts.entry(key).or_default() += 1;
    }
    for ((listener, hour, rule, verdict), count) in counts {
        sqlx::query(
            "INSERT INTO traffic_refusal_hours (listener, hour, rule, verdict, refusals) \
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT (listener, hour, rule, verdict) \
             DO UPDATE SET refusals = traffic_refusal_hours.refusals + excluded.refusals",
        )
        .bind(listener)
        .bind(hour)
        .bind(rule)
        .bind(verdict)
        .bind(count)
        .execute(tx.on())
        .await?;
    }
    Ok(())
}

fn read(row: &AnyRow) -> Result<RefusalRow> {
    let fingerprint = row.int("fingerprint")?;
    Ok(RefusalRow {
        id: row.id("id")?,
        listener: row.int("listener")?,
        session: row.text("session")?,
        at: row.int("at")?,
        caller: caller(row)?,
        fingerprint: (fingerprint > 0).then_some(fingerprint),
        class: row.text("class")?,
        verdict: row.text("verdict")?,
        rule: row.text("rule")?,
        sqlstate: row.text("sqlstate")?,
    })
}

/// Refusals behind some listeners, the last first.
pub async fn refusals(
    tx: &mut Tx,
    listeners: &[i64],
    filter: &RefusalFilter,
    after: Option<Id>,
    limit: i64,
) -> Result<Page<RefusalRow>> {
    // Those that have an index are asked for plainly, so that it is used.
    let rule = if filter.rule.is_some() { "AND r.rule = $4" } else { "AND $4 = ''" };
    let fingerprint = if filter.fingerprint.is_some() { "AND r.fingerprint = $5" } else { "AND $5 = 0" };
    let text = format!(
        "SELECT r.id, r.listener, r.session, r.at, r.fingerprint, r.class, r.verdict, r.rule, r.sqlstate, \
         c.user_name, c.database_name, c.application \
         FROM traffic_refusals r LEFT JOIN callers c ON c.id = r.caller \
         WHERE r.listener = $1 AND r.id < $2 AND r.id >= $3 {rule} {fingerprint} \
         AND ($6 = '' OR c.user_name = $7) AND ($8 = '' OR c.application = $9) AND ($10 = '' OR r.verdict = $11) \
         ORDER BY r.id DESC LIMIT $12"
    );
    let until = before(after, filter.range.map(|range| range.until));
    let from = id_from(filter.range.map_or(0, |range| range.from));
    let mut found = Vec::new();
    for listener in listeners {
        let rows = sqlx::query(AssertSqlSafe(text.clone()))
            .bind(*listener)
            .bind(until.as_slice())
            .bind(from.as_slice())
            .bind(name(filter.rule.as_deref().unwrap_or_default()))
            .bind(filter.fingerprint.unwrap_or(0))
            .bind(wanted(&filter.user))
            .bind(name(filter.user.as_deref().unwrap_or_default()))
            .bind(wanted(&filter.application))
            .bind(name(filter.application.as_deref().unwrap_or_default()))
            .bind(wanted(&filter.verdict))
            .bind(name(filter.verdict.as_deref().unwrap_or_default()))
            .bind(ask(limit))
            .fetch_all(tx.on())
            .await?;
        for row in &rows {
            found.push(read(row)?);
        }
    }
    Ok(newest_first(found, limit, |refusal| refusal.id))
}

/// How often each rule refused or held behind some listeners, by whole hours, the most frequent first.
pub async fn refusals_by_rule(tx: &mut Tx, listeners: &[i64], range: Range) -> Result<Vec<RuleCount>> {
    let mut counts: BTreeMap<(String, String), u64> = BTreeMap::new();
    for listener in listeners {
        let rows = sqlx::query(
            "SELECT rule, verdict, CAST(COALESCE(SUM(refusals), 0) AS BIGINT) AS refusals \
             FROM traffic_refusal_hours WHERE listener = $1 AND hour > $2 AND hour < $3 GROUP BY rule, verdict",
        )
        .bind(*listener)
        .bind(minute_of(range.from) - HOUR)
        .bind(minute_of(range.until.saturating_add(super::MINUTE_US - 1)))
        .fetch_all(tx.on())
        .await?;
        for row in &rows {
            *counts.entry((row.text("rule")?, row.text("verdict")?)).or_default() +=
                counted(row.int("refusals")?);
        }
    }
    Ok(most_first(counts))
}

/// How often each rule refused or held a fingerprint behind some listeners, the most frequent first.
pub async fn refusals_of_fingerprint(
    tx: &mut Tx,
    listeners: &[i64],
    fingerprint: i64,
    range: Range,
) -> Result<Vec<RuleCount>> {
    let mut counts: BTreeMap<(String, String), u64> = BTreeMap::new();
    for listener in listeners {
        let rows = sqlx::query(
            "SELECT rule, verdict, COUNT(*) AS refusals FROM (SELECT rule, verdict FROM traffic_refusals \
             WHERE listener = $1 AND fingerprint = $2 AND id >= $3 AND id < $4 ORDER BY id DESC LIMIT $5) AS newest \
             GROUP BY rule, verdict",
        )
        .bind(*listener)
        .bind(fingerprint)
        .bind(id_from(range.from).as_slice())
        .bind(id_from(range.until).as_slice())
        .bind(COUNTED_MAX)
        .fetch_all(tx.on())
        .await?;
        for row in &rows {
            *counts.entry((row.text("rule")?, row.text("verdict")?)).or_default() +=
                counted(row.int("refusals")?);
        }
    }
    Ok(most_first(counts))
}

fn most_first(counts: BTreeMap<(String, String), u64>) -> Vec<RuleCount> {
    let mut counts: Vec<RuleCount> =
        counts.into_iter().map(|((rule, verdict), refusals)| RuleCount { rule, verdict, refusals }).collect();
    counts.sort_by_key(|count| std::cmp::Reverse(count.refusals));
    counts
}
