//! How many statements a second may one identity send?
//!
//! One bucket for each rule and identity, shared by all sessions and threads of a listener: a single
//! number moved by compare and swap (the virtual scheduling form of the generic cell rate algorithm,
//! ITU-T I.371). Taking from a bucket needs no lock; finding one for the first time does.

use policies::Rate;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Identities told apart; when there are more, buckets that are full again make room.
const BUCKETS_MAX: usize = 65_536;

/// What one identity may still send.
#[derive(Debug, Default)]
pub(crate) struct Bucket {
    /// When the next statement would be on time, in microseconds since 1970-01-01 UTC.
    due_us: AtomicU64,
}

impl Bucket {
    /// Takes one statement's worth. `false` when there is none left.
    pub(crate) fn take(&self, rate: &Rate, now_us: u64) -> bool {
        let interval = 1_000_000 / u64::from(rate.per_second.max(1));
        let tolerance = interval * u64::from(rate.burst.max(1) - 1);
        let mut due = self.due_us.load(Ordering::Relaxed);
        loop {
            if due > now_us + tolerance {
                return false;
            }
            let next = due.max(now_us) + interval;
            match self.due_us.compare_exchange_weak(due, next, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return true,
                Err(other) => due = other,
            }
        }
    }
}

/// The buckets of a listener.
#[derive(Debug, Default)]
pub(crate) struct Rates {
    buckets: Mutex<Buckets>,
}

#[derive(Debug, Default)]
struct Buckets {
    by_identity: HashMap<(Arc<str>, Box<str>), Arc<Bucket>>,
    /// When room was made last.
    swept_us: u64,
}

impl Rates {
    /// The bucket of `rule` for `identity`.
    pub(crate) fn bucket(&self, rule: &Arc<str>, identity: &str, now_us: u64) -> Arc<Bucket> {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (Arc::clone(rule), identity.into());
        if !buckets.by_identity.contains_key(&key) && buckets.by_identity.len() >= BUCKETS_MAX {
            buckets.make_room(now_us);
            if buckets.by_identity.len() >= BUCKETS_MAX {
                // All are in use at once: who comes now shares one, so that nothing grows.
                return Arc::clone(buckets.by_identity.entry((Arc::clone(rule), "".into())).or_default());
            }
        }
        Arc::clone(buckets.by_identity.entry(key).or_default())
    }
}

impl Buckets {
    /// Forgets who has everything left, once a second at most: to look at all takes a while.
    fn make_room(&mut self, now_us: u64) {
        if now_us.saturating_sub(self.swept_us) >= 1_000_000 {
            self.swept_us = now_us;
            self.by_identity.retain(|_, bucket| bucket.due_us.load(Ordering::Relaxed) > now_us);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use policies::RateBy;

    fn rate(per_second: u32, burst: u32) -> Rate {
        Rate { rule: "pack/budget".into(), per_second, burst, by: RateBy::User }
    }

    #[test]
    fn a_burst_passes_and_then_the_rate_holds() {
        let (bucket, rate) = (Bucket::default(), rate(10, 5));
        let passed =
            |from: u64, to: u64| (from..to).step_by(1_000).filter(|at| bucket.take(&rate, *at)).count();
        let start = 1_000_000_000;
        assert_eq!(passed(start, start + 50_000), 5);
        // Ten more in each of the seconds that follow.
        assert_eq!(passed(start + 50_000, start + 2_050_000), 20);
    }

    #[test]
    fn identities_have_buckets_of_their_own() {
        let (rates, rate) = (Rates::default(), rate(1, 1));
        let now = 5_000_000;
        assert!(rates.bucket(&rate.rule, "ann", now).take(&rate, now));
        assert!(!rates.bucket(&rate.rule, "ann", now).take(&rate, now));
        assert!(rates.bucket(&rate.rule, "bob", now).take(&rate, now));
    }

    #[test]
    fn identities_without_end_stay_within_the_bound() {
        let (rates, rate) = (Rates::default(), rate(1, 1));
        for number in 0..2 * BUCKETS_MAX as u64 {
            let now = 1_000_000_000 + number * 100;
            rates.bucket(&rate.rule, &number.to_string(), now).take(&rate, now);
        }
        assert!(rates.buckets.lock().is_ok_and(|buckets| buckets.by_identity.len() <= BUCKETS_MAX + 1));
    }
}
