//! How does a data plane start: first all that can go wrong and leaves no trace, then the ledger, then connections?

use super::{Gateway, Rejected, StartError, StatusPort};
use crate::config::{self, Config};
use crate::drain::Drain;
use crate::handover::predecessor::Former;
use crate::handover::{Predecessor, Sockets};
use crate::in_force::{self, Beginning, InForce};
use crate::ledger::copies::{Copies, CopySettings, CopyThreads};
use crate::ledger::open_lines::Arrivals;
use crate::ledger::retention::Rule;
use crate::ledger::{Ledger, LedgerHandle, LedgerSettings};
use crate::link::ReportStream;
use crate::listeners::{Listeners, Opened, bind};
use crate::live::{self, Live};
use crate::metrics::Metrics;
use crate::nats::NatsSettings;
use crate::replacement::Replacement;
use crate::reports::{Reports, Tally};
use crate::status::{self, Status};
use relay::Threads;
use relay::journal::{JournalReader, LedgerHealth, journal};
use relay::settings::ListenerSettings;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::runtime::{Handle, Runtime};

/// A data plane that could begin: its settings are read and its ports are open.
#[derive(Debug)]
pub struct Prepared {
    config: Config,
    /// The listeners as the file alone has them.
    floor: Vec<ListenerSettings>,
    copies: Vec<CopySettings>,
    stream: Option<NatsSettings>,
    ledger: LedgerSettings,
    runtime: Runtime,
    health: Arc<LedgerHealth>,
    readers: Vec<JournalReader>,
    threads: Arc<Threads>,
    count: usize,
    listeners: Arc<Listeners>,
    status: TcpListener,
    opened: Opened,
}

/// Whose place is taken, and what came of asking.
type Before = Option<(Predecessor, Arc<Former>, Arrivals)>;

impl Prepared {
    /// Reads everything `config` names, and opens its ports or takes them from `given`.
    pub fn new(config: Config, given: &Sockets) -> Result<Prepared, StartError> {
        let floor = config::listeners(&config)?;
        let wanted = in_force::begin(&config, floor.clone()).wanted;
        let copies = config::copies(&config)?;
        let stream = config::report_stream(&config)?;
        let ledger = LedgerSettings::read(&config)?;
        let count = thread_count(&config);
        let runtime = own_runtime().map_err(StartError::Threads)?;
        let health = Arc::new(LedgerHealth::default());
        let (journals, readers): (Vec<_>, Vec<_>) = (0..count).map(|_| journal(Arc::clone(&health))).unzip();
        let threads = Threads::start(journals, statistics_bytes(&config), held_bytes(&config));
        let threads = Arc::new(threads.map_err(StartError::Threads)?);
        let listeners = Arc::new(Listeners::new(Arc::clone(&threads), count));
        // Ports before the ledger: a start that fails for want of one leaves nothing there.
        match open(&config, &wanted, &listeners, given, runtime.handle()) {
            Ok((status, opened)) => Ok(Prepared {
                config,
                floor,
                copies,
                stream,
                ledger,
                runtime,
                health,
                readers,
                threads,
                count,
                listeners,
                status,
                opened,
            }),
            Err(error) => {
                threads.stop(Duration::ZERO, &AtomicBool::new(true));
                Err(error)
            }
        }
    }

    /// Opens the ledger and serves. With the process whose place this one takes, and the epoch of its settings, that is
    /// told how it went. On an error nothing is left running.
    pub fn begin(mut self, before: Option<(Predecessor, u64)>) -> Result<Gateway, StartError> {
        let before: Before = before.map(|(predecessor, epoch)| {
            let former = predecessor.former();
            self.listeners.succeed(&former, epoch);
            let (arrivals, reader) = Arrivals::new(&self.health);
            self.readers.push(reader);
            (predecessor, former, arrivals)
        });
        // What was published may be newer than it was a moment ago.
        let beginning = in_force::begin(&self.config, std::mem::take(&mut self.floor));
        // Before anybody is linked, so that nothing of what happens meanwhile is missing.
        let is_told = self.config.admin.is_some() || self.config.link.is_some() || self.stream.is_some();
        let reports = Arc::new(Reports::new(is_told));
        let replaces = before.as_ref().map(|(predecessor, ..)| predecessor.process());
        match self.open_ledger(&beginning, &reports, replaces) {
            Ok((ledger, copies)) => self.serve(beginning, reports, before, ledger, copies),
            Err(error) => {
                if let Some((predecessor, ..)) = &before {
                    predecessor.failed(&error.to_string());
                }
                self.threads.stop(Duration::ZERO, &AtomicBool::new(true));
                Err(error)
            }
        }
    }

    /// The ledger and what goes on beside it, each on threads of its own.
    fn open_ledger(
        &mut self,
        beginning: &Beginning,
        reports: &Arc<Reports>,
        replaces: Option<u32>,
    ) -> Result<(LedgerHandle, CopyThreads), StartError> {
        let config = &self.config;
        let in_force = Some(in_force::start::note(config, beginning));
        let settings = LedgerSettings { in_force, replaces, ..self.ledger.clone() };
        let ledger = Ledger::open(settings, Arc::clone(&self.health))?;
        let readers = std::mem::take(&mut self.readers);
        let ledger = ledger.tallied(Tally::new(Arc::clone(reports))).spawn(readers)?;
        let copies = std::mem::take(&mut self.copies);
        let copies = CopyThreads::start(&config.ledger.directory, copies, Arc::clone(&self.health));
        let copies = copies.map_err(StartError::Threads)?;
        let rule = Rule { days: config.ledger.retention.days, bytes: config.ledger.retention.bytes };
        let hours = config.ledger.check_hours;
        let check_every = (hours > 0).then(|| Duration::from_secs(u64::from(hours) * 60 * 60));
        ledger.tend(rule, check_every, copies.copies()).map_err(StartError::Threads)?;
        Ok((ledger, copies))
    }

