//! In which order are records come by, and how little is read for that?
//!
//! From the newest to the oldest, over all segments at once, whatever order their lines have. What may
//! hold a record waits in a heap under the latest moment it may hold: parts, then their blocks, then rows.
//! What is on top is opened, until it is a row: no other can be newer. Rows of one moment are read
//! together, since only the lines tell their ids.

use super::cursor::Cursor;
use super::question::Question;
use super::shelf::{Bytes, Shelf, Volume};
use crate::ledger::index::{self, Damaged, LINE_BYTES_MAX, PartView, Rows, Stored};
use serde_json::Value;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

/// Bytes that are read of a line at first: most are shorter.
const LINE_BYTES: usize = 2048;

/// A record that was asked for.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) at: Cursor,
    pub(super) record: Value,
    /// Its line as it is stored, without the line feed.
    pub(super) line: Box<[u8]>,
    /// Which segment, and where in it: of lines with the same moment and id the last one counts.
    place: (usize, u64),
}

/// Why a walk cannot go on.
#[derive(Debug)]
pub(super) enum Halt {
    /// What was known of a segment does not hold.
    Stale {
        /// Which one.
        number: u64,
        /// Whether that is because of its index on the disk.
        index_is_damaged: bool,
    },
    /// A segment cannot be read.
    Unreadable(io::Error),
}

/// A segment of the walk; its files are opened when they are needed.
#[derive(Debug)]
struct Opened {
    volume: Volume,
    index: Option<Arc<File>>,
    lines: Lines,
}

#[derive(Debug)]
enum Lines {
    Unopened,
    Open(File),
    /// Moved away meanwhile: its records are no longer there.
    Gone,
}

/// Something that may hold records, none later than `ts`.
#[derive(Debug)]
struct Entry {
    ts: i64,
    volume: usize,
    holds: Holds,
}

#[derive(Debug)]
enum Holds {
    /// Rows of a block: moment and place, latest last.
    Rows(Vec<(i64, u64)>),
    /// A block of a part, and which rows of the part are wanted.
    Block(usize, usize, Rc<Rows>),
    /// A part.
    Part(usize),
}

impl Entry {
    /// What may still turn out to hold an earlier place comes before what is known.
    fn order(&self) -> (i64, u8) {
        let rank = match self.holds {
            Holds::Rows(_) => 0,
            Holds::Block(..) => 1,
            Holds::Part(_) => 2,
        };
        (self.ts, rank)
    }
}

impl PartialEq for Entry {
    fn eq(&self, other: &Entry) -> bool {
        self.order() == other.order()
    }
}

impl Eq for Entry {}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Entry) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Entry {
    fn cmp(&self, other: &Entry) -> std::cmp::Ordering {
        self.order().cmp(&other.order())
    }
}

/// A part and the file with its bytes.
struct Held {
    part: Arc<index::Part>,
    file: Arc<File>,
}

/// A walk from the newest record that may be wanted to the oldest.
#[derive(Debug)]
pub(super) struct Walk<'a> {
    question: &'a Question<'a>,
    directory: PathBuf,
    segments: Vec<Opened>,
    heap: BinaryHeap<Entry>,
    line: Vec<u8>,
    /// Records whose lines were read and compared.
    pub(super) records_read: u64,
    /// Records that an index was asked for.
    pub(super) records_seen: u64,
}

