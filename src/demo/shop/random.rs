//! Which number comes next, the same on every machine?

/// SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014): eight
/// bytes of state, good enough for sample data, and ours for good: a crate's generator may change
/// its stream, and with it the sample database.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// A stream of its own for `purpose`: what one table draws never shifts another.
    pub fn new(seed: u64, purpose: &str) -> Random {
        // FNV-1a over the name.
        let hash = purpose.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        Random(seed ^ hash)
    }

    /// The next 64 bits.
    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Even over `0..bound`; 0 when `bound` is 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        // The high half of the product: no division, a bias below 2^-32 for our bounds.
        ((u128::from(self.draw()) * u128::from(bound)) >> 64) as u64
    }

    /// The same for positions.
    pub fn index(&mut self, bound: usize) -> usize {
        self.below(bound as u64) as usize
    }

    /// Even over `low..=high`.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        low + self.below((high - low + 1).max(1) as u64) as i64
    }

    /// True in `percent` of 100 cases.
    pub fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// Even over 0.0 up to but not including 1.0.
    pub fn unit(&mut self) -> f64 {
        (self.draw() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A position below `bound`, few of them often and most of them seldom, like customers and
    /// products: one in a hundred gets a tenth of the draws. The favourites are scattered.
    pub fn skewed(&mut self, bound: usize) -> usize {
        let unit = self.unit();
        let rank = (unit * unit * bound as f64) as u64;
        // A prime that divides none of our bounds: a permutation, so that the first are not the favourites.
        (rank.wrapping_mul(7919) % (bound.max(1) as u64)) as usize
    }

    /// One of `choices`, which must not be empty.
    pub fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.index(choices.len())]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_is_the_published_one() {
        // The first outputs of the reference implementation for the seed 1234567.
        let mut random = Random(1_234_567);
        let expected = [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423];
        for value in expected {
            assert_eq!(random.draw(), value);
        }
    }

    #[test]
    fn a_few_get_much_and_everybody_can_get_something() {
        let mut random = Random::new(1, "skew");
        let mut counts = vec![0_u32; 1_000];
        for _ in 0..200_000 {
            counts[random.skewed(1_000)] += 1;
        }
        assert!(counts.iter().all(|count| *count > 0));
        counts.sort_unstable();
        let top: u32 = counts.iter().rev().take(10).sum();
        assert!((19_000..21_000).contains(&top), "the top hundredth got {top} of 200000");
    }

    #[test]
    fn bounds_hold() {
        let mut random = Random::new(1, "bounds");
        for _ in 0..10_000 {
            assert!(random.below(7) < 7);
            assert!((-3..=3).contains(&random.between(-3, 3)));
            assert!((0.0..1.0).contains(&random.unit()));
        }
        assert_eq!(random.below(0), 0);
    }
}
