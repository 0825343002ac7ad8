//! Who keeps whom waiting at a server?
//!
//! The server itself is asked, as the listener's probe, at most once a second and only while somebody looks. The
//! session it is asked in stays for half a minute after the last look. Nobody waits long for it: an answer that
//! comes late is there the next time.

mod mysql;
mod postgres;

use crate::probe::{self, ProbeError};
use ::control::Wait;
use exchange::Protocol;
use mysql_async::prelude::Queryable;
use relay::Listener;
use relay::settings::{ListenerSettings, UpstreamAddress};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;

/// For how long an answer is good.
const FRESH: Duration = Duration::from_secs(1);
/// For how long a server that could not be asked is left alone.
const RETRY: Duration = Duration::from_secs(10);
/// For how long the session at the server stays when nobody looks.
const IDLE_MAX: Duration = Duration::from_secs(30);
/// Longest a server takes to answer before it is given up.
const QUERY_MAX: Duration = Duration::from_secs(5);

/// What a server is asked.
#[derive(Clone, Debug, Default)]
pub(super) struct Asked {
    /// About which of its processes.
    pub(super) processes: Vec<u32>,
    /// A database to ask it in, where the probe names none.
    pub(super) database: Option<Box<str>>,
}

/// What a server says of a process.
#[derive(Clone, Debug)]
pub(super) struct Process {
    pub(super) user: String,
    pub(super) database: String,
    pub(super) application: String,
    pub(super) wait: Option<Wait>,
    pub(super) blocked_by: Vec<u32>,
    /// Why it is not known who keeps it waiting, where the server does not say.
    pub(super) unclear: Option<&'static str>,
}

/// What a server said.
#[derive(Debug)]
pub(super) struct Seen {
    at: Instant,
    /// Of each process it was asked about; `None` where it knows none of that number.
    pub(super) asked: HashMap<u32, Option<Process>>,
    /// Of those that keep them waiting.
    pub(super) others: HashMap<u32, Process>,
}

/// A session of the gateway's own.
enum Link {
    Postgres(probe::postgres::Link),
    Mysql(probe::mysql::Link),
}

/// What is known of one server.
#[derive(Default)]
struct Server {
    link: Option<(Link, Arc<ListenerSettings>)>,
    looked: Option<Instant>,
    seen: Option<Arc<Seen>>,
    failed: Option<(Instant, String)>,
}

type Shared = Arc<tokio::sync::Mutex<Server>>;

/// All servers that were asked.
#[derive(Default)]
pub(super) struct Servers {
    known: Mutex<HashMap<(Arc<str>, UpstreamAddress), Shared>>,
}

impl std::fmt::Debug for Servers {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Servers").finish_non_exhaustive()
    }
}

impl Servers {
    /// Forgets servers of listeners that are gone.
    pub(super) fn keep(&self, listeners: &BTreeMap<Arc<str>, Arc<Listener>>) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|(name, _), _| listeners.contains_key(name));
    }

    /// Begins to ask a server; or says why it is not asked.
    pub(super) fn look(
        &self,
        listener: &Listener,
        upstream: &UpstreamAddress,
        asked: Asked,
    ) -> Result<Look, String> {
        let settings = listener.settings.load_full();
        if settings.probe.is_none() {
            let reason =
                "the listener has no `probe.user`: the gateway cannot ask the server who waits for whom";
            return Err(reason.to_owned());
        }
        let key = (Arc::clone(&settings.name), upstream.clone());
        let server = {
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(known.entry(key).or_default())
        };
        // On its own, so that a server that takes its time to let the gateway in is not asked anew each time.
        Ok(Look(tokio::spawn(look(server, settings, upstream.clone(), asked))))
    }
}

/// A server that is being asked.
pub(super) struct Look(JoinHandle<Result<Arc<Seen>, String>>);

impl Look {
    /// What the server said until then, or why nothing is known.
    pub(super) async fn by(self, until: tokio::time::Instant) -> Result<Arc<Seen>, String> {
        match tokio::time::timeout_at(until, self.0).await {
            Ok(Ok(said)) => said,
            Ok(Err(_)) => Err("asking the server ended by a mistake of ours".to_owned()),
            Err(_) => Err("the server has not said yet who waits for whom; look again".to_owned()),
        }
    }
}

