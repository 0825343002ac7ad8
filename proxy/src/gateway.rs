//! How does a data plane start, take new settings, and stop?

use crate::config::{self, Config, ConfigError};
use crate::ledger::{self, Ledger, LedgerError, LedgerHandle, LedgerSettings};
use crate::listeners::{BindError, Listeners, Opened, bind};
use crate::live::{self, Live};
use crate::metrics::Metrics;
use crate::status::{self, Status};
use exchange::{Event, Record, RecordBody};
use relay::Threads;
use relay::journal::{LedgerHealth, journal};
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

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
}

/// Why new settings were not taken, where the last ones offered were not.
pub(crate) type Rejected = Arc<Mutex<Option<String>>>;

/// A running data plane.
#[derive(Debug)]
pub struct Gateway {
    /// What the process began with: what cannot be reloaded is still as it says.
    started: Config,
    config: Mutex<Config>,
    listeners: Arc<Listeners>,
    threads: Arc<Threads>,
    ledger: LedgerHandle,
    live: Option<Live>,
    /// Why the settings or rules that were offered last were not taken.
    rejected: Rejected,
    /// Accepts connections, answers the status and probes upstreams; nothing else.
    runtime: Runtime,
    status: SocketAddr,
}

impl Gateway {
    /// Starts everything `config` names. On an error nothing is left running.
    pub fn start(config: Config) -> Result<Gateway, StartError> {
        let wanted = config::listeners(&config)?;
        let count = thread_count(&config);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("gateway")
            .enable_all()
            .build()
            .map_err(StartError::Threads)?;
        // Ports first: a start that fails for want of one leaves nothing in the ledger.
        let health = Arc::new(LedgerHealth::default());
        let (journals, readers): (Vec<_>, Vec<_>) = (0..count).map(|_| journal(Arc::clone(&health))).unzip();
        let threads =
            Arc::new(Threads::start(journals, statistics_bytes(&config)).map_err(StartError::Threads)?);
        let listeners = Arc::new(Listeners::new(Arc::clone(&threads), count));
        let opened = Self::open(&config, &wanted, &listeners, &runtime).and_then(|(status, opened)| {
            let ledger = Ledger::open(ledger_settings(&config.ledger), health)?;
            Ok((status, opened, ledger.spawn(readers)?))
        });
        let (status, opened, ledger) = match opened {
            Ok(opened) => opened,
            Err(error) => {
                threads.stop(Duration::ZERO, &AtomicBool::new(true));
                return Err(error);
            }
        };
        let address = status.local_addr().unwrap_or(config.status.listen);
        listeners.serve(wanted, opened, runtime.handle());
        let rejected = Rejected::default();
        let metrics = Metrics { ledger: ledger.stats(), threads: Arc::clone(&threads) };
        let answers =
            Arc::new(Status { listeners: Arc::clone(&listeners), metrics, rejected: Arc::clone(&rejected) });
        runtime.spawn(status::serve(status, answers));
        runtime.spawn(status::probe_all(Arc::clone(&listeners)));
        runtime.spawn(crate::probe::run(Arc::clone(&listeners)));
        let sources = live::Sources {
            listeners: Arc::clone(&listeners),
            threads: Arc::clone(&threads),
            ledger: ledger.stats(),
        };
        let live = live::start(&config.ledger.directory, sources, runtime.handle());
        tracing::info!(
            version = env!("CARGO_PKG_VERSION"),
            status = %address,
            threads = count,
            ledger = %config.ledger.directory.display(),
            "gateway started"
        );
        let started = config.clone();
        Ok(Gateway {
            started,
            config: Mutex::new(config),
            listeners,
            threads,
            ledger,
            live,
            rejected,
            runtime,
            status: address,
        })
    }

    fn open(
        config: &Config,
        wanted: &[relay::settings::ListenerSettings],
        listeners: &Listeners,
        runtime: &Runtime,
    ) -> Result<(TcpListener, Opened), StartError> {
        let status = {
            let _entered = runtime.enter();
            bind("status", config.status.listen)?
        };
        Ok((status, listeners.open(wanted, runtime.handle())?))
    }

    /// Where `/healthz`, `/readyz` and `/metrics` are answered.
    pub fn status_address(&self) -> SocketAddr {
        self.status
    }

