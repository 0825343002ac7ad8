//! Which errors did the servers give, and to which statements?

use super::fold::Told;
use super::select::{Filter, Select};
use super::span::{self, Covered, Range};
use super::{Level, TrafficReader, compute};
use crate::{Result, Tx};
use std::cmp::Reverse;
use std::collections::HashMap;

/// Fingerprints told of each SQLSTATE.
const FINGERPRINTS_MAX: usize = 10;

/// Errors of one SQLSTATE.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorRow {
    /// Five characters; `none` where the server sent none.
    pub sqlstate: String,
    /// How many.
    pub count: u64,
    /// The fingerprints that had most of them, by number; 0 stands for those that have none.
    pub fingerprints: Vec<(i64, u64)>,
}

/// Errors by SQLSTATE.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorsAnswer {
    /// What the answer is about.
    pub covered: Covered,
    /// The most frequent first.
    pub rows: Vec<ErrorRow>,
    /// Errors that are only counted, and not by statement.
    pub others: u64,
}

impl TrafficReader {
    /// Errors by SQLSTATE. Pages tell them by statement, not by caller: what a filter says of callers
    /// does not matter here.
    pub async fn errors(
        &self,
        tx: &mut Tx,
        listeners: &[i64],
        range: Range,
        filter: &Filter,
    ) -> Result<ErrorsAnswer> {
        self.refresh(tx).await?;
        let plan = span::plan(tx, listeners, range, (Level::Minute, Level::Day)).await?;
        let pages = self.pages(tx, &plan).await?;
        let (reader, filter, covered) = (self.clone(), filter.clone(), plan.covered);
        compute(move || {
            let select = Select::of(&filter, &reader.known())?;
            Ok(answer(&pages, &select, filter.by_statement(), covered))
        })
        .await
    }
}

fn answer(pages: &[Told], select: &Select, by_statement: bool, covered: Covered) -> ErrorsAnswer {
    let mut by_state: HashMap<&str, HashMap<u32, u64>> = HashMap::new();
    let mut others = 0_u64;
    for told in pages {
        for error in &told.page.errors {
            if select.has_fingerprint(error.fingerprint) {
                let fingerprints = by_state.entry(&error.sqlstate).or_default();
                *fingerprints.entry(error.fingerprint).or_default() += error.count;
            }
        }
        if !by_statement {
            others = others.saturating_add(told.page.other_errors);
        }
    }
    let mut rows: Vec<ErrorRow> = by_state
        .into_iter()
        .map(|(sqlstate, fingerprints)| {
            let count = fingerprints.values().fold(0_u64, |sum, count| sum.saturating_add(*count));
            let mut fingerprints: Vec<(i64, u64)> =
                fingerprints.into_iter().map(|(number, count)| (i64::from(number), count)).collect();
            fingerprints.sort_unstable_by_key(|(number, count)| (Reverse(*count), *number));
            fingerprints.truncate(FINGERPRINTS_MAX);
            ErrorRow { sqlstate: sqlstate.to_owned(), count, fingerprints }
        })
        .collect();
    rows.sort_unstable_by(|one, other| {
        other.count.cmp(&one.count).then_with(|| one.sqlstate.cmp(&other.sqlstate))
    });
    ErrorsAnswer { covered, rows, others }
}
