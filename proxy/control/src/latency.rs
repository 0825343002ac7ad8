//! How long did things take, in a form that travels and merges by addition?
//!
//! The same log-linear buckets as the data plane counts in: each power of two is divided into eight, a
//! quantile is told as the middle of its bucket and off by at most 1/16 (6.25 %). Only buckets that
//! are not empty are kept, in order.

use serde::{Deserialize, Serialize};

/// Buckets to a power of two.
const PARTS: u64 = 8;
const PART_BITS: u32 = PARTS.trailing_zeros();

/// How many buckets there are: durations are below 2^32 microseconds, 71 minutes; longer ones count as that.
pub const BUCKETS: usize = 240;

/// A histogram of durations in microseconds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Latency {
    /// Bucket and count, buckets ascending, no count 0.
    steps: Vec<(u8, u64)>,
    max_us: u32,
}

fn bucket_of(us: u32) -> u8 {
    if u64::from(us) < PARTS {
        return u8::try_from(us).unwrap_or(u8::MAX);
    }
    let exponent = us.ilog2();
    let part = (us >> (exponent - PART_BITS)) % 8;
    u8::try_from((exponent - PART_BITS + 1) * 8 + part).unwrap_or(u8::MAX)
}

/// The lowest duration of a bucket and how many it holds, in microseconds.
fn bounds(bucket: u8) -> (u64, u64) {
    let (octave, part) = (u64::from(bucket) / PARTS, u64::from(bucket) % PARTS);
    match octave {
        0 => (part, 1),
        _ => ((PARTS + part) << (octave - 1), 1 << (octave - 1)),
    }
}

/// The longest duration of a bucket, in microseconds.
fn longest(bucket: u8) -> u64 {
    let (low, width) = bounds(bucket);
    low + width - 1
}

impl Latency {
    /// What was counted elsewhere: buckets with their counts, and the longest. Buckets may come in any
    /// order and more than once; those that cannot be are left out.
    pub fn from_steps(steps: impl IntoIterator<Item = (u8, u64)>, max_us: u32) -> Latency {
        let mut latency = Latency { steps: Vec::new(), max_us };
        for (bucket, count) in steps {
            if usize::from(bucket) < BUCKETS && count > 0 {
                latency.add(bucket, count);
            }
        }
        latency
    }

    /// Counts one duration, in microseconds.
    pub fn observe(&mut self, us: u64) {
        let us = u32::try_from(us).unwrap_or(u32::MAX);
        self.add(bucket_of(us), 1);
        self.max_us = self.max_us.max(us);
    }

    fn add(&mut self, bucket: u8, count: u64) {
        match self.steps.binary_search_by_key(&bucket, |(bucket, _)| *bucket) {
            Ok(place) => {
                if let Some((_, sum)) = self.steps.get_mut(place) {
                    *sum = sum.saturating_add(count);
                }
            }
            Err(place) => self.steps.insert(place, (bucket, count)),
        }
    }

    /// Adds what `other` counted.
    pub fn merge(&mut self, other: &Latency) {
        for (bucket, count) in &other.steps {
            self.add(*bucket, *count);
        }
        self.max_us = self.max_us.max(other.max_us);
    }

    /// How many durations were counted.
    pub fn count(&self) -> u64 {
        self.steps.iter().map(|(_, count)| count).sum()
    }

    /// The longest, in microseconds.
    pub fn max_us(&self) -> u32 {
        self.max_us
    }

    /// Buckets that are not empty, ascending, with their counts.
    pub fn steps(&self) -> &[(u8, u64)] {
        &self.steps
    }

