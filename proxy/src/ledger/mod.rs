//! Where do records go, so that nobody can say later they were not there?
//!
//! The ledger turns every record of the journals into one line of a file and ties each line to the
//! one before (`chain`). It runs on one thread of its own (`drain`), writes many records at
//! once, answers who waits for a record when it is kept as [`Sync`] promises (`writer`), and
//! tells what is missing when something is. It must not know where records come from, nor any
//! protocol.
//!
//! What the lines mean to an operator is in docs/ledger.md.

mod chain;
mod directory;
mod drain;
mod effects;
mod error;
mod fragments;
mod json;
mod line;
mod segment;
mod stats;
mod timestamp;
mod writer;

pub use error::{LedgerError, Owner};
pub use stats::LedgerStats;

use directory::{Directory, Past};
use drain::Drain;
use exchange::{Event, Record, RecordBody};
use line::Encoder;
use relay::journal::{Full, Journal, JournalReader, LedgerHealth, journal_with_room};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::Thread;
use std::time::Duration;
use writer::Writer;

/// Longest [`LedgerHandle::close`] takes.
pub const CLOSE_MAX: Duration = Duration::from_secs(6);

/// Records of the gateway about itself that may wait; they are rare.
const OWN_RECORDS_MAX: usize = 256;

/// When a record counts as kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sync {
    /// When it is written: it survives the program, not the machine.
    None,
    /// When it is on the disk. Many records share one trip to it: at once for a record somebody
    /// waits for, else every 10 ms or 1,000 records.
    Group,
    /// When it is on the disk, and every write goes there at once.
    Each,
}

/// What the ledger needs to know.
#[derive(Clone, Debug)]
pub struct LedgerSettings {
    /// Where the segments are. Made when missing, for its owner only.
    pub directory: PathBuf,
    /// When a record counts as kept.
    pub sync: Sync,
    /// Bytes after which a new segment is begun. One line longer than that still is a segment.
    pub segment_bytes_max: u64,
}

impl LedgerSettings {
    /// What `segment_bytes_max` is when nobody says otherwise.
    pub const SEGMENT_BYTES_MAX: u64 = 256 * 1024 * 1024;
}

/// A ledger that is open and has no thread yet.
#[derive(Debug)]
pub struct Ledger {
    writer: Writer,
    health: Arc<LedgerHealth>,
}

impl Ledger {
    /// Takes the directory, begins a new segment and writes its first record, `writer.start`: an
    /// open ledger can be written.
    pub fn open(settings: LedgerSettings, health: Arc<LedgerHealth>) -> Result<Ledger, LedgerError> {
        let (directory, past) = Directory::open(&settings.directory)?;
        let writer_id = uuid::Uuid::now_v7().as_u128();
        // The lower 64 bits of a version 7 are random.
        let seed = uuid::Uuid::now_v7().as_u128() as u64;
        let encoder = Encoder::new(writer_id, seed, past.last);
        let stats = Arc::new(LedgerStats::default());
        let mut writer = Writer::new(directory, encoder, settings.sync, settings.segment_bytes_max, stats);
        writer.tell(Event::WriterStart, RecordBody::Note(start_note(&past).into()));
        writer.commit(settings.sync != Sync::None)?;
        Ok(Ledger { writer, health })
    }

    /// Starts the thread that keeps what `readers` bring.
    pub fn spawn(mut self, mut readers: Vec<JournalReader>) -> Result<LedgerHandle, LedgerError> {
        let (journal, reader) = journal_with_room(Arc::clone(&self.health), OWN_RECORDS_MAX);
        readers.push(reader);
        let stats = Arc::new(LedgerStats::of(&self.writer.stats, &readers));
        self.writer.stats = Arc::clone(&stats);
        let closing = Arc::new(AtomicBool::new(false));
        let drain = Drain::new(self.writer, readers, self.health, Arc::clone(&closing));
        let (done, closed) = sync_channel(1);
        let thread = std::thread::Builder::new().name("ledger".to_owned()).spawn(move || {
            // The handle may be gone; then nobody asks.
            let _ = done.send(drain.run());
        });
        let thread = thread.map_err(|source| LedgerError::Thread { source })?.thread().clone();
        Ok(LedgerHandle { journal: Mutex::new(journal), stats, closing, thread, closed })
    }
}

/// The note of `writer.start`.
fn start_note(past: &Past) -> String {
    let mut note = format!("version {}, process {}", env!("CARGO_PKG_VERSION"), std::process::id());
    for remark in &past.remarks {
        note.push_str("; ");
        note.push_str(remark);
    }
    note
}

/// A ledger at work. Dropping it closes it without waiting.
#[derive(Debug)]
pub struct LedgerHandle {
    journal: Mutex<Journal>,
    stats: Arc<LedgerStats>,
    closing: Arc<AtomicBool>,
    thread: Thread,
    closed: Receiver<Result<(), LedgerError>>,
}

impl LedgerHandle {
    /// Keeps a record of the gateway about itself. For what is rare; statements have journals.
    pub fn offer(&self, record: Record) -> Result<(), Full> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner).offer(record)
    }

    /// The counters.
    pub fn stats(&self) -> Arc<LedgerStats> {
        Arc::clone(&self.stats)
    }

    /// Keeps everything that waits, writes `writer.stop`, brings all to the disk and ends the
    /// thread. Takes [`CLOSE_MAX`] at most. Who writes records has to be stopped before.
    pub fn close(self) -> Result<(), LedgerError> {
        self.ask_to_close();
        match self.closed.recv_timeout(CLOSE_MAX) {
            Ok(result) => result,
            Err(RecvTimeoutError::Timeout) => Err(LedgerError::NotClosed { after: CLOSE_MAX }),
            Err(RecvTimeoutError::Disconnected) => Err(LedgerError::Ended),
        }
    }

    fn ask_to_close(&self) {
        self.closing.store(true, Ordering::Release);
        self.thread.unpark();
    }
}

impl Drop for LedgerHandle {
    fn drop(&mut self) {
        self.ask_to_close();
    }
}

#[cfg(test)]
mod tests;
