//! What is a client's proof checked against, where the gateway asks for it?
//!
//! A listener that verifies logins has its roles' verifiers from a file, or from the upstream, which is asked by
//! whoever the listener has for it ([`Lookup`]): never on a relay thread. What was found holds for [`FRESH`] and is
//! then asked anew; logins of one role that come together are one question.

use crate::settings::ListenerSettings;
use foldhash::fast::RandomState;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{OnceCell, oneshot};
pub use wire_postgres::scram::VerifierError;
pub use wire_postgres::verification::Verifier;

/// How long an answer of the upstream holds. A password that is changed meanwhile is found out at the first login
/// that fails for it.
pub const FRESH: Duration = Duration::from_secs(10);

/// How long a question that failed is not asked again; and how young an answer may be that a failed login throws away:
/// guesses make the gateway ask once in this time for each role.
pub const RETRY: Duration = Duration::from_secs(1);

/// Longest wait for an answer.
pub const LOOKUP_WAIT: Duration = Duration::from_secs(5);

/// Answers on each of the two shelves: the lower one goes when the upper one is full, so names nobody has cannot
/// take more room than this, and those that are asked for stay.
const SHELF_MAX: usize = 2_048;

/// Roles whose outdated line in a file is told in the log.
const TOLD_MAX: usize = 64;

/// Iterations of a verifier that PostgreSQL makes where nobody says otherwise (`scram_iterations`).
pub const ITERATIONS: u32 = 4_096;

/// Who asks upstreams for verifiers. Implemented above this crate.
pub trait Lookup: std::fmt::Debug + Send + Sync {
    /// Asks what is stored for `user`. Called on a relay thread, it does nothing there; the answer comes when it comes,
    /// or not at all.
    fn look_up(
        &self,
        settings: Arc<ListenerSettings>,
        question: Arc<Question>,
        user: Box<str>,
    ) -> oneshot::Receiver<Result<Known, LookupFailed>>;

    /// Why the last question had no answer, in words that everybody may see; `None` when it had one.
    fn trouble(&self) -> Option<Arc<str>>;
}

/// How the upstream is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The function that answers, by schema and name; without one the server's own table does.
    pub function: Option<[Box<str>; 2]>,
    /// The database to log in to for it.
    pub database: Box<str>,
}

/// What is stored for a role.
#[derive(Clone, Debug)]
pub struct Known {
    /// Its verifier; `None` for a role that is not there, may not log in, or has no password that holds.
    pub verifier: Option<Verifier>,
    /// How often the upstream hashes a new password: what somebody who is not there shows, too.
    pub iterations: u32,
}

/// The upstream could not be asked, or did not answer. Who asked knows why, and has told it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the verifier could not be looked up")]
pub struct LookupFailed;

/// The roles of a file.
#[derive(Debug)]
pub struct Users {
    known: HashMap<Box<str>, Verifier>,
    iterations: u32,
}

impl Users {
    /// The roles of a file, by their names.
    pub fn new(known: HashMap<Box<str>, Verifier>) -> Users {
        let mut counts: HashMap<u32, usize> = HashMap::new();
        for verifier in known.values() {
            if let Verifier::Scram(verifier) = verifier {
                *counts.entry(verifier.iterations()).or_default() += 1;
            }
        }
        // Of two that are as frequent the larger one, so that it is always the same.
        let most = counts.into_iter().max_by_key(|(iterations, count)| (*count, *iterations));
        Users { known, iterations: most.map_or(ITERATIONS, |(iterations, _)| iterations) }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.known.len()
    }
}

/// Where verifiers come from.
#[derive(Debug)]
enum Source {
    File(Users),
    Upstream(Arc<Question>),
}

/// The verifiers of a listener, under one version of its settings: others begin with nothing.
pub struct Verifiers {
    source: Source,
    shelf: Mutex<Shelf>,
    /// Roles of the file of whom it was told that the upstream has another password.
    told: Mutex<HashSet<Box<str>>>,
}

impl std::fmt::Debug for Verifiers {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Verifiers").finish_non_exhaustive()
    }
}

impl Verifiers {
    /// Those of a file.
    pub fn of_file(users: Users) -> Verifiers {
        Verifiers::of(Source::File(users))
    }

    /// Those that the upstream has.
    pub fn of_upstream(question: Question) -> Verifiers {
        Verifiers::of(Source::Upstream(Arc::new(question)))
    }

    fn of(source: Source) -> Verifiers {
        Verifiers { source, shelf: Mutex::default(), told: Mutex::default() }
    }

    /// How the upstream is asked; `None` where a file has them.
    pub fn question(&self) -> Option<&Arc<Question>> {
        match &self.source {
            Source::File(_) => None,
            Source::Upstream(question) => Some(question),
        }
    }

