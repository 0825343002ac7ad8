//! Which segments are there, and are their indexes at hand?
//!
//! Everything that changes is in here, behind one lock; work is done in steps of milliseconds, so that a
//! search that comes while the indexes are made waits for a step and not for all of them.

use crate::ledger::index::{self, Damaged, Growth, Part, Sidecar, Tail};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// How old a directory's time of change has to be before it is believed that nothing has changed since:
/// file systems count in ticks, and two changes may fall into one.
const TICK: Duration = Duration::from_secs(1);

/// The segments of a directory.
#[derive(Debug)]
pub(super) struct Shelf {
    directory: PathBuf,
    /// The directory's time of change when its names were read.
    listed: Option<SystemTime>,
    segments: BTreeMap<u64, Segment>,
}

#[derive(Debug)]
enum Segment {
    /// Nobody has looked yet.
    Unknown,
    /// Its index is being made, or grows with it.
    Growing(Box<Growth>),
    /// It grows no more and has an index.
    Ready(Arc<Sidecar>),
}

/// What one step has led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// Every line there was at the beginning of the step is indexed.
    Complete,
    /// There is more to do.
    Working,
}

/// What is at hand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SearchStats {
    /// Segments in the directory, without compressed ones.
    pub segments: usize,
    /// Of these, those without a complete index yet.
    pub segments_unindexed: usize,
    /// Lines that are no records: no JSON, without a moment or an id, or longer than a mebibyte.
    pub lines_skipped: u64,
    /// Bytes of the indexes on the disk.
    pub index_bytes: u64,
    /// Bytes of memory that the indexes of closed segments take.
    pub held_bytes: usize,
}

/// A segment to be searched.
#[derive(Debug)]
pub(super) struct Volume {
    pub(super) number: u64,
    pub(super) parts: Vec<Arc<Part>>,
    pub(super) bytes: Bytes,
}

/// Where the bytes of a volume's parts are.
#[derive(Debug)]
pub(super) enum Bytes {
    Open(Arc<File>),
    Beside(Arc<Sidecar>),
}

impl Bytes {
    pub(super) fn open(&self) -> Result<Arc<File>, Damaged> {
        match self {
            Bytes::Open(file) => Ok(Arc::clone(file)),
            Bytes::Beside(sidecar) => sidecar.open(),
        }
    }
}

impl Shelf {
    pub(super) fn new(directory: &Path) -> Shelf {
        Shelf { directory: directory.to_owned(), listed: None, segments: BTreeMap::new() }
    }

    /// Does some milliseconds of work: the newest segment without a complete index.
    pub(super) fn step(&mut self) -> io::Result<Progress> {
        self.list()?;
        let newest = self.segments.last_key_value().map(|(number, _)| *number);
        let mut gone = Vec::new();
        let mut progress = Ok(Progress::Complete);
        let behind =
            self.segments.iter_mut().rev().filter(|(_, segment)| !matches!(segment, Segment::Ready(_)));
        for (number, segment) in behind {
            match step(&self.directory, *number, segment, Some(*number) != newest) {
                Ok(Progress::Complete) => continue,
                // Moved away since the names were read.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    gone.push(*number);
                    continue;
                }
                other => progress = other,
            }
            break;
        }
        for number in gone {
            self.segments.remove(&number);
        }
        progress
    }

    fn list(&mut self) -> io::Result<()> {
        let changed = fs::metadata(&self.directory)?.modified()?;
        let is_settled = changed.elapsed().is_ok_and(|age| age > TICK);
        if is_settled && self.listed == Some(changed) {
            return Ok(());
        }
        let (mut plain, mut indexes) = (Vec::new(), Vec::new());
        for entry in fs::read_dir(&self.directory)? {
            let name = entry?.file_name();
            let Some((digits, ending)) = name.to_str().and_then(|name| name.split_once('.')) else {
                continue;
            };
            let Some(number) = crate::ledger::segment_name::number(digits) else { continue };
            match ending {
                // As the ledger writes it; `7.jsonl` is somebody else's.
                _ if format!("{number:08}") != digits => {}
                "jsonl" => plain.push(number),
                "idx" => indexes.push(number),
                _ => {}
            }
        }
        plain.sort_unstable();
        for number in indexes.into_iter().filter(|number| plain.binary_search(number).is_err()) {
            index::remove(&self.directory, number);
        }
        self.segments.retain(|number, _| plain.binary_search(number).is_ok());
        for number in plain {
            self.segments.entry(number).or_insert(Segment::Unknown);
        }
        self.listed = Some(changed);
        Ok(())
    }

    /// Gives up what is known of a segment; it is looked at anew, and its index made anew if it is damaged.
    pub(super) fn forget(&mut self, number: u64, index_is_damaged: bool) {
        if index_is_damaged {
            index::remove(&self.directory, number);
        }
        if let Some(segment) = self.segments.get_mut(&number) {
            *segment = Segment::Unknown;
        }
        self.listed = None;
    }

    /// What can be searched without the lock, oldest first.
    pub(super) fn volumes(&self) -> Vec<Volume> {
        let volumes = self.segments.iter().filter_map(|(number, segment)| {
            let (parts, bytes) = match segment {
                Segment::Unknown => return None,
                Segment::Growing(growth) => {
                    let (parts, file) = growth.parts();
                    (parts.to_vec(), Bytes::Open(Arc::clone(file)))
                }
                Segment::Ready(sidecar) => (sidecar.parts.clone(), Bytes::Beside(Arc::clone(sidecar))),
            };
            Some(Volume { number: *number, parts, bytes })
        });
        volumes.collect()
    }

    /// What has to be searched under the lock: the newest lines of the segments that grow.
    pub(super) fn tails(&self) -> impl Iterator<Item = (u64, &Tail)> {
        self.segments.iter().filter_map(|(number, segment)| match segment {
            Segment::Growing(growth) => Some((*number, growth.tail())),
            Segment::Unknown | Segment::Ready(_) => None,
        })
    }

    pub(super) fn stats(&self) -> SearchStats {
        let mut stats = SearchStats { segments: self.segments.len(), ..SearchStats::default() };
        for segment in self.segments.values() {
            match segment {
                Segment::Unknown => stats.segments_unindexed += 1,
                Segment::Growing(growth) => {
                    stats.segments_unindexed += 1;
                    stats.lines_skipped += growth.lines_skipped();
                }
                Segment::Ready(sidecar) => {
                    stats.lines_skipped += sidecar.lines_skipped;
                    stats.index_bytes += sidecar.length;
                    stats.held_bytes += sidecar.parts.iter().map(|part| part.held_bytes()).sum::<usize>();
                }
            }
        }
        stats
    }
}

fn step(directory: &Path, number: u64, segment: &mut Segment, is_closed: bool) -> io::Result<Progress> {
    let known = std::mem::replace(segment, Segment::Unknown);
    let (next, progress) = match known {
        Segment::Unknown => match if is_closed { Sidecar::load(directory, number)? } else { None } {
            Some(sidecar) => (Segment::Ready(Arc::new(sidecar)), Progress::Complete),
            None => (Segment::Growing(Box::new(Growth::open(directory, number)?)), Progress::Working),
        },
        Segment::Growing(mut growth) => match (growth.advance()?, is_closed) {
            (false, _) => (Segment::Growing(growth), Progress::Working),
            (true, false) => (Segment::Growing(growth), Progress::Complete),
            (true, true) => (Segment::Ready(Arc::new(growth.finish()?)), Progress::Complete),
        },
        Segment::Ready(sidecar) => (Segment::Ready(sidecar), Progress::Complete),
    };
    *segment = next;
    Ok(progress)
}
