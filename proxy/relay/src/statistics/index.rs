//! At which place of the table does an entry stand?
//!
//! A hash table of places that never pauses: it has its size from the beginning, so nothing is
//! rehashed while sessions wait, and what is removed leaves no mark behind. Open addressing, linear
//! probing, backward shift on removal (Knuth, volume 3, section 6.4, algorithm R).
//!
//! ```text
//!  slot   63 … 32   31 … 0
//!         hash      place + 1; 0 says that the slot is empty
//! ```

/// Places by the hash of their entry's key. Which entry is meant, its owner can tell.
#[derive(Debug)]
pub(crate) struct Index {
    // INVARIANT: a power of two, at least one of them empty.
    slots: Box<[u64]>,
    used: usize,
}

fn slot(hash: u32, place: usize) -> u64 {
    // A table of so many entries does not fit into memory.
    u64::from(hash) << 32 | (place as u64 + 1)
}

fn hash_of(slot: u64) -> usize {
    (slot >> 32) as usize
}

impl Index {
    /// An index for so many entries; it grows when there are more.
    pub(crate) fn with_room(entries: usize) -> Index {
        let slots = (entries + entries / 2 + 1).next_power_of_two();
        Index { slots: vec![0; slots].into(), used: 0 }
    }

    /// Bytes it occupies.
    pub(crate) fn bytes(&self) -> usize {
        size_of_val(&*self.slots)
    }

    fn mask(&self) -> usize {
        self.slots.len() - 1
    }

    /// The slots from a hash's own on, up to the first empty one.
    fn probe(&self, hash: u32) -> impl Iterator<Item = (usize, u64)> + '_ {
        let mask = self.mask();
        (hash as usize..)
            .map(move |at| at & mask)
            .map(|at| (at, self.slots[at]))
            .take_while(|(_, slot)| *slot != 0)
    }

    /// The place with this hash of which `is_it` says that it is the one.
    pub(crate) fn find(&self, hash: u32, is_it: impl Fn(usize) -> bool) -> Option<usize> {
        let same = self.probe(hash).filter(|(_, slot)| hash_of(*slot) == hash as usize);
        same.map(|(_, slot)| (slot & u64::from(u32::MAX)) as usize - 1).find(|place| is_it(*place))
    }

    /// Notes an entry that is not in the index.
    pub(crate) fn insert(&mut self, hash: u32, place: usize) {
        if (self.used + 1) * 8 > self.slots.len() * 7 {
            self.grow();
        }
        self.used += 1;
        self.put(slot(hash, place));
    }

    fn put(&mut self, slot: u64) {
        let mask = self.mask();
        let mut at = hash_of(slot) & mask;
        while self.slots[at] != 0 {
            at = (at + 1) & mask;
        }
        self.slots[at] = slot;
    }

    fn grow(&mut self) {
        let larger = vec![0; self.slots.len() * 2].into();
        let slots = std::mem::replace(&mut self.slots, larger);
        slots.into_iter().filter(|slot| *slot != 0).for_each(|slot| self.put(slot));
    }

    fn position(&self, hash: u32, place: usize) -> Option<usize> {
        let wanted = slot(hash, place);
        self.probe(hash).find(|(_, slot)| *slot == wanted).map(|(at, _)| at)
    }

    /// An entry stands elsewhere now.
    pub(crate) fn moved(&mut self, hash: u32, from: usize, to: usize) {
        if let Some(at) = self.position(hash, from) {
            self.slots[at] = slot(hash, to);
        }
    }

    /// Forgets an entry. Those behind it move up, so that each is still found from its own slot on.
    pub(crate) fn remove(&mut self, hash: u32, place: usize) {
        let Some(mut hole) = self.position(hash, place) else { return };
        let mask = self.mask();
        let mut at = (hole + 1) & mask;
        while self.slots[at] != 0 {
            let way = |from: usize| at.wrapping_sub(from) & mask;
            if way(hash_of(self.slots[at])) >= way(hole) {
                self.slots[hole] = self.slots[at];
                hole = at;
            }
            at = (at + 1) & mask;
        }
        self.slots[hole] = 0;
        self.used -= 1;
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashMap;

    /// Hashes that meet each other: few homes, at both ends of the table.
    fn hash(key: u8) -> u32 {
        [0, 1, 14, 15, 15, 0x0100_000f, u32::MAX, u32::MAX - 1][usize::from(key % 8)]
    }

    fn check(index: &Index, known: &HashMap<u8, usize>) {
        for key in 0..=u8::MAX {
            let found = index.find(hash(key), |place| known.get(&key) == Some(&place));
            assert_eq!(found, known.get(&key).copied(), "{key}");
        }
        assert_eq!(index.slots.iter().filter(|slot| **slot != 0).count(), known.len());
    }

    proptest! {
        #[test]
        fn it_finds_what_a_map_finds(steps: Vec<(u8, u8)>) {
            let mut index = Index::with_room(8);
            let mut known = HashMap::new();
            for (number, (step, key)) in steps.into_iter().enumerate() {
                match (step % 4, known.get(&key).copied()) {
                    (0, Some(place)) => {
                        index.remove(hash(key), place);
                        known.remove(&key);
                    }
                    (1, Some(place)) => {
                        index.moved(hash(key), place, number + 1_000);
                        known.insert(key, number + 1_000);
                    }
                    (_, Some(_)) => {}
                    (_, None) => {
                        index.insert(hash(key), number);
                        known.insert(key, number);
                    }
                }
            }
            check(&index, &known);
        }
    }

    #[test]
    fn it_grows_when_there_are_more_than_it_was_made_for() {
        let mut index = Index::with_room(1);
        for number in 0..1_000u32 {
            index.insert(number.wrapping_mul(0x9e37_79b9), number as usize);
        }
        for number in 0..1_000u32 {
            let found = index.find(number.wrapping_mul(0x9e37_79b9), |_| true);
            assert_eq!(found, Some(number as usize));
        }
    }
}
