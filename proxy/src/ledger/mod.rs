//! Where do records go, so that nobody can say later they were not there?
//!
//! The ledger turns every record of the journals into one line of a file and ties each line to the
//! one before (`chain`). It runs on one thread of its own (`drain`), writes many records at
//! once, answers who waits for a record when it is kept as [`Sync`] promises (`writer`), and
//! tells what is missing when something is. What is kept it shows and signs (`evidence`, `head`,
//! `checkpoints`), so that `verify` can prove it. It must not know where records come from, nor any
//! protocol.
//!
//! What the lines mean to an operator is in docs/ledger.md.

pub mod access;
mod chain;
mod checkpoints;
pub mod copies;
mod directory;
mod drain;
mod effects;
mod error;
mod evidence;
pub mod export;
pub mod follow;
pub(crate) mod forward;
mod fragments;
mod head;
mod index;
mod json;
mod keeping;
mod key;
mod line;
mod merkle;
pub mod moments;
mod note;
pub(crate) mod open_lines;
mod orders;
mod past;
pub mod reading;
pub(crate) mod retention;
pub mod search;
mod segment;
mod segment_name;
mod settings;
mod signer;
mod stats;
mod timestamp;
mod told;
pub mod values;
pub mod verify;
pub(crate) mod wholeness;
mod writer;
mod writers;

pub use error::{LedgerError, Owner};
pub use key::{KeyError, SigningKey};
pub use note::{BadVerifierKey, VerifierKey};
pub use settings::{CheckpointSettings, LedgerSettings, Sync};
pub use stats::LedgerStats;

use crate::reports::Tally;
use checkpoints::{Checkpoints, Newest};
use directory::Directory;
use drain::{Drain, Rest};
use evidence::Evidence;
use exchange::{Event, Record, RecordBody};
use forward::{Outlet, Unanswered};
use head::Head;
use keeping::Relief;
use line::Encoder;
use orders::Orders;
use past::Past;
use relay::journal::{Full, Journal, JournalReader, LedgerHealth, journal_with_room};
use settings::SyncRules;
use signer::Signer;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::Thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use wholeness::{Beginning, Wholeness};
use writer::Writer;

/// Longest [`LedgerHandle::close`] takes.
pub const CLOSE_MAX: Duration = Duration::from_secs(6);

/// Records of the gateway about itself that may wait; they are rare.
const OWN_RECORDS_MAX: usize = 256;

/// A ledger that is open and has no thread yet.
#[derive(Debug)]
pub struct Ledger {
    writer: Writer,
    health: Arc<LedgerHealth>,
    settings: LedgerSettings,
    beginning: Beginning,
}

impl Ledger {
    /// Takes the directory, finds the key that signs, begins a new segment and writes its first record,
    /// `writer.start`: an open ledger can be written.
    pub fn open(settings: LedgerSettings, health: Arc<LedgerHealth>) -> Result<Ledger, LedgerError> {
        let (directory, mut past) = Directory::open(&settings.directory)?;
        let (newest, left) = newest_checkpoints(&settings, &mut past);
        let signer = Signer::find(&settings, newest.as_ref().map(Newest::name))?;
        let remarks = signer.remarks(&past, newest.is_some());
        past.remarks.extend(remarks);
        let newest = signer.newer(newest, left);
        past.remarks
            .iter()
            .for_each(|remark| tracing::warn!(remark, "the ledger was left in a state worth a look"));
        writers::write(&settings.directory, &past.ended)?;
        let id = uuid::Uuid::now_v7();
        // The lower 64 bits of a version 7 are random.
        let seed = uuid::Uuid::now_v7().as_u128() as u64;
        let mut encoder = Encoder::new(id.as_u128(), seed, past.last);
        encoder.sealer = values::Sealer::new(&settings.keys);
        let is_new = signer.is_new();
        let first = past.ended.first().map_or(id, |first| first.writer);
        let checkpoints = Checkpoints::new(
            &settings.directory,
            id,
            signer.named(first),
            (&past.ended, newest.as_ref()),
            &settings.checkpoints,
        );
        let evidence = Evidence::new(Head::new(&settings.directory, id.as_u128()), checkpoints);
        let rules = SyncRules::new(&settings);
        let mut writer = Writer::new(directory, encoder, evidence, rules, settings.segment_bytes_max);
        writer.tell(Event::WriterStart, RecordBody::Note(start_note(&past, &settings).into()));
        // Whoever is believed from here on is so because of this line.
        writer.commit(is_new || !rules.is_never())?;
        signer.announce(&settings.directory, first)?;
        access::settle(&settings);
        let beginning = Beginning::new(settings.sync, &past);
        Ok(Ledger { writer, health, settings, beginning })
    }