impl<'a> Walk<'a> {
    /// Begins with everything there is at this moment.
    pub(super) fn begin(
        question: &'a Question<'a>,
        directory: &Path,
        shelf: &Shelf,
    ) -> Result<Walk<'a>, Halt> {
        let opened = |volume| Opened { volume, index: None, lines: Lines::Unopened };
        let segments: Vec<Opened> = shelf.volumes().into_iter().map(opened).collect();
        let mut heap = BinaryHeap::new();
        for (volume, segment) in segments.iter().enumerate() {
            for (number, part) in segment.volume.parts.iter().enumerate() {
                if question.spans(part.span()) {
                    let ts = part.span().1.min(question.newest);
                    heap.push(Entry { ts, volume, holds: Holds::Part(number) });
                }
            }
        }
        let mut records_seen = 0;
        for (number, tail) in shelf.tails() {
            let stale = |Damaged| Halt::Stale { number, index_is_damaged: false };
            if tail.is_empty() || !question.spans(index::span(tail.blocks())) {
                continue;
            }
            let Ok(volume) = segments.binary_search_by_key(&number, |segment| segment.volume.number) else {
                continue;
            };
            records_seen += tail.row_count() as u64;
            let Some(wanted) = question.rows(tail).map_err(stale)? else { continue };
            for block in wanted_blocks(question, tail, &wanted) {
                let rows = rows_of(question, tail, block, &wanted).map_err(stale)?;
                heap.extend(rows.map(|rows| rows.of(volume)));
            }
        }
        let directory = directory.to_owned();
        Ok(Walk { question, directory, segments, heap, line: Vec::new(), records_read: 0, records_seen })
    }

    /// Nothing later than this is left; `None` when nothing is left at all.
    pub(super) fn bound(&self) -> Option<i64> {
        self.heap.peek().map(|entry| entry.ts)
    }

    /// Goes on a little. Returns what was found, newest first.
    pub(super) fn step(&mut self) -> Result<Vec<Found>, Halt> {
        let Some(Entry { ts, volume, holds }) = self.heap.pop() else { return Ok(Vec::new()) };
        match holds {
            Holds::Part(number) => self.open_part(volume, number)?,
            Holds::Block(part, block, wanted) => self.open_block(volume, part, block, &wanted)?,
            Holds::Rows(rows) => {
                let mut places = Vec::new();
                self.take(ts, volume, rows, &mut places);
                // Parts and blocks come first, so these are all that is left of this moment.
                while self.heap.peek().is_some_and(|entry| entry.ts == ts) {
                    if let Some(Entry { volume, holds: Holds::Rows(rows), .. }) = self.heap.pop() {
                        self.take(ts, volume, rows, &mut places);
                    }
                }
                return self.read(ts, &places);
            }
        }
        Ok(Vec::new())
    }

    fn open_part(&mut self, volume: usize, number: usize) -> Result<(), Halt> {
        let question = self.question;
        let Some(Held { part, file }) = self.part(volume, number)? else { return Ok(()) };
        let stored = Stored { part: &part, file: &file };
        self.records_seen += stored.row_count() as u64;
        let wanted = question.rows(&stored).map_err(|damaged| self.damaged(volume, damaged))?;
        let Some(wanted) = wanted.map(Rc::new) else { return Ok(()) };
        for block in wanted_blocks(question, &stored, &wanted) {
            let Some(ts) = stored.blocks().get(block).map(|block| block.ts_max.min(question.newest)) else {
                continue;
            };
            self.heap.push(Entry { ts, volume, holds: Holds::Block(number, block, Rc::clone(&wanted)) });
        }
        Ok(())
    }

    fn open_block(&mut self, volume: usize, number: usize, block: usize, wanted: &Rows) -> Result<(), Halt> {
        let Some(Held { part, file }) = self.part(volume, number)? else { return Ok(()) };
        let rows = rows_of(self.question, &Stored { part: &part, file: &file }, block, wanted);
        let rows = rows.map_err(|damaged| self.damaged(volume, damaged))?;
        self.heap.extend(rows.map(|rows| rows.of(volume)));
        Ok(())
    }

    fn part(&mut self, volume: usize, number: usize) -> Result<Option<Held>, Halt> {
        let Some(segment) = self.segments.get_mut(volume) else { return Ok(None) };
        let Some(part) = segment.volume.parts.get(number).map(Arc::clone) else { return Ok(None) };
        if let Some(file) = &segment.index {
            return Ok(Some(Held { part, file: Arc::clone(file) }));
        }
        let opened = segment.volume.bytes.open();
        let file = opened.map_err(|damaged| self.damaged(volume, damaged))?;
        if let Some(segment) = self.segments.get_mut(volume) {
            segment.index = Some(Arc::clone(&file));
        }
        Ok(Some(Held { part, file }))
    }

    fn damaged(&self, volume: usize, _: Damaged) -> Halt {
        let segment = self.segments.get(volume);
        Halt::Stale {
            number: segment.map_or(0, |segment| segment.volume.number),
            index_is_damaged: segment.is_some_and(|segment| matches!(segment.volume.bytes, Bytes::Beside(_))),
        }
    }

    /// Moves the rows of a moment to `places` and puts the others back.
    fn take(&mut self, ts: i64, volume: usize, mut rows: Vec<(i64, u64)>, places: &mut Vec<(usize, u64)>) {
        while let Some((_, offset)) = rows.pop_if(|(moment, _)| *moment == ts) {
            places.push((volume, offset));
        }
        if let Some((ts, _)) = rows.last() {
            self.heap.push(Entry { ts: *ts, volume, holds: Holds::Rows(rows) });
        }
    }

    /// Reads the lines of one moment.
    fn read(&mut self, ts: i64, places: &[(usize, u64)]) -> Result<Vec<Found>, Halt> {
        // One more than a page: no more of a moment is ever needed.
        let most = self.question.limit + 1;
        let mut all = Vec::new();
        for (volume, offset) in places {
            all.extend(self.read_line(ts, *volume, *offset)?);
            if all.len() >= 2 * most {
                in_order(&mut all);
                all.truncate(most);
            }
        }
        in_order(&mut all);
        Ok(all)
    }

    fn read_line(&mut self, ts: i64, volume: usize, offset: u64) -> Result<Option<Found>, Halt> {
        let Some(segment) = self.segments.get_mut(volume) else { return Ok(None) };
        let number = segment.volume.number;
        // What is known of the lines comes from an index that fitted them once.
        let stale = Halt::Stale { number, index_is_damaged: false };
        if matches!(segment.lines, Lines::Unopened) {
            segment.lines = match File::open(self.directory.join(format!("{number:08}.jsonl"))) {
                Ok(file) => Lines::Open(file),
                Err(error) if error.kind() == io::ErrorKind::NotFound => Lines::Gone,
                Err(error) => return Err(Halt::Unreadable(error)),
            };
        }
        let Lines::Open(file) = &segment.lines else { return Ok(None) };
        let Some(line) = line_at(file, offset, &mut self.line).map_err(Halt::Unreadable)? else {
            return Err(stale);
        };
        self.records_read += 1;
        let Ok(record) = serde_json::from_slice::<Value>(line) else {
            // The index takes more for a record than is one; unless it is another line.
            return if index::moment_of(line) == Some(ts) { Ok(None) } else { Err(stale) };
        };
        let text = |name| record.get(name).and_then(Value::as_str).map(str::as_bytes);
        let (moment, id) = (text("ts").and_then(index::micros), text("id").and_then(index::id));
        let (Some(moment), Some(id)) = (moment, id) else { return Err(stale) };
        if moment != ts {
            return Err(stale);
        }
        let at = Cursor { ts, id };
        let is_wanted = at < self.question.cursor && self.question.wants(&record);
        Ok(is_wanted.then(|| Found { at, record, line: line.into(), place: (volume, offset) }))
    }
}

