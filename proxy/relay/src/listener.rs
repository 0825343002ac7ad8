//! What do all sessions of one listener share?

use crate::cancel::{CancelFrom, CancelRegistry, Elsewhere, Killer};
use crate::connection;
use crate::counters::ThreadCounters;
use crate::logins::Logins;
use crate::rates::Rates;
use crate::settings::ListenerSettings;
use crate::standing::Standings;
use crate::throttle::Throttle;
use crate::upstream::is_own_shortage;
use crate::verifiers::Lookup;
use arc_swap::ArcSwap;
use exchange::Address;
use policies::Ruleset;
use sql::catalog::Catalog;
use std::collections::HashMap;
use std::hash::Hash;
use std::io;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A listener at run time: its settings of the moment, its rules, its counts.
#[derive(Debug)]
pub struct Listener {
    /// Swapped whole by a reload; a session keeps what it began with.
    pub settings: ArcSwap<ListenerSettings>,
    /// The rules in force; every statement looks at the newest.
    pub ruleset: ArcSwap<Ruleset>,
    /// Who can be cancelled.
    pub cancels: CancelRegistry,
    /// One per relay thread.
    pub counters: Box<[ThreadCounters]>,
    /// Which upstreams answer.
    pub upstreams: UpstreamHealth,
    /// What the databases behind it do of their own, by the database's name; swapped by the probe, empty
    /// without one.
    pub catalogs: ArcSwap<HashMap<Box<str>, Arc<Catalog>>>,
    /// Who stops what sessions run, where their server takes that from a login of its own only.
    pub killer: Option<Arc<dyn Killer>>,
    /// Who asks the upstream for what logins are verified by.
    pub lookup: Option<Arc<dyn Lookup>>,
    /// What its roles may really do, as far as the probe has looked.
    pub standings: Standings,
    /// How often nothing more was accepted for a while, since the process had no room for another connection.
    pub accept_pauses: AtomicU64,
    pub(crate) admission: Admission,
    /// Logins under way.
    pub(crate) logins: Logins,
    /// Who has failed to log in too often.
    pub(crate) throttle: Throttle,
    /// When the ledger was told last of connections that were closed unheard.
    pub(crate) unheard: Seldom,
    /// What identities have left of their rates.
    pub(crate) rates: Rates,
    /// Tells listeners of one process apart, also those that had the same name one after the other.
    pub(crate) number: u64,
}

/// The number of the next listener.
static NEXT: AtomicU64 = AtomicU64::new(0);

impl Listener {
    /// A listener served by `threads` relay threads.
    pub fn new(settings: ListenerSettings, epoch: u64, threads: usize) -> Listener {
        let ruleset = settings.rules.at_epoch(epoch);
        Listener {
            settings: ArcSwap::from_pointee(settings),
            ruleset: ArcSwap::from_pointee(ruleset),
            cancels: CancelRegistry::default(),
            counters: (0..threads).map(|_| ThreadCounters::default()).collect(),
            upstreams: UpstreamHealth::default(),
            catalogs: ArcSwap::default(),
            killer: None,
            lookup: None,
            standings: Standings::default(),
            accept_pauses: AtomicU64::new(0),
            admission: Admission::default(),
            logins: Logins::default(),
            throttle: Throttle::default(),
            unheard: Seldom::default(),
            rates: Rates::default(),
            number: NEXT.fetch_add(1, Ordering::Relaxed),
        }
    }

    /// The same with somebody who stops what its sessions run.
    #[must_use]
    pub fn with_killer(self, killer: Arc<dyn Killer>) -> Listener {
        Listener { killer: Some(killer), ..self }
    }

    /// The same with somebody who asks the upstream for what logins are verified by.
    #[must_use]
    pub fn with_lookup(self, lookup: Arc<dyn Lookup>) -> Listener {
        Listener { lookup: Some(lookup), ..self }
    }

    /// The same with somebody who knows sessions that another process serves.
    #[must_use]
    pub fn with_elsewhere(self, elsewhere: Arc<dyn Elsewhere>) -> Listener {
        let _ = self.cancels.elsewhere.set(elsewhere);
        self
    }

