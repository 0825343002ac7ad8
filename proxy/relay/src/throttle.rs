//! Has somebody at this address guessed too often?
//!
//! A leaky bucket for each address: a wrong proof adds one, and as many leak out each minute as
//! `limits.login_failures` says. While it is full no login of the address is tried, right or wrong: nothing
//! is looked up, computed or asked of the server for it.
//!
//! ```text
//! address ─keyed hash─► set of 8 places ─► { address, level, when, told }
//! ```
//!
//! The table has a size once and for all. A new address takes the emptiest bucket of its set, so whoever comes
//! from many addresses drives out those that matter least, and cannot choose whose set they fall into.

use crate::settings::Limits;
use exchange::Address;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Sets of the table.
const SETS: usize = 1024;

/// Addresses of a set. With all sets about half a megabyte, once the first login has failed.
const WAYS: usize = 8;

/// How often the ledger is told of an address that is throttled.
const TELL_EVERY: Duration = Duration::from_secs(60);

/// A login that is not tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Throttled {
    /// The first of this address for a while: the ledger hears of it.
    pub(crate) tell: bool,
}

/// The failures of a listener's clients.
#[derive(Debug, Default)]
pub(crate) struct Throttle {
    keys: RandomState,
    /// Without any before the first failure.
    buckets: Mutex<Vec<Option<Bucket>>>,
}

/// The failures of one address.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    whose: Whose,
    /// Failures that have not leaked out at `at`.
    level: f64,
    at: Instant,
    told: Option<Instant>,
}

/// An IPv4 address, or the 64 bits of an IPv6 address that a site gives to one of its networks: the other 64
/// its owner can choose as he likes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Whose {
    Four([u8; 4]),
    Six([u8; 8]),
}

impl Throttle {
    /// Whether another login of `address` may be tried now.
    pub(crate) fn check(&self, address: Address, limits: &Limits, now: Instant) -> Result<(), Throttled> {
        let (Some(per_minute), Some(whose)) = (limits.login_failures, whose(address)) else { return Ok(()) };
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let set = self.set_of(&mut buckets, whose);
        let Some(bucket) = set.iter_mut().flatten().find(|bucket| bucket.whose == whose) else {
            return Ok(());
        };
        if bucket.level_at(now, per_minute) + 1.0 <= f64::from(per_minute) {
            return Ok(());
        }
        let tell = bucket.told.is_none_or(|told| now.saturating_duration_since(told) >= TELL_EVERY);
        if tell {
            bucket.told = Some(now);
        }
        Err(Throttled { tell })
    }

    /// The proof of somebody at `address` was wrong.
    pub(crate) fn failed(&self, address: Address, limits: &Limits, now: Instant) {
        let (Some(per_minute), Some(whose)) = (limits.login_failures, whose(address)) else { return };
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.is_empty() {
            buckets.resize(SETS * WAYS, None);
        }
        let set = self.set_of(&mut buckets, whose);
        let level_of = |place: &Option<Bucket>| match place {
            None => -1.0,
            Some(bucket) => bucket.level_at(now, per_minute),
        };
        let known = set.iter().position(|place| place.is_some_and(|bucket| bucket.whose == whose));
        let coldest = || {
            let levels = set.iter().map(level_of).enumerate();
            levels.min_by(|one, other| one.1.total_cmp(&other.1)).map(|(position, _)| position)
        };
        let Some(place) = known.or_else(coldest).and_then(|position| set.get_mut(position)) else { return };
        let mut bucket = match *place {
            Some(bucket) if bucket.whose == whose => bucket,
            _ => Bucket { whose, level: 0.0, at: now, told: None },
        };
        // No fuller than full: whoever went on guessing does not wait for longer than a minute.
        bucket.level = (bucket.level_at(now, per_minute) + 1.0).min(f64::from(per_minute));
        bucket.at = now;
        *place = Some(bucket);
    }

    /// The places where an address may be; none before the first failure.
    fn set_of<'a>(&self, buckets: &'a mut [Option<Bucket>], whose: Whose) -> &'a mut [Option<Bucket>] {
        let number = (self.keys.hash_one(whose) % SETS as u64) as usize * WAYS;
        buckets.get_mut(number..number + WAYS).unwrap_or_default()
    }
}

impl Bucket {
    fn level_at(&self, now: Instant, per_minute: u32) -> f64 {
        let leaked = now.saturating_duration_since(self.at).as_secs_f64() * f64::from(per_minute) / 60.0;
        (self.level - leaked).max(0.0)
    }
}

