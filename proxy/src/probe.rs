//! What may the roles behind a listener really do, and what do their databases do of their own?
//!
//! The gateway logs in by itself, as `listener.probe.user`, and reads the catalog: at the start, again and
//! again, and when a role comes that it has not seen. It runs beside the data path, never on one of its
//! threads: sessions find the answers in [`relay::Listener::standings`] and [`relay::Listener::catalogs`].
//! See `docs/probe.md`.

mod error;
pub(crate) mod mysql;
pub(crate) mod postgres;
mod tell;

pub use error::ProbeError;
pub(crate) use error::words;
pub use relay::standing::{Gap, Pair, Standing, WHOLE_SERVER};
pub(crate) use tell::summary;

use crate::listeners::Listeners;
use crate::verifiers;
use exchange::Protocol;
use relay::Listener;
use relay::settings::{ListenerSettings, Probe};
use relay::standing::Wanted;
use sql::catalog::Catalog;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::{AbortHandle, JoinHandle};

/// How often it is looked whether listeners came or went.
const ROUND: Duration = Duration::from_millis(500);

/// Longest time for everything that is looked at in one database.
const LOOK_WAIT: Duration = Duration::from_secs(120);

/// How long after a failure it tries again by itself.
const RETRY: Duration = Duration::from_secs(30);

/// Least time between two looks at one database's catalog because it may have changed.
const CATALOG_PERIOD: Duration = Duration::from_secs(2);

/// Most databases behind one listener whose catalog is kept.
const DATABASES_MAX: usize = 256;

/// What one look at a database, or at a whole MySQL server, found.
#[derive(Debug)]
pub struct Examination {
    /// What roles may do.
    pub standings: Vec<(Pair, Standing)>,
    /// What the database does of its own; empty for MySQL.
    pub catalog: Arc<Catalog>,
    /// Whether the probe's own role is a superuser, or may change anything, which it need not.
    pub by_superuser: bool,
    /// What else somebody should know.
    pub notes: Vec<String>,
}

/// Looks once at `role` in `database`, or at all that may log in. A MySQL server is looked at as a whole:
/// its accounts belong to no database.
pub async fn examine(
    settings: &ListenerSettings,
    role: Option<&str>,
    database: &str,
) -> Result<Examination, ProbeError> {
    let probe = settings.probe.as_ref().ok_or(ProbeError::NoProbe)?;
    match settings.protocol {
        Protocol::Postgres => bounded(postgres::examine(settings, probe, role, database)).await,
        Protocol::Mysql => bounded(mysql::examine(settings, probe, role)).await,
    }
}

/// Looks after every listener that has a probe, until aborted.
pub(crate) async fn run(listeners: Arc<Listeners>) {
    let mut attended: Vec<(Arc<Listener>, AbortHandle)> = Vec::new();
    let mut ticks = tokio::time::interval(ROUND);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        // Also those that are not served any more and have sessions: a login may wait for a look.
        let served = listeners.all();
        attended.retain(|(listener, task)| {
            let stays = served.iter().any(|one| Arc::ptr_eq(one, listener));
            if !stays {
                task.abort();
            }
            stays
        });
        for listener in served {
            if !attended.iter().any(|(one, _)| Arc::ptr_eq(one, &listener)) {
                let task = tokio::spawn(attend(Arc::clone(&listener))).abort_handle();
                attended.push((listener, task));
            }
        }
    }
}

/// Looks after one listener, until aborted.
async fn attend(listener: Arc<Listener>) {
    let mut attendant = Attendant::new(listener);
    loop {
        let settings = attendant.listener.settings.load_full();
        attendant.notice(&settings);
        let wait = match &settings.probe {
            Some(probe) => attendant.round(&settings, probe).await,
            None => attendant.rest(),
        };
        tokio::select! {
            () = attendant.listener.standings.rung() => {}
            () = tokio::time::sleep(wait) => {}
        }
    }
}

/// Who looks after one listener.
struct Attendant {
    listener: Arc<Listener>,
    /// With which settings it looked last.
    settings: Option<Arc<ListenerSettings>>,
    /// When each database is to be looked at in full.
    due: BTreeMap<Box<str>, Instant>,
    /// When each database's catalog was begun to be read, and who reads it.
    reading: HashMap<Box<str>, (Instant, JoinHandle<()>)>,
    /// Why databases could not be looked at the last time: told once.
    failing: HashMap<Box<str>, String>,
    /// Whether it was told that the probe's role may do too much.
    warned: bool,
}

