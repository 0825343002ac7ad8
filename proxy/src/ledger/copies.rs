//! How do checkpoints and records get to other places, where whoever can write the ledger cannot?
//!
//! One thread of low priority for each copy ([`work`]) reads the files of the ledger, and nothing of the
//! ledger's own thread: the newest checkpoint ([`checkpoints`]) or the kept lines, segment by segment ([`records`]). What a
//! place has taken stands in a file ([`cursor`]), written after the place has taken it: each line arrives
//! at least once, and none is skipped. A place that is away delays nobody but itself.
//!
//! The places are a folder ([`folder`]), a collector of syslog messages over TLS ([`syslog`]), a web server
//! ([`web`]) and a stream of NATS JetStream ([`nats`]). What that means to an operator is in docs/ledger-copies.md.

mod batch;
mod checkpoints;
mod cursor;
mod failure;
mod folder;
mod nats;
mod records;
mod sink;
mod state;
mod syslog;
mod watch;
mod web;
mod work;

pub(crate) use failure::{Failure, Patience};

use crate::config::SecretText;
use crate::nats::NatsLogin;
use relay::journal::LedgerHealth;
use state::State;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

/// Longest the copies go on after they were asked to stop, to bring away what was written last.
const LAST_MAX: Duration = Duration::from_secs(2);
/// Longest [`Copies::stop`] takes: a place that holds up a thread in the system holds up nobody else.
pub(crate) const STOP_MAX: Duration = Duration::from_secs(3);

/// Where a copy goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A folder of this machine; it has to be there.
    Folder(PathBuf),
    /// A collector of syslog messages over TLS.
    Syslog {
        /// A name or an address, without brackets.
        host: Box<str>,
        /// The port.
        port: u16,
    },
    /// A web server, by its `https` address.
    Web(Box<str>),
    /// A stream of NATS JetStream.
    Nats {
        /// A name or an address, without brackets.
        host: Box<str>,
        /// The port.
        port: u16,
        /// How the subjects begin.
        subject: Box<str>,
    },
}

/// What goes there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// The newest checkpoint.
    Checkpoints,
    /// Every line.
    Records,
}

impl Content {
    /// The word of the settings.
    pub fn as_str(self) -> &'static str {
        match self {
            Content::Checkpoints => "checkpoints",
            Content::Records => "records",
        }
    }
}

/// One copy, with everything it needs loaded.
#[derive(Clone, Debug)]
pub struct CopySettings {
    /// What it is called.
    pub name: String,
    /// The place as the settings have it; there is no secret in it.
    pub to: String,
    /// The same, understood.
    pub place: Place,
    /// What goes there.
    pub content: Content,
    /// How the other side is checked; `None` for a folder.
    pub tls: Option<Arc<rustls::ClientConfig>>,
    /// What a web server is shown.
    pub token: Option<SecretText>,
    /// How a server of NATS is shown who asks.
    pub login: NatsLogin,
    /// Whether statements are refused as if the ledger could not be written while the place has failed.
    pub is_required: bool,
    /// How long it may take nothing before it has failed.
    pub patience: Duration,
}

/// How a copy is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CopyStatus {
    /// What it is called.
    pub name: String,
    /// The place; there is no secret in it.
    pub to: String,
    /// What goes there: `checkpoints` or `records`.
    pub content: &'static str,
    /// Whether statements are refused where it has failed.
    pub required: bool,
    /// When the place has last taken something, in microseconds since 1970-01-01 UTC; after a restart too.
    pub last_taken_us: Option<u64>,
    /// How old the oldest record or checkpoint is that the place has not taken; 0 when it has all.
    pub lag_seconds: u64,
    /// Whether the last try went wrong.
    pub failing: bool,
    /// How, as a fixed word; the log says more.
    pub error: Option<&'static str>,
    /// How many tries went wrong since the start.
    pub failures: u64,
    /// Whether it has taken nothing for longer than its patience.
    pub failed: bool,
}

/// The copies of a ledger: how they are doing. Cheap to clone; an empty one has none.
#[derive(Clone, Debug, Default)]
pub struct Copies(Arc<[Arc<State>]>);