    /// What is stored for `user`. `ask` asks the upstream, where nothing that holds is known. Cancel safe: who else
    /// waits asks again.
    pub(crate) async fn find(
        &self,
        user: &str,
        ask: impl AsyncFnOnce(Arc<Question>) -> Result<Known, LookupFailed>,
    ) -> Result<Found, LookupFailed> {
        let question = match &self.source {
            Source::File(users) => {
                let verifier = users.known.get(user).cloned();
                return Ok(Found { known: Known { verifier, iterations: users.iterations }, card: None });
            }
            Source::Upstream(question) => question,
        };
        let card = self.shelf.lock().unwrap_or_else(PoisonError::into_inner).card(user, Instant::now());
        let answer = async || {
            let found = ask(Arc::clone(question)).await;
            Answer { at: Instant::now(), found }
        };
        let known = card.get_or_init(answer).await.found.clone()?;
        Ok(Found { known, card: Some(card) })
    }

    /// A login for `user` failed by what was found for it: perhaps it is another one by now.
    pub(crate) fn doubt(&self, user: &str, found: &Found) {
        if let Some(card) = &found.card {
            self.shelf.lock().unwrap_or_else(PoisonError::into_inner).take_off(user, card, Instant::now());
        }
    }

    /// Whether it is to be told now that the upstream has another password for `user` than the file.
    pub(crate) fn tells_outdated(&self, user: &str) -> bool {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        matches!(self.source, Source::File(_)) && told.len() < TOLD_MAX && told.insert(user.into())
    }
}

/// What was found for a role, and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) known: Known,
    card: Option<Card>,
}

impl Found {
    /// What the client's proof is checked against. Of a role that has nothing it is an imagined one, which nobody's proof
    /// fits, so that who asks cannot tell.
    pub(crate) fn verifier(&self, user: &[u8]) -> Result<Verifier, LookupFailed> {
        match &self.known.verifier {
            Some(verifier) => Ok(verifier.clone()),
            None => Ok(Verifier::imagined(imagination()?, user, self.known.iterations)),
        }
    }

    /// What is found for a role that cannot be asked for.
    pub(crate) fn nothing() -> Found {
        Found { known: Known { verifier: None, iterations: ITERATIONS }, card: None }
    }
}

/// What imagined verifiers are made from. It stays as long as the process, so that a salt does, too. It is random and
/// made from no password: what is made from it is shown to everybody.
fn imagination() -> Result<&'static [u8; 32], LookupFailed> {
    static SEED: OnceLock<[u8; 32]> = OnceLock::new();
    if let Some(seed) = SEED.get() {
        return Ok(seed);
    }
    let mut seed = [0; 32];
    aws_lc_rs::rand::fill(&mut seed).map_err(|_| LookupFailed)?;
    Ok(SEED.get_or_init(|| seed))
}

/// What the upstream said of a role.
#[derive(Debug)]
struct Answer {
    at: Instant,
    found: Result<Known, LookupFailed>,
}

impl Answer {
    fn holds(&self, now: Instant) -> bool {
        let age = now.saturating_duration_since(self.at);
        age < if self.found.is_ok() { FRESH } else { RETRY }
    }
}

/// A place for an answer, waited for by all who want it.
type Card = Arc<OnceCell<Answer>>;

type Cards = HashMap<Box<str>, Card, RandomState>;

#[derive(Debug, Default)]
struct Shelf {
    upper: Cards,
    lower: Cards,
}

impl Shelf {
    /// The answer that holds, or is waited for; else a place for a new one.
    fn card(&mut self, user: &str, now: Instant) -> Card {
        let holds = |card: &Card| card.get().is_none_or(|answer| answer.holds(now));
        if let Some(card) = self.upper.get(user).filter(|card| holds(card)) {
            return Arc::clone(card);
        }
        let card = self.lower.remove(user).filter(holds).unwrap_or_default();
        if self.upper.len() >= SHELF_MAX {
            self.lower = std::mem::take(&mut self.upper);
        }
        self.upper.insert(user.into(), Arc::clone(&card));
        card
    }

    /// Takes an answer off, unless another one stands there by now or it is too young.
    fn take_off(&mut self, user: &str, card: &Card, now: Instant) {
        let young = |answer: &Answer| now.saturating_duration_since(answer.at) < RETRY;
        if card.get().is_some_and(young) {
            return;
        }
        for cards in [&mut self.upper, &mut self.lower] {
            if cards.get(user).is_some_and(|one| Arc::ptr_eq(one, card)) {
                cards.remove(user);
            }
        }
    }
}

#[cfg(test)]
mod tests;
