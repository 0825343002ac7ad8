//! How are up to 65,536 lines of a segment found without reading them?
//!
//! A part is a stretch of bytes in an index:
//! ```text
//! rows      12 bytes each, in the order of the lines: moment, place, total, relative to their block
//! keys      16 bytes each, sorted: key, start and length of its rows among the postings
//! postings  the rows of each key (see `rows`)
//! texts     each distinct text of a statement once: length, bytes
//! ```
//! What is kept in memory of it: its blocks (a thousand rows, with the times, the place and the longest
//! total of them), where in the keys to look, and a check for every page of 4 KiB. Each page is checked
//! whenever it is read, so that damage is noticed, never believed.

use super::bytes::{Numbers, put_u32};
use super::rows::{self, ROWS_MAX, Rows};
use super::{Damaged, PartView, hash};
use std::borrow::Cow;
use std::fs::File;
use std::ops::Range;
use std::os::unix::fs::FileExt as _;

/// What one check is about.
pub(super) const PAGE_BYTES: usize = 4096;
const ROW_BYTES: usize = 12;
const KEY_BYTES: usize = 16;
/// From how many keys on it is quicker to read a part's keys and postings whole.
const MANY_KEYS: usize = if cfg!(test) { 3 } else { 128 };

/// A line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ledger) struct Row {
    pub(in crate::ledger) ts: i64,
    /// Where in the segment it begins.
    pub(in crate::ledger) offset: u64,
    /// See [`Row::total`].
    pub(in crate::ledger) total: u32,
}

impl Row {
    /// How a total time is kept: 0 is none, else one more than it is, as far as 32 bits go.
    pub(in crate::ledger) fn total(us: Option<u64>) -> u32 {
        us.map_or(0, |us| u32::try_from(us).unwrap_or(u32::MAX).saturating_add(1))
    }

    pub(super) fn write(&self, block: &Block, bytes: &mut Vec<u8>) -> Result<(), Damaged> {
        let since = u32::try_from(self.ts.abs_diff(block.ts_min)).map_err(|_| Damaged)?;
        let behind = u32::try_from(self.offset - block.offset).map_err(|_| Damaged)?;
        for number in [since, behind, self.total] {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        Ok(())
    }

    fn read(numbers: &mut Numbers<'_>, block: &Block) -> Result<Row, Damaged> {
        Ok(Row {
            ts: block.ts_min.saturating_add(i64::from(numbers.u32()?)),
            offset: block.offset.saturating_add(u64::from(numbers.u32()?)),
            total: numbers.u32()?,
        })
    }
}

/// Some rows that follow each other, with moments and places that 32 bits can tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ledger) struct Block {
    pub(in crate::ledger) first_row: usize,
    pub(in crate::ledger) ts_min: i64,
    pub(in crate::ledger) ts_max: i64,
    /// The longest, as [`Row::total`] keeps it.
    pub(in crate::ledger) total_max: u32,
    /// Where its first line begins.
    offset: u64,
}

impl Block {
    pub(super) fn beginning_with(row: &Row, first_row: usize) -> Block {
        Block { first_row, ts_min: row.ts, ts_max: row.ts, total_max: row.total, offset: row.offset }
    }

    /// Takes one more row; false if it is too far from the others for 32 bits.
    pub(super) fn take(&mut self, row: &Row) -> bool {
        let (min, max) = (self.ts_min.min(row.ts), self.ts_max.max(row.ts));
        let fits =
            u32::try_from(max.abs_diff(min)).is_ok() && u32::try_from(row.offset - self.offset).is_ok();
        if fits {
            (self.ts_min, self.ts_max) = (min, max);
            self.total_max = self.total_max.max(row.total);
        }
        fits
    }
}

/// What is kept in memory of a part.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::ledger) struct Part {
    /// Where its bytes stand in their file.
    pub(super) offset: u64,
    pub(super) length: usize,
    pub(super) rows: usize,
    /// Where keys, postings and texts begin among its bytes.
    pub(super) sections: [usize; 3],
    pub(super) texts_are_left_out: bool,
    pub(super) blocks: Box<[Block]>,
    /// For each value of a key's highest bits the number of the first key that has them.
    pub(super) buckets: Box<[u32]>,
    pub(super) checks: Box<[u32]>,
}

