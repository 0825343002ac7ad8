//! Which data keys have been unwrapped not long ago? They stay in memory that is wiped, by a hash of what was
//! unwrapped and of the place it belongs to, for a bounded time and no more than a bounded number of them.

use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use zeroize::Zeroizing;

/// Most data keys in memory: one for each connection that is in use.
const KEYS_MAX: usize = 1_000;

type Name = [u8; 32];

struct Kept {
    key: Zeroizing<Vec<u8>>,
    until: Instant,
}

/// Data keys that have been unwrapped.
pub(super) struct Cache {
    kept_for: Duration,
    kept: Mutex<HashMap<Name, Kept>>,
}

impl Cache {
    /// One that keeps each for `kept_for`; for no time, none at all.
    pub(super) fn new(kept_for: Duration) -> Cache {
        Cache { kept_for, kept: Mutex::default() }
    }

    /// The data key of `wrapped`, if it is here.
    pub(super) fn find(&self, wrapped: &[u8], belongs_to: &str) -> Option<Zeroizing<Vec<u8>>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(&name(wrapped, belongs_to))
            .filter(|kept| kept.until > Instant::now())
            .map(|kept| kept.key.clone())
    }

    /// Keeps one; where there are too many, the one that would go first goes.
    pub(super) fn keep(&self, wrapped: &[u8], belongs_to: &str, key: &Zeroizing<Vec<u8>>) {
        if self.kept_for.is_zero() {
            return;
        }
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEYS_MAX {
            let oldest = kept.iter().min_by_key(|(_, kept)| kept.until).map(|(name, _)| *name);
            oldest.and_then(|name| kept.remove(&name));
        }
        let until = Instant::now() + self.kept_for;
        kept.insert(name(wrapped, belongs_to), Kept { key: key.clone(), until });
    }

    /// Wipes those whose time is over.
    pub(super) fn forget_old(&self) {
        let now = Instant::now();
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).retain(|_, kept| kept.until > now);
    }
}

fn name(wrapped: &[u8], belongs_to: &str) -> Name {
    let mut hasher = Sha256::new();
    hasher.update(u64::try_from(wrapped.len()).unwrap_or(u64::MAX).to_be_bytes());
    hasher.update(wrapped);
    hasher.update(belongs_to.as_bytes());
    hasher.finalize().into()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn key(byte: u8) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(vec![byte; 32])
    }

    #[test]
    fn a_key_is_found_by_what_wraps_it_and_where_it_belongs_and_not_for_ever() {
        let cache = Cache::new(Duration::from_secs(60));
        cache.keep(b"wrapped", "connection/1", &key(1));
        assert_eq!(cache.find(b"wrapped", "connection/1").unwrap(), key(1));
        assert!(cache.find(b"wrapped", "connection/2").is_none());
        assert!(cache.find(b"wrappedconnection", "/1").is_none());
        let short = Cache::new(Duration::from_nanos(1));
        short.keep(b"wrapped", "connection/1", &key(1));
        std::thread::yield_now();
        assert!(short.find(b"wrapped", "connection/1").is_none());
        short.forget_old();
        assert!(short.kept.lock().unwrap().is_empty());
        let none = Cache::new(Duration::ZERO);
        none.keep(b"wrapped", "connection/1", &key(1));
        assert!(none.kept.lock().unwrap().is_empty());
    }

    #[test]
    fn there_are_never_more_than_so_many() {
        let cache = Cache::new(Duration::from_secs(60));
        for number in 0..=KEYS_MAX {
            cache.keep(&number.to_be_bytes(), "connection/1", &key(1));
        }
        assert_eq!(cache.kept.lock().unwrap().len(), KEYS_MAX);
        assert!(cache.find(&0_usize.to_be_bytes(), "connection/1").is_none());
        assert!(cache.find(&KEYS_MAX.to_be_bytes(), "connection/1").is_some());
    }
}
