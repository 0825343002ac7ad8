//! What may the roles behind a listener really do, and what do their databases do of their own?
//!
//! The gateway logs in by itself, as `listener.probe.user`, and reads the catalog: at the start, again and
//! again, and when a role comes that it has not seen. It runs beside the data path, never on one of its
//! threads: sessions find the answers in [`relay::Listener::standings`] and [`relay::Listener::catalogs`].
//! See `docs/probe.md`.

mod connect;
mod facts;
mod gaps;
mod privileges;
mod roles;
mod tell;

pub use connect::ProbeError;
pub use relay::standing::{Gap, Pair, Standing};
pub(crate) use tell::summary;

use crate::listeners::Listeners;
use connect::{Link, connect};
use privileges::Server;
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

/// What one look at a database found.
#[derive(Debug)]
pub struct Examination {
    /// What roles may do.
    pub standings: Vec<(Pair, Standing)>,
    /// What the database does of its own.
    pub catalog: Arc<Catalog>,
    /// Whether the probe's own role is a superuser, which it need not be.
    pub by_superuser: bool,
}

/// Looks once at `role` in `database`, or at all that may log in.
pub async fn examine(
    settings: &ListenerSettings,
    role: Option<&str>,
    database: &str,
) -> Result<Examination, ProbeError> {
    let probe = settings.probe.as_ref().ok_or(ProbeError::NoProbe)?;
    let look = async {
        let link = connect(settings, probe, database).await?;
        let server = privileges::server(&link.client).await?;
        let roles = match role {
            Some(role) => BTreeSet::from([Box::from(role)]),
            None => {
                let names = server.roles.values().filter(|role| role.logs_in);
                names.map(|role| Box::from(role.name.as_str())).collect()
            }
        };
        let standings = standings(&link, &server, database, &roles).await?;
        Ok(Examination { standings, catalog: catalog(&link).await?, by_superuser: server.asked_by_superuser })
    };
    bounded(look).await
}

/// Looks after every listener that has a probe, until aborted.
pub(crate) async fn run(listeners: Arc<Listeners>) {
    let mut attended: Vec<(Arc<Listener>, AbortHandle)> = Vec::new();
    let mut ticks = tokio::time::interval(ROUND);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let served = listeners.served();
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
        for database in &probe.databases {
            self.due.entry(database.clone()).or_insert(now);
        }
        let Wanted { pairs, databases } = self.listener.standings.take_wanted();
        for database in databases {
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
                    self.read(database, link);
                }
            }
            Err(error) => {
                self.due.insert(database.into(), Instant::now() + RETRY.min(probe.interval));
                self.failed(probe, database, roles, &error);
            }
        }
    }

    /// Looks at roles and keeps the answers; returns the session it used.
    async fn ask(
        &mut self,
        settings: &ListenerSettings,
        probe: &Probe,
        database: &str,
        roles: &BTreeSet<Box<str>>,
    ) -> Result<Link, ProbeError> {
        let link = connect(settings, probe, database).await?;
        let server = privileges::server(&link.client).await?;
        if server.asked_by_superuser && !self.warned {
            self.warned = true;
            tell::superuser(&settings.name, &probe.user);
        }
        let found = standings(&link, &server, database, roles).await?;
        tell::news(&settings.name, &self.listener.standings.answer(found));
        Ok(link)
    }

    /// Reads the catalog beside everything else: it may be large, and a login waits for a role only.
    fn read(&mut self, database: &str, link: Link) {
        if self.reading.get(database).is_some_and(|(_, task)| !task.is_finished()) {
            self.due.insert(database.into(), Instant::now() + CATALOG_PERIOD);
            return;
        }
        let listener = Arc::clone(&self.listener);
        let name: Box<str> = database.into();
        let task = tokio::spawn(async move {
            match bounded(catalog(&link)).await {
                Ok(catalog) => keep(&listener, &name, catalog),
                Err(error) => {
                    tell::failed(&listener.settings.load().name, &name, &error);
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
        let name = &self.listener.settings.load().name;
        if self.failing.insert(database.into(), reason.to_string()).as_deref() != Some(&reason) {
            tell::failed(name, database, error);
        }
        tell::news(name, &standings.answer(doubted));
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

/// What each of the roles may do in the database.
async fn standings(
    link: &Link,
    server: &Server,
    database: &str,
    names: &BTreeSet<Box<str>>,
) -> Result<Vec<(Pair, Standing)>, ProbeError> {
    let mut all = Vec::new();
    for name in names {
        let standing = match server.roles.values().find(|role| *role.name == **name) {
            None => Standing::Unverified(ProbeError::NoRole.to_string().into()),
            Some(role) => {
                let reach = roles::reach(role.id, &server.memberships);
                let ids: Vec<u32> = reach.keys().copied().collect();
                let found = privileges::found(&link.client, server, role.id, &ids).await?;
                gaps::standing(role, database, server, &reach, &found)
            }
        };
        all.push(((name.clone(), Box::from(database)), standing));
    }
    Ok(all)
}

/// What follows from the database's catalog. Worked out on a thread of its own: it may be large.
async fn catalog(link: &Link) -> Result<Arc<Catalog>, ProbeError> {
    let facts = facts::facts(&link.client).await?;
    let made = tokio::task::spawn_blocking(move || Catalog::new(facts)).await;
    made.map(Arc::new).map_err(|_| ProbeError::Slow(LOOK_WAIT.as_secs()))
}

async fn bounded<T>(look: impl Future<Output = Result<T, ProbeError>>) -> Result<T, ProbeError> {
    let slow = |_| ProbeError::Slow(LOOK_WAIT.as_secs());
    tokio::time::timeout(LOOK_WAIT, look).await.map_err(slow)?
}
