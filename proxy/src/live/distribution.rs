//! What can be told from how often something took how long?

use super::wire::Distribution;
use std::cmp::Ordering;

impl Distribution {
    /// How many there are.
    pub fn count(&self) -> u64 {
        self.steps.iter().map(|(_, count)| count).sum()
    }

    /// The time that `share` (0 to 1) of them did not exceed, in microseconds, as exact as the steps
    /// are; `None` when there are none.
    #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    pub fn quantile(&self, share: f64) -> Option<u64> {
        let count = self.count();
        // The rank is at least one: the shortest of all is the quantile of nothing.
        let rank = ((count as f64 * share).ceil() as u64).max(1);
        let mut below = 0;
        let reached = self.steps.iter().find(|(_, count)| {
            below += count;
            below >= rank
        });
        reached.map(|(step, _)| (*step).min(self.max_us))
    }

    /// What came since `earlier`, which the same counter showed before. The longest of what came is
    /// known as exactly as the steps are.
    pub fn since(&self, earlier: &Distribution) -> Distribution {
        let mut before = earlier.steps.iter().peekable();
        let mut steps = Vec::new();
        for (step, count) in &self.steps {
            while before.peek().is_some_and(|(earlier, _)| earlier < step) {
                before.next();
            }
            let counted = before.peek().filter(|(earlier, _)| earlier == step).map_or(0, |(_, count)| *count);
            if let Some(came) = count.checked_sub(counted).filter(|came| *came > 0) {
                steps.push((*step, came));
            }
        }
        let max_us = steps.last().map_or(0, |(step, _)| (*step).min(self.max_us));
        Distribution { steps, max_us }
    }

    /// Both together.
    pub fn merge(&mut self, other: &Distribution) {
        let mut steps = Vec::with_capacity(self.steps.len().max(other.steps.len()));
        let (mut ours, mut theirs) = (self.steps.iter().peekable(), other.steps.iter().peekable());
        loop {
            let order = match (ours.peek(), theirs.peek()) {
                (Some((one, _)), Some((other, _))) => one.cmp(other),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (None, None) => break,
            };
            let one = if order.is_le() { ours.next() } else { None };
            let other = if order.is_ge() { theirs.next() } else { None };
            let step = one.or(other).map_or(0, |(step, _)| *step);
            let count = |step: Option<&(u64, u64)>| step.map_or(0, |(_, count)| *count);
            steps.push((step, count(one) + count(other)));
        }
        *self = Distribution { steps, max_us: self.max_us.max(other.max_us) };
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    fn of(steps: &[(u64, u64)], max_us: u64) -> Distribution {
        Distribution { steps: steps.to_vec(), max_us }
    }

    #[test]
    fn quantiles_are_the_times_of_their_steps_and_never_above_the_longest() {
        let times = of(&[(100, 50), (200, 45), (1_000, 5)], 700);
        for (share, expected) in [(0.0, 100), (0.5, 100), (0.51, 200), (0.95, 200), (0.96, 700), (1.0, 700)] {
            assert_eq!(times.quantile(share), Some(expected), "{share}");
        }
        assert_eq!(of(&[], 0).quantile(0.5), None);
        assert_eq!(of(&[(100, 1)], 40).quantile(0.01), Some(40));
    }

    #[test]
    fn what_came_since_is_the_difference_by_step() {
        let before = of(&[(100, 5), (400, 1)], 390);
        let after = of(&[(50, 2), (100, 5), (200, 3), (400, 2)], 390);
        assert_eq!(after.since(&before), of(&[(50, 2), (200, 3), (400, 1)], 390));
        assert_eq!(after.since(&after), of(&[], 0));
        assert_eq!(after.since(&of(&[], 0)), after);
        // Entries that went in the meantime take nothing away from what is there.
        assert_eq!(of(&[(100, 3)], 90).since(&before), of(&[], 0));
        assert_eq!(of(&[(100, 7), (900, 1)], 800).since(&of(&[(100, 1)], 80)).max_us, 800);
    }

    #[test]
    fn two_distributions_become_one() {
        let mut times = of(&[(50, 2), (200, 3)], 150);
        times.merge(&of(&[(100, 1), (200, 1), (400, 1)], 333));
        assert_eq!(times, of(&[(50, 2), (100, 1), (200, 4), (400, 1)], 333));
        times.merge(&of(&[], 0));
        assert_eq!(times.count(), 8);
        let mut empty = of(&[], 0);
        empty.merge(&times);
        assert_eq!(empty, times);
    }
}
