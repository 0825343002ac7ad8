//! How many logins are under way, and whose turn is it when there are too many?
//!
//! Whoever connects and says nothing holds a place for as long as `limits.login_seconds` lets it. So logins wait
//! for one where all are taken, and a login that has let the gateway wait for its client for a moment gives way
//! to the next: of a flood of silent connections each does, and a client that answers never has to. What waits
//! for its turn has not been read from and costs a socket; a login that waits for the server is not at fault and
//! keeps its place.

use crate::listener::Listener;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};

/// How long a client may let the gateway wait while others wait for its place: longer than an answer takes over any
/// network.
const PATIENCE: Duration = Duration::from_millis(250);

/// How long a client that is to give way may still go on: what it has said may lie unread, where the gateway is busy.
const LAST_CHANCE: Duration = PATIENCE;

/// How often the login that is next looks whether somebody keeps the others waiting.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// The logins of a listener.
#[derive(Debug)]
pub(crate) struct Logins {
    turns: Mutex<Turns>,
    /// What moments are counted from.
    start: Instant,
}

#[derive(Debug, Default)]
struct Turns {
    limit: usize,
    /// By age.
    under_way: BTreeMap<u64, Arc<Turn>>,
    waiting: BTreeMap<u64, Arc<Turn>>,
    next: u64,
}

/// One login, as others see it.
#[derive(Debug, Default)]
struct Turn {
    has_come: AtomicBool,
    comes: Notify,
    gives_way: Notify,
    /// Since which millisecond it has been waiting for its client, counted from 1; 0 while it does not.
    waits_since: AtomicU64,
    /// How often it has begun or ended to wait for its client.
    moves: AtomicU64,
}

/// A login's place, or its wait for one; left when dropped.
#[derive(Debug)]
pub(crate) struct Login {
    listener: Arc<Listener>,
    number: u64,
    turn: Arc<Turn>,
}

impl Login {
    /// Takes a place, or a place among those that wait for one.
    pub(crate) fn begin(listener: &Arc<Listener>) -> Login {
        let limit = listener.settings.load().limits.logins;
        let logins = &listener.logins;
        let (number, turn) = logins.lock().begin(limit.unwrap_or(usize::MAX), logins.now());
        Login { listener: Arc::clone(listener), number, turn }
    }

    /// Waits for its turn. Cancel safe.
    pub(crate) async fn comes(&self) {
        let logins = &self.listener.logins;
        while !self.has_come() {
            if !logins.lock().is_next(self.number) {
                self.turn.comes.notified().await;
                continue;
            }
            // One looks for all.
            if timeout(LOOK_EVERY, self.turn.comes.notified()).await.is_err() {
                logins.lock().admit(logins.now());
            }
        }
    }

    /// Whether it has had its turn.
    pub(crate) fn has_come(&self) -> bool {
        self.turn.has_come.load(Ordering::Relaxed)
    }

    /// Says whether it is the client that is waited for.
    pub(crate) fn waits_for_client(&self, waits: bool) {
        let since = if waits { self.listener.logins.now() } else { 0 };
        self.turn.waits_since.store(since, Ordering::Relaxed);
        self.turn.moves.fetch_add(1, Ordering::Relaxed);
    }

    /// Waits until somebody else has got its place and its client has not gone on after all. Cancel safe.
    pub(crate) async fn gives_way(&self) {
        loop {
            self.turn.gives_way.notified().await;
            let before = self.turn.moves.load(Ordering::Relaxed);
            sleep(LAST_CHANCE).await;
            if self.turn.moves.load(Ordering::Relaxed) == before {
                return;
            }
            // One more than there are places, until somebody leaves.
            self.listener.logins.lock().under_way.insert(self.number, Arc::clone(&self.turn));
        }
    }
}

impl Drop for Login {
    fn drop(&mut self) {
        let logins = &self.listener.logins;
        logins.lock().leave(self.number, logins.now());
    }
}

impl Default for Logins {
    fn default() -> Logins {
        Logins { turns: Mutex::default(), start: Instant::now() }
    }
}

impl Logins {
    fn lock(&self) -> MutexGuard<'_, Turns> {
        self.turns.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX).saturating_add(1)
    }
}

impl Turns {
    fn begin(&mut self, limit: usize, now: u64) -> (u64, Arc<Turn>) {
        self.limit = limit;
        let (number, turn) = (self.next, Arc::new(Turn::default()));
        // Nothing happens before its client has sent something.
        turn.waits_since.store(now, Ordering::Relaxed);
        self.next += 1;
        let is_next = self.waiting.is_empty();
        self.waiting.insert(number, Arc::clone(&turn));
        if is_next {
            self.admit(now);
        }
        (number, turn)
    }

    /// Gives the places that are free, or are made free, to those that wait for them.
    fn admit(&mut self, now: u64) {
        while !self.waiting.is_empty() && (self.under_way.len() < self.limit || self.make_room(now)) {
            let Some((number, turn)) = self.waiting.pop_first() else { return };
            turn.waits_since.store(now, Ordering::Relaxed);
            turn.has_come.store(true, Ordering::Relaxed);
            turn.comes.notify_one();
            self.under_way.insert(number, turn);
            self.tell_next();
        }
    }

