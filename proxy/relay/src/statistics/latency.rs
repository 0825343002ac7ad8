//! How long did things take, in a form that merges by addition?
//!
//! A log-linear histogram, as HdrHistogram's (Tene): each power of two is divided into
//! [`PARTS`] buckets of the same width, so a bucket is at most 1/[`PARTS`] of its values wide and a
//! quantile, told as the middle of its bucket, is off by at most 1/16 (6.25 %). Below [`PARTS`]
//! microseconds it is exact.
//!
//! Most statements of a server are seen a few times and never again, a few are seen all day: what a
//! histogram occupies grows with what it counted, twice in its life.

/// Buckets to a power of two; a power of two itself.
const PARTS: usize = 8;
const PART_BITS: u32 = PARTS.trailing_zeros();

/// Values are below 2^32 microseconds, 71 minutes; longer ones count as that.
const VALUE_BITS: u32 = u32::BITS;

/// How many buckets there are.
const BUCKETS: usize = PARTS * (VALUE_BITS - PART_BITS + 1) as usize;
const _: () = assert!(BUCKETS <= 1 << u8::BITS, "a bucket's number is a byte");

/// How many durations are kept without a table: as many as fit where the pointer to one would be.
const FEW_MAX: usize = 22;

/// A histogram of durations: 32 bytes for the first few, 512 up to 65,535 in one bucket, then 2 kB.
#[derive(Clone, Debug, Default)]
pub struct Latency {
    counts: Counts,
    max_us: u32,
}

// INVARIANT: which of them it is depends on what was counted only, not on the order or on merging.
#[derive(Clone, Debug)]
enum Counts {
    /// The bucket of each duration.
    Few { count: u8, buckets: [u8; FEW_MAX] },
    /// More than [`FEW_MAX`].
    Narrow(Box<[u16; BUCKETS]>),
    /// More than 65,535 in one bucket.
    Wide(Box<[u64; BUCKETS]>),
}