    /// Counts with the longest duration that each is about, in microseconds, ascending, none 0: at most
    /// `steps_max` of them, for which neighbours are put together.
    pub fn up_to(&self, steps_max: usize) -> Vec<(u64, u64)> {
        let mut shift = 0;
        loop {
            let mut merged: Vec<(u8, u64)> = Vec::new();
            for (bucket, count) in &self.steps {
                let group = bucket >> shift;
                match merged.last_mut() {
                    Some((last, sum)) if *last == group => *sum = sum.saturating_add(*count),
                    _ => merged.push((group, *count)),
                }
            }
            if merged.len() <= steps_max.max(1) || shift == u8::BITS - 1 {
                let last = |group: u8| u8::try_from(((u16::from(group) + 1) << shift) - 1).unwrap_or(u8::MAX);
                return merged.into_iter().map(|(group, count)| (longest(last(group)), count)).collect();
            }
            shift += 1;
        }
    }

    /// The duration that a share of `quantile` (0 to 1) of all do not exceed, in microseconds; `None`
    /// when nothing was counted.
    pub fn quantile(&self, quantile: f64) -> Option<u64> {
        let count = self.count();
        if count == 0 {
            return None;
        }
        #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let rank = ((count as f64 * quantile).ceil() as u64).clamp(1, count);
        let mut passed = 0;
        let reached = self.steps.iter().find(|(_, count)| {
            passed += count;
            passed >= rank
        });
        reached.map(|(bucket, _)| {
            let (low, width) = bounds(*bucket);
            (low + width / 2).min(self.max_us.into())
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn merging_is_the_same_as_observing_all_in_one() {
        let (mut one, mut other, mut both) = (Latency::default(), Latency::default(), Latency::default());
        for us in (0..2_000_u64).map(|n| n * n) {
            if us % 3 == 0 {
                one.observe(us)
            } else {
                other.observe(us)
            }
            both.observe(us);
        }
        one.merge(&other);
        assert_eq!(one, both);
    }

    #[test]
    fn a_quantile_is_off_by_at_most_a_sixteenth() {
        let mut latency = Latency::default();
        for us in 1..=100_000_u64 {
            latency.observe(us);
        }
        for (quantile, is) in [(0.5, 50_000.0), (0.95, 95_000.0), (0.99, 99_000.0)] {
            #[allow(clippy::cast_precision_loss)]
            let told = latency.quantile(quantile).unwrap() as f64;
            assert!((told - is).abs() / is <= 1.0 / 16.0, "{quantile}: {told} for {is}");
        }
        assert_eq!(latency.quantile(1.0), Some(98_304 + 4_096).map(|us: u64| us.min(100_000)));
        assert_eq!(Latency::default().quantile(0.5), None);
    }

    #[test]
    fn steps_are_told_by_their_longest_and_neighbours_are_put_together() {
        let mut latency = Latency::default();
        [0, 7, 16, 17, 100_000].into_iter().for_each(|us| latency.observe(us));
        assert_eq!(latency.up_to(240), [(0, 1), (7, 1), (17, 2), (106_495, 1)]);
        for us in 0..100_000_u64 {
            latency.observe(us * us);
        }
        let (all, few) = (latency.up_to(240), latency.up_to(60));
        assert!(all.len() > 60 && few.len() <= 60, "{} {}", all.len(), few.len());
        assert_eq!(few.iter().map(|(_, count)| count).sum::<u64>(), latency.count());
        // What is together was side by side before: up to the same durations it is as many.
        for (up_to, _) in &few {
            let until = |steps: &[(u64, u64)]| -> u64 {
                steps.iter().filter(|(end, _)| end <= up_to).map(|(_, count)| count).sum()
            };
            assert_eq!(until(&all), until(&few), "{up_to}");
        }
        assert!(few.is_sorted());
        assert_eq!(Latency::default().up_to(60), []);
    }

    #[test]
    fn every_duration_has_a_bucket_and_the_last_is_the_last() {
        assert_eq!(usize::from(bucket_of(u32::MAX)) + 1, BUCKETS);
        for us in [0, 7, 8, 15, 16, 1_000, u32::MAX / 2] {
            let (low, width) = bounds(bucket_of(us));
            assert!(low <= u64::from(us) && u64::from(us) < low + width, "{us}");
        }
    }
}
