//! Is a connection well, and when is it tried again?
//!
//! Pure: who drives it passes the time and the jitter in, and does the pinging itself.

use crate::error::{EngineError, ErrorClass};
use serde::{Deserialize, Serialize};
use std::time::{Duration, SystemTime};

/// How long is waited before a failed connection is tried again: doubled with each failure, up to a
/// cap, and spread so that many connections that failed together do not come back together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// The wait after the first failure.
    pub first: Duration,
    /// The longest wait.
    pub cap: Duration,
}

impl Default for Backoff {
    fn default() -> Backoff {
        Backoff { first: Duration::from_secs(1), cap: Duration::from_secs(300) }
    }
}

impl Backoff {
    /// The wait after so many failures in a row. `jitter` is a number from 0 to 1, drawn by the caller:
    /// between half of the wait and all of it.
    pub fn wait(&self, failures: u32, jitter: f64) -> Duration {
        let doublings = failures.saturating_sub(1).min(31);
        let full = self.first.saturating_mul(1 << doublings).min(self.cap);
        let jitter = if jitter.is_finite() { jitter.clamp(0.0, 1.0) } else { 1.0 };
        full.mul_f64(0.5 + jitter / 2.0)
    }
}

/// What went wrong last, in words that may be stored and shown to everybody who sees the connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastError {
    /// What went wrong.
    pub class: ErrorClass,
    /// The same in words, without the server's own.
    pub message: String,
    /// When.
    pub at: SystemTime,
}

/// What is known of how well a connection is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// When it last answered.
    pub last_ok: Option<SystemTime>,
    /// How long its last answer took.
    pub latency: Option<Duration>,
    /// What went wrong last; stays when it is well again.
    pub last_error: Option<LastError>,
    /// How often it failed since it last answered.
    pub failures: u32,
    /// When it is to be looked at next; at once when nothing is said.
    pub next_attempt: Option<SystemTime>,
}

/// How well a connection is, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// Never looked at.
    Unknown,
    /// It answers.
    Well,
    /// It does not answer, and may again by itself.
    Failing,
    /// It does not answer, and a person has to change something: only the longest wait applies.
    Broken,
}

impl Health {
    /// How well it is.
    pub fn condition(&self) -> Condition {
        match (&self.last_error, self.failures) {
            (Some(error), failures) if failures > 0 && !error.class.passes_by_itself() => Condition::Broken,
            (_, failures) if failures > 0 => Condition::Failing,
            _ if self.last_ok.is_some() => Condition::Well,
            _ => Condition::Unknown,
        }
    }

    /// Whether it is time to look.
    pub fn is_due(&self, now: SystemTime) -> bool {
        self.next_attempt.is_none_or(|next| now >= next)
    }

    /// Takes in the outcome of a look at `now`. A connection that is well is looked at again after
    /// `interval`; one that fails, after the wait of `backoff`; and one that a person has to mend, after the longest.
    pub fn observe(
        &mut self,
        now: SystemTime,
        outcome: Result<Duration, &EngineError>,
        interval: Duration,
        backoff: Backoff,
        jitter: f64,
    ) {
        let wait = match outcome {
            Ok(latency) => {
                self.last_ok = Some(now);
                self.latency = Some(latency);
                self.failures = 0;
                interval
            }
            Err(error) => {
                self.failures = self.failures.saturating_add(1);
                let message = error.message().to_owned();
                self.last_error = Some(LastError { class: error.class(), message, at: now });
                // A wrong password tried every second locks accounts.
                let failures = if error.class().passes_by_itself() { self.failures } else { u32::MAX };
                backoff.wait(failures, jitter)
            }
        };
        self.next_attempt = now.checked_add(wait);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::target::Kind;

    const INTERVAL: Duration = Duration::from_secs(30);

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[test]
    fn each_failure_doubles_the_wait_up_to_the_cap() {
        let backoff = Backoff { first: Duration::from_secs(1), cap: Duration::from_secs(60) };
        let waits: Vec<u64> = (1..9).map(|failures| backoff.wait(failures, 1.0).as_secs()).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(backoff.wait(u32::MAX, 1.0), backoff.cap);
        assert_eq!(backoff.wait(3, 0.0), Duration::from_secs(2), "half of it at least");
        assert_eq!(backoff.wait(3, f64::NAN), Duration::from_secs(4));
        assert_eq!(backoff.wait(3, -7.0), Duration::from_secs(2));
    }

    #[test]
    fn a_connection_that_answers_again_is_well() {
        let refused = EngineError::new(ErrorClass::Refused, Kind::Postgres, "refused");
        let mut health = Health::default();
        assert_eq!(health.condition(), Condition::Unknown);
        assert!(health.is_due(at(0)));
        for failures in 1..=3 {
            health.observe(at(100), Err(&refused), INTERVAL, Backoff::default(), 1.0);
            assert_eq!(health.failures, failures);
        }
        assert_eq!(health.condition(), Condition::Failing);
        assert!(!health.is_due(at(103)) && health.is_due(at(104)), "4 s after the third failure");
        health.observe(at(104), Ok(Duration::from_millis(3)), INTERVAL, Backoff::default(), 1.0);
        assert_eq!(health.condition(), Condition::Well);
        assert_eq!((health.failures, health.last_ok), (0, Some(at(104))));
        assert_eq!(health.last_error.as_ref().unwrap().message, "refused", "it is still known what was");
        assert!(!health.is_due(at(133)) && health.is_due(at(134)));
    }

    #[test]
    fn a_wrong_password_is_not_tried_again_soon() {
        let wrong = EngineError::new(ErrorClass::Password, Kind::Mysql, "no").with_detail("planted");
        let mut health = Health::default();
        health.observe(at(0), Err(&wrong), INTERVAL, Backoff::default(), 1.0);
        assert_eq!(health.condition(), Condition::Broken);
        assert!(!health.is_due(at(299)) && health.is_due(at(300)));
        assert!(!format!("{health:?}").contains("planted"), "the server's words are not kept");
    }
}