/// One look at a time at each server.
async fn look(
    shared: Shared,
    settings: Arc<ListenerSettings>,
    upstream: UpstreamAddress,
    asked: Asked,
) -> Result<Arc<Seen>, String> {
    let mut server = shared.lock().await;
    let now = Instant::now();
    server.looked = Some(now);
    if let Some(seen) = server.seen.as_ref().filter(|seen| now.saturating_duration_since(seen.at) < FRESH) {
        return Ok(Arc::clone(seen));
    }
    if let Some((_, why)) =
        server.failed.as_ref().filter(|(at, _)| now.saturating_duration_since(*at) < RETRY)
    {
        return Err(why.clone());
    }
    if server.link.as_ref().is_some_and(|(_, with)| !Arc::ptr_eq(with, &settings)) {
        server.link = None;
    }
    match fresh(&mut server, &settings, &upstream, &asked).await {
        Ok((seen, is_new)) => {
            server.failed = None;
            server.seen = Some(Arc::clone(&seen));
            if is_new {
                tokio::spawn(leave(Arc::clone(&shared)));
            }
            Ok(seen)
        }
        Err(error) => {
            let why = error.to_string();
            server.link = None;
            server.failed = Some((Instant::now(), why.clone()));
            Err(why)
        }
    }
}

/// Asks the server; says whether a session was begun for it.
async fn fresh(
    server: &mut Server,
    settings: &Arc<ListenerSettings>,
    upstream: &UpstreamAddress,
    asked: &Asked,
) -> Result<(Arc<Seen>, bool), ProbeError> {
    if let Some((link, _)) = &mut server.link
        && !link.is_alive().await
    {
        server.link = None;
    }
    let is_new = server.link.is_none();
    if is_new {
        let link = Link::begin(settings, upstream, asked).await?;
        server.link = Some((link, Arc::clone(settings)));
    }
    let (link, _) = server.link.as_mut().ok_or(ProbeError::NoProbe)?;
    let seen = tokio::time::timeout(QUERY_MAX, link.read(&asked.processes)).await;
    Ok((Arc::new(seen.map_err(|_| ProbeError::Slow(QUERY_MAX.as_secs()))??), is_new))
}

impl Link {
    async fn begin(
        settings: &ListenerSettings,
        upstream: &UpstreamAddress,
        asked: &Asked,
    ) -> Result<Link, ProbeError> {
        let probe = settings.probe.as_ref().ok_or(ProbeError::NoProbe)?;
        match settings.protocol {
            Protocol::Postgres => {
                let database =
                    probe.databases.first().or(asked.database.as_ref()).ok_or(ProbeError::NoProbe)?;
                let link = probe::postgres::connect_to(upstream, settings, probe, database).await?;
                Ok(Link::Postgres(link))
            }
            Protocol::Mysql => Ok(Link::Mysql(probe::mysql::connect_to(upstream, settings, probe).await?)),
        }
    }

    /// Whether the server is still there; a server of MySQL is asked.
    async fn is_alive(&mut self) -> bool {
        match self {
            Link::Postgres(link) => !link.client.is_closed(),
            Link::Mysql(link) => {
                matches!(tokio::time::timeout(QUERY_MAX, link.conn.ping()).await, Ok(Ok(())))
            }
        }
    }

    async fn read(&mut self, processes: &[u32]) -> Result<Seen, ProbeError> {
        match self {
            Link::Postgres(link) => Ok(postgres::read(&link.client, processes).await?),
            Link::Mysql(link) => mysql::read(link, processes).await,
        }
    }
}

/// Ends the session at the server when nobody has looked for a while.
async fn leave(shared: Shared) {
    loop {
        tokio::time::sleep(IDLE_MAX).await;
        let mut server = shared.lock().await;
        if server.looked.is_none_or(|looked| looked.elapsed() >= IDLE_MAX) || server.link.is_none() {
            server.link = None;
            return;
        }
    }
}
