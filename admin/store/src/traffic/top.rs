//! Which statements, people, applications, tables have most of something?

use super::fold::{self, Grouping, Told};
use super::known::Known;
use super::page::{BYTES_IN, BYTES_OUT, CALLS, ERRORS, REFUSALS, ROWS, TOTAL_US};
use super::select::{Filter, Select};
use super::span::{self, Covered, Range};
use super::usage::TableName;
use super::{Level, TrafficReader, compute, place};
use crate::words::words;
use crate::{Result, Tx};
use control::{Caller, Sums};
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;

/// Rows of one answer.
const ROWS_MAX: usize = 1_000;

words! {
    /// By what statements are grouped.
    GroupBy {
        /// One fingerprint.
        Fingerprint = "fingerprint",
        /// One database role.
        User = "user",
        /// One application.
        Application = "application",
        /// One database.
        Database = "database",
        /// One table; a statement of two tables is in both groups.
        Table = "table",
        /// One listener.
        Listener = "listener",
        /// One class of statements.
        Class = "class",
        /// One role with database and application.
        Caller = "caller",
    }
}

words! {
    /// What groups are ordered by, most first.
    Measure {
        /// Statements.
        Calls = "calls",
        /// Time in all.
        TotalUs = "total_us",
        /// Time of one on average.
        Mean = "mean",
        /// The time half of them do not exceed.
        P50 = "p50",
        /// The time 95 of a hundred do not exceed.
        P95 = "p95",
        /// The time 99 of a hundred do not exceed.
        P99 = "p99",
        /// The longest.
        Max = "max",
        /// Rows returned or changed.
        Rows = "rows",
        /// Bytes of requests and answers.
        Bytes = "bytes",
        /// Errors of the server.
        Errors = "errors",
        /// Statements refused or held.
        Refusals = "refusals",
    }
}

/// A question for the top of something.
#[derive(Clone, Debug)]
pub struct Top {
    /// When.
    pub range: Range,
    /// Behind which listeners.
    pub listeners: Vec<i64>,
    /// Which entries.
    pub filter: Filter,
    /// How they are grouped.
    pub group_by: GroupBy,
    /// How groups are ordered.
    pub measure: Measure,
    /// How many groups.
    pub limit: usize,
    /// Only those behind this one.
    pub after: Option<TopCursor>,
}

/// A place in an order of groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TopCursor {
    /// The measure of the last group.
    pub value: u64,
    /// Which it was among those of the same measure.
    pub slot: u32,
}

/// A group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    /// A fingerprint's number.
    Fingerprint(i64),
    /// A role, an application or a database.
    Name(String),
    /// Who asked.
    Caller(Caller),
    /// A class of statements.
    Class(String),
    /// A table as statements name it.
    Table(TableName),
    /// A listener's number.
    Listener(i64),
}

/// A group and what it comes to.
#[derive(Clone, Debug, PartialEq)]
pub struct TopRow {
    /// Which.
    pub group: Group,
    /// The measure: microseconds for times (nanoseconds for `mean`), else a count.
    pub value: u64,
    /// Everything of it.
    pub sums: Sums,
}

/// The top of something.
#[derive(Clone, Debug, PartialEq)]
pub struct TopAnswer {
    /// What the answer is about.
    pub covered: Covered,
    /// Groups, most first; those that have nothing of the measure are left out.
    pub rows: Vec<TopRow>,
    /// Where the next ones begin.
    pub next: Option<TopCursor>,
    /// Everything the filter selects, once, also what is in no group.
    pub total: Sums,
}

impl TrafficReader {
    /// Answers it.
    pub async fn top(&self, tx: &mut Tx, top: &Top) -> Result<TopAnswer> {
        let epoch = self.refresh(tx).await?;
        let plan = span::plan(tx, &top.listeners, top.range, (Level::Minute, Level::Day)).await?;
        // What is covered says more than the range does, which differs with every instant.
        let question = format!("{:?}", (plan.covered, Top { range: plan.covered.range(), ..top.clone() }));
        if let Some(answer) = self.answered(epoch, &question) {
            return Ok(answer);
        }
        let pages = self.pages(tx, &plan).await?;
        let (reader, top, covered) = (self.clone(), top.clone(), plan.covered);
        let answer = compute(move || answer(&pages, &top, covered, &reader.known())).await?;
        self.keep(epoch, question, &answer);
        Ok(answer)
    }
}

