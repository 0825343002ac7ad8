//! Which statements are there that have certain words, tables or a class?

use super::fingerprints::{Fingerprint, of_numbers};
use super::select::{Filter, Select};
use super::{TrafficReader, compute};
use crate::{Page, Result, Tx};

/// Fingerprints of one page at most.
const LIMIT_MAX: usize = 200;

/// A search for fingerprints.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// Behind which listeners they were seen.
    pub listeners: Vec<i64>,
    /// Which. What it says of callers does not matter: a fingerprint is nobody's.
    pub filter: Filter,
    /// Only those behind this one.
    pub after: Option<i64>,
    /// How many.
    pub limit: usize,
}

impl TrafficReader {
    /// Fingerprints, those that came up last first.
    pub async fn search(&self, tx: &mut Tx, search: &Search) -> Result<Page<Fingerprint, i64>> {
        self.refresh(tx).await?;
        let (reader, asked) = (self.clone(), search.clone());
        let limit = search.limit.clamp(1, LIMIT_MAX);
        let mut numbers = compute(move || {
            let known = reader.known();
            let select = Select::of(&asked.filter, &known)?;
            let below = asked.after.and_then(|after| u32::try_from(after).ok()).unwrap_or(u32::MAX);
            let seen = known.of_listeners(&asked.listeners);
            let found = seen.descending(below).filter(|number| select.has_fingerprint(*number));
            Ok(found.take(limit + 1).map(i64::from).collect::<Vec<i64>>())
        })
        .await?;
        let more = numbers.len() > limit;
        numbers.truncate(limit);
        let next = numbers.last().copied().filter(|_| more);
        let items = of_numbers(tx, &search.listeners, &numbers).await?;
        Ok(Page { items, next })
    }
}
