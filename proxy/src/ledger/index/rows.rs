//! Which rows of a part have something in common, and how is that written down?
//!
//! Where few rows have it, as the gaps between them, each in groups of seven bits with the lowest
//! first; where many do, as a bit for each row. What is shorter is chosen, and its length tells which.

use super::Damaged;

/// Most rows of a part: their numbers have 16 bits.
pub(in crate::ledger) const ROWS_MAX: usize = 1 << 16;
const WORDS: usize = ROWS_MAX / 64;
/// Bytes of the form with a bit for each row.
const BITS_BYTES: usize = ROWS_MAX / 8;

/// Rows of a part.
#[derive(Clone, Debug)]
pub(in crate::ledger) struct Rows(Box<[u64; WORDS]>);

impl Rows {
    pub(in crate::ledger) fn none() -> Rows {
        Rows(Box::new([0; WORDS]))
    }

    /// The first `count` rows.
    pub(in crate::ledger) fn first(count: usize) -> Rows {
        let mut rows = Rows::none();
        for (index, word) in rows.0.iter_mut().enumerate() {
            *word = match count.saturating_sub(index * 64) {
                0 => 0,
                left @ 1..=63 => (1 << left) - 1,
                _ => u64::MAX,
            };
        }
        rows
    }

    pub(in crate::ledger) fn insert(&mut self, row: u16) {
        if let Some(word) = self.0.get_mut(usize::from(row / 64)) {
            *word |= 1 << (row % 64);
        }
    }

    pub(in crate::ledger) fn keep_only(&mut self, others: &Rows) {
        self.0.iter_mut().zip(others.0.iter()).for_each(|(word, other)| *word &= other);
    }

    fn add_bits(&mut self, bits: &[[u8; 8]]) {
        self.0.iter_mut().zip(bits).for_each(|(word, bits)| *word |= u64::from_le_bytes(*bits));
    }

    pub(in crate::ledger) fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    /// The rows from `from` up to, not including, `until`, in order.
    pub(in crate::ledger) fn between(&self, from: usize, until: usize) -> impl Iterator<Item = usize> {
        let words = self.0.iter().enumerate().take(until.div_ceil(64)).skip(from / 64);
        words
            .flat_map(|(index, word)| Bits(*word).map(move |bit| index * 64 + bit))
            .filter(move |row| (from..until).contains(row))
    }
}

/// The bits of a word that are set, lowest first.
struct Bits(u64);

impl Iterator for Bits {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        if self.0 == 0 {
            return None;
        }
        let bit = self.0.trailing_zeros();
        self.0 &= self.0 - 1;
        Some(bit as usize)
    }
}

/// Rows that come one after the other, each higher than the one before.
#[derive(Debug, Default)]
pub(super) struct Growing {
    /// The lowest that may come next.
    next: usize,
    gaps: Vec<u8>,
}

impl Growing {
    /// Adds a row; again is once.
    pub(super) fn add(&mut self, row: usize) {
        let Some(mut gap) = row.checked_sub(self.next) else { return };
        self.next = row + 1;
        while gap >= 0x80 {
            self.gaps.push(gap as u8 | 0x80);
            gap >>= 7;
        }
        self.gaps.push(gap as u8);
    }

    pub(super) fn add_to(&self, rows: &mut Rows) -> Result<(), Damaged> {
        add_gaps(&self.gaps, rows)
    }

    /// Appends what is written down.
    pub(super) fn write(&self, bytes: &mut Vec<u8>) -> Result<(), Damaged> {
        if self.gaps.len() < BITS_BYTES {
            bytes.extend_from_slice(&self.gaps);
            return Ok(());
        }
        let mut rows = Rows::none();
        self.add_to(&mut rows)?;
        rows.0.iter().for_each(|word| bytes.extend_from_slice(&word.to_le_bytes()));
        Ok(())
    }
}

/// Adds what [`Growing::write`] has written.
pub(super) fn read(bytes: &[u8], rows: &mut Rows) -> Result<(), Damaged> {
    if bytes.len() < BITS_BYTES {
        return add_gaps(bytes, rows);
    }
    rows.add_bits(bytes.as_chunks().0);
    Ok(())
}

fn add_gaps(bytes: &[u8], rows: &mut Rows) -> Result<(), Damaged> {
    let mut next = 0_usize;
    let (mut gap, mut shift) = (0_usize, 0);
    for byte in bytes {
        gap |= usize::from(byte & 0x7f) << shift;
        if byte & 0x80 != 0 {
            // Three groups hold 16 bits.
            shift = (shift + 7).min(14);
            continue;
        }
        let row = u16::try_from(next + gap).map_err(|_| Damaged)?;
        rows.insert(row);
        next = usize::from(row) + 1;
        (gap, shift) = (0, 0);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn check(expected: &BTreeSet<u16>) {
        let mut growing = Growing::default();
        for row in expected {
            growing.add(usize::from(*row));
            growing.add(usize::from(*row));
        }
        let mut bytes = Vec::new();
        growing.write(&mut bytes).unwrap();
        assert!(bytes.len() <= BITS_BYTES);
        let (mut written, mut live) = (Rows::none(), Rows::none());
        read(&bytes, &mut written).unwrap();
        growing.add_to(&mut live).unwrap();
        for rows in [written, live] {
            let all: Vec<usize> = rows.between(0, ROWS_MAX).collect();
            assert!(all.iter().copied().eq(expected.iter().map(|row| usize::from(*row))));
            let some: Vec<usize> = rows.between(100, 10_000).collect();
            assert!(some.iter().copied().eq(expected.range(100..10_000).map(|row| usize::from(*row))));
            assert_eq!(rows.is_empty(), expected.is_empty());
        }
    }

    #[test]
    fn all_and_none_and_the_ends_come_back() {
        check(&BTreeSet::new());
        check(&(0..=u16::MAX).collect());
        check(&[0, u16::MAX].into());
        check(&(0..=u16::MAX).step_by(7).collect());
        for count in [0, 1, 63, 64, 65, 1000, ROWS_MAX] {
            assert!(Rows::first(count).between(0, ROWS_MAX).eq(0..count));
        }
    }

    #[test]
    fn gaps_that_lead_out_of_the_part_are_damage() {
        assert!(read(&[0xff, 0xff, 0xff, 0x7f], &mut Rows::none()).is_err());
        assert!(read(&[0x80, 0x80, 0x04, 0x00], &mut Rows::none()).is_err());
    }

    proptest! {
        #[test]
        fn any_rows_come_back(rows in prop::collection::btree_set(any::<u16>(), 0..3000)) {
            check(&rows);
        }

        #[test]
        fn any_bytes_are_rows_or_damage(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(&bytes, &mut Rows::none());
        }
    }
}