    /// Takes new settings without dropping a session: listeners come, go and change for new
    /// sessions, rules for all. Returns the settings that wait for a restart.
    pub fn reload(&self, new: Config) -> Result<Vec<String>, ReloadError> {
        let wanted = config::listeners(&new)?;
        let changes = self.changes(&wanted);
        self.listeners.apply(wanted, self.runtime.handle())?;
        for (event, change) in changes {
            match event {
                Event::ModeChanged => tracing::warn!("{change}"),
                _ => tracing::info!("{change}"),
            }
            self.note(event, change);
        }
        let mut current = self.config.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = config::restart_needed(&self.started, &new);
        let changed = config::changed(&current, &new);
        let mut note = if changed.is_empty() {
            "settings reloaded, none of them changed".to_owned()
        } else {
            format!("settings reloaded: {}", changed.join(", "))
        };
        if !waiting.is_empty() {
            note.push_str("; a restart is needed for ");
            note.push_str(&waiting.join(", "));
        }
        *current = new;
        self.note(Event::ConfigChanged, note);
        Ok(waiting)
    }

    /// Says on `/readyz` why the settings or rules that were offered last were not taken, or with `None`
    /// that they were. The gateway stays ready: what was in force before still is.
    pub fn note_reload(&self, failed: Option<&str>) {
        // What is written there everybody may see: the mistakes themselves stay in the log.
        let why = failed.map(|failed| failed.lines().next().unwrap_or_default().to_owned());
        *self.rejected.lock().unwrap_or_else(PoisonError::into_inner) = why;
    }

    /// In words, which listeners begin or cease to enforce, and which get other rules.
    fn changes(&self, wanted: &[relay::settings::ListenerSettings]) -> Vec<(Event, String)> {
        let served = self.listeners.served();
        let mut changes = Vec::new();
        for new in wanted {
            let settings = served.iter().map(|listener| listener.settings.load_full());
            let Some(old) = settings.into_iter().find(|old| old.name == new.name) else { continue };
            let name = &new.name;
            if old.mode != new.mode {
                let (from, to) = (old.mode.as_str(), new.mode.as_str());
                changes.push((Event::ModeChanged, format!("listener `{name}` changes from {from} to {to}")));
            }
            if !old.rules.agrees_with(&new.rules) {
                let (from, to) = (old.rules.rules(), new.rules.rules());
                let count = if from == to { String::new() } else { format!(": {to} in place of {from}") };
                changes.push((Event::PolicyChanged, format!("rules of listener `{name}` changed{count}")));
            }
        }
        changes
    }

    fn note(&self, event: Event, note: String) {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let at_us = u64::try_from(since.as_micros()).unwrap_or(u64::MAX);
        let record = Record { event, at_us, session: None, body: RecordBody::Note(note.into()) };
        if self.ledger.offer(record).is_err() {
            tracing::warn!(
                event = event.as_str(),
                "a record of the gateway about itself was lost: the queue is full"
            );
        }
    }

    /// Stops accepting, lets sessions finish what they run for at most `data_plane.drain_seconds`,
    /// writes what is left to the ledger. Blocks. Once `hurry` is set it waits for no session.
    pub fn stop(self, hurry: &AtomicBool) {
        let bound = {
            let config = self.config.lock().unwrap_or_else(PoisonError::into_inner);
            Duration::from_secs(config.data_plane.drain_seconds.into())
        };
        tracing::info!(sessions = self.threads.sessions(), bound_seconds = bound.as_secs(), "stopping");
        self.listeners.close();
        self.threads.stop(bound, hurry);
        drop(self.live);
        self.runtime.shutdown_timeout(Duration::from_secs(1));
        match self.ledger.close() {
            Ok(()) => tracing::info!("stopped"),
            Err(error) => tracing::error!(%error, "the ledger was not closed cleanly"),
        }
    }
}

fn statistics_bytes(config: &Config) -> usize {
    usize::try_from(config.data_plane.statistics_bytes).unwrap_or(usize::MAX)
}

fn ledger_settings(settings: &config::settings::Ledger) -> LedgerSettings {
    LedgerSettings {
        directory: settings.directory.clone(),
        sync: match settings.sync {
            config::settings::Sync::None => ledger::Sync::None,
            config::settings::Sync::Group => ledger::Sync::Group,
            config::settings::Sync::Each => ledger::Sync::Each,
        },
        segment_bytes_max: LedgerSettings::SEGMENT_BYTES_MAX,
    }
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
