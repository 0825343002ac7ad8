//! What may a role really do, as far as somebody has looked?
//!
//! The relay asks and never looks itself: who looks is the probe (crate `proxy`), which takes what is
//! wanted from here and puts its answers here. A lookup takes no lock.

use arc_swap::ArcSwap;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{Notify, watch};

/// Most roles, counted in each database, that are known behind one listener. Another one takes the place of
/// the one that was looked at longest ago and is not verified: a session of MySQL may ask to become anybody,
/// and names that nobody has are not to keep out those that somebody has.
const PAIRS_MAX: usize = 4_096;

/// Most questions that wait for the probe at once; more are dropped, and asked again by the next login.
const WANTED_MAX: usize = 256;

/// An answer that is this young is not asked for again.
const FRESH: Duration = Duration::from_secs(1);

/// How old an answer that is not [`Standing::Verified`] must be before a login asks anew: gaps are
/// closed by people, and they should see it.
const DOUBTED: Duration = Duration::from_secs(10);

/// The database in a [`Pair`] of MySQL: its accounts belong to the server, whatever database they use.
pub const WHOLE_SERVER: &str = "";

/// What is known of a role in a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nobody could tell; the words say why.
    Unverified(Arc<str>),
    /// It can read and nothing else.
    Verified,
    /// It can do more; never empty.
    Gaps(Arc<[Gap]>),
}

impl Standing {
    /// Nobody has looked.
    pub fn unseen() -> Standing {
        Standing::Unverified("nobody has looked at its privileges yet".into())
    }

    /// The word used in messages.
    pub fn as_str(&self) -> &'static str {
        match self {
            Standing::Unverified(_) => "unverified",
            Standing::Verified => "verified",
            Standing::Gaps(_) => "gaps",
        }
    }
}

/// One thing a role can do beside reading, and what ends it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// What it can do, in words.
    pub words: Box<str>,
    /// The statements that close it, in order, to be run in that database by who may; empty where
    /// none can.
    pub remedy: Box<[Box<str>]>,
}

/// A role in a database.
pub type Pair = (Box<str>, Box<str>);

/// What is known of the roles behind one listener, and of whom something is to be found out.
#[derive(Debug)]
pub struct Standings {
    known: ArcSwap<Known>,
    /// Counts answers, so that a login can wait for one.
    answers: watch::Sender<u64>,
    wanted: Mutex<Wanted>,
    /// Wakes the probe.
    bell: Notify,
}

/// By role within database.
type Known = HashMap<Box<str>, HashMap<Box<str>, Entry>>;

#[derive(Clone, Debug)]
struct Entry {
    standing: Standing,
    at: Instant,
}

/// What the probe is to do next.
#[derive(Debug, Default)]
pub struct Wanted {
    /// Roles to look at: role and database.
    pub pairs: HashSet<Pair>,
    /// Databases whose catalog may have changed.
    pub databases: HashSet<Box<str>>,
}

impl Default for Standings {
    fn default() -> Standings {
        Standings {
            known: ArcSwap::default(),
            answers: watch::Sender::new(0),
            wanted: Mutex::default(),
            bell: Notify::new(),
        }
    }
}

impl Standings {
    /// What is known of `role` in `database`. Takes no lock.
    pub fn standing(&self, role: &str, database: &str) -> Standing {
        self.entry(role, database).map_or_else(Standing::unseen, |entry| entry.standing)
    }

    /// Tells the probe that `role` has logged in to `database`: it looks if it does not know it, or
    /// knew no good of it a while ago. Never waits.
    pub fn wants(&self, role: &str, database: &str) {
        let enough = |entry: &Entry| entry.standing == Standing::Verified || entry.at.elapsed() < DOUBTED;
        if !self.entry(role, database).as_ref().is_some_and(enough) {
            self.enqueue(role, database);
        }
    }

