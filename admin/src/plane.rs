//! How does the control plane start and stop, and what do all requests share?

use crate::app::connections::{self, health, open::Turns};
use crate::app::runs::{self, ActiveRuns};
use crate::app::schema::{refresh, take};
use crate::app::{live, secrets, setup};
use crate::background;
use crate::fleet::{self, Fleet, LocalCarrier};
use crate::housekeeping;
use crate::http;
use crate::key_store;
use crate::mail::Post;
use crate::mailing;
use crate::notices;
use crate::presence::Presence;
use crate::settings::Settings;
use crate::sign_in::Services;
use crate::topics::Topics;
use crate::vault::{Vault, VaultError};
use admin_store::traffic::{Ingested, TrafficReader};
use admin_store::{Store, StoreError};
use std::net::SocketAddr;
use std::os::fd::{AsFd as _, OwnedFd};
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// Why the control plane did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The state cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Secrets cannot be kept.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The port cannot be opened.
    #[error("cannot listen on {address} for `admin.listen`: {source}")]
    Bind {
        /// Which address.
        address: SocketAddr,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// Something in the settings cannot be used.
    #[error("{0}")]
    Settings(String),
}

/// What all requests share. Cheap to clone.
#[derive(Clone, Debug)]
pub struct App(Arc<Shared>);

/// See [`App`].
#[derive(Debug)]
pub struct Shared {
    /// The state.
    pub store: Store,
    /// What the control plane was told.
    pub settings: Settings,
    /// What seals secrets.
    pub vault: Vault,
    /// Data planes and what waits for them.
    pub fleet: Fleet,
    /// Who watches what happens now.
    pub topics: Topics,
    /// Figures of the traffic.
    pub traffic: TrafficReader,
    /// The threads of the control plane.
    pub runtime: tokio::runtime::Handle,
    /// Services people can sign in with.
    pub sign_in: Services,
    /// What mails go through.
    pub mail: Post,
    /// Where connections may lead.
    pub egress: admin_engines::Egress,
    /// Who is connected to which database.
    pub turns: Turns,
    /// Whose turn it is to hold a whole schema in memory.
    pub reading: tokio::sync::Semaphore,
    /// Queries of people that are at work.
    pub runs: ActiveRuns,
    /// Requests by person and by address.
    pub rates: http::rates::Rates,
    /// Looks into the ledger that go on.
    pub looks: crate::app::ledger::looks::Looks,
    /// Turns true when the control plane stops.
    pub stopping: watch::Receiver<bool>,
}

impl std::ops::Deref for App {
    type Target = Shared;
    fn deref(&self) -> &Shared {
        &self.0
    }
}

/// A control plane that runs.
#[derive(Debug)]
pub struct ControlPlane {
    app: App,
    address: SocketAddr,
    /// The socket that listens, once more: for whoever goes on with it.
    socket: OwnedFd,
    stop: watch::Sender<bool>,
    server: tokio::task::JoinHandle<()>,
    presence: Presence,
}

impl ControlPlane {
    /// Opens the state and serves the API. Needs a tokio runtime.
    pub async fn start(settings: Settings) -> Result<ControlPlane, StartError> {
        ControlPlane::start_on(None, settings).await
    }

