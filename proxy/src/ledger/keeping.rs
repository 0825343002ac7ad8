//! Who keeps the records: this process's own writer, or the process that takes its place?
//!
//! ```text
//! drain ── release ──► released ── forward ──► forwarder ── the other process is gone ──┐
//!   ▲                     │ reopen                                                      │
//!   └─────────────────────┴──────────────────── reopen ─────────────────────────────────┘
//! ```
//! A directory has one writer at each moment: it is released before the other process is told so, and opened again only
//! when that has ended. Meanwhile records wait in the journals.

use super::drain::{Drain, Ended, Rest};
use super::error::LedgerError;
use super::forward::{Forwarded, Forwarder, Left, Outlet, Unanswered};
use super::line::Encoder;
use super::settings::LedgerSettings;
use super::{Ledger, chain, open_lines, values};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TryRecvError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Longest a release may take: a statement that waits for its intent is refused after ten seconds.
const RELEASE_MAX: Duration = Duration::from_secs(4);
/// How often it is looked whether somebody closes the ledger, while nobody writes it.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// How often a directory that cannot be opened again is tried.
const REOPEN_EVERY: Duration = Duration::from_millis(250);
/// Longest that is tried once the ledger is closing.
const CLOSE_REOPEN_MAX: Duration = Duration::from_secs(3);

/// What the ledger's thread does after a release.
#[derive(Debug)]
enum Next {
    /// Sends on what comes.
    Forward(Box<dyn Outlet>, Arc<Unanswered>),
    /// Writes again itself.
    Reopen,
}

/// Gives the directory away and takes it back.
#[derive(Debug)]
pub(super) struct Relief {
    pub(super) released: Arc<AtomicBool>,
    ends: Mutex<Ends>,
}

#[derive(Debug)]
struct Ends {
    next: SyncSender<Next>,
    answers: Receiver<Result<(), LedgerError>>,
}

/// The thread's end of it.
#[derive(Debug)]
pub(super) struct Keeping {
    settings: LedgerSettings,
    next: Receiver<Next>,
    answers: SyncSender<Result<(), LedgerError>>,
}

/// Both ends.
pub(super) fn relief(settings: LedgerSettings) -> (Relief, Keeping) {
    let (next, wanted) = sync_channel(1);
    let (answers, answered) = sync_channel(2);
    let ends = Mutex::new(Ends { next, answers: answered });
    let relief = Relief { released: Arc::default(), ends };
    (relief, Keeping { settings, next: wanted, answers })
}

impl Relief {
    /// Has everything that was taken kept, `writer.stop` written and the directory's lock released. On an error the ledger is
    /// written as before, or will be as soon as that is possible.
    pub(super) fn release(&self, thread: &std::thread::Thread) -> Result<(), LedgerError> {
        let ends = self.ends.lock().unwrap_or_else(PoisonError::into_inner);
        while ends.answers.try_recv().is_ok() {}
        self.released.store(true, Ordering::Release);
        thread.unpark();
        match ends.answers.recv_timeout(RELEASE_MAX) {
            Ok(answer) => answer,
            Err(RecvTimeoutError::Timeout) => {
                // Whenever its disk answers again.
                let _ = ends.next.try_send(Next::Reopen);
                Err(LedgerError::NotClosed { after: RELEASE_MAX })
            }
            Err(RecvTimeoutError::Disconnected) => Err(LedgerError::Ended),
        }
    }

    /// From now on what comes is sent on. Only after a release.
    pub(super) fn forward(&self, outlet: Box<dyn Outlet>, unanswered: Arc<Unanswered>) {
        let ends = self.ends.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = ends.next.try_send(Next::Forward(outlet, unanswered));
    }

    /// The ledger is written by this process again, as soon as it can be opened. Only after a release.
    pub(super) fn reclaim(&self) {
        let ends = self.ends.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = ends.next.try_send(Next::Reopen);
    }
}