    /// Whether this login is the one that waits for its turn first.
    fn is_next(&self, number: u64) -> bool {
        self.waiting.first_key_value().is_some_and(|(next, _)| *next == number)
    }

    /// Has the login look for its turn that is next now.
    fn tell_next(&self) {
        if let Some((_, turn)) = self.waiting.first_key_value() {
            turn.comes.notify_one();
        }
    }

    /// Takes the place of the one that has been waiting for its client for longest, if that was for too long.
    fn make_room(&mut self, now: u64) -> bool {
        let patience = u64::try_from(PATIENCE.as_millis()).unwrap_or(u64::MAX);
        let waiting = self.under_way.iter().filter_map(|(number, turn)| {
            let since = turn.waits_since.load(Ordering::Relaxed);
            (since > 0 && now.saturating_sub(since) >= patience).then_some((since, *number))
        });
        let Some(turn) = waiting.min().and_then(|(_, number)| self.under_way.remove(&number)) else {
            return false;
        };
        turn.gives_way.notify_one();
        true
    }

    /// The login of this number is over.
    fn leave(&mut self, number: u64, now: u64) {
        let was_next = self.is_next(number);
        self.waiting.remove(&number);
        if was_next {
            self.tell_next();
        }
        if self.under_way.remove(&number).is_some() {
            self.admit(now);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// A moment when whoever has been waiting since 1 has been for too long.
    const LATER: u64 = 1_000;

    fn numbers(turns: &BTreeMap<u64, Arc<Turn>>) -> Vec<u64> {
        turns.keys().copied().collect()
    }

    fn hurries(turn: &Turn) {
        turn.waits_since.store(0, Ordering::Relaxed);
    }

    #[test]
    fn the_next_gets_a_place_when_one_is_left() {
        let mut turns = Turns::default();
        let logins: Vec<_> = (0..4).map(|_| turns.begin(2, 1)).collect();
        assert_eq!((numbers(&turns.under_way), numbers(&turns.waiting)), (vec![0, 1], vec![2, 3]));
        turns.leave(1, 2);
        assert_eq!((numbers(&turns.under_way), numbers(&turns.waiting)), (vec![0, 2], vec![3]));
        let come: Vec<_> = logins.iter().map(|(_, turn)| turn.has_come.load(Ordering::Relaxed)).collect();
        assert_eq!(come, [true, true, true, false]);
        // Who does not wait for its turn any more does not get one.
        turns.leave(3, 2);
        turns.leave(0, 2);
        assert_eq!((numbers(&turns.under_way), numbers(&turns.waiting)), (vec![2], vec![]));
    }

    #[test]
    fn who_lets_the_gateway_wait_for_longest_gives_way() {
        let mut turns = Turns::default();
        let logins: Vec<_> = (1..=3).map(|now| turns.begin(3, now)).collect();
        hurries(&logins[0].1);
        turns.begin(3, 100);
        assert_eq!(numbers(&turns.waiting), [3], "all have answered in time so far");
        turns.admit(LATER);
        assert_eq!((numbers(&turns.under_way), numbers(&turns.waiting)), (vec![0, 2, 3], vec![]));
        // It leaves in its own time, which changes nothing any more.
        turns.leave(1, LATER);
        assert_eq!(numbers(&turns.under_way), [0, 2, 3]);
    }

    #[test]
    fn none_that_waits_for_the_server_gives_way() {
        let mut turns = Turns::default();
        for _ in 0..2 {
            hurries(&turns.begin(2, 1).1);
        }
        turns.begin(2, 1);
        turns.admit(u64::MAX);
        assert_eq!((numbers(&turns.under_way), numbers(&turns.waiting)), (vec![0, 1], vec![2]));
    }

    #[test]
    fn the_time_before_its_turn_is_not_held_against_anybody() {
        let mut turns = Turns::default();
        turns.begin(1, 1);
        turns.begin(1, 1);
        turns.admit(LATER);
        assert_eq!(numbers(&turns.under_way), [1]);
        turns.begin(1, LATER);
        assert_eq!((numbers(&turns.under_way), numbers(&turns.waiting)), (vec![1], vec![2]));
    }

    /// Whether it has been told something that it has not looked at yet.
    fn is_told(turn: &Turn) -> bool {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async { timeout(Duration::ZERO, turn.comes.notified()).await.is_ok() })
    }

    #[test]
    fn the_login_that_becomes_the_next_is_told_and_no_other() {
        let mut turns = Turns::default();
        let logins: Vec<_> = (0..5).map(|_| turns.begin(1, 1).1).collect();
        assert!(is_told(&logins[0]) && !logins[1..].iter().any(|turn| is_told(turn)));
        // The first that waits gives up, and then a place is left.
        turns.leave(1, 1);
        assert_eq!([2, 3, 4].map(|number| is_told(&logins[number])), [true, false, false]);
        turns.leave(0, 1);
        assert_eq!([2, 3, 4].map(|number| is_told(&logins[number])), [true, true, false]);
        assert!(turns.is_next(3) && !turns.is_next(4));
    }

    #[test]
    fn without_a_limit_there_is_always_room() {
        let mut turns = Turns::default();
        (0..5_000).for_each(|_| drop(turns.begin(usize::MAX, 1)));
        assert_eq!((turns.under_way.len(), turns.waiting.len()), (5_000, 0));
    }
}
