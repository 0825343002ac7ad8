//! What has become slow?

use super::fold::{self, Grouping};
use super::page::CALLS;
use super::select::Select;
use super::span::{self, Range};
use super::top::GroupBy;
use super::{DAY, HOUR, Level, MINUTE_US, TrafficReader, compute, minute_of, place};
use crate::{Result, Tx};

/// Days before that are looked at.
const DAYS: i64 = 7;

/// A fingerprint that takes longer than it did.
#[derive(Clone, Debug, PartialEq)]
pub struct Slower {
    /// Its number.
    pub fingerprint: i64,
    /// What 95 of a hundred do not exceed, in microseconds, in the last hour.
    pub p95_us: u64,
    /// The same, of the same hour of the seven days before.
    pub before_p95_us: u64,
    /// The one divided by the other.
    pub ratio: f64,
    /// How often in the last hour.
    pub calls: u64,
    /// How often in those hours before.
    pub before_calls: u64,
}

impl TrafficReader {
    /// Fingerprints whose p95 of the last hour is greater than that of the same hour of the seven days
    /// before, the most so first. Those with fewer than `calls_min` in either are left out.
    pub async fn slower(
        &self,
        tx: &mut Tx,
        listeners: &[i64],
        now: i64,
        calls_min: u64,
        limit: usize,
    ) -> Result<Vec<Slower>> {
        self.refresh(tx).await?;
        let range = Range { from: now - HOUR * MINUTE_US, until: now };
        let plan = span::plan(tx, listeners, range, (Level::Minute, Level::Day)).await?;
        let recent = self.pages(tx, &plan).await?;
        let hour = Level::Hour.floor(minute_of(now) - HOUR / 2);
        let mut before = Vec::new();
        for days in 1..=DAYS {
            let from = (hour - days * DAY) * MINUTE_US;
            let range = Range { from, until: from + HOUR * MINUTE_US };
            let plan = span::plan(tx, listeners, range, (Level::Hour, Level::Hour)).await?;
            // Before hours are forgotten a range is that long; a whole day is no hour to compare with.
            if plan.until - plan.from == HOUR {
                before.extend(self.pages(tx, &plan).await?);
            }
        }
        let (reader, listeners) = (self.clone(), listeners.to_vec());
        compute(move || {
            let known = reader.known();
            let grouping = Grouping::of(GroupBy::Fingerprint, &known, &listeners);
            let calls =
                |pages| fold::sums(pages, &Select::default(), &grouping, &[CALLS]).pop().unwrap_or_default();
            // Few are asked often enough in both: histograms are made for those only.
            let both = calls(&recent).into_iter().zip(calls(&before)).enumerate();
            let often = both.filter(|(_, (recent, before))| *recent.min(before) >= calls_min.max(1));
            let groups: Vec<u32> = often.map(|(number, _)| place(number)).collect();
            let quantiles = |pages| fold::quantiles(pages, &Select::default(), &grouping, &groups, 0.95);
            Ok(compare(&groups, &quantiles(&recent), &quantiles(&before), limit))
        })
        .await
    }
}

fn compare(groups: &[u32], recent: &[(u64, u64)], before: &[(u64, u64)], limit: usize) -> Vec<Slower> {
    let mut found: Vec<Slower> = groups
        .iter()
        .zip(recent.iter().zip(before))
        .filter(|(_, (recent, before))| recent.0 > before.0)
        .map(|(number, ((p95, calls), (before_p95, before_calls)))| Slower {
            fingerprint: i64::from(*number),
            p95_us: *p95,
            before_p95_us: *before_p95,
            ratio: ratio(*p95, *before_p95),
            calls: *calls,
            before_calls: *before_calls,
        })
        .collect();
    found.sort_unstable_by(|one, other| {
        other.ratio.total_cmp(&one.ratio).then_with(|| one.fingerprint.cmp(&other.fingerprint))
    });
    found.truncate(limit);
    found
}

#[allow(clippy::cast_precision_loss)] // microseconds of at most 71 minutes
fn ratio(one: u64, other: u64) -> f64 {
    one as f64 / other.max(1) as f64
}
