//! What is counted on the data path, without a lock and without sharing a cache line?
//!
//! One [`ThreadCounters`] per listener and relay thread, written by that thread only and read by
//! whoever scrapes: a relaxed load and store, no locked instruction.

use crate::limit::Limit;
use exchange::{Class, RefusalClass};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// A counter with one writer.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// Adds `by`. Only the owning thread may call it.
    pub fn add(&self, by: u64) {
        self.0.store(self.0.load(Ordering::Relaxed).wrapping_add(by), Ordering::Relaxed);
    }

    /// The count.
    pub fn value(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Upper bounds of the buckets of `dragoman_exchange_seconds`, in microseconds.
pub const EXCHANGE_BUCKETS_US: [u64; 16] = [
    100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000,
    2_500_000, 5_000_000, 10_000_000,
];

/// Upper bounds of the buckets of `dragoman_judge_seconds`, in nanoseconds.
pub const JUDGE_BUCKETS_NS: [u64; 10] =
    [250, 500, 1_000, 2_000, 5_000, 10_000, 50_000, 100_000, 1_000_000, 10_000_000];

/// A histogram with one writer; the last bucket is everything above the bounds.
#[derive(Debug)]
pub struct Histogram<const BOUNDS: usize> {
    buckets: [Counter; BOUNDS],
    above: Counter,
    sum: Counter,
}

impl<const BOUNDS: usize> Default for Histogram<BOUNDS> {
    fn default() -> Self {
        Histogram {
            buckets: std::array::from_fn(|_| Counter::default()),
            above: Counter::default(),
            sum: Counter::default(),
        }
    }
}

impl<const BOUNDS: usize> Histogram<BOUNDS> {
    /// Counts one value, in the unit of `bounds`.
    pub fn observe(&self, bounds: &[u64; BOUNDS], value: u64) {
        let position = bounds.partition_point(|bound| *bound < value);
        self.buckets.get(position).unwrap_or(&self.above).add(1);
        self.sum.add(value);
    }

    /// Counts by bucket (not cumulated), then those above all bounds.
    pub fn counts(&self) -> ([u64; BOUNDS], u64) {
        (
            std::array::from_fn(|position| self.buckets.get(position).map_or(0, Counter::value)),
            self.above.value(),
        )
    }

    /// The sum of all values, in the unit of the bounds.
    pub fn sum(&self) -> u64 {
        self.sum.value()
    }
}

/// Why a login did not become a session: the `reason` label of `dragoman_logins_failed_total`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoginFailure {
    /// Bytes that are no opening of the listener's protocol, or too many of them.
    Malformed,
    /// The upstream refused.
    Upstream,
    /// The upstream could not be reached.
    Unreachable,
    /// The gateway refused: no challenge, no TLS, a method that cannot be relayed.
    Refused,
    /// A limit on connections or logins.
    Limit,
    /// The gateway verifies logins, and the client's proof was wrong.
    Password,
    /// The gateway verifies logins, and could not look up by what.
    Lookup,
    /// Too many failed logins from the same address: not tried.
    Throttled,
    /// The client took too long.
    Timeout,
    /// The client went away.
    Abandoned,
}

impl LoginFailure {
    /// Every reason.
    pub const ALL: [LoginFailure; 10] = [
        LoginFailure::Malformed,
        LoginFailure::Upstream,
        LoginFailure::Unreachable,
        LoginFailure::Refused,
        LoginFailure::Limit,
        LoginFailure::Password,
        LoginFailure::Lookup,
        LoginFailure::Throttled,
        LoginFailure::Timeout,
        LoginFailure::Abandoned,
    ];

