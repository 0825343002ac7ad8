//! Which tables do statements join, behind some listeners?

use super::pages::{list_placeholders, lists};
use super::span::{self, Covered, Range};
use super::usage::{Observed, TableJoin, join_of, last_seen, sums_of};
use super::{Level, TrafficReader};
use crate::row::Values;
use crate::{Result, Tx};
use sqlx::AssertSqlSafe;
use std::collections::{BTreeMap, BTreeSet};

/// Joins of single statements that are added up: those of the statements that were told last.
const ROWS_MAX: i64 = 20_000;

/// Joins that were seen.
#[derive(Clone, Debug, PartialEq)]
pub struct SeenJoins {
    /// What counts are about.
    pub covered: Covered,
    /// Each as statements name it, the most frequent first.
    pub joins: Vec<TableJoin>,
    /// Whether there are statements whose joins are not among them.
    pub is_cut: bool,
}

const NAMES: [&str; 6] =
    ["left_schema", "left_table", "left_column", "right_schema", "right_table", "right_column"];

/// The joins of everything that was seen behind some listeners, whenever that was; calls are those in the
/// range.
pub async fn joins(
    reader: &TrafficReader,
    tx: &mut Tx,
    listeners: &[i64],
    range: Range,
) -> Result<SeenJoins> {
    reader.refresh(tx).await?;
    let (rows, is_cut) = rows(tx, listeners).await?;
    let fingerprints: Vec<i64> =
        rows.iter().map(|(fingerprint, _)| *fingerprint).collect::<BTreeSet<i64>>().into_iter().collect();
    let seen = last_seen(tx, listeners, &fingerprints).await?;
    let plan = span::plan(tx, listeners, range, (Level::Hour, Level::Day)).await?;
    let sums = sums_of(reader, tx, (&plan, listeners), &fingerprints).await?;
    let observed = Observed { seen, sums };
    let mut joins: BTreeMap<Vec<String>, TableJoin> = BTreeMap::new();
    for (fingerprint, names) in rows {
        let Some((calls, last_seen_at)) = observed.of(fingerprint) else { continue };
        let join = joins.entry(names.clone()).or_insert_with(|| TableJoin {
            join: join_of(names),
            calls: 0,
            fingerprints: 0,
            last_seen_at: 0,
        });
        join.calls += calls;
        join.fingerprints += 1;
        join.last_seen_at = join.last_seen_at.max(last_seen_at);
    }
    let mut joins: Vec<TableJoin> = joins.into_values().collect();
    joins.sort_by_key(|join| std::cmp::Reverse((join.calls, join.fingerprints)));
    Ok(SeenJoins { covered: plan.covered, joins, is_cut })
}

/// Each join with the statement that makes it, once.
async fn rows(tx: &mut Tx, listeners: &[i64]) -> Result<(BTreeSet<(i64, Vec<String>)>, bool)> {
    let (mut rows, mut is_cut) = (BTreeSet::new(), false);
    for list in lists(listeners) {
        let text = format!(
            "SELECT j.fingerprint, j.left_schema, j.left_table, j.left_column, j.right_schema, j.right_table, \
             j.right_column FROM fingerprint_joins j WHERE EXISTS (SELECT 1 FROM fingerprint_listeners l \
             WHERE l.fingerprint = j.fingerprint AND l.listener IN {}) ORDER BY j.fingerprint DESC LIMIT {ROWS_MAX}",
            list_placeholders(1)
        );
        let mut query = sqlx::query(AssertSqlSafe(text));
        for number in &list {
            query = query.bind(*number);
        }
        let found = query.fetch_all(tx.on()).await?;
        is_cut |= i64::try_from(found.len()).is_ok_and(|found| found >= ROWS_MAX);
        for row in found {
            let names = NAMES.into_iter().map(|column| row.text(column)).collect::<Result<Vec<String>>>()?;
            rows.insert((row.int("fingerprint")?, names));
        }
    }
    Ok((rows, is_cut))
}