    /// Has everything that is kept from now on added up by `tally` as well, and that the ledger was opened.
    pub(crate) fn tallied(mut self, mut tally: Tally) -> Ledger {
        let at_us = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_micros();
        let note = format!("version {}", env!("CARGO_PKG_VERSION"));
        tally.note(&Record {
            event: Event::WriterStart,
            at_us: u64::try_from(at_us).unwrap_or(u64::MAX),
            session: None,
            body: RecordBody::Note(note.into()),
        });
        self.writer.tally = Some(tally);
        self
    }

    /// Starts the thread that keeps what `readers` bring.
    pub fn spawn(mut self, mut readers: Vec<JournalReader>) -> Result<LedgerHandle, LedgerError> {
        let (journal, reader) = journal_with_room(Arc::clone(&self.health), OWN_RECORDS_MAX);
        readers.push(reader);
        let stats = Arc::new(LedgerStats::of(&self.writer.stats, &readers));
        self.writer.stats = Arc::clone(&stats);
        let closing = Arc::new(AtomicBool::new(false));
        let wholeness = Arc::new(Wholeness {
            directory: self.settings.directory.clone(),
            beginning: self.beginning,
            stats: Arc::clone(&stats),
            health: Arc::clone(&self.health),
            care: Arc::default(),
            copies: std::sync::OnceLock::new(),
        });
        let (sender, incoming) = orders::orders();
        let (relief, keeping) = keeping::relief(LedgerSettings { replaces: None, ..self.settings });
        let rest = Rest {
            readers,
            health: self.health,
            closing: Arc::clone(&closing),
            released: Arc::clone(&relief.released),
            incoming,
            first: 0,
            lost: 0,
            stats: Arc::clone(&stats),
            tally: None,
        };
        let drain = Drain::new(self.writer, rest);
        let (done, closed) = sync_channel(1);
        let thread = std::thread::Builder::new().name("ledger".to_owned()).spawn(move || {
            // The handle may be gone; then nobody asks.
            let _ = done.send(keeping.run(drain));
        });
        let thread = thread.map_err(|source| LedgerError::Thread { source })?.thread().clone();
        let notes = Notes(Arc::new(Mutex::new(journal)));
        let orders = Orders::new(sender, thread.clone());
        let closed = Mutex::new(closed);
        Ok(LedgerHandle { notes, orders, stats, wholeness, closing, relief, thread, closed })
    }
}

/// The newest checkpoint of the segments, and the one that the file `checkpoint` holds. Remarks on it when what was
/// signed is not there any more.
fn newest_checkpoints(settings: &LedgerSettings, past: &mut Past) -> (Option<Newest>, Option<Newest>) {
    let directory = &settings.directory;
    // Where nobody is believed there is none, unless somebody has taken away who was.
    let newest = Newest::of(&past.segments, directory.join(signer::FILE).exists());
    let left = Newest::left(directory);
    let told = [
        (&newest, "a checkpoint covers", "a checkpoint was"),
        (&left, "`checkpoint` covers", "`checkpoint` was"),
    ];
    for (newest, who, itself) in told {
        if let Some(newest) = newest {
            // The file is replaced once the line is kept.
            let _ = past.expect(newest.writer, newest.seq, who)
                && past.expect(newest.writer, newest.seq.saturating_add(1), itself);
            let ended = past.ended.len() as u64;
            if ended < newest.writers {
                past.remarks.push(format!("{who} {} writers, of which {ended} are known", newest.writers));
            }
        }
    }
    // A crash may have come between the line of the first one and the file.
    if newest.as_ref().is_some_and(|newest| !newest.is_first()) && left.is_none() {
        past.remarks.push(told::end_unknown("`checkpoint` is missing or cannot be read"));
    }
    (newest, left)
}