    /// The label.
    pub fn as_str(self) -> &'static str {
        match self {
            LoginFailure::Malformed => "malformed",
            LoginFailure::Upstream => "upstream",
            LoginFailure::Unreachable => "unreachable",
            LoginFailure::Refused => "refused",
            LoginFailure::Limit => "limit",
            LoginFailure::Password => "password",
            LoginFailure::Lookup => "lookup",
            LoginFailure::Throttled => "throttled",
            LoginFailure::Timeout => "timeout",
            LoginFailure::Abandoned => "abandoned",
        }
    }
}

/// The refusals that are counted, in the order of [`ThreadCounters::refusals`].
pub const REFUSALS: [RefusalClass; 11] = [
    RefusalClass::NotPermitted,
    RefusalClass::ReadOnly,
    RefusalClass::Unjudgeable,
    RefusalClass::LimitReached,
    RefusalClass::Held,
    RefusalClass::TooLarge,
    RefusalClass::Unrecorded,
    RefusalClass::Unsupported,
    RefusalClass::ProtocolViolation,
    RefusalClass::IdleTooLong,
    RefusalClass::ShuttingDown,
];

/// Verdicts by the label `verdict`: allow, refuse, unjudged, hold.
pub const VERDICTS: usize = 4;

/// What one relay thread counts for one listener.
#[derive(Debug, Default)]
pub struct ThreadCounters {
    /// Sessions begun.
    pub sessions_total: Counter,
    /// Statements ended, by class and verdict.
    pub exchanges: [[Counter; VERDICTS]; Class::ALL.len()],
    /// Statements that ended in an error of the server.
    pub exchanges_failed: Counter,
    /// Whole time of statements, by class, in microseconds.
    pub exchange_time: [Histogram<16>; Class::ALL.len()],
    /// Time spent judging, in nanoseconds.
    pub judge_time: Histogram<10>,
    /// Refusals, in the order of [`REFUSALS`].
    pub refusals: [Counter; REFUSALS.len()],
    /// Failed logins, in the order of [`LoginFailure::ALL`].
    pub logins_failed: [Counter; LoginFailure::ALL.len()],
    /// Bounds of the listener that were reached, in the order of [`Limit::ALL`].
    pub limit_hits: [Counter; Limit::ALL.len()],
    /// Bounds of rules on an answer that were reached.
    pub rule_limit_hits: Counter,
    /// Bytes from clients.
    pub bytes_client: Counter,
    /// Bytes from upstreams.
    pub bytes_upstream: Counter,
    /// Requests to cancel that were delivered.
    pub cancels: Counter,
    /// Sessions ended by a fault of the gateway itself.
    pub faults: Counter,
}

impl ThreadCounters {
    /// Counts a refusal.
    pub fn refused(&self, class: RefusalClass) {
        let position = REFUSALS.iter().position(|counted| *counted == class);
        if let Some(counter) = position.and_then(|position| self.refusals.get(position)) {
            counter.add(1);
        }
    }

    /// Counts a bound that was reached.
    pub fn limit_hit(&self, limit: Limit) {
        if let Some(counter) = self.limit_hits.get(limit as usize) {
            counter.add(1);
        }
    }

    /// Counts a failed login.
    pub fn login_failed(&self, reason: LoginFailure) {
        if let Some(counter) = self.logins_failed.get(reason as usize) {
            counter.add(1);
        }
    }

    /// Counts a statement's end, and the time it took if it ran.
    pub fn exchanged(&self, class: Class, verdict: usize, total: Option<Duration>) {
        if let Some(counter) = self.exchanges.get(class.index()).and_then(|row| row.get(verdict)) {
            counter.add(1);
        }
        if let (Some(histogram), Some(total)) = (self.exchange_time.get(class.index()), total) {
            histogram.observe(&EXCHANGE_BUCKETS_US, u64::try_from(total.as_micros()).unwrap_or(u64::MAX));
        }
    }

    /// Counts the time a judgement took.
    pub fn judged(&self, took: Duration) {
        self.judge_time.observe(&JUDGE_BUCKETS_NS, u64::try_from(took.as_nanos()).unwrap_or(u64::MAX));
    }
}
