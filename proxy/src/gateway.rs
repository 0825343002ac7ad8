//! How does a data plane start, take new settings, and stop?

mod giving_way;
mod prepared;

pub use giving_way::GiveWayError;
pub use prepared::Prepared;

use crate::answers::Answers;
use crate::config::{Config, ConfigError};
use crate::drain::Drain;
use crate::handover::Sockets;
use crate::handover::predecessor::Former;
use crate::handover::successor::InCharge;
use crate::in_force::InForce;
use crate::ledger::copies::CopyThreads;
use crate::ledger::search::Searcher;
use crate::ledger::{LedgerError, LedgerHandle};
use crate::link::{self, Link, LinkError, ReportStream};
use crate::listeners::{BindError, Listeners};
use crate::live::Live;
use crate::replacement::Replacement;
use crate::reports::Reports;
use control::Carrier;
use relay::Threads;
use relay::journal::LedgerHealth;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::task::AbortHandle;

/// How much longer than this process's own sessions those of the process before it are waited for.
const FORMER_WAIT: Duration = Duration::from_secs(3);

/// Why a data plane did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The settings cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The ledger cannot be written.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// A port cannot be opened.
    #[error(transparent)]
    Bind(#[from] BindError),
    /// The system has no more threads or descriptors.
    #[error("cannot start the gateway's threads")]
    Threads(#[source] io::Error),
}

/// Why new settings were not taken; the old ones stay in force, all of them.
#[derive(Debug, thiserror::Error)]
pub enum ReloadError {
    /// The settings cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A port cannot be opened.
    #[error(transparent)]
    Bind(#[from] BindError),
    /// The rules that the control plane has published do not fit.
    #[error("the published rules do not fit the new settings: {}\n    hint: publish others, or set `managed = false`", problems.join("; "))]
    Published {
        /// What is wrong.
        problems: Vec<String>,
    },
}

/// Why new settings were not taken, where the last ones offered were not.
pub(crate) type Rejected = Arc<Mutex<Option<String>>>;

/// The port where machines ask.
#[derive(Debug)]
struct StatusPort {
    /// What the settings call it.
    address: SocketAddr,
    socket: Arc<TcpListener>,
    accepts: AbortHandle,
}

/// A running data plane.
#[derive(Debug)]
pub struct Gateway {
    in_force: Arc<InForce>,
    drain: Arc<Drain>,
    replacement: Arc<Replacement>,
    reports: Arc<Reports>,
    link: Mutex<Option<Link>>,
    stream: Mutex<Option<ReportStream>>,
    listeners: Arc<Listeners>,
    threads: Arc<Threads>,
    ledger: LedgerHandle,
    copies: Mutex<Option<CopyThreads>>,
    live: Mutex<Option<Live>>,
    health: Arc<LedgerHealth>,
    /// The process before this one, which lets its sessions end.
    former: Option<Arc<Former>>,
    /// The process that has taken this one's place.
    in_charge: Mutex<Option<InCharge>>,
    /// Why the settings or rules that were offered last were not taken.
    rejected: Rejected,
    /// Accepts connections, answers the status and probes upstreams; nothing else.
    runtime: Runtime,
    status: SocketAddr,
    status_port: Mutex<Option<StatusPort>>,
}

impl Gateway {
    /// Starts everything `config` names. On an error nothing is left running.
    pub fn start(config: Config) -> Result<Gateway, StartError> {
        Prepared::new(config, &Sockets::none())?.begin(None)
    }

    /// Where `/healthz`, `/readyz` and `/metrics` are answered.
    pub fn status_address(&self) -> SocketAddr {
        self.status
    }

    /// Takes new settings without dropping a session: listeners come, go and change for new
    /// sessions, rules for all. Returns the settings that wait for a restart.
    pub fn reload(&self, new: Config) -> Result<Vec<String>, ReloadError> {
        self.in_force.reload(new)
    }

    /// Links this data plane to a control plane: from now on it tells what happens, takes what is published for
    /// its managed listeners, and answers questions about its ledger and its sessions. Everything goes on whether or
    /// not the control plane answers. `nodes` are those of one control plane, one at least: each may ask, and one that
    /// answers is told. What they have to wait for they wait for on a thread of the link's own, in a runtime of that
    /// thread.
    pub fn link(&self, nodes: Vec<Arc<dyn Carrier>>) -> Result<(), LinkError> {
        let mut link = self.link.lock().unwrap_or_else(PoisonError::into_inner);
        if link.is_some() {
            return Err(LinkError::Linked);
        }
        let searcher = Arc::new(Searcher::new(self.in_force.ledger_directory()));
        if let Err(error) = searcher.keep_ready() {
            tracing::warn!(%error, "searches of the ledger will be slower: there is no thread to prepare them");
        }
        let (threads, listeners) = (Arc::clone(&self.threads), Arc::clone(&self.listeners));
        let reports = Arc::clone(&self.reports);
        let duties = (Arc::clone(&self.drain), Arc::clone(&self.replacement));
        let sources = link::Sources {
            in_force: Arc::clone(&self.in_force),
            reports: Arc::clone(&reports),
            cancels: self.listeners.fleet(),
            drain: Arc::clone(&self.drain),
            replacement: Arc::clone(&self.replacement),
            answers: Answers::new(searcher, &self.ledger, threads, listeners, reports, duties),
        };
        *link = Some(Link::start(nodes, sources)?);
        Ok(())
    }

    /// Links this data plane to what it tells: the nodes of a control plane where there is one, and the stream of reports
    /// where the settings name one. With neither it tells nobody.
    pub fn tell(&self, nodes: Option<Vec<Arc<dyn Carrier>>>) -> Result<(), LinkError> {
        let nodes = match &*held(&self.stream) {
            Some(stream) => Some(stream.beside(nodes)),
            None => nodes,
        };
        nodes.map_or(Ok(()), |nodes| self.link(nodes))
    }

    /// Says on `/readyz` why the settings or rules that were offered last were not taken, or with `None`
    /// that they were. The gateway stays ready: what was in force before still is.
    pub fn note_reload(&self, failed: Option<&str>) {
        // What is written there everybody may see: the mistakes themselves stay in the log.
        let why = failed.map(|failed| failed.lines().next().unwrap_or_default().to_owned());
        *self.rejected.lock().unwrap_or_else(PoisonError::into_inner) = why;
    }

    /// How a new process takes the place of this one when it is asked for from elsewhere.
    pub fn replacement(&self) -> &Replacement {
        &self.replacement
    }

    /// The listeners that are served.
    #[cfg(test)]
    pub(crate) fn served(&self) -> Vec<Arc<relay::Listener>> {
        self.listeners.served()
    }

    /// Stops accepting, lets sessions finish what they run for at most `data_plane.drain_seconds`,
    /// writes what is left to the ledger. Blocks. Once `hurry` is set it waits for no session.
    pub fn stop(self, hurry: &AtomicBool) {
        let bound = Duration::from_secs(self.in_force.config().data_plane.drain_seconds.into());
        tracing::info!(sessions = self.threads.sessions(), bound_seconds = bound.as_secs(), "stopping");
        let deadline = Instant::now() + bound + FORMER_WAIT;
        self.listeners.close();
        if let Some(former) = &self.former {
            former.tell_to_stop();
        }
        self.threads.stop(bound, hurry);
        if let Some(former) = &self.former {
            former.wait(deadline.saturating_duration_since(Instant::now()), hurry);
        }
        drop(held(&self.live).take());
        self.runtime.shutdown_timeout(Duration::from_secs(1));
        let closed = self.ledger.close();
        if let Some(in_charge) = held(&self.in_charge).take() {
            in_charge.leave();
        }
        // After the ledger: its last checkpoint goes to other places as well.
        if let Some(copies) = held(&self.copies).take() {
            copies.stop();
        }
        // After the ledger: the last of what happened is told as well.
        if let Some(link) = self.link.into_inner().unwrap_or_else(PoisonError::into_inner) {
            link.stop();
        }
        // After the link: what the control plane took last goes there as well.
        if let Some(stream) = held(&self.stream).take() {
            stream.stop();
        }
        match closed {
            Ok(()) => tracing::info!("stopped"),
            Err(error) => tracing::error!(%error, "the ledger was not closed cleanly"),
        }
    }
}

/// A lock that a panic elsewhere has not made useless.
fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}
