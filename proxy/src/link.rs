//! How does a data plane keep in touch with its control plane, and go on without it?
//!
//! A thread of the link's own does two things at the same time. It *listens* ([`listen`]): a long wait for
//! what was published and for questions, again and again, at each node of the control plane, so that each can
//! ask. And it *tells* ([`tell`]): reports of what happened, once a second when there is something, to one node
//! as long as it answers, then to the next. Who carries the words is a [`control::Carrier`]: the control plane in
//! the same process, or [`HttpCarrier`]. What the control plane was told can go to a stream as well ([`streamed`]).
//!
//! Nothing of the data path waits for any of this. While the control plane is away, both try again with
//! longer and longer pauses, and what is to be told is kept within bounds ([`crate::reports`]).

mod cancels;
mod http;
mod listen;
mod patience;
mod streamed;
mod tell;
#[cfg(test)]
mod tests;

pub(crate) use cancels::FleetCancels;
pub use http::HttpCarrier;
pub(crate) use streamed::{ReportStream, StreamStats};

use crate::answers::Answers;
use crate::drain::Drain;
use crate::in_force::InForce;
use crate::replacement::Replacement;
use crate::reports::{Backlog, Reports};
use control::{Acknowledgement, Carrier, PlaneState};
use std::io;
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;

/// Longest the last reports take when the gateway stops.
const LAST_REPORTS_MAX: Duration = Duration::from_secs(2);
/// Longest the link's thread is waited for after that.
const STOP_MAX: Duration = Duration::from_secs(4);

/// Why there is no link.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// There is one already.
    #[error("this data plane is linked already")]
    Linked,
    /// There is no node to link to.
    #[error("there is no node of the control plane to link to")]
    Nobody,
    /// Who the data plane is cannot be read or written.
    #[error("the data plane has no id of its own: {0}")]
    Id(String),
    /// The system has no more threads or descriptors.
    #[error("cannot start the link's thread")]
    Thread(#[source] io::Error),
}

/// What the link tells from, and what it changes.
pub(crate) struct Sources {
    pub(crate) in_force: Arc<InForce>,
    pub(crate) reports: Arc<Reports>,
    pub(crate) answers: Answers,
    pub(crate) cancels: Arc<FleetCancels>,
    pub(crate) drain: Arc<Drain>,
    pub(crate) replacement: Arc<Replacement>,
}

impl std::fmt::Debug for Sources {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Sources").finish_non_exhaustive()
    }
}

/// What both halves share.
#[derive(Debug)]
struct Ends {
    /// The nodes of the control plane, one at least. What they remember they share.
    nodes: Vec<Arc<dyn Carrier>>,
    sources: Sources,
    /// How this data plane is, without its listeners.
    oneself: PlaneState,
    /// What became of the snapshot that came last.
    acknowledged: Mutex<Option<Acknowledgement>>,
    /// There is something to tell at once.
    news: Notify,
    stop: watch::Receiver<bool>,
}

/// A link at work.
#[derive(Debug)]
pub(crate) struct Link {
    stop: watch::Sender<bool>,
    ended: Receiver<()>,
}

impl Link {
    /// Starts the thread.
    pub(crate) fn start(nodes: Vec<Arc<dyn Carrier>>, sources: Sources) -> Result<Link, LinkError> {
        if nodes.is_empty() {
            return Err(LinkError::Nobody);
        }
        let plane = sources.in_force.plane_id().map_err(|error| LinkError::Id(error.to_string()))?;
        sources.reports.switch_on();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            // Searches of the ledger run on threads of it: they wait for statements, not the other way round.
            .thread_name("search")
            .on_thread_start(crate::ledger::search::yield_to_others)
            .build()
            .map_err(LinkError::Thread)?;
        let (stop, stopping) = watch::channel(false);
        let (end, ended) = sync_channel(1);
        let cancels = sources.cancels.open();
        let backlog = Backlog::new(&plane, &uuid::Uuid::now_v7().to_string());
        let ends = Arc::new(Ends {
            nodes,
            oneself: oneself(plane, sources.replacement.started_at_us()),
            sources,
            acknowledged: Mutex::default(),
            news: Notify::new(),
            stop: stopping,
        });
        let run = move || {
            runtime.block_on(async {
                let mut listening = JoinSet::new();
                for node in &ends.nodes {
                    listening.spawn(listen::run(Arc::clone(&ends), Arc::clone(node)));
                }
                tokio::join!(tell::run(&ends, backlog), cancels::run(&ends, cancels));
                listening.join_all().await;
            });
            // A search may still be under way; nobody waits for it.
            runtime.shutdown_background();
            let _ = end.send(());
        };
        std::thread::Builder::new().name("link".to_owned()).spawn(run).map_err(LinkError::Thread)?;
        Ok(Link { stop, ended })
    }

    /// Tells what is left to tell, for a few seconds at most, and ends.
    pub(crate) fn stop(self) {
        let _ = self.stop.send(true);
        if self.ended.recv_timeout(STOP_MAX).is_err() {
            tracing::warn!("the link to the control plane did not end in time");
        }
    }
}

fn oneself(plane: String, started_at_us: i64) -> PlaneState {
    PlaneState {
        plane,
        name: machine(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        started_at_us,
        ..PlaneState::default()
    }
}

/// Bytes of memory that this process has in use (proc_pid_status(5), `VmRSS`).
fn memory_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kilobytes.checked_mul(1_024)
}

/// The machine's name, as people know it.
fn machine() -> String {
    let kernel = std::fs::read_to_string("/proc/sys/kernel/hostname").ok();
    let name = kernel.or_else(|| std::env::var("HOSTNAME").ok()).unwrap_or_default();
    match name.trim() {
        "" => "data plane".to_owned(),
        name => name.to_owned(),
    }
}

fn now_us() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}

impl Ends {
    /// How the data plane is now.
    fn state(&self) -> PlaneState {
        let sources = &self.sources;
        PlaneState {
            listeners: sources.in_force.listener_states(),
            memory_bytes: memory_bytes(),
            snapshot: Some(sources.in_force.version()),
            drain: sources.drain.state(),
            replacement: Some(sources.replacement.told()),
            ..self.oneself.clone()
        }
    }

    fn acknowledge(&self, acknowledgement: Acknowledgement) {
        *self.acknowledged.lock().unwrap_or_else(PoisonError::into_inner) = Some(acknowledgement);
        self.news.notify_one();
    }

    fn take_acknowledgement(&self) -> Option<Acknowledgement> {
        self.acknowledged.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Waits until the link is to end. Cancel safe.
    async fn stopped(&self) {
        let mut stop = self.stop.clone();
        // Whoever could say so is gone: that is an end as well.
        let _ = stop.wait_for(|stop| *stop).await;
    }

    fn is_stopped(&self) -> bool {
        *self.stop.borrow()
    }
}
