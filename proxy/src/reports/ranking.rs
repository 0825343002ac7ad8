//! Which few of many are told by name, so that what is told of them is exact and the others still count?
//!
//! Who is told once is told to the end: all its shares reach the other side, and none of them ends among
//! the others.

use super::Hasher;
use control::Sums;
use std::collections::HashMap;
use std::hash::Hash;

/// What adds up.
pub(super) trait Share: Default {
    fn merge(&mut self, other: &Self);
    /// What decides who is told.
    fn weight(&self) -> u64;
    fn is_nothing(&self) -> bool;
}

impl Share for Sums {
    fn merge(&mut self, other: &Sums) {
        Sums::merge(self, other);
    }

    fn weight(&self) -> u64 {
        self.total_us
    }

    fn is_nothing(&self) -> bool {
        self.calls == 0 && self.refusals == 0
    }
}

impl Share for u64 {
    fn merge(&mut self, other: &u64) {
        *self += other;
    }

    fn weight(&self) -> u64 {
        *self
    }

    fn is_nothing(&self) -> bool {
        *self == 0
    }
}

/// Shares by their key.
#[derive(Debug)]
pub(super) struct Ranking<K, S> {
    entries: HashMap<K, Entry<S>, Hasher>,
    told: usize,
}

#[derive(Debug, Default)]
struct Entry<S> {
    /// What was not told yet.
    pending: S,
    told: bool,
}

impl<K, S> Default for Ranking<K, S> {
    fn default() -> Ranking<K, S> {
        Ranking { entries: HashMap::default(), told: 0 }
    }
}

impl<K: Eq + Hash + Clone + Ord, S: Share> Ranking<K, S> {
    /// Adds a share, unless it is a new one and there are `most` already.
    pub(super) fn add(&mut self, key: K, share: S, most: usize) -> Result<(), S> {
        if let Some(entry) = self.entries.get_mut(&key) {
            entry.pending.merge(&share);
        } else if self.entries.len() < most {
            self.entries.insert(key, Entry { pending: share, told: false });
        } else {
            return Err(share);
        }
        Ok(())
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// What is pending, key and share.
    pub(super) fn pending(&self) -> impl Iterator<Item = (&K, &S)> {
        let pending = self.entries.iter().filter(|(_, entry)| !entry.pending.is_nothing());
        pending.map(|(key, entry)| (key, &entry.pending))
    }

    /// Takes what can be told while more may come: of those told before, and of the heaviest others as
    /// long as fewer than `most` are told.
    pub(super) fn take_live(&mut self, most: usize) -> Vec<(K, S)> {
        self.admit(most);
        let told = self.entries.iter_mut().filter(|(_, entry)| entry.told && !entry.pending.is_nothing());
        told.map(|(key, entry)| (key.clone(), std::mem::take(&mut entry.pending))).collect()
    }

    /// Nothing more comes: keeps those told before and the heaviest others, `most` in all, and gives what
    /// the rest comes to.
    pub(super) fn settle(&mut self, most: usize) -> S {
        self.admit(most);
        let mut rest = S::default();
        self.entries.retain(|_, entry| {
            if !entry.told {
                rest.merge(&entry.pending);
            }
            entry.told && !entry.pending.is_nothing()
        });
        rest
    }

    /// Everything that is pending.
    pub(super) fn take_all(&mut self) -> Vec<(K, S)> {
        let all = std::mem::take(&mut self.entries).into_iter();
        all.map(|(key, entry)| (key, entry.pending)).filter(|(_, share)| !share.is_nothing()).collect()
    }

    /// Makes the heaviest of those that were not told be told, up to `most` in all.
    fn admit(&mut self, most: usize) {
        let room = most.saturating_sub(self.told);
        let untold = self.entries.iter().filter(|(_, entry)| !entry.told);
        let mut heaviest: Vec<(u64, K)> =
            untold.map(|(key, entry)| (entry.pending.weight(), key.clone())).collect();
        if heaviest.len() > room {
            // Of equals those that come first by their key: the same on every run.
            heaviest.sort_unstable_by(|one, other| other.0.cmp(&one.0).then_with(|| one.1.cmp(&other.1)));
            heaviest.truncate(room);
        }
        for (_, key) in heaviest {
            if let Some(entry) = self.entries.get_mut(&key) {
                entry.told = true;
                self.told += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(mut told: Vec<(u32, u64)>) -> Vec<(u32, u64)> {
        told.sort_unstable();
        told
    }

    #[test]
    fn who_is_told_once_is_told_to_the_end_and_the_rest_still_counts() {
        let mut ranking = Ranking::<u32, u64>::default();
        for (key, share) in [(1, 10), (2, 20), (3, 30), (4, 1)] {
            assert_eq!(ranking.add(key, share, 100), Ok(()));
        }
        assert_eq!(sorted(ranking.take_live(2)), [(2, 20), (3, 30)]);
        // 1 is the heaviest now, and comes too late while there is room for two only.
        assert_eq!((ranking.add(1, 90, 100), ranking.add(2, 5, 100)), (Ok(()), Ok(())));
        assert_eq!(sorted(ranking.take_live(2)), [(2, 5)]);
        assert_eq!(ranking.add(3, 7, 100), Ok(()));
        assert_eq!(ranking.settle(3), 1);
        assert_eq!(sorted(ranking.take_all()), [(1, 100), (3, 7)]);
        assert_eq!(ranking.settle(3), 0);
    }

    #[test]
    fn a_new_one_that_has_no_room_is_given_back() {
        let mut ranking = Ranking::<u32, u64>::default();
        assert_eq!(
            (ranking.add(1, 1, 1), ranking.add(2, 5, 1), ranking.add(1, 1, 1)),
            (Ok(()), Err(5), Ok(()))
        );
        assert_eq!(ranking.take_all(), [(1, 2)]);
    }
}
