//! How often may somebody ask?

use governor::clock::{Clock, DefaultClock};
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;

/// Requests of one person: many a second for a while, 100 a second for long.
const PERSON: Bound = Bound::new(100, 500);
/// Requests of nobody from one address.
const ADDRESS: Bound = Bound::new(50, 200);
/// After so many keys the idle ones are dropped.
const KEYS_MAX: usize = 100_000;

type Limiter<K> = RateLimiter<K, DefaultKeyedStateStore<K>, DefaultClock>;

/// How many requests are taken from one.
#[derive(Clone, Copy, Debug)]
pub struct Bound {
    per_second: NonZeroU32,
    burst: NonZeroU32,
}

impl Bound {
    /// `per_second` for long, `burst` at once; at least one.
    pub const fn new(per_second: u32, burst: u32) -> Bound {
        Bound { per_second: at_least_one(per_second), burst: at_least_one(burst) }
    }

    fn quota(self) -> Quota {
        Quota::per_second(self.per_second).allow_burst(self.burst)
    }
}

/// How many requests are taken.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// From one person.
    pub person: Bound,
    /// From one address, of those who are nobody.
    pub address: Bound,
}

impl Default for Bounds {
    fn default() -> Bounds {
        Bounds { person: PERSON, address: ADDRESS }
    }
}

/// Counts of requests by person and by address.
#[derive(Debug)]
pub struct Rates {
    people: Limiter<[u8; 16]>,
    addresses: Limiter<IpAddr>,
    clock: DefaultClock,
}

impl Rates {
    /// Within `bounds`.
    pub fn new(bounds: Bounds) -> Rates {
        Rates {
            people: RateLimiter::keyed(bounds.person.quota()),
            addresses: RateLimiter::keyed(bounds.address.quota()),
            clock: DefaultClock::default(),
        }
    }

    /// Counts a request of a person; seconds to wait when it is one too many.
    pub fn person(&self, id: [u8; 16]) -> Result<(), u64> {
        if self.people.len() > KEYS_MAX {
            self.people.retain_recent();
        }
        self.people.check_key(&id).map_err(|not| self.seconds(not.wait_time_from(self.clock.now())))
    }

    /// Counts a request of nobody from `address`; seconds to wait when it is one too many.
    pub fn address(&self, address: IpAddr) -> Result<(), u64> {
        if self.addresses.len() > KEYS_MAX {
            self.addresses.retain_recent();
        }
        self.addresses
            .check_key(&network_of(address))
            .map_err(|not| self.seconds(not.wait_time_from(self.clock.now())))
    }

    fn seconds(&self, wait: std::time::Duration) -> u64 {
        wait.as_secs() + 1
    }
}

/// By what somebody's address is counted: who has one IPv6 address has 2^64 (RFC 6177 section 2).
pub fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64)),
        v4 => v4,
    }
}

const fn at_least_one(number: u32) -> NonZeroU32 {
    match NonZeroU32::new(number) {
        Some(number) => number,
        None => NonZeroU32::MIN,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn addresses_of_one_network_count_as_one() {
        let rates = Rates::new(Bounds { person: Bound::new(1, 1), address: Bound::new(1, 2) });
        let ask = |address: &str| rates.address(address.parse().unwrap());
        assert!(ask("2001:db8::1").is_ok() && ask("2001:db8::2").is_ok());
        assert!(ask("2001:db8::ffff:0:0:3").is_err());
        assert!(ask("2001:db8:0:1::1").is_ok());
        assert!(ask("192.0.2.1").is_ok() && ask("::ffff:192.0.2.1").is_ok());
        assert!(ask("192.0.2.1").is_err() && ask("192.0.2.2").is_ok());
    }
}