    /// The same with somebody who asks other data planes.
    #[must_use]
    pub fn with_fleet(self, fleet: Arc<dyn Elsewhere>) -> Listener {
        let _ = self.cancels.fleet.set(fleet);
        self
    }

    /// Brings a cancel that came to another process or data plane to the session of this process id and key, if
    /// there is one.
    pub async fn cancel(&self, process: u32, key: &[u8]) {
        let settings = self.settings.load_full();
        connection::deliver_cancel(self, &settings, process, key, CancelFrom::Elsewhere, 0).await;
    }

    /// Takes new settings: for new sessions at once, rules also for those that live.
    pub fn replace(&self, settings: ListenerSettings, epoch: u64) {
        let client_tls = settings.client_tls.clone().after(&self.settings.load().client_tls);
        let settings = ListenerSettings { client_tls, ..settings };
        self.ruleset.store(Arc::new(settings.rules.at_epoch(epoch)));
        self.settings.store(Arc::new(settings));
        self.standings.ring();
    }

    /// What `database` does of its own, as far as the probe has looked. Takes no lock.
    pub fn catalog(&self, database: &str) -> Option<Arc<Catalog>> {
        self.catalogs.load().get(database).cloned()
    }

    /// Sessions that are open or opening.
    pub fn sessions(&self) -> usize {
        self.admission.total.load(Ordering::Relaxed)
    }
}

/// Which upstreams were reached last, and which were not.
#[derive(Debug, Default)]
pub struct UpstreamHealth {
    seen: Mutex<HashMap<Box<str>, Seen>>,
}

/// What an upstream did the last time it was asked for a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Seen {
    Answered,
    Silent { since: Instant, reason: Box<str> },
}

/// How long an upstream that did not answer is passed over, unless all are down.
const PASSED_OVER: Duration = Duration::from_secs(5);

impl UpstreamHealth {
    /// Notes whether `upstream` answered, and why not. A change is logged, once, with the reason. What it could not be
    /// asked for want of a descriptor of our own is none of it.
    pub fn note(&self, listener: &str, upstream: &str, answered: &io::Result<()>) {
        if answered.as_ref().is_err_and(is_own_shortage) {
            return;
        }
        let seen = match answered {
            Ok(()) => Seen::Answered,
            Err(error) => Seen::Silent { since: Instant::now(), reason: error.to_string().into() },
        };
        let mut all = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let before = all.insert(upstream.into(), seen);
        drop(all);
        match (before, answered) {
            (None | Some(Seen::Answered), Err(error)) => {
                tracing::error!(listener, upstream, reason = %error, "upstream does not answer");
            }
            (Some(Seen::Silent { since, .. }), Ok(())) => {
                tracing::info!(
                    listener,
                    upstream,
                    away_seconds = since.elapsed().as_secs(),
                    "upstream answers again"
                );
            }
            (None, Ok(())) => tracing::info!(listener, upstream, "upstream answers"),
            (Some(Seen::Answered), Ok(())) | (Some(Seen::Silent { .. }), Err(_)) => {}
        }
    }

    /// Whether `upstream` answered the last time; `false` when it was never asked.
    pub fn is_up(&self, upstream: &str) -> bool {
        let all = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        matches!(all.get(upstream), Some(Seen::Answered))
    }

    /// Why `upstream` did not answer the last time; `None` when it did or was never asked.
    pub fn reason(&self, upstream: &str) -> Option<Box<str>> {
        let all = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        match all.get(upstream) {
            Some(Seen::Silent { reason, .. }) => Some(reason.clone()),
            Some(Seen::Answered) | None => None,
        }
    }

    /// Whether `upstream` should be passed over for now.
    pub(crate) fn is_passed_over(&self, upstream: &str) -> bool {
        let all = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        matches!(all.get(upstream), Some(Seen::Silent { since, .. }) if since.elapsed() < PASSED_OVER)
    }
}