fn answer(pages: &[Told], top: &Top, covered: Covered, known: &Known) -> Result<TopAnswer> {
    let select = Select::of(&top.filter, known)?;
    let grouping = Grouping::of(top.group_by, known, &top.listeners);
    let limit = top.limit.clamp(1, ROWS_MAX);
    let after = top.after.map(|after| (Reverse(after.value), after.slot));
    let mut ranked = match top.measure {
        Measure::P50 => fold::greatest_quantiles(pages, &select, &grouping, (0.5, limit + 1), after),
        Measure::P95 => fold::greatest_quantiles(pages, &select, &grouping, (0.95, limit + 1), after),
        Measure::P99 => fold::greatest_quantiles(pages, &select, &grouping, (0.99, limit + 1), after),
        measure => {
            let ranks = ranks(pages, &select, &grouping, measure).into_iter().enumerate();
            let ranks =
                ranks.filter(|(_, value)| *value > 0).map(|(slot, value)| (Reverse(value), place(slot)));
            ranks.filter(|ranked| after.is_none_or(|after| *ranked > after)).collect()
        }
    };
    let more = ranked.len() > limit;
    if more {
        ranked.select_nth_unstable(limit);
        ranked.truncate(limit);
    }
    ranked.sort_unstable();
    let groups: Vec<u32> = ranked.iter().map(|(_, slot)| *slot).collect();
    let (adders, total) = fold::in_full(pages, &select, &grouping, &groups);
    let rows: Vec<TopRow> = ranked
        .iter()
        .zip(&adders)
        .map(|((Reverse(value), slot), adder)| TopRow {
            group: group(top.group_by, &grouping, known, *slot),
            value: *value,
            sums: adder.sums(),
        })
        .collect();
    let last = ranked.last().map(|(Reverse(value), slot)| TopCursor { value: *value, slot: *slot });
    Ok(TopAnswer { covered, rows, next: last.filter(|_| more), total: total.sums() })
}

fn ranks(pages: &[Told], select: &Select, grouping: &Grouping<'_>, measure: Measure) -> Vec<u64> {
    let mut columns = match measure {
        // Quantiles do not add up: see `fold::greatest_quantiles`.
        Measure::Max | Measure::P50 | Measure::P95 | Measure::P99 => {
            return fold::longest(pages, select, grouping);
        }
        Measure::Calls => fold::sums(pages, select, grouping, &[CALLS]),
        Measure::TotalUs => fold::sums(pages, select, grouping, &[TOTAL_US]),
        Measure::Rows => fold::sums(pages, select, grouping, &[ROWS]),
        Measure::Errors => fold::sums(pages, select, grouping, &[ERRORS]),
        Measure::Refusals => fold::sums(pages, select, grouping, &[REFUSALS]),
        Measure::Bytes => fold::sums(pages, select, grouping, &[BYTES_IN, BYTES_OUT]),
        Measure::Mean => fold::sums(pages, select, grouping, &[TOTAL_US, CALLS]),
    };
    let second = if columns.len() > 1 { columns.pop().unwrap_or_default() } else { Vec::new() };
    let mut ranks = columns.pop().unwrap_or_default();
    for (rank, second) in ranks.iter_mut().zip(second) {
        *rank = match measure {
            Measure::Mean => rank.saturating_mul(1_000).checked_div(second).unwrap_or(0),
            _ => rank.saturating_add(second),
        };
    }
    ranks
}

fn group(by: GroupBy, grouping: &Grouping<'_>, known: &Known, slot: u32) -> Group {
    let at = slot as usize;
    match by {
        GroupBy::Fingerprint => Group::Fingerprint(i64::from(slot)),
        GroupBy::User | GroupBy::Application | GroupBy::Database => {
            Group::Name(grouping.texts.get(at).cloned().unwrap_or_default())
        }
        GroupBy::Caller => Group::Caller(known.callers.get(at).cloned().unwrap_or_default()),
        GroupBy::Class => Group::Class(known.classes.get(at).cloned().unwrap_or_default()),
        GroupBy::Table => {
            let (schema, name) = known.tables.get(at).cloned().unwrap_or_default();
            Group::Table(TableName { schema: Some(schema).filter(|schema| !schema.is_empty()), name })
        }
        GroupBy::Listener => Group::Listener(grouping.listener_ids.get(at).copied().unwrap_or(0)),
    }
}