impl Keeping {
    /// Runs until the ledger is closed.
    pub(super) fn run(self, mut drain: Drain) -> Result<(), LedgerError> {
        loop {
            let rest = match drain.run()? {
                Ended::Closed => return Ok(()),
                Ended::NotReleased(same, error) => {
                    same.stays();
                    let _ = self.answers.try_send(Err(error));
                    drain = *same;
                    continue;
                }
                Ended::Released(rest) => rest,
            };
            let _ = self.answers.try_send(Ok(()));
            let (rest, unanswered) = match self.wait(&rest) {
                Next::Reopen => (rest, Vec::new()),
                Next::Forward(outlet, unanswered) => {
                    let forwarder = Forwarder::new(rest, self.encoder(), outlet, unanswered);
                    match forwarder.run() {
                        Forwarded::Closed(closed) => return closed,
                        Forwarded::Gone(rest, unanswered) => {
                            tracing::error!(
                                "the process that has taken over is gone; this one writes the ledger again until its sessions \
                                 have ended"
                            );
                            (rest, unanswered)
                        }
                    }
                }
            };
            drain = self.reopen(*rest, unanswered)?;
        }
    }

    /// Waits until it is known who writes next.
    fn wait(&self, rest: &Rest) -> Next {
        loop {
            rest.incoming.refuse_all();
            match self.next.recv_timeout(LOOK_EVERY) {
                Ok(next) => return next,
                Err(RecvTimeoutError::Timeout) if !rest.closing.load(Ordering::Acquire) => {}
                Err(_) => return Next::Reopen,
            }
        }
    }

    /// Makes lines that another process ties into the chain.
    fn encoder(&self) -> Encoder {
        // The lower 64 bits of a version 7 are random.
        let seed = uuid::Uuid::now_v7().as_u128() as u64;
        let mut encoder = Encoder::new(0, seed, chain::NO_LINE);
        encoder.sealer = values::Sealer::new(&self.settings.keys);
        encoder
    }

    /// Opens the directory again, however often that has to be tried, and writes first what nobody has answered.
    fn reopen(&self, mut rest: Rest, mut unanswered: Vec<Left>) -> Result<Drain, LedgerError> {
        let mut closing_since = None;
        let mut is_told = false;
        let ledger = loop {
            let error = match Ledger::open(self.settings.clone(), Arc::clone(&rest.health)) {
                Ok(ledger) => break ledger,
                Err(error) => error,
            };
            // First, so that who is answered "not recorded" sees why.
            rest.health.set_failing(true);
            rest.incoming.refuse_all();
            rest.readers.iter_mut().for_each(relay::journal::JournalReader::fail_waiting);
            unanswered.iter_mut().for_each(|left| left.claims.clear());
            if !is_told {
                is_told = true;
                tracing::error!(error = %error.with_causes(), "the ledger cannot be written; it is tried again");
            }
            if rest.closing.load(Ordering::Acquire)
                && closing_since.get_or_insert_with(Instant::now).elapsed() > CLOSE_REOPEN_MAX
            {
                let records = rest.readers.iter().map(|reader| reader.waiting() as u64).sum();
                return Err(LedgerError::Unwritten { records, source: Box::new(error) });
            }
            std::thread::park_timeout(REOPEN_EVERY);
        };
        rest.health.set_failing(false);
        // What was said of a release that is over holds no longer.
        while !matches!(self.next.try_recv(), Err(TryRecvError::Empty | TryRecvError::Disconnected)) {}
        rest.released.store(false, Ordering::Release);
        let mut drain = Drain::new(ledger.writer, rest);
        self.write_unanswered(&mut drain, unanswered);
        Ok(drain)
    }

    /// Writes what the other process has not answered and not written either.
    fn write_unanswered(&self, drain: &mut Drain, unanswered: Vec<Left>) {
        if unanswered.is_empty() {
            return;
        }
        // Where that cannot be read a line is rather there twice than not at all.
        let there = open_lines::last_ids(&self.settings.directory).unwrap_or_default();
        for left in unanswered {
            for (event, line) in open_lines::read(&left.bytes).unwrap_or_default() {
                if open_lines::id(&line.front).is_none_or(|id| !there.contains(&id)) {
                    drain.take_record(open_lines::record(event, line));
                }
            }
            drain.take_claims(left.claims);
        }
    }
}
