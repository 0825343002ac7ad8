//! Which records of the ledger does somebody ask for?
//!
//! Newest first, by the moment and the id of each record, over all segments that are plain JSON Lines,
//! the open one included. What each condition means is in docs/ledger.md; pages can be cut anywhere and
//! are the same records. An index (`super::index`) says where to look, every record that is told was read
//! and compared with the question itself. The open segment is followed in memory.
//!
//! Bounds: a page has at most 500 records and, beyond its first, 4 MiB of lines; a search ends at its
//! deadline with what it has and with a cursor to go on from.

mod cursor;
mod failure;
mod question;
mod shelf;
mod visit;
mod walk;

pub(super) use question::Question;
pub use question::Scope;
pub use shelf::SearchStats;
pub use visit::{Looked, Visited};

use control::{LedgerPage, LedgerQuery, QuestionFailure};
use cursor::Cursor;
use shelf::{Progress, Shelf};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use walk::{Halt, Walk};

/// Bytes of lines after which a page takes no further record.
const PAGE_BYTES_MAX: usize = 4 * 1024 * 1024;
/// How often a search begins again because a segment or an index was not as it was known.
const ATTEMPTS_MAX: usize = 8;
/// How often the thread that keeps the indexes ready looks for new lines.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How long that thread leaves the lock to others after each step.
const PAUSE: Duration = Duration::from_millis(1);
/// How much that thread gives way to others.
const NICENESS: i32 = 10;

/// Searches once. Whoever searches again keeps a [`Searcher`]: it remembers the open segment.
pub fn search(
    directory: &Path,
    query: &LedgerQuery,
    deadline: Instant,
) -> Result<LedgerPage, QuestionFailure> {
    Searcher::new(directory).search(query, deadline)
}

/// Searches the ledger of a directory, with what it remembers of it. Can be used by many at once.
#[derive(Debug)]
pub struct Searcher {
    directory: PathBuf,
    shelf: Mutex<Shelf>,
}

impl Searcher {
    /// Nothing is read yet; the directory need not even be there.
    pub fn new(directory: &Path) -> Searcher {
        Searcher { directory: directory.to_owned(), shelf: Mutex::new(Shelf::new(directory)) }
    }

    /// Answers a question, by the deadline and a few milliseconds. However early that is, a search that
    /// goes on at the cursor of the one before gets further.
    pub fn search(&self, query: &LedgerQuery, deadline: Instant) -> Result<LedgerPage, QuestionFailure> {
        let question = Question::of(query, Scope::Named)?;
        let mut halted = None;
        for _ in 0..ATTEMPTS_MAX {
            match self.attempt(&question, deadline) {
                Ok(page) => return Ok(page),
                Err(Halt::Unreadable(error)) => return Err(failure::unreadable(&self.directory, &error)),
                Err(Halt::Stale { number, index_is_damaged }) => {
                    self.shelf().forget(number, index_is_damaged);
                    halted = Some(number);
                }
            }
        }
        let number = halted.unwrap_or_default();
        let error = io::Error::other(format!("segment {number:08} changes while it is read"));
        Err(failure::unreadable(&self.directory, &error))
    }

    /// Starts a thread of low priority that makes missing indexes, newest first, and follows the open
    /// segment, so that searches find their work done. It ends when the searcher is dropped.
    pub fn keep_ready(self: &Arc<Searcher>) -> io::Result<()> {
        let searcher = Arc::downgrade(self);
        std::thread::Builder::new().name("ledger-index".to_owned()).spawn(move || follow(&searcher))?;
        Ok(())
    }

    /// What is at hand.
    pub fn stats(&self) -> SearchStats {
        self.shelf().stats()
    }

    /// Does some milliseconds of the work that a search would have to do first; true when none is left.
    pub fn prepare(&self) -> io::Result<bool> {
        Ok(self.shelf().step()? == Progress::Complete)
    }

    fn attempt(&self, question: &Question<'_>, deadline: Instant) -> Result<LedgerPage, Halt> {
        loop {
            let mut shelf = self.shelf();
            match shelf.step().map_err(Halt::Unreadable)? {
                Progress::Complete => {
                    let walk = Walk::begin(question, &self.directory, &shelf)?;
                    drop(shelf);
                    return page(question, walk, deadline);
                }
                Progress::Working if Instant::now() >= deadline => return Ok(not_ready(question)),
                Progress::Working => {}
            }
        }
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        // A step that panicked has left a segment unknown, which is looked at anew.
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Collects a page.
fn page(question: &Question<'_>, mut walk: Walk<'_>, deadline: Instant) -> Result<LedgerPage, Halt> {
    let mut page = LedgerPage::default();
    let mut bytes = 0;
    let mut last = None;
    let began = walk.bound();
    'walk: while let Some(bound) = walk.bound() {
        // What is left is older than what there was at the beginning: the next search begins further on.
        if Some(bound) < began && Instant::now() >= deadline {
            page.cursor = Some(Cursor::at(bound).write());
            if page.records.len() < question.limit {
                page.searched_until_us = Some(bound);
            }
            break;
        }
        for found in walk.step()? {
            let is_full = page.records.len() >= question.limit || bytes >= PAGE_BYTES_MAX;
            if let Some(last) = last.filter(|_| is_full) {
                page.cursor = Some(Cursor::write(last));
                break 'walk;
            }
            bytes += found.line.len();
            last = Some(found.at);
            page.records.push(found.record);
        }
    }
    page.records_read = walk.records_read;
    Ok(page)
}

/// The answer when the deadline comes before the indexes are made: nothing was looked at, go on.
fn not_ready(question: &Question<'_>) -> LedgerPage {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let now_us = i64::try_from(now.as_micros()).unwrap_or(i64::MAX);
    let searched_until_us = Some(if question.newest == i64::MAX { now_us } else { question.newest });
    let cursor = Some(question.cursor.write());
    LedgerPage { cursor, searched_until_us, ..LedgerPage::default() }
}

/// Lets every other thread run before the one that calls.
pub(crate) fn yield_to_others() {
    #[cfg(target_os = "linux")]
    // On Linux niceness is a thread's own. Without it the work is done all the same.
    let _ = rustix::process::nice(NICENESS);
}

fn follow(searcher: &Weak<Searcher>) {
    yield_to_others();
    let mut is_failing = false;
    while let Some(searcher) = searcher.upgrade() {
        let prepared = searcher.prepare();
        drop(searcher);
        match prepared {
            Ok(false) => std::thread::sleep(PAUSE),
            Ok(true) => {
                is_failing = false;
                std::thread::park_timeout(LOOK_EVERY);
            }
            Err(error) => {
                if !std::mem::replace(&mut is_failing, true) {
                    tracing::warn!(%error, "the ledger cannot be indexed; searches will say so too");
                }
                std::thread::park_timeout(LOOK_EVERY);
            }
        }
    }
}

#[cfg(test)]
mod tests;
