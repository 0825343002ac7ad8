//! What does the gateway show to somebody who watches it? The socket of `dragoman top`.
//!
//! A private unix socket beside the ledger ([`socket`]), a few bounded clients ([`serve`]), one line
//! of JSON each way ([`wire`]). A view that nobody opens costs nothing: the relay threads are asked
//! when somebody asks ([`look`]).

mod distribution;
mod look;
mod serve;
pub mod socket;
pub mod wire;

use crate::ledger::{LedgerStats, Notes, access};
use crate::listeners::Listeners;
use crate::status::is_reachable;
use look::Gathered;
use relay::counters::{EXCHANGE_BUCKETS_US, LoginFailure, REFUSALS, ThreadCounters};
use relay::{Listener, Threads};
use serve::{Looks, Peer};
use socket::SocketFile;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};
use tokio::runtime::Handle;
use tokio::task::AbortHandle;
use wire::{Distribution, LedgerLook, ListenerLook, Look, Read, UpstreamLook};

/// The socket of a running gateway; it is gone when this is.
#[derive(Debug)]
pub(crate) struct Live {
    accepts: AbortHandle,
    _file: SocketFile,
}

impl Drop for Live {
    fn drop(&mut self) {
        self.accepts.abort();
    }
}

/// What of a gateway can be looked at.
#[derive(Debug)]
pub(crate) struct Sources {
    pub(crate) listeners: Arc<Listeners>,
    pub(crate) threads: Arc<Threads>,
    pub(crate) ledger: Arc<LedgerStats>,
    /// Where it is written down who reads the ledger.
    pub(crate) notes: Notes,
    /// The folder of the ledger's secrets.
    pub(crate) keys: PathBuf,
}

/// Opens the socket beside the ledger. A gateway that cannot have one serves all the same: what
/// passes is worth more than who watches.
pub(crate) fn start(ledger_directory: &Path, sources: Sources, runtime: &Handle) -> Option<Live> {
    let path = socket::path(ledger_directory);
    let _entered = runtime.enter();
    match socket::open(&path) {
        Ok((listener, file)) => {
            tracing::debug!(socket = %path.display(), "the live view can be opened");
            let directory = ledger_directory.to_owned();
            let started = Started { at: Instant::now(), at_us: now_us(), directory, sources };
            let accepts = runtime.spawn(serve::serve(listener, started)).abort_handle();
            Some(Live { accepts, _file: file })
        }
        Err(error) => {
            // A line each: a log line cannot hold several.
            tracing::error!("there will be no live view (`dragoman top`)");
            for line in error.to_string().lines() {
                tracing::error!("{line}");
            }
            None
        }
    }
}

/// What can be looked at, and since when.
struct Started {
    at: Instant,
    at_us: u64,
    /// The ledger's.
    directory: PathBuf,
    sources: Sources,
}

impl Looks for Started {
    async fn gather(&self) -> Result<Gathered, String> {
        let sight = self.sources.threads.look().await;
        // Sums without a thread's part would be taken for what happened since.
        if sight.incomplete > 0 {
            return Err(format!("{} of the relay threads did not answer in time", sight.incomplete));
        }
        let look = self.without_threads();
        tokio::task::spawn_blocking(move || Gathered::new(look, sight))
            .await
            .map_err(|_| "the gateway is stopping".to_owned())
    }

    async fn write_down(&self, read: Read, peer: Peer) -> Result<(), String> {
        if access::identity(&self.directory).is_none_or(|own| own != read.directory) {
            return Err("the gateway that answers has another ledger".to_owned());
        }
        let record = access::of_process(&read, peer.uid, peer.pid, &self.sources.keys)?;
        let written = self.sources.notes.keep(record).await;
        written.map_err(|_| "too many reads wait to be written down; try again".to_owned())
    }
}

impl Started {
    /// What is known without asking a relay thread.
    fn without_threads(&self) -> Look {
        let Sources { listeners, ledger, .. } = &self.sources;
        Look {
            at_us: now_us(),
            started_us: self.at_us,
            uptime_us: u64::try_from(self.at.elapsed().as_micros()).unwrap_or(u64::MAX),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            pid: std::process::id(),
            listeners: listeners.all().iter().map(|listener| listener_look(listener, listeners)).collect(),
            ledger: LedgerLook {
                records: ledger.records(),
                queue_bytes: ledger.queue_bytes(),
                gaps: ledger.gaps(),
                failures: ledger.failures(),
            },
            ..Look::default()
        }
    }
}

fn now_us() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}

fn listener_look(listener: &Arc<Listener>, listeners: &Listeners) -> ListenerLook {
    let settings = listener.settings.load();
    let sum = |read: &dyn Fn(&ThreadCounters) -> u64| listener.counters.iter().map(read).sum::<u64>();
    let upstream = |address: &relay::settings::UpstreamAddress| {
        let address = address.to_string();
        let up = listener.upstreams.is_up(&address);
        let reason = listener.upstreams.reason(&address).map(String::from);
        UpstreamLook { address, up, reason }
    };
    let login_failure = |(position, reason): (usize, LoginFailure)| {
        let count = sum(&|of| of.logins_failed.get(position).map_or(0, |counter| counter.value()));
        (count > 0).then(|| (reason.as_str().to_owned(), count))
    };
    let refusal = |(position, reason): (usize, exchange::RefusalClass)| {
        let count = sum(&|of| of.refusals.get(position).map_or(0, |counter| counter.value()));
        (count > 0).then(|| (reason.as_str().to_owned(), count))
    };
    ListenerLook {
        name: settings.name.to_string(),
        protocol: settings.protocol.as_str().to_owned(),
        mode: settings.mode.as_str().to_owned(),
        environment: settings.environment.as_str().to_owned(),
        listen: settings.listen.to_string(),
        served: listeners.served().iter().any(|served| Arc::ptr_eq(served, listener)),
        up: is_reachable(listener),
        upstreams: settings.upstream.iter().map(upstream).collect(),
        sessions: listener.sessions() as u64,
        logins: sum(&|of| of.sessions_total.value()),
        logins_failed: LoginFailure::ALL.into_iter().enumerate().filter_map(login_failure).collect(),
        exchanges: sum(&|of| of.exchanges.iter().flatten().map(|counter| counter.value()).sum()),
        failed: sum(&|of| of.exchanges_failed.value()),
        refusals: REFUSALS.into_iter().enumerate().filter_map(refusal).collect(),
        bytes_client: sum(&|of| of.bytes_client.value()),
        bytes_upstream: sum(&|of| of.bytes_upstream.value()),
        latency: exchange_time(listener),
    }
}

/// The time of all statements of a listener, of every class. Above the last bound nothing is known
/// but that: the longest is given as twice that bound.
fn exchange_time(listener: &Listener) -> Distribution {
    let mut counts = [0; EXCHANGE_BUCKETS_US.len()];
    let mut above = 0;
    for histogram in listener.counters.iter().flat_map(|of| &of.exchange_time) {
        let (counted, over) = histogram.counts();
        for (count, counted) in counts.iter_mut().zip(counted) {
            *count += counted;
        }
        above += over;
    }
    let last = EXCHANGE_BUCKETS_US.last().copied().unwrap_or(0).saturating_mul(2);
    let steps: Vec<_> = EXCHANGE_BUCKETS_US
        .into_iter()
        .zip(counts)
        .chain([(last, above)])
        .filter(|(_, count)| *count > 0)
        .collect();
    let max_us = steps.last().map_or(0, |(bound, _)| *bound);
    Distribution { steps, max_us }
}