/// Under whom the failures of an address count; nobody on a unix socket.
fn whose(address: Address) -> Option<Whose> {
    let Address::Tcp(address) = address else { return None };
    Some(match address.ip().to_canonical() {
        IpAddr::V4(four) => Whose::Four(four.octets()),
        IpAddr::V6(six) => {
            let [a, b, c, d, e, f, g, h, ..] = six.octets();
            Whose::Six([a, b, c, d, e, f, g, h])
        }
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn limits(login_failures: Option<u32>) -> Limits {
        Limits {
            connections: None,
            connections_per_user: None,
            connections_per_address: None,
            logins: None,
            login_failures,
            statement_bytes: 1 << 20,
            login: Duration::from_secs(10),
            login_bytes: 65_536,
            idle: None,
            transaction_idle: None,
        }
    }

    fn at(text: &str) -> Address {
        Address::Tcp(text.parse().unwrap())
    }

    /// Fails so often, at one moment.
    fn guess(throttle: &Throttle, address: &str, times: usize, limits: &Limits, now: Instant) {
        for _ in 0..times {
            throttle.failed(at(address), limits, now);
        }
    }

    #[test]
    fn an_address_is_throttled_when_it_has_failed_often_enough_and_no_other_is() {
        let (throttle, limits, now) = (Throttle::default(), limits(Some(3)), Instant::now());
        guess(&throttle, "192.0.2.1:1", 2, &limits, now);
        assert_eq!(throttle.check(at("192.0.2.1:2"), &limits, now), Ok(()), "one more may fail");
        guess(&throttle, "192.0.2.1:1", 1, &limits, now);
        assert_eq!(throttle.check(at("192.0.2.1:2"), &limits, now), Err(Throttled { tell: true }));
        assert_eq!(throttle.check(at("192.0.2.2:1"), &limits, now), Ok(()));
        assert_eq!(throttle.check(Address::Unix, &limits, now), Ok(()));
    }

    #[test]
    fn failures_leak_out_as_fast_as_they_may_come() {
        let (throttle, limits, start) = (Throttle::default(), limits(Some(6)), Instant::now());
        let after = |seconds| start + Duration::from_secs(seconds);
        guess(&throttle, "192.0.2.1:1", 600, &limits, start);
        assert!(throttle.check(at("192.0.2.1:1"), &limits, after(9)).is_err());
        assert_eq!(throttle.check(at("192.0.2.1:1"), &limits, after(11)), Ok(()), "one in ten seconds");
        guess(&throttle, "192.0.2.1:1", 1, &limits, after(11));
        assert!(throttle.check(at("192.0.2.1:1"), &limits, after(12)).is_err());
        guess(&throttle, "192.0.2.1:1", 5, &limits, after(120));
        assert_eq!(throttle.check(at("192.0.2.1:1"), &limits, after(120)), Ok(()), "all had leaked out");
    }

    #[test]
    fn the_ledger_is_told_once_a_minute() {
        let (throttle, limits, start) = (Throttle::default(), limits(Some(1)), Instant::now());
        let mut told = 0;
        for second in 0..150 {
            let now = start + Duration::from_secs(second);
            guess(&throttle, "192.0.2.1:1", 1, &limits, now);
            told +=
                usize::from(throttle.check(at("192.0.2.1:1"), &limits, now) == Err(Throttled { tell: true }));
        }
        assert_eq!(told, 3);
    }

    #[test]
    fn whoever_owns_a_network_of_the_sixth_version_does_not_get_away_by_another_address_of_it() {
        let (throttle, limits, now) = (Throttle::default(), limits(Some(1)), Instant::now());
        guess(&throttle, "[2001:db8:1:2::7]:1", 1, &limits, now);
        assert!(throttle.check(at("[2001:db8:1:2:ffff::9]:1"), &limits, now).is_err());
        assert_eq!(throttle.check(at("[2001:db8:1:3::7]:1"), &limits, now), Ok(()));
        guess(&throttle, "192.0.2.1:1", 1, &limits, now);
        assert!(
            throttle.check(at("[::ffff:192.0.2.1]:1"), &limits, now).is_err(),
            "the same by another name"
        );
    }

    #[test]
    fn nobody_is_throttled_without_a_limit_and_nothing_is_held() {
        let (throttle, limits, now) = (Throttle::default(), limits(None), Instant::now());
        guess(&throttle, "192.0.2.1:1", 1_000, &limits, now);
        assert_eq!(throttle.check(at("192.0.2.1:1"), &limits, now), Ok(()));
        assert!(throttle.buckets.lock().unwrap().is_empty());
    }

    #[test]
    fn a_flood_of_addresses_drives_out_none_that_is_throttled() {
        let (throttle, limits, now) = (Throttle::default(), limits(Some(20)), Instant::now());
        guess(&throttle, "192.0.2.1:1", 20, &limits, now);
        for number in 0..200_000_u32 {
            let [_, a, b, c] = number.to_be_bytes();
            throttle.failed(Address::Tcp(([10, a, b, c], 1).into()), &limits, now);
        }
        assert!(throttle.check(at("192.0.2.1:1"), &limits, now).is_err());
        let buckets = throttle.buckets.lock().unwrap();
        assert_eq!((buckets.len(), buckets.iter().flatten().count()), (SETS * WAYS, SETS * WAYS));
    }
}