    /// Tells the probe that the catalog of `database` may have changed. Never waits.
    pub fn changed(&self, database: &str) {
        let mut wanted = self.wanted.lock().unwrap_or_else(PoisonError::into_inner);
        if wanted.databases.len() < WANTED_MAX {
            wanted.databases.insert(database.into());
        }
        drop(wanted);
        self.bell.notify_one();
    }

    /// What is known of `role` in `database`, looked at anew unless it is verified: waits for the
    /// answer for `bound` at most. Cancel safe.
    pub async fn await_standing(&self, role: &str, database: &str, bound: Duration) -> Standing {
        let mut answers = self.answers.subscribe();
        let asked = Instant::now();
        let enough = |entry: &Entry| entry.standing == Standing::Verified || entry.at + FRESH >= asked;
        let look = async {
            loop {
                match self.entry(role, database) {
                    Some(entry) if enough(&entry) => return,
                    _ => self.enqueue(role, database),
                }
                if answers.changed().await.is_err() {
                    return;
                }
            }
        };
        // Without an answer in time, what was known before is what is known.
        let _ = tokio::time::timeout(bound, look).await;
        self.standing(role, database)
    }

    /// Everything that is known: role, database, standing, in order of the names.
    pub fn all(&self) -> Vec<(Pair, Standing)> {
        let known = self.known.load();
        let mut all: Vec<_> = known
            .iter()
            .flat_map(|(database, roles)| {
                roles.iter().map(|(role, entry)| ((role.clone(), database.clone()), entry.standing.clone()))
            })
            .collect();
        all.sort_by(|(one, _), (other, _)| one.cmp(other));
        all
    }

    /// Keeps answers of one look, and tells which of them are news.
    pub fn answer(&self, looked: Vec<(Pair, Standing)>) -> Vec<(Pair, Standing)> {
        let mut known = Known::clone(&self.known.load());
        let mut count: usize = known.values().map(HashMap::len).sum();
        let mut news = Vec::new();
        for ((role, database), standing) in looked {
            if !known.get(&database).is_some_and(|roles| roles.contains_key(&role)) {
                if count >= PAIRS_MAX && !make_room(&mut known) {
                    continue;
                }
                count = (count + 1).min(PAIRS_MAX);
            }
            let roles = known.entry(database.clone()).or_default();
            let entry = Entry { standing: standing.clone(), at: Instant::now() };
            let before = roles.insert(role.clone(), entry);
            if before.is_none_or(|before| before.standing != standing) {
                news.push(((role, database), standing));
            }
        }
        self.known.store(Arc::new(known));
        self.answers.send_modify(|count| *count += 1);
        news
    }

    /// Forgets everything: who looked does not look any more.
    pub fn forget(&self) {
        self.known.store(Arc::default());
        self.answers.send_modify(|count| *count += 1);
    }

    /// When the answer for a role was given.
    pub fn answered(&self, role: &str, database: &str) -> Option<Instant> {
        self.entry(role, database).map(|entry| entry.at)
    }