/// The note of `writer.start`.
fn start_note(past: &Past, settings: &LedgerSettings) -> String {
    let mut note = format!("version {}, process {}", env!("CARGO_PKG_VERSION"), std::process::id());
    if let Some(before) = settings.replaces {
        let _ = write!(note, " in the place of process {before}, whose last sessions are told here");
    }
    for remark in &past.remarks {
        note.push_str(told::BETWEEN);
        note.push_str(remark);
    }
    // Last: what begins it is read by its exact words.
    if let Some(in_force) = &settings.in_force {
        note.push_str("; ");
        note.push_str(in_force);
    }
    note
}

/// Takes records of the gateway about itself, also when the ledger is closed: then they are lost.
#[derive(Clone, Debug)]
pub(crate) struct Notes(Arc<Mutex<Journal>>);

impl Notes {
    fn offer(&self, record: Record) -> Result<(), Full> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).offer(record)
    }

    /// Has `note` written down.
    pub(crate) fn tell(&self, event: Event, note: String) {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let at_us = u64::try_from(since.as_micros()).unwrap_or(u64::MAX);
        let record = Record { event, at_us, session: None, body: RecordBody::Note(note.into()) };
        if self.offer(record).is_err() {
            tracing::warn!(
                event = event.as_str(),
                "a record of the gateway about itself was lost: the queue is full"
            );
        }
    }
}

/// A ledger at work. Dropping it closes it without waiting.
#[derive(Debug)]
pub struct LedgerHandle {
    notes: Notes,
    orders: Orders,
    stats: Arc<LedgerStats>,
    wholeness: Arc<Wholeness>,
    closing: Arc<AtomicBool>,
    relief: Relief,
    thread: Thread,
    closed: Mutex<Receiver<Result<(), LedgerError>>>,
}

impl LedgerHandle {
    /// Keeps a record of the gateway about itself. For what is rare; statements have journals.
    pub fn offer(&self, record: Record) -> Result<(), Full> {
        self.notes.offer(record)
    }

    /// Who may tell what the gateway does itself.
    pub(crate) fn notes(&self) -> Notes {
        self.notes.clone()
    }

    /// Who may have the ledger write a record and wait until it is kept.
    pub(in crate::ledger) fn orders(&self) -> Orders {
        self.orders.clone()
    }

    /// The counters.
    pub fn stats(&self) -> Arc<LedgerStats> {
        Arc::clone(&self.stats)
    }

    /// Who can tell how whole the ledger is.
    pub(crate) fn wholeness(&self) -> Arc<Wholeness> {
        Arc::clone(&self.wholeness)
    }

    /// Leaves the directory to another process: keeps what was taken, writes `writer.stop`, releases the lock. What comes
    /// from now on waits, until it is known who writes next: [`LedgerHandle::forward`] or [`LedgerHandle::reclaim`]. On an error
    /// this process goes on writing.
    pub(crate) fn release(&self) -> Result<(), LedgerError> {
        // Not in the middle of a removal of old segments.
        let _at_rest = self.wholeness.care.hold();
        self.relief.release(&self.thread)
    }

    /// Sends what comes to the process that writes now; `unanswered` is told what it has kept.
    pub(crate) fn forward(&self, outlet: Box<dyn Outlet>, unanswered: Arc<Unanswered>) {
        self.relief.forward(outlet, unanswered);
    }

    /// Nobody has taken the directory: this process writes it again.
    pub(crate) fn reclaim(&self) {
        self.relief.reclaim();
    }

    /// Keeps everything that waits, writes `writer.stop`, brings all to the disk and ends the
    /// thread. Takes [`CLOSE_MAX`] at most. Who writes records has to be stopped before.
    pub fn close(self) -> Result<(), LedgerError> {
        self.ask_to_close();
        let closed = self.closed.lock().unwrap_or_else(PoisonError::into_inner);
        match closed.recv_timeout(CLOSE_MAX) {
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