/// What is told once a minute, however often it happens.
#[derive(Debug, Default)]
pub(crate) struct Seldom(Mutex<Option<Instant>>);

impl Seldom {
    /// Whether it is time to tell it again.
    pub(crate) fn is_due(&self, now: Instant) -> bool {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = told.is_none_or(|told| now.saturating_duration_since(told) >= Duration::from_secs(60));
        if is_due {
            *told = Some(now);
        }
        is_due
    }
}

/// Counts sessions against the limits on connections.
#[derive(Debug, Default)]
pub(crate) struct Admission {
    total: AtomicUsize,
    /// Connections that are being told that there are too many.
    turned_away: AtomicUsize,
    by_user: Mutex<HashMap<Box<str>, usize>>,
    by_address: Mutex<HashMap<IpAddr, usize>>,
}

/// Which limit on connections is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Crowded {
    Listener,
    User,
    Address,
}

/// One session's place in the counts; leaves it when dropped.
#[derive(Debug)]
pub(crate) struct Place {
    listener: Arc<Listener>,
    address: Option<IpAddr>,
    user: Option<Box<str>>,
}

impl Place {
    /// Takes a place for a connection from `address`; `None` where that is to be heard yet.
    pub(crate) fn take(listener: &Arc<Listener>, address: Option<Address>) -> Result<Place, Crowded> {
        let limit = listener.settings.load().limits.connections;
        let mut place = Place { listener: Arc::clone(listener), address: None, user: None };
        let before = listener.admission.total.fetch_add(1, Ordering::Relaxed);
        if limit.is_some_and(|limit| before >= limit) {
            return Err(Crowded::Listener);
        }
        address.map_or(Ok(()), |address| place.take_address(address))?;
        Ok(place)
    }

    /// Counts the connection for `address` as well.
    pub(crate) fn take_address(&mut self, address: Address) -> Result<(), Crowded> {
        let limit = self.listener.settings.load().limits.connections_per_address;
        if let (Some(limit), Address::Tcp(address)) = (limit, address) {
            if !enter(&self.listener.admission.by_address, address.ip(), limit) {
                return Err(Crowded::Address);
            }
            self.address = Some(address.ip());
        }
        Ok(())
    }

    /// Counts the connection for `user` as well, once its name is known.
    pub(crate) fn take_user(&mut self, user: &str, limit: Option<usize>) -> Result<(), Crowded> {
        let Some(limit) = limit else { return Ok(()) };
        if !enter(&self.listener.admission.by_user, user.into(), limit) {
            return Err(Crowded::User);
        }
        self.user = Some(user.into());
        Ok(())
    }
}

/// One connection that is being told that there are too many; counted for as long as this lives.
#[derive(Debug)]
pub(crate) struct TurnedAway(Arc<Listener>);

impl TurnedAway {
    /// Counts it, and says how many there are with it.
    pub(crate) fn count(listener: &Arc<Listener>) -> (TurnedAway, usize) {
        let before = listener.admission.turned_away.fetch_add(1, Ordering::Relaxed);
        (TurnedAway(Arc::clone(listener)), before + 1)
    }
}

impl Drop for TurnedAway {
    fn drop(&mut self) {
        self.0.admission.turned_away.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let admission = &self.listener.admission;
        admission.total.fetch_sub(1, Ordering::Relaxed);
        if let Some(address) = self.address {
            leave(&admission.by_address, &address);
        }
        if let Some(user) = &self.user {
            leave(&admission.by_user, user);
        }
    }
}

fn enter<K: Eq + Hash>(counts: &Mutex<HashMap<K, usize>>, key: K, limit: usize) -> bool {
    let mut counts = counts.lock().unwrap_or_else(PoisonError::into_inner);
    let count = counts.entry(key).or_insert(0);
    if *count >= limit {
        return false;
    }
    *count += 1;
    true
}

fn leave<K: Eq + Hash>(counts: &Mutex<HashMap<K, usize>>, key: &K) {
    let mut counts = counts.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(count) = counts.get_mut(key) {
        *count -= 1;
        if *count == 0 {
            counts.remove(key);
        }
    }
}
