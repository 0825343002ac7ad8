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
use tokio::task::AbortHandle;

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
    let mut attendant = Attendant { listener, due: BTreeMap::new(), looked: HashMap::new(), warned: false };
    loop {
        let settings = attendant.listener.settings.load_full();
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
    /// When each database is to be looked at in full.
    due: BTreeMap<Box<str>, Instant>,
    /// When each database's catalog was.
    looked: HashMap<Box<str>, Instant>,
    /// Whether it was told that the probe's role may do too much.
    warned: bool,
}

impl Attendant {
    /// Without a probe nothing is known, nor was.
    fn rest(&mut self) -> Duration {
        self.due.clear();
        if !self.listener.standings.all().is_empty() {
            self.listener.standings.forget();
        }
        self.listener.catalogs.store(Arc::default());
        // Nobody will look: what logins asked for is answered by that.
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
            let earliest = self.looked.get(&database).map_or(now, |at| *at + CATALOG_PERIOD);
            if let Some(due) = self.due.get_mut(&database) {
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
        let next = self.due.values().min().copied();
        next.map_or(probe.interval, |next| next.saturating_duration_since(Instant::now()))
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
        let known = self.listener.standings.all();
        let known: Vec<_> = known.into_iter().filter(|((_, other), _)| **other == *database).collect();
        if full {
            roles.extend(known.iter().map(|((role, _), _)| role.clone()));
        }
        match bounded(self.ask(settings, probe, database, &roles, full)).await {
            Ok(()) if full => {
                self.due.insert(database.into(), Instant::now() + probe.interval);
                self.looked.insert(database.into(), Instant::now());
            }
            Ok(()) => {}
            Err(error) => {
                self.due.insert(database.into(), Instant::now() + RETRY.min(probe.interval));
                self.failed(probe, database, roles, &error);
            }
        }
        // A name that somebody could log in to by chance only once is not kept for ever.
        if self.due.len() > DATABASES_MAX {
            self.due.pop_last();
        }
    }

    async fn ask(
        &mut self,
        settings: &ListenerSettings,
        probe: &Probe,
        database: &str,
        roles: &BTreeSet<Box<str>>,
        full: bool,
    ) -> Result<(), ProbeError> {
        let link = connect(settings, probe, database).await?;
        let server = privileges::server(&link.client).await?;
        if server.asked_by_superuser && !self.warned {
            self.warned = true;
            tell::superuser(&settings.name, &probe.user);
        }
        let found = standings(&link, &server, database, roles).await?;
        // Those who wait for an answer do not wait for the catalog.
        tell::news(&settings.name, &self.listener.standings.answer(found));
        if full {
            self.keep(settings, database, catalog(&link).await?);
        }
        Ok(())
    }

    fn keep(&self, settings: &ListenerSettings, database: &str, catalog: Arc<Catalog>) {
        let mut all = HashMap::clone(&self.listener.catalogs.load());
        let known = all.get(database).map(|old| old.id());
        if known == Some(catalog.id()) || (known.is_none() && all.len() >= DATABASES_MAX) {
            return;
        }
        tell::catalog(&settings.name, database, &catalog);
        all.insert(database.into(), catalog);
        self.listener.catalogs.store(Arc::new(all));
    }

    /// Roles that are known keep their standing for a while: a server that is away for a moment changes
    /// nobody's privileges.
    fn failed(&self, probe: &Probe, database: &str, roles: BTreeSet<Box<str>>, error: &ProbeError) {
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
        tell::failed(name, database, error);
        tell::news(name, &standings.answer(doubted));
    }
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