/// Newest first, each id once.
fn in_order(found: &mut Vec<Found>) {
    found.sort_unstable_by_key(|found| std::cmp::Reverse((found.at, found.place)));
    found.dedup_by_key(|found| found.at);
}

/// Rows that were found in a block, with their latest moment.
struct Wanted(Vec<(i64, u64)>, i64);

impl Wanted {
    fn of(self, volume: usize) -> Entry {
        Entry { ts: self.1, volume, holds: Holds::Rows(self.0) }
    }
}

/// The numbers of the blocks that may have wanted rows.
fn wanted_blocks(question: &Question<'_>, part: &impl PartView, wanted: &Rows) -> Vec<usize> {
    let numbers = part.blocks().iter().enumerate().filter(|(number, block)| {
        question.spans((block.ts_min, block.ts_max))
            && question.takes_total(block.total_max)
            && wanted.between(block.first_row, until(part, *number)).next().is_some()
    });
    numbers.map(|(number, _)| number).collect()
}

/// The number after the last row of a block.
fn until(part: &impl PartView, block: usize) -> usize {
    part.blocks().get(block + 1).map_or(part.row_count(), |next| next.first_row)
}

/// The rows of a block that are wanted.
fn rows_of(
    question: &Question<'_>,
    part: &impl PartView,
    block: usize,
    wanted: &Rows,
) -> Result<Option<Wanted>, Damaged> {
    let until = until(part, block);
    let Some(block) = part.blocks().get(block) else { return Ok(None) };
    let mut numbers = wanted.between(block.first_row, until);
    let Some(first) = numbers.next() else { return Ok(None) };
    let last = numbers.last().unwrap_or(first);
    let rows = part.rows(block, first, last + 1)?;
    let chosen = wanted.between(first, last + 1).filter_map(|number| rows.get(number - first));
    let mut places: Vec<(i64, u64)> =
        chosen.filter(|row| question.takes(row)).map(|row| (row.ts, row.offset)).collect();
    places.sort_unstable();
    Ok(places.last().map(|(ts, _)| *ts).map(|ts| Wanted(places, ts)))
}

/// The line that begins at `offset`, without its line feed; `None` if none does or does not end.
fn line_at<'a>(file: &File, offset: u64, buffer: &'a mut Vec<u8>) -> io::Result<Option<&'a [u8]>> {
    // The byte before has to end another line.
    let before = u64::from(offset > 0);
    let mut room = LINE_BYTES;
    loop {
        buffer.resize(room, 0);
        let length = index::read_at(file, buffer, offset - before)?;
        let bytes = buffer.get(..length).unwrap_or_default();
        if before == 1 && bytes.first() != Some(&b'\n') {
            return Ok(None);
        }
        let start = before as usize;
        let end = bytes.get(start..).and_then(|line| memchr::memchr(b'\n', line));
        if let Some(end) = end {
            return Ok(buffer.get(start..start + end));
        }
        if length < room || room > LINE_BYTES_MAX {
            return Ok(None);
        }
        room *= 4;
    }
}
