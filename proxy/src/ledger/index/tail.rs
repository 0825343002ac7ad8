//! What is known of the newest lines of a segment, before they are a part?

use super::facts::Facts;
use super::part::{Block, Part, Row};
use super::rows::{Growing, ROWS_MAX, Rows};
use super::{Damaged, PartView, bytes, hash};
use std::collections::HashMap;

/// Most rows of a part; few in tests, so that small ledgers have many parts.
const PART_ROWS_MAX: usize = if cfg!(test) { 40 } else { ROWS_MAX };
/// Most rows of a block.
const BLOCK_ROWS_MAX: usize = if cfg!(test) { 8 } else { 1024 };
/// Most bytes of distinct texts that a part keeps to look words up in: a thousand times what
/// applications send, and a bound on memory. A part with more keeps none and its lines are read.
const TEXT_BYTES_MAX: usize = if cfg!(test) { 600 } else { 8 * 1024 * 1024 };
/// Keys after which a part takes no further row, so that memory stays bounded: a line may have the hashes of
/// a thousand parameters. Without such lines a part has fewer.
const KEYS_MAX: usize = if cfg!(test) { 400 } else { 1 << 19 };
/// Keys that share a place in the table of a part, on average: some pages less to keep in memory.
const KEYS_A_BUCKET: usize = if cfg!(test) { 4 } else { 64 };

/// Rows in memory, with everything by which they are found. At most [`PART_ROWS_MAX`], and [`KEYS_MAX`] with the
/// keys of one row more.
#[derive(Debug, Default)]
pub(in crate::ledger) struct Tail {
    rows: Vec<Row>,
    blocks: Vec<Block>,
    keys: HashMap<u64, Growing, foldhash::fast::RandomState>,
    /// Each distinct text once: its length, then its bytes.
    texts: Vec<u8>,
    texts_are_left_out: bool,
}

impl Tail {
    pub(in crate::ledger) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub(super) fn is_full(&self) -> bool {
        self.rows.len() >= PART_ROWS_MAX || self.keys.len() >= KEYS_MAX
    }

    /// Adds the line at `offset`, which happened at `ts`.
    pub(super) fn push(&mut self, ts: i64, offset: u64, facts: &Facts) {
        let row = Row { ts, offset, total: Row::total(facts.total_us) };
        let number = self.rows.len();
        let open = self.blocks.last_mut().filter(|block| number - block.first_row < BLOCK_ROWS_MAX);
        if !open.is_some_and(|block| block.take(&row)) {
            self.blocks.push(Block::beginning_with(&row, number));
        }
        self.rows.push(row);
        let mut from = 0;
        for (end, key) in &facts.text_ends {
            if !self.keys.contains_key(key) {
                self.text(facts.texts.get(from..*end).unwrap_or_default());
            }
            // So that a second text of the line which is the same is not kept again.
            self.keys.entry(*key).or_default().add(number);
            from = *end;
        }
        for key in &facts.keys {
            self.keys.entry(*key).or_default().add(number);
        }
    }

    fn text(&mut self, text: &[u8]) {
        let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
        if self.texts_are_left_out || self.texts.len() + text.len() > TEXT_BYTES_MAX {
            self.texts_are_left_out = true;
            self.texts = Vec::new();
            return;
        }
        self.texts.extend_from_slice(&length.to_le_bytes());
        self.texts.extend_from_slice(text);
    }

    /// The part these rows are, and its bytes, which will stand at `offset` of their file.
    pub(super) fn into_part(self, offset: u64) -> Result<(Part, Vec<u8>), Damaged> {
        let mut bytes = Vec::new();
        for (index, block) in self.blocks.iter().enumerate() {
            let until = self.blocks.get(index + 1).map_or(self.rows.len(), |next| next.first_row);
            for row in self.rows.get(block.first_row..until).ok_or(Damaged)? {
                row.write(block, &mut bytes)?;
            }
        }
        let keys_from = bytes.len();
        let mut keys: Vec<(u64, Growing)> = self.keys.into_iter().collect();
        keys.sort_unstable_by_key(|(key, _)| *key);
        let bits = (keys.len() / KEYS_A_BUCKET).checked_ilog2().map_or(0, |bits| bits + 1);
        let mut buckets = vec![0_u32; (1 << bits) + 1];
        let mut postings = Vec::new();
        for (key, rows) in &keys {
            let start = postings.len();
            rows.write(&mut postings)?;
            bytes.extend_from_slice(&key.to_le_bytes());
            bytes::put_u32(&mut bytes, start)?;
            bytes::put_u32(&mut bytes, postings.len() - start)?;
            // Counted here, added up below: where the keys behind this bucket begin.
            let bucket = key.unbounded_shr(64 - bits) as usize;
            *buckets.get_mut(bucket + 1).ok_or(Damaged)? += 1;
        }
        let mut before = 0;
        for bucket in &mut buckets {
            before += *bucket;
            *bucket = before;
        }
        let postings_from = bytes.len();
        bytes.append(&mut postings);
        let texts_from = bytes.len();
        bytes.extend_from_slice(&self.texts);
        let part = Part {
            offset,
            length: bytes.len(),
            rows: self.rows.len(),
            sections: [keys_from, postings_from, texts_from],
            texts_are_left_out: self.texts_are_left_out,
            blocks: self.blocks.into(),
            buckets: buckets.into(),
            checks: bytes
                .chunks(super::part::PAGE_BYTES)
                .map(|page| hash::hash(offset, page) as u32)
                .collect(),
        };
        Ok((part, bytes))
    }
}

impl PartView for Tail {
    fn row_count(&self) -> usize {
        self.rows.len()
    }

    fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    fn add_rows(&self, keys: &[u64], rows: &mut Rows) -> Result<(), Damaged> {
        keys.iter().filter_map(|key| self.keys.get(key)).try_for_each(|found| found.add_to(rows))
    }

    fn texts(&self) -> Result<Option<std::borrow::Cow<'_, [u8]>>, Damaged> {
        Ok((!self.texts_are_left_out).then_some(self.texts.as_slice().into()))
    }

    fn rows(&self, _block: &Block, from: usize, until: usize) -> Result<Vec<Row>, Damaged> {
        Ok(self.rows.get(from..until).ok_or(Damaged)?.to_vec())
    }
}