impl Part {
    /// The lowest and the highest moment.
    pub(in crate::ledger) fn span(&self) -> (i64, i64) {
        span(&self.blocks)
    }

    /// Bytes of memory it takes.
    pub(in crate::ledger) fn held_bytes(&self) -> usize {
        size_of::<Part>()
            + size_of_val::<[Block]>(&self.blocks)
            + size_of_val::<[u32]>(&self.buckets)
            + size_of_val::<[u32]>(&self.checks)
    }

    pub(super) fn write(&self, bytes: &mut Vec<u8>) -> Result<(), Damaged> {
        bytes.extend_from_slice(&self.offset.to_le_bytes());
        let [keys, postings, texts] = self.sections;
        let left_out = usize::from(self.texts_are_left_out);
        let counts = [self.blocks.len(), self.buckets.len(), self.checks.len()];
        for number in [self.length, self.rows, keys, postings, texts, left_out].into_iter().chain(counts) {
            put_u32(bytes, number)?;
        }
        for block in &self.blocks {
            put_u32(bytes, block.first_row)?;
            bytes.extend_from_slice(&block.ts_min.to_le_bytes());
            bytes.extend_from_slice(&block.ts_max.to_le_bytes());
            bytes.extend_from_slice(&block.total_max.to_le_bytes());
            bytes.extend_from_slice(&block.offset.to_le_bytes());
        }
        for number in self.buckets.iter().chain(&self.checks) {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        Ok(())
    }

    pub(super) fn read(numbers: &mut Numbers<'_>) -> Result<Part, Damaged> {
        let offset = numbers.u64()?;
        let (length, rows) = (numbers.size()?, numbers.size()?);
        let sections = [numbers.size()?, numbers.size()?, numbers.size()?];
        let texts_are_left_out = numbers.u32()? != 0;
        let (blocks, buckets, checks) = (numbers.size()?, numbers.size()?, numbers.size()?);
        numbers.has(blocks)?;
        let blocks = (0..blocks).map(|_| {
            Ok(Block {
                first_row: numbers.size()?,
                ts_min: numbers.i64()?,
                ts_max: numbers.i64()?,
                total_max: numbers.u32()?,
                offset: numbers.u64()?,
            })
        });
        let blocks = blocks.collect::<Result<_, Damaged>>()?;
        numbers.has(buckets)?;
        let buckets = (0..buckets).map(|_| numbers.u32()).collect::<Result<_, Damaged>>()?;
        numbers.has(checks)?;
        let checks = (0..checks).map(|_| numbers.u32()).collect::<Result<_, Damaged>>()?;
        let part = Part { offset, length, rows, sections, texts_are_left_out, blocks, buckets, checks };
        if part.is_sound() { Ok(part) } else { Err(Damaged) }
    }

    /// Whether its numbers can belong together; what they lead to is checked when it is read.
    fn is_sound(&self) -> bool {
        let [keys, postings, texts] = self.sections;
        let firsts = self.blocks.iter().map(|block| block.first_row);
        (1..=ROWS_MAX).contains(&self.rows)
            && keys == self.rows * ROW_BYTES
            && keys <= postings
            && postings <= texts
            && texts <= self.length
            && self.checks.len() == self.length.div_ceil(PAGE_BYTES)
            && self.blocks.first().is_some_and(|block| block.first_row == 0)
            && firsts.is_sorted()
            && self.blocks.iter().all(|block| block.first_row < self.rows && block.ts_min <= block.ts_max)
            && self.buckets.len().checked_sub(1).is_some_and(usize::is_power_of_two)
            && self.buckets.is_sorted()
            && self
                .buckets
                .last()
                .is_some_and(|keys| *keys as usize == (postings - self.sections[0]) / KEY_BYTES)
    }

    /// Reads bytes of the part, whole pages of them, and checks these.
    fn bytes(&self, file: &File, range: Range<usize>) -> Result<Vec<u8>, Damaged> {
        if range.start >= range.end {
            return Ok(Vec::new());
        }
        let first = range.start / PAGE_BYTES;
        let from = first * PAGE_BYTES;
        let until = range.end.next_multiple_of(PAGE_BYTES).min(self.length);
        let mut bytes = vec![0; until.checked_sub(from).ok_or(Damaged)?];
        file.read_exact_at(&mut bytes, self.offset.saturating_add(from as u64)).map_err(|_| Damaged)?;
        let mut checks = self.checks.iter().skip(first);
        for page in bytes.chunks(PAGE_BYTES) {
            if checks.next() != Some(&(hash::hash(self.offset, page) as u32)) {
                return Err(Damaged);
            }
        }
        bytes.truncate(range.end - from);
        bytes.drain(..range.start - from);
        Ok(bytes)
    }

    /// Adds the rows of a key.
    fn add_rows(&self, file: &File, key: u64, rows: &mut Rows) -> Result<(), Damaged> {
        let bits = (self.buckets.len() - 1).ilog2();
        let bucket = key.unbounded_shr(64 - bits) as usize;
        let Some([first, until]) = self.buckets.get(bucket..bucket + 2) else { return Err(Damaged) };
        let [from, postings, texts] = self.sections;
        let place = |number: u32| from + number as usize * KEY_BYTES;
        let keys = self.bytes(file, place(*first)..place(*until))?;
        let Some((start, length)) = found(&keys, key)? else { return Ok(()) };
        let range = postings + start..postings + start + length;
        if range.end > texts {
            return Err(Damaged);
        }
        rows::read(&self.bytes(file, range)?, rows)
    }

    /// The same for many: everything that leads to rows is read at once.
    fn add_rows_of_many(&self, file: &File, keys: &[u64], rows: &mut Rows) -> Result<(), Damaged> {
        let [from, postings, texts] = self.sections;
        let bytes = self.bytes(file, from..texts)?;
        let (entries, postings) = bytes.split_at_checked(postings - from).ok_or(Damaged)?;
        for key in keys {
            if let Some((start, length)) = found(entries, *key)? {
                rows::read(postings.get(start..start + length).ok_or(Damaged)?, rows)?;
            }
        }
        Ok(())
    }
}

/// Start and length of a key's rows among the postings.
fn found(keys: &[u8], key: u64) -> Result<Option<(usize, usize)>, Damaged> {
    let (keys, _) = keys.as_chunks::<KEY_BYTES>();
    let place = keys.binary_search_by_key(&Ok(key), |entry| Numbers(entry).u64());
    let Some(entry) = place.ok().and_then(|place| keys.get(place)) else { return Ok(None) };
    let mut numbers = Numbers(entry);
    numbers.u64()?;
    Ok(Some((numbers.size()?, numbers.size()?)))
}

/// The lowest and the highest moment of some blocks.
pub(in crate::ledger) fn span(blocks: &[Block]) -> (i64, i64) {
    let min = blocks.iter().map(|block| block.ts_min).min();
    let max = blocks.iter().map(|block| block.ts_max).max();
    (min.unwrap_or(i64::MAX), max.unwrap_or(i64::MIN))
}

/// A part with the file that holds its bytes.
#[derive(Debug)]
pub(in crate::ledger) struct Stored<'a> {
    pub(in crate::ledger) part: &'a Part,
    pub(in crate::ledger) file: &'a File,
}

impl PartView for Stored<'_> {
    fn row_count(&self) -> usize {
        self.part.rows
    }

    fn blocks(&self) -> &[Block] {
        &self.part.blocks
    }

    fn add_rows(&self, keys: &[u64], rows: &mut Rows) -> Result<(), Damaged> {
        if keys.len() > MANY_KEYS {
            return self.part.add_rows_of_many(self.file, keys, rows);
        }
        keys.iter().try_for_each(|key| self.part.add_rows(self.file, *key, rows))
    }

    fn texts(&self) -> Result<Option<Cow<'_, [u8]>>, Damaged> {
        if self.part.texts_are_left_out {
            return Ok(None);
        }
        let [.., texts] = self.part.sections;
        Ok(Some(self.part.bytes(self.file, texts..self.part.length)?.into()))
    }

    fn rows(&self, block: &Block, from: usize, until: usize) -> Result<Vec<Row>, Damaged> {
        let bytes = self.part.bytes(self.file, from * ROW_BYTES..until * ROW_BYTES)?;
        let mut numbers = Numbers(&bytes);
        (from..until).map(|_| Row::read(&mut numbers, block)).collect()
    }
}