    /// Takes what is wanted; empty when nothing is.
    pub fn take_wanted(&self) -> Wanted {
        std::mem::take(&mut *self.wanted.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Wakes the probe: something is wanted, or the settings have changed.
    pub fn ring(&self) {
        self.bell.notify_one();
    }

    /// Waits until something is wanted. Cancel safe.
    pub async fn rung(&self) {
        self.bell.notified().await;
    }

    fn entry(&self, role: &str, database: &str) -> Option<Entry> {
        self.known.load().get(database)?.get(role).cloned()
    }

    fn enqueue(&self, role: &str, database: &str) {
        let mut wanted = self.wanted.lock().unwrap_or_else(PoisonError::into_inner);
        if wanted.pairs.len() < WANTED_MAX {
            wanted.pairs.insert((role.into(), database.into()));
        }
        drop(wanted);
        self.bell.notify_one();
    }
}

/// Forgets the role that was looked at longest ago and is not verified; `false` where all are.
fn make_room(known: &mut Known) -> bool {
    let doubted = known.iter().flat_map(|(database, roles)| {
        let doubted = roles.iter().filter(|(_, entry)| entry.standing != Standing::Verified);
        doubted.map(move |(role, entry)| (entry.at, role, database))
    });
    let Some((_, role, database)) = doubted.min_by_key(|(at, ..)| *at) else { return false };
    let (role, database) = (role.clone(), database.clone());
    if let Some(roles) = known.get_mut(&database) {
        roles.remove(&role);
        if roles.is_empty() {
            known.remove(&database);
        }
    }
    true
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn pair(role: &str) -> Pair {
        (role.into(), "shop".into())
    }

    fn gaps() -> Standing {
        Standing::Gaps([Gap { words: "may insert".into(), remedy: Box::default() }].into())
    }

    #[test]
    fn a_role_nobody_looked_at_is_unverified_and_wanted_once() {
        let standings = Standings::default();
        assert_eq!(standings.standing("ann", "shop"), Standing::unseen());
        standings.wants("ann", "shop");
        standings.wants("ann", "shop");
        assert_eq!(standings.take_wanted().pairs, HashSet::from([pair("ann")]));
        assert!(standings.take_wanted().pairs.is_empty());
    }

    #[test]
    fn a_verified_role_is_not_wanted_again_and_news_are_told_once() {
        let standings = Standings::default();
        let answer = || vec![(pair("ann"), Standing::Verified)];
        assert_eq!(standings.answer(answer()), answer());
        assert_eq!(standings.answer(answer()), []);
        standings.wants("ann", "shop");
        assert!(standings.take_wanted().pairs.is_empty());
        assert_eq!(standings.answer(vec![(pair("ann"), gaps())]).len(), 1);
        assert_eq!(standings.standing("ann", "shop"), gaps());
        assert_eq!(standings.standing("ann", "other"), Standing::unseen());
    }

    #[test]
    fn what_is_wanted_and_known_has_a_bound() {
        let standings = Standings::default();
        let pairs = (0..2 * PAIRS_MAX).map(|number| pair(&format!("role {number}")));
        pairs.clone().for_each(|(role, database)| standings.wants(&role, &database));
        standings.answer(pairs.map(|pair| (pair, Standing::Verified)).collect());
        assert_eq!(standings.all().len(), PAIRS_MAX);
        assert_eq!(standings.take_wanted().pairs.len(), WANTED_MAX);
    }

    #[test]
    fn names_that_nobody_has_keep_out_nobody() {
        let standings = Standings::default();
        standings.answer(vec![(pair("ann"), Standing::Verified)]);
        let nobody = (0..PAIRS_MAX).map(|number| (pair(&format!("nobody {number}")), Standing::unseen()));
        standings.answer(nobody.collect());
        assert_eq!(standings.standing("nobody 0", "shop"), Standing::unseen());
        assert_eq!(standings.answer(vec![(pair("ben"), gaps())]).len(), 1);
        assert_eq!(
            (standings.standing("ann", "shop"), standings.standing("ben", "shop")),
            (Standing::Verified, gaps())
        );
        assert_eq!(standings.all().len(), PAIRS_MAX);
    }

    #[tokio::test]
    async fn waiting_ends_with_an_answer_or_with_the_bound() {
        let standings = Standings::default();
        let short = Duration::from_millis(10);
        assert_eq!(standings.await_standing("ann", "shop", short).await, Standing::unseen());
        let bound = Duration::from_secs(60);
        let look = async {
            standings.rung().await;
            assert!(standings.take_wanted().pairs.contains(&pair("ann")));
            standings.answer(vec![(pair("ann"), gaps())]);
        };
        let (standing, ()) = tokio::join!(standings.await_standing("ann", "shop", bound), look);
        assert_eq!(standing, gaps());
    }
}
