//! Which of a listener's rules? A set of fixed size, so that judging allocates nothing.

/// Most rules of one listener. A set of them is eight words: one cache line.
pub(crate) const RULES_MAX: usize = WORDS * 64;

const WORDS: usize = 8;

/// A set of rules by their number, below [`RULES_MAX`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Bits([u64; WORDS]);

impl Bits {
    pub(crate) const NONE: Bits = Bits([0; WORDS]);

    /// Adds one. A number beyond the last is nobody's rule: nothing happens.
    pub(crate) fn insert(&mut self, number: usize) {
        if let Some(word) = self.0.get_mut(number / 64) {
            *word |= 1 << (number % 64);
        }
    }

    pub(crate) fn contains(&self, number: usize) -> bool {
        self.0.get(number / 64).is_some_and(|word| word >> (number % 64) & 1 == 1)
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.0.iter().fold(0, |all, word| all | word) == 0
    }

    /// Those in both.
    #[inline]
    pub(crate) fn and(&self, other: &Bits) -> Bits {
        Bits(std::array::from_fn(|at| self.0[at] & other.0[at]))
    }

    /// Those in either.
    #[inline]
    pub(crate) fn or(&self, other: &Bits) -> Bits {
        Bits(std::array::from_fn(|at| self.0[at] | other.0[at]))
    }

    /// Those that are not in `other`.
    #[inline]
    pub(crate) fn without(&self, other: &Bits) -> Bits {
        Bits(std::array::from_fn(|at| self.0[at] & !other.0[at]))
    }

    /// Each number, from the lowest.
    pub(crate) fn iter(&self) -> impl Iterator<Item = usize> + use<> {
        self.0.into_iter().enumerate().flat_map(|(at, word)| Word(word).map(move |bit| at * 64 + bit))
    }
}

/// The positions of a word's ones.
struct Word(u64);

impl Iterator for Word {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        if self.0 == 0 {
            return None;
        }
        let lowest = self.0.trailing_zeros() as usize;
        self.0 &= self.0 - 1;
        Some(lowest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_gives_back_what_was_put_in_and_nothing_else() {
        let numbers = [0, 1, 63, 64, 127, 300, 511];
        let mut set = Bits::NONE;
        assert!(set.is_empty());
        numbers.into_iter().for_each(|number| set.insert(number));
        set.insert(RULES_MAX);
        assert_eq!(set.iter().collect::<Vec<_>>(), numbers);
        assert!(set.contains(300) && !set.contains(301) && !set.contains(RULES_MAX));
        assert!(set.without(&set).is_empty());
        assert_eq!(set.and(&Bits::NONE), Bits::NONE);
        assert_eq!(set.or(&Bits::NONE), set);
    }
}