impl Default for Counts {
    fn default() -> Counts {
        Counts::Few { count: 0, buckets: [0; FEW_MAX] }
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

impl Counts {
    fn add(&mut self, bucket: usize, more: u64) {
        match self {
            Counts::Few { count, buckets } => {
                let end = u64::from(*count) + more;
                let room = usize::try_from(end).ok().and_then(|end| buckets.get_mut((*count).into()..end));
                if let (Some(room), Ok(bucket), Ok(end)) = (room, u8::try_from(bucket), u8::try_from(end)) {
                    room.fill(bucket);
                    *count = end;
                    return;
                }
            }
            Counts::Narrow(counts) => {
                let Some(count) = counts.get_mut(bucket) else { return };
                if let Some(sum) = u16::try_from(more).ok().and_then(|more| count.checked_add(more)) {
                    *count = sum;
                    return;
                }
            }
            Counts::Wide(counts) => {
                if let Some(count) = counts.get_mut(bucket) {
                    *count = count.saturating_add(more);
                }
                return;
            }
        }
        self.widen();
        self.add(bucket, more);
    }

    /// The next larger form of the same counts.
    fn widen(&mut self) {
        let all = self.all();
        *self = match self {
            Counts::Few { .. } => {
                // At most FEW_MAX in a bucket.
                Counts::Narrow(Box::new(all.map(|count| u16::try_from(count).unwrap_or(u16::MAX))))
            }
            Counts::Narrow(_) | Counts::Wide(_) => Counts::Wide(Box::new(all)),
        };
    }

    fn all(&self) -> [u64; BUCKETS] {
        let mut all = [0; BUCKETS];
        match self {
            Counts::Few { count, buckets } => {
                for bucket in buckets.iter().take((*count).into()) {
                    if let Some(count) = all.get_mut(usize::from(*bucket)) {
                        *count += 1;
                    }
                }
            }
            Counts::Narrow(counts) => all = counts.map(u64::from),
            Counts::Wide(counts) => all = **counts,
        }
        all
    }

    fn sum(&self) -> u64 {
        match self {
            Counts::Few { count, .. } => (*count).into(),
            Counts::Narrow(counts) => counts.iter().copied().map(u64::from).sum(),
            Counts::Wide(counts) => counts.iter().sum(),
        }
    }
}

impl PartialEq for Latency {
    fn eq(&self, other: &Latency) -> bool {
        self.max_us == other.max_us && self.counts.all() == other.counts.all()
    }
}

impl Eq for Latency {}

impl Latency {
    /// Counts one duration, in microseconds.
    pub fn observe(&mut self, us: u64) {
        let us = u32::try_from(us).unwrap_or(u32::MAX);
        self.counts.add(bucket_of(us), 1);
        self.max_us = self.max_us.max(us);
    }

    /// Adds what `other` counted: the same as if all of it had been observed here.
    pub fn merge(&mut self, other: &Latency) {
        match &other.counts {
            Counts::Few { count, buckets } => {
                for bucket in buckets.iter().take((*count).into()) {
                    self.counts.add((*bucket).into(), 1);
                }
            }
            counts @ (Counts::Narrow(_) | Counts::Wide(_)) => {
                let counts = counts.all().into_iter().enumerate();
                counts
                    .filter(|(_, count)| *count > 0)
                    .for_each(|(bucket, count)| self.counts.add(bucket, count));
            }
        }
        self.max_us = self.max_us.max(other.max_us);
    }

    /// How many durations were counted.
    pub fn count(&self) -> u64 {
        self.counts.sum()
    }

    /// The longest, in microseconds.
    pub fn max(&self) -> u64 {
        self.max_us.into()
    }

    /// The duration that a share of `quantile` (0 to 1) of all do not exceed, in microseconds, off by
    /// at most 1/16; 0 when nothing was counted.
    pub fn quantile(&self, quantile: f64) -> u64 {
        let count = self.count();
        #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let rank = ((count as f64 * quantile).ceil() as u64).clamp(1, count.max(1));
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
        self.counts.all().into_iter().enumerate().filter(|(_, count)| *count > 0).map(|(bucket, count)| {
            let (low, width) = bounds(bucket);
            (low + width / 2, count)
        })
    }

    /// Bytes it holds beside itself.
    pub(crate) fn held_bytes(&self) -> usize {
        match &self.counts {
            Counts::Few { .. } => 0,
            Counts::Narrow(counts) => size_of_val(&**counts),
            Counts::Wide(counts) => size_of_val(&**counts),
        }
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

    /// Durations of every length, each of them `1 << bits` times.
    fn durations() -> impl Strategy<Value = Vec<u32>> {
        let lengths = prop::collection::vec((any::<u32>(), 0u32..32, 0u32..18), 0..40);
        lengths.prop_map(|lengths| {
            let each = |(us, shift, bits): (u32, u32, u32)| {
                // Many of the same are rare, or this would take all day.
                std::iter::repeat_n(us >> shift, if shift == 0 { 1 << bits } else { 1 })
            };
            lengths.into_iter().flat_map(each).collect()
        })
    }

    /// Which form it has.
    fn form(latency: &Latency) -> usize {
        match latency.counts {
            Counts::Few { .. } => 0,
            Counts::Narrow(_) => 1,
            Counts::Wide(_) => 2,
        }
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
    fn it_grows_with_what_it_counted_and_forgets_nothing() {
        assert_eq!(size_of::<Latency>(), 32);
        let mut latency = Latency::default();
        for (count, held) in [(22, 0), (65_535, 480), (1_000_000, 1_920)] {
            while latency.count() < count {
                latency.observe(100);
            }
            assert_eq!((latency.count(), latency.held_bytes()), (count, held));
            assert_eq!(latency.steps().collect::<Vec<_>>(), [(100, count)]);
        }
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

    #[test]
    fn merging_crosses_every_form() {
        let sizes = [0, 1, 11, 22, 23, 40_000, 65_535, 65_536, 100_000];
        for (one, other) in sizes.iter().flat_map(|one| sizes.map(|other| (*one, other))) {
            let mut merged = of(&vec![100; one]);
            merged.merge(&of(&vec![100; other]));
            let all = of(&vec![100; one + other]);
            assert_eq!((merged.count(), form(&merged)), (all.count(), form(&all)), "{one} and {other}");
            assert_eq!(merged, all);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn merging_is_observing_all_in_one(one in durations(), other in durations()) {
            let mut merged = of(&one);
            merged.merge(&of(&other));
            let all = of(&[one, other].concat());
            prop_assert_eq!(form(&merged), form(&all));
            prop_assert_eq!(merged, all);
        }
    }

    proptest! {
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
