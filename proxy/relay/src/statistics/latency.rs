//! How long did things take, in a form that merges by addition?
//!
//! A log-linear histogram, as HdrHistogram's (Tene): each power of two is divided into
//! [`PARTS`] buckets of the same width, so a bucket is at most 1/[`PARTS`] of its values wide and a
//! quantile, told as the middle of its bucket, is off by at most 1/16 (6.25 %). Below [`PARTS`]
//! microseconds it is exact.

/// Buckets to a power of two; a power of two itself.
const PARTS: usize = 8;
const PART_BITS: u32 = PARTS.trailing_zeros();

/// Values are below 2^32 microseconds, 71 minutes; longer ones count as that.
const VALUE_BITS: u32 = u32::BITS;

/// How many buckets there are.
const BUCKETS: usize = PARTS * (VALUE_BITS - PART_BITS + 1) as usize;

/// A histogram of durations. 976 bytes, no allocation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Latency {
    buckets: [u32; BUCKETS],
    count: u64,
    max_us: u32,
}

impl Default for Latency {
    fn default() -> Latency {
        Latency { buckets: [0; BUCKETS], count: 0, max_us: 0 }
    }
}

/// The bucket a value falls into.
fn bucket_of(us: u32) -> usize {
    if us < PARTS as u32 {
        return us as usize;
    }
    let exponent = us.ilog2();
    let part = (us >> (exponent - PART_BITS)) as usize % PARTS;
    (exponent - PART_BITS + 1) as usize * PARTS + part
}

/// The lowest value of a bucket and how many values it holds, in microseconds.
fn bounds(bucket: usize) -> (u64, u64) {
    let (octave, part) = (bucket / PARTS, (bucket % PARTS) as u64);
    match octave {
        0 => (part, 1),
        _ => ((PARTS as u64 + part) << (octave - 1), 1 << (octave - 1)),
    }
}

impl Latency {
    /// Counts one duration, in microseconds.
    pub fn observe(&mut self, us: u64) {
        let us = u32::try_from(us).unwrap_or(u32::MAX);
        if let Some(bucket) = self.buckets.get_mut(bucket_of(us)) {
            *bucket = bucket.saturating_add(1);
        }
        self.count += 1;
        self.max_us = self.max_us.max(us);
    }

    /// Adds what `other` counted: the same as if all of it had been observed here.
    pub fn merge(&mut self, other: &Latency) {
        for (mine, theirs) in self.buckets.iter_mut().zip(other.buckets) {
            *mine = mine.saturating_add(theirs);
        }
        self.count += other.count;
        self.max_us = self.max_us.max(other.max_us);
    }

    /// How many durations were counted.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The longest, in microseconds.
    pub fn max(&self) -> u64 {
        self.max_us.into()
    }

    /// The duration that a share of `quantile` (0 to 1) of all do not exceed, in microseconds, off by
    /// at most 1/16; 0 when nothing was counted.
    pub fn quantile(&self, quantile: f64) -> u64 {
        #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let rank = ((self.count as f64 * quantile).ceil() as u64).clamp(1, self.count.max(1));
        let mut passed = 0;
        let reached = self.steps().find(|(_, count)| {
            passed += count;
            passed >= rank
        });
        reached.map_or(0, |(us, _)| us.min(self.max()))
    }

    /// Every bucket that is not empty: what its durations are told as, in microseconds, and how many
    /// they are. In order.
    pub fn steps(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        self.buckets.iter().enumerate().filter(|(_, count)| **count > 0).map(|(bucket, count)| {
            let (low, width) = bounds(bucket);
            (low + width / 2, (*count).into())
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    fn of(values: &[u32]) -> Latency {
        let mut latency = Latency::default();
        for us in values {
            latency.observe((*us).into());
        }
        latency
    }

    #[test]
    fn buckets_follow_each_other_without_a_gap() {
        let mut next = 0;
        for bucket in 0..BUCKETS {
            let (low, width) = bounds(bucket);
            assert_eq!(low, next);
            assert_eq!(bucket_of(u32::try_from(low).unwrap()), bucket);
            assert_eq!(bucket_of(u32::try_from(low + width - 1).unwrap()), bucket);
            next = low + width;
        }
        assert_eq!(next, 1 << VALUE_BITS);
    }

    #[test]
    fn an_empty_histogram_has_no_quantile() {
        assert_eq!(Latency::default().quantile(0.5), 0);
    }

    #[test]
    fn what_is_too_long_counts_as_the_longest_there_is() {
        let mut latency = Latency::default();
        latency.observe(1_000_000_000_000);
        assert_eq!(latency.max(), u64::from(u32::MAX));
        assert!(latency.quantile(0.5) > (1 << 31));
    }

    proptest! {
        #[test]
        fn merging_is_observing_all_in_one(one: Vec<u32>, other: Vec<u32>) {
            let mut merged = of(&one);
            merged.merge(&of(&other));
            prop_assert_eq!(merged, of(&[one, other].concat()));
        }

        #[test]
        fn a_quantile_is_off_by_at_most_a_sixteenth(
            mut values in prop::collection::vec(any::<u32>().prop_map(|bits| bits >> (bits % 32)), 1..300),
            share in 0.0f64..=1.0,
        ) {
            let told = of(&values).quantile(share);
            values.sort_unstable();
            #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            let rank = ((values.len() as f64 * share).ceil() as usize).clamp(1, values.len());
            let exact = u64::from(values[rank - 1]);
            prop_assert!(told.abs_diff(exact) * 16 <= exact, "{} told for {}", told, exact);
        }
    }
}