    fn serve(
        self,
        beginning: Beginning,
        reports: Arc<Reports>,
        before: Before,
        ledger: LedgerHandle,
        copies: CopyThreads,
    ) -> Result<Gateway, StartError> {
        let Prepared { config, runtime, health, threads, count, listeners, status, opened, stream, .. } =
            self;
        let stream = stream.map(ReportStream::start).transpose().map_err(StartError::Threads)?;
        let handle = runtime.handle().clone();
        let address = status.local_addr().unwrap_or(config.status.listen);
        listeners.serve(beginning.wanted.clone(), opened, &handle);
        let former = match before {
            Some((predecessor, former, arrivals)) => {
                let opened = predecessor.opened(&former, arrivals, ledger.notes());
                opened.map_err(StartError::Threads)?;
                Some(former)
            }
            None => None,
        };
        let in_force =
            InForce::new(config.clone(), beginning, Arc::clone(&listeners), &ledger, handle.clone());
        let in_force = Arc::new(in_force);
        handle.spawn(in_force::run_changes(Arc::downgrade(&in_force)));
        let drain = Drain::new(Arc::clone(&threads), Arc::clone(&in_force), former.clone(), handle.clone());
        let drain = Arc::new(drain);
        let rejected = Rejected::default();
        let answers = Status {
            listeners: Arc::clone(&listeners),
            metrics: Metrics {
                stream: stream.as_ref().map(ReportStream::stats),
                ..metrics(&ledger, copies.copies(), &threads, (former.clone(), Arc::clone(&drain)))
            },
            rejected: Arc::clone(&rejected),
            in_force: Arc::clone(&in_force),
        };
        let status = Arc::new(status);
        let accepts = handle.spawn(status::serve(Arc::clone(&status), Arc::new(answers))).abort_handle();
        let status_port = StatusPort { address: config.status.listen, socket: status, accepts };
        handle.spawn(status::probe_all(Arc::clone(&listeners)));
        handle.spawn(crate::probe::run(Arc::clone(&listeners)));
        handle.spawn(crate::expiry::run(Arc::clone(&listeners)));
        let live = live(&config, &listeners, &threads, &ledger, &handle);
        tell_started(&config, address, count);
        Ok(Gateway {
            in_force,
            drain,
            replacement: Arc::new(Replacement::new(former.clone())),
            reports,
            link: Mutex::new(None),
            stream: Mutex::new(stream),
            listeners,
            threads,
            ledger,
            copies: Mutex::new(Some(copies)),
            live: Mutex::new(live),
            health,
            former,
            in_charge: Mutex::new(None),
            rejected,
            runtime,
            status: address,
            status_port: Mutex::new(Some(status_port)),
        })
    }
}

fn open(
    config: &Config,
    wanted: &[ListenerSettings],
    listeners: &Listeners,
    given: &Sockets,
    runtime: &Handle,
) -> Result<(TcpListener, Opened), StartError> {
    let status = {
        let _entered = runtime.enter();
        bind("status", config.status.listen, given)?
    };
    Ok((status, listeners.open(wanted, given, runtime)?))
}

fn metrics(
    ledger: &LedgerHandle,
    copies: Copies,
    threads: &Arc<Threads>,
    (former, drain): (Option<Arc<Former>>, Arc<Drain>),
) -> Metrics {
    Metrics {
        ledger: ledger.stats(),
        care: ledger.care(),
        copies,
        threads: Arc::clone(threads),
        former,
        stream: None,
        drain: Some(drain),
    }
}

/// The socket of the live view.
pub(super) fn live(
    config: &Config,
    listeners: &Arc<Listeners>,
    threads: &Arc<Threads>,
    ledger: &LedgerHandle,
    runtime: &Handle,
) -> Option<Live> {
    let directory: &Path = &config.ledger.directory;
    let sources = live::Sources {
        listeners: Arc::clone(listeners),
        threads: Arc::clone(threads),
        ledger: ledger.stats(),
        notes: ledger.notes(),
        keys: config.ledger.keys(),
    };
    live::start(directory, sources, runtime)
}

/// For what no session waits for.
fn own_runtime() -> io::Result<Runtime> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).thread_name("gateway").enable_all().build()
}

fn tell_started(config: &Config, status: SocketAddr, threads: usize) {
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"),
        status = %status,
        threads,
        ledger = %config.ledger.directory.display(),
        "gateway started"
    );
}

fn statistics_bytes(config: &Config) -> usize {
    usize::try_from(config.data_plane.statistics_bytes).unwrap_or(usize::MAX)
}

fn held_bytes(config: &Config) -> usize {
    usize::try_from(config.data_plane.held_bytes).unwrap_or(usize::MAX)
}

/// As many relay threads as the settings say; when they say nothing, one for every two cores. More
/// share the cores with the kernel's work for them and with the ledger's thread, and each statement
/// then costs more (docs/adr/0010).
fn thread_count(config: &Config) -> usize {
    match config.data_plane.threads {
        0 => std::thread::available_parallelism().map_or(1, |cores| cores.get().div_ceil(2)),
        threads => usize::from(threads),
    }
}