impl Attendant {
    fn new(listener: Arc<Listener>) -> Attendant {
        Attendant {
            listener,
            settings: None,
            due: BTreeMap::new(),
            reading: HashMap::new(),
            failing: HashMap::new(),
            warned: false,
        }
    }

    /// With other settings everything is looked at anew; what is known of another server is forgotten.
    fn notice(&mut self, settings: &Arc<ListenerSettings>) {
        let before = self.settings.replace(Arc::clone(settings));
        if before.as_ref().is_none_or(|before| !Arc::ptr_eq(before, settings)) {
            verifiers::try_out(&self.listener, settings);
        }
        let Some(before) = before.filter(|before| !Arc::ptr_eq(before, settings)) else { return };
        if before.upstream != settings.upstream {
            self.forget();
        }
        let now = Instant::now();
        self.due.values_mut().for_each(|due| *due = now);
        self.warned = false;
    }

    fn forget(&mut self) {
        self.reading.drain().for_each(|(_, (_, task))| task.abort());
        self.failing.clear();
        self.listener.catalogs.store(Arc::default());
        if !self.listener.standings.all().is_empty() {
            self.listener.standings.forget();
        }
    }

    /// Without a probe nothing is known, and what logins ask for is answered by that.
    fn rest(&mut self) -> Duration {
        self.forget();
        self.due.clear();
        self.listener.standings.take_wanted();
        RETRY
    }

    /// Does everything that is due or wanted; returns how long nothing is.
    async fn round(&mut self, settings: &ListenerSettings, probe: &Probe) -> Duration {
        let now = Instant::now();
        for database in looked_at(settings, probe) {
            self.due.entry(database).or_insert(now);
        }
        let Wanted { pairs, databases } = self.listener.standings.take_wanted();
        // Of MySQL there is no catalog that a definition could have changed.
        for database in databases.into_iter().filter(|_| settings.protocol == Protocol::Postgres) {
            let begun = self.reading.get(&database).map(|(begun, _)| *begun);
            if let Some(due) = self.due.get_mut(&database) {
                let earliest = begun.map_or(now, |begun| begun + CATALOG_PERIOD);
                *due = earliest.max(now).min(*due);
            }
        }
        let mut wanted: BTreeMap<Box<str>, BTreeSet<Box<str>>> = BTreeMap::new();
        for (role, database) in pairs {
            wanted.entry(database).or_default().insert(role);
        }
        for (database, due) in &self.due {
            if *due <= now {
                wanted.entry(database.clone()).or_default();
            }
        }
        for (database, roles) in wanted {
            self.look(settings, probe, &database, roles).await;
        }
        self.bound(probe);
        let next = self.due.values().min().copied();
        next.map_or(probe.interval, |next| next.saturating_duration_since(Instant::now()))
    }

    /// Names of databases that nobody is known in, and nobody configured, are not kept for ever.
    fn bound(&mut self, probe: &Probe) {
        if self.due.len() <= DATABASES_MAX {
            return;
        }
        let known = self.listener.standings.all();
        let known: BTreeSet<Box<str>> = known.into_iter().map(|((_, database), _)| database).collect();
        let stays = |database: &str| {
            known.contains(database) || probe.databases.iter().any(|name| **name == *database)
        };
        self.due.retain(|database, _| stays(database));
        self.failing.retain(|database, _| stays(database));
        self.reading.retain(|database, (_, task)| stays(database) || !task.is_finished());
    }

    /// Looks at a database: at the roles that are wanted, and in full if that is due.
    async fn look(
        &mut self,
        settings: &ListenerSettings,
        probe: &Probe,
        database: &str,
        mut roles: BTreeSet<Box<str>>,
    ) {
        let full = self.due.get(database).is_none_or(|due| *due <= Instant::now());
        if full {
            let known = self.listener.standings.all().into_iter();
            roles.extend(known.filter(|((_, other), _)| **other == *database).map(|((role, _), _)| role));
        }
        match bounded(self.ask(settings, probe, database, &roles)).await {
            Ok(link) => {
                self.failing.remove(database);
                if full {
                    self.due.insert(database.into(), Instant::now() + probe.interval);
                    if let Some(link) = link {
                        self.read(database, link);
                    }
                }
            }
            Err(error) => {
                self.due.insert(database.into(), Instant::now() + RETRY.min(probe.interval));
                self.failed(probe, database, roles, &error);
            }
        }
    }

