//! How are the lines of a segment found without reading them?
//!
//! Beside each closed segment lies an index, `00000001.idx`, some 4 % of its size. It is made of what
//! the segment says and can be made again at any time: one that is missing, of another version, older
//! than its segment or damaged is made anew. It is believed in nothing but where to look, since every
//! line is compared with the question itself; and that it hides no line is why each page of it carries a
//! check.
//!
//! `scan` and `facts` read lines, `tail` gathers them, `part` and `rows` are the form in which up to
//! 65,536 of them are kept, `growth` follows a segment, `sidecar` is the file.

mod bytes;
mod facts;
mod glance;
mod growth;
mod hash;
mod moment;
mod part;
mod rows;
mod scan;
mod sidecar;
mod tail;

pub(super) use bytes::Texts;
pub(super) use facts::id;
pub(super) use glance::Glance;
pub(super) use growth::{Growth, moment_of, read_at};
pub(super) use hash::{Field, key};
pub(super) use moment::micros;
pub(super) use part::{Block, Part, Row, Stored, span};
pub(super) use rows::Rows;
pub(super) use sidecar::{Sidecar, remove};
pub(super) use tail::Tail;

use std::borrow::Cow;

/// Longest line that is looked at, with its line feed: ten times what the ledger can write. A longer
/// one is passed over, so that memory stays bounded. Also how much is read at once.
pub(super) const LINE_BYTES_MAX: usize = if cfg!(test) { 16 * 1024 } else { 1024 * 1024 };

/// What is read of an index is not what was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Damaged;

/// What can be asked of up to 65,536 lines, wherever they are kept.
pub(super) trait PartView {
    /// How many there are.
    fn row_count(&self) -> usize;

    /// Their blocks, in the order of rows.
    fn blocks(&self) -> &[Block];

    /// Adds the rows that have one of these keys.
    fn add_rows(&self, keys: &[u64], rows: &mut Rows) -> Result<(), Damaged>;

    /// Each distinct text of a statement once, as [`Texts`] takes them apart; `None` when they are too
    /// many to be kept.
    fn texts(&self) -> Result<Option<Cow<'_, [u8]>>, Damaged>;

    /// The rows from `from` up to, not including, `until`, all of one block.
    fn rows(&self, block: &Block, from: usize, until: usize) -> Result<Vec<Row>, Damaged>;
}