impl Copies {
    /// Each of them, in the order of the settings.
    pub fn statuses(&self) -> Vec<CopyStatus> {
        let now_us = state::now_us();
        self.0.iter().map(|state| state.status(now_us)).collect()
    }

    /// Copies of these names that have nothing to do.
    #[cfg(test)]
    pub(crate) fn of_names(names: &[&str]) -> Copies {
        let settings = |name: &&str| CopySettings {
            name: (*name).to_owned(),
            to: "file:///nowhere".to_owned(),
            place: Place::Folder(PathBuf::from("/nowhere")),
            content: Content::Checkpoints,
            tls: None,
            token: None,
            login: NatsLogin::Nobody,
            is_required: false,
            patience: Duration::from_secs(1),
        };
        Copies(names.iter().map(|name| Arc::new(State::new(settings(name)))).collect())
    }

    /// The lowest segment of which a copy of records has not taken everything yet: retention must not
    /// remove it, nor one above. `None` when no copy needs any.
    pub fn first_needed(&self) -> Option<u64> {
        self.0.iter().filter_map(|state| state.needs()).min()
    }
}

/// The threads of the copies. Dropping it asks them to end and does not wait.
#[derive(Debug)]
pub(crate) struct CopyThreads {
    copies: Copies,
    closing: tokio::sync::watch::Sender<bool>,
    ended: Receiver<()>,
    count: usize,
}

impl CopyThreads {
    /// Begins to bring what is in the ledger at `directory` to its other places.
    pub(crate) fn start(
        directory: &Path,
        settings: Vec<CopySettings>,
        health: Arc<LedgerHealth>,
    ) -> io::Result<CopyThreads> {
        let known = |settings: CopySettings| {
            let taken = cursor::Cursor::new(directory, &settings.name).load(&settings);
            let state = State::new(settings);
            // Before its thread begins: retention asks at once what it needs.
            let (at, taken_us) = taken.unzip();
            state.begins(at.map_or(0, |at| at.segment), taken_us);
            Arc::new(state)
        };
        let states: Arc<[_]> = settings.into_iter().map(known).collect();
        let copies = Copies(states);
        let (closing, closes) = tokio::sync::watch::channel(false);
        let count = copies.0.len() + usize::from(copies.0.iter().any(|state| state.settings.is_required));
        let (done, ended) = sync_channel(count);
        let threads = CopyThreads { copies, closing, ended, count };
        for state in threads.copies.0.iter() {
            let (state, directory, closes) = (Arc::clone(state), directory.to_owned(), closes.clone());
            spawn(&done, move || work::run(state, directory, closes))?;
        }
        if count > threads.copies.0.len() {
            let copies = threads.copies.clone();
            spawn(&done, move || watch::run(&copies.0, &health, &closes))?;
        }
        Ok(threads)
    }

    /// How they are doing.
    pub(crate) fn copies(&self) -> Copies {
        self.copies.clone()
    }

    /// Brings away what is left, as far as the places take it at once, and ends the threads. Takes
    /// [`STOP_MAX`] at most. The ledger has to be closed before.
    pub(crate) fn stop(self) {
        let _ = self.closing.send(true);
        let deadline = Instant::now() + STOP_MAX;
        for _ in 0..self.count {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.ended.recv_timeout(left) {
                Ok(()) => {}
                Err(RecvTimeoutError::Timeout) => {
                    tracing::warn!("a copy of the ledger did not stop in time: its place does not answer");
                    return;
                }
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }
}

impl Drop for CopyThreads {
    fn drop(&mut self) {
        let _ = self.closing.send(true);
    }
}

fn spawn(done: &SyncSender<()>, work: impl FnOnce() + Send + 'static) -> io::Result<()> {
    let done = done.clone();
    std::thread::Builder::new().name("ledger-copy".to_owned()).spawn(move || {
        super::search::yield_to_others();
        work();
        // There is room for each of them.
        let _ = done.try_send(());
    })?;
    Ok(())
}

/// How long something takes in a gateway, and in tests, which are not to wait as long.
const fn paced(real: Duration, in_tests: Duration) -> Duration {
    if cfg!(test) { in_tests } else { real }
}

/// A lock that a panic elsewhere has not made useless.
fn held<T>(lock: &std::sync::Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