    /// Looks at roles and keeps the answers; returns the session it used where there is more to read in it.
    async fn ask(
        &mut self,
        settings: &ListenerSettings,
        probe: &Probe,
        database: &str,
        roles: &BTreeSet<Box<str>>,
    ) -> Result<Option<postgres::Link>, ProbeError> {
        let (found, by_superuser, link) = match settings.protocol {
            Protocol::Postgres => {
                let look = postgres::look(settings, probe, database, roles).await?;
                (look.standings, look.by_superuser, Some(look.link))
            }
            Protocol::Mysql => {
                let look = mysql::look(settings, probe, roles).await?;
                (look.standings, look.by_superuser, None)
            }
        };
        if by_superuser && !self.warned {
            self.warned = true;
            tell::superuser(settings, &probe.user);
        }
        tell::news(settings, &self.listener.standings.answer(found));
        Ok(link)
    }

    /// Reads the catalog beside everything else: it may be large, and a login waits for a role only.
    fn read(&mut self, database: &str, link: postgres::Link) {
        if self.reading.get(database).is_some_and(|(_, task)| !task.is_finished()) {
            self.due.insert(database.into(), Instant::now() + CATALOG_PERIOD);
            return;
        }
        let listener = Arc::clone(&self.listener);
        let name: Box<str> = database.into();
        let task = tokio::spawn(async move {
            match bounded(postgres::catalog(&link)).await {
                Ok(catalog) => keep(&listener, &name, catalog),
                Err(error) => {
                    tell::failed(&listener.settings.load(), &name, &error);
                    drop(link);
                    tokio::time::sleep(RETRY).await;
                    listener.standings.changed(&name);
                }
            }
        });
        self.reading.insert(database.into(), (Instant::now(), task));
    }

    /// Roles that are known keep their standing for a while: a server that is away for a moment changes
    /// nobody's privileges.
    fn failed(&mut self, probe: &Probe, database: &str, roles: BTreeSet<Box<str>>, error: &ProbeError) {
        let standings = &self.listener.standings;
        let settled = |role: &str| {
            let answered = standings.answered(role, database);
            let known = !matches!(standings.standing(role, database), Standing::Unverified(_));
            known && answered.is_some_and(|at| at.elapsed() < 2 * probe.interval)
        };
        let reason: Arc<str> = error.to_string().into();
        let doubted = roles.into_iter().filter(|role| !settled(role));
        let doubted: Vec<_> = doubted
            .map(|role| ((role, Box::from(database)), Standing::Unverified(Arc::clone(&reason))))
            .collect();
        let settings = self.listener.settings.load();
        if self.failing.insert(database.into(), reason.to_string()).as_deref() != Some(&reason) {
            tell::failed(&settings, database, error);
        }
        tell::news(&settings, &standings.answer(doubted));
    }
}

/// Puts a catalog where sessions find it.
fn keep(listener: &Listener, database: &str, catalog: Arc<Catalog>) {
    let known = listener.catalog(database);
    if known
        .as_ref()
        .is_some_and(|old| old.id() == catalog.id() && old.is_complete() == catalog.is_complete())
    {
        return;
    }
    if known.is_none() && listener.catalogs.load().len() >= DATABASES_MAX {
        return;
    }
    tell::catalog(&listener.settings.load().name, database, &catalog);
    listener.catalogs.rcu(|all| {
        let mut all = HashMap::clone(all);
        all.insert(database.into(), Arc::clone(&catalog));
        all
    });
}

/// What is looked at from the start: databases, or for MySQL the whole server.
fn looked_at<'a>(settings: &ListenerSettings, probe: &'a Probe) -> impl Iterator<Item = Box<str>> + use<'a> {
    let (databases, whole) = match settings.protocol {
        Protocol::Postgres => (&*probe.databases, None),
        Protocol::Mysql => (&[][..], Some(Box::from(WHOLE_SERVER))),
    };
    databases.iter().cloned().chain(whole)
}

async fn bounded<T>(look: impl Future<Output = Result<T, ProbeError>>) -> Result<T, ProbeError> {
    let slow = |_| ProbeError::Slow(LOOK_WAIT.as_secs());
    tokio::time::timeout(LOOK_WAIT, look).await.map_err(slow)?
}