    /// The same on a socket that listens already, where there is one.
    pub async fn start_on(
        given: Option<std::net::TcpListener>,
        settings: Settings,
    ) -> Result<ControlPlane, StartError> {
        let failed = |source| StartError::Bind { address: settings.listen, source };
        let bound = match given {
            Some(socket) => socket.set_nonblocking(true).and_then(|()| TcpListener::from_std(socket)),
            None => TcpListener::bind(settings.listen).await,
        };
        let listener = bound.map_err(failed)?;
        let socket = listener.as_fd().try_clone_to_owned().map_err(failed)?;
        let address = listener.local_addr().unwrap_or(settings.listen);
        let store = Store::open(settings.state.clone()).await?;
        let vault = secrets::vault(&store, settings.key_source()).await??;
        secrets::check(&store, &vault).await??;
        match vault.look().await {
            // Most of what people do needs no stored secret: it starts, and says what does not work.
            Err(error) if error.passes() => tracing::warn!(%error, "started while the secret store is away"),
            looked => looked.map_err(VaultError::from)?,
        }
        let egress = connections::open::egress(&settings, address)
            .map_err(|error| StartError::Settings(format!("`admin.egress`: {error}")))?;
        let (stop, stopping) = watch::channel(false);
        let mail = Post::new(&settings.mail)
            .map_err(|error| StartError::Settings(format!("`admin.mail` cannot be used: {error}")))?;
        let app = App(Arc::new(Shared {
            store,
            mail,
            sign_in: Services::new(&settings.sign_in).map_err(StartError::Settings)?,
            rates: http::rates::Rates::new(settings.rates),
            looks: crate::app::ledger::looks::Looks::default(),
            settings,
            vault,
            fleet: Fleet::default(),
            topics: Topics::default(),
            runtime: tokio::runtime::Handle::current(),
            traffic: TrafficReader::new(TrafficReader::BYTES_MAX),
            egress,
            turns: Turns::default(),
            reading: tokio::sync::Semaphore::new(take::AT_ONCE),
            runs: ActiveRuns::default(),
            stopping: stopping.clone(),
        }));
        tokio::spawn(fleet::follow_publications(app.clone()));
        tokio::spawn(live::keep_told(app.clone()));
        tokio::spawn(background::work(app.clone()));
        tokio::spawn(prepare_traffic(app.clone()));
        tokio::spawn(health::keep_watch(app.clone()));
        tokio::spawn(refresh::keep_fresh(app.clone()));
        tokio::spawn(runs::keep(app.clone()));
        tokio::spawn(housekeeping::keep_house(app.clone()));
        tokio::spawn(notices::keep_watch(app.clone()));
        tokio::spawn(mailing::work(app.clone()));
        tokio::spawn(crate::app::plane_restarts::roll::work(app.clone()));
        tokio::spawn(key_store::keep_watch(app.clone()));
        let presence = Presence::begin(&app).await?;
        // Once more: keys may have been changed before this node said that it is there.
        secrets::check(&app.store, &app.vault).await??;
        let connections = app.settings.connections;
        let server = tokio::spawn(http::serve(listener, app.clone(), connections, stopping));
        tracing::info!(%address, state = ?app.store.location(), "control plane started");
        Ok(ControlPlane { app, address, socket, stop, server, presence })
    }

    /// How a data plane of this process reaches the control plane.
    pub fn carrier(&self) -> Arc<dyn control::Carrier> {
        Arc::new(LocalCarrier::own(self.app.clone()))
    }

    /// The secret of the one-time link for the first admin, while nobody is there.
    pub async fn offer_set_up(&self) -> Option<String> {
        setup::offer(&self.app).await.ok().flatten()
    }

    /// Where the API is.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The socket that listens. While somebody has it, connections wait there, also when the control plane has stopped.
    pub fn socket(&self) -> std::io::Result<OwnedFd> {
        self.socket.try_clone()
    }

    /// What all requests share.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// Lets requests finish for a few seconds, then closes the state.
    pub async fn stop(self) {
        let _ = self.stop.send(true);
        let _ = tokio::time::timeout(std::time::Duration::from_secs(5), self.server).await;
        self.presence.end(&self.app).await;
        self.app.store.close().await;
    }
}

/// Reads the index of words before the first question needs it: with many fingerprints that takes seconds.
async fn prepare_traffic(app: App) {
    let read = async {
        let mut tx = app.store.read().await?;
        app.traffic.refresh(&mut tx).await?;
        tx.commit().await
    };
    if let Err(error) = read.await {
        tracing::warn!(%error, "the index of statements is read at the first question");
    }
}

/// A report was taken into the state: whoever watches is told.
pub(crate) fn reported(app: &App, report: &control::Report, ingested: &Ingested) {
    tracing::trace!(plane = report.plane, minutes = ingested.minutes, "report taken");
    live::reported(app, report);
    refresh::reported(app, report);
}
